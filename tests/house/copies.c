/* Two copies of the library in one process, as when a server and a plug-in of it each bring their own: each would give
 * LMDB an environment of its own on one directory, and they would break each other's locks. The second is refused, and
 * the first goes on. Budget: one second. */
#include "engine/figaro.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct copy {
    void *library;
    fig_options (*options_default)(void);
    fig_error (*error_default)(void);
    fig_status (*open)(const char *, const fig_options *, fig_engine **, fig_error *);
    fig_status (*checkpoint)(fig_engine *, fig_error *);
    fig_status (*close)(fig_engine *);
};

static void take(struct copy *copy, const char *name, void *function)
{
    void *found = dlsym(copy->library, name);
    cr_assert(found != NULL, "%s", name);
    memcpy(function, &found, sizeof found);
}

/* A file of its own makes it a library of its own. */
static struct copy load_copy(const char *directory, const char *name)
{
    char built[SUPPORT_PATH], path[SUPPORT_PATH];
    support_format(built, sizeof built, "%s", support_figaro());
    *strrchr(built, '/') = '\0';
    support_format(path, sizeof path, "%s/libfigaro.so", built);
    size_t size;
    char *bytes = support_read_file(path, &size);
    support_format(path, sizeof path, "%s/%s.so", directory, name);
    support_write_file(path, bytes, size);
    free(bytes);
    struct copy copy = {.library = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    cr_assert(copy.library != NULL, "%s", dlerror());
    take(&copy, "fig_options_default", &copy.options_default);
    take(&copy, "fig_error_default", &copy.error_default);
    take(&copy, "fig_open", &copy.open);
    take(&copy, "fig_checkpoint", &copy.checkpoint);
    take(&copy, "fig_close", &copy.close);
    return copy;
}

static fig_status open_store(const struct copy *copy, const char *path, fig_engine **engine, fig_error *error)
{
    fig_options options = copy->options_default();
    options.create = true;
    *error = copy->error_default();
    return copy->open(path, &options, engine, error);
}

Test(house, a_second_copy_of_the_library_is_kept_out)
{
#ifdef FIG_CHECKERS
    cr_skip_test("a matter of the plain build");
#endif
    char directory[SUPPORT_PATH], path[SUPPORT_PATH + 8];
    support_make_directory(directory);
    support_format(path, sizeof path, "%s/store", directory);
    struct copy first = load_copy(directory, "first"), second = load_copy(directory, "second");
    cr_assert(first.open != second.open, "they are one copy");
    fig_engine *engine = NULL, *refused = NULL;
    fig_error error;
    cr_assert_eq(open_store(&first, path, &engine, &error), FIG_OK, "%s", error.message);
    cr_assert_eq(open_store(&second, path, &refused, &error), FIG_DENIED);
    cr_assert(refused == NULL && strstr(error.message, "another copy of the library") != NULL, "%s", error.message);
    cr_assert_eq(first.checkpoint(engine, NULL), FIG_OK);
    cr_assert_eq(first.close(engine), FIG_OK);
    cr_assert_eq(open_store(&second, path, &engine, &error), FIG_OK, "%s", error.message);
    cr_assert_eq(second.close(engine), FIG_OK);
    support_remove(directory);
}
