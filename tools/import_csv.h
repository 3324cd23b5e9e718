/* A CSV file as a source of rows: a line that is no CSV costs that line alone. */
#ifndef FIG_TOOLS_IMPORT_CSV_H
#define FIG_TOOLS_IMPORT_CSV_H

#include "tools/import_source.h"

typedef struct import_csv {
    csv *file;
    const import_plan *plan; /* bound to the file */
    bool first_is_row;       /* the record that the reader stands at has not been taken yet */
    csv *again;              /* the reader of a second pass; NULL */
} import_csv;

/* `file` and `plan` outlive the source; the reader stands at its first record. */
import_source import_csv_source(import_csv *rows, csv *file, const import_plan *plan);
/* Closes what a second pass has opened. */
void import_csv_close(import_csv *rows);

#endif
