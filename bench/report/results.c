#include "bench/report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define RESULTS_FORMAT 1

/* ------------------------------------------------------------------ what it ran on */

static void first_line(const char *path, const char *key, char *text, size_t size)
{
    char line[512];
    FILE *file = fopen(path, "r");
    snprintf(text, size, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        const char *value = strchr(line, ':');
        value = value != NULL ? value + 1 : line;
        while (*value == ' ' || *value == '\t') value++;
        snprintf(text, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file != NULL) fclose(file);
}

static json_t *machine(void)
{
    struct utsname name = {.sysname = "unknown"};
    char model[256], memory[64];
    uname(&name);
    first_line("/proc/cpuinfo", "model name", model, sizeof model);
    first_line("/proc/meminfo", "MemTotal", memory, sizeof memory);
    char kernel[512];
    snprintf(kernel, sizeof kernel, "%.200s %.200s", name.sysname, name.release);
    return json_pack("{s:s, s:I, s:s, s:s}", "processor", model, "processors",
                     (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memory", memory, "kernel", kernel);
}

json_t *results_begin(const char *plan, const char *command, uint64_t seed)
{
    char date[32];
    time_t now = time(NULL);
    struct tm fields;
    gmtime_r(&now, &fields);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &fields);
    double load = -1;
    if (getloadavg(&load, 1) != 1) load = -1;
    return json_pack("{s:i, s:s, s:s, s:I, s:s, s:I, s:f, s:o}", "format", RESULTS_FORMAT, "plan", plan, "command",
                     command, "seed", (json_int_t)seed, "date", date, "began_s", (json_int_t)now, "load_before", load,
                     "machine", machine());
}

void results_end(json_t *results)
{
    json_int_t began_s = json_integer_value(json_object_get(results, "began_s"));
    json_object_set_new(results, "took_s", json_integer((json_int_t)time(NULL) - began_s));
}

/* ------------------------------------------------------------------ writing */

void results_add(json_t *results, const char *section, json_t *record)
{
    json_t *list = json_object_get(results, section);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(results, section, list);
    }
    json_array_append_new(list, record);
}

bool results_write(const json_t *results, const char *path)
{
    if (json_dump_file(results, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0) return true;
    fprintf(stderr, "%s cannot be written\n", path);
    return false;
}

json_t *results_read(const char *path)
{
    json_error_t said;
    json_t *results = json_load_file(path, 0, &said);
    if (results == NULL) {
        fprintf(stderr, "%s:%d: %s\n", path, said.line, said.text);
        return NULL;
    }
    if (json_integer_value(json_object_get(results, "format")) == RESULTS_FORMAT) return results;
    fprintf(stderr, "%s: its field `format` is not %d: make results with this version\n", path, RESULTS_FORMAT);
    json_decref(results);
    return NULL;
}

static const double curve[] = {1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100};

void results_add_samples(json_t *record, struct samples *samples)
{
    static const struct {
        const char *name;
        double percent;
    } fields[] = {{"p50_ns", 50}, {"p90_ns", 90}, {"p99_ns", 99}, {"max_ns", 100}};
    json_object_set_new(record, "samples", json_integer((json_int_t)samples->count));
    if (samples->count == 0) return;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        json_object_set_new(record, fields[i].name, json_integer(samples_percentile(samples, fields[i].percent)));
    if (samples->count >= SAMPLES_FOR_P999)
        json_object_set_new(record, "p999_ns", json_integer(samples_percentile(samples, 99.9)));
    json_t *points = json_array();
    for (size_t i = 0; i < sizeof curve / sizeof *curve; i++)
        json_array_append_new(points, json_pack("[f, I]", curve[i], (json_int_t)samples_percentile(samples, curve[i])));
    json_object_set_new(record, "curve", points);
}

void results_add_rounds(json_t *record, const double *values, size_t count)
{
    struct spread spread = spread_of(values, count);
    json_t *rounds = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(rounds, json_real(values[i]));
    json_object_set_new(record, "rounds", rounds);
    json_object_set_new(record, "median", json_real(spread.median));
    json_object_set_new(record, "least", json_real(spread.least));
    json_object_set_new(record, "most", json_real(spread.most));
}

/* ------------------------------------------------------------------ looking up */

static bool says(const json_t *record, const char *field, const char *expected)
{
    char text[64];
    const json_t *value = json_object_get(record, field);
    if (json_is_string(value)) return strcmp(json_string_value(value), expected) == 0;
    if (json_is_boolean(value)) return strcmp(json_is_true(value) ? "true" : "false", expected) == 0;
    if (!json_is_number(value)) return false;
    snprintf(text, sizeof text, "%.12g", json_number_value(value));
    return strcmp(text, expected) == 0;
}

const json_t *results_find(const json_t *results, const char *section, const char *const *fields)
{
    const json_t *list = json_object_get(results, section);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *record = json_array_get(list, i);
        bool all = true;
        for (size_t k = 0; all && fields[k] != NULL; k += 2) all = says(record, fields[k], fields[k + 1]);
        if (all) return record;
    }
    return NULL;
}

const char *results_text(const json_t *record, const char *field)
{
    const char *text = json_string_value(json_object_get(record, field));
    return text != NULL ? text : "";
}

double results_number(const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}
