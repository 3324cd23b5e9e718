/* Committing: what writers with and without a thread of the engine's own have in common.
 *
 * A writing is one call's requests. A turn takes the engine's writer and the store's turn, takes in what others wrote,
 * and then decides writings, in order, against the version under work. What they come to goes into one frame; it is
 * appended, which makes it durable, and published. Only then are its writings finished.
 *
 * Invariants:
 * 1. A writing is in one place: with its source, in `waiting`, or in `frame`. Only the last one of `waiting` or of
 *    `frame` may have requests that were finished in an earlier frame.
 * 2. Whatever fails before the append leaves nothing behind; then no outcome of that frame stands, refusals included:
 *    what they met may have been the change of another that now was not made.
 * 3. No request is decided after its deadline.
 * 4. The breaker is told how it went before a writing is finished: whoever comes back knows. */
#ifndef FIG_RUNTIME_COMMIT_H
#define FIG_RUNTIME_COMMIT_H

#include "engine/runtime/engine.h"

/* One without requests asks for nothing but that all before it be durable. */
struct writing {
    const fig_request *requests;
    fig_outcome *outcomes;
    size_t count;
    bool all_or_nothing;
    int64_t deadline_ns;
    size_t decided;       /* requests that are done with, in the frame under work or one before */
    size_t first;         /* the first one of the frame under work */
    fig_status status;    /* FIG_OK, or the fault that hit a commit */
    struct writing *next; /* in the list that it is in */
};

/* Where more writings come from, and where they go. */
struct writing_source {
    struct writing *(*take)(void *context, int64_t now_ns);
    void (*finish)(void *context, struct writing *writing); /* its outcomes are final, and it is the source's again */
    int64_t (*earliest_ns)(void *context);                  /* the first deadline of those that it still has */
    void *context;
};

/* One turn: `given` (NULL: none) and, with a source, what it has, as far as one frame goes. Whatever was begun is
 * finished. Returns the fault that kept the turn from being taken, or FIG_OK; `given` then has it as its own. */
fig_status commit_turn(struct fig_engine *engine, struct writing *given, const struct writing_source *source,
                       int64_t deadline_ns);

/* Makes a fault the outcome of the requests from `from` on that made sense, and of the writing. */
void writing_fault(struct fig_engine *engine, struct writing *writing, size_t from, fig_status status);

/* What is told when nothing was judged: no appointment, no list, and this. */
void outcome_tell(struct fig_engine *engine, fig_outcome *outcome, fig_status status, const char *field,
                  const char *reason);

#endif
