/* Times of many calls, and what is said of them. */
#ifndef FIG_BENCH_SAMPLES_H
#define FIG_BENCH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
    int64_t *ns;
    size_t count;
    size_t capacity;
    bool sorted;
};

/* Drops the sample when there is no memory for it. */
void samples_add(struct samples *samples, int64_t ns);
void samples_add_all(struct samples *samples, const struct samples *others);
void samples_free(struct samples *samples);

/* The smallest sample that `percent` of them do not exceed; sorts. 0 when there are none. */
int64_t samples_percentile(struct samples *samples, double percent);

/* p99.9 is told from so many samples on. */
#define SAMPLES_FOR_P999 10000

struct spread {
    double median;
    double least;
    double most;
};

/* Of at most 256 values. */
struct spread spread_of(const double *values, size_t count);

#endif
