#include "tools/setup_values.h"

#include "tools/rfc3339.h"
#include "tools/text.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_SECONDS = 3600, MINUTE_SECONDS = 60, LEAP_YEAR = 2000 };

bool setup_read_object(const json_t *object, const setup_field *fields, size_t count, void *into, reason *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return reason_set(why, ": must be an object {...}");
    json_object_foreach((json_t *)object, name, value)
    {
        size_t i = 0;
        while (i < count && strcmp(fields[i].name, name) != 0) i++;
        if (i == count) return reason_set(why, ".%.64s: unknown field", name);
        if (!fields[i].read(value, into, why)) return reason_prefix(why, ".%s", name);
    }
    return true;
}

/* ---- texts and numbers ---- */

bool setup_read_text(const json_t *value, size_t most, char *into, reason *why)
{
    reason inner;
    if (!json_is_string(value)) return reason_set(why, ": must be a text");
    if (!text_check(json_string_value(value), most, &inner)) return reason_set(why, ": %.700s", inner.text);
    memcpy(into, json_string_value(value), json_string_length(value) + 1);
    return true;
}

bool setup_read_text_or_none(const json_t *value, size_t most, char *into, reason *why)
{
    *into = '\0';
    if (json_is_null(value)) return true;
    if (!json_is_string(value)) return reason_set(why, ": must be a text, or null for none");
    return setup_read_text(value, most, into, why);
}

bool setup_read_id(const json_t *value, uint64_t *id, reason *why)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return reason_set(why, ": must be a whole number from 1");
    *id = (uint64_t)json_integer_value(value);
    return true;
}

bool setup_read_boolean(const json_t *value, bool *into, reason *why)
{
    if (!json_is_boolean(value)) return reason_set(why, ": must be true or false");
    *into = json_is_true(value);
    return true;
}

bool setup_read_number(const json_t *value, uint32_t least, uint32_t most, uint32_t *number, reason *why)
{
    json_int_t given = json_integer_value(value);
    if (!json_is_integer(value) || given < least || given > most)
        return reason_set(why, ": must be a whole number from %u to %u", least, most);
    *number = (uint32_t)given;
    return true;
}

bool setup_read_minutes(const json_t *value, uint32_t least_s, uint32_t most_s, uint32_t *seconds, reason *why)
{
    uint32_t minutes = 0;
    if (!setup_read_number(value, least_s / MINUTE_SECONDS, most_s / MINUTE_SECONDS, &minutes, why)) return false;
    *seconds = minutes * MINUTE_SECONDS;
    return true;
}

/* Hours may have a fraction: an hour and a half is 1.5. */
bool setup_read_hours(const json_t *value, uint32_t most_s, uint32_t *seconds, reason *why)
{
    double hours = json_number_value(value);
    if (!json_is_number(value) || !(hours >= 0 && hours * HOUR_SECONDS <= most_s))
        return reason_set(why, ": must be a number of hours from 0 to %u", most_s / HOUR_SECONDS);
    *seconds = (uint32_t)(hours * HOUR_SECONDS + 0.5);
    return true;
}

bool setup_read_priority(const json_t *value, int32_t *priority, reason *why)
{
    json_int_t given = json_integer_value(value);
    if (!json_is_integer(value) || given < INT32_MIN || given > INT32_MAX)
        return reason_set(why, ": must be a whole number of 32 bits");
    *priority = (int32_t)given;
    return true;
}

/* ---- words ---- */

/* "allow|refuse" as a message tells it: "allow" or "refuse". */
static bool wrong_word(const char *words, reason *why)
{
    char told[512] = "\"";
    for (const char *c = words; *c != '\0'; c++)
        if (*c == '|')
            strcat(told, strchr(c + 1, '|') != NULL ? "\", \"" : "\" or \"");
        else
            strncat(told, c, 1);
    return reason_set(why, ": must be %s\"", told);
}

bool setup_read_word(const json_t *value, const char *words, unsigned *which, reason *why)
{
    const char *given = json_string_value(value), *word = words;
    for (unsigned i = 0; given != NULL && word != NULL; i++) {
        size_t length = strcspn(word, "|");
        if (strlen(given) == length && strncmp(given, word, length) == 0) {
            *which = i;
            return true;
        }
        word = word[length] == '|' ? word + length + 1 : NULL;
    }
    return wrong_word(words, why);
}

bool setup_read_words(const json_t *value, const char *words, uint32_t *bits, reason *why)
{
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    *bits = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        unsigned which = 0;
        if (!setup_read_word(json_array_get(value, i), words, &which, why)) return reason_prefix(why, "[%zu]", i);
        *bits |= UINT32_C(1) << which;
    }
    return true;
}

/* ---- clocks and dates ---- */

bool setup_read_clock(const json_t *value, uint32_t *seconds, reason *why)
{
    reason inner;
    int32_t read_s = 0;
    bool is_local = false;
    const char *text = json_string_value(value);
    if (text == NULL) return reason_set(why, ": must be a text such as \"10:00\"");
    if (strcmp(text, "24:00") == 0 || strcmp(text, "24:00:00") == 0) {
        *seconds = DAY_SECONDS;
        return true;
    }
    if (!rfc3339_parse_clock(text, &read_s, &is_local, &inner))
        return reason_set(why, ": '%.32s' %.650s", text, inner.text);
    if (!is_local) return reason_set(why, ": '%.32s' has a UTC offset; leave it out, the time is the shop's", text);
    *seconds = (uint32_t)read_s;
    return true;
}

bool setup_read_date(const json_t *value, int32_t *day, reason *why)
{
    reason inner;
    int64_t midnight_s = 0;
    if (!json_is_string(value)) return reason_set(why, ": must be a text such as \"2026-12-06\"");
    if (!rfc3339_parse_date(json_string_value(value), &midnight_s, &inner))
        return reason_set(why, ": %.700s", inner.text);
    *day = (int32_t)(midnight_s / DAY_SECONDS);
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool setup_read_yearly_date(const json_t *value, int32_t *day, reason *why)
{
    reason inner;
    int64_t midnight_s = 0;
    const char *text = json_string_value(value);
    bool shaped = text != NULL && strlen(text) == 5 && is_digit(text[0]) && is_digit(text[1]) && text[2] == '-' &&
                  is_digit(text[3]) && is_digit(text[4]);
    if (!shaped) return reason_set(why, ": must be a month and a day such as \"12-25\"");
    int month = (text[0] - '0') * 10 + text[1] - '0', date = (text[3] - '0') * 10 + text[4] - '0';
    if (!rfc3339_midnight_of(LEAP_YEAR, month, date, &midnight_s, &inner))
        return reason_set(why, ": '%s' is no month and day of the calendar", text);
    *day = (int32_t)(midnight_s / DAY_SECONDS);
    return true;
}

/* ---- lists ---- */

bool setup_read_list(const json_t *value, size_t most, size_t size, void **list, size_t *count,
                     bool (*read)(const json_t *value, void *into, reason *why), reason *why)
{
    size_t given = json_array_size(value);
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    if (given > most) return reason_set(why, ": has %zu elements; at most %zu are kept", given, most);
    *list = calloc(given + 1, size);
    if (*list == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < given; i++) {
        *count = i + 1; /* counted first: what a bad one has taken is to be freed too */
        if (!read(json_array_get(value, i), (char *)*list + i * size, why)) return reason_prefix(why, "[%zu]", i);
    }
    return true;
}

bool setup_read_reference(const json_t *value, void *into, reason *why)
{
    setup_reference *reference = into;
    if (json_is_string(value)) return setup_read_text(value, FIG_NAME_MAX, reference->name, why);
    if (setup_read_id(value, &reference->id, why)) return true;
    return reason_set(why, ": must be an id (a whole number from 1) or a name");
}

bool setup_read_references(const json_t *value, setup_references *references, reason *why)
{
    return setup_read_list(value, FIG_LIST_MAX, sizeof *references->list, (void **)&references->list,
                           &references->count, setup_read_reference, why);
}

/* ---- weekly windows ---- */

struct weekly {
    fig_weekly window;
    bool has_day, has_start, has_end;
};

static bool read_day(const json_t *value, void *into, reason *why)
{
    struct weekly *weekly = into;
    unsigned day = 0;
    if (!setup_read_word(value, SETUP_DAYS, &day, why)) return false;
    weekly->window.weekday = (uint8_t)day;
    return weekly->has_day = true;
}

static bool read_weekly_start(const json_t *value, void *into, reason *why)
{
    struct weekly *weekly = into;
    if (!setup_read_clock(value, &weekly->window.start_s, why)) return false;
    if (weekly->window.start_s == DAY_SECONDS) return reason_set(why, ": no window starts at 24:00; 00:00 of the next");
    return weekly->has_start = true;
}

static bool read_weekly_end(const json_t *value, void *into, reason *why)
{
    struct weekly *weekly = into;
    return weekly->has_end = setup_read_clock(value, &weekly->window.end_s, why);
}

static bool read_weekly(const json_t *value, void *into, reason *why)
{
    static const setup_field fields[] = {{"day", read_day}, {"start", read_weekly_start}, {"end", read_weekly_end}};
    struct weekly weekly = {0};
    fig_weekly *window = into;
    if (!setup_read_object(value, fields, sizeof fields / sizeof *fields, &weekly, why)) return false;
    const char *lacks = !weekly.has_day ? "day" : !weekly.has_start ? "start" : !weekly.has_end ? "end" : NULL;
    if (lacks != NULL) return reason_set(why, ".%s: is missing", lacks);
    *window = weekly.window;
    return true;
}

bool setup_read_weekly(const json_t *value, fig_weekly **weekly, size_t *count, reason *why)
{
    return setup_read_list(value, FIG_LIST_MAX, sizeof **weekly, (void **)weekly, count, read_weekly, why);
}

/* ---- cuts ---- */

struct cut {
    fig_cut cut;
    bool has_from, has_to, has_start, has_end;
};

static bool read_from(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    return cut->has_from = setup_read_date(value, &cut->cut.from_day, why);
}

static bool read_to(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    return cut->has_to = setup_read_date(value, &cut->cut.to_day, why);
}

static bool read_cut_start(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    if (json_is_null(value)) return true;
    if (!setup_read_clock(value, &cut->cut.start_s, why)) return false;
    if (cut->cut.start_s == DAY_SECONDS) return reason_set(why, ": no window starts at 24:00; 00:00 of the next");
    return cut->has_start = true;
}

static bool read_cut_end(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    if (json_is_null(value)) return true;
    return cut->has_end = setup_read_clock(value, &cut->cut.end_s, why);
}

static bool read_yearly(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    return setup_read_boolean(value, &cut->cut.yearly, why);
}

static bool read_state(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    unsigned state = 0;
    if (!setup_read_word(value, SETUP_CUT_STATES, &state, why)) return false;
    cut->cut.state = (fig_cut_state)state;
    return true;
}

/* What the fields of a cut come to together. */
static bool finish_cut(struct cut *cut, reason *why)
{
    if (!cut->has_from) return reason_set(why, ".from: is missing");
    if (!cut->has_to) cut->cut.to_day = cut->cut.from_day;
    if (cut->has_start != cut->has_end)
        return reason_set(why, ".%s: is missing; give start and end, or neither for whole days",
                          cut->has_start ? "end" : "start");
    cut->cut.whole_days = !cut->has_start;
    if (!cut->cut.yearly && cut->cut.to_day < cut->cut.from_day)
        return reason_set(why, ".to: is before from; it is the last date, and included");
    return true;
}

static bool check_year(const struct cut *cut, reason *why)
{
    if (!cut->cut.yearly || cut->cut.to_day - cut->cut.from_day <= 366) return true;
    return reason_set(why, ".to: is more than a year after from, and this comes back yearly");
}

static bool read_blackout(const json_t *value, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"from", read_from}, {"to", read_to}, {"start", read_cut_start}, {"end", read_cut_end}, {"yearly", read_yearly},
    };
    struct cut cut = {.cut.kind = FIG_CUT_BLACKOUT};
    bool good = setup_read_object(value, fields, sizeof fields / sizeof *fields, &cut, why) && finish_cut(&cut, why) &&
                check_year(&cut, why);
    *(fig_cut *)into = cut.cut;
    return good;
}

static bool read_time_off(const json_t *value, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"from", read_from}, {"to", read_to}, {"start", read_cut_start}, {"end", read_cut_end}, {"status", read_state},
    };
    struct cut cut = {.cut.kind = FIG_CUT_TIME_OFF};
    bool good = setup_read_object(value, fields, sizeof fields / sizeof *fields, &cut, why) && finish_cut(&cut, why);
    *(fig_cut *)into = cut.cut;
    return good;
}

static bool read_cut_kind(const json_t *value, void *into, reason *why)
{
    struct cut *cut = into;
    unsigned kind = 0;
    if (!setup_read_word(value, SETUP_CUT_KINDS, &kind, why)) return false;
    cut->cut.kind = (fig_cut_kind)kind;
    return true;
}

bool setup_read_cut(const json_t *value, fig_cut *into, reason *why)
{
    static const setup_field fields[] = {
        {"from", read_from},     {"to", read_to},        {"start", read_cut_start}, {"end", read_cut_end},
        {"yearly", read_yearly}, {"status", read_state}, {"kind", read_cut_kind},
    };
    struct cut cut = {.cut.kind = into->kind};
    bool good = setup_read_object(value, fields, sizeof fields / sizeof *fields, &cut, why) && finish_cut(&cut, why);
    *into = cut.cut;
    return good;
}

bool setup_read_holiday(const json_t *value, void *into, reason *why)
{
    fig_cut *cut = into;
    *cut = (fig_cut){.kind = FIG_CUT_HOLIDAY, .yearly = true, .whole_days = true};
    if (!setup_read_yearly_date(value, &cut->from_day, why)) return false;
    cut->to_day = cut->from_day;
    return true;
}

bool setup_read_single_date(const json_t *value, void *into, reason *why)
{
    fig_cut *cut = into;
    *cut = (fig_cut){.kind = FIG_CUT_BLACKOUT, .whole_days = true};
    if (!setup_read_date(value, &cut->from_day, why)) return false;
    cut->to_day = cut->from_day;
    return true;
}

bool setup_read_cuts(const json_t *value, bool (*read)(const json_t *value, void *into, reason *why), setup_cuts *cuts,
                     reason *why)
{
    setup_cuts more = {0};
    bool good = setup_read_list(value, FIG_LIST_MAX, sizeof *more.list, (void **)&more.list, &more.count, read, why);
    fig_cut *grown = good ? realloc(cuts->list, (cuts->count + more.count + 1) * sizeof *grown) : NULL;
    if (good && grown == NULL) good = reason_set(why, ": out of memory");
    if (good) {
        memcpy(grown + cuts->count, more.list, more.count * sizeof *grown);
        *cuts = (setup_cuts){grown, cuts->count + more.count};
    }
    free(more.list);
    return good;
}

bool setup_read_blackouts(const json_t *value, setup_cuts *cuts, reason *why)
{
    return setup_read_cuts(value, read_blackout, cuts, why);
}

bool setup_read_time_off(const json_t *value, setup_cuts *cuts, reason *why)
{
    return setup_read_cuts(value, read_time_off, cuts, why);
}

bool setup_read_holidays(const json_t *value, setup_cuts *cuts, reason *why)
{
    return setup_read_cuts(value, setup_read_holiday, cuts, why);
}

bool setup_read_dates(const json_t *value, setup_cuts *cuts, reason *why)
{
    return setup_read_cuts(value, setup_read_single_date, cuts, why);
}
