/* The earliest start that fits, and the latest one, exact to the second. Neither walks over a grid: a start that does
 * not fit is left for the first one that what is in its way lets through.
 *
 *   closed     the end of the closed time (a span of the wished length cannot begin before it)
 *   conflict   just past every appointment that is met, and from there past stretches without room, by tree_gap()
 *   a rule     the end of the starts that break it
 *
 * Each step moves the start in one direction by a second at least, and is right for all starts that it passes over, so
 * that the search ends and misses nothing. */
#include "engine/core/decide.h"
#include "engine/core/wish.h"

/* Starts on whose both sides an item lets the wish through: those strictly between the two conflict with it. */
struct blocked {
    int64_t last_before_s;
    int64_t first_after_s;
};

static struct blocked blocked_by(const struct wish *wish, const struct tree_item *item)
{
    const struct lengths *lengths = &wish->lengths;
    uint32_t left_s = conflict_distance(lengths->after_s, item->before_s, wish->exclusive);
    uint32_t right_s = conflict_distance(item->after_s, lengths->before_s, wish->exclusive);
    return (struct blocked){
        .last_before_s = item->start_s - left_s - lengths->duration_s,
        .first_after_s = item->start_s + item->duration_s + right_s,
    };
}

static void widen(struct blocked *blocked, struct blocked by)
{
    if (by.last_before_s < blocked->last_before_s) blocked->last_before_s = by.last_before_s;
    if (by.first_after_s > blocked->first_after_s) blocked->first_after_s = by.first_after_s;
}

static bool is_drafted(const struct wish *wish, uint64_t id)
{
    for (size_t i = 0; i < wish->draft_count; i++)
        if (wish->drafts[i].fixed.id == id) return true;
    return false;
}

static void add_drafts(const struct wish *wish, const struct probe *probe, struct blocked *blocked)
{
    for (size_t i = 0; i < wish->draft_count; i++) {
        const struct appointment *fixed = &wish->drafts[i].fixed;
        struct tree_item item = appointment_item(fixed);
        bool meant = fixed->barber_id == wish->barber->profile->id && fixed->id != wish->ignore_id;
        if (meant && appointment_blocks(fixed, wish->now_s) && conflict_pair(probe, &item))
            widen(blocked, blocked_by(wish, &item));
    }
}

/* What a start has to leave, either way. False: nothing conflicts with it. */
static bool is_blocked(const struct wish *wish, int64_t start_s, struct blocked *blocked)
{
    struct probe probe = {
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .before_s = wish->lengths.before_s,
        .after_s = wish->lengths.after_s,
        .exclusive = wish->exclusive,
        .ignore_id = wish->ignore_id,
    };
    struct hold_view view = {wish->version, wish->now_s};
    struct holds holds = hold_view_holds(&view);
    const struct tree *diary = &wish->barber->diary;
    *blocked = (struct blocked){start_s, start_s};
    if (wish->draft_count == 0 && !conflict_any(diary, &probe, &holds)) return false;
    struct tree_cursor cursor;
    for (bool more = conflict_first(diary, &probe, &holds, &cursor); more;
         more = conflict_next(diary, &probe, &holds, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        if (!is_drafted(wish, item.id)) widen(blocked, blocked_by(wish, &item));
    }
    add_drafts(wish, &probe, blocked);
    return blocked->first_after_s > start_s;
}

static bool is_broken(const struct wish *wish, int64_t start_s, struct broken_rule *broken)
{
    struct rule_question question = wish_question(wish, start_s);
    return !rules_pass(&question, broken);
}

/* --- forwards --- */

/* The search: [start_s, last_s] are the starts that may yet be the answer. */
struct search {
    const struct wish *wish;
    struct open_walk open;
    int64_t start_s;
    int64_t last_s;
};

/* Whether the diary's gaps say where a start can be: they know of every item but the holds, so that none of them may be
 * one that does not count. */
static bool gaps_hold(const struct wish *wish) { return wish->ignore_id == 0 && wish->draft_count == 0; }

/* Moves the start past stretches of the diary in which there is no room for it. What fits lies clear of every buffered
 * span; where buffers are exclusive its own buffers do, too. False: no room is left. */
static bool skip_packed(struct search *search)
{
    const struct lengths *lengths = &search->wish->lengths;
    int64_t before_s = search->wish->exclusive ? lengths->before_s : 0;
    int64_t after_s = search->wish->exclusive ? lengths->after_s : 0;
    int64_t length_s = before_s + lengths->duration_s + after_s;
    int64_t from_s = search->start_s - before_s, gap_s;
    if (!gaps_hold(search->wish)) return true;
    if (!tree_gap(&search->wish->barber->diary, from_s, search->last_s - before_s + length_s, length_s, &gap_s))
        return false;
    search->start_s = gap_s + before_s;
    return true;
}

/* Moves the start if it does not fit. False: it fits. */
static bool move_on(struct search *search)
{
    const struct wish *wish = search->wish;
    int64_t start_s = search->start_s, resume_s;
    struct blocked blocked;
    struct broken_rule broken;
    if (!open_walk_covers(&search->open, start_s, start_s + wish->lengths.duration_s, &resume_s)) {
        search->start_s = resume_s;
    } else if (is_blocked(wish, start_s, &blocked)) {
        search->start_s = blocked.first_after_s;
        if (!skip_packed(search)) search->start_s = INT64_MAX;
    } else if (is_broken(wish, start_s, &broken)) {
        search->start_s = broken.until_s > start_s ? broken.until_s : start_s + 1;
    } else {
        return false;
    }
    return true;
}

bool next_free(const struct wish *wish, int64_t from_s, int64_t to_s, int64_t *start_s)
{
    struct search search = {
        .wish = wish,
        .open = {.opening = &wish->opening},
        .start_s = from_s,
        .last_s = to_s - wish->lengths.duration_s,
    };
    if (from_s > search.last_s || !skip_packed(&search)) return false;
    while (search.start_s <= search.last_s && move_on(&search)) {
    }
    if (search.start_s > search.last_s) return false;
    *start_s = search.start_s;
    return true;
}

/* --- backwards --- */

/* The search: [first_s, start_s] are the starts that may yet be the answer. */
struct search_back {
    const struct wish *wish;
    struct open_span open; /* known to be open */
    int64_t first_s;
    int64_t start_s;
};

/* Moves the start back to where its core is open. False: nowhere. */
static bool go_back_to_open(struct search_back *search)
{
    int64_t duration_s = search->wish->lengths.duration_s;
    struct open_span *open = &search->open;
    while (search->start_s < open->start_s || search->start_s + duration_s > open->end_s) {
        if (search->start_s < search->first_s) return false;
        if (!open_time_last(&search->wish->opening, search->first_s, search->start_s + duration_s, duration_s, open))
            return false;
        search->start_s = open->end_s - duration_s;
        if (search->start_s < open->start_s) search->start_s = open->start_s - duration_s;
    }
    return search->start_s >= search->first_s;
}

bool previous_free(const struct wish *wish, int64_t from_s, int64_t to_s, int64_t *start_s)
{
    struct search_back search = {
        .wish = wish,
        .open = {to_s, to_s},
        .first_s = from_s,
        .start_s = to_s - wish->lengths.duration_s,
    };
    while (search.start_s >= from_s && go_back_to_open(&search)) {
        struct blocked blocked;
        struct broken_rule broken;
        if (is_blocked(wish, search.start_s, &blocked)) {
            search.start_s = blocked.last_before_s;
        } else if (is_broken(wish, search.start_s, &broken)) {
            search.start_s = broken.from_s <= search.start_s ? broken.from_s - 1 : search.start_s - 1;
        } else {
            *start_s = search.start_s;
            return true;
        }
    }
    return false;
}
