/* The database of a booking application with the defects of the report, in statements that SQLite and PostgreSQL both
 * take. PostgreSQL has no type DATETIME: what it is there is for the test to say. */
#ifndef FIG_TESTS_APP_DATABASE_H
#define FIG_TESTS_APP_DATABASE_H

#include "tests/tools/shop.h"

extern const char app_tables_made[];
/* Double bookings, a null barber, rows that lead nowhere, and some that are right; */
extern const char app_rows_booked[];
/* a time with an offset, for columns that keep it; */
extern const char app_rows_zoned[];
/* and what a column that has a type would not take: no dates, an unknown status. */
extern const char app_rows_odd[];

/* All of it. */
#define APP_ALL app_tables_made, app_rows_booked, app_rows_zoned, app_rows_odd

/* A file of the shop that these statements, up to NULL, were run in; its path lasts until the next call. */
const char *app_sqlite_file(const struct shop *shop, const char *const statements[]);

#define APP_SQLITE(shop, ...) app_sqlite_file(shop, (const char *const[]){__VA_ARGS__, NULL})

#endif
