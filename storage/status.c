/* What a status means, in a sentence, and how a failure gets its words. */
#include "storage/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

const char *store_status_text(enum store_status status)
{
    switch (status) {
    case STORE_OK: return "done";
    case STORE_BEHIND: return "another writer was faster: read what it wrote and decide again";
    case STORE_TIMEOUT: return "the deadline passed: nothing was written, nor will be";
    case STORE_UNKNOWN: return "perhaps durable, perhaps not: settle it before anything else";
    case STORE_NOT_FOUND: return "no such record, or the frames before it were trimmed";
    case STORE_FULL: return "the disk or the map is full: nothing was written; make room and try again";
    case STORE_IO: return "the system reported an error: nothing was written; look at the kernel's log";
    case STORE_CORRUPT: return "the stored bytes make no sense: run verify, then restore a backup";
    case STORE_NEWER: return "written by a newer version: upgrade this program";
    case STORE_NOT_STORE: return "there is no store, or something else lies there";
    case STORE_DENIED: return "not permitted: look at the owner, the mode and the file system of the directory";
    case STORE_NO_MEMORY: return "there is no memory";
    case STORE_UNAVAILABLE: return "the store cannot be used now: try again later";
    case STORE_FORKED: return "opened before a fork() and used after it: open it again in the child";
    case STORE_STOPPED: return "the receiver stopped the walk";
    case STORE_INVALID: return "a mistake of the caller: nothing was written";
    }
    return "no such status";
}

enum store_status store_fail(struct store_error *error, enum store_status status, const char *format, ...)
{
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

int64_t store_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct timespec store_instant(int64_t deadline_ns)
{
    if (deadline_ns < 0) deadline_ns = 0;
    return (struct timespec){.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
}
