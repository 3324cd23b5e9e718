/* Frames of formats before this one: bytes put together as storage/FORMAT.md draws them, without what writes them
 * today. Budget: 1 s. */
#include "engine/core/frame.h"

#include "engine/core/bytes.h"
#include "engine/core/record.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static const struct nodes_allocator allocator = {allocate, release, NULL};

enum { HEAD = 96, ENTRY = 36, MOVED_1 = 1 + 44, STATUS = 1 + 18, ROOM = 512 };

/* A batch of two: one moves an appointment, one cancels another. In format 1 a move has no flags. */
static size_t put_entry(uint8_t *bytes, uint32_t format)
{
    size_t covered = ENTRY + MOVED_1 + (format > 1) + STATUS;
    struct writer writer = {.at = bytes, .end = bytes + ROOM};
    put_u32(&writer, (uint32_t)covered + 8);
    put_u32(&writer, (uint32_t)covered);
    put_u64(&writer, 41); /* seq */
    put_i64(&writer, 1700000000);
    put_u32(&writer, FIG_OP_MOVE);
    put_u64(&writer, 2); /* events */
    put_u8(&writer, 2);  /* moved */
    put_u64(&writer, 9);
    put_u64(&writer, 3);
    put_u64(&writer, 5);
    put_i64(&writer, 1767268800);
    put_u32(&writer, 1800);
    put_u32(&writer, 60);
    put_u32(&writer, 300);
    if (format > 1) put_u8(&writer, 1);
    put_u8(&writer, 3); /* status */
    put_u64(&writer, 10);
    put_i64(&writer, 0);
    put_u8(&writer, FIG_SCHEDULED);
    put_u8(&writer, FIG_CANCELLED);
    cr_assert_eq((size_t)(writer.at - bytes), covered);
    put_u64(&writer, checksum_of(bytes, covered));
    return covered + 8;
}

/* `as` is what the head says; the events are as `format` has them. */
static size_t put_frame(uint8_t *bytes, uint32_t format, uint32_t as)
{
    size_t size = HEAD + put_entry(bytes + HEAD, format);
    struct writer writer = {.at = bytes, .end = bytes + HEAD};
    put_bytes(&writer, "FIGF", 4);
    put_u32(&writer, as);
    put_u64(&writer, 12); /* number */
    put_u64(&writer, 41); /* first seq */
    put_u32(&writer, 1);
    put_u32(&writer, (uint32_t)size);
    for (uint64_t i = 0; i < 6; i++) put_u64(&writer, 100 + i); /* before, nonce, state */
    uint8_t hashed[80 + 8];
    memcpy(hashed, bytes, 80);
    memcpy(hashed + 80, bytes + size - 8, 8);
    XXH128_hash_t hash = XXH3_128bits(hashed, sizeof hashed);
    put_u64(&writer, hash.low64);
    put_u64(&writer, hash.high64);
    return size;
}

static void must_hold_both_events(uint32_t format)
{
    static uint8_t bytes[HEAD + ROOM];
    struct frame_reader reader;
    struct frame_head head;
    struct entry entry;
    size_t size = put_frame(bytes, format, format);
    const char *fault = frame_open(&reader, &allocator, bytes, size, &head);
    cr_assert_null(fault, "%s", fault);
    cr_assert(head.number == 12 && head.first_seq == 41 && head.entry_count == 1);
    cr_assert_eq(frame_next(&reader, &entry, &fault), FRAME_OK, "%s", fault);
    cr_assert(entry.seq == 41 && entry.operation == FIG_OP_MOVE && entry.event_count == 2);
    const struct moved *moved = &entry.events[0].is.moved;
    cr_assert_eq(entry.events[0].kind, EVENT_MOVED);
    cr_assert(moved->id == 9 && moved->barber_id == 3 && moved->service_id == 5 && moved->start_s == 1767268800);
    cr_assert(moved->duration_s == 1800 && moved->before_s == 60 && moved->after_s == 300);
    cr_assert_eq(moved->unchecked, format > 1);
    cr_assert_eq(entry.events[1].kind, EVENT_STATUS, "what comes behind the move is where it is");
    cr_assert(entry.events[1].is.status.id == 10 && entry.events[1].is.status.status == FIG_CANCELLED);
    cr_assert_eq(frame_next(&reader, &entry, &fault), FRAME_END);
    frame_reader_release(&reader);
}

Test(frame, of_format_1_is_read) { must_hold_both_events(1); }

Test(frame, of_format_2_is_read) { must_hold_both_events(2); }

Test(frame, of_this_format_is_read_the_same) { must_hold_both_events(FRAME_FORMAT); }

Test(frame, of_another_format_than_its_head_says_is_named)
{
    static uint8_t bytes[HEAD + ROOM];
    for (uint32_t format = 1; format <= 2; format++) {
        struct frame_reader reader;
        struct frame_head head;
        struct entry entry;
        const char *fault = NULL;
        size_t size = put_frame(bytes, format, 3 - format);
        cr_assert_null(frame_open(&reader, &allocator, bytes, size, &head));
        cr_assert_eq(frame_next(&reader, &entry, &fault), FRAME_BROKEN);
        cr_assert_not_null(fault);
        frame_reader_release(&reader);
    }
}

static bool may_be_with(const uint8_t *frame, size_t at, uint64_t value, size_t size)
{
    uint8_t head[HEAD];
    memcpy(head, frame, sizeof head);
    memcpy(head + at, &value, size);
    return frame_may_be(head);
}

Test(frame, that_none_can_be_is_told_by_its_head)
{
    static uint8_t bytes[HEAD + ROOM];
    put_frame(bytes, FRAME_FORMAT, FRAME_FORMAT);
    cr_assert(frame_may_be(bytes));
    cr_assert(may_be_with(bytes, 4, FRAME_FORMAT + 1, 4));
    cr_assert_not(may_be_with(bytes, 0, 0, 4), "magic");
    cr_assert_not(may_be_with(bytes, 4, 0, 4), "format");
    cr_assert_not(may_be_with(bytes, 4, UINT16_MAX + 1, 4), "format");
    cr_assert_not(may_be_with(bytes, 8, 0, 8), "number");
    cr_assert_not(may_be_with(bytes, 24, UINT32_MAX, 4), "entries");
    cr_assert_not(may_be_with(bytes, 24, 0, 4), "entries");
    cr_assert_not(may_be_with(bytes, 28, HEAD, 4), "size");
}

/* The hash covers the format: a frame is newer only when all of it verifies. */
Test(frame, of_a_format_that_does_not_exist_is_refused_and_a_newer_one_told_apart)
{
    static uint8_t bytes[HEAD + ROOM];
    const uint32_t formats[] = {0, FRAME_FORMAT + 1, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct frame_reader reader;
        struct frame_head head;
        size_t size = put_frame(bytes, FRAME_FORMAT, formats[i]);
        const char *fault = frame_open(&reader, &allocator, bytes, size, &head);
        cr_assert(fault != NULL && frame_is_newer(fault) == (formats[i] != 0), "%u: %s", formats[i], fault);
        bytes[size - 1] ^= 1;
        fault = frame_open(&reader, &allocator, bytes, size, &head);
        cr_assert(fault != NULL && !frame_is_newer(fault), "%u: %s", formats[i], fault);
    }
    cr_assert_not(frame_is_newer(NULL));
}

/* No checksum covers what can be forgotten: the flag before it is looked at all the same. */
Test(frame, whose_private_text_has_another_flag_is_named)
{
    struct event event = {.kind = EVENT_NOTE, .is.note = {.id = 9, .size = 5, .text = "hello"}};
    const struct entry written = {
        .seq = 41, .operation = FIG_OP_BOOK, .events = &event, .event_count = 1, .now_s = 1700000000};
    struct frame_writer frame = {.allocator = &allocator};
    struct frame_head head = {.number = 12, .first_seq = 41};
    note_hash(event.is.note.salt, "hello", 5, event.is.note.hash);
    frame_begin(&frame);
    cr_assert(frame_add(&frame, &written));
    frame_finish(&frame, &head);
    uint8_t *flag = frame.bytes + frame.size - 5 - 16 - 1;
    for (int bit = -1; bit < 8; bit++) {
        struct frame_reader reader;
        struct entry entry;
        const char *fault = NULL;
        *flag = bit < 0 ? 1 : (uint8_t)(1 ^ 1 << bit);
        cr_assert_null(frame_open(&reader, &allocator, frame.bytes, frame.size, &head));
        cr_assert_eq(frame_next(&reader, &entry, &fault), bit < 0 ? FRAME_OK : FRAME_BROKEN, "bit %d", bit);
        frame_reader_release(&reader);
    }
    frame_release(&frame);
}
