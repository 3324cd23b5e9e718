/* An import, from a command line that was looked at to its summary. */
#ifndef FIG_TOOLS_IMPORT_RUN_H
#define FIG_TOOLS_IMPORT_RUN_H

#include "tools/import_load.h"
#include "tools/rfc3339.h"
#include "tools/session.h"

typedef struct import_options {
    const char *map, *time_format, *zone, *lengths, *barber, *format; /* NULL: not given */
    int64_t length_s;
    moment from, to;
    uint64_t batch;
    const char *overlaps_text;
    import_overlap overlaps; /* what the text says */
    bool rules, no_keys, atomic, edited;
    bool new_clients;
    fig_appointment_status set_status; /* 0: the file's rows are booked */
    bool record;
} import_options;

/* Imports a file, or from a database, in the format given; prints what came of it and returns the exit code. */
int import_run(session *at, const char *directory, const char *path, const char *format, const import_options *wanted);

#endif
