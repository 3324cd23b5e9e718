/* Writing: request -> decide -> append -> publish, for one request, for many in one commit, for a batch.
 *
 * With a committer the requests are handed to it; without one the caller commits them itself. Either way they go
 * through the same turn: commit.c. */
#include "engine/runtime/committer.h"
#include "engine/runtime/metrics.h"

#include <unistd.h>

bool engine_is_forked(const struct fig_engine *engine) { return engine->process != getpid(); }

fig_status lock_writer(struct fig_engine *engine, int64_t deadline_ns)
{
    if (engine_is_forked(engine)) return FIG_FORKED;
    struct timespec until = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
    return pthread_mutex_clocklock(&engine->writer, CLOCK_MONOTONIC, &until) == 0 ? FIG_OK : FIG_BUSY;
}

int64_t deadline_of(const fig_request *requests, size_t count)
{
    int64_t shortest_ns = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        int64_t timeout_ns = requests[i].timeout_ns > 0 ? requests[i].timeout_ns : FIG_TIMEOUT_NS;
        if (timeout_ns < shortest_ns) shortest_ns = timeout_ns;
    }
    return deadline_in(shortest_ns);
}

static fig_status write_here(struct fig_engine *engine, struct writing *writing)
{
    commit_turn(engine, writing, NULL, writing->deadline_ns);
    return writing->status;
}

static fig_status write_guarded(struct fig_engine *engine, struct writing *writing)
{
    enum breaker_answer answer = guard_ask(engine);
    if (answer == BREAKER_REFUSES) {
        writing_fault(engine, writing, 0, FIG_UNAVAILABLE);
        return FIG_UNAVAILABLE;
    }
    fig_status status = engine->committer != NULL ? committer_write(engine, writing) : write_here(engine, writing);
    bool under_way = status == FIG_UNKNOWN; /* it may be: then its commit will tell how the trial went */
    if (answer == BREAKER_TRIES && status != FIG_OK && !under_way) note_nothing(engine);
    return status;
}

static fig_status write_all(struct fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes,
                            bool all_or_nothing)
{
    if (engine == NULL || requests == NULL || outcomes == NULL || count == 0 || count > FIG_BATCH_MAX)
        return FIG_INVALID;
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].struct_size != sizeof outcomes[i]) return FIG_INVALID;
    for (size_t i = 0; i < count; i++) outcomes[i].status = FIG_OK; /* not yet found invalid */
    struct writing writing = {
        .requests = requests,
        .outcomes = outcomes,
        .count = count,
        .all_or_nothing = all_or_nothing,
        .deadline_ns = deadline_of(requests, count),
    };
    int64_t began_ns = monotonic_ns();
    fig_status status = FIG_DENIED;
    if (engine->options.read_only)
        writing_fault(engine, &writing, 0, status);
    else
        status = write_guarded(engine, &writing);
    metrics_count_call(engine, requests, outcomes, count, began_ns, writing.deadline_ns);
    return status;
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
    outcome_tell(engine, outcome, FIG_INVALID, "operation",
                 "the request is of another kind than the function that was called");
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
    return write_kind(engine, request, outcome, FIG_OP_OPEN_WINDOW, FIG_OP_FORGET_CLIENT);
}

fig_status fig_restore(fig_engine *engine, const fig_request *request, fig_outcome *outcome)
{
    return write_kind(engine, request, outcome, FIG_OP_RESTORE, FIG_OP_RESTORE);
}
