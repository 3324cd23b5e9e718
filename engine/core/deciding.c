/* What deciding stands on: the decision's lists, refusing, and looking up what a request names. */
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
    draft->event = NO_EVENT;
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
    decision->zone = (struct zone_supply){0};
    decision->keyed_batch = false;
    decision->restored_version = 0;
    decision->no_memory = false;
    memcpy(decision->salt, salt, sizeof decision->salt);
}

void decision_release(struct decision *decision)
{
    grow_release(decision->allocator, decision->events, &decision->event_capacity, sizeof *decision->events);
    grow_release(decision->allocator, decision->drafts, &decision->draft_capacity, sizeof *decision->drafts);
    if (decision->document_bytes != NULL)
        decision->allocator->release(decision->allocator->context, decision->document_bytes, DOCUMENT_BYTES_MAX);
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

void outcome_list_rule(fig_outcome *outcome, const struct broken_rule *broken)
{
    size_t place = outcome->rules_count++;
    if (place >= outcome->rules_capacity || outcome->rules == NULL) return;
    fig_broken_rule *shown = &outcome->rules[place];
    *shown = (fig_broken_rule){
        .struct_size = sizeof *shown,
        .type = broken->type,
        .failed = broken->failed,
        .reason = broken->reason,
    };
    const char *name = fig_rule_type_name(broken->type);
    if (broken->rule != NULL) {
        shown->rule_id = broken->rule->document.id;
        name = broken->rule->document.name;
    }
    memcpy(shown->name, name, words_of(name).size); /* ended by the zeros before */
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
