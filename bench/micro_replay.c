/* A journal replayed into a store in memory, against a bare scan of it that adds up bytes. */
#include "bench/bookings.h"
#include "bench/micro_store.h"
#include "storage/store.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS_MAX 64
#define BARBERS    200

static bool make_source(const char *directory, uint64_t appointments, fig_engine **engine)
{
    fig_options options = fig_options_default();
    options.create = true;
    struct bookings bookings;
    if (fig_open(directory, &options, engine, NULL) != FIG_OK) return false;
    bool good =
        bookings_begin(&bookings, *engine, BARBERS, appointments) && bookings_fill(&bookings, *engine, appointments);
    bookings_end(&bookings);
    return good;
}

static double replay_rate(fig_engine *from)
{
    fig_options options = fig_options_default();
    options.in_memory = options.bare = true;
    fig_engine *into = NULL;
    if (fig_open(NULL, &options, &into, NULL) != FIG_OK) return -1;
    fig_replay_options how = fig_replay_options_default();
    fig_replayed done = fig_replayed_default();
    int64_t began_ns = clock_ns();
    fig_status status = fig_replay(into, from, &how, &done, NULL);
    int64_t took_ns = clock_ns() - began_ns;
    fig_stats a = fig_stats_default(), b = fig_stats_default();
    bool good = status == FIG_OK && fig_get_stats(from, &a) == FIG_OK && fig_get_stats(into, &b) == FIG_OK &&
                memcmp(a.digest, b.digest, sizeof a.digest) == 0;
    fig_close(into);
    return good ? (double)done.events * 1e9 / (double)took_ns : -1;
}

static enum store_status add_up(void *context, uint64_t number, const void *frame, size_t size)
{
    uint64_t *sum = context;
    const unsigned char *bytes = frame;
    (void)number;
    for (size_t i = 0; i < size; i++) *sum += bytes[i];
    return STORE_OK;
}

static double scan_rate(struct store *store, uint64_t events)
{
    uint64_t sum = 0;
    struct frame_sink sink = {add_up, &sum};
    struct store_error said;
    int64_t began_ns = clock_ns();
    enum store_status walked = store->ops->since(store, 0, &sink, &said);
    int64_t took_ns = clock_ns() - began_ns;
    return walked == STORE_OK && sum > 0 ? (double)events * 1e9 / (double)took_ns : -1;
}

static bool replay_rounds(struct figures *figures, fig_engine *from, struct store *store, uint64_t events,
                          unsigned rounds)
{
    double own[ROUNDS_MAX], bare[ROUNDS_MAX];
    for (unsigned round = 0; round < rounds; round++) {
        own[round] = replay_rate(from);
        bare[round] = scan_rate(store, events);
        if (own[round] < 0 || bare[round] < 0) return false;
    }
    figures_add(figures, &(struct figure){.name = "journal replayed into memory",
                                          .unit = "events/s",
                                          .baseline = "a bare scan of the journal",
                                          .samples = own,
                                          .baseline_samples = bare,
                                          .count = rounds});
    figures_add(figures, &(struct figure){.name = "journal replayed into memory, by itself",
                                          .unit = "events/s",
                                          .samples = own,
                                          .count = rounds,
                                          .aim = 500000,
                                          .aim_is_least = 1});
    return true;
}

int micro_replay(struct figures *figures, const char *directory, uint64_t appointments, unsigned rounds)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/replay", directory);
    fig_engine *from = NULL;
    struct store *store = NULL;
    struct store_options options = {.read_only = true};
    struct store_error said;
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool good = make_source(path, appointments, &from) &&
                store_open_directory(path, &options, &store, &said) == STORE_OK &&
                replay_rounds(figures, from, store, appointments, rounds);
    if (!good) fprintf(stderr, "the replay bench failed\n");
    if (store != NULL) store->ops->close(store, clock_ns() + 1000000000);
    fig_close(from);
    return good ? 0 : 1;
}
