/* A random world: a shop with all that can be said of it, a few barbers, services, clients, rules and a history, around
 * a date on which something may happen to the clocks. Everything is declared through the public API. */
#ifndef FIG_TESTS_RANDOM_SHOP_H
#define FIG_TESTS_RANDOM_SHOP_H

#include "engine/figaro.h"
#include "tests/support.h"

enum { WORLD_BARBERS = 3, WORLD_SERVICES = 3, WORLD_CLIENTS = 3, WORLD_WALL = 99 };

struct random_shop {
    struct support_random random;
    fig_engine *engine;
    int32_t day;      /* the date that is asked about */
    int64_t around_s; /* an instant on it, roughly */
    int64_t now_s;    /* of every question */
    int64_t wall_s;   /* WORLD_WALL, a barber beside all this, is busy from here for an hour */
};

/* Makes the world of a seed. The engine is in memory; random_shop_close() it. */
struct random_shop random_shop_make(uint64_t seed);
void random_shop_close(struct random_shop *world);

/* Something to ask for: a barber or any, perhaps a service, a client, a length, buffers. */
fig_wish random_shop_wish(struct random_shop *world);

/* The booking of a wish at a start. */
fig_request random_shop_booking(const struct random_shop *world, const fig_wish *wish, int64_t start_s);

/* What the booking would come to; nothing is changed. FIG_OK: it would be accepted. Not for any barber. */
fig_status random_shop_try(const struct random_shop *world, const fig_wish *wish, int64_t start_s);

#endif
