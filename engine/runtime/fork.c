/* Forking: a store in memory is given what the engine's store has, and an engine is opened over it. */
#include "engine/runtime/engine.h"
#include "engine/runtime/transplant.h"

/* A checkpoint that is written while it is copied makes it begin again. */
#define TRIES 8

static enum store_status copy_store(struct fig_engine *engine, struct store **copy, struct store_error *said)
{
    struct store_facts facts;
    enum store_status status = engine->store->ops->facts(engine->store, &facts, said);
    if (status != STORE_OK) return status;
    struct store_options options = {.first_frame = facts.checkpoint > 0 ? facts.checkpoint : 1};
    status = store_open_memory(&options, copy, said);
    if (status != STORE_OK) return status;
    struct transplant copying = {engine->store, *copy, options.first_frame, UINT64_MAX, true, &engine->allocator};
    status = transplant(&copying, said);
    if (status != STORE_OK) (*copy)->ops->close(*copy, INT64_MAX);
    return status;
}

static fig_status copy_patiently(struct fig_engine *engine, struct store **copy, fig_error *error)
{
    struct store_error said = {{0}};
    enum store_status status = STORE_BEHIND;
    for (int tries = 0; tries < TRIES && (status == STORE_BEHIND || status == STORE_NOT_FOUND); tries++)
        status = copy_store(engine, copy, &said);
    if (status == STORE_BEHIND)
        return fail(error, FIG_BUSY, "checkpoints are being written too fast to copy the store: try again");
    return status == STORE_OK ? FIG_OK : fail_store(error, status, &said);
}

static fig_status open_copy(const struct fig_engine *engine, struct store *copy, fig_engine **fork, fig_error *error)
{
    fig_options options = engine->options;
    options.in_memory = true;
    options.read_only = options.exclusive = options.from_journal = false;
    options.durable_within_ns = 0;
    options.committer = FIG_COMMITTER_NONE;
    options.checkpoint_records = 0;
    options.slot_cache_entries = 0;
    options.no_metrics = true;
    fig_status status;
    struct fig_engine *opened = open_over(copy, &options, &status, error);
    if (opened == NULL) return status;
    status = catch_up(opened, INT64_MAX, error);
    if (status != FIG_OK) {
        close_over(opened);
        return status;
    }
    opened->fork_seq = newest(opened)->seq;
    opened->fork_appointment_id = newest(opened)->next_appointment_id;
    *fork = opened;
    return FIG_OK;
}

fig_status fig_fork(fig_engine *engine, fig_engine **fork, fig_error *error)
{
    if (engine == NULL || fork == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (engine_is_forked(engine)) return fail(error, FIG_FORKED, "%s", fig_status_text(FIG_FORKED));
    struct store *copy;
    fig_status status = fig_sync(engine, FIG_TIMEOUT_NS, error); /* what is published is in the store, then */
    if (status == FIG_OK) status = copy_patiently(engine, &copy, error);
    if (status != FIG_OK) return status;
    status = open_copy(engine, copy, fork, error);
    if (status != FIG_OK) copy->ops->close(copy, INT64_MAX);
    return status;
}
