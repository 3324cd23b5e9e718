/* What a booking application's database says of its shop, barbers, services, clients and rules, as a setup file says
 * it. Each row is judged by itself: one that makes no sense is told of and left out, and the others stay. */
#ifndef FIG_TOOLS_APP_SETUP_H
#define FIG_TOOLS_APP_SETUP_H

#include "tools/app_rows.h"
#include "tools/session.h"

#include <jansson.h>

/* Declares all of it in the store that is open. `tables` becomes an object with what became of the rows of each table:
 * {"clients": {"accepted": 3, "rejected": 1}}. Returns 0 or the exit code. */
int app_setup(const session *at, app_file *app, json_t *tables);

/* Whether each of its tables can be read, and locks them: what is refused, or locked by another, is told before a store
 * is opened. */
bool app_setup_check(app_file *app, reason *why);

/* The table that names barbers, where there is one: NULL. */
const char *app_barber_table(app_file *app);

#endif
