/* The zones that a calendar's times are in: those of the time zone database wherever the TZID is one of their names,
 * and else what the file's VTIMEZONE says of it.
 *
 * A local time that clocks skip takes the offset before the gap, and one that happens twice is the first. */
#ifndef FIG_TOOLS_ICS_ZONE_H
#define FIG_TOOLS_ICS_ZONE_H

#include "tools/ics_event.h"
#include "tools/session.h"

/* A zone that is resolved. */
typedef struct ics_zone {
    const char *tzid; /* the file's */
    size_t calendar;
    bool good;
    reason why; /* it is not */
    local_zone named;
    bool is_own;
    struct ics_change {
        int64_t at_s;
        int32_t from_s, to_s; /* offsets before and after */
    } * changes;              /* of a VTIMEZONE, ascending */
    size_t change_count, change_room;
} ics_zone;

typedef struct ics_zones {
    const session *at; /* whose store's zones go before the system's; NULL: none is open */
    const ics_file *file;
    ics_zone *list;
    size_t count;
    size_t last;    /* that was found */
    int64_t *steps; /* what expansions may still cost */
} ics_zones;

#define ICS_ZONES_USED_MAX 2000 /* by the times of a file, counted by calendar */

/* The zone of that TZID in a calendar, resolved when it is first asked for; look at `good`. NULL: no memory, or too
 * many. Zones move when others are asked for. */
const ics_zone *ics_zone_find(ics_zones *zones, const char *tzid, size_t calendar);
void ics_zones_free(ics_zones *zones);

/* The instant of a local time in it, and what its clock shows at an instant. */
bool ics_zone_instant(const ics_zone *zone, int64_t clock_s, int64_t *instant_s, reason *why);
int64_t ics_zone_clock(const ics_zone *zone, int64_t instant_s);

#endif
