/* Refusals as events: what was asked and came to nothing, so that a journal can tell what customers wanted, too. They
 * change no record, only the version's number. */
#include "engine/core/deciding.h"

/* What the request named, as far as the version knows it. */
static uint64_t named_appointment(const struct decision *decision, const fig_request *request)
{
    if (books(request)) return 0;
    if (request->appointment_id != 0) return request->appointment_id;
    struct words key = words_of(request->booking_key);
    const struct appointment *found = version_key(decision->base, key.text, key.size, request->now_s).booking;
    return found != NULL ? found->id : 0;
}

static uint64_t named_barber(const struct decision *decision, const fig_request *request)
{
    if (request->barber_id != 0 || request->barber_name == NULL) return request->barber_id;
    struct words name = words_of(request->barber_name);
    const struct barber *found = version_barber_named(decision->base, name.text, name.size);
    return found != NULL ? found->profile->id : 0;
}

static struct refused refused_request(const struct decision *decision, const fig_request *request, fig_status status)
{
    bool sets_status = request->operation == FIG_OP_CONFIRM || request->operation == FIG_OP_SET_STATUS;
    struct refused refused = {
        .appointment_id = named_appointment(decision, request),
        .if_version = request->if_version,
        .operation = (uint8_t)request->operation,
        .asked = (uint8_t)(sets_status ? request->status : 0),
        .status = (uint8_t)status,
        .key = words_of(request->key),
    };
    if (sets_status) return refused;
    refused.barber_id = named_barber(decision, request);
    refused.client_id = books(request) ? request->client_id : 0;
    refused.service_id = request->service_id;
    refused.start_s = request->start_s;
    refused.end_s = request->end_s;
    refused.before_s = request->buffer_before_s;
    refused.after_s = request->buffer_after_s;
    refused.ttl_s = request->operation == FIG_OP_HOLD ? request->ttl_s : 0;
    refused.any = books(request) && request->any;
    if (refused.any) {
        refused.any_shop_id = request->any_shop_id;
        refused.any_order = (uint8_t)request->any_order;
    }
    refused.pending = request->operation == FIG_OP_BOOK && request->pending;
    refused.as_recorded = books(request) && request->as_recorded;
    return refused;
}

/* An answer to a request on appointments. */
static bool is_told(const fig_request *request, const fig_outcome *outcome)
{
    return request->operation <= FIG_OP_SET_STATUS && outcome->status > FIG_OK && outcome->status <= FIG_NOT_DONE;
}

static bool are_all_told(const fig_request *requests, const fig_outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_told(&requests[i], &outcomes[i])) return false;
    return true;
}

void decide_refusals(struct decision *decision, const fig_request *requests, const fig_outcome *outcomes, size_t count)
{
    decision->event_count = 0;
    decision->now_s = requests[0].now_s;
    decision->operation = requests[0].operation;
    if (!are_all_told(requests, outcomes, count)) return;
    for (size_t i = 0; i < count; i++) {
        struct event *event = decision_event(decision, EVENT_REFUSED);
        if (event == NULL) return;
        event->is.refused = refused_request(decision, &requests[i], outcomes[i].status);
    }
}
