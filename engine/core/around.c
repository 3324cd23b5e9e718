#include "engine/core/opening.h"

/* Offsets of one zone lie less than 51 hours apart; days that are looked at, and the clocks on them, five days. */
#define NEAR_S ((int64_t)(AROUND_DAYS + 5) * CIVIL_DAY_S)

static int64_t floor_days(int64_t local_s) { return local_s / CIVIL_DAY_S - (local_s % CIVIL_DAY_S < 0); }

static bool is_near(const struct around *around, int64_t day)
{
    return around->plain && day - around->today <= AROUND_DAYS && around->today - day <= AROUND_DAYS;
}

struct around around_instant(const struct zone *zone, int64_t at_s)
{
    struct zone_span span = zone_span_at(zone, at_s);
    struct around around = {
        .zone = zone,
        .today = floor_days(at_s + span.offset_s),
        .offset_s = span.offset_s,
        .plain = span.start_s <= at_s - NEAR_S && span.end_s >= at_s + NEAR_S,
    };
    /* Where clocks went back over midnight, the bit of the old date that comes again counts to the new one. */
    while (!around.plain && civil_day_start(zone, around.today + 1) <= at_s) around.today++;
    return around;
}

struct around around_day(const struct zone *zone, int64_t day)
{
    int64_t at_s = day * CIVIL_DAY_S;
    struct zone_span span = zone_span_at(zone, at_s);
    return (struct around){
        .zone = zone,
        .today = day,
        .offset_s = span.offset_s,
        .plain = span.start_s <= at_s - NEAR_S && span.end_s >= at_s + NEAR_S,
    };
}

int64_t around_starts(const struct around *around, int64_t day)
{
    return is_near(around, day) ? day * CIVIL_DAY_S - around->offset_s : civil_day_start(around->zone, day);
}

int64_t around_next(const struct around *around, int64_t day)
{
    return is_near(around, day) ? day + 1 : civil_next_day(around->zone, day);
}

int64_t around_previous(const struct around *around, int64_t day)
{
    return is_near(around, day) ? day - 1 : civil_previous_day(around->zone, day);
}

bool around_window(const struct around *around, int64_t day, uint32_t start_clock_s, uint32_t end_clock_s,
                   struct instants *window)
{
    int64_t end_day = end_clock_s > start_clock_s ? day : day + 1;
    int64_t start_s = day * CIVIL_DAY_S + start_clock_s;
    int64_t end_s = end_day * CIVIL_DAY_S + end_clock_s;
    if (is_near(around, day)) {
        *window = (struct instants){start_s - around->offset_s, end_s - around->offset_s};
        return true;
    }
    civil_to_utc(around->zone, start_s, CIVIL_FIRST, &window->start_s);
    civil_to_utc(around->zone, end_s, CIVIL_FIRST, &window->end_s);
    return window->start_s < window->end_s;
}
