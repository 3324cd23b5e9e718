#include "tests/proof/random_shop.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HOUR 3600
#define DAY  86400

static uint64_t below(struct random_shop *world, uint64_t bound) { return support_below(&world->random, bound); }
static bool chance(struct random_shop *world, unsigned percent) { return support_chance(&world->random, percent); }

#define PICK(world, list) ((list)[below(world, sizeof(list) / sizeof *(list))])

/* ---- where and when ---- */

struct scene {
    const char *zone;
    int32_t day; /* of the change */
};

static const struct scene scenes[] = {
    {"UTC", 20500},                 /* 2026-02-16, nothing happens */
    {"Europe/Madrid", 20541},       /* 2026-03-29, spring */
    {"Europe/Madrid", 20751},       /* 2026-10-25, autumn */
    {"America/New_York", 20520},    /* 2026-03-08 */
    {"America/New_York", 20758},    /* 2026-11-01 */
    {"Australia/Lord_Howe", 20548}, /* 2026-04-05, half an hour back */
    {"Australia/Lord_Howe", 20730}, /* 2026-10-04, half an hour on */
    {"Pacific/Apia", 15338},        /* 2011-12-30, a date that never was */
    {"Africa/Casablanca", 20501},   /* 2026-02-15, Ramadan */
    {"America/Havana", 20520},      /* 2026-03-08, midnight is skipped */
    {"Asia/Kathmandu", 20600},      /* +05:45 */
    {"Pacific/Kiritimati", 20600},  /* +14 */
};

static void must(fig_engine *engine, const fig_request *request)
{
    fig_outcome outcome = fig_outcome_default();
    fig_status status = fig_declare(engine, request, &outcome);
    cr_assert_eq(status, FIG_OK, "%s: %s: %s", fig_status_name(status), outcome.field != NULL ? outcome.field : "",
                 outcome.reason != NULL ? outcome.reason : "");
}

/* ---- pieces ---- */

static uint32_t clock_of_day(struct random_shop *world) { return (uint32_t)(below(world, 49) * 1800); }

static size_t random_weekly(struct random_shop *world, fig_weekly *weekly, size_t most)
{
    size_t count = below(world, most + 1);
    for (size_t i = 0; i < count; i++) {
        weekly[i] = (fig_weekly){.weekday = (uint8_t)below(world, 7)};
        weekly[i].start_s = (uint32_t)(below(world, 48) * 1800);
        weekly[i].end_s = clock_of_day(world);
    }
    return count;
}

static size_t random_cuts(struct random_shop *world, fig_cut_kind kind, fig_cut *cuts, size_t most)
{
    size_t count = below(world, most + 1);
    for (size_t i = 0; i < count; i++) {
        cuts[i] = (fig_cut){.kind = kind, .whole_days = chance(world, 40), .yearly = chance(world, 20)};
        cuts[i].state = chance(world, 80) ? FIG_CUT_APPROVED : FIG_CUT_REQUESTED;
        cuts[i].from_day = world->day + (int32_t)support_between(&world->random, -3, 3);
        cuts[i].to_day = cuts[i].from_day + (int32_t)below(world, 3);
        cuts[i].start_s = (uint32_t)(below(world, 48) * 1800);
        cuts[i].end_s = clock_of_day(world);
    }
    return count;
}

static int64_t near(struct random_shop *world)
{
    return world->around_s + support_between(&world->random, -36, 36) * 1800;
}

/* ---- declarations ---- */

static void declare_shop(struct random_shop *world, const char *zone)
{
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE | FIG_SHOP_BUFFERS | FIG_SHOP_PAST;
    snprintf(shop.zone, sizeof shop.zone, "%s", zone);
    shop.buffers = chance(world, 30) ? FIG_BUFFERS_EXCLUSIVE : FIG_BUFFERS_SHARED;
    shop.past = chance(world, 30) ? FIG_PAST_REFUSE : FIG_PAST_ALLOW;
    fig_request request = fig_declare_shop_default();
    request.now_s = world->around_s - 400 * DAY;
    request.shop = &shop;
    must(world->engine, &request);
}

static void declare_shop_schedule(struct random_shop *world)
{
    static const uint32_t grids[] = {300, 900, 1200, 1800, 2700, 3600}, leads[] = {0, 900, 7200, 86400};
    fig_weekly weekly[12];
    fig_cut cuts[4];
    fig_schedule schedule = fig_schedule_default();
    schedule.owner = FIG_OWNER_SHOP;
    schedule.owner_id = 1;
    schedule.fields = FIG_SCHEDULE_ALL & ~(uint32_t)FIG_SCHEDULE_OFFERS;
    schedule.weekly = weekly;
    schedule.weekly_count = random_weekly(world, weekly, 12);
    schedule.cuts = cuts;
    schedule.cut_count = chance(world, 50) ? random_cuts(world, FIG_CUT_BLACKOUT, cuts, 4) : 0;
    schedule.clip_to_hours = chance(world, 25);
    schedule.grid_s = PICK(world, grids);
    schedule.lead_s = chance(world, 50) ? 0 : PICK(world, leads);
    schedule.horizon_days = chance(world, 60) ? 0 : (uint32_t)below(world, 6);
    schedule.same_day = chance(world, 80);
    schedule.cutoff_s = chance(world, 70) ? FIG_NO_CUTOFF : clock_of_day(world);
    schedule.rule_errors = chance(world, 50) ? FIG_RULE_ERRORS_REJECT : FIG_RULE_ERRORS_ALLOW;
    fig_request request = fig_declare_schedule_default();
    request.now_s = world->around_s - 400 * DAY;
    request.schedule = &schedule;
    must(world->engine, &request);
}

static void declare_service(struct random_shop *world, uint64_t id)
{
    uint64_t others[2] = {1 + below(world, WORLD_SERVICES), 1 + below(world, WORLD_SERVICES)};
    fig_service service = fig_service_default();
    service.fields = FIG_SERVICE_ALL;
    service.id = id;
    snprintf(service.name, sizeof service.name, "service %d", (int)id);
    service.duration_s = (uint32_t)(600 * (1 + below(world, 9)));
    service.buffer_before_s = chance(world, 70) ? 0 : (uint32_t)(300 * below(world, 4));
    service.buffer_after_s = chance(world, 50) ? 0 : (uint32_t)(300 * below(world, 4));
    service.active = chance(world, 92);
    service.kind = (fig_service_kind)below(world, 3);
    if (chance(world, 20)) service.min_advance_s = (uint32_t)(HOUR * below(world, 30));
    if (chance(world, 20)) service.max_advance_days = (uint32_t)below(world, 5);
    if (chance(world, 20)) service.min_age = 18;
    if (chance(world, 15)) service.max_age = 60;
    service.consultation = chance(world, 12);
    if (chance(world, 12)) service.patch_test_s = 48 * HOUR;
    if (chance(world, 30)) service.max_per_day = (uint32_t)(1 + below(world, 2));
    if (chance(world, 25)) service.min_days_between = (uint32_t)below(world, 4);
    if (chance(world, 20)) service.blocked_days = (uint8_t)below(world, 128);
    service.required = &others[0];
    service.required_count = chance(world, 12);
    service.incompatible = &others[1];
    service.incompatible_count = chance(world, 20);
    fig_request request = fig_declare_service_default();
    request.now_s = world->around_s - 400 * DAY;
    request.service = &service;
    must(world->engine, &request);
}

static void declare_client(struct random_shop *world, uint64_t id)
{
    static const char *const types[] = {"new", "returning", "vip"};
    fig_client client = fig_client_default();
    client.fields = FIG_CLIENT_ALL;
    client.id = id;
    snprintf(client.name, sizeof client.name, "client %d", (int)id);
    snprintf(client.type, sizeof client.type, "%s", PICK(world, types));
    client.born_day = chance(world, 30) ? FIG_NO_DAY : world->day - 18 * 365 - 4 + (int32_t)below(world, 12) * 1500;
    client.flags = chance(world, 90) ? 0 : (uint32_t)below(world, 8);
    fig_request request = fig_declare_client_default();
    request.now_s = world->around_s - 400 * DAY;
    request.client = &client;
    must(world->engine, &request);
}

static void declare_rule(struct random_shop *world, uint64_t id)
{
    uint64_t about = 1 + below(world, 3);
    char types[1][FIG_TYPE_MAX + 1] = {"new"};
    fig_weekly weekly[8];
    fig_cut cuts[3];
    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_ALL;
    rule.id = id;
    snprintf(rule.name, sizeof rule.name, "rule %d", (int)id);
    rule.type = (fig_rule_type)(1 + below(world, 9));
    rule.scope = (fig_scope)below(world, 5);
    if (rule.scope == FIG_SCOPE_SHOP) about = 1;
    if (rule.scope == FIG_SCOPE_CLIENT_TYPE) {
        rule.client_types = types;
        rule.client_type_count = 1;
    } else if (rule.scope != FIG_SCOPE_ALL) {
        rule.ids = &about;
        rule.id_count = 1;
    }
    rule.priority = (int32_t)support_between(&world->random, -2, 2);
    rule.active = chance(world, 90);
    bool of_length = rule.type == FIG_RULE_MIN_DURATION || rule.type == FIG_RULE_MAX_DURATION;
    rule.limit_s = of_length ? (uint32_t)(600 * (1 + below(world, 9))) : (uint32_t)(HOUR * (1 + below(world, 30)));
    rule.limit_days = (uint32_t)(1 + below(world, 4));
    rule.clock_s = clock_of_day(world);
    rule.weekly = weekly;
    do rule.weekly_count = random_weekly(world, weekly, 8);
    while (rule.weekly_count == 0);
    rule.cuts = cuts;
    do rule.cut_count = random_cuts(world, FIG_CUT_BLACKOUT, cuts, 3);
    while (rule.cut_count == 0);
    fig_request request = fig_declare_rule_default();
    request.now_s = world->around_s - 400 * DAY;
    request.rule = &rule;
    must(world->engine, &request);
}

static void declare_barber(struct random_shop *world, uint64_t id)
{
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME | FIG_BARBER_SHOP | FIG_BARBER_PRIORITY | FIG_BARBER_ACTIVE;
    barber.id = id;
    barber.shop_id = 1;
    barber.priority = (int32_t)below(world, 3);
    barber.active = chance(world, 94);
    snprintf(barber.name, sizeof barber.name, "barber %d", (int)id);
    if (chance(world, 20)) {
        barber.fields |= FIG_BARBER_ZONE;
        snprintf(barber.zone, sizeof barber.zone, "%s", PICK(world, scenes).zone);
    }
    if (chance(world, 30)) {
        barber.fields |= FIG_BARBER_OPEN;
        barber.open = chance(world, 60) ? FIG_OPEN_ALWAYS : FIG_OPEN_HOURS;
    }
    fig_request request = fig_declare_barber_default();
    request.now_s = world->around_s - 400 * DAY;
    request.barber = &barber;
    must(world->engine, &request);
}

static void declare_barber_schedule(struct random_shop *world, uint64_t id)
{
    fig_weekly weekly[16];
    fig_cut cuts[4];
    fig_offer offers[WORLD_SERVICES];
    fig_schedule schedule = fig_schedule_default();
    schedule.owner = FIG_OWNER_BARBER;
    schedule.owner_id = id;
    schedule.fields = FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS;
    schedule.weekly = weekly;
    schedule.weekly_count = random_weekly(world, weekly, 16);
    schedule.cuts = cuts;
    schedule.cut_count = random_cuts(world, FIG_CUT_TIME_OFF, cuts, 4);
    schedule.offers = offers;
    for (uint64_t service = 1; service <= WORLD_SERVICES; service++) {
        if (chance(world, 60)) continue;
        fig_offer *offer = &offers[schedule.offer_count++];
        *offer = (fig_offer){.service_id = service, .declined = chance(world, 10)};
        offer->duration_s = chance(world, 50) ? 0 : 2400;
        offer->buffer_before_s = FIG_BUFFER_DEFAULT;
        offer->buffer_after_s = chance(world, 50) ? FIG_BUFFER_DEFAULT : 600;
    }
    fig_request request = fig_declare_schedule_default();
    request.now_s = world->around_s - 400 * DAY;
    request.schedule = &schedule;
    must(world->engine, &request);
}

static void declare_windows(struct random_shop *world, uint64_t id)
{
    fig_window windows[6];
    fig_request request = fig_declare_windows_default();
    request.now_s = world->around_s - 400 * DAY;
    request.barber_id = id;
    request.windows = windows;
    request.window_count = below(world, 7);
    for (size_t i = 0; i < request.window_count; i++) {
        windows[i] = fig_window_default();
        windows[i].kind = chance(world, 70) ? FIG_WINDOW_AVAILABLE : FIG_WINDOW_UNAVAILABLE;
        windows[i].start_s = near(world);
        windows[i].end_s = windows[i].start_s + (int64_t)(1 + below(world, 20)) * 1800;
    }
    if (request.window_count > 0) must(world->engine, &request);
}

/* ---- what has happened ---- */

static void end_some(struct random_shop *world, uint64_t id)
{
    static const fig_appointment_status ends[] = {FIG_COMPLETED, FIG_CANCELLED, FIG_NO_SHOW, FIG_CONFIRMED};
    fig_request request = fig_set_status_default();
    fig_outcome outcome = fig_outcome_default();
    request.now_s = world->now_s;
    request.appointment_id = id;
    request.status = PICK(world, ends);
    fig_set_status(world->engine, &request, &outcome);
}

/* Some as the engine takes them, some as a record of what was: also what a rule forbids now. */
static void add_appointment(struct random_shop *world)
{
    fig_wish wish = random_shop_wish(world);
    wish.barber_id = 1 + below(world, WORLD_BARBERS);
    if (wish.duration_s == 0) wish.duration_s = 1800;
    fig_request request = random_shop_booking(world, &wish, near(world) - (chance(world, 30) ? 3 * DAY : 0));
    request.as_recorded = chance(world, 70);
    request.now_s = world->now_s - (int64_t)below(world, 7200);
    fig_outcome outcome = fig_outcome_default();
    if (chance(world, 25)) {
        request.operation = FIG_OP_HOLD;
        request.as_recorded = false;
        request.ttl_s = (uint32_t)(1 + below(world, 7200)); /* some of them are over by now */
        fig_hold(world->engine, &request, &outcome);
        return;
    }
    if (fig_book(world->engine, &request, &outcome) == FIG_OK && chance(world, 40))
        end_some(world, outcome.appointment.id);
}

static void build_wall(struct random_shop *world)
{
    fig_shop shop = fig_shop_default();
    shop.id = 2;
    shop.fields = FIG_SHOP_NAME;
    snprintf(shop.name, sizeof shop.name, "beside");
    fig_request request = fig_declare_shop_default();
    request.now_s = world->now_s;
    request.shop = &shop;
    must(world->engine, &request);
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME | FIG_BARBER_SHOP | FIG_BARBER_OPEN;
    barber.id = WORLD_WALL;
    barber.shop_id = 2;
    barber.open = FIG_OPEN_ALWAYS;
    snprintf(barber.name, sizeof barber.name, "wall");
    request = fig_declare_barber_default();
    request.now_s = world->now_s;
    request.barber = &barber;
    must(world->engine, &request);
    fig_wish wish = fig_wish_default();
    wish.barber_id = WORLD_WALL;
    wish.duration_s = HOUR;
    fig_request booking = random_shop_booking(world, &wish, world->wall_s);
    booking.as_recorded = true;
    fig_outcome outcome = fig_outcome_default();
    cr_assert_eq(fig_book(world->engine, &booking, &outcome), FIG_OK);
}

struct random_shop random_shop_make(uint64_t seed)
{
    struct random_shop world = {.random = support_random_from(seed)};
    const struct scene *scene = &PICK(&world, scenes);
    world.day = scene->day + (int32_t)support_between(&world.random, -1, 1);
    world.around_s = (int64_t)world.day * DAY + 12 * HOUR;
    static const int64_t nows[] = {-3 * DAY, -DAY, -12 * HOUR, -4 * HOUR, 0, 4 * HOUR};
    world.now_s = world.around_s + PICK(&world, nows) + support_between(&world.random, 0, 3600);
    world.wall_s = world.around_s - 100 * DAY;
    fig_options options = fig_options_default();
    options.in_memory = options.create = true;
    options.random_seed = seed + 1;
    options.now_s = world.around_s - 400 * DAY;
    fig_error error = fig_error_default();
    cr_assert_eq(fig_open(NULL, &options, &world.engine, &error), FIG_OK, "%s", error.message);

    declare_shop(&world, scene->zone);
    if (chance(&world, 85)) declare_shop_schedule(&world);
    for (uint64_t id = 1; id <= WORLD_SERVICES; id++) declare_service(&world, id);
    for (uint64_t id = 1; id <= WORLD_CLIENTS; id++) declare_client(&world, id);
    for (uint64_t id = 1; id <= WORLD_BARBERS; id++) {
        declare_barber(&world, id);
        if (chance(&world, 85)) declare_barber_schedule(&world, id);
        if (chance(&world, 40)) declare_windows(&world, id);
    }
    for (size_t i = below(&world, 14); i > 0; i--) add_appointment(&world);
    for (uint64_t id = 1, count = below(&world, 6); id <= count; id++) declare_rule(&world, id);
    for (size_t i = below(&world, 6); i > 0; i--) add_appointment(&world);
    build_wall(&world);
    return world;
}

void random_shop_close(struct random_shop *world) { cr_assert_eq(fig_close(world->engine), FIG_OK); }

/* ---- asking ---- */

fig_wish random_shop_wish(struct random_shop *world)
{
    fig_wish wish = fig_wish_default();
    wish.barber_id = chance(world, 30) ? 0 : 1 + below(world, WORLD_BARBERS);
    wish.any_order = (fig_any_order)below(world, 4);
    wish.any_shop_id = 1;
    wish.service_id = chance(world, 70) ? 1 + below(world, WORLD_SERVICES) : 0;
    wish.client_id = chance(world, 70) ? 1 + below(world, WORLD_CLIENTS) : 0;
    if (wish.service_id == 0 || chance(world, 30)) wish.duration_s = (uint32_t)(300 * (1 + below(world, 24)));
    if (chance(world, 30)) wish.buffer_before_s = (uint32_t)(300 * below(world, 4));
    if (chance(world, 30)) wish.buffer_after_s = (uint32_t)(300 * below(world, 4));
    return wish;
}

fig_request random_shop_booking(const struct random_shop *world, const fig_wish *wish, int64_t start_s)
{
    fig_request request = fig_book_default();
    request.now_s = world->now_s;
    request.any = wish->barber_id == 0;
    request.any_order = wish->any_order;
    request.any_shop_id = request.any ? wish->any_shop_id : 0;
    request.barber_id = wish->barber_id;
    request.service_id = wish->service_id;
    request.client_id = wish->client_id;
    request.start_s = start_s;
    request.end_s = wish->duration_s != 0 ? start_s + wish->duration_s : 0;
    request.buffer_before_s = wish->buffer_before_s;
    request.buffer_after_s = wish->buffer_after_s;
    return request;
}

/* A batch whose other member runs into the wall is refused whatever it is; ours then says what it was at fault for, or
 * that it was not. */
fig_status random_shop_try(const struct random_shop *world, const fig_wish *wish, int64_t start_s)
{
    fig_wish into_the_wall = fig_wish_default();
    into_the_wall.barber_id = WORLD_WALL;
    into_the_wall.duration_s = HOUR;
    fig_request requests[2] = {random_shop_booking(world, wish, start_s),
                               random_shop_booking(world, &into_the_wall, world->wall_s)};
    requests[1].as_recorded = true;
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    fig_batch(world->engine, requests, 2, outcomes);
    if (outcomes[0].status != FIG_INVALID && outcomes[0].status != FIG_NOT_FOUND)
        cr_assert_eq(outcomes[1].status, FIG_CONFLICT, "the wall stands");
    return outcomes[0].status == FIG_NOT_DONE ? FIG_OK : outcomes[0].status;
}
