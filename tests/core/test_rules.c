/* Each rule on both sides of its edge, which declared rule counts, and what becomes of those that cannot be evaluated.
 * Budget: 1 s. */
#include "tests/core/rules_world.h"

#include <criterion/criterion.h>
#include <string.h>

#define NEW_YORK "America/New_York"
#define TOKYO    "Asia/Tokyo"
#define HALF     1800

/* What rules_judge() says of a type; NULL: nothing. rules_pass() has to agree, and the list to be in order. */
static const struct broken_rule *judged(const struct rules_world *world, int64_t start_s, int64_t duration_s,
                                        fig_rule_type type)
{
    static struct broken_rules broken;
    struct rule_question question = ruled_question(world, start_s, duration_s);
    const struct broken_rule *found = NULL;
    struct broken_rule first;
    rules_judge(&question, &broken);
    cr_assert_eq(rules_pass(&question, &first), !broken.refused);
    size_t failed = 0;
    for (size_t i = 0; i < broken.count; i++) {
        const struct broken_rule *at = &broken.list[i];
        cr_assert(i == 0 || at[-1].type < at->type);
        cr_assert(at->from_s <= start_s && start_s < at->until_s, "%s", fig_rule_type_name(at->type));
        cr_assert(at->reason != NULL && strlen(at->reason) > 10);
        failed += at->failed;
        if (at->type == type) found = at;
    }
    cr_assert_eq(failed, broken.failed);
    return found;
}

static bool breaks(const struct rules_world *world, int64_t start_s, int64_t duration_s, fig_rule_type type)
{
    const struct broken_rule *broken = judged(world, start_s, duration_s, type);
    return broken != NULL && !broken->failed;
}

static bool fails(const struct rules_world *world, int64_t start_s, int64_t duration_s, fig_rule_type type)
{
    const struct broken_rule *broken = judged(world, start_s, duration_s, type);
    return broken != NULL && broken->failed;
}

static void expect_span(const struct rules_world *world, int64_t start_s, fig_rule_type type, int64_t from_s,
                        int64_t until_s)
{
    const struct broken_rule *broken = judged(world, start_s, HALF, type);
    cr_assert(broken != NULL, "%s", fig_rule_type_name(type));
    cr_expect_eq(broken->from_s, from_s, "%s: from %lld", fig_rule_type_name(type), (long long)broken->from_s);
    cr_expect_eq(broken->until_s, until_s, "%s: until %lld", fig_rule_type_name(type), (long long)broken->until_s);
}

/* ---- names ---- */

Test(rules, names_are_found_again)
{
    static const char *const declared[] = {"min_advance_booking", "max_advance_booking", "min_duration",
                                           "max_duration",        "blackout_dates",      "holiday_restrictions",
                                           "same_day_cutoff",     "business_hours",      "client_overlap"};
    int names = 0;
    for (int type = -1; type < 100; type++) {
        const char *name = fig_rule_type_name((fig_rule_type)type);
        fig_rule_type found = (fig_rule_type)99;
        if (name == NULL) continue;
        names++;
        cr_expect_eq(fig_rule_type_from_name(name, &found), FIG_OK);
        cr_expect(found == (fig_rule_type)type, "%s", name);
        if (type <= FIG_RULE_CLIENT_OVERLAP) cr_expect_str_eq(name, declared[type - 1]);
    }
    cr_expect_eq(names, 30);
    fig_rule_type untouched = FIG_RULE_LEAD;
    cr_expect_eq(fig_rule_type_from_name("none", &untouched), FIG_NOT_FOUND);
    cr_expect_eq(fig_rule_type_from_name(NULL, &untouched), FIG_INVALID);
    cr_expect_eq(untouched, FIG_RULE_LEAD);
}

/* ---- nothing asked ---- */

Test(rules, a_world_without_rules_lets_everything_pass)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    struct broken_rules broken;
    for (int known = 0; known < 4; known++) {
        world->opening.shops = (known & 1) != 0 ? &world->shops : NULL;
        world->opening.own = (known & 1) != 0 ? &world->own : NULL;
        world->client_id = (known & 2) != 0 ? WORLD_CLIENT : 0;
        for (int64_t start_s = FIG_TIME_MIN; start_s < FIG_TIME_MAX; start_s += 777 * DAY_S) {
            struct rule_question question = ruled_question(world, start_s, HALF);
            rules_judge(&question, &broken);
            cr_assert(broken.count == 0 && !broken.refused && broken.failed == 0);
            cr_assert(rules_pass(&question, &broken.list[0]));
        }
    }
    ruled_free(world);
}

/* ---- the shop ---- */

Test(rules, the_past_is_before_now)
{
    struct rules_world *world = ruled_make("UTC");
    cr_expect_not(breaks(world, world->now_s - 1, HALF, FIG_RULE_PAST));
    world->shop->past = FIG_PAST_REFUSE;
    cr_expect(breaks(world, world->now_s - 1, HALF, FIG_RULE_PAST));
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_PAST));
    expect_span(world, world->now_s - 5, FIG_RULE_PAST, FIG_TIME_MIN, world->now_s);
    ruled_free(world);
}

Test(rules, lead_counts_from_now)
{
    struct rules_world *world = ruled_make(TOKYO);
    world->shops.is.lead_s = 900;
    cr_expect(breaks(world, world->now_s + 899, HALF, FIG_RULE_LEAD));
    cr_expect_not(breaks(world, world->now_s + 900, HALF, FIG_RULE_LEAD));
    expect_span(world, world->now_s, FIG_RULE_LEAD, FIG_TIME_MIN, world->now_s + 900);
    ruled_free(world);
}

Test(rules, horizon_counts_dates_of_the_barbers_zone)
{
    struct rules_world *world = ruled_make(TOKYO); /* now is 21:00 there */
    world->shops.is.horizon_days = 1;
    int64_t end_s = ruled_at(world, 2026, 6, 12, 0, 0);
    cr_expect_not(breaks(world, end_s - 1, HALF, FIG_RULE_HORIZON));
    cr_expect(breaks(world, end_s, HALF, FIG_RULE_HORIZON));
    expect_span(world, end_s + 5, FIG_RULE_HORIZON, end_s, FIG_TIME_MAX + 1);
    world->now_s = ruled_at(world, 2026, 6, 11, 0, 0);
    cr_expect_not(breaks(world, end_s, HALF, FIG_RULE_HORIZON));
    world->shops.is.horizon_days = UINT32_MAX;
    cr_expect_not(breaks(world, FIG_TIME_MAX - HALF, HALF, FIG_RULE_HORIZON));
    ruled_free(world);
}

Test(rules, today_is_the_barbers_date)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    world->now_s = ruled_at(world, 2026, 6, 10, 21, 0); /* the 11th in UTC */
    int64_t today_s = ruled_at(world, 2026, 6, 10, 0, 0), tomorrow_s = ruled_at(world, 2026, 6, 11, 0, 0);
    world->shops.is.same_day = false;
    cr_expect(breaks(world, tomorrow_s - 1, HALF, FIG_RULE_SAME_DAY));
    cr_expect_not(breaks(world, tomorrow_s, HALF, FIG_RULE_SAME_DAY));
    cr_expect(breaks(world, today_s, HALF, FIG_RULE_SAME_DAY));
    cr_expect_not(breaks(world, today_s - 1, HALF, FIG_RULE_SAME_DAY));
    expect_span(world, world->now_s, FIG_RULE_SAME_DAY, today_s, tomorrow_s);
    ruled_free(world);
}

static void expect_cutoff(struct rules_world *world, fig_rule_type type)
{
    int64_t tomorrow_s = ruled_at(world, 2026, 6, 11, 0, 0);
    world->now_s = ruled_at(world, 2026, 6, 10, 17, 0);
    cr_expect(breaks(world, world->now_s + HALF, HALF, type));
    cr_expect(breaks(world, tomorrow_s - 1, HALF, type));
    cr_expect_not(breaks(world, tomorrow_s, HALF, type));
    expect_span(world, world->now_s, type, ruled_at(world, 2026, 6, 10, 0, 0), tomorrow_s);
    world->now_s--;
    cr_expect_not(breaks(world, world->now_s + HALF, HALF, type));
}

Test(rules, cutoffs_read_the_barbers_clock)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    world->shops.is.cutoff_s = 17 * 3600;
    expect_cutoff(world, FIG_RULE_CUTOFF);
    ruled_rule(world, 4, (fig_rule){.type = FIG_RULE_SAME_DAY_CUTOFF, .clock_s = 17 * 3600});
    expect_cutoff(world, FIG_RULE_SAME_DAY_CUTOFF);
    ruled_rule(world, 4, (fig_rule){.type = FIG_RULE_SAME_DAY_CUTOFF, .clock_s = FIG_NO_CUTOFF});
    world->now_s += 2;
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_SAME_DAY_CUTOFF));
    ruled_rule(world, 4, (fig_rule){.type = FIG_RULE_SAME_DAY_CUTOFF, .clock_s = 86401});
    cr_expect(fails(world, world->now_s, HALF, FIG_RULE_SAME_DAY_CUTOFF));
    ruled_free(world);
}

/* ---- declared limits ---- */

Test(rules, declared_limits_have_exact_edges)
{
    struct rules_world *world = ruled_make(TOKYO);
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_MIN_ADVANCE, .limit_s = 7200});
    ruled_rule(world, 2, (fig_rule){.type = FIG_RULE_MAX_ADVANCE, .limit_days = 2});
    ruled_rule(world, 3, (fig_rule){.type = FIG_RULE_MIN_DURATION, .limit_s = 900});
    ruled_rule(world, 4, (fig_rule){.type = FIG_RULE_MAX_DURATION, .limit_s = 3600});
    int64_t now_s = world->now_s, end_s = ruled_at(world, 2026, 6, 13, 0, 0);
    cr_expect(breaks(world, now_s + 7199, HALF, FIG_RULE_MIN_ADVANCE));
    cr_expect_not(breaks(world, now_s + 7200, HALF, FIG_RULE_MIN_ADVANCE));
    cr_expect_not(breaks(world, end_s - 1, HALF, FIG_RULE_MAX_ADVANCE));
    cr_expect(breaks(world, end_s, HALF, FIG_RULE_MAX_ADVANCE));
    cr_expect(breaks(world, now_s, 899, FIG_RULE_MIN_DURATION));
    cr_expect_not(breaks(world, now_s, 900, FIG_RULE_MIN_DURATION));
    cr_expect_not(breaks(world, now_s, 3600, FIG_RULE_MAX_DURATION));
    cr_expect(breaks(world, now_s, 3601, FIG_RULE_MAX_DURATION));
    cr_expect_eq(judged(world, now_s, 3601, FIG_RULE_MAX_DURATION)->rule->document.id, 4);
    ruled_free(world);
}

Test(rules, a_limit_of_nothing_asks_nothing)
{
    struct rules_world *world = ruled_make(TOKYO);
    for (int type = FIG_RULE_MIN_ADVANCE; type <= FIG_RULE_MAX_DURATION; type++)
        ruled_rule(world, (uint64_t)type, (fig_rule){.type = (fig_rule_type)type});
    struct broken_rules broken;
    struct rule_question question = ruled_question(world, world->now_s - DAY_S, HALF);
    rules_judge(&question, &broken);
    cr_expect_eq(broken.count, 0);
    ruled_free(world);
}

/* ---- cuts ---- */

Test(rules, blackouts_take_whole_dates_of_the_barbers_zone)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    fig_cut cut = {.kind = FIG_CUT_BLACKOUT, .whole_days = true};
    cut.from_day = ruled_day(2026, 8, 1);
    cut.to_day = ruled_day(2026, 8, 2);
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_BLACKOUT_DATES, .cuts = &cut, .cut_count = 1});
    int64_t from_s = ruled_at(world, 2026, 8, 1, 0, 0), until_s = ruled_at(world, 2026, 8, 3, 0, 0);
    cr_expect_not(breaks(world, from_s - 1, 7 * DAY_S, FIG_RULE_BLACKOUT_DATES), "only the start counts");
    cr_expect(breaks(world, from_s, HALF, FIG_RULE_BLACKOUT_DATES));
    cr_expect(breaks(world, until_s - 1, HALF, FIG_RULE_BLACKOUT_DATES));
    cr_expect_not(breaks(world, until_s, HALF, FIG_RULE_BLACKOUT_DATES));
    cr_expect_not(breaks(world, from_s + 365 * DAY_S, HALF, FIG_RULE_BLACKOUT_DATES));
    expect_span(world, from_s + DAY_S, FIG_RULE_BLACKOUT_DATES, from_s, until_s);
    cut.state = FIG_CUT_CANCELLED;
    cr_expect_not(breaks(world, from_s, HALF, FIG_RULE_BLACKOUT_DATES));
    ruled_free(world);
}

Test(rules, holidays_come_every_year_and_over_new_year)
{
    struct rules_world *world = ruled_make(TOKYO);
    fig_cut cuts[2] = {{.kind = FIG_CUT_HOLIDAY, .whole_days = true, .yearly = true}};
    cuts[1] = cuts[0];
    cuts[0].from_day = ruled_day(2020, 12, 31);
    cuts[0].to_day = ruled_day(2020, 1, 2);
    cuts[1].from_day = cuts[1].to_day = ruled_day(2024, 2, 29);
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_HOLIDAYS, .cuts = cuts, .cut_count = 2});
    for (int year = 2026; year < 2032; year++) {
        int64_t from_s = ruled_at(world, year, 12, 31, 0, 0), until_s = ruled_at(world, year + 1, 1, 3, 0, 0);
        cr_expect_not(breaks(world, from_s - 1, HALF, FIG_RULE_HOLIDAYS));
        cr_expect(breaks(world, from_s, HALF, FIG_RULE_HOLIDAYS));
        cr_expect(breaks(world, until_s - 1, HALF, FIG_RULE_HOLIDAYS));
        cr_expect_not(breaks(world, until_s, HALF, FIG_RULE_HOLIDAYS));
    }
    cr_expect(breaks(world, ruled_at(world, 2028, 2, 29, 12, 0), HALF, FIG_RULE_HOLIDAYS));
    cr_expect_not(breaks(world, ruled_at(world, 2027, 2, 28, 12, 0), HALF, FIG_RULE_HOLIDAYS));
    cr_expect_not(breaks(world, ruled_at(world, 2027, 3, 1, 12, 0), HALF, FIG_RULE_HOLIDAYS));
    ruled_free(world);
}

Test(rules, a_cuts_window_may_run_past_midnight)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    fig_cut cut = {.kind = FIG_CUT_BLACKOUT, .start_s = 22 * 3600, .end_s = 2 * 3600};
    cut.from_day = cut.to_day = ruled_day(2026, 8, 1);
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_BLACKOUT_DATES, .cuts = &cut, .cut_count = 1});
    int64_t from_s = ruled_at(world, 2026, 8, 1, 22, 0), until_s = ruled_at(world, 2026, 8, 2, 2, 0);
    cr_expect_not(breaks(world, from_s - 1, DAY_S, FIG_RULE_BLACKOUT_DATES));
    expect_span(world, from_s, FIG_RULE_BLACKOUT_DATES, from_s, until_s);
    expect_span(world, until_s - 1, FIG_RULE_BLACKOUT_DATES, from_s, until_s);
    cr_expect_not(breaks(world, until_s, HALF, FIG_RULE_BLACKOUT_DATES));
    cut.end_s = 86401;
    cr_expect(fails(world, from_s, HALF, FIG_RULE_BLACKOUT_DATES));
    ruled_free(world);
}

/* ---- hours ---- */

Test(rules, business_hours_hold_the_whole_appointment)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    fig_weekly weekly[] = {{2, 9 * 3600, 12 * 3600}, {2, 12 * 3600, 17 * 3600}, {3, 10 * 3600, 12 * 3600}};
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_BUSINESS_HOURS, .weekly = weekly, .weekly_count = 3});
    int64_t from_s = ruled_at(world, 2026, 6, 10, 9, 0), until_s = ruled_at(world, 2026, 6, 10, 17, 0);
    int64_t next_s = ruled_at(world, 2026, 6, 11, 10, 0);
    cr_expect_not(breaks(world, from_s, 8 * HOUR_S, FIG_RULE_BUSINESS_HOURS), "windows that touch are one");
    cr_expect(breaks(world, from_s - 1, HALF, FIG_RULE_BUSINESS_HOURS));
    cr_expect_not(breaks(world, until_s - HALF, HALF, FIG_RULE_BUSINESS_HOURS));
    cr_expect(breaks(world, until_s - HALF + 1, HALF, FIG_RULE_BUSINESS_HOURS));
    cr_expect(breaks(world, until_s - HOUR_S, 9 * HOUR_S, FIG_RULE_BUSINESS_HOURS), "it ends after midnight");
    cr_expect(breaks(world, from_s, 27 * HOUR_S, FIG_RULE_BUSINESS_HOURS), "closed in between");
    expect_span(world, until_s + 60, FIG_RULE_BUSINESS_HOURS, until_s, next_s);
    expect_span(world, until_s - 60, FIG_RULE_BUSINESS_HOURS, until_s - HALF + 1, until_s + 1);
    ruled_free(world);
}

Test(rules, a_night_shift_is_open_past_midnight)
{
    struct rules_world *world = ruled_make(TOKYO);
    fig_weekly weekly[] = {{6, 20 * 3600, 4 * 3600}};
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_BUSINESS_HOURS, .weekly = weekly, .weekly_count = 1});
    int64_t from_s = ruled_at(world, 2026, 6, 14, 20, 0);
    cr_expect_not(breaks(world, from_s, 8 * HOUR_S, FIG_RULE_BUSINESS_HOURS));
    cr_expect(breaks(world, from_s, 8 * HOUR_S + 1, FIG_RULE_BUSINESS_HOURS));
    cr_expect_not(breaks(world, from_s + 7 * HOUR_S, HOUR_S, FIG_RULE_BUSINESS_HOURS));
    cr_expect(breaks(world, from_s + DAY_S, HOUR_S, FIG_RULE_BUSINESS_HOURS));
    weekly[0].weekday = 7;
    cr_expect(fails(world, from_s, HOUR_S, FIG_RULE_BUSINESS_HOURS));
    ruled_free(world);
}

/* ---- which declared rule counts ---- */

static uint64_t counting(const struct rules_world *world)
{
    const struct broken_rule *broken = judged(world, world->now_s, HALF, FIG_RULE_MIN_ADVANCE);
    return broken == NULL ? 0 : broken->rule->document.id;
}

Test(rules, the_narrowest_scope_counts_then_priority_then_id)
{
    struct rules_world *world = ruled_make("UTC");
    static uint64_t shop[] = {1, WORLD_SHOP}, service[] = {WORLD_SERVICE, 900}, barber[] = {2, WORLD_BARBER, 99};
    static char types[][FIG_TYPE_MAX + 1] = {"new", "vip"};
    fig_rule rule = {.type = FIG_RULE_MIN_ADVANCE, .limit_s = 60};
    ruled_rule(world, 30, rule);
    cr_expect_eq(counting(world), 30);
    ruled_rule(world, 20, rule);
    cr_expect_eq(counting(world), 20, "the smallest id");
    rule.priority = 1;
    ruled_rule(world, 40, rule);
    cr_expect_eq(counting(world), 40, "the highest priority");
    rule = (fig_rule){.type = FIG_RULE_MIN_ADVANCE, .limit_s = 60, .priority = -5, .scope = FIG_SCOPE_SHOP};
    rule.ids = shop;
    rule.id_count = 2;
    ruled_rule(world, 90, rule);
    cr_expect_eq(counting(world), 90, "a shop's rule before everybody's, whatever the priority");
    rule.scope = FIG_SCOPE_CLIENT_TYPE;
    rule.client_types = types;
    rule.client_type_count = 2;
    ruled_rule(world, 91, rule);
    cr_expect_eq(counting(world), 90, "an unknown client has no type");
    ruled_client(world, WORLD_CLIENT, FIG_NO_DAY, 0, "vi");
    cr_expect_eq(counting(world), 90);
    ruled_client(world, WORLD_CLIENT, FIG_NO_DAY, 0, "vip");
    cr_expect_eq(counting(world), 91);
    rule.scope = FIG_SCOPE_SERVICE;
    rule.ids = service;
    ruled_rule(world, 92, rule);
    cr_expect_eq(counting(world), 92);
    rule.scope = FIG_SCOPE_BARBER;
    rule.ids = barber;
    rule.id_count = 3;
    ruled_rule(world, 93, rule);
    cr_expect_eq(counting(world), 93);
    rule.limit_s = 0;
    ruled_rule(world, 94, rule);
    cr_expect_eq(counting(world), 93);
    rule.priority = 0;
    struct rule *loose = ruled_rule(world, 94, rule);
    cr_expect_eq(counting(world), 0, "a narrow rule loosens a wide one");
    loose->is.active = false;
    cr_expect_eq(counting(world), 93);
    barber[1] = 8;
    cr_expect_eq(counting(world), 92);
    world->service_id = 0;
    cr_expect_eq(counting(world), 91);
    world->client_id = 0;
    cr_expect_eq(counting(world), 90);
    world->profile->shop_id = 2;
    cr_expect_eq(counting(world), 40);
    ruled_free(world);
}

/* ---- the service ---- */

Test(rules, an_inactive_or_declined_service_is_not_booked)
{
    struct rules_world *world = ruled_make("UTC");
    fig_offer offers[] = {{.service_id = 4}, {.service_id = WORLD_SERVICE, .declined = true}, {.service_id = 30}};
    struct service *service = ruled_service(world, WORLD_SERVICE, (fig_service){0});
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_SERVICE_INACTIVE));
    service->is.active = false;
    cr_expect(breaks(world, world->now_s, HALF, FIG_RULE_SERVICE_INACTIVE));
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_NOT_OFFERED));
    world->own.is.offers = offers;
    world->own.is.offer_count = 3;
    cr_expect(breaks(world, world->now_s, HALF, FIG_RULE_NOT_OFFERED));
    offers[1].declined = false;
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_NOT_OFFERED));
    offers[1].declined = true;
    world->service_id = 21;
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_NOT_OFFERED));
    cr_expect_not(breaks(world, world->now_s, HALF, FIG_RULE_SERVICE_INACTIVE));
    ruled_free(world);
}

Test(rules, a_service_has_its_own_advance_and_weekdays)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    struct service *service = ruled_service(
        world, WORLD_SERVICE, (fig_service){.min_advance_s = 7200, .max_advance_days = 3, .blocked_days = 1 << 4});
    int64_t end_s = ruled_at(world, 2026, 6, 14, 0, 0);
    cr_expect(breaks(world, world->now_s + 7199, HALF, FIG_RULE_SERVICE_MIN_ADVANCE));
    cr_expect_not(breaks(world, world->now_s + 7200, HALF, FIG_RULE_SERVICE_MIN_ADVANCE));
    cr_expect_not(breaks(world, end_s - 1, HALF, FIG_RULE_SERVICE_MAX_ADVANCE));
    cr_expect(breaks(world, end_s, HALF, FIG_RULE_SERVICE_MAX_ADVANCE));
    int64_t friday_s = ruled_at(world, 2026, 6, 12, 0, 0);
    cr_expect_not(breaks(world, friday_s - 1, HALF, FIG_RULE_BLOCKED_DAY));
    expect_span(world, friday_s, FIG_RULE_BLOCKED_DAY, friday_s, friday_s + DAY_S);
    cr_expect(breaks(world, friday_s + DAY_S - 1, HALF, FIG_RULE_BLOCKED_DAY));
    cr_expect_not(breaks(world, friday_s + DAY_S, HALF, FIG_RULE_BLOCKED_DAY));
    service->is.blocked_days = 127;
    expect_span(world, friday_s, FIG_RULE_BLOCKED_DAY, FIG_TIME_MIN, FIG_TIME_MAX + 1);
    service->is.blocked_days = 0;
    cr_expect_not(breaks(world, friday_s, HALF, FIG_RULE_BLOCKED_DAY));
    ruled_free(world);
}

Test(rules, age_is_exact_on_the_day)
{
    struct rules_world *world = ruled_make(TOKYO);
    struct service *service = ruled_service(world, WORLD_SERVICE, (fig_service){.min_age = 18});
    ruled_client(world, WORLD_CLIENT, ruled_day(2008, 7, 1), 0, "");
    int64_t birthday_s = ruled_at(world, 2026, 7, 1, 0, 0);
    expect_span(world, birthday_s - 1, FIG_RULE_MIN_AGE, FIG_TIME_MIN, birthday_s);
    cr_expect_not(breaks(world, birthday_s, HALF, FIG_RULE_MIN_AGE));
    service->is.min_age = 0;
    service->is.max_age = 17;
    cr_expect_not(breaks(world, birthday_s - 1, HALF, FIG_RULE_MAX_AGE));
    expect_span(world, birthday_s, FIG_RULE_MAX_AGE, birthday_s, FIG_TIME_MAX + 1);
    ruled_client(world, WORLD_CLIENT, ruled_day(2008, 2, 29), 0, "");
    birthday_s = ruled_at(world, 2026, 3, 1, 0, 0);
    cr_expect_not(breaks(world, birthday_s - 1, HALF, FIG_RULE_MAX_AGE), "28 February is no birthday");
    cr_expect(breaks(world, birthday_s, HALF, FIG_RULE_MAX_AGE));
    service->is.max_age = 19;
    birthday_s = ruled_at(world, 2028, 2, 29, 0, 0);
    cr_expect_not(breaks(world, birthday_s - 1, HALF, FIG_RULE_MAX_AGE));
    cr_expect(breaks(world, birthday_s, HALF, FIG_RULE_MAX_AGE));
    service->is.min_age = UINT32_MAX;
    service->is.max_age = UINT32_MAX;
    expect_span(world, birthday_s, FIG_RULE_MIN_AGE, FIG_TIME_MIN, FIG_TIME_MAX + 1);
    cr_expect_not(breaks(world, birthday_s, HALF, FIG_RULE_MAX_AGE));
    ruled_free(world);
}

/* ---- what the client has had ---- */

enum { CONSULTATION = 30, PATCH_TEST = 31, OTHER = 32 };

Test(rules, a_consultation_is_completed_before_the_start)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_service(world, WORLD_SERVICE, (fig_service){.consultation = true});
    ruled_service(world, CONSULTATION, (fig_service){.kind = FIG_SERVICE_CONSULTATION});
    int64_t start_s = world->now_s + DAY_S;
    expect_span(world, start_s, FIG_RULE_CONSULTATION, FIG_TIME_MIN, FIG_TIME_MAX + 1);
    ruled_appointment(world, WORLD_CLIENT, CONSULTATION, start_s - DAY_S, HALF, FIG_SCHEDULED);
    ruled_appointment(world, WORLD_CLIENT, CONSULTATION, start_s - 2 * DAY_S, HALF, FIG_NO_SHOW);
    ruled_appointment(world, WORLD_CLIENT, OTHER, start_s - 3 * DAY_S, HALF, FIG_COMPLETED);
    ruled_appointment(world, WORLD_CLIENT + 1, CONSULTATION, start_s - 4 * DAY_S, HALF, FIG_COMPLETED);
    cr_expect(breaks(world, start_s, HALF, FIG_RULE_CONSULTATION));
    uint64_t id = ruled_appointment(world, WORLD_CLIENT, CONSULTATION, start_s - HALF, HALF, FIG_COMPLETED);
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_CONSULTATION));
    expect_span(world, start_s - 1, FIG_RULE_CONSULTATION, FIG_TIME_MIN, start_s);
    world->ignore_id = id;
    cr_expect(breaks(world, start_s, HALF, FIG_RULE_CONSULTATION), "the one that is moved does not count");
    ruled_free(world);
}

Test(rules, a_patch_test_ended_long_enough_before)
{
    struct rules_world *world = ruled_make(TOKYO);
    ruled_service(world, WORLD_SERVICE, (fig_service){.patch_test_s = 48 * 3600});
    ruled_service(world, PATCH_TEST, (fig_service){.kind = FIG_SERVICE_PATCH_TEST});
    int64_t test_s = world->now_s - 20 * DAY_S, enough_s = test_s + HALF + 48 * HOUR_S;
    ruled_appointment(world, WORLD_CLIENT, PATCH_TEST, test_s, HALF, FIG_COMPLETED);
    cr_expect(breaks(world, test_s - DAY_S, HALF, FIG_RULE_PATCH_TEST), "a later test is none");
    expect_span(world, enough_s - 1, FIG_RULE_PATCH_TEST, FIG_TIME_MIN, enough_s);
    cr_expect_not(breaks(world, enough_s, HALF, FIG_RULE_PATCH_TEST));
    cr_expect_not(breaks(world, enough_s + 300 * DAY_S, HALF, FIG_RULE_PATCH_TEST));
    ruled_free(world);
}

Test(rules, required_services_were_all_completed)
{
    struct rules_world *world = ruled_make("UTC");
    static uint64_t requires[] = {OTHER, OTHER + 1};
    ruled_service(world, WORLD_SERVICE, (fig_service){.required = requires, .required_count = 2});
    int64_t start_s = world->now_s;
    ruled_appointment(world, WORLD_CLIENT, OTHER, start_s - DAY_S, HALF, FIG_COMPLETED);
    cr_expect(breaks(world, start_s, HALF, FIG_RULE_REQUIRED_SERVICE));
    ruled_appointment(world, WORLD_CLIENT, OTHER + 1, start_s + DAY_S, HALF, FIG_SCHEDULED);
    cr_expect(breaks(world, start_s + 2 * DAY_S, HALF, FIG_RULE_REQUIRED_SERVICE), "a future one is none");
    ruled_appointment(world, WORLD_CLIENT, OTHER + 1, start_s - HALF, HALF, FIG_COMPLETED);
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_REQUIRED_SERVICE));
    expect_span(world, start_s - 1, FIG_RULE_REQUIRED_SERVICE, FIG_TIME_MIN, start_s);
    ruled_free(world);
}

Test(rules, max_per_day_counts_this_one_and_the_barbers_dates)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    ruled_service(world, WORLD_SERVICE, (fig_service){.max_per_day = 2});
    int64_t day_s = ruled_at(world, 2026, 6, 20, 0, 0);
    ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s, HALF, FIG_COMPLETED);
    ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s + HOUR_S, HALF, FIG_CANCELLED);
    ruled_appointment(world, WORLD_CLIENT, OTHER, day_s + 2 * HOUR_S, HALF, FIG_SCHEDULED);
    ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s - 1, HALF, FIG_SCHEDULED);
    ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s + DAY_S, HALF, FIG_SCHEDULED);
    cr_expect_not(breaks(world, day_s + 5 * HOUR_S, HALF, FIG_RULE_MAX_PER_DAY));
    uint64_t id = ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s + DAY_S - 1, HALF, FIG_HELD);
    expect_span(world, day_s + 5 * HOUR_S, FIG_RULE_MAX_PER_DAY, day_s, day_s + DAY_S);
    world->ignore_id = id;
    cr_expect_not(breaks(world, day_s + 5 * HOUR_S, HALF, FIG_RULE_MAX_PER_DAY));
    world->ignore_id = 0;
    world->now_s++;
    cr_expect_not(breaks(world, day_s + 5 * HOUR_S, HALF, FIG_RULE_MAX_PER_DAY), "the hold is over");
    ruled_free(world);
}

Test(rules, days_between_count_both_ways)
{
    struct rules_world *world = ruled_make(TOKYO);
    struct service *service = ruled_service(world, WORLD_SERVICE, (fig_service){.min_days_between = 7});
    int64_t day_s = ruled_at(world, 2026, 6, 20, 0, 0);
    ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, day_s + 12 * HOUR_S, HALF, FIG_SCHEDULED);
    cr_expect_not(breaks(world, day_s + 7 * DAY_S, HALF, FIG_RULE_MIN_DAYS_BETWEEN));
    cr_expect(breaks(world, day_s + 7 * DAY_S - 1, HALF, FIG_RULE_MIN_DAYS_BETWEEN));
    cr_expect(breaks(world, day_s - 6 * DAY_S, HALF, FIG_RULE_MIN_DAYS_BETWEEN));
    cr_expect_not(breaks(world, day_s - 6 * DAY_S - 1, HALF, FIG_RULE_MIN_DAYS_BETWEEN));
    expect_span(world, day_s, FIG_RULE_MIN_DAYS_BETWEEN, day_s - 6 * DAY_S, day_s + 7 * DAY_S);
    service->is.min_days_between = UINT32_MAX;
    cr_expect(breaks(world, FIG_TIME_MAX - HALF, HALF, FIG_RULE_MIN_DAYS_BETWEEN));
    ruled_free(world);
}

Test(rules, incompatible_services_share_no_date)
{
    struct rules_world *world = ruled_make(NEW_YORK);
    static uint64_t incompatible[] = {OTHER, OTHER + 5};
    ruled_service(world, WORLD_SERVICE, (fig_service){.incompatible = incompatible, .incompatible_count = 2});
    int64_t day_s = ruled_at(world, 2026, 6, 20, 0, 0);
    ruled_appointment(world, WORLD_CLIENT, OTHER + 1, day_s, HALF, FIG_SCHEDULED);
    cr_expect_not(breaks(world, day_s, HALF, FIG_RULE_INCOMPATIBLE_SERVICE));
    ruled_appointment(world, WORLD_CLIENT, OTHER + 5, day_s + DAY_S - 1, HALF, FIG_SCHEDULED);
    expect_span(world, day_s, FIG_RULE_INCOMPATIBLE_SERVICE, day_s, day_s + DAY_S);
    cr_expect_not(breaks(world, day_s - 1, HALF, FIG_RULE_INCOMPATIBLE_SERVICE));
    cr_expect_not(breaks(world, day_s + DAY_S, HALF, FIG_RULE_INCOMPATIBLE_SERVICE));
    ruled_free(world);
}

Test(rules, a_client_is_in_one_chair)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_CLIENT_OVERLAP});
    int64_t start_s = world->now_s, end_s = start_s + HOUR_S;
    uint64_t id = ruled_appointment(world, WORLD_CLIENT, OTHER, start_s, HOUR_S, FIG_HELD);
    ruled_appointment(world, WORLD_CLIENT, OTHER, start_s + 2 * HOUR_S, HOUR_S, FIG_COMPLETED);
    ruled_appointment(world, WORLD_CLIENT + 1, OTHER, end_s, HOUR_S, FIG_SCHEDULED);
    cr_expect(breaks(world, end_s - 1, HALF, FIG_RULE_CLIENT_OVERLAP));
    cr_expect_not(breaks(world, end_s, 3 * HOUR_S, FIG_RULE_CLIENT_OVERLAP));
    cr_expect_not(breaks(world, start_s - HALF, HALF, FIG_RULE_CLIENT_OVERLAP));
    expect_span(world, start_s - HALF + 1, FIG_RULE_CLIENT_OVERLAP, start_s - HALF + 1, end_s);
    world->ignore_id = id;
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_CLIENT_OVERLAP));
    world->ignore_id = 0;
    world->now_s++;
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_CLIENT_OVERLAP), "the hold is over");
    ruled_free(world);
}

/* ---- drafts ---- */

Test(rules, drafts_stand_for_what_they_draft)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_CLIENT_OVERLAP});
    ruled_service(world, WORLD_SERVICE, (fig_service){.max_per_day = 1});
    int64_t start_s = world->now_s;
    uint64_t id = ruled_appointment(world, WORLD_CLIENT, WORLD_SERVICE, start_s, HOUR_S, FIG_SCHEDULED);
    cr_expect(breaks(world, start_s, HALF, FIG_RULE_CLIENT_OVERLAP));
    cr_expect(breaks(world, start_s, HALF, FIG_RULE_MAX_PER_DAY));
    struct draft *moved = ruled_draft(world, id);
    moved->fixed.start_s += 3 * DAY_S;
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_CLIENT_OVERLAP));
    cr_expect_not(breaks(world, start_s, HALF, FIG_RULE_MAX_PER_DAY));
    cr_expect(breaks(world, start_s + 3 * DAY_S, HALF, FIG_RULE_CLIENT_OVERLAP));
    cr_expect(breaks(world, start_s + 3 * DAY_S, HALF, FIG_RULE_MAX_PER_DAY));
    moved->fixed.status = FIG_CANCELLED;
    cr_expect_not(breaks(world, start_s + 3 * DAY_S, HALF, FIG_RULE_MAX_PER_DAY));
    struct draft *made = ruled_draft(world, 0);
    made->fixed.service_id = WORLD_SERVICE;
    made->fixed.start_s = start_s + 5 * DAY_S;
    made->fixed.duration_s = HOUR_S;
    cr_expect(breaks(world, start_s + 5 * DAY_S, HALF, FIG_RULE_CLIENT_OVERLAP));
    cr_expect(breaks(world, start_s + 5 * DAY_S, HALF, FIG_RULE_MAX_PER_DAY));
    world->ignore_id = made->fixed.id;
    cr_expect_not(breaks(world, start_s + 5 * DAY_S, HALF, FIG_RULE_CLIENT_OVERLAP), "it is the one that is judged");
    world->ignore_id = 0;
    made->fixed.client_id = WORLD_CLIENT + 1;
    cr_expect_not(breaks(world, start_s + 5 * DAY_S, HALF, FIG_RULE_MAX_PER_DAY));
    ruled_free(world);
}

/* ---- the client ---- */

Test(rules, each_flag_of_a_client_is_a_rule)
{
    struct rules_world *world = ruled_make("UTC");
    static const fig_rule_type types[] = {FIG_RULE_CLIENT_BLOCKED, FIG_RULE_CLIENT_AT_RISK,
                                          FIG_RULE_CLIENT_PAYMENT_ISSUE};
    for (uint32_t flags = 0; flags < 8; flags++) {
        ruled_client(world, WORLD_CLIENT, FIG_NO_DAY, flags, "");
        for (int bit = 0; bit < 3; bit++)
            cr_expect_eq(breaks(world, world->now_s, HALF, types[bit]), (flags >> bit & 1) != 0);
    }
    world->client_id = 0;
    cr_expect_null(judged(world, world->now_s, HALF, FIG_RULE_CLIENT_BLOCKED));
    world->client_id = WORLD_CLIENT + 1;
    cr_expect_null(judged(world, world->now_s, HALF, FIG_RULE_CLIENT_BLOCKED));
    ruled_free(world);
}

/* ---- what cannot be evaluated ---- */

static const fig_service asks_all = {
    .min_age = 18, .max_age = 99, .consultation = true, .patch_test_s = 1, .max_per_day = 1, .min_days_between = 2};

static void expect_failed(struct rules_world *world, const fig_rule_type *types, size_t count)
{
    struct broken_rules broken;
    struct broken_rule first;
    struct rule_question question = ruled_question(world, world->now_s, HALF);
    world->shops.is.rule_errors = FIG_RULE_ERRORS_ALLOW;
    rules_judge(&question, &broken);
    cr_assert_eq(broken.count, count);
    cr_expect(broken.failed == count && !broken.refused);
    cr_expect(rules_pass(&question, &first));
    for (size_t i = 0; i < count; i++) cr_expect(broken.list[i].type == types[i] && broken.list[i].failed);
    world->shops.is.rule_errors = FIG_RULE_ERRORS_REJECT;
    rules_judge(&question, &broken);
    cr_expect(broken.failed == count && broken.refused);
    cr_expect_not(rules_pass(&question, &first));
    cr_expect(first.type == types[0] && first.failed);
}

Test(rules, without_a_client_rules_about_one_fail)
{
    struct rules_world *world = ruled_make("UTC");
    static uint64_t others[] = {OTHER};
    fig_service service = asks_all;
    service.required = service.incompatible = others;
    service.required_count = service.incompatible_count = 1;
    ruled_service(world, WORLD_SERVICE, service);
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_CLIENT_OVERLAP});
    world->client_id = 0;
    static const fig_rule_type types[] = {
        FIG_RULE_CLIENT_OVERLAP,   FIG_RULE_MIN_AGE,          FIG_RULE_MAX_AGE,
        FIG_RULE_CONSULTATION,     FIG_RULE_PATCH_TEST,       FIG_RULE_MAX_PER_DAY,
        FIG_RULE_MIN_DAYS_BETWEEN, FIG_RULE_REQUIRED_SERVICE, FIG_RULE_INCOMPATIBLE_SERVICE};
    expect_failed(world, types, sizeof types / sizeof *types);
    ruled_free(world);
}

Test(rules, without_a_birthday_age_fails_and_nothing_else)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_service(world, WORLD_SERVICE, (fig_service){.min_age = 18, .max_age = 99});
    static const fig_rule_type types[] = {FIG_RULE_MIN_AGE, FIG_RULE_MAX_AGE};
    expect_failed(world, types, 2);
    ruled_client(world, WORLD_CLIENT, FIG_NO_DAY, 0, "");
    expect_failed(world, types, 2);
    ruled_client(world, WORLD_CLIENT, INT32_MAX, 0, "");
    expect_failed(world, types, 2);
    ruled_free(world);
}

Test(rules, without_the_zone_rules_about_dates_fail)
{
    struct rules_world *world = ruled_make("UTC");
    static fig_cut cut = {.whole_days = true};
    static uint64_t others[] = {OTHER};
    ruled_service(world, WORLD_SERVICE,
                  (fig_service){.max_advance_days = 1,
                                .min_age = 1,
                                .max_per_day = 1,
                                .min_days_between = 1,
                                .blocked_days = 1,
                                .incompatible = others,
                                .incompatible_count = 1});
    ruled_client(world, WORLD_CLIENT, 0, 0, "");
    ruled_rule(world, 1, (fig_rule){.type = FIG_RULE_MAX_ADVANCE, .limit_days = 1});
    ruled_rule(world, 2, (fig_rule){.type = FIG_RULE_BLACKOUT_DATES, .cuts = &cut, .cut_count = 1});
    ruled_rule(world, 3, (fig_rule){.type = FIG_RULE_HOLIDAYS, .cuts = &cut, .cut_count = 1});
    ruled_rule(world, 4, (fig_rule){.type = FIG_RULE_SAME_DAY_CUTOFF, .clock_s = 1});
    ruled_rule(world, 5, (fig_rule){.type = FIG_RULE_BUSINESS_HOURS});
    ruled_rule(world, 6, (fig_rule){.type = FIG_RULE_MAX_DURATION, .limit_s = HALF});
    world->shops.is.horizon_days = 1;
    world->shops.is.same_day = false;
    world->shops.is.cutoff_s = 0;
    world->opening.zone = NULL;
    static const fig_rule_type types[] = {FIG_RULE_MAX_ADVANCE,
                                          FIG_RULE_BLACKOUT_DATES,
                                          FIG_RULE_HOLIDAYS,
                                          FIG_RULE_SAME_DAY_CUTOFF,
                                          FIG_RULE_BUSINESS_HOURS,
                                          FIG_RULE_HORIZON,
                                          FIG_RULE_SAME_DAY,
                                          FIG_RULE_CUTOFF,
                                          FIG_RULE_SERVICE_MAX_ADVANCE,
                                          FIG_RULE_MIN_AGE,
                                          FIG_RULE_BLOCKED_DAY,
                                          FIG_RULE_MAX_PER_DAY,
                                          FIG_RULE_MIN_DAYS_BETWEEN,
                                          FIG_RULE_INCOMPATIBLE_SERVICE};
    expect_failed(world, types, sizeof types / sizeof *types);
    ruled_free(world);
}

Test(rules, a_failed_rule_hides_no_broken_one)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_service(world, WORLD_SERVICE, (fig_service){.min_age = 18, .blocked_days = 0x7f});
    struct rule_question question = ruled_question(world, world->now_s, HALF);
    struct broken_rules broken;
    struct broken_rule first;
    rules_judge(&question, &broken);
    cr_expect(broken.count == 2 && broken.failed == 1 && broken.refused);
    cr_expect_not(rules_pass(&question, &first));
    cr_expect(first.type == FIG_RULE_BLOCKED_DAY && !first.failed);
    ruled_free(world);
}

Test(rules, an_undeclared_service_asks_nothing)
{
    struct rules_world *world = ruled_make("UTC");
    ruled_service(world, WORLD_SERVICE + 1, asks_all);
    world->client_id = 0;
    world->shops.is.rule_errors = FIG_RULE_ERRORS_REJECT;
    struct rule_question question = ruled_question(world, world->now_s, HALF);
    struct broken_rule first;
    cr_expect(rules_pass(&question, &first));
    ruled_free(world);
}
