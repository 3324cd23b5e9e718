#include "tests/engine/shop_days.h"

#include <stdio.h>
#include <string.h>

int32_t day_of(int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return 20454 + before[month - 1] + day - 1; /* 2026-01-01 */
}

int64_t instant_in(const char *zone, int month, int day, int hour, int minute)
{
    fig_local local = {.year = 2026, .month = (uint8_t)month, .day = (uint8_t)day, .hour = (uint8_t)hour};
    local.minute = (uint8_t)minute;
    fig_zone *opened;
    int64_t instant_s = 0;
    must_be(fig_zone_open(NULL, zone, &opened, NULL), FIG_OK);
    must_be(fig_zone_to_utc(opened, &local, false, &instant_s, NULL), FIG_OK);
    fig_zone_close(opened);
    return instant_s;
}

void set_zone(fig_engine *engine, const char *zone)
{
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE;
    snprintf(shop.zone, sizeof shop.zone, "%s", zone);
    declare_shop(engine, shop);
}

/* ---- declarations ---- */

fig_schedule schedule_of(fig_owner owner, uint64_t owner_id, uint32_t fields)
{
    fig_schedule schedule = fig_schedule_default();
    schedule.owner = owner;
    schedule.owner_id = owner_id;
    schedule.fields = fields;
    return schedule;
}

fig_outcome declare_schedule(fig_engine *engine, const fig_schedule *schedule, fig_status status)
{
    fig_request request = fig_declare_schedule_default();
    request.now_s = BEFORE_IT;
    request.schedule = schedule;
    return must(engine, request, status);
}

void open_daily(fig_engine *engine, uint64_t barber_id, int from_hour, int to_hour)
{
    fig_weekly weekly[7];
    for (uint8_t i = 0; i < 7; i++) weekly[i] = (fig_weekly){i, (uint32_t)from_hour * HOUR, (uint32_t)to_hour * HOUR};
    fig_schedule schedule = schedule_of(FIG_OWNER_BARBER, barber_id, FIG_SCHEDULE_WEEKLY);
    schedule.weekly = weekly;
    schedule.weekly_count = 7;
    declare_schedule(engine, &schedule, FIG_OK);
}

fig_service a_service(uint64_t id, const char *name, uint32_t minutes)
{
    fig_service service = fig_service_default();
    service.fields = FIG_SERVICE_ALL;
    service.id = id;
    snprintf(service.name, sizeof service.name, "%s", name);
    service.duration_s = minutes * MINUTE;
    return service;
}

fig_outcome declare_service(fig_engine *engine, const fig_service *service)
{
    fig_request request = fig_declare_service_default();
    request.now_s = BEFORE_IT;
    request.service = service;
    return must(engine, request, FIG_OK);
}

fig_outcome declare_client(fig_engine *engine, const fig_client *client)
{
    fig_request request = fig_declare_client_default();
    request.now_s = BEFORE_IT;
    request.client = client;
    return must(engine, request, FIG_OK);
}

fig_outcome declare_rule(fig_engine *engine, const fig_rule *rule)
{
    fig_request request = fig_declare_rule_default();
    request.now_s = BEFORE_IT;
    request.rule = rule;
    return must(engine, request, FIG_OK);
}

/* ---- slots ---- */

fig_wish wish_for(uint64_t barber_id, uint32_t minutes)
{
    fig_wish wish = fig_wish_default();
    wish.barber_id = barber_id;
    wish.duration_s = minutes * MINUTE;
    return wish;
}

size_t slots_of(fig_engine *engine, const fig_wish *wish, int32_t day, int64_t now_s, fig_slot slots[DAY_SLOTS])
{
    fig_view view = at(now_s);
    fig_slots found = fig_slots_default();
    for (size_t i = 0; i < DAY_SLOTS; i++) slots[i] = fig_slot_default();
    found.list = slots;
    found.capacity = DAY_SLOTS;
    must_be(fig_list_slots(engine, &view, wish, day, &found), FIG_OK);
    cr_assert_lt(found.count, DAY_SLOTS);
    return found.count;
}

char listed(fig_engine *engine, const fig_wish *wish, int32_t day, int64_t now_s, int64_t start_s)
{
    fig_slot slots[DAY_SLOTS];
    size_t count = slots_of(engine, wish, day, now_s, slots);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].start_s != start_s) continue;
        return slots[i].available ? 'a' : slots[i].why == FIG_CONFLICT ? 'c' : 'r';
    }
    return '-';
}
