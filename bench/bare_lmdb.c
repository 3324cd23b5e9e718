#include "bench/bare_lmdb.h"

#include <lmdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAP_BYTES ((size_t)64 << 30)

struct bare_lmdb {
    MDB_env *env;
    MDB_dbi journal;
    uint64_t number;
};

static int open_environment(MDB_env **env, const char *directory, unsigned flags)
{
    int failed = mdb_env_create(env);
    if (failed != 0) return failed;
    mdb_env_set_mapsize(*env, MAP_BYTES);
    mdb_env_set_maxdbs(*env, 32);
    failed = mdb_env_open(*env, directory, flags | MDB_NOTLS, 0600);
    if (failed != 0) mdb_env_close(*env);
    return failed;
}

void bare_lmdb_version(int *major, int *minor, int *patch) { mdb_version(major, minor, patch); }

struct bare_lmdb *bare_lmdb_make(const char *directory)
{
    struct bare_lmdb *bare = calloc(1, sizeof *bare);
    MDB_txn *txn = NULL;
    if (bare == NULL || mkdir(directory, 0700) != 0 || open_environment(&bare->env, directory, 0) != 0) {
        free(bare);
        return NULL;
    }
    bool made = mdb_txn_begin(bare->env, NULL, 0, &txn) == 0 &&
                mdb_dbi_open(txn, "journal", MDB_CREATE, &bare->journal) == 0 && mdb_txn_commit(txn) == 0;
    if (made) return bare;
    bare_lmdb_close(bare);
    return NULL;
}

void bare_lmdb_close(struct bare_lmdb *bare)
{
    if (bare == NULL) return;
    mdb_env_close(bare->env);
    free(bare);
}

int bare_lmdb_put(struct bare_lmdb *bare, const void *frame, size_t size)
{
    MDB_txn *txn;
    int failed = mdb_txn_begin(bare->env, NULL, 0, &txn);
    if (failed != 0) return failed;
    uint64_t number = __builtin_bswap64(++bare->number);
    MDB_val key = {sizeof number, &number};
    MDB_val value = {size, (void *)(uintptr_t)frame};
    failed = mdb_put(txn, bare->journal, &key, &value, MDB_APPEND);
    if (failed != 0) {
        mdb_txn_abort(txn);
        return failed;
    }
    return mdb_txn_commit(txn);
}

static uint64_t scan_table(MDB_txn *txn, const char *name, uint64_t *sum)
{
    MDB_dbi table;
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t records = 0;
    if (mdb_dbi_open(txn, name, 0, &table) != 0 || mdb_cursor_open(txn, table, &cursor) != 0) return 0;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        const uint8_t *bytes = value.mv_data;
        for (size_t i = 0; i < value.mv_size; i += 8) *sum += bytes[i];
        records++;
    }
    mdb_cursor_close(cursor);
    return records;
}

/* The names of the environment's databases are the keys of its main one. */
uint64_t bare_lmdb_scan(const char *store_directory, uint64_t *sum)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi names;
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t records = 0;
    if (open_environment(&env, store_directory, MDB_RDONLY) != 0) return 0;
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0) {
        if (mdb_dbi_open(txn, NULL, 0, &names) == 0 && mdb_cursor_open(txn, names, &cursor) == 0) {
            while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
                char name[64] = "";
                if (key.mv_size >= sizeof name) continue;
                memcpy(name, key.mv_data, key.mv_size);
                if (strcmp(name, "journal") != 0 && strcmp(name, "meta") != 0) records += scan_table(txn, name, sum);
            }
            mdb_cursor_close(cursor);
        }
        mdb_txn_abort(txn);
    }
    mdb_env_close(env);
    return records;
}
