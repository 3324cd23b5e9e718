/* The command line of an import. */
#include "tools/app_source.h"
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/import_run.h"
#include "tools/output.h"
#include "tools/time_format.h"

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
    "Clients and services of CSV files are named by a name that the store knows, else by id (007 is none):\n"
    "  --new-clients        declare clients whom it does not know (default: their rows are rejected), also of rows "
    "that\n"
    "                       the store refuses\n";

static const char help_of_status[] =
    "\n"
    "What became of appointments (cancellations, no-shows), from a CSV file:\n"
    "  --set-status S       change appointments that are there to S (confirmed, completed, cancelled or no_show) and\n"
    "                       book none. A row tells of the one appointment that is as all its fields say: any of\n"
    "                       barber, start or date (a field for this alone; --time-format then needs no hour), client,\n"
    "                       service and key. Services are known by number, by the ids of --lengths or by a name that\n"
    "                       the store has; a client or service left empty is none. Each row is counted once: matched,\n"
    "                       already so, recorded, ambiguous (it tells of several: all are named and none is changed),\n"
    "                       not found, illegal (the status allows no such change), changed (meanwhile) or\n"
    "                       rejected; refused in --json is the sum of the four before that. With --json all but the "
    "recorded are told of, with their appointments\n"
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

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* The format that was asked for, else the one that the file's name speaks of. */
static const char *format_of(const import_options *wanted, const char *file)
{
    if (wanted->format != NULL) return wanted->format;
    if (app_is_uri(file)) return "postgresql";
    if (ends_with(file, ".jsonl") || ends_with(file, ".jsonl.gz")) return "jsonl";
    if (ends_with(file, ".sqlite") || ends_with(file, ".sqlite3") || ends_with(file, ".db")) return "sqlite";
    return ends_with(file, ".ics") || ends_with(file, ".ics.gz") ? "ics" : "csv";
}

/* What one format alone can do with. */
static int check_for_format(const command_line *line, const import_options *wanted, bool is_csv, bool is_calendar)
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

static bool overlaps_of(const char *text, import_overlap *overlaps)
{
    static const char *const words[] = {"keep-first", "refuse", "record"};
    static const import_overlap values[] = {IMPORT_KEEP_FIRST, IMPORT_REFUSE, IMPORT_RECORD};
    *overlaps = IMPORT_KEEP_FIRST;
    for (size_t i = 0; text != NULL && i < 3; i++) {
        if (strcmp(text, words[i]) != 0) continue;
        *overlaps = values[i];
        return true;
    }
    return text == NULL;
}

/* What goes with --set-status, and what is for bookings alone. */
static int check_setting(const command_line *line, const import_options *wanted, bool is_csv)
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
    if (wanted->overlaps_text != NULL) return arguments_wrong(line, "overlaps", books);
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

static int check_options(const command_line *line, import_options *wanted, const char *file)
{
    reason why;
    const char *format = format_of(wanted, file);
    bool is_csv = strcmp(format, "csv") == 0;
    int code = check_format(line, format, file);
    if (code != EXIT_DONE) return code;
    if (strcmp(format, "jsonl") == 0) return check_setting(line, wanted, false);
    if (wanted->edited) return arguments_wrong(line, "edited", "is for what was exported as jsonl");
    if (!overlaps_of(wanted->overlaps_text, &wanted->overlaps))
        return arguments_wrong(line, "overlaps", "must be refuse, keep-first or record");
    if (wanted->overlaps == IMPORT_RECORD && wanted->no_keys)
        return arguments_wrong(line, "overlaps", "record tells rows by their keys; leave out --no-keys");
    code = check_for_format(line, wanted, is_csv, strcmp(format, "ics") == 0);
    if (code == EXIT_DONE) code = check_setting(line, wanted, is_csv);
    if (code != EXIT_DONE) return code;
    if (wanted->set_status == 0 && wanted->time_format != NULL && !time_format_check(wanted->time_format, &why))
        return arguments_wrong(line, "time-format", why.text);
    return EXIT_DONE;
}

int command_import(int argc, char **argv)
{
    session at = session_default();
    import_options wanted = {
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
        {"overlaps", ARGUMENT_TEXT, .text = &wanted.overlaps_text},
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
    return import_run(&at, operands[0], operands[1], format_of(&wanted, operands[1]), &wanted);
}
