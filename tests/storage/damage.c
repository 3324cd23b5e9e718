/* Damaged files: found, named and contained. Budget: 5 s; FIGARO_DAMAGES (300) random ones, printed with their seed;
 * FIGARO_SEED replays one.
 *
 * Every look at a damaged file happens in a child, so that a crash is a failed test with its damage named, and not the
 * end of the run. */
#include "storage/pages.h"
#include "tests/storage/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { PAGE = 4096, IDS = 3000 };

static void data_path(const char *directory, char path[SUPPORT_PATH])
{
    support_format(path, SUPPORT_PATH, "%s/data.mdb", directory);
}

static int open_data(const char *directory)
{
    char path[SUPPORT_PATH];
    data_path(directory, path);
    int fd = open(path, O_RDWR);
    cr_assert(fd >= 0, "%s: %s", path, strerror(errno));
    return fd;
}

static void read_page(int fd, uint64_t number, unsigned char page[PAGE])
{
    cr_assert_eq(pread(fd, page, PAGE, (off_t)(number * PAGE)), PAGE);
}

static void write_page(int fd, uint64_t number, const unsigned char page[PAGE])
{
    cr_assert_eq(pwrite(fd, page, PAGE, (off_t)(number * PAGE)), PAGE);
}

static uint64_t count_pages(int fd)
{
    struct stat found;
    cr_assert_eq(fstat(fd, &found), 0);
    return (uint64_t)found.st_size / PAGE;
}

/* Trees of two levels and more, overflow pages, free pages: every kind of page there is. */
static void make_store(const char *path)
{
    static unsigned char keys[IDS][8];
    static struct store_record records[IDS];
    static char value[3000] = "value";
    struct store *store = rig_open(path);
    rig_append(store, 60);
    RIG_OK(store->ops->begin(store, rig_in_ms(5000), &rig_error));
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < IDS; i++) {
            rig_id_key(keys[i], i + 1);
            size_t size = i % 500 == 0 ? sizeof value : 60 + i % 50;
            bool deletes = round == 1 && i % 3 == 0;
            records[i] = (struct store_record){TABLE_APPOINTMENTS, 8, keys[i], deletes ? NULL : value, size};
            if (round == 2) records[i].table = TABLE_KEYS;
        }
        RIG_OK(store->ops->checkpoint(store, 20 * (uint64_t)round, records, IDS, &rig_error));
    }
    store->ops->end(store);
    RIG_OK(store->ops->trim(store, 11, &rig_error));
    rig_append(store, 3);
    rig_shut(store);
}

/* ---- what a child finds ---- */

struct look {
    char path[SUPPORT_PATH];
    char report[4000];
    bool write; /* also write, whatever was told: the file is another afterwards */
};

enum { SOUND = 0, TOLD = 1 }; /* exit codes of a look; a signal or 99 is a failure */

static bool is_told(enum store_status status)
{
    /* A forged page of the journal may pass for a trimmed one, until verify counts. */
    bool honest = status == STORE_OK || status == STORE_NOT_FOUND || status == STORE_CORRUPT ||
                  status == STORE_NOT_STORE || status == STORE_NEWER;
    if (!honest) fprintf(stderr, "%s: %s\n", rig_name(status), rig_error.message);
    CHILD_TRUE(honest);
    CHILD_TRUE(status == STORE_OK || strlen(rig_error.message) > 20);
    return status != STORE_OK;
}

static bool use_store(struct store *store, bool write)
{
    struct store_facts facts;
    struct rig_records records = {0};
    struct record_sink record_sink = rig_record_sink(&records);
    struct rig_frames frames = {.after = 10};
    struct frame_sink frame_sink = rig_frame_sink(&frames);
    uint64_t checkpoint;
    bool told = is_told(store->ops->facts(store, &facts, &rig_error));
    enum store_status loaded = store->ops->load(store, 0, 1, &checkpoint, &record_sink, &rig_error);
    told = (loaded == STORE_STOPPED ? records.disorder : is_told(loaded)) || told;
    told = is_told(store->ops->since(store, 10, &frame_sink, &rig_error)) || told;
    if (!write || store->ops->begin(store, rig_in_ms(2000), &rig_error) != STORE_OK) return told;
    struct store_record record = {TABLE_APPOINTMENTS, 8, "\0\0\0\0\0\0\0\7", NULL, 0};
    for (int i = 0; i < 3; i++) {
        told =
            is_told(store->ops->append(store, store->ops->tip(store) + 1, "frame", 5, rig_in_ms(5000), &rig_error)) ||
            told;
        told = is_told(store->ops->checkpoint(store, 40, &record, 1, &rig_error)) || told;
        record.value = "value";
        record.value_size = 5;
    }
    told = is_told(store->ops->trim(store, 30, &rig_error)) || told;
    store->ops->end(store);
    return told;
}

static int look_at(void *context)
{
    struct look *look = context;
    uint64_t problems = 0;
    char report[sizeof look->report];
    bool told = is_told(store_verify_directory(look->path, report, sizeof report, &problems, &rig_error));
    CHILD_TRUE(told || (problems > 0) == (report[0] != '\0'));
    told = told || problems > 0;
    struct store_options options = {.create = false};
    struct store *store;
    if (is_told(store_open_directory(look->path, &options, &store, &rig_error))) return TOLD;
    told = use_store(store, look->write) || told;
    CHILD_OK(store->ops->close(store, rig_in_ms(2000)));
    return told ? TOLD : SOUND;
}

static int look(const char *path, bool write)
{
    struct look look = {.write = write};
    support_format(look.path, sizeof look.path, "%s", path);
    return rig_wait(rig_fork(look_at, &look));
}

/* verify's answer, in this process: for damage of which it is known that it is found without a crash. */
static uint64_t verify(const char *path, char *report, size_t capacity)
{
    uint64_t problems = 0;
    rig_error.message[0] = '\0';
    enum store_status status = store_verify_directory(path, report, capacity, &problems, &rig_error);
    cr_assert(status == STORE_OK, "verify: %s: %s", rig_name(status), rig_error.message);
    return problems;
}

/* ---- known damage ---- */

Test(storage_damage, a_sound_store_has_no_problems)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    char report[1000];
    cr_assert_eq(verify(path, report, sizeof report), 0, "%s", report);
    cr_assert_eq(look(path, true), SOUND);
    cr_assert_eq(verify(path, report, sizeof report), 0, "%s", report);
    support_remove(path);
}

/* Pages of the newest state, as the checker itself reaches them: not free ones, whose content nobody reads. */
static bool is_in_use(const char *path, uint64_t number)
{
    int fd = open_data(path);
    unsigned char saved[PAGE];
    unsigned char zeros[PAGE] = {0};
    read_page(fd, number, saved);
    write_page(fd, number, zeros);
    char report[4000];
    bool used = verify(path, report, sizeof report) > 0;
    write_page(fd, number, saved);
    close(fd);
    return used;
}

Test(storage_damage, a_zeroed_page_is_named, .timeout = 60)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    int fd = open_data(path);
    uint64_t pages = count_pages(fd);
    uint64_t used = 0;
    for (uint64_t number = 2; number < pages; number += 3) {
        unsigned char saved[PAGE];
        unsigned char zeros[PAGE] = {0};
        read_page(fd, number, saved);
        write_page(fd, number, zeros);
        char report[8000];
        char name[64];
        support_format(name, sizeof name, "page %lu, ", (unsigned long)number);
        if (verify(path, report, sizeof report) > 0) {
            used++;
            /* The pages behind the first of a far value have no header: their bytes are the value's. */
            cr_assert(strstr(report, name) != NULL, "%sis zeroed, and the report is\n%s", name, report);
        }
        write_page(fd, number, saved);
    }
    cr_assert_gt(used, pages / 10, "only %lu of %lu pages are in use", (unsigned long)used, (unsigned long)pages);
    close(fd);
    support_remove(path);
}

Test(storage_damage, swapped_pages_are_both_named, .timeout = 60)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    int fd = open_data(path);
    uint64_t pages = count_pages(fd);
    uint64_t swaps = 0;
    struct support_random random = support_random_from(5);
    for (int i = 0; i < 40 && swaps < 12; i++) {
        uint64_t one = 2 + support_below(&random, pages - 2);
        uint64_t other = 2 + support_below(&random, pages - 2);
        if (one == other || !is_in_use(path, one) || !is_in_use(path, other)) continue;
        unsigned char a[PAGE];
        unsigned char b[PAGE];
        read_page(fd, one, a);
        read_page(fd, other, b);
        write_page(fd, one, b);
        write_page(fd, other, a);
        char report[8000];
        char names[2][64];
        support_format(names[0], sizeof names[0], "page %lu, ", (unsigned long)one);
        support_format(names[1], sizeof names[1], "page %lu, ", (unsigned long)other);
        cr_assert_geq(verify(path, report, sizeof report), 1);
        /* Behind a damaged page nothing is followed, so one of two that hang together may be out of sight. */
        cr_assert(strstr(report, names[0]) != NULL || strstr(report, names[1]) != NULL, "%sand %sare swapped:\n%s",
                  names[0], names[1], report);
        int found = look(path, false);
        cr_assert(found == TOLD, "pages %lu and %lu are swapped: %d", (unsigned long)one, (unsigned long)other, found);
        write_page(fd, one, a);
        write_page(fd, other, b);
        swaps++;
    }
    cr_assert_geq(swaps, 5);
    close(fd);
    support_remove(path);
}

Test(storage_damage, a_file_that_was_cut_short_is_refused, .timeout = 60)
{
    char path[SUPPORT_PATH];
    char whole[SUPPORT_PATH];
    char data[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    data_path(path, data);
    support_format(whole, sizeof whole, "%s.whole", path);
    support_copy(data, whole);
    int fd = open_data(path);
    uint64_t size = count_pages(fd) * PAGE;
    close(fd);
    for (uint64_t cut = 0; cut < size; cut += 1 + size / 23) {
        support_copy(whole, data);
        cr_assert_eq(truncate(data, (off_t)cut), 0);
        int found = look(path, true);
        cr_assert_eq(found, TOLD, "cut to %lu of %lu bytes: %d", (unsigned long)cut, (unsigned long)size, found);
    }
    support_copy(whole, data);
    cr_assert_eq(look(path, true), SOUND);
    support_remove(whole);
    support_remove(path);
}

Test(storage_damage, a_damaged_meta_page_is_named)
{
    char path[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    int fd = open_data(path);
    for (uint64_t slot = 0; slot < 2; slot++) {
        unsigned char saved[PAGE];
        unsigned char page[PAGE];
        read_page(fd, slot, saved);
        static const size_t places[] = {0, 10, 16, 20, 40, 46, 80, 94, 128, 136, 144};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            memcpy(page, saved, sizeof page);
            for (size_t b = 0; b < 4; b++) page[places[i] + b] = 0xA5;
            write_page(fd, slot, page);
            int found = look(path, false);
            cr_assert(found == TOLD || found == SOUND, "page %lu, byte %zu: %d", (unsigned long)slot, places[i], found);
            char report[4000];
            struct store_options options = {.create = false};
            struct store *store;
            enum store_status status = store_open_directory(path, &options, &store, &rig_error);
            if (status == STORE_OK)
                rig_shut(store);
            else if (status == STORE_CORRUPT)
                cr_assert_geq(verify(path, report, sizeof report), 1, "page %lu, byte %zu: %s", (unsigned long)slot,
                              places[i], rig_error.message);
        }
        write_page(fd, slot, saved);
    }
    close(fd);
    cr_assert_eq(look(path, true), SOUND);
    support_remove(path);
}

/* ---- any damage ---- */

static void damage(int fd, struct support_random *random, char *words, size_t capacity)
{
    uint64_t pages = count_pages(fd);
    uint64_t number = support_below(random, pages);
    unsigned char page[PAGE];
    read_page(fd, number, page);
    size_t at = support_below(random, support_chance(random, 60) ? 100 : PAGE);
    switch (support_below(random, 4)) {
    case 0:
        page[at] ^= (unsigned char)(1 << support_below(random, 8));
        support_format(words, capacity, "page %lu: a bit of byte %zu", (unsigned long)number, at);
        break;
    case 1:
        for (size_t i = at; i < at + 16 && i < PAGE; i++) page[i] = (unsigned char)support_next(random);
        support_format(words, capacity, "page %lu: 16 random bytes at %zu", (unsigned long)number, at);
        break;
    case 2:
        for (size_t i = 0; i < PAGE; i++) page[i] = (unsigned char)support_next(random);
        support_format(words, capacity, "page %lu: random", (unsigned long)number);
        break;
    default: {
        uint64_t from = support_below(random, pages);
        read_page(fd, from, page);
        if (support_chance(random, 50)) memcpy(page, &number, sizeof number); /* a forged header */
        support_format(words, capacity, "page %lu: a copy of page %lu", (unsigned long)number, (unsigned long)from);
        break;
    }
    }
    write_page(fd, number, page);
}

Test(storage_damage, no_damage_crashes_or_hangs, .timeout = 600)
{
    char path[SUPPORT_PATH];
    char whole[SUPPORT_PATH];
    char data[SUPPORT_PATH];
    support_make_directory(path);
    make_store(path);
    data_path(path, data);
    support_format(whole, sizeof whole, "%s.whole", path);
    support_copy(data, whole);
    uint64_t first = support_setting("FIGARO_SEED", 1);
    uint64_t count = getenv("FIGARO_SEED") != NULL ? 1 : support_setting("FIGARO_DAMAGES", 300);
    unsigned told = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct support_random random = support_random_from(seed);
        char words[3][100] = {"", "", ""};
        int fd = open_data(path);
        for (size_t i = 0; i <= support_below(&random, 3); i++) damage(fd, &random, words[i], sizeof words[i]);
        close(fd);
        int found = look(path, true);
        cr_assert(found == SOUND || found == TOLD, "FIGARO_SEED=%lu: %d after damage to %s; %s; %s",
                  (unsigned long)seed, found, words[0], words[1], words[2]);
        if (found == TOLD) told++;
        support_copy(whole, data);
    }
    cr_assert(count < 100 || told > count / 10, "only %u of %lu damages were told", told, (unsigned long)count);
    support_remove(whole);
    support_remove(path);
}
