/* Every field of a setup file: what it is read as, and what is said of one that is wrong. */
#include "tools/setup_file.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void read_good(const char *text, setup_file *setup)
{
    reason why;
    cr_assert(setup_file_parse("s.json", text, strlen(text), setup, &why), "%s\n%s", text, why.text);
}

enum { HOUR = 3600, MINUTE = 60 };

/* Days from 1970-01-01. */
enum { DAY_2026_08_01 = 20666, DAY_2026_08_15 = 20680, DAY_2000_12_25 = 11316, DAY_2000_02_29 = 11016 };

Test(setup_fields, of_a_shop)
{
    setup_file setup;
    read_good("{\"shops\":[{\"id\":1,\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\",\"end\":\"17:30\"},"
              "{\"day\":\"sun\",\"start\":\"22:00\",\"end\":\"02:00\"},{\"day\":\"sat\",\"start\":\"00:00\",\"end\":"
              "\"24:00\"}],\"clip_to_hours\":true,\"grid_minutes\":15,\"lead_minutes\":90,\"horizon_days\":60,"
              "\"same_day\":false,\"same_day_cutoff\":\"17:00\",\"on_rule_error\":\"reject\"}]}",
              &setup);
    const fig_schedule *schedule = &setup.shops[0].schedule;
    cr_expect_eq(schedule->fields, (uint32_t)(FIG_SCHEDULE_ALL & ~(FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS)));
    cr_expect_eq(schedule->owner, FIG_OWNER_SHOP);
    cr_expect_eq(schedule->owner_id, 1);
    cr_assert_eq(schedule->weekly_count, 3);
    cr_expect_eq(schedule->weekly[0].weekday, 0);
    cr_expect_eq(schedule->weekly[0].start_s, 9u * HOUR);
    cr_expect_eq(schedule->weekly[0].end_s, 17u * HOUR + 30u * MINUTE);
    cr_expect_eq(schedule->weekly[1].weekday, 6);
    cr_expect_eq(schedule->weekly[1].end_s, 2u * HOUR);
    cr_expect_eq(schedule->weekly[2].end_s, 24u * HOUR);
    cr_expect(schedule->clip_to_hours);
    cr_expect_eq(schedule->grid_s, 15u * MINUTE);
    cr_expect_eq(schedule->lead_s, 90u * MINUTE);
    cr_expect_eq(schedule->horizon_days, 60);
    cr_expect_not(schedule->same_day);
    cr_expect_eq(schedule->cutoff_s, 17u * HOUR);
    cr_expect_eq(schedule->rule_errors, FIG_RULE_ERRORS_REJECT);
    setup_file_free(&setup);
}

Test(setup_fields, of_a_shops_closed_days)
{
    setup_file setup;
    read_good("{\"shops\":[{\"id\":1,\"holidays\":[\"12-25\",\"02-29\"],\"blackouts\":["
              "{\"from\":\"2026-08-01\",\"to\":\"2026-08-15\"},"
              "{\"from\":\"2026-08-01\",\"start\":\"12:00\",\"end\":\"13:00\"},"
              "{\"from\":\"2026-08-15\",\"to\":\"2026-08-01\",\"yearly\":true}]},"
              "{\"id\":2,\"holidays\":[],\"same_day_cutoff\":null},{\"id\":3}]}",
              &setup);
    const setup_shop *shop = &setup.shops[0];
    cr_expect(shop->has_blackouts && shop->has_holidays);
    cr_assert_eq(shop->schedule.cut_count, 5);
    cr_expect_eq(shop->schedule.fields, (uint32_t)FIG_SCHEDULE_CUTS);
    const fig_cut *cut = shop->schedule.cuts;
    cr_expect(cut[0].kind == FIG_CUT_HOLIDAY && cut[0].yearly && cut[0].whole_days);
    cr_expect_eq(cut[0].from_day, DAY_2000_12_25);
    cr_expect_eq(cut[1].from_day, DAY_2000_02_29);
    cr_expect_eq(cut[1].to_day, DAY_2000_02_29);
    cr_expect(cut[2].kind == FIG_CUT_BLACKOUT && cut[2].whole_days && !cut[2].yearly);
    cr_expect_eq(cut[2].from_day, DAY_2026_08_01);
    cr_expect_eq(cut[2].to_day, DAY_2026_08_15);
    cr_expect_eq(cut[3].to_day, DAY_2026_08_01, "without `to` it is one day");
    cr_expect_not(cut[3].whole_days);
    cr_expect_eq(cut[3].start_s, 12u * HOUR);
    cr_expect(cut[4].yearly, "over the new year");
    cr_expect(setup.shops[1].has_holidays && !setup.shops[1].has_blackouts);
    cr_expect_eq(setup.shops[1].schedule.cutoff_s, FIG_NO_CUTOFF);
    cr_expect_eq(setup.shops[2].schedule.fields, 0);
    setup_file_free(&setup);
}

Test(setup_fields, of_a_barber)
{
    setup_file setup;
    read_good("{\"barbers\":[{\"id\":7,\"shop\":\"Siviglia\",\"hours\":[{\"day\":\"tue\",\"start\":\"09:00\",\"end\":"
              "\"12:00\"}],\"time_off\":[{\"from\":\"2026-08-01\",\"to\":\"2026-08-15\",\"status\":\"requested\"},"
              "{\"from\":\"2026-08-01\",\"status\":\"cancelled\"},{\"from\":\"2026-08-01\",\"start\":null,\"end\":null}"
              "],\"services\":[{\"id\":1,\"minutes\":40,\"buffer_before_minutes\":0,\"buffer_after_minutes\":5},"
              "{\"id\":\"Shave\"},{\"name\":\"Colour\",\"active\":false}]}]}",
              &setup);
    const setup_barber *barber = &setup.barbers[0];
    cr_expect_str_eq(barber->shop.name, "Siviglia");
    cr_expect_eq(barber->schedule.fields, (uint32_t)(FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS));
    cr_expect_eq(barber->schedule.weekly[0].weekday, 1);
    cr_assert_eq(barber->schedule.cut_count, 3);
    cr_expect_eq(barber->schedule.cuts[0].state, FIG_CUT_REQUESTED);
    cr_expect_eq(barber->schedule.cuts[0].kind, FIG_CUT_TIME_OFF);
    cr_expect_eq(barber->schedule.cuts[1].state, FIG_CUT_CANCELLED);
    cr_expect_eq(barber->schedule.cuts[2].state, FIG_CUT_APPROVED);
    cr_expect(barber->schedule.cuts[2].whole_days);
    cr_assert_eq(barber->schedule.offer_count, 3);
    cr_expect_eq(barber->offered.list[0].id, 1);
    cr_expect_eq(barber->schedule.offers[0].duration_s, 40u * MINUTE);
    cr_expect_eq(barber->schedule.offers[0].buffer_before_s, 0);
    cr_expect_eq(barber->schedule.offers[0].buffer_after_s, 5u * MINUTE);
    cr_expect_str_eq(barber->offered.list[1].name, "Shave");
    cr_expect_eq(barber->schedule.offers[1].buffer_after_s, FIG_BUFFER_DEFAULT);
    cr_expect_not(barber->schedule.offers[1].declined);
    cr_expect_str_eq(barber->offered.list[2].name, "Colour");
    cr_expect(barber->schedule.offers[2].declined);
    setup_file_free(&setup);
}

Test(setup_fields, of_a_service)
{
    setup_file setup;
    read_good("{\"services\":[{\"id\":1,\"name\":\"Cut\",\"minutes\":30,\"buffer_before_minutes\":1,"
              "\"buffer_after_minutes\":5,\"active\":false,\"kind\":\"plain\",\"min_advance_hours\":1.5,"
              "\"max_advance_days\":30,\"rules\":{\"min_age\":16,\"max_age\":99,\"consultation\":true,"
              "\"patch_test_hours\":48,\"max_per_day\":2,\"min_days_between\":7,\"blocked_days\":[\"sun\",\"mon\"],"
              "\"requires\":[2,\"Wash\"],\"incompatible\":[3]}}]}",
              &setup);
    const setup_service *read = &setup.services[0];
    const fig_service *service = &read->service;
    cr_expect_eq(service->fields, (uint32_t)(FIG_SERVICE_ALL & ~(FIG_SERVICE_REQUIRED | FIG_SERVICE_INCOMPATIBLE)));
    cr_expect_eq(service->duration_s, 30u * MINUTE);
    cr_expect_eq(service->buffer_before_s, 1u * MINUTE);
    cr_expect_eq(service->buffer_after_s, 5u * MINUTE);
    cr_expect_not(service->active);
    cr_expect_eq(service->min_advance_s, 90u * MINUTE);
    cr_expect_eq(service->max_advance_days, 30);
    cr_expect_eq(service->min_age, 16);
    cr_expect_eq(service->max_age, 99);
    cr_expect(service->consultation);
    cr_expect_eq(service->patch_test_s, 48u * HOUR);
    cr_expect_eq(service->max_per_day, 2);
    cr_expect_eq(service->min_days_between, 7);
    cr_expect_eq(service->blocked_days, 1 << 6 | 1 << 0);
    cr_expect(read->has_requires && read->has_incompatible);
    cr_assert_eq(read->requires.count, 2);
    cr_expect_eq(read->requires.list[0].id, 2);
    cr_expect_str_eq(read->requires.list[1].name, "Wash");
    cr_expect_eq(read->incompatible.list[0].id, 3);
    setup_file_free(&setup);
}

Test(setup_fields, a_services_kind_is_what_its_name_says)
{
    setup_file setup;
    read_good("{\"services\":[{\"name\":\"First CONSULTATION\"},{\"name\":\"Patch Test, 5 min\"},{\"name\":\"Cut\"},"
              "{\"name\":\"Patch test\",\"kind\":\"plain\"}]}",
              &setup);
    cr_expect_eq(setup.services[0].service.kind, FIG_SERVICE_CONSULTATION);
    cr_expect_eq(setup.services[1].service.kind, FIG_SERVICE_PATCH_TEST);
    cr_expect_eq(setup.services[2].service.fields, (uint32_t)FIG_SERVICE_NAME, "nothing is said of its kind");
    cr_expect_eq(setup.services[3].service.kind, FIG_SERVICE_PLAIN);
    setup_file_free(&setup);
}

Test(setup_fields, of_a_client)
{
    setup_file setup;
    read_good("{\"clients\":[{\"id\":1,\"name\":\"Rosina\",\"born\":\"2000-02-29\",\"type\":\"new\",\"status\":"
              "\"blocked\",\"flags\":[\"payment_issue\"]},{\"id\":2,\"name\":\"Rosina\",\"type\":\"at_risk\"},"
              "{\"id\":3,\"born\":null,\"type\":null,\"status\":\"active\"},{\"name\":\"Berta\"}]}",
              &setup);
    cr_assert_eq(setup.client_count, 4, "two of one name, as they have ids");
    const setup_client *rosina = &setup.clients[0];
    cr_expect_eq(rosina->client.fields, (uint32_t)FIG_CLIENT_ALL);
    cr_expect_eq(rosina->client.born_day, DAY_2000_02_29);
    cr_expect_str_eq(rosina->client.type, "new");
    cr_expect_eq(rosina->client.flags, (uint32_t)(FIG_CLIENT_BLOCKED | FIG_CLIENT_PAYMENT_ISSUE));
    cr_expect_eq(setup.clients[1].client.flags, (uint32_t)FIG_CLIENT_AT_RISK, "the type says so");
    cr_expect_eq(setup.clients[1].cleared, 0);
    const setup_client *third = &setup.clients[2];
    cr_expect_eq(third->client.born_day, FIG_NO_DAY);
    cr_expect_eq(third->client.flags, 0);
    cr_expect_eq(third->cleared, (uint32_t)(FIG_CLIENT_BLOCKED | FIG_CLIENT_AT_RISK), "a payment issue stays");
    cr_expect_eq(setup.clients[3].client.fields, (uint32_t)FIG_CLIENT_NAME);
    setup_file_free(&setup);
}

Test(setup_fields, of_each_type_of_rule)
{
    setup_file setup;
    read_good("{\"rules\":[{\"id\":1,\"type\":\"min_advance_booking\",\"params\":{\"min_hours\":2}},"
              "{\"id\":2,\"type\":\"max_advance_booking\",\"params\":{\"max_days\":30}},"
              "{\"id\":3,\"type\":\"min_duration\",\"params\":{\"min_minutes\":10}},"
              "{\"id\":4,\"type\":\"max_duration\",\"params\":{\"max_minutes\":120}},"
              "{\"id\":5,\"type\":\"blackout_dates\",\"params\":{\"dates\":[\"2026-08-01\"]}},"
              "{\"id\":6,\"type\":\"holiday_restrictions\",\"params\":{\"holidays\":[\"12-25\"]}},"
              "{\"id\":7,\"type\":\"same_day_cutoff\",\"params\":{\"cutoff\":\"17:00\"}},"
              "{\"id\":8,\"type\":\"business_hours\",\"params\":{\"start\":\"09:00\",\"end\":\"17:00\"}},"
              "{\"id\":9,\"type\":\"business_hours\",\"params\":{\"hours\":[{\"day\":\"fri\",\"start\":\"09:00\","
              "\"end\":\"17:00\"}]}},{\"id\":10,\"type\":\"client_overlap\",\"priority\":-2,\"active\":false}]}",
              &setup);
    cr_assert_eq(setup.rule_count, 10);
    const setup_rule *rules = setup.rules;
    cr_expect_eq(rules[0].rule.limit_s, 2u * HOUR);
    cr_expect_eq(rules[1].rule.limit_days, 30);
    cr_expect_eq(rules[2].rule.limit_s, 10u * MINUTE);
    cr_expect_eq(rules[3].rule.limit_s, 120u * MINUTE);
    cr_expect(rules[4].rule.cut_count == 1 && rules[4].rule.cuts[0].from_day == DAY_2026_08_01);
    cr_expect(rules[4].rule.cuts[0].whole_days && !rules[4].rule.cuts[0].yearly);
    cr_expect(rules[5].rule.cut_count == 1 && rules[5].rule.cuts[0].yearly);
    cr_expect_eq(rules[6].rule.clock_s, 17u * HOUR);
    cr_expect_eq(rules[7].rule.weekly_count, 7, "each day of the week");
    cr_expect_eq(rules[7].rule.weekly[6].weekday, 6);
    cr_expect(rules[8].rule.weekly_count == 1 && rules[8].rule.weekly[0].weekday == 4);
    cr_expect_eq(rules[9].rule.priority, -2);
    cr_expect_not(rules[9].rule.active);
    cr_expect_eq(rules[9].rule.fields, (uint32_t)(FIG_RULE_TYPE | FIG_RULE_PRIORITY | FIG_RULE_ACTIVE));
    setup_file_free(&setup);
}

Test(setup_fields, of_what_a_rule_is_for)
{
    setup_file setup;
    read_good("{\"rules\":[{\"id\":1,\"applies_to\":\"all\",\"ids\":[]},"
              "{\"id\":2,\"applies_to\":\"shop\",\"ids\":[1,\"Siviglia\"]},"
              "{\"id\":3,\"applies_to\":\"service\",\"ids\":[\"Cut\"]},"
              "{\"id\":4,\"applies_to\":\"barber\",\"ids\":[7]},"
              "{\"id\":5,\"applies_to\":\"client_type\",\"ids\":[\"new\",\"vip\"]},{\"name\":\"none\"}]}",
              &setup);
    cr_expect_eq(setup.rules[0].rule.scope, FIG_SCOPE_ALL);
    cr_expect_eq(setup.rules[0].rule.fields, (uint32_t)FIG_RULE_SCOPE);
    cr_expect(setup.rules[1].rule.scope == FIG_SCOPE_SHOP && setup.rules[1].of.count == 2);
    cr_expect_str_eq(setup.rules[1].of.list[1].name, "Siviglia");
    cr_expect(setup.rules[2].rule.scope == FIG_SCOPE_SERVICE && setup.rules[2].of.count == 1);
    cr_expect(setup.rules[3].rule.scope == FIG_SCOPE_BARBER && setup.rules[3].of.list[0].id == 7);
    cr_expect(setup.rules[4].rule.scope == FIG_SCOPE_CLIENT_TYPE && setup.rules[4].rule.client_type_count == 2);
    cr_expect_str_eq(setup.rules[4].rule.client_types[1], "vip");
    cr_expect_eq(setup.rules[5].rule.fields, (uint32_t)FIG_RULE_NAME);
    setup_file_free(&setup);
}

#define SHOP(fields)    "{\"shops\":[{\"id\":1," fields "}]}"
#define BARBER(fields)  "{\"barbers\":[{\"id\":1," fields "}]}"
#define SERVICE(fields) "{\"services\":[{\"id\":1," fields "}]}"
#define RULES(fields)   SERVICE("\"rules\":{" fields "}")
#define CLIENT(fields)  "{\"clients\":[{\"id\":1," fields "}]}"
#define RULE(fields)    "{\"rules\":[{\"id\":1," fields "}]}"

static const struct {
    const char *text, *why;
} mistakes[] = {
    {SHOP("\"hours\":7"), "shops[0].hours: must be a list"},
    {SHOP("\"hours\":[7]"), "shops[0].hours[0]: must be an object"},
    {SHOP("\"hours\":[{}]"), "shops[0].hours[0].day: is missing"},
    {SHOP("\"hours\":[{\"day\":\"mon\"}]"), "shops[0].hours[0].start: is missing"},
    {SHOP("\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\"}]"), "shops[0].hours[0].end: is missing"},
    {SHOP("\"hours\":[{\"day\":\"Monday\"}]"),
     "shops[0].hours[0].day: must be \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\" or \"sun\""},
    {SHOP("\"hours\":[{\"start\":\"9\"}]"), "shops[0].hours[0].start: '9' "},
    {SHOP("\"hours\":[{\"start\":\"09:00Z\"}]"), "shops[0].hours[0].start: '09:00Z' has a UTC offset; leave it out"},
    {SHOP("\"hours\":[{\"start\":\"24:00\"}]"), "shops[0].hours[0].start: no window starts at 24:00"},
    {SHOP("\"hours\":[{\"end\":\"24:01\"}]"), "shops[0].hours[0].end: '24:01' there is no hour 24"},
    {SHOP("\"hours\":[{\"ends\":1}]"), "shops[0].hours[0].ends: unknown field"},
    {SHOP("\"clip_to_hours\":1"), "shops[0].clip_to_hours: must be true or false"},
    {SHOP("\"grid_minutes\":0"), "shops[0].grid_minutes: must be a whole number from 1 to 1440"},
    {SHOP("\"grid_minutes\":7.5"), "shops[0].grid_minutes: must be a whole number from 1 to 1440"},
    {SHOP("\"lead_minutes\":-1"), "shops[0].lead_minutes: must be a whole number from 0 to 527040"},
    {SHOP("\"horizon_days\":\"30\""), "shops[0].horizon_days: must be a whole number from 0 to "},
    {SHOP("\"same_day\":\"yes\""), "shops[0].same_day: must be true or false"},
    {SHOP("\"same_day_cutoff\":17"), "shops[0].same_day_cutoff: must be a text such as"},
    {SHOP("\"on_rule_error\":\"refuse\""), "shops[0].on_rule_error: must be \"allow\" or \"reject\""},
    {SHOP("\"blackouts\":[{}]"), "shops[0].blackouts[0].from: is missing"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-02-29\"}]"), "shops[0].blackouts[0].from: 2026-02 has no day 29"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-08-02\",\"to\":\"2026-08-01\"}]"), "shops[0].blackouts[0].to: is before"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-08-02\",\"start\":\"10:00\"}]"), "shops[0].blackouts[0].end: is missing"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-08-02\",\"end\":\"10:00\"}]"), "shops[0].blackouts[0].start: is missing"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-01-01\",\"to\":\"2027-06-01\",\"yearly\":true}]"),
     "shops[0].blackouts[0].to: is more than a year after from"},
    {SHOP("\"blackouts\":[{\"from\":\"2026-08-02\",\"status\":\"approved\"}]"),
     "shops[0].blackouts[0].status: unknown field"},
    {SHOP("\"holidays\":[\"2026-12-25\"]"), "shops[0].holidays[0]: must be a month and a day such as \"12-25\""},
    {SHOP("\"holidays\":[\"02-30\"]"), "shops[0].holidays[0]: '02-30' is no month and day"},
    {SHOP("\"holidays\":[1225]"), "shops[0].holidays[0]: must be a month and a day"},
    {BARBER("\"shop\":0"), "barbers[0].shop: must be an id (a whole number from 1) or a name"},
    {BARBER("\"hours\":{}"), "barbers[0].hours: must be a list"},
    {BARBER("\"time_off\":[{\"from\":\"2026-08-02\",\"status\":\"maybe\"}]"),
     "barbers[0].time_off[0].status: must be \"approved\", \"requested\" or \"cancelled\""},
    {BARBER("\"time_off\":[{\"from\":\"2026-08-02\",\"yearly\":true}]"), "barbers[0].time_off[0].yearly: unknown"},
    {BARBER("\"services\":[{}]"), "barbers[0].services[0].id: is missing, and so is the name"},
    {BARBER("\"services\":[{\"id\":1,\"minutes\":527041}]"), "barbers[0].services[0].minutes: must be a whole number"},
    {BARBER("\"services\":[{\"id\":1,\"buffer_after_minutes\":10081}]"),
     "barbers[0].services[0].buffer_after_minutes: must be a whole number from 0 to 10080"},
    {BARBER("\"services\":[{\"id\":1,\"active\":0}]"), "barbers[0].services[0].active: must be true or false"},
    {"{\"services\":[{}]}", "services[0].id: is missing, and so is the name"},
    {"{\"services\":[{\"id\":1},{\"id\":1}]}", "services[1].id: 1 is also the id of [0]"},
    {"{\"services\":[{\"name\":\"Cut\"},{\"name\":\"Cut\"}]}", "services[1].name: 'Cut' is also the name of [0]"},
    {SERVICE("\"minutes\":-1"), "services[0].minutes: must be a whole number from 0 to 527040"},
    {SERVICE("\"kind\":\"patch test\""), "services[0].kind: must be \"plain\", \"consultation\" or \"patch_test\""},
    {SERVICE("\"min_advance_hours\":-0.5"), "services[0].min_advance_hours: must be a number of hours from 0 to 8784"},
    {SERVICE("\"max_advance_days\":1.5"), "services[0].max_advance_days: must be a whole number"},
    {SERVICE("\"rules\":[]"), "services[0].rules: must be an object"},
    {RULES("\"min_age\":201"), "services[0].rules.min_age: must be a whole number from 0 to 200"},
    {RULES("\"min_age\":30,\"max_age\":20"), "services[0].rules.max_age: is below min_age"},
    {RULES("\"consultation\":1"), "services[0].rules.consultation: must be true or false"},
    {RULES("\"patch_test_hours\":\"48\""), "services[0].rules.patch_test_hours: must be a number of hours"},
    {RULES("\"max_per_day\":-1"), "services[0].rules.max_per_day: must be a whole number"},
    {RULES("\"min_days_between\":true"), "services[0].rules.min_days_between: must be a whole number"},
    {RULES("\"blocked_days\":[\"sun\",\"su\"]"), "services[0].rules.blocked_days[1]: must be \"mon\", "},
    {RULES("\"requires\":[\"\"]"), "services[0].rules.requires[0]: is empty"},
    {RULES("\"incompatible\":[null]"), "services[0].rules.incompatible[0]: must be an id"},
    {RULES("\"ages\":1"), "services[0].rules.ages: unknown field"},
    {"{\"clients\":[{}]}", "clients[0].id: is missing, and so is the name"},
    {"{\"clients\":[{\"name\":\"A\"},{\"name\":\"A\"}]}", "clients[1].name: 'A' is also the name of [0]"},
    {CLIENT("\"born\":\"31.01.1990\""), "clients[0].born: "},
    {CLIENT("\"type\":\"a type that is longer than it may be\""), "clients[0].type: "},
    {CLIENT("\"status\":\"lost\""), "clients[0].status: must be \"active\", \"blocked\" or \"at_risk\""},
    {CLIENT("\"flags\":\"blocked\""), "clients[0].flags: must be a list"},
    {CLIENT("\"flags\":[\"late\"]"), "clients[0].flags[0]: must be \"blocked\", \"at_risk\" or \"payment_issue\""},
    {"{\"rules\":[{}]}", "rules[0].id: is missing, and so is the name"},
    {RULE("\"type\":\"advance\""), "rules[0].type: must be one of min_advance_booking, max_advance_booking,"},
    {RULE("\"type\":\"lead\""), "rules[0].type: must be one of"},
    {RULE("\"type\":\"min_duration\""), "rules[0].params: is missing"},
    {RULE("\"params\":{}"), "rules[0].type: is missing, and params are given"},
    {RULE("\"type\":\"min_duration\",\"params\":[]"), "rules[0].params: must be an object"},
    {RULE("\"type\":\"min_duration\",\"params\":{}"), "rules[0].params.min_minutes: is missing"},
    {RULE("\"type\":\"min_duration\",\"params\":{\"max_minutes\":1}"), "rules[0].params.max_minutes: unknown field"},
    {RULE("\"type\":\"client_overlap\",\"params\":{\"x\":1}"), "rules[0].params.x: unknown field"},
    {RULE("\"type\":\"blackout_dates\",\"params\":{\"dates\":[\"12-25\"]}"), "rules[0].params.dates[0]: "},
    {RULE("\"type\":\"business_hours\",\"params\":{\"hours\":[]}"), "rules[0].params.hours: must have a window"},
    {BARBER("\"services\":[{\"id\":1},{\"id\":2},{\"id\":1}]"),
     "barbers[0].services[2].id: is also the service of [0]"},
    {BARBER("\"services\":[{\"id\":\"Cut\"},{\"name\":\"Cut\"}]"),
     "barbers[0].services[1].id: is also the service of [0]"},
    {RULE("\"type\":\"business_hours\",\"params\":{}"), "rules[0].params: must be {\"start\", \"end\"} or"},
    {RULE("\"type\":\"business_hours\",\"params\":{\"start\":\"09:00\"}"), "rules[0].params.end: is missing"},
    {RULE("\"type\":\"business_hours\",\"params\":{\"start\":\"09:00\",\"end\":\"x\"}"), "rules[0].params.end: 'x' "},
    {RULE("\"type\":\"business_hours\",\"params\":{\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\",\"end\":\"10:00\"}],"
          "\"start\":\"09:00\"}"),
     "rules[0].params.start: unknown field"},
    {RULE("\"type\":\"same_day_cutoff\",\"params\":{\"cutoff\":17}"), "rules[0].params.cutoff: must be a text"},
    {RULE("\"applies_to\":\"everyone\""),
     "rules[0].applies_to: must be \"all\", \"shop\", \"service\", \"barber\" or \"client_type\""},
    {RULE("\"applies_to\":\"all\",\"ids\":[1]"), "rules[0].ids: must be empty where applies_to is \"all\""},
    {RULE("\"applies_to\":\"barber\""), "rules[0].ids: is missing"},
    {RULE("\"ids\":[1]"), "rules[0].applies_to: is missing, and ids are given"},
    {RULE("\"applies_to\":\"client_type\",\"ids\":[1]"), "rules[0].ids[0]: must be a text"},
    {RULE("\"applies_to\":\"barber\",\"ids\":[1,-1]"), "rules[0].ids[1]: must be an id"},
    {RULE("\"priority\":1.5"), "rules[0].priority: must be a whole number of 32 bits"},
    {RULE("\"active\":null"), "rules[0].active: must be true or false"},
};

Test(setup_fields, each_mistake_is_named_with_its_path)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        setup_file setup;
        reason why = {""};
        char expected[256];
        support_format(expected, sizeof expected, "s.json: %s", mistakes[i].why);
        cr_expect_not(setup_file_parse("s.json", mistakes[i].text, strlen(mistakes[i].text), &setup, &why),
                      "%s was taken", mistakes[i].text);
        cr_expect(strncmp(why.text, expected, strlen(expected)) == 0, "%s\n%s\n%s", mistakes[i].text, why.text,
                  expected);
    }
}
