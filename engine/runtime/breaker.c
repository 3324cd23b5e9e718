#include "engine/runtime/breaker.h"

struct breaker breaker_new(uint32_t limit, int64_t rest_ns)
{
    return (struct breaker){.limit = limit, .rest_ns = rest_ns, .state = FIG_BREAKER_CLOSED};
}

static bool has_rested(const struct breaker *breaker, int64_t now_ns)
{
    return now_ns - breaker->opened_ns >= breaker->rest_ns;
}

enum breaker_answer breaker_ask(struct breaker *breaker, int64_t now_ns)
{
    if (breaker->state == FIG_BREAKER_CLOSED) return BREAKER_ADMITS;
    if (breaker->state == FIG_BREAKER_OPEN) {
        if (!has_rested(breaker, now_ns)) return BREAKER_REFUSES;
        breaker->state = FIG_BREAKER_HALF_OPEN;
        breaker->trying = false;
    }
    if (breaker->trying) return BREAKER_REFUSES;
    breaker->trying = true;
    return BREAKER_TRIES;
}

bool breaker_succeeded(struct breaker *breaker)
{
    bool changed = breaker->state != FIG_BREAKER_CLOSED;
    breaker->state = FIG_BREAKER_CLOSED;
    breaker->failures = 0;
    breaker->trying = false;
    return changed;
}

bool breaker_failed(struct breaker *breaker, int64_t now_ns)
{
    if (breaker->limit == 0) return false;
    if (breaker->failures < UINT32_MAX) breaker->failures++;
    if (breaker->state == FIG_BREAKER_OPEN) return false; /* an attempt from before it opened */
    if (breaker->state == FIG_BREAKER_CLOSED && breaker->failures < breaker->limit) return false;
    breaker->state = FIG_BREAKER_OPEN;
    breaker->opened_ns = now_ns;
    breaker->trying = false;
    breaker->openings++;
    return true;
}

void breaker_learned_nothing(struct breaker *breaker) { breaker->trying = false; }
