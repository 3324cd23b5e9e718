/* Snapshots: versions held open. A version that is in memory costs an allocation and a short lock; any other is built
 * anew from tables and journal (travel.c), and lies in nodes of its own until its snapshot is closed. */
#include "engine/core/grow.h"
#include "engine/runtime/reading.h"

#include <string.h>

/* The place of a generation among the pins. The newest ones are at the end, and asked for most. */
static size_t pin_place(const struct fig_engine *engine, uint64_t generation)
{
    size_t place = engine->pin_count;
    while (place > 0 && engine->pins[place - 1].generation >= generation) place--;
    return place;
}

static bool pin_version(struct fig_engine *engine, const struct version *version)
{
    uint64_t generation = version->generation;
    size_t place = pin_place(engine, generation);
    if (place == engine->pin_count || engine->pins[place].generation != generation) {
        struct pin *pins =
            grow(&engine->allocator, engine->pins, engine->pin_count, 1, &engine->pin_capacity, sizeof *pins);
        if (pins == NULL) return false;
        engine->pins = pins;
        memmove(pins + place + 1, pins + place, (engine->pin_count - place) * sizeof *pins);
        pins[place] = (struct pin){.generation = generation, .version = version};
        engine->pin_count++;
    }
    engine->pins[place].snapshots++;
    engine->snapshot_count++;
    return true;
}

static void unpin_generation(struct fig_engine *engine, uint64_t generation)
{
    size_t place = pin_place(engine, generation);
    engine->snapshot_count--;
    if (--engine->pins[place].snapshots > 0) return;
    engine->pin_count--;
    memmove(engine->pins + place, engine->pins + place + 1, (engine->pin_count - place) * sizeof *engine->pins);
}

/* A version that is held already: nobody lets go of it while the list is locked. */
static const struct version *find_pinned(const struct fig_engine *engine, uint64_t seq)
{
    for (size_t place = engine->pin_count; place > 0 && engine->pins[place - 1].version->seq >= seq; place--)
        if (engine->pins[place - 1].version->seq == seq) return engine->pins[place - 1].version;
    return NULL;
}

static struct fig_snapshot *new_snapshot(struct fig_engine *engine)
{
    struct fig_snapshot *held = engine->allocator.allocate(engine->allocator.context, sizeof *held);
    if (held != NULL) *held = (struct fig_snapshot){.engine = engine};
    return held;
}

static void free_snapshot(struct fig_snapshot *snapshot)
{
    struct fig_engine *engine = snapshot->engine;
    engine->allocator.release(engine->allocator.context, snapshot, sizeof *snapshot);
}

/* The newest version, if it is that of `seq` (0: whichever it is), or one that is held already. FIG_NOT_FOUND. */
static fig_status hold(struct fig_snapshot *held, uint64_t seq)
{
    struct fig_engine *engine = held->engine;
    /* The reader's slot keeps the version until the list does: the writer looks at the slots first. */
    struct reading reading;
    reading_begin_newest(engine, &reading);
    bool newest_will_do = seq == 0 || reading.version->seq == seq;
    pthread_mutex_lock(&engine->pin_mutex);
    held->version = newest_will_do ? reading.version : find_pinned(engine, seq);
    bool pinned = held->version != NULL && pin_version(engine, held->version);
    pthread_mutex_unlock(&engine->pin_mutex);
    reading_end(&reading);
    if (held->version == NULL) return FIG_NOT_FOUND;
    return pinned ? FIG_OK : FIG_NO_MEMORY;
}

fig_status fig_snapshot_open(fig_engine *engine, fig_snapshot **snapshot)
{
    if (engine == NULL || snapshot == NULL) return FIG_INVALID;
    struct fig_snapshot *held = new_snapshot(engine);
    if (held == NULL) return FIG_NO_MEMORY;
    fig_status status = hold(held, 0);
    if (status == FIG_OK)
        *snapshot = held;
    else
        free_snapshot(held);
    return status;
}

/* A version that nobody holds is built anew, in nodes of its own. */
static fig_status rebuild(struct fig_snapshot *held, uint64_t seq)
{
    struct fig_engine *engine = held->engine;
    fig_error error = fig_error_default();
    fig_status status = fig_sync(engine, FIG_TIMEOUT_NS, &error); /* it is built of what the store has */
    if (status == FIG_OK) status = rebuild_version(engine, seq, &held->rebuilt, &held->version, &error);
    if (status != FIG_OK) {
        if (status != FIG_NOT_FOUND) log_line(engine, 3, "version %llu: %s", (unsigned long long)seq, error.message);
        return status;
    }
    pthread_mutex_lock(&engine->pin_mutex);
    engine->snapshot_count++;
    pthread_mutex_unlock(&engine->pin_mutex);
    return FIG_OK;
}

fig_status fig_snapshot_open_at(fig_engine *engine, uint64_t version, fig_snapshot **snapshot)
{
    if (engine == NULL || snapshot == NULL || version == 0) return FIG_INVALID;
    fig_status status = FIG_OK;
    if (version > atomic_load(&engine->newest_seq)) status = catch_up_latest(engine, FIG_TIMEOUT_NS);
    if (status != FIG_OK) return status;
    if (version > atomic_load(&engine->newest_seq)) return FIG_NOT_FOUND;
    struct fig_snapshot *held = new_snapshot(engine);
    if (held == NULL) return FIG_NO_MEMORY;
    status = hold(held, version);
    if (status == FIG_NOT_FOUND) status = rebuild(held, version);
    if (status == FIG_OK)
        *snapshot = held;
    else
        free_snapshot(held);
    return status;
}

void fig_snapshot_close(fig_snapshot *snapshot)
{
    if (snapshot == NULL) return;
    struct fig_engine *engine = snapshot->engine;
    pthread_mutex_lock(&engine->pin_mutex);
    if (snapshot->rebuilt == NULL)
        unpin_generation(engine, snapshot->version->generation);
    else
        engine->snapshot_count--;
    pthread_mutex_unlock(&engine->pin_mutex);
    if (snapshot->rebuilt != NULL) nodes_destroy(snapshot->rebuilt);
    free_snapshot(snapshot);
}
