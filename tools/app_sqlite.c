/* A booking application's SQLite file. */
#include "tools/app_source.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 2048 };

struct sqlite_file {
    app_file file;
    sqlite3 *database;
};

struct sqlite_rows {
    sqlite3 *database;
    sqlite3_stmt *statement;
};

static sqlite3 *database_of(const app_file *app) { return ((const struct sqlite_file *)app)->database; }

/* ---- the file ---- */

static void sqlite_close(app_file *app)
{
    sqlite3_close(database_of(app));
    free(app->name);
    free(app);
}

/* Whether a statement answers with a row; its first number. What it cannot even ask for is not there. */
static app_step ask(const app_file *app, const char *query, const char *text, int64_t id, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database_of(app), query, -1, &statement, NULL) != SQLITE_OK) return APP_END;
    if (text != NULL) sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
    if (text == NULL) sqlite3_bind_int64(statement, 1, id);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result == SQLITE_ROW ? APP_ROW : result == SQLITE_DONE ? APP_END : APP_BROKEN;
}

static bool sqlite_has_table(const app_file *app, const char *table)
{
    int64_t one; /* a view could ask for anything */
    return ask(app, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table, 0, &one) == APP_ROW;
}

static bool sqlite_has_column(const app_file *app, const char *table, const char *column)
{
    char query[QUERY_MAX];
    int64_t one;
    snprintf(query, sizeof query, "SELECT 1 FROM pragma_table_info('%s') WHERE name = ?", table);
    return ask(app, query, column, 0, &one) == APP_ROW;
}

static bool sqlite_count(app_file *app, const char *table, uint64_t *count, reason *why)
{
    char query[QUERY_MAX];
    int64_t number = 0;
    snprintf(query, sizeof query, "SELECT count(*) FROM \"%s\" WHERE ? = 0", table);
    if (ask(app, query, NULL, 0, &number) != APP_ROW) return reason_set(why, "%s", sqlite3_errmsg(database_of(app)));
    *count = (uint64_t)number;
    return true;
}

static app_step sqlite_find(app_file *app, const char *table, int64_t id, reason *why)
{
    char query[QUERY_MAX];
    int64_t one;
    snprintf(query, sizeof query, "SELECT 1 FROM \"%s\" WHERE id = ?", table);
    app_step found = ask(app, query, NULL, id, &one);
    if (found == APP_BROKEN) reason_set(why, "%s", sqlite3_errmsg(database_of(app)));
    return found;
}

/* ---- rows ---- */

static void *sqlite_select(app_file *app, const char *table, const char *const columns[], size_t count, reason *why)
{
    char query[QUERY_MAX];
    struct sqlite_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        reason_set(why, "out of memory");
        return NULL;
    }
    rows->database = database_of(app);
    size_t used = (size_t)snprintf(query, QUERY_MAX, "SELECT %s", sqlite_has_column(app, table, "id") ? "id" : "rowid");
    for (size_t i = 0; i < count; i++) used += (size_t)snprintf(query + used, QUERY_MAX - used, ", \"%s\"", columns[i]);
    snprintf(query + used, QUERY_MAX - used, " FROM \"%s\" ORDER BY 1", table);
    if (sqlite3_prepare_v2(rows->database, query, -1, &rows->statement, NULL) == SQLITE_OK) return rows;
    reason_set(why, "%s", sqlite3_errmsg(rows->database));
    free(rows);
    return NULL;
}

static app_step sqlite_next(void *source, reason *why)
{
    struct sqlite_rows *rows = source;
    int result = sqlite3_step(rows->statement);
    if (result == SQLITE_ROW) return APP_ROW;
    if (result == SQLITE_DONE) return APP_END;
    reason_set(why, "%s", sqlite3_errmsg(rows->database));
    return APP_BROKEN;
}

static void sqlite_end(void *source)
{
    struct sqlite_rows *rows = source;
    sqlite3_finalize(rows->statement);
    free(rows);
}

static int64_t sqlite_id(const void *source)
{
    return sqlite3_column_int64(((const struct sqlite_rows *)source)->statement, 0);
}

static const char *sqlite_text(const void *source, size_t column)
{
    return (const char *)sqlite3_column_text(((const struct sqlite_rows *)source)->statement, (int)column + 1);
}

static const struct app_ops sqlite_ops = {
    .close = sqlite_close,
    .has_table = sqlite_has_table,
    .has_column = sqlite_has_column,
    .count = sqlite_count,
    .find = sqlite_find,
    .select = sqlite_select,
    .next = sqlite_next,
    .end = sqlite_end,
    .id = sqlite_id,
    .text = sqlite_text,
    .no_table = "",
};

app_file *app_open_sqlite(const char *path, reason *why)
{
    int64_t tables;
    struct sqlite_file *at = calloc(1, sizeof *at);
    if (at != NULL) at->file = (app_file){.ops = &sqlite_ops, .name = strdup(path)};
    if (at == NULL || at->file.name == NULL) {
        free(at);
        reason_set(why, "out of memory");
        return NULL;
    }
    bool good = sqlite3_open_v2(path, &at->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                ask(&at->file, "SELECT count(*) FROM sqlite_master WHERE type = ?", "table", 0, &tables) == APP_ROW;
    if (good) return &at->file;
    reason_set(why, "%s: %s", path, at->database != NULL ? sqlite3_errmsg(at->database) : "out of memory");
    sqlite_close(&at->file);
    return NULL;
}
