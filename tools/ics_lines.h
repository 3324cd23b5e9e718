/* The content lines of an iCalendar file (RFC 5545 3.1), plain or gzip: unfolded, each with the number of the line that
 * it begins on, split into name, parameters and value.
 *
 * The whole file is kept in memory, at most ICS_FILE_MAX bytes of it uncompressed, so that a small .gz cannot become a
 * large one. A line ends with LF or CRLF. A line that is none (no name, a NUL, too long) says so and costs itself. */
#ifndef FIG_TOOLS_ICS_LINES_H
#define FIG_TOOLS_ICS_LINES_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

#define ICS_FILE_MAX   (256u << 20) /* bytes of a file */
#define ICS_LINE_MAX   (1u << 20)   /* bytes of an unfolded line */
#define ICS_PARAMS_MAX 16           /* parameters of a line; those beyond are passed over */

typedef struct ics_lines ics_lines;

/* A content line; its texts last until the next one is read. */
typedef struct ics_line {
    uint64_t number; /* from 1 */
    char *name;      /* as it stands; compare it without case */
    char *value;
    struct ics_param {
        char *name, *value; /* of several values the first, without quotes */
    } params[ICS_PARAMS_MAX];
    size_t param_count;
    const char *flaw; /* NULL; else why it is no content line: then name and value may be "" */
} ics_line;

/* Opens a file, or bytes that are copied. NULL and a reason that names it. */
ics_lines *ics_lines_open(const char *path, reason *why);
ics_lines *ics_lines_open_bytes(const char *name, const void *bytes, size_t size, reason *why);
void ics_lines_close(ics_lines *lines);
const char *ics_lines_name(const ics_lines *lines);

/* False at the end. Empty lines are passed over. */
bool ics_lines_next(ics_lines *lines, ics_line *line);

/* The value of a parameter; NULL: there is none. */
const char *ics_line_param(const ics_line *line, const char *name);

/* Whether two names are one, in either case. */
bool ics_same(const char *a, const char *b);

/* Takes the escapes out of a text (3.3.11), in place; a line's end becomes a space. */
void ics_unescape(char *text);

#endif
