/* The digest by which two states are compared: the active appointments as `barber start end` lines, sorted by
 * barber (bytewise), start and end, joined by newlines without a final one, under SHA-256. Holds count until
 * the journal says that they ended, whatever the clock says. */
#ifndef FIG_TOOLS_DIGEST_H
#define FIG_TOOLS_DIGEST_H

#include "engine/figaro.h"

#include <sha256.h>

typedef struct live_digest {
    uint64_t live;   /* active appointments */
    char sha256[65]; /* in hex, with its NUL */
} live_digest;

/* Walks one snapshot of the engine, NULL: of its newest version. Memory: the barbers' names, and one barber's
 * appointments. */
fig_status live_digest_of(fig_engine *engine, const fig_snapshot *snapshot, live_digest *digest);

/* The same of what is no engine's; the lines are given in their order. */
typedef struct digest_lines {
    SHA256_CTX hash;
    uint64_t live;
} digest_lines;

void digest_begin(digest_lines *lines);
void digest_add(digest_lines *lines, const char *barber, int64_t start_s, int64_t end_s);
void digest_end(digest_lines *lines, live_digest *digest);

#endif
