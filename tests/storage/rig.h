/* What the storage tests share: a store to test on, deadlines, children that have stores of their own,
 * receivers that remember what they were given. */
#ifndef FIG_TESTS_STORAGE_RIG_H
#define FIG_TESTS_STORAGE_RIG_H

#include "storage/store.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* The words of the last call, for the macros below. */
extern _Thread_local struct store_error rig_error;

#define RIG_STATUS(expected, call)                                                                                     \
    do {                                                                                                               \
        rig_error.message[0] = '\0';                                                                                   \
        enum store_status rig_got = (call);                                                                            \
        cr_assert(rig_got == (expected), "%s: %s, not %s: %s", #call, rig_name(rig_got), #expected,                    \
                  rig_error.message);                                                                                  \
    } while (0)
#define RIG_OK(call) RIG_STATUS(STORE_OK, call)

/* In a child, where an assertion of the framework would speak for the parent. */
#define CHILD_STATUS(expected, call)                                                                                   \
    do {                                                                                                               \
        rig_error.message[0] = '\0';                                                                                   \
        enum store_status rig_got = (call);                                                                            \
        if (rig_got != (expected)) {                                                                                   \
            fprintf(stderr, "%s:%d: %s: %s, not %s: %s\n", __FILE__, __LINE__, #call, rig_name(rig_got), #expected,    \
                    rig_error.message);                                                                                \
            _exit(99);                                                                                                 \
        }                                                                                                              \
    } while (0)
#define CHILD_OK(call) CHILD_STATUS(STORE_OK, call)
#define CHILD_TRUE(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            _exit(99);                                                                                                 \
        }                                                                                                              \
    } while (0)

const char *rig_name(enum store_status status);
int64_t rig_now_ns(void);
int64_t rig_in_ms(int64_t milliseconds); /* a deadline */

/* ---- a store ---- */

struct rig {
    struct store *store;
    bool on_disk;
    char path[SUPPORT_PATH];
};

struct rig rig_in_memory(void);
struct rig rig_in_directory(void);
void rig_reopen(struct rig *rig);         /* on disk */
void rig_close(struct rig *rig);          /* and removes the directory */
struct store *rig_open(const char *path); /* one that is there, or made; ends the test when it fails */
void rig_shut(struct store *store);

/* Appends `count` frames to the tip, of bytes that their number decides, in turns of their own. */
void rig_append(struct store *store, unsigned count);
size_t rig_frame(uint64_t number, unsigned char bytes[4096]);
/* One record into TABLE_APPOINTMENTS, in a turn of its own; the checkpoint moves to the tip. */
void rig_put(struct store *store, uint64_t id, const char *value);
void rig_id_key(unsigned char key[8], uint64_t id);

/* ---- receivers ---- */

/* Counts; checks that frames are the next ones and are rig_frame()'s. */
struct rig_frames {
    uint64_t after; /* the newest so far */
    uint64_t count;
    bool wrong;
};
struct frame_sink rig_frame_sink(struct rig_frames *frames);
/* Ends the test unless since(after) hands over exactly the frames after + 1 .. tip, as rig_append() made
 * them. */
void rig_check_frames(struct store *store, uint64_t after, uint64_t tip);

struct rig_records {
    uint64_t count;
    uint64_t digest; /* of everything, in order */
    bool disorder;
    uint32_t table;
    size_t key_size;
    unsigned char key[STORE_KEY_MAX];
};
struct record_sink rig_record_sink(struct rig_records *records);

/* ---- file systems ---- */

/* Mounts a memory file system of this size ("400k") for this test alone, and takes it with it when the test ends.
 * Where that is not permitted the test is skipped, or fails under CI=true. */
void rig_mount(const char *path, const char *size);
void rig_enlarge(const char *path, const char *size);

/* ---- children ---- */

/* Runs `body` in a forked child, which ends with its answer, or is killed after 20 s. */
pid_t rig_fork(int (*body)(void *context), void *context);
/* Waits for a child: its exit code, or minus the signal that ended it. */
int rig_wait(pid_t child);
void rig_until_file(const char *path); /* a child says "now" by making a file; at most 10 s */

#endif
