/* The names of rules, as setup files and refusals have them. */
#include "engine/figaro.h"

#include <string.h>

static const struct {
    fig_rule_type type;
    const char *name;
} names[] = {
    {FIG_RULE_MIN_ADVANCE, "min_advance_booking"},
    {FIG_RULE_MAX_ADVANCE, "max_advance_booking"},
    {FIG_RULE_MIN_DURATION, "min_duration"},
    {FIG_RULE_MAX_DURATION, "max_duration"},
    {FIG_RULE_BLACKOUT_DATES, "blackout_dates"},
    {FIG_RULE_HOLIDAYS, "holiday_restrictions"},
    {FIG_RULE_SAME_DAY_CUTOFF, "same_day_cutoff"},
    {FIG_RULE_BUSINESS_HOURS, "business_hours"},
    {FIG_RULE_CLIENT_OVERLAP, "client_overlap"},
    {FIG_RULE_PAST, "past"},
    {FIG_RULE_LEAD, "lead"},
    {FIG_RULE_HORIZON, "horizon"},
    {FIG_RULE_SAME_DAY, "same_day"},
    {FIG_RULE_CUTOFF, "shop_cutoff"},
    {FIG_RULE_SERVICE_INACTIVE, "service_inactive"},
    {FIG_RULE_NOT_OFFERED, "not_offered"},
    {FIG_RULE_SERVICE_MIN_ADVANCE, "service_min_advance"},
    {FIG_RULE_SERVICE_MAX_ADVANCE, "service_max_advance"},
    {FIG_RULE_MIN_AGE, "min_age"},
    {FIG_RULE_MAX_AGE, "max_age"},
    {FIG_RULE_CONSULTATION, "consultation"},
    {FIG_RULE_PATCH_TEST, "patch_test"},
    {FIG_RULE_BLOCKED_DAY, "blocked_day"},
    {FIG_RULE_MAX_PER_DAY, "max_per_day"},
    {FIG_RULE_MIN_DAYS_BETWEEN, "min_days_between"},
    {FIG_RULE_REQUIRED_SERVICE, "required_service"},
    {FIG_RULE_INCOMPATIBLE_SERVICE, "incompatible_service"},
    {FIG_RULE_CLIENT_BLOCKED, "client_blocked"},
    {FIG_RULE_CLIENT_AT_RISK, "client_at_risk"},
    {FIG_RULE_CLIENT_PAYMENT_ISSUE, "client_payment_issue"},
};

enum { NAMES = sizeof names / sizeof *names };

const char *fig_rule_type_name(fig_rule_type type)
{
    for (int i = 0; i < NAMES; i++)
        if (names[i].type == type) return names[i].name;
    return NULL;
}

fig_status fig_rule_type_from_name(const char *name, fig_rule_type *type)
{
    if (name == NULL || type == NULL) return FIG_INVALID;
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(name, names[i].name) != 0) continue;
        *type = names[i].type;
        return FIG_OK;
    }
    return FIG_NOT_FOUND;
}
