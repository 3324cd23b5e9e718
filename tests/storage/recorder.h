/* A recorder under the store: it keeps every write and sync of one file in their order, so that a test can put together
 * what a disk may hold when the power goes. faults.c hands it the calls.
 *
 * The disk that it stands for keeps its promises and no more: what was written before a sync is on it after the sync;
 * of what was written since, any sectors of 512 bytes may be and the others not, in any order. A write through a file
 * that was opened with O_DSYNC is on the disk when it returns. */
#ifndef FIG_TESTS_STORAGE_RECORDER_H
#define FIG_TESTS_STORAGE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define RECORDER_SECTOR 512

enum recorded_kind {
    RECORDED_WRITE,
    RECORDED_SYNC,
    RECORDED_ACK /* the test was told that something is durable */
};

struct recorded {
    enum recorded_kind kind;
    off_t offset;
    size_t size;
    uint8_t *bytes;
    bool synced; /* a write that is on the disk when it returns */
    uint64_t ack;
};

struct recording {
    uint8_t *base; /* the file when the recording began: all of it on the disk */
    size_t base_size;
    struct recorded *list;
    size_t count;
    size_t capacity;
};

/* From now on, what is done to this file is kept. */
void recorder_start(const char *file);
void recorder_ack(uint64_t number);
/* Ends the recording and hands it over. */
struct recording recorder_stop(void);
void recording_free(struct recording *recording);

/* For faults.c, after a call on a file has been done. */
void recorder_wrote(int fd, const struct iovec *parts, int count, off_t offset, ssize_t written);
void recorder_synced(int fd);

#endif
