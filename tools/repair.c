#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/staging.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro repair DIR NEW [options]\n"
    "\n"
    "Makes a new store, in the directory NEW, of what verifies in a damaged one: of its journal, or of its tables and "
    "the\n"
    "frames behind them, whichever reaches further. Frames that nothing leads to any more are searched for in every "
    "byte\n"
    "of the store's file and its archive, and believed by their checksums and their chain. What was archived goes into "
    "an\n"
    "archive again. The damaged store is only read; nobody else may have it open. What comes out is verified. Exit 0:\n"
    "nothing is lost; 1: something is, and it is said what; 3: nothing could be saved.\n"
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro repair shop shop.repaired\n"
    "  figaro repair shop shop.repaired --json\n";

static void print_object(const fig_repaired *repaired)
{
    output_object(json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:b, s:s}", "version", output_id(repaired->version),
                            "first_frame", output_id(repaired->first_frame), "archived_frame",
                            output_id(repaired->archived_frame), "last_frame", output_id(repaired->last_frame),
                            "found_frames", output_id(repaired->found_frames), "from",
                            repaired->from_tables ? "tables" : "journal", "history_lost", repaired->history_lost,
                            "newest_lost", repaired->newest_lost, "found", repaired->text));
}

static void print_words(const char *to, const fig_repaired *repaired)
{
    if (repaired->text[0] != '\0') printf("found damaged:\n%s", repaired->text);
    printf("%s holds version %" PRIu64 ", made from the %s, with frames %" PRIu64 " to %" PRIu64 " of the journal\n",
           to, repaired->version, repaired->from_tables ? "tables" : "journal", repaired->first_frame,
           repaired->last_frame);
    if (repaired->archived_frame > 0)
        printf("frames %" PRIu64 " to %" PRIu64 " of it are in %s/archive\n", repaired->first_frame,
               repaired->archived_frame, to);
    if (repaired->history_lost)
        printf("lost: the history before frame %" PRIu64 " is not there; what is booked is\n", repaired->first_frame);
    if (repaired->newest_lost)
        printf("lost: what came after frame %" PRIu64 ", if anything did: compare with the server's log, or a backup\n",
               repaired->last_frame);
    if (!repaired->history_lost && !repaired->newest_lost) puts("nothing is lost");
}

/* Into the place beside `to`, which is there when all of it is. */
static int save(const char *from, const char *to, fig_repaired *repaired)
{
    staging staged;
    fig_error error = fig_error_default();
    int code = staging_begin(to, &staged);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_repair(from, staged.path, repaired, &error);
    if (status == FIG_OK) return staging_publish(&staged);
    staging_drop(&staged);
    if (repaired->text[0] != '\0') fprintf(stderr, "found damaged:\n%s", repaired->text);
    return session_complain(from, status, &error);
}

static int run(const session *at, const char *from, const char *to)
{
    fig_repaired repaired = fig_repaired_default();
    int code = save(from, to, &repaired);
    if (code != EXIT_DONE) return code;
    if (at->json)
        print_object(&repaired);
    else
        print_words(to, &repaired);
    return repaired.history_lost || repaired.newest_lost ? EXIT_REFUSED : EXIT_DONE;
}

int command_repair(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"repair", help, "DIR NEW", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    return code != ARGUMENTS_GO ? code : run(&at, operands[0], operands[1]);
}
