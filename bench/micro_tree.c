/* The conflict check on trees, against the strongest simple thing that answers the same question: a sorted array with
 * a binary search, its starts apart from the rest so that the search touches few cache lines. The search comes in two
 * kinds. *Branch-free* is by conditional moves, forced by a line of assembler, since compilers like to make jumps of
 * them; it wins while the array is in the cache. *Compiled* is what the compiler makes of the same loop, jumps: it
 * guesses wrong half of the time, but guesses ahead of memory, and wins when the array is not in the cache.
 *
 * All are asked in turn, round by round, with the same questions. *Throughput* asks questions that do not depend on
 * each other, so that the processor overlaps them; *latency* makes each question depend on the answer before. */
#include "bench/micro_tree.h"

#include "engine/core/conflict.h"
#include "engine/figaro.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    ITEMS = 1000,    /* appointments of a barber */
    BARBERS = 1000,  /* of a town */
    ASKED = 1 << 16, /* questions of a round */
    EDITED = 1 << 12 /* churn steps of a round */
};

#define NOINLINE __attribute__((noinline))

/* ------------------------------------------------------------------ chance */

static uint64_t chance = 1;

static uint64_t next_random(void)
{
    chance += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = (chance ^ chance >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static uint64_t random_below(uint64_t bound) { return next_random() % bound; }

/* ------------------------------------------------------------------ a barber, as tree and as array */

/* The array: starts by themselves, and what else a check may look at. */
struct array {
    int64_t *starts;
    struct entry {
        int64_t end_s;
        uint32_t before_s;
        uint32_t after_s;
        uint64_t id;
        bool held;
    } * entries;
    size_t count;
};

struct barber {
    struct tree tree;
    struct array array;
};

static int64_t first_s = INT64_C(1767225600); /* 2026-01-01 */

/* A valid year or so: half an hour each, breaks of none to an hour, buffers up to ten minutes, on five-minute marks. */
static int64_t draw_items(struct tree_item items[ITEMS])
{
    int64_t at_s = first_s;
    for (size_t i = 0; i < ITEMS; i++) {
        uint32_t before_s = (uint32_t)random_below(3) * 300, after_s = (uint32_t)random_below(3) * 300;
        at_s += (int64_t)random_below(13) * 300 + 600;
        items[i] = (struct tree_item){at_s, 1800, before_s, after_s, false, 1 + next_random() / 2};
        at_s += 1800;
    }
    return at_s;
}

static bool make_array(struct array *array, const struct tree_item *items, size_t count)
{
    array->starts = malloc(count * sizeof *array->starts);
    array->entries = malloc(count * sizeof *array->entries);
    array->count = count;
    if (!array->starts || !array->entries) return false;
    for (size_t i = 0; i < count; i++) {
        array->starts[i] = items[i].start_s;
        array->entries[i] = (struct entry){items[i].start_s + items[i].duration_s, items[i].before_s, items[i].after_s,
                                           items[i].id, items[i].held};
    }
    return true;
}

static void free_array(struct array *array)
{
    free(array->starts);
    free(array->entries);
}

static void shuffle(struct tree_item *items, size_t count)
{
    for (size_t i = count; i-- > 1;) {
        size_t other = random_below(i + 1);
        struct tree_item kept = items[i];
        items[i] = items[other];
        items[other] = kept;
    }
}

static bool insert_one(struct nodes *nodes, struct tree *tree, const struct tree_item *item)
{
    nodes_begin(nodes);
    bool done = nodes_reserve(nodes, tree_reserve_bytes(tree));
    if (done) tree_insert(nodes, tree, item);
    nodes_publish(nodes);
    nodes_collect(nodes, NULL, 0);
    return done;
}

/* The tree, from sorted items at once or one by one in no order. */
static bool make_tree(struct nodes *nodes, struct tree *tree, const struct tree_item *items, bool bulk)
{
    *tree = (struct tree){.root = NULL};
    if (!bulk) {
        struct tree_item mixed[ITEMS];
        memcpy(mixed, items, sizeof mixed);
        shuffle(mixed, ITEMS);
        for (size_t i = 0; i < ITEMS; i++)
            if (!insert_one(nodes, tree, &mixed[i])) return false;
        return true;
    }
    nodes_begin(nodes);
    bool done = nodes_reserve(nodes, tree_bulk_bytes(ITEMS));
    if (done) *tree = tree_bulk(nodes, items, ITEMS);
    nodes_publish(nodes);
    return done;
}

/* ------------------------------------------------------------------ the check on an array */

/* Where the upper half begins, if the probe starts there or later. */
static inline const int64_t *step_free(const int64_t *base, size_t half, int64_t start_s)
{
#if defined(__x86_64__)
    const int64_t *upper = base + half;
    __asm__("cmpq %2, %3\n\tcmovle %1, %0" : "+r"(base) : "r"(upper), "r"(start_s), "m"(base[half - 1]) : "cc");
    return base;
#else
    return base + (half & (0 - (size_t)(base[half - 1] <= start_s)));
#endif
}

static inline const int64_t *step_compiled(const int64_t *base, size_t half, int64_t start_s)
{
    return base[half - 1] <= start_s ? base + half : base;
}

static bool entry_counts(const struct entry *entry, const struct probe *probe, const struct holds *holds)
{
    if (entry->id == probe->ignore_id) return false;
    return !entry->held || !holds || !holds->block || holds->block(holds->context, entry->id);
}

/* A neighbour conflicts but may not count: walk on, as the tree does. */
static NOINLINE bool array_walk(const struct array *array, size_t rank, const struct probe *probe,
                                const struct holds *holds)
{
    for (size_t i = rank; i-- > 0;) {
        const struct entry *entry = &array->entries[i];
        if (probe->start_s >= entry->end_s + conflict_distance(entry->after_s, probe->before_s, probe->exclusive))
            break;
        if (entry_counts(entry, probe, holds)) return true;
    }
    for (size_t i = rank; i < array->count; i++) {
        const struct entry *entry = &array->entries[i];
        if (array->starts[i] >= probe->end_s + conflict_distance(probe->after_s, entry->before_s, probe->exclusive))
            break;
        if (entry_counts(entry, probe, holds)) return true;
    }
    return false;
}

#define ARRAY_ANY(name, step)                                                                                          \
    static NOINLINE bool name(const struct array *array, const struct probe *probe, const struct holds *holds)         \
    {                                                                                                                  \
        const int64_t *base = array->starts;                                                                           \
        for (size_t left = array->count, half; left > 1; left -= half) {                                               \
            half = left / 2;                                                                                           \
            base = step(base, half, probe->start_s);                                                                   \
        }                                                                                                              \
        return neighbours_any(array, (size_t)(base - array->starts) + (*base <= probe->start_s), probe, holds);        \
    }

/* `rank`: how many start no later than the probe. */
static inline bool neighbours_any(const struct array *array, size_t rank, const struct probe *probe,
                                  const struct holds *holds)
{
    if (rank == 0 || rank == array->count) return array_walk(array, rank, probe, holds);
    const struct entry *before = &array->entries[rank - 1], *after = before + 1;
    uint32_t left_s = conflict_distance(before->after_s, probe->before_s, probe->exclusive);
    uint32_t right_s = conflict_distance(probe->after_s, after->before_s, probe->exclusive);
    bool any = (probe->start_s < before->end_s + left_s) | (array->starts[rank] < probe->end_s + right_s);
    if (__builtin_expect(before->held | after->held | (probe->ignore_id != 0), 0) && any)
        return array_walk(array, rank, probe, holds);
    return any;
}

ARRAY_ANY(array_free, step_free)
ARRAY_ANY(array_compiled, step_compiled)

/* ------------------------------------------------------------------ questions */

struct question {
    int64_t start_s;
    uint32_t barber;
};

static struct question questions[ASKED];
static volatile int64_t nothing; /* 0, which the compiler does not know */
static uint64_t sink;

static void draw_questions(size_t barbers, int64_t last_s)
{
    for (size_t i = 0; i < ASKED; i++) {
        questions[i].start_s = first_s + (int64_t)random_below((uint64_t)(last_s - first_s) / 300) * 300;
        questions[i].barber = (uint32_t)random_below(barbers);
    }
}

/* ns of one question. With WAIT each waits for the answer before: adds nothing to it, as the compiler does not know. */
#define ASK_ALL(name, subject, check, WAIT)                                                                            \
    static NOINLINE double name(const struct barber *barbers)                                                          \
    {                                                                                                                  \
        struct probe probe = {.before_s = 300, .after_s = 300};                                                        \
        int64_t none = nothing, chain = 0, found = 0, began = thread_ns();                                             \
        for (size_t i = 0; i < ASKED; i++) {                                                                           \
            probe.start_s = questions[i].start_s + chain;                                                              \
            probe.end_s = probe.start_s + 1800;                                                                        \
            bool any = check(&barbers[questions[i].barber + (uint64_t)chain].subject, &probe, NULL);                   \
            found += any;                                                                                              \
            if (WAIT) chain = any & none;                                                                              \
        }                                                                                                              \
        int64_t ended = thread_ns();                                                                                   \
        sink += (uint64_t)found;                                                                                       \
        return (double)(ended - began) / ASKED;                                                                        \
    }

typedef double ask(const struct barber *barbers);
ASK_ALL(tree_throughput, tree, conflict_any, false)
ASK_ALL(tree_latency, tree, conflict_any, true)
ASK_ALL(free_throughput, array, array_free, false)
ASK_ALL(free_latency, array, array_free, true)
ASK_ALL(compiled_throughput, array, array_compiled, false)
ASK_ALL(compiled_latency, array, array_compiled, true)

#define ROUNDS_MAX 1000
static double samples[ROUNDS_MAX], free_samples[ROUNDS_MAX], compiled_samples[ROUNDS_MAX];

static void add_compared(struct figures *figures, const char *name, const char *baseline,
                         const double *baseline_samples, double aim, unsigned rounds)
{
    figures_add(figures, &(struct figure){.name = name,
                                          .unit = "ns a check",
                                          .baseline = baseline,
                                          .samples = samples,
                                          .baseline_samples = baseline_samples,
                                          .count = rounds,
                                          .aim = aim});
}

/* The three take turns at being first. */
static void compare(struct figures *figures, const char *name, const struct barber *barbers, bool dependent, double aim,
                    unsigned rounds)
{
    ask *const askers[] = {dependent ? tree_latency : tree_throughput, dependent ? free_latency : free_throughput,
                           dependent ? compiled_latency : compiled_throughput};
    double *const results[] = {samples, free_samples, compiled_samples};
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned turn = 0; turn < 3; turn++) {
            unsigned which = (round + turn) % 3;
            results[which][round] = askers[which](barbers);
        }
    char full[128];
    const char *way = dependent ? "latency" : "throughput";
    snprintf(full, sizeof full, "check, %s, %s; branch-free array", name, way);
    add_compared(figures, full, "sorted array, branch-free search", free_samples, aim, rounds);
    snprintf(full, sizeof full, "check, %s, %s; compiled array", name, way);
    add_compared(figures, full, "sorted array, search as compiled", compiled_samples, aim, rounds);
}

/* ------------------------------------------------------------------ churn */

/* ns of: take an appointment out, check its time, put it back; each edit its own publication. */
static double churn(struct nodes *nodes, struct tree *tree, const struct tree_item *items, bool *done)
{
    int64_t before = thread_ns();
    for (size_t i = 0; i < EDITED && *done; i++) {
        const struct tree_item *item = &items[random_below(ITEMS)];
        struct probe probe = {item->start_s, item->start_s + item->duration_s, item->before_s, item->after_s, false, 0};
        nodes_begin(nodes);
        *done = nodes_reserve(nodes, tree_reserve_bytes(tree)) && tree_remove(nodes, tree, item->start_s, item->id);
        nodes_publish(nodes);
        nodes_collect(nodes, NULL, 0);
        *done = *done && !conflict_any(tree, &probe, NULL) && insert_one(nodes, tree, item);
    }
    return (double)(thread_ns() - before) / EDITED;
}

static void add_single(struct figures *figures, const char *name, const char *unit, double aim, unsigned count)
{
    figures_add(figures, &(struct figure){.name = name, .unit = unit, .samples = samples, .count = count, .aim = aim});
}

/* ------------------------------------------------------------------ one barber, a town */

static bool one_barber(struct figures *figures, struct nodes *nodes, bool bulk, unsigned rounds)
{
    static struct tree_item items[ITEMS];
    struct barber barber = {.array.count = 0};
    draw_questions(1, draw_items(items));
    bool done = make_array(&barber.array, items, ITEMS) && make_tree(nodes, &barber.tree, items, bulk);
    if (done) {
        const char *name = bulk ? "one hot barber" : "one, booked in no order";
        compare(figures, name, &barber, false, 0.6, rounds);
        compare(figures, name, &barber, true, 0.6, rounds);
    }
    if (!bulk) {
        for (unsigned i = 0; i < rounds && done; i++) samples[i] = churn(nodes, &barber.tree, items, &done);
        if (done) add_single(figures, "remove, publish, check, insert, publish", "ns", 1500, rounds);
    }
    free_array(&barber.array);
    return done;
}

static bool make_town(struct nodes *nodes, struct barber *town, bool bulk)
{
    static struct tree_item items[ITEMS];
    int64_t last_s = 0;
    for (size_t i = 0; i < BARBERS; i++) {
        last_s = draw_items(items);
        if (!make_array(&town[i].array, items, ITEMS) || !make_tree(nodes, &town[i].tree, items, bulk)) return false;
    }
    draw_questions(BARBERS, last_s);
    return true;
}

static bool whole_town(struct figures *figures, struct nodes *nodes, bool bulk, unsigned rounds)
{
    struct barber *town = calloc(BARBERS, sizeof *town);
    size_t before = nodes_usage(nodes).live_bytes;
    bool done = town && make_town(nodes, town, bulk);
    if (done) {
        samples[0] = (double)(nodes_usage(nodes).live_bytes - before) / (BARBERS * ITEMS);
        const char *name = bulk ? "1000 x 1000" : "1000 x 1000, no order";
        add_single(figures, bulk ? "memory of trees made at once" : "memory of trees booked in no order", "bytes each",
                   64, 1);
        compare(figures, name, town, false, 1, rounds);
        compare(figures, name, town, true, 1, rounds);
    }
    for (size_t i = 0; town && i < BARBERS; i++) free_array(&town[i].array);
    free(town);
    return done;
}

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

int micro_tree(struct figures *figures, unsigned rounds)
{
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool done = true;
    for (int bulk = 1; done && bulk >= 0; bulk--) {
        struct nodes *nodes = nodes_create(&(struct nodes_allocator){allocate, release, NULL});
        done = nodes && one_barber(figures, nodes, bulk, rounds) && whole_town(figures, nodes, bulk, rounds);
        nodes_destroy(nodes);
    }
    return done ? 0 : 1;
}
