/* What-if copies: they take everything and change nothing, and are merged back whole or not at all. Budget: 2 s. */
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

static fig_engine *forked(fig_engine *engine)
{
    fig_error error = fig_error_default();
    fig_engine *fork = NULL;
    fig_status status = fig_fork(engine, NULL, &fork, &error);
    cr_assert(status == FIG_OK, "%s: %s", fig_status_name(status), error.message);
    return fork;
}

enum { MEMBERS = 300 };

static fig_merged members[MEMBERS];

static fig_status merged(fig_engine *fork, size_t *count)
{
    fig_error error = fig_error_default();
    for (size_t i = 0; i < MEMBERS; i++) members[i] = fig_merged_default();
    return fig_merge(fork, BEFORE_IT, members, MEMBERS, count, &error);
}

/* A digest over what is active, whatever its id: whose, from when to when. */
static uint64_t shape_of(fig_engine *engine, size_t *count)
{
    fig_view view = at(BEFORE_IT);
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    fig_appointment page[50];
    uint64_t sum = 0;
    filter.active = true;
    *count = 0;
    for (size_t i = 0; i < 50; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t got = 0;
        must_be(fig_list(engine, &view, &filter, &cursor, page, 50, &got), FIG_OK);
        if (got == 0) return sum;
        for (size_t i = 0; i < got; i++) {
            struct support_random mix =
                support_random_from((uint64_t)page[i].start_s * 7919 + (uint64_t)page[i].end_s * 104729 +
                                    page[i].barber_id * 31 + (uint64_t)page[i].status);
            sum += support_next(&mix);
        }
        *count += got;
    }
}

Test(fork, changes_nothing_of_the_first)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_stats before = stats_of(engine);
    fig_engine *fork = forked(engine);
    fig_stats copy = stats_of(fork);
    must_be_equal(&before, &copy);
    must(fork, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    must(fork, a_move(id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    booked(fork, FIGARO, NOON, NOON + HOUR);
    for (int i = 0; i < 200; i++) booked(fork, BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, NOON));
    must_be(fig_close(engine), FIG_BUSY);
    fixture_close(fork);
    fixture_close(engine);
}

/* Nodes are shared: what the first goes on to do must not be seen, nor the memory be used again under the fork. */
Test(fork, sees_nothing_of_what_comes_after_it)
{
    fig_engine *engine = fixture_engine();
    for (int i = 0; i < 500; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_engine *fork = forked(engine), *second = forked(fork);
    fig_stats before = stats_of(fork);
    for (int i = 0; i < 500; i++) must(engine, a_status((uint64_t)i + 1, FIG_CANCELLED), FIG_OK);
    for (int i = 0; i < 500; i++) booked(engine, BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_stats after = stats_of(fork), again = stats_of(second);
    must_be_equal(&before, &after);
    must_be_equal(&before, &again);
    for (int i = 0; i < 500; i++) cr_assert_not(is_free(second, FIGARO, NOON + i * HOUR, NOON + i * HOUR + 1, NOON));
    must(fork, a_status(3, FIG_CANCELLED), FIG_OK);
    cr_assert_not(is_free(second, FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR, NOON));
    must_be(fig_close(fork), FIG_BUSY);
    fixture_close(second);
    fixture_close(fork);
    fixture_close(engine);
}

Test(fork, of_an_old_version_begins_there)
{
    fig_engine *engine = fixture_engine(), *fork = NULL;
    booked(engine, FIGARO, NOON, NOON + HOUR);
    uint64_t version = stats_of(engine).version;
    must(engine, a_status(1, FIG_CANCELLED), FIG_OK);
    fig_snapshot *then = NULL;
    must_be(fig_snapshot_open_at(engine, version, &then), FIG_OK);
    must_be(fig_fork(engine, then, &fork, NULL), FIG_OK);
    fig_snapshot_close(then);
    must(fork, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    booked(fork, FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    must_be(fig_snapshot_open_at(fork, version - 1, &then), FIG_NOT_FOUND);
    must_be(fig_checkpoint(fork, NULL), FIG_INVALID);
    fixture_close(fork);
    fixture_close(engine);
}

Test(fork, knows_the_notes)
{
    char path[SUPPORT_PATH], note[64];
    size_t size;
    support_make_fast_directory(path);
    fig_engine *engine = fixture_open(path);
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.note = "on the disk";
    must(engine, request, FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    booked(engine, BARTOLO, NOON, NOON + HOUR); /* lets go of the note */
    fig_engine *fork = forked(engine);
    must_be(fig_get_note(fork, 1, note, sizeof note, &size), FIG_OK);
    cr_assert_str_eq(note, "on the disk");
    request = a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR);
    request.note = "in the fork";
    uint64_t id = must(fork, request, FIG_OK).appointment.id;
    must_be(fig_get_note(fork, id, note, sizeof note, &size), FIG_OK);
    cr_assert_str_eq(note, "in the fork");
    size_t count = 0;
    must_be(merged(fork, &count), FIG_OK);
    must_be(fig_get_note(engine, members[0].outcome.appointment.id, note, sizeof note, &size), FIG_OK);
    cr_assert_str_eq(note, "in the fork");
    fixture_close(fork);
    fixture_close(engine);
    support_remove(path);
}

static void change_at_random(fig_engine *engine, struct support_random *random, int i)
{
    char key[24];
    int64_t start_s = NOON + support_between(random, 0, 400) * 30 * MINUTE;
    uint64_t id = 1 + support_below(random, stats_of(engine).appointments + 1);
    fig_request request;
    switch (support_below(random, 6)) {
    case 0: request = a_move(id, start_s, start_s + HOUR); break;
    case 1: request = a_status(id, FIG_CANCELLED); break;
    case 2: request = a_status(id, FIG_CONFIRMED); break;
    default: request = a_booking(1 + support_below(random, 2), start_s, start_s + HOUR / 2); break;
    }
    support_format(key, sizeof key, "key %d", i);
    if (request.operation == FIG_OP_BOOK) request.key = key;
    ask(engine, request);
}

Test(fork, merged_into_what_did_not_change_gives_what_was_in_it, .timeout = 60)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct support_random random = support_random_from(seed);
        fig_engine *engine = fixture_engine();
        for (int i = 0; i < 60; i++) change_at_random(engine, &random, i);
        fig_engine *fork = forked(engine);
        for (int i = 100; i < 160; i++) change_at_random(fork, &random, i);
        size_t count = 0, wanted, is;
        must_be(merged(fork, &count), FIG_OK);
        cr_assert_gt(count, 10);
        uint64_t expected = shape_of(fork, &wanted), shape = shape_of(engine, &is);
        cr_assert_eq(wanted, is, "seed %llu", (unsigned long long)seed);
        cr_assert_eq(expected, shape, "seed %llu", (unsigned long long)seed);
        fixture_close(fork);
        fixture_close(engine);
    }
}

Test(fork, what_conflicts_by_then_is_listed_and_nothing_is_merged)
{
    fig_engine *engine = fixture_engine();
    uint64_t moved = booked(engine, FIGARO, NOON, NOON + HOUR), stale = booked(engine, BARTOLO, NOON, NOON + HOUR);
    fig_engine *fork = forked(engine);
    must(fork, a_move(moved, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    must(fork, a_status(stale, FIG_CANCELLED), FIG_OK);
    uint64_t made = booked(fork, BARTOLO, NOON + 2 * DAY, NOON + 2 * DAY + HOUR);
    uint64_t blocker = booked(engine, FIGARO, NOON + DAY, NOON + DAY + HOUR);
    must(engine, a_status(stale, FIG_CONFIRMED), FIG_OK);
    fig_stats before = stats_of(engine);
    size_t count = 0;
    fig_appointment other = fig_appointment_default();
    for (size_t i = 0; i < MEMBERS; i++) members[i] = fig_merged_default();
    members[0].outcome.others = &other;
    members[0].outcome.others_capacity = 1;
    must_be(fig_merge(fork, BEFORE_IT, members, MEMBERS, &count, NULL), FIG_STALE);
    cr_assert_eq(count, 3);
    cr_assert_eq(members[1].appointment_id, stale);
    cr_assert_eq(members[1].outcome.status, FIG_STALE);
    cr_assert_eq(members[2].appointment_id, made);
    cr_assert_eq(members[2].operation, FIG_OP_BOOK);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    must(fork, a_status(stale, FIG_SCHEDULED), FIG_OK); /* back to what it was: nothing of it is merged */
    for (size_t i = 0; i < MEMBERS; i++) members[i] = fig_merged_default();
    members[0].outcome.others = &other;
    members[0].outcome.others_capacity = 1;
    must_be(fig_merge(fork, BEFORE_IT, members, MEMBERS, &count, NULL), FIG_CONFLICT);
    cr_assert_eq(count, 2);
    cr_assert_eq(members[0].outcome.status, FIG_CONFLICT);
    cr_assert_eq(other.id, blocker);
    cr_assert_eq(members[1].outcome.status, FIG_NOT_DONE);
    after = stats_of(engine);
    must_be_equal(&before, &after);
    fixture_close(fork);
    fixture_close(engine);
}

Test(fork, what_cannot_be_merged_is_told)
{
    fig_engine *engine = fixture_engine(), *fork = forked(engine);
    size_t count = 7;
    must_be(fig_merge(fork, BEFORE_IT, NULL, 0, &count, NULL), FIG_OK);
    cr_assert_eq(count, 0);
    booked(fork, FIGARO, NOON, NOON + HOUR);
    must_be(fig_merge(fork, BEFORE_IT, NULL, 0, &count, NULL), FIG_INVALID);
    cr_assert_eq(count, 1);
    must_be(fig_merge(engine, BEFORE_IT, NULL, 0, &count, NULL), FIG_INVALID);
    must(fork, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + DAY, NOON + 2 * DAY), FIG_OK);
    fig_error error = fig_error_default();
    for (size_t i = 0; i < MEMBERS; i++) members[i] = fig_merged_default();
    must_be(fig_merge(fork, BEFORE_IT, members, MEMBERS, &count, &error), FIG_INVALID);
    cr_assert_not_null(strstr(error.message, "declared"));
    fixture_close(fork);
    fixture_close(engine);
}
