#include "tools/app_rows.h"

#include "tools/app_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct app_rows {
    app_file *app;
    const char *table;
    void *source;
    bool any;                   /* there was a row */
    bool has[APP_COLUMNS_MAX];  /* of the columns that were asked for: those that the table has */
    size_t at[APP_COLUMNS_MAX]; /* where they are among those that are read */
};

/* ---- the database ---- */

void app_close(app_file *app)
{
    if (app != NULL) app->ops->close(app);
}

const char *app_name(const app_file *app) { return app->name; }
const char *app_no_table(const app_file *app) { return app->ops->no_table; }
/* The first fault is what is wrong; those after it follow from it. */
static void note_fault(app_file *app, const char *table, const reason *why)
{
    if (!app->is_broken) reason_set(&app->broken, "%s: %s: %s", app->name, table, why->text);
    app->is_broken = true;
}

bool app_is_broken(const app_file *app, reason *why)
{
    if (app->is_broken) *why = app->broken;
    return app->is_broken;
}

bool app_has_table(app_file *app, const char *table)
{
    reason why;
    app_step found = app->ops->has_table(app, table, &why);
    if (found == APP_BROKEN) note_fault(app, table, &why);
    return found == APP_ROW;
}

bool app_has_column(app_file *app, const char *table, const char *column)
{
    reason why;
    app_step found = app->ops->has_column(app, table, column, &why);
    if (found == APP_BROKEN) note_fault(app, table, &why);
    return found == APP_ROW;
}

uint64_t app_count(app_file *app, const char *table)
{
    uint64_t count = 0;
    reason why;
    if (!app_has_table(app, table)) return 0;
    if (!app->ops->count(app, table, &count, &why)) note_fault(app, table, &why);
    return count;
}

bool app_has_id(app_file *app, const char *table, int64_t id)
{
    reason why;
    app_step found = app->ops->find(app, table, id, &why);
    if (found == APP_BROKEN) note_fault(app, table, &why);
    return found == APP_ROW;
}

/* ---- rows ---- */

/* The first of the names "a|b" that the table has, into `name`. */
static bool find_column(app_file *app, const char *table, const char *names, char name[64])
{
    while (*names != '\0') {
        size_t length = strcspn(names, "|");
        snprintf(name, 64, "%.*s", (int)(length < 63 ? length : 63), names);
        if (app_has_column(app, table, name)) return true;
        names += length + (names[length] == '|');
    }
    return false;
}

app_rows *app_select(app_file *app, const char *table, const char *const columns[], reason *why)
{
    char names[APP_COLUMNS_MAX][64];
    const char *found[APP_COLUMNS_MAX];
    size_t count = 0;
    app_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        reason_set(why, "out of memory");
        return NULL;
    }
    rows->app = app;
    rows->table = table;
    for (size_t i = 0; i < APP_COLUMNS_MAX && columns[i] != NULL; i++) {
        rows->has[i] = find_column(app, table, columns[i], names[count]);
        if (!rows->has[i]) continue;
        found[count] = names[count];
        rows->at[i] = count++;
    }
    bool broken = app_is_broken(app, why);
    if (!broken) rows->source = app->ops->select(app, table, found, count, why);
    if (rows->source != NULL) return rows;
    if (!broken) reason_prefix(why, "%s: %s: ", app->name, table);
    free(rows);
    return NULL;
}

app_step app_next(app_rows *rows, reason *why)
{
    int64_t last = rows->any ? app_id(rows) : 0;
    app_step step = rows->app->ops->next(rows->source, why);
    if (step == APP_BROKEN && rows->any) reason_prefix(why, "after row %" PRId64 ": ", last);
    if (step == APP_BROKEN) reason_prefix(why, "%s: %s: ", rows->app->name, rows->table);
    rows->any = step == APP_ROW;
    return step;
}

void app_rows_close(app_rows *rows)
{
    if (rows == NULL) return;
    rows->app->ops->end(rows->source);
    free(rows);
}

/* What is kept as 7.0 is 7. */
static bool read_id(const char *text, int64_t *id)
{
    char *end;
    errno = 0;
    *id = strtoll(text, &end, 10);
    return errno == 0 && end != text && (*end == '\0' || strcmp(end, ".0") == 0);
}

bool app_check_id(const app_rows *rows, reason *why)
{
    int64_t id;
    const char *text = rows->app->ops->id(rows->source);
    if (text == NULL) return reason_set(why, "is null");
    return read_id(text, &id) || reason_set(why, "'%.40s' is no whole number", text);
}

int64_t app_id(const app_rows *rows)
{
    int64_t id;
    const char *text = rows->app->ops->id(rows->source);
    return text != NULL && read_id(text, &id) ? id : 0;
}

const char *app_text(const app_rows *rows, size_t column)
{
    return rows->has[column] ? rows->app->ops->text(rows->source, rows->at[column]) : NULL;
}
