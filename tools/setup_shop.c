/* Shops of a setup file, with their hours and what they say of slots. */
#include "tools/setup_values.h"

#include <stdlib.h>

enum { DAYS_MAX = FIG_DAY_MAX };

static bool read_id(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    return setup_read_id(value, &shop->shop.id, why);
}

static bool read_name(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->shop.fields |= FIG_SHOP_NAME;
    return setup_read_text(value, FIG_NAME_MAX, shop->shop.name, why);
}

static bool read_zone(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->shop.fields |= FIG_SHOP_ZONE;
    return setup_read_text(value, FIG_ZONE_MAX, shop->shop.zone, why);
}

static bool read_buffers(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    unsigned which = 0;
    shop->shop.fields |= FIG_SHOP_BUFFERS;
    if (!setup_read_word(value, "shared|exclusive", &which, why)) return false;
    shop->shop.buffers = (fig_buffers)which;
    return true;
}

static bool read_past(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    unsigned which = 0;
    shop->shop.fields |= FIG_SHOP_PAST;
    if (!setup_read_word(value, "allow|refuse", &which, why)) return false;
    shop->shop.past = (fig_past)which;
    return true;
}

static bool read_hours(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_WEEKLY;
    return setup_read_weekly(value, &shop->schedule.weekly, &shop->schedule.weekly_count, why);
}

static bool read_clip(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_CLIP;
    return setup_read_boolean(value, &shop->schedule.clip_to_hours, why);
}

static bool read_grid(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_GRID;
    return setup_read_minutes(value, FIG_GRID_MIN_S, FIG_GRID_MAX_S, &shop->schedule.grid_s, why);
}

static bool read_lead(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_LEAD;
    return setup_read_minutes(value, 0, FIG_DURATION_MAX, &shop->schedule.lead_s, why);
}

static bool read_horizon(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_HORIZON;
    return setup_read_number(value, 0, DAYS_MAX, &shop->schedule.horizon_days, why);
}

static bool read_same_day(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_SAME_DAY;
    return setup_read_boolean(value, &shop->schedule.same_day, why);
}

static bool read_cutoff(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->schedule.fields |= FIG_SCHEDULE_CUTOFF;
    shop->schedule.cutoff_s = FIG_NO_CUTOFF;
    return json_is_null(value) || setup_read_clock(value, &shop->schedule.cutoff_s, why);
}

static bool read_rule_errors(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    unsigned which = 0;
    shop->schedule.fields |= FIG_SCHEDULE_RULE_ERRORS;
    if (!setup_read_word(value, SETUP_RULE_ERRORS, &which, why)) return false;
    shop->schedule.rule_errors = (fig_rule_errors)which;
    return true;
}

/* The schedule keeps one list of both kinds. */
static bool add_cuts(const json_t *value, bool (*read)(const json_t *value, setup_cuts *cuts, reason *why),
                     setup_shop *shop, reason *why)
{
    setup_cuts cuts = {shop->schedule.cuts, shop->schedule.cut_count};
    bool good = read(value, &cuts, why);
    shop->schedule.cuts = cuts.list;
    shop->schedule.cut_count = cuts.count;
    shop->schedule.fields |= FIG_SCHEDULE_CUTS;
    return good;
}

static bool read_blackouts(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->has_blackouts = true;
    return add_cuts(value, setup_read_blackouts, shop, why);
}

static bool read_holidays(const json_t *value, void *into, reason *why)
{
    setup_shop *shop = into;
    shop->has_holidays = true;
    return add_cuts(value, setup_read_holidays, shop, why);
}

bool setup_read_shop(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_id},
        {"name", read_name},
        {"zone", read_zone},
        {"buffers", read_buffers},
        {"past", read_past},
        {"hours", read_hours},
        {"clip_to_hours", read_clip},
        {"grid_minutes", read_grid},
        {"lead_minutes", read_lead},
        {"horizon_days", read_horizon},
        {"same_day", read_same_day},
        {"same_day_cutoff", read_cutoff},
        {"on_rule_error", read_rule_errors},
        {"blackouts", read_blackouts},
        {"holidays", read_holidays},
    };
    setup_shop *shop = into;
    shop->shop = fig_shop_default();
    shop->shop.fields = 0;
    shop->schedule = fig_schedule_default();
    shop->schedule.fields = 0;
    shop->schedule.owner = FIG_OWNER_SHOP;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, shop, why)) return false;
    if (shop->schedule.cut_count > FIG_LIST_MAX)
        return reason_set(why, ".blackouts: and holidays are %zu together; at most %d are kept",
                          shop->schedule.cut_count, FIG_LIST_MAX);
    shop->schedule.owner_id = shop->shop.id;
    return shop->shop.id != 0 || reason_set(why, ".id: is missing");
}
