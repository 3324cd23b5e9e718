#include "engine/core/frame.h"

#include "engine/core/bytes.h"
#include "engine/core/grow.h"
#include "engine/core/limits.h"
#include "engine/core/record.h"
#include "engine/core/status.h"
#include "engine/core/text.h"

static const uint32_t frame_magic = 0x46474946; /* "FIGF", as the bytes lie */

#define HASHED_HEAD_BYTES 80 /* of the head, all but the hash */
#define ENTRY_HEAD_BYTES  36
#define CHECKSUM_BYTES    8

/* --- writing ------------------------------------------------------------------------------------------- */

void frame_begin(struct frame_writer *frame)
{
    frame->size = FRAME_HEAD_BYTES;
    frame->entry_count = 0;
}

static bool make_room(struct frame_writer *frame, size_t more)
{
    if (frame->size + more > FRAME_BYTES_MAX) return false;
    uint8_t *bytes = grow(frame->allocator, frame->bytes, frame->size, more, &frame->capacity, 1);
    if (bytes == NULL) return false;
    frame->bytes = bytes;
    return true;
}

void frame_release(struct frame_writer *frame)
{
    grow_release(frame->allocator, frame->bytes, &frame->capacity, 1);
    frame->bytes = NULL;
}

static void put_words(struct writer *writer, struct words words)
{
    put_u8(writer, (uint8_t)words.size);
    put_bytes(writer, words.text, words.size);
}

static void put_booked(struct writer *writer, const struct booked *booked)
{
    put_u64(writer, booked->id);
    put_u64(writer, booked->barber_id);
    put_u64(writer, booked->client_id);
    put_u64(writer, booked->service_id);
    put_i64(writer, booked->start_s);
    put_i64(writer, booked->expires_s);
    put_u32(writer, booked->duration_s);
    put_u32(writer, booked->before_s);
    put_u32(writer, booked->after_s);
    put_u8(writer, booked->status);
    put_u8(writer,
           (uint8_t)(booked->has_note | booked->by_batch << 1 | booked->unchecked << 2 | booked->as_recorded << 3));
    put_u64(writer, booked->content);
    put_words(writer, booked->key);
}

static void put_moved(struct writer *writer, const struct moved *moved)
{
    put_u64(writer, moved->id);
    put_u64(writer, moved->barber_id);
    put_u64(writer, moved->service_id);
    put_i64(writer, moved->start_s);
    put_u32(writer, moved->duration_s);
    put_u32(writer, moved->before_s);
    put_u32(writer, moved->after_s);
    put_u8(writer, moved->unchecked);
}

static void put_window(struct writer *writer, const struct window_changed *window)
{
    put_u64(writer, window->barber_id);
    put_i64(writer, window->start_s);
    put_i64(writer, window->end_s);
}

static void put_shop(struct writer *writer, const struct shop_declared *shop)
{
    put_u64(writer, shop->id);
    put_u8(writer, shop->buffers);
    put_u8(writer, shop->past);
    put_words(writer, shop->name);
    put_words(writer, shop->zone);
}

static void put_barber(struct writer *writer, const struct barber_declared *barber)
{
    put_u64(writer, barber->id);
    put_u64(writer, barber->shop_id);
    put_u32(writer, (uint32_t)barber->priority);
    put_u8(writer, barber->open);
    put_u8(writer, barber->open_declared);
    put_u8(writer, barber->active);
    put_words(writer, barber->name);
    put_words(writer, barber->zone);
}

/* A client's bytes are private: they stand where note texts do. */
static bool is_private(const struct document_declared *document) { return document->kind == DOCUMENT_CLIENT; }

static void put_document(struct writer *writer, const struct document_declared *document)
{
    put_u8(writer, document->kind);
    put_u64(writer, document->id);
    put_u32(writer, document->size);
    if (is_private(document))
        put_bytes(writer, document->hash, sizeof document->hash);
    else
        put_bytes(writer, document->bytes, document->size);
}

static void put_note(struct writer *writer, const struct note_taken *note)
{
    put_u64(writer, note->id);
    put_bytes(writer, note->hash, sizeof note->hash);
    put_u32(writer, note->size);
}

static void put_record(struct writer *writer, const struct record_restored *record)
{
    put_u8(writer, record->table);
    put_words(writer, record->key);
    put_u16(writer, (uint16_t)record->value.size);
    put_bytes(writer, record->value.text, record->value.size);
}

static void put_refused(struct writer *writer, const struct refused *refused)
{
    put_u64(writer, refused->appointment_id);
    put_u64(writer, refused->barber_id);
    put_u64(writer, refused->client_id);
    put_u64(writer, refused->service_id);
    put_u64(writer, refused->if_version);
    put_u64(writer, refused->any_shop_id);
    put_i64(writer, refused->start_s);
    put_i64(writer, refused->end_s);
    put_u32(writer, refused->before_s);
    put_u32(writer, refused->after_s);
    put_u32(writer, refused->ttl_s);
    put_u8(writer, refused->operation);
    put_u8(writer, refused->asked);
    put_u8(writer, refused->status);
    put_u8(writer, refused->any_order);
    put_u8(writer, (uint8_t)(refused->any | refused->pending << 1 | refused->as_recorded << 2));
    put_words(writer, refused->key);
}

static void put_event(struct writer *writer, const struct event *event)
{
    put_u8(writer, (uint8_t)event->kind);
    switch (event->kind) {
    case EVENT_BOOKED: put_booked(writer, &event->is.booked); break;
    case EVENT_MOVED: put_moved(writer, &event->is.moved); break;
    case EVENT_STATUS:
        put_u64(writer, event->is.status.id);
        put_i64(writer, event->is.status.expires_s);
        put_u8(writer, event->is.status.from);
        put_u8(writer, event->is.status.status);
        break;
    case EVENT_WINDOW_OPENED:
    case EVENT_WINDOW_CLOSED:
    case EVENT_WINDOW_CUT:
    case EVENT_WINDOWS_CLEARED: put_window(writer, &event->is.window); break;
    case EVENT_SHOP: put_shop(writer, &event->is.shop); break;
    case EVENT_BARBER: put_barber(writer, &event->is.barber); break;
    case EVENT_NOTE: put_note(writer, &event->is.note); break;
    case EVENT_KEY:
        put_u64(writer, event->is.key.subject_id);
        put_u64(writer, event->is.key.content);
        put_words(writer, event->is.key.key);
        break;
    case EVENT_DOCUMENT: put_document(writer, &event->is.document); break;
    case EVENT_FORGOTTEN: put_u64(writer, event->is.forgotten.id); break;
    case EVENT_REFUSED: put_refused(writer, &event->is.refused); break;
    case EVENT_RECORD: put_record(writer, &event->is.record); break;
    case EVENT_NOTE_RESTORED:
        put_u64(writer, event->is.note.version);
        put_note(writer, &event->is.note);
        break;
    case EVENT_DOCUMENT_RESTORED:
        put_u64(writer, event->is.document.version);
        put_document(writer, &event->is.document);
        break;
    }
}

static bool is_note(const struct event *event)
{
    return event->kind == EVENT_NOTE || event->kind == EVENT_NOTE_RESTORED;
}

static bool is_private_document(const struct event *event)
{
    bool is_document = event->kind == EVENT_DOCUMENT || event->kind == EVENT_DOCUMENT_RESTORED;
    return is_document && is_private(&event->is.document);
}

/* What may be forgotten, after the checksum: of each private text in turn whether it is kept, its salt, its bytes. */
enum private_state { PRIVATE_FORGOTTEN = 0, PRIVATE_KEPT = 1, PRIVATE_BLANKED = 2 };
#define PRIVATE_SALT_BYTES 16

static void put_private(struct writer *writer, const uint8_t salt[16], const void *bytes, size_t size)
{
    put_u8(writer, bytes != NULL ? PRIVATE_KEPT : PRIVATE_FORGOTTEN);
    put_bytes(writer, salt, PRIVATE_SALT_BYTES);
    if (bytes != NULL) put_bytes(writer, bytes, size);
}

static void put_private_of(struct writer *writer, const struct event *event)
{
    const struct note_taken *note = &event->is.note;
    const struct document_declared *document = &event->is.document;
    if (is_note(event)) put_private(writer, note->salt, note->text, note->size);
    if (is_private_document(event)) put_private(writer, document->salt, document->bytes, document->size);
}

/* An upper bound, near enough to let a hundred thousand windows into one frame. */
static size_t event_bytes_max(const struct event *event)
{
    switch (event->kind) {
    case EVENT_NOTE:
    case EVENT_NOTE_RESTORED: return 64 + (size_t)event->is.note.size;
    case EVENT_BOOKED: return 96 + event->is.booked.key.size;
    case EVENT_SHOP: return 32 + event->is.shop.name.size + event->is.shop.zone.size;
    case EVENT_BARBER: return 48 + event->is.barber.name.size + event->is.barber.zone.size;
    case EVENT_KEY: return 32 + event->is.key.key.size;
    case EVENT_REFUSED: return 112 + event->is.refused.key.size;
    case EVENT_DOCUMENT:
    case EVENT_DOCUMENT_RESTORED: return 64 + (size_t)event->is.document.size;
    case EVENT_RECORD: return 16 + event->is.record.key.size + event->is.record.value.size;
    default: return 64;
    }
}

static size_t entry_bytes_max(const struct entry *entry)
{
    size_t bytes = ENTRY_HEAD_BYTES + CHECKSUM_BYTES;
    for (size_t i = 0; i < entry->event_count; i++) bytes += event_bytes_max(&entry->events[i]);
    return bytes;
}

bool frame_add(struct frame_writer *frame, const struct entry *entry)
{
    if (!make_room(frame, entry_bytes_max(entry))) return false;
    uint8_t *start = frame->bytes + frame->size;
    struct writer writer = {.at = start + 8, .end = frame->bytes + frame->capacity};
    put_u64(&writer, entry->seq);
    put_i64(&writer, entry->now_s);
    put_u32(&writer, entry->operation);
    put_u64(&writer, entry->event_count);
    for (size_t i = 0; i < entry->event_count; i++) put_event(&writer, &entry->events[i]);
    size_t covered = (size_t)(writer.at - start);
    writer.at += CHECKSUM_BYTES;
    for (size_t i = 0; i < entry->event_count; i++) put_private_of(&writer, &entry->events[i]);

    struct writer sizes = {.at = start, .end = start + 8};
    put_u32(&sizes, (uint32_t)(writer.at - start));
    put_u32(&sizes, (uint32_t)covered);
    struct writer sum = {.at = start + covered, .end = start + covered + CHECKSUM_BYTES};
    put_u64(&sum, checksum_of(start, covered));
    frame->size += (size_t)(writer.at - start);
    if (frame->entry_count++ == 0) frame->first_seq = entry->seq;
    return true;
}

static void put_digest(struct writer *writer, struct digest digest)
{
    put_u64(writer, digest.low);
    put_u64(writer, digest.high);
}

/* Over the head but its hash, and the checksum of each entry in turn. */
static struct digest frame_hash(const uint8_t *head, const uint8_t *at, const uint8_t *end)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, head, HASHED_HEAD_BYTES);
    while (at < end) {
        struct reader sizes = {.at = at, .end = end};
        uint32_t size = take_u32(&sizes);
        uint32_t covered = take_u32(&sizes);
        XXH3_128bits_update(&state, at + covered, CHECKSUM_BYTES);
        at += size;
    }
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    return (struct digest){hash.low64, hash.high64};
}

void frame_finish(struct frame_writer *frame, struct frame_head *head)
{
    head->entry_count = frame->entry_count;
    if (frame->entry_count > 0) head->first_seq = frame->first_seq;
    struct writer writer = {.at = frame->bytes, .end = frame->bytes + FRAME_HEAD_BYTES};
    put_u32(&writer, frame_magic);
    put_u32(&writer, FRAME_FORMAT);
    put_u64(&writer, head->number);
    put_u64(&writer, head->first_seq);
    put_u32(&writer, head->entry_count);
    put_u32(&writer, (uint32_t)frame->size);
    put_digest(&writer, head->before);
    put_digest(&writer, head->nonce);
    put_digest(&writer, head->state);
    head->hash = frame_hash(frame->bytes, frame->bytes + FRAME_HEAD_BYTES, frame->bytes + frame->size);
    put_digest(&writer, head->hash);
}

/* --- reading ------------------------------------------------------------------------------------------- */

static struct digest take_digest(struct reader *reader)
{
    struct digest digest;
    digest.low = take_u64(reader);
    digest.high = take_u64(reader);
    return digest;
}

static struct words take_words(struct reader *reader)
{
    size_t size = take_u8(reader);
    const char *text = take_bytes(reader, size);
    return (struct words){text, text != NULL ? size : 0};
}

bool frame_may_be(const void *head)
{
    struct reader take = {.at = head, .end = (const uint8_t *)head + FRAME_SIZE_AT + sizeof(uint32_t)};
    uint32_t magic = take_u32(&take);
    uint32_t format = take_u32(&take);
    uint64_t number = take_u64(&take);
    take_u64(&take); /* first seq */
    uint64_t entries = take_u32(&take);
    uint32_t size = take_u32(&take);
    bool has_room = size >= FRAME_HEAD_BYTES + entries * (ENTRY_HEAD_BYTES + CHECKSUM_BYTES);
    return magic == frame_magic && format >= 1 && format <= UINT16_MAX && number >= 1 && has_room &&
           (entries > 0 || size == FRAME_HEAD_BYTES);
}

/* Every entry lies within the frame, and its checksum holds. */
static const char *entries_fault(const uint8_t *at, const uint8_t *end, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct reader reader = {.at = at, .end = end};
        uint32_t size = take_u32(&reader);
        uint32_t covered = take_u32(&reader);
        if (reader.failed || size > (size_t)(end - at) || covered < ENTRY_HEAD_BYTES || covered > size ||
            size - covered < CHECKSUM_BYTES)
            return "an entry's size is out of range";
        reader.at = at + covered;
        if (checksum_of(at, covered) != take_u64(&reader)) return "an entry's checksum is wrong";
        at += size;
    }
    return at == end ? NULL : "bytes are left after the last entry";
}

static const char newer[] = "the frame's format is newer: upgrade this program";

bool frame_is_newer(const char *fault) { return fault == newer; }

const char *frame_open(struct frame_reader *reader, const struct nodes_allocator *allocator, const void *bytes,
                       size_t size, struct frame_head *head)
{
    const uint8_t *start = bytes;
    struct reader take = {.at = start, .end = start + size};
    uint32_t magic = take_u32(&take);
    uint32_t format = take_u32(&take);
    head->number = take_u64(&take);
    head->first_seq = take_u64(&take);
    head->entry_count = take_u32(&take);
    uint32_t whole = take_u32(&take);
    head->before = take_digest(&take);
    head->nonce = take_digest(&take);
    head->state = take_digest(&take);
    head->hash = take_digest(&take);
    if (take.failed) return "the frame's head is cut off";
    if (magic != frame_magic) return "the frame does not begin as one";
    if (whole != size) return "the frame's size is wrong";
    const char *fault = entries_fault(take.at, take.end, head->entry_count);
    if (fault != NULL) return fault;
    if (!digest_equal(frame_hash(start, take.at, take.end), head->hash)) return "the frame's hash is wrong";
    if (format < 1) return "the frame's format is unknown";
    if (format > FRAME_FORMAT) return newer;

    *reader = (struct frame_reader){
        .at = take.at,
        .end = take.end,
        .entries_left = head->entry_count,
        .next_seq = head->first_seq,
        .allocator = allocator,
        .format = format,
    };
    return NULL;
}

const char *frame_reopen(struct frame_reader *reader, const void *bytes, size_t size, struct frame_head *head)
{
    struct frame_reader fresh;
    const char *fault = frame_open(&fresh, reader->allocator, bytes, size, head);
    if (fault != NULL) return fault;
    fresh.events = reader->events;
    fresh.capacity = reader->capacity;
    *reader = fresh;
    return NULL;
}

uint64_t frame_last_seq(const struct frame_reader *opened)
{
    uint64_t seq = opened->next_seq - 1;
    for (const uint8_t *at = opened->at; at < opened->end;) {
        struct reader reader = {.at = at, .end = opened->end};
        at += take_u32(&reader); /* frame_open() has looked at the sizes */
        take_u32(&reader);
        seq = take_u64(&reader);
    }
    return seq;
}

int64_t frame_first_now(const struct frame_reader *opened)
{
    struct reader reader = {.at = opened->at, .end = opened->end};
    take_u64(&reader); /* sizes */
    take_u64(&reader);
    return take_i64(&reader);
}

static bool names_are_sound(struct words name, struct words zone)
{
    return name.size >= 1 && name.size <= FIG_NAME_MAX && text_is_clean(name.text, name.size, false) &&
           zone.size <= FIG_ZONE_MAX && text_is_clean(zone.text, zone.size, false);
}

static bool take_booked(struct reader *reader, struct booked *booked, uint32_t format)
{
    booked->id = take_u64(reader);
    booked->barber_id = take_u64(reader);
    booked->client_id = take_u64(reader);
    booked->service_id = take_u64(reader);
    booked->start_s = take_i64(reader);
    booked->expires_s = take_i64(reader);
    booked->duration_s = take_u32(reader);
    booked->before_s = take_u32(reader);
    booked->after_s = take_u32(reader);
    booked->status = take_u8(reader);
    uint8_t flags = take_u8(reader);
    booked->has_note = (flags & 1) != 0;
    booked->by_batch = (flags & 2) != 0;
    booked->unchecked = (flags & 4) != 0;
    booked->as_recorded = (flags & 8) != 0;
    booked->content = take_u64(reader);
    booked->key = take_words(reader);
    return flags < (format < 4 ? 8 : 16) && booked->id != 0 && booked->barber_id != 0 &&
           booked->key.size <= FIG_KEY_MAX && span_is_sound(booked->start_s, booked->duration_s) &&
           buffers_are_sound(booked->before_s, booked->after_s) &&
           status_is_active((fig_appointment_status)booked->status);
}

static bool take_moved(struct reader *reader, struct moved *moved, uint32_t format)
{
    moved->id = take_u64(reader);
    moved->barber_id = take_u64(reader);
    moved->service_id = take_u64(reader);
    moved->start_s = take_i64(reader);
    moved->duration_s = take_u32(reader);
    moved->before_s = take_u32(reader);
    moved->after_s = take_u32(reader);
    uint8_t flags = format > 1 ? take_u8(reader) : 0;
    moved->unchecked = flags == 1;
    return flags <= 1 && span_is_sound(moved->start_s, moved->duration_s) &&
           buffers_are_sound(moved->before_s, moved->after_s);
}

static bool take_status(struct reader *reader, struct status_changed *changed)
{
    changed->id = take_u64(reader);
    changed->expires_s = take_i64(reader);
    changed->from = take_u8(reader);
    changed->status = take_u8(reader);
    return status_is_known((fig_appointment_status)changed->from) &&
           status_is_known((fig_appointment_status)changed->status);
}

static bool take_window(struct reader *reader, struct window_changed *window, bool has_span)
{
    window->barber_id = take_u64(reader);
    window->start_s = take_i64(reader);
    window->end_s = take_i64(reader);
    if (!has_span) return true;
    return instant_is_sound(window->end_s) && span_is_sound(window->start_s, window->end_s - window->start_s);
}

static bool take_shop(struct reader *reader, struct shop_declared *shop)
{
    shop->id = take_u64(reader);
    shop->buffers = take_u8(reader);
    shop->past = take_u8(reader);
    shop->name = take_words(reader);
    shop->zone = take_words(reader);
    return shop->id != 0 && shop->buffers <= FIG_BUFFERS_EXCLUSIVE && shop->past <= FIG_PAST_REFUSE &&
           names_are_sound(shop->name, shop->zone);
}

static bool take_barber(struct reader *reader, struct barber_declared *barber)
{
    barber->id = take_u64(reader);
    barber->shop_id = take_u64(reader);
    barber->priority = (int32_t)take_u32(reader);
    barber->open = take_u8(reader);
    barber->open_declared = take_u8(reader);
    barber->active = take_u8(reader);
    barber->name = take_words(reader);
    barber->zone = take_words(reader);
    return barber->id != 0 && barber->open <= FIG_OPEN_HOURS && barber->open_declared <= 1 && barber->active <= 1 &&
           names_are_sound(barber->name, barber->zone);
}

static bool take_note(struct reader *reader, struct note_taken *note)
{
    note->id = take_u64(reader);
    const void *hash = take_bytes(reader, sizeof note->hash);
    if (hash != NULL) memcpy(note->hash, hash, sizeof note->hash);
    note->size = take_u32(reader);
    note->version = 0;
    note->text = NULL;
    return note->size <= FIG_NOTE_MAX;
}

static bool take_key(struct reader *reader, struct key_kept *kept)
{
    kept->subject_id = take_u64(reader);
    kept->content = take_u64(reader);
    kept->operation = 0; /* the entry's; apply sets it */
    kept->key = take_words(reader);
    return kept->key.size >= 1 && kept->key.size <= FIG_KEY_MAX;
}

static bool take_document(struct reader *reader, struct document_declared *document)
{
    *document = (struct document_declared){.kind = take_u8(reader)};
    document->id = take_u64(reader);
    document->size = take_u32(reader);
    if (document->kind >= DOCUMENT_KINDS || document->id == 0 || document->size > DOCUMENT_BYTES_MAX) return false;
    if (!is_private(document)) {
        document->bytes = take_bytes(reader, document->size);
        return true;
    }
    const void *hash = take_bytes(reader, sizeof document->hash);
    if (hash != NULL) memcpy(document->hash, hash, sizeof document->hash);
    return document->size <= FIG_NOTE_MAX;
}

static bool take_record(struct reader *reader, struct record_restored *record)
{
    record->table = take_u8(reader);
    record->key = take_words(reader);
    size_t size = take_u16(reader);
    const char *value = take_bytes(reader, size);
    record->value = (struct words){value, value != NULL ? size : 0};
    return record->table == RECORD_WINDOW || record->table == RECORD_APPOINTMENT || record->table == RECORD_KEPT_KEY;
}

static bool take_restored(struct reader *reader, uint32_t format, struct event *event)
{
    if (format < 3) return false;
    if (event->kind == EVENT_RECORD) return take_record(reader, &event->is.record);
    uint64_t version = take_u64(reader);
    bool sound = event->kind == EVENT_NOTE_RESTORED ? take_note(reader, &event->is.note)
                                                    : take_document(reader, &event->is.document);
    if (event->kind == EVENT_NOTE_RESTORED)
        event->is.note.version = version;
    else
        event->is.document.version = version;
    return sound && version != 0;
}

static bool take_refused(struct reader *reader, uint32_t format, struct refused *refused)
{
    if (format < 4) return false;
    refused->appointment_id = take_u64(reader);
    refused->barber_id = take_u64(reader);
    refused->client_id = take_u64(reader);
    refused->service_id = take_u64(reader);
    refused->if_version = take_u64(reader);
    refused->any_shop_id = take_u64(reader);
    refused->start_s = take_i64(reader);
    refused->end_s = take_i64(reader);
    refused->before_s = take_u32(reader);
    refused->after_s = take_u32(reader);
    refused->ttl_s = take_u32(reader);
    refused->operation = take_u8(reader);
    refused->asked = take_u8(reader);
    refused->status = take_u8(reader);
    refused->any_order = take_u8(reader);
    uint8_t flags = take_u8(reader);
    refused->any = (flags & 1) != 0;
    refused->pending = (flags & 2) != 0;
    refused->as_recorded = (flags & 4) != 0;
    refused->key = take_words(reader);
    return flags < 8 && refused->key.size <= FIG_KEY_MAX && refused->operation >= FIG_OP_BOOK &&
           refused->operation <= FIG_OP_SET_STATUS &&
           (refused->asked == 0 || status_is_known((fig_appointment_status)refused->asked)) &&
           refused->status > FIG_OK && refused->status <= FIG_NOT_DONE && refused->any_order <= FIG_ANY_PRIORITY &&
           instant_is_sound(refused->start_s) && instant_is_sound(refused->end_s);
}

static bool take_event(struct reader *reader, uint32_t format, struct event *event)
{
    event->kind = (enum event_kind)take_u8(reader);
    switch (event->kind) {
    case EVENT_BOOKED: return take_booked(reader, &event->is.booked, format);
    case EVENT_MOVED: return take_moved(reader, &event->is.moved, format);
    case EVENT_STATUS: return take_status(reader, &event->is.status);
    case EVENT_WINDOW_OPENED:
    case EVENT_WINDOW_CLOSED:
    case EVENT_WINDOW_CUT: return take_window(reader, &event->is.window, true);
    case EVENT_WINDOWS_CLEARED: return take_window(reader, &event->is.window, false);
    case EVENT_SHOP: return take_shop(reader, &event->is.shop);
    case EVENT_BARBER: return take_barber(reader, &event->is.barber);
    case EVENT_NOTE: return take_note(reader, &event->is.note);
    case EVENT_KEY: return take_key(reader, &event->is.key);
    case EVENT_DOCUMENT: return take_document(reader, &event->is.document);
    case EVENT_FORGOTTEN: return format >= 3 && (event->is.forgotten.id = take_u64(reader)) != 0;
    case EVENT_REFUSED: return take_refused(reader, format, &event->is.refused);
    case EVENT_RECORD:
    case EVENT_NOTE_RESTORED:
    case EVENT_DOCUMENT_RESTORED: return take_restored(reader, format, event);
    }
    return false;
}

/* Zeros stand where a text was that was forgotten in place. */
static const char *skip_blanked(struct reader *reader, size_t size)
{
    const uint8_t *at = take_bytes(reader, size);
    if (at == NULL) return "a private text is cut off";
    for (size_t i = 0; i < size; i++)
        if (at[i] != 0) return "a forgotten text is still there";
    return NULL;
}

/* One private text: *bytes stays NULL when it was forgotten. */
static const char *take_private(struct reader *reader, uint8_t salt[16], const uint8_t hash[16], size_t size,
                                const uint8_t **bytes)
{
    enum private_state state = (enum private_state)take_u8(reader);
    const void *there = take_bytes(reader, PRIVATE_SALT_BYTES);
    if (there == NULL) return "a private text is cut off";
    memcpy(salt, there, PRIVATE_SALT_BYTES);
    if (state == PRIVATE_FORGOTTEN) return NULL;
    if (state == PRIVATE_BLANKED) return skip_blanked(reader, size);
    if (state != PRIVATE_KEPT) return "a private text is neither kept nor forgotten";
    *bytes = take_bytes(reader, size);
    if (*bytes == NULL) return "a private text is cut off";
    uint8_t found[16];
    note_hash(salt, (const char *)*bytes, size, found);
    return memcmp(found, hash, sizeof found) == 0 ? NULL : "a private text does not match its hash";
}

static const char *take_private_of(struct reader *reader, struct event *event)
{
    struct document_declared *document = &event->is.document;
    if (is_private_document(event))
        return take_private(reader, document->salt, document->hash, document->size, &document->bytes);
    if (!is_note(event)) return NULL;
    const uint8_t *text = NULL;
    struct note_taken *note = &event->is.note;
    const char *fault = take_private(reader, note->salt, note->hash, note->size, &text);
    note->text = (const char *)text;
    return fault;
}

static bool make_event_room(struct frame_reader *reader, size_t count)
{
    if (count <= reader->capacity) return true;
    size_t capacity = reader->capacity > 0 ? reader->capacity : 16;
    while (capacity < count) capacity *= 2;
    frame_reader_release(reader);
    reader->events = reader->allocator->allocate(reader->allocator->context, capacity * sizeof *reader->events);
    if (reader->events == NULL) return false;
    reader->capacity = capacity;
    return true;
}

void frame_reader_release(struct frame_reader *reader)
{
    if (reader->capacity > 0)
        reader->allocator->release(reader->allocator->context, reader->events,
                                   reader->capacity * sizeof *reader->events);
    reader->events = NULL;
    reader->capacity = 0;
}

static const char *take_events(struct frame_reader *reader, struct reader *covered, struct reader *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!take_event(covered, reader->format, &reader->events[i])) return "an event is malformed";
    if (covered->failed || covered->at != covered->end) return "an entry's length is wrong";
    for (size_t i = 0; i < count; i++) {
        const char *fault = take_private_of(texts, &reader->events[i]);
        if (fault != NULL) return fault;
    }
    return texts->at == texts->end ? NULL : "an entry's length is wrong";
}

enum frame_status frame_next(struct frame_reader *reader, struct entry *entry, const char **fault)
{
    if (reader->entries_left == 0) return FRAME_END;
    struct reader head = {.at = reader->at, .end = reader->end};
    uint32_t size = take_u32(&head);
    uint32_t covered_size = take_u32(&head);
    struct reader covered = {.at = head.at, .end = reader->at + covered_size};
    struct reader texts = {.at = reader->at + covered_size + CHECKSUM_BYTES, .end = reader->at + size};
    entry->seq = take_u64(&covered);
    entry->now_s = take_i64(&covered);
    uint32_t operation = take_u32(&covered);
    entry->operation = (uint8_t)operation;
    uint64_t count = take_u64(&covered);
    *fault = "an entry's head is out of range";
    bool known = operation >= FIG_OP_BOOK && operation <= FIG_OP_FORGET_CLIENT;
    bool follows = entry->seq == reader->next_seq || (operation == FIG_OP_RESTORE && entry->seq > reader->next_seq);
    if (!known || !follows || count > covered_size) return FRAME_BROKEN;
    if (!make_event_room(reader, (size_t)count)) return FRAME_NO_MEMORY;
    *fault = take_events(reader, &covered, &texts, (size_t)count);
    if (*fault != NULL) return FRAME_BROKEN;
    entry->events = reader->events;
    entry->event_count = (size_t)count;
    reader->at += size;
    reader->entries_left--;
    reader->next_seq = entry->seq + 1;
    return FRAME_OK;
}

/* --- forgetting --- */

/* The reader has only read; the bytes are the caller's to change. */
static size_t blank(uint8_t *frame, const void *text, size_t size)
{
    if (text == NULL) return 0;
    uint8_t *at = frame + ((const uint8_t *)text - frame);
    at[-PRIVATE_SALT_BYTES - 1] = PRIVATE_BLANKED;
    memset(at - PRIVATE_SALT_BYTES, 0, PRIVATE_SALT_BYTES + size);
    return 1;
}

static size_t blank_event(uint8_t *frame, const struct event *event)
{
    if (is_note(event)) return blank(frame, event->is.note.text, event->is.note.size);
    if (is_private_document(event)) return blank(frame, event->is.document.bytes, event->is.document.size);
    return 0;
}

enum frame_status frame_forget(uint8_t *bytes, size_t size, const struct nodes_allocator *allocator,
                               const struct frame_forgets *forgets, size_t *count, const char **fault)
{
    struct frame_reader reader;
    struct frame_head head;
    struct entry entry;
    enum frame_status read;
    *count = 0;
    *fault = frame_open(&reader, allocator, bytes, size, &head);
    if (*fault != NULL) return FRAME_BROKEN;
    while ((read = frame_next(&reader, &entry, fault)) == FRAME_OK)
        for (size_t i = 0; i < entry.event_count; i++)
            if (forgets->is_meant(forgets->context, entry.seq, &entry.events[i]))
                *count += blank_event(bytes, &entry.events[i]);
    frame_reader_release(&reader);
    return read == FRAME_END ? FRAME_OK : read;
}
