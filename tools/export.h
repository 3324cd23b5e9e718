/* What an export writes, one version of the store, to the standard output: a file per format. */
#ifndef FIG_TOOLS_EXPORT_H
#define FIG_TOOLS_EXPORT_H

#include "tools/session.h"

typedef struct export_order {
    const session *at; /* with the store open */
    fig_view view;     /* of the version that is exported */
    fig_filter filter; /* which appointments, */
    uint32_t statuses; /* and of which statuses: a bit for each, 1 << FIG_HELD ... */
} export_order;

/* An iCalendar file (RFC 5545) with a calendar for each barber, which `figaro import --format ics` reads back to the
 * same appointments. Holds are left out and counted on stderr: they have an end of their own. Returns 0 or the exit
 * code. */
int export_ics(const export_order *order);
/* One appointment a line, whatever its status, in the columns that `figaro import` reads without a map. Returns 0 or
 * the exit code. */
int export_csv(const export_order *order);

/* JSON Lines: every record as it is, so that an import of it gives the same state. The filter is not asked. */
int export_jsonl(const export_order *order);

#endif
