/* Threads, and processes of threads, that fight for the same slots of few barbers with bookings, moves, cancels and
 * holds; then an auditor reads the journal, which says in what order things happened. No two active appointments
 * conflict at any version; every acknowledgement is in it once, at the version that it named; every refusal was right
 * at the version that it names. FIGARO_RACE is how many requests a race has. Budget: six seconds. */
#include "tests/engine/fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, PROCESSES = 4, THREADS_EACH = 4, BARBERS = 3, SLOTS = 24 };

/* What a thread asked, and what it was told. */
struct told {
    fig_operation operation;
    fig_status status;
    uint64_t version;
    uint64_t id;
    uint64_t barber_id;
    int64_t start_s;
};

struct fighter {
    fig_engine *engine;
    uint64_t seed;
    pthread_t thread;
    struct told *told;
    size_t asked;
    uint64_t *own; /* appointments that it made */
    size_t own_count;
};

struct race {
    struct fighter *fighters; /* in memory that children share */
    size_t fighter_count;
    size_t asked; /* by each */
    size_t bytes;
};

static struct race new_race(size_t fighter_count)
{
    struct race race = {.fighter_count = fighter_count};
    race.asked = (size_t)support_setting("FIGARO_RACE", 64000) / fighter_count;
    size_t each = sizeof(struct fighter) + race.asked * (sizeof(struct told) + sizeof(uint64_t));
    race.bytes = fighter_count * each;
    race.fighters = mmap(NULL, race.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(race.fighters != MAP_FAILED);
    struct told *told = (struct told *)(race.fighters + fighter_count);
    uint64_t *own = (uint64_t *)(told + fighter_count * race.asked);
    for (size_t i = 0; i < fighter_count; i++)
        race.fighters[i] = (struct fighter){
            .seed = i, .told = told + i * race.asked, .asked = race.asked, .own = own + i * race.asked};
    return race;
}

static void end_race(struct race *race) { munmap(race->fighters, race->bytes); }

static int64_t slot(uint64_t which) { return NOON + (int64_t)which * HOUR; }

static fig_request make_up(struct fighter *fighter, struct support_random *random)
{
    uint64_t barber = 1 + support_below(random, BARBERS);
    int64_t start_s = slot(support_below(random, SLOTS));
    unsigned dice = (unsigned)support_below(random, 100);
    if (fighter->own_count == 0 || dice < 40) return a_booking(barber, start_s, start_s + HOUR);
    if (dice < 50) return a_hold(barber, start_s, start_s + HOUR, 60);
    uint64_t id = fighter->own[support_below(random, fighter->own_count)];
    if (dice < 75) return a_status(id, FIG_CANCELLED);
    fig_request move = a_move(id, start_s, start_s + HOUR);
    move.barber_id = barber;
    return move;
}

static void *fight(void *argument)
{
    struct fighter *fighter = argument;
    struct support_random random = support_random_from(fighter->seed);
    for (size_t i = 0; i < fighter->asked; i++) {
        fig_request request = make_up(fighter, &random);
        fig_outcome outcome = ask(fighter->engine, request);
        fighter->told[i] = (struct told){
            .operation = request.operation,
            .status = outcome.status,
            .version = outcome.version,
            .id = outcome.status == FIG_OK ? outcome.appointment.id : request.appointment_id,
            .barber_id = request.barber_id,
            .start_s = request.start_s,
        };
        bool made = request.operation == FIG_OP_BOOK || request.operation == FIG_OP_HOLD;
        if (made && outcome.status == FIG_OK) fighter->own[fighter->own_count++] = outcome.appointment.id;
    }
    return NULL;
}

/* ---- the auditor ---- */

/* The slots as the journal has them at a version, told in order. */
struct audit {
    uint64_t version;
    uint64_t taken[BARBERS + 1][SLOTS]; /* by which appointment; 0: free */
    struct place {
        uint64_t barber_id;
        int64_t start_s;
        bool active;
    } * places; /* of each appointment */
};

static uint64_t *place_of(struct audit *audit, uint64_t barber_id, int64_t start_s)
{
    cr_assert(barber_id >= 1 && barber_id <= BARBERS && start_s >= NOON && start_s < slot(SLOTS));
    return &audit->taken[barber_id][(start_s - NOON) / HOUR];
}

static void leave(struct audit *audit, uint64_t id)
{
    struct place *place = &audit->places[id];
    if (place->active) *place_of(audit, place->barber_id, place->start_s) = 0;
    place->active = false;
}

static void enter(struct audit *audit, uint64_t id, uint64_t barber_id, int64_t start_s)
{
    uint64_t *taken = place_of(audit, barber_id, start_s);
    cr_assert(*taken == 0, "version %lu: %lu and %lu have one place", (unsigned long)audit->version,
              (unsigned long)*taken, (unsigned long)id);
    *taken = id;
    audit->places[id] = (struct place){barber_id, start_s, true};
}

static void follow(struct audit *audit, const fig_event *event)
{
    const fig_appointment *appointment = &event->appointment;
    audit->version = event->version;
    switch (event->kind) {
    case FIG_EVENT_BOOKED: enter(audit, appointment->id, appointment->barber_id, appointment->start_s); break;
    case FIG_EVENT_MOVED:
        leave(audit, appointment->id);
        enter(audit, appointment->id, appointment->barber_id, appointment->start_s);
        break;
    case FIG_EVENT_STATUS:
        if (appointment->status > FIG_CONFIRMED) leave(audit, appointment->id);
        break;
    default: break;
    }
}

/* Whether a refusal was right of the state at the version that it names. */
static bool refusal_is_right(struct audit *audit, const struct told *told)
{
    if (told->status == FIG_ILLEGAL_STATUS) return !audit->places[told->id].active;
    if (told->status != FIG_CONFLICT) return false;
    uint64_t by = *place_of(audit, told->barber_id, told->start_s);
    return by != 0 && by != told->id;
}

static int by_version(const void *left, const void *right)
{
    const struct told *const *a = left, *const *b = right;
    return ((*a)->version > (*b)->version) - ((*a)->version < (*b)->version);
}

/* A move to where it is already changes nothing, and is acknowledged all the same. */
static bool changed_nothing(const struct audit *audit, const struct told *told)
{
    const struct place *place = &audit->places[told->id];
    return told->operation == FIG_OP_MOVE && place->active && place->barber_id == told->barber_id &&
           place->start_s == told->start_s;
}

/* All that were told of a version, against the state after it. The change is acknowledged once; NULL: it was none. */
static void check_told(struct audit *audit, struct told **list, size_t count, size_t *at, const fig_event *change)
{
    bool acknowledged = false;
    for (; *at < count && list[*at]->version <= audit->version; ++*at) {
        const struct told *told = list[*at];
        unsigned long version = (unsigned long)told->version;
        cr_assert_eq(told->version, audit->version);
        if (told->status != FIG_OK) {
            cr_assert(refusal_is_right(audit, told), "version %lu: %s is wrong", version,
                      fig_status_name(told->status));
        } else if (change != NULL && change->appointment.id == told->id && !acknowledged) {
            acknowledged = true;
        } else {
            cr_assert(changed_nothing(audit, told), "version %lu was acknowledged and is another's", version);
        }
    }
    cr_assert_eq(acknowledged, change != NULL, "version %lu was acknowledged to nobody", (unsigned long)audit->version);
}

static struct told **list_told(const struct race *race, size_t *count)
{
    *count = race->fighter_count * race->asked;
    struct told **list = malloc(*count * sizeof(struct told *));
    for (size_t i = 0; i < *count; i++) list[i] = &race->fighters[i / race->asked].told[i % race->asked];
    qsort(list, *count, sizeof *list, by_version);
    return list;
}

static void audit_journal(fig_engine *engine, const struct race *race)
{
    fig_journal *journal = NULL;
    fig_event event = fig_event_default();
    size_t count, at = 0, changes = 0;
    struct told **list = list_told(race, &count);
    struct audit audit = {.places = calloc(count + 1, sizeof *audit.places)};
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    while (fig_journal_next(journal, &event) == FIG_OK) {
        follow(&audit, &event);
        bool change = event.kind <= FIG_EVENT_STATUS;
        changes += change;
        check_told(&audit, list, count, &at, change ? &event : NULL);
    }
    cr_assert_eq(at, count, "version %lu was told of and is not in the journal", (unsigned long)list[at]->version);
    cr_assert(changes > 100 && changes < count - 100, "%zu of %zu changed something", changes, count);
    fig_journal_close(journal);
    free(audit.places);
    free(list);
}

static void declare(fig_engine *engine)
{
    for (uint64_t i = 1; i <= BARBERS; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = i;
        barber.fields = FIG_BARBER_NAME;
        support_format(barber.name, sizeof barber.name, "Barber %d", (int)i);
        declare_barber(engine, barber);
    }
}

static void run_fighters(struct fighter *fighters, size_t count)
{
    for (size_t i = 0; i < count; i++) cr_assert_eq(pthread_create(&fighters[i].thread, NULL, fight, &fighters[i]), 0);
    for (size_t i = 0; i < count; i++) pthread_join(fighters[i].thread, NULL);
}

/* Fighters take one engine or the other by turns; they may be one. */
static void run(fig_engine *engine, fig_engine *second)
{
    struct race race = new_race(THREADS);
    declare(engine);
    for (size_t i = 0; i < THREADS; i++) race.fighters[i].engine = i % 2 ? second : engine;
    run_fighters(race.fighters, THREADS);
    audit_journal(engine, &race);
    end_race(&race);
}

static fig_engine *open_with(const char *directory, fig_committer committer)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.create = true;
    options.in_memory = directory == NULL;
    options.committer = committer;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    return engine;
}

Test(race, threads_share_a_committer)
{
    fig_engine *engine = open_with(NULL, FIG_COMMITTER_THREAD);
    run(engine, engine);
    fixture_close(engine);
}

Test(race, threads_commit_for_themselves)
{
    fig_engine *engine = open_with(NULL, FIG_COMMITTER_NONE);
    run(engine, engine);
    fixture_close(engine);
}

static void must_be_sound(const char *directory)
{
    fig_report report = fig_report_default();
    must_be(fig_verify(directory, NULL, &report, NULL), FIG_OK);
}

Test(race, two_committers_share_a_store)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = open_with(directory, FIG_COMMITTER_THREAD);
    fig_engine *second = open_with(directory, FIG_COMMITTER_THREAD);
    run(engine, second);
    fixture_close(second);
    fixture_close(engine);
    must_be_sound(directory);
    support_remove(directory);
}

/* In a child, with an engine of its own. */
static void fight_in_child(const char *directory, struct fighter *fighters)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(1);
    for (size_t i = 0; i < THREADS_EACH; i++) fighters[i].engine = engine;
    run_fighters(fighters, THREADS_EACH);
    _exit(fig_close(engine) == FIG_OK ? 0 : 2);
}

Test(race, processes_of_threads_share_a_store)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = open_with(directory, FIG_COMMITTER_NONE);
    declare(engine);
    fixture_close(engine);
    struct race race = new_race(PROCESSES * THREADS_EACH);
    pid_t children[PROCESSES];
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        cr_assert_geq(children[i], 0);
        if (children[i] == 0) fight_in_child(directory, &race.fighters[i * THREADS_EACH]);
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status;
        waitpid(children[i], &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "process %zu: %x", i, (unsigned)status);
    }
    engine = open_with(directory, FIG_COMMITTER_NONE);
    audit_journal(engine, &race);
    fixture_close(engine);
    end_race(&race);
    must_be_sound(directory);
    support_remove(directory);
}
