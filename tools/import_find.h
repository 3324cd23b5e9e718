/* The appointments that a row tells of: all that are as it says, in one version of the store.
 *
 * A field counts when the file gives it. A client or a service that is left empty is none, as in a booking; an empty
 * key says nothing. A start is that instant, or that local time of the appointment's barber; a date is that of the
 * start, on the clocks there. Holds that expired never became appointments, and are passed over.
 *
 * Cost: by key a few cache misses; by barber or client logarithmic plus what that time holds of theirs; by time alone
 * that for each barber; else a walk over all. */
#ifndef FIG_TOOLS_IMPORT_FIND_H
#define FIG_TOOLS_IMPORT_FIND_H

#include "tools/import_row.h"
#include "tools/session.h"

typedef enum import_found {
    IMPORT_FOUND,        /* the list says how many */
    IMPORT_FOUND_NOBODY, /* nothing and nobody has a name that the row gives; the fault says which */
    IMPORT_FOUND_BAD,    /* a row that means nothing; the fault says why */
    IMPORT_FOUND_FAULT   /* complained of */
} import_found;

typedef struct import_finder {
    session at; /* with a snapshot of its own */
    const import_plan *plan;
    const local_zone *zone; /* of local times; NULL: the barber's, else the shop's */
    struct finder_zone {
        uint64_t barber_id;
        local_zone zone;
    } * zones;
    size_t zone_count;
    fig_appointment *list; /* what the last row tells of */
    size_t count, room;
    int code; /* after IMPORT_FOUND_FAULT: the exit code */
} import_finder;

/* The store is open; `plan` is finding, and outlives the finder as `zone` does. Returns 0, or complains and returns the
 * exit code. Close the finder also then. */
int import_finder_open(import_finder *finder, const session *at, const import_plan *plan, const local_zone *zone);
void import_finder_close(import_finder *finder);

/* Sets the row's client_id and service_id, too, as far as it names them and they are known. */
import_found import_find(import_finder *finder, import_row *row, import_fault *fault);

#endif
