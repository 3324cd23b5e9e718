#include "tools/declared_json.h"

#include "tools/output.h"
#include "tools/record_json.h"
#include "tools/rfc3339.h"
#include "tools/setup_values.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_SECONDS = 60, HOUR_SECONDS = 3600, DAYS_MOST = 366000, YEARS_MOST = 200, WORD_SIZE = 32 };

typedef enum member_kind {
    ID,       /* uint64_t */
    NAME,     /* char array of `most` bytes and a NUL */
    SPAN,     /* uint32_t of seconds, told in a unit; UINT32_MAX: not said */
    NUMBER,   /* uint32_t */
    PRIORITY, /* int32_t */
    FLAG,     /* bool */
    DECLINED, /* bool, told as its opposite */
    CLOCK,    /* uint32_t; UINT32_MAX: none */
    DATE,     /* int32_t of days; FIG_NO_DAY: none */
    WORD,     /* an enumeration */
    DAYS,     /* uint8_t of bits, a word for each */
    FLAGS,    /* uint32_t of bits, the same */
    TYPE,     /* of a rule */
    PARAMS,   /* of a rule: an object of what its type reads */
    WHOM,     /* of a rule: types of clients, or ids, by its scope */
    GROUP,    /* an object of other members of the same struct */
    IDS,      /* lists: a pointer, and the count at `count_at` */
    WEEKLY,
    CUTS,
    OFFERS,
} member_kind;

typedef struct member {
    const char *name;
    member_kind kind;
    size_t at, count_at; /* in the struct */
    uint32_t least, most;
    uint32_t unit_s;            /* of a SPAN: a minute or an hour */
    const char *seconds;        /* the name under which it is told in seconds */
    const char *words;          /* parted by "|" */
    const struct member *group; /* ends with one that has no name; of OFFERS, those of one */
    const struct cut_list *cuts;
} member;

/* How a list of cuts tells of them. */
typedef struct cut_list {
    fig_cut_kind kind; /* of those that do not say another */
    bool of_all_kinds; /* else it has that kind alone, and other lists have the others */
    bool (*read)(const json_t *value, void *into, reason *why);
    bool (*read_short)(const json_t *value, void *into,
                       reason *why); /* of a whole day as a text; NULL: there is none */
    size_t short_from;               /* what the text leaves out of a date: 5 for "12-25" */
} cut_list;

/* ---- the tables ---- */

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

static const member offer_members[] = {
    {"id", ID, IN(fig_offer, service_id)},
    {"minutes", SPAN, IN(fig_offer, duration_s), RANGE(0, FIG_DURATION_MAX), MINUTES("duration_s")},
    {"buffer_before_minutes", SPAN, IN(fig_offer, buffer_before_s), RANGE(0, FIG_BUFFER_MAX),
     MINUTES("buffer_before_s")},
    {"buffer_after_minutes", SPAN, IN(fig_offer, buffer_after_s), RANGE(0, FIG_BUFFER_MAX), MINUTES("buffer_after_s")},
    {"active", DECLINED, IN(fig_offer, declined)},
    {.name = NULL},
};

#define LISTS_OF_SCHEDULE                                                                                              \
    {"hours", WEEKLY, LIST(fig_schedule, weekly, weekly_count)},                                                       \
        {"time_off", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &time_off},                                    \
        {"blackouts", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &blackouts},                                  \
    {                                                                                                                  \
        "holidays", CUTS, LIST(fig_schedule, cuts, cut_count), .cuts = &holidays                                       \
    }

static const member shop_members[] = {
    {"clip_to_hours", FLAG, IN(fig_schedule, clip_to_hours)},
    {"grid_minutes", SPAN, IN(fig_schedule, grid_s), RANGE(FIG_GRID_MIN_S, FIG_GRID_MAX_S), MINUTES("grid_s")},
    {"lead_minutes", SPAN, IN(fig_schedule, lead_s), RANGE(0, FIG_DURATION_MAX), MINUTES("lead_s")},
    {"horizon_days", NUMBER, IN(fig_schedule, horizon_days), RANGE(0, DAYS_MOST)},
    {"same_day", FLAG, IN(fig_schedule, same_day)},
    {"same_day_cutoff", CLOCK, IN(fig_schedule, cutoff_s)},
    {"on_rule_error", WORD, IN(fig_schedule, rule_errors), .words = SETUP_RULE_ERRORS},
    LISTS_OF_SCHEDULE,
    {.name = NULL},
};

static const member barber_members[] = {
    LISTS_OF_SCHEDULE,
    {"services", OFFERS, LIST(fig_schedule, offers, offer_count), .group = offer_members},
    {.name = NULL},
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

#define LIMIT(name, unit)                                                                                              \
    {                                                                                                                  \
        {                                                                                                              \
            name, SPAN, IN(fig_rule, limit_s), RANGE(0, FIG_DURATION_MAX), unit("limit_s")                             \
        }                                                                                                              \
    }
#define DATES(name, list)                                                                                              \
    {                                                                                                                  \
        {                                                                                                              \
            name, CUTS, LIST(fig_rule, cuts, cut_count), .cuts = &(list)                                               \
        }                                                                                                              \
    }

static const member params_of[][2] = {
    [FIG_RULE_MIN_ADVANCE] = LIMIT("min_hours", HOURS),
    [FIG_RULE_MAX_ADVANCE] = {{"max_days", NUMBER, IN(fig_rule, limit_days), RANGE(0, DAYS_MOST)}},
    [FIG_RULE_MIN_DURATION] = LIMIT("min_minutes", MINUTES),
    [FIG_RULE_MAX_DURATION] = LIMIT("max_minutes", MINUTES),
    [FIG_RULE_BLACKOUT_DATES] = DATES("dates", rule_dates),
    [FIG_RULE_HOLIDAYS] = DATES("holidays", rule_holidays),
    [FIG_RULE_SAME_DAY_CUTOFF] = {{"cutoff", CLOCK, IN(fig_rule, clock_s)}},
    [FIG_RULE_BUSINESS_HOURS] = {{"hours", WEEKLY, LIST(fig_rule, weekly, weekly_count)}},
    [FIG_RULE_CLIENT_OVERLAP] = {{.name = NULL}},
};

/* Everything that can be declared, and what of it a record is. */
struct declared {
    fig_schedule schedule;
    fig_service service;
    fig_client client;
    fig_rule rule;
};

static struct declared new_declared(void)
{
    return (struct declared){fig_schedule_default(), fig_service_default(), fig_client_default(), fig_rule_default()};
}

static const member *members_of(const fig_record *record)
{
    switch (record->kind) {
    case FIG_RECORD_SERVICE: return service_members;
    case FIG_RECORD_CLIENT: return client_members;
    case FIG_RECORD_RULE: return rule_members;
    default: return record->owner == FIG_OWNER_SHOP ? shop_members : barber_members;
    }
}

static void *part_of(struct declared *declared, fig_record_kind kind)
{
    switch (kind) {
    case FIG_RECORD_SERVICE: return &declared->service;
    case FIG_RECORD_CLIENT: return &declared->client;
    case FIG_RECORD_RULE: return &declared->rule;
    default: return &declared->schedule;
    }
}

static const fig_offer usual_offer = {.buffer_before_s = FIG_BUFFER_DEFAULT, .buffer_after_s = FIG_BUFFER_DEFAULT};

static bool is_type(int type) { return type >= FIG_RULE_MIN_ADVANCE && type <= FIG_RULE_CLIENT_OVERLAP; }

/* ---- writing ---- */

static json_t *write_members(const member *members, const void *is, const void *usual);

static json_t *write_clock(uint32_t clock_s)
{
    if (clock_s == UINT32_MAX) return json_null();
    unsigned hour = clock_s / HOUR_SECONDS, minute = clock_s / MINUTE_SECONDS % 60, second = clock_s % MINUTE_SECONDS;
    return second == 0 ? json_sprintf("%02u:%02u", hour, minute) : json_sprintf("%02u:%02u:%02u", hour, minute, second);
}

static json_t *write_date(int32_t day)
{
    char text[DATE_SIZE];
    if (day == FIG_NO_DAY) return json_null();
    rfc3339_print_date((int64_t)day * DAY_SECONDS, text);
    return json_string(text);
}

/* The word of that place; NULL: there is none. */
static const char *word_at(const char *words, unsigned place, char word[WORD_SIZE])
{
    for (; place > 0 && words != NULL; place--) {
        words = strchr(words, '|');
        if (words != NULL) words++;
    }
    if (words == NULL) return NULL;
    snprintf(word, WORD_SIZE, "%.*s", (int)strcspn(words, "|"), words);
    return word;
}

static json_t *write_word(const char *words, unsigned place)
{
    char word[WORD_SIZE];
    return word_at(words, place, word) != NULL ? json_string(word) : json_null();
}

static json_t *write_words(const char *words, uint32_t bits)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < 32; i++)
        if ((bits >> i & 1) != 0) json_array_append_new(list, write_word(words, i));
    return list;
}

static json_t *write_span(const member *of, uint32_t span_s)
{
    if (span_s == UINT32_MAX) return json_null();
    return json_integer(span_s % of->unit_s == 0 ? span_s / of->unit_s : span_s);
}

static json_t *write_weekly(const fig_weekly *weekly, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "day", write_word(SETUP_DAYS, weekly[i].weekday), "start",
                                        write_clock(weekly[i].start_s), "end", write_clock(weekly[i].end_s)));
    return list;
}

static json_t *write_cut(const fig_cut *cut, fig_cut_kind kind)
{
    json_t *object = json_pack("{s:o, s:o}", "from", write_date(cut->from_day), "to", write_date(cut->to_day));
    if (!cut->whole_days) json_object_set_new(object, "start", write_clock(cut->start_s));
    if (!cut->whole_days) json_object_set_new(object, "end", write_clock(cut->end_s));
    if (cut->yearly) json_object_set_new(object, "yearly", json_true());
    if (cut->state != FIG_CUT_APPROVED) json_object_set_new(object, "status", write_word(SETUP_CUT_STATES, cut->state));
    if (cut->kind != kind) json_object_set_new(object, "kind", write_word(SETUP_CUT_KINDS, cut->kind));
    return object;
}

static bool same_cut(const fig_cut *a, const fig_cut *b)
{
    return a->kind == b->kind && a->state == b->state && a->yearly == b->yearly && a->whole_days == b->whole_days &&
           a->from_day == b->from_day && a->to_day == b->to_day && a->start_s == b->start_s && a->end_s == b->end_s;
}

/* As a text, where that says all of it; else NULL. */
static json_t *write_short(const cut_list *of, const fig_cut *cut)
{
    reason ignored;
    fig_cut meant;
    char text[DATE_SIZE];
    if (of->read_short == NULL) return NULL;
    rfc3339_print_date((int64_t)cut->from_day * DAY_SECONDS, text);
    json_t *told = json_string(text + of->short_from);
    if (of->read_short(told, &meant, &ignored) && same_cut(&meant, cut)) return told;
    json_decref(told);
    return NULL;
}

static json_t *write_cuts(const cut_list *of, const fig_cut *cuts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!of->of_all_kinds && cuts[i].kind != of->kind) continue;
        json_t *told = write_short(of, &cuts[i]);
        json_array_append_new(list, told != NULL ? told : write_cut(&cuts[i], of->kind));
    }
    return list;
}

static json_t *write_offers(const member *of, const fig_offer *offers, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, write_members(of->group, &offers[i], &usual_offer));
    return list;
}

static json_t *write_ids(const uint64_t *ids, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, output_id(ids[i]));
    return list;
}

static json_t *write_whom(const fig_rule *rule)
{
    if (rule->scope != FIG_SCOPE_CLIENT_TYPE) return write_ids(rule->ids, rule->id_count);
    json_t *list = json_array();
    for (size_t i = 0; i < rule->client_type_count; i++)
        json_array_append_new(list, json_string(rule->client_types[i]));
    return list;
}

static json_t *write_params(const fig_rule *rule, const fig_rule *usual)
{
    return is_type(rule->type) ? write_members(params_of[rule->type], rule, usual) : json_object();
}

static json_t *write_list(const member *of, const void *at, size_t count)
{
    const void *list = *(const void *const *)at;
    switch (of->kind) {
    case IDS: return write_ids(list, count);
    case WEEKLY: return write_weekly(list, count);
    case CUTS: return write_cuts(of->cuts, list, count);
    default: return write_offers(of, list, count);
    }
}

static json_t *write_value(const member *of, const void *is, const void *usual)
{
    const void *at = (const char *)is + of->at;
    switch (of->kind) {
    case ID: return output_id(*(const uint64_t *)at);
    case NAME: return json_string(at);
    case SPAN: return write_span(of, *(const uint32_t *)at);
    case NUMBER: return json_integer(*(const uint32_t *)at);
    case PRIORITY: return json_integer(*(const int32_t *)at);
    case FLAG: return json_boolean(*(const bool *)at);
    case DECLINED: return json_boolean(!*(const bool *)at);
    case CLOCK: return write_clock(*(const uint32_t *)at);
    case DATE: return write_date(*(const int32_t *)at);
    case WORD: return write_word(of->words, *(const unsigned *)at);
    case DAYS: return write_words(of->words, *(const uint8_t *)at);
    case FLAGS: return write_words(of->words, *(const uint32_t *)at);
    case TYPE: return json_string(fig_rule_type_name(*(const fig_rule_type *)at));
    case PARAMS: return write_params(is, usual);
    case WHOM: return write_whom(is);
    case GROUP: return write_members(of->group, is, usual);
    default: return write_list(of, at, *(const size_t *)(const void *)((const char *)is + of->count_at));
    }
}

static const char *name_of(const member *of, const void *is)
{
    if (of->kind != SPAN) return of->name;
    uint32_t span_s = *(const uint32_t *)(const void *)((const char *)is + of->at);
    return span_s % of->unit_s == 0 ? of->name : of->seconds;
}

/* An object of the members that are not as usual. */
static json_t *write_members(const member *members, const void *is, const void *usual)
{
    json_t *object = json_object();
    for (const member *of = members; of->name != NULL; of++) {
        json_t *value = write_value(of, is, usual), *else_value = write_value(of, usual, usual);
        if (!json_equal(value, else_value) || of->kind == ID) json_object_set(object, name_of(of, is), value);
        json_decref(value);
        json_decref(else_value);
    }
    return object;
}

json_t *declared_to_json(const fig_record *record)
{
    struct declared usual = new_declared();
    const void *is = record->kind == FIG_RECORD_SERVICE    ? (const void *)record->service
                     : record->kind == FIG_RECORD_CLIENT   ? (const void *)record->client
                     : record->kind == FIG_RECORD_RULE     ? (const void *)record->rule
                     : record->kind == FIG_RECORD_SCHEDULE ? (const void *)record->schedule
                                                           : NULL;
    return is != NULL ? write_members(members_of(record), is, part_of(&usual, record->kind)) : NULL;
}

/* ---- reading ---- */

static bool read_members(const member *members, const json_t *object, void *into, reason *why);

static const member *find_member(const member *members, const char *name)
{
    for (const member *of = members; of->name != NULL; of++)
        if (strcmp(of->name, name) == 0 || (of->seconds != NULL && strcmp(of->seconds, name) == 0)) return of;
    return NULL;
}

static bool read_type(const json_t *value, fig_rule_type *type, reason *why)
{
    bool known = json_is_string(value) && fig_rule_type_from_name(json_string_value(value), type) == FIG_OK;
    return (known && is_type(*type)) || reason_set(why, ": is no type of rule that can be declared");
}

static bool read_client_type(const json_t *value, void *into, reason *why)
{
    return setup_read_text(value, FIG_TYPE_MAX, into, why);
}

static bool read_offer(const json_t *value, void *into, reason *why)
{
    fig_offer *offer = into;
    *offer = usual_offer;
    if (!read_members(offer_members, value, offer, why)) return false;
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
    if (!is_type(rule->type)) return reason_set(why, ": stand without a type");
    return read_members(params_of[rule->type], value, rule, why);
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

static bool read_word(const member *of, const json_t *value, unsigned *word, reason *why)
{
    return setup_read_word(value, of->words, word, why);
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
    case WORD: return read_word(of, value, at, why);
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
    for (const member *of = members; of->name != NULL; of++)
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
    record->schedule = &declared->schedule;
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
    struct declared declared = new_declared();
    bool good = read_members(members_of(record), object, part_of(&declared, record->kind), why) &&
                write_text(&declared, record, text, why);
    free_lists(&declared);
    return good;
}
