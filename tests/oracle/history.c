/* Random histories against the oracle. Budget: 1,000 histories in well under a minute.
 *
 * A history is some dozens of requests, single, several in a commit, or as a batch; after each the engine's outcome is
 * held against the oracle's. In between the store is closed and opened (from its tables, or from its journal alone),
 * checkpointed, used through a second engine, and versions are kept as snapshots to be looked at much later. */
#include "tests/oracle/compare.h"
#include "tests/oracle/requests.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY_TOGETHER = 6, HISTORY_SNAPSHOTS = 3, HISTORY_OTHERS = 4 };

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
    char directory[SUPPORT_PATH];
    fig_engine *engine;
    fig_engine *second; /* NULL: not open */
    struct oracle *oracle;
    struct kept_version kept[HISTORY_SNAPSHOTS]; /* of `engine` */
    bool told;                                   /* print every step */
};

static void fail(const struct history *h, const char *what, const char *difference) {
    cr_assert_fail("history %" PRIu64 ", step %u: %s\n  %s\n  replay: FIGARO_SEED=%" PRIu64
             " make test TESTFLAGS=\"--filter 'oracle/*' --verbose\"",
             h->seed, h->step, what, difference, h->seed);
}

static void expect(const struct history *h, fig_status status, const fig_error *error, const char *what) {
    if (status != FIG_OK) fail(h, what, error != NULL ? error->message : fig_status_name(status));
}

/* ---- opening and closing ---- */

static fig_engine *open_engine(struct history *h, bool from_journal) {
    fig_options options = fig_options_default();
    options.create = true;
    options.in_memory = h->in_memory;
    options.from_journal = from_journal;
    options.random_seed = h->seed;
    options.now_s = FIG_TIME_MIN;
    options.checkpoint_records = support_chance(&h->random, 50) ? 16 : 4096;
    fig_error error = fig_error_default();
    fig_engine *engine = NULL;
    expect(h, fig_open(h->in_memory ? NULL : h->directory, &options, &engine, &error), &error, "open");
    return engine;
}

static void drop_kept(struct kept_version *kept) {
    fig_snapshot_close(kept->snapshot);
    oracle_free(kept->oracle);
    *kept = (struct kept_version){0};
}

static void close_second(struct history *h) {
    if (h->second != NULL) expect(h, fig_close(h->second), NULL, "close the second engine");
    h->second = NULL;
}

static void close_engine(struct history *h) {
    for (size_t i = 0; i < HISTORY_SNAPSHOTS; i++) drop_kept(&h->kept[i]);
    close_second(h);
    expect(h, fig_close(h->engine), NULL, "close");
    h->engine = NULL;
}

/* Of everything that any handle has written. */
static fig_stats stats_of(const struct history *h, fig_engine *engine) {
    fig_stats stats = fig_stats_default();
    fig_view latest = fig_view_default();
    fig_shop shop;
    latest.now_s = 0;
    latest.latest = true;
    expect(h, fig_get_shop(engine, &latest, 1, &shop), NULL, "shop 1");
    expect(h, fig_get_stats(engine, &stats), NULL, "stats");
    return stats;
}

static void compare_all(struct history *h, fig_engine *engine, const char *when) {
    const char *difference =
        compare_states(engine, NULL, h->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, when, difference);
    if (!oracle_sound(h->oracle)) fail(h, when, "two active appointments conflict");
}

static void reopen(struct history *h) {
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

static void use_second(struct history *h) {
    if (h->in_memory) return;
    if (h->second == NULL) h->second = open_engine(h, support_chance(&h->random, 20));
    else close_second(h);
}

static void verify(struct history *h) {
    if (h->in_memory) return;
    fig_options options = fig_options_default();
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    fig_status status = fig_verify(h->directory, &options, &report, &error);
    if (status != FIG_OK) fail(h, "verify", report.text[0] != '\0' ? report.text : error.message);
}

/* ---- snapshots ---- */

static void compare_kept(struct history *h, struct kept_version *kept) {
    const char *difference =
        compare_states(h->engine, kept->snapshot, kept->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, "a snapshot changed", difference);
}

static void use_snapshots(struct history *h) {
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

struct round {
    struct asked asked[HISTORY_TOGETHER];
    fig_request requests[HISTORY_TOGETHER];
    fig_outcome outcomes[HISTORY_TOGETHER];
    fig_outcome due[HISTORY_TOGETHER];
    fig_appointment others[2][HISTORY_TOGETHER][HISTORY_OTHERS];
    size_t count;
};

static struct round *new_round(size_t count) {
    struct round *round = calloc(1, sizeof *round);
    cr_assert(round != NULL);
    round->count = count;
    for (size_t i = 0; i < count; i++) {
        round->outcomes[i] = round->due[i] = fig_outcome_default();
        round->outcomes[i].others = round->others[0][i];
        round->due[i].others = round->others[1][i];
        round->outcomes[i].others_capacity = round->due[i].others_capacity = HISTORY_OTHERS;
    }
    return round;
}

static void compare_round(const struct history *h, const struct round *round, const char *way) {
    for (size_t i = 0; i < round->count; i++) {
        if (h->told)
            fprintf(stderr, "%u %s %zu: %s -> %s\n", h->step, way, i, describe_request(&round->requests[i]),
                    fig_status_name(round->outcomes[i].status));
        const char *difference = compare_outcomes(&round->outcomes[i], &round->due[i]);
        if (difference == NULL) continue;
        char text[2048];
        support_format(text, sizeof text, "%s", difference);
        fail(h, describe_request(&round->requests[i]), text);
    }
}

static int by_id(const void *left, const void *right) {
    const fig_appointment *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* A refused batch lists what stood in the way, members that were never made among it: who they are counts, not in
 * which order nor with what else. */
static void keep_ids_of_others(fig_outcome *outcome) {
    if (outcome->others_count > outcome->others_capacity) outcome->others_capacity = 0;
    for (size_t i = 0; i < outcome->others_count && i < outcome->others_capacity; i++) {
        uint64_t id = outcome->others[i].id;
        outcome->others[i] = fig_appointment_default();
        outcome->others[i].id = id;
    }
    if (outcome->others_capacity > 0) qsort(outcome->others, outcome->others_count, sizeof *outcome->others, by_id);
}

static fig_status call_single(fig_engine *engine, const fig_request *r, fig_outcome *outcome) {
    switch (r->operation) {
    case FIG_OP_BOOK: return fig_book(engine, r, outcome);
    case FIG_OP_HOLD: return fig_hold(engine, r, outcome);
    case FIG_OP_CONFIRM: return fig_confirm(engine, r, outcome);
    case FIG_OP_MOVE: return fig_move(engine, r, outcome);
    case FIG_OP_SET_STATUS: return fig_set_status(engine, r, outcome);
    default: return fig_declare(engine, r, outcome);
    }
}

static fig_engine *some_engine(struct history *h) {
    return h->second != NULL && support_chance(&h->random, 50) ? h->second : h->engine;
}

static void ask_alone(struct history *h) {
    struct round *round = new_round(1);
    requests_make(&h->requests, h->oracle, false, &round->asked[0]);
    round->requests[0] = round->asked[0].request;
    fig_status status = call_single(some_engine(h), &round->requests[0], &round->outcomes[0]);
    oracle_request(&h->oracle, &round->requests[0], &round->due[0]);
    compare_round(h, round, "alone");
    if (status != round->outcomes[0].status) fail(h, "single call", "returns another status than its outcome");
    requests_remember(&h->requests, &round->asked[0]);
    free(round);
}

/* Unrelated requests in one commit. Each is made up before the ones ahead of it are decided. */
static void ask_together(struct history *h) {
    struct round *round = new_round(1 + support_below(&h->random, HISTORY_TOGETHER));
    for (size_t i = 0; i < round->count; i++) {
        requests_make(&h->requests, h->oracle, false, &round->asked[i]);
        round->requests[i] = round->asked[i].request;
    }
    expect(h, fig_write(some_engine(h), round->requests, round->count, round->outcomes), NULL, "fig_write");
    for (size_t i = 0; i < round->count; i++) {
        oracle_request(&h->oracle, &round->requests[i], &round->due[i]);
        requests_remember(&h->requests, &round->asked[i]);
    }
    compare_round(h, round, "together");
    free(round);
}

static void ask_batch(struct history *h) {
    struct round *round = new_round(1 + support_below(&h->random, HISTORY_TOGETHER));
    for (size_t i = 0; i < round->count; i++) {
        requests_make(&h->requests, h->oracle, true, &round->asked[i]);
        if (i > 0 && round->asked[i].request.operation > FIG_OP_HOLD) requests_drop_key(&round->asked[i]);
        round->asked[i].request.now_s = round->asked[0].request.now_s;
        round->requests[i] = round->asked[i].request;
    }
    fig_status status = fig_batch(some_engine(h), round->requests, round->count, round->outcomes);
    fig_status due = oracle_batch(&h->oracle, round->requests, round->count, round->due);
    for (size_t i = 0; i < round->count; i++) {
        keep_ids_of_others(&round->outcomes[i]);
        keep_ids_of_others(&round->due[i]);
    }
    compare_round(h, round, "batch");
    if (status != due) fail(h, "fig_batch", fig_status_name(status));
    free(round);
}

static void check_something(struct history *h) {
    const char *difference =
        compare_check(some_engine(h), NULL, h->oracle, requests_now(&h->requests), &h->random);
    if (difference != NULL) fail(h, "check", difference);
}

static void take_step(struct history *h) {
    uint64_t dice = support_below(&h->random, 100);
    if (dice < 60) ask_alone(h);
    else if (dice < 72) ask_together(h);
    else if (dice < 86) ask_batch(h);
    else if (dice < 91) use_snapshots(h);
    else if (dice < 93) compare_all(h, some_engine(h), "midway");
    else if (dice < 95) reopen(h);
    else if (dice < 97) use_second(h);
    else expect(h, fig_checkpoint(h->engine, NULL), NULL, "checkpoint");
    check_something(h);
}

/* ---- a history ---- */

static void begin_oracle(struct history *h) {
    fig_view view = fig_view_default();
    fig_shop shop = fig_shop_default();
    view.now_s = 0;
    expect(h, fig_get_shop(h->engine, &view, 1, &shop), NULL, "shop 1");
    h->oracle = oracle_new(stats_of(h, h->engine).version, &shop, FIG_TIME_MIN);
}

static void declare_the_first(struct history *h) {
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

static void run_history(uint64_t seed) {
    struct history *h = calloc(1, sizeof *h);
    cr_assert(h != NULL);
    h->seed = seed;
    h->told = support_setting("FIGARO_SEED", 0) != 0;
    h->random = support_random_from(seed);
    h->requests = requests_from(&h->random);
    h->in_memory = support_chance(&h->random, 50) || getenv("FIGARO_MEMORY");
    if (!h->in_memory) support_make_fast_directory(h->directory);
    h->engine = open_engine(h, false);
    begin_oracle(h);
    declare_the_first(h);
    unsigned steps = 20 + (unsigned)support_below(&h->random, 100);
    for (h->step = 1; h->step <= steps; h->step++) take_step(h);
    for (size_t i = 0; i < HISTORY_SNAPSHOTS; i++)
        if (h->kept[i].snapshot != NULL) compare_kept(h, &h->kept[i]);
    compare_all(h, h->engine, "at the end");
    reopen(h);
    verify(h);
    close_engine(h);
    oracle_free(h->oracle);
    if (!h->in_memory) support_remove(h->directory);
    free(h);
}

static void run_share(unsigned part, unsigned parts) {
    struct support_seeds seeds = support_seeds_of(part, parts);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) run_history(seed);
}

Test(oracle, histories_first_quarter) { run_share(0, 4); }
Test(oracle, histories_second_quarter) { run_share(1, 4); }
Test(oracle, histories_third_quarter) { run_share(2, 4); }
Test(oracle, histories_fourth_quarter) { run_share(3, 4); }
