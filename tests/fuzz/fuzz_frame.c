/* Any bytes as a frame, and any bytes as the events of a frame whose checksums hold: they are read without leaving the
 * bytes, and whatever reads well is applied to a small state, or named as not fitting it, and leaves that state sound.
 */
#include "engine/core/apply.h"
#include "engine/core/audit.h"
#include "engine/core/bytes.h"
#include "engine/core/frame.h"
#include "engine/core/rebuild.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define ENTRY_HEAD 36

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

struct world {
    struct nodes *nodes;
    struct version *version;
};

/* A shop and two barbers, one of them booked. */
static bool world_begin(struct world *world)
{
    world->nodes = nodes_create(&allocator);
    if (world->nodes == NULL) return false;
    nodes_begin(world->nodes);
    if (!nodes_reserve(world->nodes, sizeof *world->version + 64)) return false;
    world->version = nodes_alloc(world->nodes, sizeof *world->version);
    struct rebuild rebuild;
    rebuild_begin(&rebuild, world->nodes, &allocator, world->version, 7);
    rebuild_finish(&rebuild);
    const struct event events[] = {
        {EVENT_SHOP, {.shop = {.id = 1, .name = {"s", 1}, .zone = {"UTC", 3}}}},
        {EVENT_BARBER, {.barber = {.id = 1, .shop_id = 1, .active = 1, .name = {"a", 1}, .zone = {"", 0}}}},
        {EVENT_BARBER, {.barber = {.id = 2, .shop_id = 1, .active = 1, .name = {"b", 1}, .zone = {"", 0}}}},
        {EVENT_BOOKED,
         {.booked = {.id = 1, .barber_id = 1, .start_s = 3600, .duration_s = 1800, .status = FIG_SCHEDULED}}},
    };
    struct entry entry = {.seq = 1, .operation = FIG_OP_BOOK, .events = events, .event_count = 4};
    struct applying applying = {.nodes = world->nodes, .allocator = &allocator, .version = world->version};
    return apply_entry(&applying, &entry) == APPLY_OK;
}

/* Applies every entry that reads well. Conflicts are decide's to find; the structures must hold whatever comes. */
static void apply_frame(const uint8_t *frame, size_t size)
{
    struct frame_head head;
    struct frame_reader reader;
    if (frame_open(&reader, &allocator, frame, size, &head) != NULL) return;
    struct world world;
    if (!world_begin(&world)) abort();
    struct applying applying = {.nodes = world.nodes, .allocator = &allocator, .version = world.version};
    struct entry entry;
    const char *fault;
    bool fits = true;
    while (fits && frame_next(&reader, &entry, &fault) == FRAME_OK) fits = apply_entry(&applying, &entry) == APPLY_OK;
    struct audit_fault found;
    if (fits && !audit_version(world.version, (struct digest){0, 0}, &found) &&
        strcmp(found.what, "two active appointments of a barber conflict") != 0) {
        fprintf(stderr, "%s (id %llu)\n", found.what, (unsigned long long)found.id);
        abort();
    }
    frame_reader_release(&reader);
    nodes_destroy(world.nodes);
}

/* Wraps the bytes as the events of one entry of one frame: a byte says how many events they claim to be. */
static void apply_events(const uint8_t *bytes, size_t size)
{
    if (size < 1 || size > 4096) return;
    size_t entry_size = ENTRY_HEAD + (size - 1) + 8;
    struct frame_writer frame = {.allocator = &allocator, .entry_count = 1, .size = FRAME_HEAD_BYTES + entry_size};
    frame.capacity = frame.size;
    frame.bytes = calloc(1, frame.size);
    if (frame.bytes == NULL) return;
    uint8_t *entry = frame.bytes + FRAME_HEAD_BYTES;
    struct writer writer = {.at = entry, .end = frame.bytes + frame.size};
    put_u32(&writer, (uint32_t)entry_size);
    put_u32(&writer, (uint32_t)(entry_size - 8));
    put_u64(&writer, 2);
    put_i64(&writer, 0);
    put_u32(&writer, FIG_OP_BOOK);
    put_u64(&writer, bytes[0]);
    put_bytes(&writer, bytes + 1, size - 1);
    put_u64(&writer, checksum_of(entry, entry_size - 8));
    struct frame_head head = {.number = 2, .first_seq = 2};
    frame_finish(&frame, &head);
    apply_frame(frame.bytes, frame.size);
    free(frame.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    apply_frame(bytes, size);
    apply_events(bytes, size);
    return 0;
}
