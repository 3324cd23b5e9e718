/* A circuit breaker: a store that fails again and again is left alone for a while, so that callers are told at once
 * and a sick disk is not hammered. Pure: it is told of attempts, of how they ended, and what time it is.
 *
 *   closed      attempts go through; `limit` failures in a row open it
 *   open        none does, until it has rested for rest_ns
 *   half-open   one attempt, the trial, goes through: success closes, failure opens again
 *
 * A limit of 0 never opens. All operations are O(1). */
#ifndef FIG_RUNTIME_BREAKER_H
#define FIG_RUNTIME_BREAKER_H

#include "engine/figaro.h"

struct breaker {
    uint32_t limit;
    int64_t rest_ns;
    fig_breaker_state state;
    uint32_t failures; /* in a row */
    int64_t opened_ns;
    bool trying; /* half-open: the trial is under way */
    uint64_t openings;
};

struct breaker breaker_new(uint32_t limit, int64_t rest_ns);
/* May an attempt be made now? It may turn the breaker half-open; then this attempt is the trial. */
enum breaker_answer { BREAKER_REFUSES, BREAKER_ADMITS, BREAKER_TRIES };
enum breaker_answer breaker_ask(struct breaker *breaker, int64_t now_ns);
/* What an attempt came to. Each returns whether the state changed. */
bool breaker_succeeded(struct breaker *breaker);
bool breaker_failed(struct breaker *breaker, int64_t now_ns);
/* The attempt told nothing of the store: if it was the trial, another may be made. */
void breaker_learned_nothing(struct breaker *breaker);

#endif
