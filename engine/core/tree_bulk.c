/* The interval tree: made at once from sorted items, every node full but the last of each level. */
#include "engine/core/tree_node.h"

#include <assert.h>

size_t tree_bulk_bytes(size_t count)
{
    if (count <= NODE_MAX) return leaf_size(NODE_MAX);
    size_t width = (count + NODE_MAX - 1) / NODE_MAX;
    size_t bytes = width * leaf_size(NODE_MAX);
    while (width > 1) {
        width = (width + NODE_MAX - 1) / NODE_MAX;
        bytes += width * inner_size();
    }
    return bytes;
}

/* The right edge of the tree as it grows: the node of each level that is being filled. A level above comes to
 * be when a node is full and there is more: so a root never has one child. */
struct edge {
    struct nodes *nodes;
    struct tree_node *open[TREE_HEIGHT_MAX];
};

/* Enters the finished node of a level into the level above. */
static void finish(struct edge *edge, uint32_t level)
{
    struct inner *above = (struct inner *)edge->open[level + 1];
    if (above && above->head.count == NODE_MAX) {
        finish(edge, level + 1);
        above = NULL;
    }
    if (!above) {
        assert(level + 1 < TREE_HEIGHT_MAX);
        above = inner_create(edge->nodes, level + 1);
        edge->open[level + 1] = &above->head;
    }
    struct summary summary = summary_of(edge->open[level]);
    inner_put(above, above->head.count++, edge->open[level], &summary);
}

static struct leaf *fill_leaf(struct nodes *nodes, const struct tree_item *items, size_t count, unsigned capacity)
{
    struct leaf *leaf = leaf_create(nodes, capacity);
    for (size_t i = 0; i < count; i++) leaf_put(leaf, (unsigned)i, &items[i]);
    leaf->head.count = (uint16_t)count;
    return leaf;
}

static uint32_t count_crossings(const struct tree_item *items, size_t count)
{
    uint32_t crossings = 0;
    for (size_t i = 1; i < count; i++) crossings += tree_cross(&items[i - 1], &items[i]);
    return crossings;
}

static uint32_t count_buffered(const struct tree_item *items, size_t count)
{
    uint32_t buffered = 0;
    for (size_t i = 0; i < count; i++) buffered += item_is_buffered(&items[i]);
    return buffered;
}

struct tree tree_bulk(struct nodes *nodes, const struct tree_item *items, size_t count)
{
    struct tree tree = {
        .count = (uint32_t)count,
        .crossings = count_crossings(items, count),
        .buffered = count_buffered(items, count),
    };
    if (count == 0) return tree;
    struct edge edge = {.nodes = nodes};
    for (size_t at = 0; at < count; at += NODE_MAX) {
        size_t here = count - at < NODE_MAX ? count - at : NODE_MAX;
        if (at > 0) finish(&edge, 0);
        unsigned capacity = count <= NODE_MAX ? leaf_capacity((unsigned)count) : NODE_MAX;
        edge.open[0] = &fill_leaf(nodes, items + at, here, capacity)->head;
    }
    uint32_t top = 0;
    for (; top + 1 < TREE_HEIGHT_MAX && edge.open[top + 1]; top++) finish(&edge, top);
    tree.root = edge.open[top];
    tree.height = top + 1;
    tree_note_root(&tree);
    return tree;
}
