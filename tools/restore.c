#include "tools/arguments.h"
#include "tools/checking.h"
#include "tools/commands.h"
#include "tools/copied.h"
#include "tools/output.h"
#include "tools/staging.h"

#include <string.h>

static const char help[] =
    "usage: figaro restore SRC DIR [options]\n"
    "\n"
    "Makes the new store DIR of the backup SRC (any store will do). SRC is checked as `figaro verify` does before it "
    "is\n"
    "copied, and the copy again before it is put into place; nothing is written over. What fails, or is interrupted,\n"
    "leaves DIR as it was.\n"
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro restore /backups/shop-2026-03-02 shop\n";

static int check(const session *at, const char *directory)
{
    static checking finding;
    int code = checking_run(at, directory, &finding);
    if (code == EXIT_DONE) code = checking_complain(directory, &finding);
    return code;
}

static int copy(const session *at, const char *source, const char *destination)
{
    session opened = *at;
    fig_error error = fig_error_default();
    int code = session_open_to_read(&opened, source);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_backup(opened.engine, destination, &error);
    if (status != FIG_OK) code = session_complain(destination, status, &error);
    return session_close(&opened, code);
}

/* The source may be in use: the copy is at least as new. */
static int fill(const session *at, const char *source, const staging *staged, copied *told)
{
    copied before;
    int code = check(at, source);
    if (code == EXIT_DONE) code = copied_look(at, source, &before);
    if (code == EXIT_DONE) code = copy(at, source, staged->path);
    if (code == EXIT_DONE) code = check(at, staged->path);
    if (code == EXIT_DONE) code = copied_look(at, staged->path, told);
    if (code != EXIT_DONE) return code;
    bool same = told->frame > before.frame || memcmp(told->digest, before.digest, sizeof before.digest) == 0;
    return same ? EXIT_DONE : complain(EXIT_FAULT, "the copy of %s is not the same state", source);
}

int command_restore(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"restore", help, "SRC DIR", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    staging staged;
    copied told;
    code = staging_begin(operands[1], &staged);
    if (code != EXIT_DONE) return code;
    code = fill(&at, operands[0], &staged, &told);
    if (code != EXIT_DONE) {
        staging_drop(&staged);
        return code;
    }
    code = staging_publish(&staged);
    if (code == EXIT_DONE) copied_print(&at, "restored", operands[1], &told);
    return code;
}
