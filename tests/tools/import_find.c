/* What rows of any fields find in random stores, against a look at every appointment. */
#include "tools/import_find.h"
#include "tests/engine/fixture.h"

#include <stdio.h>
#include <string.h>

enum { BOOKINGS = 80, ROWS = 60 };

#define AUTUMN INT64_C(1793188800) /* 2026-10-28T12:00:00Z: New York's clocks go back four days later */

static const char *const zone_names[] = {NULL, "America/New_York", "Asia/Kolkata"};
static const char *const barber_names[] = {NULL, "Figaro", "Bartolo"};

struct world {
    fig_engine *engine;
    fig_zone *zones[3]; /* of the barbers */
    fig_zone *own;      /* that stands in for theirs; NULL */
    fig_appointment all[BOOKINGS];
    size_t count;
};

static struct world random_world(struct support_random *random)
{
    struct world world = {.engine = fixture_engine()};
    for (uint64_t id = FIGARO; id <= BARTOLO; id++) {
        fig_barber barber = fig_barber_default();
        barber.id = id;
        barber.fields = FIG_BARBER_ZONE;
        strcpy(barber.zone, zone_names[id]);
        must_be(declare_barber(world.engine, barber).status, FIG_OK);
        must_be(fig_zone_open(NULL, zone_names[id], &world.zones[id], NULL), FIG_OK);
    }
    for (int i = 0; i < BOOKINGS; i++) {
        char key[16];
        int64_t start_s = AUTUMN + support_between(random, 0, 8 * 48) * 30 * MINUTE;
        int64_t minutes = support_chance(random, 5) ? 2000 : support_between(random, 1, 60);
        fig_request book = a_booking((uint64_t)support_between(random, 1, 2), start_s, start_s + minutes * MINUTE);
        support_format(key, sizeof key, "k%d", i);
        if (support_chance(random, 50)) book.key = key;
        book.client_id = support_below(random, 4);
        book.service_id = support_below(random, 3);
        fig_outcome outcome = ask(world.engine, book);
        if (outcome.status != FIG_OK) continue;
        if (support_chance(random, 40))
            outcome = must(world.engine, a_status(outcome.appointment.id, FIG_CANCELLED), FIG_OK);
        world.all[world.count++] = outcome.appointment;
    }
    return world;
}

static void close_world(struct world *world)
{
    for (size_t i = 1; i < 3; i++) fig_zone_close(world->zones[i]);
    fig_zone_close(world->own);
    fixture_close(world->engine);
}

static fig_local local_of(const struct world *world, const fig_appointment *is)
{
    fig_local local;
    const fig_zone *zone = world->own != NULL ? world->own : world->zones[is->barber_id];
    must_be(fig_zone_to_local(zone, is->start_s, &local, NULL), FIG_OK);
    return local;
}

static int64_t date_of(const fig_local *local)
{
    reason why;
    int64_t midnight_s = 0;
    cr_assert(rfc3339_midnight_of(local->year, local->month, local->day, &midnight_s, &why), "%s", why.text);
    return midnight_s;
}

/* A row that says of some fields what stands in one appointment or another. */
static import_row random_row(const struct world *world, struct support_random *random, import_plan *plan)
{
    import_row row = {.length_s = -1};
    const fig_appointment *is = &world->all[support_below(random, world->count)];
    const fig_appointment *other = support_chance(random, 80) ? is : &world->all[support_below(random, world->count)];
    static const import_field fields[] = {IMPORT_BARBER, IMPORT_CLIENT, IMPORT_SERVICE, IMPORT_KEY};
    fig_local local = local_of(world, is);
    *plan = (import_plan){.finding = true, .length_s = -1};
    for (size_t i = 0; i < 4; i++) plan->map.of[fields[i]].count = support_chance(random, i == 3 ? 15 : 50);
    if (support_chance(random, 80))
        plan->map.of[support_chance(random, 50) ? IMPORT_DATE : IMPORT_START].count = 1;
    else
        plan->map.of[IMPORT_CLIENT].count = 1;
    row.date_s = date_of(&local);
    row.start.is_local = support_chance(random, 50);
    row.start.seconds =
        row.start.is_local ? row.date_s + local.hour * HOUR + local.minute * MINUTE + local.second : is->start_s;
    strcpy(row.barber, barber_names[other->barber_id]);
    row.client_id = other->client_id;
    row.service_id = other->service_id;
    strcpy(row.key, plan->map.of[IMPORT_KEY].count > 0 ? other->key : "");
    return row;
}

static bool is_then(const struct world *world, const import_plan *plan, const import_row *row,
                    const fig_appointment *is)
{
    fig_local local = local_of(world, is);
    if (plan->map.of[IMPORT_DATE].count > 0) return date_of(&local) == row->date_s;
    if (plan->map.of[IMPORT_START].count == 0) return true;
    if (!row->start.is_local) return is->start_s == row->start.seconds;
    int64_t first_s, clock_s = date_of(&local) + local.hour * HOUR + local.minute * MINUTE + local.second;
    const fig_zone *zone = world->own != NULL ? world->own : world->zones[is->barber_id];
    must_be(fig_zone_to_utc(zone, &local, false, &first_s, NULL), FIG_OK);
    return clock_s == row->start.seconds && is->start_s == first_s; /* of an hour that comes twice the first is meant */
}

static bool is_meant(const struct world *world, const import_plan *plan, const import_row *row,
                     const fig_appointment *is)
{
    const import_columns *of = plan->map.of;
    if (of[IMPORT_BARBER].count > 0 && strcmp(barber_names[is->barber_id], row->barber) != 0) return false;
    if (of[IMPORT_CLIENT].count > 0 && is->client_id != row->client_id) return false;
    if (of[IMPORT_SERVICE].count > 0 && is->service_id != row->service_id) return false;
    if (row->key[0] != '\0' && strcmp(is->key, row->key) != 0) return false;
    return is_then(world, plan, row, is);
}

static void check_row(const struct world *world, struct support_random *random, const local_zone *zone, uint64_t seed)
{
    import_plan plan;
    import_finder finder;
    import_fault fault;
    session looking = {.engine = world->engine, .now_s = AUTUMN};
    import_row row = random_row(world, random, &plan);
    cr_assert_eq(import_finder_open(&finder, &looking, &plan, zone), 0);
    cr_assert_eq(import_find(&finder, &row, &fault), IMPORT_FOUND, "seed %llu", (unsigned long long)seed);
    size_t expected = 0;
    for (size_t i = 0; i < world->count; i++) {
        bool meant = is_meant(world, &plan, &row, &world->all[i]), found = false;
        for (size_t j = 0; j < finder.count; j++) found = found || finder.list[j].id == world->all[i].id;
        cr_assert_eq(found, meant, "seed %llu: appointment %llu", (unsigned long long)seed,
                     (unsigned long long)world->all[i].id);
        expected += meant;
    }
    cr_assert_eq(finder.count, expected, "seed %llu: one is there twice", (unsigned long long)seed);
    import_finder_close(&finder);
}

static void check_world(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct world world = random_world(&random);
    static const char *const elsewhere = "Pacific/Auckland";
    local_zone zone = {0};
    reason why;
    bool own = support_chance(&random, 30);
    if (own) cr_assert(local_zone_open(elsewhere, &zone, &why), "%s", why.text);
    if (own) must_be(fig_zone_open(NULL, elsewhere, &world.own, NULL), FIG_OK);
    for (int i = 0; i < ROWS && world.count > 0; i++) check_row(&world, &random, own ? &zone : NULL, seed);
    local_zone_close(&zone);
    close_world(&world);
}

Test(import_find, is_what_a_look_at_every_appointment_finds, .timeout = 300)
{
    struct support_seeds seeds = support_seeds_of(0, 10);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) check_world(seed);
}
