#include "engine/runtime/histogram.h"

#define TOP ((UINT64_C(1) << HISTOGRAM_TOP_LOG2) - 1)

static unsigned log2_of(uint64_t number) { return 63 - (unsigned)__builtin_clzll(number); }

/* Below 8 a bucket holds one number. Above, the three bits after the first one say which part of its power of two. */
size_t histogram_bucket(uint64_t number)
{
    if (number < HISTOGRAM_PARTS) return (size_t)number;
    if (number > TOP) number = TOP;
    unsigned shift = log2_of(number) - HISTOGRAM_PARTS_LOG2;
    return (size_t)(shift * HISTOGRAM_PARTS + (number >> shift));
}

uint64_t histogram_bucket_top(size_t bucket)
{
    if (bucket < 2 * HISTOGRAM_PARTS) return bucket;
    unsigned shift = (unsigned)(bucket / HISTOGRAM_PARTS) - 1;
    uint64_t part = bucket % HISTOGRAM_PARTS + HISTOGRAM_PARTS;
    return ((part + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t number)
{
    atomic_fetch_add_explicit(&histogram->buckets[histogram_bucket(number)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, number, memory_order_relaxed);
}

void histogram_merge(const struct histogram *histogram, struct histogram_sum *into)
{
    into->sum += atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        into->buckets[i] += count;
        into->count += count;
    }
}

uint64_t histogram_share(const struct histogram_sum *sum, unsigned of_thousand)
{
    if (sum->count == 0) return 0;
    uint64_t wanted = (sum->count * of_thousand + 999) / 1000, seen = 0;
    size_t bucket = 0;
    for (; bucket < HISTOGRAM_BUCKETS - 1; bucket++)
        if ((seen += sum->buckets[bucket]) >= wanted && seen > 0) break;
    return histogram_bucket_top(bucket);
}

uint64_t histogram_below(const struct histogram_sum *sum, unsigned log2)
{
    uint64_t below = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && histogram_bucket_top(i) < UINT64_C(1) << log2; i++)
        below += sum->buckets[i];
    return below;
}
