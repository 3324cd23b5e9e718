/* What tests share: directories, child processes, the data directory, seeds and random numbers.
 *
 * Tests run from the root of the repository, each in its own process. These helpers end the test with a message
 * when the machine fails them, so that a test reads as what it proves.
 *
 * Environment: FIGARO the command under test (build/figaro); FIGARO_DATA the data directory (../shared/data);
 * FIGARO_SEEDS how many random histories (1000); FIGARO_SEED the one to replay; CI=true forbids skipping. */
#ifndef FIG_TESTS_SUPPORT_H
#define FIG_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUPPORT_PATH 512

/* ---- files ---- */

/* A new, empty directory under TMPDIR or /tmp; support_remove() it at the end. It stays when the test fails. */
void support_make_directory(char path[SUPPORT_PATH]);
/* The same on a memory file system where there is one, for tests in which nothing is unplugged. */
void support_make_fast_directory(char path[SUPPORT_PATH]);
void support_remove(const char *path);
void support_copy(const char *from, const char *to); /* a file, or a directory with all in it */
/* A whole file with a NUL after it; free() it. */
char *support_read_file(const char *path, size_t *size);
void support_write_file(const char *path, const void *bytes, size_t size);
__attribute__((format(printf, 3, 4))) void support_format(char *text, size_t capacity, const char *format, ...);

/* ---- the data directory ---- */

/* The path of a file of the data directory. Without it the test counts as skipped, under CI=true as failed. */
void support_need_data(const char *name, char path[SUPPORT_PATH]);
/* Skips the test with this message, or fails it under CI=true. */
void support_lack(const char *what);

/* ---- child processes ---- */

/* How a child ended. Either exit_code >= 0 or signal > 0. out and err are NUL-terminated; support_free() them. */
struct support_child {
    int exit_code;
    int signal;
    char *out;
    char *err;
};

const char *support_figaro(void);
/* Runs a program (found by PATH) to its end, at most `seconds`. Arguments end with NULL. */
struct support_child support_run_for(unsigned seconds, const char *const arguments[]);
struct support_child support_run(const char *const arguments[]); /* at most 120 s */
/* Runs `figaro` with these arguments, the first of which is the subcommand. */
struct support_child support_run_figaro(const char *const arguments[]);
/* Starts a program and does not wait; its output is dropped. */
pid_t support_spawn(const char *const arguments[]);
void support_free(struct support_child *child);
/* The last line of a text, in place. */
const char *support_last_line(char *text);

#define SUPPORT_RUN(...)    support_run((const char *const[]){__VA_ARGS__, NULL})
#define SUPPORT_FIGARO(...) support_run_figaro((const char *const[]){__VA_ARGS__, NULL})

/* ---- random numbers and seeds ---- */

/* splitmix64: one word of state, equal on every machine. */
struct support_random {
    uint64_t state;
};

struct support_random support_random_from(uint64_t seed);
uint64_t support_next(struct support_random *random);
uint64_t support_below(struct support_random *random, uint64_t bound);             /* [0, bound) */
int64_t support_between(struct support_random *random, int64_t low, int64_t high); /* [low, high] */
bool support_chance(struct support_random *random, unsigned percent);

/* The seeds a test is to try: FIGARO_SEED alone, else share `part` of `parts` of FIGARO_SEEDS, counted from 1. */
struct support_seeds {
    uint64_t first;
    uint64_t end; /* first one that is not tried */
};
struct support_seeds support_seeds_of(unsigned part, unsigned parts);

/* A number from the environment, or what stands in for it. */
uint64_t support_setting(const char *name, uint64_t otherwise);

#endif
