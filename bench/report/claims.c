/* The report's claims, one by one: what it says, what was measured, what that comes to. */
#include "bench/report/figures_of.h"
#include "bench/report/words.h"

#include <math.h>
#include <string.h>

/* A claim about times: from so many seconds to so many. */
struct claim {
    const char *words;
    const char *what;
    double before_least_s;
    double before_most_s;
    double after_most_s;
};

static const char *const bases[] = {"sqlite", "postgresql"};
static const char *const base_titles[] = {"SQLite", "PostgreSQL"};

static double p50(const json_t *results, const char *base, const char *variant, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "%s-%s", base, variant);
    return results_number(figures_latency(results, name, what, figures_rows(results)), "p50_ns");
}

static const char *judge_times(const struct claim *claim, double before_ns, double after_ns)
{
    if (before_ns >= claim->before_least_s * 1e9)
        return after_ns <= claim->after_most_s * 1e9 ? "confirmed" : "the slow half only";
    return after_ns < before_ns
               ? "never that slow by the query alone; faster after, from milliseconds, not from minutes"
               : "refuted: never that slow, and slower after";
}

static void write_times(FILE *file, const json_t *results, const struct claim *claim)
{
    for (size_t i = 0; i < 2; i++) {
        char before[WORDS_MAX], after[WORDS_MAX], own[WORDS_MAX];
        double before_ns = p50(results, bases[i], "before", claim->what);
        double after_ns = p50(results, bases[i], "after", claim->what);
        if (isnan(before_ns) || isnan(after_ns)) continue;
        double figaro_ns =
            results_number(figures_latency(results, "figaro", claim->what, figures_rows(results)), "p50_ns");
        fprintf(file, "| %s | %s: %s → %s (Figaro %s) | %s |\n", claim->words, base_titles[i],
                words_time(before, before_ns), words_time(after, after_ns), words_time(own, figaro_ns),
                judge_times(claim, before_ns, after_ns));
    }
}

static void write_reduction(FILE *file, const json_t *results, const char *words, const char *what, double least,
                            double most)
{
    for (size_t i = 0; i < 2; i++) {
        double reduction = 1 - p50(results, bases[i], "after", what) / p50(results, bases[i], "before", what);
        if (isnan(reduction)) continue;
        const char *verdict = reduction > most    ? "more than claimed, for the query as intended"
                              : reduction < least ? "less than claimed"
                                                  : "confirmed, for the query as intended";
        fprintf(file, "| %s | %s: −%.1f %% | %s |\n", words, base_titles[i], reduction * 100, verdict);
    }
}

static void write_success(FILE *file, const json_t *results)
{
    for (size_t i = 0; i < figures_count(results, "arrivals"); i++) {
        const json_t *before = figures_at(results, "arrivals", i);
        if (strcmp(results_text(before, "contender"), "sqlite-before") != 0) continue;
        double rate = results_number(before, "rate");
        if (rate != README_RATE_S) continue;
        double budget_s = results_number(before, "budget_ns") / 1e9;
        const json_t *after = figures_arrivals(results, "sqlite-after", rate, budget_s);
        const json_t *figaro = figures_arrivals(results, "figaro", rate, budget_s);
        char one[WORDS_MAX], two[WORDS_MAX] = "not measured", three[WORDS_MAX];
        if (after != NULL) words_share(two, results_number(after, "success"));
        fprintf(file,
                "| success rate 60–70 %% → 95–99 %% | SQLite, %.0f bookings/s, budget %g s: %s → %s (Figaro %s) | "
                "a matter of load: any rate can be had |\n",
                rate, budget_s, words_share(one, results_number(before, "success")), two,
                words_share(three, results_number(figaro, "success")));
    }
    for (size_t i = 0; i < 2; i++) {
        char name[64], doubles[WORDS_MAX], rounds[WORDS_MAX];
        snprintf(name, sizeof name, "%s-after-written", bases[i]);
        const json_t *race = RESULTS_FIND(results, "race", "contender", name);
        if (race == NULL) continue;
        fprintf(
            file,
            "| the same, of the code as it is written | %s: %s double bookings in %s rounds of %.0f clients | success "
            "that books everybody into one chair |\n",
            base_titles[i], words_count(doubles, results_number(race, "double_bookings")),
            words_count(rounds, results_number(race, "rounds")), results_number(race, "clients"));
    }
}

static void write_cache(FILE *file, const json_t *results)
{
    for (size_t i = 0; i < figures_count(results, "cache"); i++) {
        const json_t *cache = figures_at(results, "cache", i);
        double rate = results_number(cache, "looks_s"), hits = results_number(cache, "hit_rate");
        if (rate != 10 && rate != 200) continue;
        char found[WORDS_MAX], stale[WORDS_MAX];
        fprintf(
            file,
            "| database load −60–80 %% by a cache found > 70 %% | simulated, %.0f barbers, %.0f looks/s: found %s, of "
            "these no longer true %s | %s; as written nothing calls it: 0 %% |\n",
            results_number(cache, "barbers"), rate, words_share(found, hits),
            words_share(stale, results_number(cache, "stale_rate")),
            hits > 0.7 ? "as claimed, and stale" : "less than claimed");
    }
}

void claims_write(FILE *file, const json_t *results)
{
    static const struct claim times[] = {
        {"conflict check 30–120 s → 0.1–2 s", "check", 30, 120, 2},
        {"availability 15–60 s → 0.5–3 s", "available", 15, 60, 3},
        {"whole booking 60–180 s → 2–8 s", "booking", 60, 180, 8},
    };
    fputs("| the report's claim | measured | verdict |\n|---|---|---|\n", file);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) write_times(file, results, &times[i]);
    write_success(file, results);
    write_reduction(file, results, "query time −80–90 %", "check", 0.8, 0.9);
    write_reduction(file, results, "availability −70–85 %", "available", 0.7, 0.85);
    write_cache(file, results);
}
