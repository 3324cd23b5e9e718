/* A full disk: a small memory file system of the test's own. What was acknowledged stays, the store is sound, and
 * the same engine goes on when there is room. Skipped where mounting is not permitted. Budget: two seconds. */
#include "tests/engine/fixture.h"
#include "tests/proof/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static char disk[SUPPORT_PATH];

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);
    bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0) close(file);
    return done;
}

/* A mount namespace of the test's own, which ends with it; where need be with a user namespace around it. */
static bool enter_namespace(void)
{
    char map[64];
    unsigned user = geteuid();
    if (user == 0) return unshare(CLONE_NEWNS) == 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    support_format(map, sizeof map, "%u %u 1", user, user);
    return write_text("/proc/self/uid_map", map);
}

static void mount_disk(void)
{
    support_make_directory(disk);
    bool mounted = enter_namespace() && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                   mount("tmpfs", disk, "tmpfs", 0, "size=400k") == 0;
    if (!mounted) cr_skip_test("needs to mount a small file system: %s", strerror(errno));
}

static void make_room(void)
{
    cr_assert_eq(mount("tmpfs", disk, "tmpfs", MS_REMOUNT, "size=64m"), 0, "%s", strerror(errno));
}

static void unmount_disk(void)
{
    umount(disk);
    rmdir(disk);
}

TestSuite(full, .init = mount_disk, .fini = unmount_disk);

/* Books until it is refused for want of room; returns how many went in. */
static int book_until_full(fig_engine *engine, int from)
{
    for (int i = from; i < from + 20000; i++) {
        fig_status status = ask(engine, a_booking(FIGARO, NOON + i * MINUTE, NOON + (i + 1) * MINUTE)).status;
        if (status == FIG_OK) continue;
        cr_assert(status == FIG_FULL || status == FIG_IO, "%s", fig_status_name(status));
        return i;
    }
    cr_assert_fail("the disk does not fill");
    return 0;
}

Test(full, the_engine_goes_on_when_there_is_room)
{
    char store[SUPPORT_PATH + 8];
    support_format(store, sizeof store, "%s/store", disk);
    fig_engine *engine = fixture_open(store);
    int booked_before = book_until_full(engine, 0);
    cr_assert_gt(booked_before, 10);
    for (int i = 0; i < 3; i++) cr_assert_eq(book_until_full(engine, booked_before), booked_before);
    cr_assert_eq(stats_of(engine).active, (uint64_t)booked_before);
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + 1, NOON), "reads go on");
    struct support_child health = SUPPORT_FIGARO("health", store);
    cr_assert_eq(health.exit_code, 1, "%s%s", health.out, health.err);
    cr_assert(strstr(health.out, "bad      disk") && strstr(health.out, "make room"), "%s", health.out);
    support_free(&health);
    make_room();
    booked(engine, FIGARO, NOON + booked_before * MINUTE, NOON + (booked_before + 1) * MINUTE);
    fig_stats before = stats_of(engine);
    fixture_close(engine);
    must_verify(store);
    engine = fixture_open(store);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_eq(after.active, (uint64_t)booked_before + 1);
    fixture_close(engine);
}

Test(full, a_full_store_opens_and_verifies)
{
    char store[SUPPORT_PATH + 8];
    support_format(store, sizeof store, "%s/store", disk);
    fig_engine *engine = fixture_open(store);
    int booked_before = book_until_full(engine, 0);
    fixture_close(engine);
    must_verify(store);
    engine = fixture_open(store);
    cr_assert_eq(stats_of(engine).active, (uint64_t)booked_before);
    make_room();
    booked(engine, FIGARO, NOON + booked_before * MINUTE, NOON + (booked_before + 1) * MINUTE);
    fixture_close(engine);
}

static size_t last_number(const char *path)
{
    char *text = support_read_file(path, NULL);
    size_t number = strtoul(support_last_line(text), NULL, 10);
    free(text);
    return number;
}

/* The command stops with exit 3, says from where to go on, and from there comes to the right end. */
Test(full, a_replay_stops_and_goes_on)
{
    char data[SUPPORT_PATH], store[SUPPORT_PATH + 8], acks[SUPPORT_PATH + 8], skip[24];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    support_format(store, sizeof store, "%s/store", disk);
    support_format(acks, sizeof acks, "%s.acks", disk);
    struct support_child child = SUPPORT_FIGARO("replay", store, data, "--batch", "16", "--acks", acks);
    cr_assert_eq(child.exit_code, 3, "exit %d: %s%s", child.exit_code, child.out, child.err);
    cr_assert(child.err[0] != '\0');
    support_free(&child);
    must_verify(store);
    make_room();
    support_format(skip, sizeof skip, "%zu", last_number(acks));
    child = SUPPORT_FIGARO("replay", store, data, "--batch", "16", "--skip", skip, "--json");
    cr_assert_eq(child.exit_code, 0, "exit %d: %s", child.exit_code, child.err);
    json_t *answer = json_loads(support_last_line(child.out), 0, NULL);
    cr_assert_eq(json_integer_value(json_object_get(answer, "live")), 1334);
    cr_assert_eq(json_integer_value(json_object_get(answer, "refused")), 0);
    cr_assert_str_eq(json_string_value(json_object_get(answer, "sha256")),
                     "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1");
    json_decref(answer);
    support_free(&child);
    must_verify(store);
    unlink(acks);
}

/* A copy that does not fit says so, leaves nothing behind, and can be made when there is room. */
Test(full, a_backup_that_does_not_fit_leaves_nothing)
{
    char store[SUPPORT_PATH + 8], copy[SUPPORT_PATH + 8];
    support_format(store, sizeof store, "%s/store", disk);
    support_format(copy, sizeof copy, "%s/copy", disk);
    fig_engine *engine = fixture_open(store);
    book_until_full(engine, 0);
    fig_error error = fig_error_default();
    fig_status status = fig_backup(engine, copy, &error);
    cr_assert(status == FIG_FULL, "%s: %s", fig_status_name(status), error.message);
    cr_assert(strstr(error.message, copy) != NULL, "%s", error.message);
    cr_assert(access(copy, F_OK) != 0 && errno == ENOENT);
    struct support_child child = SUPPORT_FIGARO("restore", store, copy);
    cr_expect_eq(child.exit_code, 3, "%s%s", child.out, child.err);
    support_free(&child);
    cr_assert(access(copy, F_OK) != 0 && errno == ENOENT);
    make_room();
    must_be(fig_backup(engine, copy, &error), FIG_OK);
    fixture_close(engine);
    must_verify(copy);
}
