/* A round: some requests made up, asked of the engine in one of three ways, and held against the oracle. */
#ifndef FIG_TESTS_ROUND_H
#define FIG_TESTS_ROUND_H

#include "tests/oracle/requests.h"

enum { ROUND_REQUESTS = 6, ROUND_OTHERS = 4 };

enum round_way { ROUND_ALONE, ROUND_TOGETHER, ROUND_BATCH };

struct round {
    enum round_way way;
    size_t count;
    struct asked asked[ROUND_REQUESTS];
    fig_request requests[ROUND_REQUESTS];
    fig_outcome outcomes[ROUND_REQUESTS];
    fig_outcome due[ROUND_REQUESTS];
    fig_appointment others[2][ROUND_REQUESTS][ROUND_OTHERS];
};

/* Makes up its requests, of which `oracle` says what there is to meet. free() it. */
struct round *round_new(struct requests *requests, const struct oracle *oracle, enum round_way way);
/* Asks the engine, perhaps again. Returns what the call returned. */
fig_status round_ask(struct round *round, fig_engine *engine);
/* Asks the oracle; NULL when it agrees with what round_ask() returned last, else the difference. */
const char *round_compare(struct round *round, fig_status returned, struct oracle **oracle);
/* Prints the requests and what became of them. */
void round_tell(const struct round *round, unsigned step);

#endif
