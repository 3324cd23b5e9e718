#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro archive DIR [--keep N] [options]\n"
    "\n"
    "Moves old commits of the journal out of the store's file into flat files, in its directory `archive`. The "
    "journal,\n"
    "the history, --as-of, verify and forget find them there as before, and backups take them along; the next start "
    "does\n"
    "not need them. Their room in the store's file is used again. Others may use the store meanwhile.\n"
    "\n"
    "  --keep N             leave the newest N commits where they are (default: 0)\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro archive shop\n"
    "  figaro archive shop --keep 10000 --json\n";

static int run(const session *at, const char *directory, uint64_t keep)
{
    fig_archived archived = fig_archived_default();
    fig_error error = fig_error_default();
    fig_status status = fig_archive(at->engine, keep, &archived, &error);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s: %s", directory, error.message);
    if (at->json)
        output_object(json_pack("{s:o, s:o}", "first_frame", output_id(archived.first_frame), "last_frame",
                                output_id(archived.last_frame)));
    else if (archived.first_frame == 0)
        puts("there is nothing to archive");
    else
        printf("frames %" PRIu64 " to %" PRIu64 " of the journal are in %s/archive\n", archived.first_frame,
               archived.last_frame, directory);
    return EXIT_DONE;
}

int command_archive(int argc, char **argv)
{
    session at = session_default();
    uint64_t keep = 0;
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {{"keep", ARGUMENT_NUMBER, .number = &keep, .least = 0, .most = ARGUMENT_ID_MAX}};
    const command_line line = {"archive", help, "DIR", options, 1};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    code = session_open_to_write(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, operands[0], keep));
}
