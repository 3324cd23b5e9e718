/* All figures as Markdown. */
#include "bench/report/figures_of.h"
#include "bench/report/report.h"
#include "bench/report/words.h"

#include <math.h>
#include <string.h>

static void write_head(FILE *file, const json_t *results)
{
    char sync[WORDS_MAX], p99[WORDS_MAX];
    const json_t *machine = json_object_get(results, "machine"), *disk = json_object_get(results, "disk");
    fprintf(file, "# %s, %s\n\n", results_text(results, "command"), results_text(results, "date"));
    fprintf(file,
            "%s, %.0f processors, %s, %s; %s, a synced page takes %s (p50), %s (p99); reading the clock %.0f ns.\n",
            results_text(machine, "processor"), results_number(machine, "processors"), results_text(machine, "memory"),
            results_text(machine, "kernel"), results_text(disk, "file_system"),
            words_time(sync, results_number(disk, "sync_p50_ns")), words_time(p99, results_number(disk, "sync_p99_ns")),
            results_number(results, "clock_ns"));
    const json_t *versions = json_object_get(results, "versions");
    for (size_t i = 0; i < json_array_size(versions); i++)
        fprintf(file, "%s%s", i > 0 ? "; " : "", json_string_value(json_array_get(versions, i)));
    fprintf(file, ". Seed %.0f; it took %.0f s; the machine's load before was %.1f.\n", results_number(results, "seed"),
            results_number(results, "took_s"), results_number(results, "load_before"));
}

static void write_latency_row(FILE *file, const json_t *results, const json_t *record)
{
    char text[6][WORDS_MAX];
    struct spread ratio = {NAN, NAN, NAN};
    const char *what = results_text(record, "what");
    const char *name = results_text(record, "contender");
    bool asks_nothing = strcmp(what, "check") == 0 && strstr(name, "-written") != NULL;
    figures_ratio(record, figures_latency(results, "figaro", what, results_number(record, "rows")), &ratio);
    fprintf(
        file, "| %s%s%s | %s | %s | %s | %s | %s | %.0f | %.0f | %.0f |\n", figures_title(results, name),
        asks_nothing ? " (asks nothing)" : "",
        json_is_true(json_object_get(record, "pinned")) ? ", on one processor" : "",
        words_time(text[0], results_number(record, "p50_ns")), words_time(text[1], results_number(record, "p99_ns")),
        words_time(text[2], results_number(record, "p999_ns")), words_time(text[3], results_number(record, "max_ns")),
        words_ratio(text[4], ratio.median), results_number(record, "samples"), results_number(record, "wrong_free"),
        results_number(record, "wrong_taken"));
}

static void write_latency(FILE *file, const json_t *results, const char *what, const char *title, double rows)
{
    char words[WORDS_MAX];
    fprintf(file, "\n## %s, %s appointments\n\n", title, words_count(words, rows));
    fputs("| | p50 | p99 | p99.9 | max | times Figaro's, by rounds | samples | said free, was taken | said taken, was "
          "free |\n"
          "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "latency"); i++) {
        const json_t *record = figures_at(results, "latency", i);
        if (strcmp(results_text(record, "what"), what) == 0 && results_number(record, "rows") == rows)
            write_latency_row(file, results, record);
    }
}

static void write_arrivals(FILE *file, const json_t *results)
{
    if (figures_count(results, "arrivals") == 0) return;
    fputs("\n## Whole bookings that arrive at a rate\n\n"
          "A latency counts from when the request was due. Late is failed; who is not begun within the budget is "
          "dropped.\n\n"
          "| | bookings/s | budget | in time | late | dropped | p50 | p99 | max "
          "|\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "arrivals"); i++) {
        const json_t *record = figures_at(results, "arrivals", i);
        char text[5][WORDS_MAX];
        fprintf(file, "| %s | %.0f | %s | %s | %.0f | %.0f | %s | %s | %s |\n",
                figures_title(results, results_text(record, "contender")), results_number(record, "rate"),
                words_time(text[0], results_number(record, "budget_ns")),
                words_share(text[1], results_number(record, "success")), results_number(record, "late"),
                results_number(record, "dropped"), words_time(text[2], results_number(record, "p50_ns")),
                words_time(text[3], results_number(record, "p99_ns")),
                words_time(text[4], results_number(record, "max_ns")));
    }
}

static const char *words_fewer(const json_t *race)
{
    return json_is_true(json_object_get(race, "fewer_rounds")) ? " (its time was up)" : "";
}

static void write_race(FILE *file, const json_t *results)
{
    if (figures_count(results, "race") == 0) return;
    fputs("\n## Racing rounds: eight clients released together at one slot\n\n"
          "| | rounds | told \"booked\" | double bookings, by the auditor | rounds with one | acknowledged and lost |\n"
          "|---|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "race"); i++) {
        const json_t *record = figures_at(results, "race", i);
        char text[3][WORDS_MAX];
        fprintf(file, "| %s | %s%s | %s | %s | %.0f | %.0f |\n",
                figures_title(results, results_text(record, "contender")),
                words_count(text[0], results_number(record, "rounds")), words_fewer(record),
                words_count(text[1], results_number(record, "acknowledged")),
                words_count(text[2], results_number(record, "double_bookings")),
                results_number(record, "doubled_rounds"), results_number(record, "lost"));
    }
}

static void write_move_race(FILE *file, const json_t *results)
{
    if (figures_count(results, "move_race") == 0) return;
    fputs("\n## Racing moves: the same clients move an appointment of their own each to one slot\n\n"
          "| | rounds | told \"moved\" | rounds in which more than one was told so | double bookings left, by the "
          "auditor | failed | lost |\n|---|--:|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "move_race"); i++) {
        const json_t *record = figures_at(results, "move_race", i);
        char text[2][WORDS_MAX];
        fprintf(file, "| %s | %s%s | %s | %.0f | %.0f | %.0f | %.0f |\n",
                figures_title(results, results_text(record, "contender")),
                words_count(text[0], results_number(record, "rounds")), words_fewer(record),
                words_count(text[1], results_number(record, "acknowledged")), results_number(record, "doubled_rounds"),
                results_number(record, "double_bookings"), results_number(record, "failed"),
                results_number(record, "lost"));
    }
}

static void write_clients(FILE *file, const json_t *results)
{
    if (figures_count(results, "clients") == 0) return;
    fputs("\n## Conflict checks by many clients at once, in a closed loop\n\n"
          "| | clients | checks/s | spread | p50 | p99 | p99.9 | wrong answers |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "clients"); i++) {
        const json_t *record = figures_at(results, "clients", i);
        double clients = results_number(record, "clients"), sessions = results_number(record, "sessions");
        char text[6][WORDS_MAX], shared[32] = "";
        if (sessions < clients) snprintf(shared, sizeof shared, " on %.0f sessions", sessions);
        fprintf(file, "| %s | %.0f%s | %s | %s to %s | %s | %s | %s | %.0f |\n",
                figures_title(results, results_text(record, "contender")), clients, shared,
                words_ratio(text[0], results_number(record, "median")),
                words_ratio(text[1], results_number(record, "least")),
                words_ratio(text[2], results_number(record, "most")),
                words_time(text[3], results_number(record, "p50_ns")),
                words_time(text[4], results_number(record, "p99_ns")),
                words_time(text[5], results_number(record, "p999_ns")), results_number(record, "wrong"));
    }
}

static void write_throughput(FILE *file, const json_t *results)
{
    if (figures_count(results, "throughput") == 0) return;
    fputs("\n## Durable bookings a second\n\n| | callers | bookings/s | spread | p50 | p99 "
          "|\n|---|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "throughput"); i++) {
        const json_t *record = figures_at(results, "throughput", i);
        const char *name = results_text(record, "contender");
        char text[5][WORDS_MAX];
        fprintf(
            file, "| %s | %.0f%s | %s | %s to %s | %s | %s |\n",
            strcmp(name, "bare-lmdb") == 0 ? "bare LMDB, the frames of Figaro's row" : figures_title(results, name),
            results_number(record, "callers"), json_is_true(json_object_get(record, "in_flight")) ? " in flight" : "",
            words_count(text[0], results_number(record, "median")),
            words_count(text[1], results_number(record, "least")), words_count(text[2], results_number(record, "most")),
            words_time(text[3], results_number(record, "p50_ns")),
            words_time(text[4], results_number(record, "p99_ns")));
    }
}

static void write_footprint(FILE *file, const json_t *results)
{
    fputs("\n## Start-up, disk, memory\n\n| | appointments | start-up | spread | on disk | in memory |\n"
          "|---|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "sizes"); i++) {
        const json_t *record = figures_at(results, "sizes", i);
        const char *name = results_text(record, "contender");
        char rows[32], text[6][WORDS_MAX];
        snprintf(rows, sizeof rows, "%.12g", results_number(record, "rows"));
        const json_t *started = RESULTS_FIND(results, "startup", "contender", name, "rows", rows);
        fprintf(file, "| %s | %s | %s | %s to %s | %s | %s |\n", figures_title(results, name),
                words_count(text[0], results_number(record, "rows")),
                words_time(text[1], results_number(started, "median")),
                words_time(text[2], results_number(started, "least")),
                words_time(text[3], results_number(started, "most")),
                words_bytes(text[4], results_number(record, "disk_bytes")),
                words_bytes(text[5], results_number(record, "memory_bytes")));
    }
}

static void write_office(FILE *file, const json_t *results)
{
    if (figures_count(results, "office") == 0) return;
    fputs("\n## A real office's month, in event order\n\n"
          "| | accepted | refused | live at the end | should be | double bookings | requests/s | booking p50 | p99 |\n"
          "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "office"); i++) {
        const json_t *record = figures_at(results, "office", i);
        char text[3][WORDS_MAX];
        fprintf(file, "| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %s | %s | %s |\n",
                figures_title(results, results_text(record, "contender")), results_number(record, "accepted"),
                results_number(record, "refused"), results_number(record, "live"),
                results_number(record, "expected_live"), results_number(record, "double_bookings"),
                words_count(text[0], results_number(record, "requests_s")),
                words_time(text[1], results_number(record, "p50_ns")),
                words_time(text[2], results_number(record, "p99_ns")));
    }
}

/* Results from before moves were a step of their own do not have these. */
static void write_moves(FILE *file, const json_t *results)
{
    if (json_object_get(figures_at(results, "office", 0), "moves") == NULL) return;
    fputs("\n## The same month: moves and cancellations, each one step\n\n"
          "| | moves | p50 | p99 | cancellations | p50 | p99 | final state | a move onto a taken time | onto a part of "
          "its "
          "own |\n"
          "|---|--:|--:|--:|--:|--:|--:|---|---|---|\n",
          file);
    for (size_t i = 0; i < figures_count(results, "office"); i++) {
        const json_t *record = figures_at(results, "office", i);
        const json_t *moves = json_object_get(record, "moves");
        const json_t *cancellations = json_object_get(record, "cancellations");
        char text[4][WORDS_MAX];
        fprintf(file, "| %s | %.0f | %s | %s | %.0f | %s | %s | %s | %s | %s |\n",
                figures_title(results, results_text(record, "contender")), results_number(moves, "samples"),
                words_time(text[0], results_number(moves, "p50_ns")),
                words_time(text[1], results_number(moves, "p99_ns")), results_number(cancellations, "samples"),
                words_time(text[2], results_number(cancellations, "p50_ns")),
                words_time(text[3], results_number(cancellations, "p99_ns")),
                json_is_true(json_object_get(record, "right")) ? "right" : "WRONG", results_text(record, "onto_taken"),
                results_text(record, "onto_itself"));
    }
}

static void write_settings(FILE *file, const json_t *results)
{
    fputs("\n## Settings\n\n", file);
    for (size_t i = 0; i < figures_count(results, "contenders"); i++) {
        const json_t *record = figures_at(results, "contenders", i);
        fprintf(file, "- %s (`%s`): %s.\n", results_text(record, "title"), results_text(record, "name"),
                results_text(record, "settings"));
    }
}

void table_write(FILE *file, const json_t *results)
{
    static const char *const whats[] = {"check", "available", "booking"};
    static const char *const titles[] = {"Conflict check", "Availability: a day's slots of one barber",
                                         "Whole booking: the day's slots, then a durable booking"};
    write_head(file, results);
    fputs("\n## What it was to show\n\n", file);
    aims_write(file, results);
    fputs("\n## The report's claims\n\n", file);
    claims_write(file, results);
    double last = 0;
    for (size_t i = 0; i < figures_count(results, "latency"); i++) {
        double rows = results_number(figures_at(results, "latency", i), "rows");
        for (size_t k = 0; rows > last && k < 3; k++) write_latency(file, results, whats[k], titles[k], rows);
        last = fmax(last, rows);
    }
    write_clients(file, results);
    write_arrivals(file, results);
    write_race(file, results);
    write_move_race(file, results);
    write_throughput(file, results);
    write_footprint(file, results);
    write_office(file, results);
    write_moves(file, results);
    write_settings(file, results);
}

int report_table(const char *path)
{
    json_t *results = results_read(path);
    if (results == NULL) return 2;
    table_write(stdout, results);
    json_decref(results);
    return 0;
}
