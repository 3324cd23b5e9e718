/* Weekly windows as instants. */
#include "engine/core/opening.h"

/* The first window of a weekday or a later one. */
static size_t first_of(const struct schedule *schedule, int weekday)
{
    size_t low = 0, high = schedule->is.weekly_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (schedule->is.weekly[middle].weekday < weekday)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t weekly_of(const struct schedule *schedule, int weekday, size_t *first)
{
    size_t count = 0;
    *first = first_of(schedule, weekday);
    while (*first + count < schedule->is.weekly_count && schedule->is.weekly[*first + count].weekday == weekday)
        count++;
    return count;
}

/* What the windows of a date add to a run. */
static void add_day(const struct around *around, const struct schedule *schedule, int64_t day, int64_t at_s,
                    int64_t *open_until_s, int64_t *next_s)
{
    size_t first;
    size_t count = weekly_of(schedule, civil_weekday(day), &first);
    for (size_t i = first; i < first + count; i++) {
        const fig_weekly *weekly = &schedule->is.weekly[i];
        struct instants window;
        if (!around_window(around, day, weekly->start_s, weekly->end_s, &window)) continue;
        if (window.start_s > at_s && window.start_s < *next_s) *next_s = window.start_s;
        if (window.start_s <= at_s && window.end_s > *open_until_s) *open_until_s = window.end_s;
    }
}

/* How many days after this one the next weekday with windows comes, 1 to 7. */
static int days_to_windows(const struct schedule *schedule, int weekday)
{
    size_t next = first_of(schedule, weekday + 1);
    if (next == schedule->is.weekly_count) next = 0;
    int days = (schedule->is.weekly[next].weekday - weekday + 7) % 7;
    return days == 0 ? 7 : days;
}

struct open_run weekly_run(const struct around *around, const struct schedule *schedule, int64_t at_s)
{
    if (schedule == NULL || schedule->is.weekly_count == 0) return (struct open_run){false, INT64_MAX};
    int64_t yesterday = around_previous(around, around->today);
    int64_t tomorrow = around_next(around, around->today);
    int64_t open_until_s = at_s, next_s = INT64_MAX;
    add_day(around, schedule, around_previous(around, yesterday), at_s, &open_until_s, &next_s);
    add_day(around, schedule, yesterday, at_s, &open_until_s, &next_s);
    add_day(around, schedule, around->today, at_s, &open_until_s, &next_s);
    if (open_until_s > at_s) return (struct open_run){true, open_until_s};
    if (next_s < around_starts(around, tomorrow)) return (struct open_run){false, next_s};
    add_day(around, schedule, tomorrow, at_s, &open_until_s, &next_s);
    if (around->plain && next_s < INT64_MAX) return (struct open_run){false, next_s};
    int64_t bound_s = around_starts(around, tomorrow + days_to_windows(schedule, civil_weekday(tomorrow)));
    return (struct open_run){false, next_s < bound_s ? next_s : bound_s};
}
