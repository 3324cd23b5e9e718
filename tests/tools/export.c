/* export and import of it: JSON Lines give the same state or nothing, CSV the same appointments. Budget: 5 s. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AT "--now", SHOP_NOW

static bool is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static void expect_same(const char *name, const char *a, const char *b)
{
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        struct support_child child = SUPPORT_FIGARO("stats", i == 0 ? a : b, "--json");
        cr_assert_eq(child.exit_code, 0, "stats: %s", child.err);
        json_t *answer = json_loads(child.out, 0, NULL);
        texts[i] = strdup(json_string_value(json_object_get(answer, name)));
        json_decref(answer);
        support_free(&child);
    }
    cr_expect_str_eq(texts[0], texts[1], "%s differs", name);
    free(texts[0]);
    free(texts[1]);
}

/* The standard output of an export, in a file of the shop. */
static const char *exported(const struct shop *shop, const char *name, const char *format)
{
    struct support_child child = SUPPORT_FIGARO("export", shop->store, "--format", format, AT);
    cr_assert_eq(child.exit_code, 0, "export: %s", child.err);
    const char *path = shop_file(shop, name, child.out);
    support_free(&child);
    return path;
}

/* Hours, services, rules, clients, zones of the fuzzers' setup file; bookings of every kind. */
static struct shop busy(void)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--key", "k1", "--note", "says \"short\", and means it", "--client", "4", AT);
    EXPECT_FIGARO(0, "#2", NULL, "hold", shop.store, "--barber", "Susanna", "--start", "2026-03-02T12:00:00Z",
                  "--minutes", "30", "--ttl", "90", "--key", "h1", AT);
    EXPECT_FIGARO(0, "#3", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-02T14:00:00Z",
                  "--minutes", "30", "--after", "10", "--key", "k3", AT);
    EXPECT_FIGARO(0, "#3", NULL, "move", shop.store, "3", "--start", "2026-03-02T15:00:00Z", "--key", "m3", AT);
    EXPECT_FIGARO(0, "#4", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-02T17:00:00Z",
                  "--minutes", "30", "--pending", AT);
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "1", AT);
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, "tests/fuzz/corpus/setup/everything.json", AT);
    return shop;
}

Test(jsonl, an_import_of_an_export_is_the_same_state)
{
    struct shop shop = busy();
    const char *file = exported(&shop, "all.jsonl", "jsonl");
    EXPECT_FIGARO(0, "all as they were", NULL, "import", shop_path(&shop, "again"), file, AT);
    expect_same("digest", shop.store, shop_path(&shop, "again"));
    EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, "again"));
    EXPECT_FIGARO(0, "and means it", NULL, "show", shop_path(&shop, "again"), "1", AT);
    EXPECT_FIGARO(0, "until 2026-03-01T08:01:30Z", NULL, "show", shop_path(&shop, "again"), "2", AT);
    EXPECT_FIGARO(0, "restored  ", NULL, "history", shop_path(&shop, "again"), "3", AT);
    EXPECT_FIGARO(0, "#3", NULL, "move", shop_path(&shop, "again"), "3", "--start", "2026-03-02T15:00:00Z", "--key",
                  "m3", AT);
    EXPECT_FIGARO(0, "#3", NULL, "move", shop_path(&shop, "again"), "3", "--start", "2026-03-02T16:00:00Z", AT);
    EXPECT_FIGARO(0, "start 2026-03-02T15:00:00Z -> 2026-03-02T16:00:00Z", NULL, "history", shop_path(&shop, "again"),
                  "3", AT);
    shop_close(&shop);
}

Test(jsonl, what_is_exported_as_of_then_is_what_was_then)
{
    struct shop shop = busy();
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--as-of", "5");
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    EXPECT_FIGARO(0, "all as they were", NULL, "import", shop_path(&shop, "then"),
                  shop_file(&shop, "then.jsonl", child.out));
    support_free(&child);
    shop_close(&shop);
}

Test(jsonl, an_office_comes_through_whole, .timeout = 60)
{
    struct shop shop = shop_empty();
    char data[SUPPORT_PATH];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    EXPECT_FIGARO(0, "requests", NULL, "replay", shop.store, data);
    const char *file = exported(&shop, "all.jsonl", "jsonl");
    EXPECT_FIGARO(0, "\"refused\":0", NULL, "import", shop_path(&shop, "again"), file, "--json");
    expect_same("digest", shop.store, shop_path(&shop, "again"));
    expect_same("sha256", shop.store, shop_path(&shop, "again"));
    shop_close(&shop);
}

/* ---- files that are not what was written ---- */

static void turned_away(const struct shop *shop, const char *text, const char *why)
{
    struct support_child child =
        SUPPORT_FIGARO("import", shop_path(shop, "again"), shop_file(shop, "broken.jsonl", text), AT);
    cr_expect(child.exit_code == 2 || child.exit_code == 1, "exit %d: %s", child.exit_code, child.err);
    cr_expect(strstr(child.err, why) != NULL, "%s\nwithout: %s", child.err, why);
    support_free(&child);
    cr_expect(!is_there(shop_path(shop, "again")) && !is_there(shop_path(shop, "again.making")),
              "something was left behind");
}

/* The text with the first `from` in it replaced; free() it. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    cr_assert_not_null(at, "no %s", from);
    char *changed = malloc(strlen(text) + strlen(to) + 1);
    sprintf(changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return changed;
}

static void changed_is_turned_away(const struct shop *shop, const char *text, const char *from, const char *to,
                                   const char *why)
{
    char *changed = with(text, from, to);
    turned_away(shop, changed, why);
    free(changed);
}

Test(jsonl, a_file_that_was_changed_makes_nothing)
{
    struct shop shop = busy();
    char *text = support_read_file(exported(&shop, "all.jsonl", "jsonl"), NULL);
    changed_is_turned_away(&shop, text, "\"start\":\"2026-03-02T10:00:00Z\"", "\"start\":\"2026-03-02T10:01:00Z\"",
                           "does not give the digest");
    changed_is_turned_away(&shop, text, "2026-03-02T15:00:00Z\",\"end\":\"2026-03-02T15:30:00Z\"",
                           "2026-03-02T16:50:00Z\",\"end\":\"2026-03-02T17:20:00Z\"", "in the way");
    changed_is_turned_away(&shop, text, "\"barber\":{\"id\"", "\"barber\":{\"colour\":1,\"id\"", "no such field");
    changed_is_turned_away(&shop, text, "\"shop\":1", "\"shop\":2", "shop is not there");
    changed_is_turned_away(&shop, text, "says ", "said ", "does not match its hash");
    changed_is_turned_away(&shop, text, "{\"end\"", "{\"fine\"", "none of the things");
    changed_is_turned_away(&shop, text, "\"records\":", "\"records\":1", "lines are missing");
    char *end = strstr(text, "{\"end\"");
    *end = '\0';
    turned_away(&shop, text, "last line is missing");
    text[strlen(text) / 2] = '\0';
    turned_away(&shop, text, "broken.jsonl");
    turned_away(&shop, "", "is empty");
    turned_away(&shop, "{\"shop\":{}}\n", "is no export");
    free(text);
    shop_close(&shop);
}

Test(jsonl, nothing_is_written_over)
{
    struct shop shop = busy();
    const char *file = exported(&shop, "all.jsonl", "jsonl");
    EXPECT_FIGARO(1, "", "is there already", "import", shop.store, file);
    EXPECT_FIGARO(2, "", "No such file", "import", shop_path(&shop, "again"), shop_path(&shop, "none.jsonl"));
    EXPECT_FIGARO(2, "", "jsonl is the whole store", "export", shop.store, "--barber", "Susanna");
    EXPECT_FIGARO(2, "", "must be jsonl, csv or ics", "export", shop.store, "--format", "xml");
    shop_close(&shop);
}

/* ---- CSV ---- */

Test(csv_export, rows_read_back_to_the_same_appointments)
{
    struct shop shop = busy();
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--format", "csv", AT);
    cr_expect(strstr(child.err, "2 that are held, pending or expired were left out") != NULL, "%s", child.err);
    cr_expect(strstr(child.out,
                     "barber,start,end,service,client,status,before,after,key,note\r\n"
                     "Susanna,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,,4,cancelled,0,0,k1,"
                     "\"says \"\"short\"\", and means it\"\r\n"
                     "Susanna,2026-03-02T15:00:00Z,2026-03-02T15:30:00Z,,,scheduled,0,10,k3,\r\n") == child.out,
              "%s", child.out);
    const char *file = shop_file(&shop, "all.csv", child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "2 accepted", NULL, "import", shop_path(&shop, "again"), file, AT);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T15:00:00Z - 2026-03-02T15:30:00Z  scheduled  after 10 min  key k3", NULL,
                  "list", shop_path(&shop, "again"), AT);
    EXPECT_FIGARO(0, "cancelled  client 4", NULL, "list", shop_path(&shop, "again"), AT);
    shop_close(&shop);
}

Test(csv_export, an_office_reads_back, .timeout = 60)
{
    struct shop shop = shop_empty();
    char data[SUPPORT_PATH];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    EXPECT_FIGARO(0, "requests", NULL, "replay", shop.store, data);
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--format", "csv");
    size_t lines = 0;
    for (const char *at = child.out; (at = strchr(at, '\n')) != NULL; at++) lines++;
    cr_expect_eq(lines, 1 + 3273);
    support_free(&child);
    shop_close(&shop);
}
