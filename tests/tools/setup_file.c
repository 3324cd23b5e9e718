/* Setup files: a good one whole, and each kind of bad one with its message. */
#include "tools/setup_file.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool parse(const char *text, setup_file *setup, reason *why)
{
    return setup_file_parse("s.json", text, strlen(text), setup, why);
}

static const char good[] =
    "{\"shops\": [{\"id\": 1, \"name\": \"Siviglia\", \"zone\": \"Europe/Madrid\", \"buffers\": "
    "\"exclusive\",\n"
    "             \"past\": \"refuse\"}, {\"id\": 2}],\n"
    " \"barbers\": [{\"id\": 7, \"name\": \"Figaro\", \"shop\": 1, \"zone\": \"Europe/Rome\", \"active\": "
    "false,\n"
    "              \"open\": \"hours\", \"priority\": -3, \"special\": [\n"
    "      {\"date\": \"2026-12-06\", \"start\": \"10:00+01:00\", \"end\": \"14:00+01:00\", \"kind\": "
    "\"available\"},\n"
    "      {\"date\": \"2026-12-06\", \"start\": \"22:00Z\", \"end\": \"02:00Z\", \"kind\": \"available\"},\n"
    "      {\"date\": \"2026-12-06\", \"start\": \"12:00Z\", \"end\": \"12:00Z\", \"kind\": "
    "\"unavailable\"}]},\n"
    "   {\"name\": \"Susanna\", \"special\": []}]}\n";

Test(setup_file, reads_a_good_one)
{
    setup_file setup;
    reason why;
    cr_assert(parse(good, &setup, &why), "%s", why.text);
    cr_assert_eq(setup.shop_count, 2);
    cr_expect_eq(setup.shops[0].shop.fields, (uint32_t)FIG_SHOP_ALL);
    cr_expect_eq(setup.shops[0].shop.id, 1);
    cr_expect_str_eq(setup.shops[0].shop.zone, "Europe/Madrid");
    cr_expect_eq(setup.shops[0].shop.buffers, FIG_BUFFERS_EXCLUSIVE);
    cr_expect_eq(setup.shops[0].shop.past, FIG_PAST_REFUSE);
    cr_expect_eq(setup.shops[1].shop.fields, 0);

    cr_assert_eq(setup.barber_count, 2);
    const setup_barber *figaro = &setup.barbers[0], *susanna = &setup.barbers[1];
    cr_expect_eq(figaro->barber.fields, (uint32_t)FIG_BARBER_ALL);
    cr_expect_eq(figaro->barber.priority, -3);
    cr_expect_not(figaro->barber.active);
    cr_expect_eq(figaro->barber.open, FIG_OPEN_HOURS);
    cr_assert_eq(figaro->window_count, 3);
    const int64_t midnight_s = 1796515200; /* 2026-12-06 */
    cr_expect_eq(figaro->windows[0].start_s, midnight_s + 9 * 3600);
    cr_expect_eq(figaro->windows[0].end_s, midnight_s + 13 * 3600);
    cr_expect_eq(figaro->windows[1].end_s, midnight_s + 26 * 3600); /* past midnight */
    cr_expect_eq(figaro->windows[2].end_s - figaro->windows[2].start_s, 86400);
    cr_expect_eq(figaro->windows[2].kind, FIG_WINDOW_UNAVAILABLE);
    cr_expect_eq(susanna->barber.fields, (uint32_t)FIG_BARBER_NAME);
    cr_expect_eq(susanna->barber.id, 0);
    cr_expect(susanna->has_windows && susanna->window_count == 0, "an empty list replaces too");
    setup_file_free(&setup);
}

Test(setup_file, what_is_left_out_is_not_declared)
{
    setup_file setup;
    reason why;
    cr_assert(parse("{}", &setup, &why), "%s", why.text);
    cr_expect_eq(setup.shop_count + setup.barber_count, 0);
    setup_file_free(&setup);
    cr_assert(parse("{\"barbers\":[{\"id\":3}]}", &setup, &why), "%s", why.text);
    cr_expect_eq(setup.barbers[0].barber.fields, 0);
    cr_expect_not(setup.barbers[0].has_windows);
    setup_file_free(&setup);
}

Test(setup_file, puts_local_days_into_a_zone)
{
    static const char text[] =
        "{\"barbers\":[{\"id\":1,\"special\":["
        "{\"date\":\"2026-12-06\",\"start\":\"10:00\",\"end\":\"14:00\",\"kind\":\"available\"},"
        "{\"date\":\"2026-12-06\",\"start\":\"16:00Z\",\"end\":\"17:00Z\",\"kind\":\"available\"},"
        "{\"date\":\"2026-03-28\",\"start\":\"22:00\",\"end\":\"06:00\",\"kind\":\"available\"},"
        "{\"date\":\"2026-03-29\",\"start\":\"02:10\",\"end\":\"03:10\",\"kind\":\"unavailable\"},"
        "{\"date\":\"2026-10-25\",\"start\":\"02:00\",\"end\":\"03:00\",\"kind\":\"unavailable\"}]}]}";
    setup_file setup;
    local_zone zone;
    reason why;
    char printed[RFC3339_SIZE];
    cr_assert(parse(text, &setup, &why), "%s", why.text);
    setup_barber *barber = &setup.barbers[0];
    cr_expect_eq(barber->local_count, 4);
    cr_assert(local_zone_open("Europe/Madrid", &zone, &why), "%s", why.text);
    cr_assert(setup_place_windows(barber, &zone, &why), "%s", why.text);
    static const char *const expected[] = {
        "2026-12-06T09:00:00Z", "2026-12-06T13:00:00Z", "2026-12-06T16:00:00Z",
        "2026-12-06T17:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z", /* seven hours: the night lost one */
        "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z",                         /* two hours: they came twice */
    };
    cr_assert_eq(barber->window_count, 4, "the one that the gap leaves empty does nothing");
    for (size_t i = 0; i < 8; i++) {
        rfc3339_print(i % 2 == 0 ? barber->windows[i / 2].start_s : barber->windows[i / 2].end_s, printed);
        cr_expect_str_eq(printed, expected[i], "%zu: %s", i, printed);
    }
    local_zone_close(&zone);
    setup_file_free(&setup);
}

#define BARBER(fields)  "{\"barbers\":[{\"id\":1},{\"id\":2},{\"id\":3," fields "}]}"
#define SPECIAL(fields) BARBER("\"special\":[{" fields "}]")

Test(setup_file, names_the_path_and_says_why)
{
    static const struct {
        const char *text, *why;
    } table[] = {
        {"", "s.json:1:0: "},
        {"{\"shops\":[}", "s.json:1:11: "},
        {"{} {}", "s.json:1:4: "},
        {"{\"shops\":[],\"shops\":[]}", "s.json:1:19: duplicate object key"},
        {"[]", "s.json: must be an object"},
        {"{\"shop\":[]}", "s.json: shop: unknown field"},
        {"{\"shops\":{}}", "s.json: shops: must be a list"},
        {"{\"shops\":[7]}", "s.json: shops[0]: must be an object"},
        {"{\"shops\":[{}]}", "s.json: shops[0].id: is missing"},
        {"{\"shops\":[{\"id\":0}]}", "s.json: shops[0].id: must be a whole number from 1"},
        {"{\"shops\":[{\"id\":\"1\"}]}", "s.json: shops[0].id: must be a whole number from 1"},
        {"{\"shops\":[{\"id\":1.5}]}", "s.json: shops[0].id: must be a whole number from 1"},
        {"{\"shops\":[{\"id\":1,\"name\":7}]}", "s.json: shops[0].name: must be a text"},
        {"{\"shops\":[{\"id\":1,\"name\":\"\"}]}", "s.json: shops[0].name: is empty"},
        {"{\"shops\":[{\"id\":1,\"name\":\"a\\u0001\"}]}", "s.json: shops[0].name: holds a control character (U+0001)"},
        {"{\"shops\":[{\"id\":1,\"buffers\":\"both\"}]}",
         "s.json: shops[0].buffers: must be \"shared\" or \"exclusive\""},
        {"{\"shops\":[{\"id\":1,\"past\":true}]}", "s.json: shops[0].past: must be \"allow\" or \"refuse\""},
        {"{\"shops\":[{\"id\":1,\"hour\":[]}]}", "s.json: shops[0].hour: unknown field"},
        {"{\"shops\":[{\"id\":1},{\"id\":1}]}", "s.json: shops[1].id: 1 is also the id of [0]"},
        {"{\"barbers\":[{}]}", "s.json: barbers[0].id: is missing, and so is the name"},
        {"{\"barbers\":[{\"id\":4},{\"id\":4}]}", "s.json: barbers[1].id: 4 is also the id of [0]"},
        {"{\"barbers\":[{\"name\":\"A\"},{\"name\":\"B\"},{\"name\":\"A\"}]}",
         "s.json: barbers[2].name: 'A' is also the name of [0]"},
        {BARBER("\"active\":1"), "s.json: barbers[2].active: must be true or false"},
        {BARBER("\"open\":\"sometimes\""), "s.json: barbers[2].open: must be \"always\" or \"hours\""},
        {BARBER("\"priority\":4294967296"), "s.json: barbers[2].priority: must be a whole number of 32 bits"},
        {BARBER("\"special\":7"), "s.json: barbers[2].special: must be a list"},
        {SPECIAL(""), "s.json: barbers[2].special[0].date: is missing"},
        {SPECIAL("\"date\":\"2026-12-06\""), "s.json: barbers[2].special[0].start: is missing"},
        {SPECIAL("\"date\":\"2026-12-06T\""), "s.json: barbers[2].special[0].date: has 'T' after its end"},
        {SPECIAL("\"date\":7"), "s.json: barbers[2].special[0].date: must be a text"},
        {SPECIAL("\"start\":\"10\""), "s.json: barbers[2].special[0].start: '10' has no time of day"},
        {SPECIAL("\"start\":\"10:00+1\""), "s.json: barbers[2].special[0].start: '10:00+1' a UTC offset is written as"},
        {SPECIAL("\"date\":\"2026-12-06\",\"start\":\"10:00\",\"end\":\"11:00Z\",\"kind\":\"available\""),
         "s.json: barbers[2].special[0].start: has no UTC offset and the other time has one"},
        {SPECIAL("\"date\":\"2026-12-06\",\"start\":\"10:00Z\",\"end\":\"11:00\",\"kind\":\"available\""),
         "s.json: barbers[2].special[0].end: has no UTC offset and the other time has one"},
        {SPECIAL("\"end\":\"25:00Z\""), "s.json: barbers[2].special[0].end: '25:00Z' there is no hour 25"},
        {SPECIAL("\"kind\":\"maybe\""), "s.json: barbers[2].special[0].kind: must be \"available\" or \"unavailable\""},
        {SPECIAL("\"kinds\":1"), "s.json: barbers[2].special[0].kinds: unknown field"},
        {SPECIAL("\"date\":\"1900-01-01\",\"start\":\"00:00+01:00\",\"end\":\"10:00Z\",\"kind\":\"available\""),
         "s.json: barbers[2].special[0]: lies outside 1900-01-01"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setup_file setup;
        reason why = {""};
        cr_expect_not(parse(table[i].text, &setup, &why), "%s was taken", table[i].text);
        cr_expect(strncmp(why.text, table[i].why, strlen(table[i].why)) == 0, "%s\n%s", table[i].text, why.text);
    }
}

Test(setup_file, says_why_a_file_cannot_be_read)
{
    setup_file setup;
    reason why;
    cr_expect_not(setup_file_read("/does/not/exist.json", &setup, &why));
    cr_expect_str_eq(why.text, "/does/not/exist.json: No such file or directory");
    cr_expect_not(setup_file_read("/", &setup, &why));
    cr_expect(strstr(why.text, "Is a directory") != NULL, "%s", why.text);
}
