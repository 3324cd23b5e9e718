/* `figaro replay` of a store's journal, and the comparison of two stores, end to end. Budget: 4 s. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#define AT "--now", SHOP_NOW

static void book(const char *store, const char *start, const char *key, const char *now)
{
    EXPECT_FIGARO(0, "#", NULL, "book", store, "--barber", "Figaro", "--start", start, "--minutes", "30", "--key", key,
                  "--now", now);
}

Test(replay_store, plays_a_journal_into_a_store_that_goes_on)
{
    struct shop shop = shop_open();
    book(shop.store, "2026-03-02T10:00:00Z", "a", SHOP_NOW);
    EXPECT_FIGARO(0, "each frame's digest as recorded", NULL, "replay", shop_path(&shop, "copy"), shop.store);
    book(shop.store, "2026-03-02T11:00:00Z", "b", SHOP_NOW);
    EXPECT_FIGARO(0, "1 frames in", NULL, "replay", shop_path(&shop, "copy"), shop.store);
    EXPECT_FIGARO(0,
                  "2 appointments are the same, 0 differ, 0 are in the first alone, 0 in the second; the digests are "
                  "the same",
                  NULL, "replay", shop_path(&shop, "copy"), shop.store, "--diff");
    EXPECT_FIGARO(0, "sound", NULL, "replay", shop_path(&shop, "copy"), shop.store, "--verify");
    book(shop_path(&shop, "copy"), "2026-03-02T12:00:00Z", "c", SHOP_NOW);
    EXPECT_FIGARO(1, "", "ahead of the journal", "replay", shop_path(&shop, "copy"), shop.store);
    book(shop.store, "2026-03-02T13:00:00Z", "d", SHOP_NOW);
    book(shop.store, "2026-03-02T14:00:00Z", "e", SHOP_NOW);
    EXPECT_FIGARO(1, "", "the journals part before frame", "replay", shop_path(&shop, "copy"), shop.store);
    shop_close(&shop);
}

Test(replay_store, stops_at_a_version)
{
    struct shop shop = shop_open();
    book(shop.store, "2026-03-02T10:00:00Z", "a", SHOP_NOW);
    EXPECT_FIGARO(0, "version  3\n", NULL, "replay", shop_path(&shop, "copy"), shop.store, "--to", "3");
    EXPECT_FIGARO(0, "0 appointments", NULL, "list", shop_path(&shop, "copy"));
    EXPECT_FIGARO(0, "\"version\":4,", NULL, "replay", shop_path(&shop, "copy"), shop.store, "--json");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop_path(&shop, "copy"));
    shop_close(&shop);
}

/* Ten minutes at 1200 times are half a second; what lies before --from is not waited for. */
Test(replay_store, keeps_the_pace_that_is_asked_for)
{
    struct shop shop = shop_open();
    struct timespec begun, ended;
    book(shop.store, "2026-03-02T10:00:00Z", "a", "2026-03-01T12:00:00Z");
    book(shop.store, "2026-03-02T11:00:00Z", "b", "2026-03-01T12:04:00Z");
    book(shop.store, "2026-03-02T12:00:00Z", "c", "2026-03-01T12:10:00Z");
    clock_gettime(CLOCK_MONOTONIC, &begun);
    EXPECT_FIGARO(0, "version  6", NULL, "replay", shop_path(&shop, "copy"), shop.store, "--from", "4", "--speed",
                  "1200");
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    cr_expect(seconds >= 0.5 && seconds < 30, "%f s", seconds);
    shop_close(&shop);
}

Test(replay_store, a_comparison_names_what_differs)
{
    struct shop shop = shop_open();
    book(shop.store, "2026-03-02T10:00:00Z", "a", SHOP_NOW);
    book(shop.store, "2026-03-02T11:00:00Z", "b", SHOP_NOW);
    EXPECT_FIGARO(0, "frames", NULL, "replay", shop_path(&shop, "copy"), shop.store);
    EXPECT_FIGARO(0, "#1", NULL, "move", shop.store, "1", "--start", "2026-03-02T15:00:00Z", AT);
    book(shop.store, "2026-03-02T12:00:00Z", "left", SHOP_NOW);
    book(shop_path(&shop, "copy"), "2026-03-02T16:00:00Z", "right", SHOP_NOW);
    EXPECT_FIGARO(1, "! #1  start \"2026-03-02T15:00:00Z\" -> \"2026-03-02T10:00:00Z\"", NULL, "replay", shop.store,
                  shop_path(&shop, "copy"), "--diff");
    EXPECT_FIGARO(1, "< #3", NULL, "replay", shop.store, shop_path(&shop, "copy"), "--diff");
    EXPECT_FIGARO(1, "> #3", NULL, "replay", shop.store, shop_path(&shop, "copy"), "--diff");
    EXPECT_FIGARO(1, "{\"same_state\":false,\"same\":1,\"changed\":1,\"only_left\":1,\"only_right\":1}", NULL, "replay",
                  shop.store, shop_path(&shop, "copy"), "--diff", "--json");
    shop_close(&shop);
}

Test(replay_store, options_go_with_what_is_played)
{
    struct shop shop = shop_open();
    const char *file = shop_file(&shop, "f.csv", "at,op,barber,key,start,end\n");
    EXPECT_FIGARO(2, "", "no directory of a store", "replay", shop.store, file, "--diff");
    EXPECT_FIGARO(2, "", "goes with a workload file", "replay", shop_path(&shop, "copy"), shop.store, "--skip", "1");
    EXPECT_FIGARO(2, "", "--speed", "replay", shop_path(&shop, "copy"), shop.store, "--speed", "fast");
    EXPECT_FIGARO(2, "", "--to", "replay", shop_path(&shop, "copy"), shop.store, "--from", "3", "--to", "2");
    EXPECT_FIGARO(3, "", "no store", "replay", shop_path(&shop, "copy"), shop.root);
    shop_close(&shop);
}
