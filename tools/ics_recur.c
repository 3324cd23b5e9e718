#include "tools/ics_recur.h"

#include "engine/figaro.h"
#include "tools/rfc3339.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

/* ---- lists of clocks ---- */

bool ics_clocks_add(ics_clocks *clocks, int64_t clock_s)
{
    if (clocks->count == clocks->room) {
        size_t room = clocks->room == 0 ? 16 : clocks->room * 2;
        int64_t *grown = realloc(clocks->list, room * sizeof *grown);
        if (grown == NULL) return false;
        clocks->list = grown;
        clocks->room = room;
    }
    clocks->list[clocks->count++] = clock_s;
    return true;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void ics_clocks_sort(ics_clocks *clocks)
{
    size_t kept = 0;
    if (clocks->count == 0) return;
    qsort(clocks->list, clocks->count, sizeof *clocks->list, compare);
    for (size_t i = 0; i < clocks->count; i++)
        if (i == 0 || clocks->list[i] != clocks->list[kept - 1]) clocks->list[kept++] = clocks->list[i];
    clocks->count = kept;
}

bool ics_clocks_have(const ics_clocks *clocks, int64_t clock_s)
{
    return clocks->count > 0 && bsearch(&clock_s, clocks->list, clocks->count, sizeof *clocks->list, compare) != NULL;
}

void ics_clocks_free(ics_clocks *clocks)
{
    free(clocks->list);
    *clocks = (ics_clocks){0};
}

/* ---- libical's times ---- */

static struct icaltimetype time_of(int64_t clock_s, bool is_date)
{
    char date[DATE_SIZE];
    int seconds = (int)(clock_s - rfc3339_midnight(clock_s));
    rfc3339_print_date(clock_s, date);
    struct icaltimetype at = icaltime_null_time();
    at.year = atoi(date);
    at.month = atoi(date + 5);
    at.day = atoi(date + 8);
    at.is_date = is_date;
    if (is_date) return at;
    at.hour = seconds / 3600;
    at.minute = seconds / 60 % 60;
    at.second = seconds % 60;
    return at;
}

/* False for a time outside of 1900 to 2200. */
static bool clock_of_time(const struct icaltimetype *at, int64_t *clock_s)
{
    reason ignored;
    if (!rfc3339_midnight_of(at->year, at->month, at->day, clock_s, &ignored)) return false;
    if (!at->is_date) *clock_s += at->hour * 3600 + at->minute * 60 + at->second;
    return *clock_s >= FIG_TIME_MIN && *clock_s <= FIG_TIME_MAX;
}

/* ---- rules ---- */

static bool has_parts(const struct icalrecurrencetype *rule)
{
    const short lists[] = {rule->by_second[0],   rule->by_minute[0],  rule->by_hour[0],
                           rule->by_day[0],      rule->by_month[0],   rule->by_month_day[0],
                           rule->by_year_day[0], rule->by_week_no[0], rule->by_set_pos[0]};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i] != ICAL_RECURRENCE_ARRAY_MAX) return true;
    return false;
}

/* UNTIL by the clock of the start: one in UTC is seen in the zone, and a date counts to its end. */
static void place_until(struct icalrecurrencetype *rule, const ics_span *span)
{
    int64_t clock_s;
    if (icaltime_is_null_time(rule->until)) return;
    if (!clock_of_time(&rule->until, &clock_s)) clock_s = FIG_TIME_MAX; /* 9999 is never */
    if (rule->until.is_date && !span->is_date) clock_s += DAY_SECONDS - 1;
    if (!rule->until.is_date && icaltime_is_utc(rule->until) && span->clock_of != NULL)
        clock_s = span->clock_of(span->zone, clock_s);
    if (clock_s > FIG_TIME_MAX) clock_s = FIG_TIME_MAX;
    rule->until = time_of(clock_s, span->is_date);
}

static bool read_rule(const char *text, const ics_span *span, struct icalrecurrencetype *rule, reason *why)
{
    if (strcasestr(text, "RSCALE") != NULL) return reason_set(why, "'%.64s': RSCALE is not taken", text);
    *rule = icalrecurrencetype_from_string(text);
    if (rule->freq == ICAL_NO_RECURRENCE)
        return reason_set(why, "'%.64s' is no rule, as FREQ=WEEKLY;BYDAY=MO;COUNT=10 is", text);
    bool fine = rule->freq == ICAL_SECONDLY_RECURRENCE || rule->freq == ICAL_MINUTELY_RECURRENCE;
    if (fine && has_parts(rule))
        return reason_set(why, "'%.64s': a rule by the minute or second is taken without BY parts alone", text);
    place_until(rule, span);
    return true;
}

/* How far libical looks in one step. */
static int64_t period_of(const struct icalrecurrencetype *rule)
{
    static const int64_t periods[] = {[ICAL_SECONDLY_RECURRENCE] = 1,
                                      [ICAL_MINUTELY_RECURRENCE] = 60,
                                      [ICAL_HOURLY_RECURRENCE] = 3600,
                                      [ICAL_DAILY_RECURRENCE] = DAY_SECONDS,
                                      [ICAL_WEEKLY_RECURRENCE] = 7 * DAY_SECONDS,
                                      [ICAL_MONTHLY_RECURRENCE] = 28 * DAY_SECONDS,
                                      [ICAL_YEARLY_RECURRENCE] = 28 * DAY_SECONDS};
    int64_t interval = rule->interval > 0 ? rule->interval : 1;
    return has_parts(rule) ? periods[rule->freq] * interval : INT64_MAX;
}

#define LAST_YEAR_S INT64_C(19344000000) /* where libical gives up, in 2582 */

static bool gather(icalrecur_iterator *from, const struct icalrecurrencetype *rule, const ics_span *span,
                   int64_t *steps, ics_clocks *into, bool *cut, reason *why)
{
    int64_t period_s = period_of(rule), at_s = span->start_s, clock_s;
    for (size_t count = 0;; count++) {
        struct icaltimetype next = icalrecur_iterator_next(from);
        bool over = icaltime_is_null_time(next);
        bool beyond = over || !clock_of_time(&next, &clock_s) || clock_s >= span->to_s;
        if (over) clock_s = icaltime_is_null_time(rule->until) && rule->count == 0 ? LAST_YEAR_S : at_s;
        *steps -= 1 + (clock_s > at_s ? (clock_s - at_s) / period_s : 0);
        if (beyond && !over && cut != NULL) *cut = true;
        if (beyond) return true;
        if (count == ICS_OCCURRENCES_MAX)
            return reason_set(why, "comes to more than %d occurrences; --to ends it earlier", ICS_OCCURRENCES_MAX);
        if (*steps < 0) return reason_set(why, "the recurrences of this file ask for more than can be looked through");
        if (!ics_clocks_add(into, clock_s)) return reason_set(why, "out of memory");
        at_s = clock_s;
    }
}

bool ics_recur_expand(const char *text, const ics_span *span, int64_t *steps, ics_clocks *into, bool *cut, reason *why)
{
    struct icalrecurrencetype rule;
    icalerror_set_errors_are_fatal(0);
    if (*steps < 0) return reason_set(why, "the recurrences of this file ask for more than can be looked through");
    if (!read_rule(text, span, &rule, why)) return false;
    icalrecur_iterator *from = icalrecur_iterator_new(rule, time_of(span->start_s, span->is_date));
    if (from == NULL) return reason_set(why, "'%.64s' never comes, or its parts do not go together", text);
    bool good = gather(from, &rule, span, steps, into, cut, why);
    icalrecur_iterator_free(from);
    return good;
}
