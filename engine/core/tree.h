/* The interval tree: the spans of one barber (or client), by start, in a persistent packed B+-tree.
 *
 *   tree_insert      copies the path                                       O(log n), <= tree_reserve_bytes()
 *   tree_remove      copies the path                                       O(log n), <= tree_reserve_bytes()
 *   tree_replace     the item of that start and id changes but its start   O(log n), <= tree_reserve_bytes()
 *   tree_bulk        from sorted items, leaves full                        O(n)
 *   tree_find        the item of a start and id                            O(log n)
 *   tree_floor       cursor on the last item with start <= x               O(log n)
 *   tree_first_overlap / tree_next_overlap
 *                    items whose buffered span meets a span, by start      O(log n + found) in valid sets
 *   tree_gap         the first gap of a length at or after an instant      O(log n) for far gaps
 *   tree_check       the whole structure against its invariants            O(n)
 *
 * A value of struct tree is one version of the set. Writers replace it by the one that an operation leaves;
 * whoever holds the old value goes on reading it. Items are ordered by (start_s, id); both may repeat in
 * different items, not together. */
#ifndef FIG_CORE_TREE_H
#define FIG_CORE_TREE_H

#include "engine/core/nodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_item {
    int64_t start_s; /* FIG_TIME_MIN .. FIG_TIME_MAX */
    uint32_t duration_s;
    uint32_t before_s; /* buffers */
    uint32_t after_s;
    bool held; /* may cease to block without a change of the tree: gaps are kept as if it were not there */
    uint64_t id;
};

struct tree_node;

struct tree {
    const struct tree_node *root; /* NULL: empty */
    uint32_t count;
    uint32_t crossings; /* pairs of neighbours (by start) that conflict under shared buffers. 0: the set is
                           valid: no two items conflict, a check is a predecessor and a successor search */
    uint32_t height;    /* levels, 0 when empty */
    int32_t firm_begin; /* what an inner entry would say of the root (tree_node.h), so that no node need be read of */
    int32_t firm_end;   /* a tree that has no gap long enough; 0 when empty */
    int32_t gap;
    uint32_t buffered; /* items that have a buffer. 0: nobody need read of any */
};

#define TREE_HEIGHT_MAX 12

/* A place in one version: valid while that version is. */
struct tree_cursor {
    const struct tree_node *path[TREE_HEIGHT_MAX];
    uint16_t slot[TREE_HEIGHT_MAX];
    uint32_t height; /* 0: beyond the ends */
};

/* The most that one insert, remove or replace can allocate: reserve it before. */
size_t tree_reserve_bytes(const struct tree *tree);
/* The most that tree_bulk() of count items allocates. */
size_t tree_bulk_bytes(size_t count);

/* The item must not be there (start and id). */
void tree_insert(struct nodes *nodes, struct tree *tree, const struct tree_item *item);
/* False when no such item is there; nothing changed then. */
bool tree_remove(struct nodes *nodes, struct tree *tree, int64_t start_s, uint64_t id);
bool tree_replace(struct nodes *nodes, struct tree *tree, const struct tree_item *item);
/* Items sorted by (start_s, id), no two alike. */
struct tree tree_bulk(struct nodes *nodes, const struct tree_item *items, size_t count);
/* Retires every node. */
void tree_clear(struct nodes *nodes, struct tree *tree);

bool tree_find(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_item *item);

/* Cursors. Each returns false (and the cursor is beyond the ends) when there is no such item: the last with
 * start <= start_s, the first with start >= start_s, the next and the one before in order. */
bool tree_floor(const struct tree *tree, int64_t start_s, struct tree_cursor *cursor);
bool tree_ceiling(const struct tree *tree, int64_t start_s, struct tree_cursor *cursor);
bool tree_next(const struct tree *tree, struct tree_cursor *cursor);
bool tree_previous(const struct tree *tree, struct tree_cursor *cursor);
struct tree_item tree_at(const struct tree_cursor *cursor);

/* Items whose buffered span [start - before, end + after) meets [from_s, to_s), by (start, id). Exact for
 * every set; subtrees that end before or begin after are passed over. */
bool tree_first_overlap(const struct tree *tree, int64_t from_s, int64_t to_s, struct tree_cursor *cursor);
bool tree_next_overlap(const struct tree *tree, int64_t from_s, int64_t to_s, struct tree_cursor *cursor);

/* The earliest instant t >= from_s with [t, t + length_s) clear of every buffered span of items that are not
 * held, and t + length_s <= to_s. False when there is none. Uses the largest gaps of subtrees; a lower bound
 * for callers who also have holds and buffers of their own to heed. */
bool tree_gap(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s, int64_t *start_s);

/* The same by what the tree says of its root, and by the root at most: an instant that tree_gap() finds none before;
 * mostly a few seconds less than what it finds. For whoever asks many trees, with tree_gap_prefetch() some time before:
 * it asks memory for the root where a gap of length_s may lie within, else for nothing. */
bool tree_gap_floor(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s, int64_t *floor_s);
void tree_gap_prefetch(const struct tree *tree, int64_t length_s);

/* Asks memory for where a search for an instant will go: for whoever has something else to do before it. */
void tree_prefetch(const struct tree *tree, int64_t at_s);

/* NULL when sound, else what is wrong, in static words. */
const char *tree_check(const struct tree *tree);

#endif
