/* The breaker around the store: who may write, and what is learnt from how it went. */
#include "engine/runtime/engine.h"

#define SECOND_NS INT64_C(1000000000)

/* What says that the store itself is sick. A full disk is not: it says so at once, and is well when there is room. */
static bool is_failure(fig_status status)
{
    return status == FIG_IO || status == FIG_UNKNOWN || status == FIG_UNAVAILABLE || status == FIG_CORRUPT;
}

enum breaker_answer guard_ask(struct fig_engine *engine)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    enum breaker_answer answer = breaker_ask(&engine->breaker, monotonic_ns());
    pthread_mutex_unlock(&engine->breaker_mutex);
    if (answer == BREAKER_TRIES) log_line(engine, 6, "the store has rested: one write is tried");
    return answer;
}

bool guard_is_open(struct fig_engine *engine)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    bool open = engine->breaker.state == FIG_BREAKER_OPEN;
    pthread_mutex_unlock(&engine->breaker_mutex);
    return open;
}

void note_nothing(struct fig_engine *engine)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    breaker_learned_nothing(&engine->breaker);
    pthread_mutex_unlock(&engine->breaker_mutex);
}

static void note_failure(struct fig_engine *engine)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    bool opened = breaker_failed(&engine->breaker, monotonic_ns());
    uint32_t failures = engine->breaker.failures;
    pthread_mutex_unlock(&engine->breaker_mutex);
    if (!opened) return;
    log_line(engine, 3, "the store has failed %u times in a row: writes are refused for %lld s, then one is tried",
             failures, (long long)(engine->breaker.rest_ns / SECOND_NS));
}

static void note_success(struct fig_engine *engine)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    bool closed = breaker_succeeded(&engine->breaker);
    pthread_mutex_unlock(&engine->breaker_mutex);
    if (closed) log_line(engine, 6, "the store is well again: writes go on");
}

void note_store(struct fig_engine *engine, fig_status status)
{
    if (is_failure(status))
        note_failure(engine);
    else if (status == FIG_OK)
        note_success(engine);
    else
        note_nothing(engine);
}
