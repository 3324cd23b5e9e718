/* The slab pool, against a list of what is alive. Budget: 2 s.
 *
 * Every node is filled with its own number: memory that is handed out twice, or back too early, shows as a
 * node that holds another's. FIGARO_SEED replays a history. */
#include "engine/core/nodes.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ an allocator that can be told to fail */

static struct {
    uint64_t calls;
    uint64_t fail_from; /* this call and all after it fail */
    size_t bytes;
} heap;

static void *heap_allocate(void *context, size_t size)
{
    (void)context;
    if (++heap.calls >= heap.fail_from) return NULL;
    heap.bytes += size;
    return malloc(size);
}

static void heap_release(void *context, void *memory, size_t size)
{
    (void)context;
    heap.bytes -= size;
    free(memory);
}

static const struct nodes_allocator allocator = {heap_allocate, heap_release, NULL};

static struct nodes *fresh_pool(void)
{
    memset(&heap, 0, sizeof heap);
    heap.fail_from = UINT64_MAX;
    return nodes_create(&allocator);
}

/* ------------------------------------------------------------------ the model */

enum { NODES = 4000, PINS = 6 };

struct known {
    unsigned char *memory;
    size_t size;
    uint64_t born;
    uint64_t retired; /* UINT64_MAX: it is not */
    unsigned char mark;
};

static struct known known[NODES];
static size_t known_count;
static uint64_t pins[PINS];
static size_t pin_count;
static uint64_t seed;
static unsigned step;
static unsigned char mark; /* of the newest node */

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            cr_assert_fail("%s: step %u, replay with FIGARO_SEED=%llu", #condition, step, (unsigned long long)seed);   \
    } while (0)

static bool seen_by_a_pin(const struct known *node)
{
    for (size_t i = 0; i < pin_count; i++)
        if (pins[i] >= node->born && pins[i] < node->retired) return true;
    return false;
}

/* The ends at every step, every byte now and then. */
static void must_be_intact(const struct known *node)
{
    MUST(node->memory[0] == node->mark && node->memory[node->size - 1] == node->mark);
    if (step % 16 != 15) return;
    for (size_t i = 0; i < node->size; i++) MUST(node->memory[i] == node->mark);
}

static size_t random_size(struct support_random *random)
{
    switch (support_below(random, 4)) {
    case 0: return 16 + support_below(random, 100);
    case 1: return 64 * (1 + support_below(random, 30));
    case 2: return 112;
    default: return 16 + support_below(random, NODE_SIZE_MAX - 15);
    }
}

static void model_alloc(struct nodes *nodes, size_t size)
{
    if (known_count == NODES) return;
    struct known *node = &known[known_count++];
    *node = (struct known){nodes_alloc(nodes, size), size, nodes_generation(nodes), UINT64_MAX, ++mark};
    MUST(node->memory);
    MUST((uintptr_t)node->memory % 16 == 0);
    MUST(size % 64 != 0 || (uintptr_t)node->memory % 64 == 0);
    memset(node->memory, node->mark, size);
}

static void model_retire(struct nodes *nodes, struct support_random *random)
{
    if (known_count == 0) return;
    struct known *node = &known[support_below(random, known_count)];
    if (node->retired != UINT64_MAX) return;
    if (node->born == nodes_generation(nodes) && support_chance(random, 50)) {
        nodes_discard(nodes, node->memory, node->size);
        *node = known[--known_count];
    } else {
        nodes_retire(nodes, node->memory, node->size, node->born);
        node->retired = nodes_generation(nodes);
    }
}

static void model_collect(struct nodes *nodes)
{
    nodes_collect(nodes, pins, pin_count);
    for (size_t i = 0; i < known_count;)
        if (known[i].retired != UINT64_MAX && !seen_by_a_pin(&known[i]))
            known[i] = known[--known_count];
        else
            i++;
    size_t retired = 0;
    for (size_t i = 0; i < known_count; i++) retired += known[i].retired != UINT64_MAX;
    MUST(nodes_usage(nodes).retired_count == retired);
}

static void model_abandon(struct nodes *nodes)
{
    uint64_t undone = nodes_generation(nodes);
    nodes_abandon(nodes);
    for (size_t i = 0; i < known_count;) {
        if (known[i].retired == undone) known[i].retired = UINT64_MAX;
        if (known[i].born == undone)
            known[i] = known[--known_count];
        else
            i++;
    }
}

/* Readers come at the newest generation and leave at any time; the list stays ascending. */
static void model_pin(struct nodes *nodes, struct support_random *random)
{
    if (pin_count > 0 && support_chance(random, 50)) {
        size_t which = support_below(random, pin_count);
        memmove(&pins[which], &pins[which + 1], (--pin_count - which) * sizeof *pins);
    }
    uint64_t newest = nodes_generation(nodes);
    if (pin_count < PINS && (pin_count == 0 || pins[pin_count - 1] < newest) && support_chance(random, 50))
        pins[pin_count++] = newest;
}

static void one_generation(struct nodes *nodes, struct support_random *random)
{
    size_t bytes = 0, sizes[40];
    size_t count = support_below(random, 40);
    for (size_t i = 0; i < count; i++) bytes += sizes[i] = random_size(random);
    nodes_begin(nodes);
    MUST(nodes_reserve(nodes, bytes));
    uint64_t calls = heap.calls;
    for (size_t i = 0; i < count; i++) {
        model_alloc(nodes, sizes[i]);
        if (support_chance(random, 45)) model_retire(nodes, random);
    }
    MUST(heap.calls == calls);
    if (support_chance(random, 10)) nodes_collect(nodes, pins, pin_count);
    if (support_chance(random, 20))
        model_abandon(nodes);
    else
        nodes_publish(nodes);
}

static void one_history(uint64_t from)
{
    seed = from;
    known_count = pin_count = 0;
    struct support_random random = support_random_from(seed);
    struct nodes *nodes = fresh_pool();
    for (step = 0; step < 120; step++) {
        one_generation(nodes, &random);
        for (size_t i = 0; i < known_count; i++)
            if (known[i].retired == UINT64_MAX || seen_by_a_pin(&known[i])) must_be_intact(&known[i]);
        model_collect(nodes);
        model_pin(nodes, &random);
    }
    nodes_begin(nodes);
    for (size_t i = 0; i < known_count; i++)
        if (known[i].retired == UINT64_MAX) nodes_retire(nodes, known[i].memory, known[i].size, known[i].born);
    nodes_publish(nodes);
    nodes_collect(nodes, NULL, 0);
    MUST(nodes_usage(nodes).live_bytes == 0 && nodes_usage(nodes).retired_count == 0);
    nodes_destroy(nodes);
    MUST(heap.bytes == 0);
}

Test(nodes, random_histories_keep_what_somebody_sees)
{
    struct support_seeds seeds = support_seeds_of(0, 4);
    for (uint64_t i = seeds.first; i < seeds.end; i++) one_history(i);
}

/* ------------------------------------------------------------------ reservations */

/* Whatever the pool went through before, what was reserved can be had without the allocator. */
Test(nodes, reservations_hold_when_the_allocator_fails)
{
    struct support_seeds seeds = support_seeds_of(1, 4);
    for (seed = seeds.first; seed < seeds.end; seed++) {
        struct support_random random = support_random_from(seed);
        struct nodes *nodes = fresh_pool();
        known_count = pin_count = 0;
        for (step = 0; step < 40; step++) {
            one_generation(nodes, &random);
            model_collect(nodes);
        }
        nodes_begin(nodes);
        size_t bytes = support_below(&random, 1000000), largest = support_chance(&random, 50) ? 40 : NODE_SIZE_MAX;
        MUST(nodes_reserve(nodes, bytes));
        heap.fail_from = 0;
        for (size_t size; bytes >= 16; bytes -= size) {
            size = 16 + support_below(&random, largest - 15);
            if (size > bytes) size = bytes;
            void *node = nodes_alloc(nodes, size);
            MUST(node);
            memset(node, 0x55, size);
        }
        nodes_publish(nodes);
        nodes_destroy(nodes);
    }
}

/* Fails each call of the allocator in turn; the pool goes on as if it had not been asked. */
Test(nodes, a_reservation_that_fails_changes_nothing)
{
    memset(&heap, 0, sizeof heap);
    heap.fail_from = 1;
    cr_assert_null(nodes_create(&allocator));
    for (unsigned nth = 2; nth < 40; nth++) {
        struct nodes *nodes = fresh_pool();
        heap.fail_from = nth;
        nodes_begin(nodes);
        bool enough = true;
        for (unsigned round = 0; enough && round < 300; round++) {
            enough = nodes_reserve(nodes, 100000);
            if (enough)
                for (unsigned i = 0; i < 100; i++) memset(nodes_alloc(nodes, 1000), 1, 1000);
        }
        cr_assert(!enough);
        size_t live = nodes_usage(nodes).live_bytes;
        heap.fail_from = UINT64_MAX;
        cr_assert(nodes_reserve(nodes, 100000));
        cr_assert_eq(nodes_usage(nodes).live_bytes, live);
        nodes_abandon(nodes);
        cr_assert_eq(nodes_usage(nodes).live_bytes, 0);
        nodes_destroy(nodes);
        cr_assert_eq(heap.bytes, 0);
    }
    struct nodes *nodes = fresh_pool();
    cr_assert_not(nodes_reserve(nodes, SIZE_MAX));
    nodes_destroy(nodes);
}

/* ------------------------------------------------------------------ memory */

Test(nodes, churn_does_not_grow_the_pool)
{
    struct nodes *nodes = fresh_pool();
    size_t settled = 0;
    for (unsigned i = 0; i < 100000; i++) {
        nodes_begin(nodes);
        cr_assert(nodes_reserve(nodes, 3000));
        void *node = nodes_alloc(nodes, 1472);
        nodes_discard(nodes, nodes_alloc(nodes, 1200), 1200);
        nodes_retire(nodes, nodes_alloc(nodes, 112), 112, nodes_generation(nodes));
        nodes_retire(nodes, node, 1472, nodes_generation(nodes));
        if (i % 3 == 0)
            nodes_abandon(nodes);
        else
            nodes_publish(nodes);
        nodes_collect(nodes, NULL, 0);
        if (i == 1000) settled = nodes_usage(nodes).chunk_bytes;
    }
    cr_assert_eq(nodes_usage(nodes).chunk_bytes, settled);
    nodes_destroy(nodes);
}

Test(nodes, abandoned_generations_leave_no_trace)
{
    struct nodes *nodes = fresh_pool();
    for (unsigned i = 0; i < 20000; i++) {
        nodes_begin(nodes);
        cr_assert(nodes_reserve(nodes, 112 + 128));
        cr_assert(nodes_alloc(nodes, 112));
        cr_assert(nodes_alloc(nodes, 128));
        if (i == 0)
            nodes_publish(nodes); /* a chunk is in use from here on */
        else
            nodes_abandon(nodes);
    }
    cr_assert_lt(nodes_usage(nodes).chunk_bytes, 512 * 1024);
    nodes_destroy(nodes);
}

Test(nodes, records_cost_little_more_than_their_size)
{
    struct nodes *nodes = fresh_pool();
    nodes_begin(nodes);
    for (unsigned i = 0; i < 100000; i++) {
        cr_assert(nodes_reserve(nodes, 112));
        cr_assert(nodes_alloc(nodes, 112));
    }
    nodes_publish(nodes);
    cr_assert_eq(nodes_usage(nodes).live_bytes, 100000 * 112);
    cr_assert_leq(nodes_usage(nodes).chunk_bytes, 100000 * 112 * 11 / 10 + 256 * 1024);
    nodes_destroy(nodes);
}

static size_t uneven, largest; /* pieces that were asked for */

static void *watching_allocate(void *context, size_t size)
{
    if (size > 2048 * 1024 && size % (2048 * 1024) != 0) uneven = size;
    if (size > largest) largest = size;
    return heap_allocate(context, size);
}

/* So that an allocator can give huge pages, and no part of one stays unused. */
Test(nodes, chunks_of_a_large_pool_are_whole_huge_pages)
{
    heap.fail_from = UINT64_MAX;
    struct nodes *nodes = nodes_create(&(struct nodes_allocator){watching_allocate, heap_release, NULL});
    nodes_begin(nodes);
    for (unsigned i = 0; i < 50000; i++) {
        cr_assert(nodes_reserve(nodes, 1088));
        cr_assert(nodes_alloc(nodes, 1088));
    }
    nodes_publish(nodes);
    cr_expect_eq(uneven, 0, "a chunk of %zu bytes", uneven);
    cr_expect_eq(largest, 4096 * 1024);
    nodes_destroy(nodes);
}

/* A snapshot that sees many nodes is asked for again and again; then it goes. */
Test(nodes, a_snapshot_holds_what_it_sees_until_it_goes)
{
    enum { SEEN = 20000 };
    static unsigned char *seen[SEEN];
    struct nodes *nodes = fresh_pool();
    nodes_begin(nodes);
    cr_assert(nodes_reserve(nodes, SEEN * 64));
    for (unsigned i = 0; i < SEEN; i++) memset(seen[i] = nodes_alloc(nodes, 64), (int)(i % 251), 64);
    nodes_publish(nodes);
    uint64_t snapshot = nodes_generation(nodes);
    for (unsigned i = 0; i < SEEN; i++) {
        nodes_begin(nodes);
        cr_assert(nodes_reserve(nodes, 128));
        nodes_retire(nodes, seen[i], 64, snapshot);
        nodes_retire(nodes, nodes_alloc(nodes, 64), 64, nodes_generation(nodes));
        nodes_publish(nodes);
        nodes_collect(nodes, &snapshot, 1);
    }
    cr_assert_eq(nodes_usage(nodes).retired_count, SEEN);
    for (unsigned i = 0; i < SEEN; i++)
        for (unsigned k = 0; k < 64; k++)
            if (seen[i][k] != i % 251) cr_assert_fail("node %u was handed out again", i);
    nodes_collect(nodes, NULL, 0);
    cr_assert_eq(nodes_usage(nodes).live_bytes, 0);
    nodes_destroy(nodes);
}
