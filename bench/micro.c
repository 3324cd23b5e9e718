/* make bench-micro: the engine's parts, each against the simplest thing that does the same, in one run.
 *
 * JSON goes to standard output, a table for people to standard error. */
#include "bench/micro_slots.h"
#include "bench/micro_store.h"
#include "bench/micro_tree.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
    "usage: bench-micro [--quick] [--large] [--only tree|slots|metrics|durable|callers|replay|startup] [--directory "
    "DIR]\n"
    "  --quick          a few rounds of each, and no start-up of a million\n"
    "  --large          start-up of 10,000,000 appointments, too (some minutes, 5 GB)\n"
    "  --only WHAT      one part alone\n"
    "  --directory DIR  where stores are made (default: a new one under TMPDIR or /tmp); removed at the end\n"
    "JSON on standard output, a table on standard error. Figures are medians of rounds in which the two things that "
    "are\n"
    "compared take turns; the spread is the least and the most.\n";

struct plan {
    bool quick;
    bool large;
    const char *only;
    char directory[1024];
};

static bool wanted(const struct plan *plan, const char *part)
{
    return plan->only == NULL || strcmp(plan->only, part) == 0;
}

static bool read_options(int argc, char **argv, struct plan *plan)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},      {"large", no_argument, NULL, 'l'},
        {"only", required_argument, NULL, 'o'}, {"directory", required_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    const char *tmp = getenv("TMPDIR");
    snprintf(plan->directory, sizeof plan->directory, "%s/figaro-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'q': plan->quick = true; break;
        case 'l': plan->large = true; break;
        case 'o': plan->only = optarg; break;
        case 'd': snprintf(plan->directory, sizeof plan->directory, "%s/figaro-bench-XXXXXX", optarg); break;
        default: return false;
        }
    }
    return optind == argc;
}

static void say_machine(FILE *table)
{
    struct utsname name;
    char line[256] = "", model[256] = "processor unknown\n";
    FILE *cpus = fopen("/proc/cpuinfo", "r");
    while (cpus != NULL && fgets(line, sizeof line, cpus) != NULL)
        if (strncmp(line, "model name", 10) == 0) snprintf(model, sizeof model, "%s", strchr(line, ':') + 2);
    if (cpus != NULL) fclose(cpus);
    if (uname(&name) == 0)
        fprintf(table, "%s %s, %ld processors, %s", name.sysname, name.release, sysconf(_SC_NPROCESSORS_ONLN), model);
}

/* The directory was made here and holds nothing but stores. */
static void remove_directory(const char *directory)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", directory, (char *)NULL);
        _exit(127);
    }
    if (child > 0) waitpid(child, NULL, 0);
}

static int run(const struct plan *plan, struct figures *figures)
{
    int failed = 0;
    if (wanted(plan, "tree")) failed |= micro_tree(figures, plan->quick ? 5 : 21);
    if (wanted(plan, "slots")) failed |= micro_slots(figures, plan->directory, plan->quick ? 3 : 11);
    if (wanted(plan, "metrics")) failed |= micro_metrics(figures, plan->quick ? 5 : 21);
    if (wanted(plan, "durable")) failed |= micro_durable(figures, plan->directory, plan->quick ? 3 : 9);
    if (wanted(plan, "callers")) failed |= micro_callers(figures, plan->directory, plan->quick ? 3 : 9);
    if (wanted(plan, "replay"))
        failed |= micro_replay(figures, plan->directory, plan->quick ? 50000 : 400000, plan->quick ? 3 : 9);
    if (wanted(plan, "startup")) {
        failed |= micro_startup(figures, plan->directory, plan->quick ? 100000 : 1000000, plan->quick ? 3 : 7);
        if (plan->large) failed |= micro_startup(figures, plan->directory, 10000000, 3);
    }
    return failed;
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    if (!read_options(argc, argv, &plan)) {
        fputs(usage, stderr);
        return 2;
    }
    if (mkdtemp(plan.directory) == NULL) {
        fprintf(stderr, "bench-micro: %s cannot be made\n", plan.directory);
        return 2;
    }
    struct figures figures;
    say_machine(stderr);
    figures_begin(&figures, stdout, stderr);
    int failed = run(&plan, &figures);
    figures_end(&figures);
    remove_directory(plan.directory);
    return failed;
}
