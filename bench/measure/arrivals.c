/* Whole bookings at a fixed rate of arrival. When each is to be made is drawn before; its latency counts from then,
 * whether there was somebody to serve it or not, so that a slow contender cannot slow down who measures it. */
#include "bench/figures.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WORKERS 16 /* who serve: as many requests are under way at once at most */

struct arrivals {
    struct stage *stage;
    struct entrant *entrant;
    const struct arrivals_plan *plan;
    int64_t began_ns;
    int64_t *due_ns; /* from the beginning */
    size_t count;
    _Atomic size_t next;
};

struct worker {
    struct arrivals *arrivals;
    struct session *session;
    struct samples samples;
    uint64_t in_time;
    uint64_t late;
    uint64_t dropped; /* past their budget before anybody was free to serve them */
    uint64_t failed;
    pthread_t thread;
};

static void wait_until(int64_t at_ns)
{
    struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0) continue;
}

static bool serve(struct worker *worker)
{
    struct arrivals *arrivals = worker->arrivals;
    const struct contender *contender = arrivals->entrant->contender;
    struct request request = stage_fresh(arrivals->stage, arrivals->entrant);
    struct day_marks marks;
    uint64_t id;
    return contender->available(worker->session, &request, &marks) == ANSWER_FREE &&
           contender->book(worker->session, &request, &id) == ANSWER_FREE;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct arrivals *arrivals = worker->arrivals;
    int64_t budget_ns = arrivals->plan->budget_ns;
    for (size_t i; (i = atomic_fetch_add(&arrivals->next, 1)) < arrivals->count;) {
        int64_t due_ns = arrivals->began_ns + arrivals->due_ns[i];
        if (clock_ns() < due_ns) wait_until(due_ns);
        if (clock_ns() > due_ns + budget_ns) {
            worker->dropped++;
            continue;
        }
        bool good = serve(worker);
        int64_t took_ns = clock_ns() - due_ns;
        samples_add(&worker->samples, took_ns);
        worker->failed += !good;
        worker->in_time += good && took_ns <= budget_ns;
        worker->late += good && took_ns > budget_ns;
    }
    return NULL;
}

/* Exponential gaps: arrivals know nothing of each other. */
static bool draw_due(struct arrivals *arrivals)
{
    const struct arrivals_plan *plan = arrivals->plan;
    struct draw draw = {arrivals->stage->truth.town.seed + 9};
    arrivals->count = (size_t)(plan->rate_s * (double)plan->length_ns / 1e9);
    arrivals->due_ns = malloc((arrivals->count + 1) * sizeof *arrivals->due_ns);
    double at_ns = 0;
    for (size_t i = 0; arrivals->due_ns != NULL && i < arrivals->count; i++) {
        at_ns += -log(draw_unit(&draw)) / plan->rate_s * 1e9;
        arrivals->due_ns[i] = (int64_t)at_ns;
    }
    return arrivals->due_ns != NULL;
}

static void add_record(const struct arrivals *arrivals, struct worker *sum, json_t *results)
{
    const char *name = arrivals->entrant->contender->name;
    double success = (double)sum->in_time / (double)arrivals->count;
    json_t *record = json_pack("{s:s, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "contender", name, "rows",
                               (json_int_t)arrivals->stage->truth.town.rows, "rate", arrivals->plan->rate_s,
                               "budget_ns", (json_int_t)arrivals->plan->budget_ns, "asked", (json_int_t)arrivals->count,
                               "in_time", (json_int_t)sum->in_time, "late", (json_int_t)sum->late, "dropped",
                               (json_int_t)sum->dropped, "failed", (json_int_t)sum->failed, "success", success);
    results_add_samples(record, &sum->samples);
    results_add(results, "arrivals", record);
    fprintf(stderr, "  %-30s %6.0f/s, budget %4.1f s: %6.2f %% in time, p50 %.3f ms, p99 %.3f ms\n", name,
            arrivals->plan->rate_s, (double)arrivals->plan->budget_ns / 1e9, success * 100,
            (double)samples_percentile(&sum->samples, 50) / 1e6, (double)samples_percentile(&sum->samples, 99) / 1e6);
}

static bool run_arrivals(struct arrivals *arrivals, json_t *results)
{
    struct worker workers[WORKERS] = {{0}}, sum = {0};
    const struct contender *contender = arrivals->entrant->contender;
    bool good = true;
    for (size_t i = 0; i < WORKERS && good; i++) {
        workers[i].arrivals = arrivals;
        good = (workers[i].session = contender->connect(arrivals->entrant->base)) != NULL;
    }
    arrivals->began_ns = clock_ns() + 10000000;
    for (size_t i = 0; i < WORKERS && good; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) _Exit(3);
    for (size_t i = 0; i < WORKERS && good; i++) {
        pthread_join(workers[i].thread, NULL);
        sum.in_time += workers[i].in_time;
        sum.late += workers[i].late;
        sum.dropped += workers[i].dropped;
        sum.failed += workers[i].failed;
        samples_add_all(&sum.samples, &workers[i].samples);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        samples_free(&workers[i].samples);
        if (workers[i].session != NULL) contender->disconnect(workers[i].session);
    }
    if (good) add_record(arrivals, &sum, results);
    samples_free(&sum.samples);
    return good;
}

bool measure_arrivals(struct stage *stage, const char *names, const struct arrivals_plan *plan, json_t *results)
{
    bool good = true;
    for (size_t i = 0; i < stage->count && good; i++) {
        if (!stage_wants(names, stage->entrants[i].contender)) continue;
        struct arrivals arrivals = {.stage = stage, .entrant = &stage->entrants[i], .plan = plan};
        good = draw_due(&arrivals) && run_arrivals(&arrivals, results);
        if (!good) fprintf(stderr, "%s: %s\n", arrivals.entrant->contender->title, arrivals.entrant->base->error);
        free(arrivals.due_ns);
    }
    return good;
}
