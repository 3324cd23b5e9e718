/* Any bytes as a TZif file: they are refused in words, or make a zone whose spans tile time and whose local times lead
 * to instants that have them. The bytes' end also says which instants are asked for. */
#include "engine/core/civil.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define INSTANT_MAX INT64_C(10000000000000) /* the year 318,857, either way */

static void must(bool holds)
{
    if (!holds) abort();
}

static void check_span(const struct zone *zone, int64_t utc_s)
{
    struct zone_span span = zone_span_at(zone, utc_s);
    must(span.start_s <= utc_s && (utc_s < span.end_s || span.end_s == INT64_MAX));
    must(span.offset_s == zone_offset_at(zone, utc_s));
    must(span.offset_s >= zone->offset_min_s && span.offset_s <= zone->offset_max_s);
    must(zone_offset_at(zone, span.start_s) == span.offset_s && zone_offset_at(zone, span.end_s - 1) == span.offset_s);
    if (span.end_s < INT64_MAX) must(zone_span_at(zone, span.end_s).start_s == span.end_s);
}

static void check_local(const struct zone *zone, int64_t local_s)
{
    int64_t first_s, second_s;
    enum civil_kind kind = civil_to_utc(zone, local_s, CIVIL_FIRST, &first_s);
    must(civil_to_utc(zone, local_s, CIVIL_SECOND, &second_s) == kind);
    must((kind == CIVIL_FOLD) == (first_s < second_s));
    must((kind == CIVIL_GAP) == (civil_local_at(zone, first_s) != local_s));
    must(kind == CIVIL_GAP || civil_local_at(zone, second_s) == local_s);
}

static void check_day(const struct zone *zone, int64_t day)
{
    int64_t start_s, end_s, next_s;
    bool exists = civil_day_span(zone, day, &start_s, &end_s);
    must(exists == (start_s < end_s) && start_s <= end_s);
    if (exists) must(civil_day_at(zone, start_s) == day);
    civil_day_span(zone, day + 1, &next_s, &end_s);
    must(next_s == civil_day_start(zone, day + 1) && civil_next_day(zone, day) > day);
}

static void look_around(const struct zone *zone, int64_t utc_s)
{
    check_span(zone, utc_s);
    int64_t near_s = utc_s % INSTANT_MAX;
    for (int64_t at_s = near_s - 1; at_s <= near_s + 1; at_s++) check_local(zone, civil_local_at(zone, at_s));
    check_local(zone, near_s);
    check_day(zone, civil_day_at(zone, near_s));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t memory_bytes = zone_memory_bytes(bytes, size);
    struct zone *zone = memory_bytes > 0 ? malloc(memory_bytes) : NULL;
    const char *fault = zone_read(zone, memory_bytes, bytes, size);
    if (fault != NULL) must(fault[0] != '\0');
    if (fault == NULL) {
        must(zone != NULL && zone->memory_bytes == memory_bytes);
        static const int64_t instants[] = {INT64_MIN, INT64_MAX, 0, INT64_C(1774746000), INT64_C(7258118400)};
        for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) look_around(zone, instants[i]);
        for (uint32_t i = 0; i < zone->changes && i < 16; i++) look_around(zone, zone->change_s[i]);
        int64_t chosen_s;
        memcpy(&chosen_s, bytes + size - sizeof chosen_s, sizeof chosen_s);
        look_around(zone, chosen_s);
        look_around(zone, zone_span_at(zone, chosen_s).end_s);
    }
    free(zone);
    return 0;
}
