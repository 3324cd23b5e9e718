/* The digest of a state, against one that was worked out by hand. */
#include "tools/digest.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MORNING = 1772445600 }; /* 2026-03-02T10:00:00Z */

static fig_engine *open_engine(void)
{
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    fig_options options = fig_options_default();
    options.in_memory = true;
    options.create = true;
    options.now_s = MORNING;
    cr_assert_eq(fig_open(NULL, &options, &engine, &error), FIG_OK, "%s", error.message);
    return engine;
}

static void declare(fig_engine *engine, const char *name)
{
    fig_barber barber = fig_barber_default();
    fig_request request = fig_declare_barber_default();
    fig_outcome outcome = fig_outcome_default();
    barber.fields = FIG_BARBER_NAME;
    barber.id = 0;
    strcpy(barber.name, name);
    request.now_s = MORNING;
    request.barber = &barber;
    cr_assert_eq(fig_declare(engine, &request, &outcome), FIG_OK, "%s", outcome.reason);
}

static uint64_t book(fig_engine *engine, const char *name, int64_t start_s, int64_t end_s, uint32_t ttl_s)
{
    fig_request request = ttl_s != 0 ? fig_hold_default() : fig_book_default();
    fig_outcome outcome = fig_outcome_default();
    request.now_s = MORNING;
    request.barber_name = name;
    request.start_s = start_s;
    request.end_s = end_s;
    if (ttl_s != 0) request.ttl_s = ttl_s;
    fig_status status = ttl_s != 0 ? fig_hold(engine, &request, &outcome) : fig_book(engine, &request, &outcome);
    cr_assert_eq(status, FIG_OK, "%s", outcome.reason);
    return outcome.appointment.id;
}

static void expect_digest(fig_engine *engine, uint64_t live, const char *sha256)
{
    live_digest digest = {0};
    cr_assert_eq(live_digest_of(engine, NULL, &digest), FIG_OK);
    cr_expect_eq(digest.live, live);
    cr_expect_str_eq(digest.sha256, sha256);
}

Test(digest, of_nothing_is_that_of_no_bytes)
{
    fig_engine *engine = open_engine();
    expect_digest(engine, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    fig_close(engine);
}

/* SHA-256 of
 *   Figaro 2026-03-02T10:00:00Z 2026-03-02T10:30:00Z
 *   Figaro 2026-03-02T11:00:00Z 2026-03-02T12:00:00Z
 *   Zerlina 2026-03-02T10:00:00Z 2026-03-02T10:30:00Z
 *   almaviva 2026-03-02T09:00:00Z 2026-03-02T09:30:00Z */
Test(digest, sorts_by_bytes_and_counts_holds)
{
    fig_engine *engine = open_engine();
    declare(engine, "almaviva");
    declare(engine, "Zerlina");
    declare(engine, "Figaro");
    book(engine, "Figaro", MORNING + 3600, MORNING + 7200, 60); /* its expiry is not journaled */
    book(engine, "Figaro", MORNING, MORNING + 1800, 0);
    book(engine, "almaviva", MORNING - 3600, MORNING - 1800, 0);
    book(engine, "Zerlina", MORNING, MORNING + 1800, 0);
    uint64_t gone = book(engine, "Zerlina", MORNING + 1800, MORNING + 3600, 0);
    fig_request cancel = fig_set_status_default();
    fig_outcome outcome = fig_outcome_default();
    cancel.now_s = MORNING;
    cancel.appointment_id = gone;
    cancel.status = FIG_CANCELLED;
    cr_assert_eq(fig_set_status(engine, &cancel, &outcome), FIG_OK);
    expect_digest(engine, 4, "63989801fdd1a28b2d7aca7d3638d89efca7ae68a84ea967cb98f8e00ce2f48d");
    fig_close(engine);
}
