/* Reading what was declared: schedules, services, clients, rules, zones. */
#include "engine/runtime/reading.h"

#include <string.h>

/* ---- lists into the caller's buffers ---- */

static void copy_list(void *into, size_t capacity, const void *list, size_t count, size_t element_size)
{
    size_t room = count < capacity ? count : capacity;
    if (into != NULL && room > 0) memcpy(into, list, room * element_size);
}

/* Shows a struct with lists: all of it, but the buffers, which stay the caller's. */
static void show_schedule(const fig_schedule *from, fig_schedule *shown)
{
    fig_schedule buffers = *shown;
    *shown = *from;
    shown->weekly = buffers.weekly;
    shown->weekly_capacity = buffers.weekly_capacity;
    shown->cuts = buffers.cuts;
    shown->cut_capacity = buffers.cut_capacity;
    shown->offers = buffers.offers;
    shown->offer_capacity = buffers.offer_capacity;
    copy_list(shown->weekly, shown->weekly_capacity, from->weekly, from->weekly_count, sizeof *from->weekly);
    copy_list(shown->cuts, shown->cut_capacity, from->cuts, from->cut_count, sizeof *from->cuts);
    copy_list(shown->offers, shown->offer_capacity, from->offers, from->offer_count, sizeof *from->offers);
}

static void show_service(const fig_service *from, fig_service *shown)
{
    fig_service buffers = *shown;
    *shown = *from;
    shown->required = buffers.required;
    shown->required_capacity = buffers.required_capacity;
    shown->incompatible = buffers.incompatible;
    shown->incompatible_capacity = buffers.incompatible_capacity;
    copy_list(shown->required, shown->required_capacity, from->required, from->required_count, sizeof *from->required);
    copy_list(shown->incompatible, shown->incompatible_capacity, from->incompatible, from->incompatible_count,
              sizeof *from->incompatible);
}

static void show_rule(const fig_rule *from, fig_rule *shown)
{
    fig_rule buffers = *shown;
    *shown = *from;
    shown->weekly = buffers.weekly;
    shown->weekly_capacity = buffers.weekly_capacity;
    shown->cuts = buffers.cuts;
    shown->cut_capacity = buffers.cut_capacity;
    shown->ids = buffers.ids;
    shown->id_capacity = buffers.id_capacity;
    shown->client_types = buffers.client_types;
    shown->client_type_capacity = buffers.client_type_capacity;
    copy_list(shown->weekly, shown->weekly_capacity, from->weekly, from->weekly_count, sizeof *from->weekly);
    copy_list(shown->cuts, shown->cut_capacity, from->cuts, from->cut_count, sizeof *from->cuts);
    copy_list(shown->ids, shown->id_capacity, from->ids, from->id_count, sizeof *from->ids);
    copy_list(shown->client_types, shown->client_type_capacity, from->client_types, from->client_type_count,
              sizeof *from->client_types);
}

/* ---- schedules ---- */

static fig_status find_schedule(const struct version *version, fig_owner owner, uint64_t owner_id,
                                const struct schedule **schedule)
{
    bool of_shop = owner == FIG_OWNER_SHOP;
    bool there = of_shop ? version_shop(version, owner_id) != NULL : version_barber(version, owner_id) != NULL;
    *schedule = of_shop ? version_shop_schedule(version, owner_id) : version_barber_schedule(version, owner_id);
    return there ? FIG_OK : FIG_NOT_FOUND;
}

fig_status fig_get_schedule(fig_engine *engine, const fig_view *view, fig_owner owner, uint64_t owner_id,
                            fig_schedule *schedule)
{
    struct reading reading;
    if (schedule == NULL || schedule->struct_size != sizeof *schedule) return FIG_INVALID;
    if (owner != FIG_OWNER_SHOP && owner != FIG_OWNER_BARBER) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct schedule *found;
    fig_schedule empty = fig_schedule_default();
    empty.fields = FIG_SCHEDULE_ALL;
    empty.owner = owner;
    empty.owner_id = owner_id;
    status = find_schedule(reading.version, owner, owner_id, &found);
    if (status == FIG_OK) show_schedule(found != NULL ? &found->is : &empty, schedule);
    reading_end(&reading);
    return status;
}

/* ---- what goes by id or name ---- */

struct wanted {
    enum document_kind kind;
    uint64_t id;
    const char *name; /* NULL: by id */
};

static fig_status find(const struct version *version, const struct wanted *wanted, const struct document **document)
{
    size_t size = wanted->name != NULL ? strnlen(wanted->name, FIG_NAME_MAX + 1) : 0;
    if (wanted->name == NULL)
        *document = version_document(version, wanted->kind, wanted->id);
    else if (wanted->kind == DOCUMENT_CLIENT && version_name_is_shared(version, wanted->kind, wanted->name, size))
        return FIG_NAME_TAKEN;
    else
        *document = version_document_named(version, wanted->kind, wanted->name, size);
    return *document != NULL ? FIG_OK : FIG_NOT_FOUND;
}

static void show(const struct document *document, void *shown)
{
    switch ((enum document_kind)document->kind) {
    case DOCUMENT_SERVICE: show_service(&((const struct service *)document)->is, shown); break;
    case DOCUMENT_RULE: show_rule(&((const struct rule *)document)->is, shown); break;
    case DOCUMENT_CLIENT: client_show((const struct client_profile *)document, shown); break;
    default: break;
    }
}

static fig_status get(fig_engine *engine, const fig_view *view, const struct wanted *wanted, void *shown)
{
    struct reading reading;
    const struct document *document = NULL;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    status = find(reading.version, wanted, &document);
    if (status == FIG_OK) show(document, shown);
    reading_end(&reading);
    return status;
}

fig_status fig_get_service(fig_engine *engine, const fig_view *view, uint64_t id, fig_service *service)
{
    if (service == NULL || service->struct_size != sizeof *service) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_SERVICE, id, NULL}, service);
}

fig_status fig_find_service(fig_engine *engine, const fig_view *view, const char *name, fig_service *service)
{
    if (name == NULL || service == NULL || service->struct_size != sizeof *service) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_SERVICE, 0, name}, service);
}

fig_status fig_get_client(fig_engine *engine, const fig_view *view, uint64_t id, fig_client *client)
{
    if (client == NULL || client->struct_size != sizeof *client) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_CLIENT, id, NULL}, client);
}

fig_status fig_find_client(fig_engine *engine, const fig_view *view, const char *name, fig_client *client)
{
    if (name == NULL || client == NULL || client->struct_size != sizeof *client) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_CLIENT, 0, name}, client);
}

fig_status fig_get_rule(fig_engine *engine, const fig_view *view, uint64_t id, fig_rule *rule)
{
    if (rule == NULL || rule->struct_size != sizeof *rule) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_RULE, id, NULL}, rule);
}

fig_status fig_find_rule(fig_engine *engine, const fig_view *view, const char *name, fig_rule *rule)
{
    if (name == NULL || rule == NULL || rule->struct_size != sizeof *rule) return FIG_INVALID;
    return get(engine, view, &(struct wanted){DOCUMENT_RULE, 0, name}, rule);
}

/* ---- zones ---- */

static void show_zone(const struct zone_document *zone, fig_zone_data *shown)
{
    memset(shown->name, 0, sizeof shown->name);
    memcpy(shown->name, zone->document.name, zone->document.name_size);
    shown->bytes = shown->into;
    shown->size = zone->file_size;
    copy_list(shown->into, shown->capacity, zone->file, zone->file_size, 1);
}

fig_status fig_get_zone(fig_engine *engine, const fig_view *view, const char *name, fig_zone_data *zone)
{
    struct reading reading;
    const struct document *document = NULL;
    if (name == NULL || zone == NULL || zone->struct_size != sizeof *zone) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    status = find(reading.version, &(struct wanted){DOCUMENT_ZONE, 0, name}, &document);
    if (status == FIG_OK) show_zone((const struct zone_document *)document, zone);
    reading_end(&reading);
    return status;
}

fig_status fig_zone_name(fig_engine *engine, const fig_view *view, uint64_t id, char name[FIG_ZONE_MAX + 1])
{
    struct reading reading;
    if (name == NULL) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct document *document = version_document(reading.version, DOCUMENT_ZONE, id);
    if (document != NULL) memcpy(name, document->name, document->name_size + 1u);
    reading_end(&reading);
    return document != NULL ? FIG_OK : FIG_NOT_FOUND;
}

/* ---- lists ---- */

static enum document_kind document_kind_of(fig_kind kind)
{
    switch (kind) {
    case FIG_KIND_SERVICE: return DOCUMENT_SERVICE;
    case FIG_KIND_CLIENT: return DOCUMENT_CLIENT;
    case FIG_KIND_RULE: return DOCUMENT_RULE;
    case FIG_KIND_ZONE: return DOCUMENT_ZONE;
    }
    return DOCUMENT_KINDS;
}

/* position[0]: the id to go on from; position[1]: 1 when that is past the last one. */
fig_status fig_list_ids(fig_engine *engine, const fig_view *view, fig_kind kind, fig_cursor *cursor, uint64_t *ids,
                        size_t capacity, size_t *count)
{
    struct reading reading;
    enum document_kind documents = document_kind_of(kind);
    if (cursor == NULL || count == NULL || (ids == NULL && capacity > 0) || documents == DOCUMENT_KINDS)
        return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    size_t found = 0;
    void *document;
    while (found < capacity && cursor->position[1] == 0 &&
           radix_next(&reading.version->documents[documents], cursor->position[0], &ids[found], &document)) {
        cursor->position[1] = ids[found] == UINT64_MAX;
        cursor->position[0] = ids[found++] + 1;
    }
    reading.kind = FIG_READ_LIST;
    reading_end(&reading);
    *count = found;
    return FIG_OK;
}
