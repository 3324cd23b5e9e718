/* A booking application's PostgreSQL database.
 *
 * All is read in one transaction, repeatable read and read only: however long that takes, and whatever is booked
 * meanwhile, it is the database of one moment. Tables come through cursors, some rows at a time.
 *
 * libpq costs 3 ms to load, with the libraries behind it, which is more than most commands take. So it is loaded when
 * it is asked for, here alone. */
#include "tools/app_source.h"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUERY_MAX = 8192,
    NAME_BYTES = 1024, /* of the database in messages */
    FETCHED = 512,     /* rows that are in memory at a time */
    ANSWERS = 1 << 14  /* remembered of find(); a power of two */
};

/* ---- libpq ---- */

#define LIBPQ(X)                                                                                                       \
    X(PQclear)                                                                                                         \
    X(PQconnectdbParams)                                                                                               \
    X(PQconninfoFree)                                                                                                  \
    X(PQconninfoParse)                                                                                                 \
    X(PQdb)                                                                                                            \
    X(PQerrorMessage)                                                                                                  \
    X(PQexec)                                                                                                          \
    X(PQexecParams)                                                                                                    \
    X(PQfinish)                                                                                                        \
    X(PQfreemem)                                                                                                       \
    X(PQgetisnull)                                                                                                     \
    X(PQgetvalue)                                                                                                      \
    X(PQhost)                                                                                                          \
    X(PQntuples)                                                                                                       \
    X(PQport)                                                                                                          \
    X(PQresultErrorField)                                                                                              \
    X(PQresultStatus)                                                                                                  \
    X(PQstatus)                                                                                                        \
    X(PQuser)

static struct {
#define POINTER(name) __typeof__(&name) name;
    LIBPQ(POINTER)
} pq;

static bool load_libpq(reason *why)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL), *found;
    if (library == NULL)
        return reason_set(why, "PostgreSQL's library cannot be loaded (%.400s); Debian has it in the package libpq5",
                          dlerror());
#define FIND(name)                                                                                                     \
    if ((found = dlsym(library, #name)) == NULL) return reason_set(why, "libpq.so.5 has no " #name);                   \
    memcpy(&pq.name, &found, sizeof found);
    LIBPQ(FIND)
    return true; /* it stays: others may have begun to use what came with it */
}

/* ---- what is known of a database ---- */

struct column {
    char *table, *name; /* one allocation */
    char kind;          /* of its values: see kinds */
    bool not_null;
};

/* Nothing changes while it is read, so that an answer stays true. */
struct answer {
    const struct column *of; /* the ids of which table; NULL: none */
    int64_t id;
    bool found;
};

struct postgresql {
    app_file file;
    PGconn *connection;
    struct column *columns; /* by table, then name */
    size_t column_count;
    unsigned cursors; /* that were declared; numbers them */
    struct answer answers[ANSWERS];
};

struct cursor {
    struct postgresql *at;
    unsigned number;
    PGresult *rows; /* fetched; NULL: none yet */
    int row;        /* among them */
};

static struct postgresql *postgresql_of(const app_file *app) { return (struct postgresql *)(uintptr_t)app; }

static int compare(const struct column *column, const char *table, const char *name)
{
    int order = strcmp(column->table, table);
    return order != 0 ? order : strcmp(column->name, name);
}

/* A column of a table; for "" the first that it has. NULL: there is none. O(log columns), since rows ask for it. */
static const struct column *column_of(const struct postgresql *at, const char *table, const char *name)
{
    size_t from = 0, to = at->column_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare(&at->columns[middle], table, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    const struct column *found = at->columns + from;
    if (from == at->column_count || strcmp(found->table, table) != 0) return NULL;
    return *name == '\0' || strcmp(found->name, name) == 0 ? found : NULL;
}

/* The catalogue was read when the database was opened: this cannot fail. */
static app_step postgresql_has_table(app_file *app, const char *table, reason *why)
{
    (void)why;
    return column_of(postgresql_of(app), table, "") != NULL ? APP_ROW : APP_END;
}

static app_step postgresql_has_column(app_file *app, const char *table, const char *column, reason *why)
{
    (void)why;
    return column_of(postgresql_of(app), table, column) != NULL ? APP_ROW : APP_END;
}

/* ---- asking ---- */

/* The server's words in one line. */
static void put_words(reason *why, const char *words)
{
    size_t used = 0;
    for (; *words != '\0' && used < sizeof why->text - 200; words++) {
        char c = *words == '\n' || *words == '\t' ? ' ' : *words;
        if (c != ' ' || (used > 0 && why->text[used - 1] != ' ')) why->text[used++] = c;
    }
    while (used > 0 && why->text[used - 1] == ' ') used--;
    why->text[used] = '\0';
}

static void add_words(reason *why, const char *words)
{
    strncat(why->text, words, sizeof why->text - strlen(why->text) - 1);
}

/* What the server says, and what to do. */
static void say_refused(const struct postgresql *at, const PGresult *result, reason *why)
{
    const char *state = pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = pq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    put_words(why, words != NULL ? words : pq.PQerrorMessage(at->connection));
    if (state != NULL && strcmp(state, "42501") == 0)
        add_words(why,
                  "; GRANT SELECT on it to whom the import reads as; where row-level security keeps rows back, that is "
                  "a role with BYPASSRLS");
    if (state != NULL && strcmp(state, "55P03") == 0)
        add_words(why, "; somebody has the table locked: import once more");
    if (pq.PQstatus(at->connection) == CONNECTION_BAD) add_words(why, "; the connection is lost: import once more");
}

/* Rows, or nothing at all; the caller's to clear. NULL and a reason. */
static PGresult *ask(const struct postgresql *at, const char *query, const char *parameter, reason *why)
{
    PGresult *result = pq.PQexecParams(at->connection, query, parameter != NULL, NULL, &parameter, NULL, NULL, 0);
    ExecStatusType status = pq.PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
    say_refused(at, result, why);
    pq.PQclear(result);
    return NULL;
}

static bool order(const struct postgresql *at, const char *command, reason *why)
{
    PGresult *result = ask(at, command, NULL, why);
    if (result != NULL) pq.PQclear(result);
    return result != NULL;
}

static bool postgresql_count(app_file *app, const char *table, uint64_t *count, reason *why)
{
    char query[QUERY_MAX];
    snprintf(query, sizeof query, "SELECT pg_catalog.count(*) FROM \"%s\"", table);
    PGresult *result = ask(postgresql_of(app), query, NULL, why);
    if (result == NULL) return false;
    *count = strtoull(pq.PQgetvalue(result, 0, 0), NULL, 10);
    pq.PQclear(result);
    return true;
}

static bool is_number(const struct column *column) { return column->kind == 'i' || column->kind == 'n'; }

/* What is asked for again and again, such as a barber, is asked of the server once. */
static app_step postgresql_find(app_file *app, const char *table, int64_t id, reason *why)
{
    char query[QUERY_MAX], text[24];
    struct postgresql *at = postgresql_of(app);
    const struct column *ids = column_of(at, table, "id");
    if (ids == NULL || !is_number(ids)) return APP_END;
    struct answer *answer = &at->answers[((uint64_t)id + (uint64_t)(ids - at->columns) * 4099) % ANSWERS];
    if (answer->of == ids && answer->id == id) return answer->found ? APP_ROW : APP_END;
    snprintf(query, sizeof query, "SELECT 1 FROM \"%s\" WHERE id = $1::pg_catalog.int8", table);
    snprintf(text, sizeof text, "%lld", (long long)id);
    PGresult *result = ask(at, query, text, why);
    if (result == NULL) return APP_BROKEN;
    *answer = (struct answer){ids, id, pq.PQntuples(result) > 0};
    pq.PQclear(result);
    return answer->found ? APP_ROW : APP_END;
}

/* ---- rows ---- */

/* A column in the words that app_text() promises. */
static size_t put_column(const struct column *column, char *query, size_t room)
{
    static const struct {
        char kind;
        const char *before, *after;
    } kinds[] = {
        {'b', ", CAST(", " AS pg_catalog.int4)"},
        {'c', ", CAST(", " AS pg_catalog.text)"}, /* without what char(n) is filled up with */
        {'a', ", pg_catalog.to_json(", ")"},
        {'z', ", CAST(", " AT TIME ZONE 'UTC' AS pg_catalog.text) || 'Z'"},
    };
    const char *before = ", ", *after = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind != column->kind) continue;
        before = kinds[i].before;
        after = kinds[i].after;
    }
    if (column->kind == 'n') /* 30.00 is 30 */
        return (size_t)snprintf(
            query, room, ", CASE \"%s\" WHEN pg_catalog.trunc(\"%s\") THEN pg_catalog.trunc(\"%s\") ELSE \"%s\" END",
            column->name, column->name, column->name, column->name);
    return (size_t)snprintf(query, room, "%s\"%s\"%s", before, column->name, after);
}

/* By id, which an index does where it has no NULL; those without one, and rows of one id, as they lie there. */
static void make_query(const struct postgresql *at, const char *table, const char *const columns[], size_t count,
                       char query[QUERY_MAX])
{
    const struct column *ids = column_of(at, table, "id");
    char id[512] = ", pg_catalog.row_number() OVER (ORDER BY tableoid, ctid)";
    if (ids != NULL) put_column(ids, id, sizeof id);
    size_t used =
        (size_t)snprintf(query, QUERY_MAX, "DECLARE figaro_%u NO SCROLL CURSOR FOR SELECT %s", at->cursors, id + 2);
    for (size_t i = 0; i < count; i++)
        used += put_column(column_of(at, table, columns[i]), query + used, QUERY_MAX - used);
    snprintf(query + used, QUERY_MAX - used, " FROM \"%s\" ORDER BY %s", table,
             ids == NULL     ? "1"
             : ids->not_null ? "id"
                             : "id NULLS FIRST, tableoid, ctid");
}

static void *postgresql_select(app_file *app, const char *table, const char *const columns[], size_t count, reason *why)
{
    char query[QUERY_MAX];
    struct postgresql *at = postgresql_of(app);
    const struct column *ids = column_of(at, table, "id");
    if (ids != NULL && !is_number(ids)) {
        reason_set(why, "id: is no number, and rows are told by their numbers");
        return NULL;
    }
    struct cursor *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        reason_set(why, "out of memory");
        return NULL;
    }
    *rows = (struct cursor){.at = at, .number = ++at->cursors};
    make_query(at, table, columns, count, query);
    if (order(at, query, why)) return rows;
    free(rows);
    return NULL;
}

static app_step postgresql_next(void *source, reason *why)
{
    char query[64];
    struct cursor *rows = source;
    if (rows->rows != NULL && ++rows->row < pq.PQntuples(rows->rows)) return APP_ROW;
    if (rows->rows != NULL) pq.PQclear(rows->rows);
    snprintf(query, sizeof query, "FETCH %d FROM figaro_%u", FETCHED, rows->number);
    rows->rows = ask(rows->at, query, NULL, why);
    rows->row = 0;
    if (rows->rows == NULL) return APP_BROKEN;
    return pq.PQntuples(rows->rows) > 0 ? APP_ROW : APP_END;
}

static void postgresql_end(void *source)
{
    char command[40];
    reason ignored; /* a transaction that failed has no cursors any more */
    struct cursor *rows = source;
    if (rows->rows != NULL) pq.PQclear(rows->rows);
    snprintf(command, sizeof command, "CLOSE figaro_%u", rows->number);
    order(rows->at, command, &ignored);
    free(rows);
}

static const char *postgresql_text(const void *source, size_t column)
{
    const struct cursor *rows = source;
    bool is_null = pq.PQgetisnull(rows->rows, rows->row, (int)column + 1);
    return is_null ? NULL : pq.PQgetvalue(rows->rows, rows->row, (int)column + 1);
}

static const char *postgresql_id(const void *source)
{
    const struct cursor *rows = source;
    return pq.PQgetisnull(rows->rows, rows->row, 0) ? NULL : pq.PQgetvalue(rows->rows, rows->row, 0);
}

/* ---- opening ---- */

static void postgresql_close(app_file *app)
{
    struct postgresql *at = postgresql_of(app);
    for (size_t i = 0; i < at->column_count; i++) free(at->columns[i].table);
    free(at->columns);
    pq.PQfinish(at->connection);
    free(app->name);
    free(at);
}

bool app_is_uri(const char *text)
{
    return strncmp(text, "postgresql://", 13) == 0 || strncmp(text, "postgres://", 11) == 0;
}

/* Whether libpq reads the text as it is meant. It takes a password with @ or / in it for host, port and database, and
 * its messages would print those; so this is looked at first, and told without a word of the text. */
static bool check_text(const char *text, reason *why)
{
    static const char advice[] = "the connection cannot be read: it is postgresql://user@host:port/database, or "
                                 "'host=... user=... dbname=...'; in the first, what a password has of @ : / %% is "
                                 "written %%40 %%3A %%2F %%25";
    char *words = NULL;
    PQconninfoOption *options = pq.PQconninfoParse(text, &words);
    bool good = options != NULL;
    if (words != NULL) pq.PQfreemem(words);
    for (const PQconninfoOption *option = options; good && option->keyword != NULL; option++) {
        bool is_place = strcmp(option->keyword, "host") == 0 || strcmp(option->keyword, "port") == 0 ||
                        strcmp(option->keyword, "dbname") == 0;
        if (is_place && option->val != NULL && app_is_uri(text))
            good = option->val[0] == '\0' || strchr(option->val + 1, '@') == NULL;
    }
    if (options != NULL) pq.PQconninfoFree(options);
    return good || reason_set(why, advice);
}

/* What it is called in messages: all but the password. */
static char *name_of(const PGconn *connection)
{
    char name[NAME_BYTES];
    const char *host = pq.PQhost(connection), *user = pq.PQuser(connection), *port = pq.PQport(connection);
    const char *database = pq.PQdb(connection);
    bool is_socket = host == NULL || host[0] == '/' || host[0] == '@' || host[0] == '\0';
    bool is_usual = port == NULL || *port == '\0' || strcmp(port, "5432") == 0;
    size_t used = (size_t)snprintf(name, sizeof name, "postgresql://%.64s@%.255s", user != NULL ? user : "",
                                   is_socket ? "" : host);
    if (!is_socket && !is_usual) used += (size_t)snprintf(name + used, sizeof name - used, ":%.16s", port);
    used += (size_t)snprintf(name + used, sizeof name - used, "/%.64s", database != NULL ? database : "");
    if (is_socket && host != NULL && *host != '\0')
        used += (size_t)snprintf(name + used, sizeof name - used, "?host=%.255s", host);
    if (is_socket && !is_usual)
        snprintf(name + used, sizeof name - used, "%cport=%.16s", strchr(name, '?') != NULL ? '&' : '?', port);
    return strdup(name);
}

/* Whatever the role or the database have set, so that values read as they are expected to; for this transaction alone,
 * as a pool of connections wants it. */
static bool begin(struct postgresql *at, reason *why)
{
    static const char *const commands[] = {
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL DateStyle = 'ISO, YMD'",
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL lock_timeout = '10s'",
        "SET LOCAL row_security = off", /* an error where a policy would leave rows out */
        "SET LOCAL idle_in_transaction_session_timeout = 0",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!order(at, commands[i], why)) return false;
    return true;
}

/* The columns of all tables that a plain name finds. A view is none: it could ask for anything. */
static const char catalogue[] =
    "SELECT c.relname, a.attname, a.attnotnull,"
    " CASE WHEN b.typcategory = 'A' THEN 'a' WHEN b.oid IN (20, 21, 23) THEN 'i' WHEN b.oid = 1700 THEN 'n'"
    " WHEN b.oid = 16 THEN 'b' WHEN b.oid = 1184 THEN 'z' WHEN b.oid = 1042 THEN 'c' ELSE 't' END"
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " JOIN pg_catalog.pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END"
    " WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.pg_table_is_visible(c.oid)"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " ORDER BY CAST(c.relname AS text) COLLATE \"C\", CAST(a.attname AS text) COLLATE \"C\"";

static bool put_known(struct postgresql *at, const PGresult *rows, int row)
{
    const char *table = pq.PQgetvalue(rows, row, 0), *name = pq.PQgetvalue(rows, row, 1);
    size_t length = strlen(table) + 1;
    char *both = malloc(length + strlen(name) + 1);
    if (both == NULL) return false;
    memcpy(both, table, length);
    strcpy(both + length, name);
    at->columns[at->column_count++] =
        (struct column){both, both + length, *pq.PQgetvalue(rows, row, 3), *pq.PQgetvalue(rows, row, 2) == 't'};
    return true;
}

static bool read_catalogue(struct postgresql *at, reason *why)
{
    PGresult *rows = ask(at, catalogue, NULL, why);
    if (rows == NULL) return false;
    int count = pq.PQntuples(rows);
    at->columns = calloc((size_t)count + 1, sizeof *at->columns);
    bool good = at->columns != NULL;
    for (int i = 0; good && i < count; i++) good = put_known(at, rows, i);
    pq.PQclear(rows);
    return good || reason_set(why, "out of memory");
}

static const struct app_ops postgresql_ops = {
    .close = postgresql_close,
    .has_table = postgresql_has_table,
    .has_column = postgresql_has_column,
    .count = postgresql_count,
    .find = postgresql_find,
    .select = postgresql_select,
    .next = postgresql_next,
    .end = postgresql_end,
    .id = postgresql_id,
    .text = postgresql_text,
    .no_table = " in the schemas that its search_path names; one more is named by options=-csearch_path%3DNAME in a "
                "URI, options='-c search_path=NAME' elsewhere",
};

/* What the text says goes before the patience that is ours; how texts are written goes before what it says. */
static PGconn *connect_to(const char *text)
{
    static const char *const keywords[] = {
        "connect_timeout", "keepalives_idle", "keepalives_interval",       "keepalives_count",
        "dbname",          "client_encoding", "fallback_application_name", NULL};
    const char *const values[] = {"10", "30", "10", "3", text, "UTF8", "figaro import", NULL};
    return pq.PQconnectdbParams(keywords, values, 1);
}

/* What libpq says of a connection that failed, and what to do where it does not. */
static void say_unconnected(const struct postgresql *at, reason *why)
{
    static const char *const advice[][2] = {
        {"no password supplied", "; PGPASSWORD, ~/.pgpass or the URI gives it"},
        {"Is the server running", "; start it, or name another host and port"},
        {"timeout expired", "; is there a server at that address, and may this machine reach it?"},
        {"FATAL: database \"", "; `psql --list` shows which databases there are"},
    };
    put_words(why, pq.PQerrorMessage(at->connection));
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        if (strstr(why->text, advice[i][0]) == NULL) continue;
        add_words(why, advice[i][1]);
        break;
    }
}

static bool open_database(struct postgresql *at, reason *why)
{
    if (pq.PQstatus(at->connection) == CONNECTION_OK) return begin(at, why) && read_catalogue(at, why);
    say_unconnected(at, why);
    return false;
}

app_file *app_open_postgresql(const char *connection, reason *why)
{
    if (!load_libpq(why) || !check_text(connection, why)) return NULL;
    struct postgresql *at = calloc(1, sizeof *at);
    if (at != NULL) at->connection = connect_to(connection);
    if (at != NULL && at->connection != NULL)
        at->file = (app_file){.ops = &postgresql_ops, .name = name_of(at->connection)};
    if (at == NULL || at->file.name == NULL) {
        if (at != NULL && at->connection != NULL) pq.PQfinish(at->connection);
        free(at);
        reason_set(why, "out of memory");
        return NULL;
    }
    if (open_database(at, why)) return &at->file;
    reason_prefix(why, "%s: ", at->file.name);
    postgresql_close(&at->file);
    return NULL;
}
