/* How the interval tree lies in memory; for tree*.c and conflict.c alone.
 *
 * Times are kept as *keys*: whole units of 8 s since the epoch, in an int32, so that a vector holds four
 * and a cache line sixteen. A key is rounded down; a leaf keeps the low three bits of a start beside it, so
 * that starts are exact. Inner nodes keep keys alone. What follows from that:
 *
 *   - items of different starts, and neighbouring leaves, may have the same key: searches decide by key
 *     where keys differ and look at the items where they do not;
 *   - summaries are rounded outwards: they may send a search into a subtree in vain, never past one.
 *
 *   leaf     head 12 | key[capacity + 1] | span[capacity] | before_s[capacity] | after_s[capacity] | id[capacity]
 *   inner    head 12 | key[45] | child[44] begin[44] end[44] firm_begin[44] firm_end[44] gap[44]
 *
 * Head and keys fill the first three cache lines; a search reads these and one line of children or spans. What a check
 * needs lies in columns, so that where nobody has buffers the memory that checks go through is a third of the leaves:
 * more of it stays in the cache, and all of a leaf's can be asked for at once, before its keys say which. Unused keys
 * are KEY_NONE, more than any key: searches need no count, and a node's keys always end in one. Searches look for the
 * last key <= some key, and need not look at the first (what is less than it belongs to it all the same); so the head
 * is 12 bytes, to have the second key at a multiple of 16.
 *
 * Invariants (tree_check() verifies them all):
 * 1. Items ascend by (start, id), strictly. Every leaf is at level 0, the root at level height - 1.
 * 2. A leaf has 1 .. capacity items, an inner node 1 .. NODE_MAX children, a root that is inner at least 2.
 *    Only a leaf that is the root may have less than NODE_MAX capacity.
 * 3. Neighbours under one parent have more than half a node's items between them: memory stays in proportion.
 * 4. An inner entry's summary is what summary_of() says of the child; key[0] of the child is its key.
 * 5. tree.count, tree.crossings and tree.buffered are exact.
 * 6. A node born in the generation under work is reachable from one tree only: it is changed in place. */
#ifndef FIG_CORE_TREE_NODE_H
#define FIG_CORE_TREE_NODE_H

#include "engine/core/tree.h"
#include "engine/figaro.h"

#include <string.h>

enum { LINE = 64 /* bytes of a cache line */ };
enum { NODE_MAX = 44, KEYS = NODE_MAX + 1, KEY_SHIFT = 3, KEY_UNIT = 1 << KEY_SHIFT, KEY_NONE = INT32_MAX };

struct tree_node {    /* the head of both kinds */
    uint32_t born[2]; /* low half, high half */
    uint16_t count;
    uint8_t capacity; /* of a leaf: 4, 12, 28 or 44; of an inner node: 44 */
    uint8_t level;    /* 0: leaf */
};

/* A span: duration << 4 | held << 3 | low bits of the start. */
#define SPAN_LOW            7u
#define SPAN_HELD           8u
#define SPAN_DURATION_SHIFT 4

struct leaf {
    struct tree_node head;
    int32_t key[]; /* [capacity + 1], and then the columns */
};

struct inner {
    struct tree_node head;
    int32_t key[KEYS];
    const struct tree_node *child[NODE_MAX];
    int32_t begin[NODE_MAX];      /* least buffered begin, rounded down */
    int32_t end[NODE_MAX];        /* largest buffered end, rounded up */
    int32_t firm_begin[NODE_MAX]; /* the same, of items that are not held */
    int32_t firm_end[NODE_MAX];
    int32_t gap[NODE_MAX]; /* at least the longest time in [firm_begin, firm_end) that no such item covers */
};

_Static_assert(offsetof(struct leaf, key) == 12 && offsetof(struct inner, child) == 192, "head and keys fill lines");

struct summary {
    int32_t key;
    int32_t begin;
    int32_t end;
    int32_t firm_begin; /* INT32_MAX where every item is held, */
    int32_t firm_end;   /* then INT32_MIN */
    int32_t gap;
};

/* ------------------------------------------------------------------ sizes */

/* Of a leaf's head, keys and columns but the ids. */
static inline size_t leaf_times_size(unsigned capacity)
{
    return sizeof(struct leaf) + sizeof(int32_t) + capacity * (sizeof(int32_t) + 3 * sizeof(uint32_t));
}

static inline size_t leaf_size(unsigned capacity)
{
    size_t size = leaf_times_size(capacity) + capacity * sizeof(uint64_t);
    return capacity < NODE_MAX ? size : (size + 63) / 64 * 64; /* a line's multiple is aligned to lines */
}

static inline size_t inner_size(void) { return (sizeof(struct inner) + 63) / 64 * 64; }

static inline size_t node_size(const struct tree_node *node)
{
    return node->level ? inner_size() : leaf_size(node->capacity);
}

/* The least capacity that takes count items: 4, 12, 28 or 44. Head and keys are 32, 64, 128 or 192 bytes. */
static inline unsigned leaf_capacity(unsigned count)
{
    unsigned capacity = 4;
    while (capacity < count) capacity = capacity < 28 ? capacity * 2 + 4 : NODE_MAX;
    return capacity;
}

/* ------------------------------------------------------------------ views of a node */

static inline uint64_t node_born(const struct tree_node *node) { return (uint64_t)node->born[1] << 32 | node->born[0]; }

static inline void node_set_born(struct tree_node *node, uint64_t born)
{
    node->born[0] = (uint32_t)born;
    node->born[1] = (uint32_t)(born >> 32);
}

static inline const struct leaf *as_leaf(const struct tree_node *node) { return (const struct leaf *)node; }
static inline const struct inner *as_inner(const struct tree_node *node) { return (const struct inner *)node; }

/* The columns; those of a leaf that is not the root have NODE_MAX for capacity. */
struct columns {
    const uint32_t *span;
    const uint32_t *before_s;
    const uint32_t *after_s;
    const uint64_t *id;
};

static inline struct columns columns_of(const struct leaf *leaf, unsigned capacity)
{
    const uint32_t *span = (const uint32_t *)(const void *)(leaf->key + capacity + 1);
    return (struct columns){
        .span = span,
        .before_s = span + capacity,
        .after_s = span + 2 * capacity,
        .id = (const uint64_t *)(const void *)(span + 3 * capacity),
    };
}

static inline struct columns leaf_columns(const struct leaf *leaf) { return columns_of(leaf, leaf->head.capacity); }

/* ------------------------------------------------------------------ time */

/* Times far outside the contract's are brought to its edge, beyond whatever an item can reach: comparisons stay
 * right, and sums in range. */
static inline int64_t clamp_time(int64_t instant_s)
{
    const int64_t reach = FIG_DURATION_MAX + 4 * (int64_t)FIG_BUFFER_MAX;
    if (instant_s < FIG_TIME_MIN - reach) instant_s = FIG_TIME_MIN - reach;
    if (instant_s > FIG_TIME_MAX + reach) instant_s = FIG_TIME_MAX + reach;
    return instant_s;
}

static inline int32_t key_down(int64_t time) { return (int32_t)(time >> KEY_SHIFT); }
static inline int32_t key_up(int64_t time) { return (int32_t)((time + KEY_UNIT - 1) >> KEY_SHIFT); }
static inline int64_t key_time(int32_t key) { return (int64_t)key * KEY_UNIT; }

static inline int64_t span_start(int32_t key, uint32_t span) { return key_time(key) | (span & SPAN_LOW); }
static inline int64_t span_duration(uint32_t span) { return span >> SPAN_DURATION_SHIFT; }

static inline int64_t leaf_start(const struct leaf *leaf, unsigned i)
{
    return span_start(leaf->key[i], leaf_columns(leaf).span[i]);
}

static inline struct tree_item leaf_item(const struct leaf *leaf, unsigned i)
{
    struct columns columns = leaf_columns(leaf);
    return (struct tree_item){
        .start_s = leaf_start(leaf, i),
        .duration_s = columns.span[i] >> SPAN_DURATION_SHIFT,
        .before_s = columns.before_s[i],
        .after_s = columns.after_s[i],
        .held = columns.span[i] & SPAN_HELD,
        .id = columns.id[i],
    };
}

/* When it begins and ends, buffers included. */
struct buffered_span {
    int64_t begin;
    int64_t end;
};

static inline struct buffered_span leaf_buffered_span(const struct leaf *leaf, unsigned i)
{
    struct columns columns = leaf_columns(leaf);
    int64_t start = leaf_start(leaf, i);
    return (struct buffered_span){
        .begin = start - columns.before_s[i],
        .end = start + span_duration(columns.span[i]) + columns.after_s[i],
    };
}

/* ------------------------------------------------------------------ asking memory ahead */

/* For what lies from one offset to another: while keys are on their way, which say what of it is needed. Inlined,
 * because gcc drops calls that do nothing else. */
static inline __attribute__((always_inline)) void prefetch(const void *node, size_t from, size_t to)
{
#pragma GCC unroll 16
    for (size_t at = from; at < to; at += LINE) __builtin_prefetch((const char *)node + at);
}

/* ------------------------------------------------------------------ search in a node */

/* Four keys, in terms that compilers know for any machine; comparing vectors gives -1 for true. */
typedef int32_t four_keys __attribute__((vector_size(16)));

static inline four_keys load_four(const int32_t *keys)
{
    four_keys loaded;
    memcpy(&loaded, keys, sizeof loaded);
    return loaded;
}

static inline int32_t sum_of_four(four_keys each)
{
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
    each += (four_keys)__builtin_shufflevector(each, each, 2, 3, 0, 1);
    each += (four_keys)__builtin_shufflevector(each, each, 1, 0, 3, 2);
    return each[0];
#endif
#endif
    return each[0] + each[1] + each[2] + each[3];
}

/* The place of the last of 45 keys that is <= key, or 0. All are compared, and none is branched upon: that costs less
 * than one step that is guessed wrong, and the loads need not wait for each other. */
static inline unsigned node_place(const int32_t keys[KEYS], int32_t key)
{
    four_keys than = {key, key, key, key};
    four_keys a = (load_four(keys + 1) > than) + (load_four(keys + 5) > than) + (load_four(keys + 9) > than);
    four_keys b = (load_four(keys + 13) > than) + (load_four(keys + 17) > than) + (load_four(keys + 21) > than);
    four_keys c = (load_four(keys + 25) > than) + (load_four(keys + 29) > than) + (load_four(keys + 33) > than);
    four_keys d = (load_four(keys + 37) > than) + (load_four(keys + 41) > than);
    return (unsigned)(NODE_MAX + sum_of_four((a + b) + (c + d)));
}

/* The same of a leaf that may be short. */
static inline unsigned leaf_place(const struct leaf *leaf, int32_t key)
{
    four_keys than = {key, key, key, key}, more = {0};
    for (unsigned i = 1; i < leaf->head.capacity; i += 4) more += load_four(leaf->key + i) > than;
    return (unsigned)(leaf->head.capacity + sum_of_four(more));
}

/* ------------------------------------------------------------------ within tree*.c */

/* What an inner entry says of a node. */
struct summary summary_of(const struct tree_node *node);

/* Keeps in the tree what that says of its root, after each change. */
static inline void tree_note_root(struct tree *tree)
{
    struct summary summary = summary_of(tree->root);
    tree->firm_begin = summary.firm_begin;
    tree->firm_end = summary.firm_end;
    tree->gap = summary.gap;
}

/* The first item at or after (start, id): its leaf and place; the place may be just past the leaf's last
 * item. Only for trees that are not empty. */
void tree_seek(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_cursor *cursor);

static inline bool item_is_buffered(const struct tree_item *item) { return item->before_s > 0 || item->after_s > 0; }

/* Whether a, which starts no later than b, conflicts with it under shared buffers. */
bool tree_cross(const struct tree_item *a, const struct tree_item *b);

/* Building blocks of edits and bulk loads; nodes they are given are of the generation under work. */
struct leaf *leaf_create(struct nodes *nodes, unsigned capacity);
void leaf_put(struct leaf *leaf, unsigned place, const struct tree_item *item); /* overwrites */
struct inner *inner_create(struct nodes *nodes, unsigned level);
void inner_put(struct inner *inner, unsigned place, const struct tree_node *child, const struct summary *summary);
void node_dispose(struct nodes *nodes, const struct tree_node *node); /* retires it, or discards its own */

#endif
