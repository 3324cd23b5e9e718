#include "tools/app_setup.h"

#include "tools/app_tables.h"
#include "tools/output.h"
#include "tools/setup_apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *app_barber_table(app_file *app)
{
    static const char *const tables[] = {"barbers", "users"};
    for (size_t i = 0; i < 2; i++)
        if (app_has_table(app, tables[i]) && app_has_column(app, tables[i], "id")) return tables[i];
    return NULL;
}

static bool check_table(app_file *app, const char *table, reason *why)
{
    static const char *const none[APP_COLUMNS_MAX] = {NULL};
    if (table == NULL || !app_has_table(app, table)) return !app_is_broken(app, why);
    app_rows *rows = app_select(app, table, none, why);
    app_rows_close(rows);
    return rows != NULL;
}

bool app_setup_check(app_file *app, reason *why)
{
    for (size_t i = 0; i < APP_TABLES; i++)
        if (!check_table(app, app_tables[i].name, why)) return false;
    return check_table(app, "appointments", why) && check_table(app, app_barber_table(app), why);
}

/* ---- reading ---- */

/* "clients_name: is ..." is a column and a reason. */
static void say(const struct app_reading *at, const char *table, int64_t id, const char *words)
{
    char field[40] = "";
    size_t length = strspn(words, "abcdefghijklmnopqrstuvwxyz_");
    bool has_field = length > 0 && length < sizeof field && words[length] == ':' && words[length + 1] == ' ';
    if (!at->at->json) {
        complain(0, "%s:%s:%" PRId64 ": rejected: %s", app_name(at->app), table, id, words);
        return;
    }
    if (has_field) memcpy(field, words, length);
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(app_name(at->app)));
    json_object_set_new(object, "table", json_string(table));
    json_object_set_new(object, "line", json_integer(id));
    json_object_set_new(object, "field", has_field ? json_string(field) : json_null());
    json_object_set_new(object, "reason", json_string(words + (has_field ? length + 2 : 0)));
    json_object_set_new(object, "outcome", json_string("rejected"));
    output_object(object);
}

static bool read_table(struct app_reading *at, const struct app_table *table, json_t *counts, reason *why)
{
    if (!app_has_table(at->app, table->name)) return !app_is_broken(at->app, why);
    json_int_t accepted = 0, rejected = 0;
    app_rows *rows = app_select(at->app, table->name, table->columns, why);
    if (rows == NULL) return false;
    app_step step;
    while ((step = app_next(rows, why)) == APP_ROW) {
        bool good = table->take(at, rows, why);
        if (app_is_broken(at->app, why)) break;
        accepted += good;
        rejected += !good;
        if (!good) say(at, table->name, app_id(rows), why->text);
    }
    app_rows_close(rows);
    json_object_set_new(counts, table->name, json_pack("{s:I, s:I}", "accepted", accepted, "rejected", rejected));
    return step == APP_END;
}

/* Those whom appointments alone name. */
static bool read_booked(struct app_reading *at, reason *why)
{
    static const char *const columns[APP_COLUMNS_MAX] = {"barber_id"};
    const char *table = app_barber_table(at->app);
    app_rows *rows = app_select(at->app, "appointments", columns, why);
    if (rows == NULL) return false;
    app_step step;
    while ((step = app_next(rows, why)) == APP_ROW) {
        uint64_t id;
        if (!app_read_id(app_text(rows, 0), "barber_id", &id, why)) continue; /* the appointment itself says so */
        if (table == NULL || app_has_id(at->app, table, (int64_t)id)) app_barber_of(at, id);
        if (app_is_broken(at->app, why)) break;
    }
    app_rows_close(rows);
    return step == APP_END;
}

static bool read_names(struct app_reading *at, reason *why)
{
    static const char *const columns[APP_COLUMNS_MAX] = {"name|full_name|username", "first_name", "last_name"};
    const char *table = app_barber_table(at->app);
    app_rows *rows = table == NULL ? NULL : app_select(at->app, table, columns, why);
    if (rows == NULL) return table == NULL && !app_is_broken(at->app, why);
    app_step step;
    while ((step = app_next(rows, why)) == APP_ROW) {
        if (app_check_id(rows, why)) {
            app_name_barber(at, rows, strcmp(table, "barbers") == 0);
            continue;
        }
        reason_prefix(why, "id: ");
        say(at, table, app_id(rows), why->text);
    }
    app_rows_close(rows);
    return step == APP_END;
}

static bool read_all(struct app_reading *at, json_t *counts, reason *why)
{
    if (!read_booked(at, why)) return false;
    for (size_t i = 0; i < APP_TABLES; i++)
        if (!read_table(at, &app_tables[i], counts, why)) return false;
    return read_names(at, why);
}

/* ---- declaring ---- */

/* Two barbers of one name would be refused: the later one's gets the id. */
static json_t *barber_list(const struct app_reading *at)
{
    names taken = {0};
    json_t *list = json_array(), *barber;
    const char *id;
    json_object_foreach(at->barbers, id, barber)
    {
        const char *name = json_string_value(json_object_get(barber, "name"));
        char unique[2 * FIG_NAME_MAX];
        if (name != NULL && names_has(&taken, name)) {
            snprintf(unique, sizeof unique, "%.100s (%s)", name, id);
            json_object_set_new(barber, "name", json_string(unique));
            name = json_string_value(json_object_get(barber, "name"));
        }
        if (name != NULL && !names_add(&taken, name)) break;
        json_array_append(list, barber);
    }
    names_free(&taken);
    return list;
}

static int declare(const struct app_reading *at)
{
    setup_file setup;
    reason why;
    json_t *outside = json_array();
    json_t *root = json_pack("{s:O, s:O, s:O, s:o, s:O}", "shops", at->shops, "services", at->services, "clients",
                             at->clients, "barbers", barber_list(at), "rules", at->rules);
    char *text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;
    bool good = text != NULL && setup_file_parse(app_name(at->app), text, strlen(text), &setup, &why);
    int code = EXIT_DONE;
    if (text == NULL) code = complain(EXIT_FAULT, "out of memory");
    if (text != NULL && !good) code = complain(EXIT_USAGE, "%s", why.text);
    if (good) code = setup_apply(at->at, app_name(at->app), &setup, outside);
    if (good) setup_file_free(&setup);
    free(text);
    json_decref(root);
    json_decref(outside);
    return code;
}

int app_setup(const session *at, app_file *app, json_t *counts)
{
    struct app_reading reading = {.at = at, .app = app};
    reason why;
    reading.shops = json_array();
    reading.services = json_array();
    reading.clients = json_array();
    reading.rules = json_array();
    reading.barbers = json_object();
    reading.by_service = json_object();
    int code = read_all(&reading, counts, &why) ? declare(&reading) : complain(EXIT_USAGE, "%s", why.text);
    json_decref(reading.shops);
    json_decref(reading.services);
    json_decref(reading.clients);
    json_decref(reading.rules);
    json_decref(reading.barbers);
    json_decref(reading.by_service);
    names_free(&reading.service_names);
    names_free(&reading.rule_names);
    names_free(&reading.client_ids);
    return code;
}
