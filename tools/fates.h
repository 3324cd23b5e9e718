/* What became of requests that were asked again under other settings: a line for each that came to something else, the
 * counts, the summary. */
#ifndef FIG_TOOLS_FATES_H
#define FIG_TOOLS_FATES_H

#include "tools/digest.h"
#include "tools/trial.h"

#include <jansson.h>

/* What was asked, and what became of it then and now. */
typedef enum fate {
    BOOKING_KEPT,
    BOOKING_MOVED,
    BOOKING_LOST,
    BOOKING_ANSWERED,
    BOOKING_RECORDED,
    CHANGE_KEPT, /* a move, a change of status, a hold renewed */
    CHANGE_MOVED,
    CHANGE_LOST,
    CHANGE_WITHOUT,
    REFUSAL_GAINED,
    REFUSAL_SAME,
    DECLARATION_MADE,
    DECLARATION_REFUSED,
    FATES
} fate;

typedef struct fates {
    const session *at; /* where barbers have their names */
    bool summary;      /* no lines */
    uint64_t counts[FATES];
    uint64_t skipped;        /* things that no request makes */
    json_t *because, *rules; /* why bookings were moved or lost */
} fates;

fates fates_begin(const session *at, bool summary);
void fates_end(fates *counted);

/* What has a line of its own. */
bool fate_is_other(fate which);

/* Counts a request of an entry, and says what became of it where that is something else. `id`: of the appointment that
 * it was about; 0: none. */
void fates_take(fates *counted, fate which, uint64_t version, const fig_request *was, uint64_t id,
                const trial_answer *answer);

typedef struct fates_summary {
    uint64_t from; /* version */
    live_digest is, was;
    double seconds;
} fates_summary;

void fates_print(const fates *counted, const fates_summary *summary);

const char *fate_reason(const trial_answer *answer);

#endif
