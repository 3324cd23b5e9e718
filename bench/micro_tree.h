/* Benches of the interval tree and the conflict check, in memory. Each prints its figures through figures.h. */
#ifndef FIG_BENCH_MICRO_TREE_H
#define FIG_BENCH_MICRO_TREE_H

#include "bench/figures.h"

/* Checks, churn and memory of the trees, round by round against a sorted array. Nonzero when memory ran out. */
int micro_tree(struct figures *figures, unsigned rounds);

#endif
