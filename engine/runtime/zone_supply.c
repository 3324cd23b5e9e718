/* The data of zones for the core, which reads no files: whatever zone a declaration names that the version lacks is
 * read from the system's database and handed over with the decision. It is read while the decision is made, since that
 * happens once in the life of a store for each of its zones. */
#include "engine/runtime/engine.h"
#include "storage/zoneinfo.h"

#include <string.h>

/* NULL: the request is about no zone, or about one whose data it brings. */
static const char *zone_named(const fig_request *request)
{
    switch (request->operation) {
    case FIG_OP_DECLARE_SHOP:
        return request->shop != NULL && (request->shop->fields & FIG_SHOP_ZONE) != 0 ? request->shop->zone : NULL;
    case FIG_OP_DECLARE_BARBER:
        return request->barber != NULL && (request->barber->fields & FIG_BARBER_ZONE) != 0 ? request->barber->zone
                                                                                           : NULL;
    case FIG_OP_DECLARE_ZONE: return request->zone != NULL && request->zone->bytes == NULL ? request->zone->name : NULL;
    default: return NULL;
    }
}

static bool is_wanted(const struct fig_engine *engine, const fig_request *request, const char *name)
{
    size_t size = name != NULL ? strnlen(name, FIG_ZONE_MAX + 1) : 0;
    if (size == 0 || size > FIG_ZONE_MAX) return false; /* validation says so */
    return request->operation == FIG_OP_DECLARE_ZONE || version_zone(engine->work, name, size) == NULL;
}

static const char *fault_of(enum store_status status)
{
    switch (status) {
    case STORE_OK: return NULL;
    case STORE_CORRUPT: return "the zone's file is empty or too large; install the package tzdata again";
    case STORE_DENIED: return "the zone's file may not be read; look at the modes in /usr/share/zoneinfo";
    case STORE_IO: return "the zone's file cannot be read: the disk reports an error";
    default: return "there is no such zone; name one as in Europe/Madrid, and install the package tzdata";
    }
}

void supply_zone(struct fig_engine *engine, const fig_request *request)
{
    struct zone_supply *supply = &engine->decision.zone;
    const char *name = zone_named(request);
    *supply = (struct zone_supply){0};
    if (request->struct_size != sizeof *request || !is_wanted(engine, request, name)) return;
    if (engine->zone_bytes == NULL)
        engine->zone_bytes = engine->allocator.allocate(engine->allocator.context, ZONEINFO_FILE_MAX);
    supply->name = name;
    supply->no_memory = engine->zone_bytes == NULL;
    if (supply->no_memory) return;
    struct store_error said = {{0}};
    supply->fault = fault_of(zoneinfo_read(NULL, name, engine->zone_bytes, &supply->size, &said));
    if (supply->fault == NULL) supply->bytes = engine->zone_bytes;
    if (supply->fault != NULL) log_line(engine, 4, "zone %s: %s", name, said.message);
}

void release_zone_bytes(struct fig_engine *engine)
{
    if (engine->zone_bytes == NULL) return;
    engine->allocator.release(engine->allocator.context, engine->zone_bytes, ZONEINFO_FILE_MAX);
    engine->zone_bytes = NULL;
}
