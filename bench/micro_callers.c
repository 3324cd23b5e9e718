/* Durable bookings a second by so many callers at once, each of whom waits for its own: through a committer, against
 * callers who commit for themselves. And one caller who has many in flight. */
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

static bool open_office(struct office *office, const char *directory, fig_committer committer)
{
    fig_options options = fig_options_default();
    fig_error error = fig_error_default();
    options.create = true;
    options.committer = committer;
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

static bool measure(struct figures *figures, struct office *with, struct office *without, unsigned rounds)
{
    static const size_t counts[] = {1, 4, 16};
    struct caller own[CALLERS_MAX], bare[CALLERS_MAX];
    double through[ROUNDS_MAX], alone[ROUNDS_MAX];
    begin_callers(own);
    begin_callers(bare);
    for (size_t n = 0; n < 3; n++) {
        for (unsigned round = 0; round < rounds; round++) {
            through[round] = book_at_once(with, own, counts[n]);
            alone[round] = book_at_once(without, bare, counts[n]);
            if (through[round] < 0 || alone[round] < 0) return false;
        }
        char name[80];
        snprintf(name, sizeof name, "durable bookings, %zu callers", counts[n]);
        figures_add(figures, &(struct figure){.name = name,
                                              .unit = "bookings/s",
                                              .baseline = "callers who commit for themselves",
                                              .samples = through,
                                              .baseline_samples = alone,
                                              .count = rounds});
    }
    for (unsigned round = 0; round < rounds; round++)
        if ((through[round] = book_in_flight(with, &own[0])) < 0) return false;
    figures_add(figures, &(struct figure){.name = "durable bookings, 256 in flight",
                                          .unit = "bookings/s",
                                          .samples = through,
                                          .count = rounds});
    return true;
}

int micro_callers(struct figures *figures, const char *directory, unsigned rounds)
{
    char first[4096], second[4096];
    struct office with = {0}, without = {0};
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    snprintf(first, sizeof first, "%s/committer", directory);
    snprintf(second, sizeof second, "%s/callers", directory);
    bool good = open_office(&with, first, FIG_COMMITTER_THREAD) && open_office(&without, second, FIG_COMMITTER_NONE) &&
                measure(figures, &with, &without, rounds);
    if (!good) fprintf(stderr, "the bench of callers failed\n");
    close_office(&with);
    close_office(&without);
    return good ? 0 : 1;
}
