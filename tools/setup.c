/* The setup command: reads and checks a file, and declares what it says. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/setup_apply.h"
#include "tools/setup_file.h"

#include <stdio.h>

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
    json_t *outside = json_array();
    int code = setup_apply(at, file, setup, outside);
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
    code = setup_check_zones(operands[1], &setup);
    if (code == EXIT_DONE) code = session_open_to_write(&at, operands[0]);
    if (at.engine != NULL) code = session_close(&at, run(&at, operands[1], &setup));
    setup_file_free(&setup);
    return code;
}
