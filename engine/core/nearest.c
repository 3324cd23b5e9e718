/* The nearest start that would do, for a request that was refused: a search forwards by next_free(), and one backwards
 * by previous_free() that goes no further than the first has found. It never proposes what is over, unless that was
 * asked for, nor what no booking may have: a start before the first instant, or an end after the last one.
 *
 * A member of a batch is looked for among the drafts of the others, as the batch was judged. */
#include "engine/core/deciding.h"

#define REACH_S INT64_C(31622400) /* a year either way */

struct nearest {
    uint64_t barber_id; /* 0: none yet */
    int64_t start_s;
    int64_t end_s;
};

static struct nearest nearest_at(const struct wish *wish, int64_t start_s)
{
    return (struct nearest){wish->barber->profile->id, start_s, start_s + wish->lengths.duration_s};
}

/* Where the search forwards ends. */
static int64_t latest(int64_t asked_s, int64_t duration_s)
{
    int64_t to_s = asked_s + REACH_S + duration_s;
    return to_s < FIG_TIME_MAX ? to_s : FIG_TIME_MAX;
}

/* Where the search backwards ends. */
static int64_t earliest(const struct nearest *after, int64_t asked_s, int64_t now_s)
{
    int64_t reach_s = after->barber_id != 0 ? after->start_s - asked_s - 1 : REACH_S;
    int64_t from_s = asked_s - reach_s > FIG_TIME_MIN ? asked_s - reach_s : FIG_TIME_MIN;
    return asked_s >= now_s && from_s < now_s ? now_s : from_s;
}

static void look_before(const struct wish *wish, int64_t from_s, int64_t asked_s, struct nearest *nearest)
{
    int64_t start_s, to_s = asked_s + wish->lengths.duration_s;
    if (from_s > asked_s || !previous_free(wish, from_s, to_s, &start_s)) return;
    *nearest = nearest_at(wish, start_s);
}

static struct nearest nearest_of_one(const struct wish *wish, int64_t asked_s)
{
    struct nearest nearest = {0};
    int64_t start_s;
    if (next_free(wish, asked_s, latest(asked_s, wish->lengths.duration_s), &start_s))
        nearest = nearest_at(wish, start_s);
    look_before(wish, earliest(&nearest, asked_s, wish->now_s), asked_s, &nearest);
    return nearest;
}

/* Of all barbers: each one that is found before it moves the end of the search nearer. Of several at one start the
 * first in the order is told, whom a booking of any would take. */
static struct nearest nearest_of_any(const struct any_wish *any, int64_t asked_s)
{
    struct nearest nearest = {0};
    struct wish wish;
    int64_t start_s;
    if (any_next_free(any, asked_s, latest(asked_s, FIG_DURATION_MAX), &wish, &start_s))
        nearest = nearest_at(&wish, start_s);
    int64_t from_s = earliest(&nearest, asked_s, any->now_s);
    for (uint64_t id = 0; any_next_barber(any, &id, &wish);) {
        struct nearest before = {0};
        look_before(&wish, from_s, asked_s, &before);
        if (before.barber_id == 0) continue;
        nearest = before;
        from_s = before.start_s + 1;
    }
    if (nearest.barber_id != 0 && any_barber(any, nearest.start_s, &wish)) nearest = nearest_at(&wish, nearest.start_s);
    return nearest;
}

/* The wish that a request came to, as its draft has it. */
static bool wish_of_draft(const struct decision *decision, const struct draft *draft, struct wish *wish)
{
    const struct appointment *fixed = &draft->fixed;
    struct lengths lengths = {fixed->duration_s, fixed->before_s, fixed->after_s};
    const struct barber *barber = version_barber(decision->base, fixed->barber_id);
    bool sound = wish_of(decision->base, barber, decision->now_s, fixed->service_id, fixed->client_id, lengths, wish) ==
                 WISH_SOUND;
    if (draft->original != NULL || decision->draft_count > 1) wish->ignore_id = fixed->id;
    if (decision->draft_count > 1) wish->drafts = decision->drafts;
    if (decision->draft_count > 1) wish->draft_count = decision->draft_count;
    return sound;
}

static const struct draft *draft_of_member(const struct decision *decision, size_t member)
{
    for (size_t i = 0; i < decision->draft_count; i++)
        if (decision->drafts[i].member == member) return &decision->drafts[i];
    return NULL;
}

void tell_nearest(const struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome)
{
    bool could_do = outcome->status == FIG_CLOSED || outcome->status == FIG_RULE || outcome->status == FIG_CONFLICT;
    const struct draft *draft = draft_of_member(decision, member);
    struct nearest nearest = {0};
    struct wish wish;
    if (!could_do || draft == NULL) return;
    if (books(request) && request->any) {
        struct any_wish any = any_wish_of(decision, request);
        nearest = nearest_of_any(&any, request->start_s);
    } else if (wish_of_draft(decision, draft, &wish)) {
        nearest = nearest_of_one(&wish, draft->fixed.start_s);
    }
    outcome->nearest_barber_id = nearest.barber_id;
    outcome->nearest_s = nearest.start_s;
    outcome->nearest_end_s = nearest.end_s;
}
