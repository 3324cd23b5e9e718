/* A disk whose syncs hang, under callers with deadlines: each is back in time and told what is true, reads go on, and
 * what was left open is settled with its key when the disk is back. FIGARO_STALL_S is how long it hangs. Budget: 35
 * seconds, nearly all of it asleep. */
#include "tests/engine/fixture.h"
#include "tests/storage/faults.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND      INT64_C(1000000000)

/* On a machine with other work, a thread may come late to its processor. */
#define LATE_NS (500 * MILLISECOND)

enum { CALLERS = 16, ASKED_MAX = 4096 };

static char directory[SUPPORT_PATH];

static void make(void) { support_make_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(stall, .init = make, .fini = drop, .timeout = 200);

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static void stall_syncs(void)
{
    char file[SUPPORT_PATH + 16];
    support_format(file, sizeof file, "%s/data.mdb", directory);
    faults_arm(file, (struct fault){.nth = 1, .count = 1000000, .kind = FAULT_STALLED});
}

static fig_engine *open_with(int64_t close_timeout_ns)
{
    fig_options options = fig_options_default();
    options.close_timeout_ns = close_timeout_ns;
    options.breaker_failures = 0; /* it would keep callers from asking the disk at all */
    fig_engine *engine = NULL;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    return engine;
}

/* ---- callers ---- */

struct caller {
    fig_engine *engine;
    int which;
    int64_t until_ns;
    pthread_t thread;
    int asked;
    fig_status told[ASKED_MAX];
    int64_t slowest_ns;
};

/* Each caller has a stretch of time of its own. */
static fig_request nth_request(const struct caller *caller, int nth, char key[32])
{
    int64_t start_s = NOON + caller->which * INT64_C(40) * DAY + nth * INT64_C(600);
    fig_request request = a_booking(FIGARO, start_s, start_s + 600);
    support_format(key, 32, "caller %d, %d", caller->which, nth);
    request.key = key;
    request.timeout_ns = SECOND;
    return request;
}

static void *call(void *argument)
{
    struct caller *caller = argument;
    char key[32];
    while (clock_ns() < caller->until_ns && caller->asked < ASKED_MAX) {
        fig_request request = nth_request(caller, caller->asked, key);
        fig_outcome outcome = fig_outcome_default();
        int64_t began_ns = clock_ns();
        fig_book(caller->engine, &request, &outcome);
        int64_t took_ns = clock_ns() - began_ns;
        if (took_ns > caller->slowest_ns) caller->slowest_ns = took_ns;
        caller->told[caller->asked++] = outcome.status;
        usleep(2000);
    }
    return NULL;
}

/* Reads meanwhile; returns how long the slowest one took. */
static int64_t read_meanwhile(fig_engine *engine, int64_t until_ns)
{
    int64_t slowest_ns = 0;
    while (clock_ns() < until_ns) {
        int64_t began_ns = clock_ns();
        cr_assert_not(is_free(engine, BARTOLO, NOON, NOON + HOUR, NOON));
        int64_t took_ns = clock_ns() - began_ns;
        if (took_ns > slowest_ns) slowest_ns = took_ns;
        usleep(5000);
    }
    return slowest_ns;
}

/* Asks each again, now that the disk is well; what was told before must have been true. */
static uint64_t settle(struct caller *caller, uint64_t counts[2])
{
    char key[32];
    for (int i = 0; i < caller->asked; i++) {
        fig_request request = nth_request(caller, i, key);
        request.timeout_ns = 30 * SECOND;
        fig_outcome outcome = ask(caller->engine, request);
        cr_assert_eq(outcome.status, FIG_OK, "%s: %s", key, fig_status_name(outcome.status));
        switch (caller->told[i]) {
        case FIG_OK: cr_assert(outcome.repeated, "%s was acknowledged and is lost", key); break;
        case FIG_BUSY:
            cr_assert_not(outcome.repeated, "%s was not to be done, and was", key);
            counts[0]++;
            break;
        case FIG_UNKNOWN: counts[1]++; break;
        default: cr_assert_fail("%s: %s", key, fig_status_name(caller->told[i]));
        }
    }
    return (uint64_t)caller->asked;
}

Test(stall, of_the_disk_holds_no_caller_past_its_deadline)
{
    static struct caller callers[CALLERS];
    fixture_close(fixture_open(directory));
    fig_engine *engine = open_with(30 * SECOND);
    booked(engine, BARTOLO, NOON, NOON + HOUR);
    int64_t began_ns = clock_ns();
    int64_t stalled_ns = (int64_t)support_setting("FIGARO_STALL_S", 30) * SECOND;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] =
            (struct caller){.engine = engine, .which = i, .until_ns = began_ns + stalled_ns + 500 * MILLISECOND};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    usleep(200000);
    stall_syncs();
    int64_t slowest_read_ns = read_meanwhile(engine, began_ns + stalled_ns);
    cr_assert_geq(faults_disarm(), 1);
    for (int i = 0; i < CALLERS; i++) pthread_join(callers[i].thread, NULL);
    cr_assert_lt(slowest_read_ns, LATE_NS, "a read took %ld ms", (long)(slowest_read_ns / MILLISECOND));
    uint64_t asked = 0, counts[2] = {0};
    for (int i = 0; i < CALLERS; i++) {
        cr_assert_lt(callers[i].slowest_ns, SECOND + LATE_NS, "a call of 1 s took %ld ms",
                     (long)(callers[i].slowest_ns / MILLISECOND));
        asked += settle(&callers[i], counts);
    }
    cr_assert(counts[0] > 0 && counts[1] > 0, "%lu not done, %lu unknown", (unsigned long)counts[0],
              (unsigned long)counts[1]);
    cr_assert_eq(stats_of(engine).active, asked + 1, "each is booked once");
    fixture_close(engine);
    fig_report report = fig_report_default();
    must_be(fig_verify(directory, NULL, &report, NULL), FIG_OK);
}

Test(stall, of_the_disk_does_not_hold_who_closes)
{
    fixture_close(fixture_open(directory));
    fig_engine *engine = open_with(300 * MILLISECOND);
    booked(engine, BARTOLO, NOON, NOON + HOUR); /* the first turn of all syncs before it decides */
    stall_syncs();
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.timeout_ns = 100 * MILLISECOND;
    must(engine, request, FIG_UNKNOWN);
    int64_t began_ns = clock_ns();
    must_be(fig_close(engine), FIG_BUSY);
    cr_assert_lt(clock_ns() - began_ns, 300 * MILLISECOND + LATE_NS);
    cr_assert_geq(faults_disarm(), 1);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_OK);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    fixture_close(engine);
}
