/* results.json: what was measured, by section, and on what. Everything else (tables, plots, README) is made from it.
 *
 *   latency     contender, rows, barbers, what (check, available, booking), pinned, samples, p50_ns ... max_ns,
 *               rounds (each round's p50), wrong_free, wrong_taken, failed
 *   clients     contender, rows, clients, sessions (that they share), timed_each (one check in so many is timed),
 *               rounds (checks a second), wrong (answers), p50_ns ...
 *   race        contender, rows, clients, rounds, acknowledged, double_bookings (by the auditor), lost
 *   move_race   contender, rows, clients, rounds, acknowledged, doubled_rounds (more than one was told that it moved
 *               there), double_bookings (left, by the auditor), failed, lost
 *   throughput  contender, callers, in_flight, rounds (bookings a second), p50_ns, p99_ns
 *   arrivals    contender, rate, budget_ns, asked, in_time, p50_ns ...
 *   office      contender, accepted, refused, live, sha256 (of its final state), right, onto_taken, onto_itself (what
 *               moves there came to), p50_ns ... of bookings; moves and cancellations: the same of those
 *   startup, sizes, aims */
#ifndef FIG_BENCH_RESULTS_H
#define FIG_BENCH_RESULTS_H

#include "bench/report/samples.h"

#include <jansson.h>

/* An object with what is known of machine and versions; NULL: no memory. json_decref() it. */
json_t *results_begin(const char *plan, const char *command, uint64_t seed);
/* Notes how long it took, from the instant that results_begin() noted. */
void results_end(json_t *results);
/* Takes the record over, into an array of that name. */
void results_add(json_t *results, const char *section, json_t *record);
bool results_write(const json_t *results, const char *path);
/* NULL: it cannot be read or is none; words on standard error. */
json_t *results_read(const char *path);

/* p50 to max, their number, and a curve of percentiles. */
void results_add_samples(json_t *record, struct samples *samples);
/* "rounds": the values; "median", "least", "most". */
void results_add_rounds(json_t *record, const double *values, size_t count);

/* The first record of a section whose fields say so; fields are pairs of a name and a text, numbers as text, and end
 * with NULL. NULL: none. Borrowed. */
const json_t *results_find(const json_t *results, const char *section, const char *const *fields);
#define RESULTS_FIND(results, section, ...) results_find(results, section, (const char *const[]){__VA_ARGS__, NULL})

const char *results_text(const json_t *record, const char *field); /* "" when there is none */
double results_number(const json_t *record, const char *field);    /* NaN when there is none */

#endif
