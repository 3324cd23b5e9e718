/* Bookings a second by so many callers at once, each of whom waits for its own: durable through a committer, against
 * callers who commit for themselves; durable within 10 ms, against durable. And one caller who has many in flight. */
#include "bench/micro_store.h"

#include "bench/bookings.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define ROUNDS_MAX  64
#define CALLERS_MAX 16
#define ROUND_NS    INT64_C(400000000)
#define IN_FLIGHT   256
#define RELAXED_NS  INT64_C(10000000)

/* A store with its own barber for each caller, so that nobody is refused. */
struct office {
    fig_engine *engine;
    struct bookings bookings;
    _Atomic bool over;
};

struct caller {
    struct office *office;
    uint64_t barber_id;
    int64_t next_s;
    uint64_t booked;
    bool failed;
    pthread_t thread;
};

static bool open_office(struct office *office, const char *directory, fig_committer committer, int64_t relaxed_ns)
{
    fig_options options = fig_options_default();
    fig_error error = fig_error_default();
    options.create = true;
    options.committer = committer;
    options.exclusive = relaxed_ns > 0;
    options.durable_within_ns = relaxed_ns;
    if (fig_open(directory, &options, &office->engine, &error) != FIG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    return bookings_begin(&office->bookings, office->engine, CALLERS_MAX, 1);
}

static void close_office(struct office *office)
{
    bookings_end(&office->bookings);
    fig_close(office->engine);
}

static fig_request next_booking(struct caller *caller)
{
    fig_request request = fig_book_default();
    request.now_s = caller->next_s;
    request.barber_id = caller->barber_id;
    request.start_s = caller->next_s;
    request.end_s = caller->next_s += 60;
    return request;
}

static void *book_one_by_one(void *argument)
{
    struct caller *caller = argument;
    while (!atomic_load(&caller->office->over) && !caller->failed) {
        fig_request request = next_booking(caller);
        fig_outcome outcome = fig_outcome_default();
        caller->failed = fig_book(caller->office->engine, &request, &outcome) != FIG_OK;
        caller->booked++;
    }
    return NULL;
}

static void sleep_ns(int64_t ns)
{
    struct pollfd none;
    poll(&none, 0, (int)(ns / 1000000));
}

/* Bookings a second; negative: one failed. */
static double book_at_once(struct office *office, struct caller *callers, size_t count)
{
    uint64_t booked = 0;
    bool failed = false;
    atomic_store(&office->over, false);
    int64_t began_ns = clock_ns();
    for (size_t i = 0; i < count; i++) {
        callers[i].office = office;
        callers[i].booked = 0;
        if (pthread_create(&callers[i].thread, NULL, book_one_by_one, &callers[i]) != 0) abort();
    }
    sleep_ns(ROUND_NS);
    atomic_store(&office->over, true);
    for (size_t i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
        booked += callers[i].booked;
        failed |= callers[i].failed;
    }
    return failed ? -1 : (double)booked * 1e9 / (double)(clock_ns() - began_ns);
}

static size_t fetch(struct office *office, fig_completion *completions, bool *failed)
{
    size_t count = 0;
    *failed |= fig_complete(office->engine, completions, IN_FLIGHT, &count) != FIG_OK;
    for (size_t i = 0; i < count; i++) *failed |= completions[i].outcome.status != FIG_OK;
    return count;
}

/* One event loop, which keeps so many under way. */
static double book_in_flight(struct office *office, struct caller *caller)
{
    static fig_completion completions[IN_FLIGHT];
    int fd = -1;
    uint64_t booked = 0;
    size_t flying = 0;
    bool failed = fig_completion_fd(office->engine, &fd) != FIG_OK;
    for (size_t i = 0; i < IN_FLIGHT; i++) completions[i] = fig_completion_default();
    int64_t began_ns = clock_ns(), now_ns = began_ns;
    while ((now_ns < began_ns + ROUND_NS || flying > 0) && !failed) {
        for (; flying < IN_FLIGHT && now_ns < began_ns + ROUND_NS && !failed; flying++) {
            fig_request request = next_booking(caller);
            failed |= fig_submit(office->engine, &request, NULL) != FIG_OK;
        }
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        poll(&ready, 1, -1);
        size_t done = fetch(office, completions, &failed);
        flying -= done;
        booked += done;
        now_ns = clock_ns();
    }
    return failed ? -1 : (double)booked * 1e9 / (double)(now_ns - began_ns);
}

static void begin_callers(struct caller callers[CALLERS_MAX])
{
    for (uint64_t i = 0; i < CALLERS_MAX; i++)
        callers[i] = (struct caller){.barber_id = i + 1, .next_s = INT64_C(1767225600)};
}

/* What is compared: how often bookings go through in one office and in the other, by as many callers. */
struct rivals {
    struct office *one;
    struct office *other;
    struct caller ones[CALLERS_MAX];
    struct caller others[CALLERS_MAX];
    const char *name; /* with the number of callers in it */
    const char *baseline;
};

static struct rivals rivals_of(struct office *one, struct office *other, const char *name, const char *baseline)
{
    struct rivals rivals = {.one = one, .other = other, .name = name, .baseline = baseline};
    begin_callers(rivals.ones);
    begin_callers(rivals.others);
    return rivals;
}

static bool compare(struct figures *figures, struct rivals *rivals, size_t callers, unsigned rounds)
{
    double ones[ROUNDS_MAX], others[ROUNDS_MAX];
    char name[80];
    for (unsigned round = 0; round < rounds; round++) {
        ones[round] = book_at_once(rivals->one, rivals->ones, callers);
        others[round] = book_at_once(rivals->other, rivals->others, callers);
        if (ones[round] < 0 || others[round] < 0) return false;
    }
    snprintf(name, sizeof name, "%s, %zu callers", rivals->name, callers);
    figures_add(figures, &(struct figure){.name = name,
                                          .unit = "bookings/s",
                                          .baseline = rivals->baseline,
                                          .samples = ones,
                                          .baseline_samples = others,
                                          .count = rounds});
    return true;
}

static bool measure_in_flight(struct figures *figures, struct office *office, struct caller *caller, unsigned rounds)
{
    double through[ROUNDS_MAX];
    for (unsigned round = 0; round < rounds; round++)
        if ((through[round] = book_in_flight(office, caller)) < 0) return false;
    figures_add(figures, &(struct figure){.name = "durable bookings, 256 in flight",
                                          .unit = "bookings/s",
                                          .samples = through,
                                          .count = rounds});
    return true;
}

struct town {
    struct office with;    /* a committer, */
    struct office without; /* none, */
    struct office relaxed; /* one that takes its time */
};

static bool measure(struct figures *figures, struct town *town, unsigned rounds)
{
    static const size_t counts[] = {1, 4, 16};
    struct rivals committer =
        rivals_of(&town->with, &town->without, "durable bookings", "callers who commit for themselves");
    for (size_t n = 0; n < 3; n++)
        if (!compare(figures, &committer, counts[n], rounds)) return false;
    if (!measure_in_flight(figures, &town->with, &committer.ones[0], rounds)) return false;
    struct rivals relaxed = rivals_of(&town->relaxed, &town->with, "bookings durable within 10 ms", "durable bookings");
    for (size_t i = 0; i < CALLERS_MAX; i++) relaxed.others[i].next_s = committer.ones[i].next_s;
    for (size_t n = 0; n < 3; n++)
        if (!compare(figures, &relaxed, counts[n], rounds)) return false;
    return true;
}

static bool open_town(struct town *town, const char *directory)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/committer", directory);
    if (!open_office(&town->with, path, FIG_COMMITTER_THREAD, 0)) return false;
    snprintf(path, sizeof path, "%s/callers", directory);
    if (!open_office(&town->without, path, FIG_COMMITTER_NONE, 0)) return false;
    snprintf(path, sizeof path, "%s/relaxed", directory);
    return open_office(&town->relaxed, path, FIG_COMMITTER_THREAD, RELAXED_NS);
}

int micro_callers(struct figures *figures, const char *directory, unsigned rounds)
{
    struct town town = {0};
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool good = open_town(&town, directory) && measure(figures, &town, rounds);
    if (!good) fprintf(stderr, "the bench of callers failed\n");
    close_office(&town.with);
    close_office(&town.without);
    close_office(&town.relaxed);
    return good ? 0 : 1;
}
