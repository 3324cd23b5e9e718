/* Relaxed durability: entries are published as soon as they are decided, and gather in one frame that is appended some
 * time later, by durable_within_ns at most.
 *
 * Nobody else has the store open, so nobody else can see what may still be lost, or write a frame in between.
 *
 * Invariants:
 * 1. The entries from pending.durable_seq + 1 to the newest are in the engine's frame, in order, and nowhere else. The
 *    newest version has the number and the hash of the frame before.
 * 2. A frame that is doubtful is not changed: what the store may have is those very bytes.
 * 3. What is due, or failed, goes to the store before another request is decided. So no more than one frame's entries
 *    can be lost, and a disk that fails is known to whoever writes next. */
#include "engine/runtime/committer.h"

/* More is not gathered, however much time there is. */
#define PENDING_BYTES_ENOUGH (4 << 20)

/* After a failure, while nobody writes. */
#define REST_NS INT64_C(100000000)

/* The committer is there but while an engine opens and closes: then nothing would look after what is pending. */
bool engine_is_relaxed(const struct fig_engine *engine)
{
    return engine->options.durable_within_ns > 0 && engine->committer != NULL;
}

static void forget_pending(struct fig_engine *engine)
{
    engine->pending.durable_seq = atomic_load(&engine->newest_seq);
    engine->pending.any = engine->pending.failing = engine->pending.doubtful = false;
    atomic_store(&engine->pending.wake_ns, INT64_MAX);
    frame_begin(&engine->frame);
}

void flush_begin(struct fig_engine *engine) { forget_pending(engine); }

void flush_expect(struct fig_engine *engine)
{
    if (engine->pending.any) return;
    engine->pending.any = true;
    /* Half of the time is for the disk. */
    atomic_store(&engine->pending.wake_ns, deadline_in(engine->options.durable_within_ns / 2));
}

bool flush_is_pending(const struct fig_engine *engine) { return engine->pending.any; }

bool flush_is_due(const struct fig_engine *engine)
{
    const struct pending *pending = &engine->pending;
    if (!pending->any) return false;
    return pending->failing || engine->frame.size >= PENDING_BYTES_ENOUGH ||
           monotonic_ns() >= atomic_load(&pending->wake_ns);
}

int64_t flush_wake_ns(const struct fig_engine *engine) { return atomic_load(&engine->pending.wake_ns); }

void flush_rest(struct fig_engine *engine)
{
    int64_t now_ns = monotonic_ns();
    if (atomic_load(&engine->pending.wake_ns) <= now_ns) atomic_store(&engine->pending.wake_ns, now_ns + REST_NS);
}

static enum store_status append_pending(struct fig_engine *engine, struct store_error *said)
{
    if (engine->pending.doubtful) {
        enum store_status settled = settle_work(engine, said);
        if (settled != STORE_IO) return settled;
        engine->pending.doubtful = false; /* it is not there: as if it had never been tried */
    }
    enum store_status appended = append_work(engine, engine->pending.durable_seq + 1, engine->frame.entry_count,
                                             deadline_in(FIG_TIMEOUT_NS), said);
    engine->pending.doubtful = appended == STORE_UNKNOWN;
    return appended;
}

static fig_status fail_flush(struct fig_engine *engine, enum store_status appended, const struct store_error *said)
{
    bool robbed = appended == STORE_BEHIND;
    fig_status status = robbed ? FIG_CORRUPT : status_of_store(appended);
    abandon_work(engine);
    note_store(engine, status);
    if (!engine->pending.failing)
        log_line(engine, 3, "what was acknowledged is not durable yet, and writes are refused until it is: %s",
                 robbed ? "somebody wrote to a store that is held exclusively" : said->message);
    engine->pending.failing = true;
    return status == FIG_UNKNOWN ? FIG_UNAVAILABLE : status; /* to who came later: nothing of theirs was begun */
}

fig_status flush(struct fig_engine *engine)
{
    if (!engine->pending.any) return FIG_OK;
    fig_status status = begin_work(engine);
    if (status != FIG_OK) return status;
    struct store_error said = {{0}};
    enum store_status appended = append_pending(engine, &said);
    if (appended != STORE_OK) return fail_flush(engine, appended, &said);
    publish_work(engine);
    if (engine->pending.failing) log_line(engine, 6, "all that was acknowledged is durable now: writes go on");
    forget_pending(engine);
    note_store(engine, FIG_OK);
    return FIG_OK;
}

fig_status fig_sync(fig_engine *engine, int64_t timeout_ns, fig_error *error)
{
    if (engine == NULL || timeout_ns < 0 || !error_is_sound(error)) return FIG_INVALID;
    if (engine_is_forked(engine)) return fail(error, FIG_FORKED, "%s", fig_status_text(FIG_FORKED));
    if (!engine_is_relaxed(engine)) return FIG_OK;
    struct writing nothing = {.deadline_ns = deadline_in(timeout_ns > 0 ? timeout_ns : FIG_TIMEOUT_NS)};
    fig_status status = committer_write(engine, &nothing);
    if (status == FIG_UNKNOWN) status = FIG_BUSY; /* taken, but the store has not said anything yet */
    if (status == FIG_OK) return FIG_OK;
    return fail(error, status, "what was acknowledged is not durable yet (%s): look at the disk, and sync again",
                fig_status_name(status));
}
