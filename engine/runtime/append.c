/* Appending: the frame under work goes to the store, and where the store cannot vouch for it, it is found out. */
#include "engine/runtime/engine.h"
#include "engine/runtime/metrics.h"

static void finish_frame(struct fig_engine *engine, uint64_t first_seq)
{
    engine->head = (struct frame_head){
        .number = engine->work->frame + 1,
        .first_seq = first_seq,
        .before = engine->work->chain,
        .nonce = {random_next(engine), random_next(engine)},
        .state = engine->work->digest,
    };
    frame_finish(&engine->frame, &engine->head);
}

static void follow_frame(struct fig_engine *engine)
{
    engine->work->frame = engine->head.number;
    engine->work->chain = engine->head.hash;
}

static enum store_status settle(struct store *store, uint64_t number, const void *bytes, size_t size,
                                struct store_error *said)
{
    bool written = false;
    if (store->ops->settle(store, number, bytes, size, &written, said) != STORE_OK) return STORE_UNKNOWN;
    return written ? STORE_OK : STORE_IO;
}

enum store_status append_frame_bytes(struct store *store, uint64_t number, const void *bytes, size_t size,
                                     int64_t deadline_ns, struct store_error *said)
{
    enum store_status appended = store->ops->append(store, number, bytes, size, deadline_ns, said);
    return appended == STORE_UNKNOWN ? settle(store, number, bytes, size, said) : appended;
}

enum store_status settle_work(struct fig_engine *engine, struct store_error *said)
{
    enum store_status settled =
        settle(engine->store, engine->head.number, engine->frame.bytes, engine->frame.size, said);
    if (settled == STORE_OK) follow_frame(engine);
    return settled;
}

enum store_status append_work(struct fig_engine *engine, uint64_t first_seq, size_t requests, int64_t deadline_ns,
                              struct store_error *said)
{
    finish_frame(engine, first_seq);
    int64_t began_ns = monotonic_ns();
    enum store_status appended = append_frame_bytes(engine->store, engine->head.number, engine->frame.bytes,
                                                    engine->frame.size, deadline_ns, said);
    if (appended != STORE_OK) return appended;
    metrics_count_commit(engine, requests, engine->frame.size, monotonic_ns() - began_ns);
    follow_frame(engine);
    return STORE_OK;
}
