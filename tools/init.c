#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <stdio.h>

static const char help[] =
    "usage: figaro init DIR [--zone Z] [options]\n"
    "\n"
    "Makes a store in DIR, with shop 1. A directory that holds one already is left as it is (exit 1).\n"
    "\n"
    "  --zone Z             the IANA zone of shop 1 (default UTC)\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro init shop\n"
    "  figaro init shop --zone Europe/Madrid\n";

/* Whether there is a store already: 0, or the exit code of the refusal. */
static int look_before(const session *at, const char *directory)
{
    fig_options options = session_options(at);
    fig_engine *engine = NULL;
    options.read_only = true;
    fig_status status = fig_open(directory, &options, &engine, NULL);
    fig_close(engine);
    if (status != FIG_OK) return EXIT_DONE; /* nothing, or nothing that create would touch */
    const char *words = "there is a store here already; nothing was changed";
    if (at->json)
        output_object(json_pack("{s:s, s:[], s:[], s:s}", "status", "exists", "conflicts", "rules", "reason", words));
    else
        printf("refused: %s: %s\n", directory, words);
    return EXIT_REFUSED;
}

/* A zone that nobody can open would make every local time of the shop a mistake. */
static int check_zone(const char *name)
{
    local_zone zone = {0};
    reason why;
    if (name != NULL && !local_zone_open(name, &zone, &why)) return complain(EXIT_USAGE, "--zone: %s", why.text);
    local_zone_close(&zone);
    return EXIT_DONE;
}

static int print_made(const session *at, const char *directory)
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    fig_status status = fig_get_shop(at->engine, &view, 1, &shop);
    if (status != FIG_OK)
        return complain(output_exit_code(status), "%s: shop 1: %s", directory, fig_status_text(status));
    if (at->json)
        output_object(json_pack("{s:s, s:i, s:s}", "store", directory, "shop", 1, "zone", shop.zone));
    else
        printf("made a store in %s, with shop 1 in the zone %s\n", directory, shop.zone);
    return EXIT_DONE;
}

int command_init(int argc, char **argv)
{
    session at = session_default();
    const char *zone = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {{"zone", ARGUMENT_TEXT, .text = &zone}};
    const command_line line = {"init", help, "DIR", options, 1};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    code = check_zone(zone);
    if (code == EXIT_DONE) code = look_before(&at, operands[0]);
    if (code != EXIT_DONE) return code;
    fig_options store = session_options(&at);
    store.create = true;
    if (zone != NULL) store.default_zone = zone;
    code = session_open(&at, operands[0], &store);
    return code != EXIT_DONE ? code : session_close(&at, print_made(&at, operands[0]));
}
