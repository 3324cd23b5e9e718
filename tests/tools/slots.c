/* Open time, slots, the next free start, any barber, rules and zones on the command line, end to end. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AT "--now", SHOP_NOW /* Sunday, 2026-03-01T08:00:00Z */

static const char madrid[] =
    "{\"shops\":[{\"id\":1,\"name\":\"Siviglia\",\"zone\":\"Europe/Madrid\",\"holidays\":[\"12-25\"]}],"
    "\"services\":[{\"name\":\"Patch test\",\"minutes\":10},"
    "  {\"id\":1,\"name\":\"Cut\",\"minutes\":30,\"buffer_after_minutes\":5},"
    "  {\"id\":2,\"name\":\"Colour\",\"minutes\":60,\"rules\":{\"min_age\":16,\"blocked_days\":[\"tue\"],"
    "   \"requires\":[\"Cut\"],\"incompatible\":[\"Patch test\"]}}],"
    "\"clients\":[{\"id\":1,\"name\":\"Rosina\",\"born\":\"1990-01-31\",\"type\":\"new\"},{\"id\":2,\"name\":"
    "\"Bartolo\","
    "  \"flags\":[\"blocked\"]},{\"id\":3,\"name\":\"Twin\"},{\"id\":4,\"name\":\"Twin\"}],"
    "\"barbers\":[{\"name\":\"Figaro\",\"shop\":\"Siviglia\",\"hours\":["
    "   "
    "{\"day\":\"mon\",\"start\":\"09:00\",\"end\":\"12:00\"},{\"day\":\"mon\",\"start\":\"13:00\",\"end\":\"14:00\"},"
    "   {\"day\":\"sun\",\"start\":\"00:00\",\"end\":\"06:00\"}],"
    "  \"services\":[{\"id\":\"Cut\",\"minutes\":40}]},"
    "  {\"name\":\"Susanna\",\"priority\":5,\"hours\":[{\"day\":\"mon\",\"start\":\"10:00\",\"end\":\"11:00\"}],"
    "   \"services\":[{\"id\":2,\"active\":false}]}],"
    "\"rules\":[{\"name\":\"a day ahead\",\"type\":\"min_advance_booking\",\"params\":{\"min_hours\":24},"
    "  \"applies_to\":\"client_type\",\"ids\":[\"new\"]},"
    "  {\"name\":\"short\",\"type\":\"max_duration\",\"params\":{\"max_minutes\":90},\"applies_to\":\"barber\","
    "   \"ids\":[\"Figaro\",\"Susanna\"]}]}";

static struct shop open_madrid(void)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "declared 1 shop, 2 barbers, 3 services, 4 clients, 2 rules", NULL, "setup", shop.store,
                  shop_file(&shop, "m.json", madrid), AT);
    return shop;
}

#define SLOTS "slots", shop.store, "--date", "2026-03-02"

Test(slots_command, are_listed_for_a_barber_and_a_service)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0,
                  "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T08:00:00Z\",\"end\":\"2026-03-02T08:40:00Z\","
                  "\"available\":true,\"soonest\":true}\n"
                  "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T08:30:00Z\",\"end\":\"2026-03-02T09:10:00Z\","
                  "\"available\":true}\n",
                  NULL, SLOTS, "--barber", "Figaro", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "6 starts, 6 free", NULL, SLOTS, "--barber", "Figaro", "--service", "Cut", AT);
    shop_close(&shop);
}

Test(slots_command, say_why_they_cannot_be_booked)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "#1  Figaro  2026-03-02T08:00:00Z - 2026-03-02T08:40:00Z  scheduled  client 3  service 1  after 5",
                  NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut",
                  "--client", "3", AT);
    EXPECT_FIGARO(0, "  09:00 - 09:40  2026-03-02T08:00:00Z  Figaro  no: #1 is in the way\n", NULL, SLOTS, "--barber",
                  "Figaro", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "  10:00 - 10:40  2026-03-02T09:00:00Z  Figaro  free, the soonest\n", NULL, SLOTS, "--barber",
                  "Figaro", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "\"available\":false,\"why\":\"conflict\",\"blocker\":1}", NULL, SLOTS, "--barber", "Figaro",
                  "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "\"available\":false,\"why\":\"rule\",\"rule\":\"client_blocked\"}", NULL, SLOTS, "--barber",
                  "Figaro", "--service", "Cut", "--client", "Bartolo", "--json", AT);
    EXPECT_FIGARO(0, "no: rule client_blocked\n", NULL, SLOTS, "--barber", "Figaro", "--service", "Cut", "--client",
                  "Bartolo", AT);
    EXPECT_FIGARO(0, "0 starts, 0 free", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-03-03",
                  "--service", "Cut", AT);
    shop_close(&shop);
}

Test(slots_command, of_any_barber_name_who_would_be_taken)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T09:00:00Z\"", NULL, SLOTS, "--any", "--service",
                  "Cut", "--json", AT);
    EXPECT_FIGARO(0, "{\"barber\":\"Susanna\",\"start\":\"2026-03-02T09:00:00Z\",\"end\":\"2026-03-02T09:30:00Z\"",
                  NULL, SLOTS, "--any", "--order", "priority", "--shop", "Siviglia", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(1, "no shop is named 'Roma'", NULL, SLOTS, "--any", "--shop", "Roma", "--minutes", "5", AT);
    shop_close(&shop);
}

Test(slots_command, follow_the_clock_where_it_changes)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "  01:30+01:00 - 03:30+02:00  2026-03-29T00:30:00Z  Figaro  free\n", NULL, "slots", shop.store,
                  "--barber", "Figaro", "--date", "2026-03-29", "--minutes", "60", AT);
    EXPECT_FIGARO(0, "9 starts", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-03-29", "--minutes",
                  "60", AT);
    EXPECT_FIGARO(0, "  02:30+02:00 - 02:30+01:00  2026-10-25T00:30:00Z  Figaro  free\n", NULL, "slots", shop.store,
                  "--barber", "Figaro", "--date", "2026-10-25", "--minutes", "60", AT);
    EXPECT_FIGARO(0, "13 starts", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-10-25", "--minutes",
                  "60", AT);
    EXPECT_FIGARO(0, "(23 hours: at 02:00 clocks go forward to 03:00)", NULL, "day", shop.store, "--barber", "Figaro",
                  "--date", "2026-03-29", AT);
    EXPECT_FIGARO(0, "\"open\":[{\"start\":\"2026-10-24T22:00:00Z\",\"end\":\"2026-10-25T05:00:00Z\"}]", NULL, "day",
                  shop.store, "--barber", "Figaro", "--date", "2026-10-25", "--json", AT);
    shop_close(&shop);
}

Test(slots_command, need_to_know_what_is_looked_for)
{
    struct shop shop = open_madrid();
    static const struct {
        const char *message;
        const char *options[6];
    } table[] = {
        {"--barber (or --any) is missing", {"--minutes", "5"}},
        {"--minutes (or --service) is missing", {"--barber", "Figaro"}},
        {"--any: and --barber are both given", {"--barber", "Figaro", "--any"}},
        {"--order: is whom --any takes", {"--barber", "Figaro", "--order", "first"}},
        {"--shop: is where --any is to be of", {"--barber", "Figaro", "--shop", "1"}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *const *options = table[i].options;
        EXPECT_FIGARO(2, NULL, table[i].message, "slots", shop.store, options[0], options[1], options[2], options[3]);
        EXPECT_FIGARO(2, NULL, table[i].message, "next", shop.store, options[0], options[1], options[2], options[3]);
    }
    EXPECT_FIGARO(2, NULL, "--days: and --to are both given", "next", shop.store, "--any", "--minutes", "5", "--days",
                  "1", "--to", "2026-03-02T00:00");
    EXPECT_FIGARO(2, "", "give --minutes", SLOTS, "--barber", "Figaro", "--service", "99", AT);
    EXPECT_FIGARO(1, "no service is named 'Dye'", NULL, SLOTS, "--barber", "Figaro", "--service", "Dye", AT);
    EXPECT_FIGARO(1, "two clients are named 'Twin'; give the id", NULL, SLOTS, "--barber", "Figaro", "--service", "Cut",
                  "--client", "Twin", AT);
    shop_close(&shop);
}

Test(slots_command, name_barbers_whose_data_fails)
{
    struct shop shop = open_madrid();
    const char *text = "{\"services\":[{\"id\":5,\"name\":\"Wash\"}],\"barbers\":[{\"name\":\"Susanna\","
                       "\"services\":[{\"id\":5,\"minutes\":30}]}]}";
    EXPECT_FIGARO(0, "declared 1 barber, 1 service", NULL, "setup", shop.store, shop_file(&shop, "x.json", text), AT);
    EXPECT_FIGARO(0,
                  "{\"barber\":\"Susanna\",\"start\":\"2026-03-02T09:30:00Z\",\"end\":\"2026-03-02T10:00:00Z\","
                  "\"available\":true}\n{\"skipped\":[\"Figaro\"]}\n",
                  "Figaro was skipped: ", SLOTS, "--any", "--service", "Wash", "--json", AT);
    EXPECT_FIGARO(0, "\"available\":true}\n", NULL, SLOTS, "--any", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T09:00:00Z", "Figaro was skipped: ", "next", shop.store, "--any", "--service",
                  "Wash", AT);
    shop_close(&shop);
}

/* ---- the next free start ---- */

Test(next_command, is_the_earliest_on_the_grid_or_not)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T08:00:00Z\",\"end\":\"2026-03-02T08:40:00Z\"}\n",
                  NULL, "next", shop.store, "--barber", "Figaro", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service",
                  "Cut", AT);
    EXPECT_FIGARO(0, "Figaro  2026-03-02T08:45:00Z - 2026-03-02T09:25:00Z\n", NULL, "next", shop.store, "--barber",
                  "Figaro", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T09:00:00Z - 2026-03-02T09:30:00Z\n", NULL, "next", shop.store, "--any",
                  "--from", "2026-03-02T10:00", "--order", "priority", "--service", "Cut", AT);
    shop_close(&shop);
}

Test(next_command, refuses_when_there_is_none)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(1, "{\"status\":\"not_found\",\"conflicts\":[],\"rules\":[],\"reason\":\"there is no such time", NULL,
                  "next", shop.store, "--any", "--minutes", "400", "--json", AT);
    EXPECT_FIGARO(1, "refused (not_found)", NULL, "next", shop.store, "--barber", "Figaro", "--service", "Cut",
                  "--from", "2026-03-03T00:00", "--days", "3", AT);
    EXPECT_FIGARO(0, "2026-03-07T23:00:00Z", NULL, "next", shop.store, "--barber", "Figaro", "--service", "Cut",
                  "--from", "2026-03-03T00:00", "--days", "6", AT);
    EXPECT_FIGARO(1, "refused (not_found)", NULL, "next", shop.store, "--barber", "Figaro", "--service", "Cut",
                  "--from", "2026-03-02T13:30", "--to", "2026-03-02T14:00", AT);
    EXPECT_FIGARO(2, NULL, "--to: must be later than --from", "next", shop.store, "--barber", "Figaro", "--minutes",
                  "5", "--to", "2026-01-01T00:00", AT);
    shop_close(&shop);
}

/* ---- booking ---- */

#define BOOK "book", shop.store

Test(booking, takes_any_barber_who_is_free)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "#1  Susanna", NULL, BOOK, "--any", "--order", "priority", "--start", "2026-03-02T10:00",
                  "--service", "Cut", AT);
    EXPECT_FIGARO(0, "#2  Figaro", NULL, BOOK, "--any", "--order", "priority", "--start", "2026-03-02T10:00",
                  "--service", "Cut", AT);
    EXPECT_FIGARO(1, "refused (conflict)", NULL, BOOK, "--any", "--start", "2026-03-02T10:00", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "held until", NULL, "hold", shop.store, "--any", "--shop", "1", "--start", "2026-03-02T13:00",
                  "--service", "Cut", AT);
    EXPECT_FIGARO(2, NULL, "--any: and barber are both given", BOOK, "--any", "--barber", "Figaro", "--start",
                  "2026-03-02T10:00", "--service", "Cut", AT);
    EXPECT_FIGARO(2, NULL, "--any: no such option", "move", shop.store, "1", "--any", AT);
    EXPECT_FIGARO(2, NULL, "any: cannot be asked for in a batch", "batch", shop.store,
                  shop_file(&shop, "b.jsonl",
                            "{\"op\":\"book\",\"any\":true,\"service\":\"Cut\",\"start\":"
                            "\"2026-03-02T10:00\"}\n"),
                  AT);
    shop_close(&shop);
}

Test(booking, refusals_tell_everything_in_the_way)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T11:00", "--service", "Cut", AT);
    EXPECT_FIGARO(1, "{\"status\":\"closed\",\"conflicts\":[{\"id\":1,", NULL, BOOK, "--barber", "Figaro", "--start",
                  "2026-03-02T11:30", "--service", "Colour", "--client", "Bartolo", "--json", AT);
    EXPECT_FIGARO(
        1,
        "\"rules\":[{\"type\":\"min_age\",\"name\":\"min_age\",\"reason\":\"the client's birthday is not known; "
        "declare it\",\"failed\":true},{\"type\":\"required_service\",",
        NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T11:30", "--service", "Colour", "--client", "Bartolo",
        "--json", AT);
    EXPECT_FIGARO(1, "\"closed\":true", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T11:30", "--service",
                  "Colour", "--client", "Bartolo", "--json", AT);
    EXPECT_FIGARO(1, "  rule client_blocked: ", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T11:30",
                  "--service", "Colour", "--client", "Bartolo", AT);
    EXPECT_FIGARO(1, "  rule a day ahead: ", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00",
                  "--service", "Cut", "--client", "Rosina", "--now", "2026-03-01T08:00:01Z");
    EXPECT_FIGARO(1, "  rule short: ", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--minutes",
                  "91", AT);
    shop_close(&shop);
}

Test(booking, says_the_nearest_start_when_asked)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", AT);
    EXPECT_FIGARO(1,
                  "\"nearest\":{\"barber\":\"Figaro\",\"start\":\"2026-03-02T08:45:00Z\",\"end\":"
                  "\"2026-03-02T09:25:00Z\"}",
                  NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", "--nearest",
                  "--json", AT);
    EXPECT_FIGARO(1, "  nearest: Figaro  2026-03-02T08:45:00Z - 2026-03-02T09:25:00Z\n", NULL, BOOK, "--barber",
                  "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", "--nearest", AT);
    EXPECT_FIGARO(1, "\"end\":\"2026-03-02T08:50:00Z\"}", NULL, BOOK, "--barber", "Figaro", "--start",
                  "2026-03-02T09:00", "--minutes", "5", "--nearest", "--json", AT);
    shop_close(&shop);
}

Test(booking, says_the_nearest_start_and_its_end_in_a_batch_and_for_another_barber)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", AT);
    const char *members =
        "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-03-02T08:40:00Z\",\"service\":\"Cut\"}\n"
        "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-03-02T09:00:00Z\",\"service\":\"Cut\","
        "\"nearest\":true}\n";
    EXPECT_FIGARO(1,
                  "\"nearest\":{\"barber\":\"Figaro\",\"start\":\"2026-03-02T09:25:00Z\",\"end\":"
                  "\"2026-03-02T10:05:00Z\"}",
                  "nothing was changed", "batch", shop.store, shop_file(&shop, "b.jsonl", members), "--json", AT);
    EXPECT_FIGARO(1, "  nearest: Susanna  2026-03-02T09:00:00Z - 2026-03-02T09:40:00Z\n", NULL, "move", shop.store, "1",
                  "--barber", "Susanna", "--nearest", AT);
    shop_close(&shop);
}

Test(booking, goes_on_without_a_rule_that_cannot_be_evaluated_and_says_so)
{
    struct shop shop = open_madrid();
    const char *text = "{\"services\":[{\"id\":9,\"name\":\"Beard\",\"minutes\":10,\"rules\":{\"min_age\":16}}]}";
    EXPECT_FIGARO(0, "declared 1 service", NULL, "setup", shop.store, shop_file(&shop, "a.json", text), AT);
    EXPECT_FIGARO(0, "\"unchecked\":true",
                  "warning: booked without the rule min_age, which could not be evaluated: ", BOOK, "--barber",
                  "Figaro", "--start", "2026-03-02T09:00", "--service", "Beard", "--client", "3", "--json", AT);
    EXPECT_FIGARO(0, "  unchecked  ", NULL, "show", shop.store, "1", AT);
    text = "{\"shops\":[{\"id\":1,\"on_rule_error\":\"reject\"}]}";
    EXPECT_FIGARO(0, "declared 1 shop", NULL, "setup", shop.store, shop_file(&shop, "a.json", text), AT);
    EXPECT_FIGARO(1, "  cannot be evaluated: min_age: ", NULL, BOOK, "--barber", "Figaro", "--start",
                  "2026-03-02T10:00", "--service", "Beard", "--client", "3", AT);
    shop_close(&shop);
}

/* ---- setup, again ---- */

static void setup(const struct shop *shop, const char *text)
{
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop->store, shop_file(shop, "again.json", text), AT);
}

Test(setup_again, what_is_left_out_stays)
{
    struct shop shop = open_madrid();
    setup(&shop, "{\"shops\":[{\"id\":1,\"blackouts\":[{\"from\":\"2026-03-02\",\"start\":\"09:00\",\"end\":"
                 "\"10:00\"}]}],\"barbers\":[{\"name\":\"Figaro\",\"time_off\":[{\"from\":\"2026-03-09\"}]}]}");
    EXPECT_FIGARO(0, "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T09:00:00Z\"", NULL, "next", shop.store, "--barber",
                  "Figaro", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "0 starts", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-03-09", "--service",
                  "Cut", AT);
    /* the holidays stay as blackouts are given, and the other way round */
    setup(&shop, "{\"barbers\":[{\"name\":\"Figaro\",\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\",\"end\":"
                 "\"12:00\"},{\"day\":\"fri\",\"start\":\"09:00\",\"end\":\"12:00\"}]}]}");
    EXPECT_FIGARO(0, "0 starts", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-12-25", "--service",
                  "Cut", AT); /* a Friday */
    setup(&shop, "{\"shops\":[{\"id\":1,\"holidays\":[]}]}");
    EXPECT_FIGARO(0, "5 starts", NULL, "slots", shop.store, "--barber", "Figaro", "--date", "2026-12-25", "--service",
                  "Cut", AT);
    EXPECT_FIGARO(0, "{\"barber\":\"Figaro\",\"start\":\"2026-03-02T09:00:00Z\"", NULL, "next", shop.store, "--barber",
                  "Figaro", "--service", "Cut", "--json", AT);
    shop_close(&shop);
}

Test(setup_again, a_clients_flags_are_changed_by_what_tells_of_them)
{
    struct shop shop = open_madrid();
    static const struct {
        const char *text, *out;
        int code;
    } table[] = {
        {"{\"clients\":[{\"id\":2,\"name\":\"Bartolo\"}]}", "rule client_blocked", 1},
        {"{\"clients\":[{\"name\":\"Bartolo\",\"flags\":[\"payment_issue\"]}]}", "rule client_payment_issue", 1},
        {"{\"clients\":[{\"id\":2,\"status\":\"blocked\"}]}", "rule client_payment_issue", 1},
        {"{\"clients\":[{\"id\":2,\"flags\":[],\"type\":\"at_risk\"}]}", "rule client_at_risk", 1},
        {"{\"clients\":[{\"id\":2,\"type\":\"vip\"}]}", "rule client_at_risk", 1}, /* what is left out stays */
        {"{\"clients\":[{\"id\":2,\"flags\":[\"payment_issue\"],\"type\":\"at_risk\"}]}", "rule client_payment_issue",
         1},
        {"{\"clients\":[{\"id\":2,\"type\":\"vip\",\"status\":\"active\"}]}", "rule client_payment_issue", 1},
        {"{\"clients\":[{\"id\":2,\"flags\":[]}]}", "#1", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setup(&shop, table[i].text);
        EXPECT_FIGARO(table[i].code, table[i].out, NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00",
                      "--service", "Cut", "--client", "Bartolo", AT);
    }
    shop_close(&shop);
}

Test(setup_again, a_services_kind_stays_when_it_is_left_out)
{
    struct shop shop = open_madrid();
    const char *book = "{\"services\":[{\"id\":8,\"name\":\"Tint\",\"minutes\":30,\"rules\":{\"consultation\":true}},"
                       "{\"id\":9,\"name\":\"Consultation by post\",\"minutes\":30,\"kind\":\"plain\"}]}";
    setup(&shop, book);
    setup(&shop, "{\"services\":[{\"id\":9,\"name\":\"Consultation by post\",\"minutes\":20}]}");
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "9",
                  "--client", "3", AT);
    EXPECT_FIGARO(0, "completed", NULL, "status", shop.store, "1", "completed", AT);
    EXPECT_FIGARO(1, "rule consultation", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T10:00", "--service",
                  "8", "--client", "3", AT);
    shop_close(&shop);
}

Test(setup_again, a_barber_goes_back_to_the_zone_of_the_shop)
{
    struct shop shop = open_madrid();
    setup(&shop, "{\"barbers\":[{\"name\":\"Figaro\",\"zone\":\"Europe/London\"}]}");
    EXPECT_FIGARO(0, "\"start\":\"2026-03-02T09:00:00Z\"", NULL, "next", shop.store, "--barber", "Figaro", "--service",
                  "Cut", "--from", "2026-03-02T00:00:00Z", "--json", AT);
    setup(&shop, "{\"barbers\":[{\"name\":\"Figaro\",\"zone\":null}]}");
    EXPECT_FIGARO(0, "\"start\":\"2026-03-02T08:00:00Z\"", NULL, "next", shop.store, "--barber", "Figaro", "--service",
                  "Cut", "--from", "2026-03-02T00:00:00Z", "--json", AT);
    shop_close(&shop);
}

Test(setup_again, services_without_ids_ask_for_others_by_name)
{
    struct shop shop = open_madrid();
    setup(&shop, "{\"services\":[{\"name\":\"Perm\",\"minutes\":30,\"rules\":{\"requires\":[\"Wash\"],\"incompatible\":"
                 "[\"Cut\"]}},{\"name\":\"Wash\",\"minutes\":10}]}");
    EXPECT_FIGARO(1, "rule required_service", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00",
                  "--service", "Perm", "--client", "Rosina", "--now", "2026-02-25T08:00:00Z");
    shop_close(&shop);
}

Test(setup_again, a_name_that_leads_nowhere_is_found_before_anything_is_declared)
{
    struct shop shop = open_madrid();
    static const struct {
        const char *text, *message;
    } table[] = {
        {"{\"shops\":[{\"id\":9}],\"barbers\":[{\"id\":7,\"shop\":8}]}",
         "barbers[0].shop: there is no shop 8, in the file or in the store"},
        {"{\"shops\":[{\"id\":9}],\"barbers\":[{\"id\":7,\"shop\":\"Roma\"}]}",
         "barbers[0].shop: no shop is named 'Roma'"},
        {"{\"shops\":[{\"id\":9}],\"barbers\":[{\"id\":7,\"services\":[{\"id\":1},{\"id\":\"Dye\"}]}]}",
         "barbers[0].services[1]: no service is named 'Dye'"},
        {"{\"shops\":[{\"id\":9}],\"services\":[{\"id\":1,\"rules\":{\"requires\":[\"Dye\"]}}]}",
         "services[0].rules.requires[0]: no service is named 'Dye'"},
        {"{\"shops\":[{\"id\":9}],\"services\":[{\"id\":99}]}",
         "services[0].name: is missing, and the store has no service 99"},
        {"{\"shops\":[{\"id\":9}],\"rules\":[{\"id\":99}]}", "rules[0].name: is missing, and the store has no rule 99"},
        {"{\"shops\":[{\"id\":9}],\"rules\":[{\"name\":\"new\"}]}", "rules[0].type: is missing, and the store has no"},
        {"{\"shops\":[{\"id\":9}],\"rules\":[{\"id\":1,\"applies_to\":\"barber\",\"ids\":[\"Basilio\"]}]}",
         "rules[0].ids[0]: no barber is named 'Basilio'"},
        {"{\"shops\":[{\"id\":9}],\"services\":[{\"id\":1,\"name\":\"Trim\"}],"
         "\"barbers\":[{\"id\":7,\"services\":[{\"id\":\"Cut\"}]}]}",
         "barbers[0].services[0]: no service is named 'Cut'"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        EXPECT_FIGARO(2, NULL, table[i].message, "setup", shop.store, shop_file(&shop, "s.json", table[i].text), AT);
    EXPECT_FIGARO(0, "\"shops\":1", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}

Test(setup_again, many_clients_are_declared_in_few_commits)
{
    struct shop shop = shop_open();
    char *text = malloc(1000 * 40);
    size_t used = (size_t)sprintf(text, "{\"clients\":[");
    for (int i = 1; i <= 600; i++)
        used += (size_t)sprintf(text + used, "%s{\"id\":%d,\"name\":\"Client %d\"}", i == 1 ? "" : ",", i, i);
    sprintf(text + used, ",{\"name\":\"New\"}]}");
    EXPECT_FIGARO(0, "declared 601 clients", NULL, "setup", shop.store, shop_file(&shop, "c.json", text), AT);
    free(text);
    EXPECT_FIGARO(0, "\"clients\":601,", NULL, "stats", shop.store, "--json");
    EXPECT_FIGARO(0, "\"frame\":7,", NULL, "stats", shop.store, "--json"); /* three of the shop, four of these */
    EXPECT_FIGARO(0, "client    601  New\n", NULL, "journal", shop.store);
    shop_close(&shop);
}

Test(setup_again, the_journal_and_lists_know_what_was_declared)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(0, "\"operation\":\"declare_rule\",\"event\":\"rule\",\"key\":null,\"id\":2,\"name\":\"short\"}",
                  NULL, "journal", shop.store, "--json");
    EXPECT_FIGARO(0, "\"event\":\"schedule\",\"key\":null,\"owner\":\"barber\",\"id\":7}", NULL, "journal", shop.store,
                  "--json");
    EXPECT_FIGARO(0, "zone      1  Europe/Madrid\n", NULL, "journal", shop.store);
    EXPECT_FIGARO(0, "schedule  shop 1\n", NULL, "journal", shop.store);
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut",
                  "--client", "1", "--now", "2026-02-01T00:00:00Z");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "Rosina", AT);
    EXPECT_FIGARO(1, "no client is named 'Nobody'", NULL, "list", shop.store, "--client", "Nobody", AT);
    shop_close(&shop);
}

Test(setup_again, a_limit_of_0_is_none_and_lifts_a_wider_rule)
{
    struct shop shop = open_madrid();
    EXPECT_FIGARO(1, "  rule short: ", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--minutes",
                  "91", AT);
    setup(&shop, "{\"rules\":[{\"name\":\"short\",\"type\":\"max_duration\",\"params\":{\"max_minutes\":0}},"
                 "{\"name\":\"a day ahead\",\"type\":\"min_advance_booking\",\"params\":{\"min_hours\":0}},"
                 "{\"name\":\"no date\",\"type\":\"blackout_dates\",\"params\":{\"dates\":[]}}]}");
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--minutes", "91",
                  "--client", "Rosina", "--now", "2026-03-02T07:59:00Z");
    shop_close(&shop);
}

/* ---- import ---- */

Test(import_rules, count_only_when_asked_for)
{
    struct shop shop = open_madrid();
    setup(&shop, "{\"shops\":[{\"id\":1,\"past\":\"refuse\"}]}");
    const char *rows = "barber,start,minutes,client\n"
                       "Figaro,2026-03-02T09:00,30,1\n"  /* good */
                       "Figaro,2026-03-02T12:30,30,1\n"  /* closed */
                       "Figaro,2026-02-23T09:00,30,1\n"  /* past */
                       "Figaro,2026-03-09T09:00,30,2\n"  /* a blocked client */
                       "Figaro,2026-03-02T09:15,30,1\n"; /* a conflict */
    EXPECT_FIGARO(0, "{\"accepted\":1,\"refused\":4,\"rejected\":0,\"repeated\":0}\n", NULL, "import", shop.store,
                  shop_file(&shop, "r.csv", rows), "--rules", "--json", AT);
    EXPECT_FIGARO(0, "\"status\":\"rule\",\"conflicts\":[],\"rules\":[{\"type\":\"client_blocked\"", NULL, "import",
                  shop.store, shop_file(&shop, "r.csv", rows), "--rules", "--json", AT);
    EXPECT_FIGARO(0, "1 accepted (1 of them were there already), 4 refused",
                  "r.csv:5: refused: start: rule client_blocked: ", "import", shop.store,
                  shop_file(&shop, "r.csv", rows), "--rules", AT);
    EXPECT_FIGARO(0, "{\"accepted\":4,\"refused\":1,\"rejected\":0,\"repeated\":1}\n", NULL, "import", shop.store,
                  shop_file(&shop, "r.csv", rows), "--json", AT);
    shop_close(&shop);
}

/* ---- zones ---- */

/* A directory of zones in which Madrid has London's clocks. */
static void make_zones(const struct shop *shop, char path[SUPPORT_PATH])
{
    char file[SUPPORT_PATH];
    size_t size;
    char *bytes = support_read_file("/usr/share/zoneinfo/Europe/London", &size);
    support_format(path, SUPPORT_PATH, "%.400s/zones", shop->root);
    support_format(file, sizeof file, "%.400s/zones/Europe", shop->root);
    cr_assert(mkdir(path, 0700) == 0 && mkdir(file, 0700) == 0);
    support_format(file, sizeof file, "%.400s/zones/Europe/Madrid", shop->root);
    support_write_file(file, bytes, size);
    free(bytes);
}

Test(tz, says_what_the_systems_zones_would_change)
{
    struct shop shop = open_madrid();
    char zones[SUPPORT_PATH];
    make_zones(&shop, zones);
    EXPECT_FIGARO(0, "Europe/Madrid: same\n", NULL, "tz", shop.store, AT);
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", AT);
    setup(&shop, "{\"barbers\":[{\"name\":\"Susanna\",\"special\":[{\"date\":\"2026-04-01\",\"start\":\"10:00\","
                 "\"end\":\"11:00\",\"kind\":\"available\"}]}]}");
    EXPECT_FIGARO(0,
                  "Europe/Madrid: differs\n"
                  "  #1 of Figaro: starts 2026-03-02T09:00, becomes 2026-03-02T08:00\n",
                  NULL, "tz", shop.store, "--zones", zones, AT);
    EXPECT_FIGARO(0, "  available window of Susanna: starts 2026-04-01T10:00, becomes 2026-04-01T09:00\n", NULL, "tz",
                  shop.store, "--zones", zones, AT);
    EXPECT_FIGARO(0,
                  "  weekly window mon 09:00 - 12:00 of Figaro: at another instant on 53 dates, 2026-03-02 to "
                  "2027-03-01\n",
                  NULL, "tz", shop.store, "--zones", zones, AT);
    EXPECT_FIGARO(0, "  holiday 12-25 of shop 1 Siviglia: at another instant on 1 date, 2026-12-25\n", NULL, "tz",
                  shop.store, "--zones", zones, AT);
    EXPECT_FIGARO(0, "{\"zone\":\"Europe/Madrid\",\"edge\":\"start\",\"appointment\":{\"id\":1,", NULL, "tz",
                  shop.store, "--zones", zones, "--json", AT);
    EXPECT_FIGARO(0, "2026-03-02T08:45:00Z", NULL, "next", shop.store, "--barber", "Figaro", "--minutes", "5",
                  AT); /* nothing was taken in */
    shop_close(&shop);
}

Test(tz, takes_the_new_data_in_when_asked)
{
    struct shop shop = open_madrid();
    char zones[SUPPORT_PATH];
    make_zones(&shop, zones);
    EXPECT_FIGARO(0, "#1", NULL, BOOK, "--barber", "Figaro", "--start", "2026-03-02T09:00", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "1 appointment now outside open time", NULL, "tz", shop.store, "--zones", zones, "--apply", AT);
    EXPECT_FIGARO(0, "Europe/Madrid: same\n", NULL, "tz", shop.store, "--zones", zones, AT);
    EXPECT_FIGARO(0, "Europe/Madrid: differs\n", NULL, "tz", shop.store, AT);
    /* local times are now those of the data that the store has */
    EXPECT_FIGARO(0, "#2  Figaro  2026-03-02T09:00:00Z - ", NULL, BOOK, "--barber", "Figaro", "--start",
                  "2026-03-02T09:00", "--service", "Cut", AT);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    EXPECT_FIGARO(0, "Europe/Madrid: missing\n", "Europe/Madrid", "tz", shop.store, "--zones", shop.root, AT);
    shop_close(&shop);
}
