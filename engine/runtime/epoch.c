#include "engine/runtime/epoch.h"

/* Threads begin their search for a slot at places of their own, so that they seldom meet. */
unsigned thread_place(void)
{
    static _Thread_local char here;
    return (unsigned)(((uintptr_t)&here * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
}

struct epoch_slot *epoch_enter(struct epoch *epoch)
{
    for (unsigned place = thread_place();; place++) {
        struct epoch_slot *slot = &epoch->slots[place % EPOCH_SLOTS];
        uint64_t expected = 0;
        uint64_t pinned = atomic_load_explicit(&epoch->newest, memory_order_acquire) + 1;
        if (atomic_compare_exchange_strong(&slot->pinned, &expected, pinned)) return slot;
    }
}

void epoch_advance(struct epoch *epoch, uint64_t generation) { atomic_store(&epoch->newest, generation); }

void epoch_readers(struct epoch *epoch, struct epoch_readers *readers)
{
    readers->entering_since = atomic_load(&epoch->newest);
    readers->inside_count = 0;
    for (int i = 0; i < EPOCH_SLOTS; i++) {
        uint64_t pinned = atomic_load(&epoch->slots[i].pinned);
        uint64_t generation = (pinned & ~EPOCH_SETTLED) - 1;
        if (pinned == 0) continue;
        if ((pinned & EPOCH_SETTLED) != 0)
            readers->inside[readers->inside_count++] = generation;
        else if (generation < readers->entering_since)
            readers->entering_since = generation;
    }
}
