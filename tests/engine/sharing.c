/* One store, several users: handles, processes, readers, forks; and what is no store. Budget: ten seconds. */
#include "engine/runtime/engine.h"
#include "tests/engine/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[SUPPORT_PATH];

static void make(void) { support_make_fast_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(sharing, .init = make, .fini = drop);

static fig_engine *open_read_only(void)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    return engine;
}

static fig_status open_status(const char *path, fig_options options)
{
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    fig_status status = fig_open(path, &options, &engine, &error);
    if (status == FIG_OK) {
        must_be(fig_close(engine), FIG_OK);
    } else {
        cr_expect_null(engine, "an out parameter was touched");
        cr_expect_eq(error.status, status);
        cr_expect(strlen(error.message) > 0, "no words for %s", fig_status_name(status));
    }
    return status;
}

/* ---- two handles of one process ---- */

Test(sharing, two_handles_see_each_other)
{
    fig_engine *a = fixture_open(directory), *b = fixture_open(directory);
    for (int i = 0; i < 50; i++) {
        int64_t start = NOON + i * HOUR;
        booked(i % 2 ? a : b, FIGARO, start, start + HOUR);
        must(i % 2 ? b : a, a_booking(FIGARO, start, start + HOUR), FIG_CONFLICT);
        cr_assert_not(is_free(i % 2 ? b : a, FIGARO, start, start + HOUR, NOON));
    }
    fixture_close(a);
    must(b, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    booked(b, FIGARO, NOON + 100 * HOUR, NOON + 101 * HOUR);
    fig_stats before = stats_of(b);
    fixture_close(b);
    a = fixture_open(directory);
    fig_stats after = stats_of(a);
    must_be_equal(&before, &after);
    fixture_close(a);
}

/* Two handles and threads on both: each slot is won once. */
struct racer {
    fig_engine *engine;
    pthread_t thread;
    unsigned won;
};

enum { RACERS = 4, SLOTS = 80 };

static void *race(void *argument)
{
    struct racer *racer = argument;
    for (int i = 0; i < SLOTS; i++)
        racer->won += ask(racer->engine, a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR)).status == FIG_OK;
    return NULL;
}

Test(sharing, threads_on_two_handles_win_each_slot_once)
{
    fig_engine *a = fixture_open(directory), *b = fixture_open(directory);
    struct racer racers[RACERS];
    unsigned won = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.engine = i % 2 ? a : b};
        cr_assert_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(racers[i].thread, NULL);
        won += racers[i].won;
    }
    cr_assert_eq(won, SLOTS);
    cr_assert_eq(stats_of(a).active, SLOTS);
    fixture_close(a);
    fixture_close(b);
}

/* ---- several processes ---- */

/* The thread sanitizer knows no threads that are made in the child of a process that has some: there children do
 * without a committer. */
static fig_options child_options(void)
{
    fig_options options = fig_options_default();
#ifdef __SANITIZE_THREAD__
    options.committer = FIG_COMMITTER_NONE;
#endif
    return options;
}

/* Forks a child that opens the store for itself and does this; its exit code says how often it won. */
static pid_t in_child(int (*work)(fig_engine *engine))
{
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid != 0) return pid;
    fig_options options = child_options();
    fig_engine *engine = NULL;
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(255);
    int code = work(engine);
    if (fig_close(engine) != FIG_OK) code = 254;
    _exit(code);
}

static int wait_for_child(pid_t pid)
{
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "a child ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int book_the_slots(fig_engine *engine)
{
    int won = 0;
    for (int i = 0; i < SLOTS; i++) {
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        fig_outcome outcome = fig_outcome_default();
        fig_book(engine, &request, &outcome);
        if (outcome.status == FIG_OK)
            won++;
        else if (outcome.status != FIG_CONFLICT)
            return 253;
    }
    return won;
}

Test(sharing, processes_win_each_slot_once)
{
    fixture_close(fixture_open(directory));
    pid_t children[3];
    int won = 0;
    for (int i = 0; i < 3; i++) children[i] = in_child(book_the_slots);
    for (int i = 0; i < 3; i++) {
        int share = wait_for_child(children[i]);
        cr_assert_leq(share, SLOTS, "a child failed (%d)", share);
        won += share;
    }
    cr_assert_eq(won, SLOTS);
    fig_engine *engine = fixture_open(directory);
    cr_assert_eq(stats_of(engine).active, SLOTS);
    fixture_close(engine);
    fig_report report = fig_report_default();
    fig_options options = fig_options_default();
    must_be(fig_verify(directory, &options, &report, NULL), FIG_OK);
}

Test(sharing, a_reader_catches_up_with_another_process)
{
    fixture_close(fixture_open(directory));
    fig_engine *reader = open_read_only();
    fig_stats before = stats_of(reader);
    cr_assert_eq(wait_for_child(in_child(book_the_slots)), SLOTS);
    fig_view behind = fig_view_default();
    behind.now_s = NOON;
    fig_appointment found = fig_appointment_default();
    must_be(fig_get_appointment(reader, &behind, 1, &found), FIG_NOT_FOUND); /* what this process has seen */
    cr_assert_not(is_free(reader, FIGARO, NOON, NOON + HOUR, NOON), "latest takes in what others committed");
    cr_assert_eq(stats_of(reader).version, before.version + SLOTS);
    fig_outcome outcome = ask(reader, a_booking(FIGARO, NOON - DAY, NOON - DAY + HOUR));
    cr_assert_neq(outcome.status, FIG_OK, "a read-only engine writes");
    cr_assert_geq(outcome.status, FIG_INVALID);
    fixture_close(reader);
}

Test(sharing, a_writer_catches_up_before_it_decides)
{
    fig_engine *engine = fixture_open(directory);
    booked(engine, BARTOLO, NOON, NOON + HOUR);
    pid_t pid = in_child(book_the_slots);
    cr_assert_eq(wait_for_child(pid), SLOTS);
    fig_outcome outcome = must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    cr_assert_eq(outcome.others_count, 1);
    must(engine, a_booking(FIGARO, NOON + SLOTS * HOUR, NOON + (SLOTS + 1) * HOUR), FIG_OK);
    cr_assert_eq(stats_of(engine).active, SLOTS + 2);
    fixture_close(engine);
}

Test(sharing, the_command_and_a_handle_share_a_store)
{
    fig_engine *engine = fixture_open(directory);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    struct support_child child = SUPPORT_FIGARO("book", directory, "--barber", "Figaro", "--start",
                                                "2026-01-01T12:30:00Z", "--minutes", "30", "--json");
    cr_assert_eq(child.exit_code, 1, "exit %d: %s%s", child.exit_code, child.out, child.err);
    support_free(&child);
    child = SUPPORT_FIGARO("book", directory, "--barber", "Figaro", "--start", "2026-01-01T13:00:00Z", "--minutes",
                           "30", "--json");
    cr_assert_eq(child.exit_code, 0, "exit %d: %s%s", child.exit_code, child.out, child.err);
    support_free(&child);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_CONFLICT);
    fixture_close(engine);
}

/* ---- nobody hangs: a writer that is stopped while it may hold the turn ---- */

static int write_for_ever(fig_engine *engine)
{
    for (int64_t i = 0;; i++) ask(engine, a_booking(BARTOLO, NOON + i * MINUTE, NOON + (i + 1) * MINUTE));
    return 0;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Test(sharing, a_stopped_writer_hangs_nobody, .timeout = 60)
{
    fig_engine *engine = fixture_open(directory);
    pid_t writer = in_child(write_for_ever);
    for (int i = 0; i < 12; i++) {
        usleep(20000);
        kill(writer, SIGSTOP);
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.timeout_ns = INT64_C(150) * 1000000;
        int64_t begun = monotonic_ms();
        fig_status status = ask(engine, request).status;
        int64_t taken = monotonic_ms() - begun;
        cr_expect(status == FIG_OK || status == FIG_BUSY || status == FIG_UNKNOWN, "%s", fig_status_name(status));
        cr_expect_lt(taken, 1500, "a call with 150 ms took %ld ms", (long)taken);
        cr_expect(is_free(engine, FIGARO, NOON - HOUR, NOON, NOON), "reads go on");
        kill(writer, SIGCONT);
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    booked(engine, FIGARO, NOON + 50 * HOUR, NOON + 51 * HOUR);
    fixture_close(engine);
}

Test(sharing, a_killed_writer_leaves_the_turn_free, .timeout = 60)
{
    fig_engine *engine = fixture_open(directory);
    for (int i = 0; i < 15; i++) {
        pid_t writer = in_child(write_for_ever);
        usleep(15000);
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
        booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    }
    fig_stats before = stats_of(engine);
    fixture_close(engine);
    engine = fixture_open(directory);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    fixture_close(engine);
}

/* ---- forks ---- */

/* In the child, once the parent has written: writes are refused, and so is a read that would have to catch up. What
 * was in memory at the fork may still be read. */
static int use_after_fork(fig_engine *engine, int written)
{
    char byte;
    if (read(written, &byte, 1) != 1) return 64;
    fig_view view = at(NOON);
    fig_span span = fig_span_default();
    span.barber_id = FIGARO;
    span.start_s = NOON + DAY;
    span.end_s = NOON + DAY + HOUR;
    int code = ask(engine, a_booking(FIGARO, NOON + 2 * DAY, NOON + 2 * DAY + HOUR)).status != FIG_FORKED;
    code |= (fig_check(engine, &view, &span, NULL, 0, NULL) != FIG_FORKED) << 1;
    code |= (fig_checkpoint(engine, NULL) != FIG_FORKED) << 2;
    return code;
}

Test(sharing, an_engine_is_of_no_use_after_a_fork)
{
    fig_engine *engine = fixture_open(directory);
    int ends[2];
    booked(engine, FIGARO, NOON, NOON + HOUR);
    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) _exit(use_after_fork(engine, ends[0]));
    booked(engine, FIGARO, NOON + DAY, NOON + DAY + HOUR);
    cr_assert_eq(write(ends[1], "!", 1), 1);
    int code = wait_for_child(pid);
    cr_assert_eq(code, 0, "not refused (1 book, 2 check the latest, 4 checkpoint): %d", code);
    booked(engine, FIGARO, NOON + 2 * DAY, NOON + 2 * DAY + HOUR);
    fixture_close(engine);
}

static int opens_again(void)
{
    fig_options options = child_options();
    fig_engine *engine = NULL;
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) return 1;
    if (ask(engine, a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR)).status != FIG_OK) return 2;
    return fig_close(engine) == FIG_OK ? 0 : 3;
}

Test(sharing, a_child_may_open_the_store_again)
{
    fig_engine *engine = fixture_open(directory);
    pid_t pid = fork();
    if (pid == 0) _exit(opens_again());
    cr_assert_eq(wait_for_child(pid), 0);
    must(engine, a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), FIG_CONFLICT);
    fixture_close(engine);
}

/* ---- opening ---- */

Test(sharing, only_create_makes_a_store)
{
    char path[SUPPORT_PATH + 16];
    fig_options options = fig_options_default();
    support_format(path, sizeof path, "%s/new", directory);
    must_be(open_status(path, options), FIG_NOT_STORE);
    cr_assert_neq(access(path, F_OK), 0, "a refused open left something behind");
    options.create = true;
    must_be(open_status(path, options), FIG_OK);
    struct stat facts;
    cr_assert_eq(stat(path, &facts), 0);
    cr_assert_eq(facts.st_mode & 0777, 0700);
    options.create = false;
    must_be(open_status(path, options), FIG_OK);
}

Test(sharing, what_is_no_store_is_named_so)
{
    char path[SUPPORT_PATH + 16];
    fig_options options = fig_options_default();
    options.create = true;
    support_format(path, sizeof path, "%s/letter.txt", directory);
    support_write_file(path, "Dear Rosina", 11);
    must_be(open_status(path, options), FIG_NOT_STORE);      /* a file */
    must_be(open_status(directory, options), FIG_NOT_STORE); /* a directory with something else in it */
    cr_assert_eq(access(path, F_OK), 0);
    must_be(open_status("", options), FIG_NOT_STORE);
    must_be(open_status(NULL, options), FIG_INVALID);
    options.struct_size = 1;
    must_be(open_status(path, options), FIG_INVALID);
}

Test(sharing, files_are_private_and_links_are_not_followed)
{
    char store[SUPPORT_PATH + 16], link[SUPPORT_PATH + 16];
    support_format(store, sizeof store, "%s/store", directory);
    support_format(link, sizeof link, "%s/link", directory);
    fixture_close(fixture_open(store));
    struct support_child child = SUPPORT_RUN("find", store, "-type", "f", "-not", "-perm", "600");
    cr_assert_str_eq(child.out, "", "not private:\n%s", child.out);
    support_free(&child);
    cr_assert_eq(symlink(store, link), 0);
    fig_options options = fig_options_default();
    must_be(open_status(link, options), FIG_DENIED);
}

Test(sharing, permission_is_needed)
{
    if (geteuid() == 0) { /* root is refused nothing, so somebody else asks */
        fixture_close(fixture_open(directory));
        pid_t pid = fork();
        if (pid == 0) {
            fig_options options = fig_options_default();
            fig_engine *engine = NULL;
            if (setgid(65534) != 0 || setuid(65534) != 0) _exit(9);
            _exit(fig_open(directory, &options, &engine, NULL) == FIG_DENIED ? 0 : 1);
        }
        cr_assert_eq(wait_for_child(pid), 0);
        return;
    }
    fixture_close(fixture_open(directory));
    cr_assert_eq(chmod(directory, 0), 0);
    fig_status status = open_status(directory, fig_options_default());
    chmod(directory, 0700);
    must_be(status, FIG_DENIED);
}

Test(sharing, in_memory_stores_are_apart)
{
    fig_engine *a = fixture_engine(), *b = fixture_engine();
    booked(a, FIGARO, NOON, NOON + HOUR);
    booked(b, FIGARO, NOON, NOON + HOUR);
    cr_assert_eq(stats_of(a).active, 1);
    fixture_close(a);
    fixture_close(b);
}

Test(sharing, a_new_store_stands_at_the_instant_given)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.create = true;
    options.now_s = NOON;
    options.default_zone = "Europe/Madrid";
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    fig_view view = at(NOON);
    fig_shop shop = fig_shop_default();
    must_be(fig_get_shop(engine, &view, 1, &shop), FIG_OK);
    cr_assert_str_eq(shop.zone, "Europe/Madrid");
    cr_assert_eq(shop.buffers, FIG_BUFFERS_SHARED);
    cr_assert_eq(shop.past, FIG_PAST_ALLOW);
    fixture_close(engine);
}

/* ---- reads of the latest ---- */

struct said {
    int slow;
};

static void listen_for_slow(void *context, int level, const char *message)
{
    (void)level;
    struct said *said = context;
    said->slow += strstr(message, "slow: a read of the latest waited") != NULL;
}

/* The writer of the one engine is busy, and the other has committed: a read of the latest has to wait, and is back in
 * time. */
Test(sharing, a_read_of_the_latest_has_a_deadline)
{
    struct said said = {0};
    fig_options options = fig_options_default();
    options.log = listen_for_slow;
    options.log_context = &said;
    fixture_close(fixture_open(directory));
    fig_engine *reader = NULL, *writer = fixture_open(directory);
    must_be(fig_open(directory, &options, &reader, NULL), FIG_OK);
    pthread_mutex_lock(&reader->writer);
    booked(writer, FIGARO, NOON, NOON + HOUR);
    fig_view view = at(NOON);
    fig_shop shop = fig_shop_default();
    view.timeout_ns = INT64_C(200) * 1000000;
    int64_t begun = monotonic_ms();
    must_be(fig_get_shop(reader, &view, 1, &shop), FIG_BUSY);
    int64_t taken = monotonic_ms() - begun;
    cr_assert(taken >= 190 && taken < 1500, "%ld ms", (long)taken);
    view.latest = false;
    must_be(fig_get_shop(reader, &view, 1, &shop), FIG_OK);
    pthread_mutex_unlock(&reader->writer);
    cr_assert_not(is_free(reader, FIGARO, NOON, NOON + HOUR, NOON));
    fig_metrics metrics = fig_metrics_default();
    must_be(fig_get_metrics(reader, &metrics), FIG_OK);
    cr_assert(metrics.slow_calls == 1 && said.slow == 1);
    view.timeout_ns = -1;
    must_be(fig_get_shop(reader, &view, 1, &shop), FIG_INVALID);
    fixture_close(writer);
    fixture_close(reader);
}
