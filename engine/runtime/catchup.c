/* Catching up: the frames that the store has and this engine has not, those of other processes and those after the
 * checkpoint alike. One path, whoever needs it: start, writers, readers of the latest, followers. */
#include "engine/runtime/engine.h"

struct catching {
    struct fig_engine *engine;
    fig_error *error;
    fig_status status;
};

static fig_status broken(struct catching *catching, uint64_t number, const char *fault)
{
    return fail(catching->error, FIG_CORRUPT, "frame %llu: %s", (unsigned long long)number, fault);
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
        if (applied == APPLY_BROKEN)
            return broken(catching, head->number, "an entry does not fit the state before it");
        engine->entries_read++;
    }
    if (read == FRAME_NO_MEMORY) return fail(catching->error, FIG_NO_MEMORY, "there is not enough memory");
    if (read == FRAME_BROKEN) return broken(catching, head->number, fault);
    if (!digest_equal(engine->work->digest, head->state))
        return broken(catching, head->number, "the state after it has another digest than it says");
    engine->work->frame = head->number;
    engine->work->chain = head->hash;
    return FIG_OK;
}

/* The reader keeps its list of events from frame to frame. */
static const char *open_frame(struct fig_engine *engine, const void *bytes, size_t size, struct frame_head *head)
{
    struct frame_reader fresh;
    const char *fault = frame_open(&fresh, &engine->allocator, bytes, size, head);
    if (fault != NULL) return fault;
    fresh.events = engine->reader.events;
    fresh.capacity = engine->reader.capacity;
    engine->reader = fresh;
    return NULL;
}

static enum store_status take_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct catching *catching = context;
    const struct version *work = catching->engine->work;
    struct frame_head head;
    const char *fault = open_frame(catching->engine, bytes, size, &head);
    if (fault == NULL && (head.number != number || number != work->frame + 1))
        fault = "it is not the next one of the journal";
    if (fault == NULL && !digest_equal(head.before, work->chain)) fault = "it does not follow from the frame before";
    catching->status = fault != NULL ? broken(catching, number, fault) : apply_frame(catching, &head);
    catching->engine->frames_read++;
    return catching->status == FIG_OK ? STORE_OK : STORE_STOPPED;
}

fig_status catch_up(struct fig_engine *engine, fig_error *error)
{
    struct store *store = engine->store;
    uint64_t frame = newest(engine)->frame;
    if (store->ops->tip(store) == frame) return FIG_OK;
    fig_status status = begin_work(engine);
    if (status != FIG_OK) return fail(error, status, "there is not enough memory");
    struct catching catching = {.engine = engine, .error = error};
    struct frame_sink sink = {take_frame, &catching};
    struct store_error said = {{0}};
    enum store_status walked = store->ops->since(store, frame, &sink, &said);
    if (walked == STORE_STOPPED)
        status = catching.status;
    else if (walked == STORE_NOT_FOUND)
        status = fail(error, FIG_CORRUPT, "the journal no longer has frame %llu", (unsigned long long)frame + 1);
    else if (walked != STORE_OK)
        status = fail_store(error, walked, &said);
    if (status == FIG_OK && engine->work->frame != frame)
        publish_work(engine);
    else
        abandon_work(engine);
    return status;
}

fig_status catch_up_latest(struct fig_engine *engine)
{
    if (engine->store->ops->tip(engine->store) == newest(engine)->frame) return FIG_OK;
    fig_status status = lock_writer(engine, monotonic_ns() + DEFAULT_TIMEOUT_NS);
    if (status != FIG_OK) return status;
    status = catch_up(engine, NULL);
    pthread_mutex_unlock(&engine->writer);
    return status;
}
