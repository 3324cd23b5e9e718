/* A read: one version, held for as long as it lasts. */
#ifndef FIG_RUNTIME_READING_H
#define FIG_RUNTIME_READING_H

#include "engine/runtime/engine.h"
#include "engine/runtime/metrics.h"

struct reading {
    const struct version *version;
    struct epoch_slot *slot; /* NULL: a snapshot holds the version */
    struct metrics *metrics; /* NULL: it is not counted */
    fig_read_kind kind;      /* what it counts as: FIG_READ_LOOKUP, unless changed before reading_end() */
    int64_t began_ns;        /* 0: it is not timed */
};

/* Checks the view, catches up where it asks for the latest, and takes the version. `timeout_ns` is for views that do
 * not say how long that may take. */
fig_status reading_begin_within(struct fig_engine *engine, const fig_view *view, int64_t timeout_ns,
                                struct reading *reading);
static inline fig_status reading_begin(struct fig_engine *engine, const fig_view *view, struct reading *reading)
{
    return reading_begin_within(engine, view, FIG_TIMEOUT_NS, reading);
}

/* The newest version, for as long as it takes. It is not counted. */
static inline void reading_begin_newest(struct fig_engine *engine, struct reading *reading)
{
    reading->metrics = NULL;
    reading->slot = epoch_enter(&engine->epoch);
    reading->version = newest(engine);
    epoch_settle(reading->slot, reading->version->generation);
}

#define TALLY_OF_TURNS FIG_READ_KINDS
_Static_assert(EPOCH_TALLIES == FIG_READ_KINDS + 1, "a slot has a tally for each kind, and one of all");

static inline void reading_count_from_here(struct fig_engine *engine, struct reading *reading)
{
    reading->metrics = engine->metrics;
    reading->kind = FIG_READ_LOOKUP;
    reading->began_ns = 0;
    if (reading->metrics == NULL || reading->slot == NULL) return;
    if (epoch_tally(reading->slot, TALLY_OF_TURNS) % READS_A_SAMPLE == 0) reading->began_ns = monotonic_ns();
}

static inline void reading_count(const struct reading *reading)
{
    if (reading->slot == NULL)
        metrics_count_snapshot_read(reading->metrics, reading->kind);
    else
        epoch_tally(reading->slot, reading->kind);
    if (reading->began_ns != 0) metrics_time_read(reading->metrics, reading->kind, reading->began_ns);
}

static inline void reading_end(struct reading *reading)
{
    if (reading->metrics != NULL) reading_count(reading);
    if (reading->slot != NULL) epoch_leave(reading->slot);
}

#endif
