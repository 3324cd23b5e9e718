/* The fields of a request, each against its range, without looking at any version. */
#include "engine/core/deciding.h"
#include "engine/core/limits.h"
#include "engine/core/status.h"
#include "engine/core/text.h"

#include <string.h>

static fig_status invalid(fig_outcome *outcome, const char *field, const char *reason)
{
    return refuse(outcome, FIG_INVALID, field, reason);
}

static fig_status validate_common(const fig_request *request, fig_outcome *outcome)
{
    if (request->struct_size != sizeof *request)
        return invalid(outcome, "struct_size", "take the request from its default function");
    if (!instant_is_sound(request->now_s))
        return invalid(outcome, "now_s", "the request's now must lie from 1900-01-01 to 2200-01-01");
    if (request->key != NULL && !text_is_name(request->key, FIG_KEY_MAX))
        return invalid(outcome, "key", "a key has 1 to 64 bytes of UTF-8 without control characters");
    if (request->timeout_ns < 0) return invalid(outcome, "timeout_ns", "a timeout is not negative");
    return FIG_OK;
}

static fig_status validate_span(int64_t start_s, int64_t end_s, fig_outcome *outcome)
{
    if (!instant_is_sound(start_s))
        return invalid(outcome, "start_s", "the start must lie from 1900-01-01 to 2200-01-01");
    if (!instant_is_sound(end_s)) return invalid(outcome, "end_s", "the end must lie from 1900-01-01 to 2200-01-01");
    if (end_s <= start_s) return invalid(outcome, "end_s", "the end must come after the start");
    if (end_s - start_s > FIG_DURATION_MAX) return invalid(outcome, "end_s", "the span is longer than 366 days");
    return FIG_OK;
}

static fig_status validate_buffers(const fig_request *request, fig_outcome *outcome)
{
    if (request->buffer_before_s > FIG_BUFFER_MAX && request->buffer_before_s != FIG_BUFFER_DEFAULT)
        return invalid(outcome, "buffer_before_s", "a buffer is at most 7 days");
    if (request->buffer_after_s > FIG_BUFFER_MAX && request->buffer_after_s != FIG_BUFFER_DEFAULT)
        return invalid(outcome, "buffer_after_s", "a buffer is at most 7 days");
    return FIG_OK;
}

static fig_status validate_barber_reference(const fig_request *request, bool required, fig_outcome *outcome)
{
    if (request->barber_id == 0 && request->barber_name == NULL)
        return required ? invalid(outcome, "barber_id", "name a barber, by id or by name") : FIG_OK;
    if (request->barber_name != NULL && !text_is_name(request->barber_name, FIG_NAME_MAX))
        return invalid(outcome, "barber_name", "a name has 1 to 128 bytes of UTF-8 without control characters");
    if (request->barber_id != 0 && request->barber_name != NULL)
        return invalid(outcome, "barber_name", "name the barber by id or by name, not by both");
    return FIG_OK;
}

static fig_status validate_hold(const fig_request *request, fig_outcome *outcome)
{
    if (request->ttl_s < 1 || request->ttl_s > FIG_HOLD_MAX)
        return invalid(outcome, "ttl_s", "a hold lives from 1 second to 366 days");
    if (request->now_s + (int64_t)request->ttl_s > FIG_TIME_MAX)
        return invalid(outcome, "ttl_s", "the hold would outlive 2200-01-01");
    return FIG_OK;
}

static fig_status validate_any(const fig_request *request, fig_outcome *outcome)
{
    if (request->barber_id != 0 || request->barber_name != NULL)
        return invalid(outcome, "any", "name a barber or take any, not both");
    if (request->any_order < FIG_ANY_FIRST || request->any_order > FIG_ANY_PRIORITY)
        return invalid(outcome, "any_order", "there is no such order");
    return FIG_OK;
}

/* Without an end it is found later: as long as the service. */
static fig_status validate_booked_span(const fig_request *request, fig_outcome *outcome)
{
    if (has_end(request) || request->service_id == 0) return validate_span(request->start_s, request->end_s, outcome);
    if (!instant_is_sound(request->start_s))
        return invalid(outcome, "start_s", "the start must lie from 1900-01-01 to 2200-01-01");
    return FIG_OK;
}

static fig_status validate_booking(const fig_request *request, fig_outcome *outcome)
{
    fig_status status =
        request->any ? validate_any(request, outcome) : validate_barber_reference(request, true, outcome);
    if (status == FIG_OK) status = validate_booked_span(request, outcome);
    if (status == FIG_OK) status = validate_buffers(request, outcome);
    if (status == FIG_OK && request->operation == FIG_OP_HOLD) status = validate_hold(request, outcome);
    if (status != FIG_OK || request->note == NULL) return status;
    size_t size = strnlen(request->note, FIG_NOTE_MAX + 1);
    if (size > FIG_NOTE_MAX || !text_is_clean(request->note, size, true))
        return invalid(outcome, "note", "a note has at most 4096 bytes of UTF-8 text");
    return FIG_OK;
}

static fig_status validate_target(const fig_request *request, fig_outcome *outcome)
{
    if (request->appointment_id == 0 && request->booking_key == NULL)
        return invalid(outcome, "appointment_id", "name an appointment, by id or by the key that booked it");
    if (request->appointment_id != 0 && request->booking_key != NULL)
        return invalid(outcome, "booking_key", "name the appointment by id or by key, not by both");
    if (request->booking_key != NULL && !text_is_name(request->booking_key, FIG_KEY_MAX))
        return invalid(outcome, "booking_key", "a key has 1 to 64 bytes of UTF-8 without control characters");
    return FIG_OK;
}

static fig_status validate_move(const fig_request *request, fig_outcome *outcome)
{
    fig_status status = validate_target(request, outcome);
    if (status == FIG_OK) status = validate_barber_reference(request, false, outcome);
    if (status == FIG_OK && (request->start_s != 0 || request->end_s != 0))
        status = validate_span(request->start_s, request->end_s, outcome);
    return status == FIG_OK ? validate_buffers(request, outcome) : status;
}

static fig_status validate_status(const fig_request *request, fig_outcome *outcome)
{
    fig_status status = validate_target(request, outcome);
    if (status != FIG_OK) return status;
    bool confirms = request->status == FIG_SCHEDULED || request->status == FIG_CONFIRMED;
    if (request->operation == FIG_OP_CONFIRM && !confirms)
        return invalid(outcome, "status", "confirm makes an appointment scheduled or confirmed");
    return status_is_known(request->status) ? FIG_OK : invalid(outcome, "status", "there is no such status");
}

static fig_status validate_window(const fig_request *request, fig_outcome *outcome)
{
    fig_status status = validate_barber_reference(request, true, outcome);
    return status == FIG_OK ? validate_span(request->start_s, request->end_s, outcome) : status;
}

static fig_status validate_windows(const fig_request *request, fig_outcome *outcome)
{
    fig_status status = validate_barber_reference(request, true, outcome);
    if (status != FIG_OK) return status;
    if (request->window_count > FIG_WINDOWS_MAX) return invalid(outcome, "window_count", "at most 100000 windows");
    if (request->window_count > 0 && request->windows == NULL)
        return invalid(outcome, "windows", "the list of windows is missing");
    for (size_t i = 0; i < request->window_count; i++) {
        const fig_window *window = &request->windows[i];
        if (window->struct_size != sizeof *window)
            return invalid(outcome, "windows", "take each window from fig_window_default()");
        if (window->kind != FIG_WINDOW_AVAILABLE && window->kind != FIG_WINDOW_UNAVAILABLE)
            return invalid(outcome, "windows", "a window is available or unavailable");
        status = validate_span(window->start_s, window->end_s, outcome);
        if (status != FIG_OK) return status;
    }
    return FIG_OK;
}

/* A name that is ended within its array. */
static bool array_is_text(const char *array, size_t size, bool may_be_empty)
{
    size_t length = strnlen(array, size);
    if (length == size || (length == 0 && !may_be_empty)) return false;
    return text_is_clean(array, length, false);
}

static fig_status validate_shop(const fig_request *request, fig_outcome *outcome)
{
    const fig_shop *shop = request->shop;
    if (shop == NULL) return invalid(outcome, "shop", "the shop is missing");
    if (shop->struct_size != sizeof *shop || (shop->fields & ~(uint32_t)FIG_SHOP_ALL) != 0)
        return invalid(outcome, "shop", "take the shop from fig_shop_default()");
    if (shop->id == 0 && (shop->fields & FIG_SHOP_NAME) == 0)
        return invalid(outcome, "shop.id", "name a shop, by id or by name");
    if ((shop->fields & FIG_SHOP_NAME) != 0 && !array_is_text(shop->name, sizeof shop->name, false))
        return invalid(outcome, "shop.name", "a name has 1 to 128 bytes of UTF-8 without control characters");
    if ((shop->fields & FIG_SHOP_ZONE) != 0 && !array_is_text(shop->zone, sizeof shop->zone, false))
        return invalid(outcome, "shop.zone", "a zone's name has 1 to 63 bytes, as in Europe/Madrid");
    if ((shop->fields & FIG_SHOP_BUFFERS) != 0 && shop->buffers != FIG_BUFFERS_SHARED &&
        shop->buffers != FIG_BUFFERS_EXCLUSIVE)
        return invalid(outcome, "shop.buffers", "buffers are shared or exclusive");
    if ((shop->fields & FIG_SHOP_PAST) != 0 && shop->past != FIG_PAST_ALLOW && shop->past != FIG_PAST_REFUSE)
        return invalid(outcome, "shop.past", "the past is allowed or refused");
    return FIG_OK;
}

static fig_status validate_barber(const fig_request *request, fig_outcome *outcome)
{
    const fig_barber *barber = request->barber;
    if (barber == NULL) return invalid(outcome, "barber", "the barber is missing");
    if (barber->struct_size != sizeof *barber || (barber->fields & ~(uint32_t)FIG_BARBER_ALL) != 0)
        return invalid(outcome, "barber", "take the barber from fig_barber_default()");
    if (barber->id == 0 && (barber->fields & FIG_BARBER_NAME) == 0)
        return invalid(outcome, "barber.id", "name a barber, by id or by name");
    if ((barber->fields & FIG_BARBER_NAME) != 0 && !array_is_text(barber->name, sizeof barber->name, false))
        return invalid(outcome, "barber.name", "a name has 1 to 128 bytes of UTF-8 without control characters");
    if ((barber->fields & FIG_BARBER_ZONE) != 0 && !array_is_text(barber->zone, sizeof barber->zone, true))
        return invalid(outcome, "barber.zone", "a zone's name has at most 63 bytes, as in Europe/Madrid");
    if ((barber->fields & FIG_BARBER_OPEN) != 0 && barber->open != FIG_OPEN_ALWAYS && barber->open != FIG_OPEN_HOURS)
        return invalid(outcome, "barber.open", "a barber is open always or in hours");
    return FIG_OK;
}

fig_status validate_record(const fig_request *request, fig_outcome *outcome)
{
    const fig_record *record = request->record;
    if (record == NULL) return invalid(outcome, "record", "the record is missing");
    if (record->struct_size != sizeof *record)
        return invalid(outcome, "record", "take the record from fig_record_default() or fig_records_next()");
    if (request->key != NULL) return invalid(outcome, "key", "a record that is restored brings its own key");
    if (record->kind < FIG_RECORD_SHOP || record->kind > FIG_RECORD_SCHEDULE)
        return invalid(outcome, "record.kind", "there is no such kind of record");
    bool is_appointment = record->kind == FIG_RECORD_APPOINTMENT;
    uint64_t version = is_appointment ? record->appointment.version : record->version;
    if (version > RESTORED_VERSION_MAX)
        return invalid(outcome, is_appointment ? "record.appointment.version" : "record.version",
                       "no version is so large");
    bool is_private = is_appointment || record->kind == FIG_RECORD_CLIENT;
    size_t most = is_private ? FIG_NOTE_MAX : DOCUMENT_BYTES_MAX;
    if (record->text_size > most) return invalid(outcome, "record.text_size", "the text is too large");
    return FIG_OK;
}

fig_status validate(const fig_request *request, fig_outcome *outcome)
{
    fig_status status = validate_common(request, outcome);
    if (status != FIG_OK) return status;
    switch (request->operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: return validate_booking(request, outcome);
    case FIG_OP_CONFIRM:
    case FIG_OP_SET_STATUS: return validate_status(request, outcome);
    case FIG_OP_MOVE: return validate_move(request, outcome);
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: return validate_window(request, outcome);
    case FIG_OP_DECLARE_WINDOWS: return validate_windows(request, outcome);
    case FIG_OP_DECLARE_SHOP: return validate_shop(request, outcome);
    case FIG_OP_DECLARE_BARBER: return validate_barber(request, outcome);
    case FIG_OP_DECLARE_SCHEDULE: return validate_schedule(request, outcome);
    case FIG_OP_DECLARE_SERVICE: return validate_service(request, outcome);
    case FIG_OP_DECLARE_CLIENT: return validate_client(request, outcome);
    case FIG_OP_DECLARE_RULE: return validate_rule(request, outcome);
    case FIG_OP_DECLARE_ZONE: return validate_zone(request, outcome);
    case FIG_OP_FORGET_CLIENT:
        return request->client_id != 0 ? FIG_OK : invalid(outcome, "client_id", "a client is named by its id");
    case FIG_OP_RESTORE: return validate_record(request, outcome);
    }
    return invalid(outcome, "operation", "there is no such operation");
}
