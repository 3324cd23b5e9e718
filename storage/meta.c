/* The one record of the database `meta`: what the directory holds and at which frame its tables stand.
 *
 * The first 16 bytes are the same in every format there will ever be, and carry a check of their own: only if
 * that holds is a larger version number believed to be a newer format and not a damaged byte. */
#include "storage/meta.h"

#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { AT_VERSION = 8, AT_HEAD_CHECK = 12, AT_ID = 16, AT_CHECKPOINT = 32, AT_SEALS = 40, AT_CHECK = 56 };

static const char magic[8] = {'F', 'I', 'G', 'S', 'T', 'O', 'R', 'E'};

static void put_little(unsigned char *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_little(const unsigned char *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i > 0; i--) value = value << 8 | from[i - 1];
    return value;
}

static uint64_t check_of(const unsigned char *bytes, size_t size) { return XXH3_64bits(bytes, size); }

enum store_status meta_new(struct meta *meta, struct store_error *error)
{
    *meta = (struct meta){0};
    if (getrandom(meta->store_id, sizeof meta->store_id, 0) == sizeof meta->store_id) return STORE_OK;
    return store_fail(error, STORE_UNAVAILABLE, "the system gives no random numbers for a store id");
}

void meta_write(const struct meta *meta, unsigned char bytes[META_BYTES])
{
    meta_write_version(meta, META_VERSION, bytes);
}

void meta_write_version(const struct meta *meta, uint32_t version, unsigned char bytes[META_BYTES])
{
    memset(bytes, 0, META_BYTES);
    memcpy(bytes, magic, sizeof magic);
    put_little(bytes + AT_VERSION, version, 4);
    put_little(bytes + AT_HEAD_CHECK, check_of(bytes, AT_HEAD_CHECK), 4);
    put_little(bytes + AT_ID, meta->store_id[0], 8);
    put_little(bytes + AT_ID + 8, meta->store_id[1], 8);
    put_little(bytes + AT_CHECKPOINT, meta->checkpoint, 8);
    put_little(bytes + AT_SEALS, meta->seals, 8);
    put_little(bytes + AT_CHECK, check_of(bytes, AT_CHECK), 8);
}

enum store_status meta_read(const void *from, size_t size, const char *shown, struct meta *meta,
                            struct store_error *error)
{
    const unsigned char *bytes = from;
    if (size < AT_ID || memcmp(bytes, magic, sizeof magic) != 0)
        return store_fail(error, STORE_CORRUPT,
                          "%s: its record does not begin as a store's does: run verify, then "
                          "restore a backup",
                          shown);
    uint32_t version = (uint32_t)get_little(bytes + AT_VERSION, 4);
    bool head_holds = get_little(bytes + AT_HEAD_CHECK, 4) == (uint32_t)check_of(bytes, AT_HEAD_CHECK);
    if (head_holds && version > META_VERSION)
        return store_fail(error, STORE_NEWER, "%s: its format is %u and this program reads up to %d: upgrade it", shown,
                          version, META_VERSION);
    if (!head_holds || size != META_BYTES || version != META_VERSION ||
        get_little(bytes + AT_CHECK, 8) != check_of(bytes, AT_CHECK))
        return store_fail(error, STORE_CORRUPT, "%s: its record fails its checksum: run verify, then restore a backup",
                          shown);
    meta->store_id[0] = get_little(bytes + AT_ID, 8);
    meta->store_id[1] = get_little(bytes + AT_ID + 8, 8);
    meta->checkpoint = get_little(bytes + AT_CHECKPOINT, 8);
    meta->seals = get_little(bytes + AT_SEALS, 8);
    return STORE_OK;
}

void frame_key_write(unsigned char key[FRAME_KEY_SIZE], uint64_t number)
{
    for (size_t i = 0; i < FRAME_KEY_SIZE; i++) key[i] = (unsigned char)(number >> (56 - 8 * i));
}

uint64_t frame_key_number(const void *key)
{
    const unsigned char *bytes = key;
    uint64_t number = 0;
    for (size_t i = 0; i < FRAME_KEY_SIZE; i++) number = number << 8 | bytes[i];
    return number;
}
