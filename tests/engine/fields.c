/* The edges of every field: the last value that is taken, the first that is not, and the name that the refusal gives.
 */
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

static fig_request base_booking(void) { return a_booking(FIGARO, NOON, NOON + HOUR); }

/* Refused as invalid, by the field's name, in all three ways to ask; nothing changes. */
static void must_name(fig_engine *engine, fig_request request, const char *field)
{
    fig_stats before = stats_of(engine);
    fig_outcome outcome = ask(engine, request);
    cr_expect(outcome.status == FIG_INVALID, "%s: %s", field, fig_status_name(outcome.status));
    cr_expect(outcome.field != NULL && strcmp(outcome.field, field) == 0, "%s is named %s", field,
              outcome.field != NULL ? outcome.field : "nothing");
    cr_expect_not_null(outcome.reason, "%s: no reason", field);
    fig_outcome together = fig_outcome_default(), member = fig_outcome_default();
    cr_expect_eq(fig_write(engine, &request, 1, &together), FIG_OK);
    cr_expect_eq(together.status, FIG_INVALID);
    cr_expect_eq(fig_batch(engine, &request, 1, &member), FIG_INVALID);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
}

/* ---- instants, lengths, buffers ---- */

Test(fields, now_is_required_and_in_range)
{
    fig_engine *engine = fixture_engine();
    fig_request request = base_booking();
    request.now_s = fig_book_default().now_s;
    must_name(engine, request, "now_s");
    request.now_s = FIG_TIME_MIN - 1;
    must_name(engine, request, "now_s");
    request.now_s = FIG_TIME_MAX + 1;
    must_name(engine, request, "now_s");
    request.now_s = FIG_TIME_MIN;
    must(engine, request, FIG_OK);
    request = a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR);
    request.now_s = FIG_TIME_MAX;
    must(engine, request, FIG_OK);
    fixture_close(engine);
}

Test(fields, spans_reach_from_1900_to_2200)
{
    fig_engine *engine = fixture_engine();
    must_name(engine, a_booking(FIGARO, FIG_TIME_MIN - 1, FIG_TIME_MIN + 1), "start_s");
    must_name(engine, a_booking(FIGARO, FIG_TIME_MAX - 1, FIG_TIME_MAX + 1), "end_s");
    must_name(engine, a_booking(FIGARO, INT64_MIN, INT64_MAX), "start_s");
    must_name(engine, a_booking(FIGARO, NOON, INT64_MAX), "end_s");
    must_name(engine, a_booking(FIGARO, NOON, INT64_MIN), "end_s");
    must(engine, a_booking(FIGARO, FIG_TIME_MIN, FIG_TIME_MIN + 1), FIG_OK);
    must(engine, a_booking(FIGARO, FIG_TIME_MAX - 1, FIG_TIME_MAX), FIG_OK);
    must(engine, a_booking(FIGARO, FIG_TIME_MIN, FIG_TIME_MIN + 1), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, FIG_TIME_MAX - 1, FIG_TIME_MAX), FIG_CONFLICT);
    fixture_close(engine);
}

Test(fields, lengths_from_a_second_to_366_days)
{
    fig_engine *engine = fixture_engine();
    must_name(engine, a_booking(FIGARO, NOON, NOON), "end_s");
    must_name(engine, a_booking(FIGARO, NOON, NOON - 1), "end_s");
    must_name(engine, a_booking(FIGARO, NOON, NOON + FIG_DURATION_MAX + 1), "end_s");
    must(engine, a_booking(FIGARO, NOON - 1, NOON), FIG_OK);
    must(engine, a_booking(FIGARO, NOON, NOON + FIG_DURATION_MAX), FIG_OK);
    fixture_close(engine);
}

Test(fields, buffers_up_to_seven_days)
{
    fig_engine *engine = fixture_engine();
    fig_request request = base_booking();
    request.buffer_before_s = FIG_BUFFER_MAX + 1;
    must_name(engine, request, "buffer_before_s");
    request = base_booking();
    request.buffer_after_s = FIG_BUFFER_MAX + 1;
    must_name(engine, request, "buffer_after_s");
    request.buffer_before_s = request.buffer_after_s = FIG_BUFFER_MAX;
    must(engine, request, FIG_OK);
    must(engine, a_booking(FIGARO, NOON + HOUR + FIG_BUFFER_MAX - 1, NOON + HOUR + FIG_BUFFER_MAX), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON + HOUR + FIG_BUFFER_MAX, NOON + HOUR + FIG_BUFFER_MAX + 1), FIG_OK);
    must(engine, a_booking(FIGARO, NOON - FIG_BUFFER_MAX, NOON - FIG_BUFFER_MAX + 1), FIG_CONFLICT);
    must(engine, a_booking(FIGARO, NOON - FIG_BUFFER_MAX - 1, NOON - FIG_BUFFER_MAX), FIG_OK);
    fixture_close(engine);
}

Test(fields, buffers_may_reach_beyond_the_ends_of_time)
{
    fig_engine *engine = fixture_engine();
    fig_request first = a_booking(FIGARO, FIG_TIME_MIN, FIG_TIME_MIN + 1);
    fig_request last = a_booking(FIGARO, FIG_TIME_MAX - 1, FIG_TIME_MAX);
    first.buffer_before_s = last.buffer_after_s = FIG_BUFFER_MAX;
    must(engine, first, FIG_OK);
    must(engine, last, FIG_OK);
    must(engine, a_booking(FIGARO, FIG_TIME_MIN + 1, FIG_TIME_MIN + 2), FIG_OK);
    must(engine, a_booking(FIGARO, FIG_TIME_MAX - 2, FIG_TIME_MAX - 1), FIG_OK);
    fixture_close(engine);
}

Test(fields, holds_from_a_second_to_366_days)
{
    fig_engine *engine = fixture_engine();
    must_name(engine, a_hold(FIGARO, NOON, NOON + HOUR, 0), "ttl_s");
    must_name(engine, a_hold(FIGARO, NOON, NOON + HOUR, FIG_HOLD_MAX + 1), "ttl_s");
    must(engine, a_hold(FIGARO, NOON, NOON + HOUR, FIG_HOLD_MAX), FIG_OK);
    must(engine, a_hold(FIGARO, NOON + HOUR, NOON + 2 * HOUR, 1), FIG_OK);
    fig_request last = a_hold(FIGARO, NOON + DAY, NOON + DAY + 1, 1);
    last.now_s = FIG_TIME_MAX;
    must_name(engine, last, "ttl_s");
    last.now_s = FIG_TIME_MAX - 1;
    must(engine, last, FIG_OK);
    fixture_close(engine);
}

/* ---- names and references ---- */

Test(fields, who_and_what_must_be_named)
{
    fig_engine *engine = fixture_engine();
    fig_request request = base_booking();
    request.barber_id = 0;
    must_name(engine, request, "barber_id");
    request.barber_name = "";
    must_name(engine, request, "barber_name");
    request.barber_name = "a\nb";
    must_name(engine, request, "barber_name");
    request.barber_name = "\xff\xfe";
    must_name(engine, request, "barber_name");
    must_name(engine, a_confirmation(0), "appointment_id");
    must_name(engine, a_move(0, NOON, NOON + 1), "appointment_id");
    must_name(engine, a_status(0, FIG_CANCELLED), "appointment_id");
    must_name(engine, a_status(1, (fig_appointment_status)0), "status");
    must_name(engine, a_status(1, (fig_appointment_status)9), "status");
    fig_request confirm = a_confirmation(1);
    confirm.status = FIG_CANCELLED;
    must_name(engine, confirm, "status");
    request = base_booking();
    request.operation = (fig_operation)99;
    cr_expect_eq(ask(engine, request).status, FIG_INVALID);
    fixture_close(engine);
}

Test(fields, what_is_not_there_is_not_found_by_name)
{
    fig_engine *engine = fixture_engine();
    fig_request request = base_booking();
    request.barber_id = 4711;
    cr_assert_str_eq(must(engine, request, FIG_NOT_FOUND).field, "barber_id");
    request.barber_id = 0;
    request.barber_name = "Almaviva";
    cr_assert_str_eq(must(engine, request, FIG_NOT_FOUND).field, "barber_name");
    request.barber_name = "Figaro";
    cr_assert_eq(must(engine, request, FIG_OK).barber_id, FIGARO);
    cr_assert_str_eq(must(engine, a_confirmation(4711), FIG_NOT_FOUND).field, "appointment_id");
    fig_request by_key = fig_confirm_default();
    by_key.now_s = BEFORE_IT;
    by_key.booking_key = "nobody's";
    cr_assert_str_eq(must(engine, by_key, FIG_NOT_FOUND).field, "booking_key");
    fixture_close(engine);
}

Test(fields, structs_must_come_from_their_defaults)
{
    fig_engine *engine = fixture_engine();
    fig_request request = base_booking();
    request.struct_size = 0;
    must_name(engine, request, "struct_size");
    request = base_booking();
    request.timeout_ns = -1;
    must_name(engine, request, "timeout_ns");
    request = fig_declare_barber_default();
    request.now_s = NOON;
    must_name(engine, request, "barber");
    request = fig_declare_shop_default();
    request.now_s = NOON;
    must_name(engine, request, "shop");
    fixture_close(engine);
}

Test(fields, notes_up_to_4096_bytes)
{
    fig_engine *engine = fixture_engine();
    char *note = malloc(FIG_NOTE_MAX + 2);
    cr_assert_not_null(note);
    memset(note, 'n', FIG_NOTE_MAX + 1);
    note[FIG_NOTE_MAX + 1] = '\0';
    fig_request request = base_booking();
    request.note = note;
    must_name(engine, request, "note");
    request.note = "tab\tand line\nare text, \x01 is not";
    must_name(engine, request, "note");
    note[FIG_NOTE_MAX] = '\0';
    request.note = note;
    fig_outcome outcome = must(engine, request, FIG_OK);
    cr_assert(outcome.appointment.has_note);
    char *back = malloc(FIG_NOTE_MAX + 1);
    size_t size = 0;
    must_be(fig_get_note(engine, outcome.appointment.id, back, FIG_NOTE_MAX, &size), FIG_INVALID);
    must_be(fig_get_note(engine, outcome.appointment.id, back, FIG_NOTE_MAX + 1, &size), FIG_OK);
    cr_assert_eq(size, FIG_NOTE_MAX);
    cr_assert_str_eq(back, note);
    free(note);
    free(back);
    fixture_close(engine);
}

/* ---- declarations ---- */

static fig_request declaration(const fig_barber *barber)
{
    fig_request request = fig_declare_barber_default();
    request.now_s = BEFORE_IT;
    request.barber = barber;
    return request;
}

Test(fields, barbers_have_unique_names_and_a_shop)
{
    fig_engine *engine = fixture_engine();
    fig_barber barber = fig_barber_default();
    must_name(engine, declaration(&barber), "barber.id");
    barber.fields = FIG_BARBER_NAME;
    must_name(engine, declaration(&barber), "barber.name");
    memset(barber.name, 'x', sizeof barber.name);
    must_name(engine, declaration(&barber), "barber.name");
    barber.name[FIG_NAME_MAX] = '\0';
    cr_assert_eq(must(engine, declaration(&barber), FIG_OK).barber_id, 3, "the next free id");
    strcpy(barber.name, "Figaro");
    barber.id = 77;
    cr_assert_str_eq(must(engine, declaration(&barber), FIG_NAME_TAKEN).field, "barber.name");
    strcpy(barber.name, "Rosina");
    barber.fields |= FIG_BARBER_SHOP;
    barber.shop_id = 9;
    cr_assert_str_eq(must(engine, declaration(&barber), FIG_NOT_FOUND).field, "barber.shop_id");
    barber.fields = FIG_BARBER_NAME | FIG_BARBER_OPEN;
    barber.open = (fig_open_mode)2;
    must_name(engine, declaration(&barber), "barber.open");
    barber.fields = 1u << 20;
    must_name(engine, declaration(&barber), "barber");
    fixture_close(engine);
}

Test(fields, left_out_ones_stay_as_they_are)
{
    fig_engine *engine = fixture_engine();
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_PRIORITY;
    barber.priority = -7;
    barber.active = false;
    strcpy(barber.name, "not meant");
    declare_barber(engine, barber);
    fig_view view = at(NOON);
    fig_barber is = fig_barber_default();
    must_be(fig_get_barber(engine, &view, FIGARO, &is), FIG_OK);
    cr_assert_eq(is.priority, -7);
    cr_assert(is.active);
    cr_assert_str_eq(is.name, "Figaro");
    cr_assert_eq(is.shop_id, 1);
    cr_assert_eq(is.fields, FIG_BARBER_ALL);
    fixture_close(engine);
}

Test(fields, a_barber_renamed_frees_its_name)
{
    fig_engine *engine = fixture_engine();
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Almaviva");
    declare_barber(engine, barber);
    fig_view view = at(NOON);
    must_be(fig_find_barber(engine, &view, "Figaro", &barber), FIG_NOT_FOUND);
    must_be(fig_find_barber(engine, &view, "Almaviva", &barber), FIG_OK);
    barber = fig_barber_default();
    barber.id = BARTOLO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    must_be(fig_find_barber(engine, &view, "Figaro", &barber), FIG_OK);
    cr_assert_eq(barber.id, BARTOLO);
    fixture_close(engine);
}

Test(fields, windows_are_checked_one_by_one)
{
    fig_engine *engine = fixture_engine();
    fig_window windows[2] = {fig_window_default(), fig_window_default()};
    fig_request request = fig_declare_windows_default();
    request.now_s = BEFORE_IT;
    request.barber_id = FIGARO;
    request.windows = windows;
    request.window_count = 2;
    windows[0].start_s = windows[1].start_s = NOON;
    windows[0].end_s = NOON + HOUR;
    windows[1].end_s = NOON;
    must_name(engine, request, "end_s");
    windows[1].end_s = NOON + HOUR;
    windows[1].kind = (fig_window_kind)7;
    must_name(engine, request, "windows");
    windows[1].kind = FIG_WINDOW_UNAVAILABLE;
    windows[1].struct_size = 3;
    must_name(engine, request, "windows");
    request.windows = NULL;
    must_name(engine, request, "windows");
    request.window_count = FIG_WINDOWS_MAX + 1;
    must_name(engine, request, "window_count");
    fixture_close(engine);
}

/* ---- what reads ask for ---- */

Test(fields, of_reads_are_checked)
{
    fig_engine *engine = fixture_engine();
    fig_view view = fig_view_default();
    fig_span span = fig_span_default();
    fig_appointment appointment = fig_appointment_default();
    fig_cursor cursor = {{0}};
    size_t count = 77;
    span.barber_id = FIGARO;
    span.start_s = NOON;
    span.end_s = NOON + HOUR;
    must_be(fig_check(engine, &view, &span, NULL, 0, &count), FIG_INVALID); /* no now */
    must_be(fig_get_appointment(engine, &view, 1, &appointment), FIG_INVALID);
    view.now_s = NOON;
    must_be(fig_check(engine, &view, &span, NULL, 0, &count), FIG_OK);
    cr_assert_eq(count, 0);
    span.end_s = NOON;
    must_be(fig_check(engine, &view, &span, NULL, 0, NULL), FIG_INVALID);
    span.end_s = NOON + HOUR;
    span.buffer_after_s = FIG_BUFFER_MAX + 1;
    must_be(fig_check(engine, &view, &span, NULL, 0, NULL), FIG_INVALID);
    span.buffer_after_s = 0;
    span.barber_id = 4711;
    must_be(fig_check(engine, &view, &span, NULL, 0, NULL), FIG_NOT_FOUND);
    must_be(fig_get_appointment(engine, &view, 1, &appointment), FIG_NOT_FOUND);
    must_be(fig_find_appointment(engine, &view, "k", &appointment), FIG_NOT_FOUND);
    fig_filter filter = fig_filter_default();
    filter.struct_size = 1;
    must_be(fig_list(engine, &view, &filter, &cursor, &appointment, 1, &count), FIG_INVALID);
    fixture_close(engine);
}
