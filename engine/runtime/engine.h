/* What the files of the runtime share: the engine itself, and how one version follows another.
 *
 * Data flows one way: a request is decided on the version under work, its events are applied there and put into a
 * frame, the frame is appended to the store, and when it is durable the version under work is published.
 *
 * Invariants:
 * 1. `version` is the newest version that is durable; it changes by one atomic store, in publish_work().
 * 2. Everything below `writer` belongs to whoever holds that mutex.
 * 3. Lock order: writer, then the store's turn, then snapshots. Readers take none. */
#ifndef FIG_RUNTIME_ENGINE_H
#define FIG_RUNTIME_ENGINE_H

#include "engine/core/apply.h"
#include "engine/core/decide.h"
#include "engine/core/frame.h"
#include "engine/runtime/epoch.h"
#include "storage/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define DEFAULT_TIMEOUT_NS INT64_C(30000000000)

struct fig_snapshot {
    struct fig_engine *engine;
    const struct version *version;
    struct fig_snapshot *next;
};

struct fig_engine {
    void *memory; /* that it lies in, as the allocator gave it */
    size_t memory_bytes;
    fig_options options;
    struct nodes_allocator allocator;
    struct store *store;
    _Atomic(const struct version *) version;
    struct epoch epoch;
    uint64_t startup_ns;

    pthread_mutex_t snapshot_mutex;
    struct fig_snapshot *snapshots;
    size_t snapshot_count;

    pthread_mutex_t writer;
    struct nodes *nodes;
    struct version *work;    /* under work, NULL when none is */
    size_t changes_at_begin; /* to go back to when the work is abandoned */
    struct changes changes;  /* records that the tables do not have yet, by frame */
    uint64_t checkpoint_frame;
    uint64_t notes_dropped_frame;
    struct decision decision;
    struct frame_writer frame;
    struct frame_reader reader;
    uint64_t random[2]; /* state of the nonces and salts */
    uint64_t frames_read;
    uint64_t entries_read;
    uint64_t records_read;
};

/* publish.c: the version under work. All under the writer's mutex. */
fig_status begin_work(struct fig_engine *engine);
void publish_work(struct fig_engine *engine);
void abandon_work(struct fig_engine *engine);
static inline struct applying applying_work(struct fig_engine *engine, uint64_t frame)
{
    bool wanted = !engine->options.read_only && frame > engine->checkpoint_frame;
    return (struct applying){.nodes = engine->nodes,
                             .allocator = &engine->allocator,
                             .version = engine->work,
                             .changes = wanted ? &engine->changes : NULL,
                             .frame = frame};
}
static inline const struct version *newest(struct fig_engine *engine)
{
    return atomic_load_explicit(&engine->version, memory_order_seq_cst);
}

/* load.c: the first version, from the tables. */
fig_status load_tables(struct fig_engine *engine, fig_error *error);

/* catchup.c: takes in the frames that the store has and the engine has not. Under the writer's mutex. */
fig_status catch_up(struct fig_engine *engine, fig_error *error);
/* The same for readers: takes the mutex for it, and only when the store's tip says that there is something. */
fig_status catch_up_latest(struct fig_engine *engine);

/* checkpoint.c: under the writer's mutex and in the store's turn. */
bool checkpoint_is_due(const struct fig_engine *engine);
fig_status write_checkpoint(struct fig_engine *engine, fig_error *error);

/* write.c: what open needs of it. */
fig_status write_one(struct fig_engine *engine, const fig_request *request, fig_outcome *outcome);
fig_status lock_writer(struct fig_engine *engine, int64_t deadline_ns);

/* random.c */
void random_seed(struct fig_engine *engine);
uint64_t random_next(struct fig_engine *engine);

/* fault.c: words and numbers of failures. */
fig_status status_of_store(enum store_status status);
fig_status fail(fig_error *error, fig_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
fig_status fail_store(fig_error *error, enum store_status status, const struct store_error *said);
void log_line(struct fig_engine *engine, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* clock.h's one clock: CLOCK_MONOTONIC, ns. */
int64_t monotonic_ns(void);

#endif
