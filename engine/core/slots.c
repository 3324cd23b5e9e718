/* Slots of a date: every start on the grid whose core lies in open time, judged. */
#include "engine/core/limits.h"
#include "engine/core/opening.h"
#include "engine/core/wish.h"

/* The starts of one wish on a date that can be listed, in order. */
struct starts {
    const struct wish *wish;
    struct grid grid;
    struct open_walk open;
    int64_t from_s;
};

static struct starts starts_of(const struct wish *wish, int64_t day)
{
    struct starts starts = {.wish = wish, .grid = grid_of(&wish->opening, day), .open = {.opening = &wish->opening}};
    starts.from_s = starts.grid.span.start_s > FIG_TIME_MIN ? starts.grid.span.start_s : FIG_TIME_MIN;
    return starts;
}

static bool next_start(struct starts *starts, int64_t *start_s)
{
    int64_t duration_s = starts->wish->lengths.duration_s;
    while (grid_after(&starts->grid, starts->from_s, start_s)) {
        if (*start_s > FIG_TIME_MAX - duration_s) return false;
        if (open_walk_covers(&starts->open, *start_s, *start_s + duration_s, &starts->from_s)) {
            starts->from_s = *start_s + 1;
            return true;
        }
    }
    return false;
}

static fig_slot judged_slot(const struct wish *wish, int64_t start_s)
{
    struct verdict verdict = wish_judge_open(wish, start_s);
    return (fig_slot){
        .struct_size = sizeof(fig_slot),
        .barber_id = wish->barber->profile->id,
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .available = verdict.status == FIG_OK,
        .why = verdict.status,
        .rule = verdict.status == FIG_RULE ? verdict.rule.type : (fig_rule_type)0,
        .blocker_id = verdict.status == FIG_CONFLICT ? verdict.blocker_id : 0,
    };
}

static void mark_soonest(fig_slots *slots)
{
    size_t listed = slots->count < slots->capacity ? slots->count : slots->capacity;
    size_t i = 0;
    while (i < listed && !slots->list[i].available) i++;
    if (i < listed) slots->list[i].soonest = true;
}

void slots_list(const struct wish *wish, int64_t day, fig_slots *slots)
{
    struct starts starts = starts_of(wish, day);
    int64_t start_s;
    slots->count = 0;
    while (next_start(&starts, &start_s)) {
        if (slots->count < slots->capacity) slots->list[slots->count] = judged_slot(wish, start_s);
        slots->count++;
    }
    mark_soonest(slots);
}

/* --- any barber ---
 *
 * A start is listed when it is on somebody's grid, but whoever is free may take it: a booking is not bound to the grid.
 * So starts are gathered first, each with the first barber who lists it, and then each is given to whom the booking of
 * any would go to. */

/* Puts a barber's slots among those of the others. False: the room does not suffice. */
static bool merge(const struct wish *wish, int64_t day, fig_slots *slots)
{
    struct starts starts = starts_of(wish, day);
    int64_t start_s;
    for (size_t place = 0; next_start(&starts, &start_s); place++) {
        while (place < slots->count && slots->list[place].start_s < start_s) place++;
        if (place < slots->count && slots->list[place].start_s == start_s) continue;
        if (slots->count == slots->capacity) return false;
        for (size_t i = slots->count; i > place; i--) slots->list[i] = slots->list[i - 1];
        slots->list[place] = judged_slot(wish, start_s);
        slots->count++;
    }
    return true;
}

static bool merge_all(const struct any_wish *any, int64_t day, fig_slots *slots)
{
    struct wish wish;
    bool fits = true;
    slots->count = 0;
    for (uint64_t id = 0; fits && any_next_barber(any, &id, &wish);) fits = merge(&wish, day, slots);
    return fits;
}

/* The first start of any barber from an instant on. */
static bool first_start(const struct any_wish *any, int64_t day, int64_t from_s, int64_t *first_s)
{
    struct wish wish;
    bool found = false;
    for (uint64_t id = 0; any_next_barber(any, &id, &wish);) {
        struct starts starts = starts_of(&wish, day);
        int64_t start_s;
        if (from_s > starts.from_s) starts.from_s = from_s;
        if (!next_start(&starts, &start_s) || (found && start_s >= *first_s)) continue;
        *first_s = start_s;
        found = true;
    }
    return found;
}

/* What the first barber who lists this start would say. */
static fig_slot slot_at(const struct any_wish *any, int64_t day, int64_t start_s)
{
    struct wish wish;
    for (uint64_t id = 0; any_next_barber(any, &id, &wish);) {
        struct starts starts = starts_of(&wish, day);
        int64_t own_s;
        if (start_s > starts.from_s) starts.from_s = start_s;
        if (next_start(&starts, &own_s) && own_s == start_s) return judged_slot(&wish, start_s);
    }
    return (fig_slot){.struct_size = sizeof(fig_slot)};
}

/* The long way, for lists that do not fit: all barbers for each start. */
static void list_by_start(const struct any_wish *any, int64_t day, fig_slots *slots)
{
    int64_t start_s = FIG_TIME_MIN;
    slots->count = 0;
    for (; first_start(any, day, start_s, &start_s); start_s++) {
        if (slots->count < slots->capacity) slots->list[slots->count] = slot_at(any, day, start_s);
        slots->count++;
    }
}

static void give_to_whom_it_would_go(const struct any_wish *any, fig_slot *slot)
{
    struct wish wish;
    if (!any_barber(any, slot->start_s, &wish)) return;
    *slot = (fig_slot){
        .struct_size = sizeof *slot,
        .barber_id = wish.barber->profile->id,
        .start_s = slot->start_s,
        .end_s = slot->start_s + wish.lengths.duration_s,
        .available = true,
    };
}

void any_slots_list(const struct any_wish *any, int64_t day, fig_slots *slots)
{
    if (!merge_all(any, day, slots)) list_by_start(any, day, slots);
    size_t listed = slots->count < slots->capacity ? slots->count : slots->capacity;
    for (size_t i = 0; i < listed; i++) give_to_whom_it_would_go(any, &slots->list[i]);
    mark_soonest(slots);
}

void any_skipped(const struct any_wish *any, fig_slots *slots)
{
    uint64_t id = 0;
    void *found;
    slots->skipped_count = 0;
    for (uint64_t from = 0; radix_next(&any->version->barbers, from, &id, &found); from = id + 1) {
        const struct barber *barber = found;
        bool meant = barber->profile->active && (any->shop_id == 0 || barber->profile->shop_id == any->shop_id);
        struct wish wish;
        enum wish_fault fault =
            wish_of(any->version, barber, any->now_s, any->service_id, any->client_id, any->asked, &wish);
        if (meant && (fault != WISH_SOUND || wish.opening.zone == NULL)) {
            if (slots->skipped_count < slots->skipped_capacity) slots->skipped[slots->skipped_count] = id;
            slots->skipped_count++;
        }
        if (id == UINT64_MAX) return;
    }
}
