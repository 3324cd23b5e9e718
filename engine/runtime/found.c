/* Frames of a damaged store that nothing leads to any more.
 *
 * The files hold more frames than the journal has: copies on pages that are free by now, and frames whose commit
 * failed. A copy is a frame with the same number and hash; of copies, the one with the fewest private texts is the
 * youngest, since forgetting blanks them where they stand and nothing puts one back. Frames of one number with
 * different hashes are told apart by what is still whole: the one that the journal's tree leads to is live, or the one
 * whose state the tables give, and with it what leads there. Where neither can be asked, the chain tells: each frame
 * carries the hash of the one before, so the one from which it leads on furthest is live. Where two lead equally far
 * nothing says which, and neither is believed.
 *
 *   found_gather     O(bytes of the files + candidates log candidates) */
#include "engine/runtime/found.h"

#include "engine/core/grow.h"
#include "engine/runtime/chain.h"

#include <stdlib.h>

#define NO_NEXT SIZE_MAX

struct candidate {
    struct store_place place;
    struct digest hash;
    struct digest before;
    size_t texts;   /* private ones that are in it */
    uint64_t reach; /* number of the last frame that the chain leads to from here */
    bool sure;      /* a tree or the tables lead to it, or to one that it leads to */
    size_t next;    /* the one that follows on the way there; NO_NEXT: none, or nobody knows which */
};

struct gathering {
    const struct nodes_allocator *allocator;
    struct candidate *list;
    size_t count;
    size_t capacity;
};

/* --- finding --- */

static bool may_belong(const struct frame_head *head)
{
    static const struct digest nothing = {0, 0};
    return head->number > 1 || (head->number == 1 && digest_equal(head->before, nothing));
}

static enum store_status take_place(void *context, const struct store_place *place, const void *bytes)
{
    struct gathering *gathering = context;
    struct frame_found frame;
    const char *fault = chain_read(gathering->allocator, bytes, place->size, &frame);
    if (frame.no_memory) return STORE_NO_MEMORY;
    if (frame.newer) return STORE_NEWER;
    if (fault != NULL || !may_belong(&frame.head)) return STORE_OK;
    struct candidate *list =
        grow(gathering->allocator, gathering->list, gathering->count, 1, &gathering->capacity, sizeof *gathering->list);
    if (list == NULL) return STORE_NO_MEMORY;
    gathering->list = list;
    struct candidate *found = &list[gathering->count++];
    *found = (struct candidate){
        .place = *place, .hash = frame.head.hash, .before = frame.head.before, .texts = frame.texts, .next = NO_NEXT};
    found->place.number = found->reach = frame.head.number;
    return STORE_OK;
}

static int order(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* Copies stand together, the youngest first; among equals, by file and place, so that the choice is always the same. */
static int compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int compared = order(a->place.number, b->place.number);
    if (compared == 0) compared = order(a->hash.low, b->hash.low);
    if (compared == 0) compared = order(a->hash.high, b->hash.high);
    if (compared == 0) compared = order(a->texts, b->texts);
    if (compared == 0) compared = order(a->place.file, b->place.file);
    return compared != 0 ? compared : order(a->place.at, b->place.at);
}

static bool is_copy(const struct candidate *a, const struct candidate *b)
{
    return a->place.number == b->place.number && digest_equal(a->hash, b->hash);
}

static void keep_one_each(struct gathering *gathering)
{
    struct candidate *list = gathering->list;
    size_t kept = 0;
    if (gathering->count > 0) qsort(list, gathering->count, sizeof *list, compare);
    for (size_t i = 0; i < gathering->count; i++)
        if (kept == 0 || !is_copy(&list[kept - 1], &list[i])) list[kept++] = list[i];
    gathering->count = kept;
}

/* --- asking --- */

static size_t end_of_number(const struct gathering *gathering, size_t from)
{
    size_t to = from;
    while (to < gathering->count && gathering->list[to].place.number == gathering->list[from].place.number) to++;
    return to;
}

struct led {
    const struct nodes_allocator *allocator;
    uint64_t number;
    struct digest hash;
    bool found;
    bool no_memory;
};

static enum store_status take_led(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct led *led = context;
    struct frame_found frame;
    const char *fault = chain_read(led->allocator, bytes, size, &frame);
    led->no_memory = frame.no_memory;
    led->found = fault == NULL && number == led->number && frame.head.number == number;
    if (led->found) led->hash = frame.head.hash;
    return STORE_STOPPED;
}

/* Which of [from, to) the tree still leads to. False: there is no memory. */
static bool ask_tree(struct gathering *gathering, struct store *salvage, size_t from, size_t to)
{
    struct candidate *list = gathering->list;
    struct led led = {.allocator = gathering->allocator, .number = list[from].place.number};
    struct frame_sink sink = {take_led, &led};
    struct store_error unwanted;
    enum store_status walked = salvage->ops->since(salvage, led.number - 1, &sink, &unwanted);
    for (size_t i = from; led.found && i < to; i++) list[i].sure = digest_equal(list[i].hash, led.hash);
    return walked != STORE_NO_MEMORY && !led.no_memory;
}

/* Where the tables stand, and not told yet. They are asked with each of [from, to) in turn. */
static void ask_tables(struct gathering *gathering, struct store *salvage, const struct found_tables *tables,
                       size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (gathering->list[i].sure) return;
    for (size_t i = from; i < to; i++) {
        store_salvage_use(salvage, &gathering->list[i].place, 1);
        gathering->list[i].sure = tables->lead(tables->context);
        if (gathering->list[i].sure) return;
    }
}

/* Only of numbers that more than one has. The trees first: they cannot be asked once places are in use. */
static bool ask_all(struct gathering *gathering, struct store *salvage, const struct found_tables *tables)
{
    size_t tables_from = 0, tables_to = 0;
    for (size_t from = 0, to; from < gathering->count; from = to) {
        to = end_of_number(gathering, from);
        if (to == from + 1) continue;
        if (!ask_tree(gathering, salvage, from, to)) return false;
        if (gathering->list[from].place.number != tables->at) continue;
        tables_from = from;
        tables_to = to;
    }
    ask_tables(gathering, salvage, tables, tables_from, tables_to);
    return true;
}

/* --- linking --- */

static int compare_lead(const struct candidate *a, const struct candidate *b)
{
    return a->sure != b->sure ? a->sure - b->sure : order(a->reach, b->reach);
}

/* Of the candidates with a number, [from, to), the one that is sure, else the one that leads furthest; that follows
 * `after` when there is one. NO_NEXT: there is none, or more than one. */
static size_t furthest(const struct gathering *gathering, size_t from, size_t to, const struct candidate *after)
{
    const struct candidate *list = gathering->list;
    size_t best = NO_NEXT, equals = 0;
    for (size_t i = from; i < to; i++) {
        if (after != NULL && !digest_equal(list[i].before, after->hash)) continue;
        int better = best != NO_NEXT ? compare_lead(&list[i], &list[best]) : 1;
        if (better < 0) continue;
        equals = better == 0 ? equals + 1 : 1;
        best = i;
    }
    return equals == 1 ? best : NO_NEXT;
}

static size_t start_of_number(const struct gathering *gathering, size_t to)
{
    size_t from = to - 1;
    while (from > 0 && gathering->list[from - 1].place.number == gathering->list[to - 1].place.number) from--;
    return from;
}

/* From the highest number down, so that each knows how far those after it lead. */
static void link_all(struct gathering *gathering)
{
    struct candidate *list = gathering->list;
    size_t next_from = 0, next_to = 0; /* of the number before which `to` stands */
    for (size_t to = gathering->count; to > 0;) {
        size_t from = start_of_number(gathering, to);
        bool adjoins = next_to > next_from && list[next_from].place.number == list[from].place.number + 1;
        for (size_t i = from; adjoins && i < to; i++) {
            list[i].next = furthest(gathering, next_from, next_to, &list[i]);
            if (list[i].next == NO_NEXT) continue;
            list[i].reach = list[list[i].next].reach;
            list[i].sure = list[i].sure || list[list[i].next].sure;
        }
        next_from = from;
        next_to = to;
        to = from;
    }
}

/* --- choosing --- */

static bool choose(struct found *found, const struct candidate *candidate)
{
    struct store_place *places =
        grow(found->allocator, found->places, found->count, 1, &found->room, sizeof *found->places);
    if (places == NULL) return false;
    found->places = places;
    places[found->count++] = candidate->place;
    return true;
}

/* The chain from the first number on, as far as it leads; then again from the first number behind it. */
static bool choose_all(const struct gathering *gathering, struct found *found)
{
    const struct candidate *list = gathering->list;
    for (size_t from = 0; from < gathering->count;) {
        size_t to = end_of_number(gathering, from);
        size_t at = furthest(gathering, from, to, NULL);
        uint64_t last = at != NO_NEXT ? list[at].reach : list[from].place.number;
        for (; at != NO_NEXT; at = list[at].next)
            if (!choose(found, &list[at])) return false;
        for (from = to; from < gathering->count && list[from].place.number <= last;) from++;
    }
    return true;
}

enum store_status found_gather(struct store *salvage, const struct nodes_allocator *allocator,
                               const struct found_tables *tables, struct found *found, struct store_error *error)
{
    static const struct store_shape shape = {FRAME_MAGIC, sizeof FRAME_MAGIC - 1, FRAME_SIZE_AT, frame_may_be};
    struct gathering gathering = {.allocator = allocator};
    struct place_sink sink = {take_place, &gathering};
    *found = (struct found){.allocator = allocator};
    enum store_status status = store_salvage_scan(salvage, &shape, &sink, &found->unreadable, error);
    if (status == STORE_OK) {
        keep_one_each(&gathering);
        bool asked = ask_all(&gathering, salvage, tables);
        if (asked) link_all(&gathering);
        if (!asked || !choose_all(&gathering, found)) status = STORE_NO_MEMORY;
    }
    store_salvage_use(salvage, found->places, status == STORE_OK ? found->count : 0);
    grow_release(allocator, gathering.list, &gathering.capacity, sizeof *gathering.list);
    return status;
}

void found_release(struct found *found)
{
    grow_release(found->allocator, found->places, &found->room, sizeof *found->places);
}
