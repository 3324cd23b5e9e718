#include "engine/runtime/engine.h"

fig_status fig_backup(fig_engine *engine, const char *destination, fig_error *error)
{
    if (engine == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (destination == NULL) return fail(error, FIG_INVALID, "no destination was given");
    if (engine_is_forked(engine)) return fail(error, FIG_FORKED, "%s", fig_status_text(FIG_FORKED));
    fig_status synced = fig_sync(engine, FIG_TIMEOUT_NS, error); /* with relaxed durability the store may be behind */
    if (synced != FIG_OK) return synced;
    struct store_error said = {{0}};
    enum store_status copied = engine->store->ops->copy(engine->store, destination, &said);
    return copied == STORE_OK ? FIG_OK : fail_store(error, copied, &said);
}
