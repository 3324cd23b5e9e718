/* `figaro replay`, end to end. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER "at,op,barber,key,start,end\n"
#define AT     "2026-03-01T08:00:00Z,"
#define DAY    "2026-03-02T"

static const char story[] = HEADER AT "open,Figaro,," DAY "09:00:00Z," DAY "12:00:00Z\n" AT "book,Figaro,a," DAY
                                      "10:00:00Z," DAY "10:30:00Z\n" AT "book,Figaro,a," DAY "10:00:00Z," DAY
                                      "10:30:00Z\n"                /* again: accepted, nothing changes */
    AT "book,Figaro,a," DAY "11:00:00Z," DAY "11:30:00Z\n"         /* refused: the key was used for something else */
    AT "book,Figaro,b," DAY "10:15:00Z," DAY "10:45:00Z\n"         /* refused: conflict */
    AT "book,Figaro,c," DAY "13:00:00Z," DAY "13:30:00Z\n"         /* refused: closed */
    AT "book,Figaro,d," DAY "11:00:00Z," DAY "11:00:00Z\n"         /* refused: an empty span */
    AT "move,Figaro,a,1970-01-01T00:00:00Z,1970-01-01T00:00:00Z\n" /* refused: an empty span */
    AT "move,Susanna,a," DAY "20:00:00Z," DAY "20:30:00Z\n"        /* to a barber who is made here */
    AT "cancel,,nobody,,\n"                                        /* refused: unknown */
    AT "book,Figaro,b," DAY "10:15:00Z," DAY "10:45:00Z\n"         /* now free */
    AT "cancel,,b,,\n" AT "cancel,,b,,\n"                          /* refused: ended */
    AT "close,Figaro,," DAY "09:00:00Z," DAY "12:00:00Z\n" AT "book,Figaro,e," DAY "10:15:00Z," DAY
                                      "10:45:00Z\n" /* refused: closed */
    AT "book,\"Don \"\"B\"\", senior\",f," DAY "10:15:00+01:00," DAY "10:45:00+01:00\n";

/* printf 'Don "B", senior 2026-03-02T09:15:00Z 2026-03-02T09:45:00Z\nSusanna 2026-03-02T20:00:00Z
 * 2026-03-02T20:30:00Z' */
#define STORY_SHA256 "8b7278925b87c4f41aa2c26f8adf9832a6966edeaebc2fcfb8f5b559704fc67b"

Test(replay, plays_a_story_at_any_batch_size)
{
    static const char *const sizes[] = {"1", "2", "3", "5", "256", "4096"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct shop shop = shop_empty();
        const char *file = shop_file(&shop, "w.csv", story);
        EXPECT_FIGARO(
            0, "{\"requests\":16,\"accepted\":8,\"refused\":8,\"failed\":0,\"live\":2,\"sha256\":\"" STORY_SHA256 "\"",
            NULL, "replay", shop.store, file, "--json", "--batch", sizes[i]);
        EXPECT_FIGARO(0, "\"live\":2,\"sha256\":\"" STORY_SHA256 "\"", NULL, "stats", shop.store, "--json");
        EXPECT_FIGARO(0, "\"live\":2,\"sha256\":\"" STORY_SHA256 "\"", NULL, "stats", shop.store, "--json",
                      "--from-journal");
        shop_close(&shop);
    }
}

Test(replay, stops_at_a_malformed_row_and_keeps_what_came_before)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "w.csv",
                                 HEADER AT "book,Figaro,a," DAY "10:00:00Z," DAY "10:30:00Z\n" AT "book,Figaro,b," DAY
                                           "11:00:00Z,soon\n" AT "book,Figaro,c," DAY "12:00:00Z," DAY "12:30:00Z\n");
    EXPECT_FIGARO(2, NULL, "w.csv:3: end: does not begin with a date", "replay", shop.store, file, "--json");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(replay, makes_no_store_for_a_file_that_is_none)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(2, NULL, "No such file", "replay", shop.store, "/does/not/exist");
    EXPECT_FIGARO(2, NULL, "w.csv:1: the first line", "replay", shop.store, shop_file(&shop, "w.csv", "a,b\n"));
    EXPECT_FIGARO(2, NULL, "w.csv:1: the first line", "replay", shop.store, shop_file(&shop, "w.csv", ""));
    EXPECT_FIGARO(2, NULL, "--batch: 0 is too small", "replay", shop.store, "w.csv", "--batch", "0");
    cr_expect_neq(access(shop.store, F_OK), 0);
    shop_close(&shop);
}

Test(replay, acknowledges_rows_and_goes_on_where_it_stopped)
{
    struct shop shop = shop_empty();
    char acks[SUPPORT_PATH];
    size_t size;
    support_format(acks, sizeof acks, "%.400s/acks", shop.root);
    const char *file = shop_file(&shop, "w.csv", story);
    EXPECT_FIGARO(0, "\"requests\":16", NULL, "replay", shop.store, file, "--json", "--batch", "7", "--acks", acks);
    char *text = support_read_file(acks, &size);
    cr_expect_str_eq(text, "7\n14\n16\n");
    free(text);
    EXPECT_FIGARO(
        0, "{\"requests\":2,\"accepted\":1,\"refused\":1,\"failed\":0,\"live\":2,\"sha256\":\"" STORY_SHA256 "\"", NULL,
        "replay", shop.store, file, "--json", "--skip", "14", "--acks", acks);
    text = support_read_file(acks, &size);
    cr_expect_str_eq(text, "7\n14\n16\n16\n");
    free(text);
    shop_close(&shop);
}

Test(replay, is_the_same_again)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "w.csv",
                                 HEADER AT "book,Figaro,a," DAY "10:00:00Z," DAY "10:30:00Z\n" AT "book,Figaro,b," DAY
                                           "11:00:00Z," DAY "11:30:00Z\n");
    for (int i = 0; i < 2; i++)
        EXPECT_FIGARO(0, "{\"requests\":2,\"accepted\":2,\"refused\":0,\"failed\":0,\"live\":2", NULL, "replay",
                      shop.store, file, "--json");
    EXPECT_FIGARO(0, "2 requests in ", NULL, "replay", shop.store, file);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store);
    shop_close(&shop);
}

Test(replay, plays_the_offices, .timeout = 120)
{
    char file[SUPPORT_PATH];
    struct shop shop = shop_empty();
    support_need_data("offices/one_2026w05-08.workload.csv.gz", file);
    EXPECT_FIGARO(0,
                  "{\"requests\":5997,\"accepted\":5997,\"refused\":0,\"failed\":0,\"live\":1334,"
                  "\"sha256\":\"af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1\"",
                  NULL, "replay", shop.store, file, "--json");
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    shop_close(&shop);
}

Test(replay, plays_all_the_offices, .timeout = 300)
{
    char file[SUPPORT_PATH];
    struct shop shop = shop_empty();
    support_need_data("offices/all_2026w05-08.workload.csv.gz", file);
    EXPECT_FIGARO(0,
                  "{\"requests\":421200,\"accepted\":421200,\"refused\":0,\"failed\":0,\"live\":62643,"
                  "\"sha256\":\"0a2ac7339a9173521ab878f3ccaf6105a49d4384450d9c3871e24ca91614a6ed\"",
                  NULL, "replay", shop.store, file, "--json", "--batch", "1024");
    shop_close(&shop);
}
