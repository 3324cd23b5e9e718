/* The journal as requests: what would have to be asked for an event to happen. Outcomes are journaled, not commands, so
 * that a request names everything that was chosen or defaulted then. */
#include "engine/runtime/journal.h"

#include "engine/core/grow.h"
#include "engine/runtime/reading.h"

/* ---- texts and lists that a request points to ---- */

void asked_release(struct asked *asked, const struct nodes_allocator *allocator)
{
    grow_release(allocator, asked->windows, &asked->window_capacity, sizeof *asked->windows);
    if (asked->document != NULL) allocator->release(allocator->context, asked->document, asked->document_bytes);
    asked->document = NULL;
}

static const char *keep_key(struct fig_journal *journal, struct words key)
{
    if (key.size == 0) return NULL;
    copy_words(journal->asked.key, key);
    return journal->asked.key;
}

/* The note that came with a booking, unless it was forgotten. */
static const char *keep_note(struct fig_journal *journal, const struct booked *booked)
{
    const struct entry *entry = &journal->entry;
    for (size_t i = 0; booked->has_note && i < entry->event_count; i++) {
        const struct note_taken *note = &entry->events[i].is.note;
        if (entry->events[i].kind != EVENT_NOTE || note->id != booked->id || note->text == NULL) continue;
        copy_words(journal->asked.note, (struct words){note->text, note->size});
        return journal->asked.note;
    }
    return NULL;
}

fig_shop journal_shop(const struct shop_declared *declared)
{
    fig_shop shop = fig_shop_default();
    shop.fields = FIG_SHOP_ALL;
    shop.id = declared->id;
    shop.buffers = (fig_buffers)declared->buffers;
    shop.past = (fig_past)declared->past;
    copy_words(shop.name, declared->name);
    copy_words(shop.zone, declared->zone);
    return shop;
}

fig_barber journal_barber(const struct barber_declared *declared)
{
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_ALL;
    barber.id = declared->id;
    barber.shop_id = declared->shop_id;
    barber.open = (fig_open_mode)declared->open;
    barber.priority = declared->priority;
    barber.active = declared->active != 0;
    copy_words(barber.name, declared->name);
    copy_words(barber.zone, declared->zone);
    return barber;
}

/* ---- appointments ---- */

static void ask_booking(struct fig_journal *journal, const struct booked *booked, fig_request *request)
{
    bool held = booked->status == FIG_HELD;
    *request = held ? fig_hold_default() : fig_book_default();
    request->key = keep_key(journal, booked->key);
    request->barber_id = booked->barber_id;
    request->client_id = booked->client_id;
    request->service_id = booked->service_id;
    request->start_s = booked->start_s;
    request->end_s = booked->start_s + booked->duration_s;
    request->buffer_before_s = booked->before_s;
    request->buffer_after_s = booked->after_s;
    request->ttl_s = held ? (uint32_t)(booked->expires_s - journal->entry.now_s) : 0;
    request->pending = booked->status == FIG_PENDING;
    request->as_recorded = booked->as_recorded;
    request->note = keep_note(journal, booked);
}

static void ask_move(const struct moved *moved, fig_request *request)
{
    *request = fig_move_default();
    request->appointment_id = moved->id;
    request->barber_id = moved->barber_id;
    request->service_id = moved->service_id;
    request->start_s = moved->start_s;
    request->end_s = moved->start_s + moved->duration_s;
    request->buffer_before_s = moved->before_s;
    request->buffer_after_s = moved->after_s;
}

/* A hold is renewed by its key, with the content that it first came with. */
static fig_status ask_renewal(struct fig_journal *journal, const struct status_changed *renewed, fig_request *request)
{
    struct reading reading;
    reading_begin_newest(journal->engine, &reading);
    const struct appointment *hold = version_appointment(reading.version, renewed->id);
    struct image first = hold != NULL ? appointment_first_image(hold) : (struct image){0};
    bool has_note = hold != NULL && (hold->flags & APPOINTMENT_HAS_NOTE) != 0;
    *request = fig_hold_default();
    request->key = hold != NULL ? keep_key(journal, (struct words){appointment_key(hold), hold->key_size}) : NULL;
    request->client_id = hold != NULL ? hold->client_id : 0;
    reading_end(&reading);
    if (request->key == NULL) return FIG_NOT_FOUND;
    request->barber_id = first.barber_id;
    request->service_id = first.service_id;
    request->start_s = first.start_s;
    request->end_s = first.start_s + first.duration_s;
    request->buffer_before_s = first.before_s;
    request->buffer_after_s = first.after_s;
    request->ttl_s = (uint32_t)(renewed->expires_s - journal->entry.now_s);
    size_t size = 0;
    if (has_note &&
        fig_get_note(journal->engine, renewed->id, journal->asked.note, sizeof journal->asked.note, &size) == FIG_OK)
        request->note = journal->asked.note;
    return FIG_OK;
}

static fig_status ask_status(struct fig_journal *journal, const struct status_changed *changed, fig_request *request)
{
    if (changed->status == FIG_HELD) return ask_renewal(journal, changed, request);
    bool is_first = journal->shown == &journal->entry.events[0];
    bool confirms = journal->entry.operation == FIG_OP_CONFIRM && is_first; /* further members may do anything */
    if (changed->status == FIG_EXPIRED && !is_first) return FIG_NOT_FOUND;  /* a booking takes its time */
    *request = confirms ? fig_confirm_default() : fig_set_status_default();
    request->appointment_id = changed->id;
    request->status = (fig_appointment_status)changed->status;
    return FIG_OK;
}

static fig_request request_of_operation(fig_operation operation)
{
    switch (operation) {
    case FIG_OP_HOLD: return fig_hold_default();
    case FIG_OP_CONFIRM: return fig_confirm_default();
    case FIG_OP_MOVE: return fig_move_default();
    case FIG_OP_SET_STATUS: return fig_set_status_default();
    default: return fig_book_default();
    }
}

static void ask_again(struct fig_journal *journal, const struct refused *refused, fig_request *request)
{
    *request = request_of_operation((fig_operation)refused->operation);
    request->key = keep_key(journal, refused->key);
    request->if_version = refused->if_version;
    request->appointment_id = refused->appointment_id;
    request->status = (fig_appointment_status)refused->asked;
    if (refused->asked != 0) return;
    request->barber_id = refused->barber_id;
    request->client_id = refused->client_id;
    request->service_id = refused->service_id;
    request->start_s = refused->start_s;
    request->end_s = refused->end_s;
    request->buffer_before_s = refused->before_s;
    request->buffer_after_s = refused->after_s;
    request->ttl_s = refused->ttl_s;
    request->any = refused->any;
    request->any_shop_id = refused->any_shop_id;
    request->any_order = (fig_any_order)refused->any_order;
    request->pending = refused->pending;
    request->as_recorded = refused->as_recorded;
}

/* ---- windows ---- */

static bool is_window(const struct event *event)
{
    return event->kind == EVENT_WINDOW_OPENED || event->kind == EVENT_WINDOW_CUT;
}

/* All that the entry declares, as one request, told with its first event. */
static fig_status ask_windows(struct fig_journal *journal, fig_request *request)
{
    struct asked *asked = &journal->asked;
    const struct entry *entry = &journal->entry;
    if (journal->shown != &entry->events[0]) return FIG_NOT_FOUND;
    *request = fig_declare_windows_default();
    request->barber_id = journal->shown->is.window.barber_id;
    for (size_t i = 0; i < entry->event_count; i++) {
        const struct window_changed *window = &entry->events[i].is.window;
        if (!is_window(&entry->events[i])) continue;
        fig_window *windows = grow(&journal->engine->allocator, asked->windows, request->window_count, 1,
                                   &asked->window_capacity, sizeof *windows);
        if (windows == NULL) return FIG_NO_MEMORY;
        asked->windows = windows;
        windows[request->window_count] = fig_window_default();
        windows[request->window_count].start_s = window->start_s;
        windows[request->window_count].end_s = window->end_s;
        windows[request->window_count++].kind =
            entry->events[i].kind == EVENT_WINDOW_CUT ? FIG_WINDOW_UNAVAILABLE : FIG_WINDOW_AVAILABLE;
    }
    request->windows = asked->windows;
    return FIG_OK;
}

static fig_status ask_window(struct fig_journal *journal, const struct event *event, fig_request *request)
{
    if (journal->entry.operation == FIG_OP_DECLARE_WINDOWS) return ask_windows(journal, request);
    *request = event->kind == EVENT_WINDOW_CLOSED ? fig_close_window_default() : fig_open_window_default();
    request->barber_id = event->is.window.barber_id;
    request->start_s = event->is.window.start_s;
    request->end_s = event->is.window.end_s;
    return FIG_OK;
}

/* ---- declarations ---- */

/* When nobody had said how the barber is open, the first hours will say it again. */
static void ask_barber(struct fig_journal *journal, const struct barber_declared *declared, fig_request *request)
{
    journal->asked.barber = journal_barber(declared);
    if (!declared->open_declared) journal->asked.barber.fields &= ~(uint32_t)FIG_BARBER_OPEN;
    *request = fig_declare_barber_default();
    request->barber = &journal->asked.barber;
}

static void ask_schedule(struct asked *asked, const struct schedule *kept, fig_request *request)
{
    bool of_barber = kept->is.owner == FIG_OWNER_BARBER;
    asked->schedule = kept->is;
    asked->schedule.struct_size = sizeof asked->schedule;
    asked->schedule.fields = of_barber ? FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS
                                       : FIG_SCHEDULE_ALL & ~(uint32_t)FIG_SCHEDULE_OFFERS;
    *request = fig_declare_schedule_default();
    request->schedule = &asked->schedule;
}

static void ask_zone(struct asked *asked, const struct zone_document *kept, fig_request *request)
{
    asked->zone = fig_zone_data_default();
    copy_words(asked->zone.name, (struct words){kept->document.name, kept->document.name_size});
    asked->zone.bytes = kept->file;
    asked->zone.size = kept->file_size;
    *request = fig_declare_zone_default();
    request->zone = &asked->zone;
}

static void ask_kept(struct asked *asked, const struct document *kept, fig_request *request)
{
    switch ((enum document_kind)kept->kind) {
    case DOCUMENT_SHOP_SCHEDULE:
    case DOCUMENT_BARBER_SCHEDULE: ask_schedule(asked, (const struct schedule *)kept, request); return;
    case DOCUMENT_ZONE: ask_zone(asked, (const struct zone_document *)kept, request); return;
    case DOCUMENT_SERVICE:
        asked->service = ((const struct service *)kept)->is;
        asked->service.fields = FIG_SERVICE_ALL;
        *request = fig_declare_service_default();
        request->service = &asked->service;
        return;
    case DOCUMENT_RULE:
        asked->rule = ((const struct rule *)kept)->is;
        asked->rule.fields = FIG_RULE_ALL;
        *request = fig_declare_rule_default();
        request->rule = &asked->rule;
        return;
    case DOCUMENT_CLIENT:
        asked->client = fig_client_default();
        client_show((const struct client_profile *)kept, &asked->client);
        asked->client.fields = FIG_CLIENT_ALL;
        *request = fig_declare_client_default();
        request->client = &asked->client;
        return;
    case DOCUMENT_KINDS: return;
    }
}

static fig_status ask_document(struct fig_journal *journal, const struct document_declared *declared,
                               fig_request *request)
{
    const struct nodes_allocator *allocator = &journal->engine->allocator;
    struct asked *asked = &journal->asked;
    const char *fault;
    if (declared->bytes == NULL) return FIG_NOT_FOUND; /* forgotten */
    size_t bytes = document_room(declared, &fault);
    if (bytes == 0) return FIG_CORRUPT;
    void *room = allocator->allocate(allocator->context, bytes);
    if (room == NULL) return FIG_NO_MEMORY;
    asked_release(asked, allocator);
    asked->document = room;
    asked->document_bytes = bytes;
    const struct document *kept = document_keep(room, declared, 0, journal->entry.seq);
    if (kept == NULL) return FIG_CORRUPT;
    ask_kept(asked, kept, request);
    return FIG_OK;
}

/* ---- refusals ---- */

/* A name or a key that nobody knew is not kept: what was asked of it cannot be asked again. */
static bool names_its_subject(const struct refused *refused)
{
    bool books = refused->operation == FIG_OP_BOOK || refused->operation == FIG_OP_HOLD;
    return books ? refused->any || refused->barber_id != 0 : refused->appointment_id != 0;
}

/* ---- any ---- */

static fig_status ask(struct fig_journal *journal, const struct event *event, fig_request *request)
{
    switch (event->kind) {
    case EVENT_BOOKED: ask_booking(journal, &event->is.booked, request); return FIG_OK;
    case EVENT_MOVED: ask_move(&event->is.moved, request); return FIG_OK;
    case EVENT_STATUS: return ask_status(journal, &event->is.status, request);
    case EVENT_REFUSED:
        if (!names_its_subject(&event->is.refused)) return FIG_NOT_FOUND;
        ask_again(journal, &event->is.refused, request);
        return FIG_OK;
    case EVENT_WINDOW_OPENED:
    case EVENT_WINDOW_CLOSED:
    case EVENT_WINDOW_CUT:
    case EVENT_WINDOWS_CLEARED: return ask_window(journal, event, request);
    case EVENT_SHOP:
        journal->asked.shop = journal_shop(&event->is.shop);
        *request = fig_declare_shop_default();
        request->shop = &journal->asked.shop;
        return FIG_OK;
    case EVENT_BARBER: ask_barber(journal, &event->is.barber, request); return FIG_OK;
    case EVENT_DOCUMENT: return ask_document(journal, &event->is.document, request);
    case EVENT_FORGOTTEN:
        *request = fig_forget_client_default();
        request->client_id = event->is.forgotten.id;
        return FIG_OK;
    case EVENT_KEY:
    case EVENT_NOTE:
    case EVENT_RECORD:
    case EVENT_NOTE_RESTORED:
    case EVENT_DOCUMENT_RESTORED: return FIG_NOT_FOUND;
    }
    return FIG_NOT_FOUND;
}

/* It is that of the first request. A booking carries its own: where one comes first, that of a batch whose first member
 * changed nothing is not told. */
static void take_entrys_key(struct fig_journal *journal, fig_request *request)
{
    const struct event *events = journal->entry.events, *last = &events[journal->entry.event_count - 1];
    if (last->kind != EVENT_KEY || journal->shown != events || events->kind == EVENT_BOOKED) return;
    request->key = keep_key(journal, last->is.key.key);
}

fig_status fig_journal_request(fig_journal *journal, fig_request *request)
{
    if (journal == NULL || request == NULL || journal->shown == NULL) return FIG_INVALID;
    fig_request asked = fig_book_default();
    fig_status status = ask(journal, journal->shown, &asked);
    if (status != FIG_OK) return status;
    asked.now_s = journal->entry.now_s;
    take_entrys_key(journal, &asked);
    *request = asked;
    return FIG_OK;
}
