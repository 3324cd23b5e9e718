/* LMDB by itself: what the store's figures are held against. The same frames, the same default sync, nothing else. */
#ifndef FIG_BENCH_BARE_LMDB_H
#define FIG_BENCH_BARE_LMDB_H

#include <stddef.h>
#include <stdint.h>

struct bare_lmdb;

/* A new environment in a new directory. NULL: it could not be made. */
struct bare_lmdb *bare_lmdb_make(const char *directory);
void bare_lmdb_close(struct bare_lmdb *bare);

void bare_lmdb_version(int *major, int *minor, int *patch);

/* One durable commit of one frame under the next number. 0, or an errno. */
int bare_lmdb_put(struct bare_lmdb *bare, const void *frame, size_t size);

/* Walks every record of every table of a store's environment with a cursor and adds up their bytes, so that each is
 * touched. Returns the records, 0 when it could not. */
uint64_t bare_lmdb_scan(const char *store_directory, uint64_t *sum);

#endif
