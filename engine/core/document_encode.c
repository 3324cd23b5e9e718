/* Documents to bytes. Elements of lists have a fixed size and are written so that memcmp orders them: a list is sorted
 * and freed of what it holds twice as bytes. */
#include "engine/core/document.h"

#include "engine/core/bytes.h"
#include "engine/core/document_format.h"

#include <string.h>

static struct writer begin(uint8_t *bytes)
{
    struct writer writer = {.at = bytes, .end = bytes + DOCUMENT_BYTES_MAX};
    put_u8(&writer, DOCUMENT_FORMAT);
    return writer;
}

static size_t end(const struct writer *writer, const uint8_t *bytes) { return (size_t)(writer->at - bytes); }

static void put_text(struct writer *writer, const char *text)
{
    size_t size = strlen(text);
    put_u8(writer, (uint8_t)size);
    put_bytes(writer, text, size);
}

/* ---- lists ---- */

/* Puts an element, the one behind `count` sorted ones, where it belongs; from the end on, since lists mostly come
 * sorted. False: it is there already. */
static bool settle_element(uint8_t *first, size_t count, size_t size)
{
    uint8_t element[TYPE_BYTES];
    size_t place = count;
    memcpy(element, first + count * size, size);
    while (place > 0 && memcmp(first + (place - 1) * size, element, size) > 0) place--;
    if (place > 0 && memcmp(first + (place - 1) * size, element, size) == 0) return false;
    memmove(first + (place + 1) * size, first + place * size, (count - place) * size);
    memcpy(first + place * size, element, size);
    return true;
}

/* A list that was just written in no order, from its count on: sorted, each element once. */
static void settle_list(struct writer *writer, uint8_t *list, size_t element_size)
{
    uint8_t *first = list + 2;
    size_t count = (size_t)(writer->at - first) / element_size, kept = 0;
    for (size_t i = 0; i < count; i++) {
        memmove(first + kept * element_size, first + i * element_size, element_size);
        kept += settle_element(first, kept, element_size);
    }
    writer->at = list;
    put_u16(writer, (uint16_t)kept);
    writer->at = first + kept * element_size;
}

static void put_weekly(struct writer *writer, const fig_weekly *weekly, size_t count)
{
    uint8_t *list = writer->at;
    put_u16(writer, 0);
    for (size_t i = 0; i < count; i++) {
        put_u8(writer, weekly[i].weekday);
        put_u32_ordered(writer, weekly[i].start_s);
        put_u32_ordered(writer, weekly[i].end_s);
    }
    settle_list(writer, list, WEEKLY_BYTES);
}

static void put_cuts(struct writer *writer, const fig_cut *cuts, size_t count)
{
    uint8_t *list = writer->at;
    put_u16(writer, 0);
    for (size_t i = 0; i < count; i++) {
        put_u8(writer, cuts[i].yearly);
        put_i32_ordered(writer, cuts[i].from_day);
        put_i32_ordered(writer, cuts[i].to_day);
        put_u8(writer, cuts[i].whole_days);
        put_u32_ordered(writer, cuts[i].whole_days ? 0 : cuts[i].start_s);
        put_u32_ordered(writer, cuts[i].whole_days ? 0 : cuts[i].end_s);
        put_u8(writer, (uint8_t)cuts[i].kind);
        put_u8(writer, (uint8_t)cuts[i].state);
    }
    settle_list(writer, list, CUT_BYTES);
}

static void put_offers(struct writer *writer, const fig_offer *offers, size_t count)
{
    uint8_t *list = writer->at;
    put_u16(writer, 0);
    for (size_t i = 0; i < count; i++) {
        put_u64_ordered(writer, offers[i].service_id);
        put_u32_ordered(writer, offers[i].duration_s);
        put_u32_ordered(writer, offers[i].buffer_before_s);
        put_u32_ordered(writer, offers[i].buffer_after_s);
        put_u8(writer, offers[i].declined);
    }
    settle_list(writer, list, OFFER_BYTES);
}

static void put_ids(struct writer *writer, const uint64_t *ids, size_t count)
{
    uint8_t *list = writer->at;
    put_u16(writer, 0);
    for (size_t i = 0; i < count; i++) put_u64_ordered(writer, ids[i]);
    settle_list(writer, list, ID_BYTES);
}

static void put_types(struct writer *writer, char (*const types)[FIG_TYPE_MAX + 1], size_t count)
{
    uint8_t *list = writer->at;
    put_u16(writer, 0);
    for (size_t i = 0; i < count; i++) {
        char padded[TYPE_BYTES] = {0};
        memcpy(padded, types[i], strlen(types[i]));
        put_bytes(writer, padded, sizeof padded);
    }
    settle_list(writer, list, TYPE_BYTES);
}

/* ---- documents ---- */

size_t document_encode_schedule(const fig_schedule *schedule, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    struct writer writer = begin(bytes);
    put_u8(&writer, schedule->clip_to_hours);
    put_u8(&writer, schedule->same_day);
    put_u8(&writer, (uint8_t)schedule->rule_errors);
    put_u32(&writer, schedule->grid_s);
    put_u32(&writer, schedule->lead_s);
    put_u32(&writer, schedule->horizon_days);
    put_u32(&writer, schedule->cutoff_s);
    put_weekly(&writer, schedule->weekly, schedule->weekly_count);
    put_cuts(&writer, schedule->cuts, schedule->cut_count);
    put_offers(&writer, schedule->offers, schedule->offer_count);
    return end(&writer, bytes);
}

size_t document_encode_service(const fig_service *service, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    struct writer writer = begin(bytes);
    put_text(&writer, service->name);
    put_u32(&writer, service->duration_s);
    put_u32(&writer, service->buffer_before_s);
    put_u32(&writer, service->buffer_after_s);
    put_u8(&writer, service->active);
    put_u8(&writer, (uint8_t)service->kind);
    put_u32(&writer, service->min_advance_s);
    put_u32(&writer, service->max_advance_days);
    put_u32(&writer, service->min_age);
    put_u32(&writer, service->max_age);
    put_u8(&writer, service->consultation);
    put_u32(&writer, service->patch_test_s);
    put_u32(&writer, service->max_per_day);
    put_u32(&writer, service->min_days_between);
    put_u8(&writer, service->blocked_days);
    put_ids(&writer, service->required, service->required_count);
    put_ids(&writer, service->incompatible, service->incompatible_count);
    return end(&writer, bytes);
}

size_t document_encode_client(const fig_client *client, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    struct writer writer = begin(bytes);
    put_text(&writer, client->name);
    put_text(&writer, client->type);
    put_u32(&writer, (uint32_t)client->born_day);
    put_u32(&writer, client->flags);
    return end(&writer, bytes);
}

size_t document_encode_rule(const fig_rule *rule, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    struct writer writer = begin(bytes);
    put_text(&writer, rule->name);
    put_u8(&writer, (uint8_t)rule->type);
    put_u8(&writer, (uint8_t)rule->scope);
    put_u32(&writer, (uint32_t)rule->priority);
    put_u8(&writer, rule->active);
    put_u32(&writer, rule->limit_s);
    put_u32(&writer, rule->limit_days);
    put_u32(&writer, rule->clock_s);
    put_weekly(&writer, rule->weekly, rule->weekly_count);
    put_cuts(&writer, rule->cuts, rule->cut_count);
    put_ids(&writer, rule->ids, rule->id_count);
    put_types(&writer, rule->client_types, rule->client_type_count);
    return end(&writer, bytes);
}

size_t document_encode_zone(const char *name, const void *file, size_t size, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    struct writer writer = begin(bytes);
    put_text(&writer, name);
    put_bytes(&writer, file, size);
    return end(&writer, bytes);
}
