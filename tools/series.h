/* Recurring bookings. A series is made of a rule (RFC 5545, RRULE), in the barber's local time, and is known by its
 * keys: the appointments of a series have one key up to the last #, K#1, K#2 and so on; what a calendar brought,
 * UID#START, is a series as well. Each of them is an appointment by itself and can be changed alone. */
#ifndef FIG_TOOLS_SERIES_H
#define FIG_TOOLS_SERIES_H

#include "tools/change.h"

/* What can be said against a series without a store. The reason names the option. */
bool series_check(const change *wanted, reason *why);

/* Books what wanted->repeat says, all or nothing, or with wanted->fit all that fit; each that does not is printed with
 * what is in its way, with `fit` also with the nearest start that would do. Returns the exit code. */
int series_book(const change *wanted, const session *at);

/* Makes the change to all active appointments of the series that wanted->id is in, or with "following" to it and those
 * that start after it: all or nothing. A move moves each by as much as wanted->id is moved, in local time. */
int series_change(const change *wanted, const session *at);

#endif
