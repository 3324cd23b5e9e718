/* Archiving: the tables are brought up to the newest frame, and the frames before them leave the store's file. */
#include "engine/runtime/engine.h"

static fig_status facts_of(struct fig_engine *engine, struct store_facts *facts, fig_error *error)
{
    struct store_error said = {{0}};
    enum store_status known = engine->store->ops->facts(engine->store, facts, &said);
    return known == STORE_OK ? FIG_OK : fail_store(error, known, &said);
}

/* The frame that the tables stand at is what the next start holds them against. */
static uint64_t frames_before(const struct store_facts *facts, uint64_t keep_frames)
{
    uint64_t kept_from = facts->tip + 1 > keep_frames ? facts->tip + 1 - keep_frames : 1;
    return kept_from < facts->checkpoint ? kept_from : facts->checkpoint;
}

fig_status fig_archive(fig_engine *engine, uint64_t keep_frames, fig_archived *archived, fig_error *error)
{
    if (engine == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (archived != NULL && archived->struct_size != sizeof *archived) return FIG_INVALID;
    struct store_facts facts;
    struct store_error said = {{0}};
    fig_status status = fig_checkpoint(engine, error);
    if (status == FIG_OK) status = facts_of(engine, &facts, error);
    if (status != FIG_OK) return status;
    uint64_t before = frames_before(&facts, keep_frames);
    enum store_status done = engine->store->ops->archive(engine->store, before, &said);
    if (done != STORE_OK) return fail_store(error, done, &said);
    status = facts_of(engine, &facts, error);
    if (status != FIG_OK || archived == NULL) return status;
    archived->first_frame = facts.first < before ? facts.first : 0;
    archived->last_frame = facts.first < before ? before - 1 : 0;
    return FIG_OK;
}
