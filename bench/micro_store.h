/* Benches of a store on the disk. Each prints its figures through figures.h. */
#ifndef FIG_BENCH_MICRO_STORE_H
#define FIG_BENCH_MICRO_STORE_H

#include "bench/figures.h"

#include <stdint.h>

/* Durable bookings a second by batch size 1 to 4096, round by round against bare LMDB puts of the same frames. */
int micro_durable(struct figures *figures, const char *directory, unsigned rounds);

/* Durable bookings a second by 1, 4 and 16 callers at once, through a committer and without, and by one with 256 in
 * flight. */
int micro_callers(struct figures *figures, const char *directory, unsigned rounds);

/* Events of a journal a second, replayed into a store in memory, against a bare scan of that journal. */
int micro_replay(struct figures *figures, const char *directory, uint64_t appointments, unsigned rounds);

/* A check with metrics on, against one with metrics off. */
int micro_metrics(struct figures *figures, unsigned rounds);

/* Start-up of a store of that many appointments, with cold and with warm page cache, against a cursor scan by bare LMDB
 * of the same tables. */
int micro_startup(struct figures *figures, const char *directory, uint64_t appointments, unsigned rounds);

#endif
