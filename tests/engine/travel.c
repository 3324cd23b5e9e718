/* Time travel: the state at any version is the one that a fresh engine comes to which has been told as much and no
 * more. Budget: 4 s. */
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

static fig_stats stats_at(fig_engine *engine, uint64_t version)
{
    fig_snapshot *snapshot = NULL;
    fig_stats stats = fig_stats_default();
    must_be(fig_snapshot_open_at(engine, version, &snapshot), FIG_OK);
    must_be(fig_get_snapshot_stats(snapshot, &stats), FIG_OK);
    fig_snapshot_close(snapshot);
    return stats;
}

static void expect_same(const fig_stats *a, const fig_stats *b)
{
    cr_assert_eq(a->version, b->version);
    cr_assert(memcmp(a->digest, b->digest, sizeof a->digest) == 0, "version %llu: the digests differ",
              (unsigned long long)a->version);
    cr_assert_eq(a->appointments, b->appointments);
    cr_assert_eq(a->active, b->active);
    cr_assert_eq(a->windows, b->windows);
    cr_assert_eq(a->keys, b->keys);
}

/* A request of any kind on the shop of the fixture. */
static fig_outcome anything(fig_engine *engine, struct support_random *random, int64_t now_s)
{
    int64_t start_s = NOON + support_between(random, 0, 300) * 15 * MINUTE;
    uint64_t id = 1 + support_below(random, stats_of(engine).appointments + 1);
    fig_request request;
    char key[32];
    switch (support_below(random, 8)) {
    case 0: request = a_move(id, start_s, start_s + HOUR); break;
    case 1: request = a_status(id, FIG_CANCELLED); break;
    case 2: request = a_window(FIG_OP_OPEN_WINDOW, FIGARO, start_s, start_s + DAY); break;
    case 3: request = a_window(FIG_OP_CLOSE_WINDOW, FIGARO, start_s, start_s + HOUR); break;
    case 4: request = a_hold(BARTOLO, start_s, start_s + HOUR, 600); break;
    default: request = a_booking(1 + support_below(random, 2), start_s, start_s + HOUR / 2); break;
    }
    support_format(key, sizeof key, "key %llu", (unsigned long long)support_below(random, 1000000));
    request.key = support_chance(random, 50) ? key : NULL;
    if (request.operation == FIG_OP_BOOK && support_chance(random, 30)) request.note = "a note";
    request.now_s = now_s;
    return ask(engine, request);
}

enum { CHANGES = 600, LOOKS = 200 };

/* What the engine itself said of each version when it was the newest. */
static uint64_t live_through(fig_engine *engine, struct support_random *random, fig_stats *told)
{
    for (int i = 0; i < CHANGES; i++) {
        anything(engine, random, BEFORE_IT + i);
        fig_stats now = stats_of(engine);
        told[now.version] = now;
        if (i % 150 == 100) must_be(fig_checkpoint(engine, NULL), FIG_OK);
    }
    return stats_of(engine).version;
}

static void look_everywhere(fig_engine *engine, struct support_random *random, const fig_stats *told, uint64_t newest)
{
    for (int i = 0; i < LOOKS; i++) {
        uint64_t version = 1 + support_below(random, newest);
        fig_stats then = stats_at(engine, version);
        if (told[version].version == 0) continue;
        expect_same(&then, &told[version]);
    }
}

Test(travel, at_random_versions_the_state_is_what_it_was, .timeout = 60)
{
    char path[SUPPORT_PATH];
    support_make_fast_directory(path);
    struct support_random random = support_random_from(support_setting("FIGARO_SEED", 42));
    fig_stats *told = calloc(CHANGES + 100, sizeof *told);
    fig_engine *engine = fixture_open(path);
    uint64_t newest = live_through(engine, &random, told);
    look_everywhere(engine, &random, told, newest);
    cr_assert_eq(stats_of(engine).snapshots, 0);
    fixture_close(engine);
    engine = fixture_open(path);
    look_everywhere(engine, &random, told, newest);
    fixture_close(engine);
    free(told);
    support_remove(path);
}

Test(travel, versions_within_a_frame_can_be_seen_too)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[10];
    fig_outcome outcomes[10];
    for (int i = 0; i < 10; i++) {
        requests[i] = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        outcomes[i] = fig_outcome_default();
    }
    must_be(fig_write(engine, requests, 10, outcomes), FIG_OK);
    for (uint64_t i = 0; i < 10; i++) {
        fig_stats then = stats_at(engine, outcomes[i].version);
        cr_assert_eq(then.version, outcomes[i].version);
        cr_assert_eq(then.appointments, i + 1);
    }
    fixture_close(engine);
}

Test(travel, reads_through_an_old_version_see_it_alone)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    uint64_t version = stats_of(engine).version;
    must(engine, a_move(id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_snapshot *then = NULL, *again = NULL;
    must_be(fig_snapshot_open_at(engine, version, &then), FIG_OK);
    must_be(fig_snapshot_open_at(engine, version, &again), FIG_OK);
    fig_view view = at(BEFORE_IT);
    view.latest = false;
    view.snapshot = then;
    fig_appointment found = fig_appointment_default();
    must_be(fig_get_appointment(engine, &view, id, &found), FIG_OK);
    cr_assert_eq(found.start_s, NOON);
    must_be(fig_get_appointment(engine, &view, id + 1, &found), FIG_NOT_FOUND);
    fig_span span = fig_span_default();
    span.barber_id = FIGARO;
    span.start_s = NOON + DAY;
    span.end_s = NOON + DAY + HOUR;
    must_be(fig_check(engine, &view, &span, NULL, 0, NULL), FIG_OK);
    must_be(fig_close(engine), FIG_BUSY);
    fig_snapshot_close(then);
    fig_snapshot_close(again);
    fixture_close(engine);
}

Test(travel, a_version_that_is_held_is_not_built_anew)
{
    fig_engine *engine = fixture_engine();
    fig_snapshot *held = NULL, *found = NULL;
    must_be(fig_snapshot_open(engine, &held), FIG_OK);
    uint64_t version = stats_of(engine).version;
    for (int i = 0; i < 100; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    must_be(fig_snapshot_open_at(engine, version, &found), FIG_OK);
    fig_snapshot_close(held); /* it is held by the other now */
    for (int i = 0; i < 100; i++) booked(engine, BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_stats then = fig_stats_default();
    must_be(fig_get_snapshot_stats(found, &then), FIG_OK);
    cr_assert_eq(then.version, version);
    cr_assert_eq(then.appointments, 0);
    fig_snapshot_close(found);
    fixture_close(engine);
}

Test(travel, a_version_that_never_was_is_not_found)
{
    fig_engine *engine = fixture_engine();
    fig_snapshot *snapshot = NULL;
    uint64_t version = 7;
    must_be(fig_snapshot_open_at(engine, stats_of(engine).version + 1, &snapshot), FIG_NOT_FOUND);
    must_be(fig_snapshot_open_at(engine, 0, &snapshot), FIG_INVALID);
    must_be(fig_snapshot_open_at(engine, 1, NULL), FIG_INVALID);
    must_be(fig_find_version(engine, FIG_TIME_MIN, &version), FIG_NOT_FOUND);
    must_be(fig_find_version(engine, FIG_TIME_MAX + 1, &version), FIG_INVALID);
    cr_assert_eq(version, 7);
    cr_assert_null(snapshot);
    fixture_close(engine);
}

/* Requests carry clocks of their own: one that is ahead hides nothing of what came after it. */
Test(travel, an_instant_means_the_last_entry_that_is_not_after_it)
{
    fig_engine *engine = fixture_engine();
    uint64_t versions[4], found = 0;
    static const int64_t nows_s[4] = {NOON, NOON + 100, NOON + 5000, NOON + 200};
    for (int i = 0; i < 4; i++) {
        fig_request request = a_booking(FIGARO, NOON + DAY + i * HOUR, NOON + DAY + (i + 1) * HOUR);
        request.now_s = nows_s[i];
        versions[i] = must(engine, request, FIG_OK).version;
    }
    must_be(fig_find_version(engine, NOON + 99, &found), FIG_OK);
    cr_assert_eq(found, versions[0]);
    must_be(fig_find_version(engine, NOON + 100, &found), FIG_OK);
    cr_assert_eq(found, versions[1]);
    must_be(fig_find_version(engine, NOON + 200, &found), FIG_OK);
    cr_assert_eq(found, versions[3]);
    fixture_close(engine);
}
