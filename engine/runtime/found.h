/* Frames of a damaged store that nothing leads to any more: found.c. */
#ifndef FIG_RUNTIME_FOUND_H
#define FIG_RUNTIME_FOUND_H

#include "engine/core/nodes.h"
#include "storage/store.h"

/* The frames that were chosen, by number, with holes where none was found. */
struct found {
    const struct nodes_allocator *allocator;
    struct store_place *places;
    size_t count;
    size_t room;
    uint64_t unreadable; /* bytes that could not be looked at */
};

/* The tables' word on which of several frames is live. */
struct found_tables {
    uint64_t at;                 /* the number of the frame they stand at; 0: cannot be known */
    bool (*lead)(void *context); /* whether they give the state of the one that the salvage hands over */
    void *context;
};

/* Looks through the whole salvage and has it hand over what was found from then on. STORE_NO_MEMORY, STORE_NEWER, or a
 * failed scan; *found is to be released in any case, after the salvage was closed. Cost: the store's bytes read once
 * and what looks like a frame hashed; a hundred bytes of memory for each copy of one. */
enum store_status found_gather(struct store *salvage, const struct nodes_allocator *allocator,
                               const struct found_tables *tables, struct found *found, struct store_error *error);
void found_release(struct found *found);

#endif
