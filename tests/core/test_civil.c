/* Civil time, against the C library and against a slow search. Budget: 4 s. */
#include "engine/core/civil.h"
#include "engine/figaro.h"
#include "tests/core/zones.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* ---- the calendar ---- */

static void expect_same_date(int64_t day)
{
    time_t time = (time_t)(day * CIVIL_DAY_S);
    struct tm parts;
    cr_assert(gmtime_r(&time, &parts) != NULL);
    struct civil_date date = civil_date_of(day);
    cr_assert(civil_date_is_valid(date), "day %" PRId64, day);
    cr_assert(date.year == parts.tm_year + 1900 && date.month == parts.tm_mon + 1 && date.day == parts.tm_mday,
              "day %" PRId64 ": %d-%d-%d", day, date.year, date.month, date.day);
    cr_assert_eq(civil_days(date), day);
    cr_assert_eq(civil_days(date) * CIVIL_DAY_S, timegm(&parts));
    cr_assert_eq(civil_weekday(day), (parts.tm_wday + 6) % 7);
}

Test(civil, dates_are_those_of_libc)
{
    struct support_random random = support_random_from(6);
    for (int64_t day = FIG_TIME_MIN / CIVIL_DAY_S - 800; day < FIG_TIME_MAX / CIVIL_DAY_S + 800; day++)
        expect_same_date(day);
    int64_t first = civil_days((struct civil_date){CIVIL_YEAR_MIN, 1, 1});
    int64_t last = civil_days((struct civil_date){CIVIL_YEAR_MAX, 12, 31});
    expect_same_date(first);
    expect_same_date(last);
    for (int i = 0; i < 100000; i++) expect_same_date(support_between(&random, first, last));
    for (int i = 0; i < 100000; i++) expect_same_date(support_between(&random, -1000000, 1000000));
}

Test(civil, clocks_are_those_of_libc)
{
    struct support_random random = support_random_from(7);
    for (int i = 0; i < 100000; i++) {
        int64_t local_s = support_between(&random, 4 * FIG_TIME_MIN, 4 * FIG_TIME_MAX);
        time_t then = (time_t)local_s;
        struct tm parts;
        gmtime_r(&then, &parts);
        struct civil_time time = civil_time_of(local_s);
        cr_assert(civil_time_is_valid(time));
        cr_assert(time.hour == parts.tm_hour && time.minute == parts.tm_min && time.second == parts.tm_sec);
        cr_assert(time.date.day == parts.tm_mday);
        cr_assert_eq(civil_seconds(time), local_s);
    }
}

Test(civil, knows_what_a_date_is)
{
    static const struct civil_date valid[] = {{2024, 2, 29}, {2000, 2, 29}, {2026, 12, 31},
                                              {0, 2, 29},    {-4, 2, 29},   {1900, 2, 28}};
    static const struct civil_date invalid[] = {{2026, 2, 29}, {1900, 2, 29},   {2100, 2, 29},   {2026, 0, 1},
                                                {2026, 13, 1}, {2026, 1, 0},    {2026, 4, 31},   {2026, 1, 32},
                                                {-1, 2, 29},   {1000001, 1, 1}, {-1000001, 1, 1}};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) cr_expect(civil_date_is_valid(valid[i]));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) cr_expect_not(civil_date_is_valid(invalid[i]));
    cr_expect_not(civil_time_is_valid((struct civil_time){{2026, 1, 1}, 24, 0, 0}));
    cr_expect_not(civil_time_is_valid((struct civil_time){{2026, 1, 1}, 23, 60, 0}));
    cr_expect_not(civil_time_is_valid((struct civil_time){{2026, 1, 1}, 23, 59, 60}));
    cr_expect(civil_time_is_valid((struct civil_time){{2026, 1, 1}, 23, 59, 59}));
    cr_expect_not(civil_time_is_valid((struct civil_time){{2026, 2, 30}, 0, 0, 0}));
    cr_expect(civil_year_is_leap(2000) && !civil_year_is_leap(2100) && civil_year_is_leap(-400));
    cr_expect_eq(civil_month_days(2024, 2), 29);
    cr_expect_eq(civil_weekday(0), 3, "1970-01-01 was a Thursday");
    cr_expect_eq(civil_weekday(-1), 2);
    cr_expect_eq(civil_weekday(-4), 6);
}

/* ---- local time to instants, by a slow search ---- */

struct answer {
    enum civil_kind kind;
    int64_t first_s;
    int64_t second_s;
};

enum { REACH_S = 27 * 3600, STEP_S = 1200 };

/* The last second before local time jumps over local_s, by steps and then by halves. */
static int64_t before_jump(const struct zone *zone, int64_t local_s)
{
    int64_t low = local_s - REACH_S;
    while (low + STEP_S + zone_offset_at(zone, low + STEP_S) < local_s) low += STEP_S;
    for (int64_t step = STEP_S; step > 0; step = step > 1 ? (step + 1) / 2 : 0)
        if (low + step + zone_offset_at(zone, low + step) < local_s) low += step;
    return low;
}

/* Tries every offset that is in force within 27 hours; where none fits, takes that of before the jump. */
static struct answer by_search(const struct zone *zone, int64_t local_s)
{
    int64_t found[8];
    int count = 0;
    for (int64_t at_s = local_s - REACH_S; at_s <= local_s + REACH_S; at_s += STEP_S) {
        int64_t utc_s = local_s - zone_offset_at(zone, at_s);
        bool is_new = zone_offset_at(zone, utc_s) == local_s - utc_s;
        for (int i = 0; i < count; i++) is_new = is_new && found[i] != utc_s;
        if (is_new) found[count++] = utc_s;
    }
    cr_assert_leq(count, 2);
    if (count == 1) return (struct answer){CIVIL_PLAIN, found[0], found[0]};
    if (count == 2 && found[0] > found[1]) return (struct answer){CIVIL_FOLD, found[1], found[0]};
    if (count == 2) return (struct answer){CIVIL_FOLD, found[0], found[1]};
    int64_t utc_s = local_s - zone_offset_at(zone, before_jump(zone, local_s));
    return (struct answer){CIVIL_GAP, utc_s, utc_s};
}

static struct answer by_us(const struct zone *zone, int64_t local_s)
{
    struct answer answer;
    enum civil_kind again = civil_to_utc(zone, local_s, CIVIL_SECOND, &answer.second_s);
    answer.kind = civil_to_utc(zone, local_s, CIVIL_FIRST, &answer.first_s);
    cr_assert_eq(again, answer.kind);
    return answer;
}

static enum civil_kind expect_as_searched(const struct zone *zone, const char *name, int64_t local_s)
{
    struct answer ours = by_us(zone, local_s), theirs = by_search(zone, local_s);
    if (ours.kind != theirs.kind || ours.first_s != theirs.first_s || ours.second_s != theirs.second_s)
        cr_assert_fail("%s, local second %" PRId64 ": kind %d at %" PRId64 " and %" PRId64 "; by search %d at %" PRId64
                       " and %" PRId64,
                       name, local_s, (int)ours.kind, ours.first_s, ours.second_s, (int)theirs.kind, theirs.first_s,
                       theirs.second_s);
    return ours.kind;
}

/* Both edges of what is skipped or repeated, and its middle. */
static void expect_change_as_searched(const struct zone *zone, const char *name, int64_t change_s, size_t counts[3])
{
    int32_t before = zone_offset_at(zone, change_s - 1), after = zone_offset_at(zone, change_s);
    int64_t low = change_s + (before < after ? before : after);
    int64_t high = change_s + (before < after ? after : before);
    counts[expect_as_searched(zone, name, low - 1)]++;
    counts[expect_as_searched(zone, name, low)]++;
    counts[expect_as_searched(zone, name, low + (high - low) / 2)]++;
    counts[expect_as_searched(zone, name, high - 1)]++;
    counts[expect_as_searched(zone, name, high)]++;
}

Test(civil, every_gap_and_fold_is_as_searched)
{
    struct zones zones = zones_need();
    struct support_random random = support_random_from(8);
    size_t counts[3] = {0, 0, 0};
    for (size_t i = 0; i < zones.count; i++) {
        if (zones.entries[i].link) continue;
        const char *name = zones.entries[i].name;
        struct zone *zone = zones_load(name);
        struct zone_span span = zone_span_at(zone, 2 * FIG_TIME_MIN);
        for (int n = 0; span.end_s < FIG_TIME_MAX; n++, span = zone_span_at(zone, span.end_s)) {
            bool far = span.end_s > INT64_C(2177452800); /* 2039: the rule goes on and on */
            if (!far || n % 16 == 0) expect_change_as_searched(zone, name, span.end_s, counts);
        }
        for (int n = 0; n < 20; n++)
            expect_as_searched(zone, name, support_between(&random, FIG_TIME_MIN, FIG_TIME_MAX));
        free(zone);
    }
    free(zones.entries);
    cr_assert(counts[CIVIL_GAP] > 10000 && counts[CIVIL_FOLD] > 10000, "%zu gaps, %zu folds", counts[CIVIL_GAP],
              counts[CIVIL_FOLD]);
}

/* ---- days ---- */

static int64_t day_of(int year, int month, int day)
{
    return civil_days((struct civil_date){year, (uint8_t)month, (uint8_t)day});
}

static int64_t start_by_search(const struct zone *zone, int64_t day)
{
    struct answer midnight = by_search(zone, day * CIVIL_DAY_S);
    return midnight.kind == CIVIL_GAP ? before_jump(zone, day * CIVIL_DAY_S) + 1 : midnight.first_s;
}

static void expect_days_around(const struct zone *zone, const char *name, int64_t utc_s)
{
    int64_t middle = civil_day_at(zone, utc_s);
    for (int64_t day = middle - 2; day <= middle + 2; day++) {
        int64_t start_s, end_s;
        bool exists = civil_day_span(zone, day, &start_s, &end_s);
        if (start_s != start_by_search(zone, day) || end_s != civil_day_start(zone, day + 1))
            cr_assert_fail("%s, day %" PRId64 " is [%" PRId64 ", %" PRId64 ")", name, day, start_s, end_s);
        cr_assert_eq(exists, civil_day_exists(zone, day));
        cr_assert_eq(civil_day_length_s(zone, day), end_s - start_s);
        if (exists) cr_assert_eq(civil_day_at(zone, start_s), day, "%s, day %" PRId64, name, day);
        cr_assert(civil_next_day(zone, day) > day && civil_day_exists(zone, civil_next_day(zone, day)));
        if (exists) cr_assert_eq(civil_previous_day(zone, civil_next_day(zone, day)), day);
    }
}

Test(civil, days_around_every_change_are_as_searched)
{
    struct zones zones = zones_need();
    for (size_t i = 0; i < zones.count; i++) {
        if (zones.entries[i].link) continue;
        struct zone *zone = zones_load(zones.entries[i].name);
        struct zone_span span = zone_span_at(zone, 2 * FIG_TIME_MIN);
        for (int n = 0; span.end_s < FIG_TIME_MAX; n++, span = zone_span_at(zone, span.end_s))
            if (span.end_s < INT64_C(2177452800) || n % 16 == 0)
                expect_days_around(zone, zones.entries[i].name, span.end_s);
        free(zone);
    }
    free(zones.entries);
}

static void expect_day(const char *name, int64_t day, int32_t length_s, int32_t clock_s)
{
    struct zone *zone = zones_load(name);
    int64_t start_s = civil_day_start(zone, day);
    cr_expect_eq(civil_day_length_s(zone, day), length_s, "%s: %d s", name, civil_day_length_s(zone, day));
    cr_expect_eq(civil_local_at(zone, start_s) - day * CIVIL_DAY_S, clock_s, "%s begins at %" PRId64, name,
                 civil_local_at(zone, start_s) - day * CIVIL_DAY_S);
    free(zone);
}

Test(civil, odd_days_have_their_lengths)
{
    enum { H = 3600 };
    expect_day("Europe/Madrid", day_of(2024, 3, 1), 24 * H, 0);
    expect_day("Europe/Madrid", day_of(2024, 3, 31), 23 * H, 0);
    expect_day("Europe/Madrid", day_of(2024, 10, 27), 25 * H, 0);
    expect_day("America/New_York", day_of(2024, 3, 10), 23 * H, 0);
    expect_day("America/New_York", day_of(2024, 11, 3), 25 * H, 0);
    expect_day("Australia/Lord_Howe", day_of(2024, 10, 6), 23 * H + H / 2, 0);
    expect_day("Australia/Lord_Howe", day_of(2024, 4, 7), 24 * H + H / 2, 0);
    expect_day("Antarctica/Troll", day_of(2024, 3, 31), 22 * H, 0);
    expect_day("Africa/Casablanca", day_of(2024, 3, 10), 25 * H, 0);
    expect_day("Europe/Dublin", day_of(2024, 3, 31), 23 * H, 0);
    expect_day("America/Sao_Paulo", day_of(2018, 11, 4), 23 * H, H); /* 00:00 is skipped */
    expect_day("America/Sao_Paulo", day_of(2018, 2, 17), 25 * H, 0); /* 23:00 comes again */
    expect_day("America/Sao_Paulo", day_of(2018, 2, 18), 24 * H, 0);
    expect_day("America/Asuncion", day_of(2023, 10, 1), 23 * H, H);
    expect_day("Asia/Beirut", day_of(2022, 3, 27), 23 * H, H);
    expect_day("Africa/Cairo", day_of(2024, 4, 26), 23 * H, H);
    expect_day("America/Havana", day_of(2024, 11, 3), 25 * H, 0);              /* 00:00 comes again */
    expect_day("America/Toronto", day_of(1919, 3, 30), 23 * H + H / 2, 0);     /* 23:30 is ... */
    expect_day("America/Toronto", day_of(1919, 3, 31), 23 * H + H / 2, H / 2); /* ... 00:30 */
    expect_day("America/St_Johns", day_of(1987, 10, 24), 24 * H, 0);           /* 00:01 of the 25th is 23:01, ... */
    expect_day("America/St_Johns", day_of(1987, 10, 25), 25 * H, 0);           /* ... which counts to the 25th */
    expect_day("America/Nuuk", day_of(2024, 3, 30), 23 * H, 0);                /* 23:00 is 24:00 */
    expect_day("America/Nuuk", day_of(2024, 3, 31), 24 * H, 0);
    expect_day("Pacific/Apia", day_of(2011, 12, 29), 24 * H, 0);
    expect_day("Pacific/Apia", day_of(2011, 12, 31), 24 * H, 0);
}

static void expect_skipped(const char *name, int64_t day)
{
    struct zone *zone = zones_load(name);
    int64_t start_s, end_s;
    cr_expect_not(civil_day_span(zone, day, &start_s, &end_s), "%s", name);
    cr_expect_eq(start_s, end_s);
    cr_expect_eq(civil_day_length_s(zone, day), 0);
    cr_expect_eq(civil_next_day(zone, day - 1), day + 1);
    cr_expect_eq(civil_previous_day(zone, day + 1), day - 1);
    cr_expect_eq(civil_day_at(zone, start_s), day + 1);
    cr_expect_eq(civil_day_at(zone, start_s - 1), day - 1);
    free(zone);
}

Test(civil, some_days_never_were)
{
    expect_skipped("Pacific/Apia", day_of(2011, 12, 30));
    expect_skipped("Pacific/Fakaofo", day_of(2011, 12, 30));
    expect_skipped("Pacific/Kwajalein", day_of(1993, 8, 21));
    expect_skipped("Pacific/Kiritimati", day_of(1994, 12, 31));
    expect_skipped("Asia/Manila", day_of(1844, 12, 31));
}

/* ---- the promises, by example ---- */

static int64_t local(int64_t day, int hour, int minute) { return day * CIVIL_DAY_S + hour * 3600 + minute * 60; }

Test(civil, gaps_take_the_offset_before_and_folds_the_first)
{
    struct zone *madrid = zones_load("Europe/Madrid");
    int64_t spring = day_of(2024, 3, 31), autumn = day_of(2024, 10, 27), utc_s = 0;

    cr_expect_eq(civil_to_utc(madrid, local(spring, 1, 59), CIVIL_FIRST, &utc_s), CIVIL_PLAIN);
    cr_expect_eq(utc_s, local(spring, 0, 59));
    cr_expect_eq(civil_to_utc(madrid, local(spring, 2, 30), CIVIL_FIRST, &utc_s), CIVIL_GAP);
    cr_expect_eq(utc_s, local(spring, 1, 30), "02:30 by the winter's offset, which is 03:30 of the summer's");
    cr_expect_eq(civil_to_utc(madrid, local(spring, 2, 30), CIVIL_SECOND, &utc_s), CIVIL_GAP);
    cr_expect_eq(utc_s, local(spring, 1, 30), "a gap knows no second time");
    cr_expect_eq(civil_to_utc(madrid, local(spring, 3, 0), CIVIL_FIRST, &utc_s), CIVIL_PLAIN);
    cr_expect_eq(utc_s, local(spring, 1, 0));

    cr_expect_eq(civil_to_utc(madrid, local(autumn, 2, 30), CIVIL_FIRST, &utc_s), CIVIL_FOLD);
    cr_expect_eq(utc_s, local(autumn, 0, 30));
    cr_expect_eq(civil_to_utc(madrid, local(autumn, 2, 30), CIVIL_SECOND, &utc_s), CIVIL_FOLD);
    cr_expect_eq(utc_s, local(autumn, 1, 30));
    cr_expect_eq(civil_to_utc(madrid, local(autumn, 3, 0), CIVIL_SECOND, &utc_s), CIVIL_PLAIN);
    cr_expect_eq(utc_s, local(autumn, 2, 0));
    free(madrid);
}

/* The seed app put local wall time beside UTC rows: a booking of 10:00 in New York blocked 15:00. */
Test(civil, ten_in_new_york_is_not_ten_in_utc)
{
    struct zone *new_york = zones_load("America/New_York");
    int64_t winter = day_of(2024, 1, 15), summer = day_of(2024, 7, 15), utc_s = 0;
    civil_to_utc(new_york, local(winter, 10, 0), CIVIL_FIRST, &utc_s);
    cr_expect_eq(utc_s, local(winter, 15, 0));
    civil_to_utc(new_york, local(summer, 21, 0), CIVIL_FIRST, &utc_s);
    cr_expect_eq(utc_s, local(summer + 1, 1, 0));
    cr_expect_eq(civil_day_at(new_york, utc_s), summer, "21:00 is still that date there");
    cr_expect_eq(civil_local_at(new_york, utc_s), local(summer, 21, 0));
    free(new_york);
}

/* Where the whole of a skipped day is a gap, its times are taken by the old side's offset: a day on. */
Test(civil, times_of_a_skipped_day_are_in_a_gap)
{
    struct zone *apia = zones_load("Pacific/Apia");
    int64_t skipped = day_of(2011, 12, 30), utc_s = 0;
    cr_expect_eq(civil_to_utc(apia, local(skipped, 9, 0), CIVIL_FIRST, &utc_s), CIVIL_GAP);
    cr_expect_eq(civil_local_at(apia, utc_s), local(skipped + 1, 9, 0));
    free(apia);
}

Test(civil, days_tile_a_hundred_years)
{
    static const char *const names[] = {"Europe/Madrid", "Pacific/Apia", "America/Sao_Paulo", "UTC",
                                        "Africa/Casablanca"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *zone = zones_load(names[i]);
        int64_t day = day_of(1925, 1, 1), last = day_of(2025, 1, 1), end_s = civil_day_start(zone, day);
        size_t skipped = 0;
        for (; day < last; day++) {
            int64_t start_s, before_s = end_s;
            skipped += !civil_day_span(zone, day, &start_s, &end_s);
            cr_assert_eq(start_s, before_s);
        }
        cr_assert_eq(skipped, (size_t)(i == 1));
        free(zone);
    }
}

/* Zones that no one lives in: changes seconds apart, back and forth by more than a day. */
Test(civil, made_up_zones_are_as_searched)
{
    struct support_random random = support_random_from(9);
    for (int n = 0; n < 200; n++) {
        int64_t changes[6], at_s = support_between(&random, -1000000, 1000000);
        int32_t offsets[7];
        const char *fault;
        size_t size;
        for (int i = 0; i < 7; i++) {
            if (i < 6) changes[i] = at_s += support_between(&random, 3 * REACH_S, 4 * REACH_S);
            offsets[i] = (int32_t)support_between(&random, ZONE_OFFSET_MIN_S, ZONE_OFFSET_MAX_S);
        }
        void *bytes = zones_make('2', changes, offsets, 6, "", &size);
        struct zone *zone = zones_read(bytes, size, &fault);
        cr_assert(zone != NULL, "%s", fault);
        for (int i = 0; i < 6; i++) {
            size_t counts[3];
            expect_change_as_searched(zone, "made up", changes[i], counts);
        }
        for (int i = 0; i < 20; i++)
            expect_as_searched(zone, "made up", support_between(&random, changes[0] - REACH_S, changes[5] + REACH_S));
        free(zone);
        free(bytes);
    }
}

/* Whatever the zone, an instant that is found for a local time that happens has that local time. */
Test(civil, crowded_changes_do_no_harm)
{
    struct support_random random = support_random_from(10);
    for (int n = 0; n < 200; n++) {
        int64_t changes[200], at_s = 0;
        int32_t offsets[201];
        const char *fault;
        size_t size;
        for (int i = 0; i < 201; i++) {
            if (i < 200) changes[i] = at_s += support_between(&random, 1, 5000);
            offsets[i] = (int32_t)support_between(&random, ZONE_OFFSET_MIN_S, ZONE_OFFSET_MAX_S);
        }
        void *bytes = zones_make('2', changes, offsets, 200, n % 2 == 0 ? "AAA0BBB,J1/-167,J1/167" : "", &size);
        struct zone *zone = zones_read(bytes, size, &fault);
        cr_assert(zone != NULL, "%s", fault);
        for (int i = 0; i < 100; i++) {
            int64_t local_s = support_between(&random, -REACH_S, at_s + REACH_S);
            struct answer answer = by_us(zone, local_s);
            bool first = civil_local_at(zone, answer.first_s) == local_s;
            cr_assert_eq(first, answer.kind != CIVIL_GAP);
            cr_assert_eq(answer.first_s < answer.second_s, answer.kind == CIVIL_FOLD);
            if (first) cr_assert_eq(civil_local_at(zone, answer.second_s), local_s);
        }
        free(zone);
        free(bytes);
    }
}
