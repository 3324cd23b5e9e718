/* Opening and closing an engine. */
#include "engine/core/grow.h"
#include "engine/core/text.h"
#include "engine/runtime/committer.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/slot_cache.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static struct nodes_allocator allocator_of(const fig_options *options)
{
    const fig_allocator *given = &options->allocator;
    if (given->allocate == NULL) return system_allocator();
    return (struct nodes_allocator){given->allocate, given->release, given->context};
}

/* Everything that a new store is made from: what is wrong must be said before anything is made. */
static fig_status check_options(const char *directory, const fig_options *options, fig_error *error)
{
    const char *zone = options->default_zone;
    if (options->struct_size != sizeof *options)
        return fail(error, FIG_INVALID, "take the options from fig_options_default()");
    if (directory == NULL && !options->in_memory) return fail(error, FIG_INVALID, "no directory was given");
    if ((options->allocator.allocate == NULL) != (options->allocator.release == NULL))
        return fail(error, FIG_INVALID, "an allocator needs both allocate and release");
    if (zone != NULL && !text_is_name(zone, FIG_ZONE_MAX))
        return fail(error, FIG_INVALID, "the name of a zone has 1 to %d bytes, as in Europe/Madrid", FIG_ZONE_MAX);
    if (options->committer < FIG_COMMITTER_DEFAULT || options->committer > FIG_COMMITTER_THREAD)
        return fail(error, FIG_INVALID, "there is no such committer");
    if (options->durable_within_ns != 0) {
        bool alone = (options->exclusive || options->in_memory) && !options->read_only;
        if (options->durable_within_ns < FIG_RELAXED_MIN_NS || options->durable_within_ns > FIG_RELAXED_MAX_NS)
            return fail(error, FIG_INVALID, "relaxed durability is 1 ms to a minute");
        if (!alone || options->committer == FIG_COMMITTER_NONE)
            return fail(error, FIG_INVALID, "relaxed durability wants the directory exclusively, and a committer");
    }
    if (options->queue_requests == 0 || options->queue_bytes == 0 || options->breaker_rest_ns < 0 ||
        options->close_timeout_ns <= 0)
        return fail(error, FIG_INVALID, "a queue has room, and times are not negative: begin with the defaults");
    if (options->now_s != 0 && (options->now_s < FIG_TIME_MIN || options->now_s > FIG_TIME_MAX))
        return fail(error, FIG_INVALID, "the now of a new store must lie from 1900-01-01 to 2200-01-01");
    return FIG_OK;
}

static fig_status open_store(struct fig_engine *engine, const char *directory, fig_error *error)
{
    struct store_options options = {
        .create = engine->options.create,
        .read_only = engine->options.read_only,
        .exclusive = engine->options.exclusive,
        .map_bytes = engine->options.map_bytes,
    };
    struct store_error said = {{0}};
    enum store_status opened = engine->options.in_memory
                                   ? store_open_memory(&options, &engine->store, &said)
                                   : store_open_directory(directory, &options, &engine->store, &said);
    return opened == STORE_OK ? FIG_OK : fail_store(error, opened, &said);
}

/* A new store begins with shop 1, in the zone that was asked for. */
static fig_status declare_first_shop(struct fig_engine *engine, fig_error *error)
{
    if (engine->options.read_only || engine->options.bare || newest(engine)->frame > 0) return FIG_OK;
    const char *zone = engine->options.default_zone != NULL ? engine->options.default_zone : "UTC";
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_NAME | FIG_SHOP_ZONE;
    strcpy(shop.name, "Shop 1");
    strcpy(shop.zone, zone); /* check_options() has measured it */
    fig_request request = fig_declare_shop_default();
    request.now_s = engine->options.now_s != 0 ? engine->options.now_s : (int64_t)time(NULL);
    request.shop = &shop;
    request.key = "figaro: first shop"; /* of two processes that create one store, the second changes nothing */
    fig_outcome outcome = fig_outcome_default();
    fig_status status = write_one(engine, &request, &outcome);
    if (status == FIG_OK || status == FIG_KEY_REUSED) return FIG_OK;
    return fail(error, status, "shop 1 could not be declared: %s",
                outcome.reason != NULL ? outcome.reason : fig_status_text(status));
}

#define TURN_AT_OPEN_NS INT64_C(50000000)

/* Somebody has to move the tables on after a long journal; better here than within a booking. If others are writing, it
 * can wait. */
static void checkpoint_at_open(struct fig_engine *engine)
{
    struct store_error said = {{0}};
    struct store *store = engine->store;
    if (engine->options.read_only || !checkpoint_is_due(engine, INT64_MAX)) return;
    if (store->ops->begin(store, monotonic_ns() + TURN_AT_OPEN_NS, &said) != STORE_OK) return;
    write_checkpoint_aside(engine);
    store->ops->end(store);
}

static fig_status catch_up_at_open(struct fig_engine *engine, fig_error *error)
{
    for (bool more = true; more;) {
        fig_status status = catch_up_some(engine, &more, error);
        if (status != FIG_OK) return status;
        checkpoint_at_open(engine);
    }
    return FIG_OK;
}

static bool wants_committer(const fig_options *options)
{
    if (options->read_only || options->committer == FIG_COMMITTER_NONE) return false;
    return options->committer == FIG_COMMITTER_THREAD || options->durable_within_ns > 0 || !options->in_memory;
}

static bool make_slot_cache(struct fig_engine *engine)
{
    const fig_options *options = &engine->options;
    if (options->slot_cache_entries == 0) return true;
    engine->slot_cache = slot_cache_create(&engine->allocator, options->slot_cache_entries, options->slot_cache_ttl_s);
    return engine->slot_cache != NULL;
}

static fig_status begin_engine(struct fig_engine *engine, const char *directory, fig_error *error)
{
    engine->nodes = nodes_create(&engine->allocator);
    if (!engine->options.no_metrics) engine->metrics = metrics_new(engine);
    if (engine->nodes == NULL || (engine->metrics == NULL && !engine->options.no_metrics))
        return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    if (!make_slot_cache(engine)) return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    fig_status status = open_store(engine, directory, error);
    if (status == FIG_OK) status = load_tables(engine, error);
    if (status == FIG_OK) status = catch_up_at_open(engine, error);
    if (status == FIG_OK) status = declare_first_shop(engine, error);
    flush_begin(engine);
    if (status == FIG_OK && wants_committer(&engine->options)) {
        status = committer_start(engine);
        if (status != FIG_OK) fail(error, status, "there is not enough memory, or no thread, for the committer");
    }
    return status;
}

static enum store_status close_store(struct fig_engine *engine, int64_t deadline_ns)
{
    if (engine->store == NULL) return STORE_OK;
    return engine->store->ops->close(engine->store, deadline_ns);
}

/* All but the store. */
void engine_dismantle(struct fig_engine *engine)
{
    struct fig_snapshot *base = engine->base;
    metrics_free(engine, engine->metrics);
    decision_release(&engine->decision);
    release_zone_bytes(engine);
    slot_cache_destroy(engine->slot_cache);
    frame_release(&engine->frame);
    frame_reader_release(&engine->reader);
    changes_release(&engine->changes, &engine->allocator);
    grow_release(&engine->allocator, engine->pinned, &engine->pinned_capacity, sizeof *engine->pinned);
    grow_release(&engine->allocator, engine->pins, &engine->pin_capacity, sizeof *engine->pins);
    if (engine->nodes != NULL) nodes_destroy(engine->nodes);
    pthread_mutex_destroy(&engine->writer);
    pthread_mutex_destroy(&engine->pin_mutex);
    pthread_mutex_destroy(&engine->breaker_mutex);
    struct nodes_allocator allocator = engine->allocator;
    allocator.release(allocator.context, engine->memory, engine->memory_bytes);
    fig_snapshot_close(base);
}

/* The epochs' slots want a cache line each, which allocators do not promise: room is taken to align by hand. */
struct fig_engine *engine_new(const fig_options *options)
{
    struct nodes_allocator allocator = allocator_of(options);
    size_t bytes = sizeof(struct fig_engine) + _Alignof(struct fig_engine);
    char *memory = allocator.allocate(allocator.context, bytes);
    if (memory == NULL) return NULL;
    uintptr_t place =
        ((uintptr_t)memory + _Alignof(struct fig_engine) - 1) & ~(uintptr_t)(_Alignof(struct fig_engine) - 1);
    struct fig_engine *engine = (struct fig_engine *)(memory + (place - (uintptr_t)memory));
    memset(engine, 0, sizeof *engine);
    engine->memory = memory;
    engine->memory_bytes = bytes;
    engine->options = *options;
    if (options->checkpoint_records == FIG_CHECKPOINT_DEFAULT)
        engine->options.checkpoint_records = options->in_memory ? 0 : CHECKPOINT_RECORDS;
    engine->allocator = allocator;
    engine->process = getpid();
    engine->decision.allocator = &engine->allocator;
    engine->frame.allocator = &engine->allocator;
    engine->reader.allocator = &engine->allocator;
    pthread_mutex_init(&engine->writer, NULL);
    pthread_mutex_init(&engine->pin_mutex, NULL);
    pthread_mutex_init(&engine->breaker_mutex, NULL);
    engine->breaker = breaker_new(options->breaker_failures, options->breaker_rest_ns);
    flush_begin(engine);
    random_seed(engine);
    return engine;
}

fig_status fig_open(const char *directory, const fig_options *options, fig_engine **engine, fig_error *error)
{
    fig_options defaults = fig_options_default();
    if (options == NULL) options = &defaults;
    if (!error_is_sound(error)) return FIG_INVALID;
    if (engine == NULL) return fail(error, FIG_INVALID, "there is no place for the engine");
    fig_status status = check_options(directory, options, error);
    if (status != FIG_OK) return status;
    int64_t began_ns = monotonic_ns();
    struct fig_engine *opened = engine_new(options);
    if (opened == NULL) return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    status = begin_engine(opened, directory, error);
    if (status != FIG_OK) {
        close_store(opened, deadline_in(FIG_TIMEOUT_NS));
        engine_dismantle(opened);
        return status;
    }
    opened->startup_ns = (uint64_t)(monotonic_ns() - began_ns);
    *engine = opened;
    return FIG_OK;
}

static bool sync_at_close(struct fig_engine *engine, int64_t deadline_ns)
{
    if (engine_is_forked(engine)) return true; /* it is the parent's */
    int64_t left_ns = deadline_ns - monotonic_ns();
    return fig_sync(engine, left_ns > 0 ? left_ns : 1, NULL) == FIG_OK;
}

fig_status fig_close(fig_engine *engine)
{
    if (engine == NULL) return FIG_OK;
    pthread_mutex_lock(&engine->pin_mutex);
    bool held = engine->snapshot_count > 0;
    pthread_mutex_unlock(&engine->pin_mutex);
    if (held) return FIG_BUSY;
    int64_t deadline_ns = deadline_in(engine->options.close_timeout_ns);
    if (!sync_at_close(engine, deadline_ns) || !committer_stop(engine, deadline_ns)) return FIG_BUSY;
    enum store_status closed = close_store(engine, deadline_ns);
    if (closed == STORE_TIMEOUT) {
        if (wants_committer(&engine->options)) committer_start(engine); /* failing that, callers commit themselves */
        return FIG_BUSY;
    }
    engine_dismantle(engine);
    return status_of_store(closed);
}

struct fig_engine *open_over(struct store *store, const fig_options *options, fig_status *status, fig_error *error)
{
    struct fig_engine *engine = engine_new(options);
    if (engine != NULL) engine->nodes = nodes_create(&engine->allocator);
    *status =
        engine != NULL && engine->nodes != NULL ? FIG_OK : fail(error, FIG_NO_MEMORY, "there is not enough memory");
    if (engine != NULL) engine->store = store;
    if (*status == FIG_OK) *status = load_tables(engine, error);
    if (*status == FIG_OK) return engine;
    if (engine != NULL) engine_dismantle(engine);
    return NULL;
}

void close_over(struct fig_engine *engine)
{
    if (engine != NULL) engine_dismantle(engine);
}
