#include "tests/storage/rig.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

_Thread_local struct store_error rig_error;

const char *rig_name(enum store_status status)
{
    static const char *const names[] = {"OK",          "BEHIND",  "TIMEOUT", "UNKNOWN",   "NOT_FOUND", "FULL",
                                        "IO",          "CORRUPT", "NEWER",   "NOT_STORE", "DENIED",    "NO_MEMORY",
                                        "UNAVAILABLE", "FORKED",  "STOPPED", "INVALID"};
    return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "no status";
}

int64_t rig_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t rig_in_ms(int64_t milliseconds) { return rig_now_ns() + milliseconds * 1000000; }

/* ---- a store ---- */

struct store *rig_open(const char *path)
{
    struct store_options options = {.create = true};
    struct store *store = NULL;
    RIG_OK(store_open_directory(path, &options, &store, &rig_error));
    return store;
}

void rig_shut(struct store *store) { RIG_OK(store->ops->close(store, rig_in_ms(5000))); }

struct rig rig_in_memory(void)
{
    struct rig rig = {.on_disk = false};
    RIG_OK(store_open_memory(NULL, &rig.store, &rig_error));
    return rig;
}

struct rig rig_in_directory(void)
{
    struct rig rig = {.on_disk = true};
    support_make_directory(rig.path);
    rig.store = rig_open(rig.path);
    return rig;
}

void rig_reopen(struct rig *rig)
{
    rig_shut(rig->store);
    rig->store = rig_open(rig->path);
}

void rig_close(struct rig *rig)
{
    rig_shut(rig->store);
    if (rig->on_disk) support_remove(rig->path);
}

size_t rig_frame(uint64_t number, unsigned char bytes[4096])
{
    struct support_random random = support_random_from(number);
    size_t size = 1 + support_below(&random, number % 7 == 0 ? 4095 : 300);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)support_next(&random);
    return size;
}

void rig_append(struct store *store, unsigned count)
{
    unsigned char bytes[4096];
    for (unsigned i = 0; i < count; i++) {
        RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
        uint64_t number = store->ops->tip(store) + 1;
        size_t size = rig_frame(number, bytes);
        RIG_OK(store->ops->append(store, number, bytes, size, rig_in_ms(5000), &rig_error));
        store->ops->end(store);
    }
}

void rig_id_key(unsigned char key[8], uint64_t id)
{
    for (int i = 0; i < 8; i++) key[i] = (unsigned char)(id >> (56 - 8 * i));
}

void rig_put(struct store *store, uint64_t id, const char *value)
{
    unsigned char key[8];
    rig_id_key(key, id);
    struct store_record record = {TABLE_APPOINTMENTS, sizeof key, key, value, strlen(value)};
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    RIG_OK(store->ops->checkpoint(store, store->ops->tip(store), &record, 1, &rig_error));
    store->ops->end(store);
}

/* ---- receivers ---- */

static enum store_status take_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct rig_frames *frames = context;
    unsigned char expected[4096];
    bool next = number == frames->after + 1;
    bool same = size == rig_frame(number, expected) && memcmp(frame, expected, size) == 0;
    if (!next || !same) frames->wrong = true;
    frames->after = number;
    frames->count++;
    return STORE_OK;
}

struct frame_sink rig_frame_sink(struct rig_frames *frames) { return (struct frame_sink){take_frame, frames}; }

void rig_check_frames(struct store *store, uint64_t after, uint64_t tip)
{
    struct rig_frames frames = {.after = after};
    struct frame_sink sink = rig_frame_sink(&frames);
    RIG_OK(store->ops->since(store, after, &sink, &rig_error));
    cr_assert(!frames.wrong, "a frame after %lu is not what was appended", (unsigned long)after);
    cr_assert_eq(frames.count, tip > after ? tip - after : 0, "frames after %lu", (unsigned long)after);
}

static uint64_t fold(uint64_t digest, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) digest = (digest ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return digest ^ size;
}

static bool follows(const struct rig_records *before, const struct store_record *record)
{
    if (before->count == 0 || record->table != before->table) return record->table >= before->table;
    size_t common = before->key_size < record->key_size ? before->key_size : record->key_size;
    int order = memcmp(before->key, record->key, common);
    return order < 0 || (order == 0 && before->key_size < record->key_size);
}

static enum store_status take_record(void *context, const struct store_record *record)
{
    struct rig_records *records = context;
    if (record->key_size > STORE_KEY_MAX || !follows(records, record)) {
        records->disorder = true;
        return STORE_STOPPED;
    }
    records->digest = fold(records->digest, &record->table, sizeof record->table);
    records->digest = fold(records->digest, record->key, record->key_size);
    records->digest = fold(records->digest, record->value, record->value_size);
    records->count++;
    records->table = record->table;
    records->key_size = record->key_size;
    memcpy(records->key, record->key, record->key_size);
    return STORE_OK;
}

struct record_sink rig_record_sink(struct rig_records *records) { return (struct record_sink){take_record, records}; }

/* ---- file systems ---- */

void rig_mount(const char *path, const char *size)
{
    char options[32];
    support_format(options, sizeof options, "size=%s", size);
    /* A mount namespace of the test's own, so that nothing stays mounted when it fails. */
    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", path, "tmpfs", 0, options) == 0)
        return;
    support_remove(path);
    support_lack("no file system can be mounted here");
}

void rig_enlarge(const char *path, const char *size)
{
    char options[32];
    support_format(options, sizeof options, "size=%s", size);
    cr_assert_eq(mount("none", path, "tmpfs", MS_REMOUNT, options), 0, "%s", strerror(errno));
}

/* ---- children ---- */

pid_t rig_fork(int (*body)(void *context), void *context)
{
    fflush(NULL);
    pid_t child = fork();
    cr_assert(child >= 0, "cannot fork: %s", strerror(errno));
    if (child > 0) return child;
    alarm(20);
    _exit(body(context));
}

int rig_wait(pid_t child)
{
    int ended;
    while (waitpid(child, &ended, 0) < 0) cr_assert(errno == EINTR, "cannot wait: %s", strerror(errno));
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : -WTERMSIG(ended);
}

void rig_until_file(const char *path)
{
    int64_t deadline = rig_in_ms(10000);
    while (access(path, F_OK) != 0) {
        cr_assert(rig_now_ns() < deadline, "%s did not appear", path);
        usleep(500);
    }
}
