/* Every record of a version, one after the other, for another store to restore. */
#include "engine/core/record.h"
#include "engine/runtime/reading.h"

#include <string.h>

/* In this order each finds what it belongs to. */
enum stage {
    STAGE_SHOPS,
    STAGE_ZONES,
    STAGE_SERVICES,
    STAGE_CLIENTS,
    STAGE_RULES,
    STAGE_SHOP_SCHEDULES,
    STAGE_BARBERS,
    STAGE_BARBER_SCHEDULES,
    STAGE_WINDOWS,
    STAGE_APPOINTMENTS,
    STAGE_KEYS,
    STAGE_END
};

struct fig_records {
    struct fig_engine *engine;
    fig_snapshot *own; /* NULL: the caller's is read */
    const struct version *version;
    unsigned stage;
    uint64_t next; /* id to go on from in the stage's map */
    bool over;     /* there is no id behind the last one */

    /* of the windows */
    const struct barber *barber; /* NULL: the next one is to be found */
    fig_window_kind kind;
    bool in_tree;
    struct tree_cursor cursor;

    char note[FIG_NOTE_MAX];
    fig_client client; /* that the record tells of */
};

fig_status fig_records_open(fig_engine *engine, const fig_snapshot *snapshot, fig_records **records)
{
    if (engine == NULL || records == NULL || (snapshot != NULL && snapshot->engine != engine)) return FIG_INVALID;
    const struct nodes_allocator *allocator = &engine->allocator;
    struct fig_records *opened = allocator->allocate(allocator->context, sizeof *opened);
    if (opened == NULL) return FIG_NO_MEMORY;
    *opened = (struct fig_records){.engine = engine};
    if (snapshot == NULL) {
        fig_status status = fig_snapshot_open(engine, &opened->own);
        if (status != FIG_OK) {
            allocator->release(allocator->context, opened, sizeof *opened);
            return status;
        }
        snapshot = opened->own;
    }
    opened->version = snapshot->version;
    *records = opened;
    return FIG_OK;
}

void fig_records_close(fig_records *records)
{
    if (records == NULL) return;
    const struct nodes_allocator *allocator = &records->engine->allocator;
    fig_snapshot_close(records->own);
    allocator->release(allocator->context, records, sizeof *records);
}

/* The next thing of a map; NULL: that was all. */
static const void *next_of(struct fig_records *records, const struct radix *map)
{
    uint64_t id;
    void *found;
    if (records->over || !radix_next(map, records->next, &id, &found)) return NULL;
    records->over = id == UINT64_MAX;
    records->next = id + 1;
    return found;
}

/* --- of each kind --- */

static bool give_shop(struct fig_records *records, fig_record *record)
{
    const struct shop *shop = next_of(records, &records->version->shops);
    if (shop == NULL) return false;
    record->kind = FIG_RECORD_SHOP;
    record->id = shop->id;
    shop_show(shop, &record->shop);
    return true;
}

static bool give_barber(struct fig_records *records, fig_record *record)
{
    const struct barber *barber = next_of(records, &records->version->barbers);
    if (barber == NULL) return false;
    record->kind = FIG_RECORD_BARBER;
    record->id = barber->profile->id;
    barber_show(barber, &record->barber);
    record->open_declared = barber->profile->open_declared != 0;
    return true;
}

static const fig_record_kind kinds[DOCUMENT_KINDS] = {
    [DOCUMENT_SHOP_SCHEDULE] = FIG_RECORD_SCHEDULE,
    [DOCUMENT_BARBER_SCHEDULE] = FIG_RECORD_SCHEDULE,
    [DOCUMENT_SERVICE] = FIG_RECORD_SERVICE,
    [DOCUMENT_CLIENT] = FIG_RECORD_CLIENT,
    [DOCUMENT_RULE] = FIG_RECORD_RULE,
    [DOCUMENT_ZONE] = FIG_RECORD_ZONE,
};

static void tell_document(struct fig_records *records, const struct document *document, fig_record *record)
{
    if (document->bytes == NULL) return; /* forgotten */
    switch (record->kind) {
    case FIG_RECORD_SCHEDULE: record->schedule = &((const struct schedule *)document)->is; break;
    case FIG_RECORD_SERVICE: record->service = &((const struct service *)document)->is; break;
    case FIG_RECORD_RULE: record->rule = &((const struct rule *)document)->is; break;
    case FIG_RECORD_CLIENT:
        client_show((const struct client_profile *)document, &records->client);
        record->client = &records->client;
        break;
    default: break;
    }
}

static bool give_document(struct fig_records *records, enum document_kind kind, fig_record *record)
{
    const struct document *document = next_of(records, &records->version->documents[kind]);
    if (document == NULL) return false;
    record->kind = kinds[kind];
    record->id = document->id;
    record->version = document->version;
    if (kind == DOCUMENT_SHOP_SCHEDULE) record->owner = FIG_OWNER_SHOP;
    if (kind == DOCUMENT_BARBER_SCHEDULE) record->owner = FIG_OWNER_BARBER;
    memcpy(record->name, document->name, document->name_size);
    record->text = document->bytes;
    record->text_size = document->size;
    memcpy(record->salt, document->salt, sizeof record->salt);
    memcpy(record->hash, document->hash, sizeof record->hash);
    tell_document(records, document, record);
    return true;
}

static const struct tree *window_tree(const struct fig_records *records)
{
    return records->kind == FIG_WINDOW_AVAILABLE ? &records->barber->windows : &records->barber->cuts;
}

/* Of each barber the available windows, then the others. False: there are no more. */
static bool next_window(struct fig_records *records)
{
    for (;;) {
        if (records->barber == NULL) {
            records->barber = next_of(records, &records->version->barbers);
            records->kind = FIG_WINDOW_AVAILABLE;
            if (records->barber == NULL) return false;
        }
        bool found = records->in_tree ? tree_next(window_tree(records), &records->cursor)
                                      : tree_ceiling(window_tree(records), FIG_TIME_MIN, &records->cursor);
        records->in_tree = found;
        if (found) return true;
        if (records->kind == FIG_WINDOW_UNAVAILABLE) records->barber = NULL;
        records->kind = FIG_WINDOW_UNAVAILABLE;
    }
}

static bool give_window(struct fig_records *records, fig_record *record)
{
    if (!next_window(records)) return false;
    struct tree_item item = tree_at(&records->cursor);
    record->kind = FIG_RECORD_WINDOW;
    record->barber_id = records->barber->profile->id;
    record->window.kind = records->kind;
    record->window.start_s = item.start_s;
    record->window.end_s = item.start_s + item.duration_s;
    record->window.declared_start_s = (int64_t)item.id;
    return true;
}

static fig_first first_of(const struct image *image)
{
    return (fig_first){
        .barber_id = image->barber_id,
        .service_id = image->service_id,
        .start_s = image->start_s,
        .end_s = image->start_s + image->duration_s,
        .expires_s = image->expires_s,
        .version = image->version,
        .buffer_before_s = image->before_s,
        .buffer_after_s = image->after_s,
        .status = (fig_appointment_status)image->status,
    };
}

static void give_note(struct fig_records *records, fig_record *record, const struct note_taken *note)
{
    if (note->text != NULL) memcpy(records->note, note->text, note->size);
    record->text = note->text != NULL ? records->note : NULL;
    record->text_size = note->size;
    memcpy(record->salt, note->salt, sizeof record->salt);
    memcpy(record->hash, note->hash, sizeof record->hash);
}

struct note_wanted {
    struct fig_records *records;
    fig_record *record;
    bool found;
};

static enum store_status take_note(void *context, const struct store_record *stored)
{
    struct note_wanted *wanted = context;
    struct record_read read;
    const char *fault =
        record_read(stored->table, stored->key, stored->key_size, stored->value, stored->value_size, &read);
    if (fault != NULL) return STORE_CORRUPT;
    give_note(wanted->records, wanted->record, &read.is.note.taken);
    wanted->found = true;
    return STORE_OK;
}

/* From memory, where the tables do not have it yet, else from those. */
static fig_status find_note(struct fig_records *records, uint64_t id, fig_record *record)
{
    const struct note *fresh = version_note(records->version, id);
    if (fresh != NULL) {
        struct note_taken taken = {.size = fresh->size, .text = fresh->forgotten ? NULL : fresh->text};
        memcpy(taken.salt, fresh->salt, sizeof taken.salt);
        memcpy(taken.hash, fresh->hash, sizeof taken.hash);
        give_note(records, record, &taken);
        return FIG_OK;
    }
    struct note_wanted wanted = {records, record, false};
    struct record key;
    record_of_note(&key, &(struct note_taken){.id = id}, 0);
    struct record_sink sink = {take_note, &wanted};
    struct store_error said = {{0}};
    struct store *store = store_of_notes(records->engine);
    enum store_status read = store->ops->read(store, TABLE_NOTES, record_key(&key), key.key_size, &sink, &said);
    if (read == STORE_OK) return wanted.found ? FIG_OK : FIG_CORRUPT;
    return read == STORE_NOT_FOUND ? FIG_CORRUPT : status_of_store(read);
}

static bool give_appointment(struct fig_records *records, fig_record *record, fig_status *status)
{
    const struct appointment *appointment = next_of(records, &records->version->appointments);
    if (appointment == NULL) return false;
    record->kind = FIG_RECORD_APPOINTMENT;
    record->id = appointment->id;
    record->version = appointment->version;
    appointment_show(appointment, FIG_TIME_MIN, &record->appointment);
    record->appointment.expires_s = appointment->expires_s;
    record->booked_version = appointment->booked_version;
    record->first_status = (fig_appointment_status)appointment->first_status;
    record->by_batch = (appointment->flags & APPOINTMENT_BY_BATCH) != 0;
    record->content = appointment->content;
    struct image image = appointment_first_image(appointment);
    if ((appointment->flags & APPOINTMENT_HAS_IMAGE) != 0) record->first = first_of(&image);
    if (record->appointment.has_note) *status = find_note(records, appointment->id, record);
    return true;
}

static bool give_key(struct fig_records *records, fig_record *record)
{
    const struct kept_key *kept = next_of(records, &records->version->kept);
    if (kept == NULL) return false;
    record->kind = FIG_RECORD_KEY;
    record->id = kept->subject_id;
    record->version = kept->version;
    memcpy(record->key, kept->key, kept->key_size);
    record->at_s = kept->at_s;
    record->operation = (fig_operation)kept->operation;
    record->content = kept->content;
    if (kept->image.barber_id != 0) record->first = first_of(&kept->image);
    return true;
}

static bool give(struct fig_records *records, fig_record *record, fig_status *status)
{
    switch ((enum stage)records->stage) {
    case STAGE_SHOPS: return give_shop(records, record);
    case STAGE_ZONES: return give_document(records, DOCUMENT_ZONE, record);
    case STAGE_SERVICES: return give_document(records, DOCUMENT_SERVICE, record);
    case STAGE_CLIENTS: return give_document(records, DOCUMENT_CLIENT, record);
    case STAGE_RULES: return give_document(records, DOCUMENT_RULE, record);
    case STAGE_SHOP_SCHEDULES: return give_document(records, DOCUMENT_SHOP_SCHEDULE, record);
    case STAGE_BARBERS: return give_barber(records, record);
    case STAGE_BARBER_SCHEDULES: return give_document(records, DOCUMENT_BARBER_SCHEDULE, record);
    case STAGE_WINDOWS: return give_window(records, record);
    case STAGE_APPOINTMENTS: return give_appointment(records, record, status);
    case STAGE_KEYS: return give_key(records, record);
    case STAGE_END: break;
    }
    return false;
}

fig_status fig_records_next(fig_records *records, fig_record *record)
{
    if (records == NULL || record == NULL || record->struct_size != sizeof *record) return FIG_INVALID;
    fig_record given = fig_record_default();
    fig_status status = FIG_OK;
    while (records->stage < STAGE_END && !give(records, &given, &status)) {
        records->stage++;
        records->next = 0;
        records->over = false;
    }
    if (records->stage == STAGE_END) return FIG_NOT_FOUND;
    if (status == FIG_OK) *record = given;
    return status;
}
