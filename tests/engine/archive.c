/* The archive: old frames in flat files, found there by all that read the journal. Budget: five seconds. */
#include "tests/engine/fixture.h"
#include "tests/storage/faults.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[SUPPORT_PATH];

static void make(void) { support_make_fast_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(archive, .init = make, .fini = drop, .timeout = 60);

static void book(fig_engine *engine, int from, int to)
{
    for (int i = from; i < to; i++) {
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.client_id = (uint64_t)(i % 3) + 1;
        request.note = i % 3 ? NULL : "a secret of client one";
        must(engine, request, FIG_OK);
    }
}

static fig_archived archive(fig_engine *engine, uint64_t keep)
{
    fig_archived archived = fig_archived_default();
    fig_error error = fig_error_default();
    fig_status status = fig_archive(engine, keep, &archived, &error);
    cr_assert_eq(status, FIG_OK, "%s", error.message);
    return archived;
}

static size_t journal_length(fig_engine *engine, uint64_t from)
{
    fig_journal *journal = NULL;
    fig_event event = fig_event_default();
    size_t count = 0;
    must_be(fig_journal_open(engine, from, &journal), FIG_OK);
    fig_status status;
    for (uint64_t last = from - 1; (status = fig_journal_next(journal, &event)) == FIG_OK; last = event.version) {
        cr_assert(event.version == last || event.version == last + 1, "version %lu after %lu",
                  (unsigned long)event.version, (unsigned long)last);
        count++;
    }
    must_be(status, FIG_NOT_FOUND);
    fig_journal_close(journal);
    return count;
}

static fig_engine *reopen(bool from_journal)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    options.from_journal = options.read_only = from_journal;
    cr_assert_eq(fig_open(directory, &options, &engine, &error), FIG_OK, "%s", error.message);
    return engine;
}

Test(archive, of_old_frames_changes_nothing_that_is_read)
{
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 100);
    size_t length = journal_length(engine, 1);
    fig_stats before = stats_of(engine);
    fig_archived archived = archive(engine, 20);
    cr_assert(archived.first_frame == 1 && archived.last_frame == before.frame - 20, "to %lu",
              (unsigned long)archived.last_frame);
    cr_assert_eq(journal_length(engine, 1), length);
    cr_assert_eq(journal_length(engine, 50), length - 49 + 1 - 1);
    book(engine, 100, 150);
    archived = archive(engine, 0);
    fig_stats after = stats_of(engine);
    cr_assert(archived.first_frame == 1 && archived.last_frame == after.frame - 1);
    archived = archive(engine, 0);
    cr_assert_eq(archived.last_frame, after.frame - 1, "again changes nothing");
    cr_assert_eq(journal_length(engine, 1), length + 50);
    fixture_close(engine);
    must_verify(directory);
    for (int from_journal = 0; from_journal < 2; from_journal++) {
        engine = reopen(from_journal);
        fig_stats again = stats_of(engine);
        must_be_equal(&after, &again);
        fixture_close(engine);
    }
}

Test(archive, is_travelled_back_into)
{
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 60);
    fig_stats middle = stats_of(engine);
    book(engine, 60, 90);
    archive(engine, 0);
    fig_snapshot *then = NULL;
    must_be(fig_snapshot_open_at(engine, middle.version, &then), FIG_OK);
    fig_view view = fig_view_default();
    view.now_s = NOON;
    view.snapshot = then;
    fig_appointment shown = fig_appointment_default();
    must_be(fig_get_appointment(engine, &view, 60, &shown), FIG_OK);
    must_be(fig_get_appointment(engine, &view, 61, &shown), FIG_NOT_FOUND);
    fig_snapshot_close(then);
    fixture_close(engine);
}

static bool folder_has(const char *path, const char *words)
{
    struct support_child child = SUPPORT_RUN("grep", "-rqs", words, path);
    bool has = child.exit_code == 0;
    support_free(&child);
    return has;
}

Test(archive, forgets_too)
{
    char folder[SUPPORT_PATH + 16];
    support_format(folder, sizeof folder, "%s/archive", directory);
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 30);
    archive(engine, 5);
    cr_assert(folder_has(folder, "a secret of client one"));
    fig_request request = fig_forget_client_default();
    fig_forgotten forgotten = fig_forgotten_default();
    request.client_id = 1;
    request.now_s = NOON;
    must_be(fig_forget_client(engine, &request, &forgotten, NULL), FIG_OK);
    cr_assert_eq(forgotten.texts, 10);
    cr_assert_not(folder_has(folder, "a secret of client one"));
    fixture_close(engine);
    must_verify(directory);
}

/* As after a death between the file's being there and the frames' leaving the journal. */
Test(archive, forgets_what_the_journal_has_too)
{
    char folder[SUPPORT_PATH + 16], file[SUPPORT_PATH + 16];
    support_format(folder, sizeof folder, "%s/archive", directory);
    support_format(file, sizeof file, "%s/data.mdb", directory);
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 30);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fixture_close(engine);
    size_t size;
    char *bytes = support_read_file(file, &size);
    engine = reopen(false);
    archive(engine, 5);
    fixture_close(engine);
    support_write_file(file, bytes, size);
    free(bytes);
    engine = reopen(false);
    fig_request request = fig_forget_client_default();
    request.client_id = 1;
    request.now_s = NOON;
    must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
    cr_assert_not(folder_has(folder, "a secret of client one"));
    fixture_close(engine);
    must_verify(directory);
}

Test(archive, goes_along_with_a_backup)
{
    char copy[SUPPORT_PATH + 8];
    support_format(copy, sizeof copy, "%s.copy", directory);
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 40);
    archive(engine, 0);
    book(engine, 40, 50);
    fig_stats stats = stats_of(engine);
    size_t length = journal_length(engine, 1);
    must_be(fig_backup(engine, copy, NULL), FIG_OK);
    fixture_close(engine);
    fig_report report = fig_report_default();
    must_be(fig_verify(copy, NULL, &report, NULL), FIG_OK);
    engine = fixture_open(copy);
    fig_stats again = stats_of(engine);
    must_be_equal(&stats, &again);
    cr_assert_eq(journal_length(engine, 1), length);
    fixture_close(engine);
    support_remove(copy);
}

/* ---- stopped, damaged, foreign ---- */

/* In a child that dies at its nth write to the data file. False: it came to its end before. */
static bool archive_and_die(unsigned nth)
{
    char file[SUPPORT_PATH + 16];
    support_format(file, sizeof file, "%s/data.mdb", directory);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        fig_options options = fig_options_default();
        fig_engine *engine;
        options.committer = FIG_COMMITTER_NONE;
        if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(2);
        faults_arm(file, (struct fault){.nth = nth, .count = 1, .kind = FAULT_DEADLY});
        fig_status status = fig_archive(engine, 0, NULL, NULL);
        faults_disarm();
        _exit(status == FIG_OK && fig_close(engine) == FIG_OK ? 1 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%x", (unsigned)status);
    return WEXITSTATUS(status) == 0;
}

Test(archive, is_finished_by_who_comes_after_a_death)
{
    fig_engine *engine = fixture_open(directory);
    int booked_to = 700; /* more than one transaction drops */
    book(engine, 0, booked_to);
    fixture_close(engine);
    unsigned deaths = 0;
    for (unsigned nth = 1; archive_and_die(nth); nth++) {
        deaths++;
        must_verify(directory);
        engine = reopen(false);
        book(engine, booked_to, booked_to + 5);
        booked_to += 5;
        fixture_close(engine);
    }
    cr_assert_gt(deaths, 2);
    engine = reopen(false);
    fig_archived archived = archive(engine, 0);
    cr_assert_eq(archived.last_frame, stats_of(engine).frame - 1);
    cr_assert_eq(stats_of(engine).active, (uint64_t)booked_to);
    fixture_close(engine);
    must_verify(directory);
}

static void only_file(char path[SUPPORT_PATH])
{
    struct support_child child = SUPPORT_RUN("find", directory, "-name", "*.frames");
    child.out[strcspn(child.out, "\n")] = '\0';
    support_format(path, SUPPORT_PATH, "%s", child.out);
    support_free(&child);
}

Test(archive, that_is_damaged_is_named_and_keeps_nobody_from_booking)
{
    fig_engine *engine = fixture_open(directory);
    book(engine, 0, 50);
    archive(engine, 0);
    fixture_close(engine);
    char path[SUPPORT_PATH];
    size_t size;
    only_file(path);
    char *bytes = support_read_file(path, &size);
    struct support_random random = support_random_from(7);
    for (int i = 0; i < 60; i++) {
        size_t at = support_below(&random, size);
        char bit = (char)(1 << support_below(&random, 8));
        bytes[at] ^= bit;
        support_write_file(path, bytes, size);
        bytes[at] ^= bit;
        fig_report report = fig_report_default();
        fig_error error = fig_error_default();
        must_be(fig_verify(directory, NULL, &report, &error), FIG_CORRUPT);
        cr_assert(report.text[0] != '\0' || error.message[0] != '\0');
        engine = reopen(false);
        book(engine, 50 + i, 51 + i);
        fixture_close(engine);
    }
    support_write_file(path, bytes, size);
    must_verify(directory);
    free(bytes);
}

Test(archive, of_nothing_and_in_memory)
{
    fig_engine *engine = fixture_engine();
    must_be(fig_archive(engine, 0, NULL, NULL), FIG_INVALID);
    fixture_close(engine);
    struct support_child child = SUPPORT_FIGARO("init", directory);
    support_free(&child);
    child = SUPPORT_FIGARO("archive", directory);
    cr_assert(child.exit_code == 0 && strstr(child.out, "nothing to archive"), "%s%s", child.out, child.err);
    support_free(&child);
}
