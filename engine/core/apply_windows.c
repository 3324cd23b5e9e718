/* Dated windows: opened, closed, cut, cleared. In a tree of windows an item's id is the instant it was declared from,
 * so that slots go on counting from there after a piece was closed. Windows may overlap; of two with one start and one
 * declared start the longer stays. */
#include "engine/core/applying.h"
#include "engine/core/declared.h"

static struct tree *windows_of(struct barber *barber, fig_window_kind kind)
{
    return kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
}

static bool is_piece(fig_window_kind kind, const struct tree_item *window)
{
    return kind == FIG_WINDOW_AVAILABLE && (int64_t)window->id != window->start_s;
}

static bool window_changed(struct applying *applying, uint64_t barber_id, fig_window_kind kind,
                           const struct tree_item *window)
{
    return applying_changed(applying, (struct change){.table = RECORD_WINDOW,
                                                      .kind = kind,
                                                      .id = barber_id,
                                                      .start_s = window->start_s,
                                                      .declared_s = (int64_t)window->id});
}

static bool drop(struct applying *applying, uint64_t barber_id, fig_window_kind kind, const struct tree_item *window)
{
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = windows_of(applying_barber(applying, barber_id), kind);
    if (!applying_reserve(applying, tree_reserve_bytes(tree))) return false;
    tree_remove(applying->nodes, tree, window->start_s, window->id);
    if (is_piece(kind, window)) applying_barber(applying, barber_id)->pieces--;
    struct record record;
    record_of_window(&record, barber_id, kind, window);
    applying_subtract(applying, &record);
    applying->version->windows--;
    return window_changed(applying, barber_id, kind, window);
}

static bool put(struct applying *applying, uint64_t barber_id, fig_window_kind kind, const struct tree_item *window)
{
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = windows_of(applying_barber(applying, barber_id), kind);
    struct tree_item there;
    if (tree_find(tree, window->start_s, window->id, &there)) {
        if (there.duration_s >= window->duration_s) return true;
        if (!drop(applying, barber_id, kind, &there)) return false;
    }
    if (!applying_reserve(applying, tree_reserve_bytes(tree))) return false;
    tree_insert(applying->nodes, tree, window);
    if (is_piece(kind, window)) applying_barber(applying, barber_id)->pieces++;
    struct record record;
    record_of_window(&record, barber_id, kind, window);
    applying_add(applying, &record);
    applying->version->windows++;
    return window_changed(applying, barber_id, kind, window);
}

static struct tree_item span_of(int64_t start_s, int64_t end_s, int64_t declared_s)
{
    return (struct tree_item){
        .start_s = start_s, .duration_s = (uint32_t)(end_s - start_s), .id = (uint64_t)declared_s};
}

/* A barber of whom nothing was said yet is bookable in its windows alone, from the first one on. */
static bool keep_hours_from_now_on(struct applying *applying, uint64_t barber_id)
{
    const struct barber_profile *profile = version_barber(applying->version, barber_id)->profile;
    if (profile->open_declared) return true;
    struct barber_declared declared = profile_as_declared(profile);
    declared.open = FIG_OPEN_HOURS;
    declared.open_declared = 1;
    return apply_barber(applying, &declared);
}

bool apply_window_opened(struct applying *applying, const struct window_changed *window)
{
    struct tree_item item = span_of(window->start_s, window->end_s, window->start_s);
    return keep_hours_from_now_on(applying, window->barber_id) &&
           put(applying, window->barber_id, FIG_WINDOW_AVAILABLE, &item);
}

bool apply_window_cut(struct applying *applying, const struct window_changed *window)
{
    struct tree_item item = span_of(window->start_s, window->end_s, window->start_s);
    return put(applying, window->barber_id, FIG_WINDOW_UNAVAILABLE, &item);
}

bool apply_window_restored(struct applying *applying, uint64_t barber_id, fig_window_kind kind,
                           const struct tree_item *window)
{
    return put(applying, barber_id, kind, window);
}

bool apply_window_closed(struct applying *applying, const struct window_changed *closed)
{
    for (;;) {
        const struct tree *tree = &version_barber(applying->version, closed->barber_id)->windows;
        struct tree_cursor cursor;
        if (!tree_first_overlap(tree, closed->start_s, closed->end_s, &cursor)) return true;
        struct tree_item window = tree_at(&cursor);
        int64_t end_s = window.start_s + window.duration_s;
        if (!drop(applying, closed->barber_id, FIG_WINDOW_AVAILABLE, &window)) return false;
        if (window.start_s < closed->start_s) {
            struct tree_item left = span_of(window.start_s, closed->start_s, (int64_t)window.id);
            if (!put(applying, closed->barber_id, FIG_WINDOW_AVAILABLE, &left)) return false;
        }
        if (end_s > closed->end_s) {
            struct tree_item right = span_of(closed->end_s, end_s, (int64_t)window.id);
            if (!put(applying, closed->barber_id, FIG_WINDOW_AVAILABLE, &right)) return false;
        }
    }
}

static bool clear(struct applying *applying, uint64_t barber_id, fig_window_kind kind)
{
    for (;;) {
        const struct barber *barber = version_barber(applying->version, barber_id);
        const struct tree *tree = kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
        struct tree_cursor cursor;
        if (!tree_ceiling(tree, FIG_TIME_MIN, &cursor)) return true;
        struct tree_item window = tree_at(&cursor);
        if (!drop(applying, barber_id, kind, &window)) return false;
    }
}

bool apply_windows_cleared(struct applying *applying, const struct window_changed *window)
{
    return clear(applying, window->barber_id, FIG_WINDOW_AVAILABLE) &&
           clear(applying, window->barber_id, FIG_WINDOW_UNAVAILABLE);
}
