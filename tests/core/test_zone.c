/* Zones, against glibc for every zone of tzdata, and TZif files as they should not be. Budget: 4 s.
 *
 * glibc and the RFC differ in three points, none of which shows in a zone of tzdata: before the first transition
 * glibc takes the first type that is not daylight time; it asks a footer's rule by the UTC year of the instant, so
 * that rules which reach over New Year are off there; and it knows no year before 1970 in them, so that a POSIX TZ
 * string without a table has no daylight time then. Here a rule holds in any year, as the RFC has it. */
#include "engine/core/zone.h"
#include "engine/figaro.h"
#include "tests/core/zones.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SHARES = 4 }; /* of the zones, each a test of its own */

/* YYYY-MM-DDTHH:MM:SS, UTC */
static int64_t instant(const char *text)
{
    struct tm parts = {0};
    int year;
    cr_assert(sscanf(text, "%d-%d-%dT%d:%d:%d", &year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
                     &parts.tm_sec) == 6);
    parts.tm_year = year - 1900;
    parts.tm_mon--;
    return (int64_t)timegm(&parts);
}

/* ---- glibc ---- */

static void tell_glibc(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

static int32_t by_glibc(int64_t utc_s)
{
    time_t time = (time_t)utc_s;
    struct tm parts;
    cr_assert(localtime_r(&time, &parts) != NULL);
    return (int32_t)parts.tm_gmtoff;
}

static void expect_same(const struct zone *zone, const char *name, int64_t utc_s)
{
    int32_t ours = zone_offset_at(zone, utc_s), theirs = by_glibc(utc_s);
    if (ours != theirs)
        cr_assert_fail("%s at %" PRId64 ": %" PRId32 " s here, %" PRId32 " s by glibc", name, utc_s, ours, theirs);
}

static void expect_same_around(const struct zone *zone, const char *name, int64_t utc_s)
{
    for (int64_t at_s = utc_s - 1; at_s <= utc_s + 1; at_s++) expect_same(zone, name, at_s);
}

/* Every change of the table, then every one that the rule makes until 2200. */
static void expect_same_changes(const struct zone *zone, const char *name)
{
    for (uint32_t i = 0; i < zone->changes; i++) expect_same_around(zone, name, zone->change_s[i]);
    if (zone->rule_from_s == INT64_MAX) return;
    struct zone_span span = zone_span_at(zone, FIG_TIME_MIN);
    for (; span.end_s < FIG_TIME_MAX; span = zone_span_at(zone, span.end_s)) expect_same_around(zone, name, span.end_s);
}

static void compare_share(size_t share)
{
    struct zones zones = zones_need();
    struct support_random random = support_random_from(9636 + share);
    for (size_t i = share; i < zones.count; i += SHARES) {
        const char *name = zones.entries[i].name;
        char tz[SUPPORT_PATH];
        support_format(tz, sizeof tz, ":%s", name);
        tell_glibc(tz);
        struct zone *zone = zones_load(name);
        expect_same_changes(zone, name);
        for (int n = 0; n < 2000; n++) expect_same(zone, name, support_between(&random, FIG_TIME_MIN, FIG_TIME_MAX));
        for (int n = 0; n < 100; n++) /* and until the year 34,000 */
            expect_same(zone, name, support_between(&random, FIG_TIME_MIN, INT64_C(1000000000000)));
        free(zone);
    }
    free(zones.entries);
}

Test(zone, agrees_with_glibc_part_1) { compare_share(0); }
Test(zone, agrees_with_glibc_part_2) { compare_share(1); }
Test(zone, agrees_with_glibc_part_3) { compare_share(2); }
Test(zone, agrees_with_glibc_part_4) { compare_share(3); }

/* ---- what spans promise ---- */

static void expect_sound_span(const struct zone *zone, int64_t utc_s)
{
    struct zone_span span = zone_span_at(zone, utc_s);
    cr_assert(span.start_s <= utc_s && (utc_s < span.end_s || span.end_s == INT64_MAX));
    cr_assert_eq(span.offset_s, zone_offset_at(zone, utc_s));
    cr_assert(zone->offset_min_s <= span.offset_s && span.offset_s <= zone->offset_max_s);
    cr_assert(zone->offset_min_s >= ZONE_OFFSET_MIN_S && zone->offset_max_s <= ZONE_OFFSET_MAX_S);
    cr_assert_eq(zone_offset_at(zone, span.start_s), span.offset_s);
    cr_assert_eq(zone_offset_at(zone, span.end_s - 1), span.offset_s);
    if (span.end_s < INT64_MAX) cr_assert_eq(zone_span_at(zone, span.end_s).start_s, span.end_s);
    if (span.start_s > INT64_MIN) cr_assert_eq(zone_span_at(zone, span.start_s - 1).end_s, span.start_s);
}

static void expect_sound_spans(const struct zone *zone, struct support_random *random)
{
    static const int64_t instants[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) expect_sound_span(zone, instants[i]);
    for (int i = 0; i < 20; i++) {
        expect_sound_span(zone, support_between(random, 2 * FIG_TIME_MIN, 2 * FIG_TIME_MAX));
        expect_sound_span(zone, (int64_t)support_next(random));
    }
    for (uint32_t i = 0; i < zone->changes && i < 300; i++) expect_sound_span(zone, zone->change_s[i]);
}

Test(zone, spans_tile_all_of_time)
{
    struct zones zones = zones_need();
    struct support_random random = support_random_from(1);
    for (size_t i = 0; i < zones.count; i++) {
        struct zone *zone = zones_load(zones.entries[i].name);
        expect_sound_spans(zone, &random);
        free(zone);
    }
    free(zones.entries);
}

Test(zone, is_one_piece_of_memory)
{
    struct zone *zone = zones_load("Europe/Madrid");
    struct zone *copy = malloc(zone->memory_bytes);
    memcpy(copy, zone, zone->memory_bytes);
    struct zone *again = zones_load("Europe/Madrid");
    cr_assert_eq(memcmp(again, zone, zone->memory_bytes), 0, "equal files make equal bytes");
    free(zone);
    cr_assert_eq(zone_offset_at(copy, instant("2024-01-01T00:00:00")), 3600);
    cr_assert_eq(zone_offset_at(copy, instant("2024-07-01T00:00:00")), 7200);
    cr_assert(copy->memory_bytes < 8192, "a zone of %zu bytes", copy->memory_bytes);
    free(copy);
    free(again);
}

/* ---- known facts ---- */

struct fact {
    const char *zone;
    const char *utc; /* YYYY-MM-DDTHH:MM:SS */
    int32_t offset_s;
};

/* Past ones only: what is to come is changed by law now and then, and by tzdata after that. */
Test(zone, knows_the_odd_ones)
{
    static const struct fact facts[] = {
        {"Africa/Casablanca", "2025-02-22T12:00:00", 3600}, /* +01 all the year, but in Ramadan */
        {"Africa/Casablanca", "2025-03-10T12:00:00", 0},
        {"Africa/Casablanca", "2025-04-10T12:00:00", 3600},
        {"Europe/Dublin", "2024-01-10T12:00:00", 0}, /* winter time is negative daylight time */
        {"Europe/Dublin", "2024-07-10T12:00:00", 3600},
        {"Europe/Dublin", "1900-06-01T12:00:00", -1521},
        {"Africa/Monrovia", "1971-06-01T00:00:00", -2670}, /* -0:44:30 until 1972 */
        {"Africa/Monrovia", "1972-06-01T00:00:00", 0},
        {"Pacific/Kwajalein", "1993-08-20T12:00:00", -43200},
        {"Pacific/Kwajalein", "1993-08-22T12:00:00", 43200},
        {"America/Nuuk", "2024-03-31T00:59:59", -7200}, /* the rule's hour is -1: the evening before */
        {"America/Nuuk", "2024-03-31T01:00:00", -3600},
        {"Australia/Lord_Howe", "2024-01-10T12:00:00", 39600}, /* half an hour of daylight time */
        {"Australia/Lord_Howe", "2024-07-10T12:00:00", 37800},
        {"Antarctica/Troll", "2024-07-10T12:00:00", 7200}, /* two hours */
        {"Pacific/Apia", "2011-12-30T09:59:59", -36000},
        {"Pacific/Apia", "2011-12-30T10:00:00", 50400},
        {"Asia/Kathmandu", "2024-01-10T12:00:00", 20700},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct zone *zone = zones_load(facts[i].zone);
        cr_expect_eq(zone_offset_at(zone, instant(facts[i].utc)), facts[i].offset_s, "%s at %s: %d", facts[i].zone,
                     facts[i].utc, zone_offset_at(zone, instant(facts[i].utc)));
        free(zone);
    }
}

/* ---- footers ---- */

static void compare_posix(const char *tz, struct support_random *random)
{
    struct zone *zone = zones_posix(tz);
    tell_glibc(tz);
    int64_t least_s = 366 * 86400; /* glibc's rules begin in 1970 */
    for (int i = 0; i < 200; i++) expect_same(zone, tz, support_between(random, least_s, FIG_TIME_MAX));
    int64_t from_s = support_between(random, least_s, FIG_TIME_MAX);
    for (int i = 0; i < 20; i++) {
        from_s = zone_span_at(zone, from_s).end_s;
        if (from_s == INT64_MAX) break;
        expect_same_around(zone, tz, from_s);
    }
    expect_sound_spans(zone, random);
    free(zone);
}

Test(zone, reads_footers_as_glibc_does)
{
    static const char *const footers[] = {
        "UTC0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
        "LMT0:44:30",
        "AAA+24:59:59",
        "AAA-24:59:59BBB,J60,J300",
        "AAA3BBB,59/0,300/24",
        "AAA3BBB2:15:10,J59/1:02:03,J300/4:05:06",
        "AAA-5BBB-6:30,M2.1.6/100,M11.4.1/-100",
        "QQQ10RRR,M4.1.5/-167,M9.5.3/167",
    };
    struct support_random random = support_random_from(2);
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) compare_posix(footers[i], &random);
}

Test(zone, takes_the_rule_of_the_united_states_for_none)
{
    struct zone *bare = zones_posix("EST5EDT"), *full = zones_posix("EST5EDT,M3.2.0/2,M11.1.0/2:00:00");
    cr_assert_eq(memcmp(bare, full, bare->memory_bytes), 0);
    cr_assert_eq(zone_offset_at(bare, instant("2026-07-01T00:00:00")), -4 * 3600);
    free(bare);
    free(full);
}

/* A rule that keeps eight days away from New Year, so that glibc's use of the UTC year is right. */
static void random_rule(struct support_random *random, char text[64], int first_month)
{
    int month = first_month + (int)support_below(random, 3), hours = (int)support_between(random, -167, 167);
    int minutes = (int)support_below(random, 60), seconds = (int)support_below(random, 60);
    int day = (month - 1) * 30 + 20 + (int)support_below(random, 20);
    char date[32];
    switch (support_below(random, 3)) {
    case 0: support_format(date, sizeof date, "J%d", day); break;
    case 1: support_format(date, sizeof date, "%d", day); break;
    default:
        support_format(date, sizeof date, "M%d.%d.%d", month, 1 + (int)support_below(random, 5),
                       (int)support_below(random, 7));
    }
    switch (support_below(random, 4)) {
    case 0: support_format(text, 64, "%s", date); break;
    case 1: support_format(text, 64, "%s/%d", date, hours); break;
    case 2: support_format(text, 64, "%s/%d:%02d", date, hours, minutes); break;
    default: support_format(text, 64, "%s/%d:%02d:%02d", date, hours, minutes, seconds);
    }
}

Test(zone, reads_random_footers_as_glibc_does)
{
    struct support_random random = support_random_from(3);
    for (int i = 0; i < 300; i++) {
        char spring[64], autumn[64], tz[256];
        bool southern = support_chance(&random, 50);
        random_rule(&random, spring, 2);
        random_rule(&random, autumn, 8);
        int west = (int)support_between(&random, -14, 12);
        support_format(tz, sizeof tz, "%s%d:%02d%s%s,%s,%s", i % 2 == 0 ? "ABC" : "<+A-1>", west,
                       (int)support_below(&random, 60), i % 3 == 0 ? "DEFG" : "<-07>", i % 5 == 0 ? "-3:30" : "",
                       southern ? autumn : spring, southern ? spring : autumn);
        compare_posix(tz, &random);
    }
}

static void expect_sound_new_years(const struct zone *zone)
{
    for (int year = 2000; year < 2400; year++) { /* all that there are */
        char text[32];
        int64_t hours = year < 2010 ? 240 : 36;
        support_format(text, sizeof text, "%d-01-01T00:00:00", year);
        for (int64_t hour = -hours; hour < hours; hour++) {
            expect_sound_span(zone, instant(text) + hour * 3600);
            struct zone_span span = zone_span_at(zone, instant(text) + hour * 3600);
            cr_assert(span.end_s - span.start_s <= 366 * 86400, "the rule has two changes a year");
        }
    }
}

/* Changes next to New Year: the spans on both sides of each still tell the same. */
Test(zone, spans_tile_where_rules_reach_over_new_year)
{
    static const char *const footers[] = {"AAA0BBB,J1/-167,J31/167",    "AAA0BBB,J365/167,J31/0",  "AAA-1BBB,J1/0,J1/1",
                                          "AAA24BBB24:30,J100,365/167", "AAA0BBB,J365/12,J365/23", "AAA0BBB,J1/3,J1/5",
                                          "AAA0BBB,J365/100,J365/120",  "EST5EDT,0/0,J365/25"};
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
        struct zone *zone = zones_posix(footers[i]);
        expect_sound_new_years(zone);
        free(zone);
    }
}

/* Daylight time all the year, as the RFC writes it, and rules that reach into the years beside theirs. */
Test(zone, takes_rules_over_new_year)
{
    struct zone *always = zones_posix("EST5EDT,0/0,J365/25");
    struct zone *negative = zones_posix("XXX3EDT4,0/0,J365/23");
    for (int64_t at_s = FIG_TIME_MIN; at_s < FIG_TIME_MAX; at_s += 86399) {
        cr_assert_eq(zone_offset_at(always, at_s), -4 * 3600);
        cr_assert_eq(zone_offset_at(negative, at_s), -4 * 3600);
    }
    free(always);
    free(negative);

    /* From seven days before 1 January to seven days after 31 January. */
    struct zone *reaching = zones_posix("AAA0BBB,J1/-167,J31/167");
    cr_assert_eq(zone_offset_at(reaching, instant("2025-12-25T00:59:59")), 0);
    cr_assert_eq(zone_offset_at(reaching, instant("2025-12-25T01:00:00")), 3600);
    cr_assert_eq(zone_offset_at(reaching, instant("2026-02-06T21:59:59")), 3600);
    cr_assert_eq(zone_offset_at(reaching, instant("2026-02-06T22:00:00")), 0);
    cr_assert_eq(zone_offset_at(reaching, instant("1999-12-25T01:00:00")), 3600);
    free(reaching);

    /* From 31 December and seven days on, which is in the year after. */
    struct zone *late = zones_posix("AAA0BBB,J365/167,J31/0");
    cr_assert_eq(zone_offset_at(late, instant("2026-01-06T22:59:59")), 0);
    cr_assert_eq(zone_offset_at(late, instant("2026-01-06T23:00:00")), 3600);
    cr_assert_eq(zone_offset_at(late, instant("2026-01-30T22:59:59")), 3600);
    cr_assert_eq(zone_offset_at(late, instant("2026-01-30T23:00:00")), 0);
    free(late);
}

Test(zone, refuses_malformed_footers)
{
    static const char *const footers[] = {
        "0",
        "UT0",
        "UTC",
        "UTC25",
        "UTC0:60",
        "UTC0:0:60",
        "UTC0 ",
        "<UTC0",
        "<U>0",
        "<U C>0",
        "UTC+-1",
        "A1B0",
        "EST5E",
        "EST5EDT25",
        "EST5EDT,",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J1",
        "EST5EDT,J366,J1",
        "EST5EDT,366,1",
        "EST5EDT,1/168,2",
        "EST5EDT,1/-168,2",
        "EST5EDT,1/2:60,2",
        "EST5EDT,1/2:00:60,2",
        "EST5EDT,1/,2",
        "EST5EDT,1,2/",
        "EST5EDT,1,2 ",
        "EST5EDT,0001,2",
        "EST5EDT;1;2",
    };
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
        static const int32_t none = 0;
        size_t size;
        const char *fault;
        void *bytes = zones_make('2', NULL, &none, 0, footers[i], &size);
        cr_expect_null(zones_read(bytes, size, &fault), "'%s' was taken", footers[i]);
        cr_expect(fault != NULL && strstr(fault, "footer") != NULL, "'%s': %s", footers[i], fault);
        free(bytes);
    }
}

static char *file_of(const char *name, size_t *size)
{
    char path[SUPPORT_PATH];
    support_format(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    return support_read_file(path, size);
}

/* What stands between the last two newlines of a file, which it ends with. */
static const char *footer_of(char *bytes, size_t size)
{
    bytes[--size] = '\0';
    while (bytes[size - 1] != '\n') size--;
    return bytes + size;
}

/* A zone's table until 2026 with the footer of its file: as zic writes it when it is told to be slim. */
static struct zone *slim_of(const char *name, const struct zone *whole)
{
    int64_t changes[250];
    int32_t offsets[251];
    size_t count = 0, size;
    const char *fault;
    struct zone_span span = zone_span_at(whole, FIG_TIME_MIN);
    offsets[0] = span.offset_s;
    for (; span.end_s < instant("2026-01-01T00:00:00"); count++) {
        changes[count] = span.end_s;
        span = zone_span_at(whole, span.end_s);
        offsets[count + 1] = span.offset_s;
    }
    char *file = file_of(name, &size);
    void *bytes = zones_make('3', changes, offsets, count, footer_of(file, size), &size);
    struct zone *slim = zones_read(bytes, size, &fault);
    cr_assert(slim != NULL, "%s: %s", name, fault);
    free(bytes);
    free(file);
    return slim;
}

/* A file's footer goes on as its table would have. */
Test(zone, footers_go_on_where_tables_end)
{
    static const char *const names[] = {"Europe/Madrid",    "America/New_York", "Australia/Lord_Howe",
                                        "Europe/Dublin",    "America/Nuuk",     "Pacific/Auckland",
                                        "Antarctica/Troll", "Africa/Cairo",     "Asia/Beirut"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *whole = zones_load(names[i]), *slim = slim_of(names[i], whole);
        for (int64_t at_s = FIG_TIME_MIN; at_s < FIG_TIME_MAX; at_s += 3600 * 5)
            cr_assert_eq(zone_offset_at(slim, at_s), zone_offset_at(whole, at_s), "%s at %" PRId64, names[i], at_s);
        free(slim);
        free(whole);
    }
}

/* ---- versions and corners of the format ---- */

static int32_t offset_of(char version, const char *footer, int64_t utc_s)
{
    static const int64_t changes[] = {-1000, 1000};
    static const int32_t offsets[] = {60, 120, 180};
    size_t size;
    const char *fault;
    void *bytes = zones_make(version, changes, offsets, 2, footer, &size);
    struct zone *zone = zones_read(bytes, size, &fault);
    cr_assert(zone != NULL, "version %c: %s", version, fault);
    int32_t offset_s = zone_offset_at(zone, utc_s);
    free(zone);
    free(bytes);
    return offset_s;
}

Test(zone, reads_every_version)
{
    for (const char *version = "0234"; *version != '\0'; version++) {
        const char *footer = *version == '0' ? NULL : "";
        cr_expect_eq(offset_of(*version, footer, INT64_MIN), 60);
        cr_expect_eq(offset_of(*version, footer, -1001), 60);
        cr_expect_eq(offset_of(*version, footer, -1000), 120);
        cr_expect_eq(offset_of(*version, footer, 999), 120);
        cr_expect_eq(offset_of(*version, footer, 1000), 180, "without a footer the last type goes on");
        cr_expect_eq(offset_of(*version, footer, INT64_MAX), 180);
    }
    cr_expect_eq(offset_of('2', "AAA-1", 999), 120);
    cr_expect_eq(offset_of('2', "AAA-1", 1000), 3600, "the footer holds from the last transition on");
    cr_expect_eq(offset_of('2', "AAA-1BBB,J100,J200", 1000), 3600);
    cr_expect_eq(offset_of('2', "AAA-1BBB,J100,J200", 150 * 86400), 7200);
}

/* The 32-bit block of a file says what its 64-bit block says, as far as it reaches. */
Test(zone, reads_version_1_alike)
{
    static const int64_t changes[] = {INT32_MIN, -5, INT32_MAX};
    static const int32_t offsets[] = {-4000, 5, -6, 7};
    size_t sizes[2];
    const char *fault;
    void *old = zones_make('0', changes, offsets, 3, NULL, &sizes[0]);
    void *new = zones_make('2', changes, offsets, 3, "", &sizes[1]);
    struct zone *first = zones_read(old, sizes[0], &fault), *second = zones_read(new, sizes[1], &fault);
    cr_assert(first != NULL && second != NULL);
    cr_assert_eq(memcmp(first, second, first->memory_bytes), 0);
    free(first);
    free(second);
    free(old);
    free(new);
}

/* Sets bytes of a good file and expects to read words with `says` in them. */
static void expect_refused(size_t place, uint8_t value, const char *says)
{
    static const int64_t changes[] = {-1000, 1000};
    static const int32_t offsets[] = {60, 120, 180};
    size_t size;
    const char *fault;
    uint8_t *bytes = zones_make('2', changes, offsets, 2, "AAA-1", &size);
    cr_assert_lt(place, size);
    bytes[place] = value;
    struct zone *zone = zones_read(bytes, size, &fault);
    cr_expect_null(zone, "byte %zu as %u was taken; expected: %s", place, value, says);
    cr_expect(zone != NULL || strstr(fault, says) != NULL, "byte %zu: %s; expected: %s", place, fault, says);
    free(zone);
    free(bytes);
}

Test(zone, names_what_is_wrong)
{
    enum { SECOND = 44 + 10, DATA = SECOND + 44, KINDS = DATA + 16, TYPES = KINDS + 2, FOOTER = TYPES + 18 + 4 };
    expect_refused(0, 'X', "does not begin with TZif");
    expect_refused(4, '1', "version is unknown");
    expect_refused(SECOND, 'X', "does not begin with TZif");
    expect_refused(SECOND + 20, 1, "cut off");
    expect_refused(SECOND + 23, 1, "no UT flags");
    expect_refused(SECOND + 27, 1, "standard time flags");
    expect_refused(SECOND + 39, 0, "no types");
    expect_refused(SECOND + 43, 0, "no abbreviations");
    expect_refused(SECOND + 32, 0xff, "cut off");
    expect_refused(DATA, 0x7f, "do not ascend");
    expect_refused(KINDS, 3, "transition's type");
    expect_refused(TYPES, 1, "offset");
    expect_refused(TYPES + 4, 2, "daylight flag");
    expect_refused(TYPES + 5, 4, "abbreviation");
    expect_refused(FOOTER, 'A', "footer");
    expect_refused(FOOTER + 1, '1', "footer");
    expect_refused(FOOTER + 6, ' ', "footer");

    const char *fault;
    cr_expect_null(zones_read("", 0, &fault));
    cr_expect_str_eq(fault, "the file is empty");
}

Test(zone, refuses_transitions_that_do_not_ascend)
{
    static const int64_t lists[][2] = {{5, 5}, {5, 4}, {0, INT64_MIN}, {5, INT64_MAX}};
    static const int32_t offsets[] = {0, 1, 2};
    for (size_t i = 0; i < 4; i++) {
        size_t size;
        const char *fault;
        void *bytes = zones_make('2', lists[i], offsets, 2, "", &size);
        cr_expect_null(zones_read(bytes, size, &fault));
        cr_expect_not_null(strstr(fault, i < 3 ? "do not ascend" : "end of time"), "%s", fault);
        free(bytes);
    }
}

Test(zone, refuses_too_little_memory)
{
    static const int32_t none = 0;
    size_t size;
    void *bytes = zones_make('2', NULL, &none, 0, "UTC0", &size);
    struct zone *zone = malloc(zone_memory_bytes(bytes, size));
    cr_expect_str_eq(zone_read(zone, zone_memory_bytes(bytes, size) - 1, bytes, size),
                     "there is less memory than the zone needs");
    cr_expect_null(zone_read(zone, zone_memory_bytes(bytes, size), bytes, size));
    free(zone);
    free(bytes);
}

/* ---- damage ---- */

Test(zone, refuses_files_cut_short)
{
    static const char *const names[] = {"Europe/Madrid", "Pacific/Apia", "Etc/UTC", "America/Nuuk"};
    free(zones_need().entries);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size;
        const char *fault;
        char *bytes = file_of(names[i], &size);
        for (size_t cut = 0; cut < size; cut++)
            cr_assert_null(zones_read(bytes, cut, &fault), "%s cut to %zu of %zu bytes was taken", names[i], cut, size);
        free(bytes);
    }
}

static void read_damaged(const char *bytes, size_t size, struct support_random *random)
{
    const char *fault;
    struct zone *zone = zones_read(bytes, size, &fault);
    if (zone != NULL) expect_sound_spans(zone, random);
    free(zone);
}

Test(zone, survives_every_flipped_bit)
{
    static const char *const names[] = {"Africa/Monrovia", "Etc/UTC", "Antarctica/Troll"};
    free(zones_need().entries);
    struct support_random random = support_random_from(4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size;
        char *bytes = file_of(names[i], &size);
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] ^= (char)(1 << bit % 8);
            read_damaged(bytes, size, &random);
            bytes[bit / 8] ^= (char)(1 << bit % 8);
        }
        free(bytes);
    }
}

Test(zone, survives_damage_of_any_file)
{
    struct zones zones = zones_need();
    struct support_random random = support_random_from(5);
    for (size_t i = 0; i < zones.count; i++) {
        size_t size;
        char *bytes = file_of(zones.entries[i].name, &size);
        for (int n = 0; n < 30; n++) {
            char *damaged = malloc(size);
            memcpy(damaged, bytes, size);
            for (uint64_t flips = 1 + support_below(&random, 4); flips > 0; flips--)
                damaged[support_below(&random, size)] = (char)support_next(&random);
            read_damaged(damaged, size - (support_chance(&random, 20) ? support_below(&random, size) : 0), &random);
            free(damaged);
        }
        free(bytes);
    }
    free(zones.entries);
}

Test(zone, refuses_leap_seconds)
{
    static const int32_t none = 0;
    size_t size, counts = 44 + 10 + 28, records = 44 + 10 + 44 + 10;
    const char *fault;
    char *bytes = zones_make('4', NULL, &none, 0, "UTC0", &size), *leaping = calloc(1, size + 12);
    memcpy(leaping, bytes, records);
    memcpy(leaping + records + 12, bytes + records, size - records);
    leaping[counts + 3] = 1;
    cr_assert_null(zones_read(leaping, size + 12, &fault));
    cr_assert_not_null(strstr(fault, "leap seconds"), "%s", fault);
    free(leaping);
    free(bytes);
}
