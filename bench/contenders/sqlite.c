/* SQLite, in process: the report's application before and after its optimizations, and as well as it can be asked.
 *
 *   before         the application's table, no index but the primary key; whole rows within an hour of the start
 *   after          the report's indexes and its EXISTS query, as it was meant
 *   after-written  the same table; the check raises before it asks anything, and the fallback says "no conflict"
 *   best           numbers for times, one covering partial index, the predecessor query, BEGIN IMMEDIATE, one
 *                  writer at a time by a mutex
 *
 * The report's application moves without a check; best practice moves as it books, but for the row itself.
 *
 * Each session is a connection. All of them write to a write-ahead log that is synced at every commit. */
#include "bench/contenders/common.h"
#include "bench/figures.h"
#include "bench/load/audit.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum variant { BEFORE, AFTER, AFTER_WRITTEN, BEST };

enum asked { CHECK, OTHERS, HOURS, DAY, DAY_BEFORE, INSERT, CANCEL, MOVE, ACTIVE, BEGIN, COMMIT, ROLLBACK, ASKED };

#define BLOCKING "status IN ('scheduled', 'confirmed', 'pending')"

/* The application's table; see the report and the models it comes from. */
static const char app_schema[] =
    "CREATE TABLE appointments(id INTEGER PRIMARY KEY, user_id INTEGER, barber_id INTEGER, client_id INTEGER,"
    " service_id INTEGER, organization_id INTEGER, service_name TEXT, start_time TEXT NOT NULL,"
    " duration_minutes INTEGER NOT NULL, price REAL, status TEXT NOT NULL, created_at TEXT,"
    " buffer_time_before INTEGER DEFAULT 0, buffer_time_after INTEGER DEFAULT 0, notes TEXT, created_timezone TEXT,"
    " user_timezone TEXT, recurring_series_id INTEGER, version INTEGER DEFAULT 1);"
    "CREATE TABLE barber_availability(id INTEGER PRIMARY KEY, barber_id INTEGER, day_of_week INTEGER,"
    " start_time TEXT, end_time TEXT, is_active INTEGER);";
static const char app_indexes[] =
    "CREATE INDEX idx_appointments_conflict_detection ON appointments(barber_id, start_time, duration_minutes, status);"
    "CREATE INDEX idx_appointments_active_conflicts ON appointments(barber_id, start_time, duration_minutes)"
    " WHERE " BLOCKING ";"
    "CREATE INDEX idx_barber_availability_optimized ON barber_availability(barber_id, day_of_week, is_active,"
    " start_time, end_time);"
    "CREATE INDEX idx_appointments_with_buffers ON appointments(barber_id, start_time, buffer_time_before,"
    " buffer_time_after);";
static const char best_schema[] =
    "CREATE TABLE appointments(id INTEGER PRIMARY KEY, barber_id INTEGER NOT NULL, client_id INTEGER,"
    " service_id INTEGER, start_s INTEGER NOT NULL, end_s INTEGER NOT NULL, booked_s INTEGER, active INTEGER NOT NULL);"
    "CREATE TABLE weekly(barber_id INTEGER, weekday INTEGER, start_s INTEGER, end_s INTEGER,"
    " PRIMARY KEY(barber_id, weekday, start_s)) WITHOUT ROWID;";
static const char best_indexes[] = "CREATE INDEX busy ON appointments(barber_id, start_s, end_s) WHERE active = 1;";

static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 2147418112;"
                               "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;";

static const char *const before_texts[ASKED] = {
    [CHECK] =
        "SELECT * FROM appointments WHERE barber_id = ?1 AND " BLOCKING " AND start_time >= ?2 AND start_time <= ?3",
    [HOURS] = "SELECT start_time, end_time FROM barber_availability WHERE barber_id = ?1 AND day_of_week = ?2"
              " AND is_active = 1",
    [DAY] = "SELECT * FROM appointments WHERE barber_id = ?1 AND " BLOCKING " AND start_time >= ?2 AND start_time < ?3",
    [INSERT] = "INSERT INTO appointments(user_id, barber_id, client_id, service_id, service_name, start_time,"
               " duration_minutes, price, status, created_at, created_timezone, user_timezone)"
               " VALUES(?3, ?2, ?3, ?4, 'Haircut and beard', ?5, ?6, 30.0, ?7, ?8, 'UTC', 'UTC')",
    [CANCEL] = "UPDATE appointments SET status = 'cancelled', version = version + 1 WHERE id = ?1",
    [MOVE] = "UPDATE appointments SET barber_id = ?2, start_time = ?3, duration_minutes = ?4, version = version + 1"
             " WHERE id = ?1",
    [ACTIVE] = "SELECT barber_id, start_time, duration_minutes FROM appointments WHERE " BLOCKING,
};
static const char after_check[] =
    "SELECT EXISTS(SELECT 1 FROM appointments WHERE barber_id = ?1 AND " BLOCKING
    " AND ((start_time <= ?2 AND datetime(start_time, '+' || duration_minutes || ' minutes') > ?2)"
    " OR (start_time >= ?2 AND start_time < ?3)))";
static const char *const best_texts[ASKED] = {
    [CHECK] = "SELECT end_s FROM appointments WHERE active = 1 AND barber_id = ?1 AND start_s < ?2"
              " ORDER BY start_s DESC LIMIT 1",
    [OTHERS] = "SELECT end_s FROM appointments WHERE active = 1 AND barber_id = ?1 AND start_s < ?2 AND id <> ?3"
               " ORDER BY start_s DESC LIMIT 1",
    [HOURS] = "SELECT start_s, end_s FROM weekly WHERE barber_id = ?1 AND weekday = ?2",
    [DAY] = "SELECT start_s, end_s FROM appointments WHERE active = 1 AND barber_id = ?1 AND start_s >= ?2"
            " AND start_s < ?3",
    [DAY_BEFORE] = "SELECT start_s, end_s FROM appointments WHERE active = 1 AND barber_id = ?1 AND start_s < ?2"
                   " ORDER BY start_s DESC LIMIT 1",
    [INSERT] = "INSERT INTO appointments(barber_id, client_id, service_id, start_s, end_s, booked_s, active)"
               " VALUES(?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [CANCEL] = "UPDATE appointments SET active = 0 WHERE id = ?1",
    [MOVE] = "UPDATE appointments SET barber_id = ?2, start_s = ?3, end_s = ?4 WHERE id = ?1 AND active = 1",
    [ACTIVE] = "SELECT barber_id, start_s, end_s FROM appointments WHERE active = 1",
};

struct sqlite_base {
    struct base base;
    pthread_mutex_t writing; /* best practice in one process: writers queue here, not at the file's lock */
};

struct sqlite_session {
    struct session session;
    enum variant variant;
    sqlite3 *base;
    sqlite3_stmt *statements[ASKED];
};

/* ------------------------------------------------------------------ connections */

/* Writers wait for each other in short naps: SQLite's own waits grow to 100 ms, which would not be fair to it. */
static int nap(void *context, int times)
{
    (void)context;
    struct timespec some = {0, times < 10 ? 50000 : 300000};
    nanosleep(&some, NULL);
    return times < 100000;
}

static const char *text_of(enum variant variant, int asked)
{
    static const char *const turns[ASKED] = {[BEGIN] = "BEGIN IMMEDIATE", [COMMIT] = "COMMIT", [ROLLBACK] = "ROLLBACK"};
    if (turns[asked] != NULL) return turns[asked];
    if (variant == BEST) return best_texts[asked];
    return variant != BEFORE && asked == CHECK ? after_check : before_texts[asked];
}

static bool failed(struct sqlite_session *own)
{
    return base_fail(own->session.base, "SQLite: %s", sqlite3_errmsg(own->base));
}

static bool execute(struct sqlite_session *own, const char *text)
{
    return sqlite3_exec(own->base, text, NULL, NULL, NULL) == SQLITE_OK || failed(own);
}

static bool open_connection(struct sqlite_session *own)
{
    char path[600];
    snprintf(path, sizeof path, "%s/base.sqlite", own->session.base->directory);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &own->base, flags, NULL) != SQLITE_OK) return failed(own);
    sqlite3_busy_handler(own->base, nap, NULL);
    return execute(own, settings);
}

static bool prepare(struct sqlite_session *own)
{
    for (int i = 0; i < ASKED; i++) {
        const char *text = text_of(own->variant, i);
        if (text != NULL &&
            sqlite3_prepare_v3(own->base, text, -1, SQLITE_PREPARE_PERSISTENT, &own->statements[i], NULL) != SQLITE_OK)
            return failed(own);
    }
    return true;
}

static void disconnect(struct session *session)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    for (int i = 0; i < ASKED; i++) sqlite3_finalize(own->statements[i]);
    sqlite3_close(own->base);
    free(own);
}

static struct sqlite_session *make_session(struct base *base)
{
    struct sqlite_session *own = session_make(sizeof *own, base);
    if (own == NULL) return NULL;
    own->variant = (enum variant)base->contender->variant;
    if (open_connection(own)) return own;
    disconnect(&own->session);
    return NULL;
}

static struct session *connect_session(struct base *base)
{
    struct sqlite_session *own = make_session(base);
    if (own == NULL) return NULL;
    if (prepare(own)) return &own->session;
    disconnect(&own->session);
    return NULL;
}

static bool make_schema(struct sqlite_session *own)
{
    sqlite3_stmt *found = NULL;
    bool there = sqlite3_prepare_v2(own->base, "SELECT 1 FROM appointments", -1, &found, NULL) == SQLITE_OK;
    sqlite3_finalize(found);
    return there || execute(own, own->variant == BEST ? best_schema : app_schema);
}

static struct base *open_base(const struct contender *contender, const char *directory, char error[CONTENDER_ERROR_MAX])
{
    struct sqlite_base *made = base_make(sizeof *made, contender, directory);
    if (made == NULL) return NULL;
    struct base *base = &made->base;
    pthread_mutex_init(&made->writing, NULL);
    int64_t began_ns = clock_ns();
    struct sqlite_session *own = make_session(base);
    bool good = own != NULL && make_schema(own) && prepare(own);
    base->startup_ns = clock_ns() - began_ns;
    if (own != NULL) disconnect(&own->session);
    if (good) return base;
    snprintf(error, CONTENDER_ERROR_MAX, "%s", base->error);
    free(base);
    return NULL;
}

/* ------------------------------------------------------------------ statements */

#define NUMBERS(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)

static sqlite3_stmt *ask(struct sqlite_session *own, enum asked asked, const int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) sqlite3_bind_int64(own->statements[asked], (int)i + 1, numbers[i]);
    return own->statements[asked];
}

static void bind_time(sqlite3_stmt *statement, int at, int64_t at_s)
{
    char text[TIME_TEXT];
    time_write(text, at_s);
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

/* The next row: 1; the end: 0; a failure: -1. But for a row the statement is ready to be asked again. */
static int next(struct sqlite_session *own, sqlite3_stmt *statement)
{
    int said = sqlite3_step(statement);
    if (said == SQLITE_ROW) return 1;
    if (said != SQLITE_DONE) failed(own);
    sqlite3_reset(statement);
    return said == SQLITE_DONE ? 0 : -1;
}

static bool finish(struct sqlite_session *own, sqlite3_stmt *statement) { return next(own, statement) == 0; }

/* ------------------------------------------------------------------ checks */

/* A whole row, as an object of the application would be filled from it. */
static void read_row(sqlite3_stmt *statement, int64_t *start_s, int64_t *end_s)
{
    static const int start_column = 7, duration_column = 8;
    volatile int64_t touched = 0;
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const unsigned char *text = sqlite3_column_text(statement, i);
        if (text != NULL) touched += text[0];
    }
    (void)touched;
    *start_s = time_read((const char *)sqlite3_column_text(statement, start_column));
    *end_s = *start_s + sqlite3_column_int64(statement, duration_column) * 60;
}

static enum answer check_before(struct sqlite_session *own, const struct request *request)
{
    sqlite3_stmt *statement = ask(own, CHECK, NUMBERS((int64_t)request->barber_id));
    bind_time(statement, 2, request->start_s - 3600);
    bind_time(statement, 3, request->start_s + 3600);
    bool taken = false;
    int more;
    while ((more = next(own, statement)) == 1) {
        int64_t start_s, end_s;
        read_row(statement, &start_s, &end_s);
        taken |= start_s < request->end_s && request->start_s < end_s;
    }
    return more < 0 ? ANSWER_FAILED : taken ? ANSWER_TAKEN : ANSWER_FREE;
}

/* One number of one row, or that there is none. */
static int first_number(struct sqlite_session *own, sqlite3_stmt *statement, int64_t *number)
{
    int found = next(own, statement);
    if (found == 1) {
        *number = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    return found;
}

static enum answer check_after(struct sqlite_session *own, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    int64_t exists = 0;
    sqlite3_stmt *statement = ask(own, CHECK, NUMBERS((int64_t)barber_id));
    bind_time(statement, 2, start_s);
    bind_time(statement, 3, end_s);
    if (first_number(own, statement, &exists) != 1) return ANSWER_FAILED;
    return exists != 0 ? ANSWER_TAKEN : ANSWER_FREE;
}

/* Appointments of a barber do not overlap: the last one to begin before the end ends last. */
static enum answer judge_last(struct sqlite_session *own, sqlite3_stmt *asked, const struct request *request)
{
    int64_t end_s = 0;
    int found = first_number(own, asked, &end_s);
    if (found < 0) return ANSWER_FAILED;
    return found == 1 && end_s > request->start_s ? ANSWER_TAKEN : ANSWER_FREE;
}

static enum answer check_best(struct sqlite_session *own, const struct request *request)
{
    return judge_last(own, ask(own, CHECK, NUMBERS((int64_t)request->barber_id, request->end_s)), request);
}

/* The same of all but one, which is to move and is not in its own way. */
static enum answer check_others(struct sqlite_session *own, uint64_t id, const struct request *request)
{
    int64_t barber = (int64_t)request->barber_id;
    return judge_last(own, ask(own, OTHERS, NUMBERS(barber, request->end_s, (int64_t)id)), request);
}

static enum answer check(struct session *session, const struct request *request)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    switch (own->variant) {
    case BEFORE: return check_before(own, request);
    case AFTER: return check_after(own, request->barber_id, request->start_s, request->end_s);
    case AFTER_WRITTEN: return ANSWER_FREE; /* TypeError on every call; "if conflict check fails, assume no conflict" */
    default: return check_best(own, request);
    }
}

/* ------------------------------------------------------------------ slots */

/* The opening hours of the day; false: closed, or SQLite failed. */
static bool read_hours(struct sqlite_session *own, const struct request *request, int32_t hours[2])
{
    sqlite3_stmt *statement = ask(own, HOURS, NUMBERS((int64_t)request->barber_id, weekday_of(request->day)));
    if (next(own, statement) != 1) return false;
    for (int i = 0; i < 2; i++)
        hours[i] = own->variant == BEST ? sqlite3_column_int(statement, i)
                                        : clock_read((const char *)sqlite3_column_text(statement, i));
    sqlite3_reset(statement);
    return true;
}

static bool mark_before(struct sqlite_session *own, const struct request *request, int32_t opens_s,
                        struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S;
    sqlite3_stmt *statement = ask(own, DAY, NUMBERS((int64_t)request->barber_id));
    bind_time(statement, 2, day_s);
    bind_time(statement, 3, day_s + TOWN_DAY_S);
    int more;
    while ((more = next(own, statement)) == 1) {
        int64_t start_s, end_s;
        read_row(statement, &start_s, &end_s);
        marks_take(marks, day_s, opens_s, start_s, end_s);
    }
    return more == 0;
}

static bool mark_after(struct sqlite_session *own, const struct request *request, int32_t opens_s,
                       struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S;
    for (uint32_t i = 0; i < marks->count; i++) {
        int64_t start_s = day_s + opens_s + (int64_t)i * TOWN_GRID_S;
        enum answer answer = check_after(own, request->barber_id, start_s, start_s + TOWN_GRID_S);
        if (answer == ANSWER_FAILED) return false;
        marks->free[i] = answer == ANSWER_FREE;
    }
    return true;
}

static bool mark_rows(struct sqlite_session *own, sqlite3_stmt *statement, int64_t day_s, int32_t opens_s,
                      struct day_marks *marks)
{
    int more;
    while ((more = next(own, statement)) == 1)
        marks_take(marks, day_s, opens_s, sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1));
    return more == 0;
}

static bool mark_best(struct sqlite_session *own, const struct request *request, const int32_t hours[2],
                      struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S, barber = (int64_t)request->barber_id;
    int64_t opens_s = day_s + hours[0], closes_s = day_s + hours[1];
    return mark_rows(own, ask(own, DAY_BEFORE, NUMBERS(barber, opens_s)), day_s, hours[0], marks) &&
           mark_rows(own, ask(own, DAY, NUMBERS(barber, opens_s, closes_s)), day_s, hours[0], marks);
}

static enum answer available(struct session *session, const struct request *request, struct day_marks *marks)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    int32_t hours[2];
    marks->count = 0;
    if (!read_hours(own, request, hours)) return ANSWER_FAILED;
    marks_begin(marks, hours[0], hours[1]);
    bool good = own->variant == BEFORE ? mark_before(own, request, hours[0], marks)
                : own->variant == BEST ? mark_best(own, request, hours, marks)
                                       : mark_after(own, request, hours[0], marks);
    return good ? ANSWER_FREE : ANSWER_FAILED;
}

/* ------------------------------------------------------------------ bookings */

static bool insert(struct sqlite_session *own, const struct request *request, bool active, int64_t booked_s)
{
    sqlite3_stmt *statement = own->statements[INSERT];
    sqlite3_bind_int64(statement, 2, (int64_t)request->barber_id);
    sqlite3_bind_int64(statement, 3, (int64_t)request->client_id);
    sqlite3_bind_int64(statement, 4, request->service_id);
    if (own->variant == BEST) {
        sqlite3_bind_int64(statement, 5, request->start_s);
        sqlite3_bind_int64(statement, 6, request->end_s);
        sqlite3_bind_int64(statement, 7, booked_s);
        sqlite3_bind_int64(statement, 8, active);
    } else {
        bind_time(statement, 5, request->start_s);
        sqlite3_bind_int64(statement, 6, (request->end_s - request->start_s) / 60);
        sqlite3_bind_text(statement, 7, active ? "scheduled" : "cancelled", -1, SQLITE_STATIC);
        bind_time(statement, 8, booked_s);
    }
    return finish(own, statement);
}

/* The application checks, and then inserts: each by itself. */
static enum answer book_as_the_report(struct sqlite_session *own, const struct request *request)
{
    enum answer answer = check(&own->session, request);
    if (answer == ANSWER_FREE && !insert(own, request, true, request->now_s)) return ANSWER_FAILED;
    return answer;
}

/* Taken: nothing active has that id. */
static enum answer update(struct sqlite_session *own, uint64_t id, const struct request *request)
{
    bool best = own->variant == BEST;
    sqlite3_stmt *statement = ask(own, MOVE,
                                  NUMBERS((int64_t)id, (int64_t)request->barber_id, request->start_s,
                                          best ? request->end_s : (request->end_s - request->start_s) / 60));
    if (!best) bind_time(statement, 3, request->start_s);
    if (!finish(own, statement)) return ANSWER_FAILED;
    return sqlite3_changes(own->base) == 1 ? ANSWER_FREE : ANSWER_TAKEN;
}

static enum answer book_checked(struct sqlite_session *own, const struct request *request)
{
    enum answer answer = check_best(own, request);
    return answer != ANSWER_FREE || insert(own, request, true, request->now_s) ? answer : ANSWER_FAILED;
}

static enum answer move_checked(struct sqlite_session *own, uint64_t id, const struct request *request)
{
    enum answer answer = check_others(own, id, request);
    return answer == ANSWER_FREE ? update(own, id, request) : answer;
}

/* Books, or moves what has an id, in one transaction. */
static enum answer write_in_transaction(struct sqlite_session *own, uint64_t id, const struct request *request)
{
    if (!finish(own, own->statements[BEGIN])) return ANSWER_FAILED;
    enum answer answer = id == 0 ? book_checked(own, request) : move_checked(own, id, request);
    if (!finish(own, own->statements[answer == ANSWER_FREE ? COMMIT : ROLLBACK])) return ANSWER_FAILED;
    return answer;
}

static enum answer write_best(struct sqlite_session *own, uint64_t id, const struct request *request)
{
    struct sqlite_base *base = (struct sqlite_base *)own->session.base;
    pthread_mutex_lock(&base->writing);
    enum answer answer = write_in_transaction(own, id, request);
    pthread_mutex_unlock(&base->writing);
    return answer;
}

static enum answer book(struct session *session, const struct request *request, uint64_t *id)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    enum answer answer = own->variant == BEST ? write_best(own, 0, request) : book_as_the_report(own, request);
    *id = (uint64_t)sqlite3_last_insert_rowid(own->base);
    return answer;
}

static enum answer cancel(struct session *session, uint64_t id, int64_t now_s)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    (void)now_s;
    return finish(own, ask(own, CANCEL, NUMBERS((int64_t)id))) ? ANSWER_FREE : ANSWER_FAILED;
}

/* The report's application asks nothing when it moves: the row is written as it is told. */
static enum answer move(struct session *session, uint64_t id, const struct request *request)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    return own->variant == BEST ? write_best(own, id, request) : update(own, id, request);
}

/* ------------------------------------------------------------------ loading */

static bool fill_hours(struct sqlite_session *own, const struct town *town)
{
    char text[512];
    static const char best[] = "INSERT INTO weekly SELECT b.value, d.value, %d, %d";
    static const char app[] = "INSERT INTO barber_availability(barber_id, day_of_week, start_time, end_time, is_active)"
                              " SELECT b.value, d.value, '%02d:00', '%02d:00', 1";
    int length = own->variant == BEST ? snprintf(text, sizeof text, best, TOWN_OPENS_S, TOWN_CLOSES_S)
                                      : snprintf(text, sizeof text, app, TOWN_OPENS_S / 3600, TOWN_CLOSES_S / 3600);
    snprintf(text + length, sizeof text - (size_t)length,
             " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < %u)"
             " SELECT value FROM n) b, json_each('[0,1,2,3,4,5,6]') d",
             town->barbers);
    return execute(own, text);
}

static bool fill_rows(struct sqlite_session *own, const struct town *town)
{
    struct town_walk walk;
    struct town_appointment row;
    if (!execute(own, "BEGIN")) return false;
    town_begin(&walk, town);
    while (town_next(&walk, &row)) {
        struct request request = {.barber_id = row.barber_id,
                                  .client_id = row.client_id,
                                  .service_id = row.service_id,
                                  .start_s = row.start_s,
                                  .end_s = row.end_s};
        if (!insert(own, &request, row.active, row.booked_s)) return false;
    }
    return execute(own, "COMMIT");
}

static bool load(struct base *base, const struct town *town)
{
    struct sqlite_session *own = (struct sqlite_session *)connect_session(base);
    if (own == NULL) return false;
    const char *indexes = own->variant == BEFORE ? "" : own->variant == BEST ? best_indexes : app_indexes;
    bool good = (town->always_open || fill_hours(own, town)) && fill_rows(own, town) && execute(own, indexes) &&
                execute(own, "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);");
    disconnect(&own->session);
    return good;
}

/* ------------------------------------------------------------------ afterwards */

static bool audit(struct session *session, struct audit *audit)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    sqlite3_stmt *statement = own->statements[ACTIVE];
    int more;
    while ((more = next(own, statement)) == 1) {
        bool best = own->variant == BEST;
        int64_t start_s =
            best ? sqlite3_column_int64(statement, 1) : time_read((const char *)sqlite3_column_text(statement, 1));
        int64_t last = sqlite3_column_int64(statement, 2);
        audit_add(audit, (uint64_t)sqlite3_column_int64(statement, 0), start_s, best ? last : start_s + last * 60);
    }
    return more == 0 && !audit->failed;
}

static bool sizes(struct session *session, struct sizes *sizes)
{
    struct sqlite_session *own = (struct sqlite_session *)session;
    static const int parts[] = {SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_SCHEMA_USED, SQLITE_DBSTATUS_STMT_USED};
    sizes->disk_bytes = directory_bytes(session->base->directory);
    sizes->memory_bytes = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int now = 0, most = 0;
        if (sqlite3_db_status(own->base, parts[i], &now, &most, 0) != SQLITE_OK) return failed(own);
        sizes->memory_bytes += (uint64_t)now;
    }
    return true;
}

static pid_t answering(struct session *session)
{
    (void)session;
    return 0;
}

static bool version(struct session *session, char text[CONTENDER_VERSION_MAX])
{
    (void)session;
    snprintf(text, CONTENDER_VERSION_MAX, "SQLite %s", sqlite3_libversion());
    return true;
}

static bool take_back(struct base *base)
{
    struct sqlite_session *own = make_session(base);
    char text[128];
    snprintf(text, sizeof text, "DELETE FROM appointments WHERE id > %llu; PRAGMA wal_checkpoint(TRUNCATE);",
             (unsigned long long)base->loaded_rows);
    bool good = own != NULL && execute(own, text);
    if (own != NULL) disconnect(&own->session);
    return good;
}

static void close_base(struct base *base)
{
    pthread_mutex_destroy(&((struct sqlite_base *)base)->writing);
    free(base);
}

#define SETTINGS                                                                                                       \
    "WAL, synchronous=FULL, pages mapped, statements prepared once, writers nap 50 to 300 us for each other; "

#define SQLITE_CONTENDER(NAME, TITLE, BASE, LANE, SCANS, VARIANT, WORDS)                                               \
    {                                                                                                                  \
        .name = NAME, .title = TITLE, .base_name = BASE, .lane = LANE, .settings = SETTINGS WORDS, .in_process = true, \
        .scans = SCANS, .sessions_max = CONTENDER_MANY, .variant = VARIANT, .open = open_base, .load = load,           \
        .connect = connect_session, .disconnect = disconnect, .check = check, .available = available, .book = book,    \
        .cancel = cancel, .move = move, .audit = audit, .sizes = sizes, .answering = answering, .version = version,    \
        .take_back = take_back, .close = close_base,                                                                   \
    }

const struct contender contender_sqlite_before =
    SQLITE_CONTENDER("sqlite-before", "SQLite, before", "sqlite-before", 0, true, BEFORE,
                     "the report's query and table before its optimizations, no index");
const struct contender contender_sqlite_after =
    SQLITE_CONTENDER("sqlite-after", "SQLite, after as intended", "sqlite-after", 0, false, AFTER,
                     "the report's EXISTS query and indexes, its time arithmetic put right");
const struct contender contender_sqlite_after_written =
    SQLITE_CONTENDER("sqlite-after-written", "SQLite, after as written", "sqlite-after", 1, false, AFTER_WRITTEN,
                     "the same; the check raises before it asks, and the fallback assumes no conflict");
const struct contender contender_sqlite_best =
    SQLITE_CONTENDER("sqlite-best", "SQLite, best practice", "sqlite-best", 0, false, BEST,
                     "predecessor query on a covering partial index, check and insert (or update) in BEGIN IMMEDIATE, "
                     "threads queue for it at a mutex");
