/* Civil time: dates and wall clocks of the proleptic Gregorian calendar, and what they mean in a zone.
 *
 *   civil_days, civil_date_of      a date as a number of days, and back               a few ns
 *   civil_seconds, civil_time_of   a date and clock as local seconds, and back        a few ns
 *   civil_to_utc                   local time to the instant, gaps and folds told     two look-ups in the zone
 *   civil_local_at, civil_day_at   the local time, the date, at an instant            one look-up
 *   civil_day_span ...             what instants a date has, whether it has any       two look-ups
 *
 * Two numbers stand for civil time here, since they can be added to and compared:
 * - a *day* is a date, counted from 1970-01-01 = 0;
 * - *local seconds* are a date and clock, counted as if the zone were UTC: day * 86,400 + the seconds of the
 *   clock. They take 24:00 of a day for 00:00 of the next.
 *
 * Local time jumps. In a *gap* (clocks go forward) local times are skipped; one of them is taken with the offset
 * before the gap, as RFC 5545 3.3.5 has it, so that 02:30 means what 03:30 does. In a *fold* (clocks go back)
 * local times happen twice. Gaps and folds may lie at midnight, and may be a day long or longer.
 *
 * Ranges: years from CIVIL_YEAR_MIN to CIVIL_YEAR_MAX; days, local seconds and instants within them. It is the
 * caller's to check (civil_date_is_valid() for what was typed in); everything is exact within. */
#ifndef FIG_CORE_CIVIL_H
#define FIG_CORE_CIVIL_H

#include "engine/core/zone.h"

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY_S    86400
#define CIVIL_YEAR_MIN (-1000000)
#define CIVIL_YEAR_MAX 1000000

/* ---- the calendar ---- */

struct civil_date {
    int32_t year;  /* 0 is the year before 1 */
    uint8_t month; /* 1 to 12 */
    uint8_t day;   /* 1 to 31 */
};

struct civil_time {
    struct civil_date date;
    uint8_t hour;   /* 0 to 23 */
    uint8_t minute; /* 0 to 59 */
    uint8_t second; /* 0 to 59: Unix time has no leap seconds */
};

/* Whether the calendar has such a date (in some zone it may be skipped nevertheless: civil_day_exists()). */
bool civil_date_is_valid(struct civil_date date);
bool civil_time_is_valid(struct civil_time time);

bool civil_year_is_leap(int32_t year);
int civil_month_days(int32_t year, int month); /* 28 to 31; month 1 to 12 */

int64_t civil_days(struct civil_date date);
struct civil_date civil_date_of(int64_t day);
int civil_weekday(int64_t day); /* 0 = Monday */

int64_t civil_seconds(struct civil_time time);
struct civil_time civil_time_of(int64_t local_s);

/* ---- in a zone ---- */

enum civil_kind {
    CIVIL_PLAIN, /* the local time happens once */
    CIVIL_GAP,   /* it is skipped; it was taken with the offset before the gap */
    CIVIL_FOLD   /* it happens twice */
};

/* Which of the times that a local time in a fold happens at. */
enum civil_fold { CIVIL_FIRST, CIVIL_SECOND };

/* The instant that a local time means. (Were it to happen more than twice, which no zone has ever done,
 * CIVIL_SECOND would be the last.) */
enum civil_kind civil_to_utc(const struct zone *zone, int64_t local_s, enum civil_fold fold, int64_t *utc_s);

int64_t civil_local_at(const struct zone *zone, int64_t utc_s); /* local seconds at an instant */
int64_t civil_day_at(const struct zone *zone, int64_t utc_s);   /* the date at an instant */

/* The first instant at which local time has reached this day's 00:00. That is local midnight, the first one if
 * there are two, and where midnight is skipped, the first instant after it. */
int64_t civil_day_start(const struct zone *zone, int64_t day);

/* The instants of a day, [*start_s, *end_s): from its start to the next day's. Days tile time. False for a day
 * that the zone skips (2011-12-30 in Pacific/Apia): the span is then empty, where the day would have been.
 * Where clocks go back over midnight, the bit of the old date that comes again counts to the new one, although
 * civil_day_at() says what the calendar on the wall would. */
bool civil_day_span(const struct zone *zone, int64_t day, int64_t *start_s, int64_t *end_s);

bool civil_day_exists(const struct zone *zone, int64_t day);
int32_t civil_day_length_s(const struct zone *zone, int64_t day); /* 86,400 but for some; 0: skipped */

/* The next day after this one, or the last one before it, that the zone does not skip. */
int64_t civil_next_day(const struct zone *zone, int64_t day);
int64_t civil_previous_day(const struct zone *zone, int64_t day);

#endif
