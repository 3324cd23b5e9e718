/* A disk that fails, fills up or runs out of map: every answer has to be true, and the store go on. Budget: 6 s.
 *
 * The nth write or sync of a commit fails, for every n there is, in every way: refused, cut short, or done and denied.
 * What append() answered is then held against what another process finds. */
#include "storage/internal.h"
#include "tests/storage/faults.h"
#include "tests/storage/rig.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char *data_of(const struct rig *rig)
{
    static char path[SUPPORT_PATH];
    support_format(path, sizeof path, "%s/data.mdb", rig->path);
    return path;
}

static enum store_status append_frame(struct store *store, uint64_t number)
{
    unsigned char bytes[4096];
    size_t size = rig_frame(number, bytes);
    return store->ops->append(store, number, bytes, size, rig_in_ms(10000), &rig_error);
}

static bool settle_frame(struct store *store, uint64_t number)
{
    unsigned char bytes[4096];
    size_t size = rig_frame(number, bytes);
    bool written = false;
    RIG_OK(store->ops->settle(store, number, bytes, size, &written, &rig_error));
    return written;
}

/* ---- what another process finds ---- */

struct find {
    char path[SUPPORT_PATH];
    uint64_t tip;
};

static int find_frames(void *context)
{
    struct find *find = context;
    struct store_options options = {.create = false};
    struct store *store;
    struct rig_frames frames = {.after = 0};
    struct frame_sink sink = rig_frame_sink(&frames);
    char report[1000];
    uint64_t problems = 0;
    CHILD_OK(store_open_directory(find->path, &options, &store, &rig_error));
    CHILD_OK(store->ops->since(store, 0, &sink, &rig_error));
    CHILD_TRUE(!frames.wrong);
    if (frames.count != find->tip) fprintf(stderr, "found %lu frames\n", (unsigned long)frames.count);
    CHILD_TRUE(frames.count == find->tip && store->ops->tip(store) == find->tip);
    CHILD_OK(store_verify_directory(find->path, report, sizeof report, &problems, &rig_error));
    if (problems > 0) fprintf(stderr, "%s", report);
    CHILD_TRUE(problems == 0);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

static void expect_elsewhere(const struct rig *rig, uint64_t tip, const char *what)
{
    struct find find = {.tip = tip};
    support_format(find.path, sizeof find.path, "%s", rig->path);
    int found = rig_wait(rig_fork(find_frames, &find));
    cr_assert_eq(found, 0, "%s: another process does not find %lu frames", what, (unsigned long)tip);
}

/* ---- the nth call fails ---- */

/* Appends frame 4 under a fault; after that the store holds what the answer said, here and elsewhere, and goes on. */
static bool append_under(struct fault fault, bool shared)
{
    struct rig rig = rig_in_directory();
    struct store *store = rig.store;
    char what[100];
    support_format(what, sizeof what, "call %u to %u fails with %d, kind %d%s", fault.nth, fault.nth + fault.count - 1,
                   fault.error, fault.kind, shared ? ", another process has it open" : "");
    rig_append(store, 3);
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    faults_arm(data_of(&rig), fault);
    enum store_status status = append_frame(store, 4);
    unsigned failed = faults_disarm();
    uint64_t tip = status == STORE_OK ? 4 : 3;
    cr_assert(failed > 0 || status == STORE_OK, "%s: %s", what, rig_error.message);
    if (status == STORE_UNKNOWN) {
        RIG_STATUS(STORE_INVALID, append_frame(store, 4)); /* nothing is piled on what is unknown */
        tip = settle_frame(store, 4) ? 4 : 3;
    } else {
        bool honest = status == STORE_OK || status == STORE_FULL || status == STORE_IO;
        cr_assert(honest, "%s: %s: %s", what, rig_name(status), rig_error.message);
        cr_assert(status == STORE_OK || strstr(rig_error.message, "data.mdb") != NULL);
    }
    cr_assert_eq(store->ops->tip(store), tip, "%s: %s, and the tip is %lu", what, rig_name(status),
                 (unsigned long)store->ops->tip(store));
    rig_check_frames(store, 0, tip);
    expect_elsewhere(&rig, tip, what);
    RIG_OK(append_frame(store, tip + 1));
    store->ops->end(store);
    expect_elsewhere(&rig, tip + 1, what);
    rig_reopen(&rig);
    rig_check_frames(rig.store, 0, tip + 1);
    rig_close(&rig);
    return failed > 0;
}

static void append_under_all(unsigned count)
{
    static const int errors[] = {EIO, ENOSPC};
    for (enum fault_kind kind = FAULT_REFUSED; kind < FAULT_KINDS; kind++)
        for (size_t e = 0; e < 2; e++) {
            unsigned nth = 1;
            while (append_under((struct fault){nth, count, errors[e], kind}, false)) nth++;
            cr_assert_geq(nth, 3, "a commit is at least a write, a sync and a meta page");
        }
}

Test(storage_failing, any_call_of_an_append_fails, .timeout = 60) { append_under_all(1); }

/* The one that undoes a meta page that failed, and those of settling, fail too; then the disk is well again. */
Test(storage_failing, any_call_of_an_append_and_the_next_fail, .timeout = 60) { append_under_all(2); }

/* ---- the nth map fails ---- */

/* Opens with the nth map of a file refused. Whatever it comes to, nothing is changed, and the next opening finds all.
 */
static bool open_unmapped(const char *name, struct fault fault)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    rig_shut(rig.store);
    char file[SUPPORT_PATH + 16];
    support_format(file, sizeof file, "%s/%s", rig.path, name);
    struct store_options options = {.create = false};
    struct store *store = NULL;
    faults_arm(file, fault);
    enum store_status status = store_open_directory(rig.path, &options, &store, &rig_error);
    unsigned failed = faults_disarm();
    bool honest = status == STORE_NO_MEMORY || status == STORE_IO || status == STORE_UNAVAILABLE;
    if (status == STORE_OK)
        rig_shut(store);
    else
        cr_assert(failed > 0 && honest && strstr(rig_error.message, rig.path) != NULL, "%s: map %u with %d: %s: %s",
                  name, fault.nth, fault.error, rig_name(status), rig_error.message);
    rig.store = rig_open(rig.path);
    rig_check_frames(rig.store, 0, 3);
    rig_append(rig.store, 1);
    rig_close(&rig);
    return failed > 0;
}

Test(storage_failing, any_map_of_an_opening_fails, .timeout = 60)
{
#if SANITIZED_THREADS
    cr_skip_test("maps cannot be refused there");
#endif
    static const char *const files[] = {"data.mdb", "lock.mdb", "gate"};
    static const int errors[] = {EIO, ENOMEM};
    static const unsigned counts[] = {1, 1000};
    for (size_t i = 0; i < 12; i++) {
        struct fault fault = {1, counts[i / 6], errors[i / 3 % 2], FAULT_UNMAPPED};
        while (open_unmapped(files[i % 3], fault)) fault.nth++;
        cr_assert_gt(fault.nth, 1, "%s is never mapped", files[i % 3]);
    }
}

static int keep_open(void *context)
{
    struct store_options options = {.create = false};
    struct store *store;
    CHILD_OK(store_open_directory(context, &options, &store, &rig_error));
    char path[SUPPORT_PATH];
    support_format(path, sizeof path, "%s.open", (const char *)context);
    FILE *file = fopen(path, "w");
    CHILD_TRUE(file != NULL && fclose(file) == 0);
    for (;;) pause();
}

/* LMDB gives the environment that is opened again another idea of the newest state when it is not alone. */
Test(storage_failing, the_meta_page_fails_while_others_have_it_open, .timeout = 60)
{
    for (enum fault_kind kind = FAULT_REFUSED; kind < FAULT_KINDS; kind++)
        for (unsigned count = 1; count <= 2; count++) {
            struct rig rig = rig_in_directory();
            rig_append(rig.store, 3);
            char opened[SUPPORT_PATH];
            support_format(opened, sizeof opened, "%s.open", rig.path);
            pid_t other = rig_fork(keep_open, rig.path);
            rig_until_file(opened);
            RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
            enum store_status status = STORE_OK;
            for (unsigned nth = 1; status != STORE_UNKNOWN; nth++) {
                uint64_t next = rig.store->ops->tip(rig.store) + 1;
                faults_arm(data_of(&rig), (struct fault){nth, count, EIO, kind});
                status = append_frame(rig.store, next);
                cr_assert(faults_disarm() > 0, "no failing call is UNKNOWN");
            }
            uint64_t tip = settle_frame(rig.store, 4) ? 4 : 3;
            rig.store->ops->end(rig.store);
            rig_check_frames(rig.store, 0, tip);
            expect_elsewhere(&rig, tip, "the meta page failed");
            rig_append(rig.store, 2);
            expect_elsewhere(&rig, tip + 2, "the meta page failed, and two more");
            kill(other, SIGKILL);
            rig_wait(other);
            support_remove(opened);
            rig_close(&rig);
        }
}

Test(storage_failing, the_next_turn_settles_what_was_left_unknown, .timeout = 60)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    for (int i = 0; i < 3; i++) {
        uint64_t next = rig.store->ops->tip(rig.store) + 1;
        RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
        enum store_status status = STORE_OK;
        for (unsigned nth = 1; status != STORE_UNKNOWN; nth++) {
            faults_arm(data_of(&rig), (struct fault){nth, 1, EIO, FAULT_LYING});
            status = append_frame(rig.store, next);
            cr_assert(faults_disarm() > 0);
        }
        rig.store->ops->end(rig.store); /* and settles nothing */
        if (i == 1) expect_elsewhere(&rig, next - 1, "before it is settled");
        RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
        uint64_t tip = rig.store->ops->tip(rig.store);
        cr_assert(tip == next || tip == next - 1);
        RIG_OK(append_frame(rig.store, tip + 1));
        rig.store->ops->end(rig.store);
        expect_elsewhere(&rig, tip + 1, "after the next turn");
    }
    rig_close(&rig);
}

static void *die_with_the_turn(void *context)
{
    struct store *store = context;
    struct store_error error;
    return store->ops->begin(store, rig_in_ms(5000), &error) == STORE_OK ? context : NULL;
}

/* A failed sync is reported once; believing the next would serve what a power cut may take. */
Test(storage_failing, a_sync_that_fails_after_a_death_is_not_believed_the_next_time)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    pthread_t thread;
    void *took = NULL;
    pthread_create(&thread, NULL, die_with_the_turn, rig.store);
    pthread_join(thread, &took);
    cr_assert(took != NULL);
    faults_arm(data_of(&rig), (struct fault){1, 1, EIO, FAULT_REFUSED});
    RIG_STATUS(STORE_IO, rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
    cr_assert_eq(faults_disarm(), 1);
    faults_arm(data_of(&rig), (struct fault){1000, 1, EIO, FAULT_REFUSED});
    RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
    faults_disarm();
    RIG_OK(append_frame(rig.store, 4));
    rig.store->ops->end(rig.store);
    expect_elsewhere(&rig, 4, "after a sync that failed");
    rig_close(&rig);
}

Test(storage_failing, any_call_of_a_checkpoint_fails, .timeout = 60)
{
    for (enum fault_kind kind = FAULT_REFUSED; kind < FAULT_KINDS; kind++) {
        bool struck = true;
        for (unsigned nth = 1; struck; nth++) {
            struct rig rig = rig_in_directory();
            rig_append(rig.store, 3);
            rig_put(rig.store, 1, "old");
            rig_append(rig.store, 1);
            struct store_record records[] = {{TABLE_APPOINTMENTS, 8, "\0\0\0\0\0\0\0\1", "new", 3},
                                             {TABLE_NOTES, 8, "\0\0\0\0\0\0\0\1", "note", 4}};
            RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
            faults_arm(data_of(&rig), (struct fault){nth, 1, EIO, kind});
            enum store_status status = rig.store->ops->checkpoint(rig.store, 4, records, 2, &rig_error);
            struck = faults_disarm() > 0;
            rig.store->ops->end(rig.store);
            rig_append(rig.store, 1);
            uint64_t checkpoint = 0;
            struct rig_records loaded = {0};
            struct record_sink sink = rig_record_sink(&loaded);
            RIG_OK(rig.store->ops->load(rig.store, 0, 1, &checkpoint, &sink, &rig_error));
            if (status == STORE_UNKNOWN) status = checkpoint == 4 ? STORE_OK : STORE_IO;
            cr_assert_eq(checkpoint, status == STORE_OK ? 4u : 3u, "call %u, kind %d", nth, kind);
            cr_assert_eq(loaded.count, status == STORE_OK ? 2u : 1u, "call %u, kind %d", nth, kind);
            expect_elsewhere(&rig, 5, "a checkpoint failed");
            rig_close(&rig);
        }
    }
}

/* ---- a full disk ---- */

/* Appends in one turn until something else than OK; answers what. */
static enum store_status fill(struct store *store)
{
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    enum store_status status = STORE_OK;
    for (int i = 0; i < 5000 && status == STORE_OK; i++) status = append_frame(store, store->ops->tip(store) + 1);
    store->ops->end(store);
    return status;
}

Test(storage_failing, a_full_disk_is_told_and_room_is_enough_to_go_on, .timeout = 30)
{
    struct rig rig = {.on_disk = true};
    char top[SUPPORT_PATH];
    support_make_directory(top);
    rig_mount(top, "400k");
    support_format(rig.path, sizeof rig.path, "%s/store", top);
    rig.store = rig_open(rig.path);
    for (int i = 0; i < 3; i++) {
        enum store_status status = fill(rig.store);
        cr_assert_eq(status, STORE_FULL, "%s: %s", rig_name(status), rig_error.message);
        cr_assert(strstr(rig_error.message, "make room") != NULL, "%s", rig_error.message);
        uint64_t tip = rig.store->ops->tip(rig.store);
        rig_check_frames(rig.store, 0, tip);
        if (i == 1) rig_reopen(&rig); /* a full disk is no reason not to open */
        RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
        cr_assert_eq(append_frame(rig.store, tip + 1), STORE_FULL);
        rig.store->ops->end(rig.store);
        rig_enlarge(top, i == 0 ? "700k" : i == 1 ? "1m" : "2m");
        rig_append(rig.store, 3);
        expect_elsewhere(&rig, tip + 3, "after room was made");
    }
    rig_shut(rig.store);
    cr_assert_eq(umount(top), 0);
    support_remove(top);
}

Test(storage_failing, no_store_is_made_on_a_full_disk, .timeout = 30)
{
    char top[SUPPORT_PATH];
    char path[SUPPORT_PATH];
    support_make_directory(top);
    support_format(path, sizeof path, "%s/store", top);
    rig_mount(top, "4k");
    struct store_options options = {.create = true};
    static const char *const sizes[] = {"8k", "40k", "80k", "92k", "1m"};
    struct store *store = NULL;
    for (size_t i = 0; store == NULL; i++) {
        cr_assert_lt(i, sizeof sizes / sizeof sizes[0]);
        rig_enlarge(top, sizes[i]);
        enum store_status status = store_open_directory(path, &options, &store, &rig_error);
        cr_assert(status == STORE_OK || status == STORE_FULL, "%s: %s: %s", sizes[i], rig_name(status),
                  rig_error.message);
    }
    rig_enlarge(top, "1m"); /* one that can be opened has not always room to be written */
    rig_append(store, 2);
    rig_shut(store);
    cr_assert_eq(umount(top), 0);
    support_remove(top);
}

/* ---- a full map ---- */

Test(storage_failing, a_full_map_is_told_and_a_larger_one_goes_on, .timeout = 30)
{
    struct rig rig = {.on_disk = true};
    support_make_directory(rig.path);
    struct store_options small = {.create = true, .map_bytes = 200000};
    struct store_options large = {.map_bytes = 2000000};
    RIG_OK(store_open_directory(rig.path, &small, &rig.store, &rig_error));
    cr_assert_eq(fill(rig.store), STORE_FULL, "%s", rig_error.message);
    cr_assert(strstr(rig_error.message, "map_bytes") != NULL, "%s", rig_error.message);
    uint64_t tip = rig.store->ops->tip(rig.store);
    cr_assert_gt(tip, 5);
    rig_check_frames(rig.store, 0, tip);
    struct store *second; /* raises the bound of what both share */
    RIG_OK(store_open_directory(rig.path, &large, &second, &rig_error));
    rig_append(rig.store, 200);
    rig_shut(second);
    rig_shut(rig.store);
    RIG_OK(store_open_directory(rig.path, &small, &rig.store, &rig_error)); /* more is there than may grow */
    rig_check_frames(rig.store, 0, tip + 200);
    rig_close(&rig);
}

static int append_beyond(void *context)
{
    struct store_options options = {.map_bytes = 0};
    struct store *store;
    CHILD_OK(store_open_directory(context, &options, &store, &rig_error));
    CHILD_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    for (int i = 0; i < 300; i++) CHILD_OK(append_frame(store, store->ops->tip(store) + 1));
    store->ops->end(store);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_failing, what_others_write_beyond_our_map_is_followed, .timeout = 30)
{
    struct rig rig = {.on_disk = true};
    support_make_directory(rig.path);
    struct store_options small = {.create = true, .map_bytes = 200000};
    RIG_OK(store_open_directory(rig.path, &small, &rig.store, &rig_error));
    rig_append(rig.store, 2);
    cr_assert_eq(rig_wait(rig_fork(append_beyond, rig.path)), 0);
    rig_check_frames(rig.store, 0, 302);
    rig_put(rig.store, 1, "one");
    rig_close(&rig);
}

struct slow_reader {
    struct store *store;
    _Atomic bool stop;
    unsigned walks;
};

static enum store_status take_slowly(void *context, const struct store_record *record)
{
    (void)context;
    (void)record;
    usleep(3000);
    return STORE_OK;
}

static void *read_slowly(void *context)
{
    struct slow_reader *reader = context;
    struct record_sink sink = {take_slowly, NULL};
    struct store_error error;
    uint64_t checkpoint;
    while (!reader->stop && reader->store->ops->load(reader->store, 0, 1, &checkpoint, &sink, &error) == STORE_OK)
        reader->walks++;
    return NULL;
}

Test(storage_failing, the_map_grows_under_readers, .timeout = 30)
{
    struct rig rig = {.on_disk = true};
    support_make_directory(rig.path);
    struct store_options small = {.create = true, .map_bytes = 131072};
    RIG_OK(store_open_directory(rig.path, &small, &rig.store, &rig_error));
    for (uint64_t id = 1; id <= 3; id++) rig_put(rig.store, id, "value");
    struct slow_reader readers[2] = {{.store = rig.store}, {.store = rig.store}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, read_slowly, &readers[i]);
    uint64_t bytes = 131072;
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(fill(rig.store), STORE_FULL, "%s", rig_error.message);
        bytes *= 2;
        struct store_options larger = {.map_bytes = bytes};
        struct store *second;
        RIG_OK(store_open_directory(rig.path, &larger, &second, &rig_error));
        rig_append(rig.store, 2);
        rig_shut(second);
    }
    for (int i = 0; i < 2; i++) {
        readers[i].stop = true;
        pthread_join(threads[i], NULL);
        cr_assert_gt(readers[i].walks, 0);
    }
    rig_check_frames(rig.store, 0, rig.store->ops->tip(rig.store));
    rig_close(&rig);
}

#if !SANITIZED
/* The bytes of address space that the process has by now, libraries and all. */
static rlim_t own_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu", &pages) != 1) abort();
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static int append_in_little_space(void *context)
{
    enum { LARGE = 9 << 20 };
    struct rlimit space = {own_space() + (240u << 20), RLIM_INFINITY};
    CHILD_TRUE(setrlimit(RLIMIT_AS, &space) == 0);
    struct store_options options = {.create = true};
    struct store *store;
    CHILD_OK(store_open_directory(context, &options, &store, &rig_error));
    char *frame = calloc(1, LARGE);
    CHILD_TRUE(frame != NULL);
    CHILD_OK(store->ops->begin(store, rig_in_ms(15000), &rig_error));
    enum store_status status = STORE_OK;
    uint64_t number = 0;
    while (status == STORE_OK && number < 40)
        status = store->ops->append(store, ++number, frame, LARGE, rig_in_ms(15000), &rig_error);
    CHILD_TRUE(number > 9); /* beyond the quarter that is mapped first */
    CHILD_TRUE(status == STORE_NO_MEMORY);
    CHILD_TRUE(store->ops->tip(store) == number - 1);
    CHILD_OK(store->ops->append(store, number, "small", 5, rig_in_ms(15000), &rig_error));
    store->ops->end(store);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_failing, little_address_space_is_not_used_up, .timeout = 30)
{
    char path[SUPPORT_PATH];
    support_make_fast_directory(path);
    cr_assert_eq(rig_wait(rig_fork(append_in_little_space, path)), 0);
    support_remove(path);
}
#endif
