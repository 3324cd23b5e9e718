/* The real month of one office, in event order: its bookings, cancellations and moves, one after the other. A move
 * gives the old time up and books the new one, the same for everybody. Opening hours are not asked. */
#include "bench/figures.h"
#include "bench/load/audit.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"
#include "tools/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARBERS_MAX 64
#define KEYS_MAX    65536

struct key {
    char text[FIG_KEY_MAX + 1];
    uint64_t id;
    bool live;
};

struct office {
    struct entrant *entrant;
    char barbers[BARBERS_MAX][FIG_NAME_MAX + 1];
    size_t barber_count;
    struct key *keys; /* by hash */
    struct samples samples[3];
    uint64_t accepted;
    uint64_t refused;
    uint64_t failed;
    uint64_t live;
};

static uint64_t barber_of(struct office *office, const char *name)
{
    size_t i = 0;
    while (i < office->barber_count && strcmp(office->barbers[i], name) != 0) i++;
    if (i == BARBERS_MAX) return 0;
    if (i == office->barber_count) snprintf(office->barbers[office->barber_count++], FIG_NAME_MAX + 1, "%s", name);
    return i + 1;
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

static void count_answer(struct office *office, enum answer answer)
{
    office->accepted += answer == ANSWER_FREE;
    office->refused += answer == ANSWER_TAKEN;
    office->failed += answer == ANSWER_FAILED;
}

static enum answer book_row(struct office *office, const workload_row *row, uint64_t *id)
{
    struct request request = {.barber_id = barber_of(office, row->barber),
                              .client_id = 1,
                              .service_id = 1,
                              .start_s = row->start_s,
                              .end_s = row->end_s,
                              .now_s = row->at_s};
    return office->entrant->contender->book(office->entrant->session, &request, id);
}

static void play_row(struct office *office, const workload_row *row)
{
    struct key *key = key_of(office, row->key);
    const struct contender *contender = office->entrant->contender;
    enum answer answer = ANSWER_FREE;
    uint64_t id = 0;
    if (row->op == WORKLOAD_OPEN || row->op == WORKLOAD_CLOSE) return;
    int64_t began_ns = clock_ns();
    if (row->op != WORKLOAD_BOOK) answer = contender->cancel(office->entrant->session, key->id, row->at_s);
    if (row->op != WORKLOAD_CANCEL && answer == ANSWER_FREE) answer = book_row(office, row, &id);
    samples_add(&office->samples[row->op - WORKLOAD_BOOK], clock_ns() - began_ns);
    count_answer(office, answer);
    if (answer != ANSWER_FREE) return;
    office->live += row->op == WORKLOAD_BOOK;
    office->live -= row->op == WORKLOAD_CANCEL;
    if (row->op != WORKLOAD_CANCEL) key->id = id;
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

static bool add_record(struct office *office, double took_s, json_t *results)
{
    const struct contender *contender = office->entrant->contender;
    struct audit audit = {0};
    if (!contender->audit(office->entrant->session, &audit)) return false;
    struct audit_result found = audit_count(&audit);
    audit_free(&audit);
    json_t *record = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "contender", contender->name, "accepted",
                               (json_int_t)office->accepted, "refused", (json_int_t)office->refused, "failed",
                               (json_int_t)office->failed, "live", (json_int_t)found.active, "expected_live",
                               (json_int_t)office->live, "double_bookings", (json_int_t)found.double_bookings,
                               "requests_s", (double)(office->accepted + office->refused) / took_s);
    results_add_samples(record, &office->samples[0]);
    results_add(results, "office", record);
    fprintf(stderr, "  %-30s office: %llu accepted, %llu refused, %llu live, %.0f requests/s\n", contender->name,
            (unsigned long long)office->accepted, (unsigned long long)office->refused, (unsigned long long)found.active,
            (double)(office->accepted + office->refused) / took_s);
    return true;
}

static bool play_one(struct stage *stage, const char *workload, json_t *results)
{
    struct office office = {.entrant = &stage->entrants[0], .keys = calloc(KEYS_MAX, sizeof *office.keys)};
    int64_t began_ns = clock_ns();
    bool good = office.keys != NULL && play(&office, workload) &&
                add_record(&office, (double)(clock_ns() - began_ns) / 1e9, results);
    for (size_t i = 0; i < 3; i++) samples_free(&office.samples[i]);
    free(office.keys);
    return good;
}

bool measure_office(const char *directory, const char *workload, const char *names, json_t *results)
{
    static const struct town empty = {.seed = 1, .barbers = BARBERS_MAX, .always_open = true};
    bool good = stage_prepare(directory, &empty, names);
    for (size_t i = 0; contenders[i] != NULL && good; i++) {
        struct stage stage;
        if (!stage_wants(names, contenders[i])) continue;
        good = stage_open(&stage, directory, &empty, contenders[i]->name) && play_one(&stage, workload, results);
        stage_close(&stage);
    }
    return good;
}
