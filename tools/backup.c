#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/copied.h"
#include "tools/output.h"

static const char help[] =
    "usage: figaro backup DIR DEST [options]\n"
    "\n"
    "Copies a store into the new directory DEST, also while others write: one version, without the room that deleted\n"
    "records left. DEST is a store that can be opened as it is. What fails, or is interrupted, leaves no store there,\n"
    "and can be done again.\n"
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro backup shop /backups/shop-2026-03-02\n"
    "  figaro backup shop /backups/shop-2026-03-02 --json\n";

static int copy(const session *at, const char *directory, const char *destination)
{
    session source = *at;
    fig_error error = fig_error_default();
    int code = session_open_to_read(&source, directory);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_backup(source.engine, destination, &error);
    if (status != FIG_OK) code = session_complain(destination, status, &error);
    return session_close(&source, code);
}

int command_backup(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"backup", help, "DIR DEST", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    copied told;
    code = copy(&at, operands[0], operands[1]);
    if (code == EXIT_DONE) code = copied_look(&at, operands[1], &told);
    if (code == EXIT_DONE) copied_print(&at, "backed up to", operands[1], &told);
    return code;
}
