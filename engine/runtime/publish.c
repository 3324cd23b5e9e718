/* One version after another: begun, then published or abandoned. */
#include "engine/core/grow.h"
#include "engine/runtime/engine.h"

/* Adds what the tables say of the notes that the work is about to let go of. */
static void add_dropped_notes(struct fig_engine *engine)
{
    uint64_t id;
    void *found;
    for (uint64_t from = 0; radix_next(&engine->work->notes, from, &id, &found); from = id + 1) {
        const struct note *note = found;
        if (note->frame > engine->checkpoint_frame) continue;
        struct record record;
        record_of_fresh_note(&record, note);
        digest_add(&engine->work_table_notes, record.digest);
    }
}

/* Once for each checkpoint: walking the notes each time would be paid for by every booking. */
static bool drop_old_notes(struct fig_engine *engine)
{
    engine->work_table_notes = engine->table_notes;
    engine->work_notes_dropped_frame = engine->notes_dropped_frame;
    if (engine->notes_dropped_frame == engine->checkpoint_frame) return true;
    engine->work_notes_dropped_frame = engine->checkpoint_frame;
    if (engine->work->notes.count == 0) return true;
    add_dropped_notes(engine);
    struct applying applying = applying_work(engine, engine->work->frame);
    return apply_drop_notes(&applying, engine->checkpoint_frame);
}

fig_status begin_work(struct fig_engine *engine)
{
    nodes_begin(engine->nodes);
    if (!nodes_reserve(engine->nodes, sizeof(struct version) + 64)) {
        nodes_abandon(engine->nodes);
        return FIG_NO_MEMORY;
    }
    engine->work = nodes_alloc(engine->nodes, sizeof(struct version));
    *engine->work = *newest(engine);
    engine->work->generation = nodes_generation(engine->nodes);
    engine->changes_at_begin = engine->changes.count;
    if (drop_old_notes(engine)) return FIG_OK;
    abandon_work(engine);
    return FIG_NO_MEMORY;
}

static void tell_memory(struct fig_engine *engine)
{
    atomic_store_explicit(&engine->node_bytes, nodes_usage(engine->nodes).chunk_bytes, memory_order_relaxed);
}

void abandon_work(struct fig_engine *engine)
{
    nodes_abandon(engine->nodes);
    engine->changes.count = engine->changes_at_begin;
    engine->work = NULL;
    tell_memory(engine);
}

/* Readers on their way in, who may come to any generation since this one, can be told as a list only if it is short. */
#define ENTERING_MAX 256

static bool make_room_for_pins(struct fig_engine *engine, size_t count)
{
    uint64_t *list = grow(&engine->allocator, engine->pinned, 0, count, &engine->pinned_capacity, sizeof *list);
    if (list == NULL) return false;
    engine->pinned = list;
    return true;
}

/* The generations that readers and snapshots hold. Readers first: a snapshot is held by its reader's slot until it is
 * in the list. SIZE_MAX: they cannot be told (no memory, or a reader was stopped for long on his way in), and nothing
 * is handed back this time. */
static size_t list_pinned(struct fig_engine *engine)
{
    uint64_t now = newest(engine)->generation;
    struct epoch_readers readers;
    epoch_readers(&engine->epoch, &readers);
    size_t entering = now > readers.entering_since ? (size_t)(now - readers.entering_since) : 0;
    if (entering > ENTERING_MAX) return SIZE_MAX;
    pthread_mutex_lock(&engine->pin_mutex);
    size_t count = 0;
    bool room = make_room_for_pins(engine, readers.inside_count + entering + engine->pin_count + 1);
    for (size_t i = 0; room && i < engine->pin_count; i++) engine->pinned[count++] = engine->pins[i].generation;
    pthread_mutex_unlock(&engine->pin_mutex);
    if (!room) return SIZE_MAX;
    for (size_t i = 0; i < readers.inside_count; i++) engine->pinned[count++] = readers.inside[i];
    for (size_t i = 0; i < entering; i++) engine->pinned[count++] = readers.entering_since + i;
    return count;
}

/* Most of the list is in order already. */
static void sort(uint64_t *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t moved = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1] > moved; at--) list[at] = list[at - 1];
        list[at] = moved;
    }
}

static void collect(struct fig_engine *engine)
{
    size_t count = list_pinned(engine);
    if (count == SIZE_MAX) return;
    sort(engine->pinned, count);
    nodes_collect(engine->nodes, engine->pinned, count);
}

/* The numbers follow the version: who sees the number sees the version, too. */
static void show_version(struct fig_engine *engine, const struct version *version)
{
    atomic_store(&engine->version, version);
    atomic_store(&engine->newest_seq, version->seq);
    atomic_store(&engine->newest_frame, version->frame);
    epoch_advance(&engine->epoch, version->generation);
}

void publish_work(struct fig_engine *engine)
{
    const struct version *before = newest(engine);
    if (before != NULL) nodes_retire(engine->nodes, (void *)(uintptr_t)before, sizeof *before, before->generation);
    nodes_publish(engine->nodes);
    show_version(engine, engine->work);
    engine->table_notes = engine->work_table_notes;
    engine->notes_dropped_frame = engine->work_notes_dropped_frame;
    engine->work = NULL;
    collect(engine);
    tell_memory(engine);
}
