#include "engine/core/sort.h"

#include <string.h>

#define RUN 16 /* sorted by insertion first */

static bool comes_before(const struct tree_item *a, const struct tree_item *b)
{
    return a->start_s != b->start_s ? a->start_s < b->start_s : a->id < b->id;
}

static bool is_sorted(const struct tree_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (comes_before(&items[i], &items[i - 1])) return false;
    return true;
}

static void insertion_sort(struct tree_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct tree_item item = items[i];
        size_t at = i;
        for (; at > 0 && comes_before(&item, &items[at - 1]); at--) items[at] = items[at - 1];
        items[at] = item;
    }
}

static void merge(const struct tree_item *from, size_t left, size_t middle, size_t right, struct tree_item *to)
{
    size_t a = left, b = middle;
    for (size_t i = left; i < right; i++) {
        bool take_left = a < middle && (b == right || !comes_before(&from[b], &from[a]));
        to[i] = take_left ? from[a++] : from[b++];
    }
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

bool sort_items(const struct nodes_allocator *allocator, struct tree_item *items, size_t count)
{
    if (is_sorted(items, count)) return true;
    for (size_t i = 0; i < count; i += RUN) insertion_sort(items + i, least(RUN, count - i));
    if (count <= RUN) return true;
    struct tree_item *scratch = allocator->allocate(allocator->context, count * sizeof *scratch);
    if (scratch == NULL) return false;
    struct tree_item *from = items, *to = scratch;
    for (size_t width = RUN; width < count; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width)
            merge(from, left, least(left + width, count), least(left + 2 * width, count), to);
        struct tree_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) memcpy(items, from, count * sizeof *items);
    allocator->release(allocator->context, scratch, count * sizeof *scratch);
    return true;
}
