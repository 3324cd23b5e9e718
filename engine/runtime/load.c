/* A version from the tables, as they stand at their checkpoint, held against the frame of that checkpoint. */
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
    struct version *version;
    struct loaded *loaded;
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
static void add_note(struct loading *loading, const struct store_record *record)
{
    struct record_read read;
    if (record_read(record->table, record->key, record->key_size, record->value, record->value_size, &read) == NULL)
        digest_add(&loading->loaded->notes, read.digest);
}

static enum store_status take_record(void *context, const struct store_record *record)
{
    struct loading *loading = context;
    const char *fault = rebuild_take(&loading->rebuild, record->table, record->key, record->key_size, record->value,
                                     record->value_size);
    loading->loaded->records++;
    if (fault == NULL) {
        if (record->table == TABLE_NOTES) add_note(loading, record);
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
    struct version *version = loading->version;
    struct frame_head head;
    struct frame_reader reader;
    const char *fault = frame_open(&reader, &loading->engine->allocator, frame, size, &head);
    if (fault == NULL && head.number != number) fault = "it carries another number";
    if (fault == NULL && !digest_equal(head.state, version->digest)) fault = "the tables do not give its digest";
    if (fault != NULL) {
        loading->status = fail(loading->error, status_of_frame(fault), "frame %llu, where the tables stand: %s",
                               (unsigned long long)number, fault);
        return STORE_STOPPED;
    }
    version->frame = number;
    version->chain = head.hash;
    version->seq = frame_last_seq(&reader);
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
    struct store *store = loading->engine->store;
    struct store_error said = {{0}};
    struct record_sink sink = {take_record, loading};
    enum store_status status = store->ops->load(store, 0, 1, &loading->loaded->checkpoint, &sink, &said);
    if (status == STORE_STOPPED) return loading->status;
    return status == STORE_OK ? FIG_OK : fail_store(loading->error, status, &said);
}

fig_status load_version(struct fig_engine *engine, const struct version_room *room, bool from_tables,
                        struct loaded *loaded, fig_error *error)
{
    struct loading loading = {.engine = engine, .version = room->version, .loaded = loaded, .error = error};
    *loaded = (struct loaded){0};
    rebuild_begin(&loading.rebuild, room->nodes, &engine->allocator, room->version, room->hash_seed);
    fig_status status = from_tables ? load_records(&loading) : FIG_OK;
    bool built = rebuild_finish(&loading.rebuild);
    if (status == FIG_OK && !built) status = fail(error, FIG_NO_MEMORY, "there is not enough memory");
    if (status == FIG_OK && loaded->checkpoint > 0) status = hold_against_frame(&loading, loaded->checkpoint);
    return status;
}

fig_status load_tables(struct fig_engine *engine, fig_error *error)
{
    nodes_begin(engine->nodes);
    if (!nodes_reserve(engine->nodes, sizeof(struct version) + 64)) {
        nodes_abandon(engine->nodes);
        return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    }
    engine->work = nodes_alloc(engine->nodes, sizeof(struct version));
    struct version_room room = {engine->nodes, engine->work, random_next(engine)};
    struct loaded loaded;
    fig_status status = load_version(engine, &room, !engine->options.from_journal, &loaded, error);
    engine->records_read = loaded.records;
    engine->work_table_notes = loaded.notes;
    engine->checkpoint_frame = loaded.checkpoint;
    engine->work_notes_dropped_frame = loaded.checkpoint; /* none of them is in memory */
    if (status == FIG_OK)
        publish_work(engine);
    else
        abandon_work(engine);
    return status;
}
