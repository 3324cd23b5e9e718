/* The interval tree: finding places in it, and walking it. tree.h says what it is, tree_node.h how it lies in
 * memory.
 *
 * Why zero crossings make a set valid. Let A and B be neighbours in the order of starts, and let them not
 * conflict under shared buffers: B.start >= A.end + max(A.after, B.before). Let C follow, and B and C not
 * conflict either. Then
 *
 *     C.start >= B.end + C.before > B.start + C.before >= A.end + A.after + C.before
 *
 * since an appointment lasts at least a second: A and C are apart by the sum of their buffers, so that they
 * do not conflict, not even if buffers were exclusive. By induction over the items between them, no two of
 * the set conflict. So it is enough to count the neighbours that conflict, which an edit changes only around
 * itself. */
#include "engine/core/tree_node.h"

/* ------------------------------------------------------------------ seeking */

static bool item_before(const struct leaf *leaf, unsigned i, int64_t time, uint64_t id)
{
    int64_t start = leaf_start(leaf, i);
    return start < time || (start == time && leaf_columns(leaf).id[i] < id);
}

static bool first_item_before(const struct tree_node *node, int64_t time, uint64_t id)
{
    while (node->level) node = as_inner(node)->child[0];
    return item_before(as_leaf(node), 0, time, id);
}

/* The last child whose first item is before (time, id), else child 0. Keys decide, but among children whose
 * first items share the key sought (thousands may start alike), those items do. */
static unsigned seek_child(const struct inner *inner, int64_t time, uint64_t id)
{
    int32_t key = key_down(time);
    unsigned high = node_place(inner->key, key) + 1;
    unsigned low = high;
    while (low > 0 && inner->key[low - 1] == key) low--;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (first_item_before(inner->child[middle], time, id))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

/* The number of items before (time, id). */
static unsigned seek_slot(const struct leaf *leaf, int64_t time, uint64_t id)
{
    int32_t key = key_down(time);
    unsigned high = leaf_place(leaf, key);
    high += leaf->key[high] <= key;
    unsigned low = high;
    while (low > 0 && leaf->key[low - 1] == key) low--;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (item_before(leaf, middle, time, id))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void tree_seek(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_cursor *cursor)
{
    int64_t time = clamp_time(start_s);
    const struct tree_node *node = tree->root;
    uint32_t depth = 0;
    for (; node->level; depth++) {
        unsigned place = seek_child(as_inner(node), time, id);
        cursor->path[depth] = node;
        cursor->slot[depth] = (uint16_t)place;
        node = as_inner(node)->child[place];
    }
    cursor->path[depth] = node;
    cursor->slot[depth] = (uint16_t)seek_slot(as_leaf(node), time, id);
    cursor->height = depth + 1;
}

/* ------------------------------------------------------------------ cursors */

static bool cursor_beyond(struct tree_cursor *cursor)
{
    cursor->height = 0;
    return false;
}

/* From `depth` on down, the first (or last) places below. */
static void descend(struct tree_cursor *cursor, uint32_t depth, bool last)
{
    for (; depth + 1 < cursor->height; depth++) {
        const struct tree_node *child = as_inner(cursor->path[depth])->child[cursor->slot[depth]];
        cursor->path[depth + 1] = child;
        cursor->slot[depth + 1] = last ? (uint16_t)(child->count - 1) : 0;
    }
}

/* Brings a cursor whose leaf place may be past the end to a real one. */
static bool settle(struct tree_cursor *cursor)
{
    uint32_t depth = cursor->height - 1;
    if (cursor->slot[depth] < cursor->path[depth]->count) return true;
    while (depth-- > 0) {
        if (cursor->slot[depth] + 1 >= cursor->path[depth]->count) continue;
        cursor->slot[depth]++;
        descend(cursor, depth, false);
        return true;
    }
    return cursor_beyond(cursor);
}

bool tree_next(const struct tree *tree, struct tree_cursor *cursor)
{
    (void)tree;
    if (cursor->height == 0) return false;
    cursor->slot[cursor->height - 1]++;
    return settle(cursor);
}

bool tree_previous(const struct tree *tree, struct tree_cursor *cursor)
{
    (void)tree;
    for (uint32_t depth = cursor->height; depth-- > 0;) {
        if (cursor->slot[depth] == 0) continue;
        cursor->slot[depth]--;
        descend(cursor, depth, true);
        return true;
    }
    return cursor_beyond(cursor);
}

bool tree_ceiling(const struct tree *tree, int64_t start_s, struct tree_cursor *cursor)
{
    if (!tree->root) return cursor_beyond(cursor);
    tree_seek(tree, start_s, 0, cursor);
    return settle(cursor);
}

bool tree_floor(const struct tree *tree, int64_t start_s, struct tree_cursor *cursor)
{
    if (!tree->root) return cursor_beyond(cursor);
    if (start_s > FIG_TIME_MAX) start_s = FIG_TIME_MAX;
    tree_seek(tree, start_s + 1, 0, cursor);
    return tree_previous(tree, cursor);
}

struct tree_item tree_at(const struct tree_cursor *cursor)
{
    uint32_t depth = cursor->height - 1;
    return leaf_item(as_leaf(cursor->path[depth]), cursor->slot[depth]);
}

bool tree_find(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_item *item)
{
    if (!tree->root) return false;
    struct tree_cursor cursor;
    tree_seek(tree, start_s, id, &cursor);
    if (!settle(&cursor)) return false;
    struct tree_item found = tree_at(&cursor);
    if (found.start_s != start_s || found.id != id) return false;
    *item = found;
    return true;
}
