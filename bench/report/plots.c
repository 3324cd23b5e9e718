/* Data for the plots in bench/plot: a file for each, a block for each contender in a fixed order (so that colours and
 * marks stay with their contender), its title first. */
#include "bench/report/figures_of.h"
#include "bench/report/report.h"

#include <stdlib.h>
#include <string.h>

/* The order that bench/plot/style.gp knows. */
static const char *const drawn[] = {
    "figaro",           "sqlite-before",   "sqlite-after",       "sqlite-best", "postgresql-before",
    "postgresql-after", "postgresql-best", "postgresql-exclude", "redis",       "bare-lmdb",
};
#define DRAWN (sizeof drawn / sizeof *drawn)

static FILE *open_data(const char *directory, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.dat", directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) fprintf(stderr, "%s cannot be written\n", path);
    return file;
}

static void begin_block(FILE *file, const json_t *results, const char *name)
{
    fprintf(file, "\"%s\"\n", strcmp(name, "bare-lmdb") == 0 ? "bare LMDB, same frames" : figures_title(results, name));
}

/* gnuplot wants something in every block. */
static void end_block(FILE *file, unsigned points) { fputs(points == 0 ? "NaN NaN NaN NaN\n\n\n" : "\n\n", file); }

static bool has(const json_t *record, const char *field, const char *text)
{
    return strcmp(results_text(record, field), text) == 0;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* A point: where it is, how high (`value`), and the middle half of its rounds. */
static void write_point(FILE *file, double x, const json_t *record, const char *value)
{
    double rounds[64];
    const json_t *list = json_object_get(record, "rounds");
    size_t count = json_array_size(list) < 64 ? json_array_size(list) : 64;
    for (size_t i = 0; i < count; i++) rounds[i] = json_number_value(json_array_get(list, i));
    if (count == 0) return;
    qsort(rounds, count, sizeof *rounds, compare);
    fprintf(file, "%.0f %.10g %.10g %.10g\n", x, results_number(record, value), rounds[count / 4],
            rounds[count - 1 - count / 4]);
}

static void write_rows(FILE *file, const json_t *results, const char *what)
{
    for (size_t i = 0; i < DRAWN; i++) {
        unsigned points = 0;
        begin_block(file, results, drawn[i]);
        for (size_t k = 0; k < figures_count(results, "latency"); k++) {
            const json_t *record = figures_at(results, "latency", k);
            if (!has(record, "contender", drawn[i]) || !has(record, "what", what) ||
                json_is_true(json_object_get(record, "pinned")))
                continue;
            write_point(file, results_number(record, "rows"), record, "median");
            points++;
        }
        end_block(file, points);
    }
}

/* Percentiles by their place on the axis, not by their value. */
static void write_distribution(FILE *file, const json_t *results, const char *what)
{
    for (size_t i = 0; i < DRAWN; i++) {
        const json_t *record = figures_latency(results, drawn[i], what, figures_rows(results));
        const json_t *curve = json_object_get(record, "curve");
        begin_block(file, results, drawn[i]);
        for (size_t k = 0; k < json_array_size(curve); k++)
            fprintf(file, "%zu %.0f\n", k, json_number_value(json_array_get(json_array_get(curve, k), 1)));
        end_block(file, (unsigned)json_array_size(curve));
    }
}

/* A section's figures against one of their fields; what one caller had in flight is no number of callers. */
static void write_section(FILE *file, const json_t *results, const char *section, const char *against)
{
    for (size_t i = 0; i < DRAWN; i++) {
        unsigned points = 0;
        begin_block(file, results, drawn[i]);
        for (size_t k = 0; k < figures_count(results, section); k++) {
            const json_t *record = figures_at(results, section, k);
            if (!has(record, "contender", drawn[i]) || json_is_true(json_object_get(record, "in_flight"))) continue;
            write_point(file, results_number(record, against), record, "median");
            points++;
        }
        end_block(file, points);
    }
}

/* For each thousand rounds, so that those whose time was up can be compared. */
static void write_doubles(FILE *file, const json_t *results)
{
    for (size_t i = 0; i < figures_count(results, "race"); i++) {
        const json_t *record = figures_at(results, "race", i);
        fprintf(file, "\"%s\" %.0f\n", figures_title(results, results_text(record, "contender")),
                results_number(record, "double_bookings") * 1000 / results_number(record, "rounds"));
    }
}

static bool write_data(const json_t *results, const char *directory)
{
    static const char *const names[] = {
        "rows-check", "rows-booking", "distribution-check", "distribution-booking", "throughput", "clients",
        "startup",    "doubles"};
    bool good = true;
    for (size_t i = 0; i < sizeof names / sizeof *names && good; i++) {
        FILE *file = open_data(directory, names[i]);
        if (file == NULL) return false;
        switch (i) {
        case 0: write_rows(file, results, "check"); break;
        case 1: write_rows(file, results, "booking"); break;
        case 2: write_distribution(file, results, "check"); break;
        case 3: write_distribution(file, results, "booking"); break;
        case 4: write_section(file, results, "throughput", "callers"); break;
        case 5: write_section(file, results, "clients", "clients"); break;
        case 6: write_section(file, results, "startup", "rows"); break;
        default: write_doubles(file, results);
        }
        good = fclose(file) == 0;
    }
    return good;
}

int report_plots(const char *path, const char *directory)
{
    json_t *results = results_read(path);
    if (results == NULL) return 2;
    bool good = write_data(results, directory);
    json_decref(results);
    return good ? 0 : 2;
}
