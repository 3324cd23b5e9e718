/* Readers beside writers. Some appointments wander between places, others come and go; whatever version a reader holds,
 * it sees each wanderer in exactly one place, no two appointments that conflict, and memory that stays. The thread
 * sanitizer watches in `make check`. Budget: three seconds. */
#include "tests/engine/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { WANDERERS = 8, READERS = 3, LIST = 256 };

struct stage {
    fig_engine *engine, *second; /* the writers write through one, readers read both */
    uint64_t wanderers[WANDERERS];
    _Atomic bool over;
    _Atomic unsigned faults;
    _Atomic unsigned long reads, writes;
};

struct part {
    struct stage *stage;
    uint64_t seed;
    pthread_t thread;
};

static void fault_unless(struct stage *stage, bool right)
{
    if (!right) atomic_fetch_add(&stage->faults, 1);
}

/* Each wanderer has a lane of its own with two places in it. */
static int64_t place(int wanderer, unsigned which) { return NOON + wanderer * DAY + (which ? 6 * HOUR : 0); }

static void *wander(void *argument)
{
    struct part *part = argument;
    struct stage *stage = part->stage;
    struct support_random random = support_random_from(part->seed);
    while (!atomic_load(&stage->over)) {
        int a = (int)support_below(&random, WANDERERS);
        unsigned to = (unsigned)support_below(&random, 2);
        fig_outcome outcome = ask(stage->engine, a_move(stage->wanderers[a], place(a, to), place(a, to) + HOUR));
        fault_unless(stage, outcome.status == FIG_OK);
        atomic_fetch_add(&stage->writes, 1);
    }
    return NULL;
}

static void *come_and_go(void *argument)
{
    struct part *part = argument;
    struct stage *stage = part->stage;
    struct support_random random = support_random_from(part->seed);
    while (!atomic_load(&stage->over)) {
        int64_t start = NOON - (1 + (int64_t)support_below(&random, 60)) * HOUR;
        fig_outcome made = ask(stage->engine, a_booking(FIGARO, start, start + HOUR));
        if (made.status == FIG_OK) {
            fig_outcome gone = ask(stage->engine, a_status(made.appointment.id, FIG_CANCELLED));
            fault_unless(stage, gone.status == FIG_OK);
        } else {
            fault_unless(stage, made.status == FIG_CONFLICT);
        }
        atomic_fetch_add(&stage->writes, 2);
    }
    return NULL;
}

static bool taken(fig_engine *engine, const fig_view *view, int64_t start_s)
{
    fig_span span = fig_span_default();
    span.barber_id = FIGARO;
    span.start_s = start_s;
    span.end_s = start_s + HOUR;
    return fig_check(engine, view, &span, NULL, 0, NULL) == FIG_CONFLICT;
}

/* Active appointments by start: none may begin before the one ahead of it has ended. */
static void look_for_conflicts(struct stage *stage, fig_engine *engine, const fig_view *view)
{
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    fig_appointment found[LIST];
    size_t count = 0, wanderers = 0;
    filter.barber_id = FIGARO;
    filter.active = true;
    fault_unless(stage, fig_list(engine, view, &filter, &cursor, found, LIST, &count) == FIG_OK);
    for (size_t i = 0; i < count; i++) {
        fault_unless(stage, i == 0 || found[i - 1].end_s <= found[i].start_s);
        wanderers += found[i].start_s >= NOON;
    }
    fault_unless(stage, wanderers == WANDERERS);
}

static void *watch(void *argument)
{
    struct part *part = argument;
    struct stage *stage = part->stage;
    struct support_random random = support_random_from(part->seed);
    while (!atomic_load(&stage->over)) {
        fig_engine *engine = support_chance(&random, 50) && stage->second != NULL ? stage->second : stage->engine;
        fig_snapshot *snapshot = NULL;
        fault_unless(stage, fig_snapshot_open(engine, &snapshot) == FIG_OK);
        fig_view view = fig_view_default(), newest = at(NOON);
        view.now_s = NOON;
        view.snapshot = snapshot;
        for (int i = 0; i < 20; i++) {
            int a = (int)support_below(&random, WANDERERS);
            fault_unless(stage, taken(engine, &view, place(a, 0)) != taken(engine, &view, place(a, 1)));
            (void)taken(engine, &newest, place(a, 0));
            fig_appointment wanderer = fig_appointment_default();
            fault_unless(stage, fig_get_appointment(engine, &newest, stage->wanderers[a], &wanderer) == FIG_OK);
            fault_unless(stage, wanderer.start_s == place(a, 0) || wanderer.start_s == place(a, 1));
        }
        look_for_conflicts(stage, engine, &view);
        look_for_conflicts(stage, engine, &newest);
        fig_snapshot_close(snapshot);
        atomic_fetch_add(&stage->reads, 1);
    }
    return NULL;
}

static void play(struct stage *stage, long milliseconds)
{
    struct part parts[READERS + 2];
    void *(*const roles[READERS + 2])(void *) = {wander, come_and_go, watch, watch, watch};
    for (int i = 0; i < WANDERERS; i++) {
        stage->wanderers[i] = booked(stage->engine, FIGARO, place(i, 0), place(i, 0) + HOUR);
        if (stage->second != NULL) cr_assert_not(is_free(stage->second, FIGARO, place(i, 0), place(i, 0) + 1, NOON));
    }
    for (uint64_t i = 0; i < READERS + 2; i++) {
        parts[i] = (struct part){.stage = stage, .seed = i};
        cr_assert_eq(pthread_create(&parts[i].thread, NULL, roles[i], &parts[i]), 0);
    }
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
    atomic_store(&stage->over, true);
    for (int i = 0; i < READERS + 2; i++) pthread_join(parts[i].thread, NULL);
    cr_assert_eq(atomic_load(&stage->faults), 0, "%u faults", atomic_load(&stage->faults));
    cr_assert_gt(atomic_load(&stage->reads), 3);
    cr_assert_gt(atomic_load(&stage->writes), 10);
    cr_assert_eq(stats_of(stage->engine).snapshots, 0);
}

Test(threads, readers_see_whole_versions_in_memory)
{
    static struct stage stage;
    stage.engine = fixture_engine();
    play(&stage, 1200);
    fixture_close(stage.engine);
}

Test(threads, readers_see_whole_versions_through_two_handles)
{
    static struct stage stage;
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    stage.engine = fixture_open(directory);
    stage.second = fixture_open(directory);
    play(&stage, 1200);
    fixture_close(stage.second);
    fixture_close(stage.engine);
    support_remove(directory);
}

/* What readers no longer see is handed back: churn does not grow the engine without end. */
Test(threads, memory_is_handed_back)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR), early = 0;
    for (int i = 0; i < 6000; i++) {
        must(engine, a_move(id, place(i % 2, 0), place(i % 2, 0) + HOUR), FIG_OK);
        if (i == 1000) early = stats_of(engine).memory_bytes;
    }
    cr_assert_leq(stats_of(engine).memory_bytes, early + (1 << 20), "6,000 moves took memory from %lu to %lu",
                  (unsigned long)early, (unsigned long)stats_of(engine).memory_bytes);
    fixture_close(engine);
}
