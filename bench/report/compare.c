/* Two results, figure by figure: what got slower beyond noise. Slower is: the best round of the new is worse than the
 * worst round of the old, and the medians differ by more than a twentieth. */
#include "bench/report/figures_of.h"
#include "bench/report/report.h"
#include "bench/report/words.h"

#include <math.h>
#include <string.h>

#define NOISE        1.05
#define ROUNDS_LEAST 3

struct comparison {
    FILE *file;
    unsigned compared;
    unsigned slower;
    unsigned faster;
    unsigned wrong;
    unsigned missing;
    unsigned unjudged; /* too few rounds */
};

/* A section's figures, and by which fields a record of one is found in the other. */
struct section {
    const char *name;
    const char *fields[4];
    bool more_is_better;
};

enum sections { LATENCY, THROUGHPUT, CLIENTS, STARTUP, SECTIONS };

static const struct section sections[SECTIONS] = {
    [LATENCY] = {"latency", {"contender", "what", "rows", "pinned"}, false},
    [THROUGHPUT] = {"throughput", {"contender", "callers", "in_flight", NULL}, true},
    [CLIENTS] = {"clients", {"contender", "clients", "rows", NULL}, true},
    [STARTUP] = {"startup", {"contender", "rows", NULL, NULL}, false},
};

static void write_field(char text[64], const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);
    if (json_is_string(value))
        snprintf(text, 64, "%s", json_string_value(value));
    else if (json_is_boolean(value))
        snprintf(text, 64, "%s", json_is_true(value) ? "true" : "false");
    else
        snprintf(text, 64, "%.12g", json_number_value(value));
}

static const json_t *counterpart(const json_t *results, const struct section *section, const json_t *record)
{
    char texts[4][64];
    const char *fields[9] = {NULL};
    for (size_t i = 0; i < 4 && section->fields[i] != NULL; i++) {
        write_field(texts[i], record, section->fields[i]);
        fields[2 * i] = section->fields[i];
        fields[2 * i + 1] = texts[i];
    }
    return results_find(results, section->name, fields);
}

static void say(struct comparison *comparison, const char *verdict, const struct section *section, const json_t *older,
                const json_t *newer)
{
    char field[64];
    fprintf(comparison->file, "%s: %s", verdict, section->name);
    for (size_t i = 0; i < 4 && section->fields[i] != NULL; i++) {
        write_field(field, newer, section->fields[i]);
        fprintf(comparison->file, " %s=%s", section->fields[i], field);
    }
    fprintf(comparison->file, ": %.4g (%.4g to %.4g) → %.4g (%.4g to %.4g), %.3g times\n",
            results_number(older, "median"), results_number(older, "least"), results_number(older, "most"),
            results_number(newer, "median"), results_number(newer, "least"), results_number(newer, "most"),
            results_number(newer, "median") / results_number(older, "median"));
}

/* Rounds enough to know what noise is. */
static bool has_spread(const json_t *record)
{
    return json_array_size(json_object_get(record, "rounds")) >= ROUNDS_LEAST;
}

/* Whether the second is worse beyond noise. */
static bool is_worse(const json_t *first, const json_t *second, bool more_is_better)
{
    double ratio = results_number(second, "median") / results_number(first, "median");
    if (more_is_better) return results_number(second, "most") < results_number(first, "least") && ratio < 1 / NOISE;
    return results_number(second, "least") > results_number(first, "most") && ratio > NOISE;
}

static void compare_section(struct comparison *comparison, const struct section *section, const json_t *older,
                            const json_t *newer)
{
    for (size_t i = 0; i < figures_count(older, section->name); i++) {
        const json_t *one = figures_at(older, section->name, i), *two = counterpart(newer, section, one);
        if (two == NULL) {
            comparison->missing++;
            continue;
        }
        if (!has_spread(one) || !has_spread(two)) {
            comparison->unjudged++;
            continue;
        }
        comparison->compared++;
        if (is_worse(one, two, section->more_is_better)) {
            comparison->slower++;
            say(comparison, "slower", section, one, two);
        } else if (is_worse(two, one, section->more_is_better)) {
            comparison->faster++;
            say(comparison, "faster", section, one, two);
        }
    }
}

/* What must not happen to whom it never happened: `field` says how often it did. */
struct mishap {
    const char *section;
    const char *field;
    const char *words;
    const char *unit;
};

static const struct mishap mishaps[] = {
    {"race", "double_bookings", "books twice", "double bookings"},
    {"move_race", "doubled_rounds", "moves two to one place", "rounds"},
};

static void compare_mishaps(struct comparison *comparison, const struct mishap *mishap, const json_t *older,
                            const json_t *newer)
{
    for (size_t i = 0; i < figures_count(older, mishap->section); i++) {
        const json_t *one = figures_at(older, mishap->section, i);
        const char *name = results_text(one, "contender");
        double count = results_number(RESULTS_FIND(newer, mishap->section, "contender", name), mishap->field);
        if (results_number(one, mishap->field) > 0 || !(count > 0)) continue;
        comparison->wrong++;
        fprintf(comparison->file, "wrong: %s %s now: %.0f %s\n", name, mishap->words, count, mishap->unit);
    }
}

static double wrong_answers(const json_t *record, enum sections section)
{
    if (section == CLIENTS) return results_number(record, "wrong");
    return results_number(record, "wrong_free") + results_number(record, "wrong_taken");
}

/* Who never answered wrongly must not begin to. */
static void compare_answers(struct comparison *comparison, enum sections section, const json_t *older,
                            const json_t *newer)
{
    for (size_t i = 0; i < figures_count(older, sections[section].name); i++) {
        const json_t *one = figures_at(older, sections[section].name, i);
        const json_t *two = counterpart(newer, &sections[section], one);
        double wrong = wrong_answers(two, section);
        if (wrong_answers(one, section) > 0 || !(wrong > 0)) continue;
        comparison->wrong++;
        fprintf(comparison->file, "wrong: %s gives %.0f wrong answers to %s now\n", results_text(two, "contender"),
                wrong, section == CLIENTS ? "clients at once" : results_text(two, "what"));
    }
}

/* Who ended the office's month as it should must not end it otherwise. */
static void compare_offices(struct comparison *comparison, const json_t *older, const json_t *newer)
{
    for (size_t i = 0; i < figures_count(older, "office"); i++) {
        const json_t *one = figures_at(older, "office", i);
        const char *name = results_text(one, "contender");
        const json_t *two = RESULTS_FIND(newer, "office", "contender", name);
        if (!json_is_true(json_object_get(one, "right")) || !json_is_false(json_object_get(two, "right"))) continue;
        comparison->wrong++;
        fprintf(comparison->file, "wrong: %s ends the office's month in another state now\n", name);
    }
}

static void warn_of_machines(FILE *file, const json_t *older, const json_t *newer)
{
    const json_t *one = json_object_get(older, "machine"), *two = json_object_get(newer, "machine");
    if (!json_equal(one, two)) fprintf(file, "warning: they ran on different machines; times say little\n");
    if (strcmp(results_text(older, "plan"), results_text(newer, "plan")) != 0)
        fprintf(file, "warning: %s against %s\n", results_text(older, "command"), results_text(newer, "command"));
}

int compare_write(FILE *file, const json_t *older, const json_t *newer)
{
    struct comparison comparison = {.file = file};
    warn_of_machines(file, older, newer);
    for (size_t i = 0; i < SECTIONS; i++) compare_section(&comparison, &sections[i], older, newer);
    for (size_t i = 0; i < sizeof mishaps / sizeof *mishaps; i++)
        compare_mishaps(&comparison, &mishaps[i], older, newer);
    compare_answers(&comparison, LATENCY, older, newer);
    compare_answers(&comparison, CLIENTS, older, newer);
    compare_offices(&comparison, older, newer);
    fprintf(file,
            "%u figures compared: %u slower, %u faster, %u wrong; %u have too few rounds, %u are only in the old one\n",
            comparison.compared, comparison.slower, comparison.faster, comparison.wrong, comparison.unjudged,
            comparison.missing);
    return comparison.slower + comparison.wrong > 0 ? 1 : 0;
}

int report_compare(const char *old_path, const char *new_path)
{
    json_t *older = results_read(old_path), *newer = results_read(new_path);
    int status = older == NULL || newer == NULL ? 2 : compare_write(stdout, older, newer);
    json_decref(older);
    json_decref(newer);
    return status;
}
