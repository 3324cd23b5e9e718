/* Zones of calendars: what a VTIMEZONE says must be what the time zone database says of the same zone. */
#include "tools/ics_zone.h"
#include "tests/support.h"
#include "tools/ics_recur.h"

#include <criterion/criterion.h>
#include <string.h>

/* The zones' rules as they have been since 2007 and 1996. */
static const char calendar[] = "BEGIN:VCALENDAR\r\n"
                               "BEGIN:VTIMEZONE\r\nTZID:own Berlin\r\n"
                               "BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\n"
                               "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
                               "BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\n"
                               "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
                               "END:VTIMEZONE\r\n"
                               "BEGIN:VTIMEZONE\r\nTZID:own New York\r\n"
                               "BEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\nTZOFFSETFROM:-0500\r\n"
                               "TZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\n"
                               "BEGIN:STANDARD\r\nDTSTART:20071104T020000\r\nTZOFFSETFROM:-0400\r\n"
                               "TZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nEND:STANDARD\r\n"
                               "END:VTIMEZONE\r\n"
                               "BEGIN:VTIMEZONE\r\nTZID:ended\r\n"
                               "BEGIN:DAYLIGHT\r\nDTSTART:20100328T020000\r\nTZOFFSETFROM:+0100\r\n"
                               "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20120325T010000Z\r\n"
                               "END:DAYLIGHT\r\n"
                               "BEGIN:STANDARD\r\nDTSTART:20101031T030000\r\nTZOFFSETFROM:+0200\r\n"
                               "TZOFFSETTO:+0100\r\nRDATE:20111030T030000,20121028T030000\r\nEND:STANDARD\r\n"
                               "END:VTIMEZONE\r\nEND:VCALENDAR\r\n";

struct zone_world {
    ics_file file;
    ics_zones zones;
    int64_t steps;
};

static void open_world(struct zone_world *world)
{
    reason why;
    ics_lines *lines = ics_lines_open_bytes("c.ics", calendar, sizeof calendar - 1, &why);
    cr_assert_not_null(lines);
    cr_assert(ics_file_read(lines, &world->file, &why), "%s", why.text);
    ics_lines_close(lines);
    world->steps = ICS_STEPS_MAX;
    world->zones = (ics_zones){.file = &world->file, .steps = &world->steps};
}

static void close_world(struct zone_world *world)
{
    ics_zones_free(&world->zones);
    ics_file_free(&world->file);
}

/* One local time in both. */
static void compare(const ics_zone *zone, const local_zone *known, int64_t clock_s)
{
    int64_t own_s = 0, known_s = 0;
    reason why;
    moment at = {.is_local = true, .seconds = clock_s};
    cr_assert(ics_zone_instant(zone, clock_s, &own_s, &why), "%s", why.text);
    cr_assert(local_zone_instant(known, at, &known_s, &why), "%s", why.text);
    cr_assert_eq(own_s, known_s, "%s: the clock %lld is %lld, not %lld", known->name, (long long)clock_s,
                 (long long)own_s, (long long)known_s);
    cr_assert_eq(ics_zone_clock(zone, own_s), local_zone_clock(known, own_s));
}

/* Each quarter of an hour around every change of clocks, and random ones. `year_s` lies in a year that the rules hold.
 */
static void compare_zone(struct zone_world *world, const char *own, const char *name, int64_t from_s, int64_t to_s)
{
    local_zone known;
    reason why;
    struct support_random random = support_random_from(17);
    cr_assert(local_zone_open(name, &known, &why), "%s", why.text);
    const ics_zone *zone = ics_zone_find(&world->zones, own, 0);
    cr_assert(zone != NULL && zone->good && zone->is_own, "%s", own);
    for (int i = 0; i < 20000; i++) compare(zone, &known, support_between(&random, from_s, to_s));
    size_t changes = 0;
    for (int64_t day_s = from_s; day_s < to_s; day_s += 86400) {
        if (local_zone_clock(&known, day_s) - day_s == local_zone_clock(&known, day_s + 86400) - day_s - 86400)
            continue;
        changes++;
        for (int64_t clock_s = day_s - 86400; clock_s < day_s + 2 * 86400; clock_s += 900)
            compare(zone, &known, clock_s);
    }
    cr_expect_gt(changes, 50);
    local_zone_close(&known);
}

Test(ics_zone, says_what_the_database_says)
{
    struct zone_world world;
    open_world(&world);
    compare_zone(&world, "own Berlin", "Europe/Berlin", 852076800, 2208988800);       /* 1997 to 2040 */
    compare_zone(&world, "own New York", "America/New_York", 1199145600, 2208988800); /* 2008 to 2040 */
    close_world(&world);
}

Test(ics_zone, ends_where_its_rules_end)
{
    struct zone_world world;
    int64_t summer_s = 0, after_s = 0, before_s = 0;
    reason why;
    open_world(&world);
    const ics_zone *zone = ics_zone_find(&world.zones, "ended", 0);
    cr_assert(zone != NULL && zone->good, "%s", zone->why.text);
    cr_expect_eq(zone->change_count, 6);
    cr_assert(ics_zone_instant(zone, 1341144000, &summer_s, &why)); /* July 2012 */
    cr_assert(ics_zone_instant(zone, 1372680000, &after_s, &why));  /* July 2013 */
    cr_assert(ics_zone_instant(zone, 1246449600, &before_s, &why)); /* July 2009: as before the first change */
    cr_expect_eq(summer_s, 1341144000 - 7200);
    cr_expect_eq(after_s, 1372680000 - 3600);
    cr_expect_eq(before_s, 1246449600 - 3600);
    close_world(&world);
}

Test(ics_zone, names_what_is_unknown)
{
    struct zone_world world;
    open_world(&world);
    static const char *const names[] = {"", "/", "///", "../../etc/passwd", "/x/../../../etc/passwd", "Europe/Madrid/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ics_zone *zone = ics_zone_find(&world.zones, names[i], 0);
        cr_assert_not_null(zone);
        cr_expect_not(zone->good, "%s is a zone", names[i]);
        cr_expect(strstr(zone->why.text, "no such zone") != NULL, "%s", zone->why.text);
    }
    close_world(&world);
}

/* ---- recurrences ---- */

Test(ics_recur, is_held_within_bounds)
{
    ics_span span = {.start_s = 1772445600, .to_s = FIG_TIME_MAX};
    static const struct {
        const char *rule, *why;
    } hostile[] = {
        {"FREQ=SECONDLY", "more than 100000 occurrences"},
        {"FREQ=MINUTELY;COUNT=2147483647", "more than 100000 occurrences"},
        {"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "without BY parts"},
        {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"},
        {"FREQ=WEEKLY;INTERVAL=0", "is no rule"},
        {"FREQ=WEEKLY;COUNT=-1", "is no rule"},
        {"RSCALE=CHINESE;FREQ=YEARLY", "RSCALE is not taken"},
        {"", "is no rule"},
        {"FREQ", "is no rule"},
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        int64_t steps = ICS_STEPS_MAX;
        ics_clocks clocks = {0};
        reason why = {""};
        cr_expect_not(ics_recur_expand(hostile[i].rule, &span, &steps, &clocks, NULL, &why), "%s", hostile[i].rule);
        cr_expect(strstr(why.text, hostile[i].why) != NULL, "%s: %s", hostile[i].rule, why.text);
        ics_clocks_free(&clocks);
    }
}

Test(ics_recur, spends_what_a_file_may_spend)
{
    ics_span span = {.start_s = 1772445600, .to_s = FIG_TIME_MAX};
    int64_t steps = 300000;
    reason why = {""};
    ics_clocks clocks = {0};
    cr_assert(ics_recur_expand("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", &span, &steps, &clocks, NULL, &why), "%s",
              why.text);
    cr_expect_eq(clocks.count, 0);
    cr_expect_lt(steps, 150000, "it was looked for until 2582, and that cost %lld", (long long)(300000 - steps));
    cr_assert_not(
        ics_recur_expand("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=25", &span, &steps, &clocks, NULL, &why));
    for (int i = 0; i < 3; i++)
        ics_recur_expand("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", &span, &steps, &clocks, NULL, &why);
    cr_expect(strstr(why.text, "ask for more than can be looked through") != NULL, "%s", why.text);
    ics_clocks_free(&clocks);
}
