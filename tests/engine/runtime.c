/* The runtime's own promises: deadlines, checkpoints, memory, words of failures. Budget: ten seconds. */
#include "tests/engine/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static char directory[SUPPORT_PATH];

static void make(void) { support_make_fast_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(runtime, .init = make, .fini = drop);

static fig_engine *open_with(fig_options options)
{
    fig_engine *engine = NULL;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    return engine;
}

static fig_engine *open_without_checkpoints(void)
{
    fixture_close(fixture_open(directory));
    fig_options options = fig_options_default();
    options.checkpoint_records = 0;
    return open_with(options);
}

enum { MANY = 1000 };

/* Books `count` hours from the nth on, by the thousand. */
static void book_many(fig_engine *engine, int n, int count, const char *note)
{
    static fig_request requests[MANY];
    static fig_outcome outcomes[MANY];
    for (; count > 0; count -= MANY, n += MANY) {
        size_t some = count < MANY ? (size_t)count : MANY;
        for (size_t i = 0; i < some; i++) {
            int64_t start_s = NOON + (n + (int64_t)i) * MINUTE;
            requests[i] = a_booking(FIGARO, start_s, start_s + MINUTE);
            requests[i].note = note;
            outcomes[i] = fig_outcome_default();
        }
        must_be(fig_write(engine, requests, some, outcomes), FIG_OK);
        for (size_t i = 0; i < some; i++) must_be(outcomes[i].status, FIG_OK);
    }
}

/* ---- versions that readers look at ---- */

struct mover {
    fig_engine *engine;
    uint64_t id;
    atomic_bool over;
};

static void *move_to_and_fro(void *argument)
{
    struct mover *mover = argument;
    for (int i = 0; i < 2000; i++)
        must(mover->engine, a_move(mover->id, NOON + i % 2 * HOUR, NOON + i % 2 * HOUR + HOUR), FIG_OK);
    atomic_store(&mover->over, true);
    return NULL;
}

/* Latest reads, refusals for want of time and statistics look at no version that may be freed under them. */
Test(runtime, nothing_is_read_of_a_version_that_is_gone)
{
    struct mover mover = {.engine = fixture_engine()};
    pthread_t thread;
    mover.id = booked(mover.engine, FIGARO, NOON, NOON + HOUR);
    cr_assert_eq(pthread_create(&thread, NULL, move_to_and_fro, &mover), 0);
    uint64_t version = 0;
    while (!atomic_load(&mover.over)) {
        fig_request hasty = a_move(mover.id, NOON + 9 * HOUR, NOON + 10 * HOUR);
        hasty.timeout_ns = 1;
        fig_outcome outcome = must(mover.engine, hasty, FIG_BUSY);
        cr_assert_geq(outcome.version, version);
        version = outcome.version;
        cr_assert_geq(stats_of(mover.engine).version, version);
        cr_assert_eq(appointment_at(mover.engine, mover.id, NOON).barber_id, FIGARO);
    }
    pthread_join(thread, NULL);
    fixture_close(mover.engine);
}

/* ---- verify ---- */

static void *book_with_notes(void *argument)
{
    struct mover *mover = argument;
    for (int i = 0; i < 2000 && !atomic_load(&mover->over); i += 20) book_many(mover->engine, i, 20, "with a note");
    return NULL;
}

Test(runtime, a_store_in_use_verifies)
{
    fixture_close(fixture_open(directory));
    fig_options options = fig_options_default();
    options.checkpoint_records = 30;
    struct mover mover = {.engine = open_with(options)};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, book_with_notes, &mover), 0);
    for (int i = 0; i < 20; i++) {
        fig_report report = fig_report_default();
        fig_status status = fig_verify(directory, NULL, &report, NULL);
        cr_expect_eq(status, FIG_OK, "try %d: %s: %s", i, fig_status_name(status), report.text);
    }
    atomic_store(&mover.over, true);
    pthread_join(thread, NULL);
    fixture_close(mover.engine);
}

/* ---- checkpoints ---- */

Test(runtime, a_call_with_little_time_writes_no_checkpoint)
{
    fig_engine *engine = open_without_checkpoints();
    fixture_close(engine);
    fig_options options = fig_options_default();
    options.checkpoint_records = 50;
    options.committer = FIG_COMMITTER_NONE; /* a committer writes them after its callers have left */
    engine = open_with(options);
    for (int i = 0; i < 100; i++) {
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.timeout_ns = INT64_C(40000000);
        must(engine, request, FIG_OK);
    }
    uint64_t before = stats_of(engine).checkpoint_frame;
    booked(engine, FIGARO, NOON + 100 * HOUR, NOON + 101 * HOUR);
    fig_stats after = stats_of(engine);
    cr_expect_lt(before, 50);
    cr_expect_eq(after.checkpoint_frame, after.frame, "a call with time wrote none");
    fixture_close(engine);
}

Test(runtime, opening_moves_the_tables_on)
{
    fig_engine *engine = open_without_checkpoints();
    book_many(engine, 0, 100000, NULL);
    cr_assert_lt(stats_of(engine).checkpoint_frame, 10);
    fig_stats before = stats_of(engine);
    fixture_close(engine);
    fig_options options = fig_options_default();
    options.read_only = true;
    engine = open_with(options);
    fig_stats read_only = stats_of(engine);
    must_be_equal(&before, &read_only);
    cr_assert_lt(read_only.checkpoint_frame, 10, "a read-only engine wrote");
    fixture_close(engine);
    engine = open_with(fig_options_default());
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_expect_eq(after.checkpoint_frame, after.frame);
    fixture_close(engine);
}

/* An allocator that counts. */
static atomic_size_t used;

static void *count_in(void *context, size_t size)
{
    (void)context;
    atomic_fetch_add(&used, size);
    return malloc(size);
}

static void count_out(void *context, void *memory, size_t size)
{
    (void)context;
    atomic_fetch_sub(&used, size);
    free(memory);
}

static size_t growth_of_a_reader(bool read_only)
{
    static char note[FIG_NOTE_MAX + 1];
    memset(note, 'n', sizeof note - 1);
    fig_engine *writer = fixture_open(directory);
    fig_options options = fig_options_default();
    options.read_only = read_only;
    options.allocator = (fig_allocator){count_in, count_out, NULL};
    options.checkpoint_records = 1000;
    fig_engine *reader = open_with(options);
    size_t before = atomic_load(&used);
    for (int i = 0; i < 20; i++) {
        book_many(writer, i * 500, 500, note);
        must_be(fig_checkpoint(writer, NULL), FIG_OK);
        appointment_at(reader, 1, NOON);
    }
    size_t grown = atomic_load(&used) - before;
    fixture_close(reader);
    fixture_close(writer);
    return grown;
}

/* 40 MB of notes go by. */
Test(runtime, one_that_only_reads_forgets_what_the_tables_have) { cr_expect_lt(growth_of_a_reader(false), 16 << 20); }

Test(runtime, a_read_only_one_forgets_what_the_tables_have) { cr_expect_lt(growth_of_a_reader(true), 16 << 20); }

Test(runtime, notes_are_found_when_their_memory_is_dropped)
{
    fig_engine *writer = fixture_open(directory);
    book_many(writer, 0, 10, "a note");
    must_be(fig_checkpoint(writer, NULL), FIG_OK);
    fig_request taken = a_booking(FIGARO, NOON, NOON + HOUR);
    must(writer, taken, FIG_CONFLICT); /* work that is abandoned */
    booked(writer, FIGARO, NOON + DAY, NOON + DAY + HOUR);
    char note[FIG_NOTE_MAX + 1];
    size_t size = 0;
    must_be(fig_get_note(writer, 1, note, sizeof note, &size), FIG_OK);
    cr_expect_str_eq(note, "a note");
    fixture_close(writer);
}

/* ---- snapshots ---- */

Test(runtime, many_snapshots_of_one_version_are_one)
{
    enum { SNAPSHOTS = 600 };
    static fig_snapshot *held[SNAPSHOTS];
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR), early = 0;
    for (int i = 0; i < SNAPSHOTS; i++) must_be(fig_snapshot_open(engine, &held[i]), FIG_OK);
    for (int i = 0; i < 6000; i++) {
        must(engine, a_move(id, NOON + i % 2 * HOUR, NOON + i % 2 * HOUR + HOUR), FIG_OK);
        if (i == 1000) early = stats_of(engine).memory_bytes;
    }
    cr_expect_leq(stats_of(engine).memory_bytes, early + (1 << 20));
    must_be(fig_close(engine), FIG_BUSY);
    for (int i = SNAPSHOTS; i-- > 0;) fig_snapshot_close(held[i]);
    fixture_close(engine);
}

Test(runtime, snapshots_of_many_versions_keep_theirs)
{
    enum { SNAPSHOTS = 600 };
    static fig_snapshot *held[SNAPSHOTS];
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    for (int i = 0; i < SNAPSHOTS; i++) {
        must(engine, a_move(id, NOON + i * HOUR, NOON + (i + 1) * HOUR), FIG_OK);
        must_be(fig_snapshot_open(engine, &held[i]), FIG_OK);
    }
    for (int i = 0; i < SNAPSHOTS; i++) {
        fig_view view = fig_view_default();
        fig_appointment found = fig_appointment_default();
        view.now_s = BEFORE_IT;
        view.snapshot = held[i * 7 % SNAPSHOTS];
        must_be(fig_get_appointment(engine, &view, id, &found), FIG_OK);
        cr_assert_eq(found.start_s, NOON + i * 7 % SNAPSHOTS * HOUR);
        must(engine, a_move(id, NOON - HOUR * (1 + i % 2), NOON - HOUR * (i % 2)), FIG_OK);
    }
    for (int i = 0; i < SNAPSHOTS; i++) fig_snapshot_close(held[i * 7 % SNAPSHOTS]);
    fixture_close(engine);
}

/* ---- words and arguments ---- */

Test(runtime, success_says_nothing_of_failure)
{
    fig_error error = fig_error_default();
    fig_engine *engine = fixture_open(directory);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must_be(fig_checkpoint(engine, &error), FIG_OK);
    fixture_close(engine);
    fig_options options = fig_options_default();
    must_be(fig_open(directory, &options, &engine, &error), FIG_OK);
    fixture_close(engine);
    cr_expect_eq(error.status, FIG_OK);
    cr_expect_str_empty(error.message);
}

static void must_leave_nothing(fig_options options)
{
    struct stat there;
    fig_engine *engine = NULL;
    char path[SUPPORT_PATH + 8];
    snprintf(path, sizeof path, "%s/new", directory);
    options.create = true;
    must_be(fig_open(path, &options, &engine, NULL), FIG_INVALID);
    cr_expect_neq(stat(path, &there), 0, "something was made");
}

Test(runtime, bad_options_make_no_store)
{
    fig_options options = fig_options_default();
    options.default_zone = "a name of a zone that is longer than the sixty-three bytes it may have";
    must_leave_nothing(options);
    options.default_zone = "";
    must_leave_nothing(options);
    options = fig_options_default();
    options.now_s = FIG_TIME_MAX + 1;
    must_leave_nothing(options);
}

Test(runtime, what_is_no_struct_is_not_written)
{
    fig_engine *engine = fixture_engine();
    fig_view view = at(NOON);
    fig_appointment appointment = {0};
    fig_shop shop = {0};
    fig_barber barber = {0};
    fig_error error = {0};
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must_be(fig_get_appointment(engine, &view, 1, &appointment), FIG_INVALID);
    must_be(fig_find_appointment(engine, &view, "k", &appointment), FIG_INVALID);
    must_be(fig_get_shop(engine, &view, 1, &shop), FIG_INVALID);
    must_be(fig_get_barber(engine, &view, FIGARO, &barber), FIG_INVALID);
    must_be(fig_find_barber(engine, &view, "Figaro", &barber), FIG_INVALID);
    must_be(fig_checkpoint(engine, &error), FIG_INVALID);
    fixture_close(engine);
}

Test(runtime, outcomes_are_all_or_none_touched)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[2] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(BARTOLO, NOON, NOON + HOUR)};
    fig_outcome outcomes[2] = {fig_outcome_default(), {0}};
    outcomes[0].status = FIG_NAME_TAKEN;
    must_be(fig_write(engine, requests, 2, outcomes), FIG_INVALID);
    cr_expect_eq(outcomes[0].status, FIG_NAME_TAKEN);
    fixture_close(engine);
}

Test(runtime, a_request_of_another_kind_leaves_a_whole_outcome)
{
    fig_engine *engine = fixture_engine();
    fig_outcome outcome = must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    outcome.others_count = 7;
    outcome.repeated = true;
    must_be(fig_hold(engine, &request, &outcome), FIG_INVALID);
    cr_expect_str_eq(outcome.field, "operation");
    cr_expect_eq(outcome.appointment.id, 0);
    cr_expect_eq(outcome.barber_id, 0);
    cr_expect_eq(outcome.others_count, 0);
    cr_expect_not(outcome.repeated);
    cr_expect_eq(outcome.version, stats_of(engine).version);
    fixture_close(engine);
}

Test(runtime, a_timeout_may_be_as_long_as_it_likes)
{
    fig_engine *engine = fixture_engine();
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.timeout_ns = INT64_MAX;
    must(engine, request, FIG_OK);
    fixture_close(engine);
}

/* ---- the journal ---- */

static fig_event event_of(fig_engine *engine, uint64_t version, int nth)
{
    fig_journal *journal = NULL;
    fig_event event = fig_event_default();
    must_be(fig_journal_open(engine, version, &journal), FIG_OK);
    for (int i = 0; i <= nth; i++) must_be(fig_journal_next(journal, &event), FIG_OK);
    fig_journal_close(journal);
    return event;
}

Test(runtime, events_are_the_same_however_far_an_engine_is)
{
    fig_engine *behind = fixture_open(directory), *ahead = fixture_open(directory);
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.key = "order-1";
    request.client_id = 5;
    uint64_t id = must(ahead, request, FIG_OK).appointment.id;
    fig_outcome moved = must(ahead, a_move(id, NOON + HOUR, NOON + 2 * HOUR), FIG_OK);
    fig_event event = event_of(behind, moved.version, 0);
    cr_expect_eq(event.kind, FIG_EVENT_MOVED);
    cr_expect_str_eq(event.appointment.key, "order-1");
    cr_expect_eq(event.appointment.client_id, 5);
    fixture_close(behind);
    fixture_close(ahead);
}

Test(runtime, every_event_of_a_keyed_batch_has_its_key)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request requests[2] = {a_move(id, NOON + HOUR, NOON + 2 * HOUR), a_booking(FIGARO, NOON, NOON + HOUR)};
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    requests[0].key = "batch-1";
    must_be(fig_batch(engine, requests, 2, outcomes), FIG_OK);
    for (int i = 0; i < 2; i++) cr_expect_str_eq(event_of(engine, outcomes[0].version, i).key, "batch-1");
    fixture_close(engine);
}

/* ---- checkpoints by themselves ---- */

static uint64_t checkpoint_in_memory(uint32_t checkpoint_records)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.in_memory = true;
    options.checkpoint_records = checkpoint_records;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    for (int i = 0; i < 40; i++) book_many(engine, i * 500, 500, NULL);
    uint64_t frame = stats_of(engine).checkpoint_frame;
    fixture_close(engine);
    return frame;
}

Test(runtime, in_memory_no_checkpoint_is_written_unless_asked_for)
{
    cr_assert_eq(checkpoint_in_memory(FIG_CHECKPOINT_DEFAULT), 0);
    cr_assert_eq(fig_options_default().checkpoint_records, FIG_CHECKPOINT_DEFAULT);
    cr_assert_gt(checkpoint_in_memory(16384), 0);
}
