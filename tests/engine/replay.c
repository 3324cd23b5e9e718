/* A journal replayed into another store: the same frames, the same state, from wherever it stopped. Budget: 1 s. */
#include "tests/engine/fixture.h"

#include <string.h>

static fig_engine *bare_engine(void)
{
    fig_options options = fig_options_default();
    options.in_memory = options.bare = true;
    fig_engine *engine = NULL;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    return engine;
}

static void book_some(fig_engine *engine, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        fig_request request = a_booking(1 + (uint64_t)i % 2, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.now_s = BEFORE_IT + i;
        if (i % 3 == 0) request.note = "a note";
        uint64_t id = must(engine, request, FIG_OK).appointment.id;
        if (i % 4 == 0) must(engine, a_status(id, FIG_CANCELLED), FIG_OK);
    }
}

static fig_replayed replay(fig_engine *into, fig_engine *from, fig_replay_options options, fig_status status)
{
    fig_error error = fig_error_default();
    fig_replayed done = fig_replayed_default();
    fig_status is = fig_replay(into, from, &options, &done, &error);
    cr_assert(is == status, "%s: %s", fig_status_name(is), error.message);
    return done;
}

static void expect_same(fig_engine *a, fig_engine *b)
{
    fig_stats left = stats_of(a), right = stats_of(b);
    must_be_equal(&left, &right);
    cr_assert_eq(left.frame, right.frame);
}

Test(replay_journal, makes_the_same_store_and_goes_on)
{
    fig_engine *engine = fixture_engine(), *other = bare_engine();
    book_some(engine, 0, 30);
    fig_replayed done = replay(other, engine, fig_replay_options_default(), FIG_OK);
    cr_assert_eq(done.frames, stats_of(engine).frame);
    cr_assert_eq(done.version, stats_of(engine).version);
    cr_assert_eq(done.entries, stats_of(engine).version);
    cr_assert_not(done.more);
    expect_same(engine, other);
    book_some(engine, 30, 10);
    done = replay(other, engine, fig_replay_options_default(), FIG_OK);
    cr_assert_geq(done.frames, 10);
    expect_same(engine, other);
    cr_assert_eq(replay(other, engine, fig_replay_options_default(), FIG_OK).frames, 0);
    fixture_close(other);
    fixture_close(engine);
}

Test(replay_journal, stops_where_it_is_told_and_says_what_comes_next)
{
    fig_engine *engine = fixture_engine(), *other = bare_engine();
    book_some(engine, 1, 3);
    uint64_t before = stats_of(engine).version;
    book_some(engine, 5, 2);
    fig_replay_options options = fig_replay_options_default();
    options.to_version = before;
    fig_replayed done = replay(other, engine, options, FIG_OK);
    cr_assert_eq(done.version, before);
    cr_assert_not(done.more);
    options = fig_replay_options_default();
    options.frames = 1;
    done = replay(other, engine, options, FIG_OK);
    cr_assert_eq(done.frames, 1);
    cr_assert_eq(done.last_now_s, BEFORE_IT + 5);
    cr_assert(done.more);
    cr_assert_eq(done.next_now_s, BEFORE_IT + 6);
    done = replay(other, engine, options, FIG_OK);
    cr_assert_not(done.more);
    expect_same(engine, other);
    fixture_close(other);
    fixture_close(engine);
}

Test(replay_journal, refuses_what_has_a_journal_of_its_own)
{
    fig_engine *engine = fixture_engine(), *other = fixture_engine();
    book_some(engine, 0, 10);
    fig_stats before = stats_of(other);
    replay(other, engine, fig_replay_options_default(), FIG_INVALID);
    fig_stats after = stats_of(other);
    must_be_equal(&before, &after);
    fig_engine *copy = bare_engine();
    replay(copy, engine, fig_replay_options_default(), FIG_OK);
    booked(copy, FIGARO, NOON + 30 * DAY, NOON + 31 * DAY);
    replay(copy, engine, fig_replay_options_default(), FIG_INVALID);
    must_be(fig_replay(engine, engine, NULL, NULL, NULL), FIG_INVALID);
    fixture_close(copy);
    fixture_close(other);
    fixture_close(engine);
}

/* Restoring entries leap; a replay of them does, too. */
Test(replay_journal, follows_where_versions_leap)
{
    fig_engine *engine = fixture_engine(), *restored = bare_engine(), *other = bare_engine();
    book_some(engine, 0, 12);
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    must_be(fig_records_open(engine, NULL, &records), FIG_OK);
    while (fig_records_next(records, &record) == FIG_OK) {
        fig_request request = fig_restore_default();
        request.now_s = BEFORE_IT;
        request.record = &record;
        must(restored, request, FIG_OK);
    }
    fig_records_close(records);
    replay(other, restored, fig_replay_options_default(), FIG_OK);
    expect_same(restored, other);
    fixture_close(other);
    fixture_close(restored);
    fixture_close(engine);
}

Test(replay_journal, onto_a_disk_it_lasts)
{
    char path[SUPPORT_PATH];
    support_make_fast_directory(path);
    fig_engine *engine = fixture_engine(), *other = NULL;
    book_some(engine, 0, 20);
    fig_options options = fig_options_default();
    options.create = options.bare = true;
    options.checkpoint_records = 16;
    must_be(fig_open(path, &options, &other, NULL), FIG_OK);
    replay(other, engine, fig_replay_options_default(), FIG_OK);
    expect_same(engine, other);
    fixture_close(other);
    fig_report report = fig_report_default();
    must_be(fig_verify(path, NULL, &report, NULL), FIG_OK);
    other = fixture_open(path);
    expect_same(engine, other);
    fixture_close(other);
    options = fig_options_default();
    options.read_only = true;
    must_be(fig_open(path, &options, &other, NULL), FIG_OK);
    replay(other, engine, fig_replay_options_default(), FIG_DENIED);
    fixture_close(other);
    fixture_close(engine);
    support_remove(path);
}
