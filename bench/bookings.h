/* A made-up but busy town: barbers, and bookings that never conflict, in an order without order. */
#ifndef FIG_BENCH_BOOKINGS_H
#define FIG_BENCH_BOOKINGS_H

#include "engine/figaro.h"

struct bookings {
    uint64_t barbers;
    uint64_t made;    /* bookings given so far */
    uint64_t total;   /* that will be asked for, at most */
    char (*keys)[24]; /* of the requests of one batch */
};

/* Declares the barbers. False: the engine refused. */
bool bookings_begin(struct bookings *bookings, fig_engine *engine, uint64_t barbers, uint64_t total);
/* The next `count` (<= FIG_BATCH_MAX) requests, each with a key of its own; they last until the next call. */
void bookings_next(struct bookings *bookings, fig_request *requests, size_t count);
void bookings_end(struct bookings *bookings);

/* Books `count` appointments in commits of FIG_BATCH_MAX. False: one was refused. */
bool bookings_fill(struct bookings *bookings, fig_engine *engine, uint64_t count);

#endif
