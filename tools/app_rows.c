#include "tools/app_rows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 2048 };

struct app_file {
    sqlite3 *database;
    char *name;
};

struct app_rows {
    app_file *app;
    sqlite3_stmt *statement;
    bool has[APP_COLUMNS_MAX]; /* of the columns that were asked for: those that the table has */
    int at[APP_COLUMNS_MAX];   /* where they are in the answer */
};

/* ---- the file ---- */

const char *app_name(const app_file *app) { return app->name; }

void app_close(app_file *app)
{
    if (app == NULL) return;
    sqlite3_close(app->database);
    free(app->name);
    free(app);
}

/* Whether a statement answers with a row; its first number. */
static bool ask(const app_file *app, const char *query, const char *text, int64_t id, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(app->database, query, -1, &statement, NULL) != SQLITE_OK) return false;
    if (text != NULL) sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
    if (text == NULL) sqlite3_bind_int64(statement, 1, id);
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    if (found) *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

app_file *app_open(const char *path, reason *why)
{
    app_file *app = calloc(1, sizeof *app);
    int64_t tables;
    if (app != NULL) app->name = strdup(path);
    if (app == NULL || app->name == NULL) {
        app_close(app);
        reason_set(why, "out of memory");
        return NULL;
    }
    bool good = sqlite3_open_v2(path, &app->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                ask(app, "SELECT count(*) FROM sqlite_master WHERE type = ?", "table", 0, &tables);
    if (good) return app;
    reason_set(why, "%s: %s", path, app->database != NULL ? sqlite3_errmsg(app->database) : "out of memory");
    app_close(app);
    return NULL;
}

bool app_has_table(const app_file *app, const char *table)
{
    int64_t one; /* a view could ask for anything */
    return ask(app, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table, 0, &one);
}

bool app_has_column(const app_file *app, const char *table, const char *column)
{
    char query[QUERY_MAX];
    int64_t one;
    snprintf(query, sizeof query, "SELECT 1 FROM pragma_table_info('%s') WHERE name = ?", table);
    return ask(app, query, column, 0, &one);
}

uint64_t app_count(const app_file *app, const char *table)
{
    char query[QUERY_MAX];
    int64_t count = 0;
    snprintf(query, sizeof query, "SELECT count(*) FROM \"%s\" WHERE ? = 0", table);
    return app_has_table(app, table) && ask(app, query, NULL, 0, &count) ? (uint64_t)count : 0;
}

bool app_has_id(app_file *app, const char *table, int64_t id)
{
    char query[QUERY_MAX];
    int64_t one;
    snprintf(query, sizeof query, "SELECT 1 FROM \"%s\" WHERE id = ?", table);
    return ask(app, query, NULL, id, &one);
}

/* ---- rows ---- */

/* The first of the names "a|b" that the table has, into `name`. */
static bool find_column(const app_file *app, const char *table, const char *names, char name[64])
{
    while (*names != '\0') {
        size_t length = strcspn(names, "|");
        snprintf(name, 64, "%.*s", (int)(length < 63 ? length : 63), names);
        if (app_has_column(app, table, name)) return true;
        names += length + (names[length] == '|');
    }
    return false;
}

static void make_query(app_rows *rows, const char *table, const char *const columns[], char query[QUERY_MAX])
{
    char name[64];
    int found = 1;
    bool has_id = app_has_column(rows->app, table, "id");
    size_t used = (size_t)snprintf(query, QUERY_MAX, "SELECT %s", has_id ? "id" : "rowid");
    for (size_t i = 0; i < APP_COLUMNS_MAX && columns[i] != NULL; i++) {
        rows->has[i] = find_column(rows->app, table, columns[i], name);
        if (!rows->has[i]) continue;
        rows->at[i] = found++;
        used += (size_t)snprintf(query + used, QUERY_MAX - used, ", \"%s\"", name);
    }
    snprintf(query + used, QUERY_MAX - used, " FROM \"%s\" ORDER BY 1", table);
}

app_rows *app_select(app_file *app, const char *table, const char *const columns[], reason *why)
{
    char query[QUERY_MAX];
    app_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        reason_set(why, "out of memory");
        return NULL;
    }
    rows->app = app;
    make_query(rows, table, columns, query);
    if (sqlite3_prepare_v2(app->database, query, -1, &rows->statement, NULL) == SQLITE_OK) return rows;
    reason_set(why, "%s: %s: %s", app->name, table, sqlite3_errmsg(app->database));
    app_rows_close(rows);
    return NULL;
}

app_step app_next(app_rows *rows, reason *why)
{
    int result = sqlite3_step(rows->statement);
    if (result == SQLITE_ROW) return APP_ROW;
    if (result == SQLITE_DONE) return APP_END;
    reason_set(why, "%s: %s", rows->app->name, sqlite3_errmsg(rows->app->database));
    return APP_BROKEN;
}

void app_rows_close(app_rows *rows)
{
    if (rows == NULL) return;
    sqlite3_finalize(rows->statement);
    free(rows);
}

int64_t app_id(const app_rows *rows) { return sqlite3_column_int64(rows->statement, 0); }

const char *app_text(app_rows *rows, size_t column)
{
    return rows->has[column] ? (const char *)sqlite3_column_text(rows->statement, rows->at[column]) : NULL;
}
