#include "bench/figures.h"
#include "bench/load/audit.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <pthread.h>
#include <stdio.h>

struct race {
    struct stage *stage;
    struct entrant *entrant;
    bool moves;      /* what each has booked before; else all of them book */
    unsigned rounds; /* that were run */
    unsigned most;
    int64_t until_ns;
    bool over;
    pthread_barrier_t together;
    struct request slot;
    _Atomic uint64_t acknowledged;
    _Atomic uint64_t refused;
    _Atomic uint64_t failed;
    _Atomic unsigned winners; /* of this round */
    uint64_t doubled_rounds;
};

struct runner {
    struct race *race;
    struct session *session;
    uint64_t id; /* what it moves */
    bool leads;
    pthread_t thread;
};

/* Between two rounds, by one of them, while the others wait. */
static void next_round(struct race *race)
{
    if (atomic_exchange(&race->winners, 0) > 1) race->doubled_rounds++;
    race->over = race->rounds == race->most || clock_ns() > race->until_ns;
    if (race->over) return;
    race->rounds++;
    race->slot = stage_fresh(race->stage, race->entrant);
}

static enum answer reach_for(struct runner *runner, const struct request *slot)
{
    const struct contender *contender = runner->race->entrant->contender;
    uint64_t id;
    return runner->race->moves ? contender->move(runner->session, runner->id, slot)
                               : contender->book(runner->session, slot, &id);
}

static void *run_race(void *argument)
{
    struct runner *runner = argument;
    struct race *race = runner->race;
    for (;;) {
        pthread_barrier_wait(&race->together);
        if (runner->leads) next_round(race);
        pthread_barrier_wait(&race->together);
        if (race->over) return NULL;
        struct request asked = race->slot;
        switch (reach_for(runner, &asked)) {
        case ANSWER_FREE:
            atomic_fetch_add(&race->acknowledged, 1);
            atomic_fetch_add(&race->winners, 1);
            break;
        case ANSWER_TAKEN: atomic_fetch_add(&race->refused, 1); break;
        default: atomic_fetch_add(&race->failed, 1);
        }
    }
}

static bool make_runner(struct race *race, struct runner *runner)
{
    const struct contender *contender = race->entrant->contender;
    runner->race = race;
    runner->session = contender->connect(race->entrant->base);
    if (runner->session == NULL || !race->moves) return runner->session != NULL;
    struct request own = stage_fresh(race->stage, race->entrant);
    return contender->book(runner->session, &own, &runner->id) == ANSWER_FREE;
}

static bool run_all(struct race *race)
{
    struct runner runners[RACE_CLIENTS] = {{0}};
    const struct contender *contender = race->entrant->contender;
    bool good = pthread_barrier_init(&race->together, NULL, RACE_CLIENTS) == 0;
    for (size_t i = 0; i < RACE_CLIENTS; i++) {
        runners[i].leads = i == 0;
        good &= make_runner(race, &runners[i]);
    }
    size_t started = 0;
    while (good && started < RACE_CLIENTS &&
           pthread_create(&runners[started].thread, NULL, run_race, &runners[started]) == 0)
        started++;
    if (good && started < RACE_CLIENTS) _Exit(3); /* the started ones wait for the missing ones for ever */
    for (size_t i = 0; i < started; i++) pthread_join(runners[i].thread, NULL);
    for (size_t i = 0; i < RACE_CLIENTS; i++)
        if (runners[i].session != NULL) contender->disconnect(runners[i].session);
    pthread_barrier_destroy(&race->together);
    return good;
}

/* What the auditor found, against what the clients were told. */
static bool audit_race(struct race *race, struct audit_result *result)
{
    struct audit audit = {0};
    bool good = race->entrant->contender->audit(race->entrant->session, &audit);
    if (good) *result = audit_count(&audit);
    audit_free(&audit);
    return good;
}

static void add_record(struct race *race, const struct race_plan *plan, const struct audit_result *found,
                       json_t *results)
{
    const struct contender *contender = race->entrant->contender;
    int64_t kept = (int64_t)found->active - (int64_t)race->stage->truth.active;
    json_int_t acknowledged = (json_int_t)race->acknowledged;
    results_add(results, "race",
                json_pack("{s:s, s:I, s:i, s:i, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "contender", contender->name,
                          "rows", (json_int_t)race->stage->truth.town.rows, "clients", RACE_CLIENTS, "rounds",
                          (int)race->rounds, "fewer_rounds", race->rounds < plan->rounds, "acknowledged", acknowledged,
                          "refused", (json_int_t)race->refused, "failed", (json_int_t)race->failed, "doubled_rounds",
                          (json_int_t)race->doubled_rounds, "double_bookings", (json_int_t)found->double_bookings,
                          "longest_pile", (json_int_t)found->longest_pile, "lost", acknowledged - (json_int_t)kept));
    fprintf(stderr, "  %-30s %5u rounds, %6lld acknowledged, %6llu double bookings, %lld lost\n", contender->name,
            race->rounds, (long long)acknowledged, (unsigned long long)found->double_bookings,
            (long long)(acknowledged - kept));
}

/* Double bookings are those that the bookings' race has not left, and each client's one appointment is still there. */
static void add_moves(struct race *race, const struct race_plan *plan, const struct audit_result *before,
                      const struct audit_result *found, json_t *results)
{
    const char *name = race->entrant->contender->name;
    json_int_t doubles = (json_int_t)found->double_bookings - (json_int_t)before->double_bookings;
    json_int_t lost = (json_int_t)before->active + RACE_CLIENTS - (json_int_t)found->active;
    results_add(results, "move_race",
                json_pack("{s:s, s:I, s:i, s:i, s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "contender", name, "rows",
                          (json_int_t)race->stage->truth.town.rows, "clients", RACE_CLIENTS, "rounds",
                          (int)race->rounds, "fewer_rounds", race->rounds < plan->move_rounds, "acknowledged",
                          (json_int_t)race->acknowledged, "refused", (json_int_t)race->refused, "failed",
                          (json_int_t)race->failed, "doubled_rounds", (json_int_t)race->doubled_rounds,
                          "double_bookings", doubles, "lost", lost));
    fprintf(stderr, "  %-30s %5u rounds of moves, %llu rounds with two in one place, %lld double bookings, %lld lost\n",
            name, race->rounds, (unsigned long long)race->doubled_rounds, (long long)doubles, (long long)lost);
}

static bool run_and_audit(struct race *race, struct audit_result *found)
{
    bool good = run_all(race) && audit_race(race, found);
    if (!good || race->failed > 0)
        fprintf(stderr, "%s: %llu failed: %s\n", race->entrant->contender->title, (unsigned long long)race->failed,
                race->entrant->base->error);
    return good;
}

static bool race_one(struct stage *stage, const struct race_plan *plan, json_t *results)
{
    struct entrant *entrant = &stage->entrants[0];
    struct race books = {
        .stage = stage, .entrant = entrant, .most = plan->rounds, .until_ns = clock_ns() + plan->limit_ns};
    struct audit_result booked = {0}, moved = {0};
    if (!run_and_audit(&books, &booked)) return false;
    add_record(&books, plan, &booked, results);
    if (plan->move_rounds == 0) return true;
    struct race moves = {.stage = stage,
                         .entrant = entrant,
                         .moves = true,
                         .most = plan->move_rounds,
                         .until_ns = clock_ns() + plan->move_limit_ns};
    if (!run_and_audit(&moves, &moved)) return false;
    add_moves(&moves, plan, &booked, &moved, results);
    return true;
}

bool measure_race(const char *directory, const struct town *town, const char *names, const struct race_plan *plan,
                  json_t *results)
{
    bool good = true;
    for (size_t i = 0; contenders[i] != NULL && good; i++) {
        struct stage stage;
        if (!stage_wants(names, contenders[i])) continue;
        good = stage_open(&stage, directory, town, contenders[i]->name) && race_one(&stage, plan, results);
        stage_close(&stage);
    }
    return good;
}
