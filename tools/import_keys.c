#include "tools/import_keys.h"

#include <inttypes.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct import_seen *slots, size_t room, uint64_t name)
{
    size_t slot = (size_t)name & (room - 1);
    while (slots[slot].name != 0 && slots[slot].name != name) slot = (slot + 1) & (room - 1);
    return slot;
}

static bool grow(import_keys *keys)
{
    size_t room = keys->room == 0 ? 1024 : keys->room * 2;
    struct import_seen *slots = calloc(room, sizeof *slots);
    if (slots == NULL) return false;
    for (size_t i = 0; i < keys->room; i++)
        if (keys->slots[i].name != 0) slots[slot_of(slots, room, keys->slots[i].name)] = keys->slots[i];
    free(keys->slots);
    keys->slots = slots;
    keys->room = room;
    return true;
}

/* The value under a name, 0 when it is new; NULL: no memory. */
static uint64_t *value_of(import_keys *keys, uint64_t name)
{
    if (2 * (keys->count + 1) > keys->room && !grow(keys)) return NULL;
    if (name == 0) name = 1;
    struct import_seen *seen = &keys->slots[slot_of(keys->slots, keys->room, name)];
    if (seen->name == 0) keys->count++;
    seen->name = name;
    return &seen->value;
}

/* Texts go in with their NUL, so that "ab","c" is not "a","bc". */
static void hash_text(SHA256_CTX *hash, const char *text)
{
    SHA256Update(hash, (const uint8_t *)text, strlen(text) + 1);
}

static void hash_number(SHA256_CTX *hash, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    hash_text(hash, text);
}

/* What becomes of the row, and of the record (NULL: not wanted) what stands in it: the one depends on the command line
 * too, and the other may tell rows apart that would become equal appointments. */
static void digest_of(const csv *record, const import_row *row, uint8_t digest[SHA256_DIGEST_LENGTH])
{
    SHA256_CTX hash;
    SHA256Init(&hash);
    for (size_t i = 0; record != NULL && i < csv_field_count(record); i++) hash_text(&hash, csv_field(record, i));
    hash_text(&hash, row->barber);
    hash_number(&hash, (uint64_t)row->start_s);
    hash_number(&hash, (uint64_t)row->end_s);
    hash_number(&hash, (uint64_t)row->before_s);
    hash_number(&hash, (uint64_t)row->after_s);
    hash_number(&hash, row->service_id);
    hash_number(&hash, row->client_id);
    hash_number(&hash, (uint64_t)(row->lapsed ? FIG_HELD : row->status)); /* as the row says, whenever it is read */
    if (row->has_expires) hash_number(&hash, (uint64_t)row->expires_s);   /* keys of other rows stay what they were */
    SHA256Final(digest, &hash);
}

/* The same bytes give the same number on every machine. */
static uint64_t number_of(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | bytes[i];
    return number;
}

static import_key_result check_own_key(import_keys *keys, const import_row *row, uint64_t content)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX hash;
    SHA256Init(&hash);
    hash_text(&hash, "key");
    hash_text(&hash, row->key);
    SHA256Final(digest, &hash);
    uint64_t *value = value_of(keys, number_of(digest));
    if (value == NULL) return IMPORT_KEY_NO_MEMORY;
    if (content == 0) content = 1;
    if (*value != 0 && *value != content) return IMPORT_KEY_OTHER;
    *value = content;
    return IMPORT_KEY_NEW;
}

import_key_result import_keys_give(import_keys *keys, const csv *record, import_row *row)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    bool has_key = row->key[0] != '\0';
    digest_of(has_key ? NULL : record, row, digest);
    if (has_key) return check_own_key(keys, row, number_of(digest));
    uint64_t *earlier = value_of(keys, number_of(digest));
    if (earlier == NULL) return IMPORT_KEY_NO_MEMORY;
    row->made_key = true;
    snprintf(row->key, sizeof row->key, "row-%016" PRIx64 "%016" PRIx64 "-%" PRIu64, number_of(digest),
             number_of(digest + 8), ++*earlier);
    return IMPORT_KEY_NEW;
}

void import_keys_free(import_keys *keys)
{
    free(keys->slots);
    *keys = (import_keys){0};
}
