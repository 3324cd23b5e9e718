/* The predicate: may these drafts block time? Asked of the state that all drafts together leave, so that a swap of two
 * appointments is no conflict.
 *
 * A draft stands in the way of others with what it is to be, not with what it was: items of the trees whose appointment
 * has a draft are passed over, and drafts are compared among themselves. A hold that is over stands in nobody's way;
 * the journal says that it expired, in the entry that takes its time. */
#include "engine/core/deciding.h"

#include "engine/core/open_time.h"

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

static fig_status judge_openness(const struct decision *decision, const struct barber *barber,
                                 const struct appointment *fixed, fig_outcome *outcome)
{
    if (!barber->profile->active)
        return refuse(outcome, FIG_CLOSED, NULL, "the barber takes no bookings (it was made inactive)");
    struct opening opening;
    if (!opening_of(decision->base, barber, &opening))
        return refuse(outcome, FIG_UNAVAILABLE, NULL, "the data of the barber's zone is missing");
    if (!open_time_covers(&opening, fixed->start_s, fixed->start_s + fixed->duration_s))
        return refuse(outcome, FIG_CLOSED, NULL, "the span is not wholly within the barber's open time");
    const struct shop *shop = version_shop(decision->base, barber->profile->shop_id);
    if (shop != NULL && shop->past == FIG_PAST_REFUSE && fixed->start_s < decision->now_s)
        return refuse(outcome, FIG_RULE, NULL, "the shop takes no bookings in the past");
    return FIG_OK;
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
    fig_status status = draft->placed ? judge_openness(decision, barber, &draft->fixed, outcome) : FIG_OK;
    if (status != FIG_OK) return status;
    struct probe probe = probe_of(decision, barber, &draft->fixed);
    judge_against_tree(decision, barber, &probe, outcome);
    if (decision->draft_count > 1) judge_against_drafts(decision, draft, &probe, outcome);
    if (outcome->others_count == 0) return FIG_OK;
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
