/* Declaring shops and barbers: what is left out stays as it is, or takes its default when the thing is new. */
#include "engine/core/deciding.h"
#include "engine/core/declared.h"

#include <string.h>

static bool same_words(struct words a, struct words b)
{
    return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

/* --- shops --- */

static struct shop_declared shop_as_asked(const fig_shop *asked, struct shop_declared shop)
{
    if ((asked->fields & FIG_SHOP_NAME) != 0) shop.name = words_of(asked->name);
    if ((asked->fields & FIG_SHOP_ZONE) != 0) shop.zone = words_of(asked->zone);
    if ((asked->fields & FIG_SHOP_BUFFERS) != 0) shop.buffers = (uint8_t)asked->buffers;
    if ((asked->fields & FIG_SHOP_PAST) != 0) shop.past = (uint8_t)asked->past;
    return shop;
}

static bool same_shop(const struct shop_declared *a, const struct shop_declared *b)
{
    return a->buffers == b->buffers && a->past == b->past && same_words(a->name, b->name) &&
           same_words(a->zone, b->zone);
}

static const struct shop *shop_meant(const struct version *version, const fig_shop *asked)
{
    if (asked->id != 0) return version_shop(version, asked->id);
    struct words name = words_of(asked->name); /* given: validate.c has seen to it */
    return version_shop_named(version, name.text, name.size);
}

fig_status decide_shop(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_shop *asked = request->shop;
    const struct shop *there = shop_meant(decision->base, asked);
    struct shop_declared was = {.zone = words_of("UTC")};
    if (there != NULL) was = shop_as_declared(there);
    struct shop_declared is = shop_as_asked(asked, was);
    if (is.name.size == 0) return refuse(outcome, FIG_INVALID, "shop.name", "a new shop needs a name");
    const struct shop *namesake = version_shop_named(decision->base, is.name.text, is.name.size);
    if (namesake != NULL && namesake != there)
        return refuse(outcome, FIG_NAME_TAKEN, "shop.name", "another shop has this name");
    if (there == NULL) is.id = asked->id != 0 ? asked->id : decision->base->next_shop_id;
    if (is.id == 0) return refuse(outcome, FIG_INVALID, "shop.id", "no free id is left; give one");
    /* a store of before has zones without data: naming one again takes it in */
    fig_status status =
        (asked->fields & FIG_SHOP_ZONE) != 0 ? need_zone(decision, asked->zone, "shop.zone", outcome) : FIG_OK;
    if (status != FIG_OK) return status;
    outcome->declared_id = is.id;
    if (there != NULL && same_shop(&was, &is)) return FIG_OK;
    struct event *event = decision_event(decision, EVENT_SHOP);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.shop = is;
    bool other_clocks = there != NULL && !same_words(was.zone, is.zone);
    if (other_clocks)
        decision->affected = (struct affected){.shop_id = is.id, .from_s = decision->now_s, .to_s = FIG_TIME_MAX};
    return FIG_OK;
}

/* --- barbers --- */

static struct barber_declared barber_as_asked(const fig_barber *asked, struct barber_declared barber)
{
    if ((asked->fields & FIG_BARBER_NAME) != 0) barber.name = words_of(asked->name);
    if ((asked->fields & FIG_BARBER_ZONE) != 0) barber.zone = words_of(asked->zone);
    if ((asked->fields & FIG_BARBER_SHOP) != 0) barber.shop_id = asked->shop_id;
    if ((asked->fields & FIG_BARBER_ACTIVE) != 0) barber.active = asked->active;
    if ((asked->fields & FIG_BARBER_PRIORITY) != 0) barber.priority = asked->priority;
    if ((asked->fields & FIG_BARBER_OPEN) == 0) return barber;
    barber.open = (uint8_t)asked->open;
    barber.open_declared = 1;
    return barber;
}

static bool same_barber(const struct barber_declared *a, const struct barber_declared *b)
{
    return a->shop_id == b->shop_id && a->priority == b->priority && a->open == b->open &&
           a->open_declared == b->open_declared && a->active == b->active && same_words(a->name, b->name) &&
           same_words(a->zone, b->zone);
}

static const struct barber *barber_meant(const struct version *version, const fig_barber *asked)
{
    if (asked->id != 0) return version_barber(version, asked->id);
    struct words name = words_of(asked->name); /* given: validate.c has seen to it */
    return version_barber_named(version, name.text, name.size);
}

static fig_status barber_fault(const struct decision *decision, const struct barber *there,
                               const struct barber_declared *is, fig_outcome *outcome)
{
    if (is->name.size == 0) return refuse(outcome, FIG_INVALID, "barber.name", "a new barber needs a name");
    const struct barber *namesake = version_barber_named(decision->base, is->name.text, is->name.size);
    if (namesake != NULL && namesake != there)
        return refuse(outcome, FIG_NAME_TAKEN, "barber.name", "another barber has this name");
    if (version_shop(decision->base, is->shop_id) == NULL)
        return refuse(outcome, FIG_NOT_FOUND, "barber.shop_id", "there is no such shop; declare it first");
    return FIG_OK;
}

static struct affected affected_by(const struct barber_declared *was, const struct barber_declared *is, int64_t now_s)
{
    struct affected affected = {.from_s = now_s, .to_s = FIG_TIME_MAX, .all = was->active && !is->active};
    bool other_clocks = was->shop_id != is->shop_id || !same_words(was->zone, is->zone);
    if (affected.all || was->open != is->open || other_clocks) affected.barber_id = is->id;
    return affected;
}

static fig_status declared(fig_outcome *outcome, uint64_t id)
{
    outcome->declared_id = id;
    return FIG_OK;
}

fig_status decide_barber(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_barber *asked = request->barber;
    const struct barber *there = barber_meant(decision->base, asked);
    struct barber_declared was = {.shop_id = 1, .active = 1, .zone = words_of("")};
    if (there != NULL) was = profile_as_declared(there->profile);
    struct barber_declared is = barber_as_asked(asked, was);
    fig_status status = barber_fault(decision, there, &is, outcome);
    if (status != FIG_OK) return status;
    if (there == NULL) is.id = asked->id != 0 ? asked->id : decision->base->next_barber_id;
    if (is.id == 0) return refuse(outcome, FIG_INVALID, "barber.id", "no free id is left; give one");
    outcome->barber_id = is.id;
    if ((asked->fields & FIG_BARBER_ZONE) != 0) status = need_zone(decision, asked->zone, "barber.zone", outcome);
    if (status != FIG_OK) return status;
    if (there != NULL && same_barber(&was, &is)) return declared(outcome, is.id);

    struct event *event = decision_event(decision, EVENT_BARBER);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.barber = is;
    if (there != NULL) decision->affected = affected_by(&was, &is, decision->now_s);
    return declared(outcome, is.id);
}
