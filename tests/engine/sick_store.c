#include "tests/engine/sick_store.h"

#include "engine/runtime/engine.h"

#include <pthread.h>

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const struct store_ops *real;
    struct store_ops ops;
    bool hangs;
    unsigned hanging;
    unsigned failures;
    enum store_status failure;
    unsigned appends;
    bool doubts;
    bool doubt_made;
    unsigned unsettled;
} sick = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static enum store_status append(struct store *store, uint64_t expect, const void *frame, size_t size,
                                int64_t deadline_ns, struct store_error *error)
{
    pthread_mutex_lock(&sick.mutex);
    sick.appends++;
    sick.hanging++;
    pthread_cond_broadcast(&sick.changed);
    while (sick.hangs) pthread_cond_wait(&sick.changed, &sick.mutex);
    sick.hanging--;
    bool fails = sick.failures > 0;
    if (fails) sick.failures--;
    enum store_status failure = sick.failure;
    bool doubts = sick.doubts, made = sick.doubt_made;
    sick.doubts = false;
    pthread_mutex_unlock(&sick.mutex);
    /* A disk that hung does not look at the clock before it goes on. */
    (void)deadline_ns;
    if (fails) return failure;
    enum store_status appended = STORE_OK;
    if (!doubts || made) appended = sick.real->append(store, expect, frame, size, INT64_MAX, error);
    return doubts ? STORE_UNKNOWN : appended;
}

static enum store_status settle(struct store *store, uint64_t number, const void *frame, size_t size, bool *written,
                                struct store_error *error)
{
    pthread_mutex_lock(&sick.mutex);
    bool fails = sick.unsettled > 0;
    if (fails) sick.unsettled--;
    pthread_mutex_unlock(&sick.mutex);
    return fails ? STORE_IO : sick.real->settle(store, number, frame, size, written, error);
}

void sick_store_put(fig_engine *engine)
{
    pthread_mutex_lock(&engine->writer); /* a committer may still be about to leave its turn */
    sick.real = engine->store->ops;
    sick.ops = *sick.real;
    sick.ops.append = append;
    sick.ops.settle = settle;
    sick.appends = 0;
    engine->store->ops = &sick.ops;
    pthread_mutex_unlock(&engine->writer);
}

static void set_hangs(bool hangs)
{
    pthread_mutex_lock(&sick.mutex);
    sick.hangs = hangs;
    pthread_cond_broadcast(&sick.changed);
    pthread_mutex_unlock(&sick.mutex);
}

void sick_store_hang(void) { set_hangs(true); }
void sick_store_release(void) { set_hangs(false); }

void sick_store_wait(void)
{
    pthread_mutex_lock(&sick.mutex);
    while (sick.hanging == 0) pthread_cond_wait(&sick.changed, &sick.mutex);
    pthread_mutex_unlock(&sick.mutex);
}

void sick_store_fail(unsigned count, enum store_status status)
{
    pthread_mutex_lock(&sick.mutex);
    sick.failures = count;
    sick.failure = status;
    pthread_mutex_unlock(&sick.mutex);
}

void sick_store_doubt(bool made, unsigned count)
{
    pthread_mutex_lock(&sick.mutex);
    sick.doubts = true;
    sick.doubt_made = made;
    sick.unsettled = count;
    pthread_mutex_unlock(&sick.mutex);
}

unsigned sick_store_appends(void)
{
    pthread_mutex_lock(&sick.mutex);
    unsigned appends = sick.appends;
    pthread_mutex_unlock(&sick.mutex);
    return appends;
}
