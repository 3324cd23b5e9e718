/* Reads: lists page by page, snapshots that stay, the journal from any version on. */
#include "tests/engine/fixture.h"

#include <string.h>

Test(reading, lists_page_through_without_gap_or_repeat)
{
    fig_engine *engine = fixture_engine();
    for (int i = 0; i < 40; i++)
        booked(engine, i % 2 ? FIGARO : BARTOLO, NOON + (40 - i) * HOUR, NOON + (41 - i) * HOUR);
    fig_view view = at(NOON);
    for (size_t page = 1; page <= 41; page += 8) {
        fig_filter filter = fig_filter_default();
        fig_cursor cursor = {{0}};
        fig_appointment found[41];
        size_t total = 0, count = 1;
        filter.barber_id = FIGARO;
        while (count > 0) {
            must_be(fig_list(engine, &view, &filter, &cursor, found + total, page, &count), FIG_OK);
            total += count;
            cr_assert_leq(total, 20);
        }
        cr_assert_eq(total, 20);
        for (size_t i = 1; i < total; i++) cr_assert_lt(found[i - 1].start_s, found[i].start_s);
    }
    fixture_close(engine);
}

Test(reading, lists_go_by_core_and_half_open_spans)
{
    fig_engine *engine = fixture_engine();
    fig_request request = a_booking(FIGARO, NOON, NOON + HOUR);
    request.buffer_after_s = HOUR;
    must(engine, request, FIG_OK);
    static const struct {
        int64_t from_s, to_s;
        size_t count;
    } spans[] = {
        {NOON - HOUR, NOON, 0},
        {NOON - HOUR, NOON + 1, 1},
        {NOON + HOUR - 1, NOON + HOUR, 1},
        {NOON + HOUR, NOON + 2 * HOUR, 0},
        {NOON + 10, NOON + 20, 1},
    };
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        fig_view view = at(NOON);
        fig_filter filter = fig_filter_default();
        fig_cursor cursor = {{0}};
        fig_appointment found;
        size_t count = 0;
        filter.barber_id = FIGARO;
        filter.from_s = spans[i].from_s;
        filter.to_s = spans[i].to_s;
        must_be(fig_list(engine, &view, &filter, &cursor, &found, 1, &count), FIG_OK);
        cr_expect_eq(count, spans[i].count, "span %zu", i);
    }
    fixture_close(engine);
}

Test(reading, a_snapshot_stays_while_everything_changes)
{
    fig_engine *engine = fixture_engine();
    uint64_t kept = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_snapshot *snapshot = NULL;
    must_be(fig_snapshot_open(engine, &snapshot), FIG_OK);
    cr_assert_eq(stats_of(engine).snapshots, 1);
    must(engine, a_status(kept, FIG_CANCELLED), FIG_OK);
    for (int i = 0; i < 300; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_view view = fig_view_default();
    view.now_s = NOON;
    view.snapshot = snapshot;
    fig_appointment found = fig_appointment_default();
    must_be(fig_get_appointment(engine, &view, kept, &found), FIG_OK);
    cr_assert_eq(found.status, FIG_SCHEDULED);
    must_be(fig_get_appointment(engine, &view, kept + 1, &found), FIG_NOT_FOUND);
    fig_span span = fig_span_default();
    span.barber_id = FIGARO;
    span.start_s = NOON + 10 * HOUR;
    span.end_s = span.start_s + HOUR;
    must_be(fig_check(engine, &view, &span, NULL, 0, NULL), FIG_OK);
    must_be(fig_close(engine), FIG_BUSY);
    fig_snapshot_close(snapshot);
    fig_snapshot_close(NULL);
    cr_assert_eq(stats_of(engine).snapshots, 0);
    fixture_close(engine);
    must_be(fig_close(NULL), FIG_OK);
}

/* ---- the journal ---- */

static size_t read_journal(fig_engine *engine, uint64_t from, fig_event *events, size_t capacity)
{
    fig_journal *journal = NULL;
    size_t count = 0;
    fig_event event = fig_event_default();
    must_be(fig_journal_open(engine, from, &journal), FIG_OK);
    fig_status status;
    while ((status = fig_journal_next(journal, &event)) == FIG_OK) {
        cr_assert_lt(count, capacity);
        events[count++] = event;
    }
    must_be(status, FIG_NOT_FOUND);
    fig_journal_close(journal);
    return count;
}

Test(reading, the_journal_tells_what_happened)
{
    fig_engine *engine = fixture_engine();
    uint64_t from = stats_of(engine).version + 1;
    fig_request booking = a_booking(FIGARO, NOON, NOON + HOUR);
    booking.key = "order-1";
    uint64_t id = must(engine, booking, FIG_OK).appointment.id;
    must(engine, a_move(id, NOON + DAY, NOON + DAY + HOUR), FIG_OK);
    must(engine, a_status(id, FIG_CANCELLED), FIG_OK);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + HOUR), FIG_OK);
    must(engine, a_status(id, FIG_CANCELLED), FIG_ILLEGAL_STATUS);
    fig_event events[16];
    size_t count = read_journal(engine, from, events, 16);
    cr_assert_geq(count, 4);
    cr_assert_eq(events[0].kind, FIG_EVENT_BOOKED);
    cr_assert_eq(events[0].version, from);
    cr_assert_eq(events[0].operation, FIG_OP_BOOK);
    cr_assert_eq(events[0].now_s, BEFORE_IT);
    cr_assert_str_eq(events[0].key, "order-1");
    cr_assert_eq(events[0].appointment.id, id);
    cr_assert_eq(events[0].appointment.start_s, NOON);
    cr_assert_eq(events[1].kind, FIG_EVENT_MOVED);
    cr_assert_eq(events[1].appointment.start_s, NOON + DAY);
    cr_assert_eq(events[2].kind, FIG_EVENT_STATUS);
    cr_assert_eq(events[2].previous_status, FIG_SCHEDULED);
    cr_assert_eq(events[2].appointment.status, FIG_CANCELLED);
    cr_assert_eq(events[3].kind, FIG_EVENT_OPENED);
    cr_assert_eq(events[3].window.end_s, NOON + HOUR);
    cr_assert_eq(read_journal(engine, stats_of(engine).version + 1, events, 16), 0);
    fixture_close(engine);
}

Test(reading, the_journal_reaches_back_behind_checkpoints)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = fixture_open(directory);
    for (int i = 0; i < 20; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fig_stats stats = stats_of(engine);
    cr_assert_eq(stats.checkpoint_frame, stats.frame);
    fig_event events[64];
    size_t whole = read_journal(engine, 1, events, 64);
    cr_assert_geq(whole, 22);
    cr_assert_eq(events[whole - 1].version, stats.version);
    fixture_close(engine);
    support_remove(directory);
}
