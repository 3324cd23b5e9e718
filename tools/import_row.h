/* A row of a file as an appointment: what stands in the columns of CSV, and what the command line says where they are
 * silent. Pure: no store is asked. */
#ifndef FIG_TOOLS_IMPORT_ROW_H
#define FIG_TOOLS_IMPORT_ROW_H

#include "engine/figaro.h"
#include "tools/import_map.h"
#include "tools/lengths.h"
#include "tools/local_zone.h"

typedef struct import_plan {
    import_map map;
    bool finding;            /* rows tell of appointments that are there: of each field only what the map has */
    const char *time_format; /* of starts and ends, or of dates. NULL: RFC 3339, or the same without an offset */
    const char *barber;      /* of rows that name none; NULL */
    int64_t length_s;        /* of rows that do not say when they end; below 0: such rows are rejected */
    lengths lengths;         /* by service; goes before length_s */
} import_plan;

typedef struct import_row {
    uint64_t line;
    moment start, end; /* as they stand in the row; of the end if has_end */
    bool has_end;
    moment expires; /* the same of a hold, if has_expires */
    bool has_expires;
    int64_t length_s;                  /* if not has_end */
    int64_t start_s, end_s, expires_s; /* after import_row_place() */
    int64_t before_s, after_s;         /* below 0: not said */
    int64_t date_s;                    /* the midnight that begins the date, counted as if it stood in UTC */
    uint64_t client_id, service_id;
    char client[FIG_NAME_MAX + 1];  /* its name, else its id: the store knows which; "" */
    char service[FIG_NAME_MAX + 1]; /* the same of a service; "" also where the lengths give its id */
    bool service_unlisted;          /* the lengths have no id of it: what the store has no name for is none */
    bool new_client;                /* nobody is named so yet, and the import declares them */
    fig_appointment_status status;
    char *note; /* NULL: none */
    char barber[FIG_NAME_MAX + 1];
    char key[FIG_KEY_MAX + 1]; /* "": none */
    bool made_key;             /* the key does not stand in the row */
    bool placed;               /* start_s and end_s are set: there is nothing to place */
    bool over;                 /* after import_row_age(): what was held until then expired by itself, */
    bool lapsed;               /* and the row still says held */
} import_row;

/* What is wrong with a row: the field (static) and why. */
typedef struct import_fault {
    const char *field;
    reason why;
} import_fault;

/* Whether rows are read for a field: what its columns say, or stands in for them. */
bool import_plan_reads(const import_plan *plan, import_field field);

/* Reads the record that the reader stands at. Free the row also after a failure. */
bool import_row_read(const import_plan *plan, const csv *record, import_row *row, import_fault *fault);
void import_row_free(import_row *row);

/* Whether it takes up its time. */
bool import_row_takes_time(const import_row *row);

/* Whether it was, or is, a time that was held and not booked: held or expired. */
bool import_row_is_hold(const import_row *row);

/* Whether one of its times means an instant only in a zone. */
bool import_row_is_local(const import_row *row);

/* Puts the row's times into a zone: from here on it has a start and an end. */
bool import_row_place(import_row *row, const local_zone *zone, import_fault *fault);

/* What a hold is at an instant: one that is over by then has expired. False: it lasts longer than any may, or ended
 * before there is any time. */
bool import_row_age(import_row *row, int64_t now_s, import_fault *fault);

/* Whether a start and an end that are set can be an appointment's. `field` is what the end stands in. */
bool import_row_check_span(const import_row *row, const char *field, import_fault *fault);

#endif
