/* The LMDB environment of one directory: the only file that knows LMDB.
 *
 * One environment serves the whole process (open.c sees to that). In it lie the named databases `meta`, `journal` and
 * one for each table; storage/FORMAT.md draws them. LMDB writes them and holds states of them still; what is read goes
 * through pages.c. Costs: a durable change is one transaction, two disk syncs; a snapshot is a slot in a shared table
 * and a few small reads, some microseconds.
 *
 * Modes: the default sync, because it is the only one that survived every power cut; no writable map (a full disk would
 * be a SIGBUS), no sorted duplicates, no thread-local readers (a thread may hold several snapshots).
 *
 * Invariants
 *  1. Whoever touches `env` is inside: between enter() and leave(). LMDB must not be closed or mapped anew under
 *     anybody, so what needs that (`need`) waits until nobody is inside, and newcomers wait for it.
 *  2. Changes happen in the writers' turn, so LMDB's own write lock is never waited for.
 *  3. gate doubt: GATE_COMMITTING from before LMDB commits until it says how that ended. LMDB writes pages, syncs,
 *     writes the meta page through a synchronous descriptor, and only then lets readers see it. A failure before the
 *     meta page leaves nothing behind. A failure of the meta page itself (LMDB then panics) leaves it open what a power
 *     cut would find: GATE_DOUBTFUL, STORE_UNKNOWN, and only a later commit settles it, because that one's meta page
 *     stands for all that came before.
 *  4. A meta page that a killed writer left behind may be visible and not yet durable. LMDB shows it to readers once
 *     another write transaction begins, or when the first process opens; so both are preceded by a sync.
 *  5. LMDB meets no page that was not looked over: at the opening all but the leaves; the journal's last leaf before an
 *     append, its first ones before a trim; all of the tables before the first checkpoint; everything before a copy. It
 *     reads them through its map: a sector that went bad in between is a SIGBUS in the host, from writing alone.
 *  6. LMDB hands out reader slots under a mutex that knows no deadline: a process that is stopped at that very moment
 *     stops them all. So transactions that are done reading keep their slots (`idle`) and are renewed, which takes no
 *     lock; the mutex is met as often as more threads than ever before read at once. */
#include "storage/environment.h"

#include "storage/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READERS            1022
#define MAP_BOUND          (UINT64_C(1) << 40)
#define MAP_LEAST          (UINT64_C(1) << 17)
#define READER_CHECK_EVERY 64 /* changes */
#define TRIES              8
#define IDLE_MOST          32

/* A sanitizer shadows every mapped page, so there the map begins small and grows: which its tests then exercise. */
#if SANITIZED
#define MAP_FIRST (UINT64_C(1) << 20)
#else
#define MAP_FIRST MAP_BOUND
#endif

enum need {
    FIT,     /* nothing */
    SMALL,   /* the map has to grow */
    BROKEN,  /* LMDB refuses to go on: close it and open it again */
    MENDING, /* somebody is at it */
};

struct environment {
    struct environment_options options;
    pthread_mutex_t mutex; /* guards all to the next blank line */
    pthread_cond_t changed;
    unsigned inside;
    enum need need;
    uint64_t bound;      /* the map grows no further */
    uint64_t map;        /* bytes that are mapped now */
    bool walked;         /* every page of the tables was looked over */
    uint32_t walk_parts; /* which parts of them were, so far */
    uint64_t walk_done;
    MDB_txn *idle[IDLE_MOST]; /* done reading, with a slot each */
    size_t idle_count;

    unsigned changes; /* in the writers' turn */

    MDB_env *env; /* NULL: broken, and it could not be opened again */
    uint32_t page_size;
    MDB_dbi trees[TREE_COUNT];
};

/* ---- failures ---- */

static bool out_of_room(const struct environment *environment)
{
    struct statvfs room;
    mdb_filehandle_t fd;
    if (!environment->env || mdb_env_get_fd(environment->env, &fd) != 0 || fstatvfs(fd, &room) != 0) return false;
    uint64_t blocks = geteuid() == 0 ? room.f_bfree : room.f_bavail;
    return blocks * room.f_frsize < (1 << 20);
}

/* LMDB reports a short write, which is how a disk fills up, as EIO. */
static enum store_status status_of(const struct environment *environment, int code)
{
    switch (code) {
    case MDB_SUCCESS: return STORE_OK;
    case MDB_NOTFOUND: return STORE_NOT_FOUND;
    case MDB_KEYEXIST: return STORE_BEHIND; /* an append: the number is taken */
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return STORE_FULL;
    case EIO: return out_of_room(environment) ? STORE_FULL : STORE_IO;
    case ENOMEM: return STORE_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS: return STORE_DENIED;
    case MDB_PANIC:
    case MDB_READERS_FULL:
    case MDB_MAP_RESIZED:
    case MDB_BAD_RSLOT: return STORE_UNAVAILABLE;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_TXN: return STORE_CORRUPT;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH: return STORE_NOT_STORE;
    default: return code > 0 ? STORE_IO : STORE_UNAVAILABLE;
    }
}

static const char *advice(enum store_status status)
{
    switch (status) {
    case STORE_FULL: return ": make room on the disk (or raise map_bytes) and try again";
    case STORE_CORRUPT: return ": run verify, then restore a backup";
    case STORE_IO: return ": look at the kernel's log";
    case STORE_DENIED: return ": look at owner and mode";
    case STORE_NOT_STORE: return ": name a store's directory";
    default: return "";
    }
}

static enum store_status fail(const struct environment *environment, int code, const char *what,
                              struct store_error *error)
{
    enum store_status status = status_of(environment, code);
    return store_fail(error, status, "%s/" DATA_NAME ": %s: %s%s", environment->options.shown, what, mdb_strerror(code),
                      advice(status));
}

/* ---- a state, held still ---- */

/* The meta page of the transaction we are in may be overwritten by the next but one. That cannot have begun
 * while LMDB still gives a new reader the same transaction; so look, ask again, and believe what was seen in
 * between. */
static int read_state(const struct environment *environment, struct snapshot *snapshot, enum store_status *status,
                      struct store_error *error)
{
    MDB_txn *txn = snapshot->transaction;
    for (;;) {
        size_t id = mdb_txn_id(txn);
        *status = pages_read_state(snapshot->pages.fd, snapshot->pages.shown, id % 2, snapshot->pages.page_size,
                                   &snapshot->state, error);
        mdb_txn_reset(txn);
        int code = mdb_txn_renew(txn);
        if (code) return code;
        if (mdb_txn_id(txn) != id) continue;
        if (*status == STORE_OK && snapshot->state.transaction != id)
            *status =
                store_fail(error, STORE_CORRUPT,
                           "%s/" DATA_NAME ": page %zu, meta: transaction %llu where %zu belongs: run verify",
                           environment->options.shown, id % 2, (unsigned long long)snapshot->state.transaction, id);
        return 0;
    }
}

static int take_transaction(struct environment *environment, MDB_txn **txn)
{
    pthread_mutex_lock(&environment->mutex);
    *txn = environment->idle_count > 0 ? environment->idle[--environment->idle_count] : NULL;
    pthread_mutex_unlock(&environment->mutex);
    if (!*txn) return mdb_txn_begin(environment->env, NULL, MDB_RDONLY, txn);
    int code = mdb_txn_renew(*txn);
    if (code) mdb_txn_abort(*txn);
    return code;
}

static void give_back(struct environment *environment, MDB_txn *txn)
{
    mdb_txn_reset(txn);
    pthread_mutex_lock(&environment->mutex);
    bool kept = environment->idle_count < IDLE_MOST;
    if (kept) environment->idle[environment->idle_count++] = txn;
    pthread_mutex_unlock(&environment->mutex);
    if (!kept) mdb_txn_abort(txn);
}

static int begin_reading(struct environment *environment, struct snapshot *snapshot, enum store_status *status,
                         struct store_error *error)
{
    MDB_txn *txn;
    mdb_filehandle_t fd;
    int code = take_transaction(environment, &txn);
    if (code) return code;
    mdb_env_get_fd(environment->env, &fd);
    *snapshot =
        (struct snapshot){.transaction = txn, .pages = {fd, environment->options.shown, environment->page_size}};
    code = read_state(environment, snapshot, status, error);
    if (code || *status != STORE_OK) mdb_txn_abort(txn);
    return code;
}

/* Inside already. */
static enum store_status hold_still(struct environment *environment, struct snapshot *snapshot, int *code,
                                    struct store_error *error)
{
    enum store_status status = STORE_OK;
    *code = begin_reading(environment, snapshot, &status, error);
    if (*code == MDB_READERS_FULL) mdb_reader_check(environment->env, NULL);
    if (*code) return fail(environment, *code, "cannot be read", error);
    if (status != STORE_OK) return status;
    status = snapshot_trees(snapshot, error);
    if (status != STORE_OK) give_back(environment, snapshot->transaction);
    return status;
}

/* ---- opening and mapping ---- */

static uint64_t round_up(uint64_t bytes, uint64_t to) { return (bytes + to - 1) / to * to; }

static uint64_t bound_of(uint64_t asked)
{
    if (asked == 0 || asked > MAP_BOUND) return MAP_BOUND;
    return round_up(asked < MAP_LEAST ? MAP_LEAST : asked, (uint64_t)sysconf(_SC_PAGESIZE));
}

/* A limited address space is shared with the rest of the process: a quarter to begin with. */
static uint64_t first_map(uint64_t bound)
{
    uint64_t map = bound < MAP_FIRST ? bound : MAP_FIRST;
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && map > space.rlim_cur / 4)
        map = space.rlim_cur / 4;
    return round_up(map < MAP_LEAST ? MAP_LEAST : map, (uint64_t)sysconf(_SC_PAGESIZE));
}

static int open_once(struct environment *environment, uint64_t map)
{
    MDB_env *env;
    int code = mdb_env_create(&env);
    if (code) return code;
    code = mdb_env_set_maxdbs(env, TREE_COUNT);
    if (!code) code = mdb_env_set_maxreaders(env, READERS);
    if (!code) code = mdb_env_set_mapsize(env, map);
    unsigned flags = MDB_NOTLS | (environment->options.read_only ? MDB_RDONLY : 0);
    if (!code) code = mdb_env_open(env, environment->options.path, flags, 0600);
    if (code) {
        mdb_env_close(env);
        return code;
    }
    mdb_filehandle_t fd;
    mdb_env_get_fd(env, &fd);
    fcntl(fd, F_SETFD, FD_CLOEXEC); /* LMDB leaves it open to programs that are executed */
    environment->env = env;
    environment->map = map;
    return 0;
}

/* The largest map that the system grants, halving from the first. */
static int open_mapped(struct environment *environment)
{
    uint64_t map = environment->map > 0 ? environment->map : first_map(environment->bound);
    int code = open_once(environment, map);
    while (code == ENOMEM && map / 2 >= MAP_LEAST) code = open_once(environment, map /= 2);
    return code;
}

static int open_databases(struct environment *environment, MDB_txn *txn, unsigned flags)
{
    int code = 0;
    for (uint32_t tree = 0; !code && tree < TREE_COUNT; tree++)
        code = mdb_dbi_open(txn, tree_name(tree), flags, &environment->trees[tree]);
    return code;
}

/* Handles outlive the transaction only if it is committed, a reading one too. */
static int open_handles(struct environment *environment)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, &txn);
    if (code) return code;
    code = open_databases(environment, txn, 0);
    if (!code) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

static void shut(struct environment *environment)
{
    while (environment->idle_count > 0) mdb_txn_abort(environment->idle[--environment->idle_count]);
    if (environment->env) mdb_env_close(environment->env);
    environment->env = NULL;
}

/* Through the file's own descriptor, because LMDB refuses to sync what it has open for reading only. */
static int sync_file(struct environment *environment)
{
    mdb_filehandle_t fd;
    int code = mdb_env_get_fd(environment->env, &fd);
    if (code) return code;
    return fdatasync(fd) == 0 ? 0 : errno;
}

/* LMDB takes page sizes, roots and numbers from the meta pages as they are; so they are read first. Another
 * process may be writing one of them just now. */
static enum store_status look_at_head(const struct environment *environment, struct store_error *error)
{
    char path[PATH_MAX + sizeof DATA_NAME];
    snprintf(path, sizeof path, "%s/" DATA_NAME, environment->options.path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return fail(environment, errno, "cannot be opened", error);
    struct page_state state;
    enum store_status status = STORE_CORRUPT;
    for (int tries = 0; tries < TRIES && status == STORE_CORRUPT; tries++)
        status = pages_read_newest(fd, environment->options.shown, &state, error);
    close(fd);
    return status;
}

/* Until here nothing but the meta pages was believed; from here on LMDB writes by what it finds. */
static enum store_status look_at_links(struct environment *environment, struct store_error *error)
{
    struct snapshot snapshot;
    int code = 0;
    enum store_status status = hold_still(environment, &snapshot, &code, error);
    if (status != STORE_OK) return status;
    struct ends ends;
    status = snapshot_ends(&snapshot, &ends, error);
    if (status == STORE_OK) status = snapshot_check(&snapshot, false, error);
    give_back(environment, snapshot.transaction);
    return status;
}

static enum store_status open_mapped_and_synced(struct environment *environment, struct store_error *error)
{
    int code = open_mapped(environment);
    if (code) return fail(environment, code, "cannot be opened", error);
    code = sync_file(environment);
    if (code) return fail(environment, code, "cannot be made durable", error);
    MDB_stat stat;
    mdb_env_stat(environment->env, &stat);
    environment->page_size = stat.ms_psize;
    mdb_reader_check(environment->env, NULL);
    return STORE_OK;
}

static enum store_status open_whole(struct environment *environment, struct store_error *error)
{
    enum store_status status = look_at_head(environment, error);
    if (status == STORE_OK) status = open_mapped_and_synced(environment, error);
    if (status == STORE_OK) status = look_at_links(environment, error);
    int code = status == STORE_OK ? open_handles(environment) : 0;
    if (code) status = fail(environment, code, "its tables cannot be opened", error);
    if (status != STORE_OK) shut(environment);
    return status;
}

/* ---- inside ---- */

/* Bytes that the newest state takes, whoever wrote it. */
static uint64_t bytes_used(const struct environment *environment)
{
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(environment->env, &info);
    mdb_env_stat(environment->env, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

static bool can_grow(struct environment *environment)
{
    uint64_t used = bytes_used(environment);
    pthread_mutex_lock(&environment->mutex);
    bool can = environment->map < environment->bound || used > environment->map;
    pthread_mutex_unlock(&environment->mutex);
    return can;
}

static enum store_status grow(struct environment *environment, struct store_error *error)
{
    uint64_t used = bytes_used(environment);
    pthread_mutex_lock(&environment->mutex);
    uint64_t bound = environment->bound;
    pthread_mutex_unlock(&environment->mutex);
    uint64_t map = environment->map * 2;
    while (map < used) map *= 2;
    if (map > bound) map = bound > used ? bound : used;
    int code = mdb_env_set_mapsize(environment->env, map);
    if (!code) {
        environment->map = map;
        return STORE_OK;
    }
    enum store_status status = fail(environment, code, "its map cannot grow", error);
    shut(environment); /* LMDB has let go of the old map */
    return status;
}

/* With nobody inside, and the mutex, which is let go meanwhile: others may have less time than a slow disk takes. */
static enum store_status mend(struct environment *environment, struct store_error *error)
{
    bool grows = environment->need == SMALL && environment->env;
    environment->need = MENDING;
    pthread_mutex_unlock(&environment->mutex);
    enum store_status status;
    if (grows) {
        status = grow(environment, error);
    } else {
        shut(environment);
        status = open_whole(environment, error);
    }
    pthread_mutex_lock(&environment->mutex);
    environment->need = environment->env ? FIT : BROKEN;
    pthread_cond_broadcast(&environment->changed);
    return status;
}

static enum store_status enter(struct environment *environment, int64_t deadline_ns, struct store_error *error)
{
    enum store_status status = STORE_OK;
    struct timespec until = store_instant(deadline_ns);
    pthread_mutex_lock(&environment->mutex);
    while (environment->need != FIT && status == STORE_OK) {
        if (environment->inside == 0 && environment->need != MENDING)
            status = mend(environment, error);
        else if (pthread_cond_timedwait(&environment->changed, &environment->mutex, &until) == ETIMEDOUT)
            status = store_fail(error, STORE_TIMEOUT,
                                "%s: its map had to grow, and %u readers or a slow disk were not done in time",
                                environment->options.shown, environment->inside);
    }
    if (status == STORE_OK) environment->inside++;
    pthread_mutex_unlock(&environment->mutex);
    return status;
}

static void leave(struct environment *environment, enum need need)
{
    pthread_mutex_lock(&environment->mutex);
    if (need > environment->need) environment->need = need;
    if (--environment->inside == 0) pthread_cond_broadcast(&environment->changed);
    pthread_mutex_unlock(&environment->mutex);
}

/* What has to happen to the environment before what failed with this code can be tried again. */
static enum need remedy(struct environment *environment, int code)
{
    if (code == MDB_PANIC) return BROKEN;
    if (code == MDB_MAP_RESIZED) return SMALL;
    if (code == MDB_MAP_FULL && can_grow(environment)) return SMALL;
    return FIT;
}

/* ---- reading ---- */

enum store_status snapshot_begin(struct environment *environment, int64_t deadline_ns, struct snapshot *snapshot,
                                 struct store_error *error)
{
    enum store_status status = STORE_OK;
    for (int tries = 0; tries < TRIES; tries++) {
        status = enter(environment, deadline_ns, error);
        if (status != STORE_OK) return status;
        int code = 0;
        status = hold_still(environment, snapshot, &code, error);
        if (status == STORE_OK) return STORE_OK;
        leave(environment, remedy(environment, code));
        if (!code) return status;
    }
    return status;
}

void snapshot_end(struct environment *environment, struct snapshot *snapshot)
{
    give_back(environment, snapshot->transaction);
    leave(environment, FIT);
}

void environment_note_walk(struct environment *environment, uint32_t part, uint32_t parts)
{
    if (parts > 64) return;
    pthread_mutex_lock(&environment->mutex);
    if (parts != environment->walk_parts) environment->walk_done = 0;
    environment->walk_parts = parts;
    environment->walk_done |= UINT64_C(1) << part;
    if (environment->walk_done == UINT64_MAX >> (64 - parts)) environment->walked = true;
    pthread_mutex_unlock(&environment->mutex);
}

/* LMDB begins a transaction of its own for a copy, and may find the map too small by then. */
enum store_status environment_copy(struct environment *environment, int fd, struct store_error *error)
{
    enum store_status status = STORE_OK;
    for (int tries = 0; tries < TRIES; tries++) {
        struct snapshot snapshot;
        status = snapshot_begin(environment, READ_PATIENCE, &snapshot, error);
        if (status != STORE_OK) return status;
        status = snapshot_check(&snapshot, true, error); /* LMDB would trip over damage */
        int code = status == STORE_OK ? mdb_env_copyfd2(environment->env, fd, MDB_CP_COMPACT) : 0;
        if (code) status = fail(environment, code, "cannot be copied", error);
        enum need need = remedy(environment, code);
        give_back(environment, snapshot.transaction);
        leave(environment, need);
        if (need == FIT || lseek(fd, 0, SEEK_SET) != 0 || ftruncate(fd, 0) != 0) break;
    }
    return status;
}

/* ---- writing ---- */

/* A change is tried until LMDB's map is large enough for it, from the start each time. apply() fills the
 * transaction; what LMDB said when it fails goes to *code. */
struct change {
    enum store_status (*apply)(struct environment *, MDB_txn *, const void *context, int *code, struct store_error *);
    const void *context;
    int64_t deadline_ns;
};

/* Asked of a transaction that writes, which fails for no other reason: one that reads may want for a slot. */
static bool panicked(struct environment *environment)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(environment->env, NULL, 0, &txn);
    if (!code) mdb_txn_abort(txn);
    return code == MDB_PANIC;
}

/* LMDB panics exactly when the meta page failed to be written (invariant 3). */
static enum store_status commit(struct environment *environment, MDB_txn *txn, int *code, struct store_error *error)
{
    struct gate *gate = environment->options.gate;
    enum gate_doubt before = gate_doubt(gate);
    if (before == GATE_CLEAR) gate_set_doubt(gate, GATE_COMMITTING);
    *code = mdb_txn_commit(txn);
    if (!*code) {
        gate_set_doubt(gate, GATE_CLEAR);
        return STORE_OK;
    }
    if (!panicked(environment)) {
        gate_set_doubt(gate, before);
        return fail(environment, *code, "cannot be written", error);
    }
    gate_set_doubt(gate, GATE_DOUBTFUL);
    store_fail(error, STORE_UNKNOWN, "%s/" DATA_NAME ": the last page of a commit failed (%s): settle it first",
               environment->options.shown, mdb_strerror(*code));
    *code = MDB_PANIC;
    return STORE_UNKNOWN;
}

static enum store_status change_once(struct environment *environment, const struct change *change, int *code,
                                     struct store_error *error)
{
    MDB_txn *txn;
    /* A reader that was killed would keep its pages from being used again for ever. */
    if (environment->changes++ % READER_CHECK_EVERY == 0) mdb_reader_check(environment->env, NULL);
    *code = mdb_txn_begin(environment->env, NULL, 0, &txn);
    if (*code) return fail(environment, *code, "cannot be changed", error);
    enum store_status status = change->apply(environment, txn, change->context, code, error);
    if (status == STORE_OK && store_now_ns() >= change->deadline_ns)
        status = store_fail(error, STORE_TIMEOUT, "%s: the deadline passed before anything was written",
                            environment->options.shown);
    if (status == STORE_OK) return commit(environment, txn, code, error);
    mdb_txn_abort(txn);
    return status;
}

static enum store_status make_change(struct environment *environment, const struct change *change,
                                     struct store_error *error)
{
    enum store_status status = STORE_UNAVAILABLE;
    for (int tries = 0; tries < 64; tries++) { /* a map of 128 KiB may have to double 23 times */
        status = enter(environment, change->deadline_ns, error);
        if (status != STORE_OK) return status;
        int code = 0;
        status = change_once(environment, change, &code, error);
        enum need need = status == STORE_OK ? FIT : remedy(environment, code);
        leave(environment, need);
        if (need == FIT || status == STORE_UNKNOWN) break;
    }
    return status;
}

static int put_meta(const struct environment *environment, MDB_txn *txn, const struct meta *meta)
{
    unsigned char bytes[META_BYTES];
    meta_write(meta, bytes);
    MDB_val key = {META_KEY_SIZE, (void *)META_KEY};
    MDB_val value = {sizeof bytes, bytes};
    return mdb_put(txn, environment->trees[TREE_META], &key, &value, 0);
}

/* ---- append ---- */

struct append {
    uint64_t expect;
    struct bytes frame;
};

static enum store_status apply_append(struct environment *environment, MDB_txn *txn, const void *context, int *code,
                                      struct store_error *error)
{
    const struct append *append = context;
    unsigned char number[FRAME_KEY_SIZE];
    frame_key_write(number, append->expect);
    MDB_val key = {sizeof number, number};
    MDB_val value = {append->frame.size, (void *)append->frame.at};
    *code = mdb_put(txn, environment->trees[TREE_JOURNAL], &key, &value, MDB_APPEND);
    return *code ? fail(environment, *code, "cannot take a frame", error) : STORE_OK;
}

enum store_status environment_append(struct environment *environment, uint64_t expect, struct bytes frame,
                                     int64_t deadline_ns, struct store_error *error)
{
    struct append append = {expect, frame};
    struct change change = {apply_append, &append, deadline_ns};
    struct ends ends;
    enum store_status status = environment_ends(environment, deadline_ns, &ends, error);
    if (status == STORE_OK) status = frame_check(expect, ends.tip, frame.size, error);
    if (status == STORE_OK) status = make_change(environment, &change, error);
    if (status == STORE_OK) gate_raise_tip(environment->options.gate, expect);
    return status;
}

static enum store_status apply_rewrite(struct environment *environment, MDB_txn *txn, const void *context, int *code,
                                       struct store_error *error)
{
    const struct append *rewrite = context;
    unsigned char number[FRAME_KEY_SIZE];
    frame_key_write(number, rewrite->expect);
    MDB_val key = {sizeof number, number};
    MDB_val value = {rewrite->frame.size, (void *)rewrite->frame.at};
    *code = mdb_put(txn, environment->trees[TREE_JOURNAL], &key, &value, 0);
    return *code ? fail(environment, *code, "cannot rewrite a frame", error) : STORE_OK;
}

enum store_status environment_rewrite(struct environment *environment, uint64_t number, struct bytes frame,
                                      struct store_error *error)
{
    struct append rewrite = {number, frame};
    struct change change = {apply_rewrite, &rewrite, INT64_MAX};
    size_t size;
    bool same;
    enum store_status status = environment_compare_frame(environment, number, frame, &size, &same, error);
    if (status != STORE_OK || same) return status;
    if (size != frame.size) return rewrite_refusal(number, size, frame.size, error);
    return make_change(environment, &change, error);
}

/* ---- checkpoint ---- */

struct checkpoint {
    struct meta meta; /* as it is to be */
    const struct store_record *records;
    size_t count;
};

/* Puts behind the last key fill pages to the brim instead of halving them: half the file, twice as fast to
 * load. */
static int put_run(MDB_cursor *cursor, const struct store_record *records, size_t count)
{
    unsigned char last[STORE_KEY_MAX];
    MDB_val key = {0};
    int code = mdb_cursor_get(cursor, &key, NULL, MDB_LAST);
    if (code && code != MDB_NOTFOUND) return code;
    size_t last_size = code ? 0 : key.mv_size;
    if (last_size > sizeof last) return MDB_CORRUPTED;
    if (last_size > 0) memcpy(last, key.mv_data, last_size);

    code = 0;
    for (size_t i = 0; !code && i < count; i++) {
        key = (MDB_val){records[i].key_size, (void *)records[i].key};
        MDB_val value = {records[i].value_size, (void *)records[i].value};
        bool behind = bytes_compare((struct bytes){key.mv_data, key.mv_size}, (struct bytes){last, last_size}) > 0;
        if (value.mv_data) {
            code = mdb_cursor_put(cursor, &key, &value, behind ? MDB_APPEND : 0);
        } else if (!behind) {
            code = mdb_cursor_get(cursor, &key, NULL, MDB_SET);
            if (!code) code = mdb_cursor_del(cursor, 0);
            if (code == MDB_NOTFOUND) code = 0;
        }
    }
    return code;
}

static int put_tables(struct environment *environment, MDB_txn *txn, const struct checkpoint *checkpoint)
{
    int code = 0;
    for (size_t i = 0, run; !code && i < checkpoint->count; i += run) {
        uint32_t table = checkpoint->records[i].table;
        for (run = 1; i + run < checkpoint->count && checkpoint->records[i + run].table == table;) run++;
        MDB_cursor *cursor;
        code = mdb_cursor_open(txn, environment->trees[table], &cursor);
        if (code) break;
        code = put_run(cursor, checkpoint->records + i, run);
        mdb_cursor_close(cursor);
    }
    return code;
}

static enum store_status apply_checkpoint(struct environment *environment, MDB_txn *txn, const void *context, int *code,
                                          struct store_error *error)
{
    const struct checkpoint *checkpoint = context;
    *code = put_tables(environment, txn, checkpoint);
    if (!*code) *code = put_meta(environment, txn, &checkpoint->meta);
    return *code ? fail(environment, *code, "cannot take a checkpoint", error) : STORE_OK;
}

static enum store_status ignore_record(void *context, const struct store_record *record)
{
    (void)context;
    (void)record;
    return STORE_OK;
}

static enum store_status walk_tables(struct environment *environment, struct store_error *error)
{
    pthread_mutex_lock(&environment->mutex);
    bool walked = environment->walked;
    pthread_mutex_unlock(&environment->mutex);
    uint64_t checkpoint;
    struct record_sink nothing = {ignore_record, NULL};
    return walked ? STORE_OK : environment_load(environment, 0, 1, &checkpoint, &nothing, error);
}

enum store_status environment_checkpoint(struct environment *environment, uint64_t at,
                                         const struct store_record *records, size_t count, struct store_error *error)
{
    struct ends ends;
    enum store_status status = environment_ends(environment, READ_PATIENCE, &ends, error);
    if (status == STORE_OK) status = checkpoint_check(at, ends.meta.checkpoint, ends.tip, error);
    if (status == STORE_OK) status = walk_tables(environment, error);
    if (status != STORE_OK) return status;
    struct checkpoint checkpoint = {ends.meta, records, count};
    checkpoint.meta.checkpoint = at;
    struct change change = {apply_checkpoint, &checkpoint, INT64_MAX};
    return make_change(environment, &change, error);
}

/* ---- trim ---- */

struct trim {
    uint64_t before;
    size_t limit;
    bool *more;
};

static int delete_frames(MDB_cursor *cursor, const struct trim *trim)
{
    MDB_val key;
    int code = mdb_cursor_get(cursor, &key, NULL, MDB_FIRST);
    for (size_t gone = 0; !code; gone++) {
        *trim->more = key.mv_size == FRAME_KEY_SIZE && frame_key_number(key.mv_data) < trim->before;
        if (!*trim->more || gone == trim->limit) return 0;
        code = mdb_cursor_del(cursor, 0);
        if (!code) code = mdb_cursor_get(cursor, &key, NULL, MDB_FIRST);
    }
    *trim->more = false;
    return code == MDB_NOTFOUND ? 0 : code;
}

static enum store_status apply_trim(struct environment *environment, MDB_txn *txn, const void *context, int *code,
                                    struct store_error *error)
{
    const struct trim *trim = context;
    MDB_cursor *cursor;
    *code = mdb_cursor_open(txn, environment->trees[TREE_JOURNAL], &cursor);
    if (!*code) {
        *code = delete_frames(cursor, trim);
        mdb_cursor_close(cursor);
    }
    return *code ? fail(environment, *code, "cannot drop frames", error) : STORE_OK;
}

enum store_status environment_trim(struct environment *environment, uint64_t before, size_t limit, bool *more,
                                   struct store_error *error)
{
    struct trim trim = {before, limit, more};
    struct change change = {apply_trim, &trim, INT64_MAX};
    struct ends ends;
    enum store_status status = environment_ends(environment, READ_PATIENCE, &ends, error);
    if (status != STORE_OK) return status;
    if (before > ends.meta.checkpoint + 1) return trim_refusal(before, ends.meta.checkpoint, error);
    *more = ends.first < before && ends.first <= ends.tip;
    if (!*more) return STORE_OK;
    status = environment_walk_frames(environment, limit, error);
    if (status != STORE_OK) return status;
    return make_change(environment, &change, error);
}

/* ---- repair ---- */

/* A commit that changes nothing but its own count: its meta page makes sure of all before it. The record is read in the
 * same transaction, because only that sees what a dead writer had committed; a snapshot may be one state behind. */
static enum store_status apply_seal(struct environment *environment, MDB_txn *txn, const void *context, int *code,
                                    struct store_error *error)
{
    (void)context;
    struct meta sealed;
    MDB_val key = {META_KEY_SIZE, (void *)META_KEY};
    MDB_val value;
    *code = mdb_get(txn, environment->trees[TREE_META], &key, &value);
    if (*code) return fail(environment, *code, "its record cannot be read", error);
    enum store_status status = meta_read(value.mv_data, value.mv_size, environment->options.shown, &sealed, error);
    if (status != STORE_OK) return status;
    sealed.seals++;
    *code = put_meta(environment, txn, &sealed);
    return *code ? fail(environment, *code, "cannot be sealed", error) : STORE_OK;
}

/* Inside, and in one's turn. Syncs, and only then takes LMDB's write lock, which lets readers see what its dead owner
 * had written. */
static enum store_status look_behind_the_dead(struct environment *environment, int *code, struct store_error *error)
{
    *code = sync_file(environment);
    if (*code) {
        /* The kernel reports a failed sync once; the next would lie. */
        gate_set_doubt(environment->options.gate, GATE_DOUBTFUL);
        return fail(environment, *code, "cannot be made durable", error);
    }
    MDB_txn *txn;
    *code = mdb_txn_begin(environment->env, NULL, 0, &txn);
    if (*code) return fail(environment, *code, "cannot be taken over from a writer that died", error);
    mdb_txn_abort(txn);
    return STORE_OK;
}

static enum store_status sync_then_look(struct environment *environment, int64_t deadline_ns, struct store_error *error)
{
    enum store_status status = STORE_OK;
    for (int tries = 0; tries < TRIES; tries++) {
        status = enter(environment, deadline_ns, error);
        if (status != STORE_OK) return status;
        int code = 0;
        status = look_behind_the_dead(environment, &code, error);
        enum need need = remedy(environment, code);
        leave(environment, need);
        if (need == FIT) break;
    }
    return status;
}

enum store_status environment_repair(struct environment *environment, int64_t deadline_ns, struct store_error *error)
{
    struct gate *gate = environment->options.gate;
    struct change seal = {apply_seal, NULL, deadline_ns};
    enum store_status status = gate_doubt(gate) == GATE_DOUBTFUL ? make_change(environment, &seal, error)
                                                                 : sync_then_look(environment, deadline_ns, error);
    struct ends ends;
    if (status == STORE_OK) status = environment_ends(environment, deadline_ns, &ends, error);
    if (status != STORE_OK) return status;
    gate_set_doubt(gate, GATE_CLEAR);
    gate_raise_tip(gate, ends.tip);
    return STORE_OK;
}

/* ---- life ---- */

/* Without frames, the newest number is the one that the tables stand at. */
static enum store_status make_record(struct environment *environment, uint64_t first_frame, struct store_error *error)
{
    struct meta meta;
    enum store_status status = meta_new(&meta, error);
    if (status != STORE_OK) return status;
    meta.checkpoint = first_frame - 1;
    MDB_txn *txn;
    int code = mdb_txn_begin(environment->env, NULL, 0, &txn);
    if (code) return fail(environment, code, "cannot be made", error);
    code = open_databases(environment, txn, MDB_CREATE);
    if (!code) code = put_meta(environment, txn, &meta);
    if (!code)
        code = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    return code ? fail(environment, code, "cannot be made", error) : STORE_OK;
}

enum store_status environment_make(const struct environment_options *options, uint64_t first_frame,
                                   struct store_error *error)
{
    struct environment making = {.options = *options, .bound = MAP_LEAST};
    int code = open_once(&making, MAP_LEAST);
    if (code) return fail(&making, code, "cannot be made", error);
    enum store_status status = make_record(&making, first_frame, error);
    shut(&making);
    return status;
}

static bool prepare(struct environment *environment)
{
    pthread_condattr_t clock;
    if (pthread_mutex_init(&environment->mutex, NULL) != 0) return false;
    if (pthread_condattr_init(&clock) != 0) return false;
    bool done = pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&environment->changed, &clock) == 0;
    pthread_condattr_destroy(&clock);
    return done;
}

static void discard(struct environment *environment)
{
    shut(environment);
    pthread_mutex_destroy(&environment->mutex);
    pthread_cond_destroy(&environment->changed);
    free(environment);
}

enum store_status environment_open(const struct environment_options *options, struct environment **opened,
                                   struct store_error *error)
{
    struct environment *environment = calloc(1, sizeof *environment);
    if (!environment || !prepare(environment)) {
        free(environment);
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to open it", options->shown);
    }
    environment->options = *options;
    environment->bound = bound_of(options->bound);
    enum store_status status = open_whole(environment, error);
    struct ends ends;
    if (status == STORE_OK) status = environment_ends(environment, READ_PATIENCE, &ends, error);
    if (status != STORE_OK) {
        discard(environment);
        return status;
    }
    gate_raise_tip(options->gate, ends.tip);
    *opened = environment;
    return STORE_OK;
}

enum store_status environment_close(struct environment *environment, int64_t deadline_ns)
{
    struct timespec until = store_instant(deadline_ns);
    pthread_mutex_lock(&environment->mutex);
    int failed = 0;
    while (environment->inside > 0 && failed != ETIMEDOUT)
        failed = pthread_cond_timedwait(&environment->changed, &environment->mutex, &until);
    bool empty = environment->inside == 0;
    pthread_mutex_unlock(&environment->mutex);
    if (!empty) return STORE_TIMEOUT;
    discard(environment);
    return STORE_OK;
}

void environment_raise_bound(struct environment *environment, uint64_t bound)
{
    bound = bound_of(bound);
    pthread_mutex_lock(&environment->mutex);
    if (bound > environment->bound) environment->bound = bound;
    pthread_mutex_unlock(&environment->mutex);
}

bool environment_is_read_only(const struct environment *environment) { return environment->options.read_only; }
