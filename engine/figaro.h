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
#define FIG_TIME_MIN         INT64_C(-2208988800) /* 1900-01-01T00:00:00Z */
#define FIG_TIME_MAX         INT64_C(7258118400)  /* 2200-01-01T00:00:00Z, the last instant an end may have */
#define FIG_DURATION_MAX     31622400             /* an appointment or window lasts 1 s to 366 days */
#define FIG_BUFFER_MAX       604800               /* a buffer lasts 0 s to 7 days */
#define FIG_HOLD_MAX         31622400             /* a hold lives 1 s to 366 days */
#define FIG_KEY_MAX          64                   /* bytes of a request key */
#define FIG_NAME_MAX         128                  /* bytes of a name */
#define FIG_ZONE_MAX         63                   /* bytes of a zone's name */
#define FIG_NOTE_MAX         4096                 /* bytes of an appointment's note */
#define FIG_BATCH_MAX        4096                 /* members of a batch, requests of one fig_write() */
#define FIG_WINDOWS_MAX      100000               /* windows of one declaration */
#define FIG_TYPE_MAX         31                   /* bytes of a client's type */
#define FIG_LIST_MAX         1000                 /* elements of any other list of a declaration */
#define FIG_RECORD_TEXT_MAX  65536                /* bytes of a record's text */
#define FIG_GRID_MIN_S       60                   /* slots are at least a minute apart, */
#define FIG_GRID_MAX_S       86400                /* at most a day */
#define FIG_TIMEOUT_NS       INT64_C(30000000000) /* 30 s: what a call may wait when it does not say, */
#define FIG_CHECK_TIMEOUT_NS INT64_C(10000000000) /* but 10 s a check, */
#define FIG_SLOTS_TIMEOUT_NS INT64_C(15000000000) /* 15 s what asks for slots, the next start or open time */
#define FIG_RELAXED_MIN_NS   INT64_C(1000000)     /* fig_options.durable_within_ns: 1 ms */
#define FIG_RELAXED_MAX_NS   INT64_C(60000000000) /* to a minute */
#define FIG_DAY_MIN          (-25567)             /* 1900-01-01; a *day* is a date, counted from 1970-01-01 */
#define FIG_DAY_MAX          84006                /* 2200-01-01 */

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
    FIG_NAME_TAKEN = 8,     /* another barber, shop, service or rule has this name; or two clients have it */
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
    bool unchecked; /* a rule could not be evaluated when it was booked or moved, and the shop lets that pass */
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

/* ------------------------------------------------------------------ when one is open ---------------------- */

/* Civil times below are those of the barber's zone, else of its shop's. Clocks are seconds from midnight as clocks
 * show them, 0 to 86400; an end at or before its start is on the next day. */

/* A window of every week. */
typedef struct fig_weekly {
    uint8_t weekday; /* 0 Monday to 6 Sunday: the day it begins on */
    uint32_t start_s;
    uint32_t end_s;
} fig_weekly;

typedef enum fig_cut_kind {
    FIG_CUT_TIME_OFF = 0, /* of a barber */
    FIG_CUT_BLACKOUT = 1, /* of a shop, or of a rule */
    FIG_CUT_HOLIDAY = 2   /* the same; only the word differs */
} fig_cut_kind;

typedef enum fig_cut_state {
    FIG_CUT_APPROVED = 0, /* it counts */
    FIG_CUT_REQUESTED = 1,
    FIG_CUT_CANCELLED = 2
} fig_cut_state;

/* Dates taken out of the open time: whole, or of each of them the window from start_s to end_s. */
typedef struct fig_cut {
    fig_cut_kind kind;
    fig_cut_state state;
    bool yearly;     /* only month and day of the dates count; from_day may be later in the year than to_day. The year
                        that they carry must have them: for a 29 February take a leap year. It comes in leap years */
    bool whole_days; /* from local midnight to local midnight; start_s and end_s are not read */
    int32_t from_day;
    int32_t to_day; /* inclusive */
    uint32_t start_s;
    uint32_t end_s;
} fig_cut;

/* How a barber does a service. */
typedef struct fig_offer {
    uint64_t service_id;
    uint32_t duration_s;      /* 0: as the service says */
    uint32_t buffer_before_s; /* FIG_BUFFER_DEFAULT: as the service says */
    uint32_t buffer_after_s;
    bool declined; /* the barber does not do it: rule `not_offered` */
} fig_offer;

typedef enum fig_owner { FIG_OWNER_SHOP = 1, FIG_OWNER_BARBER = 2 } fig_owner;
typedef enum fig_rule_errors { FIG_RULE_ERRORS_ALLOW = 0, FIG_RULE_ERRORS_REJECT = 1 } fig_rule_errors;

enum {
    FIG_SCHEDULE_WEEKLY = 1 << 0,
    FIG_SCHEDULE_CUTS = 1 << 1,
    FIG_SCHEDULE_OFFERS = 1 << 2, /* barbers alone, as far as here; shops alone from here on */
    FIG_SCHEDULE_CLIP = 1 << 3,
    FIG_SCHEDULE_GRID = 1 << 4,
    FIG_SCHEDULE_LEAD = 1 << 5,
    FIG_SCHEDULE_HORIZON = 1 << 6,
    FIG_SCHEDULE_SAME_DAY = 1 << 7,
    FIG_SCHEDULE_CUTOFF = 1 << 8,
    FIG_SCHEDULE_RULE_ERRORS = 1 << 9,
    FIG_SCHEDULE_ALL = (1 << 10) - 1
};

#define FIG_NO_CUTOFF UINT32_MAX

/* When a shop or a barber is open, besides dated windows, and what a shop says of its slots.
 *
 * Open time of a barber = weekly windows + available dated windows - unavailable ones - the barber's cuts - the
 * shop's cuts, within the shop's weekly windows where the shop says so. In a declaration, lists are the caller's and
 * replace what was; in answers the caller hangs buffers with their capacities on it, and the counts say how many there
 * are, also beyond the room. */
typedef struct fig_schedule {
    size_t struct_size;
    uint32_t fields; /* FIG_SCHEDULE_... bits */
    fig_owner owner;
    uint64_t owner_id;

    fig_weekly *weekly;
    size_t weekly_count;
    size_t weekly_capacity; /* in answers */
    fig_cut *cuts;
    size_t cut_count;
    size_t cut_capacity;
    fig_offer *offers;
    size_t offer_count;
    size_t offer_capacity;

    bool clip_to_hours;          /* barbers are open within the shop's weekly windows alone */
    uint32_t grid_s;             /* from one slot to the next; default 30 minutes */
    uint32_t lead_s;             /* rule `lead`: a booking starts at least so long after now; 0: off */
    uint32_t horizon_days;       /* rule `horizon`: its date is at most so many after today's; 0: off */
    bool same_day;               /* rule `same_day`: may its date be today's? default true */
    uint32_t cutoff_s;           /* rule `same_day_cutoff`: from this clock on, none for today; FIG_NO_CUTOFF: off */
    fig_rule_errors rule_errors; /* what becomes of a booking when a rule cannot be evaluated */
} fig_schedule;

FIG_API fig_schedule fig_schedule_default(void);

/* ------------------------------------------------------------------ services, clients, rules -------------- */

typedef enum fig_service_kind {
    FIG_SERVICE_PLAIN = 0,
    FIG_SERVICE_CONSULTATION = 1, /* what `consultation` of other services asks for */
    FIG_SERVICE_PATCH_TEST = 2    /* what `patch_test_s` asks for */
} fig_service_kind;

enum {
    FIG_SERVICE_NAME = 1 << 0,
    FIG_SERVICE_DURATION = 1 << 1,
    FIG_SERVICE_BUFFER_BEFORE = 1 << 2,
    FIG_SERVICE_BUFFER_AFTER = 1 << 3,
    FIG_SERVICE_ACTIVE = 1 << 4,
    FIG_SERVICE_KIND = 1 << 5,
    FIG_SERVICE_MIN_ADVANCE = 1 << 6,
    FIG_SERVICE_MAX_ADVANCE = 1 << 7,
    FIG_SERVICE_MIN_AGE = 1 << 8,
    FIG_SERVICE_MAX_AGE = 1 << 9,
    FIG_SERVICE_CONSULTED = 1 << 10,
    FIG_SERVICE_PATCH_TESTED = 1 << 11,
    FIG_SERVICE_MAX_PER_DAY = 1 << 12,
    FIG_SERVICE_MIN_DAYS = 1 << 13,
    FIG_SERVICE_BLOCKED_DAYS = 1 << 14,
    FIG_SERVICE_REQUIRED = 1 << 15,
    FIG_SERVICE_INCOMPATIBLE = 1 << 16,
    FIG_SERVICE_ALL = (1 << 17) - 1
};

/* What is booked. Ids that were never declared may be booked too: they have no length, buffers or rules. */
typedef struct fig_service {
    size_t struct_size;
    uint32_t fields; /* FIG_SERVICE_... bits; all are set in answers */
    uint64_t id;     /* 0 in a declaration: the service of that name, else the next free id */
    char name[FIG_NAME_MAX + 1];
    uint32_t duration_s;
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    bool active; /* default true; rule `service_inactive` */
    fig_service_kind kind;

    /* Its rules; 0 means off. "Before" and "after" are told by starts, dates are the barber's. */
    uint32_t min_advance_s;    /* starts at least so long after now */
    uint32_t max_advance_days; /* its date is at most so many after today's */
    uint32_t min_age;          /* years of the client on the day */
    uint32_t max_age;
    bool consultation;         /* the client has had a completed consultation before it starts */
    uint32_t patch_test_s;     /* ... a completed patch test that ended at least so long before it starts */
    uint32_t max_per_day;      /* appointments of this service that a client may have on a date */
    uint32_t min_days_between; /* dates from one of a client's appointments of this service to the next */
    uint8_t blocked_days;      /* bit 0 Monday to bit 6 Sunday: none on these weekdays */
    uint64_t *required;        /* services that the client must have completed before it starts */
    size_t required_count;
    size_t required_capacity; /* in answers, as in fig_schedule */
    uint64_t *incompatible;   /* services that the client must not have on the same date */
    size_t incompatible_count;
    size_t incompatible_capacity;
} fig_service;

FIG_API fig_service fig_service_default(void);

enum {
    FIG_CLIENT_BLOCKED = 1 << 0, /* each of these is a rule of its own: no new bookings */
    FIG_CLIENT_AT_RISK = 1 << 1,
    FIG_CLIENT_PAYMENT_ISSUE = 1 << 2
};

enum {
    FIG_CLIENT_NAME = 1 << 0,
    FIG_CLIENT_BORN = 1 << 1,
    FIG_CLIENT_TYPE = 1 << 2,
    FIG_CLIENT_FLAGS = 1 << 3,
    FIG_CLIENT_ALL = (1 << 4) - 1
};

#define FIG_NO_DAY INT32_MIN

typedef struct fig_client {
    size_t struct_size;
    uint32_t fields;             /* FIG_CLIENT_... bits, the second list; all are set in answers */
    uint64_t id;                 /* 0 in a declaration: the client of that name, else the next free id */
    int32_t born_day;            /* FIG_NO_DAY: not known */
    uint32_t flags;              /* the first list */
    char name[FIG_NAME_MAX + 1]; /* two clients may have one name; "": none, or it was forgotten */
    char type[FIG_TYPE_MAX + 1]; /* "new", "returning", "vip", or any other word; "": none */
} fig_client;

FIG_API fig_client fig_client_default(void);

/* Rules, by what they ask. The numbers are stable. Those up to FIG_RULE_CLIENT_OVERLAP are declared; the others come
 * from the shop's schedule, the service and the client. */
typedef enum fig_rule_type {
    FIG_RULE_MIN_ADVANCE = 1,     /* limit_s: starts at least so long after now */
    FIG_RULE_MAX_ADVANCE = 2,     /* limit_days: its date is at most so many after today's */
    FIG_RULE_MIN_DURATION = 3,    /* limit_s */
    FIG_RULE_MAX_DURATION = 4,    /* limit_s */
    FIG_RULE_BLACKOUT_DATES = 5,  /* cuts: no start within them */
    FIG_RULE_HOLIDAYS = 6,        /* the same */
    FIG_RULE_SAME_DAY_CUTOFF = 7, /* clock_s: from then on none for today */
    FIG_RULE_BUSINESS_HOURS = 8,  /* weekly: start and end lie within one of them, windows that touch being one */
    FIG_RULE_CLIENT_OVERLAP = 9,  /* the client has no other active appointment that its core meets */

    FIG_RULE_PAST = 20, /* the shop refuses the past */
    FIG_RULE_LEAD = 21,
    FIG_RULE_HORIZON = 22,
    FIG_RULE_SAME_DAY = 23,
    FIG_RULE_CUTOFF = 24,

    FIG_RULE_SERVICE_INACTIVE = 40,
    FIG_RULE_NOT_OFFERED = 41,
    FIG_RULE_SERVICE_MIN_ADVANCE = 42,
    FIG_RULE_SERVICE_MAX_ADVANCE = 43,
    FIG_RULE_MIN_AGE = 44,
    FIG_RULE_MAX_AGE = 45,
    FIG_RULE_CONSULTATION = 46,
    FIG_RULE_PATCH_TEST = 47,
    FIG_RULE_BLOCKED_DAY = 48,
    FIG_RULE_MAX_PER_DAY = 49,
    FIG_RULE_MIN_DAYS_BETWEEN = 50,
    FIG_RULE_REQUIRED_SERVICE = 51,
    FIG_RULE_INCOMPATIBLE_SERVICE = 52,

    FIG_RULE_CLIENT_BLOCKED = 60,
    FIG_RULE_CLIENT_AT_RISK = 61,
    FIG_RULE_CLIENT_PAYMENT_ISSUE = 62
} fig_rule_type;

/* "min_advance_booking", "lead" ...: as the setup file and refusals have it, static; NULL for a number that is none. */
FIG_API const char *fig_rule_type_name(fig_rule_type type);
FIG_API fig_status fig_rule_type_from_name(const char *name, fig_rule_type *type);

/* Of the declared rules of one type that apply to a booking, those of the narrowest scope count, and of them the one of
 * the highest priority (ties: the smallest id). From wide to narrow: */
typedef enum fig_scope {
    FIG_SCOPE_ALL = 0,
    FIG_SCOPE_SHOP = 1,
    FIG_SCOPE_CLIENT_TYPE = 2,
    FIG_SCOPE_SERVICE = 3,
    FIG_SCOPE_BARBER = 4
} fig_scope;

enum {
    FIG_RULE_NAME = 1 << 0,
    FIG_RULE_TYPE = 1 << 1,  /* and with it all that the type reads */
    FIG_RULE_SCOPE = 1 << 2, /* and with it ids or client_types */
    FIG_RULE_PRIORITY = 1 << 3,
    FIG_RULE_ACTIVE = 1 << 4,
    FIG_RULE_ALL = (1 << 5) - 1
};

typedef struct fig_rule {
    size_t struct_size;
    uint32_t fields; /* FIG_RULE_... bits */
    uint64_t id;     /* 0 in a declaration: the rule of that name, else the next free id */
    char name[FIG_NAME_MAX + 1];
    fig_rule_type type;
    fig_scope scope;
    int32_t priority;
    bool active; /* default true */

    uint32_t limit_s;
    uint32_t limit_days;
    uint32_t clock_s;
    fig_weekly *weekly;
    size_t weekly_count;
    size_t weekly_capacity; /* in answers, as in fig_schedule */
    fig_cut *cuts;
    size_t cut_count;
    size_t cut_capacity;

    uint64_t *ids; /* of shops, services or barbers, by the scope */
    size_t id_count;
    size_t id_capacity;
    char (*client_types)[FIG_TYPE_MAX + 1];
    size_t client_type_count;
    size_t client_type_capacity;
} fig_rule;

FIG_API fig_rule fig_rule_default(void);

/* A rule that a booking breaks, or one that could not be evaluated for it. */
typedef struct fig_broken_rule {
    size_t struct_size;
    fig_rule_type type;
    bool failed;                 /* it could not be evaluated: what it asks about is not known */
    uint64_t rule_id;            /* of a declared rule; else 0 */
    char name[FIG_NAME_MAX + 1]; /* the declared rule's; else that of its type */
    const char *reason;          /* in words; static */
} fig_broken_rule;

FIG_API fig_broken_rule fig_broken_rule_default(void);

/* A zone's data, as a TZif file holds it. Shops and barbers name zones; their data enters the journal with the first of
 * them that does, read from the system's files, so that every process and replay reckons alike. "UTC" is built in. */
typedef struct fig_zone_data {
    size_t struct_size;
    char name[FIG_ZONE_MAX + 1];
    const void *bytes; /* NULL in a declaration: from the system's files, again */
    size_t size;
    size_t capacity; /* in answers, of the caller's buffer `into` */
    void *into;
} fig_zone_data;

FIG_API fig_zone_data fig_zone_data_default(void);

/* Whom to take when any barber will do. The first of them in the order that is free; ties go by id. */
typedef enum fig_any_order {
    FIG_ANY_FIRST = 0,        /* the smallest id */
    FIG_ANY_LEAST_LOADED = 1, /* the least booked time on the date of the start */
    FIG_ANY_LEAST_RECENT = 2, /* whose last booking was made the longest ago */
    FIG_ANY_PRIORITY = 3      /* the highest priority */
} fig_any_order;

/* ------------------------------------------------------------------ the engine ---------------------------- */

typedef struct fig_engine fig_engine;

/* Where memory comes from. All NULL: the C library, and pieces of 2 MiB and more from the kernel, in huge pages where
 * it has such: worth doing in an allocator of one's own, too, for large stores. Both are called by whichever thread
 * writes, catches up, opens or closes snapshots and journals, by several at once: they must be safe to call so, as
 * malloc() and free() are. */
typedef struct fig_allocator {
    void *(*allocate)(void *context, size_t size); /* aligned as by malloc(); NULL when there is none */
    void (*release)(void *context, void *memory, size_t size);
    void *context;
} fig_allocator;

/* Who commits. With a thread of the engine's own, callers hand their requests to it and sleep beside it: those who come
 * while a commit is under way share the next one, and each is back by its deadline even when the disk hangs within
 * a call. Without, the caller commits for itself: no thread is started, and a disk that hangs holds the caller. */
typedef enum fig_committer {
    FIG_COMMITTER_DEFAULT = 0, /* a thread where there is a directory to be written to, else none */
    FIG_COMMITTER_NONE = 1,    /* for tools that do one thing after the other */
    FIG_COMMITTER_THREAD = 2
} fig_committer;

/* The circuit breaker around the store. After a number of failures in a row (damage, errors of the disk, a store that
 * cannot be used; not a full disk) it opens: writes fail at once with FIG_UNAVAILABLE, reads go on. When it has rested,
 * one write is tried, which closes it or opens it again. */
typedef enum fig_breaker_state {
    FIG_BREAKER_CLOSED = 0, /* all is well */
    FIG_BREAKER_OPEN = 1,
    FIG_BREAKER_HALF_OPEN = 2
} fig_breaker_state;

#define FIG_CHECKPOINT_DEFAULT UINT32_MAX

typedef struct fig_options {
    size_t struct_size;
    bool create;                 /* make the store when the directory is missing or empty */
    bool read_only;              /* never write; another process may */
    bool in_memory;              /* no directory: nothing is kept after fig_close(); for tests and what-if */
    bool exclusive;              /* nobody else, in this process or another, has the directory open, nor may open it:
                                    FIG_UNAVAILABLE for whoever comes second */
    int64_t durable_within_ns;   /* 0: a change is durable when its call is back. Else *relaxed*: calls are back sooner,
                                    a change is durable at most so long after, and a crash may lose the last ones, never
                                    one in the middle; 1 ms to FIG_RELAXED_MAX_NS, exclusive and with a committer alone.
                                    When the disk fails, writes are refused until all before them is durable */
    bool journal_refusals;       /* what is refused (answers, not mistakes, of requests on appointments) is journaled,
                                    too: FIG_EVENT_REFUSED. It then makes a version, and costs a durable commit */
    bool bare;                   /* a new store is left without shop 1: it is to be restored into */
    bool from_journal;           /* build the state from the journal alone, leaving the tables unread */
    uint32_t checkpoint_records; /* changed records that make a checkpoint due (0: never by itself; by default, on a
                                    directory 16384, in memory, where nothing is loaded again, 0) */
    uint64_t map_bytes;          /* upper bound of the store's file (default 1 TiB, less where limits say so) */
    uint64_t random_seed;        /* seeds the in-memory hash of keys and a frame's nonce; 0: from the system */
    uint32_t slot_cache_entries; /* lists of slots that are kept (default 0: none); see fig_forget_slots() */
    uint32_t slot_cache_ttl_s;   /* how long at most, by the readers' now (default 300; 0: for ever) */
    int64_t now_s;               /* the instant noted for a store that is created; 0: the system's clock */
    const char *default_zone;    /* zone of shop 1 in a new store (default "UTC") */
    fig_committer committer;
    uint32_t queue_requests;   /* that wait for the committer at most (default 16384), */
    uint64_t queue_bytes;      /* and what their copies may take (default 64 MiB) */
    int64_t close_timeout_ns;  /* how long fig_close() may wait (default 30 s) */
    uint32_t breaker_failures; /* in a row that open the breaker (default 5; 0: it never opens) */
    int64_t breaker_rest_ns;   /* how long it stays open before one write is tried (default 60 s) */
    bool no_metrics;           /* count nothing; see fig_get_metrics() */
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

/* Closes an engine. No other thread may use it any more, and no snapshot may be open (FIG_BUSY then). What was
 * submitted is finished first, and completions that nobody fetched are dropped. FIG_BUSY, too, when that, or the store,
 * takes longer than options.close_timeout_ns, or what was acknowledged in relaxed mode cannot be made durable: nothing
 * is closed. Any other status but FIG_OK is what the store said as
 * it was closed: the engine is gone all the same. Everything acknowledged is already durable. NULL is allowed. */
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
    FIG_OP_DECLARE_BARBER = 10,
    FIG_OP_DECLARE_SCHEDULE = 11,
    FIG_OP_DECLARE_SERVICE = 12,
    FIG_OP_DECLARE_CLIENT = 13,
    FIG_OP_DECLARE_RULE = 14,
    FIG_OP_DECLARE_ZONE = 15,
    FIG_OP_RESTORE = 16,
    FIG_OP_FORGET_CLIENT = 17
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
    int64_t timeout_ns;  /* how long the call may wait; 0: FIG_TIMEOUT_NS. Not decided by then: FIG_BUSY, and it will
                            not be; decided, and perhaps on its way to the disk: FIG_UNKNOWN */
    uint64_t if_version; /* refuse (FIG_STALE) unless the appointment is at this version; 0: any */

    /* which appointment: confirm, move, set_status */
    uint64_t appointment_id; /* 0: the one that booking_key booked */
    const char *booking_key;

    /* what to book: book, hold; and move, where 0, NULL and FIG_BUFFER_DEFAULT leave what is */
    uint64_t barber_id;      /* 0: the barber of that name */
    const char *barber_name; /* NULL: by id */
    bool any; /* book and hold alone, not in a batch: no barber is named, the first who is free is taken, */
    fig_any_order any_order; /* in this order, */
    uint64_t any_shop_id;    /* of this shop; 0: of all */
    uint64_t client_id;      /* not read by move */
    uint64_t service_id;
    int64_t start_s; /* move: start and end both 0 leave the time as it is */
    int64_t end_s;   /* book, hold: 0 (of a start from 1970 on): as long as the barber, else the service, says */
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    uint32_t ttl_s;   /* hold: seconds from now_s until it expires, required */
    bool pending;     /* book: as pending, not scheduled */
    bool as_recorded; /* book, hold: it happened, or was agreed elsewhere: only other appointments can be in its way, no
                         rule and no closed time */
    bool nearest; /* book, hold, move: when refused, look for the nearest start that would do. In a batch that is one
                     beside what the other members would leave; the first 16 that are at fault and ask are told */
    const char *note; /* book, hold: free text up to FIG_NOTE_MAX bytes, kept apart so that it can be forgotten */

    /* set_status: the new status; confirm: FIG_SCHEDULED or FIG_CONFIRMED (default) */
    fig_appointment_status status;

    /* open_window, close_window: barber, start_s, end_s as above.
     * declare_windows: the barber's dated windows, replacing all that it has */
    const fig_window *windows;
    size_t window_count;

    /* declare_... */
    const fig_shop *shop;
    const fig_barber *barber;
    const fig_schedule *schedule;
    const fig_service *service;
    const fig_client *client;
    const fig_rule *rule;
    const fig_zone_data *zone;

    /* restore: a record as fig_records_next() gave it */
    const struct fig_record *record;
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
FIG_API fig_request fig_declare_schedule_default(void);
FIG_API fig_request fig_declare_service_default(void);
FIG_API fig_request fig_declare_client_default(void);
FIG_API fig_request fig_declare_rule_default(void);
FIG_API fig_request fig_declare_zone_default(void);
FIG_API fig_request fig_forget_client_default(void);
FIG_API fig_request fig_restore_default(void);

/* What became of a request. The caller may hang buffers on it before the call, to be given other appointments (those
 * that are in the way, or those that lie outside open time after a closing) and rules (those that are broken or could
 * not be evaluated). A refused booking names every blocker, whichever of them its status is of: FIG_CLOSED before
 * FIG_RULE before FIG_CONFLICT. */
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
    fig_broken_rule *rules;      /* the caller's buffer, or NULL */
    size_t rules_capacity;
    size_t rules_count;         /* accepted: those that could not be evaluated */
    bool closed;                /* refused: the span is not in the barber's open time */
    uint64_t declared_id;       /* accepted declarations: of the shop, barber, service, client or rule; else 0 */
    uint64_t nearest_barber_id; /* of the nearest start, where one was asked for and found; else 0 */
    int64_t nearest_s;
    int64_t nearest_end_s;
} fig_outcome;

FIG_API fig_outcome fig_outcome_default(void);

/* Runs one request and is back when its change is durable, or refused, or the deadline passed. Returns
 * outcome->status. Any thread. Cost: about a microsecond of work and one durable commit, which with a committer is
 * shared by all who come while another is under way. A queue that is full is waited for, until the deadline.
 *
 * book       makes an appointment, scheduled (or pending): barber, start_s, end_s; client, service, buffers, note.
 * hold       the same, held until now_s + ttl_s; the same key again renews it, also after it lapsed if its time is
 *            still free; once it was ended, FIG_ILLEGAL_STATUS; once it became a booking, that answer again.
 * confirm    a held, pending or scheduled appointment becomes scheduled or confirmed.
 * move       time, barber, service and buffers in one step that ignores the appointment itself.
 * set_status any legal change; see fig_appointment_status and the table in engine/core/status.c.
 * open_window adds a dated available window, close_window takes a span out of the dated windows.
 * declare_*  shops, barbers, dated windows, schedules, services, clients, rules, zones.
 * forget     a client (client_id): every process forgets what was declared of it and the notes of its appointments; see
 *            fig_forget_client() for the disk. */
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

/* Makes durable what was acknowledged before the call, with relaxed durability; without, it is already. timeout_ns is
 * how long that may take, 0: FIG_TIMEOUT_NS. FIG_BUSY: it is not durable yet; others: what the store said, and it will
 * be tried again. Any thread. */
FIG_API fig_status fig_sync(fig_engine *engine, int64_t timeout_ns, fig_error *error);

/* ------------------------------------------------------------------ writing without waiting --------------- */

/* For event loops. fig_submit() hands a request to the committer and is back at once; the request and all that it
 * points to are copied. When the descriptor of fig_completion_fd() is readable, fig_complete() has something to tell.
 * Each submitted request is told of once, by its deadline or as soon after it as fig_complete() is called, in the order
 * in which they were done. All three want an engine with a committer (FIG_INVALID otherwise) and may be called by any
 * thread. None waits.
 *
 *     fig_completion_fd(engine, &fd);                  poll(fd, POLLIN) with all the others
 *     fig_submit(engine, &request, &ticket);           ticket.user says whose it is
 *     ... readable:
 *     do fig_complete(engine, completions, 64, &count), answer(completions, count); while (count == 64); */

#define FIG_TICKET_LIST_MAX 1000

/* What goes along with a submitted request. */
typedef struct fig_ticket {
    size_t struct_size;
    uint64_t user;          /* the caller's word, given back with the completion */
    size_t others_capacity; /* how many other appointments and rules can be kept for the completion: */
    size_t rules_capacity;  /* 0 by default, at most FIG_TICKET_LIST_MAX */
} fig_ticket;

FIG_API fig_ticket fig_ticket_default(void);

typedef struct fig_completion {
    size_t struct_size;
    uint64_t user;
    fig_outcome outcome; /* the caller may have hung buffers on it, as in fig_book() */
} fig_completion;

FIG_API fig_completion fig_completion_default(void);

/* FIG_OK: it was taken, and there will be a completion. Otherwise nothing happened and there will be none: FIG_BUSY the
 * queue is full, FIG_UNAVAILABLE the breaker is open, FIG_NO_MEMORY, FIG_INVALID, FIG_DENIED, FIG_FORKED. `ticket` may
 * be NULL. Cost: an allocation and a copy, some hundred nanoseconds. */
FIG_API fig_status fig_submit(fig_engine *engine, const fig_request *request, const fig_ticket *ticket);

/* Fills completions[capacity], each taken from fig_completion_default(), and says how many in *count. */
FIG_API fig_status fig_complete(fig_engine *engine, fig_completion *completions, size_t capacity, size_t *count);

/* A descriptor that is readable while fig_complete() has something to tell. It is only to be polled, and is the
 * engine's: fig_close() closes it. */
FIG_API fig_status fig_completion_fd(fig_engine *engine, int *fd);

/* ------------------------------------------------------------------ reading ------------------------------- */

/* A version held open: reads through it see that version until fig_snapshot_close(), and its memory stays. */
typedef struct fig_snapshot fig_snapshot;
FIG_API fig_status fig_snapshot_open(fig_engine *engine, fig_snapshot **snapshot);
FIG_API void fig_snapshot_close(fig_snapshot *snapshot); /* NULL is allowed */

/* The state as it was after the entry of a version (for a number that no entry has, after the one before it): what was
 * known then. FIG_NOT_FOUND: there is no such version yet, or older frames of the journal were trimmed; others as
 * fig_open(); FIG_INVALID: version 0. Any thread; writers and readers do not wait. Cost: where the version is the
 * newest or held by another snapshot, that of fig_snapshot_open(); otherwise it is built anew, from the tables where
 * they stand before it, else from the whole journal, half a microsecond an event, and its memory is its own. */
FIG_API fig_status fig_snapshot_open_at(fig_engine *engine, uint64_t version, fig_snapshot **snapshot);

/* The version that was the newest at an instant: that of the last entry of the journal whose request's now is not after
 * it. FIG_NOT_FOUND: all of them are. Takes in what others have committed, as fig_journal_open(). Cost: the journal is
 * read once, some 50 ns an event. */
FIG_API fig_status fig_find_version(fig_engine *engine, int64_t at_s, uint64_t *version);

/* Where a read stands: a version and a now. */
typedef struct fig_view {
    size_t struct_size;
    int64_t now_s;                /* a hold blocks where now < its expiry; required */
    const fig_snapshot *snapshot; /* NULL: the newest version this process has seen */
    bool latest; /* first take in what other processes have committed. When there is something, this waits for the
                    engine's writer, then FIG_BUSY. Other faults of taking it in are returned, too */
    int64_t timeout_ns; /* how long it may wait for that; 0: FIG_CHECK_TIMEOUT_NS for checks, FIG_SLOTS_TIMEOUT_NS for
                           slots, the next start and open time, FIG_TIMEOUT_NS for the rest */
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

/* What was declared. Lists come into the buffers that the caller hung on the struct before; see fig_schedule. A shop or
 * barber without a schedule has an empty one. FIG_NOT_FOUND when there is no such thing; by name, FIG_NAME_TAKEN when
 * two clients have it. Cost: a few cache misses, and the lists. */
FIG_API fig_status fig_get_schedule(fig_engine *engine, const fig_view *view, fig_owner owner, uint64_t owner_id,
                                    fig_schedule *schedule);
FIG_API fig_status fig_get_service(fig_engine *engine, const fig_view *view, uint64_t id, fig_service *service);
FIG_API fig_status fig_find_service(fig_engine *engine, const fig_view *view, const char *name, fig_service *service);
FIG_API fig_status fig_get_client(fig_engine *engine, const fig_view *view, uint64_t id, fig_client *client);
FIG_API fig_status fig_find_client(fig_engine *engine, const fig_view *view, const char *name, fig_client *client);
FIG_API fig_status fig_get_rule(fig_engine *engine, const fig_view *view, uint64_t id, fig_rule *rule);
FIG_API fig_status fig_find_rule(fig_engine *engine, const fig_view *view, const char *name, fig_rule *rule);
/* The zone's data as the journal has it. FIG_NOT_FOUND: nobody has named it. "UTC" has none. */
FIG_API fig_status fig_get_zone(fig_engine *engine, const fig_view *view, const char *name, fig_zone_data *zone);

typedef enum fig_kind { FIG_KIND_SERVICE = 1, FIG_KIND_CLIENT = 2, FIG_KIND_RULE = 3, FIG_KIND_ZONE = 4 } fig_kind;

/* The ids of all that were declared of a kind, ascending, into ids[capacity]; call again with the same cursor for more
 * until *count is 0. Zones are named by fig_zone_name(). */
FIG_API fig_status fig_list_ids(fig_engine *engine, const fig_view *view, fig_kind kind, fig_cursor *cursor,
                                uint64_t *ids, size_t capacity, size_t *count);
FIG_API fig_status fig_zone_name(fig_engine *engine, const fig_view *view, uint64_t id, char name[FIG_ZONE_MAX + 1]);

/* ------------------------------------------------------------------ slots --------------------------------- */

/* What is to be booked: the fields mean what they do in a booking. */
typedef struct fig_wish {
    size_t struct_size;
    uint64_t barber_id; /* 0: any barber, */
    fig_any_order any_order;
    uint64_t any_shop_id; /* of this shop; 0: of all */
    uint64_t service_id;
    uint64_t client_id;
    uint32_t duration_s; /* 0: as the barber, else the service, says */
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
} fig_wish;

FIG_API fig_wish fig_wish_default(void);

/* A bookable start. */
typedef struct fig_slot {
    size_t struct_size;
    uint64_t barber_id;
    int64_t start_s;
    int64_t end_s;
    bool available;
    bool soonest;        /* the first available one of its list */
    fig_status why;      /* FIG_OK; else FIG_RULE or FIG_CONFLICT: the first thing in the way, */
    fig_rule_type rule;  /* the first rule that is broken */
    uint64_t blocker_id; /* the first appointment in the way */
} fig_slot;

FIG_API fig_slot fig_slot_default(void);

/* The slots of a date, into the caller's buffers. */
typedef struct fig_slots {
    size_t struct_size;
    fig_slot *list;
    size_t capacity;
    size_t count;      /* how many there are, also beyond the room */
    uint64_t *skipped; /* barbers whose data fails: their zone is missing, or they have no length for the service */
    size_t skipped_capacity;
    size_t skipped_count;
    uint64_t version; /* that was judged */
} fig_slots;

FIG_API fig_slots fig_slots_default(void);

/* Lists the slots of a date (a day, counted from 1970-01-01, in the barber's zone): every start on the grid whose whole
 * core lies in open time, ascending; available where fig_book() of the same wish at the view's version and now would be
 * accepted. For any barber, one slot for each start, with the barber whom fig_book() would take, else the first one
 * who would be open.
 * The grid counts elapsed time from the start of each declared window, whatever has been cut out of it, and belongs to
 * the date that the window begins on; barbers who are always open have it from local midnight.
 * FIG_NOT_FOUND (barber, shop), FIG_INVALID (no length is known, a field out of range), FIG_UNAVAILABLE (the one
 * barber's zone is missing). Takes no lock, allocates nothing, touches no disk, as fig_check(), unless lists are kept:
 * see fig_forget_slots(). Cost: some tens of nanoseconds a slot, for each barber; of any barber, a list that does not
 * fit is looked for anew among all of them for each start: ask with room for it. */
FIG_API fig_status fig_list_slots(fig_engine *engine, const fig_view *view, const fig_wish *wish, int32_t day,
                                  fig_slots *slots);

/* Lists of slots may be kept (fig_options.slot_cache_entries) for whoever asks for the same at the same now: a list is
 * found as long as nothing at all has changed since, so that it is always the one that would be made anew. Pass a now
 * rounded to the minute to find more. This drops the lists of a barber (0: of all), of a date (FIG_NO_DAY: of all); it
 * is never needed for right answers. Any thread. */
FIG_API fig_status fig_forget_slots(fig_engine *engine, uint64_t barber_id, int32_t day);

/* The earliest start at or after from_s at which the wish could be booked, on the grid or not, and so that it ends by
 * to_s; of any barber the earliest of all (ties in the order). FIG_NOT_FOUND when there is none; slots->skipped as
 * above, `slots` may be NULL. Cost: a search by the gaps between appointments, tens of nanoseconds for a barber who
 * cannot be the earliest. */
FIG_API fig_status fig_find_next(fig_engine *engine, const fig_view *view, const fig_wish *wish, int64_t from_s,
                                 int64_t to_s, fig_slot *slot, fig_slots *slots);

/* ------------------------------------------------------------------ open time ----------------------------- */

/* The barber's open time that meets [from_s, to_s), clipped to it, ascending and not touching, into spans[capacity];
 * *count says how many. Call again from the last end on for more. FIG_UNAVAILABLE: the barber's zone is missing. */
typedef struct fig_open_span {
    int64_t start_s;
    int64_t end_s;
} fig_open_span;
FIG_API fig_status fig_list_open_time(fig_engine *engine, const fig_view *view, uint64_t barber_id, int64_t from_s,
                                      int64_t to_s, fig_open_span *spans, size_t capacity, size_t *count);

/* ------------------------------------------------------------------ what if ------------------------------- */

/* A copy of the newest version, or of the one that the snapshot holds, as an engine of its own: it takes every read and
 * write, is in memory alone, and changes nothing of the first. Close it before that. It begins with the version it was
 * made of; older ones it does not know. FIG_NO_MEMORY, others as fig_snapshot_open_at(). Any thread. Cost:
 * microseconds, however much there is: what did not change is shared. */
FIG_API fig_status fig_fork(fig_engine *engine, const fig_snapshot *snapshot, fig_engine **fork, fig_error *error);

/* A request that a merge made. */
typedef struct fig_merged {
    size_t struct_size;
    uint64_t appointment_id; /* in the fork */
    fig_operation operation; /* book, hold, move or set_status */
    fig_outcome outcome;     /* the caller may have hung buffers on it, as in fig_book() */
} fig_merged;

FIG_API fig_merged fig_merged_default(void);

/* Brings what was booked, moved, and brought to another status in a fork into the engine that it was made of, as one
 * batch at this now: all or nothing, judged on what is there by then. members[capacity] are taken from
 * fig_merged_default(); *count says how many requests it takes, also when there is too little room (FIG_INVALID:
 * nothing was done). Returns FIG_OK, or the status of the first at fault: each member says what is in its way,
 * FIG_STALE where the appointment was changed meanwhile, and FIG_NOT_DONE where it is not itself at fault. New
 * appointments get ids anew; those that have ended already are left out; one that is confirmed needs a key to be more
 * than scheduled. FIG_INVALID, too: shops, barbers, windows or anything else was declared in the fork, or it has more
 * than FIG_BATCH_MAX changes; such things are to be done in the engine itself. Nobody may write to the fork meanwhile;
 * it stays as it is. */
FIG_API fig_status fig_merge(fig_engine *fork, int64_t now_s, fig_merged *members, size_t capacity, size_t *count,
                             fig_error *error);

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
    FIG_EVENT_NONE = 9,            /* an entry that changed nothing but remembers its key */
    FIG_EVENT_SCHEDULE = 10,       /* owner, subject_id: the schedule of a shop or barber, as declared */
    FIG_EVENT_SERVICE = 11,        /* subject_id, name: as declared */
    FIG_EVENT_CLIENT = 12,
    FIG_EVENT_RULE = 13,
    FIG_EVENT_ZONE = 14,
    FIG_EVENT_RESTORED = 15, /* appointment: as it was in the store that it came from, its version too; the other things
                               that are restored are told of as if they were declared */
    FIG_EVENT_FORGOTTEN = 16, /* subject_id: a client of whom nothing but the id is known any more */
    FIG_EVENT_REFUSED = 17    /* a request that changed nothing: refusal, asked_operation, key; appointment: as it was
                                 asked for (end 0: as long as barber or service says; status: the one asked for) */
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
    fig_status refusal;
    fig_operation asked_operation; /* as `operation`, but of this member of a batch */
    uint64_t barber_id;
    fig_window window;
    fig_shop shop;
    fig_barber barber;
    fig_owner owner;
    uint64_t subject_id;
    char name[FIG_NAME_MAX + 1];
} fig_event;

FIG_API fig_event fig_event_default(void);

/* Reads the journal from the entry of a version on, in order. FIG_NOT_FOUND at the end. A journal is used by one
 * thread and closed before its engine. Reads the disk, and takes in what others have committed (see fig_view.latest;
 * after FIG_BUSY, ask again). With relaxed durability it ends with what is durable: call fig_sync() before. */
typedef struct fig_journal fig_journal;
FIG_API fig_status fig_journal_open(fig_engine *engine, uint64_t from_version, fig_journal **journal);
/* The same, of one appointment: its events alone, from its booking on. FIG_NOT_FOUND: there is no such appointment. */
FIG_API fig_status fig_journal_open_of(fig_engine *engine, uint64_t appointment_id, fig_journal **journal);
FIG_API fig_status fig_journal_next(fig_journal *journal, fig_event *event);
/* The request that made, or would have made, the event that fig_journal_next() gave last, so that it can be asked again
 * of another engine: outcomes are journaled, so that it names exactly what came of it (barber, span, buffers, the bytes
 * of a zone). Ids are those of this store; of a batch there is a request for each event. Texts and lists are the
 * journal's until the next call. A refused request is told as it was asked, defaults as defaults, and an accepted one
 * with what became of them: of two with one key the later may then come out as FIG_KEY_REUSED; leave their keys out
 * where that matters. A hold that was renewed is not known to have come as_recorded. FIG_NOT_FOUND: no request would do
 * that (what was restored or has been forgotten, what was asked of a barber or an appointment that nobody knew), or
 * that of an event before it does (windows that were declared together, a hold that had lapsed and is in the way).
 * FIG_INVALID: there was no event. FIG_NO_MEMORY, FIG_CORRUPT. */
FIG_API fig_status fig_journal_request(fig_journal *journal, fig_request *request);
FIG_API void fig_journal_close(fig_journal *journal);

/* ------------------------------------------------------------------ replay -------------------------------- */

typedef struct fig_replay_options {
    size_t struct_size;
    uint64_t to_version; /* frames that end at or before this version (default: all) */
    uint64_t frames;     /* at most so many; 0: all */
} fig_replay_options;

FIG_API fig_replay_options fig_replay_options_default(void);

typedef struct fig_replayed {
    size_t struct_size;
    uint64_t frames; /* replayed, with so many entries and events */
    uint64_t entries;
    uint64_t events;
    uint64_t version;   /* that the store which was replayed into is at */
    bool more;          /* another frame would follow, */
    int64_t next_now_s; /* whose first request was made at this now */
    int64_t last_now_s; /* the same of the last one that was replayed */
} fig_replayed;

FIG_API fig_replayed fig_replayed_default(void);

/* Replays the journal of one store into another, from the frame on that the other lacks: into a new, bare store
 * (fig_options.bare) all of it. Frames are taken as they are, so that the other's journal is the same, byte for byte,
 * and nothing is decided again; each is refused (FIG_CORRUPT) unless it follows from the one before and leaves the
 * state whose digest it carries. What was replayed until then stays, and the next call goes on behind it. *done is also
 * written on a failure. FIG_INVALID: the store is ahead of the journal, or has another. Holds the writer of `into`
 * throughout, in steps of options->frames. Cost: some 0.5 microseconds an event, and a durable commit for each frame
 * where the store is on a disk. */
FIG_API fig_status fig_replay(fig_engine *into, fig_engine *from, const fig_replay_options *options, fig_replayed *done,
                              fig_error *error);

/* ------------------------------------------------------------------ records ------------------------------- */

/* The whole state, a record for each thing, as it can be carried to another store: restored there into a new, bare
 * store (fig_options.bare), all records together give the same digest (fig_stats). */
typedef enum fig_record_kind {
    FIG_RECORD_SHOP = 1,   /* shop */
    FIG_RECORD_BARBER = 2, /* barber, open_declared */
    FIG_RECORD_WINDOW = 3, /* barber_id, window */
    FIG_RECORD_APPOINTMENT =
        4,                  /* appointment (its status as the journal has it), the fields behind it, its note as text */
    FIG_RECORD_KEY = 6,     /* a request key that no booking carries: version, key, at_s, operation, content, first,
                               and the id that it was about */
    FIG_RECORD_CLIENT = 7,  /* declarations: id, version, and as text their bytes, which storage/FORMAT.md draws; */
    FIG_RECORD_SERVICE = 8, /* name, and what the text says, are told and not read */
    FIG_RECORD_RULE = 9,
    FIG_RECORD_ZONE = 10,
    FIG_RECORD_SCHEDULE = 11 /* owner, too */
} fig_record_kind;

/* An appointment as a request key was first answered. */
typedef struct fig_first {
    uint64_t barber_id; /* 0: there is none */
    uint64_t service_id;
    int64_t start_s;
    int64_t end_s;
    int64_t expires_s;
    uint64_t version;
    uint32_t buffer_before_s;
    uint32_t buffer_after_s;
    fig_appointment_status status;
} fig_first;

typedef struct fig_record {
    size_t struct_size;
    fig_record_kind kind;
    uint64_t id;
    uint64_t version; /* seq of the entry that the thing stands at; of shops, barbers and windows none is kept */

    fig_shop shop;
    fig_barber barber;
    bool open_declared; /* the barber's `open` was said, or came with a first window */
    uint64_t barber_id;
    fig_window window;

    fig_appointment appointment;
    uint64_t booked_version;
    fig_appointment_status first_status;
    bool by_batch;    /* a batch with a key booked it */
    uint64_t content; /* hash of the request that its key, or this key, came with */
    fig_first first;

    char key[FIG_KEY_MAX + 1];
    int64_t at_s;
    fig_operation operation;

    fig_owner owner;
    char name[FIG_NAME_MAX + 1];
    const void *text; /* of a note or declaration; NULL: forgotten. Of a record that was read: until the next one is */
    size_t text_size;
    uint8_t salt[16]; /* of notes and clients, with the hash that stands for their text in every checksum */
    uint8_t hash[16];

    const fig_schedule *schedule; /* what a declaration's text says, as long as it is there: one of these; or what
                                     fig_record_write_text() is to write */
    const fig_service *service;
    const fig_client *client;
    const fig_rule *rule;
} fig_record;

FIG_API fig_record fig_record_default(void);

/* Reads all records of the newest version, or of the one that the snapshot holds (which stays open so long), in an
 * order in which they can be restored. FIG_NOT_FOUND at the end. Used by one thread and closed before its engine. Cost:
 * a walk over everything, under a microsecond a record, and a read of the store for each note. */
typedef struct fig_records fig_records;
FIG_API fig_status fig_records_open(fig_engine *engine, const fig_snapshot *snapshot, fig_records **records);
FIG_API fig_status fig_records_next(fig_records *records, fig_record *record);
FIG_API void fig_records_close(fig_records *records); /* NULL is allowed */

/* Writes the text of a declaration into a buffer of FIG_RECORD_TEXT_MAX bytes, of what the record's schedule, service,
 * client or rule says, all of whose fields count (but the id, which is the record's), and hangs it on the record; for a
 * client the hash, too, by the record's salt. What one means has one text: that of a record that was read comes out as
 * it was. FIG_INVALID: a field cannot be, the outcome says which. Needs no engine. Cost: microseconds. */
FIG_API fig_status fig_record_write_text(fig_record *record, void *text, size_t capacity, fig_outcome *outcome);

/* Puts a record back as it was, its version, key and history included; fig_write() takes many. Nothing of that id, name
 * or key may be there, and what it belongs to must be: FIG_NAME_TAKEN, FIG_KEY_REUSED, FIG_NOT_FOUND; FIG_CONFLICT
 * where two appointments would both block at the request's now; FIG_INVALID: fields that cannot be. The entry's version
 * is at least the record's, which is at most 2^62: versions leap here, and only here. */
FIG_API fig_status fig_restore(fig_engine *engine, const fig_request *request, fig_outcome *outcome);

/* ------------------------------------------------------------------ civil time ---------------------------- */

/* A time zone's rules, read once and never changed: any number of threads may use one at the same time. Nothing here
 * looks at TZ or changes what localtime() says. */
typedef struct fig_zone fig_zone;

/* Reads a zone by its IANA name ("Europe/Madrid") from a directory of TZif files, NULL for the system's.
 * FIG_INVALID no such name can be, FIG_NOT_FOUND no such zone, FIG_CORRUPT the file is none or damaged, FIG_DENIED,
 * FIG_IO, FIG_NO_MEMORY; the words say what to do. The zone is the caller's until fig_zone_close(). */
FIG_API fig_status fig_zone_open(const char *directory, const char *name, fig_zone **zone, fig_error *error);
/* The same from the bytes of a TZif file, as fig_get_zone() answers with; they are not needed afterwards. FIG_CORRUPT
 * they are none or damaged, FIG_INVALID, FIG_NO_MEMORY. */
FIG_API fig_status fig_zone_read(const void *bytes, size_t size, fig_zone **zone, fig_error *error);
FIG_API void fig_zone_close(fig_zone *zone); /* NULL is allowed */

typedef struct fig_local {
    int32_t year;    /* 1900 to 2200; told, also 1899 where clocks are yet in it at FIG_TIME_MIN */
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

/* The instant that a local time means, which at the ends of the years may lie outside of FIG_TIME_MIN to FIG_TIME_MAX;
 * of one that happens twice the first, or with `second` the second. FIG_INVALID when there is no such date or clock.
 * `kind` may be NULL. Cost: tens of nanoseconds. */
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
    uint64_t services; /* declared, */
    uint64_t clients;
    uint64_t rules;
    uint64_t zones;      /* whose data is in the journal */
    uint64_t unchecked;  /* appointments that were let pass though a rule could not be evaluated */
    uint64_t keys;       /* request keys remembered */
    uint64_t slot_lists; /* in the cache of slot lists now, when there is one; found there, not found, put there, */
    uint64_t slot_list_hits;
    uint64_t slot_list_misses;
    uint64_t slot_list_sets;
    uint64_t slot_list_evictions; /* and put out for another */
    uint64_t memory_bytes;        /* taken from the allocator for the trees and records */
    uint64_t store_bytes;         /* the store's file */
    uint64_t snapshots;           /* open now */
    uint64_t startup_ns;          /* what fig_open() took */
    uint64_t durable_version;     /* what a crash now would leave; less than `version` with relaxed durability alone */
    uint32_t holder;              /* process id of who has the writers' turn, 0: nobody */
    uint8_t digest[16];           /* of the state, journaled state alone */
} fig_stats;

FIG_API fig_stats fig_stats_default(void);
/* As of the newest version this process has seen, and the store as it is. Waits for no writer. */
FIG_API fig_status fig_get_stats(fig_engine *engine, fig_stats *stats);

/* The same of the version that a snapshot holds; what is the store's or the process's own is 0. */
FIG_API fig_status fig_get_snapshot_stats(const fig_snapshot *snapshot, fig_stats *stats);

/* Calls, by kind and by what they came to; the counts are since the engine was opened. */
#define FIG_METRICS_OPERATIONS 18 /* by fig_operation; 0: calls of several requests */
#define FIG_METRICS_STATUSES   22 /* by fig_metrics_column() */
#define FIG_METRICS_TEXT_MAX   131072

typedef enum fig_read_kind {
    FIG_READ_CHECK_FREE = 0,
    FIG_READ_CHECK_CONFLICT = 1,
    FIG_READ_LOOKUP = 2, /* one thing, by id, name or key; also what failed */
    FIG_READ_LIST = 3,
    FIG_READ_SLOTS = 4, /* slots of a date, and open time */
    FIG_READ_NEXT = 5,
    FIG_READ_KINDS = 6
} fig_read_kind;

/* How long something took, or how much there was of it: known to an eighth. */
typedef struct fig_spread {
    uint64_t count;
    uint64_t sum;
    uint64_t p50;
    uint64_t p90;
    uint64_t p99;
    uint64_t p999;
    uint64_t max;
} fig_spread;

typedef struct fig_metrics {
    size_t struct_size;

    uint64_t requests[FIG_METRICS_OPERATIONS][FIG_METRICS_STATUSES]; /* members of batches, too */
    fig_spread write_ns[FIG_METRICS_OPERATIONS];                     /* of whole calls */
    uint64_t reads[FIG_READ_KINDS];
    fig_spread read_ns[FIG_READ_KINDS]; /* of one in 256, but for those through snapshots */
    uint64_t slow_calls; /* that took over 80 % of their time; each was logged; reads of the latest, too */

    uint64_t commits;
    uint64_t commit_bytes;
    fig_spread commit_ns;       /* of the store's part */
    fig_spread commit_requests; /* how many requests were decided for one, refused ones too */
    uint64_t checkpoints;
    uint64_t frames_behind; /* of others, not yet taken in */

    uint64_t queue_requests; /* that wait for the committer now, */
    uint64_t queue_bytes;
    uint64_t queue_refusals; /* requests that found it full and could not wait */
    fig_breaker_state breaker;
    uint32_t breaker_failures; /* in a row */
    uint64_t breaker_openings;
} fig_metrics;

FIG_API fig_metrics fig_metrics_default(void);

/* The column of a status, FIG_OK first, then as they are declared; the last one for a number that is none. */
FIG_API size_t fig_metrics_column(fig_status status);

/* What was counted. FIG_NOT_FOUND when the options said to count nothing. Takes no lock that a call could be waiting in
 * for long, and touches no disk. Cost: some tens of microseconds. */
FIG_API fig_status fig_get_metrics(fig_engine *engine, fig_metrics *metrics);

/* The same, and the stats, as text for a monitoring system (OpenMetrics 1.0, times in seconds), with a NUL; *size is
 * its length without. FIG_METRICS_TEXT_MAX bytes are always enough; FIG_INVALID when they would not fit. */
FIG_API fig_status fig_write_metrics(fig_engine *engine, char *text, size_t capacity, size_t *size);

/* Writes the tables up to the newest frame, so that the next fig_open() has no journal to run through. Other writers
 * wait meanwhile, some microseconds for each changed record. The engine does it by itself as changes pile up: in
 * fig_open() after a long journal, and at the end of a write whose timeout leaves ample room (with the default of 16384
 * records, 200 ms and more; where all timeouts are shorter, call this now and then). A committer writes them when its
 * callers have left and those who wait have as much time. FIG_BUSY after 30 s. */
FIG_API fig_status fig_checkpoint(fig_engine *engine, fig_error *error);

/* What a store's archive holds. */
typedef struct fig_archived {
    size_t struct_size;
    uint64_t first_frame; /* 0: nothing */
    uint64_t last_frame;
} fig_archived;

FIG_API fig_archived fig_archived_default(void);

/* Moves old frames of the journal out of the store's file into flat files in its directory `archive`, all but the
 * newest `keep_frames` and those that the next start needs. The journal, travels in time, verification and forgetting
 * find them there as before; backups take them along. Their room in the store's file is used again. FIG_DENIED,
 * FIG_INVALID (in memory), FIG_BUSY, FIG_FULL, FIG_IO, FIG_CORRUPT; what stopped it in between is mended by asking
 * again. Any thread. Cost: a checkpoint, and the bytes of those frames, in turns of some tens of megabytes for which
 * other writers wait. */
FIG_API fig_status fig_archive(fig_engine *engine, uint64_t keep_frames, fig_archived *archived, fig_error *error);

/* What fig_forget_client() erased. */
typedef struct fig_forgotten {
    size_t struct_size;
    uint64_t version; /* the seq of the entry that says so */
    uint64_t records; /* of the tables that lost a text, */
    uint64_t frames;  /* frames that did, */
    uint64_t texts;   /* and how many in them */
} fig_forgotten;

FIG_API fig_forgotten fig_forgotten_default(void);

/* Erases the free text of a client everywhere: what was declared of it (name, birth, type, flags) and the notes of its
 * appointments, in memory, tables and journal. Ids and times stay; salted hashes stand for the texts, so that every
 * checksum, the chain and the digests stay what they were. `request` is of fig_forget_client_default(): now_s and
 * client_id; its timeout is for each of the steps. After a fault or a crash, ask again: what was left is erased then.
 * Backups that were made before have it all, and free pages of the store's file may until they are used again: a backup
 * that is made after it has neither. Request keys stay, and with them 64 bits that tell a request's content from
 * another: of a booking with a note, or a declaration of the client, that was asked for with a key, whoever has the
 * store and knows all else can tell whether a guess of the text is right. Ask without keys where that is too much.
 *
 * FIG_NOT_FOUND: no such client. Others as writes. Any thread. Cost: reads the journal; a commit for each frame that
 * had something to erase. */
FIG_API fig_status fig_forget_client(fig_engine *engine, const fig_request *request, fig_forgotten *forgotten,
                                     fig_error *error);

/* Copies the store into a new directory (mode 0700; an empty one will do) while others read and write: one consistent
 * version, the newest at some instant of the call, without the room that deleted and replaced records left. The copy is
 * a store of its own; it is durable on FIG_OK, and otherwise nothing of it is left behind (after a kill, a directory
 * that holds no store, and that the same call takes again). FIG_DENIED: there is a store already, or permission is
 * lacking; FIG_NOT_STORE: other files are there; FIG_FULL, FIG_IO, FIG_CORRUPT; FIG_INVALID: the engine is in memory.
 * Any thread. Cost: the store's bytes, read and written once; writers do not wait. */
FIG_API fig_status fig_backup(fig_engine *engine, const char *destination, fig_error *error);

/* What fig_verify() found. */
typedef struct fig_report {
    size_t struct_size;
    uint64_t frames;   /* frames whose checksum and place in the chain were right */
    uint64_t entries;  /* in them */
    uint64_t records;  /* table records whose checksum was right */
    uint64_t problems; /* found; the first ones are in `text`, one a line */
    char text[4096];   /* and a remark, where there is no problem but not all of the history */
} fig_report;

FIG_API fig_report fig_report_default(void);

/* Checks a whole store: every checksum, the chain of frames, the digest after each frame, the tables against the
 * journal, the trees against the tables, and that no two active appointments conflict. Changes nothing.
 * FIG_OK: sound. FIG_CORRUPT: `report` says where and what. Others as fig_open(). A badly damaged file can raise
 * SIGBUS or SIGSEGV in the calling process: run it in a child, as `figaro verify` does. */
FIG_API fig_status fig_verify(const char *directory, const fig_options *options, fig_report *report, fig_error *error);

/* ------------------------------------------------------------------ damage ------------------------------- */

/* What fig_repair() saved, and what is lost. */
typedef struct fig_repaired {
    size_t struct_size;
    uint64_t first_frame;    /* of the journal that was saved, */
    uint64_t archived_frame; /* the last one of it that is in the new store's archive; 0: it has none */
    uint64_t last_frame;
    uint64_t found_frames; /* that were found by searching the files, since not all could be reached; 0: no need */
    uint64_t version;      /* of the state that was saved */
    bool from_tables;      /* the state comes from the tables, else from the journal */
    bool history_lost;     /* the frames before first_frame are not there: what was, not what is */
    bool newest_lost;      /* frames after last_frame may be: what they changed is gone */
    char text[1024];       /* a line for each thing that was found damaged */
} fig_repaired;

FIG_API fig_repaired fig_repaired_default(void);

/* Makes a new store of what verifies in a damaged one: of its journal, from which tables are made, or of its tables and
 * the frames behind them, whichever reaches further; the old one is only read. Frames that nothing leads to any more,
 * in the store's file or its archive, are searched for in every byte and believed by their checksums and their chain.
 * What was archived goes into an archive again. What comes out is verified. FIG_OK: `destination` holds a sound store;
 * look at history_lost and newest_lost. FIG_CORRUPT: neither way leads to a state. FIG_UNAVAILABLE: somebody has the
 * store open. FIG_DENIED: `destination` holds a store already, or lies in `directory`. Others as fig_open(); after a
 * fault `destination` may hold a part, to be removed. Cost: a commit for each frame that was not archived; where frames
 * are searched for, a hundred bytes of memory for each copy of one. */
FIG_API fig_status fig_repair(const char *directory, const char *destination, fig_repaired *repaired, fig_error *error);

#ifdef __cplusplus
}
#endif
#endif
