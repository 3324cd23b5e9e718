/* The journal as a chain: frames that are sound and follow each other, whatever state they lead to. */
#ifndef FIG_RUNTIME_CHAIN_H
#define FIG_RUNTIME_CHAIN_H

#include "engine/core/frame.h"
#include "storage/store.h"

struct chain {
    uint64_t first; /* 0: there is none */
    uint64_t last;
    uint64_t last_seq;
    uint64_t frames;
    uint64_t entries;
    struct digest hash; /* of the last one */
    bool cut;           /* something comes after that cannot be read, or does not follow; */
    bool trimmed;       /* or `after` is before the first frame that is kept */
    bool newer;         /* or it is of a newer format */
    bool no_memory;     /* or memory ran out */
    uint64_t fault_at;  /* the frame that is unsound or does not follow; 0: the store did not hand it over */
    char fault[400];    /* what, in words */
};

/* A frame as it was read. */
struct frame_found {
    struct frame_head head;
    uint64_t last_seq; /* the version that it leaves */
    size_t texts;      /* private ones that are in it, and were not forgotten */
    bool newer;        /* it verifies, and is of a format that is not known here */
    bool no_memory;    /* for reading it */
};

/* Reads a frame as replay does: every checksum, every event. NULL when it is sound, else what is wrong. O(bytes). */
const char *chain_read(const struct nodes_allocator *allocator, const void *bytes, size_t size,
                       struct frame_found *found);

/* Follows it from the first frame behind `after` that there is. O(bytes). */
void chain_follow(struct store *store, const struct nodes_allocator *allocator, uint64_t after, struct chain *chain);

#endif
