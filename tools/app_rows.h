/* The rows of a booking application's database: read only, a table at a time, in the order of their ids. What a table
 * lacks reads as NULL, since such databases come in many versions. */
#ifndef FIG_TOOLS_APP_ROWS_H
#define FIG_TOOLS_APP_ROWS_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

#define APP_COLUMNS_MAX 16

typedef struct app_file app_file;
typedef struct app_rows app_rows;

typedef enum app_step { APP_ROW, APP_END, APP_BROKEN } app_step;

/* An SQLite file, as it is at this moment and whatever is written meanwhile. NULL and a reason that names it when it is
 * none or cannot be read. */
app_file *app_open_sqlite(const char *path, reason *why);
/* What a connection string of libpq leads to, as it is at this moment and whatever becomes of it meanwhile. The reason
 * names the database, and no password ever. */
app_file *app_open_postgresql(const char *connection, reason *why);
/* Whether a text is such a connection string, as a URI. */
bool app_is_uri(const char *text);
void app_close(app_file *app);
/* What messages call it. */
const char *app_name(const app_file *app);

bool app_has_table(app_file *app, const char *table);
bool app_has_column(app_file *app, const char *table, const char *column);
/* What to do when a table is not there; "". */
const char *app_no_table(const app_file *app);
/* How many rows; 0 also without such a table. */
uint64_t app_count(app_file *app, const char *table);
/* Whether a table has a row of that id. */
bool app_has_id(app_file *app, const char *table, int64_t id);
/* Whether one of these could not be answered: then what they said of the row is not so. */
bool app_is_broken(const app_file *app, reason *why);

/* Reads columns of a table, up to the first NULL; "a|b" is whichever of them it has. */
app_rows *app_select(app_file *app, const char *table, const char *const columns[], reason *why);
app_step app_next(app_rows *rows, reason *why);
void app_rows_close(app_rows *rows);

/* Whether the row's id is a number that it can be told by; else why not. */
bool app_check_id(const app_rows *rows, reason *why);
/* Of the row: its id (0 where that is none), without such a column its number in the table; a column's text, NULL when
 * it is NULL or not there. Times are as "2026-03-02 10:00:00", with an offset where they have one; what is true is 1;
 * lists are JSON. Texts last until the next row. */
int64_t app_id(const app_rows *rows);
const char *app_text(const app_rows *rows, size_t column);

#endif
