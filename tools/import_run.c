/* What must be right before a store is made, the import itself, and what came of it. */
#include "tools/import_run.h"

#include "tools/app_setup.h"
#include "tools/import_app.h"
#include "tools/import_atomic.h"
#include "tools/import_csv.h"
#include "tools/import_ics.h"
#include "tools/import_jsonl.h"
#include "tools/import_load.h"
#include "tools/import_status.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the plan ---- */

static bool check_plan(const import_plan *plan, const import_options *wanted, reason *why)
{
    const import_columns *of = plan->map.of;
    if (of[IMPORT_START].count == 0) return reason_set(why, "no column says when a row starts; give --map start=...");
    if (of[IMPORT_BARBER].count == 0 && wanted->barber == NULL)
        return reason_set(why, "no column says whose a row is; give --map barber=... or --barber");
    if (of[IMPORT_DATE].count > 0 && plan->map.text != NULL)
        return reason_set(why, "--map: date: is for --set-status; a booking has a start");
    bool has_length = of[IMPORT_END].count > 0 || of[IMPORT_MINUTES].count > 0 || wanted->length_s >= 0 ||
                      (wanted->lengths != NULL && of[IMPORT_SERVICE].count > 0);
    if (!has_length)
        return reason_set(why, "nothing says how long a row lasts; give --map end=... or minutes=..., --minutes, or "
                               "--lengths with service=...");
    if (wanted->no_keys && of[IMPORT_STATUS].count > 0 && of[IMPORT_KEY].count == 0)
        return reason_set(why, "--no-keys: a status is set by the row's key; give --map key=... too");
    return true;
}

/* Everything that can be wrong before the first row, so that nothing is made for a file that is none. */
static int bind_plan(import_plan *plan, const import_options *wanted, csv *file)
{
    reason why;
    if (!import_map_parse(wanted->map, &plan->map, &why)) return complain(EXIT_USAGE, "--map: %s", why.text);
    if (wanted->lengths != NULL && !lengths_read(wanted->lengths, &plan->lengths, &why))
        return complain(EXIT_USAGE, "--lengths: %s", why.text);
    csv_result result = csv_next(file, &why);
    if (result == CSV_BAD) return complain(EXIT_USAGE, "%s", why.text);
    if (result == CSV_END) return complain(EXIT_USAGE, "%s: is empty", csv_name(file));
    if (!import_map_bind(&plan->map, file, &why)) return complain(EXIT_USAGE, "%s:1: %s", csv_name(file), why.text);
    bool good =
        wanted->set_status == 0 ? check_plan(plan, wanted, &why) : import_status_plan(plan, wanted->record, &why);
    if (!good) return complain(EXIT_USAGE, "%s", why.text);
    return EXIT_DONE;
}

/* ---- the import ---- */

/* An import that is under way, and what came of it. */
struct import {
    session *at;
    const char *directory;
    const import_options *wanted;
    const local_zone *zone; /* --zone; NULL: not given */
    import_atomic atomic;   /* --atomic */
    import_counts counts;
    size_t events;  /* of a calendar that the rows come from; 0: they are a file's own */
    json_t *tables; /* what became of the rows of a database besides its appointments; NULL: it is none */
    bool is_loaded; /* rows were read: there is something to sum up */
};

/* A store that is there becomes one with the rows, or with --atomic and a row at fault stays what it is. */
static int open_store(struct import *import)
{
    fig_options store = session_options(import->at);
    store.create = true;
    if (import->wanted->zone != NULL) store.default_zone = import->wanted->zone;
    if (!import->wanted->atomic) return session_open(import->at, import->directory, &store);
    int code = import_atomic_begin(import->at, import->directory, &import->atomic);
    if (code != EXIT_DONE) return code;
    code = session_open(import->at, import->atomic.staged.path, &store);
    return code == EXIT_DONE ? code : import_atomic_end(&import->atomic, code);
}

static int load(struct import *import, import_source *from)
{
    import_order order = {
        .at = import->at,
        .directory = import->directory,
        .zone = import->zone,
        .batch = import->wanted->batch,
        .keys = !import->wanted->no_keys,
        .overlaps = import->wanted->overlaps,
        .rules = import->wanted->rules,
        .new_clients = import->wanted->new_clients,
        .atomic = import->wanted->atomic,
    };
    import->is_loaded = true;
    return import_load(&order, from, &import->counts);
}

/* --barber is a name, else the id of a barber that the store has, else the name of one that will be made. */
static const char *find_barber(const session *at, const char *text, fig_barber *barber)
{
    *barber = fig_barber_default();
    return text != NULL && session_find_barber(at, text, barber) == FIG_OK ? barber->name : text;
}

/* ---- its end ---- */

static void print_tables(const json_t *tables)
{
    const char *name;
    json_t *counts;
    json_object_foreach((json_t *)tables, name, counts)
        printf("%s: %" JSON_INTEGER_FORMAT " accepted, %" JSON_INTEGER_FORMAT " rejected\n", name,
               json_integer_value(json_object_get(counts, "accepted")),
               json_integer_value(json_object_get(counts, "rejected")));
}

static void print_object(const struct import *import, bool taken_in)
{
    const import_counts *counts = &import->counts;
    json_t *object = json_object();
    json_object_set_new(object, "accepted", output_id(counts->accepted));
    json_object_set_new(object, "refused", output_id(counts->refused));
    json_object_set_new(object, "rejected", output_id(counts->rejected));
    json_object_set_new(object, "repeated", output_id(counts->repeated));
    if (counts->recorded > 0) json_object_set_new(object, "recorded", output_id(counts->recorded));
    if (import->events > 0) json_object_set_new(object, "events", output_id(import->events));
    if (import->tables != NULL) json_object_set(object, "tables", import->tables);
    if (import->wanted->atomic) json_object_set_new(object, "taken_in", json_boolean(taken_in));
    output_object(object);
}

static void print_summary(const struct import *import, bool taken_in)
{
    const import_counts *counts = &import->counts;
    if (import->at->json) {
        print_object(import, taken_in);
        return;
    }
    print_tables(import->tables);
    if (import->events > 0) printf("%zu event%s, ", import->events, import->events == 1 ? "" : "s");
    printf("%" PRIu64 " row%s: %" PRIu64 " accepted", counts->accepted + counts->refused + counts->rejected,
           counts->accepted + counts->refused + counts->rejected == 1 ? "" : "s", counts->accepted);
    if (counts->repeated > 0) printf(" (%" PRIu64 " of them were there already)", counts->repeated);
    if (counts->recorded > 0) printf(" (%" PRIu64 " of them as cancelled)", counts->recorded);
    printf(", %" PRIu64 " refused, %" PRIu64 " rejected%s\n", counts->refused, counts->rejected,
           taken_in ? "" : "; nothing was taken in");
}

static bool has_fault(const struct import *import)
{
    const char *name;
    json_t *counts;
    json_int_t rejected = 0;
    json_object_foreach(import->tables, name, counts)
    {
        rejected += json_integer_value(json_object_get(counts, "rejected"));
    }
    return import->counts.refused + import->counts.rejected + import->counts.unset > 0 || rejected > 0;
}

/* Closes the store, and with --atomic puts it into place, or leaves all as it was. */
static int end(struct import *import, int code)
{
    code = session_close(import->at, code);
    bool atomic = import->wanted->atomic;
    if (atomic && code == EXIT_DONE && has_fault(import)) code = EXIT_REFUSED;
    if (atomic) code = import_atomic_end(&import->atomic, code);
    bool taken_in = !atomic || import->atomic.staged.placed;
    if (import->is_loaded)
        print_summary(import, taken_in);
    else if (!taken_in)
        complain(0, "nothing was taken in");
    json_decref(import->tables);
    return code;
}

/* ---- CSV ---- */

static int run_csv(struct import *import, import_plan *plan, csv *file)
{
    import_csv rows;
    fig_barber barber;
    int code = open_store(import);
    if (code != EXIT_DONE) return code;
    plan->barber = find_barber(import->at, import->wanted->barber, &barber);
    import_source from = import_csv_source(&rows, file, plan);
    code = load(import, &from);
    import_csv_close(&rows);
    return end(import, code);
}

/* The store is there, and so is --barber: nothing but what is recorded is made. */
static int run_status(const struct import *import, import_plan *plan, csv *file)
{
    const import_options *wanted = import->wanted;
    const import_setting setting = {
        .at = import->at,
        .directory = import->directory,
        .zone = import->zone,
        .batch = wanted->batch,
        .status = wanted->set_status,
        .record = wanted->record,
        .new_clients = wanted->new_clients,
    };
    fig_barber barber = fig_barber_default();
    int code = session_open_to_write(import->at, import->directory);
    if (code != EXIT_DONE) return code;
    if (wanted->barber != NULL) code = session_need_barber(import->at, wanted->barber, 0, &barber);
    if (wanted->barber != NULL) plan->barber = barber.name;
    if (code == EXIT_DONE) code = import_status(&setting, plan, file);
    return session_close(import->at, code);
}

static int import_csv_file(struct import *import, const char *path)
{
    reason why;
    csv *file = csv_open(path, &why);
    if (file == NULL) return complain(EXIT_USAGE, "%s", why.text);
    const import_options *wanted = import->wanted;
    import_plan plan = {.time_format = wanted->time_format, .barber = wanted->barber, .length_s = wanted->length_s};
    int code = bind_plan(&plan, wanted, file);
    if (code == EXIT_DONE)
        code = wanted->set_status == 0 ? run_csv(import, &plan, file) : run_status(import, &plan, file);
    lengths_free(&plan.lengths);
    import_map_free(&plan.map);
    csv_close(file);
    return code;
}

/* ---- calendars ---- */

/* Says when recurrences go on after what was taken: a year is no end that the file knows of. */
static void say_cut(const import_ics *rows)
{
    int64_t to_s;
    char to[RFC3339_SIZE];
    size_t cut = import_ics_cut(rows, &to_s);
    rfc3339_print(to_s, to);
    if (cut > 0)
        complain(0, "%zu recurring event%s on after %s; --to takes more of %s", cut, cut == 1 ? " goes" : "s go", to,
                 cut == 1 ? "it" : "them");
}

static int run_ics(struct import *import, import_ics *rows, import_ics_order *order)
{
    int code = import_ics_place(rows, order);
    if (code != EXIT_DONE) return code;
    import_source from = import_ics_source(rows);
    import->events = import_ics_events(rows);
    code = load(import, &from);
    say_cut(rows);
    return code;
}

static int import_ics_file(struct import *import, const char *path)
{
    reason why;
    fig_barber barber;
    import_ics_order order = {
        .at = import->at,
        .zone = import->zone,
        .length_s = import->wanted->length_s,
        .from = import->wanted->from,
        .to = import->wanted->to,
        .keys = !import->wanted->no_keys,
    };
    ics_lines *lines = ics_lines_open(path, &why);
    import_ics *rows = lines == NULL ? NULL : import_ics_read(lines, &why);
    if (rows == NULL) return complain(EXIT_USAGE, "%s", why.text);
    int code = open_store(import);
    if (code == EXIT_DONE) {
        order.barber = find_barber(import->at, import->wanted->barber, &barber);
        code = end(import, run_ics(import, rows, &order));
    }
    import_ics_close(rows);
    return code;
}

/* ---- databases ---- */

static int run_app(struct import *import, app_file *app)
{
    import_source from;
    reason why;
    import_app rows = {
        .at = import->at, .app = app, .local = import->zone != NULL, .length_s = import->wanted->length_s};
    import->tables = json_object();
    int code = app_setup(import->at, app, import->tables);
    if (code != EXIT_DONE) return code;
    if (!import_app_begin(&rows, &from, &why)) return complain(EXIT_USAGE, "%s", why.text);
    code = load(import, &from);
    import_app_end(&rows);
    return code;
}

static int import_database(struct import *import, app_file *app, const reason *unopened)
{
    reason why = *unopened;
    bool good = app != NULL && import_app_check(app, &why);
    int code = good ? open_store(import) : complain(EXIT_USAGE, "%s", why.text);
    if (code == EXIT_DONE) code = end(import, run_app(import, app));
    app_close(app);
    return code;
}

/* ---- any of them ---- */

static int import_from(struct import *import, const char *format, const char *path)
{
    reason why = {""};
    if (strcmp(format, "ics") == 0) return import_ics_file(import, path);
    if (strcmp(format, "sqlite") == 0) return import_database(import, app_open_sqlite(path, &why), &why);
    if (strcmp(format, "postgresql") == 0) return import_database(import, app_open_postgresql(path, &why), &why);
    return import_csv_file(import, path);
}

int import_run(session *at, const char *directory, const char *path, const char *format, const import_options *wanted)
{
    reason why;
    local_zone zone = {0};
    if (strcmp(format, "jsonl") == 0) return import_jsonl(at, directory, path, wanted->edited);
    if (wanted->zone != NULL && !local_zone_open(wanted->zone, &zone, &why))
        return complain(EXIT_USAGE, "--zone: %s", why.text);
    struct import import = {
        .at = at, .directory = directory, .wanted = wanted, .zone = wanted->zone != NULL ? &zone : NULL};
    int code = import_from(&import, format, path);
    local_zone_close(&zone);
    return code;
}
