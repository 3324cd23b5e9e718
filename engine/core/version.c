#include "engine/core/version.h"

#include "engine/core/status.h"

#include <string.h>

const struct appointment *version_appointment(const struct version *version, uint64_t id)
{
    return radix_get(&version->appointments, id);
}

const struct barber *version_barber(const struct version *version, uint64_t id)
{
    return radix_get(&version->barbers, id);
}

const struct shop *version_shop(const struct version *version, uint64_t id) { return radix_get(&version->shops, id); }

const struct client *version_client(const struct version *version, uint64_t id)
{
    return radix_get(&version->clients, id);
}

const struct note *version_note(const struct version *version, uint64_t appointment_id)
{
    return radix_get(&version->notes, appointment_id);
}

uint64_t text_place(const struct version *version, const char *text, size_t size, uint64_t n)
{
    return hash_seeded(text, size, version->hash_seed + n);
}

static bool same_text(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

const struct barber *version_barber_named(const struct version *version, const char *name, size_t size)
{
    for (uint64_t n = 0;; n++) {
        const struct barber_profile *profile = radix_get(&version->names, text_place(version, name, size, n));
        if (profile == NULL) return NULL;
        if ((void *)(uintptr_t)profile == PLACE_GRAVE) continue;
        if (same_text(profile->names, profile->name_size, name, size)) return version_barber(version, profile->id);
    }
}

const struct shop *version_shop_named(const struct version *version, const char *name, size_t size)
{
    for (uint64_t n = 0;; n++) {
        const struct shop *shop = radix_get(&version->shop_names, text_place(version, name, size, n));
        if (shop == NULL) return NULL;
        if ((void *)(uintptr_t)shop == PLACE_GRAVE) continue;
        if (same_text(shop->names, shop->name_size, name, size)) return shop;
    }
}

/* --- documents --- */

const struct document *version_document(const struct version *version, enum document_kind kind, uint64_t id)
{
    return radix_get(&version->documents[kind], id);
}

/* The document of a name in its nth place or a later one; *n goes on behind it. */
static const struct document *next_named(const struct version *version, enum document_kind kind, const char *name,
                                         size_t size, uint64_t *n)
{
    for (;;) {
        const struct document *document =
            radix_get(&version->document_names[kind], text_place(version, name, size, (*n)++));
        if (document == NULL) return NULL;
        if ((void *)(uintptr_t)document == PLACE_GRAVE) continue;
        if (same_text(document->name, document->name_size, name, size)) return document;
    }
}

const struct document *version_document_named(const struct version *version, enum document_kind kind, const char *name,
                                              size_t size)
{
    uint64_t n = 0;
    return next_named(version, kind, name, size, &n);
}

bool version_name_is_shared(const struct version *version, enum document_kind kind, const char *name, size_t size)
{
    uint64_t n = 0;
    return next_named(version, kind, name, size, &n) != NULL && next_named(version, kind, name, size, &n) != NULL;
}

const struct schedule *version_shop_schedule(const struct version *version, uint64_t shop_id)
{
    return (const struct schedule *)version_document(version, DOCUMENT_SHOP_SCHEDULE, shop_id);
}

const struct schedule *version_barber_schedule(const struct version *version, uint64_t barber_id)
{
    return (const struct schedule *)version_document(version, DOCUMENT_BARBER_SCHEDULE, barber_id);
}

const struct service *version_service(const struct version *version, uint64_t id)
{
    return (const struct service *)version_document(version, DOCUMENT_SERVICE, id);
}

const struct client_profile *version_client_profile(const struct version *version, uint64_t id)
{
    return (const struct client_profile *)version_document(version, DOCUMENT_CLIENT, id);
}

/* No changes, no rule; behind the head stands the one offset, 0. */
__extension__ static const struct zone utc = {.rule_from_s = INT64_MAX, .change_s = {0}};

const struct zone *version_zone(const struct version *version, const char *name, size_t size)
{
    if (same_text(name, size, "UTC", 3)) return &utc;
    const struct document *document = version_document_named(version, DOCUMENT_ZONE, name, size);
    return document != NULL ? ((const struct zone_document *)document)->zone : NULL;
}

static bool kept_key_lives(const struct kept_key *kept, int64_t now_s) { return now_s < kept->at_s + KEPT_KEY_LIFE_S; }

struct key_match version_key(const struct version *version, const char *key, size_t size, int64_t now_s)
{
    struct key_match none = {NULL, NULL};
    for (uint64_t n = 0;; n++) {
        void *place = radix_get(&version->keys, text_place(version, key, size, n));
        if (place == NULL) return none;
        if (place == PLACE_GRAVE) continue;
        if (place_is_id(place)) {
            const struct appointment *booking = version_appointment(version, place_id(place));
            if (same_text(appointment_key(booking), booking->key_size, key, size))
                return (struct key_match){.booking = booking};
        } else {
            const struct kept_key *kept = place;
            if (same_text(kept->key, kept->key_size, key, size))
                return kept_key_lives(kept, now_s) ? (struct key_match){.kept = kept} : none;
        }
    }
}

bool appointment_blocks(const struct appointment *appointment, int64_t now_s)
{
    if (appointment->status == FIG_HELD) return now_s < appointment->expires_s;
    return status_is_active((fig_appointment_status)appointment->status);
}

fig_appointment_status appointment_status_at(const struct appointment *appointment, int64_t now_s)
{
    bool over = appointment->status == FIG_HELD && now_s >= appointment->expires_s;
    return over ? FIG_EXPIRED : (fig_appointment_status)appointment->status;
}

static bool hold_blocks(const void *context, uint64_t id)
{
    const struct hold_view *view = context;
    const struct appointment *held = version_appointment(view->version, id);
    return held != NULL && appointment_blocks(held, view->now_s);
}

struct holds hold_view_holds(const struct hold_view *view)
{
    return (struct holds){.block = hold_blocks, .context = view};
}

const char *appointment_key(const struct appointment *appointment)
{
    return (const char *)appointment + sizeof *appointment;
}

size_t appointment_size(const struct appointment *appointment)
{
    size_t image = (appointment->flags & APPOINTMENT_HAS_IMAGE) != 0 ? sizeof(struct image) : 0;
    return sizeof *appointment + appointment->key_size + image;
}

struct image appointment_first_image(const struct appointment *appointment)
{
    if ((appointment->flags & APPOINTMENT_HAS_IMAGE) != 0) {
        struct image image; /* it follows the key, on no boundary of its own */
        memcpy(&image, appointment_key(appointment) + appointment->key_size, sizeof image);
        return image;
    }
    return (struct image){
        .barber_id = appointment->barber_id,
        .service_id = appointment->service_id,
        .start_s = appointment->start_s,
        .expires_s = appointment->expires_s,
        .version = appointment->booked_version,
        .duration_s = appointment->duration_s,
        .before_s = appointment->before_s,
        .after_s = appointment->after_s,
        .status = appointment->first_status,
    };
}

struct tree_item appointment_item(const struct appointment *appointment)
{
    return (struct tree_item){
        .start_s = appointment->start_s,
        .duration_s = appointment->duration_s,
        .before_s = appointment->before_s,
        .after_s = appointment->after_s,
        .held = appointment->status == FIG_HELD,
        .id = appointment->id,
    };
}

bool barber_buffers_exclusive(const struct version *version, const struct barber *barber)
{
    const struct shop *shop = version_shop(version, barber->profile->shop_id);
    return shop != NULL && shop->buffers == FIG_BUFFERS_EXCLUSIVE;
}

void appointment_show(const struct appointment *appointment, int64_t now_s, fig_appointment *shown)
{
    *shown = (fig_appointment){
        .struct_size = sizeof *shown,
        .id = appointment->id,
        .barber_id = appointment->barber_id,
        .client_id = appointment->client_id,
        .service_id = appointment->service_id,
        .start_s = appointment->start_s,
        .end_s = appointment->start_s + appointment->duration_s,
        .expires_s = appointment->status == FIG_HELD ? appointment->expires_s : 0,
        .booked_s = appointment->booked_s,
        .version = appointment->version,
        .buffer_before_s = appointment->before_s,
        .buffer_after_s = appointment->after_s,
        .status = appointment_status_at(appointment, now_s),
        .has_note = (appointment->flags & APPOINTMENT_HAS_NOTE) != 0,
        .unchecked = (appointment->flags & APPOINTMENT_UNCHECKED) != 0,
    };
    memcpy(shown->key, appointment_key(appointment), appointment->key_size);
}

void barber_show(const struct barber *barber, fig_barber *shown)
{
    const struct barber_profile *profile = barber->profile;
    *shown = (fig_barber){
        .struct_size = sizeof *shown,
        .fields = FIG_BARBER_ALL,
        .id = profile->id,
        .shop_id = profile->shop_id,
        .open = (fig_open_mode)profile->open,
        .priority = profile->priority,
        .active = profile->active != 0,
    };
    memcpy(shown->name, profile->names, profile->name_size);
    memcpy(shown->zone, profile->names + profile->name_size + 1, profile->zone_size);
}

void shop_show(const struct shop *shop, fig_shop *shown)
{
    *shown = (fig_shop){
        .struct_size = sizeof *shown,
        .fields = FIG_SHOP_ALL,
        .id = shop->id,
        .buffers = (fig_buffers)shop->buffers,
        .past = (fig_past)shop->past,
    };
    memcpy(shown->name, shop->names, shop->name_size);
    memcpy(shown->zone, shop->names + shop->name_size + 1, shop->zone_size);
}

void client_show(const struct client_profile *client, fig_client *shown)
{
    *shown = (fig_client){
        .struct_size = sizeof *shown,
        .fields = FIG_CLIENT_ALL,
        .id = client->document.id,
        .born_day = client->born_day,
        .flags = client->flags,
    };
    memcpy(shown->name, client->document.name, client->document.name_size);
    memcpy(shown->type, client->type, strlen(client->type));
}

size_t document_encode_again(const struct document *document, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    const struct client_profile *client = (const struct client_profile *)document;
    const struct zone_document *zone = (const struct zone_document *)document;
    switch ((enum document_kind)document->kind) {
    case DOCUMENT_SHOP_SCHEDULE:
    case DOCUMENT_BARBER_SCHEDULE: return document_encode_schedule(&((const struct schedule *)document)->is, bytes);
    case DOCUMENT_SERVICE: return document_encode_service(&((const struct service *)document)->is, bytes);
    case DOCUMENT_RULE: return document_encode_rule(&((const struct rule *)document)->is, bytes);
    case DOCUMENT_CLIENT: {
        fig_client shown;
        client_show(client, &shown);
        return document_encode_client(&shown, bytes);
    }
    case DOCUMENT_ZONE: return document_encode_zone(document->name, zone->file, zone->file_size, bytes);
    case DOCUMENT_KINDS: break;
    }
    return 0;
}
