/* What the bench is to show, and whether it did. */
#include "bench/report/figures_of.h"
#include "bench/report/words.h"

#include <math.h>
#include <string.h>

/* Some rounds met the aim and some did not: on a busy machine a median alone may say anything. */
static const char *doubt(struct spread spread, double aim)
{
    return spread.least < aim && aim < spread.most ? ", but not in every round the same" : "";
}

static void write_row(FILE *file, const char *name, struct spread spread, const char *words, double aim, bool met)
{
    char median[WORDS_MAX], least[WORDS_MAX], most[WORDS_MAX];
    fprintf(file, "| %s | %s (%s to %s) | %s | %s%s |\n", name, words_ratio(median, spread.median),
            words_ratio(least, spread.least), words_ratio(most, spread.most), words, met ? "met" : "MISSED",
            doubt(spread, aim));
}

/* How many times as long the other's check takes. */
static void write_times(FILE *file, const json_t *results, const char *contender, double least)
{
    char name[160], aim[64], words[WORDS_MAX];
    double rows = figures_rows(results);
    struct spread ratio;
    const json_t *other = figures_latency(results, contender, "check", rows);
    if (!figures_ratio(other, figures_latency(results, "figaro", "check", rows), &ratio)) return;
    snprintf(name, sizeof name, "check, times as fast as %s", figures_title(results, contender));
    snprintf(aim, sizeof aim, "≥ %s", words_count(words, least));
    write_row(file, name, ratio, aim, least, ratio.median >= least);
}

/* The fastest right check over a socket. */
static const char *best_over_socket(const json_t *results)
{
    static const char *const known[] = {"postgresql-best", "postgresql-exclude", "redis"};
    const char *best = known[0];
    double least = INFINITY;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double median = results_number(figures_latency(results, known[i], "check", figures_rows(results)), "median");
        if (!(median < least)) continue;
        least = median;
        best = known[i];
    }
    return best;
}

static void write_doubles(FILE *file, const json_t *results, const char *contender, bool none)
{
    char words[WORDS_MAX], rounds[WORDS_MAX];
    const json_t *race = RESULTS_FIND(results, "race", "contender", contender);
    if (race == NULL) return;
    double doubles = results_number(race, "double_bookings");
    fprintf(file, "| double bookings, %s | %s in %s rounds | %s | %s |\n", figures_title(results, contender),
            words_count(words, doubles), words_count(rounds, results_number(race, "rounds")), none ? "0" : "> 0",
            (doubles == 0) == none ? "met" : "MISSED");
}

static void write_move_race(FILE *file, const json_t *results, const char *contender)
{
    char doubled[WORDS_MAX], rounds[WORDS_MAX];
    const json_t *race = RESULTS_FIND(results, "move_race", "contender", contender);
    if (race == NULL) return;
    double doubles = results_number(race, "doubled_rounds");
    bool kept = results_number(race, "double_bookings") == 0 && results_number(race, "lost") == 0;
    fprintf(file, "| moves of two to one place, %s | in %s of %s rounds | 0 | %s |\n",
            figures_title(results, contender), words_count(doubled, doubles),
            words_count(rounds, results_number(race, "rounds")), doubles == 0 && kept ? "met" : "MISSED");
}

/* The month of the office: the right state at its end, a move refused where another is, and not by itself. Results from
 * before moves were a step of their own say nothing of it. */
static void write_office(FILE *file, const json_t *results, const char *contender)
{
    const json_t *office = RESULTS_FIND(results, "office", "contender", contender);
    if (json_object_get(office, "moves") == NULL) return;
    bool right = json_is_true(json_object_get(office, "right"));
    const char *taken = results_text(office, "onto_taken"), *itself = results_text(office, "onto_itself");
    bool met = right && strcmp(taken, "refused") == 0 && strcmp(itself, "accepted") == 0;
    fprintf(file,
            "| a real office's month, %s: final state; a move onto a taken time; onto a part of its own | %s; %s; %s | "
            "right; refused; accepted | %s |\n",
            figures_title(results, contender), right ? "right" : "wrong", taken, itself, met ? "met" : "MISSED");
}

/* An arrival rate at which one of the "before" falls below 70 %: the one that README shows, else any. */
static bool write_success_at(FILE *file, const json_t *results, double rate_s)
{
    char own[WORDS_MAX], other[WORDS_MAX];
    for (size_t i = 0; i < figures_count(results, "arrivals"); i++) {
        const json_t *record = figures_at(results, "arrivals", i);
        const char *name = results_text(record, "contender");
        if (strstr(name, "-before") == NULL || results_number(record, "success") >= 0.7) continue;
        double rate = results_number(record, "rate");
        if (rate_s != 0 && rate != rate_s) continue;
        double budget_s = results_number(record, "budget_ns") / 1e9;
        double success = results_number(figures_arrivals(results, "figaro", rate, budget_s), "success");
        fprintf(file, "| in time at %.0f bookings/s, budget %g s: Figaro, where %s has %s | %s | 100 %% | %s |\n", rate,
                budget_s, figures_title(results, name), words_share(other, results_number(record, "success")),
                words_share(own, success), success == 1 ? "met" : "MISSED");
        return true;
    }
    return false;
}

static double started(const json_t *results, double rows)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", rows);
    return results_number(RESULTS_FIND(results, "startup", "contender", "figaro", "rows", text), "median");
}

/* From the fewest rows to the most. */
static void write_growth(FILE *file, const json_t *results)
{
    double most = figures_rows(results), fewest = most;
    for (size_t i = 0; i < figures_count(results, "latency"); i++)
        fewest = fmin(fewest, results_number(figures_at(results, "latency", i), "rows"));
    if (fewest == most) return;
    char few[WORDS_MAX], many[WORDS_MAX], words[WORDS_MAX];
    double growth = results_number(figures_latency(results, "figaro", "check", most), "median") /
                    results_number(figures_latency(results, "figaro", "check", fewest), "median");
    fprintf(file, "| a check at %s rows against one at %s | %s times | flat: ≤ 2 | %s |\n", words_count(many, most),
            words_count(few, fewest), words_ratio(words, growth), growth <= 2 ? "met" : "MISSED");
    double power = log(started(results, most) / started(results, fewest)) / log(most / fewest);
    if (!isnan(power))
        fprintf(file, "| start-up grows with the rows to the power of | %.2f | linear: ≤ 1.1 | %s |\n", power,
                power <= 1.1 ? "met" : "MISSED");
}

void aims_write(FILE *file, const json_t *results)
{
    static const char *const right[] = {"figaro", "sqlite-best", "postgresql-best", "postgresql-exclude", "redis"};
    fputs("| what | measured (spread) | aim | |\n|---|---|---|---|\n", file);
    write_times(file, results, "sqlite-best", 100);
    write_times(file, results, best_over_socket(results), 300);
    write_times(file, results, "sqlite-before", 100000);
    write_times(file, results, "postgresql-before", 100000);
    write_doubles(file, results, "figaro", true);
    write_doubles(file, results, "postgresql-exclude", true);
    write_doubles(file, results, "redis", true);
    write_doubles(file, results, "sqlite-after-written", false);
    write_doubles(file, results, "postgresql-after-written", false);
    if (!write_success_at(file, results, README_RATE_S)) write_success_at(file, results, 0);
    write_growth(file, results);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) write_move_race(file, results, right[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) write_office(file, results, right[i]);
    for (size_t i = 0; i < figures_count(results, "aims"); i++) {
        const json_t *aim = figures_at(results, "aims", i);
        char words[64] = "";
        double least = results_number(aim, "aim_least"), most = results_number(aim, "aim_most");
        struct spread spread = {results_number(aim, "median"), results_number(aim, "least"),
                                results_number(aim, "most")};
        if (!isnan(least)) snprintf(words, sizeof words, "≥ %g", least);
        if (!isnan(most)) snprintf(words, sizeof words, "≤ %g", most);
        if (words[0] != '\0') {
            write_row(file, results_text(aim, "name"), spread, words, isnan(least) ? most : least,
                      json_is_true(json_object_get(aim, "met")));
            continue;
        }
        char median[WORDS_MAX], low[WORDS_MAX], high[WORDS_MAX];
        fprintf(file, "| %s | %s (%s to %s) | | |\n", results_text(aim, "name"), words_ratio(median, spread.median),
                words_ratio(low, spread.least), words_ratio(high, spread.most));
    }
}
