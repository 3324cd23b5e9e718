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

/* --- judging them --- */

/* Starts of one wish are judged one after the other, as wish_judge_open() does it of one: the rules, then the diary.
 * What is looked up serves the next start, too: for the rules, and the appointments near by, all that a day's starts
 * can meet. Where there are more than there is room for, each start looks for itself. */
#define NEARBY_MAX 40

struct judge {
    const struct wish *wish;
    struct rule_lookups lookups;
    int64_t from_s; /* nearby are all appointments that starts in [from_s, to_s) can meet, */
    int64_t to_s;
    bool fits; /* if this says so */
    size_t count;
    size_t first; /* those before it are over for good */
    struct tree_item nearby[NEARBY_MAX];
};

/* Its room is not cleared. */
static void judge_begin(struct judge *judge, const struct wish *wish)
{
    judge->wish = wish;
    judge->lookups = (struct rule_lookups){.service = NULL};
    judge->from_s = judge->to_s = 0;
}

static void look_around(struct judge *judge, int64_t from_s, int64_t to_s)
{
    const struct wish *wish = judge->wish;
    const struct tree *diary = &wish->barber->diary;
    struct hold_view view = {wish->version, wish->now_s};
    struct holds holds = hold_view_holds(&view);
    int64_t begin_s = from_s - wish->lengths.before_s;
    int64_t end_s = to_s + wish->lengths.duration_s + wish->lengths.after_s;
    struct tree_cursor cursor;
    judge->from_s = from_s;
    judge->to_s = to_s;
    judge->count = judge->first = 0;
    judge->fits = true;
    for (bool more = tree_first_overlap(diary, begin_s, end_s, &cursor); more;
         more = tree_next_overlap(diary, begin_s, end_s, &cursor)) {
        if (judge->count == NEARBY_MAX) judge->fits = false;
        if (!judge->fits) return;
        struct tree_item *item = &judge->nearby[judge->count];
        *item = tree_at(&cursor);
        judge->count += item->id != wish->ignore_id && (!item->held || holds.block(holds.context, item->id));
    }
}

/* Of a valid set, an item that begins after the start and is not met ends the search: see conflict.c. */
static uint64_t first_met(struct judge *judge, const struct probe *probe)
{
    bool valid = judge->wish->barber->diary.crossings == 0;
    for (size_t i = judge->first; i < judge->count; i++) {
        const struct tree_item *item = &judge->nearby[i];
        if (conflict_pair(probe, item)) return item->id;
        if (item->start_s > probe->start_s && valid) return 0;
        if (item->start_s <= probe->start_s && i == judge->first) judge->first++;
    }
    return 0;
}

static uint64_t blocker_of(struct judge *judge, int64_t start_s, int64_t last_s)
{
    const struct wish *wish = judge->wish;
    struct probe probe = {
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .before_s = wish->lengths.before_s,
        .after_s = wish->lengths.after_s,
        .exclusive = wish->exclusive,
    };
    struct blocked blocked;
    if (start_s < judge->from_s || start_s >= judge->to_s)
        look_around(judge, start_s, last_s > start_s ? last_s : start_s + 1);
    if (judge->fits) return first_met(judge, &probe);
    return wish_is_blocked(wish, start_s, &blocked) ? blocked.blocker_id : 0;
}

/* Judges a start; starts come in order, and most of them before last_s. */
static fig_slot judged_slot(struct judge *judge, int64_t start_s, int64_t last_s)
{
    const struct wish *wish = judge->wish;
    fig_slot slot = {
        .struct_size = sizeof slot,
        .barber_id = wish->barber->profile->id,
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
    };
    struct rule_question question = wish_question(wish, start_s);
    struct broken_rule broken;
    question.lookups = &judge->lookups;
    if (!rules_pass(&question, &broken)) {
        slot.why = FIG_RULE;
        slot.rule = broken.type;
    } else if ((slot.blocker_id = blocker_of(judge, start_s, last_s)) != 0) {
        slot.why = FIG_CONFLICT;
    } else {
        slot.available = true;
    }
    return slot;
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
    struct judge judge;
    int64_t start_s;
    judge_begin(&judge, wish);
    slots->count = 0;
    while (next_start(&starts, &start_s)) {
        if (slots->count < slots->capacity)
            slots->list[slots->count] = judged_slot(&judge, start_s, starts.grid.span.end_s);
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
    struct judge judge;
    int64_t start_s;
    judge_begin(&judge, wish);
    for (size_t place = 0; next_start(&starts, &start_s); place++) {
        while (place < slots->count && slots->list[place].start_s < start_s) place++;
        if (place < slots->count && slots->list[place].start_s == start_s) continue;
        if (slots->count == slots->capacity) return false;
        for (size_t i = slots->count; i > place; i--) slots->list[i] = slots->list[i - 1];
        slots->list[place] = judged_slot(&judge, start_s, starts.grid.span.end_s);
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
        if (!next_start(&starts, &own_s) || own_s != start_s) continue;
        struct judge judge;
        judge_begin(&judge, &wish);
        return judged_slot(&judge, start_s, start_s + 1);
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

static fig_slot slot_of(const struct wish *wish, int64_t start_s)
{
    return (fig_slot){
        .struct_size = sizeof(fig_slot),
        .barber_id = wish->barber->profile->id,
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .available = true,
    };
}

/* Gives a barber those of the starts that nobody has who fit. Returns how many. */
static size_t give_what_fits(const struct wish *wish, fig_slot *list, size_t count)
{
    struct open_walk open = {.opening = &wish->opening};
    struct judge judge;
    int64_t resume_s = FIG_TIME_MIN; /* none fits before */
    size_t given = 0;
    judge_begin(&judge, wish);
    for (size_t i = 0; i < count; i++) {
        int64_t start_s = list[i].start_s;
        if (list[i].available || start_s < resume_s || start_s > FIG_TIME_MAX - wish->lengths.duration_s) continue;
        if (!open_walk_covers(&open, start_s, start_s + wish->lengths.duration_s, &resume_s)) continue;
        fig_slot slot = judged_slot(&judge, start_s, list[count - 1].start_s + 1);
        if (!slot.available) continue;
        list[i] = slot;
        given++;
    }
    return given;
}

/* By ids: each barber once, as long as a start is left. */
static void give_to_the_first(const struct any_wish *any, fig_slot *list, size_t count)
{
    struct wish wish;
    size_t left = count;
    for (size_t i = 0; i < count; i++) list[i].available = false;
    for (uint64_t id = 0; left > 0 && any_next_barber(any, &id, &wish);) left -= give_what_fits(&wish, list, count);
}

/* The other orders may go by the start. */
static void give_by_starts(const struct any_wish *any, fig_slot *list, size_t count)
{
    struct wish wish;
    for (size_t i = 0; i < count; i++)
        if (any_barber(any, list[i].start_s, &wish)) list[i] = slot_of(&wish, list[i].start_s);
}

void any_slots_list(const struct any_wish *any, int64_t day, fig_slots *slots)
{
    if (!merge_all(any, day, slots)) list_by_start(any, day, slots);
    size_t listed = slots->count < slots->capacity ? slots->count : slots->capacity;
    if (any->order == FIG_ANY_FIRST)
        give_to_the_first(any, slots->list, listed);
    else
        give_by_starts(any, slots->list, listed);
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
