/* A store as the first Figaro left it: frames of format 1, whose moves carry no flags, and zones that are only named.
 * It is put together here, frame by frame, and must be taken over as it is. */
#include "engine/core/apply.h"
#include "engine/core/bytes.h"
#include "engine/core/frame.h"
#include "engine/core/rebuild.h"
#include "storage/store.h"
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

static char directory[SUPPORT_PATH];

static void make_directory(void) { support_make_fast_directory(directory); }
static void remove_directory(void) { support_remove(directory); }

TestSuite(old_store, .init = make_directory, .fini = remove_directory);

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

/* ---- the frames ---- */

struct old {
    struct store *store;
    struct nodes *nodes;
    struct version *version;
    struct digest chain;
};

static void put_hash(uint8_t *frame, size_t size, size_t covered)
{
    uint8_t hashed[80 + 8];
    memcpy(hashed, frame, 80);
    memcpy(hashed + 80, frame + FRAME_HEAD_BYTES + covered, 8);
    XXH128_hash_t hash = XXH3_128bits(hashed, sizeof hashed);
    struct writer writer = {.at = frame + 80, .end = frame + size};
    put_u64(&writer, hash.low64);
    put_u64(&writer, hash.high64);
}

/* A frame of one entry as format 1 has it: without the last byte that the entry's checksum covers, where that is the
 * flags of a move. Returns its size. */
static size_t to_format_1(uint8_t *frame, size_t size, bool moves)
{
    struct reader sizes = {.at = frame + FRAME_HEAD_BYTES, .end = frame + size};
    uint8_t *entry = frame + FRAME_HEAD_BYTES;
    uint32_t entry_size = take_u32(&sizes) - moves, covered = take_u32(&sizes) - moves;
    struct writer writer = {.at = entry, .end = frame + size};
    put_u32(&writer, entry_size);
    put_u32(&writer, covered);
    writer.at = entry + covered;
    put_u64(&writer, checksum_of(entry, covered));
    writer.at = frame + 4;
    put_u32(&writer, 1);
    writer.at = frame + 28;
    put_u32(&writer, (uint32_t)(FRAME_HEAD_BYTES + entry_size));
    put_hash(frame, size, covered);
    return FRAME_HEAD_BYTES + entry_size;
}

static void append(struct old *old, uint64_t number, fig_operation operation, const struct event *events, size_t count)
{
    const struct entry entry = {
        .seq = number, .now_s = BEFORE_IT, .operation = (uint8_t)operation, .events = events, .event_count = count};
    struct applying applying = {.nodes = old->nodes, .allocator = &allocator, .version = old->version, .frame = number};
    cr_assert_eq(apply_entry(&applying, &entry), APPLY_OK);
    struct frame_writer frame = {.allocator = &allocator};
    struct frame_head head = {
        .number = number, .first_seq = number, .before = old->chain, .state = old->version->digest};
    frame_begin(&frame);
    cr_assert(frame_add(&frame, &entry));
    frame_finish(&frame, &head);
    size_t size = to_format_1(frame.bytes, frame.size, events[0].kind == EVENT_MOVED);
    struct reader hash = {.at = frame.bytes + 80, .end = frame.bytes + FRAME_HEAD_BYTES};
    old->chain.low = take_u64(&hash);
    old->chain.high = take_u64(&hash);
    struct store_error said = {{0}};
    cr_assert_eq(old->store->ops->begin(old->store, INT64_MAX, &said), STORE_OK);
    cr_assert_eq(old->store->ops->append(old->store, number, frame.bytes, size, INT64_MAX, &said), STORE_OK, "%s",
                 said.message);
    old->store->ops->end(old->store);
    frame_release(&frame);
}

/* A shop in Madrid, of whose zone there is no data, with Figaro, who is booked at noon and then moved by an hour. */
static void make_old_store(void)
{
    const struct store_options options = {.create = true};
    const struct event declared[] = {
        {EVENT_SHOP, {.shop = {.id = 1, .name = {"Siviglia", 8}, .zone = {"Europe/Madrid", 13}}}},
        {EVENT_BARBER, {.barber = {.id = FIGARO, .shop_id = 1, .active = 1, .name = {"Figaro", 6}, .zone = {"", 0}}}},
    };
    const struct event booked = {
        EVENT_BOOKED,
        {.booked = {.id = 1, .barber_id = FIGARO, .start_s = NOON, .duration_s = HOUR, .status = FIG_SCHEDULED}}};
    const struct event moved = {EVENT_MOVED,
                                {.moved = {.id = 1, .barber_id = FIGARO, .start_s = NOON + HOUR, .duration_s = HOUR}}};
    struct old old = {.nodes = nodes_create(&allocator)};
    struct store_error said = {{0}};
    struct rebuild rebuild;
    cr_assert_eq(store_open_directory(directory, &options, &old.store, &said), STORE_OK, "%s", said.message);
    nodes_begin(old.nodes);
    cr_assert(nodes_reserve(old.nodes, sizeof *old.version + 64));
    old.version = nodes_alloc(old.nodes, sizeof *old.version);
    rebuild_begin(&rebuild, old.nodes, &allocator, old.version, 7);
    rebuild_finish(&rebuild);
    append(&old, 1, FIG_OP_DECLARE_SHOP, declared, 2);
    append(&old, 2, FIG_OP_BOOK, &booked, 1);
    append(&old, 3, FIG_OP_MOVE, &moved, 1);
    cr_assert_eq(old.store->ops->close(old.store, INT64_MAX), STORE_OK);
    nodes_destroy(old.nodes);
}

static fig_engine *open_old(bool from_journal)
{
    fig_options options = fig_options_default();
    fig_error error = fig_error_default();
    fig_engine *engine = NULL;
    options.from_journal = from_journal;
    fig_status status = fig_open(directory, &options, &engine, &error);
    cr_assert(status == FIG_OK, "%s: %s", fig_status_name(status), error.message);
    return engine;
}

/* ---- tests ---- */

Test(old_store, of_format_1_is_read_and_written_on)
{
    make_old_store();
    fig_engine *engine = open_old(false);
    cr_assert_eq(appointment_at(engine, 1, NOON).start_s, NOON + HOUR);
    must(engine, a_booking(FIGARO, NOON + HOUR, NOON + 2 * HOUR), FIG_CONFLICT);
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    must(engine, a_move(id, NOON + 2 * HOUR, NOON + 3 * HOUR), FIG_OK); /* of this format, behind the other */
    fig_stats written = stats_of(engine);
    fixture_close(engine);
    engine = open_old(true);
    fig_stats read = stats_of(engine);
    must_be_equal(&written, &read);
    fixture_close(engine);
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    must_be(fig_verify(directory, NULL, &report, &error), FIG_OK);
    cr_assert_eq(report.frames, 5);
}

Test(old_store, takes_a_zones_data_in_when_the_zone_is_declared_again)
{
    make_old_store();
    fig_engine *engine = open_old(false);
    fig_view view = at(BEFORE_IT);
    fig_wish wish = fig_wish_default();
    fig_slots slots = fig_slots_default();
    wish.barber_id = FIGARO;
    wish.duration_s = HOUR;
    must_be(fig_list_slots(engine, &view, &wish, 20455, &slots), FIG_UNAVAILABLE);
    wish.barber_id = 0; /* of any barber nothing is listed, and nobody is taken */
    must_be(fig_list_slots(engine, &view, &wish, 20455, &slots), FIG_OK);
    cr_assert(slots.count == 0 && slots.skipped_count == 1);
    fig_request any = a_booking(0, NOON, NOON + HOUR);
    any.any = true;
    cr_assert_str_eq(must(engine, any, FIG_NOT_FOUND).field, "any");
    wish.barber_id = FIGARO;
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE;
    strcpy(shop.zone, "Europe/Madrid");
    declare_shop(engine, shop);
    must_be(fig_list_slots(engine, &view, &wish, 20455, &slots), FIG_OK);
    cr_assert_gt(slots.count, 0);
    cr_assert_eq(stats_of(engine).zones, 1);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_ZONE;
    strcpy(barber.zone, "Europe/Lisbon");
    declare_barber(engine, barber);
    fig_stats once = stats_of(engine);
    declare_barber(engine, barber); /* nothing is missing any more: nothing is changed */
    fig_stats twice = stats_of(engine);
    must_be_equal(&once, &twice);
    fixture_close(engine);
}
