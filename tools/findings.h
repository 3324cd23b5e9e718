/* What `figaro health` finds: a line for each thing that was looked at, how it is, and what to do about it. */
#ifndef FIG_TOOLS_FINDINGS_H
#define FIG_TOOLS_FINDINGS_H

#include "engine/figaro.h"
#include "tools/openmetrics.h"
#include "tools/session.h"

typedef enum finding_state { FINDING_OK = 0, FINDING_WARNING = 1, FINDING_BAD = 2 } finding_state;

typedef struct findings {
    const session *at;
    const char *directory;
    uint64_t warnings;
    uint64_t bad;
} findings;

/* Prints one: what was looked at, what it is like, and unless all is well what to do (else it may be NULL). */
void findings_say(findings *found, finding_state state, const char *what, const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* health_store.c: the store, its disk and whoever writes to it. Returns 0 or the exit code. */
int health_of_store(findings *found);

/* health_traffic.c: a server, by the metrics that it served. */
void health_of_traffic(findings *found, const openmetrics *metrics);

#endif
