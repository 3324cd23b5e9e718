/* The slab pool behind the persistent structures; nodes.h says what it promises.
 *
 * Memory comes from the allocator in chunks. A chunk is used up from both ends: blocks that are multiples of
 * a cache line grow from its low end, where they stay aligned without padding, all others from its high end.
 * Freed blocks wait in one list per size class. Those that died in the generation they were born in (`young`)
 * are told from the others (`aged`), because undoing a generation treats them differently:
 *
 *   nodes_abandon    puts the ends of the chunks back to where nodes_begin() found them, which undoes every
 *                    block carved since; puts back the aged blocks that were taken since (listed in
 *                    `taken`); and forgets the young, which are all among these two.
 *
 * Retired nodes are notes in small pages: `doomed` (by the generation under work), `fresh` (published, not
 * looked at yet) and `held`, one bucket of pages for each pinned generation that was found to see them. A
 * bucket is looked at again only when its generation is no longer pinned, so that a long-lived snapshot costs
 * nothing per collection. */
#include "engine/core/nodes.h"

#include <assert.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif
#ifdef POISONING
void __asan_poison_memory_region(void const volatile *memory, size_t size);
void __asan_unpoison_memory_region(void const volatile *memory, size_t size);
#define HIDE(memory, size) __asan_poison_memory_region(memory, size)
#define SHOW(memory, size) __asan_unpoison_memory_region(memory, size)
#else
#define HIDE(memory, size) ((void)(memory), (void)(size))
#define SHOW(memory, size) ((void)(memory), (void)(size))
#endif

enum {
    LINE = 64,                /* bytes of a cache line */
    GRAIN = 16,               /* alignment of everything */
    CHUNK_MIN = 256 * 1024,   /* bytes of a chunk, at first */
    CHUNK_HUGE = 2048 * 1024, /* larger ones are multiples of this: of a huge page */
    CHUNK_MAX = 4096 * 1024,  /* ... when the pool is large */
    PAGE_NOTES = 31           /* makes a page 1 KiB */
};

/* Size classes: steps of 16 up to 1024, of 64 up to 2048, of 256 up to 8192, of 4096 up to NODE_SIZE_MAX (few nodes
 * are that large). Rounding up to a class less than doubles any size of 16 or more: reservations count on it. */
enum {
    FINE_MAX = 1024,
    MIDDLE_MAX = 2048,
    COARSE_MAX = 8192,
    COARSE = 256,
    VAST = 4096,
    FINE_BINS = FINE_MAX / GRAIN,
    MIDDLE_BINS = FINE_BINS + (MIDDLE_MAX - FINE_MAX) / LINE,
    COARSE_BINS = MIDDLE_BINS + (COARSE_MAX - MIDDLE_MAX) / COARSE,
    BINS = COARSE_BINS + (NODE_SIZE_MAX - COARSE_MAX) / VAST
};

_Static_assert(NODE_SIZE_MAX <= CHUNK_MIN * 3 / 4, "a chunk takes any node");

struct block {
    struct block *next;
};

struct chunk {
    struct chunk *next;
    size_t size; /* as asked from the allocator */
    char *low;   /* free room: [low, high); low is aligned to a line, high to a grain */
    char *high;
};

struct note {
    void *node;
    uint64_t born;
    uint64_t retired;
    size_t size;
};

struct page {
    struct page *next;        /* the rest of the list or bucket */
    struct page *next_bucket; /* first page of a bucket: the next bucket */
    uint64_t pin;             /* ... and the generation that sees every node in it */
    size_t count;
    struct note notes[PAGE_NOTES];
};

struct nodes {
    struct nodes_allocator allocator;
    uint64_t generation;
    uint64_t foreign; /* nodes born up to this one are another pool's */
    bool working;     /* between begin and publish or abandon */

    struct chunk *used;  /* newest first: the first is the one being used up */
    struct chunk *spare; /* untouched, largest first */
    struct block *young[BINS];
    struct block *aged[BINS];
    size_t young_count; /* blocks in each */
    size_t aged_count;

    struct page *idle; /* without notes, kept so that noting cannot fail */
    size_t idle_count;
    struct page *taken;
    struct page *doomed;
    struct page *doomed_last;
    struct page *fresh;
    struct page *held; /* the first bucket */

    struct { /* as nodes_begin() found it */
        struct chunk *used;
        char *low;
        char *high;
        size_t live_bytes;
        size_t live_count;
    } mark;
    struct nodes_usage usage;
    size_t live_count;
};

/* ------------------------------------------------------------------ size classes */

static unsigned bin_of(size_t size)
{
    assert(size > 0 && size <= NODE_SIZE_MAX);
    if (size <= FINE_MAX) return (unsigned)((size - 1) / GRAIN);
    if (size <= MIDDLE_MAX) return (unsigned)(FINE_BINS + (size - 1 - FINE_MAX) / LINE);
    if (size <= COARSE_MAX) return (unsigned)(MIDDLE_BINS + (size - 1 - MIDDLE_MAX) / COARSE);
    return (unsigned)(COARSE_BINS + (size - 1 - COARSE_MAX) / VAST);
}

static size_t bin_size(unsigned bin)
{
    if (bin < FINE_BINS) return (size_t)(bin + 1) * GRAIN;
    if (bin < MIDDLE_BINS) return FINE_MAX + (size_t)(bin + 1 - FINE_BINS) * LINE;
    if (bin < COARSE_BINS) return MIDDLE_MAX + (size_t)(bin + 1 - MIDDLE_BINS) * COARSE;
    return COARSE_MAX + (size_t)(bin + 1 - COARSE_BINS) * VAST;
}

/* ------------------------------------------------------------------ chunks */

static size_t chunk_room(const struct chunk *chunk) { return (size_t)(chunk->high - chunk->low); }

/* Makes all of the chunk's memory free. */
static void chunk_empty(struct chunk *chunk)
{
    char *memory = (char *)chunk;
    size_t head = (size_t)(-(uintptr_t)(chunk + 1) % LINE) + sizeof *chunk;
    chunk->low = memory + head;
    chunk->high = memory + head + (chunk->size - head) / GRAIN * GRAIN;
    HIDE(chunk->low, chunk_room(chunk));
}

static void spare_insert(struct nodes *nodes, struct chunk *chunk)
{
    struct chunk **place = &nodes->spare;
    while (*place && chunk_room(*place) > chunk_room(chunk)) place = &(*place)->next;
    chunk->next = *place;
    *place = chunk;
}

/* Chunks grow with the pool, so that a large one is few of them and whole huge pages. */
static size_t chunk_size(const struct nodes *nodes)
{
    size_t share = nodes->usage.chunk_bytes / 8;
    if (share < CHUNK_MIN) return CHUNK_MIN;
    if (share > CHUNK_MAX) return CHUNK_MAX;
    size_t step = share < CHUNK_HUGE ? CHUNK_MIN : CHUNK_HUGE;
    return share / step * step;
}

static bool spare_create(struct nodes *nodes, size_t room)
{
    size_t size = chunk_size(nodes);
    if (room > SIZE_MAX / 2) return false;
    size_t least = room + sizeof(struct chunk) + LINE + GRAIN;
    if (size < least) size = least;
    struct chunk *chunk = nodes->allocator.allocate(nodes->allocator.context, size);
    if (!chunk) return false;
    chunk->size = size;
    chunk_empty(chunk);
    nodes->usage.chunk_bytes += size;
    spare_insert(nodes, chunk);
    return true;
}

/* Goes over to the largest untouched chunk. What was left of the one before, less than a node, is lost. */
static bool chunk_open(struct nodes *nodes)
{
    if (!nodes->spare && !spare_create(nodes, NODE_SIZE_MAX)) return false;
    struct chunk *chunk = nodes->spare;
    nodes->spare = chunk->next;
    chunk->next = nodes->used;
    nodes->used = chunk;
    return true;
}

static void *chunk_carve(struct nodes *nodes, size_t size)
{
    if (!nodes->used || chunk_room(nodes->used) < size)
        if (!chunk_open(nodes)) return NULL;
    struct chunk *chunk = nodes->used;
    if (size % LINE) return chunk->high -= size;
    chunk->low += size;
    return chunk->low - size;
}

/* ------------------------------------------------------------------ pages of notes */

static bool page_create(struct nodes *nodes)
{
    struct page *page = nodes->allocator.allocate(nodes->allocator.context, sizeof *page);
    if (!page) return false;
    page->next = nodes->idle;
    nodes->idle = page;
    nodes->idle_count++;
    nodes->usage.chunk_bytes += sizeof *page;
    return true;
}

static struct page *page_take(struct nodes *nodes)
{
    if (!nodes->idle && !page_create(nodes)) return NULL;
    struct page *page = nodes->idle;
    nodes->idle = page->next;
    nodes->idle_count--;
    page->next = page->next_bucket = NULL;
    page->count = 0;
    return page;
}

static struct page *page_drop(struct nodes *nodes, struct page *page)
{
    struct page *next = page->next;
    page->next = nodes->idle;
    nodes->idle = page;
    nodes->idle_count++;
    return next;
}

/* Adds to the list; false when there is no memory. */
static bool note(struct nodes *nodes, struct page **list, struct note what)
{
    if (!*list || (*list)->count == PAGE_NOTES) {
        struct page *page = page_take(nodes);
        if (!page) return false;
        page->next = *list;
        *list = page;
    }
    (*list)->notes[(*list)->count++] = what;
    return true;
}

/* ------------------------------------------------------------------ blocks */

static void push(struct block **list, void *node, unsigned bin)
{
    struct block *block = node;
#ifdef FIG_CHECKERS
    memset(node, 0xdd, bin_size(bin)); /* whoever still reads it shall notice */
#endif
    block->next = *list;
    *list = block;
    HIDE(node, bin_size(bin));
}

static void *pop(struct block **list, unsigned bin)
{
    struct block *block = *list;
    SHOW(block, bin_size(bin));
    *list = block->next;
    return block;
}

static void hand_back(struct nodes *nodes, void *node, size_t size)
{
    unsigned bin = bin_of(size);
    SHOW(node, bin_size(bin));
    push(&nodes->aged[bin], node, bin);
    nodes->aged_count++;
}

static void *take_aged(struct nodes *nodes, unsigned bin)
{
    struct note what = {.node = nodes->aged[bin], .size = bin_size(bin)};
    if (!what.node || !note(nodes, &nodes->taken, what)) return NULL;
    nodes->aged_count--;
    return pop(&nodes->aged[bin], bin);
}

void *nodes_alloc(struct nodes *nodes, size_t size)
{
    assert(nodes->working);
    unsigned bin = bin_of(size);
    size_t rounded = bin_size(bin);
    void *node = NULL;
    if (nodes->young[bin]) {
        node = pop(&nodes->young[bin], bin);
        nodes->young_count--;
    } else if (nodes->aged[bin])
        node = take_aged(nodes, bin);
    if (!node) node = chunk_carve(nodes, rounded);
    if (!node) return NULL;
    SHOW(node, size);
    nodes->usage.live_bytes += rounded;
    nodes->live_count++;
#ifdef FIG_CHECKERS
    memset(node, 0xa5, size); /* whoever takes it for zeros shall notice */
#endif
    if (rounded > size) HIDE((char *)node + size, rounded - size);
    return node;
}

void nodes_discard(struct nodes *nodes, void *node, size_t size)
{
    assert(nodes->working);
    unsigned bin = bin_of(size);
    SHOW(node, bin_size(bin));
    push(&nodes->young[bin], node, bin);
    nodes->young_count++;
    nodes->usage.live_bytes -= bin_size(bin);
    nodes->live_count--;
}

void nodes_retire(struct nodes *nodes, void *node, size_t size, uint64_t born)
{
    assert(nodes->working && born <= nodes->generation);
    if (born <= nodes->foreign) return;
    struct note what = {.node = node, .born = born, .retired = nodes->generation, .size = size};
    bool first = !nodes->doomed;
    if (!note(nodes, &nodes->doomed, what)) return; /* lost until nodes_destroy(): safe, and better than to fail */
    if (first) nodes->doomed_last = nodes->doomed;
    nodes->usage.retired_count++;
}

/* Notes are needed for aged blocks that are taken and for nodes that are retired; neither can be more than
 * there are, nor than fit in the bytes. */
static bool reserve_pages(struct nodes *nodes, size_t bytes)
{
    size_t taken = bytes / GRAIN < nodes->aged_count ? bytes / GRAIN : nodes->aged_count;
    size_t retired = bytes / LINE < nodes->live_count ? bytes / LINE : nodes->live_count;
    size_t pages = taken / PAGE_NOTES + retired / PAGE_NOTES + 4;
    while (nodes->idle_count < pages)
        if (!page_create(nodes)) return false;
    return true;
}

bool nodes_reserve(struct nodes *nodes, size_t bytes)
{
    if (bytes > SIZE_MAX / 4) return false;
    size_t room = 2 * bytes; /* rounding less than doubles */
    if (!reserve_pages(nodes, bytes)) return false;
    if (nodes->used && chunk_room(nodes->used) >= room) return true;
    if (nodes->spare && chunk_room(nodes->spare) >= room) return true;
    return spare_create(nodes, room);
}

/* ------------------------------------------------------------------ generations */

void nodes_build_upon(struct nodes *nodes, uint64_t generation)
{
    nodes->generation = generation;
    nodes->foreign = generation;
}

uint64_t nodes_generation(const struct nodes *nodes) { return nodes->generation; }

void nodes_begin(struct nodes *nodes)
{
    assert(!nodes->working);
    nodes->working = true;
    nodes->generation++;
    nodes->mark.used = nodes->used;
    nodes->mark.low = nodes->used ? nodes->used->low : NULL;
    nodes->mark.high = nodes->used ? nodes->used->high : NULL;
    nodes->mark.live_bytes = nodes->usage.live_bytes;
    nodes->mark.live_count = nodes->live_count;
}

static void drop_pages(struct nodes *nodes, struct page **list)
{
    while (*list) *list = page_drop(nodes, *list);
}

static void age_young(struct nodes *nodes)
{
    for (unsigned bin = 0; nodes->young_count > 0; bin++)
        for (; nodes->young[bin]; nodes->young_count--) hand_back(nodes, pop(&nodes->young[bin], bin), bin_size(bin));
}

void nodes_publish(struct nodes *nodes)
{
    assert(nodes->working);
    nodes->working = false;
    drop_pages(nodes, &nodes->taken);
    age_young(nodes);
    if (nodes->doomed) {
        nodes->doomed_last->next = nodes->fresh;
        nodes->fresh = nodes->doomed;
        nodes->doomed = NULL;
    }
}

void nodes_abandon(struct nodes *nodes)
{
    assert(nodes->working);
    nodes->working = false;
    nodes->generation--;
    if (nodes->young_count > 0) memset(nodes->young, 0, sizeof nodes->young);
    nodes->young_count = 0;
    while (nodes->used != nodes->mark.used) {
        struct chunk *chunk = nodes->used;
        nodes->used = chunk->next;
        chunk_empty(chunk);
        spare_insert(nodes, chunk);
    }
    if (nodes->used) {
        nodes->used->low = nodes->mark.low;
        nodes->used->high = nodes->mark.high;
        HIDE(nodes->used->low, chunk_room(nodes->used));
    }
    for (struct page *page = nodes->taken; page; page = page->next)
        for (size_t i = 0; i < page->count; i++) hand_back(nodes, page->notes[i].node, page->notes[i].size);
    for (struct page *page = nodes->doomed; page; page = page->next) nodes->usage.retired_count -= page->count;
    drop_pages(nodes, &nodes->taken);
    drop_pages(nodes, &nodes->doomed);
    nodes->usage.live_bytes = nodes->mark.live_bytes;
    nodes->live_count = nodes->mark.live_count;
}

/* ------------------------------------------------------------------ collection */

struct pins {
    const uint64_t *generation; /* ascending */
    size_t count;
};

/* The smallest pinned generation >= from, or UINT64_MAX. */
static uint64_t pin_at_or_after(const struct pins *pins, uint64_t from)
{
    size_t low = 0;
    for (size_t high = pins->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (pins->generation[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pins->count ? pins->generation[low] : UINT64_MAX;
}

static struct page **find_bucket(struct nodes *nodes, uint64_t pin)
{
    struct page **bucket = &nodes->held;
    while (*bucket && (*bucket)->pin != pin) bucket = &(*bucket)->next_bucket;
    return bucket;
}

/* Notes that `pin` sees the node. */
static bool hold(struct nodes *nodes, uint64_t pin, struct note what)
{
    struct page **bucket = find_bucket(nodes, pin);
    struct page *rest = *bucket;
    struct page *next_bucket = rest ? rest->next_bucket : NULL;
    if (!note(nodes, bucket, what)) return false;
    (*bucket)->pin = pin;
    (*bucket)->next_bucket = next_bucket;
    return true;
}

/* Frees what nobody sees and moves what somebody sees to his bucket. What cannot be moved for want of memory
 * stays. */
static void sort_page(struct nodes *nodes, struct page *page, const struct pins *pins)
{
    size_t kept = 0;
    for (size_t i = 0; i < page->count; i++) {
        struct note what = page->notes[i];
        uint64_t pin = pin_at_or_after(pins, what.born);
        if (pin >= what.retired) {
            nodes->usage.live_bytes -= bin_size(bin_of(what.size));
            nodes->live_count--;
            if (nodes->working) { /* of an earlier generation: not for nodes_abandon() to bring back */
                nodes->mark.live_bytes -= bin_size(bin_of(what.size));
                nodes->mark.live_count--;
            }
            nodes->usage.retired_count--;
            hand_back(nodes, what.node, what.size);
        } else if (!hold(nodes, pin, what)) {
            page->notes[kept++] = what;
        }
    }
    page->count = kept;
}

/* Moves the buckets whose generation is no longer pinned to `fresh`. */
static void release_buckets(struct nodes *nodes, const struct pins *pins)
{
    for (struct page **place = &nodes->held; *place;) {
        struct page *bucket = *place;
        if (pin_at_or_after(pins, bucket->pin) == bucket->pin) {
            place = &bucket->next_bucket;
            continue;
        }
        *place = bucket->next_bucket;
        for (struct page *page = bucket, *next; page; page = next) {
            next = page->next;
            page->next = nodes->fresh;
            nodes->fresh = page;
        }
    }
}

void nodes_collect(struct nodes *nodes, const uint64_t *pinned, size_t count)
{
    struct pins pins = {.generation = pinned, .count = count};
    release_buckets(nodes, &pins);
    struct page *list = nodes->fresh;
    nodes->fresh = NULL;
    while (list) {
        struct page *page = list;
        list = page->next;
        sort_page(nodes, page, &pins);
        if (page->count == 0) {
            page_drop(nodes, page);
        } else {
            page->next = nodes->fresh;
            nodes->fresh = page;
        }
    }
}

struct nodes_usage nodes_usage(const struct nodes *nodes) { return nodes->usage; }

/* ------------------------------------------------------------------ life */

struct nodes *nodes_create(const struct nodes_allocator *allocator)
{
    struct nodes *nodes = allocator->allocate(allocator->context, sizeof *nodes);
    if (nodes) *nodes = (struct nodes){.allocator = *allocator};
    return nodes;
}

static void free_pages(const struct nodes_allocator *allocator, struct page *page)
{
    while (page) {
        struct page *next = page->next;
        allocator->release(allocator->context, page, sizeof *page);
        page = next;
    }
}

static void free_chunks(const struct nodes_allocator *allocator, struct chunk *chunk)
{
    while (chunk) {
        struct chunk *next = chunk->next;
        SHOW(chunk, chunk->size);
        allocator->release(allocator->context, chunk, chunk->size);
        chunk = next;
    }
}

void nodes_destroy(struct nodes *nodes)
{
    if (!nodes) return;
    struct nodes_allocator allocator = nodes->allocator;
    for (struct page *bucket = nodes->held, *next; bucket; bucket = next) {
        next = bucket->next_bucket;
        free_pages(&allocator, bucket);
    }
    free_pages(&allocator, nodes->idle);
    free_pages(&allocator, nodes->taken);
    free_pages(&allocator, nodes->doomed);
    free_pages(&allocator, nodes->fresh);
    free_chunks(&allocator, nodes->used);
    free_chunks(&allocator, nodes->spare);
    allocator.release(allocator.context, nodes, sizeof *nodes);
}
