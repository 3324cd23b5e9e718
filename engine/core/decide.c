#include "engine/core/deciding.h"

#include <string.h>

/* --- one request --- */

static void judged_at(const struct decision *decision, fig_outcome *outcome)
{
    outcome->version = decision->base->seq;
    outcome->status = FIG_OK;
    outcome->repeated = false;
    outcome->barber_id = 0;
    memset(&outcome->appointment, 0, sizeof outcome->appointment);
    outcome->appointment.struct_size = sizeof outcome->appointment;
    outcome->field = NULL;
    outcome->reason = NULL;
    outcome->others_count = 0;
    outcome->rules_count = 0;
    outcome->closed = false;
    outcome->declared_id = 0;
    outcome->nearest_barber_id = 0;
    outcome->nearest_s = 0;
}

/* One member's draft and events. The key was looked at before. */
static fig_status draft_request(struct decision *decision, const fig_request *request, size_t member, uint64_t content,
                                fig_outcome *outcome)
{
    switch (request->operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: return draft_booking(decision, request, member, content, outcome);
    case FIG_OP_MOVE: return draft_move(decision, request, member, outcome);
    case FIG_OP_CONFIRM:
    case FIG_OP_SET_STATUS: return draft_status(decision, request, member, outcome);
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: return decide_window(decision, request, outcome);
    case FIG_OP_DECLARE_WINDOWS: return decide_windows(decision, request, outcome);
    case FIG_OP_DECLARE_SHOP: return decide_shop(decision, request, outcome);
    case FIG_OP_DECLARE_BARBER: return decide_barber(decision, request, outcome);
    case FIG_OP_DECLARE_SCHEDULE: return decide_schedule(decision, request, outcome);
    case FIG_OP_DECLARE_SERVICE: return decide_service(decision, request, outcome);
    case FIG_OP_DECLARE_CLIENT: return decide_client(decision, request, outcome);
    case FIG_OP_DECLARE_RULE: return decide_rule(decision, request, outcome);
    case FIG_OP_DECLARE_ZONE: return decide_zone(decision, request, outcome);
    case FIG_OP_RESTORE: return decide_restore(decision, request, outcome);
    }
    return FIG_INVALID;
}

/* What a kept key of this request is about. */
static uint64_t subject_of(const fig_outcome *outcome)
{
    if (outcome->appointment.id != 0) return outcome->appointment.id;
    return outcome->declared_id != 0 ? outcome->declared_id : outcome->barber_id;
}

static fig_status decide_fresh(struct decision *decision, const fig_request *request, bool renews, uint64_t content,
                               fig_outcome *outcome)
{
    fig_status status =
        renews ? draft_renewal(decision, request, 0, outcome) : draft_request(decision, request, 0, content, outcome);
    if (status == FIG_OK) status = judge_drafts(decision, outcome);
    if (status != FIG_OK) return status;
    if (!books(request)) keep_key(decision, request->key, content, subject_of(outcome));
    return decision->no_memory ? refuse(outcome, FIG_NO_MEMORY, NULL, NULL) : FIG_OK;
}

void decide_request(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    judged_at(decision, outcome);
    if (validate(request, outcome) != FIG_OK) return;
    decision->now_s = request->now_s;
    decision->operation = request->operation;
    uint64_t content = request_content(request);
    enum key_answer answer = answer_key(decision, request, content, outcome);
    if (answer == KEY_ANSWERED) return;
    outcome->status = decide_fresh(decision, request, answer == KEY_RENEWS, content, outcome);
    if (outcome->status == FIG_OK) return;
    if (request->nearest) tell_nearest(decision, request, outcome);
    decision->event_count = 0;
    outcome->appointment = fig_appointment_default();
}

/* --- batches --- */

static fig_status validate_member(const fig_request *requests, size_t member, fig_outcome *outcome)
{
    const fig_request *request = &requests[member];
    fig_status status = validate(request, outcome);
    if (status != FIG_OK) return status;
    if (request->operation > FIG_OP_SET_STATUS)
        return refuse(outcome, FIG_INVALID, "operation", "a batch takes requests on appointments alone");
    if (member > 0 && request->key != NULL && !books(request))
        return refuse(outcome, FIG_INVALID, "key", "in a batch, the first member and bookings alone carry a key");
    if (books(request) && request->any)
        return refuse(outcome, FIG_INVALID, "any", "a member of a batch names its barber");
    if (request->now_s != requests[0].now_s)
        return refuse(outcome, FIG_INVALID, "now_s", "the members of a batch share one now");
    return FIG_OK;
}

static fig_status draft_member(struct decision *decision, const fig_request *requests, size_t member, uint64_t content,
                               fig_outcome *outcome)
{
    const fig_request *request = &requests[member];
    if (member == 0 || request->key == NULL) return draft_request(decision, request, member, content, outcome);
    uint64_t own_content = request_content(request);
    bool twice = decision_draft_keyed(decision, words_of(request->key)) != NULL ||
                 (requests[0].key != NULL && strcmp(requests[0].key, request->key) == 0);
    if (twice) return refuse(outcome, FIG_KEY_REUSED, "key", "another member of the batch has this key");
    switch (answer_key(decision, request, own_content, outcome)) {
    case KEY_ANSWERED:
        if (outcome->status != FIG_OK) return outcome->status;
        outcome->repeated = false;
        return refuse(outcome, FIG_KEY_REUSED, "key",
                      "this key has booked before; to ask a batch again, give its first member a key");
    case KEY_RENEWS: return draft_renewal(decision, request, member, outcome);
    case KEY_FRESH: break;
    }
    return draft_request(decision, request, member, own_content, outcome);
}

/* The first status at fault; the members that are not say that they were not done. */
static fig_status refuse_batch(fig_outcome *outcomes, size_t count)
{
    fig_status first = FIG_OK;
    for (size_t i = 0; i < count && first == FIG_OK; i++) first = outcomes[i].status;
    for (size_t i = 0; i < count && first != FIG_OK; i++) {
        outcomes[i].appointment = fig_appointment_default();
        if (outcomes[i].status == FIG_OK)
            refuse(&outcomes[i], FIG_NOT_DONE, NULL, "another member of the batch was refused");
    }
    return first;
}

static uint64_t first_booked(const struct decision *decision)
{
    bool any = decision->next_appointment_id != decision->base->next_appointment_id;
    return any ? decision->base->next_appointment_id : 0;
}

fig_status decide_batch(struct decision *decision, const fig_request *requests, size_t count, fig_outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) judged_at(decision, &outcomes[i]);
    for (size_t i = 0; i < count; i++) validate_member(requests, i, &outcomes[i]);
    fig_status status = refuse_batch(outcomes, count);
    if (status != FIG_OK) return status;

    decision->now_s = requests[0].now_s;
    decision->operation = requests[0].operation;
    decision->keyed_batch = requests[0].key != NULL;
    uint64_t content = batch_content(requests, count);
    if (answer_batch_key(decision, requests, count, content, outcomes) == KEY_ANSWERED)
        return refuse_batch(outcomes, count);
    for (size_t i = 0; i < count; i++) outcomes[i].status = draft_member(decision, requests, i, content, &outcomes[i]);
    status = refuse_batch(outcomes, count);
    if (status == FIG_OK) {
        judge_drafts(decision, outcomes);
        status = refuse_batch(outcomes, count);
    }
    if (status == FIG_OK && !books(&requests[0])) keep_key(decision, requests[0].key, content, first_booked(decision));
    if (status == FIG_OK && decision->no_memory) status = refuse(&outcomes[0], FIG_NO_MEMORY, NULL, NULL);
    if (status != FIG_OK) {
        decision->event_count = 0;
        refuse_batch(outcomes, count);
    }
    return status;
}
