/* Open time, from runs of its sources. Where one source alone decides (nothing opens the instant, or one cut takes it),
 * its end is enough: the others are not asked. */
#include "engine/core/opening.h"

static bool cuts_anything(const struct schedule *schedule)
{
    for (size_t i = 0; schedule != NULL && i < schedule->is.cut_count; i++)
        if (schedule->is.cuts[i].state == FIG_CUT_APPROVED) return true;
    return false;
}

static bool clips(const struct opening *opening)
{
    return !opening->always && opening->shops != NULL && opening->shops->is.clip_to_hours;
}

static bool has_weekly(const struct opening *opening)
{
    return !opening->always && opening->own != NULL && opening->own->is.weekly_count > 0;
}

static bool needs_zone(const struct opening *opening)
{
    return has_weekly(opening) || clips(opening) || cuts_anything(opening->own) || cuts_anything(opening->shops);
}

static const struct zone *zone_of(const struct version *version, const struct barber *barber, const struct shop *shop)
{
    const struct barber_profile *profile = barber->profile;
    if (profile->zone_size > 0)
        return version_zone(version, profile->names + profile->name_size + 1, profile->zone_size);
    if (shop != NULL && shop->zone_size > 0)
        return version_zone(version, shop->names + shop->name_size + 1, shop->zone_size);
    return version_zone(version, "UTC", 3);
}

bool opening_of(const struct version *version, const struct barber *barber, struct opening *opening)
{
    const struct barber_profile *profile = barber->profile;
    const struct shop *shop = version_shop(version, profile->shop_id);
    *opening = (struct opening){
        .barber = barber,
        .own = version_barber_schedule(version, profile->id),
        .shops = version_shop_schedule(version, profile->shop_id),
        .shop = shop,
        .zone = zone_of(version, barber, shop),
        .always = profile->open == FIG_OPEN_ALWAYS,
    };
    return opening->zone != NULL || !needs_zone(opening);
}

/* --- runs --- */

/* An instant that is asked about; its days are found when a source first needs them. */
struct moment {
    const struct opening *opening;
    int64_t at_s;
    bool placed;
    struct around around;
};

static const struct around *around_moment(struct moment *moment)
{
    if (!moment->placed) moment->around = around_instant(moment->opening->zone, moment->at_s);
    moment->placed = true;
    return &moment->around;
}

/* Whether one of these dated windows covers an instant, and until when, or when the next one begins. */
static struct open_run dated_run(const struct tree *windows, int64_t at_s)
{
    struct tree_cursor cursor;
    if (windows->count == 0) return (struct open_run){false, INT64_MAX};
    if (tree_first_overlap(windows, at_s, at_s + 1, &cursor)) {
        struct tree_item window = tree_at(&cursor);
        return (struct open_run){true, window.start_s + window.duration_s};
    }
    if (!tree_ceiling(windows, at_s + 1, &cursor)) return (struct open_run){false, INT64_MAX};
    return (struct open_run){false, tree_at(&cursor).start_s};
}

/* What opens the barber. */
static struct open_run declared_run(struct moment *moment)
{
    const struct opening *opening = moment->opening;
    struct open_run dated = dated_run(&opening->barber->windows, moment->at_s);
    if (!has_weekly(opening)) return dated;
    struct open_run weekly = weekly_run(around_moment(moment), opening->own, moment->at_s);
    if (dated.open != weekly.open) return dated.open ? dated : weekly;
    bool weekly_decides = weekly.open == (weekly.until_s > dated.until_s);
    return weekly_decides ? weekly : dated;
}

/* Puts another source behind an open run: false when it closes it. */
static bool narrow(struct open_run *run, struct open_run by)
{
    if (!by.open) *run = by;
    if (by.open && by.until_s < run->until_s) run->until_s = by.until_s;
    return by.open;
}

static struct open_run dated_cuts_run(const struct tree *cuts, int64_t at_s)
{
    struct open_run run = dated_run(cuts, at_s);
    return (struct open_run){!run.open, run.until_s};
}

/* What closes an open run, each source in turn. */
static void take_cuts(struct moment *moment, struct open_run *run)
{
    const struct opening *opening = moment->opening;
    const struct schedule *own = opening->own, *shops = opening->shops;
    if (!narrow(run, dated_cuts_run(&opening->barber->cuts, moment->at_s))) return;
    if (cuts_anything(own) && !narrow(run, cuts_run(around_moment(moment), own, moment->at_s))) return;
    if (cuts_anything(shops)) narrow(run, cuts_run(around_moment(moment), shops, moment->at_s));
}

struct open_run open_run_at(const struct opening *opening, int64_t at_s)
{
    struct moment moment = {.opening = opening, .at_s = at_s};
    struct open_run run = {true, INT64_MAX};
    if (!opening->always) run = declared_run(&moment);
    if (!run.open) return run;
    if (clips(opening) && !narrow(&run, weekly_run(around_moment(&moment), opening->shops, at_s))) return run;
    take_cuts(&moment, &run);
    return run;
}

/* --- spans --- */

bool open_time_covers(const struct opening *opening, int64_t start_s, int64_t end_s)
{
    for (int64_t at_s = start_s; at_s < end_s;) {
        struct open_run run = open_run_at(opening, at_s);
        if (!run.open) return false;
        at_s = run.until_s;
    }
    return true;
}

bool open_walk_covers(struct open_walk *walk, int64_t start_s, int64_t end_s, int64_t *resume_s)
{
    struct open_span *known = &walk->known;
    if (start_s < known->start_s || start_s >= known->end_s) *known = (struct open_span){start_s, start_s};
    while (known->end_s < end_s) {
        struct open_run run = open_run_at(walk->opening, known->end_s);
        if (!run.open) {
            *resume_s = run.until_s;
            return false;
        }
        known->end_s = run.until_s;
    }
    return true;
}

/* Where the open or closed time that an instant is in ends, to_s at the latest. */
static int64_t run_end(const struct opening *opening, bool open, int64_t at_s, int64_t to_s)
{
    while (at_s < to_s) {
        struct open_run run = open_run_at(opening, at_s);
        if (run.open != open) return at_s;
        at_s = run.until_s;
    }
    return to_s;
}

bool open_time_next(const struct opening *opening, int64_t from_s, int64_t to_s, struct open_span *span)
{
    int64_t start_s = run_end(opening, false, from_s, to_s);
    if (start_s >= to_s) return false;
    *span = (struct open_span){start_s, run_end(opening, true, start_s, to_s)};
    return true;
}

/* The last maximal open span of a stretch, clipped to it. */
static bool last_within(const struct opening *opening, int64_t from_s, int64_t to_s, struct open_span *last)
{
    struct open_span span;
    bool found = false;
    for (int64_t at_s = from_s; open_time_next(opening, at_s, to_s, &span); at_s = span.end_s) {
        *last = span;
        found = true;
    }
    return found;
}

/* Stretch by stretch backwards, each twice as long as the one after it, so that what is far away is found in time that
 * grows with what lies between. */
bool open_time_last(const struct opening *opening, int64_t from_s, int64_t to_s, int64_t enough_s,
                    struct open_span *span)
{
    bool found = false;
    int64_t reach_s = CIVIL_DAY_S;
    for (int64_t end_s = to_s; end_s > from_s;) {
        int64_t start_s = end_s - from_s > reach_s ? end_s - reach_s : from_s;
        struct open_span last;
        if (last_within(opening, start_s, end_s, &last)) {
            if (found && last.end_s < end_s) return true;
            *span = (struct open_span){last.start_s, found ? span->end_s : last.end_s};
            found = true;
        }
        if (found && (span->start_s > start_s || span->end_s - span->start_s >= enough_s)) return true;
        end_s = start_s;
        reach_s *= 2;
    }
    return found;
}
