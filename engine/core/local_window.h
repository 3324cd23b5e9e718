/* A window between two clocks of a date, as instants in a zone.
 *
 *   local_window          the instants of a date's window                     two look-ups in the zone
 *   local_window_at       the same, only where it contains an instant         mostly a comparison
 *
 * Clocks are seconds from midnight, 0 to 86400; an end at or before its start is on the next day. Gaps and folds are
 * those of civil.h. A window that is empty then is none, and a date that the zone skips has none. */
#ifndef FIG_CORE_LOCAL_WINDOW_H
#define FIG_CORE_LOCAL_WINDOW_H

#include "engine/core/civil.h"

struct local_window {
    int64_t from_s;
    int64_t until_s;
};

/* Windows that contain an instant begin at most so many dates before its own, or after it: in every zone whose offsets
 * are at most two days apart, and there is none with more. */
#define LOCAL_WINDOW_DAYS_BEFORE 3
#define LOCAL_WINDOW_DAYS_AFTER  2

/* False: there is none. */
bool local_window(const struct zone *zone, int64_t day, uint32_t start_s, uint32_t end_s, struct local_window *window);

/* False: there is none, or the instant is outside. */
bool local_window_at(const struct zone *zone, int64_t day, uint32_t start_s, uint32_t end_s, int64_t at_s,
                     struct local_window *window);

#endif
