/* The command line of an import, and what must be right before a store is made. */
#include "tools/app_setup.h"
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/import_app.h"
#include "tools/import_csv.h"
#include "tools/import_ics.h"
#include "tools/import_jsonl.h"
#include "tools/import_load.h"
#include "tools/output.h"
#include "tools/time_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro import DIR FILE [--format csv|ics|sqlite|jsonl] [options]\n"
    "\n"
    "Books the rows of a CSV file, the events of an iCalendar file (plain or .gz) or the appointments of a booking\n"
    "application's SQLite file, and makes the store and the barbers that are missing. A row that is bad is rejected, "
    "one that is in another's way is refused; each is told "
    "of\n"
    "with its line and the reason, and the import goes on. Appointments may lie in the past. Run again, an import\n"
    "changes nothing, and one that was interrupted goes on: each row is booked under a key of its own.\n"
    "\n"
    "  --format F           csv, ics, sqlite, or jsonl, as `figaro export` wrote it: then DIR must be new, and "
    "becomes\n"
    "                       the same state or, if a line of it cannot be, nothing at all; of the other options only\n"
    "                       --edited counts (default: what the file's name ends with, else csv)\n"
    "  --edited             jsonl: the file was changed by hand; its digest and its count of records are not looked "
    "at\n"
    "  --zone Z             the zone of local times (default: the barber's, else the shop's); and of shop 1, when the\n"
    "                       store is made\n"
    "  --minutes N          how long a row lasts that does not say it\n"
    "  --barber B           the barber of rows that name none; of all events of a calendar\n"
    "  --no-keys            give no keys to rows that have none: run again, the import books what it can once more\n"
    "  --rules              judge each row as a booking made now: open time, rules and the shop's past too, and refuse "
    "it\n"
    "                       where `figaro book` would (without it, what is imported happened: conflicts alone count)\n"
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
    "  --time-format F      how times are written, as %m/%d/%Y %I:%M %p; there are %Y %y %m %b %B %d %e %j %H %I\n"
    "                       %p %M %S %z %F %D %T %R %n %t %% (default: RFC 3339, with or without an offset)\n"
    "  --lengths FILE       how long services last: a CSV file with the columns service,minutes and, if services have\n"
    "                       numbers, id\n"
    "\n"
    "Calendars: events go to --barber, else to the one whom the calendar is named after (X-WR-CALNAME), else the "
    "file.\n"
    "CANCELLED ones are recorded as cancelled, TENTATIVE ones are pending, TRANSPARENT ones are rejected. The summary "
    "is\n"
    "kept as the note, the UID as the key (UID#START where an event recurs).\n"
    "  --from T, --to T     recurrences are taken from T on, and before T (default: from the file's first start to a\n"
    "                       year after its last date)\n"
    "\n"
    "SQLite: the application's tables of appointments, services, clients, schedules and rules, as far as they are\n"
    "there; figaro(1) names them. Times without an offset are UTC, or with --zone local ones of that "
    "zone.\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro import shop bookings.csv --zone America/Toronto --time-format '%m/%d/%Y %I:%M:%S %p' \\\n"
    "      --map barber=Staff,start=Date+Time,service=Service --lengths lengths.csv --json\n"
    "  figaro import shop figaro.ics --barber Figaro --to 2027-01-01T00:00\n"
    "  figaro import shop app.sqlite --overlaps record --json | tail -1\n";

struct options {
    const char *map, *time_format, *zone, *lengths, *barber, *format;
    int64_t length_s;
    moment from, to;
    uint64_t batch;
    const char *overlaps;
    bool rules, no_keys, edited;
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

static int check_options(const command_line *line, const struct options *wanted, const char *file)
{
    reason why;
    const char *format = format_of(wanted, file);
    bool is_csv = strcmp(format, "csv") == 0, is_calendar = strcmp(format, "ics") == 0;
    if (strcmp(format, "jsonl") == 0) return EXIT_DONE;
    if (wanted->edited) return arguments_wrong(line, "edited", "is for what was exported as jsonl");
    if (!is_csv && !is_calendar && strcmp(format, "sqlite") != 0)
        return arguments_wrong(line, "format", "must be csv, ics, sqlite or jsonl");
    import_overlap overlaps;
    if (!overlaps_of(wanted, &overlaps))
        return arguments_wrong(line, "overlaps", "must be refuse, keep-first or record");
    if (overlaps == IMPORT_RECORD && wanted->no_keys)
        return arguments_wrong(line, "overlaps", "record tells rows by their keys; leave out --no-keys");
    int code = check_for_format(line, wanted, is_csv, is_calendar);
    if (code != EXIT_DONE) return code;
    if (wanted->time_format != NULL && !time_format_check(wanted->time_format, &why))
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
    if (!check_plan(plan, wanted, &why)) return complain(EXIT_USAGE, "%s", why.text);
    return EXIT_DONE;
}

/* ---- the import ---- */

static void print_tables(const json_t *tables)
{
    const char *name;
    json_t *counts;
    json_object_foreach((json_t *)tables, name, counts)
        printf("%s: %" JSON_INTEGER_FORMAT " accepted, %" JSON_INTEGER_FORMAT " rejected\n", name,
               json_integer_value(json_object_get(counts, "accepted")),
               json_integer_value(json_object_get(counts, "rejected")));
}

/* `events`: how many of a calendar the rows come from; 0: they are a file's own. `tables`: what became of the rows of a
 * database besides its appointments; NULL: it is none. */
static void print_summary(const session *at, const import_counts *counts, size_t events, const json_t *tables)
{
    if (at->json) {
        json_t *object = json_object();
        json_object_set_new(object, "accepted", output_id(counts->accepted));
        json_object_set_new(object, "refused", output_id(counts->refused));
        json_object_set_new(object, "rejected", output_id(counts->rejected));
        json_object_set_new(object, "repeated", output_id(counts->repeated));
        if (counts->recorded > 0) json_object_set_new(object, "recorded", output_id(counts->recorded));
        if (events > 0) json_object_set_new(object, "events", output_id(events));
        if (tables != NULL) json_object_set(object, "tables", (json_t *)tables);
        output_object(object);
        return;
    }
    print_tables(tables);
    if (events > 0) printf("%zu event%s, ", events, events == 1 ? "" : "s");
    printf("%" PRIu64 " row%s: %" PRIu64 " accepted", counts->accepted + counts->refused + counts->rejected,
           counts->accepted + counts->refused + counts->rejected == 1 ? "" : "s", counts->accepted);
    if (counts->repeated > 0) printf(" (%" PRIu64 " of them were there already)", counts->repeated);
    if (counts->recorded > 0) printf(" (%" PRIu64 " of them as cancelled)", counts->recorded);
    printf(", %" PRIu64 " refused, %" PRIu64 " rejected\n", counts->refused, counts->rejected);
}

/* --barber is a name, else the id of a barber that the store has, else the name of one that will be made. */
static const char *find_barber(const session *at, const char *text, fig_barber *barber)
{
    *barber = fig_barber_default();
    return text != NULL && session_find_barber(at, text, barber) == FIG_OK ? barber->name : text;
}

/* An import that is under way: the store is open. */
struct import {
    session *at;
    const char *directory;
    const struct options *wanted;
    const local_zone *zone; /* --zone; NULL: not given */
};

static int open_store(const struct import *import)
{
    fig_options store = session_options(import->at);
    store.create = true;
    if (import->wanted->zone != NULL) store.default_zone = import->wanted->zone;
    return session_open(import->at, import->directory, &store);
}

static int load(const struct import *import, import_source *from, import_counts *counts)
{
    import_order order = {
        .at = import->at,
        .directory = import->directory,
        .zone = import->zone,
        .batch = import->wanted->batch,
        .keys = !import->wanted->no_keys,
        .rules = import->wanted->rules,
    };
    overlaps_of(import->wanted, &order.overlaps);
    return import_load(&order, from, counts);
}

/* ---- CSV ---- */

static int run_csv(const struct import *import, import_plan *plan, csv *file)
{
    import_counts counts = {0};
    import_csv rows;
    fig_barber barber;
    int code = open_store(import);
    if (code != EXIT_DONE) return code;
    plan->barber = find_barber(import->at, import->wanted->barber, &barber);
    import_source from = import_csv_source(&rows, file, plan);
    code = load(import, &from, &counts);
    import_csv_close(&rows);
    print_summary(import->at, &counts, 0, NULL);
    return session_close(import->at, code);
}

static int import_csv_file(const struct import *import, const char *path)
{
    reason why;
    csv *file = csv_open(path, &why);
    if (file == NULL) return complain(EXIT_USAGE, "%s", why.text);
    import_plan plan = {.time_format = import->wanted->time_format, .length_s = import->wanted->length_s};
    int code = bind_plan(&plan, import->wanted, file);
    if (code == EXIT_DONE) code = run_csv(import, &plan, file);
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

static int run_ics(const struct import *import, import_ics *rows, import_ics_order *order)
{
    import_counts counts = {0};
    int code = import_ics_place(rows, order);
    if (code != EXIT_DONE) return code;
    import_source from = import_ics_source(rows);
    code = load(import, &from, &counts);
    say_cut(rows);
    print_summary(import->at, &counts, import_ics_events(rows), NULL);
    return code;
}

static int import_ics_file(const struct import *import, const char *path)
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
        code = run_ics(import, rows, &order);
        code = session_close(import->at, code);
    }
    import_ics_close(rows);
    return code;
}

/* ---- databases ---- */

static int run_app(const struct import *import, app_file *app, json_t *tables)
{
    import_counts counts = {0};
    import_source from;
    reason why;
    import_app rows = {
        .at = import->at, .app = app, .local = import->zone != NULL, .length_s = import->wanted->length_s};
    int code = app_setup(import->at, app, tables);
    if (code != EXIT_DONE) return code;
    if (!import_app_begin(&rows, &from, &why)) return complain(EXIT_USAGE, "%s", why.text);
    code = load(import, &from, &counts);
    import_app_end(&rows);
    print_summary(import->at, &counts, 0, tables);
    return code;
}

static int import_app_file(const struct import *import, const char *path)
{
    reason why;
    app_file *app = app_open(path, &why);
    bool good = app != NULL && import_app_check(app, &why);
    int code = good ? open_store(import) : complain(EXIT_USAGE, "%s", why.text);
    if (code == EXIT_DONE) {
        json_t *tables = json_object();
        code = session_close(import->at, run_app(import, app, tables));
        json_decref(tables);
    }
    app_close(app);
    return code;
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
        {"edited", ARGUMENT_FLAG, .flag = &wanted.edited},
        {"batch", ARGUMENT_NUMBER, .number = &wanted.batch, .least = 1, .most = FIG_BATCH_MAX},
    };
    const command_line line = {"import", help, "DIR FILE", options, sizeof options / sizeof *options};
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
    const struct import import = {&at, operands[0], &wanted, wanted.zone != NULL ? &zone : NULL};
    const char *format = format_of(&wanted, operands[1]);
    if (strcmp(format, "ics") == 0)
        code = import_ics_file(&import, operands[1]);
    else if (strcmp(format, "sqlite") == 0)
        code = import_app_file(&import, operands[1]);
    else
        code = import_csv_file(&import, operands[1]);
    local_zone_close(&zone);
    return code;
}
