#include "tools/declared_members.h"

#include "tools/setup_values.h"

#include <stddef.h>

enum { DAYS_MOST = 366000, YEARS_MOST = 200 };

static bool read_time_off(const json_t *value, void *into, reason *why)
{
    ((fig_cut *)into)->kind = FIG_CUT_TIME_OFF;
    return setup_read_cut(value, into, why);
}

static bool read_blackout(const json_t *value, void *into, reason *why)
{
    ((fig_cut *)into)->kind = FIG_CUT_BLACKOUT;
    return setup_read_cut(value, into, why);
}

static bool read_date(const json_t *value, void *into, reason *why)
{
    return json_is_string(value) ? setup_read_single_date(value, into, why) : read_blackout(value, into, why);
}

static bool read_holiday(const json_t *value, void *into, reason *why)
{
    if (json_is_string(value)) return setup_read_holiday(value, into, why);
    ((fig_cut *)into)->kind = FIG_CUT_HOLIDAY;
    return setup_read_cut(value, into, why);
}

static const cut_list time_off = {FIG_CUT_TIME_OFF, false, read_time_off, NULL, 0};
static const cut_list blackouts = {FIG_CUT_BLACKOUT, false, read_blackout, NULL, 0};
static const cut_list holidays = {FIG_CUT_HOLIDAY, false, read_holiday, setup_read_holiday, 5};
static const cut_list rule_dates = {FIG_CUT_BLACKOUT, true, read_date, setup_read_single_date, 0};
static const cut_list rule_holidays = {FIG_CUT_HOLIDAY, true, read_holiday, setup_read_holiday, 5};

#define IN(type, field)          .at = offsetof(type, field)
#define LIST(type, field, count) .at = offsetof(type, field), .count_at = offsetof(type, count)
#define RANGE(from, to)          .least = (from), .most = (to)
#define MINUTES(name_s)          .unit_s = MINUTE_SECONDS, .seconds = (name_s)
#define HOURS(name_s)            .unit_s = HOUR_SECONDS, .seconds = (name_s)

const member declared_offer[] = {
    {"id", ID, IN(fig_offer, service_id)},
    {"minutes", SPAN, IN(fig_offer, duration_s), RANGE(0, FIG_DURATION_MAX), MINUTES("duration_s")},
    {"buffer_before_minutes", SPAN, IN(fig_offer, buffer_before_s), RANGE(0, FIG_BUFFER_MAX),
     MINUTES("buffer_before_s")},
    {"buffer_after_minutes", SPAN, IN(fig_offer, buffer_after_s), RANGE(0, FIG_BUFFER_MAX), MINUTES("buffer_after_s")},
    {"active", DECLINED, IN(fig_offer, declined)},
    {.name = NULL},
};

static const member schedule_members[] = {
    {"hours", WEEKLY, LIST(fig_schedule, weekly, weekly_count)},
    {"time_off", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &time_off},
    {"blackouts", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &blackouts},
    {"holidays", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &holidays},
    {.name = NULL},
};

static const member shop_members[] = {
    {"clip_to_hours", FLAG, IN(fig_schedule, clip_to_hours)},
    {"grid_minutes", SPAN, IN(fig_schedule, grid_s), RANGE(FIG_GRID_MIN_S, FIG_GRID_MAX_S), MINUTES("grid_s")},
    {"lead_minutes", SPAN, IN(fig_schedule, lead_s), RANGE(0, FIG_DURATION_MAX), MINUTES("lead_s")},
    {"horizon_days", NUMBER, IN(fig_schedule, horizon_days), RANGE(0, DAYS_MOST)},
    {"same_day", FLAG, IN(fig_schedule, same_day)},
    {"same_day_cutoff", CLOCK, IN(fig_schedule, cutoff_s)},
    {"on_rule_error", WORD, IN(fig_schedule, rule_errors), .words = SETUP_RULE_ERRORS},
    {.name = NULL, .group = schedule_members},
};

static const member barber_members[] = {
    {"services", OFFERS, LIST(fig_schedule, offers, offer_count), .group = declared_offer},
    {.name = NULL, .group = schedule_members},
};

static const member service_rules[] = {
    {"min_age", NUMBER, IN(fig_service, min_age), RANGE(0, YEARS_MOST)},
    {"max_age", NUMBER, IN(fig_service, max_age), RANGE(0, YEARS_MOST)},
    {"consultation", FLAG, IN(fig_service, consultation)},
    {"patch_test_hours", SPAN, IN(fig_service, patch_test_s), RANGE(0, FIG_DURATION_MAX), HOURS("patch_test_s")},
    {"max_per_day", NUMBER, IN(fig_service, max_per_day), RANGE(0, UINT32_MAX)},
    {"min_days_between", NUMBER, IN(fig_service, min_days_between), RANGE(0, DAYS_MOST)},
    {"blocked_days", DAYS, IN(fig_service, blocked_days), .words = SETUP_DAYS},
    {"requires", IDS, LIST(fig_service, required, required_count)},
    {"incompatible", IDS, LIST(fig_service, incompatible, incompatible_count)},
    {.name = NULL},
};

static const member service_members[] = {
    {"name", NAME, IN(fig_service, name), .most = FIG_NAME_MAX},
    {"minutes", SPAN, IN(fig_service, duration_s), RANGE(0, FIG_DURATION_MAX), MINUTES("duration_s")},
    {"buffer_before_minutes", SPAN, IN(fig_service, buffer_before_s), RANGE(0, FIG_BUFFER_MAX),
     MINUTES("buffer_before_s")},
    {"buffer_after_minutes", SPAN, IN(fig_service, buffer_after_s), RANGE(0, FIG_BUFFER_MAX),
     MINUTES("buffer_after_s")},
    {"active", FLAG, IN(fig_service, active)},
    {"kind", WORD, IN(fig_service, kind), .words = SETUP_KINDS},
    {"min_advance_hours", SPAN, IN(fig_service, min_advance_s), RANGE(0, FIG_DURATION_MAX), HOURS("min_advance_s")},
    {"max_advance_days", NUMBER, IN(fig_service, max_advance_days), RANGE(0, DAYS_MOST)},
    {"rules", GROUP, .group = service_rules},
    {.name = NULL},
};

static const member client_members[] = {
    {"name", NAME, IN(fig_client, name), .most = FIG_NAME_MAX},
    {"born", DATE, IN(fig_client, born_day)},
    {"type", NAME, IN(fig_client, type), .most = FIG_TYPE_MAX},
    {"flags", FLAGS, IN(fig_client, flags), .words = SETUP_CLIENT_FLAGS},
    {.name = NULL},
};

static const member rule_members[] = {
    {"name", NAME, IN(fig_rule, name), .most = FIG_NAME_MAX},
    {"type", TYPE, IN(fig_rule, type)},
    {"params", PARAMS, .at = 0},
    {"applies_to", WORD, IN(fig_rule, scope), .words = "all|shop|client_type|service|barber"},
    {"ids", WHOM, .at = 0},
    {"priority", PRIORITY, IN(fig_rule, priority)},
    {"active", FLAG, IN(fig_rule, active)},
    {.name = NULL},
};

#define LIMIT(unit) SPAN, IN(fig_rule, limit_s), RANGE(0, FIG_DURATION_MAX), unit("limit_s")
#define DATES(list) CUTS, LIST(fig_rule, cuts, cut_count), .cuts = &(list)

static const member params_of[][2] = {
    [FIG_RULE_MIN_ADVANCE] = {{"min_hours", LIMIT(HOURS)}},
    [FIG_RULE_MAX_ADVANCE] = {{"max_days", NUMBER, IN(fig_rule, limit_days), RANGE(0, DAYS_MOST)}},
    [FIG_RULE_MIN_DURATION] = {{"min_minutes", LIMIT(MINUTES)}},
    [FIG_RULE_MAX_DURATION] = {{"max_minutes", LIMIT(MINUTES)}},
    [FIG_RULE_BLACKOUT_DATES] = {{"dates", DATES(rule_dates)}},
    [FIG_RULE_HOLIDAYS] = {{"holidays", DATES(rule_holidays)}},
    [FIG_RULE_SAME_DAY_CUTOFF] = {{"cutoff", CLOCK, IN(fig_rule, clock_s)}},
    [FIG_RULE_BUSINESS_HOURS] = {{"hours", WEEKLY, LIST(fig_rule, weekly, weekly_count)}},
    [FIG_RULE_CLIENT_OVERLAP] = {{.name = NULL}},
};

struct declared declared_new(void)
{
    return (struct declared){fig_schedule_default(), fig_service_default(), fig_client_default(), fig_rule_default()};
}

const member *declared_members(const fig_record *record)
{
    switch (record->kind) {
    case FIG_RECORD_SERVICE: return service_members;
    case FIG_RECORD_CLIENT: return client_members;
    case FIG_RECORD_RULE: return rule_members;
    default: return record->owner == FIG_OWNER_SHOP ? shop_members : barber_members;
    }
}

void *declared_part(struct declared *declared, fig_record_kind kind)
{
    switch (kind) {
    case FIG_RECORD_SERVICE: return &declared->service;
    case FIG_RECORD_CLIENT: return &declared->client;
    case FIG_RECORD_RULE: return &declared->rule;
    default: return &declared->schedule;
    }
}

const fig_offer declared_usual_offer = {.buffer_before_s = FIG_BUFFER_DEFAULT, .buffer_after_s = FIG_BUFFER_DEFAULT};

const member *declared_first(const member *members) { return members->name != NULL ? members : members->group; }

const member *declared_after(const member *of) { return declared_first(of + 1); }

const member *declared_params(fig_rule_type type)
{
    return type >= FIG_RULE_MIN_ADVANCE && type <= FIG_RULE_CLIENT_OVERLAP ? params_of[type] : NULL;
}
