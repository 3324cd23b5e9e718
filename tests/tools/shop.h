/* A store that end-to-end tests run the command on. */
#ifndef FIG_TESTS_SHOP_H
#define FIG_TESTS_SHOP_H

#include "tests/support.h"

#define SHOP_NOW "2026-03-01T08:00:00Z"

struct shop {
    char root[SUPPORT_PATH];  /* a directory to put files into */
    char store[SUPPORT_PATH]; /* the store in it */
};

/* With the barbers Figaro (id 7) and Susanna, always open. */
struct shop shop_open(void);
/* The directory alone. */
struct shop shop_empty(void);
void shop_close(const struct shop *shop);

/* The path of something in the shop's directory; it lasts for four calls. */
const char *shop_path(const struct shop *shop, const char *name);

/* Writes a file of the shop and returns its path, which lasts until the next call. */
const char *shop_file(const struct shop *shop, const char *name, const char *text);

/* Runs `figaro` and holds its exit code and what it prints against what is expected: each of `out` and `err`
 * must occur; NULL: nothing at all may be printed there. */
void shop_expect(int exit_code, const char *out, const char *err, const char *const arguments[]);

#define EXPECT_FIGARO(exit_code, out, err, ...)                                                                        \
    shop_expect(exit_code, out, err, (const char *const[]){__VA_ARGS__, NULL})

#endif
