/* Random histories against the oracle. Budget: 1,000 histories in well under a minute.
 *
 * A history is some dozens of requests, single, several in a commit, or as a batch; after each the engine's outcome is
 * held against the oracle's. In between the store is closed and opened (from its tables, or from its journal alone),
 * checkpointed, used through a second engine, and versions are kept as snapshots to be looked at much later. */
#include "tests/oracle/again.h"
#include "tests/oracle/compare.h"
#include "tests/oracle/round.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY_SNAPSHOTS = 3 };

struct kept_version {
    fig_snapshot *snapshot; /* NULL: none */
    struct oracle *oracle;
};

struct history {
    uint64_t seed;
    unsigned step;
    struct support_random random;
    struct requests requests;
    bool in_memory;
    bool journals_refusals;
    char directory[SUPPORT_PATH];
    fig_engine *engine;
    fig_engine *second; /* NULL: not open */
    struct oracle *oracle;
    struct kept_version kept[HISTORY_SNAPSHOTS]; /* of `engine` */
    bool told;                                   /* print every step */
};

static void fail(const struct history *h, const char *what, const char *difference)
{
    cr_assert_fail("history %" PRIu64 ", step %u: %s\n  %s\n  replay: FIGARO_SEED=%" PRIu64
                   " make test TESTFLAGS=\"--filter 'oracle/*' --verbose\"",
                   h->seed, h->step, what, difference, h->seed);
}

static void expect(const struct history *h, fig_status status, const fig_error *error, const char *what)
{
    if (status != FIG_OK) fail(h, what, error != NULL ? error->message : fig_status_name(status));
}

/* ---- opening and closing ---- */

static fig_engine *open_engine(struct history *h, bool from_journal)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.in_memory = h->in_memory;
    options.journal_refusals = h->journals_refusals;
    options.from_journal = from_journal;
    options.random_seed = h->seed;
    options.now_s = FIG_TIME_MIN;
    options.checkpoint_records = support_chance(&h->random, 50) ? 16 : 4096;
    options.committer = support_chance(&h->random, 50) ? FIG_COMMITTER_THREAD : FIG_COMMITTER_NONE;
    fig_error error = fig_error_default();
    fig_engine *engine = NULL;
    expect(h, fig_open(h->in_memory ? NULL : h->directory, &options, &engine, &error), &error, "open");
    return engine;
}

static void drop_kept(struct kept_version *kept)
{
    fig_snapshot_close(kept->snapshot);
    oracle_free(kept->oracle);
    *kept = (struct kept_version){0};
}

static void close_second(struct history *h)
{
    if (h->second != NULL) expect(h, fig_close(h->second), NULL, "close the second engine");
    h->second = NULL;
}

static void close_engine(struct history *h)
{
    for (size_t i = 0; i < HISTORY_SNAPSHOTS; i++) drop_kept(&h->kept[i]);
    close_second(h);
    expect(h, fig_close(h->engine), NULL, "close");
    h->engine = NULL;
}

/* Of everything that any handle has written. */
static fig_stats stats_of(const struct history *h, fig_engine *engine)
{
    fig_stats stats = fig_stats_default();
    fig_view latest = fig_view_default();
    fig_shop shop = fig_shop_default();
    latest.now_s = 0;
    latest.latest = true;
    expect(h, fig_get_shop(engine, &latest, 1, &shop), NULL, "shop 1");
    expect(h, fig_get_stats(engine, &stats), NULL, "stats");
    return stats;
}

static void compare_all(struct history *h, fig_engine *engine, const char *when)
{
    const char *difference = compare_states(engine, NULL, h->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, when, difference);
    if (!oracle_sound(h->oracle)) fail(h, when, "two active appointments conflict");
}

static void reopen(struct history *h)
{
    if (h->in_memory) return;
    bool from_journal = support_chance(&h->random, 40);
    fig_stats before = stats_of(h, h->engine);
    close_engine(h);
    h->engine = open_engine(h, from_journal);
    fig_stats after = stats_of(h, h->engine);
    if (memcmp(before.digest, after.digest, sizeof before.digest) != 0)
        fail(h, from_journal ? "reopen from journal" : "reopen", "the digest differs");
    compare_all(h, h->engine, from_journal ? "reopened from journal" : "reopened");
}

static void use_second(struct history *h)
{
    if (h->in_memory) return;
    if (h->second == NULL)
        h->second = open_engine(h, support_chance(&h->random, 20));
    else
        close_second(h);
}

static void verify(struct history *h)
{
    if (h->in_memory) return;
    fig_options options = fig_options_default();
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    fig_status status = fig_verify(h->directory, &options, &report, &error);
    if (status != FIG_OK) fail(h, "verify", report.text[0] != '\0' ? report.text : error.message);
}

/* ---- snapshots ---- */

static void compare_kept(struct history *h, struct kept_version *kept)
{
    const char *difference =
        compare_states(h->engine, kept->snapshot, kept->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, "a snapshot changed", difference);
}

static void use_snapshots(struct history *h)
{
    struct kept_version *kept = &h->kept[support_below(&h->random, HISTORY_SNAPSHOTS)];
    if (kept->snapshot != NULL) {
        compare_kept(h, kept);
        if (support_chance(&h->random, 50)) drop_kept(kept);
        return;
    }
    if (h->second != NULL) return; /* it may have written what `engine` has not seen */
    expect(h, fig_snapshot_open(h->engine, &kept->snapshot), NULL, "snapshot");
    kept->oracle = oracle_copy(h->oracle);
}

/* ---- requests ---- */

static fig_engine *some_engine(struct history *h)
{
    return h->second != NULL && support_chance(&h->random, 50) ? h->second : h->engine;
}

static void ask(struct history *h, enum round_way way)
{
    struct round *round = round_new(&h->requests, h->oracle, way);
    fig_status returned = round_ask(round, some_engine(h));
    if (h->told) round_tell(round, h->step);
    const char *difference = round_compare(round, returned, &h->oracle);
    if (difference != NULL) fail(h, "a request", difference);
    free(round);
}

static void check_something(struct history *h)
{
    const char *difference = compare_check(some_engine(h), NULL, h->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, "check", difference);
}

static void take_step(struct history *h)
{
    uint64_t dice = support_below(&h->random, 100);
    if (dice < 60)
        ask(h, ROUND_ALONE);
    else if (dice < 72)
        ask(h, ROUND_TOGETHER);
    else if (dice < 86)
        ask(h, ROUND_BATCH);
    else if (dice < 91)
        use_snapshots(h);
    else if (dice < 93)
        compare_all(h, some_engine(h), "midway");
    else if (dice < 95)
        reopen(h);
    else if (dice < 97)
        use_second(h);
    else
        expect(h, fig_checkpoint(h->engine, NULL), NULL, "checkpoint");
    check_something(h);
}

/* Whether all of it could be. */
static bool ask_again(struct history *h)
{
    bool is_cut = false;
    const char *difference = again_compare(h->engine, &is_cut);
    if (difference != NULL) fail(h, "the journal's requests", difference);
    return !is_cut;
}

/* ---- a history ---- */

static void begin_oracle(struct history *h)
{
    fig_view view = fig_view_default();
    fig_shop shop = fig_shop_default();
    view.now_s = 0;
    expect(h, fig_get_shop(h->engine, &view, 1, &shop), NULL, "shop 1");
    h->oracle = oracle_new(stats_of(h, h->engine).version, &shop, FIG_TIME_MIN);
    h->oracle->journals_refusals = h->journals_refusals;
}

static void declare_the_first(struct history *h)
{
    static const uint64_t ids[] = {1, 2, 3, 700000000007};
    static const char *const names[] = {"Figaro", "Bartolo", "Rosina", "Basilio"};
    for (size_t i = 0; i < 4; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = ids[i];
        barber.fields = FIG_BARBER_NAME;
        strcpy(barber.name, names[i]);
        fig_request request = fig_declare_barber_default();
        request.now_s = requests_now(&h->requests);
        request.barber = &barber;
        fig_outcome outcome = fig_outcome_default(), due = fig_outcome_default();
        fig_declare(h->engine, &request, &outcome);
        oracle_request(&h->oracle, &request, &due);
        const char *difference = compare_outcomes(&outcome, &due);
        if (difference != NULL) fail(h, "declare a barber", difference);
    }
}

/* Whether all of its journal could be asked again. */
static bool run_history(uint64_t seed)
{
    struct history *h = calloc(1, sizeof *h);
    cr_assert(h != NULL);
    h->seed = seed;
    h->told = support_setting("FIGARO_SEED", 0) != 0;
    h->random = support_random_from(seed);
    h->requests = requests_from(&h->random);
    h->in_memory = support_chance(&h->random, 50);
    h->journals_refusals = support_chance(&h->random, 50);
    if (!h->in_memory) support_make_fast_directory(h->directory);
    h->engine = open_engine(h, false);
    begin_oracle(h);
    declare_the_first(h);
    unsigned steps = 20 + (unsigned)support_below(&h->random, 100);
    for (h->step = 1; h->step <= steps; h->step++) take_step(h);
    for (size_t i = 0; i < HISTORY_SNAPSHOTS; i++)
        if (h->kept[i].snapshot != NULL) compare_kept(h, &h->kept[i]);
    compare_all(h, h->engine, "at the end");
    bool whole = ask_again(h);
    reopen(h);
    verify(h);
    close_engine(h);
    oracle_free(h->oracle);
    if (!h->in_memory) support_remove(h->directory);
    free(h);
    return whole;
}

enum { ENOUGH = 200 }; /* histories, to say anything of how many */

static void run_share(unsigned part, unsigned parts)
{
    struct support_seeds seeds = support_seeds_of(part, parts);
    uint64_t cut = 0, all = seeds.end - seeds.first;
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) cut += !run_history(seed);
    cr_assert(all < ENOUGH || 2 * cut < all,
              "the journals of %" PRIu64 " of %" PRIu64 " histories were asked only in part", cut, all);
}

Test(oracle, histories_first_quarter) { run_share(0, 4); }
Test(oracle, histories_second_quarter) { run_share(1, 4); }
Test(oracle, histories_third_quarter) { run_share(2, 4); }
Test(oracle, histories_fourth_quarter) { run_share(3, 4); }
