/* The interval tree: the whole structure against the invariants of tree_node.h. */
#include "engine/core/tree_node.h"

struct survey {
    struct tree_item last; /* the item met before */
    bool any;
    uint32_t count;
    uint32_t crossings;
    uint32_t buffered;
};

static const char *check_item(const struct tree_item *item, struct survey *survey)
{
    if (item->start_s < FIG_TIME_MIN || item->start_s > FIG_TIME_MAX) return "tree: a start is out of range";
    if (item->duration_s < 1 || item->duration_s > FIG_DURATION_MAX) return "tree: a duration is out of range";
    if (item->before_s > FIG_BUFFER_MAX || item->after_s > FIG_BUFFER_MAX) return "tree: a buffer is out of range";
    if (survey->any) {
        const struct tree_item *last = &survey->last;
        if (item->start_s < last->start_s || (item->start_s == last->start_s && item->id <= last->id))
            return "tree: items are out of order";
        survey->crossings += tree_cross(last, item);
    }
    survey->buffered += item_is_buffered(item);
    survey->last = *item;
    survey->any = true;
    survey->count++;
    return NULL;
}

static const char *check_leaf(const struct leaf *leaf, bool root, struct survey *survey)
{
    if (leaf->head.count == 0 || leaf->head.count > leaf->head.capacity) return "tree: a leaf's count is wrong";
    if (leaf->head.capacity != leaf_capacity(leaf->head.capacity)) return "tree: a leaf's capacity is none";
    if (!root && leaf->head.capacity != NODE_MAX) return "tree: a leaf below the root is short";
    for (unsigned i = leaf->head.count; i <= leaf->head.capacity; i++)
        if (leaf->key[i] != KEY_NONE) return "tree: an unused key is not blank";
    for (unsigned i = 0; i < leaf->head.count; i++) {
        struct tree_item item = leaf_item(leaf, i);
        const char *wrong = check_item(&item, survey);
        if (wrong) return wrong;
    }
    return NULL;
}

static const char *check_entry(const struct inner *inner, unsigned i)
{
    const struct tree_node *child = inner->child[i];
    struct summary is = summary_of(child);
    if (child->level + 1 != inner->head.level) return "tree: a child is at the wrong level";
    if (inner->key[i] != is.key) return "tree: a separator is not the child's first key";
    if (inner->begin[i] != is.begin || inner->end[i] != is.end) return "tree: a child's span is wrong";
    if (inner->firm_begin[i] != is.firm_begin || inner->firm_end[i] != is.firm_end)
        return "tree: a child's firm span is wrong";
    if (inner->gap[i] != is.gap) return "tree: a child's gap is wrong";
    if (i > 0 && (unsigned)(child->count + inner->child[i - 1]->count) <= NODE_MAX / 2)
        return "tree: neighbours are small and not merged";
    return NULL;
}

static const char *check_node(const struct tree_node *node, bool root, struct survey *survey)
{
    if (node->level == 0) return check_leaf(as_leaf(node), root, survey);
    const struct inner *inner = as_inner(node);
    if (node->count < (root ? 2 : 1) || node->count > NODE_MAX) return "tree: an inner node's count is wrong";
    for (unsigned i = node->count; i < KEYS; i++)
        if (inner->key[i] != KEY_NONE) return "tree: an unused separator is not blank";
    for (unsigned i = 0; i < node->count; i++) {
        const char *wrong = check_entry(inner, i);
        if (!wrong) wrong = check_node(inner->child[i], false, survey);
        if (wrong) return wrong;
    }
    return NULL;
}

const char *tree_check(const struct tree *tree)
{
    struct survey survey = {.any = false};
    if (!tree->root)
        return tree->count || tree->crossings || tree->buffered || tree->height ? "tree: empty, but not zero" : NULL;
    if (tree->height != tree->root->level + 1u || tree->height > TREE_HEIGHT_MAX) return "tree: the height is wrong";
    const char *wrong = check_node(tree->root, true, &survey);
    if (wrong) return wrong;
    if (survey.count != tree->count) return "tree: the count is wrong";
    if (survey.crossings != tree->crossings) return "tree: the crossings are wrong";
    if (survey.buffered != tree->buffered) return "tree: the count of those with buffers is wrong";
    struct summary root = summary_of(tree->root);
    if (root.firm_begin != tree->firm_begin || root.firm_end != tree->firm_end || root.gap != tree->gap)
        return "tree: what it says of its root is wrong";
    return NULL;
}
