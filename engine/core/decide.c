#include "engine/core/deciding.h"
#include "engine/core/grow.h"

#include <string.h>

/* --- the decision's lists --- */

struct event *decision_event(struct decision *decision, enum event_kind kind)
{
    struct event *events = grow(decision->allocator, decision->events, decision->event_count, 1,
                                &decision->event_capacity, sizeof *events);
    if (events == NULL) {
        decision->no_memory = true;
        return NULL;
    }
    decision->events = events;
    struct event *event = &events[decision->event_count++];
    event->kind = kind;
    return event;
}

static struct draft *new_draft(struct decision *decision)
{
    struct draft *drafts = grow(decision->allocator, decision->drafts, decision->draft_count, 1,
                                &decision->draft_capacity, sizeof *drafts);
    if (drafts == NULL) {
        decision->no_memory = true;
        return NULL;
    }
    decision->drafts = drafts;
    struct draft *draft = &drafts[decision->draft_count++];
    memset(draft, 0, sizeof *draft);
    return draft;
}

struct draft *decision_draft(struct decision *decision, uint64_t id)
{
    for (size_t i = 0; i < decision->draft_count; i++)
        if (decision->drafts[i].fixed.id == id) return &decision->drafts[i];
    return NULL;
}

struct draft *decision_draft_keyed(struct decision *decision, struct words key)
{
    for (size_t i = 0; i < decision->draft_count; i++) {
        struct draft *draft = &decision->drafts[i];
        if (draft->key.size == key.size && key.size > 0 && memcmp(draft->key.text, key.text, key.size) == 0)
            return draft;
    }
    return NULL;
}

struct draft *decision_draft_original(struct decision *decision, const struct appointment *original, size_t member)
{
    struct draft *draft = decision_draft(decision, original->id);
    if (draft == NULL) {
        draft = new_draft(decision);
        if (draft == NULL) return NULL;
        draft->fixed = *original;
        draft->original = original;
    }
    draft->member = member;
    return draft;
}

struct draft *decision_draft_new(struct decision *decision, size_t member)
{
    struct draft *draft = new_draft(decision);
    if (draft == NULL) return NULL;
    draft->fixed.id = decision->next_appointment_id++;
    draft->member = member;
    return draft;
}

void decision_begin(struct decision *decision, const struct nodes_allocator *allocator, const struct version *base,
                    const uint8_t salt[16])
{
    decision->allocator = allocator;
    decision->base = base;
    decision->event_count = 0;
    decision->draft_count = 0;
    decision->next_appointment_id = base->next_appointment_id;
    decision->affected = (struct affected){0};
    decision->keyed_batch = false;
    decision->no_memory = false;
    memcpy(decision->salt, salt, sizeof decision->salt);
}

void decision_release(struct decision *decision)
{
    grow_release(decision->allocator, decision->events, &decision->event_capacity, sizeof *decision->events);
    grow_release(decision->allocator, decision->drafts, &decision->draft_capacity, sizeof *decision->drafts);
    memset(decision, 0, sizeof *decision);
}

/* --- refusing, and looking up what a request names --- */

fig_status refuse(fig_outcome *outcome, fig_status status, const char *field, const char *reason)
{
    outcome->status = status;
    outcome->field = field;
    outcome->reason = reason;
    return status;
}

void outcome_list(fig_outcome *outcome, const fig_appointment *shown)
{
    if (outcome->others_count < outcome->others_capacity && outcome->others != NULL)
        outcome->others[outcome->others_count] = *shown;
    outcome->others_count++;
}

fig_status find_barber(const struct decision *decision, const fig_request *request, const struct barber **barber,
                       fig_outcome *outcome)
{
    struct words name = words_of(request->barber_name);
    const struct barber *found = request->barber_id != 0 ? version_barber(decision->base, request->barber_id)
                                                         : version_barber_named(decision->base, name.text, name.size);
    if (found == NULL)
        return refuse(outcome, FIG_NOT_FOUND, request->barber_id != 0 ? "barber_id" : "barber_name",
                      "there is no such barber; declare it first");
    *barber = found;
    outcome->barber_id = found->profile->id;
    return FIG_OK;
}

fig_status find_draft(struct decision *decision, const fig_request *request, size_t member, struct draft **draft,
                      fig_outcome *outcome)
{
    const struct appointment *original;
    struct draft *found = NULL;
    if (request->appointment_id != 0) {
        original = version_appointment(decision->base, request->appointment_id);
        if (original == NULL) found = decision_draft(decision, request->appointment_id);
    } else {
        struct words key = words_of(request->booking_key);
        original = version_key(decision->base, key.text, key.size, decision->now_s).booking;
        if (original == NULL) found = decision_draft_keyed(decision, key);
    }
    if (original == NULL && found == NULL)
        return refuse(outcome, FIG_NOT_FOUND, request->appointment_id != 0 ? "appointment_id" : "booking_key",
                      "there is no such appointment");
    if (original != NULL) found = decision_draft_original(decision, original, member);
    if (found == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    found->member = member;
    outcome->appointment.id = found->fixed.id;
    outcome->barber_id = found->fixed.barber_id;
    if (request->if_version != 0 && request->if_version != found->fixed.version)
        return refuse(outcome, FIG_STALE, "if_version", "the appointment has changed since that version");
    *draft = found;
    return FIG_OK;
}

/* --- deciding --- */

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
    }
    return FIG_INVALID;
}

/* What a kept key of this request is about. */
static uint64_t subject_of(const fig_request *request, const fig_outcome *outcome)
{
    if (outcome->appointment.id != 0) return outcome->appointment.id;
    return request->operation == FIG_OP_DECLARE_SHOP ? request->shop->id : outcome->barber_id;
}

static fig_status decide_fresh(struct decision *decision, const fig_request *request, bool renews, uint64_t content,
                               fig_outcome *outcome)
{
    fig_status status =
        renews ? draft_renewal(decision, request, 0, outcome) : draft_request(decision, request, 0, content, outcome);
    if (status == FIG_OK) status = judge_drafts(decision, outcome);
    if (status != FIG_OK) return status;
    if (!books(request)) keep_key(decision, request->key, content, subject_of(request, outcome));
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
