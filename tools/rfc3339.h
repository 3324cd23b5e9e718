/* Instants as text: RFC 3339 in, `YYYY-MM-DDTHH:MM:SSZ` out. Nothing here reads a clock, a locale or TZ.
 *
 * What is taken: the date-time of RFC 3339 with Z or an offset, T and Z in either case. A fraction must be
 * zero, since Figaro keeps whole seconds and does not round what it was told; a leap second is refused, since
 * it has no instant of its own in Unix time. Instants lie from FIG_TIME_MIN to FIG_TIME_MAX. */
#ifndef FIG_TOOLS_RFC3339_H
#define FIG_TOOLS_RFC3339_H

#include "tools/reason.h"

#include <stdint.h>

#define RFC3339_SIZE 21 /* bytes of a printed instant with its NUL */
#define DAY_SECONDS  86400
#define DATE_SIZE    11 /* bytes of a printed date with its NUL */

/* "2026-03-02T10:00:00+01:00" */
bool rfc3339_parse(const char *text, int64_t *instant_s, reason *why);

/* A time as it was given: an instant, or a local time that means one only in a zone. */
typedef struct moment {
    bool is_local;
    int64_t seconds; /* the instant; or what the clock on the wall shows, counted as if it stood in UTC */
} moment;

/* As rfc3339_parse(), or the same without its offset ("2026-03-02T10:00", also with a space for the T and without
 * seconds), which is local. */
bool rfc3339_parse_moment(const char *text, moment *at, reason *why);

/* "2026-03-02": the instant at which that date begins in UTC. */
bool rfc3339_parse_date(const char *text, int64_t *midnight_s, reason *why);

/* The midnight of a date that the calendar has, or the reason why it has none such. */
bool rfc3339_midnight_of(int year, int month, int day, int64_t *midnight_s, reason *why);

/* "10:00+01:00", "10:00:30Z": seconds from the UTC midnight of a date to that time of that date; below 0 or
 * above a day where the offset makes it so. */
bool rfc3339_parse_time(const char *text, int32_t *seconds, reason *why);

/* The same without an offset too: *is_local says so, and the seconds are then from the local midnight. */
bool rfc3339_parse_clock(const char *text, int32_t *seconds, bool *is_local, reason *why);

void rfc3339_print(int64_t instant_s, char text[RFC3339_SIZE]);
void rfc3339_print_date(int64_t instant_s, char text[DATE_SIZE]);

/* 0 = Monday, for the UTC date of an instant. */
int rfc3339_weekday(int64_t instant_s);

/* The UTC midnight at or before an instant. */
int64_t rfc3339_midnight(int64_t instant_s);

#endif
