/* Lists that grow: one rule for all of them. Twice as long each time, memory from the caller's allocator. */
#ifndef FIG_CORE_GROW_H
#define FIG_CORE_GROW_H

#include "engine/core/nodes.h"

#include <string.h>

/* A list with room for `more` elements after its first `count`: the same, or a longer one with those elements in it and
 * the old one released. NULL: no memory; the old list and *capacity are as they were. */
static inline void *grow(const struct nodes_allocator *allocator, void *list, size_t count, size_t more,
                         size_t *capacity, size_t element_size)
{
    if (count + more <= *capacity) return list;
    size_t longer = *capacity > 0 ? *capacity * 2 : 4096 / element_size + 1;
    if (longer < count + more) longer = count + more;
    void *grown = allocator->allocate(allocator->context, longer * element_size);
    if (grown == NULL) return NULL;
    if (*capacity > 0) {
        memcpy(grown, list, count * element_size);
        allocator->release(allocator->context, list, *capacity * element_size);
    }
    *capacity = longer;
    return grown;
}

static inline void grow_release(const struct nodes_allocator *allocator, void *list, size_t *capacity,
                                size_t element_size)
{
    if (*capacity > 0) allocator->release(allocator->context, list, *capacity * element_size);
    *capacity = 0;
}

#endif
