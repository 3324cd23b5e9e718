/* The defects of the app that Figaro replaces, as far as they are about rules; numbers as in defects.c: 8 blackouts
 * that nobody asked and that came once, 9 patch tests the wrong way round, bookings to come that counted as past, a
 * closing time that midnight beat, priorities that were never used, ages that were wrong by days. */
#include "tests/engine/shop_days.h"

#include <stdio.h>
#include <string.h>

enum { ALICE = 1, CUT = 1, COLOUR = 2, PATCH = 3 };

static int64_t utc(int month, int day, int hour, int minute) { return instant_in("UTC", month, day, hour, minute); }

static fig_outcome book(fig_engine *engine, uint64_t service_id, int64_t start_s, fig_status status)
{
    fig_request request = a_booking(FIGARO, start_s, start_s + 30 * MINUTE);
    request.service_id = service_id;
    request.client_id = ALICE;
    return must(engine, request, status);
}

/* The rules that a booking breaks, in order, as their types. */
static size_t broken_by(fig_engine *engine, uint64_t service_id, int64_t start_s, fig_rule_type types[8])
{
    fig_broken_rule rules[8];
    for (size_t i = 0; i < 8; i++) rules[i] = fig_broken_rule_default();
    fig_request request = a_booking(FIGARO, start_s, start_s + 30 * MINUTE);
    request.service_id = service_id;
    request.client_id = ALICE;
    fig_outcome outcome = fig_outcome_default();
    outcome.rules = rules;
    outcome.rules_capacity = 8;
    must_be(fig_book(engine, &request, &outcome), FIG_RULE);
    cr_assert_leq(outcome.rules_count, 8);
    for (size_t i = 0; i < outcome.rules_count; i++) types[i] = rules[i].type;
    return outcome.rules_count;
}

static void complete(fig_engine *engine, uint64_t id)
{
    fig_request request = a_status(id, FIG_COMPLETED);
    must(engine, request, FIG_OK);
}

/* ---- 8 ---- */

Test(defects_of_rules, blackouts_are_asked_by_booking_and_come_every_year)
{
    fig_engine *engine = fixture_engine();
    fig_cut cuts[2] = {
        {.kind = FIG_CUT_BLACKOUT, .from_day = day_of(8, 1), .to_day = day_of(8, 2), .whole_days = true},
        {.kind = FIG_CUT_HOLIDAY,
         .from_day = day_of(12, 25),
         .to_day = day_of(12, 25),
         .whole_days = true,
         .yearly = true},
    };
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_CUTS);
    schedule.cuts = cuts;
    schedule.cut_count = 2;
    declare_schedule(engine, &schedule, FIG_OK);
    cr_assert(must(engine, a_booking(FIGARO, utc(8, 2, 23, 0), utc(8, 2, 23, 30)), FIG_CLOSED).closed);
    must(engine, a_booking(FIGARO, utc(8, 3, 0, 0), utc(8, 3, 0, 30)), FIG_OK);
    int64_t christmas_s = utc(12, 25, 10, 0);
    must(engine, a_booking(FIGARO, christmas_s, christmas_s + HOUR), FIG_CLOSED);
    must(engine, a_booking(FIGARO, christmas_s + 365 * (int64_t)DAY, christmas_s + 365 * (int64_t)DAY + HOUR),
         FIG_CLOSED);
    must(engine, a_booking(FIGARO, christmas_s - 365 * (int64_t)DAY, christmas_s - 365 * (int64_t)DAY + HOUR),
         FIG_CLOSED);
    fixture_close(engine);
}

/* ---- 9 ---- */

static fig_engine *with_patch_test(void)
{
    fig_engine *engine = fixture_engine();
    fig_service patch = a_service(PATCH, "Patch test", 10), colour = a_service(COLOUR, "Colour", 30);
    patch.kind = FIG_SERVICE_PATCH_TEST;
    colour.patch_test_s = 48 * HOUR;
    declare_service(engine, &patch);
    declare_service(engine, &colour);
    return engine;
}

Test(defects_of_rules, a_patch_test_comes_first_and_in_time)
{
    fig_engine *engine = with_patch_test();
    fig_rule_type types[8];
    cr_assert_eq(broken_by(engine, COLOUR, utc(3, 10, 10, 0), types), 1);
    cr_assert_eq(types[0], FIG_RULE_PATCH_TEST);
    uint64_t test = book(engine, PATCH, utc(3, 5, 10, 0), FIG_OK).appointment.id;
    book(engine, COLOUR, utc(3, 10, 10, 0), FIG_RULE); /* it is only to come */
    complete(engine, test);
    book(engine, COLOUR, utc(3, 7, 10, 29), FIG_RULE); /* a minute short of two days */
    book(engine, COLOUR, utc(3, 4, 10, 0), FIG_RULE);  /* before it */
    book(engine, COLOUR, utc(3, 7, 10, 30), FIG_OK);
    fixture_close(engine);
}

Test(defects_of_rules, what_is_to_come_is_not_past)
{
    fig_engine *engine = fixture_engine();
    fig_service cut = a_service(CUT, "Cut", 30), colour = a_service(COLOUR, "Colour", 30);
    uint64_t required = CUT;
    colour.required = &required;
    colour.required_count = 1;
    declare_service(engine, &cut);
    declare_service(engine, &colour);
    uint64_t id = book(engine, CUT, utc(3, 5, 10, 0), FIG_OK).appointment.id;
    book(engine, COLOUR, utc(3, 6, 10, 0), FIG_RULE);
    complete(engine, id);
    book(engine, COLOUR, utc(3, 6, 10, 0), FIG_OK);
    book(engine, COLOUR, utc(3, 4, 10, 0), FIG_RULE); /* it was done later than that */
    fixture_close(engine);
}

Test(defects_of_rules, midnight_does_not_beat_closing_time)
{
    fig_engine *engine = fixture_engine();
    fig_weekly open = {0, 18 * HOUR, 24 * HOUR}; /* Mondays; the 5th is one */
    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_ALL;
    rule.id = 1;
    snprintf(rule.name, sizeof rule.name, "evenings");
    rule.type = FIG_RULE_BUSINESS_HOURS;
    rule.weekly = &open;
    rule.weekly_count = 1;
    declare_rule(engine, &rule);
    book(engine, 0, utc(1, 5, 23, 30), FIG_OK);
    book(engine, 0, utc(1, 5, 23, 45), FIG_RULE); /* it would end at a quarter past */
    book(engine, 0, utc(1, 5, 17, 45), FIG_RULE);
    fixture_close(engine);
}

static fig_rule longest(uint64_t id, uint32_t minutes, int32_t priority)
{
    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_ALL;
    rule.id = id;
    snprintf(rule.name, sizeof rule.name, "at most %u minutes", minutes);
    rule.type = FIG_RULE_MAX_DURATION;
    rule.limit_s = minutes * MINUTE;
    rule.priority = priority;
    return rule;
}

Test(defects_of_rules, the_narrowest_scope_counts_and_then_the_highest_priority)
{
    fig_engine *engine = fixture_engine();
    uint64_t service = CUT;
    fig_rule low = longest(1, 60, 0), high = longest(2, 20, 7), of_cut = longest(3, 45, -3);
    of_cut.scope = FIG_SCOPE_SERVICE;
    of_cut.ids = &service;
    of_cut.id_count = 1;
    declare_rule(engine, &low);
    book(engine, 0, utc(3, 5, 10, 0), FIG_OK);
    declare_rule(engine, &high);
    book(engine, 0, utc(3, 5, 11, 0), FIG_RULE);
    book(engine, CUT, utc(3, 5, 11, 0), FIG_RULE);
    declare_rule(engine, &of_cut);
    book(engine, CUT, utc(3, 5, 11, 0), FIG_OK);
    book(engine, COLOUR, utc(3, 5, 12, 0), FIG_RULE);
    fixture_close(engine);
}

Test(defects_of_rules, one_is_eighteen_on_the_birthday_and_not_before)
{
    fig_engine *engine = fixture_engine();
    fig_service cut = a_service(CUT, "Cut", 30);
    cut.min_age = 18;
    declare_service(engine, &cut);
    fig_client alice = fig_client_default();
    alice.fields = FIG_CLIENT_ALL;
    alice.id = ALICE;
    snprintf(alice.name, sizeof alice.name, "Alice");
    alice.born_day = 13951; /* 2008-03-13 */
    declare_client(engine, &alice);
    book(engine, CUT, utc(3, 12, 23, 30), FIG_RULE);
    book(engine, CUT, utc(3, 13, 0, 0), FIG_OK);
    fixture_close(engine);
}

Test(defects_of_rules, a_refusal_names_every_rule)
{
    fig_engine *engine = with_patch_test();
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_LEAD | FIG_SCHEDULE_HORIZON);
    schedule.lead_s = HOUR;
    schedule.horizon_days = 30;
    declare_schedule(engine, &schedule, FIG_OK);
    fig_client alice = fig_client_default();
    alice.fields = FIG_CLIENT_ALL;
    alice.id = ALICE;
    alice.flags = FIG_CLIENT_BLOCKED | FIG_CLIENT_PAYMENT_ISSUE;
    declare_client(engine, &alice);
    fig_rule_type types[8];
    cr_assert_eq(broken_by(engine, COLOUR, utc(3, 10, 10, 0), types), 4);
    cr_assert_eq(types[0], FIG_RULE_HORIZON);
    cr_assert_eq(types[1], FIG_RULE_PATCH_TEST);
    cr_assert_eq(types[2], FIG_RULE_CLIENT_BLOCKED);
    cr_assert_eq(types[3], FIG_RULE_CLIENT_PAYMENT_ISSUE);
    fixture_close(engine);
}

Test(defects_of_rules, a_rule_that_cannot_be_evaluated_flags_the_booking_or_refuses_it)
{
    fig_engine *engine = fixture_engine();
    fig_service cut = a_service(CUT, "Cut", 30);
    cut.min_age = 18;
    declare_service(engine, &cut);
    fig_outcome outcome = book(engine, CUT, utc(3, 5, 10, 0), FIG_OK);
    cr_assert(outcome.appointment.unchecked);
    cr_assert_eq(outcome.rules_count, 1);
    cr_assert_eq(stats_of(engine).unchecked, 1);
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_RULE_ERRORS);
    schedule.rule_errors = FIG_RULE_ERRORS_REJECT;
    declare_schedule(engine, &schedule, FIG_OK);
    book(engine, CUT, utc(3, 5, 11, 0), FIG_RULE);
    fixture_close(engine);
}

/* ---- 2, as far as it is about services: changing it checked nothing ---- */

Test(defects_of_rules, changing_the_service_asks_its_rules)
{
    fig_engine *engine = with_patch_test();
    uint64_t id = book(engine, 0, utc(3, 10, 10, 0), FIG_OK).appointment.id;
    fig_request to_colour = a_move(id, 0, 0);
    to_colour.service_id = COLOUR;
    must(engine, to_colour, FIG_RULE);
    to_colour.service_id = PATCH;
    must(engine, to_colour, FIG_OK);
    fixture_close(engine);
}
