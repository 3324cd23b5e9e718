/* Turns between processes: who is killed, stopped or slow must cost the others no more than it has to. Budget: 5 s. */
#include "storage/gate.h"
#include "tests/storage/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct shared {
    char path[SUPPORT_PATH];
    _Atomic int ready; /* children that are where they should be */
    _Atomic int go;
    _Atomic uint64_t appended;
    _Atomic uint64_t behind;
};

static struct shared *share(const char *path)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(shared != MAP_FAILED);
    support_format(shared->path, sizeof shared->path, "%s", path);
    return shared;
}

static void until(_Atomic int *word, int value)
{
    int64_t deadline = rig_in_ms(10000);
    while (atomic_load(word) < value && rig_now_ns() < deadline) usleep(200);
    cr_assert(atomic_load(word) >= value, "a child did not get there");
}

static struct store *open_here(const char *path)
{
    struct store_options options = {.create = false};
    struct store *store = NULL;
    CHILD_OK(store_open_directory(path, &options, &store, &rig_error));
    return store;
}

static int append_next(struct store *store, int64_t deadline)
{
    unsigned char bytes[4096];
    uint64_t number = store->ops->tip(store) + 1;
    size_t size = rig_frame(number, bytes);
    return store->ops->append(store, number, bytes, size, deadline, &rig_error);
}

static void check_frames_here(struct store *store, uint64_t tip)
{
    struct rig_frames frames = {.after = 0};
    struct frame_sink sink = rig_frame_sink(&frames);
    CHILD_OK(store->ops->since(store, 0, &sink, &rig_error));
    CHILD_TRUE(!frames.wrong && frames.count == tip);
}

/* ---- killed, stopped ---- */

static int sit_on_the_turn(void *context)
{
    struct shared *shared = context;
    struct store *store = open_here(shared->path);
    CHILD_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    CHILD_OK(append_next(store, rig_in_ms(5000)));
    atomic_fetch_add(&shared->ready, 1);
    for (;;) pause();
}

Test(storage_turns, a_killed_holder_costs_milliseconds)
{
    struct rig rig = rig_in_directory();
    for (int i = 0; i < 5; i++) {
        struct shared *shared = share(rig.path);
        pid_t child = rig_fork(sit_on_the_turn, shared);
        until(&shared->ready, 1);
        struct store_facts facts;
        RIG_OK(rig.store->ops->facts(rig.store, &facts, &rig_error));
        cr_assert_eq(facts.holder, (uint32_t)child);
        kill(child, SIGKILL);
        int64_t before = rig_now_ns();
        RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
        int64_t waited = rig_now_ns() - before;
        cr_assert_lt(waited, 500000000, "the turn of a dead process took %ld ns", (long)waited);
        cr_assert_eq(rig.store->ops->tip(rig.store), 2u * (unsigned)i + 1, "its frame is not seen");
        RIG_OK(append_next(rig.store, rig_in_ms(5000)));
        rig.store->ops->end(rig.store);
        cr_assert_eq(rig_wait(child), -SIGKILL);
    }
    rig_check_frames(rig.store, 0, 10);
    rig_close(&rig);
}

Test(storage_turns, a_stopped_holder_is_waited_for_and_never_robbed)
{
    struct rig rig = rig_in_directory();
    struct shared *shared = share(rig.path);
    pid_t child = rig_fork(sit_on_the_turn, shared);
    until(&shared->ready, 1);
    kill(child, SIGSTOP);
    int64_t before = rig_now_ns();
    RIG_STATUS(STORE_TIMEOUT, rig.store->ops->begin(rig.store, rig_in_ms(100), &rig_error));
    int64_t waited = rig_now_ns() - before;
    cr_assert(waited >= 100000000 && waited < 1000000000, "waited %ld ns", (long)waited);
    char pid[32];
    support_format(pid, sizeof pid, "process %d ", (int)child);
    cr_assert(strstr(rig_error.message, pid) != NULL, "'%s' does not name the holder", rig_error.message);
    rig_check_frames(rig.store, 0, 1); /* reading goes on */
    struct store *second = rig_open(rig.path);
    rig_shut(second);
    kill(child, SIGCONT);
    RIG_STATUS(STORE_TIMEOUT, rig.store->ops->begin(rig.store, rig_in_ms(50), &rig_error)); /* still its turn */
    kill(child, SIGKILL);
    RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
    rig.store->ops->end(rig.store);
    cr_assert_eq(rig_wait(child), -SIGKILL);
    rig_close(&rig);
}

static int open_with_a_stopped_writer(void *context)
{
    struct shared *shared = context;
    struct store *store = open_here(shared->path);
    check_frames_here(store, 1);
    CHILD_STATUS(STORE_TIMEOUT, store->ops->begin(store, rig_in_ms(20), &rig_error));
    CHILD_OK(store->ops->close(store, rig_in_ms(100)));
    return 0;
}

Test(storage_turns, a_stopped_holder_keeps_nobody_from_opening)
{
    struct rig rig = rig_in_directory();
    struct shared *shared = share(rig.path);
    pid_t child = rig_fork(sit_on_the_turn, shared);
    until(&shared->ready, 1);
    kill(child, SIGSTOP);
    cr_assert_eq(rig_wait(rig_fork(open_with_a_stopped_writer, shared)), 0);
    kill(child, SIGKILL);
    rig_wait(child);
    rig_close(&rig);
}

/* ---- many ---- */

enum { PROCESSES = 4, ROUNDS = 40 };

/* Decides its number before it has the turn, as a writer that raced would: half of them come too late. */
static int race(void *context)
{
    struct shared *shared = context;
    struct store *store = open_here(shared->path);
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->go) == 0) usleep(100);
    unsigned char bytes[4096];
    for (int i = 0; i < ROUNDS;) {
        uint64_t number = store->ops->tip(store) + 1;
        size_t size = rig_frame(number, bytes);
        CHILD_OK(store->ops->begin(store, rig_in_ms(10000), &rig_error));
        int status = store->ops->append(store, number, bytes, size, rig_in_ms(10000), &rig_error);
        store->ops->end(store);
        CHILD_TRUE(status == STORE_OK || status == STORE_BEHIND);
        if (status == STORE_OK) i++;
        atomic_fetch_add(status == STORE_OK ? &shared->appended : &shared->behind, 1);
    }
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_turns, a_number_is_given_once, .timeout = 30)
{
    struct rig rig = rig_in_directory();
    struct shared *shared = share(rig.path);
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) children[i] = rig_fork(race, shared);
    until(&shared->ready, PROCESSES);
    atomic_store(&shared->go, 1);
    uint64_t seen = 0;
    while (seen < PROCESSES * ROUNDS) { /* follows along, as another process's reader does */
        RIG_OK(rig.store->ops->wait(rig.store, seen, rig_in_ms(10000)));
        struct rig_frames frames = {.after = seen};
        struct frame_sink sink = rig_frame_sink(&frames);
        uint64_t tip = rig.store->ops->tip(rig.store);
        RIG_OK(rig.store->ops->since(rig.store, seen, &sink, &rig_error));
        cr_assert(!frames.wrong);
        cr_assert(frames.after >= tip, "the tip was told before its frame could be read");
        seen = frames.after;
    }
    for (int i = 0; i < PROCESSES; i++) cr_assert_eq(rig_wait(children[i]), 0);
    cr_assert_eq(atomic_load(&shared->appended), PROCESSES * ROUNDS);
    cr_assert_eq(seen, PROCESSES * ROUNDS);
    rig_close(&rig);
}

static int write_until_killed(void *context)
{
    struct shared *shared = context;
    struct store *store = open_here(shared->path);
    for (;;) {
        CHILD_OK(store->ops->begin(store, rig_in_ms(10000), &rig_error));
        uint64_t number = store->ops->tip(store) + 1;
        CHILD_OK(append_next(store, rig_in_ms(10000)));
        store->ops->end(store);
        uint64_t known = atomic_load(&shared->appended);
        while (known < number && !atomic_compare_exchange_weak(&shared->appended, &known, number)) {
        }
    }
}

/* kill -9 at any moment: what was acknowledged stays, the next turn comes soon, no number is given twice. */
Test(storage_turns, writers_are_killed_at_any_moment, .timeout = 60)
{
    struct rig rig = rig_in_directory();
    struct shared *shared = share(rig.path);
    uint64_t seed = support_setting("FIGARO_SEED", 1);
    struct support_random random = support_random_from(seed);
    for (int i = 0; i < 40; i++) {
        pid_t children[2] = {rig_fork(write_until_killed, shared), rig_fork(write_until_killed, shared)};
        usleep((useconds_t)(2000 + support_below(&random, 20000)));
        kill(children[0], SIGKILL);
        kill(children[1], SIGKILL);
        int64_t before = rig_now_ns();
        RIG_OK(rig.store->ops->begin(rig.store, rig_in_ms(5000), &rig_error));
        int64_t waited = rig_now_ns() - before;
        cr_assert_lt(waited, 1000000000, "the turn took %ld ns, seed %lu", (long)waited, (unsigned long)seed);
        uint64_t tip = rig.store->ops->tip(rig.store);
        cr_assert_geq(tip, atomic_load(&shared->appended), "an acknowledged frame is lost, seed %lu",
                      (unsigned long)seed);
        RIG_OK(append_next(rig.store, rig_in_ms(5000)));
        rig.store->ops->end(rig.store);
        atomic_store(&shared->appended, tip + 1);
        cr_assert_eq(rig_wait(children[0]), -SIGKILL);
        cr_assert_eq(rig_wait(children[1]), -SIGKILL);
    }
    uint64_t tip = rig.store->ops->tip(rig.store);
    rig_check_frames(rig.store, 0, tip);
    rig_reopen(&rig);
    rig_check_frames(rig.store, 0, tip);
    char report[1000];
    uint64_t problems = 1;
    RIG_OK(store_verify_directory(rig.path, report, sizeof report, &problems, &rig_error));
    cr_assert_eq(problems, 0, "%s", report);
    rig_close(&rig);
}

/* Children that are killed while they read leave reader slots behind, which pin pages until they are cleared. */
static int read_until_killed(void *context)
{
    struct shared *shared = context;
    struct store *store = open_here(shared->path);
    for (;;) {
        check_frames_here(store, 3);
        atomic_store(&shared->ready, 1);
    }
    return 0;
}

Test(storage_turns, dead_readers_hold_no_pages, .timeout = 30)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    for (int i = 0; i < 20; i++) {
        struct shared *shared = share(rig.path);
        pid_t child = rig_fork(read_until_killed, shared);
        until(&shared->ready, 1);
        kill(child, SIGKILL);
        rig_wait(child);
    }
    struct store_facts before;
    struct store_facts after;
    for (int i = 0; i < 70; i++) rig_put(rig.store, 1, "value"); /* they are looked for now and then */
    RIG_OK(rig.store->ops->facts(rig.store, &before, &rig_error));
    for (int i = 0; i < 60; i++) rig_put(rig.store, 1, "value");
    RIG_OK(rig.store->ops->facts(rig.store, &after, &rig_error));
    cr_assert_lt(after.bytes - before.bytes, 10 * 4096, "the file grew from %lu to %lu bytes",
                 (unsigned long)before.bytes, (unsigned long)after.bytes);
    rig_close(&rig);
}

/* Stopped at whatever moment, a reader holds no lock that others need. */
Test(storage_turns, a_stopped_reader_stops_nobody, .timeout = 30)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    struct shared *shared = share(rig.path);
    pid_t child = rig_fork(read_until_killed, shared);
    until(&shared->ready, 1);
    for (int i = 0; i < 200; i++) {
        kill(child, SIGSTOP);
        struct store_facts facts;
        RIG_OK(rig.store->ops->facts(rig.store, &facts, &rig_error));
        if (i % 10 == 0) rig_put(rig.store, 1, "value");
        if (i % 50 == 0) rig_reopen(&rig);
        kill(child, SIGCONT);
        usleep(200);
    }
    kill(child, SIGKILL);
    rig_wait(child);
    rig_close(&rig);
}

/* ---- opening all at once, reboots ---- */

static int make_and_append(void *context)
{
    struct shared *shared = context;
    struct store_options options = {.create = true};
    struct store *store = NULL;
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->go) == 0) {
    }
    CHILD_OK(store_open_directory(shared->path, &options, &store, &rig_error));
    CHILD_OK(store->ops->begin(store, rig_in_ms(10000), &rig_error));
    CHILD_OK(append_next(store, rig_in_ms(10000)));
    store->ops->end(store);
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_turns, all_may_open_at_once, .timeout = 30)
{
    for (int i = 0; i < 15; i++) {
        char path[SUPPORT_PATH];
        support_make_directory(path);
        struct shared *shared = share(path);
        pid_t children[PROCESSES];
        for (int c = 0; c < PROCESSES; c++) children[c] = rig_fork(make_and_append, shared);
        until(&shared->ready, PROCESSES);
        atomic_store(&shared->go, 1);
        for (int c = 0; c < PROCESSES; c++) cr_assert_eq(rig_wait(children[c]), 0);
        struct store *store = rig_open(path);
        rig_check_frames(store, 0, PROCESSES);
        rig_shut(store);
        support_remove(path);
    }
}

static int make_store_here(void *context)
{
    struct shared *shared = context;
    struct store_options options = {.create = true};
    struct store *store = NULL;
    atomic_store(&shared->ready, 1);
    CHILD_OK(store_open_directory(shared->path, &options, &store, &rig_error));
    CHILD_OK(store->ops->close(store, rig_in_ms(5000)));
    return 0;
}

Test(storage_turns, a_store_whose_maker_was_killed_is_made_again, .timeout = 30)
{
    uint64_t seed = support_setting("FIGARO_SEED", 1);
    struct support_random random = support_random_from(seed);
    for (int i = 0; i < 40; i++) {
        char top[SUPPORT_PATH];
        char path[SUPPORT_PATH];
        support_make_directory(top);
        support_format(path, sizeof path, "%s/store", top);
        struct shared *shared = share(path);
        pid_t child = rig_fork(make_store_here, shared);
        until(&shared->ready, 1);
        usleep((useconds_t)support_below(&random, 3000));
        kill(child, SIGKILL);
        rig_wait(child);
        struct store *store = rig_open(path);
        rig_append(store, 1);
        rig_check_frames(store, 0, 1);
        rig_shut(store);
        support_remove(top);
    }
}

/* After a reboot the page holds mutexes whose owners are gone without a trace, and any tip. */
Test(storage_turns, the_first_to_open_lays_the_page_out_again)
{
    struct rig rig = rig_in_directory();
    rig_append(rig.store, 3);
    rig_shut(rig.store);
    char gate[SUPPORT_PATH];
    support_format(gate, sizeof gate, "%s/gate", rig.path);
    unsigned char page[GATE_BYTES];
    for (int kind = 0; kind < 3; kind++) {
        memset(page, kind == 0 ? 0xff : kind == 1 ? 0x5a : 0, sizeof page);
        support_write_file(gate, page, kind == 2 ? 10 : sizeof page);
        rig.store = rig_open(rig.path);
        cr_assert_eq(rig.store->ops->tip(rig.store), 3u + (unsigned)kind);
        rig_append(rig.store, 1);
        rig_shut(rig.store);
    }
    rig.store = rig_open(rig.path);
    rig_check_frames(rig.store, 0, 6);
    rig_close(&rig);
}
