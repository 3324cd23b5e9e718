/* Records as JSON objects, {"appointment": {...}}: one table says how each field is written and read. What is 0, false
 * or empty is left out, and what is left out is that. What a service, a client, a rule or a schedule declares is told
 * in words (tools/declared_json.h), where they say all of it; else as "declaration", its bytes in hexadecimal digits,
 * which is how earlier exports have all of them. */
#ifndef FIG_TOOLS_RECORD_JSON_H
#define FIG_TOOLS_RECORD_JSON_H

#include "engine/figaro.h"
#include "tools/reason.h"

#include <jansson.h>

/* Of a file of them; 1 had no declarations in words. */
enum { RECORD_FORMAT = 2 };

/* The object of a record. */
json_t *record_to_json(const fig_record *record);

/* Reads an object. The text, if there is one, is put into *text, which the caller frees, also after a failure. */
bool record_from_json(const json_t *object, fig_record *record, char **text, reason *why);

/* A number above 0, or a text where JSON's are too small: into a uint64_t. */
bool record_read_id(const json_t *value, void *into, reason *why);

/* Bytes as hexadecimal digits. */
json_t *record_hex(const void *bytes, size_t size);
bool record_read_hex(const json_t *value, void *bytes, size_t size, reason *why);

#endif
