/* What applying an event stands on: owning nodes, keeping the digest and the list of changes, places in hashed maps. */
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

void applying_rename(struct applying *applying, struct radix *map, struct words old_name, const void *was,
                     struct words new_name, const void *is)
{
    bool same =
        was != NULL && old_name.size == new_name.size && memcmp(old_name.text, new_name.text, new_name.size) == 0;
    if (same) {
        applying_replace_place(applying, map, new_name.text, new_name.size, was, is);
        return;
    }
    if (was != NULL) applying_leave_place(applying, map, old_name.text, old_name.size, was);
    applying_place(applying, map, new_name.text, new_name.size, is);
}
