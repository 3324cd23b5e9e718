/* What is measured. Each adds its records to the results, and says on standard error what it does; false: something
 * failed, and the words were said. */
#ifndef FIG_BENCH_MEASURE_H
#define FIG_BENCH_MEASURE_H

#include "bench/measure/stage.h"

#include <jansson.h>

/* Check, availability and whole booking by one client, contenders in turn, round by round; `pinned`: those who are
 * asked over a socket, client and server on one processor. */
struct latency_plan {
    unsigned rounds;
    int64_t slice_ns; /* for each of the three, each round */
    unsigned least;   /* calls of each, each round, however long they take */
};
bool measure_latency(struct stage *stage, const struct latency_plan *plan, json_t *results);
bool measure_pinned(struct stage *stage, const struct latency_plan *plan, json_t *results);

/* Eight clients released together at one slot, over and over, each contender by itself; then the auditor counts. */
#define RACE_CLIENTS 8
struct race_plan {
    unsigned rounds;
    int64_t limit_ns; /* for each contender; fewer rounds are labelled */
    /* Then each moves an appointment of his own to one slot, over and over; 0: not. */
    unsigned move_rounds;
    int64_t move_limit_ns;
};
bool measure_race(const char *directory, const struct town *town, const char *names, const struct race_plan *plan,
                  json_t *results);

/* So many callers at once, each waiting for his own answer before he asks again; see callers.h. */
struct callers_plan {
    unsigned rounds;
    int64_t slice_ns;
    const unsigned *callers; /* at most CONTENDER_MANY; ends with 0 */
};
/* Durable bookings a second; bare LMDB puts the frames that Figaro made. */
bool measure_throughput(struct stage *stage, const struct callers_plan *plan, json_t *results);
/* Conflict checks a second, and how long each takes. */
bool measure_clients(struct stage *stage, const char *names, const struct callers_plan *plan, json_t *results);

/* Checks by one and by two threads, at rest and while a writer commits. */
bool measure_readers(struct stage *stage, unsigned rounds, int64_t slice_ns, json_t *results);

/* Whole bookings that arrive at a rate, whether the ones before are done or not: a latency counts from when the request
 * was to be made. Late is failed. */
struct arrivals_plan {
    double rate_s;
    int64_t budget_ns;
    int64_t length_ns;
};
bool measure_arrivals(struct stage *stage, const char *names, const struct arrivals_plan *plan, json_t *results);

bool measure_startup(const char *directory, const struct town *town, const char *names, unsigned rounds,
                     json_t *results);
bool measure_sizes(struct stage *stage, json_t *results);

/* The disk's sync, the clock, the file system; and which versions were measured. */
bool measure_machine(const char *directory, json_t *results);
bool measure_versions(struct stage *stage, json_t *results);

/* The report's cache, simulated over the town; see bench/load/cache.h. */
bool measure_cache(const struct town *town, json_t *results);

/* The real month of one office, in event order; `sha256` is the digest of the state that it ends in. */
bool measure_office(const char *directory, const char *workload, const char *sha256, const char *names,
                    json_t *results);

#endif
