/* Checkpoints: the tables follow the journal, lazily. What changed since they were written last is put in order, once
 * each, as it is now, and goes to the store in one transaction that also moves the checkpoint.
 *
 * Another process may have written one meanwhile: changes up to its frame are dropped first. A checkpoint that
 * fails costs nothing but time at the next start.
 *
 * It is one transaction of everything that changed, and other writers wait for it. So that it stays short, opening
 * takes a long journal in by steps with a checkpoint after each, and a call about something else writes one only when
 * it would take a small part of the time that its caller has given. */
#include "engine/core/grow.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/metrics.h"

#include <stdlib.h>
#include <string.h>

/* What a checkpoint takes, by a careful guess: the commit, and each record's place in its table. */
#define CHECKPOINT_BASE_NS   INT64_C(20000000)
#define CHECKPOINT_CHANGE_NS INT64_C(5000)

bool checkpoint_is_due(const struct fig_engine *engine, int64_t deadline_ns)
{
    uint32_t limit = engine->options.checkpoint_records;
    size_t count = engine->changes.count;
    if (limit == 0 || count < limit || count < engine->checkpoint_again) return false;
    int64_t left_ns = deadline_ns - monotonic_ns();
    return left_ns / 2 >= CHECKPOINT_BASE_NS + (int64_t)count * CHECKPOINT_CHANGE_NS;
}

static void drop_written(struct fig_engine *engine, uint64_t frame)
{
    struct changes *changes = &engine->changes;
    size_t written = 0;
    while (written < changes->count && changes->list[written].frame <= frame) written++;
    changes->count -= written;
    if (written > 0) memmove(changes->list, changes->list + written, changes->count * sizeof *changes->list);
    engine->checkpoint_frame = frame;
    engine->checkpoint_again = 0;
}

static enum store_status drop_what_tables_have(struct fig_engine *engine, struct store_error *said)
{
    struct store_facts facts;
    enum store_status known = engine->store->ops->facts(engine->store, &facts, said);
    /* Who leaves the tables unread does not know what they have: he writes them anew, once. */
    bool unread = engine->options.from_journal && engine->checkpoint_frame == 0;
    if (known == STORE_OK && !unread && facts.checkpoint > engine->checkpoint_frame)
        drop_written(engine, facts.checkpoint);
    return known;
}

/* Twice as many when the tables had nothing new: asking costs little, but not nothing. Notes that they do have leave
 * memory with the next work. */
void follow_checkpoint(struct fig_engine *engine)
{
    size_t waiting = engine->changes.count + newest(engine)->notes.count;
    if (waiting < engine->tables_again) return;
    struct store_error said = {{0}};
    uint64_t before = engine->checkpoint_frame;
    drop_what_tables_have(engine, &said);
    size_t limit = engine->options.checkpoint_records > 0 ? engine->options.checkpoint_records : CHECKPOINT_RECORDS;
    size_t left = engine->checkpoint_frame > before ? engine->changes.count : waiting;
    engine->tables_again = 2 * left > limit ? 2 * left : limit;
}

static int order(uint64_t a, uint64_t b) { return (a > b) - (a < b); }
static int order_signed(int64_t a, int64_t b) { return (a > b) - (a < b); }

/* The order of the records' keys: the fields in the order they stand there. */
static int compare(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    int compared = order(a->table, b->table);
    if (compared == 0) compared = order(a->id, b->id);
    if (compared == 0) compared = order(a->kind, b->kind);
    if (compared == 0) compared = order_signed(a->start_s, b->start_s);
    return compared != 0 ? compared : order_signed(a->declared_s, b->declared_s);
}

static size_t sort_and_keep_one_each(struct change *list, size_t count)
{
    qsort(list, count, sizeof *list, compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare(&list[kept - 1], &list[i]) != 0) list[kept++] = list[i];
    return kept;
}

static bool window_record(const struct version *version, const struct change *change, struct record *record)
{
    fig_window_kind kind = (fig_window_kind)change->kind;
    const struct barber *barber = version_barber(version, change->id);
    const struct tree *tree = kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
    struct tree_item window;
    bool there = tree_find(tree, change->start_s, (uint64_t)change->declared_s, &window);
    if (there)
        record_of_window(record, change->id, kind, &window);
    else
        record_of_window_key(record, change->id, kind, change->start_s, change->declared_s);
    return there;
}

static bool kept_key_record(const struct version *version, const struct change *change, struct record *record)
{
    const struct kept_key *kept = radix_get(&version->kept, change->id);
    if (kept != NULL)
        record_of_kept_key(record, kept);
    else
        record_of_kept_key_key(record, change->id);
    return kept != NULL;
}

static bool document_record(const struct version *version, const struct change *change, struct record *record)
{
    enum document_kind kind = (enum document_kind)(change->kind - CHANGE_OF_DOCUMENT);
    const struct document *document = version_document(version, kind, change->id);
    uint32_t piece = (uint32_t)change->start_s;
    bool there = document != NULL && piece < document_pieces(document);
    if (there)
        record_of_document(record, document, piece);
    else
        record_of_document_key(record, kind, change->id, piece);
    return there;
}

void record_of_fresh_note(struct record *record, const struct note *note)
{
    struct note_taken taken = {.id = note->id, .size = note->size, .text = note->forgotten ? NULL : note->text};
    memcpy(taken.salt, note->salt, sizeof taken.salt);
    memcpy(taken.hash, note->hash, sizeof taken.hash);
    record_of_note(record, &taken, note->version);
}

/* The record of a change as it is now. False: it is gone, and the record is its key alone. */
static bool record_of_change(const struct version *version, const struct change *change, struct record *record)
{
    if (change->kind >= CHANGE_OF_DOCUMENT) return document_record(version, change, record);
    switch ((enum record_table)change->table) {
    case RECORD_SHOP: record_of_shop(record, version_shop(version, change->id)); return true;
    case RECORD_BARBER: record_of_barber(record, version_barber(version, change->id)->profile); return true;
    case RECORD_WINDOW: return window_record(version, change, record);
    case RECORD_APPOINTMENT: record_of_appointment(record, version_appointment(version, change->id)); return true;
    case RECORD_NOTE: record_of_fresh_note(record, version_note(version, change->id)); return true;
    case RECORD_KEPT_KEY: return kept_key_record(version, change, record);
    case RECORD_CLIENT:
    case RECORD_SERVICE:
    case RECORD_RULE:
    case RECORD_ZONE: break; /* documents all */
    }
    return false;
}

/* The bytes of all records in one piece of memory, the list of them in another. */
struct page {
    struct store_record *records;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

static bool keep_bytes(struct page *page, const struct record *record, size_t more,
                       const struct nodes_allocator *allocator)
{
    uint8_t *bytes = grow(allocator, page->bytes, page->size, more, &page->capacity, 1);
    if (bytes == NULL) return false;
    page->bytes = bytes;
    memcpy(page->bytes + page->size, record_key(record), more);
    page->size += more;
    return true;
}

static bool fill_page(struct fig_engine *engine, struct page *page, const struct change *list, size_t count)
{
    const struct version *version = newest(engine);
    struct record record;
    for (size_t i = 0; i < count; i++) {
        bool there = record_of_change(version, &list[i], &record);
        size_t more = record.key_size + (there ? record.value_size : 0);
        if (!keep_bytes(page, &record, more, &engine->allocator)) return false;
        page->records[i] = (struct store_record){
            .table = record.table,
            .key_size = record.key_size,
            .value_size = there ? record.value_size : 0, /* no value is empty: a checksum ends each */
        };
    }
    /* Only now do the bytes stay where they are. */
    const uint8_t *at = page->bytes;
    for (size_t i = 0; i < count; i++) {
        page->records[i].key = at;
        at += page->records[i].key_size;
        if (page->records[i].value_size > 0) page->records[i].value = at;
        at += page->records[i].value_size;
    }
    return true;
}

#define NO_MEMORY_WORDS "there is not enough memory for a checkpoint"

static fig_status write_page(struct fig_engine *engine, const struct page *page, size_t count, fig_error *error)
{
    struct store_error said = {{0}};
    uint64_t frame = newest(engine)->frame;
    enum store_status written = engine->store->ops->checkpoint(engine->store, frame, page->records, count, &said);
    if (written != STORE_OK) return fail_store(error, written, &said);
    metrics_count_checkpoint(engine);
    drop_written(engine, frame);
    return FIG_OK;
}

static fig_status write_changes(struct fig_engine *engine, struct change *list, struct store_record *records,
                                fig_error *error)
{
    struct page page = {.records = records};
    if (engine->changes.count > 0) memcpy(list, engine->changes.list, engine->changes.count * sizeof *list);
    size_t count = sort_and_keep_one_each(list, engine->changes.count);
    fig_status status = fill_page(engine, &page, list, count) ? write_page(engine, &page, count, error)
                                                              : fail(error, FIG_NO_MEMORY, NO_MEMORY_WORDS);
    grow_release(&engine->allocator, page.bytes, &page.capacity, 1);
    return status;
}

fig_status write_checkpoint(struct fig_engine *engine, fig_error *error)
{
    struct store_error said = {{0}};
    fig_status flushed = flush(engine); /* tables stand at the end of a frame */
    if (flushed != FIG_OK) return fail(error, flushed, "what is to be in the tables is not durable yet");
    enum store_status known = drop_what_tables_have(engine, &said);
    if (known != STORE_OK) return fail_store(error, known, &said);
    if (engine->checkpoint_frame >= newest(engine)->frame) return FIG_OK;

    const struct nodes_allocator *allocator = &engine->allocator;
    size_t room = engine->changes.count + 1; /* a frame may have changed nothing */
    struct change *list = allocator->allocate(allocator->context, room * sizeof *list);
    struct store_record *records = allocator->allocate(allocator->context, room * sizeof *records);
    fig_status status = list != NULL && records != NULL ? write_changes(engine, list, records, error)
                                                        : fail(error, FIG_NO_MEMORY, NO_MEMORY_WORDS);
    if (records != NULL) allocator->release(allocator->context, records, room * sizeof *records);
    if (list != NULL) allocator->release(allocator->context, list, room * sizeof *list);
    return status;
}

void write_checkpoint_aside(struct fig_engine *engine)
{
    fig_error error = fig_error_default();
    if (write_checkpoint(engine, &error) == FIG_OK) return;
    engine->checkpoint_again = 2 * engine->changes.count;
    log_line(engine, 4, "no checkpoint was written: %s", error.message);
}

fig_status fig_checkpoint(fig_engine *engine, fig_error *error)
{
    if (engine == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (engine->options.read_only) return fail(error, FIG_DENIED, "the engine was opened read-only");
    if (engine->base != NULL) return fail(error, FIG_INVALID, "a fork is never stored");
    int64_t deadline_ns = deadline_in(FIG_TIMEOUT_NS);
    fig_status status = lock_writer(engine, deadline_ns);
    if (status != FIG_OK)
        return fail(error, status, "%s", status == FIG_FORKED ? fig_status_text(status) : "another writer is at work");
    struct store_error said = {{0}};
    enum store_status begun = engine->store->ops->begin(engine->store, deadline_ns, &said);
    if (begun == STORE_OK) {
        status = catch_up(engine, deadline_ns, error);
        if (status == FIG_OK) status = write_checkpoint(engine, error);
        engine->store->ops->end(engine->store);
    } else {
        status = fail_store(error, begun, &said);
    }
    pthread_mutex_unlock(&engine->writer);
    return status;
}
