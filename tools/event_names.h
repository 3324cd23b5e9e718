/* What the journal's operations and events are called. */
#ifndef FIG_TOOLS_EVENT_NAMES_H
#define FIG_TOOLS_EVENT_NAMES_H

#include "engine/figaro.h"

/* "book", "set_status": what was asked. Static; "unknown" for a number that is none. */
const char *event_operation_name(fig_operation operation);
/* "booked", "moved": what happened. */
const char *event_kind_name(fig_event_kind kind);

#endif
