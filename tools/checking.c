#include "tools/checking.h"

#include "tools/crash.h"
#include "tools/output.h"
#include "tools/progress.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(const session *at, const char *directory, int pipe_end)
{
    static checking finding;
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
static bool listen_to(int pipe_end, checking *finding)
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
static void explain_death(int wait_status, checking *finding)
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

/* What the parent has claimed through a descriptor is not to outlive it here. */
static void keep_only(int descriptor)
{
    if (descriptor > 3) close_range(3, (unsigned)descriptor - 1, 0);
    close_range((unsigned)descriptor + 1, ~0U, 0);
}

int checking_run(const session *at, const char *directory, checking *finding)
{
    int ends[2], wait_status = 0;
    if (pipe(ends) != 0) return complain(EXIT_FAULT, "a pipe could not be made: %s", strerror(errno));
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (child < 0) return complain(EXIT_FAULT, "a process could not be made: %s", strerror(errno));
    if (child == 0) {
        keep_only(ends[1]);
        work(at, directory, ends[1]);
    }
    close(ends[1]);
    bool heard = listen_to(ends[0], finding);
    close(ends[0]);
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) continue;
    if (!heard) explain_death(wait_status, finding);
    return EXIT_DONE;
}

int checking_complain(const char *directory, const checking *finding)
{
    const char *words = finding->error.message[0] != '\0' ? finding->error.message : fig_status_text(finding->status);
    if (finding->status == FIG_OK) return EXIT_DONE;
    if (finding->status != FIG_CORRUPT) return session_complain(directory, finding->status, &finding->error);
    return complain(output_exit_code(finding->status), "%s: %s", directory, words);
}
