/* The radix map. radix.h says what it is.
 *
 * A node stands for one digit of 6 bits of the key. Two kinds of entry hang on a digit: a *child*, for the
 * keys that go on differing below, or a *pair*, a single key in full with its value, which needs no nodes of
 * its own. A node of the last digit (level 0) spells its keys out, so that it holds bare values. Levels at
 * which all keys of a node agree are skipped: a node names its own level and the digits above it.
 *
 *   head 32 | pairs: key, value, by digit | children, by digit        level > 0
 *   head 32 | values, by digit                                        level 0
 *
 * So dense ids cost 8 bytes each and a sixty-fourth of a node, random hashes 16 bytes and a share of a node
 * that is about as large. A get reads one line of head and one of entries at each level, four for ten million
 * dense ids. Which nodes there are depends on the set of keys alone, not on its history.
 *
 * Invariants (radix_check() verifies them all):
 * 1. `place` is the digits above the node's level, zeros, and the level in the low 6 bits (which are free at
 *    any level, as a node's keys differ at its level or below).
 * 2. `pairs` and `children` have no digit in common. At level 0 there are no children.
 * 3. A child's level is less than its parent's; its digits agree with the way to it.
 * 4. A node has two entries or more, but for a level 0 root, which may have one.
 * 5. A node has room for exactly room_for() its words; unused words are anything.
 * 6. map.count is exact. */
#include "engine/core/radix.h"

#include <assert.h>
#include <string.h>

enum { DIGIT_BITS = 6, DIGITS = 1 << DIGIT_BITS, LEVEL_MAX = 10 };

union word {
    uint64_t key;
    void *value;
    struct radix_node *child;
};

struct radix_node {
    uint64_t born;
    uint64_t place;
    uint64_t pairs;    /* digits that stand for one key */
    uint64_t children; /* digits with a node below */
    union word words[];
};

/* ------------------------------------------------------------------ digits and places */

static inline unsigned ones(uint64_t bits)
{
#if defined(__POPCNT__)
    return (unsigned)__builtin_popcountll(bits);
#else /* what the compiler would call out of line */
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
#endif
}

static inline uint64_t bit_of(unsigned digit) { return UINT64_C(1) << digit; }
static inline unsigned level_of(const struct radix_node *node) { return node->place & (DIGITS - 1); }

static inline unsigned digit_of(uint64_t key, unsigned level) { return key >> (DIGIT_BITS * level) & (DIGITS - 1); }

/* The digits of a key above a level, and the level. */
static inline uint64_t place_of(uint64_t key, unsigned level)
{
    unsigned shift = DIGIT_BITS * (level + 1);
    uint64_t above = shift < 64 ? key >> shift << shift : 0;
    return above | level;
}

/* The highest digit in which two keys differ. */
static unsigned level_between(uint64_t a, uint64_t b) { return (63 - (unsigned)__builtin_clzll(a ^ b)) / DIGIT_BITS; }

/* How many of the set digits come before this one. Where all before it are set, as in nodes of dense ids, there is
 * no need to count. */
static inline unsigned rank_of(uint64_t digits, unsigned digit)
{
    uint64_t before = bit_of(digit) - 1;
    return (digits & before) == before ? digit : ones(digits & before);
}

/* ------------------------------------------------------------------ words of a node */

/* Words of a pair: at level 0 the key goes without saying. */
static inline unsigned pair_words(unsigned level) { return level ? 2 : 1; }

static inline unsigned pair_at(const struct radix_node *node, unsigned level, unsigned digit)
{
    return rank_of(node->pairs, digit) * pair_words(level);
}

static inline unsigned child_at(const struct radix_node *node, unsigned level, unsigned digit)
{
    unsigned pairs = node->pairs ? ones(node->pairs) * pair_words(level) : 0;
    return pairs + rank_of(node->children, digit);
}

static unsigned words_of(const struct radix_node *node)
{
    return ones(node->pairs) * pair_words(level_of(node)) + ones(node->children);
}

/* Room grows in steps, so that a node that fills up is copied a few times only. */
static unsigned room_for(unsigned words)
{
    unsigned step = words <= 8 ? 2 : words <= 32 ? 4 : 8;
    return (words + step - 1) / step * step;
}

static size_t node_size(unsigned words) { return sizeof(struct radix_node) + room_for(words) * sizeof(union word); }

static struct radix_node *create(struct nodes *nodes, uint64_t place, unsigned words)
{
    struct radix_node *node = nodes_alloc(nodes, node_size(words));
    *node = (struct radix_node){.born = nodes_generation(nodes), .place = place};
    return node;
}

static void dispose(struct nodes *nodes, struct radix_node *node, unsigned words)
{
    if (node->born == nodes_generation(nodes))
        nodes_discard(nodes, node, node_size(words));
    else
        nodes_retire(nodes, node, node_size(words), node->born);
}

/* The one way in which nodes change: a node of this generation with the words of the old, but `removed` words
 * at `at` have given way to `added` words, which the caller fills in, as it sets the digits' bits. */
static struct radix_node *splice(struct nodes *nodes, struct radix_node *node, unsigned at, unsigned removed,
                                 unsigned added)
{
    unsigned before = words_of(node);
    unsigned after = before - removed + added;
    unsigned tail = before - at - removed;
    bool own = node->born == nodes_generation(nodes);
    if (own && room_for(before) == room_for(after)) {
        if (tail > 0) memmove(node->words + at + added, node->words + at + removed, tail * sizeof(union word));
        return node;
    }
    struct radix_node *copy = create(nodes, node->place, after);
    copy->pairs = node->pairs;
    copy->children = node->children;
    memcpy(copy->words, node->words, at * sizeof(union word));
    memcpy(copy->words + at + added, node->words + at + removed, tail * sizeof(union word));
    dispose(nodes, node, before);
    return copy;
}

/* ------------------------------------------------------------------ entries of a node */

static void write_pair(struct radix_node *node, unsigned at, unsigned level, uint64_t key, void *value)
{
    if (level) node->words[at++].key = key;
    node->words[at].value = value;
}

static struct radix_node *add_pair(struct nodes *nodes, struct radix_node *node, uint64_t key, void *value)
{
    unsigned level = level_of(node);
    unsigned digit = digit_of(key, level);
    unsigned at = pair_at(node, level, digit);
    node = splice(nodes, node, at, 0, pair_words(level));
    node->pairs |= bit_of(digit);
    write_pair(node, at, level, key, value);
    return node;
}

static struct radix_node *drop_pair(struct nodes *nodes, struct radix_node *node, unsigned digit)
{
    unsigned level = level_of(node);
    node = splice(nodes, node, pair_at(node, level, digit), pair_words(level), 0);
    node->pairs &= ~bit_of(digit);
    return node;
}

static struct radix_node *add_child(struct nodes *nodes, struct radix_node *node, unsigned digit,
                                    struct radix_node *child)
{
    unsigned at = child_at(node, level_of(node), digit);
    node = splice(nodes, node, at, 0, 1);
    node->children |= bit_of(digit);
    node->words[at].child = child;
    return node;
}

static struct radix_node *drop_child(struct nodes *nodes, struct radix_node *node, unsigned digit)
{
    node = splice(nodes, node, child_at(node, level_of(node), digit), 1, 0);
    node->children &= ~bit_of(digit);
    return node;
}

/* The child at that word gives way to another. */
static struct radix_node *set_child(struct nodes *nodes, struct radix_node *node, unsigned at, struct radix_node *child)
{
    if (node->words[at].child == child) return node;
    node = splice(nodes, node, at, 0, 0);
    node->words[at].child = child;
    return node;
}

/* ------------------------------------------------------------------ many at once */

/* One past the entries that share the first one's digit of this level. */
static size_t group_end(const struct radix_entry *entries, size_t count, unsigned level)
{
    unsigned digit = digit_of(entries[0].key, level);
    size_t end = 1;
    while (end < count && digit_of(entries[end].key, level) == digit) end++;
    return end;
}

/* The node of two entries or more (or of one, at level 0). As deep as levels are, eleven at most. NULL: no memory; what
 * was built below is dropped with the generation, as after any allocation that fails. */
static struct radix_node *build(struct nodes *nodes, const struct radix_entry *entries, size_t count)
{
    unsigned level = count > 1 ? level_between(entries[0].key, entries[count - 1].key) : 0;
    size_t ends[DIGITS];
    unsigned groups = 0, words = 0;
    for (size_t at = 0; at < count; groups++) {
        size_t end = level ? at + group_end(entries + at, count - at, level) : at + 1;
        words += level && end - at == 1 ? 2 : 1;
        ends[groups] = at = end;
    }
    if (!nodes_reserve(nodes, node_size(words))) return NULL;
    struct radix_node *node = create(nodes, place_of(entries[0].key, level), words);
    unsigned pair = 0;
    for (unsigned i = 0; i < groups; i++) {
        size_t begin = i > 0 ? ends[i - 1] : 0;
        if (level && ends[i] - begin > 1) continue;
        node->pairs |= bit_of(digit_of(entries[begin].key, level));
        write_pair(node, pair, level, entries[begin].key, entries[begin].value);
        pair += pair_words(level);
    }
    for (unsigned i = 0; i < groups; i++) {
        size_t begin = i > 0 ? ends[i - 1] : 0;
        if (!level || ends[i] - begin == 1) continue;
        node->children |= bit_of(digit_of(entries[begin].key, level));
        node->words[pair].child = build(nodes, entries + begin, ends[i] - begin);
        if (node->words[pair++].child == NULL) return NULL;
    }
    return node;
}

bool radix_bulk(struct nodes *nodes, struct radix *map, const struct radix_entry *entries, size_t count)
{
    struct radix_node *root = count > 0 ? build(nodes, entries, count) : NULL;
    if (count > 0 && root == NULL) return false;
    *map = (struct radix){.root = root, .count = count};
    return true;
}

/* A map of one key. */
static struct radix_node *only_pair(struct nodes *nodes, uint64_t key, void *value)
{
    struct radix_node *node = create(nodes, place_of(key, 0), 1);
    node->pairs = bit_of(digit_of(key, 0));
    node->words[0].value = value;
    return node;
}

static bool is_single(const struct radix_node *node)
{
    uint64_t digits = node->pairs | node->children;
    return digits != 0 && (digits & (digits - 1)) == 0;
}

/* The key of a node that has one entry, a pair. */
static uint64_t only_key(const struct radix_node *node)
{
    if (level_of(node)) return node->words[0].key;
    return node->place | (unsigned)__builtin_ctzll(node->pairs);
}

static struct radix_node *two_pairs(struct nodes *nodes, uint64_t a, void *value_a, uint64_t b, void *value_b)
{
    unsigned level = level_between(a, b);
    struct radix_node *node = create(nodes, place_of(a, level), 2 * pair_words(level));
    node->pairs = bit_of(digit_of(a, level)) | bit_of(digit_of(b, level));
    write_pair(node, pair_at(node, level, digit_of(a, level)), level, a, value_a);
    write_pair(node, pair_at(node, level, digit_of(b, level)), level, b, value_b);
    return node;
}

/* ------------------------------------------------------------------ get */

void *radix_get(const struct radix *map, uint64_t key)
{
    const struct radix_node *node = map->root;
    if (!node) return NULL;
    for (;;) {
        unsigned level = level_of(node);
        unsigned digit = digit_of(key, level);
        if (level == 0) break;
        if (node->children & bit_of(digit)) {
            node = node->words[child_at(node, level, digit)].child;
            continue;
        }
        if (!(node->pairs & bit_of(digit))) return NULL;
        const union word *pair = &node->words[pair_at(node, level, digit)];
        return pair[0].key == key ? pair[1].value : NULL;
    }
    unsigned digit = digit_of(key, 0);
    if (node->place != place_of(key, 0) || !(node->pairs & bit_of(digit))) return NULL;
    return node->words[rank_of(node->pairs, digit)].value;
}

/* ------------------------------------------------------------------ put */

struct put {
    struct nodes *nodes;
    uint64_t key;
    void *value;
    void *before; /* what the key stood for */
};

/* The key is not of the node's: they part at a digit above it. */
static struct radix_node *put_beside(struct put *put, struct radix_node *node)
{
    if (is_single(node)) { /* a map of one key */
        uint64_t key = only_key(node);
        void *value = node->words[0].value;
        dispose(put->nodes, node, 1);
        return two_pairs(put->nodes, key, value, put->key, put->value);
    }
    unsigned level = level_between(put->key, node->place & ~(uint64_t)(DIGITS - 1));
    struct radix_node *above = create(put->nodes, place_of(put->key, level), pair_words(level) + 1);
    unsigned mine = digit_of(put->key, level);
    unsigned its = digit_of(node->place, level);
    above->pairs = bit_of(mine);
    write_pair(above, 0, level, put->key, put->value);
    above->children = bit_of(its);
    above->words[pair_words(level)].child = node;
    return above;
}

/* The digit stands for one key: replace its value, or make room for two. */
static struct radix_node *put_on_pair(struct put *put, struct radix_node *node, unsigned level, unsigned digit)
{
    unsigned at = pair_at(node, level, digit);
    uint64_t key = level ? node->words[at].key : put->key;
    void *value = node->words[at + pair_words(level) - 1].value;
    if (key == put->key) {
        put->before = value;
        node = splice(put->nodes, node, at, 0, 0);
        write_pair(node, at, level, key, put->value);
        return node;
    }
    struct radix_node *both = two_pairs(put->nodes, key, value, put->key, put->value);
    node = drop_pair(put->nodes, node, digit);
    return add_child(put->nodes, node, digit, both);
}

static struct radix_node *put_below(struct put *put, struct radix_node *node)
{
    unsigned level = level_of(node);
    unsigned digit = digit_of(put->key, level);
    if (node->place != place_of(put->key, level)) return put_beside(put, node);
    if (node->pairs & bit_of(digit)) return put_on_pair(put, node, level, digit);
    if (!(node->children & bit_of(digit))) return add_pair(put->nodes, node, put->key, put->value);
    unsigned at = child_at(node, level, digit);
    return set_child(put->nodes, node, at, put_below(put, node->words[at].child));
}

void *radix_put(struct nodes *nodes, struct radix *map, uint64_t key, const void *value)
{
    assert(value);
    struct put put = {.nodes = nodes, .key = key, .value = (void *)value};
    if (map->root) {
        map->root = put_below(&put, (struct radix_node *)map->root);
    } else {
        map->root = only_pair(nodes, key, put.value);
    }
    map->count += put.before == NULL;
    return put.before;
}

/* ------------------------------------------------------------------ remove */

/* Takes back the child at that word, which lost a key: left with one entry, it becomes that entry. */
static struct radix_node *take_back(struct nodes *nodes, struct radix_node *node, unsigned at, struct radix_node *child)
{
    if (!is_single(child)) return set_child(nodes, node, at, child);
    if (child->children) {
        struct radix_node *below = child->words[0].child;
        dispose(nodes, child, 1);
        return set_child(nodes, node, at, below);
    }
    unsigned words = words_of(child);
    uint64_t key = only_key(child);
    void *value = child->words[words - 1].value;
    dispose(nodes, child, words);
    node = drop_child(nodes, node, digit_of(key, level_of(node)));
    return add_pair(nodes, node, key, value);
}

static struct radix_node *remove_below(struct nodes *nodes, struct radix_node *node, uint64_t key)
{
    unsigned level = level_of(node);
    unsigned digit = digit_of(key, level);
    if (node->pairs & bit_of(digit)) return drop_pair(nodes, node, digit);
    unsigned at = child_at(node, level, digit);
    return take_back(nodes, node, at, remove_below(nodes, node->words[at].child, key));
}

/* A root may be a single child's parent no longer than it takes; a single pair moves to level 0, an empty one
 * goes. */
static struct radix_node *trim_root(struct nodes *nodes, struct radix_node *root)
{
    unsigned words = words_of(root);
    if (words == 0) {
        dispose(nodes, root, 0);
        return NULL;
    }
    if (!is_single(root) || level_of(root) == 0) return root;
    struct radix_node *node =
        root->children ? root->words[0].child : only_pair(nodes, root->words[0].key, root->words[1].value);
    dispose(nodes, root, words);
    return node;
}

void *radix_remove(struct nodes *nodes, struct radix *map, uint64_t key)
{
    void *before = radix_get(map, key);
    if (!before) return NULL;
    struct radix_node *root = remove_below(nodes, (struct radix_node *)map->root, key);
    map->root = trim_root(nodes, root);
    map->count--;
    return before;
}

/* ------------------------------------------------------------------ walk */

static bool next_below(const struct radix_node *node, uint64_t from, uint64_t *key, void **value);

/* The first key >= from at a digit that is there. */
static bool next_at(const struct radix_node *node, unsigned digit, uint64_t from, uint64_t *key, void **value)
{
    unsigned level = level_of(node);
    if (node->children & bit_of(digit))
        return next_below(node->words[child_at(node, level, digit)].child, from, key, value);
    unsigned at = pair_at(node, level, digit);
    uint64_t found = level ? node->words[at].key : (node->place | digit);
    if (found < from) return false;
    *key = found;
    *value = node->words[at + pair_words(level) - 1].value;
    return true;
}

static bool next_below(const struct radix_node *node, uint64_t from, uint64_t *key, void **value)
{
    unsigned level = level_of(node);
    uint64_t first = node->place - level; /* the least key that can be here */
    if (place_of(from, level) != node->place) {
        if (from > first) return false;
        from = first;
    }
    unsigned digit = digit_of(from, level);
    uint64_t digits = (node->pairs | node->children) >> digit << digit;
    for (; digits; digits &= digits - 1)
        if (next_at(node, (unsigned)__builtin_ctzll(digits), from, key, value)) return true;
    return false;
}

bool radix_next(const struct radix *map, uint64_t from, uint64_t *key, void **value)
{
    return map->root && next_below(map->root, from, key, value);
}

struct listing {
    uint64_t from;
    struct radix_entry *entries;
    size_t count;
    size_t room;
};

static void list_below(const struct radix_node *node, struct listing *listing)
{
    unsigned level = level_of(node);
    uint64_t from = listing->from, first = node->place - level;
    if (place_of(from, level) != node->place) {
        if (from > first) return;
        from = first;
    }
    uint64_t digits = (node->pairs | node->children) >> digit_of(from, level) << digit_of(from, level);
    for (; digits && listing->count < listing->room; digits &= digits - 1) {
        unsigned digit = (unsigned)__builtin_ctzll(digits);
        if (node->children & bit_of(digit)) {
            list_below(node->words[child_at(node, level, digit)].child, listing);
            continue;
        }
        unsigned at = pair_at(node, level, digit);
        uint64_t key = level ? node->words[at].key : (node->place | digit);
        if (key < listing->from) continue;
        listing->entries[listing->count++] = (struct radix_entry){key, node->words[at + pair_words(level) - 1].value};
    }
}

size_t radix_list(const struct radix *map, uint64_t from, struct radix_entry *entries, size_t room)
{
    struct listing listing = {.from = from, .entries = entries, .room = room};
    if (map->root) list_below(map->root, &listing);
    return listing.count;
}

/* ------------------------------------------------------------------ check */

static const char *check_pair(const struct radix_node *node, unsigned level, unsigned digit)
{
    unsigned at = pair_at(node, level, digit);
    if (!node->words[at + pair_words(level) - 1].value) return "radix: a value is NULL";
    if (level == 0) return NULL;
    uint64_t key = node->words[at].key;
    if (place_of(key, level) != node->place || digit_of(key, level) != digit) return "radix: a key is misplaced";
    return NULL;
}

static const char *check_below(const struct radix_node *node, bool root, uint64_t *count)
{
    unsigned level = level_of(node);
    if (level > LEVEL_MAX || node->place != place_of(node->place, level)) return "radix: a node's place is none";
    if (node->pairs & node->children) return "radix: a digit has both a pair and a child";
    if (level == 0 && node->children) return "radix: a child below the last digit";
    unsigned entries = ones(node->pairs) + ones(node->children);
    if (entries < 2 && !(root && level == 0 && entries == 1)) return "radix: a node has too few entries";
    *count += ones(node->pairs);
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        const char *wrong = NULL;
        if (node->pairs & bit_of(digit)) {
            wrong = check_pair(node, level, digit);
        } else if (node->children & bit_of(digit)) {
            const struct radix_node *child = node->words[child_at(node, level, digit)].child;
            if (level_of(child) >= level) return "radix: a child is not below its parent";
            if (place_of(child->place, level) != node->place || digit_of(child->place, level) != digit)
                return "radix: a child is misplaced";
            wrong = check_below(child, false, count);
        }
        if (wrong) return wrong;
    }
    return NULL;
}

const char *radix_check(const struct radix *map)
{
    uint64_t count = 0;
    const char *wrong = map->root ? check_below(map->root, true, &count) : NULL;
    if (wrong) return wrong;
    return count == map->count ? NULL : "radix: the count is wrong";
}
