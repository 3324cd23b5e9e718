/* The real month of one office, in event order: its bookings, cancellations and moves, one after the other, each as the
 * contender does it. Opening hours are not asked. The state that it ends in is held against the one that is right. */
#include "bench/figures.h"
#include "bench/load/audit.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"
#include "tools/digest.h"
#include "tools/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARBERS_MAX 64
#define KEYS_MAX    65536

/* The rows that are requests, counted from WORKLOAD_BOOK. */
enum what { BOOK, CANCEL, MOVE, WHATS };

struct barber {
    char name[FIG_NAME_MAX + 1];
    uint64_t id;
};

struct key {
    char text[FIG_KEY_MAX + 1];
    uint64_t id;
};

struct office {
    struct entrant *entrant;
    struct barber barbers[BARBERS_MAX];
    size_t barber_count;
    struct key *keys; /* by hash */
    struct samples samples[WHATS];
    enum answer onto_taken;  /* what a move onto another's time came to, */
    enum answer onto_itself; /* and one onto a part of its own */
    uint64_t accepted;
    uint64_t refused;
    uint64_t failed;
    uint64_t live;
};

static uint64_t barber_of(struct office *office, const char *name)
{
    size_t i = 0;
    while (i < office->barber_count && strcmp(office->barbers[i].name, name) != 0) i++;
    if (i == BARBERS_MAX) return 0;
    if (i < office->barber_count) return office->barbers[i].id;
    struct barber *barber = &office->barbers[office->barber_count++];
    snprintf(barber->name, sizeof barber->name, "%s", name);
    return barber->id = i + 1;
}

static struct key *key_of(struct office *office, const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = text; *at != '\0'; at++) hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    struct key *key = &office->keys[hash % KEYS_MAX];
    while (key->text[0] != '\0' && strcmp(key->text, text) != 0)
        key = key == &office->keys[KEYS_MAX - 1] ? office->keys : key + 1;
    snprintf(key->text, sizeof key->text, "%s", text);
    return key;
}

static struct request request_of(struct office *office, const workload_row *row)
{
    struct request request = {
        .client_id = 1, .service_id = 1, .start_s = row->start_s, .end_s = row->end_s, .now_s = row->at_s};
    if (row->op != WORKLOAD_CANCEL) request.barber_id = barber_of(office, row->barber);
    return request;
}

static enum answer ask(struct office *office, enum what what, const struct request *request, uint64_t *id)
{
    const struct contender *contender = office->entrant->contender;
    struct session *session = office->entrant->session;
    switch (what) {
    case BOOK: return contender->book(session, request, id);
    case MOVE: return contender->move(session, *id, request);
    default: return contender->cancel(session, *id, request->now_s);
    }
}

static void play_row(struct office *office, const workload_row *row)
{
    if (row->op == WORKLOAD_OPEN || row->op == WORKLOAD_CLOSE) return;
    enum what what = (enum what)(row->op - WORKLOAD_BOOK);
    struct key *key = key_of(office, row->key);
    struct request request = request_of(office, row);
    uint64_t id = key->id;
    int64_t began_ns = clock_ns();
    enum answer answer = ask(office, what, &request, &id);
    samples_add(&office->samples[what], clock_ns() - began_ns);
    office->accepted += answer == ANSWER_FREE;
    office->refused += answer == ANSWER_TAKEN;
    office->failed += answer == ANSWER_FAILED;
    if (answer != ANSWER_FREE) return;
    office->live += what == BOOK;
    office->live -= what == CANCEL;
    key->id = id;
}

static bool play(struct office *office, const char *workload)
{
    reason why = {{0}};
    workload_row row;
    csv *reader = csv_open(workload, &why);
    if (reader == NULL || !workload_header(reader, &why)) {
        fprintf(stderr, "%s\n", why.text);
        csv_close(reader);
        return false;
    }
    csv_result said;
    while ((said = workload_next(reader, &row, &why)) == CSV_RECORD) play_row(office, &row);
    if (said != CSV_END) fprintf(stderr, "%s\n", why.text);
    csv_close(reader);
    return said == CSV_END;
}

/* ------------------------------------------------------------------ moves that the month does not have */

static enum answer move_by(struct office *office, uint64_t id, struct request request, int64_t by_s)
{
    request.start_s += by_s;
    request.end_s += by_s;
    return ask(office, MOVE, &request, &id);
}

/* Two neighbours of a barber whom the month does not know; the later one moves by half of its length. Both are gone
 * afterwards. */
static bool drill(struct office *office)
{
    struct request first = {.barber_id = BARBERS_MAX, .client_id = 1, .service_id = 1};
    first.now_s = town_opening_s(TOWN_FIRST_DAY) - TOWN_DAY_S;
    first.start_s = town_opening_s(TOWN_FIRST_DAY);
    first.end_s = first.start_s + TOWN_GRID_S;
    struct request second = first;
    second.start_s = first.end_s;
    second.end_s = second.start_s + TOWN_GRID_S;
    uint64_t ids[2];
    if (ask(office, BOOK, &first, &ids[0]) != ANSWER_FREE || ask(office, BOOK, &second, &ids[1]) != ANSWER_FREE)
        return false;
    office->onto_taken = move_by(office, ids[1], second, -TOWN_GRID_S / 2);
    office->onto_itself = move_by(office, ids[1], second, TOWN_GRID_S / 2);
    return office->onto_taken != ANSWER_FAILED && office->onto_itself != ANSWER_FAILED &&
           ask(office, CANCEL, &first, &ids[0]) == ANSWER_FREE && ask(office, CANCEL, &second, &ids[1]) == ANSWER_FREE;
}

/* ------------------------------------------------------------------ what it came to */

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct barber *)left)->name, ((const struct barber *)right)->name);
}

/* Of spans that audit_count() has sorted. */
static void digest_state(struct office *office, const struct audit *audit, live_digest *digest)
{
    digest_lines lines;
    digest_begin(&lines);
    qsort(office->barbers, office->barber_count, sizeof *office->barbers, by_name);
    for (size_t i = 0; i < office->barber_count; i++)
        for (size_t k = 0; k < audit->count; k++)
            if (audit->spans[k].barber_id == office->barbers[i].id)
                digest_add(&lines, office->barbers[i].name, audit->spans[k].start_s, audit->spans[k].end_s);
    digest_end(&lines, digest);
}

static bool audit_office(struct office *office, struct audit_result *found, live_digest *digest)
{
    struct audit audit = {0};
    bool good = office->entrant->contender->audit(office->entrant->session, &audit);
    if (good) {
        *found = audit_count(&audit);
        digest_state(office, &audit, digest);
    }
    audit_free(&audit);
    return good;
}

static void add_latency(json_t *record, const char *name, struct samples *samples)
{
    json_t *latency = json_object();
    results_add_samples(latency, samples);
    json_object_set_new(record, name, latency);
}

static const char *word_of(enum answer answer) { return answer == ANSWER_FREE ? "accepted" : "refused"; }

static void add_record(struct office *office, const struct audit_result *found, const live_digest *digest,
                       const char *sha256, double requests_s, json_t *results)
{
    const char *name = office->entrant->contender->name;
    bool right = found->active == digest->live && strcmp(digest->sha256, sha256) == 0;
    json_t *record = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:b, s:s, s:s, s:f}", "contender", name,
                               "accepted", (json_int_t)office->accepted, "refused", (json_int_t)office->refused,
                               "failed", (json_int_t)office->failed, "live", (json_int_t)found->active, "expected_live",
                               (json_int_t)office->live, "double_bookings", (json_int_t)found->double_bookings,
                               "sha256", digest->sha256, "right", right, "onto_taken", word_of(office->onto_taken),
                               "onto_itself", word_of(office->onto_itself), "requests_s", requests_s);
    results_add_samples(record, &office->samples[BOOK]);
    add_latency(record, "cancellations", &office->samples[CANCEL]);
    add_latency(record, "moves", &office->samples[MOVE]);
    results_add(results, "office", record);
    fprintf(stderr,
            "  %-30s office: %llu accepted, %llu refused, %llu live, state %s, a move onto a taken time %s, "
            "%.0f requests/s\n",
            name, (unsigned long long)office->accepted, (unsigned long long)office->refused,
            (unsigned long long)found->active, right ? "right" : "WRONG", word_of(office->onto_taken), requests_s);
}

static bool play_one(struct stage *stage, const char *workload, const char *sha256, json_t *results)
{
    struct office office = {.entrant = &stage->entrants[0], .keys = calloc(KEYS_MAX, sizeof *office.keys)};
    struct audit_result found;
    live_digest digest;
    bool good = office.keys != NULL && drill(&office);
    int64_t began_ns = clock_ns();
    good = good && play(&office, workload);
    double took_s = (double)(clock_ns() - began_ns) / 1e9;
    good = good && audit_office(&office, &found, &digest);
    if (good)
        add_record(&office, &found, &digest, sha256, (double)(office.accepted + office.refused) / took_s, results);
    if (!good || office.failed > 0)
        fprintf(stderr, "%s: the office's month: %llu failed: %s\n", office.entrant->contender->title,
                (unsigned long long)office.failed, office.entrant->base->error);
    for (size_t i = 0; i < WHATS; i++) samples_free(&office.samples[i]);
    free(office.keys);
    return good;
}

bool measure_office(const char *directory, const char *workload, const char *sha256, const char *names, json_t *results)
{
    static const struct town empty = {.seed = 1, .barbers = BARBERS_MAX, .always_open = true};
    bool good = stage_prepare(directory, &empty, names);
    for (size_t i = 0; contenders[i] != NULL && good; i++) {
        struct stage stage;
        if (!stage_wants(names, contenders[i])) continue;
        good =
            stage_open(&stage, directory, &empty, contenders[i]->name) && play_one(&stage, workload, sha256, results);
        stage_close(&stage);
    }
    return good;
}
