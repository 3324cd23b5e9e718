/* The writers' turn, across threads and processes.
 *
 * Operations: take (waits, to a deadline), drop, tip (a load), wait for a newer tip (a futex). A take that meets nobody
 * costs two uncontended mutexes.
 *
 * Two robust mutexes make the turn: whoever comes takes `next`, then `lock`, then drops `next`. A thread that has just
 * dropped the lock has to pass `next` again, behind the one that already waits there, so nobody is overtaken more than
 * once; a bare mutex lets the running thread come back for as long as it runs.
 *
 * Invariants
 *  1. The lock is never taken from a live owner, stopped or slow as it may be: callers come back at their deadline. The
 *     kernel passes it on (EOWNERDEAD) only when the owning thread is gone.
 *  2. `tip` never falls while the page is in use, and is never ahead of what is durable. It may lag behind a commit
 *     whose owner died before it could say so, which then was not acknowledged either; the next turn catches up.
 *  3. `doubt` is not GATE_CLEAR from before a commit until its outcome is known, and from the death of an owner until
 *     somebody has repaired what it left, so neither is forgotten when a repair fails.
 *  4. The page means nothing after a reboot: mutexes lie in it. The first process to open the directory lays it out
 *     again (directory.c knows which one is first). */
#include "storage/gate.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdalign.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define GATE_MAGIC   UINT64_C(0x0a45544147474946) /* "FIGGATE\n" */
#define GATE_VERSION 1

struct gate_page {
    _Atomic uint64_t magic; /* written last, so that a page half laid out is not taken for one */
    uint32_t version;
    uint32_t mutex_bytes; /* builds that differ here cannot share the page */
    alignas(64) pthread_mutex_t next;
    alignas(64) pthread_mutex_t lock;
    alignas(64) _Atomic uint64_t tip;
    _Atomic uint32_t bell;   /* counts the changes of tip: what waiters sleep on */
    _Atomic uint32_t doubt;  /* enum gate_doubt */
    _Atomic uint32_t holder; /* process that has the turn, for people to read; nothing depends on it */
};

static_assert(offsetof(struct gate_page, next) == 64, "FORMAT.md draws the page");
static_assert(offsetof(struct gate_page, lock) == 128, "FORMAT.md draws the page");
static_assert(offsetof(struct gate_page, tip) == 192, "FORMAT.md draws the page");
static_assert(sizeof(struct gate_page) <= GATE_BYTES, "the page is one page");

static int prepare_mutexes(struct gate_page *page, bool between_processes)
{
    pthread_mutexattr_t kind;
    int failed = pthread_mutexattr_init(&kind);
    if (failed) return failed;
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&kind, between_processes ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
    failed = pthread_mutex_init(&page->next, &kind);
    if (!failed) failed = pthread_mutex_init(&page->lock, &kind);
    pthread_mutexattr_destroy(&kind);
    return failed;
}

enum store_status gate_prepare(struct gate_page *page, bool between_processes, struct store_error *error)
{
    memset(page, 0, GATE_BYTES);
    int failed = prepare_mutexes(page, between_processes);
    if (failed) return store_fail(error, STORE_UNAVAILABLE, "the writers' turn cannot be set up: %s", strerror(failed));
    page->version = GATE_VERSION;
    page->mutex_bytes = sizeof(pthread_mutex_t);
    atomic_store(&page->magic, GATE_MAGIC);
    return STORE_OK;
}

bool gate_is_prepared(const struct gate_page *page)
{
    return atomic_load(&page->magic) == GATE_MAGIC && page->version == GATE_VERSION &&
           page->mutex_bytes == sizeof(pthread_mutex_t);
}

/* A number that no other thread of this process has; asking the kernel each time would cost more than the turn. */
static int self(void)
{
    static _Thread_local int number;
    if (number == 0) number = (int)gettid();
    return number;
}

static int lock_to_deadline(pthread_mutex_t *mutex, int64_t deadline_ns)
{
#if SANITIZED_THREADS
    /* The sanitizer knows neither pthread_mutex_clocklock() nor the death of an owner in any lock with a deadline. */
    int failed;
    while ((failed = pthread_mutex_trylock(mutex)) == EBUSY && store_now_ns() < deadline_ns) usleep(50);
    return failed == EBUSY ? ETIMEDOUT : failed;
#else
    struct timespec until = store_instant(deadline_ns);
    return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
#endif
}

/* A mutex whose owner died is ours and is made whole at once: what it guarded is repaired by whoever is told.
 */
static int take_robustly(pthread_mutex_t *mutex, int64_t deadline_ns, bool *died)
{
    int failed = lock_to_deadline(mutex, deadline_ns);
    if (failed != EOWNERDEAD) return failed;
    *died = true;
    return pthread_mutex_consistent(mutex);
}

static enum store_status refuse(const struct gate *gate, int failed, struct store_error *error)
{
    if (failed == ETIMEDOUT)
        return store_fail(error, STORE_TIMEOUT,
                          "the writers' turn did not come in time; process %u has it: is it stopped, or its disk slow?",
                          gate_holder(gate));
    return store_fail(error, STORE_UNAVAILABLE,
                      "the writers' turn cannot be taken: %s; close every process that uses "
                      "the store and open it again",
                      strerror(failed));
}

enum store_status gate_take(struct gate *gate, int64_t deadline_ns, bool *repair, struct store_error *error)
{
    struct gate_page *page = gate->page;
    if (gate_is_mine(gate)) return store_fail(error, STORE_INVALID, "begin() by the thread that has the turn");

    bool ignored = false; /* `next` guards nothing but itself */
    int failed = take_robustly(&page->next, deadline_ns, &ignored);
    if (failed) return refuse(gate, failed, error);
    bool died = false;
    failed = take_robustly(&page->lock, deadline_ns, &died);
    pthread_mutex_unlock(&page->next);
    if (failed) return refuse(gate, failed, error);

    atomic_store(&page->holder, (uint32_t)getpid());
    atomic_store(&gate->owner, self());
    if (died && gate_doubt(gate) == GATE_CLEAR) gate_set_doubt(gate, GATE_COMMITTING);
    *repair = gate_doubt(gate) != GATE_CLEAR;
    return STORE_OK;
}

void gate_drop(struct gate *gate)
{
    atomic_store(&gate->owner, 0);
    atomic_store(&gate->page->holder, 0);
    pthread_mutex_unlock(&gate->page->lock);
}

bool gate_is_mine(const struct gate *gate) { return atomic_load(&gate->owner) == self(); }

bool gate_is_here(const struct gate *gate) { return atomic_load(&gate->owner) != 0; }

uint64_t gate_tip(const struct gate *gate) { return atomic_load_explicit(&gate->page->tip, memory_order_acquire); }

void gate_raise_tip(struct gate *gate, uint64_t tip)
{
    struct gate_page *page = gate->page;
    uint64_t old = atomic_load(&page->tip);
    do {
        if (old >= tip) return;
    } while (!atomic_compare_exchange_weak(&page->tip, &old, tip));
    atomic_fetch_add(&page->bell, 1);
    /* Always: a count of sleepers would be wrong for ever once a sleeper is killed. */
    syscall(SYS_futex, &page->bell, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

enum store_status gate_wait(const struct gate *gate, uint64_t past, int64_t deadline_ns)
{
    struct gate_page *page = gate->page;
    struct timespec until = store_instant(deadline_ns);
    for (;;) {
        uint32_t bell = atomic_load(&page->bell); /* before tip: a ring in between ends the sleep at once */
        if (gate_tip(gate) > past) return STORE_OK;
        if (store_now_ns() >= deadline_ns) return STORE_TIMEOUT;
        syscall(SYS_futex, &page->bell, FUTEX_WAIT_BITSET, bell, &until, NULL, FUTEX_BITSET_MATCH_ANY);
    }
}

enum gate_doubt gate_doubt(const struct gate *gate) { return (enum gate_doubt)atomic_load(&gate->page->doubt); }

void gate_set_doubt(struct gate *gate, enum gate_doubt doubt) { atomic_store(&gate->page->doubt, (uint32_t)doubt); }

uint32_t gate_holder(const struct gate *gate) { return atomic_load(&gate->page->holder); }
