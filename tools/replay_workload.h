/* `figaro replay DIR FILE`: a workload file played into a store. */
#ifndef FIG_TOOLS_REPLAY_WORKLOAD_H
#define FIG_TOOLS_REPLAY_WORKLOAD_H

#include "tools/session.h"

typedef struct workload_order {
    const char *directory; /* in messages; of replay_workload() the store, made when it is missing */
    const char *file;
    const char *acks;     /* a file that is told after each commit how many rows are safe; NULL: none */
    uint64_t batch, skip; /* rows in a commit; rows to pass over */
    bool refusals;        /* journal what is refused, too */
} workload_order;

/* Opens the store, plays, prints what was done and returns the exit code. */
int replay_workload(session *at, const workload_order *order);

/* Plays into the engine that is open and prints nothing but complaints; returns the exit code. */
int replay_workload_into(const session *at, const workload_order *order);

#endif
