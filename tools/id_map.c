#include "tools/id_map.h"

#include <stdlib.h>

/* The pair of that id, or the free one where it belongs. */
static id_map_pair *pair_of(id_map_pair *pairs, size_t room, uint64_t from)
{
    size_t at = (size_t)((from * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (room - 1);
    while (pairs[at].from != 0 && pairs[at].from != from) at = (at + 1) & (room - 1);
    return &pairs[at];
}

static bool grow(id_map *map)
{
    size_t room = map->room == 0 ? 64 : map->room * 2;
    id_map_pair *pairs = calloc(room, sizeof *pairs);
    if (pairs == NULL) return false;
    for (size_t i = 0; i < map->room; i++)
        if (map->pairs[i].from != 0) *pair_of(pairs, room, map->pairs[i].from) = map->pairs[i];
    free(map->pairs);
    map->pairs = pairs;
    map->room = room;
    return true;
}

uint64_t id_map_get(const id_map *map, uint64_t from)
{
    return map->room > 0 ? pair_of(map->pairs, map->room, from)->to : 0;
}

bool id_map_set(id_map *map, uint64_t from, uint64_t to)
{
    if (2 * (map->count + 1) > map->room && !grow(map)) return false;
    id_map_pair *pair = pair_of(map->pairs, map->room, from);
    map->count += pair->from == 0;
    *pair = (id_map_pair){from, to};
    return true;
}

void id_map_free(id_map *map)
{
    free(map->pairs);
    *map = (id_map){0};
}
