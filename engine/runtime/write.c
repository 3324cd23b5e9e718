/* Writing: request -> decide -> append -> publish, for one request, for many in one commit, for a batch.
 *
 * A commit takes the engine's writer and then the store's turn, both by the deadline; takes in what others wrote;
 * decides each request against the version under work and applies its events there; appends one frame, which is durable
 * when the store says so; and publishes. Whatever fails before that leaves nothing behind. */
#include "engine/runtime/engine.h"

#include <string.h>

/* A frame that has grown beyond this takes no further request; the rest goes into the next. */
#define FRAME_BYTES_ENOUGH (8 << 20)

struct commit {
    struct fig_engine *engine;
    const fig_request *requests;
    fig_outcome *outcomes;
    size_t count;
    bool all_or_nothing;
    int64_t deadline_ns;
    size_t decided; /* requests that are done with, in this frame or one before */
    size_t first;   /* the first request of this frame */
    struct store_error said;
};

fig_status lock_writer(struct fig_engine *engine, int64_t deadline_ns)
{
    struct timespec until = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
    return pthread_mutex_clocklock(&engine->writer, CLOCK_MONOTONIC, &until) == 0 ? FIG_OK : FIG_BUSY;
}

/* What is told when nothing was judged: no appointment, no list, and this. */
static void tell(const struct fig_engine *engine, fig_outcome *outcome, fig_status status, const char *field,
                 const char *reason)
{
    outcome->status = status;
    outcome->repeated = false;
    outcome->version = atomic_load(&engine->newest_seq);
    outcome->barber_id = 0;
    outcome->appointment = fig_appointment_default();
    outcome->field = field;
    outcome->reason = reason;
    outcome->others_count = 0;
}

/* A fault of the commit is the outcome of every request in it that made sense, of refused ones too: what they were
 * refused for may have been the change of another that now was not made. */
static fig_status fault_commit(struct commit *commit, size_t from, fig_status status)
{
    for (size_t i = from; i < commit->count; i++) {
        if (commit->outcomes[i].status == FIG_INVALID) continue;
        tell(commit->engine, &commit->outcomes[i], status, NULL, fig_status_text(status));
    }
    return status;
}

static void begin_decision(struct fig_engine *engine)
{
    uint64_t salt[2] = {random_next(engine), random_next(engine)};
    decision_begin(&engine->decision, &engine->allocator, engine->work, (const uint8_t *)salt);
}

static fig_status status_of_apply(struct fig_engine *engine, enum apply_status applied)
{
    switch (applied) {
    case APPLY_OK: return FIG_OK;
    case APPLY_NO_MEMORY: return FIG_NO_MEMORY;
    case APPLY_BROKEN: break;
    }
    log_line(engine, 3, "what was decided does not fit the state that it was decided on: run figaro verify");
    return FIG_CORRUPT;
}

/* Applies what was decided and adds it to the frame. */
static fig_status take_decision(struct commit *commit, fig_outcome *outcomes, size_t count)
{
    struct fig_engine *engine = commit->engine;
    const struct decision *decision = &engine->decision;
    if (decision->event_count > 0) {
        struct entry entry = {
            .seq = engine->work->seq + 1,
            .now_s = decision->now_s,
            .operation = (uint8_t)decision->operation,
            .events = decision->events,
            .event_count = decision->event_count,
        };
        if (!frame_add(&engine->frame, &entry)) return FIG_NO_MEMORY;
        struct applying applying = applying_work(engine, engine->work->frame + 1);
        fig_status applied = status_of_apply(engine, apply_entry(&applying, &entry));
        if (applied != FIG_OK) return applied;
    }
    decide_answer(decision, engine->work, outcomes, count);
    return FIG_OK;
}

/* Decides requests until all are, or the frame is long enough. */
static fig_status decide_each(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    while (commit->decided < commit->count && engine->frame.size < FRAME_BYTES_ENOUGH) {
        fig_outcome *outcome = &commit->outcomes[commit->decided];
        begin_decision(engine);
        supply_zone(engine, &commit->requests[commit->decided]);
        decide_request(&engine->decision, &commit->requests[commit->decided], outcome);
        commit->decided++;
        if (outcome->status == FIG_NO_MEMORY) return FIG_NO_MEMORY;
        if (outcome->status != FIG_OK || outcome->repeated) continue;
        fig_status status = take_decision(commit, outcome, 1);
        if (status != FIG_OK) return status;
    }
    return FIG_OK;
}

static fig_status decide_together(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    begin_decision(engine);
    fig_status status = decide_batch(&engine->decision, commit->requests, commit->count, commit->outcomes);
    commit->decided = commit->count;
    if (status == FIG_NO_MEMORY) return status;
    if (status != FIG_OK || commit->outcomes[0].repeated) return FIG_OK;
    return take_decision(commit, commit->outcomes, commit->count);
}

static void finish_frame(struct fig_engine *engine, struct frame_head *head)
{
    *head = (struct frame_head){
        .number = engine->work->frame + 1,
        .first_seq = newest(engine)->seq + 1,
        .before = engine->work->chain,
        .nonce = {random_next(engine), random_next(engine)},
        .state = engine->work->digest,
    };
    frame_finish(&engine->frame, head);
}

/* Finds out about an append that the store could not vouch for. */
static enum store_status settle(struct commit *commit, uint64_t number)
{
    struct fig_engine *engine = commit->engine;
    bool written = false;
    enum store_status settled = engine->store->ops->settle(engine->store, number, engine->frame.bytes,
                                                           engine->frame.size, &written, &commit->said);
    if (settled != STORE_OK) return STORE_UNKNOWN;
    return written ? STORE_OK : STORE_IO;
}

static enum store_status append(struct commit *commit, const struct frame_head *head)
{
    struct fig_engine *engine = commit->engine;
    enum store_status appended = engine->store->ops->append(engine->store, head->number, engine->frame.bytes,
                                                            engine->frame.size, commit->deadline_ns, &commit->said);
    return appended == STORE_UNKNOWN ? settle(commit, head->number) : appended;
}

/* One frame: from the first undecided request on, as far as it goes. STORE_BEHIND: another writer was faster. */
static enum store_status commit_frame(struct commit *commit, fig_status *status)
{
    struct fig_engine *engine = commit->engine;
    commit->first = commit->decided;
    *status = begin_work(engine);
    if (*status != FIG_OK) return STORE_OK;
    frame_begin(&engine->frame);
    *status = commit->all_or_nothing ? decide_together(commit) : decide_each(commit);
    if (*status != FIG_OK || engine->frame.entry_count == 0) {
        abandon_work(engine);
        return STORE_OK;
    }
    struct frame_head head;
    finish_frame(engine, &head);
    enum store_status appended = append(commit, &head);
    if (appended == STORE_OK) {
        engine->work->frame = head.number;
        engine->work->chain = head.hash;
        publish_work(engine);
    } else {
        abandon_work(engine);
        if (appended != STORE_BEHIND) *status = status_of_store(appended);
    }
    return appended;
}

static fig_status catch_up_logged(struct commit *commit)
{
    fig_error error = fig_error_default();
    fig_status status = catch_up(commit->engine, commit->deadline_ns, &error);
    if (status != FIG_OK) log_line(commit->engine, 3, "%s", error.message);
    return status;
}

/* In the store's turn: catch up, then frame after frame. */
static fig_status commit_all(struct commit *commit)
{
    while (commit->decided < commit->count) {
        fig_status status = catch_up_logged(commit);
        if (status != FIG_OK) return fault_commit(commit, commit->decided, status);
        if (monotonic_ns() > commit->deadline_ns) return fault_commit(commit, commit->decided, FIG_BUSY);
        enum store_status appended = commit_frame(commit, &status);
        if (appended == STORE_BEHIND)
            commit->decided = commit->first;
        else if (status != FIG_OK)
            return fault_commit(commit, commit->first, status);
    }
    return FIG_OK;
}

static fig_status run(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    fig_status status = lock_writer(engine, commit->deadline_ns);
    if (status != FIG_OK) return fault_commit(commit, 0, status);
    enum store_status begun = engine->store->ops->begin(engine->store, commit->deadline_ns, &commit->said);
    if (begun == STORE_OK) {
        status = commit_all(commit);
        if (checkpoint_is_due(engine, commit->deadline_ns)) write_checkpoint_aside(engine);
        engine->store->ops->end(engine->store);
    } else {
        status = fault_commit(commit, 0, status_of_store(begun));
    }
    if (commit->said.message[0] != '\0' && status != FIG_OK) log_line(engine, 3, "%s", commit->said.message);
    pthread_mutex_unlock(&engine->writer);
    return status;
}

/* When the first of the requests wants its answer. */
static int64_t earliest_deadline_ns(const fig_request *requests, size_t count)
{
    int64_t shortest_ns = INT64_MAX, now_ns = monotonic_ns();
    for (size_t i = 0; i < count; i++) {
        int64_t timeout_ns = requests[i].timeout_ns > 0 ? requests[i].timeout_ns : DEFAULT_TIMEOUT_NS;
        if (timeout_ns < shortest_ns) shortest_ns = timeout_ns;
    }
    return shortest_ns < INT64_MAX - now_ns ? now_ns + shortest_ns : INT64_MAX;
}

static fig_status write_all(struct fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes,
                            bool all_or_nothing)
{
    if (engine == NULL || requests == NULL || outcomes == NULL || count == 0 || count > FIG_BATCH_MAX)
        return FIG_INVALID;
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].struct_size != sizeof outcomes[i]) return FIG_INVALID;
    for (size_t i = 0; i < count; i++) outcomes[i].status = FIG_OK; /* not yet found invalid */
    struct commit commit = {
        .engine = engine,
        .requests = requests,
        .outcomes = outcomes,
        .count = count,
        .all_or_nothing = all_or_nothing,
        .deadline_ns = earliest_deadline_ns(requests, count),
    };
    if (engine->options.read_only) return fault_commit(&commit, 0, FIG_DENIED);
    return run(&commit);
}

fig_status fig_write(fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes)
{
    return write_all(engine, requests, count, outcomes, false);
}

fig_status fig_batch(fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes)
{
    fig_status status = write_all(engine, requests, count, outcomes, true);
    for (size_t i = 0; i < count && status == FIG_OK; i++) {
        if (outcomes[i].status != FIG_OK && outcomes[i].status != FIG_NOT_DONE) status = outcomes[i].status;
    }
    return status;
}

fig_status write_one(struct fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    fig_status status = write_all(engine, request, 1, outcome, false);
    return status != FIG_OK ? status : outcome->status;
}

/* The wrappers only make sure that the request is of their kind. */
static fig_status write_kind(fig_engine *engine, const fig_request *request, fig_outcome *outcome, fig_operation from,
                             fig_operation to)
{
    if (engine == NULL || request == NULL || outcome == NULL || outcome->struct_size != sizeof *outcome)
        return FIG_INVALID;
    if (request->operation >= from && request->operation <= to) return write_one(engine, request, outcome);
    tell(engine, outcome, FIG_INVALID, "operation", "the request is of another kind than the function that was called");
    return FIG_INVALID;
}

fig_status fig_book(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_BOOK, FIG_OP_BOOK);
}

fig_status fig_hold(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_HOLD, FIG_OP_HOLD);
}

fig_status fig_confirm(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_CONFIRM, FIG_OP_CONFIRM);
}

fig_status fig_move(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_MOVE, FIG_OP_MOVE);
}

fig_status fig_set_status(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_SET_STATUS, FIG_OP_SET_STATUS);
}

fig_status fig_declare(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_OPEN_WINDOW, FIG_OP_DECLARE_ZONE);
}
