/* `figaro health` and `figaro stats --metrics`: what they say of a store and of a server's metrics, and how they end.
 * Budget: five seconds. */
#include "storage/store.h"
#include "tests/engine/fixture.h"
#include "tests/tools/shop.h"
#include "tools/openmetrics.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Test(health, a_new_store_is_healthy)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "healthy: 0 bad, 0 warnings", NULL, "health", shop.store);
    EXPECT_FIGARO(0, "{\"check\":\"writers' turn\",\"state\":\"ok\",\"value\":\"is passed on\"}", NULL, "health",
                  shop.store, "--json");
    EXPECT_FIGARO(0, "{\"healthy\":true,\"warnings\":0,\"bad\":0}", NULL, "health", shop.store, "--json");
    shop_close(&shop);
}

/* Takes the writers' turn in a child, which then stops. */
static pid_t stop_with_the_turn(const char *directory)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct store *store;
        struct store_options options = {.create = false};
        if (store_open_directory(directory, &options, &store, NULL) != STORE_OK) _exit(1);
        if (store->ops->begin(store, INT64_MAX, NULL) != STORE_OK) _exit(2);
        raise(SIGSTOP);
        store->ops->end(store);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, WUNTRACED), child);
    cr_assert(WIFSTOPPED(status), "%x", (unsigned)status);
    return child;
}

/* A lost file of the archive is a gap in what the journal tells. */
Test(health, a_lost_file_of_the_archive_is_told)
{
    struct shop shop = shop_open();
    char file[SUPPORT_PATH];
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--now", SHOP_NOW);
    EXPECT_FIGARO(0, "frames 1 to ", NULL, "archive", shop.store, "--keep", "2");
    EXPECT_FIGARO(0, "frames 1 to ", NULL, "archive", shop.store, "--keep", "1");
    EXPECT_FIGARO(0, "journal         begins with version 1\n", NULL, "health", shop.store);
    support_format(file, sizeof file, "rm '%.400s'/archive/$(ls '%.400s/archive' | tail -1)", shop.store, shop.store);
    struct support_child removed = SUPPORT_RUN("sh", "-c", file);
    cr_assert_eq(removed.exit_code, 0);
    support_free(&removed);
    EXPECT_FIGARO(1, "bad      journal", NULL, "health", shop.store);
    EXPECT_FIGARO(3, "neither in the archive nor in the journal", "", "verify", shop.store);
    shop_close(&shop);
}

Test(health, a_stopped_process_with_the_turn_is_named)
{
    struct shop shop = shop_open();
    char words[80], number[40];
    pid_t child = stop_with_the_turn(shop.store);
    support_format(words, sizeof words, "process %d has it and is stopped", (int)child);
    EXPECT_FIGARO(1, words, NULL, "health", shop.store);
    EXPECT_FIGARO(1, "kill -CONT", NULL, "health", shop.store);
    support_format(words, sizeof words, "process %d has the writers' turn", (int)child);
    EXPECT_FIGARO(0, words, NULL, "stats", shop.store);
    support_format(number, sizeof number, "\"holder\":%d", (int)child);
    EXPECT_FIGARO(0, number, NULL, "stats", shop.store, "--json");
    kill(child, SIGCONT);
    waitpid(child, NULL, 0);
    EXPECT_FIGARO(0, "is passed on", NULL, "health", shop.store);
    EXPECT_FIGARO(0, "\"holder\":null", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}

/* ---- the metrics of a server ---- */

Test(health, what_a_server_serves_is_read_back)
{
    static char text[FIG_METRICS_TEXT_MAX];
    size_t size = 0;
    struct shop shop = shop_empty();
    fig_engine *engine = fixture_engine();
    for (int i = 0; i < 30; i++) ask(engine, a_booking(FIGARO, NOON + i / 3 * HOUR, NOON + (i / 3 + 1) * HOUR));
    must_be(fig_write_metrics(engine, text, sizeof text, &size), FIG_OK);
    fixture_close(engine);
    openmetrics metrics;
    reason why;
    const char *path = shop_file(&shop, "metrics", text);
    cr_assert(openmetrics_read(path, &metrics, &why), "%s", why.text);
    cr_assert_eq(openmetrics_sum(&metrics, "figaro_requests_total", "outcome", "conflict"), 20);
    cr_assert_eq(openmetrics_sum(&metrics, "figaro_requests_total", "operation", "book"), 30);
    cr_assert_eq(openmetrics_sum(&metrics, "figaro_active_appointments", NULL, NULL), 10);
    cr_assert_eq(openmetrics_sum(&metrics, "figaro_requests", NULL, NULL), 0, "a name is taken whole");
    openmetrics_free(&metrics);
    shop_close(&shop);
}

static void expect_of(const struct shop *shop, int exit_code, const char *words, const char *metrics)
{
    const char *path = shop_file(shop, "metrics", metrics);
    EXPECT_FIGARO(exit_code, words, NULL, "health", shop->store, "--metrics", path);
}

Test(health, says_what_a_server_suffers_from)
{
    struct shop shop = shop_open();
    expect_of(&shop, 0, "100.000 % of 10 writes",
              "figaro_requests_total{operation=\"book\",outcome=\"ok\"} 10\n# EOF\n");
    expect_of(&shop, 0, "warning  success rate    99.000 % of 100",
              "figaro_requests_total{operation=\"book\",outcome=\"ok\"} 99\n"
              "figaro_requests_total{operation=\"book\",outcome=\"io\"} 1\n");
    expect_of(&shop, 1, "bad      success rate    60.000 % of 10",
              "figaro_requests_total{operation=\"book\",outcome=\"conflict\"} 6\n"
              "figaro_requests_total{operation=\"hold\",outcome=\"busy\"} 4\n");
    expect_of(&shop, 0, "warning  timeouts        0 out of time, 3 took over 80 % of it",
              "figaro_slow_calls_total 3\n");
    expect_of(&shop, 0, "warning  timeouts        1 out of time",
              "figaro_requests_total{operation=\"book\",outcome=\"ok\"} 9999\n"
              "figaro_requests_total{operation=\"book\",outcome=\"unknown\"} 1\n");
    expect_of(&shop, 1, "open: writes are refused", "figaro_breaker_state 1\n");
    expect_of(&shop, 0, "half-open", "figaro_breaker_state 2\n");
    expect_of(&shop, 0, "warning  breaker         closed, opened 2 times", "figaro_breaker_openings_total 2\n");
    expect_of(&shop, 0, "warning  queue           0 waiting, 5 found it full", "figaro_queue_refusals_total 5\n");
    expect_of(&shop, 0, "ok       slot cache      78.5 % hits of 2000",
              "figaro_slot_list_hits_total 1570\nfigaro_slot_list_misses_total 430\n");
    expect_of(&shop, 0, "raise slot_cache_entries",
              "figaro_slot_list_hits_total 500\nfigaro_slot_list_misses_total 1500\n"
              "figaro_slot_list_evictions_total 900\n");
    expect_of(
        &shop, 0, "warning  commits         10, 200.00 ms each",
        "figaro_commit_seconds_count{store=\"directory\"} 10\nfigaro_commit_seconds_sum{store=\"directory\"} 2\n");
    shop_close(&shop);
}

Test(health, metrics_that_make_no_sense_are_refused)
{
    static const struct {
        const char *text, *words;
    } table[] = {
        {"figaro_version 3\nfigaro_frame\n", "line 2: figaro_frame has no value"},
        {"figaro_version 3\n\n# x\nfigaro_frame three\n", "line 4: figaro_frame has no value"},
        {"figaro_reads_total{kind=\"list\" 3\n", "line 1: the labels of figaro_reads_total do not end"},
        {"{} 3\n", "line 1: a line is a name"},
        {"node_load1 0.5\n", "holds no metrics of Figaro"},
        {"", "holds no metrics of Figaro"},
    };
    struct shop shop = shop_open();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *path = shop_file(&shop, "metrics", table[i].text);
        EXPECT_FIGARO(2, NULL, table[i].words, "health", shop.store, "--metrics", path);
    }
    EXPECT_FIGARO(2, NULL, "No such file", "health", shop.store, "--metrics", "/nowhere/metrics");
    shop_close(&shop);
}

Test(health, stats_prints_what_health_reads)
{
    struct shop shop = shop_open();
    struct support_child child = SUPPORT_FIGARO("stats", shop.store, "--metrics");
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    cr_assert(strstr(child.out, "figaro_barbers 2\n") && strstr(child.out, "# EOF\n"));
    const char *path = shop_file(&shop, "metrics", child.out);
    EXPECT_FIGARO(0, "healthy: 0 bad, 0 warnings", NULL, "health", shop.store, "--metrics", path);
    support_free(&child);
    shop_close(&shop);
}
