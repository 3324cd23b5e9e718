/* What the shop asks of every booking: not in the past, some time ahead, not too far ahead, today or not. */
#include "engine/core/ruling.h"

static bool past(struct ruling *ruling)
{
    const struct rule_question *question = ruling->question;
    const struct shop *shop = question->opening->shop;
    if (shop == NULL || shop->past != FIG_PAST_REFUSE || question->start_s >= question->now_s) return false;
    return ruling_break(ruling, (struct ruled){FIG_RULE_PAST, NULL}, (struct starts){FIG_TIME_MIN, question->now_s},
                        "the shop takes no bookings in the past");
}

static bool same_day(struct ruling *ruling)
{
    const struct ruled ruled = {FIG_RULE_SAME_DAY, NULL};
    bool stop;
    if (ruling->question->opening->shops->is.same_day) return false;
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    if (ruling->day != ruling->today) return false;
    return ruling_break(ruling, ruled, starts_of_day(ruling),
                        "the shop takes no bookings for today; book another date");
}

bool rules_of_shop(struct ruling *ruling)
{
    if (past(ruling)) return true;
    const struct schedule *shops = ruling->question->opening->shops;
    if (shops == NULL) return false;
    return rule_advance_min(ruling, (struct ruled){FIG_RULE_LEAD, NULL}, shops->is.lead_s,
                            "book at least the shop's lead time ahead") ||
           rule_advance_max(ruling, (struct ruled){FIG_RULE_HORIZON, NULL}, shops->is.horizon_days,
                            "book no further ahead than the shop's horizon") ||
           same_day(ruling) ||
           rule_cutoff(ruling, (struct ruled){FIG_RULE_CUTOFF, NULL}, shops->is.cutoff_s,
                       "it is too late to book for today at this shop; book another date");
}
