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
 *   leaf     head 12 | key[capacity + 1] | slot[capacity], 20 bytes each
 *   inner    head 12 | key[29] child[29] begin[29] end[29] firm_begin[29] firm_end[29] gap[29]
 *
 * Head and keys fill the first two (inner) or four (leaf) cache lines; a search reads these and one line of
 * children or slots. Unused keys are KEY_NONE, more than any key: searches need no count, and a leaf always ends
 * in one. Searches look for the last key <= some key, and need not look at the first (what is less than it belongs
 * to it all the same); so the head is 12 bytes, to have the second key at a multiple of 16.
 *
 * Invariants (tree_check() verifies them all):
 * 1. Items ascend by (start, id), strictly. Every leaf is at level 0, the root at level height - 1.
 * 2. A leaf has 1 .. capacity items, an inner node 1 .. INNER_MAX children, a root that is inner at least 2.
 *    Only a leaf that is the root may have less than LEAF_MAX capacity.
 * 3. Neighbours under one parent have more than half a node's items between them: memory stays in proportion.
 * 4. An inner entry's summary is what summary_of() says of the child; key[0] of the child is its key.
 * 5. tree.count and tree.crossings are exact.
 * 6. A node born in the generation under work is reachable from one tree only: it is changed in place. */
#ifndef FIG_CORE_TREE_NODE_H
#define FIG_CORE_TREE_NODE_H

#include "engine/core/tree.h"
#include "engine/figaro.h"

#include <string.h>

enum { LEAF_MAX = 44, INNER_MAX = 44, KEYS = 45, KEY_SHIFT = 3, KEY_UNIT = 1 << KEY_SHIFT, KEY_NONE = INT32_MAX };

struct tree_node { /* the head of both kinds */
    uint32_t born[2]; /* low half, high half */
    uint16_t count;
    uint8_t capacity; /* of a leaf: 4, 12, 28 or 60; of an inner node: INNER_MAX */
    uint8_t level;    /* 0: leaf */
};

/* What stands beside a key: the rest of an item. */
struct slot {
    uint32_t id_low; /* the id in halves, for 20 bytes in place of 24 */
    uint32_t id_high;
    uint32_t span; /* duration << 4 | held << 3 | low bits of the start */
    uint32_t before_s;
    uint32_t after_s;
};

#define SPAN_LOW            7u
#define SPAN_HELD           8u
#define SPAN_DURATION_SHIFT 4

struct leaf {
    struct tree_node head;
    int32_t key[]; /* [capacity + 1], and then struct slot[capacity] */
};

struct inner {
    struct tree_node head;
    int32_t key[KEYS];
    const struct tree_node *child[INNER_MAX];
    int32_t begin[INNER_MAX];      /* least buffered begin, rounded down */
    int32_t end[INNER_MAX];        /* largest buffered end, rounded up */
    int32_t firm_begin[INNER_MAX]; /* the same, of items that are not held */
    int32_t firm_end[INNER_MAX];
    int32_t gap[INNER_MAX]; /* at least the longest time in [firm_begin, firm_end) that no such item covers */
};

struct summary {
    int32_t key;
    int32_t begin;
    int32_t end;
    int32_t firm_begin; /* INT32_MAX where every item is held, */
    int32_t firm_end;   /* then INT32_MIN */
    int32_t gap;
};

/* ------------------------------------------------------------------ sizes */

static inline size_t leaf_size(unsigned capacity)
{
    size_t size = sizeof(struct leaf) + sizeof(int32_t) + capacity * (sizeof(int32_t) + sizeof(struct slot));
    return capacity < LEAF_MAX ? size : (size + 63) / 64 * 64; /* a line's multiple is aligned to lines */
}

static inline size_t inner_size(void) { return (sizeof(struct inner) + 63) / 64 * 64; }

/* The least capacity that takes count items: 4, 12, 28 or 60, so that head and keys fill whole lines. */
static inline unsigned leaf_capacity(unsigned count)
{
    unsigned capacity = 4;
    while (capacity < count) capacity = capacity < 28 ? capacity * 2 + 4 : LEAF_MAX;
    return capacity;
}

/* ------------------------------------------------------------------ views of a node */

static inline uint64_t node_born(const struct tree_node *node) { return (uint64_t)node->born[1] << 32 | node->born[0]; }

static inline struct tree_node node_head(uint64_t born, unsigned capacity, unsigned level)
{
    return (struct tree_node){{(uint32_t)born, (uint32_t)(born >> 32)}, 0, (uint8_t)capacity, (uint8_t)level};
}

static inline const struct leaf *as_leaf(const struct tree_node *node) { return (const struct leaf *)node; }
static inline const struct inner *as_inner(const struct tree_node *node) { return (const struct inner *)node; }

static inline const struct slot *leaf_slots(const struct leaf *leaf)
{
    return (const struct slot *)(const void *)(leaf->key + leaf->head.capacity + 1);
}

/* Of a leaf that is not the root. */
static inline const struct slot *full_leaf_slots(const struct leaf *leaf)
{
    return (const struct slot *)(const void *)(leaf->key + LEAF_MAX + 1);
}

static inline uint64_t slot_id(const struct slot *slot) { return (uint64_t)slot->id_high << 32 | slot->id_low; }

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

static inline int64_t slot_start(const struct leaf *leaf, unsigned i)
{
    return key_time(leaf->key[i]) | (leaf_slots(leaf)[i].span & SPAN_LOW);
}

static inline int64_t slot_duration(const struct slot *slot) { return slot->span >> SPAN_DURATION_SHIFT; }

static inline struct tree_item leaf_item(const struct leaf *leaf, unsigned i)
{
    const struct slot *slot = &leaf_slots(leaf)[i];
    return (struct tree_item){
        .start_s = slot_start(leaf, i),
        .duration_s = slot->span >> SPAN_DURATION_SHIFT,
        .before_s = slot->before_s,
        .after_s = slot->after_s,
        .held = slot->span & SPAN_HELD,
        .id = slot_id(slot),
    };
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

/* How many of 16 ascending keys are <= key. */
static inline unsigned keys_of_16(const int32_t *keys, int32_t key)
{
    four_keys than = {key, key, key, key};
    four_keys a = load_four(keys) > than, b = load_four(keys + 4) > than;
    four_keys c = load_four(keys + 8) > than, d = load_four(keys + 12) > than;
#if defined(__SSE2__) /* a bit for each: the first that is set */
    typedef char bytes __attribute__((vector_size(16)));
    bytes more = __builtin_ia32_packsswb128(__builtin_ia32_packssdw128(a, b), __builtin_ia32_packssdw128(c, d));
    return (unsigned)__builtin_ctz((unsigned)__builtin_ia32_pmovmskb128(more) | 0x10000u);
#else
    four_keys sums = a + b + c + d;
    return (unsigned)(16 + sums[0] + sums[1] + sums[2] + sums[3]);
#endif
}

#ifndef VARIANT
#define VARIANT 1
#endif
typedef uint64_t two_sums __attribute__((vector_size(16)));
static inline unsigned sum_lanes(four_keys each)
{
    two_sums pairs = (two_sums)each;
    uint64_t sum = pairs[0] + pairs[1];
    return (unsigned)sum + (unsigned)(sum >> 32);
}
static inline unsigned place_of_45(const int32_t *keys, int32_t key)
{
#if VARIANT == 0
    unsigned window = (keys[16] <= key ? 16u : 0u) + (keys[32] <= key ? 12u : 0u);
    return window + keys_of_16(keys + 1 + window, key);
#elif VARIANT == 1
    four_keys than = {key, key, key, key};
    four_keys a = (load_four(keys + 1) <= than) + (load_four(keys + 5) <= than) + (load_four(keys + 9) <= than);
    four_keys b = (load_four(keys + 13) <= than) + (load_four(keys + 17) <= than) + (load_four(keys + 21) <= than);
    four_keys c = (load_four(keys + 25) <= than) + (load_four(keys + 29) <= than) + (load_four(keys + 33) <= than);
    four_keys d = (load_four(keys + 37) <= than) + (load_four(keys + 41) <= than);
    return sum_lanes(-((a + b) + (c + d)));
#elif VARIANT == 2
    four_keys than = {key, key, key, key};
    four_keys a = (load_four(keys + 1) > than) + (load_four(keys + 5) > than) + (load_four(keys + 9) > than);
    four_keys b = (load_four(keys + 13) > than) + (load_four(keys + 17) > than) + (load_four(keys + 21) > than);
    four_keys c = (load_four(keys + 25) > than) + (load_four(keys + 29) > than) + (load_four(keys + 33) > than);
    four_keys d = (load_four(keys + 37) > than) + (load_four(keys + 41) > than);
    four_keys s = (a + b) + (c + d);
    s += (four_keys)__builtin_shufflevector(s, s, 2, 3, 0, 1);
    s += (four_keys)__builtin_shufflevector(s, s, 1, 0, 3, 2);
    return 44u + (unsigned)s[0];
#elif VARIANT == 3
    typedef char bytes __attribute__((vector_size(16)));
    four_keys than = {key, key, key, key};
#define L(i) (load_four(keys + 1 + 4*i) > than)
    bytes m0 = __builtin_ia32_packsswb128(__builtin_ia32_packssdw128(L(0), L(1)), __builtin_ia32_packssdw128(L(2), L(3)));
    bytes m1 = __builtin_ia32_packsswb128(__builtin_ia32_packssdw128(L(4), L(5)), __builtin_ia32_packssdw128(L(6), L(7)));
    four_keys x = L(10);
    bytes m2 = __builtin_ia32_packsswb128(__builtin_ia32_packssdw128(L(8), L(9)), __builtin_ia32_packssdw128(x, x));
    uint64_t mask = (uint64_t)(unsigned)__builtin_ia32_pmovmskb128(m0) | (uint64_t)(unsigned)__builtin_ia32_pmovmskb128(m1) << 16 | (uint64_t)(unsigned)__builtin_ia32_pmovmskb128(m2) << 32;
    return (unsigned)__builtin_ctzll(mask);
#endif
}

#define NARROW place_of_45
typedef int32_t eight_keys __attribute__((vector_size(32)));
#ifndef WVAR
#define WVAR 0
#endif
__attribute__((target("avx2,popcnt"))) static inline eight_keys load_eight(const int32_t *keys)
{
    eight_keys loaded;
    memcpy(&loaded, keys, sizeof loaded);
    return loaded;
}
__attribute__((target("avx2,popcnt"))) static inline unsigned place_wide(const int32_t *keys, int32_t key)
{
    eight_keys than = {key, key, key, key, key, key, key, key};
    four_keys than4 = {key, key, key, key};
#if WVAR == 0
    typedef char bytes __attribute__((vector_size(32)));
    typedef char bytes16 __attribute__((vector_size(16)));
    eight_keys a = load_eight(keys + 1) > than, b = load_eight(keys + 9) > than;
    eight_keys c = load_eight(keys + 17) > than, d = load_eight(keys + 25) > than, e = load_eight(keys + 33) > than;
    four_keys f = load_four(keys + 41) > than4;
    bytes x = __builtin_ia32_packsswb256(__builtin_ia32_packssdw256(a, b), __builtin_ia32_packssdw256(c, d));
    (void)sizeof(bytes16);
    unsigned y = (unsigned)__builtin_ia32_movmskps256((__attribute__((vector_size(32))) float)e) | (unsigned)__builtin_ia32_movmskps((__attribute__((vector_size(16))) float)f) << 8;
    return 44u - (unsigned)__builtin_popcount((unsigned)__builtin_ia32_pmovmskb256(x)) - (unsigned)__builtin_popcount(y);
#else
    eight_keys a = (load_eight(keys + 1) > than) + (load_eight(keys + 9) > than);
    eight_keys b = (load_eight(keys + 17) > than) + (load_eight(keys + 25) > than) + (load_eight(keys + 33) > than);
    a += b;
    four_keys s = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7) +
                  (load_four(keys + 41) > than4);
    s += (four_keys)__builtin_shufflevector(s, s, 2, 3, 0, 1);
    s += (four_keys)__builtin_shufflevector(s, s, 1, 0, 3, 2);
    return 44u + (unsigned)s[0];
#endif
}

static inline unsigned inner_place(const struct inner *inner, int32_t key) { return place_of_45(inner->key, key); }

static inline unsigned leaf_place(const struct leaf *leaf, int32_t key)
{
    if (leaf->head.capacity == LEAF_MAX) return place_of_45(leaf->key, key);
    unsigned place = 0;
    for (unsigned i = 1; i <= leaf->head.capacity; i++) place += leaf->key[i] <= key;
    return place;
}

/* ------------------------------------------------------------------ within tree*.c */

/* What an inner entry says of a node. */
struct summary summary_of(const struct tree_node *node);

/* The first item at or after (start, id): its leaf and place; the place may be just past the leaf's last
 * item. Only for trees that are not empty. */
void tree_seek(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_cursor *cursor);

/* Whether a, which starts no later than b, conflicts with it under shared buffers. */
bool tree_cross(const struct tree_item *a, const struct tree_item *b);

/* Building blocks of edits and bulk loads; nodes they are given are of the generation under work. */
struct leaf *leaf_create(struct nodes *nodes, unsigned capacity);
void leaf_put(struct leaf *leaf, unsigned place, const struct tree_item *item); /* overwrites */
struct inner *inner_create(struct nodes *nodes, unsigned level);
void inner_put(struct inner *inner, unsigned place, const struct tree_node *child, const struct summary *summary);
void node_dispose(struct nodes *nodes, const struct tree_node *node); /* retires it, or discards its own */

#endif
