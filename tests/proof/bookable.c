/* Listed means bookable. Over random worlds (random_shop.h), at every slot that is listed: available if and only if the
 * same booking, at that version and that now, is accepted; and with any barber, by the barber who is named. The next
 * free start is bookable, no slot before it is available, and none of the starts before it that are tried can be
 * booked.
 *
 * 2 x FIGARO_SEEDS worlds (2,000), or FIGARO_SEED's alone. Budget: 20 seconds in all. */
#include "tests/proof/random_shop.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>

enum { SLOTS = 2048, PARTS = 4, WISHES = 4 };

struct asked {
    struct random_shop *world;
    fig_wish wish;
    fig_slot slots[SLOTS];
    size_t count;
    uint64_t available;
};

/* ---- telling what failed, and how to see it again ---- */

static uint64_t seed_now;

static void must_hold(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void must_hold(bool holds, const char *format, ...)
{
    if (holds) return;
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    cr_assert_fail("%s; replay: FIGARO_SEED=%llu", words, (unsigned long long)seed_now);
}

/* ---- slots ---- */

static fig_view view_of(const struct random_shop *world)
{
    fig_view view = fig_view_default();
    view.now_s = world->now_s;
    return view;
}

static fig_status list(struct asked *asked)
{
    fig_view view = view_of(asked->world);
    fig_slots slots = fig_slots_default();
    slots.list = asked->slots;
    slots.capacity = SLOTS;
    fig_status status = fig_list_slots(asked->world->engine, &view, &asked->wish, asked->world->day, &slots);
    asked->count = status == FIG_OK ? slots.count : 0;
    cr_assert_leq(asked->count, SLOTS);
    return status;
}

/* The wish with one barber in place of any. */
static fig_wish with_barber(const fig_wish *wish, uint64_t barber_id)
{
    fig_wish one = *wish;
    one.barber_id = barber_id;
    return one;
}

static bool anybody_takes(const struct asked *asked, int64_t start_s)
{
    for (uint64_t id = 1; id <= WORLD_BARBERS; id++) {
        fig_wish one = with_barber(&asked->wish, id);
        if (random_shop_try(asked->world, &one, start_s) == FIG_OK) return true;
    }
    return false;
}

static void hold_against_booking(struct asked *asked, const fig_slot *slot)
{
    fig_wish one = with_barber(&asked->wish, slot->barber_id);
    fig_status status = random_shop_try(asked->world, &one, slot->start_s);
    bool any = asked->wish.barber_id == 0;
    bool taken = any && !slot->available ? anybody_takes(asked, slot->start_s) : status == FIG_OK;
    must_hold(slot->available == taken, "start %lld, barber %llu: listed %s, booking says %s", (long long)slot->start_s,
              (unsigned long long)slot->barber_id, slot->available ? "available" : fig_status_name(slot->why),
              fig_status_name(status));
    must_hold(slot->available == (slot->why == FIG_OK), "an available slot has no reason, others have one");
    must_hold(any || slot->available || slot->why == status, "start %lld: the reason is the booking's",
              (long long)slot->start_s);
    must_hold(status != FIG_CLOSED, "what is listed is open (start %lld)", (long long)slot->start_s);
    asked->available += slot->available;
}

static void check_order(const struct asked *asked)
{
    bool seen = false;
    for (size_t i = 0; i < asked->count; i++) {
        must_hold(i == 0 || asked->slots[i - 1].start_s < asked->slots[i].start_s, "starts ascend");
        must_hold(asked->slots[i].soonest == (asked->slots[i].available && !seen),
                  "the soonest is the first available");
        seen = seen || asked->slots[i].available;
    }
}

/* ---- next free ---- */

static void check_next(struct asked *asked)
{
    struct random_shop *world = asked->world;
    fig_view view = view_of(world);
    fig_slot next = fig_slot_default();
    int64_t from_s = world->around_s - 86400, to_s = from_s + 3 * 86400;
    fig_status status = fig_find_next(world->engine, &view, &asked->wish, from_s, to_s, &next, NULL);
    must_hold(status == FIG_OK || status == FIG_NOT_FOUND, "next: %s", fig_status_name(status));
    int64_t end_s = status == FIG_OK ? next.start_s : to_s;
    for (size_t i = 0; i < asked->count; i++) {
        const fig_slot *slot = &asked->slots[i];
        bool within = slot->start_s >= from_s && slot->end_s <= to_s;
        must_hold(!slot->available || !within || slot->start_s >= end_s, "a slot at %lld is free before the next one",
                  (long long)slot->start_s);
    }
    if (status == FIG_OK) {
        fig_wish one = with_barber(&asked->wish, next.barber_id);
        must_hold(random_shop_try(world, &one, next.start_s) == FIG_OK, "the next free start, %lld, can be booked",
                  (long long)next.start_s);
    }
    for (int i = 0; i < 12 && end_s > from_s; i++) {
        int64_t at_s = i == 0 ? end_s - 1 : support_between(&world->random, from_s, end_s - 1);
        if (status != FIG_OK && asked->wish.duration_s == 0) break; /* where it would end is the barber's affair */
        if (status != FIG_OK && at_s + asked->wish.duration_s > to_s) continue;
        bool taken = asked->wish.barber_id == 0 ? anybody_takes(asked, at_s)
                                                : random_shop_try(world, &asked->wish, at_s) == FIG_OK;
        must_hold(!taken, "%lld can be booked, before the next free start", (long long)at_s);
    }
}

/* ---- and really booked ---- */

static void book_one(struct asked *asked)
{
    struct random_shop *world = asked->world;
    if (asked->count == 0) return;
    const fig_slot *slot = &asked->slots[support_below(&world->random, asked->count)];
    fig_request request = random_shop_booking(world, &asked->wish, slot->start_s);
    fig_outcome outcome = fig_outcome_default();
    request.nearest = true;
    fig_status status = fig_book(world->engine, &request, &outcome);
    must_hold(slot->available == (status == FIG_OK), "start %lld: %s", (long long)slot->start_s,
              fig_status_name(status));
    if (status == FIG_OK) {
        must_hold(outcome.appointment.barber_id == slot->barber_id, "the barber who was named is taken");
        must_hold(outcome.appointment.end_s == slot->end_s, "it ends when the slot does");
    } else if (outcome.nearest_barber_id != 0) {
        fig_wish one = with_barber(&asked->wish, outcome.nearest_barber_id);
        must_hold(random_shop_try(world, &one, outcome.nearest_s) == FIG_OK, "the nearest start would do");
    }
}

static uint64_t ask_world(uint64_t seed)
{
    struct random_shop world = random_shop_make(seed);
    static struct asked asked;
    uint64_t available = 0;
    for (int i = 0; i < WISHES; i++) {
        asked = (struct asked){.world = &world, .wish = random_shop_wish(&world)};
        for (size_t slot = 0; slot < SLOTS; slot++) asked.slots[slot] = fig_slot_default();
        if (list(&asked) != FIG_OK) continue;
        check_order(&asked);
        for (size_t slot = 0; slot < asked.count; slot++) hold_against_booking(&asked, &asked.slots[slot]);
        check_next(&asked);
        book_one(&asked);
        available += asked.available;
    }
    random_shop_close(&world);
    return available;
}

static void ask_worlds(unsigned part)
{
    struct support_seeds seeds = support_seeds_of(part, PARTS);
    uint64_t available = 0;
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        seed_now = seed;
        available += ask_world(2 * seed) + ask_world(2 * seed + 1);
    }
    if (seeds.end - seeds.first > 10) cr_assert_gt(available, 100, "the worlds have room enough to prove something");
}

Test(bookable, what_is_listed_1) { ask_worlds(0); }
Test(bookable, what_is_listed_2) { ask_worlds(1); }
Test(bookable, what_is_listed_3) { ask_worlds(2); }
Test(bookable, what_is_listed_4) { ask_worlds(3); }
