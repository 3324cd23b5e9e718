/* Epochs: which generations readers may still be looking at.
 *
 * A reader takes a slot, writes into it the generation that was newest, and only then loads the version: what it reads
 * is of that generation or a later one. Then it says which one it is: from there on it holds that one alone, however
 * long it stays. The writer frees what no generation in any slot sees.
 *
 *   epoch_enter    one compare-and-swap in a slot that is rarely shared; no lock, no registration
 *   epoch_settle   one store
 *   epoch_leave    one store
 *   epoch_readers  a walk over the slots; the writer's
 *
 * Any thread may enter, as often as it likes, also while it is inside. With more than EPOCH_SLOTS readers inside
 * at once, the next one spins for a slot. */
#ifndef FIG_RUNTIME_EPOCH_H
#define FIG_RUNTIME_EPOCH_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define EPOCH_SLOTS   256
#define EPOCH_SETTLED (UINT64_C(1) << 63)

/* Whoever has the slot may also count in it: the line is in his cache. */
#define EPOCH_TALLIES 7

struct epoch_slot {
    _Alignas(64) _Atomic uint64_t pinned; /* generation + 1, with EPOCH_SETTLED when it is that one alone; 0: free */
    _Atomic uint64_t
        tallies[EPOCH_TALLIES]; /* changed between epoch_enter() and epoch_leave() alone; read by anybody */
};

_Static_assert(sizeof(struct epoch_slot) == 64, "a slot has a cache line of its own, and no more");

struct epoch {
    struct epoch_slot slots[EPOCH_SLOTS];
    _Alignas(64) _Atomic uint64_t newest; /* generation of the newest published version, or one before it */
};

struct epoch_slot *epoch_enter(struct epoch *epoch);
/* Where a thread begins its search: 0 to 255, and its own as far as that goes. */
unsigned thread_place(void);
/* Nobody else writes there meanwhile, so it need not be one step. Returns the new count. */
static inline uint64_t epoch_tally(struct epoch_slot *slot, unsigned which)
{
    uint64_t count = atomic_load_explicit(&slot->tallies[which], memory_order_relaxed) + 1;
    atomic_store_explicit(&slot->tallies[which], count, memory_order_relaxed);
    return count;
}
/* The reader has loaded the version of this generation and will look at no other. */
static inline void epoch_settle(struct epoch_slot *slot, uint64_t generation)
{
    atomic_store_explicit(&slot->pinned, (generation + 1) | EPOCH_SETTLED, memory_order_release);
}
static inline void epoch_leave(struct epoch_slot *slot)
{
    atomic_store_explicit(&slot->pinned, 0, memory_order_release);
}

/* After the version was published: readers that enter from now on see it. */
void epoch_advance(struct epoch *epoch, uint64_t generation);

struct epoch_readers {
    uint64_t entering_since; /* readers that have not settled may come to this generation or any later one */
    size_t inside_count;
    uint64_t inside[EPOCH_SLOTS]; /* those that have settled, in no order */
};
void epoch_readers(struct epoch *epoch, struct epoch_readers *readers);

#endif
