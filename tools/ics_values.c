#include "tools/ics_values.h"

#include "tools/rfc3339.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

static bool all_digits(const char *text, size_t count) { return strspn(text, "0123456789") >= count; }

static int number_of(const char *text, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++) number = 10 * number + text[i] - '0';
    return number;
}

static bool read_date(const char *text, int64_t *clock_s, reason *why)
{
    if (!all_digits(text, 8)) return reason_set(why, "'%.32s' is no date, as 20260302 is", text);
    return rfc3339_midnight_of(number_of(text, 4), number_of(text + 4, 2), number_of(text + 6, 2), clock_s, why) ||
           reason_prefix(why, "'%.32s': ", text);
}

/* "100000" */
static bool read_clock(const char *text, int64_t *seconds, reason *why)
{
    if (!all_digits(text, 6)) return reason_set(why, "'%.32s' is no time of day, as 100000 is", text);
    int hour = number_of(text, 2), minute = number_of(text + 2, 2), second = number_of(text + 4, 2);
    if (hour > 23 || minute > 59 || second > 60)
        return reason_set(why, "'%.32s' is no time of day: it goes to 235959", text);
    *seconds = hour * 3600 + minute * 60 + (second == 60 ? 59 : second); /* a leap second is the one before it */
    return true;
}

bool ics_read_time(const ics_line *line, const char *text, ics_time *at, reason *why)
{
    const char *zone = ics_line_param(line, "TZID"), *rest;
    int64_t clock_s, seconds = 0;
    if (!read_date(text, &clock_s, why)) return false;
    rest = text + 8;
    *at = (ics_time){.form = ICS_DATE, .clock_s = clock_s};
    if (*rest == '\0') return true;
    if (*rest != 'T' && *rest != 't')
        return reason_set(why, "'%.32s' is no date or time, as 20260302T100000Z is", text);
    if (!read_clock(rest + 1, &seconds, why)) return false;
    rest += 7;
    bool utc = *rest == 'Z' || *rest == 'z';
    if (rest[utc] != '\0') return reason_set(why, "'%.32s' is no date or time, as 20260302T100000Z is", text);
    at->form = utc ? ICS_UTC : zone != NULL ? ICS_ZONED : ICS_FLOATING;
    at->zone = utc ? NULL : zone;
    at->clock_s += seconds;
    return true;
}

bool ics_read_length(const char *text, ics_length *length, reason *why)
{
    const struct icaldurationtype is = icaldurationtype_from_string(text);
    if (icaldurationtype_is_bad_duration(is)) return reason_set(why, "'%.32s' is no length, as PT1H30M is", text);
    if (is.is_neg) return reason_set(why, "'%.32s' is below nothing", text);
    *length = (ics_length){
        .given = true,
        .days = (int64_t)is.weeks * 7 + is.days,
        .seconds = (int64_t)is.hours * 3600 + (int64_t)is.minutes * 60 + is.seconds,
    };
    bool right = length->days >= 0 && length->seconds >= 0; /* numbers that are too large have wrapped around */
    if (right && length->days <= 366 && length->seconds <= FIG_DURATION_MAX) return true;
    return reason_set(why, "'%.32s' is longer than 366 days", text);
}

bool ics_read_offset(const char *text, int32_t *offset_s, reason *why)
{
    size_t digits = *text == '\0' ? 0 : strlen(text + 1);
    bool form = (*text == '+' || *text == '-') && (digits == 4 || digits == 6) && all_digits(text + 1, digits);
    if (!form) return reason_set(why, "'%.32s' is no offset, as +0100 is", text);
    int seconds = digits == 6 ? number_of(text + 5, 2) : 0;
    int offset = number_of(text + 1, 2) * 3600 + number_of(text + 3, 2) * 60 + seconds;
    if (offset > 26 * 3600) return reason_set(why, "'%.32s' is more than a day", text);
    *offset_s = *text == '-' ? -offset : offset;
    return true;
}

bool ics_read_date(const ics_line *line, char *text, ics_date *date, reason *why)
{
    char *slash = strchr(text, '/');
    *date = (ics_date){.start = {.form = ICS_NONE}};
    if (slash != NULL) *slash = '\0';
    if (!ics_read_time(line, text, &date->start, why)) return false;
    if (slash == NULL) return true;
    bool is_length = slash[1] == 'P' || slash[1] == '+' || slash[1] == '-';
    return is_length ? ics_read_length(slash + 1, &date->length, why) : ics_read_time(line, slash + 1, &date->end, why);
}
