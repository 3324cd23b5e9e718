/* The work is done in a child process: damage that ends the child with a signal is then a finding and no
 * crash. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/crash.h"
#include "tools/output.h"
#include "tools/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* What the child says through the pipe. */
struct finding {
    fig_status status;
    fig_error error;
    fig_report report;
};

static void work(const session *at, const char *directory, int pipe_end)
{
    static struct finding finding;
    fig_options options = session_options(at);
    options.read_only = true;
    crash_uninstall();
    finding.error = fig_error_default();
    finding.report = fig_report_default();
    finding.status = fig_verify(directory, &options, &finding.report, &finding.error);
    const char *next = (const char *)&finding;
    for (size_t left = sizeof finding; left > 0;) {
        ssize_t written = write(pipe_end, next, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(EXIT_FAULT);
        next += written;
        left -= (size_t)written;
    }
    _exit(EXIT_DONE);
}

/* Reads until the child closes its end. True when a whole finding came. */
static bool listen_to(int pipe_end, struct finding *finding)
{
    progress line = progress_begin("checking"); /* the work itself says nothing until it is done */
    char *next = (char *)finding;
    size_t left = sizeof *finding;
    while (left > 0) {
        struct pollfd ready = {.fd = pipe_end, .events = POLLIN};
        if (poll(&ready, 1, 200) == 0) {
            progress_show(&line, 0, -1);
            continue;
        }
        ssize_t got = read(pipe_end, next, left);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        next += got;
        left -= (size_t)got;
    }
    progress_end(&line);
    return left == 0;
}

/* A child that died without a word was killed by the damage, or by somebody. */
static void explain_death(int wait_status, struct finding *finding)
{
    int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    bool damage = number == SIGBUS || number == SIGSEGV || number == SIGABRT || number == SIGFPE || number == SIGILL;
    finding->error = fig_error_default();
    finding->report = fig_report_default();
    finding->status = damage ? FIG_CORRUPT : FIG_IO;
    finding->report.problems = damage;
    if (number == 0)
        snprintf(finding->error.message, sizeof finding->error.message, "the check ended without a result");
    else
        snprintf(finding->error.message, sizeof finding->error.message,
                 "reading the store's file ended the check with signal %d (%s)", number, strsignal(number));
}

static int report_object(const struct finding *finding, const char *words)
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

static int report(const session *at, const char *directory, const struct finding *finding)
{
    const fig_report *found = &finding->report;
    const char *words = finding->error.message[0] != '\0' ? finding->error.message : fig_status_text(finding->status);
    if (finding->status == FIG_CORRUPT)
        complain(0, "%s: %s", directory, words);
    else if (finding->status != FIG_OK)
        session_complain(directory, finding->status, &finding->error);
    if (at->json) return report_object(finding, words);
    if (finding->status == FIG_OK)
        printf("sound: %" PRIu64 " frames with %" PRIu64 " entries, %" PRIu64 " records\n", found->frames,
               found->entries, found->records);
    else if (found->problems > 0)
        printf("damaged: %" PRIu64 " problem%s\n%s", found->problems, found->problems == 1 ? "" : "s", found->text);
    return output_exit_code(finding->status);
}

static int run(const session *at, const char *directory)
{
    static struct finding finding;
    int ends[2], wait_status = 0;
    if (pipe(ends) != 0) return complain(EXIT_FAULT, "a pipe could not be made: %s", strerror(errno));
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (child < 0) return complain(EXIT_FAULT, "a process could not be made: %s", strerror(errno));
    if (child == 0) {
        close(ends[0]);
        work(at, directory, ends[1]);
    }
    close(ends[1]);
    bool heard = listen_to(ends[0], &finding);
    close(ends[0]);
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) continue;
    if (!heard) explain_death(wait_status, &finding);
    return report(at, directory, &finding);
}

int command_verify(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"verify", help, "DIR", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    return code != ARGUMENTS_GO ? code : run(&at, operands[0]);
}
