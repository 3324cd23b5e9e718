/* What the bench tells: percentiles, words, tables and comparisons, from results made up here. */
#include "bench/report/report.h"
#include "bench/report/figures_of.h"
#include "bench/report/words.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(bench_report, percentiles_are_samples_that_were_taken)
{
    struct samples samples = {0};
    cr_expect_eq(samples_percentile(&samples, 50), 0);
    for (int64_t i = 1000; i > 0; i--) samples_add(&samples, i);
    cr_expect_eq(samples_percentile(&samples, 50), 500);
    cr_expect_eq(samples_percentile(&samples, 99), 990);
    cr_expect_eq(samples_percentile(&samples, 99.9), 999);
    cr_expect_eq(samples_percentile(&samples, 100), 1000);
    cr_expect_eq(samples_percentile(&samples, 0), 1);
    samples_add(&samples, 5000); /* after sorting */
    cr_expect_eq(samples_percentile(&samples, 100), 5000);
    samples_free(&samples);
}

Test(bench_report, spread_is_median_least_and_most)
{
    struct spread odd = spread_of((const double[]){3, 1, 2}, 3), even = spread_of((const double[]){4, 1, 2, 3}, 4);
    cr_expect(fabs(odd.median - 2) <= 1e-9);
    cr_expect(fabs(even.median - 2.5) <= 1e-9);
    cr_expect(fabs(even.least - 1) <= 1e-9);
    cr_expect(fabs(even.most - 4) <= 1e-9);
    cr_expect(fabs(spread_of(NULL, 0).median - 0) <= 1e-9);
}

Test(bench_report, words_have_three_digits_that_matter)
{
    char text[WORDS_MAX];
    cr_expect_str_eq(words_time(text, 241.4), "241 ns");
    cr_expect_str_eq(words_time(text, 999.6), "1.00 µs");
    cr_expect_str_eq(words_time(text, 3021), "3.02 µs");
    cr_expect_str_eq(words_time(text, 30.44e6), "30.4 ms");
    cr_expect_str_eq(words_time(text, 122e9), "122 s");
    cr_expect_str_eq(words_time(text, (double)NAN), "-");
    cr_expect_str_eq(words_count(text, 1234567), "1,234,567");
    cr_expect_str_eq(words_count(text, 999), "999");
    cr_expect_str_eq(words_count(text, -1000), "-1,000");
    cr_expect_str_eq(words_ratio(text, 12.64), "12.6");
    cr_expect_str_eq(words_ratio(text, 126432), "126,000");
    cr_expect_str_eq(words_bytes(text, 269.6e6), "270 MB");
    cr_expect_str_eq(words_share(text, 0.22), "22 %");
    cr_expect_str_eq(words_share(text, 1), "100 %");
    cr_expect_str_eq(words_share(text, 0.9996), "99.96 %");
}

/* ---- results made up ---- */

static json_t *latency(const char *contender, double p50_ns)
{
    struct samples samples = {0};
    for (int i = 0; i < 100; i++) samples_add(&samples, (int64_t)p50_ns);
    json_t *record = json_pack("{s:s, s:i, s:s, s:b, s:i, s:i}", "contender", contender, "rows", 1000000, "what",
                               "check", "pinned", 0, "wrong_free", 0, "wrong_taken", 0);
    results_add_samples(record, &samples);
    results_add_rounds(record, (const double[]){p50_ns * 0.98, p50_ns, p50_ns * 1.02}, 3);
    samples_free(&samples);
    return record;
}

static json_t *race(const char *contender, int doubles)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "contender", contender, "rounds", 2000, "clients", 8,
                     "acknowledged", 2000 + doubles, "double_bookings", doubles, "lost", 0);
}

static json_t *made_up(double figaro_ns, int figaro_doubles)
{
    json_t *results = results_begin("quick", "make bench-quick", 1);
    results_add(results, "contenders",
                json_pack("{s:s, s:s, s:s}", "name", "figaro", "title", "Figaro", "settings", "s"));
    results_add(results, "latency", latency("figaro", figaro_ns));
    results_add(results, "latency", latency("sqlite-best", 30000));
    results_add(results, "latency", latency("redis", 15000));
    results_add(results, "race", race("figaro", figaro_doubles));
    results_end(results);
    return results;
}

typedef void write_text(FILE *file, const json_t *results);

static char *text_of(write_text *writer, const json_t *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    writer(file, results);
    fclose(file);
    return text;
}

Test(bench_report, aims_are_judged_by_ratios_round_by_round)
{
    json_t *results = made_up(240, 0);
    char *text = text_of(aims_write, results);
    cr_expect(strstr(text, "as fast as sqlite-best | 125 (125 to 125) | ≥ 100 | met |"), "%s", text);
    cr_expect(strstr(text, "as fast as redis | 62.5 (62.5 to 62.5) | ≥ 300 | MISSED |"), "%s", text);
    cr_expect(strstr(text, "double bookings, Figaro | 0 in 2,000 rounds | 0 | met |"), "%s", text);
    free(text);
    json_decref(results);
    results = made_up(240, 3);
    text = text_of(aims_write, results);
    cr_expect(strstr(text, "double bookings, Figaro | 3 in 2,000 rounds | 0 | MISSED |"), "%s", text);
    free(text);
    json_decref(results);
}

Test(bench_report, table_tells_every_contender)
{
    json_t *results = made_up(240, 0);
    char *text = text_of(table_write, results);
    cr_expect(strstr(text, "| Figaro | 240 ns | 240 ns | - | 240 ns | 1.00 | 100 | 0 | 0 |"), "%s", text);
    cr_expect(strstr(text, "| sqlite-best | 30.0 µs |"), "%s", text);
    free(text);
    json_decref(results);
}

Test(bench_report, p999_is_told_from_ten_thousand_samples_on)
{
    struct samples samples = {0};
    json_t *few = json_object(), *many = json_object();
    for (int i = 0; i < SAMPLES_FOR_P999 - 1; i++) samples_add(&samples, i);
    results_add_samples(few, &samples);
    samples_add(&samples, 5);
    results_add_samples(many, &samples);
    cr_expect(isnan(results_number(few, "p999_ns")));
    cr_expect_not(isnan(results_number(many, "p999_ns")));
    cr_expect_eq(json_array_size(json_object_get(many, "curve")), 12);
    samples_free(&samples);
    json_decref(few);
    json_decref(many);
}

static int compare(const json_t *older, const json_t *newer, char **text)
{
    size_t size = 0;
    FILE *file = open_memstream(text, &size);
    int status = compare_write(file, older, newer);
    fclose(file);
    return status;
}

static void expect_verdict(const json_t *older, const json_t *newer, int status, const char *says)
{
    char *text = NULL;
    cr_expect_eq(compare(older, newer, &text), status, "%s", text);
    cr_expect(strstr(text, says) != NULL, "\"%s\" is not in:\n%s", says, text);
    free(text);
}

static void expect_comparison(double old_ns, double new_ns, int new_doubles, int status, const char *says)
{
    json_t *older = made_up(old_ns, 0), *newer = made_up(new_ns, new_doubles);
    expect_verdict(older, newer, status, says);
    json_decref(older);
    json_decref(newer);
}

Test(bench_report, compare_names_what_got_slower_beyond_noise)
{
    expect_comparison(
        240, 240, 0, 0,
        "3 figures compared: 0 slower, 0 faster, 0 wrong; 0 have too few rounds, 0 are only in the old one");
    expect_comparison(240, 245, 0, 0, "0 slower, 0 faster");
    expect_comparison(240, 300, 0, 1, "slower: latency contender=figaro what=check rows=1000000 pinned=false: 240");
    expect_comparison(300, 240, 0, 0, "0 slower, 1 faster");
    expect_comparison(240, 240, 1, 1, "wrong: figaro books twice now: 1 double bookings");
}

/* ---- moves to one place ---- */

static json_t *with_move_race(int doubled_rounds, int left, int lost)
{
    json_t *results = made_up(240, 0);
    results_add(results, "move_race",
                json_pack("{s:s, s:i, s:b, s:i, s:i, s:i, s:i, s:i}", "contender", "figaro", "rounds", 500,
                          "fewer_rounds", 1, "acknowledged", 500 + doubled_rounds, "doubled_rounds", doubled_rounds,
                          "double_bookings", left, "failed", 2, "lost", lost));
    return results;
}

static void expect_move_race(int doubled_rounds, int left, int lost, const char *aim, const char *row)
{
    json_t *results = with_move_race(doubled_rounds, left, lost);
    char *text = text_of(table_write, results);
    cr_expect(strstr(text, aim) != NULL, "\"%s\" is not in:\n%s", aim, text);
    cr_expect(strstr(text, row) != NULL, "\"%s\" is not in:\n%s", row, text);
    free(text);
    json_decref(results);
}

Test(bench_report, moves_to_one_place_are_judged_by_what_was_told_and_by_what_is_left)
{
    expect_move_race(0, 0, 0, "| moves of two to one place, Figaro | in 0 of 500 rounds | 0 | met |",
                     "| Figaro | 500 (its time was up) | 500 | 0 | 0 | 2 | 0 |");
    expect_move_race(3, 0, 0, "| in 3 of 500 rounds | 0 | MISSED |", "| 503 | 3 | 0 | 2 | 0 |");
    expect_move_race(0, 0, 1, "| in 0 of 500 rounds | 0 | MISSED |", "| 500 | 0 | 0 | 2 | 1 |");
    expect_move_race(0, 1, 0, "| in 0 of 500 rounds | 0 | MISSED |", "| 500 | 0 | 1 | 2 | 0 |");
}

Test(bench_report, compare_names_who_moves_two_to_one_place_now)
{
    json_t *right = with_move_race(0, 0, 0), *wrong = with_move_race(3, 0, 0), *before = made_up(240, 0);
    expect_verdict(right, wrong, 1, "wrong: figaro moves two to one place now: 3 rounds\n");
    expect_verdict(wrong, wrong, 0, "0 wrong");
    expect_verdict(before, wrong, 0, "0 wrong");
    expect_verdict(right, before, 0, "0 wrong");
    json_decref(right);
    json_decref(wrong);
    json_decref(before);
}

/* ---- checks by many clients ---- */

static json_t *clients_of(const char *contender, int clients, double checks_s, int wrong)
{
    struct samples samples = {0};
    for (int i = 0; i < SAMPLES_FOR_P999; i++) samples_add(&samples, 120);
    json_t *record = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "contender", contender, "rows", 1000000, "clients",
                               clients, "sessions", clients < 16 ? clients : 16, "timed_each", 16, "wrong", wrong);
    results_add_samples(record, &samples);
    results_add_rounds(record, (const double[]){checks_s * 0.98, checks_s, checks_s * 1.02}, 3);
    samples_free(&samples);
    return record;
}

static json_t *with_clients(double checks_s, int wrong)
{
    static const char *const names[] = {"figaro", "sqlite-best", "postgresql-exclude", "redis"};
    json_t *results = made_up(240, 0);
    for (size_t i = 0; i < 4; i++) {
        results_add(results, "clients", clients_of(names[i], 1, checks_s / (double)(i + 1), wrong));
        results_add(results, "clients", clients_of(names[i], 64, 2 * checks_s / (double)(i + 1), wrong));
    }
    results_add(results, "clients", clients_of("sqlite-before", 1, 4.25, 0));
    return results;
}

Test(bench_report, clients_have_rates_percentiles_and_the_sessions_they_share)
{
    json_t *results = with_clients(6000000, 0);
    char *text = text_of(table_write, results);
    cr_expect(strstr(text, "| Figaro | 1 | 6,000,000 | 5,880,000 to 6,120,000 | 120 ns | 120 ns | 120 ns | 0 |"), "%s",
              text);
    cr_expect(strstr(text, "| redis | 64 on 16 sessions | 3,000,000 |"), "%s", text);
    cr_expect(strstr(text, "| sqlite-before | 1 | 4.25 | 4.17 to 4.33 |"), "%s", text);
    free(text);
    json_decref(results);
}

Test(bench_report, compare_knows_clients_and_results_from_before_they_were_measured)
{
    json_t *before = made_up(240, 0), *fast = with_clients(6000000, 0), *slow = with_clients(5000000, 0),
           *wrong = with_clients(6000000, 7);
    expect_verdict(fast, slow, 1, "slower: clients contender=figaro clients=64 rows=1000000: 1.2e+07");
    expect_verdict(slow, fast, 0, "0 slower, 8 faster, 0 wrong");
    expect_verdict(fast, wrong, 1, "wrong: figaro gives 7 wrong answers to clients at once now\n");
    expect_verdict(wrong, wrong, 0, "0 slower, 0 faster, 0 wrong");
    expect_verdict(before, wrong, 0,
                   "3 figures compared: 0 slower, 0 faster, 0 wrong; 0 have too few rounds, 0 are only");
    expect_verdict(fast, before, 0, "0 wrong; 0 have too few rounds, 9 are only in the old one");
    json_decref(before);
    json_decref(fast);
    json_decref(slow);
    json_decref(wrong);
}

static char *readme_of(const json_t *results, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    readme_write(file, results, path);
    fclose(file);
    return text;
}

Test(bench_report, readme_tells_of_clients_when_they_were_measured)
{
    json_t *before = made_up(240, 0), *results = with_clients(6000000, 0);
    char *text = readme_of(results, "bench/results/x.json");
    cr_expect(strstr(text, "- Checks a second by one client: Figaro 6,000,000, SQLite 3,000,000, PostgreSQL 2,000,000, "
                           "Redis 1,500,000; by 64 clients: 12,000,000, 6,000,000, 4,000,000, 3,000,000.\n"),
              "%s", text);
    free(text);
    text = readme_of(before, "bench/results/x.json");
    cr_expect_not(strstr(text, "by one client"), "%s", text);
    free(text);
    json_decref(before);
    json_decref(results);
}

Test(bench_report, plot_of_clients_has_a_block_for_each_contender)
{
    char directory[SUPPORT_PATH], path[SUPPORT_PATH + 16];
    support_make_directory(directory);
    support_format(path, sizeof path, "%s/results.json", directory);
    json_t *results = with_clients(6000000, 0);
    cr_assert(results_write(results, path));
    cr_assert_eq(report_plots(path, directory), 0);
    support_format(path, sizeof path, "%s/clients.dat", directory);
    char *data = support_read_file(path, NULL);
    cr_expect(strstr(data, "\"Figaro\"\n1 6000000 5880000 6120000\n64 12000000 11760000 12240000\n\n\n"), "%s", data);
    cr_expect(strstr(data, "\"sqlite-before\"\n1 4.25 4.165 4.335\n\n\n"), "%s", data);
    cr_expect(strstr(data, "\"sqlite-after\"\nNaN NaN NaN NaN\n\n\n"), "%s", data);
    free(data);
    json_decref(results);
    support_remove(directory);
}

/* ---- the office's month ---- */

static json_t *latency_of(int64_t ns)
{
    struct samples samples = {0};
    for (int i = 0; i < 178; i++) samples_add(&samples, ns);
    json_t *latency = json_object();
    results_add_samples(latency, &samples);
    samples_free(&samples);
    return latency;
}

/* As it was before moves were a step of their own. */
static json_t *old_office(void)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:f}", "contender", "figaro", "accepted", 5390, "refused", 0,
                     "live", 1334, "expected_live", 1334, "double_bookings", 0, "requests_s", 4000.0);
}

static json_t *with_office(bool right, const char *onto_taken, const char *onto_itself)
{
    json_t *results = made_up(240, 0), *office = old_office();
    json_object_set_new(office, "right", json_boolean(right));
    json_object_set_new(office, "onto_taken", json_string(onto_taken));
    json_object_set_new(office, "onto_itself", json_string(onto_itself));
    json_object_set_new(office, "moves", latency_of(241000));
    json_object_set_new(office, "cancellations", latency_of(222000));
    results_add(results, "office", office);
    return results;
}

Test(bench_report, moves_and_cancellations_have_latencies_of_their_own)
{
    json_t *results = with_office(true, "refused", "accepted");
    char *text = text_of(table_write, results);
    cr_expect(strstr(text, "| Figaro | 178 | 241 µs | 241 µs | 178 | 222 µs | 222 µs | right | refused | accepted |"),
              "%s", text);
    free(text);
    json_decref(results);
}

static void expect_office(bool right, const char *onto_taken, const char *onto_itself, const char *says)
{
    json_t *results = with_office(right, onto_taken, onto_itself);
    char *text = text_of(aims_write, results);
    cr_expect(strstr(text, says) != NULL, "\"%s\" is not in:\n%s", says, text);
    free(text);
    json_decref(results);
}

Test(bench_report, an_office_is_right_when_its_state_and_both_moves_are)
{
    expect_office(true, "refused", "accepted", "| right; refused; accepted | right; refused; accepted | met |");
    expect_office(false, "refused", "accepted", "| wrong; refused; accepted | right; refused; accepted | MISSED |");
    expect_office(true, "accepted", "accepted", "| right; accepted; accepted | right; refused; accepted | MISSED |");
    expect_office(true, "refused", "refused", "| right; refused; refused | right; refused; accepted | MISSED |");
}

Test(bench_report, compare_names_who_ends_the_month_otherwise_now)
{
    json_t *right = with_office(true, "refused", "accepted"), *wrong = with_office(false, "refused", "accepted");
    json_t *older = made_up(240, 0);
    results_add(older, "office", old_office());
    expect_verdict(right, wrong, 1, "wrong: figaro ends the office's month in another state now\n");
    expect_verdict(wrong, right, 0, "0 wrong");
    expect_verdict(older, wrong, 0, "0 wrong");
    expect_verdict(right, older, 0, "0 wrong");
    json_decref(right);
    json_decref(wrong);
    json_decref(older);
}

Test(bench_report, results_from_before_moves_say_nothing_of_them)
{
    json_t *results = made_up(240, 0);
    results_add(results, "office", old_office());
    char *table = text_of(table_write, results);
    cr_expect(strstr(table, "| Figaro | 5390 | 0 | 1334 | 1334 | 0 | 4,000 |"), "%s", table);
    cr_expect_not(strstr(table, "a move onto a taken time"), "%s", table);
    free(table);
    json_decref(results);
}

Test(bench_report, results_come_back_from_their_file)
{
    char directory[SUPPORT_PATH], path[SUPPORT_PATH + 16];
    support_make_directory(directory);
    support_format(path, sizeof path, "%s/results.json", directory);
    json_t *results = made_up(240, 0);
    cr_assert(results_write(results, path));
    json_t *again = results_read(path);
    cr_assert_not_null(again);
    char *one = text_of(table_write, results), *two = text_of(table_write, again);
    cr_expect_str_eq(one, two);
    support_write_file(path, "{\"format\": 99}", 14);
    cr_expect_null(results_read(path));
    support_write_file(path, "[", 1);
    cr_expect_null(results_read(path));
    free(one);
    free(two);
    json_decref(results);
    json_decref(again);
    support_remove(directory);
}

/* ---- README ---- */

/* The file that README's section says its figures are from. */
static void named_results(const char *section, char path[256])
{
    const char *at = strstr(section, "(bench/results/");
    cr_assert_not_null(at, "README's section on speed names no file in bench/results");
    cr_assert_eq(sscanf(at, "(%255[^)]", path), 1);
}

Test(bench_report, readme_says_what_the_committed_results_say)
{
    static const char begins[] = "<!-- figaro-bench readme -->\n", ends[] = "<!-- end of it -->";
    char *readme = support_read_file("README.md", NULL), path[256];
    char *section = strstr(readme, begins);
    cr_assert_not_null(section, "README.md has no line %s", begins);
    section += strlen(begins);
    char *end = strstr(section, ends);
    cr_assert_not_null(end, "README.md has no line %s", ends);
    *end = '\0';
    named_results(section, path);
    json_t *results = results_read(path);
    cr_assert_not_null(results, "%s cannot be read", path);
    char *expected = readme_of(results, path);
    cr_assert_str_eq(section, expected, "README's section is not what `figaro-bench readme %s` prints:\n%s", path,
                     expected);
    free(expected);
    free(readme);
    json_decref(results);
}

Test(bench_report, tables_that_are_kept_are_those_of_their_results)
{
    glob_t found;
    cr_assert(glob("bench/results/*.json", 0, NULL, &found) == 0, "bench/results holds no results");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char path[SUPPORT_PATH];
        int length = (int)(strlen(found.gl_pathv[i]) - strlen(".json"));
        support_format(path, sizeof path, "%.*s.md", length, found.gl_pathv[i]);
        json_t *results = results_read(found.gl_pathv[i]);
        cr_assert_not_null(results, "%s cannot be read", found.gl_pathv[i]);
        char *kept = support_read_file(path, NULL), *expected = text_of(table_write, results);
        cr_expect(strcmp(kept, expected) == 0, "%s is not what `figaro-bench table %s` prints", path,
                  found.gl_pathv[i]);
        free(kept);
        free(expected);
        json_decref(results);
    }
    globfree(&found);
}
