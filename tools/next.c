#include "tools/commands.h"
#include "tools/wish.h"

#include <stdio.h>

static const char help[] =
    "usage: figaro next DIR --barber B|--any [--from T] [--to T|--days N] --minutes N|--service S [options]\n"
    "\n"
    "Finds the earliest start that can be booked, on the grid or not; of any barber the earliest of all. Exit 1 when\n"
    "there is none.\n"
    "\n" WISH_HELP
    "  --from T             at or after this (default: --now; RFC 3339, or without an offset in the barber's zone, or\n"
    "                       with --any in that of the shop)\n"
    "  --to T               it ends by this (default: whenever)\n"
    "  --days N             in place of --to: so many days after --from, 1 to 36600\n" AS_OF_HELP COMMON_HELP "\n"
    "examples:\n"
    "  figaro next shop --barber Figaro --minutes 45\n"
    "  figaro next shop --any --from 2026-03-02T09:00 --days 7 --service Cut --client Rosina --json\n";

struct bounds {
    moment from, to;
    uint64_t days; /* 0: not given */
};

static int place_bounds(const session *at, const struct bounds *bounds, const fig_barber *whose, int64_t *from_s,
                        int64_t *to_s)
{
    int code = EXIT_DONE;
    *from_s = at->now_s;
    *to_s = FIG_TIME_MAX;
    if (argument_given(bounds->from)) code = session_instant(at, whose, "from", bounds->from, from_s);
    if (code == EXIT_DONE && argument_given(bounds->to)) code = session_instant(at, whose, "to", bounds->to, to_s);
    if (bounds->days > 0) *to_s = *from_s + (int64_t)bounds->days * DAY_SECONDS;
    if (*to_s > FIG_TIME_MAX) *to_s = FIG_TIME_MAX;
    if (code == EXIT_DONE && *from_s >= *to_s)
        code = complain(EXIT_USAGE, "--to: must be later than --from (see `figaro next --help`)");
    return code;
}

static void print_slot(const session *at, const fig_slot *slot)
{
    char barber[FIG_NAME_MAX + 1], start[RFC3339_SIZE], end[RFC3339_SIZE];
    if (at->json) {
        output_object(wish_slot_object(at, slot));
        return;
    }
    output_barber_name(at, slot->barber_id, barber);
    rfc3339_print(slot->start_s, start);
    rfc3339_print(slot->end_s, end);
    printf("%s  %s - %s\n", barber, start, end);
}

static int run(const session *at, const wish_order *order, const struct bounds *bounds)
{
    fig_wish wish;
    fig_barber whose;
    int64_t from_s, to_s;
    int code = wish_resolve(at, order, &wish, &whose);
    if (code == EXIT_DONE) code = place_bounds(at, bounds, &whose, &from_s, &to_s);
    if (code != EXIT_DONE) return code;

    uint64_t skipped[WISH_SKIPPED];
    fig_slot slot = fig_slot_default();
    fig_slots slots = fig_slots_default();
    fig_view view = session_view(at);
    slots.skipped = skipped;
    slots.skipped_capacity = WISH_SKIPPED;
    fig_status status = fig_find_next(at->engine, &view, &wish, from_s, to_s, &slot, &slots);
    if (status == FIG_OK)
        print_slot(at, &slot);
    else if (status == FIG_NOT_FOUND)
        code = output_refusal(at, status, 0, "there is no such time; look further with --to or --days, or for another");
    else if (status == FIG_INVALID)
        code = output_refusal(at, status, 0, "nothing says how long it lasts, or it fits nowhere; give --minutes");
    else
        code = output_refusal(at, status, 0, "%s", fig_status_text(status));
    if (status == FIG_OK || status == FIG_NOT_FOUND) wish_print_skipped(at, &slots);
    return code;
}

int command_next(int argc, char **argv)
{
    session at = session_default();
    wish_order order = wish_default();
    struct bounds bounds = {ARGUMENT_NO_MOMENT, ARGUMENT_NO_MOMENT, 0};
    const char *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    argument options[WISH_OPTIONS + 4] = {
        [WISH_OPTIONS] = {"from", ARGUMENT_MOMENT, .moment = &bounds.from},
        [WISH_OPTIONS + 1] = {"to", ARGUMENT_MOMENT, .moment = &bounds.to},
        [WISH_OPTIONS + 2] = {"days", ARGUMENT_NUMBER, .number = &bounds.days, .least = 1, .most = 36600},
        [WISH_OPTIONS + 3] = {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    wish_options(&order, options);
    const command_line line = {"next", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code == ARGUMENTS_GO) code = wish_check(&line, &order);
    if (code != ARGUMENTS_GO) return code;
    if (argument_given(bounds.to) && bounds.days > 0)
        return arguments_wrong(&line, "days", "and --to are both given; give one");

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &order, &bounds));
}
