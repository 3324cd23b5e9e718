/* Scanning for frames wherever they lie, and archives filled from another store. Budget: one second. */
#include "storage/scan.h"
#include "tests/storage/rig.h"

#include <fcntl.h>
#include <string.h>

enum { FILE_BYTES = 3 << 20, WINDOW = 1 << 20, SEEDS = 40 };

static const struct store_shape shape = {"FIGF", 4, 28, NULL};

/* Of bytes that begin nowhere as the shape says. */
static void put_shape(unsigned char *file, size_t at, uint32_t size)
{
    memset(file + at, 'y', size);
    memcpy(file + at, "FIGF", 4);
    memcpy(file + at + 28, &size, sizeof size);
}

struct places {
    size_t at[SEEDS];
    uint32_t size[SEEDS];
    size_t count;
};

static enum store_status take_place(void *context, const struct store_place *place, const void *bytes)
{
    struct places *found = context;
    cr_assert_lt(found->count, SEEDS);
    cr_assert(memcmp(bytes, "FIGF", 4) == 0 && ((const char *)bytes)[place->size - 1] == 'y');
    found->at[found->count] = place->at;
    found->size[found->count++] = place->size;
    return STORE_OK;
}

static void must_be_found(const unsigned char *file, size_t size, const struct places *put)
{
    char path[SUPPORT_PATH], directory[SUPPORT_PATH];
    uint64_t unreadable = 0;
    struct places found = {.count = 0};
    struct place_sink sink = {take_place, &found};
    support_make_fast_directory(directory);
    support_format(path, sizeof path, "%.400s/file", directory);
    support_write_file(path, file, size);
    struct scanned scanned = {open(path, O_RDONLY), path, 0};
    RIG_OK(scan_file(&scanned, &shape, &sink, &unreadable, &rig_error));
    cr_assert_eq(found.count, put->count);
    for (size_t i = 0; i < put->count; i++)
        cr_assert(found.at[i] == put->at[i] && found.size[i] == put->size[i], "%zu at %zu", i, put->at[i]);
    cr_assert_eq(unreadable, 0);
    close(scanned.fd);
    support_remove(directory);
}

/* Wherever the edge of what is read at once cuts them. */
Test(storage_salvage, finds_what_lies_across_the_edges_of_its_reading)
{
    static unsigned char file[FILE_BYTES];
    for (int before = 0; before <= 36; before++) {
        struct places put = {.count = 0};
        memset(file, 'x', sizeof file);
        for (size_t edge = WINDOW; edge <= 2 * WINDOW; edge += WINDOW) {
            put.at[put.count] = edge - (size_t)before;
            put.size[put.count] = 32 + (uint32_t)before * 5000 + 1;
            put_shape(file, put.at[put.count], put.size[put.count]);
            put.count++;
        }
        must_be_found(file, sizeof file, &put);
    }
}

Test(storage_salvage, finds_each_once_and_nothing_that_runs_over_the_end)
{
    static unsigned char file[FILE_BYTES];
    struct support_random random = support_random_from(5);
    struct places put = {.count = 0};
    memset(file, 'x', sizeof file);
    for (size_t at = 0; put.count < SEEDS - 1; at += 75000) {
        put.at[put.count] = at + support_below(&random, 2000);
        put.size[put.count] = 33 + (uint32_t)support_below(&random, 70000);
        put_shape(file, put.at[put.count], put.size[put.count]);
        put.count++;
    }
    put.at[put.count] = FILE_BYTES - 100;
    put.size[put.count] = 100;
    put_shape(file, FILE_BYTES - 100, 100);
    put.count++;
    must_be_found(file, sizeof file, &put);
    uint32_t beyond = 101, tiny = 31, none = 0;
    put.count--;
    memcpy(file + FILE_BYTES - 100 + 28, &beyond, sizeof beyond);
    must_be_found(file, sizeof file, &put);
    memcpy(file + FILE_BYTES - 100 + 28, &tiny, sizeof tiny);
    must_be_found(file, sizeof file, &put);
    memcpy(file + FILE_BYTES - 100 + 28, &none, sizeof none);
    must_be_found(file, sizeof file, &put);
    must_be_found(file, FILE_BYTES - 90, &put);
}

static bool never(const void *head)
{
    (void)head;
    return false;
}

/* Each of 100,000 says that it takes as much as a frame may: reading them all would take a day. */
Test(storage_salvage, reads_nothing_of_what_cannot_be_by_its_head, .timeout = 20)
{
    enum { HEADS = 100000, HEAD = 32 };
    static unsigned char heads[HEADS * HEAD];
    const uint32_t size = STORE_FRAME_MAX;
    const struct store_shape choosy = {"FIGF", 4, 28, never};
    struct places found = {.count = 0};
    struct place_sink sink = {take_place, &found};
    uint64_t unreadable = 0;
    char directory[SUPPORT_PATH], path[SUPPORT_PATH];
    for (size_t at = 0; at < sizeof heads; at += HEAD) {
        memcpy(heads + at, "FIGF", 4);
        memcpy(heads + at + 28, &size, sizeof size);
    }
    support_make_directory(directory);
    support_format(path, sizeof path, "%.400s/file", directory);
    support_write_file(path, heads, sizeof heads);
    cr_assert_eq(truncate(path, (off_t)sizeof heads + STORE_FRAME_MAX), 0);
    struct scanned scanned = {open(path, O_RDONLY), path, 0};
    RIG_OK(scan_file(&scanned, &choosy, &sink, &unreadable, &rig_error));
    cr_assert(found.count == 0 && unreadable == 0);
    close(scanned.fd);
    support_remove(directory);
}

/* ---- archives ---- */

static struct store *open_from(const char *path, uint64_t first)
{
    struct store *store;
    struct store_options options = {.create = true, .exclusive = true, .first_frame = first};
    RIG_OK(store_open_directory(path, &options, &store, &rig_error));
    return store;
}

Test(storage_salvage, an_archive_is_filled_from_another_store_once_and_without_a_gap)
{
    struct rig rig = rig_in_directory();
    char path[SUPPORT_PATH], lacking[SUPPORT_PATH];
    support_format(path, sizeof path, "%.400s.filled", rig.path);
    support_format(lacking, sizeof lacking, "%.400s.lacking", rig.path);
    rig_append(rig.store, 40);
    struct store *to = open_from(path, 31);
    RIG_OK(to->ops->archive_from(to, rig.store, 11, &rig_error));
    struct store_facts facts;
    RIG_OK(to->ops->facts(to, &facts, &rig_error));
    cr_assert(facts.first == 11 && facts.tip == 30);
    rig_check_frames(to, 10, 30);
    RIG_STATUS(STORE_INVALID, to->ops->archive_from(to, rig.store, 11, &rig_error));
    rig_shut(to);
    to = open_from(lacking, 51);
    RIG_STATUS(STORE_NOT_FOUND, to->ops->archive_from(to, rig.store, 11, &rig_error));
    cr_assert(strstr(rig_error.message, "no frame 41"), "%s", rig_error.message);
    RIG_OK(to->ops->facts(to, &facts, &rig_error));
    cr_assert_eq(facts.first, 51);
    rig_shut(to);
    support_remove(path);
    support_remove(lacking);
    rig_close(&rig);
}
