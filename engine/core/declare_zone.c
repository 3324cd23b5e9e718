/* Zones: their data enters the journal with the first shop or barber that names them, or when it is declared anew. The
 * bytes come from the caller or, read from the system's files, from the runtime. */
#include "engine/core/deciding.h"

#include <string.h>

/* Makes sure that the bytes can be read as a zone, in memory that is given back. */
static fig_status check_zone(const struct decision *decision, const void *bytes, size_t size, const char *field,
                             fig_outcome *outcome)
{
    size_t memory_bytes = zone_memory_bytes(bytes, size);
    if (size > ZONE_BYTES_MAX) return refuse(outcome, FIG_INVALID, field, "the zone's file is larger than 16384 bytes");
    if (memory_bytes == 0)
        return refuse(outcome, FIG_INVALID, field, "the zone's file is none; install the package tzdata again");
    const struct nodes_allocator *allocator = decision->allocator;
    struct zone *zone = allocator->allocate(allocator->context, memory_bytes);
    if (zone == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    const char *fault = zone_read(zone, memory_bytes, bytes, size);
    allocator->release(allocator->context, zone, memory_bytes);
    return fault == NULL ? FIG_OK : refuse(outcome, FIG_INVALID, field, fault);
}

static fig_status declare_zone(struct decision *decision, const char *name, const void *bytes, size_t size,
                               const char *field, fig_outcome *outcome)
{
    fig_status status = check_zone(decision, bytes, size, field, outcome);
    if (status != FIG_OK) return status;
    struct words words = words_of(name);
    const struct document *there = version_document_named(decision->base, DOCUMENT_ZONE, words.text, words.size);
    uint64_t id = there != NULL ? there->id : decision->base->next_document_id[DOCUMENT_ZONE];
    uint8_t *encoded = decision_bytes(decision);
    if (encoded == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    return declare_document(decision, DOCUMENT_ZONE, id, document_encode_zone(name, bytes, size, encoded), field,
                            outcome);
}

static bool is_supplied(const struct decision *decision, const char *name)
{
    return decision->zone.name != NULL && strcmp(decision->zone.name, name) == 0 && decision->zone.bytes != NULL;
}

static fig_status not_supplied(const struct decision *decision, const char *field, fig_outcome *outcome)
{
    const char *fault = decision->zone.fault;
    if (decision->zone.no_memory) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    return refuse(outcome, FIG_INVALID, field,
                  fault != NULL ? fault : "there is no such zone; name one as in Europe/Madrid");
}

fig_status need_zone(struct decision *decision, const char *name, const char *field, fig_outcome *outcome)
{
    struct words words = words_of(name);
    if (words.size == 0 || version_zone(decision->base, words.text, words.size) != NULL) return FIG_OK;
    if (!is_supplied(decision, name)) return not_supplied(decision, field, outcome);
    fig_status status = declare_zone(decision, name, decision->zone.bytes, decision->zone.size, field, outcome);
    outcome->declared_id = 0;
    return status;
}

fig_status decide_zone(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_zone_data *asked = request->zone;
    if (asked->bytes == NULL && !is_supplied(decision, asked->name))
        return not_supplied(decision, "zone.name", outcome);
    const void *bytes = asked->bytes != NULL ? asked->bytes : decision->zone.bytes;
    size_t size = asked->bytes != NULL ? asked->size : decision->zone.size;
    fig_status status = declare_zone(decision, asked->name, bytes, size, "zone.bytes", outcome);
    if (status == FIG_OK && decision->event_count > 0)
        decision->affected = (struct affected){.zone = asked->name, .from_s = decision->now_s, .to_s = FIG_TIME_MAX};
    return status;
}
