/* Any bytes as a record of any table: what is taken must be written again byte for byte, and no read leaves the bytes.
 * The first byte chooses the table, the second the key's length; a checksum that would hold is put at the end, so that
 * the fields themselves are reached. */
#include "engine/core/bytes.h"
#include "engine/core/record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void seal(uint32_t table, const uint8_t *key, size_t key_size, uint8_t *value, size_t value_size)
{
    uint8_t whole[4096];
    struct writer writer = {.at = whole, .end = whole + sizeof whole};
    put_u32(&writer, table);
    put_bytes(&writer, key, key_size);
    size_t covered = value_size - 8;
    if (table == RECORD_NOTE && covered > 29)
        covered = 29; /* format, version, hash and size; the rest can be forgotten */
    put_bytes(&writer, value, covered);
    if (writer.failed) return;
    struct writer sum = {.at = value + value_size - 8, .end = value + value_size};
    put_u64(&sum, digest_of(whole, (size_t)(writer.at - whole)).low);
}

static void write_again(const struct record_read *read, const uint8_t *key, size_t key_size, const uint8_t *value,
                        size_t value_size)
{
    struct record record;
    record_of_window(&record, read->is.window.barber_id, read->is.window.kind, &read->is.window.item);
    if (record.key_size != key_size || memcmp(record_key(&record), key, key_size) != 0) abort();
    if (record.value_size != value_size || memcmp(record_value(&record), value, value_size) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2) return 0;
    uint32_t table = bytes[0] % 8;
    size_t key_size = bytes[1] % 32;
    if (size < 2 + key_size + 9 || size > 2048) return 0;
    const uint8_t *key = bytes + 2;
    size_t value_size = size - 2 - key_size;
    uint8_t *value = malloc(value_size); /* of its own, so that a read beyond it is seen */
    if (value == NULL) return 0;
    memcpy(value, key + key_size, value_size);

    struct record_read read;
    record_read(table, key, key_size, value, value_size, &read);
    seal(table, key, key_size, value, value_size);
    const char *fault = record_read(table, key, key_size, value, value_size, &read);
    if (fault == NULL && table == RECORD_WINDOW) write_again(&read, key, key_size, value, value_size);
    free(value);
    return 0;
}
