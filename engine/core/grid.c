/* The grid of slots of a date: elapsed time from the start of each window that was declared to begin on it, whatever
 * has been cut out since. A piece that is left of a dated window may begin as much later as a window may last; only
 * where a barber has such pieces are windows looked for that begin after the date. */
#include "engine/core/opening.h"

#define GRID_DEFAULT_S 1800

uint32_t grid_step_s(const struct opening *opening)
{
    const struct schedule *shops = opening->shops;
    return shops != NULL && shops->is.grid_s > 0 ? shops->is.grid_s : GRID_DEFAULT_S;
}

struct grid grid_of(const struct opening *opening, int64_t day)
{
    struct grid grid = {
        .opening = opening,
        .around = around_day(opening->zone, day),
        .day = day,
        .step_s = grid_step_s(opening),
    };
    grid.span.start_s = around_starts(&grid.around, day);
    grid.span.end_s = around_starts(&grid.around, day + 1);
    return grid;
}

/* The search for the next start. */
struct next {
    int64_t from_s;
    int64_t best_s; /* INT64_MAX: none yet */
};

/* Adds the steps from an origin on that lie in a span and are not too early. */
static void add_steps(struct next *next, uint32_t step_s, int64_t origin_s, struct instants span)
{
    int64_t from_s = span.start_s > next->from_s ? span.start_s : next->from_s;
    if (from_s >= span.end_s) return;
    if (from_s > origin_s) from_s = origin_s + (from_s - origin_s + step_s - 1) / step_s * step_s;
    if (from_s < origin_s) from_s = origin_s;
    if (from_s < span.end_s && from_s < next->best_s) next->best_s = from_s;
}

static void add_weekly(const struct grid *grid, struct next *next)
{
    const struct schedule *own = grid->opening->own;
    size_t first, count = weekly_of(own, civil_weekday(grid->day), &first);
    for (size_t i = first; i < first + count; i++) {
        const fig_weekly *weekly = &own->is.weekly[i];
        struct instants window;
        if (!around_window(&grid->around, grid->day, weekly->start_s, weekly->end_s, &window)) continue;
        add_steps(next, grid->step_s, window.start_s, window);
        if (grid->around.plain && window.start_s >= next->best_s) break; /* later ones begin later */
    }
}

static void add_dated(const struct grid *grid, struct next *next)
{
    const struct tree *windows = &grid->opening->barber->windows;
    int64_t from_s = next->from_s > grid->span.start_s ? next->from_s : grid->span.start_s;
    int64_t to_s = grid->span.end_s + (grid->opening->barber->pieces > 0 ? FIG_DURATION_MAX : 0);
    if (to_s <= from_s) to_s = from_s + 1; /* a night shift of the date */
    struct tree_cursor cursor;
    for (bool more = tree_first_overlap(windows, from_s, to_s, &cursor); more;
         more = tree_next_overlap(windows, from_s, to_s, &cursor)) {
        struct tree_item piece = tree_at(&cursor);
        int64_t declared_s = (int64_t)piece.id;
        if (piece.start_s >= next->best_s) return;
        if (declared_s < grid->span.start_s || declared_s >= grid->span.end_s) continue;
        struct instants span = {piece.start_s, piece.start_s + piece.duration_s};
        add_steps(next, grid->step_s, declared_s, span);
    }
}

/* Whether and until when the weekly window that a start was found in has the date to itself from there on. */
static struct instants weekly_run_of(const struct grid *grid, int64_t start_s)
{
    const struct schedule *own = grid->opening->own;
    struct instants run = {start_s, INT64_MAX};
    size_t covering = 0, first, count = weekly_of(own, civil_weekday(grid->day), &first);
    for (size_t i = first; i < first + count; i++) {
        const fig_weekly *weekly = &own->is.weekly[i];
        struct instants window;
        if (!around_window(&grid->around, grid->day, weekly->start_s, weekly->end_s, &window)) continue;
        if (window.end_s <= start_s) continue;
        covering += window.start_s <= start_s;
        int64_t until_s = window.start_s <= start_s ? window.end_s : window.start_s;
        if (until_s < run.end_s) run.end_s = until_s;
    }
    if (covering != 1) run.end_s = start_s;
    return run;
}

/* Pieces of dated windows are looked up for each start. */
static struct instants run_of(const struct grid *grid, int64_t start_s)
{
    if (grid->opening->always) return (struct instants){start_s, grid->span.end_s};
    if (grid->opening->barber->windows.count > 0) return (struct instants){start_s, start_s};
    return weekly_run_of(grid, start_s);
}

/* The next step of the run, where it has one. */
static bool step_on(const struct grid *grid, int64_t from_s, int64_t *start_s)
{
    const struct instants *run = &grid->run;
    if (from_s <= run->start_s || from_s >= run->end_s) return false;
    *start_s = run->start_s + (from_s - run->start_s + grid->step_s - 1) / grid->step_s * grid->step_s;
    return *start_s < run->end_s;
}

bool grid_after(struct grid *grid, int64_t from_s, int64_t *start_s)
{
    if (step_on(grid, from_s, start_s)) return true;
    struct next next = {.from_s = from_s, .best_s = INT64_MAX};
    const struct opening *opening = grid->opening;
    if (grid->span.start_s >= grid->span.end_s) return false; /* the zone skips it */
    if (from_s > FIG_TIME_MAX) return false;
    if (opening->always) {
        add_steps(&next, grid->step_s, grid->span.start_s, grid->span);
    } else {
        if (opening->own != NULL && opening->own->is.weekly_count > 0) add_weekly(grid, &next);
        if (opening->barber->windows.count > 0) add_dated(grid, &next);
    }
    if (next.best_s == INT64_MAX) return false;
    *start_s = next.best_s;
    grid->run = run_of(grid, next.best_s);
    return true;
}

bool grid_next(const struct opening *opening, int64_t day, int64_t from_s, int64_t *start_s)
{
    struct grid grid = grid_of(opening, day);
    return grid_after(&grid, from_s, start_s);
}
