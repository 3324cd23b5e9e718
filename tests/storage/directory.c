/* The directory of a store: what is refused and why, what is shared, what a copy is. Budget: 2 s.
 *
 * Every refusal has to leave the directory as it was and to name the path and the next step. */
#include "storage/directory.h"
#include "storage/meta.h"
#include "tests/storage/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* ---- helpers ---- */

static const struct store_options plain = {.create = false};
static const struct store_options creating = {.create = true};
static const struct store_options reading = {.read_only = true};

static char *join(const char *directory, const char *name)
{
    static char paths[16][SUPPORT_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 16];
    support_format(path, SUPPORT_PATH, "%s/%s", directory, name);
    return path;
}

static void expect_refusal(enum store_status expected, const char *path, const struct store_options *options,
                           const char *words)
{
    struct store *store = NULL;
    rig_error.message[0] = '\0';
    enum store_status status = store_open_directory(path, options, &store, &rig_error);
    cr_assert_eq(status, expected, "%s: %s, not %s: %s", path, rig_name(status), rig_name(expected), rig_error.message);
    cr_assert_null(store);
    cr_assert(strstr(rig_error.message, words) != NULL, "'%s' says nothing of '%s'", rig_error.message, words);
}

static mode_t mode_of(const char *path)
{
    struct stat found;
    cr_assert_eq(lstat(path, &found), 0, "%s: %s", path, strerror(errno));
    return found.st_mode & 07777;
}

static void make_store(const char *path)
{
    struct store *store = rig_open(path);
    rig_append(store, 3);
    rig_put(store, 1, "one");
    rig_shut(store);
}

/* ---- making and opening ---- */

Test(storage_open, a_store_is_made_closed_to_others)
{
    char top[SUPPORT_PATH];
    support_make_directory(top);
    umask(0);
    const char *path = join(top, "store");
    rig_shut(rig_open(path));
    cr_assert_eq(mode_of(path), 0700);
    cr_assert_eq(mode_of(join(path, "data.mdb")), 0600);
    cr_assert_eq(mode_of(join(path, "lock.mdb")), 0600);
    cr_assert_eq(mode_of(join(path, "gate")), 0600);
    cr_assert_neq(access(join(path, ".making"), F_OK), 0);
    struct stat locks;
    cr_assert_eq(stat(join(path, "lock.mdb"), &locks), 0);
    cr_assert(locks.st_blocks * 512 >= locks.st_size, "LMDB's lock file has holes, which a full disk makes fatal");
    support_remove(top);
}

Test(storage_open, an_empty_directory_is_closed_when_it_becomes_a_store)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    cr_assert_eq(chmod(path, 0755), 0);
    rig_shut(rig_open(path));
    cr_assert_eq(mode_of(path), 0700);
    support_remove(path);
}

Test(storage_open, what_was_written_is_there_again)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 5);
    rig_put(rig.store, 7, "seven");
    struct store_facts before;
    struct store_facts after;
    RIG_OK(rig.store->ops->facts(rig.store, &before, &rig_error));
    rig_reopen(&rig);
    cr_assert_eq(rig.store->ops->tip(rig.store), 5);
    RIG_OK(rig.store->ops->facts(rig.store, &after, &rig_error));
    cr_assert(before.tip == after.tip && before.checkpoint == after.checkpoint && before.first == after.first);
    cr_assert(before.store_id[0] == after.store_id[0] && before.store_id[1] == after.store_id[1]);
    rig_check_frames(rig.store, 0, 5);
    rig_close(&rig);
}

Test(storage_open, missing_is_no_store_and_stays_missing)
{
    char top[SUPPORT_PATH];
    support_make_directory(top);
    const char *path = join(top, "none");
    expect_refusal(STORE_NOT_STORE, path, &plain, "create a store there first");
    expect_refusal(STORE_NOT_STORE, path, &reading, path);
    cr_assert_neq(access(path, F_OK), 0);
    expect_refusal(STORE_NOT_STORE, top, &plain, "holds no store");
    cr_assert_neq(access(join(top, "gate"), F_OK), 0, "a refusal left a file behind");
    expect_refusal(STORE_NOT_STORE, "", &creating, "no path");
    expect_refusal(STORE_NOT_STORE, join(top, "none/deeper"), &creating, "no such directory");
    support_remove(top);
}

Test(storage_open, other_files_are_left_alone)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    support_write_file(join(path, "letter.txt"), "dear", 4);
    expect_refusal(STORE_NOT_STORE, path, &creating, "letter.txt");
    cr_assert_neq(access(join(path, "gate"), F_OK), 0);
    expect_refusal(STORE_NOT_STORE, join(path, "letter.txt"), &creating, "not a directory");
    support_remove(path);
}

Test(storage_open, a_making_that_was_cut_off_is_begun_again)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    cr_assert_eq(mkdir(join(path, ".making"), 0700), 0);
    support_write_file(join(path, ".making/data.mdb"), "half", 4);
    support_write_file(join(path, "gate"), "half", 4);
    expect_refusal(STORE_NOT_STORE, path, &plain, "holds no store");
    make_store(path);
    cr_assert_neq(access(join(path, ".making"), F_OK), 0);
    support_remove(path);
}

/* ---- what lies there instead ---- */

Test(storage_open, a_foreign_file_is_no_store)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    static char text[20000];
    memset(text, 'x', sizeof text);
    support_write_file(join(path, "data.mdb"), text, sizeof text);
    chmod(join(path, "data.mdb"), 0600);
    expect_refusal(STORE_NOT_STORE, path, &plain, "does not begin as LMDB's do");
    expect_refusal(STORE_NOT_STORE, path, &creating, "data.mdb");
    support_write_file(join(path, "data.mdb"), text, 0);
    expect_refusal(STORE_NOT_STORE, path, &plain, "too short");
    support_remove(path);
}

Test(storage_open, a_foreign_lmdb_is_no_store)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi database;
    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_open(env, path, 0, 0600), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    cr_assert_eq(mdb_dbi_open(txn, NULL, 0, &database), 0);
    MDB_val word = {4, "word"};
    cr_assert_eq(mdb_put(txn, database, &word, &word, 0), 0);
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    expect_refusal(STORE_NOT_STORE, path, &plain, "an LMDB file, but no store's");
    expect_refusal(STORE_NOT_STORE, path, &creating, "an LMDB file, but no store's");
    support_remove(path);
}

/* Puts another record in the place of the store's own, as another version would have. */
static void write_record(const char *path, const void *bytes, size_t size)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi database;
    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_set_maxdbs(env, 16), 0);
    cr_assert_eq(mdb_env_open(env, path, 0, 0600), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    cr_assert_eq(mdb_dbi_open(txn, "meta", 0, &database), 0);
    MDB_val key = {META_KEY_SIZE, META_KEY};
    MDB_val value = {size, (void *)bytes};
    cr_assert_eq(mdb_put(txn, database, &key, &value, 0), 0);
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

Test(storage_open, a_newer_format_is_refused_by_name)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    struct meta meta = {.checkpoint = 3};
    unsigned char bytes[META_BYTES + 40] = {0};
    meta_write_version(&meta, META_VERSION + 1, bytes);
    write_record(path, bytes, sizeof bytes);
    expect_refusal(STORE_NEWER, path, &plain, "its format is 2 and this program reads up to 1");
    expect_refusal(STORE_NEWER, path, &reading, path);
    bytes[8] ^= 4; /* a version that its check does not vouch for is damage */
    write_record(path, bytes, sizeof bytes);
    expect_refusal(STORE_CORRUPT, path, &plain, "fails its checksum");
    meta_write(&meta, bytes);
    bytes[33] ^= 1;
    write_record(path, bytes, META_BYTES);
    expect_refusal(STORE_CORRUPT, path, &plain, "fails its checksum");
    support_remove(path);
}

/* ---- links and permissions ---- */

Test(storage_open, no_link_is_followed)
{
    char top[SUPPORT_PATH];
    support_make_directory(top);
    char real[SUPPORT_PATH];
    char link[SUPPORT_PATH];
    support_format(real, sizeof real, "%s/real", top);
    support_format(link, sizeof link, "%s/link", top);
    make_store(real);
    cr_assert_eq(symlink(real, link), 0);
    expect_refusal(STORE_DENIED, link, &plain, "symbolic link");
    expect_refusal(STORE_DENIED, join(top, "link/"), &creating, "symbolic link");
    expect_refusal(STORE_DENIED, join(top, "link///"), &reading, "symbolic link");
    cr_assert_eq(unlink(link), 0);
    static const char *const files[] = {"data.mdb", "lock.mdb", "gate"};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(rename(join(real, files[i]), join(top, "moved")), 0);
        cr_assert_eq(symlink("../moved", join(real, files[i])), 0);
        expect_refusal(STORE_DENIED, real, &plain, files[i]);
        expect_refusal(STORE_DENIED, real, &creating, "symbolic link");
        cr_assert_eq(rename(join(top, "moved"), join(real, files[i])), 0);
    }
    rig_shut(rig_open(join(top, "real/"))); /* a slash alone does no harm */
    support_remove(top);
}

Test(storage_open, what_others_may_write_is_refused)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    cr_assert_eq(chmod(path, 0770), 0);
    expect_refusal(STORE_DENIED, path, &plain, "chmod 700");
    cr_assert_eq(chmod(path, 0700), 0);
    cr_assert_eq(chmod(join(path, "data.mdb"), 0606), 0);
    expect_refusal(STORE_DENIED, path, &reading, "chmod 600");
    cr_assert_eq(chmod(join(path, "data.mdb"), 0600), 0);
    rig_shut(rig_open(path));
    support_remove(path);
}

static int open_as_somebody(void *context)
{
    const char *path = context;
    CHILD_TRUE(setgid(65534) == 0 && setuid(65534) == 0);
    struct store *store;
    CHILD_STATUS(STORE_DENIED, store_open_directory(path, &plain, &store, &rig_error));
    CHILD_TRUE(strstr(rig_error.message, path) != NULL);
    CHILD_STATUS(STORE_DENIED, store_open_directory(path, &reading, &store, &rig_error));
    return 0;
}

Test(storage_open, another_user_is_denied)
{
    if (geteuid() != 0) support_lack("only root can become another user");
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    cr_assert_eq(rig_wait(rig_fork(open_as_somebody, path)), 0);
    support_remove(path);
}

Test(storage_open, a_read_only_file_system_can_be_read)
{
    char top[SUPPORT_PATH];
    support_make_directory(top);
    rig_mount(top, "8m");
    const char *path = join(top, "store");
    make_store(path);
    cr_assert_eq(mount("none", top, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0, "%s", strerror(errno));
    expect_refusal(STORE_DENIED, path, &plain, "read only");
    struct store *store;
    RIG_OK(store_open_directory(path, &reading, &store, &rig_error));
    cr_assert_eq(store->ops->tip(store), 3);
    rig_check_frames(store, 0, 3);
    RIG_STATUS(STORE_DENIED, store->ops->begin(store, rig_in_ms(1000), &rig_error));
    rig_shut(store);
    cr_assert_eq(umount(top), 0);
    support_remove(top);
}

/* ---- one process, one environment ---- */

Test(storage_open, two_handles_share_one_store)
{
    struct rig rig = rig_in_directory();
    struct store *second = rig_open(rig.path);
    struct store *reader;
    RIG_OK(store_open_directory(rig.path, &reading, &reader, &rig_error));
    rig_append(rig.store, 2);
    rig_append(second, 2);
    rig_check_frames(reader, 0, 4);
    RIG_STATUS(STORE_DENIED, reader->ops->begin(reader, rig_in_ms(1000), &rig_error));
    rig_shut(reader);
    rig_shut(rig.store);
    rig_append(second, 1); /* the environment lives as long as its last handle */
    rig.store = rig_open(rig.path);
    rig_shut(second);
    rig_check_frames(rig.store, 0, 5);
    rig_close(&rig);
}

/* The registry of another copy of the library knows nothing of ours: what is left is the claim. */
Test(storage_open, a_second_copy_of_the_library_is_refused)
{
    struct rig rig = rig_in_directory();
    struct directory copy;
    RIG_OK(directory_open(rig.path, false, &copy, &rig_error));
    RIG_STATUS(STORE_DENIED, directory_claim(&copy, false, &rig_error));
    cr_assert(strstr(rig_error.message, "another copy of the library") != NULL, "%s", rig_error.message);
    directory_release(&copy);
    rig_append(rig.store, 1); /* and the first is none the worse */
    rig_shut(rig.store);
    RIG_OK(directory_open(rig.path, false, &copy, &rig_error));
    RIG_OK(directory_claim(&copy, false, &rig_error));
    expect_refusal(STORE_DENIED, rig.path, &plain, "another copy of the library");
    directory_release(&copy);
    rig.store = rig_open(rig.path);
    rig_close(&rig);
}

static int open_in_child(void *context)
{
    struct store *store;
    CHILD_OK(store_open_directory(context, &plain, &store, &rig_error));
    unsigned char bytes[4096];
    CHILD_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    uint64_t number = store->ops->tip(store) + 1;
    size_t size = rig_frame(number, bytes);
    CHILD_OK(store->ops->append(store, number, bytes, size, rig_in_ms(5000), &rig_error));
    store->ops->end(store);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_open, a_forked_child_opens_for_itself)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 1);
    cr_assert_eq(rig_wait(rig_fork(open_in_child, rig.path)), 0);
    cr_assert_eq(rig_wait(rig_fork(open_in_child, rig.path)), 0);
    rig_append(rig.store, 1);
    rig_check_frames(rig.store, 0, 4);
    /* LMDB's own locks of this process are whole: no reader of it was taken for dead. */
    rig_reopen(&rig);
    rig_check_frames(rig.store, 0, 4);
    rig_close(&rig);
}

Test(storage_open, a_renamed_directory_and_a_new_working_directory_do_no_harm)
{
    char top[SUPPORT_PATH];
    support_make_directory(top);
    char home[SUPPORT_PATH];
    cr_assert(getcwd(home, sizeof home) != NULL);
    cr_assert_eq(chdir(top), 0);
    struct store *store = rig_open("store");
    rig_append(store, 1);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(rename(join(top, "store"), join(top, "moved")), 0);
    rig_append(store, 1);
    rig_check_frames(store, 0, 2);
    rig_shut(store);
    cr_assert_eq(chdir(home), 0);
    store = rig_open(join(top, "moved"));
    rig_check_frames(store, 0, 2);
    rig_shut(store);
    support_remove(top);
}

/* ---- copies ---- */

static int append_for_a_while(void *context)
{
    struct store *store;
    unsigned char bytes[4096];
    CHILD_OK(store_open_directory(context, &plain, &store, &rig_error));
    for (int64_t end = rig_in_ms(400); rig_now_ns() < end;) {
        CHILD_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
        uint64_t number = store->ops->tip(store) + 1;
        size_t size = rig_frame(number, bytes);
        CHILD_OK(store->ops->append(store, number, bytes, size, rig_in_ms(5000), &rig_error));
        store->ops->end(store);
    }
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_copy, a_copy_is_whole_while_others_write, .timeout = 30)
{
    struct rig rig = rig_in_directory();
    char top[SUPPORT_PATH];
    support_make_directory(top);
    rig_append(rig.store, 30);
    rig_put(rig.store, 1, "one");
    pid_t writer = rig_fork(append_for_a_while, rig.path);
    uint64_t last = 0;
    for (int i = 0; i < 6; i++) {
        char path[SUPPORT_PATH];
        support_format(path, sizeof path, "%s/copy%d", top, i);
        uint64_t before = rig.store->ops->tip(rig.store);
        RIG_OK(rig.store->ops->copy(rig.store, path, &rig_error));
        char report[1000];
        uint64_t problems = 1;
        RIG_OK(store_verify_directory(path, report, sizeof report, &problems, &rig_error));
        cr_assert_eq(problems, 0, "%s", report);
        struct store *copy = rig_open(path);
        uint64_t tip = copy->ops->tip(copy);
        cr_assert(tip >= before && tip >= last);
        rig_check_frames(copy, 0, tip);
        rig_append(copy, 1);
        rig_shut(copy);
        cr_assert_eq(mode_of(path), 0700);
        cr_assert_eq(mode_of(join(path, "data.mdb")), 0600);
        last = tip;
        usleep(30000);
    }
    cr_assert_eq(rig_wait(writer), 0);
    support_remove(top);
    rig_close(&rig);
}

Test(storage_copy, nothing_is_copied_over)
{
    struct rig rig = rig_in_directory();
    char path[SUPPORT_PATH];
    support_make_directory(path);
    RIG_STATUS(STORE_DENIED, rig.store->ops->copy(rig.store, rig.path, &rig_error));
    support_write_file(join(path, "letter.txt"), "dear", 4);
    RIG_STATUS(STORE_NOT_STORE, rig.store->ops->copy(rig.store, path, &rig_error));
    cr_assert_eq(unlink(join(path, "letter.txt")), 0);
    RIG_OK(rig.store->ops->copy(rig.store, path, &rig_error));
    RIG_STATUS(STORE_DENIED, rig.store->ops->copy(rig.store, path, &rig_error));
    struct rig memory = rig_in_memory();
    RIG_STATUS(STORE_INVALID, memory.store->ops->copy(memory.store, path, &rig_error));
    rig_close(&memory);
    support_remove(path);
    rig_close(&rig);
}
