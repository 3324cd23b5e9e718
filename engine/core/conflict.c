/* The one predicate. For A that starts no later than B, "A's core meets B's buffered span or B's core meets
 * A's" comes to: B.start < A.end + max(A.after, B.before). (Spans reach forward from A; that B ends before A
 * begins is impossible.) With exclusive buffers the sum takes the maximum's place. conflict_distance() is
 * that one difference.
 *
 * Why two neighbours decide. Let S be a valid set (no crossings under shared buffers, tree.c), P the probe,
 * and L an item of S that starts no later than P and does not conflict with it, under either rule for
 * buffers. Any K of S that starts before L ends at least K.after before L does start, since S is valid, so
 * that
 *
 *     P.start >= L.end + P.before > L.start + P.before >= K.end + K.after + P.before:
 *
 * K does not conflict with P, under either rule. The mirrored argument holds for items that start after P. So
 * walk from P to the left: at the first item that does not conflict stop, no other to the left does; an item
 * that conflicts and counts decides; one that conflicts and does not count (the ignored one, a hold that is
 * over) is walked past. It need not count for the argument, being of S is enough. The same to the right.
 * Every item walked past lies in the probe's own reach, so the walk is short.
 *
 * Sets with crossings are searched by their summaries, for items whose buffered span meets the probe's: those
 * that conflict are among them, since cores lie within buffered spans. */
#include "engine/core/conflict.h"

#include "engine/core/tree_node.h"

#include <stddef.h>

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define NOINLINE            __attribute__((noinline))

/* In a full leaf: spans fill three lines, the last of them shared with the first buffers. */
#define SPANS     offsetof(struct leaf, key[KEYS])
#define SPANS_END (SPANS + 3 * LINE)

_Static_assert(SPANS == 3 * LINE && NODE_MAX * sizeof(uint32_t) <= SPANS_END - SPANS, "spans are in these lines");

bool conflict_pair(const struct probe *probe, const struct tree_item *item)
{
    int64_t item_end_s = item->start_s + item->duration_s;
    if (item->start_s <= probe->start_s)
        return probe->start_s < item_end_s + conflict_distance(item->after_s, probe->before_s, probe->exclusive);
    return item->start_s < probe->end_s + conflict_distance(probe->after_s, item->before_s, probe->exclusive);
}

static bool counts(const struct tree_item *item, const struct probe *probe, const struct holds *holds)
{
    if (item->id == probe->ignore_id) return false;
    return !item->held || !holds || !holds->block || holds->block(holds->context, item->id);
}

/* ------------------------------------------------------------------ valid sets */

typedef bool step(const struct tree *, struct tree_cursor *);

/* From the cursor on, while items conflict and do not count. */
static bool walk(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                 struct tree_cursor *cursor, step *go)
{
    for (bool more = cursor->height > 0; more; more = go(tree, cursor)) {
        struct tree_item item = tree_at(cursor);
        if (!conflict_pair(probe, &item)) return false;
        if (counts(&item, probe, holds)) return true;
    }
    return false;
}

static bool any_by_walking(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    struct tree_cursor right;
    if (tree_floor(tree, probe->start_s, &right)) {
        struct tree_cursor left = right;
        if (walk(tree, probe, holds, &left, tree_previous)) return true;
        tree_next(tree, &right);
    } else {
        tree_ceiling(tree, probe->start_s, &right);
    }
    return walk(tree, probe, holds, &right, tree_next);
}

/* Whatever the short way of conflict_any() does not take. */
static NOINLINE bool any_the_long_way(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    if (!tree->root) return false;
    if (tree->crossings == 0) return any_by_walking(tree, probe, holds);
    struct tree_cursor cursor;
    return conflict_first(tree, probe, holds, &cursor);
}

/* What decides of a neighbour in time. */
struct neighbour {
    int32_t key;
    uint32_t span;
    uint32_t buffer_s; /* the one that faces the probe */
};

/* Stands for the item after the last one: it is later than anything. */
static const struct neighbour no_neighbour = {.key = KEY_NONE};

/* The items at that place of a leaf, and after it; where nobody has buffers, these are not read. */
static inline struct neighbour neighbour_before(const struct leaf *leaf, unsigned capacity, unsigned place,
                                                bool buffered)
{
    struct columns columns = columns_of(leaf, capacity);
    return (struct neighbour){leaf->key[place], columns.span[place], buffered ? columns.after_s[place] : 0};
}

static inline struct neighbour neighbour_after(const struct leaf *leaf, unsigned capacity, unsigned place,
                                               bool buffered)
{
    struct columns columns = columns_of(leaf, capacity);
    return (struct neighbour){leaf->key[place], columns.span[place], buffered ? columns.before_s[place] : 0};
}

/* Whether the item before the probe or the one after it conflicts; both of one valid set. */
static inline bool any_of_two(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                              const struct neighbour *before, const struct neighbour *after)
{
    int64_t before_start = span_start(before->key, before->span);
    int64_t before_end = before_start + span_duration(before->span);
    int64_t after_start = span_start(after->key, after->span);
    if (UNLIKELY(before_start > probe->start_s)) /* there is none before, or the one is of the probe's own key */
        return any_the_long_way(tree, probe, holds);
    uint32_t left_s = conflict_distance(before->buffer_s, probe->before_s, probe->exclusive);
    uint32_t right_s = conflict_distance(probe->after_s, after->buffer_s, probe->exclusive);
    bool any = (probe->start_s < before_end + left_s) | (after_start < probe->end_s + right_s);
    /* Items that may not count matter only where there is a conflict. */
    bool special = ((before->span | after->span) & SPAN_HELD) || probe->ignore_id;
    if (UNLIKELY(special) && any) return any_the_long_way(tree, probe, holds);
    return any;
}

static NOINLINE bool any_in_root_leaf(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    const struct leaf *leaf = as_leaf(tree->root);
    unsigned capacity = leaf->head.capacity;
    unsigned place = leaf_place(leaf, key_down(probe->start_s));
    bool buffered = tree->buffered > 0;
    struct neighbour before = neighbour_before(leaf, capacity, place, buffered), after = no_neighbour;
    if (leaf->key[place + 1] != KEY_NONE) after = neighbour_after(leaf, capacity, place + 1, buffered);
    return any_of_two(tree, probe, holds, &before, &after);
}

/* Down to the leaf of the last item that starts no later than the probe; there, or where the next leaf begins, is the
 * item after it. Nearly always there is no branch on where things are. */
bool conflict_any(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    if (UNLIKELY(tree->crossings || tree->height == 0)) return any_the_long_way(tree, probe, holds);
    if (UNLIKELY(tree->height == 1)) return any_in_root_leaf(tree, probe, holds);
    int32_t key = key_down(probe->start_s);
    bool buffered = tree->buffered > 0;
    const struct inner *above = as_inner(tree->root);
    prefetch(above, offsetof(struct inner, child), offsetof(struct inner, begin));
    unsigned child = node_place(above->key, key);
    for (uint32_t level = tree->height; UNLIKELY(level > 2); level--) {
        above = as_inner(above->child[child]);
        child = node_place(above->key, key);
    }
    const struct leaf *leaf = as_leaf(above->child[child]);
    prefetch(leaf, SPANS, SPANS_END);
    if (buffered) prefetch(leaf, SPANS_END, leaf_times_size(NODE_MAX));
    unsigned place = node_place(leaf->key, key);

    struct neighbour before = neighbour_before(leaf, NODE_MAX, place, buffered), after = no_neighbour;
    if (UNLIKELY(leaf->key[place + 1] == KEY_NONE)) {
        if (child + 1u < above->head.count)
            after = neighbour_after(as_leaf(above->child[child + 1]), NODE_MAX, 0, buffered);
        else if (tree->height > 2)
            return any_the_long_way(tree, probe, holds);
    } else {
        after = neighbour_after(leaf, NODE_MAX, place + 1, buffered);
    }
    return any_of_two(tree, probe, holds, &before, &after);
}

/* ------------------------------------------------------------------ any set, all of them */

static bool skip_others(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                        struct tree_cursor *cursor, bool found)
{
    int64_t from_s = probe->start_s - probe->before_s;
    int64_t to_s = probe->end_s + probe->after_s;
    for (; found; found = tree_next_overlap(tree, from_s, to_s, cursor)) {
        struct tree_item item = tree_at(cursor);
        if (conflict_pair(probe, &item) && counts(&item, probe, holds)) return true;
    }
    return false;
}

bool conflict_first(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                    struct tree_cursor *cursor)
{
    bool found = tree_first_overlap(tree, probe->start_s - probe->before_s, probe->end_s + probe->after_s, cursor);
    return skip_others(tree, probe, holds, cursor, found);
}

bool conflict_next(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                   struct tree_cursor *cursor)
{
    bool found = tree_next_overlap(tree, probe->start_s - probe->before_s, probe->end_s + probe->after_s, cursor);
    return skip_others(tree, probe, holds, cursor, found);
}
