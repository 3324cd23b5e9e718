/* What an engine counts: histograms by themselves, every call by kind and outcome, the text that monitoring reads.
 * Budget: two seconds. */
#include "engine/runtime/histogram.h"
#include "tests/engine/fixture.h"
#include "tests/engine/sick_store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)

/* ---- histograms ---- */

Test(metrics, a_number_is_known_to_an_eighth)
{
    struct support_random random = support_random_from(11);
    for (uint64_t number = 0; number < 5000; number++) {
        uint64_t top = histogram_bucket_top(histogram_bucket(number));
        cr_assert(top >= number && top - number <= number / 8, "%lu counts as %lu", (unsigned long)number,
                  (unsigned long)top);
    }
    for (int i = 0; i < 20000; i++) {
        uint64_t number = support_next(&random) >> (22 + support_below(&random, 40));
        size_t bucket = histogram_bucket(number);
        uint64_t top = histogram_bucket_top(bucket);
        cr_assert(bucket < HISTOGRAM_BUCKETS && top >= number && top - number <= number / 8);
        cr_assert(bucket == 0 || histogram_bucket_top(bucket - 1) < number);
    }
    cr_assert_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

Test(metrics, shares_and_sums_are_those_of_what_was_added)
{
    static struct histogram one, other;
    struct histogram_sum sum = {0};
    cr_assert_eq(histogram_share(&sum, 500), 0);
    for (uint64_t i = 1; i <= 1000; i++) histogram_add(i % 2 ? &one : &other, i * 1000);
    histogram_merge(&one, &sum);
    histogram_merge(&other, &sum);
    cr_assert_eq(sum.count, 1000);
    cr_assert_eq(sum.sum, 500500 * 1000);
    cr_assert_eq(histogram_share(&sum, 500), histogram_bucket_top(histogram_bucket(500000)));
    cr_assert_eq(histogram_share(&sum, 990), histogram_bucket_top(histogram_bucket(990000)));
    cr_assert_eq(histogram_share(&sum, 1000), histogram_bucket_top(histogram_bucket(1000000)));
    cr_assert_eq(histogram_below(&sum, 10), 1);  /* 1000 */
    cr_assert_eq(histogram_below(&sum, 16), 65); /* 1000 to 65000 */
    cr_assert_eq(histogram_below(&sum, 20), 1000);
}

/* ---- calls ---- */

static fig_metrics metrics_of(fig_engine *engine)
{
    fig_metrics metrics = fig_metrics_default();
    must_be(fig_get_metrics(engine, &metrics), FIG_OK);
    return metrics;
}

static uint64_t requests(const fig_metrics *metrics, fig_operation operation, fig_status status)
{
    return metrics->requests[operation][fig_metrics_column(status)];
}

Test(metrics, every_status_has_a_column_of_its_own)
{
    static const fig_status all[] = {FIG_OK,        FIG_CONFLICT,   FIG_CLOSED,         FIG_RULE,        FIG_NOT_FOUND,
                                     FIG_STALE,     FIG_KEY_REUSED, FIG_ILLEGAL_STATUS, FIG_NAME_TAKEN,  FIG_NOT_DONE,
                                     FIG_INVALID,   FIG_BUSY,       FIG_UNKNOWN,        FIG_UNAVAILABLE, FIG_FULL,
                                     FIG_NO_MEMORY, FIG_IO,         FIG_CORRUPT,        FIG_NEWER,       FIG_NOT_STORE,
                                     FIG_FORKED,    FIG_DENIED};
    bool seen[FIG_METRICS_STATUSES] = {false};
    cr_assert_eq(sizeof all / sizeof *all, FIG_METRICS_STATUSES);
    for (size_t i = 0; i < FIG_METRICS_STATUSES; i++) {
        cr_assert_not(seen[fig_metrics_column(all[i])]);
        seen[fig_metrics_column(all[i])] = true;
    }
    cr_assert_eq(fig_metrics_column((fig_status)77), FIG_METRICS_STATUSES - 1);
}

Test(metrics, calls_are_counted_by_kind_and_outcome)
{
    fig_engine *engine = fixture_engine();
    fig_metrics before = metrics_of(engine);
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON, NOON), FIG_INVALID);
    must(engine, a_move(id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    must(engine, a_status(id, FIG_CANCELLED), FIG_OK);
    must(engine, a_status(id, FIG_CANCELLED), FIG_ILLEGAL_STATUS);
    fig_request two[2] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(FIGARO, NOON, NOON + HOUR)};
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    must_be(fig_write(engine, two, 2, outcomes), FIG_OK);
    fig_metrics after = metrics_of(engine);
    cr_expect_eq(requests(&after, FIG_OP_BOOK, FIG_OK), 2);
    cr_expect_eq(requests(&after, FIG_OP_BOOK, FIG_CONFLICT), 2);
    cr_expect_eq(requests(&after, FIG_OP_BOOK, FIG_INVALID), 1);
    cr_expect_eq(requests(&after, FIG_OP_MOVE, FIG_OK), 1);
    cr_expect_eq(requests(&after, FIG_OP_SET_STATUS, FIG_OK), 1);
    cr_expect_eq(requests(&after, FIG_OP_SET_STATUS, FIG_ILLEGAL_STATUS), 1);
    cr_expect_eq(after.write_ns[FIG_OP_BOOK].count, 3, "calls of one request");
    cr_expect_eq(after.write_ns[0].count, 1, "calls of several");
    cr_expect_gt(after.write_ns[FIG_OP_MOVE].sum, 0);
    cr_expect_eq(after.commits - before.commits, 4, "refused ones commit nothing");
    cr_expect_eq(after.commit_requests.sum - before.commit_requests.sum, 5);
    cr_expect_gt(after.commit_bytes, before.commit_bytes);
    cr_expect_eq(after.breaker, FIG_BREAKER_CLOSED);
    fixture_close(engine);
}

Test(metrics, reads_are_counted_by_kind)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_metrics before = metrics_of(engine);
    for (int i = 0; i < 2000; i++) is_free(engine, FIGARO, NOON + HOUR, NOON + 2 * HOUR, NOON);
    for (int i = 0; i < 30; i++) is_free(engine, FIGARO, NOON, NOON + HOUR, NOON);
    for (int i = 0; i < 20; i++) appointment_at(engine, id, NOON);
    fig_snapshot *snapshot = NULL;
    fig_view view = fig_view_default();
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    fig_appointment found[2];
    size_t count = 0;
    must_be(fig_snapshot_open(engine, &snapshot), FIG_OK);
    view.now_s = NOON;
    view.snapshot = snapshot;
    must_be(fig_list(engine, &view, &filter, &cursor, found, 2, &count), FIG_OK);
    fig_snapshot_close(snapshot);
    fig_metrics after = metrics_of(engine);
    cr_expect_eq(after.reads[FIG_READ_CHECK_FREE] - before.reads[FIG_READ_CHECK_FREE], 2000);
    cr_expect_eq(after.reads[FIG_READ_CHECK_CONFLICT] - before.reads[FIG_READ_CHECK_CONFLICT], 30);
    cr_expect_eq(after.reads[FIG_READ_LOOKUP] - before.reads[FIG_READ_LOOKUP], 20);
    cr_expect_eq(after.reads[FIG_READ_LIST] - before.reads[FIG_READ_LIST], 1);
    uint64_t timed = 0;
    for (int kind = 0; kind < FIG_READ_KINDS; kind++) timed += after.read_ns[kind].count;
    cr_expect(timed >= 7 && timed <= 9, "%lu of 2051 were timed", (unsigned long)timed);
    fixture_close(engine);
}

/* ---- from many threads ---- */

enum { THREADS = 8, EACH = 2000 };

static void *read_often(void *argument)
{
    for (int i = 0; i < EACH; i++) is_free(argument, FIGARO, NOON, NOON + HOUR, NOON);
    return NULL;
}

Test(metrics, no_read_is_lost_between_threads)
{
    fig_engine *engine = fixture_engine();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, read_often, engine), 0);
    for (int i = 0; i < 20; i++) (void)metrics_of(engine);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    cr_assert_eq(metrics_of(engine).reads[FIG_READ_CHECK_FREE], THREADS * EACH);
    fixture_close(engine);
}

/* ---- queue, breaker, slow calls ---- */

static char slow_words[512];
static void listen(void *context, int level, const char *message)
{
    (void)context;
    if (level == 4 && strstr(message, "slow") != NULL) strncpy(slow_words, message, sizeof slow_words - 1);
}

Test(metrics, a_sick_store_shows)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.in_memory = true;
    options.committer = FIG_COMMITTER_THREAD;
    options.log = listen;
    options.queue_requests = 2;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    sick_store_put(engine);

    sick_store_hang();
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    sick_store_wait();
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    must_be(fig_submit(engine, &request, NULL), FIG_BUSY);
    fig_metrics metrics = metrics_of(engine);
    cr_expect_eq(metrics.queue_requests, 2);
    cr_expect_gt(metrics.queue_bytes, 2 * sizeof request);
    cr_expect_eq(metrics.queue_refusals, 1);
    request.timeout_ns = 50 * MILLISECOND;
    must(engine, request, FIG_BUSY);
    cr_expect_not_null(strstr(slow_words, "slow: book"), "%s", slow_words);
    cr_expect_eq(metrics_of(engine).slow_calls, 1);
    sick_store_fail(5, STORE_IO);
    sick_store_release();
    request.timeout_ns = 0;
    for (int i = 0; i < 10 && metrics_of(engine).breaker == FIG_BREAKER_CLOSED; i++) ask(engine, request);
    metrics = metrics_of(engine);
    cr_expect_eq(metrics.breaker, FIG_BREAKER_OPEN);
    cr_expect_eq(metrics.breaker_openings, 1);
    cr_expect_eq(metrics.breaker_failures, 5);
    fixture_close(engine);
}

/* ---- the text ---- */

static bool has_line(const char *text, const char *line)
{
    size_t size = strlen(line);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && at[size] == '\n') return true;
    return false;
}

Test(metrics, the_text_says_what_was_counted)
{
    fig_engine *engine = fixture_engine();
    char *text = malloc(FIG_METRICS_TEXT_MAX);
    size_t size = 0;
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    for (int i = 0; i < 600; i++) is_free(engine, FIGARO, NOON, NOON + HOUR, NOON);
    must_be(fig_write_metrics(engine, text, FIG_METRICS_TEXT_MAX, &size), FIG_OK);
    cr_assert_eq(strlen(text), size);
    cr_expect(has_line(text, "figaro_requests_total{operation=\"book\",outcome=\"ok\"} 1"), "%s", text);
    cr_expect(has_line(text, "figaro_requests_total{operation=\"book\",outcome=\"conflict\"} 1"));
    cr_expect(has_line(text, "figaro_reads_total{kind=\"check_conflict\"} 600"));
    cr_expect(has_line(text, "figaro_write_seconds_count{operation=\"book\"} 2"));
    cr_expect(has_line(text, "figaro_write_seconds_bucket{operation=\"book\",le=\"+Inf\"} 2"));
    cr_expect(has_line(text, "figaro_breaker_state 0"));
    cr_expect(has_line(text, "figaro_active_appointments 1"));
    cr_expect_str_eq(text + size - 6, "# EOF\n");
    size_t kept = size;
    for (size_t capacity = 0; capacity <= size; capacity += 97)
        must_be(fig_write_metrics(engine, text, capacity, &kept), FIG_INVALID);
    cr_expect_eq(kept, size);
    free(text);
    fixture_close(engine);
}

Test(metrics, an_engine_can_be_told_to_count_nothing)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.in_memory = true;
    options.no_metrics = true;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    fig_metrics metrics = fig_metrics_default();
    char text[64];
    size_t size = 7;
    must_be(fig_get_metrics(engine, &metrics), FIG_NOT_FOUND);
    must_be(fig_write_metrics(engine, text, sizeof text, &size), FIG_NOT_FOUND);
    must_be(fig_get_metrics(engine, NULL), FIG_INVALID);
    cr_assert_eq(size, 7);
    fixture_close(engine);
}

/* ---- commits ---- */

Test(metrics, a_long_call_is_counted_once_over_its_commits)
{
    static char note[FIG_NOTE_MAX + 1];
    fig_engine *engine = fixture_engine();
    fig_request *requests = calloc(FIG_BATCH_MAX, sizeof *requests);
    fig_outcome *outcomes = calloc(FIG_BATCH_MAX, sizeof *outcomes);
    cr_assert(requests != NULL && outcomes != NULL);
    memset(note, 'n', FIG_NOTE_MAX);
    for (size_t i = 0; i < FIG_BATCH_MAX; i++) {
        requests[i] = a_booking(FIGARO, NOON + (int64_t)i * HOUR, NOON + (int64_t)(i + 1) * HOUR);
        requests[i].note = note;
        outcomes[i] = fig_outcome_default();
    }
    fig_metrics before = metrics_of(engine);
    must_be(fig_write(engine, requests, FIG_BATCH_MAX, outcomes), FIG_OK);
    fig_metrics after = metrics_of(engine);
    cr_assert_gt(after.commits - before.commits, 1, "16 MiB of notes are more than one commit takes");
    cr_assert_eq(after.commit_requests.sum - before.commit_requests.sum, FIG_BATCH_MAX);
    free(requests);
    free(outcomes);
    fixture_close(engine);
}
