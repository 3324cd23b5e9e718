/* What every store owes, tried on each: one body a promise, run in memory and in a directory.
 *
 * Budget: 4 s for all. A random history that fails prints its seed; FIGARO_SEED replays it. */
#include "tests/storage/rig.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#define BOTH(promise)                                                                                                  \
    static void promise(struct rig *rig);                                                                              \
    Test(storage_in_memory, promise, .timeout = 30)                                                                    \
    {                                                                                                                  \
        struct rig rig = rig_in_memory();                                                                              \
        promise(&rig);                                                                                                 \
        rig_close(&rig);                                                                                               \
    }                                                                                                                  \
    Test(storage_in_directory, promise, .timeout = 30)                                                                 \
    {                                                                                                                  \
        struct rig rig = rig_in_directory();                                                                           \
        promise(&rig);                                                                                                 \
        rig_close(&rig);                                                                                               \
    }                                                                                                                  \
    static void promise(struct rig *rig)

static void begin(struct store *store) { RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error)); }

static struct store_facts facts_of(struct store *store)
{
    struct store_facts facts;
    RIG_OK(store->ops->facts(store, &facts, &rig_error));
    return facts;
}

static struct rig_records load_all(struct store *store, uint64_t *checkpoint)
{
    struct rig_records records = {0};
    struct record_sink sink = rig_record_sink(&records);
    RIG_OK(store->ops->load(store, 0, 1, checkpoint, &sink, &rig_error));
    cr_assert(!records.disorder, "records are out of order");
    return records;
}

/* ---- a new store ---- */

BOTH(a_new_store_is_empty)
{
    struct store *store = rig->store;
    struct store_facts facts = facts_of(store);
    cr_assert_eq(facts.tip, 0);
    cr_assert_eq(facts.checkpoint, 0);
    cr_assert_eq(facts.first, 1);
    cr_assert_eq(facts.holder, 0);
    cr_assert(facts.store_id[0] != 0 || facts.store_id[1] != 0);
    cr_assert_eq(store->ops->tip(store), 0);
    rig_check_frames(store, 0, 0);
    rig_check_frames(store, 5, 0);
    uint64_t checkpoint = 7;
    cr_assert_eq(load_all(store, &checkpoint).count, 0);
    cr_assert_eq(checkpoint, 0);
    struct rig_records records = {0};
    struct record_sink sink = rig_record_sink(&records);
    RIG_STATUS(STORE_NOT_FOUND, store->ops->read(store, TABLE_NOTES, "k", 1, &sink, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->read(store, TABLE_COUNT, "k", 1, &sink, &rig_error));
}

/* ---- append ---- */

BOTH(frames_are_numbered_without_a_hole)
{
    struct store *store = rig->store;
    begin(store);
    RIG_STATUS(STORE_INVALID, store->ops->append(store, 2, "b", 1, rig_in_ms(1000), &rig_error));
    RIG_STATUS(STORE_BEHIND, store->ops->append(store, 0, "b", 1, rig_in_ms(1000), &rig_error));
    store->ops->end(store);
    rig_append(store, 5);
    begin(store);
    RIG_STATUS(STORE_BEHIND, store->ops->append(store, 5, "b", 1, rig_in_ms(1000), &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->append(store, 7, "b", 1, rig_in_ms(1000), &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->append(store, 6, "", 0, rig_in_ms(1000), &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->append(store, 6, "b", STORE_FRAME_MAX + 1, rig_in_ms(1000), &rig_error));
    store->ops->end(store);
    cr_assert_eq(store->ops->tip(store), 5);
    rig_check_frames(store, 0, 5);
    rig_check_frames(store, 3, 5);
    rig_check_frames(store, 5, 5);
    rig_check_frames(store, 9, 5);
}

BOTH(writing_needs_the_turn)
{
    struct store *store = rig->store;
    bool written;
    RIG_STATUS(STORE_INVALID, store->ops->append(store, 1, "b", 1, rig_in_ms(1000), &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->checkpoint(store, 0, NULL, 0, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->settle(store, 1, "b", 1, &written, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->rewrite_frame(store, 1, "b", 1, &rig_error));
    begin(store);
    RIG_STATUS(STORE_INVALID, store->ops->begin(store, rig_in_ms(1000), &rig_error));
    cr_assert_eq(facts_of(store).holder, (uint32_t)getpid());
    store->ops->end(store);
    store->ops->end(store); /* without a turn: nothing */
    cr_assert_eq(facts_of(store).holder, 0);
}

BOTH(past_its_deadline_nothing_is_appended)
{
    struct store *store = rig->store;
    begin(store);
    RIG_STATUS(STORE_TIMEOUT, store->ops->append(store, 1, "b", 1, rig_now_ns() - 1, &rig_error));
    RIG_STATUS(STORE_TIMEOUT, store->ops->append(store, 1, "b", 1, 0, &rig_error));
    cr_assert_eq(facts_of(store).tip, 0);
    unsigned char bytes[4096];
    size_t size = rig_frame(1, bytes);
    RIG_OK(store->ops->append(store, 1, bytes, size, rig_in_ms(5000), &rig_error));
    store->ops->end(store);
    rig_check_frames(store, 0, 1);
}

static enum store_status take_large(void *context, uint64_t number, const void *frame, size_t size)
{
    const unsigned char *expected = context;
    return number == 1 && size == 9000001 && memcmp(frame, expected, size) == 0 ? STORE_OK : STORE_STOPPED;
}

BOTH(a_frame_may_be_large)
{
    struct store *store = rig->store;
    size_t size = 9000001;
    unsigned char *frame = malloc(size);
    cr_assert(frame != NULL);
    struct support_random random = support_random_from(1);
    for (size_t i = 0; i < size; i++) frame[i] = (unsigned char)support_next(&random);
    begin(store);
    RIG_OK(store->ops->append(store, 1, frame, size, rig_in_ms(10000), &rig_error));
    store->ops->end(store);
    struct frame_sink sink = {take_large, frame};
    RIG_OK(store->ops->since(store, 0, &sink, &rig_error));
    free(frame);
}

BOTH(settle_compares_every_byte)
{
    struct store *store = rig->store;
    rig_append(store, 3);
    unsigned char bytes[4096];
    size_t size = rig_frame(3, bytes);
    bool written = false;
    begin(store);
    RIG_OK(store->ops->settle(store, 3, bytes, size, &written, &rig_error));
    cr_assert(written);
    RIG_OK(store->ops->settle(store, 3, bytes, size - 1, &written, &rig_error));
    cr_assert(!written);
    bytes[size / 2] ^= 1;
    RIG_OK(store->ops->settle(store, 3, bytes, size, &written, &rig_error));
    cr_assert(!written);
    RIG_OK(store->ops->settle(store, 4, bytes, size, &written, &rig_error));
    cr_assert(!written);
    store->ops->end(store);
}

BOTH(a_frame_is_rewritten_in_place)
{
    struct store *store = rig->store;
    rig_append(store, 8);
    unsigned char bytes[4096];
    bool written = false;
    begin(store);
    for (uint64_t number = 7; number <= 8; number++) { /* frame 7 is a large one */
        size_t size = rig_frame(number, bytes);
        RIG_STATUS(STORE_INVALID, store->ops->rewrite_frame(store, number, bytes, size + 1, &rig_error));
        bytes[0] ^= 1;
        RIG_OK(store->ops->rewrite_frame(store, number, bytes, size, &rig_error));
        RIG_OK(store->ops->settle(store, number, bytes, size, &written, &rig_error));
        cr_assert(written);
    }
    RIG_STATUS(STORE_NOT_FOUND, store->ops->rewrite_frame(store, 9, bytes, 1, &rig_error));
    RIG_STATUS(STORE_NOT_FOUND, store->ops->rewrite_frame(store, 0, bytes, 1, &rig_error));
    store->ops->end(store);
    cr_assert_eq(facts_of(store).tip, 8);
}

/* ---- tables ---- */

static struct store_record record_of(uint32_t table, const char *key, const char *value)
{
    return (struct store_record){table, (uint32_t)strlen(key), key, value, value ? strlen(value) : 0};
}

struct expected {
    const char *value;
    bool found;
};

static enum store_status take_expected(void *context, const struct store_record *record)
{
    struct expected *expected = context;
    expected->found = record->value_size == strlen(expected->value) &&
                      memcmp(record->value, expected->value, record->value_size) == 0;
    return STORE_OK;
}

static void check_value(struct store *store, uint32_t table, const char *key, const char *value)
{
    struct expected expected = {value, false};
    struct record_sink sink = {take_expected, &expected};
    RIG_OK(store->ops->read(store, table, key, (uint32_t)strlen(key), &sink, &rig_error));
    cr_assert(expected.found, "table %u has another value at %s", table, key);
}

BOTH(a_checkpoint_puts_replaces_and_deletes)
{
    struct store *store = rig->store;
    rig_append(store, 4);
    begin(store);
    struct store_record first[] = {record_of(TABLE_SHOPS, "a", "1"), record_of(TABLE_SHOPS, "ab", ""),
                                   record_of(TABLE_SHOPS, "b", "2"), record_of(TABLE_NOTES, "a", "note")};
    RIG_OK(store->ops->checkpoint(store, 2, first, 4, &rig_error));
    struct store_record second[] = {record_of(TABLE_SHOPS, "a", "one"), record_of(TABLE_SHOPS, "b", NULL),
                                    record_of(TABLE_SHOPS, "c", NULL), record_of(TABLE_SHOPS, "d", "4")};
    RIG_OK(store->ops->checkpoint(store, 3, second, 4, &rig_error));
    RIG_OK(store->ops->checkpoint(store, 4, NULL, 0, &rig_error));
    store->ops->end(store);
    check_value(store, TABLE_SHOPS, "a", "one");
    check_value(store, TABLE_SHOPS, "ab", "");
    check_value(store, TABLE_SHOPS, "d", "4");
    check_value(store, TABLE_NOTES, "a", "note");
    struct expected none = {"", false};
    struct record_sink sink = {take_expected, &none};
    RIG_STATUS(STORE_NOT_FOUND, store->ops->read(store, TABLE_SHOPS, "b", 1, &sink, &rig_error));
    RIG_STATUS(STORE_NOT_FOUND, store->ops->read(store, TABLE_SHOPS, "e", 1, &sink, &rig_error));
    RIG_STATUS(STORE_NOT_FOUND, store->ops->read(store, TABLE_BARBERS, "a", 1, &sink, &rig_error));
    uint64_t checkpoint = 0;
    cr_assert_eq(load_all(store, &checkpoint).count, 4);
    cr_assert_eq(checkpoint, 4);
    cr_assert_eq(facts_of(store).checkpoint, 4);
}

BOTH(a_malformed_checkpoint_changes_nothing)
{
    struct store *store = rig->store;
    rig_append(store, 2);
    begin(store);
    struct store_record good = record_of(TABLE_SHOPS, "k", "v");
    RIG_OK(store->ops->checkpoint(store, 1, &good, 1, &rig_error));
    char long_key[STORE_KEY_MAX + 2];
    memset(long_key, 'k', sizeof long_key - 1);
    long_key[sizeof long_key - 1] = '\0';
    struct store_record wrong[][2] = {
        {record_of(TABLE_SHOPS, "b", "x"), record_of(TABLE_SHOPS, "a", "x")},
        {record_of(TABLE_SHOPS, "b", "x"), record_of(TABLE_SHOPS, "b", "y")},
        {record_of(TABLE_NOTES, "b", "x"), record_of(TABLE_SHOPS, "c", "x")},
        {record_of(TABLE_SHOPS, "b", "x"), record_of(0, "c", "x")},
        {record_of(TABLE_SHOPS, "b", "x"), record_of(TABLE_COUNT, "c", "x")},
        {record_of(TABLE_SHOPS, "", "x"), record_of(TABLE_SHOPS, "c", "x")},
        {record_of(TABLE_SHOPS, "b", "x"), record_of(TABLE_SHOPS, long_key, "x")},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        RIG_STATUS(STORE_INVALID, store->ops->checkpoint(store, 2, wrong[i], 2, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->checkpoint(store, 3, NULL, 0, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->checkpoint(store, 0, NULL, 0, &rig_error));
    RIG_OK(store->ops->checkpoint(store, 1, NULL, 0, &rig_error));
    store->ops->end(store);
    uint64_t checkpoint = 0;
    cr_assert_eq(load_all(store, &checkpoint).count, 1);
    cr_assert_eq(checkpoint, 1);
}

enum { CUT_KEYS = 400 };

struct cut_keys {
    unsigned char bytes[TABLE_COUNT][CUT_KEYS][STORE_KEY_MAX];
    struct store_record records[TABLE_COUNT * CUT_KEYS];
    size_t count;
};

static int by_order(const void *a, const void *b)
{
    const struct store_record *left = a;
    const struct store_record *right = b;
    if (left->table != right->table) return left->table < right->table ? -1 : 1;
    size_t common = left->key_size < right->key_size ? left->key_size : right->key_size;
    int order = memcmp(left->key, right->key, common);
    return order ? order : (left->key_size > right->key_size) - (left->key_size < right->key_size);
}

/* Sorts, and leaves the first of those with the same key. */
static size_t sort_records(struct store_record *records, size_t count)
{
    qsort(records, count, sizeof *records, by_order);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || by_order(&records[kept - 1], &records[i]) != 0) records[kept++] = records[i];
    return kept;
}

/* Keys of lengths and spreads that a cut could stumble on: dense ids, ids of every size, bytes of every
 * length; one table has a single record, one has none. */
static void make_cut_keys(struct cut_keys *keys)
{
    struct support_random random = support_random_from(11);
    for (uint32_t table = 1; table < TABLE_COUNT - 1; table++) {
        for (size_t i = 0; i < (table == 2 ? 1 : CUT_KEYS); i++) {
            unsigned char *key = keys->bytes[table][i];
            uint64_t id = table % 2 ? i + 1 : support_next(&random) >> support_below(&random, 64);
            for (size_t b = 8; b < STORE_KEY_MAX; b++) key[b] = (unsigned char)(support_next(&random) % 3);
            rig_id_key(key, id);
            uint32_t size = table % 3 ? 8 : 1 + (uint32_t)support_below(&random, STORE_KEY_MAX);
            keys->records[keys->count++] = (struct store_record){table, size, key, "value", 5};
        }
    }
    keys->count = sort_records(keys->records, keys->count);
}

BOTH(parts_cover_a_load_without_overlap)
{
    struct store *store = rig->store;
    struct cut_keys *keys = calloc(1, sizeof *keys);
    cr_assert(keys != NULL);
    make_cut_keys(keys);
    begin(store);
    RIG_OK(store->ops->checkpoint(store, 0, keys->records, keys->count, &rig_error));
    store->ops->end(store);
    uint64_t checkpoint;
    cr_assert_eq(load_all(store, &checkpoint).count, keys->count);
    for (uint32_t parts = 1; parts <= 9; parts += 1 + parts / 3) {
        uint64_t sum = 0;
        uint64_t largest = 0;
        for (uint32_t part = 0; part < parts; part++) {
            struct rig_records records = {0};
            struct record_sink sink = rig_record_sink(&records);
            RIG_OK(store->ops->load(store, part, parts, &checkpoint, &sink, &rig_error));
            cr_assert(!records.disorder);
            sum += records.count;
            if (records.count > largest) largest = records.count;
        }
        cr_assert_eq(sum, keys->count, "%u parts hand over %lu of %zu", parts, (unsigned long)sum, keys->count);
        cr_assert(parts == 1 || largest < keys->count * 3 / 4, "%u parts are lopsided", parts);
    }
    struct rig_records records = {0};
    struct record_sink sink = rig_record_sink(&records);
    RIG_STATUS(STORE_INVALID, store->ops->load(store, 2, 2, &checkpoint, &sink, &rig_error));
    RIG_STATUS(STORE_INVALID, store->ops->load(store, 0, 0, &checkpoint, &sink, &rig_error));
    free(keys);
}

/* ---- receivers ---- */

static enum store_status refuse_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    (void)frame;
    (void)size;
    uint64_t *seen = context;
    *seen = number;
    return number == 2 ? STORE_NOT_FOUND : STORE_OK;
}

static enum store_status refuse_record(void *context, const struct store_record *record)
{
    (void)record;
    return ++*(uint64_t *)context == 2 ? STORE_NOT_FOUND : STORE_OK;
}

BOTH(what_a_receiver_says_is_the_answer)
{
    struct store *store = rig->store;
    rig_append(store, 4);
    begin(store);
    struct store_record records[] = {record_of(TABLE_SHOPS, "a", "1"), record_of(TABLE_SHOPS, "b", "2"),
                                     record_of(TABLE_NOTES, "a", "3")};
    RIG_OK(store->ops->checkpoint(store, 4, records, 3, &rig_error));
    store->ops->end(store);
    uint64_t seen = 0;
    struct frame_sink frames = {refuse_frame, &seen};
    RIG_STATUS(STORE_NOT_FOUND, store->ops->since(store, 0, &frames, &rig_error));
    cr_assert_eq(seen, 2);
    seen = 0;
    struct record_sink sink = {refuse_record, &seen};
    uint64_t checkpoint;
    RIG_STATUS(STORE_NOT_FOUND, store->ops->load(store, 0, 1, &checkpoint, &sink, &rig_error));
    cr_assert_eq(seen, 2);
    seen = 1;
    RIG_STATUS(STORE_NOT_FOUND, store->ops->read(store, TABLE_SHOPS, "a", 1, &sink, &rig_error));
}

/* ---- trim ---- */

static void expect_trimmed(struct store *store, uint64_t after)
{
    struct rig_frames frames = {.after = after};
    struct frame_sink sink = rig_frame_sink(&frames);
    RIG_STATUS(STORE_NOT_FOUND, store->ops->since(store, after, &sink, &rig_error));
    cr_assert_eq(frames.count, 0);
}

BOTH(trimmed_frames_are_gone_and_the_tip_stays)
{
    struct store *store = rig->store;
    rig_append(store, 10);
    begin(store);
    RIG_OK(store->ops->checkpoint(store, 6, NULL, 0, &rig_error));
    store->ops->end(store);
    RIG_STATUS(STORE_INVALID, store->ops->trim(store, 8, &rig_error));
    RIG_OK(store->ops->trim(store, 5, &rig_error));
    RIG_OK(store->ops->trim(store, 3, &rig_error));
    cr_assert_eq(facts_of(store).first, 5);
    expect_trimmed(store, 3);
    rig_check_frames(store, 4, 10);
    begin(store);
    RIG_OK(store->ops->checkpoint(store, 10, NULL, 0, &rig_error));
    RIG_OK(store->ops->trim(store, 11, &rig_error)); /* in one's turn */
    cr_assert_eq(facts_of(store).holder, (uint32_t)getpid());
    store->ops->end(store);
    struct store_facts facts = facts_of(store);
    cr_assert_eq(facts.tip, 10);
    cr_assert_eq(facts.first, 11);
    expect_trimmed(store, 9);
    rig_check_frames(store, 10, 10);
    if (rig->on_disk) rig_reopen(rig);
    cr_assert_eq(rig->store->ops->tip(rig->store), 10);
    rig_append(rig->store, 2);
    rig_check_frames(rig->store, 10, 12);
}

/* ---- turns, waiting ---- */

struct other {
    struct store *store;
    pthread_t thread;
    pthread_barrier_t barrier;
};

static void *hold_a_turn(void *context)
{
    struct other *other = context;
    struct store_error error;
    enum store_status status = other->store->ops->begin(other->store, rig_in_ms(5000), &error);
    pthread_barrier_wait(&other->barrier); /* it is taken */
    pthread_barrier_wait(&other->barrier); /* now give it back */
    if (status == STORE_OK) other->store->ops->end(other->store);
    return NULL;
}

BOTH(a_turn_that_does_not_come_times_out)
{
    struct other other = {.store = rig->store};
    pthread_barrier_init(&other.barrier, NULL, 2);
    pthread_create(&other.thread, NULL, hold_a_turn, &other);
    pthread_barrier_wait(&other.barrier);
    int64_t before = rig_now_ns();
    RIG_STATUS(STORE_TIMEOUT, rig->store->ops->begin(rig->store, rig_in_ms(50), &rig_error));
    int64_t waited = rig_now_ns() - before;
    cr_assert(waited >= 50000000 && waited < 1000000000, "waited %ld ns", (long)waited);
    RIG_STATUS(STORE_TIMEOUT, rig->store->ops->begin(rig->store, 0, &rig_error));
    RIG_STATUS(STORE_TIMEOUT, rig->store->ops->begin(rig->store, INT64_MIN, &rig_error));
    RIG_STATUS(STORE_TIMEOUT, rig->store->ops->close(rig->store, rig_in_ms(20)));
    pthread_barrier_wait(&other.barrier);
    RIG_OK(rig->store->ops->begin(rig->store, rig_in_ms(5000), &rig_error));
    rig->store->ops->end(rig->store);
    RIG_OK(rig->store->ops->begin(rig->store, INT64_MAX, &rig_error));
    rig->store->ops->end(rig->store);
    pthread_join(other.thread, NULL);
    pthread_barrier_destroy(&other.barrier);
}

static void *die_with_the_turn(void *context)
{
    struct store *store = context;
    struct store_error error;
    return store->ops->begin(store, rig_in_ms(5000), &error) == STORE_OK ? context : NULL;
}

BOTH(the_turn_of_a_thread_that_ended_passes_on)
{
    pthread_t thread;
    void *took = NULL;
    pthread_create(&thread, NULL, die_with_the_turn, rig->store);
    pthread_join(thread, &took);
    cr_assert(took != NULL);
    rig_append(rig->store, 2);
    rig_check_frames(rig->store, 0, 2);
}

static void *append_one_later(void *context)
{
    struct store *store = context;
    unsigned char bytes[4096];
    struct store_error error;
    usleep(30000);
    if (store->ops->begin(store, rig_in_ms(5000), &error) != STORE_OK) return NULL;
    uint64_t number = store->ops->tip(store) + 1;
    size_t size = rig_frame(number, bytes);
    enum store_status status = store->ops->append(store, number, bytes, size, rig_in_ms(5000), &error);
    store->ops->end(store);
    return status == STORE_OK ? context : NULL;
}

BOTH(wait_ends_with_the_next_frame_or_the_deadline)
{
    struct store *store = rig->store;
    RIG_STATUS(STORE_TIMEOUT, store->ops->wait(store, 0, rig_in_ms(20)));
    RIG_STATUS(STORE_TIMEOUT, store->ops->wait(store, 0, 0));
    pthread_t thread;
    void *appended = NULL;
    pthread_create(&thread, NULL, append_one_later, store);
    RIG_OK(store->ops->wait(store, 0, rig_in_ms(5000)));
    cr_assert_eq(store->ops->tip(store), 1);
    RIG_OK(store->ops->wait(store, 0, 0)); /* it is there already */
    RIG_STATUS(STORE_TIMEOUT, store->ops->wait(store, 1, rig_in_ms(5)));
    pthread_join(thread, &appended);
    cr_assert(appended != NULL);
}

enum { WRITERS = 4, WRITES = 25 };

static void *append_many(void *context)
{
    for (int i = 0; i < WRITES; i++) {
        struct store *store = context;
        struct store_error error;
        unsigned char bytes[4096];
        if (store->ops->begin(store, rig_in_ms(10000), &error) != STORE_OK) return NULL;
        uint64_t number = store->ops->tip(store) + 1;
        size_t size = rig_frame(number, bytes);
        enum store_status status = store->ops->append(store, number, bytes, size, rig_in_ms(10000), &error);
        store->ops->end(store);
        if (status != STORE_OK) return NULL;
    }
    return context;
}

BOTH(threads_take_turns)
{
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) pthread_create(&threads[i], NULL, append_many, rig->store);
    for (int i = 0; i < 20; i++) { /* reading goes on meanwhile */
        struct rig_frames frames = {.after = 0};
        struct frame_sink sink = rig_frame_sink(&frames);
        RIG_OK(rig->store->ops->since(rig->store, 0, &sink, &rig_error));
        cr_assert(!frames.wrong);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *done = NULL;
        pthread_join(threads[i], &done);
        cr_assert(done != NULL);
    }
    cr_assert_eq(rig->store->ops->tip(rig->store), WRITERS * WRITES);
    rig_check_frames(rig->store, 0, WRITERS * WRITES);
}

/* ---- fork ---- */

static int use_after_fork(void *context)
{
    struct store *store = context;
    struct store_facts facts;
    struct rig_frames frames = {0};
    struct frame_sink frame_sink = rig_frame_sink(&frames);
    struct rig_records records = {0};
    struct record_sink record_sink = rig_record_sink(&records);
    uint64_t checkpoint;
    bool written;
    CHILD_STATUS(STORE_FORKED, store->ops->facts(store, &facts, &rig_error));
    CHILD_TRUE(strstr(rig_error.message, "fork") != NULL);
    CHILD_STATUS(STORE_FORKED, store->ops->load(store, 0, 1, &checkpoint, &record_sink, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->since(store, 0, &frame_sink, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->read(store, TABLE_NOTES, "k", 1, &record_sink, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->wait(store, 99, rig_in_ms(10000)));
    CHILD_STATUS(STORE_FORKED, store->ops->begin(store, rig_in_ms(10000), &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->append(store, 1, "b", 1, rig_in_ms(10000), &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->settle(store, 1, "b", 1, &written, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->checkpoint(store, 0, NULL, 0, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->rewrite_frame(store, 1, "b", 1, &rig_error));
    CHILD_STATUS(STORE_FORKED, store->ops->trim(store, 1, &rig_error));
    store->ops->end(store);
    CHILD_STATUS(STORE_FORKED, store->ops->close(store, rig_in_ms(10000)));
    return 0;
}

BOTH(a_forked_child_is_told)
{
    rig_append(rig->store, 2);
    cr_assert_eq(rig_wait(rig_fork(use_after_fork, rig->store)), 0);
    begin(rig->store);
    cr_assert_eq(rig_wait(rig_fork(use_after_fork, rig->store)), 0); /* with the turn in the parent's hands */
    rig->store->ops->end(rig->store);
    rig_append(rig->store, 2);
    rig_check_frames(rig->store, 0, 4);
}

/* ---- any history ---- */

enum { MODEL_IDS = 60, MODEL_FRAMES = 400 };

/* What the store should hold, as plainly as can be said. */
struct model {
    uint64_t seed;
    struct support_random random;
    uint64_t first;
    uint64_t tip;
    uint64_t checkpoint;
    uint32_t frame_salt[MODEL_FRAMES]; /* by number */
    uint32_t value[TABLE_COUNT][MODEL_IDS];
    bool there[TABLE_COUNT][MODEL_IDS];
};

static size_t salted(uint32_t salt, unsigned char bytes[9000])
{
    struct support_random random = support_random_from(salt);
    size_t size = 1 + support_below(&random, salt % 9 == 0 ? 8999 : 200);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(salt + i);
    return size;
}

static void model_append(struct model *model, struct store *store)
{
    unsigned char bytes[9000];
    if (model->tip + 1 >= MODEL_FRAMES) return;
    uint64_t number = ++model->tip;
    model->frame_salt[number] = (uint32_t)support_next(&model->random);
    size_t size = salted(model->frame_salt[number], bytes);
    RIG_OK(store->ops->append(store, number, bytes, size, rig_in_ms(10000), &rig_error));
}

static void model_checkpoint(struct model *model, struct store *store)
{
    static unsigned char keys[40][8];
    static unsigned char values[40][9000];
    struct store_record records[40];
    size_t count = support_below(&model->random, 40);
    model->checkpoint += support_below(&model->random, model->tip - model->checkpoint + 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t table = 1 + (uint32_t)support_below(&model->random, TABLE_COUNT - 1);
        rig_id_key(keys[i], support_below(&model->random, MODEL_IDS));
        uint32_t salt = (uint32_t)support_next(&model->random);
        bool deletes = support_chance(&model->random, 30);
        records[i] =
            (struct store_record){table, 8, keys[i], deletes ? NULL : values[i], deletes ? 0 : salted(salt, values[i])};
        memcpy(values[i], &salt, records[i].value_size < sizeof salt ? records[i].value_size : sizeof salt);
    }
    count = sort_records(records, count);
    for (size_t i = 0; i < count; i++) {
        size_t id = ((const unsigned char *)records[i].key)[7];
        model->there[records[i].table][id] = records[i].value != NULL;
        if (records[i].value != NULL && records[i].value_size >= 4)
            memcpy(&model->value[records[i].table][id], records[i].value, 4);
        else if (records[i].value != NULL)
            model->there[records[i].table][id] = false, records[i].value = NULL, records[i].value_size = 0;
    }
    RIG_OK(store->ops->checkpoint(store, model->checkpoint, records, count, &rig_error));
}

static void model_trim(struct model *model, struct store *store)
{
    uint64_t before = model->first + support_below(&model->random, model->checkpoint + 2 - model->first);
    RIG_OK(store->ops->trim(store, before, &rig_error));
    model->first = before;
}

static void model_rewrite(struct model *model, struct store *store)
{
    if (model->first > model->tip) return;
    uint64_t number = model->first + support_below(&model->random, model->tip + 1 - model->first);
    unsigned char bytes[9000];
    size_t size = salted(model->frame_salt[number], bytes);
    RIG_OK(store->ops->rewrite_frame(store, number, bytes, size, &rig_error));
}

struct walk {
    struct model *model;
    uint64_t next;
    uint64_t count;
};

static enum store_status compare_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct walk *walk = context;
    unsigned char expected[9000];
    size_t expected_size = salted(walk->model->frame_salt[number], expected);
    bool right = number == walk->next++ && size == expected_size && memcmp(frame, expected, size) == 0;
    return right ? STORE_OK : STORE_STOPPED;
}

static enum store_status compare_record(void *context, const struct store_record *record)
{
    struct walk *walk = context;
    size_t id = ((const unsigned char *)record->key)[7];
    uint32_t salt = walk->model->value[record->table][id];
    unsigned char expected[9000];
    size_t size = salted(salt, expected);
    memcpy(expected, &salt, sizeof salt);
    walk->count++;
    bool right = walk->model->there[record->table][id] && record->value_size == size &&
                 memcmp(record->value, expected, size) == 0;
    return right ? STORE_OK : STORE_STOPPED;
}

static void model_compare(struct model *model, struct store *store)
{
    struct store_facts facts = facts_of(store);
    cr_assert_eq(facts.tip, model->tip, "seed %lu", (unsigned long)model->seed);
    cr_assert_eq(facts.checkpoint, model->checkpoint, "seed %lu", (unsigned long)model->seed);
    cr_assert_eq(facts.first, model->first, "seed %lu", (unsigned long)model->seed);
    uint64_t after = model->first - 1 + support_below(&model->random, model->tip + 2 - model->first);
    struct walk walk = {model, after + 1, 0};
    struct frame_sink frames = {compare_frame, &walk};
    enum store_status status = store->ops->since(store, after, &frames, &rig_error);
    cr_assert_eq(status, STORE_OK, "since, seed %lu: %s", (unsigned long)model->seed, rig_error.message);
    cr_assert_eq(walk.next, model->tip + 1, "seed %lu", (unsigned long)model->seed);
    uint64_t checkpoint;
    struct record_sink records = {compare_record, &walk};
    status = store->ops->load(store, 0, 1, &checkpoint, &records, &rig_error);
    cr_assert_eq(status, STORE_OK, "load, seed %lu: %s", (unsigned long)model->seed, rig_error.message);
    uint64_t there = 0;
    for (size_t table = 0; table < TABLE_COUNT; table++)
        for (size_t id = 0; id < MODEL_IDS; id++) there += model->there[table][id];
    cr_assert_eq(walk.count, there, "seed %lu", (unsigned long)model->seed);
}

static void model_turn(struct model *model, struct rig *rig)
{
    struct store *store = rig->store;
    begin(store);
    for (uint64_t i = support_below(&model->random, 4); i > 0; i--) model_append(model, store);
    if (support_chance(&model->random, 50)) model_checkpoint(model, store);
    if (support_chance(&model->random, 20)) model_rewrite(model, store);
    if (support_chance(&model->random, 20)) model_trim(model, store);
    store->ops->end(store);
    if (rig->on_disk && support_chance(&model->random, 15)) rig_reopen(rig);
}

BOTH(any_history_leaves_what_it_should)
{
    struct support_seeds seeds = support_seeds_of(0, rig->on_disk ? 100 : 10);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        struct model model = {.seed = seed, .random = support_random_from(seed), .first = 1};
        struct rig fresh = rig->on_disk ? rig_in_directory() : rig_in_memory();
        for (int turn = 0; turn < 25; turn++) {
            model_turn(&model, &fresh);
            model_compare(&model, fresh.store);
        }
        rig_close(&fresh);
    }
}
