/* The predicate: may these drafts block time? Asked of the state that all drafts together leave, so that a swap of two
 * appointments is no conflict. It asks what wish_judge() asks, and goes on where that one stops: a refusal tells of
 * closed time, of every rule and of every appointment in the way.
 *
 * A draft stands in the way of others with what it is to be, not with what it was: items of the trees whose appointment
 * has a draft are passed over, and drafts are compared among themselves. A hold that is over stands in nobody's way;
 * the journal says that it expired, in the entry that takes its time. */
#include "engine/core/deciding.h"

static const struct holds every_hold_blocks = {0};

static struct probe probe_of(const struct decision *decision, const struct barber *barber,
                             const struct appointment *fixed)
{
    return (struct probe){
        .start_s = fixed->start_s,
        .end_s = fixed->start_s + fixed->duration_s,
        .before_s = fixed->before_s,
        .after_s = fixed->after_s,
        .exclusive = barber_buffers_exclusive(decision->base, barber),
        .ignore_id = fixed->id,
    };
}

static fig_status judge_openness(const struct barber *barber, const struct opening *opening,
                                 const struct appointment *fixed, fig_outcome *outcome)
{
    const char *reason = NULL;
    if (!barber->profile->active)
        reason = "the barber takes no bookings (it was made inactive)";
    else if (!open_time_covers(opening, fixed->start_s, fixed->start_s + fixed->duration_s))
        reason = "the span is not wholly within the barber's open time";
    if (reason == NULL) return FIG_OK;
    outcome->closed = true;
    return refuse(outcome, FIG_CLOSED, NULL, reason);
}

/* The event that places the draft says whether a rule could not be evaluated for it. */
static void flag_unchecked(struct decision *decision, const struct draft *draft, bool unchecked)
{
    if (draft->event == NO_EVENT) return;
    struct event *event = &decision->events[draft->event];
    if (event->kind == EVENT_BOOKED)
        event->is.booked.unchecked = unchecked;
    else
        event->is.moved.unchecked = unchecked;
}

static fig_status judge_rules(struct decision *decision, const struct opening *opening, const struct draft *draft,
                              fig_outcome *outcome)
{
    const struct appointment *fixed = &draft->fixed;
    struct rule_question question = {
        .version = decision->base,
        .opening = opening,
        .now_s = decision->now_s,
        .client_id = fixed->client_id,
        .service_id = fixed->service_id,
        .start_s = fixed->start_s,
        .end_s = fixed->start_s + fixed->duration_s,
        .ignore_id = fixed->id,
        .drafts = decision->drafts,
        .draft_count = decision->draft_count,
    };
    struct broken_rules broken;
    rules_judge(&question, &broken);
    flag_unchecked(decision, draft, broken.failed > 0);
    for (size_t i = 0; i < broken.count; i++) outcome_list_rule(outcome, &broken.list[i]);
    if (!broken.refused) return FIG_OK;
    size_t first = 0; /* that is truly broken, or else the first that failed */
    while (first < broken.count && broken.list[first].failed) first++;
    if (first == broken.count) first = 0;
    return refuse(outcome, FIG_RULE, NULL, broken.list[first].reason);
}

/* Rules and open time, both told of; closed time has the last word on the outcome. */
static fig_status judge_place(struct decision *decision, const struct barber *barber, const struct draft *draft,
                              fig_outcome *outcome)
{
    struct opening opening;
    if (!opening_of(decision->base, barber, &opening))
        return refuse(
            outcome, FIG_UNAVAILABLE, NULL,
            "the data of the barber's zone is missing; declare the zone of the barber, or of the shop, again");
    fig_status rules = judge_rules(decision, &opening, draft, outcome);
    fig_status open = judge_openness(barber, &opening, &draft->fixed, outcome);
    return open != FIG_OK ? open : rules;
}

/* Marks a hold that is over as expired; once, however many drafts take its time. */
static void expire(struct decision *decision, const struct appointment *hold)
{
    for (size_t i = 0; i < decision->event_count && decision->draft_count > 1; i++) {
        const struct event *event = &decision->events[i];
        if (event->kind == EVENT_STATUS && event->is.status.id == hold->id) return;
    }
    struct event *event = decision_event(decision, EVENT_STATUS);
    if (event == NULL) return;
    event->is.status = (struct status_changed){.id = hold->id, .from = FIG_HELD, .status = FIG_EXPIRED};
}

static void judge_against_tree(struct decision *decision, const struct barber *barber, const struct probe *probe,
                               fig_outcome *outcome)
{
    if (!conflict_any(&barber->diary, probe, &every_hold_blocks)) return;
    struct tree_cursor cursor;
    for (bool more = conflict_first(&barber->diary, probe, &every_hold_blocks, &cursor); more;
         more = conflict_next(&barber->diary, probe, &every_hold_blocks, &cursor)) {
        uint64_t id = tree_at(&cursor).id;
        if (decision_draft(decision, id) != NULL) continue;
        const struct appointment *other = version_appointment(decision->base, id);
        if (!appointment_blocks(other, decision->now_s)) {
            expire(decision, other);
            continue;
        }
        fig_appointment shown;
        appointment_show(other, decision->now_s, &shown);
        outcome_list(outcome, &shown);
    }
}

/* A draft as the list of a refusal shows it. */
static void list_draft(const struct decision *decision, const struct draft *draft, fig_outcome *outcome)
{
    struct {
        struct appointment fixed;
        char key[FIG_KEY_MAX];
    } whole = {.fixed = draft->fixed};
    whole.fixed.key_size = (uint8_t)draft->key.size;
    if (draft->original != NULL) {
        whole.fixed.key_size = draft->original->key_size;
        memcpy(whole.key, appointment_key(draft->original), draft->original->key_size);
    } else if (draft->key.size > 0) {
        memcpy(whole.key, draft->key.text, draft->key.size);
    }
    fig_appointment shown;
    appointment_show(&whole.fixed, decision->now_s, &shown);
    outcome_list(outcome, &shown);
}

static void judge_against_drafts(const struct decision *decision, const struct draft *judged, const struct probe *probe,
                                 fig_outcome *outcome)
{
    for (size_t i = 0; i < decision->draft_count; i++) {
        const struct draft *other = &decision->drafts[i];
        if (other == judged || other->fixed.barber_id != judged->fixed.barber_id) continue;
        if (!appointment_blocks(&other->fixed, decision->now_s)) continue;
        struct tree_item item = appointment_item(&other->fixed);
        if (conflict_pair(probe, &item)) list_draft(decision, other, outcome);
    }
}

static fig_status judge(struct decision *decision, const struct draft *draft, fig_outcome *outcome)
{
    const struct barber *barber = version_barber(decision->base, draft->fixed.barber_id);
    outcome->barber_id = draft->fixed.barber_id;
    fig_status status = draft->placed ? judge_place(decision, barber, draft, outcome) : FIG_OK;
    if (status == FIG_UNAVAILABLE) return status;
    struct probe probe = probe_of(decision, barber, &draft->fixed);
    judge_against_tree(decision, barber, &probe, outcome);
    if (decision->draft_count > 1) judge_against_drafts(decision, draft, &probe, outcome);
    if (outcome->others_count == 0 || status != FIG_OK) return status;
    return refuse(outcome, FIG_CONFLICT, NULL, "another appointment of the barber is in the way");
}

fig_status judge_drafts(struct decision *decision, fig_outcome *outcomes)
{
    fig_status first = FIG_OK;
    for (size_t i = 0; i < decision->draft_count; i++) {
        const struct draft *draft = &decision->drafts[i];
        if (!draft->judged || !appointment_blocks(&draft->fixed, decision->now_s)) continue;
        fig_status status = judge(decision, draft, &outcomes[draft->member]);
        if (first == FIG_OK) first = status;
    }
    return first;
}
