/* See faults.h. The calls go straight to the kernel, so that nothing is looked up behind a sanitizer's back. */
#include "tests/storage/faults.h"
#include "storage/internal.h"
#include "tests/storage/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EVERYWHERE __attribute__((visibility("default")))

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t disarmed;
    bool armed;
    struct stat file;
    struct fault fault;
    unsigned calls;
    unsigned failed;
} faults = {.mutex = PTHREAD_MUTEX_INITIALIZER, .disarmed = PTHREAD_COND_INITIALIZER};

void faults_arm(const char *file, struct fault fault)
{
    pthread_mutex_lock(&faults.mutex);
    faults.armed = stat(file, &faults.file) == 0;
    faults.fault = fault;
    faults.calls = faults.failed = 0;
    pthread_mutex_unlock(&faults.mutex);
}

static struct {
    bool any;
    struct stat file;
    uint64_t from, to;
} spoilt;

void faults_spoil(const char *file, uint64_t from, uint64_t to)
{
    pthread_mutex_lock(&faults.mutex);
    spoilt.any = stat(file, &spoilt.file) == 0;
    spoilt.from = from;
    spoilt.to = to;
    pthread_mutex_unlock(&faults.mutex);
}

unsigned faults_disarm(void)
{
    pthread_mutex_lock(&faults.mutex);
    faults.armed = spoilt.any = false;
    pthread_cond_broadcast(&faults.disarmed);
    unsigned failed = faults.failed;
    pthread_mutex_unlock(&faults.mutex);
    return failed;
}

enum call { WRITE, SYNC, MAP };

static bool concerns(enum call call)
{
    if (faults.fault.kind == FAULT_STALLED) return call == SYNC;
    return (faults.fault.kind == FAULT_UNMAPPED) == (call == MAP);
}

/* Whether this call is to fail. One that is to stall waits here, and then is not. */
static bool strikes(int fd, enum call call)
{
    struct stat file;
    pthread_mutex_lock(&faults.mutex);
    bool strikes = faults.armed && concerns(call) && fstat(fd, &file) == 0 && file.st_ino == faults.file.st_ino &&
                   file.st_dev == faults.file.st_dev && ++faults.calls >= faults.fault.nth &&
                   faults.calls < faults.fault.nth + faults.fault.count;
    if (strikes) faults.failed++;
    bool stalls = strikes && faults.fault.kind == FAULT_STALLED;
    while (stalls && faults.armed) pthread_cond_wait(&faults.disarmed, &faults.mutex);
    pthread_mutex_unlock(&faults.mutex);
    return strikes && !stalls;
}

/* Whether a call that fails does what was asked all the same. */
static bool is_done(void) { return faults.fault.kind == FAULT_LYING || faults.fault.kind == FAULT_DEADLY; }

static int fail(void)
{
    if (faults.fault.kind == FAULT_DEADLY) _exit(0);
    errno = faults.fault.error;
    return -1;
}

static ssize_t pwrite_really(int fd, const void *bytes, size_t size, off_t offset)
{
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, size, offset);
    recorder_wrote(fd, &part, 1, offset, written);
    return written;
}

static ssize_t writev_really(int fd, const struct iovec *parts, int count)
{
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t written = syscall(SYS_writev, fd, parts, count);
    recorder_wrote(fd, parts, count, offset, written);
    return written;
}

static int fdatasync_really(int fd)
{
    int failed = (int)syscall(SYS_fdatasync, fd);
    if (failed == 0) recorder_synced(fd);
    return failed;
}

/* How many of the bytes can be read. */
static size_t readable(int fd, size_t size, uint64_t at)
{
    struct stat file;
    pthread_mutex_lock(&faults.mutex);
    bool hit = spoilt.any && at < spoilt.to && at + size > spoilt.from && fstat(fd, &file) == 0 &&
               file.st_ino == spoilt.file.st_ino && file.st_dev == spoilt.file.st_dev;
    if (hit) size = at < spoilt.from ? spoilt.from - at : 0;
    pthread_mutex_unlock(&faults.mutex);
    return size;
}

EVERYWHERE ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    size_t most = readable(fd, size, (uint64_t)offset);
    if (most > 0 || size == 0) return syscall(SYS_pread64, fd, bytes, most, offset);
    errno = EIO;
    return -1;
}

EVERYWHERE ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (!strikes(fd, WRITE)) return pwrite_really(fd, bytes, size, offset);
    if (faults.fault.kind == FAULT_SHORT) return pwrite_really(fd, bytes, size / 2, offset);
    if (is_done()) pwrite_really(fd, bytes, size, offset);
    return fail();
}

EVERYWHERE ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (!strikes(fd, WRITE)) return writev_really(fd, parts, count);
    if (faults.fault.kind == FAULT_SHORT) return writev_really(fd, parts, count / 2);
    if (is_done()) writev_really(fd, parts, count);
    return fail();
}

EVERYWHERE int fdatasync(int fd)
{
    if (!strikes(fd, SYNC)) return fdatasync_really(fd);
    if (is_done()) fdatasync_really(fd);
    return fail();
}

/* The thread sanitizer maps its own memory through this before anything is set up. */
#if !SANITIZED_THREADS
EVERYWHERE void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fd >= 0 && strikes(fd, MAP)) {
        errno = faults.fault.error;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
#endif
