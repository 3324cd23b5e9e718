/* What a new version of a zone would change in a store: appointments and dated windows keep their instants, so that
 * clocks show another time for them; weekly windows and cuts keep their clocks, so that they are at other instants. */
#ifndef FIG_TOOLS_TZ_CHANGES_H
#define FIG_TOOLS_TZ_CHANGES_H

#include "tools/output.h"

typedef struct tz_zones {
    const session *at;
    fig_view view;
    local_zone was, becomes; /* of the same name */
    uint64_t count;          /* changes that were printed */
} tz_zones;

/* Prints every change from the session's now on, weekly windows and cuts for the next 366 days. Returns 0, or complains
 * and returns the exit code. */
int tz_print_changes(tz_zones *zones);

#endif
