/* The values of content lines: times, lengths, offsets, lists of dates. */
#ifndef FIG_TOOLS_ICS_VALUES_H
#define FIG_TOOLS_ICS_VALUES_H

#include "tools/ics_event.h"

/* "20260302", "20260302T100000", "20260302T100000Z", and what the line's VALUE and TZID say of it. A zone is kept by
 * the caller: at->zone is the line's own. */
bool ics_read_time(const ics_line *line, const char *text, ics_time *at, reason *why);

/* "PT1H30M", "P1D"; not below 0. */
bool ics_read_length(const char *text, ics_length *length, reason *why);

/* "+0100", "-053000": seconds. */
bool ics_read_offset(const char *text, int32_t *offset_s, reason *why);

/* A date or period of RDATE. */
bool ics_read_date(const ics_line *line, char *text, ics_date *date, reason *why);

#endif
