/* The next and the previous free start, of one barber and of any, against all starts that could be it. Budget: 5 s. */
#include "engine/core/wish.h"
#include "tests/core/salon.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <time.h>

#define HOUR_S 3600
#define DAY_S  CIVIL_DAY_S

enum { BARBERS = 3, NOW_S = 100 };

/* ---- against a slow search ---- */

static struct plain plains[BARBERS];

/* The best start seen. */
struct found {
    bool any;
    int64_t start_s;
};

static void consider(struct found *found, const struct plain *plain, const struct wish *wish, int64_t start_s,
                     int64_t from_s, int64_t last_s, bool latest)
{
    if (start_s < from_s || start_s > last_s) return;
    if (found->any && (latest ? start_s <= found->start_s : start_s >= found->start_s)) return;
    if (plain_fits(plain, wish, start_s)) *found = (struct found){true, start_s};
}

/* Where starts that fit can begin, or end: at the edges of what is asked and of open time, and beside appointments. */
static struct found search(const struct plain *plain, const struct wish *wish, int64_t from_s, int64_t to_s,
                           bool latest)
{
    struct found found = {false, 0};
    int64_t duration_s = wish->lengths.duration_s, last_s = to_s - duration_s;
    consider(&found, plain, wish, latest ? last_s : from_s, from_s, last_s, latest);
    for (size_t i = 0; i < plain->change_count; i++)
        consider(&found, plain, wish, plain->changes[i] - (latest ? duration_s : 0), from_s, last_s, latest);
    struct tree_cursor cursor;
    const struct tree *diary = &wish->barber->diary;
    for (bool more = tree_ceiling(diary, 2 * FIG_TIME_MIN, &cursor); more; more = tree_next(diary, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        for (int buffers = 0; buffers < 4; buffers++) {
            int64_t theirs_s = (buffers & 1) == 0 ? 0 : latest ? item.before_s : item.after_s;
            int64_t own_s = (buffers & 2) == 0 ? 0 : latest ? wish->lengths.after_s : wish->lengths.before_s;
            int64_t start_s = latest ? item.start_s - theirs_s - own_s - duration_s
                                     : item.start_s + item.duration_s + theirs_s + own_s;
            consider(&found, plain, wish, start_s, from_s, last_s, latest);
        }
    }
    return found;
}

static void expect_found(struct found ought, bool is, int64_t start_s, const char *what)
{
    SALON_CHECK(is == ought.any, "%s: found %d", what, is);
    if (is) SALON_CHECK(start_s == ought.start_s, "%s: %" PRId64 ", not %" PRId64, what, start_s, ought.start_s);
}

static void expect_one(const struct plain *plain, const struct wish *wish, int64_t from_s, int64_t to_s)
{
    int64_t start_s = 0;
    bool found = next_free(wish, from_s, to_s, &start_s);
    expect_found(search(plain, wish, from_s, to_s, false), found, start_s, "next");
    found = previous_free(wish, from_s, to_s, &start_s);
    expect_found(search(plain, wish, from_s, to_s, true), found, start_s, "previous");
}

static void expect_judged(const struct plain *plain, const struct wish *wish, int64_t start_s)
{
    struct verdict verdict = wish_judge(wish, start_s);
    bool open = plain_covers(plain, start_s, start_s + wish->lengths.duration_s);
    uint64_t blocker_id = plain_blocker(wish, start_s);
    fig_status ought = !open ? FIG_CLOSED : blocker_id != 0 ? FIG_CONFLICT : FIG_OK;
    SALON_CHECK(verdict.status == ought, "at %" PRId64 ": %d, not %d", start_s, verdict.status, ought);
    if (ought == FIG_CONFLICT) SALON_CHECK(verdict.blocker_id == blocker_id, "at %" PRId64, start_s);
    SALON_CHECK(wish_fits(wish, start_s) == (ought == FIG_OK), "at %" PRId64, start_s);
}

static void expect_any(const struct any_wish *any, const struct wish *wishes, int64_t from_s, int64_t to_s)
{
    struct found ought = {false, 0};
    size_t first = 0;
    for (size_t i = 0; i < BARBERS; i++) {
        struct found own = search(&plains[i], &wishes[i], from_s, to_s, false);
        if (!own.any || (ought.any && own.start_s > ought.start_s)) continue;
        bool tie = ought.any && own.start_s == ought.start_s;
        if (tie && !plain_precedes(any, &wishes[i], &wishes[first], own.start_s)) continue;
        ought = own;
        first = i;
    }
    struct wish wish;
    int64_t start_s = 0;
    bool found = any_next_free(any, from_s, to_s, &wish, &start_s);
    expect_found(ought, found, start_s, "next of any");
    if (found) SALON_CHECK(wish.barber == wishes[first].barber, "barber %zu", first);
    if (!found) return;
    SALON_CHECK(any_barber(any, start_s, &wish) && wish.barber == wishes[first].barber, "barber %zu", first);
}

static void expect_salon(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct salon *salon = salon_open();
    struct wish wishes[BARBERS];
    int64_t near_s;
    const char *zone = salon_random_zone(&random, &near_s);
    int64_t day = civil_day_at(salon_zone(salon, zone), near_s) + support_between(&random, -1, 1);
    struct lengths asked = {1 + (uint32_t)support_below(&random, 7200),
                            support_chance(&random, 50) ? (uint32_t)support_below(&random, 3600) : 0,
                            support_chance(&random, 50) ? (uint32_t)support_below(&random, 3600) : 0};
    struct any_wish any = {
        .version = &salon->version, .now_s = NOW_S, .order = (fig_any_order)support_below(&random, 4), .asked = asked};
    bool exclusive = support_chance(&random, 30);
    for (size_t i = 0; i < BARBERS; i++) {
        struct barber *barber = salon_random_barber(salon, &random, i + 1, zone, day);
        if (i == 0 && exclusive) ((struct shop *)radix_get(&salon->version.shops, 1))->buffers = FIG_BUFFERS_EXCLUSIVE;
        ((struct barber_profile *)(uintptr_t)barber->profile)->priority = (int32_t)support_below(&random, 2);
        int64_t span_s = support_chance(&random, 50) ? DAY_S / 2 : 4 * DAY_S;
        salon_random_diary(salon, &random, barber, day * DAY_S - span_s, day * DAY_S + span_s,
                           support_below(&random, 48));
        cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, asked, &wishes[i]) == WISH_SOUND);
        plain_of(&plains[i], &wishes[i].opening, day - 9, day + 9);
    }
    for (int i = 0; i < 4; i++) {
        int64_t from_s = support_between(&random, (day - 3) * DAY_S, (day + 2) * DAY_S);
        int64_t to_s = support_between(&random, from_s, (day + 5) * DAY_S);
        expect_judged(&plains[0], &wishes[0], from_s);
        expect_one(&plains[0], &wishes[0], from_s, to_s);
        expect_any(&any, wishes, from_s, to_s);
        if (salon->version.next_appointment_id > 1)
            wishes[1].ignore_id = 1 + support_below(&random, salon->version.next_appointment_id - 1);
        expect_one(&plains[1], &wishes[1], from_s, to_s);
        wishes[1].ignore_id = 0;
    }
    salon_close(salon);
}

static void expect_salons(unsigned part)
{
    struct support_seeds seeds = support_seeds_of(part, 2);
    for (salon_seed = seeds.first; salon_seed < seeds.end; salon_seed++) expect_salon(salon_seed);
}

Test(next_free, is_the_best_of_all_starts_that_could_be_1, .timeout = 120) { expect_salons(0); }
Test(next_free, is_the_best_of_all_starts_that_could_be_2, .timeout = 120) { expect_salons(1); }

/* ---- far horizons ---- */

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Searches whole centuries both ways; they must end, and soon. */
static void expect_nothing_in_centuries(const struct wish *wish)
{
    int64_t start_s, began_ns = clock_ns();
    cr_assert_not(next_free(wish, FIG_TIME_MIN, FIG_TIME_MAX, &start_s));
    cr_assert_not(previous_free(wish, FIG_TIME_MIN, FIG_TIME_MAX, &start_s));
    cr_assert(clock_ns() - began_ns < INT64_C(1000000000));
}

Test(next_free, gives_up_where_nothing_is_ever_open)
{
    struct salon *salon = salon_open();
    struct wish wish;
    salon_zone(salon, "Europe/Madrid");
    salon_shop(salon, 1, "Europe/Madrid");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_HOURS);
    struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, 1);
    struct schedule *shops = salon_schedule(salon, DOCUMENT_SHOP_SCHEDULE, 1);
    cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, (struct lengths){HOUR_S, 0, 0}, &wish) == WISH_SOUND);
    expect_nothing_in_centuries(&wish);
    int64_t lone_s = INT64_C(6000000000), start_s;
    salon_window(salon, barber, FIG_WINDOW_AVAILABLE, lone_s, lone_s + HOUR_S, lone_s);
    cr_assert(next_free(&wish, FIG_TIME_MIN, FIG_TIME_MAX, &start_s) && start_s == lone_s);
    cr_assert(previous_free(&wish, FIG_TIME_MIN, FIG_TIME_MAX, &start_s) && start_s == lone_s);
    wish.lengths.duration_s++;
    expect_nothing_in_centuries(&wish);
    salon_weekly(own, 0, 9 * HOUR_S, 12 * HOUR_S); /* on a day on which the shop has none */
    salon_weekly(shops, 2, 9 * HOUR_S, 12 * HOUR_S);
    shops->is.clip_to_hours = true;
    expect_nothing_in_centuries(&wish);
    salon_close(salon);
}

Test(next_free, sees_what_is_just_too_short_and_what_is_just_long_enough)
{
    struct salon *salon = salon_open();
    struct wish wish;
    const int64_t noon_s = INT64_C(1800014400);
    salon_shop(salon, 1, "UTC");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_ALWAYS);
    struct tree_item first = {.start_s = noon_s, .duration_s = HOUR_S, .after_s = 600};
    struct tree_item second = {.start_s = noon_s + 2 * HOUR_S, .duration_s = HOUR_S, .before_s = 300};
    salon_appointment(salon, barber, first, 0);
    salon_appointment(salon, barber, second, 0);
    int64_t start_s, gap_s = HOUR_S - 900;
    cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, (struct lengths){(uint32_t)gap_s, 600, 300}, &wish) ==
              WISH_SOUND);
    cr_assert(next_free(&wish, noon_s, noon_s + DAY_S, &start_s) && start_s == noon_s + HOUR_S + 600);
    cr_assert(previous_free(&wish, noon_s - DAY_S, noon_s + 3 * HOUR_S, &start_s) && start_s == noon_s + HOUR_S + 600);
    wish.lengths.duration_s++;
    cr_assert(next_free(&wish, noon_s, noon_s + DAY_S, &start_s) && start_s == noon_s + 3 * HOUR_S + 600);
    cr_assert(previous_free(&wish, noon_s - DAY_S, noon_s + 3 * HOUR_S, &start_s) &&
              start_s == noon_s - 300 - wish.lengths.duration_s);
    wish.lengths.duration_s--;
    wish.exclusive = true; /* buffers must not meet: 600 + 600 before it, 300 + 300 after it */
    cr_assert(next_free(&wish, noon_s, noon_s + DAY_S, &start_s) && start_s == noon_s + 3 * HOUR_S + 600);
    wish.lengths.duration_s -= 900;
    cr_assert(next_free(&wish, noon_s, noon_s + DAY_S, &start_s) && start_s == noon_s + HOUR_S + 1200);
    salon_close(salon);
}
