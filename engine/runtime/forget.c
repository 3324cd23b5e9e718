/* Forgetting a client, everywhere. The journal says so first, so that every process forgets; then the tables follow,
 * and last the frames in which the texts stand are rewritten. Each step may be done again, so that whatever stops it in
 * between is mended by asking again. */
#include "engine/core/grow.h"
#include "engine/core/record.h"
#include "engine/runtime/reading.h"

#include <stdlib.h>
#include <string.h>

/* Records that one transaction rewrites, so that writers wait little. */
#define RECORDS_AT_ONCE 256

/* Whose texts are erased, in the entries before the one that says so: a client may be declared anew after it, in the
 * same frame even. */
struct forgotten {
    uint64_t client_id;
    uint64_t seq;
};

struct forgetting {
    struct fig_engine *engine;
    uint64_t client_id;              /* of the one that is being forgotten */
    const struct forgotten *clients; /* whose texts leave the journal, by id */
    size_t client_count;
    int64_t timeout_ns; /* of each step */
    fig_forgotten *told;
    fig_error *error;
    uint8_t *frame; /* the copy of a frame */
    size_t frame_size;
    size_t frame_room;
    uint64_t frame_number; /* 0: none was found */
    size_t frame_texts;
    fig_status status; /* of the sink */
};

/* --- a turn at the store --- */

static fig_status begin_turn(struct forgetting *forgetting)
{
    struct fig_engine *engine = forgetting->engine;
    int64_t deadline_ns = deadline_in(forgetting->timeout_ns);
    struct store_error said = {{0}};
    fig_status status = lock_writer(engine, deadline_ns);
    if (status != FIG_OK) return fail(forgetting->error, status, "%s", fig_status_text(status));
    enum store_status begun = engine->store->ops->begin(engine->store, deadline_ns, &said);
    if (begun == STORE_OK) return FIG_OK;
    pthread_mutex_unlock(&engine->writer);
    return fail_store(forgetting->error, begun, &said);
}

static void end_turn(struct forgetting *forgetting)
{
    struct fig_engine *engine = forgetting->engine;
    engine->store->ops->end(engine->store);
    pthread_mutex_unlock(&engine->writer);
}

/* --- the journal says so --- */

static fig_status say_so(struct forgetting *forgetting, const fig_request *request)
{
    fig_outcome outcome = fig_outcome_default();
    fig_status status = write_one(forgetting->engine, request, &outcome);
    if (status == FIG_OK) {
        forgetting->told->version = outcome.version;
        return FIG_OK;
    }
    return fail(forgetting->error, status, "%s", outcome.reason != NULL ? outcome.reason : fig_status_text(status));
}

/* --- the tables --- */

struct blanking {
    struct record record; /* of a note, without its text */
    bool had_text;
};

static enum store_status blank_note(void *context, const struct store_record *stored)
{
    struct blanking *blanking = context;
    struct record_read read;
    if (record_read(stored->table, stored->key, stored->key_size, stored->value, stored->value_size, &read) != NULL)
        return STORE_CORRUPT;
    struct note_taken note = read.is.note.taken;
    blanking->had_text = note.text != NULL;
    note.text = NULL;
    memset(note.salt, 0, sizeof note.salt);
    record_of_note(&blanking->record, &note, read.is.note.version);
    return STORE_OK;
}

struct batch {
    struct record records[RECORDS_AT_ONCE];
    struct store_record list[RECORDS_AT_ONCE];
    size_t count;
};

static void batch_add(struct batch *batch, const struct record *record)
{
    struct record *kept = &batch->records[batch->count];
    *kept = *record;
    batch->list[batch->count++] = (struct store_record){.table = kept->table,
                                                        .key_size = kept->key_size,
                                                        .key = record_key(kept),
                                                        .value = record_value(kept),
                                                        .value_size = kept->value_size};
}

/* A client's appointments come by start, and records are written by id. */
static int by_key(const void *left, const void *right)
{
    const struct store_record *a = left, *b = right;
    return memcmp(a->key, b->key, a->key_size);
}

/* The tables stand where they stood: neither texts nor salts are in any digest. */
static fig_status write_batch(struct forgetting *forgetting, struct batch *batch)
{
    struct store *store = forgetting->engine->store;
    struct store_facts facts;
    struct store_error said = {{0}};
    if (batch->count == 0) return FIG_OK;
    qsort(batch->list, batch->count, sizeof *batch->list, by_key);
    enum store_status written = store->ops->facts(store, &facts, &said);
    if (written == STORE_OK)
        written = store->ops->checkpoint(store, facts.checkpoint, batch->list, batch->count, &said);
    if (written != STORE_OK) return fail_store(forgetting->error, written, &said);
    forgetting->told->records += batch->count;
    batch->count = 0;
    return FIG_OK;
}

static fig_status blank_stored_note(struct forgetting *forgetting, struct batch *batch, uint64_t appointment_id)
{
    struct store *store = forgetting->engine->store;
    struct blanking blanking = {.had_text = false};
    struct record_sink sink = {blank_note, &blanking};
    struct record key;
    struct store_error said = {{0}};
    record_of_note(&key, &(struct note_taken){.id = appointment_id}, 0);
    enum store_status read = store->ops->read(store, TABLE_NOTES, record_key(&key), key.key_size, &sink, &said);
    if (read == STORE_CORRUPT)
        return fail(forgetting->error, FIG_CORRUPT, "a note's record is damaged: run figaro verify");
    if (read != STORE_OK && read != STORE_NOT_FOUND) return fail_store(forgetting->error, read, &said);
    if (blanking.had_text) batch_add(batch, &blanking.record);
    return batch->count == RECORDS_AT_ONCE ? write_batch(forgetting, batch) : FIG_OK;
}

/* In the turn, so that the newest version stays what it is. */
static fig_status blank_notes(struct forgetting *forgetting, struct batch *batch)
{
    const struct client *client = version_client(newest(forgetting->engine), forgetting->client_id);
    if (client == NULL) return FIG_OK;
    const struct tree *appointments = &client->appointments;
    struct tree_cursor cursor;
    for (bool more = tree_ceiling(appointments, FIG_TIME_MIN, &cursor); more; more = tree_next(appointments, &cursor)) {
        uint64_t id = tree_at(&cursor).id;
        const struct appointment *appointment = version_appointment(newest(forgetting->engine), id);
        if ((appointment->flags & APPOINTMENT_HAS_NOTE) == 0) continue;
        fig_status status = blank_stored_note(forgetting, batch, id);
        if (status != FIG_OK) return status;
    }
    return write_batch(forgetting, batch);
}

static fig_status forget_in_tables(struct forgetting *forgetting)
{
    struct fig_engine *engine = forgetting->engine;
    const struct nodes_allocator *allocator = &engine->allocator;
    struct batch *batch = allocator->allocate(allocator->context, sizeof *batch);
    if (batch == NULL) return fail(forgetting->error, FIG_NO_MEMORY, "there is not enough memory");
    batch->count = 0;
    fig_status status = begin_turn(forgetting);
    if (status == FIG_OK) {
        status = catch_up(engine, deadline_in(forgetting->timeout_ns), forgetting->error);
        if (status == FIG_OK) status = write_checkpoint(engine, forgetting->error);
        if (status == FIG_OK) status = blank_notes(forgetting, batch);
        end_turn(forgetting);
    }
    allocator->release(allocator->context, batch, sizeof *batch);
    return status;
}

/* --- the journal --- */

static int by_client(const void *left, const void *right)
{
    const struct forgotten *a = left, *b = right;
    return (a->client_id > b->client_id) - (a->client_id < b->client_id);
}

/* 0: it has no private text, or is nobody's. */
static uint64_t client_of(struct fig_engine *engine, const struct event *event)
{
    if (event->kind == EVENT_DOCUMENT || event->kind == EVENT_DOCUMENT_RESTORED)
        return event->is.document.kind == DOCUMENT_CLIENT ? event->is.document.id : 0;
    if (event->kind != EVENT_NOTE && event->kind != EVENT_NOTE_RESTORED) return 0;
    struct reading reading;
    reading_begin_newest(engine, &reading);
    const struct appointment *appointment = version_appointment(reading.version, event->is.note.id);
    uint64_t client_id = appointment != NULL ? appointment->client_id : 0;
    reading_end(&reading);
    return client_id;
}

static bool is_meant(void *context, uint64_t seq, const struct event *event)
{
    const struct forgetting *forgetting = context;
    struct forgotten sought = {.client_id = client_of(forgetting->engine, event)};
    if (sought.client_id == 0) return false;
    const struct forgotten *found =
        bsearch(&sought, forgetting->clients, forgetting->client_count, sizeof sought, by_client);
    return found != NULL && seq < found->seq;
}

static bool copy_frame(struct forgetting *forgetting, const void *bytes, size_t size)
{
    uint8_t *room = grow(&forgetting->engine->allocator, forgetting->frame, 0, size, &forgetting->frame_room, 1);
    if (room == NULL) return false;
    forgetting->frame = room;
    forgetting->frame_size = size;
    memcpy(room, bytes, size);
    return true;
}

static fig_status blank_copy(struct forgetting *forgetting, uint64_t number, const void *bytes, size_t size)
{
    struct frame_forgets forgets = {is_meant, forgetting};
    const char *fault = NULL;
    enum frame_status done = FRAME_NO_MEMORY;
    if (copy_frame(forgetting, bytes, size))
        done = frame_forget(forgetting->frame, size, &forgetting->engine->allocator, &forgets, &forgetting->frame_texts,
                            &fault);
    if (done == FRAME_OK) return FIG_OK;
    if (done == FRAME_NO_MEMORY) return fail(forgetting->error, FIG_NO_MEMORY, "there is not enough memory");
    return fail(forgetting->error, status_of_frame(fault), "frame %llu: %s", (unsigned long long)number, fault);
}

/* Stops at the first frame that has something to forget; its copy is without it. */
static enum store_status look_at_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct forgetting *forgetting = context;
    forgetting->status = blank_copy(forgetting, number, bytes, size);
    if (forgetting->status != FIG_OK) return STORE_STOPPED;
    if (forgetting->frame_texts == 0) return STORE_OK;
    forgetting->frame_number = number;
    return STORE_STOPPED;
}

static fig_status find_frame(struct forgetting *forgetting, uint64_t after)
{
    struct store *store = forgetting->engine->store;
    struct frame_sink sink = {look_at_frame, forgetting};
    struct store_error said = {{0}};
    forgetting->frame_number = 0;
    forgetting->status = FIG_OK;
    enum store_status walked = store->ops->since(store, after, &sink, &said);
    if (walked == STORE_OK || walked == STORE_STOPPED) return forgetting->status;
    return fail_store(forgetting->error, walked, &said);
}

/* Read again in the turn: somebody may have forgotten another client in it since. */
static fig_status rewrite_frame(struct forgetting *forgetting, uint64_t number)
{
    struct store *store = forgetting->engine->store;
    struct store_error said = {{0}};
    fig_status status = begin_turn(forgetting);
    if (status != FIG_OK) return status;
    status = find_frame(forgetting, number - 1);
    if (status == FIG_OK && forgetting->frame_number == number) {
        enum store_status written =
            store->ops->rewrite_frame(store, number, forgetting->frame, forgetting->frame_size, &said);
        if (written != STORE_OK) status = fail_store(forgetting->error, written, &said);
        forgetting->told->frames += written == STORE_OK;
        forgetting->told->texts += written == STORE_OK ? forgetting->frame_texts : 0;
    }
    end_turn(forgetting);
    return status;
}

static fig_status first_kept_frame(struct forgetting *forgetting, uint64_t *first)
{
    struct store_facts facts;
    struct store_error said = {{0}};
    enum store_status known = forgetting->engine->store->ops->facts(forgetting->engine->store, &facts, &said);
    if (known != STORE_OK) return fail_store(forgetting->error, known, &said);
    *first = facts.first;
    return FIG_OK;
}

static fig_status forget_in_journal(struct forgetting *forgetting)
{
    uint64_t at = 1;
    fig_status status = first_kept_frame(forgetting, &at);
    while (status == FIG_OK) {
        status = find_frame(forgetting, at - 1);
        if (status != FIG_OK || forgetting->frame_number == 0) break;
        at = forgetting->frame_number;
        status = rewrite_frame(forgetting, at);
        at++;
    }
    return status;
}

fig_status fig_forget_client(fig_engine *engine, const fig_request *request, fig_forgotten *forgotten, fig_error *error)
{
    fig_forgotten unwanted = fig_forgotten_default();
    if (engine == NULL || request == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (forgotten != NULL && forgotten->struct_size != sizeof *forgotten) return FIG_INVALID;
    if (request->struct_size != sizeof *request || request->operation != FIG_OP_FORGET_CLIENT)
        return fail(error, FIG_INVALID, "take the request from fig_forget_client_default()");
    struct forgotten client = {.client_id = request->client_id};
    struct forgetting forgetting = {
        .engine = engine,
        .client_id = request->client_id,
        .clients = &client,
        .client_count = 1,
        .timeout_ns = request->timeout_ns > 0 ? request->timeout_ns : FIG_TIMEOUT_NS,
        .told = &unwanted,
        .error = error,
    };
    fig_status status = say_so(&forgetting, request);
    client.seq = unwanted.version;
    if (status == FIG_OK) status = forget_in_tables(&forgetting);
    if (status == FIG_OK) status = forget_in_journal(&forgetting);
    grow_release(&engine->allocator, forgetting.frame, &forgetting.frame_room, 1);
    if (status == FIG_OK && forgotten != NULL) *forgotten = unwanted;
    return status;
}

/* --- again --- */

struct remembering {
    const struct nodes_allocator *allocator;
    struct forgotten *list;
    size_t count;
    size_t capacity;
};

static bool remember(struct remembering *remembering, const struct entry *entry)
{
    for (size_t i = 0; i < entry->event_count; i++) {
        if (entry->events[i].kind != EVENT_FORGOTTEN) continue;
        struct forgotten *list = grow(remembering->allocator, remembering->list, remembering->count, 1,
                                      &remembering->capacity, sizeof *list);
        if (list == NULL) return false;
        remembering->list = list;
        list[remembering->count++] = (struct forgotten){entry->events[i].is.forgotten.id, entry->seq};
    }
    return true;
}

static enum store_status remember_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct remembering *remembering = context;
    (void)number;
    struct frame_reader reader;
    struct frame_head head;
    struct entry entry;
    const char *fault = frame_open(&reader, remembering->allocator, bytes, size, &head);
    if (fault != NULL) return STORE_CORRUPT;
    enum frame_status read = FRAME_OK;
    bool room = true;
    while (room && (read = frame_next(&reader, &entry, &fault)) == FRAME_OK) room = remember(remembering, &entry);
    frame_reader_release(&reader);
    if (!room || read == FRAME_NO_MEMORY) return STORE_NO_MEMORY;
    return read == FRAME_END ? STORE_OK : STORE_CORRUPT;
}

/* Of a client that was forgotten more than once, what was there the last time. */
static void keep_the_last_of_each(struct remembering *remembering)
{
    struct forgotten *list = remembering->list;
    size_t kept = 0;
    if (remembering->count > 0) qsort(list, remembering->count, sizeof *list, by_client);
    for (size_t i = 0; i < remembering->count; i++) {
        bool same = kept > 0 && list[kept - 1].client_id == list[i].client_id;
        if (!same)
            list[kept++] = list[i];
        else if (list[i].seq > list[kept - 1].seq)
            list[kept - 1] = list[i];
    }
    remembering->count = kept;
}

fig_status forget_again(struct fig_engine *engine, fig_error *error)
{
    struct remembering remembering = {.allocator = &engine->allocator};
    struct frame_sink sink = {remember_frame, &remembering};
    fig_forgotten unwanted = fig_forgotten_default();
    struct forgetting forgetting = {.engine = engine, .timeout_ns = FIG_TIMEOUT_NS, .told = &unwanted, .error = error};
    struct store_error said = {{0}};
    uint64_t first = 1;
    fig_status status = first_kept_frame(&forgetting, &first);
    if (status == FIG_OK) {
        enum store_status walked = engine->store->ops->since(engine->store, first - 1, &sink, &said);
        if (walked != STORE_OK) status = fail_store(error, walked, &said);
    }
    keep_the_last_of_each(&remembering);
    forgetting.clients = remembering.list;
    forgetting.client_count = remembering.count;
    if (status == FIG_OK && remembering.count > 0) status = forget_in_journal(&forgetting);
    grow_release(&engine->allocator, forgetting.frame, &forgetting.frame_room, 1);
    grow_release(&engine->allocator, remembering.list, &remembering.capacity, sizeof *remembering.list);
    return status;
}
