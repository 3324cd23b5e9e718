/* The radix map, against a sorted array. Budget: 2 s. FIGARO_SEED replays a history. */
#include "engine/core/radix.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint64_t heap_calls, heap_fails_at;

static void *heap_allocate(void *context, size_t size)
{
    (void)context;
    return ++heap_calls == heap_fails_at ? NULL : malloc(size);
}

static void heap_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static const struct nodes_allocator allocator = {heap_allocate, heap_release, NULL};

static struct nodes *fresh_pool(void)
{
    heap_calls = heap_fails_at = 0;
    return nodes_create(&allocator);
}

/* ------------------------------------------------------------------ the model */

enum { KEYS = 1500, VERSIONS = 3 };

struct pair {
    uint64_t key;
    void *value;
};

struct model {
    struct pair pairs[KEYS];
    size_t count;
};

struct version {
    struct radix map;
    struct model model;
    uint64_t generation;
};

static struct model model, before;
static struct version versions[VERSIONS]; /* by generation */
static size_t version_count;
static uint64_t seed;
static unsigned step;

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            cr_assert_fail("%s: step %u, replay with FIGARO_SEED=%llu", #condition, step, (unsigned long long)seed);   \
    } while (0)

static size_t model_place(const struct model *of, uint64_t key)
{
    size_t low = 0;
    for (size_t high = of->count; low < high;) {
        size_t middle = (low + high) / 2;
        if (of->pairs[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool model_has(const struct model *of, size_t place, uint64_t key)
{
    return place < of->count && of->pairs[place].key == key;
}

/* How keys are drawn: dense ids, hashes, keys that differ in few bits, and the ends of the range. */
static uint64_t random_key(struct support_random *random, unsigned kind)
{
    switch (kind) {
    case 0: return support_below(random, 1000);
    case 1: return support_next(random);
    case 2: return (support_next(random) & UINT64_C(0x8410000000041043)) | (support_chance(random, 5) ? 64 : 0);
    case 3: return support_chance(random, 50) ? UINT64_MAX - support_below(random, 200) : support_below(random, 200);
    default: return random_key(random, (unsigned)support_below(random, 4));
    }
}

static void must_equal(const struct radix *map, const struct model *of)
{
    MUST(map->count == of->count);
    uint64_t from = 0, key;
    void *value;
    for (size_t i = 0; i < of->count; i++) {
        MUST(radix_next(map, from, &key, &value));
        MUST(key == of->pairs[i].key && value == of->pairs[i].value);
        from = key + 1;
    }
    MUST(from == 0 || !radix_next(map, from, &key, &value));
    const char *wrong = radix_check(map);
    if (wrong) cr_assert_fail("%s: step %u, replay with FIGARO_SEED=%llu", wrong, step, (unsigned long long)seed);
}

/* ------------------------------------------------------------------ one history */

static void edit(struct nodes *nodes, struct radix *map, struct support_random *random, unsigned kind, bool grow)
{
    uint64_t key = random_key(random, kind);
    bool put = support_chance(random, grow ? 75 : 25);
    if (!put && model.count > 0 && support_chance(random, 80))
        key = model.pairs[support_below(random, model.count)].key;
    size_t place = model_place(&model, key);
    bool has = model_has(&model, place, key);
    void *was = has ? model.pairs[place].value : NULL;
    MUST(nodes_reserve(nodes, RADIX_RESERVE_BYTES));
    size_t most = nodes_usage(nodes).live_bytes + RADIX_RESERVE_BYTES;
    uint64_t calls = heap_calls;
    if (!put) {
        MUST(radix_remove(nodes, map, key) == was);
        if (has) memmove(&model.pairs[place], &model.pairs[place + 1], (--model.count - place) * sizeof *model.pairs);
    } else if (has || model.count < KEYS) {
        void *value = (void *)(uintptr_t)(support_next(random) | 1);
        MUST(radix_put(nodes, map, key, value) == was);
        if (!has) {
            memmove(&model.pairs[place + 1], &model.pairs[place], (model.count++ - place) * sizeof *model.pairs);
            model.pairs[place].key = key;
        }
        model.pairs[place].value = value;
    }
    MUST(heap_calls == calls && nodes_usage(nodes).live_bytes <= most);
}

static void look_up(const struct radix *map, struct support_random *random, unsigned kind)
{
    uint64_t key = random_key(random, kind), found;
    if (model.count && support_chance(random, 50)) key = model.pairs[support_below(random, model.count)].key;
    size_t place = model_place(&model, key);
    MUST(radix_get(map, key) == (model_has(&model, place, key) ? model.pairs[place].value : NULL));
    void *value;
    bool any = radix_next(map, key, &found, &value);
    MUST(any == (place < model.count));
    MUST(!any || (found == model.pairs[place].key && value == model.pairs[place].value));
    struct radix_entry listed[20];
    size_t room = support_below(random, 21), left = model.count - place;
    size_t count = radix_list(map, key, listed, room);
    MUST(count == (left < room ? left : room));
    for (size_t i = 0; i < count; i++)
        MUST(listed[i].key == model.pairs[place + i].key && listed[i].value == model.pairs[place + i].value);
}

static void keep_version(const struct nodes *nodes, const struct radix *map, struct support_random *random)
{
    if (version_count == VERSIONS) {
        size_t which = support_below(random, VERSIONS);
        must_equal(&versions[which].map, &versions[which].model);
        memmove(&versions[which], &versions[which + 1], (--version_count - which) * sizeof *versions);
    }
    versions[version_count++] = (struct version){*map, model, nodes_generation(nodes)};
}

static void collect(struct nodes *nodes)
{
    uint64_t pinned[VERSIONS];
    for (size_t i = 0; i < version_count; i++) pinned[i] = versions[i].generation;
    nodes_collect(nodes, pinned, version_count);
}

static void one_history(uint64_t from)
{
    seed = from;
    struct support_random random = support_random_from(seed);
    struct nodes *nodes = fresh_pool();
    struct radix map = {.root = NULL};
    model.count = version_count = 0;
    unsigned kind = (unsigned)support_below(&random, 5), steps = 150;
    for (step = 0; step < steps; step++) {
        struct radix old = map;
        bool abandon = support_chance(&random, 10);
        if (abandon) before = model;
        nodes_begin(nodes);
        for (uint64_t i = support_below(&random, 30); i > 0; i--) edit(nodes, &map, &random, kind, step < steps / 2);
        if (abandon) {
            nodes_abandon(nodes);
            map = old;
            model = before;
            must_equal(&map, &model);
        } else {
            nodes_publish(nodes);
        }
        for (unsigned i = 0; i < 10; i++) look_up(&map, &random, kind);
        if (support_chance(&random, 10)) keep_version(nodes, &map, &random);
        collect(nodes);
        if (step % 16 == 0) must_equal(&map, &model);
    }
    for (size_t i = 0; i < version_count; i++) must_equal(&versions[i].map, &versions[i].model);
    must_equal(&map, &model);
    nodes_destroy(nodes);
}

Test(radix, random_histories_agree_with_an_array)
{
    struct support_seeds seeds = support_seeds_of(2, 4);
    for (uint64_t i = seeds.first; i < seeds.end; i++) one_history(i);
}

/* ------------------------------------------------------------------ single matters */

Test(radix, an_empty_map_has_nothing)
{
    struct radix map = {.root = NULL};
    uint64_t key;
    void *value;
    cr_assert_null(radix_get(&map, 0));
    cr_assert_not(radix_next(&map, 0, &key, &value));
    cr_assert_null(radix_check(&map));
}

/* What goes in comes out, in any order, until nothing is left, not even memory. */
Test(radix, removing_everything_leaves_nothing)
{
    enum { COUNT = 20000 };
    struct nodes *nodes = fresh_pool();
    struct support_random random = support_random_from(1);
    static uint64_t keys[COUNT];
    struct radix map = {.root = NULL};
    for (unsigned kind = 0; kind < 2; kind++) {
        for (unsigned i = 0; i < COUNT; i++) {
            keys[i] = kind ? support_next(&random) : i;
            nodes_begin(nodes);
            cr_assert(nodes_reserve(nodes, RADIX_RESERVE_BYTES));
            if (radix_put(nodes, &map, keys[i], &keys[i])) cr_assert_fail("key %u was there", i);
            nodes_publish(nodes);
            nodes_collect(nodes, NULL, 0);
        }
        cr_assert_null(radix_check(&map));
        for (unsigned i = COUNT; i > 0; i--) {
            size_t which = support_below(&random, i);
            nodes_begin(nodes);
            cr_assert(nodes_reserve(nodes, RADIX_RESERVE_BYTES));
            if (!radix_remove(nodes, &map, keys[which])) cr_assert_fail("a key was lost");
            nodes_publish(nodes);
            nodes_collect(nodes, NULL, 0);
            keys[which] = keys[i - 1];
        }
        cr_assert_null(map.root);
        cr_assert_eq(map.count, 0);
        cr_assert_eq(nodes_usage(nodes).live_bytes, 0);
    }
    nodes_destroy(nodes);
}

/* Made at once, a map is the one that putting the keys one by one makes: nodes depend on the set alone. */
Test(radix, made_at_once_or_one_by_one)
{
    struct support_seeds seeds = support_seeds_of(3, 4);
    static struct radix_entry entries[KEYS];
    for (seed = seeds.first; seed < seeds.end; seed++) {
        struct support_random random = support_random_from(seed);
        unsigned kind = (unsigned)support_below(&random, 5);
        model.count = 0;
        for (size_t tries = support_below(&random, KEYS); tries > 0; tries--) {
            uint64_t key = random_key(&random, kind);
            size_t place = model_place(&model, key);
            if (model_has(&model, place, key)) continue;
            memmove(&model.pairs[place + 1], &model.pairs[place], (model.count++ - place) * sizeof *model.pairs);
            model.pairs[place] = (struct pair){key, (void *)(uintptr_t)(key | 1)};
        }
        for (size_t i = 0; i < model.count; i++)
            entries[i] = (struct radix_entry){model.pairs[i].key, model.pairs[i].value};
        struct nodes *nodes = fresh_pool();
        struct radix bulk = {.root = NULL}, one = {.root = NULL};
        nodes_begin(nodes);
        MUST(radix_bulk(nodes, &bulk, entries, model.count));
        must_equal(&bulk, &model);
        size_t bytes = nodes_usage(nodes).live_bytes;
        for (size_t i = 0; i < model.count; i++) {
            MUST(nodes_reserve(nodes, RADIX_RESERVE_BYTES));
            radix_put(nodes, &one, entries[i].key, entries[i].value);
        }
        MUST(nodes_usage(nodes).live_bytes == 2 * bytes);
        nodes_publish(nodes);
        nodes_destroy(nodes);
    }
}

Test(radix, a_bulk_without_memory_changes_nothing)
{
    static struct radix_entry entries[KEYS];
    for (size_t i = 0; i < KEYS; i++) entries[i] = (struct radix_entry){i * 999983, &entries[i]};
    bool done = false;
    for (uint64_t nth = 2; !done; nth++) {
        struct nodes *nodes = fresh_pool();
        struct radix map = {.root = NULL};
        heap_fails_at = nth;
        nodes_begin(nodes);
        done = radix_bulk(nodes, &map, entries, KEYS);
        cr_assert_eq(map.count, done ? KEYS : 0);
        cr_assert_null(radix_check(&map));
        nodes_abandon(nodes);
        cr_assert_eq(nodes_usage(nodes).live_bytes, 0);
        nodes_destroy(nodes);
    }
}

static size_t bytes_of(uint64_t count, bool hashed)
{
    struct nodes *nodes = fresh_pool();
    struct support_random random = support_random_from(1);
    struct radix map = {.root = NULL};
    nodes_begin(nodes);
    for (uint64_t i = 1; i <= count; i++) {
        cr_assert(nodes_reserve(nodes, RADIX_RESERVE_BYTES));
        radix_put(nodes, &map, hashed ? support_next(&random) : i, &map);
    }
    nodes_publish(nodes);
    size_t bytes = nodes_usage(nodes).live_bytes;
    nodes_destroy(nodes);
    return bytes;
}

Test(radix, dense_ids_and_hashes_are_compact)
{
    cr_expect_leq(bytes_of(100000, false), 100000 * 10);
    for (uint64_t count = 10000; count <= 320000; count *= 2) {
        size_t bytes = bytes_of(count, true);
        cr_expect_leq(bytes, count * 34, "%llu hashes: %.1f bytes each", (unsigned long long)count,
                      (double)bytes / (double)count);
    }
}

/* Each call of the allocator fails once; a reservation that fails leaves the map as it was. */
Test(radix, failed_reservations_change_nothing)
{
    for (uint64_t nth = 2; nth < 30; nth++) {
        struct nodes *nodes = fresh_pool();
        struct radix map = {.root = NULL};
        heap_fails_at = nth;
        uint64_t refused = 0;
        for (uint64_t key = 1; key <= 3000; key++) {
            nodes_begin(nodes);
            if (nodes_reserve(nodes, RADIX_RESERVE_BYTES)) {
                radix_put(nodes, &map, key * 977, &map);
                nodes_publish(nodes);
            } else {
                nodes_abandon(nodes);
                refused++;
            }
        }
        cr_assert_eq(map.count + refused, 3000);
        cr_assert_null(radix_check(&map));
        nodes_destroy(nodes);
    }
}
