/* The worlds that slots, next free and bookings are asked of: drawn from a seed, the same for Figaro and for SQLite.
 *
 *   town      barbers with weekly hours from Monday to Saturday, a lunch break, some time off, and weeks of about ten
 *             appointments a day
 *   packed    barbers who are always open and have no break of any use between their appointments, but for one of them
 *
 * Everything lies in one winter of one zone, so that its offset is a number. Figaro reckons with the zone's data all
 * the same; SQLite, which has none, is given the number for nothing. */
#ifndef FIG_BENCH_SLOTS_WORLD_H
#define FIG_BENCH_SLOTS_WORLD_H

#include "engine/figaro.h"

#define WORLD_ZONE       "Europe/Madrid"
#define WORLD_OFFSET_S   3600
#define WORLD_FIRST_DAY  20465 /* 2026-01-12, a Monday */
#define WORLD_DAY_S      86400
#define WORLD_GRID_S     1800
#define WORLD_SERVICE    1 /* what is booked; */
#define WORLD_DURATION_S 1800
#define WORLD_AFTER_S    300 /* its buffer */
#define WORLD_CLIENTS    20000
#define WORLD_SMALL_SHOP 2 /* of the report's 50; the others are in shop 1 */
#define WORLD_SMALL_SIZE 50
#define WORLD_CUTS_MAX   1

/* What the shops ask. The first two of a town's slots, too; all six of a booking. */
#define WORLD_LEAD_S       7200
#define WORLD_HORIZON_DAYS 60
#define WORLD_ADVANCE_S    5400       /* rule min_advance_booking */
#define WORLD_LONGEST_S    7200       /* rule max_duration */
#define WORLD_OPENS_S      (8 * 3600) /* rule business_hours */
#define WORLD_CLOSES_S     (20 * 3600)
#define WORLD_MAX_PER_DAY  2 /* of the service, for a client */

struct world_window {
    uint32_t start_s; /* clocks */
    uint32_t end_s;
};

struct world_barber {
    uint64_t shop_id;
    struct world_window hours[2]; /* of every day from Monday to Saturday; both empty: always open */
    struct {
        int32_t from_day;
        int32_t to_day;
        struct world_window clocks; /* empty: whole days */
    } time_off[WORLD_CUTS_MAX];
    size_t time_off_count;
};

struct world_appointment {
    uint64_t barber_id;
    uint64_t client_id; /* 0: none */
    int64_t start_s;
    int64_t end_s;
    uint32_t before_s;
    uint32_t after_s;
};

struct slots_world {
    struct world_barber *barbers; /* their ids: 1 and on */
    size_t barber_count;
    struct world_appointment *appointments; /* in the order in which they are booked, which is none */
    size_t appointment_count;
    size_t appointment_capacity;
    uint64_t chance;
};

/* False: no memory. Release either way. */
bool slots_world_town(struct slots_world *world, uint64_t seed, size_t barbers, size_t weeks);
/* The one break, as long as the service with its buffer, is with the barber of that number, after that many. */
bool slots_world_packed(struct slots_world *world, uint64_t seed, size_t barbers, size_t each, uint64_t with,
                        size_t after);
void slots_world_release(struct slots_world *world);

/* Declares and books all of it. False: the engine refused something. */
bool slots_world_tell(const struct slots_world *world, fig_engine *engine);
/* The rules beyond lead and horizon. */
bool slots_world_tell_rules(fig_engine *engine);

/* The instant of a clock on a date. */
int64_t world_instant(int32_t day, uint32_t clock_s);
/* 0 Monday to 6 Sunday. */
int world_weekday(int32_t day);
uint64_t world_random(uint64_t *chance, uint64_t bound);

/* A slot as both sides tell it. */
struct world_slot {
    uint64_t barber_id;
    int64_t start_s;
    int64_t end_s;
    bool available;
};
#define WORLD_SLOTS_MAX 96

/* A booking that both sides are asked for. */
struct world_booking {
    uint64_t barber_id;
    uint64_t client_id;
    int64_t now_s;
    int64_t start_s;
    int64_t end_s; /* 0: as long as the service */
};

#endif
