/* What the bench draws: the same from the same seed, in the shape it says, and an auditor that misses nothing. */
#include "bench/load/audit.h"
#include "bench/load/cache.h"
#include "bench/load/truth.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct town small = {.seed = 7, .rows = 20000, .barbers = 20};

static size_t walk(const struct town *town, struct town_appointment *rows)
{
    struct town_walk walking;
    size_t count = 0;
    town_begin(&walking, town);
    while (town_next(&walking, &rows[count])) count++;
    return count;
}

Test(bench_load, town_is_the_same_from_the_same_seed_alone)
{
    struct town other = small;
    struct town_appointment *one = calloc(small.rows + 1, sizeof *one), *two = calloc(small.rows + 1, sizeof *two);
    cr_assert_eq(walk(&small, one), small.rows);
    cr_assert_eq(walk(&small, two), small.rows);
    for (size_t i = 0; i < small.rows; i++) {
        cr_assert_eq(one[i].id, i + 1);
        cr_assert_eq(one[i].barber_id, two[i].barber_id);
        cr_assert_eq(one[i].start_s, two[i].start_s);
        cr_assert_eq(one[i].end_s, two[i].end_s);
        cr_assert_eq(one[i].booked_s, two[i].booked_s);
        cr_assert_eq(one[i].active, two[i].active);
    }
    other.seed++;
    cr_assert_eq(walk(&other, two), small.rows);
    size_t same = 0;
    for (size_t i = 0; i < small.rows; i++) same += one[i].start_s == two[i].start_s;
    cr_assert_lt(same, small.rows / 2);
    free(one);
    free(two);
}

Test(bench_load, town_has_the_offices_shape)
{
    struct town_appointment *rows = calloc(small.rows + 1, sizeof *rows);
    cr_assert_eq(walk(&small, rows), small.rows);
    size_t cancelled = 0, short_ones = 0, over_an_hour = 0, within_a_day = 0;
    for (size_t i = 0; i < small.rows; i++) {
        int64_t clock_s = rows[i].start_s % TOWN_DAY_S, length_s = rows[i].end_s - rows[i].start_s;
        cr_assert_geq(clock_s, TOWN_OPENS_S);
        cr_assert_leq(clock_s + length_s, TOWN_CLOSES_S);
        cr_assert_eq(rows[i].start_s % 300, 0);
        cr_assert_geq(rows[i].barber_id, 1);
        cr_assert_leq(rows[i].barber_id, small.barbers);
        cancelled += !rows[i].active;
        short_ones += length_s == 300;
        over_an_hour += length_s > 3600;
        within_a_day += rows[i].start_s - rows[i].booked_s <= 24 * 3600;
    }
    /* 52 % were cancelled, 58 % took five minutes, 0.7 % over an hour, 28 % were booked within a day. */
    cr_expect(fabs((double)cancelled / small.rows - 0.52) <= 0.03);
    cr_expect(fabs((double)short_ones / small.rows - 0.58) <= 0.03);
    cr_expect(fabs((double)over_an_hour / small.rows - 0.0071) <= 0.004);
    cr_expect(fabs((double)within_a_day / small.rows - 0.28) <= 0.04);
    free(rows);
}

/* Each layer by itself: those who came, and those who cancelled. */
Test(bench_load, layers_of_a_town_never_overlap)
{
    struct town_walk walking;
    struct town_appointment row;
    for (int active = 0; active < 2; active++) {
        struct audit audit = {0};
        town_begin(&walking, &small);
        while (town_next(&walking, &row))
            if (row.active == active) audit_add(&audit, row.barber_id, row.start_s, row.end_s);
        struct audit_result found = audit_count(&audit);
        cr_assert_gt(found.active, small.rows / 3);
        cr_assert_eq(found.double_bookings, 0);
        cr_assert_not(audit.failed);
        audit_free(&audit);
    }
}

static bool taken_naively(const struct town *town, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    struct town_walk walking;
    struct town_appointment row;
    town_begin(&walking, town);
    while (town_next(&walking, &row))
        if (row.active && row.barber_id == barber_id && row.start_s < end_s && start_s < row.end_s) return true;
    return false;
}

Test(bench_load, truth_is_what_a_walk_over_all_rows_says)
{
    static const struct town town = {.seed = 3, .rows = 3000, .barbers = 3};
    struct truth truth;
    struct draw draw = {11};
    size_t taken = 0;
    cr_assert(truth_make(&truth, &town));
    for (int i = 0; i < 2000; i++) {
        struct request request = truth_draw(&truth, &draw);
        bool expected = taken_naively(&town, request.barber_id, request.start_s, request.end_s);
        cr_assert_eq(truth_taken(&truth, request.barber_id, request.start_s, request.end_s), expected);
        cr_assert_eq(request.start_s / TOWN_DAY_S, request.day);
        taken += expected;
    }
    cr_assert(taken > 200 && taken < 1800, "%zu of 2000 are taken: both answers should be asked for", taken);
    truth_free(&truth);
}

static int compare_times(const void *left, const void *right) { return memcmp(left, right, sizeof(int64_t[2])); }

Test(bench_load, fresh_times_are_free_and_never_the_same)
{
    static const struct town town = {.seed = 3, .rows = 3000, .barbers = 7};
    enum { EACH = 3000 };
    struct truth truth;
    int64_t(*times)[2] = calloc(2 * EACH, sizeof *times);
    cr_assert(truth_make(&truth, &town));
    for (size_t i = 0; i < 2 * EACH; i++) {
        struct request request = truth_fresh(&truth, i % 2, i / 2);
        cr_assert_not(truth_taken(&truth, request.barber_id, request.start_s, request.end_s));
        cr_assert_geq(request.day, truth.end_day);
        cr_assert_leq(request.end_s % TOWN_DAY_S, TOWN_CLOSES_S);
        times[i][0] = (int64_t)request.barber_id;
        times[i][1] = request.start_s;
    }
    qsort(times, 2 * EACH, sizeof *times, compare_times);
    for (size_t i = 1; i < 2 * EACH; i++) cr_assert_neq(compare_times(times[i - 1], times[i]), 0);
    free(times);
    truth_free(&truth);
}

Test(bench_load, auditor_counts_every_appointment_that_came_too_many)
{
    struct audit audit = {0};
    audit_add(&audit, 1, 100, 200); /* alone, with neighbours that touch it */
    audit_add(&audit, 1, 200, 300);
    audit_add(&audit, 2, 150, 250); /* of another barber */
    cr_assert_eq(audit_count(&audit).double_bookings, 0);
    audit_add(&audit, 3, 1000, 1100); /* five at one slot: four too many */
    for (int i = 0; i < 4; i++) audit_add(&audit, 3, 1000, 1100);
    audit_add(&audit, 4, 0, 1000); /* a long one, and two short ones within it that do not meet */
    audit_add(&audit, 4, 10, 20);
    audit_add(&audit, 4, 30, 40);
    struct audit_result found = audit_count(&audit);
    cr_expect_eq(found.active, 11);
    cr_expect_eq(found.double_bookings, 6);
    cr_expect_eq(found.longest_pile, 5);
    audit_free(&audit);
}

Test(bench_load, auditor_refuses_what_is_no_span)
{
    struct audit audit = {0};
    audit_add(&audit, 1, 100, 100);
    cr_assert(audit.failed);
    audit_free(&audit);
}

Test(bench_load, cache_finds_more_the_more_is_asked_and_what_it_finds_is_staler)
{
    struct cache_plan plan = {.seed = 1, .barbers = 10, .looks_s = 1, .ttl_s = 300, .looks = 30000};
    struct cache_result rare, busy, none;
    cr_assert(cache_simulate(&plan, &rare));
    plan.looks_s = 50;
    cr_assert(cache_simulate(&plan, &busy));
    plan.ttl_s = 0;
    cr_assert(cache_simulate(&plan, &none));
    cr_expect_eq(rare.looks, 20000);
    cr_expect_gt(busy.hits, rare.hits);
    cr_expect_gt(busy.stale, rare.stale);
    cr_expect_gt(busy.stale, busy.hits / 4);
    cr_expect_eq(none.hits, 0);
    cr_expect_eq(none.stale, 0);
}
