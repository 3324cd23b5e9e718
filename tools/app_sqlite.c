/* A booking application's SQLite file.
 *
 * All is read in one transaction, so that it is the file of one moment. Where it keeps a write-ahead log, others write
 * meanwhile; else they wait until it is read. */
#include "tools/app_source.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUERY_MAX = 2048,
    PATIENCE_MS = 10000 /* for one who writes it at this moment */
};

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
    if (database_of(app) != NULL) sqlite3_exec(database_of(app), "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(database_of(app));
    free(app->name);
    free(app);
}

static bool say(sqlite3 *database, reason *why)
{
    int code = sqlite3_errcode(database);
    bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    return reason_set(why, "%s%s", sqlite3_errmsg(database),
                      busy ? "; another process has it for itself: import once more, or a copy of the file" : "");
}

/* Whether a statement answers with a row; its first number. */
static app_step ask(const app_file *app, const char *query, const char *text, int64_t id, int64_t *number, reason *why)
{
    sqlite3 *database = database_of(app);
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, query, -1, &statement, NULL);
    if (result == SQLITE_OK) {
        if (text != NULL) sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        if (text == NULL) sqlite3_bind_int64(statement, 1, id);
        result = sqlite3_step(statement);
    }
    if (result == SQLITE_ROW) *number = sqlite3_column_int64(statement, 0);
    if (result != SQLITE_ROW && result != SQLITE_DONE) say(database, why);
    sqlite3_finalize(statement);
    return result == SQLITE_ROW ? APP_ROW : result == SQLITE_DONE ? APP_END : APP_BROKEN;
}

static app_step sqlite_has_table(app_file *app, const char *table, reason *why)
{
    int64_t one; /* a view could ask for anything */
    return ask(app, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table, 0, &one, why);
}

static app_step sqlite_has_column(app_file *app, const char *table, const char *column, reason *why)
{
    char query[QUERY_MAX];
    int64_t one;
    snprintf(query, sizeof query, "SELECT 1 FROM pragma_table_info('%s') WHERE name = ?", table);
    return ask(app, query, column, 0, &one, why);
}

static bool sqlite_count(app_file *app, const char *table, uint64_t *count, reason *why)
{
    char query[QUERY_MAX];
    int64_t number = 0;
    snprintf(query, sizeof query, "SELECT count(*) FROM \"%s\" WHERE ? = 0", table);
    if (ask(app, query, NULL, 0, &number, why) != APP_ROW) return false;
    *count = (uint64_t)number;
    return true;
}

static app_step sqlite_find(app_file *app, const char *table, int64_t id, reason *why)
{
    char query[QUERY_MAX];
    int64_t one;
    reason ignored;
    snprintf(query, sizeof query, "SELECT 1 FROM \"%s\" WHERE id = ?", table);
    app_step found = ask(app, query, NULL, id, &one, why);
    bool lacks_id = found == APP_BROKEN && sqlite_has_column(app, table, "id", &ignored) == APP_END;
    return lacks_id ? APP_END : found;
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
    app_step has_id = sqlite_has_column(app, table, "id", why);
    if (has_id == APP_BROKEN) {
        free(rows);
        return NULL;
    }
    size_t used = (size_t)snprintf(query, QUERY_MAX, "SELECT %s", has_id == APP_ROW ? "id" : "rowid");
    for (size_t i = 0; i < count; i++) used += (size_t)snprintf(query + used, QUERY_MAX - used, ", \"%s\"", columns[i]);
    snprintf(query + used, QUERY_MAX - used, " FROM \"%s\" ORDER BY 1", table);
    if (sqlite3_prepare_v2(rows->database, query, -1, &rows->statement, NULL) == SQLITE_OK) return rows;
    say(rows->database, why);
    free(rows);
    return NULL;
}

static app_step sqlite_next(void *source, reason *why)
{
    struct sqlite_rows *rows = source;
    int result = sqlite3_step(rows->statement);
    if (result == SQLITE_ROW) return APP_ROW;
    if (result == SQLITE_DONE) return APP_END;
    say(rows->database, why);
    return APP_BROKEN;
}

static void sqlite_end(void *source)
{
    struct sqlite_rows *rows = source;
    sqlite3_finalize(rows->statement);
    free(rows);
}

static const char *sqlite_id(const void *source)
{
    return (const char *)sqlite3_column_text(((const struct sqlite_rows *)source)->statement, 0);
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

/* The first read takes the snapshot, which lasts until the transaction ends. */
static bool begin(app_file *app, reason *why)
{
    int64_t tables;
    sqlite3 *database = database_of(app);
    sqlite3_busy_timeout(database, PATIENCE_MS);
    if (sqlite3_exec(database, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) return say(database, why);
    return ask(app, "SELECT count(*) FROM sqlite_master WHERE type = ?", "table", 0, &tables, why) == APP_ROW;
}

app_file *app_open_sqlite(const char *path, reason *why)
{
    struct sqlite_file *at = calloc(1, sizeof *at);
    if (at != NULL) at->file = (app_file){.ops = &sqlite_ops, .name = strdup(path)};
    if (at == NULL || at->file.name == NULL) {
        free(at);
        reason_set(why, "out of memory");
        return NULL;
    }
    bool open = sqlite3_open_v2(path, &at->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    if (open && begin(&at->file, why)) return &at->file;
    if (!open) reason_set(why, "%s", at->database != NULL ? sqlite3_errmsg(at->database) : "out of memory");
    reason_prefix(why, "%s: ", path);
    sqlite_close(&at->file);
    return NULL;
}
