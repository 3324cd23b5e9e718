/* Nonces, salts and the seed of hashes: from the system once, then a generator (splitmix64 on two states). */
#include "engine/runtime/engine.h"

#include <sys/random.h>

void random_seed(struct fig_engine *engine)
{
    uint64_t seed = engine->options.random_seed;
    engine->random[0] = seed;
    engine->random[1] = ~seed;
    if (seed != 0) return;
    if (getrandom(engine->random, sizeof engine->random, 0) == (ssize_t)sizeof engine->random) return;
    engine->random[0] = (uint64_t)monotonic_ns(); /* no entropy to be had: distinct will have to do */
    engine->random[1] = (uint64_t)(uintptr_t)engine;
}

static uint64_t step(uint64_t *state)
{
    uint64_t mixed = (*state += UINT64_C(0x9E3779B97F4A7C15));
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

uint64_t random_next(struct fig_engine *engine)
{
    uint64_t a = step(&engine->random[0]);
    return a ^ (step(&engine->random[1]) << 1);
}
