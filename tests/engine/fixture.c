#include "tests/engine/fixture.h"

#include <string.h>

static void declare_two(fig_engine *engine)
{
    static const char *const names[] = {"Figaro", "Bartolo"};
    for (uint64_t i = 0; i < 2; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = FIGARO + i;
        barber.fields = FIG_BARBER_NAME;
        strcpy(barber.name, names[i]);
        declare_barber(engine, barber);
    }
}

static fig_engine *open_with(const char *directory, fig_options options)
{
    fig_error error = fig_error_default();
    fig_engine *engine = NULL;
    fig_status status = fig_open(directory, &options, &engine, &error);
    cr_assert(status == FIG_OK, "open: %s: %s", fig_status_name(status), error.message);
    if (stats_of(engine).barbers == 0) declare_two(engine);
    return engine;
}

fig_engine *fixture_engine(void)
{
    fig_options options = fig_options_default();
    options.in_memory = true;
    return open_with(NULL, options);
}

fig_engine *fixture_open(const char *directory)
{
    fig_options options = fig_options_default();
    options.create = true;
    return open_with(directory, options);
}

void fixture_close(fig_engine *engine) { must_be(fig_close(engine), FIG_OK); }

/* ---- requests ---- */

static fig_request with_span(fig_request request, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    request.now_s = BEFORE_IT;
    request.barber_id = barber_id;
    request.start_s = start_s;
    request.end_s = end_s;
    return request;
}

static fig_request with_target(fig_request request, uint64_t appointment_id)
{
    request.now_s = BEFORE_IT;
    request.appointment_id = appointment_id;
    return request;
}

fig_request a_booking(uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    return with_span(fig_book_default(), barber_id, start_s, end_s);
}

fig_request a_hold(uint64_t barber_id, int64_t start_s, int64_t end_s, uint32_t ttl_s)
{
    fig_request request = with_span(fig_hold_default(), barber_id, start_s, end_s);
    request.ttl_s = ttl_s;
    return request;
}

fig_request a_move(uint64_t appointment_id, int64_t start_s, int64_t end_s)
{
    fig_request request = with_target(fig_move_default(), appointment_id);
    request.start_s = start_s;
    request.end_s = end_s;
    return request;
}

fig_request a_status(uint64_t appointment_id, fig_appointment_status status)
{
    fig_request request = with_target(fig_set_status_default(), appointment_id);
    request.status = status;
    return request;
}

fig_request a_confirmation(uint64_t appointment_id) { return with_target(fig_confirm_default(), appointment_id); }

fig_request a_window(fig_operation operation, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    return with_span(operation == FIG_OP_CLOSE_WINDOW ? fig_close_window_default() : fig_open_window_default(),
                     barber_id, start_s, end_s);
}

fig_outcome ask(fig_engine *engine, fig_request request)
{
    fig_outcome outcome = fig_outcome_default();
    switch (request.operation) {
    case FIG_OP_BOOK: fig_book(engine, &request, &outcome); break;
    case FIG_OP_HOLD: fig_hold(engine, &request, &outcome); break;
    case FIG_OP_CONFIRM: fig_confirm(engine, &request, &outcome); break;
    case FIG_OP_MOVE: fig_move(engine, &request, &outcome); break;
    case FIG_OP_SET_STATUS: fig_set_status(engine, &request, &outcome); break;
    case FIG_OP_RESTORE: fig_restore(engine, &request, &outcome); break;
    default: fig_declare(engine, &request, &outcome); break;
    }
    return outcome;
}

fig_outcome must(fig_engine *engine, fig_request request, fig_status status)
{
    fig_outcome outcome = ask(engine, request);
    cr_assert(outcome.status == status, "%s (%s: %s), not %s", fig_status_name(outcome.status),
              outcome.field != NULL ? outcome.field : "-", outcome.reason != NULL ? outcome.reason : "-",
              fig_status_name(status));
    return outcome;
}

uint64_t booked(fig_engine *engine, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    return must(engine, a_booking(barber_id, start_s, end_s), FIG_OK).appointment.id;
}

fig_outcome declare_barber(fig_engine *engine, fig_barber barber)
{
    fig_request request = fig_declare_barber_default();
    request.now_s = BEFORE_IT;
    request.barber = &barber;
    return must(engine, request, FIG_OK);
}

fig_outcome declare_shop(fig_engine *engine, fig_shop shop)
{
    fig_request request = fig_declare_shop_default();
    request.now_s = BEFORE_IT;
    request.shop = &shop;
    return must(engine, request, FIG_OK);
}

void set_buffers(fig_engine *engine, fig_buffers buffers)
{
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_BUFFERS;
    shop.buffers = buffers;
    declare_shop(engine, shop);
}

/* ---- reads ---- */

fig_view at(int64_t now_s)
{
    fig_view view = fig_view_default();
    view.now_s = now_s;
    view.latest = true;
    return view;
}

fig_appointment appointment_at(fig_engine *engine, uint64_t id, int64_t now_s)
{
    fig_view view = at(now_s);
    fig_appointment found = fig_appointment_default();
    must_be(fig_get_appointment(engine, &view, id, &found), FIG_OK);
    return found;
}

bool is_free(fig_engine *engine, uint64_t barber_id, int64_t start_s, int64_t end_s, int64_t now_s)
{
    fig_view view = at(now_s);
    fig_span span = fig_span_default();
    span.barber_id = barber_id;
    span.start_s = start_s;
    span.end_s = end_s;
    fig_status status = fig_check(engine, &view, &span, NULL, 0, NULL);
    cr_assert(status == FIG_OK || status == FIG_CONFLICT, "check: %s", fig_status_name(status));
    return status == FIG_OK;
}

fig_stats stats_of(fig_engine *engine)
{
    fig_stats stats = fig_stats_default();
    must_be(fig_get_stats(engine, &stats), FIG_OK);
    return stats;
}

void must_be_equal(const fig_stats *a, const fig_stats *b)
{
    cr_assert_eq(a->version, b->version);
    cr_assert(memcmp(a->digest, b->digest, sizeof a->digest) == 0, "the digests differ");
}

void must_verify(const char *directory)
{
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    fig_status status = fig_verify(directory, NULL, &report, &error);
    cr_assert_eq(status, FIG_OK, "%s %s", error.message, report.text);
}
