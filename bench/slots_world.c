#include "bench/slots_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t world_instant(int32_t day, uint32_t clock_s) { return (int64_t)day * WORLD_DAY_S + clock_s - WORLD_OFFSET_S; }

int world_weekday(int32_t day) { return (day + 3) % 7; } /* 1970-01-01 was a Thursday */

uint64_t world_random(uint64_t *chance, uint64_t bound)
{
    *chance += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = (*chance ^ *chance >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ mixed >> 31) % bound;
}

/* ------------------------------------------------------------------ drawing */

/* One of the multiples of five minutes from least to most. */
static uint32_t draw_minutes(struct slots_world *world, uint32_t least, uint32_t most)
{
    return (least + 5 * (uint32_t)world_random(&world->chance, (most - least) / 5 + 1)) * 60;
}

static bool add(struct slots_world *world, struct world_appointment appointment)
{
    if (world->appointment_count == world->appointment_capacity) {
        size_t capacity = 2 * world->appointment_capacity + 1024;
        void *more = realloc(world->appointments, capacity * sizeof *world->appointments);
        if (more == NULL) return false;
        world->appointments = more;
        world->appointment_capacity = capacity;
    }
    world->appointments[world->appointment_count++] = appointment;
    return true;
}

static void shuffle(struct slots_world *world)
{
    for (size_t i = world->appointment_count; i-- > 1;) {
        size_t other = world_random(&world->chance, i + 1);
        struct world_appointment kept = world->appointments[i];
        world->appointments[i] = world->appointments[other];
        world->appointments[other] = kept;
    }
}

static bool begin(struct slots_world *world, uint64_t seed, size_t barbers)
{
    *world = (struct slots_world){.chance = seed};
    world->barbers = calloc(barbers, sizeof *world->barbers);
    world->barber_count = barbers;
    return world->barbers != NULL;
}

void slots_world_release(struct slots_world *world)
{
    free(world->barbers);
    free(world->appointments);
}

/* About five appointments in half a day; no buffer reaches another one's time. */
static bool fill_window(struct slots_world *world, uint64_t barber_id, int32_t day, struct world_window window)
{
    uint32_t free_s = window.start_s, after_s = 0;
    for (;;) {
        uint32_t before_s = draw_minutes(world, 0, 10), pause_s = draw_minutes(world, 0, 30);
        uint32_t start_s = free_s + (before_s > after_s ? before_s : after_s) + pause_s;
        uint32_t end_s = start_s + draw_minutes(world, 15, 60);
        if (end_s > window.end_s) return true;
        after_s = draw_minutes(world, 0, 10);
        struct world_appointment appointment = {.barber_id = barber_id,
                                                .client_id = 1 + world_random(&world->chance, WORLD_CLIENTS),
                                                .start_s = world_instant(day, start_s),
                                                .end_s = world_instant(day, end_s),
                                                .before_s = before_s,
                                                .after_s = after_s};
        if (!add(world, appointment)) return false;
        free_s = end_s;
    }
}

/* Opens between 8 and 9, lunch of an hour after five hours, then five hours more. One in ten is away for an hour and a
 * half on three afternoons of the second week, one in twenty for those three days. */
static void draw_barber(struct slots_world *world, uint64_t id)
{
    struct world_barber *barber = &world->barbers[id - 1];
    uint32_t opens_s = 8 * 3600 + (uint32_t)world_random(&world->chance, 3) * 1800;
    barber->shop_id = id <= WORLD_SMALL_SIZE ? WORLD_SMALL_SHOP : 1;
    barber->hours[0] = (struct world_window){opens_s, opens_s + 5 * 3600};
    barber->hours[1] = (struct world_window){opens_s + 6 * 3600, opens_s + 11 * 3600};
    uint64_t away = world_random(&world->chance, 20);
    if (away > 2) return;
    barber->time_off_count = 1;
    barber->time_off[0].from_day = WORLD_FIRST_DAY + 8;
    barber->time_off[0].to_day = WORLD_FIRST_DAY + 10;
    if (away > 0) barber->time_off[0].clocks = (struct world_window){15 * 3600, 16 * 3600 + 1800};
}

bool slots_world_town(struct slots_world *world, uint64_t seed, size_t barbers, size_t weeks)
{
    if (!begin(world, seed, barbers)) return false;
    for (uint64_t id = 1; id <= barbers; id++) {
        draw_barber(world, id);
        for (int32_t day = WORLD_FIRST_DAY; day < WORLD_FIRST_DAY + 7 * (int32_t)weeks; day++)
            for (size_t half = 0; half < 2 && world_weekday(day) != 6; half++)
                if (!fill_window(world, id, day, world->barbers[id - 1].hours[half])) return false;
    }
    shuffle(world);
    return true;
}

bool slots_world_packed(struct slots_world *world, uint64_t seed, size_t barbers, size_t each, uint64_t with,
                        size_t after)
{
    if (!begin(world, seed, barbers)) return false;
    for (uint64_t id = 1; id <= barbers; id++) {
        world->barbers[id - 1].shop_id = 1;
        int64_t at_s = world_instant(WORLD_FIRST_DAY, 0);
        for (size_t i = 0; i < each; i++) {
            struct world_appointment appointment = {
                .barber_id = id, .start_s = at_s, .end_s = at_s + draw_minutes(world, 15, 60)};
            if (!add(world, appointment)) return false;
            bool here = id == with && i + 1 == after;
            at_s = appointment.end_s + (here ? WORLD_DURATION_S + WORLD_AFTER_S : draw_minutes(world, 0, 25));
        }
    }
    shuffle(world);
    return true;
}

/* ------------------------------------------------------------------ telling Figaro */

static int64_t before_all_s(void) { return world_instant(WORLD_FIRST_DAY, 0) - WORLD_DAY_S; }

static bool declare(fig_engine *engine, fig_request *request)
{
    fig_outcome outcome = fig_outcome_default();
    request->now_s = before_all_s();
    if (fig_declare(engine, request, &outcome) == FIG_OK) return true;
    fprintf(stderr, "bench: a declaration was refused: %s, %s, %s\n", fig_status_name(outcome.status),
            outcome.field ? outcome.field : "-", outcome.reason ? outcome.reason : "-");
    return false;
}

static bool tell_shop(fig_engine *engine, uint64_t id)
{
    fig_shop shop = fig_shop_default();
    shop.id = id;
    shop.fields = FIG_SHOP_NAME | FIG_SHOP_ZONE;
    snprintf(shop.name, sizeof shop.name, "shop %llu", (unsigned long long)id);
    snprintf(shop.zone, sizeof shop.zone, "%s", WORLD_ZONE);
    fig_request request = fig_declare_shop_default();
    request.shop = &shop;
    return declare(engine, &request);
}

static bool tell_barber(fig_engine *engine, uint64_t id, const struct world_barber *of)
{
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME | FIG_BARBER_SHOP;
    barber.id = id;
    barber.shop_id = of->shop_id;
    snprintf(barber.name, sizeof barber.name, "barber %05llu", (unsigned long long)id);
    fig_request request = fig_declare_barber_default();
    request.barber = &barber;
    return declare(engine, &request);
}

static bool tell_service(fig_engine *engine, uint32_t max_per_day)
{
    fig_service service = fig_service_default();
    service.fields = FIG_SERVICE_NAME | FIG_SERVICE_DURATION | FIG_SERVICE_BUFFER_AFTER | FIG_SERVICE_MAX_PER_DAY;
    service.id = WORLD_SERVICE;
    snprintf(service.name, sizeof service.name, "Cut");
    service.duration_s = WORLD_DURATION_S;
    service.buffer_after_s = WORLD_AFTER_S;
    service.max_per_day = max_per_day;
    fig_request request = fig_declare_service_default();
    request.service = &service;
    return declare(engine, &request);
}

static fig_request booking_of(const struct world_appointment *appointment)
{
    fig_request request = fig_book_default();
    request.now_s = before_all_s();
    request.barber_id = appointment->barber_id;
    request.client_id = appointment->client_id;
    request.service_id = WORLD_SERVICE;
    request.start_s = appointment->start_s;
    request.end_s = appointment->end_s;
    request.buffer_before_s = appointment->before_s;
    request.buffer_after_s = appointment->after_s;
    return request;
}

static bool tell_appointments(const struct slots_world *world, fig_engine *engine)
{
    fig_request *requests = malloc(FIG_BATCH_MAX * sizeof *requests);
    fig_outcome *outcomes = malloc(FIG_BATCH_MAX * sizeof *outcomes);
    bool good = requests != NULL && outcomes != NULL;
    for (size_t done = 0, now; done < world->appointment_count && good; done += now) {
        now = world->appointment_count - done < FIG_BATCH_MAX ? world->appointment_count - done : FIG_BATCH_MAX;
        for (size_t i = 0; i < now; i++) {
            requests[i] = booking_of(&world->appointments[done + i]);
            outcomes[i] = fig_outcome_default();
        }
        good = fig_write(engine, requests, now, outcomes) == FIG_OK;
        for (size_t i = 0; i < now && good; i++) good = outcomes[i].status == FIG_OK;
    }
    free(requests);
    free(outcomes);
    if (!good) fprintf(stderr, "bench: the engine did not take the world's appointments\n");
    return good;
}

static bool tell_hours(fig_engine *engine, uint64_t id, const struct world_barber *of)
{
    fig_weekly weekly[12];
    fig_cut cuts[WORLD_CUTS_MAX];
    if (of->hours[0].end_s == 0) return true;
    for (uint8_t i = 0; i < 12; i++) weekly[i] = (fig_weekly){i / 2, of->hours[i % 2].start_s, of->hours[i % 2].end_s};
    for (size_t i = 0; i < of->time_off_count; i++)
        cuts[i] = (fig_cut){.kind = FIG_CUT_TIME_OFF,
                            .whole_days = of->time_off[i].clocks.end_s == 0,
                            .from_day = of->time_off[i].from_day,
                            .to_day = of->time_off[i].to_day,
                            .start_s = of->time_off[i].clocks.start_s,
                            .end_s = of->time_off[i].clocks.end_s};
    fig_schedule schedule = fig_schedule_default();
    schedule.fields = FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS;
    schedule.owner = FIG_OWNER_BARBER;
    schedule.owner_id = id;
    schedule.weekly = weekly;
    schedule.weekly_count = 12;
    schedule.cuts = cuts;
    schedule.cut_count = of->time_off_count;
    fig_request request = fig_declare_schedule_default();
    request.schedule = &schedule;
    return declare(engine, &request);
}

static bool tell_limits(fig_engine *engine, uint64_t shop_id)
{
    fig_schedule schedule = fig_schedule_default();
    schedule.fields = FIG_SCHEDULE_GRID | FIG_SCHEDULE_LEAD | FIG_SCHEDULE_HORIZON;
    schedule.owner = FIG_OWNER_SHOP;
    schedule.owner_id = shop_id;
    schedule.grid_s = WORLD_GRID_S;
    schedule.lead_s = WORLD_LEAD_S;
    schedule.horizon_days = WORLD_HORIZON_DAYS;
    fig_request request = fig_declare_schedule_default();
    request.schedule = &schedule;
    return declare(engine, &request);
}

/* Hours come after the appointments and say nothing of them, as in a shop that changes to Figaro. */
bool slots_world_tell(const struct slots_world *world, fig_engine *engine)
{
    bool hours = world->barbers[0].hours[0].end_s != 0;
    bool good = tell_shop(engine, 1) && tell_shop(engine, WORLD_SMALL_SHOP) && tell_service(engine, 0);
    for (size_t i = 0; i < world->barber_count && good; i++) good = tell_barber(engine, i + 1, &world->barbers[i]);
    good = good && tell_appointments(world, engine);
    for (size_t i = 0; i < world->barber_count && good; i++) good = tell_hours(engine, i + 1, &world->barbers[i]);
    return good && (!hours || (tell_limits(engine, 1) && tell_limits(engine, WORLD_SMALL_SHOP)));
}

static bool tell_rule(fig_engine *engine, fig_rule rule)
{
    rule.fields = FIG_RULE_NAME | FIG_RULE_TYPE;
    snprintf(rule.name, sizeof rule.name, "%s", fig_rule_type_name(rule.type));
    fig_request request = fig_declare_rule_default();
    request.rule = &rule;
    return declare(engine, &request);
}

bool slots_world_tell_rules(fig_engine *engine)
{
    fig_weekly weekly[7];
    for (uint8_t i = 0; i < 7; i++) weekly[i] = (fig_weekly){i, WORLD_OPENS_S, WORLD_CLOSES_S};
    fig_rule advance = fig_rule_default(), longest = fig_rule_default(), business = fig_rule_default();
    advance.type = FIG_RULE_MIN_ADVANCE;
    advance.limit_s = WORLD_ADVANCE_S;
    longest.type = FIG_RULE_MAX_DURATION;
    longest.limit_s = WORLD_LONGEST_S;
    business.type = FIG_RULE_BUSINESS_HOURS;
    business.weekly = weekly;
    business.weekly_count = 7;
    return tell_service(engine, WORLD_MAX_PER_DAY) && tell_rule(engine, advance) && tell_rule(engine, longest) &&
           tell_rule(engine, business);
}
