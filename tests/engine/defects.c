/* The defects of the app that Figaro replaces, each as a case that must come out right. The numbers are those of the
 * list in which they were found: 1 a conflict check that failed open, 2 a check that raced its insert or was not made
 * at all, 3 a window of an hour around the start, and buffers that half of the paths forgot. */
#include "tests/engine/fixture.h"

#include <pthread.h>
#include <string.h>

/* ---- 1: five identical bookings in a row, all accepted ---- */

Test(defects, five_identical_bookings_make_one)
{
    fig_engine *engine = fixture_engine();
    uint64_t first = booked(engine, FIGARO, NOON, NOON + 30 * MINUTE);
    for (int i = 0; i < 4; i++) {
        fig_appointment blocker = fig_appointment_default();
        fig_request request = a_booking(FIGARO, NOON, NOON + 30 * MINUTE);
        fig_outcome outcome = fig_outcome_default();
        outcome.others = &blocker;
        outcome.others_capacity = 1;
        must_be(fig_book(engine, &request, &outcome), FIG_CONFLICT);
        cr_assert_eq(outcome.status, FIG_CONFLICT);
        cr_assert_eq(outcome.others_count, 1);
        cr_assert_eq(blocker.id, first);
        cr_assert_eq(outcome.appointment.id, 0, "a refusal shows no appointment");
    }
    cr_assert_eq(stats_of(engine).active, 1);
    booked(engine, BARTOLO, NOON, NOON + 30 * MINUTE);
    fixture_close(engine);
}

/* ---- 2: two clients that both pass the check ---- */

enum { CLIENTS = 6, ROUNDS = 60 };

struct client {
    fig_engine *engine;
    pthread_barrier_t *barrier;
    unsigned won[ROUNDS];
};

static void *book_every_round(void *argument)
{
    struct client *client = argument;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = NOON + round * HOUR;
        pthread_barrier_wait(client->barrier);
        client->won[round] = ask(client->engine, a_booking(FIGARO, start, start + HOUR)).status == FIG_OK;
    }
    return NULL;
}

Test(defects, of_clients_racing_for_a_slot_one_wins)
{
    fig_engine *engine = fixture_engine();
    pthread_barrier_t barrier;
    pthread_t threads[CLIENTS];
    struct client clients[CLIENTS];
    pthread_barrier_init(&barrier, NULL, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.engine = engine, .barrier = &barrier};
        cr_assert_eq(pthread_create(&threads[i], NULL, book_every_round, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) pthread_join(threads[i], NULL);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned winners = 0;
        for (int i = 0; i < CLIENTS; i++) winners += clients[i].won[round];
        cr_expect_eq(winners, 1, "round %d has %u winners", round, winners);
    }
    cr_assert_eq(stats_of(engine).active, ROUNDS);
    pthread_barrier_destroy(&barrier);
    fixture_close(engine);
}

Test(defects, confirming_checks)
{
    fig_engine *engine = fixture_engine();
    uint64_t hold = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 600), FIG_OK).appointment.id;
    fig_request over = a_booking(FIGARO, NOON, NOON + HOUR);
    over.now_s = BEFORE_IT + 600;
    must(engine, over, FIG_OK);
    for (int64_t now = BEFORE_IT - DAY; now <= BEFORE_IT + DAY; now += DAY) {
        fig_request confirm = a_confirmation(hold);
        confirm.now_s = now; /* also by a clock that stands before the hold's end */
        must(engine, confirm, FIG_ILLEGAL_STATUS);
    }
    cr_assert_eq(stats_of(engine).active, 1);
    fixture_close(engine);
}

Test(defects, moving_checks_and_is_not_in_its_own_way)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR);
    uint64_t b = booked(engine, FIGARO, NOON + 2 * HOUR, NOON + 3 * HOUR);
    must(engine, a_move(a, NOON + 2 * HOUR, NOON + 3 * HOUR), FIG_CONFLICT);
    must(engine, a_move(a, NOON + 30 * MINUTE, NOON + 90 * MINUTE), FIG_OK);
    must(engine, a_move(a, NOON + HOUR, NOON + 2 * HOUR), FIG_OK);
    must(engine, a_move(b, NOON + 2 * HOUR - 1, NOON + 3 * HOUR), FIG_CONFLICT);
    cr_assert_eq(appointment_at(engine, b, NOON).start_s, NOON + 2 * HOUR);
    fixture_close(engine);
}

Test(defects, changing_the_barber_or_the_length_checks)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR);
    booked(engine, BARTOLO, NOON + 30 * MINUTE, NOON + 2 * HOUR);
    booked(engine, FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    fig_request to_bartolo = a_move(a, 0, 0);
    to_bartolo.barber_id = BARTOLO;
    must(engine, to_bartolo, FIG_CONFLICT);
    must(engine, a_move(a, NOON, NOON + HOUR + 1), FIG_CONFLICT); /* another service, a second longer */
    fig_request with_buffer = a_move(a, 0, 0);
    with_buffer.buffer_after_s = MINUTE;
    must(engine, with_buffer, FIG_CONFLICT);
    cr_assert_eq(appointment_at(engine, a, NOON).barber_id, FIGARO);
    fixture_close(engine);
}

Test(defects, calling_back_a_cancelled_appointment_checks)
{
    fig_engine *engine = fixture_engine();
    uint64_t a = booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_status(a, FIG_CANCELLED), FIG_OK);
    uint64_t b = booked(engine, FIGARO, NOON + 30 * MINUTE, NOON + 40 * MINUTE);
    must(engine, a_status(a, FIG_SCHEDULED), FIG_CONFLICT);
    must(engine, a_status(b, FIG_NO_SHOW), FIG_OK);
    must(engine, a_status(a, FIG_SCHEDULED), FIG_OK);
    must(engine, a_status(b, FIG_SCHEDULED), FIG_CONFLICT);
    fixture_close(engine);
}

/* ---- 3: long appointments, and every buffer ---- */

Test(defects, a_long_appointment_is_found_whenever_it_began)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, NOON - FIG_DURATION_MAX, NOON);
    must(engine, a_booking(FIGARO, NOON - 1, NOON), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON - FIG_DURATION_MAX + 1, NOON - FIG_DURATION_MAX + 2), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON - 90 * MINUTE, NOON - 60 * MINUTE), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON, NOON + 1), FIG_OK);
    must(engine, a_booking(FIGARO, NOON - FIG_DURATION_MAX - 1, NOON - FIG_DURATION_MAX), FIG_OK);
    fixture_close(engine);
}

Test(defects, a_long_appointment_is_found_behind_many_short_ones)
{
    fig_engine *engine = fixture_engine();
    for (int i = 0; i < 500; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + i * HOUR + 30 * MINUTE);
    must(engine, a_booking(FIGARO, NOON - DAY, NOON + 30 * DAY), FIG_CONFLICT);
    uint64_t longest = booked(engine, FIGARO, NOON - 300 * DAY, NOON);
    fig_request probe = a_booking(FIGARO, NOON - 2 * HOUR, NOON - HOUR);
    fig_appointment blocker = fig_appointment_default();
    fig_outcome outcome = fig_outcome_default();
    outcome.others = &blocker;
    outcome.others_capacity = 1;
    must_be(fig_book(engine, &probe, &outcome), FIG_CONFLICT);
    cr_assert_eq(outcome.others_count, 1);
    cr_assert_eq(blocker.id, longest);
    fixture_close(engine);
}

/* An appointment from NOON to an hour later with ten minutes around it. */
static uint64_t buffered(fig_engine *engine)
{
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.buffer_before_s = request.buffer_after_s = 10 * MINUTE;
    return must(engine, request, FIG_OK).appointment.id;
}

Test(defects, buffers_of_the_existing_appointment_count)
{
    fig_engine *engine = fixture_engine();
    buffered(engine);
    must(engine, a_booking(FIGARO, NOON - HOUR, NOON - 10 * MINUTE + 1), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON + 70 * MINUTE - 1, NOON + 2 * HOUR), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON - HOUR, NOON - 10 * MINUTE), FIG_OK);
    must(engine, a_booking(FIGARO, NOON + 70 * MINUTE, NOON + 2 * HOUR), FIG_OK);
    fixture_close(engine);
}

Test(defects, buffers_of_the_new_appointment_count)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request after = a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), before = a_booking(FIGARO, NOON - HOUR, NOON);
    after.buffer_before_s = 1;
    before.buffer_after_s = 1;
    must(engine, after, FIG_CONFLICT);
    must(engine, before, FIG_CONFLICT);
    after.buffer_before_s = before.buffer_after_s = 0;
    after.buffer_after_s = before.buffer_before_s = FIG_BUFFER_MAX;
    must(engine, after, FIG_OK);
    must(engine, before, FIG_OK);
    fixture_close(engine);
}

Test(defects, shared_buffers_may_overlap_each_other_not_service)
{
    fig_engine *engine = fixture_engine();
    buffered(engine);
    fig_request request = a_booking(FIGARO, NOON + 70 * MINUTE, NOON + 2 * HOUR);
    request.buffer_before_s = 10 * MINUTE; /* the ten minutes between serve both */
    must(engine, request, FIG_OK);
    fixture_close(engine);
}

Test(defects, exclusive_buffers_may_not_overlap)
{
    fig_engine *engine = fixture_engine();
    set_buffers(engine, FIG_BUFFERS_EXCLUSIVE);
    buffered(engine);
    fig_request request = a_booking(FIGARO, NOON + 80 * MINUTE - 1, NOON + 2 * HOUR);
    request.buffer_before_s = 10 * MINUTE;
    must(engine, request, FIG_CONFLICT);
    request.start_s += 1;
    must(engine, request, FIG_OK);
    fixture_close(engine);
}

/* Every way to block time asks the same predicate about the same buffers. */
Test(defects, buffers_count_in_every_path)
{
    fig_engine *engine = fixture_engine();
    buffered(engine);
    int64_t start = NOON + 65 * MINUTE, end = NOON + 2 * HOUR;
    must(engine, a_booking(FIGARO, start, end), FIG_CONFLICT);
    must(engine, a_hold(FIGARO, start, end, 60), FIG_CONFLICT);
    uint64_t other = booked(engine, BARTOLO, start, end);
    fig_request move = a_move(other, 0, 0);
    move.barber_id = FIGARO;
    must(engine, move, FIG_CONFLICT);
    fig_outcome outcome = fig_outcome_default();
    fig_request booking = a_booking(FIGARO, start, end);
    must_be(fig_batch(engine, &booking, 1, &outcome), FIG_CONFLICT);
    must_be(fig_write(engine, &booking, 1, &outcome), FIG_OK);
    cr_assert_eq(outcome.status, FIG_CONFLICT);
    cr_assert_not(is_free(engine, FIGARO, start, end, NOON));
    cr_assert(is_free(engine, FIGARO, NOON + 70 * MINUTE, end, NOON));
    fixture_close(engine);
}

/* ---- every listed start is bookable, and no other: check and book agree ---- */

Test(defects, what_check_calls_free_can_be_booked)
{
    fig_engine *engine = fixture_engine();
    struct support_random random = support_random_from(3);
    for (int i = 0; i < 400; i++) {
        fig_request request = a_booking(FIGARO, 0, 0);
        request.start_s = NOON + support_between(&random, 0, 200) * 15 * MINUTE;
        request.end_s = request.start_s + support_between(&random, 1, 8) * 15 * MINUTE;
        request.buffer_before_s = (uint32_t)support_below(&random, 3) * 10 * MINUTE;
        request.buffer_after_s = (uint32_t)support_below(&random, 3) * 10 * MINUTE;
        fig_view view = at(BEFORE_IT);
        fig_span span = fig_span_default();
        span.barber_id = FIGARO;
        span.start_s = request.start_s;
        span.end_s = request.end_s;
        span.buffer_before_s = request.buffer_before_s;
        span.buffer_after_s = request.buffer_after_s;
        fig_status said = fig_check(engine, &view, &span, NULL, 0, NULL);
        must(engine, request, said);
    }
    fixture_close(engine);
}
