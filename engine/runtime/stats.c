#include "engine/core/bytes.h"
#include "engine/runtime/reading.h"
#include "engine/runtime/slot_cache.h"

static void show_version(const struct version *version, fig_stats *stats)
{
    stats->version = version->seq;
    stats->frame = version->frame;
    stats->barbers = version->barbers.count;
    stats->shops = version->shops.count;
    stats->appointments = version->appointments.count;
    stats->active = version->active;
    stats->windows = version->windows;
    stats->services = version->documents[DOCUMENT_SERVICE].count;
    stats->clients = version->documents[DOCUMENT_CLIENT].count;
    stats->rules = version->documents[DOCUMENT_RULE].count;
    stats->zones = version->documents[DOCUMENT_ZONE].count;
    stats->unchecked = version->unchecked;
    stats->keys = version->keys.count;
    struct writer writer = {.at = stats->digest, .end = stats->digest + sizeof stats->digest};
    put_u64(&writer, version->digest.low);
    put_u64(&writer, version->digest.high);
}

fig_status fig_get_snapshot_stats(const fig_snapshot *snapshot, fig_stats *stats)
{
    if (snapshot == NULL || stats == NULL || stats->struct_size != sizeof *stats) return FIG_INVALID;
    *stats = fig_stats_default();
    show_version(snapshot->version, stats);
    return FIG_OK;
}

fig_status fig_get_stats(fig_engine *engine, fig_stats *stats)
{
    if (engine == NULL || stats == NULL || stats->struct_size != sizeof *stats) return FIG_INVALID;
    struct store_facts facts;
    struct store_error said = {{0}};
    enum store_status known = engine->store->ops->facts(engine->store, &facts, &said);
    if (known != STORE_OK) return status_of_store(known);
    struct reading reading;
    reading_begin_newest(engine, &reading);
    show_version(reading.version, stats);
    reading_end(&reading);
    stats->slot_lists = stats->slot_list_hits = stats->slot_list_misses = 0;
    stats->slot_list_sets = stats->slot_list_evictions = 0;
    if (engine->slot_cache != NULL) slot_cache_count(engine->slot_cache, stats);
    stats->checkpoint_frame = facts.checkpoint;
    stats->memory_bytes = atomic_load_explicit(&engine->node_bytes, memory_order_relaxed);
    stats->store_bytes = facts.bytes;
    stats->startup_ns = engine->startup_ns;
    stats->durable_version = engine_is_relaxed(engine) ? atomic_load(&engine->pending.durable_seq) : stats->version;
    stats->holder = facts.holder;
    pthread_mutex_lock(&engine->pin_mutex);
    stats->snapshots = engine->snapshot_count;
    pthread_mutex_unlock(&engine->pin_mutex);
    return FIG_OK;
}
