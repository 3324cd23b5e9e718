/* What is derived from results.json: which towns there are, ratios round by round, aims and the report's claims. */
#ifndef FIG_BENCH_FIGURES_OF_H
#define FIG_BENCH_FIGURES_OF_H

#include "bench/report/results.h"

#include <stdio.h>

/* The most rows that checks were measured at; 0: none. */
double figures_rows(const json_t *results);
/* The records of a section; an empty list when there is none. */
size_t figures_count(const json_t *results, const char *section);
const json_t *figures_at(const json_t *results, const char *section, size_t index);

/* A latency record, not pinned. NULL: none. */
const json_t *figures_latency(const json_t *results, const char *contender, const char *what, double rows);
/* The contender's title; its name when it has none. */
const char *figures_title(const json_t *results, const char *contender);

/* By rounds: the one's over the other's. False: not both were measured. */
bool figures_ratio(const json_t *one, const json_t *other, struct spread *ratio);

/* Where README and the claims show success: bookings a second, and a budget in s. */
#define README_RATE_S   50.0
#define README_BUDGET_S 1.0

/* Whole bookings at this rate with this budget. NULL: none. */
const json_t *figures_arrivals(const json_t *results, const char *contender, double rate_s, double budget_s);

/* The tables of what was to be shown and of what the report claims. */
void aims_write(FILE *file, const json_t *results);
void claims_write(FILE *file, const json_t *results);

#endif
