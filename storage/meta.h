/* The one record of the database `meta`, and the keys of the journal: meta.c. storage/FORMAT.md draws them.
 */
#ifndef FIG_STORAGE_META_H
#define FIG_STORAGE_META_H

#include "storage/internal.h"

#define META_KEY "store"
enum {
    META_KEY_SIZE = 5,
    META_BYTES = 64,
    META_VERSION = 1,   /* of everything in the directory */
    FRAME_KEY_SIZE = 8, /* a frame's number, big-endian */
};

struct meta {
    uint64_t store_id[2]; /* random, made with the store */
    uint64_t checkpoint;  /* frame that the tables stand at */
    uint64_t seals;       /* commits that were made only to make sure of what came before */
};

enum store_status meta_new(struct meta *meta, struct store_error *error);
void meta_write(const struct meta *meta, unsigned char bytes[META_BYTES]);
/* As another version would have; the bytes behind META_BYTES are its own. */
void meta_write_version(const struct meta *meta, uint32_t version, unsigned char bytes[META_BYTES]);
/* STORE_NEWER or STORE_CORRUPT, and the words, when the bytes are not ours to read. */
enum store_status meta_read(const void *bytes, size_t size, const char *shown, struct meta *meta,
                            struct store_error *error);

void frame_key_write(unsigned char key[FRAME_KEY_SIZE], uint64_t number);
uint64_t frame_key_number(const void *key);

#endif
