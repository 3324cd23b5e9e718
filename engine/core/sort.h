/* Sorting at start-up: tree items by (start, id), which come by id and are often nearly in order; and the hashes of
 * keys, so that their map grows at its right end alone. */
#ifndef FIG_CORE_SORT_H
#define FIG_CORE_SORT_H

#include "engine/core/radix.h"
#include "engine/core/tree.h"

/* A natural merge sort: O(n) when sorted, O(n log runs) else; stable. False: no memory for the scratch list. */
bool sort_items(const struct nodes_allocator *allocator, struct tree_item *items, size_t count);

/* By key, which is spread evenly over all 64 bits: O(n). False: no memory for the scratch list. */
bool sort_entries(const struct nodes_allocator *allocator, struct radix_entry *entries, size_t count);

#endif
