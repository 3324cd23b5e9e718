/* Documents: what is declared and has lists or texts of any length in it: schedules, services, clients, rules, zones.
 *
 *   document_encode_...   the bytes of a declaration, canonical: equal ones have equal bytes   O(n log n)
 *   document_room         what a node for these bytes takes, or what is wrong with them        O(bytes)
 *   document_keep         the node: the bytes, and what they mean behind them                  O(bytes)
 *   version_document ...  finding them (version.h)                                             a few cache misses
 *
 * The bytes go through the journal and the tables as they are; what they mean is decoded once, when a document is
 * kept, into one node without further pointers to memory of its own. A client's bytes can be forgotten: a salted hash
 * stands for them in every checksum, as with notes; a forgotten client is one of whom nothing is known but the id.
 *
 * Invariants:
 * 1. Encoding what was decoded gives the same bytes (audit.c checks it).
 * 2. weekly windows are sorted by (weekday, start, end), cuts by (yearly, first date, last date, ...), offers and ids
 *    ascend; nothing is in a list twice.
 * 3. A node is at most NODE_SIZE_MAX. */
#ifndef FIG_CORE_DOCUMENT_H
#define FIG_CORE_DOCUMENT_H

#include "engine/core/event.h"
#include "engine/core/nodes.h"
#include "engine/core/zone.h"
#include "engine/figaro.h"

/* The numbers are on the disk. */
enum document_kind {
    DOCUMENT_SHOP_SCHEDULE = 0, /* id: the shop's */
    DOCUMENT_BARBER_SCHEDULE = 1,
    DOCUMENT_SERVICE = 2,
    DOCUMENT_CLIENT = 3,
    DOCUMENT_RULE = 4,
    DOCUMENT_ZONE = 5, /* ids are given by the engine */
    DOCUMENT_KINDS = 6
};

#define DOCUMENT_BYTES_MAX (64 << 10)
#define ZONE_BYTES_MAX     (16 << 10) /* of a zone's file; the largest known one has 4 KiB */

struct document {
    uint64_t born;
    uint64_t id;
    uint64_t version; /* seq of the entry that declared it */
    uint32_t node_bytes;
    uint32_t size;
    const uint8_t *bytes; /* in the same node; NULL: forgotten */
    const char *name;     /* in the same node, ended by NUL; "" for schedules */
    uint8_t name_size;
    uint8_t kind;     /* enum document_kind */
    uint8_t salt[16]; /* clients: of the hash that stands for the bytes */
    uint8_t hash[16];
};

/* Each begins with its document. The lists of `is` are in the same node. */
struct schedule {
    struct document document;
    fig_schedule is;
    uint32_t yearly_count; /* cuts that come every year: the last ones of the list */
};

struct service {
    struct document document;
    fig_service is;
};

struct rule {
    struct document document;
    fig_rule is;
};

struct client_profile {
    struct document document;
    int32_t born_day; /* FIG_NO_DAY: not known */
    uint32_t flags;
    const char *type; /* ended by NUL */
};

struct zone_document {
    struct document document;
    const struct zone *zone;
    const uint8_t *file; /* the TZif file's bytes */
    size_t file_size;
};

/* The greatest size of an encoded declaration of each kind is DOCUMENT_BYTES_MAX. Encoders write into a buffer of that
 * size and return how much; fields must have been validated. */
size_t document_encode_schedule(const fig_schedule *schedule, uint8_t bytes[DOCUMENT_BYTES_MAX]);
size_t document_encode_service(const fig_service *service, uint8_t bytes[DOCUMENT_BYTES_MAX]);
size_t document_encode_client(const fig_client *client, uint8_t bytes[DOCUMENT_BYTES_MAX]);
size_t document_encode_rule(const fig_rule *rule, uint8_t bytes[DOCUMENT_BYTES_MAX]);
size_t document_encode_zone(const char *name, const void *file, size_t size, uint8_t bytes[DOCUMENT_BYTES_MAX]);

/* The name that a declared document carries; empty for a schedule, or when it was forgotten or is malformed. */
struct words document_name(const struct document_declared *declared);

/* Bytes of the node that keeps a declared document, 0: it is malformed, and *fault says how, in static words. Never
 * reads outside of the bytes, whatever they are. */
size_t document_room(const struct document_declared *declared, const char **fault);

/* Fills the room of a declared document that document_room() found sound. NULL: its zone's file is malformed. */
struct document *document_keep(void *room, const struct document_declared *declared, uint64_t born, uint64_t version);

#endif
