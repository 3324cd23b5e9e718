/* Clients whom rows name: they are kept by number, and the store knows who is meant. */
#ifndef FIG_TOOLS_IMPORT_CLIENT_H
#define FIG_TOOLS_IMPORT_CLIENT_H

#include "tools/import_row.h"
#include "tools/session.h"

/* Sets the row's client_id, unless it names no client. FIG_NOT_FOUND: nobody is named so; FIG_NAME_TAKEN: two are. */
fig_status import_client_find(const session *at, import_row *row);
/* The same for a name that nobody has: declares a client of it, durable when the call is back. */
fig_status import_client_declare(const session *at, import_row *row);

#endif
