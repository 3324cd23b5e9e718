/* Open time and grids, against windows written out one by one, and the days on which clocks change. Budget: 4 s. */
#include "engine/core/open_time.h"
#include "tests/core/salon.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define HOUR_S 3600
#define DAY_S  CIVIL_DAY_S

/* ---- against plain definitions ---- */

static struct plain plain;

/* An instant of the days that the plain definitions know of. */
struct stretch {
    int64_t from_s;
    int64_t to_s;
    int64_t known_to_s;
};

static void expect_run(const struct opening *opening, int64_t at_s, const struct stretch *stretch)
{
    struct open_run run = open_run_at(opening, at_s);
    SALON_CHECK(run.open == plain_is_open(&plain, at_s), "open at %" PRId64 "?", at_s);
    SALON_CHECK(run.until_s > at_s, "the run at %" PRId64 " ends at %" PRId64, at_s, run.until_s);
    int64_t change_s = plain_change(&plain, at_s);
    SALON_CHECK(change_s >= run.until_s || change_s >= stretch->known_to_s,
                "it changes at %" PRId64 ", before the end of the run %" PRId64 " to %" PRId64, change_s, at_s,
                run.until_s);
}

static void expect_runs(const struct opening *opening, const struct stretch *stretch)
{
    for (int64_t at_s = stretch->from_s; at_s < stretch->to_s; at_s = open_run_at(opening, at_s).until_s)
        expect_run(opening, at_s, stretch);
    for (size_t i = 0; i < plain.change_count; i++) {
        int64_t at_s = plain.changes[i];
        if (at_s - 1 < stretch->from_s || at_s + 1 >= stretch->to_s) continue;
        expect_run(opening, at_s - 1, stretch);
        expect_run(opening, at_s, stretch);
        expect_run(opening, at_s + 1, stretch);
    }
}

static void expect_minutes(const struct opening *opening, const struct stretch *stretch)
{
    for (int64_t at_s = stretch->from_s; at_s < stretch->to_s; at_s += 60)
        SALON_CHECK(open_time_covers(opening, at_s, at_s + 1) == plain_is_open(&plain, at_s), "open at %" PRId64 "?",
                    at_s);
}

/* The next open span by plain definitions. */
static bool plain_next(int64_t from_s, int64_t to_s, struct open_span *span)
{
    span->start_s = plain_is_open(&plain, from_s) ? from_s : plain_change(&plain, from_s);
    if (span->start_s >= to_s) return false;
    int64_t end_s = plain_change(&plain, span->start_s);
    span->end_s = end_s < to_s ? end_s : to_s;
    return true;
}

static void expect_spans(const struct opening *opening, int64_t from_s, int64_t to_s)
{
    struct open_span is, ought, last = {0, 0};
    bool any = false;
    for (int64_t at_s = from_s; plain_next(at_s, to_s, &ought); at_s = ought.end_s) {
        SALON_CHECK(open_time_next(opening, at_s, to_s, &is), "from %" PRId64, at_s);
        SALON_CHECK(is.start_s == ought.start_s && is.end_s == ought.end_s,
                    "from %" PRId64 ": %" PRId64 " to %" PRId64 ", not %" PRId64 " to %" PRId64, at_s, is.start_s,
                    is.end_s, ought.start_s, ought.end_s);
        any = true;
        last = ought;
    }
    SALON_CHECK(!open_time_next(opening, any ? last.end_s : from_s, to_s, &is), "to %" PRId64, to_s);
    SALON_CHECK(open_time_last(opening, from_s, to_s, INT64_MAX, &is) == any, "to %" PRId64, to_s);
    if (!any) return;
    SALON_CHECK(is.start_s == last.start_s && is.end_s == last.end_s, "to %" PRId64, to_s);
    SALON_CHECK(open_time_last(opening, from_s, to_s, 1800, &is) && is.end_s == last.end_s, "to %" PRId64, to_s);
    SALON_CHECK(is.start_s == last.start_s || (is.start_s > last.start_s && is.end_s - is.start_s >= 1800),
                "to %" PRId64, to_s);
}

static void expect_covers(const struct opening *opening, struct support_random *random, const struct stretch *stretch)
{
    struct open_walk walk = {.opening = opening};
    int64_t start_s = stretch->from_s;
    while (start_s < stretch->to_s) {
        int64_t end_s = start_s + 1 + (int64_t)support_below(random, 20000), resume_s = start_s;
        bool ought = plain_covers(&plain, start_s, end_s);
        SALON_CHECK(open_time_covers(opening, start_s, end_s) == ought, "%" PRId64 " to %" PRId64, start_s, end_s);
        bool is = open_walk_covers(&walk, start_s, end_s, &resume_s);
        SALON_CHECK(is == ought, "%" PRId64 " to %" PRId64, start_s, end_s);
        if (!ought)
            SALON_CHECK(resume_s > start_s && (resume_s >= stretch->known_to_s || !plain_is_open(&plain, resume_s - 1)),
                        "%" PRId64, start_s);
        start_s += 1 + (int64_t)support_below(random, 9000);
    }
}

static void expect_grid(const struct opening *opening, int64_t day)
{
    static int64_t starts[20000];
    size_t count = plain_grid(&plain, day, grid_step_s(opening), starts, sizeof starts / sizeof starts[0]);
    int64_t from_s = day * DAY_S - 3 * DAY_S, start_s;
    for (size_t i = 0; i < count; i++) {
        SALON_CHECK(grid_next(opening, day, from_s, &start_s), "day %" PRId64, day);
        SALON_CHECK(start_s == starts[i], "day %" PRId64 " has %" PRId64 ", not %" PRId64, day, start_s, starts[i]);
        SALON_CHECK(grid_next(opening, day, starts[i], &start_s) && start_s == starts[i], "day %" PRId64, day);
        from_s = starts[i] + 1;
    }
    SALON_CHECK(!grid_next(opening, day, from_s, &start_s), "day %" PRId64, day);
}

static void expect_salon(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct salon *salon = salon_open();
    struct opening opening;
    int64_t near_s;
    const char *zone = salon_random_zone(&random, &near_s);
    int64_t day = civil_day_at(salon_zone(salon, zone), near_s) + support_between(&random, -1, 1);
    struct barber *barber = salon_random_barber(salon, &random, 7, zone, day);
    cr_assert(opening_of(&salon->version, barber, &opening));
    struct stretch stretch = {(day - 3) * DAY_S, (day + 4) * DAY_S, (day + 9) * DAY_S};
    plain_of(&plain, &opening, day - 9, day + 12);
    expect_runs(&opening, &stretch);
    if (seed % 8 == 0) expect_minutes(&opening, &stretch);
    for (int i = 0; i < 3; i++) {
        int64_t from_s = support_between(&random, stretch.from_s, stretch.to_s);
        expect_spans(&opening, from_s, support_between(&random, from_s + 1, stretch.known_to_s));
    }
    if (plain.change_count > 0) { /* the stretches of a search backwards begin where open time does */
        int64_t change_s = plain.changes[support_below(&random, plain.change_count)];
        if (change_s > stretch.from_s && change_s < stretch.to_s)
            expect_spans(&opening, stretch.from_s, change_s + (support_chance(&random, 50) ? 1 : 3) * DAY_S);
    }
    expect_covers(&opening, &random, &stretch);
    for (int64_t date = day - 2; date <= day + 2; date++) expect_grid(&opening, date);
    salon_close(salon);
}

static void expect_salons(unsigned part)
{
    struct support_seeds seeds = support_seeds_of(part, 2);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        salon_seed = seed;
        expect_salon(seed);
    }
}

Test(open_time, is_what_windows_written_out_say_1, .timeout = 120) { expect_salons(0); }
Test(open_time, is_what_windows_written_out_say_2, .timeout = 120) { expect_salons(1); }

/* ---- days that are told ---- */

/* A barber with hours, of a shop in a zone, and what was declared for it. */
struct told {
    struct salon *salon;
    struct barber *barber;
    struct schedule *own;
    struct schedule *shops;
    struct opening opening;
};

static struct told told_of(const char *zone)
{
    struct told told = {.salon = salon_open()};
    salon_zone(told.salon, zone);
    salon_shop(told.salon, 1, zone);
    told.barber = salon_barber(told.salon, 1, 1, "", FIG_OPEN_HOURS);
    told.own = salon_schedule(told.salon, DOCUMENT_BARBER_SCHEDULE, 1);
    told.shops = salon_schedule(told.salon, DOCUMENT_SHOP_SCHEDULE, 1);
    told.shops->is.grid_s = HOUR_S;
    cr_assert(opening_of(&told.salon->version, told.barber, &told.opening));
    return told;
}

static int64_t day_of(int32_t year, int month, int day)
{
    return civil_days((struct civil_date){year, (uint8_t)month, (uint8_t)day});
}

static int64_t utc(int32_t year, int month, int day, int hour, int minute)
{
    return day_of(year, month, day) * DAY_S + hour * HOUR_S + minute * 60;
}

static void every_day(struct schedule *schedule, uint32_t start_s, uint32_t end_s)
{
    for (int weekday = 0; weekday < 7; weekday++) salon_weekly(schedule, weekday, start_s, end_s);
}

static void expect_open(const struct told *told, int64_t from_s, int64_t to_s, int64_t start_s, int64_t end_s)
{
    struct open_span span;
    cr_assert(open_time_next(&told->opening, from_s, to_s, &span));
    cr_assert(span.start_s == start_s && span.end_s == end_s, "%" PRId64 " to %" PRId64 ", not %" PRId64 " to %" PRId64,
              span.start_s, span.end_s, start_s, end_s);
}

static void expect_starts(const struct told *told, int64_t day, const int64_t *starts, size_t count)
{
    int64_t from_s = FIG_TIME_MIN, start_s;
    for (size_t i = 0; i < count; i++, from_s = start_s + 1) {
        cr_assert(grid_next(&told->opening, day, from_s, &start_s), "start %zu", i);
        cr_assert_eq(start_s, starts[i], "%" PRId64 ", not %" PRId64, start_s, starts[i]);
    }
    cr_assert_not(grid_next(&told->opening, day, from_s, &start_s));
    cr_assert_not(grid_next(&told->opening, day, INT64_MAX, &start_s));
}

Test(open_time, a_spring_day_has_23_hours)
{
    struct told told = told_of("Europe/Madrid");
    every_day(told.own, 0, 86400);
    int64_t day = day_of(2026, 3, 29), start_s = utc(2026, 3, 28, 23, 0);
    int64_t starts[23];
    for (int i = 0; i < 23; i++) starts[i] = start_s + i * HOUR_S;
    expect_starts(&told, day, starts, 23);
    expect_open(&told, start_s, start_s + 30 * DAY_S, start_s, start_s + 30 * DAY_S);
    salon_close(told.salon);
}

Test(open_time, a_window_in_the_hour_that_is_skipped_is_an_hour_later)
{
    struct told told = told_of("Europe/Madrid");
    salon_weekly(told.own, 6, 2 * HOUR_S + 1800, 4 * HOUR_S); /* 02:30 means what 03:30 does */
    expect_open(&told, utc(2026, 3, 29, 0, 0), utc(2026, 3, 30, 0, 0), utc(2026, 3, 29, 1, 30), utc(2026, 3, 29, 2, 0));
    told.own->is.weekly_count = 0;
    salon_weekly(told.own, 6, 2 * HOUR_S + 1800, 3 * HOUR_S); /* ends before it begins, then */
    struct open_span span;
    cr_assert_not(open_time_next(&told.opening, utc(2026, 3, 28, 0, 0), utc(2026, 4, 4, 0, 0), &span));
    expect_starts(&told, day_of(2026, 3, 29), NULL, 0);
    int64_t next_sunday[] = {utc(2026, 4, 5, 0, 30)};
    expect_starts(&told, day_of(2026, 4, 5), next_sunday, 1);
    salon_close(told.salon);
}

Test(open_time, an_autumn_day_has_25_hours)
{
    struct told told = told_of("Europe/Madrid");
    salon_weekly(told.own, 6, HOUR_S, 4 * HOUR_S); /* 01:00 to 04:00, with 02:00 twice */
    int64_t start_s = utc(2026, 10, 24, 23, 0);
    int64_t starts[] = {start_s, start_s + HOUR_S, start_s + 2 * HOUR_S, start_s + 3 * HOUR_S};
    expect_open(&told, start_s - DAY_S, start_s + DAY_S, start_s, start_s + 4 * HOUR_S);
    expect_starts(&told, day_of(2026, 10, 25), starts, 4);
    salon_close(told.salon);
}

Test(open_time, clocks_of_lord_howe_change_by_half_an_hour)
{
    struct told told = told_of("Australia/Lord_Howe");
    every_day(told.own, HOUR_S, 3 * HOUR_S);
    /* 2026-04-05 02:00+11:00 becomes 01:30+10:30; 2026-10-04 02:00+10:30 becomes 02:30+11:00. */
    int64_t autumn_s = utc(2026, 4, 4, 14, 0), spring_s = utc(2026, 10, 3, 14, 30);
    int64_t starts[] = {autumn_s, autumn_s + HOUR_S, autumn_s + 2 * HOUR_S};
    expect_open(&told, autumn_s - HOUR_S, autumn_s + HOUR_S * 12, autumn_s, autumn_s + 9000);
    expect_open(&told, spring_s - HOUR_S, spring_s + HOUR_S * 12, spring_s, spring_s + 5400);
    expect_starts(&told, day_of(2026, 4, 5), starts, 3);
    expect_starts(&told, day_of(2026, 10, 4), (int64_t[]){spring_s, spring_s + HOUR_S}, 2);
    salon_close(told.salon);
}

Test(open_time, apia_had_no_30_december_2011)
{
    struct told told = told_of("Pacific/Apia");
    every_day(told.own, 9 * HOUR_S, 11 * HOUR_S);
    int64_t thursday_s = utc(2011, 12, 29, 19, 0), saturday_s = utc(2011, 12, 30, 19, 0);
    expect_open(&told, thursday_s + 2 * HOUR_S, saturday_s + DAY_S, saturday_s, saturday_s + 2 * HOUR_S);
    expect_starts(&told, day_of(2011, 12, 29), (int64_t[]){thursday_s, thursday_s + HOUR_S}, 2);
    expect_starts(&told, day_of(2011, 12, 30), NULL, 0);
    expect_starts(&told, day_of(2011, 12, 31), (int64_t[]){saturday_s, saturday_s + HOUR_S}, 2);
    salon_close(told.salon);
}

Test(open_time, time_off_cuts_yesterdays_night_shift)
{
    struct told told = told_of("UTC");
    salon_weekly(told.own, 4, 22 * HOUR_S, 6 * HOUR_S); /* Friday to Saturday */
    int32_t saturday = (int32_t)day_of(2026, 12, 5);
    salon_cut(told.own,
              (fig_cut){.from_day = saturday, .to_day = saturday, .start_s = 2 * HOUR_S, .end_s = 4 * HOUR_S});
    int64_t friday_s = utc(2026, 12, 4, 0, 0);
    expect_open(&told, friday_s, friday_s + 2 * DAY_S, friday_s + 22 * HOUR_S, friday_s + 26 * HOUR_S);
    expect_open(&told, friday_s + 26 * HOUR_S, friday_s + 2 * DAY_S, friday_s + 28 * HOUR_S, friday_s + 30 * HOUR_S);
    int64_t starts[8];
    for (int i = 0; i < 8; i++) starts[i] = friday_s + (22 + i) * HOUR_S;
    expect_starts(&told, saturday - 1, starts, 8); /* they are Friday's, and what was cut keeps the grid */
    expect_starts(&told, saturday, NULL, 0);
    told.own->is.cuts[0].state = FIG_CUT_REQUESTED;
    expect_open(&told, friday_s, friday_s + 2 * DAY_S, friday_s + 22 * HOUR_S, friday_s + 30 * HOUR_S);
    salon_close(told.salon);
}

Test(open_time, closing_a_piece_keeps_the_grid)
{
    struct told told = told_of("UTC");
    int64_t day = day_of(2026, 12, 6), ten_s = day * DAY_S + 10 * HOUR_S;
    salon_window(told.salon, told.barber, FIG_WINDOW_AVAILABLE, ten_s, ten_s + 1800, ten_s);
    salon_window(told.salon, told.barber, FIG_WINDOW_AVAILABLE, ten_s + 5400, ten_s + 4 * HOUR_S, ten_s);
    expect_starts(&told, day, (int64_t[]){ten_s, ten_s + 2 * HOUR_S, ten_s + 3 * HOUR_S}, 3);
    /* Of a window that goes on for days only a piece is left, on a later date. */
    salon_window(told.salon, told.barber, FIG_WINDOW_AVAILABLE, ten_s + 30 * DAY_S, ten_s + 30 * DAY_S + HOUR_S,
                 ten_s + 1);
    int64_t piece_s = ten_s + 30 * DAY_S + 1;
    expect_starts(&told, day, (int64_t[]){ten_s, ten_s + 2 * HOUR_S, ten_s + 3 * HOUR_S, piece_s}, 4);
    expect_starts(&told, day + 30, NULL, 0);
    salon_close(told.salon);
}

Test(open_time, a_yearly_cut_reaches_over_new_year_and_29_february_is_rare)
{
    struct told told = told_of("UTC");
    every_day(told.own, 0, 0); /* from midnight to midnight */
    salon_cut(told.own, (fig_cut){.yearly = true,
                                  .whole_days = true,
                                  .from_day = (int32_t)day_of(2020, 12, 30),
                                  .to_day = (int32_t)day_of(2020, 1, 2)});
    salon_cut(told.own, (fig_cut){.yearly = true,
                                  .whole_days = true,
                                  .from_day = (int32_t)day_of(2020, 2, 29),
                                  .to_day = (int32_t)day_of(2020, 2, 29)});
    int64_t from_s = utc(2026, 12, 30, 0, 0), to_s = utc(2029, 1, 1, 0, 0);
    expect_open(&told, from_s, to_s, utc(2027, 1, 3, 0, 0), utc(2027, 12, 30, 0, 0));
    expect_open(&told, utc(2027, 12, 31, 0, 0), to_s, utc(2028, 1, 3, 0, 0), utc(2028, 2, 29, 0, 0));
    expect_open(&told, utc(2028, 2, 29, 0, 0), to_s, utc(2028, 3, 1, 0, 0), utc(2028, 12, 30, 0, 0));
    salon_close(told.salon);
}

Test(open_time, the_shops_hours_open_nobody_and_clip_where_it_says_so)
{
    struct told told = told_of("UTC");
    int64_t monday_s = utc(2026, 11, 30, 0, 0);
    struct open_span span;
    salon_weekly(told.shops, 0, 9 * HOUR_S, 17 * HOUR_S);
    cr_assert_not(open_time_next(&told.opening, monday_s, monday_s + 7 * DAY_S, &span));
    salon_weekly(told.own, 0, 8 * HOUR_S, 12 * HOUR_S);
    expect_open(&told, monday_s, monday_s + DAY_S, monday_s + 8 * HOUR_S, monday_s + 12 * HOUR_S);
    told.shops->is.clip_to_hours = true;
    expect_open(&told, monday_s, monday_s + DAY_S, monday_s + 9 * HOUR_S, monday_s + 12 * HOUR_S);
    told.opening.always = true;
    expect_open(&told, monday_s, monday_s + DAY_S, monday_s, monday_s + DAY_S);
    salon_close(told.salon);
}

Test(open_time, a_missing_zone_matters_only_where_clocks_do)
{
    struct salon *salon = salon_open();
    struct opening opening;
    salon_shop(salon, 1, "Not/Known");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_HOURS);
    salon_window(salon, barber, FIG_WINDOW_AVAILABLE, 1000, 5000, 1000);
    struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, 1);
    struct schedule *shops = salon_schedule(salon, DOCUMENT_SHOP_SCHEDULE, 1);
    salon_weekly(shops, 0, 0, 0);
    cr_assert(opening_of(&salon->version, barber, &opening) && opening.zone == NULL);
    cr_assert(open_time_covers(&opening, 1000, 5000) && !open_time_covers(&opening, 999, 1001));
    shops->is.clip_to_hours = true;
    cr_assert_not(opening_of(&salon->version, barber, &opening));
    shops->is.clip_to_hours = false;
    salon_cut(own, (fig_cut){.state = FIG_CUT_REQUESTED, .whole_days = true});
    cr_assert(opening_of(&salon->version, barber, &opening));
    own->is.cuts[0].state = FIG_CUT_APPROVED;
    cr_assert_not(opening_of(&salon->version, barber, &opening));
    own->is.cut_count = 0;
    salon_weekly(own, 0, 0, 0);
    cr_assert_not(opening_of(&salon->version, barber, &opening));
    salon_close(salon);
}
