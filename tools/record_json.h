/* Records as JSON objects, {"appointment": {...}}: one table says how each field is written and read. What is 0, false
 * or empty is left out, and what is left out is that. */
#ifndef FIG_TOOLS_RECORD_JSON_H
#define FIG_TOOLS_RECORD_JSON_H

#include "engine/figaro.h"
#include "tools/reason.h"

#include <jansson.h>

#define RECORD_TEXT_MAX (64 << 10)

/* The object of a record. */
json_t *record_to_json(const fig_record *record);

/* Reads an object. The text, if there is one, is put into *text, which the caller frees, also after a failure. */
bool record_from_json(const json_t *object, fig_record *record, char **text, reason *why);

/* Bytes as hexadecimal digits. */
json_t *record_hex(const void *bytes, size_t size);
bool record_read_hex(const json_t *value, void *bytes, size_t size, reason *why);

#endif
