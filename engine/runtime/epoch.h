/* Epochs: which generations readers may still be looking at.
 *
 * A reader takes a slot, writes into it the generation that was newest, and only then loads the version: what it reads
 * is of that generation or a later one. The writer frees what was retired at or before the oldest generation in any slot.
 *
 *   epoch_enter   one compare-and-swap in a slot that is rarely shared; no lock, no registration
 *   epoch_leave   one store
 *   epoch_oldest  a walk over the slots; the writer's
 *
 * Any thread may enter, as often as it likes, also while it is inside. With more than EPOCH_SLOTS readers inside
 * at once, the next one spins for a slot. */
#ifndef FIG_RUNTIME_EPOCH_H
#define FIG_RUNTIME_EPOCH_H

#include <stdatomic.h>
#include <stdint.h>

#define EPOCH_SLOTS 256

struct epoch_slot {
    _Alignas(64) _Atomic uint64_t pinned; /* generation + 1; 0: free */
};

struct epoch {
    struct epoch_slot slots[EPOCH_SLOTS];
    _Alignas(64) _Atomic uint64_t newest; /* generation of the newest published version, or one before it */
};

struct epoch_slot *epoch_enter(struct epoch *epoch);
static inline void epoch_leave(struct epoch_slot *slot)
{
    atomic_store_explicit(&slot->pinned, 0, memory_order_release);
}

/* After the version was published: readers that enter from now on see it. */
void epoch_advance(struct epoch *epoch, uint64_t generation);
/* No reader looks at a generation before this one. */
uint64_t epoch_oldest(struct epoch *epoch);

#endif
