/* Restoring: a record of another store, put back as it was there. What the journal of that store decided is not decided
 * again; but nothing may be there that it would take the place of, what it belongs to must be there, and no two
 * appointments may block one time. */
#include "engine/core/deciding.h"
#include "engine/core/limits.h"
#include "engine/core/record.h"
#include "engine/core/text.h"

#include <string.h>

static fig_status invalid(fig_outcome *outcome, const char *field, const char *reason)
{
    return refuse(outcome, FIG_INVALID, field, reason);
}

/* An array's text; SIZE_MAX when it does not end. */
static struct words words_in(const char *array, size_t size)
{
    return (struct words){array, strnlen(array, size) < size ? strnlen(array, size) : SIZE_MAX};
}

static bool is_name(struct words words, size_t least, size_t most)
{
    return words.size >= least && words.size <= most && text_is_clean(words.text, words.size, false);
}

/* --- shops and barbers --- */

static fig_status restore_shop(struct decision *decision, const fig_shop *shop, fig_outcome *outcome)
{
    struct words name = words_in(shop->name, sizeof shop->name), zone = words_in(shop->zone, sizeof shop->zone);
    if (shop->struct_size != sizeof *shop || shop->id == 0 || !is_name(name, 1, FIG_NAME_MAX) ||
        !is_name(zone, 0, FIG_ZONE_MAX) || shop->buffers > FIG_BUFFERS_EXCLUSIVE || shop->past > FIG_PAST_REFUSE)
        return invalid(outcome, "record.shop", "a field of the shop is malformed or out of its range");
    if (version_shop(decision->base, shop->id) != NULL ||
        version_shop_named(decision->base, name.text, name.size) != NULL)
        return refuse(outcome, FIG_NAME_TAKEN, "record.shop", "a shop of this id or name is there already");
    struct event *event = decision_event(decision, EVENT_SHOP);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.shop = (struct shop_declared){shop->id, (uint8_t)shop->buffers, (uint8_t)shop->past, name, zone};
    outcome->declared_id = shop->id;
    return FIG_OK;
}

static fig_status restore_barber(struct decision *decision, const fig_record *record, fig_outcome *outcome)
{
    const fig_barber *barber = &record->barber;
    struct words name = words_in(barber->name, sizeof barber->name), zone = words_in(barber->zone, sizeof barber->zone);
    if (barber->struct_size != sizeof *barber || barber->id == 0 || !is_name(name, 1, FIG_NAME_MAX) ||
        !is_name(zone, 0, FIG_ZONE_MAX) || barber->open > FIG_OPEN_HOURS)
        return invalid(outcome, "record.barber", "a field of the barber is malformed or out of its range");
    if (version_shop(decision->base, barber->shop_id) == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "record.barber.shop_id", "the barber's shop is not there");
    if (version_barber(decision->base, barber->id) != NULL ||
        version_barber_named(decision->base, name.text, name.size) != NULL)
        return refuse(outcome, FIG_NAME_TAKEN, "record.barber", "a barber of this id or name is there already");
    struct event *event = decision_event(decision, EVENT_BARBER);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.barber = (struct barber_declared){
        .id = barber->id,
        .shop_id = barber->shop_id,
        .priority = barber->priority,
        .open = (uint8_t)barber->open,
        .open_declared = record->open_declared,
        .active = barber->active,
        .name = name,
        .zone = zone,
    };
    outcome->declared_id = outcome->barber_id = barber->id;
    return FIG_OK;
}

/* --- windows, appointments, keys: as the tables keep them, whose reader knows what can be --- */

/* Where a record is put together; it lasts as long as the decision. NULL: no memory. */
static struct record *record_room(struct decision *decision)
{
    _Static_assert(sizeof(struct record) <= DOCUMENT_BYTES_MAX, "there is room for a record");
    return (struct record *)(void *)decision_bytes(decision);
}

static fig_status restore_record(struct decision *decision, const struct record *record, const char *field,
                                 fig_outcome *outcome)
{
    struct record_read read;
    const uint8_t *key = record_key(record), *value = record_value(record);
    const char *fault = record_read(record->table, key, record->key_size, value, record->value_size, &read);
    if (fault != NULL) return invalid(outcome, field, fault);
    struct event *event = decision_event(decision, EVENT_RECORD);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.record = (struct record_restored){
        .table = (uint8_t)record->table,
        .key = {(const char *)key, record->key_size},
        .value = {(const char *)value, record->value_size},
    };
    return FIG_OK;
}

static bool fits_32(int64_t start_s, int64_t end_s) { return end_s > start_s && end_s - start_s <= FIG_DURATION_MAX; }

static fig_status restore_window(struct decision *decision, const fig_record *restored, fig_outcome *outcome)
{
    const fig_window *window = &restored->window;
    const struct barber *barber = version_barber(decision->base, restored->barber_id);
    if (barber == NULL) return refuse(outcome, FIG_NOT_FOUND, "record.barber_id", "the window's barber is not there");
    if (window->struct_size != sizeof *window || window->kind > FIG_WINDOW_UNAVAILABLE ||
        !instant_is_sound(window->start_s) || !instant_is_sound(window->declared_start_s) ||
        !fits_32(window->start_s, window->end_s))
        return invalid(outcome, "record.window", "a field of the window is out of its range");
    const struct tree *tree = window->kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
    struct tree_item item;
    if (tree_find(tree, window->start_s, (uint64_t)window->declared_start_s, &item))
        return refuse(outcome, FIG_NAME_TAKEN, "record.window", "the barber has such a window already");
    struct record *record = record_room(decision);
    if (record == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    item = (struct tree_item){.start_s = window->start_s,
                              .duration_s = (uint32_t)(window->end_s - window->start_s),
                              .id = (uint64_t)window->declared_start_s};
    record_of_window(record, restored->barber_id, window->kind, &item);
    outcome->barber_id = restored->barber_id;
    return restore_record(decision, record, "record.window", outcome);
}

static struct image image_of(const fig_first *first)
{
    return (struct image){
        .barber_id = first->barber_id,
        .service_id = first->service_id,
        .start_s = first->start_s,
        .expires_s = first->expires_s,
        .version = first->version,
        .duration_s = (uint32_t)(first->end_s - first->start_s),
        .before_s = first->buffer_before_s,
        .after_s = first->buffer_after_s,
        .status = (uint32_t)first->status,
    };
}

static fig_status first_is_sound(const fig_first *first, fig_outcome *outcome)
{
    if (first->barber_id == 0 || (instant_is_sound(first->start_s) && fits_32(first->start_s, first->end_s)))
        return FIG_OK;
    return invalid(outcome, "record.first", "its span is out of range");
}

static uint8_t flags_of(const fig_record *restored)
{
    const fig_appointment *of = &restored->appointment;
    return (uint8_t)((of->has_note ? APPOINTMENT_HAS_NOTE : 0) | (restored->by_batch ? APPOINTMENT_BY_BATCH : 0) |
                     (of->unchecked ? APPOINTMENT_UNCHECKED : 0) |
                     (restored->first.barber_id != 0 ? APPOINTMENT_HAS_IMAGE : 0));
}

/* With its tail, as it lies in memory. */
struct whole_appointment {
    struct appointment fixed;
    char tail[FIG_KEY_MAX + sizeof(struct image)];
};

static void put_together(const fig_record *restored, struct words key, struct whole_appointment *whole)
{
    const fig_appointment *of = &restored->appointment;
    whole->fixed = (struct appointment){
        .id = of->id,
        .barber_id = of->barber_id,
        .client_id = of->client_id,
        .service_id = of->service_id,
        .start_s = of->start_s,
        .booked_s = of->booked_s,
        .expires_s = of->expires_s,
        .version = of->version,
        .booked_version = restored->booked_version,
        .content = restored->content,
        .duration_s = (uint32_t)(of->end_s - of->start_s),
        .before_s = of->buffer_before_s,
        .after_s = of->buffer_after_s,
        .status = (uint8_t)of->status,
        .first_status = (uint8_t)restored->first_status,
        .key_size = (uint8_t)key.size,
        .flags = flags_of(restored),
    };
    struct image image = image_of(&restored->first);
    memcpy(whole->tail, key.text, key.size);
    if (restored->first.barber_id != 0) memcpy(whole->tail + key.size, &image, sizeof image);
}

/* Other appointments that block what this one blocks. */
static fig_status find_conflicts(const struct decision *decision, const struct appointment *fixed, fig_outcome *outcome)
{
    const struct barber *barber = version_barber(decision->base, fixed->barber_id);
    if (!appointment_blocks(fixed, decision->now_s)) return FIG_OK;
    struct probe probe = {
        .start_s = fixed->start_s,
        .end_s = fixed->start_s + fixed->duration_s,
        .before_s = fixed->before_s,
        .after_s = fixed->after_s,
        .exclusive = barber_buffers_exclusive(decision->base, barber),
    };
    struct hold_view holds = {decision->base, decision->now_s};
    struct holds blocking = hold_view_holds(&holds);
    struct tree_cursor cursor;
    for (bool more = conflict_first(&barber->diary, &probe, &blocking, &cursor); more;
         more = conflict_next(&barber->diary, &probe, &blocking, &cursor)) {
        fig_appointment shown;
        appointment_show(version_appointment(decision->base, tree_at(&cursor).id), decision->now_s, &shown);
        outcome_list(outcome, &shown);
    }
    if (outcome->others_count == 0) return FIG_OK;
    return refuse(outcome, FIG_CONFLICT, NULL, "another appointment is in the way");
}

static fig_status key_is_free(const struct decision *decision, struct words key, fig_outcome *outcome)
{
    if (key.size == 0) return FIG_OK;
    struct key_match match = version_key(decision->base, key.text, key.size, FIG_TIME_MIN);
    if (match.booking == NULL && match.kept == NULL) return FIG_OK;
    return refuse(outcome, FIG_KEY_REUSED, "record.key", "this request key is there already");
}

static fig_status appointment_is_sound(const struct decision *decision, const fig_record *restored, struct words key,
                                       fig_outcome *outcome)
{
    const fig_appointment *of = &restored->appointment;
    if (of->struct_size != sizeof *of || !instant_is_sound(of->start_s) || !fits_32(of->start_s, of->end_s) ||
        !is_name(key, 0, FIG_KEY_MAX) || of->status > FIG_EXPIRED || restored->first_status > FIG_EXPIRED)
        return invalid(outcome, "record.appointment", "a field is malformed or out of its range");
    if (restored->booked_version == 0 || restored->booked_version > of->version)
        return invalid(outcome, "record.booked_version", "must be from 1 to the appointment's version");
    if (version_barber(decision->base, of->barber_id) == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "record.appointment.barber_id", "the barber is not there");
    if (version_appointment(decision->base, of->id) != NULL)
        return refuse(outcome, FIG_NAME_TAKEN, "record.appointment.id", "an appointment of this id is there already");
    fig_status status = first_is_sound(&restored->first, outcome);
    return status == FIG_OK ? key_is_free(decision, key, outcome) : status;
}

static bool matches_hash(const fig_record *restored)
{
    uint8_t hash[16];
    if (restored->text == NULL) return true;
    note_hash(restored->salt, restored->text, restored->text_size, hash);
    return memcmp(hash, restored->hash, sizeof hash) == 0;
}

/* A note came with its booking, and does so again. */
static fig_status restore_note(struct decision *decision, const fig_record *restored, fig_outcome *outcome)
{
    if (!matches_hash(restored) ||
        (restored->text != NULL && !text_is_clean(restored->text, restored->text_size, true)))
        return invalid(outcome, "record.text", "the note does not match its hash, or is no text");
    struct event *event = decision_event(decision, EVENT_NOTE_RESTORED);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.note = (struct note_taken){.id = restored->appointment.id,
                                         .version = restored->booked_version,
                                         .size = (uint32_t)restored->text_size,
                                         .text = restored->text};
    memcpy(event->is.note.salt, restored->salt, sizeof restored->salt);
    memcpy(event->is.note.hash, restored->hash, sizeof restored->hash);
    return FIG_OK;
}

static fig_status restore_appointment(struct decision *decision, const fig_record *restored, fig_outcome *outcome)
{
    const fig_appointment *of = &restored->appointment;
    struct words key = words_in(of->key, sizeof of->key);
    fig_status status = appointment_is_sound(decision, restored, key, outcome);
    if (status != FIG_OK) return status;
    struct whole_appointment whole;
    put_together(restored, key, &whole);
    struct record *record = record_room(decision);
    if (record == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    record_of_appointment(record, &whole.fixed);
    status = restore_record(decision, record, "record.appointment", outcome);
    if (status == FIG_OK && of->has_note) status = restore_note(decision, restored, outcome);
    if (status == FIG_OK) status = find_conflicts(decision, &whole.fixed, outcome);
    outcome->barber_id = of->barber_id;
    return status;
}

static fig_status restore_key(struct decision *decision, const fig_record *restored, fig_outcome *outcome)
{
    struct words key = words_in(restored->key, sizeof restored->key);
    if (!is_name(key, 1, FIG_KEY_MAX) || !instant_is_sound(restored->at_s) || restored->version == 0 ||
        restored->operation < FIG_OP_BOOK || restored->operation > FIG_OP_DECLARE_ZONE)
        return invalid(outcome, "record.key", "a field of the key is malformed or out of its range");
    fig_status status = first_is_sound(&restored->first, outcome);
    if (status == FIG_OK) status = key_is_free(decision, key, outcome);
    if (status != FIG_OK) return status;
    if (restored->first.barber_id != 0 && version_appointment(decision->base, restored->id) == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "record.id", "the appointment that the key is about is not there");
    if (radix_get(&decision->base->kept, restored->version) != NULL)
        return refuse(outcome, FIG_NAME_TAKEN, "record.version", "another key of this version is there already");
    struct record *record = record_room(decision);
    if (record == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    _Alignas(struct kept_key) char room[sizeof(struct kept_key) + FIG_KEY_MAX];
    struct kept_key *kept = (struct kept_key *)(void *)room;
    *kept = (struct kept_key){
        .version = restored->version,
        .at_s = restored->at_s,
        .content = restored->content,
        .subject_id = restored->id,
        .operation = (uint8_t)restored->operation,
        .key_size = (uint8_t)key.size,
    };
    if (restored->first.barber_id != 0) kept->image = image_of(&restored->first);
    memcpy(kept->key, key.text, key.size);
    record_of_kept_key(record, kept);
    return restore_record(decision, record, "record.key", outcome);
}

/* --- declarations --- */

enum document_kind document_kind_of(const fig_record *restored)
{
    switch (restored->kind) {
    case FIG_RECORD_CLIENT: return DOCUMENT_CLIENT;
    case FIG_RECORD_SERVICE: return DOCUMENT_SERVICE;
    case FIG_RECORD_RULE: return DOCUMENT_RULE;
    case FIG_RECORD_ZONE: return DOCUMENT_ZONE;
    default: return restored->owner == FIG_OWNER_SHOP ? DOCUMENT_SHOP_SCHEDULE : DOCUMENT_BARBER_SCHEDULE;
    }
}

/* Whether the bytes mean something, and are the ones that are always written for it. */
static fig_status document_is_canonical(struct decision *decision, const struct document_declared *declared,
                                        fig_outcome *outcome)
{
    const char *fault = NULL;
    const struct nodes_allocator *allocator = decision->allocator;
    size_t room = document_room(declared, &fault);
    uint8_t *bytes = decision_bytes(decision);
    if (room == 0) return invalid(outcome, "record.text", fault);
    void *memory = allocator->allocate(allocator->context, room);
    if (memory == NULL || bytes == NULL) {
        if (memory != NULL) allocator->release(allocator->context, memory, room);
        return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    }
    const struct document *document = document_keep(memory, declared, 0, declared->version);
    bool same =
        document != NULL && (declared->bytes == NULL || (document_encode_again(document, bytes) == declared->size &&
                                                         memcmp(bytes, declared->bytes, declared->size) == 0));
    allocator->release(allocator->context, memory, room);
    return same ? FIG_OK : invalid(outcome, "record.text", "a declaration is malformed");
}

static fig_status document_has_room(const struct decision *decision, const struct document_declared *declared,
                                    fig_outcome *outcome)
{
    const struct version *base = decision->base;
    enum document_kind kind = (enum document_kind)declared->kind;
    bool owned = kind == DOCUMENT_SHOP_SCHEDULE     ? version_shop(base, declared->id) != NULL
                 : kind == DOCUMENT_BARBER_SCHEDULE ? version_barber(base, declared->id) != NULL
                                                    : true;
    if (!owned) return refuse(outcome, FIG_NOT_FOUND, "record.id", "whose schedule it is, is not there");
    struct words name = document_name(declared);
    bool taken =
        name.size > 0 && kind != DOCUMENT_CLIENT && version_document_named(base, kind, name.text, name.size) != NULL;
    if (!taken && version_document(base, kind, declared->id) == NULL) return FIG_OK;
    return refuse(outcome, FIG_NAME_TAKEN, "record.id", "one of this id or name is there already");
}

static fig_status restore_document(struct decision *decision, const fig_record *restored, fig_outcome *outcome)
{
    struct document_declared declared = {
        .id = restored->id,
        .version = restored->version,
        .kind = (uint8_t)document_kind_of(restored),
        .size = (uint32_t)restored->text_size,
        .bytes = restored->text,
    };
    memcpy(declared.salt, restored->salt, sizeof declared.salt);
    memcpy(declared.hash, restored->hash, sizeof declared.hash);
    if (restored->version == 0 || restored->id == 0)
        return invalid(outcome, "record.version", "a declaration has an id and a version");
    if (declared.kind == DOCUMENT_CLIENT && !matches_hash(restored))
        return invalid(outcome, "record.hash", "the client does not match its hash");
    fig_status status = document_is_canonical(decision, &declared, outcome);
    if (status == FIG_OK) status = document_has_room(decision, &declared, outcome);
    if (status != FIG_OK) return status;
    struct event *event = decision_event(decision, EVENT_DOCUMENT_RESTORED);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.document = declared;
    outcome->declared_id = restored->id;
    return FIG_OK;
}

fig_status decide_restore(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_record *record = request->record;
    decision->restored_version = record->kind == FIG_RECORD_APPOINTMENT ? record->appointment.version : record->version;
    switch (record->kind) {
    case FIG_RECORD_SHOP: return restore_shop(decision, &record->shop, outcome);
    case FIG_RECORD_BARBER: return restore_barber(decision, record, outcome);
    case FIG_RECORD_WINDOW: return restore_window(decision, record, outcome);
    case FIG_RECORD_APPOINTMENT: return restore_appointment(decision, record, outcome);
    case FIG_RECORD_KEY: return restore_key(decision, record, outcome);
    default: return restore_document(decision, record, outcome);
    }
}
