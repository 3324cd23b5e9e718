/* One version after another: begun, then published or abandoned. */
#include "engine/runtime/engine.h"

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
    return FIG_OK;
}

void abandon_work(struct fig_engine *engine)
{
    nodes_abandon(engine->nodes);
    engine->changes.count = engine->changes_at_begin;
    engine->work = NULL;
}

#define PINNED_MAX 256

/* The generations that snapshots hold, and those from the oldest reader's on. Too many at once (a reader was stopped
 * for long, or there are very many snapshots): nothing is handed back this time. */
static size_t list_pinned(struct fig_engine *engine, uint64_t *pinned)
{
    uint64_t oldest = epoch_oldest(&engine->epoch);
    uint64_t now = newest(engine)->generation;
    size_t count = 0;
    pthread_mutex_lock(&engine->snapshot_mutex);
    bool too_many = engine->snapshot_count + (now - oldest) > PINNED_MAX;
    for (const struct fig_snapshot *held = engine->snapshots; held != NULL && !too_many; held = held->next)
        pinned[count++] = held->version->generation;
    pthread_mutex_unlock(&engine->snapshot_mutex);
    if (too_many) return SIZE_MAX;
    for (uint64_t generation = oldest; generation < now; generation++) pinned[count++] = generation;
    return count;
}

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
    uint64_t pinned[PINNED_MAX];
    size_t count = list_pinned(engine, pinned);
    if (count == SIZE_MAX) return;
    sort(pinned, count);
    nodes_collect(engine->nodes, pinned, count);
}

void publish_work(struct fig_engine *engine)
{
    const struct version *before = newest(engine);
    if (before != NULL)
        nodes_retire(engine->nodes, (void *)(uintptr_t)before, sizeof *before, before->generation);
    nodes_publish(engine->nodes);
    atomic_store_explicit(&engine->version, engine->work, memory_order_seq_cst);
    epoch_advance(&engine->epoch, engine->work->generation);
    engine->work = NULL;
    collect(engine);
}
