/* The appointments of a booking application's database as a source of rows. */
#ifndef FIG_TOOLS_IMPORT_APP_H
#define FIG_TOOLS_IMPORT_APP_H

#include "tools/app_rows.h"
#include "tools/import_source.h"
#include "tools/session.h"

typedef struct import_app {
    const session *at; /* with the store open, which knows the database's barbers and services by now */
    app_file *app;
    app_rows *rows;
    const char *barber_table; /* that an appointment's barber must be in; NULL */
    bool local;               /* times without an offset are local ones; else UTC */
    int64_t length_s;         /* of appointments that do not say it, nor their service; below 0: rejected */
    uint64_t count, read;
    unsigned passes; /* over the rows, this one too: what is said of them is said in the first */
} import_app;

/* Whether the database can be read from at all: before a store is made for it. */
bool import_app_check(app_file *app, reason *why);

/* Set at, app, local and length_s first. False and a reason. Close the source also then. */
bool import_app_begin(import_app *rows, import_source *source, reason *why);
void import_app_end(import_app *rows);

#endif
