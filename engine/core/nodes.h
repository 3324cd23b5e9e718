/* Memory of the persistent structures: nodes live from the publication they were born in until nobody can see
 * them.
 *
 * One writer builds generation g+1 beside the readers' generation g. Between nodes_begin() and
 * nodes_publish() or nodes_abandon() it allocates and retires; a node born in the generation under work is
 * its own and may be changed in place, every other node is shared and must be copied, the old one retired.
 *
 *   nodes_reserve    make sure that the next `bytes` of allocations cannot fail       may allocate
 *   nodes_alloc      memory for a node; never fails within what was reserved          O(1)
 *   nodes_retire     the node is not reachable from the generation under work         O(1)
 *   nodes_discard    the same, of a node of the generation under work that nobody
 *                    will look at again: its memory is used again at once             O(1)
 *   nodes_publish    the generation under work becomes the newest                     O(discarded)
 *   nodes_abandon    it never was: what it allocated is free, what it retired lives   O(nodes it touched)
 *   nodes_collect    hands retired nodes back that no reader can see                  O(newly retired, and
 *                    those whose reader has left): a snapshot held for long is not paid for again and again
 *
 * Invariants:
 * 1. A retired node has born <= retired; it is visible to generations g with born <= g < retired.
 * 2. nodes_collect() hands a node back only when no pinned generation lies in [born, retired).
 * 3. Freed memory keeps its size class; chunks go back to the allocator in nodes_destroy() alone.
 * 4. Within a reservation nodes_alloc() neither fails nor calls the allocator.
 * Thread rule: the writer's, all of it. Readers never call any of this. */
#ifndef FIG_CORE_NODES_H
#define FIG_CORE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodes;

struct nodes_allocator {
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *memory, size_t size);
    void *context;
};

/* Largest node that nodes_alloc() takes; larger things are not nodes. */
#define NODE_SIZE_MAX (192 * 1024)

/* NULL when there is no memory. */
struct nodes *nodes_create(const struct nodes_allocator *allocator);
/* Frees every node, reachable or not. */
void nodes_destroy(struct nodes *nodes);

/* Of a new pool: its nodes go beside those of another one, up to that generation, which are read and never handed back
 * here: whoever keeps both keeps those alive. The next generation is one more. */
void nodes_build_upon(struct nodes *nodes, uint64_t generation);

/* The generation under work while between begin and publish, else the newest published one (0 at first). */
uint64_t nodes_generation(const struct nodes *nodes);

void nodes_begin(struct nodes *nodes);
/* `bytes`: the sum of the sizes that will be asked for, each at least 16; rounding and padding are added
 * here. A second reservation replaces what is left of the first. False: no memory, nothing changed. */
bool nodes_reserve(struct nodes *nodes, size_t bytes);
/* Aligned to 16 bytes, and to a cache line (64) when size is a multiple of 64. Not zeroed. */
void *nodes_alloc(struct nodes *nodes, size_t size);
/* `size` as allocated; `born` the generation it was allocated in. The node can still be read until the next
 * nodes_collect(). Never fails: should there be no memory even to note that it is retired (possible only for
 * more retirements than the reservation has bytes / 64), the node stays allocated until nodes_destroy(). */
void nodes_retire(struct nodes *nodes, void *node, size_t size, uint64_t born);
void nodes_discard(struct nodes *nodes, void *node, size_t size);
void nodes_publish(struct nodes *nodes);
void nodes_abandon(struct nodes *nodes);

/* `pinned`: the generations that some reader or snapshot holds, ascending; the newest is always held. May be
 * called at any time, also between begin and publish. */
void nodes_collect(struct nodes *nodes, const uint64_t *pinned, size_t count);

struct nodes_usage {
    size_t chunk_bytes;   /* taken from the allocator */
    size_t live_bytes;    /* allocated and not handed back, retired ones included */
    size_t retired_count; /* waiting for a reader */
};
struct nodes_usage nodes_usage(const struct nodes *nodes);

#endif
