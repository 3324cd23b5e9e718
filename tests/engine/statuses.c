/* The status table, every pair of it. */
#include "tests/engine/fixture.h"

enum { STATUSES = FIG_EXPIRED };

/* moves[from][to], both from FIG_HELD on. */
static const bool moves[STATUSES][STATUSES] = {
    /*                held pend sched conf compl canc no_show expired */
    /* held      */ {0, 0, 1, 1, 0, 1, 0, 1},
    /* pending   */ {0, 0, 1, 1, 0, 1, 0, 0},
    /* scheduled */ {0, 0, 0, 1, 1, 1, 1, 0},
    /* confirmed */ {0, 0, 0, 0, 1, 1, 1, 0},
    /* completed */ {0, 0, 0, 0, 0, 0, 1, 0},
    /* cancelled */ {0, 0, 1, 0, 0, 0, 0, 0},
    /* no_show   */ {0, 0, 1, 0, 1, 0, 0, 0},
    /* expired   */ {0, 0, 0, 0, 0, 0, 0, 0},
};

/* An appointment brought to a status by legal moves. */
static uint64_t appointment_in(fig_engine *engine, fig_appointment_status status)
{
    if (status == FIG_HELD || status == FIG_EXPIRED) {
        uint64_t id = must(engine, a_hold(FIGARO, NOON, NOON + HOUR, 2 * DAY), FIG_OK).appointment.id;
        if (status == FIG_EXPIRED) must(engine, a_status(id, FIG_EXPIRED), FIG_OK);
        return id;
    }
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.pending = status == FIG_PENDING;
    uint64_t id = must(engine, request, FIG_OK).appointment.id;
    if (status != FIG_PENDING && status != FIG_SCHEDULED) must(engine, a_status(id, status), FIG_OK);
    return id;
}

static void check_move(fig_appointment_status from, fig_appointment_status to)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = appointment_in(engine, from);
    fig_stats before = stats_of(engine);
    fig_outcome outcome = ask(engine, a_status(id, to));
    bool legal = moves[from - 1][to - 1];
    cr_expect_eq(outcome.status, legal ? FIG_OK : FIG_ILLEGAL_STATUS, "%s to %s: %s", fig_appointment_status_name(from),
                 fig_appointment_status_name(to), fig_status_name(outcome.status));
    fig_appointment_status now = appointment_at(engine, id, BEFORE_IT).status;
    cr_expect_eq(now, legal ? to : from);
    if (legal) {
        cr_expect_eq(outcome.appointment.status, to);
        cr_expect_eq(outcome.appointment.version, before.version + 1);
    } else {
        fig_stats after = stats_of(engine);
        must_be_equal(&before, &after);
    }
    fixture_close(engine);
}

Test(statuses, every_pair)
{
    for (int from = FIG_HELD; from <= FIG_EXPIRED; from++)
        for (int to = FIG_HELD; to <= FIG_EXPIRED; to++)
            check_move((fig_appointment_status)from, (fig_appointment_status)to);
}

Test(statuses, only_active_ones_block)
{
    for (int status = FIG_HELD; status <= FIG_EXPIRED; status++) {
        fig_engine *engine = fixture_engine();
        appointment_in(engine, (fig_appointment_status)status);
        cr_expect_eq(is_free(engine, FIGARO, NOON, NOON + 1, BEFORE_IT), status > FIG_CONFIRMED, "%s",
                     fig_appointment_status_name((fig_appointment_status)status));
        fixture_close(engine);
    }
}

Test(statuses, confirm_takes_what_is_held_pending_or_scheduled)
{
    for (int from = FIG_HELD; from <= FIG_EXPIRED; from++) {
        fig_engine *engine = fixture_engine();
        uint64_t id = appointment_in(engine, (fig_appointment_status)from);
        must(engine, a_confirmation(id), from <= FIG_SCHEDULED ? FIG_OK : FIG_ILLEGAL_STATUS);
        fixture_close(engine);
    }
}

Test(statuses, confirm_may_schedule)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = appointment_in(engine, FIG_HELD);
    fig_request request = a_confirmation(id);
    request.status = FIG_SCHEDULED;
    fig_outcome outcome = must(engine, request, FIG_OK);
    cr_assert_eq(outcome.appointment.status, FIG_SCHEDULED);
    cr_assert_eq(outcome.appointment.expires_s, 0, "what is scheduled does not expire");
    cr_assert_not(is_free(engine, FIGARO, NOON, NOON + 1, NOON + 100 * DAY));
    fixture_close(engine);
}

Test(statuses, only_active_ones_move)
{
    for (int from = FIG_HELD; from <= FIG_EXPIRED; from++) {
        fig_engine *engine = fixture_engine();
        uint64_t id = appointment_in(engine, (fig_appointment_status)from);
        must(engine, a_move(id, NOON + DAY, NOON + DAY + HOUR), from <= FIG_CONFIRMED ? FIG_OK : FIG_ILLEGAL_STATUS);
        fixture_close(engine);
    }
}

Test(statuses, a_stale_version_is_refused_before_the_status)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = appointment_in(engine, FIG_SCHEDULED);
    uint64_t version = appointment_at(engine, id, NOON).version;
    fig_request request = a_status(id, FIG_CANCELLED);
    request.if_version = version;
    must(engine, request, FIG_OK);
    must(engine, request, FIG_STALE);
    request.if_version = version + 1;
    must(engine, request, FIG_ILLEGAL_STATUS);
    request.appointment_id = 4711;
    must(engine, request, FIG_NOT_FOUND);
    fixture_close(engine);
}

Test(statuses, names_go_both_ways)
{
    for (int status = FIG_HELD; status <= FIG_EXPIRED; status++) {
        fig_appointment_status back = (fig_appointment_status)0;
        const char *name = fig_appointment_status_name((fig_appointment_status)status);
        cr_assert_not_null(name);
        must_be(fig_appointment_status_from_name(name, &back), FIG_OK);
        cr_assert_eq((int)back, status);
    }
    fig_appointment_status untouched = FIG_NO_SHOW;
    cr_assert_null(fig_appointment_status_name((fig_appointment_status)0));
    cr_assert_null(fig_appointment_status_name((fig_appointment_status)9));
    must_be(fig_appointment_status_from_name("Scheduled", &untouched), FIG_NOT_FOUND);
    cr_assert_eq(untouched, FIG_NO_SHOW);
}
