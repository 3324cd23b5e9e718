/* LMDB's data file, read without trusting a byte of it: pages.c. */
#ifndef FIG_STORAGE_PAGES_H
#define FIG_STORAGE_PAGES_H

#include "storage/internal.h"

enum {
    PAGE_LEAST = 4096,
    PAGE_MOST = 32768,
    PAGE_DEPTH_MOST = 32,     /* levels of a tree; LMDB's own limit */
    PAGES_FIRST = 2,          /* pages 0 and 1 are the meta pages */
    PAGES_TREE_BYTES = 48,    /* a named tree's record in the main tree */
    PAGES_UNWRITTEN = 1 << 20 /* that a file may lack at its end: taken and given back in one transaction */
};

/* One tree of pages. */
struct page_tree {
    const char *name; /* for messages */
    uint64_t root;    /* PAGES_NO_ROOT: empty */
    uint32_t depth;   /* levels, the leaves' included */
    uint16_t flags;   /* LMDB's; 0 in all of a store's own trees */
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
};
#define PAGES_NO_ROOT UINT64_MAX

/* One committed state: what a meta page says. */
struct page_state {
    uint64_t transaction;
    uint64_t last_page;
    uint32_t page_size;
    struct page_tree free; /* pages that may be used again */
    struct page_tree main; /* names of the other trees */
};

/* An open data file, and whom to name in messages. */
struct pages {
    int fd;
    const char *shown; /* the directory */
    uint32_t page_size;
};

/* What a page is expected to be. */
enum page_kind { PAGE_BRANCH, PAGE_LEAF, PAGE_OVERFLOW };
/* How a tree orders its keys. */
enum key_order { ORDER_BYTES, ORDER_NATIVE_NUMBERS };

struct page_problem {
    char text[160];
};

/* ---- the parts of a page that was found sound ---- */

struct page_node {
    struct bytes key;
    uint64_t page;      /* branch: the child; leaf with `far`: the first overflow page */
    struct bytes value; /* leaf, unless `far`; with `far`, only its size */
    bool far;           /* the value lies on overflow pages */
    bool is_tree;       /* the value is a tree's record */
};

/* Reads a meta page (slot 0 or 1). STORE_NOT_STORE: it is none. Its state need make no sense, unless it is the newest
 * one. */
enum store_status pages_read_meta(int fd, const char *shown, uint32_t slot, uint32_t page_size,
                                  struct page_state *state, struct store_error *error);
/* Reads one whose state has to make sense; STORE_CORRUPT if it does not. */
enum store_status pages_read_state(int fd, const char *shown, uint32_t slot, uint32_t page_size,
                                   struct page_state *state, struct store_error *error);
/* The newer of the two states. Both pages have to be meta pages, or LMDB would not open the file. */
enum store_status pages_read_newest(int fd, const char *shown, struct page_state *state, struct store_error *error);
bool page_state_fits(const struct page_state *state, uint64_t file_pages);
/* The page size, told by whichever meta page makes sense. */
enum store_status pages_find_size(int fd, const char *shown, uint32_t *page_size, struct store_error *error);

enum store_status pages_read(const struct pages *pages, uint64_t page, uint32_t count, void *to,
                             struct store_error *error);
bool page_is_sound(const unsigned char *page, uint32_t size, uint64_t number, enum page_kind kind, enum key_order order,
                   struct page_problem *problem);
/* Whether the first of the pages of a far value is one, and has room for `value_size` bytes; *count: how
 * many. */
bool page_overflow_is_sound(const unsigned char *page, uint32_t size, uint64_t number, size_t value_size,
                            uint64_t *count, struct page_problem *problem);
uint32_t page_nodes(const unsigned char *page);
struct page_node page_node(const unsigned char *page, uint32_t index, enum page_kind kind);
/* False for what is no record of a tree without flags. */
bool page_tree_decode(struct bytes record, const char *name, struct page_tree *tree);
int page_keys_compare(struct bytes left, struct bytes right, enum key_order order);

/* ---- a walk over one tree in key order ---- */

struct page_cursor;

/* With `ahead`, reads neighbouring leaves together: for long walks. */
enum store_status page_cursor_open(const struct pages *pages, const struct page_tree *tree, bool ahead,
                                   struct page_cursor **cursor, struct store_error *error);
void page_cursor_close(struct page_cursor *cursor);
/* To the first entry whose key is not below `key`, to the last, to the next. STORE_NOT_FOUND: there is none.
 */
enum store_status page_cursor_seek(struct page_cursor *cursor, struct bytes key, struct store_error *error);
enum store_status page_cursor_last(struct page_cursor *cursor, struct store_error *error);
enum store_status page_cursor_next(struct page_cursor *cursor, struct store_error *error);
/* Of the entry the cursor is at; good until it moves. */
struct bytes page_cursor_key(const struct page_cursor *cursor);
enum store_status page_cursor_value(struct page_cursor *cursor, struct bytes *value, struct store_error *error);

/* ---- the whole file ---- */

struct page_report {
    char *text; /* a line for each problem, as far as there is room; NULL with capacity 0 */
    size_t capacity;
    size_t size;
    uint64_t problems;
};

/* Follows every link of one state: with `leaves`, reads every page; without, all but the leaves (one page in
 * a hundred), which is what LMDB relies on before it writes. */
enum store_status pages_check(const struct pages *pages, const struct page_state *state, bool leaves,
                              struct page_report *report, struct store_error *error);
/* The same for a file that may not even have a state: STORE_NOT_STORE when it is nothing of LMDB's. */
enum store_status pages_report(int fd, const char *shown, struct page_report *report, struct store_error *error);
__attribute__((format(printf, 4, 5))) void page_report_add(struct page_report *report, uint64_t page, const char *tree,
                                                           const char *format, ...);

#endif
