/* What is right: the town's active appointments in plain sorted arrays. Every contender's answers are held against it,
 * and what is asked of them is drawn here, the same for all. */
#ifndef FIG_BENCH_TRUTH_H
#define FIG_BENCH_TRUTH_H

#include "bench/contender.h"
#include "bench/load/town.h"

struct truth_span {
    int64_t start_s;
    int64_t end_s;
};

struct truth {
    struct town town;
    uint64_t active;
    size_t *first;            /* by barber: where its spans begin; one more at the end */
    struct truth_span *spans; /* by barber, by start, never overlapping */
    int32_t end_day;          /* the first day that nothing was loaded on */
};

/* False: no memory. */
bool truth_make(struct truth *truth, const struct town *town);
void truth_free(struct truth *truth);

bool truth_taken(const struct truth *truth, uint64_t barber_id, int64_t start_s, int64_t end_s);
void truth_day(const struct truth *truth, uint64_t barber_id, int32_t day, struct day_marks *marks);

/* A question about a loaded day: a barber, a start on a grid of five minutes, a length as the offices have them. */
struct request truth_draw(const struct truth *truth, struct draw *draw);
/* The nth time of a lane that nobody has: on the slots of days after the loaded ones, barbers in no order. Two lanes, 0
 * and 1, never meet. */
struct request truth_fresh(const struct truth *truth, unsigned lane, uint64_t n);

#endif
