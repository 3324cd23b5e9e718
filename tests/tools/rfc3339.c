/* Instants as text, against the C library and a table of what must be refused. */
#include "tools/rfc3339.h"

#include "engine/figaro.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void print_by_libc(int64_t instant_s, char text[RFC3339_SIZE])
{
    time_t time = (time_t)instant_s;
    struct tm parts;
    cr_assert(gmtime_r(&time, &parts) != NULL);
    cr_assert(strftime(text, RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == RFC3339_SIZE - 1);
}

static void expect_same_as_libc(int64_t instant_s)
{
    char ours[RFC3339_SIZE], theirs[RFC3339_SIZE];
    reason why;
    int64_t back_s = 0;
    rfc3339_print(instant_s, ours);
    print_by_libc(instant_s, theirs);
    cr_assert_str_eq(ours, theirs);
    cr_assert(rfc3339_parse(ours, &back_s, &why), "%s: %s", ours, why.text);
    cr_assert_eq(back_s, instant_s);
}

Test(rfc3339, agrees_with_libc_on_random_instants)
{
    struct support_random random = support_random_from(3339);
    for (int i = 0; i < 100000; i++) expect_same_as_libc(support_between(&random, FIG_TIME_MIN, FIG_TIME_MAX));
}

Test(rfc3339, agrees_with_libc_at_the_edges_of_every_day_of_some_years)
{
    for (int64_t day = FIG_TIME_MIN / DAY_SECONDS; day < FIG_TIME_MAX / DAY_SECONDS; day += 13) {
        expect_same_as_libc(day * DAY_SECONDS);
        expect_same_as_libc(day * DAY_SECONDS + DAY_SECONDS - 1);
    }
    expect_same_as_libc(FIG_TIME_MIN);
    expect_same_as_libc(FIG_TIME_MAX);
}

Test(rfc3339, agrees_with_timegm_under_random_offsets)
{
    struct support_random random = support_random_from(5545);
    for (int i = 0; i < 100000; i++) {
        int64_t local_s = support_between(&random, FIG_TIME_MIN + 2 * DAY_SECONDS, FIG_TIME_MAX - 2 * DAY_SECONDS);
        int hours = (int)support_below(&random, 24), minutes = (int)support_below(&random, 60);
        bool west = support_chance(&random, 50);
        char text[64], digits[RFC3339_SIZE];
        reason why;
        int64_t instant_s = 0;
        print_by_libc(local_s, digits);
        snprintf(text, sizeof text, "%.19s%c%02d:%02d", digits, west ? '-' : '+', hours, minutes);
        cr_assert(rfc3339_parse(text, &instant_s, &why), "%s: %s", text, why.text);
        struct tm parts = {0};
        sscanf(text, "%d-%d-%dT%d:%d:%d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
               &parts.tm_sec);
        parts.tm_year -= 1900;
        parts.tm_mon -= 1;
        int64_t offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
        cr_assert_eq(instant_s, (int64_t)timegm(&parts) - offset_s, "%s", text);
    }
}

Test(rfc3339, takes_what_the_rfc_takes)
{
    static const struct {
        const char *text;
        int64_t instant_s;
    } table[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T16:00:00-08:00", 0},
        {"1970-01-01T00:00:00.000Z", 0},
        {"1900-01-01T00:00:00Z", FIG_TIME_MIN},
        {"2200-01-01T00:00:00Z", FIG_TIME_MAX},
        {"2000-02-29T12:34:56Z", 951827696},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        reason why;
        int64_t instant_s = -1;
        cr_expect(rfc3339_parse(table[i].text, &instant_s, &why), "%s: %s", table[i].text, why.text);
        cr_expect_eq(instant_s, table[i].instant_s, "%s", table[i].text);
    }
}

Test(rfc3339, says_why_it_refuses)
{
    static const struct {
        const char *text, *why;
    } table[] = {
        {"", "is empty"},
        {"tomorrow", "does not begin with a date"},
        {"26-03-02T10:00:00Z", "does not begin with a date"},
        {"2026-3-2T10:00:00Z", "does not begin with a date"},
        {"+2026-03-02T10:00:00Z", "does not begin with a date"},
        {" 2026-03-02T10:00:00Z", "does not begin with a date"},
        {"2026-03-02", "no time"},
        {"2026-03-02 10:00:00Z", "no 'T'"},
        {"0001-01-01T00:00:00Z", "year 0001 is outside 1900 to 2200"},
        {"9999-12-31T23:59:59Z", "year 9999 is outside 1900 to 2200"},
        {"1899-12-31T23:59:59Z", "year 1899"},
        {"1900-01-01T00:00:00+00:01", "lies outside"},
        {"2200-01-01T00:00:01Z", "lies outside"},
        {"2200-01-01T00:00:00-00:01", "lies outside"},
        {"2026-13-01T00:00:00Z", "no month 13"},
        {"2026-00-01T00:00:00Z", "no month 00"},
        {"2026-02-29T00:00:00Z", "has no day 29"},
        {"2100-02-29T00:00:00Z", "has no day 29"},
        {"2026-04-31T00:00:00Z", "has no day 31"},
        {"2026-04-00T00:00:00Z", "has no day 00"},
        {"2026-03-02T24:00:00Z", "no hour 24"},
        {"2026-03-02T10:60:00Z", "no minute 60"},
        {"2026-03-02T10:00:61Z", "no second 61"},
        {"2016-12-31T23:59:60Z", "leap second"},
        {"2026-03-02T10:00Z", "seconds are missing"},
        {"2026-03-02T10:00:0Z", "seconds are two digits"},
        {"2026-03-02T1000:00Z", "no time of day"},
        {"2026-03-02T10:00:00.5Z", "fractions"},
        {"2026-03-02T10:00:00.Z", "decimal point"},
        {"2026-03-02T10:00:00,0Z", "ends in ',0Z'"},
        {"2026-03-02T10:00:00", "has no UTC offset"},
        {"2026-03-02T10:00:00 Z", "ends in ' Z'"},
        {"2026-03-02T10:00:00UTC", "ends in 'UTC'"},
        {"2026-03-02T10:00:00+0100", "written as +01:00"},
        {"2026-03-02T10:00:00+1:00", "written as +01:00"},
        {"2026-03-02T10:00:00+24:00", "no UTC offset 24:00"},
        {"2026-03-02T10:00:00+01:60", "no UTC offset 01:60"},
        {"2026-03-02T10:00:00Z ", "after its end"},
        {"2026-03-02T10:00:00+01:00Z", "after its end"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        reason why = {""};
        int64_t instant_s = 42;
        cr_expect_not(rfc3339_parse(table[i].text, &instant_s, &why), "'%s' was taken", table[i].text);
        cr_expect(strstr(why.text, table[i].why) != NULL, "'%s': %s", table[i].text, why.text);
        cr_expect_eq(instant_s, 42, "'%s' wrote its result", table[i].text);
    }
}

Test(rfc3339, reads_dates_and_times_apart)
{
    reason why;
    int64_t midnight_s = 0;
    int32_t seconds = 0;
    cr_expect(rfc3339_parse_date("2026-03-02", &midnight_s, &why));
    cr_expect_eq(midnight_s, 1772409600);
    cr_expect_not(rfc3339_parse_date("2026-03-02T", &midnight_s, &why));
    cr_expect_not(rfc3339_parse_date("2200-01-01", &midnight_s, &why));
    cr_expect(rfc3339_parse_time("10:00+01:00", &seconds, &why));
    cr_expect_eq(seconds, 9 * 3600);
    cr_expect(rfc3339_parse_time("00:30:15+02:00", &seconds, &why));
    cr_expect_eq(seconds, -90 * 60 + 15);
    cr_expect(rfc3339_parse_time("23:00-03:30", &seconds, &why));
    cr_expect_eq(seconds, 26 * 3600 + 1800);
    cr_expect_not(rfc3339_parse_time("10:00", &seconds, &why));
    cr_expect(strstr(why.text, "has no UTC offset") != NULL, "%s", why.text);
    cr_expect_not(rfc3339_parse_time("24:00Z", &seconds, &why));
}

Test(rfc3339, knows_weekdays_before_and_after_the_epoch)
{
    cr_expect_eq(rfc3339_weekday(0), 3);                 /* Thursday */
    cr_expect_eq(rfc3339_weekday(-1), 2);                /* Wednesday */
    cr_expect_eq(rfc3339_weekday(FIG_TIME_MIN), 0);      /* Monday, 1 January 1900 */
    cr_expect_eq(rfc3339_weekday(1772409600 + 3600), 0); /* Monday, 2 March 2026 */
    cr_expect_eq(rfc3339_midnight(-1), -DAY_SECONDS);
    cr_expect_eq(rfc3339_midnight(DAY_SECONDS), DAY_SECONDS);
}

Test(rfc3339, takes_moments_with_and_without_an_offset)
{
    static const struct {
        const char *text, *expected;
        bool is_local;
    } table[] = {
        {"2026-12-01T10:00", "2026-12-01T10:00:00Z", true},
        {"2026-12-01T10:00:30", "2026-12-01T10:00:30Z", true},
        {"2026-12-01 10:00", "2026-12-01T10:00:00Z", true},
        {"2026-12-01t10:00:30.000", "2026-12-01T10:00:30Z", true},
        {"2026-12-01T10:00:30Z", "2026-12-01T10:00:30Z", false},
        {"2026-12-01 10:00+01:00", "2026-12-01T09:00:00Z", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        moment at = {false, 0};
        reason why = {""};
        char printed[RFC3339_SIZE];
        cr_assert(rfc3339_parse_moment(table[i].text, &at, &why), "%s: %s", table[i].text, why.text);
        rfc3339_print(at.seconds, printed);
        cr_expect_str_eq(printed, table[i].expected);
        cr_expect_eq(at.is_local, table[i].is_local, "%s", table[i].text);
    }
}

Test(rfc3339, says_what_is_no_moment)
{
    static const struct {
        const char *text, *why;
    } table[] = {
        {"", "is empty"},
        {"10:00", "does not begin with a date"},
        {"2026-12-01", "has a date but no time; write 2026-03-02T10:00"},
        {"2026-12-01_10:00", "has no 'T' between"},
        {"2026-12-01T", "has no time of day"},
        {"2026-12-01T10", "has no time of day"},
        {"2026-12-01T24:00", "there is no hour 24"},
        {"2026-12-01T10:00 ", "ends in ' ' where Z or an offset"},
        {"2026-12-01  10:00", "has no time of day"},
        {"2026-12-01T10:00Z ", "has ' ' after its end"},
        {"2026-12-01T10:00:00.5", "fractions of a second are not kept"},
        {"1900-01-01T00:00+01:00", "lies outside 1900-01-01"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        moment at;
        reason why = {""};
        cr_expect_not(rfc3339_parse_moment(table[i].text, &at, &why), "%s was taken", table[i].text);
        cr_expect(strstr(why.text, table[i].why) == why.text, "%s: %s", table[i].text, why.text);
    }
}
