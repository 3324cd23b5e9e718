/* The report's cache of availability, as far as it can be judged without running it: lists are kept for a time and
 * never invalidated (its patterns match no key). How often is a list found, and how often is what was found no longer
 * true?
 *
 * A simulation on a clock of its own, seeded: people look at the day of one barber, as far ahead as the offices' lead
 * times say, so many times a second; one look in ten ends in a booking of that day, which changes its list. */
#ifndef FIG_BENCH_CACHE_H
#define FIG_BENCH_CACHE_H

#include "bench/load/town.h"

struct cache_plan {
    uint64_t seed;
    uint32_t barbers;
    double looks_s; /* a second */
    double ttl_s;
    uint64_t looks; /* in all; the first third only fills the cache */
};

struct cache_result {
    uint64_t looks; /* that were counted */
    uint64_t hits;
    uint64_t stale; /* hits on a list that a booking had changed since it was made */
};

/* False: no memory. */
bool cache_simulate(const struct cache_plan *plan, struct cache_result *result);

#endif
