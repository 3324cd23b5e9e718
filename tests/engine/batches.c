/* Batches: all or nothing, judged on the state that all members leave. */
#include "tests/engine/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 4 };

static fig_status batch(fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) outcomes[i] = fig_outcome_default();
    return fig_batch(engine, requests, count, outcomes);
}

/* Refused, with these statuses, and nothing is changed. */
static void must_refuse(fig_engine *engine, const fig_request *requests, size_t count, const fig_status *statuses)
{
    fig_outcome outcomes[MEMBERS];
    fig_stats before = stats_of(engine);
    fig_status status = batch(engine, requests, count, outcomes), first = FIG_OK;
    for (size_t i = 0; i < count; i++) {
        cr_assert(outcomes[i].status == statuses[i], "member %zu: %s, not %s", i, fig_status_name(outcomes[i].status),
                  fig_status_name(statuses[i]));
        cr_assert_eq(outcomes[i].appointment.id, 0, "member %zu shows an appointment", i);
        cr_assert_not(outcomes[i].repeated);
        if (first == FIG_OK && statuses[i] != FIG_NOT_DONE) first = statuses[i];
    }
    cr_assert_eq(status, first);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
}

Test(batches, swap_two_appointments)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR), b = booked(engine, FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    fig_request swap[2] = {a_move(a, NOON + HOUR, NOON + 2 * HOUR), a_move(b, NOON, NOON + HOUR)};
    fig_outcome outcomes[2];
    must(engine, swap[0], FIG_CONFLICT);
    must(engine, swap[1], FIG_CONFLICT);
    must_be(batch(engine, swap, 2, outcomes), FIG_OK);
    cr_assert_eq(outcomes[0].version, outcomes[1].version, "one entry");
    cr_assert_eq(appointment_at(engine, a, NOON).start_s, NOON + HOUR);
    cr_assert_eq(appointment_at(engine, b, NOON).start_s, NOON);
    fixture_close(engine);
}

Test(batches, swap_two_barbers)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR), b = booked(engine, BARTOLO, NOON, NOON + HOUR);
    fig_request swap[2] = {a_move(a, 0, 0), a_move(b, 0, 0)};
    swap[0].barber_id = BARTOLO;
    swap[1].barber_id = FIGARO;
    fig_outcome outcomes[2];
    must_be(batch(engine, swap, 2, outcomes), FIG_OK);
    cr_assert_eq(outcomes[0].appointment.barber_id, BARTOLO);
    cr_assert_eq(outcomes[1].appointment.barber_id, FIGARO);
    fixture_close(engine);
}

Test(batches, chain_services_and_take_two_barbers_at_once)
{
    fig_engine *engine = fixture_engine();
    fig_request chain[3] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR),
                            a_booking(BARTOLO, NOON, NOON + 2 * HOUR)};
    fig_outcome outcomes[3];
    uint64_t before = stats_of(engine).version;
    must_be(batch(engine, chain, 3, outcomes), FIG_OK);
    for (int i = 0; i < 3; i++) cr_assert_eq(outcomes[i].appointment.version, before + 1);
    fixture_close(engine);
}

Test(batches, cancel_and_take_the_time_in_one)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request requests[2] = {a_booking(FIGARO, NOON, NOON + HOUR), a_status(a, FIG_CANCELLED)};
    fig_outcome outcomes[2];
    must_be(batch(engine, requests, 2, outcomes), FIG_OK);
    cr_assert_eq(stats_of(engine).active, 1);
    fixture_close(engine);
}

Test(batches, one_member_at_fault_stops_all_and_is_named)
{
    fig_engine *engine = fixture_engine();
    booked(engine, BARTOLO, NOON, NOON + HOUR);
    fig_request requests[3] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(BARTOLO, NOON, NOON + HOUR),
                               a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR)};
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_CONFLICT, FIG_NOT_DONE});
    requests[1].barber_id = 4711;
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_NOT_FOUND, FIG_NOT_DONE});
    requests[1].end_s = requests[1].start_s;
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_INVALID, FIG_NOT_DONE});
    requests[1] = a_status(1, FIG_HELD);
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_ILLEGAL_STATUS, FIG_NOT_DONE});
    requests[1] = a_status(1, FIG_CANCELLED);
    requests[1].if_version = 1;
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_STALE, FIG_NOT_DONE});
    fixture_close(engine);
}

Test(batches, members_that_meet_each_other_are_both_at_fault)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[3] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(BARTOLO, NOON, NOON + HOUR),
                               a_booking(FIGARO, NOON + HOUR - 1, NOON + 2 * HOUR)};
    must_refuse(engine, requests, 3, (fig_status[]){FIG_CONFLICT, FIG_NOT_DONE, FIG_CONFLICT});
    fixture_close(engine);
}

Test(batches, take_requests_on_appointments_alone)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[2] = {a_booking(FIGARO, NOON, NOON + HOUR),
                               a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + DAY)};
    must_refuse(engine, requests, 2, (fig_status[]){FIG_NOT_DONE, FIG_INVALID});
    fixture_close(engine);
}

Test(batches, carry_one_key_and_those_of_bookings)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request requests[3] = {a_move(a, NOON + DAY, NOON + DAY + HOUR), a_booking(FIGARO, NOON, NOON + HOUR),
                               a_status(a, FIG_CONFIRMED)};
    requests[0].key = "batch";
    requests[1].key = "order-2";
    requests[2].key = "not here";
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_NOT_DONE, FIG_INVALID});
    requests[2].key = NULL;
    fig_outcome first[3], again[3];
    must_be(batch(engine, requests, 3, first), FIG_OK);
    cr_assert_str_eq(first[1].appointment.key, "order-2");
    fig_stats before = stats_of(engine);
    must_be(batch(engine, requests, 3, again), FIG_OK);
    for (int i = 0; i < 3; i++) {
        cr_assert(again[i].repeated);
        cr_assert_eq(again[i].version, first[i].version);
        cr_assert_eq(again[i].appointment.id, first[i].appointment.id);
    }
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    requests[1].end_s += 1;
    must_refuse(engine, requests, 3, (fig_status[]){FIG_KEY_REUSED, FIG_NOT_DONE, FIG_NOT_DONE});
    fixture_close(engine);
}

/* The first outcome, also when its appointments have changed since. */
Test(batches, asked_again_later_are_answered_as_the_first_time)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[2] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(BARTOLO, NOON, NOON + HOUR)};
    requests[0].key = "pair";
    fig_outcome first[2], again[2];
    must_be(batch(engine, requests, 2, first), FIG_OK);
    must(engine, a_move(first[1].appointment.id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    must(engine, a_status(first[0].appointment.id, FIG_CANCELLED), FIG_OK);
    must_be(batch(engine, requests, 2, again), FIG_OK);
    for (int i = 0; i < 2; i++) {
        cr_assert(again[i].repeated);
        cr_expect_eq(again[i].version, first[i].version);
        cr_expect_eq(again[i].appointment.id, first[i].appointment.id);
        cr_expect_eq(again[i].appointment.start_s, first[i].appointment.start_s, "member %d shows a later time", i);
        cr_expect_eq(again[i].appointment.status, first[i].appointment.status, "member %d shows a later status", i);
        cr_expect_eq(again[i].appointment.version, first[i].appointment.version);
    }
    fixture_close(engine);
}

/* A renewed hold takes no new id, so the ids of what was booked beside it do not count it. */
Test(batches, asked_again_find_their_bookings_beside_a_renewed_hold)
{
    fig_engine *engine = fixture_engine();
    uint64_t moved = booked(engine, FIGARO, NOON + 2 * DAY, NOON + 2 * DAY + HOUR);
    fig_request hold = a_hold(FIGARO, NOON, NOON + HOUR, 600);
    hold.key = "h";
    uint64_t held = must(engine, hold, FIG_OK).appointment.id;
    fig_request requests[3] = {a_move(moved, NOON + DAY, NOON + DAY + HOUR), hold,
                               a_booking(BARTOLO, NOON, NOON + HOUR)};
    requests[0].key = "batch";
    requests[1].ttl_s = 900;
    fig_outcome first[3], again[3];
    must_be(batch(engine, requests, 3, first), FIG_OK);
    cr_assert_eq(first[1].appointment.id, held);
    must_be(batch(engine, requests, 3, again), FIG_OK);
    for (int i = 0; i < 3; i++) cr_assert_eq(again[i].appointment.id, first[i].appointment.id, "member %d", i);
    fixture_close(engine);
}

/* Once this booked its time twice: the renewal looked at the hold as it was before the batch. */
Test(batches, cannot_renew_a_hold_that_they_end)
{
    fig_engine *engine = fixture_engine();
    fig_request hold = a_hold(FIGARO, NOON, NOON + HOUR, 600);
    hold.key = "h";
    uint64_t held = must(engine, hold, FIG_OK).appointment.id;
    hold.ttl_s = 900;
    fig_request requests[3] = {a_status(held, FIG_CANCELLED), hold, a_booking(FIGARO, NOON, NOON + HOUR)};
    must_refuse(engine, requests, 3, (fig_status[]){FIG_NOT_DONE, FIG_ILLEGAL_STATUS, FIG_NOT_DONE});
    requests[0] = a_confirmation(held);
    must_refuse(engine, requests, 2, (fig_status[]){FIG_NOT_DONE, FIG_ILLEGAL_STATUS});
    cr_assert_eq(appointment_at(engine, held, BEFORE_IT).status, FIG_HELD);
    fixture_close(engine);
}

Test(batches, with_a_member_key_known_before_are_refused)
{
    fig_engine *engine = fixture_engine();
    fig_request known = a_booking(FIGARO, NOON, NOON + HOUR);
    known.key = "order-1";
    must(engine, known, FIG_OK);
    fig_request requests[2] = {a_booking(FIGARO, NOON + DAY, NOON + DAY + HOUR), known};
    must_refuse(engine, requests, 2, (fig_status[]){FIG_NOT_DONE, FIG_KEY_REUSED});
    requests[1] = requests[0];
    requests[0].key = requests[1].key = "twice";
    requests[1].barber_id = BARTOLO;
    must_refuse(engine, requests, 2, (fig_status[]){FIG_NOT_DONE, FIG_KEY_REUSED});
    fixture_close(engine);
}

Test(batches, may_work_on_what_they_just_booked)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[2] = {a_hold(FIGARO, NOON, NOON + HOUR, 60), fig_confirm_default()};
    requests[0].key = "h";
    requests[1].now_s = BEFORE_IT;
    requests[1].booking_key = "h";
    fig_outcome outcomes[2];
    must_be(batch(engine, requests, 2, outcomes), FIG_OK);
    cr_assert_eq(outcomes[0].appointment.id, outcomes[1].appointment.id);
    cr_assert_eq(outcomes[0].appointment.status, FIG_CONFIRMED, "as it is after all members");
    fixture_close(engine);
}

/* ---- sizes, of batches and of fig_write ---- */

struct many {
    fig_request requests[FIG_BATCH_MAX + 1];
    fig_outcome outcomes[FIG_BATCH_MAX + 1];
};

static struct many *many_bookings(void)
{
    struct many *many = calloc(1, sizeof *many);
    cr_assert_not_null(many);
    for (int i = 0; i <= FIG_BATCH_MAX; i++) {
        many->requests[i] = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        many->outcomes[i] = fig_outcome_default();
    }
    return many;
}

Test(batches, of_the_largest_size)
{
    fig_engine *engine = fixture_engine();
    struct many *many = many_bookings();
    must_be(fig_batch(engine, many->requests, FIG_BATCH_MAX + 1, many->outcomes), FIG_INVALID);
    cr_assert_eq(stats_of(engine).appointments, 0);
    must_be(fig_batch(engine, many->requests, FIG_BATCH_MAX, many->outcomes), FIG_OK);
    cr_assert_eq(stats_of(engine).active, FIG_BATCH_MAX);
    free(many);
    fixture_close(engine);
}

Test(batches, writes_of_the_largest_size)
{
    fig_engine *engine = fixture_engine();
    struct many *many = many_bookings();
    must_be(fig_write(engine, many->requests, FIG_BATCH_MAX + 1, many->outcomes), FIG_INVALID);
    must_be(fig_write(engine, many->requests, FIG_BATCH_MAX, many->outcomes), FIG_OK);
    must_be(fig_write(engine, many->requests, FIG_BATCH_MAX, many->outcomes), FIG_OK);
    for (int i = 0; i < FIG_BATCH_MAX; i++) cr_assert_eq(many->outcomes[i].status, FIG_CONFLICT);
    cr_assert_eq(stats_of(engine).active, FIG_BATCH_MAX);
    free(many);
    fixture_close(engine);
}

/* fig_write(): unrelated requests, each decided on what the ones before it left. */
Test(batches, writes_decide_each_request_alone)
{
    fig_engine *engine = fixture_engine();
    fig_request requests[4] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(FIGARO, NOON, NOON + HOUR),
                               a_booking(4711, NOON, NOON + HOUR), a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR)};
    fig_outcome outcomes[4];
    for (int i = 0; i < 4; i++) outcomes[i] = fig_outcome_default();
    uint64_t version = stats_of(engine).version;
    must_be(fig_write(engine, requests, 4, outcomes), FIG_OK);
    cr_assert_eq(outcomes[0].status, FIG_OK);
    cr_assert_eq(outcomes[0].version, version + 1);
    cr_assert_eq(outcomes[1].status, FIG_CONFLICT);
    cr_assert_eq(outcomes[1].version, version + 1, "judged on what the first one left");
    cr_assert_eq(outcomes[2].status, FIG_NOT_FOUND);
    cr_assert_eq(outcomes[3].status, FIG_OK);
    cr_assert_eq(outcomes[3].version, version + 2);
    fixture_close(engine);
}
