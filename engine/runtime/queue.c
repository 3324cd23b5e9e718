#include "engine/runtime/queue.h"

#include "engine/runtime/copy.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void init_clocked(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* False: the deadline has passed. */
static bool sleep_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns)
{
    struct timespec until = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
    return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT;
}

/* --- submissions --- */

static void copy_outcomes(struct copying *copying, const fig_outcome *outcomes, size_t count, fig_outcome *copies)
{
    for (size_t i = 0; i < count; i++) {
        size_t others = outcomes[i].others != NULL ? outcomes[i].others_capacity : 0;
        size_t rules = outcomes[i].rules != NULL ? outcomes[i].rules_capacity : 0;
        fig_appointment *others_room = copying_room(copying, others * sizeof *others_room);
        fig_broken_rule *rules_room = copying_room(copying, rules * sizeof *rules_room);
        if (copies == NULL) continue;
        copies[i] = fig_outcome_default();
        copies[i].others = others > 0 ? others_room : NULL;
        copies[i].others_capacity = others;
        copies[i].rules = rules > 0 ? rules_room : NULL;
        copies[i].rules_capacity = rules;
    }
}

/* The submission, its outcomes with their lists, and its requests: one piece of memory. */
static struct submission *lay_out(struct copying *copying, const fig_request *requests, const fig_outcome *outcomes,
                                  size_t count)
{
    struct submission *submission = copying_room(copying, sizeof *submission);
    fig_outcome *copies = copying_room(copying, count * sizeof *copies);
    copy_outcomes(copying, outcomes, count, copies);
    fig_request *copied = copy_requests(copying, requests, count);
    if (submission == NULL) return NULL;
    memset(submission, 0, sizeof *submission);
    submission->writing = (struct writing){.requests = copied, .outcomes = copies, .count = count};
    return submission;
}

struct submission *submission_new(const struct nodes_allocator *allocator, const fig_request *requests,
                                  const fig_outcome *outcomes, size_t count)
{
    struct copying copying = {0};
    lay_out(&copying, requests, outcomes, count);
    size_t bytes = copying.size;
    copying = (struct copying){.memory = allocator->allocate(allocator->context, bytes)};
    if (copying.memory == NULL) return NULL;
    struct submission *submission = lay_out(&copying, requests, outcomes, count);
    submission->memory_bytes = bytes;
    return submission;
}

void submission_free(struct submission *submission, const struct nodes_allocator *allocator)
{
    allocator->release(allocator->context, submission, submission->memory_bytes);
}

/* A caller sleeps on the state itself. A condition with its mutex would have him woken to wait for the mutex. */
static void sleep_on_state(struct submission *submission, int state)
{
    int64_t deadline_ns = submission->writing.deadline_ns;
    struct timespec until = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
    syscall(SYS_futex, &submission->state, FUTEX_WAIT_BITSET_PRIVATE, state, &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

/* Once it is done its caller may free it: the address is all that is still passed on, and whoever sleeps on another
 * thing there looks again, as after any waking. */
bool submission_settle(struct submission *submission)
{
    if (!submission_moves(submission, SUBMISSION_TAKEN, SUBMISSION_DONE)) return false;
    syscall(SYS_futex, &submission->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    return true;
}

enum submission_state submission_await(struct submission *submission)
{
    int state;
    while ((state = atomic_load(&submission->state)) != SUBMISSION_DONE) {
        if (monotonic_ns() >= submission->writing.deadline_ns) break;
        sleep_on_state(submission, state);
    }
    if (submission_moves(submission, SUBMISSION_WAITING, SUBMISSION_WITHDRAWN)) return SUBMISSION_WITHDRAWN;
    if (submission_moves(submission, SUBMISSION_TAKEN, SUBMISSION_ABANDONED)) return SUBMISSION_ABANDONED;
    return SUBMISSION_DONE;
}

/* --- the queue --- */

void queue_begin(struct queue *queue, size_t requests_max, size_t bytes_max)
{
    memset(queue, 0, sizeof *queue);
    queue->requests_max = requests_max;
    queue->bytes_max = bytes_max;
    pthread_mutex_init(&queue->mutex, NULL);
    init_clocked(&queue->arrived);
    init_clocked(&queue->left);
}

void queue_end(struct queue *queue)
{
    pthread_cond_destroy(&queue->left);
    pthread_cond_destroy(&queue->arrived);
    pthread_mutex_destroy(&queue->mutex);
}

static bool has_room(const struct queue *queue, const struct submission *submission)
{
    if (queue->first == NULL) return true;
    return queue->requests + submission->writing.count <= queue->requests_max &&
           queue->bytes + submission->memory_bytes <= queue->bytes_max;
}

static void link_last(struct queue *queue, struct submission *submission)
{
    submission->before = queue->last;
    submission->after = NULL;
    if (queue->last != NULL)
        queue->last->after = submission;
    else
        queue->first = submission;
    queue->last = submission;
    queue->requests += submission->writing.count;
    queue->bytes += submission->memory_bytes;
}

static void unlink_one(struct queue *queue, struct submission *submission)
{
    if (submission->before != NULL)
        submission->before->after = submission->after;
    else
        queue->first = submission->after;
    if (submission->after != NULL)
        submission->after->before = submission->before;
    else
        queue->last = submission->before;
    queue->requests -= submission->writing.count;
    queue->bytes -= submission->memory_bytes;
    pthread_cond_broadcast(&queue->left);
}

bool queue_put(struct queue *queue, struct submission *submission, int64_t deadline_ns)
{
    pthread_mutex_lock(&queue->mutex);
    bool early = true;
    while (early && !queue->closing && !has_room(queue, submission))
        early = deadline_ns > 0 && sleep_until(&queue->left, &queue->mutex, deadline_ns);
    bool put = !queue->closing && has_room(queue, submission);
    if (put) link_last(queue, submission);
    pthread_mutex_unlock(&queue->mutex);
    if (put) pthread_cond_signal(&queue->arrived); /* who wakes finds the mutex free */
    return put;
}

/* A late one whose caller waits is left to him: he is about to withdraw it, and knows then that nothing happened. */
static bool may_be_taken(struct submission *submission, int64_t now_ns)
{
    if (atomic_load(&submission->state) != SUBMISSION_WAITING) return false;
    return submission->unattended || now_ns <= submission->writing.deadline_ns;
}

struct submission *queue_take(struct queue *queue, int64_t now_ns)
{
    pthread_mutex_lock(&queue->mutex);
    struct submission *taken = queue->first;
    for (; taken != NULL; taken = taken->after)
        if (may_be_taken(taken, now_ns) && submission_moves(taken, SUBMISSION_WAITING, SUBMISSION_TAKEN)) break;
    if (taken != NULL) unlink_one(queue, taken);
    pthread_mutex_unlock(&queue->mutex);
    return taken;
}

void queue_withdraw(struct queue *queue, struct submission *submission)
{
    pthread_mutex_lock(&queue->mutex);
    unlink_one(queue, submission);
    if (queue->closing) pthread_cond_signal(&queue->arrived);
    pthread_mutex_unlock(&queue->mutex);
}

static bool has_work(const struct queue *queue)
{
    int64_t now_ns = monotonic_ns();
    for (struct submission *waiting = queue->first; waiting != NULL; waiting = waiting->after)
        if (may_be_taken(waiting, now_ns)) return true;
    return false;
}

bool queue_await(struct queue *queue, int64_t until_ns)
{
    pthread_mutex_lock(&queue->mutex);
    bool work, early = true;
    while (!(work = has_work(queue)) && early && !(queue->closing && queue->first == NULL))
        early = sleep_until(&queue->arrived, &queue->mutex, until_ns);
    work = work || !early;
    queue->ended = !work;
    if (!work) pthread_cond_broadcast(&queue->left);
    pthread_mutex_unlock(&queue->mutex);
    return work;
}

size_t queue_length(struct queue *queue)
{
    size_t length = 0;
    pthread_mutex_lock(&queue->mutex);
    for (const struct submission *waiting = queue->first; waiting != NULL; waiting = waiting->after) length++;
    pthread_mutex_unlock(&queue->mutex);
    return length;
}

int64_t queue_earliest_ns(struct queue *queue)
{
    int64_t earliest_ns = INT64_MAX;
    pthread_mutex_lock(&queue->mutex);
    for (const struct submission *waiting = queue->first; waiting != NULL; waiting = waiting->after)
        if (waiting->writing.deadline_ns < earliest_ns) earliest_ns = waiting->writing.deadline_ns;
    pthread_mutex_unlock(&queue->mutex);
    return earliest_ns;
}

bool queue_close(struct queue *queue, int64_t deadline_ns)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closing = true;
    pthread_cond_signal(&queue->arrived);
    bool early = true;
    while (early && !queue->ended) early = sleep_until(&queue->left, &queue->mutex, deadline_ns);
    bool ended = queue->ended;
    if (!ended) queue->closing = false;
    pthread_mutex_unlock(&queue->mutex);
    return ended;
}
