/* What the libraries show to the world: the API, all of it, and nothing else. Built without sanitizers only. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* The directory of the build under test, which holds the command. */
static void built(const char *name, char path[SUPPORT_PATH])
{
    char directory[SUPPORT_PATH];
    support_format(directory, sizeof directory, "%s", support_figaro());
    char *slash = strrchr(directory, '/');
    cr_assert_not_null(slash, "FIGARO must be a path");
    *slash = '\0';
    support_format(path, SUPPORT_PATH, "%s/%s", directory, name);
}

/* Sanitizers add names of their own to everything that they build. */
static void need_plain_build(void)
{
#ifdef FIG_CHECKERS
    cr_skip_test("a matter of the plain build");
#endif
}

static struct support_child shell(const char *command, const char *argument)
{
    struct support_child child = SUPPORT_RUN("sh", "-c", command, "sh", argument);
    cr_assert(child.exit_code == 0, "%s: %s", command, child.err);
    return child;
}

/* The functions that the header declares FIG_API, one a line, sorted. */
static struct support_child declared(void)
{
    return shell("sed -n 's/^FIG_API [^(]*\\(fig_[a-z0-9_]*\\)(.*/\\1/p' engine/figaro.h | sort -u", "");
}

Test(house, header_declares_what_the_scan_finds)
{
    struct support_child names = declared();
    cr_assert(strstr(names.out, "fig_open\n") && strstr(names.out, "fig_verify\n") && strstr(names.out, "fig_book\n"));
    support_free(&names);
}

Test(house, shared_library_exports_the_api_and_nothing_else)
{
    need_plain_build();
    char path[SUPPORT_PATH];
    built("libfigaro.so", path);
    struct support_child names = declared();
    struct support_child exported =
        shell("nm -D --defined-only \"$1\" | awk '$2 != \"A\" {sub(/@.*/, \"\", $3); print $3}' | sort -u", path);
    cr_assert_str_eq(exported.out, names.out);
    support_free(&exported);
    support_free(&names);
}

Test(house, static_library_exposes_the_api_and_nothing_else)
{
    need_plain_build();
    char path[SUPPORT_PATH];
    built("libfigaro.a", path);
    struct support_child names = declared();
    struct support_child exposed = shell("nm -g --defined-only \"$1\" | awk 'NF == 3 {print $3}' | sort -u", path);
    cr_assert_str_eq(exposed.out, names.out);
    support_free(&exposed);
    support_free(&names);
}

Test(house, soname_is_that_of_the_version)
{
    need_plain_build();
    char path[SUPPORT_PATH];
    built("libfigaro.so", path);
    struct support_child child = shell("objdump -p \"$1\" | awk '$1 == \"SONAME\" {print $2}'", path);
    cr_assert_str_eq(child.out, "libfigaro.so.0\n");
    support_free(&child);
}

/* Every undefined name comes from the C library or LMDB: nothing else has to be installed beside it. */
Test(house, library_needs_only_c_and_lmdb)
{
    need_plain_build();
    char path[SUPPORT_PATH];
    built("libfigaro.so", path);
    struct support_child child = shell("objdump -p \"$1\" | awk '$1 == \"NEEDED\" {print $2}' | sort", path);
    for (char *name = strtok(child.out, "\n"); name != NULL; name = strtok(NULL, "\n"))
        cr_expect(strncmp(name, "libc.so", 7) == 0 || strncmp(name, "liblmdb.so", 10) == 0 ||
                      strncmp(name, "ld-linux", 8) == 0,
                  "the library needs %s", name);
    support_free(&child);
}

/* ---- installing ---- */

/* The text of README.md's first fenced block of that kind at or after `from`; NULL: none. free() it. */
static char *fenced(const char *from, const char *kind, const char **after)
{
    char fence[32];
    support_format(fence, sizeof fence, "```%s\n", kind);
    const char *begin = strstr(from, fence);
    if (begin == NULL) return NULL;
    begin += strlen(fence);
    const char *end = strstr(begin, "```");
    cr_assert_not_null(end, "README.md: a block of %s is not closed", kind);
    *after = end + 3;
    return strndup(begin, (size_t)(end - begin));
}

/* Compiles README's program against what was installed, and runs it. %1: root, %2: program, %3: linking. */
static struct support_child build_and_run(const char *root, const char *program, const char *linking)
{
    static const char script[] =
        "set -e; cd \"$1\"; "
        "export PKG_CONFIG_LIBDIR=\"$1/usr/lib/pkgconfig\" PKG_CONFIG_SYSROOT_DIR=\"$1\" "
        "PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1; "
        "if [ \"$3\" = static ]; then libs=\"-Wl,-Bstatic $(pkg-config --libs-only-L --libs-only-l figaro) "
        "-Wl,-Bdynamic "
        "$(pkg-config --static --libs figaro | sed 's/-lfigaro//')\"; else libs=$(pkg-config --libs figaro); fi; "
        "cc -std=c11 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags figaro) \"$2\" -o program $libs; "
        "if [ \"$3\" = static ]; then ! ldd ./program | grep -q libfigaro; fi; "
        "LD_LIBRARY_PATH=\"$1/usr/lib\" ./program";
    return SUPPORT_RUN("sh", "-c", script, "sh", root, program, linking);
}

static void install_into(const char *root)
{
    char destination[SUPPORT_PATH + 16];
    support_format(destination, sizeof destination, "DESTDIR=%s", root);
    struct support_child child = SUPPORT_RUN("env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make",
                                             "--no-print-directory", "install", "PREFIX=/usr", destination);
    cr_assert(child.exit_code == 0, "make install: %s", child.err);
    support_free(&child);
}

static void uninstall_from(const char *root)
{
    char destination[SUPPORT_PATH + 16];
    support_format(destination, sizeof destination, "DESTDIR=%s", root);
    struct support_child child = SUPPORT_RUN("env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make",
                                             "--no-print-directory", "uninstall", "PREFIX=/usr", destination);
    cr_assert(child.exit_code == 0, "make uninstall: %s", child.err);
    support_free(&child);
    child = SUPPORT_RUN("find", root, "-not", "-type", "d", "-path", "*figaro*", "-path", "*/usr/*");
    cr_assert_str_eq(child.out, "", "left behind:\n%s", child.out);
    support_free(&child);
}

static void check_example(const char *root, const char *program, const char *linking, const char *expected)
{
    struct support_child child = build_and_run(root, program, linking);
    cr_assert(child.exit_code == 0, "README's example, %s: exit %d\n%s%s", linking, child.exit_code, child.out,
              child.err);
    cr_assert_str_eq(child.out, expected, "README's example, %s, prints\n%s", linking, child.out);
    support_free(&child);
    struct support_child clean = SUPPORT_RUN("find", root, "-name", "program", "-delete");
    support_free(&clean);
}

/* README.md: a ```c block with a whole program, then a ```text block with what it prints. */
Test(house, installed_library_serves_the_readme_example)
{
    need_plain_build();
    char root[SUPPORT_PATH], program[SUPPORT_PATH + 16];
    const char *after = NULL;
    char *readme = support_read_file("README.md", NULL);
    char *source = fenced(readme, "c", &after);
    cr_assert(source != NULL && strstr(source, "int main(") != NULL, "README.md has no ```c program");
    char *expected = fenced(after, "text", &after);
    cr_assert_not_null(expected, "README.md has no ```text block with the output of its program");
    support_make_directory(root);
    support_format(program, sizeof program, "%s/example.c", root);
    support_write_file(program, source, strlen(source));
    install_into(root);
    check_example(root, program, "shared", expected);
    check_example(root, program, "static", expected);
    uninstall_from(root);
    support_remove(root);
    free(source);
    free(expected);
    free(readme);
}
