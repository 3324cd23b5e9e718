/* Times in a form that is told: what is taken, what is not, and what is said of it. */
#include "tools/time_format.h"

#include <criterion/criterion.h>
#include <string.h>

Test(time_format, takes_what_strptime_would)
{
    static const struct {
        const char *format, *text, *expected;
        bool is_local;
    } table[] = {
        {"%Y-%m-%d %H:%M:%S", "2026-03-02 10:05:30", "2026-03-02T10:05:30Z", true},
        {"%m/%d/%Y %H:%M", "1/1/2017 8:28", "2017-01-01T08:28:00Z", true},
        {"%m/%d/%Y %H:%M", "12/31/2017 23:59", "2017-12-31T23:59:00Z", true},
        {"%m/%d/%Y %I:%M:%S %p", "03/14/2018 3:50:00 PM", "2018-03-14T15:50:00Z", true},
        {"%m/%d/%Y %I:%M:%S %p", "03/14/2018 12:10:00 am", "2018-03-14T00:10:00Z", true},
        {"%m/%d/%Y %I:%M:%S %p", "03/14/2018 12:10:00 PM", "2018-03-14T12:10:00Z", true},
        {"%FT%T%z", "2026-03-02T10:05:30+01:00", "2026-03-02T09:05:30Z", false},
        {"%F %R %z", "2026-03-02 10:05 -0330", "2026-03-02T13:35:00Z", false},
        {"%F %R%z", "2026-03-02 10:05Z", "2026-03-02T10:05:00Z", false},
        {"%F %R%z", "2026-03-02 10:05+02", "2026-03-02T08:05:00Z", false},
        {"%D %R", "03/02/68 10:05", "2068-03-02T10:05:00Z", true},
        {"%D %R", "03/02/69 10:05", "1969-03-02T10:05:00Z", true},
        {"%e %b %Y, %H h", " 2 mar 2026, 10 h", "2026-03-02T10:00:00Z", true},
        {"%d %B %Y %R", "02 MARCH 2026 10:05", "2026-03-02T10:05:00Z", true},
        {"%d %B %Y %R", "02 may 2026 10:05", "2026-05-02T10:05:00Z", true},
        {"%d %b %Y %R", "02 September 2026 10:05", "2026-09-02T10:05:00Z", true},
        {"%Y.%j %R", "2024.366 10:05", "2024-12-31T10:05:00Z", true},
        {"%Y.%j %R", "2026.1 10:05", "2026-01-01T10:05:00Z", true},
        {"%Y%m%d%H%M%S", "20260302100530", "2026-03-02T10:05:30Z", true},
        {"%F%n%t %R", "2026-03-02 \t 10:05", "2026-03-02T10:05:00Z", true},
        {"%F %R", "2026-03-0210:05", "2026-03-02T10:05:00Z", true},
        {"100%% %F %R", "100% 2026-03-02 10:05", "2026-03-02T10:05:00Z", true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        moment at = {0};
        reason why = {""};
        char printed[RFC3339_SIZE];
        cr_expect(time_format_check(table[i].format, &why), "%s: %s", table[i].format, why.text);
        cr_assert(time_format_parse(table[i].format, table[i].text, &at, &why), "%s: %s", table[i].text, why.text);
        rfc3339_print(at.seconds, printed);
        cr_expect_str_eq(printed, table[i].expected, "%s by %s: %s", table[i].text, table[i].format, printed);
        cr_expect_eq(at.is_local, table[i].is_local, "%s", table[i].format);
    }
}

Test(time_format, names_the_part_that_is_wrong)
{
    static const struct {
        const char *format, *text, *why;
    } table[] = {
        {"%F %R", "", "is empty"},
        {"%F %R", "26-03-02 10:05", "the year is no number of 4 digits at '26-03-02 10:05'"},
        {"%F %R", "1826-03-02 10:05", "the year is 1826, and 1900 to 2200 is allowed"},
        {"%F %R", "2026-13-02 10:05", "the month is 13, and 1 to 12 is allowed"},
        {"%F %R", "2026-02-29 10:05", "2026-02 has no day 29"},
        {"%F %R", "2026-02-32 10:05", "the day is 32"},
        {"%F %R", "2026-02-28 24:00", "the hour is 24, and 0 to 23 is allowed"},
        {"%F %R", "2026-02-28 10:60", "the minute is 60"},
        {"%F %T", "2026-02-28 10:59:60", "the second is 60"},
        {"%F %R", "2026-02-28 10", "ends where ':' belongs"},
        {"%F %R", "2026-02-28 10.30", "has '.30' where ':' belongs"},
        {"%F %R", "2026-02-28 10:", "the minute is missing"},
        {"%F %R", "2026-02-28 10:30 Uhr", "has ' Uhr' after its end"},
        {"%F %I %p", "2026-02-28 0 AM", "the hour is 0, and 1 to 12 is allowed"},
        {"%F %I %p", "2026-02-28 10 Uhr", "there is no AM or PM at 'Uhr'"},
        {"%d %b %Y %R", "2 Foo 2026 10:00", "there is no month's name at 'Foo 2026 10:00'"},
        {"%Y %j %R", "2026 366 10:00", "the year 2026 has no day 366"},
        {"%Y %j %R", "2026 0 10:00", "the day of the year is 0"},
        {"%F %R%z", "2026-02-28 10:00", "there is no UTC offset at ''"},
        {"%F %R%z", "2026-02-28 10:00+24:00", "there is no UTC offset 24:00"},
        {"%F %R%z", "2026-02-28 10:00+01:", "the UTC offset has no minutes"},
        {"%F %R%z", "2200-01-01 10:00Z", "lies outside 1900-01-01T00:00:00Z"},
        {"%F%%%R", "2026-02-2810:00", "has '10:00' where '%' belongs"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        moment at;
        reason why = {""};
        cr_expect(time_format_check(table[i].format, &why), "%s: %s", table[i].format, why.text);
        cr_expect_not(time_format_parse(table[i].format, table[i].text, &at, &why), "%s was taken", table[i].text);
        cr_expect(strstr(why.text, table[i].why) == why.text, "%s: %s", table[i].text, why.text);
    }
}

Test(time_format, refuses_formats_that_tell_no_time)
{
    static const struct {
        const char *format, *why;
    } table[] = {
        {"", "has no year"},
        {"%m/%d %R", "has no year"},
        {"%Y-%d %R", "has no month"},
        {"%Y-%m %R", "has no day"},
        {"%Y-%m-%d", "has no hour"},
        {"%F %M", "has no hour"},
        {"%F %I:%M", "has an hour of twelve (%I) but no AM or PM (%p)"},
        {"%F %H %p", "has the hour of the day (%H) beside %I or %p"},
        {"%F %H %I", "has the hour of the day (%H) beside %I or %p"},
        {"%F %H:%S", "has seconds (%S) but no minutes (%M)"},
        {"%F %d %R", "%d gives a part that was given before"},
        {"%Y-%m-%e %y %R", "%y gives a part that was given before"},
        {"%Y-%m-%d %j %R", "has the day of the year (%j) beside a month or a day"},
        {"%F %Q", "%Q is not understood; there are %Y"},
        {"%F %", "ends in a lone %"},
        {"%F %\x01", "%? is not understood"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        reason why = {""};
        cr_expect_not(time_format_check(table[i].format, &why), "%s was taken", table[i].format);
        cr_expect(strstr(why.text, table[i].why) == why.text, "%s: %s", table[i].format, why.text);
    }
}

Test(time_format, of_a_date_needs_no_hour)
{
    static const struct {
        const char *format, *why; /* NULL: it is taken */
    } table[] = {
        {"%m/%d/%Y", NULL},
        {"%j %y", NULL},
        {"%F %I", NULL},
        {"%F %T", NULL},
        {"%m/%d", "has no year"},
        {"%Y %d", "has no month"},
        {"%F %j", "has the day of the year (%j) beside a month or a day"},
        {"%F %T%z", "has a UTC offset (%z), and a date has none"},
        {"%F %", "ends in a lone %"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        reason why = {""};
        bool good = time_format_check_date(table[i].format, &why);
        cr_expect_eq(good, table[i].why == NULL, "%s: %s", table[i].format, why.text);
        if (!good) cr_expect(strstr(why.text, table[i].why) == why.text, "%s: %s", table[i].format, why.text);
    }
}
