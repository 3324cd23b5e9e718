/* Sorting tree items by (start, id): at start-up, where they come by id and are often nearly in order. */
#ifndef FIG_CORE_SORT_H
#define FIG_CORE_SORT_H

#include "engine/core/tree.h"

/* A natural merge sort: O(n) when sorted, O(n log runs) else; stable. False: no memory for the scratch list. */
bool sort_items(const struct nodes_allocator *allocator, struct tree_item *items, size_t count);

#endif
