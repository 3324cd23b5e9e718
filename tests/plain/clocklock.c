/* The thread sanitizer of GCC 12 and Clang 14 does not see pthread_mutex_clocklock(): it takes the unlock after it for
 * one without a lock. Where it watches, this one stands in, through the call that it does see. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

static struct timespec as_realtime(clockid_t clock, const struct timespec *until)
{
    struct timespec from, now;
    clock_gettime(clock, &from);
    clock_gettime(CLOCK_REALTIME, &now);
    long long left_ns = (until->tv_sec - from.tv_sec) * 1000000000LL + (until->tv_nsec - from.tv_nsec);
    long long end_ns = now.tv_nsec + left_ns % 1000000000;
    now.tv_sec += (time_t)(left_ns / 1000000000);
    if (end_ns < 0) {
        end_ns += 1000000000;
        now.tv_sec--;
    }
    now.tv_sec += (time_t)(end_ns / 1000000000);
    now.tv_nsec = (long)(end_ns % 1000000000);
    return now;
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
    struct timespec realtime = as_realtime(clock, until);
    return pthread_mutex_timedlock(mutex, &realtime);
}
