#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <string.h>

struct shop shop_empty(void)
{
    struct shop shop;
    support_make_fast_directory(shop.root);
    support_format(shop.store, sizeof shop.store, "%.400s/store", shop.root);
    return shop;
}

struct shop shop_open(void)
{
    struct shop shop = shop_empty();
    EXPECT_FIGARO(0, "", NULL, "init", shop.store, "--now", SHOP_NOW);
    const char *file =
        shop_file(&shop, "setup.json", "{\"barbers\":[{\"id\":7,\"name\":\"Figaro\"},{\"name\":\"Susanna\"}]}");
    EXPECT_FIGARO(0, "", NULL, "setup", shop.store, file, "--now", SHOP_NOW);
    return shop;
}

void shop_close(const struct shop *shop) { support_remove(shop->root); }

const char *shop_file(const struct shop *shop, const char *name, const char *text)
{
    static char path[SUPPORT_PATH];
    support_format(path, sizeof path, "%.400s/%s", shop->root, name);
    support_write_file(path, text, strlen(text));
    return path;
}

static void expect_text(const char *what, const char *printed, const char *expected, const char *command)
{
    if (expected == NULL)
        cr_expect_str_empty(printed, "figaro %s printed on %s:\n%s", command, what, printed);
    else
        cr_expect(strstr(printed, expected) != NULL, "figaro %s printed on %s:\n%s\nwithout:\n%s", command, what,
                  printed, expected);
}

void shop_expect(int exit_code, const char *out, const char *err, const char *const arguments[])
{
    char command[2048] = "";
    for (size_t i = 0; arguments[i] != NULL; i++) {
        strncat(command, arguments[i], sizeof command - strlen(command) - 2);
        strcat(command, " ");
    }
    struct support_child child = support_run_figaro(arguments);
    cr_expect_eq(child.exit_code, exit_code, "figaro %s: exit %d (signal %d), expected %d\n%s%s", command,
                 child.exit_code, child.signal, exit_code, child.out, child.err);
    expect_text("stdout", child.out, out, command);
    expect_text("stderr", child.err, err, command);
    support_free(&child);
}

const char *shop_path(const struct shop *shop, const char *name)
{
    static char paths[4][SUPPORT_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    support_format(path, SUPPORT_PATH, "%.400s/%s", shop->root, name);
    return path;
}
