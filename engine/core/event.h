/* Events: what changed. Decide makes them, the frame carries them, apply turns a version into the next.
 *
 * Text and names are borrowed: from the request while deciding, from the frame's bytes when replayed. */
#ifndef FIG_CORE_EVENT_H
#define FIG_CORE_EVENT_H

#include "engine/figaro.h"

/* The numbers are on the disk. */
enum event_kind {
    EVENT_BOOKED = 1,
    EVENT_MOVED = 2,
    EVENT_STATUS = 3,
    EVENT_WINDOW_OPENED = 4,
    EVENT_WINDOW_CLOSED = 5,
    EVENT_WINDOW_CUT = 6, /* an unavailable window was declared */
    EVENT_WINDOWS_CLEARED = 7,
    EVENT_SHOP = 8,
    EVENT_BARBER = 9,
    EVENT_NOTE = 10,
    EVENT_KEY = 11,      /* a key that no booking carries */
    EVENT_DOCUMENT = 12, /* a schedule, service, client, rule or zone was declared */
    EVENT_RECORD = 13,   /* a window, appointment or kept key was put back as it was in another store */
    EVENT_NOTE_RESTORED = 14,
    EVENT_DOCUMENT_RESTORED = 15,
    EVENT_FORGOTTEN = 16, /* a client: what was declared of it, and the notes of its appointments */
    EVENT_REFUSED = 17    /* a request that changed nothing, where the engine was told to keep such */
};

struct words { /* bytes not ended by NUL */
    const char *text;
    size_t size;
};

struct booked {
    uint64_t id;
    uint64_t barber_id;
    uint64_t client_id;
    uint64_t service_id;
    int64_t start_s;
    int64_t expires_s;
    uint32_t duration_s;
    uint32_t before_s;
    uint32_t after_s;
    uint8_t status;
    bool has_note; /* an EVENT_NOTE of this id follows */
    bool by_batch; /* a keyed batch booked it */
    bool unchecked;
    bool as_recorded; /* it was not asked for by the rules; not kept in its record */
    uint64_t content;
    struct words key;
};

struct moved {
    uint64_t id;
    uint64_t barber_id;
    uint64_t service_id;
    int64_t start_s;
    uint32_t duration_s;
    uint32_t before_s;
    uint32_t after_s;
    bool unchecked;
};

struct status_changed {
    uint64_t id;
    int64_t expires_s; /* of a hold; else 0 */
    uint8_t from;
    uint8_t status;
};

struct window_changed {
    uint64_t barber_id;
    int64_t start_s; /* cleared: both 0 */
    int64_t end_s;
};

struct shop_declared {
    uint64_t id;
    uint8_t buffers;
    uint8_t past;
    struct words name;
    struct words zone;
};

struct barber_declared {
    uint64_t id;
    uint64_t shop_id;
    int32_t priority;
    uint8_t open;
    uint8_t open_declared;
    uint8_t active;
    struct words name;
    struct words zone;
};

struct note_taken {
    uint64_t id;      /* of the appointment */
    uint64_t version; /* seq that it came with, when it is restored; 0: the entry's own */
    uint8_t salt[16];
    uint8_t hash[16];
    uint32_t size;
    const char *text; /* NULL: forgotten */
};

struct key_kept {
    uint64_t subject_id;
    uint64_t content;
    uint8_t operation;
    struct words key;
};

struct document_declared {
    uint64_t id;
    uint64_t version; /* as of a note */
    uint8_t kind;     /* enum document_kind */
    uint8_t salt[16]; /* clients: of the hash that stands for the bytes in every checksum */
    uint8_t hash[16];
    uint32_t size;
    const uint8_t *bytes; /* NULL: forgotten (clients alone) */
};

struct client_forgotten {
    uint64_t id;
};

/* What was asked, as it was asked. */
struct refused {
    uint64_t appointment_id; /* that it named, 0: none that is known */
    uint64_t barber_id;      /* the same */
    uint64_t client_id;
    uint64_t service_id;
    uint64_t if_version;
    uint64_t any_shop_id; /* of any barber: whose, */
    int64_t start_s;
    int64_t end_s;
    uint32_t before_s;
    uint32_t after_s;
    uint32_t ttl_s;
    uint8_t operation; /* fig_operation */
    uint8_t asked;     /* fig_appointment_status, of a change of status; else 0 */
    uint8_t status;    /* fig_status: why */
    uint8_t any_order; /* and in which order */
    bool any;
    bool pending;
    bool as_recorded;
    struct words key;
};

/* A record as the tables keep it. */
struct record_restored {
    uint8_t table;
    struct words key;
    struct words value;
};

struct event {
    enum event_kind kind;
    union {
        struct booked booked;
        struct moved moved;
        struct status_changed status;
        struct window_changed window;
        struct shop_declared shop;
        struct barber_declared barber;
        struct note_taken note;
        struct key_kept key;
        struct document_declared document;
        struct client_forgotten forgotten;
        struct refused refused;
        struct record_restored record;
    } is;
};

/* One accepted request, or what tells of one that was refused. */
struct entry {
    uint64_t seq; /* one more than that of the entry before; of FIG_OP_RESTORE, at least */
    int64_t now_s;
    uint8_t operation; /* fig_operation; of a batch, its first member's */
    const struct event *events;
    size_t event_count;
};

#endif
