/* See faults.h. The calls go straight to the kernel, so that nothing is looked up behind a sanitizer's back. */
#include "tests/storage/faults.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EVERYWHERE __attribute__((visibility("default")))

static struct {
    pthread_mutex_t mutex;
    bool armed;
    struct stat file;
    struct fault fault;
    unsigned calls;
    unsigned failed;
} faults = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void faults_arm(const char *file, struct fault fault)
{
    pthread_mutex_lock(&faults.mutex);
    faults.armed = stat(file, &faults.file) == 0;
    faults.fault = fault;
    faults.calls = faults.failed = 0;
    pthread_mutex_unlock(&faults.mutex);
}

unsigned faults_disarm(void)
{
    pthread_mutex_lock(&faults.mutex);
    faults.armed = false;
    unsigned failed = faults.failed;
    pthread_mutex_unlock(&faults.mutex);
    return failed;
}

/* Whether this call is to fail. */
static bool strikes(int fd)
{
    struct stat file;
    pthread_mutex_lock(&faults.mutex);
    bool strikes = faults.armed && fstat(fd, &file) == 0 && file.st_ino == faults.file.st_ino &&
                   file.st_dev == faults.file.st_dev && ++faults.calls >= faults.fault.nth &&
                   faults.calls < faults.fault.nth + faults.fault.count;
    if (strikes) faults.failed++;
    pthread_mutex_unlock(&faults.mutex);
    return strikes;
}

EVERYWHERE ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (!strikes(fd)) return syscall(SYS_pwrite64, fd, bytes, size, offset);
    if (faults.fault.kind == FAULT_SHORT) return syscall(SYS_pwrite64, fd, bytes, size / 2, offset);
    if (faults.fault.kind == FAULT_LYING) syscall(SYS_pwrite64, fd, bytes, size, offset);
    errno = faults.fault.error;
    return -1;
}

EVERYWHERE ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (!strikes(fd)) return syscall(SYS_writev, fd, parts, count);
    if (faults.fault.kind == FAULT_SHORT) return syscall(SYS_writev, fd, parts, count / 2);
    if (faults.fault.kind == FAULT_LYING) syscall(SYS_writev, fd, parts, count);
    errno = faults.fault.error;
    return -1;
}

EVERYWHERE int fdatasync(int fd)
{
    if (!strikes(fd)) return (int)syscall(SYS_fdatasync, fd);
    if (faults.fault.kind == FAULT_LYING) syscall(SYS_fdatasync, fd);
    errno = faults.fault.error;
    return -1;
}
