/* What an engine counts. Nothing here waits, and no two threads that are busy meet in a word, as far as that can be
 * had:
 *
 *   reads      are counted in the reader's own epoch slot, whose cache line it holds anyway: a load and a store. One in
 *              READS_A_SAMPLE of a slot is timed
 *   writes     are counted and timed each, in one of a few shards by thread
 *   commits    are counted by whoever commits, one at a time
 *
 * Everything is summed up when somebody asks. */
#ifndef FIG_RUNTIME_METRICS_H
#define FIG_RUNTIME_METRICS_H

#include "engine/figaro.h"
#include "engine/runtime/epoch.h"
#include "engine/runtime/histogram.h"

#define METRICS_SHARDS 4
#define READS_A_SAMPLE 256

struct metrics_shard {
    _Atomic uint64_t requests[FIG_METRICS_OPERATIONS][FIG_METRICS_STATUSES];
    struct histogram writes[FIG_METRICS_OPERATIONS];
    _Atomic uint64_t snapshot_reads[FIG_READ_KINDS];
    struct histogram reads[FIG_READ_KINDS];
};

struct metrics {
    struct metrics_shard shards[METRICS_SHARDS];
    struct histogram commit_ns;       /* of appends alone */
    struct histogram commit_requests; /* that were decided for one frame, refused ones too */
    _Atomic uint64_t commits;
    _Atomic uint64_t commit_bytes;
    _Atomic uint64_t checkpoints;
    _Atomic uint64_t slow_calls;
    _Atomic uint64_t queue_refusals;
};

struct fig_engine;

/* NULL: no memory. */
struct metrics *metrics_new(const struct fig_engine *engine);
void metrics_free(const struct fig_engine *engine, struct metrics *metrics);

/* One call, from began_ns to now; its outcomes, or what all of them are when it was given up. Says so in the log when
 * it was slow. Each of these counts nothing without metrics. */
void metrics_count_call(struct fig_engine *engine, const fig_request *requests, const fig_outcome *outcomes,
                        size_t count, int64_t began_ns, int64_t deadline_ns);
/* A read that had to take in what others had committed first. It is logged, and counted as slow, as a write is. */
void metrics_count_wait(struct fig_engine *engine, fig_status status, int64_t began_ns, int64_t deadline_ns);
void metrics_count_commit(struct fig_engine *engine, size_t requests, size_t bytes, int64_t took_ns);
void metrics_count_queue_refusal(struct fig_engine *engine);
void metrics_count_checkpoint(struct fig_engine *engine);
/* A read through a snapshot, which has no slot. */
void metrics_count_snapshot_read(struct metrics *metrics, fig_read_kind kind);
/* One that is timed. */
void metrics_time_read(struct metrics *metrics, fig_read_kind kind, int64_t began_ns);
uint64_t metrics_reads(const struct fig_engine *engine, fig_read_kind kind);

/* All shards of one histogram. */
void metrics_sum_writes(const struct metrics *metrics, size_t operation, struct histogram_sum *sum);
void metrics_sum_reads(const struct metrics *metrics, size_t kind, struct histogram_sum *sum);

/* "book" ...; "several" for 0, calls of several requests. */
const char *metrics_operation_name(size_t operation);

#endif
