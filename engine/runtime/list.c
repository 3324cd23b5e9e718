/* Lists: a page at a time, through a cursor that remembers the last thing that was given. */
#include "engine/runtime/reading.h"

enum { FRESH = 0, GOING = 1, ENDED = 2 };

/* What a cursor's words mean here. */
enum { STATE, KIND, START, ID };

static bool core_meets(const struct tree_item *item, int64_t from_s, int64_t to_s)
{
    return item->start_s < to_s && item->start_s + item->duration_s > from_s;
}

/* --- one tree, walked by (start, id) from where the cursor stands --- */

struct walk {
    const struct tree *tree;
    struct tree_cursor cursor;
    struct tree_item item;
    int64_t from_s;
    int64_t to_s;
    bool more;
};

static void walk_settle(struct walk *walk)
{
    while (walk->more) {
        walk->item = tree_at(&walk->cursor);
        if (core_meets(&walk->item, walk->from_s, walk->to_s)) return;
        walk->more = tree_next_overlap(walk->tree, walk->from_s, walk->to_s, &walk->cursor);
    }
}

static void walk_next(struct walk *walk)
{
    walk->more = tree_next_overlap(walk->tree, walk->from_s, walk->to_s, &walk->cursor);
    walk_settle(walk);
}

static bool is_after(const struct tree_item *item, const fig_cursor *cursor)
{
    int64_t start_s = (int64_t)cursor->position[START];
    return item->start_s != start_s ? item->start_s > start_s : item->id > cursor->position[ID];
}

static struct walk walk_begin(const struct tree *tree, int64_t from_s, int64_t to_s, const fig_cursor *cursor)
{
    struct walk walk = {.tree = tree, .from_s = from_s, .to_s = to_s};
    if (cursor->position[STATE] == FRESH) {
        walk.more = tree_first_overlap(tree, from_s, to_s, &walk.cursor);
        walk_settle(&walk);
        return walk;
    }
    walk.more = tree_ceiling(tree, (int64_t)cursor->position[START], &walk.cursor);
    while (walk.more &&
           !is_after(&(struct tree_item){.start_s = tree_at(&walk.cursor).start_s, .id = tree_at(&walk.cursor).id},
                     cursor))
        walk.more = tree_next(tree, &walk.cursor);
    walk_settle(&walk);
    return walk;
}

static void cursor_at(fig_cursor *cursor, const struct tree_item *item)
{
    cursor->position[STATE] = GOING;
    cursor->position[START] = (uint64_t)item->start_s;
    cursor->position[ID] = item->id;
}

/* --- appointments --- */

struct page {
    const struct version *version;
    const fig_filter *filter;
    int64_t now_s;
    fig_appointment *list;
    size_t capacity;
    size_t count;
};

static bool passes(const struct page *page, const struct appointment *appointment)
{
    const fig_filter *filter = page->filter;
    if (filter->barber_id != 0 && filter->barber_id != appointment->barber_id) return false;
    if (filter->client_id != 0 && filter->client_id != appointment->client_id) return false;
    if (filter->active && !appointment_blocks(appointment, page->now_s)) return false;
    if (filter->status != 0 && filter->status != appointment_status_at(appointment, page->now_s)) return false;
    return appointment->start_s < filter->to_s &&
           appointment->start_s + (int64_t)appointment->duration_s > filter->from_s;
}

static void offer(struct page *page, const struct appointment *appointment)
{
    if (passes(page, appointment)) appointment_show(appointment, page->now_s, &page->list[page->count++]);
}

/* Two trees as one list: what blocks and what has ended, by start and id. */
static void list_trees(struct page *page, const struct tree *a, const struct tree *b, fig_cursor *cursor)
{
    static const struct tree empty;
    struct walk walks[2] = {walk_begin(a, page->filter->from_s, page->filter->to_s, cursor),
                            walk_begin(b != NULL ? b : &empty, page->filter->from_s, page->filter->to_s, cursor)};
    while (page->count < page->capacity) {
        if (!walks[0].more && !walks[1].more) {
            cursor->position[STATE] = ENDED;
            return;
        }
        const struct tree_item *first = &walks[0].item, *second = &walks[1].item;
        bool take_second =
            !walks[0].more || (walks[1].more && (second->start_s != first->start_s ? second->start_s < first->start_s
                                                                                   : second->id < first->id));
        struct walk *walk = &walks[take_second];
        cursor_at(cursor, &walk->item);
        offer(page, version_appointment(page->version, walk->item.id));
        walk_next(walk);
    }
}

static void list_all(struct page *page, fig_cursor *cursor)
{
    while (page->count < page->capacity) {
        uint64_t from = cursor->position[STATE] == FRESH ? 0 : cursor->position[ID] + 1;
        uint64_t id;
        void *found;
        if (!radix_next(&page->version->appointments, from, &id, &found)) {
            cursor->position[STATE] = ENDED;
            return;
        }
        cursor->position[STATE] = GOING;
        cursor->position[ID] = id;
        offer(page, found);
    }
}

static fig_status list_page(struct page *page, fig_cursor *cursor)
{
    const fig_filter *filter = page->filter;
    if (filter->barber_id != 0) {
        const struct barber *barber = version_barber(page->version, filter->barber_id);
        if (barber == NULL) return FIG_NOT_FOUND;
        list_trees(page, &barber->diary, &barber->ended, cursor);
    } else if (filter->client_id != 0) {
        const struct client *client = version_client(page->version, filter->client_id);
        if (client != NULL) list_trees(page, &client->appointments, NULL, cursor);
    } else {
        list_all(page, cursor);
    }
    return FIG_OK;
}

fig_status fig_list(fig_engine *engine, const fig_view *view, const fig_filter *filter, fig_cursor *cursor,
                    fig_appointment *appointments, size_t capacity, size_t *count)
{
    bool sound = filter != NULL && filter->struct_size == sizeof *filter && cursor != NULL && count != NULL &&
                 appointments != NULL && capacity > 0;
    if (!sound) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    struct page page = {
        .version = reading.version,
        .filter = filter,
        .now_s = view->now_s,
        .list = appointments,
        .capacity = capacity,
    };
    if (cursor->position[STATE] != ENDED) status = list_page(&page, cursor);
    if (status == FIG_OK) *count = page.count;
    reading.kind = FIG_READ_LIST;
    reading_end(&reading);
    return status;
}

/* --- shops and barbers, by id --- */

/* The next entry of a map that the cursor has not given yet. */
static void *next_of(const struct radix *map, fig_cursor *cursor)
{
    if (cursor->position[STATE] == ENDED) return NULL;
    uint64_t from = cursor->position[STATE] == FRESH ? 0 : cursor->position[ID] + 1;
    bool wrapped = cursor->position[STATE] == GOING && from == 0;
    uint64_t id;
    void *found;
    if (wrapped || !radix_next(map, from, &id, &found)) {
        cursor->position[STATE] = ENDED;
        return NULL;
    }
    cursor->position[STATE] = GOING;
    cursor->position[ID] = id;
    return found;
}

fig_status fig_list_shops(fig_engine *engine, const fig_view *view, fig_cursor *cursor, fig_shop *shops,
                          size_t capacity, size_t *count)
{
    if (cursor == NULL || shops == NULL || count == NULL || capacity == 0) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    size_t given = 0;
    const struct shop *shop;
    while (given < capacity && (shop = next_of(&reading.version->shops, cursor)) != NULL)
        shop_show(shop, &shops[given++]);
    *count = given;
    reading.kind = FIG_READ_LIST;
    reading_end(&reading);
    return FIG_OK;
}

fig_status fig_list_barbers(fig_engine *engine, const fig_view *view, fig_cursor *cursor, fig_barber *barbers,
                            size_t capacity, size_t *count)
{
    if (cursor == NULL || barbers == NULL || count == NULL || capacity == 0) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    size_t given = 0;
    const struct barber *barber;
    while (given < capacity && (barber = next_of(&reading.version->barbers, cursor)) != NULL)
        barber_show(barber, &barbers[given++]);
    *count = given;
    reading.kind = FIG_READ_LIST;
    reading_end(&reading);
    return FIG_OK;
}

/* --- windows --- */

static void window_show(const struct tree_item *item, fig_window_kind kind, fig_window *shown)
{
    *shown = (fig_window){
        .struct_size = sizeof *shown,
        .start_s = item->start_s,
        .end_s = item->start_s + item->duration_s,
        .declared_start_s = (int64_t)item->id,
        .kind = kind,
    };
}

static size_t list_kind(const struct tree *tree, fig_window_kind kind, int64_t from_s, int64_t to_s, fig_cursor *cursor,
                        fig_window *windows, size_t capacity)
{
    size_t count = 0;
    struct walk walk = walk_begin(tree, from_s, to_s, cursor);
    for (; walk.more && count < capacity; walk_next(&walk)) {
        window_show(&walk.item, kind, &windows[count++]);
        cursor_at(cursor, &walk.item);
    }
    if (!walk.more) *cursor = (fig_cursor){{kind == FIG_WINDOW_AVAILABLE ? FRESH : ENDED, kind + 1, 0, 0}};
    return count;
}

fig_status fig_list_windows(fig_engine *engine, const fig_view *view, uint64_t barber_id, int64_t from_s, int64_t to_s,
                            fig_cursor *cursor, fig_window *windows, size_t capacity, size_t *count)
{
    if (cursor == NULL || windows == NULL || count == NULL || capacity == 0) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct barber *barber = version_barber(reading.version, barber_id);
    if (barber != NULL) {
        size_t given = 0;
        while (given < capacity && cursor->position[STATE] != ENDED) {
            fig_window_kind kind = (fig_window_kind)cursor->position[KIND];
            const struct tree *tree = kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
            given += list_kind(tree, kind, from_s, to_s, cursor, windows + given, capacity - given);
        }
        *count = given;
    }
    reading.kind = FIG_READ_LIST;
    reading_end(&reading);
    return barber != NULL ? FIG_OK : FIG_NOT_FOUND;
}
