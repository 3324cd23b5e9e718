/* The status table. A row is where an appointment is, a column where it is to go. */
#include "engine/core/status.h"

#include <string.h>

#define STATUS_COUNT 9 /* number 0 is none */

static const char *const names[STATUS_COUNT] = {
    NULL, "held", "pending", "scheduled", "confirmed", "completed", "cancelled", "no_show", "expired",
};

enum { NO = STATUS_ILLEGAL, OK = STATUS_PLAIN, JUDGE = STATUS_JUDGED };

/* clang-format off */
static const unsigned char moves[STATUS_COUNT][STATUS_COUNT] = {
    /*                  -   held pend sched conf compl canc  no_show expired */
    /* none      */   {NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,   NO},
    /* held      */   {NO,  NO,  NO,  OK,   OK,   NO,   OK,   NO,   OK},
    /* pending   */   {NO,  NO,  NO,  OK,   OK,   NO,   OK,   NO,   NO},
    /* scheduled */   {NO,  NO,  NO,  NO,   OK,   OK,   OK,   OK,   NO},
    /* confirmed */   {NO,  NO,  NO,  NO,   NO,   OK,   OK,   OK,   NO},
    /* completed */   {NO,  NO,  NO,  NO,   NO,   NO,   NO,   OK,   NO},
    /* cancelled */   {NO,  NO,  NO,  JUDGE, NO,  NO,   NO,   NO,   NO},
    /* no_show   */   {NO,  NO,  NO,  JUDGE, NO,  OK,   NO,   NO,   NO},
    /* expired   */   {NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,   NO},
};
/* clang-format on */

bool status_is_known(fig_appointment_status status) { return status >= FIG_HELD && status <= FIG_EXPIRED; }

bool status_is_active(fig_appointment_status status) { return status >= FIG_HELD && status <= FIG_CONFIRMED; }

enum status_move status_move(fig_appointment_status from, fig_appointment_status to)
{
    if (!status_is_known(from) || !status_is_known(to)) return STATUS_ILLEGAL;
    return (enum status_move)moves[from][to];
}

const char *fig_appointment_status_name(fig_appointment_status status)
{
    return status_is_known(status) ? names[status] : NULL;
}

fig_status fig_appointment_status_from_name(const char *name, fig_appointment_status *status)
{
    if (name == NULL || status == NULL) return FIG_INVALID;
    for (int i = FIG_HELD; i <= FIG_EXPIRED; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *status = (fig_appointment_status)i;
        return FIG_OK;
    }
    return FIG_NOT_FOUND;
}
