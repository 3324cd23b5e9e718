/* Random numbers that are the same on every machine: splitmix64. */
#ifndef FIG_BENCH_RANDOM_H
#define FIG_BENCH_RANDOM_H

#include <stdint.h>

struct draw {
    uint64_t state;
};

static inline uint64_t draw_next(struct draw *draw)
{
    uint64_t z = draw->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* One of 0 to limit - 1; limit > 0 and far below 2^64. */
static inline uint64_t draw_below(struct draw *draw, uint64_t limit) { return draw_next(draw) % limit; }

/* In (0, 1]. */
static inline double draw_unit(struct draw *draw) { return (double)((draw_next(draw) >> 11) + 1) * 0x1p-53; }

#endif
