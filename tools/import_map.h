/* Which columns of a CSV file an appointment's fields are in: `start=Date+Time,barber=Staff`.
 *
 * Columns are named as the file's first line names them; several are joined by a space. Where every column is a number
 * and the first line has no such names, there is no header, and columns count from 1. A backslash takes the , + or =
 * after it for a part of the name. */
#ifndef FIG_TOOLS_IMPORT_MAP_H
#define FIG_TOOLS_IMPORT_MAP_H

#include "tools/csv.h"

typedef enum import_field {
    IMPORT_BARBER,
    IMPORT_START,
    IMPORT_END,
    IMPORT_MINUTES,
    IMPORT_SERVICE,
    IMPORT_CLIENT,
    IMPORT_KEY,
    IMPORT_STATUS,
    IMPORT_EXPIRES,
    IMPORT_BEFORE,
    IMPORT_AFTER,
    IMPORT_NOTE,
    IMPORT_DATE, /* of the start, where a row tells of an appointment that is there */
    IMPORT_FIELDS
} import_field;

enum { IMPORT_COLUMNS_MAX = 4 }; /* that a field is joined of */

/* The columns of one field. */
typedef struct import_columns {
    size_t count; /* 0: the file does not give this field */
    const char *names[IMPORT_COLUMNS_MAX];
    size_t indices[IMPORT_COLUMNS_MAX]; /* after import_map_bind() */
} import_columns;

typedef struct import_map {
    import_columns of[IMPORT_FIELDS];
    char *text; /* that the names lie in; NULL: nothing was said, and each column is that of its own name */
    bool has_header;
    size_t field_count; /* of the header; 0: there is none */
} import_map;

/* "barber", "start" ... */
const char *import_field_name(import_field field);

/* NULL: nothing was said. Free the map also after a failure. */
bool import_map_parse(const char *text, import_map *map, reason *why);
void import_map_free(import_map *map);

/* Finds the columns in the file's first record, which the reader stands at. */
bool import_map_bind(import_map *map, const csv *first, reason *why);

#endif
