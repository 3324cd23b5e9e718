#include "tools/commands.h"
#include "tools/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: figaro slots DIR --barber B|--any [--date D] --minutes N|--service S [options]\n"
    "\n"
    "Lists the starts of a date: all those on the shop's grid within open time, and which of them can be booked. One\n"
    "that cannot says why: the first rule that is broken, or the first appointment in the way.\n"
    "\n" WISH_HELP
    "  --date D             the date, such as 2026-03-02 (default: that of --now)\n" AS_OF_HELP COMMON_HELP "\n"
    "examples:\n"
    "  figaro slots shop --barber Figaro --date 2026-03-02 --minutes 30\n"
    "  figaro slots shop --any --order least-loaded --service Cut --client Rosina --json\n";

/* What is asked, and where it is. */
struct question {
    const session *at;
    fig_view view;
    fig_wish wish;
    local_zone zone;
    int64_t date_s;     /* the date's midnight, as if in UTC */
    bool clocks_change; /* within that date: then clocks are shown with their offset, as some of them come twice */
};

/* ---- printing ---- */

static void print_object(const struct question *asked, const fig_slot *slot)
{
    json_t *object = wish_slot_object(asked->at, slot);
    json_object_set_new(object, "available", json_boolean(slot->available));
    if (slot->soonest) json_object_set_new(object, "soonest", json_true());
    if (!slot->available) json_object_set_new(object, "why", json_string(fig_status_name(slot->why)));
    const char *rule = slot->why == FIG_RULE ? fig_rule_type_name(slot->rule) : NULL;
    if (rule != NULL) json_object_set_new(object, "rule", json_string(rule));
    if (slot->blocker_id != 0) json_object_set_new(object, "blocker", output_id(slot->blocker_id));
    output_object(object);
}

static int64_t offset_at(const local_zone *zone, int64_t instant_s)
{
    return local_zone_clock(zone, instant_s) - instant_s;
}

/* "09:00", as clocks show it; with its offset where clocks change. */
static void print_clock(const struct question *asked, int64_t instant_s)
{
    int64_t clock_s = local_zone_clock(&asked->zone, instant_s);
    int64_t second = clock_s - rfc3339_midnight(clock_s);
    printf("%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60));
    if (!asked->clocks_change) return;
    int minutes = (int)(offset_at(&asked->zone, instant_s) / 60);
    printf("%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
}

static void print_why(const fig_slot *slot)
{
    const char *rule = slot->why == FIG_RULE ? fig_rule_type_name(slot->rule) : NULL;
    if (slot->available)
        fputs(slot->soonest ? "free, the soonest" : "free", stdout);
    else if (rule != NULL)
        printf("no: rule %s", rule);
    else if (slot->blocker_id != 0)
        printf("no: #%" PRIu64 " is in the way", slot->blocker_id);
    else
        printf("no: %s", fig_status_name(slot->why));
}

static void print_slot(const struct question *asked, const fig_slot *slot)
{
    char barber[FIG_NAME_MAX + 1], start[RFC3339_SIZE];
    output_barber_name(asked->at, slot->barber_id, barber);
    rfc3339_print(slot->start_s, start);
    fputs("  ", stdout);
    print_clock(asked, slot->start_s);
    fputs(" - ", stdout);
    print_clock(asked, slot->end_s);
    printf("  %s  %s  ", start, barber);
    print_why(slot);
    putchar('\n');
}

static void print_slots(const struct question *asked, const fig_slots *slots)
{
    char date[DATE_SIZE];
    size_t free_count = 0;
    rfc3339_print_date(asked->date_s, date);
    if (!asked->at->json) printf("%s, %s\n", date, asked->zone.name);
    for (size_t i = 0; i < slots->count; i++) {
        free_count += slots->list[i].available;
        if (asked->at->json)
            print_object(asked, &slots->list[i]);
        else
            print_slot(asked, &slots->list[i]);
    }
    if (!asked->at->json) printf("%zu start%s, %zu free\n", slots->count, slots->count == 1 ? "" : "s", free_count);
    wish_print_skipped(asked->at, slots);
}

/* ---- asking ---- */

/* Asks until there is room for every slot. The caller frees the list. */
static fig_status ask(const struct question *asked, fig_slots *slots)
{
    for (size_t room = 128;; room = slots->count) {
        fig_slot *grown = realloc(slots->list, room * sizeof *grown);
        if (grown == NULL) return FIG_NO_MEMORY;
        for (size_t i = 0; i < room; i++) grown[i] = fig_slot_default();
        slots->list = grown;
        slots->capacity = room;
        slots->count = slots->skipped_count = 0;
        fig_status status = fig_list_slots(asked->at->engine, &asked->view, &asked->wish,
                                           (int32_t)(asked->date_s / DAY_SECONDS), slots);
        if (status != FIG_OK || slots->count <= room) return status;
    }
}

static int answer(const struct question *asked)
{
    uint64_t skipped[WISH_SKIPPED];
    fig_slots slots = fig_slots_default();
    slots.skipped = skipped;
    slots.skipped_capacity = WISH_SKIPPED;
    int code = EXIT_DONE;
    fig_status status = ask(asked, &slots);
    if (status == FIG_OK)
        print_slots(asked, &slots);
    else if (status == FIG_INVALID)
        code = output_refusal(asked->at, status, 0,
                              "nothing says how long it lasts, or it does not fit there; give --minutes");
    else
        code = output_refusal(asked->at, status, 0, "%s", fig_status_text(status));
    free(slots.list);
    return code;
}

static bool has_change(const local_zone *zone, int64_t date_s)
{
    int64_t from_s, to_s;
    reason ignored;
    return local_zone_instant(zone, (moment){true, date_s}, &from_s, &ignored) &&
           local_zone_instant(zone, (moment){true, date_s + DAY_SECONDS}, &to_s, &ignored) &&
           offset_at(zone, from_s) != offset_at(zone, to_s);
}

static int run(const session *at, const wish_order *order, int64_t date_s)
{
    struct question asked = {.at = at, .view = session_view(at), .date_s = date_s};
    fig_barber whose;
    int code = wish_resolve(at, order, &asked.wish, &whose);
    if (code == EXIT_DONE) code = session_open_zone(at, &whose, &asked.zone);
    if (code != EXIT_DONE) return code;
    if (date_s == ARGUMENT_NO_INSTANT) asked.date_s = rfc3339_midnight(local_zone_clock(&asked.zone, at->now_s));
    asked.clocks_change = has_change(&asked.zone, asked.date_s);
    code = answer(&asked);
    local_zone_close(&asked.zone);
    return code;
}

int command_slots(int argc, char **argv)
{
    session at = session_default();
    wish_order order = wish_default();
    int64_t date_s = ARGUMENT_NO_INSTANT;
    const char *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    argument options[WISH_OPTIONS + 2] = {
        [WISH_OPTIONS] = {"date", ARGUMENT_DATE, .seconds = &date_s},
        [WISH_OPTIONS + 1] = {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    wish_options(&order, options);
    const command_line line = {"slots", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code == ARGUMENTS_GO) code = wish_check(&line, &order);
    if (code != ARGUMENTS_GO) return code;

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &order, date_s));
}
