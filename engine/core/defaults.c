/* The public structs as they begin, and the words for statuses. */
#include "engine/figaro.h"

#define FIELD_NOT_GIVEN INT64_MIN

fig_error fig_error_default(void) { return (fig_error){.struct_size = sizeof(fig_error)}; }
fig_appointment fig_appointment_default(void) { return (fig_appointment){.struct_size = sizeof(fig_appointment)}; }
fig_shop fig_shop_default(void) { return (fig_shop){.struct_size = sizeof(fig_shop)}; }
fig_barber fig_barber_default(void) { return (fig_barber){.struct_size = sizeof(fig_barber), .active = true}; }
fig_schedule fig_schedule_default(void)
{
    return (fig_schedule){
        .struct_size = sizeof(fig_schedule), .grid_s = 1800, .same_day = true, .cutoff_s = FIG_NO_CUTOFF};
}
fig_service fig_service_default(void) { return (fig_service){.struct_size = sizeof(fig_service), .active = true}; }
fig_client fig_client_default(void) { return (fig_client){.struct_size = sizeof(fig_client), .born_day = FIG_NO_DAY}; }
fig_rule fig_rule_default(void) { return (fig_rule){.struct_size = sizeof(fig_rule), .active = true}; }
fig_broken_rule fig_broken_rule_default(void) { return (fig_broken_rule){.struct_size = sizeof(fig_broken_rule)}; }
fig_zone_data fig_zone_data_default(void) { return (fig_zone_data){.struct_size = sizeof(fig_zone_data)}; }
fig_wish fig_wish_default(void)
{
    return (fig_wish){
        .struct_size = sizeof(fig_wish), .buffer_before_s = FIG_BUFFER_DEFAULT, .buffer_after_s = FIG_BUFFER_DEFAULT};
}
fig_slot fig_slot_default(void) { return (fig_slot){.struct_size = sizeof(fig_slot)}; }
fig_slots fig_slots_default(void) { return (fig_slots){.struct_size = sizeof(fig_slots)}; }
fig_window fig_window_default(void) { return (fig_window){.struct_size = sizeof(fig_window)}; }
fig_outcome fig_outcome_default(void)
{
    return (fig_outcome){.struct_size = sizeof(fig_outcome), .appointment = fig_appointment_default()};
}
fig_view fig_view_default(void) { return (fig_view){.struct_size = sizeof(fig_view), .now_s = FIELD_NOT_GIVEN}; }
fig_span fig_span_default(void) { return (fig_span){.struct_size = sizeof(fig_span)}; }
fig_filter fig_filter_default(void)
{
    return (fig_filter){.struct_size = sizeof(fig_filter), .from_s = FIG_TIME_MIN, .to_s = FIG_TIME_MAX};
}
fig_event fig_event_default(void) { return (fig_event){.struct_size = sizeof(fig_event)}; }
fig_stats fig_stats_default(void) { return (fig_stats){.struct_size = sizeof(fig_stats)}; }
fig_report fig_report_default(void) { return (fig_report){.struct_size = sizeof(fig_report)}; }

fig_options fig_options_default(void)
{
    return (fig_options){
        .struct_size = sizeof(fig_options),
        .checkpoint_records = 16384,
        .slot_cache_ttl_s = 300,
        .default_zone = "UTC",
        .queue_requests = 16384,
        .queue_bytes = UINT64_C(64) << 20,
        .close_timeout_ns = FIG_TIMEOUT_NS,
        .breaker_failures = 5,
        .breaker_rest_ns = 2 * FIG_TIMEOUT_NS,
    };
}

static fig_request request_of(fig_operation operation)
{
    return (fig_request){
        .struct_size = sizeof(fig_request),
        .operation = operation,
        .now_s = FIELD_NOT_GIVEN,
        .buffer_before_s = FIG_BUFFER_DEFAULT,
        .buffer_after_s = FIG_BUFFER_DEFAULT,
    };
}

fig_request fig_book_default(void) { return request_of(FIG_OP_BOOK); }
fig_request fig_hold_default(void) { return request_of(FIG_OP_HOLD); }
fig_request fig_move_default(void) { return request_of(FIG_OP_MOVE); }
fig_request fig_set_status_default(void) { return request_of(FIG_OP_SET_STATUS); }
fig_request fig_open_window_default(void) { return request_of(FIG_OP_OPEN_WINDOW); }
fig_request fig_close_window_default(void) { return request_of(FIG_OP_CLOSE_WINDOW); }
fig_request fig_declare_windows_default(void) { return request_of(FIG_OP_DECLARE_WINDOWS); }
fig_request fig_declare_shop_default(void) { return request_of(FIG_OP_DECLARE_SHOP); }
fig_request fig_declare_barber_default(void) { return request_of(FIG_OP_DECLARE_BARBER); }
fig_request fig_declare_schedule_default(void) { return request_of(FIG_OP_DECLARE_SCHEDULE); }
fig_request fig_declare_service_default(void) { return request_of(FIG_OP_DECLARE_SERVICE); }
fig_request fig_declare_client_default(void) { return request_of(FIG_OP_DECLARE_CLIENT); }
fig_request fig_declare_rule_default(void) { return request_of(FIG_OP_DECLARE_RULE); }
fig_request fig_declare_zone_default(void) { return request_of(FIG_OP_DECLARE_ZONE); }

fig_request fig_restore_default(void) { return request_of(FIG_OP_RESTORE); }

fig_replay_options fig_replay_options_default(void)
{
    return (fig_replay_options){.struct_size = sizeof(fig_replay_options), .to_version = UINT64_MAX};
}

fig_merged fig_merged_default(void)
{
    return (fig_merged){.struct_size = sizeof(fig_merged), .outcome = fig_outcome_default()};
}

fig_replayed fig_replayed_default(void) { return (fig_replayed){.struct_size = sizeof(fig_replayed)}; }

fig_record fig_record_default(void)
{
    return (fig_record){
        .struct_size = sizeof(fig_record),
        .shop = fig_shop_default(),
        .barber = fig_barber_default(),
        .window = fig_window_default(),
        .appointment = fig_appointment_default(),
    };
}

fig_request fig_confirm_default(void)
{
    fig_request request = request_of(FIG_OP_CONFIRM);
    request.status = FIG_CONFIRMED;
    return request;
}

struct status_words {
    fig_status status;
    const char *name;
    const char *text;
};

static const struct status_words words[] = {
    {FIG_OK, "ok", "Done."},
    {FIG_CONFLICT, "conflict",
     "Another active appointment of the barber is in the way; choose another time or barber."},
    {FIG_CLOSED, "closed", "The barber takes no bookings then; choose a time within the barber's open time."},
    {FIG_RULE, "rule", "A rule forbids it."},
    {FIG_NOT_FOUND, "not_found", "There is no such thing; look at the name or id."},
    {FIG_STALE, "stale", "The appointment has changed since that version; read it again and decide anew."},
    {FIG_KEY_REUSED, "key_reused", "The request key was used before, for another content; use a new key."},
    {FIG_ILLEGAL_STATUS, "illegal_status", "The appointment's status does not allow this change."},
    {FIG_NAME_TAKEN, "name_taken", "Another one has this name; choose another."},
    {FIG_NOT_DONE, "not_done", "Another member of the batch was refused, so nothing was done."},
    {FIG_INVALID, "invalid", "A field of the request is malformed or out of range."},
    {FIG_BUSY, "busy", "The deadline passed before it was this request's turn; it was not done. Try again."},
    {FIG_UNKNOWN, "unknown", "It is unknown whether it was done; ask again with the same key."},
    {FIG_UNAVAILABLE, "unavailable", "The store cannot be used now; nothing was done. Try again later."},
    {FIG_FULL, "full", "The disk is full; nothing was done. Make room and try again."},
    {FIG_NO_MEMORY, "no_memory", "There is not enough memory; nothing was done."},
    {FIG_IO, "io", "The disk reported an error; nothing was done. Look at the system's log."},
    {FIG_CORRUPT, "corrupt", "Stored bytes fail their checks; run `figaro verify`."},
    {FIG_NEWER, "newer", "The store was written by a newer Figaro; use that one."},
    {FIG_NOT_STORE, "not_store", "That is no Figaro store; look at the path, or make one with `figaro init`."},
    {FIG_FORKED, "forked", "The engine was opened before a fork(); open it again in this process."},
    {FIG_DENIED, "denied", "The operating system refused permission; look at the owner and mode of the directory."},
};

static const struct status_words *words_of_status(fig_status status)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].status == status) return &words[i];
    return NULL;
}

const char *fig_status_name(fig_status status)
{
    const struct status_words *found = words_of_status(status);
    return found != NULL ? found->name : "unknown_status";
}

const char *fig_status_text(fig_status status)
{
    const struct status_words *found = words_of_status(status);
    return found != NULL ? found->text : "There is no such status.";
}
