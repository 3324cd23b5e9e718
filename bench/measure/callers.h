/* Callers: threads who each wait for their own answer before they ask again, at most CONTENDER_MANY of them. Each has a
 * session of its own; where the contender cannot have so many, they share what it has, and waiting for one counts. */
#ifndef FIG_BENCH_CALLERS_H
#define FIG_BENCH_CALLERS_H

#include "bench/measure/stage.h"
#include "bench/report/samples.h"

#include <pthread.h>

struct pool {
    struct session *sessions[CONTENDER_MANY];
    size_t free;
    pthread_mutex_t lock;
    pthread_cond_t given;
};

/* So many sessions, or as many as the contender can have. False: one cannot be made; pool_empty() in any case. */
bool pool_fill(struct pool *pool, struct entrant *entrant, size_t wanted);
void pool_empty(struct pool *pool, struct entrant *entrant);

struct caller;

/* What every caller does, over and over, until the round is over: it counts what it asked, and its failures. */
typedef void ask_once(struct caller *caller);

struct round {
    struct stage *stage;
    struct entrant *entrant;
    struct pool *pool;
    ask_once *ask;
    const void *asked; /* the measure's own */
    bool shared;
    uint64_t run; /* which of the measure's runs it is: callers draw from it */
    _Atomic bool over;
    uint64_t wrong; /* of all its callers so far */
};

/* On lines of the cache of its own: callers count at the same time. */
struct caller {
    _Alignas(128) struct round *round;
    struct session *session; /* its own, when they are not shared */
    struct samples samples;
    size_t at;        /* the measure's own; at first its number, from 0 */
    struct draw draw; /* its own */
    uint64_t done;
    uint64_t failed;
    uint64_t wrong;
    pthread_t thread;
};

struct session *caller_take(struct caller *caller);
void caller_give(struct caller *caller, struct session *session);

/* What they did, each second. Negative: one failed. */
double callers_run(struct round *round, unsigned count, int64_t slice_ns, struct samples *samples);

#endif
