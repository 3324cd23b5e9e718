/* Open time: whether a barber takes bookings at an instant, other appointments and rules aside.
 *
 *   opening_of           what says when a barber is open, found once               a few cache misses
 *   open_run_at          is it open at an instant, and until when that stays so    O(windows of three days + cuts)
 *   open_time_covers     the whole of a span is open                               a run or two
 *   open_walk_covers     the same, of spans in ascending order                     what was not seen before
 *   open_time_next       the next maximal open span                                a run for each change
 *   open_time_last       the last open span, for searches that go backwards        the same, mostly of a day or two
 *   grid_next            the next start on the grid of a date                      O(windows of the date)
 *
 * Open time is a set of instants: weekly windows + available dated windows - unavailable ones - the barber's cuts - the
 * shop's cuts, within the shop's weekly windows where it clips; or, for a barber who is always open, everything but
 * those cuts. Each source is asked for a *run*: is it in or out at an instant, and until when at least. Runs are put
 * together by taking the nearest end, so that nothing is allocated, whatever is declared. Windows that touch are one,
 * since the run after the first is open, too.
 *
 * A weekly window is turned into instants on each date that has it: its start and end by the gap and fold rules of
 * civil.h; one that is empty then does nothing; a date that the zone skips has none. */
#ifndef FIG_CORE_OPEN_TIME_H
#define FIG_CORE_OPEN_TIME_H

#include "engine/core/version.h"

/* Valid as long as the version is. */
struct opening {
    const struct barber *barber;
    const struct schedule *own;   /* NULL: none was declared */
    const struct schedule *shops; /* the shop's; NULL: none */
    const struct shop *shop;
    const struct zone *zone; /* the barber's, else the shop's; NULL: its data is missing */
    bool always;
};

/* False: the zone's data is missing, and open time cannot be told without. */
bool opening_of(const struct version *version, const struct barber *barber, struct opening *opening);

struct open_run {
    bool open;
    int64_t until_s; /* > the instant that was asked for; it stays so until then at least */
};
struct open_run open_run_at(const struct opening *opening, int64_t at_s);

/* The whole of [start_s, end_s) is open. */
bool open_time_covers(const struct opening *opening, int64_t start_s, int64_t end_s);

struct open_span {
    int64_t start_s;
    int64_t end_s;
};
/* What is known to be open, while spans are asked for one after the other. Begin with an empty one. */
struct open_walk {
    const struct opening *opening;
    struct open_span known;
};
/* Whether the whole of [start_s, end_s) is open; else no span of this length is that begins before *resume_s, which is
 * later than start_s. */
bool open_walk_covers(struct open_walk *walk, int64_t start_s, int64_t end_s, int64_t *resume_s);

/* The first maximal open span that meets [from_s, to_s), clipped to it. False: none. */
bool open_time_next(const struct opening *opening, int64_t from_s, int64_t to_s, struct open_span *span);

/* The last open span that meets [from_s, to_s), clipped to it; it may begin earlier than it says when it says that it
 * is at least enough_s long. False: none. */
bool open_time_last(const struct opening *opening, int64_t from_s, int64_t to_s, int64_t enough_s,
                    struct open_span *span);

/* The first start on the grid of a date (a day of the zone) that is >= from_s, whether it is open or not. False: none.
 * The zone must be there. */
bool grid_next(const struct opening *opening, int64_t day, int64_t from_s, int64_t *start_s);

/* Seconds from one slot to the next. */
uint32_t grid_step_s(const struct opening *opening);

#endif
