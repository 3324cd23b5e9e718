/* `figaro replay DIR STORE`: a store's own journal played into another store, and two stores compared. */
#ifndef FIG_TOOLS_REPLAY_JOURNAL_H
#define FIG_TOOLS_REPLAY_JOURNAL_H

#include "tools/session.h"

typedef struct journal_order {
    const char *directory; /* that is played into; made when it is missing */
    const char *source;    /* whose journal is played */
    uint64_t from, to;     /* versions: frames before `from` are played at once, those beyond `to` not at all */
    double speed;          /* times that of the requests' own clocks; 0: as fast as it goes */
    bool verify;           /* check the whole store at the end */
} journal_order;

/* Reads "real", "max" or a factor above 0. */
bool replay_speed(const char *text, double *speed, reason *why);

/* Both print what was done and return the exit code. */
int replay_journal(session *at, const journal_order *order);
int replay_diff(session *at, const char *left, const char *right);

#endif
