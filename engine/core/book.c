/* Booking and holding: a new appointment, and a hold that lives on. */
#include "engine/core/deciding.h"
#include "engine/core/record.h"

static fig_appointment_status first_status(const fig_request *request)
{
    if (request->operation == FIG_OP_HOLD) return FIG_HELD;
    return request->pending ? FIG_PENDING : FIG_SCHEDULED;
}

static void take_note(struct decision *decision, uint64_t id, const char *note)
{
    struct event *event = decision_event(decision, EVENT_NOTE);
    if (event == NULL) return;
    struct words words = words_of(note);
    event->is.note = (struct note_taken){.id = id, .size = (uint32_t)words.size, .text = words.text};
    /* One salt a decision is drawn; the id makes it another for each note. */
    memcpy(event->is.note.salt, decision->salt, sizeof decision->salt);
    for (int i = 0; i < 8; i++) event->is.note.salt[i] ^= (uint8_t)(id >> (8 * i));
    note_hash(event->is.note.salt, words.text, words.size, event->is.note.hash);
}

/* What was not asked is as the barber, else the service, says. */
static fig_status find_lengths(const struct decision *decision, const fig_request *request, const struct barber *barber,
                               struct lengths *lengths, fig_outcome *outcome)
{
    if (!lengths_of(decision->base, barber, request->service_id, lengths))
        return refuse(outcome, FIG_INVALID, "end_s", "give an end: neither the barber nor the service says how long");
    if (request->start_s > FIG_TIME_MAX - (int64_t)lengths->duration_s)
        return refuse(outcome, FIG_INVALID, "start_s", "the end would come after 2200-01-01");
    return FIG_OK;
}

fig_status draft_booking(struct decision *decision, const fig_request *request, size_t member, uint64_t content,
                         fig_outcome *outcome)
{
    const struct barber *barber;
    fig_status status = choose_barber(decision, request, &barber, outcome);
    struct lengths lengths = asked_lengths(request);
    if (status == FIG_OK) status = find_lengths(decision, request, barber, &lengths, outcome);
    if (status != FIG_OK) return status;
    struct draft *draft = decision_draft_new(decision, member);
    struct event *event = decision_event(decision, EVENT_BOOKED);
    if (draft == NULL || event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);

    draft->judged = true;
    draft->placed = !request->as_recorded;
    draft->event = decision->event_count - 1;
    draft->key = words_of(request->key);
    struct appointment *fixed = &draft->fixed;
    fixed->barber_id = barber->profile->id;
    fixed->client_id = request->client_id;
    fixed->service_id = request->service_id;
    fixed->start_s = request->start_s;
    fixed->duration_s = lengths.duration_s;
    fixed->before_s = lengths.before_s;
    fixed->after_s = lengths.after_s;
    fixed->status = (uint8_t)first_status(request);
    fixed->expires_s = request->operation == FIG_OP_HOLD ? request->now_s + request->ttl_s : 0;
    outcome->appointment.id = fixed->id;

    bool has_note = request->note != NULL && request->note[0] != '\0';
    event->is.booked = (struct booked){
        .id = fixed->id,
        .barber_id = fixed->barber_id,
        .client_id = fixed->client_id,
        .service_id = fixed->service_id,
        .start_s = fixed->start_s,
        .expires_s = fixed->expires_s,
        .duration_s = fixed->duration_s,
        .before_s = fixed->before_s,
        .after_s = fixed->after_s,
        .status = fixed->status,
        .has_note = has_note,
        .by_batch = decision->keyed_batch,
        .as_recorded = request->as_recorded,
        .content = content,
        .key = draft->key,
    };
    if (has_note) take_note(decision, fixed->id, request->note);
    return FIG_OK;
}

/* A hold that is over, but whose time nobody took, has to pass the predicate again. Other members of a batch may have
 * made something else of it: what counts is its draft. */
fig_status draft_renewal(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome)
{
    struct words key = words_of(request->key);
    const struct appointment *hold = version_key(decision->base, key.text, key.size, decision->now_s).booking;
    struct draft *draft = decision_draft_original(decision, hold, member);
    if (draft == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    outcome->appointment.id = hold->id;
    outcome->barber_id = hold->barber_id;
    if (request->if_version != 0 && request->if_version != hold->version)
        return refuse(outcome, FIG_STALE, "if_version", "the appointment has changed since that version");
    if (draft->fixed.status != FIG_HELD)
        return refuse(outcome, FIG_ILLEGAL_STATUS, "key", "another member of the batch ended the hold of this key");
    int64_t expires_s = request->now_s + request->ttl_s;
    if (expires_s == draft->fixed.expires_s) return FIG_OK;
    struct event *event = decision_event(decision, EVENT_STATUS);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    if (!appointment_blocks(&draft->fixed, decision->now_s)) {
        draft->judged = true;
        draft->placed = !request->as_recorded;
    }
    draft->fixed.expires_s = expires_s;
    event->is.status =
        (struct status_changed){.id = hold->id, .expires_s = expires_s, .from = FIG_HELD, .status = FIG_HELD};
    return FIG_OK;
}
