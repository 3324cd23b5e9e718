/* The whole data file, every link of one state followed: what `verify` and every open rest on.
 *
 * Each page is reached once, or is on the list of free pages; it is what its parent says, and holds keys between those
 * on either side of it in the parent. The counts in a tree's record are what was counted. The named trees are the ones
 * this program makes, the journal has no hole, keys are as short as they have to be, and the tables' frame is one of
 * the journal's.
 *
 * With `leaves` every page is read. Without, leaves are only counted and marked: that costs about one page in a
 * hundred, and proves what LMDB relies on when it writes: that no page it thinks free is in use, and that no link leads
 * out of the file.
 *
 * A damaged page is reported and its links are not followed, so one flaw is one line, as far as can be told. Recursion
 * is bounded by the depth of a tree, 32. Memory: a bit for each page of the file, and a page for each level. */
#include "storage/meta.h"
#include "storage/pages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct check;
/* Looks at one entry of a leaf that was found sound. */
typedef void entry_check(struct check *check, uint64_t page, const struct page_node *node);

struct check {
    struct pages pages;
    const struct page_state *state;
    bool leaves;
    struct page_report *report;

    unsigned char *reached; /* a bit for each page */
    uint64_t file_pages;    /* whole pages that the file has */

    /* the tree that is being walked */
    const struct page_tree *tree;
    enum key_order order;
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
    bool complete; /* nothing was left out, so the counts can be compared */
    unsigned char *levels[PAGE_DEPTH_MOST];

    /* what is looked for in it */
    entry_check *entry;
    struct page_tree named[TREE_COUNT];
    uint64_t first_frame; /* 0: none yet */
    uint64_t last_frame;
    bool whole_journal; /* nothing of it was left out */
    struct meta record;
    bool has_record;
};

/* ---- the report ---- */

void page_report_add(struct page_report *report, uint64_t page, const char *tree, const char *format, ...)
{
    report->problems++;
    char line[320];
    int head = snprintf(line, sizeof line, "page %llu, %s: ", (unsigned long long)page, tree);
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + head, sizeof line - (size_t)head, format, arguments);
    va_end(arguments);
    size_t length = (size_t)head + (size_t)body;
    if (length > sizeof line - 2) length = sizeof line - 2;
    line[length++] = '\n';
    if (report->capacity < report->size + length + 1) return;
    memcpy(report->text + report->size, line, length);
    report->size += length;
    report->text[report->size] = '\0';
}

/* ---- pages that were reached ---- */

static bool is_reached(const struct check *check, uint64_t page) { return check->reached[page / 8] >> (page % 8) & 1; }

/* Marks a page; false, and a line, if it cannot be one of this tree's. */
static bool reach(struct check *check, uint64_t page, uint64_t from)
{
    const char *tree = check->tree->name;
    if (page < PAGES_FIRST || page > check->state->last_page)
        page_report_add(check->report, from, tree, "it leads to page %llu, which there is not (the last is %llu)",
                        (unsigned long long)page, (unsigned long long)check->state->last_page);
    else if (page >= check->file_pages)
        page_report_add(check->report, from, tree,
                        "it leads to page %llu, behind the end of the file, which was cut short",
                        (unsigned long long)page);
    else if (is_reached(check, page))
        page_report_add(check->report, from, tree, "it leads to page %llu, which is in use elsewhere, or free",
                        (unsigned long long)page);
    else {
        check->reached[page / 8] |= (unsigned char)(1u << page % 8);
        return true;
    }
    check->complete = false;
    return false;
}

/* ---- one tree ---- */

/* Keys of a page lie in [low, high); an end without bytes is open. */
struct bounds {
    struct bytes low;
    struct bytes high;
};

static bool within(const struct check *check, const struct bounds *bounds, struct bytes key)
{
    return (bounds->low.size == 0 || page_keys_compare(bounds->low, key, check->order) <= 0) &&
           (bounds->high.size == 0 || page_keys_compare(key, bounds->high, check->order) < 0);
}

static void check_overflow(struct check *check, uint64_t leaf, const struct page_node *node)
{
    unsigned char header[PAGE_MOST];
    if (!reach(check, node->page, leaf)) return;
    if (pages_read(&check->pages, node->page, 1, header, NULL) != STORE_OK) {
        page_report_add(check->report, node->page, check->tree->name, "it cannot be read");
        check->complete = false;
        return;
    }
    struct page_problem problem;
    uint64_t count;
    if (!page_overflow_is_sound(header, check->pages.page_size, node->page, node->value.size, &count, &problem)) {
        page_report_add(check->report, node->page, check->tree->name, "%s", problem.text);
        check->complete = false;
        return;
    }
    check->overflow_pages += count;
    for (uint64_t i = 1; i < count; i++)
        if (!reach(check, node->page + i, node->page)) return;
}

static void check_leaf(struct check *check, uint64_t number, const unsigned char *page, const struct bounds *bounds)
{
    uint32_t count = page_nodes(page);
    check->entries += count;
    for (uint32_t i = 0; i < count; i++) {
        struct page_node node = page_node(page, i, PAGE_LEAF);
        if (!within(check, bounds, node.key)) {
            page_report_add(check->report, number, check->tree->name,
                            "the key of node %u does not belong here: an older page, or another's, lies here", i);
            check->complete = false;
            return;
        }
        if (node.far) check_overflow(check, number, &node);
        if (check->entry) check->entry(check, number, &node);
    }
}

static void check_page(struct check *check, uint64_t number, uint32_t depth, const struct bounds *bounds);

static void check_branch(struct check *check, uint64_t number, const unsigned char *page, uint32_t depth,
                         const struct bounds *bounds)
{
    uint32_t count = page_nodes(page);
    for (uint32_t i = 0; i < count; i++) {
        struct page_node node = page_node(page, i, PAGE_BRANCH);
        struct bounds inner = {.low = i > 0 ? node.key : bounds->low,
                               .high = i + 1 < count ? page_node(page, i + 1, PAGE_BRANCH).key : bounds->high};
        if (i > 0 && !within(check, bounds, node.key)) {
            page_report_add(check->report, number, check->tree->name, "the key of node %u does not belong here", i);
            check->complete = false;
            return;
        }
        if (reach(check, node.page, number)) check_page(check, node.page, depth + 1, &inner);
    }
}

static void check_page(struct check *check, uint64_t number, uint32_t depth, const struct bounds *bounds)
{
    enum page_kind kind = depth + 1 < check->tree->depth ? PAGE_BRANCH : PAGE_LEAF;
    uint64_t *counted = kind == PAGE_BRANCH ? &check->branch_pages : &check->leaf_pages;
    ++*counted;
    if (kind == PAGE_LEAF && !check->leaves && !check->entry) return;

    unsigned char *page = check->levels[depth];
    struct page_problem problem;
    if (pages_read(&check->pages, number, 1, page, NULL) != STORE_OK)
        page_report_add(check->report, number, check->tree->name, "it cannot be read");
    else if (!page_is_sound(page, check->pages.page_size, number, kind, check->order, &problem))
        page_report_add(check->report, number, check->tree->name, "%s", problem.text);
    else {
        if (kind == PAGE_BRANCH)
            check_branch(check, number, page, depth, bounds);
        else
            check_leaf(check, number, page, bounds);
        return;
    }
    check->complete = false;
}

static void compare(const struct check *check, const char *what, uint64_t counted, uint64_t recorded)
{
    if (counted != recorded)
        page_report_add(check->report, check->tree->root, check->tree->name, "it has %llu %s where %llu are recorded",
                        (unsigned long long)counted, what, (unsigned long long)recorded);
}

static void check_tree(struct check *check, const struct page_tree *tree, enum key_order order, entry_check *entry)
{
    check->tree = tree;
    check->order = order;
    check->entry = entry;
    check->branch_pages = check->leaf_pages = check->overflow_pages = check->entries = 0;
    check->complete = true;
    if (tree->root != PAGES_NO_ROOT) {
        static const struct bounds open;
        if (tree->depth < 1 || tree->depth > PAGE_DEPTH_MOST)
            page_report_add(check->report, tree->root, tree->name, "a depth of %u levels makes no sense", tree->depth);
        else if (reach(check, tree->root, tree->root))
            check_page(check, tree->root, 0, &open);
        if (tree->depth < 1 || tree->depth > PAGE_DEPTH_MOST) return;
    }
    if (!check->complete) return;
    compare(check, "branch pages", check->branch_pages, tree->branch_pages);
    compare(check, "leaf pages", check->leaf_pages, tree->leaf_pages);
    if (!check->leaves && !entry) return;
    compare(check, "overflow pages", check->overflow_pages, tree->overflow_pages);
    compare(check, "entries", check->entries, tree->entries);
}

/* ---- the trees ---- */

/* A record of the free pages: how many, then their numbers, the largest first. */
static void check_free_numbers(struct check *check, uint64_t page, struct bytes value)
{
    const unsigned char *at = value.at;
    uint64_t count = 0;
    if (value.size >= 8) memcpy(&count, at, 8);
    if (value.size < 8 || count > value.size / 8 - 1) {
        page_report_add(check->report, page, check->tree->name, "a list of %llu pages in %zu bytes",
                        (unsigned long long)count, value.size);
        return;
    }
    uint64_t above = UINT64_MAX;
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t number;
        memcpy(&number, at + 8 * i, 8);
        bool exists = number >= PAGES_FIRST && number <= check->state->last_page;
        if (!exists || number >= above || is_reached(check, number)) {
            page_report_add(check->report, page, check->tree->name, "it lists page %llu, which %s",
                            (unsigned long long)number,
                            !exists           ? "there is not"
                            : number >= above ? "is out of order"
                                              : "is in use, or listed twice");
            return;
        }
        above = number;
        check->reached[number / 8] |= (unsigned char)(1u << number % 8);
    }
}

static void check_free_entry(struct check *check, uint64_t page, const struct page_node *node)
{
    if (!node->far) {
        check_free_numbers(check, page, node->value);
        return;
    }
    size_t size = check->pages.page_size;
    uint64_t count = (16 + node->value.size + size - 1) / size;
    unsigned char *pages = node->value.size <= STORE_FRAME_MAX ? malloc(count * size) : NULL;
    if (pages && pages_read(&check->pages, node->page, (uint32_t)count, pages, NULL) == STORE_OK)
        check_free_numbers(check, node->page, (struct bytes){pages + 16, node->value.size});
    else
        page_report_add(check->report, node->page, check->tree->name, "its list of free pages cannot be read");
    free(pages);
}

static void check_main_entry(struct check *check, uint64_t page, const struct page_node *node)
{
    uint32_t tree = tree_of_name(node->key);
    int shown = node->key.size < 40 ? (int)node->key.size : 40;
    if (tree == TREE_COUNT)
        page_report_add(check->report, page, "main", "'%.*s' is no tree of a store", shown, (const char *)node->key.at);
    else if (!node->is_tree || node->far || !page_tree_decode(node->value, tree_name(tree), &check->named[tree]))
        page_report_add(check->report, page, "main", "'%s' is not recorded as a tree of a store", tree_name(tree));
}

static void check_meta_entry(struct check *check, uint64_t page, const struct page_node *node)
{
    struct store_error words = {{0}};
    bool known = bytes_compare(node->key, (struct bytes){META_KEY, META_KEY_SIZE}) == 0;
    if (!known || node->far)
        page_report_add(check->report, page, "meta", "there is a record that is none of a store's");
    else if (meta_read(node->value.at, node->value.size, check->pages.shown, &check->record, &words) != STORE_OK)
        page_report_add(check->report, page, "meta", "%s", words.message);
    else
        check->has_record = true;
}

static void check_journal_entry(struct check *check, uint64_t page, const struct page_node *node)
{
    if (node->key.size != FRAME_KEY_SIZE) {
        page_report_add(check->report, page, "journal", "a key of %zu bytes is no frame's number", node->key.size);
        return;
    }
    uint64_t number = frame_key_number(node->key.at);
    if (check->first_frame == 0)
        check->first_frame = number;
    else if (check->complete && number != check->last_frame + 1)
        page_report_add(check->report, page, "journal", "frame %llu follows frame %llu: those between are missing",
                        (unsigned long long)number, (unsigned long long)check->last_frame);
    check->last_frame = number;
}

static void check_table_entry(struct check *check, uint64_t page, const struct page_node *node)
{
    if (node->key.size > STORE_KEY_MAX || node->is_tree)
        page_report_add(check->report, page, check->tree->name, "a key of %zu bytes is no record's", node->key.size);
}

static void check_record(struct check *check)
{
    if (!check->has_record || !check->whole_journal || check->first_frame == 0) return;
    if (check->record.checkpoint > check->last_frame || check->record.checkpoint + 1 < check->first_frame)
        page_report_add(check->report, 0, "meta", "the tables stand at frame %llu, the journal has %llu to %llu",
                        (unsigned long long)check->record.checkpoint, (unsigned long long)check->first_frame,
                        (unsigned long long)check->last_frame);
}

/* What is looked for in the entries of a named tree; NULL where leaves are not read. */
static entry_check *entry_check_of(const struct check *check, uint32_t tree)
{
    if (tree == TREE_META) return check_meta_entry;
    if (!check->leaves) return NULL;
    return tree == TREE_JOURNAL ? check_journal_entry : check_table_entry;
}

static void check_named(struct check *check)
{
    bool all_names = check->complete; /* of the main tree: one that was not found is missing */
    for (uint32_t tree = 0; tree < TREE_COUNT; tree++) {
        if (check->named[tree].name)
            check_tree(check, &check->named[tree], ORDER_BYTES, entry_check_of(check, tree));
        else if (all_names)
            page_report_add(check->report, check->state->main.root, "main", "'%s' is missing", tree_name(tree));
        if (tree == TREE_META && check->named[tree].name && check->complete && !check->has_record)
            page_report_add(check->report, check->named[tree].root, "meta", "the store's record is missing");
        if (tree == TREE_JOURNAL) check->whole_journal = check->named[tree].name && check->complete;
    }
}

/* The free pages last: one that is in use and on a list of free ones is then told where the list is. */
static void check_trees(struct check *check)
{
    check_tree(check, &check->state->main, ORDER_BYTES, check_main_entry);
    check_named(check);
    check_record(check);
    check_tree(check, &check->state->free, ORDER_NATIVE_NUMBERS, check_free_entry);
}

/* Each page is used or free. Told only of a file without other flaws, whose consequence it may be. */
static void check_lost(struct check *check)
{
    if (!check->leaves || check->report->problems > 0) return;
    uint64_t lost = 0;
    uint64_t first = 0;
    for (uint64_t page = PAGES_FIRST; page <= check->state->last_page; page++) {
        if (is_reached(check, page)) continue;
        if (lost++ == 0) first = page;
    }
    if (lost > 0)
        page_report_add(check->report, first, "free pages", "it and %llu others are in no tree and on no list",
                        (unsigned long long)lost - 1);
}

static bool make_room(struct check *check)
{
    check->reached = calloc(check->state->last_page / 8 + 1, 1);
    unsigned char *levels = malloc((size_t)PAGE_DEPTH_MOST * check->pages.page_size);
    for (size_t i = 0; levels && i < PAGE_DEPTH_MOST; i++) check->levels[i] = levels + i * check->pages.page_size;
    return check->reached && levels;
}

enum store_status pages_check(const struct pages *pages, const struct page_state *state, bool leaves,
                              struct page_report *report, struct store_error *error)
{
    struct check *check = calloc(1, sizeof *check);
    struct stat file;
    enum store_status status = STORE_OK;
    if (!check || fstat(pages->fd, &file) != 0) {
        free(check);
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to check it", pages->shown);
    }
    check->pages = *pages;
    check->state = state;
    check->leaves = leaves;
    check->report = report;
    check->file_pages = (uint64_t)file.st_size / pages->page_size;
    /* A damaged last page must not ask for all memory: the file itself bounds what can be reached. */
    if (!page_state_fits(state, check->file_pages))
        page_report_add(report, state->transaction % 2, "meta", "it counts %llu pages, and the file has %llu",
                        (unsigned long long)state->last_page + 1, (unsigned long long)check->file_pages);
    else if (!make_room(check))
        status = store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to check it", pages->shown);
    else {
        check_trees(check);
        check_lost(check);
    }
    free(check->levels[0]);
    free(check->reached);
    free(check);
    return status;
}

enum store_status pages_report(int fd, const char *shown, struct page_report *report, struct store_error *error)
{
    uint32_t page_size;
    enum store_status status = pages_find_size(fd, shown, &page_size, error);
    if (status != STORE_OK) return status;
    uint32_t newest = 2; /* neither */
    uint64_t transaction = 0;
    struct page_state state;
    struct store_error words;
    for (uint32_t slot = 0; slot < 2; slot++) {
        if (pages_read_meta(fd, shown, slot, page_size, &state, &words) != STORE_OK) {
            page_report_add(report, slot, "meta", "%s", words.message);
        } else if (newest == 2 || state.transaction > transaction) {
            newest = slot;
            transaction = state.transaction;
        }
    }
    if (newest == 2) return STORE_OK;
    if (pages_read_state(fd, shown, newest, page_size, &state, &words) != STORE_OK) {
        page_report_add(report, newest, "meta", "%s", words.message);
        return STORE_OK;
    }
    struct pages pages = {fd, shown, page_size};
    return pages_check(&pages, &state, true, report, error);
}
