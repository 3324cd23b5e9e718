/* The nearest start that would do, for a request that was refused: a search forwards by next_free(), and one backwards
 * by previous_free() that goes no further than the first has found. It never proposes what is over, unless that was
 * asked for. */
#include "engine/core/deciding.h"

#define REACH_S INT64_C(31622400) /* a year either way */

struct nearest {
    uint64_t barber_id; /* 0: none yet */
    int64_t start_s;
};

/* Where the search backwards ends. */
static int64_t earliest(const struct nearest *after, int64_t asked_s, int64_t now_s)
{
    int64_t reach_s = after->barber_id != 0 ? after->start_s - asked_s - 1 : REACH_S;
    int64_t from_s = asked_s - reach_s;
    return asked_s >= now_s && from_s < now_s ? now_s : from_s;
}

static void look_before(const struct wish *wish, int64_t from_s, int64_t asked_s, struct nearest *nearest)
{
    int64_t start_s, to_s = asked_s + wish->lengths.duration_s;
    if (from_s > asked_s || !previous_free(wish, from_s, to_s, &start_s)) return;
    *nearest = (struct nearest){wish->barber->profile->id, start_s};
}

static struct nearest nearest_of_one(const struct wish *wish, int64_t asked_s)
{
    struct nearest nearest = {0};
    int64_t start_s, to_s = asked_s + REACH_S + wish->lengths.duration_s;
    if (next_free(wish, asked_s, to_s, &start_s)) nearest = (struct nearest){wish->barber->profile->id, start_s};
    look_before(wish, earliest(&nearest, asked_s, wish->now_s), asked_s, &nearest);
    return nearest;
}

/* Of all barbers: each one that is found before it moves the end of the search nearer. */
static struct nearest nearest_of_any(const struct any_wish *any, int64_t asked_s)
{
    struct nearest nearest = {0};
    struct wish wish;
    int64_t start_s;
    if (any_next_free(any, asked_s, asked_s + REACH_S + FIG_DURATION_MAX, &wish, &start_s))
        nearest = (struct nearest){wish.barber->profile->id, start_s};
    int64_t from_s = earliest(&nearest, asked_s, any->now_s);
    uint64_t id;
    void *barber;
    for (uint64_t next = 0; radix_next(&any->version->barbers, next, &id, &barber); next = id + 1) {
        bool of_shop = any->shop_id == 0 || ((struct barber *)barber)->profile->shop_id == any->shop_id;
        struct nearest before = {0};
        if (of_shop &&
            wish_of(any->version, barber, any->now_s, any->service_id, any->client_id, any->asked, &wish) == WISH_SOUND)
            look_before(&wish, from_s, asked_s, &before);
        if (before.barber_id != 0) {
            nearest = before;
            from_s = before.start_s + 1;
        }
        if (id == UINT64_MAX) break;
    }
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
    if (draft->original != NULL) wish->ignore_id = fixed->id;
    return sound;
}

void tell_nearest(const struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    bool could_do = outcome->status == FIG_CLOSED || outcome->status == FIG_RULE || outcome->status == FIG_CONFLICT;
    struct nearest nearest = {0};
    struct wish wish;
    if (!could_do || decision->draft_count != 1) return;
    if (books(request) && request->any) {
        struct any_wish any = any_wish_of(decision, request);
        nearest = nearest_of_any(&any, request->start_s);
    } else if (wish_of_draft(decision, &decision->drafts[0], &wish)) {
        nearest = nearest_of_one(&wish, decision->drafts[0].fixed.start_s);
    }
    outcome->nearest_barber_id = nearest.barber_id;
    outcome->nearest_s = nearest.barber_id != 0 ? nearest.start_s : 0;
}
