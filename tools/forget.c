#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro forget DIR CLIENT [options]\n"
    "\n"
    "Erases what is known of a client (exact name, else id): name, birthday, type and flags, and the notes of all "
    "their\n"
    "appointments, from the tables and from the whole journal, which still verifies. Appointments stay, with their "
    "times\n"
    "and the client's id. Done again, it goes on where it was interrupted.\n"
    "\n" COMMON_HELP "\n"
    "What lay in the store's file stays in its free pages until those are used again, and in backups made before: "
    "where\n"
    "that matters, let a new backup take the place of the store (`figaro backup`), and drop the old ones.\n"
    "\n"
    "examples:\n"
    "  figaro forget shop Rosina\n"
    "  figaro forget shop 17 --json\n";

static void print(const session *at, uint64_t id, const fig_forgotten *done)
{
    if (!at->json) {
        printf("client %" PRIu64 " is forgotten: %" PRIu64 " notes in the tables, %" PRIu64 " texts in %" PRIu64
               " frames of the journal\n",
               id, done->notes, done->texts, done->frames);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "client", output_id(id));
    json_object_set_new(object, "notes", output_id(done->notes));
    json_object_set_new(object, "texts", output_id(done->texts));
    json_object_set_new(object, "frames", output_id(done->frames));
    output_object(object);
}

static int run(const session *at, const char *directory, const char *name)
{
    const named called = {.text = name};
    uint64_t id;
    int code = session_need_client(at, &called, 0, &id);
    if (code != EXIT_DONE) return code;
    fig_forgotten done = fig_forgotten_default();
    fig_error error = fig_error_default();
    fig_status status = fig_forget(at->engine, id, at->now_s, &done, &error);
    if (status == FIG_NOT_FOUND) return output_refusal(at, status, 0, "client %" PRIu64 ": %s", id, error.message);
    if (status != FIG_OK) return session_complain(directory, status, &error);
    print(at, id, &done);
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
    return code != EXIT_DONE ? code : session_close(&at, run(&at, operands[0], operands[1]));
}
