/* Open time: whether a barber takes bookings over a span, other appointments aside. */
#ifndef FIG_CORE_OPEN_TIME_H
#define FIG_CORE_OPEN_TIME_H

#include "engine/core/version.h"

/* The whole of [start_s, end_s) is open: covered by dated windows (which may touch or overlap) where the barber keeps
 * hours, and met by no cut. O(log n + windows in the span). */
bool open_time_covers(const struct barber *barber, int64_t start_s, int64_t end_s);

#endif
