/* The life of an appointment: which statuses block time, and which changes are legal. */
#ifndef FIG_CORE_STATUS_H
#define FIG_CORE_STATUS_H

#include "engine/figaro.h"

/* Blocks time as long as it is so (a hold: until it expires). */
bool status_is_active(fig_appointment_status status);

/* What a change of status asks for. */
enum status_move {
    STATUS_ILLEGAL = 0,
    STATUS_PLAIN, /* nothing else to ask */
    STATUS_JUDGED /* it begins to block time: only through the predicate */
};

enum status_move status_move(fig_appointment_status from, fig_appointment_status to);

bool status_is_known(fig_appointment_status status);

#endif
