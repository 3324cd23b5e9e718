/* A store that may be damaged, read as far as it goes, for repair: the port's reading calls, over the file alone. LMDB
 * is kept out of it: it would trip over damage.
 *
 * The directory is claimed exclusively, so that nothing moves meanwhile. Of the two states that the file has, which are
 * of transactions that follow each other, the newer one is taken whose trees can be found; facts() says when that is
 * the older one, or when which is which cannot be known. */
#include "storage/directory.h"
#include "storage/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct salvage {
    struct store store; /* first: a struct store * is a struct salvage * */
    struct directory directory;
    struct snapshot snapshot; /* without a transaction: nobody writes */
    bool older;
};

static const struct snapshot *snapshot_of(const struct store *store)
{
    return &((const struct salvage *)store)->snapshot;
}

/* ---- reading ---- */

static enum store_status salvage_load(struct store *store, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                      const struct record_sink *sink, struct store_error *error)
{
    return snapshot_load(snapshot_of(store), part, parts, checkpoint, sink, error);
}

static enum store_status salvage_since(struct store *store, uint64_t after, const struct frame_sink *sink,
                                       struct store_error *error)
{
    return snapshot_frames(snapshot_of(store), after, sink, error);
}

static enum store_status salvage_read(struct store *store, uint32_t table, const void *key, uint32_t key_size,
                                      const struct record_sink *sink, struct store_error *error)
{
    return snapshot_read(snapshot_of(store), table, (struct bytes){key, key_size}, sink, error);
}

static enum store_status salvage_facts(struct store *store, struct store_facts *facts, struct store_error *error)
{
    enum store_status status = snapshot_facts(snapshot_of(store), facts, error);
    if (status == STORE_OK) facts->older = ((const struct salvage *)store)->older;
    return status;
}

static uint64_t salvage_tip(struct store *store)
{
    struct store_facts facts;
    return salvage_facts(store, &facts, NULL) == STORE_OK ? facts.tip : 0;
}

static enum store_status salvage_close(struct store *store, int64_t deadline_ns)
{
    struct salvage *salvage = (struct salvage *)store;
    (void)deadline_ns;
    if (salvage->snapshot.pages.fd >= 0) close(salvage->snapshot.pages.fd);
    directory_release(&salvage->directory);
    free(salvage);
    return STORE_OK;
}

/* What writes is not there: whoever repairs writes elsewhere. */
static const struct store_ops salvage_ops = {
    .name = "salvage",
    .load = salvage_load,
    .since = salvage_since,
    .tip = salvage_tip,
    .facts = salvage_facts,
    .read = salvage_read,
    .close = salvage_close,
};

/* ---- finding a state ---- */

static enum store_status take_state(struct salvage *salvage, uint32_t slot, struct store_error *error)
{
    struct snapshot *snapshot = &salvage->snapshot;
    enum store_status status = pages_read_state(snapshot->pages.fd, snapshot->pages.shown, slot,
                                                snapshot->pages.page_size, &snapshot->state, error);
    memset(snapshot->trees, 0, sizeof snapshot->trees);
    return status == STORE_OK ? snapshot_trees(snapshot, error) : status;
}

/* The slot of the newer state; *known: both are there, and of transactions that follow each other. */
static uint32_t newer_slot(const struct pages *pages, bool *known)
{
    struct page_state states[2] = {{0}};
    *known = true;
    for (uint32_t slot = 0; slot < 2; slot++) {
        if (pages_read_meta(pages->fd, pages->shown, slot, pages->page_size, &states[slot], NULL) == STORE_OK) continue;
        states[slot].transaction = 0;
        *known = false;
    }
    uint64_t a = states[0].transaction, b = states[1].transaction;
    *known = *known && (a < b ? b - a : a - b) <= 1;
    return a < b;
}

static enum store_status find_state(struct salvage *salvage, struct store_error *error)
{
    struct pages *pages = &salvage->snapshot.pages;
    enum store_status status = pages_find_size(pages->fd, pages->shown, &pages->page_size, error);
    if (status != STORE_OK) return status;
    bool known;
    uint32_t newer = newer_slot(pages, &known);
    salvage->older = !known;
    status = take_state(salvage, newer, error);
    if (status == STORE_OK) return STORE_OK;
    salvage->older = true;
    return take_state(salvage, 1 - newer, NULL) == STORE_OK ? STORE_OK : status;
}

static enum store_status open_file(struct salvage *salvage, struct store_error *error)
{
    const struct directory *directory = &salvage->directory;
    int fd = openat(directory->fd, DATA_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return store_fail(error, STORE_DENIED, "%s/" DATA_NAME ": %s", directory->shown, strerror(errno));
    salvage->snapshot.pages = (struct pages){.fd = fd, .shown = directory->shown};
    return STORE_OK;
}

enum store_status store_open_salvage(const char *path, struct store **store, struct store_error *error)
{
    struct salvage *salvage = calloc(1, sizeof *salvage);
    if (!salvage) return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to open it", path);
    salvage->store.ops = &salvage_ops;
    salvage->snapshot.pages.fd = -1;
    bool exists;
    enum store_status status = directory_open(path, false, &salvage->directory, error);
    if (status != STORE_OK) {
        free(salvage);
        return status;
    }
    status = directory_inspect(&salvage->directory, false, &exists, error);
    if (status == STORE_OK) status = directory_claim(&salvage->directory, true, error);
    if (status == STORE_OK) status = open_file(salvage, error);
    if (status == STORE_OK) status = find_state(salvage, error);
    if (status != STORE_OK) {
        salvage_close(&salvage->store, 0);
        return status;
    }
    *store = &salvage->store;
    return STORE_OK;
}
