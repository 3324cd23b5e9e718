#include "tools/batch_file.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <stdlib.h>

static const char help[] = "usage: figaro batch DIR FILE.jsonl [options]\n"
                           "\n"
                           "Makes several changes in one step, all or nothing. They are judged by what all "
                           "of them leave: two appointments can\n"
                           "swap their times. Each line is a JSON object: \"op\" is book, hold, confirm, "
                           "cancel, move or status; the other fields\n"
                           "are named as that command's options: barber, start, minutes, client, service, "
                           "before, after, key, note, pending,\n"
                           "ttl, if_version; and id, status. Prints a line for each; a refusal (exit 1) says "
                           "which lines are at fault.\n"
                           "Only the first line, and lines that book, may carry a key.\n"
                           "\n" COMMON_HELP "\n"
                           "examples:\n"
                           "  {\"op\":\"move\",\"id\":17,\"start\":\"2026-03-02T15:00:00Z\"}\n"
                           "  {\"op\":\"move\",\"id\":18,\"start\":\"2026-03-02T10:00:00Z\"}\n"
                           "  figaro batch shop swap.jsonl --json\n";

enum { OTHERS_SHOWN = 8, RULES_SHOWN = 8 }; /* conflicts and rules listed for each member */

struct batch {
    fig_request *requests;
    fig_outcome *outcomes;
    fig_appointment *others;
    fig_broken_rule *rules;
};

static bool make_room(struct batch *batch, size_t count)
{
    batch->requests = calloc(count, sizeof *batch->requests);
    batch->outcomes = calloc(count, sizeof *batch->outcomes);
    batch->others = calloc(count * OTHERS_SHOWN, sizeof *batch->others);
    batch->rules = calloc(count * RULES_SHOWN, sizeof *batch->rules);
    if (batch->requests == NULL || batch->outcomes == NULL || batch->others == NULL || batch->rules == NULL)
        return false;
    for (size_t i = 0; i < count * RULES_SHOWN; i++) batch->rules[i] = fig_broken_rule_default();
    for (size_t i = 0; i < count * OTHERS_SHOWN; i++) batch->others[i] = fig_appointment_default();
    for (size_t i = 0; i < count; i++) {
        batch->outcomes[i] = fig_outcome_default();
        batch->outcomes[i].others = batch->others + i * OTHERS_SHOWN;
        batch->outcomes[i].others_capacity = OTHERS_SHOWN;
        batch->outcomes[i].rules = batch->rules + i * RULES_SHOWN;
        batch->outcomes[i].rules_capacity = RULES_SHOWN;
    }
    return true;
}

static void drop_room(struct batch *batch)
{
    free(batch->requests);
    free(batch->outcomes);
    free(batch->others);
    free(batch->rules);
}

static int run(const session *at, const batch_file *file, struct batch *batch)
{
    if (!make_room(batch, file->count)) return complain(EXIT_FAULT, "out of memory");
    for (size_t i = 0; i < file->count; i++) {
        const batch_member *member = &file->members[i];
        int code = change_request(&member->wanted, at, member->line, &batch->requests[i]);
        if (code != EXIT_DONE) return code;
    }
    fig_status status = fig_batch(at->engine, batch->requests, file->count, batch->outcomes);
    for (size_t i = 0; i < file->count; i++) {
        /* a fault of the whole may have left no word with its members */
        if (status != FIG_OK && batch->outcomes[i].status == FIG_OK) batch->outcomes[i].status = FIG_NOT_DONE;
        output_outcome(at, &batch->outcomes[i], file->members[i].line);
    }
    if (status != FIG_OK) complain(0, "nothing was changed: %s", fig_status_text(status));
    return output_exit_code(status);
}

int command_batch(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"batch", help, "DIR FILE.jsonl", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    batch_file file;
    reason why;
    if (!batch_file_read(operands[1], &file, &why)) return complain(EXIT_USAGE, "%s", why.text);
    code = session_open_to_write(&at, operands[0]);
    if (code == EXIT_DONE) {
        struct batch batch = {0};
        code = session_close(&at, run(&at, &file, &batch));
        drop_room(&batch);
    }
    batch_file_free(&file);
    return code;
}
