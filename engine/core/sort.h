/* Sorting at start-up: tree items by (start, id), which come by id and are often nearly in order; and the hashes of
 * keys, so that their map grows at its right end alone. */
#ifndef FIG_CORE_SORT_H
#define FIG_CORE_SORT_H

#include "engine/core/tree.h"

/* A natural merge sort: O(n) when sorted, O(n log runs) else; stable. False: no memory for the scratch list. */
bool sort_items(const struct nodes_allocator *allocator, struct tree_item *items, size_t count);

struct sort_pair {
    uint64_t hash;
    uint64_t id;
};

/* By hash, which is spread evenly over all 64 bits: O(n). False: no memory for the scratch list. */
bool sort_pairs(const struct nodes_allocator *allocator, struct sort_pair *pairs, size_t count);

#endif
