/* Every input that a fuzzer has learnt from, and every one that once failed, as an ordinary test. The Makefile links
 * each tests/fuzz/fuzz_x.c in as fuzz_x() and gives their list as FUZZ_TARGETS(X); the corpus is tests/fuzz/corpus/x.
 */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int fuzz_target(const uint8_t *data, size_t size);

#define DECLARE(name) extern fuzz_target name;
FUZZ_TARGETS(DECLARE)

struct target {
    const char *name;
    fuzz_target *run;
};

#define ENTRY(name) {#name, name},
static const struct target targets[] = {FUZZ_TARGETS(ENTRY){NULL, NULL}};

/* ---- naming the input that crashed ---- */

static const char *running; /* the path of the input under way */

static void name_it(int number)
{
    if (running != NULL && write(STDERR_FILENO, running, strlen(running)) > 0)
        if (write(STDERR_FILENO, " crashed\n", 9) < 0) _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

static void name_what_crashes(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) signal(numbers[i], name_it);
}

TestSuite(corpus, .init = name_what_crashes);

/* ---- the tests ---- */

static size_t run_corpus(const struct target *target)
{
    char pattern[SUPPORT_PATH];
    glob_t found;
    support_format(pattern, sizeof pattern, "tests/fuzz/corpus/%s/*", target->name + strlen("fuzz_"));
    if (glob(pattern, 0, NULL, &found) != 0) return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t size;
        char *bytes = support_read_file(found.gl_pathv[i], &size);
        running = found.gl_pathv[i];
        target->run((const uint8_t *)bytes, size);
        free(bytes);
    }
    size_t count = found.gl_pathc;
    running = NULL;
    globfree(&found);
    return count;
}

/* Cut short, and with each bit of some bytes flipped: what a fuzzer would try first. */
static void run_variants(const struct target *target, const uint8_t *bytes, size_t size, uint8_t *copy)
{
    for (size_t cut = 0; cut < size && cut < 512; cut++) target->run(bytes, cut);
    for (size_t at = 0; at < size && at < 256; at++) {
        memcpy(copy, bytes, size);
        copy[at] ^= (uint8_t)(1u << at % 8);
        target->run(copy, size);
    }
}

static void vary_corpus(const struct target *target)
{
    char pattern[SUPPORT_PATH];
    glob_t found;
    support_format(pattern, sizeof pattern, "tests/fuzz/corpus/%s/*", target->name + strlen("fuzz_"));
    if (glob(pattern, 0, NULL, &found) != 0) return;
    for (size_t i = 0; i < found.gl_pathc && i < 32; i++) {
        size_t size;
        char *bytes = support_read_file(found.gl_pathv[i], &size);
        uint8_t *copy = malloc(size + 1);
        running = found.gl_pathv[i];
        cr_assert_not_null(copy);
        run_variants(target, (const uint8_t *)bytes, size, copy);
        free(copy);
        free(bytes);
    }
    running = NULL;
    globfree(&found);
}

Test(corpus, of_every_fuzzer_passes)
{
    for (const struct target *t = targets; t->name != NULL; t++)
        cr_expect_gt(run_corpus(t), 0, "%s has no corpus", t->name);
}

Test(corpus, varied_a_little_passes)
{
    for (const struct target *t = targets; t->name != NULL; t++) vary_corpus(t);
}

Test(corpus, an_empty_input_passes)
{
    for (const struct target *t = targets; t->name != NULL; t++) t->run((const uint8_t *)"", 0);
}
