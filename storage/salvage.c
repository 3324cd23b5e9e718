/* A store that may be damaged, read as far as it goes, for repair: the port's reading calls, over the files alone. LMDB
 * is kept out of it: it would trip over damage.
 *
 * The directory is claimed exclusively, so that nothing moves meanwhile. Of the two states that the file has, which are
 * of transactions that follow each other, the newer one is taken whose trees can be found; facts() says when that is
 * the older one, or when which is which cannot be known.
 *
 * Where the trees lead nowhere, the frames are still there, most of them in several copies: LMDB never writes over a
 * page that a state of the last two needs, and leaves old ones as they were. They can be scanned for, and used where
 * they lie; which of them are live is not for storage to tell, for only the frames' own chain can. */
#include "storage/archive.h"
#include "storage/directory.h"
#include "storage/environment.h"
#include "storage/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct salvage {
    struct store store; /* first: a struct store * is a struct salvage * */
    struct directory directory;
    struct snapshot snapshot;      /* without a transaction: nobody writes */
    enum store_status lost;        /* STORE_OK: the snapshot is of a state */
    struct store_error lost_words; /* else why there is none */
    bool older;
    struct archive_list archived;
    uint64_t archived_sound;          /* the last frame of a file that can be opened; 0: of none, or it is not known */
    bool *foreign;                    /* of each of its files, whether it says that it is another store's */
    struct store_error foreign_words; /* of the first that does */
    struct store_error unlisted;      /* why it cannot be known what is archived; empty: it is known */
    const struct store_place *places; /* of frames, by number; NULL: the trees lead to them */
    size_t place_count;
};

static struct salvage *salvage_of(struct store *store) { return (struct salvage *)store; }

/* NULL: there is no state, and *error says why. */
static const struct snapshot *snapshot_of(struct store *store, struct store_error *error)
{
    const struct salvage *salvage = salvage_of(store);
    if (salvage->lost == STORE_OK) return &salvage->snapshot;
    store_fail(error, salvage->lost, "%s", salvage->lost_words.message);
    return NULL;
}

/* ---- reading ---- */

static enum store_status salvage_load(struct store *store, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                      const struct record_sink *sink, struct store_error *error)
{
    const struct snapshot *snapshot = snapshot_of(store, error);
    return snapshot ? snapshot_load(snapshot, part, parts, checkpoint, sink, error) : salvage_of(store)->lost;
}

static enum store_status salvage_read(struct store *store, uint32_t table, const void *key, uint32_t key_size,
                                      const struct record_sink *sink, struct store_error *error)
{
    const struct snapshot *snapshot = snapshot_of(store, error);
    return snapshot ? snapshot_read(snapshot, table, (struct bytes){key, key_size}, sink, error)
                    : salvage_of(store)->lost;
}

/* What is archived is kept, even if it cannot be read. */
static enum store_status salvage_facts(struct store *store, struct store_facts *facts, struct store_error *error)
{
    const struct salvage *salvage = salvage_of(store);
    const struct snapshot *snapshot = snapshot_of(store, error);
    if (!snapshot) return salvage->lost;
    enum store_status status = snapshot_facts(snapshot, facts, error);
    if (status != STORE_OK) return status;
    facts->older = salvage->older;
    if (salvage->archived.count > 0 && salvage->archived.files[0].first < facts->first)
        facts->first = salvage->archived.files[0].first;
    return STORE_OK;
}

static uint64_t salvage_tip(struct store *store)
{
    struct store_facts facts;
    return salvage_facts(store, &facts, NULL) == STORE_OK ? facts.tip : 0;
}

static enum store_status salvage_close(struct store *store, int64_t deadline_ns)
{
    struct salvage *salvage = salvage_of(store);
    (void)deadline_ns;
    if (salvage->snapshot.pages.fd >= 0) close(salvage->snapshot.pages.fd);
    directory_release(&salvage->directory);
    free(salvage->archived.files);
    free(salvage->foreign);
    free(salvage);
    return STORE_OK;
}

/* ---- frames by the trees ---- */

/* What the archive has before the journal's first frame comes first. */
static enum store_status since_trees(const struct salvage *salvage, uint64_t after, const struct frame_sink *sink,
                                     struct store_error *error)
{
    const struct snapshot *snapshot = &salvage->snapshot;
    struct ends ends;
    if (salvage->archived.count == 0) return snapshot_frames(snapshot, after, sink, error);
    const char *foreign = salvage->foreign_words.message;
    if (foreign[0] != '\0') return store_fail(error, STORE_CORRUPT, "%s", foreign);
    enum store_status status = snapshot_ends(snapshot, &ends, error);
    if (status != STORE_OK) return status;
    uint64_t before = salvage->archived.files[0].first - 1;
    if (after < before) after = before;
    if (after + 1 < ends.first) {
        status = archive_since(&salvage->directory, after, ends.first - 1, sink, error);
        after = ends.first - 1;
    }
    return status == STORE_OK ? snapshot_frames(snapshot, after, sink, error) : status;
}

/* ---- frames by their places ---- */

static void name_file(const struct salvage *salvage, uint32_t file, char name[ARCHIVE_PATH_BYTES])
{
    if (file == 0)
        snprintf(name, ARCHIVE_PATH_BYTES, DATA_NAME);
    else
        archive_name(&salvage->archived.files[file - 1], name);
}

/* As messages name it. */
static void show_file(const struct salvage *salvage, uint32_t file, char shown[STORE_HOME_MAX])
{
    char name[ARCHIVE_PATH_BYTES];
    name_file(salvage, file, name);
    snprintf(shown, STORE_HOME_MAX, "%s/%s", salvage->directory.shown, name);
}

/* Where a frame ought to lie. */
static uint32_t home_of(const struct salvage *salvage, uint64_t number)
{
    for (size_t i = 0; i < salvage->archived.count; i++) {
        const struct archive_span *span = &salvage->archived.files[i];
        if (span->first <= number && number <= span->last) return (uint32_t)i + 1;
    }
    return 0;
}

/* A file that is open at the moment, and how messages name it. */
struct open_file {
    struct scanned scanned; /* fd -1: none */
    bool ours;              /* to be closed */
    char shown[STORE_HOME_MAX];
};

static void shut(struct open_file *file)
{
    if (file->ours && file->scanned.fd >= 0) close(file->scanned.fd);
    file->scanned.fd = -1;
}

static enum store_status turn_to(const struct salvage *salvage, uint32_t number, struct open_file *file,
                                 struct store_error *error)
{
    char name[ARCHIVE_PATH_BYTES];
    if (file->scanned.fd >= 0 && file->scanned.file == number) return STORE_OK;
    shut(file);
    name_file(salvage, number, name);
    show_file(salvage, number, file->shown);
    file->ours = number > 0;
    int fd = file->ours ? archive_open(salvage->directory.fd, name) : salvage->snapshot.pages.fd;
    file->scanned = (struct scanned){fd, file->shown, number};
    return fd >= 0 ? STORE_OK : directory_fault(&salvage->directory, name, "cannot be opened", error);
}

static enum store_status missing_frame(const struct salvage *salvage, uint64_t number, uint64_t found,
                                       struct store_error *error)
{
    char home[STORE_HOME_MAX];
    show_file(salvage, home_of(salvage, number), home);
    return store_fail(error, STORE_CORRUPT, "%s: frame %llu is not there, nor a copy of it; %llu follows", home,
                      (unsigned long long)number, (unsigned long long)found);
}

static enum store_status hand_over_place(const struct salvage *salvage, const struct store_place *place,
                                         struct open_file *file, const struct frame_sink *sink,
                                         struct store_error *error)
{
    enum store_status status = turn_to(salvage, place->file, file, error);
    if (status != STORE_OK) return status;
    void *frame = malloc(place->size);
    if (!frame) return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory for a frame", file->shown);
    status = scan_read(&file->scanned, place, frame, error);
    if (status == STORE_OK) status = sink->take(sink->context, place->number, frame, place->size);
    free(frame);
    return status;
}

static enum store_status since_places(const struct salvage *salvage, uint64_t after, const struct frame_sink *sink,
                                      struct store_error *error)
{
    size_t low = 0, high = salvage->place_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (salvage->places[middle].number <= after)
            low = middle + 1;
        else
            high = middle;
    }
    struct open_file file = {.scanned = {.fd = -1}};
    enum store_status status = STORE_OK;
    for (size_t i = low; status == STORE_OK && i < salvage->place_count; i++) {
        const struct store_place *place = &salvage->places[i];
        if (i > low && place->number != place[-1].number + 1)
            status = missing_frame(salvage, place[-1].number + 1, place->number, error);
        else
            status = hand_over_place(salvage, place, &file, sink, error);
    }
    shut(&file);
    return status;
}

static enum store_status salvage_since(struct store *store, uint64_t after, const struct frame_sink *sink,
                                       struct store_error *error)
{
    struct salvage *salvage = salvage_of(store);
    if (salvage->places) return since_places(salvage, after, sink, error);
    return snapshot_of(store, error) ? since_trees(salvage, after, sink, error) : salvage->lost;
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

/* ---- scanning ---- */

/* One that cannot be opened is passed over like a page that cannot be read. */
static enum store_status scan_one(const struct salvage *salvage, uint32_t number, const struct store_shape *shape,
                                  const struct place_sink *sink, uint64_t *unreadable, struct store_error *error)
{
    struct open_file file = {.scanned = {.fd = -1}};
    if (number > 0 && salvage->foreign[number - 1]) return STORE_OK;
    enum store_status status = turn_to(salvage, number, &file, error);
    if (status == STORE_OK) {
        status = scan_file(&file.scanned, shape, sink, unreadable, error);
        shut(&file);
    } else if (status != STORE_NO_MEMORY) {
        struct stat found = {0};
        char name[ARCHIVE_PATH_BYTES];
        name_file(salvage, number, name);
        fstatat(salvage->directory.fd, name, &found, AT_SYMLINK_NOFOLLOW);
        *unreadable += (uint64_t)found.st_size;
        status = STORE_OK;
    }
    return status;
}

enum store_status store_salvage_scan(struct store *store, const struct store_shape *shape,
                                     const struct place_sink *sink, uint64_t *unreadable, struct store_error *error)
{
    const struct salvage *salvage = salvage_of(store);
    enum store_status status = STORE_OK;
    *unreadable = 0;
    for (uint32_t file = 0; status == STORE_OK && file <= salvage->archived.count; file++)
        status = scan_one(salvage, file, shape, sink, unreadable, error);
    return status;
}

/* The number of the first or the last frame in the journal's tree; 0: nothing leads there. */
static uint64_t edge_of_journal(const struct snapshot *snapshot, bool last)
{
    struct page_cursor *cursor;
    if (page_cursor_open(&snapshot->pages, &snapshot->trees[TREE_JOURNAL], false, &cursor, NULL) != STORE_OK) return 0;
    enum store_status moved =
        last ? page_cursor_last(cursor, NULL) : page_cursor_seek(cursor, (struct bytes){NULL, 0}, NULL);
    bool found = moved == STORE_OK && page_cursor_key(cursor).size == FRAME_KEY_SIZE;
    uint64_t number = found ? frame_key_number(page_cursor_key(cursor).at) : 0;
    page_cursor_close(cursor);
    return number;
}

void store_salvage_claims(struct store *store, struct store_claims *claims)
{
    const struct salvage *salvage = salvage_of(store);
    const struct archive_list *archived = &salvage->archived;
    *claims = (struct store_claims){.archive_unknown = salvage->unlisted.message};
    struct meta meta;
    if (salvage->lost == STORE_OK && snapshot_meta(&salvage->snapshot, &meta, NULL) == STORE_OK)
        claims->checkpoint = meta.checkpoint;
    if (salvage->lost == STORE_OK && !salvage->older) {
        claims->first = edge_of_journal(&salvage->snapshot, false);
        claims->last = edge_of_journal(&salvage->snapshot, true);
        claims->counted = salvage->snapshot.trees[TREE_JOURNAL].entries;
    }
    claims->archive_sound = salvage->archived_sound;
    if (archived->count > 0) claims->archive_first = archived->files[0].first;
    if (archived->count > 0) claims->archive_last = archived->files[archived->count - 1].last;
}

void store_salvage_home(struct store *store, uint64_t number, char home[STORE_HOME_MAX])
{
    show_file(salvage_of(store), home_of(salvage_of(store), number), home);
}

void store_salvage_use(struct store *store, const struct store_place *places, size_t count)
{
    static const struct store_place none;
    salvage_of(store)->places = places ? places : &none;
    salvage_of(store)->place_count = count;
}

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

/* Frames do not say whose they are, and those of another store may begin a chain, too. An archive that cannot be listed
 * is told of, and is not in the way of what the store's file holds. */
static enum store_status list_archive(struct salvage *salvage, struct store_error *error)
{
    struct meta meta;
    enum store_status status = archive_list(&salvage->directory, &salvage->archived, &salvage->unlisted);
    if (status == STORE_NO_MEMORY) return store_fail(error, status, "%s", salvage->unlisted.message);
    if (status != STORE_OK) salvage->archived.count = 0;
    size_t count = salvage->archived.count;
    if (count == 0) return STORE_OK;
    salvage->foreign = calloc(count, sizeof *salvage->foreign);
    if (!salvage->foreign)
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to open it", salvage->directory.shown);
    if (salvage->lost != STORE_OK || snapshot_meta(&salvage->snapshot, &meta, NULL) != STORE_OK) return STORE_OK;
    for (size_t i = count; i > 0; i--) { /* so that the words are of the first */
        const struct archive_span *file = &salvage->archived.files[i - 1];
        status = archive_owner(&salvage->directory, file, meta.store_id, &salvage->foreign_words);
        salvage->foreign[i - 1] = status == STORE_CORRUPT;
        if (status == STORE_OK && file->last > salvage->archived_sound) salvage->archived_sound = file->last;
    }
    return STORE_OK;
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
    if (status == STORE_OK) salvage->lost = find_state(salvage, &salvage->lost_words);
    if (status == STORE_OK && salvage->lost == STORE_NO_MEMORY)
        status = store_fail(error, STORE_NO_MEMORY, "%s", salvage->lost_words.message);
    if (status == STORE_OK) status = list_archive(salvage, error);
    if (status != STORE_OK) {
        salvage_close(&salvage->store, 0);
        return status;
    }
    *store = &salvage->store;
    return STORE_OK;
}
