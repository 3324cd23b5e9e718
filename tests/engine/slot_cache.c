/* The cache of slot lists: it finds what was asked before, and never what is no longer so. Budget: a tenth of a second.
 */
#include "tests/engine/shop_days.h"

#include <string.h>

static fig_engine *with_cache(void)
{
    fig_options options = fig_options_default();
    options.in_memory = true;
    options.slot_cache_entries = 64;
    fig_engine *engine;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    open_daily(engine, FIGARO, 9, 17);
    return engine;
}

/* The wish for half an hour, in memory that held something else before: whatever lies between its fields. */
static fig_wish *wish_on(unsigned char dirt, fig_wish *memory)
{
    memset(memory, dirt, sizeof *memory);
    memory->struct_size = sizeof *memory;
    memory->barber_id = FIGARO;
    memory->any_order = FIG_ANY_FIRST;
    memory->any_shop_id = 0;
    memory->service_id = 0;
    memory->client_id = 0;
    memory->duration_s = 30 * MINUTE;
    memory->buffer_before_s = FIG_BUFFER_DEFAULT;
    memory->buffer_after_s = FIG_BUFFER_DEFAULT;
    return memory;
}

static size_t free_slots(fig_engine *engine, const fig_wish *wish)
{
    fig_slot slots[DAY_SLOTS];
    size_t count = slots_of(engine, wish, day_of(1, 2), NOON, slots), available = 0;
    for (size_t i = 0; i < count; i++) available += slots[i].available;
    return available;
}

Test(slot_cache, the_same_question_is_found_whatever_lies_between_its_fields)
{
    fig_engine *engine = with_cache();
    fig_wish wish;
    for (unsigned char dirt = 0; dirt < 10; dirt++) cr_assert_eq(free_slots(engine, wish_on(dirt, &wish)), 16);
    fig_stats stats = stats_of(engine);
    cr_expect_eq(stats.slot_list_misses, 1);
    cr_expect_eq(stats.slot_list_hits, 9);
    cr_expect_eq(stats.slot_lists, 1);
    fixture_close(engine);
}

Test(slot_cache, after_a_booking_the_list_is_made_anew)
{
    fig_engine *engine = with_cache();
    fig_wish wish;
    int64_t start_s = instant_in("UTC", 1, 2, 10, 0);
    cr_assert_eq(free_slots(engine, wish_on(0, &wish)), 16);
    booked(engine, FIGARO, start_s, start_s + 30 * MINUTE);
    cr_expect_eq(free_slots(engine, &wish), 15);
    cr_expect_eq(free_slots(engine, &wish), 15);
    fig_stats stats = stats_of(engine);
    cr_expect_eq(stats.slot_list_misses, 2);
    cr_expect_eq(stats.slot_list_hits, 1);
    cr_expect_eq(stats.slot_list_evictions, 0);
    fixture_close(engine);
}

Test(slot_cache, forgotten_lists_are_made_anew_and_no_others)
{
    fig_engine *engine = with_cache();
    fig_wish wish;
    free_slots(engine, wish_on(0, &wish));
    must_be(fig_forget_slots(engine, FIGARO, day_of(1, 3)), FIG_OK);
    free_slots(engine, &wish);
    cr_expect_eq(stats_of(engine).slot_list_hits, 1);
    must_be(fig_forget_slots(engine, FIGARO, day_of(1, 2)), FIG_OK);
    free_slots(engine, &wish);
    cr_expect_eq(stats_of(engine).slot_list_misses, 2);
    fixture_close(engine);
}
