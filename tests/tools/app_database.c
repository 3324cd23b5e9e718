#include "tests/tools/app_database.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>

const char app_tables_made[] =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE services (id INTEGER PRIMARY KEY, name TEXT, duration_minutes INTEGER, buffer_time_minutes INTEGER, "
    "max_advance_booking_days INTEGER, min_advance_booking_hours INTEGER, is_active BOOLEAN);"
    "CREATE TABLE clients (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, date_of_birth DATE, customer_type "
    "TEXT, status TEXT, notes TEXT);"
    "CREATE TABLE barber_availability (id INTEGER PRIMARY KEY, barber_id INTEGER, day_of_week INTEGER, start_time "
    "TIME, end_time TIME, is_active BOOLEAN);"
    "CREATE TABLE barber_time_off (id INTEGER PRIMARY KEY, barber_id INTEGER, start_date DATE, end_date DATE, "
    "start_time TIME, end_time TIME, reason TEXT, status TEXT);"
    "CREATE TABLE barber_special_availability (id INTEGER PRIMARY KEY, barber_id INTEGER, date DATE, start_time TIME, "
    "end_time TIME, availability_type TEXT);"
    "CREATE TABLE booking_settings (id INTEGER PRIMARY KEY, timezone TEXT, min_lead_time_minutes INTEGER, "
    "max_advance_days INTEGER, same_day_cutoff_time TIME, business_start_time TIME, business_end_time TIME, "
    "slot_duration_minutes INTEGER, show_soonest_available BOOLEAN, allow_same_day_booking BOOLEAN);"
    "CREATE TABLE booking_rules (id INTEGER PRIMARY KEY, rule_name TEXT, rule_type TEXT, rule_params JSON, applies_to "
    "TEXT, service_ids JSON, barber_ids JSON, client_types JSON, priority INTEGER, is_active BOOLEAN);"
    "CREATE TABLE service_booking_rules (id INTEGER PRIMARY KEY, service_id INTEGER, min_age INTEGER, max_age INTEGER, "
    "requires_consultation BOOLEAN, requires_patch_test BOOLEAN, patch_test_hours_before INTEGER, max_bookings_per_day "
    "INTEGER, min_days_between_bookings INTEGER, blocked_days_of_week JSON, required_service_ids JSON, "
    "incompatible_service_ids JSON, is_active BOOLEAN, message TEXT);"
    "CREATE TABLE barber_services (id INTEGER PRIMARY KEY, barber_id INTEGER, service_id INTEGER, custom_duration "
    "INTEGER, custom_price REAL, is_available BOOLEAN);"
    "CREATE TABLE appointments (id INTEGER PRIMARY KEY, user_id INTEGER, barber_id INTEGER, client_id INTEGER, "
    "service_id INTEGER, organization_id INTEGER, service_name TEXT, start_time DATETIME, duration_minutes INTEGER, "
    "price REAL, status TEXT, created_at DATETIME, buffer_time_before INTEGER DEFAULT 0, buffer_time_after INTEGER "
    "DEFAULT 0, notes TEXT, created_timezone TEXT, user_timezone TEXT, version INTEGER DEFAULT 1);";

const char app_rows_booked[] =
    "INSERT INTO users VALUES (7,'Figaro'),(8,'Susanna'),(9,'Figaro'),(20,'a client');"
    "INSERT INTO services VALUES "
    "(1,'Cut',30,5,30,2,'1'),(2,'Colour',90,0,NULL,NULL,'1'),(3,'Cut',45,0,0,0,'0'),(4,'Odd',-5,0,0,0,'1');"
    "INSERT INTO clients VALUES "
    "(1,'Rosina','Bartolo','1990-01-31','vip','active','x'),(2,'Rosina','Bartolo',NULL,'new','active',NULL);"
    "INSERT INTO barber_availability VALUES "
    "(1,7,0,'09:00:00.000000','17:00:00.000000','1'),(2,7,1,'09:00','17:00','0'),(3,99,1,'09:00','17:00','1'),(4,8,7,'"
    "09:00','17:00','1');"
    "INSERT INTO barber_time_off VALUES "
    "(1,7,'2026-12-24','2026-12-26',NULL,NULL,'holiday','approved'),(2,7,'2026-12-28','2026-12-27',NULL,NULL,'holiday',"
    "'approved');"
    "INSERT INTO barber_special_availability VALUES "
    "(1,8,'2026-12-06','10:00:00','14:00:00','available'),(2,8,'2026-12-07',NULL,NULL,'unavailable');"
    "INSERT INTO booking_settings VALUES "
    "(1,'America/New_York',15,30,NULL,'09:00:00','17:00:00',30,'1','1'),(2,'America/"
    "New_York',15,30,NULL,'09:00:00','17:00:00',30,'1','1');"
    "INSERT INTO booking_rules VALUES"
    " (1,'two hours','min_advance_booking','{\"min_hours\":2}','all',NULL,NULL,NULL,0,'1'),"
    " (2,'gone','max_duration','{\"max_minutes\":60}','barber',NULL,'[99]',NULL,0,'1'),"
    " (3,'xmas','holiday_restrictions','{\"holidays\":[\"12-25\"]}','client_type',NULL,NULL,'[\"new\"]',1,'1'),"
    " (4,'weird','moon_phase','{}','all',NULL,NULL,NULL,0,'1');"
    "INSERT INTO service_booking_rules VALUES "
    "(1,2,16,NULL,'0','1',48,1,NULL,'[6]','[1]',NULL,'1','x'),(2,50,16,NULL,'0','1',48,1,NULL,NULL,NULL,NULL,'1','x'),"
    "(3,2,18,NULL,'0','0',NULL,NULL,NULL,NULL,NULL,NULL,'1','x');"
    "INSERT INTO barber_services VALUES (1,7,1,40,30.0,'1'),(2,7,2,NULL,30.0,'0'),(3,7,60,NULL,NULL,'1');"
    "INSERT INTO appointments "
    "(id,barber_id,client_id,service_id,start_time,duration_minutes,status,buffer_time_before,buffer_time_after,notes) "
    "VALUES"
    " (1,7,1,1,'2026-03-02 15:00:00.000000',30,'confirmed',0,5,'line one\nline two'),"
    " (2,7,2,1,'2026-03-02 15:15:00.000000',30,'scheduled',0,0,NULL),"
    " (3,7,2,1,'2026-03-02 15:00:00.000000',30,'cancelled',0,0,NULL),"
    " (4,NULL,2,1,'2026-03-02 16:00:00.000000',30,'scheduled',0,0,NULL),"
    " (5,99,2,1,'2026-03-02 16:00:00.000000',30,'scheduled',0,0,NULL),"
    " (6,8,77,66,'2026-03-02 16:00:00.123456',30,'pending',0,0,NULL),"
    " (8,8,2,NULL,'2026-03-02 20:00:00',NULL,'scheduled',0,0,NULL),"
    " (11,8,2,1,'2026-03-03 20:00:00',-30,'scheduled',0,0,NULL),"
    " (12,9,2,1,'2026-03-03 20:00:00',30,'no_show',NULL,NULL,NULL),"
    " (13,7,1,1,'2026-03-02 15:00:00.000000',30,'scheduled',0,0,NULL),"
    " (14,7,1,1,'2026-03-02 15:00:00.000000',30,'scheduled',0,0,NULL);";

const char app_rows_zoned[] =
    "INSERT INTO appointments "
    "(id,barber_id,client_id,service_id,start_time,duration_minutes,status,buffer_time_before,buffer_time_after,notes) "
    "VALUES (7,8,2,2,'2026-03-02T18:00:00-05:00',NULL,'completed',0,0,NULL);";

const char app_rows_odd[] =
    "INSERT INTO clients VALUES (3,'Conte',NULL,'soon','new','active',NULL);"
    "INSERT INTO appointments "
    "(id,barber_id,client_id,service_id,start_time,duration_minutes,status,buffer_time_before,buffer_time_after,notes) "
    "VALUES (9,8,2,1,'soon',30,'scheduled',0,0,NULL),"
    " (10,8,2,1,'2026-03-03 20:00:00',30,'gone',0,0,NULL);";

const char *app_sqlite_file(const struct shop *shop, const char *const statements[])
{
    static char path[SUPPORT_PATH];
    sqlite3 *made = NULL;
    char *words = NULL;
    support_format(path, sizeof path, "%.400s/app.sqlite", shop->root);
    remove(path);
    cr_assert_eq(sqlite3_open(path, &made), SQLITE_OK);
    for (size_t i = 0; statements[i] != NULL; i++)
        cr_assert_eq(sqlite3_exec(made, statements[i], NULL, NULL, &words), SQLITE_OK, "%s", words);
    cr_assert_eq(sqlite3_close(made), SQLITE_OK);
    return path;
}
