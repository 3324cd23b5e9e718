#include "tools/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *name != '\0'; name++) hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t slot_of(char *const *slots, size_t room, const char *name)
{
    size_t slot = hash_of(name) & (room - 1);
    while (slots[slot] != NULL && strcmp(slots[slot], name) != 0) slot = (slot + 1) & (room - 1);
    return slot;
}

static bool grow(names *set)
{
    size_t room = set->room == 0 ? 64 : set->room * 2;
    char **slots = calloc(room, sizeof *slots);
    if (slots == NULL) return false;
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i] != NULL) slots[slot_of(slots, room, set->slots[i])] = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->room = room;
    return true;
}

bool names_has(const names *set, const char *name)
{
    return set->room > 0 && set->slots[slot_of(set->slots, set->room, name)] != NULL;
}

bool names_add(names *set, const char *name)
{
    if (2 * (set->count + 1) > set->room && !grow(set)) return false;
    size_t slot = slot_of(set->slots, set->room, name);
    if (set->slots[slot] != NULL) return true;
    set->slots[slot] = strdup(name);
    if (set->slots[slot] == NULL) return false;
    set->count++;
    return true;
}

void names_free(names *set)
{
    for (size_t i = 0; i < set->room; i++) free(set->slots[i]);
    free(set->slots);
    *set = (names){0};
}
