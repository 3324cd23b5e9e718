/* kill -9 over several processes that share a store. Each books, moves and cancels with request keys, and writes down
 * in shared memory what it asks before it asks and what it was told; killed at a random moment it is started again and
 * asks its open question once more, with the same key. At the end an auditor reads the journal: every acknowledgement
 * is in it once, no key has booked twice, and at no version did two active appointments of a barber conflict.
 *
 * FIGARO_KILLS x 5 kills (500) over four processes. Budget: 10 s. */
#include "tests/engine/fixture.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef FIG_CHECKERS
enum { KILLS = 40 };
#else
enum { KILLS = 500 };
#endif

enum { PROCESSES = 4, BARBERS = 3, SLOTS = 4000, QUESTIONS = 100000, STEP_S = 15 * MINUTE, STEPS_MAX = 4 };

/* What a process was told of a question, kept in shared memory; asked again after a kill it must be the same. */
struct told {
    uint64_t appointment_id; /* FIG_OK */
    uint64_t version;
    uint32_t status;
    uint32_t answered;
};

struct worker {
    _Atomic uint64_t asked; /* questions begun; the last one may be open */
    struct told told[QUESTIONS];
};

struct shared {
    _Atomic bool enough;
    struct worker workers[PROCESSES];
};

static void pause_ns(uint64_t ns)
{
    struct timespec rest = {.tv_nsec = (long)ns};
    nanosleep(&rest, NULL);
}

/* ---- a process ---- */

struct question {
    fig_request request;
    char key[32];
    char booking_key[32];
};

/* The nth question of a worker: the same whenever it is asked. */
static void make_question(unsigned worker, uint64_t n, struct question *question)
{
    struct support_random random = support_random_from(worker * UINT64_C(1000003) + n);
    uint64_t barber = 1 + support_below(&random, BARBERS), kind = support_below(&random, 10);
    int64_t start_s = NOON + (int64_t)support_below(&random, SLOTS) * STEP_S;
    int64_t end_s = start_s + (int64_t)(1 + support_below(&random, STEPS_MAX)) * STEP_S;
    question->request = kind < 6 ? a_booking(barber, start_s, end_s) : a_move(0, start_s, end_s);
    if (kind >= 7) question->request = a_status(0, FIG_CANCELLED);
    support_format(question->key, sizeof question->key, "%u-%llu", worker, (unsigned long long)n);
    support_format(question->booking_key, sizeof question->booking_key, "%u-%llu", worker,
                   (unsigned long long)(n - support_below(&random, n < 30 ? n + 1 : 30))); /* a recent one */
    question->request.key = question->key;
    if (kind >= 6) question->request.booking_key = question->booking_key;
}

static void answer(struct worker *worker, uint64_t n, fig_engine *engine, unsigned number)
{
    struct question question;
    make_question(number, n, &question);
    fig_outcome outcome = ask(engine, question.request);
    struct told *told = &worker->told[n];
    if (outcome.status >= FIG_BUSY) _exit(3); /* nothing here may fail */
    told->status = outcome.status;
    told->appointment_id = outcome.appointment.id;
    told->version = outcome.version;
    atomic_thread_fence(memory_order_release);
    told->answered = 1;
}

static void work(struct shared *shared, unsigned number, const char *directory)
{
    struct worker *worker = &shared->workers[number];
    fig_options options = fig_options_default();
    options.checkpoint_records = 500;
    fig_engine *engine;
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(4);
    uint64_t n = atomic_load(&worker->asked);
    if (n > 0 && !worker->told[n - 1].answered) answer(worker, n - 1, engine, number);
    for (; n < QUESTIONS && !atomic_load(&shared->enough); n++) {
        atomic_store(&worker->asked, n + 1);
        answer(worker, n, engine, number);
        pause_ns(30000); /* as callers do; else the questions are at an end before the kills */
    }
    _exit(fig_close(engine) == FIG_OK ? 0 : 5);
}

static pid_t start(struct shared *shared, unsigned number, const char *directory)
{
    pid_t child = fork();
    if (child == 0) work(shared, number, directory);
    cr_assert_gt(child, 0);
    return child;
}

/* ---- killing ---- */

static void kill_some(struct shared *shared, const char *directory, uint64_t kills)
{
    struct support_random random = support_random_from(support_setting("FIGARO_SEED", 7));
    pid_t children[PROCESSES];
    for (unsigned i = 0; i < PROCESSES; i++) children[i] = start(shared, i, directory);
    for (uint64_t i = 0; i < kills; i++) {
        unsigned victim = (unsigned)support_below(&random, PROCESSES);
        int status;
        pause_ns(support_below(&random, 12000000));
        kill(children[victim], SIGKILL);
        waitpid(children[victim], &status, 0);
        cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "a process ended with %d", WEXITSTATUS(status));
        children[victim] = start(shared, victim, directory);
    }
    atomic_store(&shared->enough, true);
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        waitpid(children[i], &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process ended with %d", status);
    }
}

/* ---- the auditor ---- */

struct seen {
    uint64_t barber_id; /* 0: not active */
    int64_t start_s;
    int64_t end_s;
};

struct audit {
    const struct shared *shared;
    struct seen *appointments; /* by id */
    size_t capacity;
    uint64_t taken[BARBERS + 1][SLOTS + STEPS_MAX]; /* by whom each quarter of an hour is; 0: nobody */
    uint64_t *booked_id[PROCESSES];                 /* by question; 0: it booked nothing */
    uint64_t *version[PROCESSES];                   /* of the entry that carries its key */
};

/* The time that an appointment has goes to somebody else, who must find it free. */
static void pass_on(struct audit *audit, const struct seen *seen, uint64_t from, uint64_t to)
{
    for (int64_t at_s = seen->start_s; seen->barber_id != 0 && at_s < seen->end_s; at_s += STEP_S) {
        uint64_t *by = &audit->taken[seen->barber_id][(at_s - NOON) / STEP_S];
        cr_assert_eq(*by, from, "%lu is in the way of %lu", (unsigned long)*by, (unsigned long)to);
        *by = to;
    }
}

static void note_key(struct audit *audit, const fig_event *event)
{
    unsigned worker;
    unsigned long long question;
    if (sscanf(event->key, "%u-%llu", &worker, &question) != 2) return;
    cr_assert_lt(worker, PROCESSES);
    cr_assert(audit->version[worker][question] == 0 || audit->version[worker][question] == event->version,
              "key %s was accepted twice", event->key);
    audit->version[worker][question] = event->version;
    if (event->kind == FIG_EVENT_BOOKED) audit->booked_id[worker][question] = event->appointment.id;
}

static void follow(struct audit *audit, const fig_event *event)
{
    uint64_t id = event->appointment.id;
    cr_assert_lt(id, audit->capacity);
    struct seen *seen = &audit->appointments[id];
    if (event->kind == FIG_EVENT_STATUS) cr_assert_eq(event->appointment.status, FIG_CANCELLED);
    pass_on(audit, seen, id, 0);
    *seen = (struct seen){0};
    if (event->kind == FIG_EVENT_STATUS) return;
    *seen = (struct seen){event->barber_id, event->appointment.start_s, event->appointment.end_s};
    pass_on(audit, seen, 0, id);
}

static void read_journal(struct audit *audit, fig_engine *engine)
{
    fig_journal *journal;
    fig_event event = fig_event_default();
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    fig_status status;
    while ((status = fig_journal_next(journal, &event)) == FIG_OK) {
        note_key(audit, &event);
        if (event.appointment.id != 0) follow(audit, &event);
    }
    must_be(status, FIG_NOT_FOUND);
    fig_journal_close(journal);
}

static void hold_against_answers(const struct audit *audit, unsigned number)
{
    const struct worker *worker = &audit->shared->workers[number];
    for (uint64_t n = 0; n < atomic_load(&worker->asked); n++) {
        const struct told *told = &worker->told[n];
        uint64_t version = audit->version[number][n];
        cr_assert(told->answered, "question %u-%lu is open", number, (unsigned long)n);
        cr_assert_eq(told->status == FIG_OK, version != 0, "question %u-%lu was told %s, and is %s", number,
                     (unsigned long)n, fig_status_name((fig_status)told->status),
                     version != 0 ? "in the journal" : "not in the journal");
        if (told->status != FIG_OK) continue;
        cr_assert_eq(told->version, version);
        uint64_t booked_id = audit->booked_id[number][n];
        cr_assert(booked_id == 0 || booked_id == told->appointment_id);
    }
}

static void audit_store(const struct shared *shared, const char *directory)
{
    static struct audit audit;
    audit = (struct audit){.shared = shared, .capacity = PROCESSES * QUESTIONS + 2};
    audit.appointments = calloc(audit.capacity, sizeof *audit.appointments);
    for (unsigned i = 0; i < PROCESSES; i++) {
        audit.booked_id[i] = calloc(QUESTIONS, sizeof(uint64_t));
        audit.version[i] = calloc(QUESTIONS, sizeof(uint64_t));
    }
    fig_engine *engine = fixture_open(directory);
    read_journal(&audit, engine);
    fixture_close(engine);
    uint64_t asked = 0;
    for (unsigned i = 0; i < PROCESSES; i++) {
        hold_against_answers(&audit, i);
        asked += atomic_load(&shared->workers[i].asked);
        free(audit.booked_id[i]);
        free(audit.version[i]);
    }
    cr_assert_gt(asked, 500, "the processes came to something");
    cr_assert_lt(asked, PROCESSES * QUESTIONS, "there was something to be killed to the end");
    free(audit.appointments);
}

static void declare_barbers(const char *directory)
{
    fig_engine *engine = fixture_open(directory);
    for (uint64_t id = 1; id <= BARBERS; id++) {
        fig_barber barber = fig_barber_default();
        barber.id = id;
        barber.fields = id > BARTOLO ? FIG_BARBER_NAME : 0;
        snprintf(barber.name, sizeof barber.name, "barber %d", (int)id);
        declare_barber(engine, barber);
    }
    fixture_close(engine);
}

Test(kills, nothing_is_lost_doubled_or_blocked)
{
    char root[SUPPORT_PATH], directory[SUPPORT_PATH + 8];
    support_make_fast_directory(root);
    support_format(directory, sizeof directory, "%s/store", root);
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)shared, MAP_FAILED);
    declare_barbers(directory);
    kill_some(shared, directory, support_setting("FIGARO_KILLS", KILLS / 5) * 5);
    audit_store(shared, directory);
    struct support_child verify = SUPPORT_FIGARO("verify", directory);
    cr_assert_eq(verify.exit_code, 0, "%s%s", verify.out, verify.err);
    support_free(&verify);
    munmap(shared, sizeof *shared);
    support_remove(root);
}
