/* A journal asked again: its requests, one entry after the other, of an engine that knows nothing yet. */
#ifndef FIG_TESTS_AGAIN_H
#define FIG_TESTS_AGAIN_H

#include "engine/figaro.h"

/* The fresh engine, in memory, is the caller's. NULL: each request came to what it had come to, else the difference. */
const char *again_ask(fig_engine *engine, fig_engine **fresh);

/* Every request must come to what it came to before, and leave the same appointments. NULL when it does, else the
 * difference. `engine` is at rest. *is_cut: from some request on it cannot be asked alike, and was asked no further. */
const char *again_compare(fig_engine *engine, bool *is_cut);

#endif
