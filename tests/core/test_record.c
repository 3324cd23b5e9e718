/* Records: bytes that no checksum covers are refused all the same when they mean nothing. */
#include "engine/core/record.h"

#include "engine/core/version.h"

#include <criterion/criterion.h>
#include <string.h>

/* The flag before a private text, whatever else a bit makes of it. */
static void must_refuse_other_flags(uint32_t table, const struct record *record, size_t flag_at)
{
    struct record_read read;
    uint8_t value[RECORD_VALUE_MAX];
    const uint8_t *key = record_key(record);
    memcpy(value, record_value(record), record->value_size);
    cr_assert_eq(value[flag_at], 1);
    cr_assert_null(record_read(table, key, record->key_size, value, record->value_size, &read));
    for (int bit = 0; bit < 8; bit++) {
        value[flag_at] ^= (uint8_t)(1 << bit);
        cr_assert_not_null(record_read(table, key, record->key_size, value, record->value_size, &read), "bit %d", bit);
        value[flag_at] ^= (uint8_t)(1 << bit);
    }
}

Test(record, a_notes_flag_is_0_or_1)
{
    struct note_taken note = {.id = 7, .size = 5, .text = "hello"};
    struct record record;
    note_hash(note.salt, note.text, note.size, note.hash);
    record_of_note(&record, &note, 3);
    must_refuse_other_flags(RECORD_NOTE, &record, 1 + 8 + 16 + 4);
}

Test(record, a_clients_flag_is_0_or_1)
{
    static const uint8_t bytes[] = "any bytes at all";
    struct document client = {.id = 7, .kind = DOCUMENT_CLIENT, .version = 3, .size = sizeof bytes, .bytes = bytes};
    struct record record;
    note_hash(client.salt, (const char *)bytes, sizeof bytes, client.hash);
    record_of_document(&record, &client, 0);
    must_refuse_other_flags(RECORD_CLIENT, &record, 1 + 8 + 4 + 16);
}
