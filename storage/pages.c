/* LMDB's data file, read without trusting a byte of it.
 *
 * LMDB believes its file: a damaged page makes it fail an assertion, or follow an offset out of the map. So LMDB only
 * writes and holds snapshots still, and all that is read goes through here, with pread, into pages that are looked over
 * once before anything in them is used. Damage then is STORE_CORRUPT with the page's number, and a bad sector STORE_IO,
 * where the map would raise SIGBUS. (While LMDB writes it does read through its map; lmdb.c has the pages it will meet
 * looked over first.)
 *
 * The format is that of LMDB 0.9 (data version 1, which is checked), in the host's byte order, 64-bit:
 *
 *   meta page 0, 1   16 header: own number u64, 2 unused, flags u16 = 0x08, 4 unused
 *                    magic u32 = 0xBEEFC0DE, version u32 = 1, address u64, map size u64,
 *                    tree record of the free pages (its first u32 is the page size), tree record of the main tree,
 *                    last page u64, transaction u64. The state with the larger transaction counts; transaction N is
 *                    written to page N % 2.
 *   tree record      48: unused u32, flags u16, depth u16, branch, leaf and overflow pages u64 each, entries u64,
 *                    root u64 (all ones: empty)
 *   branch, leaf     16 header: own number u64, 2 unused, flags u16 (0x01 branch, 0x02 leaf), lower u16, upper u16.
 *                    From 16 to lower: offsets u16 of the nodes in key order. From upper to the end of the page: the
 *                    nodes, packed, each at an even offset.
 *   node             low u16, high u16, flags u16, key size u16, key, value. Leaf: low and high are the value's size;
 *                    flags 0x01: the value is the u64 number of an overflow page; 0x02: it is a tree record.
 *                    Branch: low, high and flags are the child's number; the key is the least in that child, and
 *                    counts for nothing in node 0.
 *   overflow pages   16 header on the first: own number u64, 2 unused, flags u16 = 0x04, pages u32; then the value, on
 *                    into the pages behind.
 *
 * Costs: a page is read once (about half a microsecond from the page cache) and looked over once (a few nanoseconds a
 * node). Long walks read runs of neighbouring leaves together.
 *
 * A file that other processes write must be held still by a snapshot meanwhile, or its pages may be used again. */
#include "storage/pages.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(size_t) == 8, "LMDB's file differs where words are smaller");

enum {
    HEADER = 16,
    AT_FLAGS = 10,
    AT_LOWER = 12,
    AT_UPPER = 14,
    AT_MAGIC = 16,
    AT_VERSION = 20,
    AT_FREE_TREE = 40,
    AT_MAIN_TREE = 88,
    AT_LAST_PAGE = 136,
    AT_TRANSACTION = 144,
    META_END = 152,

    NODE_HEADER = 8,
    KEY_MOST = 511,

    FLAG_BRANCH = 0x01,
    FLAG_LEAF = 0x02,
    FLAG_OVERFLOW = 0x04,
    FLAG_META = 0x08,
    NODE_FAR = 0x01,
    NODE_TREE = 0x02,

    TREE_OF_NUMBERS = 0x08, /* the free pages' */
    DATA_VERSION = 1,
    AHEAD_PAGES = 64 /* that one pread takes at most */
};
#define LMDB_MAGIC 0xBEEFC0DEu

static uint16_t get16(const unsigned char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t get32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* ---- reading ---- */

static ssize_t read_fully(int fd, void *to, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

enum store_status pages_read(const struct pages *pages, uint64_t page, uint32_t count, void *to,
                             struct store_error *error)
{
    size_t size = (size_t)count * pages->page_size;
    if (page > (uint64_t)INT64_MAX / pages->page_size - count)
        return store_fail(error, STORE_CORRUPT, "%s/data.mdb: there can be no page %llu: run verify", pages->shown,
                          (unsigned long long)page);
    ssize_t got = read_fully(pages->fd, to, size, page * pages->page_size);
    if (got < 0)
        return store_fail(error, STORE_IO, "%s/data.mdb: page %llu cannot be read: %s: look at the kernel's log",
                          pages->shown, (unsigned long long)page, strerror(errno));
    if ((size_t)got == size) return STORE_OK;
    return store_fail(error, STORE_CORRUPT,
                      "%s/data.mdb: page %llu lies behind the end of the file, which was cut short: restore a backup",
                      pages->shown, (unsigned long long)page);
}

/* ---- meta pages ---- */

static struct page_tree decode_tree(const unsigned char *at, const char *name)
{
    return (struct page_tree){.name = name,
                              .flags = get16(at + 4),
                              .depth = get16(at + 6),
                              .branch_pages = get64(at + 8),
                              .leaf_pages = get64(at + 16),
                              .overflow_pages = get64(at + 24),
                              .entries = get64(at + 32),
                              .root = get64(at + 40)};
}

bool page_tree_decode(struct bytes record, const char *name, struct page_tree *tree)
{
    if (record.size != PAGES_TREE_BYTES) return false;
    struct page_tree decoded = decode_tree(record.at, name);
    if (decoded.flags != 0) return false;
    *tree = decoded;
    return true;
}

static bool tree_makes_sense(const struct page_tree *tree, uint64_t last_page)
{
    if (tree->root == PAGES_NO_ROOT) return tree->entries == 0;
    return tree->root >= PAGES_FIRST && tree->root <= last_page && tree->depth >= 1 && tree->depth <= PAGE_DEPTH_MOST;
}

static bool is_page_size(uint32_t size) { return size >= PAGE_LEAST && size <= PAGE_MOST && (size & (size - 1)) == 0; }

static bool looks_like_meta(const unsigned char *page) { return get32(page + AT_MAGIC) == LMDB_MAGIC; }

static enum store_status state_fails(const char *shown, uint32_t slot, const char *what, struct store_error *error)
{
    return store_fail(error, STORE_CORRUPT, "%s/data.mdb: page %u, meta: %s: run verify, then restore a backup", shown,
                      slot, what);
}

/* What LMDB needs of both meta pages, and any meta page has. */
static enum store_status decode_meta(const unsigned char *page, const char *shown, uint32_t slot,
                                     struct page_state *state, struct store_error *error)
{
    if (!looks_like_meta(page))
        return store_fail(error, STORE_NOT_STORE,
                          "%s/data.mdb: page %u does not begin as LMDB's do (found %08x, not %08x): it is something "
                          "else, or damaged: restore a backup",
                          shown, slot, get32(page + AT_MAGIC), LMDB_MAGIC);
    if (get32(page + AT_VERSION) != DATA_VERSION)
        return store_fail(error, STORE_NOT_STORE,
                          "%s/data.mdb: it is in LMDB's data format %u, and this program reads %d: copy it with the "
                          "tools of that LMDB",
                          shown, get32(page + AT_VERSION), DATA_VERSION);
    if (get64(page) != slot) return state_fails(shown, slot, "it carries another number", error);
    if (get16(page + AT_FLAGS) != FLAG_META) return state_fails(shown, slot, "its kind is not meta", error);
    state->page_size = get32(page + AT_FREE_TREE);
    state->last_page = get64(page + AT_LAST_PAGE);
    state->transaction = get64(page + AT_TRANSACTION);
    state->free = decode_tree(page + AT_FREE_TREE, "free pages");
    state->main = decode_tree(page + AT_MAIN_TREE, "main");
    if (!is_page_size(state->page_size)) return state_fails(shown, slot, "its page size makes no sense", error);
    return STORE_OK;
}

/* What only the newest has: LMDB undoes a meta page that failed by putting the old transaction over the new roots. */
static enum store_status state_makes_sense(const struct page_state *state, const char *shown, uint32_t slot,
                                           struct store_error *error)
{
    if (state->last_page < PAGES_FIRST - 1 || state->last_page >= (uint64_t)INT64_MAX / state->page_size)
        return state_fails(shown, slot, "its last page makes no sense", error);
    if (state->transaction > 0 && state->transaction % 2 != slot)
        return state_fails(shown, slot, "its transaction belongs on the other meta page", error);
    if (state->main.flags != 0 || state->free.flags != TREE_OF_NUMBERS)
        return state_fails(shown, slot, "the flags of a tree are not a store's", error);
    if (!tree_makes_sense(&state->free, state->last_page) || !tree_makes_sense(&state->main, state->last_page))
        return state_fails(shown, slot, "the root of a tree makes no sense", error);
    return STORE_OK;
}

static enum store_status read_head(int fd, const char *shown, uint64_t offset, unsigned char page[META_END],
                                   struct store_error *error)
{
    ssize_t got = read_fully(fd, page, META_END, offset);
    if (got == META_END) return STORE_OK;
    if (got < 0)
        return store_fail(error, STORE_IO, "%s/data.mdb: its first pages cannot be read: %s", shown, strerror(errno));
    return store_fail(error, STORE_NOT_STORE, "%s/data.mdb: it is too short to be a store's: restore a backup", shown);
}

enum store_status pages_find_size(int fd, const char *shown, uint32_t *page_size, struct store_error *error)
{
    unsigned char page[META_END];
    enum store_status status = read_head(fd, shown, 0, page, error);
    if (status != STORE_OK) return status;
    if (looks_like_meta(page) && is_page_size(get32(page + AT_FREE_TREE))) {
        *page_size = get32(page + AT_FREE_TREE);
        return STORE_OK;
    }
    enum store_status first = decode_meta(page, shown, 0, &(struct page_state){0}, error);
    for (uint32_t size = PAGE_LEAST; size <= PAGE_MOST; size *= 2)
        if (read_head(fd, shown, size, page, NULL) == STORE_OK && looks_like_meta(page) &&
            get32(page + AT_FREE_TREE) == size) {
            *page_size = size;
            return STORE_OK;
        }
    return first;
}

enum store_status pages_read_meta(int fd, const char *shown, uint32_t slot, uint32_t page_size,
                                  struct page_state *state, struct store_error *error)
{
    unsigned char page[META_END];
    enum store_status status = read_head(fd, shown, (uint64_t)slot * page_size, page, error);
    if (status == STORE_OK) status = decode_meta(page, shown, slot, state, error);
    if (status == STORE_OK && state->page_size != page_size)
        status = state_fails(shown, slot, "its page size is not that of the other meta page", error);
    return status;
}

enum store_status pages_read_state(int fd, const char *shown, uint32_t slot, uint32_t page_size,
                                   struct page_state *state, struct store_error *error)
{
    enum store_status status = pages_read_meta(fd, shown, slot, page_size, state, error);
    return status == STORE_OK ? state_makes_sense(state, shown, slot, error) : status;
}

bool page_state_fits(const struct page_state *state, uint64_t file_pages)
{
    return state->last_page < file_pages + PAGES_UNWRITTEN;
}

/* LMDB maps as much as the last page says. */
static enum store_status file_is_long_enough(int fd, const char *shown, const struct page_state *state,
                                             struct store_error *error)
{
    struct stat file;
    if (fstat(fd, &file) != 0)
        return store_fail(error, STORE_IO, "%s/data.mdb: it cannot be looked at: %s", shown, strerror(errno));
    uint64_t pages = (uint64_t)file.st_size / state->page_size;
    if (page_state_fits(state, pages)) return STORE_OK;
    return store_fail(error, STORE_CORRUPT,
                      "%s/data.mdb: it should have %llu pages and has %llu: it was cut short: restore a backup", shown,
                      (unsigned long long)state->last_page + 1, (unsigned long long)pages);
}

/* Next to one meta page, another that is none is damage, whatever it looks like. */
enum store_status pages_read_newest(int fd, const char *shown, struct page_state *state, struct store_error *error)
{
    uint32_t page_size;
    enum store_status status = pages_find_size(fd, shown, &page_size, error);
    if (status != STORE_OK) return status;
    struct page_state states[2];
    enum store_status found[2];
    for (uint32_t slot = 0; slot < 2; slot++) {
        found[slot] = pages_read_meta(fd, shown, slot, page_size, &states[slot], error);
        if (found[slot] != STORE_OK) status = found[slot];
    }
    if (status != STORE_OK) return found[0] == found[1] ? status : STORE_CORRUPT;
    uint32_t newest = states[0].transaction < states[1].transaction;
    *state = states[newest];
    status = state_makes_sense(state, shown, newest, error);
    return status == STORE_OK ? file_is_long_enough(fd, shown, state, error) : status;
}

/* ---- branch, leaf and overflow pages ---- */

__attribute__((format(printf, 2, 3))) static bool problem_is(struct page_problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return false;
}

static const char *kind_name(uint16_t flags)
{
    switch (flags) {
    case FLAG_BRANCH: return "branch";
    case FLAG_LEAF: return "leaf";
    case FLAG_OVERFLOW: return "overflow";
    case FLAG_META: return "meta";
    default: return "no";
    }
}

static bool header_is_sound(const unsigned char *page, uint64_t number, uint16_t flags, struct page_problem *problem)
{
    if (get64(page) != number)
        return problem_is(problem, "it carries the number %llu: another page lies here",
                          (unsigned long long)get64(page));
    if (get16(page + AT_FLAGS) != flags)
        return problem_is(problem, "it is %s page (flags %04x) where a %s page belongs",
                          kind_name(get16(page + AT_FLAGS)), get16(page + AT_FLAGS), kind_name(flags));
    return true;
}

uint32_t page_nodes(const unsigned char *page) { return (get16(page + AT_LOWER) - HEADER) / 2u; }

static const unsigned char *node_at(const unsigned char *page, uint32_t index)
{
    return page + get16(page + HEADER + 2 * index);
}

static uint32_t node_size(const unsigned char *node, enum page_kind kind)
{
    uint32_t size = NODE_HEADER + get16(node + 6);
    if (kind == PAGE_BRANCH) return size;
    uint32_t value = get32(node);
    if (get16(node + 4) & NODE_FAR) return size + 8;
    return value > PAGE_MOST ? UINT32_MAX : size + value;
}

struct page_node page_node(const unsigned char *page, uint32_t index, enum page_kind kind)
{
    const unsigned char *at = node_at(page, index);
    struct page_node node = {.key = {at + NODE_HEADER, get16(at + 6)}};
    const unsigned char *behind = at + NODE_HEADER + node.key.size;
    if (kind == PAGE_BRANCH) {
        node.page = (uint64_t)get32(at) | (uint64_t)get16(at + 4) << 32;
        return node;
    }
    uint16_t flags = get16(at + 4);
    node.far = flags & NODE_FAR;
    node.is_tree = flags & NODE_TREE;
    node.value = (struct bytes){node.far ? NULL : behind, get32(at)};
    if (node.far) node.page = get64(behind);
    return node;
}

int page_keys_compare(struct bytes left, struct bytes right, enum key_order order)
{
    if (order == ORDER_BYTES) return bytes_compare(left, right);
    uint64_t a = get64(left.at);
    uint64_t b = get64(right.at);
    return (a > b) - (a < b);
}

static bool node_is_sound(const unsigned char *page, uint32_t size, uint32_t index, enum page_kind kind,
                          enum key_order order, struct page_problem *problem)
{
    uint32_t offset = get16(page + HEADER + 2 * index);
    if (offset < get16(page + AT_UPPER) || offset + NODE_HEADER > size || offset % 2 != 0)
        return problem_is(problem, "node %u lies at %u, outside the page's nodes", index, offset);
    if (node_size(page + offset, kind) > size - offset)
        return problem_is(problem, "node %u runs over the end of the page", index);
    uint32_t key_size = get16(page + offset + 6);
    bool nameless = kind == PAGE_BRANCH && index == 0; /* the first of a branch page needs no key */
    if (key_size > KEY_MOST || (key_size == 0 && !nameless))
        return problem_is(problem, "node %u has a key of %u bytes", index, key_size);
    if (order == ORDER_NATIVE_NUMBERS && key_size != 8 && !nameless)
        return problem_is(problem, "node %u has a key of %u bytes, not a number", index, key_size);
    if (kind == PAGE_LEAF && (get16(page + offset + 4) & ~(NODE_FAR | NODE_TREE)) != 0)
        return problem_is(problem, "node %u has unknown flags %04x", index, get16(page + offset + 4));
    return true;
}

bool page_is_sound(const unsigned char *page, uint32_t size, uint64_t number, enum page_kind kind, enum key_order order,
                   struct page_problem *problem)
{
    if (!header_is_sound(page, number, kind == PAGE_BRANCH ? FLAG_BRANCH : FLAG_LEAF, problem)) return false;
    uint32_t lower = get16(page + AT_LOWER);
    uint32_t upper = get16(page + AT_UPPER);
    if (lower < HEADER || lower % 2 != 0 || lower > upper || upper > size || upper % 2 != 0)
        return problem_is(problem, "its free space from %u to %u makes no sense", lower, upper);
    uint32_t count = page_nodes(page);
    if (count == 0) return problem_is(problem, "it is empty");
    uint32_t packed = 0;
    uint32_t ordered = kind == PAGE_BRANCH ? 2 : 1; /* the first node that has a key before it */
    struct bytes before = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (!node_is_sound(page, size, i, kind, order, problem)) return false;
        const unsigned char *node = node_at(page, i);
        struct bytes key = {node + NODE_HEADER, get16(node + 6)};
        if (i >= ordered && page_keys_compare(before, key, order) >= 0)
            return problem_is(problem, "the keys of nodes %u and %u are out of order", i - 1, i);
        packed += (node_size(node, kind) + 1) / 2 * 2;
        before = key;
    }
    return packed == size - upper || problem_is(problem, "its nodes overlap, or leave holes");
}

bool page_overflow_is_sound(const unsigned char *page, uint32_t size, uint64_t number, size_t value_size,
                            uint64_t *count, struct page_problem *problem)
{
    if (!header_is_sound(page, number, FLAG_OVERFLOW, problem)) return false;
    *count = get32(page + AT_LOWER);
    uint64_t needed = (HEADER + value_size + size - 1) / size;
    if (*count < needed || *count > needed + STORE_FRAME_MAX / size)
        return problem_is(problem, "it counts %llu pages for a value of %zu bytes", (unsigned long long)*count,
                          value_size);
    return true;
}

/* ---- the cursor ---- */

struct level {
    uint64_t number;
    const unsigned char *page;
    uint32_t index;
    uint32_t count;
};

/* Invariant: between calls the cursor is at a sound leaf, at an entry of it, or `at_end`. */
struct page_cursor {
    struct pages pages;
    struct page_tree tree;
    struct level levels[PAGE_DEPTH_MOST];
    unsigned char *branches; /* a page for each level above the leaves */
    unsigned char *leaves;   /* neighbours that were read together */
    uint64_t leaves_first;
    uint32_t leaves_count; /* 0: none */
    uint32_t leaves_room;
    bool at_end;
    unsigned char *far; /* the last value that lay on overflow pages */
    size_t far_room;
};

enum store_status page_cursor_open(const struct pages *pages, const struct page_tree *tree, bool ahead,
                                   struct page_cursor **opened, struct store_error *error)
{
    struct page_cursor *cursor = calloc(1, sizeof *cursor);
    uint32_t branches = tree->depth > 1 && tree->depth <= PAGE_DEPTH_MOST ? tree->depth - 1 : 0;
    if (cursor) {
        cursor->leaves_room = ahead ? AHEAD_PAGES : 1;
        cursor->branches = malloc((size_t)(branches + cursor->leaves_room) * pages->page_size);
    }
    if (!cursor || !cursor->branches) {
        free(cursor);
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to read it", pages->shown);
    }
    cursor->pages = *pages;
    cursor->tree = *tree;
    cursor->leaves = cursor->branches + (size_t)branches * pages->page_size;
    cursor->at_end = true;
    *opened = cursor;
    return STORE_OK;
}

void page_cursor_close(struct page_cursor *cursor)
{
    if (!cursor) return;
    free(cursor->branches);
    free(cursor->far);
    free(cursor);
}

static enum store_status unsound(const struct page_cursor *cursor, uint64_t page, const char *what,
                                 struct store_error *error)
{
    return store_fail(error, STORE_CORRUPT, "%s/data.mdb: page %llu, %s: %s: run verify, then restore a backup",
                      cursor->pages.shown, (unsigned long long)page, cursor->tree.name, what);
}

/* How many of the children from `index` on lie behind each other in the file. */
static uint32_t run_of(const struct level *parent, uint32_t most)
{
    uint64_t first = page_node(parent->page, parent->index, PAGE_BRANCH).page;
    uint32_t run = 1;
    while (run < most && parent->index + run < parent->count &&
           page_node(parent->page, parent->index + run, PAGE_BRANCH).page == first + run)
        run++;
    return run;
}

static enum store_status fetch_leaf(struct page_cursor *cursor, uint32_t depth, uint64_t number,
                                    const unsigned char **page, struct store_error *error)
{
    uint32_t size = cursor->pages.page_size;
    if (number < cursor->leaves_first || number - cursor->leaves_first >= cursor->leaves_count) {
        uint32_t run = depth > 0 ? run_of(&cursor->levels[depth - 1], cursor->leaves_room) : 1;
        cursor->leaves_count = 0;
        enum store_status status = pages_read(&cursor->pages, number, run, cursor->leaves, error);
        if (status != STORE_OK) return status;
        cursor->leaves_first = number;
        cursor->leaves_count = run;
    }
    *page = cursor->leaves + (number - cursor->leaves_first) * size;
    return STORE_OK;
}

/* Reads the page of one level and looks it over. */
static enum store_status fetch(struct page_cursor *cursor, uint32_t depth, uint64_t number, struct store_error *error)
{
    struct level *level = &cursor->levels[depth];
    enum page_kind kind = depth + 1 < cursor->tree.depth ? PAGE_BRANCH : PAGE_LEAF;
    uint32_t size = cursor->pages.page_size;
    enum store_status status;
    if (kind == PAGE_LEAF) {
        status = fetch_leaf(cursor, depth, number, &level->page, error);
    } else {
        unsigned char *to = cursor->branches + (size_t)depth * size;
        status = pages_read(&cursor->pages, number, 1, to, error);
        level->page = to;
    }
    if (status != STORE_OK) return status;
    struct page_problem problem;
    if (!page_is_sound(level->page, size, number, kind, ORDER_BYTES, &problem))
        return unsound(cursor, number, problem.text, error);
    level->number = number;
    level->count = page_nodes(level->page);
    level->index = 0;
    return STORE_OK;
}

/* Index of the first node whose key is not below `key`; the count if there is none. */
static uint32_t lower_bound(const struct level *level, enum page_kind kind, struct bytes key)
{
    uint32_t low = kind == PAGE_BRANCH ? 1 : 0; /* node 0 of a branch page counts as less than all */
    uint32_t high = level->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bytes_compare(page_node(level->page, middle, kind).key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The child in which `key` would be: the last one whose least key is not above it. */
static uint32_t child_for(const struct level *level, struct bytes key)
{
    uint32_t index = lower_bound(level, PAGE_BRANCH, key);
    bool exact = index < level->count && bytes_compare(page_node(level->page, index, PAGE_BRANCH).key, key) == 0;
    return exact ? index : index - 1;
}

enum side { TO_FIRST, TO_LAST, TO_KEY };

static enum store_status descend(struct page_cursor *cursor, uint32_t depth, uint64_t number, enum side side,
                                 struct bytes key, struct store_error *error)
{
    for (;; depth++) {
        enum store_status status = fetch(cursor, depth, number, error);
        if (status != STORE_OK) return status;
        struct level *level = &cursor->levels[depth];
        bool leaf = depth + 1 == cursor->tree.depth;
        if (side == TO_LAST)
            level->index = level->count - 1;
        else if (side == TO_KEY)
            level->index = leaf ? lower_bound(level, PAGE_LEAF, key) : child_for(level, key);
        if (leaf) return STORE_OK;
        number = page_node(level->page, level->index, PAGE_BRANCH).page;
    }
}

static enum store_status to_end(struct page_cursor *cursor)
{
    cursor->at_end = true;
    return STORE_NOT_FOUND;
}

/* From behind the last entry of a leaf to the first of the next leaf. */
static enum store_status next_leaf(struct page_cursor *cursor, struct store_error *error)
{
    for (uint32_t depth = cursor->tree.depth - 1; depth > 0; depth--) {
        struct level *parent = &cursor->levels[depth - 1];
        if (parent->index + 1 >= parent->count) continue;
        parent->index++;
        uint64_t number = page_node(parent->page, parent->index, PAGE_BRANCH).page;
        return descend(cursor, depth, number, TO_FIRST, (struct bytes){NULL, 0}, error);
    }
    return to_end(cursor);
}

static enum store_status start(struct page_cursor *cursor, enum side side, struct bytes key, struct store_error *error)
{
    cursor->at_end = true;
    if (cursor->tree.root == PAGES_NO_ROOT) return STORE_NOT_FOUND;
    if (cursor->tree.depth < 1 || cursor->tree.depth > PAGE_DEPTH_MOST)
        return unsound(cursor, cursor->tree.root, "its tree's depth makes no sense", error);
    enum store_status status = descend(cursor, 0, cursor->tree.root, side, key, error);
    cursor->at_end = status != STORE_OK;
    return status;
}

static struct level *leaf_of(struct page_cursor *cursor) { return &cursor->levels[cursor->tree.depth - 1]; }

enum store_status page_cursor_seek(struct page_cursor *cursor, struct bytes key, struct store_error *error)
{
    enum store_status status = start(cursor, key.size > 0 ? TO_KEY : TO_FIRST, key, error);
    if (status == STORE_OK && leaf_of(cursor)->index == leaf_of(cursor)->count) {
        status = next_leaf(cursor, error);
        cursor->at_end = status != STORE_OK;
    }
    return status;
}

enum store_status page_cursor_last(struct page_cursor *cursor, struct store_error *error)
{
    return start(cursor, TO_LAST, (struct bytes){NULL, 0}, error);
}

enum store_status page_cursor_next(struct page_cursor *cursor, struct store_error *error)
{
    if (cursor->at_end) return STORE_NOT_FOUND;
    struct level *leaf = leaf_of(cursor);
    if (++leaf->index < leaf->count) return STORE_OK;
    enum store_status status = next_leaf(cursor, error);
    cursor->at_end = status != STORE_OK;
    return status;
}

struct bytes page_cursor_key(const struct page_cursor *cursor)
{
    const struct level *leaf = &cursor->levels[cursor->tree.depth - 1];
    return page_node(leaf->page, leaf->index, PAGE_LEAF).key;
}

static bool make_far_room(struct page_cursor *cursor, size_t size)
{
    if (size <= cursor->far_room) return true;
    free(cursor->far);
    cursor->far = malloc(size);
    cursor->far_room = cursor->far ? size : 0;
    return cursor->far != NULL;
}

static enum store_status read_far(struct page_cursor *cursor, const struct page_node *node, struct bytes *value,
                                  struct store_error *error)
{
    uint32_t size = cursor->pages.page_size;
    if (node->value.size > STORE_FRAME_MAX)
        return unsound(cursor, leaf_of(cursor)->number, "a value is larger than any may be", error);
    uint32_t needed = (uint32_t)((HEADER + node->value.size + size - 1) / size);
    if (!make_far_room(cursor, (size_t)needed * size))
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to read it", cursor->pages.shown);
    enum store_status status = pages_read(&cursor->pages, node->page, needed, cursor->far, error);
    if (status != STORE_OK) return status;
    struct page_problem problem;
    uint64_t count;
    if (!page_overflow_is_sound(cursor->far, size, node->page, node->value.size, &count, &problem))
        return unsound(cursor, node->page, problem.text, error);
    *value = (struct bytes){cursor->far + HEADER, node->value.size};
    return STORE_OK;
}

enum store_status page_cursor_value(struct page_cursor *cursor, struct bytes *value, struct store_error *error)
{
    const struct level *leaf = leaf_of(cursor);
    struct page_node node = page_node(leaf->page, leaf->index, PAGE_LEAF);
    if (node.far) return read_far(cursor, &node, value, error);
    *value = node.value;
    return STORE_OK;
}
