/* Reading the journal: frame by frame from the store, event by event to the caller. Some frames are read ahead, so
 * that a walk does not begin anew for each. */
#include "engine/runtime/journal.h"
#include "engine/core/grow.h"
#include "engine/runtime/reading.h"

#include <string.h>

#define AHEAD_BYTES (256 << 10)

/* --- frames ahead --- */

#define AHEAD_HEAD_BYTES 16

static enum store_status take_ahead(void *context, uint64_t number, const void *frame, size_t size)
{
    struct fig_journal *journal = context;
    size_t padded = AHEAD_HEAD_BYTES + ((size + 15) & ~(size_t)15);
    uint8_t *ahead = grow(&journal->engine->allocator, journal->ahead, journal->size, padded, &journal->capacity, 1);
    if (ahead == NULL) {
        journal->status = FIG_NO_MEMORY;
        return STORE_STOPPED;
    }
    journal->ahead = ahead;
    uint8_t *at = ahead + journal->size;
    memcpy(at, &size, sizeof size);
    memcpy(at + sizeof size, &number, sizeof number);
    memcpy(at + AHEAD_HEAD_BYTES, frame, size);
    journal->size += padded;
    journal->last_frame = number;
    return journal->size >= AHEAD_BYTES || number >= journal->stop_frame ? STORE_STOPPED : STORE_OK;
}

_Static_assert(sizeof(size_t) + sizeof(uint64_t) <= AHEAD_HEAD_BYTES, "the head holds size and number");

/* The engine goes first, so that what an event tells of an appointment does not depend on how far it was. */
static fig_status read_ahead(struct fig_journal *journal)
{
    struct store *store = journal->engine->store;
    fig_status status = catch_up_latest(journal->engine, FIG_TIMEOUT_NS);
    if (status != FIG_OK) return status;
    journal->stop_frame = atomic_load(&journal->engine->newest_frame);
    if (journal->last_frame >= journal->stop_frame) return FIG_NOT_FOUND;
    journal->size = 0;
    journal->at = 0;
    journal->status = FIG_OK;
    struct frame_sink sink = {take_ahead, journal};
    struct store_error said = {{0}};
    enum store_status walked = store->ops->since(store, journal->last_frame, &sink, &said);
    if (walked != STORE_OK && walked != STORE_STOPPED) return status_of_store(walked);
    if (journal->status != FIG_OK) return journal->status;
    return journal->size > 0 ? FIG_OK : FIG_NOT_FOUND;
}

/* --- where a version is: frames are in the order of their entries, so half of them go each time --- */

static enum store_status take_first_seq(void *context, uint64_t number, const void *frame, size_t size)
{
    (void)number;
    static const struct nodes_allocator none;
    struct frame_head head;
    struct frame_reader reader;
    uint64_t *first_seq = context;
    const char *fault = frame_open(&reader, &none, frame, size, &head);
    if (fault != NULL) return frame_is_newer(fault) ? STORE_NEWER : STORE_CORRUPT;
    *first_seq = head.first_seq;
    return STORE_STOPPED;
}

static fig_status find_frame(struct fig_journal *journal, uint64_t version)
{
    struct store *store = journal->engine->store;
    struct store_facts facts;
    struct store_error said = {{0}};
    enum store_status known = store->ops->facts(store, &facts, &said);
    if (known != STORE_OK) return status_of_store(known);
    uint64_t low = facts.first,
             high = facts.tip + 1; /* the last frame that begins at or before the version is in [low, high) */
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2, first_seq = 0;
        struct frame_sink sink = {take_first_seq, &first_seq};
        enum store_status walked = store->ops->since(store, middle - 1, &sink, &said);
        if (walked != STORE_STOPPED) return status_of_store(walked);
        if (first_seq <= version)
            low = middle;
        else
            high = middle;
    }
    journal->last_frame = low - 1;
    return FIG_OK;
}

static fig_status open_journal(fig_engine *engine, uint64_t from_version, uint64_t only_id, fig_journal **journal)
{
    const struct nodes_allocator *allocator = &engine->allocator;
    struct fig_journal *opened = allocator->allocate(allocator->context, sizeof *opened);
    if (opened == NULL) return FIG_NO_MEMORY;
    *opened = (struct fig_journal){.engine = engine, .from_version = from_version, .only_id = only_id};
    opened->reader.allocator = allocator;
    fig_status status = find_frame(opened, from_version);
    if (status != FIG_OK) {
        fig_journal_close(opened);
        return status;
    }
    *journal = opened;
    return FIG_OK;
}

fig_status fig_journal_open(fig_engine *engine, uint64_t from_version, fig_journal **journal)
{
    if (engine == NULL || journal == NULL) return FIG_INVALID;
    return open_journal(engine, from_version, 0, journal);
}

fig_status fig_journal_open_of(fig_engine *engine, uint64_t appointment_id, fig_journal **journal)
{
    if (engine == NULL || journal == NULL) return FIG_INVALID;
    fig_status status = catch_up_latest(engine, FIG_TIMEOUT_NS);
    if (status != FIG_OK) return status;
    struct reading reading;
    reading_begin_newest(engine, &reading);
    const struct appointment *appointment = version_appointment(reading.version, appointment_id);
    uint64_t from_version = appointment != NULL ? appointment->booked_version : 0;
    reading_end(&reading);
    return from_version != 0 ? open_journal(engine, from_version, appointment_id, journal) : FIG_NOT_FOUND;
}

void fig_journal_close(fig_journal *journal)
{
    if (journal == NULL) return;
    const struct nodes_allocator *allocator = &journal->engine->allocator;
    frame_reader_release(&journal->reader);
    asked_release(&journal->asked, allocator);
    grow_release(allocator, journal->ahead, &journal->capacity, 1);
    allocator->release(allocator->context, journal, sizeof *journal);
}

/* --- events --- */

static fig_status next_frame(struct fig_journal *journal)
{
    if (journal->at == journal->size) {
        fig_status status = read_ahead(journal);
        if (status != FIG_OK) return status;
    }
    const uint8_t *at = journal->ahead + journal->at;
    size_t size;
    memcpy(&size, at, sizeof size);
    const char *fault = frame_reopen(&journal->reader, at + AHEAD_HEAD_BYTES, size, &journal->head);
    if (fault != NULL) return status_of_frame(fault);
    journal->at += AHEAD_HEAD_BYTES + ((size + 15) & ~(size_t)15);
    journal->in_frame = true;
    return FIG_OK;
}

static fig_status next_entry(struct fig_journal *journal)
{
    for (;;) {
        if (!journal->in_frame) {
            fig_status status = next_frame(journal);
            if (status != FIG_OK) return status;
        }
        const char *fault;
        switch (frame_next(&journal->reader, &journal->entry, &fault)) {
        case FRAME_OK: break;
        case FRAME_END: journal->in_frame = false; continue;
        case FRAME_NO_MEMORY: return FIG_NO_MEMORY;
        case FRAME_BROKEN: return FIG_CORRUPT;
        }
        if (journal->entry.seq < journal->from_version) continue;
        journal->in_entry = true;
        journal->event = 0;
        return FIG_OK;
    }
}

/* What never changes of an appointment is told from memory, so that a move says whose it is. */
static void show_unchanging(struct fig_journal *journal, uint64_t id, fig_event *event)
{
    struct reading reading;
    reading_begin_newest(journal->engine, &reading);
    const struct appointment *appointment = version_appointment(reading.version, id);
    event->appointment.id = id;
    event->appointment.version = journal->entry.seq;
    if (appointment != NULL) {
        event->appointment.client_id = appointment->client_id;
        event->appointment.booked_s = appointment->booked_s;
        copy_words(event->appointment.key, (struct words){appointment_key(appointment), appointment->key_size});
    }
    reading_end(&reading);
}

static void show_booked(const struct fig_journal *journal, const struct booked *booked, fig_event *event)
{
    event->kind = FIG_EVENT_BOOKED;
    event->barber_id = booked->barber_id;
    event->appointment = (fig_appointment){
        .struct_size = sizeof event->appointment,
        .id = booked->id,
        .barber_id = booked->barber_id,
        .client_id = booked->client_id,
        .service_id = booked->service_id,
        .start_s = booked->start_s,
        .end_s = booked->start_s + booked->duration_s,
        .expires_s = booked->expires_s,
        .booked_s = journal->entry.now_s,
        .version = journal->entry.seq,
        .buffer_before_s = booked->before_s,
        .buffer_after_s = booked->after_s,
        .status = (fig_appointment_status)booked->status,
        .has_note = booked->has_note,
        .unchecked = booked->unchecked,
    };
    copy_words(event->appointment.key, booked->key);
}

static void show_restored(const struct appointment *fixed, struct words key, fig_event *event)
{
    event->kind = FIG_EVENT_RESTORED;
    event->barber_id = fixed->barber_id;
    event->appointment = (fig_appointment){
        .struct_size = sizeof event->appointment,
        .id = fixed->id,
        .barber_id = fixed->barber_id,
        .client_id = fixed->client_id,
        .service_id = fixed->service_id,
        .start_s = fixed->start_s,
        .end_s = fixed->start_s + fixed->duration_s,
        .expires_s = fixed->expires_s,
        .booked_s = fixed->booked_s,
        .version = fixed->version,
        .buffer_before_s = fixed->before_s,
        .buffer_after_s = fixed->after_s,
        .status = (fig_appointment_status)fixed->status,
        .has_note = (fixed->flags & APPOINTMENT_HAS_NOTE) != 0,
        .unchecked = (fixed->flags & APPOINTMENT_UNCHECKED) != 0,
    };
    copy_words(event->appointment.key, key);
    copy_words(event->key, key);
}

static void show_moved(struct fig_journal *journal, const struct moved *moved, fig_event *event)
{
    event->kind = FIG_EVENT_MOVED;
    show_unchanging(journal, moved->id, event);
    event->barber_id = moved->barber_id;
    event->appointment.barber_id = moved->barber_id;
    event->appointment.service_id = moved->service_id;
    event->appointment.start_s = moved->start_s;
    event->appointment.end_s = moved->start_s + moved->duration_s;
    event->appointment.buffer_before_s = moved->before_s;
    event->appointment.buffer_after_s = moved->after_s;
    event->appointment.unchecked = moved->unchecked;
}

static void show_status(struct fig_journal *journal, const struct status_changed *changed, fig_event *event)
{
    event->kind = FIG_EVENT_STATUS;
    show_unchanging(journal, changed->id, event);
    event->appointment.status = (fig_appointment_status)changed->status;
    event->appointment.expires_s = changed->expires_s;
    event->previous_status = (fig_appointment_status)changed->from;
}

static void show_window(fig_event_kind kind, const struct window_changed *window, fig_event *event)
{
    event->kind = kind;
    event->barber_id = window->barber_id;
    event->window.struct_size = sizeof event->window;
    event->window.start_s = window->start_s;
    event->window.end_s = window->end_s;
    event->window.declared_start_s = window->start_s;
}

static void show_shop(const struct shop_declared *shop, fig_event *event)
{
    event->kind = FIG_EVENT_SHOP;
    event->shop = journal_shop(shop);
}

static void show_barber(const struct barber_declared *barber, fig_event *event)
{
    event->kind = FIG_EVENT_BARBER;
    event->barber_id = barber->id;
    event->barber = journal_barber(barber);
}

static void show_refused(const struct refused *refused, fig_event *event)
{
    event->kind = FIG_EVENT_REFUSED;
    event->refusal = (fig_status)refused->status;
    event->asked_operation = (fig_operation)refused->operation;
    event->barber_id = refused->barber_id;
    event->appointment = (fig_appointment){
        .struct_size = sizeof event->appointment,
        .id = refused->appointment_id,
        .barber_id = refused->barber_id,
        .client_id = refused->client_id,
        .service_id = refused->service_id,
        .start_s = refused->start_s,
        .end_s = refused->end_s,
        .buffer_before_s = refused->before_s,
        .buffer_after_s = refused->after_s,
        .status = (fig_appointment_status)refused->asked,
    };
    event->key[0] = '\0'; /* of this member alone */
    copy_words(event->key, refused->key);
}

static const fig_event_kind document_events[DOCUMENT_KINDS] = {
    [DOCUMENT_SHOP_SCHEDULE] = FIG_EVENT_SCHEDULE,
    [DOCUMENT_BARBER_SCHEDULE] = FIG_EVENT_SCHEDULE,
    [DOCUMENT_SERVICE] = FIG_EVENT_SERVICE,
    [DOCUMENT_CLIENT] = FIG_EVENT_CLIENT,
    [DOCUMENT_RULE] = FIG_EVENT_RULE,
    [DOCUMENT_ZONE] = FIG_EVENT_ZONE,
};

static bool show_document(const struct document_declared *document, fig_event *event)
{
    event->kind = document_events[document->kind];
    event->subject_id = document->id;
    if (event->kind != FIG_EVENT_SCHEDULE) {
        copy_words(event->name, document_name(document));
        return true;
    }
    event->owner = document->kind == DOCUMENT_SHOP_SCHEDULE ? FIG_OWNER_SHOP : FIG_OWNER_BARBER;
    if (event->owner == FIG_OWNER_BARBER) event->barber_id = document->id;
    return true;
}

/* A record that was put back, as far as there are events that tell of such things. */
static bool show_record(struct fig_journal *journal, const struct record_restored *restored, fig_event *event)
{
    struct record_read read;
    const char *fault = record_read(restored->table, restored->key.text, restored->key.size, restored->value.text,
                                    restored->value.size, &read);
    if (fault != NULL) return false; /* apply has refused it */
    if (restored->table == RECORD_APPOINTMENT) {
        show_restored(&read.is.appointment.fixed, read.is.appointment.key, event);
        return true;
    }
    if (restored->table == RECORD_KEPT_KEY) {
        event->kind = FIG_EVENT_NONE;
        copy_words(event->key, read.is.kept.key.key);
        return journal->entry.event_count == 1;
    }
    const struct tree_item *item = &read.is.window.item;
    struct window_changed window = {read.is.window.barber_id, item->start_s, item->start_s + item->duration_s};
    show_window(FIG_EVENT_OPENED, &window, event);
    event->window.kind = read.is.window.kind;
    event->window.declared_start_s = (int64_t)item->id;
    return true;
}

/* False: the event is part of another's (a note), or of its entry's head (a key, unless nothing else happened). */
static bool show(struct fig_journal *journal, const struct event *from, fig_event *event)
{
    switch (from->kind) {
    case EVENT_BOOKED: show_booked(journal, &from->is.booked, event); return true;
    case EVENT_MOVED: show_moved(journal, &from->is.moved, event); return true;
    case EVENT_STATUS: show_status(journal, &from->is.status, event); return true;
    case EVENT_WINDOW_OPENED: show_window(FIG_EVENT_OPENED, &from->is.window, event); return true;
    case EVENT_WINDOW_CLOSED: show_window(FIG_EVENT_CLOSED, &from->is.window, event); return true;
    case EVENT_WINDOW_CUT:
        show_window(FIG_EVENT_OPENED, &from->is.window, event);
        event->window.kind = FIG_WINDOW_UNAVAILABLE;
        return true;
    case EVENT_WINDOWS_CLEARED: show_window(FIG_EVENT_WINDOWS_CLEARED, &from->is.window, event); return true;
    case EVENT_SHOP: show_shop(&from->is.shop, event); return true;
    case EVENT_BARBER: show_barber(&from->is.barber, event); return true;
    case EVENT_DOCUMENT:
    case EVENT_DOCUMENT_RESTORED: return show_document(&from->is.document, event);
    case EVENT_RECORD: return show_record(journal, &from->is.record, event);
    case EVENT_NOTE:
    case EVENT_NOTE_RESTORED: return false;
    case EVENT_FORGOTTEN:
        event->kind = FIG_EVENT_FORGOTTEN;
        event->subject_id = from->is.forgotten.id;
        return true;
    case EVENT_REFUSED: show_refused(&from->is.refused, event); return true;
    case EVENT_KEY: event->kind = FIG_EVENT_NONE; return journal->entry.event_count == 1;
    }
    return false;
}

/* The key of an entry comes as its last event; else it is that of its first booking with one. */
static void show_key(const struct entry *entry, fig_event *event)
{
    const struct event *last = &entry->events[entry->event_count - 1];
    if (last->kind == EVENT_KEY) {
        copy_words(event->key, last->is.key.key);
        return;
    }
    for (size_t i = 0; i < entry->event_count && event->key[0] == '\0'; i++)
        if (entry->events[i].kind == EVENT_BOOKED) copy_words(event->key, entry->events[i].is.booked.key);
}

static uint64_t restored_id(const struct record_restored *restored)
{
    struct record_read read;
    bool is_one =
        restored->table == RECORD_APPOINTMENT && record_read(restored->table, restored->key.text, restored->key.size,
                                                             restored->value.text, restored->value.size, &read) == NULL;
    return is_one ? read.is.appointment.fixed.id : 0;
}

static uint64_t appointment_of(const struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOKED: return event->is.booked.id;
    case EVENT_MOVED: return event->is.moved.id;
    case EVENT_STATUS: return event->is.status.id;
    case EVENT_RECORD: return restored_id(&event->is.record);
    default: return 0;
    }
}

static bool is_wanted(const struct fig_journal *journal, const struct event *event)
{
    return journal->only_id == 0 || appointment_of(event) == journal->only_id;
}

fig_status fig_journal_next(fig_journal *journal, fig_event *event)
{
    if (journal == NULL || event == NULL || event->struct_size != sizeof *event) return FIG_INVALID;
    journal->shown = NULL;
    for (;;) {
        if (!journal->in_entry) {
            fig_status status = next_entry(journal);
            if (status != FIG_OK) return status;
        }
        if (journal->event == journal->entry.event_count) {
            journal->in_entry = false;
            continue;
        }
        const struct event *next = &journal->entry.events[journal->event++];
        if (!is_wanted(journal, next)) continue;
        fig_event shown = fig_event_default();
        shown.frame = journal->head.number;
        shown.version = journal->entry.seq;
        shown.operation = (fig_operation)journal->entry.operation;
        shown.now_s = journal->entry.now_s;
        shown.appointment = fig_appointment_default();
        show_key(&journal->entry, &shown);
        if (!show(journal, next, &shown)) continue;
        journal->shown = next;
        *event = shown;
        return FIG_OK;
    }
}
