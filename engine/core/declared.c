#include "engine/core/declared.h"

#include <string.h>

/* name NUL zone NUL */
static void write_names(char *names, struct words name, struct words zone)
{
    memcpy(names, name.text, name.size);
    names[name.size] = '\0';
    memcpy(names + name.size + 1, zone.text, zone.size);
    names[name.size + 1 + zone.size] = '\0';
}

struct shop_declared shop_as_declared(const struct shop *shop)
{
    return (struct shop_declared){
        .id = shop->id,
        .buffers = shop->buffers,
        .past = shop->past,
        .name = {shop->names, shop->name_size},
        .zone = {shop->names + shop->name_size + 1, shop->zone_size},
    };
}

struct barber_declared profile_as_declared(const struct barber_profile *profile)
{
    return (struct barber_declared){
        .id = profile->id,
        .shop_id = profile->shop_id,
        .priority = profile->priority,
        .open = profile->open,
        .open_declared = profile->open_declared,
        .active = profile->active,
        .name = {profile->names, profile->name_size},
        .zone = {profile->names + profile->name_size + 1, profile->zone_size},
    };
}

size_t shop_size(const struct shop_declared *declared)
{
    return sizeof(struct shop) + declared->name.size + declared->zone.size + 2;
}

size_t profile_size(const struct barber_declared *declared)
{
    return sizeof(struct barber_profile) + declared->name.size + declared->zone.size + 2;
}

struct shop *shop_keep(struct nodes *nodes, const struct shop_declared *declared)
{
    struct shop *shop = nodes_alloc(nodes, shop_size(declared));
    *shop = (struct shop){
        .born = nodes_generation(nodes),
        .id = declared->id,
        .buffers = declared->buffers,
        .past = declared->past,
        .name_size = (uint8_t)declared->name.size,
        .zone_size = (uint8_t)declared->zone.size,
    };
    write_names(shop->names, declared->name, declared->zone);
    return shop;
}

struct barber_profile *profile_keep(struct nodes *nodes, const struct barber_declared *declared)
{
    struct barber_profile *profile = nodes_alloc(nodes, profile_size(declared));
    *profile = (struct barber_profile){
        .born = nodes_generation(nodes),
        .id = declared->id,
        .shop_id = declared->shop_id,
        .priority = declared->priority,
        .open = declared->open,
        .open_declared = declared->open_declared,
        .active = declared->active,
        .name_size = (uint8_t)declared->name.size,
        .zone_size = (uint8_t)declared->zone.size,
    };
    write_names(profile->names, declared->name, declared->zone);
    return profile;
}
