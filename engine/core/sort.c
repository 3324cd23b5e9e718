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

#define DIGIT_BITS 11
#define DIGITS     (1 << DIGIT_BITS)
#define PASSES     3 /* of the highest 33 bits; so few agree in those that insertion ends it */

static void scatter(const struct radix_entry *from, struct radix_entry *to, size_t count, unsigned shift)
{
    size_t places[DIGITS] = {0};
    for (size_t i = 0; i < count; i++) places[from[i].key >> shift & (DIGITS - 1)]++;
    size_t place = 0;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t here = places[digit];
        places[digit] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++) to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

static void insertion_sort_entries(struct radix_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct radix_entry entry = entries[i];
        size_t at = i;
        for (; at > 0 && entry.key < entries[at - 1].key; at--) entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

bool sort_entries(const struct nodes_allocator *allocator, struct radix_entry *entries, size_t count)
{
    if (count < 64) {
        insertion_sort_entries(entries, count);
        return true;
    }
    struct radix_entry *scratch = allocator->allocate(allocator->context, count * sizeof *scratch);
    if (scratch == NULL) return false;
    struct radix_entry *from = entries, *to = scratch;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        scatter(from, to, count, 64 - DIGIT_BITS * (PASSES - pass));
        struct radix_entry *swap = from;
        from = to;
        to = swap;
    }
    if (from != entries) memcpy(entries, from, count * sizeof *entries);
    allocator->release(allocator->context, scratch, count * sizeof *scratch);
    insertion_sort_entries(entries, count);
    return true;
}
