/* The limits of engine/figaro.h as questions, for what comes from requests and from the disk alike. Enumerations are
 * compared upwards alone where they are unsigned to compilers; what is below is not sound either way. */
#ifndef FIG_CORE_LIMITS_H
#define FIG_CORE_LIMITS_H

#include "engine/figaro.h"

static inline bool instant_is_sound(int64_t instant_s)
{
    return instant_s >= FIG_TIME_MIN && instant_s <= FIG_TIME_MAX;
}

/* Versions go on from the largest that was restored: this leaves room for more than will ever be. */
#define RESTORED_VERSION_MAX (UINT64_C(1) << 62)

static inline bool span_is_sound(int64_t start_s, int64_t duration_s)
{
    return instant_is_sound(start_s) && duration_s >= 1 && duration_s <= FIG_DURATION_MAX &&
           start_s <= FIG_TIME_MAX - duration_s;
}

static inline bool buffers_are_sound(uint32_t before_s, uint32_t after_s)
{
    return before_s <= FIG_BUFFER_MAX && after_s <= FIG_BUFFER_MAX;
}

static inline bool day_is_sound(int32_t day) { return day >= FIG_DAY_MIN && day <= FIG_DAY_MAX; }
static inline bool clock_is_sound(uint32_t clock_s) { return clock_s <= 86400; }

static inline bool born_is_sound(int32_t day) { return day == FIG_NO_DAY || day_is_sound(day); }

static inline bool weekly_is_sound(const fig_weekly *weekly)
{
    return weekly->weekday < 7 && weekly->start_s < 86400 && clock_is_sound(weekly->end_s);
}

/* Of a yearly one the dates may be in any order: it may run over New Year. */
static inline bool cut_is_sound(const fig_cut *cut)
{
    bool clocks = cut->whole_days || (cut->start_s < 86400 && clock_is_sound(cut->end_s));
    return day_is_sound(cut->from_day) && day_is_sound(cut->to_day) && clocks &&
           (cut->yearly || cut->from_day <= cut->to_day) && cut->kind <= FIG_CUT_HOLIDAY &&
           cut->state <= FIG_CUT_CANCELLED;
}

static inline bool default_buffer_is_sound(uint32_t buffer_s)
{
    return buffer_s <= FIG_BUFFER_MAX || buffer_s == FIG_BUFFER_DEFAULT;
}

static inline bool offer_is_sound(const fig_offer *offer)
{
    return offer->service_id != 0 && offer->duration_s <= FIG_DURATION_MAX &&
           default_buffer_is_sound(offer->buffer_before_s) && default_buffer_is_sound(offer->buffer_after_s);
}

#define FIG_DAYS_MAX 366000 /* of limits that count days */

/* Its settings; lists are asked for element by element. */
static inline bool schedule_is_sound(const fig_schedule *schedule)
{
    return schedule->grid_s >= FIG_GRID_MIN_S && schedule->grid_s <= FIG_GRID_MAX_S &&
           schedule->lead_s <= FIG_DURATION_MAX && schedule->horizon_days <= FIG_DAYS_MAX &&
           (clock_is_sound(schedule->cutoff_s) || schedule->cutoff_s == FIG_NO_CUTOFF) &&
           schedule->rule_errors <= FIG_RULE_ERRORS_REJECT;
}

static inline bool service_is_sound(const fig_service *service)
{
    return service->duration_s <= FIG_DURATION_MAX &&
           buffers_are_sound(service->buffer_before_s, service->buffer_after_s) &&
           service->kind <= FIG_SERVICE_PATCH_TEST && service->min_advance_s <= FIG_DURATION_MAX &&
           service->max_advance_days <= FIG_DAYS_MAX && service->min_age <= 200 && service->max_age <= 200 &&
           service->patch_test_s <= FIG_DURATION_MAX && service->min_days_between <= FIG_DAYS_MAX &&
           service->blocked_days < 128;
}

static inline bool rule_is_sound(const fig_rule *rule)
{
    return rule->type >= FIG_RULE_MIN_ADVANCE && rule->type <= FIG_RULE_CLIENT_OVERLAP &&
           rule->scope <= FIG_SCOPE_BARBER && rule->limit_s <= FIG_DURATION_MAX && rule->limit_days <= FIG_DAYS_MAX &&
           clock_is_sound(rule->clock_s);
}

#endif
