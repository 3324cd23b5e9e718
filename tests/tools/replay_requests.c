/* `figaro replay --setup`, `--without`, `--requests`: what was asked, asked again under other settings. Budget: 6 s. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#define AT     "--now", SHOP_NOW
#define SAMPLE "bench/sample/one-office.workload.csv.gz"

/* The summary of a what-if run; json_decref() it. */
static json_t *asked_again(const char *const arguments[])
{
    struct support_child child = support_run_figaro(arguments);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    json_t *summary = json_loads(support_last_line(child.out), 0, NULL);
    cr_assert(summary != NULL, "%s", child.out);
    support_free(&child);
    return summary;
}

static int64_t of(const json_t *summary, const char *name)
{
    const json_t *value = json_object_get(summary, name);
    cr_assert(json_is_integer(value), "%s", name);
    return json_integer_value(value);
}

static int64_t because(const json_t *summary, const char *group, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(summary, group), name));
}

static int64_t bookings(const json_t *summary)
{
    return of(summary, "kept") + of(summary, "moved") + of(summary, "lost") + of(summary, "answered") +
           of(summary, "recorded");
}

static int64_t changes(const json_t *summary)
{
    return of(summary, "changed") + of(summary, "changed_elsewhere") + of(summary, "unchanged") +
           of(summary, "without");
}

static void must_add_up(const json_t *summary)
{
    int64_t rest = of(summary, "gained") + of(summary, "refused") + of(summary, "declared") + of(summary, "undeclared");
    cr_assert_eq(bookings(summary) + changes(summary) + rest, of(summary, "requests"));
    int64_t reasons = 0;
    const char *name;
    json_t *count;
    json_object_foreach(json_object_get(summary, "because"), name, count) reasons += json_integer_value(count);
    cr_assert_eq(reasons, of(summary, "moved") + of(summary, "lost"));
}

/* A month of an office whose slots are five minutes apart. */
static struct shop office(void)
{
    struct shop shop = shop_empty();
    const char *five = shop_file(&shop, "five.json", "{\"shops\":[{\"id\":1,\"name\":\"Office\",\"grid_minutes\":5}]}");
    EXPECT_FIGARO(0, "", NULL, "init", shop.store);
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, five);
    EXPECT_FIGARO(0, "5997 accepted", NULL, "replay", shop.store, SAMPLE);
    return shop;
}

Test(what_if, the_same_settings_come_to_the_same)
{
    struct shop shop = office();
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--requests", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "kept"), 3273);
    cr_assert_eq(of(summary, "changed"), 1939 + 178);
    cr_assert_eq(of(summary, "live"), 1334);
    cr_assert_str_eq(json_string_value(json_object_get(summary, "sha256")),
                     "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1");
    json_decref(summary);
    EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, "trial"));
    EXPECT_FIGARO(0, "0 differ, 0 are in the first alone, 0 in the second", NULL, "replay", shop_path(&shop, "trial"),
                  shop.store, "--diff");
    shop_close(&shop);
}

/* What is booked then lies on quarters of an hour, but for what never did. */
Test(what_if, a_wider_grid_moves_bookings_and_loses_some)
{
    struct shop shop = office();
    const char *quarters = shop_file(&shop, "quarters.json", "{\"shops\":[{\"id\":1,\"grid_minutes\":15}]}");
    json_t *summary = asked_again((const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup",
                                                        quarters, "--json", "--summary", NULL});
    must_add_up(summary);
    cr_assert_eq(bookings(summary), 3273);
    cr_assert_eq(changes(summary), 1939 + 178);
    cr_assert_gt(of(summary, "moved"), 0);
    cr_assert_gt(of(summary, "lost"), 0);
    cr_assert_gt(because(summary, "because", "off_grid"), 0);
    int64_t ended = 1939 - of(summary, "without");
    cr_assert_leq(of(summary, "live"), 3273 - of(summary, "lost") - ended + of(summary, "unchanged"));
    json_decref(summary);
    EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, "trial"));
    shop_close(&shop);
}

Test(what_if, a_workload_file_is_asked_again_too)
{
    struct shop shop = shop_empty();
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), SAMPLE, "--requests", "--json", "--summary", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "kept"), 3273);
    cr_assert_eq(of(summary, "live"), 1334);
    json_decref(summary);
    shop_close(&shop);
}

/* Without Figaro his customers go to Susanna, as far as she is free. */
Test(what_if, one_barber_fewer)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-02T11:00:00Z",
                  "--minutes", "30", AT);
    EXPECT_FIGARO(0, "#3", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T11:00:00Z",
                  "--minutes", "30", AT);
    EXPECT_FIGARO(0, "#3", NULL, "cancel", shop.store, "3", AT);
    EXPECT_FIGARO(0,
                  "moved       #1  2026-03-02T10:00:00Z  Figaro  ->  2026-03-02T10:00:00Z  Susanna  (closed)\n"
                  "lost        #3  2026-03-02T11:00:00Z  Figaro  (closed)\n"
                  "4 requests from version 4 on",
                  NULL, "replay", shop_path(&shop, "trial"), shop.store, "--without", "Figaro", "--within", "0");
    EXPECT_FIGARO(0, "changes of appointments that were never made", NULL, "replay", shop_path(&shop, "again"),
                  shop.store, "--without", "Figaro", "--within", "0");
    EXPECT_FIGARO(0, "moved       #3  2026-03-02T11:00:00Z  Figaro  ->  2026-03-02T10:30:00Z  Susanna", NULL, "replay",
                  shop_path(&shop, "third"), shop.store, "--without", "Figaro");
    shop_close(&shop);
}

/* The second wish, refused then, is granted when the first one is not. */
Test(what_if, what_was_refused_is_gained)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "w.csv",
                                 "at,op,barber,key,start,end\n"
                                 "2026-03-02T09:50:00Z,book,F,a,2026-03-02T10:00:00Z,2026-03-02T11:00:00Z\n"
                                 "2026-03-02T08:00:00Z,book,F,b,2026-03-02T10:30:00Z,2026-03-02T11:30:00Z\n"
                                 "2026-03-02T08:00:00Z,book,F,c,2026-03-02T10:30:00Z,2026-03-02T11:30:00Z\n");
    EXPECT_FIGARO(0, "1 accepted, 2 refused", NULL, "replay", shop.store, file, "--refusals");
    EXPECT_FIGARO(0, "\"event\":\"refused\",\"key\":\"b\",\"refusal\":\"conflict\",\"asked\":\"book\"", NULL, "journal",
                  shop.store, "--json");
    EXPECT_FIGARO(0, "refused   book, conflict  F  2026-03-02T10:30:00Z\n", NULL, "journal", shop.store);
    const char *lead = shop_file(&shop, "lead.json", "{\"shops\":[{\"id\":1,\"lead_minutes\":60}]}");
    json_t *summary = asked_again((const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup",
                                                        lead, "--within", "0", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "lost"), 1);
    cr_assert_eq(because(summary, "because", "rule"), 1);
    cr_assert_eq(because(summary, "rules", "lead"), 1);
    cr_assert_eq(of(summary, "gained"), 1);
    cr_assert_eq(of(summary, "refused"), 1);
    json_decref(summary);
    shop_close(&shop);
}

/* A key that was refused and then booked another time: here the first wish is granted, and answers the second. */
Test(what_if, a_key_that_has_booked_answers_again)
{
    struct shop shop = shop_empty();
    const char *file = shop_file(&shop, "w.csv",
                                 "at,op,barber,key,start,end\n"
                                 "2026-03-02T09:50:00Z,book,F,a,2026-03-02T10:00:00Z,2026-03-02T11:00:00Z\n"
                                 "2026-03-02T08:00:00Z,book,F,b,2026-03-02T10:30:00Z,2026-03-02T11:30:00Z\n"
                                 "2026-03-02T08:00:00Z,book,F,b,2026-03-02T12:30:00Z,2026-03-02T13:30:00Z\n"
                                 "2026-03-02T08:00:00Z,cancel,,b,,\n");
    EXPECT_FIGARO(0, "3 accepted, 1 refused", NULL, "replay", shop.store, file, "--refusals");
    const char *lead = shop_file(&shop, "lead.json", "{\"shops\":[{\"id\":1,\"lead_minutes\":60}]}");
    json_t *summary = asked_again((const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup",
                                                        lead, "--within", "0", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "gained"), 1);
    cr_assert_eq(of(summary, "answered"), 1);
    cr_assert_eq(of(summary, "changed"), 1, "it is the wish that was granted that is cancelled");
    cr_assert_eq(of(summary, "live"), 0);
    json_decref(summary);
    shop_close(&shop);
}

/* Lengths and buffers that came from the settings follow them; one that was asked for stays. */
Test(what_if, lengths_and_buffers_follow_the_settings)
{
    struct shop shop = shop_open();
    const char *cut = shop_file(&shop, "cut.json", "{\"services\":[{\"id\":1,\"name\":\"Cut\",\"minutes\":30}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, cut, AT);
    static const char *const starts[] = {"2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z", "2026-03-02T12:00:00Z"};
    for (int i = 0; i < 2; i++)
        EXPECT_FIGARO(0, "#", NULL, "book", shop.store, "--barber", "Figaro", "--service", "Cut", "--start", starts[i],
                      AT);
    EXPECT_FIGARO(0, "#3", NULL, "book", shop.store, "--barber", "Figaro", "--service", "Cut", "--minutes", "20",
                  "--start", starts[2], AT);
    const char *longer =
        shop_file(&shop, "longer.json", "{\"services\":[{\"id\":1,\"minutes\":45,\"buffer_after_minutes\":10}]}");
    EXPECT_FIGARO(0, "moved       #2  2026-03-02T10:30:00Z  Figaro  ->  2026-03-02T11:00:00Z  Figaro  (conflict)", NULL,
                  "replay", shop_path(&shop, "trial"), shop.store, "--setup", longer);
    EXPECT_FIGARO(0, "\"start\":\"2026-03-02T11:00:00Z\",\"end\":\"2026-03-02T11:45:00Z\"", NULL, "show",
                  shop_path(&shop, "trial"), "2", "--json");
    EXPECT_FIGARO(0,
                  "\"end\":\"2026-03-02T12:20:00Z\",\"status\":\"scheduled\",\"buffer_before_s\":0,"
                  "\"buffer_after_s\":600",
                  NULL, "show", shop_path(&shop, "trial"), "3", "--json");
    shop_close(&shop);
}

/* What the history declares later does not undo what is to be otherwise. */
Test(what_if, later_declarations_leave_the_other_settings)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    const char *more = shop_file(&shop, "more.json",
                                 "{\"barbers\":[{\"id\":7,\"priority\":3}],\"rules\":[{\"name\":"
                                 "\"short\",\"type\":\"max_duration\",\"params\":"
                                 "{\"max_minutes\":60}}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, more, AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T12:00:00Z",
                  "--minutes", "60", AT);
    const char *other = shop_file(&shop, "other.json",
                                  "{\"rules\":[{\"name\":\"short\",\"type\":\"max_duration\",\"params\":"
                                  "{\"max_minutes\":30}}]}");
    EXPECT_FIGARO(0, "lost        #2  2026-03-02T12:00:00Z  Figaro  (rule)", NULL, "replay", shop_path(&shop, "trial"),
                  shop.store, "--setup", other);
    EXPECT_FIGARO(0, "moved       #2  2026-03-02T12:00:00Z  Figaro  ->  2026-03-02T12:00:00Z  Susanna  (closed)", NULL,
                  "replay", shop_path(&shop, "without"), shop.store, "--without", "7", "--from", "6", "--within", "0");
    shop_close(&shop);
}

/* Holds, their renewal, confirmations, batches, changes of status, notes. */
Test(what_if, every_verb_is_asked_again)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "hold", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--ttl", "600", "--key", "h", "--now", "2026-03-01T08:00:00Z");
    EXPECT_FIGARO(0, "#1", NULL, "hold", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--ttl", "600", "--key", "h", "--now", "2026-03-01T08:08:00Z");
    EXPECT_FIGARO(0, "#1", NULL, "confirm", shop.store, "1", "--now", "2026-03-01T08:15:00Z");
    const char *lines = shop_file(&shop, "b.jsonl",
                                  "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-03-02T11:00:00Z\","
                                  "\"minutes\":30,\"key\":\"x\",\"note\":\"left chair\"}\n"
                                  "{\"op\":\"move\",\"id\":1,\"start\":\"2026-03-02T12:00:00Z\",\"minutes\":30}\n");
    EXPECT_FIGARO(0, "#2", NULL, "batch", shop.store, lines, "--now", "2026-03-01T08:16:00Z");
    EXPECT_FIGARO(0, "#2", NULL, "status", shop.store, "2", "no_show", "--now", "2026-03-02T11:05:00Z");
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--requests", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "kept"), 2);
    cr_assert_eq(of(summary, "changed"), 4);
    json_decref(summary);
    EXPECT_FIGARO(0, "0 differ", NULL, "replay", shop_path(&shop, "trial"), shop.store, "--diff");
    EXPECT_FIGARO(0, "left chair", NULL, "show", shop_path(&shop, "trial"), "2", "--json");

    /* without Figaro nothing of the batch can be */
    summary = asked_again((const char *const[]){"replay", shop_path(&shop, "without"), shop.store, "--without",
                                                "Figaro", "--within", "0", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "moved"), 1);
    cr_assert_eq(of(summary, "lost"), 1);
    json_decref(summary);
    shop_close(&shop);
}

/* Ids that the history gives later belong to it, whatever the setup file declares anew. */
Test(what_if, what_is_new_takes_nobodys_id)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", "--key", "a", AT);
    for (int i = 0; i < 2; i++) {
        const char *hired =
            shop_file(&shop, "hired.json",
                      i == 0 ? "{\"barbers\":[{\"name\":\"Basilio\"}]}" : "{\"barbers\":[{\"name\":\"Carlo\"}]}");
        EXPECT_FIGARO(0, "", NULL, "setup", shop.store, hired, AT);
        EXPECT_FIGARO(0, "#", NULL, "book", shop.store, "--barber", i == 0 ? "Basilio" : "Carlo", "--start",
                      "2026-03-02T10:00:00Z", "--minutes", "30", "--key", i == 0 ? "b" : "c", AT);
    }
    const char *all = shop_file(&shop, "all.json",
                                "{\"barbers\":[{\"name\":\"Carlo\"},{\"name\":\"Almaviva\"},{\"name\":\"Basilio\"}]}");
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup", all, "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "kept"), 3);
    cr_assert_eq(of(summary, "undeclared"), 0);
    json_decref(summary);
    EXPECT_FIGARO(0, "3 appointments are the same, 0 differ, 0 are in the first alone, 0 in the second", NULL, "replay",
                  shop_path(&shop, "trial"), shop.store, "--diff");
    shop_close(&shop);
}

/* What the history declares after the first booking is changed when it comes, and what hangs on it, too. */
Test(what_if, later_things_are_other_ones_when_they_come)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    const char *more = shop_file(&shop, "more.json",
                                 "{\"shops\":[{\"id\":2,\"name\":\"Two\"}],\"services\":[{\"id\":1,\"name\":\"Cut\","
                                 "\"minutes\":30}],\"barbers\":[{\"name\":\"Joe\",\"shop\":2}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, more, AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Joe", "--service", "Cut", "--start",
                  "2026-03-02T10:30:00Z", AT);
    const char *other =
        shop_file(&shop, "other.json",
                  "{\"shops\":[{\"id\":2,\"grid_minutes\":60}],\"services\":[{\"id\":1,\"minutes\":45}],\"rules\":[{"
                  "\"name\":\"r\","
                  "\"type\":\"max_duration\",\"params\":{\"max_minutes\":300},\"applies_to\":\"shop\",\"ids\":[2]}]}");
    EXPECT_FIGARO(0, "moved       #2  2026-03-02T10:30:00Z  Joe  ->  2026-03-02T10:00:00Z  Joe  (off_grid)", NULL,
                  "replay", shop_path(&shop, "trial"), shop.store, "--setup", other);
    EXPECT_FIGARO(0, "\"end\":\"2026-03-02T10:45:00Z\"", NULL, "show", shop_path(&shop, "trial"), "2", "--json");
    shop_close(&shop);
}

Test(what_if, who_is_left_out_stays_out_whatever_the_file_says)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    const char *file = shop_file(&shop, "active.json", "{\"barbers\":[{\"name\":\"Figaro\",\"active\":true}]}");
    EXPECT_FIGARO(0, "->  2026-03-02T10:00:00Z  Susanna  (closed)", NULL, "replay", shop_path(&shop, "trial"),
                  shop.store, "--setup", file, "--without", "Figaro");
    shop_close(&shop);
}

/* Clients and special days of the file hold against later declarations, too. */
Test(what_if, later_clients_and_windows_leave_the_other_ones)
{
    struct shop shop = shop_open();
    const char *client = shop_file(&shop, "client.json", "{\"clients\":[{\"id\":1,\"name\":\"Rosina\"}]}");
    const char *day = "2026-03-02T10:30:00Z";
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, client, AT);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Susanna", "--start", day, "--minutes", "30", AT);
    const char *regular =
        shop_file(&shop, "regular.json",
                  "{\"clients\":[{\"id\":1,\"status\":\"active\",\"type\":\"regular\"}],\"barbers\":[{\"id\":7,"
                  "\"special\":[{\"date\":\"2026-03-02\",\"start\":\"09:00\",\"end\":\"18:00\",\"kind\":\"available\"}]}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, regular, AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--start", day, "--minutes", "30", AT);
    EXPECT_FIGARO(0, "#3", NULL, "book", shop.store, "--barber", "Figaro", "--client", "Rosina", "--start",
                  "2026-03-02T09:00:00Z", "--minutes", "30", AT);
    const char *other =
        shop_file(&shop, "other.json",
                  "{\"clients\":[{\"id\":1,\"status\":\"blocked\"}],\"barbers\":[{\"id\":7,\"special\":[{"
                  "\"date\":\"2026-03-02\",\"start\":\"09:00\",\"end\":\"10:00\",\"kind\":\"available\"}]}]}");
    json_t *summary = asked_again((const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup",
                                                        other, "--within", "0", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(because(summary, "because", "rule"), 1);
    cr_assert_eq(because(summary, "because", "closed"), 1);
    json_decref(summary);
    shop_close(&shop);
}

/* Nothing asks a setting about what was imported, unless that is wanted. */
Test(what_if, what_was_recorded_is_told_apart)
{
    struct shop shop = shop_open();
    const char *rows = shop_file(&shop, "rows.csv",
                                 "barber,start,minutes,key\nFigaro,2026-03-02T10:00:00Z,30,a\n"
                                 "Figaro,2026-03-02T10:15:00Z,30,b\nFigaro,2026-03-02T12:00:00Z,30,c\n");
    EXPECT_FIGARO(0, "3 accepted", "", "import", shop.store, rows, "--overlaps", "record", AT);
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "same"), shop.store, "--requests", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "recorded"), 3);
    cr_assert_eq(of(summary, "lost"), 0);
    json_decref(summary);
    EXPECT_FIGARO(0, "0 differ, 0 are in the first alone, 0 in the second", NULL, "replay", shop_path(&shop, "same"),
                  shop.store, "--diff");
    summary = asked_again((const char *const[]){"replay", shop_path(&shop, "without"), shop.store, "--without",
                                                "Figaro", "--json", NULL});
    cr_assert_eq(of(summary, "recorded"), 3);
    json_decref(summary);
    summary = asked_again((const char *const[]){"replay", shop_path(&shop, "judged"), shop.store, "--without", "Figaro",
                                                "--recorded", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "recorded"), 0);
    cr_assert_eq(of(summary, "moved"), 2);
    json_decref(summary);
    shop_close(&shop);
}

/* A hold is renewed with what it came with, not with where it is. */
Test(what_if, a_hold_that_was_moved_is_renewed)
{
    struct shop shop = shop_open();
    static const char *const start = "2026-03-02T10:00:00Z";
    EXPECT_FIGARO(0, "#1", NULL, "hold", shop.store, "--barber", "Figaro", "--start", start, "--minutes", "30", "--ttl",
                  "600", "--key", "h", AT);
    EXPECT_FIGARO(0, "#1", NULL, "move", shop.store, "1", "--start", "2026-03-02T11:00:00Z", AT);
    EXPECT_FIGARO(0, "#1", NULL, "hold", shop.store, "--barber", "Figaro", "--start", start, "--minutes", "30", "--ttl",
                  "900", "--key", "h", AT);
    EXPECT_FIGARO(0, "#1", NULL, "confirm", shop.store, "1", AT);
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "same"), shop.store, "--requests", "--json", NULL});
    cr_assert_eq(of(summary, "changed"), 3);
    json_decref(summary);
    summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--without", "Figaro", "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "moved"), 1);
    cr_assert_eq(of(summary, "changed") + of(summary, "changed_elsewhere"), 3);
    json_decref(summary);
    shop_close(&shop);
}

/* A series is a batch: it follows the grid and the lengths as one. */
Test(what_if, a_series_follows_the_settings)
{
    struct shop shop = shop_open();
    const char *cut = shop_file(&shop, "cut.json", "{\"services\":[{\"id\":1,\"name\":\"Cut\",\"minutes\":30}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, cut, AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--service", "Cut", "--start",
                  "2026-03-02T13:00:00Z", "--repeat", "FREQ=DAILY;COUNT=2", "--key", "s", AT);
    EXPECT_FIGARO(0, "#4", NULL, "book", shop.store, "--barber", "Figaro", "--service", "Cut", "--start",
                  "2026-03-04T13:30:00Z", "--repeat", "FREQ=DAILY;COUNT=2", "--key", "t", AT);
    const char *other = shop_file(
        &shop, "other.json", "{\"shops\":[{\"id\":1,\"grid_minutes\":60}],\"services\":[{\"id\":1,\"minutes\":45}]}");
    json_t *summary = asked_again(
        (const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--setup", other, "--json", NULL});
    must_add_up(summary);
    cr_assert_eq(of(summary, "kept"), 2);
    cr_assert_eq(because(summary, "because", "off_grid"), 2);
    json_decref(summary);
    EXPECT_FIGARO(0, "\"end\":\"2026-03-02T13:45:00Z\"", NULL, "show", shop_path(&shop, "trial"), "1", "--json");
    shop_close(&shop);
}

/* Nobody is sent into the past; another barber has lengths of their own; a move may take time that it has itself. */
Test(what_if, the_nearest_slot_is_one_that_would_do)
{
    struct shop shop = shop_open();
    const char *setup =
        shop_file(&shop, "setup.json",
                  "{\"services\":[{\"id\":1,\"name\":\"Cut\",\"minutes\":60}],\"barbers\":[{\"name\":\"Susanna\","
                  "\"services\":[{\"id\":1,\"minutes\":45}]}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, setup, AT);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--service", "Cut", "--start",
                  "2026-03-02T10:00:00Z", "--now", "2026-03-02T09:55:00Z");
    EXPECT_FIGARO(0, "#1", NULL, "move", shop.store, "1", "--start", "2026-03-02T10:15:00Z", "--now",
                  "2026-03-02T09:56:00Z");
    EXPECT_FIGARO(0, "\"end\":\"2026-03-02T11:15:00Z\"", NULL, "show", shop.store, "1", "--json");
    const char *shut =
        shop_file(&shop, "shut.json",
                  "{\"shops\":[{\"id\":1,\"blackouts\":[{\"from\":\"2026-03-02\",\"to\":\"2026-03-02\",\"start\":"
                  "\"10:00\",\"end\":\"18:00\"}]}]}");
    EXPECT_FIGARO(0, "lost        #1", NULL, "replay", shop_path(&shop, "shut"), shop.store, "--setup", shut);
    EXPECT_FIGARO(0, "->  2026-03-02T10:00:00Z  Susanna  (closed)", NULL, "replay", shop_path(&shop, "without"),
                  shop.store, "--without", "Figaro", "--to", "6");
    EXPECT_FIGARO(0, "\"end\":\"2026-03-02T10:45:00Z\"", NULL, "show", shop_path(&shop, "without"), "1", "--json");
    const char *early = shop_file(&shop, "early.json",
                                  "{\"shops\":[{\"id\":1,\"past\":\"refuse\"}],\"rules\":[{\"name\":\"r\","
                                  "\"type\":\"business_hours\",\"params\":{\"hours\":[{\"day\":\"mon\",\"start\":"
                                  "\"09:00\",\"end\":\"11:00\"}]}}]}");
    EXPECT_FIGARO(0, "changed_elsewhere  #1  2026-03-02T10:15:00Z  Figaro  ->  2026-03-02T10:00:00Z  Figaro  (rule)",
                  NULL, "replay", shop_path(&shop, "early"), shop.store, "--setup", early);
    shop_close(&shop);
}

/* As far as a version: what was is what was then. */
Test(what_if, ends_where_it_is_told_to)
{
    struct shop shop = shop_open();
    static const char *const starts[] = {"2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"};
    for (int i = 0; i < 3; i++)
        EXPECT_FIGARO(0, "#", NULL, "book", shop.store, "--barber", "Figaro", "--start", starts[i], "--minutes", "30",
                      AT);
    json_t *summary = asked_again((const char *const[]){"replay", shop_path(&shop, "trial"), shop.store, "--requests",
                                                        "--to", "5", "--json", NULL});
    cr_assert_eq(of(summary, "live"), 2);
    cr_assert_eq(of(summary, "live_was"), 2);
    cr_assert_str_eq(json_string_value(json_object_get(summary, "sha256")),
                     json_string_value(json_object_get(summary, "sha256_was")));
    json_decref(summary);
    EXPECT_FIGARO(1, "", "nothing to ask again up to version 3", "replay", shop_path(&shop, "a"), shop.store,
                  "--requests", "--to", "3");
    EXPECT_FIGARO(1, "", "ends before version 99", "replay", shop_path(&shop, "b"), shop.store, "--requests", "--from",
                  "99");
    shop_close(&shop);
}

Test(what_if, mistakes_are_told_and_leave_nothing)
{
    struct shop shop = shop_open();
    const char *trial = shop_path(&shop, "trial");
    EXPECT_FIGARO(1, "", "nothing to ask again", "replay", trial, shop.store, "--requests");
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:00:00Z",
                  "--minutes", "30", AT);
    const char *bad = shop_file(&shop, "bad.json", "{\"shops\":[{\"id\":1,\"grid\":15}]}");
    EXPECT_FIGARO(2, "", "shops[0].grid", "replay", trial, shop.store, "--setup", bad);
    const char *rule = shop_file(&shop, "rule.json", "{\"barbers\":[{\"name\":\"Figaro\",\"shop\":9}]}");
    EXPECT_FIGARO(2, "", "shop", "replay", trial, shop.store, "--setup", rule);
    EXPECT_FIGARO(1, "not_found", NULL, "replay", trial, shop.store, "--without", "Basilio");
    EXPECT_FIGARO(2, "", "--speed", "replay", trial, shop.store, "--requests", "--speed", "max");
    EXPECT_FIGARO(2, "", "--within", "replay", trial, shop.store, "--requests", "--within", "2000");
    EXPECT_FIGARO(2, "", "--batch", "replay", trial, shop.store, "--requests", "--batch", "7");
    EXPECT_FIGARO(2, "", "--summary", "replay", trial, shop.store, "--summary");
    EXPECT_FIGARO(2, "", "--within", "replay", trial, SAMPLE, "--within", "5");
    EXPECT_FIGARO(2, "", "--verify", "replay", shop.store, shop.store, "--diff", "--verify");
    EXPECT_FIGARO(3, "", "no store", "replay", trial, shop.root, "--requests");
    EXPECT_FIGARO(2, "", "w.csv", "replay", trial, shop_file(&shop, "w.csv", "at,op\n"), "--requests");
    EXPECT_FIGARO(3, "", "no such directory", "stats", trial);
    EXPECT_FIGARO(1, "", "is there already", "replay", shop.store, shop.store, "--requests");
    shop_close(&shop);
}
