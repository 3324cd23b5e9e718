#include "tools/ics_zone.h"

#include "tools/ics_recur.h"

#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 20000 }; /* of a VTIMEZONE */

/* ---- VTIMEZONE ---- */

static int64_t clock_before(const void *zone, int64_t instant_s)
{
    return instant_s + ((const ics_observance *)zone)->from_s;
}

static bool add_change(ics_zone *zone, const ics_observance *part, int64_t clock_s, reason *why)
{
    if (zone->change_count == CHANGES_MAX)
        return reason_set(why, "its VTIMEZONE has more than %d changes", CHANGES_MAX);
    if (zone->change_count == zone->change_room) {
        size_t room = zone->change_room == 0 ? 16 : zone->change_room * 2;
        struct ics_change *grown = realloc(zone->changes, room * sizeof *grown);
        if (grown == NULL) return reason_set(why, "out of memory");
        zone->changes = grown;
        zone->change_room = room;
    }
    zone->changes[zone->change_count++] =
        (struct ics_change){.at_s = clock_s - part->from_s, .from_s = part->from_s, .to_s = part->to_s};
    return true;
}

static bool add_rules(ics_zone *zone, const ics_observance *part, int64_t *steps, reason *why)
{
    ics_clocks clocks = {0};
    ics_span span = {.start_s = part->clock_s, .to_s = FIG_TIME_MAX, .clock_of = clock_before, .zone = part};
    bool good = true;
    for (size_t i = 0; good && i < part->rules.count; i++)
        good = ics_recur_expand(part->rules.list[i], &span, steps, &clocks, NULL, why);
    for (size_t i = 0; good && i < clocks.count; i++)
        if (clocks.list[i] != part->clock_s) good = add_change(zone, part, clocks.list[i], why);
    ics_clocks_free(&clocks);
    return good;
}

static bool add_part(ics_zone *zone, const ics_observance *part, int64_t *steps, reason *why)
{
    if (!part->has_start || !part->has_from || !part->has_to)
        return reason_set(why, "its VTIMEZONE lacks a DTSTART, TZOFFSETFROM or TZOFFSETTO");
    if (!add_change(zone, part, part->clock_s, why)) return false;
    for (size_t i = 0; i < part->dates.count; i++)
        if (!add_change(zone, part, part->dates.list[i].start.clock_s, why)) return false;
    return add_rules(zone, part, steps, why) || reason_prefix(why, "its VTIMEZONE: ");
}

static int compare(const void *a, const void *b)
{
    const struct ics_change *x = a, *y = b;
    return x->at_s < y->at_s ? -1 : x->at_s > y->at_s;
}

static bool read_own(ics_zone *zone, const ics_vtimezone *from, int64_t *steps, reason *why)
{
    zone->is_own = true;
    if (from->fault.line != 0)
        return reason_set(why, "its VTIMEZONE, line %llu: %s: %.500s", (unsigned long long)from->fault.line,
                          from->fault.field, from->fault.why);
    if (from->count == 0) return reason_set(why, "its VTIMEZONE says nothing");
    for (size_t i = 0; i < from->count; i++)
        if (!add_part(zone, &from->parts[i], steps, why)) return false;
    qsort(zone->changes, zone->change_count, sizeof *zone->changes, compare);
    return true;
}

/* ---- names ---- */

static bool open_named(const ics_zones *zones, const char *name, local_zone *zone)
{
    reason ignored;
    if (*name == '\0') return false;
    if (ics_same(name, "UTC") || ics_same(name, "Z") || ics_same(name, "Etc/UTC")) name = "UTC";
    return zones->at != NULL ? session_read_zone(zones->at, name, zone, &ignored)
                             : local_zone_open(name, zone, &ignored);
}

/* Some programs put words of their own before the name: "/example.org/2026a/Europe/Madrid". */
static bool open_prefixed(const ics_zones *zones, const char *name, local_zone *zone)
{
    if (*name != '/') return false;
    for (int i = 0; name != NULL && i < 8; i++, name = strchr(name, '/'))
        if (open_named(zones, ++name, zone)) return true;
    return false;
}

static const ics_vtimezone *find_vtimezone(const ics_zones *zones, const char *tzid, size_t calendar)
{
    const ics_file *file = zones->file;
    for (size_t i = 0; i < file->zone_count; i++) {
        const ics_vtimezone *zone = &file->zones[i];
        if (zone->calendar == calendar && zone->tzid != NULL && strcmp(zone->tzid, tzid) == 0) return zone;
    }
    return NULL;
}

static bool resolve(const ics_zones *zones, ics_zone *zone)
{
    const ics_vtimezone *own = find_vtimezone(zones, zone->tzid, zone->calendar);
    if (open_named(zones, zone->tzid, &zone->named) || open_prefixed(zones, zone->tzid, &zone->named)) return true;
    if (own != NULL && own->location != NULL && open_named(zones, own->location, &zone->named)) return true;
    bool good = own != NULL
                    ? read_own(zone, own, zones->steps, &zone->why)
                    : reason_set(&zone->why, "no such zone is known, and the file has no VTIMEZONE of that name");
    return good || reason_prefix(&zone->why, "TZID '%.64s': ", zone->tzid);
}

const ics_zone *ics_zone_find(ics_zones *zones, const char *tzid, size_t calendar)
{
    for (size_t i = 0; i < zones->count; i++) {
        size_t at = (zones->last + i) % zones->count; /* most times are in the zone of the one before */
        if (zones->list[at].tzid != tzid || zones->list[at].calendar != calendar) continue;
        zones->last = at;
        return &zones->list[at];
    }
    if (zones->count == ICS_ZONES_USED_MAX) return NULL;
    ics_zone *grown = realloc(zones->list, (zones->count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    zones->list = grown;
    ics_zone *zone = &grown[zones->count++];
    *zone = (ics_zone){.tzid = tzid, .calendar = calendar};
    zone->good = resolve(zones, zone);
    return zone;
}

void ics_zones_free(ics_zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        local_zone_close(&zones->list[i].named);
        free(zones->list[i].changes);
    }
    free(zones->list);
    zones->list = NULL;
    zones->count = 0;
}

/* ---- time ---- */

/* The offset after the last change that is over at an instant, or by a clock: there a change is over when neither the
 * clock before it nor the one after it can still be meant. */
static int32_t offset_at(const ics_zone *zone, int64_t at_s, bool local)
{
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct ics_change *change = &zone->changes[middle];
        int32_t lead_s = !local ? 0 : change->from_s > change->to_s ? change->from_s : change->to_s;
        if (change->at_s + lead_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? zone->changes[0].from_s : zone->changes[low - 1].to_s;
}

bool ics_zone_instant(const ics_zone *zone, int64_t clock_s, int64_t *instant_s, reason *why)
{
    moment at = {.is_local = true, .seconds = clock_s};
    if (!zone->is_own) return local_zone_instant(&zone->named, at, instant_s, why);
    at = (moment){.seconds = clock_s - offset_at(zone, clock_s, true)};
    return local_zone_instant(&zone->named, at, instant_s, why);
}

int64_t ics_zone_clock(const ics_zone *zone, int64_t instant_s)
{
    if (!zone->is_own) return local_zone_clock(&zone->named, instant_s);
    return instant_s + offset_at(zone, instant_s, false);
}
