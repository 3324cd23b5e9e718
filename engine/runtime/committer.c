#include "engine/runtime/committer.h"

#include "engine/runtime/metrics.h"

#include <signal.h>
#include <string.h>

/* How long the committer waits for its turn before it looks whether anybody still wants it. */
#define TURN_NS INT64_C(1000000000)

/* --- the thread --- */

static struct writing *take(void *context, int64_t now_ns)
{
    struct committer *committer = context;
    struct submission *submission = queue_take(&committer->queue, now_ns);
    return submission != NULL ? &submission->writing : NULL;
}

static void settle(void *context, struct writing *writing)
{
    struct committer *committer = context;
    struct submission *submission = (struct submission *)writing;
    bool wanted = submission->unattended ? completions_settle(&committer->completions, submission)
                                         : submission_settle(submission);
    if (!wanted) submission_free(submission, &committer->engine->allocator);
}

static int64_t earliest_ns(void *context)
{
    struct committer *committer = context;
    return queue_earliest_ns(&committer->queue);
}

/* The store cannot be used: whoever waits is told so, and need not wait. Who comes after that may find it well again.
 */
static void refuse_all(struct committer *committer, fig_status status)
{
    struct writing *writing;
    size_t waiting = queue_length(&committer->queue);
    note_nothing(committer->engine);
    while (waiting-- > 0 && (writing = take(committer, monotonic_ns())) != NULL) {
        writing_fault(committer->engine, writing, 0, status);
        settle(committer, writing);
    }
}

static void take_turn(struct committer *committer)
{
    struct writing_source source = {take, settle, earliest_ns, committer};
    fig_status status = commit_turn(committer->engine, NULL, &source, monotonic_ns() + TURN_NS);
    if (status != FIG_OK && status != FIG_BUSY) refuse_all(committer, status);
    if (guard_is_open(committer->engine)) refuse_all(committer, FIG_UNAVAILABLE);
    flush_rest(committer->engine);
}

static void *run(void *argument)
{
    struct committer *committer = argument;
    while (queue_await(&committer->queue, flush_wake_ns(committer->engine))) take_turn(committer);
    return NULL;
}

/* Signals are the host's: none is delivered here. */
static int start_thread(struct committer *committer)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&committer->thread, NULL, run, committer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void release(struct committer *committer)
{
    struct fig_engine *engine = committer->engine;
    completions_end(&committer->completions, &engine->allocator);
    queue_end(&committer->queue);
    engine->allocator.release(engine->allocator.context, committer, sizeof *committer);
}

fig_status committer_start(struct fig_engine *engine)
{
    struct committer *committer = engine->allocator.allocate(engine->allocator.context, sizeof *committer);
    if (committer == NULL) return FIG_NO_MEMORY;
    *committer = (struct committer){.engine = engine};
    queue_begin(&committer->queue, engine->options.queue_requests, engine->options.queue_bytes);
    completions_begin(&committer->completions);
    if (start_thread(committer) == 0) {
        engine->committer = committer;
        return FIG_OK;
    }
    release(committer);
    return FIG_UNAVAILABLE;
}

/* In a forked child there is no such thread, and its locks are as they were at the fork: they are left alone. */
bool committer_stop(struct fig_engine *engine, int64_t deadline_ns)
{
    struct committer *committer = engine->committer;
    if (committer == NULL || engine_is_forked(engine)) return true;
    if (!queue_close(&committer->queue, deadline_ns)) return false;
    pthread_join(committer->thread, NULL);
    release(committer);
    engine->committer = NULL;
    return true;
}

/* --- a caller who waits --- */

static void give_list(void *to, const void *from, size_t capacity, size_t count, size_t element_size)
{
    size_t given = count < capacity ? count : capacity;
    if (to != NULL && from != NULL && given > 0) memcpy(to, from, given * element_size);
}

void outcome_give(const fig_outcome *from, fig_outcome *to)
{
    fig_outcome given = *from;
    given.others = to->others;
    given.others_capacity = to->others_capacity;
    given.rules = to->rules;
    given.rules_capacity = to->rules_capacity;
    give_list(given.others, from->others, given.others_capacity, from->others_count, sizeof *from->others);
    give_list(given.rules, from->rules, given.rules_capacity, from->rules_count, sizeof *from->rules);
    *to = given;
}

static fig_status receive(struct fig_engine *engine, struct submission *submission, fig_outcome *outcomes)
{
    fig_status status = submission->writing.status;
    for (size_t i = 0; i < submission->writing.count; i++) outcome_give(&submission->writing.outcomes[i], &outcomes[i]);
    submission_free(submission, &engine->allocator);
    return status;
}

static fig_status fault(struct fig_engine *engine, struct writing *writing, fig_status status)
{
    writing_fault(engine, writing, 0, status);
    return status;
}

static fig_status await(struct committer *committer, struct submission *submission, struct writing *writing)
{
    struct fig_engine *engine = committer->engine;
    switch (submission_await(submission)) {
    case SUBMISSION_ABANDONED: return fault(engine, writing, FIG_UNKNOWN);
    case SUBMISSION_WITHDRAWN:
        queue_withdraw(&committer->queue, submission);
        submission_free(submission, &engine->allocator);
        return fault(engine, writing, FIG_BUSY);
    default: return receive(engine, submission, writing->outcomes);
    }
}

fig_status committer_write(struct fig_engine *engine, struct writing *writing)
{
    struct committer *committer = engine->committer;
    if (engine_is_forked(engine)) return fault(engine, writing, FIG_FORKED);
    struct submission *submission =
        submission_new(&engine->allocator, writing->requests, writing->outcomes, writing->count);
    if (submission == NULL) return fault(engine, writing, FIG_NO_MEMORY);
    submission->writing.all_or_nothing = writing->all_or_nothing;
    submission->writing.deadline_ns = writing->deadline_ns;
    if (queue_put(&committer->queue, submission, writing->deadline_ns)) return await(committer, submission, writing);
    submission_free(submission, &engine->allocator);
    metrics_count_queue_refusal(engine);
    return fault(engine, writing, FIG_BUSY);
}
