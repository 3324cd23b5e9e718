/* Benches of slots, next free and full bookings, against SQLite on the same data. Each prints its figures through
 * figures.h. */
#ifndef FIG_BENCH_MICRO_SLOTS_H
#define FIG_BENCH_MICRO_SLOTS_H

#include "bench/figures.h"

/* A day's slots for one barber, 50 and 1,000; the next free start of 10,000; a booking with six rules, in memory and
 * durable. Both sides' answers are compared before anything is timed. Nonzero when they differ or something failed. */
int micro_slots(struct figures *figures, const char *directory, unsigned rounds);

#endif
