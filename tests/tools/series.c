/* Recurring bookings, end to end. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define AT "--now", SHOP_NOW

/* A shop in Madrid with the barbers of shop_open(). Clocks there go forward on 29 March 2026. */
static struct shop shop_in_madrid(void)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json", "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    return shop;
}

#define WEEKLY                                                                                                         \
    "--barber", "Figaro", "--start", "2026-03-16T10:00", "--minutes", "30", "--repeat", "FREQ=WEEKLY;COUNT=4",         \
        "--key", "w"

/* The starts of Figaro's active appointments, a space after each. */
static void expect_starts(const struct shop *shop, const char *expected)
{
    char starts[1024] = "";
    struct support_child child = SUPPORT_FIGARO("list", shop->store, "--barber", "Figaro", "--active", AT);
    for (char *line = strtok(child.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char start[32];
        if (sscanf(line, "#%*d  Figaro  %31s", start) != 1) continue;
        strcat(strcat(starts, start + 5), " ");
    }
    cr_expect_str_eq(starts, expected, "%s instead of %s", starts, expected);
    support_free(&child);
}

Test(series, is_booked_in_local_time)
{
    struct shop shop = shop_in_madrid();
    for (int i = 0; i < 2; i++) {
        EXPECT_FIGARO(0, "4 appointments\n", NULL, "book", shop.store, WEEKLY, AT);
        expect_starts(&shop, "03-16T09:00:00Z 03-23T09:00:00Z 03-30T08:00:00Z 04-06T08:00:00Z ");
    }
    EXPECT_FIGARO(0, "key w#4", NULL, "list", shop.store);
    EXPECT_FIGARO(1, "key_reused", "nothing was changed", "book", shop.store, "--barber", "Figaro", "--start",
                  "2026-03-16T10:00", "--minutes", "30", "--repeat", "FREQ=WEEKLY;COUNT=5", "--key", "w", AT);
    EXPECT_FIGARO(0, "3 appointments\n", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-16T10:00",
                  "--minutes", "30", "--repeat", "RRULE:FREQ=DAILY;UNTIL=20260318T090000Z", "--key", "d", AT);
    shop_close(&shop);
}

Test(series, is_all_or_nothing_unless_what_fits_is_wanted)
{
    struct shop shop = shop_in_madrid();
    EXPECT_FIGARO(0, "", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-30T10:15", "--minutes",
                  "30", AT);
    EXPECT_FIGARO(1, "w#3  2026-03-30T08:00:00Z: refused (conflict)", "nothing was changed", "book", shop.store, WEEKLY,
                  AT);
    EXPECT_FIGARO(1,
                  "{\"status\":\"conflict\",\"key\":\"w#3\",\"start\":\"2026-03-30T08:00:00Z\",\"end\":"
                  "\"2026-03-30T08:30:00Z\",\"conflicts\":[{\"id\":1,",
                  "", "book", shop.store, WEEKLY, "--json", AT);
    expect_starts(&shop, "03-30T08:15:00Z ");
    EXPECT_FIGARO(0, "3 of 4 appointments fit\n", NULL, "book", shop.store, WEEKLY, "--fit", AT);
    EXPECT_FIGARO(0,
                  "\"nearest\":{\"barber\":\"Figaro\",\"start\":\"2026-03-30T07:45:00Z\",\"end\":"
                  "\"2026-03-30T08:15:00Z\"}",
                  NULL, "book", shop.store, WEEKLY, "--fit", "--json", AT);
    expect_starts(&shop, "03-16T09:00:00Z 03-23T09:00:00Z 03-30T08:15:00Z 04-06T08:00:00Z ");
    EXPECT_FIGARO(1, "0 of 1 appointments fit\n", NULL, "book", shop.store, "--barber", "Figaro", "--start",
                  "2026-03-30T10:15", "--minutes", "30", "--repeat", "FREQ=DAILY;COUNT=1", "--key", "x", "--fit", AT);
    shop_close(&shop);
}

Test(series, is_changed_from_one_on_or_as_a_whole)
{
    struct shop shop = shop_in_madrid();
    EXPECT_FIGARO(0, "4 appointments\n", NULL, "book", shop.store, WEEKLY, AT);
    EXPECT_FIGARO(0, "", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-17T10:00", "--minutes",
                  "30", "--key", "w2#1", AT);
    EXPECT_FIGARO(0, "", NULL, "move", shop.store, "2", "--start", "2026-03-23T12:00", "--series", "this", AT);
    /* an hour later and a day, from the third on: across the change of clocks for none of them */
    EXPECT_FIGARO(0, "2 appointments\n", NULL, "move", shop.store, "3", "--start", "2026-03-31T11:00", "--series",
                  "following", AT);
    expect_starts(&shop, "03-16T09:00:00Z 03-17T09:00:00Z 03-23T11:00:00Z 03-31T09:00:00Z 04-07T09:00:00Z ");
    /* two weeks later, all: clocks change on the way of the first two */
    EXPECT_FIGARO(0, "4 appointments\n", NULL, "move", shop.store, "1", "--start", "2026-03-30T10:00", "--minutes",
                  "45", "--series", "all", AT);
    expect_starts(&shop, "03-17T09:00:00Z 03-30T08:00:00Z 04-06T10:00:00Z 04-14T09:00:00Z 04-21T09:00:00Z ");
    EXPECT_FIGARO(0, "2026-04-21T09:45:00Z", NULL, "show", shop.store, "4");
    EXPECT_FIGARO(0, "confirmed", NULL, "confirm", shop.store, "2", "--series", "following", AT);
    EXPECT_FIGARO(0, "3 appointments\n", NULL, "list", shop.store, "--status", "confirmed");
    EXPECT_FIGARO(0, "3 appointments\n", NULL, "cancel", shop.store, "2", "--series", "following", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "status", shop.store, "1", "completed", "--series", "all", AT);
    expect_starts(&shop, "03-17T09:00:00Z ");
    shop_close(&shop);
}

Test(series, stays_whole_where_one_of_a_change_is_refused)
{
    struct shop shop = shop_in_madrid();
    EXPECT_FIGARO(0, "4 appointments\n", NULL, "book", shop.store, WEEKLY, AT);
    EXPECT_FIGARO(0, "", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-04-06T11:00", "--minutes",
                  "30", AT);
    EXPECT_FIGARO(1, "w#4  2026-04-06T09:00:00Z: refused (conflict)", "nothing was changed", "move", shop.store, "1",
                  "--start", "2026-03-16T11:00", "--series", "all", AT);
    expect_starts(&shop, "03-16T09:00:00Z 03-23T09:00:00Z 03-30T08:00:00Z 04-06T08:00:00Z 04-06T09:00:00Z ");
    /* each may take the place of the one before it */
    EXPECT_FIGARO(0, "4 appointments\n", NULL, "move", shop.store, "1", "--start", "2026-03-23T10:00", "--series",
                  "all", AT);
    EXPECT_FIGARO(1, "stale", "nothing was changed", "cancel", shop.store, "1", "--series", "all", "--if-version", "1",
                  AT);
    EXPECT_FIGARO(1, "is in no series", NULL, "cancel", shop.store, "5", "--series", "all", AT);
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "2", AT);
    EXPECT_FIGARO(1, "is no longer active", NULL, "cancel", shop.store, "2", "--series", "all", AT);
    shop_close(&shop);
}

Test(series, is_also_what_a_calendar_brought)
{
    struct shop shop = shop_in_madrid();
    const char *file = shop_file(&shop, "Figaro.ics",
                                 "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20260316T100000\nDURATION:PT30M\n"
                                 "RRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\nEND:VCALENDAR\n");
    EXPECT_FIGARO(0, "4 accepted", NULL, "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "2 appointments\n", NULL, "move", shop.store, "3", "--start", "2026-03-30T12:00", "--series",
                  "following", AT);
    expect_starts(&shop, "03-16T09:00:00Z 03-23T09:00:00Z 03-30T10:00:00Z 04-06T10:00:00Z ");
    shop_close(&shop);
}

Test(series, says_what_makes_none)
{
    struct shop shop = shop_in_madrid();
#define REPEAT(rule, ...)                                                                                              \
    "book", shop.store, "--barber", "Figaro", "--start", "2026-03-16T10:00", "--minutes", "30", "--repeat", rule,      \
        __VA_ARGS__, AT
    EXPECT_FIGARO(2, NULL, "--repeat: 'FREQ=WEEKLY' goes on for more than 4096", REPEAT("FREQ=WEEKLY", "--key", "k"));
    EXPECT_FIGARO(2, NULL, "--repeat: comes to more than 100000", REPEAT("FREQ=MINUTELY", "--key", "k"));
    EXPECT_FIGARO(2, NULL, "--repeat: 'weekly' is no rule", REPEAT("weekly", "--key", "k"));
    EXPECT_FIGARO(2, NULL, "--start is no time of", REPEAT("FREQ=WEEKLY;BYDAY=TU;COUNT=3", "--key", "k"));
    EXPECT_FIGARO(2, NULL, "--key: is missing", REPEAT("FREQ=WEEKLY;COUNT=3", "--json"));
    EXPECT_FIGARO(2, NULL, "--nearest: of a series", REPEAT("FREQ=WEEKLY;COUNT=3", "--key", "k", "--nearest"));
    EXPECT_FIGARO(2, NULL, "--fit: is for a series", "book", shop.store, "--barber", "Figaro", "--start",
                  "2026-03-16T10:00", "--minutes", "30", "--fit");
    EXPECT_FIGARO(2, NULL, "--any: a series is one barber's", "book", shop.store, "--any", "--start",
                  "2026-03-16T10:00", "--minutes", "30", "--repeat", "FREQ=WEEKLY;COUNT=3", "--key", "k");
    EXPECT_FIGARO(2, NULL, "--series: must be this, following or all", "cancel", shop.store, "1", "--series", "rest");
    EXPECT_FIGARO(2, NULL, "--key: is of one appointment's change", "cancel", shop.store, "1", "--series", "all",
                  "--key", "k");
    expect_starts(&shop, "");
    const char *batch = shop_file(&shop, "b.jsonl", "{\"op\":\"cancel\",\"id\":1,\"series\":\"all\"}\n");
    EXPECT_FIGARO(2, NULL, "series: unknown field", "batch", shop.store, batch);
    shop_close(&shop);
}
