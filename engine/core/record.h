/* Records: what is known, as the tables keep it. storage/FORMAT.md draws the bytes.
 *
 * A record is its table's number, its key and its value. The digest of a state and the checksum at a value's end cover
 * all three, but for a note's text and salt, which are covered by their hash so that they can be forgotten. */
#ifndef FIG_CORE_RECORD_H
#define FIG_CORE_RECORD_H

#include "engine/core/event.h"
#include "engine/core/version.h"

/* The tables' numbers, on the disk. storage/store.h has the same; the runtime asserts it. */
enum record_table {
    RECORD_SHOP = 1,
    RECORD_BARBER = 2,
    RECORD_WINDOW = 3,
    RECORD_APPOINTMENT = 4,
    RECORD_NOTE = 5,
    RECORD_KEPT_KEY = 6,
    RECORD_CLIENT = 7,
    RECORD_SERVICE = 8,
    RECORD_RULE = 9,
    RECORD_ZONE = 10
};

/* Documents are cut into pieces of so many bytes, a record each; one of a client has one piece. A piece's key is the
 * document's id and the piece's number; those of a schedule stand in its owner's table, behind the owner's own record,
 * whose key is the id alone. */
#define RECORD_PIECE_BYTES     4000
#define RECORD_PIECE_KEY_BYTES 10

#define RECORD_FORMAT     1
#define RECORD_KEY_MAX    64
#define RECORD_VALUE_MAX  (FIG_NOTE_MAX + 128)
#define RECORD_HEAD_BYTES 4 /* the table's number before the key */

struct record {
    uint32_t table;
    uint32_t key_size;
    uint32_t covered_size; /* of head, key and the part of the value that digest and checksum cover */
    uint32_t value_size;   /* checksum included */
    struct digest digest;  /* of what is covered; its low half is the checksum */
    uint8_t bytes[RECORD_HEAD_BYTES + RECORD_KEY_MAX + RECORD_VALUE_MAX];
};

/* Each writes the whole record. O(its bytes). */
void record_of_shop(struct record *record, const struct shop *shop);
void record_of_barber(struct record *record, const struct barber_profile *profile);
void record_of_window(struct record *record, uint64_t barber_id, fig_window_kind kind, const struct tree_item *window);
void record_of_appointment(struct record *record, const struct appointment *appointment);
void record_of_note(struct record *record, const struct note_taken *note, uint64_t version);
void record_of_kept_key(struct record *record, const struct kept_key *kept);
void record_of_document(struct record *record, const struct document *document, uint32_t piece);
uint32_t document_pieces(const struct document *document); /* at least 1 */
enum record_table document_table(enum document_kind kind);
/* The record of something that is gone: its key alone, for deleting. */
void record_of_document_key(struct record *record, enum document_kind kind, uint64_t id, uint32_t piece);
void record_of_window_key(struct record *record, uint64_t barber_id, fig_window_kind kind, int64_t start_s,
                          int64_t declared_s);
void record_of_kept_key_key(struct record *record, uint64_t version);

static inline const uint8_t *record_key(const struct record *record) { return record->bytes + RECORD_HEAD_BYTES; }
static inline const uint8_t *record_value(const struct record *record)
{
    return record->bytes + RECORD_HEAD_BYTES + record->key_size;
}

/* A record as it was read. */
struct record_read {
    struct digest digest;
    bool is_document; /* a piece of one */
    union {
        struct {
            struct appointment fixed; /* born is 0 */
            struct words key;
            struct image image; /* where flags say so */
        } appointment;
        struct {
            uint64_t barber_id;
            fig_window_kind kind;
            struct tree_item item;
        } window;
        struct shop_declared shop;
        struct barber_declared barber;
        struct {
            struct note_taken taken;
            uint64_t version;
        } note;
        struct {
            uint64_t version;
            int64_t at_s;
            struct image image;
            struct key_kept key;
        } kept;
        struct {
            struct document_declared part; /* its bytes are the piece's; its size that of the whole */
            uint64_t version;
            uint32_t piece;
            uint32_t piece_size;
        } document;
    } is;
};

/* Checks and reads one record. NULL when it is sound, else what is wrong, in static words. Words point into the bytes
 * that were passed. O(its bytes). */
const char *record_read(uint32_t table, const void *key, size_t key_size, const void *value, size_t value_size,
                        struct record_read *read);

/* The salted hash that stands for a note's text. */
void note_hash(const uint8_t salt[16], const char *text, size_t size, uint8_t hash[16]);

#endif
