/* A store in a directory: how it is opened and shared, and the port's calls on it.
 *
 * One process has one environment for each directory, however often it opens it (LMDB's locks would break otherwise):
 * a registry keyed by the directory's device and inode holds it, counted. What another copy of the library in the same
 * process has is unknown to this registry; the directory's claim refuses that (directory.c).
 *
 * Order of an open: look at the directory, claim it, lay out the gate's page if nobody else has it mapped, make the
 * store if asked to, open LMDB, sync, and only then take the tip from it; then let others in.
 *
 * Invariant: what the registry holds was opened by this process. A forked child forgets it without touching it: to
 * close any of it would take the parent's locks away. */
#include "storage/archive.h"
#include "storage/directory.h"
#include "storage/environment.h"
#include "storage/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIM_SLICE = 512 };           /* frames that one transaction drops, so that writers wait little */
#define ARCHIVE_SLICE     (64 << 20) /* bytes of frames that one turn archives */
#define TRIM_PATIENCE_NS  INT64_C(10000000000)
#define CLOSE_PATIENCE_NS INT64_C(10000000000)

struct shared {
    struct shared *next;
    unsigned references;
    uint32_t mark; /* the process that opened it */
    struct directory directory;
    struct gate gate;
    struct environment *environment;
};

struct handle {
    struct store store; /* first: a struct store * is a struct handle * */
    struct shared *shared;
    uint32_t mark;
    bool read_only;
};

static struct {
    pthread_mutex_t mutex;
    uint32_t mark;
    struct shared *first;
} registry = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- the gate's page ---- */

static enum store_status no_memory(const char *shown, struct store_error *error)
{
    return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to open it", shown);
}

/* On a read-only file system nobody takes turns; the page only holds the tip. */
static enum store_status private_page(struct shared *shared, struct store_error *error)
{
    void *page = mmap(NULL, GATE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return no_memory(shared->directory.shown, error);
    shared->gate.page = page;
    return gate_prepare(page, false, error);
}

static enum store_status map_page(struct shared *shared, struct store_error *error)
{
    const struct directory *directory = &shared->directory;
    if (directory->gate_fd < 0) return private_page(shared, error);
    if (directory->alone) {
        enum store_status status = directory_reserve_locks(directory, error);
        if (status != STORE_OK) return status;
    }
    struct stat found;
    if (fstat(directory->gate_fd, &found) != 0 || found.st_size < GATE_BYTES)
        return store_fail(error, STORE_UNAVAILABLE,
                          "%s/" GATE_NAME " is cut short: close every process that uses the "
                          "store and open it again",
                          directory->shown);
    void *page = mmap(NULL, GATE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, directory->gate_fd, 0);
    if (page == MAP_FAILED) return no_memory(directory->shown, error);
    shared->gate.page = page;
    if (directory->alone) {
        enum store_status status = gate_prepare(page, true, error);
        /* Nobody knows how the last process ended: the first turn finds out. */
        if (status == STORE_OK) gate_set_doubt(&shared->gate, GATE_COMMITTING);
        return status;
    }
    if (gate_is_prepared(page)) return STORE_OK;
    return store_fail(error, STORE_UNAVAILABLE,
                      "%s/" GATE_NAME " was laid out by another build of this program that "
                      "is running now: use one build at a time",
                      directory->shown);
}

/* ---- opening ---- */

static enum store_status make_store(const struct directory *directory, uint64_t first_frame, struct store_error *error)
{
    char path[PATH_MAX];
    enum store_status status = directory_begin_making(directory, path, error);
    if (status != STORE_OK) return status;
    struct environment_options making = {.path = path, .shown = directory->shown};
    status = environment_make(&making, first_frame, error);
    if (status == STORE_OK) return directory_publish(directory, error);
    directory_end_making(directory);
    return status;
}

static enum store_status open_environment(struct shared *shared, const struct store_options *options,
                                          struct store_error *error)
{
    const struct directory *directory = &shared->directory;
    bool writable = !directory->read_only && faccessat(directory->fd, DATA_NAME, W_OK, AT_EACCESS) == 0;
    if (!writable && !options->read_only)
        return store_fail(error, STORE_DENIED,
                          "%s/" DATA_NAME " cannot be written (%s): look at owner and mode, or open "
                          "it to be read only",
                          directory->shown, directory->read_only ? "file system" : "permission");
    struct environment_options how = {.path = directory->path,
                                      .shown = directory->shown,
                                      .read_only = !writable,
                                      .bound = options->map_bytes,
                                      .gate = &shared->gate};
    return environment_open(&how, &shared->environment, error);
}

static enum store_status open_claimed(struct shared *shared, const struct store_options *options,
                                      struct store_error *error)
{
    bool exists;
    enum store_status status = map_page(shared, error);
    if (status == STORE_OK) status = directory_inspect(&shared->directory, options->create, &exists, error);
    if (status == STORE_OK && !exists && !shared->directory.alone)
        return store_fail(error, STORE_CORRUPT,
                          "%s/" DATA_NAME " was removed under a process that has it open: close "
                          "that, then restore a backup",
                          shared->directory.shown);
    if (status == STORE_OK && exists && options->first_frame > 0)
        status =
            store_fail(error, STORE_DENIED, "%s holds a store already: name a new directory", shared->directory.shown);
    if (status == STORE_OK && !exists)
        status = make_store(&shared->directory, options->first_frame > 0 ? options->first_frame : 1, error);
    if (status == STORE_OK) status = open_environment(shared, options, error);
    if (status == STORE_OK) status = directory_share(&shared->directory, error);
    return status;
}

static void free_shared(struct shared *shared)
{
    if (shared->gate.page) munmap(shared->gate.page, GATE_BYTES);
    directory_release(&shared->directory);
    free(shared);
}

/* Takes the directory over, or closes it. */
static enum store_status open_new(struct directory *directory, const struct store_options *options,
                                  struct shared **opened, struct store_error *error)
{
    struct shared *shared = calloc(1, sizeof *shared);
    if (!shared) {
        directory_release(directory);
        return no_memory(directory->shown, error);
    }
    shared->directory = *directory;
    shared->mark = registry.mark;
    bool exists;
    /* Before the claim, which would leave a file in a directory that is none of ours. */
    enum store_status status = directory_inspect(directory, options->create, &exists, error);
    if (status == STORE_OK) status = directory_claim(&shared->directory, options->exclusive, error);
    if (status == STORE_OK) status = open_claimed(shared, options, error);
    if (status == STORE_OK) {
        *opened = shared;
        return STORE_OK;
    }
    if (shared->environment) environment_close(shared->environment, 0);
    free_shared(shared);
    return status;
}

static struct shared *find_shared(const struct directory *directory)
{
    for (struct shared *shared = registry.first; shared; shared = shared->next)
        if (shared->directory.device == directory->device && shared->directory.inode == directory->inode) return shared;
    return NULL;
}

/* With the registry's mutex. Takes the directory over, or closes it. */
static enum store_status find_or_open(struct directory *directory, const struct store_options *options,
                                      struct shared **found, struct store_error *error)
{
    *found = find_shared(directory);
    if (!*found) {
        enum store_status status = open_new(directory, options, found, error);
        if (status != STORE_OK) return status;
        (*found)->next = registry.first;
        registry.first = *found;
    } else {
        directory_release(directory);
        if (options->exclusive || (*found)->directory.exclusive)
            return store_fail(error, STORE_UNAVAILABLE,
                              "%s is open in this process already, and one of the two wants it exclusively: close that "
                              "first",
                              directory->shown);
        if (environment_is_read_only((*found)->environment) && !options->read_only)
            return store_fail(error, STORE_DENIED, "%s is open in this process to be read only: close that first",
                              directory->shown);
        environment_raise_bound((*found)->environment, options->map_bytes);
    }
    (*found)->references++;
    return STORE_OK;
}

static const struct store_ops directory_ops;

enum store_status store_open_directory(const char *path, const struct store_options *given, struct store **store,
                                       struct store_error *error)
{
    static const struct store_options plain;
    const struct store_options *options = given ? given : &plain;
    struct handle *handle = calloc(1, sizeof *handle);
    uint32_t mark = fork_mark();
    struct directory directory;
    enum store_status status =
        handle && mark ? directory_open(path, options->create, &directory, error) : no_memory(path, error);
    if (status == STORE_OK) {
        pthread_mutex_lock(&registry.mutex);
        if (registry.mark != mark) registry.first = NULL; /* the parent's: see the invariant */
        registry.mark = mark;
        status = find_or_open(&directory, options, &handle->shared, error);
        pthread_mutex_unlock(&registry.mutex);
    }
    if (status != STORE_OK) {
        free(handle);
        return status;
    }
    handle->store.ops = &directory_ops;
    handle->mark = mark;
    handle->read_only = options->read_only;
    *store = &handle->store;
    return STORE_OK;
}

/* ---- the port ---- */

static struct handle *handle_of(struct store *store) { return (struct handle *)store; }

static struct environment *environment_of(struct store *store) { return handle_of(store)->shared->environment; }

static struct gate *gate_of(struct store *store) { return &handle_of(store)->shared->gate; }

static enum store_status check_process(const struct store *store, struct store_error *error)
{
    return fork_mark_holds(((const struct handle *)store)->mark) ? STORE_OK : fork_refusal(error);
}

static enum store_status check_turn(struct store *store, const char *call, struct store_error *error)
{
    enum store_status status = check_process(store, error);
    if (status != STORE_OK || gate_is_mine(gate_of(store))) return status;
    return store_fail(error, STORE_INVALID, "%s: %s by a thread that has not the writers' turn: begin() first",
                      handle_of(store)->shared->directory.shown, call);
}

/* As check_turn, for what writes: nothing may be piled on a commit whose end is not known. */
static enum store_status check_write(struct store *store, const char *call, struct store_error *error)
{
    enum store_status status = check_turn(store, call, error);
    if (status != STORE_OK || gate_doubt(gate_of(store)) == GATE_CLEAR) return status;
    return store_fail(error, STORE_INVALID, "%s: %s while the last commit is unknown: settle() first",
                      handle_of(store)->shared->directory.shown, call);
}

static enum store_status directory_load(struct store *store, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                                        const struct record_sink *sink, struct store_error *error)
{
    enum store_status status = check_process(store, error);
    return status == STORE_OK ? environment_load(environment_of(store), part, parts, checkpoint, sink, error) : status;
}

static const struct directory *directory_of(struct store *store) { return &handle_of(store)->shared->directory; }

/* What comes before the journal's first frame, from the archive; the rest again from the journal. */
static enum store_status since_archived(struct store *store, uint64_t after, const struct frame_sink *sink,
                                        struct store_error *error)
{
    struct ends ends;
    enum store_status status = environment_ends(environment_of(store), READ_PATIENCE, &ends, error);
    if (status != STORE_OK) return status;
    if (after + 1 < ends.first) status = archive_since(directory_of(store), after, ends.first - 1, sink, error);
    return status == STORE_OK ? environment_since(environment_of(store), ends.first - 1, sink, error) : status;
}

static enum store_status directory_since(struct store *store, uint64_t after, const struct frame_sink *sink,
                                         struct store_error *error)
{
    enum store_status status = check_process(store, error);
    if (status != STORE_OK) return status;
    status = environment_since(environment_of(store), after, sink, error);
    return status == STORE_NOT_FOUND ? since_archived(store, after, sink, error) : status;
}

static uint64_t directory_tip(struct store *store) { return gate_tip(gate_of(store)); }

static enum store_status directory_facts(struct store *store, struct store_facts *facts, struct store_error *error)
{
    enum store_status status = check_process(store, error);
    if (status == STORE_OK) status = environment_facts(environment_of(store), facts, error);
    /* A damaged archive is since()'s to tell of: it is not in the way of anything that is asked for here. */
    struct archive_span archived = {0};
    bool readable =
        status == STORE_OK && archive_span(directory_of(store), facts->store_id, &archived, NULL) == STORE_OK;
    if (readable && archived.first != 0 && archived.first < facts->first) facts->first = archived.first;
    if (status == STORE_OK) facts->holder = gate_holder(gate_of(store));
    return status;
}

static enum store_status directory_wait(struct store *store, uint64_t past, int64_t deadline_ns)
{
    enum store_status status = check_process(store, NULL);
    return status == STORE_OK ? gate_wait(gate_of(store), past, deadline_ns) : status;
}

static enum store_status directory_begin(struct store *store, int64_t deadline_ns, struct store_error *error)
{
    struct handle *handle = handle_of(store);
    enum store_status status = check_process(store, error);
    if (status != STORE_OK) return status;
    if (handle->read_only)
        return store_fail(error, STORE_DENIED, "%s was opened to be read only", handle->shared->directory.shown);
    bool repair = false;
    status = gate_take(gate_of(store), deadline_ns, &repair, error);
    if (status == STORE_OK && repair) {
        status = environment_repair(environment_of(store), deadline_ns, error);
        if (status != STORE_OK) gate_drop(gate_of(store));
    }
    return status;
}

static void directory_end(struct store *store)
{
    if (check_process(store, NULL) == STORE_OK && gate_is_mine(gate_of(store))) gate_drop(gate_of(store));
}

static enum store_status directory_append(struct store *store, uint64_t expect, const void *frame, size_t size,
                                          int64_t deadline_ns, struct store_error *error)
{
    enum store_status status = check_write(store, "append()", error);
    if (status != STORE_OK) return status;
    return environment_append(environment_of(store), expect, (struct bytes){frame, size}, deadline_ns, error);
}

static enum store_status directory_settle(struct store *store, uint64_t number, const void *frame, size_t size,
                                          bool *written, struct store_error *error)
{
    enum store_status status = check_turn(store, "settle()", error);
    if (status == STORE_OK && gate_doubt(gate_of(store)) != GATE_CLEAR)
        status = environment_repair(environment_of(store), store_now_ns() + TRIM_PATIENCE_NS, error);
    if (status != STORE_OK) return status;
    size_t found;
    status =
        environment_compare_frame(environment_of(store), number, (struct bytes){frame, size}, &found, written, error);
    if (status == STORE_NOT_FOUND) {
        *written = false;
        status = STORE_OK;
    }
    return status;
}

static enum store_status directory_checkpoint(struct store *store, uint64_t at, const struct store_record *records,
                                              size_t count, struct store_error *error)
{
    enum store_status status = check_write(store, "checkpoint()", error);
    if (status == STORE_OK) status = records_check(records, count, error);
    return status == STORE_OK ? environment_checkpoint(environment_of(store), at, records, count, error) : status;
}

static enum store_status directory_rewrite_frame(struct store *store, uint64_t number, const void *frame, size_t size,
                                                 struct store_error *error)
{
    enum store_status status = check_write(store, "rewrite_frame()", error);
    if (status != STORE_OK) return status;
    /* An archiver that died may have left it in both places. */
    enum store_status archived = archive_rewrite(directory_of(store), number, frame, size, error);
    if (archived != STORE_OK && archived != STORE_NOT_FOUND) return archived;
    status = environment_rewrite(environment_of(store), number, (struct bytes){frame, size}, error);
    return status == STORE_NOT_FOUND ? archived : status;
}

static enum store_status directory_read(struct store *store, uint32_t table, const void *key, uint32_t key_size,
                                        const struct record_sink *sink, struct store_error *error)
{
    enum store_status status = check_process(store, error);
    if (status != STORE_OK) return status;
    return environment_read(environment_of(store), table, (struct bytes){key, key_size}, sink, error);
}

/* In the caller's turn if it has one, else a turn for each slice. */
static enum store_status directory_trim(struct store *store, uint64_t before, struct store_error *error)
{
    bool more = true;
    enum store_status status = check_process(store, error);
    while (status == STORE_OK && more) {
        bool mine = gate_is_mine(gate_of(store));
        if (!mine) status = directory_begin(store, store_now_ns() + TRIM_PATIENCE_NS, error);
        if (status != STORE_OK) break;
        status = environment_trim(environment_of(store), before, TRIM_SLICE, &more, error);
        if (!mine) directory_end(store);
    }
    return status;
}

/* ---- the archive ---- */

struct archiving {
    struct archive_file file;
    uint64_t last; /* the last frame that is wanted */
    struct store_error *error;
};

static enum store_status lacks_frame(uint64_t number, struct store_error *error)
{
    return store_fail(error, STORE_NOT_FOUND, "there is no frame %llu to archive", (unsigned long long)number);
}

static enum store_status archive_frame(void *context, uint64_t number, const void *frame, size_t size)
{
    struct archiving *archiving = context;
    struct archive_file *file = &archiving->file;
    if (file->bytes >= ARCHIVE_SLICE) return STORE_STOPPED;
    if (number != file->first + file->count) return lacks_frame(file->first + file->count, archiving->error);
    enum store_status status = archive_add(file, frame, size, archiving->error);
    return status == STORE_OK && number == archiving->last ? STORE_STOPPED : status;
}

/* A file of the frames of `from`, first to last, as far as a slice goes. *next: the first one that is not in it. */
static enum store_status write_archive(struct store *store, const uint64_t store_id[2], struct store *from,
                                       uint64_t first, uint64_t last, uint64_t *next, struct store_error *error)
{
    struct archiving archiving = {.last = last, .error = error};
    struct frame_sink sink = {archive_frame, &archiving};
    enum store_status status = archive_begin(directory_of(store), store_id, first, &archiving.file, error);
    if (status != STORE_OK) return status;
    status = from->ops->since(from, first - 1, &sink, error);
    *next = first + archiving.file.count;
    if (status == STORE_OK && *next <= last) status = lacks_frame(*next, error);
    if (status == STORE_STOPPED) return archive_publish(&archiving.file, error);
    archive_drop(&archiving.file);
    return status;
}

static enum store_status trim_slices(struct store *store, uint64_t before, struct store_error *error)
{
    bool more = true;
    enum store_status status = STORE_OK;
    while (status == STORE_OK && more)
        status = environment_trim(environment_of(store), before, TRIM_SLICE, &more, error);
    return status;
}

/* In the turn. What a dead archiver had put into a file and not yet dropped is dropped first. */
static enum store_status archive_slice(struct store *store, uint64_t before, bool *more, struct store_error *error)
{
    struct ends ends;
    struct archive_span archived;
    enum store_status status = environment_ends(environment_of(store), READ_PATIENCE, &ends, error);
    if (status == STORE_OK) status = archive_span(directory_of(store), ends.meta.store_id, &archived, error);
    if (status != STORE_OK) return status;
    if (before > ends.meta.checkpoint)
        return store_fail(error, STORE_INVALID, "frame %llu is needed by the next start: write a checkpoint first",
                          (unsigned long long)ends.meta.checkpoint);
    if (archived.first != 0 && archived.last + 1 < ends.first)
        return store_fail(error, STORE_INVALID,
                          "the archive ends with frame %llu and the journal begins with %llu: what lay between was "
                          "dropped; move the archive away first",
                          (unsigned long long)archived.last, (unsigned long long)ends.first);
    uint64_t next = archived.last + 1 > ends.first ? archived.last + 1 : ends.first;
    if (next == ends.first && ends.first < before)
        status = write_archive(store, ends.meta.store_id, store, ends.first, before - 1, &next, error);
    if (status == STORE_OK && next > ends.first) status = trim_slices(store, next, error);
    *more = next < before;
    return status;
}

static enum store_status directory_archive(struct store *store, uint64_t before, struct store_error *error)
{
    bool more = true;
    enum store_status status = check_process(store, error);
    while (status == STORE_OK && more) {
        status = directory_begin(store, store_now_ns() + TRIM_PATIENCE_NS, error);
        if (status != STORE_OK) break;
        status = archive_slice(store, before, &more, error);
        directory_end(store);
    }
    return status;
}

static enum store_status directory_archive_from(struct store *store, struct store *from, uint64_t first,
                                                struct store_error *error)
{
    struct ends ends;
    struct archive_span archived;
    enum store_status status = check_process(store, error);
    if (status == STORE_OK) status = environment_ends(environment_of(store), READ_PATIENCE, &ends, error);
    if (status == STORE_OK) status = archive_span(directory_of(store), ends.meta.store_id, &archived, error);
    if (status == STORE_OK && archived.first != 0)
        status = store_fail(error, STORE_INVALID, "it has an archive already");
    while (status == STORE_OK && first < ends.first)
        status = write_archive(store, ends.meta.store_id, from, first, ends.first - 1, &first, error);
    return status;
}

/* ---- copies ---- */

static enum store_status copy_file(struct store *store, const struct directory *to, struct store_error *error)
{
    int fd = openat(to->fd, MAKING_NAME "/" DATA_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return directory_fault(to, DATA_NAME, "cannot be made", error);
    struct store_error said = {{0}};
    enum store_status status = environment_copy(environment_of(store), fd, &said);
    if (status != STORE_OK)
        store_fail(error, status, "%s could not be written: %.300s", to->shown, said.message);
    else if (fsync(fd) != 0)
        status = directory_fault(to, DATA_NAME, "cannot be made durable", error);
    close(fd);
    return status;
}

/* Into a directory that is made, and held alone, as that of a new store: the data file appears when it is whole. */
static enum store_status copy_into(struct store *store, struct directory *to, struct store_error *error)
{
    bool exists;
    struct ends ends = {0};
    enum store_status status = directory_inspect(to, true, &exists, error);
    if (status == STORE_OK && exists)
        status = store_fail(error, STORE_DENIED, "%s holds a store already: name a new directory", to->shown);
    if (status == STORE_OK) status = directory_claim(to, false, error);
    if (status == STORE_OK && !to->alone)
        status = store_fail(error, STORE_DENIED, "%s is in use: name a new directory", to->shown);
    char path[PATH_MAX];
    if (status == STORE_OK) status = directory_begin_making(to, path, error);
    if (status != STORE_OK) return status;
    status = environment_ends(environment_of(store), READ_PATIENCE, &ends, error);
    if (status == STORE_OK) status = copy_file(store, to, error);
    /* Later, so that what is archived meanwhile is in one of the two at least. */
    if (status == STORE_OK) status = archive_copy(directory_of(store), to, ends.first - 1, error);
    return status == STORE_OK ? directory_publish(to, error) : status;
}

/* What fails leaves nothing behind. */
static enum store_status directory_copy(struct store *store, const char *destination, struct store_error *error)
{
    enum store_status status = check_process(store, error);
    if (status != STORE_OK) return status;
    struct directory to;
    status = directory_open(destination, true, &to, error);
    if (status != STORE_OK) return status;
    status = copy_into(store, &to, error);
    if (status != STORE_OK && to.alone && faccessat(to.fd, DATA_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        archive_remove(&to);
        directory_leave_nothing(&to, destination);
    }
    directory_release(&to);
    return status;
}

static enum store_status drop_reference(struct shared *shared, int64_t deadline_ns)
{
    if (shared->references > 1) {
        shared->references--;
        return STORE_OK;
    }
    bool repair = false;
    if (gate_is_here(&shared->gate)) { /* another thread is still writing */
        enum store_status taken = gate_take(&shared->gate, deadline_ns, &repair, NULL);
        if (taken != STORE_OK) return taken;
        gate_drop(&shared->gate);
    }
    enum store_status status = environment_close(shared->environment, deadline_ns);
    if (status != STORE_OK) return status;
    struct shared **link = &registry.first;
    while (*link != shared) link = &(*link)->next;
    *link = shared->next;
    free_shared(shared);
    return STORE_OK;
}

static enum store_status directory_close(struct store *store, int64_t deadline_ns)
{
    enum store_status status = check_process(store, NULL);
    if (status == STORE_OK) {
        directory_end(store);
        pthread_mutex_lock(&registry.mutex);
        status = drop_reference(handle_of(store)->shared, deadline_ns);
        pthread_mutex_unlock(&registry.mutex);
    }
    if (status == STORE_OK || status == STORE_FORKED) free(handle_of(store));
    return status;
}

static const struct store_ops directory_ops = {
    .name = "directory",
    .load = directory_load,
    .since = directory_since,
    .tip = directory_tip,
    .facts = directory_facts,
    .wait = directory_wait,
    .begin = directory_begin,
    .append = directory_append,
    .settle = directory_settle,
    .checkpoint = directory_checkpoint,
    .rewrite_frame = directory_rewrite_frame,
    .end = directory_end,
    .read = directory_read,
    .archive = directory_archive,
    .archive_from = directory_archive_from,
    .trim = directory_trim,
    .copy = directory_copy,
    .close = directory_close,
};

/* ---- verify ---- */

/* What cannot be opened is still read: nobody else can have it open for writing either, so nothing moves
 * meanwhile. */
static enum store_status report_unopened(const struct directory *directory, struct page_report *report,
                                         struct store_error *error)
{
    int fd = openat(directory->fd, DATA_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return store_fail(error, STORE_DENIED, "%s/" DATA_NAME ": %s", directory->shown, strerror(errno));
    struct store_error words = {{0}};
    enum store_status status = pages_report(fd, directory->shown, report, &words);
    close(fd);
    return status == STORE_OK ? STORE_OK : store_fail(error, status, "%s", words.message);
}

static enum store_status report_directory(const char *path, struct page_report *report, struct store_error *error)
{
    struct directory directory;
    enum store_status status = directory_open(path, false, &directory, error);
    if (status != STORE_OK) return status;
    bool exists;
    status = directory_inspect(&directory, false, &exists, error);
    if (status == STORE_OK) status = report_unopened(&directory, report, error);
    directory_release(&directory);
    return status;
}

/* Also of those files whose frames the journal has, too: nobody else would look at them before they are needed. */
static enum store_status check_archive(struct store *store, struct store_error *error)
{
    struct store_facts facts;
    enum store_status status = environment_facts(environment_of(store), &facts, error);
    return status == STORE_OK ? archive_check(directory_of(store), facts.store_id, error) : status;
}

enum store_status store_verify_directory(const char *path, char *text, size_t capacity, uint64_t *problems,
                                         struct store_error *error)
{
    struct page_report report = {.text = text, .capacity = capacity};
    if (capacity > 0) text[0] = '\0';
    struct store_options look = {.read_only = true};
    struct store *store;
    enum store_status status = store_open_directory(path, &look, &store, error);
    if (status == STORE_OK) {
        status = environment_report(environment_of(store), &report, error);
        if (status == STORE_OK && report.problems == 0) status = check_archive(store, error);
        store->ops->close(store, store_now_ns() + CLOSE_PATIENCE_NS);
    } else if (status == STORE_CORRUPT || status == STORE_IO) {
        status = report_directory(path, &report, error);
    }
    if (status == STORE_OK) *problems = report.problems;
    return status;
}
