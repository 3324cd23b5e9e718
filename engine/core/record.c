#include "engine/core/record.h"

#include "engine/core/bytes.h"
#include "engine/core/limits.h"
#include "engine/core/status.h"
#include "engine/core/text.h"

_Static_assert(sizeof(struct image) == 56, "an image has no padding");

#define CHECKSUM_BYTES 8

/* --- writing: begin, key fields, value_begins, value fields, covered, uncovered fields, seal --- */

static struct writer begin(struct record *record, enum record_table table)
{
    struct writer writer = {.at = record->bytes, .end = record->bytes + sizeof record->bytes};
    record->table = table;
    put_u32(&writer, table);
    return writer;
}

static void value_begins(struct record *record, struct writer *writer)
{
    record->key_size = (uint32_t)(writer->at - record->bytes) - RECORD_HEAD_BYTES;
    record->covered_size = (uint32_t)(writer->at - record->bytes);
    record->value_size = 0;
    put_u8(writer, RECORD_FORMAT);
}

static void covered(struct record *record, struct writer *writer)
{
    record->covered_size = (uint32_t)(writer->at - record->bytes);
}

static void seal(struct record *record, struct writer *writer)
{
    record->digest = digest_of(record->bytes, record->covered_size);
    put_u64(writer, record->digest.low);
    record->value_size = (uint32_t)(writer->at - record->bytes) - RECORD_HEAD_BYTES - record->key_size;
}

static void put_names(struct writer *writer, const char *names, uint8_t name_size, uint8_t zone_size)
{
    put_u8(writer, name_size);
    put_u8(writer, zone_size);
    put_bytes(writer, names, name_size);
    put_bytes(writer, names + name_size + 1, zone_size);
}

static void put_image(struct writer *writer, const struct image *image)
{
    put_u64(writer, image->barber_id);
    put_u64(writer, image->service_id);
    put_i64(writer, image->start_s);
    put_i64(writer, image->expires_s);
    put_u64(writer, image->version);
    put_u32(writer, image->duration_s);
    put_u32(writer, image->before_s);
    put_u32(writer, image->after_s);
    put_u32(writer, image->status);
}

void record_of_shop(struct record *record, const struct shop *shop)
{
    struct writer writer = begin(record, RECORD_SHOP);
    put_u64_ordered(&writer, shop->id);
    value_begins(record, &writer);
    put_u8(&writer, shop->buffers);
    put_u8(&writer, shop->past);
    put_names(&writer, shop->names, shop->name_size, shop->zone_size);
    covered(record, &writer);
    seal(record, &writer);
}

void record_of_barber(struct record *record, const struct barber_profile *profile)
{
    struct writer writer = begin(record, RECORD_BARBER);
    put_u64_ordered(&writer, profile->id);
    value_begins(record, &writer);
    put_u64(&writer, profile->shop_id);
    put_u32(&writer, (uint32_t)profile->priority);
    put_u8(&writer, profile->open);
    put_u8(&writer, profile->open_declared);
    put_u8(&writer, profile->active);
    put_names(&writer, profile->names, profile->name_size, profile->zone_size);
    covered(record, &writer);
    seal(record, &writer);
}

void record_of_window_key(struct record *record, uint64_t barber_id, fig_window_kind kind, int64_t start_s,
                          int64_t declared_s)
{
    struct writer writer = begin(record, RECORD_WINDOW);
    put_u64_ordered(&writer, barber_id);
    put_u8(&writer, (uint8_t)kind);
    put_i64_ordered(&writer, start_s);
    put_i64_ordered(&writer, declared_s);
    value_begins(record, &writer);
}

void record_of_window(struct record *record, uint64_t barber_id, fig_window_kind kind, const struct tree_item *window)
{
    record_of_window_key(record, barber_id, kind, window->start_s, (int64_t)window->id);
    struct writer writer = {.at = record->bytes + record->covered_size + 1,
                            .end = record->bytes + sizeof record->bytes};
    put_u32(&writer, window->duration_s);
    covered(record, &writer);
    seal(record, &writer);
}

void record_of_appointment(struct record *record, const struct appointment *appointment)
{
    struct writer writer = begin(record, RECORD_APPOINTMENT);
    put_u64_ordered(&writer, appointment->id);
    value_begins(record, &writer);
    put_u8(&writer, appointment->status);
    put_u8(&writer, appointment->first_status);
    put_u8(&writer, appointment->flags);
    put_u64(&writer, appointment->barber_id);
    put_u64(&writer, appointment->client_id);
    put_u64(&writer, appointment->service_id);
    put_i64(&writer, appointment->start_s);
    put_i64(&writer, appointment->booked_s);
    put_i64(&writer, appointment->expires_s);
    put_u64(&writer, appointment->version);
    put_u64(&writer, appointment->booked_version);
    put_u64(&writer, appointment->content);
    put_u32(&writer, appointment->duration_s);
    put_u32(&writer, appointment->before_s);
    put_u32(&writer, appointment->after_s);
    put_u8(&writer, appointment->key_size);
    put_bytes(&writer, appointment_key(appointment), appointment->key_size);
    if ((appointment->flags & APPOINTMENT_HAS_IMAGE) != 0) {
        struct image image = appointment_first_image(appointment);
        put_image(&writer, &image);
    }
    covered(record, &writer);
    seal(record, &writer);
}

void record_of_note(struct record *record, const struct note_taken *note, uint64_t version)
{
    struct writer writer = begin(record, RECORD_NOTE);
    put_u64_ordered(&writer, note->id);
    value_begins(record, &writer);
    put_u64(&writer, version);
    put_bytes(&writer, note->hash, sizeof note->hash);
    put_u32(&writer, note->size);
    covered(record, &writer);
    put_u8(&writer, note->text != NULL);
    put_bytes(&writer, note->salt, sizeof note->salt);
    if (note->text != NULL) put_bytes(&writer, note->text, note->size);
    seal(record, &writer);
}

void record_of_kept_key_key(struct record *record, uint64_t version)
{
    struct writer writer = begin(record, RECORD_KEPT_KEY);
    put_u64_ordered(&writer, version);
    value_begins(record, &writer);
}

void record_of_kept_key(struct record *record, const struct kept_key *kept)
{
    record_of_kept_key_key(record, kept->version);
    struct writer writer = {.at = record->bytes + record->covered_size + 1,
                            .end = record->bytes + sizeof record->bytes};
    put_i64(&writer, kept->at_s);
    put_u64(&writer, kept->content);
    put_u64(&writer, kept->subject_id);
    put_image(&writer, &kept->image);
    put_u8(&writer, kept->operation);
    put_u8(&writer, kept->key_size);
    put_bytes(&writer, kept->key, kept->key_size);
    covered(record, &writer);
    seal(record, &writer);
}

/* --- documents --- */

static const uint8_t document_tables[DOCUMENT_KINDS] = {
    [DOCUMENT_SHOP_SCHEDULE] = RECORD_SHOP, [DOCUMENT_BARBER_SCHEDULE] = RECORD_BARBER,
    [DOCUMENT_SERVICE] = RECORD_SERVICE,    [DOCUMENT_CLIENT] = RECORD_CLIENT,
    [DOCUMENT_RULE] = RECORD_RULE,          [DOCUMENT_ZONE] = RECORD_ZONE,
};

enum record_table document_table(enum document_kind kind) { return (enum record_table)document_tables[kind]; }

/* The kind of documents that a table keeps; DOCUMENT_KINDS when it keeps none. */
static enum document_kind kind_in_table(uint32_t table)
{
    unsigned kind = 0;
    while (kind < DOCUMENT_KINDS && document_tables[kind] != table) kind++;
    return (enum document_kind)kind;
}

uint32_t document_pieces(const struct document *document)
{
    if (document->kind == DOCUMENT_CLIENT || document->size == 0) return 1;
    return (document->size + RECORD_PIECE_BYTES - 1) / RECORD_PIECE_BYTES;
}

void record_of_document_key(struct record *record, enum document_kind kind, uint64_t id, uint32_t piece)
{
    struct writer writer = begin(record, document_table(kind));
    put_u64_ordered(&writer, id);
    put_u16_ordered(&writer, (uint16_t)piece);
    value_begins(record, &writer);
}

/* A client's bytes are covered by their hash, as a note's are. */
void record_of_document(struct record *record, const struct document *document, uint32_t piece)
{
    record_of_document_key(record, (enum document_kind)document->kind, document->id, piece);
    struct writer writer = {.at = record->bytes + record->covered_size + 1,
                            .end = record->bytes + sizeof record->bytes};
    uint32_t from = piece * RECORD_PIECE_BYTES, left = document->size - from;
    put_u64(&writer, document->version);
    put_u32(&writer, document->size);
    if (document->kind == DOCUMENT_CLIENT) {
        put_bytes(&writer, document->hash, sizeof document->hash);
        covered(record, &writer);
        put_u8(&writer, document->bytes != NULL);
        put_bytes(&writer, document->salt, sizeof document->salt);
        if (document->bytes != NULL) put_bytes(&writer, document->bytes, document->size);
    } else {
        put_bytes(&writer, document->bytes + from, left < RECORD_PIECE_BYTES ? left : RECORD_PIECE_BYTES);
        covered(record, &writer);
    }
    seal(record, &writer);
}

void note_hash(const uint8_t salt[16], const char *text, size_t size, uint8_t hash[16])
{
    uint8_t salted[16 + FIG_NOTE_MAX];
    memcpy(salted, salt, 16);
    memcpy(salted + 16, text, size);
    struct digest digest = digest_of(salted, 16 + size);
    struct writer writer = {.at = hash, .end = hash + 16};
    put_u64(&writer, digest.low);
    put_u64(&writer, digest.high);
}

/* --- reading --- */

static struct words take_words(struct reader *reader, size_t size)
{
    const char *text = take_bytes(reader, size);
    return (struct words){text, text != NULL ? size : 0};
}

static const char *read_names(struct reader *value, struct words *name, struct words *zone)
{
    uint8_t name_size = take_u8(value);
    uint8_t zone_size = take_u8(value);
    *name = take_words(value, name_size);
    *zone = take_words(value, zone_size);
    if (value->failed) return "a name is cut off";
    if (name_size == 0 || name_size > FIG_NAME_MAX || !text_is_clean(name->text, name->size, false))
        return "the name is malformed";
    if (zone_size > FIG_ZONE_MAX || !text_is_clean(zone->text, zone->size, false))
        return "the zone's name is malformed";
    return NULL;
}

static struct image take_image(struct reader *reader)
{
    struct image image;
    image.barber_id = take_u64(reader);
    image.service_id = take_u64(reader);
    image.start_s = take_i64(reader);
    image.expires_s = take_i64(reader);
    image.version = take_u64(reader);
    image.duration_s = take_u32(reader);
    image.before_s = take_u32(reader);
    image.after_s = take_u32(reader);
    image.status = take_u32(reader);
    return image;
}

static const char *read_shop(struct reader *key, struct reader *value, struct record_read *read)
{
    struct shop_declared *shop = &read->is.shop;
    shop->id = take_u64_ordered(key);
    shop->buffers = take_u8(value);
    shop->past = take_u8(value);
    if (shop->buffers > FIG_BUFFERS_EXCLUSIVE || shop->past > FIG_PAST_REFUSE) return "a setting is out of range";
    return read_names(value, &shop->name, &shop->zone);
}

static const char *read_barber(struct reader *key, struct reader *value, struct record_read *read)
{
    struct barber_declared *barber = &read->is.barber;
    barber->id = take_u64_ordered(key);
    barber->shop_id = take_u64(value);
    barber->priority = (int32_t)take_u32(value);
    barber->open = take_u8(value);
    barber->open_declared = take_u8(value);
    barber->active = take_u8(value);
    if (barber->open > FIG_OPEN_HOURS || barber->open_declared > 1 || barber->active > 1)
        return "a setting is out of range";
    return read_names(value, &barber->name, &barber->zone);
}

static const char *read_window(struct reader *key, struct reader *value, struct record_read *read)
{
    read->is.window.barber_id = take_u64_ordered(key);
    uint8_t kind = take_u8(key);
    struct tree_item *item = &read->is.window.item;
    *item = (struct tree_item){.start_s = take_i64_ordered(key)};
    item->id = (uint64_t)take_i64_ordered(key);
    item->duration_s = take_u32(value);
    if (kind > FIG_WINDOW_UNAVAILABLE) return "the window's kind is unknown";
    read->is.window.kind = (fig_window_kind)kind;
    return span_is_sound(item->start_s, item->duration_s) ? NULL : "the window's span is out of range";
}

static const char *appointment_fault(const struct appointment *fixed)
{
    if (fixed->id == 0 || fixed->id >= APPOINTMENT_ID_END || fixed->barber_id == 0) return "an id is out of range";
    if (!status_is_known((fig_appointment_status)fixed->status) ||
        !status_is_active((fig_appointment_status)fixed->first_status))
        return "the status is unknown";
    if (!span_is_sound(fixed->start_s, fixed->duration_s)) return "the span is out of range";
    if (!buffers_are_sound(fixed->before_s, fixed->after_s)) return "a buffer is out of range";
    if (fixed->flags > (APPOINTMENT_HAS_IMAGE | APPOINTMENT_HAS_NOTE | APPOINTMENT_BY_BATCH | APPOINTMENT_UNCHECKED))
        return "a flag is unknown";
    return NULL;
}

static const char *read_appointment(struct reader *key, struct reader *value, struct record_read *read)
{
    struct appointment *fixed = &read->is.appointment.fixed;
    fixed->born = 0;
    fixed->id = take_u64_ordered(key);
    fixed->status = take_u8(value);
    fixed->first_status = take_u8(value);
    fixed->flags = take_u8(value);
    fixed->barber_id = take_u64(value);
    fixed->client_id = take_u64(value);
    fixed->service_id = take_u64(value);
    fixed->start_s = take_i64(value);
    fixed->booked_s = take_i64(value);
    fixed->expires_s = take_i64(value);
    fixed->version = take_u64(value);
    fixed->booked_version = take_u64(value);
    fixed->content = take_u64(value);
    fixed->duration_s = take_u32(value);
    fixed->before_s = take_u32(value);
    fixed->after_s = take_u32(value);
    fixed->key_size = take_u8(value);
    read->is.appointment.key = take_words(value, fixed->key_size);
    if ((fixed->flags & APPOINTMENT_HAS_IMAGE) != 0) read->is.appointment.image = take_image(value);
    if (fixed->key_size > FIG_KEY_MAX) return "the key is too long";
    return appointment_fault(fixed);
}

/* The covered part ends before the text: the caller has cut the checksum off, and is told where the cover ends. */
static const char *read_note(struct reader *key, struct reader *value, struct record_read *read, const uint8_t **cover)
{
    struct note_taken *note = &read->is.note.taken;
    note->id = take_u64_ordered(key);
    read->is.note.version = take_u64(value);
    const void *hash = take_bytes(value, sizeof note->hash);
    note->size = take_u32(value);
    *cover = value->at;
    bool kept = take_flag(value);
    const void *salt = take_bytes(value, sizeof note->salt);
    if (value->failed || note->size > FIG_NOTE_MAX) return "the note is cut off, or its flag is none";
    memcpy(note->hash, hash, sizeof note->hash);
    memcpy(note->salt, salt, sizeof note->salt);
    note->text = kept ? take_bytes(value, note->size) : NULL;
    if (value->failed) return "the note's text is cut off";
    if (!kept) return NULL;
    uint8_t found[16];
    note_hash(note->salt, note->text, note->size, found);
    return memcmp(found, note->hash, sizeof found) == 0 ? NULL : "the note's text does not match its hash";
}

static const char *read_kept_key(struct reader *key, struct reader *value, struct record_read *read)
{
    struct key_kept *kept = &read->is.kept.key;
    read->is.kept.version = take_u64_ordered(key);
    read->is.kept.at_s = take_i64(value);
    kept->content = take_u64(value);
    kept->subject_id = take_u64(value);
    read->is.kept.image = take_image(value);
    kept->operation = take_u8(value);
    uint8_t key_size = take_u8(value);
    kept->key = take_words(value, key_size);
    if (key_size == 0 || key_size > FIG_KEY_MAX) return "the key's length is out of range";
    return NULL;
}

static const char *read_client_bytes(struct reader *value, struct document_declared *part, const uint8_t **cover)
{
    const void *hash = take_bytes(value, sizeof part->hash);
    *cover = value->at;
    bool kept = take_flag(value);
    const void *salt = take_bytes(value, sizeof part->salt);
    if (value->failed || part->size > FIG_NOTE_MAX) return "the client is cut off, or its flag is none";
    memcpy(part->hash, hash, sizeof part->hash);
    memcpy(part->salt, salt, sizeof part->salt);
    part->bytes = kept ? take_bytes(value, part->size) : NULL;
    if (value->failed) return "the client is cut off";
    if (!kept) return NULL;
    uint8_t found[16];
    note_hash(part->salt, (const char *)part->bytes, part->size, found);
    return memcmp(found, part->hash, sizeof found) == 0 ? NULL : "the client does not match its hash";
}

static const char *read_document(enum document_kind kind, struct reader *key, struct reader *value,
                                 struct record_read *read, const uint8_t **cover)
{
    struct document_declared *part = &read->is.document.part;
    *part = (struct document_declared){.id = take_u64_ordered(key), .kind = (uint8_t)kind};
    read->is.document.piece = take_u16_ordered(key);
    read->is.document.version = take_u64(value);
    part->size = take_u32(value);
    if (value->failed || part->size > DOCUMENT_BYTES_MAX) return "the declaration's size is out of range";
    if (kind == DOCUMENT_CLIENT) return read_client_bytes(value, part, cover);
    uint32_t from = read->is.document.piece * RECORD_PIECE_BYTES;
    if (from >= part->size) return "the declaration has a piece too many";
    uint32_t left = part->size - from;
    read->is.document.piece_size = left < RECORD_PIECE_BYTES ? left : RECORD_PIECE_BYTES;
    part->bytes = take_bytes(value, read->is.document.piece_size);
    *cover = value->at;
    return NULL;
}

static const char *read_fields(uint32_t table, struct reader *key, struct reader *value, struct record_read *read,
                               const uint8_t **cover)
{
    enum document_kind kind = kind_in_table(table);
    read->is_document = kind != DOCUMENT_KINDS && key->end - key->at == RECORD_PIECE_KEY_BYTES;
    if (read->is_document) return read_document(kind, key, value, read, cover);
    switch (table) {
    case RECORD_SHOP: return read_shop(key, value, read);
    case RECORD_BARBER: return read_barber(key, value, read);
    case RECORD_WINDOW: return read_window(key, value, read);
    case RECORD_APPOINTMENT: return read_appointment(key, value, read);
    case RECORD_NOTE: return read_note(key, value, read, cover);
    case RECORD_KEPT_KEY: return read_kept_key(key, value, read);
    default: break;
    }
    return "the table is unknown";
}

const char *record_read(uint32_t table, const void *key, size_t key_size, const void *value, size_t value_size,
                        struct record_read *read)
{
    if (key_size > RECORD_KEY_MAX || value_size < 1 + CHECKSUM_BYTES || value_size > RECORD_VALUE_MAX)
        return "the record's size is out of range";
    const uint8_t *bytes = value;
    struct reader key_reader = {.at = key, .end = (const uint8_t *)key + key_size};
    struct reader value_reader = {.at = bytes, .end = bytes + value_size - CHECKSUM_BYTES};
    struct reader sum_reader = {.at = value_reader.end, .end = bytes + value_size};
    if (take_u8(&value_reader) != RECORD_FORMAT) return "the record's format is unknown";

    const uint8_t *cover = value_reader.end;
    const char *fault = read_fields(table, &key_reader, &value_reader, read, &cover);
    if (fault != NULL) return fault;
    if (key_reader.failed || key_reader.at != key_reader.end) return "the key's length is wrong";
    if (value_reader.failed || value_reader.at != value_reader.end) return "the value's length is wrong";

    uint8_t whole[RECORD_HEAD_BYTES + RECORD_KEY_MAX + RECORD_VALUE_MAX];
    struct writer writer = {.at = whole, .end = whole + sizeof whole};
    put_u32(&writer, table);
    put_bytes(&writer, key, key_size);
    put_bytes(&writer, bytes, (size_t)(cover - bytes));
    size_t size = (size_t)(writer.at - whole);
    read->digest = digest_of(whole, size);
    return read->digest.low == take_u64(&sum_reader) ? NULL : "the checksum is wrong";
}
