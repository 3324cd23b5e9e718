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

/* Asks memory for the slots of a leaf while its keys are on their way: they are needed next, some one line of them. */
static inline void prefetch_slots(const struct leaf *leaf)
{
#pragma GCC unroll 8
    for (size_t at = offsetof(struct leaf, key[KEYS]); at < leaf_size(NODE_MAX); at += 128) /* lines come in pairs */
        __builtin_prefetch((const char *)leaf + at);
}

/* The short way, which nearly every check goes, does not branch on where things are: down to the leaf of the last item
 * that starts no later than the probe, and there, or at the begin of the next leaf, the item after it. */
bool conflict_any(const struct tree *tree, const struct probe *probe, const struct holds *holds)
{
    if (UNLIKELY(tree->crossings || tree->height < 2)) return any_the_long_way(tree, probe, holds);
    int64_t time = probe->start_s;
    const struct inner *above = as_inner(tree->root);
    unsigned child = node_place(above->key, key_down(time));
    for (uint32_t level = tree->height; UNLIKELY(level > 2); level--) {
        above = as_inner(above->child[child]);
        child = node_place(above->key, key_down(time));
    }
    const struct leaf *leaf = as_leaf(above->child[child]);
    prefetch_slots(leaf);
    unsigned place = node_place(leaf->key, key_down(time));

    const struct slot *slot = full_leaf_slots(leaf) + place;
    uint32_t held = slot->span;
    int64_t start = key_time(leaf->key[place]) | (slot->span & SPAN_LOW);
    if (UNLIKELY(start > time)) return any_the_long_way(tree, probe, holds); /* none before, or not by a whole key */
    int64_t end = start + slot_duration(slot);
    bool any = time < end + conflict_distance(slot->after_s, probe->before_s, probe->exclusive);

    int32_t key = leaf->key[place + 1];
    slot++;
    if (UNLIKELY(key == KEY_NONE)) {
        if (child + 1u >= above->head.count) return any_the_long_way(tree, probe, holds);
        leaf = as_leaf(above->child[child + 1]);
        slot = full_leaf_slots(leaf);
        key = leaf->key[0];
    }
    held |= slot->span;
    start = key_time(key) | (slot->span & SPAN_LOW);
    any |= start < probe->end_s + conflict_distance(probe->after_s, slot->before_s, probe->exclusive);
    /* Only a conflict can come of an item that does not count. */
    if (UNLIKELY((held & SPAN_HELD) || probe->ignore_id) && any) return any_the_long_way(tree, probe, holds);
    return any;
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
