/* The interval tree, against a sorted array. Budget: 6 s. FIGARO_SEED replays a history. */
#include "engine/core/tree.h"

#include "engine/core/conflict.h"
#include "engine/figaro.h"
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

enum { ITEMS = 4000, VERSIONS = 3 };

struct model {
    size_t count;
    struct tree_item items[ITEMS]; /* by (start, id) */
};

struct version {
    struct tree tree;
    struct model model;
    uint64_t generation;
};

/* How items are drawn in one history. */
struct habit {
    int64_t from_s, to_s; /* starts */
    int64_t step_s;       /* starts are multiples of it */
    int64_t duration_s;   /* at most */
    int64_t buffer_s;     /* at most */
    unsigned held_percent;
    unsigned ids; /* at most */
    size_t items; /* about so many */
    bool disjoint;
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

static void must_be_sound(const struct tree *tree)
{
    const char *wrong = tree_check(tree);
    if (wrong) cr_assert_fail("%s: step %u, replay with FIGARO_SEED=%llu", wrong, step, (unsigned long long)seed);
}

static int64_t end_of(const struct tree_item *item) { return item->start_s + item->duration_s; }
static int64_t buffered_begin(const struct tree_item *item) { return item->start_s - item->before_s; }
static int64_t buffered_end(const struct tree_item *item) { return end_of(item) + item->after_s; }

static bool equal(const struct tree_item *a, const struct tree_item *b)
{
    return a->start_s == b->start_s && a->duration_s == b->duration_s && a->before_s == b->before_s &&
           a->after_s == b->after_s && a->held == b->held && a->id == b->id;
}

static int compare_items(const void *left, const void *right)
{
    const struct tree_item *a = left, *b = right;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* The first item >= (start, id). */
static size_t model_place(const struct model *of, int64_t start_s, uint64_t id)
{
    struct tree_item sought = {.start_s = start_s, .id = id};
    size_t low = 0;
    for (size_t high = of->count; low < high;) {
        size_t middle = (low + high) / 2;
        if (compare_items(&of->items[middle], &sought) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool model_has(const struct model *of, const struct tree_item *item)
{
    size_t place = model_place(of, item->start_s, item->id);
    return place < of->count && compare_items(&of->items[place], item) == 0;
}

/* By the definition: a core that meets the other's buffered span. */
static bool cross(const struct tree_item *a, const struct tree_item *b)
{
    return (a->start_s < buffered_end(b) && buffered_begin(b) < end_of(a)) ||
           (b->start_s < buffered_end(a) && buffered_begin(a) < end_of(b));
}

static uint32_t model_crossings(const struct model *of)
{
    uint32_t crossings = 0;
    for (size_t i = 1; i < of->count; i++) crossings += cross(&of->items[i - 1], &of->items[i]);
    return crossings;
}

static uint32_t model_buffered(const struct model *of)
{
    uint32_t buffered = 0;
    for (size_t i = 0; i < of->count; i++) buffered += of->items[i].before_s > 0 || of->items[i].after_s > 0;
    return buffered;
}

/* ------------------------------------------------------------------ what is compared */

static void must_equal(const struct tree *tree, const struct model *of)
{
    must_be_sound(tree);
    MUST(tree->count == of->count && tree->crossings == model_crossings(of));
    MUST(tree->buffered == model_buffered(of));
    struct tree_cursor cursor;
    bool more = tree_ceiling(tree, INT64_MIN, &cursor);
    for (size_t i = 0; i < of->count; i++, more = tree_next(tree, &cursor)) {
        struct tree_item item = more ? tree_at(&cursor) : (struct tree_item){.id = 0};
        MUST(more && equal(&item, &of->items[i]));
    }
    MUST(!more && !tree_next(tree, &cursor) && !tree_previous(tree, &cursor));
    more = tree_floor(tree, INT64_MAX, &cursor);
    for (size_t i = of->count; i-- > 0; more = tree_previous(tree, &cursor)) {
        struct tree_item item = more ? tree_at(&cursor) : (struct tree_item){.id = 0};
        MUST(more && equal(&item, &of->items[i]));
    }
    MUST(!more);
}

static void compare_places(const struct tree *tree, int64_t at_s, uint64_t id)
{
    struct tree_cursor cursor;
    struct tree_item item;
    size_t place = model_place(&model, at_s, 0);
    bool found = tree_ceiling(tree, at_s, &cursor);
    MUST(found == (place < model.count));
    MUST(!found || (item = tree_at(&cursor), equal(&item, &model.items[place])));
    place = model_place(&model, at_s + 1, 0);
    found = tree_floor(tree, at_s, &cursor);
    MUST(found == (place > 0));
    MUST(!found || (item = tree_at(&cursor), equal(&item, &model.items[place - 1])));
    place = model_place(&model, at_s, id);
    found = tree_find(tree, at_s, id, &item);
    MUST(found == (place < model.count && model.items[place].start_s == at_s && model.items[place].id == id));
    MUST(!found || equal(&item, &model.items[place]));
}

static void compare_overlap(const struct tree *tree, int64_t from_s, int64_t to_s)
{
    struct tree_cursor cursor;
    tree_prefetch(tree, from_s); /* of any tree, and any instant: it changes nothing */
    bool more = tree_first_overlap(tree, from_s, to_s, &cursor);
    for (size_t i = 0; i < model.count; i++) {
        const struct tree_item *expected = &model.items[i];
        if (from_s >= to_s || buffered_begin(expected) >= to_s || buffered_end(expected) <= from_s) continue;
        struct tree_item item = more ? tree_at(&cursor) : (struct tree_item){.id = 0};
        MUST(more && equal(&item, expected));
        more = tree_next_overlap(tree, from_s, to_s, &cursor);
    }
    MUST(!more);
}

/* Moves past whatever is in the way until nothing is. */
static int64_t model_gap(int64_t from_s, int64_t length_s)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < model.count; i++) {
            const struct tree_item *item = &model.items[i];
            if (item->held || buffered_begin(item) >= from_s + length_s || buffered_end(item) <= from_s) continue;
            from_s = buffered_end(item);
            moved = true;
        }
    }
    return from_s;
}

static void compare_gap(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s)
{
    int64_t expected = model_gap(from_s, length_s), start_s = INT64_MIN;
    bool found = tree_gap(tree, from_s, to_s, length_s, &start_s);
    MUST(found == (expected + length_s <= to_s));
    MUST(start_s == (found ? expected : INT64_MIN));
    bool may_be = tree_gap_floor(tree, from_s, to_s, length_s, &start_s);
    MUST(may_be || !found);
    MUST(!may_be || (start_s >= from_s && start_s <= expected));
}

static void compare_answers(const struct tree *tree, const struct habit *habit, struct support_random *random)
{
    int64_t at_s = support_between(random, habit->from_s - 10, habit->to_s + 10);
    uint64_t id = 1 + support_below(random, habit->ids);
    if (model.count && support_chance(random, 60)) {
        const struct tree_item *near = &model.items[support_below(random, model.count)];
        at_s = near->start_s + support_between(random, -1, 1);
        if (support_chance(random, 50)) at_s = buffered_end(near);
        id = near->id + support_below(random, 2);
    }
    compare_places(tree, at_s, id);
    compare_overlap(tree, at_s, at_s + support_between(random, -1, 3 * habit->duration_s));
    int64_t horizon_s = support_chance(random, 50) ? habit->to_s - habit->from_s : 10 * habit->duration_s;
    compare_gap(tree, at_s, at_s + support_between(random, 0, horizon_s),
                support_between(random, 1, 1 + 2 * habit->duration_s));
}

/* ------------------------------------------------------------------ one history */

static struct habit random_habit(struct support_random *random)
{
    struct habit habit = {.from_s = support_between(random, FIG_TIME_MIN, FIG_TIME_MAX - 1000000)};
    habit.to_s = habit.from_s + support_between(random, 1, 1) * (1 << support_between(random, 0, 19));
    habit.step_s = support_chance(random, 50) ? 1 : 300;
    habit.duration_s = 1 << support_below(random, 14);
    habit.buffer_s = support_chance(random, 50) ? 0 : 1 << support_below(random, 12);
    habit.held_percent = (unsigned)support_below(random, 3) * 20;
    habit.ids = 1u << support_below(random, 16);
    habit.items = (size_t)1 << support_between(random, 2, 11);
    if (support_chance(random, 10)) {
        habit.from_s = FIG_TIME_MIN;
        habit.to_s = FIG_TIME_MAX;
        habit.duration_s = FIG_DURATION_MAX;
        habit.buffer_s = FIG_BUFFER_MAX;
    }
    habit.disjoint = support_chance(random, 30);
    return habit;
}

static struct tree_item random_item(const struct habit *habit, struct support_random *random)
{
    int64_t start_s = support_between(random, habit->from_s, habit->to_s) / habit->step_s * habit->step_s;
    return (struct tree_item){
        .start_s = start_s < FIG_TIME_MIN ? FIG_TIME_MIN : start_s,
        .duration_s = (uint32_t)support_between(random, 1, habit->duration_s),
        .before_s = (uint32_t)support_between(random, 0, habit->buffer_s),
        .after_s = (uint32_t)support_between(random, 0, habit->buffer_s),
        .held = support_chance(random, habit->held_percent),
        .id = 1 + support_below(random, habit->ids),
    };
}

static bool free_of_crossings(const struct tree_item *item)
{
    size_t place = model_place(&model, item->start_s, item->id);
    return (place == 0 || !cross(&model.items[place - 1], item)) &&
           (place == model.count || !cross(item, &model.items[place]));
}

/* What an edit allocates shows here: what it retires is counted on. */
static size_t live_bytes(const struct nodes *nodes) { return nodes_usage(nodes).live_bytes; }

static void insert(struct nodes *nodes, struct tree *tree, const struct tree_item *item)
{
    size_t place = model_place(&model, item->start_s, item->id);
    MUST(nodes_reserve(nodes, tree_reserve_bytes(tree)));
    size_t most = live_bytes(nodes) + tree_reserve_bytes(tree);
    uint64_t calls = heap_calls;
    tree_insert(nodes, tree, item);
    MUST(heap_calls == calls && live_bytes(nodes) <= most);
    memmove(&model.items[place + 1], &model.items[place], (model.count++ - place) * sizeof *model.items);
    model.items[place] = *item;
}

static void take_away(struct nodes *nodes, struct tree *tree, size_t place)
{
    MUST(nodes_reserve(nodes, tree_reserve_bytes(tree)));
    size_t most = live_bytes(nodes) + tree_reserve_bytes(tree);
    uint64_t calls = heap_calls;
    MUST(tree_remove(nodes, tree, model.items[place].start_s, model.items[place].id));
    MUST(heap_calls == calls && live_bytes(nodes) <= most);
    memmove(&model.items[place], &model.items[place + 1], (--model.count - place) * sizeof *model.items);
}

static void replace(struct nodes *nodes, struct tree *tree, size_t place, const struct tree_item *by)
{
    struct tree_item item = *by;
    item.start_s = model.items[place].start_s;
    item.id = model.items[place].id;
    MUST(nodes_reserve(nodes, tree_reserve_bytes(tree)));
    MUST(tree_replace(nodes, tree, &item));
    model.items[place] = item;
}

static void edit(struct nodes *nodes, struct tree *tree, const struct habit *habit, struct support_random *random,
                 bool grow)
{
    struct tree_item item = random_item(habit, random);
    bool add = support_chance(random, grow ? 80 : 20);
    bool there = model_has(&model, &item);
    if (!there) {
        MUST(nodes_reserve(nodes, tree_reserve_bytes(tree)));
        MUST(!tree_remove(nodes, tree, item.start_s, item.id) && !tree_replace(nodes, tree, &item));
    }
    if (add && !there && model.count < ITEMS && (!habit->disjoint || free_of_crossings(&item)))
        insert(nodes, tree, &item);
    else if (model.count > 0 && support_chance(random, 30) && !habit->disjoint)
        replace(nodes, tree, support_below(random, model.count), &item);
    else if (model.count > 0 && !add)
        take_away(nodes, tree, support_below(random, model.count));
}

static void keep_version(const struct nodes *nodes, const struct tree *tree, struct support_random *random)
{
    if (version_count == VERSIONS) {
        size_t which = support_below(random, VERSIONS);
        must_equal(&versions[which].tree, &versions[which].model);
        memmove(&versions[which], &versions[which + 1], (--version_count - which) * sizeof *versions);
    }
    versions[version_count++] = (struct version){*tree, model, nodes_generation(nodes)};
}

static void collect(struct nodes *nodes)
{
    uint64_t pinned[VERSIONS];
    for (size_t i = 0; i < version_count; i++) pinned[i] = versions[i].generation;
    nodes_collect(nodes, pinned, version_count);
}

/* A generation of some edits, now and then undone. */
static void one_generation(struct nodes *nodes, struct tree *tree, const struct habit *habit,
                           struct support_random *random, bool grow)
{
    struct tree old = *tree;
    bool abandon = support_chance(random, 10);
    if (abandon) before = model;
    nodes_begin(nodes);
    for (uint64_t i = support_below(random, 1 + habit->items / 20); i > 0; i--) edit(nodes, tree, habit, random, grow);
    if (abandon) {
        nodes_abandon(nodes);
        *tree = old;
        model = before;
        must_equal(tree, &model);
    } else {
        nodes_publish(nodes);
    }
}

static struct tree begin_history(struct nodes *nodes, const struct habit *habit, struct support_random *random)
{
    model.count = version_count = 0;
    size_t count = support_chance(random, 50) ? support_below(random, habit->items) : 0;
    for (size_t i = 0; i < count; i++) {
        struct tree_item item = random_item(habit, random);
        if (model_has(&model, &item) || (habit->disjoint && !free_of_crossings(&item))) continue;
        model.items[model.count++] = item;
        qsort(model.items, model.count, sizeof *model.items, compare_items);
    }
    nodes_begin(nodes);
    MUST(nodes_reserve(nodes, tree_bulk_bytes(model.count)));
    uint64_t calls = heap_calls;
    struct tree tree = tree_bulk(nodes, model.items, model.count);
    MUST(heap_calls == calls && live_bytes(nodes) <= tree_bulk_bytes(model.count));
    nodes_publish(nodes);
    must_equal(&tree, &model);
    return tree;
}

static void one_history(uint64_t from)
{
    seed = from;
    step = 0;
    struct support_random random = support_random_from(seed);
    struct nodes *nodes = fresh_pool();
    struct habit habit = random_habit(&random);
    struct tree tree = begin_history(nodes, &habit, &random);
    unsigned steps = 100;
    for (step = 1; step <= steps; step++) {
        one_generation(nodes, &tree, &habit, &random, step < steps / 2);
        if (habit.disjoint) MUST(tree.crossings == 0);
        if (support_chance(&random, 10)) keep_version(nodes, &tree, &random);
        collect(nodes);
        if (step % 8 == 0) must_be_sound(&tree);
        for (unsigned i = 0; i < 4; i++) compare_answers(&tree, &habit, &random);
    }
    must_equal(&tree, &model);
    for (size_t i = 0; i < version_count; i++) must_equal(&versions[i].tree, &versions[i].model);
    nodes_begin(nodes);
    tree_clear(nodes, &tree);
    nodes_publish(nodes);
    for (size_t i = 0; i < version_count; i++) must_equal(&versions[i].tree, &versions[i].model);
    nodes_collect(nodes, NULL, 0);
    MUST(nodes_usage(nodes).live_bytes == 0);
    nodes_destroy(nodes);
}

Test(tree, random_histories_agree_with_an_array)
{
    struct support_seeds seeds = support_seeds_of(0, 2);
    for (uint64_t i = seeds.first; i < seeds.end; i++) one_history(i);
}

/* ------------------------------------------------------------------ sizes and shapes */

/* One pool, one tree, one generation for each edit. */
struct bench {
    struct nodes *nodes;
    struct tree tree;
};

static struct bench set_up(void) { return (struct bench){.nodes = fresh_pool()}; }

static void bench_insert(struct bench *bench, const struct tree_item *item)
{
    nodes_begin(bench->nodes);
    cr_assert(nodes_reserve(bench->nodes, tree_reserve_bytes(&bench->tree)));
    tree_insert(bench->nodes, &bench->tree, item);
    nodes_publish(bench->nodes);
    nodes_collect(bench->nodes, NULL, 0);
}

static void bench_remove(struct bench *bench, int64_t start_s, uint64_t id)
{
    nodes_begin(bench->nodes);
    cr_assert(nodes_reserve(bench->nodes, tree_reserve_bytes(&bench->tree)));
    if (!tree_remove(bench->nodes, &bench->tree, start_s, id)) cr_assert_fail("an item was lost");
    nodes_publish(bench->nodes);
    nodes_collect(bench->nodes, NULL, 0);
}

static double bytes_each(const struct bench *bench)
{
    return (double)nodes_usage(bench->nodes).live_bytes / bench->tree.count;
}

static struct tree_item plain_item(int64_t start_s, uint64_t id)
{
    return (struct tree_item){.start_s = start_s, .duration_s = 1200, .id = id};
}

Test(tree, items_in_order_leave_full_leaves)
{
    struct bench bench = set_up();
    for (unsigned i = 0; i < 50000; i++) {
        struct tree_item item = plain_item(i * INT64_C(1800), i + 1);
        bench_insert(&bench, &item);
    }
    cr_assert_null(tree_check(&bench.tree));
    cr_assert_eq(bench.tree.crossings, 0);
    cr_assert_lt(bytes_each(&bench), 26);
    nodes_destroy(bench.nodes);
}

Test(tree, memory_follows_the_items)
{
    enum { COUNT = 30000 };
    static uint32_t order[COUNT];
    struct bench bench = set_up();
    struct support_random random = support_random_from(7);
    for (uint32_t i = 0; i < COUNT; i++) order[i] = i;
    for (uint32_t i = COUNT; i-- > 1;) {
        uint32_t other = (uint32_t)support_below(&random, i + 1), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct tree_item item = plain_item(order[i] * INT64_C(1800), order[i] + 1);
        bench_insert(&bench, &item);
    }
    cr_assert_null(tree_check(&bench.tree));
    cr_expect_lt(bytes_each(&bench), 40);
    for (unsigned i = 0; i < COUNT; i++) {
        bench_remove(&bench, order[i] * INT64_C(1800), order[i] + 1);
        if (i % 1000 != 999 || bench.tree.count < 200) continue;
        cr_assert_null(tree_check(&bench.tree));
        cr_expect_lt(bytes_each(&bench), 64, "%u left: %.1f bytes each", bench.tree.count, bytes_each(&bench));
    }
    cr_assert_null(bench.tree.root);
    cr_assert_eq(nodes_usage(bench.nodes).live_bytes, 0);
    nodes_destroy(bench.nodes);
}

/* A client of a few appointments must not cost a client of sixty. */
Test(tree, small_trees_are_small)
{
    static const struct {
        unsigned count;
        size_t bytes;
    } most[] = {{1, 112}, {4, 112}, {5, 304}, {12, 304}, {28, 688}, {44, 1088}};
    for (size_t k = 0; k < sizeof most / sizeof *most; k++) {
        struct bench bench = set_up();
        for (unsigned i = 0; i < most[k].count; i++) {
            struct tree_item item = plain_item(i * INT64_C(1800), i + 1);
            bench_insert(&bench, &item);
        }
        cr_expect_leq(nodes_usage(bench.nodes).live_bytes, most[k].bytes);
        for (unsigned i = most[k].count; i-- > 1;) bench_remove(&bench, i * INT64_C(1800), i + 1);
        cr_expect_leq(nodes_usage(bench.nodes).live_bytes, 112);
        nodes_destroy(bench.nodes);
    }
}

/* Many items start in one second: only their ids tell them apart, across many leaves. */
Test(tree, thousands_of_equal_starts)
{
    enum { COUNT = 5000 };
    const int64_t starts[] = {1000, 1001, 1007, 1008};
    struct bench bench = set_up();
    struct support_random random = support_random_from(3);
    for (unsigned i = 0; i < COUNT; i++) {
        struct tree_item item = plain_item(starts[support_below(&random, 4)], support_next(&random) | 1);
        model.items[i % ITEMS] = item;
        bench_insert(&bench, &item);
        if (i % 500 == 0) cr_assert_null(tree_check(&bench.tree));
    }
    cr_assert_eq(bench.tree.crossings, COUNT - 1);
    for (unsigned i = COUNT - ITEMS; i < COUNT; i++) {
        struct tree_item item;
        const struct tree_item *sought = &model.items[i % ITEMS];
        if (!tree_find(&bench.tree, sought->start_s, sought->id, &item)) cr_assert_fail("item %u is not found", i);
        bench_remove(&bench, sought->start_s, sought->id);
    }
    cr_assert_eq(bench.tree.count, COUNT - ITEMS);
    cr_assert_null(tree_check(&bench.tree));
    nodes_destroy(bench.nodes);
}

Test(tree, the_ends_of_time_and_of_every_field)
{
    struct bench bench = set_up();
    const int64_t starts[] = {FIG_TIME_MIN,
                              FIG_TIME_MIN + 1,
                              -1,
                              0,
                              INT64_C(2085978496),
                              INT64_C(2147483647),
                              INT64_C(2147483648),
                              INT64_C(4294967296),
                              FIG_TIME_MAX - FIG_DURATION_MAX,
                              FIG_TIME_MAX - 1,
                              FIG_TIME_MAX};
    size_t count = sizeof starts / sizeof *starts;
    for (size_t i = 0; i < count; i++) {
        struct tree_item item = {starts[i],     i % 2 ? 1 : FIG_DURATION_MAX, FIG_BUFFER_MAX, FIG_BUFFER_MAX, false,
                                 UINT64_MAX - i};
        bench_insert(&bench, &item);
    }
    cr_assert_null(tree_check(&bench.tree));
    for (size_t i = 0; i < count; i++) {
        struct tree_item item;
        cr_assert(tree_find(&bench.tree, starts[i], UINT64_MAX - i, &item));
        cr_assert_eq(item.duration_s, i % 2 ? 1 : FIG_DURATION_MAX);
        cr_assert_eq(item.before_s, FIG_BUFFER_MAX);
        cr_assert_eq(item.after_s, FIG_BUFFER_MAX);
    }
    struct tree_cursor cursor;
    int64_t gap_s;
    cr_assert(tree_first_overlap(&bench.tree, INT64_MIN, INT64_MAX, &cursor));
    cr_assert(
        tree_first_overlap(&bench.tree, FIG_TIME_MIN - FIG_BUFFER_MAX, FIG_TIME_MIN - FIG_BUFFER_MAX + 1, &cursor));
    cr_assert_not(tree_first_overlap(&bench.tree, INT64_MIN, FIG_TIME_MIN - FIG_BUFFER_MAX, &cursor));
    cr_assert(tree_gap(&bench.tree, FIG_TIME_MAX, INT64_MAX, 1, &gap_s));
    cr_assert_eq(gap_s, FIG_TIME_MAX + FIG_DURATION_MAX + FIG_BUFFER_MAX);
    cr_assert(tree_gap(&bench.tree, INT64_MIN / 8, INT64_MAX, 1, &gap_s));
    cr_assert_eq(gap_s, INT64_MIN / 8);
    nodes_destroy(bench.nodes);
}

Test(tree, an_empty_tree_answers)
{
    struct tree tree = {.root = NULL};
    struct tree_cursor cursor;
    struct tree_item item;
    int64_t start_s;
    struct nodes *nodes = fresh_pool();
    nodes_begin(nodes);
    cr_assert_not(tree_find(&tree, 0, 1, &item));
    cr_assert_not(tree_floor(&tree, 0, &cursor));
    cr_assert_not(tree_ceiling(&tree, 0, &cursor));
    cr_assert_not(tree_first_overlap(&tree, 0, 1, &cursor));
    cr_assert_not(tree_next_overlap(&tree, 0, 1, &cursor));
    cr_assert(tree_gap(&tree, 5, 10, 5, &start_s) && start_s == 5);
    cr_assert_not(tree_gap(&tree, 5, 10, 6, &start_s));
    cr_assert_not(tree_remove(nodes, &tree, 0, 1));
    cr_assert_not(tree_replace(nodes, &tree, &(struct tree_item){.id = 1, .duration_s = 1}));
    tree_clear(nodes, &tree);
    tree = tree_bulk(nodes, NULL, 0);
    cr_assert_null(tree.root);
    cr_assert_null(tree_check(&tree));
    nodes_publish(nodes);
    nodes_destroy(nodes);
}

/* Within one generation a node is copied once, and then edited where it lies. */
Test(tree, a_generation_copies_a_node_once)
{
    struct bench bench = set_up();
    for (unsigned i = 0; i < 1000; i++) {
        struct tree_item item = plain_item(i * INT64_C(3600), i + 1);
        bench_insert(&bench, &item);
    }
    nodes_begin(bench.nodes);
    for (unsigned i = 0; i < 100; i++) {
        struct tree_item item = plain_item(500 * INT64_C(3600) + 1800, i + 1);
        cr_assert(nodes_reserve(bench.nodes, tree_reserve_bytes(&bench.tree)));
        tree_insert(bench.nodes, &bench.tree, &item);
        cr_assert(tree_remove(bench.nodes, &bench.tree, item.start_s, item.id));
    }
    cr_assert_leq(nodes_usage(bench.nodes).retired_count, 2 * bench.tree.height);
    nodes_publish(bench.nodes);
    cr_assert_null(tree_check(&bench.tree));
    nodes_destroy(bench.nodes);
}

/* Everything is taken but for one gap between two leaves: it is found to the second, though summaries round.
 */
Test(tree, gaps_between_leaves_to_the_second)
{
    enum { COUNT = 2200, BEFORE = 616 }; /* three levels: the root's entries sum up inner nodes */
    static struct tree_item items[COUNT];
    struct nodes *nodes = fresh_pool();
    for (unsigned n = 0; n < 8 * 8 * 30; n++) {
        unsigned phase = n % 8, duration = 1 + n / 8 % 8, wide = 1 + n / 64;
        int64_t at_s = phase, gap_s = 0, found_s = 0;
        for (unsigned i = 0; i < COUNT; i++) {
            if (i == BEFORE) at_s = (gap_s = at_s) + wide;
            items[i] = (struct tree_item){.start_s = at_s, .duration_s = duration, .id = i + 1};
            at_s += duration;
        }
        nodes_begin(nodes);
        cr_assert(nodes_reserve(nodes, tree_bulk_bytes(COUNT)));
        struct tree tree = tree_bulk(nodes, items, COUNT);
        if (!tree_gap(&tree, phase, at_s + 100, wide, &found_s) || found_s != gap_s) cr_assert_fail("n %u", n);
        if (!tree_gap(&tree, phase, at_s + 100, wide + 1, &found_s) || found_s != at_s) cr_assert_fail("n %u", n);
        nodes_abandon(nodes);
    }
    nodes_destroy(nodes);
}

/* Large enough for four levels. */
Test(tree, large_trees)
{
    enum { COUNT = 200000 };
    struct bench bench = set_up();
    struct support_random random = support_random_from(5);
    struct tree_item *items = malloc(COUNT * sizeof *items);
    for (unsigned i = 0; i < COUNT; i++) items[i] = plain_item(FIG_TIME_MIN + i * INT64_C(1800), i + 1);
    nodes_begin(bench.nodes);
    cr_assert(nodes_reserve(bench.nodes, tree_bulk_bytes(COUNT)));
    uint64_t calls = heap_calls;
    bench.tree = tree_bulk(bench.nodes, items, COUNT);
    cr_assert_eq(heap_calls, calls);
    cr_assert_leq(live_bytes(bench.nodes), tree_bulk_bytes(COUNT));
    nodes_publish(bench.nodes);
    cr_assert_null(tree_check(&bench.tree));
    cr_assert_lt(bytes_each(&bench), 26);
    cr_assert_eq(bench.tree.height, 4);
    int64_t gap_s;
    cr_assert(tree_gap(&bench.tree, FIG_TIME_MIN, FIG_TIME_MAX, 601, &gap_s));
    cr_assert_eq(gap_s, FIG_TIME_MIN + (COUNT - 1) * INT64_C(1800) + 1200);
    for (unsigned i = 0; i < 20000; i++) {
        const struct tree_item *item = &items[support_below(&random, COUNT)];
        struct tree_item found;
        if (tree_find(&bench.tree, item->start_s, item->id, &found))
            bench_remove(&bench, item->start_s, item->id);
        else
            bench_insert(&bench, item);
    }
    cr_assert_null(tree_check(&bench.tree));
    for (unsigned i = 0; i < COUNT; i++) {
        struct tree_item found;
        if (tree_find(&bench.tree, items[i].start_s, items[i].id, &found))
            bench_remove(&bench, items[i].start_s, items[i].id);
    }
    cr_assert_null(bench.tree.root);
    nodes_destroy(bench.nodes);
    free(items);
}

/* Each call of the allocator fails once; a reservation that fails leaves the tree as it was. */
Test(tree, failed_reservations_change_nothing)
{
    for (uint64_t nth = 2; nth < 30; nth++) {
        struct nodes *nodes = fresh_pool();
        struct tree tree = {.root = NULL};
        uint32_t refused = 0;
        heap_fails_at = nth;
        for (unsigned i = 0; i < 4000; i++) {
            struct tree_item item = plain_item((i * 7919) % 4001 * INT64_C(1800), i + 1);
            nodes_begin(nodes);
            if (nodes_reserve(nodes, tree_reserve_bytes(&tree))) {
                tree_insert(nodes, &tree, &item);
                nodes_publish(nodes);
            } else {
                nodes_abandon(nodes);
                refused++;
            }
        }
        cr_assert_eq(tree.count + refused, 4000);
        cr_assert_null(tree_check(&tree));
        nodes_destroy(nodes);
    }
}
