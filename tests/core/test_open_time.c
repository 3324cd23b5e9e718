/* Open time and grids, against windows written out one by one, and the days on which clocks change. Budget: 4 s. */
#include "engine/core/open_time.h"
#include "tests/core/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define HOUR_S 3600
#define DAY_S  CIVIL_DAY_S

/* ---- against plain definitions ---- */

static struct plain plain;

/* An instant of the days that the plain definitions know of. */
struct stretch {
    int64_t from_s;
    int64_t to_s;
    int64_t known_to_s;
};

static void expect_run(const struct opening *opening, int64_t at_s, const struct stretch *stretch)
{
    struct open_run run = open_run_at(opening, at_s);
    WORLD_CHECK(run.open == plain_is_open(&plain, at_s), "open at %" PRId64 "?", at_s);
    WORLD_CHECK(run.until_s > at_s, "the run at %" PRId64 " ends at %" PRId64, at_s, run.until_s);
    int64_t change_s = plain_change(&plain, at_s);
    WORLD_CHECK(change_s >= run.until_s || change_s >= stretch->known_to_s,
                "it changes at %" PRId64 ", before the end of the run %" PRId64 " to %" PRId64, change_s, at_s,
                run.until_s);
}

static void expect_runs(const struct opening *opening, const struct stretch *stretch)
{
    for (int64_t at_s = stretch->from_s; at_s < stretch->to_s; at_s = open_run_at(opening, at_s).until_s)
        expect_run(opening, at_s, stretch);
    for (size_t i = 0; i < plain.change_count; i++) {
        int64_t at_s = plain.changes[i];
        if (at_s - 1 < stretch->from_s || at_s + 1 >= stretch->to_s) continue;
        expect_run(opening, at_s - 1, stretch);
        expect_run(opening, at_s, stretch);
        expect_run(opening, at_s + 1, stretch);
    }
}

static void expect_minutes(const struct opening *opening, const struct stretch *stretch)
{
    for (int64_t at_s = stretch->from_s; at_s < stretch->to_s; at_s += 60)
        WORLD_CHECK(open_time_covers(opening, at_s, at_s + 1) == plain_is_open(&plain, at_s), "open at %" PRId64 "?",
                    at_s);
}

/* The next open span by plain definitions. */
static bool plain_next(int64_t from_s, int64_t to_s, struct open_span *span)
{
    span->start_s = plain_is_open(&plain, from_s) ? from_s : plain_change(&plain, from_s);
    if (span->start_s >= to_s) return false;
    int64_t end_s = plain_change(&plain, span->start_s);
    span->end_s = end_s < to_s ? end_s : to_s;
    return true;
}

static void expect_spans(const struct opening *opening, int64_t from_s, int64_t to_s)
{
    struct open_span is, ought, last = {0, 0};
    bool any = false;
    for (int64_t at_s = from_s; plain_next(at_s, to_s, &ought); at_s = ought.end_s) {
        WORLD_CHECK(open_time_next(opening, at_s, to_s, &is), "from %" PRId64, at_s);
        WORLD_CHECK(is.start_s == ought.start_s && is.end_s == ought.end_s,
                    "from %" PRId64 ": %" PRId64 " to %" PRId64 ", not %" PRId64 " to %" PRId64, at_s, is.start_s,
                    is.end_s, ought.start_s, ought.end_s);
        any = true;
        last = ought;
    }
    WORLD_CHECK(!open_time_next(opening, any ? last.end_s : from_s, to_s, &is), "to %" PRId64, to_s);
    WORLD_CHECK(open_time_last(opening, from_s, to_s, INT64_MAX, &is) == any, "to %" PRId64, to_s);
    if (!any) return;
    WORLD_CHECK(is.start_s == last.start_s && is.end_s == last.end_s, "to %" PRId64, to_s);
    WORLD_CHECK(open_time_last(opening, from_s, to_s, 1800, &is) && is.end_s == last.end_s, "to %" PRId64, to_s);
    WORLD_CHECK(is.start_s == last.start_s || (is.start_s > last.start_s && is.end_s - is.start_s >= 1800),
                "to %" PRId64, to_s);
}

static void expect_covers(const struct opening *opening, struct support_random *random, const struct stretch *stretch)
{
    struct open_walk walk = {.opening = opening};
    int64_t start_s = stretch->from_s;
    while (start_s < stretch->to_s) {
        int64_t end_s = start_s + 1 + (int64_t)support_below(random, 20000), resume_s = start_s;
        bool ought = plain_covers(&plain, start_s, end_s);
        WORLD_CHECK(open_time_covers(opening, start_s, end_s) == ought, "%" PRId64 " to %" PRId64, start_s, end_s);
        bool is = open_walk_covers(&walk, start_s, end_s, &resume_s);
        WORLD_CHECK(is == ought, "%" PRId64 " to %" PRId64, start_s, end_s);
        if (!ought)
            WORLD_CHECK(resume_s > start_s && (resume_s >= stretch->known_to_s || !plain_is_open(&plain, resume_s - 1)),
                        "%" PRId64, start_s);
        start_s += 1 + (int64_t)support_below(random, 9000);
    }
}

static void expect_grid(const struct opening *opening, int64_t day)
{
    static int64_t starts[20000];
    size_t count = plain_grid(&plain, day, grid_step_s(opening), starts, sizeof starts / sizeof starts[0]);
    int64_t from_s = day * DAY_S - 3 * DAY_S, start_s;
    for (size_t i = 0; i < count; i++) {
        WORLD_CHECK(grid_next(opening, day, from_s, &start_s), "day %" PRId64, day);
        WORLD_CHECK(start_s == starts[i], "day %" PRId64 " has %" PRId64 ", not %" PRId64, day, start_s, starts[i]);
        WORLD_CHECK(grid_next(opening, day, starts[i], &start_s) && start_s == starts[i], "day %" PRId64, day);
        from_s = starts[i] + 1;
    }
    WORLD_CHECK(!grid_next(opening, day, from_s, &start_s), "day %" PRId64, day);
}

static void expect_world(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct world *world = world_open();
    struct opening opening;
    int64_t near_s;
    const char *zone = world_random_zone(&random, &near_s);
    int64_t day = civil_day_at(world_zone(world, zone), near_s) + support_between(&random, -1, 1);
    struct barber *barber = world_random_barber(world, &random, 7, zone, day);
    cr_assert(opening_of(&world->version, barber, &opening));
    struct stretch stretch = {(day - 3) * DAY_S, (day + 4) * DAY_S, (day + 9) * DAY_S};
    plain_of(&plain, &opening, day - 9, day + 12);
    expect_runs(&opening, &stretch);
    if (seed % 8 == 0) expect_minutes(&opening, &stretch);
    for (int i = 0; i < 3; i++) {
        int64_t from_s = support_between(&random, stretch.from_s, stretch.to_s);
        expect_spans(&opening, from_s, support_between(&random, from_s + 1, stretch.known_to_s));
    }
    if (plain.change_count > 0) { /* the stretches of a search backwards begin where open time does */
        int64_t change_s = plain.changes[support_below(&random, plain.change_count)];
        if (change_s > stretch.from_s && change_s < stretch.to_s)
            expect_spans(&opening, stretch.from_s, change_s + (support_chance(&random, 50) ? 1 : 3) * DAY_S);
    }
    expect_covers(&opening, &random, &stretch);
    for (int64_t date = day - 2; date <= day + 2; date++) expect_grid(&opening, date);
    world_close(world);
}

static void expect_worlds(unsigned part)
{
    struct support_seeds seeds = support_seeds_of(part, 2);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        world_seed = seed;
        expect_world(seed);
    }
}

Test(open_time, is_what_windows_written_out_say_1, .timeout = 120) { expect_worlds(0); }
Test(open_time, is_what_windows_written_out_say_2, .timeout = 120) { expect_worlds(1); }
