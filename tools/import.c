/* The command line of an import, and what must be right before a store is made. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/import_jsonl.h"
#include "tools/import_load.h"
#include "tools/output.h"
#include "tools/time_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro import DIR FILE --map field=Column,... [options]\n"
    "\n"
    "Books the rows of a CSV file (plain or .gz), and makes the store and the barbers that are missing. A row that is\n"
    "bad is rejected, one that is in another's way is refused; each is told of with its line and the reason, and the\n"
    "import goes on. Appointments may lie in the past. Run again, an import changes nothing, and one that was\n"
    "interrupted goes on: each row is booked under a key of its own.\n"
    "\n"
    "  --map LIST           where the fields are, as in barber=Staff,start=Date+Time: columns by the names in the\n"
    "                       first line, or all by their numbers where there are none; several are joined by a space.\n"
    "                       Fields: barber, start, end, minutes, service, client, key, status, before, after, note.\n"
    "                       Without --map each column is the field of its own name\n"
    "  --time-format F      how times are written, as %m/%d/%Y %I:%M %p; there are %Y %y %m %b %B %d %e %j %H %I\n"
    "                       %p %M %S %z %F %D %T %R %n %t %% (default: RFC 3339, with or without an offset)\n"
    "  --zone Z             the zone of local times (default: the barber's, else the shop's); and of shop 1, when the\n"
    "                       store is made\n"
    "  --minutes N          how long a row lasts that does not say it\n"
    "  --lengths FILE       how long services last: a CSV file with the columns service,minutes and, if services have\n"
    "                       numbers, id\n"
    "  --barber B           the barber of rows that name none\n"
    "  --no-keys            give no keys to rows that have none: run again, the import books what it can once more\n"
    "  --rules              judge each row as a booking made now: open time, rules and the shop's past too, and refuse "
    "it\n"
    "                       where `figaro book` would (without it, what is imported happened: conflicts alone count)\n"
    "  --batch N            rows in a commit, 1 to 4096 (default 1024)\n"
    "  --format F           what FILE is: csv; or jsonl, as `figaro export` wrote it: DIR must be new, and becomes "
    "the\n"
    "                       same state or, if a line of it cannot be, nothing at all (no other option counts)\n"
    "                       (default: what the file's name ends with, else csv)\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro import shop trips.csv.gz --zone America/New_York --time-format '%m/%d/%Y %H:%M' \\\n"
    "      --map 'key=Trip id,barber=Bikeid,start=Starttime,end=Stoptime'\n"
    "  figaro import shop bookings.csv --zone America/Toronto --time-format '%m/%d/%Y %I:%M:%S %p' \\\n"
    "      --map barber=Staff,start=Date+Time,service=Service --lengths lengths.csv --json\n";

struct options {
    const char *map, *time_format, *zone, *lengths, *barber, *format;
    int64_t length_s;
    uint64_t batch;
    bool rules, no_keys;
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
    return ends_with(file, ".ics") ? "ics" : "csv";
}

static int check_format(const command_line *line, const struct options *wanted, const char *file)
{
    const char *format = format_of(wanted, file);
    if (strcmp(format, "ics") == 0)
        return complain(EXIT_USAGE, "--format: ics is not in this version yet; csv and jsonl are");
    if (strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
        return arguments_wrong(line, "format", "must be csv or jsonl");
    return EXIT_DONE;
}

static int check_options(const command_line *line, const struct options *wanted, const char *file)
{
    reason why;
    int code = check_format(line, wanted, file);
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

static void print_summary(const session *at, const import_counts *counts)
{
    if (at->json) {
        json_t *object = json_object();
        json_object_set_new(object, "accepted", output_id(counts->accepted));
        json_object_set_new(object, "refused", output_id(counts->refused));
        json_object_set_new(object, "rejected", output_id(counts->rejected));
        json_object_set_new(object, "repeated", output_id(counts->repeated));
        output_object(object);
        return;
    }
    printf("%" PRIu64 " row%s: %" PRIu64 " accepted", counts->accepted + counts->refused + counts->rejected,
           counts->accepted + counts->refused + counts->rejected == 1 ? "" : "s", counts->accepted);
    if (counts->repeated > 0) printf(" (%" PRIu64 " of them were there already)", counts->repeated);
    printf(", %" PRIu64 " refused, %" PRIu64 " rejected\n", counts->refused, counts->rejected);
}

/* --barber is a name, else the id of a barber that the store has, else the name of one that will be made. */
static const char *find_barber(const session *at, const char *text, fig_barber *barber)
{
    *barber = fig_barber_default();
    return text != NULL && session_find_barber(at, text, barber) == FIG_OK ? barber->name : text;
}

static int run(session *at, const char *directory, const struct options *wanted, import_plan *plan,
               const local_zone *zone, csv *file)
{
    fig_options store = session_options(at);
    store.create = true;
    if (wanted->zone != NULL) store.default_zone = wanted->zone;
    int code = session_open(at, directory, &store);
    if (code != EXIT_DONE) return code;
    fig_barber barber;
    plan->barber = find_barber(at, wanted->barber, &barber);
    import_order order = {at, directory, plan, zone, wanted->batch, !wanted->no_keys, wanted->rules};
    import_counts counts = {0};
    code = import_load(&order, file, &counts);
    print_summary(at, &counts);
    return session_close(at, code);
}

static int run_with_file(session *at, const char *directory, const struct options *wanted, csv *file)
{
    import_plan plan = {.time_format = wanted->time_format, .length_s = wanted->length_s};
    local_zone zone = {0};
    reason why;
    int code = bind_plan(&plan, wanted, file);
    if (code == EXIT_DONE && wanted->zone != NULL && !local_zone_open(wanted->zone, &zone, &why))
        code = complain(EXIT_USAGE, "--zone: %s", why.text);
    if (code == EXIT_DONE) code = run(at, directory, wanted, &plan, wanted->zone != NULL ? &zone : NULL, file);
    local_zone_close(&zone);
    lengths_free(&plan.lengths);
    import_map_free(&plan.map);
    return code;
}

int command_import(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {.batch = 1024, .length_s = ARGUMENT_NO_LENGTH};
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"format", ARGUMENT_TEXT, .text = &wanted.format},
        {"map", ARGUMENT_TEXT, .text = &wanted.map},
        {"time-format", ARGUMENT_TEXT, .text = &wanted.time_format},
        {"zone", ARGUMENT_TEXT, .text = &wanted.zone},
        {"minutes", ARGUMENT_LENGTH, .seconds = &wanted.length_s},
        {"lengths", ARGUMENT_TEXT, .text = &wanted.lengths},
        {"barber", ARGUMENT_TEXT, .text = &wanted.barber},
        {"rules", ARGUMENT_FLAG, .flag = &wanted.rules},
        {"no-keys", ARGUMENT_FLAG, .flag = &wanted.no_keys},
        {"batch", ARGUMENT_NUMBER, .number = &wanted.batch, .least = 1, .most = FIG_BATCH_MAX},
    };
    const command_line line = {"import", help, "DIR FILE", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    code = check_options(&line, &wanted, operands[1]);
    if (code != EXIT_DONE) return code;
    if (strcmp(format_of(&wanted, operands[1]), "jsonl") == 0) return import_jsonl(&at, operands[0], operands[1]);

    reason why;
    csv *file = csv_open(operands[1], &why);
    if (file == NULL) return complain(EXIT_USAGE, "%s", why.text);
    code = run_with_file(&at, operands[0], &wanted, file);
    csv_close(file);
    return code;
}
