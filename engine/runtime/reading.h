/* A read: one version, held for as long as it lasts. */
#ifndef FIG_RUNTIME_READING_H
#define FIG_RUNTIME_READING_H

#include "engine/runtime/engine.h"

struct reading {
    const struct version *version;
    struct epoch_slot *slot; /* NULL: a snapshot holds the version */
};

/* Checks the view, catches up where it asks for the latest, and takes the version. */
fig_status reading_begin(struct fig_engine *engine, const fig_view *view, struct reading *reading);

/* The newest version, for as long as it takes. */
static inline void reading_begin_newest(struct fig_engine *engine, struct reading *reading)
{
    reading->slot = epoch_enter(&engine->epoch);
    reading->version = newest(engine);
    epoch_settle(reading->slot, reading->version->generation);
}

static inline void reading_end(struct reading *reading)
{
    if (reading->slot != NULL) epoch_leave(reading->slot);
}

#endif
