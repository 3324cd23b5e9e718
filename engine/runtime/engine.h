/* What the files of the runtime share: the engine itself, and how one version follows another.
 *
 * Data flows one way: a request is decided on the version under work, its events are applied there and put into a
 * frame, the frame is appended to the store, and when it is durable the version under work is published.
 *
 * Invariants:
 * 1. `version` is the newest version that is durable; it changes by one atomic store, in publish_work().
 * 2. Everything below `writer` belongs to whoever holds that mutex.
 * 3. Lock order: writer, then the store's turn, then pins or the breaker. Reads of a version take none.
 * 4. A version may be looked into by who holds the writer, or is between epoch_enter() and epoch_leave(), or has a
 *    snapshot of it. All others have the atomics beside it.
 * 5. What `table_notes` and the version's notes in memory come to, added up, is what the digest says of notes. */
#ifndef FIG_RUNTIME_ENGINE_H
#define FIG_RUNTIME_ENGINE_H

#include "engine/core/apply.h"
#include "engine/core/decide.h"
#include "engine/core/frame.h"
#include "engine/core/record.h"
#include "engine/runtime/breaker.h"
#include "engine/runtime/epoch.h"
#include "storage/store.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/types.h>

/* What makes a checkpoint due by default. */
#define CHECKPOINT_RECORDS 16384

struct fig_snapshot {
    struct fig_engine *engine;
    const struct version *version;
    struct nodes *rebuilt; /* that the version lies in when it was built for this snapshot alone; else NULL */
};

/* With relaxed durability: entries that are published, and lie in the engine's frame until it is appended. */
struct pending {
    bool any;
    bool failing;                 /* the last attempt to append them did */
    bool doubtful;                /* the store could not say whether it has the frame: it is settled as it is */
    _Atomic uint64_t durable_seq; /* of the last entry in the store */
    _Atomic int64_t wake_ns;      /* when the committer looks after them; INT64_MAX: there are none */
};

/* A generation that snapshots hold, however many they are. */
struct pin {
    uint64_t generation;
    const struct version *version;
    size_t snapshots;
};

struct fig_engine {
    void *memory; /* that it lies in, as the allocator gave it */
    size_t memory_bytes;
    fig_options options;
    struct nodes_allocator allocator;
    struct store *store;
    _Atomic(const struct version *) version;
    _Atomic uint64_t newest_frame; /* of `version`, or of one before it */
    _Atomic uint64_t newest_seq;
    _Atomic uint64_t node_bytes; /* that the nodes have taken */
    struct epoch epoch;
    struct fig_snapshot *base; /* of a fork: the version of another engine that it began with; else NULL */
    uint64_t startup_ns;
    pid_t process;               /* that opened it: a fork leaves its threads and the owners of its locks behind */
    struct committer *committer; /* NULL: callers commit themselves */
    struct metrics *metrics;     /* NULL: nothing is counted */

    pthread_mutex_t breaker_mutex;
    struct breaker breaker;

    struct slot_cache *slot_cache; /* NULL: lists of slots are not kept */

    pthread_mutex_t pin_mutex;
    struct pin *pins; /* by generation */
    size_t pin_count;
    size_t pin_capacity;
    size_t snapshot_count;

    pthread_mutex_t writer;
    struct nodes *nodes;
    struct version *work;    /* under work, NULL when none is */
    size_t changes_at_begin; /* to go back to when the work is abandoned */
    struct changes changes;  /* records that the tables do not have yet, by frame */
    uint64_t checkpoint_frame;
    size_t checkpoint_again; /* after a failure: not before there are so many changes */
    size_t tables_again;     /* not asked how far the tables are before there are so many changes or notes */
    struct digest table_notes;
    uint64_t notes_dropped_frame;
    struct digest work_table_notes; /* what the two become when the work is published */
    uint64_t work_notes_dropped_frame;
    uint64_t *pinned; /* what collect() tells the nodes */
    size_t pinned_capacity;
    struct decision decision;
    uint8_t *zone_bytes; /* ZONEINFO_FILE_MAX of them, where a zone's file is read into; NULL: none was yet */
    struct frame_writer frame;
    struct frame_head head; /* of the frame that was last given to the store */
    struct pending pending;
    struct frame_reader reader;
    uint64_t random[2]; /* state of the nonces and salts */
    uint64_t frames_read;
    uint64_t entries_read;
    uint64_t records_read;
};

/* open.c: an engine without a store, and its end. */
struct fig_engine *engine_new(const fig_options *options);
void engine_dismantle(struct fig_engine *engine);

/* Where the notes are that no version holds in memory: forks have none of their own there. */
static inline struct store *store_of_notes(const struct fig_engine *engine)
{
    while (engine->base != NULL) engine = engine->base->engine;
    return engine->store;
}

/* publish.c: the version under work. All under the writer's mutex. begin_work() also lets go of notes that the tables
 * have, for their memory. */
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
/* Not to be looked into without what invariant 4 asks for. */
static inline const struct version *newest(struct fig_engine *engine)
{
    return atomic_load_explicit(&engine->version, memory_order_seq_cst);
}

/* forget.c: erases from the journal what it says was forgotten before: older copies of its frames may have come back.
 * Cost: reads it twice. */
fig_status forget_again(struct fig_engine *engine, fig_error *error);

/* open.c: an engine over a store that is open already, with what its tables hold and nothing that came after. The store
 * stays its caller's. NULL: it did not come about, and *status says why. */
struct fig_engine *open_over(struct store *store, const fig_options *options, fig_status *status, fig_error *error);
void close_over(struct fig_engine *engine);

/* memory.c: the C library's, but for large pieces, which are in huge pages where there are such. */
struct nodes_allocator system_allocator(void);

/* append.c: the frame, as the state under work leaves it, to the store. In the store's turn. */
/* STORE_OK: durable, and the work has the frame's number and hash. STORE_BEHIND: another writer was faster.
 * STORE_UNKNOWN: not even settling could tell. Others: it is not there, and will not be. */
enum store_status append_work(struct fig_engine *engine, uint64_t first_seq, size_t requests, int64_t deadline_ns,
                              struct store_error *said);
/* The same of bytes that are a frame already; the work is left alone. */
enum store_status append_frame_bytes(struct store *store, uint64_t number, const void *bytes, size_t size,
                                     int64_t deadline_ns, struct store_error *said);
/* After STORE_UNKNOWN the same frame again: STORE_OK: it is there; STORE_IO: it is not; STORE_UNKNOWN. */
enum store_status settle_work(struct fig_engine *engine, struct store_error *said);

/* flush.c: relaxed durability. Under the writer's mutex but for the first and the last. */
bool engine_is_relaxed(const struct fig_engine *engine);
void flush_begin(struct fig_engine *engine);
/* Something was published that the store does not have. */
void flush_expect(struct fig_engine *engine);
bool flush_is_pending(const struct fig_engine *engine);
/* Must it happen before anything else is decided? */
bool flush_is_due(const struct fig_engine *engine);
/* In the store's turn: all that is pending becomes durable. */
fig_status flush(struct fig_engine *engine);
/* When the committer, having nothing else to do, should take a turn for it. */
int64_t flush_wake_ns(const struct fig_engine *engine);
/* It took one, and it came to nothing: not again at once. */
void flush_rest(struct fig_engine *engine);

/* load.c: a version from the tables, or an empty one. */
struct version_room {
    struct nodes *nodes;     /* between nodes_begin() and nodes_publish() */
    struct version *version; /* of them, and not filled in */
    uint64_t hash_seed;
};
struct loaded {
    uint64_t checkpoint; /* frame that the tables stand at, 0: none */
    uint64_t records;
    struct digest notes; /* what the notes, which stay in the tables, add to the digest */
};
fig_status load_version(struct fig_engine *engine, const struct version_room *room, bool from_tables,
                        struct loaded *loaded, fig_error *error);
/* The first one of an engine. */
fig_status load_tables(struct fig_engine *engine, fig_error *error);

/* catchup.c: takes in the frames that the store has and the engine has not. Under the writer's mutex. */
/* Some of them, so that neither a version under work nor a checkpoint grows without bound; *more: that was not all. */
fig_status catch_up_some(struct fig_engine *engine, bool *more, fig_error *error);
/* All of them. FIG_BUSY: the deadline passed; what was taken in by then is published. */
fig_status catch_up(struct fig_engine *engine, int64_t deadline_ns, fig_error *error);
/* The same for readers: takes the mutex for it, and only when the store's tip says that there is something. */
fig_status catch_up_latest(struct fig_engine *engine, int64_t timeout_ns);

/* The next frame of the journal onto the version under work; its digest must be the one that it says. Adds to *events.
 */
fig_status take_in_frame(struct fig_engine *engine, uint64_t number, const void *bytes, size_t size, size_t *events,
                         fig_error *error);

/* checkpoint.c: under the writer's mutex. */
/* Are there changes enough, and is there time enough, for one within a call that has until the deadline? */
bool checkpoint_is_due(const struct fig_engine *engine, int64_t deadline_ns);
/* In the store's turn. It stands at the newest version, which may be behind the store's tip. */
fig_status write_checkpoint(struct fig_engine *engine, fig_error *error);
/* The same within a call about something else: a failure is logged, and not tried again soon. */
void write_checkpoint_aside(struct fig_engine *engine);
/* Another process may have written a checkpoint: forgets the changes that it took in. No work may be under way. */
void follow_checkpoint(struct fig_engine *engine);
/* The record of a note in memory. */
void record_of_fresh_note(struct record *record, const struct note *note);

/* travel.c: builds a version that is no longer in memory. The caller destroys the nodes. FIG_NOT_FOUND: the journal
 * does not reach back so far. Any thread. */
fig_status rebuild_version(struct fig_engine *engine, uint64_t seq, struct nodes **nodes,
                           const struct version **version, fig_error *error);

/* zone_supply.c: hands the decision that has begun the data of the zone that the request names, if it is lacking. */
void supply_zone(struct fig_engine *engine, const fig_request *request);
void release_zone_bytes(struct fig_engine *engine);

/* write.c: what open needs of it. */
fig_status write_one(struct fig_engine *engine, const fig_request *request, fig_outcome *outcome);
/* FIG_BUSY, or FIG_FORKED: its owner may have stayed behind. */
fig_status lock_writer(struct fig_engine *engine, int64_t deadline_ns);
bool engine_is_forked(const struct fig_engine *engine);
/* When the first of the requests wants its answer. */
int64_t deadline_of(const fig_request *requests, size_t count);

/* guard.c: the breaker around the store. */
enum breaker_answer guard_ask(struct fig_engine *engine);
bool guard_is_open(struct fig_engine *engine);
/* How an attempt went: FIG_OK, a failure of the store, or a status that tells nothing of it. */
void note_store(struct fig_engine *engine, fig_status status);
void note_nothing(struct fig_engine *engine);

/* random.c */
void random_seed(struct fig_engine *engine);
uint64_t random_next(struct fig_engine *engine);

/* fault.c: words and numbers of failures. */
/* Of what frame_open() finds wrong: FIG_NEWER or FIG_CORRUPT. */
fig_status status_of_frame(const char *fault);
fig_status status_of_store(enum store_status status);
/* May be written to: none was given, or one that fig_error_default() made. */
static inline bool error_is_sound(const fig_error *error)
{
    return error == NULL || error->struct_size == sizeof *error;
}
/* Writes the words and returns the status. */
fig_status fail(fig_error *error, fig_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
fig_status fail_store(fig_error *error, enum store_status status, const struct store_error *said);
void log_line(struct fig_engine *engine, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds a line to a text, as far as there is room. */
void add_line(char *text, size_t capacity, const char *format, va_list arguments);

/* CLOCK_MONOTONIC, ns: the clock of deadlines and of nothing else. */
int64_t monotonic_ns(void);
/* So long from now; INT64_MAX for times without end. */
int64_t deadline_in(int64_t timeout_ns);

#endif
