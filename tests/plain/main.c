/* The runner that goes with criterion/criterion.h beside it: figaro-test [--filter suite/name]. Each test in a child of
 * its own, as many at once as there are processors; one that runs for ten minutes has failed. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, SKIPPED = 77, TEST_SECONDS = 600 };

/* Engines have a thread, and children of tests open engines of their own. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }

static struct plain_test *tests;
static bool failed; /* in the child: some expectation was not met */

void plain_register(struct plain_test *test)
{
    test->next = tests;
    tests = test;
}

void plain_fail(bool fatal, const char *file, int line, const char *what, const char *format, ...)
{
    char words[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    fprintf(stderr, "[----] %s:%d: %s\n[----]   %s\n", file, line, what, words);
    failed = true;
    if (fatal) exit(EXIT_FAILURE);
}

void plain_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("[SKIP] ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(SKIPPED);
}

/* A suite's own options, or none. */
static struct plain_options suite_options(const char *suite)
{
    for (const struct plain_test *t = tests; t != NULL; t = t->next)
        if (t->name == NULL && strcmp(t->suite, suite) == 0) return t->options;
    return (struct plain_options){0};
}

static void run_in_child(const struct plain_test *test)
{
    struct plain_options suite = suite_options(test->suite);
    void (*init)(void) = test->options.init != NULL ? test->options.init : suite.init;
    void (*fini)(void) = test->options.fini != NULL ? test->options.fini : suite.fini;
    alarm(TEST_SECONDS);
    if (init != NULL) init();
    test->run();
    if (fini != NULL) fini();
    exit(failed ? EXIT_FAILURE : EXIT_SUCCESS);
}

static bool is_wanted(const struct plain_test *test, const char *filter)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", test->suite, test->name);
    return fnmatch(filter, full, 0) == 0;
}

struct job {
    pid_t pid; /* 0: free */
    const struct plain_test *test;
};

struct tally {
    unsigned tested, passing, skipped, crashing;
};

static void count(struct tally *tally, const struct plain_test *test, int status)
{
    bool crashed = WIFSIGNALED(status);
    int code = crashed ? EXIT_FAILURE : WEXITSTATUS(status);
    tally->tested += code != SKIPPED;
    tally->skipped += code == SKIPPED;
    tally->passing += code == EXIT_SUCCESS;
    tally->crashing += crashed;
    if (code == EXIT_SUCCESS || code == SKIPPED) return;
    fprintf(stderr, "[FAIL] %s::%s: ", test->suite, test->name);
    if (crashed)
        fprintf(stderr, "signal %d\n", WTERMSIG(status));
    else
        fprintf(stderr, "exit %d\n", code);
}

static void wait_for_one(struct job *jobs, struct tally *tally)
{
    int status;
    pid_t pid;
    while ((pid = wait(&status)) < 0 && errno == EINTR) continue;
    for (int i = 0; i < JOBS_MAX; i++) {
        if (pid <= 0 || jobs[i].pid != pid) continue;
        count(tally, jobs[i].test, status);
        jobs[i].pid = 0;
    }
}

static void start(struct job *jobs, const struct plain_test *test)
{
    struct job *place = jobs;
    while (place->pid != 0) place++;
    fflush(NULL);
    *place = (struct job){.pid = fork(), .test = test};
    if (place->pid == 0) run_in_child(test);
    if (place->pid < 0) exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    const char *filter = "*";
    struct job jobs[JOBS_MAX] = {{0}};
    struct tally tally = {0};
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--filter") == 0) filter = argv[i + 1];
    long processors = sysconf(_SC_NPROCESSORS_ONLN), running = 0;
    if (processors < 1 || processors > JOBS_MAX) processors = JOBS_MAX;
    for (const struct plain_test *t = tests; t != NULL; t = t->next) {
        if (t->name == NULL || !is_wanted(t, filter)) continue;
        if (running == processors)
            wait_for_one(jobs, &tally);
        else
            running++;
        start(jobs, t);
    }
    for (; running > 0; running--) wait_for_one(jobs, &tally);
    fprintf(stderr, "[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: %u | Skipped: %u\n",
            tally.tested, tally.passing, tally.tested - tally.passing, tally.crashing, tally.skipped);
    return tally.tested == tally.passing ? EXIT_SUCCESS : EXIT_FAILURE;
}
