/* The nearest start that a refusal tells: it can be booked as it is told, whatever is near. */
#include "tests/engine/fixture.h"

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
