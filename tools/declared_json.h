/* What a declaration says as JSON, in the words of a setup file: a service, a client, a rule, a schedule. What is as in
 * a new one is left out, and what is left out is so. A length that is no whole number of its unit is told in seconds,
 * under a name that ends in _s. Ids stand for names. */
#ifndef FIG_TOOLS_DECLARED_JSON_H
#define FIG_TOOLS_DECLARED_JSON_H

#include "engine/figaro.h"
#include "tools/reason.h"

#include <jansson.h>

/* NULL: the record does not tell what it declares (or there is no memory). What no declaration of today can say is
 * passed over: compare what is read back. */
json_t *declared_to_json(const fig_record *record);

/* Reads what is declared into the text of the record, whose kind, id, owner and salt are set. Every field of the object
 * must be one of the declaration. *text is the caller's to free, also after a failure. */
bool declared_from_json(const json_t *object, fig_record *record, char **text, reason *why);

#endif
