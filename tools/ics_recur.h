/* Recurrences (RFC 5545 3.3.10) as libical expands them, kept within bounds.
 *
 * libical counts in local time and knows no zone here: what comes out is what clocks show. A rule may ask for more than
 * a machine can do (every second for ever; every day that is a 30 February); so each step costs, by how far libical has
 * to look for it, and a file has a budget. The bounds are counts, not seconds: the same file ends the same everywhere.
 */
#ifndef FIG_TOOLS_ICS_RECUR_H
#define FIG_TOOLS_ICS_RECUR_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

#define ICS_OCCURRENCES_MAX 100000  /* of one rule */
#define ICS_STEPS_MAX       5000000 /* of all rules of a file: some ten seconds */

typedef struct ics_clocks {
    int64_t *list;
    size_t count, room;
} ics_clocks;

bool ics_clocks_add(ics_clocks *clocks, int64_t clock_s);
/* Ascending, each once. */
void ics_clocks_sort(ics_clocks *clocks);
bool ics_clocks_have(const ics_clocks *clocks, int64_t clock_s);
void ics_clocks_free(ics_clocks *clocks);

/* What the clock of a zone shows at an instant. */
typedef int64_t ics_clock_of(const void *zone, int64_t instant_s);

typedef struct ics_span {
    int64_t start_s; /* DTSTART by the clock */
    int64_t to_s;    /* occurrences begin before it; by the clock, too */
    bool is_date;
    ics_clock_of *clock_of; /* for an UNTIL in UTC */
    const void *zone;
} ics_span;

/* Adds the starts of a rule. *cut (may be NULL) becomes true when it goes on after the span. *steps is what the file
 * may still cost. */
bool ics_recur_expand(const char *rule, const ics_span *span, int64_t *steps, ics_clocks *into, bool *cut, reason *why);

#endif
