/* A histogram of numbers over many orders of magnitude: each power of two is cut into eight buckets of equal width, so
 * that a number is known to an eighth of itself, from 0 to 2^42 (an hour and a quarter in nanoseconds; more counts as
 * that).
 *
 *   histogram_add      one atomic addition each to a bucket and to the sum   any thread
 *   histogram_merge    adds one to another                                   O(buckets)
 *   histogram_share    the number that a share of all do not exceed          O(buckets)
 *
 * Several of one kind, each used by few threads, are merged when somebody asks. */
#ifndef FIG_RUNTIME_HISTOGRAM_H
#define FIG_RUNTIME_HISTOGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_PARTS_LOG2 3
#define HISTOGRAM_PARTS      (1 << HISTOGRAM_PARTS_LOG2)
#define HISTOGRAM_TOP_LOG2   42
#define HISTOGRAM_BUCKETS    ((HISTOGRAM_TOP_LOG2 - HISTOGRAM_PARTS_LOG2 + 1) * HISTOGRAM_PARTS)

struct histogram {
    _Atomic uint64_t sum;
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Merged: of one thread. */
struct histogram_sum {
    uint64_t count;
    uint64_t sum;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Which bucket a number belongs to, and the largest number of a bucket. */
size_t histogram_bucket(uint64_t number);
uint64_t histogram_bucket_top(size_t bucket);

void histogram_add(struct histogram *histogram, uint64_t number);
void histogram_merge(const struct histogram *histogram, struct histogram_sum *into);
/* The top of the bucket in which the number lies that `of_thousand` in a thousand do not exceed; 0 when there is none.
 */
uint64_t histogram_share(const struct histogram_sum *sum, unsigned of_thousand);
/* How many are below 2^log2. Exact. */
uint64_t histogram_below(const struct histogram_sum *sum, unsigned log2);

#endif
