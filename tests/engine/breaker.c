/* The circuit breaker: by itself, and around a store that fails when told to. Budget: two seconds. */
#include "engine/runtime/breaker.h"
#include "tests/engine/fixture.h"
#include "tests/engine/sick_store.h"

#include <string.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)

/* ---- by itself ---- */

Test(breaker, failures_in_a_row_open_it)
{
    struct breaker breaker = breaker_new(3, 60);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(breaker_ask(&breaker, i), BREAKER_ADMITS);
        cr_assert_not(breaker_failed(&breaker, i));
    }
    cr_assert_not(breaker_succeeded(&breaker)); /* the row begins anew */
    for (int i = 0; i < 2; i++) cr_assert_not(breaker_failed(&breaker, 10));
    cr_assert_eq(breaker.state, FIG_BREAKER_CLOSED);
    cr_assert(breaker_failed(&breaker, 10));
    cr_assert_eq(breaker.state, FIG_BREAKER_OPEN);
    cr_assert_eq(breaker.openings, 1);
    cr_assert_eq(breaker_ask(&breaker, 10), BREAKER_REFUSES);
    cr_assert_eq(breaker_ask(&breaker, 69), BREAKER_REFUSES);
}

Test(breaker, after_a_rest_one_is_tried)
{
    struct breaker breaker = breaker_new(1, 60);
    cr_assert(breaker_failed(&breaker, 100));
    cr_assert_eq(breaker_ask(&breaker, 160), BREAKER_TRIES);
    cr_assert_eq(breaker.state, FIG_BREAKER_HALF_OPEN);
    cr_assert_eq(breaker_ask(&breaker, 161), BREAKER_REFUSES, "a second trial beside the first");
    cr_assert(breaker_failed(&breaker, 170));
    cr_assert_eq(breaker_ask(&breaker, 229), BREAKER_REFUSES);
    cr_assert_eq(breaker_ask(&breaker, 230), BREAKER_TRIES);
    cr_assert(breaker_succeeded(&breaker));
    cr_assert_eq(breaker.state, FIG_BREAKER_CLOSED);
    cr_assert_eq(breaker_ask(&breaker, 231), BREAKER_ADMITS);
    cr_assert_eq(breaker.openings, 2);
}

Test(breaker, a_trial_that_tells_nothing_is_made_again)
{
    struct breaker breaker = breaker_new(1, 60);
    breaker_failed(&breaker, 0);
    cr_assert_eq(breaker_ask(&breaker, 60), BREAKER_TRIES);
    breaker_learned_nothing(&breaker);
    cr_assert_eq(breaker.state, FIG_BREAKER_HALF_OPEN);
    cr_assert_eq(breaker_ask(&breaker, 61), BREAKER_TRIES);
}

Test(breaker, late_failures_do_not_lengthen_the_rest)
{
    struct breaker breaker = breaker_new(2, 60);
    breaker_failed(&breaker, 0);
    cr_assert(breaker_failed(&breaker, 1));
    cr_assert_not(breaker_failed(&breaker, 50)); /* begun before it opened */
    cr_assert_eq(breaker_ask(&breaker, 61), BREAKER_TRIES);
}

Test(breaker, without_a_limit_it_never_opens)
{
    struct breaker breaker = breaker_new(0, 60);
    for (int i = 0; i < 1000; i++) cr_assert_not(breaker_failed(&breaker, i));
    cr_assert_eq(breaker_ask(&breaker, 1000), BREAKER_ADMITS);
}

/* ---- around a store ---- */

static char last_words[512];
static void listen(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    strncpy(last_words, message, sizeof last_words - 1);
}

static fig_engine *open_sick(fig_committer committer)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.in_memory = true;
    options.committer = committer;
    options.breaker_rest_ns = 100 * MILLISECOND;
    options.log = listen;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    sick_store_put(engine);
    return engine;
}

static fig_request hour(int which) { return a_booking(FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR); }

static void fail_and_recover(fig_committer committer)
{
    fig_engine *engine = open_sick(committer);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    sick_store_fail(6, STORE_IO);
    for (int i = 1; i <= 5; i++) must(engine, hour(i), FIG_IO);
    cr_expect_not_null(strstr(last_words, "5 times in a row"), "%s", last_words);
    unsigned appends = sick_store_appends();
    for (int i = 1; i <= 5; i++) must(engine, hour(i), FIG_UNAVAILABLE);
    cr_expect_eq(sick_store_appends(), appends, "the store was asked while the breaker is open");
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, NOON));
    cr_assert(is_free(engine, FIGARO, NOON + HOUR, NOON + 2 * HOUR, NOON));

    usleep(120000);
    must(engine, hour(1), FIG_IO); /* the trial fails */
    must(engine, hour(1), FIG_UNAVAILABLE);
    usleep(120000);
    must(engine, hour(0), FIG_CONFLICT); /* a trial that asks nothing of the store */
    must(engine, hour(1), FIG_OK);       /* and one that does */
    cr_expect_not_null(strstr(last_words, "well again"), "%s", last_words);
    for (int i = 2; i <= 5; i++) must(engine, hour(i), FIG_OK);
    cr_assert_eq(stats_of(engine).active, 6);
    fixture_close(engine);
}

Test(breaker, a_store_that_fails_is_left_alone) { fail_and_recover(FIG_COMMITTER_NONE); }

Test(breaker, a_store_that_fails_is_left_alone_by_the_committer) { fail_and_recover(FIG_COMMITTER_THREAD); }

Test(breaker, a_full_disk_opens_nothing)
{
    fig_engine *engine = open_sick(FIG_COMMITTER_THREAD);
    sick_store_fail(20, STORE_FULL);
    for (int i = 0; i < 20; i++) must(engine, hour(i), FIG_FULL);
    must(engine, hour(0), FIG_OK);
    fixture_close(engine);
}

/* Those who wait behind the failure that opens it are not kept waiting. */
Test(breaker, whoever_waits_is_told_when_it_opens)
{
    fig_engine *engine = open_sick(FIG_COMMITTER_THREAD);
    sick_store_fail(5, STORE_IO);
    for (int i = 0; i < 4; i++) must(engine, hour(i), FIG_IO);
    sick_store_hang();
    fig_request request = hour(4);
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    sick_store_wait();
    for (int i = 5; i < 8; i++) {
        request = hour(i);
        must_be(fig_submit(engine, &request, NULL), FIG_OK);
    }
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    sick_store_release();
    fig_completion completions[5];
    for (int i = 0; i < 5; i++) completions[i] = fig_completion_default();
    size_t done = 0, count = 0;
    for (int tries = 0; tries < 1000 && done < 5; tries++, usleep(1000)) {
        must_be(fig_complete(engine, completions + done, 5 - done, &count), FIG_OK);
        done += count;
    }
    cr_assert_eq(done, 5);
    must_be(completions[0].outcome.status, FIG_IO);
    for (int i = 1; i < 5; i++) must_be(completions[i].outcome.status, FIG_UNAVAILABLE);
    must_be(fig_submit(engine, &request, NULL), FIG_UNAVAILABLE);
    fixture_close(engine);
}
