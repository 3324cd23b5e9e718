/* The power goes, at any moment. A few hundred commits and checkpoints are recorded with their writes and syncs
 * (tests/storage/recorder.h); then disks are put together as they might be found: everything up to a moment's last
 * sync, and of what was written since a random choice of sectors. Each must open, and hold every frame that was
 * acknowledged by that moment, and perhaps the one under way, and nothing else.
 *
 * The controls must fail: the same with a disk whose syncs do nothing loses acknowledged frames, and the harness has to
 * see it. FIGARO_CUTS images (100,000), in four parts. Budget: 20 s in all. */
#include "tests/storage/faults.h"
#include "tests/storage/recorder.h"
#include "tests/storage/rig.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { COMMITS = 300, PARTS = 4 };

#ifdef FIG_CHECKERS
#define CUTS 2000
#else
#define CUTS 100000
#endif

/* ---- a history ---- */

static void checkpoint_some(struct store *store, struct support_random *random)
{
    char value[600];
    unsigned char keys[24][8];
    struct store_record records[24];
    size_t count = 1 + support_below(random, 24);
    uint64_t id = support_below(random, 200);
    for (size_t i = 0; i < count; i++, id += 1 + support_below(random, 9)) {
        rig_id_key(keys[i], id);
        bool there = !support_chance(random, 20);
        records[i] = (struct store_record){TABLE_APPOINTMENTS, sizeof keys[i], keys[i], there ? value : NULL, 40};
    }
    memset(value, 'v', sizeof value);
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    RIG_OK(store->ops->checkpoint(store, store->ops->tip(store), records, count, &rig_error));
    store->ops->end(store);
}

/* Records the commits of a new store. */
static struct recording record_history(struct support_random *random)
{
    struct rig rig = rig_in_directory();
    char file[SUPPORT_PATH + 16];
    rig_append(rig.store, 3);
    support_format(file, sizeof file, "%s/data.mdb", rig.path);
    recorder_start(file);
    recorder_ack(3);
    for (uint64_t frame = 4; frame <= COMMITS; frame++) {
        rig_append(rig.store, 1);
        recorder_ack(frame);
        if (support_chance(random, 10)) checkpoint_some(rig.store, random);
    }
    struct recording recording = recorder_stop();
    rig_close(&rig);
    return recording;
}

/* ---- a disk, as it is found ---- */

struct disk {
    const struct recording *recording;
    bool ignores_syncs; /* the control */
    char path[SUPPORT_PATH];
    int fd;           /* of data.mdb, which has what is durable, and nothing else, between images */
    uint8_t *durable; /* the same in memory */
    size_t size;
    size_t moment;         /* events that have happened, or are happening */
    size_t sure;           /* of them, those that are on the disk for sure */
    uint64_t acknowledged; /* frames */
};

static void write_at(int fd, const void *bytes, size_t size, off_t offset)
{
    cr_assert_eq(pwrite(fd, bytes, size, offset), (ssize_t)size, "the image cannot be written");
}

static void write_durably(struct disk *disk, const uint8_t *bytes, size_t size, off_t offset)
{
    size_t end = (size_t)offset + size;
    if (end > disk->size) {
        disk->durable = realloc(disk->durable, end);
        cr_assert_not_null(disk->durable);
        memset(disk->durable + disk->size, 0, end - disk->size);
        disk->size = end;
    }
    memcpy(disk->durable + offset, bytes, size);
    write_at(disk->fd, bytes, size, offset);
}

static struct disk disk_of(const struct recording *recording, bool ignores_syncs)
{
    struct disk disk = {.recording = recording, .ignores_syncs = ignores_syncs};
    char file[SUPPORT_PATH + 16];
    support_make_fast_directory(disk.path);
    cr_assert_eq(chmod(disk.path, 0700), 0);
    support_format(file, sizeof file, "%s/data.mdb", disk.path);
    disk.fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(disk.fd, 0);
    write_durably(&disk, recording->base, recording->base_size, 0);
    return disk;
}

static void disk_free(struct disk *disk)
{
    close(disk->fd);
    free(disk->durable);
    support_remove(disk->path);
}

/* What has happened is on the disk for sure, all of it. */
static void make_sure(struct disk *disk)
{
    for (; disk->sure < disk->moment; disk->sure++) {
        const struct recorded *event = &disk->recording->list[disk->sure];
        if (event->kind == RECORDED_WRITE) write_durably(disk, event->bytes, event->size, event->offset);
    }
}

/* The last event is over. A write that is synced by itself takes nothing else with it: where something else is unsure
 * it counts as unsure, too, until the next sync, which makes images worse than true ones, never better. */
static void end_event(struct disk *disk)
{
    if (disk->moment == 0 || disk->ignores_syncs) return;
    const struct recorded *event = &disk->recording->list[disk->moment - 1];
    bool alone = disk->sure == disk->moment - 1;
    bool sure = event->kind == RECORDED_SYNC || (alone && (event->kind == RECORDED_ACK || event->synced));
    if (sure) make_sure(disk);
}

/* The last event is over, and the next one is happening. */
static void step(struct disk *disk)
{
    end_event(disk);
    const struct recorded *event = &disk->recording->list[disk->moment++];
    if (event->kind == RECORDED_ACK) disk->acknowledged = event->ack;
}

/* What is unsure comes to the disk in part. */
static void write_some_sectors(const struct disk *disk, struct support_random *random)
{
    unsigned percent = (unsigned)support_below(random, 101);
    for (size_t i = disk->sure; i < disk->moment; i++) {
        const struct recorded *event = &disk->recording->list[i];
        if (event->kind != RECORDED_WRITE) continue;
        for (size_t at = 0; at < event->size; at += RECORDER_SECTOR) {
            size_t size = event->size - at < RECORDER_SECTOR ? event->size - at : RECORDER_SECTOR;
            if (support_chance(random, percent)) write_at(disk->fd, event->bytes + at, size, event->offset + (off_t)at);
        }
    }
}

/* Puts back what is durable where sectors were written. */
static void take_back(const struct disk *disk)
{
    for (size_t i = disk->sure; i < disk->moment; i++) {
        const struct recorded *event = &disk->recording->list[i];
        if (event->kind != RECORDED_WRITE || (size_t)event->offset >= disk->size) continue;
        size_t there = disk->size - (size_t)event->offset;
        size_t size = there < event->size ? there : event->size;
        write_at(disk->fd, disk->durable + event->offset, size, event->offset);
    }
    cr_assert_eq(ftruncate(disk->fd, (off_t)disk->size), 0);
}

/* ---- what is found on it ---- */

enum found { FOUND_ALL, FOUND_LESS, FOUND_BROKEN };

static enum found frames_of(struct store *store, uint64_t acknowledged)
{
    uint64_t tip = store->ops->tip(store), after = tip > 3 ? tip - 3 : 0;
    struct rig_frames frames = {.after = after};
    struct frame_sink sink = rig_frame_sink(&frames);
    if (store->ops->since(store, after, &sink, &rig_error) != STORE_OK || frames.wrong) return FOUND_BROKEN;
    if (tip < acknowledged) return FOUND_LESS;
    return tip <= acknowledged + 1 && frames.count == tip - after ? FOUND_ALL : FOUND_BROKEN;
}

static enum found open_image(const struct disk *disk, bool thoroughly)
{
    static const char *const forgotten[] = {"gate", "lock.mdb"}; /* they mean nothing after a reboot */
    struct store_options options = {.create = false};
    struct store *store;
    char file[SUPPORT_PATH + 16], report[1000];
    uint64_t problems = 0;
    for (size_t i = 0; i < 2; i++) {
        support_format(file, sizeof file, "%s/%s", disk->path, forgotten[i]);
        unlink(file);
    }
    if (store_open_directory(disk->path, &options, &store, &rig_error) != STORE_OK) return FOUND_BROKEN;
    enum found found = frames_of(store, disk->acknowledged);
    if (thoroughly && found == FOUND_ALL) rig_check_frames(store, 0, store->ops->tip(store));
    RIG_OK(store->ops->close(store, rig_in_ms(5000)));
    bool verified =
        !thoroughly ||
        (store_verify_directory(disk->path, report, sizeof report, &problems, &rig_error) == STORE_OK && problems == 0);
    return verified ? found : FOUND_BROKEN;
}

/* ---- cuts ---- */

struct tally {
    uint64_t images;
    uint64_t lost; /* in which something acknowledged was missing, or nothing could be read */
};

static void cut_here(struct disk *disk, struct support_random *random, uint64_t images, struct tally *tally)
{
    for (uint64_t i = 0; i < images; i++) {
        write_some_sectors(disk, random);
        enum found found = open_image(disk, tally->images++ % 50 == 0);
        if (found != FOUND_ALL) tally->lost++;
        if (!disk->ignores_syncs)
            cr_assert_eq(found, FOUND_ALL, "event %zu of %zu, frame %lu was acknowledged: %s; replay: FIGARO_SEED=%lu",
                         disk->moment, disk->recording->count, (unsigned long)disk->acknowledged,
                         found == FOUND_LESS ? "it is lost" : rig_error.message,
                         (unsigned long)support_setting("FIGARO_SEED", 1));
        take_back(disk);
    }
}

static struct tally cut(unsigned part, bool ignores_syncs, uint64_t cuts)
{
    struct support_random random = support_random_from(support_setting("FIGARO_SEED", 1) * PARTS + part);
    struct recording recording = record_history(&random);
    struct disk disk = disk_of(&recording, ignores_syncs);
    struct tally tally = {0};
    while (disk.moment < recording.count) {
        step(&disk);
        uint64_t due = cuts * disk.moment / recording.count;
        if (due > tally.images) cut_here(&disk, &random, due - tally.images, &tally);
    }
    disk_free(&disk);
    recording_free(&recording);
    return tally;
}

static void cut_share(unsigned part)
{
    uint64_t cuts = support_setting("FIGARO_CUTS", CUTS) / PARTS;
    struct tally tally = cut(part, false, cuts);
    cr_assert_geq(tally.images, cuts);
    cr_assert_eq(tally.lost, 0);
}

Test(powercut, nothing_acknowledged_is_lost_1) { cut_share(0); }
Test(powercut, nothing_acknowledged_is_lost_2) { cut_share(1); }
Test(powercut, nothing_acknowledged_is_lost_3) { cut_share(2); }
Test(powercut, nothing_acknowledged_is_lost_4) { cut_share(3); }

/* The control. */
Test(powercut, a_disk_whose_syncs_do_nothing_would_be_noticed)
{
    struct tally tally = cut(0, true, 60);
    cr_assert_gt(tally.lost, tally.images / 2, "%lu of %lu images lost something", (unsigned long)tally.lost,
                 (unsigned long)tally.images);
}

/* ---- a writer that died between its write and its sync ---- */

/* The page cache may hold a commit that no disk has: whoever comes next must sync before it serves or decides. */
struct dying {
    char path[SUPPORT_PATH];
    char file[SUPPORT_PATH + 16];
    unsigned nth; /* call of the commit, after which the writer dies */
};

enum { SURVIVED = 7 };

static int commit_and_die(void *context)
{
    struct dying *dying = context;
    struct store_options options = {.create = false};
    struct store *store;
    unsigned char bytes[4096];
    size_t size = rig_frame(4, bytes);
    CHILD_OK(store_open_directory(dying->path, &options, &store, &rig_error));
    CHILD_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    faults_arm(dying->file, (struct fault){.nth = dying->nth, .count = 1, .kind = FAULT_DEADLY});
    CHILD_OK(store->ops->append(store, 4, bytes, size, rig_in_ms(5000), &rig_error));
    faults_disarm();
    store->ops->end(store);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return SURVIVED;
}

static bool synced_meanwhile(void)
{
    struct recording recording = recorder_stop();
    bool synced = false;
    for (size_t i = 0; i < recording.count; i++) synced = synced || recording.list[i].kind == RECORDED_SYNC;
    recording_free(&recording);
    return synced;
}

/* Goes on after the death, by opening the store or, when it is open already, by taking the writers' turn. */
static struct store *go_on(const struct dying *dying, struct store *store)
{
    if (store == NULL) return rig_open(dying->path);
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    store->ops->end(store);
    return store;
}

/* False: the commit has no such call. */
static bool die_after(unsigned nth, bool open_already)
{
    struct rig rig = rig_in_directory();
    struct dying dying = {.nth = nth};
    support_format(dying.path, sizeof dying.path, "%s", rig.path);
    support_format(dying.file, sizeof dying.file, "%s/data.mdb", rig.path);
    rig_append(rig.store, 3);
    if (!open_already) rig_shut(rig.store);
    int ended = rig_wait(rig_fork(commit_and_die, &dying));
    cr_assert(ended == 0 || ended == SURVIVED, "the child ended with %d", ended);
    recorder_start(dying.file);
    rig.store = go_on(&dying, open_already ? rig.store : NULL);
    bool synced = synced_meanwhile();
    cr_assert(synced || (open_already && ended == SURVIVED), "call %u: nothing was synced before it was served", nth);
    uint64_t tip = rig.store->ops->tip(rig.store);
    cr_assert(tip == 4 || (tip == 3 && ended == 0));
    rig_append(rig.store, 1);
    rig_check_frames(rig.store, 0, tip + 1);
    rig_close(&rig);
    return ended == 0;
}

Test(powercut, what_a_dead_writer_left_is_synced_by_whoever_opens_next)
{
    unsigned calls = 0;
    while (die_after(calls + 1, false)) calls++;
    cr_assert_geq(calls, 3, "a commit has its pages, a sync and its meta page");
}

Test(powercut, what_a_dead_writer_left_is_synced_by_whoever_writes_next)
{
    unsigned calls = 0;
    while (die_after(calls + 1, true)) calls++;
    cr_assert_geq(calls, 3);
}
