/* backup and restore, end to end: a copy is one version of a store in use, nothing is written over, and what fails or
 * is killed leaves nothing behind. Budget: 4 s. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT "--now", SHOP_NOW

static bool is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

/* A text field of the last line of a command's --json answer; free() it. */
static char *field(const char *name, const char *const arguments[])
{
    struct support_child child = support_run_figaro(arguments);
    cr_assert_eq(child.exit_code, 0, "figaro %s: %s", arguments[0], child.err);
    json_t *answer = json_loads(support_last_line(child.out), 0, NULL);
    const char *text = json_string_value(json_object_get(answer, name));
    cr_assert_not_null(text, "no %s", name);
    char *copy = strdup(text);
    json_decref(answer);
    support_free(&child);
    return copy;
}

#define FIELD(name, ...) field(name, (const char *const[]){__VA_ARGS__, "--json", NULL})

static void book(const struct shop *shop, const char *start)
{
    EXPECT_FIGARO(0, "#", NULL, "book", shop->store, "--barber", "Figaro", "--start", start, "--minutes", "30",
                  "--note", "with a note", AT);
}

Test(backup, a_backup_is_a_store_and_so_is_what_is_restored)
{
    struct shop shop = shop_open();
    book(&shop, "2026-03-02T10:00:00Z");
    EXPECT_FIGARO(0, "backed up to ", NULL, "backup", shop.store, shop_path(&shop, "copy"), AT);
    book(&shop, "2026-03-02T11:00:00Z");
    EXPECT_FIGARO(0, "1 appointment\n", NULL, "list", shop_path(&shop, "copy"), AT);
    EXPECT_FIGARO(0, "restored ", NULL, "restore", shop_path(&shop, "copy"), shop_path(&shop, "again"), AT);
    EXPECT_FIGARO(0, "with a note", NULL, "show", shop_path(&shop, "again"), "1", AT);
    EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, "again"));
    char *copy = FIELD("digest", "stats", shop_path(&shop, "copy")),
         *again = FIELD("digest", "stats", shop_path(&shop, "again"));
    cr_expect_str_eq(copy, again);
    free(copy);
    free(again);
    cr_expect(!is_there(shop_path(&shop, "again.making")));
    shop_close(&shop);
}

Test(backup, nothing_is_written_over)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(3, "", "holds a store already", "backup", shop.store, shop.store);
    EXPECT_FIGARO(1, "", "is there already", "restore", shop.store, shop.store);
    EXPECT_FIGARO(0, "backed up", NULL, "backup", shop.store, shop_path(&shop, "copy"));
    EXPECT_FIGARO(3, "", "holds a store already", "backup", shop.store, shop_path(&shop, "copy"));
    shop_file(&shop, "letter.txt", "dear");
    EXPECT_FIGARO(1, "", "is there already", "restore", shop_path(&shop, "copy"), shop_path(&shop, "letter.txt"));
    EXPECT_FIGARO(3, "", "holds other files", "backup", shop.store, shop.root);
    cr_expect(!is_there(shop_path(&shop, "gate")), "a refused backup leaves nothing behind");
    cr_assert_eq(mkdir(shop_path(&shop, "empty"), 0755), 0);
    EXPECT_FIGARO(0, "restored", NULL, "restore", shop_path(&shop, "copy"), shop_path(&shop, "empty"));
    shop_close(&shop);
}

Test(backup, a_place_that_cannot_be_is_named)
{
    struct shop shop = shop_open();
    shop_file(&shop, "letter.txt", "dear");
    EXPECT_FIGARO(3, "", "letter.txt/copy", "backup", shop.store, shop_path(&shop, "letter.txt/copy"));
    EXPECT_FIGARO(3, "", "no such directory", "backup", shop.store, shop_path(&shop, "nowhere/copy"));
    EXPECT_FIGARO(3, "", "letter.txt/copy", "restore", shop.store, shop_path(&shop, "letter.txt/copy"));
    EXPECT_FIGARO(3, "", "nowhere", "restore", shop_path(&shop, "nowhere"), shop_path(&shop, "copy"));
    cr_expect(!is_there(shop_path(&shop, "copy")) && !is_there(shop_path(&shop, "copy.making")));
    shop_close(&shop);
}

Test(backup, a_damaged_backup_is_not_restored)
{
    struct shop shop = shop_open();
    for (int i = 0; i < 5; i++) {
        char start[32];
        support_format(start, sizeof start, "2026-03-02T1%d:00:00Z", i);
        book(&shop, start);
    }
    EXPECT_FIGARO(0, "backed up", NULL, "backup", shop.store, shop_path(&shop, "copy"));
    size_t size;
    char *bytes = support_read_file(shop_path(&shop, "copy/data.mdb"), &size);
    char *note = memmem(bytes, size, "with a note", 11);
    cr_assert_not_null(note);
    note[3] ^= 1;
    support_write_file(shop_path(&shop, "copy/data.mdb"), bytes, size);
    free(bytes);
    struct support_child child = SUPPORT_FIGARO("restore", shop_path(&shop, "copy"), shop_path(&shop, "again"));
    cr_expect_eq(child.exit_code, 3, "%s%s", child.out, child.err);
    cr_expect(strstr(child.err, "problem") != NULL, "%s", child.err);
    support_free(&child);
    cr_expect(!is_there(shop_path(&shop, "again")) && !is_there(shop_path(&shop, "again.making")));
    shop_close(&shop);
}

/* Killed at moments spread over the time that it takes, then done again. */
Test(backup, what_a_kill_leaves_is_no_store_and_is_taken_again, .timeout = 60)
{
    struct shop shop = shop_open();
    char data[SUPPORT_PATH];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    EXPECT_FIGARO(0, "requests", NULL, "replay", shop.store, data);
    for (int i = 0; i < 12; i++) {
        bool restores = i % 2 == 1;
        pid_t child = support_spawn((const char *const[]){support_figaro(), restores ? "restore" : "backup", shop.store,
                                                          shop_path(&shop, "copy"), NULL});
        usleep((useconds_t)i * 4000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (is_there(shop_path(&shop, "copy/data.mdb")))
            EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, "copy"));
        if (restores) cr_expect(!is_there(shop_path(&shop, "copy")) || is_there(shop_path(&shop, "copy/data.mdb")));
        if (!is_there(shop_path(&shop, "copy/data.mdb")))
            EXPECT_FIGARO(0, "store", NULL, restores ? "restore" : "backup", shop.store, shop_path(&shop, "copy"),
                          "--json");
        EXPECT_FIGARO(0, "", NULL, "verify", shop_path(&shop, "copy"));
        support_remove(shop_path(&shop, "copy"));
        support_remove(shop_path(&shop, "copy.making"));
    }
    shop_close(&shop);
}

/* What a restore was killed over, an archive with it. */
Test(backup, a_restore_takes_away_what_another_left)
{
    struct shop shop = shop_open();
    for (int i = 0; i < 5; i++) {
        char start[32];
        support_format(start, sizeof start, "2026-03-02T1%d:00:00Z", i);
        book(&shop, start);
    }
    EXPECT_FIGARO(0, "", NULL, "archive", shop.store, "--keep", "1");
    cr_assert(is_there(shop_path(&shop, "store/archive")));
    support_copy(shop.store, shop_path(&shop, "copy.making"));
    support_write_file(shop_path(&shop, "copy.making/archive/.new"), "half", 4);
    EXPECT_FIGARO(0, "restored", NULL, "restore", shop.store, shop_path(&shop, "copy"));
    cr_expect(is_there(shop_path(&shop, "copy/archive")) && !is_there(shop_path(&shop, "copy.making")));
    cr_expect(!is_there(shop_path(&shop, "copy/archive/.new")));
    shop_close(&shop);
}

Test(backup, copies_of_a_store_in_use_are_sound_and_grow, .timeout = 60)
{
    struct shop shop = shop_empty();
    char data[SUPPORT_PATH];
    support_need_data("offices/one_2026w05-08.workload.csv.gz", data);
    EXPECT_FIGARO(0, "made", NULL, "init", shop.store);
    pid_t writer =
        support_spawn((const char *const[]){support_figaro(), "replay", shop.store, data, "--batch", "4", NULL});
    for (int i = 0; i < 5; i++) {
        char name[16];
        support_format(name, sizeof name, "copy%d", i);
        EXPECT_FIGARO(0, "backed up", NULL, "backup", shop.store, shop_path(&shop, name));
        EXPECT_FIGARO(0, "sound", NULL, "verify", shop_path(&shop, name));
    }
    waitpid(writer, NULL, 0);
    EXPECT_FIGARO(0, "backed up", NULL, "backup", shop.store, shop_path(&shop, "last"));
    char *last = FIELD("sha256", "stats", shop_path(&shop, "last"));
    cr_expect_str_eq(last, "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1");
    free(last);
    shop_close(&shop);
}
