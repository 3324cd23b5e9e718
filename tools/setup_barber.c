/* Barbers of a setup file: when they are open, when they are off, and what they do. */
#include "tools/setup_values.h"

#include "tools/rfc3339.h"

#include <stdlib.h>
#include <string.h>

/* ---- special days ---- */

/* A special day's fields as they are read; they make a window only together. */
struct special {
    int64_t midnight_s;
    int32_t start_s, end_s; /* from the date's midnight: in UTC, or where they have no offset that of the zone */
    bool start_is_local, end_is_local;
    bool has_date, has_start, has_end, has_kind;
    bool unavailable;
};

static bool read_special_date(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    reason inner;
    special->has_date = true;
    if (!json_is_string(value)) return reason_set(why, ": must be a text such as \"2026-12-06\"");
    return rfc3339_parse_date(json_string_value(value), &special->midnight_s, &inner) ||
           reason_set(why, ": %.700s", inner.text);
}

static bool read_time(const json_t *value, int32_t *seconds, bool *is_local, reason *why)
{
    reason inner;
    if (!json_is_string(value)) return reason_set(why, ": must be a text such as \"10:00\" or \"10:00+01:00\"");
    const char *text = json_string_value(value);
    return rfc3339_parse_clock(text, seconds, is_local, &inner) ||
           reason_set(why, ": '%.32s' %.650s", text, inner.text);
}

static bool read_special_start(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    special->has_start = true;
    return read_time(value, &special->start_s, &special->start_is_local, why);
}

static bool read_special_end(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    special->has_end = true;
    return read_time(value, &special->end_s, &special->end_is_local, why);
}

static bool read_special_kind(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    unsigned which = 0;
    special->has_kind = true;
    if (!setup_read_word(value, "available|unavailable", &which, why)) return false;
    special->unavailable = which == 1;
    return true;
}

static bool read_special(const json_t *object, fig_window *window, bool *is_local, reason *why)
{
    static const setup_field fields[] = {
        {"date", read_special_date},
        {"start", read_special_start},
        {"end", read_special_end},
        {"kind", read_special_kind},
    };
    struct special special = {0};
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, &special, why)) return false;
    const char *lacks = !special.has_date    ? "date"
                        : !special.has_start ? "start"
                        : !special.has_end   ? "end"
                        : !special.has_kind  ? "kind"
                                             : NULL;
    if (lacks != NULL) return reason_set(why, ".%s: is missing", lacks);
    if (special.start_is_local != special.end_is_local)
        return reason_set(why, ".%s: has no UTC offset and the other time has one; give both one, or neither",
                          special.start_is_local ? "start" : "end");

    *is_local = special.start_is_local;
    *window = fig_window_default();
    window->kind = special.unavailable ? FIG_WINDOW_UNAVAILABLE : FIG_WINDOW_AVAILABLE;
    window->start_s = special.midnight_s + special.start_s;
    window->end_s = special.midnight_s + special.end_s;
    if (window->end_s <= window->start_s) window->end_s += DAY_SECONDS; /* runs past midnight */
    if (window->start_s < FIG_TIME_MIN || window->end_s > FIG_TIME_MAX)
        return reason_set(why, ": lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    return true;
}

/* ---- services that they do ---- */

struct offer {
    fig_offer offer;
    setup_reference service;
    bool active;
};

static bool read_offer_id(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_reference(value, &offer->service, why);
}

static bool read_offer_name(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_text(value, FIG_NAME_MAX, offer->service.name, why);
}

static bool read_offer_minutes(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_minutes(value, 0, FIG_DURATION_MAX, &offer->offer.duration_s, why);
}

static bool read_offer_before(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_minutes(value, 0, FIG_BUFFER_MAX, &offer->offer.buffer_before_s, why);
}

static bool read_offer_after(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_minutes(value, 0, FIG_BUFFER_MAX, &offer->offer.buffer_after_s, why);
}

static bool read_offer_active(const json_t *value, void *into, reason *why)
{
    struct offer *offer = into;
    return setup_read_boolean(value, &offer->active, why);
}

static bool read_offer(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_offer_id},
        {"name", read_offer_name},
        {"minutes", read_offer_minutes},
        {"buffer_before_minutes", read_offer_before},
        {"buffer_after_minutes", read_offer_after},
        {"active", read_offer_active},
    };
    struct offer *offer = into;
    offer->active = true;
    offer->offer.buffer_before_s = FIG_BUFFER_DEFAULT;
    offer->offer.buffer_after_s = FIG_BUFFER_DEFAULT;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, offer, why)) return false;
    if (offer->service.id == 0 && offer->service.name[0] == '\0')
        return reason_set(why, ".id: is missing, and so is the name");
    offer->offer.declined = !offer->active;
    return true;
}

/* A service is told once. One by its name and once more by its id is found when it is declared. */
static bool check_offers(const struct offer *offers, size_t count, reason *why)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            const setup_reference *a = &offers[i].service, *b = &offers[j].service;
            if (a->id == b->id && strcmp(a->name, b->name) == 0)
                return reason_set(why, "[%zu].id: is also the service of [%zu]", i, j);
        }
    return true;
}

static bool take_offers(const struct offer *offers, size_t count, setup_barber *barber)
{
    barber->schedule.offers = calloc(count + 1, sizeof *barber->schedule.offers);
    barber->offered.list = calloc(count + 1, sizeof *barber->offered.list);
    if (barber->schedule.offers == NULL || barber->offered.list == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        barber->schedule.offers[i] = offers[i].offer;
        barber->offered.list[i] = offers[i].service;
    }
    barber->schedule.offer_count = barber->offered.count = count;
    return true;
}

/* ---- barbers ---- */

static bool read_id(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    return setup_read_id(value, &barber->barber.id, why);
}

static bool read_name(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_NAME;
    return setup_read_text(value, FIG_NAME_MAX, barber->barber.name, why);
}

static bool read_shop(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_SHOP;
    if (!setup_read_reference(value, &barber->shop, why)) return false;
    barber->barber.shop_id = barber->shop.id;
    return true;
}

static bool read_zone(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_ZONE;
    return setup_read_text_or_none(value, FIG_ZONE_MAX, barber->barber.zone, why);
}

static bool read_active(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_ACTIVE;
    return setup_read_boolean(value, &barber->barber.active, why);
}

static bool read_open(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    unsigned which = 0;
    barber->barber.fields |= FIG_BARBER_OPEN;
    if (!setup_read_word(value, "always|hours", &which, why)) return false;
    barber->barber.open = (fig_open_mode)which;
    return true;
}

static bool read_priority(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_PRIORITY;
    return setup_read_priority(value, &barber->barber.priority, why);
}

static bool read_hours(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->schedule.fields |= FIG_SCHEDULE_WEEKLY;
    return setup_read_weekly(value, &barber->schedule.weekly, &barber->schedule.weekly_count, why);
}

static bool read_time_off(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    setup_cuts cuts = {0};
    bool good = setup_read_time_off(value, &cuts, why);
    barber->schedule.fields |= FIG_SCHEDULE_CUTS;
    barber->schedule.cuts = cuts.list;
    barber->schedule.cut_count = cuts.count;
    return good;
}

static bool read_services(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    struct offer *offers = NULL;
    size_t count = 0;
    barber->schedule.fields |= FIG_SCHEDULE_OFFERS;
    bool good = setup_read_list(value, FIG_LIST_MAX, sizeof *offers, (void **)&offers, &count, read_offer, why);
    good = good && check_offers(offers, count, why);
    if (good && !take_offers(offers, count, barber)) good = reason_set(why, ": out of memory");
    free(offers);
    return good;
}

static bool read_windows(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    size_t count = json_array_size(value);
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    if (count > FIG_WINDOWS_MAX)
        return reason_set(why, ": has %zu windows; at most %d are kept", count, FIG_WINDOWS_MAX);
    barber->has_windows = true;
    barber->windows = calloc(count + 1, sizeof *barber->windows);
    barber->is_local = calloc(count + 1, sizeof *barber->is_local);
    if (barber->windows == NULL || barber->is_local == NULL) return reason_set(why, ": out of memory");
    for (; barber->window_count < count; barber->window_count++) {
        size_t i = barber->window_count;
        if (!read_special(json_array_get(value, i), &barber->windows[i], &barber->is_local[i], why))
            return reason_prefix(why, "[%zu]", i);
        barber->local_count += barber->is_local[i];
    }
    return true;
}

bool setup_read_barber(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_id},
        {"name", read_name},
        {"shop", read_shop},
        {"zone", read_zone},
        {"active", read_active},
        {"open", read_open},
        {"priority", read_priority},
        {"hours", read_hours},
        {"time_off", read_time_off},
        {"special", read_windows},
        {"services", read_services},
    };
    setup_barber *barber = into;
    barber->barber = fig_barber_default();
    barber->barber.fields = 0;
    barber->barber.id = 0;
    barber->schedule = fig_schedule_default();
    barber->schedule.fields = 0;
    barber->schedule.owner = FIG_OWNER_BARBER;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, barber, why)) return false;
    if (barber->barber.id == 0 && barber->barber.name[0] == '\0')
        return reason_set(why, ".id: is missing, and so is the name");
    return true;
}

void setup_barber_free(setup_barber *barber)
{
    free(barber->schedule.weekly);
    free(barber->schedule.cuts);
    free(barber->schedule.offers);
    free(barber->offered.list);
    free(barber->windows);
    free(barber->is_local);
}

/* ---- into a zone ---- */

static bool place_window(fig_window *window, const local_zone *zone, reason *why)
{
    reason inner;
    if (!local_zone_instant(zone, (moment){true, window->start_s}, &window->start_s, &inner))
        return reason_set(why, ".start: %.700s", inner.text);
    if (!local_zone_instant(zone, (moment){true, window->end_s}, &window->end_s, &inner))
        return reason_set(why, ".end: %.700s", inner.text);
    return true;
}

bool setup_place_windows(setup_barber *barber, const local_zone *zone, reason *why)
{
    size_t kept = 0;
    for (size_t i = 0; i < barber->window_count; i++) {
        fig_window window = barber->windows[i];
        if (barber->is_local[i] && !place_window(&window, zone, why)) return reason_prefix(why, "[%zu]", i);
        barber->is_local[i] = false;
        if (window.start_s < window.end_s) barber->windows[kept++] = window; /* clocks may skip the whole of it */
    }
    barber->window_count = kept;
    barber->local_count = 0;
    return true;
}
