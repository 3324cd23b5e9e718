#include "tools/declared_json.h"
#include "tools/declared_members.h"
#include "tools/record_json.h"
#include "tools/setup_values.h"

#include <stdlib.h>
#include <string.h>

static bool read_members(const member *members, const json_t *object, void *into, reason *why);

static const member *find_member(const member *members, const char *name)
{
    for (const member *of = declared_first(members); of != NULL; of = declared_after(of))
        if (strcmp(of->name, name) == 0 || (of->seconds != NULL && strcmp(of->seconds, name) == 0)) return of;
    return NULL;
}

static bool read_type(const json_t *value, fig_rule_type *type, reason *why)
{
    bool known = json_is_string(value) && fig_rule_type_from_name(json_string_value(value), type) == FIG_OK;
    return (known && declared_params(*type) != NULL) || reason_set(why, ": is no type of rule that can be declared");
}

static bool read_client_type(const json_t *value, void *into, reason *why)
{
    return setup_read_text(value, FIG_TYPE_MAX, into, why);
}

static bool read_offer(const json_t *value, void *into, reason *why)
{
    fig_offer *offer = into;
    *offer = declared_usual_offer;
    if (!read_members(declared_offer, value, offer, why)) return false;
    return offer->service_id != 0 || reason_set(why, ".id: is missing");
}

static bool read_ids(const json_t *value, uint64_t **ids, size_t *count, reason *why)
{
    return setup_read_list(value, FIG_LIST_MAX, sizeof **ids, (void **)ids, count, record_read_id, why);
}

static bool read_whom(const json_t *value, fig_rule *rule, reason *why)
{
    if (rule->scope != FIG_SCOPE_CLIENT_TYPE) return read_ids(value, &rule->ids, &rule->id_count, why);
    return setup_read_list(value, FIG_LIST_MAX, sizeof *rule->client_types, (void **)&rule->client_types,
                           &rule->client_type_count, read_client_type, why);
}

static bool read_params(const json_t *value, fig_rule *rule, reason *why)
{
    const member *params = declared_params(rule->type);
    return params != NULL ? read_members(params, value, rule, why) : reason_set(why, ": stand without a type");
}

/* Behind those that other lists have told. */
static bool read_cuts(const cut_list *of, const json_t *value, fig_cut **list, size_t *count, reason *why)
{
    setup_cuts cuts = {*list, *count};
    bool good = setup_read_cuts(value, of->read, &cuts, why);
    *list = cuts.list;
    *count = cuts.count;
    return good;
}

static bool read_list(const member *of, const json_t *value, void *at, size_t *count, reason *why)
{
    switch (of->kind) {
    case IDS: return read_ids(value, at, count, why);
    case WEEKLY: return setup_read_weekly(value, at, count, why);
    case CUTS: return read_cuts(of->cuts, value, at, count, why);
    default: return setup_read_list(value, FIG_LIST_MAX, sizeof(fig_offer), at, count, read_offer, why);
    }
}

static bool read_days(const member *of, const json_t *value, uint8_t *days, reason *why)
{
    uint32_t bits = 0;
    bool good = setup_read_words(value, of->words, &bits, why);
    *days = (uint8_t)bits;
    return good;
}

static bool read_span(const member *of, const json_t *value, uint32_t *span_s, reason *why)
{
    if (of->unit_s == HOUR_SECONDS) return setup_read_hours(value, of->most, span_s, why);
    return setup_read_minutes(value, of->least, of->most, span_s, why);
}

static bool read_value(const member *of, const json_t *value, void *into, reason *why)
{
    void *at = (char *)into + of->at;
    switch (of->kind) {
    case ID: return record_read_id(value, at, why);
    case NAME: return setup_read_text(value, of->most, at, why);
    case SPAN: return read_span(of, value, at, why);
    case NUMBER: return setup_read_number(value, of->least, of->most, at, why);
    case PRIORITY: return setup_read_priority(value, at, why);
    case FLAG: return setup_read_boolean(value, at, why);
    case DECLINED:
        *(bool *)at = json_is_false(value);
        return json_is_boolean(value) || reason_set(why, ": must be true or false");
    case CLOCK: return setup_read_clock(value, at, why);
    case DATE: return setup_read_date(value, at, why);
    case WORD: return setup_read_word(value, of->words, at, why);
    case DAYS: return read_days(of, value, at, why);
    case FLAGS: return setup_read_words(value, of->words, at, why);
    case TYPE: return read_type(value, at, why);
    case PARAMS: return read_params(value, into, why);
    case WHOM: return read_whom(value, into, why);
    case GROUP: return read_members(of->group, value, into, why);
    default: return read_list(of, value, at, (size_t *)(void *)((char *)into + of->count_at), why);
    }
}

/* In its unit, or in seconds. */
static bool read_member(const member *of, const json_t *object, void *into, reason *why)
{
    const json_t *value = json_object_get(object, of->name);
    const json_t *seconds = of->seconds != NULL ? json_object_get(object, of->seconds) : NULL;
    if (value != NULL && seconds != NULL) return reason_set(why, ".%s: stands beside %s", of->seconds, of->name);
    if (value != NULL && !read_value(of, value, into, why)) return reason_prefix(why, ".%s", of->name);
    if (seconds == NULL) return true;
    return setup_read_number(seconds, of->least, of->most, (uint32_t *)(void *)((char *)into + of->at), why) ||
           reason_prefix(why, ".%s", of->seconds);
}

static bool read_members(const member *members, const json_t *object, void *into, reason *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return reason_set(why, ": must be an object");
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (find_member(members, name) == NULL) return reason_set(why, ".%.64s: there is no such field", name);
    }
    for (const member *of = declared_first(members); of != NULL; of = declared_after(of))
        if (!read_member(of, object, into, why)) return false;
    return true;
}

/* The engine's field as it is told here. */
static bool say_fault(const fig_outcome *outcome, reason *why)
{
    static const struct {
        const char *field, *name;
    } names[] = {{"schedule.offers", "services"}, {"schedule.cuts", "time_off, blackouts and holidays"}};
    const char *name = strchr(outcome->field, '.') != NULL ? strchr(outcome->field, '.') + 1 : outcome->field;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(outcome->field, names[i].field) == 0) name = names[i].name;
    return reason_set(why, ".%s: %s", name, outcome->reason);
}

static bool write_text(const struct declared *declared, fig_record *record, char **text, reason *why)
{
    fig_outcome outcome = fig_outcome_default();
    *text = malloc(FIG_RECORD_TEXT_MAX);
    if (*text == NULL) return reason_set(why, ": out of memory");
    fig_schedule schedule = declared->schedule;
    schedule.owner = record->owner;
    record->schedule = &schedule;
    record->service = &declared->service;
    record->client = &declared->client;
    record->rule = &declared->rule;
    fig_status status = fig_record_write_text(record, *text, FIG_RECORD_TEXT_MAX, &outcome);
    record->schedule = NULL;
    record->service = NULL;
    record->client = NULL;
    record->rule = NULL;
    if (status != FIG_OK) return say_fault(&outcome, why);
    char *fitting = realloc(*text, record->text_size); /* an import has many at once */
    if (fitting != NULL) record->text = *text = fitting;
    return true;
}

static void free_lists(struct declared *declared)
{
    free(declared->schedule.weekly);
    free(declared->schedule.cuts);
    free(declared->schedule.offers);
    free(declared->service.required);
    free(declared->service.incompatible);
    free(declared->rule.weekly);
    free(declared->rule.cuts);
    free(declared->rule.ids);
    free(declared->rule.client_types);
}

bool declared_from_json(const json_t *object, fig_record *record, char **text, reason *why)
{
    struct declared declared = declared_new();
    bool good = read_members(declared_members(record), object, declared_part(&declared, record->kind), why) &&
                write_text(&declared, record, text, why);
    free_lists(&declared);
    return good;
}
