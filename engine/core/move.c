/* Moving: time, barber, service and buffers in one step. The appointment itself is not in its own way. */
#include "engine/core/deciding.h"

/* What open time and rules are asked about: a service has rules of its own. */
static bool has_moved(const struct appointment *a, const struct appointment *b)
{
    return a->barber_id != b->barber_id || a->start_s != b->start_s || a->duration_s != b->duration_s ||
           a->service_id != b->service_id;
}

static bool has_other_buffers(const struct appointment *a, const struct appointment *b)
{
    return a->before_s != b->before_s || a->after_s != b->after_s;
}

static struct appointment moved_to(const fig_request *request, const struct barber *barber, struct appointment fixed)
{
    if (barber != NULL) fixed.barber_id = barber->profile->id;
    if (request->service_id != 0) fixed.service_id = request->service_id;
    if (request->buffer_before_s != FIG_BUFFER_DEFAULT) fixed.before_s = request->buffer_before_s;
    if (request->buffer_after_s != FIG_BUFFER_DEFAULT) fixed.after_s = request->buffer_after_s;
    if (request->start_s == 0 && request->end_s == 0) return fixed;
    fixed.start_s = request->start_s;
    fixed.duration_s = (uint32_t)(request->end_s - request->start_s);
    return fixed;
}

fig_status draft_move(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome)
{
    struct draft *draft;
    fig_status status = find_draft(decision, request, member, &draft, outcome);
    if (status != FIG_OK) return status;
    if (!appointment_blocks(&draft->fixed, decision->now_s))
        return refuse(outcome, FIG_ILLEGAL_STATUS, "appointment_id", "only an active appointment can be moved");
    const struct barber *barber = NULL;
    if (request->barber_id != 0 || request->barber_name != NULL) {
        status = find_barber(decision, request, &barber, outcome);
        if (status != FIG_OK) return status;
    }
    struct appointment fixed = moved_to(request, barber, draft->fixed);
    bool moves = has_moved(&fixed, &draft->fixed);
    bool spreads = moves || has_other_buffers(&fixed, &draft->fixed);
    if (!spreads) return FIG_OK;
    struct event *event = decision_event(decision, EVENT_MOVED);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    draft->fixed = fixed;
    draft->judged = draft->judged || spreads;
    draft->placed = draft->placed || moves;
    draft->event = decision->event_count - 1;
    event->is.moved = (struct moved){
        .id = fixed.id,
        .barber_id = fixed.barber_id,
        .service_id = fixed.service_id,
        .start_s = fixed.start_s,
        .duration_s = fixed.duration_s,
        .before_s = fixed.before_s,
        .after_s = fixed.after_s,
        .unchecked = (fixed.flags & APPOINTMENT_UNCHECKED) != 0,
    };
    return FIG_OK;
}
