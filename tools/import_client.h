/* Whom and what rows name: each by the exact name that one alone has, else by its id. */
#ifndef FIG_TOOLS_IMPORT_CLIENT_H
#define FIG_TOOLS_IMPORT_CLIENT_H

#include "tools/import_row.h"
#include "tools/session.h"

/* Sets the row's client_id, unless it names no client. FIG_NOT_FOUND: nobody is named so, and it is no id;
 * FIG_NAME_TAKEN: two are named so. */
fig_status import_client_find(const session *at, import_row *row);
/* The same of its service, */
fig_status import_service_find(const session *at, import_row *row);
/* and of its barber, who has to be there: the row has their name then. */
fig_status import_barber_find(const session *at, import_row *row, fig_barber *barber);
/* The same for a name that nobody has: declares a client of it, durable when the call is back. */
fig_status import_client_declare(const session *at, import_row *row);

#endif
