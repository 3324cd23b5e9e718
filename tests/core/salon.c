#include "tests/core/salon.h"
#include "tests/core/zones.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the version ---- */

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static const struct nodes_allocator allocator = {allocate, release, NULL};

struct salon *salon_open(void)
{
    struct salon *salon = calloc(1, sizeof *salon);
    cr_assert_not_null(salon);
    salon->nodes = nodes_create(&allocator);
    cr_assert_not_null(salon->nodes);
    nodes_begin(salon->nodes);
    salon->version.next_appointment_id = 1;
    return salon;
}

void salon_close(struct salon *salon)
{
    nodes_destroy(salon->nodes);
    free(salon);
}

static void *take(struct salon *salon, size_t size)
{
    cr_assert(size <= NODE_SIZE_MAX && nodes_reserve(salon->nodes, size + 64));
    void *memory = nodes_alloc(salon->nodes, size);
    memset(memory, 0, size);
    return memory;
}

static void put(struct salon *salon, struct radix *map, uint64_t id, void *value)
{
    cr_assert(nodes_reserve(salon->nodes, RADIX_RESERVE_BYTES));
    radix_put(salon->nodes, map, id, value);
}

/* Made up, since no zone of the world has them at all or often: changes across midnight, of odd lengths. */
static const struct {
    const char *name;
    const char *rule;
} made_up[] = {
    {"Made/Gap_Over_Midnight", "AAA0BBB-1,M3.2.0/23:30,M11.1.0/2:00"},
    {"Made/Fold_Over_Midnight", "AAA-3BBB-4,M3.2.0/2:00,M11.1.0/0:40"},
    {"Made/Fold_To_Midnight", "AAA5BBB3,M2.5.0/23:00,M7.1.0/0:00"},
    {"Made/Long_Gap", "AAA20BBB-3,M1.1.1/20:00,M6.2.3/1:00"},
};

static struct zone *load_zone(const char *name)
{
    for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++)
        if (strcmp(name, made_up[i].name) == 0) return zones_posix(made_up[i].rule);
    return zones_load(name);
}

const struct zone *salon_zone(struct salon *salon, const char *name)
{
    struct version *version = &salon->version;
    size_t size = strlen(name);
    const struct zone *known = version_zone(version, name, size);
    if (known != NULL) return known;
    struct zone *read = load_zone(name);
    struct zone *zone = take(salon, read->memory_bytes);
    memcpy(zone, read, read->memory_bytes);
    free(read);
    struct zone_document *kept = take(salon, sizeof *kept);
    char *text = take(salon, size + 1);
    memcpy(text, name, size);
    kept->document.kind = DOCUMENT_ZONE;
    kept->document.id = version->documents[DOCUMENT_ZONE].count + 1;
    kept->document.name = text;
    kept->document.name_size = (uint8_t)size;
    kept->zone = zone;
    put(salon, &version->documents[DOCUMENT_ZONE], kept->document.id, kept);
    put(salon, &version->document_names[DOCUMENT_ZONE], text_place(version, name, size, 0), kept);
    return zone;
}

struct shop *salon_shop(struct salon *salon, uint64_t id, const char *zone)
{
    size_t size = strlen(zone);
    struct shop *shop = take(salon, sizeof *shop + size + 2);
    shop->id = id;
    shop->zone_size = (uint8_t)size;
    memcpy(shop->names + 1, zone, size); /* no name */
    put(salon, &salon->version.shops, id, shop);
    return shop;
}

struct barber *salon_barber(struct salon *salon, uint64_t id, uint64_t shop_id, const char *zone, fig_open_mode open)
{
    size_t size = strlen(zone);
    struct barber_profile *profile = take(salon, sizeof *profile + size + 2);
    profile->id = id;
    profile->shop_id = shop_id;
    profile->open = (uint8_t)open;
    profile->active = 1;
    profile->zone_size = (uint8_t)size;
    memcpy(profile->names + 1, zone, size);
    struct barber *barber = take(salon, sizeof *barber);
    barber->profile = profile;
    put(salon, &salon->version.barbers, id, barber);
    return barber;
}

struct schedule *salon_schedule(struct salon *salon, enum document_kind kind, uint64_t id)
{
    struct schedule *schedule = take(salon, sizeof *schedule);
    schedule->document.kind = (uint8_t)kind;
    schedule->document.id = id;
    schedule->is.weekly = take(salon, SALON_ITEMS * sizeof(fig_weekly));
    schedule->is.cuts = take(salon, SALON_ITEMS * sizeof(fig_cut));
    schedule->is.grid_s = 1800;
    schedule->is.same_day = true;
    schedule->is.cutoff_s = FIG_NO_CUTOFF;
    put(salon, &salon->version.documents[kind], id, schedule);
    return schedule;
}

static int by_weekday(const void *left, const void *right)
{
    const fig_weekly *a = left, *b = right;
    if (a->weekday != b->weekday) return a->weekday < b->weekday ? -1 : 1;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    return (a->end_s > b->end_s) - (a->end_s < b->end_s);
}

void salon_weekly(struct schedule *schedule, int weekday, uint32_t start_s, uint32_t end_s)
{
    fig_weekly weekly = {.weekday = (uint8_t)weekday, .start_s = start_s, .end_s = end_s};
    for (size_t i = 0; i < schedule->is.weekly_count; i++)
        if (by_weekday(&schedule->is.weekly[i], &weekly) == 0) return;
    cr_assert(schedule->is.weekly_count < SALON_ITEMS);
    schedule->is.weekly[schedule->is.weekly_count++] = weekly;
    qsort(schedule->is.weekly, schedule->is.weekly_count, sizeof weekly, by_weekday);
}

void salon_cut(struct schedule *schedule, fig_cut cut)
{
    cr_assert(schedule->is.cut_count < SALON_ITEMS);
    size_t place = schedule->is.cut_count++;
    if (!cut.yearly) { /* before the yearly ones */
        size_t first_yearly = place - schedule->yearly_count;
        schedule->is.cuts[place] = schedule->is.cuts[first_yearly];
        place = first_yearly;
    }
    schedule->is.cuts[place] = cut;
    schedule->yearly_count += cut.yearly;
}

void salon_window(struct salon *salon, struct barber *barber, fig_window_kind kind, int64_t start_s, int64_t end_s,
                  int64_t declared_s)
{
    struct tree *tree = kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
    struct tree_item there;
    struct tree_item item = {.start_s = start_s, .duration_s = (uint32_t)(end_s - start_s), .id = (uint64_t)declared_s};
    if (tree_find(tree, start_s, item.id, &there)) return;
    cr_assert(nodes_reserve(salon->nodes, tree_reserve_bytes(tree)));
    tree_insert(salon->nodes, tree, &item);
    barber->pieces += kind == FIG_WINDOW_AVAILABLE && start_s != declared_s;
}

uint64_t salon_appointment(struct salon *salon, struct barber *barber, struct tree_item item, int64_t expires_s)
{
    struct version *version = &salon->version;
    struct appointment *made = take(salon, sizeof *made);
    *made = (struct appointment){
        .id = version->next_appointment_id++,
        .barber_id = barber->profile->id,
        .start_s = item.start_s,
        .expires_s = expires_s,
        .duration_s = item.duration_s,
        .before_s = item.before_s,
        .after_s = item.after_s,
        .status = expires_s != 0 ? FIG_HELD : FIG_SCHEDULED,
    };
    put(salon, &version->appointments, made->id, made);
    struct tree_item kept = appointment_item(made);
    cr_assert(nodes_reserve(salon->nodes, tree_reserve_bytes(&barber->diary)));
    tree_insert(salon->nodes, &barber->diary, &kept);
    barber->last_booked_id = made->id;
    return made->id;
}

/* ---- by plain definitions ---- */

static void add_span(struct plain_spans *spans, int64_t start_s, int64_t end_s)
{
    if (start_s >= end_s) return;
    cr_assert(spans->count < SALON_SPANS);
    spans->list[spans->count++] = (struct open_span){start_s, end_s};
}

static bool clocks_of(const struct zone *zone, int64_t day, uint32_t start, uint32_t end, struct open_span *span)
{
    if (!civil_day_exists(zone, day)) return false;
    civil_to_utc(zone, day * CIVIL_DAY_S + start, CIVIL_FIRST, &span->start_s);
    civil_to_utc(zone, (end > start ? day : day + 1) * CIVIL_DAY_S + end, CIVIL_FIRST, &span->end_s);
    return span->start_s < span->end_s;
}

static void add_weekly(struct plain_spans *spans, const struct schedule *schedule, const struct zone *zone, int64_t day)
{
    struct open_span span;
    for (size_t i = 0; schedule != NULL && i < schedule->is.weekly_count; i++) {
        const fig_weekly *weekly = &schedule->is.weekly[i];
        if (weekly->weekday == civil_weekday(day) && clocks_of(zone, day, weekly->start_s, weekly->end_s, &span))
            add_span(spans, span.start_s, span.end_s);
    }
}

/* Month and day of a cut's date against those of a day: -1, 0, 1. */
static int compare_in_year(int64_t a, int64_t b)
{
    struct civil_date left = civil_date_of(a), right = civil_date_of(b);
    if (left.month != right.month) return left.month < right.month ? -1 : 1;
    return (left.day > right.day) - (left.day < right.day);
}

static bool cut_has(const fig_cut *cut, int64_t day)
{
    if (!cut->yearly) return cut->from_day <= day && day <= cut->to_day;
    bool after_from = compare_in_year(cut->from_day, day) <= 0, before_to = compare_in_year(day, cut->to_day) <= 0;
    bool wraps = compare_in_year(cut->from_day, cut->to_day) > 0;
    return wraps ? after_from || before_to : after_from && before_to;
}

static void add_cuts(struct plain_spans *spans, const struct schedule *schedule, const struct zone *zone, int64_t day)
{
    struct open_span span;
    for (size_t i = 0; schedule != NULL && i < schedule->is.cut_count; i++) {
        const fig_cut *cut = &schedule->is.cuts[i];
        if (cut->state != FIG_CUT_APPROVED || !cut_has(cut, day)) continue;
        if (cut->whole_days)
            add_span(spans, civil_day_start(zone, day), civil_day_start(zone, day + 1));
        else if (clocks_of(zone, day, cut->start_s, cut->end_s, &span))
            add_span(spans, span.start_s, span.end_s);
    }
}

static void add_items(struct plain_spans *spans, const struct tree *tree)
{
    struct tree_cursor cursor;
    for (bool more = tree_ceiling(tree, 2 * FIG_TIME_MIN, &cursor); more; more = tree_next(tree, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        add_span(spans, item.start_s, item.start_s + item.duration_s);
    }
}

static void add_changes(struct plain *plain, const struct plain_spans *spans)
{
    for (size_t i = 0; i < spans->count; i++) {
        plain->changes[plain->change_count++] = spans->list[i].start_s;
        plain->changes[plain->change_count++] = spans->list[i].end_s;
        cr_assert(plain->change_count + 2 <= sizeof plain->changes / sizeof plain->changes[0]);
    }
}

static int by_instant(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void plain_of(struct plain *plain, const struct opening *opening, int64_t first, int64_t last)
{
    plain->barber = opening->barber;
    plain->own = opening->own;
    plain->shops = opening->shops;
    plain->zone = opening->zone;
    plain->always = opening->always;
    plain->clips = !opening->always && opening->shops != NULL && opening->shops->is.clip_to_hours;
    plain->opens.count = plain->clip.count = plain->cuts.count = plain->change_count = 0;
    for (int64_t day = first; day <= last; day++) {
        if (!plain->always) add_weekly(&plain->opens, plain->own, plain->zone, day);
        if (plain->clips) add_weekly(&plain->clip, plain->shops, plain->zone, day);
        add_cuts(&plain->cuts, plain->own, plain->zone, day);
        add_cuts(&plain->cuts, plain->shops, plain->zone, day);
    }
    if (!plain->always) add_items(&plain->opens, &plain->barber->windows);
    add_items(&plain->cuts, &plain->barber->cuts);
    add_changes(plain, &plain->opens);
    add_changes(plain, &plain->clip);
    add_changes(plain, &plain->cuts);
    qsort(plain->changes, plain->change_count, sizeof plain->changes[0], by_instant);
}

static bool is_in(const struct plain_spans *spans, int64_t at_s)
{
    for (size_t i = 0; i < spans->count; i++)
        if (spans->list[i].start_s <= at_s && at_s < spans->list[i].end_s) return true;
    return false;
}

bool plain_is_open(const struct plain *plain, int64_t at_s)
{
    if (!plain->always && !is_in(&plain->opens, at_s)) return false;
    if (plain->clips && !is_in(&plain->clip, at_s)) return false;
    return !is_in(&plain->cuts, at_s);
}

int64_t plain_change(const struct plain *plain, int64_t at_s)
{
    bool open = plain_is_open(plain, at_s);
    for (size_t i = 0; i < plain->change_count; i++)
        if (plain->changes[i] > at_s && plain_is_open(plain, plain->changes[i]) != open) return plain->changes[i];
    return INT64_MAX;
}

bool plain_covers(const struct plain *plain, int64_t start_s, int64_t end_s)
{
    for (size_t i = 0; i < plain->change_count && plain->changes[i] < end_s; i++)
        if (plain->changes[i] > start_s && !plain_is_open(plain, plain->changes[i])) return false;
    return plain_is_open(plain, start_s);
}

static size_t add_steps(int64_t *starts, size_t count, size_t capacity, int64_t origin_s, uint32_t step_s,
                        struct open_span span)
{
    for (int64_t at_s = origin_s; at_s < span.end_s; at_s += step_s) {
        if (at_s < span.start_s) continue;
        cr_assert(count < capacity);
        starts[count++] = at_s;
    }
    return count;
}

static size_t add_dated_grid(const struct plain *plain, struct open_span day, uint32_t step_s, int64_t *starts,
                             size_t count, size_t capacity)
{
    struct tree_cursor cursor;
    const struct tree *windows = &plain->barber->windows;
    for (bool more = tree_ceiling(windows, 2 * FIG_TIME_MIN, &cursor); more; more = tree_next(windows, &cursor)) {
        struct tree_item piece = tree_at(&cursor);
        struct open_span span = {piece.start_s, piece.start_s + piece.duration_s};
        if (day.start_s <= (int64_t)piece.id && (int64_t)piece.id < day.end_s)
            count = add_steps(starts, count, capacity, (int64_t)piece.id, step_s, span);
    }
    return count;
}

size_t plain_grid(const struct plain *plain, int64_t day, uint32_t step_s, int64_t *starts, size_t capacity)
{
    static struct plain_spans weekly;
    struct open_span span;
    size_t count = 0, kept = 0;
    if (!civil_day_span(plain->zone, day, &span.start_s, &span.end_s)) return 0;
    if (plain->always) return add_steps(starts, 0, capacity, span.start_s, step_s, span);
    weekly.count = 0;
    add_weekly(&weekly, plain->own, plain->zone, day);
    for (size_t i = 0; i < weekly.count; i++)
        count = add_steps(starts, count, capacity, weekly.list[i].start_s, step_s, weekly.list[i]);
    count = add_dated_grid(plain, span, step_s, starts, count, capacity);
    qsort(starts, count, sizeof starts[0], by_instant);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || starts[i] != starts[kept - 1]) starts[kept++] = starts[i];
    return kept;
}

uint64_t plain_blocker(const struct wish *wish, int64_t start_s)
{
    struct probe probe = {
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .before_s = wish->lengths.before_s,
        .after_s = wish->lengths.after_s,
        .exclusive = wish->exclusive,
    };
    struct tree_cursor cursor;
    const struct tree *diary = &wish->barber->diary;
    for (bool more = tree_ceiling(diary, 2 * FIG_TIME_MIN, &cursor); more; more = tree_next(diary, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        const struct appointment *appointment = version_appointment(wish->version, item.id);
        bool over = item.held && appointment->expires_s <= wish->now_s;
        if (!over && item.id != wish->ignore_id && conflict_pair(&probe, &item)) return item.id;
    }
    return 0;
}

bool plain_fits(const struct plain *plain, const struct wish *wish, int64_t start_s)
{
    return plain_blocker(wish, start_s) == 0 && plain_covers(plain, start_s, start_s + wish->lengths.duration_s);
}

static int64_t plain_load_s(const struct wish *wish, int64_t start_s)
{
    const struct zone *zone = wish->opening.zone;
    int64_t day = civil_day_at(zone, start_s), from_s, to_s, load_s = 0;
    for (day -= 2; !(civil_day_span(zone, day, &from_s, &to_s) && from_s <= start_s && start_s < to_s); day++) {
    }
    struct tree_cursor cursor;
    const struct tree *diary = &wish->barber->diary;
    for (bool more = tree_ceiling(diary, 2 * FIG_TIME_MIN, &cursor); more; more = tree_next(diary, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        const struct appointment *appointment = version_appointment(wish->version, item.id);
        if (item.held && appointment->expires_s <= wish->now_s) continue;
        int64_t end_s = item.start_s + item.duration_s < to_s ? item.start_s + item.duration_s : to_s;
        int64_t start_in_s = item.start_s > from_s ? item.start_s : from_s;
        if (start_in_s < end_s) load_s += end_s - start_in_s;
    }
    return load_s;
}

bool plain_precedes(const struct any_wish *any, const struct wish *a, const struct wish *b, int64_t start_s)
{
    int64_t by = 0;
    switch (any->order) {
    case FIG_ANY_FIRST: break;
    case FIG_ANY_LEAST_LOADED: by = plain_load_s(a, start_s) - plain_load_s(b, start_s); break;
    case FIG_ANY_LEAST_RECENT: by = (int64_t)a->barber->last_booked_id - (int64_t)b->barber->last_booked_id; break;
    case FIG_ANY_PRIORITY: by = (int64_t)b->barber->profile->priority - a->barber->profile->priority; break;
    }
    return by != 0 ? by < 0 : a->barber->profile->id < b->barber->profile->id;
}

/* ---- random salons ---- */

uint64_t salon_seed;

void salon_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    char words[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    cr_assert_fail("%s:%d: %s: %s; replay with FIGARO_SEED=%llu", file, line, condition, words,
                   (unsigned long long)salon_seed);
    abort();
}

const char *salon_random_zone(struct support_random *random, int64_t *near_s)
{
    static struct zones zones;
    static const char *const odd[] = {"Australia/Lord_Howe", "Pacific/Apia",         "Africa/Casablanca",
                                      "America/Havana",      "Asia/Beirut",          "Asia/Tehran",
                                      "Pacific/Kwajalein",   "America/Scoresbysund", "Europe/Dublin",
                                      "America/Asuncion",    "Antarctica/Troll",     "Africa/Monrovia"};
    if (zones.count == 0) zones = zones_need();
    const char *name = support_chance(random, 50) ? odd[support_below(random, sizeof odd / sizeof odd[0])]
                                                  : zones.entries[support_below(random, zones.count)].name;
    if (support_chance(random, 20)) name = made_up[support_below(random, sizeof made_up / sizeof made_up[0])].name;
    struct zone *zone = load_zone(name);
    *near_s = support_between(random, FIG_TIME_MIN + 40 * CIVIL_DAY_S, FIG_TIME_MAX - 40 * CIVIL_DAY_S);
    if (support_chance(random, 60)) *near_s = support_between(random, 0, INT64_C(2000000000));
    if (strcmp(name, "Pacific/Apia") == 0 && support_chance(random, 50)) *near_s = INT64_C(1325239200);
    struct zone_span span = zone_span_at(zone, *near_s);
    if (support_chance(random, 85) && span.end_s < FIG_TIME_MAX - 40 * CIVIL_DAY_S) *near_s = span.end_s;
    free(zone);
    return name;
}

uint32_t salon_random_clock(struct support_random *random)
{
    switch (support_below(random, 6)) {
    case 0: return 0;
    case 1: return 86400;
    case 2: return (uint32_t)support_below(random, 86401);
    case 3: return (uint32_t)(support_below(random, 13) * 900 + (support_chance(random, 50) ? 0 : 21 * 3600));
    default: return (uint32_t)support_below(random, 97) * 900;
    }
}

static void random_weekly(struct support_random *random, struct schedule *schedule, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t start_s = salon_random_clock(random);
        uint32_t end_s = support_chance(random, 10) ? start_s : salon_random_clock(random);
        salon_weekly(schedule, (int)support_below(random, 7), start_s, end_s);
    }
}

static fig_cut random_cut(struct support_random *random, int64_t day)
{
    fig_cut cut = {
        .state = support_chance(random, 80) ? FIG_CUT_APPROVED : FIG_CUT_REQUESTED,
        .yearly = support_chance(random, 40),
        .whole_days = support_chance(random, 50),
        .from_day = (int32_t)support_between(random, day - 6, day + 8),
        .start_s = salon_random_clock(random),
        .end_s = salon_random_clock(random),
    };
    cut.to_day = cut.from_day + (int32_t)support_below(random, 3);
    if (cut.yearly) { /* of another year; a leap one, so that 29 February can be among them */
        int32_t shift = (int32_t)(civil_days((struct civil_date){2024, 1, 1}) -
                                  civil_days((struct civil_date){civil_date_of(day).year, 1, 1}));
        cut.from_day += shift;
        cut.to_day += shift;
        if (support_chance(random, 10)) cut.from_day = (int32_t)civil_days((struct civil_date){2024, 2, 29});
        if (support_chance(random, 10)) cut.to_day = (int32_t)civil_days((struct civil_date){2024, 2, 29});
    }
    return cut;
}

static void random_windows(struct salon *salon, struct support_random *random, struct barber *barber, int64_t day)
{
    size_t count = support_below(random, 8);
    for (size_t i = 0; i < count; i++) {
        int64_t declared_s = (day - 4) * CIVIL_DAY_S + (int64_t)support_below(random, 8 * 96) * 900;
        int64_t start_s = support_chance(random, 30) ? declared_s + (int64_t)support_below(random, 20000) : declared_s;
        int64_t end_s = start_s + 1 + (int64_t)support_below(random, support_chance(random, 10) ? 300000 : 20000);
        fig_window_kind kind = support_chance(random, 70) ? FIG_WINDOW_AVAILABLE : FIG_WINDOW_UNAVAILABLE;
        salon_window(salon, barber, kind, start_s, end_s, kind == FIG_WINDOW_AVAILABLE ? declared_s : start_s);
    }
}

struct barber *salon_random_barber(struct salon *salon, struct support_random *random, uint64_t id, const char *zone,
                                   int64_t day)
{
    fig_open_mode open = support_chance(random, 20) ? FIG_OPEN_ALWAYS : FIG_OPEN_HOURS;
    struct barber *barber = salon_barber(salon, id, 1, support_chance(random, 50) ? zone : "", open);
    if (version_shop(&salon->version, 1) == NULL) {
        salon_shop(salon, 1, zone);
        struct schedule *shops = salon_schedule(salon, DOCUMENT_SHOP_SCHEDULE, 1);
        shops->is.clip_to_hours = support_chance(random, 30);
        shops->is.grid_s = (uint32_t)support_between(random, 10, 100) * 60;
        random_weekly(random, shops, support_below(random, 24));
        for (size_t i = support_below(random, 3); i > 0; i--) salon_cut(shops, random_cut(random, day));
    }
    if (support_chance(random, 85)) {
        struct schedule *own = salon_schedule(salon, DOCUMENT_BARBER_SCHEDULE, id);
        random_weekly(random, own, support_below(random, 20));
        for (size_t i = support_below(random, 4); i > 0; i--) salon_cut(own, random_cut(random, day));
    }
    random_windows(salon, random, barber, day);
    return barber;
}

/* Whether it could be booked beside what is there. */
static bool has_room(struct salon *salon, const struct barber *barber, const struct tree_item *item)
{
    struct wish wish = {
        .version = &salon->version,
        .barber = barber,
        .lengths = {item->duration_s, item->before_s, item->after_s},
        .exclusive = barber_buffers_exclusive(&salon->version, barber),
        .now_s = FIG_TIME_MIN,
    };
    return plain_blocker(&wish, item->start_s) == 0;
}

void salon_random_diary(struct salon *salon, struct support_random *random, struct barber *barber, int64_t from_s,
                        int64_t to_s, size_t count)
{
    bool valid = support_chance(random, 60);
    for (size_t i = 0; i < count; i++) {
        struct tree_item item = {
            .start_s = from_s + (int64_t)support_below(random, (uint64_t)(to_s - from_s)),
            .duration_s = 1 + (uint32_t)support_below(random, 14400),
            .before_s = support_chance(random, 40) ? (uint32_t)support_below(random, 3600) : 0,
            .after_s = support_chance(random, 40) ? (uint32_t)support_below(random, 3600) : 0,
        };
        if (support_chance(random, 70)) item.start_s -= item.start_s % 900;
        int64_t expires_s = support_chance(random, 20) ? support_between(random, 1, 200) : 0;
        if (valid && !has_room(salon, barber, &item)) continue;
        salon_appointment(salon, barber, item, expires_s);
    }
}
