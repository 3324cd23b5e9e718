/* Relaxed durability: calls are back before the disk has been asked, and the disk has it a little later, in the order
 * in which it was acknowledged, whatever fails. And the directory is held exclusively. Budget: fifteen seconds. */
#include "tests/engine/fixture.h"
#include "tests/engine/sick_store.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND      INT64_C(1000000000)

static char directory[SUPPORT_PATH];

static void make(void) { support_make_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(relaxed, .init = make, .fini = drop, .timeout = 60);

static fig_options relaxed_options(int64_t durable_within_ns)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.exclusive = true;
    options.durable_within_ns = durable_within_ns;
    options.now_s = BEFORE_IT; /* that shop 1 is noted at: in every store the same */
    return options;
}

static fig_engine *open_as(fig_options options)
{
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    fig_status status = fig_open(directory, &options, &engine, &error);
    cr_assert(status == FIG_OK, "open: %s: %s", fig_status_name(status), error.message);
    return engine;
}

/* With a barber, and a store between that can be made to fail; nothing of it is pending. */
static fig_engine *open_sick(int64_t durable_within_ns)
{
    fig_engine *engine = open_as(relaxed_options(durable_within_ns));
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    sick_store_put(engine);
    return engine;
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static fig_request hour(int which) { return a_booking(FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR); }

static fig_status try_hour(fig_engine *engine, int which, int64_t timeout_ns)
{
    fig_request request = hour(which);
    request.timeout_ns = timeout_ns;
    return ask(engine, request).status;
}

static bool has_hour(fig_engine *engine, int which)
{
    return !is_free(engine, FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR, NOON);
}

/* Closes, and what another start finds must be what there was. */
static void close_and_compare(fig_engine *engine)
{
    fig_stats before = stats_of(engine);
    fixture_close(engine);
    fig_report report = fig_report_default();
    must_be(fig_verify(directory, NULL, &report, NULL), FIG_OK);
    fig_options plain = fig_options_default();
    engine = open_as(plain);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    fixture_close(engine);
}

/* ---- when it is durable ---- */

Test(relaxed, calls_are_back_before_the_disk_is_asked)
{
    fig_engine *engine = open_sick(60 * SECOND);
    for (int i = 0; i < 50; i++) must(engine, hour(i), FIG_OK);
    must(engine, hour(7), FIG_CONFLICT);
    cr_assert_eq(sick_store_appends(), 0);
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    cr_assert_eq(sick_store_appends(), 1, "all of it is one frame");
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    cr_assert_eq(sick_store_appends(), 1, "and there is nothing more to make durable");
    close_and_compare(engine);
}

Test(relaxed, the_disk_has_it_soon_though_nobody_asks)
{
    fig_engine *engine = open_sick(20 * MILLISECOND);
    must(engine, hour(0), FIG_OK);
    int64_t give_up_ns = clock_ns() + 20 * SECOND;
    while (sick_store_appends() == 0 && clock_ns() < give_up_ns) usleep(1000);
    cr_assert_eq(sick_store_appends(), 1);
    close_and_compare(engine);
}

Test(relaxed, closing_makes_it_durable)
{
    fig_engine *engine = open_sick(60 * SECOND);
    for (int i = 0; i < 5; i++) must(engine, hour(i), FIG_OK);
    close_and_compare(engine);
}

Test(relaxed, a_checkpoint_makes_it_durable_first)
{
    fig_engine *engine = open_sick(60 * SECOND);
    for (int i = 0; i < 5; i++) must(engine, hour(i), FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fig_stats stats = stats_of(engine);
    cr_assert_eq(stats.checkpoint_frame, stats.frame);
    must(engine, hour(5), FIG_OK);
    close_and_compare(engine);
}

/* Entries that are refused, repeated or of no memory leave nothing in the frame between the others. */
Test(relaxed, the_same_requests_come_to_the_same_state)
{
    fig_options durable = fig_options_default();
    durable.in_memory = true;
    durable.now_s = BEFORE_IT;
    fig_engine *one = open_sick(MILLISECOND);
    fig_engine *other = NULL;
    must_be(fig_open(NULL, &durable, &other, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(other, barber);
    struct support_random random = support_random_from(42);
    for (int i = 0; i < 2000; i++) {
        int which = (int)support_below(&random, 300);
        uint64_t id = 1 + support_below(&random, 200);
        fig_request request = hour(which);
        if (i % 3 == 1) request = a_move(id, request.start_s, request.end_s);
        if (i % 3 == 2 && which % 2 == 0) request = a_status(id, FIG_CANCELLED);
        fig_outcome first = ask(one, request), second = ask(other, request);
        cr_assert_eq(first.status, second.status, "request %d", i);
        cr_assert_eq(first.version, second.version, "request %d", i);
    }
    fig_stats stats = stats_of(one), same = stats_of(other);
    cr_assert(memcmp(stats.digest, same.digest, sizeof stats.digest) == 0);
    fixture_close(other);
    close_and_compare(one);
}

/* ---- beside what reads and writes the store itself ---- */

Test(relaxed, a_version_that_is_still_pending_is_travelled_to)
{
    fig_engine *engine = open_sick(60 * SECOND);
    for (int i = 0; i < 5; i++) must(engine, hour(i), FIG_OK);
    fig_snapshot *then = NULL;
    must_be(fig_snapshot_open_at(engine, stats_of(engine).version - 2, &then), FIG_OK);
    fig_view view = fig_view_default();
    fig_appointment shown = fig_appointment_default();
    view.now_s = NOON;
    view.snapshot = then;
    must_be(fig_get_appointment(engine, &view, 3, &shown), FIG_OK);
    must_be(fig_get_appointment(engine, &view, 4, &shown), FIG_NOT_FOUND);
    fig_snapshot_close(then);
    close_and_compare(engine);
}

static fig_replayed replay(fig_engine *into, fig_engine *from, uint64_t frames)
{
    fig_replay_options options = fig_replay_options_default();
    fig_replayed done = fig_replayed_default();
    fig_error error = fig_error_default();
    options.frames = frames;
    fig_status status = fig_replay(into, from, &options, &done, &error);
    cr_assert_eq(status, FIG_OK, "%s", error.message);
    return done;
}

Test(relaxed, what_is_replayed_into_it_is_followed)
{
    fig_engine *from = fixture_engine();
    for (int i = 0; i < 9; i++) must(from, hour(i), FIG_OK);
    fig_options options = relaxed_options(60 * SECOND);
    options.bare = true;
    fig_engine *engine = open_as(options);
    cr_assert_eq(replay(engine, from, 5).frames, 5);
    cr_assert_gt(replay(engine, from, 0).frames, 0);
    cr_assert_eq(stats_of(engine).durable_version, stats_of(from).version);
    must(engine, hour(9), FIG_OK);
    must(engine, hour(10), FIG_OK);
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    must(engine, hour(11), FIG_OK);
    fixture_close(from);
    close_and_compare(engine);
}

/* ---- when the disk fails ---- */

Test(relaxed, a_disk_that_hangs_holds_nobody_past_the_deadline)
{
    fig_engine *engine = open_sick(2 * MILLISECOND);
    sick_store_hang();
    must(engine, hour(0), FIG_OK);
    sick_store_wait();
    int64_t began_ns = clock_ns();
    must_be(try_hour(engine, 1, 200 * MILLISECOND), FIG_BUSY);
    must_be(fig_sync(engine, 200 * MILLISECOND, NULL), FIG_BUSY);
    cr_assert_lt(clock_ns() - began_ns, 5 * SECOND);
    cr_assert(has_hour(engine, 0) && !has_hour(engine, 1));
    sick_store_release();
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    must(engine, hour(1), FIG_OK);
    close_and_compare(engine);
}

/* What is asked for may be decided before the committer has tried the disk: then it is pending, too. */
static int write_until_refused(fig_engine *engine, int from, fig_status status)
{
    for (int which = from; which < from + 2000; which++) {
        fig_status is = try_hour(engine, which, 10 * SECOND);
        if (is == status) return which;
        must_be(is, FIG_OK);
        usleep(1000);
    }
    cr_assert_fail("the disk's failure came to nobody's notice");
    return 0;
}

static int write_until_accepted(fig_engine *engine, int which, fig_status status)
{
    fig_status is;
    while ((is = try_hour(engine, which, 10 * SECOND)) == status) usleep(1000);
    must_be(is, FIG_OK);
    return which;
}

Test(relaxed, writes_are_refused_until_the_disk_is_well_again)
{
    fig_engine *engine = open_sick(2 * MILLISECOND);
    sick_store_fail(4, STORE_FULL);
    int refused = write_until_refused(engine, 0, FIG_FULL);
    for (int i = 0; i < refused; i++) cr_assert(has_hour(engine, i));
    cr_assert_not(has_hour(engine, refused));
    write_until_accepted(engine, refused, FIG_FULL);
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    close_and_compare(engine);
}

static void settle_a_doubt(bool made)
{
    fig_engine *engine = open_sick(2 * MILLISECOND);
    sick_store_doubt(made, 3);
    int refused = write_until_refused(engine, 0, FIG_UNAVAILABLE);
    cr_assert_not(has_hour(engine, refused));
    write_until_accepted(engine, refused, FIG_UNAVAILABLE);
    must_be(fig_sync(engine, 0, NULL), FIG_OK);
    for (int i = 0; i <= refused; i++) cr_assert(has_hour(engine, i));
    close_and_compare(engine);
}

Test(relaxed, a_frame_in_doubt_that_was_written_is_not_written_again) { settle_a_doubt(true); }
Test(relaxed, a_frame_in_doubt_that_was_not_written_is_written) { settle_a_doubt(false); }

Test(relaxed, nothing_is_closed_while_it_is_not_durable)
{
    fig_engine *engine = open_sick(60 * SECOND);
    must(engine, hour(0), FIG_OK);
    sick_store_fail(1, STORE_IO);
    fig_error error = fig_error_default();
    must_be(fig_sync(engine, 0, &error), FIG_IO);
    cr_assert(strstr(error.message, "not durable") != NULL, "%s", error.message);
    sick_store_fail(1, STORE_IO);
    must_be(fig_close(engine), FIG_BUSY);
    cr_assert(has_hour(engine, 0));
    close_and_compare(engine);
}

/* ---- kill -9 ---- */

enum { BOOKINGS = 100000 };

/* Books hour after hour, and says after each when it was acknowledged. */
static void book_for_ever(int to)
{
    fig_engine *engine;
    fig_options options = relaxed_options(20 * MILLISECOND);
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(98);
    for (int i = 0; i < BOOKINGS; i++) {
        fig_request request = hour(i);
        fig_outcome outcome = fig_outcome_default();
        if (fig_book(engine, &request, &outcome) != FIG_OK) _exit(97);
        int64_t now_ns = clock_ns();
        if (write(to, &now_ns, sizeof now_ns) != sizeof now_ns) _exit(96);
        usleep(200);
    }
    _exit(95);
}

static int kill_and_count(int from, pid_t child, int64_t *killed_ns, int *surely)
{
    int64_t acknowledged_ns[BOOKINGS];
    int count = 0;
    usleep(700000);
    *killed_ns = clock_ns();
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status), "the child left by itself: %d", WEXITSTATUS(status));
    while (read(from, &acknowledged_ns[count], sizeof acknowledged_ns[0]) == sizeof acknowledged_ns[0]) count++;
    for (*surely = 0; *surely < count && acknowledged_ns[*surely] < *killed_ns - 400 * MILLISECOND;) ++*surely;
    return count;
}

/* Twenty times the promised span is waited for: the machine may be busy, and the disk slow. */
Test(relaxed, a_crash_loses_the_last_ones_at_most)
{
    fixture_close(open_sick(MILLISECOND));
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) book_for_ever(ends[1]);
    close(ends[1]);
    int64_t killed_ns;
    int surely, count = kill_and_count(ends[0], child, &killed_ns, &surely);
    close(ends[0]);
    cr_assert_gt(surely, 0);
    fig_engine *engine = open_as(relaxed_options(MILLISECOND));
    int found = 0;
    while (has_hour(engine, found)) found++;
    cr_assert_geq(found, surely, "%d acknowledged, %d long before the kill, %d found", count, surely, found);
    cr_assert_leq(found, count + 1);
    cr_assert_eq(stats_of(engine).active, (uint64_t)found, "one in the middle is lost");
    close_and_compare(engine);
}

/* ---- exclusive ---- */

static void must_not_open(fig_options options, const char *words)
{
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    must_be(fig_open(directory, &options, &engine, &error), FIG_UNAVAILABLE);
    cr_assert(engine == NULL && strstr(error.message, words) != NULL, "%s", error.message);
}

Test(relaxed, nobody_else_opens_what_is_held_exclusively)
{
    fig_options shared = fig_options_default(), alone = fig_options_default();
    alone.exclusive = true;
    fig_engine *engine = open_sick(MILLISECOND);
    must_not_open(shared, "in this process already");
    must_not_open(alone, "in this process already");
    struct support_child child = SUPPORT_FIGARO("stats", directory);
    cr_assert_eq(child.exit_code, 3, "%s", child.out);
    cr_assert(strstr(child.err, "exclusively") != NULL, "%s", child.err);
    support_free(&child);
    must(engine, hour(0), FIG_OK);
    close_and_compare(engine);
    child = SUPPORT_FIGARO("stats", directory);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
}

Test(relaxed, what_others_have_is_not_to_be_had_exclusively)
{
    fig_options alone = fig_options_default();
    alone.exclusive = true;
    fixture_close(open_sick(MILLISECOND));
    fig_engine *engine = open_as(fig_options_default());
    must_not_open(alone, "in this process already");
    pid_t child = fork();
    if (child == 0) {
        fig_engine *mine;
        _exit(fig_open(directory, &alone, &mine, NULL) == FIG_UNAVAILABLE ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fixture_close(engine);
    fixture_close(open_as(alone));
}

Test(relaxed, options_that_make_no_sense_are_refused)
{
    fig_options each[6];
    for (int i = 0; i < 6; i++) each[i] = relaxed_options(SECOND);
    each[0].exclusive = false;
    each[1].committer = FIG_COMMITTER_NONE;
    each[2].read_only = true;
    each[3].durable_within_ns = -1;
    each[4].durable_within_ns = FIG_RELAXED_MIN_NS - 1;
    each[5].durable_within_ns = FIG_RELAXED_MAX_NS + 1;
    for (int i = 0; i < 6; i++) {
        fig_engine *engine = NULL;
        fig_error error = fig_error_default();
        must_be(fig_open(directory, &each[i], &engine, &error), FIG_INVALID);
        cr_assert(strstr(error.message, "relaxed") != NULL, "%s", error.message);
    }
    must_be(fig_sync(NULL, 0, NULL), FIG_INVALID);
}
