/* The tables of a booking application besides its appointments, each with what a row of it becomes in a setup file. */
#ifndef FIG_TOOLS_APP_TABLES_H
#define FIG_TOOLS_APP_TABLES_H

#include "tools/app_rows.h"
#include "tools/names.h"
#include "tools/session.h"

#include <jansson.h>

/* What was read so far. */
struct app_reading {
    const session *at;
    app_file *app;
    json_t *shops, *services, *clients, *rules; /* lists */
    json_t *barbers;                            /* objects, by their ids as text */
    json_t *by_service;                         /* the services of the list, by their ids as text */
    names service_names, rule_names, client_ids;
};

struct app_table {
    const char *name;
    /* Takes a row into what was read; false and a reason, "field: ...", when it makes no sense. */
    bool (*take)(struct app_reading *at, app_rows *row, reason *why);
    const char *columns[APP_COLUMNS_MAX];
};

enum { APP_TABLES = 9 };

/* In an order in which what a row names has been read. */
extern const struct app_table app_tables[APP_TABLES];

/* The barber of an id, who is made when first heard of. */
json_t *app_barber_of(struct app_reading *at, uint64_t id);
/* Names a barber as a row of the table of barbers does, whose columns are a name, a first and a last one; of users only
 * those who have appointments, hours or services (`all`: every one). */
void app_name_barber(struct app_reading *at, app_rows *row, bool all);

/* An id that a column holds, not 0. */
bool app_read_id(const char *text, const char *column, uint64_t *id, reason *why);

#endif
