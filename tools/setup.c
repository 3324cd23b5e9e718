#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/setup_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: figaro setup DIR FILE.json [options]\n"
    "\n"
    "Declares shops, barbers and their special days. What the file leaves out stays as it is; a list that it "
    "gives\n"
    "replaces the old one; objects that it does not name stay. The whole file is read before anything is "
    "declared.\n"
    "Appointments are never touched: those that now lie outside open time are printed.\n"
    "\n" COMMON_HELP "\n"
    "example of a file (times are in the barber's zone, else the shop's, unless they carry a UTC offset; an end at or\n"
    "before the start is on the next day):\n"
    "  {\"shops\": [{\"id\": 1, \"name\": \"Siviglia\", \"zone\": \"Europe/Madrid\",\n"
    "              \"buffers\": \"shared\", \"past\": \"allow\"}],\n"
    "   \"barbers\": [{\"id\": 7, \"name\": \"Figaro\", \"shop\": 1, \"active\": true, \"open\": \"hours\", "
    "\"priority\": 0,\n"
    "      \"special\": [{\"date\": \"2026-12-06\", \"start\": \"10:00\", \"end\": \"14:00\",\n"
    "                   \"kind\": \"available\"}]}]}\n"
    "\n"
    "example:\n"
    "  figaro setup shop siviglia.json\n";

enum { OTHERS_ROOM = 4096 };

/* A declaration, with its place in the file for messages. */
struct step {
    const char *list; /* "shops", "barbers" */
    size_t index;
    const char *part; /* ".special", or "" */
};

struct plan {
    fig_request *requests;
    struct step *steps;
    size_t count;
};

static bool make_plan(const setup_file *setup, int64_t now_s, struct plan *plan)
{
    size_t most = setup->shop_count + 2 * setup->barber_count + 1;
    plan->requests = calloc(most, sizeof *plan->requests);
    plan->steps = calloc(most, sizeof *plan->steps);
    if (plan->requests == NULL || plan->steps == NULL) return false;
    for (size_t i = 0; i < setup->shop_count; i++, plan->count++) {
        plan->requests[plan->count] = fig_declare_shop_default();
        plan->requests[plan->count].shop = &setup->shops[i];
        plan->steps[plan->count] = (struct step){"shops", i, ""};
    }
    for (size_t i = 0; i < setup->barber_count; i++) {
        const setup_barber *barber = &setup->barbers[i];
        plan->requests[plan->count] = fig_declare_barber_default();
        plan->requests[plan->count].barber = &barber->barber;
        plan->steps[plan->count++] = (struct step){"barbers", i, ""};
        if (!barber->has_windows) continue;
        fig_request *windows = &plan->requests[plan->count];
        *windows = fig_declare_windows_default();
        windows->barber_id = barber->barber.id;
        windows->barber_name = barber->barber.id == 0 ? barber->barber.name : NULL;
        windows->windows = barber->windows;
        windows->window_count = barber->window_count;
        plan->steps[plan->count++] = (struct step){"barbers", i, ".special"};
    }
    for (size_t i = 0; i < plan->count; i++) plan->requests[i].now_s = now_s;
    return true;
}

static int report_refusal(const session *at, const char *file, const struct step *step, const fig_outcome *outcome)
{
    const char *field = outcome->field != NULL ? outcome->field : "";
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    return output_refusal(at, outcome->status, 0, "%s: %s[%zu]%s%s%s: %s", file, step->list, step->index, step->part,
                          *field != '\0' ? ": " : "", field, why);
}

/* Appointments that a declaration left outside open time. */
static void report_outside(const session *at, const fig_outcome *outcome, json_t *outside)
{
    size_t shown = outcome->others_count < OTHERS_ROOM ? outcome->others_count : OTHERS_ROOM;
    if (shown == 0) return;
    if (at->json) {
        json_t *array = output_appointment_array(at, outcome->others, shown);
        json_array_extend(outside, array);
        json_decref(array);
        return;
    }
    printf("%zu appointment%s now outside open time:\n", outcome->others_count, shown == 1 ? "" : "s");
    for (size_t i = 0; i < shown; i++) output_appointment(at, &outcome->others[i], 0);
}

/* One declaration a commit, so that each can name the appointments that it left outside. */
static int run_plan(const session *at, const char *file, const struct plan *plan, json_t *outside)
{
    fig_appointment *others = calloc(OTHERS_ROOM, sizeof *others);
    if (others == NULL) return complain(EXIT_FAULT, "out of memory");
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < plan->count; i++) {
        fig_outcome outcome = fig_outcome_default();
        outcome.others = others;
        outcome.others_capacity = OTHERS_ROOM;
        for (size_t j = 0; j < OTHERS_ROOM; j++) others[j] = fig_appointment_default();
        fig_status status = fig_declare(at->engine, &plan->requests[i], &outcome);
        if (status != FIG_OK) outcome.status = status;
        if (status == FIG_OK)
            report_outside(at, &outcome, outside);
        else
            code = report_refusal(at, file, &plan->steps[i], &outcome);
        if (code != EXIT_DONE && i > 0)
            complain(0, "the %zu declarations before it were made; mend it and run again", i);
    }
    free(others);
    return code;
}

/* ---- zones ---- */

static int check_zone(const char *file, const char *list, size_t index, const char *name)
{
    local_zone zone;
    reason why;
    if (!local_zone_open(name, &zone, &why))
        return complain(EXIT_USAGE, "%s: %s[%zu].zone: %s", file, list, index, why.text);
    local_zone_close(&zone);
    return EXIT_DONE;
}

/* A zone that nobody can open would make every local time a mistake. */
static int check_zones(const char *file, const setup_file *setup)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < setup->shop_count; i++)
        if ((setup->shops[i].fields & FIG_SHOP_ZONE) != 0) code = check_zone(file, "shops", i, setup->shops[i].zone);
    for (size_t i = 0; code == EXIT_DONE && i < setup->barber_count; i++)
        if ((setup->barbers[i].barber.fields & FIG_BARBER_ZONE) != 0)
            code = check_zone(file, "barbers", i, setup->barbers[i].barber.zone);
    return code;
}

/* The zone that a shop will have: what the file says of it, else the store, else that of a new one. */
static void shop_zone(const session *at, const setup_file *setup, uint64_t id, char name[FIG_ZONE_MAX + 1])
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    bool known = fig_get_shop(at->engine, &view, id, &shop) == FIG_OK;
    memcpy(name, known ? shop.zone : "UTC", known ? sizeof shop.zone : sizeof "UTC");
    for (size_t i = 0; i < setup->shop_count; i++)
        if (setup->shops[i].id == id && (setup->shops[i].fields & FIG_SHOP_ZONE) != 0)
            memcpy(name, setup->shops[i].zone, sizeof setup->shops[i].zone);
}

/* The zone that a barber will be in: their own, else the shop's. */
static void barber_zone(const session *at, const setup_file *setup, const fig_barber *declared,
                        char name[FIG_ZONE_MAX + 1])
{
    fig_view view = session_view(at);
    fig_barber stored = fig_barber_default();
    fig_status status = declared->id != 0 ? fig_get_barber(at->engine, &view, declared->id, &stored)
                                          : fig_find_barber(at->engine, &view, declared->name, &stored);
    const char *own = (declared->fields & FIG_BARBER_ZONE) != 0 ? declared->zone : status == FIG_OK ? stored.zone : "";
    uint64_t shop_id = (declared->fields & FIG_BARBER_SHOP) != 0 ? declared->shop_id
                       : status == FIG_OK                        ? stored.shop_id
                                                                 : 1;
    shop_zone(at, setup, shop_id, name);
    if (*own != '\0') memcpy(name, own, strlen(own) + 1);
}

/* Special days without an offset are in the zone that the barber will be in when all of the file is declared. */
static int place_windows(const session *at, const char *file, setup_file *setup)
{
    for (size_t i = 0; i < setup->barber_count; i++) {
        setup_barber *barber = &setup->barbers[i];
        char name[FIG_ZONE_MAX + 1];
        local_zone zone;
        reason why;
        if (barber->local_count == 0) continue;
        barber_zone(at, setup, &barber->barber, name);
        if (!local_zone_open(name, &zone, &why))
            return complain(EXIT_FAULT, "%s: barbers[%zu].special: %s", file, i, why.text);
        bool placed = setup_place_windows(barber, &zone, &why);
        local_zone_close(&zone);
        if (!placed) return complain(EXIT_USAGE, "%s: barbers[%zu].special%s", file, i, why.text);
    }
    return EXIT_DONE;
}

static int run(const session *at, const char *file, setup_file *setup)
{
    struct plan plan = {0};
    int code = place_windows(at, file, setup);
    if (code != EXIT_DONE) return code;
    json_t *outside = json_array();
    code =
        make_plan(setup, at->now_s, &plan) ? run_plan(at, file, &plan, outside) : complain(EXIT_FAULT, "out of memory");
    free(plan.requests);
    free(plan.steps);
    if (code == EXIT_DONE && at->json)
        output_object(json_pack("{s:I, s:I, s:O}", "shops", (json_int_t)setup->shop_count, "barbers",
                                (json_int_t)setup->barber_count, "outside", outside));
    else if (code == EXIT_DONE)
        printf("declared %zu shop%s and %zu barber%s\n", setup->shop_count, setup->shop_count == 1 ? "" : "s",
               setup->barber_count, setup->barber_count == 1 ? "" : "s");
    json_decref(outside);
    return code;
}

int command_setup(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"setup", help, "DIR FILE.json", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    setup_file setup;
    reason why;
    if (!setup_file_read(operands[1], &setup, &why)) return complain(EXIT_USAGE, "%s", why.text);
    code = check_zones(operands[1], &setup);
    if (code == EXIT_DONE) code = session_open_to_write(&at, operands[0]);
    if (at.engine != NULL) code = session_close(&at, run(&at, operands[1], &setup));
    setup_file_free(&setup);
    return code;
}
