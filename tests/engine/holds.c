/* Holds: time promised for a while, by the clocks that the requests bring. */
#include "tests/engine/fixture.h"

Test(holds, block_until_the_second_they_expire)
{
    fig_engine *engine = fixture_engine();
    fig_outcome hold = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK);
    cr_assert_eq(hold.appointment.expires_s, BEFORE_IT + 600);
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT + 599));
    cr_assert(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT + 600));
    fig_request booking = a_booking(FIGARO, NOON, NOON + HOUR);
    booking.now_s = BEFORE_IT + 599;
    must(engine, booking, FIG_CONFLICT);
    booking.now_s = BEFORE_IT + 600;
    must(engine, booking, FIG_OK);
    fixture_close(engine);
}

Test(holds, read_as_expired_when_they_are_over)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK).appointment.id;
    fig_stats before = stats_of(engine);
    cr_assert_eq(appointment_at(engine, id, BEFORE_IT + 599).status, FIG_HELD);
    cr_assert_eq(appointment_at(engine, id, BEFORE_IT + 600).status, FIG_EXPIRED);
    cr_assert_eq(appointment_at(engine, id, BEFORE_IT).status, FIG_HELD, "reading changes nothing");
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_eq(after.active, 1, "journaled state alone");
    fixture_close(engine);
}

Test(holds, that_are_over_cannot_be_confirmed_moved_or_cancelled)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK).appointment.id;
    fig_request late[3] = {a_confirmation(id), a_move(id, NOON + DAY, NOON + DAY + HOUR), a_status(id, FIG_CANCELLED)};
    for (int i = 0; i < 3; i++) {
        late[i].now_s = BEFORE_IT + 600;
        must(engine, late[i], FIG_ILLEGAL_STATUS);
    }
    late[0].now_s = BEFORE_IT + 599;
    must(engine, late[0], FIG_OK);
    fixture_close(engine);
}

/* Once the journal says that a hold is over, no clock brings it back. */
Test(holds, that_were_taken_stay_over_when_clocks_jump_back)
{
    fig_engine *engine = fixture_engine();
    uint64_t hold = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK).appointment.id;
    fig_request late = a_booking(FIGARO, NOON + 30 * MINUTE, NOON + 2 * HOUR);
    late.now_s = BEFORE_IT + DAY;
    uint64_t taken = must(engine, late, FIG_OK).appointment.id;
    fig_appointment over = appointment_at(engine, hold, BEFORE_IT);
    cr_assert_eq(over.status, FIG_EXPIRED);
    cr_assert_eq(over.version, appointment_at(engine, taken, BEFORE_IT).version, "one entry says both");
    must(engine, a_booking(FIGARO, NOON, NOON + 30 * MINUTE), FIG_OK); /* by a clock before the hold's end */
    cr_assert_eq(stats_of(engine).active, 2);
    fixture_close(engine);
}

Test(holds, that_nobody_took_block_again_when_clocks_jump_back)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK);
    cr_assert(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT + 601));
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT));
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    fixture_close(engine);
}

Test(holds, several_that_are_over_give_way_to_one_booking)
{
    fig_engine *engine = fixture_engine();
    for (int i = 0; i < 5; i++) must(engine, a_hold(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR, 60), FIG_OK);
    fig_request whole_day = a_booking(FIGARO, NOON, NOON + 5 * HOUR);
    whole_day.now_s = BEFORE_IT + 59;
    must(engine, whole_day, FIG_CONFLICT);
    whole_day.now_s = BEFORE_IT + 60;
    must(engine, whole_day, FIG_OK);
    cr_assert_eq(stats_of(engine).active, 1);
    fixture_close(engine);
}

Test(holds, that_were_agreed_elsewhere_give_way_to_appointments_alone)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_request hold = a_hold(FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR, 600);
    must(engine, hold, FIG_CLOSED);
    hold.as_recorded = true;
    must(engine, hold, FIG_OK);
    must(engine, hold, FIG_CONFLICT);
    fixture_close(engine);
}

/* Over, and its time still free: no rule and no closed time keeps it from living on, as none did at first. */
Test(holds, that_were_agreed_elsewhere_are_renewed_after_they_lapsed)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_request hold = a_hold(FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR, 600);
    hold.as_recorded = true;
    hold.key = "elsewhere";
    must(engine, hold, FIG_OK);
    hold.now_s += 1200;
    must(engine, hold, FIG_OK);
    hold.now_s += 1200;
    hold.as_recorded = false;
    must(engine, hold, FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_OK);
    fixture_close(engine);
}

Test(holds, conflict_with_each_other)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK);
    must(engine, a_hold(FIGARO, NOON + HOUR - 1, NOON + 2 * HOUR, 600), FIG_CONFLICT);
    must(engine, a_hold(FIGARO, NOON + HOUR, NOON + 2 * HOUR, 600), FIG_OK);
    fixture_close(engine);
}

Test(holds, keep_their_time_when_moved)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK).appointment.id;
    fig_outcome moved = must(engine, a_move(id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    cr_assert_eq(moved.appointment.status, FIG_HELD);
    cr_assert_eq(moved.appointment.expires_s, BEFORE_IT + 600);
    cr_assert(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT));
    fixture_close(engine);
}
