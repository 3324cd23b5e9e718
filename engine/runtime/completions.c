/* Writes that nobody waits for: fig_submit() hands one in, fig_complete() tells what became of those that are done, and
 * one descriptor says when there is something to be told: a timer, which is set to a time that has passed when one is
 * done, and else to the first deadline. So callers are told by their deadlines even when the committer hangs. */
#include "engine/runtime/committer.h"
#include "engine/runtime/metrics.h"

#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

void completions_begin(struct completions *completions)
{
    memset(completions, 0, sizeof *completions);
    pthread_mutex_init(&completions->mutex, NULL);
    completions->fd = -1;
    completions->alarm_ns = INT64_MAX;
}

/* What was done and never asked for. Nothing flies any more. */
void completions_end(struct completions *completions, const struct nodes_allocator *allocator)
{
    while (completions->done != NULL) {
        struct submission *submission = completions->done;
        completions->done = submission->flying_after;
        submission_free(submission, allocator);
    }
    if (completions->fd >= 0) close(completions->fd);
    pthread_mutex_destroy(&completions->mutex);
}

/* --- under the mutex --- */

static void set_timer(const struct completions *completions)
{
    if (completions->fd < 0) return;
    int64_t at_ns = completions->done != NULL ? 1 : completions->alarm_ns;
    struct itimerspec timer = {{0}, {0}};
    if (at_ns < INT64_MAX)
        timer.it_value = (struct timespec){.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000};
    timerfd_settime(completions->fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void add_flying(struct completions *completions, struct submission *submission)
{
    submission->flying_before = NULL;
    submission->flying_after = completions->flying;
    if (completions->flying != NULL) completions->flying->flying_before = submission;
    completions->flying = submission;
    if (submission->writing.deadline_ns >= completions->alarm_ns) return;
    completions->alarm_ns = submission->writing.deadline_ns;
    if (completions->done == NULL) set_timer(completions);
}

static void drop_flying(struct completions *completions, struct submission *submission)
{
    if (submission->flying_before != NULL)
        submission->flying_before->flying_after = submission->flying_after;
    else
        completions->flying = submission->flying_after;
    if (submission->flying_after != NULL) submission->flying_after->flying_before = submission->flying_before;
}

static void add_done(struct completions *completions, struct submission *submission)
{
    submission->flying_after = NULL;
    bool rings = completions->done != NULL;
    if (rings)
        completions->done_last->flying_after = submission;
    else
        completions->done = submission;
    completions->done_last = submission;
    if (!rings) set_timer(completions);
}

bool completions_settle(struct completions *completions, struct submission *submission)
{
    pthread_mutex_lock(&completions->mutex);
    bool wanted = submission_moves(submission, SUBMISSION_TAKEN, SUBMISSION_DONE);
    if (wanted) {
        drop_flying(completions, submission);
        add_done(completions, submission);
    }
    pthread_mutex_unlock(&completions->mutex);
    return wanted;
}

/* --- submitting --- */

fig_ticket fig_ticket_default(void) { return (fig_ticket){.struct_size = sizeof(fig_ticket)}; }

fig_completion fig_completion_default(void)
{
    return (fig_completion){.struct_size = sizeof(fig_completion), .outcome = fig_outcome_default()};
}

/* submission_new() reads no list of an outcome, only how much room there is. */
static struct submission *copy_in(struct fig_engine *engine, const fig_request *request, const fig_ticket *ticket)
{
    fig_appointment no_other;
    fig_broken_rule no_rule;
    fig_outcome outcome = fig_outcome_default();
    outcome.others = &no_other;
    outcome.others_capacity = ticket->others_capacity;
    outcome.rules = &no_rule;
    outcome.rules_capacity = ticket->rules_capacity;
    struct submission *submission = submission_new(&engine->allocator, request, &outcome, 1);
    if (submission == NULL) return NULL;
    submission->unattended = true;
    submission->user = ticket->user;
    submission->began_ns = monotonic_ns();
    submission->writing.deadline_ns = deadline_of(request, 1);
    return submission;
}

static fig_status fly(struct committer *committer, struct submission *submission)
{
    pthread_mutex_lock(&committer->completions.mutex);
    add_flying(&committer->completions, submission);
    bool put = queue_put(&committer->queue, submission, 0);
    if (!put) drop_flying(&committer->completions, submission);
    pthread_mutex_unlock(&committer->completions.mutex);
    if (put) return FIG_OK;
    submission_free(submission, &committer->engine->allocator);
    metrics_count_queue_refusal(committer->engine);
    return FIG_BUSY;
}

static fig_status submit(struct fig_engine *engine, const fig_request *request, const fig_ticket *ticket)
{
    struct committer *committer = engine->committer;
    if (engine_is_forked(engine)) return FIG_FORKED;
    enum breaker_answer answer = guard_ask(engine);
    if (answer == BREAKER_REFUSES) return FIG_UNAVAILABLE;
    struct submission *submission = copy_in(engine, request, ticket);
    fig_status status = submission != NULL ? fly(committer, submission) : FIG_NO_MEMORY;
    if (answer == BREAKER_TRIES && status != FIG_OK) note_nothing(engine);
    return status;
}

fig_status fig_submit(fig_engine *engine, const fig_request *request, const fig_ticket *ticket)
{
    fig_ticket none = fig_ticket_default();
    if (ticket == NULL) ticket = &none;
    if (engine == NULL || request == NULL || ticket->struct_size != sizeof *ticket) return FIG_INVALID;
    if (ticket->others_capacity > FIG_TICKET_LIST_MAX || ticket->rules_capacity > FIG_TICKET_LIST_MAX)
        return FIG_INVALID;
    if (engine->options.read_only) return FIG_DENIED;
    return engine->committer != NULL ? submit(engine, request, ticket) : FIG_INVALID;
}

fig_status fig_completion_fd(fig_engine *engine, int *fd)
{
    if (engine == NULL || fd == NULL || engine->committer == NULL) return FIG_INVALID;
    if (engine_is_forked(engine)) return FIG_FORKED;
    struct completions *completions = &engine->committer->completions;
    pthread_mutex_lock(&completions->mutex);
    if (completions->fd < 0) {
        completions->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        set_timer(completions);
    }
    int made = completions->fd;
    pthread_mutex_unlock(&completions->mutex);
    if (made < 0) return FIG_UNAVAILABLE;
    *fd = made;
    return FIG_OK;
}

/* --- completing: all under the mutex --- */

struct giving {
    struct committer *committer;
    fig_completion *completions;
    size_t capacity;
    size_t count;
};

/* To the next place of the caller's. */
static void give(struct giving *giving, const struct submission *submission)
{
    fig_completion *to = &giving->completions[giving->count++];
    to->user = submission->user;
    outcome_give(&submission->writing.outcomes[0], &to->outcome);
}

/* Until it was told of. */
static void count_call(const struct giving *giving, const struct submission *submission, const fig_outcome *outcome)
{
    metrics_count_call(giving->committer->engine, submission->writing.requests, outcome, 1, submission->began_ns,
                       submission->writing.deadline_ns);
}

static void give_done(struct giving *giving)
{
    struct completions *completions = &giving->committer->completions;
    while (completions->done != NULL && giving->count < giving->capacity) {
        struct submission *submission = completions->done;
        completions->done = submission->flying_after;
        give(giving, submission);
        count_call(giving, submission, &submission->writing.outcomes[0]);
        submission_free(submission, &giving->committer->engine->allocator);
    }
}

static void give_fault(struct giving *giving, const struct submission *submission, fig_status status)
{
    fig_completion *to = &giving->completions[giving->count++];
    to->user = submission->user;
    outcome_tell(giving->committer->engine, &to->outcome, status, NULL, fig_status_text(status));
    count_call(giving, submission, &to->outcome);
}

/* Under the mutex nothing that flies can become done; so it waits or was taken. */
static void give_late(struct giving *giving, struct submission *submission)
{
    struct committer *committer = giving->committer;
    if (submission_moves(submission, SUBMISSION_WAITING, SUBMISSION_WITHDRAWN)) {
        queue_withdraw(&committer->queue, submission);
        note_nothing(committer->engine);
        drop_flying(&committer->completions, submission);
        give_fault(giving, submission, FIG_BUSY);
        submission_free(submission, &committer->engine->allocator);
        return;
    }
    if (!submission_moves(submission, SUBMISSION_TAKEN, SUBMISSION_ABANDONED)) return;
    drop_flying(&committer->completions, submission);
    give_fault(giving, submission, FIG_UNKNOWN);
}

static void give_all_late(struct giving *giving)
{
    struct completions *completions = &giving->committer->completions;
    int64_t now_ns = monotonic_ns();
    if (now_ns < completions->alarm_ns) return;
    completions->alarm_ns = INT64_MAX;
    struct submission *after;
    for (struct submission *flying = completions->flying; flying != NULL; flying = after) {
        after = flying->flying_after;
        int64_t deadline_ns = flying->writing.deadline_ns;
        if (deadline_ns <= now_ns && giving->count < giving->capacity)
            give_late(giving, flying);
        else if (deadline_ns < completions->alarm_ns)
            completions->alarm_ns = deadline_ns;
    }
}

fig_status fig_complete(fig_engine *engine, fig_completion *completions, size_t capacity, size_t *count)
{
    if (engine == NULL || completions == NULL || count == NULL || engine->committer == NULL) return FIG_INVALID;
    for (size_t i = 0; i < capacity; i++)
        if (completions[i].struct_size != sizeof completions[i] ||
            completions[i].outcome.struct_size != sizeof completions[i].outcome)
            return FIG_INVALID;
    if (engine_is_forked(engine)) return FIG_FORKED;
    struct completions *own = &engine->committer->completions;
    struct giving giving = {engine->committer, completions, capacity, 0};
    pthread_mutex_lock(&own->mutex);
    give_done(&giving);
    give_all_late(&giving);
    set_timer(own);
    pthread_mutex_unlock(&own->mutex);
    *count = giving.count;
    return FIG_OK;
}
