/* PostgreSQL 15 over a unix socket: the report's application before and after, best practice, and the database's own
 * answer to double bookings.
 *
 *   before         the application's table, no index but the primary key; whole rows within an hour of the start
 *   after          the report's indexes and its EXISTS query, as it was meant
 *   after-written  the same table; the check raises before it asks anything, and the fallback says "no conflict"
 *   best           numbers for times, a covering partial index, the barber's row locked, the predecessor query
 *   exclude        EXCLUDE USING gist (barber WITH =, during WITH &&): one INSERT or UPDATE, which the database itself
 *                  refuses
 *
 * The report's application moves without a check; the predecessor query leaves out the row that moves.
 *
 * One private server holds a database for each; a session is a connection with its statements prepared. */
#include "bench/contenders/common.h"
#include "bench/contenders/server.h"
#include "bench/figures.h"
#include "bench/load/audit.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum variant { BEFORE, AFTER, AFTER_WRITTEN, BEST, EXCLUDE };

#define BLOCKING "status IN ('scheduled', 'confirmed', 'pending')"

static const char app_schema[] =
    "CREATE TABLE appointments(id bigserial PRIMARY KEY, user_id bigint, barber_id bigint, client_id bigint,"
    " service_id bigint, organization_id bigint, service_name varchar, start_time timestamp NOT NULL,"
    " duration_minutes integer NOT NULL, price double precision, status varchar NOT NULL, created_at timestamp,"
    " buffer_time_before integer DEFAULT 0, buffer_time_after integer DEFAULT 0, notes text, created_timezone varchar,"
    " user_timezone varchar, recurring_series_id bigint, version integer DEFAULT 1);"
    "CREATE TABLE barber_availability(id bigserial PRIMARY KEY, barber_id bigint, day_of_week integer,"
    " start_time time, end_time time, is_active boolean)";
static const char app_indexes[] =
    "CREATE INDEX idx_appointments_conflict_detection ON appointments(barber_id, start_time, duration_minutes, status);"
    "CREATE INDEX idx_appointments_active_conflicts ON appointments(barber_id, start_time, duration_minutes)"
    " WHERE " BLOCKING ";"
    "CREATE INDEX idx_barber_availability_optimized ON barber_availability(barber_id, day_of_week, is_active,"
    " start_time, end_time);"
    "CREATE INDEX idx_appointments_with_buffers ON appointments(barber_id, start_time, buffer_time_before,"
    " buffer_time_after)";
static const char best_schema[] =
    "CREATE TABLE appointments(id bigserial PRIMARY KEY, barber_id bigint NOT NULL, client_id bigint,"
    " service_id bigint, start_s bigint NOT NULL, end_s bigint NOT NULL, booked_s bigint, active boolean NOT NULL);"
    "CREATE TABLE barbers(id bigint PRIMARY KEY);"
    "CREATE TABLE weekly(barber_id bigint, weekday integer, start_s integer, end_s integer,"
    " PRIMARY KEY(barber_id, weekday, start_s))";
static const char best_indexes[] = "CREATE INDEX busy ON appointments(barber_id, start_s) INCLUDE (end_s) WHERE active";
static const char exclude_schema[] =
    "CREATE EXTENSION btree_gist;"
    "CREATE TABLE appointments(id bigserial PRIMARY KEY, barber_id bigint NOT NULL, client_id bigint,"
    " service_id bigint, during int8range NOT NULL, booked_s bigint, active boolean NOT NULL);"
    "CREATE TABLE weekly(barber_id bigint, weekday integer, start_s integer, end_s integer,"
    " PRIMARY KEY(barber_id, weekday, start_s))";
static const char exclude_indexes[] = "ALTER TABLE appointments ADD CONSTRAINT no_double_booking"
                                      " EXCLUDE USING gist (barber_id WITH =, during WITH &&) WHERE (active)";

enum asked { CHECK, OTHERS, HOURS, DAY, DAY_BEFORE, INSERT, CANCEL, MOVE, ACTIVE, LOCK, ASKED };

static const char *const names[ASKED] = {"check",  "others", "hours", "day",    "day_before",
                                         "insert", "cancel", "move",  "active", "lock"};

static const char *const app_texts[ASKED] = {
    [CHECK] = "SELECT * FROM appointments WHERE barber_id = $1::bigint AND " BLOCKING
              " AND start_time >= $2::timestamp AND start_time <= $3::timestamp",
    [HOURS] = "SELECT start_time, end_time FROM barber_availability WHERE barber_id = $1::bigint"
              " AND day_of_week = $2::integer AND is_active",
    [DAY] = "SELECT * FROM appointments WHERE barber_id = $1::bigint AND " BLOCKING
            " AND start_time >= $2::timestamp AND start_time < $3::timestamp",
    [INSERT] = "INSERT INTO appointments(user_id, barber_id, client_id, service_id, service_name, start_time,"
               " duration_minutes, price, status, created_at, created_timezone, user_timezone)"
               " VALUES($2::bigint, $1::bigint, $2, $3::bigint, 'Haircut and beard', $4::timestamp, $5::integer, 30.0,"
               " 'scheduled', $6::timestamp, 'UTC', 'UTC') RETURNING id",
    [CANCEL] = "UPDATE appointments SET status = 'cancelled', version = version + 1 WHERE id = $1::bigint",
    [MOVE] = "UPDATE appointments SET barber_id = $2::bigint, start_time = $3::timestamp,"
             " duration_minutes = $4::integer, version = version + 1 WHERE id = $1::bigint RETURNING id",
    [ACTIVE] = "SELECT barber_id, extract(epoch FROM start_time)::bigint,"
               " extract(epoch FROM start_time)::bigint + 60 * duration_minutes FROM appointments WHERE " BLOCKING,
};
static const char after_check[] =
    "SELECT EXISTS(SELECT 1 FROM appointments WHERE barber_id = $1::bigint AND " BLOCKING
    " AND ((start_time <= $2::timestamp AND start_time + make_interval(mins => duration_minutes) > $2)"
    " OR (start_time >= $2 AND start_time < $3::timestamp)))";
static const char *const best_texts[ASKED] = {
    [CHECK] = "SELECT end_s FROM appointments WHERE active AND barber_id = $1::bigint AND start_s < $2::bigint"
              " ORDER BY start_s DESC LIMIT 1",
    [OTHERS] = "SELECT end_s FROM appointments WHERE active AND barber_id = $1::bigint AND start_s < $2::bigint"
               " AND id <> $3::bigint ORDER BY start_s DESC LIMIT 1",
    [HOURS] = "SELECT start_s, end_s FROM weekly WHERE barber_id = $1::bigint AND weekday = $2::integer",
    [DAY] = "SELECT start_s, end_s FROM appointments WHERE active AND barber_id = $1::bigint AND start_s >= $2::bigint"
            " AND start_s < $3::bigint",
    [DAY_BEFORE] = "SELECT start_s, end_s FROM appointments WHERE active AND barber_id = $1::bigint"
                   " AND start_s < $2::bigint ORDER BY start_s DESC LIMIT 1",
    [INSERT] = "INSERT INTO appointments(barber_id, client_id, service_id, start_s, end_s, booked_s, active)"
               " VALUES($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint, true) RETURNING id",
    [CANCEL] = "UPDATE appointments SET active = false WHERE id = $1::bigint",
    [MOVE] = "UPDATE appointments SET barber_id = $2::bigint, start_s = $3::bigint, end_s = $4::bigint"
             " WHERE id = $1::bigint AND active RETURNING id",
    [ACTIVE] = "SELECT barber_id, start_s, end_s FROM appointments WHERE active",
    [LOCK] = "SELECT id FROM barbers WHERE id = $1::bigint FOR UPDATE",
};
static const char *const exclude_texts[ASKED] = {
    [CHECK] = "SELECT EXISTS(SELECT 1 FROM appointments WHERE active AND barber_id = $1::bigint"
              " AND during && int8range($2::bigint, $3::bigint))",
    [HOURS] = "SELECT start_s, end_s FROM weekly WHERE barber_id = $1::bigint AND weekday = $2::integer",
    [DAY] = "SELECT lower(during), upper(during) FROM appointments WHERE active AND barber_id = $1::bigint"
            " AND during && int8range($2::bigint, $3::bigint)",
    [INSERT] = "INSERT INTO appointments(barber_id, client_id, service_id, during, booked_s, active)"
               " VALUES($1::bigint, $2::bigint, $3::bigint, int8range($4::bigint, $5::bigint), $6::bigint, true)"
               " ON CONFLICT DO NOTHING RETURNING id",
    [CANCEL] = "UPDATE appointments SET active = false WHERE id = $1::bigint",
    [MOVE] = "UPDATE appointments SET barber_id = $2::bigint, during = int8range($3::bigint, $4::bigint)"
             " WHERE id = $1::bigint AND active RETURNING id",
    [ACTIVE] = "SELECT barber_id, lower(during), upper(during) FROM appointments WHERE active",
};

/* ------------------------------------------------------------------ the server */

/* The one server that runs now, and how many bases use it. Bases are opened and closed by one thread. */
static struct {
    struct server server;
    char cluster[600];
    unsigned users;
    int64_t startup_ns;
} running;

struct postgresql_base {
    struct base base;
    char database[64];
};

struct postgresql_session {
    struct session session;
    enum variant variant;
    PGconn *connection;
};

static PGconn *connect_to(const char *database)
{
    char text[256];
    snprintf(text, sizeof text, "host=%s port=5432 user=bench dbname=%s", running.server.sockets, database);
    return PQconnectdb(text);
}

static bool answers(void)
{
    PGconn *connection = connect_to("postgres");
    bool good = PQstatus(connection) == CONNECTION_OK;
    PQfinish(connection);
    return good;
}

static bool make_cluster(void)
{
    char path[700];
    snprintf(path, sizeof path, "%s/PG_VERSION", running.cluster);
    FILE *found = fopen(path, "r");
    if (found != NULL) {
        fclose(found);
        return true;
    }
    if (!server_folder(running.cluster)) return false;
    const char *const arguments[] = {
        SERVER_BIN "initdb", "-D", running.cluster, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", NULL};
    return server_run(arguments, running.server.log);
}

static bool start_server(void)
{
    const char *const arguments[] = {
        SERVER_BIN "postgres", "-D", running.cluster,    "-k", running.server.sockets,  "-c",
        "listen_addresses=",   "-c", "fsync=on",         "-c", "synchronous_commit=on", "-c",
        "shared_buffers=1GB",  "-c", "max_wal_size=8GB", "-c", "max_connections=100",   NULL};
    int64_t began_ns = clock_ns();
    if (!server_sockets(&running.server) || !server_start(&running.server, arguments)) return false;
    while (!answers()) {
        if (!server_runs(&running.server) || clock_ns() - began_ns > INT64_C(120000000000)) return false;
        struct timespec some = {0, 5000000};
        nanosleep(&some, NULL);
    }
    running.startup_ns = clock_ns() - began_ns;
    return true;
}

static void leave_server(void)
{
    if (--running.users == 0) server_stop(&running.server, SIGINT);
}

static bool enter_server(struct base *base)
{
    char cluster[600];
    const char *slash = strrchr(base->directory, '/');
    int length = slash != NULL ? (int)(slash - base->directory) : 0;
    snprintf(cluster, sizeof cluster, "%.*s/postgresql", length, base->directory);
    if (running.users > 0 && strcmp(cluster, running.cluster) != 0)
        return base_fail(base, "one server at a time: %s is still open", running.cluster);
    if (running.users++ > 0) return true;
    memcpy(running.cluster, cluster, sizeof cluster);
    snprintf(running.server.log, sizeof running.server.log, "%.*s/postgresql.log", length, base->directory);
    if (make_cluster() && start_server()) return true;
    leave_server();
    return base_fail(base, "PostgreSQL 15 does not start as an unprivileged user; see %s", running.server.log);
}

/* ------------------------------------------------------------------ statements */

static bool failed(struct postgresql_session *own)
{
    return base_fail(own->session.base, "PostgreSQL: %s", PQerrorMessage(own->connection));
}

static bool execute(struct postgresql_session *own, const char *text)
{
    PGresult *result = PQexec(own->connection, text);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || failed(own);
}

/* Parameters as text, in place. */
struct parameters {
    char texts[8][TIME_TEXT];
    const char *values[8];
    int count;
};

static void add_number(struct parameters *parameters, int64_t number)
{
    int at = parameters->count++;
    snprintf(parameters->texts[at], TIME_TEXT, "%lld", (long long)number);
    parameters->values[at] = parameters->texts[at];
}

static void add_time(struct parameters *parameters, int64_t at_s)
{
    int at = parameters->count++;
    time_write(parameters->texts[at], at_s);
    parameters->values[at] = parameters->texts[at];
}

/* The exclusion constraint said no: an answer, not a failure. */
static bool is_excluded(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != NULL && strcmp(state, "23P01") == 0;
}

/* NULL: it failed. A move that the constraint refused has no rows. */
static PGresult *ask(struct postgresql_session *own, enum asked asked, const struct parameters *parameters)
{
    PGresult *result =
        PQexecPrepared(own->connection, names[asked], parameters->count, parameters->values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || (asked == MOVE && is_excluded(result)))
        return result;
    failed(own);
    PQclear(result);
    return NULL;
}

static int64_t number_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static const char *text_of(enum variant variant, int asked)
{
    if (variant == BEST) return best_texts[asked];
    if (variant == EXCLUDE) return exclude_texts[asked];
    return variant != BEFORE && asked == CHECK ? after_check : app_texts[asked];
}

static bool prepare(struct postgresql_session *own)
{
    for (int i = 0; i < ASKED; i++) {
        const char *text = text_of(own->variant, i);
        if (text == NULL) continue;
        PGresult *result = PQprepare(own->connection, names[i], text, 0, NULL);
        bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (!good) return failed(own);
    }
    return true;
}

static void disconnect(struct session *session)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    PQfinish(own->connection);
    free(own);
}

static struct postgresql_session *make_session(struct base *base)
{
    struct postgresql_session *own = session_make(sizeof *own, base);
    if (own == NULL) return NULL;
    own->variant = (enum variant)base->contender->variant;
    own->connection = connect_to(((struct postgresql_base *)base)->database);
    if (PQstatus(own->connection) == CONNECTION_OK) return own;
    failed(own);
    disconnect(&own->session);
    return NULL;
}

static struct session *connect_session(struct base *base)
{
    struct postgresql_session *own = make_session(base);
    if (own == NULL) return NULL;
    if (prepare(own)) return &own->session;
    disconnect(&own->session);
    return NULL;
}

static const char *schema_of(enum variant variant)
{
    return variant == BEST ? best_schema : variant == EXCLUDE ? exclude_schema : app_schema;
}

/* Makes the database, unless it is there. */
static bool make_database(struct postgresql_base *own)
{
    struct postgresql_session admin = {.session = {&own->base}, .connection = connect_to("postgres")};
    char text[256];
    snprintf(text, sizeof text, "SELECT 1 FROM pg_database WHERE datname = '%s'", own->database);
    PGresult *found = PQexec(admin.connection, text);
    bool there = PQntuples(found) == 1;
    PQclear(found);
    snprintf(text, sizeof text, "CREATE DATABASE %s", own->database);
    bool good = there || execute(&admin, text);
    PQfinish(admin.connection);
    if (there || !good) return good;
    struct postgresql_session *session = make_session(&own->base);
    good = session != NULL && execute(session, schema_of(session->variant));
    if (session != NULL) disconnect(&session->session);
    return good;
}

static struct base *open_base(const struct contender *contender, const char *directory, char error[CONTENDER_ERROR_MAX])
{
    struct postgresql_base *own = base_make(sizeof *own, contender, directory);
    if (own == NULL) return NULL;
    snprintf(own->database, sizeof own->database, "%s", contender->base_name);
    for (char *at = own->database; *at != '\0'; at++)
        if (*at == '-') *at = '_';
    bool entered = enter_server(&own->base);
    if (entered && make_database(own)) {
        own->base.startup_ns = running.startup_ns;
        return &own->base;
    }
    snprintf(error, CONTENDER_ERROR_MAX, "%s", own->base.error);
    if (entered) leave_server();
    free(own);
    return NULL;
}

/* ------------------------------------------------------------------ checks */

/* A whole row, as an object of the application would be filled from it. */
static void read_row(const PGresult *result, int row, int64_t *start_s, int64_t *end_s)
{
    static const int start_column = 7, duration_column = 8;
    volatile int touched = 0;
    for (int i = 0; i < PQnfields(result); i++) touched += PQgetvalue(result, row, i)[0];
    (void)touched;
    *start_s = time_read(PQgetvalue(result, row, start_column));
    *end_s = *start_s + number_at(result, row, duration_column) * 60;
}

static enum answer check_before(struct postgresql_session *own, const struct request *request)
{
    struct parameters parameters = {.count = 0};
    add_number(&parameters, (int64_t)request->barber_id);
    add_time(&parameters, request->start_s - 3600);
    add_time(&parameters, request->start_s + 3600);
    PGresult *result = ask(own, CHECK, &parameters);
    if (result == NULL) return ANSWER_FAILED;
    bool taken = false;
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t start_s, end_s;
        read_row(result, row, &start_s, &end_s);
        taken |= start_s < request->end_s && request->start_s < end_s;
    }
    PQclear(result);
    return taken ? ANSWER_TAKEN : ANSWER_FREE;
}

/* EXISTS, with instants as the variant keeps them. */
static enum answer check_exists(struct postgresql_session *own, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    struct parameters parameters = {.count = 0};
    void (*add)(struct parameters *, int64_t) = own->variant == EXCLUDE ? add_number : add_time;
    add_number(&parameters, (int64_t)barber_id);
    add(&parameters, start_s);
    add(&parameters, end_s);
    PGresult *result = ask(own, CHECK, &parameters);
    if (result == NULL) return ANSWER_FAILED;
    bool taken = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return taken ? ANSWER_TAKEN : ANSWER_FREE;
}

/* Appointments of a barber do not overlap: the last one to begin before the end ends last. With an id: of all but that
 * one, which is to move and is not in its own way. */
static enum answer check_best(struct postgresql_session *own, uint64_t id, const struct request *request)
{
    struct parameters parameters = {.count = 0};
    add_number(&parameters, (int64_t)request->barber_id);
    add_number(&parameters, request->end_s);
    if (id != 0) add_number(&parameters, (int64_t)id);
    PGresult *result = ask(own, id != 0 ? OTHERS : CHECK, &parameters);
    if (result == NULL) return ANSWER_FAILED;
    bool taken = PQntuples(result) > 0 && number_at(result, 0, 0) > request->start_s;
    PQclear(result);
    return taken ? ANSWER_TAKEN : ANSWER_FREE;
}

static enum answer check(struct session *session, const struct request *request)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    switch (own->variant) {
    case BEFORE: return check_before(own, request);
    case AFTER_WRITTEN: return ANSWER_FREE; /* TypeError on every call; "if conflict check fails, assume no conflict" */
    case BEST: return check_best(own, 0, request);
    default: return check_exists(own, request->barber_id, request->start_s, request->end_s);
    }
}

/* ------------------------------------------------------------------ slots */

static bool is_lean(enum variant variant) { return variant == BEST || variant == EXCLUDE; }

static bool read_hours(struct postgresql_session *own, const struct request *request, int32_t hours[2])
{
    struct parameters parameters = {.count = 0};
    add_number(&parameters, (int64_t)request->barber_id);
    add_number(&parameters, weekday_of(request->day));
    PGresult *result = ask(own, HOURS, &parameters);
    bool open = result != NULL && PQntuples(result) > 0;
    for (int i = 0; open && i < 2; i++)
        hours[i] = is_lean(own->variant) ? (int32_t)number_at(result, 0, i) : clock_read(PQgetvalue(result, 0, i));
    PQclear(result);
    return open;
}

static bool mark_before(struct postgresql_session *own, const struct request *request, int32_t opens_s,
                        struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S;
    struct parameters parameters = {.count = 0};
    add_number(&parameters, (int64_t)request->barber_id);
    add_time(&parameters, day_s);
    add_time(&parameters, day_s + TOWN_DAY_S);
    PGresult *result = ask(own, DAY, &parameters);
    for (int row = 0; result != NULL && row < PQntuples(result); row++) {
        int64_t start_s, end_s;
        read_row(result, row, &start_s, &end_s);
        marks_take(marks, day_s, opens_s, start_s, end_s);
    }
    PQclear(result);
    return result != NULL;
}

static bool mark_after(struct postgresql_session *own, const struct request *request, int32_t opens_s,
                       struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S;
    for (uint32_t i = 0; i < marks->count; i++) {
        int64_t start_s = day_s + opens_s + (int64_t)i * TOWN_GRID_S;
        enum answer answer = check_exists(own, request->barber_id, start_s, start_s + TOWN_GRID_S);
        if (answer == ANSWER_FAILED) return false;
        marks->free[i] = answer == ANSWER_FREE;
    }
    return true;
}

static bool mark_rows(struct postgresql_session *own, enum asked asked, const struct parameters *parameters,
                      int64_t day_s, int32_t opens_s, struct day_marks *marks)
{
    PGresult *result = ask(own, asked, parameters);
    for (int row = 0; result != NULL && row < PQntuples(result); row++)
        marks_take(marks, day_s, opens_s, number_at(result, row, 0), number_at(result, row, 1));
    PQclear(result);
    return result != NULL;
}

static bool mark_lean(struct postgresql_session *own, const struct request *request, const int32_t hours[2],
                      struct day_marks *marks)
{
    int64_t day_s = (int64_t)request->day * TOWN_DAY_S;
    struct parameters before = {.count = 0}, within = {.count = 0};
    add_number(&within, (int64_t)request->barber_id);
    add_number(&within, day_s + hours[0]);
    add_number(&within, day_s + hours[1]);
    add_number(&before, (int64_t)request->barber_id);
    add_number(&before, day_s + hours[0]);
    if (own->variant == BEST && !mark_rows(own, DAY_BEFORE, &before, day_s, hours[0], marks)) return false;
    return mark_rows(own, DAY, &within, day_s, hours[0], marks);
}

static enum answer available(struct session *session, const struct request *request, struct day_marks *marks)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    int32_t hours[2];
    marks->count = 0;
    if (!read_hours(own, request, hours)) return ANSWER_FAILED;
    marks_begin(marks, hours[0], hours[1]);
    bool good = own->variant == BEFORE  ? mark_before(own, request, hours[0], marks)
                : is_lean(own->variant) ? mark_lean(own, request, hours, marks)
                                        : mark_after(own, request, hours[0], marks);
    return good ? ANSWER_FREE : ANSWER_FAILED;
}

/* ------------------------------------------------------------------ bookings */

/* The id of the row that was written. Taken: none was, which the constraint sees to, or nothing active has that id. */
static enum answer take_written(PGresult *result, uint64_t *id)
{
    if (result == NULL) return ANSWER_FAILED;
    bool written = PQntuples(result) == 1;
    if (written) *id = (uint64_t)number_at(result, 0, 0);
    PQclear(result);
    return written ? ANSWER_FREE : ANSWER_TAKEN;
}

static enum answer insert(struct postgresql_session *own, const struct request *request, uint64_t *id)
{
    struct parameters parameters = {.count = 0};
    bool lean = is_lean(own->variant);
    add_number(&parameters, (int64_t)request->barber_id);
    add_number(&parameters, (int64_t)request->client_id);
    add_number(&parameters, request->service_id);
    (lean ? add_number : add_time)(&parameters, request->start_s);
    add_number(&parameters, lean ? request->end_s : (request->end_s - request->start_s) / 60);
    (lean ? add_number : add_time)(&parameters, request->now_s);
    return take_written(ask(own, INSERT, &parameters), id);
}

static enum answer update(struct postgresql_session *own, uint64_t id, const struct request *request)
{
    struct parameters parameters = {.count = 0};
    bool lean = is_lean(own->variant);
    add_number(&parameters, (int64_t)id);
    add_number(&parameters, (int64_t)request->barber_id);
    (lean ? add_number : add_time)(&parameters, request->start_s);
    add_number(&parameters, lean ? request->end_s : (request->end_s - request->start_s) / 60);
    return take_written(ask(own, MOVE, &parameters), &id);
}

static bool lock_barber(struct postgresql_session *own, uint64_t barber_id)
{
    struct parameters parameters = {.count = 0};
    add_number(&parameters, (int64_t)barber_id);
    PGresult *result = ask(own, LOCK, &parameters);
    PQclear(result);
    return result != NULL;
}

static bool end_transaction(struct postgresql_session *own, enum answer answer)
{
    return execute(own, answer == ANSWER_FREE ? "COMMIT" : "ROLLBACK");
}

/* One transaction, as the application's session makes it: the check, then the insert. */
static enum answer book_in_transaction(struct postgresql_session *own, const struct request *request, uint64_t *id)
{
    if (!execute(own, "BEGIN")) return ANSWER_FAILED;
    enum answer answer = ANSWER_FAILED;
    if (own->variant != BEST || lock_barber(own, request->barber_id)) answer = check(&own->session, request);
    if (answer == ANSWER_FREE) answer = insert(own, request, id);
    return end_transaction(own, answer) ? answer : ANSWER_FAILED;
}

/* The barber that it goes to is locked: who books there waits. Where it is now nobody can book until it is gone. */
static enum answer move_in_transaction(struct postgresql_session *own, uint64_t id, const struct request *request)
{
    if (!execute(own, "BEGIN")) return ANSWER_FAILED;
    enum answer answer = ANSWER_FAILED;
    if (lock_barber(own, request->barber_id)) answer = check_best(own, id, request);
    if (answer == ANSWER_FREE) answer = update(own, id, request);
    return end_transaction(own, answer) ? answer : ANSWER_FAILED;
}

static enum answer book(struct session *session, const struct request *request, uint64_t *id)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    return own->variant == EXCLUDE ? insert(own, request, id) : book_in_transaction(own, request, id);
}

static enum answer cancel(struct session *session, uint64_t id, int64_t now_s)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    struct parameters parameters = {.count = 0};
    (void)now_s;
    add_number(&parameters, (int64_t)id);
    PGresult *result = ask(own, CANCEL, &parameters);
    PQclear(result);
    return result != NULL ? ANSWER_FREE : ANSWER_FAILED;
}

/* EXCLUDE judges the update itself; the report's application asks nothing when it moves. */
static enum answer move(struct session *session, uint64_t id, const struct request *request)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    return own->variant == BEST ? move_in_transaction(own, id, request) : update(own, id, request);
}

/* ------------------------------------------------------------------ loading */

static bool fill_hours(struct postgresql_session *own, const struct town *town)
{
    char text[512];
    static const char lean[] = "INSERT INTO weekly SELECT b, d, %d, %d";
    static const char app[] = "INSERT INTO barber_availability(barber_id, day_of_week, start_time, end_time, is_active)"
                              " SELECT b, d, '%02d:00', '%02d:00', true";
    int length = is_lean(own->variant) ? snprintf(text, sizeof text, lean, TOWN_OPENS_S, TOWN_CLOSES_S)
                                       : snprintf(text, sizeof text, app, TOWN_OPENS_S / 3600, TOWN_CLOSES_S / 3600);
    snprintf(text + length, sizeof text - (size_t)length, " FROM generate_series(1, %u) b, generate_series(0, 6) d",
             town->barbers);
    if (!town->always_open && !execute(own, text)) return false;
    snprintf(text, sizeof text, "INSERT INTO barbers SELECT generate_series(1, %u)", town->barbers);
    return own->variant != BEST || execute(own, text);
}

static int write_app_row(char *text, size_t size, const struct town_appointment *row)
{
    char start[TIME_TEXT], booked[TIME_TEXT];
    time_write(start, row->start_s);
    time_write(booked, row->booked_s);
    return snprintf(text, size, "%llu\t%llu\t%llu\t%llu\t%u\tHaircut and beard\t%s\t%d\t30\t%s\t%s\tUTC\tUTC\n",
                    (unsigned long long)row->id, (unsigned long long)row->client_id, (unsigned long long)row->barber_id,
                    (unsigned long long)row->client_id, row->service_id, start, (int)(row->end_s - row->start_s) / 60,
                    row->active ? "scheduled" : "cancelled", booked);
}

static int write_lean_row(char *text, size_t size, const struct town_appointment *row, bool range)
{
    return snprintf(text, size,
                    range ? "%llu\t%llu\t%llu\t%u\t[%lld,%lld)\t%lld\t%s\n"
                          : "%llu\t%llu\t%llu\t%u\t%lld\t%lld\t%lld\t%s\n",
                    (unsigned long long)row->id, (unsigned long long)row->barber_id, (unsigned long long)row->client_id,
                    row->service_id, (long long)row->start_s, (long long)row->end_s, (long long)row->booked_s,
                    row->active ? "t" : "f");
}

static bool copy_rows(struct postgresql_session *own, const struct town *town)
{
    static char buffer[1 << 16];
    struct town_walk walk;
    struct town_appointment row;
    size_t size = 0;
    bool good = true;
    town_begin(&walk, town);
    while (good && town_next(&walk, &row)) {
        char *at = buffer + size;
        int length = is_lean(own->variant) ? write_lean_row(at, sizeof buffer - size, &row, own->variant == EXCLUDE)
                                           : write_app_row(at, sizeof buffer - size, &row);
        size += (size_t)length;
        if (size < sizeof buffer - 512) continue;
        good = PQputCopyData(own->connection, buffer, (int)size) == 1;
        size = 0;
    }
    if (good && size > 0) good = PQputCopyData(own->connection, buffer, (int)size) == 1;
    return PQputCopyEnd(own->connection, good ? NULL : "stopped") == 1 && good;
}

static bool fill_rows(struct postgresql_session *own, const struct town *town)
{
    static const char app[] = "COPY appointments(id, user_id, barber_id, client_id, service_id, service_name,"
                              " start_time, duration_minutes, price, status, created_at, created_timezone,"
                              " user_timezone) FROM STDIN";
    static const char best[] =
        "COPY appointments(id, barber_id, client_id, service_id, start_s, end_s, booked_s, active) FROM STDIN";
    static const char exclude[] =
        "COPY appointments(id, barber_id, client_id, service_id, during, booked_s, active) FROM STDIN";
    PGresult *result = PQexec(own->connection, own->variant == BEST ? best : own->variant == EXCLUDE ? exclude : app);
    bool good = PQresultStatus(result) == PGRES_COPY_IN;
    PQclear(result);
    if (!good || !copy_rows(own, town)) return failed(own);
    while ((result = PQgetResult(own->connection)) != NULL) {
        good &= PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    return good || failed(own);
}

static bool load(struct base *base, const struct town *town)
{
    struct postgresql_session *own = make_session(base);
    if (own == NULL) return false;
    const char *indexes = own->variant == BEST      ? best_indexes
                          : own->variant == EXCLUDE ? exclude_indexes
                          : own->variant == BEFORE  ? "SELECT 1"
                                                    : app_indexes;
    bool good = fill_hours(own, town) && fill_rows(own, town) &&
                execute(own, "SELECT setval('appointments_id_seq', max(id)) FROM appointments") &&
                execute(own, indexes) && execute(own, "VACUUM ANALYZE") && execute(own, "CHECKPOINT");
    disconnect(&own->session);
    return good;
}

/* ------------------------------------------------------------------ afterwards */

static bool audit(struct session *session, struct audit *audit)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    struct parameters none = {.count = 0};
    PGresult *result = ask(own, ACTIVE, &none);
    if (result == NULL) return false;
    for (int row = 0; row < PQntuples(result); row++)
        audit_add(audit, (uint64_t)number_at(result, row, 0), number_at(result, row, 1), number_at(result, row, 2));
    PQclear(result);
    return !audit->failed;
}

static bool sizes(struct session *session, struct sizes *sizes)
{
    struct postgresql_session *own = (struct postgresql_session *)session;
    PGresult *result = PQexec(own->connection, "SELECT pg_database_size(current_database())");
    bool good = PQntuples(result) == 1;
    if (good) sizes->disk_bytes = (uint64_t)number_at(result, 0, 0);
    PQclear(result);
    sizes->memory_bytes = server_memory_bytes(&running.server);
    return good || failed(own);
}

static pid_t answering(struct session *session)
{
    return PQbackendPID(((struct postgresql_session *)session)->connection);
}

static bool version(struct session *session, char text[CONTENDER_VERSION_MAX])
{
    const char *said = PQparameterStatus(((struct postgresql_session *)session)->connection, "server_version");
    snprintf(text, CONTENDER_VERSION_MAX, "PostgreSQL %s", said != NULL ? said : "of no known version");
    return said != NULL;
}

static bool take_back(struct base *base)
{
    struct postgresql_session *own = make_session(base);
    char text[128];
    snprintf(text, sizeof text, "DELETE FROM appointments WHERE id > %llu", (unsigned long long)base->loaded_rows);
    bool good = own != NULL && execute(own, text) && execute(own, "VACUUM appointments");
    if (own != NULL) disconnect(&own->session);
    return good;
}

static void close_base(struct base *base)
{
    leave_server();
    free(base);
}

#define SETTINGS                                                                                                       \
    "private server, unix socket, fsync=on, synchronous_commit=on, shared_buffers=1GB, max_wal_size=8GB, else as "     \
    "installed; statements prepared once; "

#define POSTGRESQL_CONTENDER(NAME, TITLE, BASE, LANE, SCANS, VARIANT, WORDS)                                           \
    {                                                                                                                  \
        .name = NAME, .title = TITLE, .base_name = BASE, .lane = LANE, .settings = SETTINGS WORDS, .scans = SCANS,     \
        .sessions_max = 16, .variant = VARIANT, .open = open_base, .load = load, .connect = connect_session,           \
        .disconnect = disconnect, .check = check, .available = available, .book = book, .cancel = cancel,              \
        .move = move, .audit = audit, .sizes = sizes, .answering = answering, .version = version,                      \
        .take_back = take_back, .close = close_base,                                                                   \
    }

const struct contender contender_postgresql_before =
    POSTGRESQL_CONTENDER("postgresql-before", "PostgreSQL, before", "postgresql-before", 0, true, BEFORE,
                         "the report's query and table before its optimizations, no index");
const struct contender contender_postgresql_after =
    POSTGRESQL_CONTENDER("postgresql-after", "PostgreSQL, after as intended", "postgresql-after", 0, false, AFTER,
                         "the report's EXISTS query and indexes, its time arithmetic put right");
const struct contender contender_postgresql_after_written = POSTGRESQL_CONTENDER(
    "postgresql-after-written", "PostgreSQL, after as written", "postgresql-after", 1, false, AFTER_WRITTEN,
    "the same; the check raises before it asks, and the fallback assumes no conflict");
const struct contender contender_postgresql_best = POSTGRESQL_CONTENDER(
    "postgresql-best", "PostgreSQL, predecessor query", "postgresql-best", 0, false, BEST,
    "covering partial index; the barber's row locked, predecessor query, insert or update, one transaction");
const struct contender contender_postgresql_exclude = POSTGRESQL_CONTENDER(
    "postgresql-exclude", "PostgreSQL, EXCLUDE", "postgresql-exclude", 0, false, EXCLUDE,
    "btree_gist exclusion constraint; booking is one INSERT ... ON CONFLICT DO NOTHING, moving one UPDATE");
