/* The queue of writings that callers hand to the committer, and the one state that each of them has.
 *
 *   submission_new       copies a call's requests in                  O(bytes), one allocation
 *   queue_put            waits for room, to a deadline                O(1)
 *   queue_take           the first that waits and is not late         O(1), but for late ones ahead of it
 *   queue_withdraw       out of the middle                            O(1)
 *   submission_settle    done, unless its caller has gone             O(1)
 *
 *            take                   settle
 *   WAITING ------> TAKEN ---------------> DONE
 *      |              | the caller's deadline
 *      v              v
 *   WITHDRAWN     ABANDONED
 *
 * Every arrow is a compare-and-swap, so that of the committer and the caller exactly one gets its way, and both know.
 *
 * Invariants:
 * 1. A submission is linked into the queue exactly while it is WAITING, or WITHDRAWN and not yet unlinked by whoever
 *    withdrew it. The links, the counts and `closing` belong to the queue's mutex.
 * 2. Its memory is its caller's in every state but TAKEN and ABANDONED, in which it is the committer's.
 * 3. The committer writes into a submission alone, never into what belongs to a caller.
 * 4. The queue holds at most requests_max requests and bytes_max bytes, or a single larger submission. */
#ifndef FIG_RUNTIME_QUEUE_H
#define FIG_RUNTIME_QUEUE_H

#include "engine/runtime/commit.h"

enum submission_state {
    SUBMISSION_WAITING,
    SUBMISSION_TAKEN,
    SUBMISSION_DONE,
    SUBMISSION_WITHDRAWN,
    SUBMISSION_ABANDONED
};

struct submission {
    struct writing writing; /* first: the committer is given this */
    _Atomic int state;      /* a caller who waits sleeps on it */
    size_t memory_bytes;
    struct submission *before; /* in the queue */
    struct submission *after;

    /* of a caller who does not wait: completions.c */
    bool unattended;
    int64_t began_ns;
    uint64_t user;
    struct submission *flying_before;
    struct submission *flying_after;
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t arrived; /* the committer sleeps on it */
    pthread_cond_t left;    /* whoever found it full, and who closes it */
    struct submission *first;
    struct submission *last;
    size_t requests;
    size_t bytes;
    size_t requests_max;
    size_t bytes_max;
    bool closing; /* nothing more is let in */
    bool ended;   /* the committer has taken the last one and is gone */
};

void queue_begin(struct queue *queue, size_t requests_max, size_t bytes_max);
void queue_end(struct queue *queue);

/* The outcomes say by their capacities how much may be listed. NULL: no memory. */
struct submission *submission_new(const struct nodes_allocator *allocator, const fig_request *requests,
                                  const fig_outcome *outcomes, size_t count);
void submission_free(struct submission *submission, const struct nodes_allocator *allocator);
static inline bool submission_moves(struct submission *submission, int from, int to)
{
    return atomic_compare_exchange_strong(&submission->state, &from, to);
}

/* False: the deadline passed, or the queue is closing. */
bool queue_put(struct queue *queue, struct submission *submission, int64_t deadline_ns);
/* NULL: nothing waits. Late ones of callers who wait are left to them. */
struct submission *queue_take(struct queue *queue, int64_t now_ns);
/* Unlinks what its caller has made WITHDRAWN. */
void queue_withdraw(struct queue *queue, struct submission *submission);
/* Sleeps until something waits that may be taken, or the time has come (INT64_MAX: it never does). False: the queue is
 * closed and empty, and will stay so. */
bool queue_await(struct queue *queue, int64_t until_ns);
/* How many wait. */
size_t queue_length(struct queue *queue);
/* The first deadline of all that wait; INT64_MAX: none waits. */
int64_t queue_earliest_ns(struct queue *queue);
/* Lets nothing more in, and waits until the committer is through. False: the deadline passed, and the queue is as
 * open as before. */
bool queue_close(struct queue *queue, int64_t deadline_ns);

/* Of a caller who waits. The committer's: it is done; true when the caller takes it from here. */
bool submission_settle(struct submission *submission);
/* The caller's: sleeps until it is done or its deadline. The state that it then has for good: DONE, and it is the
 * caller's; WITHDRAWN, and to be unlinked; ABANDONED, and not to be touched again. */
enum submission_state submission_await(struct submission *submission);

#endif
