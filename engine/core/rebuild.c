#include "engine/core/rebuild.h"

#include "engine/core/declared.h"
#include "engine/core/grow.h"
#include "engine/core/record.h"
#include "engine/core/sort.h"
#include "engine/core/status.h"

#include <string.h>

struct items {
    struct tree_item *list;
    size_t count;
    size_t capacity;
};

enum { DIARY, ENDED, WINDOWS, CUTS, ITEM_LISTS };

/* Of one barber (or client: the first list alone). Lives in a node that is retired at the end. */
struct gathered {
    struct gathered *next;
    uint64_t id;
    void *owner; /* struct barber or struct client */
    bool is_client;
    struct items lists[ITEM_LISTS];
};

void rebuild_begin(struct rebuild *rebuild, struct nodes *nodes, const struct nodes_allocator *allocator,
                   struct version *version, uint64_t hash_seed)
{
    *rebuild = (struct rebuild){.nodes = nodes, .allocator = allocator, .version = version};
    memset(version, 0, sizeof *version);
    version->generation = nodes_generation(nodes);
    version->hash_seed = hash_seed;
    version->next_appointment_id = 1;
    version->next_barber_id = 1;
    version->next_shop_id = 1;
    for (size_t i = 0; i < DOCUMENT_KINDS; i++) version->next_document_id[i] = 1;
}

static const char *out_of_memory(struct rebuild *rebuild)
{
    rebuild->no_memory = true;
    return "there is not enough memory";
}

static bool gather(struct rebuild *rebuild, struct items *items, const struct tree_item *item)
{
    struct tree_item *list = grow(rebuild->allocator, items->list, items->count, 1, &items->capacity, sizeof *list);
    if (list == NULL) return false;
    items->list = list;
    list[items->count++] = *item;
    return true;
}

/* Entries of a map wait for the end, where it is built in one piece. */
static bool gather_entry(struct rebuild *rebuild, struct entries *entries, uint64_t key, void *value)
{
    struct radix_entry *list =
        grow(rebuild->allocator, entries->list, entries->count, 1, &entries->capacity, sizeof *list);
    if (list == NULL) return false;
    entries->list = list;
    list[entries->count++] = (struct radix_entry){key, value};
    return true;
}

static void release_entries(struct rebuild *rebuild, struct entries *entries)
{
    grow_release(rebuild->allocator, entries->list, &entries->capacity, sizeof *entries->list);
    *entries = (struct entries){0};
}

static bool gather_key(struct rebuild *rebuild, const struct appointment *booking)
{
    uint64_t first_place = text_place(rebuild->version, appointment_key(booking), booking->key_size, 0);
    return gather_entry(rebuild, &rebuild->keys, first_place, place_of_id(booking->id));
}

static struct gathered *new_gathered(struct rebuild *rebuild, struct radix *map, uint64_t id, void *owner)
{
    struct gathered *gathered = nodes_alloc(rebuild->nodes, sizeof *gathered);
    memset(gathered, 0, sizeof *gathered);
    gathered->id = id;
    gathered->owner = owner;
    gathered->next = rebuild->first;
    rebuild->first = gathered;
    radix_put(rebuild->nodes, map, id, gathered);
    return gathered;
}

static struct gathered *gathered_client(struct rebuild *rebuild, uint64_t id)
{
    struct gathered *gathered = radix_get(&rebuild->clients, id);
    if (gathered != NULL) return gathered;
    if (!nodes_reserve(rebuild->nodes, sizeof(struct client) + sizeof *gathered + 256 + 2 * RADIX_RESERVE_BYTES))
        return NULL;
    struct client *client = nodes_alloc(rebuild->nodes, sizeof *client);
    *client = (struct client){.born = nodes_generation(rebuild->nodes), .id = id};
    radix_put(rebuild->nodes, &rebuild->version->clients, id, client);
    gathered = new_gathered(rebuild, &rebuild->clients, id, client);
    gathered->is_client = true;
    return gathered;
}

/* Into the first place that is free. Nothing has left yet, so there are no graves. */
static void place(struct rebuild *rebuild, struct radix *map, const char *text, size_t size, const void *what)
{
    uint64_t n = 0;
    while (radix_get(map, text_place(rebuild->version, text, size, n)) != NULL) n++;
    rebuild->version->rivals += n > 0;
    radix_put(rebuild->nodes, map, text_place(rebuild->version, text, size, n), what);
}

static const char *take_shop(struct rebuild *rebuild, const struct shop_declared *declared)
{
    struct version *version = rebuild->version;
    if (version_shop(version, declared->id) != NULL) return "the shop is there twice";
    if (!nodes_reserve(rebuild->nodes, shop_size(declared) + 64 + 2 * RADIX_RESERVE_BYTES))
        return out_of_memory(rebuild);
    struct shop *shop = shop_keep(rebuild->nodes, declared);
    radix_put(rebuild->nodes, &version->shops, shop->id, shop);
    place(rebuild, &version->shop_names, shop->names, shop->name_size, shop);
    if (shop->id >= version->next_shop_id) version->next_shop_id = shop->id + 1;
    return NULL;
}

static const char *take_barber(struct rebuild *rebuild, const struct barber_declared *declared)
{
    struct version *version = rebuild->version;
    if (version_barber(version, declared->id) != NULL) return "the barber is there twice";
    size_t all = profile_size(declared) + sizeof(struct barber) + sizeof(struct gathered) + 512;
    if (!nodes_reserve(rebuild->nodes, all + 3 * RADIX_RESERVE_BYTES)) return out_of_memory(rebuild);
    struct barber_profile *profile = profile_keep(rebuild->nodes, declared);
    struct barber *barber = nodes_alloc(rebuild->nodes, sizeof *barber);
    *barber = (struct barber){.born = nodes_generation(rebuild->nodes), .profile = profile};
    radix_put(rebuild->nodes, &version->barbers, profile->id, barber);
    place(rebuild, &version->names, profile->names, profile->name_size, profile);
    new_gathered(rebuild, &rebuild->barbers, profile->id, barber);
    if (profile->id >= version->next_barber_id) version->next_barber_id = profile->id + 1;
    return NULL;
}

static const char *take_window(struct rebuild *rebuild, const struct record_read *read)
{
    struct gathered *gathered = radix_get(&rebuild->barbers, read->is.window.barber_id);
    if (gathered == NULL) return "the window's barber is not there";
    size_t list = read->is.window.kind == FIG_WINDOW_AVAILABLE ? WINDOWS : CUTS;
    const struct tree_item *item = &read->is.window.item;
    if (!gather(rebuild, &gathered->lists[list], item)) return out_of_memory(rebuild);
    if (list == WINDOWS && (int64_t)item->id != item->start_s) ((struct barber *)gathered->owner)->pieces++;
    rebuild->version->windows++;
    return NULL;
}

static struct appointment *keep_appointment(struct rebuild *rebuild, const struct record_read *read)
{
    const struct appointment *fixed = &read->is.appointment.fixed;
    size_t size = appointment_size(fixed);
    if (!nodes_reserve(rebuild->nodes, size + 64)) return NULL;
    struct appointment *kept = nodes_alloc(rebuild->nodes, size);
    *kept = *fixed;
    kept->born = nodes_generation(rebuild->nodes);
    char *tail = (char *)kept + sizeof *kept;
    if (fixed->key_size > 0) memcpy(tail, read->is.appointment.key.text, fixed->key_size);
    if ((fixed->flags & APPOINTMENT_HAS_IMAGE) != 0)
        memcpy(tail + fixed->key_size, &read->is.appointment.image, sizeof read->is.appointment.image);
    return kept;
}

static const char *take_appointment(struct rebuild *rebuild, const struct record_read *read)
{
    struct version *version = rebuild->version;
    const struct appointment *fixed = &read->is.appointment.fixed;
    struct gathered *barber = radix_get(&rebuild->barbers, fixed->barber_id);
    if (barber == NULL) return "the appointment's barber is not there";
    if (fixed->id < version->next_appointment_id) return "the appointment is out of order";
    struct appointment *kept = keep_appointment(rebuild, read);
    if (kept == NULL) return out_of_memory(rebuild);
    if (!gather_entry(rebuild, &rebuild->appointments, kept->id, kept)) return out_of_memory(rebuild);
    if (kept->key_size > 0 && !gather_key(rebuild, kept)) return out_of_memory(rebuild);
    version->next_appointment_id = kept->id + 1;
    ((struct barber *)barber->owner)->last_booked_id = kept->id; /* ids ascend */

    bool active = status_is_active((fig_appointment_status)kept->status);
    version->active += active;
    version->unchecked += (kept->flags & APPOINTMENT_UNCHECKED) != 0;
    struct tree_item item = appointment_item(kept);
    if (!gather(rebuild, &barber->lists[active ? DIARY : ENDED], &item)) return out_of_memory(rebuild);
    if (kept->client_id == 0) return NULL;
    struct gathered *client = gathered_client(rebuild, kept->client_id);
    if (client == NULL || !gather(rebuild, &client->lists[0], &item)) return out_of_memory(rebuild);
    return NULL;
}

static const char *take_kept_key(struct rebuild *rebuild, const struct record_read *read)
{
    struct version *version = rebuild->version;
    const struct key_kept *key = &read->is.kept.key;
    size_t size = sizeof(struct kept_key) + key->key.size;
    if (!nodes_reserve(rebuild->nodes, size + 64 + 2 * RADIX_RESERVE_BYTES)) return out_of_memory(rebuild);
    struct kept_key *kept = nodes_alloc(rebuild->nodes, size);
    *kept = (struct kept_key){
        .born = nodes_generation(rebuild->nodes),
        .version = read->is.kept.version,
        .at_s = read->is.kept.at_s,
        .content = key->content,
        .subject_id = key->subject_id,
        .image = read->is.kept.image,
        .operation = key->operation,
        .key_size = (uint8_t)key->key.size,
    };
    memcpy(kept->key, key->key.text, key->key.size);
    if (kept->image.barber_id != 0 && kept->subject_id >= version->next_appointment_id)
        return "the key's appointment is not there";
    radix_put(rebuild->nodes, &version->kept, kept->version, kept);
    return NULL;
}

/* ---- documents ---- */

static bool owner_is_missing(const struct version *version, const struct document_declared *declared)
{
    if (declared->kind == DOCUMENT_SHOP_SCHEDULE) return version_shop(version, declared->id) == NULL;
    return declared->kind == DOCUMENT_BARBER_SCHEDULE && version_barber(version, declared->id) == NULL;
}

static const char *keep_document(struct rebuild *rebuild, const struct document_declared *declared, uint64_t seq)
{
    struct version *version = rebuild->version;
    const char *fault;
    size_t bytes = document_room(declared, &fault);
    if (bytes == 0) return fault;
    if (owner_is_missing(version, declared)) return "the schedule's owner is not there";
    if (!nodes_reserve(rebuild->nodes, bytes + 64 + 2 * RADIX_RESERVE_BYTES)) return out_of_memory(rebuild);
    struct document *kept =
        document_keep(nodes_alloc(rebuild->nodes, bytes), declared, nodes_generation(rebuild->nodes), seq);
    if (kept == NULL) return "the zone's data is malformed";
    radix_put(rebuild->nodes, &version->documents[kept->kind], kept->id, kept);
    if (kept->name_size > 0) place(rebuild, &version->document_names[kept->kind], kept->name, kept->name_size, kept);
    if (kept->id >= version->next_document_id[kept->kind]) version->next_document_id[kept->kind] = kept->id + 1;
    return NULL;
}

static const char *begin_document(struct rebuild *rebuild, const struct record_read *read)
{
    struct assembled *document = &rebuild->document;
    if (document->got < document->declared.size) return "the last piece of the declaration before is missing";
    document->declared = read->is.document.part;
    document->version = read->is.document.version;
    document->got = 0;
    document->pieces = 0;
    return NULL;
}

static const char *add_piece(struct rebuild *rebuild, const struct record_read *read)
{
    struct assembled *document = &rebuild->document;
    const struct document_declared *part = &read->is.document.part;
    bool fits = part->kind == document->declared.kind && part->id == document->declared.id &&
                part->size == document->declared.size && read->is.document.version == document->version &&
                read->is.document.piece == document->pieces && document->got < part->size;
    if (!fits) return "a piece of the declaration is missing";
    uint8_t *bytes =
        grow(rebuild->allocator, document->bytes, document->got, read->is.document.piece_size, &document->capacity, 1);
    if (bytes == NULL) return out_of_memory(rebuild);
    document->bytes = bytes;
    memcpy(bytes + document->got, part->bytes, read->is.document.piece_size);
    document->got += read->is.document.piece_size;
    document->pieces++;
    document->declared.bytes = bytes;
    return document->got == part->size ? keep_document(rebuild, &document->declared, document->version) : NULL;
}

static const char *take_document(struct rebuild *rebuild, const struct record_read *read)
{
    const struct document_declared *part = &read->is.document.part;
    const char *fault = read->is.document.piece == 0 ? begin_document(rebuild, read) : NULL;
    if (fault != NULL) return fault;
    if (part->kind != DOCUMENT_CLIENT) return add_piece(rebuild, read);
    rebuild->document.got = part->size; /* in one piece, as it is */
    return read->is.document.piece == 0 ? keep_document(rebuild, part, read->is.document.version)
                                        : "a client has one piece";
}

const char *rebuild_take(struct rebuild *rebuild, uint32_t table, const void *key, size_t key_size, const void *value,
                         size_t value_size)
{
    struct record_read read;
    const char *fault = record_read(table, key, key_size, value, value_size, &read);
    if (fault != NULL) return fault;
    digest_add(&rebuild->version->digest, read.digest);
    if (read.is_document) return take_document(rebuild, &read);
    switch ((enum record_table)table) {
    case RECORD_SHOP: return take_shop(rebuild, &read.is.shop);
    case RECORD_BARBER: return take_barber(rebuild, &read.is.barber);
    case RECORD_WINDOW: return take_window(rebuild, &read);
    case RECORD_APPOINTMENT: return take_appointment(rebuild, &read);
    case RECORD_KEPT_KEY: return take_kept_key(rebuild, &read);
    case RECORD_NOTE: return NULL; /* its text stays in the table */
    case RECORD_CLIENT:
    case RECORD_SERVICE:
    case RECORD_RULE:
    case RECORD_ZONE: break;
    }
    return "the table is unknown";
}

static struct tree build(struct rebuild *rebuild, struct items *items)
{
    struct tree empty = {0};
    if (items->count == 0) return empty;
    bool ready = sort_items(rebuild->allocator, items->list, items->count) &&
                 nodes_reserve(rebuild->nodes, tree_bulk_bytes(items->count));
    if (!ready) rebuild->no_memory = true;
    return ready ? tree_bulk(rebuild->nodes, items->list, items->count) : empty;
}

static void release(struct rebuild *rebuild, struct items *items)
{
    grow_release(rebuild->allocator, items->list, &items->capacity, sizeof *items->list);
    *items = (struct items){0};
}

static void build_trees(struct rebuild *rebuild, struct gathered *gathered)
{
    if (gathered->is_client) {
        ((struct client *)gathered->owner)->appointments = build(rebuild, &gathered->lists[0]);
        return;
    }
    struct barber *barber = gathered->owner;
    barber->diary = build(rebuild, &gathered->lists[DIARY]);
    barber->ended = build(rebuild, &gathered->lists[ENDED]);
    barber->windows = build(rebuild, &gathered->lists[WINDOWS]);
    barber->cuts = build(rebuild, &gathered->lists[CUTS]);
}

/* The maps of what was gathered are not needed any more; nobody but this rebuild ever saw them. */
static void drop_map(struct rebuild *rebuild, struct radix *map)
{
    uint64_t id;
    void *found;
    while (!rebuild->no_memory && radix_next(map, 0, &id, &found)) {
        if (!nodes_reserve(rebuild->nodes, RADIX_RESERVE_BYTES)) return;
        radix_remove(rebuild->nodes, map, id);
    }
}

/* Entries whose place is not taken by the one before come first; how many those are. */
static size_t put_rivals_last(struct radix_entry *keys, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && keys[kept - 1].key == keys[i].key) continue;
        struct radix_entry moved = keys[i];
        keys[i] = keys[kept];
        keys[kept++] = moved;
    }
    return kept;
}

static bool place_again(struct rebuild *rebuild, const char *text, size_t size, const void *what)
{
    if (!nodes_reserve(rebuild->nodes, RADIX_RESERVE_BYTES)) return false;
    place(rebuild, &rebuild->version->keys, text, size, what);
    return true;
}

/* The map of keys in one piece; then those whose hash met another's, in their next places, and the kept keys. */
static bool place_keys(struct rebuild *rebuild)
{
    struct version *version = rebuild->version;
    struct radix_entry *keys = rebuild->keys.list;
    if (!sort_entries(rebuild->allocator, keys, rebuild->keys.count)) return false;
    size_t first = put_rivals_last(keys, rebuild->keys.count);
    if (!radix_bulk(rebuild->nodes, &version->keys, keys, first)) return false;
    for (size_t i = first; i < rebuild->keys.count; i++) {
        const struct appointment *booking = version_appointment(version, place_id(keys[i].value));
        if (!place_again(rebuild, appointment_key(booking), booking->key_size, keys[i].value)) return false;
    }
    uint64_t seq;
    void *found;
    for (uint64_t from = 0; radix_next(&version->kept, from, &seq, &found); from = seq + 1) {
        const struct kept_key *kept = found;
        if (!place_again(rebuild, kept->key, kept->key_size, kept)) return false;
    }
    return true;
}

bool rebuild_finish(struct rebuild *rebuild)
{
    bool built = !rebuild->no_memory &&
                 radix_bulk(rebuild->nodes, &rebuild->version->appointments, rebuild->appointments.list,
                            rebuild->appointments.count) &&
                 place_keys(rebuild);
    if (!built) rebuild->no_memory = true;
    release_entries(rebuild, &rebuild->appointments);
    release_entries(rebuild, &rebuild->keys);
    grow_release(rebuild->allocator, rebuild->document.bytes, &rebuild->document.capacity, 1);
    for (struct gathered *gathered = rebuild->first; gathered != NULL;) {
        struct gathered *next = gathered->next;
        if (!rebuild->no_memory) build_trees(rebuild, gathered);
        for (size_t i = 0; i < ITEM_LISTS; i++) release(rebuild, &gathered->lists[i]);
        nodes_retire(rebuild->nodes, gathered, sizeof *gathered, nodes_generation(rebuild->nodes));
        gathered = next;
    }
    rebuild->first = NULL;
    drop_map(rebuild, &rebuild->barbers);
    drop_map(rebuild, &rebuild->clients);
    return !rebuild->no_memory;
}
