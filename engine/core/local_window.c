#include "engine/core/local_window.h"

static int64_t local_end(int64_t day, uint32_t start_s, uint32_t end_s)
{
    return (day + (end_s <= start_s)) * CIVIL_DAY_S + end_s;
}

/* Only a zone whose offsets are a day apart can skip one. */
static bool is_skipped(const struct zone *zone, int64_t day)
{
    return zone->offset_max_s - zone->offset_min_s >= CIVIL_DAY_S && !civil_day_exists(zone, day);
}

bool local_window(const struct zone *zone, int64_t day, uint32_t start_s, uint32_t end_s, struct local_window *window)
{
    if (is_skipped(zone, day)) return false;
    civil_to_utc(zone, day * CIVIL_DAY_S + start_s, CIVIL_FIRST, &window->from_s);
    civil_to_utc(zone, local_end(day, start_s, end_s), CIVIL_FIRST, &window->until_s);
    return window->from_s < window->until_s;
}

/* Whatever civil_to_utc() says, it is the local time less one of the zone's offsets. */
bool local_window_at(const struct zone *zone, int64_t day, uint32_t start_s, uint32_t end_s, int64_t at_s,
                     struct local_window *window)
{
    if (at_s < day * CIVIL_DAY_S + start_s - zone->offset_max_s) return false;
    if (at_s >= local_end(day, start_s, end_s) - zone->offset_min_s) return false;
    return local_window(zone, day, start_s, end_s, window) && at_s >= window->from_s && at_s < window->until_s;
}
