/* `figaro import --atomic`: all rows or none, whatever is wrong with a row, the disk or the process. Budget: 10 s. */
#include "engine/figaro.h"
#include "tests/storage/rig.h"
#include "tests/tools/app_database.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT      "--now", SHOP_NOW
#define ATOMIC  "--atomic", AT
#define NOTHING "; nothing was taken in\n"

static const char good_rows[] = "barber,start,end,key\n"
                                "Figaro,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,a\n"
                                "Almaviva,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,b\n";
static const char conflicting_rows[] = "barber,start,end,key\n"
                                       "Figaro,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,a\n"
                                       "Figaro,2026-03-02T10:15:00Z,2026-03-02T10:45:00Z,b\n";
static const char bad_rows[] = "barber,start,end,key\n"
                               "Figaro,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,a\n"
                               "Figaro,soon,2026-03-02T11:45:00Z,b\n";

enum { ROWS = 3000 };

/* A file of rows that are all right; it lasts until the next of shop_file(). */
static const char *many_rows(const struct shop *shop)
{
    char *text = malloc(ROWS * 96 + 64), *at = text + sprintf(text, "barber,start,minutes,key\n");
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at, "B%d,2026-04-%02dT%02d:%02d:00Z,10,k%d\n", i % 50, 1 + i / 50 / 24 / 6, i / 50 / 6 % 24,
                      i / 50 % 6 * 10, i);
    const char *file = shop_file(shop, "many.csv", text);
    free(text);
    return file;
}

static bool is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

/* All that a store says, with its digest. */
static char *state_of(const char *store)
{
    struct support_child child = SUPPORT_FIGARO("export", store, AT);
    cr_assert(child.exit_code == 0, "%s", child.err);
    free(child.err);
    return child.out;
}

/* The store is what it was, sound, and nothing lies about in it. */
static void expect_unchanged(const char *store, const char *before)
{
    char path[SUPPORT_PATH];
    char *now = state_of(store);
    cr_expect_str_eq(now, before);
    free(now);
    support_format(path, sizeof path, "%.400s/.importing", store);
    cr_expect(!is_there(path));
    EXPECT_FIGARO(0, "sound", NULL, "verify", store);
}

/* ---- rows at fault ---- */

/* What is wrong with a row leaves a store as it is, and makes none; put right, the rows go into both. */
static void expect_none_or_all(const char *given, const char *words, const char *overlaps, const char *all)
{
    char file[SUPPORT_PATH];
    support_format(file, sizeof file, "%s", given);
    struct shop shop = shop_open();
    const char *fresh = shop_path(&shop, "fresh"), *made = shop_path(&shop, "fresh.making");
    char *before = state_of(shop.store);
    EXPECT_FIGARO(1, NOTHING, words, "import", shop.store, file, ATOMIC);
    expect_unchanged(shop.store, before);
    EXPECT_FIGARO(1, NOTHING, words, "import", fresh, file, ATOMIC);
    cr_expect(!is_there(fresh) && !is_there(made));
    EXPECT_FIGARO(1, "\"taken_in\":false}\n", NULL, "import", fresh, file, "--json", ATOMIC);
    if (overlaps != NULL) {
        EXPECT_FIGARO(0, all, "", "import", fresh, file, "--overlaps", overlaps, ATOMIC);
        EXPECT_FIGARO(0, all, "", "import", shop.store, file, "--overlaps", overlaps, ATOMIC);
        EXPECT_FIGARO(0, "of them were there already", "", "import", shop.store, file, "--overlaps", overlaps, ATOMIC);
        EXPECT_FIGARO(0, "sound", NULL, "verify", fresh);
        cr_expect(!is_there(made));
    }
    free(before);
    shop_close(&shop);
}

Test(import_atomic, csv_is_all_or_nothing)
{
    struct shop files = shop_empty();
    expect_none_or_all(shop_file(&files, "c.csv", conflicting_rows), "c.csv:3: refused (key b)", "record",
                       "2 rows: 2 accepted (1 of them as cancelled), 0 refused, 0 rejected\n");
    expect_none_or_all(shop_file(&files, "b.csv", bad_rows), "b.csv:3: rejected (key b): start: 'soon'", NULL, NULL);
    shop_close(&files);
}

Test(import_atomic, a_calendar_is_all_or_nothing)
{
    static const char calendar[] =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nX-WR-CALNAME:Figaro\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T100000Z\r\nDTEND:20260302T103000Z\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260302T101500Z\r\nDTEND:20260302T104500Z\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n";
    struct shop files = shop_empty();
    expect_none_or_all(shop_file(&files, "c.ics", calendar), "refused (key 2)", "record",
                       "2 events, 2 rows: 2 accepted (1 of them as cancelled)");
    shop_close(&files);
}

/* A row of another table counts as much as an appointment. */
Test(import_atomic, a_database_is_all_or_nothing)
{
    static const char tables[] =
        "CREATE TABLE appointments (id INTEGER PRIMARY KEY, barber_id, start_time, duration_minutes);"
        "CREATE TABLE services (id, name, duration_minutes);"
        "INSERT INTO appointments VALUES (1, 70, '2026-03-02 10:00', 30);";
    struct shop files = shop_empty();
    expect_none_or_all(APP_SQLITE(&files, tables, "INSERT INTO services VALUES (1, 'Odd', -5)"),
                       "services:1: rejected: minutes", NULL, NULL);
    expect_none_or_all(APP_SQLITE(&files, tables, "INSERT INTO appointments VALUES (2, 70, '2026-03-02 10:15', 30)"),
                       ":2: refused (key appointment-2)", "record", "2 rows: 2 accepted (1 of them as cancelled)");
    shop_close(&files);
}

/* A file that breaks off, and one that never was: exit 2 as ever. */
Test(import_atomic, a_file_that_cannot_be_read_changes_nothing)
{
    struct shop shop = shop_open();
    char *before = state_of(shop.store);
    const char *file = shop_file(&shop, "b.csv.gz", "\x1f\x8b\x08 this is no more of it");
    EXPECT_FIGARO(2, NULL, "b.csv.gz", "import", shop.store, file, ATOMIC);
    EXPECT_FIGARO(2, NULL, "no column says when", "import", shop.store, shop_file(&shop, "c.csv", "a,b\n1,2\n"),
                  ATOMIC);
    file = shop_file(&shop, "d.csv", good_rows);
    EXPECT_FIGARO(0, "", NULL, "init", shop_path(&shop, "other"), "--zone", "Europe/Madrid", AT);
    expect_unchanged(shop.store, before);
    free(before);
    shop_close(&shop);
}

/* What `figaro export` wrote is restored whole or not at all, asked for or not. */
Test(import_atomic, json_lines_always_are)
{
    struct shop shop = shop_open();
    char *text = state_of(shop.store);
    const char *again = shop_path(&shop, "again");
    EXPECT_FIGARO(0, "records", "", "import", again, shop_file(&shop, "a.jsonl", text), ATOMIC);
    strstr(text, "Figaro")[0] = 'f';
    EXPECT_FIGARO(2, "", "nothing was imported", "import", shop_path(&shop, "b"), shop_file(&shop, "b.jsonl", text),
                  ATOMIC);
    cr_expect(!is_there(shop_path(&shop, "b")) && !is_there(shop_path(&shop, "b.making")));
    free(text);
    shop_close(&shop);
}

/* ---- beside others ---- */

Test(import_atomic, a_store_in_use_is_refused)
{
    struct shop shop = shop_open();
    char *before = state_of(shop.store);
    fig_options options = fig_options_default();
    fig_engine *engine;
    const char *file = shop_file(&shop, "a.csv", good_rows);
    cr_assert_eq(fig_open(shop.store, &options, &engine, NULL), FIG_OK);
    EXPECT_FIGARO(3, "", "store is in use, and --atomic wants it alone: stop what has it open", "import", shop.store,
                  file, ATOMIC);
    cr_assert_eq(fig_close(engine), FIG_OK);
    expect_unchanged(shop.store, before);
    EXPECT_FIGARO(0, "2 accepted", "", "import", shop.store, file, ATOMIC);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store);
    free(before);
    shop_close(&shop);
}

/* An import that has taken many rows and waits for more; it ends when *feed is closed. */
static pid_t begin_import(const struct shop *shop, int *feed)
{
    const char *pipe = shop_path(shop, "pipe.csv");
    char *rows = support_read_file(many_rows(shop), NULL);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    pid_t child = support_spawn((const char *const[]){support_figaro(), "import", shop->store, pipe, ATOMIC, NULL});
    *feed = open(pipe, O_WRONLY | O_CLOEXEC);
    cr_assert(*feed >= 0 && write(*feed, rows, strlen(rows)) == (ssize_t)strlen(rows));
    free(rows);
    rig_until_file(shop_path(shop, "store/.importing/gate"));
    return child;
}

Test(import_atomic, others_are_kept_out_meanwhile_and_find_it_whole)
{
    struct shop shop = shop_open();
    int feed, status;
    support_write_file(shop_path(&shop, "store/ours.txt"), "note", 4);
    pid_t child = begin_import(&shop, &feed);
    EXPECT_FIGARO(3, NULL, "exclusively", "list", shop.store);
    EXPECT_FIGARO(3, NULL, "is in use, and --atomic wants it alone", "import", shop.store,
                  shop_file(&shop, "a.csv", good_rows), ATOMIC);
    close(feed);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_FIGARO(0, "3000 appointments", NULL, "list", shop.store);
    cr_expect(is_there(shop_path(&shop, "store/ours.txt")), "what else lies there stays");
    cr_expect(!is_there(shop_path(&shop, "store/.importing")));
    shop_close(&shop);
}

Test(import_atomic, what_a_kill_leaves_is_taken_away)
{
    struct shop shop = shop_open();
    char *before = state_of(shop.store);
    int feed;
    pid_t child = begin_import(&shop, &feed);
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    close(feed);
    cr_expect(is_there(shop_path(&shop, "store/.importing/data.mdb")));
    char *now = state_of(shop.store);
    cr_expect_str_eq(now, before, "what is left is in nobody's way");
    free(now);
    EXPECT_FIGARO(1, NOTHING, "refused", "import", shop.store, shop_file(&shop, "c.csv", conflicting_rows), ATOMIC);
    expect_unchanged(shop.store, before);
    cr_assert_eq(mkdir(shop_path(&shop, "store/.importing"), 0700), 0);
    support_write_file(shop_path(&shop, "store/.importing/mine"), "note", 4);
    EXPECT_FIGARO(1, "", ".importing holds files that are no store's: take them away", "import", shop.store,
                  shop_file(&shop, "a.csv", good_rows), ATOMIC);
    cr_expect(is_there(shop_path(&shop, "store/.importing/mine")));
    free(before);
    shop_close(&shop);
}

/* ---- kills ---- */

enum { KILLS = 20 };

/* Kills an import at a moment; returns whether it was one in time. */
static bool kill_import(const char *store, const char *file, useconds_t after_us)
{
    int status;
    pid_t child =
        support_spawn((const char *const[]){support_figaro(), "import", store, file, ATOMIC, "--batch", "64", NULL});
    usleep(after_us);
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static useconds_t time_of_import(const char *store, const char *file)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    EXPECT_FIGARO(0, "3000 accepted", "", "import", store, file, "--batch", "64", ATOMIC);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (useconds_t)((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
}

Test(import_atomic, a_kill_leaves_all_or_nothing, .timeout = 120)
{
    struct shop shop = shop_open();
    struct support_random random = support_random_from(11);
    const char *file = many_rows(&shop);
    char store[SUPPORT_PATH], copy[SUPPORT_PATH];
    support_format(store, sizeof store, "%.400s/b", shop.root);
    support_format(copy, sizeof copy, "%.400s/b/.importing", shop.root);
    char *before = state_of(shop.store);
    support_copy(shop.store, store);
    useconds_t whole_us = time_of_import(store, file);
    char *after = state_of(store);
    int killed = 0, left = 0;
    for (int i = 0; i < KILLS; i++) {
        support_remove(store);
        support_copy(shop.store, store);
        killed += kill_import(store, file, (useconds_t)support_below(&random, whole_us + whole_us / 8));
        left += is_there(copy);
        char *now = state_of(store);
        cr_expect(strcmp(now, before) == 0 || strcmp(now, after) == 0, "run %d", i);
        bool done = strcmp(now, before) != 0;
        free(now);
        EXPECT_FIGARO(0, "sound", NULL, "verify", store);
        EXPECT_FIGARO(0, done ? "(3000 of them were there already)" : "3000 accepted, 0 refused", "", "import", store,
                      file, ATOMIC);
        cr_expect(!is_there(copy));
    }
    cr_expect(killed > 0 && left > 0, "%d killed, %d left something", killed, left);
    free(before);
    free(after);
    shop_close(&shop);
}

Test(import_atomic, a_kill_leaves_no_part_of_a_new_store, .timeout = 120)
{
    struct shop shop = shop_empty();
    struct support_random random = support_random_from(12);
    const char *file = many_rows(&shop);
    useconds_t whole_us = time_of_import(shop.store, file);
    int killed = 0, missing = 0;
    for (int i = 0; i < KILLS; i++) {
        support_remove(shop.store);
        killed += kill_import(shop.store, file, (useconds_t)support_below(&random, whole_us + whole_us / 8));
        missing += !is_there(shop.store);
        if (is_there(shop.store)) EXPECT_FIGARO(0, "3000 appointments", NULL, "list", shop.store);
        EXPECT_FIGARO(0, "3000 accepted", "", "import", shop.store, file, ATOMIC);
        cr_expect(!is_there(shop_path(&shop, "store.making")));
    }
    cr_expect(killed > 0 && missing > 0, "%d killed, %d left nothing", killed, missing);
    shop_close(&shop);
}

/* ---- disks ---- */

/* From a disk that has no room for the copy to one that all but has it for all rows. */
Test(import_atomic, a_full_disk_changes_nothing, .timeout = 60)
{
    static const char *const sizes[] = {"260k", "400k", "560k", "800k"};
    struct shop files = shop_empty();
    char top[SUPPORT_PATH], store[SUPPORT_PATH];
    const char *file = many_rows(&files);
    support_make_directory(top);
    rig_mount(top, "250k");
    support_format(store, sizeof store, "%.400s/store", top);
    EXPECT_FIGARO(0, "", NULL, "init", store, AT);
    char *before = state_of(store);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct support_child child = SUPPORT_FIGARO("import", store, file, ATOMIC);
        cr_expect_eq(child.exit_code, 3, "%s: %s", sizes[i], child.err);
        cr_expect(strstr(child.err, "first") == NULL && strstr(child.err, "goes on") == NULL, "%s", child.err);
        support_free(&child);
        expect_unchanged(store, before);
        rig_enlarge(top, sizes[i]);
    }
    rig_enlarge(top, "16m");
    EXPECT_FIGARO(0, "3000 accepted", "", "import", store, file, ATOMIC);
    free(before);
    cr_assert_eq(umount(top), 0);
    support_remove(top);
    shop_close(&files);
}

Test(import_atomic, a_disk_that_is_read_only_is_told)
{
    struct shop files = shop_empty();
    char top[SUPPORT_PATH], store[SUPPORT_PATH];
    const char *file = shop_file(&files, "a.csv", good_rows);
    support_make_directory(top);
    rig_mount(top, "8m");
    support_format(store, sizeof store, "%.400s/store", top);
    EXPECT_FIGARO(0, "", NULL, "init", store, AT);
    char *before = state_of(store);
    cr_assert_eq(mount("none", top, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0, "%s", strerror(errno));
    EXPECT_FIGARO(3, "", "cannot be written (file system)", "import", store, file, ATOMIC);
    support_format(store, sizeof store, "%.400s/other", top);
    EXPECT_FIGARO(3, "", "other.making cannot be made: Read-only file system", "import", store, file, ATOMIC);
    support_format(store, sizeof store, "%.400s/store", top);
    expect_unchanged(store, before);
    free(before);
    cr_assert_eq(umount(top), 0);
    support_remove(top);
    shop_close(&files);
}

/* ---- an archive ---- */

/* Or the server, who is not root, could not open it any more. */
Test(import_atomic, a_store_stays_its_owners_when_root_imports)
{
    if (geteuid() != 0) support_lack("only root can import into another user's store");
    struct shop shop = shop_open();
    char data[SUPPORT_PATH];
    struct stat before, after;
    support_format(data, sizeof data, "%.400s/data.mdb", shop.store);
    cr_assert(chown(data, 65534, 65533) == 0 && chmod(data, 0640) == 0 && stat(data, &before) == 0);
    EXPECT_FIGARO(0, "2 accepted", "", "import", shop.store, shop_file(&shop, "g.csv", good_rows), ATOMIC);
    cr_assert_eq(stat(data, &after), 0);
    cr_expect_eq(after.st_uid, 65534);
    cr_expect_eq(after.st_gid, 65533);
    cr_expect_eq(after.st_mode, before.st_mode);
    cr_expect_neq(after.st_ino, before.st_ino, "it is another file");
    shop_close(&shop);
}

/* Here somebody who is not of the store's group. */
Test(import_atomic, a_copy_that_cannot_be_its_owners_is_dropped)
{
    if (geteuid() != 0) support_lack("only root can become another user");
    struct shop shop = shop_open();
    char making[SUPPORT_PATH];
    const char *file = shop_file(&shop, "g.csv", good_rows);
    support_format(making, sizeof making, "%.400s/.importing", shop.store);
    struct support_child given =
        SUPPORT_RUN("sh", "-c", "chmod 755 \"$0\"; chown -R 65534:0 \"$1\"", shop_path(&shop, "."), shop.store);
    cr_assert_eq(given.exit_code, 0, "%s", given.err);
    support_free(&given);
    struct support_child child = SUPPORT_RUN("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                             support_figaro(), "import", shop.store, file, ATOMIC);
    cr_expect_eq(child.exit_code, 3, "%s", child.err);
    cr_expect(strstr(child.err, "cannot be copied with its owner and mode; import as its owner or as root: "
                                "Operation not permitted") != NULL,
              "%s", child.err);
    support_free(&child);
    cr_expect_not(is_there(making));
    EXPECT_FIGARO(0, "0 appointments", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_atomic, an_archive_stays_a_part_of_it)
{
    struct shop shop = shop_open();
    const char *file = many_rows(&shop);
    EXPECT_FIGARO(0, "3000 accepted", "", "import", shop.store, file, "--batch", "16", AT);
    EXPECT_FIGARO(0, "", NULL, "archive", shop.store, "--keep", "5");
    cr_assert(is_there(shop_path(&shop, "store/archive")));
    char *before = state_of(shop.store);
    EXPECT_FIGARO(1, NOTHING, "refused", "import", shop.store, shop_file(&shop, "c.csv", conflicting_rows), ATOMIC);
    expect_unchanged(shop.store, before);
    EXPECT_FIGARO(0, "2 accepted", "", "import", shop.store, shop_file(&shop, "a.csv", good_rows), ATOMIC);
    EXPECT_FIGARO(0, "sound", NULL, "verify", shop.store);
    EXPECT_FIGARO(0, "k2999", NULL, "journal", shop.store);
    EXPECT_FIGARO(0, "3002 appointments", NULL, "list", shop.store);
    free(before);
    shop_close(&shop);
}
