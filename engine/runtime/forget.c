/* Forgetting a client: an entry that says so, for every process to take in; then the texts themselves, in the tables
 * and in each frame of the journal that has one. All of it can be done again: what is gone already is passed over. */
#include "engine/core/grow.h"
#include "engine/runtime/engine.h"

#include <stdlib.h>
#include <string.h>

struct forgetting {
    struct fig_engine *engine;
    uint64_t client_id;
    fig_forgotten done;
    fig_error *error;

    uint8_t *frame; /* a copy of the one that is looked at */
    size_t capacity, size;
    uint64_t number;
    struct frame_reader reader;
    size_t erased;
    fig_status status;
};

static fig_status no_memory(fig_error *error) { return fail(error, FIG_NO_MEMORY, "there is not enough memory"); }

/* ---- the tables ---- */

struct note_found {
    struct record record; /* without its text */
    bool kept;
    bool broken;
};

static enum store_status take_note(void *context, const struct store_record *stored)
{
    struct note_found *found = context;
    struct record_read read;
    const char *fault =
        record_read(stored->table, stored->key, stored->key_size, stored->value, stored->value_size, &read);
    found->broken = fault != NULL;
    if (fault != NULL) return STORE_OK;
    struct note_taken taken = read.is.note.taken;
    found->kept = taken.text != NULL;
    taken.text = NULL;
    memset(taken.salt, 0, sizeof taken.salt);
    record_of_note(&found->record, &taken, read.is.note.version);
    return STORE_OK;
}

/* The tables stay where they are, but for this text. */
static fig_status erase_note(struct forgetting *forgetting, uint64_t appointment_id)
{
    struct fig_engine *engine = forgetting->engine;
    struct note_found found = {.kept = false};
    struct record key;
    struct store_error said = {{0}};
    struct record_sink sink = {take_note, &found};
    record_of_note(&key, &(struct note_taken){.id = appointment_id}, 0);
    enum store_status status =
        engine->store->ops->read(engine->store, TABLE_NOTES, record_key(&key), key.key_size, &sink, &said);
    if (status == STORE_OK && found.broken)
        return fail(forgetting->error, FIG_CORRUPT, "the note of appointment %llu is damaged",
                    (unsigned long long)appointment_id);
    if (status == STORE_OK && found.kept) {
        struct store_record record = {.table = TABLE_NOTES,
                                      .key_size = found.record.key_size,
                                      .key = record_key(&found.record),
                                      .value = record_value(&found.record),
                                      .value_size = found.record.value_size};
        status = engine->store->ops->checkpoint(engine->store, engine->checkpoint_frame, &record, 1, &said);
        forgetting->done.notes += status == STORE_OK;
    }
    return status == STORE_OK ? FIG_OK : fail_store(forgetting->error, status, &said);
}

static fig_status erase_notes(struct forgetting *forgetting)
{
    const struct version *version = newest(forgetting->engine);
    const struct client *client = version_client(version, forgetting->client_id);
    struct tree_cursor cursor;
    if (client == NULL) return FIG_OK;
    for (bool more = tree_ceiling(&client->appointments, FIG_TIME_MIN, &cursor); more;
         more = tree_next(&client->appointments, &cursor)) {
        uint64_t id = tree_at(&cursor).id;
        if ((version_appointment(version, id)->flags & APPOINTMENT_HAS_NOTE) == 0) continue;
        fig_status status = erase_note(forgetting, id);
        if (status != FIG_OK) return status;
    }
    return FIG_OK;
}

/* ---- the journal ---- */

static bool is_of_client(const void *context, const struct event *event)
{
    const struct forgetting *forgetting = context;
    if (event->kind == EVENT_DOCUMENT || event->kind == EVENT_DOCUMENT_RESTORED)
        return event->is.document.id == forgetting->client_id;
    const struct appointment *appointment = version_appointment(newest(forgetting->engine), event->is.note.id);
    return appointment != NULL && appointment->client_id == forgetting->client_id;
}

static fig_status erase_in_copy(struct forgetting *forgetting, const void *bytes, size_t size)
{
    struct frame_head head;
    struct frame_reader fresh;
    const struct nodes_allocator *allocator = &forgetting->engine->allocator;
    forgetting->size = 0;
    uint8_t *frame = grow(allocator, forgetting->frame, 0, size, &forgetting->capacity, 1);
    if (frame == NULL) return no_memory(forgetting->error);
    forgetting->frame = frame;
    memcpy(frame, bytes, size);
    forgetting->size = size;
    const char *fault = frame_open(&fresh, allocator, bytes, size, &head);
    if (fault != NULL)
        return fail(forgetting->error, FIG_CORRUPT, "frame %llu: %s", (unsigned long long)forgetting->number, fault);
    fresh.events = forgetting->reader.events;
    fresh.capacity = forgetting->reader.capacity;
    forgetting->reader = fresh;
    switch (frame_erase(&forgetting->reader, frame, is_of_client, forgetting, &forgetting->erased)) {
    case FRAME_END: return FIG_OK;
    case FRAME_NO_MEMORY: return no_memory(forgetting->error);
    default:
        return fail(forgetting->error, FIG_CORRUPT, "frame %llu: an entry is malformed",
                    (unsigned long long)forgetting->number);
    }
}

/* Stops at a frame that has something to erase: it cannot be written from within the walk. */
static enum store_status take_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct forgetting *forgetting = context;
    forgetting->number = number;
    forgetting->status = erase_in_copy(forgetting, bytes, size);
    return forgetting->status == FIG_OK && forgetting->erased == 0 ? STORE_OK : STORE_STOPPED;
}

static fig_status erase_in_journal(struct forgetting *forgetting)
{
    struct store *store = forgetting->engine->store;
    struct store_error said = {{0}};
    struct store_facts facts;
    enum store_status status = store->ops->facts(store, &facts, &said);
    if (status != STORE_OK) return fail_store(forgetting->error, status, &said);
    struct frame_sink sink = {take_frame, forgetting};
    for (forgetting->number = facts.first - 1;;) {
        forgetting->erased = 0;
        status = store->ops->since(store, forgetting->number, &sink, &said);
        if (status == STORE_STOPPED && forgetting->status != FIG_OK) return forgetting->status;
        if (status != STORE_OK && status != STORE_STOPPED) return fail_store(forgetting->error, status, &said);
        if (forgetting->erased == 0) return FIG_OK;
        status = store->ops->rewrite_frame(store, forgetting->number, forgetting->frame, forgetting->size, &said);
        if (status != STORE_OK) return fail_store(forgetting->error, status, &said);
        forgetting->done.texts += forgetting->erased;
        forgetting->done.frames++;
    }
}

/* ---- all of it ---- */

/* Notes that the tables have leave memory with the next work. */
static fig_status drop_from_memory(struct forgetting *forgetting)
{
    fig_status status = begin_work(forgetting->engine);
    if (status != FIG_OK) return no_memory(forgetting->error);
    publish_work(forgetting->engine);
    return FIG_OK;
}

static fig_status forget_in_turn(struct forgetting *forgetting, int64_t deadline_ns)
{
    fig_status status = catch_up(forgetting->engine, deadline_ns, forgetting->error);
    if (status == FIG_OK) status = write_checkpoint(forgetting->engine, forgetting->error);
    if (status == FIG_OK) status = drop_from_memory(forgetting);
    if (status == FIG_OK) status = erase_notes(forgetting);
    if (status == FIG_OK) status = erase_in_journal(forgetting);
    return status;
}

static fig_status forget_texts(struct forgetting *forgetting)
{
    struct fig_engine *engine = forgetting->engine;
    int64_t deadline_ns = deadline_in(FIG_TIMEOUT_NS);
    fig_status status = lock_writer(engine, deadline_ns);
    if (status != FIG_OK) return fail(forgetting->error, status, "%s", fig_status_text(status));
    struct store_error said = {{0}};
    enum store_status begun = engine->store->ops->begin(engine->store, deadline_ns, &said);
    if (begun == STORE_OK) {
        status = forget_in_turn(forgetting, deadline_ns);
        engine->store->ops->end(engine->store);
    } else {
        status = fail_store(forgetting->error, begun, &said);
    }
    pthread_mutex_unlock(&engine->writer);
    frame_reader_release(&forgetting->reader);
    grow_release(&engine->allocator, forgetting->frame, &forgetting->capacity, 1);
    return status;
}

fig_status fig_forget(fig_engine *engine, uint64_t client_id, int64_t now_s, fig_forgotten *done, fig_error *error)
{
    if (engine == NULL || done == NULL || done->struct_size != sizeof *done || !error_is_sound(error))
        return FIG_INVALID;
    if (engine->options.read_only) return fail(error, FIG_DENIED, "the engine was opened read-only");
    if (engine->base != NULL) return fail(error, FIG_INVALID, "a fork is never stored: forget in the engine itself");
    fig_request request = {.struct_size = sizeof request, .operation = FIG_OP_FORGET_CLIENT};
    fig_outcome outcome = fig_outcome_default();
    request.now_s = now_s;
    request.client_id = client_id;
    request.buffer_before_s = request.buffer_after_s = FIG_BUFFER_DEFAULT;
    fig_status status = write_one(engine, &request, &outcome);
    if (status != FIG_OK)
        return fail(error, status, "%s", outcome.reason != NULL ? outcome.reason : fig_status_text(status));
    struct forgetting forgetting = {
        .engine = engine, .client_id = client_id, .done = fig_forgotten_default(), .error = error};
    forgetting.reader.allocator = &engine->allocator;
    status = forget_texts(&forgetting);
    if (status == FIG_OK) *done = forgetting.done;
    return status;
}
