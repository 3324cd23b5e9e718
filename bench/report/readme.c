/* README's section on speed, made from a committed results.json. Every figure in it comes from there. */
#include "bench/report/figures_of.h"
#include "bench/report/report.h"
#include "bench/report/words.h"

#include <math.h>
#include <string.h>

static void write_run(FILE *file, const json_t *results, const char *path)
{
    char rows[WORDS_MAX], sync[WORDS_MAX], memory[64];
    const json_t *machine = json_object_get(results, "machine"), *disk = json_object_get(results, "disk");
    snprintf(memory, sizeof memory, "%s", results_text(machine, "memory"));
    fprintf(file, "`%s` on %.10s, at %s appointments: %s, %.0f processors, %s; %s, a synced page takes %s.\n",
            results_text(results, "command"), results_text(results, "date"), words_count(rows, figures_rows(results)),
            results_text(machine, "processor"), results_number(machine, "processors"), results_text(machine, "kernel"),
            results_text(disk, "file_system"), words_time(sync, results_number(disk, "sync_p50_ns")));
    const json_t *versions = json_object_get(results, "versions");
    for (size_t i = 0; i < json_array_size(versions); i++)
        fprintf(file, "%s%s", i > 0 ? "; " : "", json_string_value(json_array_get(versions, i)));
    fprintf(file,
            ". The machine was shared (load before: %.1f). Medians of rounds, and the spread of ratios round by round, "
            "from "
            "[%s](%s).\n\n",
            results_number(results, "load_before"), path, path);
}

static void write_contender(FILE *file, const json_t *results, const json_t *contender)
{
    const char *name = results_text(contender, "name");
    double rows = figures_rows(results);
    char check[WORDS_MAX], day[WORDS_MAX], booking[WORDS_MAX], share[WORDS_MAX], doubles[WORDS_MAX], rounds[WORDS_MAX];
    const json_t *race = RESULTS_FIND(results, "race", "contender", name);
    const json_t *checked = figures_latency(results, name, "check", rows);
    if (checked == NULL) return;
    bool asks = strstr(name, "-written") == NULL;
    fprintf(
        file, "| %s | %s | %s | %s | %s | %s in %s rounds |\n", results_text(contender, "title"),
        asks ? words_time(check, results_number(checked, "median")) : "asks nothing",
        words_time(day, results_number(figures_latency(results, name, "available", rows), "median")),
        words_time(booking, results_number(figures_latency(results, name, "booking", rows), "median")),
        words_share(share, results_number(figures_arrivals(results, name, README_RATE_S, README_BUDGET_S), "success")),
        words_count(doubles, results_number(race, "double_bookings")),
        words_count(rounds, results_number(race, "rounds")));
}

static void write_times(FILE *file, const json_t *results, const char *contender, const char *words)
{
    char text[3][WORDS_MAX];
    struct spread ratio;
    double rows = figures_rows(results);
    if (figures_ratio(figures_latency(results, contender, "check", rows),
                      figures_latency(results, "figaro", "check", rows), &ratio))
        fprintf(file, "- A check is %s (%s to %s) times as fast as %s.\n", words_ratio(text[0], ratio.median),
                words_ratio(text[1], ratio.least), words_ratio(text[2], ratio.most), words);
}

static double median_of(const json_t *results, const char *contender, const char *callers)
{
    return results_number(
        RESULTS_FIND(results, "throughput", "contender", contender, "callers", callers, "in_flight", "false"),
        "median");
}

static void write_throughput(FILE *file, const json_t *results)
{
    char own[2][WORDS_MAX], sqlite[2][WORDS_MAX], postgresql[2][WORDS_MAX], redis[2][WORDS_MAX];
    static const char *const callers[] = {"1", "16"};
    for (size_t i = 0; i < 2; i++) {
        words_count(own[i], median_of(results, "figaro", callers[i]));
        words_count(sqlite[i], median_of(results, "sqlite-best", callers[i]));
        words_count(postgresql[i], median_of(results, "postgresql-exclude", callers[i]));
        words_count(redis[i], median_of(results, "redis", callers[i]));
    }
    fprintf(
        file,
        "- Durable bookings a second by one caller: Figaro %s, SQLite %s, PostgreSQL %s, Redis %s; by 16 callers: %s, "
        "%s, %s, %s.\n",
        own[0], sqlite[0], postgresql[0], redis[0], own[1], sqlite[1], postgresql[1], redis[1]);
}

/* Results from before clients were measured do not have them. */
static void write_clients(FILE *file, const json_t *results)
{
    static const char *const names[] = {"figaro", "sqlite-best", "postgresql-exclude", "redis"};
    static const char *const clients[] = {"1", "64"};
    char text[2][4][WORDS_MAX];
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 4; k++) {
            double median = results_number(
                RESULTS_FIND(results, "clients", "contender", names[k], "clients", clients[i]), "median");
            if (isnan(median)) return;
            words_ratio(text[i][k], median);
        }
    fprintf(
        file,
        "- Checks a second by one client: Figaro %s, SQLite %s, PostgreSQL %s, Redis %s; by 64 clients: %s, %s, %s, "
        "%s.\n",
        text[0][0], text[0][1], text[0][2], text[0][3], text[1][0], text[1][1], text[1][2], text[1][3]);
}

/* All tables of the same run lie beside its results. */
static void write_tables_path(char text[256], const char *path)
{
    snprintf(text, 256, "%.*s.md", (int)(strlen(path) - strlen(".json")), path);
}

static void write_limits(FILE *file, const json_t *results, const char *path)
{
    char own[WORDS_MAX], sqlite[WORDS_MAX], start[WORDS_MAX], memory[WORDS_MAX], best[WORDS_MAX], rows[32], tables[256];
    double most = figures_rows(results);
    write_tables_path(tables, path);
    snprintf(rows, sizeof rows, "%.12g", most);
    words_time(own, results_number(figures_latency(results, "figaro", "booking", most), "median"));
    words_time(sqlite, results_number(figures_latency(results, "sqlite-best", "booking", most), "median"));
    words_time(best, results_number(figures_latency(results, "sqlite-best", "check", most), "median"));
    words_time(start, results_number(RESULTS_FIND(results, "startup", "contender", "figaro", "rows", rows), "median"));
    words_bytes(memory,
                results_number(RESULTS_FIND(results, "sizes", "contender", "figaro", "rows", rows), "memory_bytes"));
    fprintf(file,
            "\nThe limits. One caller's durable booking is bounded by the disk's sync: LMDB waits for it twice, a "
            "write-ahead log once, so that a whole booking takes Figaro %s and SQLite %s; Figaro gains when callers "
            "come together.\n",
            own, sqlite);
    fprintf(file, "Everything is in memory (%s) and is read at the start (%s), where databases start at once.\n",
            memory, start);
    fprintf(file,
            "SQL is good enough for most shops: the predecessor query in SQLite takes %s, and neither it nor EXCLUDE "
            "books twice.\n",
            best);
    fprintf(file, "What was to be shown and was not is marked MISSED in [%s](%s), which has all tables of this run.\n",
            tables, tables);
}

void readme_write(FILE *file, const json_t *results, const char *path)
{
    write_run(file, results, path);
    fprintf(file,
            "| | check | a day's slots | whole booking | in time at %.0f/s, budget %.0f s | double bookings, 8 clients "
            "at one slot |\n|---|--:|--:|--:|--:|--:|\n",
            README_RATE_S, README_BUDGET_S);
    for (size_t i = 0; i < figures_count(results, "contenders"); i++)
        write_contender(file, results, figures_at(results, "contenders", i));
    fputc('\n', file);
    write_times(file, results, "sqlite-best", "the best that SQLite can be asked, in process");
    write_times(file, results, "postgresql-best", "PostgreSQL's over a socket");
    write_times(file, results, "redis", "Redis's over a socket");
    write_times(file, results, "sqlite-before", "the report's *before* on SQLite");
    write_clients(file, results);
    write_throughput(file, results);
    write_limits(file, results, path);
}

int report_readme(const char *path)
{
    json_t *results = results_read(path);
    if (results == NULL) return 2;
    readme_write(stdout, results, path);
    json_decref(results);
    return 0;
}
