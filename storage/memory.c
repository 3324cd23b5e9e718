/* The port with no disk under it: for tests, for what-if copies and for engines that are to be forgotten.
 *
 * Frames are an array; a table is an array of records in key order. Costs: append O(1); since O(frames handed over);
 * read O(log records); checkpoint O(records of the tables it touches), because it merges into a new array.
 *
 * Invariants
 *  1. frames[i] is frame number first + i; the tip is first + count - 1.
 *  2. `lock` guards all but the gate: walks hold it shared, changes hold it alone, and only for the swap.
 *  3. A change is made beside what readers see and swapped in whole, so that a failed one leaves no trace.
 *  4. `bytes` is what frames and records take; with a bound (store_options.map_bytes) it never passes it. */
#include "storage/gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct frame {
    size_t size;
    unsigned char bytes[];
};

struct entry {
    uint32_t key_size;
    size_t value_size;
    unsigned char bytes[]; /* key, value */
};

struct table {
    struct entry **entries;
    size_t count;
    size_t room;
};

struct memory {
    struct store store; /* first: a struct store * is a struct memory * */
    struct gate gate;
    bool read_only;
    uint32_t mark;
    uint64_t bound; /* 0: none */
    uint64_t id[2];

    pthread_rwlock_t lock;
    struct frame **frames;
    size_t count;
    size_t room;
    uint64_t first;
    uint64_t checkpoint;
    uint64_t bytes;
    struct table tables[TABLE_COUNT];
};

static struct memory *memory_of(struct store *store) { return (struct memory *)store; }

static enum store_status check_process(const struct memory *memory, struct store_error *error)
{
    return fork_mark_holds(memory->mark) ? STORE_OK : fork_refusal(error);
}

static enum store_status check_turn(const struct memory *memory, const char *call, struct store_error *error)
{
    if (!fork_mark_holds(memory->mark)) return fork_refusal(error);
    if (gate_is_mine(&memory->gate)) return STORE_OK;
    return store_fail(error, STORE_INVALID, "%s by a thread that has not the writers' turn: begin() first", call);
}

static enum store_status no_memory(struct store_error *error)
{
    return store_fail(error, STORE_NO_MEMORY, "the store in memory cannot grow: there is no memory");
}

/* ---- tables ---- */

static struct bytes key_of(const struct entry *entry) { return (struct bytes){entry->bytes, entry->key_size}; }

/* Index of the first entry whose key is not below `key`. */
static size_t lower_bound(const struct table *table, struct bytes key)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(key_of(table->entries[middle]), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum store_status hand_over(uint32_t number, const struct entry *entry, const struct record_sink *sink)
{
    struct store_record record = {.table = number,
                                  .key = entry->bytes,
                                  .key_size = entry->key_size,
                                  .value = entry->bytes + entry->key_size,
                                  .value_size = entry->value_size};
    return sink->take(sink->context, &record);
}

static enum store_status load_table(const struct memory *memory, uint32_t number, uint32_t part, uint32_t parts,
                                    const struct record_sink *sink)
{
    const struct table *table = &memory->tables[number];
    if (table->count == 0) return STORE_OK;
    struct key_range range =
        key_range_part(key_of(table->entries[0]), key_of(table->entries[table->count - 1]), part, parts);
    for (size_t i = lower_bound(table, (struct bytes){range.low, range.low_size}); i < table->count; i++) {
        if (!key_range_below_high(&range, key_of(table->entries[i]))) break;
        enum store_status status = hand_over(number, table->entries[i], sink);
        if (status != STORE_OK) return status;
    }
    return STORE_OK;
}

static enum store_status memory_load(struct store *store, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                     const struct record_sink *sink, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;
    if (part >= parts) return store_fail(error, STORE_INVALID, "load of part %u of %u", part, parts);

    pthread_rwlock_rdlock(&memory->lock);
    *checkpoint = memory->checkpoint;
    for (uint32_t table = 1; status == STORE_OK && table < TABLE_COUNT; table++)
        status = load_table(memory, table, part, parts, sink);
    pthread_rwlock_unlock(&memory->lock);
    return status;
}

static enum store_status memory_read(struct store *store, uint32_t table, const void *key, uint32_t key_size,
                                     const struct record_sink *sink, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;
    if (!table_name(table)) return store_fail(error, STORE_INVALID, "there is no table %u", table);

    struct bytes sought = {key, key_size};
    pthread_rwlock_rdlock(&memory->lock);
    const struct table *records = &memory->tables[table];
    size_t at = lower_bound(records, sought);
    if (at < records->count && bytes_compare(key_of(records->entries[at]), sought) == 0)
        status = hand_over(table, records->entries[at], sink);
    else
        status = store_fail(error, STORE_NOT_FOUND, "table %s has no such record", table_name(table));
    pthread_rwlock_unlock(&memory->lock);
    return status;
}

/* ---- frames ---- */

static uint64_t tip_of(const struct memory *memory) { return memory->first + memory->count - 1; }

static enum store_status memory_since(struct store *store, uint64_t after, const struct frame_sink *sink,
                                      struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;

    pthread_rwlock_rdlock(&memory->lock);
    uint64_t tip = tip_of(memory);
    if (after < tip && after + 1 < memory->first)
        status =
            store_fail(error, STORE_NOT_FOUND, "frames before %llu were trimmed", (unsigned long long)memory->first);
    for (uint64_t number = after + 1; status == STORE_OK && after < tip && number <= tip; number++) {
        const struct frame *frame = memory->frames[number - memory->first];
        status = sink->take(sink->context, number, frame->bytes, frame->size);
    }
    pthread_rwlock_unlock(&memory->lock);
    return status;
}

static enum store_status memory_facts(struct store *store, struct store_facts *facts, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;
    pthread_rwlock_rdlock(&memory->lock);
    *facts = (struct store_facts){.tip = tip_of(memory),
                                  .checkpoint = memory->checkpoint,
                                  .first = memory->first,
                                  .bytes = memory->bytes,
                                  .store_id = {memory->id[0], memory->id[1]},
                                  .holder = gate_holder(&memory->gate)};
    pthread_rwlock_unlock(&memory->lock);
    return STORE_OK;
}

static uint64_t memory_tip(struct store *store) { return gate_tip(&memory_of(store)->gate); }

static enum store_status memory_wait(struct store *store, uint64_t past, int64_t deadline_ns)
{
    struct memory *memory = memory_of(store);
    return fork_mark_holds(memory->mark) ? gate_wait(&memory->gate, past, deadline_ns) : STORE_FORKED;
}

/* ---- the turn ---- */

static enum store_status memory_begin(struct store *store, int64_t deadline_ns, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;
    if (memory->read_only) return store_fail(error, STORE_DENIED, "the store in memory was opened to be read only");
    bool repair = false;
    status = gate_take(&memory->gate, deadline_ns, &repair, error);
    if (status == STORE_OK) gate_set_doubt(&memory->gate, GATE_CLEAR); /* nothing is ever half done here */
    return status;
}

static void memory_end(struct store *store)
{
    struct memory *memory = memory_of(store);
    if (fork_mark_holds(memory->mark) && gate_is_mine(&memory->gate)) gate_drop(&memory->gate);
}

static bool fits(const struct memory *memory, uint64_t more, uint64_t less)
{
    return memory->bound == 0 || memory->bytes - less + more <= memory->bound;
}

static enum store_status full(const struct memory *memory, struct store_error *error)
{
    return store_fail(error, STORE_FULL, "the store in memory is full at its bound of %llu bytes (map_bytes)",
                      (unsigned long long)memory->bound);
}

static bool make_room(void **array, size_t *room, size_t count)
{
    if (count <= *room) return true;
    size_t wanted = *room < 16 ? 16 : *room * 2;
    if (wanted < count) wanted = count;
    void *larger = realloc(*array, wanted * sizeof(void *));
    if (!larger) return false;
    *array = larger;
    *room = wanted;
    return true;
}

static struct frame *make_frame(const void *bytes, size_t size)
{
    struct frame *frame = malloc(sizeof *frame + size);
    if (!frame) return NULL;
    frame->size = size;
    memcpy(frame->bytes, bytes, size);
    return frame;
}

static enum store_status check_append(const struct memory *memory, uint64_t expect, size_t size, int64_t deadline_ns,
                                      struct store_error *error)
{
    enum store_status status = frame_check(expect, tip_of(memory), size, error);
    if (status != STORE_OK) return status;
    if (store_now_ns() >= deadline_ns)
        return store_fail(error, STORE_TIMEOUT, "the deadline passed before frame %llu was written",
                          (unsigned long long)expect);
    return fits(memory, size, 0) ? STORE_OK : full(memory, error);
}

static enum store_status push_frame(struct memory *memory, const void *bytes, size_t size, struct store_error *error)
{
    struct frame *frame = make_frame(bytes, size);
    if (!frame) return no_memory(error);
    pthread_rwlock_wrlock(&memory->lock);
    void *frames = memory->frames;
    bool grown = make_room(&frames, &memory->room, memory->count + 1);
    memory->frames = frames;
    if (grown) {
        memory->frames[memory->count++] = frame;
        memory->bytes += size;
    }
    pthread_rwlock_unlock(&memory->lock);
    if (grown) return STORE_OK;
    free(frame);
    return no_memory(error);
}

static enum store_status memory_append(struct store *store, uint64_t expect, const void *bytes, size_t size,
                                       int64_t deadline_ns, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_turn(memory, "append()", error);
    if (status == STORE_OK) status = check_append(memory, expect, size, deadline_ns, error);
    if (status == STORE_OK) status = push_frame(memory, bytes, size, error);
    if (status == STORE_OK) gate_raise_tip(&memory->gate, expect);
    return status;
}

static const struct frame *find_frame(const struct memory *memory, uint64_t number)
{
    bool kept = number >= memory->first && number - memory->first < memory->count;
    return kept ? memory->frames[number - memory->first] : NULL;
}

static enum store_status memory_settle(struct store *store, uint64_t number, const void *bytes, size_t size,
                                       bool *written, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_turn(memory, "settle()", error);
    if (status != STORE_OK) return status;
    const struct frame *frame = find_frame(memory, number);
    *written = frame && bytes_compare((struct bytes){frame->bytes, frame->size}, (struct bytes){bytes, size}) == 0;
    return STORE_OK;
}

static enum store_status memory_rewrite_frame(struct store *store, uint64_t number, const void *bytes, size_t size,
                                              struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_turn(memory, "rewrite_frame()", error);
    if (status != STORE_OK) return status;
    const struct frame *old = find_frame(memory, number);
    if (!old)
        return store_fail(error, STORE_NOT_FOUND, "there is no frame %llu to rewrite", (unsigned long long)number);
    if (old->size != size) return rewrite_refusal(number, old->size, size, error);
    pthread_rwlock_wrlock(&memory->lock);
    memcpy(memory->frames[number - memory->first]->bytes, bytes, size);
    pthread_rwlock_unlock(&memory->lock);
    return STORE_OK;
}

static enum store_status memory_trim(struct store *store, uint64_t before, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_process(memory, error);
    if (status != STORE_OK) return status;
    pthread_rwlock_wrlock(&memory->lock);
    if (before > memory->checkpoint + 1) {
        status = trim_refusal(before, memory->checkpoint, error);
    } else if (before > memory->first) {
        size_t gone = (size_t)(before - memory->first);
        for (size_t i = 0; i < gone; i++) {
            memory->bytes -= memory->frames[i]->size;
            free(memory->frames[i]);
        }
        memory->count -= gone;
        memmove(memory->frames, memory->frames + gone, memory->count * sizeof *memory->frames);
        memory->first = before;
    }
    pthread_rwlock_unlock(&memory->lock);
    return status;
}

/* ---- checkpoint ---- */

/* The new array of one table, made beside the old one. */
struct merge {
    struct table table;
    uint64_t more; /* bytes of new entries, freed again if the merge is dropped */
    uint64_t less; /* bytes of entries that go */
};

static uint64_t weight(const struct entry *entry) { return entry->key_size + entry->value_size; }

static struct entry *make_entry(const struct store_record *record)
{
    struct entry *entry = malloc(sizeof *entry + record->key_size + record->value_size);
    if (!entry) return NULL;
    entry->key_size = record->key_size;
    entry->value_size = record->value_size;
    memcpy(entry->bytes, record->key, record->key_size);
    if (record->value_size > 0) memcpy(entry->bytes + record->key_size, record->value, record->value_size);
    return entry;
}

static bool merge_add(struct merge *merge, const struct store_record *record)
{
    if (!record->value) return true;
    struct entry *entry = make_entry(record);
    if (!entry) return false;
    merge->more += weight(entry);
    merge->table.entries[merge->table.count++] = entry;
    return true;
}

static bool merge_run(struct merge *merge, const struct table *old, const struct store_record *records, size_t count)
{
    size_t room = old->count + count;
    merge->table.entries = malloc((room > 0 ? room : 1) * sizeof(struct entry *));
    if (!merge->table.entries) return false;
    merge->table.room = room;

    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct bytes key = {records[i].key, records[i].key_size};
        while (at < old->count && bytes_compare(key_of(old->entries[at]), key) < 0)
            merge->table.entries[merge->table.count++] = old->entries[at++];
        if (at < old->count && bytes_compare(key_of(old->entries[at]), key) == 0)
            merge->less += weight(old->entries[at++]);
        if (!merge_add(merge, &records[i])) return false;
    }
    while (at < old->count) merge->table.entries[merge->table.count++] = old->entries[at++];
    return true;
}

/* Frees the entries that `gone` has and `kept` has not, and the array. Both are in key order. */
static void drop_difference(struct table *gone, const struct table *kept)
{
    size_t at = 0;
    for (size_t i = 0; i < gone->count; i++) {
        while (at < kept->count && bytes_compare(key_of(kept->entries[at]), key_of(gone->entries[i])) < 0) at++;
        if (at < kept->count && kept->entries[at] == gone->entries[i]) continue;
        free(gone->entries[i]);
    }
    free(gone->entries);
}

static size_t run_length(const struct store_record *records, size_t count)
{
    size_t length = 0;
    while (length < count && records[length].table == records[0].table) length++;
    return length;
}

static enum store_status merge_all(const struct memory *memory, struct merge merges[TABLE_COUNT],
                                   const struct store_record *records, size_t count, struct store_error *error)
{
    uint64_t more = 0;
    uint64_t less = 0;
    for (size_t i = 0, run; i < count; i += run) {
        uint32_t table = records[i].table;
        run = run_length(records + i, count - i);
        if (!merge_run(&merges[table], &memory->tables[table], records + i, run)) return no_memory(error);
        more += merges[table].more;
        less += merges[table].less;
    }
    return fits(memory, more, less) ? STORE_OK : full(memory, error);
}

static void swap_tables(struct memory *memory, struct merge merges[TABLE_COUNT], uint64_t at)
{
    pthread_rwlock_wrlock(&memory->lock);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (!merges[i].table.entries) continue;
        struct table old = memory->tables[i];
        memory->tables[i] = merges[i].table;
        merges[i].table = old;
        memory->bytes = memory->bytes - merges[i].less + merges[i].more;
    }
    memory->checkpoint = at;
    pthread_rwlock_unlock(&memory->lock);
}

static enum store_status memory_checkpoint(struct store *store, uint64_t at, const struct store_record *records,
                                           size_t count, struct store_error *error)
{
    struct memory *memory = memory_of(store);
    enum store_status status = check_turn(memory, "checkpoint()", error);
    if (status == STORE_OK) status = records_check(records, count, error);
    if (status == STORE_OK) status = checkpoint_check(at, memory->checkpoint, tip_of(memory), error);
    if (status != STORE_OK) return status;

    struct merge merges[TABLE_COUNT] = {0};
    status = merge_all(memory, merges, records, count, error);
    if (status == STORE_OK) swap_tables(memory, merges, at);
    /* Now merges[] holds what nobody will see again: the old tables, or the new ones that failed. */
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (merges[i].table.entries) drop_difference(&merges[i].table, &memory->tables[i]);
    return status;
}

/* ---- open and close ---- */

static enum store_status memory_copy(struct store *store, const char *destination, struct store_error *error)
{
    (void)store;
    return store_fail(error, STORE_INVALID, "a store in memory has no file to copy to %s", destination);
}

static void free_memory(struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++) free(memory->frames[i]);
    free(memory->frames);
    static const struct table nothing;
    for (size_t i = 0; i < TABLE_COUNT; i++) drop_difference(&memory->tables[i], &nothing);
    pthread_rwlock_destroy(&memory->lock);
    free(memory->gate.page);
    free(memory);
}

/* Takes the turn once more, so that a writer in another thread is out; it has the same deadline as every
 * call. */
static enum store_status memory_close(struct store *store, int64_t deadline_ns)
{
    struct memory *memory = memory_of(store);
    if (!fork_mark_holds(memory->mark)) return STORE_FORKED;
    bool repair = false;
    if (!gate_is_mine(&memory->gate)) {
        enum store_status status = gate_take(&memory->gate, deadline_ns, &repair, NULL);
        if (status != STORE_OK) return status;
    }
    gate_drop(&memory->gate);
    free_memory(memory);
    return STORE_OK;
}

static enum store_status memory_archive(struct store *store, uint64_t before, struct store_error *error)
{
    (void)store;
    (void)before;
    return store_fail(error, STORE_INVALID, "a store in memory has no archive");
}

static const struct store_ops memory_ops = {
    .name = "memory",
    .load = memory_load,
    .since = memory_since,
    .tip = memory_tip,
    .facts = memory_facts,
    .wait = memory_wait,
    .begin = memory_begin,
    .append = memory_append,
    .settle = memory_settle,
    .checkpoint = memory_checkpoint,
    .rewrite_frame = memory_rewrite_frame,
    .end = memory_end,
    .read = memory_read,
    .archive = memory_archive,
    .trim = memory_trim,
    .copy = memory_copy,
    .close = memory_close,
};

static struct memory *make_memory(const struct store_options *options)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory) return NULL;
    memory->gate.page = aligned_alloc(GATE_BYTES, GATE_BYTES);
    if (!memory->gate.page || pthread_rwlock_init(&memory->lock, NULL) != 0) {
        free(memory->gate.page);
        free(memory);
        return NULL;
    }
    memory->store.ops = &memory_ops;
    memory->first = options && options->first_frame > 0 ? options->first_frame : 1;
    memory->checkpoint = memory->first - 1;
    memory->bound = options ? options->map_bytes : 0;
    memory->read_only = options && options->read_only;
    return memory;
}

enum store_status store_open_memory(const struct store_options *options, struct store **store,
                                    struct store_error *error)
{
    struct memory *memory = make_memory(options);
    if (!memory) return no_memory(error);
    memory->mark = fork_mark();
    enum store_status status = memory->mark ? gate_prepare(memory->gate.page, false, error) : no_memory(error);
    if (status == STORE_OK && getrandom(memory->id, sizeof memory->id, 0) != sizeof memory->id)
        status = store_fail(error, STORE_UNAVAILABLE, "the system gives no random numbers for a store id");
    if (status != STORE_OK) {
        free_memory(memory);
        return status;
    }
    *store = &memory->store;
    return STORE_OK;
}
