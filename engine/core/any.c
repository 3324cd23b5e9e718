/* Any barber: whom a wish without a barber is for.
 *
 * The orders compare by what a version says: the smaller id; less booked time on the date of the start (core seconds of
 * active appointments, holds that are over aside, within the local day of the barber's own zone); the booking made
 * longer ago (the largest appointment id among all that are the barber's now, kept in struct barber); the higher
 * priority. Ties go by id. */
#include "engine/core/opening.h"
#include "engine/core/wish.h"

#include <stddef.h>

/* --- barbers in turn --- */

static bool is_meant(const struct any_wish *any, const struct barber *barber)
{
    return barber->profile->active && (any->shop_id == 0 || barber->profile->shop_id == any->shop_id);
}

static bool wish_for(const struct any_wish *any, const struct barber *barber, struct wish *wish)
{
    return wish_of(any->version, barber, any->now_s, any->service_id, any->client_id, any->asked, wish) == WISH_SOUND &&
           wish->opening.zone != NULL;
}

bool any_next_barber(const struct any_wish *any, uint64_t *id, struct wish *wish)
{
    uint64_t found_id;
    void *barber;
    while (*id != UINT64_MAX && radix_next(&any->version->barbers, *id, &found_id, &barber)) {
        *id = found_id == UINT64_MAX ? UINT64_MAX : found_id + 1;
        if (is_meant(any, barber) && wish_for(any, barber, wish)) return true;
    }
    return false;
}

/* --- orders --- */

/* Core seconds booked within the local day that a start lies in. */
static int64_t load_of(const struct any_wish *any, const struct barber *barber, int64_t start_s)
{
    struct opening opening;
    opening_of(any->version, barber, &opening);
    if (opening.zone == NULL) return 0;
    struct around around = around_instant(opening.zone, start_s);
    int64_t from_s = around_starts(&around, around.today);
    int64_t to_s = around_starts(&around, around.today + 1);
    int64_t load_s = 0;
    struct tree_cursor cursor;
    for (bool more = tree_first_overlap(&barber->diary, from_s, to_s, &cursor); more;
         more = tree_next_overlap(&barber->diary, from_s, to_s, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        int64_t begin_s = item.start_s > from_s ? item.start_s : from_s;
        int64_t end_s = item.start_s + item.duration_s;
        if (end_s > to_s) end_s = to_s;
        if (end_s <= begin_s) continue; /* buffers alone */
        if (!item.held || appointment_blocks(version_appointment(any->version, item.id), any->now_s))
            load_s += end_s - begin_s;
    }
    return load_s;
}

/* -1: a comes first, 1: b does, 0: their ids say. */
static int compare(const struct any_wish *any, const struct barber *a, const struct barber *b, int64_t start_s)
{
    int64_t load_a_s, load_b_s;
    switch (any->order) {
    case FIG_ANY_LEAST_LOADED:
        load_a_s = load_of(any, a, start_s);
        load_b_s = load_of(any, b, start_s);
        return (load_a_s > load_b_s) - (load_a_s < load_b_s);
    case FIG_ANY_LEAST_RECENT: return (a->last_booked_id > b->last_booked_id) - (a->last_booked_id < b->last_booked_id);
    case FIG_ANY_PRIORITY:
        return (a->profile->priority < b->profile->priority) - (a->profile->priority > b->profile->priority);
    case FIG_ANY_FIRST: break;
    }
    return 0;
}

bool any_precedes(const struct any_wish *any, const struct barber *a, const struct barber *b, int64_t start_s)
{
    int order = compare(any, a, b, start_s);
    return order != 0 ? order < 0 : a->profile->id < b->profile->id;
}

/* --- choosing --- */

bool any_barber(const struct any_wish *any, int64_t start_s, struct wish *wish)
{
    struct wish next;
    bool found = false;
    for (uint64_t id = 0; any_next_barber(any, &id, &next);) {
        if (found && !any_precedes(any, next.barber, wish->barber, start_s)) continue;
        if (!wish_fits(&next, start_s)) continue;
        *wish = next;
        found = true;
        if (any->order == FIG_ANY_FIRST) return true;
    }
    return found;
}

/* --- the earliest start of any --- */

/* Barbers are taken in blocks whose memory is asked for together, first that of the barbers, a block later that of
 * their trees, since most are told by a few lines of it: one whose diary has no room before the best start so far
 * cannot do better. */
#define BLOCK 16

struct block {
    const struct barber *barbers[BLOCK];
    size_t count;
};

/* The next barbers by id; none at the end. */
static void next_block(const struct any_wish *any, uint64_t *id, struct block *block)
{
    struct radix_entry entries[BLOCK];
    block->count = *id != UINT64_MAX ? radix_list(&any->version->barbers, *id, entries, BLOCK) : 0;
    for (size_t i = 0; i < block->count; i++) {
        block->barbers[i] = entries[i].value;
        __builtin_prefetch(entries[i].value);
        __builtin_prefetch((const char *)entries[i].value + offsetof(struct barber, ended));
    }
    if (block->count == 0) return;
    uint64_t last_id = entries[block->count - 1].key;
    *id = last_id == UINT64_MAX ? UINT64_MAX : last_id + 1;
}

static void prefetch_trees(const struct any_wish *any, const struct block *block)
{
    for (size_t i = 0; i < block->count; i++) tree_gap_prefetch(&block->barbers[i]->diary, any->asked.duration_s);
}

/* The search so far. */
struct best {
    const struct any_wish *any;
    int64_t from_s;
    int64_t to_s;
    bool found;
    struct wish *wish;
    int64_t start_s;
    int64_t deferred_s; /* nobody who was put off can start before; INT64_MAX: none was */
};

/* Roots tell where there is room to a few seconds. Whoever could be better by so little is put off: mostly somebody is
 * found who is better by far. */
#define LITTLE_S 60

/* The latest end that could still be better; or as good, where the order may prefer a later barber. */
static int64_t bound(const struct best *best, int64_t duration_s)
{
    int64_t end_s = best->start_s + duration_s - (best->any->order == FIG_ANY_FIRST);
    return best->found && end_s < best->to_s ? end_s : best->to_s;
}

/* Whether the barber is worth a search, now. */
static bool is_promising(struct best *best, const struct barber *barber, bool defer)
{
    struct lengths lengths = best->any->asked;
    int64_t floor_s;
    bool known = lengths.duration_s != 0; /* buffers do not matter here: they only keep others further away */
    if (!known && !lengths_of(best->any->version, barber, best->any->service_id, &lengths)) return false;
    int64_t length_s = lengths.duration_s;
    if (!tree_gap_floor(&barber->diary, best->from_s, bound(best, length_s), length_s, &floor_s)) return false;
    if (!defer || !best->found || floor_s < best->start_s - LITTLE_S) return true;
    if (floor_s < best->deferred_s) best->deferred_s = floor_s;
    return false;
}

static void try_barber(struct best *best, const struct barber *barber, bool defer)
{
    struct wish wish;
    int64_t start_s;
    if (!is_promising(best, barber, defer) || !is_meant(best->any, barber) || !wish_for(best->any, barber, &wish))
        return;
    if (!next_free(&wish, best->from_s, bound(best, wish.lengths.duration_s), &start_s)) return;
    if (best->found && start_s == best->start_s && !any_precedes(best->any, barber, best->wish->barber, start_s))
        return;
    *best->wish = wish;
    best->start_s = start_s;
    best->found = true;
}

static void try_all(struct best *best, bool defer)
{
    const struct any_wish *any = best->any;
    struct block now, next, later;
    uint64_t id = 0;
    next_block(any, &id, &now);
    next_block(any, &id, &next);
    prefetch_trees(any, &now);
    while (now.count > 0) {
        next_block(any, &id, &later);
        prefetch_trees(any, &next);
        for (size_t i = 0; i < now.count; i++) try_barber(best, now.barbers[i], defer);
        if (best->found && best->start_s == best->from_s && any->order == FIG_ANY_FIRST) return;
        now = next;
        next = later;
    }
}

bool any_next_free(const struct any_wish *any, int64_t from_s, int64_t to_s, struct wish *wish, int64_t *start_s)
{
    struct best best = {.any = any, .from_s = from_s, .to_s = to_s, .wish = wish, .deferred_s = INT64_MAX};
    try_all(&best, true);
    if (best.found && best.deferred_s <= best.start_s) try_all(&best, false);
    if (best.found) *start_s = best.start_s;
    return best.found;
}
