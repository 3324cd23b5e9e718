/* `figaro import --format sqlite`, end to end: a database with the tables of a booking application and its defects. */
#include "tests/tools/app_database.h"
#include "tools/app_rows.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define AT "--now", "2026-01-01T00:00:00Z"

Test(import_app, accounts_for_every_row_of_every_table)
{
    struct shop shop = shop_empty();
    struct support_child child = SUPPORT_FIGARO("import", shop.store, APP_SQLITE(&shop, APP_ALL), AT);
    static const char *const said[] = {
        "booking_settings:2: rejected: the shop has its settings already",
        "services:4: rejected: minutes: must be a whole number",
        "clients:3: rejected: born: does not begin with a date",
        "barber_availability:2: rejected: is_active: is not active",
        "barber_availability:3: rejected: barber_id: users has no row 99",
        "barber_availability:4: rejected: day_of_week: 7 is too large",
        "barber_time_off:2: rejected: to: is before from",
        "barber_services:3: rejected: service_id: services has no row 60",
        "service_booking_rules:2: rejected: service_id: services has no row 50",
        "service_booking_rules:3: rejected: service_id: an earlier row",
        "booking_rules:2: rejected: barber_ids: nobody is barber 99",
        "booking_rules:4: rejected: type: must be one of",
        ("app.sqlite:2: refused (key appointment-2): start: appointment #1 of Figaro, 2026-03-02T15:00:00Z - "
         "2026-03-02T15:30:00Z, is in the way of 2026-03-02T15:15:00Z - 2026-03-02T15:45:00Z"),
        "app.sqlite:4: rejected (key appointment-4): barber_id: is null: it is nobody's time",
        "app.sqlite:5: rejected (key appointment-5): barber_id: users has no row 99: it is nobody's time",
        "app.sqlite:6: client_id: clients has no row 77; the number is kept",
        "app.sqlite:6: service_id: services has no row 66; the number is kept",
        "app.sqlite:8: rejected (key appointment-8): duration_minutes: is null, and no service says",
        "app.sqlite:9: rejected (key appointment-9): start_time: 'soon': does not begin with a date",
        "app.sqlite:10: rejected (key appointment-10): status: 'gone' is none of",
        "app.sqlite:11: rejected (key appointment-11): duration_minutes: -30 is too small",
        "app.sqlite:14: refused (key appointment-14)",
    };
    cr_expect_eq(child.exit_code, 0);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.err, said[i]) != NULL, "%s\nwithout %s", child.err, said[i]);
    cr_expect_str_eq(support_last_line(child.out), "14 rows: 5 accepted, 3 refused, 6 rejected", "%s", child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

Test(import_app, counts_every_row_again_when_it_is_run_again)
{
    struct shop shop = shop_empty();
    const char *file = APP_SQLITE(&shop, APP_ALL);
    static const char counts[] =
        "\"tables\":{\"booking_settings\":{\"accepted\":1,\"rejected\":1},\"services\":{\"accepted\":3,\"rejected\":1},"
        "\"clients\":{\"accepted\":2,\"rejected\":1},\"barber_availability\":{\"accepted\":1,\"rejected\":3},"
        "\"barber_time_off\":{\"accepted\":1,\"rejected\":1},\"barber_special_availability\":{\"accepted\":2,"
        "\"rejected\":0},\"barber_services\":{\"accepted\":2,\"rejected\":1},\"service_booking_rules\":{\"accepted\":1,"
        "\"rejected\":2},\"booking_rules\":{\"accepted\":2,\"rejected\":2}}}\n";
    EXPECT_FIGARO(0, counts, "the number is kept", "import", shop.store, file, "--overlaps", "record", "--json", AT);
    EXPECT_FIGARO(0, "14 rows: 8 accepted (8 of them were there already), 0 refused, 6 rejected", "", "import",
                  shop.store, file, "--overlaps", "record", AT);
    EXPECT_FIGARO(0, "8 appointments\n", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "4 appointments\n", NULL, "list", shop.store, "--status", "cancelled");
    EXPECT_FIGARO(0, "14 rows: 8 accepted (8 of them were there already)", "", "import", shop.store, file, AT);
    shop_close(&shop);
}

Test(import_app, books_what_was_booked)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(0, "5 accepted", "", "import", shop.store, APP_SQLITE(&shop, APP_ALL), AT);
    EXPECT_FIGARO(
        0,
        "#1  Figaro  2026-03-02T15:00:00Z - 2026-03-02T15:30:00Z  confirmed  client 1  service 1  after 5 min "
        " key appointment-1",
        NULL, "list", shop.store);
    EXPECT_FIGARO(0, "line one line two", NULL, "show", shop.store, "1");
    EXPECT_FIGARO(0, "Susanna  2026-03-02T16:00:00Z - 2026-03-02T16:30:00Z  pending  client 77  service 66", NULL,
                  "list", shop.store);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T23:00:00Z - 2026-03-03T00:30:00Z  completed", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "Figaro (9)  2026-03-03T20:00:00Z - 2026-03-03T20:30:00Z  no_show  client 2  service 1  key", NULL,
                  "list", shop.store);
    /* what is cancelled is kept although its time is taken */
    EXPECT_FIGARO(0, "cancelled  client 2  service 1  key appointment-3", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_app, declares_what_the_other_tables_say)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(0, "5 accepted", "", "import", shop.store, APP_SQLITE(&shop, APP_ALL), AT);
    /* New York's nine o'clock on a Monday; 40 minutes, as barber 7 takes for service 1 */
    EXPECT_FIGARO(0, "{\"barber\":\"Figaro\",\"start\":\"2026-01-05T14:00:00Z\",\"end\":\"2026-01-05T14:40:00Z\",",
                  NULL, "slots", shop.store, "--barber", "7", "--date", "2026-01-05", "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(1, "two hours", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-01-05T09:00",
                  "--service", "Cut", "--now", "2026-01-05T13:00:00Z");
    EXPECT_FIGARO(1, "not_offered", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-01-05T09:00",
                  "--service", "Colour", "--json", AT);
    EXPECT_FIGARO(1, "closed", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-01-06T09:00",
                  "--service", "Cut", "--json", AT);
    EXPECT_FIGARO(0, "scheduled", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-01-05T09:00",
                  "--service", "Cut", "--client", "1", AT);
    shop_close(&shop);
}

Test(import_app, takes_times_as_local_ones_where_it_is_told)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(0, "5 accepted", "", "import", shop.store, APP_SQLITE(&shop, APP_ALL), "--zone", "America/New_York",
                  AT);
    EXPECT_FIGARO(0, "#1  Figaro  2026-03-02T20:00:00Z - 2026-03-02T20:30:00Z", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T23:00:00Z - 2026-03-03T00:30:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_app, makes_do_with_appointments_alone)
{
    struct shop shop = shop_empty();
    const char *file =
        APP_SQLITE(&shop, "CREATE TABLE appointments (barber_id, start_time, duration_minutes);",
                   "INSERT INTO appointments VALUES (3, '2026-03-02 10:00', 30), (3, '2026-03-02 10:15', 30),"
                   "('x', '2026-03-02 10:15', 30), (3, x'ff00', 30), (3, 4.5, 30), (-1, '2026-03-02', 30);");
    EXPECT_FIGARO(0, "6 rows: 0 accepted, 2 refused, 4 rejected\n", "neither is taken", "import", shop.store, file,
                  "--overlaps", "refuse", AT);
    EXPECT_FIGARO(0, "6 rows: 1 accepted, 1 refused, 4 rejected\n", "barber_id: 'x'", "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "#1  Barber 3  2026-03-02T10:00:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

/* Tables without keys, values of any kind: each row stands or falls by itself. */
Test(import_app, lets_no_row_spoil_the_others)
{
    struct shop shop = shop_empty();
    const char *file = APP_SQLITE(
        &shop,
        "CREATE TABLE appointments (id, barber_id, start_time, duration_minutes);"
        "CREATE TABLE services (id, name, duration_minutes); CREATE TABLE clients (id, name);"
        "CREATE TABLE barber_availability (barber_id, day_of_week, start_time, end_time);"
        "CREATE TABLE barber_services (barber_id, service_id);"
        "CREATE TABLE service_booking_rules (service_id, required_service_ids);"
        "CREATE TABLE booking_rules (rule_name, rule_type, rule_params, applies_to, barber_ids);"
        "CREATE TABLE booking_settings (timezone);",
        "INSERT INTO appointments VALUES (5, 1, '2026-03-02 10:00', 30), (5, 1, '2026-03-02 12:00', 30);"
        "INSERT INTO services VALUES (1, 'Cut', 30), (1, 'Other', 30), (-4, 'Odd', 30), (2, 'Cut', 30), (3, x'ff', 30);"
        "INSERT INTO clients VALUES (1, 'A'), (1, 'B'), (NULL, 'C'), (2, '');"
        "INSERT INTO barber_availability VALUES (1, 0, '09:00', '17:00'), (1, 0, '09:00', 'late'), (1, NULL, NULL, "
        "NULL);"
        "INSERT INTO barber_services VALUES (1, 1), (1, 1), (1, NULL), ('x', 1);"
        "INSERT INTO service_booking_rules VALUES (1, '[\"x\"]'), (1, 'broken'), (2, '[1, 77]'), (9, NULL);"
        "INSERT INTO booking_rules VALUES ('a', 'max_duration', '{\"max_minutes\":60}', 'barber', '[\"1\"]'),"
        "  ('a', 'max_duration', '{}', 'all', NULL), ('a', 'client_overlap', NULL, NULL, NULL), ('a', NULL, NULL, "
        "'all', NULL);"
        "INSERT INTO booking_settings VALUES ('Mars/Olympus'), ('Europe/Madrid');");
    static const char counts[] =
        "\"tables\":{\"booking_settings\":{\"accepted\":1,\"rejected\":1},\"services\":{\"accepted\":2,\"rejected\":3},"
        "\"clients\":{\"accepted\":2,\"rejected\":2},\"barber_availability\":{\"accepted\":1,\"rejected\":2},"
        "\"barber_services\":{\"accepted\":1,\"rejected\":3},\"service_booking_rules\":{\"accepted\":1,\"rejected\":3},"
        "\"booking_rules\":{\"accepted\":1,\"rejected\":3}}}\n";
    EXPECT_FIGARO(0, counts, NULL, "import", shop.store, file, "--json", AT);
    EXPECT_FIGARO(0, "2 rows: 1 accepted (1 of them were there already), 1 refused, 0 rejected\n",
                  "an earlier row of this file has the same key", "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

Test(import_app, tells_no_row_by_an_id_that_is_none)
{
    struct shop shop = shop_empty();
    const char *file = APP_SQLITE(
        &shop,
        "CREATE TABLE appointments (id, barber_id, start_time, duration_minutes); CREATE TABLE users (id, name);",
        "INSERT INTO appointments VALUES (NULL, 1, '2026-03-02 10:00', 30), (NULL, 1, '2026-03-02 11:00', 30),"
        "(5.5, 1, '2026-03-02 12:00', 30), (5.7, 1, '2026-03-02 13:00', 30), (1e20, 1, '2026-03-02 14:00', 30),"
        "(6.0, 1, '2026-03-02 15:00', 30), ('7', 1, '2026-03-02 16:00', 30), ('x', 1, '2026-03-02 17:00', 30);"
        "INSERT INTO users VALUES (1, 'Figaro'), (NULL, 'Nobody'), (1.5, 'Half')");
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, AT);
    static const char *const said[] = {
        "users:0: rejected: id: is null\n",
        "users:0: rejected: id: '1.5' is no whole number\n",
        "app.sqlite:0: rejected: id: is null\n",
        "id: '5.5' is no whole number\n",
        "id: '5.7' is no whole number\n",
        "id: '1.0e+20' is no whole number\n",
        "app.sqlite:0: rejected: id: 'x' is no whole",
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect(strstr(child.err, said[i]) != NULL, "%s\nwithout %s", child.err, said[i]);
    cr_expect_str_eq(support_last_line(child.out), "8 rows: 2 accepted, 0 refused, 6 rejected", "%s", child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "Figaro  2026-03-02T15:00:00Z", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_app, refuses_what_is_no_such_database)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(2, NULL, "unable to open database file", "import", shop.store, "/does/not/exist.sqlite");
    EXPECT_FIGARO(2, NULL, "file is not a database", "import", shop.store,
                  shop_file(&shop, "a.db", "this is text, and long enough to be looked at as the head of a database"));
    EXPECT_FIGARO(2, NULL, "has no table appointments", "import", shop.store,
                  APP_SQLITE(&shop, "CREATE TABLE other (id);", ""));
    EXPECT_FIGARO(2, NULL, "has no table appointments", "import", shop.store,
                  APP_SQLITE(&shop, "CREATE VIEW appointments AS SELECT 1 AS barber_id, 2 AS start_time;", ""));
    EXPECT_FIGARO(2, NULL, "appointments has no column start_time", "import", shop.store,
                  APP_SQLITE(&shop, "CREATE TABLE appointments (id, barber_id);", ""));
    EXPECT_FIGARO(3, NULL, "", "list", shop.store);
    shop_close(&shop);
}

/* ---- a file that is in use ---- */

static sqlite3 *another(const char *path, const char *statement)
{
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, statement, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
    return database;
}

Test(import_app, reads_the_file_of_one_moment)
{
    struct shop shop = shop_empty();
    const char *path = APP_SQLITE(&shop, APP_ALL);
    reason why;
    sqlite3 *writer = another(path, "PRAGMA journal_mode = WAL");
    app_file *app = app_open_sqlite(path, &why);
    cr_assert_not_null(app, "%s", why.text);
    cr_expect_eq(app_count(app, "clients"), 3);
    cr_expect_eq(sqlite3_exec(writer, "DELETE FROM services; DELETE FROM clients", NULL, NULL, NULL), SQLITE_OK);
    cr_expect_eq(app_count(app, "services"), 4, "what is written between two tables is not seen");
    cr_expect_eq(app_count(app, "clients"), 3);
    cr_expect_not(app_is_broken(app, &why));
    app_close(app);
    sqlite3_close(writer);
    shop_close(&shop);
}

Test(import_app, lets_nobody_lock_a_file_that_it_reads)
{
    struct shop shop = shop_empty();
    const char *path = APP_SQLITE(&shop, APP_ALL);
    reason why;
    app_file *app = app_open_sqlite(path, &why);
    cr_assert_not_null(app, "%s", why.text);
    sqlite3 *other = another(path, "SELECT 1");
    cr_expect_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_BUSY);
    cr_expect(app_has_table(app, "clients"));
    cr_expect(app_has_column(app, "clients", "id"));
    app_close(app);
    cr_expect_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    shop_close(&shop);
}

static void *let_go_soon(void *lock)
{
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    sqlite3_exec(lock, "ROLLBACK", NULL, NULL, NULL);
    return NULL;
}

Test(import_app, waits_for_one_who_writes)
{
    struct shop shop = shop_empty();
    const char *path = APP_SQLITE(&shop, APP_ALL);
    pthread_t thread;
    reason why;
    sqlite3 *lock = another(path, "BEGIN EXCLUSIVE");
    cr_assert_eq(pthread_create(&thread, NULL, let_go_soon, lock), 0);
    app_file *app = app_open_sqlite(path, &why);
    cr_expect_not_null(app, "%s", why.text);
    pthread_join(thread, NULL);
    app_close(app);
    sqlite3_close(lock);
    shop_close(&shop);
}

Test(import_app, says_that_another_has_the_file_for_itself, .timeout = 60)
{
    struct shop shop = shop_empty();
    const char *path = APP_SQLITE(&shop, APP_ALL);
    sqlite3 *lock = another(path, "BEGIN EXCLUSIVE");
    EXPECT_FIGARO(2, "", "app.sqlite: database is locked; another process has it for itself: import once more",
                  "import", shop.store, path, AT);
    sqlite3_close(lock);
    shop_close(&shop);
}
