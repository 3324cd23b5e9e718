/* The LMDB environment of one directory: lmdb.c, which alone knows LMDB. Every call may be made by any
 * thread; those that write, in the writers' turn only. */
#ifndef FIG_STORAGE_ENVIRONMENT_H
#define FIG_STORAGE_ENVIRONMENT_H

#include "storage/gate.h"
#include "storage/meta.h"
#include "storage/pages.h"

struct environment;

struct environment_options {
    const char *path;  /* how LMDB gets to the directory */
    const char *shown; /* how messages name it */
    bool read_only;    /* the file cannot be written, or shall not be */
    uint64_t bound;    /* bytes that the map may grow to; 0: 1 TiB */
    struct gate *gate; /* learns what is in doubt and where the tip is */
};

/* Puts an empty store's data file, which begins with this frame, into a directory that has none. */
enum store_status environment_make(const struct environment_options *options, uint64_t first_frame,
                                   struct store_error *error);
enum store_status environment_open(const struct environment_options *options, struct environment **environment,
                                   struct store_error *error);
/* Waits for those inside; STORE_TIMEOUT: not closed. */
enum store_status environment_close(struct environment *environment, int64_t deadline_ns);
void environment_raise_bound(struct environment *environment, uint64_t bound);
bool environment_is_read_only(const struct environment *environment);

/* ---- reading ---- */

/* One committed state, held still: LMDB uses none of its pages again before snapshot_end(). */
struct snapshot {
    void *transaction; /* LMDB's */
    struct pages pages;
    struct page_state state;
    struct page_tree trees[TREE_COUNT];
};

/* Waits for nobody but a map that has to grow, or an environment that has to be opened again. */
enum store_status snapshot_begin(struct environment *environment, int64_t deadline_ns, struct snapshot *snapshot,
                                 struct store_error *error);
/* The deadline of calls that have none. */
#define READ_PATIENCE (store_now_ns() + INT64_C(30000000000))
void snapshot_end(struct environment *environment, struct snapshot *snapshot);
/* Damage anywhere in the tables would become worse by writing into it, so a checkpoint has them all walked
 * once. This says that part of parts was. */
void environment_note_walk(struct environment *environment, uint32_t part, uint32_t parts);

/* reading.c: what the port reads, with no LMDB in it. */
struct ends {
    struct meta meta;
    uint64_t first; /* oldest frame that is kept; tip + 1 when none is */
    uint64_t tip;
};
enum store_status snapshot_trees(struct snapshot *snapshot, struct store_error *error);
enum store_status snapshot_meta(const struct snapshot *snapshot, struct meta *meta, struct store_error *error);
enum store_status snapshot_ends(const struct snapshot *snapshot, struct ends *ends, struct store_error *error);
enum store_status snapshot_check(const struct snapshot *snapshot, bool leaves, struct store_error *error);

enum store_status environment_ends(struct environment *environment, int64_t deadline_ns, struct ends *ends,
                                   struct store_error *error);
enum store_status environment_facts(struct environment *environment, struct store_facts *facts,
                                    struct store_error *error);
enum store_status environment_load(struct environment *environment, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                   const struct record_sink *sink, struct store_error *error);
enum store_status environment_since(struct environment *environment, uint64_t after, const struct frame_sink *sink,
                                    struct store_error *error);
enum store_status environment_read(struct environment *environment, uint32_t table, struct bytes key,
                                   const struct record_sink *sink, struct store_error *error);
/* The same of one snapshot, wherever it comes from. */
enum store_status snapshot_facts(const struct snapshot *snapshot, struct store_facts *facts, struct store_error *error);
enum store_status snapshot_load(const struct snapshot *snapshot, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                const struct record_sink *sink, struct store_error *error);
enum store_status snapshot_read(const struct snapshot *snapshot, uint32_t table, struct bytes key,
                                const struct record_sink *sink, struct store_error *error);
/* Frames from the first one behind `after` that is there, as far as they follow each other and can be read. */
enum store_status snapshot_frames(const struct snapshot *snapshot, uint64_t after, const struct frame_sink *sink,
                                  struct store_error *error);
/* *size: of frame `number`; *same: whether it has exactly these bytes. STORE_NOT_FOUND. */
enum store_status environment_compare_frame(struct environment *environment, uint64_t number, struct bytes frame,
                                            size_t *size, bool *same, struct store_error *error);
/* Looks over at least the leaves that hold the first `count` frames, and those behind them. */
enum store_status environment_walk_frames(struct environment *environment, size_t count, struct store_error *error);
/* Every page, for verify. */
enum store_status environment_report(struct environment *environment, struct page_report *report,
                                     struct store_error *error);
/* Into an open, empty file. A damaged store is not copied. */
enum store_status environment_copy(struct environment *environment, int fd, struct store_error *error);

/* ---- writing, in one's turn ---- */

/* After the last owner died or left a doubt: what is visible becomes durable, and the gate's tip the truth.
 */
enum store_status environment_repair(struct environment *environment, int64_t deadline_ns, struct store_error *error);
enum store_status environment_append(struct environment *environment, uint64_t expect, struct bytes frame,
                                     int64_t deadline_ns, struct store_error *error);
enum store_status environment_checkpoint(struct environment *environment, uint64_t at,
                                         const struct store_record *records, size_t count, struct store_error *error);
enum store_status environment_rewrite(struct environment *environment, uint64_t number, struct bytes frame,
                                      struct store_error *error);
/* Drops at most `limit` frames with number < before; *more: there are others. */
enum store_status environment_trim(struct environment *environment, uint64_t before, size_t limit, bool *more,
                                   struct store_error *error);

#endif
