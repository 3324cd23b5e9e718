#include "tools/arguments.h"
#include "tools/checking.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] = "usage: figaro verify DIR [options]\n"
                           "\n"
                           "Checks a whole store: every checksum, the chain of frames, the state after each "
                           "frame, the tables against the\n"
                           "journal, and that no two active appointments conflict. Changes nothing. Exit 0: "
                           "sound; 3: damaged or no store.\n"
                           "\n" COMMON_HELP "\n"
                           "examples:\n"
                           "  figaro verify shop\n"
                           "  figaro verify shop --json\n";

static int report_object(const checking *finding, const char *words)
{
    const fig_report *report = &finding->report;
    json_t *object = json_object();
    json_object_set_new(object, "sound", json_boolean(finding->status == FIG_OK));
    json_object_set_new(object, "status", json_string(fig_status_name(finding->status)));
    json_object_set_new(object, "frames", output_id(report->frames));
    json_object_set_new(object, "entries", output_id(report->entries));
    json_object_set_new(object, "records", output_id(report->records));
    json_object_set_new(object, "problems", output_id(report->problems));
    if (report->text[0] != '\0') json_object_set_new(object, "text", json_string(report->text));
    if (finding->status != FIG_OK) json_object_set_new(object, "reason", json_string(words));
    output_object(object);
    return output_exit_code(finding->status);
}

static int report(const session *at, const char *directory, const checking *finding)
{
    const fig_report *found = &finding->report;
    const char *words = finding->error.message[0] != '\0' ? finding->error.message : fig_status_text(finding->status);
    checking_complain(directory, finding);
    if (at->json) return report_object(finding, words);
    if (finding->status == FIG_OK)
        printf("sound: %" PRIu64 " frames with %" PRIu64 " entries, %" PRIu64 " records\n%s", found->frames,
               found->entries, found->records, found->text);
    else if (found->problems > 0)
        printf("damaged: %" PRIu64 " problem%s\n%s", found->problems, found->problems == 1 ? "" : "s", found->text);
    return output_exit_code(finding->status);
}

static int run(const session *at, const char *directory)
{
    static checking finding;
    int code = checking_run(at, directory, &finding);
    return code != EXIT_DONE ? code : report(at, directory, &finding);
}

int command_verify(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"verify", help, "DIR", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    return code != ARGUMENTS_GO ? code : run(&at, operands[0]);
}
