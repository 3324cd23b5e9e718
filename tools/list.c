#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro list DIR [--barber B] [--client C] [--from T] [--to T] [--status S] [--active]\n"
    "\n"
    "Lists appointments of one version, also while others write: by start when a barber or client is given, "
    "else by id.\n"
    "\n"
    "  --barber B           only this barber's (exact name, else id)\n"
    "  --client C           only this client's (exact name, else id)\n"
    "  --from T             only those that end after T (RFC 3339, or without an offset in the barber's zone, or\n"
    "                       where no barber is given in that of shop 1)\n"
    "  --to T               only those that start before T\n"
    "  --status S           held, pending, scheduled, confirmed, completed, cancelled, no_show or expired\n"
    "  --active             only those that take up time\n" AS_OF_HELP COMMON_HELP "\n"
    "examples:\n"
    "  figaro list shop --barber Figaro --from 2026-03-02T00:00 --to 2026-03-03T00:00\n"
    "  figaro list shop --status no_show --json\n"
    "  figaro list shop --as-of 2026-02-28T18:00\n";

enum { PAGE = 256 };

/* --from and --to, as they were given. */
struct span {
    moment from, to;
};

static int print_pages(const session *at, const fig_view *view, const fig_filter *filter)
{
    static fig_appointment page[PAGE];
    fig_cursor cursor = {{0}};
    uint64_t total = 0;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(at->engine, view, filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK && status != FIG_NOT_FOUND)
            return output_refusal(at, status, 0, "%s", fig_status_text(status));
        if (status == FIG_NOT_FOUND || count == 0) break;
        for (size_t i = 0; i < count; i++) output_appointment(at, &page[i], 0);
        if (ferror(stdout)) return EXIT_FAULT; /* output_finish() says so */
        total += count;
    }
    if (!at->json) printf("%" PRIu64 " appointment%s\n", total, total == 1 ? "" : "s");
    return EXIT_DONE;
}

/* What the options say in words that only the store can give a sense: whose zone, which barber. */
static int complete_filter(const session *at, const struct span *span, const char *barber_name, const named *client,
                           fig_filter *filter)
{
    fig_barber barber = fig_barber_default();
    const fig_barber *whose = barber_name != NULL ? &barber : NULL;
    int code = EXIT_DONE;
    if (barber_name != NULL) code = session_need_barber(at, barber_name, 0, &barber);
    if (code == EXIT_DONE && barber_name != NULL) filter->barber_id = barber.id;
    if (code == EXIT_DONE) code = session_need_client(at, client, 0, &filter->client_id);
    if (code == EXIT_DONE && argument_given(span->from))
        code = session_instant(at, whose, "from", span->from, &filter->from_s);
    if (code == EXIT_DONE && argument_given(span->to)) code = session_instant(at, whose, "to", span->to, &filter->to_s);
    if (code == EXIT_DONE && filter->from_s >= filter->to_s)
        code = complain(EXIT_USAGE, "--to: must be later than --from (see `figaro list --help`)");
    return code;
}

static int run(const session *at, const struct span *span, const char *barber_name, const named *client,
               fig_filter *filter)
{
    int code = complete_filter(at, span, barber_name, client, filter);
    if (code != EXIT_DONE) return code;
    fig_snapshot *snapshot = NULL;
    fig_status status = at->snapshot == NULL ? fig_snapshot_open(at->engine, &snapshot) : FIG_OK;
    if (status != FIG_OK) return output_refusal(at, status, 0, "%s", fig_status_text(status));
    fig_view view = session_view(at);
    if (snapshot != NULL) view.snapshot = snapshot;
    code = print_pages(at, &view, filter);
    fig_snapshot_close(snapshot);
    return code;
}

int command_list(int argc, char **argv)
{
    session at = session_default();
    fig_filter filter = fig_filter_default();
    const char *barber = NULL, *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    named client = {0};
    struct span span = {ARGUMENT_NO_MOMENT, ARGUMENT_NO_MOMENT};
    const argument options[] = {
        {"barber", ARGUMENT_TEXT, .text = &barber},
        {"client", ARGUMENT_NAMED, .named = &client},
        {"from", ARGUMENT_MOMENT, .moment = &span.from},
        {"to", ARGUMENT_MOMENT, .moment = &span.to},
        {"status", ARGUMENT_STATUS, .status = &filter.status},
        {"active", ARGUMENT_FLAG, .flag = &filter.active},
        {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    const command_line line = {"list", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &span, barber, &client, &filter));
}
