/* The interval tree: insert, remove, replace.
 *
 * Each edit goes down to its leaf, makes the nodes of that path its own (copies what is shared, retires the
 * original), changes the leaf, and comes back up: entries are summed up again as long as the sums change,
 * nodes that are full are split, and nodes that have become small are merged with a neighbour.
 *
 *   split    in half; but at the right edge of the tree the new item goes alone into a new node, so that
 *            items that come in order leave full nodes behind
 *   merge    a node no more than half full takes in a neighbour where both fit three quarters of a node:
 *            room remains for the next insertions, and invariant 3 of tree_node.h holds */
#include "engine/core/tree_node.h"

#include <assert.h>

/* The longest path copied, each node of it split, and a new root. */
size_t tree_reserve_bytes(const struct tree *tree)
{
    return 2 * leaf_size(NODE_MAX) + (size_t)2 * tree->height * inner_size();
}

/* ------------------------------------------------------------------ leaves */

/* Moves `count` items within or between leaves. */
static void leaf_move(struct leaf *to, unsigned at, const struct leaf *from, unsigned first, unsigned count)
{
    struct columns into = leaf_columns(to), of = leaf_columns(from);
    memmove(to->key + at, from->key + first, count * sizeof *to->key);
    memmove((uint32_t *)into.span + at, of.span + first, count * sizeof *of.span);
    memmove((uint32_t *)into.before_s + at, of.before_s + first, count * sizeof *of.before_s);
    memmove((uint32_t *)into.after_s + at, of.after_s + first, count * sizeof *of.after_s);
    memmove((uint64_t *)into.id + at, of.id + first, count * sizeof *of.id);
}

/* Sets the count and blanks the keys beyond it, of which `before` were in use. */
static void leaf_resize(struct leaf *leaf, unsigned count, unsigned before)
{
    for (unsigned i = count; i < before; i++) leaf->key[i] = KEY_NONE;
    leaf->head.count = (uint16_t)count;
}

static void leaf_open(struct leaf *leaf, unsigned place)
{
    leaf_move(leaf, place + 1, leaf, place, leaf->head.count - place);
    leaf->head.count++;
}

static void leaf_close(struct leaf *leaf, unsigned place)
{
    unsigned count = leaf->head.count;
    leaf_move(leaf, place, leaf, place + 1, count - place - 1);
    leaf_resize(leaf, count - 1, count);
}

/* ------------------------------------------------------------------ inner nodes */

static void inner_move(struct inner *to, unsigned at, const struct inner *from, unsigned first, unsigned count)
{
    memmove(to->key + at, from->key + first, count * sizeof *to->key);
    memmove(to->child + at, from->child + first, count * sizeof *to->child);
    memmove(to->begin + at, from->begin + first, count * sizeof *to->begin);
    memmove(to->end + at, from->end + first, count * sizeof *to->end);
    memmove(to->firm_begin + at, from->firm_begin + first, count * sizeof *to->firm_begin);
    memmove(to->firm_end + at, from->firm_end + first, count * sizeof *to->firm_end);
    memmove(to->gap + at, from->gap + first, count * sizeof *to->gap);
}

static void inner_resize(struct inner *inner, unsigned count, unsigned before)
{
    for (unsigned i = count; i < before; i++) inner->key[i] = KEY_NONE;
    inner->head.count = (uint16_t)count;
}

static void inner_open(struct inner *inner, unsigned place)
{
    inner_move(inner, place + 1, inner, place, inner->head.count - place);
    inner->head.count++;
}

static void inner_close(struct inner *inner, unsigned place)
{
    unsigned count = inner->head.count;
    inner_move(inner, place, inner, place + 1, count - place - 1);
    inner_resize(inner, count - 1, count);
}

/* Sums a child up again. False when its entry said so already. */
static bool inner_refresh(struct inner *inner, unsigned place)
{
    struct summary was = {inner->key[place],        inner->begin[place],    inner->end[place],
                          inner->firm_begin[place], inner->firm_end[place], inner->gap[place]};
    struct summary is = summary_of(inner->child[place]);
    inner_put(inner, place, inner->child[place], &is);
    return memcmp(&was, &is, sizeof is) != 0;
}

/* ------------------------------------------------------------------ the path */

static struct leaf *path_leaf(const struct tree_cursor *path) { return (struct leaf *)path->path[path->height - 1]; }

static struct inner *path_inner(const struct tree_cursor *path, uint32_t depth)
{
    return (struct inner *)path->path[depth];
}

/* The node, or in place of a shared one a copy of this generation. */
static struct tree_node *own_node(struct nodes *nodes, const struct tree_node *node)
{
    if (node_born(node) == nodes_generation(nodes)) return (struct tree_node *)node;
    struct tree_node *copy = nodes_alloc(nodes, node_size(node));
    memcpy(copy, node, node_size(node));
    node_set_born(copy, nodes_generation(nodes));
    node_dispose(nodes, node);
    return copy;
}

/* The same for a leaf that is the root, with room for `count` items (or the most there is): it alone may be short. */
static struct tree_node *own_root_leaf(struct nodes *nodes, const struct leaf *leaf, unsigned count)
{
    unsigned capacity = leaf_capacity(count < NODE_MAX ? count : NODE_MAX);
    bool own = node_born(&leaf->head) == nodes_generation(nodes);
    if (capacity == leaf->head.capacity || (own && capacity < leaf->head.capacity)) return own_node(nodes, &leaf->head);
    struct leaf *copy = leaf_create(nodes, capacity);
    copy->head.count = leaf->head.count;
    leaf_move(copy, 0, leaf, 0, leaf->head.count);
    node_dispose(nodes, &leaf->head);
    return &copy->head;
}

/* Makes the path the generation's own, its leaf with room for `count` items (or the most there is). */
static void own_path(struct nodes *nodes, struct tree *tree, struct tree_cursor *path, unsigned count)
{
    if (path->height == 1) {
        tree->root = path->path[0] = own_root_leaf(nodes, as_leaf(path->path[0]), count);
        return;
    }
    tree->root = path->path[0] = own_node(nodes, path->path[0]);
    for (uint32_t depth = 1; depth < path->height; depth++) {
        path->path[depth] = own_node(nodes, path->path[depth]);
        path_inner(path, depth - 1)->child[path->slot[depth - 1]] = path->path[depth];
    }
}

/* ------------------------------------------------------------------ crossings */

/* The neighbours of a place in a leaf: the item before it, and the one at it or (`skip`) after it. */
struct neighbours {
    struct tree_item before, after;
    bool has_before, has_after;
};

static struct neighbours neighbours_of(const struct tree *tree, const struct tree_cursor *path, bool skip)
{
    struct neighbours found = {.has_before = false};
    struct tree_cursor cursor = *path;
    found.has_before = tree_previous(tree, &cursor);
    if (found.has_before) found.before = tree_at(&cursor);
    cursor = *path;
    cursor.slot[cursor.height - 1] += skip;
    if (cursor.slot[cursor.height - 1] >= path->path[path->height - 1]->count) {
        cursor.slot[cursor.height - 1] = (uint16_t)(path->path[path->height - 1]->count - 1);
        found.has_after = tree_next(tree, &cursor);
    } else {
        found.has_after = true;
    }
    if (found.has_after) found.after = tree_at(&cursor);
    return found;
}

static uint32_t crossings_with(const struct neighbours *around, const struct tree_item *item)
{
    return (uint32_t)(around->has_before && tree_cross(&around->before, item)) +
           (uint32_t)(around->has_after && tree_cross(item, &around->after));
}

static uint32_t crossings_without(const struct neighbours *around)
{
    return around->has_before && around->has_after && tree_cross(&around->before, &around->after);
}

/* ------------------------------------------------------------------ insert */

/* Splits a full leaf around a new item; the right half is returned. */
static struct leaf *split_leaf(struct nodes *nodes, struct leaf *leaf, unsigned place, const struct tree_item *item,
                               bool edge)
{
    struct leaf *right = leaf_create(nodes, NODE_MAX);
    unsigned keep = edge && place == NODE_MAX ? NODE_MAX : NODE_MAX / 2;
    leaf_move(right, 0, leaf, keep, NODE_MAX - keep);
    right->head.count = (uint16_t)(NODE_MAX - keep);
    leaf_resize(leaf, keep, NODE_MAX);
    struct leaf *into = place > keep || keep == NODE_MAX ? right : leaf;
    if (into == right) place -= keep;
    leaf_open(into, place);
    leaf_put(into, place, item);
    return right;
}

/* Puts a new child into an inner node; the right half when it had to be split, else NULL. */
static struct inner *inner_insert(struct nodes *nodes, struct inner *inner, unsigned place,
                                  const struct tree_node *child, bool edge)
{
    struct inner *right = NULL;
    struct inner *into = inner;
    if (inner->head.count == NODE_MAX) {
        right = inner_create(nodes, inner->head.level);
        unsigned keep = edge && place == NODE_MAX ? NODE_MAX : NODE_MAX / 2;
        inner_move(right, 0, inner, keep, NODE_MAX - keep);
        right->head.count = (uint16_t)(NODE_MAX - keep);
        inner_resize(inner, keep, NODE_MAX);
        if (place > keep || keep == NODE_MAX) {
            into = right;
            place -= keep;
        }
    }
    inner_open(into, place);
    struct summary summary = summary_of(child);
    inner_put(into, place, child, &summary);
    return right;
}

static void grow_root(struct nodes *nodes, struct tree *tree, const struct tree_node *right)
{
    struct inner *root = inner_create(nodes, right->level + 1);
    struct summary left_sum = summary_of(tree->root);
    struct summary right_sum = summary_of(right);
    inner_put(root, 0, tree->root, &left_sum);
    inner_put(root, 1, right, &right_sum);
    root->head.count = 2;
    tree->root = &root->head;
    tree->height++;
    assert(tree->height <= TREE_HEIGHT_MAX);
}

/* Takes a change of the leaf, and the right half of a split (or NULL), up to the root. */
static void raise_insert(struct nodes *nodes, struct tree *tree, const struct tree_cursor *path,
                         const struct tree_node *right, bool edge)
{
    bool changed = true;
    for (uint32_t depth = path->height - 1; depth-- > 0 && (changed || right);) {
        struct inner *inner = path_inner(path, depth);
        unsigned place = path->slot[depth];
        changed = inner_refresh(inner, place);
        if (!right) continue;
        struct inner *half = inner_insert(nodes, inner, place + 1, right, edge);
        right = half ? &half->head : NULL;
        changed = true;
    }
    if (right) grow_root(nodes, tree, right);
}

static bool at_right_edge(const struct tree_cursor *path)
{
    for (uint32_t depth = 0; depth + 1 < path->height; depth++)
        if (path->slot[depth] + 1 != path->path[depth]->count) return false;
    return true;
}

static void plant(struct nodes *nodes, struct tree *tree, const struct tree_item *item)
{
    struct leaf *leaf = leaf_create(nodes, leaf_capacity(1));
    leaf_put(leaf, 0, item);
    leaf->head.count = 1;
    *tree = (struct tree){.root = &leaf->head, .count = 1, .height = 1, .buffered = item_is_buffered(item)};
    tree_note_root(tree);
}

void tree_insert(struct nodes *nodes, struct tree *tree, const struct tree_item *item)
{
    if (!tree->root) {
        plant(nodes, tree, item);
        return;
    }
    struct tree_cursor path;
    tree_seek(tree, item->start_s, item->id, &path);
    struct neighbours around = neighbours_of(tree, &path, false);
    assert(!around.has_after || around.after.start_s != item->start_s || around.after.id != item->id);
    tree->crossings += crossings_with(&around, item) - crossings_without(&around);
    tree->buffered += item_is_buffered(item);
    tree->count++;

    unsigned place = path.slot[path.height - 1];
    bool edge = at_right_edge(&path);
    own_path(nodes, tree, &path, path.path[path.height - 1]->count + 1u);
    struct leaf *leaf = path_leaf(&path);
    struct leaf *right = NULL;
    if (leaf->head.count < leaf->head.capacity) {
        leaf_open(leaf, place);
        leaf_put(leaf, place, item);
    } else {
        right = split_leaf(nodes, leaf, place, item, edge);
    }
    raise_insert(nodes, tree, &path, right ? &right->head : NULL, edge);
    tree_note_root(tree);
}

/* ------------------------------------------------------------------ remove */

/* `node`, of this generation, takes in its right (or left) neighbour. */
static void absorb(struct nodes *nodes, struct tree_node *node, const struct tree_node *other, bool from_left)
{
    unsigned had = node->count;
    unsigned more = other->count;
    if (node->level) {
        struct inner *inner = (struct inner *)node;
        if (from_left) inner_move(inner, more, inner, 0, had);
        inner_move(inner, from_left ? 0 : had, as_inner(other), 0, more);
    } else {
        struct leaf *leaf = (struct leaf *)node;
        if (from_left) leaf_move(leaf, more, leaf, 0, had);
        leaf_move(leaf, from_left ? 0 : had, as_leaf(other), 0, more);
    }
    node->count = (uint16_t)(had + more);
    node_dispose(nodes, other);
}

static bool fits(const struct tree_node *node, const struct tree_node *other)
{
    return node->count + other->count <= NODE_MAX * 3 / 4;
}

/* Merges the small child at a place with a neighbour where they fit. Returns the place it is at then. */
static unsigned merge_child(struct nodes *nodes, struct inner *inner, unsigned place)
{
    struct tree_node *child = (struct tree_node *)inner->child[place];
    if (child->count > NODE_MAX / 2) return place;
    if (place + 1u < inner->head.count && fits(child, inner->child[place + 1])) {
        absorb(nodes, child, inner->child[place + 1], false);
        inner_close(inner, place + 1);
    } else if (place > 0 && fits(child, inner->child[place - 1])) {
        absorb(nodes, child, inner->child[place - 1], true);
        inner_close(inner, place - 1);
        return place - 1;
    }
    return place;
}

static void raise_remove(struct nodes *nodes, const struct tree_cursor *path)
{
    bool changed = true;
    for (uint32_t depth = path->height - 1; depth-- > 0 && changed;) {
        struct inner *inner = path_inner(path, depth);
        unsigned place = path->slot[depth];
        unsigned before = inner->head.count;
        if (inner->child[place]->count == 0) {
            node_dispose(nodes, inner->child[place]);
            inner_close(inner, place);
        } else {
            place = merge_child(nodes, inner, place);
            changed = inner_refresh(inner, place);
        }
        changed |= inner->head.count != before;
    }
}

/* A root with one child gives way to it; an empty leaf is no tree. */
static void shrink_root(struct nodes *nodes, struct tree *tree)
{
    while (tree->root->level && tree->root->count == 1) {
        const struct tree_node *child = as_inner(tree->root)->child[0];
        node_dispose(nodes, tree->root);
        tree->root = child;
        tree->height--;
    }
    if (tree->root->count > 0) return;
    node_dispose(nodes, tree->root);
    *tree = (struct tree){.root = NULL};
}

/* The place of an item that is there. */
static bool seek_item(const struct tree *tree, int64_t start_s, uint64_t id, struct tree_cursor *path)
{
    if (!tree->root) return false;
    tree_seek(tree, start_s, id, path);
    const struct leaf *leaf = path_leaf(path);
    unsigned place = path->slot[path->height - 1];
    if (place == leaf->head.count) { /* then it could only be the first of the next leaf */
        path->slot[path->height - 1]--;
        if (!tree_next(tree, path)) return false;
    }
    struct tree_item item = tree_at(path);
    return item.start_s == start_s && item.id == id;
}

bool tree_remove(struct nodes *nodes, struct tree *tree, int64_t start_s, uint64_t id)
{
    struct tree_cursor path;
    if (!seek_item(tree, start_s, id, &path)) return false;
    struct tree_item item = tree_at(&path);
    struct neighbours around = neighbours_of(tree, &path, true);
    tree->crossings += crossings_without(&around) - crossings_with(&around, &item);
    tree->buffered -= item_is_buffered(&item);
    tree->count--;

    own_path(nodes, tree, &path, path.path[path.height - 1]->count);
    leaf_close(path_leaf(&path), path.slot[path.height - 1]);
    raise_remove(nodes, &path);
    shrink_root(nodes, tree);
    if (tree->root) tree_note_root(tree);
    return true;
}

/* ------------------------------------------------------------------ replace, clear */

bool tree_replace(struct nodes *nodes, struct tree *tree, const struct tree_item *item)
{
    struct tree_cursor path;
    if (!seek_item(tree, item->start_s, item->id, &path)) return false;
    struct tree_item was = tree_at(&path);
    struct neighbours around = neighbours_of(tree, &path, true);
    tree->crossings += crossings_with(&around, item) - crossings_with(&around, &was);
    tree->buffered += (uint32_t)item_is_buffered(item) - (uint32_t)item_is_buffered(&was);

    own_path(nodes, tree, &path, path.path[path.height - 1]->count);
    leaf_put(path_leaf(&path), path.slot[path.height - 1], item);
    raise_insert(nodes, tree, &path, NULL, false);
    tree_note_root(tree);
    return true;
}

static void dispose_below(struct nodes *nodes, const struct tree_node *node)
{
    if (node->level)
        for (unsigned i = 0; i < node->count; i++) dispose_below(nodes, as_inner(node)->child[i]);
    node_dispose(nodes, node);
}

void tree_clear(struct nodes *nodes, struct tree *tree)
{
    if (tree->root) dispose_below(nodes, tree->root);
    *tree = (struct tree){.root = NULL};
}
