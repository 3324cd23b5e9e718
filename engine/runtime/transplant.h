/* Frames and tables of a store, copied as they are into one that is new. */
#ifndef FIG_RUNTIME_TRANSPLANT_H
#define FIG_RUNTIME_TRANSPLANT_H

#include "engine/core/nodes.h"
#include "storage/store.h"

struct transplant {
    struct store *from;
    struct store *to;     /* made to begin with frame `first`, and empty */
    uint64_t first, last; /* the frames that are taken */
    bool tables;          /* the tables, too; they stand at one of those frames */
    const struct nodes_allocator *allocator;
};

/* Takes the turn of `to`; nobody may write to `from`. What `to` has after a failure is good for nothing. Cost: an
 * append for each frame. */
enum store_status transplant(const struct transplant *transplant, struct store_error *error);

#endif
