/* Judging a question: the rules of all places in the order of their types, and what is said of those found. */
#include "engine/core/ruling.h"

/* --- what was found --- */

static bool found(struct ruling *ruling, const struct broken_rule *broken)
{
    bool refuses = !broken->failed || ruling->rejects_failed;
    if (ruling->list == NULL) {
        if (refuses) *ruling->first = *broken;
        return refuses;
    }
    ruling->list->list[ruling->list->count++] = *broken;
    ruling->list->failed += broken->failed;
    ruling->list->refused |= refuses;
    return false;
}

bool ruling_break(struct ruling *ruling, struct ruled ruled, struct starts starts, const char *reason)
{
    const struct broken_rule broken = {
        .type = ruled.type,
        .rule = ruled.rule,
        .reason = reason,
        .from_s = starts.from_s,
        .until_s = starts.until_s,
    };
    return found(ruling, &broken);
}

/* What is missing is missing for every start. */
bool ruling_fail(struct ruling *ruling, struct ruled ruled, const char *reason)
{
    const struct broken_rule broken = {
        .type = ruled.type,
        .failed = true,
        .rule = ruled.rule,
        .reason = reason,
        .from_s = starts_all().from_s,
        .until_s = starts_all().until_s,
    };
    return found(ruling, &broken);
}

bool ruling_lacks_client(struct ruling *ruling, struct ruled ruled, bool *stop)
{
    if (ruling->question->client_id != 0) return false;
    *stop = ruling_fail(ruling, ruled, "the rule asks about the client; book with a client");
    return true;
}

static void find_dates(struct ruling *ruling)
{
    const struct rule_question *question = ruling->question;
    const struct zone *zone = question->opening->zone;
    struct rule_lookups *kept = question->lookups;
    ruling->dated = true;
    if (kept != NULL && question->start_s >= kept->from_s && question->start_s < kept->until_s) {
        ruling->day = kept->day;
        ruling->today = kept->today;
        return;
    }
    ruling->day = civil_day_at(zone, question->start_s);
    ruling->today = civil_day_at(zone, question->now_s);
    if (kept == NULL) return;
    struct starts alike = starts_of_day(ruling);
    kept->today = ruling->today;
    kept->day = ruling->day;
    kept->from_s = alike.from_s;
    kept->until_s = alike.until_s;
}

bool ruling_lacks_dates(struct ruling *ruling, struct ruled ruled, bool *stop)
{
    const struct zone *zone = ruling->question->opening->zone;
    if (zone == NULL) {
        *stop =
            ruling_fail(ruling, ruled, "the rule asks about a date and the zone's data is missing; declare the zone");
        return true;
    }
    if (!ruling->dated) find_dates(ruling);
    return false;
}

/* --- starts that break a rule alike --- */

struct starts starts_all(void) { return (struct starts){FIG_TIME_MIN, FIG_TIME_MAX + 1}; }

struct starts starts_of_day(const struct ruling *ruling)
{
    struct zone_span span = zone_span_at(ruling->question->opening->zone, ruling->question->start_s);
    struct starts starts = {
        .from_s = ruling->day * CIVIL_DAY_S - span.offset_s,
        .until_s = (ruling->day + 1) * CIVIL_DAY_S - span.offset_s,
    };
    if (starts.from_s < span.start_s) starts.from_s = span.start_s;
    if (starts.until_s > span.end_s) starts.until_s = span.end_s;
    return starts;
}

/* Before the day's start no clock has shown it yet. */
struct starts starts_before_day(const struct ruling *ruling, int64_t day)
{
    int64_t until_s = civil_day_start(ruling->question->opening->zone, day);
    if (ruling->question->start_s >= until_s) return starts_of_day(ruling);
    return (struct starts){FIG_TIME_MIN, until_s};
}

/* After its midnight, the second one if there are two, no clock shows the day before any more. */
struct starts starts_from_day(const struct ruling *ruling, int64_t day)
{
    int64_t from_s;
    civil_to_utc(ruling->question->opening->zone, day * CIVIL_DAY_S, CIVIL_SECOND, &from_s);
    if (ruling->question->start_s < from_s) return starts_of_day(ruling);
    return (struct starts){from_s, FIG_TIME_MAX + 1};
}

/* Between the last midnight that the first of the dates may have and the first midnight after the last one clocks show
 * none but these dates. */
struct starts starts_of_days(const struct ruling *ruling, int64_t first, int64_t last)
{
    const struct zone *zone = ruling->question->opening->zone;
    struct starts starts = {.until_s = civil_day_start(zone, last + 1)};
    civil_to_utc(zone, first * CIVIL_DAY_S, CIVIL_SECOND, &starts.from_s);
    int64_t start_s = ruling->question->start_s;
    return start_s >= starts.from_s && start_s < starts.until_s ? starts : starts_of_day(ruling);
}

/* --- judging --- */

static struct ruling ruling_of(const struct rule_question *question)
{
    const struct schedule *shops = question->opening->shops;
    return (struct ruling){
        .question = question,
        .rejects_failed = shops != NULL && shops->is.rule_errors == FIG_RULE_ERRORS_REJECT,
    };
}

static bool judge(struct ruling *ruling)
{
    return rules_declared(ruling) || rules_of_shop(ruling) || rules_of_service(ruling) || rules_of_client(ruling);
}

void rules_judge(const struct rule_question *question, struct broken_rules *broken)
{
    struct ruling ruling = ruling_of(question);
    broken->count = 0;
    broken->failed = 0;
    broken->refused = false;
    ruling.list = broken;
    judge(&ruling);
}

bool rules_pass(const struct rule_question *question, struct broken_rule *first)
{
    struct ruling ruling = ruling_of(question);
    ruling.first = first;
    return !judge(&ruling);
}
