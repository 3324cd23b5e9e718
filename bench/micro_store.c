#include "bench/micro_store.h"

#include "bench/bare_lmdb.h"
#include "bench/bookings.h"
#include "storage/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX 64

/* --- durable bookings --- */

/* The frames that a round appended, to be put again by LMDB alone. */
struct frames {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    size_t *sizes;
    size_t count;
    size_t limit;
    uint64_t last;
};

static enum store_status take_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct frames *frames = context;
    if (frames->count == frames->limit) return STORE_STOPPED;
    if (frames->size + size > frames->capacity) {
        frames->capacity = 2 * frames->capacity + size;
        frames->bytes = realloc(frames->bytes, frames->capacity);
        if (frames->bytes == NULL) return STORE_NO_MEMORY;
    }
    memcpy(frames->bytes + frames->size, frame, size);
    frames->size += size;
    frames->sizes[frames->count++] = size;
    frames->last = number;
    return STORE_OK;
}

static bool put_again(struct bare_lmdb *bare, const struct frames *frames)
{
    const uint8_t *at = frames->bytes;
    for (size_t i = 0; i < frames->count; i++) {
        if (bare_lmdb_put(bare, at, frames->sizes[i]) != 0) return false;
        at += frames->sizes[i];
    }
    return true;
}

struct durable {
    fig_engine *engine;
    struct store *store;
    struct bare_lmdb *bare;
    struct bookings bookings;
    fig_request *requests;
    fig_outcome *outcomes;
    struct frames frames;
};

static bool commit(struct durable *durable, size_t batch, size_t commits)
{
    for (size_t i = 0; i < commits; i++) {
        bookings_next(&durable->bookings, durable->requests, batch);
        for (size_t k = 0; k < batch; k++) durable->outcomes[k] = fig_outcome_default();
        if (fig_write(durable->engine, durable->requests, batch, durable->outcomes) != FIG_OK) return false;
        for (size_t k = 0; k < batch; k++)
            if (durable->outcomes[k].status != FIG_OK) return false;
    }
    return true;
}

/* One round: Figaro commits, then LMDB alone puts the same frames. Bookings a second of both. */
static bool durable_round(struct durable *durable, size_t batch, size_t commits, double *own, double *bare)
{
    int64_t began_ns = clock_ns();
    if (!commit(durable, batch, commits)) return false;
    int64_t ended_ns = clock_ns();
    *own = (double)(batch * commits) * 1e9 / (double)(ended_ns - began_ns);

    durable->frames.size = 0;
    durable->frames.count = 0;
    durable->frames.limit = commits;
    struct frame_sink sink = {take_frame, &durable->frames};
    struct store_error said;
    enum store_status walked = durable->store->ops->since(durable->store, durable->frames.last, &sink, &said);
    if (walked != STORE_OK && walked != STORE_STOPPED) return false;
    began_ns = clock_ns();
    if (!put_again(durable->bare, &durable->frames)) return false;
    *bare = (double)(batch * commits) * 1e9 / (double)(clock_ns() - began_ns);
    return true;
}

static bool durable_sizes(struct figures *figures, struct durable *durable, unsigned rounds)
{
    for (size_t batch = 1; batch <= 4096; batch *= 4) {
        size_t commits = batch <= 64 ? 64 : 4096 / batch + 1;
        double own[ROUNDS_MAX], bare[ROUNDS_MAX];
        for (unsigned round = 0; round < rounds; round++)
            if (!durable_round(durable, batch, commits, &own[round], &bare[round])) return false;
        char name[80];
        snprintf(name, sizeof name, "durable bookings, %zu a commit", batch);
        figures_add(figures, &(struct figure){.name = name,
                                              .unit = "bookings/s",
                                              .baseline = "bare LMDB puts of the same frames",
                                              .samples = own,
                                              .baseline_samples = bare,
                                              .count = rounds,
                                              .aim = 0.7,
                                              .aim_is_least = 1});
    }
    return true;
}

int micro_durable(struct figures *figures, const char *directory, unsigned rounds)
{
    char own[4096], bare[4096];
    snprintf(own, sizeof own, "%s/durable", directory);
    snprintf(bare, sizeof bare, "%s/bare", directory);
    struct durable durable = {.requests = malloc(FIG_BATCH_MAX * sizeof *durable.requests),
                              .outcomes = malloc(FIG_BATCH_MAX * sizeof *durable.outcomes),
                              .frames = {.sizes = malloc(8192 * sizeof(size_t))}};
    fig_options options = fig_options_default();
    options.create = true;
    fig_error error = fig_error_default();
    struct store_options store_options = {.read_only = true};
    struct store_error said;
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool good = fig_open(own, &options, &durable.engine, &error) == FIG_OK &&
                store_open_directory(own, &store_options, &durable.store, &said) == STORE_OK &&
                (durable.bare = bare_lmdb_make(bare)) != NULL &&
                bookings_begin(&durable.bookings, durable.engine, 1000, 100000007);
    if (good) {
        durable.frames.last = durable.store->ops->tip(durable.store);
        good = durable_sizes(figures, &durable, rounds);
    }
    if (!good) fprintf(stderr, "the durable bench failed: %s\n", error.message);
    bookings_end(&durable.bookings);
    bare_lmdb_close(durable.bare);
    if (durable.store != NULL) durable.store->ops->close(durable.store, clock_ns() + 1000000000);
    fig_close(durable.engine);
    free(durable.requests);
    free(durable.outcomes);
    free(durable.frames.sizes);
    free(durable.frames.bytes);
    return good ? 0 : 1;
}

/* --- start-up --- */

static bool make_store(const char *directory, uint64_t appointments)
{
    fig_options options = fig_options_default();
    options.create = true;
    fig_engine *engine;
    fig_error error = fig_error_default();
    if (fig_open(directory, &options, &engine, &error) != FIG_OK) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    struct bookings bookings;
    bool good = bookings_begin(&bookings, engine, appointments / 1000 + 1, appointments) &&
                bookings_fill(&bookings, engine, appointments) && fig_checkpoint(engine, &error) == FIG_OK;
    bookings_end(&bookings);
    fig_close(engine);
    return good;
}

/* The file's pages leave the page cache, as far as the system obeys. */
static void forget_pages(const char *directory)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/data.mdb", directory);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    fdatasync(file);
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
}

static double start_ms(const char *directory, uint64_t expected)
{
    fig_options options = fig_options_default();
    options.read_only = true;
    fig_engine *engine;
    int64_t began_ns = clock_ns();
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) return -1;
    int64_t took_ns = clock_ns() - began_ns;
    fig_stats stats = fig_stats_default();
    bool good = fig_get_stats(engine, &stats) == FIG_OK && stats.appointments == expected;
    fig_close(engine);
    return good ? (double)took_ns / 1e6 : -1;
}

static double scan_ms(const char *directory, uint64_t least_records)
{
    uint64_t sum = 0;
    int64_t began_ns = clock_ns();
    uint64_t records = bare_lmdb_scan(directory, &sum);
    int64_t took_ns = clock_ns() - began_ns;
    return records >= least_records && sum > 0 ? (double)took_ns / 1e6 : -1;
}

static bool startup_rounds(struct figures *figures, const char *directory, uint64_t appointments, unsigned rounds,
                           bool cold)
{
    double own[ROUNDS_MAX], bare[ROUNDS_MAX];
    for (unsigned round = 0; round < rounds; round++) {
        if (cold) forget_pages(directory);
        own[round] = start_ms(directory, appointments);
        if (cold) forget_pages(directory);
        bare[round] = scan_ms(directory, appointments);
        if (own[round] < 0 || bare[round] < 0) return false;
    }
    char name[80];
    snprintf(name, sizeof name, "start-up, %llu appointments, %s", (unsigned long long)appointments,
             cold ? "first touch" : "warm");
    figures_add(figures, &(struct figure){.name = name,
                                          .unit = "ms",
                                          .baseline = "bare LMDB cursor scan of the same tables",
                                          .samples = own,
                                          .baseline_samples = bare,
                                          .count = rounds,
                                          .aim = cold ? 0 : 3});
    return true;
}

int micro_startup(struct figures *figures, const char *directory, uint64_t appointments, unsigned rounds)
{
    char store[4096];
    snprintf(store, sizeof store, "%s/startup-%llu", directory, (unsigned long long)appointments);
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool good = make_store(store, appointments) && startup_rounds(figures, store, appointments, rounds, true) &&
                startup_rounds(figures, store, appointments, rounds, false);
    if (!good) fprintf(stderr, "the start-up bench failed\n");
    return good ? 0 : 1;
}
