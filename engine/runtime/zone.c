/* Zones for callers: the rules of the core's zone.h, read from the files of storage/zoneinfo.h. */
#include "engine/core/civil.h"
#include "engine/runtime/engine.h"
#include "storage/zoneinfo.h"

#include <stdlib.h>

/* What the header calls a zone is the core's, in one piece of memory. */
static const struct zone *rules_of(const fig_zone *zone) { return (const struct zone *)zone; }

/* On FIG_CORRUPT *fault says why, also of what is no zone at all. */
static fig_status read_rules(const void *bytes, size_t size, fig_zone **zone, const char **fault)
{
    size_t memory_bytes = zone_memory_bytes(bytes, size);
    struct zone *rules = malloc(memory_bytes > 0 ? memory_bytes : sizeof *rules);
    if (rules == NULL) return FIG_NO_MEMORY;
    *fault = zone_read(rules, memory_bytes, bytes, size);
    if (*fault == NULL) {
        *zone = (fig_zone *)rules;
        return FIG_OK;
    }
    free(rules);
    return FIG_CORRUPT;
}

static fig_status read_file(const char *name, const void *bytes, size_t size, fig_zone **zone, fig_error *error)
{
    const char *fault = NULL;
    fig_status status = read_rules(bytes, size, zone, &fault);
    if (status == FIG_NO_MEMORY) return fail(error, status, "there is not enough memory for the zone %s", name);
    if (status == FIG_OK) return FIG_OK;
    return fail(error, status, "the file of the zone %s is no zone: %s; install the package tzdata again", name, fault);
}

fig_status fig_zone_open(const char *directory, const char *name, fig_zone **zone, fig_error *error)
{
    if (!error_is_sound(error)) return FIG_INVALID;
    if (name == NULL || zone == NULL) return fail(error, FIG_INVALID, "name a zone, as in Europe/Madrid");
    void *bytes = malloc(ZONEINFO_FILE_MAX);
    if (bytes == NULL) return fail(error, FIG_NO_MEMORY, "there is not enough memory for the zone %s", name);
    size_t size = 0;
    struct store_error said = {{0}};
    enum store_status read = zoneinfo_read(directory, name, bytes, &size, &said);
    fig_status status = read == STORE_OK ? read_file(name, bytes, size, zone, error) : fail_store(error, read, &said);
    free(bytes);
    return status;
}

fig_status fig_zone_read(const void *bytes, size_t size, fig_zone **zone, fig_error *error)
{
    if (!error_is_sound(error)) return FIG_INVALID;
    if (bytes == NULL || zone == NULL) return fail(error, FIG_INVALID, "give the bytes of a TZif file");
    const char *fault = NULL;
    fig_status status = read_rules(bytes, size, zone, &fault);
    if (status == FIG_NO_MEMORY) return fail(error, status, "there is not enough memory for a zone");
    return status == FIG_OK ? FIG_OK : fail(error, status, "the bytes are no zone: %s", fault);
}

void fig_zone_close(fig_zone *zone) { free(zone); }

fig_status fig_zone_to_utc(const fig_zone *zone, const fig_local *local, bool second, int64_t *utc_s,
                           fig_local_kind *kind)
{
    if (zone == NULL || local == NULL || utc_s == NULL) return FIG_INVALID;
    struct civil_time time = {{local->year, local->month, local->day}, local->hour, local->minute, local->second};
    if (local->year < 1900 || local->year > 2200 || !civil_time_is_valid(time)) return FIG_INVALID;
    enum civil_fold fold = second ? CIVIL_SECOND : CIVIL_FIRST;
    enum civil_kind found = civil_to_utc(rules_of(zone), civil_seconds(time), fold, utc_s);
    if (kind != NULL) *kind = (fig_local_kind)found;
    return FIG_OK;
}

fig_status fig_zone_to_local(const fig_zone *zone, int64_t utc_s, fig_local *local, int32_t *offset_s)
{
    if (zone == NULL || local == NULL || utc_s < FIG_TIME_MIN || utc_s > FIG_TIME_MAX) return FIG_INVALID;
    int32_t offset = zone_offset_at(rules_of(zone), utc_s);
    struct civil_time time = civil_time_of(utc_s + offset);
    *local = (fig_local){
        .year = time.date.year,
        .month = time.date.month,
        .day = time.date.day,
        .hour = time.hour,
        .minute = time.minute,
        .second = time.second,
        .weekday = (uint8_t)civil_weekday(civil_days(time.date)),
    };
    if (offset_s != NULL) *offset_s = offset;
    return FIG_OK;
}
