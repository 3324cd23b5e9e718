/* The zone that local times are in: opened by its name from the system's files, or read from bytes. UTC needs none. */
#ifndef FIG_TOOLS_LOCAL_ZONE_H
#define FIG_TOOLS_LOCAL_ZONE_H

#include "engine/figaro.h"
#include "tools/rfc3339.h"

typedef struct local_zone {
    char name[FIG_ZONE_MAX + 1];
    fig_zone *rules; /* NULL: UTC */
} local_zone;

/* The reason says which zone it is about, and how the zones are listed. */
bool local_zone_open(const char *name, local_zone *zone, reason *why);
/* The same from the bytes of a TZif file. */
bool local_zone_read(const char *name, const void *bytes, size_t size, local_zone *zone, reason *why);
void local_zone_close(local_zone *zone);

/* What a moment means there: an instant is what it is; a local time that clocks skip takes the offset before the gap,
 * and one that happens twice is the first. */
bool local_zone_instant(const local_zone *zone, moment at, int64_t *instant_s, reason *why);

/* What the clock on the wall shows at an instant, counted as if it stood in UTC. */
int64_t local_zone_clock(const local_zone *zone, int64_t instant_s);

#endif
