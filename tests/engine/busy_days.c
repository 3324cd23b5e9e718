/* Days with more appointments than a list of slots keeps at hand: each start is judged as by itself. Budget: a tenth of
 * a second. */
#include "tests/engine/shop_days.h"

/* Every ten minutes from eight to twenty o'clock one of five, but for the hour from noon on. */
static size_t fill(fig_engine *engine)
{
    size_t booked_count = 0;
    for (int minute = 8 * 60; minute < 20 * 60; minute += 10) {
        int64_t start_s = instant_in("UTC", 1, 2, minute / 60, minute % 60);
        if (minute / 60 == 12) continue;
        booked(engine, FIGARO, start_s, start_s + 5 * MINUTE);
        booked_count++;
    }
    return booked_count;
}

static void must_be_judged_as_by_itself(fig_engine *engine, const fig_slot *slot)
{
    fig_view view = at(NOON);
    fig_span span = fig_span_default();
    span.barber_id = FIGARO;
    span.start_s = slot->start_s;
    span.end_s = slot->end_s;
    fig_appointment blocker = fig_appointment_default();
    size_t count = 0;
    fig_status status = fig_check(engine, &view, &span, &blocker, 1, &count);
    cr_expect_eq(slot->why, status);
    cr_expect_eq(slot->available, status == FIG_OK);
    cr_expect_eq(slot->blocker_id, count > 0 ? blocker.id : 0);
}

static void hold_a_day(uint32_t minutes)
{
    fig_engine *engine = fixture_engine();
    open_daily(engine, FIGARO, 7, 21);
    cr_assert_gt(fill(engine), 60);
    fig_wish wish = wish_for(FIGARO, minutes);
    fig_slot slots[DAY_SLOTS];
    size_t count = slots_of(engine, &wish, day_of(1, 2), NOON, slots), available = 0;
    for (size_t i = 0; i < count; i++) {
        must_be_judged_as_by_itself(engine, &slots[i]);
        available += slots[i].available;
    }
    cr_assert_eq(count, (14 * 60 - minutes) / 30 + 1);
    cr_expect(available > 0 && available < count, "%zu of %zu", available, count);
    fixture_close(engine);
}

Test(busy_days, every_start_names_its_first_blocker) { hold_a_day(30); }
Test(busy_days, long_ones_meet_many) { hold_a_day(60); }
