/* The limits of engine/figaro.h as questions, for what comes from requests and from the disk alike. */
#ifndef FIG_CORE_LIMITS_H
#define FIG_CORE_LIMITS_H

#include "engine/figaro.h"

static inline bool instant_is_sound(int64_t instant_s)
{
    return instant_s >= FIG_TIME_MIN && instant_s <= FIG_TIME_MAX;
}

static inline bool span_is_sound(int64_t start_s, int64_t duration_s)
{
    return instant_is_sound(start_s) && duration_s >= 1 && duration_s <= FIG_DURATION_MAX &&
           start_s <= FIG_TIME_MAX - duration_s;
}

static inline bool buffers_are_sound(uint32_t before_s, uint32_t after_s)
{
    return before_s <= FIG_BUFFER_MAX && after_s <= FIG_BUFFER_MAX;
}

#endif
