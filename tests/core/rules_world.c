#include "tests/core/rules_world.h"

#include "engine/core/civil.h"
#include "tests/core/zones.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void *heap_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void heap_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static const struct nodes_allocator allocator = {heap_allocate, heap_release, NULL};

struct rules_world *ruled_make(const char *zone_name)
{
    struct rules_world *world = calloc(1, sizeof *world);
    cr_assert(world != NULL);
    world->nodes = nodes_create(&allocator);
    cr_assert(world->nodes != NULL);
    nodes_begin(world->nodes);
    world->version.next_appointment_id = 1;
    world->shop = calloc(1, sizeof *world->shop);
    world->profile = calloc(1, sizeof *world->profile);
    cr_assert(world->shop != NULL && world->profile != NULL);
    world->shop->id = WORLD_SHOP;
    world->profile->id = WORLD_BARBER;
    world->profile->shop_id = WORLD_SHOP;
    world->barber.profile = world->profile;
    world->shops.is = (fig_schedule){.same_day = true, .cutoff_s = FIG_NO_CUTOFF};
    world->zone = zones_load(zone_name);
    world->opening = (struct opening){
        .barber = &world->barber,
        .own = &world->own,
        .shops = &world->shops,
        .shop = world->shop,
        .zone = world->zone,
        .always = true,
    };
    world->now_s = INT64_C(1781092800);
    world->client_id = WORLD_CLIENT;
    world->service_id = WORLD_SERVICE;
    return world;
}

static void free_documents(const struct radix *documents)
{
    uint64_t id = 0;
    void *value;
    for (bool more = radix_next(documents, 0, &id, &value); more; more = radix_next(documents, id + 1, &id, &value))
        free(value);
}

void ruled_free(struct rules_world *world)
{
    for (int kind = 0; kind < DOCUMENT_KINDS; kind++) free_documents(&world->version.documents[kind]);
    free_documents(&world->version.clients);
    for (size_t i = 0; i < world->appointment_count; i++) free(world->appointments[i]);
    free(world->shop);
    free(world->profile);
    free(world->zone);
    nodes_destroy(world->nodes);
    free(world);
}

/* --- documents --- */

static void keep(struct rules_world *world, enum document_kind kind, uint64_t id, void *document)
{
    cr_assert(nodes_reserve(world->nodes, RADIX_RESERVE_BYTES));
    free(radix_put(world->nodes, &world->version.documents[kind], id, document));
}

struct rule *ruled_rule(struct rules_world *world, uint64_t id, fig_rule is)
{
    struct rule *rule = calloc(1, sizeof *rule);
    cr_assert(rule != NULL);
    rule->document.id = is.id = id;
    rule->is = is;
    rule->is.active = true;
    keep(world, DOCUMENT_RULE, id, rule);
    return rule;
}

struct service *ruled_service(struct rules_world *world, uint64_t id, fig_service is)
{
    struct service *service = calloc(1, sizeof *service);
    cr_assert(service != NULL);
    service->document.id = is.id = id;
    service->is = is;
    service->is.active = true;
    keep(world, DOCUMENT_SERVICE, id, service);
    return service;
}

void ruled_client(struct rules_world *world, uint64_t id, int32_t born_day, uint32_t flags, const char *type)
{
    struct client_profile *client = calloc(1, sizeof *client);
    cr_assert(client != NULL);
    client->document.id = id;
    client->born_day = born_day;
    client->flags = flags;
    client->type = type;
    keep(world, DOCUMENT_CLIENT, id, client);
}

/* --- appointments --- */

static struct client *client_of(struct rules_world *world, uint64_t id)
{
    struct client *client = radix_get(&world->version.clients, id);
    if (client != NULL) return client;
    client = calloc(1, sizeof *client);
    cr_assert(client != NULL && nodes_reserve(world->nodes, RADIX_RESERVE_BYTES));
    client->id = id;
    radix_put(world->nodes, &world->version.clients, id, client);
    return client;
}

static void hang_on_client(struct rules_world *world, const struct appointment *appointment)
{
    struct client *client = client_of(world, appointment->client_id);
    struct tree_item item = appointment_item(appointment);
    cr_assert(nodes_reserve(world->nodes, tree_reserve_bytes(&client->appointments)));
    tree_insert(world->nodes, &client->appointments, &item);
}

uint64_t ruled_appointment(struct rules_world *world, uint64_t client_id, uint64_t service_id, int64_t start_s,
                           int64_t duration_s, fig_appointment_status status)
{
    struct appointment *appointment = calloc(1, sizeof *appointment);
    cr_assert(appointment != NULL && world->appointment_count < WORLD_APPOINTMENTS_MAX);
    world->appointments[world->appointment_count++] = appointment;
    appointment->id = world->version.next_appointment_id++;
    appointment->barber_id = WORLD_BARBER + 1;
    appointment->client_id = client_id;
    appointment->service_id = service_id;
    appointment->start_s = start_s;
    appointment->duration_s = (uint32_t)duration_s;
    appointment->status = (uint8_t)status;
    if (status == FIG_HELD) appointment->expires_s = world->now_s + 1;
    cr_assert(nodes_reserve(world->nodes, RADIX_RESERVE_BYTES));
    radix_put(world->nodes, &world->version.appointments, appointment->id, appointment);
    if (client_id != 0) hang_on_client(world, appointment);
    return appointment->id;
}

struct draft *ruled_draft(struct rules_world *world, uint64_t id)
{
    cr_assert(world->draft_count < sizeof world->drafts / sizeof *world->drafts);
    struct draft *draft = &world->drafts[world->draft_count++];
    memset(draft, 0, sizeof *draft);
    if (id == 0) {
        draft->fixed.id = 1000 + world->draft_count;
        draft->fixed.client_id = WORLD_CLIENT;
        draft->fixed.status = FIG_SCHEDULED;
    } else {
        draft->original = version_appointment(&world->version, id);
        draft->fixed = *draft->original;
    }
    return draft;
}

struct rule_question ruled_question(const struct rules_world *world, int64_t start_s, int64_t duration_s)
{
    return (struct rule_question){
        .version = &world->version,
        .opening = &world->opening,
        .now_s = world->now_s,
        .client_id = world->client_id,
        .service_id = world->service_id,
        .start_s = start_s,
        .end_s = start_s + duration_s,
        .ignore_id = world->ignore_id,
        .drafts = world->draft_count > 0 ? world->drafts : NULL,
        .draft_count = world->draft_count,
    };
}

/* --- dates --- */

int64_t ruled_at(const struct rules_world *world, int year, int month, int day, int hour, int minute)
{
    int64_t at_s;
    int64_t local_s = ruled_day(year, month, day) * DAY_S + hour * HOUR_S + minute * 60;
    civil_to_utc(world->zone, local_s, CIVIL_FIRST, &at_s);
    return at_s;
}

int32_t ruled_day(int year, int month, int day)
{
    return (int32_t)civil_days((struct civil_date){year, (uint8_t)month, (uint8_t)day});
}
