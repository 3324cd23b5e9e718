/* What the files of open time share: days around an instant, and runs of each source of open and closed time.
 *
 *   around_instant, around_day   the days next to one, and one offset for them where that will do   one look-up
 *   around_window                a window of a date, as instants                                    an addition
 *   weekly_run                   weekly windows                                  O(log + windows of four days)
 *   cuts_run                     cuts of a schedule                              O(cuts)
 *
 * What covers an instant of a day begins on that day, or on one of the two days before: a window begins at 24:00 at the
 * latest, and ends at 24:00 of the date after its own, which a gap may move into the day that follows. Days that the
 * zone skips do not count. What begins on the next day may yet begin in it, after the one that is looked at; what
 * begins on days after that begins no earlier than they do. */
#ifndef FIG_CORE_OPENING_H
#define FIG_CORE_OPENING_H

#include "engine/core/civil.h"
#include "engine/core/open_time.h"

/* The days around a day. Where no change of offset is near, instants and local time are one addition apart. */
struct around {
    const struct zone *zone;
    int64_t today;
    int32_t offset_s;
    bool plain; /* offset_s holds on all days from today - AROUND_DAYS to today + AROUND_DAYS, and beside them for as
                   long as clocks can differ */
};

#define AROUND_DAYS 4

struct around around_instant(const struct zone *zone, int64_t at_s); /* today: the day whose span it lies in */
struct around around_day(const struct zone *zone, int64_t day);
int64_t around_starts(const struct around *around, int64_t day); /* civil_day_start() of any day */
int64_t around_next(const struct around *around, int64_t day);   /* days that the zone does not skip */
int64_t around_previous(const struct around *around, int64_t day);

struct instants {
    int64_t start_s;
    int64_t end_s;
};
/* The window of a date between two clocks. False: it is empty. The date is there. */
bool around_window(const struct around *around, int64_t day, uint32_t start_clock_s, uint32_t end_clock_s,
                   struct instants *window);

struct open_run weekly_run(const struct around *around, const struct schedule *schedule, int64_t at_s);
/* The weekly windows that begin on a weekday: list[*first .. *first + count). */
size_t weekly_of(const struct schedule *schedule, int weekday, size_t *first);
/* `open` says here: not cut. */
struct open_run cuts_run(const struct around *around, const struct schedule *schedule, int64_t at_s);

/* grid.c: the grid of a date, found once. */
struct grid {
    const struct opening *opening;
    struct around around;
    int64_t day;
    struct instants span; /* the day's */
    uint32_t step_s;
    struct instants run; /* from the start that was found last as far as the steps from it are all there is */
};
struct grid grid_of(const struct opening *opening, int64_t day);
/* grid_next(), of this date. */
bool grid_after(struct grid *grid, int64_t from_s, int64_t *start_s);

#endif
