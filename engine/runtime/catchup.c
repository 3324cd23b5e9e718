/* Catching up: the frames that the store has and this engine has not, those of other processes and those after the
 * checkpoint alike. One path, whoever needs it: start, writers, readers of the latest, followers. It goes in steps,
 * each of which publishes what it took in: a long journal neither makes one huge version under work, nor keeps anybody
 * past a deadline, nor leaves one huge checkpoint to be written. */
#include "engine/runtime/engine.h"
#include "engine/runtime/metrics.h"

/* Events that make a step; its last frame may exceed it. */
#define STEP_EVENTS 65536

struct catching {
    struct fig_engine *engine;
    fig_error *error;
    fig_status status;
    size_t events;
};

static fig_status broken(struct catching *catching, uint64_t number, const char *fault)
{
    return fail(catching->error, status_of_frame(fault), "frame %llu: %s", (unsigned long long)number, fault);
}

static fig_status apply_frame(struct catching *catching, struct frame_head *head)
{
    struct fig_engine *engine = catching->engine;
    struct applying applying = applying_work(engine, head->number);
    struct entry entry;
    const char *fault = NULL;
    enum frame_status read;
    while ((read = frame_next(&engine->reader, &entry, &fault)) == FRAME_OK) {
        enum apply_status applied = apply_entry(&applying, &entry);
        if (applied == APPLY_NO_MEMORY) return fail(catching->error, FIG_NO_MEMORY, "there is not enough memory");
        if (applied == APPLY_BROKEN) return broken(catching, head->number, "an entry does not fit the state before it");
        engine->entries_read++;
        catching->events += entry.event_count;
    }
    if (read == FRAME_NO_MEMORY) return fail(catching->error, FIG_NO_MEMORY, "there is not enough memory");
    if (read == FRAME_BROKEN) return broken(catching, head->number, fault);
    if (!digest_equal(engine->work->digest, head->state))
        return broken(catching, head->number, "the state after it has another digest than it says");
    engine->work->frame = head->number;
    engine->work->chain = head->hash;
    return FIG_OK;
}

static void take_in(struct catching *catching, uint64_t number, const void *bytes, size_t size)
{
    const struct version *work = catching->engine->work;
    struct frame_head head;
    const char *fault = frame_reopen(&catching->engine->reader, bytes, size, &head);
    if (fault == NULL && (head.number != number || number != work->frame + 1))
        fault = "it is not the next one of the journal";
    if (fault == NULL && !digest_equal(head.before, work->chain)) fault = "it does not follow from the frame before";
    catching->status = fault != NULL ? broken(catching, number, fault) : apply_frame(catching, &head);
    catching->engine->frames_read++;
}

fig_status take_in_frame(struct fig_engine *engine, uint64_t number, const void *bytes, size_t size, size_t *events,
                         fig_error *error)
{
    struct catching catching = {.engine = engine, .error = error};
    take_in(&catching, number, bytes, size);
    *events += catching.events;
    return catching.status;
}

static enum store_status take_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct catching *catching = context;
    take_in(catching, number, bytes, size);
    return catching->status == FIG_OK && catching->events < STEP_EVENTS ? STORE_OK : STORE_STOPPED;
}

static fig_status walk_journal(struct catching *catching, uint64_t after)
{
    struct store *store = catching->engine->store;
    struct frame_sink sink = {take_frame, catching};
    struct store_error said = {{0}};
    enum store_status walked = store->ops->since(store, after, &sink, &said);
    if (walked == STORE_OK || walked == STORE_STOPPED) return catching->status;
    if (walked != STORE_NOT_FOUND) return fail_store(catching->error, walked, &said);
    return fail(catching->error, FIG_CORRUPT, "the journal no longer has frame %llu", (unsigned long long)after + 1);
}

fig_status catch_up_some(struct fig_engine *engine, bool *more, fig_error *error)
{
    *more = false;
    follow_checkpoint(engine);
    uint64_t frame = newest(engine)->frame;
    if (engine->store->ops->tip(engine->store) == frame) return FIG_OK;
    fig_status status = begin_work(engine);
    if (status != FIG_OK) return fail(error, status, "there is not enough memory");
    struct catching catching = {.engine = engine, .error = error};
    status = walk_journal(&catching, frame);
    *more = status == FIG_OK && catching.events >= STEP_EVENTS;
    if (status == FIG_OK && engine->work->frame != frame)
        publish_work(engine);
    else
        abandon_work(engine);
    return status;
}

fig_status catch_up(struct fig_engine *engine, int64_t deadline_ns, fig_error *error)
{
    if (flush_is_pending(engine)) return FIG_OK; /* nobody else writes, and our own frame may be doubtful */
    for (;;) {
        bool more;
        fig_status status = catch_up_some(engine, &more, error);
        if (status != FIG_OK || !more) return status;
        if (monotonic_ns() > deadline_ns)
            return fail(error, FIG_BUSY, "there is more in the journal than could be taken in by the deadline");
    }
}

static fig_status catch_up_locked(struct fig_engine *engine, int64_t deadline_ns)
{
    fig_status status = lock_writer(engine, deadline_ns);
    if (status != FIG_OK) return status;
    fig_error error = fig_error_default();
    status = catch_up(engine, deadline_ns, &error);
    if (status != FIG_OK && status != FIG_BUSY) log_line(engine, 3, "%s", error.message);
    pthread_mutex_unlock(&engine->writer);
    return status;
}

fig_status catch_up_latest(struct fig_engine *engine, int64_t timeout_ns)
{
    uint64_t seen = atomic_load(&engine->newest_frame);
    if (engine->store->ops->tip(engine->store) == seen || engine->options.exclusive) return FIG_OK;
    int64_t began_ns = monotonic_ns(), deadline_ns = deadline_in(timeout_ns);
    fig_status status = catch_up_locked(engine, deadline_ns);
    metrics_count_wait(engine, status, began_ns, deadline_ns);
    return status;
}
