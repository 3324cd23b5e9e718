/* Durable bookings a second: callers who each wait for their own, one event loop with many in flight, and LMDB alone,
 * which puts the very frames that Figaro made of them. */
#include "bench/bare_lmdb.h"
#include "bench/contenders/figaro.h"
#include "bench/figures.h"
#include "bench/measure/callers.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"
#include "storage/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 64
#define IN_FLIGHT  256
#define RACERS     4
#define FRAMES_MAX (1 << 20)
#define FIGARO     0
#define BARE       RACERS

static const char *const racers[RACERS] = {"figaro", "sqlite-best", "postgresql-exclude", "redis"};

static void book_once(struct caller *caller)
{
    struct round *round = caller->round;
    uint64_t id;
    struct request request = stage_fresh(round->stage, round->entrant);
    int64_t began_ns = clock_ns();
    struct session *session = caller_take(caller);
    enum answer answer = round->entrant->contender->book(session, &request, &id);
    caller_give(caller, session);
    samples_add(&caller->samples, clock_ns() - began_ns);
    caller->done++;
    caller->failed += answer != ANSWER_FREE;
}

/* ------------------------------------------------------------------ many in flight */

static fig_request booking_of(const struct request *request)
{
    fig_request asked = fig_book_default();
    asked.now_s = request->now_s;
    asked.barber_id = request->barber_id;
    asked.client_id = request->client_id;
    asked.service_id = request->service_id;
    asked.start_s = request->start_s;
    asked.end_s = request->end_s;
    return asked;
}

static bool submit(struct round *round, fig_engine *engine, int64_t now_ns)
{
    struct request request = stage_fresh(round->stage, round->entrant);
    fig_request asked = booking_of(&request);
    fig_ticket ticket = fig_ticket_default();
    ticket.user = (uint64_t)now_ns;
    return fig_submit(engine, &asked, &ticket) == FIG_OK;
}

static size_t fetch(fig_engine *engine, struct samples *samples, bool *failed)
{
    static fig_completion completions[IN_FLIGHT];
    size_t count = 0;
    for (size_t i = 0; i < IN_FLIGHT; i++) completions[i] = fig_completion_default();
    *failed |= fig_complete(engine, completions, IN_FLIGHT, &count) != FIG_OK;
    int64_t now_ns = clock_ns();
    for (size_t i = 0; i < count; i++) {
        *failed |= completions[i].outcome.status != FIG_OK;
        samples_add(samples, now_ns - (int64_t)completions[i].user);
    }
    return count;
}

/* One event loop of Figaro's, which keeps so many under way. */
static double run_in_flight(struct round *round, int64_t slice_ns, struct samples *samples)
{
    fig_engine *engine = figaro_engine(round->entrant->base);
    int fd = -1;
    uint64_t booked = 0;
    size_t flying = 0;
    bool failed = fig_completion_fd(engine, &fd) != FIG_OK;
    int64_t began_ns = clock_ns(), now_ns = began_ns;
    while ((now_ns < began_ns + slice_ns || flying > 0) && !failed) {
        for (; flying < IN_FLIGHT && now_ns < began_ns + slice_ns && !failed; flying++)
            failed = !submit(round, engine, now_ns);
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        poll(&ready, 1, 1000);
        size_t done = fetch(engine, samples, &failed);
        flying -= done;
        booked += done;
        now_ns = clock_ns();
    }
    return failed ? -1 : (double)booked * 1e9 / (double)(now_ns - began_ns);
}

/* ------------------------------------------------------------------ the same frames, bare */

struct frames {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    size_t sizes[FRAMES_MAX];
    size_t count;
    uint64_t last;
};

static enum store_status take_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct frames *frames = context;
    if (frames->count == FRAMES_MAX) return STORE_STOPPED;
    if (frames->size + size > frames->capacity) {
        frames->capacity = 2 * frames->capacity + size;
        frames->bytes = realloc(frames->bytes, frames->capacity);
        if (frames->bytes == NULL) abort();
    }
    memcpy(frames->bytes + frames->size, frame, size);
    frames->size += size;
    frames->sizes[frames->count++] = size;
    frames->last = number;
    return STORE_OK;
}

struct bare {
    struct store *store; /* Figaro's, read only */
    struct bare_lmdb *lmdb;
    struct frames *frames;
};

/* Bookings a second of LMDB alone: as many bookings as Figaro's frames hold, in the time that its puts of them take. */
static double put_again(struct bare *bare, double booked, struct samples *samples)
{
    struct frames *frames = bare->frames;
    struct frame_sink sink = {take_frame, frames};
    frames->size = 0;
    frames->count = 0;
    enum store_status walked = bare->store->ops->since(bare->store, frames->last, &sink, NULL);
    if ((walked != STORE_OK && walked != STORE_STOPPED) || frames->count == 0) return -1;
    const uint8_t *at = frames->bytes;
    int64_t began_ns = clock_ns(), before_ns = began_ns, now_ns = began_ns;
    for (size_t i = 0; i < frames->count; i++) {
        if (bare_lmdb_put(bare->lmdb, at, frames->sizes[i]) != 0) return -1;
        at += frames->sizes[i];
        now_ns = clock_ns();
        samples_add(samples, now_ns - before_ns);
        before_ns = now_ns;
    }
    return booked * 1e9 / (double)(now_ns - began_ns);
}

static bool open_bare(struct bare *bare, struct stage *stage)
{
    char path[512];
    struct store_options options = {.read_only = true};
    const struct entrant *figaro = stage_find(stage, "figaro");
    snprintf(path, sizeof path, "%s/bare", stage->copies);
    stage_remove(path);
    bare->frames = calloc(1, sizeof *bare->frames);
    if (figaro == NULL || bare->frames == NULL) return false;
    if (store_open_directory(figaro->base->directory, &options, &bare->store, NULL) != STORE_OK) return false;
    bare->frames->last = bare->store->ops->tip(bare->store);
    return (bare->lmdb = bare_lmdb_make(path)) != NULL;
}

static void close_bare(struct bare *bare)
{
    if (bare->store != NULL) bare->store->ops->close(bare->store, clock_ns() + 1000000000);
    bare_lmdb_close(bare->lmdb);
    if (bare->frames != NULL) free(bare->frames->bytes);
    free(bare->frames);
}

/* ------------------------------------------------------------------ rounds */

/* By racer, bare LMDB last. */
struct score {
    double rates[RACERS + 1][ROUNDS_MAX];
    struct samples samples[RACERS + 1];
    double batch[ROUNDS_MAX]; /* bookings a frame of Figaro's */
};

static void add_record(json_t *results, const char *name, unsigned callers, bool in_flight, const double *rates,
                       unsigned rounds, struct samples *samples)
{
    json_t *record = json_pack("{s:s, s:i, s:b}", "contender", name, "callers", (int)callers, "in_flight", in_flight);
    results_add_samples(record, samples);
    results_add_rounds(record, rates, rounds);
    results_add(results, "throughput", record);
    struct spread spread = spread_of(rates, rounds);
    fprintf(stderr, "  %-20s %3u %-9s %9.0f bookings/s (%.0f-%.0f)  p50 %8.0f us  p99 %8.0f us\n", name, callers,
            in_flight ? "in flight" : "callers", spread.median, spread.least, spread.most,
            (double)samples_percentile(samples, 50) / 1e3, (double)samples_percentile(samples, 99) / 1e3);
}

static void add_aim(json_t *results, const char *name, const double *own, const double *other, unsigned rounds,
                    double least)
{
    double ratios[ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) ratios[i] = own[i] / other[i];
    json_t *record = json_pack("{s:s, s:f, s:b}", "name", name, "aim_least", least, "met",
                               spread_of(ratios, rounds).median >= least);
    results_add_rounds(record, ratios, rounds);
    results_add(results, "aims", record);
}

static void add_aims(json_t *results, struct score *score, unsigned callers, bool in_flight, unsigned rounds)
{
    double(*rates)[ROUNDS_MAX] = score->rates;
    if (in_flight)
        add_aim(results, "bookings, 256 in flight, against bare LMDB at that batch", rates[FIGARO], rates[BARE], rounds,
                0.6);
    else if (callers == 1)
        add_aim(results, "bookings, 1 caller, against bare LMDB", rates[FIGARO], rates[BARE], rounds, 0.8);
    else if (callers == 16) {
        add_aim(results, "bookings, 16 callers, against SQLite", rates[FIGARO], rates[1], rounds, 6);
        add_aim(results, "bookings, 16 callers, against PostgreSQL with EXCLUDE", rates[FIGARO], rates[2], rounds, 2.5);
    }
}

static bool all_good(const struct score *score, const bool took_part[RACERS + 1], unsigned rounds)
{
    for (size_t i = 0; i <= RACERS; i++)
        for (unsigned round = 0; took_part[i] && round < rounds; round++)
            if (score->rates[i][round] < 0) return false;
    return true;
}

static void report(json_t *results, struct score *score, const bool took_part[RACERS + 1], unsigned callers,
                   bool in_flight, unsigned rounds)
{
    for (size_t i = 0; i <= RACERS; i++) {
        if (took_part[i])
            add_record(results, i == BARE ? "bare-lmdb" : racers[i], callers, in_flight, score->rates[i], rounds,
                       &score->samples[i]);
        samples_free(&score->samples[i]);
    }
    bool all = true;
    for (size_t i = 0; i <= RACERS; i++) all &= took_part[i];
    if (all || in_flight) add_aims(results, score, callers, in_flight, rounds);
}

static bool measure_count(struct stage *stage, struct pool *pools, struct bare *bare, unsigned callers,
                          const struct callers_plan *plan, json_t *results)
{
    static struct score score;
    bool took_part[RACERS + 1] = {false};
    unsigned rounds = plan->rounds < ROUNDS_MAX ? plan->rounds : ROUNDS_MAX;
    memset(&score, 0, sizeof score);
    for (unsigned i = 0; i < rounds; i++)
        for (size_t k = 0; k < RACERS; k++) {
            struct round round = {
                .stage = stage, .entrant = stage_find(stage, racers[k]), .pool = &pools[k], .ask = book_once};
            if (round.entrant == NULL) continue;
            took_part[k] = true;
            size_t before = score.samples[k].count;
            score.rates[k][i] = callers_run(&round, callers, plan->slice_ns, &score.samples[k]);
            if (k != FIGARO) continue;
            took_part[BARE] = true;
            score.rates[BARE][i] = put_again(bare, (double)(score.samples[k].count - before), &score.samples[BARE]);
        }
    bool good = all_good(&score, took_part, rounds);
    report(results, &score, took_part, callers, false, rounds);
    return good;
}

static bool measure_in_flight(struct stage *stage, struct bare *bare, const struct callers_plan *plan, json_t *results)
{
    static struct score score;
    bool took_part[RACERS + 1] = {[FIGARO] = true, [BARE] = true};
    unsigned rounds = plan->rounds < ROUNDS_MAX ? plan->rounds : ROUNDS_MAX;
    memset(&score, 0, sizeof score);
    for (unsigned i = 0; i < rounds; i++) {
        struct round round = {.stage = stage, .entrant = stage_find(stage, racers[FIGARO])};
        size_t before = score.samples[FIGARO].count;
        score.rates[FIGARO][i] = run_in_flight(&round, plan->slice_ns, &score.samples[FIGARO]);
        score.rates[BARE][i] = put_again(bare, (double)(score.samples[FIGARO].count - before), &score.samples[BARE]);
    }
    bool good = all_good(&score, took_part, rounds);
    report(results, &score, took_part, IN_FLIGHT, true, rounds);
    return good;
}

bool measure_throughput(struct stage *stage, const struct callers_plan *plan, json_t *results)
{
    static struct pool pools[RACERS];
    struct bare bare = {0};
    bool good = open_bare(&bare, stage);
    memset(pools, 0, sizeof pools);
    for (size_t k = 0; k < RACERS && good; k++)
        if (stage_find(stage, racers[k]) != NULL)
            good = pool_fill(&pools[k], stage_find(stage, racers[k]), CONTENDER_MANY);
    for (size_t i = 0; good && plan->callers[i] != 0; i++)
        good = measure_count(stage, pools, &bare, plan->callers[i], plan, results);
    if (good) good = measure_in_flight(stage, &bare, plan, results);
    if (!good) fprintf(stderr, "the bench of durable bookings failed\n");
    for (size_t k = 0; k < RACERS; k++)
        if (stage_find(stage, racers[k]) != NULL) pool_empty(&pools[k], stage_find(stage, racers[k]));
    close_bare(&bare);
    return good;
}
