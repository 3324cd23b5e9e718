/* `figaro import postgresql://...`, end to end, against a server of the test's own: whatever SQLite's file gives, the
 * same tables in PostgreSQL give, line by line, in whatever types. Budget: 15 s, most of it for starting servers. */
#include "tests/tools/app_database.h"
#include "tests/tools/cluster.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_TEXT "--now 2026-01-01T00:00:00Z"
#define AT      "--now", "2026-01-01T00:00:00Z"

/* What a column of a time is: as in SQLite, any text; or what it should be. */
#define TIMES_ARE(type) "CREATE DOMAIN datetime AS " type
#define NO_TYPES        "ALTER TABLE clients ALTER date_of_birth TYPE text"

static struct cluster cluster;

static void open_cluster(void) { cluster_open(&cluster); }
static void close_cluster(void)
{
    if (cluster.server.pid > 0) cluster_close(&cluster);
}

TestSuite(import_postgresql, .init = open_cluster, .fini = close_cluster, .timeout = 120);

static const char *uri(const char *database) { return cluster_uri(&cluster, "owner", database); }

/* ---- the same as SQLite's file ---- */

/* Puts `to`, which is no longer, where `from` stands. */
static void replace_all(char *text, const char *from, const char *to)
{
    size_t had = strlen(from), has = strlen(to);
    for (char *at = strstr(text, from); at != NULL; at = strstr(at + has, from)) {
        memcpy(at, to, has);
        memmove(at + has, at + had, strlen(at + had) + 1);
    }
}

/* Everything that a store says but what is random in each: the salts, and with them hashes and the digest. */
static char *state_of(const char *store)
{
    struct support_child child = SUPPORT_RUN(
        "sh", "-c", "\"$0\" export \"$1\" " AT_TEXT " | sed -e 1d -e 's/,\"salt\".*//'", support_figaro(), store);
    cr_assert(child.exit_code == 0 && child.out[0] != '\0', "%s", child.err);
    free(child.err);
    return child.out;
}

static void expect_same_state(const char *a, const char *b)
{
    char *one = state_of(a), *other = state_of(b);
    cr_expect_str_eq(one, other);
    free(one);
    free(other);
}

/* Both are imported with these options into stores of their own: not a word may differ but the name. */
static void expect_same_import(const struct shop *shop, const char *file, const char *database, const char *option,
                               const char *value)
{
    const char *sources[] = {file, uri(database)},
               *stores[] = {shop_path(shop, "sqlite"), shop_path(shop, "postgresql")};
    struct support_child children[2];
    for (int i = 0; i < 2; i++) {
        support_remove(stores[i]);
        children[i] = SUPPORT_FIGARO("import", stores[i], sources[i], AT, option, value);
        replace_all(children[i].out, sources[i], "DB");
        replace_all(children[i].err, sources[i], "DB");
    }
    cr_expect_eq(children[0].exit_code, 0, "%s", children[0].err);
    cr_expect_eq(children[1].exit_code, 0, "%s", children[1].err);
    cr_expect_str_eq(children[0].out, children[1].out);
    cr_expect_str_eq(children[0].err, children[1].err);
    cr_expect(strstr(children[1].out, " rows: ") != NULL && strstr(children[1].out, " rows: 0 accepted") == NULL);
    expect_same_state(stores[0], stores[1]);
    support_free(&children[0]);
    support_free(&children[1]);
}

Test(import_postgresql, gives_what_sqlite_gives_line_by_line)
{
    struct shop shop = shop_empty();
    CLUSTER_MAKE(&cluster, "app", TIMES_ARE("text"), app_tables_made, NO_TYPES, app_rows_booked, app_rows_zoned,
                 app_rows_odd);
    const char *file = APP_SQLITE(&shop, APP_ALL);
    expect_same_import(&shop, file, "app", "--overlaps", "keep-first");
    expect_same_import(&shop, file, "app", "--overlaps", "record");
    expect_same_import(&shop, file, "app", "--overlaps", "refuse");
    expect_same_import(&shop, file, "app", "--zone", "America/New_York");
    /* and what that is: import_app.c has all of it */
    EXPECT_FIGARO(0, "14 rows: 5 accepted, 3 refused, 6 rejected", "appointment #1 of Figaro", "import", shop.store,
                  uri("app"), AT);
    EXPECT_FIGARO(1, "6 rejected; nothing was taken in", "appointment #1 of Figaro", "import", shop_path(&shop, "none"),
                  uri("app"), "--atomic", AT);
    cr_expect(access(shop_path(&shop, "none"), F_OK) != 0);
    EXPECT_FIGARO(0, "(5 of them were there already)", "", "import", shop.store, uri("app"), AT);
    shop_close(&shop);
}

/* Without a client or a note nothing is random, and the digests themselves are equal. */
Test(import_postgresql, takes_columns_of_every_type)
{
    static const char types[] =
        "CREATE TYPE stage AS ENUM ('pending','scheduled','confirmed','completed','cancelled','no_show');"
        "CREATE DOMAIN length AS numeric(6,2);"
        "ALTER TABLE appointments ALTER status TYPE stage USING status::stage, ALTER duration_minutes TYPE length,"
        "  ALTER id TYPE bigint;"
        "ALTER TABLE services ALTER duration_minutes TYPE numeric, ALTER name TYPE varchar(40);"
        "ALTER TABLE users ALTER name TYPE char(40);"
        "ALTER TABLE booking_rules ALTER rule_params TYPE jsonb,"
        "  ALTER barber_ids TYPE integer[] USING translate(barber_ids::text, '[]', '{}')::integer[],"
        "  ALTER client_types TYPE text[] USING translate(client_types::text, '[]', '{}')::text[];"
        "ALTER TABLE service_booking_rules ALTER required_service_ids TYPE bigint[]"
        "  USING translate(required_service_ids::text, '[]', '{}')::bigint[],"
        "  ALTER blocked_days_of_week TYPE smallint[] USING translate(blocked_days_of_week::text, '[]', "
        "'{}')::smallint[];";
    static const char bare[] = "DELETE FROM clients; UPDATE appointments SET notes = NULL, client_id = NULL";
    struct shop shop = shop_empty();
    char *digests[2];
    CLUSTER_MAKE(&cluster, "app", TIMES_ARE("timestamp"), app_tables_made, app_rows_booked, types,
                 "ALTER DATABASE app SET DateStyle = 'SQL, DMY'");
    expect_same_import(&shop, APP_SQLITE(&shop, app_tables_made, app_rows_booked), "app", "--zone", "Europe/Madrid");
    free(cluster_run(&cluster, "app", bare));
    expect_same_import(&shop, APP_SQLITE(&shop, app_tables_made, app_rows_booked, bare), "app", "--batch", "1024");
    for (int i = 0; i < 2; i++) {
        struct support_child stats =
            SUPPORT_FIGARO("stats", shop_path(&shop, i == 0 ? "sqlite" : "postgresql"), "--json");
        char *at = strstr(stats.out, "\"digest\":\"");
        cr_assert_not_null(at);
        digests[i] = strndup(at, 10 + 32);
        support_free(&stats);
    }
    cr_expect_str_eq(digests[0], digests[1]);
    free(digests[0]);
    free(digests[1]);
    shop_close(&shop);
}

/* An instant is one whatever zone the database is set to. */
Test(import_postgresql, takes_instants_as_such)
{
    struct shop shop = shop_empty();
    CLUSTER_MAKE(&cluster, "app", TIMES_ARE("timestamptz"), "ALTER DATABASE app SET TimeZone = 'UTC'", app_tables_made,
                 app_rows_booked, app_rows_zoned, "ALTER DATABASE app SET TimeZone = 'America/New_York'");
    expect_same_import(&shop, APP_SQLITE(&shop, app_tables_made, app_rows_booked, app_rows_zoned), "app", "--overlaps",
                       "record");
    /* they are no local times, whatever --zone says */
    EXPECT_FIGARO(0, "accepted", "", "import", shop_path(&shop, "postgresql"), uri("app"), "--overlaps", "record",
                  "--zone", "America/New_York", AT);
    free(cluster_run(&cluster, "app", "UPDATE appointments SET start_time = 'infinity' WHERE id = 1"));
    EXPECT_FIGARO(0, "", ":1: rejected (key appointment-1): start_time: 'infinityZ'", "import", shop.store, uri("app"),
                  AT);
    shop_close(&shop);
}

/* Rows without an id, or of one id, come as they lie there; more than are fetched at a time. */
Test(import_postgresql, takes_tables_without_keys)
{
    struct shop shop = shop_empty();
    CLUSTER_MAKE(&cluster, "app",
                 "CREATE TABLE appointments (barber_id int, start_time timestamp, duration_minutes int);"
                 "INSERT INTO appointments SELECT 1 + g % 3, timestamp '2026-03-02' + g * interval '1 minute', 3"
                 " FROM generate_series(1, 1300) g");
    EXPECT_FIGARO(0, "1300 rows: 1300 accepted", "", "import", shop.store, uri("app"), AT);
    EXPECT_FIGARO(0, "Barber 3  2026-03-02T21:35:00Z - 2026-03-02T21:38:00Z  scheduled  key appointment-1295", NULL,
                  "list", shop.store);
    free(cluster_run(&cluster, "app", "ALTER TABLE appointments ADD id numeric; UPDATE appointments SET id = 3"));
    EXPECT_FIGARO(0, "1300 rows: 1 accepted, 1299 refused, 0 rejected", "an earlier row of this file has the same key",
                  "import", shop_path(&shop, "again"), uri("app"), AT);
    shop_close(&shop);
}

Test(import_postgresql, orders_ids_as_sqlite_does)
{
    static const char rows[] =
        "CREATE TABLE appointments (id numeric, barber_id int, start_time text, duration_minutes int);"
        "INSERT INTO appointments VALUES (5, 1, '2026-03-02 10:00', 30), (2, 1, '2026-03-02 10:10', 30),"
        "(NULL, 1, '2026-03-02 10:20', 30), (5, 1, '2026-03-02 12:00', 30), (4, 1, '2026-03-02 10:15', 30),"
        "(5.5, 1, '2026-03-02 13:00', 30), (5.7, 1, '2026-03-02 14:00', 30), (6.0, 1, '2026-03-02 15:00', 30);";
    struct shop shop = shop_empty();
    CLUSTER_MAKE(&cluster, "app", rows);
    expect_same_import(&shop, APP_SQLITE(&shop, rows), "app", "--overlaps", "keep-first");
    free(cluster_run(&cluster, "app", "INSERT INTO appointments VALUES (1e20, 1, '2026-03-02 16:00', 30)"));
    EXPECT_FIGARO(0, "9 rows: 2 accepted (2 of them were there already), 3 refused, 4 rejected",
                  "rejected: id: '100000000000000000000' is no whole number", "import", shop_path(&shop, "postgresql"),
                  uri("app"), AT);
    shop_close(&shop);
}

/* ---- a live application ---- */

/* Waits until there is such a row. */
static void until(const char *from)
{
    char query[256];
    support_format(query, sizeof query, "SELECT count(*) FROM %s", from);
    for (int tries = 0; tries < 1200; tries++) {
        char *count = cluster_run(&cluster, "app", query);
        bool there = atoi(count) > 0;
        free(count);
        if (there) return;
        usleep(25000);
    }
    cr_assert_fail("nothing in %s", from);
}

/* Somebody who has the last table that is read locked. */
static pid_t lock_table(void)
{
    pid_t holder = cluster_spawn(&cluster, "app", "BEGIN; LOCK TABLE booking_rules; SELECT pg_sleep(100)");
    until("pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'booking_rules'::regclass");
    return holder;
}

/* An import that stands still there. */
static pid_t stop_import(const char *store, const char *option)
{
    pid_t import =
        support_spawn((const char *const[]){support_figaro(), "import", store, uri("app"), AT, option, NULL});
    until("pg_stat_activity WHERE application_name = 'figaro import' AND wait_event_type = 'Lock'");
    return import;
}

static void end_session(const char *which)
{
    char command[256];
    support_format(command, sizeof command,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s AND pid <> pg_backend_pid()",
                   which);
    free(cluster_run(&cluster, "app", command));
}

static int end_of(pid_t child)
{
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_app(void) { CLUSTER_MAKE(&cluster, "app", TIMES_ARE("timestamp"), app_tables_made, app_rows_booked); }

Test(import_postgresql, reads_all_tables_as_they_were_at_one_moment)
{
    struct shop shop = shop_empty();
    make_app();
    pid_t holder = lock_table(), import = stop_import(shop.store, NULL);
    free(cluster_run(&cluster, "app",
                     "INSERT INTO users VALUES (30, 'Late'); UPDATE users SET name = 'Other' WHERE id = 8;"
                     "INSERT INTO appointments (id, barber_id, start_time, duration_minutes, status) VALUES"
                     " (50, 30, '2026-05-01 10:00', 30, 'scheduled'); DELETE FROM appointments WHERE id < 10"));
    end_session("query LIKE '%pg_sleep(100)%'");
    cr_expect_eq(end_of(import), 0);
    end_of(holder);
    const char *file = APP_SQLITE(&shop, app_tables_made, app_rows_booked);
    EXPECT_FIGARO(0, "", "", "import", shop_path(&shop, "sqlite"), file, AT);
    expect_same_state(shop_path(&shop, "sqlite"), shop.store);
    shop_close(&shop);
}

/* What was not answered is no answer: no row is rejected for it, and the second try has them all. */
Test(import_postgresql, a_lost_connection_ends_it)
{
    struct shop shop = shop_empty();
    make_app();
    pid_t holder = lock_table(), import = stop_import(shop.store, NULL);
    end_session("application_name = 'figaro import'");
    cr_expect_eq(end_of(import), 2);
    cr_expect(access(shop.store, F_OK) != 0);
    import = stop_import(shop_path(&shop, "atomic"), "--atomic");
    end_session("application_name = 'figaro import'");
    cr_expect_eq(end_of(import), 2);
    cr_expect(access(shop_path(&shop, "atomic"), F_OK) != 0);
    end_session("query LIKE '%pg_sleep(100)%'");
    end_of(holder);
    EXPECT_FIGARO(0, "accepted", "", "import", shop.store, uri("app"), AT);
    shop_close(&shop);
}

/* A question about a row of another table that fails is not the row's fault. */
Test(import_postgresql, what_was_not_answered_is_no_answer)
{
    struct shop shop = shop_empty();
    char text[SUPPORT_PATH];
    make_app();
    free(cluster_run(&cluster, "app",
                     "CREATE FUNCTION equals(integer, bigint) RETURNS boolean LANGUAGE sql AS"
                     " 'SELECT CASE WHEN $1 = 2 THEN 1 / ($1 - 2) = 1 ELSE $1::bigint = $2 END';"
                     "CREATE OPERATOR = (FUNCTION = equals, LEFTARG = integer, RIGHTARG = bigint)"));
    support_format(text, sizeof text, "postgresql://owner@/app?host=%s&options=-csearch_path%%3Dpublic,pg_catalog",
                   cluster.server.sockets);
    struct support_child child = SUPPORT_FIGARO("import", shop.store, text, AT);
    cr_expect_eq(child.exit_code, 2);
    cr_expect(strstr(child.err, ": clients: division by zero\n") != NULL, "%s", child.err);
    cr_expect(strstr(child.err, "clients has no row") == NULL, "%s", child.err);
    support_free(&child);
    shop_close(&shop);
}

/* Rows that a policy would leave out are no rows that are not there. */
Test(import_postgresql, leaves_no_row_out_for_a_policy)
{
    struct shop shop = shop_empty();
    char text[SUPPORT_PATH];
    make_app();
    free(cluster_run(&cluster, "app",
                     "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;"
                     "ALTER TABLE clients ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON clients USING (id <> 2)"));
    support_format(text, sizeof text, "postgresql://reader:sesame@/app?host=%s", cluster.server.sockets);
    EXPECT_FIGARO(2, "", ": clients: query would be affected by row-level security policy for table \"clients\"; GRANT",
                  "import", shop.store, text, AT);
    EXPECT_FIGARO(2, "", "that is a role with BYPASSRLS\n", "import", shop.store, text, AT);
    cr_expect(access(shop.store, F_OK) != 0);
    free(cluster_run(&cluster, "app", "ALTER ROLE reader BYPASSRLS"));
    EXPECT_FIGARO(0, "accepted", "", "import", shop.store, text, AT);
    shop_close(&shop);
}

/* Nor is a store kept from others while it waits for a table. */
Test(import_postgresql, does_not_wait_for_a_lock_for_ever)
{
    struct shop shop = shop_open();
    make_app();
    pid_t holder = lock_table(), import = stop_import(shop.store, "--atomic");
    EXPECT_FIGARO(0, "#1  Figaro", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    cr_expect_eq(end_of(import), 2);
    EXPECT_FIGARO(2, "", "; somebody has the table locked: import once more\n", "import", shop.store, uri("app"), AT);
    end_session("query LIKE '%pg_sleep(100)%'");
    end_of(holder);
    shop_close(&shop);
}

/* ---- what is no such database ---- */

/* Exit 2 and these words; never the password; and no store. */
static void expect_unread(const struct shop *shop, const char *connection, const char *words)
{
    struct support_child child = SUPPORT_FIGARO("import", shop->store, connection, "--format", "postgresql");
    cr_expect_eq(child.exit_code, 2, "%s: %s", connection, child.err);
    cr_expect(strstr(child.err, words) != NULL, "%s: %s\nwithout %s", connection, child.err, words);
    cr_expect(strstr(child.err, "sesam") == NULL, "%s: %s", connection, child.err);
    cr_expect(strchr(child.err, '\n') == child.err + strlen(child.err) - 1, "%s is no line", child.err);
    support_free(&child);
    cr_expect(access(shop->store, F_OK) != 0);
}

Test(import_postgresql, says_what_is_wrong_with_a_connection)
{
    struct shop shop = shop_empty();
    char text[SUPPORT_PATH];
    const char *host = cluster.server.sockets;
    expect_unread(&shop, uri("nothing"), "database \"nothing\" does not exist; `psql --list`");
    expect_unread(&shop, "postgresql://owner:sesame@127.0.0.1:1/app", "postgresql://owner@127.0.0.1:1/app: ");
    expect_unread(&shop, "postgresql://owner:sesame@127.0.0.1:1/app", "start it, or name another");
    expect_unread(&shop, "host=/nowhere user=owner dbname=app password=sesame", "/app?host=/nowhere: ");
    expect_unread(&shop, "postgresql://owner:sesame/me@host/app", "the connection cannot be read");
    expect_unread(&shop, "postgresql://owner:sesame@me@host/app", "the connection cannot be read");
    expect_unread(&shop, "postgresql://owner:sesa%me@host/app", "the connection cannot be read");
    expect_unread(&shop, "host=/nowhere password=sesame me", "the connection cannot be read");
    EXPECT_FIGARO(2, NULL, "--format: must be postgresql", "import", shop.store, uri("app"), "--format", "sqlite");
    expect_unread(&shop, uri("postgres"), "has no table appointments in the schemas");
    support_format(text, sizeof text, "postgresql://reader@/postgres?host=%s", host);
    expect_unread(&shop, text, "no password supplied; PGPASSWORD, ~/.pgpass or the URI gives it");
    support_format(text, sizeof text, "postgresql://reader:sesamo@/postgres?host=%s", host);
    expect_unread(&shop, text, "password authentication failed for user \"reader\"");
    setenv("PGPASSWORD", "sesame", 1);
    expect_unread(&shop, cluster_uri(&cluster, "reader", "postgres"), "has no table appointments");
    unsetenv("PGPASSWORD");
    support_format(text, sizeof text, "*:*:*:reader:sesame\n");
    setenv("PGPASSFILE", shop_file(&shop, "pgpass", text), 1);
    SUPPORT_RUN("chmod", "600", shop_path(&shop, "pgpass"));
    expect_unread(&shop, cluster_uri(&cluster, "reader", "postgres"), "has no table appointments");
    shop_close(&shop);
}

Test(import_postgresql, says_what_is_wrong_with_a_table)
{
    struct shop shop = shop_empty();
    char text[SUPPORT_PATH];
    CLUSTER_MAKE(&cluster, "app", "CREATE VIEW appointments AS SELECT 1 AS barber_id, now() AS start_time");
    expect_unread(&shop, uri("app"), "has no table appointments");
    free(cluster_run(&cluster, "app", "DROP VIEW appointments; CREATE TABLE appointments (id uuid, barber_id int)"));
    expect_unread(&shop, uri("app"), "appointments has no column start_time");
    free(cluster_run(&cluster, "app", "ALTER TABLE appointments ADD start_time timestamp"));
    EXPECT_FIGARO(2, "", "/app?host=", "import", shop.store, uri("app"), "--atomic");
    EXPECT_FIGARO(2, "", ": appointments: id: is no number", "import", shop.store, uri("app"), "--atomic");
    free(cluster_run(
        &cluster, "app",
        "CREATE SCHEMA shop; CREATE TABLE shop.appointments (id int, barber_id int, start_time timestamp);"
        "INSERT INTO shop.appointments VALUES (1, 2, '2026-03-02 10:00'); GRANT USAGE ON SCHEMA shop TO reader"));
    support_format(text, sizeof text, "postgresql://reader:sesame@/app?host=%s&options=-csearch_path%%3Dshop",
                   cluster.server.sockets);
    EXPECT_FIGARO(2, "", "permission denied for table appointments; GRANT SELECT", "import", shop.store, text,
                  "--atomic");
    free(cluster_run(&cluster, "app", "GRANT SELECT ON shop.appointments TO reader"));
    EXPECT_FIGARO(0, "1 row: 1 accepted", "", "import", shop.store, text, "--minutes", "30", "--atomic");
    shop_close(&shop);
}

/* A library that is none. */
Test(import_postgresql, names_the_package_that_is_missing)
{
    struct shop shop = shop_empty();
    shop_file(&shop, "libpq.so.5", "none");
    setenv("LD_LIBRARY_PATH", shop.root, 1);
    expect_unread(&shop, uri("postgres"), "Debian has it in the package libpq5");
    shop_close(&shop);
}
