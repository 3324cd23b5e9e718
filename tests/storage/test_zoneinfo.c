/* Zone files as the disk has them: good ones, none, and what should not be read. Budget: a tenth of a second. */
#include "storage/zoneinfo.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char bytes[ZONEINFO_FILE_MAX];
static char tree[SUPPORT_PATH];

/* A path in the tree, good until the next but three. */
static const char *in_tree(const char *name)
{
    static char paths[4][2 * SUPPORT_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    support_format(path, sizeof paths[0], "%s/%s", tree, name);
    return path;
}

static void plant(void)
{
    support_make_directory(tree);
    cr_assert(mkdir(in_tree("Europe"), 0755) == 0);
    support_write_file(in_tree("Europe/Madrid"), "TZif of Madrid", 14);
    support_write_file(in_tree("UTC"), "TZif of UTC", 11);
    cr_assert(symlink("../UTC", in_tree("Europe/Nowhere")) == 0);
    cr_assert(symlink("Europe", in_tree("Europa")) == 0);
}

static void uproot(void) { support_remove(tree); }

static void expect_bytes(const char *name, const char *expected)
{
    struct store_error error = {""};
    size_t size = 0;
    cr_expect_eq(zoneinfo_read(tree, name, bytes, &size, &error), STORE_OK, "%s: %s", name, error.message);
    cr_expect(size == strlen(expected) && memcmp(bytes, expected, size) == 0, "%s", name);
}

/* The words name the path, and the size stays untouched. */
static void expect_refused(const char *name, enum store_status status, const char *says)
{
    struct store_error error = {""};
    size_t size = 12345;
    enum store_status got = zoneinfo_read(tree, name, bytes, &size, &error);
    cr_expect_eq(got, status, "%s: %d, %s", name, (int)got, error.message);
    cr_expect_not_null(strstr(error.message, says), "%s: %s", name, error.message);
    cr_expect_eq(size, 12345);
    cr_expect_eq(zoneinfo_read(tree, name, bytes, &size, NULL), status, "without words");
}

TestSuite(zoneinfo, .init = plant, .fini = uproot);

Test(zoneinfo, reads_files_and_links_within)
{
    expect_bytes("Europe/Madrid", "TZif of Madrid");
    expect_bytes("UTC", "TZif of UTC");
    expect_bytes("Europe/Nowhere", "TZif of UTC");
    expect_bytes("Europa/Madrid", "TZif of Madrid");
}

Test(zoneinfo, reads_the_system_s)
{
    struct store_error error = {""};
    size_t size = 0;
    if (access(ZONEINFO_DIRECTORY "/Europe/Madrid", R_OK) != 0) support_lack("needs tzdata under " ZONEINFO_DIRECTORY);
    cr_assert_eq(zoneinfo_read(NULL, "Europe/Madrid", bytes, &size, &error), STORE_OK, "%s", error.message);
    cr_expect(size > 4 && memcmp(bytes, "TZif", 4) == 0);
    setenv("TZ", "America/New_York", 1);
    setenv("TZDIR", "/nowhere", 1);
    cr_expect_eq(zoneinfo_read(NULL, "Europe/Madrid", bytes, &size, &error), STORE_OK, "the environment counts");
}

Test(zoneinfo, takes_no_other_names)
{
    static const char *const bad[] = {
        "",
        "/UTC",
        "/etc/passwd",
        "..",
        ".",
        "../UTC",
        "Europe/../UTC",
        "Europe/..",
        "Europe/./Madrid",
        "Europe//Madrid",
        "Europe/",
        "UTC/",
        "U C",
        "UTC\n",
        "UTC\x7f",
        "M\xc3\xa1laga",
        "a\tb",
        "0123456789012345678901234567890123456789012345678901234567890123",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(zoneinfo_name_is_sound(bad[i]), "%s", bad[i]);
        expect_refused(bad[i], STORE_INVALID, "IANA name");
    }
    static const char *const good[] = {"UTC",
                                       "America/Argentina/Buenos_Aires",
                                       "Etc/GMT+12",
                                       "Etc/GMT-14",
                                       "...",
                                       "a..b",
                                       "012345678901234567890123456789012345678901234567890123456789012"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) cr_expect(zoneinfo_name_is_sound(good[i]), "%s", good[i]);
}

Test(zoneinfo, shows_no_control_characters)
{
    struct store_error error = {""};
    size_t size;
    zoneinfo_read(tree, "a\033[31mb\n", bytes, &size, &error);
    cr_expect_not_null(strstr(error.message, "'a?[31mb?'"), "%s", error.message);
}

Test(zoneinfo, says_what_is_missing)
{
    expect_refused("Europe/Madird", STORE_NOT_FOUND, "there is no such zone");
    expect_refused("Europe/Madird", STORE_NOT_FOUND, in_tree("Europe/Madird"));
    expect_refused("UTC/Madrid", STORE_NOT_FOUND, "there is no such zone");
    expect_refused("Europe", STORE_NOT_FOUND, "is not a file");

    struct store_error error = {""};
    size_t size;
    cr_expect_eq(zoneinfo_read(in_tree("none"), "UTC", bytes, &size, &error), STORE_NOT_FOUND);
    cr_expect(strstr(error.message, "install the package tzdata") != NULL && strstr(error.message, "/none") != NULL,
              "%s", error.message);
}

Test(zoneinfo, follows_no_link_out)
{
    char outside[SUPPORT_PATH + 16];
    support_format(outside, sizeof outside, "%s-outside", tree); /* whose name begins as the tree's */
    support_write_file(outside, "TZif", 4);
    cr_assert(symlink("/etc/passwd", in_tree("absolute")) == 0);
    cr_assert(symlink(outside, in_tree("beside")) == 0);
    cr_assert(symlink("..", in_tree("up")) == 0);
    cr_assert(symlink("loop", in_tree("loop")) == 0);
    cr_assert(symlink("gone", in_tree("dangling")) == 0);
    expect_refused("absolute", STORE_DENIED, "link out of");
    expect_refused("beside", STORE_DENIED, "link out of");
    expect_refused("up/passwd", STORE_NOT_FOUND, "there is no such zone");
    expect_refused(strrchr(outside, '/') + 1, STORE_NOT_FOUND, "there is no such zone");
    expect_refused("loop", STORE_DENIED, "loop");
    expect_refused("dangling", STORE_NOT_FOUND, "there is no such zone");
    unlink(outside);

    /* The directory itself may be reached by a link. */
    char link[SUPPORT_PATH + 16];
    struct store_error error = {""};
    size_t size;
    support_format(link, sizeof link, "%s-link", tree);
    cr_assert(symlink(tree, link) == 0);
    cr_expect_eq(zoneinfo_read(link, "Europe/Madrid", bytes, &size, &error), STORE_OK, "%s", error.message);
    unlink(link);
}

Test(zoneinfo, refuses_what_cannot_be_a_zone_file)
{
    static char large[ZONEINFO_FILE_MAX + 1];
    support_write_file(in_tree("large"), large, sizeof large);
    support_write_file(in_tree("full"), large, sizeof large - 1);
    support_write_file(in_tree("empty"), "", 0);
    cr_assert(mkfifo(in_tree("pipe"), 0600) == 0);
    expect_refused("large", STORE_CORRUPT, "more than 65536 bytes");
    expect_refused("empty", STORE_CORRUPT, "is empty");
    expect_refused("pipe", STORE_NOT_FOUND, "is not a file");
    size_t size = 0;
    cr_expect_eq(zoneinfo_read(tree, "full", bytes, &size, NULL), STORE_OK);
    cr_expect_eq(size, ZONEINFO_FILE_MAX);
}

/* Root may read everything, so that as root somebody else asks. */
Test(zoneinfo, says_that_it_may_not)
{
    uid_t self = geteuid();
    cr_assert(chmod(tree, 0755) == 0 && chmod(in_tree("UTC"), 0) == 0);
    if (self == 0) cr_assert(seteuid(65534) == 0);
    expect_refused("UTC", STORE_DENIED, "Permission denied");
    expect_bytes("Europe/Madrid", "TZif of Madrid");
    cr_assert(seteuid(self) == 0);
}
