/* Limits on how far ahead a start lies, which declared rules, shops and services all may have.
 *
 * Spans of time are told in seconds: the start is at least so long after now. Spans of dates are told in dates of the
 * barber's zone, whatever the clocks are: the start's date is at most so many after today's. */
#include "engine/core/ruling.h"

bool rule_advance_min(struct ruling *ruling, struct ruled ruled, uint32_t limit_s, const char *reason)
{
    int64_t first_s = ruling->question->now_s + (int64_t)limit_s;
    if (limit_s == 0 || ruling->question->start_s >= first_s) return false;
    return ruling_break(ruling, ruled, (struct starts){FIG_TIME_MIN, first_s}, reason);
}

bool rule_advance_max(struct ruling *ruling, struct ruled ruled, uint32_t limit_days, const char *reason)
{
    bool stop;
    if (limit_days == 0) return false;
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    int64_t last = ruling->today + (int64_t)limit_days;
    if (ruling->day <= last) return false;
    return ruling_break(ruling, ruled, starts_from_day(ruling, last + 1), reason);
}

bool rule_cutoff(struct ruling *ruling, struct ruled ruled, uint32_t clock_s, const char *reason)
{
    bool stop;
    if (clock_s == FIG_NO_CUTOFF) return false;
    if (clock_s > CIVIL_DAY_S) return ruling_fail(ruling, ruled, "the rule's clock is none; declare it again");
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    if (ruling->day != ruling->today) return false;
    int64_t local_s = civil_local_at(ruling->question->opening->zone, ruling->question->now_s);
    if (local_s - ruling->today * CIVIL_DAY_S < clock_s) return false;
    return ruling_break(ruling, ruled, starts_of_day(ruling), reason);
}
