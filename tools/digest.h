/* The digest by which two states are compared: the active appointments as `barber start end` lines, sorted by
 * barber (bytewise), start and end, joined by newlines without a final one, under SHA-256. Holds count until
 * the journal says that they ended, whatever the clock says. */
#ifndef FIG_TOOLS_DIGEST_H
#define FIG_TOOLS_DIGEST_H

#include "engine/figaro.h"

typedef struct live_digest {
    uint64_t live;   /* active appointments */
    char sha256[65]; /* in hex, with its NUL */
} live_digest;

/* Walks one snapshot of the engine. Memory: the barbers' names, and one barber's appointments. */
fig_status live_digest_of(fig_engine *engine, live_digest *digest);

#endif
