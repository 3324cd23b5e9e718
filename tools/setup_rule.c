/* Rules of a setup file: a type, with the parameters that this type reads, and what it is for. */
#include "tools/setup_values.h"

#include <stdlib.h>
#include <string.h>

enum { DAYS_MAX = FIG_DAY_MAX };

/* The parameters of any type: which were given, so that a type can say which it wants. */
struct rule {
    setup_rule *into;
    const json_t *params, *ids;
    bool has_scope;
};

static bool read_id(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    return setup_read_id(value, &rule->into->rule.id, why);
}

static bool read_name(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    rule->into->rule.fields |= FIG_RULE_NAME;
    return setup_read_text(value, FIG_NAME_MAX, rule->into->rule.name, why);
}

/* The names of all types that can be declared, as a message tells them. */
static bool wrong_type(reason *why)
{
    reason_set(why, ": must be one of");
    for (int type = FIG_RULE_MIN_ADVANCE; type <= FIG_RULE_CLIENT_OVERLAP; type++) {
        size_t used = strlen(why->text);
        snprintf(why->text + used, sizeof why->text - used, "%s %s", type == FIG_RULE_MIN_ADVANCE ? "" : ",",
                 fig_rule_type_name((fig_rule_type)type));
    }
    return false;
}

static bool read_type(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    fig_rule_type type;
    bool known = json_is_string(value) && fig_rule_type_from_name(json_string_value(value), &type) == FIG_OK;
    if (!known || type > FIG_RULE_CLIENT_OVERLAP) return wrong_type(why);
    rule->into->rule.type = type;
    rule->into->rule.fields |= FIG_RULE_TYPE;
    return true;
}

static bool read_params(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    if (!json_is_object(value)) return reason_set(why, ": must be an object {...}");
    rule->params = value;
    return true;
}

static bool read_scope(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    static const fig_scope scopes[] = {FIG_SCOPE_ALL, FIG_SCOPE_SHOP, FIG_SCOPE_SERVICE, FIG_SCOPE_BARBER,
                                       FIG_SCOPE_CLIENT_TYPE};
    unsigned which = 0;
    if (!setup_read_word(value, "all|shop|service|barber|client_type", &which, why)) return false;
    rule->into->rule.scope = scopes[which];
    return rule->has_scope = true;
}

static bool read_ids(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    rule->ids = value;
    return true;
}

static bool read_priority(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    rule->into->rule.fields |= FIG_RULE_PRIORITY;
    return setup_read_priority(value, &rule->into->rule.priority, why);
}

static bool read_active(const json_t *value, void *into, reason *why)
{
    struct rule *rule = into;
    rule->into->rule.fields |= FIG_RULE_ACTIVE;
    return setup_read_boolean(value, &rule->into->rule.active, why);
}

/* ---- parameters ---- */

static bool read_min_hours(const json_t *value, void *into, reason *why)
{
    fig_rule *rule = into;
    return setup_read_hours(value, FIG_DURATION_MAX, &rule->limit_s, why);
}

static bool read_max_days(const json_t *value, void *into, reason *why)
{
    fig_rule *rule = into;
    return setup_read_number(value, 0, DAYS_MAX, &rule->limit_days, why);
}

static bool read_length(const json_t *value, void *into, reason *why)
{
    fig_rule *rule = into;
    return setup_read_minutes(value, 0, FIG_DURATION_MAX, &rule->limit_s, why);
}

static bool take_cuts(const json_t *value, bool (*read)(const json_t *value, setup_cuts *cuts, reason *why),
                      fig_rule *rule, reason *why)
{
    setup_cuts cuts = {rule->cuts, rule->cut_count};
    bool good = read(value, &cuts, why);
    rule->cuts = cuts.list;
    rule->cut_count = cuts.count;
    return good;
}

static bool read_dates(const json_t *value, void *into, reason *why)
{
    return take_cuts(value, setup_read_dates, into, why);
}

static bool read_holidays(const json_t *value, void *into, reason *why)
{
    return take_cuts(value, setup_read_holidays, into, why);
}

static bool read_cutoff(const json_t *value, void *into, reason *why)
{
    fig_rule *rule = into;
    return setup_read_clock(value, &rule->clock_s, why);
}

static bool read_weekly_hours(const json_t *value, void *into, reason *why)
{
    fig_rule *rule = into;
    if (!setup_read_weekly(value, &rule->weekly, &rule->weekly_count, why)) return false;
    return rule->weekly_count > 0 || reason_set(why, ": must have a window; `active`: false turns the rule off");
}

/* Every day from start to end. */
static bool read_daily_hours(const json_t *params, fig_rule *rule, reason *why)
{
    uint32_t start_s = 0, end_s = 0;
    const json_t *start = json_object_get(params, "start"), *end = json_object_get(params, "end");
    if (start == NULL || end == NULL) return reason_set(why, ".%s: is missing", start == NULL ? "start" : "end");
    if (!setup_read_clock(start, &start_s, why)) return reason_prefix(why, ".start");
    if (start_s == DAY_SECONDS) return reason_set(why, ".start: no window starts at 24:00; 00:00 of the next");
    if (!setup_read_clock(end, &end_s, why)) return reason_prefix(why, ".end");
    rule->weekly = calloc(7, sizeof *rule->weekly);
    if (rule->weekly == NULL) return reason_set(why, ": out of memory");
    for (uint8_t day = 0; day < 7; day++) rule->weekly[rule->weekly_count++] = (fig_weekly){day, start_s, end_s};
    return true;
}

static bool read_nothing(const json_t *value, void *into, reason *why)
{
    (void)value, (void)into, (void)why; /* read_daily_hours() reads both at once */
    return true;
}

static bool read_business_hours(const json_t *params, fig_rule *rule, reason *why)
{
    static const setup_field weekly[] = {{"hours", read_weekly_hours}};
    static const setup_field daily[] = {{"start", read_nothing}, {"end", read_nothing}};
    if (json_object_get(params, "hours") != NULL) return setup_read_object(params, weekly, 1, rule, why);
    if (json_object_size(params) == 0)
        return reason_set(why, ": must be {\"start\", \"end\"} or {\"hours\": [{\"day\", \"start\", \"end\"}]}");
    return setup_read_object(params, daily, 2, rule, why) && read_daily_hours(params, rule, why);
}

/* What each type reads; those without a parameter take none. */
static const setup_field parameters[] = {
    [FIG_RULE_MIN_ADVANCE] = {"min_hours", read_min_hours},
    [FIG_RULE_MAX_ADVANCE] = {"max_days", read_max_days},
    [FIG_RULE_MIN_DURATION] = {"min_minutes", read_length},
    [FIG_RULE_MAX_DURATION] = {"max_minutes", read_length},
    [FIG_RULE_BLACKOUT_DATES] = {"dates", read_dates},
    [FIG_RULE_HOLIDAYS] = {"holidays", read_holidays},
    [FIG_RULE_SAME_DAY_CUTOFF] = {"cutoff", read_cutoff},
    [FIG_RULE_BUSINESS_HOURS] = {NULL, NULL},
    [FIG_RULE_CLIENT_OVERLAP] = {NULL, NULL},
};

static bool take_params(const struct rule *rule, reason *why)
{
    fig_rule *into = &rule->into->rule;
    const setup_field *parameter = &parameters[into->type];
    if (into->type == FIG_RULE_BUSINESS_HOURS) return read_business_hours(rule->params, into, why);
    if (!setup_read_object(rule->params, parameter, parameter->name != NULL, into, why)) return false;
    if (parameter->name != NULL && json_object_get(rule->params, parameter->name) == NULL)
        return reason_set(why, ".%s: is missing", parameter->name);
    return true;
}

/* Parameters mean something only with their type: both are given, or neither. */
static bool settle_params(const struct rule *rule, reason *why)
{
    fig_rule *into = &rule->into->rule;
    bool has_type = (into->fields & FIG_RULE_TYPE) != 0;
    bool needs = has_type && into->type != FIG_RULE_CLIENT_OVERLAP;
    if (rule->params == NULL) return !needs || reason_set(why, ".params: is missing");
    if (!has_type) return reason_set(why, ".type: is missing, and params are given");
    return take_params(rule, why) || reason_prefix(why, ".params");
}

/* ---- what it is for ---- */

static bool read_client_type(const json_t *value, void *into, reason *why)
{
    return setup_read_text(value, FIG_TYPE_MAX, into, why);
}

static bool settle_scope(const struct rule *rule, reason *why)
{
    fig_rule *into = &rule->into->rule;
    bool for_all = into->scope == FIG_SCOPE_ALL;
    size_t given = json_array_size(rule->ids);
    if (!rule->has_scope) return given == 0 || reason_set(why, ".applies_to: is missing, and ids are given");
    into->fields |= FIG_RULE_SCOPE;
    if (for_all && given > 0) return reason_set(why, ".ids: must be empty where applies_to is \"all\"");
    if (for_all) return true;
    if (given == 0) return reason_set(why, ".ids: is missing; say which, or let it apply to \"all\"");
    bool good = into->scope == FIG_SCOPE_CLIENT_TYPE
                    ? setup_read_list(rule->ids, FIG_LIST_MAX, sizeof *into->client_types, (void **)&into->client_types,
                                      &into->client_type_count, read_client_type, why)
                    : setup_read_references(rule->ids, &rule->into->of, why);
    return good || reason_prefix(why, ".ids");
}

bool setup_read_rule(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_id},
        {"name", read_name},
        {"type", read_type},
        {"params", read_params},
        {"applies_to", read_scope},
        {"ids", read_ids},
        {"priority", read_priority},
        {"active", read_active},
    };
    setup_rule *read = into;
    struct rule rule = {.into = read};
    read->rule = fig_rule_default();
    read->rule.fields = 0;
    read->rule.id = 0;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, &rule, why)) return false;
    if (read->rule.id == 0 && read->rule.name[0] == '\0') return reason_set(why, ".id: is missing, and so is the name");
    return settle_params(&rule, why) && settle_scope(&rule, why);
}
