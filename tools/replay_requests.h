/* `figaro replay DIR STORE --requests`: what was asked of a store, asked again of a new one under other settings. */
#ifndef FIG_TOOLS_REPLAY_REQUESTS_H
#define FIG_TOOLS_REPLAY_REQUESTS_H

#include "tools/session.h"

typedef struct requests_order {
    const char *directory; /* of the new store; it must not be there yet */
    const char *source;    /* a store, or a workload file */
    bool is_file;
    const char *setup;   /* a setup file: what is to be otherwise; NULL: nothing */
    const char *without; /* a barber who takes no bookings; NULL: none */
    uint64_t from, to; /* versions; from 0: the first request on an appointment. What comes before is taken as it was */
    int64_t within_s;  /* how far from the start that was asked for another one may be */
    bool recorded;     /* judge what was booked as recorded like what was asked for */
    bool summary;      /* leave out the line of each request that came to something else */
} requests_order;

/* Prints what came to something else, and a summary; returns the exit code. */
int replay_requests(session *at, const requests_order *order);

#endif
