#include "engine/core/applying.h"

static bool apply_event(struct applying *applying, const struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOKED: return apply_booked(applying, &event->is.booked);
    case EVENT_MOVED: return apply_moved(applying, &event->is.moved);
    case EVENT_STATUS: return apply_status(applying, &event->is.status);
    case EVENT_WINDOW_OPENED: return apply_window_opened(applying, &event->is.window);
    case EVENT_WINDOW_CLOSED: return apply_window_closed(applying, &event->is.window);
    case EVENT_WINDOW_CUT: return apply_window_cut(applying, &event->is.window);
    case EVENT_WINDOWS_CLEARED: return apply_windows_cleared(applying, &event->is.window);
    case EVENT_SHOP: return apply_shop(applying, &event->is.shop);
    case EVENT_BARBER: return apply_barber(applying, &event->is.barber);
    case EVENT_NOTE:
    case EVENT_NOTE_RESTORED: return apply_note(applying, &event->is.note);
    case EVENT_KEY: return apply_key(applying, &event->is.key);
    case EVENT_DOCUMENT:
    case EVENT_DOCUMENT_RESTORED: return apply_document(applying, &event->is.document);
    case EVENT_RECORD: return apply_record(applying, &event->is.record);
    case EVENT_FORGOTTEN: return apply_forgotten(applying, &event->is.forgotten);
    case EVENT_REFUSED: return true; /* it changed nothing */
    }
    return true;
}

/* --- does an event fit the version? Always so for events that were decided here; a guard against others. --- */

static bool key_is_free(const struct version *version, struct words key)
{
    return key.size == 0 || version_key(version, key.text, key.size, FIG_TIME_MIN).booking == NULL;
}

static bool booked_fits(const struct version *version, const struct booked *booked)
{
    return version_barber(version, booked->barber_id) != NULL && version_appointment(version, booked->id) == NULL &&
           booked->id < APPOINTMENT_ID_END && key_is_free(version, booked->key);
}

static bool shop_fits(const struct version *version, const struct shop_declared *shop)
{
    const struct shop *namesake = version_shop_named(version, shop->name.text, shop->name.size);
    return namesake == NULL || namesake->id == shop->id;
}

static bool barber_fits(const struct version *version, const struct barber_declared *barber)
{
    const struct barber *namesake = version_barber_named(version, barber->name.text, barber->name.size);
    return (namesake == NULL || namesake->profile->id == barber->id) && version_shop(version, barber->shop_id) != NULL;
}

static bool note_fits(const struct applying *applying, const struct note_taken *note)
{
    const struct version *version = applying->version;
    uint64_t id = note->id;
    const struct appointment *appointment = version_appointment(version, id);
    return note->version <= applying->seq && appointment != NULL && (appointment->flags & APPOINTMENT_HAS_NOTE) != 0 &&
           version_note(version, id) == NULL;
}

static bool key_fits(const struct version *version, const struct key_kept *kept)
{
    return radix_get(&version->kept, version->seq + 1) == NULL && key_is_free(version, kept->key);
}

static bool owner_is_there(const struct version *version, const struct document_declared *declared)
{
    if (declared->kind == DOCUMENT_SHOP_SCHEDULE) return version_shop(version, declared->id) != NULL;
    return declared->kind != DOCUMENT_BARBER_SCHEDULE || version_barber(version, declared->id) != NULL;
}

static bool document_fits(const struct applying *applying, const struct document_declared *declared)
{
    const char *fault;
    const struct version *version = applying->version;
    return declared->version <= applying->seq && document_room(declared, &fault) != 0 &&
           owner_is_there(version, declared);
}

bool client_is_known(const struct version *version, uint64_t id)
{
    return version_document(version, DOCUMENT_CLIENT, id) != NULL || version_client(version, id) != NULL;
}

static bool event_fits(const struct applying *applying, const struct event *event)
{
    const struct version *version = applying->version;
    switch (event->kind) {
    case EVENT_BOOKED: return booked_fits(version, &event->is.booked);
    case EVENT_MOVED:
        return version_barber(version, event->is.moved.barber_id) != NULL &&
               version_appointment(version, event->is.moved.id) != NULL;
    case EVENT_STATUS: return version_appointment(version, event->is.status.id) != NULL;
    case EVENT_WINDOW_OPENED:
    case EVENT_WINDOW_CLOSED:
    case EVENT_WINDOW_CUT:
    case EVENT_WINDOWS_CLEARED: return version_barber(version, event->is.window.barber_id) != NULL;
    case EVENT_NOTE:
    case EVENT_NOTE_RESTORED: return note_fits(applying, &event->is.note);
    case EVENT_KEY: return key_fits(version, &event->is.key);
    case EVENT_DOCUMENT:
    case EVENT_DOCUMENT_RESTORED: return document_fits(applying, &event->is.document);
    case EVENT_RECORD: return record_fits(applying, &event->is.record);
    case EVENT_FORGOTTEN: return client_is_known(version, event->is.forgotten.id);
    case EVENT_SHOP: return shop_fits(version, &event->is.shop);
    case EVENT_BARBER: return barber_fits(version, &event->is.barber);
    case EVENT_REFUSED: return true;
    }
    return false;
}

enum apply_status apply_entry(struct applying *applying, const struct entry *entry)
{
    uint64_t next = applying->version->seq + 1;
    if (entry->seq < next || (entry->seq > next && entry->operation != FIG_OP_RESTORE)) return APPLY_BROKEN;
    applying->seq = entry->seq;
    applying->now_s = entry->now_s;
    for (size_t i = 0; i < entry->event_count; i++) {
        struct event event = entry->events[i];
        if (event.kind == EVENT_KEY) event.is.key.operation = entry->operation;
        if (!event_fits(applying, &event)) return APPLY_BROKEN;
        if (!apply_event(applying, &event)) return applying->broken ? APPLY_BROKEN : APPLY_NO_MEMORY;
    }
    applying->version->seq = entry->seq;
    return APPLY_OK;
}
