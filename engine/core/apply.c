#include "engine/core/applying.h"
#include "engine/core/grow.h"

#include <string.h>

bool applying_reserve(struct applying *applying, size_t bytes) { return nodes_reserve(applying->nodes, bytes); }

bool applying_owns(const struct applying *applying, uint64_t born) { return born == nodes_generation(applying->nodes); }

struct barber *applying_barber(struct applying *applying, uint64_t id)
{
    struct version *version = applying->version;
    const struct barber *old = version_barber(version, id);
    if (old != NULL && applying_owns(applying, old->born)) return (struct barber *)(uintptr_t)old;
    struct barber *barber = nodes_alloc(applying->nodes, sizeof *barber);
    if (old != NULL) {
        *barber = *old;
        nodes_retire(applying->nodes, (void *)(uintptr_t)old, sizeof *old, old->born);
    } else {
        memset(barber, 0, sizeof *barber);
    }
    barber->born = nodes_generation(applying->nodes);
    radix_put(applying->nodes, &version->barbers, id, barber);
    return barber;
}

struct client *applying_client(struct applying *applying, uint64_t id)
{
    struct version *version = applying->version;
    const struct client *old = version_client(version, id);
    if (old != NULL && applying_owns(applying, old->born)) return (struct client *)(uintptr_t)old;
    struct client *client = nodes_alloc(applying->nodes, sizeof *client);
    if (old != NULL) {
        *client = *old;
        nodes_retire(applying->nodes, (void *)(uintptr_t)old, sizeof *old, old->born);
    } else {
        *client = (struct client){.id = id};
    }
    client->born = nodes_generation(applying->nodes);
    radix_put(applying->nodes, &version->clients, id, client);
    return client;
}

void applying_add(struct applying *applying, const struct record *record)
{
    digest_add(&applying->version->digest, record->digest);
}

void applying_subtract(struct applying *applying, const struct record *record)
{
    digest_subtract(&applying->version->digest, record->digest);
}

bool applying_changed(struct applying *applying, struct change change)
{
    struct changes *changes = applying->changes;
    if (changes == NULL) return true;
    struct change *list = grow(applying->allocator, changes->list, changes->count, 1, &changes->capacity, sizeof *list);
    if (list == NULL) return false;
    changes->list = list;
    change.frame = applying->frame;
    changes->list[changes->count++] = change;
    return true;
}

void changes_release(struct changes *changes, const struct nodes_allocator *allocator)
{
    grow_release(allocator, changes->list, &changes->capacity, sizeof *changes->list);
    *changes = (struct changes){0};
}

void applying_place(struct applying *applying, struct radix *map, const char *text, size_t size, const void *place)
{
    for (uint64_t n = 0;; n++) {
        uint64_t at = text_place(applying->version, text, size, n);
        void *there = radix_get(map, at);
        if (there != NULL && there != PLACE_GRAVE) continue;
        if (n > 0) applying->version->rivals++;
        radix_put(applying->nodes, map, at, place);
        return;
    }
}

void applying_replace_place(struct applying *applying, struct radix *map, const char *text, size_t size,
                            const void *old, const void *place)
{
    for (uint64_t n = 0;; n++) {
        uint64_t at = text_place(applying->version, text, size, n);
        if (radix_get(map, at) != old) continue;
        radix_put(applying->nodes, map, at, place);
        return;
    }
}

/* As long as no two hashes have met, nobody looks further than a first place, and it can be empty again. */
void applying_leave_place(struct applying *applying, struct radix *map, const char *text, size_t size,
                          const void *place)
{
    if (applying->version->rivals > 0)
        applying_replace_place(applying, map, text, size, place, PLACE_GRAVE);
    else
        radix_remove(applying->nodes, map, text_place(applying->version, text, size, 0));
}

static bool apply_event(struct applying *applying, const struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOKED: return apply_booked(applying, &event->is.booked);
    case EVENT_MOVED: return apply_moved(applying, &event->is.moved);
    case EVENT_STATUS: return apply_status(applying, &event->is.status);
    case EVENT_WINDOW_OPENED: return apply_window_opened(applying, &event->is.window);
    case EVENT_WINDOW_CLOSED: return apply_window_closed(applying, &event->is.window);
    case EVENT_WINDOW_CUT: return apply_window_cut(applying, &event->is.window);
    case EVENT_WINDOWS_CLEARED: return apply_windows_cleared(applying, &event->is.window);
    case EVENT_SHOP: return apply_shop(applying, &event->is.shop);
    case EVENT_BARBER: return apply_barber(applying, &event->is.barber);
    case EVENT_NOTE: return apply_note(applying, &event->is.note);
    case EVENT_KEY: return apply_key(applying, &event->is.key);
    }
    return true;
}

/* --- does an event fit the version? Always so for events that were decided here; a guard against others. --- */

static bool key_is_free(const struct version *version, struct words key)
{
    return key.size == 0 || version_key(version, key.text, key.size, FIG_TIME_MIN).booking == NULL;
}

static bool booked_fits(const struct version *version, const struct booked *booked)
{
    return version_barber(version, booked->barber_id) != NULL && version_appointment(version, booked->id) == NULL &&
           booked->id < APPOINTMENT_ID_END && key_is_free(version, booked->key);
}

static bool shop_fits(const struct version *version, const struct shop_declared *shop)
{
    const struct shop *namesake = version_shop_named(version, shop->name.text, shop->name.size);
    return namesake == NULL || namesake->id == shop->id;
}

static bool barber_fits(const struct version *version, const struct barber_declared *barber)
{
    const struct barber *namesake = version_barber_named(version, barber->name.text, barber->name.size);
    return (namesake == NULL || namesake->profile->id == barber->id) && version_shop(version, barber->shop_id) != NULL;
}

static bool note_fits(const struct version *version, uint64_t id)
{
    const struct appointment *appointment = version_appointment(version, id);
    return appointment != NULL && (appointment->flags & APPOINTMENT_HAS_NOTE) != 0 && version_note(version, id) == NULL;
}

static bool key_fits(const struct version *version, const struct key_kept *kept)
{
    return radix_get(&version->kept, version->seq + 1) == NULL && key_is_free(version, kept->key);
}

static bool event_fits(const struct version *version, const struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOKED: return booked_fits(version, &event->is.booked);
    case EVENT_MOVED:
        return version_barber(version, event->is.moved.barber_id) != NULL &&
               version_appointment(version, event->is.moved.id) != NULL;
    case EVENT_STATUS: return version_appointment(version, event->is.status.id) != NULL;
    case EVENT_WINDOW_OPENED:
    case EVENT_WINDOW_CLOSED:
    case EVENT_WINDOW_CUT:
    case EVENT_WINDOWS_CLEARED: return version_barber(version, event->is.window.barber_id) != NULL;
    case EVENT_NOTE: return note_fits(version, event->is.note.id);
    case EVENT_KEY: return key_fits(version, &event->is.key);
    case EVENT_SHOP: return shop_fits(version, &event->is.shop);
    case EVENT_BARBER: return barber_fits(version, &event->is.barber);
    }
    return false;
}

enum apply_status apply_entry(struct applying *applying, const struct entry *entry)
{
    if (entry->seq != applying->version->seq + 1) return APPLY_BROKEN;
    applying->seq = entry->seq;
    applying->now_s = entry->now_s;
    for (size_t i = 0; i < entry->event_count; i++) {
        struct event event = entry->events[i];
        if (event.kind == EVENT_KEY) event.is.key.operation = entry->operation;
        if (!event_fits(applying->version, &event)) return APPLY_BROKEN;
        if (!apply_event(applying, &event)) return APPLY_NO_MEMORY;
    }
    applying->version->seq = entry->seq;
    return APPLY_OK;
}
