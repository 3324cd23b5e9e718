/* The LMDB environment of one directory: the only file that knows LMDB.
 *
 * One environment serves the whole process (open.c sees to that). In it lie the named databases `meta`,
 * `journal` and one for each table; storage/FORMAT.md draws them. Costs: a durable change is one transaction,
 * two disk syncs; a snapshot is a slot in a shared table, under a microsecond.
 *
 * Modes: the default sync, because it is the only one that survived every power cut; no writable map (a full
 * disk would be a SIGBUS), no sorted duplicates, no thread-local readers (a thread may hold several
 * snapshots).
 *
 * Invariants
 *  1. Whoever touches `env` is inside: between enter() and leave(). LMDB must not be closed or mapped anew
 * under anybody, so what needs that (`need`) waits until nobody is inside, and newcomers wait for it.
 *  2. Changes happen in the writers' turn, so LMDB's own write lock is never waited for.
 *  3. gate doubt: GATE_COMMITTING from before LMDB commits until it says how that ended. LMDB writes pages,
 * syncs, writes the meta page through a synchronous descriptor, and only then lets readers see it. A failure
 * before the meta page leaves nothing behind. A failure of the meta page itself (LMDB then panics) leaves it
 * open what a power cut would find: GATE_DOUBTFUL, STORE_UNKNOWN, and only a later commit settles it, because
 * that one's meta page stands for all that came before.
 *  4. A meta page that a killed writer left behind may be visible and not yet durable. LMDB shows it to
 * readers once another write transaction begins, or when the first process opens; so both are preceded by a
 * sync. */
#include "storage/environment.h"

#include "storage/directory.h"
#include "storage/meta.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#define READERS           1022
#define MAP_BOUND         (UINT64_C(1) << 40)
#define MAP_LEAST         (UINT64_C(1) << 17)
#define READ_PATIENCE_NS  INT64_C(30000000000) /* how long a reader waits for the map to grow */
#define SINCE_BATCH_BYTES (8 << 20)            /* what since() hands over from one snapshot */
#define TRIES             8

/* A sanitizer shadows every mapped page, so there the map begins small and grows: which its tests then
 * exercise. */
#if SANITIZED
#define MAP_FIRST (UINT64_C(1) << 20)
#else
#define MAP_FIRST MAP_BOUND
#endif

enum need {
    FIT,    /* nothing */
    SMALL,  /* the map has to grow */
    BROKEN, /* LMDB refuses to go on: close it and open it again */
};

struct environment {
    struct environment_options options;
    pthread_mutex_t mutex; /* guards the five below */
    pthread_cond_t changed;
    unsigned inside;
    enum need need;
    uint64_t bound; /* the map grows no further */
    uint64_t map;   /* bytes that are mapped now */

    MDB_env *env; /* NULL: broken, and it could not be opened again */
    MDB_dbi meta;
    MDB_dbi journal;
    MDB_dbi tables[TABLE_COUNT];
};

/* ---- failures ---- */

static bool out_of_room(const struct environment *environment) {
    struct statvfs room;
    mdb_filehandle_t fd;
    if (!environment->env || mdb_env_get_fd(environment->env, &fd) != 0 || fstatvfs(fd, &room) != 0)
        return false;
    uint64_t blocks = geteuid() == 0 ? room.f_bfree : room.f_bavail;
    return blocks * room.f_frsize < (1 << 20);
}

/* LMDB reports a short write, which is how a disk fills up, as EIO. */
static enum store_status status_of(const struct environment *environment, int code) {
    switch (code) {
    case MDB_SUCCESS:
        return STORE_OK;
    case MDB_NOTFOUND:
        return STORE_NOT_FOUND;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case EIO:
        return out_of_room(environment) ? STORE_FULL : STORE_IO;
    case ENOMEM:
        return STORE_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
        return STORE_DENIED;
    case MDB_PANIC:
    case MDB_READERS_FULL:
    case MDB_MAP_RESIZED:
    case MDB_BAD_RSLOT:
        return STORE_UNAVAILABLE;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_TXN:
        return STORE_CORRUPT;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return STORE_NOT_STORE;
    default:
        return code > 0 ? STORE_IO : STORE_UNAVAILABLE;
    }
}

static const char *advice(enum store_status status) {
    switch (status) {
    case STORE_FULL:
        return ": make room on the disk (or raise map_bytes) and try again";
    case STORE_CORRUPT:
        return ": run verify, then restore a backup";
    case STORE_IO:
        return ": look at the kernel's log";
    case STORE_DENIED:
        return ": look at owner and mode";
    case STORE_NOT_STORE:
        return ": name a store's directory";
    default:
        return "";
    }
}

static enum store_status fail(const struct environment *environment, int code, const char *what,
                              struct store_error *error) {
    enum store_status status = status_of(environment, code);
    return store_fail(error, status, "%s/" DATA_NAME ": %s: %s%s", environment->options.shown, what,
                      mdb_strerror(code), advice(status));
}

/* ---- opening and mapping ---- */

static uint64_t round_up(uint64_t bytes, uint64_t to) {
    return (bytes + to - 1) / to * to;
}

static uint64_t bound_of(uint64_t asked) {
    if (asked == 0 || asked > MAP_BOUND) return MAP_BOUND;
    return round_up(asked < MAP_LEAST ? MAP_LEAST : asked, (uint64_t)sysconf(_SC_PAGESIZE));
}

/* A limited address space is shared with the rest of the process: a quarter to begin with. */
static uint64_t first_map(uint64_t bound) {
    uint64_t map = bound < MAP_FIRST ? bound : MAP_FIRST;
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && map > space.rlim_cur / 4)
        map = space.rlim_cur / 4;
    return round_up(map < MAP_LEAST ? MAP_LEAST : map, (uint64_t)sysconf(_SC_PAGESIZE));
}

static int open_once(struct environment *environment, uint64_t map) {
    MDB_env *env;
    int code = mdb_env_create(&env);
    if (code) return code;
    code = mdb_env_set_maxdbs(env, TABLE_COUNT + 2);
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
static int open_mapped(struct environment *environment) {
    uint64_t map = environment->map > 0 ? environment->map : first_map(environment->bound);
    int code = open_once(environment, map);
    while (code == ENOMEM && map / 2 >= MAP_LEAST) code = open_once(environment, map /= 2);
    return code;
}

static int open_databases(struct environment *environment, MDB_txn *txn, unsigned flags) {
    int code = mdb_dbi_open(txn, "meta", flags, &environment->meta);
    if (!code) code = mdb_dbi_open(txn, "journal", flags, &environment->journal);
    for (uint32_t table = 1; !code && table < TABLE_COUNT; table++)
        code = mdb_dbi_open(txn, table_name(table), flags, &environment->tables[table]);
    return code;
}

/* Handles outlive the transaction only if it is committed, a reading one too. */
static int open_handles(struct environment *environment) {
    MDB_txn *txn;
    int code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, &txn);
    if (code) return code;
    code = open_databases(environment, txn, 0);
    if (!code) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

static void shut(struct environment *environment) {
    if (environment->env) mdb_env_close(environment->env);
    environment->env = NULL;
}

/* Through the file's own descriptor, because LMDB refuses to sync what it has open for reading only. */
static int sync_file(struct environment *environment) {
    mdb_filehandle_t fd;
    int code = mdb_env_get_fd(environment->env, &fd);
    if (code) return code;
    return fdatasync(fd) == 0 ? 0 : errno;
}

static enum store_status open_whole(struct environment *environment, struct store_error *error) {
    const char *what = "cannot be opened";
    int code = open_mapped(environment);
    if (!code) {
        what = "cannot be made durable";
        code = sync_file(environment);
    }
    if (!code) {
        what = "holds no store's tables";
        code = open_handles(environment);
        if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE) code = MDB_INVALID;
    }
    if (!code) {
        mdb_reader_check(environment->env, NULL);
        return STORE_OK;
    }
    enum store_status status = fail(environment, code, what, error);
    shut(environment);
    return status;
}

/* ---- inside ---- */

/* Bytes that the newest state takes, whoever wrote it. */
static uint64_t bytes_used(const struct environment *environment) {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(environment->env, &info);
    mdb_env_stat(environment->env, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

static bool can_grow(const struct environment *environment) {
    return environment->map < environment->bound || bytes_used(environment) > environment->map;
}

static enum store_status grow(struct environment *environment, struct store_error *error) {
    uint64_t used = bytes_used(environment);
    uint64_t map = environment->map * 2;
    while (map < used) map *= 2;
    if (map > environment->bound) map = environment->bound > used ? environment->bound : used;
    int code = mdb_env_set_mapsize(environment->env, map);
    if (!code) {
        environment->map = map;
        return STORE_OK;
    }
    enum store_status status = fail(environment, code, "its map cannot grow", error);
    shut(environment); /* LMDB has let go of the old map */
    return status;
}

/* With nobody inside. */
static enum store_status mend(struct environment *environment, struct store_error *error) {
    enum store_status status;
    if (environment->need == SMALL && environment->env) {
        status = grow(environment, error);
    } else {
        shut(environment);
        status = open_whole(environment, error);
    }
    environment->need = environment->env ? FIT : BROKEN;
    return status;
}

static struct timespec instant(int64_t ns) {
    if (ns < 0) ns = 0;
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static enum store_status enter(struct environment *environment, int64_t deadline_ns,
                               struct store_error *error) {
    enum store_status status = STORE_OK;
    struct timespec until = instant(deadline_ns);
    pthread_mutex_lock(&environment->mutex);
    while (environment->need != FIT && status == STORE_OK) {
        if (environment->inside == 0) {
            status = mend(environment, error);
            pthread_cond_broadcast(&environment->changed);
        } else if (pthread_cond_timedwait(&environment->changed, &environment->mutex, &until) == ETIMEDOUT) {
            status = store_fail(error, STORE_TIMEOUT, "%s: %u readers would not let its map grow in time",
                                environment->options.shown, environment->inside);
        }
    }
    if (status == STORE_OK) environment->inside++;
    pthread_mutex_unlock(&environment->mutex);
    return status;
}

static void leave(struct environment *environment, enum need need) {
    pthread_mutex_lock(&environment->mutex);
    if (need > environment->need) environment->need = need;
    if (--environment->inside == 0) pthread_cond_broadcast(&environment->changed);
    pthread_mutex_unlock(&environment->mutex);
}

/* What has to happen to the environment before what failed with this code can be tried again. */
static enum need remedy(const struct environment *environment, int code) {
    if (code == MDB_PANIC) return BROKEN;
    if (code == MDB_MAP_RESIZED) return SMALL;
    if (code == MDB_MAP_FULL && can_grow(environment)) return SMALL;
    return FIT;
}

/* ---- reading ---- */

struct snapshot {
    MDB_txn *txn;
};

static enum store_status snapshot_begin(struct environment *environment, struct snapshot *snapshot,
                                        struct store_error *error) {
    int code = 0;
    for (int tries = 0; tries < TRIES; tries++) {
        enum store_status status = enter(environment, store_now_ns() + READ_PATIENCE_NS, error);
        if (status != STORE_OK) return status;
        code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, &snapshot->txn);
        if (!code) return STORE_OK;
        if (code == MDB_READERS_FULL) mdb_reader_check(environment->env, NULL);
        leave(environment, remedy(environment, code));
    }
    return store_fail(error, status_of(environment, code), "%s/" DATA_NAME ": cannot be read: %s",
                      environment->options.shown, mdb_strerror(code));
}

static void snapshot_end(struct environment *environment, struct snapshot *snapshot) {
    mdb_txn_abort(snapshot->txn);
    leave(environment, FIT);
}

static enum store_status read_meta(const struct environment *environment, MDB_txn *txn, struct meta *meta,
                                   struct store_error *error) {
    MDB_val key = {META_KEY_SIZE, (void *)META_KEY};
    MDB_val value;
    int code = mdb_get(txn, environment->meta, &key, &value);
    if (code == MDB_NOTFOUND)
        return store_fail(error, STORE_NOT_STORE, "%s/" DATA_NAME ": it has no store's record",
                          environment->options.shown);
    if (code) return fail(environment, code, "its record cannot be read", error);
    return meta_read(value.mv_data, value.mv_size, environment->options.shown, meta, error);
}

/* The number at one end of the journal; 0: it is empty. */
static int end_of_journal(const struct environment *environment, MDB_txn *txn, MDB_cursor_op end,
                          uint64_t *number) {
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, environment->journal, &cursor);
    if (code) return code;
    MDB_val key;
    code = mdb_cursor_get(cursor, &key, NULL, end);
    *number = 0;
    if (code == MDB_NOTFOUND)
        code = 0;
    else if (!code && key.mv_size == FRAME_KEY_SIZE)
        *number = frame_key_number(key.mv_data);
    else if (!code)
        code = MDB_CORRUPTED;
    mdb_cursor_close(cursor);
    return code;
}

static enum store_status read_ends(const struct environment *environment, MDB_txn *txn, struct meta *meta,
                                   uint64_t *first, uint64_t *tip, struct store_error *error) {
    enum store_status status = read_meta(environment, txn, meta, error);
    if (status != STORE_OK) return status;
    int code = end_of_journal(environment, txn, MDB_FIRST, first);
    if (!code) code = end_of_journal(environment, txn, MDB_LAST, tip);
    if (code) return fail(environment, code, "its journal cannot be read", error);
    if (*tip == 0) { /* all frames are trimmed, or there never was one */
        *tip = meta->checkpoint;
        *first = meta->checkpoint + 1;
    }
    return STORE_OK;
}

enum store_status environment_facts(struct environment *environment, struct store_facts *facts,
                                    struct store_error *error) {
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, &snapshot, error);
    if (status != STORE_OK) return status;
    struct meta meta;
    uint64_t first;
    uint64_t tip;
    status = read_ends(environment, snapshot.txn, &meta, &first, &tip, error);
    struct stat file = {0};
    mdb_filehandle_t fd;
    if (mdb_env_get_fd(environment->env, &fd) == 0) fstat(fd, &file);
    snapshot_end(environment, &snapshot);
    if (status == STORE_OK)
        *facts = (struct store_facts){.tip = tip,
                                      .checkpoint = meta.checkpoint,
                                      .first = first,
                                      .bytes = (uint64_t)file.st_size,
                                      .store_id = {meta.store_id[0], meta.store_id[1]},
                                      .holder = gate_holder(environment->options.gate)};
    return status;
}

static enum store_status load_range(uint32_t table, MDB_cursor *cursor, const struct key_range *range,
                                    const struct record_sink *sink, int *code) {
    MDB_val key = {range->low_size, (void *)range->low};
    MDB_val value;
    *code = mdb_cursor_get(cursor, &key, &value, range->low_size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    while (!*code && key_range_below_high(range, (struct bytes){key.mv_data, key.mv_size})) {
        struct store_record record = {table, (uint32_t)key.mv_size, key.mv_data, value.mv_data,
                                      value.mv_size};
        enum store_status status = sink->take(sink->context, &record);
        if (status != STORE_OK) return status;
        *code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return STORE_OK;
}

static enum store_status load_table(const struct environment *environment, MDB_txn *txn, uint32_t table,
                                    uint32_t part, uint32_t parts, const struct record_sink *sink,
                                    struct store_error *error) {
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, environment->tables[table], &cursor);
    if (code) return fail(environment, code, table_name(table), error);
    MDB_val first;
    MDB_val last = {0};
    enum store_status status = STORE_OK;
    code = mdb_cursor_get(cursor, &first, NULL, MDB_FIRST);
    if (!code) code = mdb_cursor_get(cursor, &last, NULL, MDB_LAST);
    if (!code) {
        struct key_range range = key_range_part((struct bytes){first.mv_data, first.mv_size},
                                                (struct bytes){last.mv_data, last.mv_size}, part, parts);
        status = load_range(table, cursor, &range, sink, &code);
    }
    mdb_cursor_close(cursor);
    if (code && code != MDB_NOTFOUND) return fail(environment, code, table_name(table), error);
    return status;
}

enum store_status environment_load(struct environment *environment, uint32_t part, uint32_t parts,
                                   uint64_t *checkpoint, const struct record_sink *sink,
                                   struct store_error *error) {
    if (part >= parts) return store_fail(error, STORE_INVALID, "load of part %u of %u", part, parts);
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, &snapshot, error);
    if (status != STORE_OK) return status;
    struct meta meta;
    status = read_meta(environment, snapshot.txn, &meta, error);
    if (status == STORE_OK) *checkpoint = meta.checkpoint;
    for (uint32_t table = 1; status == STORE_OK && table < TABLE_COUNT; table++)
        status = load_table(environment, snapshot.txn, table, part, parts, sink, error);
    snapshot_end(environment, &snapshot);
    return status;
}

static enum store_status trimmed(const struct environment *environment, uint64_t after,
                                 struct store_error *error) {
    return store_fail(error, STORE_NOT_FOUND, "%s: frame %llu was trimmed: load the tables instead",
                      environment->options.shown, (unsigned long long)after + 1);
}

/* One snapshot's worth of frames: *after moves on. */
static enum store_status since_batch(const struct environment *environment, MDB_txn *txn, uint64_t *after,
                                     uint64_t tip, const struct frame_sink *sink, struct store_error *error) {
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, environment->journal, &cursor);
    if (code) return fail(environment, code, "journal", error);
    unsigned char wanted[FRAME_KEY_SIZE];
    frame_key_write(wanted, *after + 1);
    MDB_val key = {sizeof wanted, wanted};
    MDB_val value;
    enum store_status status = STORE_OK;
    size_t bytes = 0;
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (!code && status == STORE_OK && *after < tip && bytes < SINCE_BATCH_BYTES) {
        uint64_t number = key.mv_size == FRAME_KEY_SIZE ? frame_key_number(key.mv_data) : 0;
        if (number != *after + 1) break;
        status = sink->take(sink->context, number, value.mv_data, value.mv_size);
        if (status == STORE_OK) *after = number;
        bytes += value.mv_size;
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (code && code != MDB_NOTFOUND) return fail(environment, code, "journal", error);
    if (status == STORE_OK && bytes == 0 && *after < tip) return trimmed(environment, *after, error);
    return status;
}

enum store_status environment_since(struct environment *environment, uint64_t after,
                                    const struct frame_sink *sink, struct store_error *error) {
    enum store_status status = STORE_OK;
    uint64_t goal = UINT64_MAX; /* the tip at the call */
    while (status == STORE_OK && after < goal) {
        struct snapshot snapshot;
        status = snapshot_begin(environment, &snapshot, error);
        if (status != STORE_OK) return status;
        struct meta meta;
        uint64_t first;
        uint64_t tip;
        status = read_ends(environment, snapshot.txn, &meta, &first, &tip, error);
        if (goal == UINT64_MAX) goal = tip;
        if (status == STORE_OK && after < goal)
            status = since_batch(environment, snapshot.txn, &after, goal, sink, error);
        snapshot_end(environment, &snapshot);
    }
    return status;
}

enum store_status environment_read(struct environment *environment, uint32_t table, struct bytes key,
                                   const struct record_sink *sink, struct store_error *error) {
    if (!table_name(table)) return store_fail(error, STORE_INVALID, "there is no table %u", table);
    if (key.size < 1 || key.size > STORE_KEY_MAX)
        return store_fail(error, STORE_INVALID, "a key of %zu bytes, not 1 to %d", key.size, STORE_KEY_MAX);
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, &snapshot, error);
    if (status != STORE_OK) return status;
    MDB_val sought = {key.size, (void *)key.at};
    MDB_val value;
    int code = mdb_get(snapshot.txn, environment->tables[table], &sought, &value);
    if (code) {
        status = fail(environment, code, table_name(table), error);
    } else {
        struct store_record record = {table, (uint32_t)key.size, key.at, value.mv_data, value.mv_size};
        status = sink->take(sink->context, &record);
    }
    snapshot_end(environment, &snapshot);
    return status;
}

enum store_status environment_has_frame(struct environment *environment, uint64_t number, struct bytes frame,
                                        bool *is_there, struct store_error *error) {
    struct snapshot snapshot;
    enum store_status status = snapshot_begin(environment, &snapshot, error);
    if (status != STORE_OK) return status;
    unsigned char at[FRAME_KEY_SIZE];
    frame_key_write(at, number);
    MDB_val key = {sizeof at, at};
    MDB_val value;
    int code = mdb_get(snapshot.txn, environment->journal, &key, &value);
    *is_there = !code && bytes_compare((struct bytes){value.mv_data, value.mv_size}, frame) == 0;
    if (code && code != MDB_NOTFOUND) status = fail(environment, code, "journal", error);
    snapshot_end(environment, &snapshot);
    return status;
}

enum store_status environment_copy(struct environment *environment, int fd, struct store_error *error) {
    int code = 0;
    for (int tries = 0; tries < TRIES; tries++) {
        enum store_status status = enter(environment, store_now_ns() + READ_PATIENCE_NS, error);
        if (status != STORE_OK) return status;
        code = mdb_env_copyfd2(environment->env, fd, MDB_CP_COMPACT);
        enum need need = remedy(environment, code);
        leave(environment, need);
        if (need == FIT) break;
    }
    return code ? fail(environment, code, "cannot be copied", error) : STORE_OK;
}

/* ---- writing ---- */

/* A change is tried until LMDB's map is large enough for it, from the start each time. apply() fills the
 * transaction; what LMDB said when it fails goes to *code. */
struct change {
    enum store_status (*apply)(struct environment *, MDB_txn *, const void *context, int *code,
                               struct store_error *);
    const void *context;
    int64_t deadline_ns;
};

static bool panicked(struct environment *environment) {
    MDB_txn *txn;
    int code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, &txn);
    if (!code) mdb_txn_abort(txn);
    return code == MDB_PANIC;
}

/* LMDB panics exactly when the meta page failed to be written (invariant 3). */
static enum store_status commit(struct environment *environment, MDB_txn *txn, int *code,
                                struct store_error *error) {
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
    store_fail(error, STORE_UNKNOWN,
               "%s/" DATA_NAME ": the last page of a commit failed (%s): settle it first",
               environment->options.shown, mdb_strerror(*code));
    *code = MDB_PANIC;
    return STORE_UNKNOWN;
}

static enum store_status change_once(struct environment *environment, const struct change *change, int *code,
                                     struct store_error *error) {
    MDB_txn *txn;
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
                                     struct store_error *error) {
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

static int put_meta(const struct environment *environment, MDB_txn *txn, const struct meta *meta) {
    unsigned char bytes[META_BYTES];
    meta_write(meta, bytes);
    MDB_val key = {META_KEY_SIZE, (void *)META_KEY};
    MDB_val value = {sizeof bytes, bytes};
    return mdb_put(txn, environment->meta, &key, &value, 0);
}

/* ---- append ---- */

struct append {
    uint64_t expect;
    struct bytes frame;
};

static enum store_status apply_append(struct environment *environment, MDB_txn *txn, const void *context,
                                      int *code, struct store_error *error) {
    const struct append *append = context;
    struct meta meta;
    uint64_t first;
    uint64_t tip;
    enum store_status status = read_ends(environment, txn, &meta, &first, &tip, error);
    if (status == STORE_OK) status = frame_check(append->expect, tip, append->frame.size, error);
    if (status != STORE_OK) return status;
    unsigned char number[FRAME_KEY_SIZE];
    frame_key_write(number, append->expect);
    MDB_val key = {sizeof number, number};
    MDB_val value = {append->frame.size, (void *)append->frame.at};
    *code = mdb_put(txn, environment->journal, &key, &value, MDB_APPEND);
    return *code ? fail(environment, *code, "cannot take a frame", error) : STORE_OK;
}

enum store_status environment_append(struct environment *environment, uint64_t expect, struct bytes frame,
                                     int64_t deadline_ns, struct store_error *error) {
    struct append append = {expect, frame};
    struct change change = {apply_append, &append, deadline_ns};
    enum store_status status = make_change(environment, &change, error);
    if (status == STORE_OK) gate_raise_tip(environment->options.gate, expect);
    return status;
}

static enum store_status apply_rewrite(struct environment *environment, MDB_txn *txn, const void *context,
                                       int *code, struct store_error *error) {
    const struct append *rewrite = context;
    unsigned char number[FRAME_KEY_SIZE];
    frame_key_write(number, rewrite->expect);
    MDB_val key = {sizeof number, number};
    MDB_val value;
    *code = mdb_get(txn, environment->journal, &key, &value);
    if (*code) return fail(environment, *code, "the frame to rewrite", error);
    if (value.mv_size != rewrite->frame.size)
        return store_fail(error, STORE_INVALID,
                          "%s: frame %llu has %zu bytes and cannot be rewritten with %zu",
                          environment->options.shown, (unsigned long long)rewrite->expect, value.mv_size,
                          rewrite->frame.size);
    value.mv_data = (void *)rewrite->frame.at;
    *code = mdb_put(txn, environment->journal, &key, &value, 0);
    return *code ? fail(environment, *code, "cannot rewrite a frame", error) : STORE_OK;
}

enum store_status environment_rewrite(struct environment *environment, uint64_t number, struct bytes frame,
                                      struct store_error *error) {
    struct append rewrite = {number, frame};
    struct change change = {apply_rewrite, &rewrite, INT64_MAX};
    return make_change(environment, &change, error);
}

/* ---- checkpoint ---- */

struct checkpoint {
    uint64_t at;
    const struct store_record *records;
    size_t count;
};

/* Puts behind the last key fill pages to the brim instead of halving them: half the file, twice as fast to
 * load. */
static int put_run(MDB_cursor *cursor, const struct store_record *records, size_t count) {
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
        bool behind =
            bytes_compare((struct bytes){key.mv_data, key.mv_size}, (struct bytes){last, last_size}) > 0;
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

static int put_tables(struct environment *environment, MDB_txn *txn, const struct checkpoint *checkpoint) {
    int code = 0;
    for (size_t i = 0, run; !code && i < checkpoint->count; i += run) {
        uint32_t table = checkpoint->records[i].table;
        for (run = 1; i + run < checkpoint->count && checkpoint->records[i + run].table == table;) run++;
        MDB_cursor *cursor;
        code = mdb_cursor_open(txn, environment->tables[table], &cursor);
        if (code) break;
        code = put_run(cursor, checkpoint->records + i, run);
        mdb_cursor_close(cursor);
    }
    return code;
}

static enum store_status apply_checkpoint(struct environment *environment, MDB_txn *txn, const void *context,
                                          int *code, struct store_error *error) {
    const struct checkpoint *checkpoint = context;
    struct meta meta;
    uint64_t first;
    uint64_t tip;
    enum store_status status = read_ends(environment, txn, &meta, &first, &tip, error);
    if (status == STORE_OK) status = checkpoint_check(checkpoint->at, meta.checkpoint, tip, error);
    if (status != STORE_OK) return status;
    *code = put_tables(environment, txn, checkpoint);
    meta.checkpoint = checkpoint->at;
    if (!*code) *code = put_meta(environment, txn, &meta);
    return *code ? fail(environment, *code, "cannot take a checkpoint", error) : STORE_OK;
}

enum store_status environment_checkpoint(struct environment *environment, uint64_t at,
                                         const struct store_record *records, size_t count,
                                         struct store_error *error) {
    struct checkpoint checkpoint = {at, records, count};
    struct change change = {apply_checkpoint, &checkpoint, INT64_MAX};
    return make_change(environment, &change, error);
}

/* ---- trim ---- */

struct trim {
    uint64_t before;
    size_t limit;
    bool *more;
};

static int delete_frames(MDB_cursor *cursor, const struct trim *trim) {
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

static enum store_status apply_trim(struct environment *environment, MDB_txn *txn, const void *context,
                                    int *code, struct store_error *error) {
    const struct trim *trim = context;
    struct meta meta;
    enum store_status status = read_meta(environment, txn, &meta, error);
    if (status != STORE_OK) return status;
    if (trim->before > meta.checkpoint + 1) return trim_refusal(trim->before, meta.checkpoint, error);
    MDB_cursor *cursor;
    *code = mdb_cursor_open(txn, environment->journal, &cursor);
    if (!*code) {
        *code = delete_frames(cursor, trim);
        mdb_cursor_close(cursor);
    }
    return *code ? fail(environment, *code, "cannot drop frames", error) : STORE_OK;
}

enum store_status environment_trim(struct environment *environment, uint64_t before, size_t limit, bool *more,
                                   struct store_error *error) {
    struct trim trim = {before, limit, more};
    struct change change = {apply_trim, &trim, INT64_MAX};
    return make_change(environment, &change, error);
}

/* ---- repair ---- */

/* A commit that changes nothing but its own count: its meta page makes sure of all before it. */
static enum store_status apply_seal(struct environment *environment, MDB_txn *txn, const void *context,
                                    int *code, struct store_error *error) {
    (void)context;
    struct meta meta;
    enum store_status status = read_meta(environment, txn, &meta, error);
    if (status != STORE_OK) return status;
    meta.seals++;
    *code = put_meta(environment, txn, &meta);
    return *code ? fail(environment, *code, "cannot be sealed", error) : STORE_OK;
}

/* Syncs, and only then takes LMDB's write lock, which lets readers see what its dead owner had written. */
static enum store_status sync_then_look(struct environment *environment, int64_t deadline_ns,
                                        struct store_error *error) {
    int code = 0;
    for (int tries = 0; tries < TRIES; tries++) {
        enum store_status status = enter(environment, deadline_ns, error);
        if (status != STORE_OK) return status;
        code = sync_file(environment);
        if (code) {
            /* The kernel reports a failed sync once; the next would lie. */
            gate_set_doubt(environment->options.gate, GATE_DOUBTFUL);
            leave(environment, FIT);
            return fail(environment, code, "cannot be made durable", error);
        }
        MDB_txn *txn;
        code = mdb_txn_begin(environment->env, NULL, 0, &txn);
        if (!code) mdb_txn_abort(txn);
        leave(environment, remedy(environment, code));
        if (!code) return STORE_OK;
    }
    return fail(environment, code, "cannot be taken over from a writer that died", error);
}

enum store_status environment_repair(struct environment *environment, int64_t deadline_ns,
                                     struct store_error *error) {
    struct gate *gate = environment->options.gate;
    struct change seal = {apply_seal, NULL, deadline_ns};
    enum store_status status = gate_doubt(gate) == GATE_DOUBTFUL
                                   ? make_change(environment, &seal, error)
                                   : sync_then_look(environment, deadline_ns, error);
    struct store_facts facts;
    if (status == STORE_OK) status = environment_facts(environment, &facts, error);
    if (status != STORE_OK) return status;
    gate_set_doubt(gate, GATE_CLEAR);
    gate_raise_tip(gate, facts.tip);
    return STORE_OK;
}

/* ---- life ---- */

static enum store_status make_record(struct environment *environment, struct store_error *error) {
    struct meta meta;
    enum store_status status = meta_new(&meta, error);
    if (status != STORE_OK) return status;
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

enum store_status environment_make(const struct environment_options *options, struct store_error *error) {
    struct environment making = {.options = *options, .bound = MAP_LEAST};
    int code = open_once(&making, MAP_LEAST);
    if (code) return fail(&making, code, "cannot be made", error);
    enum store_status status = make_record(&making, error);
    shut(&making);
    return status;
}

static bool prepare(struct environment *environment) {
    pthread_condattr_t clock;
    if (pthread_mutex_init(&environment->mutex, NULL) != 0) return false;
    if (pthread_condattr_init(&clock) != 0) return false;
    bool done = pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&environment->changed, &clock) == 0;
    pthread_condattr_destroy(&clock);
    return done;
}

/* Whether the records say what this program can read: the format, the checksum. */
static enum store_status look_at_meta(struct environment *environment, struct store_error *error) {
    struct store_facts facts;
    enum store_status status = environment_facts(environment, &facts, error);
    if (status == STORE_OK) gate_raise_tip(environment->options.gate, facts.tip);
    return status;
}

static void discard(struct environment *environment) {
    shut(environment);
    pthread_mutex_destroy(&environment->mutex);
    pthread_cond_destroy(&environment->changed);
    free(environment);
}

enum store_status environment_open(const struct environment_options *options, struct environment **opened,
                                   struct store_error *error) {
    struct environment *environment = calloc(1, sizeof *environment);
    if (!environment || !prepare(environment)) {
        free(environment);
        return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to open it", options->shown);
    }
    environment->options = *options;
    environment->bound = bound_of(options->bound);
    enum store_status status = open_whole(environment, error);
    if (status == STORE_OK) status = look_at_meta(environment, error);
    if (status != STORE_OK) {
        discard(environment);
        return status;
    }
    *opened = environment;
    return STORE_OK;
}

enum store_status environment_close(struct environment *environment, int64_t deadline_ns) {
    struct timespec until = instant(deadline_ns);
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

void environment_raise_bound(struct environment *environment, uint64_t bound) {
    bound = bound_of(bound);
    pthread_mutex_lock(&environment->mutex);
    if (bound > environment->bound) environment->bound = bound;
    pthread_mutex_unlock(&environment->mutex);
}

bool environment_is_read_only(const struct environment *environment) {
    return environment->options.read_only;
}
