#include "bench/sqlite_diary.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "CREATE TABLE shops(id INTEGER PRIMARY KEY, lead_s INT NOT NULL, horizon_days INT NOT NULL);"
    "CREATE TABLE barbers(id INTEGER PRIMARY KEY, shop_id INT NOT NULL, active INT NOT NULL, name TEXT NOT NULL);"
    "CREATE INDEX barbers_of_shop ON barbers(shop_id, id) WHERE active = 1;"
    "CREATE TABLE weekly(barber_id INT, weekday INT, start_s INT, end_s INT, PRIMARY KEY(barber_id, weekday, start_s))"
    " WITHOUT ROWID;"
    "CREATE TABLE time_off(barber_id INT, to_day INT, from_day INT, start_s INT, end_s INT,"
    " PRIMARY KEY(barber_id, to_day, from_day, start_s)) WITHOUT ROWID;"
    "CREATE TABLE services(id INTEGER PRIMARY KEY, duration_s INT NOT NULL, before_s INT NOT NULL, after_s INT NOT "
    "NULL,"
    " max_per_day INT NOT NULL);"
    "CREATE TABLE clients(id INTEGER PRIMARY KEY, blocked INT NOT NULL);"
    "CREATE TABLE rules(id INTEGER PRIMARY KEY, type INT NOT NULL, limit_s INT NOT NULL, active INT NOT NULL);"
    "CREATE TABLE rule_hours(rule_id INT, weekday INT, start_s INT, end_s INT, PRIMARY KEY(rule_id, weekday, start_s))"
    " WITHOUT ROWID;"
    "CREATE TABLE appointments(id INTEGER PRIMARY KEY, barber_id INT NOT NULL, client_id INT, service_id INT,"
    " start_s INT NOT NULL, end_s INT NOT NULL, before_s INT NOT NULL, after_s INT NOT NULL, active INT NOT NULL);";

/* Made once the appointments are in. Each covers what is asked of it: the table itself is never read. */
static const char indexes[] = "CREATE INDEX busy ON appointments(barber_id, start_s, end_s, before_s, after_s)"
                              " WHERE active = 1;"
                              "CREATE INDEX of_client ON appointments(client_id, start_s, service_id) WHERE active = 1;"
                              "ANALYZE;";

static const char in_memory[] = "PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE;"
                                "PRAGMA cache_size = -4000000;";
static const char durable[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                              "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4000000;";

/* The statements, by what they ask. */
enum asked {
    BARBERS,
    SHOP_OF,
    SHOP_LIMITS,
    HOURS,
    HOURS_OF_SHOP,
    TIME_OFF,
    SERVICE,
    RULES,
    RULE_HOURS,
    BEFORE,
    AFTER,
    WITHIN,
    CLIENTS_OWN,
    INSERT,
    ASKED
};

static const char *const texts[ASKED] = {
    [BARBERS] = "SELECT id FROM barbers WHERE shop_id = ?1 AND active = 1 ORDER BY id",
    [SHOP_OF] = "SELECT b.active, s.lead_s, s.horizon_days FROM barbers b JOIN shops s ON s.id = b.shop_id"
                " WHERE b.id = ?1",
    [SHOP_LIMITS] = "SELECT 1, lead_s, horizon_days FROM shops WHERE id = ?1",
    [HOURS] = "SELECT start_s, end_s FROM weekly WHERE barber_id = ?1 AND weekday = ?2 ORDER BY start_s",
    [HOURS_OF_SHOP] = "SELECT b.id, w.start_s, w.end_s FROM barbers b CROSS JOIN weekly w ON w.barber_id = b.id"
                      " WHERE b.shop_id = ?1 AND b.active = 1 AND w.weekday = ?2 ORDER BY b.id, w.start_s",
    [TIME_OFF] = "SELECT start_s, end_s FROM time_off WHERE barber_id = ?1 AND to_day >= ?2 AND from_day <= ?2",
    [SERVICE] = "SELECT duration_s, before_s, after_s, max_per_day FROM services WHERE id = ?1",
    [RULES] = "SELECT id, type, limit_s FROM rules WHERE active = 1",
    [RULE_HOURS] = "SELECT 1 FROM rule_hours WHERE rule_id = ?1 AND weekday = ?2 AND start_s <= ?3 AND end_s >= ?4"
                   " LIMIT 1",
    [BEFORE] = "SELECT start_s, end_s, before_s, after_s FROM appointments"
               " WHERE active = 1 AND barber_id = ?1 AND start_s < ?2 ORDER BY start_s DESC LIMIT 1",
    [AFTER] = "SELECT start_s, end_s, before_s, after_s FROM appointments"
              " WHERE active = 1 AND barber_id = ?1 AND start_s >= ?2 ORDER BY start_s LIMIT 1",
    [WITHIN] = "SELECT start_s, end_s, before_s, after_s FROM appointments"
               " WHERE active = 1 AND barber_id = ?1 AND start_s >= ?2 AND start_s < ?3 ORDER BY start_s",
    [CLIENTS_OWN] = "SELECT count(*) FROM appointments WHERE active = 1 AND client_id = ?1 AND start_s >= ?2"
                    " AND start_s < ?3 AND service_id = ?4",
    [INSERT] = "INSERT INTO appointments(barber_id, client_id, service_id, start_s, end_s, before_s, after_s, active)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
};

struct diary {
    sqlite3 *base;
    sqlite3_stmt *statements[ASKED];
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    bool failed;
};

/* ------------------------------------------------------------------ making, filling */

static bool prepare(struct diary *diary, const char *text, sqlite3_stmt **statement)
{
    return sqlite3_prepare_v3(diary->base, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK;
}

static bool prepare_all(struct diary *diary)
{
    for (int i = 0; i < ASKED; i++)
        if (!prepare(diary, texts[i], &diary->statements[i])) return false;
    return prepare(diary, "BEGIN IMMEDIATE", &diary->begin) && prepare(diary, "COMMIT", &diary->commit);
}

static bool execute(struct diary *diary, const char *text)
{
    return sqlite3_exec(diary->base, text, NULL, NULL, NULL) == SQLITE_OK;
}

struct diary *diary_make(const char *path)
{
    struct diary *diary = calloc(1, sizeof *diary);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (diary == NULL) return NULL;
    if (sqlite3_open_v2(path != NULL ? path : ":memory:", &diary->base, flags, NULL) == SQLITE_OK &&
        execute(diary, path != NULL ? durable : in_memory) && execute(diary, schema) && prepare_all(diary))
        return diary;
    diary_close(diary);
    return NULL;
}

void diary_close(struct diary *diary)
{
    if (diary == NULL) return;
    for (int i = 0; i < ASKED; i++) sqlite3_finalize(diary->statements[i]);
    sqlite3_finalize(diary->begin);
    sqlite3_finalize(diary->commit);
    sqlite3_close(diary->base);
    free(diary);
}

const char *diary_message(const struct diary *diary)
{
    return diary != NULL ? sqlite3_errmsg(diary->base) : "it could not be made";
}

/* Runs a statement that gives no rows, with these numbers bound. */
static bool run(sqlite3_stmt *statement, const int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) sqlite3_bind_int64(statement, (int)i + 1, numbers[i]);
    bool good = sqlite3_step(statement) == SQLITE_DONE;
    return sqlite3_reset(statement) == SQLITE_OK && good;
}

#define NUMBERS(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)

static bool fill_barbers(struct diary *diary, const struct slots_world *world)
{
    sqlite3_stmt *barber = NULL, *hours = NULL, *off = NULL;
    bool good = prepare(diary, "INSERT INTO barbers VALUES(?1, ?2, 1, printf('barber %05d', ?1))", &barber) &&
                prepare(diary, "INSERT INTO weekly VALUES(?1, ?2, ?3, ?4)", &hours) &&
                prepare(diary, "INSERT INTO time_off VALUES(?1, ?2, ?3, ?4, ?5)", &off);
    for (size_t i = 0; i < world->barber_count && good; i++) {
        const struct world_barber *of = &world->barbers[i];
        int64_t id = (int64_t)i + 1;
        good = run(barber, NUMBERS(id, (int64_t)of->shop_id));
        for (int half = 0; half < 12 && of->hours[0].end_s != 0 && good; half++)
            good = run(hours, NUMBERS(id, half / 2, of->hours[half % 2].start_s, of->hours[half % 2].end_s));
        for (size_t k = 0; k < of->time_off_count && good; k++) {
            struct world_window clocks = of->time_off[k].clocks;
            int64_t end_s = clocks.end_s != 0 ? clocks.end_s : WORLD_DAY_S;
            good = run(off, NUMBERS(id, of->time_off[k].to_day, of->time_off[k].from_day, clocks.start_s, end_s));
        }
    }
    sqlite3_finalize(barber);
    sqlite3_finalize(hours);
    sqlite3_finalize(off);
    return good;
}

static bool insert(struct diary *diary, const struct world_appointment *of)
{
    return run(diary->statements[INSERT], NUMBERS((int64_t)of->barber_id, (int64_t)of->client_id, WORLD_SERVICE,
                                                  of->start_s, of->end_s, of->before_s, of->after_s));
}

static bool fill_clients(struct diary *diary)
{
    sqlite3_stmt *client = NULL;
    bool good = prepare(diary, "INSERT INTO clients VALUES(?1, 0)", &client);
    for (int64_t id = 1; id <= WORLD_CLIENTS && good; id++) good = run(client, NUMBERS(id));
    sqlite3_finalize(client);
    return good;
}

bool diary_fill(struct diary *diary, const struct slots_world *world)
{
    char text[256];
    bool hours = world->barbers[0].hours[0].end_s != 0;
    int lead_s = hours ? WORLD_LEAD_S : 0, horizon_days = hours ? WORLD_HORIZON_DAYS : 0;
    snprintf(text, sizeof text,
             "INSERT INTO shops VALUES(1, %d, %d), (2, %d, %d); INSERT INTO services VALUES(%d, %d, 0, %d, 0);", lead_s,
             horizon_days, lead_s, horizon_days, WORLD_SERVICE, WORLD_DURATION_S, WORLD_AFTER_S);
    bool good = diary_begin(diary) && execute(diary, text) && fill_barbers(diary, world) && fill_clients(diary);
    for (size_t i = 0; i < world->appointment_count && good; i++) good = insert(diary, &world->appointments[i]);
    return good && diary_commit(diary) && execute(diary, indexes);
}

bool diary_fill_rules(struct diary *diary)
{
    char text[512];
    snprintf(text, sizeof text,
             "BEGIN; UPDATE services SET max_per_day = %d WHERE id = %d;"
             "INSERT INTO rules VALUES(1, %d, %d, 1), (2, %d, %d, 1), (3, %d, 0, 1);"
             "INSERT INTO rule_hours SELECT 3, value, %d, %d FROM json_each('[0,1,2,3,4,5,6]'); COMMIT;",
             WORLD_MAX_PER_DAY, WORLD_SERVICE, FIG_RULE_MIN_ADVANCE, WORLD_ADVANCE_S, FIG_RULE_MAX_DURATION,
             WORLD_LONGEST_S, FIG_RULE_BUSINESS_HOURS, WORLD_OPENS_S, WORLD_CLOSES_S);
    return execute(diary, text);
}

/* ------------------------------------------------------------------ asking */

/* A statement with its numbers, ready to be stepped. */
static sqlite3_stmt *ask(struct diary *diary, enum asked asked, const int64_t *numbers, size_t count)
{
    sqlite3_stmt *statement = diary->statements[asked];
    for (size_t i = 0; i < count; i++) sqlite3_bind_int64(statement, (int)i + 1, numbers[i]);
    return statement;
}

/* The next row; at the end the statement is ready to be asked again. */
static bool next(struct diary *diary, sqlite3_stmt *statement)
{
    int said = sqlite3_step(statement);
    if (said == SQLITE_ROW) return true;
    if (said != SQLITE_DONE) diary->failed = true;
    sqlite3_reset(statement);
    return false;
}

static int64_t number(sqlite3_stmt *statement, int column) { return sqlite3_column_int64(statement, column); }

/* The first row's numbers. False: none. */
static bool first(struct diary *diary, sqlite3_stmt *statement, int64_t *numbers, int count)
{
    if (!next(diary, statement)) return false;
    for (int i = 0; i < count; i++) numbers[i] = number(statement, i);
    sqlite3_reset(statement);
    return true;
}

struct lengths {
    int64_t duration_s;
    int64_t before_s;
    int64_t after_s;
    int64_t max_per_day;
};

static bool read_service(struct diary *diary, struct lengths *lengths)
{
    int64_t numbers[4];
    if (!first(diary, ask(diary, SERVICE, NUMBERS(WORLD_SERVICE)), numbers, 4)) return false;
    *lengths = (struct lengths){numbers[0], numbers[1], numbers[2], numbers[3]};
    return true;
}

struct limits {
    int64_t active;
    int64_t lead_s;
    int64_t horizon_days;
};

static bool read_limits(struct diary *diary, enum asked asked, uint64_t id, struct limits *limits)
{
    int64_t numbers[3];
    if (!first(diary, ask(diary, asked, NUMBERS((int64_t)id)), numbers, 3)) return false;
    *limits = (struct limits){numbers[0], numbers[1], numbers[2]};
    return true;
}

static int32_t day_of(int64_t at_s) { return (int32_t)((at_s + WORLD_OFFSET_S) / WORLD_DAY_S); }

static bool within_limits(const struct limits *limits, int64_t now_s, int64_t start_s)
{
    if (start_s < now_s + limits->lead_s) return false;
    return limits->horizon_days == 0 || day_of(start_s) <= day_of(now_s) + limits->horizon_days;
}

#define SPANS_MAX 16

/* Spans of one barber on one date, in clocks. */
struct spans {
    struct {
        int64_t start_s;
        int64_t end_s;
    } list[SPANS_MAX];
    size_t count;
};

static void add_span(struct spans *spans, int64_t start_s, int64_t end_s)
{
    if (spans->count == SPANS_MAX) return; /* the worlds have two */
    spans->list[spans->count].start_s = start_s;
    spans->list[spans->count++].end_s = end_s;
}

static void read_spans(struct diary *diary, sqlite3_stmt *statement, struct spans *spans)
{
    spans->count = 0;
    while (next(diary, statement)) add_span(spans, number(statement, 0), number(statement, 1));
}

struct open_day {
    struct spans hours;
    struct spans off;
};

static void read_open_day(struct diary *diary, uint64_t barber_id, int32_t day, struct open_day *open)
{
    read_spans(diary, ask(diary, HOURS, NUMBERS((int64_t)barber_id, world_weekday(day))), &open->hours);
    open->off.count = 0;
    if (open->hours.count > 0) read_spans(diary, ask(diary, TIME_OFF, NUMBERS((int64_t)barber_id, day)), &open->off);
}

static bool is_off(const struct open_day *open, int64_t start_s, int64_t end_s)
{
    for (size_t i = 0; i < open->off.count; i++)
        if (start_s < open->off.list[i].end_s && open->off.list[i].start_s < end_s) return true;
    return false;
}

/* The starts of the grid that are open, all taken as available. */
static int open_starts(const struct open_day *open, uint64_t barber_id, int32_t day, int64_t duration_s,
                       struct world_slot *slots)
{
    int count = 0;
    for (size_t i = 0; i < open->hours.count; i++) {
        int64_t end_s = open->hours.list[i].end_s;
        for (int64_t at_s = open->hours.list[i].start_s; at_s + duration_s <= end_s; at_s += WORLD_GRID_S) {
            if (is_off(open, at_s, at_s + duration_s) || count == WORLD_SLOTS_MAX) continue;
            int64_t start_s = world_instant(day, (uint32_t)at_s);
            slots[count++] = (struct world_slot){barber_id, start_s, start_s + duration_s, true};
        }
    }
    return count;
}

/* ------------------------------------------------------------------ a day's slots */

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* The start of `service` conflicts with the appointment of the statement's row. */
static bool row_meets(sqlite3_stmt *row, const struct lengths *service, const struct world_slot *slot)
{
    int64_t free_s = number(row, 1) + larger(number(row, 3), service->before_s);
    int64_t until_s = number(row, 0) - larger(number(row, 2), service->after_s);
    return slot->start_s < free_s && until_s < slot->end_s;
}

/* One appointment takes slots out; it begins no earlier than those before it. The first slot that a later one may
 * reach. */
static int mark_row(sqlite3_stmt *row, const struct lengths *service, struct world_slot *slots, int from, int count)
{
    int64_t free_s = number(row, 1) + larger(number(row, 3), service->before_s);
    int64_t until_s = number(row, 0) - larger(number(row, 2), service->after_s);
    while (from < count && slots[from].end_s <= until_s) from++;
    for (int i = from; i < count && slots[i].start_s < free_s; i++) slots[i].available = false;
    return from;
}

/* By the appointment before the first slot and those that begin until the last one is over. */
static void mark_taken(struct diary *diary, uint64_t barber_id, const struct lengths *service, struct world_slot *slots,
                       int count)
{
    int64_t from_s = slots[0].start_s, to_s = slots[count - 1].end_s + 604800; /* the longest buffer */
    int64_t until_s = slots[count - 1].end_s;
    sqlite3_stmt *before = ask(diary, BEFORE, NUMBERS((int64_t)barber_id, from_s));
    if (next(diary, before)) {
        mark_row(before, service, slots, 0, count);
        sqlite3_reset(before);
    }
    sqlite3_stmt *within = ask(diary, WITHIN, NUMBERS((int64_t)barber_id, from_s, to_s));
    for (int from = 0; next(diary, within);) {
        from = mark_row(within, service, slots, from, count);
        if (number(within, 0) < until_s) continue;
        sqlite3_reset(within); /* what comes later is behind this one, which is not within the slots */
        return;
    }
}

static void apply_limits(const struct limits *limits, int64_t now_s, struct world_slot *slots, int count)
{
    for (int i = 0; i < count; i++)
        slots[i].available = slots[i].available && within_limits(limits, now_s, slots[i].start_s);
}

int diary_day(struct diary *diary, uint64_t barber_id, int32_t day, int64_t now_s, struct world_slot *slots)
{
    struct lengths service;
    struct limits limits;
    struct open_day open;
    if (!read_service(diary, &service) || !read_limits(diary, SHOP_OF, barber_id, &limits)) return -1;
    read_open_day(diary, barber_id, day, &open);
    int count = open_starts(&open, barber_id, day, service.duration_s, slots);
    apply_limits(&limits, now_s, slots, count);
    if (count > 0) mark_taken(diary, barber_id, &service, slots, count);
    return diary->failed ? -1 : count;
}

/* Predecessor and successor of a start. */
static bool is_taken(struct diary *diary, uint64_t barber_id, const struct lengths *service,
                     const struct world_slot *slot)
{
    static const enum asked neighbours[] = {BEFORE, AFTER};
    for (size_t i = 0; i < 2; i++) {
        sqlite3_stmt *row = ask(diary, neighbours[i], NUMBERS((int64_t)barber_id, slot->start_s));
        bool there = next(diary, row), meets = there && row_meets(row, service, slot);
        if (there) sqlite3_reset(row);
        if (meets) return true;
    }
    return false;
}

int diary_day_by_starts(struct diary *diary, uint64_t barber_id, int32_t day, int64_t now_s, struct world_slot *slots)
{
    struct lengths service;
    struct limits limits;
    struct open_day open;
    if (!read_service(diary, &service) || !read_limits(diary, SHOP_OF, barber_id, &limits)) return -1;
    read_open_day(diary, barber_id, day, &open);
    int count = open_starts(&open, barber_id, day, service.duration_s, slots);
    apply_limits(&limits, now_s, slots, count);
    for (int i = 0; i < count; i++)
        if (slots[i].available && is_taken(diary, barber_id, &service, &slots[i])) slots[i].available = false;
    return diary->failed ? -1 : count;
}

/* ------------------------------------------------------------------ any barber */

/* Where a start is in a list by start, or where it would go. */
static int place_of(const struct world_slot *slots, int count, int64_t start_s)
{
    int place = 0;
    while (place < count && slots[place].start_s < start_s) place++;
    return place;
}

/* A barber's starts add nothing when each is there and available already. */
static bool adds_nothing(const struct world_slot *all, int all_count, const struct world_slot *slots, int count)
{
    for (int i = 0, at = 0; i < count; i++) {
        while (at < all_count && all[at].start_s < slots[i].start_s) at++;
        if (at == all_count || all[at].start_s != slots[i].start_s) return false;
        if (slots[i].available && !all[at].available) return false;
    }
    return true;
}

static int merge(struct world_slot *all, int all_count, const struct world_slot *slots, int count)
{
    for (int i = 0; i < count; i++) {
        int at = place_of(all, all_count, slots[i].start_s);
        if (at < all_count && all[at].start_s == slots[i].start_s) {
            if (!all[at].available && slots[i].available) all[at] = slots[i];
        } else if (all_count < WORLD_SLOTS_MAX) {
            memmove(&all[at + 1], &all[at], (size_t)(all_count - at) * sizeof *all);
            all[at] = slots[i];
            all_count++;
        }
    }
    return all_count;
}

struct any_day {
    struct lengths service;
    struct limits limits;
    int32_t day;
    int64_t now_s;
    struct world_slot *all;
    int count;
};

static int starts_of(const struct any_day *any, uint64_t barber_id, const struct open_day *open,
                     struct world_slot *slots)
{
    int count = open_starts(open, barber_id, any->day, any->service.duration_s, slots);
    apply_limits(&any->limits, any->now_s, slots, count);
    return count;
}

/* Time off and appointments are read only where they can matter: when the hours alone add something. */
static void add_barber(struct diary *diary, struct any_day *any, uint64_t barber_id, struct open_day *open)
{
    struct world_slot slots[WORLD_SLOTS_MAX];
    open->off.count = 0;
    int count = starts_of(any, barber_id, open, slots);
    if (count == 0 || adds_nothing(any->all, any->count, slots, count)) return;
    read_spans(diary, ask(diary, TIME_OFF, NUMBERS((int64_t)barber_id, any->day)), &open->off);
    if (open->off.count > 0) count = starts_of(any, barber_id, open, slots);
    if (count == 0) return;
    mark_taken(diary, barber_id, &any->service, slots, count);
    any->count = merge(any->all, any->count, slots, count);
}

/* The hours of all its barbers by one statement. */
static bool any_of_shop(struct diary *diary, uint64_t shop_id, struct any_day *any)
{
    struct open_day open = {.hours.count = 0};
    uint64_t barber_id = 0;
    if (!read_limits(diary, SHOP_LIMITS, shop_id, &any->limits)) return false;
    sqlite3_stmt *rows = ask(diary, HOURS_OF_SHOP, NUMBERS((int64_t)shop_id, world_weekday(any->day)));
    while (next(diary, rows)) {
        if ((uint64_t)number(rows, 0) != barber_id) {
            if (barber_id != 0) add_barber(diary, any, barber_id, &open);
            barber_id = (uint64_t)number(rows, 0);
            open.hours.count = 0;
        }
        add_span(&open.hours, number(rows, 1), number(rows, 2));
    }
    if (barber_id != 0) add_barber(diary, any, barber_id, &open);
    return !diary->failed;
}

/* The worlds' small shop has the smaller ids: shop by shop, they ascend. */
int diary_any_day(struct diary *diary, uint64_t shop_id, int32_t day, int64_t now_s, struct world_slot *slots)
{
    struct any_day any = {.day = day, .now_s = now_s, .all = slots};
    if (!read_service(diary, &any.service)) return -1;
    bool good = shop_id != 0 ? any_of_shop(diary, shop_id, &any)
                             : any_of_shop(diary, WORLD_SMALL_SHOP, &any) && any_of_shop(diary, 1, &any);
    return good ? any.count : -1;
}

/* ------------------------------------------------------------------ next free */

/* From when on the barber is free, the appointment before from_s considered. */
static int64_t free_from(struct diary *diary, uint64_t barber_id, const struct lengths *service, int64_t from_s)
{
    sqlite3_stmt *before = ask(diary, BEFORE, NUMBERS((int64_t)barber_id, from_s));
    int64_t free_s = from_s;
    if (next(diary, before)) {
        free_s = larger(from_s, number(before, 1) + larger(number(before, 3), service->before_s));
        sqlite3_reset(before);
    }
    return free_s;
}

/* The barber's first start, if it is before `best_s`; else something at or after it. */
static int64_t first_of(struct diary *diary, uint64_t barber_id, const struct lengths *service, int64_t from_s,
                        int64_t best_s)
{
    int64_t free_s = free_from(diary, barber_id, service, from_s);
    int64_t reach_s = best_s + service->duration_s + 604800;
    sqlite3_stmt *walk = ask(diary, WITHIN, NUMBERS((int64_t)barber_id, from_s, reach_s));
    while (free_s < best_s && next(diary, walk)) {
        if (free_s + service->duration_s <= number(walk, 0) - larger(number(walk, 2), service->after_s)) break;
        free_s = number(walk, 1) + larger(number(walk, 3), service->before_s);
    }
    sqlite3_reset(walk);
    return free_s;
}

bool diary_next_free(struct diary *diary, int64_t from_s, int64_t to_s, uint64_t *barber_id, int64_t *start_s)
{
    struct lengths service;
    if (!read_service(diary, &service)) return false;
    int64_t best_s = to_s - service.duration_s + 1;
    uint64_t best_id = 0;
    for (int64_t shop = 1; shop <= 2; shop++) {
        sqlite3_stmt *barbers = ask(diary, BARBERS, NUMBERS(shop));
        while (next(diary, barbers)) {
            uint64_t id = (uint64_t)number(barbers, 0);
            int64_t own_s = first_of(diary, id, &service, from_s, best_s);
            if (own_s >= best_s) continue;
            best_s = own_s;
            best_id = id;
        }
    }
    *barber_id = best_id;
    *start_s = best_s;
    return best_id != 0 && !diary->failed;
}

/* ------------------------------------------------------------------ book */

bool diary_begin(struct diary *diary) { return run(diary->begin, NULL, 0); }

bool diary_commit(struct diary *diary) { return run(diary->commit, NULL, 0); }

/* The span lies in one window of its date and no time off. */
static bool is_open(struct diary *diary, const struct world_appointment *asked)
{
    int32_t day = day_of(asked->start_s);
    int64_t start_s = asked->start_s - world_instant(day, 0), end_s = asked->end_s - world_instant(day, 0);
    struct open_day open;
    read_open_day(diary, asked->barber_id, day, &open);
    for (size_t i = 0; i < open.hours.count; i++)
        if (open.hours.list[i].start_s <= start_s && end_s <= open.hours.list[i].end_s)
            return !is_off(&open, start_s, end_s);
    return false;
}

static bool in_business_hours(struct diary *diary, int64_t rule_id, const struct world_appointment *asked)
{
    int32_t day = day_of(asked->start_s);
    int64_t midnight_s = world_instant(day, 0), found;
    return first(diary,
                 ask(diary, RULE_HOURS,
                     NUMBERS(rule_id, world_weekday(day), asked->start_s - midnight_s, asked->end_s - midnight_s)),
                 &found, 1);
}

static bool keeps_declared_rules(struct diary *diary, const struct world_appointment *asked, int64_t now_s)
{
    sqlite3_stmt *rules = ask(diary, RULES, NULL, 0);
    bool keeps = true;
    while (keeps && next(diary, rules)) {
        int64_t limit_s = number(rules, 2);
        switch (number(rules, 1)) {
        case FIG_RULE_MIN_ADVANCE: keeps = asked->start_s >= now_s + limit_s; break;
        case FIG_RULE_MAX_DURATION: keeps = asked->end_s - asked->start_s <= limit_s; break;
        case FIG_RULE_BUSINESS_HOURS: keeps = in_business_hours(diary, number(rules, 0), asked); break;
        default: break;
        }
    }
    sqlite3_reset(rules);
    return keeps;
}

static bool keeps_max_per_day(struct diary *diary, const struct world_appointment *asked, int64_t max_per_day)
{
    int64_t from_s = world_instant(day_of(asked->start_s), 0), had = 0;
    if (max_per_day == 0) return true;
    first(diary,
          ask(diary, CLIENTS_OWN, NUMBERS((int64_t)asked->client_id, from_s, from_s + WORLD_DAY_S, WORLD_SERVICE)),
          &had, 1);
    return had < max_per_day;
}

static fig_status judge(struct diary *diary, const struct world_appointment *asked, const struct lengths *service,
                        int64_t now_s)
{
    struct limits limits;
    struct world_slot slot = {asked->barber_id, asked->start_s, asked->end_s, true};
    if (!read_limits(diary, SHOP_OF, asked->barber_id, &limits)) return FIG_NOT_FOUND;
    if (limits.active == 0 || !is_open(diary, asked)) return FIG_CLOSED;
    if (!within_limits(&limits, now_s, asked->start_s) || !keeps_declared_rules(diary, asked, now_s) ||
        !keeps_max_per_day(diary, asked, service->max_per_day))
        return FIG_RULE;
    return is_taken(diary, asked->barber_id, service, &slot) ? FIG_CONFLICT : FIG_OK;
}

fig_status diary_book(struct diary *diary, const struct world_booking *booking)
{
    struct lengths service;
    if (!read_service(diary, &service)) return FIG_IO;
    struct world_appointment asked = {.barber_id = booking->barber_id,
                                      .client_id = booking->client_id,
                                      .start_s = booking->start_s,
                                      .end_s =
                                          booking->end_s != 0 ? booking->end_s : booking->start_s + service.duration_s,
                                      .before_s = (uint32_t)service.before_s,
                                      .after_s = (uint32_t)service.after_s};
    fig_status status = judge(diary, &asked, &service, booking->now_s);
    if (status == FIG_OK && !insert(diary, &asked)) status = FIG_IO;
    return diary->failed ? FIG_IO : status;
}
