/* The earliest start that fits, and the latest one, exact to the second. Neither walks over a grid: a start that does
 * not fit is left for the first one that what is in its way lets through.
 *
 *   closed     the end of the closed time (a span of the wished length cannot begin before it)
 *   conflict   just past every appointment that is met, and from there past stretches without room, by tree_gap()
 *   a rule     the end of the starts that break it
 *
 * Each step moves the start in one direction by a second at least, and is right for all starts that it passes over, so
 * that the search ends and misses nothing. */
#include "engine/core/wish.h"

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
    } else if (wish_is_blocked(wish, start_s, &blocked)) {
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

/* The last start that the rule lets through, or one before the search's first. */
static int64_t before_broken(const struct broken_rule *broken, int64_t first_s, int64_t start_s)
{
    int64_t from_s = broken->from_s < start_s ? broken->from_s : start_s;
    return (from_s > first_s ? from_s : first_s) - 1;
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
        if (wish_is_blocked(wish, search.start_s, &blocked)) {
            search.start_s = blocked.last_before_s;
        } else if (is_broken(wish, search.start_s, &broken)) {
            search.start_s = before_broken(&broken, from_s, search.start_s);
        } else {
            *start_s = search.start_s;
            return true;
        }
    }
    return false;
}
