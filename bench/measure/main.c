/* figaro-bench: the report's before and after, best practice and Figaro, measured side by side. */
#include "bench/measure/measure.h"
#include "bench/report/report.h"
#include "bench/report/results.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: figaro-bench run quick|bench|full [--directory DIR] [--contenders A,B] [--only PART,PART] [--command "
    "TEXT]\n"
    "       figaro-bench table RESULTS.json             the figures as Markdown\n"
    "       figaro-bench readme RESULTS.json            README's section, from the same\n"
    "       figaro-bench plot RESULTS.json DIR          data for the plots in bench/plot\n"
    "       figaro-bench compare OLD.json NEW.json      what got slower beyond noise; exit 1 when something did\n"
    "\n"
    "  run quick   1,000,000 appointments, a budget of 1 s a request; 90 s once its bases are prepared\n"
    "  run bench   10,000 to 1,000,000 appointments, the report's budgets, too; 15 minutes\n"
    "  run full    10,000,000, too\n"
    "  --directory DIR     where bases are prepared and results.json is written (default: build/bench)\n"
    "  --contenders A,B    only these: figaro, sqlite-before, sqlite-after, sqlite-after-written, sqlite-best,\n"
    "                      postgresql-before, -after, -after-written, -best, -exclude, redis\n"
    "  --only PART,PART    only these: startup, latency, clients, throughput, readers, arrivals, race, cache,\n"
    "                      office\n"
    "\n"
    "example: figaro-bench run quick --only race --contenders figaro,sqlite-after-written\n";

#define SEED      20260105
#define SECOND_NS INT64_C(1000000000)
#define TOWNS_MAX 4
#define OFFICE    "bench/sample/one-office.workload.csv.gz"
/* Of its final state; see bench/sample/README.md. */
#define OFFICE_SHA256 "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1"

struct plan {
    const char *name;
    struct town towns[TOWNS_MAX]; /* the last one is measured in full; ends with 0 rows */
    unsigned startup_rounds;
    struct latency_plan latency;
    struct latency_plan pinned;
    struct callers_plan throughput;
    struct callers_plan clients; /* of the main contenders */
    unsigned reader_rounds;
    int64_t reader_slice_ns;
    struct arrivals_plan arrivals[6]; /* ends with rate 0 */
    const char *arrivals_names;       /* NULL: all */
    struct arrivals_plan patient;     /* the report's own budgets */
    const char *patient_names;
    struct race_plan race;
    bool office;
};

static const unsigned quick_callers[] = {1, 16, 0};
static const unsigned all_callers[] = {1, 4, 16, 64, 0};

#define TOWN(ROWS, BARBERS)                                                                                            \
    {                                                                                                                  \
        .seed = SEED, .rows = ROWS, .barbers = BARBERS                                                                 \
    }
#define MAIN_NAMES "figaro,sqlite-before,sqlite-after,sqlite-best,postgresql-before,postgresql-exclude,redis"

static const struct plan plans[] = {
    {.name = "quick",
     .towns = {TOWN(1000000, 1000)},
     .startup_rounds = 1,
     .latency = {.rounds = 3, .slice_ns = SECOND_NS / 10, .least = 3},
     .pinned = {.rounds = 3, .slice_ns = SECOND_NS / 10, .least = 3},
     .throughput = {.rounds = 3, .slice_ns = SECOND_NS / 4, .callers = quick_callers},
     .clients = {.rounds = 3, .slice_ns = SECOND_NS / 10, .callers = quick_callers},
     .reader_rounds = 3,
     .reader_slice_ns = SECOND_NS / 5,
     .arrivals = {{.rate_s = 50, .budget_ns = SECOND_NS, .length_ns = 2 * SECOND_NS}},
     .arrivals_names = MAIN_NAMES,
     .race = {.rounds = 2000, .limit_ns = 3 * SECOND_NS}},
    {.name = "bench",
     .towns = {TOWN(10000, 10), TOWN(100000, 100), TOWN(1000000, 1000)},
     .startup_rounds = 5,
     .latency = {.rounds = 5, .slice_ns = SECOND_NS / 4, .least = 5},
     .pinned = {.rounds = 5, .slice_ns = SECOND_NS / 4, .least = 5},
     .throughput = {.rounds = 15, .slice_ns = SECOND_NS / 5, .callers = all_callers},
     .clients = {.rounds = 9, .slice_ns = SECOND_NS / 5, .callers = all_callers},
     .reader_rounds = 15,
     .reader_slice_ns = SECOND_NS / 5,
     .arrivals = {{.rate_s = 10, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS},
                  {.rate_s = 50, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS},
                  {.rate_s = 200, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS},
                  {.rate_s = 1000, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS}},
     .patient = {.rate_s = 50, .budget_ns = 30 * SECOND_NS, .length_ns = 40 * SECOND_NS},
     .patient_names = "figaro,sqlite-before",
     .race = {.rounds = 2000, .limit_ns = 30 * SECOND_NS, .move_rounds = 500, .move_limit_ns = 5 * SECOND_NS},
     .office = true},
    {.name = "full",
     .towns = {TOWN(10000, 10), TOWN(100000, 100), TOWN(1000000, 1000), TOWN(10000000, 10000)},
     .startup_rounds = 3,
     .latency = {.rounds = 5, .slice_ns = SECOND_NS / 4, .least = 5},
     .pinned = {.rounds = 5, .slice_ns = SECOND_NS / 4, .least = 5},
     .throughput = {.rounds = 15, .slice_ns = SECOND_NS / 5, .callers = all_callers},
     .clients = {.rounds = 9, .slice_ns = SECOND_NS / 5, .callers = all_callers},
     .reader_rounds = 15,
     .reader_slice_ns = SECOND_NS / 5,
     .arrivals = {{.rate_s = 10, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS},
                  {.rate_s = 50, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS},
                  {.rate_s = 1000, .budget_ns = SECOND_NS, .length_ns = 3 * SECOND_NS}},
     .patient = {.rate_s = 50, .budget_ns = 30 * SECOND_NS, .length_ns = 40 * SECOND_NS},
     .patient_names = "figaro,sqlite-before",
     .race = {.rounds = 2000, .limit_ns = 60 * SECOND_NS, .move_rounds = 500, .move_limit_ns = 5 * SECOND_NS},
     .office = true},
};

struct options {
    const char *directory;
    const char *names; /* of contenders */
    const char *parts;
    const char *command;
};

static bool wants_part(const struct options *options, const char *part)
{
    const struct contender as_if = {.name = part};
    return stage_wants(options->parts, &as_if);
}

static const struct town *last_town(const struct plan *plan)
{
    size_t i = 0;
    while (i + 1 < TOWNS_MAX && plan->towns[i + 1].rows > 0) i++;
    return &plan->towns[i];
}

static const struct town race_town = TOWN(10000, 10);

static bool needs_town(const struct plan *plan, const struct town *town, const struct options *options)
{
    static const char *const of_last[] = {"readers", "clients", "throughput", "arrivals"};
    bool needed = wants_part(options, "latency") || wants_part(options, "startup");
    for (size_t i = 0; i < sizeof of_last / sizeof *of_last; i++)
        needed |= town == last_town(plan) && wants_part(options, of_last[i]);
    return needed;
}

static bool prepare(const struct plan *plan, const struct options *options)
{
    bool good = !wants_part(options, "race") || stage_prepare(options->directory, &race_town, options->names);
    for (size_t i = 0; good && i < TOWNS_MAX && plan->towns[i].rows > 0; i++)
        if (needs_town(plan, &plan->towns[i], options))
            good = stage_prepare(options->directory, &plan->towns[i], options->names);
    return good;
}

/* What only the last town is asked. */
static bool measure_in_full(struct stage *stage, const struct plan *plan, const struct options *options,
                            json_t *results)
{
    bool good = true;
    measure_versions(stage, results);
    if (wants_part(options, "latency")) good = measure_pinned(stage, &plan->pinned, results);
    if (good && wants_part(options, "readers"))
        good = measure_readers(stage, plan->reader_rounds, plan->reader_slice_ns, results);
    if (good && wants_part(options, "clients")) good = measure_clients(stage, MAIN_NAMES, &plan->clients, results);
    if (good && wants_part(options, "throughput") && stage_find(stage, "figaro") != NULL)
        good = measure_throughput(stage, &plan->throughput, results);
    for (size_t i = 0; good && wants_part(options, "arrivals") && plan->arrivals[i].rate_s > 0; i++)
        good = measure_arrivals(stage, plan->arrivals_names, &plan->arrivals[i], results);
    if (good && wants_part(options, "arrivals") && plan->patient.rate_s > 0)
        good = measure_arrivals(stage, plan->patient_names, &plan->patient, results);
    return good;
}

static bool measure_town(const struct plan *plan, const struct town *town, const struct options *options,
                         json_t *results)
{
    struct stage stage;
    bool in_full = town == last_town(plan), good = true;
    fprintf(stderr, "%llu appointments of %u barbers\n", (unsigned long long)town->rows, town->barbers);
    if (wants_part(options, "startup"))
        good = measure_startup(options->directory, town, options->names, plan->startup_rounds, results);
    if (!good || (!in_full && !wants_part(options, "latency"))) return good;
    good = stage_open(&stage, options->directory, town, options->names);
    if (good && wants_part(options, "latency")) good = measure_latency(&stage, &plan->latency, results);
    if (good && wants_part(options, "latency")) good = measure_sizes(&stage, results);
    if (good && in_full) good = measure_in_full(&stage, plan, options, results);
    stage_close(&stage);
    return good;
}

static void add_settings(json_t *results)
{
    for (size_t i = 0; contenders[i] != NULL; i++)
        results_add(results, "contenders",
                    json_pack("{s:s, s:s, s:s, s:b}", "name", contenders[i]->name, "title", contenders[i]->title,
                              "settings", contenders[i]->settings, "in_process", contenders[i]->in_process));
}

static bool measure_all(const struct plan *plan, const struct options *options, json_t *results)
{
    bool good = measure_machine(options->directory, results);
    for (size_t i = 0; good && i < TOWNS_MAX && plan->towns[i].rows > 0; i++)
        if (needs_town(plan, &plan->towns[i], options)) good = measure_town(plan, &plan->towns[i], options, results);
    if (good && wants_part(options, "race")) {
        fprintf(stderr, "%d clients at one slot, %u rounds\n", RACE_CLIENTS, plan->race.rounds);
        good = measure_race(options->directory, &race_town, options->names, &plan->race, results);
    }
    if (good && wants_part(options, "cache"))
        good = measure_cache(&race_town, results) && measure_cache(last_town(plan), results);
    if (good && plan->office && wants_part(options, "office"))
        good = measure_office(options->directory, OFFICE, OFFICE_SHA256, options->names, results);
    return good;
}

static int run(const char *name, const struct options *options)
{
    const struct plan *plan = NULL;
    char path[600];
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        if (strcmp(plans[i].name, name) == 0) plan = &plans[i];
    if (plan == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    if (!stage_make_folders(options->directory) || !prepare(plan, options)) return 3;
    json_t *results = results_begin(plan->name, options->command, SEED);
    add_settings(results);
    bool good = measure_all(plan, options, results);
    results_end(results);
    snprintf(path, sizeof path, "%s/results.json", options->directory);
    good &= results_write(results, path);
    json_decref(results);
    return good ? 0 : 3;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"directory", required_argument, NULL, 'd'},
        {"contenders", required_argument, NULL, 'c'},
        {"only", required_argument, NULL, 'o'},
        {"command", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){.directory = "build/bench", .command = "figaro-bench"};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'd': options->directory = optarg; break;
        case 'c': options->names = optarg; break;
        case 'o': options->parts = optarg; break;
        case 'm': options->command = optarg; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: return false;
        }
    }
    return optind < argc;
}

/* A folder that other users can find: servers run as one. */
static const char *absolute(const char *directory)
{
    static char path[4096];
    if (!stage_make_folders(directory) || realpath(directory, path) == NULL) return directory;
    return path;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    const char *verb = argv[optind];
    const char *const *words = (const char *const *)(argv + optind + 1);
    int count = argc - optind - 1;
    if (strcmp(verb, "run") == 0 && count == 1) {
        options.directory = absolute(options.directory);
        return run(words[0], &options);
    }
    if (strcmp(verb, "table") == 0 && count == 1) return report_table(words[0]);
    if (strcmp(verb, "readme") == 0 && count == 1) return report_readme(words[0]);
    if (strcmp(verb, "plot") == 0 && count == 2) return report_plots(words[0], words[1]);
    if (strcmp(verb, "compare") == 0 && count == 2) return report_compare(words[0], words[1]);
    fputs(usage, stderr);
    return 2;
}
