/* Nodes of the interval tree: making them, filling their entries, and summing a node up for its parent. */
#include "engine/core/tree_node.h"

#include "engine/core/conflict.h"

#include <assert.h>

bool tree_cross(const struct tree_item *a, const struct tree_item *b)
{
    return b->start_s < a->start_s + a->duration_s + conflict_distance(a->after_s, b->before_s, false);
}

struct leaf *leaf_create(struct nodes *nodes, unsigned capacity)
{
    struct leaf *leaf = nodes_alloc(nodes, leaf_size(capacity));
    leaf->head = (struct tree_node){.capacity = (uint8_t)capacity};
    node_set_born(&leaf->head, nodes_generation(nodes));
    for (unsigned i = 0; i <= capacity; i++) leaf->key[i] = KEY_NONE;
    return leaf;
}

void leaf_put(struct leaf *leaf, unsigned place, const struct tree_item *item)
{
    assert(item->start_s >= FIG_TIME_MIN && item->start_s <= FIG_TIME_MAX);
    assert(item->duration_s > 0 && item->duration_s <= FIG_DURATION_MAX);
    assert(item->before_s <= FIG_BUFFER_MAX && item->after_s <= FIG_BUFFER_MAX);
    int64_t time = item->start_s;
    leaf->key[place] = key_down(time);
    struct columns columns = leaf_columns(leaf);
    ((uint32_t *)columns.span)[place] =
        (uint32_t)(item->duration_s << SPAN_DURATION_SHIFT | (item->held ? SPAN_HELD : 0) | (time & SPAN_LOW));
    ((uint32_t *)columns.before_s)[place] = item->before_s;
    ((uint32_t *)columns.after_s)[place] = item->after_s;
    ((uint64_t *)columns.id)[place] = item->id;
}

struct inner *inner_create(struct nodes *nodes, unsigned level)
{
    struct inner *inner = nodes_alloc(nodes, inner_size());
    inner->head = (struct tree_node){.capacity = NODE_MAX, .level = (uint8_t)level};
    node_set_born(&inner->head, nodes_generation(nodes));
    for (unsigned i = 0; i < KEYS; i++) inner->key[i] = KEY_NONE;
    return inner;
}

void inner_put(struct inner *inner, unsigned place, const struct tree_node *child, const struct summary *summary)
{
    inner->key[place] = summary->key;
    inner->child[place] = child;
    inner->begin[place] = summary->begin;
    inner->end[place] = summary->end;
    inner->firm_begin[place] = summary->firm_begin;
    inner->firm_end[place] = summary->firm_end;
    inner->gap[place] = summary->gap;
}

void node_dispose(struct nodes *nodes, const struct tree_node *node)
{
    if (node_born(node) == nodes_generation(nodes))
        nodes_discard(nodes, (void *)node, node_size(node));
    else
        nodes_retire(nodes, (void *)node, node_size(node), node_born(node));
}

/* ------------------------------------------------------------------ summaries */

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

static struct summary summary_of_leaf(const struct leaf *leaf)
{
    struct columns columns = leaf_columns(leaf);
    int64_t begin = INT64_MAX, end = INT64_MIN;
    int64_t firm_begin = INT64_MAX, firm_end = INT64_MIN, gap = 0;
    for (unsigned i = 0; i < leaf->head.count; i++) {
        struct buffered_span item = leaf_buffered_span(leaf, i);
        if (item.begin < begin) begin = item.begin;
        if (item.end > end) end = item.end;
        if (columns.span[i] & SPAN_HELD) continue;
        /* Items that lie left of a gap all start before those right of it, so that the running end finds each
         * gap. */
        if (firm_end != INT64_MIN && item.begin - firm_end > gap) gap = item.begin - firm_end;
        if (item.begin < firm_begin) firm_begin = item.begin;
        if (item.end > firm_end) firm_end = item.end;
    }
    bool firm = firm_end != INT64_MIN;
    return (struct summary){
        .key = leaf->key[0],
        .begin = key_down(begin),
        .end = key_up(end),
        .firm_begin = firm ? key_down(firm_begin) : INT32_MAX,
        .firm_end = firm ? key_up(firm_end) : INT32_MIN,
        .gap = key_up(gap),
    };
}

static struct summary summary_of_inner(const struct inner *inner)
{
    struct summary sum = {.key = inner->key[0], .begin = INT32_MAX, .end = INT32_MIN};
    sum.firm_begin = INT32_MAX;
    sum.firm_end = INT32_MIN;
    for (unsigned i = 0; i < inner->head.count; i++) {
        sum.begin = least(sum.begin, inner->begin[i]);
        sum.end = most(sum.end, inner->end[i]);
        if (inner->firm_end[i] == INT32_MIN) continue;
        /* Both ends are rounded outwards, by less than a unit each: the gap between may be two units longer.
         */
        if (sum.firm_end != INT32_MIN) sum.gap = most(sum.gap, inner->firm_begin[i] - sum.firm_end + 2);
        sum.gap = most(sum.gap, inner->gap[i]);
        sum.firm_begin = least(sum.firm_begin, inner->firm_begin[i]);
        sum.firm_end = most(sum.firm_end, inner->firm_end[i]);
    }
    return sum;
}

struct summary summary_of(const struct tree_node *node)
{
    return node->level ? summary_of_inner(as_inner(node)) : summary_of_leaf(as_leaf(node));
}
