/* Which barber a booking is for, and how long it is. */
#include "engine/core/deciding.h"

struct lengths asked_lengths(const fig_request *request)
{
    return (struct lengths){
        .duration_s = has_end(request) ? (uint32_t)(request->end_s - request->start_s) : 0,
        .before_s = request->buffer_before_s,
        .after_s = request->buffer_after_s,
    };
}

struct any_wish any_wish_of(const struct decision *decision, const fig_request *request)
{
    return (struct any_wish){
        .version = decision->base,
        .now_s = decision->now_s,
        .shop_id = request->any_shop_id,
        .order = request->any_order,
        .service_id = request->service_id,
        .client_id = request->client_id,
        .asked = asked_lengths(request),
    };
}

/* How near a barber is to taking a booking: whoever is only busy is nearer than whom a rule forbids, and that one
 * nearer than whoever is closed. */
static int nearness(const struct any_wish *any, const struct barber *barber, int64_t start_s)
{
    struct wish wish;
    if (any->shop_id != 0 && barber->profile->shop_id != any->shop_id) return 0;
    if (wish_of(any->version, barber, any->now_s, any->service_id, any->client_id, any->asked, &wish) != WISH_SOUND ||
        wish.opening.zone == NULL) /* who is skipped in lists is not taken either */
        return 0;
    switch (wish_judge(&wish, start_s).status) {
    case FIG_CONFLICT: return 3;
    case FIG_RULE: return 2;
    case FIG_CLOSED: return 1;
    default: return 4;
    }
}

static const struct barber *nearest_barber(const struct any_wish *any, int64_t start_s)
{
    const struct barber *nearest = NULL;
    int best = 0;
    uint64_t id;
    void *found;
    for (uint64_t from = 0; best < 3 && radix_next(&any->version->barbers, from, &id, &found); from = id + 1) {
        int near = nearness(any, found, start_s);
        if (near > best) nearest = found;
        if (near > best) best = near;
        if (id == UINT64_MAX) break;
    }
    return nearest;
}

static fig_status choose_any(const struct decision *decision, const fig_request *request, const struct barber **barber,
                             fig_outcome *outcome)
{
    struct any_wish any = any_wish_of(decision, request);
    struct wish wish;
    if (any.shop_id != 0 && version_shop(decision->base, any.shop_id) == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "any_shop_id", "there is no such shop; declare it first");
    *barber = any_barber(&any, request->start_s, &wish) ? wish.barber : nearest_barber(&any, request->start_s);
    if (*barber == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "any",
                      "there is no barber who takes bookings of this length and whose zone's data is there");
    outcome->barber_id = (*barber)->profile->id;
    return FIG_OK;
}

fig_status choose_barber(const struct decision *decision, const fig_request *request, const struct barber **barber,
                         fig_outcome *outcome)
{
    return request->any ? choose_any(decision, request, barber, outcome)
                        : find_barber(decision, request, barber, outcome);
}
