/* What a kind of database must be able to do so that app_rows.h can read a booking application's tables from it. SQLite
 * and PostgreSQL each do it in a file of their own. Not for others. */
#ifndef FIG_TOOLS_APP_SOURCE_H
#define FIG_TOOLS_APP_SOURCE_H

#include "tools/app_rows.h"

/* Reasons say what went wrong there and what to do; database and table are named by who asked. */
struct app_ops {
    void (*close)(app_file *app);
    app_step (*has_table)(app_file *app, const char *table, reason *why);
    app_step (*has_column)(app_file *app, const char *table, const char *column, reason *why);
    /* How many rows a table has that is there. */
    bool (*count)(app_file *app, const char *table, uint64_t *count, reason *why);
    /* Whether a table has a row of that id. */
    app_step (*find)(app_file *app, const char *table, int64_t id, reason *why);

    /* The rows of a table in the order of their ids, with these columns of it. What it returns is handed to the others.
     * NULL and a reason. */
    void *(*select)(app_file *app, const char *table, const char *const columns[], size_t count, reason *why);
    app_step (*next)(void *rows, reason *why);
    void (*end)(void *rows);
    const char *(*id)(const void *rows);                  /* of the row; without such a column its number */
    const char *(*text)(const void *rows, size_t column); /* NULL when it is NULL */

    const char *no_table; /* what to do when a table is not found; "" */
};

/* A database begins with it. */
struct app_file {
    const struct app_ops *ops;
    char *name;     /* in messages */
    bool is_broken; /* a question went unanswered: what was read since may be wrong */
    reason broken;
};

#endif
