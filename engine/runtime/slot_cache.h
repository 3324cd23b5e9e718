/* A cache of slot lists, for servers that are asked for the same day again and again at the same now.
 *
 *   slot_cache_find      a copy of the list, if it was made of this version at this now    a hash, a lock, the copy
 *   slot_cache_put       keeps a copy of a list                            the same, and an allocation
 *   slot_cache_forget    drops the lists of a barber, of a date, or all    O(entries)
 *
 * It is exact: an entry carries the version and the now that it was made of, and answers for these alone; the next
 * change to anything makes it worthless. Whoever wants more hits passes a now rounded to the minute. Nothing waits: a
 * part that another thread is looking into counts as a miss. Off by default: one barber's list is made in a microsecond
 * or two, and each write makes all lists worthless; it pays for lists of any barber that many ask for between two
 * writes. bench/README.md has the figures.
 *
 * Invariants:
 * 1. An entry's place is one of the SLOT_CACHE_WAYS of its hash; of these the one used the longest ago makes room.
 * 2. An entry holds a whole list: every slot and every skipped barber. */
#ifndef FIG_RUNTIME_SLOT_CACHE_H
#define FIG_RUNTIME_SLOT_CACHE_H

#include "engine/core/nodes.h"
#include "engine/figaro.h"

struct slot_cache;

/* What a list depends on. */
struct slot_cache_key {
    fig_wish wish;
    uint64_t version;
    int64_t now_s;
    int32_t day;
};

/* NULL: no memory. `entries` is rounded up; a list lives ttl_s seconds of its reader's clock at most, 0: for ever. */
struct slot_cache *slot_cache_create(const struct nodes_allocator *allocator, uint32_t entries, uint32_t ttl_s);
void slot_cache_destroy(struct slot_cache *cache); /* NULL is allowed */

/* True: `slots` holds the answer, as fig_list_slots() says. */
bool slot_cache_find(struct slot_cache *cache, const struct slot_cache_key *key, fig_slots *slots);
/* Does nothing when the list did not fit the caller's room, or there is no memory. */
void slot_cache_put(struct slot_cache *cache, const struct slot_cache_key *key, const fig_slots *slots);

/* barber_id 0: of all barbers, and of any; day FIG_NO_DAY: of all dates. Returns how many were dropped. */
size_t slot_cache_forget(struct slot_cache *cache, uint64_t barber_id, int32_t day);

/* Adds its counts to the stats. */
void slot_cache_count(struct slot_cache *cache, fig_stats *stats);

#endif
