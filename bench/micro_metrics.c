/* What counting costs a check: the same checks in turn on an engine that counts and on one that does not. */
#include "bench/bookings.h"
#include "bench/micro_store.h"

#include <stdbool.h>

#define ROUNDS_MAX 64
#define CHECKS     1000000
#define BARBERS    100
#define BOOKED     100000

static fig_engine *open_engine(bool no_metrics)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    struct bookings bookings;
    options.in_memory = true;
    options.no_metrics = no_metrics;
    if (fig_open(NULL, &options, &engine, NULL) != FIG_OK) return NULL;
    bool good = bookings_begin(&bookings, engine, BARBERS, BOOKED) && bookings_fill(&bookings, engine, BOOKED / 2);
    bookings_end(&bookings);
    if (good) return engine;
    fig_close(engine);
    return NULL;
}

static double check_ns(fig_engine *engine)
{
    fig_view view = fig_view_default();
    fig_span span = fig_span_default();
    uint64_t random = 1, conflicts = 0;
    view.now_s = 0;
    int64_t began_ns = clock_ns();
    for (int i = 0; i < CHECKS; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        span.barber_id = 1 + (random >> 40) % BARBERS;
        span.start_s = INT64_C(1767225600) + (int64_t)((random >> 20) % 1000) * 1800;
        span.end_s = span.start_s + 1800;
        conflicts += fig_check(engine, &view, &span, NULL, 0, NULL) == FIG_CONFLICT;
    }
    return conflicts > 0 ? (double)(clock_ns() - began_ns) / CHECKS : -1;
}

int micro_metrics(struct figures *figures, unsigned rounds)
{
    double with[ROUNDS_MAX], without[ROUNDS_MAX];
    fig_engine *counting = open_engine(false), *silent = open_engine(true);
    bool good = counting != NULL && silent != NULL;
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    for (unsigned round = 0; round < rounds && good; round++) {
        with[round] = check_ns(counting);
        without[round] = check_ns(silent);
        good = with[round] >= 0 && without[round] >= 0;
    }
    if (good)
        figures_add(figures, &(struct figure){.name = "check through the API, metrics on",
                                              .unit = "ns a check",
                                              .baseline = "the same, metrics off",
                                              .samples = with,
                                              .baseline_samples = without,
                                              .count = rounds,
                                              .aim = 1.1});
    else
        fprintf(stderr, "the bench of metrics failed\n");
    fig_close(counting);
    fig_close(silent);
    return good ? 0 : 1;
}
