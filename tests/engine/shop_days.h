/* A shop with hours, on days: the shortest way to say what is declared, what is listed, and when it is there. */
#ifndef FIG_TESTS_SHOP_DAYS_H
#define FIG_TESTS_SHOP_DAYS_H

#include "tests/engine/fixture.h"

/* 2026, as a day counted from 1970-01-01. */
int32_t day_of(int month, int day);
/* The instant of a local time in 2026. */
int64_t instant_in(const char *zone, int month, int day, int hour, int minute);

/* Shop 1 goes by this zone. */
void set_zone(fig_engine *engine, const char *zone);

/* Declares a barber's weekly windows, all alike from Monday to Sunday, and nothing else of the schedule. */
void open_daily(fig_engine *engine, uint64_t barber_id, int from_hour, int to_hour);
fig_outcome declare_schedule(fig_engine *engine, const fig_schedule *schedule, fig_status status);
fig_outcome declare_service(fig_engine *engine, const fig_service *service);
fig_outcome declare_client(fig_engine *engine, const fig_client *client);
fig_outcome declare_rule(fig_engine *engine, const fig_rule *rule);

fig_schedule schedule_of(fig_owner owner, uint64_t owner_id, uint32_t fields);
/* A service of so many minutes, active, with no rules; change fields, then declare it. */
fig_service a_service(uint64_t id, const char *name, uint32_t minutes);

fig_wish wish_for(uint64_t barber_id, uint32_t minutes);

/* The slots of a day, of which there must be fewer than DAY_SLOTS. Returns how many. */
enum { DAY_SLOTS = 256 };
size_t slots_of(fig_engine *engine, const fig_wish *wish, int32_t day, int64_t now_s, fig_slot slots[DAY_SLOTS]);
/* 'a' available, 'c' conflict, 'r' rule, '-' not listed. */
char listed(fig_engine *engine, const fig_wish *wish, int32_t day, int64_t now_s, int64_t start_s);

#endif
