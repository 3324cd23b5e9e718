#include "tests/storage/recorder.h"

#include "tests/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct {
    pthread_mutex_t mutex;
    bool on;
    struct stat file;
    struct recording kept;
} recorder = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void *have(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

void recorder_start(const char *file)
{
    pthread_mutex_lock(&recorder.mutex);
    recorder.kept = (struct recording){0};
    recorder.kept.base = (uint8_t *)support_read_file(file, &recorder.kept.base_size);
    recorder.on = stat(file, &recorder.file) == 0;
    pthread_mutex_unlock(&recorder.mutex);
}

struct recording recorder_stop(void)
{
    pthread_mutex_lock(&recorder.mutex);
    recorder.on = false;
    struct recording kept = recorder.kept;
    pthread_mutex_unlock(&recorder.mutex);
    return kept;
}

void recording_free(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) free(recording->list[i].bytes);
    free(recording->list);
    free(recording->base);
}

static struct recorded *add(enum recorded_kind kind)
{
    struct recording *kept = &recorder.kept;
    if (kept->count == kept->capacity) {
        kept->capacity = kept->capacity > 0 ? 2 * kept->capacity : 1024;
        kept->list = have(realloc(kept->list, kept->capacity * sizeof *kept->list));
    }
    kept->list[kept->count] = (struct recorded){.kind = kind};
    return &kept->list[kept->count++];
}

void recorder_ack(uint64_t number)
{
    pthread_mutex_lock(&recorder.mutex);
    if (recorder.on) add(RECORDED_ACK)->ack = number;
    pthread_mutex_unlock(&recorder.mutex);
}

static bool is_recorded(int fd)
{
    struct stat file;
    return recorder.on && fstat(fd, &file) == 0 && file.st_ino == recorder.file.st_ino &&
           file.st_dev == recorder.file.st_dev;
}

void recorder_wrote(int fd, const struct iovec *parts, int count, off_t offset, ssize_t written)
{
    pthread_mutex_lock(&recorder.mutex);
    if (written > 0 && is_recorded(fd)) {
        struct recorded *write = add(RECORDED_WRITE);
        write->offset = offset;
        write->size = (size_t)written;
        write->bytes = have(malloc(write->size));
        write->synced = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
        size_t at = 0;
        for (int i = 0; i < count && at < write->size; i++) {
            size_t more = parts[i].iov_len < write->size - at ? parts[i].iov_len : write->size - at;
            memcpy(write->bytes + at, parts[i].iov_base, more);
            at += more;
        }
    }
    pthread_mutex_unlock(&recorder.mutex);
}

void recorder_synced(int fd)
{
    pthread_mutex_lock(&recorder.mutex);
    if (is_recorded(fd)) add(RECORDED_SYNC);
    pthread_mutex_unlock(&recorder.mutex);
}
