/* Declared rules that have dates or hours: no start within cuts, and the whole core within weekly windows. */
#include "engine/core/local_window.h"
#include "engine/core/ruling.h"

static bool clocks_are_sound(uint32_t start_s, uint32_t end_s)
{
    return start_s <= CIVIL_DAY_S && end_s <= CIVIL_DAY_S;
}

/* --- cuts --- */

static int month_and_day(int64_t day)
{
    struct civil_date date = civil_date_of(day);
    return date.month * 32 + date.day;
}

/* A cut that comes every year may run over New Year. */
static bool cut_has_day(const fig_cut *cut, int64_t day)
{
    if (!cut->yearly) return day >= cut->from_day && day <= cut->to_day;
    int from = month_and_day(cut->from_day), to = month_and_day(cut->to_day), at = month_and_day(day);
    return from <= to ? at >= from && at <= to : at >= from || at <= to;
}

static bool cut_has_start(const struct ruling *ruling, const fig_cut *cut, struct starts *starts)
{
    const struct rule_question *question = ruling->question;
    if (cut->whole_days) {
        if (!cut_has_day(cut, ruling->day)) return false;
        *starts = cut->yearly ? starts_of_day(ruling) : starts_of_days(ruling, cut->from_day, cut->to_day);
        return true;
    }
    struct local_window window;
    for (int64_t day = ruling->day - LOCAL_WINDOW_DAYS_BEFORE; day <= ruling->day + LOCAL_WINDOW_DAYS_AFTER; day++) {
        if (!cut_has_day(cut, day)) continue;
        if (!local_window_at(question->opening->zone, day, cut->start_s, cut->end_s, question->start_s, &window))
            continue;
        *starts = (struct starts){window.from_s, window.until_s};
        return true;
    }
    return false;
}

static bool cuts_are_sound(const fig_rule *is)
{
    for (size_t i = 0; i < is->cut_count; i++) {
        const fig_cut *cut = &is->cuts[i];
        if (!cut->whole_days && !clocks_are_sound(cut->start_s, cut->end_s)) return false;
        if (cut->from_day < FIG_DAY_MIN || cut->to_day > FIG_DAY_MAX) return false;
        if (cut->to_day < FIG_DAY_MIN || cut->from_day > FIG_DAY_MAX) return false;
    }
    return true;
}

bool rule_cuts(struct ruling *ruling, struct ruled ruled)
{
    const fig_rule *is = &ruled.rule->is;
    struct starts starts;
    bool stop;
    if (is->cut_count == 0) return false;
    if (!cuts_are_sound(is)) return ruling_fail(ruling, ruled, "the rule's dates are none; declare it again");
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    for (size_t i = 0; i < is->cut_count; i++) {
        if (is->cuts[i].state != FIG_CUT_APPROVED || !cut_has_start(ruling, &is->cuts[i], &starts)) continue;
        return ruling_break(ruling, ruled, starts,
                            ruled.type == FIG_RULE_HOLIDAYS ? "no bookings begin on that holiday; book another date"
                                                            : "no bookings begin on that date; book another one");
    }
    return false;
}

/* --- weekly windows --- */

/* Windows ascend by weekday: the first of one, and how many there are of it. */
struct weekday {
    const fig_weekly *first;
    size_t count;
};

static size_t windows_before(const fig_rule *is, int weekday)
{
    size_t low = 0, high = is->weekly_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is->weekly[middle].weekday < weekday)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct weekday weekday_of(const fig_rule *is, int64_t day)
{
    int weekday = civil_weekday(day);
    size_t before = windows_before(is, weekday), end = before;
    while (end < is->weekly_count && is->weekly[end].weekday == weekday) end++;
    return (struct weekday){is->weekly + before, end - before};
}

/* The window that contains an instant and lasts longest. */
static bool hours_at(const struct ruling *ruling, const fig_rule *is, int64_t at_s, struct local_window *longest)
{
    const struct zone *zone = ruling->question->opening->zone;
    int64_t date = civil_day_at(zone, at_s);
    bool open = false;
    for (int64_t day = date - LOCAL_WINDOW_DAYS_BEFORE; day <= date + LOCAL_WINDOW_DAYS_AFTER; day++) {
        struct weekday windows = weekday_of(is, day);
        for (size_t i = 0; i < windows.count; i++) {
            struct local_window window;
            if (!local_window_at(zone, day, windows.first[i].start_s, windows.first[i].end_s, at_s, &window)) continue;
            if (!open || window.until_s > longest->until_s) *longest = window;
            open = true;
        }
    }
    return open;
}

/* Windows of a date that end before the start, or begin after it, bound the starts between. */
static void bound_by_day(const struct ruling *ruling, const fig_rule *is, int64_t day, struct starts *starts)
{
    struct weekday windows = weekday_of(is, day);
    int64_t at_s = ruling->question->start_s;
    for (size_t i = 0; i < windows.count; i++) {
        struct local_window window;
        if (!local_window(ruling->question->opening->zone, day, windows.first[i].start_s, windows.first[i].end_s,
                          &window))
            continue;
        if (window.until_s <= at_s && window.until_s > starts->from_s) starts->from_s = window.until_s;
        if (window.from_s > at_s && window.from_s < starts->until_s) starts->until_s = window.from_s;
    }
}

/* No window has the start: nor has any the instants between the last end before it and the next beginning. Windows of
 * dates that are not looked at lie outside of the bounds that are begun with. */
static struct starts starts_between_hours(const struct ruling *ruling, const fig_rule *is)
{
    const struct zone *zone = ruling->question->opening->zone;
    int64_t first = ruling->day - LOCAL_WINDOW_DAYS_BEFORE, last = ruling->day + LOCAL_WINDOW_DAYS_AFTER;
    int64_t at_s = ruling->question->start_s;
    struct starts starts = {
        .from_s = (first + 1) * CIVIL_DAY_S - zone->offset_min_s,
        .until_s = (last + 1) * CIVIL_DAY_S - zone->offset_max_s,
    };
    for (int64_t day = first; day <= last; day++) bound_by_day(ruling, is, day, &starts);
    if (starts.from_s > at_s) starts.from_s = at_s;
    if (starts.until_s <= at_s) starts.until_s = at_s + 1;
    return starts;
}

static bool weekly_are_sound(const fig_rule *is)
{
    for (size_t i = 0; i < is->weekly_count; i++)
        if (is->weekly[i].weekday > 6 || !clocks_are_sound(is->weekly[i].start_s, is->weekly[i].end_s)) return false;
    return true;
}

/* No window has the instant `closed_s` within the core: so it is of every core that has this instant. */
static struct starts starts_across(const struct ruling *ruling, int64_t closed_s)
{
    int64_t length_s = ruling->question->end_s - ruling->question->start_s;
    return (struct starts){closed_s - length_s + 1, closed_s + 1};
}

bool rule_hours(struct ruling *ruling, struct ruled ruled)
{
    const fig_rule *is = &ruled.rule->is;
    struct local_window window;
    bool stop;
    if (!weekly_are_sound(is)) return ruling_fail(ruling, ruled, "the rule's hours are none; declare it again");
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    if (!hours_at(ruling, is, ruling->question->start_s, &window))
        return ruling_break(ruling, ruled, starts_between_hours(ruling, is), "book within business hours");
    while (window.until_s < ruling->question->end_s) {
        int64_t closed_s = window.until_s;
        if (hours_at(ruling, is, closed_s, &window)) continue;
        return ruling_break(ruling, ruled, starts_across(ruling, closed_s),
                            "the appointment would end outside of business hours; book an earlier or shorter one");
    }
    return false;
}
