/* Repair of a store with an archive: its frames count as those of the journal do, and are in an archive again. What of
 * it does not verify is named. Budget: FIGARO_REPAIRS / 2 (100) damages, ten seconds. */
#include "tests/proof/patient.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef FIG_CHECKERS
#define REPAIRS 40
#else
#define REPAIRS 200
#endif

TestSuite(repair_archive, .timeout = 300);

enum { FILES = 3 };

struct archived {
    struct patient patient;
    char files[FILES][SUPPORT_PATH];
    uint64_t last;    /* frame in it */
    uint64_t journal; /* lines that `figaro journal` tells */
};

static uint64_t journal_length(const char *store)
{
    struct support_child child = SUPPORT_FIGARO("journal", store, "--json");
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    uint64_t lines = 0;
    for (const char *at = child.out; (at = strchr(at, '\n')) != NULL; at++) lines++;
    support_free(&child);
    return lines;
}

/* In the order of their frames. Returns how many there are. */
static size_t list_archive(const char *store, char files[FILES][SUPPORT_PATH])
{
    char pattern[SUPPORT_PATH];
    glob_t found;
    support_format(pattern, sizeof pattern, "%.400s/archive/*.frames", store);
    if (glob(pattern, 0, NULL, &found) != 0) return 0;
    size_t count = found.gl_pathc;
    for (size_t i = 0; i < count && i < FILES; i++) support_format(files[i], SUPPORT_PATH, "%s", found.gl_pathv[i]);
    globfree(&found);
    return count;
}

/* Three files of an archive, a checkpoint, and frames behind it. */
static struct archived make_archived(void)
{
    struct archived made = {.patient = patient_make(0, 0)};
    fig_engine *engine = fixture_open(made.patient.store);
    for (int i = 0; i < 160; i++) {
        fig_archived archived = fig_archived_default();
        must_be(patient_book(engine, i), FIG_OK);
        if (i % 50 == 49) must_be(fig_archive(engine, 20, &archived, NULL), FIG_OK);
        if (archived.last_frame > 0) made.last = archived.last_frame;
    }
    fixture_close(engine);
    patient_look(&made.patient);
    cr_assert_eq(list_archive(made.patient.store, made.files), FILES);
    made.journal = journal_length(made.patient.store);
    cr_assert_gt(made.journal, 160);
    return made;
}

static void must_be_the_state(struct archived *of)
{
    fig_stats stats = patient_stats(&of->patient);
    must_be_equal(&of->patient.stats, &stats);
    must_verify(of->patient.repaired);
}

/* State, history, archive, and what `figaro journal` tells. */
static void must_be_all_there(struct archived *of, const fig_repaired *repaired)
{
    char files[FILES][SUPPORT_PATH];
    must_be_the_state(of);
    cr_assert(!repaired->history_lost && !repaired->newest_lost && repaired->first_frame == 1, "%s", repaired->text);
    cr_assert_eq(repaired->archived_frame, of->last);
    cr_assert_eq(list_archive(of->patient.repaired, files), 1);
    cr_assert_eq(journal_length(of->patient.repaired), of->journal);
}

/* One byte, `at` from the file's begin or, negative, from its end. */
static void turn(const char *path, long at)
{
    size_t size;
    char *bytes = support_read_file(path, &size);
    bytes[at < 0 ? (long)size + at : at] ^= 0x10;
    support_write_file(path, bytes, size);
    free(bytes);
}

Test(repair_archive, of_a_sound_store_goes_along)
{
    struct archived a = make_archived();
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    cr_assert(repaired.text[0] == '\0' && repaired.found_frames == 0, "%s", repaired.text);
    must_be_all_there(&a, &repaired);
    patient_end(&a.patient);
}

Test(repair_archive, leads_to_the_state_when_the_tables_are_destroyed)
{
    struct archived a = make_archived();
    patient_break_tables(&a.patient);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    cr_assert(!repaired.from_tables && repaired.text[0] != '\0', "%s", repaired.text);
    must_be_all_there(&a, &repaired);
    patient_end(&a.patient);
}

Test(repair_archive, leads_there_also_without_the_tree_of_the_journal_that_follows_it)
{
    struct archived a = make_archived();
    struct patient_tree journal = patient_tree(&a.patient, "journal");
    patient_break_tables(&a.patient);
    patient_destroy_page(&journal, journal.tree.root);
    close(journal.pages.fd);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    cr_assert_eq(repaired.found_frames, a.patient.stats.frame, "%s", repaired.text);
    must_be_all_there(&a, &repaired);
    patient_end(&a.patient);
}

Test(repair_archive, without_its_index_is_read_all_the_same_and_the_file_named)
{
    struct archived a = make_archived();
    patient_break_tables(&a.patient);
    turn(a.files[1], -40);
    turn(a.files[2], 3);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    cr_assert(strstr(repaired.text, a.files[1] + strlen(a.patient.store)) != NULL, "%s", repaired.text);
    must_be_all_there(&a, &repaired);
    patient_end(&a.patient);
}

/* Nothing leads over a gap but the tables, and what came before it has to stay behind. */
Test(repair_archive, with_a_file_gone_is_kept_behind_it_and_the_gap_named)
{
    struct archived a = make_archived();
    uint64_t first, last;
    size_t size;
    char named[160], files[FILES][SUPPORT_PATH], *bytes = support_read_file(a.files[1], &size);
    cr_assert_eq(sscanf(strrchr(a.files[1], '/'), "/%" SCNu64 "-%" SCNu64, &first, &last), 2);
    memset(bytes, 0, size);
    support_write_file(a.files[1], bytes, size);
    patient_destroy_frames(&a.patient, first, last);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    must_be_the_state(&a);
    cr_assert(repaired.from_tables && repaired.history_lost && !repaired.newest_lost, "%s", repaired.text);
    cr_assert(repaired.first_frame == last + 1 && repaired.archived_frame == a.last, "%s", repaired.text);
    support_format(named, sizeof named, "%020" PRIu64 "-%020" PRIu64 ".frames: frame %" PRIu64 " is not there", first,
                   last, first);
    cr_assert(strstr(repaired.text, named) != NULL, "%s", repaired.text);
    cr_assert_eq(list_archive(a.patient.repaired, files), 1);
    free(bytes);
    patient_end(&a.patient);
}

/* ---- gone, or no archive ---- */

static void must_be_damaged(const char *store, const char *words)
{
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    must_be(fig_verify(store, NULL, &report, &error), FIG_CORRUPT);
    cr_assert(strstr(report.text, words) != NULL, "%s: %s", words, report.text);
}

/* A sound store without all of its history: it says so, and is none the worse. */
static void must_lack_history(const char *store, uint64_t first)
{
    char words[96];
    support_format(words, sizeof words, "the history before frame %" PRIu64 " is not there", first);
    struct support_child child = SUPPORT_FIGARO("verify", store);
    cr_assert(child.exit_code == 0 && strstr(child.out, words) != NULL, "%s%s", child.out, child.err);
    support_free(&child);
}

/* By the command, which must not say that nothing is lost. */
static void must_be_repaired_without(struct archived *of, uint64_t first)
{
    char words[96];
    support_format(words, sizeof words, "the history before frame %" PRIu64 " is not there", first);
    struct support_child child = SUPPORT_FIGARO("repair", of->patient.store, of->patient.repaired);
    cr_assert(child.exit_code == 1 && strstr(child.out, words) && !strstr(child.out, "nothing is lost"), "%s%s",
              child.out, child.err);
    support_free(&child);
    must_be_the_state(of);
    must_lack_history(of->patient.repaired, first);
}

static void read_span(const char *path, uint64_t *first, uint64_t *last)
{
    cr_assert_eq(sscanf(strrchr(path, '/'), "/%" SCNu64 "-%" SCNu64, first, last), 2);
}

Test(repair_archive, whose_last_file_is_gone_is_not_sound)
{
    struct archived a = make_archived();
    uint64_t first, last;
    char words[128];
    read_span(a.files[FILES - 1], &first, &last);
    cr_assert_eq(unlink(a.files[FILES - 1]), 0);
    support_format(words, sizeof words, "frames %" PRIu64 " to %" PRIu64 " are neither in the archive nor", first,
                   last);
    must_be_damaged(a.patient.store, words);
    char copy[SUPPORT_PATH];
    support_format(copy, sizeof copy, "%.400s/copy", a.patient.root);
    struct support_child told[] = {SUPPORT_FIGARO("journal", a.patient.store),
                                   SUPPORT_FIGARO("backup", a.patient.store, copy)};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        cr_assert_neq(told[i].exit_code, 0, "%zu: %s%s", i, told[i].out, told[i].err);
        support_free(&told[i]);
    }
    patient_destroy_frames(&a.patient, first, last);
    must_be_repaired_without(&a, last + 1);
    patient_end(&a.patient);
}

Test(repair_archive, whose_first_file_is_gone_lacks_history_and_says_so)
{
    struct archived a = make_archived();
    uint64_t first, last;
    read_span(a.files[0], &first, &last);
    cr_assert_eq(unlink(a.files[0]), 0);
    must_lack_history(a.patient.store, last + 1);
    must_be_repaired_without(&a, last + 1);
    patient_end(&a.patient);
}

/* Another file or a symbolic link has its name: what the store's file holds is saved. */
Test(repair_archive, that_is_no_folder_is_told_and_in_nobodys_way)
{
    struct archived a = make_archived();
    char folder[SUPPORT_PATH], away[SUPPORT_PATH];
    support_format(folder, sizeof folder, "%.400s/archive", a.patient.store);
    support_format(away, sizeof away, "%.400s/away", a.patient.root);
    cr_assert_eq(rename(folder, away), 0);
    must_lack_history(a.patient.store, a.last + 1);
    must_be_repaired_without(&a, a.last + 1);
    support_write_file(folder, "?", 1);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    cr_assert(repaired.history_lost && strstr(repaired.text, "archive: cannot be opened: Not a directory"), "%s",
              repaired.text);
    must_be_the_state(&a);
    cr_assert(unlink(folder) == 0 && symlink(away, folder) == 0);
    repaired = patient_must_be_repaired(&a.patient);
    cr_assert(repaired.history_lost && strstr(repaired.text, "archive: is a symbolic link"), "%s", repaired.text);
    must_be_the_state(&a);
    patient_end(&a.patient);
}

/* Whoever opens it would wait for somebody who writes into it. */
Test(repair_archive, that_has_a_fifo_keeps_nobody_waiting, .timeout = 30)
{
    struct archived a = make_archived();
    char copy[SUPPORT_PATH];
    support_format(copy, sizeof copy, "%.400s/copy", a.patient.root);
    cr_assert(unlink(a.files[1]) == 0 && mkfifo(a.files[1], 0600) == 0);
    must_be_damaged(a.patient.store, ".frames: is not a file");
    struct support_child child = SUPPORT_FIGARO("backup", a.patient.store, copy);
    cr_assert_neq(child.exit_code, 0, "%s", child.out);
    support_free(&child);
    uint64_t first, last;
    read_span(a.files[1], &first, &last);
    patient_destroy_frames(&a.patient, first, last);
    must_be_repaired_without(&a, last + 1);
    patient_end(&a.patient);
}

/* The journal has all of them: nothing was archived, whatever a file is called. */
Test(repair_archive, whose_only_file_is_none_is_not_filled_again)
{
    struct patient p = patient_make(0, 60);
    char folder[SUPPORT_PATH], path[SUPPORT_PATH];
    support_format(folder, sizeof folder, "%.300s/archive", p.store);
    support_format(path, sizeof path, "%.330s/%020d-%020d.frames", folder, 1, 30);
    cr_assert_eq(mkdir(folder, 0700), 0);
    support_write_file(path, "what somebody put there", 23);
    struct archived a = {.patient = p};
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    must_be_the_state(&a);
    cr_assert(repaired.archived_frame == 0 && !repaired.history_lost && !repaired.newest_lost, "%s", repaired.text);
    patient_end(&a.patient);
}

/* Its frames are in the journal, too, so that nobody looks for them in it. */
Test(repair_archive, that_is_unsound_beside_the_journal_is_found_out)
{
    struct patient p = patient_make(0, 60);
    char files[FILES][SUPPORT_PATH];
    fig_engine *engine = fixture_open(p.store);
    must_be(fig_archive(engine, 30, NULL, NULL), FIG_OK);
    fixture_close(engine);
    support_write_file(p.file, p.bytes, p.size);
    must_verify(p.store);
    cr_assert_eq(list_archive(p.store, files), 1);
    turn(files[0], -40);
    must_be_damaged(p.store, "its head or its index is damaged");
    patient_end(&p);
}

/* Its frames are sound and follow each other, and would pass for the beginning. */
Test(repair_archive, of_another_store_is_named_and_not_believed)
{
    struct archived a = make_archived(), b = make_archived();
    for (int i = 0; i < FILES; i++) {
        size_t size;
        char *bytes = support_read_file(b.files[i], &size);
        support_write_file(a.files[i], bytes, size);
        free(bytes);
    }
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    must_be_the_state(&a);
    cr_assert(strstr(repaired.text, "it belongs to another store") != NULL, "%s", repaired.text);
    cr_assert(repaired.from_tables && repaired.history_lost && !repaired.newest_lost, "%s", repaired.text);
    fig_error error;
    cr_assert_gt(patient_destroy_frames(&a.patient, 1, a.last), 0);
    patient_break_tables(&a.patient);
    must_be(patient_repair(&a.patient, &repaired, &error), FIG_CORRUPT);
    patient_end(&a.patient);
    patient_end(&b.patient);
}

/* As after a death between the file's being there and the frames' leaving the journal. */
Test(repair_archive, whose_frames_the_journal_has_too_is_taken_once)
{
    struct patient p = patient_make(0, 60);
    struct archived a = {.patient = p, .journal = journal_length(p.store)};
    fig_engine *engine = fixture_open(p.store);
    fig_archived archived = fig_archived_default();
    must_be(fig_archive(engine, 30, &archived, NULL), FIG_OK);
    fixture_close(engine);
    a.last = archived.last_frame;
    support_write_file(p.file, p.bytes, p.size);
    fig_repaired repaired = patient_must_be_repaired(&a.patient);
    must_be_all_there(&a, &repaired);
    patient_end(&a.patient);
}

/* ---- the command ---- */

Test(repair_archive, by_the_command_is_told_and_what_a_kill_left_is_cleared)
{
    struct archived a = make_archived();
    char left[SUPPORT_PATH];
    support_format(left, sizeof left, "%.400s.making", a.patient.repaired);
    struct support_child child = SUPPORT_RUN("cp", "-r", a.patient.store, left);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
    patient_break_tables(&a.patient);
    turn(a.files[0], -40);
    child = SUPPORT_FIGARO("repair", a.patient.store, a.patient.repaired);
    cr_assert_eq(child.exit_code, 0, "%s%s", child.out, child.err);
    cr_assert(strstr(child.out, "/archive\n") && strstr(child.out, "every byte was searched for frames"), "%s",
              child.out);
    support_free(&child);
    must_verify(a.patient.repaired);
    patient_end(&a.patient);
}

/* ---- bits ---- */

static void flip_and_repair(struct archived *a, const char *path, char *bytes, size_t size,
                            struct support_random *random)
{
    size_t at = support_below(random, size);
    char bit = (char)(1u << support_below(random, 8));
    bytes[at] ^= bit;
    support_write_file(path, bytes, size);
    fig_repaired repaired = patient_must_be_repaired(&a->patient);
    must_be_the_state(a);
    cr_assert_not(repaired.newest_lost, "byte %zu: %s", at, repaired.text);
    cr_assert(strstr(repaired.text, strrchr(path, '/')) != NULL, "byte %zu: %s", at, repaired.text);
    if (!repaired.history_lost) cr_assert_eq(repaired.first_frame, 1);
    bytes[at] ^= bit;
    support_write_file(path, bytes, size);
}

Test(repair_archive, of_which_any_bit_is_turned_never_costs_the_state)
{
    struct archived a = make_archived();
    struct support_random random = support_random_from(3);
    uint64_t count = support_setting("FIGARO_REPAIRS", REPAIRS) / 2;
    for (int i = 0; i < FILES; i++) {
        size_t size;
        char *bytes = support_read_file(a.files[i], &size);
        for (uint64_t n = 0; n < count / FILES + 1; n++) flip_and_repair(&a, a.files[i], bytes, size, &random);
        free(bytes);
    }
    patient_end(&a.patient);
}
