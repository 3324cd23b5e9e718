/* Confirming, cancelling, completing: another status, as the table in status.c allows. */
#include "engine/core/deciding.h"

#include "engine/core/status.h"

/* A hold that is over can become nothing else than what it reads as. */
static bool is_lapsed(const struct appointment *fixed, int64_t now_s)
{
    return fixed->status == FIG_HELD && !appointment_blocks(fixed, now_s);
}

static const char *fault_of(const fig_request *request, const struct appointment *fixed, int64_t now_s)
{
    fig_appointment_status from = (fig_appointment_status)fixed->status;
    if (is_lapsed(fixed, now_s) && request->status != FIG_EXPIRED) return "the hold has expired; book again";
    if (request->operation == FIG_OP_CONFIRM && !status_is_active(from))
        return "only a held, pending or scheduled appointment can be confirmed";
    if (status_move(from, request->status) == STATUS_ILLEGAL)
        return "the appointment's status does not allow this change";
    return NULL;
}

fig_status draft_status(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome)
{
    struct draft *draft;
    fig_status status = find_draft(decision, request, member, &draft, outcome);
    if (status != FIG_OK) return status;
    const char *fault = fault_of(request, &draft->fixed, decision->now_s);
    if (fault != NULL) return refuse(outcome, FIG_ILLEGAL_STATUS, "status", fault);
    struct event *event = decision_event(decision, EVENT_STATUS);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    uint8_t from = draft->fixed.status;
    if (status_move((fig_appointment_status)from, request->status) == STATUS_JUDGED)
        draft->judged = draft->placed = true;
    draft->fixed.status = (uint8_t)request->status;
    draft->fixed.expires_s = 0;
    event->is.status = (struct status_changed){.id = draft->fixed.id, .from = from, .status = (uint8_t)request->status};
    return FIG_OK;
}
