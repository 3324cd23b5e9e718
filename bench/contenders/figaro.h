/* Figaro's engine, for those who submit without waiting and who look at the frames. */
#ifndef FIG_BENCH_CONTENDER_FIGARO_H
#define FIG_BENCH_CONTENDER_FIGARO_H

#include "bench/contender.h"
#include "engine/figaro.h"

fig_engine *figaro_engine(struct base *base);

#endif
