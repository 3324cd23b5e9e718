/* An iCalendar file as a source of rows: each event, and each occurrence of one that recurs, is a row.
 *
 * What is taken: events with a start and a length that take up time. CANCELLED ones are rows with that status,
 * TENTATIVE ones are pending. Recurrences are expanded within a span. An event with a RECURRENCE-ID takes the place of
 * the occurrence that it names; where there is no such occurrence, it is a row all the same. Of two versions of one
 * event the one with the higher SEQUENCE counts. */
#ifndef FIG_TOOLS_IMPORT_ICS_H
#define FIG_TOOLS_IMPORT_ICS_H

#include "tools/ics_lines.h"
#include "tools/import_source.h"
#include "tools/session.h"

typedef struct import_ics import_ics;

/* What the command line says. */
typedef struct import_ics_order {
    const session *at;      /* with the store open; NULL is allowed where `zone` is given */
    const char *barber;     /* whose the events are; NULL: as the calendar is called, else as the file */
    const local_zone *zone; /* of times that name none; NULL: the barber's, else the shop's */
    int64_t length_s;       /* of events that do not say it; below 0: those are rejected */
    moment from, to;        /* recurrences are expanded within; ARGUMENT_NO_MOMENT: as the file's dates say */
    bool keys;              /* an event's UID makes its key */
    int64_t steps;          /* what the recurrences may cost; 0: ICS_STEPS_MAX */
} import_ics_order;

/* Reads a whole file; closes the lines. NULL and a reason. */
import_ics *import_ics_read(ics_lines *lines, reason *why);
void import_ics_close(import_ics *rows);

/* Places the events in their zones. The order outlives the source. Returns 0, or complains and returns the exit code.
 */
int import_ics_place(import_ics *rows, const import_ics_order *order);
import_source import_ics_source(import_ics *rows);

/* How many events the file has; and of how many the recurrence goes on after the span. */
size_t import_ics_events(const import_ics *rows);
size_t import_ics_cut(const import_ics *rows, int64_t *to_s);

#endif
