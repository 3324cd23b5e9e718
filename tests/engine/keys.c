/* Request keys: asking twice is doing once. */
#include "tests/engine/fixture.h"

#include <string.h>

static fig_request keyed(fig_request request, const char *key)
{
    request.key = key;
    return request;
}

/* Asked again: the first outcome, nothing changed. */
static void must_repeat(fig_engine *engine, fig_request request, const fig_outcome *first)
{
    fig_stats before = stats_of(engine);
    request.now_s += 3600; /* now does not belong to the content */
    fig_outcome again = must(engine, request, FIG_OK);
    fig_stats after = stats_of(engine);
    cr_assert(again.repeated);
    cr_assert_eq(again.version, first->version);
    cr_assert_eq(again.barber_id, first->barber_id);
    cr_assert_eq(again.appointment.id, first->appointment.id);
    cr_assert_eq(again.appointment.start_s, first->appointment.start_s);
    cr_assert_eq(again.appointment.end_s, first->appointment.end_s);
    cr_assert_eq(again.appointment.status, first->appointment.status);
    cr_assert_eq(again.appointment.version, first->appointment.version);
    must_be_equal(&before, &after);
}

Test(keys, the_same_booking_again_is_the_first_one)
{
    fig_engine *engine = fixture_engine();
    fig_request request = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "order-1");
    fig_outcome first = must(engine, request, FIG_OK);
    cr_assert_not(first.repeated);
    cr_assert_str_eq(first.appointment.key, "order-1");
    must_repeat(engine, request, &first);
    fixture_close(engine);
}

Test(keys, also_after_it_was_moved_and_cancelled)
{
    fig_engine *engine = fixture_engine();
    fig_request request = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "order-1");
    fig_outcome first = must(engine, request, FIG_OK);
    fig_request move = a_move(first.appointment.id, NOON + DAY, NOON + DAY + HOUR);
    move.barber_id = BARTOLO;
    must(engine, move, FIG_OK);
    must_repeat(engine, request, &first);
    must(engine, a_status(first.appointment.id, FIG_CANCELLED), FIG_OK);
    must_repeat(engine, request, &first);
    fixture_close(engine);
}

Test(keys, also_when_the_time_was_given_to_another)
{
    fig_engine *engine = fixture_engine();
    fig_request request = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "order-1");
    fig_outcome first = must(engine, request, FIG_OK);
    must(engine, a_status(first.appointment.id, FIG_CANCELLED), FIG_OK);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must_repeat(engine, request, &first);
    fixture_close(engine);
}

Test(keys, another_content_is_refused)
{
    fig_engine *engine = fixture_engine();
    must(engine, keyed(a_booking(FIGARO, NOON, NOON + HOUR), "k"), FIG_OK);
    fig_request others[6];
    for (int i = 0; i < 6; i++) others[i] = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "k");
    others[0].end_s += 1;
    others[1].barber_id = BARTOLO;
    others[2].client_id = 5;
    others[3].buffer_after_s = 60;
    others[4].pending = true;
    others[5].note = "by the window";
    for (int i = 0; i < 6; i++) must(engine, others[i], FIG_KEY_REUSED);
    must(engine, keyed(a_hold(FIGARO, NOON, NOON + HOUR, 60), "k"), FIG_KEY_REUSED);
    must(engine, keyed(a_status(1, FIG_CANCELLED), "k"), FIG_KEY_REUSED);
    cr_assert_eq(stats_of(engine).appointments, 1);
    fixture_close(engine);
}

Test(keys, refusals_are_not_remembered)
{
    fig_engine *engine = fixture_engine();
    uint64_t first = booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, keyed(a_booking(FIGARO, NOON, NOON + HOUR), "k"), FIG_CONFLICT);
    must(engine, keyed(a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), "k"), FIG_OK);
    must(engine, keyed(a_status(first, FIG_EXPIRED), "s"), FIG_ILLEGAL_STATUS);
    must(engine, keyed(a_status(first, FIG_CANCELLED), "s"), FIG_OK);
    fixture_close(engine);
}

Test(keys, every_write_may_carry_one)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_barber barber = fig_barber_default();
    barber.id = BARTOLO;
    barber.fields = FIG_BARBER_PRIORITY;
    barber.priority = 3;
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_PAST;
    fig_window windows[1] = {fig_window_default()};
    windows[0].start_s = NOON;
    windows[0].end_s = NOON + DAY;
    fig_request requests[8] = {
        a_move(id, NOON + HOUR, NOON + 2 * HOUR),
        a_confirmation(id),
        a_status(id, FIG_CANCELLED),
        a_window(FIG_OP_OPEN_WINDOW, BARTOLO, NOON, NOON + DAY),
        a_window(FIG_OP_CLOSE_WINDOW, BARTOLO, NOON, NOON + HOUR),
        fig_declare_barber_default(),
        fig_declare_shop_default(),
        fig_declare_windows_default(),
    };
    static const char *const keys[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    fig_outcome first[8];
    for (int i = 0; i < 8; i++) {
        requests[i].now_s = BEFORE_IT;
        requests[i].key = keys[i];
        requests[i].barber = &barber;
        requests[i].shop = &shop;
        if (requests[i].operation == FIG_OP_DECLARE_WINDOWS) {
            requests[i].barber_id = BARTOLO;
            requests[i].windows = windows;
            requests[i].window_count = 1;
        }
        first[i] = must(engine, requests[i], FIG_OK);
        cr_assert_not(first[i].repeated, "request %d", i);
    }
    for (int i = 0; i < 8; i++) must_repeat(engine, requests[i], &first[i]);
    fixture_close(engine);
}

Test(keys, of_a_booking_finds_it)
{
    fig_engine *engine = fixture_engine();
    fig_outcome first = must(engine, keyed(a_booking(FIGARO, NOON, NOON + HOUR), "order-1"), FIG_OK);
    fig_request move = fig_move_default();
    move.now_s = BEFORE_IT;
    move.booking_key = "order-1";
    move.start_s = NOON + DAY;
    move.end_s = NOON + DAY + HOUR;
    move.key = "move-1";
    cr_assert_eq(must(engine, move, FIG_OK).appointment.id, first.appointment.id);
    fig_view view = at(NOON);
    fig_appointment found = fig_appointment_default();
    must_be(fig_find_appointment(engine, &view, "order-1", &found), FIG_OK);
    cr_assert_eq(found.start_s, NOON + DAY);
    must_be(fig_find_appointment(engine, &view, "move-1", &found), FIG_NOT_FOUND);
    must_be(fig_find_appointment(engine, &view, "order-2", &found), FIG_NOT_FOUND);
    fixture_close(engine);
}

/* A booking's key is kept for good, another one 30 days of the requests' own clocks. */
Test(keys, live_as_long_as_promised)
{
    fig_engine *engine = fixture_engine();
    fig_request booking = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "b");
    fig_outcome first = must(engine, booking, FIG_OK);
    fig_request cancel = keyed(a_status(first.appointment.id, FIG_CANCELLED), "c");
    must(engine, cancel, FIG_OK);
    booking.now_s = cancel.now_s = BEFORE_IT + 30 * DAY - 1;
    cr_assert(must(engine, booking, FIG_OK).repeated);
    cr_assert(must(engine, cancel, FIG_OK).repeated);
    booking.now_s = BEFORE_IT + 300 * DAY;
    cr_assert(must(engine, booking, FIG_OK).repeated);
    cancel.now_s = BEFORE_IT + 30 * DAY;
    must(engine, cancel, FIG_ILLEGAL_STATUS); /* it is cancelled; the key no longer stands for that answer */
    fixture_close(engine);
}

/* A key whose time is up may book; then it is that booking's, by every clock. */
Test(keys, whose_time_is_up_can_book)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, keyed(a_status(id, FIG_CANCELLED), "k"), FIG_OK);
    fig_request booking = keyed(a_booking(FIGARO, NOON + 60 * DAY, NOON + 60 * DAY + HOUR), "k");
    must(engine, booking, FIG_KEY_REUSED);
    booking.now_s = BEFORE_IT + 30 * DAY;
    fig_outcome first = must(engine, booking, FIG_OK);
    fig_view view = at(NOON);
    fig_appointment found = fig_appointment_default();
    must_be(fig_find_appointment(engine, &view, "k", &found), FIG_OK);
    cr_assert_eq(found.id, first.appointment.id);
    must_repeat(engine, booking, &first);
    booking.now_s = BEFORE_IT;
    must_repeat(engine, booking, &first);
    fixture_close(engine);
}

Test(keys, of_64_bytes_but_not_of_65)
{
    fig_engine *engine = fixture_engine();
    char key[FIG_KEY_MAX + 2];
    memset(key, 'k', sizeof key);
    key[FIG_KEY_MAX] = '\0';
    fig_outcome outcome = must(engine, keyed(a_booking(FIGARO, NOON, NOON + HOUR), key), FIG_OK);
    cr_assert_str_eq(outcome.appointment.key, key);
    key[FIG_KEY_MAX] = 'k';
    key[FIG_KEY_MAX + 1] = '\0';
    cr_assert_str_eq(must(engine, keyed(a_booking(FIGARO, NOON + DAY, NOON + DAY + 1), key), FIG_INVALID).field, "key");
    cr_assert_str_eq(must(engine, keyed(a_booking(FIGARO, NOON + DAY, NOON + DAY + 1), ""), FIG_INVALID).field, "key");
    fixture_close(engine);
}

Test(keys, are_there_after_reopening)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = fixture_open(directory);
    fig_request booking = keyed(a_booking(FIGARO, NOON, NOON + HOUR), "b");
    fig_outcome first = must(engine, booking, FIG_OK);
    fig_request move = keyed(a_move(first.appointment.id, NOON + DAY, NOON + DAY + HOUR), "m");
    fig_outcome moved = must(engine, move, FIG_OK);
    for (int way = 0; way < 3; way++) {
        if (way == 1) must_be(fig_checkpoint(engine, NULL), FIG_OK);
        fixture_close(engine);
        fig_options options = fig_options_default();
        options.from_journal = way == 2;
        must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
        must_repeat(engine, booking, &first);
        must_repeat(engine, move, &moved);
        booking.client_id = 9;
        must(engine, booking, FIG_KEY_REUSED);
        booking.client_id = 0;
    }
    fixture_close(engine);
    support_remove(directory);
}

/* ---- holds ---- */

Test(keys, of_a_hold_renew_it)
{
    fig_engine *engine = fixture_engine();
    fig_request hold = keyed(a_hold(FIGARO, NOON, NOON + HOUR, 600), "h");
    uint64_t id = must(engine, hold, FIG_OK).appointment.id;
    hold.now_s += 300;
    hold.ttl_s = 900;
    fig_outcome renewed = must(engine, hold, FIG_OK);
    cr_assert_eq(renewed.appointment.id, id);
    cr_assert_eq(renewed.appointment.expires_s, BEFORE_IT + 1200);
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT + 1199));
    cr_assert(is_free(engine, FIGARO, NOON, NOON + HOUR, BEFORE_IT + 1200));
    cr_assert_eq(stats_of(engine).appointments, 1);
    fixture_close(engine);
}

Test(keys, of_a_lapsed_hold_ask_the_predicate_again)
{
    fig_engine *engine = fixture_engine();
    fig_request hold = keyed(a_hold(FIGARO, NOON, NOON + HOUR, 600), "h");
    must(engine, hold, FIG_OK);
    hold.now_s += 3600;
    must(engine, hold, FIG_OK); /* nobody took it */
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + HOUR, hold.now_s));
    fig_request over = a_booking(FIGARO, NOON, NOON + 1);
    over.now_s = hold.now_s + 600;
    must(engine, over, FIG_OK);
    hold.now_s += 3600;
    must(engine, hold, FIG_ILLEGAL_STATUS); /* it was taken, and the journal says that the hold is over */
    fixture_close(engine);
}

Test(keys, of_a_hold_that_was_confirmed_repeat_the_hold)
{
    fig_engine *engine = fixture_engine();
    fig_request hold = keyed(a_hold(FIGARO, NOON, NOON + HOUR, 600), "h");
    fig_outcome first = must(engine, hold, FIG_OK);
    must(engine, a_confirmation(first.appointment.id), FIG_OK);
    must_repeat(engine, hold, &first);
    cr_assert_eq(appointment_at(engine, first.appointment.id, NOON).status, FIG_CONFIRMED);
    fixture_close(engine);
}

Test(keys, of_a_hold_that_was_cancelled_say_so)
{
    fig_engine *engine = fixture_engine();
    fig_request hold = keyed(a_hold(FIGARO, NOON, NOON + HOUR, 600), "h");
    fig_outcome first = must(engine, hold, FIG_OK);
    must(engine, a_status(first.appointment.id, FIG_CANCELLED), FIG_OK);
    must(engine, hold, FIG_ILLEGAL_STATUS);
    fixture_close(engine);
}
