/* Open time: dated windows, cuts, barbers that are always open, inactive or past refusing. */
#include "tests/engine/fixture.h"

#include <string.h>

static fig_request windows_of(uint64_t barber_id, const fig_window *windows, size_t count)
{
    fig_request request = fig_declare_windows_default();
    request.now_s = BEFORE_IT;
    request.barber_id = barber_id;
    request.windows = windows;
    request.window_count = count;
    return request;
}

static fig_window window(fig_window_kind kind, int64_t start_s, int64_t end_s)
{
    fig_window made = fig_window_default();
    made.kind = kind;
    made.start_s = start_s;
    made.end_s = end_s;
    return made;
}

static size_t list_windows(fig_engine *engine, fig_window *found, size_t capacity)
{
    fig_view view = at(NOON);
    fig_cursor cursor = {{0}};
    size_t count = 0;
    must_be(fig_list_windows(engine, &view, FIGARO, FIG_TIME_MIN, FIG_TIME_MAX, &cursor, found, capacity, &count),
            FIG_OK);
    return count;
}

Test(windows, a_barber_of_whom_nothing_is_said_is_always_open)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + DAY, NOON + 2 * DAY), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_CLOSED); /* now it keeps hours */
    must(engine, a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + DAY - 1, NOON + DAY), FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON + 2 * DAY - 1, NOON + 2 * DAY + 1), FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON + 2 * DAY - 1, NOON + 2 * DAY), FIG_OK);
    fixture_close(engine);
}

Test(windows, a_barber_declared_always_stays_so)
{
    fig_engine *engine = fixture_engine();
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_OPEN;
    barber.open = FIG_OPEN_ALWAYS;
    declare_barber(engine, barber);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + DAY, NOON + 2 * DAY), FIG_OK);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    barber.open = FIG_OPEN_HOURS;
    declare_barber(engine, barber);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_CLOSED);
    fixture_close(engine);
}

Test(windows, that_touch_or_overlap_are_one)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_OK);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + 90 * MINUTE, NOON + 3 * HOUR), FIG_OK);
    must(engine, a_booking(FIGARO, NOON, NOON + 3 * HOUR), FIG_OK);
    fixture_close(engine);
}

Test(windows, buffers_need_no_open_time)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.buffer_before_s = request.buffer_after_s = HOUR;
    must(engine, request, FIG_OK);
    fixture_close(engine);
}

Test(windows, opened_twice_are_one_and_cost_nothing)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_stats before = stats_of(engine);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_eq(after.windows, 1);
    fixture_close(engine);
}

Test(windows, closing_lists_what_now_lies_outside_and_touches_nothing)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + 8 * HOUR), FIG_OK);
    uint64_t inside = booked(engine, FIGARO, NOON, NOON + HOUR);
    uint64_t outside = booked(engine, FIGARO, NOON + 4 * HOUR, NOON + 5 * HOUR);
    fig_request close = a_window(FIG_OP_CLOSE_WINDOW, FIGARO, NOON + 4 * HOUR + 30 * MINUTE, NOON + 6 * HOUR);
    fig_appointment others[2];
    fig_outcome outcome = fig_outcome_default();
    outcome.others = others;
    outcome.others_capacity = 2;
    must_be(fig_declare(engine, &close, &outcome), FIG_OK);
    cr_assert_eq(outcome.others_count, 1);
    cr_assert_eq(others[0].id, outside);
    cr_assert_eq(appointment_at(engine, outside, NOON).status, FIG_SCHEDULED);
    must(engine, a_confirmation(outside), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + 5 * HOUR, NOON + 6 * HOUR), FIG_CLOSED);
    must(engine, a_move(inside, NOON + 6 * HOUR, NOON + 8 * HOUR), FIG_OK);
    fixture_close(engine);
}

Test(windows, pieces_remember_where_they_were_declared_from)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + 8 * HOUR), FIG_OK);
    must(engine, a_window(FIG_OP_CLOSE_WINDOW, FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR), FIG_OK);
    fig_window found[4];
    cr_assert_eq(list_windows(engine, found, 4), 2);
    cr_assert_eq(found[0].start_s, NOON);
    cr_assert_eq(found[0].end_s, NOON + 2 * HOUR);
    cr_assert_eq(found[1].start_s, NOON + 3 * HOUR);
    cr_assert_eq(found[1].end_s, NOON + 8 * HOUR);
    cr_assert_eq(found[1].declared_start_s, NOON);
    fixture_close(engine);
}

Test(windows, cuts_reach_every_window_and_always_open_barbers)
{
    fig_engine *engine = fixture_engine();
    fig_window cut = window(FIG_WINDOW_UNAVAILABLE, NOON + HOUR, NOON + 2 * HOUR);
    must(engine, windows_of(FIGARO, &cut, 1), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + HOUR + 1), FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON, NOON + 3 * HOUR), FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_OK);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON + HOUR, NOON + 3 * HOUR), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_CLOSED); /* opening does not undo a cut */
    must(engine, a_booking(FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR), FIG_OK);
    fixture_close(engine);
}

Test(windows, declaring_replaces_all)
{
    fig_engine *engine = fixture_engine();
    fig_window two[2] = {window(FIG_WINDOW_AVAILABLE, NOON, NOON + HOUR),
                         window(FIG_WINDOW_UNAVAILABLE, NOON + DAY, NOON + 2 * DAY)};
    fig_window other = window(FIG_WINDOW_AVAILABLE, NOON + 5 * DAY, NOON + 6 * DAY), found[4];
    must(engine, windows_of(FIGARO, two, 2), FIG_OK);
    cr_assert_eq(list_windows(engine, found, 4), 2);
    cr_assert_eq(found[1].kind, FIG_WINDOW_UNAVAILABLE);
    must(engine, windows_of(FIGARO, &other, 1), FIG_OK);
    cr_assert_eq(list_windows(engine, found, 4), 1);
    cr_assert_eq(found[0].start_s, NOON + 5 * DAY);
    must(engine, windows_of(FIGARO, NULL, 0), FIG_OK);
    cr_assert_eq(list_windows(engine, found, 4), 0);
    must(engine, a_booking(FIGARO, NOON, NOON + 1), FIG_CLOSED); /* hours were kept once: none are left */
    fixture_close(engine);
}

/* As many windows as there are, but one of them twice and the other not at all. */
Test(windows, declaring_one_of_two_twice_drops_the_other)
{
    fig_engine *engine = fixture_engine();
    fig_window two[2] = {window(FIG_WINDOW_AVAILABLE, NOON, NOON + HOUR),
                         window(FIG_WINDOW_AVAILABLE, NOON + DAY, NOON + DAY + HOUR)};
    fig_window found[4];
    must(engine, windows_of(FIGARO, two, 2), FIG_OK);
    two[1] = two[0];
    must(engine, windows_of(FIGARO, two, 2), FIG_OK);
    cr_assert_eq(list_windows(engine, found, 4), 1);
    must(engine, a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), FIG_CLOSED);
    fixture_close(engine);
}

/* ---- inactive barbers and the past ---- */

Test(windows, an_inactive_barber_takes_no_bookings_and_lists_its_future_ones)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, BEFORE_IT - DAY, BEFORE_IT - DAY + HOUR);
    uint64_t future = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_ACTIVE;
    barber.active = false;
    fig_request request = fig_declare_barber_default();
    request.now_s = BEFORE_IT;
    request.barber = &barber;
    fig_appointment others[2];
    fig_outcome outcome = fig_outcome_default();
    outcome.others = others;
    outcome.others_capacity = 2;
    must_be(fig_declare(engine, &request, &outcome), FIG_OK);
    cr_assert_eq(outcome.others_count, 1);
    cr_assert_eq(others[0].id, future);
    must(engine, a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), FIG_CLOSED);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CLOSED); /* closed is said before conflict */
    must(engine, a_hold(FIGARO, NOON + DAY, NOON + DAY + HOUR, 60), FIG_CLOSED);
    must(engine, a_confirmation(future), FIG_OK);
    must(engine, a_status(future, FIG_COMPLETED), FIG_OK);
    uint64_t other = booked(engine, BARTOLO, NOON, NOON + HOUR);
    fig_request move = a_move(other, 0, 0);
    move.barber_id = FIGARO;
    must(engine, move, FIG_CLOSED);
    barber.active = true;
    declare_barber(engine, barber);
    must(engine, move, FIG_OK);
    fixture_close(engine);
}

Test(windows, the_past_is_allowed_unless_the_shop_refuses_it)
{
    fig_engine *engine = fixture_engine();
    fig_request late = a_booking(FIGARO, NOON, NOON + HOUR);
    late.now_s = NOON + 1;
    must(engine, late, FIG_OK);
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_PAST;
    shop.past = FIG_PAST_REFUSE;
    declare_shop(engine, shop);
    late = a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    late.now_s = NOON + HOUR + 1;
    must(engine, late, FIG_RULE);
    late.now_s = NOON + HOUR;
    must(engine, late, FIG_OK);
    fixture_close(engine);
}
