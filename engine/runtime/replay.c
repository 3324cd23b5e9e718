/* Replaying a journal: the frames of one store, applied in order to another, whose journal they become byte for byte.
 * Each must follow from the one before it there, and the state after it must have the digest that it says: so what is
 * replayed is verified as it goes, and a replay can stop after any frame and go on later. */
#include "engine/runtime/engine.h"

#define STEP_EVENTS 65536

struct replaying {
    struct fig_engine *into;
    const fig_replay_options *options;
    fig_replayed done;
    fig_error *error;
    fig_status status;
    size_t events; /* of this step */
    bool parts;    /* the frame does not follow from the newest one of the store */
};

/* What the frame is about, before it is applied: where it ends, and when it was. */
static const char *look_at(struct replaying *replaying, const void *bytes, size_t size, uint64_t *last_seq,
                           int64_t *now_s)
{
    struct frame_head head;
    struct frame_reader reader;
    const char *fault = frame_open(&reader, &replaying->into->allocator, bytes, size, &head);
    if (fault != NULL) return fault;
    *last_seq = frame_last_seq(&reader);
    *now_s = frame_first_now(&reader);
    replaying->parts = !digest_equal(head.before, replaying->into->work->chain);
    return NULL;
}

static fig_status append(struct replaying *replaying, uint64_t number, const void *bytes, size_t size)
{
    struct store_error said = {{0}};
    enum store_status appended = append_frame_bytes(replaying->into->store, number, bytes, size, INT64_MAX, &said);
    return appended == STORE_OK ? FIG_OK : fail_store(replaying->error, appended, &said);
}

/* Onto the version under work, and then to the store. */
static fig_status replay_frame(struct replaying *replaying, uint64_t number, const void *bytes, size_t size)
{
    uint64_t entries = replaying->into->entries_read;
    size_t events = 0;
    fig_status status = take_in_frame(replaying->into, number, bytes, size, &events, replaying->error);
    if (status == FIG_OK) status = append(replaying, number, bytes, size);
    if (status != FIG_OK) return status;
    replaying->done.last_now_s = replaying->done.next_now_s;
    replaying->done.frames++;
    replaying->done.entries += replaying->into->entries_read - entries;
    replaying->done.events += events;
    replaying->events += events;
    return FIG_OK;
}

static bool is_enough(const struct replaying *replaying)
{
    uint64_t frames = replaying->options->frames;
    return frames > 0 && replaying->done.frames >= frames;
}

static enum store_status take_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct replaying *replaying = context;
    uint64_t last_seq = 0;
    const char *fault = look_at(replaying, bytes, size, &last_seq, &replaying->done.next_now_s);
    replaying->status = FIG_OK;
    if (fault != NULL)
        replaying->status = fail(replaying->error, FIG_CORRUPT, "frame %llu: %s", (unsigned long long)number, fault);
    else if (replaying->parts && replaying->done.frames == 0)
        replaying->status = fail(replaying->error, FIG_INVALID,
                                 "the journals part before frame %llu: only what goes on where the store ends can be "
                                 "replayed into it",
                                 (unsigned long long)number);
    replaying->done.more = replaying->status == FIG_OK && last_seq <= replaying->options->to_version;
    if (!replaying->done.more || replaying->events >= STEP_EVENTS || is_enough(replaying)) return STORE_STOPPED;
    replaying->done.more = false;
    replaying->status = replay_frame(replaying, number, bytes, size);
    return replaying->status == FIG_OK ? STORE_OK : STORE_STOPPED;
}

static fig_status walk(struct replaying *replaying, struct fig_engine *from)
{
    struct frame_sink sink = {take_frame, replaying};
    struct store_error said = {{0}};
    enum store_status walked = from->store->ops->since(from->store, replaying->into->work->frame, &sink, &said);
    if (walked == STORE_OK || walked == STORE_STOPPED) return replaying->status;
    return fail_store(replaying->error, walked, &said);
}

/* Some frames in one version, so that what they share is not copied for each. Should one of them fail, those before it
 * are in the store, and are taken in from there. */
static fig_status replay_step(struct replaying *replaying, struct fig_engine *from)
{
    struct fig_engine *into = replaying->into;
    uint64_t frames = replaying->done.frames;
    fig_status status = begin_work(into);
    if (status != FIG_OK) return fail(replaying->error, status, "there is not enough memory");
    replaying->events = 0;
    replaying->done.more = false;
    status = walk(replaying, from);
    if (status == FIG_OK && replaying->done.frames > frames)
        publish_work(into);
    else
        abandon_work(into);
    if (status != FIG_OK) catch_up(into, INT64_MAX, NULL);
    if (status == FIG_OK && checkpoint_is_due(into, INT64_MAX)) write_checkpoint_aside(into);
    return status;
}

static fig_status replay_steps(struct replaying *replaying, struct fig_engine *from)
{
    if (newest(replaying->into)->frame > atomic_load(&from->newest_frame))
        return fail(replaying->error, FIG_INVALID, "the store is ahead of the journal that is to be replayed into it");
    fig_status status;
    do status = replay_step(replaying, from);
    while (status == FIG_OK && replaying->done.more && !is_enough(replaying));
    return status;
}

static fig_status replay_in_turn(struct replaying *replaying, struct fig_engine *from)
{
    struct fig_engine *into = replaying->into;
    struct store_error said = {{0}};
    int64_t deadline_ns = deadline_in(FIG_TIMEOUT_NS);
    enum store_status begun = into->store->ops->begin(into->store, deadline_ns, &said);
    if (begun != STORE_OK) return fail_store(replaying->error, begun, &said);
    fig_status status = flush(into); /* what is pending comes before what is replayed */
    if (status != FIG_OK) fail(replaying->error, status, "what the store has acknowledged is not durable yet");
    if (status == FIG_OK) status = catch_up(into, deadline_ns, replaying->error);
    if (status == FIG_OK) status = replay_steps(replaying, from);
    if (!flush_is_pending(into)) flush_begin(into); /* what comes next is pending behind what was replayed */
    into->store->ops->end(into->store);
    return status;
}

fig_status fig_replay(fig_engine *into, fig_engine *from, const fig_replay_options *options, fig_replayed *done,
                      fig_error *error)
{
    if (into == NULL || from == NULL || into == from || !error_is_sound(error)) return FIG_INVALID;
    if (options == NULL || options->struct_size != sizeof *options) return FIG_INVALID;
    if (done == NULL || done->struct_size != sizeof *done) return FIG_INVALID;
    if (into->options.read_only) return fail(error, FIG_DENIED, "the engine was opened read-only");
    fig_status status = catch_up_latest(from, FIG_TIMEOUT_NS);
    if (status != FIG_OK) return fail(error, status, "%s", fig_status_text(status));
    struct replaying replaying = {.into = into, .options = options, .done = fig_replayed_default(), .error = error};
    status = lock_writer(into, deadline_in(FIG_TIMEOUT_NS));
    if (status != FIG_OK) return fail(error, status, "%s", fig_status_text(status));
    status = replay_in_turn(&replaying, from);
    replaying.done.version = newest(into)->seq;
    pthread_mutex_unlock(&into->writer);
    *done = replaying.done; /* also after a failure: these frames were replayed */
    return status;
}
