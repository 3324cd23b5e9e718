/* The defects of the app that Figaro replaces, as far as they are about hours, days and slots; numbers as in defects.c:
 * 4 wall clocks compared with UTC, 5 slots that overrun closing time, 6 "any barber" who must be free all day, is
 * always the first, and one of fifty, 7 special days and time off that count in part. */
#include "tests/engine/shop_days.h"

#include <stdio.h>

#define NEW_YORK "America/New_York"

static int64_t new_york(int day, int hour, int minute) { return instant_in(NEW_YORK, 1, day, hour, minute); }

static fig_engine *new_york_shop(void)
{
    fig_engine *engine = fixture_engine();
    set_zone(engine, NEW_YORK);
    open_daily(engine, FIGARO, 9, 22);
    return engine;
}

/* ---- 4 ---- */

Test(defects_of_time, ten_in_the_morning_blocks_ten_and_not_three)
{
    fig_engine *engine = new_york_shop();
    fig_wish wish = wish_for(FIGARO, 60);
    booked(engine, FIGARO, new_york(5, 10, 0), new_york(5, 11, 0));
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, new_york(5, 10, 0)), 'c');
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, new_york(5, 15, 0)), 'a');
    booked(engine, FIGARO, new_york(5, 15, 0), new_york(5, 16, 0));
    fixture_close(engine);
}

Test(defects_of_time, nine_in_the_evening_belongs_to_the_day_of_the_shop)
{
    fig_engine *engine = new_york_shop();
    fig_wish wish = wish_for(FIGARO, 60);
    booked(engine, FIGARO, new_york(5, 21, 0), new_york(5, 22, 0)); /* the 6th in UTC */
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, new_york(5, 21, 0)), 'c');
    cr_assert_eq(listed(engine, &wish, day_of(1, 6), BEFORE_IT, new_york(5, 21, 0)), '-');
    cr_assert_eq(listed(engine, &wish, day_of(1, 6), BEFORE_IT, new_york(6, 21, 0)), 'a');
    fixture_close(engine);
}

Test(defects_of_time, the_next_free_start_is_free)
{
    fig_engine *engine = new_york_shop();
    booked(engine, FIGARO, new_york(5, 9, 0), new_york(5, 11, 0));
    fig_wish wish = wish_for(FIGARO, 60);
    fig_view view = at(BEFORE_IT);
    fig_slot next = fig_slot_default();
    must_be(fig_find_next(engine, &view, &wish, new_york(5, 3, 0), FIG_TIME_MAX, &next, NULL), FIG_OK);
    cr_assert_eq(next.start_s, new_york(5, 11, 0));
    must_be(fig_find_next(engine, &view, &wish, new_york(5, 21, 30), FIG_TIME_MAX, &next, NULL), FIG_OK);
    cr_assert_eq(next.start_s, new_york(6, 9, 0));
    fixture_close(engine);
}

Test(defects_of_time, ten_stays_ten_over_a_change_of_the_clocks)
{
    fig_engine *engine = new_york_shop();
    uint64_t id = booked(engine, FIGARO, instant_in(NEW_YORK, 3, 7, 10, 0), instant_in(NEW_YORK, 3, 7, 11, 0));
    int64_t day_after_s = instant_in(NEW_YORK, 3, 8, 10, 0);
    cr_assert_eq(day_after_s - instant_in(NEW_YORK, 3, 7, 10, 0), 23 * HOUR);
    must(engine, a_move(id, day_after_s, day_after_s + HOUR), FIG_OK);
    fig_wish wish = wish_for(FIGARO, 60);
    cr_assert_eq(listed(engine, &wish, day_of(3, 8), BEFORE_IT, day_after_s), 'c');
    cr_assert_eq(listed(engine, &wish, day_of(3, 8), BEFORE_IT, day_after_s + HOUR), 'a');
    fixture_close(engine);
}

/* ---- 5 ---- */

Test(defects_of_time, the_last_slot_ends_by_closing_time)
{
    fig_engine *engine = fixture_engine();
    fig_slot slots[DAY_SLOTS];
    open_daily(engine, FIGARO, 9, 17);
    fig_wish wish = wish_for(FIGARO, 45);
    size_t count = slots_of(engine, &wish, day_of(1, 5), BEFORE_IT, slots);
    cr_assert_eq(count, 15); /* 9:00 to 16:00 */
    cr_assert_eq(slots[count - 1].end_s, instant_in("UTC", 1, 5, 16, 45));
    fixture_close(engine);
}

Test(defects_of_time, slots_are_as_long_as_the_service)
{
    fig_engine *engine = fixture_engine();
    fig_slot slots[DAY_SLOTS];
    fig_service service = a_service(1, "Colour", 120);
    service.buffer_after_s = 15 * MINUTE;
    declare_service(engine, &service);
    open_daily(engine, FIGARO, 9, 17);
    booked(engine, FIGARO, instant_in("UTC", 1, 5, 12, 0), instant_in("UTC", 1, 5, 13, 0));
    fig_wish wish = wish_for(FIGARO, 0);
    wish.service_id = 1;
    size_t count = slots_of(engine, &wish, day_of(1, 5), BEFORE_IT, slots);
    cr_assert_eq(count, 13); /* 9:00 to 15:00 */
    cr_assert_eq(slots[0].end_s - slots[0].start_s, 2 * HOUR);
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 9, 30)), 'a');
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 10, 0)), 'c'); /* the buffer */
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 13, 0)), 'a');
    fixture_close(engine);
}

/* ---- 6 ---- */

static fig_request any_booking(int64_t start_s, fig_any_order order)
{
    fig_request request = a_booking(0, start_s, start_s + HOUR);
    request.any = true;
    request.any_order = order;
    return request;
}

Test(defects_of_time, any_barber_need_not_be_free_all_day)
{
    fig_engine *engine = fixture_engine();
    open_daily(engine, FIGARO, 9, 17);
    open_daily(engine, BARTOLO, 9, 17);
    int64_t ten_s = instant_in("UTC", 1, 5, 10, 0);
    booked(engine, FIGARO, ten_s, ten_s + HOUR);
    booked(engine, BARTOLO, ten_s + 4 * HOUR, ten_s + 5 * HOUR);
    cr_assert_eq(must(engine, any_booking(ten_s, FIG_ANY_FIRST), FIG_OK).barber_id, BARTOLO);
    cr_assert_eq(must(engine, any_booking(ten_s + 4 * HOUR, FIG_ANY_FIRST), FIG_OK).barber_id, FIGARO);
    must(engine, any_booking(ten_s, FIG_ANY_FIRST), FIG_CONFLICT);
    fixture_close(engine);
}

Test(defects_of_time, any_barber_is_not_always_the_first)
{
    fig_engine *engine = fixture_engine();
    fig_barber bartolo = fig_barber_default();
    bartolo.id = BARTOLO;
    bartolo.fields = FIG_BARBER_PRIORITY;
    bartolo.priority = 5;
    int64_t ten_s = instant_in("UTC", 1, 5, 10, 0);
    booked(engine, FIGARO, ten_s, ten_s + HOUR);
    cr_assert_eq(must(engine, any_booking(ten_s + 2 * HOUR, FIG_ANY_FIRST), FIG_OK).barber_id, FIGARO);
    cr_assert_eq(must(engine, any_booking(ten_s + 4 * HOUR, FIG_ANY_LEAST_LOADED), FIG_OK).barber_id, BARTOLO);
    declare_barber(engine, bartolo);
    cr_assert_eq(must(engine, any_booking(ten_s + 6 * HOUR, FIG_ANY_PRIORITY), FIG_OK).barber_id, BARTOLO);
    fixture_close(engine);
}

Test(defects_of_time, the_sixtieth_barber_counts_and_the_earliest_is_the_earliest_of_all)
{
    fig_engine *engine = fixture_engine();
    int64_t ten_s = instant_in("UTC", 1, 5, 10, 0);
    for (uint64_t id = 1; id <= 60; id++) {
        fig_barber barber = fig_barber_default();
        barber.id = id;
        barber.fields = id > BARTOLO ? FIG_BARBER_NAME : 0;
        snprintf(barber.name, sizeof barber.name, "barber %d", (int)id);
        declare_barber(engine, barber);
        int64_t free_s = id == 60 ? ten_s + HOUR : ten_s + 3 * HOUR;
        booked(engine, id, ten_s - 6 * HOUR, free_s);
    }
    fig_wish wish = wish_for(0, 60);
    fig_view view = at(BEFORE_IT);
    fig_slot next = fig_slot_default();
    must_be(fig_find_next(engine, &view, &wish, ten_s - HOUR, FIG_TIME_MAX, &next, NULL), FIG_OK);
    cr_assert_eq(next.start_s, ten_s + HOUR);
    cr_assert_eq(next.barber_id, 60);
    cr_assert_eq(must(engine, any_booking(ten_s + HOUR, FIG_ANY_FIRST), FIG_OK).barber_id, 60);
    fixture_close(engine);
}

/* ---- 7 ---- */

static void declare_windows(fig_engine *engine, const fig_window *windows, size_t count)
{
    fig_request request = fig_declare_windows_default();
    request.now_s = BEFORE_IT;
    request.barber_id = FIGARO;
    request.windows = windows;
    request.window_count = count;
    must(engine, request, FIG_OK);
}

static fig_window window(fig_window_kind kind, int64_t start_s, int64_t end_s)
{
    fig_window made = fig_window_default();
    made.kind = kind;
    made.start_s = start_s;
    made.end_s = end_s;
    return made;
}

Test(defects_of_time, a_special_day_opens_and_a_partial_one_closes)
{
    fig_engine *engine = fixture_engine();
    open_daily(engine, FIGARO, 9, 17);
    fig_window windows[2] = {
        window(FIG_WINDOW_AVAILABLE, instant_in("UTC", 1, 5, 19, 0), instant_in("UTC", 1, 5, 21, 0)),
        window(FIG_WINDOW_UNAVAILABLE, instant_in("UTC", 1, 5, 11, 0), instant_in("UTC", 1, 5, 12, 0)),
    };
    declare_windows(engine, windows, 2);
    fig_wish wish = wish_for(FIGARO, 60);
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 20, 0)), 'a');
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 10, 30)), '-');
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("UTC", 1, 5, 12, 0)), 'a');
    cr_assert_eq(listed(engine, &wish, day_of(1, 6), BEFORE_IT, instant_in("UTC", 1, 6, 11, 0)), 'a');
    fixture_close(engine);
}

Test(defects_of_time, every_time_off_counts)
{
    fig_engine *engine = fixture_engine();
    open_daily(engine, FIGARO, 9, 17);
    fig_cut cuts[3] = {
        {.from_day = day_of(1, 5), .to_day = day_of(1, 6), .whole_days = true},
        {.from_day = day_of(1, 8), .to_day = day_of(1, 9), .start_s = 12 * HOUR, .end_s = 13 * HOUR},
        {.from_day = day_of(1, 8), .to_day = day_of(1, 8), .start_s = 15 * HOUR, .end_s = 16 * HOUR},
    };
    fig_schedule schedule = schedule_of(FIG_OWNER_BARBER, FIGARO, FIG_SCHEDULE_CUTS);
    schedule.cuts = cuts;
    schedule.cut_count = 3;
    declare_schedule(engine, &schedule, FIG_OK);
    fig_wish wish = wish_for(FIGARO, 60);
    fig_slot slots[DAY_SLOTS];
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 5), BEFORE_IT, slots), 0);
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 6), BEFORE_IT, slots), 0, "the last date is off, too");
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 7), BEFORE_IT, slots), 15);
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 8), BEFORE_IT, slots), 15 - 3 - 3);
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 9), BEFORE_IT, slots), 15 - 3);
    must(engine, a_booking(FIGARO, instant_in("UTC", 1, 8, 15, 30), instant_in("UTC", 1, 8, 16, 30)), FIG_CLOSED);
    fixture_close(engine);
}

Test(defects_of_time, a_second_window_on_a_weekday_adds_to_the_first)
{
    fig_engine *engine = fixture_engine();
    fig_weekly weekly[2] = {{0, 9 * HOUR, 12 * HOUR}, {0, 14 * HOUR, 17 * HOUR}};
    fig_schedule schedule = schedule_of(FIG_OWNER_BARBER, FIGARO, FIG_SCHEDULE_WEEKLY);
    schedule.weekly = weekly;
    schedule.weekly_count = 2;
    declare_schedule(engine, &schedule, FIG_OK);
    fig_wish wish = wish_for(FIGARO, 30);
    fig_slot slots[DAY_SLOTS];
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 5), BEFORE_IT, slots), 12);
    cr_assert_eq(slots_of(engine, &wish, day_of(1, 6), BEFORE_IT, slots), 0);
    fixture_close(engine);
}
