#include "tools/import_app.h"

#include "tools/app_setup.h"
#include "tools/output.h"
#include "tools/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BARBER, CLIENT, SERVICE, START, MINUTES, STATUS, BEFORE, AFTER, NOTE };

static const char *const columns[APP_COLUMNS_MAX] = {
    [BARBER] = "barber_id",          [CLIENT] = "client_id",         [SERVICE] = "service_id",
    [START] = "start_time",          [MINUTES] = "duration_minutes", [STATUS] = "status",
    [BEFORE] = "buffer_time_before", [AFTER] = "buffer_time_after",  [NOTE] = "notes",
};

bool import_app_check(app_file *app, reason *why)
{
    static const char *const needed[] = {"barber_id", "start_time"};
    bool has_table = app_has_table(app, "appointments");
    const char *missing = NULL;
    for (size_t i = 0; has_table && missing == NULL && i < 2; i++)
        if (!app_has_column(app, "appointments", needed[i])) missing = needed[i];
    if (app_is_broken(app, why)) return false;
    if (!has_table) return reason_set(why, "%s: has no table appointments%s", app_name(app), app_no_table(app));
    if (missing != NULL) return reason_set(why, "%s: appointments has no column %s", app_name(app), missing);
    return app_setup_check(app, why);
}

/* ---- values ---- */

/* A time as such applications keep it: "2026-03-02 10:00:00.000000", UTC where it does not say; parts of seconds go. */
static bool read_start(const import_app *rows, const char *text, import_row *row, reason *why)
{
    char whole[64];
    if (text == NULL) return reason_set(why, "is null");
    size_t point = strcspn(text, "."), digits = 0;
    if (text[point] == '.') digits = 1 + strspn(text + point + 1, "0123456789");
    snprintf(whole, sizeof whole, "%.*s%.8s", (int)(point < 40 ? point : 40), text, text + point + digits);
    if (!rfc3339_parse_moment(whole, &row->start, why)) return reason_prefix(why, "'%.40s': ", text);
    row->start.is_local = row->start.is_local && rows->local;
    return true;
}

static bool read_barber(const import_app *rows, const char *text, import_row *row, reason *why)
{
    uint64_t id = 0;
    fig_view view = session_view(rows->at);
    fig_barber barber = fig_barber_default();
    if (text == NULL) return reason_set(why, "is null: it is nobody's time");
    if (!text_number(text, 1, INT64_MAX, &id, why)) return false;
    if (rows->barber_table != NULL && !app_has_id(rows->app, rows->barber_table, (int64_t)id))
        return reason_set(why, "%s has no row %" PRIu64 ": it is nobody's time", rows->barber_table, id);
    if (fig_get_barber(rows->at->engine, &view, id, &barber) != FIG_OK)
        return reason_set(why, "nobody is barber %" PRIu64, id);
    memcpy(row->barber, barber.name, sizeof row->barber);
    return true;
}

/* The id of a row of another table. One that leads nowhere is kept: the time is taken all the same, and it is said. */
static bool read_reference(const import_app *rows, const char *text, const char *table, const char *column,
                           import_row *row, uint64_t *id, reason *why)
{
    if (text == NULL) return true;
    if (!text_number(text, 1, INT64_MAX, id, why)) return false;
    bool orphan = app_has_table(rows->app, table) && !app_has_id(rows->app, table, (int64_t)*id);
    if (app_is_broken(rows->app, why)) return false;
    if (orphan && rows->passes == 1)
        complain(0, "%s:%" PRIu64 ": %s: %s has no row %" PRIu64 "; the number is kept", app_name(rows->app), row->line,
                 column, table, *id);
    return true;
}

static bool read_minutes(const char *text, uint64_t least, int64_t most_s, int64_t *seconds, reason *why)
{
    uint64_t minutes;
    if (text == NULL) return true;
    if (!text_number(text, least, (uint64_t)most_s / 60, &minutes, why)) return false;
    *seconds = (int64_t)minutes * 60;
    return true;
}

static bool read_length(const import_app *rows, const char *text, import_row *row, reason *why)
{
    fig_view view = session_view(rows->at);
    fig_service service = fig_service_default();
    row->length_s = rows->length_s;
    if (text != NULL) return read_minutes(text, 1, FIG_DURATION_MAX, &row->length_s, why);
    if (row->service_id != 0) fig_get_service(rows->at->engine, &view, row->service_id, &service);
    if (service.duration_s > 0) row->length_s = service.duration_s;
    return row->length_s > 0 || reason_set(why, "is null, and no service says how long it lasts; --minutes does");
}

static bool read_status(const char *text, import_row *row, reason *why)
{
    row->status = FIG_SCHEDULED;
    if (text == NULL) return true;
    bool known = fig_appointment_status_from_name(text, &row->status) == FIG_OK;
    if (known && row->status != FIG_HELD && row->status != FIG_EXPIRED) return true;
    row->status = FIG_SCHEDULED;
    return reason_set(why, "'%.32s' is none of pending, scheduled, confirmed, completed, cancelled, no_show", text);
}

/* ---- rows ---- */

static bool take_column(import_app *rows, size_t column, import_row *row, reason *why)
{
    const char *text = app_text(rows->rows, column);
    switch (column) {
    case BARBER: return read_barber(rows, text, row, why);
    case CLIENT: return read_reference(rows, text, "clients", "client_id", row, &row->client_id, why);
    case SERVICE: return read_reference(rows, text, "services", "service_id", row, &row->service_id, why);
    case START: return read_start(rows, text, row, why);
    case MINUTES: return read_length(rows, text, row, why);
    case STATUS: return read_status(text, row, why);
    case BEFORE: return read_minutes(text, 0, FIG_BUFFER_MAX, &row->before_s, why);
    case AFTER: return read_minutes(text, 0, FIG_BUFFER_MAX, &row->after_s, why);
    default: row->note = text == NULL ? NULL : text_to_note(text); return true;
    }
}

static import_step next(void *context, import_row *row, import_fault *fault)
{
    import_app *rows = context;
    app_step step = app_next(rows->rows, &fault->why);
    if (step == APP_END) return IMPORT_OVER;
    if (step == APP_BROKEN) return IMPORT_BROKEN;
    rows->read++;
    *row = (import_row){.line = (uint64_t)app_id(rows->rows), .length_s = -1}; /* buffers are 0 */
    fault->field = "id";
    if (!app_check_id(rows->rows, &fault->why)) return IMPORT_BAD; /* rows without one would have one key */
    snprintf(row->key, sizeof row->key, "appointment-%" PRId64, app_id(rows->rows));
    for (size_t i = 0; i <= NOTE; i++) {
        fault->field = columns[i];
        bool good = take_column(rows, i, row, &fault->why);
        if (app_is_broken(rows->app, &fault->why)) return IMPORT_BROKEN;
        if (!good) return IMPORT_BAD;
    }
    return IMPORT_ROW;
}

static double share(void *context)
{
    const import_app *rows = context;
    return rows->count == 0 ? 1 : (double)rows->read / (double)rows->count;
}

static bool rewind_rows(import_source *source, reason *why)
{
    import_app *rows = source->context;
    import_app_end(rows);
    rows->read = 0;
    rows->passes++;
    rows->rows = app_select(rows->app, "appointments", columns, why);
    return rows->rows != NULL;
}

bool import_app_begin(import_app *rows, import_source *source, reason *why)
{
    rows->count = app_count(rows->app, "appointments");
    rows->barber_table = app_barber_table(rows->app);
    *source = (import_source){
        .name = app_name(rows->app), .context = rows, .next = next, .share = share, .rewind = rewind_rows};
    return rewind_rows(source, why);
}

void import_app_end(import_app *rows)
{
    app_rows_close(rows->rows);
    rows->rows = NULL;
}
