/* A row of a workload file, `at,op,barber,key,start,end`, as a request to the engine. */
#ifndef FIG_TOOLS_WORKLOAD_H
#define FIG_TOOLS_WORKLOAD_H

#include "engine/figaro.h"
#include "tools/csv.h"

typedef enum workload_op {
    WORKLOAD_OPEN,   /* adds a dated window: barber, start, end */
    WORKLOAD_CLOSE,  /* takes a span out of the dated windows: barber, start, end */
    WORKLOAD_BOOK,   /* barber, key, start, end */
    WORKLOAD_CANCEL, /* key */
    WORKLOAD_MOVE    /* key, and the new barber, start, end */
} workload_op;

typedef struct workload_row {
    workload_op op;
    int64_t at_s;
    int64_t start_s; /* both 0 in a cancel row */
    int64_t end_s;
    char barber[FIG_NAME_MAX + 1]; /* "": none, which only a cancel row may have */
    char key[FIG_KEY_MAX + 1];     /* "": none, as in open and close rows */
} workload_row;

/* Reads and checks the first line. A reason names the file and the line. */
bool workload_header(csv *reader, reason *why);

/* Reads the next row. A reason names the file, the line and the field. */
csv_result workload_next(csv *reader, workload_row *row, reason *why);

/* False for a span that holds no instant. Such a row is refused, not malformed. */
bool workload_has_span(const workload_row *row);

/* The row as a request; its texts are the row's and live as long as that. */
fig_request workload_request(const workload_row *row);

#endif
