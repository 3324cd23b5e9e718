/* Every allocation fails once. A history is played again and again, and in the nth playing the nth allocation is
 * refused, once or from then on; what was refused must not have happened, reads must go on, and with memory back the
 * history must end as if nothing had been. Nothing taken from the allocator may be left at the end. Budget: 10 s. */
#include "tests/oracle/compare.h"
#include "tests/oracle/round.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { ROUNDS = 30 };

struct memory {
    _Atomic uint64_t calls;    /* a committer allocates beside its callers */
    _Atomic uint64_t fails_at; /* counted from 1; 0: never */
    _Atomic bool for_good;
    _Atomic uint64_t failures;
    _Atomic int64_t outstanding; /* bytes */
};

static void *take(void *context, size_t size)
{
    struct memory *memory = context;
    uint64_t call = ++memory->calls, fails_at = memory->fails_at;
    bool fails = fails_at != 0 && (call == fails_at || (memory->for_good && call > fails_at));
    memory->failures += fails;
    if (fails) return NULL;
    memory->outstanding += (int64_t)size;
    return malloc(size);
}

static void give_back(void *context, void *bytes, size_t size)
{
    ((struct memory *)context)->outstanding -= (int64_t)size;
    free(bytes);
}

struct playing {
    uint64_t seed;
    uint64_t n;
    struct memory memory;
    struct support_random random;
    struct requests requests;
    fig_engine *engine;
    struct oracle *oracle;
    char directory[SUPPORT_PATH]; /* "": in memory */
};

#define expect(p, condition, ...)                                                                                      \
    cr_assert(condition, "history %" PRIu64 ", allocation %" PRIu64 " %s: %s", (p)->seed, (p)->n,                      \
              (p)->memory.for_good ? "and all after it" : "alone", (__VA_ARGS__))

static fig_status open_engine(struct playing *p)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.in_memory = p->directory[0] == '\0';
    options.now_s = FIG_TIME_MIN;
    options.checkpoint_records = 24; /* so that checkpoints are among what can fail */
    options.random_seed = p->seed;
    options.allocator = (fig_allocator){take, give_back, &p->memory};
    return fig_open(options.in_memory ? NULL : p->directory, &options, &p->engine, NULL);
}

/* Memory is back. */
static void relieve(struct playing *p) { p->memory.fails_at = 0; }

static void open_in_the_end(struct playing *p)
{
    fig_status status = open_engine(p);
    if (status == FIG_OK) return;
    expect(p, status == FIG_NO_MEMORY, fig_status_name(status));
    expect(p, p->memory.outstanding == 0, "a refused open keeps memory");
    relieve(p);
    status = open_engine(p);
    expect(p, status == FIG_OK, fig_status_name(status));
}

static void begin_oracle(struct playing *p)
{
    fig_view view = fig_view_default();
    fig_shop shop = fig_shop_default();
    fig_stats stats = fig_stats_default();
    view.now_s = 0;
    expect(p, fig_get_shop(p->engine, &view, 1, &shop) == FIG_OK, "no first shop");
    expect(p, fig_get_stats(p->engine, &stats) == FIG_OK, "no statistics");
    p->oracle = oracle_new(stats.version, &shop, FIG_TIME_MIN);
}

static void compare_now(struct playing *p)
{
    struct support_random aside = support_random_from(p->n); /* the history's own must go the same way every time */
    struct requests now = p->requests;
    now.random = &aside;
    const char *difference = compare_states(p->engine, NULL, p->oracle, requests_now(&now), &aside);
    expect(p, difference == NULL, difference);
}

/* A fault in the call, or in one of its requests. */
static bool ran_out(const struct round *round, fig_status returned)
{
    bool out = returned == FIG_NO_MEMORY;
    for (size_t i = 0; i < round->count; i++) out |= round->outcomes[i].status == FIG_NO_MEMORY;
    return out;
}

static void play_round(struct playing *p, enum round_way way)
{
    struct round *round = round_new(&p->requests, p->oracle, way);
    fig_status returned = round_ask(round, p->engine);
    if (ran_out(round, returned)) {
        expect(p, p->memory.failures > 0, "no memory, though none was refused");
        expect(p, returned == FIG_NO_MEMORY, "an outcome says that there was no memory, the call does not");
        compare_now(p); /* while memory is still short, where it is so for good */
        relieve(p);
        returned = round_ask(round, p->engine);
    }
    const char *difference = round_compare(round, returned, &p->oracle);
    expect(p, difference == NULL, difference);
    free(round);
}

static void declare_barbers(struct playing *p)
{
    static const uint64_t ids[] = {1, 2, 3, 700000000007};
    static const char *const names[] = {"Figaro", "Bartolo", "Rosina", "Basilio"};
    for (size_t i = 0; i < 4; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = ids[i];
        barber.fields = FIG_BARBER_NAME;
        support_format(barber.name, sizeof barber.name, "%s", names[i]);
        fig_request request = fig_declare_barber_default();
        request.now_s = 0;
        request.barber = &barber;
        fig_outcome outcome = fig_outcome_default(), due = fig_outcome_default();
        if (fig_declare(p->engine, &request, &outcome) == FIG_NO_MEMORY) {
            relieve(p);
            fig_declare(p->engine, &request, &outcome);
        }
        oracle_request(&p->oracle, &request, &due);
        const char *difference = compare_outcomes(&outcome, &due);
        expect(p, difference == NULL, difference);
    }
}

/* Closed and opened, under the same shortage. */
static void reopen(struct playing *p)
{
    if (p->directory[0] == '\0') return;
    expect(p, fig_close(p->engine) == FIG_OK, "close");
    expect(p, p->memory.outstanding == 0, "memory is left after closing");
    open_in_the_end(p);
}

/* False when the history has fewer than n allocations: then nothing failed and all is proven. */
static bool play(uint64_t seed, uint64_t n, bool for_good, bool on_disk)
{
    struct playing *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->seed = seed;
    p->n = n;
    p->memory = (struct memory){.fails_at = n, .for_good = for_good};
    p->random = support_random_from(seed);
    p->requests = requests_from(&p->random);
    if (on_disk) support_make_fast_directory(p->directory);
    open_in_the_end(p);
    begin_oracle(p);
    declare_barbers(p);
    for (unsigned i = 0; i < ROUNDS; i++) {
        play_round(p, (enum round_way)(i % 3));
        if (i == ROUNDS / 2) reopen(p);
    }
    compare_now(p);
    expect(p, fig_close(p->engine) == FIG_OK, "close");
    expect(p, p->memory.outstanding == 0, "memory is left after closing");
    bool failed = p->memory.failures > 0;
    if (on_disk) support_remove(p->directory);
    oracle_free(p->oracle);
    free(p);
    return failed;
}

static void play_every(uint64_t seed, bool for_good, bool on_disk)
{
    uint64_t n = 1;
    while (play(seed, n, for_good, on_disk)) n++;
    cr_assert_gt(n, 10, "the history allocates hardly anything");
    cr_log_info("%" PRIu64 " allocations", n - 1);
}

Test(allocation, every_one_fails_once)
{
    for (uint64_t seed = 1; seed <= 5; seed++) play_every(seed, false, false);
}

Test(allocation, all_fail_from_each_on)
{
    for (uint64_t seed = 6; seed <= 10; seed++) play_every(seed, true, false);
}

Test(allocation, every_one_fails_once_on_a_directory) { play_every(11, false, true); }

Test(allocation, all_fail_from_each_on_on_a_directory) { play_every(12, true, true); }
