/* What the parts of reading a calendar's rows share: placing events, finding occurrences, making rows. Not for others.
 */
#ifndef FIG_TOOLS_ICS_ROWS_H
#define FIG_TOOLS_ICS_ROWS_H

#include "tools/ics_recur.h"
#include "tools/ics_zone.h"
#include "tools/import_ics.h"

/* A calendar of the file: whose it is, and where its floating times are. */
struct diary {
    char barber[FIG_NAME_MAX + 1]; /* "": the calendar's name can be nobody's */
    local_zone zone;
};

/* An event in its zone. */
struct placed {
    int64_t start_s, end_s; /* of the first occurrence */
    int64_t recurrence_s;   /* the occurrence that it replaces */
    bool is_rejected;
    bool is_shared; /* another event has its UID: its start tells it apart */
};

struct occurrence {
    int64_t start_s;
    int64_t end_s;  /* 0: as long as the first one */
    int64_t name_s; /* the start that the series gives it, by which it is known */
    size_t event;   /* that says what it is: the series, or one that changes it from some occurrence on */
};

struct import_ics {
    ics_lines *lines;
    ics_file file;
    ics_zones zones;
    int64_t steps, steps_max; /* that expansions may still cost; that they may cost in all */
    const import_ics_order *order;
    struct diary *diaries;
    struct placed *placed;
    size_t *overrides; /* events that replace an occurrence, by calendar, UID and instant */
    size_t *ranges; /* for each: 1 + where in the index the last one of its series up to it is that goes on; 0: none */
    size_t override_count;
    int64_t from_s, to_s;

    size_t next_event; /* the reading of rows */
    size_t event;      /* that the occurrences are of */
    struct occurrence *occurrences;
    size_t occurrence_count, occurrence_room, next_occurrence;
    size_t cut; /* recurrences that go on after the span */
};

/* ---- placing (ics_place.c) ---- */

/* Notes why an event cannot be taken, unless that is known already; false. */
bool ics_reject(const import_ics *rows, ics_event *event, const char *field, const reason *why);
bool ics_instant_of(import_ics *rows, const ics_event *event, const ics_time *at, int64_t *instant_s, reason *why);
/* What the clock that an event's start is told by shows at an instant. */
int64_t ics_clock_at(import_ics *rows, const ics_event *event, int64_t instant_s);
/* The end of an occurrence that lasts so many days of the calendar and so many seconds. */
bool ics_end_after(import_ics *rows, const ics_event *event, int64_t start_s, ics_length length, int64_t *end_s,
                   reason *why);
/* How long an event lasts that is told by lengths and not by an end; given is false when it is told by its end. */
ics_length ics_length_of(const import_ics *rows, const ics_event *event);
const char *ics_end_field(const ics_event *event);

/* ---- versions and occurrences (ics_occurrences.c) ---- */

/* Rejects old versions of events, and indexes those that replace an occurrence. False: no memory. */
bool ics_index_events(import_ics *rows);
bool ics_recurs(const ics_event *event);
/* Fills rows->occurrences; false when the event is rejected. */
bool ics_find_occurrences(import_ics *rows, ics_event *event, const struct placed *placed);

#endif
