#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro forget DIR CLIENT [options]\n"
    "\n"
    "Erases the free text of a client, named or by id, for good: name, birth, type and flags as they were ever "
    "declared,\n"
    "and the notes of its appointments; in the tables, and in the journal, whose checksums and chain stay what they "
    "are.\n"
    "Ids, times and request keys stay, and of what was asked for with a key a hash that a right guess of the text "
    "would\n"
    "match. What stops it in between is mended by doing it again. Backups that were made before still have the texts, "
    "and\n"
    "free pages of the store's file may: make a backup now, and let it take the store's place.\n"
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro forget shop 4711\n"
    "  figaro forget shop Rosina --json\n";

static void print(const session *at, uint64_t id, const fig_forgotten *forgotten)
{
    if (at->json)
        output_object(json_pack("{s:o, s:o, s:o, s:o, s:o}", "client", output_id(id), "version",
                                output_id(forgotten->version), "records", output_id(forgotten->records), "frames",
                                output_id(forgotten->frames), "texts", output_id(forgotten->texts)));
    else
        printf("client %" PRIu64 " is forgotten: %" PRIu64 " texts in %" PRIu64 " frames and %" PRIu64
               " notes of the tables are erased\n",
               id, forgotten->texts, forgotten->frames, forgotten->records);
}

static int run(const session *at, const char *text)
{
    const named called = {.text = text};
    uint64_t id = 0;
    int code = session_need_client(at, &called, 0, &id);
    if (code != EXIT_DONE) return code;
    fig_request request = fig_forget_client_default();
    fig_forgotten forgotten = fig_forgotten_default();
    fig_error error = fig_error_default();
    request.now_s = at->now_s;
    request.client_id = id;
    fig_status status = fig_forget_client(at->engine, &request, &forgotten, &error);
    if (status == FIG_NOT_FOUND) return output_refusal(at, status, 0, "%s", error.message);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", error.message);
    print(at, id, &forgotten);
    return EXIT_DONE;
}

int command_forget(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"forget", help, "DIR CLIENT", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    code = session_open_to_write(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, operands[1]));
}
