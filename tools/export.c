#include "tools/export.h"

#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro export DIR [--format jsonl|csv|ics] [--barber B] [--from T] [--to T] [--status S,...]\n"
    "\n"
    "Writes the appointments of one version to the standard output, also while others write, in a form that\n"
    "`figaro import` reads back.\n"
    "\n"
    "  --format F           jsonl (the default): JSON Lines of everything that the store knows, appointments with\n"
    "                       keys, notes and versions, hours, services, clients and rules in the words of a setup "
    "file,\n"
    "                       zones: imported, it is the same state, with the same digest; csv: one appointment a line\n"
    "                       (barber,start,end,service,client,status,expires,before,after,key,note), of all statuses,\n"
    "                       each of which an import takes as what it was; ics: an iCalendar file with a calendar for\n"
    "                       each barber, in which cancelled appointments are CANCELLED and holds are left out\n"
    "  --barber B           csv, ics: only this barber's (exact name, else id)\n"
    "  --from T             csv, ics: only those that end after T (RFC 3339, or without an offset in the barber's "
    "zone,\n"
    "                       or where no barber is given in that of shop 1)\n"
    "  --to T               csv, ics: only those that start before T\n"
    "  --status S,...       csv, ics: only those of these statuses: held, pending, scheduled, confirmed, completed,\n"
    "                       cancelled, no_show, expired (default: all; a hold that is over by now is "
    "expired)\n" AS_OF_HELP COMMON_HELP "\n"
    "examples:\n"
    "  figaro export shop | gzip > shop.jsonl.gz\n"
    "  figaro export shop --format ics --barber Figaro > figaro.ics\n"
    "  figaro export shop --format csv --barber Figaro --from 2026-03-01T00:00 > march.csv\n"
    "  figaro export shop --format csv --status held,pending\n";

static const struct format {
    const char *name;
    int (*write)(const export_order *order);
    bool is_whole; /* it takes no filter */
} formats[] = {
    {"csv", export_csv, false},
    {"ics", export_ics, false},
    {"jsonl", export_jsonl, true},
};

struct options {
    const char *format, *barber, *statuses;
    moment from, to;
};

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0) return &formats[i];
    return NULL;
}

static int complete_filter(const session *at, const struct options *wanted, fig_filter *filter)
{
    fig_barber barber = fig_barber_default();
    const fig_barber *whose = wanted->barber != NULL ? &barber : NULL;
    int code = EXIT_DONE;
    if (wanted->barber != NULL) code = session_need_barber(at, wanted->barber, 0, &barber);
    if (code == EXIT_DONE && wanted->barber != NULL) filter->barber_id = barber.id;
    if (code == EXIT_DONE && argument_given(wanted->from))
        code = session_instant(at, whose, "from", wanted->from, &filter->from_s);
    if (code == EXIT_DONE && argument_given(wanted->to))
        code = session_instant(at, whose, "to", wanted->to, &filter->to_s);
    if (code == EXIT_DONE && filter->from_s >= filter->to_s)
        code = complain(EXIT_USAGE, "--to: must be later than --from (see `figaro export --help`)");
    return code;
}

/* A list of statuses as bits; NULL: all of them. */
static bool read_statuses(const char *list, uint32_t *bits, reason *why)
{
    *bits = list == NULL ? UINT32_MAX : 0;
    while (list != NULL) {
        char name[16];
        fig_appointment_status status;
        size_t length = strcspn(list, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        if (length >= sizeof name || fig_appointment_status_from_name(name, &status) != FIG_OK)
            return reason_set(why, "'%.*s' is no status", (int)(length < 64 ? length : 64), list);
        *bits |= UINT32_C(1) << status;
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return true;
}

static int run(const session *at, const struct options *wanted, const struct format *format)
{
    reason ignored; /* check_options() has read them */
    export_order order = {.at = at, .view = session_view(at), .filter = fig_filter_default()};
    fig_snapshot *snapshot = NULL;
    read_statuses(wanted->statuses, &order.statuses, &ignored);
    int code = complete_filter(at, wanted, &order.filter);
    if (code != EXIT_DONE) return code;
    fig_status status = at->snapshot == NULL ? fig_snapshot_open(at->engine, &snapshot) : FIG_OK;
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (snapshot != NULL) order.view.snapshot = snapshot;
    code = format->write(&order);
    fig_snapshot_close(snapshot);
    return code;
}

static int check_options(const command_line *line, const struct options *wanted, const struct format *format)
{
    if (format == NULL) return arguments_wrong(line, "format", "must be jsonl, csv or ics");
    bool filtered = wanted->barber != NULL || wanted->statuses != NULL || argument_given(wanted->from) ||
                    argument_given(wanted->to);
    reason why;
    uint32_t statuses;
    if (format->is_whole && filtered)
        return arguments_wrong(line, "format",
                               "jsonl is the whole store; --barber, --status, --from and --to go with csv and ics");
    if (!read_statuses(wanted->statuses, &statuses, &why)) return arguments_wrong(line, "status", why.text);
    return ARGUMENTS_GO;
}

int command_export(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {.format = "jsonl", .from = ARGUMENT_NO_MOMENT, .to = ARGUMENT_NO_MOMENT};
    const char *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"format", ARGUMENT_TEXT, .text = &wanted.format},   {"barber", ARGUMENT_TEXT, .text = &wanted.barber},
        {"from", ARGUMENT_MOMENT, .moment = &wanted.from},   {"to", ARGUMENT_MOMENT, .moment = &wanted.to},
        {"status", ARGUMENT_TEXT, .text = &wanted.statuses}, {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    const command_line line = {"export", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    const struct format *format = find_format(wanted.format);
    code = check_options(&line, &wanted, format);
    if (code != ARGUMENTS_GO) return code;

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &wanted, format));
}
