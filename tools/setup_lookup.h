/* What a setup file calls a shop, a service or a barber: whether there will be one when all of it is declared, and
 * which it is then. */
#ifndef FIG_TOOLS_SETUP_LOOKUP_H
#define FIG_TOOLS_SETUP_LOOKUP_H

#include "tools/session.h"
#include "tools/setup_file.h"

typedef enum setup_kind { SETUP_SHOP, SETUP_SERVICE, SETUP_BARBER } setup_kind;

/* False with a reason when no such thing is in the file or in the store. Services are also booked by ids that nobody
 * has declared. */
bool setup_check_reference(const session *at, const setup_file *setup, setup_kind kind,
                           const setup_reference *reference, reason *why);
/* Every reference of the file; a reason names the path to the one that leads nowhere. */
bool setup_check_references(const session *at, const setup_file *setup, reason *why);

/* The id of what is declared by now. FIG_NOT_FOUND. */
fig_status setup_resolve(const session *at, setup_kind kind, const setup_reference *reference, uint64_t *id);

/* The barber that an entry of the file is about, as the store has them; FIG_NOT_FOUND before they are declared. */
fig_status setup_stored_barber(const session *at, const fig_barber *declared, fig_barber *stored);

#endif
