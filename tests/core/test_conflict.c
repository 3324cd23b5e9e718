/* The one predicate, against its definition read word by word over plain arrays. Budget: 3 s. FIGARO_SEED
 * replays. */
#include "engine/core/conflict.h"

#include "engine/figaro.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void *heap_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void heap_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static const struct nodes_allocator allocator = {heap_allocate, heap_release, NULL};

enum { ITEMS = 6000 };

static struct tree_item items[ITEMS]; /* by (start, id) */
static size_t count;
static uint64_t seed;
static unsigned step;

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            cr_assert_fail("%s: step %u, replay with FIGARO_SEED=%llu", #condition, step, (unsigned long long)seed);   \
    } while (0)

/* ------------------------------------------------------------------ the definition */

struct span {
    int64_t from, to;
};

static bool meet(struct span a, struct span b) { return a.from < b.to && b.from < a.to; }

static struct span core_of(const struct tree_item *item)
{
    return (struct span){item->start_s, item->start_s + item->duration_s};
}

static struct span buffered_of(const struct tree_item *item)
{
    struct span core = core_of(item);
    return (struct span){core.from - item->before_s, core.to + item->after_s};
}

static bool by_definition(const struct tree_item *a, const struct tree_item *b, bool exclusive)
{
    if (exclusive) return meet(buffered_of(a), buffered_of(b));
    return meet(core_of(a), buffered_of(b)) || meet(core_of(b), buffered_of(a));
}

static struct probe probe_of(const struct tree_item *item, bool exclusive)
{
    return (struct probe){.start_s = item->start_s,
                          .end_s = item->start_s + item->duration_s,
                          .before_s = item->before_s,
                          .after_s = item->after_s,
                          .exclusive = exclusive};
}

/* Every pair of small spans with small buffers. */
Test(conflict, pairs_by_the_definition)
{
    for (unsigned n = 0; n < 1u << 14; n++) {
        struct tree_item a = {.start_s = 5, .duration_s = 1 + n % 4, .before_s = n / 4 % 4, .after_s = n / 16 % 4};
        for (unsigned start = 0; start < 16; start++) {
            struct tree_item b = {.start_s = start, .duration_s = 1 + n / 64 % 4, .id = 1};
            b.before_s = n / 256 % 4;
            b.after_s = n / 1024 % 4;
            bool exclusive = n / 4096 % 2;
            struct probe probe = probe_of(&a, exclusive), other = probe_of(&b, exclusive);
            if (conflict_pair(&probe, &b) != by_definition(&a, &b, exclusive))
                cr_assert_fail("n %u start %u", n, start);
            if (conflict_pair(&other, &a) != by_definition(&a, &b, exclusive))
                cr_assert_fail("n %u start %u", n, start);
        }
    }
}

/* ------------------------------------------------------------------ sets */

/* How the items of one history are drawn. */
struct habit {
    int64_t from_s, to_s;
    int64_t duration_s;
    int64_t buffer_s;
    unsigned held_percent;
    enum { SHARED, EXCLUSIVE, ANY } valid; /* which conflicts no two items have */
};

static struct habit random_habit(struct support_random *random)
{
    struct habit habit = {.from_s = support_between(random, FIG_TIME_MIN, FIG_TIME_MAX - (1 << 21))};
    habit.to_s = habit.from_s + (1 << support_between(random, 3, 19));
    habit.duration_s = 1 << support_below(random, 12);
    habit.buffer_s = support_chance(random, 30) ? 0 : 1 << support_below(random, 12);
    habit.held_percent = (unsigned)support_below(random, 3) * 30;
    habit.valid = support_chance(random, 60) ? SHARED : support_chance(random, 50) ? EXCLUSIVE : ANY;
    return habit;
}

static struct tree_item random_item(const struct habit *habit, struct support_random *random)
{
    return (struct tree_item){
        .start_s = support_between(random, habit->from_s, habit->to_s),
        .duration_s = (uint32_t)support_between(random, 1, habit->duration_s),
        .before_s = (uint32_t)support_between(random, 0, habit->buffer_s),
        .after_s = (uint32_t)support_between(random, 0, habit->buffer_s),
        .held = support_chance(random, habit->held_percent),
        .id = 1 + support_below(random, 100000),
    };
}

/* Puts it where it belongs, unless it is there or conflicts with one that is. */
static void add(const struct habit *habit, const struct tree_item *item)
{
    size_t place = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tree_item *other = &items[i];
        if (habit->valid != ANY && by_definition(item, other, habit->valid == EXCLUSIVE)) return;
        if (other->id == item->id) return;
        if (other->start_s < item->start_s || (other->start_s == item->start_s && other->id < item->id)) place = i + 1;
    }
    memmove(&items[place + 1], &items[place], (count++ - place) * sizeof *items);
    items[place] = *item;
}

/* ------------------------------------------------------------------ questions */

/* Holds whose id has a factor of three are over. */
static bool still_blocks(const void *context, uint64_t id)
{
    MUST(context == &seed);
    bool held = false;
    for (size_t i = 0; i < count; i++)
        if (items[i].id == id) held = items[i].held;
    MUST(held); /* asked of held items alone */
    return id % 3 != 0;
}

static bool counts(const struct tree_item *item, const struct probe *probe, const struct holds *holds)
{
    if (item->id == probe->ignore_id) return false;
    return !item->held || !holds || !holds->block || item->id % 3 != 0;
}

static void compare(const struct tree *tree, const struct tree_item *asked, const struct probe *probe,
                    const struct holds *holds)
{
    bool any = false;
    struct tree_cursor cursor;
    bool more = conflict_first(tree, probe, holds, &cursor);
    for (size_t i = 0; i < count; i++) {
        if (!counts(&items[i], probe, holds) || !by_definition(asked, &items[i], probe->exclusive)) continue;
        any = true;
        MUST(more && tree_at(&cursor).id == items[i].id);
        more = conflict_next(tree, probe, holds, &cursor);
    }
    MUST(!more);
    MUST(conflict_any(tree, probe, holds) == any);
}

/* A probe drawn like the items, or next to one of them, to the second. */
static struct tree_item random_question(const struct habit *habit, struct support_random *random)
{
    struct tree_item asked = random_item(habit, random);
    if (count == 0 || support_chance(random, 40)) return asked;
    const struct tree_item *near = &items[support_below(random, count)];
    int64_t slack = support_between(random, -1, 1);
    switch (support_below(random, 4)) {
    case 0: asked.start_s = near->start_s + slack; break;
    case 1: asked.start_s = core_of(near).to + asked.before_s + slack; break;
    case 2: asked.start_s = buffered_of(near).to + asked.before_s + slack; break;
    default: asked.start_s = buffered_of(near).from - asked.after_s - asked.duration_s + slack; break;
    }
    if (asked.start_s < FIG_TIME_MIN) asked.start_s = FIG_TIME_MIN;
    return asked;
}

static void ask(const struct tree *tree, const struct habit *habit, struct support_random *random)
{
    const struct holds some = {still_blocks, &seed}, all = {NULL, NULL};
    struct tree_item asked = random_question(habit, random);
    struct probe probe = probe_of(&asked, support_chance(random, 50));
    if (count && support_chance(random, 40)) probe.ignore_id = items[support_below(random, count)].id;
    compare(tree, &asked, &probe, support_chance(random, 60) ? &some : support_chance(random, 50) ? &all : NULL);
    if (count == 0) return;
    /* The nearest item ignored: the walk has to go past it. */
    size_t nearest = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].start_s <= probe.start_s) nearest = i;
    probe.ignore_id = items[nearest].id;
    compare(tree, &asked, &probe, &some);
}

static void one_history(uint64_t from)
{
    seed = from;
    step = 0;
    count = 0;
    struct support_random random = support_random_from(seed);
    struct habit habit = random_habit(&random);
    struct nodes *nodes = nodes_create(&allocator);
    struct tree tree = {.root = NULL};
    for (unsigned round = 0; round < 4; round++) {
        for (size_t tries = (size_t)1 << support_below(&random, 8); tries > 0; tries--) {
            struct tree_item item = random_item(&habit, &random);
            add(&habit, &item);
        }
        nodes_begin(nodes);
        MUST(nodes_reserve(nodes, tree_bulk_bytes(count)));
        tree = tree_bulk(nodes, items, count);
        nodes_publish(nodes);
        MUST(habit.valid == ANY || tree.crossings == 0);
        for (unsigned i = 0; i < 60; i++, step++) ask(&tree, &habit, &random);
    }
    nodes_destroy(nodes);
}

Test(conflict, random_sets_by_the_definition)
{
    struct support_seeds seeds = support_seeds_of(1, 2);
    for (uint64_t i = seeds.first; i < seeds.end; i++) one_history(i);
}

/* At every place there is, so at every end of a node: a probe that fills the gap between neighbours, which none
 * conflicts with, and one a second longer, which the second does. */
static void ask_between(const struct tree *tree, const struct tree_item *before, const struct tree_item *after)
{
    struct probe probe = {.start_s = core_of(before).to + before->after_s, .end_s = after->start_s - after->before_s};
    if (probe.start_s >= probe.end_s) return;
    MUST(!conflict_any(tree, &probe, NULL));
    probe.end_s++;
    MUST(conflict_any(tree, &probe, NULL));
}

/* Three levels, and a valid set made in order, so that it is quick. The last two are without buffers, but for one item
 * of the last. */
Test(conflict, large_sets_by_the_definition)
{
    for (seed = 1; seed <= 6; seed++) {
        struct support_random random = support_random_from(seed);
        struct habit habit = {.from_s = 0, .to_s = ITEMS * 40, .duration_s = 20, .buffer_s = 15, .held_percent = 5};
        habit.held_percent *= seed % 2;
        habit.buffer_s *= seed < 5;
        for (count = 0; count < ITEMS; count++) {
            items[count] = random_item(&habit, &random);
            items[count].id = count + 1;
            if (seed == 6 && count == ITEMS / 2) items[count].before_s = items[count].after_s = 15;
            items[count].start_s = count > 0 ? core_of(&items[count - 1]).to : 0;
            while (count > 0 && by_definition(&items[count - 1], &items[count], false)) items[count].start_s++;
            items[count].start_s += (int64_t)support_below(&random, 20);
        }
        habit.to_s = items[count - 1].start_s;
        struct nodes *nodes = nodes_create(&allocator);
        nodes_begin(nodes);
        MUST(nodes_reserve(nodes, tree_bulk_bytes(count)));
        struct tree tree = tree_bulk(nodes, items, count);
        MUST(tree.crossings == 0 && tree.height == 3 && (seed < 5 || tree.buffered == (seed == 6)));
        for (step = 0; step < 2000; step++) ask(&tree, &habit, &random);
        for (step = 1; step < ITEMS; step++) ask_between(&tree, &items[step - 1], &items[step]);
        nodes_publish(nodes);
        nodes_destroy(nodes);
    }
}

/* The claim of tree.c: no two neighbours conflict, so no two items do. Sets are made neighbour by neighbour.
 */
Test(conflict, zero_crossings_mean_a_valid_set)
{
    struct support_seeds seeds = support_seeds_of(0, 2);
    for (seed = seeds.first; seed < seeds.end; seed++) {
        struct support_random random = support_random_from(seed);
        for (count = 0; count < 60; count++) {
            struct tree_item item = {.start_s = 0, .id = count + 1};
            item.duration_s = 1 + (uint32_t)support_below(&random, 8);
            item.before_s = (uint32_t)support_below(&random, 40);
            item.after_s = (uint32_t)support_below(&random, 40);
            if (count > 0) item.start_s = items[count - 1].start_s;
            while (count > 0 && by_definition(&items[count - 1], &item, false)) item.start_s++;
            items[count] = item;
        }
        for (size_t i = 0; i < count; i++)
            for (size_t k = i + 1; k < count; k++) {
                MUST(!by_definition(&items[i], &items[k], false));
                MUST(k == i + 1 || !by_definition(&items[i], &items[k], true));
            }
    }
}

/* A year-long appointment far away from its start, and the ends of time. */
Test(conflict, however_long_an_appointment_is)
{
    struct nodes *nodes = nodes_create(&allocator);
    struct tree tree = {.root = NULL};
    nodes_begin(nodes);
    const struct tree_item year = {FIG_TIME_MAX - FIG_DURATION_MAX, FIG_DURATION_MAX, 0, 0, false, 1};
    const struct tree_item first = {FIG_TIME_MIN, 1, 0, FIG_BUFFER_MAX, false, 2};
    cr_assert(nodes_reserve(nodes, tree_reserve_bytes(&tree)));
    tree_insert(nodes, &tree, &year);
    cr_assert(nodes_reserve(nodes, tree_reserve_bytes(&tree)));
    tree_insert(nodes, &tree, &first);
    struct probe probe = {.start_s = FIG_TIME_MAX - 1, .end_s = FIG_TIME_MAX};
    cr_assert(conflict_any(&tree, &probe, NULL));
    probe = (struct probe){.start_s = FIG_TIME_MIN, .end_s = FIG_TIME_MIN + 1};
    cr_assert(conflict_any(&tree, &probe, NULL));
    probe = (struct probe){.start_s = FIG_TIME_MIN + FIG_BUFFER_MAX, .end_s = FIG_TIME_MIN + FIG_BUFFER_MAX + 1};
    cr_assert(conflict_any(&tree, &probe, NULL));
    probe = (struct probe){.start_s = FIG_TIME_MIN + FIG_BUFFER_MAX + 1, .end_s = year.start_s};
    cr_assert_not(conflict_any(&tree, &probe, NULL));
    probe.after_s = 1; /* its own buffer would meet the year's core */
    cr_assert(conflict_any(&tree, &probe, NULL));
    nodes_publish(nodes);
    nodes_destroy(nodes);
}
