/* Refusals in the journal, and the journal as requests. Budget: 2 s. */
#include "tests/engine/fixture.h"
#include "tests/oracle/again.h"
#include "tests/proof/random_shop.h"

#include <string.h>

static fig_engine *engine_that_journals(const char *directory)
{
    fig_options options = fig_options_default();
    options.in_memory = directory == NULL;
    options.create = true;
    options.journal_refusals = true;
    fig_engine *engine = NULL;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME;
    barber.id = FIGARO;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    return engine;
}

/* The refusals of the journal, up to `capacity`; returns how many there are. */
static size_t refusals_of(fig_engine *engine, fig_event *events, size_t capacity)
{
    fig_journal *journal = NULL;
    size_t count = 0;
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    for (fig_event event = fig_event_default(); fig_journal_next(journal, &event) == FIG_OK;) {
        if (event.kind != FIG_EVENT_REFUSED) continue;
        if (count < capacity) events[count] = event;
        count++;
    }
    fig_journal_close(journal);
    return count;
}

Test(refusals, are_journaled_on_request_and_change_nothing_else)
{
    fig_engine *engine = engine_that_journals(NULL);
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_stats before = stats_of(engine);
    fig_request again = a_booking(FIGARO, NOON + MINUTE, NOON + HOUR);
    again.key = "second";
    again.client_id = 7;
    again.buffer_after_s = 300;
    must(engine, again, FIG_CONFLICT);
    must(engine, a_status(id, FIG_SCHEDULED), FIG_ILLEGAL_STATUS);
    fig_stats after = stats_of(engine);
    cr_assert_eq(after.version, before.version + 2);
    cr_assert_eq(memcmp(after.digest, before.digest, sizeof after.digest), 0);
    cr_assert_eq(after.active, before.active);

    fig_event events[2];
    cr_assert_eq(refusals_of(engine, events, 2), 2);
    cr_assert_eq(events[0].refusal, FIG_CONFLICT);
    cr_assert_eq(events[0].asked_operation, FIG_OP_BOOK);
    cr_assert_str_eq(events[0].key, "second");
    cr_assert_eq(events[0].appointment.client_id, 7);
    cr_assert_eq(events[0].appointment.start_s, NOON + MINUTE);
    cr_assert_eq(events[0].appointment.buffer_before_s, FIG_BUFFER_DEFAULT);
    cr_assert_eq(events[0].appointment.buffer_after_s, 300);
    cr_assert_eq(events[1].refusal, FIG_ILLEGAL_STATUS);
    cr_assert_eq(events[1].appointment.id, id);
    cr_assert_eq(events[1].appointment.status, FIG_SCHEDULED);
    fixture_close(engine);
}

/* Of any barber of a shop, in an order: asked again it is the same question. */
Test(refusals, of_any_barber_tell_of_which)
{
    fig_engine *engine = engine_that_journals(NULL);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request any = a_booking(0, NOON, NOON + HOUR);
    any.any = true;
    any.any_shop_id = 1;
    any.any_order = FIG_ANY_LEAST_RECENT;
    must(engine, any, FIG_CONFLICT);
    fig_journal *journal = NULL;
    fig_request again = fig_book_default();
    must_be(fig_journal_open(engine, stats_of(engine).version, &journal), FIG_OK);
    fig_event event = fig_event_default();
    must_be(fig_journal_next(journal, &event), FIG_OK);
    must_be(fig_journal_request(journal, &again), FIG_OK);
    cr_assert(again.any && again.any_shop_id == 1 && again.any_order == FIG_ANY_LEAST_RECENT && again.barber_id == 0);
    fig_journal_close(journal);
    fixture_close(engine);
}

Test(refusals, are_not_journaled_by_default)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_stats before = stats_of(engine);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    fixture_close(engine);
}

Test(refusals, of_mistakes_and_declarations_are_not_journaled)
{
    fig_engine *engine = engine_that_journals(NULL);
    fig_stats before = stats_of(engine);
    must(engine, a_booking(FIGARO, NOON, NOON), FIG_INVALID);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, 99, NOON, NOON + HOUR), FIG_NOT_FOUND);
    fig_request batch[2] = {a_booking(FIGARO, NOON, NOON + HOUR), a_booking(FIGARO, NOON, NOON)};
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    must_be(fig_batch(engine, batch, 2, outcomes), FIG_INVALID);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    fixture_close(engine);
}

Test(refusals, of_a_batch_tell_of_every_member)
{
    fig_engine *engine = engine_that_journals(NULL);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_request batch[2] = {a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), a_booking(FIGARO, NOON, NOON + HOUR)};
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    must_be(fig_batch(engine, batch, 2, outcomes), FIG_CONFLICT);
    fig_event events[2];
    cr_assert_eq(refusals_of(engine, events, 2), 2);
    cr_assert_eq(events[0].refusal, FIG_NOT_DONE);
    cr_assert_eq(events[1].refusal, FIG_CONFLICT);
    cr_assert_eq(events[0].version, events[1].version);
    fixture_close(engine);
}

/* A store whose newest entries are refusals alone starts with their version from its tables, too, and verifies. */
Test(refusals, survive_a_start)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = engine_that_journals(directory);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    must(engine, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    fig_stats before = stats_of(engine);
    fixture_close(engine);
    must_verify(directory);
    engine = fixture_open(directory);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_eq(refusals_of(engine, NULL, 0), 2);
    fixture_close(engine);
    support_remove(directory);
}

/* What a fork refused is nothing that a merge brings back. */
Test(refusals, of_a_fork_are_not_merged)
{
    fig_engine *engine = engine_that_journals(NULL), *fork = NULL;
    must_be(fig_fork(engine, NULL, &fork, NULL), FIG_OK);
    booked(fork, FIGARO, NOON, NOON + HOUR);
    must(fork, a_booking(FIGARO, NOON, NOON + HOUR), FIG_CONFLICT);
    fig_merged members[2] = {fig_merged_default(), fig_merged_default()};
    size_t count = 0;
    must_be(fig_merge(fork, BEFORE_IT, members, 2, &count, NULL), FIG_OK);
    cr_assert_eq(count, 1);
    fixture_close(fork);
    fixture_close(engine);
}

/* ---- the journal as requests ---- */

/* Shops, barbers, services, rules, schedules, zones, clients. Their versions may differ: a zone that was declared with
 * a shop is a request of its own. */
static void must_have_the_same_records(fig_engine *a, fig_engine *b)
{
    fig_records *walks[2] = {NULL, NULL};
    fig_record records[2] = {fig_record_default(), fig_record_default()};
    must_be(fig_records_open(a, NULL, &walks[0]), FIG_OK);
    must_be(fig_records_open(b, NULL, &walks[1]), FIG_OK);
    for (;;) {
        fig_status status = fig_records_next(walks[0], &records[0]);
        must_be(fig_records_next(walks[1], &records[1]), status);
        if (status != FIG_OK) break;
        cr_assert_eq(records[0].kind, records[1].kind);
        cr_assert_eq(records[0].id, records[1].id);
        cr_assert_str_eq(records[0].name, records[1].name);
        cr_assert_str_eq(records[0].shop.zone, records[1].shop.zone);
        cr_assert_str_eq(records[0].barber.name, records[1].barber.name);
        cr_assert_eq(records[0].open_declared, records[1].open_declared);
        cr_assert_eq(records[0].window.start_s, records[1].window.start_s);
        cr_assert_eq(records[0].window.kind, records[1].window.kind);
        cr_assert_eq(records[0].text_size, records[1].text_size);
        if (records[0].text_size == 0) continue;
        cr_assert_arr_eq(records[0].text, records[1].text, records[0].text_size);
    }
    fig_records_close(walks[0]);
    fig_records_close(walks[1]);
}

Test(refusals, and_all_else_can_be_asked_again)
{
    struct support_seeds seeds = support_seeds_of(0, 10);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        struct random_shop world = random_shop_make(seed);
        fig_engine *fresh = NULL;
        const char *difference = again_ask(world.engine, &fresh);
        cr_assert(difference == NULL, "FIGARO_SEED=%llu: %s", (unsigned long long)seed, difference);
        must_have_the_same_records(world.engine, fresh);
        fixture_close(fresh);
        random_shop_close(&world);
    }
}

/* The request behind the last refusal. */
static fig_status last_asked(fig_engine *engine, fig_request *request)
{
    fig_journal *journal = NULL;
    fig_status status = FIG_NOT_FOUND;
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    for (fig_event event = fig_event_default(); fig_journal_next(journal, &event) == FIG_OK;)
        if (event.kind == FIG_EVENT_REFUSED) status = fig_journal_request(journal, request);
    fig_journal_close(journal);
    return status;
}

Test(refusals, tell_whether_it_was_agreed_elsewhere)
{
    fig_engine *engine = engine_that_journals(NULL);
    booked(engine, FIGARO, NOON, NOON + HOUR);
    for (int holds = 0; holds <= 1; holds++) {
        for (int as_recorded = 0; as_recorded <= 1; as_recorded++) {
            fig_request asked = fig_book_default(), request = a_booking(FIGARO, NOON, NOON + HOUR);
            if (holds) request = a_hold(FIGARO, NOON, NOON + HOUR, 600);
            request.as_recorded = as_recorded;
            must(engine, request, FIG_CONFLICT);
            must_be(last_asked(engine, &asked), FIG_OK);
            cr_assert(asked.operation == request.operation && asked.as_recorded == request.as_recorded);
        }
    }
    fixture_close(engine);
}

Test(refusals, of_what_nobody_knew_cannot_be_asked_again)
{
    fig_engine *engine = engine_that_journals(NULL);
    fig_request asked = fig_book_default(), unknown = a_booking(0, NOON, NOON + HOUR);
    unknown.barber_name = "Nobody";
    must(engine, unknown, FIG_NOT_FOUND);
    must_be(last_asked(engine, &asked), FIG_NOT_FOUND);
    unknown = fig_confirm_default();
    unknown.booking_key = "nobody's";
    unknown.now_s = BEFORE_IT;
    must(engine, unknown, FIG_NOT_FOUND);
    must_be(last_asked(engine, &asked), FIG_NOT_FOUND);
    must(engine, a_status(77, FIG_CANCELLED), FIG_NOT_FOUND);
    must_be(last_asked(engine, &asked), FIG_OK);
    cr_assert_eq(asked.appointment_id, 77);
    fixture_close(engine);
}

Test(refusals, there_is_no_request_before_an_event_was_told)
{
    fig_engine *engine = fixture_engine();
    fig_journal *journal = NULL;
    fig_request request = fig_book_default();
    fig_event event = fig_event_default();
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    must_be(fig_journal_request(journal, &request), FIG_INVALID);
    must_be(fig_journal_next(journal, &event), FIG_OK);
    must_be(fig_journal_request(journal, &request), FIG_OK);
    cr_assert_eq(request.operation, FIG_OP_DECLARE_SHOP);
    while (fig_journal_next(journal, &event) == FIG_OK) continue;
    must_be(fig_journal_request(journal, &request), FIG_INVALID);
    fig_journal_close(journal);
    fixture_close(engine);
}
