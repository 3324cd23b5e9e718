/* Rows that name their clients. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <string.h>

#define AT "--now", "2026-11-01T00:00:00Z"

#define NAMING                                                                                                         \
    "barber,start,minutes,client\n"                                                                                    \
    "Figaro,2026-03-02T10:00Z,30,Rosina\n"                                                                             \
    "Figaro,2026-03-02T11:00Z,30,Lindoro\n"                                                                            \
    "Figaro,2026-03-02T12:00Z,30,Rosina\n"                                                                             \
    "Figaro,2026-03-02T13:00Z,30,17\n"                                                                                 \
    "Figaro,2026-03-02T14:00Z,30,\n"

Test(import_clients, are_looked_up_by_name_and_declared_if_asked)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json", "{\"clients\":[{\"id\":5,\"name\":\"Rosina\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv", NAMING);
    EXPECT_FIGARO(0, "5 rows: 4 accepted, 0 refused, 1 rejected\n",
                  "b.csv:3: rejected: client: 'Lindoro' is no number, and no client is named so; --new-clients",
                  "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store, "--client", "5");
    const char *bad =
        shop_file(&shop, "c.csv", "barber,start,end,client\nFigaro,2026-03-02T10:00Z,2026-03-01T10:00Z,Marcellina\n");
    EXPECT_FIGARO(0, "1 rejected", "c.csv:2: rejected: end: ", "import", shop.store, bad, "--new-clients", AT);
    EXPECT_FIGARO(0, "\"clients\":1,", NULL, "stats", shop.store, "--json");
    file = shop_file(&shop, "b.csv", NAMING);
    for (int i = 0; i < 2; i++)
        EXPECT_FIGARO(0, "5 rows: 5 accepted (", "", "import", shop.store, file, "--new-clients", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "Lindoro");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "17");
    EXPECT_FIGARO(0, "5 appointments", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "\"clients\":2,", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}

Test(import_clients, of_one_name_are_not_guessed)
{
    struct shop shop = shop_open();
    const char *setup =
        shop_file(&shop, "s.json", "{\"clients\":[{\"id\":5,\"name\":\"Rosina\"},{\"id\":6,\"name\":\"Rosina\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv", NAMING);
    EXPECT_FIGARO(0, "5 rows: 3 accepted, 0 refused, 2 rejected\n",
                  "b.csv:4: rejected: client: two clients are named 'Rosina'", "import", shop.store, file,
                  "--new-clients", AT);
    shop_close(&shop);
}

Test(import_clients, are_declared_for_files_alone_that_name_them)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(2, NULL, "--new-clients: is for CSV files", "import", shop.store, "app.sqlite", "--new-clients");
    shop_close(&shop);
}

/* A name goes before an id, whatever it looks like. */
Test(import_clients, may_be_named_like_numbers)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json",
                                  "{\"clients\":[{\"id\":5,\"name\":\"17\"},{\"id\":6,\"name\":\"007\"}],"
                                  "\"services\":[{\"id\":8,\"name\":\"30\"},{\"id\":9,\"name\":\"Cut\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,client,service\n"
                                 "Figaro,2026-03-02T10:00Z,30,17,30\n"
                                 "Figaro,2026-03-02T11:00Z,30,007,Cut\n"
                                 "Figaro,2026-03-02T12:00Z,30,18,31\n"
                                 "Figaro,2026-03-02T13:00Z,30,008,\n"
                                 "Figaro,2026-03-02T14:00Z,30,,031\n");
    EXPECT_FIGARO(0, "5 rows: 3 accepted, 0 refused, 2 rejected", "b.csv:5: rejected: client: '008' is no number",
                  "import", shop.store, file, AT);
    EXPECT_FIGARO(0, "client 5  service 8", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "client 6  service 9", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "client 18  service 31", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "5 rows: 4 accepted (3 of them were there already), 0 refused, 1 rejected",
                  "b.csv:6: rejected: service: '031' is no number, and no service is named so", "import", shop.store,
                  file, "--new-clients", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "008");
    char lengths[SUPPORT_PATH];
    strcpy(lengths, shop_file(&shop, "l.csv", "service,minutes\n30,20\n4,25\n"));
    file = shop_file(&shop, "c.csv", "barber,start,service\nFigaro,2026-03-03T10:00Z,30\nFigaro,2026-03-03T11:00Z,4\n");
    EXPECT_FIGARO(0, "2 accepted", "", "import", shop.store, file, "--lengths", lengths, AT);
    EXPECT_FIGARO(0, "2026-03-03T10:20:00Z  scheduled  service 8", NULL, "list", shop.store);
    EXPECT_FIGARO(0, "2026-03-03T11:25:00Z  scheduled  key", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(import_clients, may_be_named_like_numbers_where_statuses_are_set)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(
        &shop, "s.json", "{\"clients\":[{\"id\":5,\"name\":\"17\"}],\"services\":[{\"id\":8,\"name\":\"30\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, AT);
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,client,service\n"
                                 "Figaro,2026-03-02T10:00Z,30,17,30\nFigaro,2026-03-02T11:00Z,30,18,31\n");
    EXPECT_FIGARO(0, "2 accepted", "", "import", shop.store, file, AT);
    file = shop_file(&shop, "c.csv",
                     "barber,start,client,service\n"
                     "7,2026-03-02T10:00Z,17,30\n7,2026-03-02T11:00Z,18,31\n07,2026-03-02T11:00Z,18,31\n");
    EXPECT_FIGARO(0, "3 rows: 2 matched, 0 already so, 0 recorded, 0 ambiguous, 1 not found",
                  "c.csv:4: not_found: barber: no barber is named '07'", "import", shop.store, file, "--set-status",
                  "cancelled", AT);
    shop_close(&shop);
}

/* Neither pass over the file declares whom no row that is taken names. */
Test(import_clients, of_rows_that_are_turned_away_are_not_declared)
{
    struct shop shop = shop_open();
    const char *file = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,client,key\n"
                                 "Figaro,2026-03-02T10:00Z,30,Rosina,a\n"
                                 "Figaro,2026-03-02T10:15Z,30,Lindoro,b\n"
                                 "Figaro,2026-03-02T12:00Z,30,Berta,c\n");
    EXPECT_FIGARO(0, "3 rows: 1 accepted, 2 refused", "neither is taken", "import", shop.store, file, "--new-clients",
                  "--overlaps", "refuse", AT);
    EXPECT_FIGARO(0, "\"clients\":1,", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}
