/* The setup command: reads and checks a file, and declares what it says. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/setup_declare.h"
#include "tools/setup_file.h"
#include "tools/setup_lookup.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro setup DIR FILE.json [options]\n"
    "\n"
    "Declares shops, barbers, services, clients and rules. What the file leaves out stays as it is; a list that it\n"
    "gives replaces the old one; objects that it does not name stay. The whole file is read and checked before\n"
    "anything is declared. Appointments are never touched: those that now lie outside open time are printed.\n"
    "\n"
    "An object is found by its id, or where that is left out by its name. Times are in the barber's zone, else the\n"
    "shop's; an end at or before the start is on the next day. 0 hours, minutes or days mean no limit. The man page\n"
    "figaro(1) tells every field.\n"
    "\n" COMMON_HELP "\n"
    "example of a file:\n"
    "  {\"shops\": [{\"id\": 1, \"name\": \"Siviglia\", \"zone\": \"Europe/Madrid\", \"grid_minutes\": 30,\n"
    "      \"lead_minutes\": 60, \"horizon_days\": 90, \"past\": \"refuse\", \"holidays\": [\"12-25\"],\n"
    "      \"blackouts\": [{\"from\": \"2026-08-01\", \"to\": \"2026-08-15\"}]}],\n"
    "   \"services\": [{\"id\": 1, \"name\": \"Cut\", \"minutes\": 30, \"buffer_after_minutes\": 5},\n"
    "      {\"id\": 2, \"name\": \"Colour\", \"minutes\": 90,\n"
    "       \"rules\": {\"patch_test_hours\": 48, \"blocked_days\": [\"sun\"], \"incompatible\": [\"Cut\"]}}],\n"
    "   \"barbers\": [{\"id\": 7, \"name\": \"Figaro\", \"shop\": 1,\n"
    "      \"hours\": [{\"day\": \"mon\", \"start\": \"09:00\", \"end\": \"12:00\"},\n"
    "                {\"day\": \"mon\", \"start\": \"13:00\", \"end\": \"17:00\"}],\n"
    "      \"time_off\": [{\"from\": \"2026-12-24\", \"to\": \"2026-12-26\"}],\n"
    "      \"special\": [{\"date\": \"2026-12-06\", \"start\": \"10:00\", \"end\": \"14:00\", \"kind\": "
    "\"available\"}],\n"
    "      \"services\": [{\"id\": \"Cut\", \"minutes\": 40}]}],\n"
    "   \"clients\": [{\"id\": 1, \"name\": \"Rosina\", \"born\": \"1990-01-31\", \"type\": \"new\"}],\n"
    "   \"rules\": [{\"name\": \"two hours ahead\", \"type\": \"min_advance_booking\", \"params\": {\"min_hours\": "
    "2},\n"
    "      \"applies_to\": \"client_type\", \"ids\": [\"new\"], \"priority\": 5}]}\n"
    "\n"
    "example:\n"
    "  figaro setup shop siviglia.json\n";

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
        if ((setup->shops[i].shop.fields & FIG_SHOP_ZONE) != 0)
            code = check_zone(file, "shops", i, setup->shops[i].shop.zone);
    for (size_t i = 0; code == EXIT_DONE && i < setup->barber_count; i++)
        if (setup->barbers[i].barber.zone[0] != '\0') /* none is the shop's */
            code = check_zone(file, "barbers", i, setup->barbers[i].barber.zone);
    return code;
}

/* The zone that a shop will have: what the file says of it, else the store, else that of a new one. */
static void shop_zone(const session *at, const setup_file *setup, const setup_reference *called,
                      char name[FIG_ZONE_MAX + 1])
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    uint64_t id = 0;
    bool known =
        setup_resolve(at, SETUP_SHOP, called, &id) == FIG_OK && fig_get_shop(at->engine, &view, id, &shop) == FIG_OK;
    memcpy(name, known ? shop.zone : "UTC", known ? sizeof shop.zone : sizeof "UTC");
    for (size_t i = 0; i < setup->shop_count; i++) {
        const fig_shop *declared = &setup->shops[i].shop;
        bool same = id != 0 ? declared->id == id : strcmp(declared->name, called->name) == 0;
        if (same && (declared->fields & FIG_SHOP_ZONE) != 0) memcpy(name, declared->zone, sizeof declared->zone);
    }
}

/* The zone that a barber will be in: their own, else the shop's. */
static void barber_zone(const session *at, const setup_file *setup, const setup_barber *barber,
                        char name[FIG_ZONE_MAX + 1])
{
    fig_barber stored = fig_barber_default();
    bool known = setup_stored_barber(at, &barber->barber, &stored) == FIG_OK;
    bool says_zone = (barber->barber.fields & FIG_BARBER_ZONE) != 0;
    bool says_shop = (barber->barber.fields & FIG_BARBER_SHOP) != 0;
    const char *own = says_zone ? barber->barber.zone : known ? stored.zone : "";
    setup_reference shop = says_shop ? barber->shop : (setup_reference){.id = known ? stored.shop_id : 1};
    shop_zone(at, setup, &shop, name);
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
        barber_zone(at, setup, barber, name);
        if (!session_read_zone(at, name, &zone, &why))
            return complain(EXIT_FAULT, "%s: barbers[%zu].special: %s", file, i, why.text);
        bool placed = setup_place_windows(barber, &zone, &why);
        local_zone_close(&zone);
        if (!placed) return complain(EXIT_USAGE, "%s: barbers[%zu].special%s", file, i, why.text);
    }
    return EXIT_DONE;
}

static void print_counts(const setup_file *setup)
{
    const struct {
        size_t count;
        const char *word;
    } kinds[] = {{setup->shop_count, "shop"},
                 {setup->barber_count, "barber"},
                 {setup->service_count, "service"},
                 {setup->client_count, "client"},
                 {setup->rule_count, "rule"}};
    const char *gap = "declared ";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].count == 0) continue;
        printf("%s%zu %s%s", gap, kinds[i].count, kinds[i].word, kinds[i].count == 1 ? "" : "s");
        gap = ", ";
    }
    puts(*gap == ',' ? "" : "declared nothing: the file is empty");
}

static int run(const session *at, const char *file, setup_file *setup)
{
    reason why;
    if (!setup_check_references(at, setup, &why)) return complain(EXIT_USAGE, "%s: %s", file, why.text);
    int code = place_windows(at, file, setup);
    if (code != EXIT_DONE) return code;
    json_t *outside = json_array();
    code = setup_declare(at, file, setup, outside);
    if (code == EXIT_DONE && at->json)
        output_object(json_pack("{s:I, s:I, s:I, s:I, s:I, s:O}", "shops", (json_int_t)setup->shop_count, "barbers",
                                (json_int_t)setup->barber_count, "services", (json_int_t)setup->service_count,
                                "clients", (json_int_t)setup->client_count, "rules", (json_int_t)setup->rule_count,
                                "outside", outside));
    else if (code == EXIT_DONE)
        print_counts(setup);
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
