/* One version of everything that is known: shops, barbers, appointments, windows, keys.
 *
 * A struct version is a value with a few roots; two versions share what did not change between them. apply.c alone
 * makes new ones. Readers hold a pointer to a published version and need nothing else.
 *
 * Invariants (audit.c checks them):
 * 1. An appointment is in its barber's `diary` when its status is active, else in `ended`; never in both.
 * 2. An appointment with a client is in that client's tree, whatever its status.
 * 3. No two items of a diary conflict: diary.crossings == 0, unless an import recorded double bookings.
 * 4. A booking's key, and every kept key, is in `keys`, and finds what it was kept for.
 * 5. A barber's last_booked_id and pieces are what its trees say.
 * 6. `digest` is the sum over the records of everything here.
 *
 * Costs: by id or key a few cache misses; nothing here allocates or waits. */
#ifndef FIG_CORE_VERSION_H
#define FIG_CORE_VERSION_H

#include "engine/core/conflict.h"
#include "engine/core/digest.h"
#include "engine/core/document.h"
#include "engine/core/radix.h"
#include "engine/core/tree.h"
#include "engine/figaro.h"

/* Fixed fields first; the key and, once a keyed booking has changed, its first image follow in the same memory. */
struct appointment {
    uint64_t born; /* generation, for the nodes; not stored */
    uint64_t id;
    uint64_t barber_id;
    uint64_t client_id;
    uint64_t service_id;
    int64_t start_s;
    int64_t booked_s;
    int64_t expires_s;       /* of a hold, else 0 */
    uint64_t version;        /* seq of the last change */
    uint64_t booked_version; /* seq of the entry that made it */
    uint64_t content;        /* hash of the request that made it, when keyed */
    uint32_t duration_s;
    uint32_t before_s;
    uint32_t after_s;
    uint8_t status;
    uint8_t first_status;
    uint8_t key_size;
    uint8_t flags;
};

#define APPOINTMENT_ID_END (UINT64_C(1) << 62) /* ids are given one by one; the map of keys has two bits for a tag */

enum {
    APPOINTMENT_HAS_IMAGE = 1,
    APPOINTMENT_HAS_NOTE = 2,
    APPOINTMENT_BY_BATCH = 4, /* a keyed batch booked it: the batch's key, too, must find it as it was made */
    APPOINTMENT_UNCHECKED = 8 /* a rule could not be evaluated when it was booked or moved */
};

/* What an appointment was when a key was first answered, as far as it can change. */
struct image {
    uint64_t barber_id;
    uint64_t service_id;
    int64_t start_s;
    int64_t expires_s;
    uint64_t version;
    uint32_t duration_s;
    uint32_t before_s;
    uint32_t after_s;
    uint32_t status;
};

/* What a barber or shop is declared to be. Names follow in the same memory, ended by NUL. */
struct barber_profile {
    uint64_t born;
    uint64_t id;
    uint64_t shop_id;
    int32_t priority;
    uint8_t open;          /* enum fig_open_mode */
    uint8_t open_declared; /* by a declaration, or by a first window */
    uint8_t active;
    uint8_t name_size;
    uint8_t zone_size;
    char names[]; /* name NUL zone NUL */
};

struct barber {
    uint64_t born;
    const struct barber_profile *profile;
    struct tree diary;   /* what blocks time */
    struct tree ended;   /* what no longer does */
    struct tree windows; /* dated windows; an item's id is the instant it was declared from */
    struct tree cuts;    /* dated windows that are unavailable */
    uint64_t
        last_booked_id; /* the largest id in diary and ended, 0: none; whose booking is the oldest, for any barber */
    uint32_t pieces;    /* items of `windows` that begin later than they were declared to */
};

struct client {
    uint64_t born;
    uint64_t id;
    struct tree appointments;
};

struct shop {
    uint64_t born;
    uint64_t id;
    uint8_t buffers; /* enum fig_buffers */
    uint8_t past;    /* enum fig_past */
    uint8_t name_size;
    uint8_t zone_size;
    char names[]; /* name NUL zone NUL */
};

/* A key that no booking's record carries, with what answers it again. */
struct kept_key {
    uint64_t born;
    uint64_t version; /* seq of the entry it came with */
    int64_t at_s;     /* that entry's now */
    uint64_t content;
    uint64_t subject_id; /* the appointment, barber or shop it was about */
    struct image image;  /* of the appointment after it; barber_id 0 when it was about none */
    uint8_t operation;
    uint8_t key_size;
    char key[];
};

#define KEPT_KEY_LIFE_S (30 * 86400)

/* A note that the tables do not have yet. */
struct note {
    uint64_t born;
    uint64_t id;      /* of the appointment */
    uint64_t version; /* seq of the entry it came with */
    uint64_t frame;   /* and the number of its frame */
    uint8_t salt[16];
    uint8_t hash[16];
    uint32_t size;
    bool forgotten; /* its text is gone */
    char text[];
};

struct version {
    uint64_t generation; /* the publication it is */
    uint64_t seq;        /* of the newest entry */
    uint64_t frame;      /* number of the newest frame */
    struct digest chain; /* hash of that frame */
    struct digest digest;
    uint64_t hash_seed; /* of the in-memory hashes of keys and names; the process's own */
    uint64_t next_appointment_id;
    uint64_t next_barber_id;
    uint64_t next_shop_id;
    uint64_t next_document_id[DOCUMENT_KINDS]; /* of services, clients, rules, zones */
    uint64_t active;                           /* appointments whose status is */
    uint64_t unchecked;                        /* appointments that are flagged so */
    uint64_t windows;                          /* of both kinds, of all barbers */
    uint64_t rivals; /* texts that had to take another than their first place in a map, ever in this process */
    struct radix appointments;                   /* id -> struct appointment */
    struct radix barbers;                        /* id -> struct barber */
    struct radix clients;                        /* id -> struct client */
    struct radix shops;                          /* id -> struct shop */
    struct radix keys;                           /* hash -> tagged: an appointment's id or a kept key */
    struct radix kept;                           /* seq -> struct kept_key, oldest first */
    struct radix names;                          /* hash -> struct barber_profile */
    struct radix shop_names;                     /* hash -> struct shop */
    struct radix notes;                          /* appointment id -> struct note, until a checkpoint has it */
    struct radix documents[DOCUMENT_KINDS];      /* id -> struct document */
    struct radix document_names[DOCUMENT_KINDS]; /* hash -> struct document, of kinds that have names */
};

const struct appointment *version_appointment(const struct version *version, uint64_t id);
const struct barber *version_barber(const struct version *version, uint64_t id);
const struct shop *version_shop(const struct version *version, uint64_t id);
const struct client *version_client(const struct version *version, uint64_t id);
const struct note *version_note(const struct version *version, uint64_t appointment_id);
const struct barber *version_barber_named(const struct version *version, const char *name, size_t size);
const struct shop *version_shop_named(const struct version *version, const char *name, size_t size);

/* What was declared, NULL: nothing. A name finds one that has it; of clients there may be more
 * (version_name_is_shared). */
const struct document *version_document(const struct version *version, enum document_kind kind, uint64_t id);
const struct document *version_document_named(const struct version *version, enum document_kind kind, const char *name,
                                              size_t size);
bool version_name_is_shared(const struct version *version, enum document_kind kind, const char *name, size_t size);
const struct schedule *version_shop_schedule(const struct version *version, uint64_t shop_id);
const struct schedule *version_barber_schedule(const struct version *version, uint64_t barber_id);
const struct service *version_service(const struct version *version, uint64_t id);
const struct client_profile *version_client_profile(const struct version *version, uint64_t id);
/* A zone by its name; "UTC" is always there. */
const struct zone *version_zone(const struct version *version, const char *name, size_t size);

/* What a key stands for: at most one of the two is set. A kept key past its life is not found. */
struct key_match {
    const struct appointment *booking;
    const struct kept_key *kept;
};
struct key_match version_key(const struct version *version, const char *key, size_t size, int64_t now_s);

/* Does this hold, or any other appointment, block time at this now? */
bool appointment_blocks(const struct appointment *appointment, int64_t now_s);
/* Its status as a reader at this now sees it. */
fig_appointment_status appointment_status_at(const struct appointment *appointment, int64_t now_s);

/* The holds that still block at a now, as conflict.c asks for them. */
struct hold_view {
    const struct version *version;
    int64_t now_s;
};
struct holds hold_view_holds(const struct hold_view *view);

const char *appointment_key(const struct appointment *appointment); /* not ended by NUL; key_size says */
/* As the request that made it was first answered. */
struct image appointment_first_image(const struct appointment *appointment);
struct tree_item appointment_item(const struct appointment *appointment);
size_t appointment_size(const struct appointment *appointment); /* of its memory, tail included */

/* What a barber's shop asks of buffers. */
bool barber_buffers_exclusive(const struct version *version, const struct barber *barber);

/* The public pictures of what is here. */
void appointment_show(const struct appointment *appointment, int64_t now_s, fig_appointment *shown);
void barber_show(const struct barber *barber, fig_barber *shown);
void shop_show(const struct shop *shop, fig_shop *shown);
void client_show(const struct client_profile *client, fig_client *shown);

/* What it means, as bytes again: the same, if they are canonical. */
size_t document_encode_again(const struct document *document, uint8_t bytes[DOCUMENT_BYTES_MAX]);

/* Maps from text go by hash. The nth place of a text is its hash seeded with hash_seed + n; texts whose hashes meet
 * take their next place, and a text that leaves puts a grave there, so that the map is exact for every set. In
 * `keys` a place holds an appointment's id, tagged, or a kept key. */
uint64_t text_place(const struct version *version, const char *text, size_t size, uint64_t n);
#define PLACE_GRAVE ((void *)(uintptr_t)2)
static inline void *place_of_id(uint64_t id) { return (void *)(uintptr_t)(id << 2 | 1); }
static inline bool place_is_id(const void *place) { return ((uintptr_t)place & 1) != 0; }
static inline uint64_t place_id(const void *place) { return (uint64_t)(uintptr_t)place >> 2; }

#endif
