/* The command line of an import, and what must be right before a store is made. */
#include "tools/app_setup.h"
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/import_app.h"
#include "tools/import_atomic.h"
#include "tools/import_csv.h"
#include "tools/import_ics.h"
#include "tools/import_jsonl.h"
#include "tools/import_load.h"
#include "tools/import_status.h"
#include "tools/output.h"
#include "tools/time_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro import DIR FILE [--format csv|ics|sqlite|postgresql|jsonl] [options]\n"
    "       figaro import DIR postgresql://USER@HOST/DATABASE [options]\n"
    "\n"
    "Books the rows of a CSV file, the events of an iCalendar file (plain or .gz) or the appointments of a booking\n"
    "application's SQLite file or PostgreSQL database, and makes the store and the barbers that are missing. A row "
    "that\n"
    "is bad is rejected, one that is in another's way is refused; each is told of with its line and the reason, and "
    "the\n"
    "import goes on. Appointments may lie in the past. Run again, an import changes nothing, and one that was\n"
    "interrupted goes on: each row is booked under a key of its own.\n"
    "\n"
    "  --format F           jsonl is as `figaro export` wrote it: then DIR must be new, and becomes the same state "
    "or,\n"
    "                       if a line of it cannot be, nothing at all; of the other options only --edited counts\n"
    "                       (default: what the file's name says, else csv)\n"
    "  --edited             jsonl: the file was changed by hand; its digest and its count of records are not looked "
    "at\n"
    "  --atomic             all or nothing: when a row is refused or rejected, or the import does not come to its "
    "end,\n"
    "                       the store stays what it was, and the exit status is 1; nothing else may have it open then\n"
    "  --zone Z             the zone of local times (default: the barber's, else the shop's); and of shop 1, when the\n"
    "                       store is made\n"
    "  --minutes N          how long a row lasts that does not say it\n"
    "  --barber B           the barber of rows that name none; of all events of a calendar\n"
    "  --no-keys            give no keys to rows that have none: run again, the import books what it can once more\n"
    "  --rules              judge each row as a booking made now: open time, rules and the shop's past too, and refuse "
    "it\n"
    "                       where `figaro book` would (without it, conflicts alone count)\n"
    "  --overlaps HOW       what becomes of rows that overlap; each is told of with both sides: keep-first (the one "
    "that\n"
    "                       is booked stays, the later row is refused; the default), refuse (neither row is taken) or\n"
    "                       record (the later row is kept as cancelled, for the record)\n"
    "  --batch N            rows in a commit, 1 to 4096 (default 1024)\n"
    "\n"
    "CSV:\n"
    "  --map LIST           where the fields are, as in barber=Staff,start=Date+Time: columns by the names in the\n"
    "                       first line, or all by their numbers where there are none; several are joined by a space.\n"
    "                       Fields: barber, start, end, minutes, service, client, key, status, expires (of what is\n"
    "                       held: until when), before, after, note. What was held and is over is taken as expired.\n"
    "                       Without --map each column is the field of its own name\n"
    "  --time-format F      how times are written, as %m/%d/%Y %I:%M %p, as strptime(3) has it (default: RFC 3339)\n"
    "  --lengths FILE       how long services last: a CSV file with the columns service,minutes and, if services have\n"
    "                       numbers, id\n"
    "\n"
    "Calendars: events go to --barber, else to the one whom the calendar is named after, else the file. CANCELLED "
    "ones\n"
    "are recorded as cancelled, TENTATIVE ones are pending, TRANSPARENT ones are rejected.\n"
    "  --from T, --to T     recurrences are taken from T on, and before T (default: from the file's first start to a\n"
    "                       year after its last date)\n"
    "\n"
    "Databases: figaro(1) says which tables are read. Times without an offset are UTC, or with --zone local ones of "
    "that\n"
    "zone. One of PostgreSQL is named by a URI or, with --format postgresql, as 'host=H dbname=D'; PGPASSWORD and\n"
    "~/.pgpass keep its password off the command line. It is read as it is at one moment, also while it is used.\n";

/* A text of its own, as a literal has 4095 bytes at most. */
static const char help_of_clients[] =
    "\n"
    "Clients of CSV files are named by number, or by a name that the store knows:\n"
    "  --new-clients        declare those whom it does not know (default: their rows are rejected)\n";

static const char help_of_status[] =
    "\n"
    "What became of appointments (cancellations, no-shows), from a CSV file:\n"
    "  --set-status S       change appointments that are there to S (confirmed, completed, cancelled or no_show) and\n"
    "                       book none. A row tells of the one appointment that is as all its fields say: any of\n"
    "                       barber, start or date (a field for this alone; --time-format then needs no hour), client,\n"
    "                       service and key. Services are known by number, by the ids of --lengths or by a name that\n"
    "                       the store has; a client or service left empty is none. Each row is counted once: matched,\n"
    "                       already so, recorded, ambiguous (it tells of several: all are named and none is changed),\n"
    "                       not found, illegal (the status allows no such change), refused (changed meanwhile) or\n"
    "                       rejected. With --json all but the recorded are told of, with their appointments\n"
    "  --record             keep a row that tells of none as an appointment of status S, for the record; not for\n"
    "                       confirmed. It needs a barber, a start and a length\n";

static const char help_end[] =
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro import shop trips.csv.gz --zone America/New_York --time-format '%m/%d/%Y %H:%M' \\\n"
    "      --map 'key=Trip id,barber=Bikeid,start=Starttime,end=Stoptime'\n"
    "  figaro import shop figaro.ics --barber Figaro --to 2027-01-01T00:00\n"
    "  figaro import shop app.sqlite --overlaps record --json\n"
    "  figaro import shop postgresql://reader@db.example.com/bookings --atomic\n"
    "  figaro import shop no-shows.csv --set-status no_show --zone America/Toronto --time-format %m/%d/%Y \\\n"
    "      --map barber=Staff,date=Date,client=Code,service=Service --lengths lengths.csv\n";

struct options {
    const char *map, *time_format, *zone, *lengths, *barber, *format;
    int64_t length_s;
    moment from, to;
    uint64_t batch;
    const char *overlaps;
    bool rules, no_keys, atomic, edited;
    bool new_clients;
    fig_appointment_status set_status; /* 0: the file's rows are booked */
    bool record;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* The format that was asked for, else the one that the file's name speaks of. */
static const char *format_of(const struct options *wanted, const char *file)
{
    if (wanted->format != NULL) return wanted->format;
    if (app_is_uri(file)) return "postgresql";
    if (ends_with(file, ".jsonl") || ends_with(file, ".jsonl.gz")) return "jsonl";
    if (ends_with(file, ".sqlite") || ends_with(file, ".sqlite3") || ends_with(file, ".db")) return "sqlite";
    return ends_with(file, ".ics") || ends_with(file, ".ics.gz") ? "ics" : "csv";
}

/* What one format alone can do with. */
static int check_for_format(const command_line *line, const struct options *wanted, bool is_csv, bool is_calendar)
{
    static const char csv_alone[] = "is for CSV files";
    if (!is_csv && wanted->map != NULL) return arguments_wrong(line, "map", csv_alone);
    if (!is_csv && wanted->time_format != NULL) return arguments_wrong(line, "time-format", csv_alone);
    if (!is_csv && wanted->lengths != NULL) return arguments_wrong(line, "lengths", csv_alone);
    if (!is_csv && wanted->new_clients) return arguments_wrong(line, "new-clients", csv_alone);
    if (!is_calendar && argument_given(wanted->from)) return arguments_wrong(line, "from", "is for calendars");
    if (!is_calendar && argument_given(wanted->to)) return arguments_wrong(line, "to", "is for calendars");
    return EXIT_DONE;
}

static bool overlaps_of(const struct options *wanted, import_overlap *overlaps)
{
    static const char *const names[] = {"keep-first", "refuse", "record"};
    static const import_overlap values[] = {IMPORT_KEEP_FIRST, IMPORT_REFUSE, IMPORT_RECORD};
    *overlaps = IMPORT_KEEP_FIRST;
    for (size_t i = 0; wanted->overlaps != NULL && i < 3; i++) {
        if (strcmp(wanted->overlaps, names[i]) != 0) continue;
        *overlaps = values[i];
        return true;
    }
    return wanted->overlaps == NULL;
}

/* What goes with --set-status, and what is for bookings alone. */
static int check_setting(const command_line *line, const struct options *wanted, bool is_csv)
{
    fig_appointment_status to = wanted->set_status;
    static const char books[] = "is for rows that are booked; --set-status books none";
    static const char records[] = "is for rows that are booked, or with --set-status recorded; give --record";
    if (to == 0) return wanted->record ? arguments_wrong(line, "record", "is for --set-status") : EXIT_DONE;
    if (!is_csv) return arguments_wrong(line, "set-status", "is for CSV files");
    if (to != FIG_CONFIRMED && to != FIG_COMPLETED && to != FIG_CANCELLED && to != FIG_NO_SHOW)
        return arguments_wrong(line, "set-status", "must be confirmed, completed, cancelled or no_show");
    if (wanted->record && to == FIG_CONFIRMED)
        return arguments_wrong(line, "record", "keeps what is over: completed, cancelled or no_show");
    if (wanted->rules) return arguments_wrong(line, "rules", books);
    if (wanted->overlaps != NULL) return arguments_wrong(line, "overlaps", books);
    if (wanted->no_keys) return arguments_wrong(line, "no-keys", books);
    if (wanted->atomic) return arguments_wrong(line, "atomic", books);
    if (!wanted->record && wanted->new_clients) return arguments_wrong(line, "new-clients", records);
    if (!wanted->record && wanted->length_s >= 0) return arguments_wrong(line, "minutes", records);
    return EXIT_DONE;
}

static int check_format(const command_line *line, const char *format, const char *file)
{
    static const char *const formats[] = {"csv", "ics", "sqlite", "postgresql", "jsonl"};
    if (app_is_uri(file) &&
        strcmp(format, "postgresql") != 0) /* as a file's name it would be printed, password and all */
        return arguments_wrong(line, "format", "must be postgresql for a connection to a database");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i]) == 0) return EXIT_DONE;
    return arguments_wrong(line, "format", "must be csv, ics, sqlite, postgresql or jsonl");
}

static int check_options(const command_line *line, const struct options *wanted, const char *file)
{
    reason why;
    const char *format = format_of(wanted, file);
    bool is_csv = strcmp(format, "csv") == 0;
    int code = check_format(line, format, file);
    if (code != EXIT_DONE) return code;
    if (strcmp(format, "jsonl") == 0) return check_setting(line, wanted, false);
    if (wanted->edited) return arguments_wrong(line, "edited", "is for what was exported as jsonl");
    import_overlap overlaps;
    if (!overlaps_of(wanted, &overlaps))
        return arguments_wrong(line, "overlaps", "must be refuse, keep-first or record");
    if (overlaps == IMPORT_RECORD && wanted->no_keys)
        return arguments_wrong(line, "overlaps", "record tells rows by their keys; leave out --no-keys");
    code = check_for_format(line, wanted, is_csv, strcmp(format, "ics") == 0);
    if (code == EXIT_DONE) code = check_setting(line, wanted, is_csv);
    if (code != EXIT_DONE) return code;
    if (wanted->set_status == 0 && wanted->time_format != NULL && !time_format_check(wanted->time_format, &why))
        return arguments_wrong(line, "time-format", why.text);
    return EXIT_DONE;
}

/* ---- the plan ---- */

static bool check_plan(const import_plan *plan, const struct options *wanted, reason *why)
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
static int bind_plan(import_plan *plan, const struct options *wanted, csv *file)
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
    const struct options *wanted;
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
        .rules = import->wanted->rules,
        .new_clients = import->wanted->new_clients,
        .atomic = import->wanted->atomic,
    };
    overlaps_of(import->wanted, &order.overlaps);
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
    const struct options *wanted = import->wanted;
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
    const struct options *wanted = import->wanted;
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

int command_import(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {
        .batch = 1024, .length_s = ARGUMENT_NO_LENGTH, .from = ARGUMENT_NO_MOMENT, .to = ARGUMENT_NO_MOMENT};
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"format", ARGUMENT_TEXT, .text = &wanted.format},
        {"map", ARGUMENT_TEXT, .text = &wanted.map},
        {"time-format", ARGUMENT_TEXT, .text = &wanted.time_format},
        {"zone", ARGUMENT_TEXT, .text = &wanted.zone},
        {"minutes", ARGUMENT_LENGTH, .seconds = &wanted.length_s},
        {"lengths", ARGUMENT_TEXT, .text = &wanted.lengths},
        {"barber", ARGUMENT_TEXT, .text = &wanted.barber},
        {"from", ARGUMENT_MOMENT, .moment = &wanted.from},
        {"to", ARGUMENT_MOMENT, .moment = &wanted.to},
        {"overlaps", ARGUMENT_TEXT, .text = &wanted.overlaps},
        {"rules", ARGUMENT_FLAG, .flag = &wanted.rules},
        {"no-keys", ARGUMENT_FLAG, .flag = &wanted.no_keys},
        {"new-clients", ARGUMENT_FLAG, .flag = &wanted.new_clients},
        {"set-status", ARGUMENT_STATUS, .status = &wanted.set_status},
        {"record", ARGUMENT_FLAG, .flag = &wanted.record},
        {"atomic", ARGUMENT_FLAG, .flag = &wanted.atomic},
        {"edited", ARGUMENT_FLAG, .flag = &wanted.edited},
        {"batch", ARGUMENT_NUMBER, .number = &wanted.batch, .least = 1, .most = FIG_BATCH_MAX},
    };
    static char whole_help[sizeof help + sizeof help_of_clients + sizeof help_of_status + sizeof help_end];
    snprintf(whole_help, sizeof whole_help, "%s%s%s%s", help, help_of_clients, help_of_status, help_end);
    const command_line line = {"import", whole_help, "DIR FILE", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    code = check_options(&line, &wanted, operands[1]);
    if (code != EXIT_DONE) return code;
    if (strcmp(format_of(&wanted, operands[1]), "jsonl") == 0)
        return import_jsonl(&at, operands[0], operands[1], wanted.edited);

    reason why;
    local_zone zone = {0};
    if (wanted.zone != NULL && !local_zone_open(wanted.zone, &zone, &why))
        return complain(EXIT_USAGE, "--zone: %s", why.text);
    struct import import = {
        .at = &at, .directory = operands[0], .wanted = &wanted, .zone = wanted.zone != NULL ? &zone : NULL};
    code = import_from(&import, format_of(&wanted, operands[1]), operands[1]);
    local_zone_close(&zone);
    return code;
}
