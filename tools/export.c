#include "tools/export.h"

#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <string.h>

static const char help[] =
    "usage: figaro export DIR --format ics [--barber B] [--from T] [--to T]\n"
    "\n"
    "Writes the appointments of one version to the standard output, also while others write, in a form that\n"
    "`figaro import` reads back.\n"
    "\n"
    "  --format ics         an iCalendar file with a calendar for each barber; cancelled appointments are in it as\n"
    "                       CANCELLED, holds are left out\n"
    "  --barber B           only this barber's (exact name, else id)\n"
    "  --from T             only those that end after T (RFC 3339, or without an offset in the barber's zone, or\n"
    "                       where no barber is given in that of shop 1)\n"
    "  --to T               only those that start before T\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro export shop --format ics --barber Figaro > figaro.ics\n"
    "  figaro export shop --format ics --from 2026-03-01T00:00 | gzip > march.ics.gz\n";

static const struct format {
    const char *name;
    int (*write)(const export_order *order);
} formats[] = {
    {"ics", export_ics},
};

struct options {
    const char *format, *barber;
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

static int run(const session *at, const struct options *wanted, const struct format *format)
{
    export_order order = {.at = at, .view = session_view(at), .filter = fig_filter_default()};
    fig_snapshot *snapshot = NULL;
    int code = complete_filter(at, wanted, &order.filter);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_snapshot_open(at->engine, &snapshot);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    order.view.snapshot = snapshot;
    code = format->write(&order);
    fig_snapshot_close(snapshot);
    return code;
}

int command_export(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {.from = ARGUMENT_NO_MOMENT, .to = ARGUMENT_NO_MOMENT};
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"format", ARGUMENT_TEXT, .text = &wanted.format},
        {"barber", ARGUMENT_TEXT, .text = &wanted.barber},
        {"from", ARGUMENT_MOMENT, .moment = &wanted.from},
        {"to", ARGUMENT_MOMENT, .moment = &wanted.to},
    };
    const command_line line = {"export", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    if (wanted.format == NULL) return arguments_missing(&line, "format");
    const struct format *format = find_format(wanted.format);
    if (format == NULL) return arguments_wrong(&line, "format", "must be ics");

    code = session_open_to_read(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &wanted, format));
}
