#include "tools/declared_json.h"

#include "tools/declared_members.h"
#include "tools/output.h"
#include "tools/rfc3339.h"
#include "tools/setup_values.h"

#include <string.h>

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

/* The word of that place. */
static json_t *write_word(const char *words, unsigned place)
{
    for (; place > 0 && words != NULL; place--) {
        words = strchr(words, '|');
        if (words != NULL) words++;
    }
    return words != NULL ? json_stringn(words, strcspn(words, "|")) : json_null();
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
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, write_members(of->group, &offers[i], &declared_usual_offer));
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
    const member *params = declared_params(rule->type);
    return params != NULL ? write_members(params, rule, usual) : json_object();
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
    for (const member *of = declared_first(members); of != NULL; of = declared_after(of)) {
        json_t *value = write_value(of, is, usual), *else_value = write_value(of, usual, usual);
        if (!json_equal(value, else_value) || of->kind == ID) json_object_set(object, name_of(of, is), value);
        json_decref(value);
        json_decref(else_value);
    }
    return object;
}

json_t *declared_to_json(const fig_record *record)
{
    struct declared usual = declared_new();
    const void *is = record->kind == FIG_RECORD_SERVICE    ? (const void *)record->service
                     : record->kind == FIG_RECORD_CLIENT   ? (const void *)record->client
                     : record->kind == FIG_RECORD_RULE     ? (const void *)record->rule
                     : record->kind == FIG_RECORD_SCHEDULE ? (const void *)record->schedule
                                                           : NULL;
    return is != NULL ? write_members(declared_members(record), is, declared_part(&usual, record->kind)) : NULL;
}
