/* What the port reads from a snapshot, with no LMDB in it: pages.c reads, this says where.
 *
 * A snapshot names every tree as it stood at one commit, so a call sees one state throughout. Costs: a snapshot and its
 * trees, a few microseconds; a record, a page for each level of its tree; a walk, its pages. since() holds a snapshot
 * for a few megabytes at a time, so that a slow receiver does not keep LMDB from using pages again; everything else for
 * the length of the call. */
#include "storage/environment.h"

#include <string.h>
#include <sys/stat.h>

enum { SINCE_BATCH_BYTES = 8 << 20 }; /* what since() hands over from one snapshot */

/* Ends a snapshot on the way out of a function that has a status to return. */
static enum store_status ended(struct environment *environment, struct snapshot *snapshot, enum store_status status)
{
    snapshot_end(environment, snapshot);
    return status;
}

/* ---- trees ---- */

/* An LMDB file without any of a store's names is someone else's; with some of them it is a damaged store. */
static enum store_status tree_missing(const struct snapshot *snapshot, uint32_t found, struct store_error *error)
{
    const char *shown = snapshot->pages.shown;
    uint32_t missing = 0;
    while (snapshot->trees[missing].name) missing++;
    if (found > 0)
        return store_fail(error, STORE_CORRUPT, "%s/data.mdb: '%s' is missing: run verify, then restore a backup",
                          shown, tree_name(missing));
    return store_fail(error, STORE_NOT_STORE, "%s/data.mdb is an LMDB file, but no store's: name another directory",
                      shown);
}

enum store_status snapshot_trees(struct snapshot *snapshot, struct store_error *error)
{
    struct page_cursor *cursor;
    enum store_status status = page_cursor_open(&snapshot->pages, &snapshot->state.main, false, &cursor, error);
    if (status != STORE_OK) return status;
    uint32_t found = 0;
    status = page_cursor_seek(cursor, (struct bytes){NULL, 0}, error);
    while (status == STORE_OK) {
        struct bytes record;
        uint32_t tree = tree_of_name(page_cursor_key(cursor));
        status = page_cursor_value(cursor, &record, error);
        if (status == STORE_OK && tree < TREE_COUNT &&
            page_tree_decode(record, tree_name(tree), &snapshot->trees[tree]))
            found++;
        if (status == STORE_OK) status = page_cursor_next(cursor, error);
    }
    page_cursor_close(cursor);
    if (status != STORE_NOT_FOUND) return status;
    return found == TREE_COUNT ? STORE_OK : tree_missing(snapshot, found, error);
}

enum store_status snapshot_meta(const struct snapshot *snapshot, struct meta *meta, struct store_error *error)
{
    struct page_cursor *cursor;
    enum store_status status = page_cursor_open(&snapshot->pages, &snapshot->trees[TREE_META], false, &cursor, error);
    if (status != STORE_OK) return status;
    struct bytes wanted = {META_KEY, META_KEY_SIZE};
    struct bytes record;
    status = page_cursor_seek(cursor, wanted, error);
    if (status == STORE_OK && bytes_compare(page_cursor_key(cursor), wanted) != 0) status = STORE_NOT_FOUND;
    if (status == STORE_OK) status = page_cursor_value(cursor, &record, error);
    if (status == STORE_OK)
        status = meta_read(record.at, record.size, snapshot->pages.shown, meta, error);
    else if (status == STORE_NOT_FOUND)
        status = store_fail(error, STORE_CORRUPT,
                            "%s/data.mdb: the store's record is missing: run verify, then restore "
                            "a backup",
                            snapshot->pages.shown);
    page_cursor_close(cursor);
    return status;
}

/* The number of the frame that the cursor is at. */
static enum store_status frame_number(const struct page_cursor *cursor, const char *shown, uint64_t *number,
                                      struct store_error *error)
{
    struct bytes key = page_cursor_key(cursor);
    if (key.size != FRAME_KEY_SIZE)
        return store_fail(error, STORE_CORRUPT, "%s/data.mdb: journal: a key of %zu bytes is no frame's number", shown,
                          key.size);
    *number = frame_key_number(key.at);
    return STORE_OK;
}

/* The tables stand at a frame of the journal, or at the one before its first. */
static enum store_status ends_fit(const struct ends *ends, const char *shown, struct store_error *error)
{
    uint64_t at = ends->meta.checkpoint;
    if (ends->first >= 1 && ends->first <= ends->tip && ends->first - 1 <= at && at <= ends->tip) return STORE_OK;
    return store_fail(error, STORE_CORRUPT,
                      "%s/data.mdb: the journal has frames %llu to %llu and the tables stand at %llu: run verify, then "
                      "restore a backup",
                      shown, (unsigned long long)ends->first, (unsigned long long)ends->tip, (unsigned long long)at);
}

enum store_status snapshot_ends(const struct snapshot *snapshot, struct ends *ends, struct store_error *error)
{
    enum store_status status = snapshot_meta(snapshot, &ends->meta, error);
    if (status != STORE_OK) return status;
    /* What is kept when all frames are trimmed, or there never was one. */
    ends->tip = ends->meta.checkpoint;
    ends->first = ends->meta.checkpoint + 1;
    struct page_cursor *cursor;
    status = page_cursor_open(&snapshot->pages, &snapshot->trees[TREE_JOURNAL], false, &cursor, error);
    if (status != STORE_OK) return status;
    status = page_cursor_seek(cursor, (struct bytes){NULL, 0}, error);
    if (status == STORE_OK) status = frame_number(cursor, snapshot->pages.shown, &ends->first, error);
    if (status == STORE_OK) status = page_cursor_last(cursor, error);
    if (status == STORE_OK) status = frame_number(cursor, snapshot->pages.shown, &ends->tip, error);
    page_cursor_close(cursor);
    if (status == STORE_NOT_FOUND) return STORE_OK;
    return status == STORE_OK ? ends_fit(ends, snapshot->pages.shown, error) : status;
}

enum store_status environment_ends(struct environment *environment, int64_t deadline_ns, struct ends *ends,
                                   struct store_error *error)
{
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, deadline_ns, &snapshot, error);
    if (status != STORE_OK) return status;
    return ended(environment, &snapshot, snapshot_ends(&snapshot, ends, error));
}

enum store_status snapshot_facts(const struct snapshot *snapshot, struct store_facts *facts, struct store_error *error)
{
    struct ends ends;
    struct stat file = {0};
    enum store_status status = snapshot_ends(snapshot, &ends, error);
    if (status != STORE_OK) return status;
    fstat(snapshot->pages.fd, &file);
    *facts = (struct store_facts){.tip = ends.tip,
                                  .checkpoint = ends.meta.checkpoint,
                                  .first = ends.first,
                                  .bytes = (uint64_t)file.st_size,
                                  .store_id = {ends.meta.store_id[0], ends.meta.store_id[1]}};
    return STORE_OK;
}

enum store_status environment_facts(struct environment *environment, struct store_facts *facts,
                                    struct store_error *error)
{
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    return ended(environment, &snapshot, snapshot_facts(&snapshot, facts, error));
}

/* ---- tables ---- */

static enum store_status hand_over(struct page_cursor *cursor, uint32_t table, struct bytes key,
                                   const struct record_sink *sink, struct store_error *error)
{
    struct bytes value;
    enum store_status status = page_cursor_value(cursor, &value, error);
    if (status != STORE_OK) return status;
    struct store_record record = {table, (uint32_t)key.size, key.at, value.at, value.size};
    return sink->take(sink->context, &record);
}

/* A receiver may answer STORE_NOT_FOUND too, which must not pass for the end of the table. */
static enum store_status load_range(struct page_cursor *cursor, uint32_t table, const struct key_range *range,
                                    const struct record_sink *sink, struct store_error *error)
{
    enum store_status moved = page_cursor_seek(cursor, (struct bytes){range->low, range->low_size}, error);
    while (moved == STORE_OK) {
        struct bytes key = page_cursor_key(cursor);
        if (!key_range_below_high(range, key)) return STORE_OK;
        enum store_status status = hand_over(cursor, table, key, sink, error);
        if (status != STORE_OK) return status;
        moved = page_cursor_next(cursor, error);
    }
    return moved == STORE_NOT_FOUND ? STORE_OK : moved;
}

/* The first and last key decide where the parts are cut. */
static enum store_status cut_table(struct page_cursor *cursor, uint32_t part, uint32_t parts, struct key_range *range,
                                   struct store_error *error)
{
    unsigned char first[8];
    enum store_status status = page_cursor_seek(cursor, (struct bytes){NULL, 0}, error);
    if (status != STORE_OK) return status;
    struct bytes key = page_cursor_key(cursor);
    size_t size = key.size < sizeof first ? key.size : sizeof first;
    memcpy(first, key.at, size);
    status = page_cursor_last(cursor, error);
    if (status == STORE_OK) *range = key_range_part((struct bytes){first, size}, page_cursor_key(cursor), part, parts);
    return status;
}

static enum store_status load_table(const struct snapshot *snapshot, uint32_t table, uint32_t part, uint32_t parts,
                                    const struct record_sink *sink, struct store_error *error)
{
    struct page_cursor *cursor;
    enum store_status status = page_cursor_open(&snapshot->pages, &snapshot->trees[table], true, &cursor, error);
    if (status != STORE_OK) return status;
    struct key_range range = {.low_size = 0, .high_size = 0};
    if (parts > 1) status = cut_table(cursor, part, parts, &range, error);
    if (status == STORE_OK)
        status = load_range(cursor, table, &range, sink, error);
    else if (status == STORE_NOT_FOUND)
        status = STORE_OK;
    page_cursor_close(cursor);
    return status;
}

enum store_status snapshot_load(const struct snapshot *snapshot, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                const struct record_sink *sink, struct store_error *error)
{
    struct meta meta;
    enum store_status status = snapshot_meta(snapshot, &meta, error);
    if (status == STORE_OK) *checkpoint = meta.checkpoint;
    for (uint32_t table = 1; status == STORE_OK && table < TABLE_COUNT; table++)
        status = load_table(snapshot, table, part, parts, sink, error);
    return status;
}

enum store_status environment_load(struct environment *environment, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                   const struct record_sink *sink, struct store_error *error)
{
    if (part >= parts) return store_fail(error, STORE_INVALID, "load of part %u of %u", part, parts);
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    status = ended(environment, &snapshot, snapshot_load(&snapshot, part, parts, checkpoint, sink, error));
    if (status == STORE_OK) environment_note_walk(environment, part, parts);
    return status;
}

enum store_status snapshot_read(const struct snapshot *snapshot, uint32_t table, struct bytes key,
                                const struct record_sink *sink, struct store_error *error)
{
    struct page_cursor *cursor;
    enum store_status status = page_cursor_open(&snapshot->pages, &snapshot->trees[table], false, &cursor, error);
    if (status != STORE_OK) return status;
    status = page_cursor_seek(cursor, key, error);
    if (status == STORE_OK && bytes_compare(page_cursor_key(cursor), key) == 0)
        status = hand_over(cursor, table, key, sink, error);
    else if (status == STORE_OK || status == STORE_NOT_FOUND)
        status = store_fail(error, STORE_NOT_FOUND, "table %s has no such record", table_name(table));
    page_cursor_close(cursor);
    return status;
}

enum store_status environment_read(struct environment *environment, uint32_t table, struct bytes key,
                                   const struct record_sink *sink, struct store_error *error)
{
    if (!table_name(table)) return store_fail(error, STORE_INVALID, "there is no table %u", table);
    if (key.size < 1 || key.size > STORE_KEY_MAX)
        return store_fail(error, STORE_INVALID, "a key of %zu bytes, not 1 to %d", key.size, STORE_KEY_MAX);
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    return ended(environment, &snapshot, snapshot_read(&snapshot, table, key, sink, error));
}

/* ---- the journal ---- */

static struct bytes frame_key(unsigned char key[FRAME_KEY_SIZE], uint64_t number)
{
    frame_key_write(key, number);
    return (struct bytes){key, FRAME_KEY_SIZE};
}

static enum store_status missing_frame(const char *shown, uint64_t number, uint64_t found, struct store_error *error)
{
    return store_fail(error, STORE_CORRUPT,
                      "%s/data.mdb: journal: frame %llu is missing, %llu follows: run verify, then restore a backup",
                      shown, (unsigned long long)number, (unsigned long long)found);
}

/* Hands over frames from *after + 1 to tip, as long as a batch is, and moves *after on. */
static enum store_status since_batch(struct page_cursor *cursor, const char *shown, uint64_t *after, uint64_t tip,
                                     const struct frame_sink *sink, struct store_error *error)
{
    unsigned char first[FRAME_KEY_SIZE];
    enum store_status status = page_cursor_seek(cursor, frame_key(first, *after + 1), error);
    for (size_t bytes = 0; status == STORE_OK && bytes < SINCE_BATCH_BYTES;) {
        uint64_t number = 0;
        struct bytes frame;
        status = frame_number(cursor, shown, &number, error);
        if (status == STORE_OK && number != *after + 1) status = missing_frame(shown, *after + 1, number, error);
        if (status == STORE_OK) status = page_cursor_value(cursor, &frame, error);
        if (status != STORE_OK) return status;
        enum store_status taken = sink->take(sink->context, number, frame.at, frame.size);
        if (taken != STORE_OK) return taken;
        *after = number;
        if (number == tip) return STORE_OK;
        bytes += frame.size + 1;
        status = page_cursor_next(cursor, error);
    }
    return status == STORE_NOT_FOUND ? missing_frame(shown, *after + 1, tip, error) : status;
}

static enum store_status since_snapshot(const struct snapshot *snapshot, uint64_t *after, uint64_t *goal,
                                        const struct frame_sink *sink, struct store_error *error)
{
    struct ends ends;
    enum store_status status = snapshot_ends(snapshot, &ends, error);
    if (status != STORE_OK) return status;
    if (*goal == UINT64_MAX) *goal = ends.tip;
    if (*after >= *goal) return STORE_OK;
    if (*after + 1 < ends.first)
        return store_fail(error, STORE_NOT_FOUND, "%s: frames before %llu were trimmed: load the tables",
                          snapshot->pages.shown, (unsigned long long)ends.first);
    struct page_cursor *cursor;
    status = page_cursor_open(&snapshot->pages, &snapshot->trees[TREE_JOURNAL], true, &cursor, error);
    if (status != STORE_OK) return status;
    status = since_batch(cursor, snapshot->pages.shown, after, *goal, sink, error);
    page_cursor_close(cursor);
    return status;
}

enum store_status environment_since(struct environment *environment, uint64_t after, const struct frame_sink *sink,
                                    struct store_error *error)
{
    enum store_status status = STORE_OK;
    uint64_t goal = UINT64_MAX; /* the tip at the call, once it is known */
    while (status == STORE_OK && after < goal) {
        struct snapshot snapshot;
        status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
        if (status != STORE_OK) return status;
        status = ended(environment, &snapshot, since_snapshot(&snapshot, &after, &goal, sink, error));
    }
    return status;
}

enum store_status snapshot_frames(const struct snapshot *snapshot, uint64_t after, const struct frame_sink *sink,
                                  struct store_error *error)
{
    unsigned char key[FRAME_KEY_SIZE];
    struct page_cursor *cursor;
    enum store_status status = page_cursor_open(&snapshot->pages, &snapshot->trees[TREE_JOURNAL], true, &cursor, error);
    if (status != STORE_OK) return status;
    enum store_status moved = page_cursor_seek(cursor, frame_key(key, after + 1), error);
    for (uint64_t expected = 0; moved == STORE_OK; moved = page_cursor_next(cursor, error)) {
        uint64_t number = 0;
        struct bytes frame;
        status = frame_number(cursor, snapshot->pages.shown, &number, error);
        if (status == STORE_OK && expected != 0 && number != expected)
            status = missing_frame(snapshot->pages.shown, expected, number, error);
        if (status == STORE_OK) status = page_cursor_value(cursor, &frame, error);
        if (status == STORE_OK) status = sink->take(sink->context, number, frame.at, frame.size);
        if (status != STORE_OK) break;
        expected = number + 1;
    }
    page_cursor_close(cursor);
    return moved == STORE_OK || moved == STORE_NOT_FOUND ? status : moved;
}

static enum store_status compare_at(struct page_cursor *cursor, uint64_t number, struct bytes frame, size_t *size,
                                    bool *same, struct store_error *error)
{
    unsigned char key[FRAME_KEY_SIZE];
    struct bytes found;
    enum store_status status = page_cursor_seek(cursor, frame_key(key, number), error);
    if (status == STORE_OK && bytes_compare(page_cursor_key(cursor), (struct bytes){key, sizeof key}) != 0)
        status = STORE_NOT_FOUND;
    if (status == STORE_NOT_FOUND)
        return store_fail(error, STORE_NOT_FOUND, "there is no frame %llu", (unsigned long long)number);
    if (status == STORE_OK) status = page_cursor_value(cursor, &found, error);
    if (status != STORE_OK) return status;
    *size = found.size;
    *same = bytes_compare(found, frame) == 0;
    return STORE_OK;
}

enum store_status environment_compare_frame(struct environment *environment, uint64_t number, struct bytes frame,
                                            size_t *size, bool *same, struct store_error *error)
{
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    struct page_cursor *cursor;
    status = page_cursor_open(&snapshot.pages, &snapshot.trees[TREE_JOURNAL], false, &cursor, error);
    if (status != STORE_OK) return ended(environment, &snapshot, status);
    status = compare_at(cursor, number, frame, size, same, error);
    page_cursor_close(cursor);
    return ended(environment, &snapshot, status);
}

enum store_status environment_walk_frames(struct environment *environment, size_t count, struct store_error *error)
{
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    struct page_cursor *cursor;
    status = page_cursor_open(&snapshot.pages, &snapshot.trees[TREE_JOURNAL], true, &cursor, error);
    if (status != STORE_OK) return ended(environment, &snapshot, status);
    status = page_cursor_seek(cursor, (struct bytes){NULL, 0}, error);
    /* A leaf holds fewer nodes than its page has bytes / 16; deleting may merge with the next one. */
    count += 2 * snapshot.pages.page_size / 16;
    for (size_t i = 0; status == STORE_OK && i < count; i++) {
        struct bytes ignored;
        status = page_cursor_value(cursor, &ignored, error);
        if (status == STORE_OK) status = page_cursor_next(cursor, error);
    }
    page_cursor_close(cursor);
    return ended(environment, &snapshot, status == STORE_NOT_FOUND ? STORE_OK : status);
}

/* ---- the whole ---- */

enum store_status snapshot_check(const struct snapshot *snapshot, bool leaves, struct store_error *error)
{
    char first[256] = "";
    struct page_report report = {.text = first, .capacity = sizeof first};
    enum store_status status = pages_check(&snapshot->pages, &snapshot->state, leaves, &report, error);
    if (status != STORE_OK || report.problems == 0) return status;
    first[strcspn(first, "\n")] = '\0';
    return store_fail(error, STORE_CORRUPT,
                      "%s/data.mdb is damaged (%llu problems): %s: run verify, then restore a "
                      "backup",
                      snapshot->pages.shown, (unsigned long long)report.problems, first);
}

enum store_status environment_report(struct environment *environment, struct page_report *report,
                                     struct store_error *error)
{
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
    if (status != STORE_OK) return status;
    return ended(environment, &snapshot, pages_check(&snapshot.pages, &snapshot.state, true, report, error));
}
