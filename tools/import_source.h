/* Where the rows of an import come from: a CSV file, a calendar, a database. A source reads one row after the other and
 * knows nothing of the store that they go into. */
#ifndef FIG_TOOLS_IMPORT_SOURCE_H
#define FIG_TOOLS_IMPORT_SOURCE_H

#include "tools/import_row.h"

typedef enum import_step {
    IMPORT_ROW, /* there is a row */
    IMPORT_BAD, /* a row that cannot be taken: its line, and the key if it could be read, are set; the fault says why */
    IMPORT_OVER,   /* there are no more */
    IMPORT_BROKEN, /* the file cannot be read any further; the fault's reason names it */
    IMPORT_FAULT   /* it is not the file's fault: the reason says whose */
} import_step;

typedef struct import_source {
    const char *name; /* of the file, for messages */
    void *context;
    /* Reads the next row. Free it also after IMPORT_BAD. */
    import_step (*next)(void *context, import_row *row, import_fault *fault);
    /* How much has been read, 0 to 1; below 0 when that is not known. */
    double (*share)(void *context);
    /* Goes back to the first row, for a source that is read twice. */
    bool (*rewind)(struct import_source *source, reason *why);
    const csv *record; /* that a row stands in, for a key of its own; NULL: the row says it all */
} import_source;

#endif
