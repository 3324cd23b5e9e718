/* The radix map: u64 -> pointer, persistent, packed; for barbers, appointments, clients and key hashes.
 *
 *   radix_get       O(levels): dense ids share full nodes of 64, sparse ones skip the levels they do not need
 *   radix_put       copies the path, <= RADIX_RESERVE_BYTES
 *   radix_remove    copies the path, <= RADIX_RESERVE_BYTES
 *   radix_next      the smallest key >= a key, for walks in key order
 *   radix_bulk      from ascending keys, in one pass
 *   radix_check     the whole structure against its invariants
 *
 * A value of struct radix is one version of the map. Pointers are never NULL; the map owns none of them. Both
 * dense sequential keys and random 64-bit hashes cost little memory. Appending ascending keys is the fast
 * case, since start-up does it ten million times. */
#ifndef FIG_CORE_RADIX_H
#define FIG_CORE_RADIX_H

#include "engine/core/nodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct radix_node;

struct radix {
    const struct radix_node *root; /* NULL: empty */
    uint64_t count;
};

/* The most that one put or remove can allocate: reserve it before. */
#define RADIX_RESERVE_BYTES ((size_t)14 * 1056)

void *radix_get(const struct radix *map, uint64_t key); /* NULL: not there */
/* Returns what the key stood for before, NULL when it was not there. */
void *radix_put(struct nodes *nodes, struct radix *map, uint64_t key, const void *value);
/* Returns what the key stood for, NULL when it was not there (nothing changed then). */
void *radix_remove(struct nodes *nodes, struct radix *map, uint64_t key);
/* The entry with the smallest key >= from. False when there is none. */
bool radix_next(const struct radix *map, uint64_t from, uint64_t *key, void **value);

struct radix_entry {
    uint64_t key;
    void *value;
};
/* The entries with the smallest keys >= from, ascending, into entries[room]. Returns how many: less than room when
 * there are no more. */
size_t radix_list(const struct radix *map, uint64_t from, struct radix_entry *entries, size_t room);
/* The map of these entries: keys ascending, no two alike, values not NULL. O(count). It reserves what it needs itself;
 * false: no memory, and *map is as it was. */
bool radix_bulk(struct nodes *nodes, struct radix *map, const struct radix_entry *entries, size_t count);

/* NULL when sound, else what is wrong, in static words. */
const char *radix_check(const struct radix *map);

#endif
