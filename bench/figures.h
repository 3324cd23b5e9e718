/* Figures: samples of two things measured in turn, and how they are told: the median, the spread, and the median of the
 * ratios round by round, which stays true while the machine's speed wanders. */
#ifndef FIG_BENCH_FIGURES_H
#define FIG_BENCH_FIGURES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct figures {
    FILE *json; /* an array of objects */
    FILE *table;
    size_t count;
    size_t missed; /* aims that were not met */
};

/* What a figure is held against; a figure without an aim has aim 0. */
struct figure {
    const char *name;
    const char *unit;
    const char *baseline;  /* what the other one is, NULL: there is none */
    const double *samples; /* by round */
    const double *baseline_samples;
    size_t count;
    double aim;       /* of the ratio (or of the median, without a baseline); 0: none */
    int aim_is_least; /* the aim is a lower bound, not an upper one */
};

void figures_begin(struct figures *figures, FILE *json, FILE *table);
void figures_add(struct figures *figures, const struct figure *figure);
void figures_end(struct figures *figures);

/* CLOCK_MONOTONIC, ns. */
int64_t clock_ns(void);
/* ns of processor time that this thread has had: other programs on the machine do not count. */
int64_t thread_ns(void);

#endif
