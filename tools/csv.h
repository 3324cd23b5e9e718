/* A strict reader of RFC 4180 files, plain or gzip, one record at a time in constant memory.
 *
 * Strict: a quote opens a field only as its first byte, and only a comma, a line's end or another quote may
 * follow a closing one; no NUL; a line ends with LF or CRLF; a truncated or damaged .gz is an error, not an
 * end. A UTF-8 byte order mark at the very beginning is passed over, since spreadsheets write one. */
#ifndef FIG_TOOLS_CSV_H
#define FIG_TOOLS_CSV_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

#define CSV_RECORD_MAX (1 << 20) /* bytes of one record */
#define CSV_FIELDS_MAX 256       /* fields of one record */

typedef struct csv csv;

typedef enum csv_result {
    CSV_RECORD, /* there is a record */
    CSV_END,    /* the file was read to its end */
    CSV_BAD     /* reason_set */
} csv_result;

/* Opens a file, or bytes that outlive the reader. `name` stands in messages and is kept. NULL and a reason
 * when it cannot be opened. */
csv *csv_open(const char *path, reason *why);
csv *csv_open_bytes(const char *name, const void *bytes, size_t size, reason *why);
void csv_close(csv *reader);

/* Reads the next record. Its fields are NUL-terminated and last until the next call. A reason says
 * `file:line: ...`. */
csv_result csv_next(csv *reader, reason *why);

/* After CSV_BAD: goes on with the line after the one that the bad record began on, so that an open quote costs that
 * line alone. False when there is nothing to go on with, since the file itself could not be read. */
bool csv_recover(csv *reader);

size_t csv_field_count(const csv *reader);
const char *csv_field(const csv *reader, size_t index);

/* The line that the last record began on, from 1. */
uint64_t csv_line(const csv *reader);
const char *csv_name(const csv *reader);

/* How much of the file (as it lies on the disk) has been read, 0 to 1; below 0 when that is not known. */
double csv_share_read(const csv *reader);

#endif
