/* `figaro import`, end to end. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT "--now", "2026-11-01T00:00:00Z"

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word)) count++;
    return count;
}

Test(import, books_rows_and_tells_of_those_it_turns_away)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "\xEF\xBB\xBFwho,from,till,code\r\n"
                                 "Figaro,2026-03-02T10:00:00Z,2026-03-02T11:00:00Z,a\r\n"
                                 "Figaro,2026-03-02T10:30:00Z,2026-03-02T11:30:00Z,b\r\n"
                                 "\"Almaviva, Conte\",2026-03-02 10:30,2026-03-02 11:30:00,c\r\n"
                                 "Figaro,2026-03-02T12:00:00Z,2026-03-02T11:30:00Z,d\r\n"
                                 "Figaro,soon,2026-03-02T11:30:00Z,e\r\n"
                                 "\r\n"
                                 ",2026-03-02T13:00:00Z,2026-03-02T14:00:00Z,f\r\n");
    const char *map = "barber=who,start=from,end=till,key=code";
    EXPECT_FIGARO(0, "6 rows: 2 accepted, 1 refused, 3 rejected\n",
                  "b.csv:3: refused (key b): start: appointment #1 of Figaro, 2026-03-02T10:00:00Z - "
                  "2026-03-02T11:00:00Z, is in the way of 2026-03-02T10:30:00Z - 2026-03-02T11:30:00Z\n",
                  "import", shop.store, file, "--map", map, AT);
    EXPECT_FIGARO(0, "{\"accepted\":2,\"refused\":1,\"rejected\":3,\"repeated\":2}\n", NULL, "import", shop.store, file,
                  "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "b.csv\",\"line\":5,\"field\":\"end\",\"reason\":\"lies before the start\"", NULL, "import",
                  shop.store, file, "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "\"line\":6,\"field\":\"start\",\"reason\":\"'soon': does not begin with a date", NULL, "import",
                  shop.store, file, "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "\"line\":8,\"field\":\"barber\",\"reason\":\"is empty\"", NULL, "import", shop.store, file,
                  "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "\"line\":3,\"field\":\"start\",", NULL, "import", shop.store, file, "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "\"status\":\"conflict\",\"conflicts\":[{\"id\":1,\"barber\":\"Figaro\"", NULL, "import",
                  shop.store, file, "--map", map, "--json", AT);
    EXPECT_FIGARO(0, "Almaviva, Conte  2026-03-02T10:30:00Z - 2026-03-02T11:30:00Z  scheduled  key c", NULL, "list",
                  shop.store);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import, takes_every_field_and_sets_the_status)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,service,client,key,status,before,after,note\n"
                                 "Figaro,2026-03-02T10:00Z,30,4,5,a,confirmed,5,10,\"likes it short\"\n"
                                 "Figaro,2026-03-02T11:00Z,30,,,b,completed,,,\n"
                                 "Figaro,2026-03-02T12:00Z,30,,,c,cancelled,,,\n"
                                 "Figaro,2026-03-02T12:00Z,30,,,d,no_show,,,\n"
                                 "Figaro,2026-03-02T12:00Z,30,,,e, scheduled ,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,,f,held,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,,g,gone,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,Cut,,h,,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,Rosina,i,,,,\n"
                                 "Figaro,2026-03-02T13:00Z,0,,,j,,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,,k,,-1,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,,l,,,10081,\n"
                                 "Figaro,2026-03-02T13:00Z,,,,m,,,,\n"
                                 "Figaro,2026-03-02T13:00Z,30,,\n");
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, AT);
    cr_expect_eq(child.exit_code, 0);
    cr_expect_str_eq(child.out, "14 rows: 5 accepted, 0 refused, 9 rejected\n");
    static const char *const said[] = {
        ":7: rejected (key f): expires: is empty; a row that is held says until when",
        ":8: rejected (key g): status: 'gone' is none of scheduled, confirmed, completed, cancelled, no_show, pending, "
        "held, expired",
        ":9: rejected (key h): service: 'Cut' is no number",
        ":10: rejected (key i): client: 'Rosina' is no number",
        ":11: rejected (key j): minutes: 0 is too small",
        ":12: rejected (key k): before: -1 is too small",
        ":13: rejected (key l): after: 10081 is too large",
        ":14: rejected (key m): minutes: nothing says how long it lasts",
        ":15: rejected: has 5 fields, the first line has 10",
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.err, said[i]) != NULL, "%s\nwithout %s", child.err, said[i]);
    support_free(&child);
    EXPECT_FIGARO(0, "confirmed  client 5  service 4  before 5 min  after 10 min  key a", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "\"note\":\"likes it short\"", NULL, "show", shop.store, "1", "--json");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--status", "completed");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--status", "cancelled");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--status", "no_show");
    /* what became of an appointment since stays */
    EXPECT_FIGARO(0, "no_show", NULL, "status", shop.store, "2", "no_show", AT);
    EXPECT_FIGARO(0, "5 of them were there already", "", "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "2 appointments\n", NULL, "list", shop.store, "--status", "no_show");
    shop_close(&shop);
}

/* Of what is under b and k the time is held by a; d and j were ended before they were over; a and k come twice. */
#define THEN "--now", SHOP_NOW
#define HOLDS                                                                                                          \
    "barber,start,minutes,key,status,expires\n"                                                                        \
    "Figaro,2026-03-02T10:00Z,30,a,held,2026-03-01T09:00Z\n"                                                           \
    "Figaro,2026-03-02T10:00Z,30,b,held,2026-03-01T07:00Z\n"                                                           \
    "Figaro,2026-03-02T11:00Z,30,c,held,2026-03-01T07:00\n"                                                            \
    "Figaro,2026-03-02T12:00Z,30,d,expired,\n"                                                                         \
    "Figaro,2026-03-02T12:00Z,30,e,pending,\n"                                                                         \
    "Figaro,2026-03-02T13:00Z,30,f,expired,2026-03-01T07:30Z\n"                                                        \
    "Figaro,2026-03-02T14:00Z,30,j,expired,2026-03-01T12:00Z\n"                                                        \
    "Figaro,2026-03-02T10:00Z,30,a,held,2026-03-01T09:00Z\n"                                                           \
    "Figaro,2026-03-02T10:00Z,30,k,expired,2026-03-01T07:00Z\n"                                                        \
    "Figaro,2026-03-02T10:00Z,30,k,expired,2026-03-01T07:00Z\n"                                                        \
    "Figaro,2026-03-02T16:00Z,30,l,confirmed,not looked at\n"                                                          \
    "Figaro,2026-03-02T15:00Z,30,,held,2026-03-01T09:00Z\n"

Test(import, takes_holds_as_what_they_are_by_now)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", HOLDS);
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, THEN);
    cr_expect_str_eq(child.out, "12 rows: 12 accepted (2 of them were there already), 0 refused, 0 rejected\n", "%s",
                     child.err);
    cr_expect(strstr(child.err, ":3: taken as expired (key b): expires: the hold was over at 2026-03-01T07:00:00Z\n"));
    cr_expect(strstr(child.err, ":4: taken as expired (key c): expires: the hold was over at 2026-03-01T07:00:00Z\n"));
    cr_expect(strstr(child.err, ":5:") == NULL && strstr(child.err, "(key k)") == NULL, "%s", child.err);
    support_free(&child);
    EXPECT_FIGARO(0, "held until 2026-03-01T09:00:00Z  key a", NULL, "list", shop.store, THEN);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store, "--status", "held", THEN);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--status", "pending", THEN);
    EXPECT_FIGARO(0, "6 appointments", NULL, "list", shop.store, "--status", "expired", THEN);
    /* before its end, one that expired by itself was held; what was ended was not */
    EXPECT_FIGARO(0, "2026-03-02T13:00:00Z - 2026-03-02T13:30:00Z  held until 2026-03-01T07:30:00Z", NULL, "list",
                  shop.store, "--status", "held", "--now", "2026-03-01T07:29:59Z");
    shop_close(&shop);
}

/* At any later time, whatever became of the holds; the made key of a hold that is over by then is what it was. */
Test(import, changes_no_hold_when_it_is_run_again)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", HOLDS);
    EXPECT_FIGARO(0, "12 accepted", "", "import", shop.store, file, THEN);
    EXPECT_FIGARO(0, "confirmed", NULL, "confirm", shop.store, "1", THEN);
    struct support_child before = SUPPORT_FIGARO("stats", shop.store, "--json");
    EXPECT_FIGARO(0, "12 accepted (12 of them were there already)", NULL, "import", shop.store, file, THEN);
    EXPECT_FIGARO(0, "12 accepted (12 of them were there already)", NULL, "import", shop.store, file, "--now",
                  "2026-03-01T10:00:00Z");
    struct support_child after = SUPPORT_FIGARO("stats", shop.store, "--json");
    char *version = strstr(before.out, "\"version\":");
    cr_assert_not_null(version);
    *strchr(version, ',') = '\0';
    cr_expect(strstr(after.out, version) != NULL, "%s\nwithout %s", after.out, version);
    support_free(&before);
    support_free(&after);
    file = shop_file(&shop, "other.csv",
                     "barber,start,minutes,key,status,expires\n"
                     "Figaro,2026-03-02T10:30Z,30,a,held,2026-03-01T09:00Z\n");
    EXPECT_FIGARO(0, "0 accepted, 1 refused", ":2: refused (key a): key:", "import", shop.store, file, THEN);
    shop_close(&shop);
}

Test(import, says_what_is_wrong_with_a_hold)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,key,status,expires\n"
                                 "Figaro,2026-03-02T10:00Z,30,a,held,\n"
                                 "Figaro,2026-03-02T10:00Z,30,b,held,2027-03-02T08:00:01Z\n"
                                 "Figaro,2026-03-02T10:00Z,30,c,held,soon\n"
                                 "Figaro,2026-03-02T10:00Z,30,d,held,2027-03-02T08:00Z\n"
                                 "Figaro,2026-03-02T10:00Z,30,e,held,2026-03-01T09:00Z\n");
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, THEN);
    cr_expect_str_eq(child.out, "5 rows: 1 accepted, 1 refused, 3 rejected\n");
    cr_expect(strstr(child.err, ":2: rejected (key a): expires: is empty"), "%s", child.err);
    cr_expect(strstr(child.err, ":3: rejected (key b): expires: lies more than 366 days after now"), "%s", child.err);
    cr_expect(strstr(child.err, ":4: rejected (key c): expires: 'soon': "), "%s", child.err);
    cr_expect(strstr(child.err, ":6: refused (key e): start: appointment #1"), "%s", child.err);
    support_free(&child);
    file = shop_file(&shop, "old.csv",
                     "barber,start,minutes,key,status,expires\n"
                     "Figaro,1900-01-02T10:00Z,30,o,held,1900-01-01T00:00:00Z\n"
                     "Figaro,1900-01-02T11:00Z,30,p,expired,1899-12-31T00:00:00Z\n"
                     "Figaro,1900-01-02T12:00Z,30,q,expired,1900-01-01T00:00:01Z\n");
    EXPECT_FIGARO(0, "3 rows: 1 accepted, 0 refused, 2 rejected\n",
                  ":2: rejected (key o): expires: lies before 1900-01-01T00:00:01Z\n", "import", shop.store, file,
                  THEN);
    file = shop_file(&shop, "keyless.csv",
                     "barber,start,minutes,key,status\n"
                     "Figaro,2026-03-03T10:00Z,30,,cancelled\n"
                     "Figaro,2026-03-03T10:00Z,30,,pending\n");
    EXPECT_FIGARO(0, "1 accepted, 0 refused, 1 rejected", ":2: rejected: key: is empty, and the status is set by it",
                  "import", shop.store, file, "--no-keys", THEN);
    EXPECT_FIGARO(0, "6 rows: 2 accepted", "neither.csv:2: refused", "import", shop_path(&shop, "neither"),
                  shop_file(&shop, "neither.csv",
                            "barber,start,minutes,status,expires\n"
                            "Figaro,2026-03-02T10:00Z,30,held,2026-03-01T09:00Z\n"
                            "Figaro,2026-03-02T10:15Z,30,scheduled,\n"
                            "Figaro,2026-03-02T11:00Z,30,held,2026-03-01T07:00Z\n"
                            "Figaro,2026-03-02T11:15Z,30,scheduled,\n"
                            "Figaro,2026-03-02T12:00Z,30,held,2026-03-01T09:00Z\n"
                            "Figaro,2026-03-02T12:15Z,30,held,2026-03-01T09:00Z\n"),
                  "--overlaps", "refuse", THEN);
    shop_close(&shop);
}

Test(import, gives_equal_rows_keys_of_their_own)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,status\n"
                                 "Figaro,2026-03-02T10:00Z,30,cancelled\n"
                                 "Figaro,2026-03-02T10:00Z,30,cancelled\n"
                                 "Figaro,2026-03-02T10:00Z,30,scheduled\n"
                                 "Figaro,2026-03-02T10:00Z,30,scheduled\n");
    EXPECT_FIGARO(0, "4 rows: 3 accepted, 1 refused, 0 rejected\n", ":5: refused: start: appointment #3 of Figaro",
                  "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "4 rows: 3 accepted (3 of them were there already), 1 refused, 0 rejected\n", "", "import",
                  shop.store, file, AT);
    EXPECT_FIGARO(0, "3 appointments\n", NULL, "list", shop.store);
    EXPECT_FIGARO(2, NULL, "--no-keys: a status is set by the row's key", "import", shop.store, file, "--no-keys");
    EXPECT_FIGARO(0, "4 rows: 0 accepted, 4 refused, 0 rejected\n", "", "import", shop.store, file, "--no-keys",
                  "--map", "barber=barber,start=start,minutes=minutes", AT);
    shop_close(&shop);
}

/* Rows a to d overlap in a chain, e is cancelled at their time, f stands alone; g only meets f by its buffer. */
#define OVERLAPPING                                                                                                    \
    "barber,start,minutes,key,status,before\n"                                                                         \
    "Figaro,2026-03-02T10:00Z,30,a,,\n"                                                                                \
    "Figaro,2026-03-02T10:15Z,30,b,confirmed,\n"                                                                       \
    "Figaro,2026-03-02T10:40Z,30,c,,\n"                                                                                \
    "Figaro,2026-03-02T10:00Z,90,e,cancelled,\n"                                                                       \
    "Figaro,2026-03-02T12:00Z,30,f,,\n"                                                                                \
    "Figaro,2026-03-02T12:35Z,30,g,,10\n"                                                                              \
    "Susanna,2026-03-02T10:00Z,30,h,,\n"

Test(import, keeps_the_first_of_rows_that_overlap)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", OVERLAPPING);
    EXPECT_FIGARO(0, "7 rows: 5 accepted, 2 refused, 0 rejected\n",
                  "b.csv:3: refused (key b): start: appointment #1 of Figaro, 2026-03-02T10:00:00Z - "
                  "2026-03-02T10:30:00Z, is in the way of 2026-03-02T10:15:00Z - 2026-03-02T10:45:00Z\n",
                  "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "7 rows: 5 accepted (5 of them were there already), 2 refused", "key g", "import", shop.store,
                  file, "--overlaps", "keep-first", AT);
    EXPECT_FIGARO(0, "5 appointments", NULL, "list", shop.store);
    EXPECT_FIGARO(2, NULL, "--overlaps: must be refuse, keep-first or record", "import", shop.store, file, "--overlaps",
                  "drop");
    shop_close(&shop);
}

Test(import, takes_neither_of_rows_that_overlap)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", OVERLAPPING);
    for (int i = 0; i < 2; i++) {
        struct support_child child = SUPPORT_FIGARO("import", shop.store, file, "--overlaps", "refuse", AT);
        cr_expect_eq(child.exit_code, 0);
        cr_expect_eq(count_of(child.err, "; neither is taken\n"), 5, "%s", child.err);
        cr_expect_eq(count_of(child.err, ":2: refused (key a): start: the row of line 3, 2026-03-02T10:15:00Z - "
                                         "2026-03-02T10:45:00Z, overlaps 2026-03-02T10:00:00Z - "),
                     1, "%s", child.err);
        cr_expect(strstr(child.out, "5 refused, 0 rejected\n") != NULL, "%s", child.out);
        support_free(&child);
    }
    EXPECT_FIGARO(0, "cancelled  key e", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "key h", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import, records_rows_that_overlap_as_cancelled)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", OVERLAPPING);
    EXPECT_FIGARO(0, "7 rows: 7 accepted (2 of them as cancelled), 0 refused, 0 rejected\n",
                  "b.csv:3: recorded as cancelled (key b): start: appointment #1 of Figaro, ", "import", shop.store,
                  file, "--overlaps", "record", AT);
    EXPECT_FIGARO(0, "7 rows: 7 accepted (7 of them were there already)", "", "import", shop.store, file, "--overlaps",
                  "record", AT);
    EXPECT_FIGARO(0, "3 appointments", NULL, "list", shop.store, "--status", "cancelled");
    EXPECT_FIGARO(0, "7 appointments", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    EXPECT_FIGARO(2, NULL, "record tells rows by their keys", "import", shop.store, file, "--overlaps", "record",
                  "--no-keys");
    shop_close(&shop);
}

Test(import, a_key_is_for_one_row)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,key,status\n"
                                 "Figaro,2026-03-02T10:00Z,30,a,\n"
                                 "Figaro,2026-03-02T10:00Z,30,a,\n"
                                 "Figaro,2026-03-02T10:00Z,30,a,cancelled\n"
                                 "Figaro,2026-03-02T11:00Z,30,a,\n");
    for (int i = 0; i < 2; i++)
        EXPECT_FIGARO(0, "4 rows: 2 accepted (", ":4: refused (key a): key: an earlier row of this file", "import",
                      shop.store, file, AT);
    EXPECT_FIGARO(0, "#1  Figaro  2026-03-02T10:00:00Z - 2026-03-02T10:30:00Z  scheduled  key a", NULL, "list",
                  shop.store);
    const char *other = shop_file(&shop, "c.csv", "barber,start,minutes,key\nFigaro,2026-03-02T12:00Z,30,a\n");
    EXPECT_FIGARO(0, "0 accepted, 1 refused", "c.csv:2: refused (key a): key: ", "import", shop.store, other, AT);
    shop_close(&shop);
}

Test(import, rejects_a_start_that_is_empty)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", "barber,start,minutes\nFigaro,,30\nFigaro, ,30\n");
    EXPECT_FIGARO(0, "2 rows: 0 accepted, 0 refused, 2 rejected", "b.csv:2: rejected: start: is empty\n", "import",
                  shop.store, file, AT);
    EXPECT_FIGARO(0, "2 rejected", "b.csv:3: rejected: start: is empty\n", "import", shop.store, file, "--time-format",
                  "%F %R", AT);
    EXPECT_FIGARO(0, "0 appointments\n", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import, takes_local_times_in_the_zone_that_counts)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json",
                                  "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],"
                                  "\"barbers\":[{\"id\":7,\"zone\":\"America/New_York\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes\n"
                                 "Figaro,2026-07-01T10:00,30\n"
                                 "Susanna,2026-07-01T10:00,30\n"
                                 "Rosina,2026-07-01T10:00,30\n"
                                 "Rosina,2026-07-02T10:00Z,30\n");
    EXPECT_FIGARO(0, "4 accepted", NULL, "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "#1  Figaro  2026-07-01T14:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "#2  Susanna  2026-07-01T08:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "#3  Rosina  2026-07-01T08:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "#4  Rosina  2026-07-02T10:00:00Z", NULL, "list", shop.store);
    const char *again = shop_file(&shop, "c.csv", "barber,start,minutes\nFigaro,2026-07-03T10:00,30\n");
    EXPECT_FIGARO(0, "1 accepted", NULL, "import", shop.store, again, "--zone", "Asia/Tokyo", AT);
    EXPECT_FIGARO(0, "#5  Figaro  2026-07-03T01:00:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

/* New York, 2026: clocks skip 02:00 to 03:00 on 8 March, and show 01:00 to 02:00 twice on 1 November. */
Test(import, takes_gaps_by_the_offset_before_and_folds_as_the_first)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,end\n"
                                 "gap,2026-03-08 02:30,2026-03-08 04:00\n"
                                 "over,2026-03-08 01:30,2026-03-08 03:30\n"
                                 "fold,2026-11-01 01:30,2026-11-01 02:30\n"
                                 "back,2026-11-01 01:50,2026-11-01 01:10\n"
                                 "same,2026-03-08 02:30,2026-03-08 03:30\n");
    EXPECT_FIGARO(0, "3 accepted, 0 refused, 2 rejected", ":5: rejected: end: lies before the start", "import",
                  shop.store, file, "--zone", "America/New_York", AT);
    EXPECT_FIGARO(0, "gap  2026-03-08T07:30:00Z - 2026-03-08T08:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "over  2026-03-08T06:30:00Z - 2026-03-08T07:30:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "fold  2026-11-01T05:30:00Z - 2026-11-01T07:30:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import, passes_over_lines_that_are_no_csv)
{
    static const char text[] = "barber,start,minutes\n"
                               "Figaro,2026-03-02T10:00Z,30\n"
                               "Fi\"garo,2026-03-02T11:00Z,30\n"
                               "\"Figaro,2026-03-02T12:00Z,30\n"
                               "Figaro,2026-03-02T13:00Z,30\n"
                               "Fig\0ro,2026-03-02T14:00Z,30\n"
                               "\"Figaro\"x,2026-03-02T15:00Z,30\n"
                               "Figaro,2026-03-02T16:00Z,30\n"
                               "\"Figaro\",2026-03-02T17:00Z,\"30";
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH];
    support_format(file, sizeof file, "%.400s/b.csv", shop.root);
    support_write_file(file, text, sizeof text - 1);
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, "--json", AT);
    static const char *const said[] = {
        "\"line\":3,\"field\":null,\"reason\":\"a quote stands inside",
        "\"line\":4,\"field\":null,",
        "\"line\":6,\"field\":null,\"reason\":\"holds a NUL byte\"",
        "\"line\":7,\"field\":null,\"reason\":\"a closed quote must be followed",
        "\"line\":9,\"field\":null,\"reason\":\"a quote is still open at the file's end\"",
        "{\"accepted\":3,\"refused\":0,\"rejected\":5,\"repeated\":0}\n",
    };
    cr_expect_eq(child.exit_code, 0, "%s", child.err);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.out, said[i]) != NULL, "%s\nwithout %s", child.out, said[i]);
    support_free(&child);
    shop_close(&shop);
}

Test(import, passes_over_a_line_that_is_too_long)
{
    static char text[3 << 20];
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH];
    size_t size = (size_t)snprintf(text, sizeof text, "barber,start,minutes\nFigaro,2026-03-02T10:00Z,30\n");
    memset(text + size, 'x', 2 << 20);
    size += 2 << 20;
    size += (size_t)snprintf(text + size, sizeof text - size, "\nFigaro,2026-03-02T11:00Z,30\n");
    support_format(file, sizeof file, "%.400s/b.csv", shop.root);
    support_write_file(file, text, size);
    EXPECT_FIGARO(0, "3 rows: 2 accepted, 0 refused, 1 rejected", ":3: rejected: the record is longer than 1 MiB",
                  "import", shop.store, file, AT);
    shop_close(&shop);
}

Test(import, reads_files_without_a_header)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "b.csv", "30,2/3/2026,10:00\n45,2/3/2026,10:30\n5\n");
    EXPECT_FIGARO(0, "3 rows: 2 accepted, 0 refused, 1 rejected", "b.csv:3: rejected: start: the row has no column 2",
                  "import", shop.store, file, "--map", "minutes=1,start=2+3", "--time-format", "%d/%m/%Y %H:%M",
                  "--barber", "Figaro", AT);
    EXPECT_FIGARO(0, "#2  Figaro  2026-03-02T10:30:00Z - 2026-03-02T11:15:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import, refuses_what_cannot_be_before_it_makes_a_store)
{
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH], lengths[SUPPORT_PATH];
    strcpy(file, shop_file(&shop, "b.csv", "who,from,till\nFigaro,2026-03-02T10:00Z,2026-03-02T11:00Z\n"));
    strcpy(lengths, shop_file(&shop, "l.csv", "service,minutes\nCut,30\nCut,40\n"));
    const char *good = "barber=who,start=from,end=till";
    EXPECT_FIGARO(2, NULL, "No such file", "import", shop.store, "/does/not/exist.csv", "--map", good);
    EXPECT_FIGARO(2, NULL, "b.csv:1: ", "import", shop.store, file, "--format", "jsonl");
    EXPECT_FIGARO(2, NULL, "--format: must be csv, ics, sqlite, postgresql or jsonl", "import", shop.store, file,
                  "--format", "xml");
    EXPECT_FIGARO(2, NULL, "b.csv:1: start: the header has no column 'From'; it has who, from, till", "import",
                  shop.store, file, "--map", "barber=who,start=From,end=till");
    EXPECT_FIGARO(2, NULL, "--map: 'begin' is no field", "import", shop.store, file, "--map", "begin=from");
    EXPECT_FIGARO(2, NULL, "no column says when a row starts", "import", shop.store, file);
    EXPECT_FIGARO(2, NULL, "no column says whose a row is", "import", shop.store, file, "--map", "start=from,end=till");
    EXPECT_FIGARO(2, NULL, "nothing says how long a row lasts", "import", shop.store, file, "--map",
                  "start=from,barber=who");
    EXPECT_FIGARO(2, NULL, "--time-format: has no hour", "import", shop.store, file, "--map", good, "--time-format",
                  "%F");
    EXPECT_FIGARO(2, NULL, "--zone: there is no zone 'Europe/Sevilla'", "import", shop.store, file, "--map", good,
                  "--zone", "Europe/Sevilla");
    EXPECT_FIGARO(2, NULL, "l.csv: service 'Cut' is there twice", "import", shop.store, file, "--map", good,
                  "--lengths", lengths);
    EXPECT_FIGARO(2, NULL, "b.csv: is empty", "import", shop.store, shop_file(&shop, "b.csv", ""), "--map", good);
    cr_expect_neq(access(shop.store, F_OK), 0);
    shop_close(&shop);
}

Test(import, past_and_present_are_no_matter)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json", "{\"shops\":[{\"id\":1,\"past\":\"refuse\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    EXPECT_FIGARO(1, "past", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,status\nFigaro,2026-03-02T10:00Z,30,completed\n"
                                 "Figaro,2027-03-02T10:00Z,30,\n");
    for (int i = 0; i < 2; i++) EXPECT_FIGARO(0, "2 accepted", NULL, "import", shop.store, file, AT);
    shop_close(&shop);
}

/* ---- interrupted ---- */

/* Bookings of five barbers with all that can come: equal rows, conflicts, statuses, bad rows. */
static void write_many(const char *path, size_t rows)
{
    static const char *const statuses[] = {"", "", "", "completed", "cancelled", "confirmed"};
    struct support_random random = support_random_from(51);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs("barber,start,minutes,status\n", file);
    for (size_t i = 0; i < rows; i++)
        fprintf(file, "Barber %d,2026-%02d-%02dT%02d:%s,%d,%s\n", (int)support_below(&random, 5),
                (int)support_between(&random, 1, 12), (int)support_between(&random, 1, 29),
                (int)support_between(&random, 8, 17), support_chance(&random, 50) ? "00" : "30",
                (int)support_between(&random, 0, 30), statuses[support_below(&random, 6)]);
    cr_assert_eq(fclose(file), 0);
}

static char *state_of(const char *store)
{
    struct support_child child = SUPPORT_FIGARO("list", store, "--json", AT);
    char *text = child.out;
    child.out = NULL;
    support_free(&child);
    return text;
}

Test(import, goes_on_after_a_kill, .timeout = 120)
{
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH], once[SUPPORT_PATH];
    struct support_random random = support_random_from(9);
    support_format(file, sizeof file, "%.400s/b.csv", shop.root);
    support_format(once, sizeof once, "%.400s/once", shop.root);
    write_many(file, 2000);
    struct support_child whole = SUPPORT_FIGARO("import", once, file, "--json", "--zone", "Europe/Madrid", AT);
    cr_assert_eq(whole.exit_code, 0, "%s", whole.err);
    int killed = 0;
    for (int i = 0; i < 25; i++) {
        int status = 0;
        pid_t pid = support_spawn((const char *const[]){support_figaro(), "import", shop.store, file, "--zone",
                                                        "Europe/Madrid", "--batch", "8", AT, NULL});
        usleep((useconds_t)support_between(&random, 3000, 40000));
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status);
    }
    cr_expect_gt(killed, 0, "no run was interrupted");
    struct support_child rest = SUPPORT_FIGARO("import", shop.store, file, "--json", "--zone", "Europe/Madrid", AT);
    cr_assert_eq(rest.exit_code, 0, "%s", rest.err);
    char *expected = state_of(once), *state = state_of(shop.store);
    cr_expect(strcmp(expected, state) == 0, "the interrupted import differs from one that was not");
    const char *end = strstr(support_last_line(whole.out), ",\"repeated\"");
    cr_expect(end != NULL && strncmp(support_last_line(rest.out), support_last_line(whole.out),
                                     (size_t)(end - support_last_line(whole.out))) == 0,
              "%s", support_last_line(rest.out));
    free(expected);
    free(state);
    support_free(&whole);
    support_free(&rest);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

/* ---- real files ---- */

Test(import, takes_the_rides, .timeout = 300)
{
    static const char *const names[] = {
        "healthyride-rentals-2015-q2",  "healthyride-rentals-2015-q4",  "healthyride-rentals-2016-q1",
        "healthyride-rentals-2016-q2",  "healthyride-rentals-2016-q3",  "healthyride-rentals-2016-q4",
        "healthy-ride-rentals-2017-q1", "healthy-ride-rentals-2017-q2", "healthy-ride-rentals-2017-q3",
        "healthy-ride-rentals-2017-q4", "healthy-ride-rentals-2018-q1", "healthy-ride-rentals-2018-q2",
    };
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH], name[128];
    unsigned long long accepted = 0, refused = 0, rejected = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsigned long long counts[3] = {0};
        support_format(name, sizeof name, "rides/%s.csv.gz", names[i]);
        support_need_data(name, file);
        struct support_child child = SUPPORT_FIGARO(
            "import", shop.store, file, "--format", "csv", "--zone", "America/New_York", "--time-format",
            "%m/%d/%Y %H:%M", "--map", "key=Trip id,barber=Bikeid,start=Starttime,end=Stoptime", "--json", AT);
        cr_assert_eq(child.exit_code, 0, "%s", child.err);
        if (strstr(names[i], "2016-q4") != NULL) {
            cr_expect(strstr(child.out, "2016-q4.csv.gz\",\"line\":5920,\"field\":\"end\",\"reason\":\"lies before the "
                                        "start\",\"outcome\":\"rejected\",\"key\":\"25067606\"}\n") != NULL);
            cr_expect(strstr(child.out, "2016-q4.csv.gz\",\"line\":5921,\"field\":\"end\",\"reason\":\"lies before the "
                                        "start\",\"outcome\":\"rejected\",\"key\":\"25067607\"}\n") != NULL);
        }
        cr_assert_eq(sscanf(support_last_line(child.out), "{\"accepted\":%llu,\"refused\":%llu,\"rejected\":%llu",
                            &counts[0], &counts[1], &counts[2]),
                     3, "%s", child.out);
        accepted += counts[0];
        refused += counts[1];
        rejected += counts[2];
        support_free(&child);
    }
    cr_expect_eq(accepted, 203719);
    cr_expect_eq(refused, 0);
    cr_expect_eq(rejected, 2);
    EXPECT_FIGARO(0, "\"live\":203719,", NULL, "stats", shop.store, "--json");
    EXPECT_FIGARO(0, "\"barbers\":584,", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}

/* Of the 34 pairs that overlap at a flat 30 minutes two share their later row, which is refused once: 33 rows. */
Test(import, accounts_for_every_row_of_the_salon, .timeout = 120)
{
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH], other[SUPPORT_PATH];
    support_need_data("salon/future_bookings_all_clients.csv", file);
    struct support_child child =
        SUPPORT_FIGARO("import", shop.store, file, "--zone", "America/Toronto", "--time-format", "%m/%d/%Y %I:%M:%S %p",
                       "--map", "barber=Staff,start=Date+Time", "--minutes", "30", "--json", AT);
    cr_expect_eq(child.exit_code, 0);
    cr_expect_eq(count_of(child.out, "\"outcome\":\"refused\""), 33);
    cr_expect_eq(count_of(child.out, "\"conflicts\":[{\"id\":"), 33);
    cr_expect_eq(count_of(child.out, "\"barber\":"), 34, "as many appointments are named as there are pairs");
    cr_expect_str_eq(support_last_line(child.out), "{\"accepted\":1873,\"refused\":33,\"rejected\":0,\"repeated\":0}");
    support_free(&child);

    support_format(other, sizeof other, "%.400s/other", shop.root);
    child = SUPPORT_FIGARO("import", other, file, "--zone", "America/Toronto", "--time-format", "%m/%d/%Y %I:%M:%S %p",
                           "--map", "barber=Staff,start=Date+Time,service=Service", "--lengths",
                           "tests/tools/fixtures/salon_lengths.csv", "--json", AT);
    unsigned long long counts[3] = {0};
    cr_expect_eq(child.exit_code, 0);
    size_t named = count_of(child.out, "\"conflicts\":[{\"id\":");
    cr_assert_eq(sscanf(support_last_line(child.out), "{\"accepted\":%llu,\"refused\":%llu,\"rejected\":%llu",
                        &counts[0], &counts[1], &counts[2]),
                 3, "%s", child.out);
    cr_expect_eq(counts[0] + counts[1] + counts[2], 1906);
    cr_expect_eq(counts[1], named, "%llu refused, %zu of them with what is in the way", counts[1], named);
    cr_expect_eq(counts[2], 0);
    support_free(&child);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", other);
    shop_close(&shop);
}
