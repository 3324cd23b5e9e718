/* What the files of storage/ share with each other and with nobody else: how a failure is put into words, the
 * clock of deadlines, the telling of a fork, and what makes a list of records well formed. */
#ifndef FIG_STORAGE_INTERNAL_H
#define FIG_STORAGE_INTERNAL_H

#include "storage/store.h"

#include <string.h>
#include <time.h>

/* Builds in which some things are done otherwise: see where these are used. */
#if defined(__SANITIZE_THREAD__)
#define SANITIZED_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZED_THREADS 1
#endif
#endif
#if SANITIZED_THREADS || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Writes the words and returns the status, so that a failure is one statement. Either may be asked for alone:
 * a NULL error drops the words. */
__attribute__((format(printf, 3, 4))) enum store_status store_fail(struct store_error *error, enum store_status status,
                                                                   const char *format, ...);

int64_t store_now_ns(void); /* CLOCK_MONOTONIC */
struct timespec store_instant(int64_t deadline_ns);

/* ---- fork.c ---- */

/* Names the process in which it is called: 0 is never an answer, and after a fork() the child is given
 * another. */
uint32_t fork_mark(void);
/* False in a process that is a fork of the one that was given `mark`. Cost: a load. */
bool fork_mark_holds(uint32_t mark);
/* A mark that cannot be had (no memory) is 0; nothing may be opened then. */
enum store_status fork_refusal(struct store_error *error);

/* ---- records.c ---- */

struct bytes {
    const void *at;
    size_t size;
};

/* Eight bytes as the number whose order is memcmp's. */
static inline uint64_t bytes_ordered(const void *at)
{
    uint64_t number;
    memcpy(&number, at, sizeof number);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    number = __builtin_bswap64(number);
#endif
    return number;
}

/* memcmp's order, the shorter first: the order of LMDB and of the port. Most keys are numbers of eight bytes. */
static inline int bytes_compare(struct bytes left, struct bytes right)
{
    if (left.size == 8 && right.size == 8) {
        uint64_t a = bytes_ordered(left.at);
        uint64_t b = bytes_ordered(right.at);
        return (a > b) - (a < b);
    }
    size_t common = left.size < right.size ? left.size : right.size;
    int order = common > 0 ? memcmp(left.at, right.at, common) : 0;
    return order ? order : (left.size > right.size) - (left.size < right.size);
}

int record_compare(const struct store_record *left, const struct store_record *right);

/* The order, the tables and the sizes that checkpoint() asks for; STORE_INVALID names the first record at
 * fault. */
enum store_status records_check(const struct store_record *records, size_t count, struct store_error *error);

/* What append() asks of a frame: STORE_BEHIND when its number is taken, STORE_INVALID when it would leave a
 * hole. */
enum store_status frame_check(uint64_t expect, uint64_t tip, size_t size, struct store_error *error);
/* What checkpoint() asks of the frame to move to. */
enum store_status checkpoint_check(uint64_t at, uint64_t checkpoint, uint64_t tip, struct store_error *error);
enum store_status trim_refusal(uint64_t before, uint64_t checkpoint, struct store_error *error);
enum store_status rewrite_refusal(uint64_t number, size_t size, size_t given, struct store_error *error);

/* The named trees of LMDB's file. A table's number is its tree's. */
enum { TREE_META = 0, TREE_JOURNAL = TABLE_COUNT, TREE_COUNT = TABLE_COUNT + 1 };

const char *tree_name(uint32_t tree);
uint32_t tree_of_name(struct bytes name); /* TREE_COUNT: it is none of a store's */
const char *table_name(uint32_t table);   /* NULL for a number that is none */

/* One part of a table's keys: low <= key < high. An end without bytes is open. */
struct key_range {
    unsigned char low[8];
    unsigned char high[8];
    uint32_t low_size;
    uint32_t high_size;
};

/* Cuts the keys from `first` to `last` into `parts` equal ranges, as if their first eight bytes were spread
 * evenly, which dense big-endian ids and hashed keys are. The ranges cover every key, also those outside
 * first..last. */
struct key_range key_range_part(struct bytes first, struct bytes last, uint32_t part, uint32_t parts);
bool key_range_below_high(const struct key_range *range, struct bytes key);
bool key_range_holds(const struct key_range *range, struct bytes key);

#endif
