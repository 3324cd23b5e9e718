/* `figaro import --format ics`, end to end. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT "--now", "2026-01-01T00:00:00Z"

#define HEAD "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nX-WR-CALNAME:Figaro\r\n"
#define TAIL "END:VCALENDAR\r\n"
/* An event with that UID and those lines. */
#define EVENT(uid, lines) "BEGIN:VEVENT\r\nUID:" uid "\r\n" lines "END:VEVENT\r\n"

static const char *calendar(const struct shop *shop, const char *events)
{
    static char text[1 << 16];
    support_format(text, sizeof text, "%s%s%s", HEAD, events, TAIL);
    return shop_file(shop, "c.ics", text);
}

/* The appointments of a store, one "start end status" a line, by start. */
static void expect_appointments(const struct shop *shop, const char *expected)
{
    char printed[8192] = "";
    struct support_child child = SUPPORT_FIGARO("list", shop->store, "--barber", "Figaro", AT);
    for (char *line = strtok(child.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char start[32], end[32], status[32];
        if (sscanf(line, "#%*d  Figaro  %31s - %31s  %31s", start, end, status) != 3) continue;
        size_t used = strlen(printed);
        support_format(printed + used, sizeof printed - used, "%s %s %s\n", start, end, status);
    }
    cr_expect_str_eq(printed, expected, "appointments:\n%s\nexpected:\n%s", printed, expected);
    support_free(&child);
}

/* Imports the events into a new store, holds what is left against what is expected, and does it all again. */
static void expect_import(const char *events, const char *summary, const char *said, const char *appointments,
                          const char *zone)
{
    struct shop shop = shop_empty();
    const char *file = calendar(&shop, events);
    EXPECT_FIGARO(0, summary, said, "import", shop.store, file, "--zone", zone, AT);
    expect_appointments(&shop, appointments);
    EXPECT_FIGARO(0, "", said, "import", shop.store, file, "--zone", zone, AT);
    expect_appointments(&shop, appointments);
    shop_close(&shop);
}

/* ---- times ---- */

Test(import_ics, takes_times_in_every_form)
{
    expect_import(EVENT("utc", "DTSTART:20260302T100000Z\r\nDTEND:20260302T103000Z\r\n")
                      EVENT("zoned", "DTSTART;TZID=Europe/Madrid:20260303T100000\r\nDURATION:PT45M\r\n")
                          EVENT("floating", "DTSTART:20260304T100000\r\nDTEND:20260304T110000\r\n")
                              EVENT("day", "DTSTART;VALUE=DATE:20260305\r\n")
                                  EVENT("days", "DTSTART;VALUE=DATE:20260307\r\nDTEND;VALUE=DATE:20260309\r\n")
                                      EVENT("two zones", "DTSTART;TZID=Europe/Madrid:20260310T100000\r\n"
                                                         "DTEND;TZID=\"Asia/Tokyo\":20260310T190000\r\n"),
                  "6 events, 6 rows: 6 accepted, 0 refused, 0 rejected", NULL,
                  "2026-03-02T10:00:00Z 2026-03-02T10:30:00Z scheduled\n"
                  "2026-03-03T09:00:00Z 2026-03-03T09:45:00Z scheduled\n"
                  "2026-03-04T15:00:00Z 2026-03-04T16:00:00Z scheduled\n"
                  "2026-03-05T05:00:00Z 2026-03-06T05:00:00Z scheduled\n"
                  "2026-03-07T05:00:00Z 2026-03-09T04:00:00Z scheduled\n" /* a day of 23 hours is in it */
                  "2026-03-10T09:00:00Z 2026-03-10T10:00:00Z scheduled\n",
                  "America/New_York");
}

/* New York, 2026: clocks skip 02:00 to 03:00 on 8 March, and show 01:00 to 02:00 twice on 1 November. */
Test(import_ics, takes_gaps_folds_and_lengths_as_rfc_5545_says)
{
    expect_import(EVENT("gap", "DTSTART;TZID=America/New_York:20260308T023000\r\nDURATION:PT1H\r\n")
                      EVENT("day", "DTSTART;TZID=America/New_York:20260307T120000\r\nDURATION:P1DT1H\r\n"
                                   "STATUS:CANCELLED\r\n")
                          EVENT("hours", "DTSTART;TZID=America/New_York:20260307T120000\r\nDURATION:PT25H\r\n"
                                         "STATUS:CANCELLED\r\n")
                              EVENT("fold", "DTSTART;TZID=America/New_York:20261101T013000\r\nDURATION:PT1H\r\n"),
                  "4 accepted", NULL,
                  "2026-03-07T17:00:00Z 2026-03-08T17:00:00Z cancelled\n"
                  "2026-03-07T17:00:00Z 2026-03-08T18:00:00Z cancelled\n"
                  "2026-03-08T07:30:00Z 2026-03-08T08:30:00Z scheduled\n"
                  "2026-11-01T05:30:00Z 2026-11-01T06:30:00Z scheduled\n",
                  "UTC");
}

#define BERLIN                                                                                                         \
    "BEGIN:VTIMEZONE\r\nTZID:%s\r\n"                                                                                   \
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"                          \
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"                                                      \
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"                          \
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

/* An event of each kind of day in that zone. */
static void expect_zone(const char *tzid, const char *appointments)
{
    char text[4096];
    support_format(text, sizeof text,
                   BERLIN EVENT("winter", "DTSTART;TZID=%s:20260202T100000\r\nDURATION:PT1H\r\n")
                       EVENT("gap", "DTSTART;TZID=%s:20260329T023000\r\nDURATION:PT1H\r\n")
                           EVENT("summer", "DTSTART;TZID=%s:20260702T100000\r\nDURATION:PT1H\r\n")
                               EVENT("fold", "DTSTART;TZID=%s:20261025T023000\r\nDURATION:PT1H\r\n"),
                   tzid, tzid, tzid, tzid, tzid);
    expect_import(text, "4 accepted", NULL, appointments, "UTC");
}

Test(import_ics, finds_zones_by_name_else_by_what_the_file_says)
{
    static const char berlin[] = "2026-02-02T09:00:00Z 2026-02-02T10:00:00Z scheduled\n"
                                 "2026-03-29T01:30:00Z 2026-03-29T02:30:00Z scheduled\n"
                                 "2026-07-02T08:00:00Z 2026-07-02T09:00:00Z scheduled\n"
                                 "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z scheduled\n";
    expect_zone("W. Europe Standard Time", berlin);
    expect_zone("Europe/Berlin", berlin);
    expect_zone("/example.org/2026a/Europe/Madrid", berlin);
    /* what is a name of the database is what the database says */
    expect_zone("Asia/Tokyo", "2026-02-02T01:00:00Z 2026-02-02T02:00:00Z scheduled\n"
                              "2026-03-28T17:30:00Z 2026-03-28T18:30:00Z scheduled\n"
                              "2026-07-02T01:00:00Z 2026-07-02T02:00:00Z scheduled\n"
                              "2026-10-24T17:30:00Z 2026-10-24T18:30:00Z scheduled\n");
}

Test(import_ics, says_which_zone_is_not_known)
{
    expect_import(EVENT("x", "DTSTART;TZID=Mars/Olympus:20260302T100000\r\nDURATION:PT1H\r\n"), "1 rejected",
                  "c.ics:5: rejected (key x): DTSTART: TZID 'Mars/Olympus': no such zone is known, and the file has no "
                  "VTIMEZONE of that name",
                  "", "UTC");
    expect_import("BEGIN:VTIMEZONE\r\nTZID:own\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\n"
                  "TZOFFSETFROM:+0100\r\nTZOFFSETTO:late\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT(
                      "x", "DTSTART;TZID=own:20260302T100000\r\nDURATION:PT1H\r\n"),
                  "1 rejected", "TZID 'own': its VTIMEZONE, line 10: TZOFFSETTO: 'late' is no offset", "", "UTC");
}

/* ---- recurrences ---- */

Test(import_ics, expands_recurrences_in_local_time)
{
    expect_import(EVENT("w", "DTSTART;TZID=Europe/Madrid:20260323T100000\r\nDURATION:PT30M\r\n"
                             "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Madrid:20260413T100000\r\n"
                             "RDATE;TZID=Europe/Madrid:20260331T090000,20260401T090000\r\n"
                             "EXDATE:\r\n"
                             "RDATE;VALUE=PERIOD:20260402T090000Z/PT2H,20260403T090000Z/20260403T100000Z\r\n"),
                  "1 event, 7 rows: 7 accepted, 0 refused, 0 rejected", NULL,
                  "2026-03-23T09:00:00Z 2026-03-23T09:30:00Z scheduled\n"
                  "2026-03-30T08:00:00Z 2026-03-30T08:30:00Z scheduled\n"
                  "2026-03-31T07:00:00Z 2026-03-31T07:30:00Z scheduled\n"
                  "2026-04-01T07:00:00Z 2026-04-01T07:30:00Z scheduled\n"
                  "2026-04-02T09:00:00Z 2026-04-02T11:00:00Z scheduled\n"
                  "2026-04-03T09:00:00Z 2026-04-03T10:00:00Z scheduled\n"
                  "2026-04-06T08:00:00Z 2026-04-06T08:30:00Z scheduled\n",
                  "UTC");
}

Test(import_ics, ends_at_until_whatever_its_form)
{
    static const char *const untils[] = {"20260304T090000Z", "20260304T100000", "20260304", "20260305T085959Z"};
    for (size_t i = 0; i < sizeof untils / sizeof *untils; i++) {
        char text[512];
        support_format(text, sizeof text,
                       EVENT("w", "DTSTART;TZID=Europe/Madrid:20260302T100000\r\nDURATION:PT30M\r\n"
                                  "RRULE:FREQ=DAILY;UNTIL=%s\r\n"),
                       untils[i]);
        expect_import(text, "3 accepted, 0 refused, 0 rejected", NULL,
                      "2026-03-02T09:00:00Z 2026-03-02T09:30:00Z scheduled\n"
                      "2026-03-03T09:00:00Z 2026-03-03T09:30:00Z scheduled\n"
                      "2026-03-04T09:00:00Z 2026-03-04T09:30:00Z scheduled\n",
                      "UTC");
    }
}

Test(import_ics, replaces_occurrences_and_takes_orphans_by_themselves)
{
    expect_import(EVENT("w", "DTSTART:20260302T100000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;COUNT=4\r\n") EVENT(
                      "w", "RECURRENCE-ID:20260303T100000Z\r\nDTSTART:20260303T150000Z\r\nDURATION:PT1H\r\n")
                      EVENT("w", "RECURRENCE-ID:20260304T100000Z\r\nDTSTART:20260304T100000Z\r\nDURATION:PT30M\r\n"
                                 "STATUS:CANCELLED\r\n")
                          EVENT("w", "RECURRENCE-ID:20260305T100000Z\r\nSEQUENCE:1\r\nDTSTART:20260305T110000Z\r\n"
                                     "DURATION:PT30M\r\n")
                              EVENT("w", "RECURRENCE-ID:20260305T100000Z\r\nSEQUENCE:2\r\nDTSTART:20260305T120000Z\r\n"
                                         "DURATION:PT30M\r\n")
                                  EVENT("gone", "RECURRENCE-ID:20260310T100000Z\r\nDTSTART:20260310T110000Z\r\n"
                                                "DURATION:PT30M\r\nSTATUS:TENTATIVE\r\n"),
                  "6 events, 6 rows: 5 accepted, 0 refused, 1 rejected",
                  "c.ics:24: rejected (key w): SEQUENCE: line 31 has a newer version of this event (SEQUENCE 2)\n",
                  "2026-03-02T10:00:00Z 2026-03-02T10:30:00Z scheduled\n"
                  "2026-03-03T15:00:00Z 2026-03-03T16:00:00Z scheduled\n"
                  "2026-03-04T10:00:00Z 2026-03-04T10:30:00Z cancelled\n"
                  "2026-03-05T12:00:00Z 2026-03-05T12:30:00Z scheduled\n"
                  "2026-03-10T11:00:00Z 2026-03-10T11:30:00Z pending\n",
                  "UTC");
}

/* Madrid's clocks go forward on 29 March. */
Test(import_ics, goes_on_as_an_occurrence_says)
{
    expect_import(
        EVENT("w", "DTSTART;TZID=Europe/Madrid:20260309T100000\r\nDURATION:PT30M\r\nRRULE:FREQ=WEEKLY;COUNT=7\r\n"
                   "EXDATE;TZID=Europe/Madrid:20260413T100000\r\n")
            EVENT("w", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Madrid:20260323T100000\r\n"
                       "DTSTART;TZID=Europe/Madrid:20260324T123000\r\nDURATION:PT1H\r\nSTATUS:CONFIRMED\r\n")
                EVENT("w", "RECURRENCE-ID;TZID=Europe/Madrid:20260330T100000\r\n"
                           "DTSTART;TZID=Europe/Madrid:20260330T080000\r\nDURATION:PT30M\r\n")
                    EVENT("w", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Madrid:20260420T100000\r\n"
                               "DTSTART;TZID=Europe/Madrid:20260420T100000\r\nDURATION:PT30M\r\nSTATUS:CANCELLED\r\n"),
        "4 events, 6 rows: 6 accepted, 0 refused, 0 rejected", NULL,
        "2026-03-09T09:00:00Z 2026-03-09T09:30:00Z scheduled\n"
        "2026-03-16T09:00:00Z 2026-03-16T09:30:00Z scheduled\n"
        "2026-03-24T11:30:00Z 2026-03-24T12:30:00Z confirmed\n"
        "2026-03-30T06:00:00Z 2026-03-30T06:30:00Z scheduled\n"
        "2026-04-07T10:30:00Z 2026-04-07T11:30:00Z confirmed\n"
        "2026-04-20T08:00:00Z 2026-04-20T08:30:00Z cancelled\n",
        "UTC");
}

Test(import_ics, ends_what_is_endless_a_year_after_the_last_date)
{
    struct shop shop = shop_empty();
    const char *file = calendar(&shop, EVENT("w", "DTSTART:20260302T100000Z\r\nDTEND:20260302T103000Z\r\n"
                                                  "RRULE:FREQ=WEEKLY\r\n")
                                           EVENT("x", "DTSTART:20260401T100000Z\r\nDTEND:20260401T103000Z\r\n"));
    EXPECT_FIGARO(0, "2 events, 58 rows: 58 accepted", "1 recurring event goes on after 2027-04-01T10:30:00Z", "import",
                  shop.store, file, AT);
    EXPECT_FIGARO(0, "2027-03-29T10:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "2 events, 3 rows: 3 accepted (3 of them", "goes on after 2026-03-23T00:00:00Z", "import",
                  shop.store, file, "--from", "2026-03-03T00:00Z", "--to", "2026-03-23T00:00Z", AT);
    EXPECT_FIGARO(0, "2 events, 2 rows: 1 accepted (1 of them were there already), 0 refused, 1 rejected",
                  "c.ics:5: rejected (key w): RRULE: has no occurrence of its own from 2025-01-01T00:00:00Z to",
                  "import", shop.store, file, "--from", "2025-01-01T00:00Z", "--to", "2025-03-23T00:00Z", AT);
    EXPECT_FIGARO(2, NULL, "--to: must be later than --from", "import", shop.store, file, "--from", "2026-03-03T00:00Z",
                  "--to", "2026-03-02T00:00Z", AT);
    shop_close(&shop);
}

/* ---- what cannot be taken ---- */

Test(import_ics, names_what_it_cannot_take)
{
    struct shop shop = shop_empty();
    const char *file = calendar(
        &shop,
        EVENT("transparent", "DTSTART:20260302T100000Z\r\nDTEND:20260302T103000Z\r\nTRANSP:TRANSPARENT\r\n") /* 5 */
        EVENT("startless", "DTEND:20260302T103000Z\r\n")                                                     /* 11 */
        EVENT("endless", "DTSTART:20260302T100000Z\r\n")                                                     /* 15 */
        EVENT("back", "DTSTART:20260302T100000Z\r\nDTEND:20260302T093000Z\r\n")                              /* 19 */
        EVENT("thirteen", "DTSTART:20261302T100000Z\r\nDTEND:20260302T093000Z\r\n")                          /* 24 */
        EVENT("both", "DTSTART:20260302T100000Z\r\nDTEND:20260302T110000Z\r\nDURATION:PT1H\r\n")             /* 29 */
        EVENT("mixed", "DTSTART;VALUE=DATE:20260302\r\nDTEND:20260302T110000Z\r\n")                          /* 35 */
        EVENT("seconds", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY\r\n")             /* 40 */
        EVENT("filtered", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=MINUTELY;BYMONTH=2\r\n")  /* 46 */
        EVENT("rule", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SOMETIMES\r\n")               /* 52 */
        EVENT("colonless", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nno colon\r\n")                      /* 58 */
        EVENT("which", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nRECURRENCE-ID:first\r\n")               /* 64 */
        EVENT("maybe", "DTSTART:20260302T100000Z\r\nDURATION:PT1S\r\nSTATUS:MAYBE\r\n")                      /* 70 */
        EVENT("long", "DTSTART:20260302T100000Z\r\nDURATION:P99999999999W\r\n")                              /* 76 */
        EVENT("twice", "DTSTART:20260302T100000Z\r\nDTSTART:20260302T100000Z\r\nDURATION:PT1S\r\n")          /* 81 */
        EVENT("early", "DTSTART:18991231T235900Z\r\nDURATION:PT1H\r\n")                                      /* 87 */
        "BEGIN:VEVENT\r\nUID:open\r\nDTSTART:20260302T100000Z\r\nDURATION:PT1H\r\n"                          /* 92 */
        EVENT("good", "DTSTART:20260302T100000Z\r\nDURATION:PT1H\r\nBEGIN:VALARM\r\nDURATION:odd\r\nEND:VALARM\r\n"));
    static const char *const said[] = {
        ":5: rejected (key transparent): TRANSP: is TRANSPARENT",
        ":11: rejected (key startless): DTSTART: is missing",
        ":15: rejected (key endless): DTEND: nothing says how long it lasts; --minutes",
        ":19: rejected (key back): DTEND: lies before the start",
        ":26: rejected (key thirteen): DTSTART: '20261302T100000Z': there is no month 13",
        ":29: rejected (key both): DURATION: DTEND and DURATION are both given",
        ":35: rejected (key mixed): DTEND: one of DTSTART and DTEND is a date",
        ":40: rejected (key seconds): RRULE: comes to more than 100000 occurrences",
        ":46: rejected (key filtered): RRULE: 'FREQ=MINUTELY;BYMONTH=2': a rule by the minute or second",
        ":52: rejected (key rule): RRULE: 'FREQ=SOMETIMES' is no rule",
        ":62: rejected (key colonless): NO COLON: line 62 is no content line",
        ":68: rejected (key which): RECURRENCE-ID: 'first' is no date",
        ":74: rejected (key maybe): STATUS: 'MAYBE' is none of",
        ":79: rejected (key long): DURATION: 'P99999999999W' is ",
        ":84: rejected (key twice): DTSTART: is given twice",
        ":89: rejected (key early): DTSTART: '18991231T235900Z': the year 1899",
        ":96: rejected (key open): BEGIN: the event that began on line 92 has no END",
    };
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, AT);
    cr_expect_eq(child.exit_code, 0);
    cr_expect_str_eq(child.out, "18 events, 18 rows: 1 accepted, 0 refused, 17 rejected\n");
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.err, said[i]) != NULL, "%s\nwithout %s", child.err, said[i]);
    support_free(&child);
    shop_close(&shop);
}

Test(import_ics, costs_what_is_broken_alone)
{
    static const char text[] = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:nul\nDTSTART:20260302T1000\0"
                               "00Z\nDURATION:PT1H\nEND:VEVENT\n"
                               "BEGIN:VEVENT\nUID:good\nDTSTART:20260302T100000Z\nDURATION:PT1H\nEND:VEVENT\n"
                               "END:VCALENDAR\nBEGIN:VEVENT\nUID:outside\nEND:VEVENT\n"
                               "BEGIN:VCALENDAR\nX-WR-CALNAME:Susanna\nBEGIN:VEVENT\nUID:good\n"
                               "DTSTART:20260302T100000Z\nDURATION:PT1H\nEND:VEVENT\nBEGIN:VEVENT\nUID:cut off";
    struct shop shop = shop_empty();
    char file[SUPPORT_PATH];
    support_format(file, sizeof file, "%.400s/Figaro.ics", shop.root);
    support_write_file(file, text, sizeof text - 1);
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, "--json", AT);
    static const char *const said[] = {
        "\"line\":4,\"field\":\"VEVENT\",\"reason\":\"line 4 holds a NUL byte\"",
        "\"line\":13,\"field\":\"BEGIN\",\"reason\":\"stands outside of a VCALENDAR\"",
        "\"line\":23,\"field\":\"END\",\"reason\":\"the file ends within the event\"",
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.out, said[i]) != NULL, "%s\nwithout %s", child.out, said[i]);
    cr_expect_str_eq(support_last_line(child.out),
                     "{\"accepted\":1,\"refused\":1,\"rejected\":3,\"repeated\":0,\"events\":5}", "%s", child.out);
    support_free(&child);
    shop_close(&shop);
}

Test(import_ics, refuses_what_is_no_calendar_before_it_makes_a_store)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "c.ics", "barber,start,end\n");
    EXPECT_FIGARO(2, NULL, "is no iCalendar file: it has no BEGIN:VCALENDAR", "import", shop.store, file);
    EXPECT_FIGARO(2, NULL, "No such file", "import", shop.store, "/does/not/exist.ics");
    EXPECT_FIGARO(2, NULL, "--map: is for CSV files", "import", shop.store, file, "--map", "start=1");
    EXPECT_FIGARO(2, NULL, "--from: is for calendars", "import", shop.store, file, "--format", "csv", "--from",
                  "2026-01-01T00:00Z");
    EXPECT_FIGARO(2, NULL, "--format: must be csv, ics, sqlite, postgresql or jsonl", "import", shop.store, file,
                  "--format", "xml");
    EXPECT_FIGARO(3, NULL, "", "list", shop.store);
    shop_close(&shop);
}

/* A rule that never comes, over and over: the file as a whole is held within bounds. */
Test(import_ics, looks_only_so_far_for_what_never_comes, .timeout = 240)
{
    struct shop shop = shop_empty();
    static char text[1 << 16];
    size_t used = 0;
    for (int i = 0; i < 200; i++) {
        support_format(text + used, sizeof text - used,
                       "BEGIN:VEVENT\r\nUID:n%d\r\nDTSTART:20260302T%02d%02d00Z\r\nDURATION:PT1M\r\n"
                       "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT\r\n",
                       i, i / 60, i % 60);
        used += strlen(text + used);
    }
    EXPECT_FIGARO(0, "200 events, 200 rows: ", "RRULE: the recurrences of this file ask for more than can be looked",
                  "import", shop.store, calendar(&shop, text), AT);
    shop_close(&shop);
}

/* Some programs give one UID to all of their events. */
Test(import_ics, tells_events_of_one_uid_apart_by_their_starts)
{
    struct shop shop = shop_empty();
    const char *file = calendar(&shop, EVENT("1", "DTSTART:20260302T100000Z\r\nDURATION:PT1H\r\n")
                                           EVENT("1", "DTSTART:20260303T100000Z\r\nDURATION:PT1H\r\n")
                                               EVENT("1", "DTSTART:20260303T100000Z\r\nDURATION:PT1H\r\n")
                                                   EVENT("2", "DTSTART:20260304T100000Z\r\nDURATION:PT1H\r\n"));
    EXPECT_FIGARO(0, "4 events, 4 rows: 4 accepted (1 of them were there already)", NULL, "import", shop.store, file,
                  AT);
    EXPECT_FIGARO(0, "key 1#2026-03-03T10:00:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "3 appointments", NULL, "list", shop.store);
    shop_close(&shop);
}

/* ---- whose they are ---- */

Test(import_ics, gives_events_to_the_barber_that_is_meant)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json", "{\"barbers\":[{\"id\":7,\"zone\":\"America/New_York\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    static const char event[] = EVENT("a", "DTSTART:20260702T100000\r\nDURATION:PT1H\r\nSUMMARY:a fold\r\n "
                                           "ed \\, and\\n a long one\r\n");
    char unnamed[512];
    EXPECT_FIGARO(0, "1 accepted", NULL, "import", shop.store, calendar(&shop, event), "--no-keys", AT);
    EXPECT_FIGARO(0, "#1  Figaro  2026-07-02T14:00:00Z", NULL, "list", shop.store); /* floats in the barber's zone */
    EXPECT_FIGARO(0, "\"note\":\"a folded , and  a long one\"", NULL, "show", shop.store, "1", "--json");
    EXPECT_FIGARO(0, "1 accepted", NULL, "import", shop.store, calendar(&shop, event), "--barber", "Susanna", AT);
    EXPECT_FIGARO(0, "#2  Susanna  2026-07-02T10:00:00Z - 2026-07-02T11:00:00Z  scheduled  key a", NULL, "list",
                  shop.store);
    support_format(unnamed, sizeof unnamed, "BEGIN:VCALENDAR\n%sEND:VCALENDAR\n",
                   EVENT("b", "DTSTART:20260702T100000\r\nDURATION:PT1H\r\n"));
    EXPECT_FIGARO(0, "1 accepted", NULL, "import", shop.store, shop_file(&shop, "Rosina.ics", unnamed), AT);
    EXPECT_FIGARO(0, "#3  Rosina  2026-07-02T10:00:00Z", NULL, "list", shop.store);
    char called[1024], name[256] = "";
    memset(name, 'x', 129);
    support_format(called, sizeof called,
                   "BEGIN:VCALENDAR\nX-WR-CALNAME:%s\n%sEND:VCALENDAR\n"
                   "BEGIN:VCALENDAR\nX-WR-CALNAME:  Don Basilio \n%sEND:VCALENDAR\n",
                   name, EVENT("c", "DTSTART:20260702T100000Z\r\nDURATION:PT1H\r\n"),
                   EVENT("d", "DTSTART:20260702T100000Z\r\nDURATION:PT1H\r\n"));
    const char *file = shop_file(&shop, "two.ics", called);
    EXPECT_FIGARO(0, "2 events, 2 rows: 1 accepted, 0 refused, 1 rejected",
                  "two.ics:3: rejected (key c): X-WR-CALNAME: is longer than 128 bytes; give --barber", "import",
                  shop.store, file, AT);
    EXPECT_FIGARO(0, "#4  Don Basilio  2026-07-02T10:00:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_ics, handles_overlaps_as_it_is_told)
{
    struct shop shop = shop_empty();
    char other[SUPPORT_PATH + 16];
    const char *file =
        calendar(&shop, EVENT("w", "DTSTART:20260302T100000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;COUNT=3\r\n")
                            EVENT("x", "DTSTART:20260303T101500Z\r\nDURATION:PT30M\r\n"));
    EXPECT_FIGARO(0, "2 events, 4 rows: 2 accepted, 2 refused, 0 rejected",
                  "c.ics:5: refused (key w#2026-03-03T10:00:00Z): start: the row of line 11, 2026-03-03T10:15:00Z - "
                  "2026-03-03T10:45:00Z, overlaps 2026-03-03T10:00:00Z - 2026-03-03T10:30:00Z; neither is taken",
                  "import", shop.store, file, "--overlaps", "refuse", AT);
    support_format(other, sizeof other, "%s-other", shop.store);
    EXPECT_FIGARO(0, "2 events, 4 rows: 4 accepted (1 of them as cancelled), 0 refused",
                  "recorded as cancelled (key x)", "import", other, file, "--overlaps", "record", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", other, "--status", "cancelled");
    shop_close(&shop);
}

/* A month of a real office, with its cancellations: out as a calendar, and in again. */
Test(import_ics, keeps_the_digest_of_what_was_exported, .timeout = 120)
{
    struct shop shop = shop_empty();
    char workload[SUPPORT_PATH], file[SUPPORT_PATH], other[SUPPORT_PATH];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", workload);
    support_format(file, sizeof file, "%.400s/all.ics", shop.root);
    support_format(other, sizeof other, "%.400s/other", shop.root);
    EXPECT_FIGARO(0, "", NULL, "replay", shop.store, workload);
    struct support_child child =
        SUPPORT_RUN("sh", "-c", "\"$0\" export \"$1\" --format ics > \"$2\"", support_figaro(), shop.store, file);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
    EXPECT_FIGARO(0, "3273 events, 3273 rows: 3273 accepted, 0 refused, 0 rejected\n", NULL, "import", other, file);
    static const char digest[] = "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1";
    EXPECT_FIGARO(0, digest, NULL, "stats", shop.store);
    EXPECT_FIGARO(0, digest, NULL, "stats", other);
    shop_close(&shop);
}
