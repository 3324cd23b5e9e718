/* The first version: the tables, as they stand at their checkpoint, held against the frame of that checkpoint. */
#include "engine/core/rebuild.h"
#include "engine/runtime/engine.h"

#include <stdio.h>

_Static_assert((int)RECORD_SHOP == (int)TABLE_SHOPS && (int)RECORD_BARBER == (int)TABLE_BARBERS &&
                   (int)RECORD_WINDOW == (int)TABLE_WINDOWS && (int)RECORD_APPOINTMENT == (int)TABLE_APPOINTMENTS &&
                   (int)RECORD_NOTE == (int)TABLE_NOTES && (int)RECORD_KEPT_KEY == (int)TABLE_KEYS &&
                   (int)RECORD_CLIENT == (int)TABLE_CLIENTS && (int)RECORD_SERVICE == (int)TABLE_SERVICES &&
                   (int)RECORD_RULE == (int)TABLE_RULES && (int)RECORD_ZONE == (int)TABLE_ZONES,
               "the core and the port number the tables alike");

struct loading {
    struct fig_engine *engine;
    struct rebuild rebuild;
    fig_error *error;
    fig_status status;
};

static const char *table_name(uint32_t table)
{
    static const char *const names[] = {"?",    "shops",   "barbers",  "windows", "appointments", "notes",
                                        "keys", "clients", "services", "rules",   "zones"};
    return table < sizeof names / sizeof names[0] ? names[table] : "?";
}

static void hex(const uint8_t *bytes, size_t size, char *text, size_t capacity)
{
    text[0] = '\0';
    for (size_t i = 0; i < size && 2 * i + 2 < capacity; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* Notes stay in the tables; what they add to the digest is kept, for an audit has no other way to know it. */
static void add_note(struct fig_engine *engine, const struct store_record *record)
{
    struct record_read read;
    if (record_read(record->table, record->key, record->key_size, record->value, record->value_size, &read) == NULL)
        digest_add(&engine->work_table_notes, read.digest);
}

static enum store_status take_record(void *context, const struct store_record *record)
{
    struct loading *loading = context;
    const char *fault = rebuild_take(&loading->rebuild, record->table, record->key, record->key_size, record->value,
                                     record->value_size);
    loading->engine->records_read++;
    if (fault == NULL) {
        if (record->table == TABLE_NOTES) add_note(loading->engine, record);
        return STORE_OK;
    }
    char key[2 * STORE_KEY_MAX + 1];
    hex(record->key, record->key_size, key, sizeof key);
    loading->status = fail(loading->error, loading->rebuild.no_memory ? FIG_NO_MEMORY : FIG_CORRUPT,
                           "table %s, key %s: %s", table_name(record->table), key, fault);
    return STORE_STOPPED;
}

/* The frame of the checkpoint says what the state was: the tables must give its digest. */
static enum store_status take_checkpoint_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct loading *loading = context;
    struct fig_engine *engine = loading->engine;
    struct frame_head head;
    struct frame_reader reader;
    const char *fault = frame_open(&reader, &engine->allocator, frame, size, &head);
    if (fault == NULL && head.number != number) fault = "it carries another number";
    if (fault == NULL && !digest_equal(head.state, engine->work->digest)) fault = "the tables do not give its digest";
    if (fault != NULL) {
        loading->status = fail(loading->error, FIG_CORRUPT, "frame %llu, where the tables stand: %s",
                               (unsigned long long)number, fault);
        return STORE_STOPPED;
    }
    engine->work->frame = number;
    engine->work->chain = head.hash;
    engine->work->seq = head.first_seq + head.entry_count - 1;
    loading->status = FIG_OK;
    return STORE_STOPPED; /* one is enough */
}

static fig_status hold_against_frame(struct loading *loading, uint64_t checkpoint)
{
    struct fig_engine *engine = loading->engine;
    struct store_error said = {{0}};
    struct frame_sink sink = {take_checkpoint_frame, loading};
    enum store_status walked = engine->store->ops->since(engine->store, checkpoint - 1, &sink, &said);
    if (walked == STORE_STOPPED) return loading->status;
    if (walked != STORE_OK && walked != STORE_NOT_FOUND) return fail_store(loading->error, walked, &said);
    return fail(loading->error, FIG_CORRUPT, "frame %llu, where the tables stand, is not in the journal",
                (unsigned long long)checkpoint);
}

static fig_status load_records(struct loading *loading)
{
    struct fig_engine *engine = loading->engine;
    if (engine->options.from_journal) return FIG_OK;
    struct store_error said = {{0}};
    struct record_sink sink = {take_record, loading};
    uint64_t checkpoint = 0;
    enum store_status loaded = engine->store->ops->load(engine->store, 0, 1, &checkpoint, &sink, &said);
    if (loaded == STORE_STOPPED) return loading->status;
    if (loaded != STORE_OK) return fail_store(loading->error, loaded, &said);
    engine->checkpoint_frame = checkpoint;
    engine->work_notes_dropped_frame = checkpoint; /* none of them is in memory */
    return FIG_OK;
}

fig_status load_tables(struct fig_engine *engine, fig_error *error)
{
    struct loading loading = {.engine = engine, .error = error};
    nodes_begin(engine->nodes);
    if (!nodes_reserve(engine->nodes, sizeof(struct version) + 64)) {
        nodes_abandon(engine->nodes);
        return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    }
    engine->work = nodes_alloc(engine->nodes, sizeof(struct version));
    rebuild_begin(&loading.rebuild, engine->nodes, &engine->allocator, engine->work, random_next(engine));
    fig_status status = load_records(&loading);
    bool built = rebuild_finish(&loading.rebuild);
    if (status == FIG_OK && !built) status = fail(error, FIG_NO_MEMORY, "there is not enough memory");
    if (status == FIG_OK && engine->checkpoint_frame > 0)
        status = hold_against_frame(&loading, engine->checkpoint_frame);
    if (status == FIG_OK)
        publish_work(engine);
    else
        abandon_work(engine);
    return status;
}
