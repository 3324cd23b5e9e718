#include "tools/local_zone.h"

#include <stdio.h>
#include <string.h>

bool local_zone_open(const char *name, local_zone *zone, reason *why)
{
    fig_error error = fig_error_default();
    *zone = (local_zone){0};
    if (strlen(name) > FIG_ZONE_MAX) return reason_set(why, "a zone's name has at most %d bytes", FIG_ZONE_MAX);
    memcpy(zone->name, name, strlen(name) + 1);
    if (strcmp(name, "UTC") == 0) return true;
    fig_status status = fig_zone_open(NULL, name, &zone->rules, &error);
    if (status == FIG_OK) return true;
    if (status == FIG_NOT_FOUND || status == FIG_INVALID)
        return reason_set(why,
                          "there is no zone '%.63s' (%.300s); they are named as Europe/Madrid is, "
                          "`find /usr/share/zoneinfo -type f` lists them",
                          name, error.message);
    return reason_set(why, "the zone '%.63s': %.500s", name,
                      error.message[0] != '\0' ? error.message : fig_status_text(status));
}

bool local_zone_read(const char *name, const void *bytes, size_t size, local_zone *zone, reason *why)
{
    fig_error error = fig_error_default();
    *zone = (local_zone){0};
    if (strlen(name) > FIG_ZONE_MAX) return reason_set(why, "a zone's name has at most %d bytes", FIG_ZONE_MAX);
    memcpy(zone->name, name, strlen(name) + 1);
    return fig_zone_read(bytes, size, &zone->rules, &error) == FIG_OK ||
           reason_set(why, "the zone '%.63s': %.500s", name, error.message);
}

void local_zone_close(local_zone *zone)
{
    fig_zone_close(zone->rules);
    zone->rules = NULL;
}

static fig_local local_of(int64_t clock_s)
{
    char date[DATE_SIZE];
    int64_t seconds = clock_s - rfc3339_midnight(clock_s);
    rfc3339_print_date(clock_s, date);
    return (fig_local){
        .year = (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + date[3] - '0',
        .month = (uint8_t)((date[5] - '0') * 10 + date[6] - '0'),
        .day = (uint8_t)((date[8] - '0') * 10 + date[9] - '0'),
        .hour = (uint8_t)(seconds / 3600),
        .minute = (uint8_t)(seconds / 60 % 60),
        .second = (uint8_t)(seconds % 60),
    };
}

bool local_zone_instant(const local_zone *zone, moment at, int64_t *instant_s, reason *why)
{
    int64_t found_s = at.seconds;
    if (at.is_local && zone->rules != NULL) {
        fig_local local = local_of(at.seconds);
        if (fig_zone_to_utc(zone->rules, &local, false, &found_s, NULL) != FIG_OK)
            return reason_set(why, "is no date and time");
    }
    if (found_s < FIG_TIME_MIN || found_s > FIG_TIME_MAX)
        return reason_set(why, "lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    *instant_s = found_s;
    return true;
}

int64_t local_zone_clock(const local_zone *zone, int64_t instant_s)
{
    fig_local ignored;
    int32_t offset_s = 0;
    if (zone->rules != NULL) fig_zone_to_local(zone->rules, instant_s, &ignored, &offset_s);
    return instant_s + offset_s;
}
