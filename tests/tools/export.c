/* export and import of it: JSON Lines give the same state or nothing, CSV the same appointments. Budget: 5 s. */
#include "engine/figaro.h"
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
    char *after = malloc(strlen(text) + 100);
    sprintf(after, "%s\n{\"shop\":{\"id\":9}}\n", text);
    turned_away(&shop, after, "stands after the last line; nothing was imported");
    sprintf(after, "%srubbish\n", text);
    turned_away(&shop, after, ", after the last line; nothing was imported");
    free(after);
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

/* ---- files that were changed by hand ---- */

static void edited(const struct shop *shop, const char *text, const char *from, const char *to)
{
    char *changed = with(text, from, to);
    const char *again = shop_path(shop, "again");
    support_remove(again);
    EXPECT_FIGARO(0, "records: all as they are in the file", NULL, "import", again,
                  shop_file(shop, "edited.jsonl", changed), "--edited", AT);
    EXPECT_FIGARO(0, "sound", NULL, "verify", again);
    struct support_child child = SUPPORT_FIGARO("export", again, AT);
    cr_expect(strstr(child.out, to) != NULL, "%s\nwithout %s", child.out, to);
    support_free(&child);
    free(changed);
}

static void wrongly_edited(const struct shop *shop, const char *text, const char *from, const char *to, const char *why)
{
    char *changed = with(text, from, to);
    support_remove(shop_path(shop, "again"));
    struct support_child child =
        SUPPORT_FIGARO("import", shop_path(shop, "again"), shop_file(shop, "edited.jsonl", changed), "--edited", AT);
    cr_expect_eq(child.exit_code, 2);
    cr_expect(strstr(child.err, why) != NULL, "%s\nwithout: %s", child.err, why);
    cr_expect(!is_there(shop_path(shop, "again")), "a store was made");
    support_free(&child);
    free(changed);
}

Test(jsonl, a_declaration_can_be_changed_by_hand, .timeout = 60)
{
    struct shop shop = busy();
    char *text = support_read_file(exported(&shop, "all.jsonl", "jsonl"), NULL);
    changed_is_turned_away(&shop, text, "\"minutes\":30", "\"minutes\":35", "(--edited takes it as it is)");
    edited(&shop, text, "\"minutes\":30", "\"minutes\":35");
    edited(&shop, text, "\"Rosina\"", "\"Berta\"");
    edited(&shop, text, "{\"from\":\"2026-12-24\",\"to\":\"2026-12-26\"}",
           "{\"from\":\"2026-12-24\",\"to\":\"2026-12-27\"}");
    edited(&shop, text, "\"min_hours\":2", "\"min_hours\":3");
    edited(&shop, text, "\"holidays\":[\"02-29\",\"12-25\"]", "\"holidays\":[\"12-25\"]");
    char *more =
        with(text, "{\"rule\":{\"id\":1",
             "{\"rule\":{\"id\":9,\"version\":8,\"name\":\"new\",\"type\":\"client_overlap\"}}\n{\"rule\":{\"id\":1");
    edited(&shop, more, "\"name\":\"new\"", "\"name\":\"one line more\"");
    free(more);
    wrongly_edited(&shop, text, "\"minutes\":30", "\"minutes\":\"long\"",
                   "edited.jsonl:4: service.minutes: must be a whole number from 0 to 527040");
    wrongly_edited(&shop, text, "\"min_hours\":2", "\"min_hours\":-2",
                   "rule.params.min_hours: must be a number of hours");
    wrongly_edited(&shop, text, "\"day\":\"mon\"", "\"day\":\"lun\"", "hours[0].day: must be \"mon\"");
    wrongly_edited(&shop, text, "\"active\":false}]", "\"active\":false},{\"id\":1}]",
                   "schedule.services: each service once");
    wrongly_edited(&shop, text, "{\"rule\":{\"id\":1",
                   "{\"client\":{\"id\":9,\"version\":8,\"name\":\"X\"}}\n{\"rule\":{\"id\":1",
                   "client.salt: is missing; 32 random");
    wrongly_edited(
        &shop, text, "{\"rule\":{\"id\":1",
        "{\"rule\":{\"id\":9,\"version\":\"9223372036854775807\",\"name\":\"new\",\"type\":\"client_overlap\"}}\n"
        "{\"rule\":{\"id\":1",
        "rule.version: is above the ");
    wrongly_edited(&shop, text, "\"version\":", "\"version\":-", "figaro.version: must be a number above 0");
    EXPECT_FIGARO(2, NULL, "--edited: is for what was exported as jsonl", "import", shop_path(&shop, "again"),
                  shop_file(&shop, "a.csv", "barber,start,minutes\n"), "--edited");
    free(text);
    shop_close(&shop);
}

Test(jsonl, a_file_with_declarations_in_digits_is_read_as_before)
{
    struct shop shop = shop_empty();
    char old[SUPPORT_PATH] = "tests/tools/fixtures/export_format_1.jsonl";
    EXPECT_FIGARO(0, "16 records: all as they were", NULL, "import", shop.store, old, AT);
    EXPECT_FIGARO(0, "710037e0c7099de154fbfcc8f2e360eb", NULL, "stats", shop.store, "--json");
    struct support_child child = SUPPORT_FIGARO("export", shop.store, AT);
    cr_expect(strstr(child.out, "{\"service\":{\"id\":1,\"version\":3,\"name\":\"Cut\",\"minutes\":30,") != NULL);
    cr_expect(strstr(child.out, "\"declaration\"") == NULL, "%s", child.out);
    EXPECT_FIGARO(0, "16 records: all as they were", NULL, "import", shop_path(&shop, "again"),
                  shop_file(&shop, "new.jsonl", child.out), AT);
    support_free(&child);
    expect_same("digest", shop.store, shop_path(&shop, "again"));
    support_remove(shop_path(&shop, "again"));
    char *text = support_read_file(old, NULL);
    changed_is_turned_away(&shop, text, "\"format\":1", "\"format\":3",
                           "figaro.format: must be 1 to 2; a newer figaro");
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
    cr_expect_str_eq(child.err, "");
    cr_expect_str_eq(child.out,
                     "barber,start,end,service,client,status,expires,before,after,key,note\r\n"
                     "Susanna,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,,4,cancelled,,0,0,k1,"
                     "\"says \"\"short\"\", and means it\"\r\n"
                     "Susanna,2026-03-02T12:00:00Z,2026-03-02T12:30:00Z,,,held,2026-03-01T08:01:30Z,0,0,h1,\r\n"
                     "Susanna,2026-03-02T15:00:00Z,2026-03-02T15:30:00Z,,,scheduled,,0,10,k3,\r\n"
                     "Susanna,2026-03-02T17:00:00Z,2026-03-02T17:30:00Z,,,pending,,0,0,,\r\n");
    const char *file = shop_file(&shop, "all.csv", child.out);
    support_free(&child);
    EXPECT_FIGARO(0, "4 accepted", NULL, "import", shop_path(&shop, "again"), file, AT);
    EXPECT_FIGARO(0, "12:30:00Z  held until 2026-03-01T08:01:30Z  key h1", NULL, "list", shop_path(&shop, "again"), AT);
    EXPECT_FIGARO(0, "17:30:00Z  pending", NULL, "list", shop_path(&shop, "again"), AT);
    EXPECT_FIGARO(0, "Susanna  2026-03-02T15:00:00Z - 2026-03-02T15:30:00Z  scheduled  after 10 min  key k3", NULL,
                  "list", shop_path(&shop, "again"), AT);
    EXPECT_FIGARO(0, "cancelled  client 4", NULL, "list", shop_path(&shop, "again"), AT);
    shop_close(&shop);
}

Test(csv_export, writes_the_statuses_that_are_asked_for)
{
    struct shop shop = busy();
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--format", "csv", "--status", "expired,pending",
                                                "--now", "2026-03-01T09:00:00Z");
    cr_expect_str_eq(child.out,
                     "barber,start,end,service,client,status,expires,before,after,key,note\r\n"
                     "Susanna,2026-03-02T12:00:00Z,2026-03-02T12:30:00Z,,,expired,2026-03-01T08:01:30Z,0,0,h1,\r\n"
                     "Susanna,2026-03-02T17:00:00Z,2026-03-02T17:30:00Z,,,pending,,0,0,,\r\n");
    support_free(&child);
    child = SUPPORT_FIGARO("export", shop.store, "--format", "ics", "--status", "pending", AT);
    cr_expect(strstr(child.out, "X-FIGARO-STATUS:pending") && !strstr(child.out, "X-FIGARO-STATUS:scheduled"));
    cr_expect_str_eq(child.err, "", "no hold was asked for");
    support_free(&child);
    EXPECT_FIGARO(2, NULL, "--status: 'gone' is no status", "export", shop.store, "--format", "csv", "--status",
                  "held,gone");
    EXPECT_FIGARO(2, NULL, "--status: '' is no status", "export", shop.store, "--format", "csv", "--status", "held,");
    EXPECT_FIGARO(2, NULL, "jsonl is the whole store", "export", shop.store, "--status", "held");
    shop_close(&shop);
}

/* ---- random appointments, of every status ---- */

enum { RANDOM_ROWS = 150, SHOP_NOW_S = 1772352000 };

static void change_at_random(fig_engine *engine, struct support_random *random, int64_t now_s, uint64_t id)
{
    fig_request change = fig_set_status_default();
    fig_outcome outcome = fig_outcome_default();
    change.now_s = now_s;
    change.appointment_id = id;
    change.status = (fig_appointment_status)support_between(random, FIG_SCHEDULED, FIG_EXPIRED);
    fig_set_status(engine, &change, &outcome);
}

static void book_at_random(fig_engine *engine, struct support_random *random, int64_t now_s, int i)
{
    char key[16];
    fig_outcome outcome = fig_outcome_default();
    fig_request request = support_chance(random, 50) ? fig_hold_default() : fig_book_default();
    request.now_s = now_s;
    request.barber_name = support_chance(random, 50) ? "Figaro" : "Susanna";
    request.start_s = SHOP_NOW_S + support_between(random, 0, 40) * 900;
    request.end_s = request.start_s + support_between(random, 1, 4) * 900;
    request.buffer_after_s = (uint32_t)support_below(random, 3) * 300;
    request.client_id = support_below(random, 3);
    request.ttl_s = (uint32_t)support_between(random, 1, 4000);
    request.pending = request.operation == FIG_OP_BOOK && support_chance(random, 40);
    if (support_chance(random, 30)) request.note = "one, \"two\"";
    support_format(key, sizeof key, "key %d", i);
    if (support_chance(random, 60)) request.key = key;
    bool booked = (request.operation == FIG_OP_BOOK ? fig_book : fig_hold)(engine, &request, &outcome) == FIG_OK;
    if (booked && support_chance(random, 50)) change_at_random(engine, random, now_s, outcome.appointment.id);
}

static void fill_at_random(const struct shop *shop, uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    cr_assert_eq(fig_open(shop->store, &options, &engine, NULL), FIG_OK);
    for (int i = 0; i < RANDOM_ROWS; i++) book_at_random(engine, &random, SHOP_NOW_S - 3000 + i * 20, i);
    cr_assert_eq(fig_close(engine), FIG_OK);
}

/* Keys that an import made are taken out: the first file has none. */
static void blank_made_keys(char *text)
{
    for (char *at = text; (at = strstr(at, "row-")) != NULL;)
        memmove(at, at + strcspn(at, ","), strlen(at + strcspn(at, ",")) + 1);
}

static unsigned statuses_in(const char *text)
{
    unsigned seen = 0;
    for (int status = FIG_HELD; status <= FIG_EXPIRED; status++)
        if (strstr(text, fig_appointment_status_name((fig_appointment_status)status)) != NULL) seen |= 1u << status;
    return seen;
}

Test(csv_export, whatever_was_booked_reads_back, .timeout = 120)
{
    struct support_seeds seeds = support_seeds_of(0, 50);
    unsigned seen = 0;
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        struct shop shop = shop_open();
        fill_at_random(&shop, seed);
        struct support_child first = SUPPORT_FIGARO("export", shop.store, "--format", "csv", AT);
        const char *again = shop_path(&shop, "again");
        EXPECT_FIGARO(0, " 0 refused, 0 rejected", NULL, "import", again, shop_file(&shop, "all.csv", first.out), AT);
        struct support_child second = SUPPORT_FIGARO("export", again, "--format", "csv", AT);
        blank_made_keys(second.out);
        cr_expect_str_eq(second.out, first.out, "FIGARO_SEED=%lu", (unsigned long)seed);
        seen |= statuses_in(first.out);
        support_free(&first);
        support_free(&second);
        shop_close(&shop);
    }
    cr_expect(seen == 0x1fe || seeds.end - seeds.first < 10, "not every status came up: %x", seen);
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
