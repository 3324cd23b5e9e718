/* Figaro: an embeddable scheduling engine. This header is the whole API.
 *
 * A booking server opens a directory with fig_open() and asks: fig_check() answers from memory in nanoseconds,
 * fig_book() decides and is back when the appointment is on the disk. No two active appointments of one barber
 * ever conflict, whatever the order of calls, threads, processes or crashes.
 *
 * Conventions, unless a comment says otherwise:
 * - Instants are int64 seconds since the Unix epoch, UTC, from FIG_TIME_MIN to FIG_TIME_MAX; fields end in _s.
 *   Spans are half-open: [start, end). Timeouts and latencies are nanoseconds and end in _ns.
 * - Every public struct begins with struct_size; take one from its fig_..._default() function and change fields.
 * - Every function returns a fig_status and leaves its out parameters untouched unless it returns FIG_OK; a
 *   fig_outcome, a fig_error and a count of conflicts are answers and are also written on a refusal.
 * - Arguments are borrowed for the length of the call; nothing that is passed in is kept.
 * - An engine may be used from any number of threads at once. Reads take no lock. Writes queue for each other.
 * - Text is UTF-8 without control characters and ends with NUL. Ids are the caller's, never 0; an
 *   appointment's id is given by the engine.
 */
#ifndef FIG_FIGARO_H
#define FIG_FIGARO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FIG_API __attribute__((visibility("default")))
#else
#define FIG_API
#endif

#define FIG_VERSION "0.1.0"

/* Limits of the contract. */
#define FIG_TIME_MIN     INT64_C(-2208988800) /* 1900-01-01T00:00:00Z */
#define FIG_TIME_MAX     INT64_C(7258118400)  /* 2200-01-01T00:00:00Z, the last instant an end may have */
#define FIG_DURATION_MAX 31622400             /* an appointment or window lasts 1 s to 366 days */
#define FIG_BUFFER_MAX   604800               /* a buffer lasts 0 s to 7 days */
#define FIG_HOLD_MAX     31622400             /* a hold lives 1 s to 366 days */
#define FIG_KEY_MAX      64                   /* bytes of a request key */
#define FIG_NAME_MAX     128                  /* bytes of a name */
#define FIG_ZONE_MAX     63                   /* bytes of a zone's name */
#define FIG_NOTE_MAX     4096                 /* bytes of an appointment's note */
#define FIG_BATCH_MAX    4096                 /* members of a batch, requests of one fig_write() */
#define FIG_WINDOWS_MAX  100000               /* windows of one declaration */

/* What a call came to. The numbers are stable. Three families: answers (the engine decided), mistakes (the
 * request makes no sense) and faults (something failed; the comment says what is known of the change). */
typedef enum fig_status {
    FIG_OK = 0,

    /* answers: nothing was changed */
    FIG_CONFLICT = 1,       /* another active appointment of the barber is in the way */
    FIG_CLOSED = 2,         /* outside the barber's open time, or the barber takes no bookings */
    FIG_RULE = 3,           /* a rule forbids it */
    FIG_NOT_FOUND = 4,      /* no such barber, shop, appointment or key; or the end of a list */
    FIG_STALE = 5,          /* the appointment is no longer at the version that was asked for */
    FIG_KEY_REUSED = 6,     /* the request key was used before, for another content */
    FIG_ILLEGAL_STATUS = 7, /* the appointment's status does not allow this change */
    FIG_NAME_TAKEN = 8,     /* another barber or shop has this name */
    FIG_NOT_DONE = 9,       /* a member of a refused batch that was not itself at fault */

    /* mistakes: nothing was changed */
    FIG_INVALID = 100, /* a field is malformed or out of its range; the outcome names it */

    /* faults */
    FIG_BUSY = 200,        /* the deadline passed: not done, and it will not be */
    FIG_UNKNOWN = 201,     /* perhaps done: ask again with the same key */
    FIG_UNAVAILABLE = 202, /* the store cannot be used now: not done */
    FIG_FULL = 203,        /* the disk or the map is full: not done */
    FIG_NO_MEMORY = 204,   /* not done */
    FIG_IO = 205,          /* the disk reported an error: not done */
    FIG_CORRUPT = 206,     /* stored bytes fail their checks: not done; run `figaro verify` */
    FIG_NEWER = 207,       /* the store was written by a newer Figaro */
    FIG_NOT_STORE = 208,   /* the directory holds no store, or something else */
    FIG_FORKED = 209,      /* the engine was opened before a fork(); open it again in the child */
    FIG_DENIED = 210       /* the operating system refused permission */
} fig_status;

/* The name of a status as the command line prints it ("conflict"). Never NULL; static. */
FIG_API const char *fig_status_name(fig_status status);

/* One sentence that says what a status means and what to do next. Never NULL; static. */
FIG_API const char *fig_status_text(fig_status status);

/* What went wrong, in words, for calls that are not requests. Pass NULL where the words are not wanted. */
typedef struct fig_error {
    size_t struct_size;
    fig_status status;
    char message[512];
} fig_error;

FIG_API fig_error fig_error_default(void);

/* ------------------------------------------------------------------ what the engine knows ----------------- */

typedef enum fig_appointment_status {
    FIG_HELD = 1, /* blocks time until it expires */
    FIG_PENDING = 2,
    FIG_SCHEDULED = 3,
    FIG_CONFIRMED = 4, /* held to confirmed are active: they block time */
    FIG_COMPLETED = 5,
    FIG_CANCELLED = 6,
    FIG_NO_SHOW = 7,
    FIG_EXPIRED = 8
} fig_appointment_status;

/* "held" ... "expired", static; NULL for a number that is none. */
FIG_API const char *fig_appointment_status_name(fig_appointment_status status);
/* Writes the status of that name. FIG_NOT_FOUND when there is none. */
FIG_API fig_status fig_appointment_status_from_name(const char *name, fig_appointment_status *status);

typedef struct fig_appointment {
    size_t struct_size;
    uint64_t id;
    uint64_t barber_id;
    uint64_t client_id;  /* 0: none */
    uint64_t service_id; /* 0: none */
    int64_t start_s;
    int64_t end_s;
    int64_t expires_s; /* of a hold; else 0 */
    int64_t booked_s;  /* the now of the request that made it */
    uint64_t version;  /* the seq of its last change */
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    fig_appointment_status status; /* a hold that is over reads as FIG_EXPIRED */
    bool has_note;
    char key[FIG_KEY_MAX + 1]; /* "": none */
} fig_appointment;

FIG_API fig_appointment fig_appointment_default(void);

typedef enum fig_buffers { FIG_BUFFERS_SHARED = 0, FIG_BUFFERS_EXCLUSIVE = 1 } fig_buffers;
typedef enum fig_past { FIG_PAST_ALLOW = 0, FIG_PAST_REFUSE = 1 } fig_past;

/* Which fields of a declaration are meant; the others stay as they are (or take their defaults when new). */
enum {
    FIG_SHOP_NAME = 1 << 0,
    FIG_SHOP_ZONE = 1 << 1,
    FIG_SHOP_BUFFERS = 1 << 2,
    FIG_SHOP_PAST = 1 << 3,
    FIG_SHOP_ALL = (1 << 4) - 1
};

typedef struct fig_shop {
    size_t struct_size;
    uint32_t fields; /* FIG_SHOP_... bits; all are set in answers */
    uint64_t id;
    fig_buffers buffers;
    fig_past past;
    char name[FIG_NAME_MAX + 1];
    char zone[FIG_ZONE_MAX + 1]; /* an IANA name; new shops default to "UTC" */
} fig_shop;

FIG_API fig_shop fig_shop_default(void);

typedef enum fig_open_mode {
    FIG_OPEN_ALWAYS = 0, /* every instant but the cuts can be booked */
    FIG_OPEN_HOURS = 1   /* only declared windows can be booked */
} fig_open_mode;

enum {
    FIG_BARBER_NAME = 1 << 0,
    FIG_BARBER_SHOP = 1 << 1,
    FIG_BARBER_ZONE = 1 << 2,
    FIG_BARBER_ACTIVE = 1 << 3,
    FIG_BARBER_OPEN = 1 << 4,
    FIG_BARBER_PRIORITY = 1 << 5,
    FIG_BARBER_ALL = (1 << 6) - 1
};

typedef struct fig_barber {
    size_t struct_size;
    uint32_t fields; /* FIG_BARBER_... bits; all are set in answers */
    uint64_t id;     /* 0 in a declaration: the barber of that name, else the next free id */
    uint64_t shop_id;
    fig_open_mode open; /* when never declared, the first available window makes it FIG_OPEN_HOURS */
    int32_t priority;
    bool active; /* an inactive barber takes no new bookings; existing ones stay */
    char name[FIG_NAME_MAX + 1];
    char zone[FIG_ZONE_MAX + 1]; /* "": the shop's */
} fig_barber;

FIG_API fig_barber fig_barber_default(void);

typedef enum fig_window_kind { FIG_WINDOW_AVAILABLE = 0, FIG_WINDOW_UNAVAILABLE = 1 } fig_window_kind;

/* A dated window of a barber: time opened (available) or cut out of the open time (unavailable). */
typedef struct fig_window {
    size_t struct_size;
    int64_t start_s;
    int64_t end_s;
    int64_t declared_start_s; /* where the window it was cut from began; in a declaration, ignored */
    fig_window_kind kind;
} fig_window;

FIG_API fig_window fig_window_default(void);

/* ------------------------------------------------------------------ the engine ---------------------------- */

typedef struct fig_engine fig_engine;

/* Where memory comes from. All NULL: the C library. Both are called by whichever thread writes, catches up, opens or
 * closes snapshots and journals, by several at once: they must be safe to call so, as malloc() and free() are. */
typedef struct fig_allocator {
    void *(*allocate)(void *context, size_t size); /* aligned as by malloc(); NULL when there is none */
    void (*release)(void *context, void *memory, size_t size);
    void *context;
} fig_allocator;

typedef struct fig_options {
    size_t struct_size;
    bool create;                 /* make the store when the directory is missing or empty */
    bool read_only;              /* never write; another process may */
    bool in_memory;              /* no directory: nothing is kept after fig_close(); for tests and what-if */
    bool from_journal;           /* build the state from the journal alone, leaving the tables unread */
    uint32_t checkpoint_records; /* changed records that make a checkpoint due (default 16384; 0: never by itself) */
    uint64_t map_bytes;          /* upper bound of the store's file (default 1 TiB, less where limits say so) */
    uint64_t random_seed;        /* seeds the in-memory hash of keys and a frame's nonce; 0: from the system */
    int64_t now_s;               /* the instant noted for a store that is created; 0: the system's clock */
    const char *default_zone;    /* zone of shop 1 in a new store (default "UTC") */
    fig_allocator allocator;
    /* The only callback. It is called from whichever thread has something to say, and must not call Figaro. */
    void (*log)(void *context, int level, const char *message); /* levels as syslog(3): 3 error, 4 warning, 6 info */
    void *log_context;
} fig_options;

FIG_API fig_options fig_options_default(void);

/* Opens the store in a directory (made with `create`, mode 0700) and builds the trees.
 * Errors: FIG_NOT_STORE, FIG_NEWER, FIG_CORRUPT, FIG_DENIED, FIG_IO, FIG_FULL, FIG_NO_MEMORY, FIG_INVALID (options).
 * Ownership: *engine is the caller's until fig_close(). Opening one directory again in one process is allowed and
 * shares the store. Cost: linear in the appointments, about a microsecond for each, and in the journal since the last
 * checkpoint; when that is long, checkpoints are written here, unless the engine is read-only or others are writing. */
FIG_API fig_status fig_open(const char *directory, const fig_options *options, fig_engine **engine, fig_error *error);

/* Closes an engine. No other thread may use it any more, and no snapshot may be open (FIG_BUSY then, or when the store
 * is still in use after 30 s: nothing is closed). Any other status but FIG_OK is what the store said as it was closed:
 * the engine is gone all the same. Everything acknowledged is already durable. NULL is allowed. */
FIG_API fig_status fig_close(fig_engine *engine);

/* ------------------------------------------------------------------ writing ------------------------------- */

typedef enum fig_operation {
    FIG_OP_BOOK = 1,
    FIG_OP_HOLD = 2,
    FIG_OP_CONFIRM = 3,
    FIG_OP_MOVE = 4,
    FIG_OP_SET_STATUS = 5,
    FIG_OP_OPEN_WINDOW = 6,
    FIG_OP_CLOSE_WINDOW = 7,
    FIG_OP_DECLARE_WINDOWS = 8,
    FIG_OP_DECLARE_SHOP = 9,
    FIG_OP_DECLARE_BARBER = 10
} fig_operation;

#define FIG_BUFFER_DEFAULT UINT32_MAX /* the buffer that applies when the request does not give one */

/* A write, of any kind. Each operation reads the fields named in its comment, and every one reads the common
 * fields. Take one from fig_book_default() and its kin. */
typedef struct fig_request {
    size_t struct_size;
    fig_operation operation;

    /* common */
    int64_t now_s;       /* the instant of the request; required (the default is none) */
    const char *key;     /* request key, NULL: none. The same key with the same content (now and ttl aside) gives
                            the first outcome again; with another content it is refused */
    int64_t timeout_ns;  /* how long the call may wait; 0: 30 s */
    uint64_t if_version; /* refuse (FIG_STALE) unless the appointment is at this version; 0: any */

    /* which appointment: confirm, move, set_status */
    uint64_t appointment_id; /* 0: the one that booking_key booked */
    const char *booking_key;

    /* what to book: book, hold; and move, where 0, NULL and FIG_BUFFER_DEFAULT leave what is */
    uint64_t barber_id;      /* 0: the barber of that name */
    const char *barber_name; /* NULL: by id */
    uint64_t client_id;      /* not read by move */
    uint64_t service_id;
    int64_t start_s; /* move: start and end both 0 leave the time as it is */
    int64_t end_s;
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    uint32_t ttl_s;   /* hold: seconds from now_s until it expires, required */
    bool pending;     /* book: as pending, not scheduled */
    const char *note; /* book, hold: free text up to FIG_NOTE_MAX bytes, kept apart so that it can be forgotten */

    /* set_status: the new status; confirm: FIG_SCHEDULED or FIG_CONFIRMED (default) */
    fig_appointment_status status;

    /* open_window, close_window: barber, start_s, end_s as above.
     * declare_windows: the barber's dated windows, replacing all that it has */
    const fig_window *windows;
    size_t window_count;

    /* declare_shop, declare_barber */
    const fig_shop *shop;
    const fig_barber *barber;
} fig_request;

FIG_API fig_request fig_book_default(void);
FIG_API fig_request fig_hold_default(void);
FIG_API fig_request fig_confirm_default(void);
FIG_API fig_request fig_move_default(void);
FIG_API fig_request fig_set_status_default(void);
FIG_API fig_request fig_open_window_default(void);
FIG_API fig_request fig_close_window_default(void);
FIG_API fig_request fig_declare_windows_default(void);
FIG_API fig_request fig_declare_shop_default(void);
FIG_API fig_request fig_declare_barber_default(void);

/* What became of a request. The caller may hang a buffer on it before the call to be given other appointments:
 * those that blocked (FIG_CONFLICT), or those that lie outside open time after a closing (FIG_OK). */
typedef struct fig_outcome {
    size_t struct_size;
    fig_status status;
    bool repeated;               /* the key was known: this is the first outcome, and nothing was changed */
    uint64_t version;            /* accepted: the seq of the change; refused: the version that was judged */
    uint64_t barber_id;          /* the barber it was about, 0 when none */
    fig_appointment appointment; /* accepted changes of an appointment: as it is now; id 0 otherwise */
    const char *field;           /* FIG_INVALID and FIG_NOT_FOUND: the field at fault; else NULL; static */
    const char *reason;          /* a refusal in words; else NULL; static */
    fig_appointment *others;     /* the caller's buffer, or NULL */
    size_t others_capacity;      /* its room */
    size_t others_count;         /* how many there are, also beyond the room */
} fig_outcome;

FIG_API fig_outcome fig_outcome_default(void);

/* Runs one request and is back when its change is durable, or refused, or the deadline passed. Returns
 * outcome->status. Any thread. Cost: about a microsecond of work and one durable commit.
 *
 * book       makes an appointment, scheduled (or pending): barber, start_s, end_s; client, service, buffers, note.
 * hold       the same, held until now_s + ttl_s; the same key again renews it, also after it lapsed if its time is
 *            still free; once it was ended, FIG_ILLEGAL_STATUS; once it became a booking, that answer again.
 * confirm    a held, pending or scheduled appointment becomes scheduled or confirmed.
 * move       time, barber, service and buffers in one step that ignores the appointment itself.
 * set_status any legal change; see fig_appointment_status and the table in engine/core/status.c.
 * open_window adds a dated available window, close_window takes a span out of the dated windows.
 * declare_*  shops, barbers and their dated windows. */
FIG_API fig_status fig_book(fig_engine *engine, const fig_request *request, fig_outcome *outcome);
FIG_API fig_status fig_hold(fig_engine *engine, const fig_request *request, fig_outcome *outcome);
FIG_API fig_status fig_confirm(fig_engine *engine, const fig_request *request, fig_outcome *outcome);
FIG_API fig_status fig_move(fig_engine *engine, const fig_request *request, fig_outcome *outcome);
FIG_API fig_status fig_set_status(fig_engine *engine, const fig_request *request, fig_outcome *outcome);
FIG_API fig_status fig_declare(fig_engine *engine, const fig_request *request, fig_outcome *outcome);

/* Runs up to FIG_BATCH_MAX unrelated requests, in order; each has its own outcome. They share one durable commit, or
 * several, one after the other, when they come to more than about 8 MiB. Returns FIG_OK when each was decided (look at
 * outcomes[i].status), else the fault that hit a commit. It is then the outcome of every request of that commit and
 * after it, also of those that had been refused or repeated there (what they met may not have happened), but not of
 * those that are FIG_INVALID; outcomes of commits before it stand. The shortest timeout counts for all. */
FIG_API fig_status fig_write(fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes);

/* Runs up to FIG_BATCH_MAX requests on appointments all or nothing, judged on the state that all of them leave:
 * a swap of two appointments is no conflict. One entry in the journal, one key (the first member's; other members
 * must not carry one unless they book; asked again by that key, its bookings are shown as they were made, other
 * appointments as they are). Returns FIG_OK, or the status of the first member at fault; each member at
 * fault says so in its outcome, the others are FIG_NOT_DONE. */
FIG_API fig_status fig_batch(fig_engine *engine, const fig_request *requests, size_t count, fig_outcome *outcomes);

/* ------------------------------------------------------------------ reading ------------------------------- */

/* A version held open: reads through it see that version until fig_snapshot_close(), and its memory stays. */
typedef struct fig_snapshot fig_snapshot;
FIG_API fig_status fig_snapshot_open(fig_engine *engine, fig_snapshot **snapshot);
FIG_API void fig_snapshot_close(fig_snapshot *snapshot); /* NULL is allowed */

/* Where a read stands: a version and a now. */
typedef struct fig_view {
    size_t struct_size;
    int64_t now_s;                /* a hold blocks where now < its expiry; required */
    const fig_snapshot *snapshot; /* NULL: the newest version this process has seen */
    bool latest; /* first take in what other processes have committed. When there is something, this waits for the
                    engine's writer: up to 5 s, then FIG_BUSY. Other faults of taking it in are returned, too */
} fig_view;

FIG_API fig_view fig_view_default(void);

/* The question "could this be booked?", as far as other appointments go. */
typedef struct fig_span {
    size_t struct_size;
    uint64_t barber_id;
    int64_t start_s;
    int64_t end_s;
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    uint64_t ignore_id; /* an appointment that does not count, 0: none */
} fig_span;

FIG_API fig_span fig_span_default(void);

/* FIG_OK when no active appointment of the barber conflicts, FIG_CONFLICT when some do: *count says how many, the
 * first `capacity` of them, by start, are in `conflicts` (which may be NULL with capacity 0; count may be NULL, which
 * is the fast way). FIG_NOT_FOUND, FIG_INVALID. Takes no lock, allocates nothing, touches no disk, unless the
 * view asks for the latest and there is something to take in.
 * Cost: a predecessor and a successor search, tens of nanoseconds; with a list, plus the list. */
FIG_API fig_status fig_check(fig_engine *engine, const fig_view *view, const fig_span *span, fig_appointment *conflicts,
                             size_t capacity, size_t *count);

/* One appointment, by id or by the key that booked it. FIG_NOT_FOUND. Cost: a few cache misses. */
FIG_API fig_status fig_get_appointment(fig_engine *engine, const fig_view *view, uint64_t id,
                                       fig_appointment *appointment);
FIG_API fig_status fig_find_appointment(fig_engine *engine, const fig_view *view, const char *key,
                                        fig_appointment *appointment);

/* The note of an appointment, read from the store, into buffer[capacity] with its NUL; *size is its length without.
 * FIG_NOT_FOUND when it has none or it was forgotten, FIG_INVALID when the buffer is too small. */
FIG_API fig_status fig_get_note(fig_engine *engine, uint64_t appointment_id, char *buffer, size_t capacity,
                                size_t *size);

typedef struct fig_filter {
    size_t struct_size;
    uint64_t barber_id;            /* 0: any */
    uint64_t client_id;            /* 0: any */
    int64_t from_s;                /* appointments whose core meets [from_s, to_s); */
    int64_t to_s;                  /* default: all time */
    fig_appointment_status status; /* 0: any */
    bool active;                   /* only those that block time at the view's now */
} fig_filter;

FIG_API fig_filter fig_filter_default(void);

/* Where a list goes on. Zero it to start. Its content is the engine's. */
typedef struct fig_cursor {
    uint64_t position[4];
} fig_cursor;

/* Lists appointments into appointments[capacity] and says how many in *count; call again with the same cursor for
 * more until *count is 0. Ordered by start, then id, when a barber or client is given; else by id. Page through a
 * snapshot for one consistent list. Cost: by barber or client, logarithmic plus the list; else a walk over all. */
FIG_API fig_status fig_list(fig_engine *engine, const fig_view *view, const fig_filter *filter, fig_cursor *cursor,
                            fig_appointment *appointments, size_t capacity, size_t *count);

FIG_API fig_status fig_get_shop(fig_engine *engine, const fig_view *view, uint64_t id, fig_shop *shop);
FIG_API fig_status fig_list_shops(fig_engine *engine, const fig_view *view, fig_cursor *cursor, fig_shop *shops,
                                  size_t capacity, size_t *count); /* by id */
FIG_API fig_status fig_get_barber(fig_engine *engine, const fig_view *view, uint64_t id, fig_barber *barber);
FIG_API fig_status fig_find_barber(fig_engine *engine, const fig_view *view, const char *name, fig_barber *barber);
FIG_API fig_status fig_list_barbers(fig_engine *engine, const fig_view *view, fig_cursor *cursor, fig_barber *barbers,
                                    size_t capacity, size_t *count); /* by id */

/* The barber's dated windows of both kinds that meet [from_s, to_s), available ones first, each kind by start. */
FIG_API fig_status fig_list_windows(fig_engine *engine, const fig_view *view, uint64_t barber_id, int64_t from_s,
                                    int64_t to_s, fig_cursor *cursor, fig_window *windows, size_t capacity,
                                    size_t *count);

/* ------------------------------------------------------------------ the journal --------------------------- */

typedef enum fig_event_kind {
    FIG_EVENT_BOOKED = 1,          /* appointment: as made (also by hold) */
    FIG_EVENT_MOVED = 2,           /* appointment: id, barber, service, span and buffers after it */
    FIG_EVENT_STATUS = 3,          /* appointment: id, status and expiry after it; previous_status */
    FIG_EVENT_OPENED = 4,          /* barber_id, window: a dated window was added */
    FIG_EVENT_CLOSED = 5,          /* barber_id, window: a span was taken out of the dated windows */
    FIG_EVENT_WINDOWS_CLEARED = 6, /* barber_id: every dated window was dropped */
    FIG_EVENT_SHOP = 7,            /* shop: as declared */
    FIG_EVENT_BARBER = 8,          /* barber: as declared */
    FIG_EVENT_NONE = 9             /* an entry that changed nothing but remembers its key */
} fig_event_kind;

/* One event, with the head of the entry that it belongs to. What the event does not tell of is 0. */
typedef struct fig_event {
    size_t struct_size;
    uint64_t frame;            /* the commit */
    uint64_t version;          /* the seq of the entry */
    fig_operation operation;   /* what was asked; of a batch, its first member's */
    int64_t now_s;             /* the request's now */
    char key[FIG_KEY_MAX + 1]; /* that the request carried; of a batch without one, its first keyed booking's */
    fig_event_kind kind;
    fig_appointment appointment;
    fig_appointment_status previous_status;
    uint64_t barber_id;
    fig_window window;
    fig_shop shop;
    fig_barber barber;
} fig_event;

FIG_API fig_event fig_event_default(void);

/* Reads the journal from the entry of a version on, in order. FIG_NOT_FOUND at the end. A journal is used by one
 * thread and closed before its engine. Reads the disk, and takes in what others have committed (see fig_view.latest;
 * after FIG_BUSY, ask again). */
typedef struct fig_journal fig_journal;
FIG_API fig_status fig_journal_open(fig_engine *engine, uint64_t from_version, fig_journal **journal);
FIG_API fig_status fig_journal_next(fig_journal *journal, fig_event *event);
FIG_API void fig_journal_close(fig_journal *journal);

/* ------------------------------------------------------------------ civil time ---------------------------- */

/* A time zone's rules, read once and never changed: any number of threads may use one at the same time. Nothing here
 * looks at TZ or changes what localtime() says. */
typedef struct fig_zone fig_zone;

/* Reads a zone by its IANA name ("Europe/Madrid") from a directory of TZif files, NULL for the system's.
 * FIG_INVALID no such name can be, FIG_NOT_FOUND no such zone, FIG_CORRUPT the file is none or damaged, FIG_DENIED,
 * FIG_IO, FIG_NO_MEMORY; the words say what to do. The zone is the caller's until fig_zone_close(). */
FIG_API fig_status fig_zone_open(const char *directory, const char *name, fig_zone **zone, fig_error *error);
FIG_API void fig_zone_close(fig_zone *zone); /* NULL is allowed */

typedef struct fig_local {
    int32_t year;    /* 1900 to 2200 */
    uint8_t month;   /* 1 to 12 */
    uint8_t day;     /* 1 to 31 */
    uint8_t hour;    /* 0 to 23 */
    uint8_t minute;  /* 0 to 59 */
    uint8_t second;  /* 0 to 59 */
    uint8_t weekday; /* 0 Monday to 6 Sunday; told, never read */
} fig_local;

typedef enum fig_local_kind {
    FIG_LOCAL_PLAIN = 0, /* it happens once */
    FIG_LOCAL_GAP = 1,   /* clocks skip it; it was taken with the offset before the gap (RFC 5545 3.3.5) */
    FIG_LOCAL_FOLD = 2   /* it happens twice */
} fig_local_kind;

/* The instant that a local time means; of one that happens twice the first, or with `second` the second. FIG_INVALID
 * when there is no such date or clock. `kind` may be NULL. Cost: tens of nanoseconds. */
FIG_API fig_status fig_zone_to_utc(const fig_zone *zone, const fig_local *local, bool second, int64_t *utc_s,
                                   fig_local_kind *kind);
/* The local time at an instant, and its offset from UTC in seconds (may be NULL). FIG_INVALID out of range. */
FIG_API fig_status fig_zone_to_local(const fig_zone *zone, int64_t utc_s, fig_local *local, int32_t *offset_s);

/* ------------------------------------------------------------------ state and health ---------------------- */

typedef struct fig_stats {
    size_t struct_size;
    uint64_t version;          /* seq of the newest entry */
    uint64_t frame;            /* number of the newest frame */
    uint64_t checkpoint_frame; /* frame that the tables stand at */
    uint64_t barbers;
    uint64_t shops;
    uint64_t appointments; /* of any status */
    uint64_t active;       /* that are held, pending, scheduled or confirmed, journaled state alone */
    uint64_t windows;
    uint64_t keys;         /* request keys remembered */
    uint64_t memory_bytes; /* taken from the allocator for the trees and records */
    uint64_t store_bytes;  /* the store's file */
    uint64_t snapshots;    /* open now */
    uint64_t startup_ns;   /* what fig_open() took */
    uint8_t digest[16];    /* of the state, journaled state alone */
} fig_stats;

FIG_API fig_stats fig_stats_default(void);
/* As of the newest version this process has seen, and the store as it is. Waits for no writer. */
FIG_API fig_status fig_get_stats(fig_engine *engine, fig_stats *stats);

/* Writes the tables up to the newest frame, so that the next fig_open() has no journal to run through. Other writers
 * wait meanwhile, some microseconds for each changed record. The engine does it by itself as changes pile up: in
 * fig_open() after a long journal, and at the end of a write whose timeout leaves ample room (with the default of 16384
 * records, 200 ms and more; where all timeouts are shorter, call this now and then). FIG_BUSY after 30 s. */
FIG_API fig_status fig_checkpoint(fig_engine *engine, fig_error *error);

/* What fig_verify() found. */
typedef struct fig_report {
    size_t struct_size;
    uint64_t frames;   /* frames whose checksum and place in the chain were right */
    uint64_t entries;  /* in them */
    uint64_t records;  /* table records whose checksum was right */
    uint64_t problems; /* found; the first ones are in `text`, one a line */
    char text[4096];
} fig_report;

FIG_API fig_report fig_report_default(void);

/* Checks a whole store: every checksum, the chain of frames, the digest after each frame, the tables against the
 * journal, the trees against the tables, and that no two active appointments conflict. Changes nothing.
 * FIG_OK: sound. FIG_CORRUPT: `report` says where and what. Others as fig_open(). A badly damaged file can raise
 * SIGBUS or SIGSEGV in the calling process: run it in a child, as `figaro verify` does. */
FIG_API fig_status fig_verify(const char *directory, const fig_options *options, fig_report *report, fig_error *error);

#ifdef __cplusplus
}
#endif
#endif
