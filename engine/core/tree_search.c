/* The interval tree: what meets a span, and where there is room.
 *
 * Both searches rest on the summaries of inner entries. These are rounded outwards, so that passing over a
 * subtree is always right, and items themselves are compared to the second. Items are in the order of their
 * starts; their buffered spans need not be, in sets that have crossings. What holds in every set is that an
 * item begins, buffer included, no earlier than FIG_BUFFER_MAX before its start: that is where a walk to the
 * right may end. In a valid set each item ends, buffer included, before the next one starts, and begins, buffer
 * included, after the one before it does: what meets a span are neighbours, and the first is found by its start. */
#include "engine/core/tree_node.h"

/* ------------------------------------------------------------------ overlap */

/* A span in the tree's time, and in keys so rounded that an entry can be passed over when begin >= to or end
 * <= from. */
struct window {
    int64_t from, to;
    int32_t from_key, to_key;
    int32_t last_key; /* an item with a larger key begins at or after `to`, whatever its buffer */
};

static struct window window_of(int64_t from_s, int64_t to_s)
{
    int64_t from = clamp_time(from_s), to = clamp_time(to_s);
    return (struct window){
        .from = from,
        .to = to,
        .from_key = key_down(from),
        .to_key = key_up(to),
        .last_key = key_down(to + FIG_BUFFER_MAX),
    };
}

static bool item_meets(const struct leaf *leaf, unsigned i, const struct window *window)
{
    struct buffered_span item = leaf_buffered_span(leaf, i);
    return item.begin < window->to && item.end > window->from;
}

/* The first place >= `place` of a leaf that meets the window, or count. */
static unsigned scan_leaf(const struct leaf *leaf, unsigned place, const struct window *window)
{
    while (place < leaf->head.count && !item_meets(leaf, place, window)) place++;
    return place;
}

static unsigned scan_inner(const struct inner *inner, unsigned place, const struct window *window)
{
    while (place < inner->head.count &&
           (inner->end[place] <= window->from_key || inner->begin[place] >= window->to_key))
        place++;
    return place;
}

/* Goes on from the cursor's place at `depth` to the first item that meets the window. */
static bool seek_overlap(struct tree_cursor *cursor, uint32_t depth, const struct window *window)
{
    for (;;) {
        const struct tree_node *node = cursor->path[depth];
        unsigned place = cursor->slot[depth];
        if (node->level)
            place = scan_inner(as_inner(node), place, window);
        else
            place = scan_leaf(as_leaf(node), place, window);
        cursor->slot[depth] = (uint16_t)place;
        if (place < node->count) {
            if (node->level == 0) return true;
            if (as_inner(node)->key[place] > window->last_key) break;
            cursor->path[depth + 1] = as_inner(node)->child[place];
            cursor->slot[++depth] = 0;
        } else {
            if (depth == 0) break;
            cursor->slot[--depth]++;
        }
    }
    cursor->height = 0;
    return false;
}

/* In a valid set: the place of the last item that starts before the window, by key; no item before it reaches there. */
static void seek_last_before(const struct tree *tree, const struct window *window, struct tree_cursor *cursor)
{
    const struct tree_node *node = tree->root;
    int32_t key = window->from_key - 1;
    uint32_t depth = 0;
    for (; node->level; depth++) {
        cursor->path[depth] = node;
        cursor->slot[depth] = (uint16_t)node_place(as_inner(node)->key, key);
        node = as_inner(node)->child[cursor->slot[depth]];
    }
    if (depth > 0) prefetch(node, offsetof(struct leaf, key[KEYS]), leaf_size(NODE_MAX));
    cursor->path[depth] = node;
    cursor->slot[depth] = (uint16_t)leaf_place(as_leaf(node), key);
    cursor->height = depth + 1;
}

/* In a valid set: from the cursor's item on, the first that meets the window. */
static bool walk_to_overlap(const struct tree *tree, const struct window *window, struct tree_cursor *cursor)
{
    for (bool more = true; more; more = tree_next(tree, cursor)) {
        uint32_t depth = cursor->height - 1;
        struct buffered_span item = leaf_buffered_span(as_leaf(cursor->path[depth]), cursor->slot[depth]);
        if (item.begin >= window->to) break;
        if (item.end > window->from) return true;
    }
    cursor->height = 0;
    return false;
}

bool tree_first_overlap(const struct tree *tree, int64_t from_s, int64_t to_s, struct tree_cursor *cursor)
{
    cursor->height = 0;
    if (!tree->root || from_s >= to_s) return false;
    struct window window = window_of(from_s, to_s);
    if (tree->crossings == 0) {
        seek_last_before(tree, &window, cursor);
        return walk_to_overlap(tree, &window, cursor);
    }
    cursor->height = tree->height;
    cursor->path[0] = tree->root;
    cursor->slot[0] = 0;
    return seek_overlap(cursor, 0, &window);
}

void tree_prefetch(const struct tree *tree, int64_t at_s)
{
    if (tree->height < 2) return;
    const struct inner *root = as_inner(tree->root);
    prefetch(root, offsetof(struct inner, child), offsetof(struct inner, begin));
    prefetch(root->child[node_place(root->key, key_down(clamp_time(at_s)))], 0, leaf_size(NODE_MAX));
}

bool tree_next_overlap(const struct tree *tree, int64_t from_s, int64_t to_s, struct tree_cursor *cursor)
{
    if (cursor->height == 0) return false;
    struct window window = window_of(from_s, to_s);
    if (tree->crossings == 0) return tree_next(tree, cursor) && walk_to_overlap(tree, &window, cursor);
    cursor->slot[cursor->height - 1]++;
    return seek_overlap(cursor, cursor->height - 1, &window);
}

/* ------------------------------------------------------------------ gaps
 *
 * The answer is the least t >= from where [t, t + length) is clear. The search holds a t that the answer
 * cannot be less than, and moves it right in passes over the tree until a pass finds nothing in the way. What
 * is in the way:
 *
 *   an item     that meets [t, t + length): no answer lies before its end.
 *   a subtree   with no gap of the length inside, that meets [t, t + length): an answer before its last end
 *               would need such a gap (or lie before its first begin, and t + length is past that). Its last
 *               end is known rounded up to the key unit, so t moves to one second past the unit before; where
 *               t is there already, the subtree is looked into. So a pass goes down one or two paths.
 *
 * Items are met by start, while t depends on ends and begins: in a set with crossings a later item may move t
 * into an earlier one. That is why passes repeat; in a valid set the second or third finds nothing. */
struct room {
    int64_t from; /* the t */
    int64_t length;
    int64_t last; /* the search is over when t is past it */
    bool valid;   /* the set has no crossings */
    bool shallow; /* the root alone is looked at; t stays where that does not say */
};

/* Where to look from on in a leaf. In a valid set each item ends, buffer included, before the next one starts: only the
 * last one that starts before t, and those after it, can meet anything from t on. */
static unsigned first_place(const struct leaf *leaf, const struct room *room)
{
    return room->valid ? leaf_place(leaf, key_down(clamp_time(room->from)) - 1) : 0;
}

static void clear_leaf(const struct leaf *leaf, struct room *room)
{
    struct columns columns = leaf_columns(leaf);
    for (unsigned i = first_place(leaf, room); i < leaf->head.count && room->from <= room->last; i++) {
        struct buffered_span item = leaf_buffered_span(leaf, i);
        bool meets = item.end > room->from && item.begin < room->from + room->length;
        if (meets && !(columns.span[i] & SPAN_HELD)) room->from = item.end;
        if (room->valid && item.begin >= room->from + room->length) return; /* later items begin later */
    }
}

/* A subtree by what is said of it alone. False: it has to be looked into; else it is out of the way, or t was moved
 * past it but for a few seconds. */
static inline bool pass_by(int32_t firm_begin, int32_t firm_end, int32_t gap, struct room *room)
{
    int64_t until = room->from + room->length;
    if (firm_end == INT32_MIN || key_time(firm_end) <= room->from) return true;
    if (key_time(firm_begin) >= until) return true;
    /* Rounded outwards: the first begin may lie KEY_UNIT - 1 later, the last end as much earlier. */
    bool meets = key_time(firm_begin) + KEY_UNIT - 1 < until;
    int64_t least_end = key_time(firm_end) - KEY_UNIT + 1;
    if (!meets || key_time(gap) >= room->length || room->from >= least_end) return false;
    room->from = least_end;
    return true;
}

static void clear_below(const struct tree_node *node, struct room *room)
{
    if (node->level == 0) {
        clear_leaf(as_leaf(node), room);
        return;
    }
    const struct inner *inner = as_inner(node);
    for (unsigned i = 0; i < node->count && room->from <= room->last; i++) {
        if (key_time(inner->key[i]) - FIG_BUFFER_MAX >= room->from + room->length) break;
        bool passed = pass_by(inner->firm_begin[i], inner->firm_end[i], inner->gap[i], room);
        if (!passed && !room->shallow) clear_below(inner->child[i], room);
    }
}

static bool find_gap(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s, bool shallow,
                     int64_t *start_s)
{
    if (from_s < INT64_MIN / 4) from_s = INT64_MIN / 4; /* sums stay in range */
    if (to_s > INT64_MAX / 4) to_s = INT64_MAX / 4;
    if (length_s < 1 || from_s > to_s || length_s > to_s - from_s) return false;
    struct room room = {
        .from = from_s,
        .length = length_s,
        .last = to_s - length_s,
        .valid = tree->crossings == 0,
        .shallow = shallow,
    };
    bool told = tree->root == NULL || (pass_by(tree->firm_begin, tree->firm_end, tree->gap, &room) && shallow);
    for (int64_t before = room.from - 1; !told && before != room.from && room.from <= room.last;) {
        before = room.from;
        clear_below(tree->root, &room);
    }
    if (room.from > room.last) return false;
    *start_s = room.from;
    return true;
}

bool tree_gap(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s, int64_t *start_s)
{
    return find_gap(tree, from_s, to_s, length_s, false, start_s);
}

bool tree_gap_floor(const struct tree *tree, int64_t from_s, int64_t to_s, int64_t length_s, int64_t *floor_s)
{
    return find_gap(tree, from_s, to_s, length_s, true, floor_s);
}

void tree_gap_prefetch(const struct tree *tree, int64_t length_s)
{
    const struct tree_node *root = tree->root;
    if (root == NULL || key_time(tree->gap) < length_s) return;
    __builtin_prefetch(root);
    if (tree->height == 1) {
        prefetch(root, LINE, leaf_times_size(leaf_capacity(tree->count)));
        return;
    }
    __builtin_prefetch(as_inner(root)->child);
    __builtin_prefetch(as_inner(root)->firm_begin);
    __builtin_prefetch(as_inner(root)->firm_end);
    __builtin_prefetch(as_inner(root)->gap);
}
