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

#include <assert.h>

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define NOINLINE            __attribute__((noinline))

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
    struct tree_cursor cursor;
    tree_floor(tree, probe->start_s, &cursor);
    if (walk(tree, probe, holds, &cursor, tree_previous)) return true;
    tree_ceiling(tree, probe->start_s + 1, &cursor);
    return walk(tree, probe, holds, &cursor, tree_next);
}

/* Whatever the short way of conflict_any() does not take. */
static NOINLINE bool any_the_long_way(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    if (!tree->root) return false;
    if (tree->crossings == 0) return any_by_walking(tree, probe, holds);
    struct tree_cursor cursor;
    return conflict_first(tree, probe, holds, &cursor);
}

/* The short way, which nearly every check goes, is free of branches that depend on where things are: down to the leaf
 * of the last item that starts no later than the probe, and there, or at the next leaf's begin, the item after it. */
static inline __attribute__((always_inline)) bool any_the_short_way(const struct tree *tree, const struct probe *probe, const struct holds *holds, bool wide)
{
    if (UNLIKELY(tree->crossings || tree->height < 2)) return any_the_long_way(tree, probe, holds);
    int64_t time = probe->start_s;
    int32_t key = key_down(time);
    const struct inner *above = as_inner(tree->root);
    unsigned child = (wide ? place_wide(above->key, key) : place_of_45(above->key, key));
    for (uint32_t level = tree->height; UNLIKELY(level > 2); level--) {
        above = as_inner(above->child[child]);
        child = (wide ? place_wide(above->key, key) : place_of_45(above->key, key));
    }
    const struct leaf *leaf = as_leaf(above->child[child]);
    unsigned place = wide ? place_wide(leaf->key, key) : place_of_45(leaf->key, key);
    const struct slot *before = full_leaf_slots(leaf) + place, *after = before + 1;
    int64_t before_start = key_time(leaf->key[place]) | (before->span & SPAN_LOW);
    int32_t after_key = leaf->key[place + 1];
    if (UNLIKELY(after_key == KEY_NONE)) {
        if (child + 1u >= above->head.count) return any_the_long_way(tree, probe, holds);
        leaf = as_leaf(above->child[child + 1]);
        after = full_leaf_slots(leaf);
        after_key = leaf->key[0];
    }
    if (UNLIKELY(before_start > time)) return any_the_long_way(tree, probe, holds);
    int64_t after_start = key_time(after_key) | (after->span & SPAN_LOW);
    int64_t before_end = before_start + slot_duration(before);
    int64_t time_end = probe->end_s;
    bool any = (time < before_end + conflict_distance(before->after_s, probe->before_s, probe->exclusive)) |
               (after_start < time_end + conflict_distance(probe->after_s, after->before_s, probe->exclusive));
    bool held = (before->span | after->span) & SPAN_HELD;
    if (probe->ignore_id) held |= (slot_id(before) == probe->ignore_id) | (slot_id(after) == probe->ignore_id);
    if (UNLIKELY(held) && any) return any_the_long_way(tree, probe, holds);
    return any;
}

__attribute__((target("avx2,popcnt"), flatten)) static bool any_wide(const struct tree *tree, const struct probe *probe, const struct holds *holds) { return any_the_short_way(tree, probe, holds, true); }
bool conflict_any(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
#ifndef NOWIDE
    if (__builtin_cpu_supports("avx2")) return any_wide(tree, probe, holds);
#endif
    return any_the_short_way(tree, probe, holds, false);
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
