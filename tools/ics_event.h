/* The VEVENTs and VTIMEZONEs of an iCalendar file, as they stand in it: nothing is placed in a zone or expanded here.
 *
 * An event with a line that matters and cannot be read keeps the first such fault; lines that do not matter to an
 * appointment (attendees, alarms) are passed over unread. */
#ifndef FIG_TOOLS_ICS_EVENT_H
#define FIG_TOOLS_ICS_EVENT_H

#include "engine/figaro.h"
#include "tools/ics_lines.h"

typedef enum ics_form {
    ICS_NONE = 0,
    ICS_DATE,     /* a date: the clock is its midnight */
    ICS_FLOATING, /* local time of whoever reads it */
    ICS_UTC,
    ICS_ZONED /* local time of the zone */
} ics_form;

/* A time as it stands in the file. */
typedef struct ics_time {
    ics_form form;
    int64_t clock_s;  /* what the clock shows, counted as if it stood in UTC */
    const char *zone; /* TZID if ICS_ZONED; the file's */
} ics_time;

/* Nominal days, then exact seconds (3.3.6). */
typedef struct ics_length {
    bool given;
    int64_t days;
    int64_t seconds;
} ics_length;

/* A date that is added to a recurrence; of a period, also its end. */
typedef struct ics_date {
    ics_time start;
    ics_time end; /* ICS_NONE: as long as the others */
    ics_length length;
} ics_date;

typedef struct ics_dates {
    ics_date *list;
    size_t count, room;
} ics_dates;

typedef struct ics_rules {
    char **list; /* as they stand in the file */
    uint64_t *lines;
    size_t count;
} ics_rules;

/* Why something cannot be taken; line 0: nothing is wrong. */
typedef struct ics_fault {
    uint64_t line;
    char field[24];
    char *why;
} ics_fault;

/* What an export of Figaro's says besides; "" and 0 where it does not. */
typedef struct ics_own {
    bool given;
    fig_appointment_status status;
    uint64_t client_id, service_id;
    int64_t before_s, after_s; /* below 0: not said */
    char key[FIG_KEY_MAX + 1];
} ics_own;

typedef struct ics_event {
    uint64_t line;   /* of its BEGIN */
    size_t calendar; /* index of the one that it is in */
    char *uid;       /* NULL: it has none */
    ics_time start, end, recurrence;
    ics_length length;
    ics_rules rules, exclusions; /* RRULE, EXRULE */
    ics_dates dates, exceptions; /* RDATE, EXDATE */
    uint64_t sequence;
    bool cancelled, tentative, confirmed, transparent, range;
    char *summary, *description;
    ics_own own;
    ics_fault fault;
} ics_event;

/* A STANDARD or DAYLIGHT part of a VTIMEZONE. */
typedef struct ics_observance {
    bool has_start, has_from, has_to;
    int64_t clock_s; /* the first onset, by the clock before it */
    int32_t from_s, to_s;
    ics_rules rules;
    ics_dates dates;
} ics_observance;

typedef struct ics_vtimezone {
    uint64_t line;
    size_t calendar;
    char *tzid, *location; /* X-LIC-LOCATION; NULL */
    ics_observance *parts;
    size_t count, room;
    ics_fault fault;
} ics_vtimezone;

typedef struct ics_calendar {
    char *name; /* X-WR-CALNAME; NULL */
} ics_calendar;

typedef struct ics_file {
    ics_calendar *calendars;
    size_t calendar_count;
    ics_event *events; /* in the order of the file */
    size_t event_count;
    ics_vtimezone *zones;
    size_t zone_count;
    char **tzids; /* that times name, each once */
    size_t tzid_count;
} ics_file;

/* A file with more is turned away as a whole, but for zones that are named beyond theirs. */
#define ICS_EVENTS_MAX    500000
#define ICS_CALENDARS_MAX 1000
#define ICS_ZONES_MAX     10000 /* VTIMEZONEs */
#define ICS_TZIDS_MAX     1000
#define ICS_OBSERVED_MAX  1000 /* parts of a VTIMEZONE */

/* Reads everything. False and a reason when the lines are no calendar at all, or memory is short; free the file also
 * then. */
bool ics_file_read(ics_lines *lines, ics_file *file, reason *why);
void ics_file_free(ics_file *file);

#endif
