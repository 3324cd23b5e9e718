/* The slots of a date, of one barber and of any, against every start of the grid judged by plain definitions; whose
 * lengths are taken; drafts. Budget: 2 s. */
#include "engine/core/decide.h"
#include "engine/core/wish.h"
#include "tests/core/salon.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define HOUR_S 3600
#define DAY_S  CIVIL_DAY_S

enum { BARBERS = 3, NOW_S = 100, STARTS = 20000 };

/* ---- against plain definitions ---- */

static struct plain plains[BARBERS];
static struct wish wishes[BARBERS];
static fig_slot listed[STARTS];

/* The starts of a date whose core is open, each once, ascending. */
static size_t plain_starts(size_t barber, int64_t day, int64_t *starts)
{
    const struct wish *wish = &wishes[barber];
    size_t kept = 0, count = plain_grid(&plains[barber], day, grid_step_s(&wish->opening), starts, STARTS);
    for (size_t i = 0; i < count; i++)
        if (plain_covers(&plains[barber], starts[i], starts[i] + wish->lengths.duration_s)) starts[kept++] = starts[i];
    return kept;
}

static void expect_slot(const fig_slot *slot, const struct wish *wish, int64_t start_s)
{
    uint64_t blocker_id = plain_blocker(wish, start_s);
    SALON_CHECK(slot->start_s == start_s, "%" PRId64 ", not %" PRId64, slot->start_s, start_s);
    SALON_CHECK(slot->end_s == start_s + wish->lengths.duration_s, "at %" PRId64, start_s);
    SALON_CHECK(slot->barber_id == wish->barber->profile->id, "at %" PRId64 ": barber %" PRIu64, start_s,
                slot->barber_id);
    SALON_CHECK(slot->available == (blocker_id == 0) && slot->blocker_id == blocker_id, "at %" PRId64, start_s);
    SALON_CHECK(slot->why == (blocker_id == 0 ? FIG_OK : FIG_CONFLICT), "at %" PRId64, start_s);
    SALON_CHECK(slot->struct_size == sizeof *slot, "at %" PRId64, start_s);
}

static void expect_soonest(const fig_slots *slots)
{
    bool seen = false;
    for (size_t i = 0; i < slots->count && i < slots->capacity; i++) {
        SALON_CHECK(slots->list[i].soonest == (slots->list[i].available && !seen), "slot %zu", i);
        seen |= slots->list[i].available;
    }
}

static void expect_list(size_t barber, int64_t day, size_t capacity)
{
    static int64_t starts[STARTS];
    size_t count = plain_starts(barber, day, starts);
    fig_slots slots = {.list = listed, .capacity = capacity, .count = 77};
    slots_list(&wishes[barber], day, &slots);
    SALON_CHECK(slots.count == count, "%zu slots, not %zu", slots.count, count);
    for (size_t i = 0; i < count && i < capacity; i++) expect_slot(&listed[i], &wishes[barber], starts[i]);
    expect_soonest(&slots);
}

/* Whom a booking of any would go to, on whoever's grid the start is; else the first who lists it. */
static size_t plain_winner(const struct any_wish *any, int64_t start_s, size_t lister)
{
    size_t best = BARBERS;
    for (size_t i = 0; i < BARBERS; i++) {
        if (!plain_fits(&plains[i], &wishes[i], start_s)) continue;
        if (best == BARBERS || plain_precedes(any, &wishes[i], &wishes[best], start_s)) best = i;
    }
    return best < BARBERS ? best : lister;
}

static void expect_any_list(const struct any_wish *any, int64_t day, size_t capacity)
{
    static int64_t starts[BARBERS][STARTS];
    size_t counts[BARBERS], at[BARBERS] = {0}, count = 0;
    fig_slots slots = {.list = listed, .capacity = capacity, .count = 77};
    for (size_t i = 0; i < BARBERS; i++) counts[i] = plain_starts(i, day, starts[i]);
    any_slots_list(any, day, &slots);
    for (;;) {
        int64_t start_s = INT64_MAX;
        size_t lister = 0;
        for (size_t i = 0; i < BARBERS; i++) {
            if (at[i] == counts[i] || starts[i][at[i]] >= start_s) continue;
            start_s = starts[i][at[i]];
            lister = i;
        }
        if (start_s == INT64_MAX) break;
        for (size_t i = 0; i < BARBERS; i++) at[i] += at[i] < counts[i] && starts[i][at[i]] == start_s;
        if (count < capacity) expect_slot(&listed[count], &wishes[plain_winner(any, start_s, lister)], start_s);
        count++;
    }
    SALON_CHECK(slots.count == count, "%zu slots of any, not %zu", slots.count, count);
    expect_soonest(&slots);
}

static void expect_salon(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct salon *salon = salon_open();
    int64_t near_s;
    const char *zone = salon_random_zone(&random, &near_s);
    int64_t day = civil_day_at(salon_zone(salon, zone), near_s) + support_between(&random, -1, 1);
    struct lengths asked = {60 * (1 + (uint32_t)support_below(&random, 90)),
                            support_chance(&random, 30) ? (uint32_t)support_below(&random, 1800) : 0,
                            support_chance(&random, 30) ? (uint32_t)support_below(&random, 1800) : 0};
    struct any_wish any = {
        .version = &salon->version, .now_s = NOW_S, .order = (fig_any_order)support_below(&random, 4), .asked = asked};
    for (size_t i = 0; i < BARBERS; i++) {
        struct barber *barber = salon_random_barber(salon, &random, i + 1, zone, day);
        ((struct barber_profile *)(uintptr_t)barber->profile)->priority = (int32_t)support_below(&random, 2);
        salon_random_diary(salon, &random, barber, (day - 1) * DAY_S, (day + 2) * DAY_S, support_below(&random, 24));
        cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, asked, &wishes[i]) == WISH_SOUND);
        plain_of(&plains[i], &wishes[i].opening, day - 9, day + 9);
    }
    for (int64_t date = day - 1; date <= day + 1; date++) {
        size_t capacity = support_chance(&random, 70) ? STARTS : support_below(&random, 30);
        expect_list(0, date, capacity);
        expect_any_list(&any, date, capacity);
    }
    salon_close(salon);
}

static void expect_salons(unsigned part)
{
    struct support_seeds seeds = support_seeds_of(part, 2);
    for (salon_seed = seeds.first; salon_seed < seeds.end; salon_seed++) expect_salon(salon_seed);
}

Test(slots, are_the_starts_of_the_grid_that_are_open_1, .timeout = 120) { expect_salons(0); }
Test(slots, are_the_starts_of_the_grid_that_are_open_2, .timeout = 120) { expect_salons(1); }

/* ---- lengths ---- */

static struct service *declare_service(struct salon *salon, uint64_t id, uint32_t duration_s, uint32_t after_s)
{
    struct service *service = calloc(1, sizeof *service);
    cr_assert(service != NULL && nodes_reserve(salon->nodes, RADIX_RESERVE_BYTES));
    service->is = (fig_service){.id = id, .duration_s = duration_s, .buffer_after_s = after_s, .active = true};
    radix_put(salon->nodes, &salon->version.documents[DOCUMENT_SERVICE], id, service);
    return service;
}

static void expect_lengths(const struct salon *salon, const struct barber *barber, uint64_t service_id,
                           struct lengths asked, struct lengths ought)
{
    cr_assert(lengths_of(&salon->version, barber, service_id, &asked));
    cr_assert(asked.duration_s == ought.duration_s && asked.before_s == ought.before_s &&
              asked.after_s == ought.after_s);
}

Test(slots, take_the_asked_lengths_then_the_barbers_then_the_services)
{
    struct salon *salon = salon_open();
    const struct lengths none = {0, FIG_BUFFER_DEFAULT, FIG_BUFFER_DEFAULT};
    salon_shop(salon, 1, "UTC");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_ALWAYS);
    struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, 1);
    fig_offer offers[] = {{.service_id = 5, .duration_s = 2400, .buffer_before_s = 60, .buffer_after_s = 0},
                          {.service_id = 7,
                           .duration_s = 0,
                           .buffer_before_s = FIG_BUFFER_DEFAULT,
                           .buffer_after_s = FIG_BUFFER_DEFAULT}};
    own->is.offers = offers;
    own->is.offer_count = 2;
    struct service *services[] = {declare_service(salon, 5, 1800, 300), declare_service(salon, 6, 900, 120),
                                  declare_service(salon, 7, 600, 30), declare_service(salon, 8, 0, 30)};
    struct lengths asked = none;
    expect_lengths(salon, barber, 5, none, (struct lengths){2400, 60, 0});
    expect_lengths(salon, barber, 6, none, (struct lengths){900, 0, 120});
    expect_lengths(salon, barber, 7, none, (struct lengths){600, 0, 30});
    expect_lengths(salon, barber, 5, (struct lengths){100, FIG_BUFFER_DEFAULT, 7}, (struct lengths){100, 60, 7});
    expect_lengths(salon, barber, 0, (struct lengths){100, FIG_BUFFER_DEFAULT, 7}, (struct lengths){100, 0, 7});
    cr_assert_not(lengths_of(&salon->version, barber, 8, &asked));
    asked = none;
    cr_assert_not(lengths_of(&salon->version, barber, 99, &asked));
    struct wish wish;
    cr_assert_eq(wish_of(&salon->version, barber, NOW_S, 99, 0, none, &wish), WISH_NO_LENGTH);
    ((struct barber_profile *)(uintptr_t)barber->profile)->active = 0;
    cr_assert_eq(wish_of(&salon->version, barber, NOW_S, 5, 0, none, &wish), WISH_INACTIVE);
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) free(services[i]);
    salon_close(salon);
}

/* ---- barbers whose data fails ---- */

Test(slots, name_the_barbers_they_skip)
{
    struct salon *salon = salon_open();
    const struct lengths none = {0, FIG_BUFFER_DEFAULT, FIG_BUFFER_DEFAULT};
    salon_shop(salon, 1, "UTC");
    salon_shop(salon, 2, "UTC");
    struct service *service = declare_service(salon, 5, 0, 0);
    for (uint64_t id = 1; id <= 5; id++)
        salon_barber(salon, id, id == 5 ? 2 : 1, id == 2 ? "Not/Known" : "", FIG_OPEN_ALWAYS);
    fig_offer offer = {.service_id = 5, .duration_s = 1800};
    for (uint64_t id = 1; id <= 5; id++) {
        if (id == 3) continue;
        struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, id);
        own->is.offers = &offer;
        own->is.offer_count = 1;
    }
    const struct barber *inactive = version_barber(&salon->version, 4);
    ((struct barber_profile *)(uintptr_t)inactive->profile)->active = 0;
    struct any_wish any = {.version = &salon->version, .now_s = NOW_S, .shop_id = 1, .service_id = 5, .asked = none};
    uint64_t skipped[1] = {0};
    fig_slots slots = {.list = listed, .capacity = STARTS, .skipped = skipped, .skipped_capacity = 1};
    any_slots_list(&any, 20000, &slots);
    any_skipped(&any, &slots);
    cr_assert(slots.count == 48 && slots.list[0].barber_id == 1 && slots.list[47].barber_id == 1);
    cr_assert(slots.skipped_count == 2 && skipped[0] == 2, "2 has no zone, 3 no length; 4 is inactive, 5 elsewhere");
    struct wish wish;
    cr_assert(any_barber(&any, 20000 * DAY_S, &wish) && wish.barber->profile->id == 1);
    any.shop_id = 2;
    any_skipped(&any, &slots);
    cr_assert(slots.skipped_count == 0 && any_barber(&any, 20000 * DAY_S, &wish) && wish.barber->profile->id == 5);
    free(service);
    salon_close(salon);
}

/* ---- drafts ---- */

Test(slots, are_judged_with_drafts_in_the_place_of_what_they_draft)
{
    struct salon *salon = salon_open();
    const int64_t noon_s = 20000 * DAY_S + 12 * HOUR_S;
    salon_shop(salon, 1, "UTC");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_ALWAYS);
    struct tree_item item = {.start_s = noon_s, .duration_s = HOUR_S};
    uint64_t id = salon_appointment(salon, barber, item, 0);
    struct wish wish;
    cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, (struct lengths){HOUR_S, 0, 0}, &wish) == WISH_SOUND);
    cr_assert(wish_judge(&wish, noon_s).status == FIG_CONFLICT && wish_judge(&wish, noon_s).blocker_id == id);

    struct draft draft = {.fixed = *version_appointment(&salon->version, id)};
    draft.fixed.start_s += 3 * HOUR_S;
    wish.drafts = &draft;
    wish.draft_count = 1;
    cr_assert(wish_fits(&wish, noon_s) && !wish_fits(&wish, noon_s + 3 * HOUR_S));
    cr_assert_eq(wish_judge(&wish, noon_s + 2 * HOUR_S + 1).blocker_id, id);
    int64_t start_s;
    cr_assert(next_free(&wish, noon_s + 2 * HOUR_S + 1, noon_s + DAY_S, &start_s) && start_s == noon_s + 4 * HOUR_S);
    cr_assert(previous_free(&wish, noon_s, noon_s + 4 * HOUR_S, &start_s) && start_s == noon_s + 2 * HOUR_S);
    draft.fixed.status = FIG_CANCELLED;
    cr_assert(wish_fits(&wish, noon_s + 3 * HOUR_S));
    draft.fixed.status = FIG_SCHEDULED;
    draft.fixed.barber_id = 2;
    cr_assert(wish_fits(&wish, noon_s) && wish_fits(&wish, noon_s + 3 * HOUR_S));
    salon_close(salon);
}

/* ---- closing time ---- */

Test(slots, never_overrun_closing_time)
{
    struct salon *salon = salon_open();
    int64_t monday_s = civil_days((struct civil_date){2026, 11, 30}) * DAY_S;
    salon_shop(salon, 1, "UTC");
    struct barber *barber = salon_barber(salon, 1, 1, "", FIG_OPEN_HOURS);
    struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, 1);
    salon_weekly(own, 0, 9 * HOUR_S, 12 * HOUR_S);
    salon_weekly(own, 0, 12 * HOUR_S, 12 * HOUR_S + 2000); /* windows that touch are one */
    struct wish wish;
    cr_assert(wish_of(&salon->version, barber, NOW_S, 0, 0, (struct lengths){2700, 0, 0}, &wish) == WISH_SOUND);
    fig_slots slots = {.list = listed, .capacity = STARTS};
    slots_list(&wish, monday_s / DAY_S, &slots);
    cr_assert_eq(slots.count, 6);
    cr_assert_eq(listed[5].start_s, monday_s + 11 * HOUR_S + 1800);
    wish.lengths.duration_s = 4000;
    slots_list(&wish, monday_s / DAY_S, &slots);
    cr_assert_eq(slots.count, 5);
    cr_assert_eq(listed[4].start_s, monday_s + 11 * HOUR_S);
    salon_close(salon);
}
