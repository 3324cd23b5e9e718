/* A reader of JSON Lines, plain or gzip: one object a line. */
#ifndef FIG_TOOLS_JSON_LINES_H
#define FIG_TOOLS_JSON_LINES_H

#include "tools/reason.h"

#include <jansson.h>
#include <stdint.h>

#define JSON_LINE_MAX (1 << 20) /* bytes of a line */

typedef struct json_lines json_lines;

typedef enum json_lines_result {
    JSON_LINES_OBJECT, /* *object is the caller's */
    JSON_LINES_END,
    JSON_LINES_BAD /* reason_set: "file:line: ..." */
} json_lines_result;

/* `path` stands in messages and has to last. NULL and a reason when it cannot be opened. */
json_lines *json_lines_open(const char *path, reason *why);
void json_lines_close(json_lines *reader); /* NULL is allowed */
json_lines_result json_lines_next(json_lines *reader, json_t **object, reason *why);
/* The line of the last object, from 1. */
uint64_t json_lines_line(const json_lines *reader);

#endif
