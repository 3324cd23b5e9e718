/* Civil time. civil.h says what it is.
 *
 * From instants to local time is one addition. The way back is a search among the zone's spans: an instant u has
 * local time L when u + offset(u) = L, so that every such u lies in [L - largest offset, L - smallest offset].
 * Mostly one span covers those hours, and the answer is one subtraction; else the spans are gone through in
 * order. Nothing is assumed of the transitions, neither how far apart they are nor how far they jump. */
#include "engine/core/civil.h"

#include <assert.h>

/* ------------------------------------------------------------------ the calendar */

static int64_t floor_divide(int64_t number, int64_t by) { return number / by - (number % by < 0); }

bool civil_year_is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int civil_month_days(int32_t year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && civil_year_is_leap(year));
}

bool civil_date_is_valid(struct civil_date date)
{
    return date.year >= CIVIL_YEAR_MIN && date.year <= CIVIL_YEAR_MAX && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= civil_month_days(date.year, date.month);
}

bool civil_time_is_valid(struct civil_time time)
{
    return civil_date_is_valid(time.date) && time.hour < 24 && time.minute < 60 && time.second < 60;
}

/* Both ways count years from 1 March, which puts the leap day last, and eras of 400 years from 0000-03-01, which
 * is EPOCH_DAYS before 1970. The months from March on have 31, 30, 31, 30, 31 days, twice, then 31 and 28 or 29:
 * month m begins at day (153 m + 2) / 5. */
enum { EPOCH_DAYS = 719468, ERA_DAYS = 146097, ERA_YEARS = 400 };

int64_t civil_days(struct civil_date date)
{
    assert(civil_date_is_valid(date));
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = floor_divide(year, ERA_YEARS);
    uint32_t year_of_era = (uint32_t)(year - era * ERA_YEARS);
    uint32_t month = (uint32_t)(date.month + 9) % 12; /* 0 = March */
    uint32_t day_of_year = (153 * month + 2) / 5 + date.day - 1u;
    uint32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

struct civil_date civil_date_of(int64_t day)
{
    int64_t era = floor_divide(day + EPOCH_DAYS, ERA_DAYS);
    uint32_t day_of_era = (uint32_t)(day + EPOCH_DAYS - era * ERA_DAYS);
    /* Takes the leap days out, so that what is left is years of 365 days. */
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month = (5 * day_of_year + 2) / 153; /* 0 = March */
    int64_t year = era * ERA_YEARS + year_of_era + (month >= 10);
    assert(year >= CIVIL_YEAR_MIN && year <= CIVIL_YEAR_MAX);
    return (struct civil_date){
        .year = (int32_t)year,
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

int civil_weekday(int64_t day)
{
    int from_thursday = (int)(day % 7); /* -6 to 6; day 0 was a Thursday */
    return (from_thursday + 10) % 7;
}

int64_t civil_seconds(struct civil_time time)
{
    assert(civil_time_is_valid(time));
    return civil_days(time.date) * CIVIL_DAY_S + time.hour * 3600 + time.minute * 60 + time.second;
}

struct civil_time civil_time_of(int64_t local_s)
{
    int64_t day = floor_divide(local_s, CIVIL_DAY_S);
    uint32_t clock = (uint32_t)(local_s - day * CIVIL_DAY_S);
    return (struct civil_time){
        .date = civil_date_of(day),
        .hour = (uint8_t)(clock / 3600),
        .minute = (uint8_t)(clock / 60 % 60),
        .second = (uint8_t)(clock % 60),
    };
}

/* ------------------------------------------------------------------ local time to instants */

/* Several spans meet the hours in which local_s may happen: `span` is the first of them. */
static enum civil_kind search(const struct zone *zone, struct zone_span span, int64_t local_s, enum civil_fold fold,
                              int64_t *utc_s)
{
    int64_t latest_s = local_s - zone->offset_min_s;
    int64_t first_s = 0, last_s = 0, jumped_s = 0;
    int times = 0;
    bool jumped = false;
    for (;;) {
        int64_t at_s = local_s - span.offset_s;
        if (span.start_s <= at_s && at_s < span.end_s) {
            if (times++ == 0) first_s = at_s;
            last_s = at_s;
        }
        if (latest_s < span.end_s) break;
        struct zone_span next = zone_span_at(zone, span.end_s);
        if (!jumped && span.end_s + span.offset_s <= local_s && local_s < span.end_s + next.offset_s) {
            jumped = true;
            jumped_s = at_s;
        }
        span = next;
    }
    /* Local time is at most local_s where the search begins and at least that where it ends, so that it jumps
     * over local_s if it never meets it. */
    assert(times > 0 || jumped);
    *utc_s = times == 0 ? jumped_s : fold == CIVIL_SECOND ? last_s : first_s;
    return times == 0 ? CIVIL_GAP : times == 1 ? CIVIL_PLAIN : CIVIL_FOLD;
}

enum civil_kind civil_to_utc(const struct zone *zone, int64_t local_s, enum civil_fold fold, int64_t *utc_s)
{
    struct zone_span span = zone_span_at(zone, local_s - zone->offset_max_s);
    if (span.end_s <= local_s - zone->offset_min_s) return search(zone, span, local_s, fold, utc_s);
    *utc_s = local_s - span.offset_s;
    return CIVIL_PLAIN;
}

int64_t civil_local_at(const struct zone *zone, int64_t utc_s) { return utc_s + zone_offset_at(zone, utc_s); }

int64_t civil_day_at(const struct zone *zone, int64_t utc_s)
{
    return floor_divide(civil_local_at(zone, utc_s), CIVIL_DAY_S);
}

/* ------------------------------------------------------------------ days */

int64_t civil_day_start(const struct zone *zone, int64_t day)
{
    int64_t midnight_s = day * CIVIL_DAY_S;
    struct zone_span span = zone_span_at(zone, midnight_s - zone->offset_max_s);
    for (;;) { /* before the first span local time is earlier, so that the first one to get there is it */
        int64_t at_s = midnight_s - span.offset_s;
        if (at_s < span.start_s) at_s = span.start_s;
        if (at_s < span.end_s) return at_s;
        span = zone_span_at(zone, span.end_s);
    }
}

bool civil_day_span(const struct zone *zone, int64_t day, int64_t *start_s, int64_t *end_s)
{
    *start_s = civil_day_start(zone, day);
    *end_s = civil_day_start(zone, day + 1);
    return *start_s < *end_s;
}

bool civil_day_exists(const struct zone *zone, int64_t day)
{
    int64_t start_s, end_s;
    return civil_day_span(zone, day, &start_s, &end_s);
}

int32_t civil_day_length_s(const struct zone *zone, int64_t day)
{
    int64_t start_s, end_s;
    civil_day_span(zone, day, &start_s, &end_s);
    return (int32_t)(end_s - start_s);
}

int64_t civil_next_day(const struct zone *zone, int64_t day)
{
    do day++;
    while (!civil_day_exists(zone, day));
    return day;
}

int64_t civil_previous_day(const struct zone *zone, int64_t day)
{
    do day--;
    while (!civil_day_exists(zone, day));
    return day;
}
