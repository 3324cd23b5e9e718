#include "bench/report/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256

void samples_add(struct samples *samples, int64_t ns)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity == 0 ? 4096 : 2 * samples->capacity;
        int64_t *grown = realloc(samples->ns, capacity * sizeof *grown);
        if (grown == NULL) return;
        samples->ns = grown;
        samples->capacity = capacity;
    }
    samples->ns[samples->count++] = ns;
    samples->sorted = false;
}

void samples_add_all(struct samples *samples, const struct samples *others)
{
    for (size_t i = 0; i < others->count; i++) samples_add(samples, others->ns[i]);
}

void samples_free(struct samples *samples)
{
    free(samples->ns);
    *samples = (struct samples){0};
}

static int compare_ns(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int64_t samples_percentile(struct samples *samples, double percent)
{
    if (samples->count == 0) return 0;
    if (!samples->sorted) qsort(samples->ns, samples->count, sizeof *samples->ns, compare_ns);
    samples->sorted = true;
    double rank = ceil(percent / 100 * (double)samples->count - 1e-6); /* 99.9 % of 1,000 are 999 */
    size_t at = rank < 1 ? 0 : (size_t)rank - 1;
    return samples->ns[at < samples->count ? at : samples->count - 1];
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct spread spread_of(const double *values, size_t count)
{
    double sorted[VALUES_MAX];
    if (count > VALUES_MAX) count = VALUES_MAX;
    if (count == 0) return (struct spread){0, 0, 0};
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    double median = count % 2 != 0 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    return (struct spread){median, sorted[0], sorted[count - 1]};
}
