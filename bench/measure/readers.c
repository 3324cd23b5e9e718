/* Checks by one and by two threads, at rest and while a writer commits one booking after the other. */
#include "bench/figures.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX  64
#define READERS_MAX 2
#define DRAWN       4096

struct hall {
    struct stage *stage;
    struct entrant *entrant;
    struct request drawn[DRAWN];
    _Atomic bool over;
};

struct reader {
    struct hall *hall;
    struct session *session;
    size_t first;
    uint64_t checks;
    int64_t cpu_ns;
    struct samples samples;
    uint64_t booked; /* of the writer */
    pthread_t thread;
};

static void *read_on(void *argument)
{
    struct reader *reader = argument;
    const struct contender *contender = reader->hall->entrant->contender;
    int64_t began_ns = thread_ns();
    for (size_t at = reader->first; !atomic_load(&reader->hall->over); reader->checks += 64) {
        for (int i = 0; i < 64; i++, at = (at + 1) % DRAWN) contender->check(reader->session, &reader->hall->drawn[at]);
        int64_t before_ns = clock_ns();
        contender->check(reader->session, &reader->hall->drawn[at]);
        samples_add(&reader->samples, clock_ns() - before_ns);
        at = (at + 1) % DRAWN;
        reader->checks++;
    }
    reader->cpu_ns = thread_ns() - began_ns;
    return NULL;
}

static void *write_on(void *argument)
{
    struct reader *writer = argument;
    struct hall *hall = writer->hall;
    while (!atomic_load(&hall->over)) {
        uint64_t id;
        struct request request = stage_fresh(hall->stage, hall->entrant);
        if (hall->entrant->contender->book(writer->session, &request, &id) == ANSWER_FREE) writer->booked++;
    }
    return NULL;
}

struct reading {
    double checks_s;     /* of all readers, by the clock */
    double checks_cpu_s; /* by the processor time they were given, of one reader */
    double p50_ns;
    double bookings_s;
};

static struct reading read_for(struct hall *hall, size_t readers, bool writing, int64_t slice_ns)
{
    struct reader threads[READERS_MAX + 1];
    struct reading reading = {0};
    struct samples all = {0};
    const struct contender *contender = hall->entrant->contender;
    size_t count = readers + writing;
    memset(threads, 0, sizeof threads);
    atomic_store(&hall->over, false);
    int64_t began_ns = clock_ns(), cpu_ns = 0;
    for (size_t i = 0; i < count; i++) {
        threads[i].hall = hall;
        threads[i].session = contender->connect(hall->entrant->base);
        threads[i].first = i * 1000;
        if (pthread_create(&threads[i].thread, NULL, i < readers ? read_on : write_on, &threads[i]) != 0) _Exit(3);
    }
    struct timespec some = {slice_ns / 1000000000, slice_ns % 1000000000};
    nanosleep(&some, NULL);
    atomic_store(&hall->over, true);
    uint64_t checks = 0;
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i].thread, NULL);
        contender->disconnect(threads[i].session);
        checks += threads[i].checks;
        cpu_ns += threads[i].cpu_ns;
        samples_add_all(&all, &threads[i].samples);
        samples_free(&threads[i].samples);
    }
    double took_s = (double)(clock_ns() - began_ns) / 1e9;
    reading.checks_s = (double)checks / took_s;
    reading.checks_cpu_s = (double)checks * 1e9 / (double)(cpu_ns > 0 ? cpu_ns : 1);
    reading.p50_ns = (double)samples_percentile(&all, 50);
    reading.bookings_s = (double)threads[readers].booked / took_s;
    samples_free(&all);
    return reading;
}

static void add_aim(json_t *results, const char *name, const double *ratios, unsigned rounds, double aim, bool least)
{
    struct spread spread = spread_of(ratios, rounds);
    json_t *record = json_pack("{s:s}", "name", name);
    if (aim > 0) {
        json_object_set_new(record, least ? "aim_least" : "aim_most", json_real(aim));
        json_object_set_new(record, "met", json_boolean(least ? spread.median >= aim : spread.median <= aim));
    }
    results_add_rounds(record, ratios, rounds);
    results_add(results, "aims", record);
    fprintf(stderr, "  %-70s %.3f (%.3f-%.3f)\n", name, spread.median, spread.least, spread.most);
}

bool measure_readers(struct stage *stage, unsigned rounds, int64_t slice_ns, json_t *results)
{
    static struct hall hall;
    double more[ROUNDS_MAX], by_time[ROUNDS_MAX], slower[ROUNDS_MAX], written[ROUNDS_MAX];
    struct draw draw = {stage->truth.town.seed + 5};
    hall.stage = stage;
    if ((hall.entrant = stage_find(stage, "figaro")) == NULL) return true;
    for (size_t i = 0; i < DRAWN; i++) hall.drawn[i] = truth_draw(&stage->truth, &draw);
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    for (unsigned i = 0; i < rounds; i++) {
        struct reading rest = read_for(&hall, 1, false, slice_ns);
        struct reading one = read_for(&hall, 1, true, slice_ns);
        struct reading two = read_for(&hall, 2, true, slice_ns);
        more[i] = two.checks_s / one.checks_s;
        by_time[i] = 2 * two.checks_cpu_s / one.checks_cpu_s;
        slower[i] = one.p50_ns / rest.p50_ns;
        written[i] = one.bookings_s;
    }
    add_aim(results, "checks, 2 threads against 1, while a writer commits", more, rounds, 1.8, true);
    add_aim(results, "the same by the processor time that they were given", by_time, rounds, 0, true);
    add_aim(results, "a check while a writer commits against one at rest (p50)", slower, rounds, 1.2, false);
    add_aim(results, "bookings a second of that writer", written, rounds, 0, true);
    return true;
}
