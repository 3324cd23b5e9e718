/* Forks: another engine upon a version of this one. The version's nodes are shared and kept by a snapshot; what the
 * fork changes goes into nodes of its own, with later generations, and its journal into a store in memory. */
#include "engine/runtime/engine.h"

static fig_options fork_options(const fig_options *of)
{
    fig_options options = *of;
    options.in_memory = true;
    options.read_only = options.from_journal = options.exclusive = false;
    options.durable_within_ns = 0;
    options.bare = true;
    options.committer = FIG_COMMITTER_NONE;
    options.checkpoint_records = 0;
    options.slot_cache_entries = 0;
    options.no_metrics = true;
    options.random_seed = 0;
    return options;
}

static fig_status begin_version(struct fig_engine *fork, fig_error *error)
{
    const struct version *base = fork->base->version;
    fork->nodes = nodes_create(&fork->allocator);
    if (fork->nodes == NULL) return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    nodes_build_upon(fork->nodes, base->generation);
    nodes_begin(fork->nodes);
    if (!nodes_reserve(fork->nodes, sizeof(struct version) + 64)) {
        nodes_abandon(fork->nodes);
        return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    }
    fork->work = nodes_alloc(fork->nodes, sizeof(struct version));
    *fork->work = *base;
    fork->work->generation = nodes_generation(fork->nodes);
    fork->work->frame = 0; /* the fork's journal begins here */
    fork->work->chain = (struct digest){0};
    publish_work(fork);
    return FIG_OK;
}

static fig_status begin_fork(struct fig_engine *fork, fig_error *error)
{
    struct store_options options = {.map_bytes = fork->options.map_bytes};
    struct store_error said = {{0}};
    enum store_status opened = store_open_memory(&options, &fork->store, &said);
    if (opened != STORE_OK) return fail_store(error, opened, &said);
    fig_status status = begin_version(fork, error);
    if (status != FIG_OK) fork->store->ops->close(fork->store, INT64_MAX);
    return status;
}

fig_status fig_fork(fig_engine *engine, const fig_snapshot *snapshot, fig_engine **fork, fig_error *error)
{
    if (engine == NULL || fork == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (snapshot != NULL && snapshot->engine != engine) return FIG_INVALID;
    struct fig_snapshot *base = NULL;
    fig_status status = snapshot != NULL ? fig_snapshot_open_at(engine, snapshot->version->seq, &base)
                                         : fig_snapshot_open(engine, &base);
    if (status != FIG_OK) return fail(error, status, "%s", fig_status_text(status));
    fig_options options = fork_options(&engine->options);
    struct fig_engine *made = engine_new(&options);
    if (made == NULL) {
        fig_snapshot_close(base);
        return fail(error, FIG_NO_MEMORY, "there is not enough memory");
    }
    made->base = base;
    status = begin_fork(made, error);
    if (status == FIG_OK)
        *fork = made;
    else
        engine_dismantle(made);
    return status;
}
