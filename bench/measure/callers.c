#include "bench/measure/callers.h"

#include "bench/figures.h"

#include <string.h>
#include <time.h>

bool pool_fill(struct pool *pool, struct entrant *entrant, size_t wanted)
{
    size_t most = entrant->contender->sessions_max;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->given, NULL);
    for (pool->free = 0; pool->free < wanted && pool->free < most && pool->free < CONTENDER_MANY; pool->free++)
        if ((pool->sessions[pool->free] = entrant->contender->connect(entrant->base)) == NULL) return false;
    return true;
}

void pool_empty(struct pool *pool, struct entrant *entrant)
{
    for (size_t i = 0; i < pool->free; i++) entrant->contender->disconnect(pool->sessions[i]);
    pool->free = 0;
}

struct session *caller_take(struct caller *caller)
{
    struct pool *pool = caller->round->pool;
    if (!caller->round->shared) return caller->session;
    pthread_mutex_lock(&pool->lock);
    while (pool->free == 0) pthread_cond_wait(&pool->given, &pool->lock);
    struct session *session = pool->sessions[--pool->free];
    pthread_mutex_unlock(&pool->lock);
    return session;
}

void caller_give(struct caller *caller, struct session *session)
{
    struct pool *pool = caller->round->pool;
    if (!caller->round->shared) return;
    pthread_mutex_lock(&pool->lock);
    pool->sessions[pool->free++] = session;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

static void *call(void *argument)
{
    struct caller *caller = argument;
    struct round *round = caller->round;
    while (!atomic_load(&round->over)) round->ask(caller);
    return NULL;
}

static void sleep_ns(int64_t ns)
{
    struct timespec some = {ns / 1000000000, ns % 1000000000};
    nanosleep(&some, NULL);
}

double callers_run(struct round *round, unsigned count, int64_t slice_ns, struct samples *samples)
{
    static struct caller callers[CONTENDER_MANY];
    uint64_t done = 0, failed = 0;
    unsigned started = 0;
    memset(callers, 0, sizeof callers);
    round->shared = count > round->entrant->contender->sessions_max;
    atomic_store(&round->over, false);
    int64_t began_ns = clock_ns();
    for (; started < count; started++) {
        callers[started].round = round;
        callers[started].at = started;
        callers[started].draw.state = started + CONTENDER_MANY * round->run;
        callers[started].session = round->shared ? NULL : round->pool->sessions[started];
        if (pthread_create(&callers[started].thread, NULL, call, &callers[started]) != 0) break;
    }
    sleep_ns(slice_ns);
    atomic_store(&round->over, true);
    for (unsigned i = 0; i < started; i++) pthread_join(callers[i].thread, NULL);
    int64_t took_ns = clock_ns() - began_ns;
    for (unsigned i = 0; i < started; i++) {
        done += callers[i].done;
        failed += callers[i].failed;
        round->wrong += callers[i].wrong;
        samples_add_all(samples, &callers[i].samples);
        samples_free(&callers[i].samples);
    }
    return failed > 0 || started < count ? -1 : (double)done * 1e9 / (double)took_ns;
}
