/* The fields of declarations that have lists in them. limits.h says what is sound; here each field is named that is
 * not. */
#include "engine/core/deciding.h"
#include "engine/core/limits.h"
#include "engine/core/text.h"

#include <string.h>

/* A field and whether it is sound; tables of these are gone through until one is not. */
struct demand {
    bool holds;
    const char *field;
    const char *reason;
};

static fig_status check(const struct demand *demands, size_t count, fig_outcome *outcome)
{
    for (size_t i = 0; i < count; i++)
        if (!demands[i].holds) return refuse(outcome, FIG_INVALID, demands[i].field, demands[i].reason);
    return FIG_OK;
}

#define CHECK(demands, outcome) check(demands, sizeof(demands) / sizeof *(demands), outcome)

#define NAME_WORDS   "a name has 1 to 128 bytes of UTF-8 without control characters"
#define LENGTH_WORDS "at most 366 days, in seconds"
#define DAYS_WORDS   "at most 366000 days"
#define BUFFER_WORDS "a buffer is at most 7 days"
#define LIST_WORDS   "a list has at most 1000 elements, and is not missing"

static bool is_text(const char *array, size_t size, bool may_be_empty)
{
    size_t length = strnlen(array, size);
    return length < size && (length > 0 || may_be_empty) && text_is_clean(array, length, false);
}

static bool list_is_sound(const void *list, size_t count)
{
    return count <= FIG_LIST_MAX && (count == 0 || list != NULL);
}

static bool all_weekly_sound(const fig_weekly *weekly, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!weekly_is_sound(&weekly[i])) return false;
    return true;
}

static bool all_cuts_sound(const fig_cut *cuts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!cut_is_sound(&cuts[i])) return false;
    return true;
}

static bool all_offers_sound(const fig_offer *offers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!offer_is_sound(&offers[i])) return false;
        for (size_t j = 0; j < i; j++)
            if (offers[j].service_id == offers[i].service_id) return false;
    }
    return true;
}

static bool all_ids_sound(const uint64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == 0) return false;
    return true;
}

static bool all_types_sound(char (*const types)[FIG_TYPE_MAX + 1], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_text(types[i], FIG_TYPE_MAX + 1, false)) return false;
    return true;
}

/* Lists that the fields do not name are not looked at. */
static fig_status weekly_fault(const fig_weekly *weekly, size_t count, const char *field, fig_outcome *outcome)
{
    const struct demand demands[] = {{list_is_sound(weekly, count), field, LIST_WORDS}};
    fig_status status = CHECK(demands, outcome);
    if (status != FIG_OK || all_weekly_sound(weekly, count)) return status;
    return refuse(outcome, FIG_INVALID, field,
                  "a weekly window has a weekday of 0 to 6, a start before 24:00 and an end of at most 24:00");
}

static fig_status cuts_fault(const fig_cut *cuts, size_t count, const char *field, fig_outcome *outcome)
{
    const struct demand demands[] = {{list_is_sound(cuts, count), field, LIST_WORDS}};
    fig_status status = CHECK(demands, outcome);
    if (status != FIG_OK || all_cuts_sound(cuts, count)) return status;
    return refuse(outcome, FIG_INVALID, field,
                  "dates go from 1900-01-01 to 2200-01-01, the last one not before the first, and clocks to 24:00");
}

/* --- schedules --- */

static fig_status owner_fault(const fig_schedule *schedule, fig_outcome *outcome)
{
    bool of_barber = schedule->owner == FIG_OWNER_BARBER;
    uint32_t of_shops = FIG_SCHEDULE_ALL & ~(uint32_t)(FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS);
    const struct demand demands[] = {
        {of_barber || schedule->owner == FIG_OWNER_SHOP, "schedule.owner", "a schedule is of a shop or of a barber"},
        {schedule->owner_id != 0, "schedule.owner_id", "say whose schedule it is"},
        {!of_barber || (schedule->fields & of_shops) == 0, "schedule.fields",
         "a barber's schedule has weekly windows, cuts and offers alone"},
        {of_barber || (schedule->fields & FIG_SCHEDULE_OFFERS) == 0, "schedule.offers", "offers are a barber's"},
    };
    return CHECK(demands, outcome);
}

static fig_status settings_fault(const fig_schedule *s, fig_outcome *outcome)
{
    bool cutoff = s->cutoff_s == FIG_NO_CUTOFF || clock_is_sound(s->cutoff_s);
    const struct demand demands[] = {
        {(s->fields & FIG_SCHEDULE_GRID) == 0 || (s->grid_s >= FIG_GRID_MIN_S && s->grid_s <= FIG_GRID_MAX_S),
         "schedule.grid_s", "slots are a minute to a day apart"},
        {(s->fields & FIG_SCHEDULE_LEAD) == 0 || s->lead_s <= FIG_DURATION_MAX, "schedule.lead_s", LENGTH_WORDS},
        {(s->fields & FIG_SCHEDULE_HORIZON) == 0 || s->horizon_days <= FIG_DAYS_MAX, "schedule.horizon_days",
         DAYS_WORDS},
        {(s->fields & FIG_SCHEDULE_CUTOFF) == 0 || cutoff, "schedule.cutoff_s", "a clock, of at most 24:00"},
        {(s->fields & FIG_SCHEDULE_RULE_ERRORS) == 0 || s->rule_errors == FIG_RULE_ERRORS_ALLOW ||
             s->rule_errors == FIG_RULE_ERRORS_REJECT,
         "schedule.rule_errors", "they are allowed or rejected"},
    };
    return CHECK(demands, outcome);
}

static fig_status lists_fault(const fig_schedule *s, fig_outcome *outcome)
{
    fig_status status = FIG_OK;
    if ((s->fields & FIG_SCHEDULE_WEEKLY) != 0)
        status = weekly_fault(s->weekly, s->weekly_count, "schedule.weekly", outcome);
    if (status == FIG_OK && (s->fields & FIG_SCHEDULE_CUTS) != 0)
        status = cuts_fault(s->cuts, s->cut_count, "schedule.cuts", outcome);
    if (status != FIG_OK || (s->fields & FIG_SCHEDULE_OFFERS) == 0) return status;
    bool there = list_is_sound(s->offers, s->offer_count);
    const struct demand demands[] = {
        {there, "schedule.offers", LIST_WORDS},
        {!there || all_offers_sound(s->offers, s->offer_count), "schedule.offers",
         "each service once, at most 366 days long, with buffers of at most 7 days"},
    };
    return CHECK(demands, outcome);
}

fig_status validate_schedule(const fig_request *request, fig_outcome *outcome)
{
    const fig_schedule *schedule = request->schedule;
    if (schedule == NULL) return refuse(outcome, FIG_INVALID, "schedule", "the schedule is missing");
    if (schedule->struct_size != sizeof *schedule || (schedule->fields & ~(uint32_t)FIG_SCHEDULE_ALL) != 0)
        return refuse(outcome, FIG_INVALID, "schedule", "take the schedule from fig_schedule_default()");
    fig_status status = owner_fault(schedule, outcome);
    if (status == FIG_OK) status = settings_fault(schedule, outcome);
    return status == FIG_OK ? lists_fault(schedule, outcome) : status;
}

/* --- services --- */

static fig_status service_fault(const fig_service *s, fig_outcome *outcome)
{
    uint32_t given = s->fields;
    const struct demand demands[] = {
        {s->id != 0 || (given & FIG_SERVICE_NAME) != 0, "service.id", "name a service, by id or by name"},
        {(given & FIG_SERVICE_NAME) == 0 || is_text(s->name, sizeof s->name, false), "service.name", NAME_WORDS},
        {(given & FIG_SERVICE_DURATION) == 0 || s->duration_s <= FIG_DURATION_MAX, "service.duration_s", LENGTH_WORDS},
        {(given & FIG_SERVICE_BUFFER_BEFORE) == 0 || s->buffer_before_s <= FIG_BUFFER_MAX, "service.buffer_before_s",
         BUFFER_WORDS},
        {(given & FIG_SERVICE_BUFFER_AFTER) == 0 || s->buffer_after_s <= FIG_BUFFER_MAX, "service.buffer_after_s",
         BUFFER_WORDS},
        {(given & FIG_SERVICE_KIND) == 0 || s->kind <= FIG_SERVICE_PATCH_TEST, "service.kind", "there is no such kind"},
        {(given & FIG_SERVICE_MIN_ADVANCE) == 0 || s->min_advance_s <= FIG_DURATION_MAX, "service.min_advance_s",
         LENGTH_WORDS},
        {(given & FIG_SERVICE_MAX_ADVANCE) == 0 || s->max_advance_days <= FIG_DAYS_MAX, "service.max_advance_days",
         DAYS_WORDS},
        {(given & FIG_SERVICE_MIN_AGE) == 0 || s->min_age <= 200, "service.min_age", "an age is at most 200 years"},
        {(given & FIG_SERVICE_MAX_AGE) == 0 || s->max_age <= 200, "service.max_age", "an age is at most 200 years"},
        {(given & FIG_SERVICE_PATCH_TESTED) == 0 || s->patch_test_s <= FIG_DURATION_MAX, "service.patch_test_s",
         LENGTH_WORDS},
        {(given & FIG_SERVICE_MIN_DAYS) == 0 || s->min_days_between <= FIG_DAYS_MAX, "service.min_days_between",
         DAYS_WORDS},
        {(given & FIG_SERVICE_BLOCKED_DAYS) == 0 || s->blocked_days < 128, "service.blocked_days",
         "seven bits, for the days of the week"},
        {(given & FIG_SERVICE_REQUIRED) == 0 || list_is_sound(s->required, s->required_count), "service.required",
         LIST_WORDS},
        {(given & FIG_SERVICE_INCOMPATIBLE) == 0 || list_is_sound(s->incompatible, s->incompatible_count),
         "service.incompatible", LIST_WORDS},
    };
    return CHECK(demands, outcome);
}

fig_status validate_service(const fig_request *request, fig_outcome *outcome)
{
    const fig_service *service = request->service;
    if (service == NULL) return refuse(outcome, FIG_INVALID, "service", "the service is missing");
    if (service->struct_size != sizeof *service || (service->fields & ~(uint32_t)FIG_SERVICE_ALL) != 0)
        return refuse(outcome, FIG_INVALID, "service", "take the service from fig_service_default()");
    fig_status status = service_fault(service, outcome);
    if (status != FIG_OK) return status;
    bool required = (service->fields & FIG_SERVICE_REQUIRED) != 0;
    bool incompatible = (service->fields & FIG_SERVICE_INCOMPATIBLE) != 0;
    const struct demand demands[] = {
        {!required || all_ids_sound(service->required, service->required_count), "service.required", "an id is not 0"},
        {!incompatible || all_ids_sound(service->incompatible, service->incompatible_count), "service.incompatible",
         "an id is not 0"},
    };
    return CHECK(demands, outcome);
}

/* --- clients --- */

fig_status validate_client(const fig_request *request, fig_outcome *outcome)
{
    const fig_client *client = request->client;
    if (client == NULL) return refuse(outcome, FIG_INVALID, "client", "the client is missing");
    if (client->struct_size != sizeof *client || (client->fields & ~(uint32_t)FIG_CLIENT_ALL) != 0)
        return refuse(outcome, FIG_INVALID, "client", "take the client from fig_client_default()");
    uint32_t given = client->fields;
    const struct demand demands[] = {
        {client->id != 0 || (given & FIG_CLIENT_NAME) != 0, "client.id", "name a client, by id or by name"},
        {(given & FIG_CLIENT_NAME) == 0 || is_text(client->name, sizeof client->name, client->id != 0), "client.name",
         "a name has at most 128 bytes of UTF-8 without control characters"},
        {(given & FIG_CLIENT_BORN) == 0 || born_is_sound(client->born_day), "client.born_day",
         "a date from 1900-01-01 to 2200-01-01"},
        {(given & FIG_CLIENT_TYPE) == 0 || is_text(client->type, sizeof client->type, true), "client.type",
         "a type has at most 31 bytes of UTF-8 without control characters"},
        {(given & FIG_CLIENT_FLAGS) == 0 || client->flags < 2 * FIG_CLIENT_PAYMENT_ISSUE, "client.flags",
         "there is no such flag"},
    };
    return CHECK(demands, outcome);
}

/* --- rules --- */

static fig_status rule_fault(const fig_rule *rule, fig_outcome *outcome)
{
    uint32_t given = rule->fields;
    bool type = rule->type >= FIG_RULE_MIN_ADVANCE && rule->type <= FIG_RULE_CLIENT_OVERLAP;
    const struct demand demands[] = {
        {rule->id != 0 || (given & FIG_RULE_NAME) != 0, "rule.id", "name a rule, by id or by name"},
        {(given & FIG_RULE_NAME) == 0 || is_text(rule->name, sizeof rule->name, false), "rule.name", NAME_WORDS},
        {(given & FIG_RULE_TYPE) == 0 || type, "rule.type", "no rule of such a type can be declared"},
        {(given & FIG_RULE_SCOPE) == 0 || rule->scope <= FIG_SCOPE_BARBER, "rule.scope", "there is no such scope"},
    };
    return CHECK(demands, outcome);
}

/* What the type reads must make sense. A limit of 0 and no date at all ask for nothing: so a narrow rule lifts a wider
 * one. */
static fig_status parameters_fault(const fig_rule *rule, fig_outcome *outcome)
{
    bool limited = rule->limit_s <= FIG_DURATION_MAX;
    switch (rule->type) {
    case FIG_RULE_MIN_ADVANCE:
    case FIG_RULE_MIN_DURATION:
    case FIG_RULE_MAX_DURATION:
        return limited ? FIG_OK : refuse(outcome, FIG_INVALID, "rule.limit_s", "at most 366 days");
    case FIG_RULE_MAX_ADVANCE:
        return rule->limit_days <= FIG_DAYS_MAX
                   ? FIG_OK
                   : refuse(outcome, FIG_INVALID, "rule.limit_days", "at most 366000 days");
    case FIG_RULE_SAME_DAY_CUTOFF:
        return clock_is_sound(rule->clock_s)
                   ? FIG_OK
                   : refuse(outcome, FIG_INVALID, "rule.clock_s", "a clock, of at most 24:00");
    case FIG_RULE_BLACKOUT_DATES:
    case FIG_RULE_HOLIDAYS: return cuts_fault(rule->cuts, rule->cut_count, "rule.cuts", outcome);
    case FIG_RULE_BUSINESS_HOURS:
        if (rule->weekly_count == 0) return refuse(outcome, FIG_INVALID, "rule.weekly", "name at least one window");
        return weekly_fault(rule->weekly, rule->weekly_count, "rule.weekly", outcome);
    default: return FIG_OK;
    }
}

static fig_status scope_fault(const fig_rule *rule, fig_outcome *outcome)
{
    bool by_type = rule->scope == FIG_SCOPE_CLIENT_TYPE;
    bool by_id = rule->scope != FIG_SCOPE_ALL && !by_type;
    bool ids = list_is_sound(rule->ids, rule->id_count);
    bool types = list_is_sound(rule->client_types, rule->client_type_count);
    const struct demand demands[] = {
        {!by_id || (ids && rule->id_count > 0), "rule.ids", "name at least one, and at most 1000"},
        {!by_id || !ids || all_ids_sound(rule->ids, rule->id_count), "rule.ids", "an id is not 0"},
        {!by_type || (types && rule->client_type_count > 0), "rule.client_types", "name at least one, at most 1000"},
        {!by_type || !types || all_types_sound(rule->client_types, rule->client_type_count), "rule.client_types",
         "a type has 1 to 31 bytes of UTF-8 without control characters"},
    };
    return CHECK(demands, outcome);
}

fig_status validate_rule(const fig_request *request, fig_outcome *outcome)
{
    const fig_rule *rule = request->rule;
    if (rule == NULL) return refuse(outcome, FIG_INVALID, "rule", "the rule is missing");
    if (rule->struct_size != sizeof *rule || (rule->fields & ~(uint32_t)FIG_RULE_ALL) != 0)
        return refuse(outcome, FIG_INVALID, "rule", "take the rule from fig_rule_default()");
    fig_status status = rule_fault(rule, outcome);
    if (status == FIG_OK && (rule->fields & FIG_RULE_TYPE) != 0) status = parameters_fault(rule, outcome);
    if (status == FIG_OK && (rule->fields & FIG_RULE_SCOPE) != 0) status = scope_fault(rule, outcome);
    return status;
}

/* --- records of declarations: all fields count, and what could once be declared is sound --- */

#define FROM_DEFAULT(declared) ((declared) != NULL && (declared)->struct_size == sizeof *(declared))

static fig_status whole_schedule_fault(const fig_record *record, fig_outcome *outcome)
{
    if (!FROM_DEFAULT(record->schedule))
        return refuse(outcome, FIG_INVALID, "schedule", "take the schedule from fig_schedule_default()");
    fig_schedule whole = *record->schedule;
    whole.fields = FIG_SCHEDULE_ALL;
    const struct demand demands[] = {
        {record->owner == FIG_OWNER_SHOP || record->owner == FIG_OWNER_BARBER, "record.owner",
         "a schedule is a shop's or a barber's"},
        {whole.owner == record->owner, "schedule.owner", "its owner is the record's"},
    };
    fig_status status = CHECK(demands, outcome);
    if (status == FIG_OK) status = settings_fault(&whole, outcome);
    return status == FIG_OK ? lists_fault(&whole, outcome) : status;
}

static fig_status whole_service_fault(const fig_record *record, fig_outcome *outcome)
{
    if (!FROM_DEFAULT(record->service))
        return refuse(outcome, FIG_INVALID, "service", "take the service from fig_service_default()");
    fig_service whole = *record->service;
    whole.fields = FIG_SERVICE_ALL;
    whole.id = record->id;
    return validate_service(&(fig_request){.service = &whole}, outcome);
}

static fig_status whole_client_fault(const fig_record *record, fig_outcome *outcome)
{
    if (!FROM_DEFAULT(record->client))
        return refuse(outcome, FIG_INVALID, "client", "take the client from fig_client_default()");
    fig_client whole = *record->client;
    whole.fields = FIG_CLIENT_ALL;
    whole.id = record->id;
    return validate_client(&(fig_request){.client = &whole}, outcome);
}

static fig_status rule_lists_fault(const fig_rule *rule, fig_outcome *outcome)
{
    bool ids = list_is_sound(rule->ids, rule->id_count);
    bool types = list_is_sound(rule->client_types, rule->client_type_count);
    const struct demand demands[] = {
        {ids, "rule.ids", LIST_WORDS},
        {!ids || all_ids_sound(rule->ids, rule->id_count), "rule.ids", "an id is not 0"},
        {types, "rule.client_types", LIST_WORDS},
        {!types || all_types_sound(rule->client_types, rule->client_type_count), "rule.client_types",
         "a type has 1 to 31 bytes of UTF-8 without control characters"},
    };
    fig_status status = CHECK(demands, outcome);
    if (status == FIG_OK) status = weekly_fault(rule->weekly, rule->weekly_count, "rule.weekly", outcome);
    return status == FIG_OK ? cuts_fault(rule->cuts, rule->cut_count, "rule.cuts", outcome) : status;
}

static fig_status whole_rule_fault(const fig_record *record, fig_outcome *outcome)
{
    if (!FROM_DEFAULT(record->rule))
        return refuse(outcome, FIG_INVALID, "rule", "take the rule from fig_rule_default()");
    fig_rule whole = *record->rule;
    whole.fields = FIG_RULE_ALL;
    whole.id = record->id;
    const struct demand demands[] = {
        {whole.limit_s <= FIG_DURATION_MAX, "rule.limit_s", LENGTH_WORDS},
        {whole.limit_days <= FIG_DAYS_MAX, "rule.limit_days", DAYS_WORDS},
        {clock_is_sound(whole.clock_s), "rule.clock_s", "a clock, of at most 24:00"},
    };
    fig_status status = rule_fault(&whole, outcome);
    if (status == FIG_OK) status = CHECK(demands, outcome);
    return status == FIG_OK ? rule_lists_fault(&whole, outcome) : status;
}

fig_status validate_declared(const fig_record *record, fig_outcome *outcome)
{
    switch (record->kind) {
    case FIG_RECORD_SCHEDULE: return whole_schedule_fault(record, outcome);
    case FIG_RECORD_SERVICE: return whole_service_fault(record, outcome);
    case FIG_RECORD_CLIENT: return whole_client_fault(record, outcome);
    case FIG_RECORD_RULE: return whole_rule_fault(record, outcome);
    default: return refuse(outcome, FIG_INVALID, "record.kind", "no record of this kind has such a text");
    }
}

/* --- zones --- */

fig_status validate_zone(const fig_request *request, fig_outcome *outcome)
{
    const fig_zone_data *zone = request->zone;
    if (zone == NULL) return refuse(outcome, FIG_INVALID, "zone", "the zone is missing");
    if (zone->struct_size != sizeof *zone)
        return refuse(outcome, FIG_INVALID, "zone", "take the zone from fig_zone_data_default()");
    const struct demand demands[] = {
        {is_text(zone->name, sizeof zone->name, false), "zone.name",
         "a zone's name has 1 to 63 bytes, as in Europe/Madrid"},
        {strcmp(zone->name, "UTC") != 0, "zone.name", "UTC is built in"},
        {zone->bytes == NULL || (zone->size > 0 && zone->size <= ZONE_BYTES_MAX), "zone.size",
         "a zone's file has at most 16384 bytes"},
    };
    return CHECK(demands, outcome);
}
