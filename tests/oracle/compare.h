/* Engine against oracle: outcome by outcome, and the whole state. */
#ifndef FIG_TESTS_COMPARE_H
#define FIG_TESTS_COMPARE_H

#include "tests/oracle/oracle.h"
#include "tests/support.h"

/* Each returns NULL when both agree, else the first difference in words (kept until the next call). */
const char *compare_outcomes(const fig_outcome *engine, const fig_outcome *oracle);

const char *compare_appointments(const char *where, const fig_appointment *is, const fig_appointment *due);

/* Every list, every look-up, the windows, the statistics and some checks, each by a random way to ask. `now_s` lies
 * near what the appointments span; snapshot may be NULL: the newest version. */
const char *compare_states(fig_engine *engine, const fig_snapshot *snapshot, const struct oracle *oracle, int64_t now_s,
                           struct support_random *random);

/* One random check against every way to conflict, of a barber, around an instant. */
const char *compare_check(fig_engine *engine, const fig_snapshot *snapshot, const struct oracle *oracle, int64_t now_s,
                          struct support_random *random);

/* The request in one line, for a failure's message (kept until the next call). */
const char *describe_request(const fig_request *request);

#endif
