/* The command line, end to end: what each subcommand prints, and how it ends. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEN    "2026-03-02T10:00:00Z"
#define ELEVEN "2026-03-02T11:00:00Z"
#define AT     "--now", SHOP_NOW

Test(commands, books_and_prints_the_appointment)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0,
                  "{\"id\":1,\"barber\":\"Figaro\",\"client\":3,\"service\":null,\"start\":\"2026-03-02T10:00:00Z\","
                  "\"end\":\"2026-03-02T10:30:00Z\",\"status\":\"scheduled\",\"buffer_before_s\":0,\"buffer_after_s\":"
                  "600,"
                  "\"version\":",
                  NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-02T11:00:00+01:00", "--minutes",
                  "30", "--after", "10", "--client", "3", "--key", "k1", "--note", "likes it short", "--json", AT);
    EXPECT_FIGARO(0, "\"key\":\"k1\"", NULL, "show", shop.store, "1", "--json", AT);
    EXPECT_FIGARO(0, "\"booked\":\"" SHOP_NOW "\",\"note\":\"likes it short\"", NULL, "show", shop.store, "1", "--json",
                  AT);
    EXPECT_FIGARO(0,
                  "#1  Figaro  2026-03-02T10:00:00Z - 2026-03-02T10:30:00Z  scheduled  client 3  after 10 min  key k1",
                  NULL, "show", shop.store, "1", AT);
    EXPECT_FIGARO(0, "\"status\":\"pending\"", NULL, "book", shop.store, "--barber", "7", "--start", ELEVEN,
                  "--minutes", "30", "--pending", "--json", AT);
    shop_close(&shop);
}

Test(commands, refuses_a_double_booking_with_exit_1)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    EXPECT_FIGARO(1, "refused (conflict)", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes",
                  "60", AT);
    EXPECT_FIGARO(1, "{\"status\":\"conflict\",\"conflicts\":[{\"id\":1,\"barber\":\"Figaro\",", NULL, "book",
                  shop.store, "--barber", "Figaro", "--start", "2026-03-02T10:59:00Z", "--minutes", "1", "--json", AT);
    EXPECT_FIGARO(1, "\"rules\":[]", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "1",
                  "--json", AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--start", ELEVEN, "--minutes", "1", AT);
    EXPECT_FIGARO(0, "#3", NULL, "book", shop.store, "--barber", "Susanna", "--start", TEN, "--minutes", "60", AT);
    EXPECT_FIGARO(0, "3 appointments", NULL, "list", shop.store, AT);
    shop_close(&shop);
}

Test(commands, a_key_makes_a_request_repeatable)
{
    struct shop shop = shop_open();
    for (int i = 0; i < 3; i++)
        EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60",
                      "--key", "k1", AT);
    EXPECT_FIGARO(1, "refused (key_reused)", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN,
                  "--minutes", "61", "--key", "k1", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, AT);
    shop_close(&shop);
}

Test(commands, holds_confirms_moves_and_cancels)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "\"expires\":\"2026-03-01T08:01:00Z\"", NULL, "hold", shop.store, "--barber", "Figaro", "--start",
                  TEN, "--minutes", "60", "--ttl", "60", "--json", AT);
    EXPECT_FIGARO(1, "refused (conflict)", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes",
                  "60", AT);
    EXPECT_FIGARO(0, "expired", NULL, "show", shop.store, "1", "--now", "2026-03-01T08:01:00Z");
    EXPECT_FIGARO(0, "confirmed", NULL, "confirm", shop.store, "1", AT);
    EXPECT_FIGARO(0, "2026-03-02T11:00:00Z - 2026-03-02T12:00:00Z", NULL, "move", shop.store, "1", "--start", ELEVEN,
                  AT);
    EXPECT_FIGARO(0, "2026-03-02T11:00:00Z - 2026-03-02T11:15:00Z", NULL, "move", shop.store, "1", "--minutes", "15",
                  AT);
    EXPECT_FIGARO(0, "#1  Susanna  2026-03-02T11:00:00Z", NULL, "move", shop.store, "1", "--barber", "Susanna", AT);
    EXPECT_FIGARO(1, "refused (stale)", NULL, "cancel", shop.store, "1", "--if-version", "1", AT);
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "1", AT);
    EXPECT_FIGARO(1, "refused (illegal_status)", NULL, "confirm", shop.store, "1", AT);
    EXPECT_FIGARO(0, "scheduled", NULL, "status", shop.store, "1", "scheduled", AT);
    EXPECT_FIGARO(0, "no_show", NULL, "status", shop.store, "1", "no_show", AT);
    EXPECT_FIGARO(0, "\"status\":\"no_show\"", NULL, "list", shop.store, "--status", "no_show", "--json", AT);
    shop_close(&shop);
}

Test(commands, a_move_repeats_under_its_key)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    for (int i = 0; i < 2; i++)
        EXPECT_FIGARO(0, "2026-03-02T11:00:00Z - 2026-03-02T12:00:00Z", NULL, "move", shop.store, "1", "--start",
                      ELEVEN, "--key", "m1", AT);
    shop_close(&shop);
}

Test(commands, check_answers_with_exit_0)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", "--after",
                  "10", AT);
    EXPECT_FIGARO(0, "{\"free\":true}\n", NULL, "check", shop.store, "--barber", "Figaro", "--start",
                  "2026-03-02T11:10:00Z", "--minutes", "5", "--json", AT);
    EXPECT_FIGARO(0, "{\"free\":false,\"conflicts\":[{\"id\":1,", NULL, "check", shop.store, "--barber", "Figaro",
                  "--start", ELEVEN, "--minutes", "5", "--json", AT);
    EXPECT_FIGARO(0, "{\"free\":false", NULL, "check", shop.store, "--barber", "7", "--start", "2026-03-02T09:55:00Z",
                  "--minutes", "5", "--after", "1", "--json", AT);
    EXPECT_FIGARO(0, "{\"free\":true}\n", NULL, "check", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes",
                  "5", "--ignore", "1", "--json", AT);
    EXPECT_FIGARO(0, "not free\n#1  Figaro", NULL, "check", shop.store, "--barber", "Figaro", "--start", TEN,
                  "--minutes", "5", AT);
    EXPECT_FIGARO(1, "\"status\":\"not_found\"", NULL, "check", shop.store, "--barber", "Nobody", "--start", TEN,
                  "--minutes", "5", "--json", AT);
    shop_close(&shop);
}

Test(commands, lists_what_meets_a_span)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60",
                  "--client", "5", AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Susanna", "--start", ELEVEN, "--minutes", "60", AT);
    EXPECT_FIGARO(0, "0 appointments", NULL, "list", shop.store, "--to", TEN, AT);
    EXPECT_FIGARO(0, "#2  Susanna", NULL, "list", shop.store, "--from", ELEVEN, AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--from", ELEVEN, AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--barber", "Figaro", AT);
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--client", "5", AT);
    EXPECT_FIGARO(0, NULL, NULL, "list", shop.store, "--client", "6", "--json", AT);
    EXPECT_FIGARO(2, NULL, "--to: must be later than --from", "list", shop.store, "--from", ELEVEN, "--to", TEN, AT);
    shop_close(&shop);
}

Test(commands, a_batch_is_all_or_nothing)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--start", ELEVEN, "--minutes", "60", AT);
    const char *swap = shop_file(&shop, "swap.jsonl",
                                 "{\"op\":\"move\",\"id\":1,\"start\":\"" ELEVEN "\"}\n"
                                 "{\"op\":\"move\",\"id\":2,\"start\":\"" TEN "\"}\n");
    EXPECT_FIGARO(0, "line 1: #1  Figaro  2026-03-02T11:00:00Z", NULL, "batch", shop.store, swap, AT);
    EXPECT_FIGARO(0, "#2  Figaro  2026-03-02T10:00:00Z", NULL, "show", shop.store, "2", AT);

    const char *bad = shop_file(&shop, "bad.jsonl",
                                "{\"op\":\"cancel\",\"id\":1}\n\n"
                                "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"" TEN "\",\"minutes\":5}\n");
    EXPECT_FIGARO(1, "line 3: refused (conflict)", "nothing was changed", "batch", shop.store, bad, AT);
    EXPECT_FIGARO(1, "{\"line\":1,\"status\":\"not_done\"", "", "batch", shop.store, bad, "--json", AT);
    EXPECT_FIGARO(1, "{\"line\":3,\"status\":\"conflict\",\"conflicts\":[{\"id\":2,", "", "batch", shop.store, bad,
                  "--json", AT);
    EXPECT_FIGARO(0, "scheduled", NULL, "show", shop.store, "1", AT);

    const char *malformed = shop_file(&shop, "malformed.jsonl", "{\"op\":\"cancel\",\"id\":1}\n{\"op\":\"cancel\"}\n");
    EXPECT_FIGARO(2, NULL, "malformed.jsonl:2: id: is missing", "batch", shop.store, malformed, AT);
    EXPECT_FIGARO(0, "scheduled", NULL, "show", shop.store, "1", AT);
    shop_close(&shop);
}

Test(commands, setup_declares_and_replaces)
{
    struct shop shop = shop_open();
    const char *windows =
        shop_file(&shop, "w.json",
                  "{\"shops\":[{\"id\":1,\"past\":\"refuse\"}],\"barbers\":[{\"name\":\"Figaro\",\"special\":["
                  "{\"date\":\"2026-03-02\",\"start\":\"10:00+01:00\",\"end\":\"12:00+01:00\","
                  "\"kind\":\"available\"}]}]}");
    EXPECT_FIGARO(0, "declared 1 shop, 1 barber", NULL, "setup", shop.store, windows, AT);
    EXPECT_FIGARO(1, "refused (closed)", NULL, "book", shop.store, "--barber", "Figaro", "--start", ELEVEN, "--minutes",
                  "30", AT);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30", AT);
    const char *inactive =
        shop_file(&shop, "i.json", "{\"barbers\":[{\"id\":7,\"name\":\"Figaro II\",\"active\":false,\"special\":[]}]}");
    EXPECT_FIGARO(0, "outside open time", NULL, "setup", shop.store, inactive, AT);
    EXPECT_FIGARO(0, "#1  Figaro II", NULL, "show", shop.store, "1", AT);
    EXPECT_FIGARO(1, "refused (closed)", NULL, "book", shop.store, "--barber", "Figaro II", "--start", TEN, "--minutes",
                  "30", AT);
    const char *taken = shop_file(&shop, "t.json", "{\"barbers\":[{\"id\":7,\"name\":\"Susanna\"}]}");
    EXPECT_FIGARO(1, "barbers[0]", NULL, "setup", shop.store, taken, AT);
    const char *unknown =
        shop_file(&shop, "u.json", "{\"barbers\":[{\"id\":7,\"active\":true},{\"id\":8,\"colour\":1}]}");
    EXPECT_FIGARO(2, NULL, "u.json: barbers[1].colour: unknown field", "setup", shop.store, unknown, AT);
    EXPECT_FIGARO(2, NULL, "No such file", "setup", shop.store, "/does/not/exist", AT);
    shop_close(&shop);
}

Test(commands, init_leaves_a_store_as_it_is)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(1, "nothing was changed", NULL, "init", shop.store, AT);
    EXPECT_FIGARO(1, "{\"status\":\"exists\"", NULL, "init", shop.store, "--json", AT);
    EXPECT_FIGARO(0, "\"barbers\":2", NULL, "stats", shop.store, "--json", AT);
    EXPECT_FIGARO(3, NULL, shop.root, "init", shop.root, AT); /* holds something else */
    shop_close(&shop);
}

Test(commands, says_what_is_wrong_with_the_command_line)
{
    struct shop shop = shop_open();
    static const struct {
        const char *option, *value, *message;
    } table[] = {
        {"--minutes", "0", "--minutes: 0 is too small; 1 to 527040 is allowed (in minutes)"},
        {"--minutes", "-5", "--minutes: -5 is too small"},
        {"--minutes", "1000000000000", "--minutes: 1000000000000 is too large; 1 to 527040 is allowed (in minutes)"},
        {"--minutes", "99999999999999999999999999", "too large"},
        {"--minutes", "1.5", "--minutes: '1.5' is not a whole number"},
        {"--minutes", "", "--minutes: '' is not a whole number"},
        {"--before", "10081", "--before: 10081 is too large; 0 to 10080 is allowed (in minutes)"},
        {"--start", "0001-01-01T00:00:00Z", "--start: '0001-01-01T00:00:00Z': the year 0001 is outside 1900 to 2200"},
        {"--start", "9999-01-01T00:00:00Z", "the year 9999 is outside 1900 to 2200"},
        {"--start", "2026-03-02T10:00:00+1", "a UTC offset is written as +01:00"},
        {"--start", "2026-03-02", "has a date but no time; write 2026-03-02T10:00"},
        {"--start", "2026-03-02T24:00", "there is no hour 24"},
        {"--now", "2026-03-02T10:00:00", "has no UTC offset: end it with Z, or with an offset such as +01:00"},
        {"--start", "10:00", "does not begin with a date"},
        {"--client", "", "--client: is empty"},
        {"--order", "best", "--order: 'best' is no order; there are first, least-loaded, least-recent, priority"},
        {"--order", "first", "--order: is whom to take when any barber will do; give any too"},
        {"--shop", "1", "--shop: is where any barber is to be of; give any too"},
        {"--barber", "", "--barber: is empty"},
        {"--key", "", "--key: is empty"},
        {"--key", "a\tb", "--key: holds a control character"},
        {"--now", "now", "--now: 'now': does not begin with a date"},
        {"--any", NULL, "--start is missing"},
        {"--colour", "red", "--colour: no such option"},
        {"--start", NULL, "--start needs a value"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        EXPECT_FIGARO(2, NULL, table[i].message, "book", shop.store, table[i].option, table[i].value);
    EXPECT_FIGARO(2, NULL, "--barber is missing (see `figaro book --help`)", "book", shop.store);
    EXPECT_FIGARO(2, NULL, "--minutes is given twice", "book", shop.store, "--minutes", "1", "--minutes", "2");
    EXPECT_FIGARO(2, NULL, "would end after 2200-01-01", "book", shop.store, "--barber", "Figaro", "--start",
                  "2199-12-31T23:59:00Z", "--minutes", "2");
    EXPECT_FIGARO(2, NULL, "something is missing: usage is `figaro cancel DIR ID [options]`", "cancel", shop.store);
    EXPECT_FIGARO(2, NULL, "there is one too many", "cancel", shop.store, "1", "2");
    EXPECT_FIGARO(2, NULL, "ID: 'x' is no id", "cancel", shop.store, "x");
    EXPECT_FIGARO(2, NULL, "NEW: 'gone' is no status", "status", shop.store, "1", "gone");
    EXPECT_FIGARO(2, NULL, "is missing", "move", shop.store, "1");
    EXPECT_FIGARO(2, NULL, "'frobnicate' is no command", "frobnicate");
    EXPECT_FIGARO(0, "0 appointments", NULL, "list", shop.store, AT);
    shop_close(&shop);
}

Test(commands, unknown_barbers_and_ids_are_refused)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(1, "no barber is named 'Nobody'", NULL, "book", shop.store, "--barber", "Nobody", "--start", TEN,
                  "--minutes", "5", AT);
    EXPECT_FIGARO(1, "{\"status\":\"not_found\",\"conflicts\":[],\"rules\":[]", NULL, "book", shop.store, "--barber",
                  "99", "--start", TEN, "--minutes", "5", "--json", AT);
    EXPECT_FIGARO(1, "refused (not_found)", NULL, "show", shop.store, "4711", AT);
    EXPECT_FIGARO(1, "refused (not_found)", NULL, "cancel", shop.store, "4711", AT);
    EXPECT_FIGARO(1, "refused (not_found)", NULL, "move", shop.store, "4711", "--start", TEN, AT);
    shop_close(&shop);
}

Test(commands, a_store_that_is_none_is_a_fault)
{
    struct shop shop = shop_empty();
    static const char *const commands[] = {"list", "stats", "verify", "journal", "day"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        EXPECT_FIGARO(3, NULL, "`figaro init DIR` does that", commands[i], shop.store);
    EXPECT_FIGARO(3, NULL, "figaro: ", "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "5");
    EXPECT_FIGARO(3, NULL, "figaro: ", "stats", shop.root);
    cr_expect_neq(access(shop.store, F_OK), 0, "a failed command left a directory behind");
    shop_close(&shop);
}

Test(commands, every_one_has_help_with_examples)
{
    static const char *const commands[] = {"init",   "setup",  "book",   "hold",    "confirm", "cancel", "move",
                                           "status", "batch",  "check",  "slots",   "next",    "list",   "show",
                                           "day",    "import", "replay", "journal", "verify",  "stats",  "tz"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        EXPECT_FIGARO(0, "usage: figaro", NULL, commands[i], "--help");
        EXPECT_FIGARO(0, "example", NULL, commands[i], "--help");
        EXPECT_FIGARO(0, commands[i], NULL, "--help");
    }
    EXPECT_FIGARO(0, "figaro 0.", NULL, "--version");
}

Test(commands, journal_tells_what_happened)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", "--key",
                  "k1", AT);
    EXPECT_FIGARO(0, "#1", NULL, "move", shop.store, "1", "--start", ELEVEN, "--barber", "Susanna", AT);
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "1", AT);
    EXPECT_FIGARO(0,
                  "\"now\":\"" SHOP_NOW
                  "\",\"operation\":\"book\",\"event\":\"booked\",\"key\":\"k1\",\"appointment\":{\"id\":1",
                  NULL, "journal", shop.store, "--json");
    EXPECT_FIGARO(0, "\"operation\":\"set_status\",\"event\":\"status\",\"key\":null", NULL, "journal", shop.store,
                  "--json");
    EXPECT_FIGARO(0, "\"previous_status\":\"scheduled\"", NULL, "journal", shop.store, "--json");
    EXPECT_FIGARO(0, "booked    #1  Figaro", NULL, "journal", shop.store);
    EXPECT_FIGARO(0, "moved     #1  Susanna  2026-03-02T11:00:00Z - 2026-03-02T12:00:00Z\n", NULL, "journal",
                  shop.store);
    EXPECT_FIGARO(0, "\"event\":\"moved\",\"key\":null,\"appointment\":{\"id\":1,\"barber\":\"Susanna\",", NULL,
                  "journal", shop.store, "--json");
    EXPECT_FIGARO(0, "status    #1  cancelled, was scheduled\n", NULL, "journal", shop.store);
    EXPECT_FIGARO(0, NULL, NULL, "journal", shop.store, "--from", "1000");
    shop_close(&shop);
}

Test(commands, journal_follows_other_processes)
{
    struct shop shop = shop_open();
    char path[SUPPORT_PATH], script[3 * SUPPORT_PATH];
    support_format(path, sizeof path, "%.400s/followed", shop.root);
    support_format(script, sizeof script, "exec timeout 3 '%s' journal '%s' --follow --json > '%s'", support_figaro(),
                   shop.store, path);
    pid_t follower = support_spawn((const char *const[]){"sh", "-c", script, NULL});
    usleep(500000);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    cr_assert_eq(waitpid(follower, NULL, 0), follower);
    size_t size;
    char *text = support_read_file(path, &size);
    cr_expect(strstr(text, "\"event\":\"booked\"") != NULL, "%s", text);
    free(text);
    shop_close(&shop);
}

Test(commands, draws_a_day)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    EXPECT_FIGARO(0, "Monday 2 March 2026, UTC: 1 booked", NULL, "day", shop.store, "--date", "2026-03-02", AT);
    EXPECT_FIGARO(0, "[#1====", NULL, "day", shop.store, "--date", "2026-03-02", "--ascii", AT);
    EXPECT_FIGARO(0, "nothing on 2026-03-01", NULL, "day", shop.store, AT);
    EXPECT_FIGARO(0, " Susanna  ", NULL, "day", shop.store, "--all", AT);
    EXPECT_FIGARO(0, " Susanna  ", NULL, "day", shop.store, "--barber", "Susanna", AT);
    EXPECT_FIGARO(0, "\"barber\":\"Figaro\",\"id\":7,\"mode\":\"always\"", NULL, "day", shop.store, "--date",
                  "2026-03-02", "--json", AT);
    EXPECT_FIGARO(2, NULL, "--date: '2026-02-29': 2026-02 has no day 29", "day", shop.store, "--date", "2026-02-29");
    shop_close(&shop);
}

Test(commands, verify_finds_a_sound_store_sound_and_a_damaged_one_damaged)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    EXPECT_FIGARO(0, "sound: ", NULL, "verify", shop.store);
    EXPECT_FIGARO(0, "{\"sound\":true,", NULL, "verify", shop.store, "--json");
    char path[SUPPORT_PATH];
    support_format(path, sizeof path, "%.400s/data.mdb", shop.store);
    cr_assert_eq(truncate(path, 4096 * 3), 0); /* pages that the map still promises */
    EXPECT_FIGARO(3, "", "figaro: ", "verify", shop.store);
    EXPECT_FIGARO(3, "{\"sound\":false,", "figaro: ", "verify", shop.store, "--json");
    shop_close(&shop);
}

/* A store whose file fails under the map ends the command with words and exit 3; sanitizers have their own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(SANITIZED)
Test(commands, says_that_the_store_seems_damaged_when_the_map_fails)
{
    struct shop shop = shop_open();
    static const int signals[] = {SIGBUS, SIGSEGV, SIGABRT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int status = 0;
        pid_t follower =
            support_spawn((const char *const[]){support_figaro(), "journal", shop.store, "--follow", NULL});
        usleep(300000);
        cr_assert_eq(kill(follower, signals[i]), 0);
        cr_assert_eq(waitpid(follower, &status, 0), follower);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 3, "status %x", (unsigned)status);
    }
    shop_close(&shop);
}
#endif

Test(commands, an_output_that_cannot_be_written_is_a_fault)
{
    struct shop shop = shop_open();
    char script[2 * SUPPORT_PATH];
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "60", AT);
    support_format(script, sizeof script, "'%s' list '%s' > /dev/full", support_figaro(), shop.store);
    struct support_child child = SUPPORT_RUN("sh", "-c", script);
    cr_expect_eq(child.exit_code, 3);
    cr_expect(strstr(child.err, "the output could not be written: No space left on device") != NULL, "%s", child.err);
    support_free(&child);
    support_format(script, sizeof script, "{ '%s' journal '%s'; echo $? >&2; } | true", support_figaro(), shop.store);
    child = SUPPORT_RUN("sh", "-c", script);
    cr_expect(strchr(child.err, '3') != NULL || strchr(child.err, '0') != NULL, "%s", child.err); /* never a signal */
    support_free(&child);
    shop_close(&shop);
}

Test(commands, local_times_are_in_the_barbers_zone)
{
    struct shop shop = shop_open();
    const char *zones = shop_file(&shop, "z.json",
                                  "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],"
                                  "\"barbers\":[{\"id\":7,\"zone\":\"America/New_York\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, zones, AT);
    EXPECT_FIGARO(0, "\"start\":\"2026-12-01T15:00:00Z\",\"end\":\"2026-12-01T15:30:00Z\"", NULL, "book", shop.store,
                  "--barber", "Figaro", "--start", "2026-12-01T10:00", "--minutes", "30", "--json", AT);
    EXPECT_FIGARO(0, "\"start\":\"2026-12-01T09:00:00Z\"", NULL, "book", shop.store, "--barber", "Susanna", "--start",
                  "2026-12-01 10:00:00", "--minutes", "30", "--json", AT);
    EXPECT_FIGARO(0, "{\"free\":false", NULL, "check", shop.store, "--barber", "Susanna", "--start", "2026-12-01T10:15",
                  "--minutes", "5", "--json", AT);
    EXPECT_FIGARO(0, "{\"free\":true}", NULL, "check", shop.store, "--barber", "Figaro", "--start", "2026-12-01T10:30",
                  "--minutes", "5", "--json", AT);
    EXPECT_FIGARO(0, "2026-12-01T16:00:00Z - 2026-12-01T16:30:00Z", NULL, "move", shop.store, "1", "--start",
                  "2026-12-01T11:00", AT);
    EXPECT_FIGARO(0, "#1  Susanna  2026-12-01T10:00:00Z", NULL, "move", shop.store, "1", "--start", "2026-12-01T11:00",
                  "--barber", "Susanna", AT);
    const char *batch = shop_file(&shop, "b.jsonl",
                                  "{\"op\":\"move\",\"id\":1,\"start\":\"2026-12-01T12:00\"}\n"
                                  "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-12-01T12:00\","
                                  "\"minutes\":5}\n");
    EXPECT_FIGARO(0, "line 1: #1  Susanna  2026-12-01T11:00:00Z", NULL, "batch", shop.store, batch, AT);
    EXPECT_FIGARO(0, "#3  Figaro  2026-12-01T17:00:00Z", NULL, "show", shop.store, "3", AT);
    EXPECT_FIGARO(0, "2 appointments", NULL, "list", shop.store, "--to", "2026-12-01 12:30", AT); /* Madrid */
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop.store, "--barber", "Figaro", "--from", "2026-12-01T12:00",
                  "--to", "2026-12-01T12:01", AT);
    EXPECT_FIGARO(0, "0 appointments", NULL, "list", shop.store, "--barber", "Figaro", "--to", "2026-12-01T12:00", AT);
    EXPECT_FIGARO(1, "not_found", NULL, "move", shop.store, "99", "--start", "2026-12-01T12:00", AT);
    /* a gap takes the offset before it, and a fold means the first */
    EXPECT_FIGARO(0, "2026-03-29T01:30:00Z - ", NULL, "book", shop.store, "--barber", "Susanna", "--start",
                  "2026-03-29T02:30", "--minutes", "5", AT);
    EXPECT_FIGARO(0, "2026-10-25T00:30:00Z - ", NULL, "book", shop.store, "--barber", "Susanna", "--start",
                  "2026-10-25T02:30", "--minutes", "5", AT);
    shop_close(&shop);
}

Test(commands, a_day_is_that_of_the_zone)
{
    struct shop shop = shop_open();
    const char *zones = shop_file(&shop, "z.json",
                                  "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],"
                                  "\"barbers\":[{\"id\":7,\"zone\":\"America/New_York\"}]}");
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, zones, AT);
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-01T23:30Z", "--minutes",
                  "30", AT);
    EXPECT_FIGARO(0, "Monday 2 March 2026, Europe/Madrid: 1 booked", NULL, "day", shop.store, "--date", "2026-03-02",
                  AT);
    EXPECT_FIGARO(0, "nothing on 2026-03-01 (Europe/Madrid)", NULL, "day", shop.store, AT);
    EXPECT_FIGARO(0, "Sunday 1 March 2026, America/New_York: 1 booked", NULL, "day", shop.store, "--barber", "Figaro",
                  "--date", "2026-03-01", AT);
    EXPECT_FIGARO(0, "{\"date\":\"2026-03-02\",\"zone\":\"Europe/Madrid\",\"barber\":\"Figaro\"", NULL, "day",
                  shop.store, "--date", "2026-03-02", "--json", AT);
    EXPECT_FIGARO(0, "Europe/Madrid (23 hours: at 02:00 clocks go forward to 03:00)", NULL, "day", shop.store, "--all",
                  "--date", "2026-03-29", AT);
    /* the date of --now is the zone's too */
    EXPECT_FIGARO(0, "Monday 2 March 2026, Europe/Madrid", NULL, "day", shop.store, "--now", "2026-03-02T22:59:59Z",
                  "--all");
    EXPECT_FIGARO(0, "Tuesday 3 March 2026, Europe/Madrid", NULL, "day", shop.store, "--now", "2026-03-02T23:00:00Z",
                  "--all");
    shop_close(&shop);
}

Test(commands, zones_that_do_not_exist_are_refused)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(2, NULL, "--zone: there is no zone 'Europe/Sevilla'", "init", shop.store, "--zone", "Europe/Sevilla");
    EXPECT_FIGARO(2, NULL, "lists them", "init", shop.store, "--zone", "../../etc/passwd");
    cr_expect_neq(access(shop.store, F_OK), 0);
    EXPECT_FIGARO(0, "in the zone Europe/Madrid", NULL, "init", shop.store, "--zone", "Europe/Madrid", AT);
    EXPECT_FIGARO(2, NULL, "s.json: shops[0].zone: there is no zone 'Nowhere'", "setup", shop.store,
                  shop_file(&shop, "s.json", "{\"shops\":[{\"id\":1,\"zone\":\"Nowhere\"}]}"), AT);
    EXPECT_FIGARO(2, NULL, "s.json: barbers[1].zone: there is no zone 'Europe'", "setup", shop.store,
                  shop_file(&shop, "s.json", "{\"barbers\":[{\"id\":1},{\"id\":2,\"zone\":\"Europe\"}]}"), AT);
    EXPECT_FIGARO(0, "\"barbers\":0", NULL, "stats", shop.store, "--json");
    shop_close(&shop);
}

#define LOCAL_DAY "\"special\":[{\"date\":\"2026-12-06\",\"start\":\"10:00\",\"end\":\"14:00\",\"kind\":\"available\"}]"

/* Whose zone it is can stand in the file or in the store. */
Test(commands, local_special_days_are_in_the_zone_that_will_count)
{
    static const struct {
        const char *setup, *barber, *start;
    } table[] = {
        {"{\"barbers\":[{\"name\":\"Susanna\"," LOCAL_DAY "}]}", "Susanna", "2026-12-06T10:00:00Z"},
        {"{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],\"barbers\":[{\"id\":7," LOCAL_DAY "}]}", "Figaro",
         "2026-12-06T09:00:00Z"},
        {"{\"barbers\":[{\"id\":9,\"name\":\"Rosina\",\"zone\":\"Asia/Tokyo\"," LOCAL_DAY "}]}", "Rosina",
         "2026-12-06T01:00:00Z"},
        {"{\"barbers\":[{\"name\":\"Rosina\"," LOCAL_DAY "}]}", "Rosina", "2026-12-06T01:00:00Z"},
        {"{\"shops\":[{\"id\":2,\"name\":\"B\",\"zone\":\"America/New_York\"},{\"id\":3,\"name\":\"C\"}],"
         "\"barbers\":[{\"name\":\"Bartolo\",\"shop\":2," LOCAL_DAY "},{\"name\":\"Basilio\",\"shop\":3," LOCAL_DAY
         "}]}",
         "Bartolo", "2026-12-06T15:00:00Z"},
        {"{\"barbers\":[{\"name\":\"Bartolo\"," LOCAL_DAY "}]}", "Bartolo", "2026-12-06T15:00:00Z"},
        {"{}", "Basilio", "2026-12-06T10:00:00Z"},
        {"{\"barbers\":[{\"name\":\"Berta\"," LOCAL_DAY "}]}", "Berta", "2026-12-06T09:00:00Z"},
    };
    struct shop shop = shop_open();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char expected[128];
        EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, shop_file(&shop, "s.json", table[i].setup), AT);
        support_format(expected, sizeof expected, "\"open\":[{\"start\":\"%s\"", table[i].start);
        EXPECT_FIGARO(0, expected, NULL, "day", shop.store, "--barber", table[i].barber, "--date", "2026-12-06",
                      "--json", AT);
    }
    shop_close(&shop);
}
