/* Asking for slots, for the next free start, and for open time: what was asked is checked, a version taken, and the
 * core asked. None of it takes a lock, allocates or touches the disk, but where the view asks for the latest. */
#include "engine/core/civil.h"
#include "engine/core/limits.h"
#include "engine/core/wish.h"
#include "engine/runtime/reading.h"
#include "engine/runtime/slot_cache.h"

/* --- what is asked --- */

static bool buffer_is_sound(uint32_t buffer_s) { return buffer_s <= FIG_BUFFER_MAX || buffer_s == FIG_BUFFER_DEFAULT; }

/* Without a length and a service nobody can know one. */
static bool wish_is_sound(const fig_wish *wish)
{
    return wish != NULL && wish->struct_size == sizeof *wish && wish->duration_s <= FIG_DURATION_MAX &&
           (wish->duration_s != 0 || wish->service_id != 0) && buffer_is_sound(wish->buffer_before_s) &&
           buffer_is_sound(wish->buffer_after_s) && wish->any_order >= FIG_ANY_FIRST &&
           wish->any_order <= FIG_ANY_PRIORITY;
}

static bool slots_are_sound(const fig_slots *slots)
{
    return slots != NULL && slots->struct_size == sizeof *slots && (slots->capacity == 0 || slots->list != NULL) &&
           (slots->skipped_capacity == 0 || slots->skipped != NULL);
}

static bool stretch_is_sound(int64_t from_s, int64_t to_s)
{
    return instant_is_sound(from_s) && instant_is_sound(to_s) && from_s < to_s;
}

static struct any_wish any_of(const struct reading *reading, int64_t now_s, const fig_wish *wish)
{
    return (struct any_wish){
        .version = reading->version,
        .now_s = now_s,
        .shop_id = wish->any_shop_id,
        .order = wish->any_order,
        .service_id = wish->service_id,
        .client_id = wish->client_id,
        .asked = {wish->duration_s, wish->buffer_before_s, wish->buffer_after_s},
    };
}

/* The one barber's wish. */
static enum wish_fault one_of(const struct any_wish *any, const struct barber *barber, struct wish *wish)
{
    return wish_of(any->version, barber, any->now_s, any->service_id, any->client_id, any->asked, wish);
}

static fig_status status_of_fault(enum wish_fault fault)
{
    switch (fault) {
    case WISH_NO_LENGTH: return FIG_INVALID;
    case WISH_NO_ZONE: return FIG_UNAVAILABLE;
    case WISH_SOUND:
    case WISH_INACTIVE: break;
    }
    return FIG_OK;
}

/* What a list of any barber, or a search for any, could not ask. */
static fig_status find_shop(const struct any_wish *any)
{
    bool there = any->shop_id == 0 || version_shop(any->version, any->shop_id) != NULL;
    return there ? FIG_OK : FIG_NOT_FOUND;
}

/* --- slots --- */

static fig_status list_of_one(const struct any_wish *any, uint64_t barber_id, int32_t day, fig_slots *slots)
{
    const struct barber *barber = version_barber(any->version, barber_id);
    struct wish wish;
    if (barber == NULL) return FIG_NOT_FOUND;
    tree_prefetch(&barber->diary, (int64_t)day * CIVIL_DAY_S); /* the hours are asked first */
    enum wish_fault fault = one_of(any, barber, &wish);
    fig_status status = status_of_fault(fault);
    if (status != FIG_OK) return status;
    if (fault == WISH_SOUND && wish.opening.zone == NULL) return FIG_UNAVAILABLE;
    slots->count = 0;
    slots->skipped_count = 0;
    if (fault == WISH_SOUND) slots_list(&wish, day, slots);
    return FIG_OK;
}

static fig_status list_of_any(const struct any_wish *any, int32_t day, fig_slots *slots)
{
    fig_status status = find_shop(any);
    if (status != FIG_OK) return status;
    any_slots_list(any, day, slots);
    any_skipped(any, slots);
    return FIG_OK;
}

static fig_status make_list(const struct any_wish *any, const fig_wish *wish, int32_t day, fig_slots *slots)
{
    return wish->barber_id != 0 ? list_of_one(any, wish->barber_id, day, slots) : list_of_any(any, day, slots);
}

/* By way of the cache, if there is one. Lists that did not fit, and failures, are made anew each time. */
static fig_status find_or_make(struct slot_cache *cache, const struct any_wish *any, const fig_wish *wish, int32_t day,
                               fig_slots *slots)
{
    if (cache == NULL) return make_list(any, wish, day, slots);
    struct slot_cache_key key = {.wish = *wish, .version = any->version->seq, .now_s = any->now_s, .day = day};
    if (slot_cache_find(cache, &key, slots)) return FIG_OK;
    fig_status status = make_list(any, wish, day, slots);
    if (status == FIG_OK) slot_cache_put(cache, &key, slots);
    return status;
}

fig_status fig_forget_slots(fig_engine *engine, uint64_t barber_id, int32_t day)
{
    if (engine == NULL) return FIG_INVALID;
    if (engine->slot_cache != NULL) slot_cache_forget(engine->slot_cache, barber_id, day);
    return FIG_OK;
}

fig_status fig_list_slots(fig_engine *engine, const fig_view *view, const fig_wish *wish, int32_t day, fig_slots *slots)
{
    if (!wish_is_sound(wish) || !slots_are_sound(slots) || day < FIG_DAY_MIN || day > FIG_DAY_MAX) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin_within(engine, view, FIG_SLOTS_TIMEOUT_NS, &reading);
    if (status != FIG_OK) return status;
    struct any_wish any = any_of(&reading, view->now_s, wish);
    status = find_or_make(engine->slot_cache, &any, wish, day, slots);
    if (status == FIG_OK) slots->version = reading.version->seq;
    reading.kind = FIG_READ_SLOTS;
    reading_end(&reading);
    return status;
}

/* --- the next free start --- */

static void show_slot(const struct wish *wish, int64_t start_s, fig_slot *slot)
{
    *slot = (fig_slot){
        .struct_size = sizeof *slot,
        .barber_id = wish->barber->profile->id,
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .available = true,
        .soonest = true,
        .why = FIG_OK,
    };
}

static fig_status next_of_one(const struct any_wish *any, uint64_t barber_id, int64_t from_s, int64_t to_s,
                              fig_slot *slot)
{
    const struct barber *barber = version_barber(any->version, barber_id);
    struct wish wish;
    int64_t start_s;
    if (barber == NULL) return FIG_NOT_FOUND;
    enum wish_fault fault = one_of(any, barber, &wish);
    if (fault != WISH_SOUND) return fault == WISH_INACTIVE ? FIG_NOT_FOUND : status_of_fault(fault);
    if (!next_free(&wish, from_s, to_s, &start_s)) return FIG_NOT_FOUND;
    show_slot(&wish, start_s, slot);
    return FIG_OK;
}

static fig_status next_of_any(const struct any_wish *any, int64_t from_s, int64_t to_s, fig_slot *slot,
                              fig_slots *slots)
{
    struct wish wish;
    int64_t start_s;
    if (find_shop(any) != FIG_OK) return FIG_NOT_FOUND;
    if (slots != NULL) any_skipped(any, slots);
    if (!any_next_free(any, from_s, to_s, &wish, &start_s)) return FIG_NOT_FOUND;
    show_slot(&wish, start_s, slot);
    return FIG_OK;
}

fig_status fig_find_next(fig_engine *engine, const fig_view *view, const fig_wish *wish, int64_t from_s, int64_t to_s,
                         fig_slot *slot, fig_slots *slots)
{
    bool sound = wish_is_sound(wish) && stretch_is_sound(from_s, to_s) && slot != NULL &&
                 slot->struct_size == sizeof *slot && (slots == NULL || slots_are_sound(slots));
    if (!sound) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin_within(engine, view, FIG_SLOTS_TIMEOUT_NS, &reading);
    if (status != FIG_OK) return status;
    struct any_wish any = any_of(&reading, view->now_s, wish);
    if (slots != NULL) slots->skipped_count = 0;
    if (slots != NULL) slots->version = reading.version->seq;
    status = wish->barber_id != 0 ? next_of_one(&any, wish->barber_id, from_s, to_s, slot)
                                  : next_of_any(&any, from_s, to_s, slot, slots);
    reading.kind = FIG_READ_NEXT;
    reading_end(&reading);
    return status;
}

/* --- open time --- */

static fig_status list_open_time(const struct version *version, uint64_t barber_id, int64_t from_s, int64_t to_s,
                                 fig_open_span *spans, size_t capacity, size_t *count)
{
    const struct barber *barber = version_barber(version, barber_id);
    struct opening opening;
    struct open_span span;
    if (barber == NULL) return FIG_NOT_FOUND;
    if (!opening_of(version, barber, &opening)) return FIG_UNAVAILABLE;
    *count = 0;
    while (*count < capacity && open_time_next(&opening, from_s, to_s, &span)) {
        spans[(*count)++] = (fig_open_span){span.start_s, span.end_s};
        from_s = span.end_s;
    }
    return FIG_OK;
}

fig_status fig_list_open_time(fig_engine *engine, const fig_view *view, uint64_t barber_id, int64_t from_s,
                              int64_t to_s, fig_open_span *spans, size_t capacity, size_t *count)
{
    if (!stretch_is_sound(from_s, to_s) || capacity == 0 || spans == NULL || count == NULL) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin_within(engine, view, FIG_SLOTS_TIMEOUT_NS, &reading);
    if (status != FIG_OK) return status;
    status = list_open_time(reading.version, barber_id, from_s, to_s, spans, capacity, count);
    reading.kind = FIG_READ_SLOTS;
    reading_end(&reading);
    return status;
}
