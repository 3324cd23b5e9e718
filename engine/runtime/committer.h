/* The committer: a thread of the engine's own that commits for all callers, so that many share one durable append, and
 * none hangs when the disk does: callers sleep beside it, each to its own deadline.
 *
 * Lock order: completions, then the queue. The committer holds none of them while it commits. */
#ifndef FIG_RUNTIME_COMMITTER_H
#define FIG_RUNTIME_COMMITTER_H

#include "engine/runtime/queue.h"

/* Submissions that nobody waits for. */
struct completions {
    pthread_mutex_t mutex;
    int fd;                    /* a timer: readable when something is done or late; -1: nobody has asked for it */
    struct submission *flying; /* not yet told of, in no order */
    struct submission *done;   /* in order, by flying_after */
    struct submission *done_last;
    int64_t alarm_ns; /* none that flies is late before; INT64_MAX: none flies */
};

struct committer {
    struct fig_engine *engine;
    struct queue queue;
    struct completions completions;
    pthread_t thread;
};

/* committer.c */
fig_status committer_start(struct fig_engine *engine);
/* After this no call may be under way. False: the deadline passed, and it goes on as before. */
bool committer_stop(struct fig_engine *engine, int64_t deadline_ns);
/* As write_all() without a thread: the outcomes are as the caller gave them. */
fig_status committer_write(struct fig_engine *engine, struct writing *writing);
/* Everything but the lists' places and room, and of the lists as much as there is room for. */
void outcome_give(const fig_outcome *from, fig_outcome *to);

/* completions.c */
void completions_begin(struct completions *completions);
void completions_end(struct completions *completions, const struct nodes_allocator *allocator);
/* The committer's, of one that nobody waits for. False: its caller was told otherwise, it is nobody's. */
bool completions_settle(struct completions *completions, struct submission *submission);

#endif
