#include "engine/runtime/slot_cache.h"

#include "engine/core/digest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SLOT_CACHE_WAYS = 4, SLOT_CACHE_PARTS = 16 };

/* A list, and behind it in the same memory its slots and the skipped barbers. */
struct kept_list {
    struct slot_cache_key key;
    size_t bytes;
    size_t count;
    size_t skipped_count;
    fig_slot slots[];
};

struct entry {
    struct kept_list *list; /* NULL: empty */
    uint64_t used;          /* the part's clock when it was found or put last */
};

struct part {
    pthread_mutex_t mutex;
    struct entry *entries; /* sets of SLOT_CACHE_WAYS */
    uint64_t clock;
    size_t lists;
};

struct slot_cache {
    const struct nodes_allocator *allocator;
    size_t sets; /* of a part */
    uint32_t ttl_s;
    struct part parts[SLOT_CACHE_PARTS];
    _Atomic uint64_t hits;
    _Atomic uint64_t misses;
    _Atomic uint64_t sets_made;
    _Atomic uint64_t evictions;
};

static void *take(const struct nodes_allocator *allocator, size_t bytes)
{
    return allocator->allocate(allocator->context, bytes);
}

static size_t entries_bytes(const struct slot_cache *cache)
{
    return cache->sets * SLOT_CACHE_WAYS * sizeof(struct entry);
}

struct slot_cache *slot_cache_create(const struct nodes_allocator *allocator, uint32_t entries, uint32_t ttl_s)
{
    struct slot_cache *cache = take(allocator, sizeof *cache);
    if (cache == NULL) return NULL;
    memset(cache, 0, sizeof *cache);
    cache->allocator = allocator;
    cache->ttl_s = ttl_s;
    cache->sets = ((size_t)entries + SLOT_CACHE_PARTS * SLOT_CACHE_WAYS - 1) / (SLOT_CACHE_PARTS * SLOT_CACHE_WAYS);
    if (cache->sets == 0) cache->sets = 1;
    bool made = true;
    for (size_t i = 0; i < SLOT_CACHE_PARTS; i++) {
        struct part *part = &cache->parts[i];
        pthread_mutex_init(&part->mutex, NULL);
        part->entries = take(allocator, entries_bytes(cache));
        if (part->entries != NULL) memset(part->entries, 0, entries_bytes(cache));
        made = made && part->entries != NULL;
    }
    if (made) return cache;
    slot_cache_destroy(cache);
    return NULL;
}

static void drop(struct slot_cache *cache, struct part *part, struct entry *entry)
{
    if (entry->list == NULL) return;
    cache->allocator->release(cache->allocator->context, entry->list, entry->list->bytes);
    entry->list = NULL;
    part->lists--;
}

void slot_cache_destroy(struct slot_cache *cache)
{
    if (cache == NULL) return;
    const struct nodes_allocator *allocator = cache->allocator;
    for (size_t i = 0; i < SLOT_CACHE_PARTS; i++) {
        struct part *part = &cache->parts[i];
        for (size_t j = 0; part->entries != NULL && j < cache->sets * SLOT_CACHE_WAYS; j++)
            drop(cache, part, &part->entries[j]);
        if (part->entries != NULL) allocator->release(allocator->context, part->entries, entries_bytes(cache));
        pthread_mutex_destroy(&part->mutex);
    }
    allocator->release(allocator->context, cache, sizeof *cache);
}

/* ---- where a list is ---- */

/* A question in words: a struct's padding is anything, so that its bytes neither hash nor compare. */
struct question {
    uint64_t words[8];
};

static struct question question_of(const struct slot_cache_key *key)
{
    const fig_wish *wish = &key->wish;
    return (struct question){{
        (uint64_t)(int64_t)key->day,
        wish->barber_id,
        (uint64_t)wish->any_order,
        wish->any_shop_id,
        wish->service_id,
        wish->client_id,
        (uint64_t)wish->duration_s << 32 | wish->buffer_before_s,
        wish->buffer_after_s,
    }};
}

/* Neither version nor now decide on the place: a new list takes that of the one it makes worthless. */
static uint64_t place_of(const struct slot_cache_key *key)
{
    struct question question = question_of(key);
    return hash_seeded(question.words, sizeof question.words, 0);
}

static struct part *part_of(struct slot_cache *cache, uint64_t place)
{
    return &cache->parts[place % SLOT_CACHE_PARTS];
}

static struct entry *set_of(const struct slot_cache *cache, const struct part *part, uint64_t place)
{
    return part->entries + place / SLOT_CACHE_PARTS % cache->sets * SLOT_CACHE_WAYS;
}

static bool same_question(const struct slot_cache_key *a, const struct slot_cache_key *b)
{
    struct question of_a = question_of(a), of_b = question_of(b);
    return memcmp(of_a.words, of_b.words, sizeof of_a.words) == 0;
}

static struct entry *find_entry(struct entry *set, const struct slot_cache_key *key)
{
    for (size_t i = 0; i < SLOT_CACHE_WAYS; i++)
        if (set[i].list != NULL && same_question(&set[i].list->key, key)) return &set[i];
    return NULL;
}

/* ---- finding ---- */

static const uint64_t *skipped_of(const struct kept_list *list)
{
    return (const uint64_t *)(list->slots + list->count);
}

static void copy_out(const struct kept_list *list, fig_slots *slots)
{
    slots->count = list->count;
    slots->skipped_count = list->skipped_count;
    slots->version = list->key.version;
    size_t room = list->count < slots->capacity ? list->count : slots->capacity;
    if (room > 0) memcpy(slots->list, list->slots, room * sizeof *list->slots);
    room = list->skipped_count < slots->skipped_capacity ? list->skipped_count : slots->skipped_capacity;
    if (room > 0) memcpy(slots->skipped, skipped_of(list), room * sizeof *slots->skipped);
}

bool slot_cache_find(struct slot_cache *cache, const struct slot_cache_key *key, fig_slots *slots)
{
    uint64_t place = place_of(key);
    struct part *part = part_of(cache, place);
    bool found = false;
    if (pthread_mutex_trylock(&part->mutex) == 0) {
        struct entry *entry = find_entry(set_of(cache, part, place), key);
        found = entry != NULL && entry->list->key.version == key->version && entry->list->key.now_s == key->now_s;
        if (found) copy_out(entry->list, slots);
        if (found) entry->used = ++part->clock;
        pthread_mutex_unlock(&part->mutex);
    }
    atomic_fetch_add_explicit(found ? &cache->hits : &cache->misses, 1, memory_order_relaxed);
    return found;
}

/* ---- keeping ---- */

static struct kept_list *keep(const struct slot_cache *cache, const struct slot_cache_key *key, const fig_slots *slots)
{
    size_t bytes = sizeof(struct kept_list) + slots->count * sizeof(fig_slot) + slots->skipped_count * sizeof(uint64_t);
    struct kept_list *list = take(cache->allocator, bytes);
    if (list == NULL) return NULL;
    *list =
        (struct kept_list){.key = *key, .bytes = bytes, .count = slots->count, .skipped_count = slots->skipped_count};
    if (slots->count > 0) memcpy(list->slots, slots->list, slots->count * sizeof *slots->list);
    if (slots->skipped_count > 0)
        memcpy(list->slots + list->count, slots->skipped, slots->skipped_count * sizeof *slots->skipped);
    return list;
}

static bool is_too_old(const struct slot_cache *cache, const struct entry *entry, int64_t now_s)
{
    return cache->ttl_s > 0 && entry->list != NULL && now_s - entry->list->key.now_s >= (int64_t)cache->ttl_s;
}

/* The list's own entry, an empty one, one past its time to live, or else the one used the longest ago. */
static struct entry *entry_to_fill(const struct slot_cache *cache, struct entry *set, const struct slot_cache_key *key)
{
    struct entry *own = find_entry(set, key), *oldest = set;
    if (own != NULL) return own;
    for (size_t i = 0; i < SLOT_CACHE_WAYS; i++) {
        if (set[i].list == NULL || is_too_old(cache, &set[i], key->now_s)) return &set[i];
        if (set[i].used < oldest->used) oldest = &set[i];
    }
    return oldest;
}

void slot_cache_put(struct slot_cache *cache, const struct slot_cache_key *key, const fig_slots *slots)
{
    if (slots->count > slots->capacity || slots->skipped_count > slots->skipped_capacity) return;
    struct kept_list *list = keep(cache, key, slots);
    uint64_t place = place_of(key);
    struct part *part = part_of(cache, place);
    if (list == NULL) return;
    if (pthread_mutex_trylock(&part->mutex) != 0) {
        cache->allocator->release(cache->allocator->context, list, list->bytes);
        return;
    }
    struct entry *entry = entry_to_fill(cache, set_of(cache, part, place), key);
    bool evicts = entry->list != NULL && !same_question(&entry->list->key, key);
    drop(cache, part, entry);
    *entry = (struct entry){.list = list, .used = ++part->clock};
    part->lists++;
    pthread_mutex_unlock(&part->mutex);
    atomic_fetch_add_explicit(&cache->sets_made, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cache->evictions, evicts, memory_order_relaxed);
}

/* ---- forgetting, counting ---- */

static bool is_of(const struct kept_list *list, uint64_t barber_id, int32_t day)
{
    /* A list of any barber may be about this one. */
    bool barber = barber_id == 0 || list->key.wish.barber_id == barber_id || list->key.wish.barber_id == 0;
    return barber && (day == FIG_NO_DAY || list->key.day == day);
}

size_t slot_cache_forget(struct slot_cache *cache, uint64_t barber_id, int32_t day)
{
    size_t dropped = 0;
    for (size_t i = 0; i < SLOT_CACHE_PARTS; i++) {
        struct part *part = &cache->parts[i];
        pthread_mutex_lock(&part->mutex);
        for (size_t j = 0; j < cache->sets * SLOT_CACHE_WAYS; j++) {
            struct entry *entry = &part->entries[j];
            if (entry->list == NULL || !is_of(entry->list, barber_id, day)) continue;
            drop(cache, part, entry);
            dropped++;
        }
        pthread_mutex_unlock(&part->mutex);
    }
    return dropped;
}

void slot_cache_count(struct slot_cache *cache, fig_stats *stats)
{
    for (size_t i = 0; i < SLOT_CACHE_PARTS; i++) {
        pthread_mutex_lock(&cache->parts[i].mutex);
        stats->slot_lists += cache->parts[i].lists;
        pthread_mutex_unlock(&cache->parts[i].mutex);
    }
    stats->slot_list_hits += atomic_load_explicit(&cache->hits, memory_order_relaxed);
    stats->slot_list_misses += atomic_load_explicit(&cache->misses, memory_order_relaxed);
    stats->slot_list_sets += atomic_load_explicit(&cache->sets_made, memory_order_relaxed);
    stats->slot_list_evictions += atomic_load_explicit(&cache->evictions, memory_order_relaxed);
}
