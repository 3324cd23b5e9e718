/* A made-up town of barbers and their appointments, drawn from a seed, in the shape of real bookings.
 *
 * Lengths, lead times and the share of cancellations are those of 214 offices whose bookings were watched for four
 * weeks (see bench/README.md). Every day each barber has two layers: bookings that were cancelled, and those that took
 * their time, which never overlap. Rows come as an application makes them: day by day, all barbers of a day together.
 */
#ifndef FIG_BENCH_TOWN_H
#define FIG_BENCH_TOWN_H

#include "bench/load/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOWN_FIRST_DAY 20458 /* 2026-01-05, a Monday */
#define TOWN_DAY_S     86400
#define TOWN_OPENS_S   (7 * 3600) /* every day, UTC */
#define TOWN_CLOSES_S  (17 * 3600)
#define TOWN_GRID_S    1800 /* from one slot to the next, and its length */
#define TOWN_SLOTS     ((TOWN_CLOSES_S - TOWN_OPENS_S) / TOWN_GRID_S)
#define TOWN_CLIENTS   50000
#define TOWN_SERVICES  20

/* Rows are appointments of any status. */
struct town {
    uint64_t seed;
    uint64_t rows;
    uint32_t barbers; /* ids 1 to barbers */
    bool always_open; /* no opening hours are declared */
};

struct town_appointment {
    uint64_t id; /* 1 to rows */
    uint64_t barber_id;
    uint64_t client_id;
    uint32_t service_id;
    bool active; /* else it was cancelled */
    int64_t start_s;
    int64_t end_s;
    int64_t booked_s;
};

struct town_walk {
    struct town town;
    struct draw draw;
    uint64_t made;
    int32_t day;
    uint32_t barber;
    bool active_layer;
    int64_t at_s; /* clock; past closing: the layer is full */
};

void town_begin(struct town_walk *walk, const struct town *town);
/* The next row. False: those were all. */
bool town_next(struct town_walk *walk, struct town_appointment *appointment);

int64_t town_opening_s(int32_t day);

/* A length, and how long before its start something is booked, as the offices have them. */
int64_t town_draw_length_s(struct draw *draw);
int64_t town_draw_lead_s(struct draw *draw);

#endif
