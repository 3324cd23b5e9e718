/* A booking server's questions, asked of Figaro and of SQLite in turn, round by round, through what each offers to its
 * callers. Questions are asked by one thread and timed by its processor time; bookings by the clock, since a commit
 * waits for the disk.
 *
 * First the answers: nothing is timed before both sides gave the same, to the slot. */
#include "bench/micro_slots.h"

#include "bench/slots_world.h"
#include "bench/sqlite_diary.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ROUNDS_MAX = 64,
    TOWN_BARBERS = 1000,
    TOWN_WEEKS = 2,
    PACKED_BARBERS = 10000,
    PACKED_EACH = 100,
    PACKED_WITH = 7001, /* whose break it is, */
    PACKED_AFTER = 60,  /* after so many */
    TRIED_BARBERS = 30, /* that bookings are tried with, to compare answers; those that are timed go to the others */
    TRIED_CLIENTS = 100,
    TRIED = 6000,
    BOOKED_DAYS = 48, /* eight weeks, without Sundays */
    BOOKED_A_DAY = 12,
    MANY = 256 /* bookings that share a commit */
};

#define ASKED_DAY (WORLD_FIRST_DAY + 9)  /* a Wednesday in the midst of the town's appointments */
#define BOOK_DAY  (WORLD_FIRST_DAY + 13) /* the Sunday after them */

/* Both sides of one world. */
struct sides {
    fig_engine *engine;
    fig_engine *caching; /* the town again, with a cache of slot lists; else NULL */
    struct diary *diary;
    struct slots_world world;
    fig_view view;
    fig_slot *list; /* WORLD_SLOTS_MAX */
    fig_request *requests;
    fig_outcome *outcomes; /* MANY each */
    uint64_t own_made;     /* bookings so far */
    uint64_t other_made;
    uint64_t sink;
};

static bool fail(const char *what)
{
    fprintf(stderr, "the bench of slots failed: %s\n", what);
    return false;
}

static fig_engine *engine_open(const char *store, uint32_t cache_entries)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.in_memory = store == NULL;
    options.default_zone = WORLD_ZONE;
    options.slot_cache_entries = cache_entries;
    if (store == NULL) options.checkpoint_records = 0; /* in memory there is nothing to load again */
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    if (fig_open(store, &options, &engine, &error) != FIG_OK) fail(error.message);
    return engine;
}

static bool sides_open(struct sides *sides, const char *store, const char *base)
{
    sides->engine = engine_open(store, 0);
    sides->diary = diary_make(base);
    sides->view = fig_view_default();
    sides->list = malloc(WORLD_SLOTS_MAX * sizeof *sides->list);
    sides->requests = malloc(MANY * sizeof *sides->requests);
    sides->outcomes = malloc(MANY * sizeof *sides->outcomes);
    for (size_t i = 0; sides->list != NULL && i < WORLD_SLOTS_MAX; i++) sides->list[i] = fig_slot_default();
    if (sides->diary == NULL) return fail(diary_message(NULL));
    return sides->engine != NULL && sides->list != NULL && sides->requests != NULL && sides->outcomes != NULL;
}

static bool sides_fill(struct sides *sides)
{
    if (!slots_world_tell(&sides->world, sides->engine)) return fail("Figaro did not take the world");
    return diary_fill(sides->diary, &sides->world) ? true : fail(diary_message(sides->diary));
}

static void sides_close(struct sides *sides)
{
    fig_close(sides->engine);
    fig_close(sides->caching);
    diary_close(sides->diary);
    slots_world_release(&sides->world);
    free(sides->list);
    free(sides->requests);
    free(sides->outcomes);
}

/* ------------------------------------------------------------------ contests */

/* Asks the ith question. False: it failed. */
typedef bool ask(struct sides *sides, size_t i);
typedef int64_t tell_time(void);

struct contest {
    const char *name;
    const char *unit;
    const char *baseline; /* what the other is; NULL: there is none */
    ask *own;
    ask *other;
    size_t own_count; /* questions of a round */
    size_t other_count;
    size_t each; /* what the unit counts, in a question */
    tell_time *time;
    double aim;     /* of the ratio; 0: none */
    double own_aim; /* of Figaro's median; 0: none */
};

static double time_of(struct sides *sides, const struct contest *contest, ask *asker, size_t count, unsigned round)
{
    int64_t began_ns = contest->time();
    for (size_t i = 0; i < count; i++)
        if (!asker(sides, round * count + i)) return -1;
    return (double)(contest->time() - began_ns) / (double)(count * contest->each);
}

/* Who was second in a round is first in the next. */
static bool take_turns(struct sides *sides, const struct contest *contest, unsigned rounds, double *own, double *other)
{
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned turn = 0; turn < 2; turn++) {
            bool is_own = (round + turn) % 2 == 0;
            if (!is_own && contest->other == NULL) continue;
            double *took = is_own ? &own[round] : &other[round];
            *took = is_own ? time_of(sides, contest, contest->own, contest->own_count, round)
                           : time_of(sides, contest, contest->other, contest->other_count, round);
            if (*took < 0) return fail(contest->name);
        }
    return true;
}

static void add_by_itself(struct figures *figures, const struct contest *contest, struct figure figure)
{
    char name[96];
    snprintf(name, sizeof name, "%s, by itself", contest->name);
    figure.name = name;
    figure.baseline = NULL;
    figure.aim = contest->own_aim;
    figures_add(figures, &figure);
}

static bool run(struct figures *figures, struct sides *sides, const struct contest *contest, unsigned rounds)
{
    double own[ROUNDS_MAX], other[ROUNDS_MAX];
    if (!take_turns(sides, contest, rounds, own, other)) return false;
    struct figure figure = {.name = contest->name,
                            .unit = contest->unit,
                            .baseline = contest->baseline,
                            .samples = own,
                            .baseline_samples = other,
                            .count = rounds,
                            .aim = contest->aim};
    figures_add(figures, &figure);
    if (contest->own_aim != 0) add_by_itself(figures, contest, figure);
    return true;
}

static bool run_all(struct figures *figures, struct sides *sides, const struct contest *contests, size_t count,
                    unsigned rounds)
{
    for (size_t i = 0; i < count; i++)
        if (!run(figures, sides, &contests[i], rounds)) return false;
    return true;
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ------------------------------------------------------------------ slots */

static bool list_slots(struct sides *sides, const fig_wish *wish, int32_t day, fig_slots *slots)
{
    *slots = fig_slots_default();
    slots->list = sides->list;
    slots->capacity = WORLD_SLOTS_MAX;
    return fig_list_slots(sides->engine, &sides->view, wish, day, slots) == FIG_OK && slots->count <= WORLD_SLOTS_MAX;
}

static fig_wish wish_for(uint64_t barber_id, uint64_t shop_id)
{
    fig_wish wish = fig_wish_default();
    wish.barber_id = barber_id;
    wish.any_shop_id = shop_id;
    wish.service_id = WORLD_SERVICE;
    return wish;
}

/* Questions go through the barbers in an order that memory does not know. */
static uint64_t ith_barber(size_t i, size_t of) { return i * 7919 % of + 1; }

static bool own_day(struct sides *sides, size_t i)
{
    fig_wish wish = wish_for(ith_barber(i, TOWN_BARBERS), 0);
    fig_slots slots;
    if (!list_slots(sides, &wish, ASKED_DAY, &slots)) return false;
    sides->sink += slots.count;
    return true;
}

static bool other_day(struct sides *sides, size_t i)
{
    struct world_slot slots[WORLD_SLOTS_MAX];
    int count = diary_day(sides->diary, ith_barber(i, TOWN_BARBERS), ASKED_DAY, sides->view.now_s, slots);
    sides->sink += (uint64_t)count;
    return count >= 0;
}

/* The same barber all the time: what is asked is in the cache. */
static bool own_same_day(struct sides *sides, size_t i)
{
    (void)i;
    return own_day(sides, TOWN_BARBERS / 2);
}

static bool other_same_day(struct sides *sides, size_t i)
{
    (void)i;
    return other_day(sides, TOWN_BARBERS / 2);
}

static bool other_day_by_starts(struct sides *sides, size_t i)
{
    struct world_slot slots[WORLD_SLOTS_MAX];
    int count = diary_day_by_starts(sides->diary, ith_barber(i, TOWN_BARBERS), ASKED_DAY, sides->view.now_s, slots);
    sides->sink += (uint64_t)count;
    return count >= 0;
}

static bool other_same_day_by_starts(struct sides *sides, size_t i)
{
    (void)i;
    return other_day_by_starts(sides, TOWN_BARBERS / 2);
}

static bool own_each(struct sides *sides, size_t of)
{
    for (size_t i = 0; i < of; i++)
        if (!own_day(sides, i * TOWN_BARBERS / of)) return false;
    return true;
}

static bool other_each(struct sides *sides, size_t of)
{
    for (size_t i = 0; i < of; i++)
        if (!other_day(sides, i * TOWN_BARBERS / of)) return false;
    return true;
}

static bool own_any(struct sides *sides, uint64_t shop_id)
{
    fig_wish wish = wish_for(0, shop_id);
    fig_slots slots;
    if (!list_slots(sides, &wish, ASKED_DAY, &slots)) return false;
    sides->sink += slots.count;
    return true;
}

static bool other_any(struct sides *sides, uint64_t shop_id)
{
    struct world_slot slots[WORLD_SLOTS_MAX];
    int count = diary_any_day(sides->diary, shop_id, ASKED_DAY, sides->view.now_s, slots);
    sides->sink += (uint64_t)count;
    return count >= 0;
}

#define WITH_NUMBER(name, asker, number)                                                                               \
    static bool name(struct sides *sides, size_t i)                                                                    \
    {                                                                                                                  \
        (void)i;                                                                                                       \
        return asker(sides, number);                                                                                   \
    }
WITH_NUMBER(own_each_50, own_each, 50)
WITH_NUMBER(other_each_50, other_each, 50)
WITH_NUMBER(own_each_1000, own_each, TOWN_BARBERS)
WITH_NUMBER(other_each_1000, other_each, TOWN_BARBERS)
WITH_NUMBER(own_any_50, own_any, WORLD_SMALL_SHOP)
WITH_NUMBER(other_any_50, other_any, WORLD_SMALL_SHOP)
WITH_NUMBER(own_any_1000, own_any, 0)
WITH_NUMBER(other_any_1000, other_any, 0)

/* Both lists are the same, to the slot. */
static bool same_slots(const fig_slots *own, const struct world_slot *other, int other_count)
{
    if (other_count < 0 || own->count != (size_t)other_count) return false;
    for (size_t i = 0; i < own->count; i++)
        if (own->list[i].barber_id != other[i].barber_id || own->list[i].start_s != other[i].start_s ||
            own->list[i].end_s != other[i].end_s || own->list[i].available != other[i].available)
            return false;
    return true;
}

static bool same_day(struct sides *sides, uint64_t barber_id, int32_t day, size_t *available)
{
    fig_wish wish = wish_for(barber_id, 0);
    fig_slots own;
    struct world_slot other[WORLD_SLOTS_MAX], by_starts[WORLD_SLOTS_MAX];
    if (!list_slots(sides, &wish, day, &own)) return false;
    for (size_t i = 0; i < own.count; i++) *available += own.list[i].available;
    int64_t now_s = sides->view.now_s;
    return same_slots(&own, other, diary_day(sides->diary, barber_id, day, now_s, other)) &&
           same_slots(&own, by_starts, diary_day_by_starts(sides->diary, barber_id, day, now_s, by_starts));
}

static bool same_any(struct sides *sides, uint64_t shop_id, int32_t day)
{
    fig_wish wish = wish_for(0, shop_id);
    fig_slots own;
    struct world_slot other[WORLD_SLOTS_MAX];
    return list_slots(sides, &wish, day, &own) &&
           same_slots(&own, other, diary_any_day(sides->diary, shop_id, day, sides->view.now_s, other));
}

/* Every barber and any, over the town's days and the Sunday after them. */
static bool same_slots_of_town(struct sides *sides)
{
    size_t available = 0;
    for (int32_t day = WORLD_FIRST_DAY; day <= BOOK_DAY; day++) {
        for (uint64_t id = 1; id <= TOWN_BARBERS; id++)
            if (!same_day(sides, id, day, &available)) return fail("the two sides list other slots");
        if (!same_any(sides, WORLD_SMALL_SHOP, day) || !same_any(sides, 0, day))
            return fail("the two sides list other slots of any barber");
    }
    return available > TOWN_BARBERS ? true : fail("hardly a slot is available: the comparison says nothing");
}

static bool slots_of_town(struct figures *figures, struct sides *sides, unsigned rounds)
{
    static const char marked[] = "SQLite, a range query, marked in C",
                      by_starts[] = "SQLite, a predecessor query a start";
    const struct contest contests[] = {
        {"a day's slots, one barber; SQLite by range", "ns a day", marked, own_same_day, other_same_day, 2000, 1000, 1,
         thread_ns, 0.01, 2000},
        {"a day's slots, one barber; SQLite by starts", "ns a day", by_starts, own_same_day, other_same_day_by_starts,
         2000, 500, 1, thread_ns, 0.01, 0},
        {"a day's slots, one of 1000 in no order; SQLite by range", "ns a day", marked, own_day, other_day, 2000, 1000,
         1, thread_ns, 0.01, 0},
        {"a day's slots, each of 50; SQLite by range", "ns", marked, own_each_50, other_each_50, 40, 20, 1, thread_ns,
         0.01, 0},
        {"a day's slots, each of 1000; SQLite by range", "ns", marked, own_each_1000, other_each_1000, 2, 1, 1,
         thread_ns, 0.01, 0},
        {"a day's slots, any of 50; SQLite by range", "ns", marked, own_any_50, other_any_50, 200, 50, 1, thread_ns,
         0.01, 0},
        {"a day's slots, any of 1000; SQLite by range", "ns", marked, own_any_1000, other_any_1000, 10, 3, 1, thread_ns,
         0.01, 0},
    };
    sides->view.now_s = world_instant(ASKED_DAY, 8 * 3600);
    if (!same_slots_of_town(sides)) return false;
    return run_all(figures, sides, contests, COUNT(contests), rounds);
}

/* ------------------------------------------------------------------ the cache of slot lists */

static bool cached_list(struct sides *sides, fig_wish wish)
{
    fig_slots slots = fig_slots_default();
    slots.list = sides->list;
    slots.capacity = WORLD_SLOTS_MAX;
    return fig_list_slots(sides->caching, &sides->view, &wish, ASKED_DAY, &slots) == FIG_OK;
}

static bool cached_day(struct sides *sides, size_t i)
{
    return cached_list(sides, wish_for(ith_barber(i, TOWN_BARBERS), 0));
}

static bool cached_any_50(struct sides *sides, size_t i)
{
    (void)i;
    return cached_list(sides, wish_for(0, WORLD_SMALL_SHOP));
}

/* Every list was asked for before: all are found. */
static bool cache_of_town(struct figures *figures, struct sides *sides, unsigned rounds)
{
    static const char anew[] = "made anew";
    const struct contest contests[] = {
        {"found in the cache: a day's slots, one barber", "ns a day", anew, cached_day, own_day, 2000, 2000, 1,
         thread_ns, 0, 0},
        {"found in the cache: a day's slots, any of 50", "ns", anew, cached_any_50, own_any_50, 200, 200, 1, thread_ns,
         0, 0},
    };
    sides->caching = engine_open(NULL, 4 * TOWN_BARBERS);
    if (sides->caching == NULL || !slots_world_tell(&sides->world, sides->caching)) return false;
    for (size_t i = 0; i < TOWN_BARBERS; i++)
        if (!cached_day(sides, i)) return fail("the cache");
    if (!cached_any_50(sides, 0) || !run_all(figures, sides, contests, COUNT(contests), rounds)) return false;
    fig_stats stats = fig_stats_default();
    if (fig_get_stats(sides->caching, &stats) != FIG_OK) return fail("stats of the cache");
    return stats.slot_list_hits > 2 * stats.slot_list_misses ? true : fail("the cache did not keep its lists");
}

/* ------------------------------------------------------------------ next free */

static int64_t packed_from_s(void) { return world_instant(WORLD_FIRST_DAY, 0); }
static int64_t packed_to_s(void) { return world_instant(WORLD_FIRST_DAY + 60, 0); }

static bool own_next(struct sides *sides, size_t i)
{
    fig_wish wish = wish_for(0, 0);
    (void)i;
    return fig_find_next(sides->engine, &sides->view, &wish, packed_from_s(), packed_to_s(), &sides->list[0], NULL) ==
           FIG_OK;
}

static bool other_next(struct sides *sides, size_t i)
{
    uint64_t barber_id;
    int64_t start_s;
    (void)i;
    bool found = diary_next_free(sides->diary, packed_from_s(), packed_to_s(), &barber_id, &start_s);
    sides->sink += barber_id;
    return found;
}

static bool same_next(struct sides *sides)
{
    uint64_t barber_id;
    int64_t start_s;
    if (!own_next(sides, 0)) return fail("Figaro finds no next free start");
    if (!diary_next_free(sides->diary, packed_from_s(), packed_to_s(), &barber_id, &start_s))
        return fail("SQLite finds no next free start");
    if (sides->list[0].barber_id != barber_id || sides->list[0].start_s != start_s)
        return fail("the two sides find another next free start");
    return barber_id == PACKED_WITH ? true : fail("the next free start is not the one that was left");
}

static bool next_of_packed(struct figures *figures, unsigned rounds)
{
    struct sides sides = {0};
    const struct contest contest = {"next free of 10000 x 100, one gap far away",
                                    "ns",
                                    "SQLite, a walk by the covering index",
                                    own_next,
                                    other_next,
                                    50,
                                    1,
                                    1,
                                    thread_ns,
                                    0.01,
                                    200000};
    bool good = sides_open(&sides, NULL, NULL) &&
                slots_world_packed(&sides.world, 2, PACKED_BARBERS, PACKED_EACH, PACKED_WITH, PACKED_AFTER) &&
                sides_fill(&sides);
    sides.view.now_s = packed_from_s() - WORLD_DAY_S;
    good = good && same_next(&sides) && run(figures, &sides, &contest, rounds);
    sides_close(&sides);
    return good;
}

/* ------------------------------------------------------------------ book */

static fig_request request_of(const struct world_booking *booking)
{
    fig_request request = fig_book_default();
    request.now_s = booking->now_s;
    request.barber_id = booking->barber_id;
    request.client_id = booking->client_id;
    request.service_id = WORLD_SERVICE;
    request.start_s = booking->start_s;
    request.end_s = booking->end_s;
    return request;
}

/* Any booking one may think of: on a Sunday, at night, too long, too soon, too far, taken, a client's third. */
static struct world_booking draw_booking(uint64_t *chance)
{
    int32_t day = BOOK_DAY + 1 + (int32_t)world_random(chance, 62);
    int64_t start_s = world_instant(day, 6 * 3600 + 300 * (uint32_t)world_random(chance, 15 * 12));
    bool asks_length = world_random(chance, 4) == 0;
    return (struct world_booking){.barber_id = 1 + world_random(chance, TRIED_BARBERS),
                                  .client_id = 1 + world_random(chance, TRIED_CLIENTS),
                                  .now_s = world_instant(BOOK_DAY + 1, 300 * (uint32_t)world_random(chance, 288)),
                                  .start_s = start_s,
                                  .end_s = asks_length ? start_s + 900 + 300 * (int64_t)world_random(chance, 28) : 0};
}

static bool same_bookings(struct sides *sides)
{
    uint64_t chance = 3;
    size_t counts[4] = {0}; /* FIG_OK to FIG_RULE */
    if (!diary_begin(sides->diary)) return fail(diary_message(sides->diary));
    for (size_t i = 0; i < TRIED; i++) {
        struct world_booking booking = draw_booking(&chance);
        fig_request request = request_of(&booking);
        fig_outcome outcome = fig_outcome_default();
        fig_status own = fig_book(sides->engine, &request, &outcome), other = diary_book(sides->diary, &booking);
        if (own != other) {
            fprintf(stderr, "booking %zu: Figaro says %s, SQLite %s\n", i, fig_status_name(own),
                    fig_status_name(other));
            return fail("the two sides decide otherwise");
        }
        if (own <= FIG_RULE) counts[own]++;
    }
    for (size_t i = 0; i < 4; i++)
        if (counts[i] < 50) return fail("an answer hardly ever came: the comparison says nothing");
    return diary_commit(sides->diary) ? true : fail(diary_message(sides->diary));
}

/* The nth booking that nothing is against: places are taken once each, in no order; at most one a day for a client. */
static struct world_booking nth_booking(const struct sides *sides, uint64_t n)
{
    const uint64_t step = 2654435761u; /* a prime */
    const uint64_t barbers = TOWN_BARBERS - TRIED_BARBERS, a_day = barbers * BOOKED_A_DAY;
    uint64_t place = n * step % (a_day * BOOKED_DAYS);
    uint64_t of_day = place % a_day, date = place / a_day;
    uint64_t barber_id = TRIED_BARBERS + 1 + of_day % barbers, turn = of_day / barbers;
    uint32_t opens_s = sides->world.barbers[barber_id - 1].hours[turn / 6].start_s;
    int32_t day = BOOK_DAY + 1 + (int32_t)(date / 6 * 7 + date % 6);
    return (struct world_booking){.barber_id = barber_id,
                                  .client_id = TRIED_CLIENTS + 1 + of_day,
                                  .now_s = world_instant(BOOK_DAY, 8 * 3600),
                                  .start_s = world_instant(day, opens_s + (uint32_t)(turn % 6) * 2400)};
}

static bool own_book(struct sides *sides, size_t i)
{
    struct world_booking booking = nth_booking(sides, sides->own_made++);
    fig_request request = request_of(&booking);
    fig_outcome outcome = fig_outcome_default();
    (void)i;
    return fig_book(sides->engine, &request, &outcome) == FIG_OK;
}

static bool own_book_many(struct sides *sides, size_t i)
{
    (void)i;
    for (size_t k = 0; k < MANY; k++) {
        struct world_booking booking = nth_booking(sides, sides->own_made++);
        sides->requests[k] = request_of(&booking);
        sides->outcomes[k] = fig_outcome_default();
    }
    if (fig_write(sides->engine, sides->requests, MANY, sides->outcomes) != FIG_OK) return false;
    for (size_t k = 0; k < MANY; k++)
        if (sides->outcomes[k].status != FIG_OK) return false;
    return true;
}

static bool other_book_some(struct sides *sides, size_t count)
{
    bool good = diary_begin(sides->diary);
    for (size_t k = 0; k < count && good; k++) {
        struct world_booking booking = nth_booking(sides, sides->other_made++);
        good = diary_book(sides->diary, &booking) == FIG_OK;
    }
    return good && diary_commit(sides->diary);
}
WITH_NUMBER(other_book, other_book_some, 1)
WITH_NUMBER(other_book_many, other_book_some, MANY)

static bool bookings_in_memory(struct figures *figures, struct sides *sides, unsigned rounds)
{
    static const char baseline[] = "SQLite in memory, the same transaction";
    const struct contest contests[] = {
        {"book with six rules, in memory, 1 a commit", "ns a booking", baseline, own_book, other_book, 1000, 1000, 1,
         clock_ns, 0.01, 0},
        {"book with six rules, in memory, 256 a commit", "ns a booking", baseline, own_book_many, other_book_many, 8, 8,
         MANY, clock_ns, 0.01, 0},
    };
    return run_all(figures, sides, contests, COUNT(contests), rounds);
}

static bool tell_rules(struct sides *sides)
{
    if (!slots_world_tell_rules(sides->engine)) return fail("Figaro did not take the rules");
    return diary_fill_rules(sides->diary) ? true : fail(diary_message(sides->diary));
}

/* How much the rules add to a day's slots, for a client who has a history. */
static bool own_day_with_rules(struct sides *sides, size_t i)
{
    fig_wish wish = wish_for(ith_barber(i, TOWN_BARBERS), 0);
    wish.client_id = 1 + i * 31 % WORLD_CLIENTS;
    fig_slots slots;
    return list_slots(sides, &wish, ASKED_DAY, &slots);
}

static bool slots_with_rules(struct figures *figures, struct sides *sides, unsigned rounds)
{
    const struct contest contest = {.name = "a day's slots, one barber, six rules, a client",
                                    .unit = "ns a day",
                                    .own = own_day_with_rules,
                                    .own_count = 2000,
                                    .each = 1,
                                    .time = thread_ns};
    return run(figures, sides, &contest, rounds);
}

static bool town_in_memory(struct figures *figures, unsigned rounds)
{
    struct sides sides = {0};
    bool good = sides_open(&sides, NULL, NULL) && slots_world_town(&sides.world, 1, TOWN_BARBERS, TOWN_WEEKS) &&
                sides_fill(&sides) && slots_of_town(figures, &sides, rounds) &&
                cache_of_town(figures, &sides, rounds) && tell_rules(&sides) &&
                slots_with_rules(figures, &sides, rounds) && same_bookings(&sides) &&
                bookings_in_memory(figures, &sides, rounds);
    sides_close(&sides);
    return good;
}

static bool town_on_disk(struct figures *figures, const char *directory, unsigned rounds)
{
    static const char baseline[] = "SQLite, write-ahead log, synced each commit";
    const struct contest contests[] = {
        {"book with six rules, durable, 1 a commit", "ns a booking", baseline, own_book, other_book, 64, 64, 1,
         clock_ns, 0, 0},
        {"book with six rules, durable, 256 a commit", "ns a booking", baseline, own_book_many, other_book_many, 8, 8,
         MANY, clock_ns, 0, 0},
    };
    char store[4096], base[4096];
    snprintf(store, sizeof store, "%s/slots", directory);
    snprintf(base, sizeof base, "%s/slots.sqlite", directory);
    struct sides sides = {0};
    bool good = sides_open(&sides, store, base) && slots_world_town(&sides.world, 1, TOWN_BARBERS, TOWN_WEEKS) &&
                sides_fill(&sides) && tell_rules(&sides) && run_all(figures, &sides, contests, COUNT(contests), rounds);
    sides_close(&sides);
    return good;
}

int micro_slots(struct figures *figures, const char *directory, unsigned rounds)
{
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    bool good =
        town_in_memory(figures, rounds) && next_of_packed(figures, rounds) && town_on_disk(figures, directory, rounds);
    return good ? 0 : 1;
}
