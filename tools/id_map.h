/* Ids to ids: a hash table, open addressing. Setting and asking cost O(1); nothing is taken out. 0 is no id. */
#ifndef FIG_TOOLS_ID_MAP_H
#define FIG_TOOLS_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct id_map_pair {
    uint64_t from, to;
} id_map_pair;

typedef struct id_map {
    id_map_pair *pairs; /* from 0: free */
    size_t count;
    size_t room; /* a power of two, at most half full */
} id_map;

/* 0 when there is none. */
uint64_t id_map_get(const id_map *map, uint64_t from);
/* False when there is no memory. */
bool id_map_set(id_map *map, uint64_t from, uint64_t to);
void id_map_free(id_map *map);

#endif
