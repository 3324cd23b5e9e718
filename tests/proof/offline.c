/* The offline tools under hardship: one digest through every way that a store can be carried over; every allocation of
 * theirs refused; bits turned over before a repair; and travellers and forks beside writers, which the thread sanitizer
 * watches in `make check`. Budget: 10 s. */
#include "tests/engine/fixture.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void join(const char *top, const char *name, char path[SUPPORT_PATH])
{
    support_format(path, SUPPORT_PATH, "%.400s/%s", top, name);
}

static void must_run(const char *const arguments[])
{
    struct support_child child = support_run_figaro(arguments);
    cr_assert_eq(child.exit_code, 0, "figaro %s: exit %d: %s%s", arguments[0], child.exit_code, child.out, child.err);
    support_free(&child);
}

#define RUN(...) must_run((const char *const[]){__VA_ARGS__, NULL})

static void text_of(const char *store, const char *field, char text[80])
{
    struct support_child child = SUPPORT_FIGARO("stats", store, "--json");
    cr_assert_eq(child.exit_code, 0, "stats: %s", child.err);
    json_t *answer = json_loads(child.out, 0, NULL);
    support_format(text, 80, "%s", json_string_value(json_object_get(answer, field)));
    json_decref(answer);
    support_free(&child);
}

/* ---- one digest throughout ---- */

static void expect_digest(const char *store, const char *digest)
{
    char found[80];
    text_of(store, "digest", found);
    cr_expect_str_eq(found, digest, "%s", store);
    RUN("verify", store);
}

Test(offline, an_office_has_one_digest_whichever_way_it_goes, .timeout = 120)
{
    char data[SUPPORT_PATH], top[SUPPORT_PATH], first[SUPPORT_PATH], to[SUPPORT_PATH], from[SUPPORT_PATH];
    char digest[80], sha256[80];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    support_make_fast_directory(top);
    join(top, "first", first);
    RUN("replay", first, data);
    text_of(first, "digest", digest);
    text_of(first, "sha256", sha256);
    cr_expect_str_eq(sha256, "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1");

    join(top, "backup", to);
    RUN("backup", first, to);
    expect_digest(to, digest);
    strcpy(from, to);
    join(top, "restored", to);
    RUN("restore", from, to);
    expect_digest(to, digest);
    strcpy(from, to);
    join(top, "all.jsonl", to);
    struct support_child child = SUPPORT_FIGARO("export", from);
    cr_assert_eq(child.exit_code, 0, "export: %s", child.err);
    support_write_file(to, child.out, strlen(child.out));
    support_free(&child);
    strcpy(from, to);
    join(top, "imported", to);
    RUN("import", to, from);
    expect_digest(to, digest);
    strcpy(from, to);
    join(top, "replayed", to);
    RUN("replay", to, from);
    expect_digest(to, digest);
    strcpy(from, to);
    join(top, "repaired", to);
    RUN("repair", from, to);
    expect_digest(to, digest);
    RUN("replay", to, first, "--diff");
    support_remove(top);
}

/* ---- every allocation ---- */

struct memory {
    uint64_t calls, fails_at; /* counted from 1; 0: never */
    int64_t outstanding;
};

static void *take(void *context, size_t size)
{
    struct memory *memory = context;
    if (++memory->calls == memory->fails_at) return NULL;
    memory->outstanding += (int64_t)size;
    return malloc(size);
}

static void give_back(void *context, void *bytes, size_t size)
{
    ((struct memory *)context)->outstanding -= (int64_t)size;
    free(bytes);
}

static fig_engine *engine_on(struct memory *memory, bool bare)
{
    fig_options options = fig_options_default();
    options.in_memory = true;
    options.bare = bare;
    options.random_seed = 7;
    options.allocator = (fig_allocator){take, give_back, memory};
    fig_engine *engine = NULL;
    return fig_open(NULL, &options, &engine, NULL) == FIG_OK ? engine : NULL;
}

static void fill(fig_engine *engine)
{
    for (uint64_t i = 1; i <= 2; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = i;
        barber.fields = FIG_BARBER_NAME;
        support_format(barber.name, sizeof barber.name, "barber %d", (int)i);
        declare_barber(engine, barber);
    }
    fig_client client = fig_client_default();
    client.id = 3;
    client.fields = FIG_CLIENT_NAME;
    strcpy(client.name, "Rosina");
    fig_request declare = fig_declare_client_default();
    declare.now_s = BEFORE_IT;
    declare.client = &client;
    must(engine, declare, FIG_OK);
    for (int i = 0; i < 20; i++) {
        fig_request request = a_booking(1 + (uint64_t)i % 2, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        char key[16];
        support_format(key, sizeof key, "key %d", i);
        request.key = key;
        request.client_id = 3;
        request.note = i % 2 == 0 ? "a note" : NULL;
        uint64_t id = must(engine, request, FIG_OK).appointment.id;
        if (i % 3 == 0) must(engine, a_move(id, NOON + (i + 40) * HOUR, NOON + (i + 41) * HOUR), FIG_OK);
    }
}

static bool fine(fig_status status) { return status == FIG_OK || status == FIG_NO_MEMORY; }

static void travel(fig_engine *engine)
{
    fig_snapshot *snapshot = NULL;
    uint64_t version = 0;
    fig_status status = fig_snapshot_open_at(engine, 9, &snapshot);
    cr_assert(fine(status), "open_at: %s", fig_status_name(status));
    fig_snapshot_close(snapshot);
    status = fig_find_version(engine, NOON, &version);
    cr_assert(fine(status), "find_version: %s", fig_status_name(status));
}

static void fork_and_merge(fig_engine *engine)
{
    fig_engine *fork = NULL;
    fig_merged members[8];
    size_t count = 0;
    fig_status status = fig_fork(engine, NULL, &fork, NULL);
    cr_assert(fine(status), "fork: %s", fig_status_name(status));
    if (fork == NULL) return;
    status = ask(fork, a_booking(1, NOON + 10 * DAY, NOON + 10 * DAY + HOUR)).status;
    cr_assert(fine(status), "book: %s", fig_status_name(status));
    for (size_t i = 0; i < 8; i++) members[i] = fig_merged_default();
    status = fig_merge(fork, BEFORE_IT, members, 8, &count, NULL);
    cr_assert(fine(status), "merge: %s", fig_status_name(status));
    must_be(fig_close(fork), FIG_OK);
}

static void carry_over(fig_engine *engine, struct memory *memory)
{
    fig_engine *other = engine_on(memory, true);
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    fig_status status = other != NULL ? fig_records_open(engine, NULL, &records) : FIG_NO_MEMORY;
    while (status == FIG_OK) {
        status = fig_records_next(records, &record);
        if (status != FIG_OK) break;
        fig_request request = fig_restore_default();
        request.now_s = NOON;
        request.record = &record;
        status = ask(other, request).status;
    }
    cr_assert(fine(status) || status == FIG_NOT_FOUND, "restore: %s", fig_status_name(status));
    fig_records_close(records);
    must_be(fig_close(other), FIG_OK);
}

static void play_over(fig_engine *engine, struct memory *memory)
{
    fig_engine *other = engine_on(memory, true);
    fig_replay_options options = fig_replay_options_default();
    fig_replayed done = fig_replayed_default();
    if (other == NULL) return;
    fig_status status = fig_replay(other, engine, &options, &done, NULL);
    cr_assert(fine(status), "replay: %s", fig_status_name(status));
    if (status == FIG_NO_MEMORY) must_be(fig_replay(other, engine, &options, &done, NULL), FIG_OK);
    fig_stats left = stats_of(engine), right = stats_of(other);
    must_be_equal(&left, &right);
    must_be(fig_close(other), FIG_OK);
}

/* False: the steps make fewer than n allocations. */
static bool play(uint64_t n)
{
    struct memory memory = {0};
    fig_engine *engine = engine_on(&memory, false);
    fill(engine);
    memory.fails_at = memory.calls + n;
    travel(engine);
    fork_and_merge(engine);
    carry_over(engine, &memory);
    play_over(engine, &memory);
    bool failed = memory.calls >= memory.fails_at;
    memory.fails_at = 0;
    booked(engine, 2, NOON + 20 * DAY, NOON + 20 * DAY + HOUR);
    carry_over(engine, &memory);
    must_be(fig_close(engine), FIG_OK);
    cr_assert_eq(memory.outstanding, 0, "allocation %" PRIu64 ": memory is left", n);
    return failed;
}

Test(offline, every_allocation_fails_once, .timeout = 120)
{
    uint64_t n = 1;
    while (play(n)) n++;
    cr_assert_gt(n, 50);
}

/* ---- damage and repair ---- */

enum { FLIPS = 60 };

static void make_victim(const char *path, fig_stats *stats)
{
    fig_engine *engine = fixture_open(path);
    for (int i = 0; i < 80; i++) {
        fig_request request = a_booking(1 + (uint64_t)i % 2, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.note = "a note to be damaged";
        must(engine, request, FIG_OK);
    }
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    *stats = stats_of(engine);
    fixture_close(engine);
}

static void expect_whole(const char *store, const fig_stats *stats)
{
    fig_engine *engine = fixture_open(store);
    fig_stats found = stats_of(engine);
    cr_expect(memcmp(found.digest, stats->digest, sizeof found.digest) == 0, "%s: another state", store);
    fixture_close(engine);
}

/* Whether the answer says that something newer than what came out is lost. */
static bool says_lost(const char *out)
{
    json_t *answer = json_loads(out, 0, NULL);
    bool lost = json_integer_value(json_object_get(answer, "lost_frames")) > 0 ||
                json_is_true(json_object_get(answer, "newest_lost"));
    json_decref(answer);
    return lost;
}

/* With the tables at the end of the journal each damage leaves one of the two whole, unless it hits what links pages:
 * then nothing can be opened, and that is said. */
Test(offline, a_repair_gives_the_state_back_or_says_that_it_cannot, .timeout = 120)
{
    char top[SUPPORT_PATH], store[SUPPORT_PATH], to[SUPPORT_PATH], file[SUPPORT_PATH + 16];
    struct support_random random = support_random_from(support_setting("FIGARO_SEED", 11));
    fig_stats stats;
    size_t size;
    int back = 0;
    support_make_fast_directory(top);
    join(top, "store", store);
    join(top, "new", to);
    make_victim(store, &stats);
    support_format(file, sizeof file, "%s/data.mdb", store);
    char *bytes = support_read_file(file, &size);
    for (uint64_t i = 0; i < support_setting("FIGARO_FLIPS", FLIPS); i++) {
        size_t at = support_below(&random, size);
        char bit = (char)(1 << support_below(&random, 8));
        bytes[at] ^= bit;
        support_write_file(file, bytes, size);
        bytes[at] ^= bit;
        struct support_child child = SUPPORT_FIGARO("repair", store, to, "--json");
        int code = child.exit_code;
        cr_assert(code == 0 || code == 1 || code == 3, "byte %zu: exit %d, signal %d: %s", at, code, child.signal,
                  child.err);
        if (code == 3) cr_expect_neq(child.err[0], '\0');
        bool whole = code != 3 && !says_lost(child.out);
        if (whole) expect_whole(to, &stats);
        back += whole;
        support_free(&child);
        support_remove(to);
    }
    cr_expect_gt(back, FLIPS / 2);
    free(bytes);
    support_remove(top);
}

/* ---- beside writers ---- */

struct stage {
    fig_engine *engine;
    _Atomic bool over;
    _Atomic unsigned faults, looks;
};

static void fault_unless(struct stage *stage, bool right)
{
    if (!right) atomic_fetch_add(&stage->faults, 1);
}

static void *write_on(void *argument)
{
    struct stage *stage = argument;
    for (int i = 0; !atomic_load(&stage->over); i++) {
        uint64_t id =
            ask(stage->engine, a_booking(1 + (uint64_t)i % 2, NOON + i * HOUR, NOON + (i + 1) * HOUR)).appointment.id;
        if (i % 3 == 0) ask(stage->engine, a_status(id, FIG_CANCELLED));
    }
    return NULL;
}

static void look_back(struct stage *stage, uint64_t version)
{
    fig_snapshot *once = NULL, *twice = NULL;
    fig_stats left = fig_stats_default(), right = fig_stats_default();
    fault_unless(stage, fig_snapshot_open_at(stage->engine, version, &once) == FIG_OK);
    fault_unless(stage, fig_snapshot_open_at(stage->engine, version, &twice) == FIG_OK);
    if (once != NULL && twice != NULL) {
        fault_unless(stage, fig_get_snapshot_stats(once, &left) == FIG_OK);
        fault_unless(stage, fig_get_snapshot_stats(twice, &right) == FIG_OK);
        fault_unless(stage, left.version == version && memcmp(left.digest, right.digest, sizeof left.digest) == 0);
    }
    fig_snapshot_close(once);
    fig_snapshot_close(twice);
}

static void try_what_if(struct stage *stage)
{
    fig_engine *fork = NULL;
    fault_unless(stage, fig_fork(stage->engine, NULL, &fork, NULL) == FIG_OK);
    if (fork == NULL) return;
    for (int i = 0; i < 5; i++) {
        int64_t start_s = NOON - (i + 1) * DAY;
        fault_unless(stage, ask(fork, a_booking(FIGARO, start_s, start_s + HOUR)).status == FIG_OK);
        fault_unless(stage, ask(fork, a_booking(FIGARO, start_s, start_s + HOUR)).status == FIG_CONFLICT);
    }
    fault_unless(stage, fig_close(fork) == FIG_OK);
}

static void *travel_on(void *argument)
{
    struct stage *stage = argument;
    struct support_random random = support_random_from(99);
    while (!atomic_load(&stage->over)) {
        fig_stats now = fig_stats_default();
        fault_unless(stage, fig_get_stats(stage->engine, &now) == FIG_OK);
        look_back(stage, 1 + support_below(&random, now.version));
        try_what_if(stage);
        atomic_fetch_add(&stage->looks, 1);
    }
    return NULL;
}

Test(offline, travellers_and_forks_beside_writers, .timeout = 60)
{
    struct stage stage = {.engine = fixture_engine()};
    pthread_t threads[3];
    cr_assert_eq(pthread_create(&threads[0], NULL, write_on, &stage), 0);
    for (int i = 1; i < 3; i++) cr_assert_eq(pthread_create(&threads[i], NULL, travel_on, &stage), 0);
    usleep(800000);
    atomic_store(&stage.over, true);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    cr_assert_eq(atomic_load(&stage.faults), 0);
    cr_assert_gt(atomic_load(&stage.looks), 3);
    fixture_close(stage.engine);
}
