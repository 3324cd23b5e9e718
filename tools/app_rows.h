/* The rows of a booking application's SQLite file: read only, a table at a time, in the order of their ids. What a
 * table lacks reads as NULL, since such files come in many versions. */
#ifndef FIG_TOOLS_APP_ROWS_H
#define FIG_TOOLS_APP_ROWS_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

#define APP_COLUMNS_MAX 16

typedef struct app_file app_file;
typedef struct app_rows app_rows;

typedef enum app_step { APP_ROW, APP_END, APP_BROKEN } app_step;

/* NULL and a reason that names the file when it is none or cannot be read. */
app_file *app_open(const char *path, reason *why);
void app_close(app_file *app);
const char *app_name(const app_file *app);

bool app_has_table(const app_file *app, const char *table);
bool app_has_column(const app_file *app, const char *table, const char *column);
/* How many rows; 0 also without such a table. */
uint64_t app_count(const app_file *app, const char *table);
/* Whether a table has a row of that id. */
bool app_has_id(app_file *app, const char *table, int64_t id);

/* Reads columns of a table, up to the first NULL; "a|b" is whichever of them it has. */
app_rows *app_select(app_file *app, const char *table, const char *const columns[], reason *why);
app_step app_next(app_rows *rows, reason *why);
void app_rows_close(app_rows *rows);

/* Of the row: its id, else its number in the table; a column's text, NULL when it is NULL or not there. Texts last
 * until the next row. */
int64_t app_id(const app_rows *rows);
const char *app_text(app_rows *rows, size_t column);

#endif
