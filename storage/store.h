/* The store's port: all that the engine's runtime knows of where bytes are kept. Bytes, never appointments.
 *
 * A store is a journal of frames, numbered from 1 without a hole, and tables of records that stand at one of
 * those frames, the checkpoint. The journal is the truth; the tables are a faster way to begin.
 *
 * Writers take turns: begin() .. append()/checkpoint() .. end(), all by one thread. Everything else may be
 * called by any thread at any time. Deadlines are CLOCK_MONOTONIC nanoseconds. storage/FORMAT.md draws the
 * bytes. */
#ifndef FIG_STORAGE_STORE_H
#define FIG_STORAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_status {
    STORE_OK = 0,
    STORE_BEHIND,    /* append: that number is taken: since(), decide again */
    STORE_TIMEOUT,   /* the deadline passed; nothing was written, nor will be */
    STORE_UNKNOWN,   /* append: perhaps durable: settle() before anything else */
    STORE_NOT_FOUND, /* read: no such record; since: frames before that one were trimmed */
    STORE_FULL,      /* disk or map full; nothing was written */
    STORE_IO,        /* the system reported an error; nothing was written */
    STORE_CORRUPT,   /* the bytes make no sense */
    STORE_NEWER,     /* written by a newer version */
    STORE_NOT_STORE, /* missing, or something else lies there */
    STORE_DENIED,    /* no permission, read-only, a symbolic link, a network file system */
    STORE_NO_MEMORY,
    STORE_UNAVAILABLE, /* the environment broke and could not be opened again; or others have it, and one wants it alone
                        */
    STORE_FORKED,      /* opened before a fork(), used after */
    STORE_STOPPED,     /* a sink said so */
    STORE_INVALID      /* the caller's mistake: out of turn, out of order, out of range; nothing was written */
};

/* Tables of records. The numbers are on the disk. */
enum store_table {
    TABLE_SHOPS = 1,
    TABLE_BARBERS = 2,
    TABLE_WINDOWS = 3,
    TABLE_APPOINTMENTS = 4,
    TABLE_NOTES = 5,
    TABLE_KEYS = 6,
    TABLE_CLIENTS = 7,
    TABLE_SERVICES = 8,
    TABLE_RULES = 9,
    TABLE_ZONES = 10,
    TABLE_COUNT = 11 /* number 0 is not used */
};

#define STORE_KEY_MAX   64         /* bytes of a record's key; order is memcmp's */
#define STORE_FRAME_MAX (64 << 20) /* bytes of a frame */

struct store_record {
    uint32_t table;
    uint32_t key_size;
    const void *key;
    const void *value; /* in checkpoint(): NULL deletes */
    size_t value_size;
};

/* Receivers. Bytes are the store's and last for the call only. Anything but STORE_OK ends the walk, and is
 * what the walk returns. A sink must not call the store. */
struct record_sink {
    enum store_status (*take)(void *context, const struct store_record *record);
    void *context;
};
struct frame_sink {
    enum store_status (*take)(void *context, uint64_t number, const void *frame, size_t size);
    void *context;
};

struct store_facts {
    uint64_t tip;         /* number of the newest frame, 0: none */
    uint64_t checkpoint;  /* frame that the tables stand at */
    uint64_t first;       /* oldest frame that is kept, in the archive or not; tip + 1 when none is */
    uint64_t bytes;       /* size of the store's file */
    uint64_t store_id[2]; /* random, made with the store */
    uint32_t holder;      /* process id of who has the writers' turn, 0: nobody */
    bool older;           /* of a salvage: the newest state cannot be had, so that the last commits may be missing */
};

struct store;

/* Every call returns a store_status; words of the last failure in this thread's call are in *error when it is
 * not NULL. */
struct store_error {
    char message[400];
};

struct store_ops {
    const char *name;

    /* Every record of the tables, by (table, key), as they stand at one checkpoint, whose frame goes to
     * *checkpoint before the first record is handed over. part of parts: records whose key falls to that
     * part, so that several threads can load; 0 of 1 is everything. Parts of one state need one begin/end
     * around them or equal *checkpoint. */
    enum store_status (*load)(struct store *, uint32_t part, uint32_t parts, uint64_t *checkpoint,
                              const struct record_sink *, struct store_error *);
    /* Every frame with a number > after, in order, as far as the tip goes at the call. */
    enum store_status (*since)(struct store *, uint64_t after, const struct frame_sink *, struct store_error *);
    /* Cheap: where the store stands. `tip` alone is a word of shared memory where there is one. */
    uint64_t (*tip)(struct store *);
    enum store_status (*facts)(struct store *, struct store_facts *, struct store_error *);
    /* Waits until tip() > past. STORE_TIMEOUT. */
    enum store_status (*wait)(struct store *, uint64_t past, int64_t deadline_ns);

    /* Takes the writer's turn, across all processes. STORE_TIMEOUT: not taken. After another owner died,
     * whatever it left half visible is made durable first. */
    enum store_status (*begin)(struct store *, int64_t deadline_ns, struct store_error *);
    /* Appends frame number `expect` = tip + 1; durable on STORE_OK. STORE_BEHIND when that number is taken.
     * After STORE_UNKNOWN only settle(), end() and close() may follow. */
    enum store_status (*append)(struct store *, uint64_t expect, const void *frame, size_t size, int64_t deadline_ns,
                                struct store_error *);
    /* After STORE_UNKNOWN: finds out whether frame `number` with exactly these bytes is there, and makes it
     * durable if so. */
    enum store_status (*settle)(struct store *, uint64_t number, const void *frame, size_t size, bool *written,
                                struct store_error *);
    /* Moves the tables from their checkpoint to frame `at` (<= tip): all records at once, or none. Records sorted by
     * (table, key), each key once. `count` should stay bounded (a few thousand): it is one transaction.
     * STORE_UNKNOWN, here and from rewrite_frame() and trim(): perhaps done; facts() tells in a later turn. */
    enum store_status (*checkpoint)(struct store *, uint64_t at, const struct store_record *records, size_t count,
                                    struct store_error *);
    /* Rewrites the bytes of a frame or record in place, for text that is forgotten. The caller vouches that
     * their checksums hold. Same size only. */
    enum store_status (*rewrite_frame)(struct store *, uint64_t number, const void *frame, size_t size,
                                       struct store_error *);
    void (*end)(struct store *);

    enum store_status (*read)(struct store *, uint32_t table, const void *key, uint32_t key_size,
                              const struct record_sink *, struct store_error *);
    /* Moves frames with number < before (<= checkpoint) out of the store's way, into flat files, where since() and
     * rewrite_frame() find them all the same. In no turn: it takes one for each some tens of megabytes. STORE_INVALID:
     * this store has no archive. */
    enum store_status (*archive)(struct store *, uint64_t before, struct store_error *);
    /* Puts frames of another store, from `first` to the one before this one's first, into the archive of this one,
     * which has none. */
    enum store_status (*archive_from)(struct store *, struct store *from, uint64_t first, struct store_error *);
    /* Drops frames with number < before (<= checkpoint + 1), archived ones not. */
    enum store_status (*trim)(struct store *, uint64_t before, struct store_error *);
    /* A consistent, compacted copy in a new directory. */
    enum store_status (*copy)(struct store *, const char *destination, struct store_error *);
    enum store_status (*close)(struct store *, int64_t deadline_ns);
};

/* A store is opened into a struct that begins with this. */
struct store {
    const struct store_ops *ops;
};

struct store_options {
    bool create;
    bool read_only;
    bool exclusive;       /* nobody else has it open, in this process or another, nor may open it */
    uint64_t map_bytes;   /* the store's file, or memory, grows no further; 0: 1 TiB, as far as limits allow */
    uint64_t first_frame; /* 0: any store. Else a new one (STORE_DENIED when there is one), made to begin with this
                             frame, as if those before it had been trimmed */
};

/* A directory, kept by LMDB: storage/lmdb.c. Opening one twice in a process shares it. */
enum store_status store_open_directory(const char *directory, const struct store_options *, struct store **,
                                       struct store_error *);
/* Nothing but memory: storage/memory.c. */
enum store_status store_open_memory(const struct store_options *, struct store **, struct store_error *);

/* A store that may be damaged, to be read as far as it goes: load(), since(), facts() and read() alone, of which
 * since() begins with the first frame that there is, in the archive or not, and ends at the first that cannot be read.
 * It is held exclusively. It opens also when nothing leads to a state any more: then those calls say why, and what
 * there is can still be scanned for. */
enum store_status store_open_salvage(const char *directory, struct store **, struct store_error *);

/* Whether a path, there or not, lies in a directory, or is it: by way of links, too. */
bool store_is_within(const char *path, const char *directory);

/* What frames are known by, wherever they lie: how they begin, where in them their size stands (u32), and whether what
 * stands up to the size can be one's: all of it is read only then. NULL: anything can. */
struct store_shape {
    const void *begins;
    size_t begins_size;
    size_t size_at;
    bool (*may_be)(const void *head);
};
/* A place in the files of a salvage. */
struct store_place {
    uint64_t number; /* of the frame there: whoever reads it knows */
    uint64_t at;     /* byte of the file */
    uint32_t size;
    uint32_t file; /* 0: the store's, else one of the archive's */
};
struct place_sink {
    enum store_status (*take)(void *context, const struct store_place *place, const void *bytes);
    void *context;
};
/* What a salvage says of its frames without leading to them. */
struct store_claims {
    uint64_t first; /* frame of the journal, */
    uint64_t last;
    uint64_t counted;       /* and how many, as its tree's record has it; each 0: cannot be known */
    uint64_t checkpoint;    /* frame that the tables stand at; 0: cannot be known */
    uint64_t archive_first; /* by the names of the archive's files; 0: there are none */
    uint64_t archive_last;
    uint64_t archive_sound; /* the last one of a file that can be opened; 0: there is none, or it cannot be known */
    const char *archive_unknown; /* why they cannot be listed; "": they can. Lasts as long as the store */
};
void store_salvage_claims(struct store *, struct store_claims *);
/* The path of the file in which a frame lies or should lie. */
#define STORE_HOME_MAX 360
void store_salvage_home(struct store *, uint64_t number, char home[STORE_HOME_MAX]);

/* Hands over all that begins as the shape says, on used pages and free ones, live or stale, sound or not: every byte of
 * every file is looked at. *unreadable: bytes that cannot be read, and were passed over. */
enum store_status store_salvage_scan(struct store *, const struct store_shape *, const struct place_sink *,
                                     uint64_t *unreadable, struct store_error *);
/* From now on since() hands over the frames at these places, by number, and nothing else; it ends before the first that
 * is missing between two. They are the caller's, and stay until the store is closed. */
void store_salvage_use(struct store *, const struct store_place *places, size_t count);

/* Walks the store's file without trusting it: pages, their links, the order of keys. Writes what it finds, a
 * line each, into report[capacity], and how many problems to *problems. For `verify`. */
enum store_status store_verify_directory(const char *directory, char *report, size_t capacity, uint64_t *problems,
                                         struct store_error *);

const char *store_status_text(enum store_status);

#endif
