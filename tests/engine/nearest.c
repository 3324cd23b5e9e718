/* The nearest start that a refusal tells: it can be booked as it is told, whatever is near, and none is nearer. Budget:
 * three seconds. */
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

static fig_request asking(fig_request request)
{
    request.nearest = true;
    return request;
}

static fig_request any_booking(int64_t start_s, int64_t end_s, fig_any_order order)
{
    fig_request request = asking(a_booking(0, start_s, end_s));
    request.any = true;
    request.any_order = order;
    return request;
}

static void must_tell(const fig_outcome *outcome, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    cr_assert_eq(outcome->nearest_barber_id, barber_id);
    cr_assert_eq(outcome->nearest_s, start_s, "%lld", (long long)outcome->nearest_s);
    cr_assert_eq(outcome->nearest_end_s, end_s, "%lld", (long long)outcome->nearest_end_s);
}

Test(nearest, ends_by_the_last_instant)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, FIG_TIME_MAX - HOUR, FIG_TIME_MAX);
    fig_outcome refused = must(engine, asking(a_booking(FIGARO, FIG_TIME_MAX - HOUR / 2, FIG_TIME_MAX)), FIG_CONFLICT);
    must_tell(&refused, FIGARO, FIG_TIME_MAX - 3 * HOUR / 2, FIG_TIME_MAX - HOUR);
    booked(engine, FIGARO, refused.nearest_s, refused.nearest_end_s);
    booked(engine, BARTOLO, FIG_TIME_MAX - HOUR, FIG_TIME_MAX);
    refused = must(engine, any_booking(FIG_TIME_MAX - HOUR / 2, FIG_TIME_MAX, FIG_ANY_FIRST), FIG_CONFLICT);
    must_tell(&refused, BARTOLO, FIG_TIME_MAX - 3 * HOUR / 2, FIG_TIME_MAX - HOUR);
    fixture_close(engine);
}

Test(nearest, begins_at_the_first_instant_at_the_earliest)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, FIG_TIME_MIN, FIG_TIME_MIN + 40 * DAY);
    fig_request request = asking(a_booking(FIGARO, FIG_TIME_MIN, FIG_TIME_MIN + HOUR));
    request.now_s = FIG_TIME_MIN + DAY; /* over, so that what is over may be told */
    fig_outcome refused = must(engine, request, FIG_CONFLICT);
    must_tell(&refused, FIGARO, FIG_TIME_MIN + 40 * DAY, FIG_TIME_MIN + 40 * DAY + HOUR);
    fixture_close(engine);
}

Test(nearest, of_any_barber_is_with_whom_a_booking_would_take)
{
    fig_engine *engine = fixture_engine();
    fig_barber barber = fig_barber_default();
    barber.id = BARTOLO;
    barber.fields = FIG_BARBER_PRIORITY;
    barber.priority = 5;
    declare_barber(engine, barber);
    booked(engine, FIGARO, NOON, NOON + 4 * HOUR);
    booked(engine, BARTOLO, NOON, NOON + 4 * HOUR);
    fig_outcome refused = must(engine, any_booking(NOON, NOON + HOUR, FIG_ANY_PRIORITY), FIG_CONFLICT);
    must_tell(&refused, BARTOLO, NOON - HOUR, NOON);
    fig_outcome taken = must(engine, any_booking(NOON - HOUR, NOON, FIG_ANY_PRIORITY), FIG_OK);
    cr_assert_eq(taken.appointment.barber_id, BARTOLO);
    fixture_close(engine);
}

Test(nearest, of_a_member_is_beside_the_other_members)
{
    fig_engine *engine = fixture_engine();
    uint64_t moved = booked(engine, FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_outcome outcomes[3];
    for (size_t i = 0; i < 3; i++) outcomes[i] = fig_outcome_default();
    const fig_request members[3] = {
        asking(a_booking(FIGARO, NOON + HOUR / 4, NOON + HOUR)), /* 15 minutes nearer to what is after it */
        a_booking(FIGARO, NOON + 3 * HOUR, NOON + 4 * HOUR),
        a_move(moved, NOON - HOUR, NOON),
    };
    cr_assert_eq(fig_batch(engine, members, 3, outcomes), FIG_CONFLICT);
    cr_assert_eq(outcomes[0].status, FIG_CONFLICT);
    must_tell(&outcomes[0], FIGARO, NOON + HOUR, NOON + 7 * HOUR / 4);
    cr_assert_eq(outcomes[1].status, FIG_NOT_DONE);
    cr_assert_eq(outcomes[1].nearest_barber_id, 0);
    const fig_request accepted[3] = {a_booking(FIGARO, outcomes[0].nearest_s, outcomes[0].nearest_end_s), members[1],
                                     members[2]};
    must_be(fig_batch(engine, accepted, 3, outcomes), FIG_OK);
    fixture_close(engine);
}

/* ---- against all starts that could be it ---- */

enum { MEMBERS = 3, QUARTERS = 40, BATCHES = 1000, BOOKINGS = 200 };

/* The clients' appointments do not meet, and one service is had once a day. */
static fig_engine *strict_engine(struct support_random *random)
{
    fig_engine *engine = fixture_engine();
    fig_service service = fig_service_default();
    service.id = 1;
    service.fields = FIG_SERVICE_NAME | FIG_SERVICE_MAX_PER_DAY;
    strcpy(service.name, "Cut");
    service.max_per_day = 1;
    fig_request request = fig_declare_service_default();
    request.now_s = BEFORE_IT;
    request.service = &service;
    must(engine, request, FIG_OK);
    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_NAME | FIG_RULE_TYPE;
    strcpy(rule.name, "one chair");
    rule.type = FIG_RULE_CLIENT_OVERLAP;
    request = fig_declare_rule_default();
    request.now_s = BEFORE_IT;
    request.rule = &rule;
    must(engine, request, FIG_OK);
    set_buffers(engine, support_chance(random, 50) ? FIG_BUFFERS_EXCLUSIVE : FIG_BUFFERS_SHARED);
    return engine;
}

static fig_request random_booking(struct support_random *random)
{
    int64_t start_s = NOON + (int64_t)support_below(random, QUARTERS) * 15 * MINUTE;
    uint64_t barber_id = FIGARO + support_below(random, 2);
    fig_request request =
        a_booking(barber_id, start_s, start_s + (int64_t)(1 + support_below(random, 4)) * 15 * MINUTE);
    request.client_id = 1 + support_below(random, 2);
    request.service_id = support_below(random, 2);
    request.buffer_before_s = (uint32_t)support_below(random, 3) * 300;
    request.buffer_after_s = (uint32_t)support_below(random, 3) * 300;
    return request;
}

static uint64_t fill_day(fig_engine *engine, struct support_random *random)
{
    uint64_t made = 0;
    for (int i = 0; i < 10; i++) made += ask(engine, random_booking(random)).status == FIG_OK;
    return made;
}

static fig_request random_member(struct support_random *random, uint64_t made)
{
    fig_request request = random_booking(random);
    if (made == 0 || support_chance(random, 50)) return asking(request);
    return asking(a_move(1 + support_below(random, made), request.start_s, request.end_s));
}

/* Whether another member is about the same appointment: then the last of them says where it is. */
static bool is_shared(const fig_request *members, size_t member)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (i != member && members[i].appointment_id != 0 &&
            members[i].appointment_id == members[member].appointment_id)
            return true;
    return false;
}

/* The member as it was told is not at fault any more; nothing else is asked of the batch. */
static void must_do(fig_engine *engine, const fig_request *members, size_t member, const fig_outcome *told)
{
    fig_request again[MEMBERS];
    fig_outcome outcomes[MEMBERS];
    memcpy(again, members, sizeof again);
    for (size_t i = 0; i < MEMBERS; i++) outcomes[i] = fig_outcome_default();
    again[member].start_s = told->nearest_s;
    again[member].end_s = told->nearest_end_s;
    fig_batch(engine, again, MEMBERS, outcomes);
    fig_status status = outcomes[member].status;
    cr_assert(status == FIG_OK || status == FIG_NOT_DONE, "member %zu: %s", member, fig_status_name(status));
}

Test(nearest, of_random_members_would_do)
{
    size_t told = 0;
    for (uint64_t seed = 1; seed <= BATCHES; seed++) {
        struct support_random random = support_random_from(seed);
        fig_engine *engine = strict_engine(&random);
        uint64_t made = fill_day(engine, &random);
        fig_request members[MEMBERS];
        fig_outcome outcomes[MEMBERS];
        for (size_t i = 0; i < MEMBERS; i++) members[i] = random_member(&random, made);
        for (size_t i = 0; i < MEMBERS; i++) outcomes[i] = fig_outcome_default();
        fig_batch(engine, members, MEMBERS, outcomes);
        size_t first = 0; /* what does is done: one a batch */
        while (first < MEMBERS && (outcomes[first].nearest_barber_id == 0 || is_shared(members, first))) first++;
        if (first < MEMBERS) must_do(engine, members, first, &outcomes[first]);
        told += first < MEMBERS;
        fixture_close(engine);
    }
    cr_assert_gt(told, 100);
}

/* Whether this booking could begin there: the next free start from there on, to where it would end. */
static bool fits(fig_engine *engine, const fig_request *request, int64_t start_s, uint64_t *barber_id)
{
    fig_view view = at(request->now_s);
    fig_wish wish = fig_wish_default();
    fig_slot slot = fig_slot_default();
    wish.barber_id = request->barber_id;
    wish.any_order = request->any_order;
    wish.client_id = request->client_id;
    wish.service_id = request->service_id;
    wish.duration_s = (uint32_t)(request->end_s - request->start_s);
    wish.buffer_before_s = request->buffer_before_s;
    wish.buffer_after_s = request->buffer_after_s;
    if (fig_find_next(engine, &view, &wish, start_s, start_s + wish.duration_s, &slot, NULL) != FIG_OK) return false;
    *barber_id = slot.barber_id;
    return true;
}

static void must_be_nearest(fig_engine *engine, const fig_request *request, const fig_outcome *told)
{
    int64_t away_s = told->nearest_s - request->start_s, length_s = request->end_s - request->start_s;
    uint64_t barber_id = 0;
    cr_assert_eq(told->nearest_end_s - told->nearest_s, length_s);
    cr_assert(fits(engine, request, told->nearest_s, &barber_id) && barber_id == told->nearest_barber_id);
    for (int64_t s = 0; s < llabs(away_s); s++) {
        cr_assert_not(fits(engine, request, request->start_s + s, &barber_id), "%lld s after", (long long)s);
        cr_assert_not(fits(engine, request, request->start_s - s, &barber_id), "%lld s before", (long long)s);
    }
    if (away_s < 0) cr_assert_not(fits(engine, request, request->start_s - away_s, &barber_id), "later comes first");
}

Test(nearest, of_random_bookings_has_none_nearer)
{
    size_t told = 0;
    for (uint64_t seed = 1; seed <= BOOKINGS; seed++) {
        struct support_random random = support_random_from(seed);
        fig_engine *engine = strict_engine(&random);
        fill_day(engine, &random);
        fig_request request = asking(random_booking(&random));
        request.any = support_chance(&random, 50);
        if (request.any) request.barber_id = 0;
        if (request.any) request.any_order = (fig_any_order)support_below(&random, 4);
        fig_outcome outcome = ask(engine, request);
        if (outcome.nearest_barber_id != 0) must_be_nearest(engine, &request, &outcome);
        told += outcome.nearest_barber_id != 0;
        fixture_close(engine);
    }
    cr_assert_gt(told, 50);
}
