/* One line on stderr that says how far a long work is, drawn only when stderr is a terminal. */
#ifndef FIG_TOOLS_PROGRESS_H
#define FIG_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    const char *what; /* "requests" */
    int64_t begun_ns;
    int64_t drawn_ns;
    bool visible;
} progress;

progress progress_begin(const char *what);

/* Draws anew, at most ten times a second. `done` is not shown while it is 0; `share` is done of 1, below 0: not known.
 */
void progress_show(progress *line, uint64_t done, double share);

/* Takes the line away, so that what is printed next stands alone. */
void progress_end(progress *line);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t progress_clock_ns(void);

#endif
