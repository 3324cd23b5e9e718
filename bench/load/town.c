#include "bench/load/town.h"

#include <math.h>

/* Of 130,654 bookings of January and February 2026: minutes, and how many of 10,000 were at most so long. */
static const struct {
    int minutes;
    unsigned of_10000;
} lengths[] = {{5, 5829},   {10, 7532},  {15, 8755},  {20, 9210},  {25, 9495},  {30, 9705}, {35, 9785},
               {40, 9824},  {45, 9872},  {50, 9892},  {55, 9906},  {60, 9929},  {75, 9945}, {90, 9957},
               {120, 9969}, {150, 9983}, {180, 9987}, {210, 9989}, {240, 10000}};

/* The lead times' twentieths, hours. */
static const double lead_hours[] = {0.0,   1.2,   3.8,   13.8,  19.0,  22.9,  27.4,  44.4,  62.2,  74.9,  97.0,
                                    121.3, 154.6, 169.8, 195.4, 238.7, 286.4, 351.2, 452.9, 531.9, 1023.4};

#define CANCELLED_OF_10000 5205
#define MEAN_GAP_S         2400.0 /* between the appointments of a layer: some eleven a day are left */

int64_t town_opening_s(int32_t day) { return (int64_t)day * TOWN_DAY_S + TOWN_OPENS_S; }

int64_t town_draw_length_s(struct draw *draw)
{
    unsigned drawn = (unsigned)draw_below(draw, 10000);
    size_t i = 0;
    while (lengths[i].of_10000 <= drawn) i++;
    return lengths[i].minutes * 60;
}

int64_t town_draw_lead_s(struct draw *draw)
{
    double at = draw_unit(draw) * 19.999999;
    int twentieth = (int)at;
    double hours = lead_hours[twentieth] + (at - twentieth) * (lead_hours[twentieth + 1] - lead_hours[twentieth]);
    return (int64_t)(hours * 3600);
}

static int64_t draw_gap_s(struct draw *draw) { return (int64_t)(-log(draw_unit(draw)) * MEAN_GAP_S) / 300 * 300; }

/* Each layer of each barber and day has numbers of its own, so that no order of walking changes them. */
static void begin_layer(struct town_walk *walk)
{
    uint64_t place = ((uint64_t)walk->day * walk->town.barbers + walk->barber) * 2 + walk->active_layer;
    walk->draw.state = walk->town.seed;
    walk->draw.state = draw_next(&walk->draw) ^ (place * UINT64_C(0xd1342543de82ef95));
    walk->at_s = TOWN_OPENS_S + draw_gap_s(&walk->draw);
}

static void next_layer(struct town_walk *walk)
{
    if (!walk->active_layer) {
        walk->active_layer = true;
    } else {
        walk->active_layer = false;
        if (++walk->barber == walk->town.barbers) {
            walk->barber = 0;
            walk->day++;
        }
    }
    begin_layer(walk);
}

void town_begin(struct town_walk *walk, const struct town *town)
{
    *walk = (struct town_walk){.town = *town, .day = TOWN_FIRST_DAY};
    begin_layer(walk);
}

/* Cancelled bookings are a little denser than those that stayed, as their share says. */
static int64_t spread_s(const struct town_walk *walk, int64_t gap_s)
{
    return walk->active_layer ? gap_s * CANCELLED_OF_10000 / (10000 - CANCELLED_OF_10000) / 300 * 300 : gap_s;
}

bool town_next(struct town_walk *walk, struct town_appointment *appointment)
{
    if (walk->made == walk->town.rows) return false;
    int64_t length_s = town_draw_length_s(&walk->draw);
    while (walk->at_s + length_s > TOWN_CLOSES_S) {
        next_layer(walk);
        length_s = town_draw_length_s(&walk->draw);
    }
    int64_t start_s = (int64_t)walk->day * TOWN_DAY_S + walk->at_s;
    *appointment = (struct town_appointment){.id = ++walk->made,
                                             .barber_id = (uint64_t)walk->barber + 1,
                                             .client_id = 1 + draw_below(&walk->draw, TOWN_CLIENTS),
                                             .service_id = (uint32_t)(1 + draw_below(&walk->draw, TOWN_SERVICES)),
                                             .active = walk->active_layer,
                                             .start_s = start_s,
                                             .end_s = start_s + length_s,
                                             .booked_s = start_s - town_draw_lead_s(&walk->draw)};
    walk->at_s += length_s + spread_s(walk, draw_gap_s(&walk->draw));
    return true;
}
