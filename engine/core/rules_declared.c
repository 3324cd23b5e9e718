/* Declared rules. Of those of a type that apply to the booking one counts: of the narrowest scope, then of the highest
 * priority, then of the smallest id. The others are as if they were not there, so that a narrow rule may also loosen
 * what a wide one asks; a limit of 0 asks nothing. */
#include "engine/core/ruling.h"

#include <string.h>

/* --- which of them counts --- */

static bool has_id(const fig_rule *is, uint64_t id)
{
    size_t low = 0, high = is->id_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < is->id_count && is->ids[low] == id;
}

/* Only a declared client is known to be of a type. */
static bool has_client(const fig_rule *is, const struct rule_question *question)
{
    if (question->client_id == 0) return false;
    const struct client_profile *client = version_client_profile(question->version, question->client_id);
    if (client == NULL) return false;
    for (size_t i = 0; i < is->client_type_count; i++)
        if (strcmp(is->client_types[i], client->type) == 0) return true;
    return false;
}

static bool applies(const fig_rule *is, const struct rule_question *question)
{
    if (!is->active) return false;
    switch (is->scope) {
    case FIG_SCOPE_ALL: return true;
    case FIG_SCOPE_SHOP: return has_id(is, question->opening->barber->profile->shop_id);
    case FIG_SCOPE_CLIENT_TYPE: return has_client(is, question);
    case FIG_SCOPE_SERVICE: return question->service_id != 0 && has_id(is, question->service_id);
    case FIG_SCOPE_BARBER: return has_id(is, question->opening->barber->profile->id);
    }
    return false;
}

/* `other` has the greater id. */
static bool counts_before(const struct rule *rule, const struct rule *other)
{
    if (rule == NULL) return false;
    if (rule->is.scope != other->is.scope) return rule->is.scope > other->is.scope;
    return rule->is.priority >= other->is.priority;
}

enum { DECLARED_END = FIG_RULE_CLIENT_OVERLAP + 1 };

static void gather(const struct rule_question *question, const struct rule *counting[DECLARED_END])
{
    uint64_t id = 0;
    void *value;
    for (bool more = radix_next(&question->version->documents[DOCUMENT_RULE], 0, &id, &value); more;
         more = id < UINT64_MAX && radix_next(&question->version->documents[DOCUMENT_RULE], id + 1, &id, &value)) {
        const struct rule *rule = value;
        int type = (int)rule->is.type;
        if (type < FIG_RULE_MIN_ADVANCE || type >= DECLARED_END) continue;
        if (!counts_before(counting[type], rule) && applies(&rule->is, question)) counting[type] = rule;
    }
}

/* --- what it asks --- */

static bool min_duration(struct ruling *ruling, struct ruled ruled)
{
    if (ruling->question->end_s - ruling->question->start_s >= ruled.rule->is.limit_s) return false;
    return ruling_break(ruling, ruled, starts_all(), "the appointment is too short; book a longer one");
}

static bool max_duration(struct ruling *ruling, struct ruled ruled)
{
    uint32_t limit_s = ruled.rule->is.limit_s;
    if (limit_s == 0 || ruling->question->end_s - ruling->question->start_s <= limit_s) return false;
    return ruling_break(ruling, ruled, starts_all(), "the appointment is too long; book a shorter one");
}

static bool evaluate(struct ruling *ruling, struct ruled ruled)
{
    const fig_rule *is = &ruled.rule->is;
    switch (is->type) {
    case FIG_RULE_MIN_ADVANCE:
        return rule_advance_min(ruling, ruled, is->limit_s, "book at least the rule's advance time ahead");
    case FIG_RULE_MAX_ADVANCE: return rule_advance_max(ruling, ruled, is->limit_days, "book fewer days ahead");
    case FIG_RULE_MIN_DURATION: return min_duration(ruling, ruled);
    case FIG_RULE_MAX_DURATION: return max_duration(ruling, ruled);
    case FIG_RULE_BLACKOUT_DATES:
    case FIG_RULE_HOLIDAYS: return rule_cuts(ruling, ruled);
    case FIG_RULE_SAME_DAY_CUTOFF:
        return rule_cutoff(ruling, ruled, is->clock_s, "it is too late to book for today; book another date");
    case FIG_RULE_BUSINESS_HOURS: return rule_hours(ruling, ruled);
    case FIG_RULE_CLIENT_OVERLAP: return rule_client_overlap(ruling, ruled);
    default: return false; /* the others are not declared */
    }
}

bool rules_declared(struct ruling *ruling)
{
    const struct rule *counting[DECLARED_END] = {NULL};
    if (ruling->question->version->documents[DOCUMENT_RULE].count == 0) return false;
    gather(ruling->question, counting);
    for (int type = FIG_RULE_MIN_ADVANCE; type < DECLARED_END; type++) {
        if (counting[type] == NULL) continue;
        if (evaluate(ruling, (struct ruled){(fig_rule_type)type, counting[type]})) return true;
    }
    return false;
}
