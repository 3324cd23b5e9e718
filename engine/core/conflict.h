/* The one predicate of the engine: may these two appointments of one barber both stand?
 *
 *   conflict_pair     two appointments, by definition                  O(1)
 *   conflict_any      does any of a set conflict with a span?          valid sets: two neighbours decide
 *   conflict_first / conflict_next
 *                     every one that does, by start                    O(log n + met)
 *
 * A and B conflict when A's core meets B's buffered span or B's core meets A's: buffers may share time with
 * each other, never with service time. With exclusive buffers they conflict when their buffered spans meet.
 * Spans are half-open. Pure functions; any thread. */
#ifndef FIG_CORE_CONFLICT_H
#define FIG_CORE_CONFLICT_H

#include "engine/core/tree.h"

/* The time that is asked for, within the limits of engine/figaro.h, as an appointment's. */
struct probe {
    int64_t start_s;
    int64_t end_s; /* > start_s */
    uint32_t before_s;
    uint32_t after_s;
    bool exclusive;     /* the shop's rule for buffers */
    uint64_t ignore_id; /* this item does not count; 0: every one does */
};

/* Says whether a held item blocks. Asked of items with `held` set alone. NULL, or block NULL: all do. */
struct holds {
    bool (*block)(const void *context, uint64_t id);
    const void *context;
};

/* How far apart, from the end of one core to the start of the next, two appointments must be. */
static inline uint32_t conflict_distance(uint32_t after_s, uint32_t before_s, bool exclusive)
{
    if (__builtin_expect(exclusive, false)) return after_s + before_s;
    return after_s > before_s ? after_s : before_s;
}

bool conflict_pair(const struct probe *probe, const struct tree_item *item);
bool conflict_any(const struct tree *tree, const struct probe *probe, const struct holds *holds);

/* Items that count and conflict, by (start, id). The cursor is valid while the version of the tree is; pass
 * the same arguments on. False when there are no more. */
bool conflict_first(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                    struct tree_cursor *cursor);
bool conflict_next(const struct tree *tree, const struct probe *probe, const struct holds *holds,
                   struct tree_cursor *cursor);

#endif
