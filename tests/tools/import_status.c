/* `figaro import --set-status`: what became of appointments that are there. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT "--now", "2026-11-01T00:00:00Z"

/* A shop in Madrid (UTC+1) with Figaro, Susanna, and Cherubino in New York (UTC-5); eight appointments, #1 to #8, of
 * which #7 is on 2 March in Madrid and on 1 March in UTC, and #8 on 2 March in New York and on 3 March in UTC. */
static struct shop open_booked(void)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json",
                                  "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],"
                                  "\"barbers\":[{\"id\":9,\"name\":\"Cherubino\",\"zone\":\"America/New_York\"}],"
                                  "\"services\":[{\"id\":1,\"name\":\"Cut\"},{\"id\":2,\"name\":\"Shave\"}],"
                                  "\"clients\":[{\"id\":5,\"name\":\"Rosina\"},{\"id\":6,\"name\":\"Lindoro\"},"
                                  "{\"id\":7,\"name\":\"Figlio\"},{\"id\":8,\"name\":\"Figlio\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,service,client,key\n"
                                 "Figaro,2026-03-02T10:00,30,1,Rosina,a\n"
                                 "Figaro,2026-03-02T11:00,30,2,Rosina,b\n"
                                 "Susanna,2026-03-02T10:00,30,1,Lindoro,c\n"
                                 "Figaro,2026-03-03T10:00,30,1,Rosina,d\n"
                                 "Figaro,2026-03-02T12:00,30,1,,e\n"
                                 "Figaro,2026-03-02T13:00,30,,Lindoro,f\n"
                                 "Susanna,2026-03-02T00:30,30,2,,g\n"
                                 "Cherubino,2026-03-02T23:00,30,2,,h\n");
    EXPECT_FIGARO(0, "8 accepted", NULL, "import", shop.store, file, AT);
    return shop;
}

/* Imports a file of one row under a header; says what its row came to in JSON, without the file. */
static void expect_row(const struct shop *shop, const char *header, const char *row, const char *expected)
{
    char text[512];
    support_format(text, sizeof text, "%s\n%s\n", header, row);
    const char *file = shop_file(shop, "row.csv", text);
    struct support_child child = SUPPORT_FIGARO("import", shop->store, file, "--set-status", "cancelled", "--json", AT);
    cr_expect_eq(child.exit_code, 0, "%s: %s: %s", header, row, child.err);
    cr_expect(strstr(child.out, expected) != NULL, "%s: %s:\n%s\nwithout %s", header, row, child.out, expected);
    support_free(&child);
}

#define MATCHED(id)                  "\"reason\":\"is so now\",\"outcome\":\"matched\",\"appointments\":[{\"id\":" #id ","
#define AMBIGUOUS(n)                 "\"reason\":\"" #n " appointments are as the row says\",\"outcome\":\"ambiguous\""
#define NONE                         "\"field\":null,\"reason\":\"no appointment is as the row says\",\"outcome\":\"not_found\""
#define OUTCOME(field, why, outcome) "\"field\":\"" field "\",\"reason\":\"" why "\",\"outcome\":\"" outcome "\""

Test(import_status, finds_the_one_that_is_as_the_row_says)
{
    static const struct {
        const char *header, *row, *expected;
    } table[] = {
        {"key", "a", MATCHED(1)},
        {"key,client,date", "a,Rosina,2026-03-02", MATCHED(1)},
        {"key,client", "a,Lindoro", NONE},
        {"key", "z", NONE},
        {"barber,start", "Figaro,2026-03-02T10:00", MATCHED(1)},
        {"barber,start", "Figaro,2026-03-02T09:00:00Z", MATCHED(1)},
        {"barber,start", "Figaro,2026-03-02T10:00:00Z", MATCHED(2)},
        {"barber,start", "Figaro,2026-03-02T10:15", NONE},
        {"start", "2026-03-02T10:00", AMBIGUOUS(2)},
        {"start,client", "2026-03-02T10:00,Lindoro", MATCHED(3)},
        {"start,client", "2026-03-02T10:00,6", MATCHED(3)},
        {"start,service", "2026-03-02T10:00,Shave", NONE},
        {"start", "2026-03-02T23:00", MATCHED(8)},
        {"date", "2026-03-03", MATCHED(4)},
        {"date", "2026-03-02", AMBIGUOUS(7)},
        {"date,service", "2026-03-02,Shave", AMBIGUOUS(3)},
        {"date,service,barber", "2026-03-02,Shave,Susanna", MATCHED(7)},
        {"date,service,barber", "2026-03-02,2,Cherubino", MATCHED(8)},
        {"date,client", "2026-03-02,Rosina", AMBIGUOUS(2)},
        {"date,client,service", "2026-03-02,Rosina,Cut", MATCHED(1)},
        {"date,client,service", "2026-03-02,Lindoro,", MATCHED(6)},
        {"date,client,service", "2026-03-02,,Cut", MATCHED(5)},
        {"client", "Lindoro", AMBIGUOUS(2)},
        {"client,barber", "Lindoro,Susanna", MATCHED(3)},
        {"client,service", ",Cut", MATCHED(5)},
        {"client", "17", NONE},
        {"client", "Almaviva", OUTCOME("client", "no client is named 'Almaviva'", "not_found")},
        {"date,barber", "2026-03-02,Basilio", OUTCOME("barber", "no barber is named 'Basilio'", "not_found")},
        {"date,service", "2026-03-02,Perm", OUTCOME("service", "no service is named 'Perm'", "not_found")},
        {"client", "Figlio", OUTCOME("client", "two clients are named 'Figlio'", "rejected")},
        {"date", "soon", OUTCOME("date", "'soon': does not begin with a date such as 2026-03-02", "rejected")},
        {"date,barber", ",Figaro", OUTCOME("date", "is empty", "rejected")},
        {"start,barber", ",Figaro", OUTCOME("start", "is empty", "rejected")},
        {"date,barber", "2026-03-02,", OUTCOME("barber", "is empty", "rejected")},
        {"key,barber", ",Figaro",
         OUTCOME("key", "is empty, and nothing else says which appointment it is", "rejected")},
        {"date,barber", "2026-03-02", "\"field\":null,\"reason\":\"has 1 fields, the first line has 2\""},
    };
    struct shop booked = open_booked(), shop = booked;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        support_format(shop.store, sizeof shop.store, "%.400s/copy", booked.root);
        support_copy(booked.store, shop.store);
        expect_row(&shop, table[i].header, table[i].row, table[i].expected);
        bool matched = strstr(table[i].expected, "\"matched\"") != NULL;
        EXPECT_FIGARO(0, matched ? "\n1 appointment\n" : "0 appointments\n", NULL, "list", shop.store, "--status",
                      "cancelled");
        support_remove(shop.store);
    }
    shop_close(&booked);
}

Test(import_status, takes_dates_in_the_zone_that_is_given)
{
    struct shop shop = open_booked();
    const char *map = "barber=who,date=day";
    const char *file = shop_file(&shop, "b.csv", "who,day\nSusanna,3/1/2026\nCherubino,3/3/2026\n");
    EXPECT_FIGARO(0, "2 rows: 1 matched, 0 already so, 0 recorded, 0 ambiguous, 1 not found",
                  "b.csv:2: not_found: no appointment is as the row says\n", "import", shop.store, file, "--set-status",
                  "no_show", "--map", map, "--time-format", "%m/%d/%Y", "--zone", "Asia/Tokyo", AT);
    EXPECT_FIGARO(0, "2 rows: 1 matched, 1 already so,", "", "import", shop.store, file, "--set-status", "no_show",
                  "--map", map, "--time-format", "%m/%d/%Y", "--zone", "UTC", AT);
    file = shop_file(&shop, "b.csv", "who,day\nSusanna,3/1/2026 00:00\nCherubino,3/3/2026\n");
    EXPECT_FIGARO(0, "1 already so, 0 recorded, 0 ambiguous, 0 not found, 0 illegal, 0 changed, 1 rejected",
                  "b.csv:3: rejected: date: '3/3/2026': the hour is missing\n", "import", shop.store, file,
                  "--set-status", "no_show", "--map", map, "--time-format", "%m/%d/%Y %H:%M", "--zone", "UTC", AT);
    shop_close(&shop);
}

/* Whom the options name stands in for a column; services are known by the ids of a file of lengths, too. */
Test(import_status, takes_what_the_command_line_says)
{
    struct shop shop = open_booked();
    char lengths[SUPPORT_PATH];
    strcpy(lengths, shop_file(&shop, "l.csv", "service,minutes,id\nCUT,30,1\nSHV,30,2\nCut,30,\n"));
    const char *file = shop_file(&shop, "b.csv", "date,service\n2026-03-03,CUT\n2026-03-02,SHV\n2026-03-03,Cut\n");
    EXPECT_FIGARO(0, "3 rows: 2 matched, 1 already so, 0 recorded, 0 ambiguous, 0 not found", "", "import", shop.store,
                  file, "--set-status", "completed", "--barber", "Figaro", "--lengths", lengths, AT);
    EXPECT_FIGARO(0, "2 appointments\n", NULL, "list", shop.store, "--status", "completed");
    EXPECT_FIGARO(1, "no barber is named 'Basilio'", NULL, "import", shop.store, file, "--set-status", "completed",
                  "--barber", "Basilio", "--lengths", lengths, AT);
    shop_close(&shop);
}

Test(import_status, names_all_that_a_row_could_mean)
{
    struct shop shop = open_booked();
    const char *file = shop_file(&shop, "b.csv", "client,date\nRosina,2026-03-02\n");
    EXPECT_FIGARO(0, "1 row: 0 matched, 0 already so, 0 recorded, 1 ambiguous",
                  "b.csv:2: ambiguous: 2 appointments are as the row says\n", "import", shop.store, file,
                  "--set-status", "cancelled", AT);
    struct support_child child = SUPPORT_FIGARO("import", shop.store, file, "--set-status", "cancelled", AT);
    cr_expect(strstr(child.err, "b.csv:2:   #1 Figaro 2026-03-02T09:00:00Z scheduled\n") != NULL, "%s", child.err);
    cr_expect(strstr(child.err, "b.csv:2:   #2 Figaro 2026-03-02T10:00:00Z scheduled\n") != NULL, "%s", child.err);
    support_free(&child);
    EXPECT_FIGARO(0, "0 appointments\n", NULL, "list", shop.store, "--status", "cancelled");
    /* one of them is cancelled: the row may mean it or the other one */
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "1", AT);
    EXPECT_FIGARO(0, "1 ambiguous", "#1 Figaro 2026-03-02T09:00:00Z cancelled\n", "import", shop.store, file,
                  "--set-status", "cancelled", AT);
    /* both are: whichever it means, it is so */
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "2", AT);
    EXPECT_FIGARO(0, "1 already so, 0 recorded, 0 ambiguous", "", "import", shop.store, file, "--set-status",
                  "cancelled", AT);
    shop_close(&shop);
}

Test(import_status, passes_over_holds_that_expired)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "held", NULL, "hold", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--ttl", "60", "--now", SHOP_NOW);
    const char *file = shop_file(&shop, "b.csv", "barber,date\nFigaro,2026-03-02\n");
    EXPECT_FIGARO(0, "1 not found", "not_found", "import", shop.store, file, "--set-status", "cancelled", AT);
    EXPECT_FIGARO(0, "1 matched", "", "import", shop.store, file, "--set-status", "cancelled", "--now", SHOP_NOW);
    shop_close(&shop);
}

Test(import_status, counts_each_row_once_and_again_changes_nothing)
{
    struct shop shop = open_booked();
    EXPECT_FIGARO(0, "completed", NULL, "status", shop.store, "6", "completed", AT);
    const char *file =
        shop_file(&shop, "b.csv", "key,client\na,Rosina\na,Rosina\nb,Lindoro\nf,Lindoro\n\ng,\nz,\n\"x\n");
    const char *illegal = "b.csv:5: illegal: status: appointment #6 is completed, and cannot become cancelled\n";
    EXPECT_FIGARO(0,
                  "7 rows: 2 matched, 1 already so, 0 recorded, 0 ambiguous, 2 not found, 1 illegal, 0 changed, 1 "
                  "rejected\n",
                  illegal, "import", shop.store, file, "--set-status", "cancelled", AT);
    EXPECT_FIGARO(0,
                  "{\"accepted\":3,\"refused\":3,\"rejected\":1,\"matched\":0,\"already\":3,\"recorded\":0,"
                  "\"ambiguous\":0,\"not_found\":2,\"illegal\":1,\"changed\":0}\n",
                  NULL, "import", shop.store, file, "--set-status", "cancelled", "--json", AT);
    EXPECT_FIGARO(0, "2 appointments\n", NULL, "list", shop.store, "--status", "cancelled");
    EXPECT_FIGARO(0, "8 appointments\n", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

Test(import_status, reads_what_export_wrote_without_a_map)
{
    struct shop shop = open_booked();
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--format", "csv", AT);
    const char *file = shop_file(&shop, "b.csv", child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "8 rows: 8 matched, 0 already so", "", "import", shop.store, file, "--set-status", "confirmed",
                  AT);
    shop_close(&shop);
}

/* ---- recording ---- */

#define PAST                                                                                                           \
    "barber,start,minutes,client,note\n"                                                                               \
    "Figaro,2026-03-02T10:00,30,Rosina,there\n"                                                                        \
    "Figaro,2026-03-02T11:00,30,Lindoro,its time is taken\n"                                                           \
    "Basilio,2026-03-02T10:00,30,,whom nobody knew\n"                                                                  \
    "Figaro,2026-02-02T10:00,,Rosina,no length\n"                                                                      \
    "Figaro,2026-02-03T10:00,30,Bartolo,a client whom nobody knew\n"

Test(import_status, keeps_what_it_does_not_find_for_the_record)
{
    struct shop shop = open_booked();
    const char *file = shop_file(&shop, "b.csv", PAST);
    EXPECT_FIGARO(0,
                  "5 rows: 1 matched, 0 already so, 2 recorded, 0 ambiguous, 1 not found, 0 illegal, 0 changed, 1 "
                  "rejected\n",
                  "b.csv:5: not_found: no appointment is as the row says, and to record it nothing says how long",
                  "import", shop.store, file, "--set-status", "no_show", "--record", AT);
    EXPECT_FIGARO(0, "3 appointments\n", NULL, "list", shop.store, "--status", "no_show");
    EXPECT_FIGARO(0, "Basilio  2026-03-02T09:00:00Z - 2026-03-02T09:30:00Z  no_show", NULL, "list", shop.store);
    EXPECT_FIGARO(0,
                  "5 rows: 0 matched, 3 already so, 0 recorded, 0 ambiguous, 1 not found, 0 illegal, 0 changed, 1 "
                  "rejected\n",
                  "b.csv:6: rejected: client: 'Bartolo' is no number", "import", shop.store, file, "--set-status",
                  "no_show", "--record", AT);
    EXPECT_FIGARO(0, "5 rows: 0 matched, 3 already so, 2 recorded, 0 ambiguous, 0 not found", "", "import", shop.store,
                  file, "--set-status", "no_show", "--record", "--new-clients", "--minutes", "45", AT);
    EXPECT_FIGARO(0, "2026-02-02T09:00:00Z - 2026-02-02T09:45:00Z  no_show", NULL, "list", shop.store, "--client",
                  "Rosina");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "Bartolo");
    EXPECT_FIGARO(0, "\"note\":\"its time is taken\"", NULL, "show", shop.store, "10", "--json");
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

Test(import_status, records_no_service_that_it_does_not_know)
{
    struct shop shop = open_booked();
    const char *file = shop_file(&shop, "b.csv", "barber,start,service\nFigaro,2026-02-02T10:00,Perm\n");
    EXPECT_FIGARO(0, "1 not found", "not_found: service: no service is named 'Perm'", "import", shop.store, file,
                  "--set-status", "cancelled", "--record", "--minutes", "30", AT);
    EXPECT_FIGARO(0, "8 appointments\n", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_status, records_nothing_under_a_key_that_is_anothers)
{
    struct shop shop = open_booked();
    const char *file = shop_file(&shop, "b.csv", "barber,start,key\nFigaro,2026-02-02T10:00,a\n");
    EXPECT_FIGARO(0, "1 row: 0 matched, 0 already so, 0 recorded, 0 ambiguous, 0 not found, 0 illegal, 1 changed",
                  "b.csv:2: refused (key a): key: ", "import", shop.store, file, "--set-status", "cancelled",
                  "--record", "--minutes", "30", AT);
    EXPECT_FIGARO(0, "8 appointments\n", NULL, "list", shop.store);
    shop_close(&shop);
}

/* ---- mistakes ---- */

Test(import_status, says_what_cannot_be_before_it_changes_anything)
{
    static const struct {
        const char *map, *option, *value, *why;
    } table[] = {
        {"key=key", "--rules", NULL, "--rules: is for rows that are booked"},
        {"key=key", "--no-keys", NULL, "--no-keys: is for rows that are booked"},
        {"key=key", "--overlaps", "refuse", "--overlaps: is for rows that are booked"},
        {"key=key", "--minutes", "30", "--minutes: is for rows that are booked, or"},
        {"key=key", "--new-clients", NULL, "--new-clients: is for rows that are booked, or"},
        {"key=key", "--format", "ics", "is for CSV files"},
        {"key=key", "--format", "jsonl", "--set-status: is for CSV files"},
        {"key=key", "--record", NULL, "--record: no column says when a row starts"},
        {"start=start", "--record", NULL, "--record: no column says whose a row is"},
        {"date=start", "--time-format", "%H:%M", "--time-format: has no year"},
        {"date=start", "--time-format", "%F%z", "--time-format: has a UTC offset"},
        {"start=start", "--time-format", "%F", "--time-format: has no hour"},
        {"barber=barber,service=service", "--zone", "UTC", "no column says which appointment a row tells of"},
        {"key=key,status=status", "--zone", "UTC", "--map: status: is what --set-status says"},
        {"start=start,date=start", "--zone", "UTC", "--map: date: is given beside start"},
        {"key=key,note=note", "--zone", "UTC", "--map: note: finds no appointment; it is for --record"},
        {"key=key,minutes=minutes", "--zone", "UTC", "--map: minutes: finds no appointment"},
        {"key=wrong", "--zone", "UTC", "b.csv:1: key: the header has no column 'wrong'"},
    };
    struct shop shop = open_booked();
    char file[SUPPORT_PATH];
    strcpy(file, shop_file(&shop, "b.csv", "key,barber,start,minutes,service,status,note\na,Figaro,,,,,\n"));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        EXPECT_FIGARO(2, NULL, table[i].why, "import", shop.store, file, "--set-status", "cancelled", "--map",
                      table[i].map, AT, table[i].option, table[i].value);
    EXPECT_FIGARO(2, NULL, "--set-status: must be confirmed, completed, cancelled or no_show", "import", shop.store,
                  file, "--set-status", "scheduled");
    EXPECT_FIGARO(2, NULL, "--set-status: ", "import", shop.store, file, "--set-status", "gone");
    EXPECT_FIGARO(2, NULL, "--record: keeps what is over", "import", shop.store, file, "--set-status", "confirmed",
                  "--record");
    EXPECT_FIGARO(2, NULL, "--record: is for --set-status", "import", shop.store, file, "--record");
    EXPECT_FIGARO(2, NULL, "--map: date: is for --set-status", "import", shop.store, file, "--map",
                  "barber=barber,start=start,minutes=minutes,date=start");
    EXPECT_FIGARO(3, NULL, "/none", "import", shop_path(&shop, "none"), file, "--set-status", "cancelled");
    EXPECT_FIGARO(0, "0 appointments\n", NULL, "list", shop.store, "--status", "cancelled");
    cr_expect_neq(access(shop_path(&shop, "none"), F_OK), 0);
    shop_close(&shop);
}

/* The rows before the damage could be read, and are not taken either. */
Test(import_status, changes_nothing_by_a_file_that_breaks_off)
{
    struct shop shop = open_booked();
    char file[SUPPORT_PATH];
    struct support_random random = support_random_from(3);
    FILE *rows = fopen(shop_file(&shop, "b.csv", ""), "w");
    cr_assert(rows != NULL);
    fputs("key,x\na,1\n", rows);
    for (int i = 0; i < 100000; i++) fprintf(rows, "z%d,%d\n", i, (int)support_below(&random, 1000000000));
    cr_assert_eq(fclose(rows), 0);
    support_format(file, sizeof file, "%.400s/b.csv", shop.root);
    struct support_child child = SUPPORT_RUN("gzip", file);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
    strcat(file, ".gz");
    size_t size;
    char *bytes = support_read_file(file, &size);
    support_write_file(file, bytes, size - 1000);
    free(bytes);
    child = SUPPORT_FIGARO("import", shop.store, file, "--set-status", "cancelled", AT);
    cr_expect_eq(child.exit_code, 2, "%s", child.err);
    cr_expect(strstr(child.err, ": the .gz file ends in its middle; nothing was changed\n") != NULL, "%s",
              support_last_line(child.err));
    cr_expect_str_empty(child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "0 appointments\n", NULL, "list", shop.store, "--status", "cancelled");
    shop_close(&shop);
}

/* ---- beside others, and interrupted ---- */

/* A file of `count` rows whose keys are k0, k1 ...; without `bookings` the keys alone. */
static const char *write_keys(const struct shop *shop, int count, bool bookings)
{
    static char path[SUPPORT_PATH];
    support_format(path, sizeof path, "%.400s/%s.csv", shop->root, bookings ? "bookings" : "keys");
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(bookings ? "key,barber,start,minutes\n" : "key\n", file);
    for (int i = 0; i < count; i++) {
        fprintf(file, "k%d", i);
        if (bookings) fprintf(file, ",Figaro,2026-03-%02dT%02d:%02dZ,10", 1 + i / 40, 8 + i % 40 / 4, 15 * (i % 4));
        fputs("\n", file);
    }
    cr_assert_eq(fclose(file), 0);
    return path;
}

static struct shop open_with_keys(int count)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(0, " 0 refused, 0 rejected\n", NULL, "import", shop.store, write_keys(&shop, count, true), AT);
    return shop;
}

/* What the command prints is not read until the other change is made: it stands still in the middle of the rows, which
 * print more than a pipe holds. */
Test(import_status, leaves_alone_what_was_changed_meanwhile, .timeout = 60)
{
    static char text[1 << 20];
    struct shop shop = open_booked();
    size_t size = (size_t)sprintf(text, "date,client,service\n2026-03-02,Rosina,Cut\n");
    for (int i = 0; i < 1000; i++) size += (size_t)sprintf(text + size, "2026-03-02,Rosina,Cut\n2026-03-02,Figlio,\n");
    const char *file = shop_file(&shop, "b.csv", text);
    int ends[2];
    char first, *said = malloc(1 << 22);
    cr_assert(said != NULL && pipe2(ends, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        execl(support_figaro(), "figaro", "import", shop.store, file, "--set-status", "cancelled", "--json", AT,
              (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    cr_assert_eq(read(ends[0], &first, 1), 1);
    EXPECT_FIGARO(0, "confirmed", NULL, "status", shop.store, "1", "confirmed", AT);
    ssize_t got;
    size_t length = 0;
    while ((got = read(ends[0], said + length, (1 << 22) - length - 1)) > 0) length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    int status = -1;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect(strstr(said, "\"outcome\":\"changed\",\"appointments\":[{\"id\":1,") != NULL, "%.300s", said);
    cr_expect_str_eq(support_last_line(said),
                     "{\"accepted\":0,\"refused\":1001,\"rejected\":1000,\"matched\":0,\"already\":0,\"recorded\":0,"
                     "\"ambiguous\":0,\"not_found\":0,\"illegal\":0,\"changed\":1001}");
    free(said);
    EXPECT_FIGARO(0, "#1  Figaro  2026-03-02T09:00:00Z - 2026-03-02T09:30:00Z  confirmed", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_status, goes_on_after_a_kill, .timeout = 120)
{
    struct shop shop = open_with_keys(600);
    struct support_random random = support_random_from(5);
    const char *file = write_keys(&shop, 600, false);
    int killed = 0;
    for (int i = 1; i <= 12; i++) { /* the first ones hardly begin, the last ones may come to their end */
        int status = 0;
        pid_t pid = support_spawn((const char *const[]){support_figaro(), "import", shop.store, file, "--set-status",
                                                        "no_show", "--batch", "4", AT, NULL});
        usleep((useconds_t)support_below(&random, 2000 * (uint64_t)i));
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status);
    }
    cr_expect_gt(killed, 0, "no run was interrupted");
    EXPECT_FIGARO(0, "{\"accepted\":600,\"refused\":0,\"rejected\":0,", NULL, "import", shop.store, file,
                  "--set-status", "no_show", "--json", AT);
    EXPECT_FIGARO(0, "\n600 appointments\n", NULL, "list", shop.store, "--status", "no_show");
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

/* The store's file may grow no further than it is: some commits fit, the rest are told of, and a run with room goes on.
 */
Test(import_status, says_how_far_it_came_when_there_is_no_room)
{
    struct shop shop = open_with_keys(600);
    char script[2 * SUPPORT_PATH + 200];
    const char *file = write_keys(&shop, 600, false);
    support_format(script, sizeof script,
                   "trap '' XFSZ; ulimit -f $(( ($(stat -c %%s '%s/data.mdb') + 32768) / 512 )); "
                   "exec '%s' import '%s' '%s' --set-status cancelled --batch 4 --now 2026-11-01T00:00:00Z",
                   shop.store, support_figaro(), shop.store, file);
    struct support_child child = SUPPORT_RUN("sh", "-c", script);
    int done = -1, all = -1;
    const char *told = strstr(child.err, "figaro: ");
    cr_expect_eq(child.exit_code, 3, "%s%s", child.out, child.err);
    while (told != NULL && sscanf(told, "figaro: %d of %d changes are done; run", &done, &all) != 2)
        told = strstr(told + 1, "figaro: ");
    cr_expect(told != NULL && done > 0 && done < 600 && all == 600, "%s", child.err);
    support_free(&child);
    char expected[200];
    support_format(expected, sizeof expected, "600 rows: %d matched, %d already so, 0 recorded", 600 - done, done);
    EXPECT_FIGARO(0, expected, "", "import", shop.store, file, "--set-status", "cancelled", AT);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

/* ---- real files ---- */

static char salon_bookings[SUPPORT_PATH], salon_cancellations[SUPPORT_PATH], salon_no_shows[SUPPORT_PATH];

#define SALON(format)                                                                                                  \
    "--zone", "America/Toronto", "--lengths", shop_path(shop, "l.csv"), "--time-format", format, "--json", AT

/* All 1,906 bookings of the salon. Each lasts a minute, so that none is in the way of another. */
static struct shop open_salon(void)
{
    struct shop opened = shop_empty(), *shop = &opened;
    char text[4096] = "service,minutes,id\n", name[64];
    int id;
    support_need_data("salon/future_bookings_all_clients.csv", salon_bookings);
    support_need_data("salon/client_cancellations.csv", salon_cancellations);
    support_need_data("salon/no-show_report.csv", salon_no_shows);
    FILE *lengths = fopen("tests/tools/fixtures/salon_lengths.csv", "r");
    cr_assert(lengths != NULL && fscanf(lengths, "%*[^\n]") == 0);
    while (fscanf(lengths, " %63[^,],%*d,%d", name, &id) == 2)
        support_format(text + strlen(text), sizeof text - strlen(text), "%s,1,%d\n", name, id);
    fclose(lengths);
    shop_file(shop, "l.csv", text);
    EXPECT_FIGARO(0, "{\"accepted\":1906,\"refused\":0,\"rejected\":0,", NULL, "import", shop->store, salon_bookings,
                  "--map", "barber=Staff,start=Date+Time,service=Service,client=Code", "--new-clients",
                  SALON("%m/%d/%Y %I:%M:%S %p"));
    return opened;
}

/* What the rows of a file came to, each told of with its appointments. */
static void expect_salon(const struct shop *shop, const char *file, const char *status, const char *map, size_t rows,
                         const char *summary)
{
    struct support_child child =
        SUPPORT_FIGARO("import", shop->store, file, "--set-status", status, "--map", map, SALON("%m/%d/%Y"));
    size_t told = 0;
    cr_expect_eq(child.exit_code, 0, "%s", child.err);
    for (const char *at = child.out; (at = strstr(at, ",\"outcome\":\"")) != NULL; at++) told++;
    cr_expect_eq(told, rows, "%s: %zu rows are told of, not %zu", map, told, rows);
    cr_expect_str_eq(support_last_line(child.out), summary, "%s: %s", map, support_last_line(child.out));
    support_free(&child);
}

/* The list of bookings has those who did not come, by client, staff, service and date just once each. It has 31 of the
 * 243 that were cancelled, which come to 28: a client's for 11 July was cancelled four times. It lists what stands, so
 * that these were made anew for the same day. The other 212 are not in it, 39 of them of clients who are not either. */
Test(import_status, accounts_for_every_row_of_the_salon, .timeout = 120)
{
    struct shop opened = open_salon(), *shop = &opened;
    const char *missed = "barber=Staff,date=Date,client=Code,service=Service";
    const char *cancelled = "barber=Staff,date=Booking Date,client=Code,service=Service";
    expect_salon(shop, salon_no_shows, "no_show", missed, 60,
                 "{\"accepted\":60,\"refused\":0,\"rejected\":0,\"matched\":60,\"already\":0,\"recorded\":0,"
                 "\"ambiguous\":0,\"not_found\":0,\"illegal\":0,\"changed\":0}");
    expect_salon(shop, salon_no_shows, "no_show", missed, 60,
                 "{\"accepted\":60,\"refused\":0,\"rejected\":0,\"matched\":0,\"already\":60,\"recorded\":0,"
                 "\"ambiguous\":0,\"not_found\":0,\"illegal\":0,\"changed\":0}");
    expect_salon(shop, salon_cancellations, "cancelled", cancelled, 243,
                 "{\"accepted\":31,\"refused\":212,\"rejected\":0,\"matched\":28,\"already\":3,\"recorded\":0,"
                 "\"ambiguous\":0,\"not_found\":212,\"illegal\":0,\"changed\":0}");
    EXPECT_FIGARO(0, "\n60 appointments\n", NULL, "list", shop->store, "--status", "no_show");
    EXPECT_FIGARO(0, "\n28 appointments\n", NULL, "list", shop->store, "--status", "cancelled");
    struct support_child child = SUPPORT_FIGARO("import", shop->store, salon_cancellations, "--set-status", "cancelled",
                                                "--map", cancelled, SALON("%m/%d/%Y"));
    size_t strangers = 0;
    for (const char *at = child.out; (at = strstr(at, "\"no client is named '")) != NULL; at++) strangers++;
    cr_expect_eq(strangers, 39);
    support_free(&child);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop->store);
    shop_close(shop);
}

/* What a part of a row's fields finds of each file, as a script that knows nothing of Figaro counts it: one,
 * several or none. */
Test(import_status, guesses_nothing_of_the_salon, .timeout = 120)
{
    struct shop opened = open_salon(), *shop = &opened;
    expect_salon(shop, salon_cancellations, "confirmed", "barber=Staff,date=Booking Date,service=Service", 243,
                 "{\"accepted\":47,\"refused\":196,\"rejected\":0,\"matched\":44,\"already\":3,\"recorded\":0,"
                 "\"ambiguous\":117,\"not_found\":79,\"illegal\":0,\"changed\":0}");
    expect_salon(shop, salon_cancellations, "confirmed", "date=Booking Date,client=Code", 243,
                 "{\"accepted\":55,\"refused\":188,\"rejected\":0,\"matched\":36,\"already\":19,\"recorded\":0,"
                 "\"ambiguous\":18,\"not_found\":170,\"illegal\":0,\"changed\":0}");
    expect_salon(shop, salon_no_shows, "no_show", "date=Date,client=Code", 60,
                 "{\"accepted\":58,\"refused\":2,\"rejected\":0,\"matched\":58,\"already\":0,\"recorded\":0,"
                 "\"ambiguous\":2,\"not_found\":0,\"illegal\":0,\"changed\":0}");
    expect_salon(shop, salon_cancellations, "no_show", "client=Code", 243,
                 "{\"accepted\":34,\"refused\":209,\"rejected\":0,\"matched\":27,\"already\":7,\"recorded\":0,"
                 "\"ambiguous\":170,\"not_found\":39,\"illegal\":0,\"changed\":0}");
    EXPECT_FIGARO(2, NULL, "--record: no column says when a row starts", "import", shop->store, salon_cancellations,
                  "--set-status", "cancelled", "--record", "--map", "barber=Staff,date=Booking Date",
                  SALON("%m/%d/%Y"));
    shop_close(shop);
}
