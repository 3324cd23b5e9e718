/* Keys and records: their order, their limits, and how a table's keys are cut into parts. Pure functions. */
#include "storage/internal.h"

#include <string.h>

static const char *const names[TREE_COUNT] = {
    [TREE_META] = "meta",
    [TABLE_SHOPS] = "shops",
    [TABLE_BARBERS] = "barbers",
    [TABLE_WINDOWS] = "windows",
    [TABLE_APPOINTMENTS] = "appointments",
    [TABLE_NOTES] = "notes",
    [TABLE_KEYS] = "keys",
    [TABLE_CLIENTS] = "clients",
    [TABLE_SERVICES] = "services",
    [TABLE_RULES] = "rules",
    [TABLE_ZONES] = "zones",
    [TREE_JOURNAL] = "journal",
};

const char *tree_name(uint32_t tree) { return names[tree]; }

uint32_t tree_of_name(struct bytes name)
{
    uint32_t tree = 0;
    while (tree < TREE_COUNT && bytes_compare(name, (struct bytes){names[tree], strlen(names[tree])}) != 0) tree++;
    return tree;
}

const char *table_name(uint32_t table) { return table >= 1 && table < TABLE_COUNT ? names[table] : NULL; }

int record_compare(const struct store_record *left, const struct store_record *right)
{
    if (left->table != right->table) return left->table < right->table ? -1 : 1;
    return bytes_compare((struct bytes){left->key, left->key_size}, (struct bytes){right->key, right->key_size});
}

enum store_status records_check(const struct store_record *records, size_t count, struct store_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct store_record *record = &records[i];
        if (!table_name(record->table))
            return store_fail(error, STORE_INVALID, "record %zu: there is no table %u", i, record->table);
        if (record->key_size < 1 || record->key_size > STORE_KEY_MAX)
            return store_fail(error, STORE_INVALID, "record %zu of table %s: a key of %u bytes, not 1 to %d", i,
                              table_name(record->table), record->key_size, STORE_KEY_MAX);
        if (record->value && record->value_size > STORE_FRAME_MAX)
            return store_fail(error, STORE_INVALID, "record %zu of table %s: a value of %zu bytes, at most %d", i,
                              table_name(record->table), record->value_size, STORE_FRAME_MAX);
        if (i > 0 && record_compare(&records[i - 1], record) >= 0)
            return store_fail(error, STORE_INVALID, "record %zu of table %s: not in order, or twice", i,
                              table_name(record->table));
    }
    return STORE_OK;
}

enum store_status frame_check(uint64_t expect, uint64_t tip, size_t size, struct store_error *error)
{
    if (expect <= tip)
        return store_fail(error, STORE_BEHIND, "frame %llu is taken: the newest is %llu", (unsigned long long)expect,
                          (unsigned long long)tip);
    if (expect > tip + 1)
        return store_fail(error, STORE_INVALID, "frame %llu would leave a hole: the newest is %llu",
                          (unsigned long long)expect, (unsigned long long)tip);
    if (size < 1 || size > STORE_FRAME_MAX)
        return store_fail(error, STORE_INVALID, "frame %llu has %zu bytes, not 1 to %d", (unsigned long long)expect,
                          size, STORE_FRAME_MAX);
    return STORE_OK;
}

enum store_status checkpoint_check(uint64_t at, uint64_t checkpoint, uint64_t tip, struct store_error *error)
{
    if (at >= checkpoint && at <= tip) return STORE_OK;
    return store_fail(error, STORE_INVALID, "a checkpoint at frame %llu: the tables stand at %llu, the newest is %llu",
                      (unsigned long long)at, (unsigned long long)checkpoint, (unsigned long long)tip);
}

enum store_status trim_refusal(uint64_t before, uint64_t checkpoint, struct store_error *error)
{
    return store_fail(error, STORE_INVALID,
                      "frames before %llu cannot be dropped: the tables stand at frame %llu, so later ones are needed",
                      (unsigned long long)before, (unsigned long long)checkpoint);
}

enum store_status rewrite_refusal(uint64_t number, size_t size, size_t given, struct store_error *error)
{
    return store_fail(error, STORE_INVALID, "frame %llu has %zu bytes and cannot be rewritten with %zu",
                      (unsigned long long)number, size, given);
}

static uint64_t leading_number(struct bytes key)
{
    uint64_t number = 0;
    const unsigned char *at = key.at;
    for (size_t i = 0; i < 8; i++) number = number << 8 | (i < key.size ? at[i] : 0);
    return number;
}

/* The first number of a part; multiplied out so that nothing overflows. */
static uint64_t cut(uint64_t first, uint64_t last, uint32_t part, uint32_t parts)
{
    uint64_t width = last - first;
    return first + width / parts * part + width % parts * part / parts;
}

static void write_ordered(unsigned char to[8], uint64_t number)
{
    for (size_t i = 0; i < 8; i++) to[i] = (unsigned char)(number >> (56 - 8 * i));
}

struct key_range key_range_part(struct bytes first, struct bytes last, uint32_t part, uint32_t parts)
{
    struct key_range range = {.low_size = part > 0 ? 8 : 0, .high_size = part + 1 < parts ? 8 : 0};
    uint64_t from = leading_number(first);
    uint64_t to = leading_number(last);
    write_ordered(range.low, cut(from, to, part, parts));
    write_ordered(range.high, cut(from, to, part + 1, parts));
    return range;
}

bool key_range_below_high(const struct key_range *range, struct bytes key)
{
    return range->high_size == 0 || bytes_compare(key, (struct bytes){range->high, range->high_size}) < 0;
}

bool key_range_holds(const struct key_range *range, struct bytes key)
{
    return bytes_compare((struct bytes){range->low, range->low_size}, key) <= 0 && key_range_below_high(range, key);
}
