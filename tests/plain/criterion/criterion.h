/* Stands in for Criterion where it cannot run: its sandbox asks for memory at addresses that the thread sanitizer keeps
 * for itself. The few of its words that our tests use, each test in a forked child. See ../main.c. */
#ifndef FIG_TESTS_PLAIN_CRITERION_H
#define FIG_TESTS_PLAIN_CRITERION_H

#pragma GCC system_header /* as Criterion's own: macros with no variable argument are no offence */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain_options {
    int unused_;
    void (*init)(void);
    void (*fini)(void);
    double timeout; /* seconds, 0: the runner's */
};

struct plain_test {
    const char *suite;
    const char *name; /* NULL: the options of a suite */
    void (*run)(void);
    struct plain_options options;
    struct plain_test *next;
};

void plain_register(struct plain_test *test);
__attribute__((format(printf, 5, 6))) void plain_fail(bool fatal, const char *file, int line, const char *what,
                                                      const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void plain_skip(const char *format, ...);

#define PLAIN_REGISTER(id, suite_, name_, run_, ...)                                                                   \
    static struct plain_test id##_test = {suite_, name_, run_, {.unused_ = 0, ##__VA_ARGS__}, NULL};                   \
    __attribute__((constructor)) static void id##_register(void) { plain_register(&id##_test); }                       \
    extern int plain_takes_a_semicolon

#define Test(suite, name, ...)                                                                                         \
    static void suite##_##name##_impl(void);                                                                           \
    PLAIN_REGISTER(suite##_##name, #suite, #name, suite##_##name##_impl, ##__VA_ARGS__);                               \
    static void suite##_##name##_impl(void)

#define TestSuite(suite, ...) PLAIN_REGISTER(suite##_suite, #suite, NULL, NULL, ##__VA_ARGS__)

#define PLAIN_CHECK(fatal, condition, ...)                                                                             \
    do {                                                                                                               \
        if (!(condition)) plain_fail(fatal, __FILE__, __LINE__, #condition, "" __VA_ARGS__);                           \
    } while (0)

#define cr_assert(condition, ...)      PLAIN_CHECK(true, condition, ##__VA_ARGS__)
#define cr_assert_not(condition, ...)  PLAIN_CHECK(true, !(condition), ##__VA_ARGS__)
#define cr_assert_eq(a, b, ...)        PLAIN_CHECK(true, (a) == (b), ##__VA_ARGS__)
#define cr_assert_neq(a, b, ...)       PLAIN_CHECK(true, (a) != (b), ##__VA_ARGS__)
#define cr_assert_lt(a, b, ...)        PLAIN_CHECK(true, (a) < (b), ##__VA_ARGS__)
#define cr_assert_leq(a, b, ...)       PLAIN_CHECK(true, (a) <= (b), ##__VA_ARGS__)
#define cr_assert_gt(a, b, ...)        PLAIN_CHECK(true, (a) > (b), ##__VA_ARGS__)
#define cr_assert_geq(a, b, ...)       PLAIN_CHECK(true, (a) >= (b), ##__VA_ARGS__)
#define cr_assert_null(a, ...)         PLAIN_CHECK(true, (a) == NULL, ##__VA_ARGS__)
#define cr_assert_not_null(a, ...)     PLAIN_CHECK(true, (a) != NULL, ##__VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)    PLAIN_CHECK(true, strcmp(a, b) == 0, ##__VA_ARGS__)
#define cr_assert_str_empty(a, ...)    PLAIN_CHECK(true, (a)[0] == '\0', ##__VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...) PLAIN_CHECK(true, memcmp(a, b, n) == 0, ##__VA_ARGS__)
#define cr_expect(condition, ...)      PLAIN_CHECK(false, condition, ##__VA_ARGS__)
#define cr_expect_not(condition, ...)  PLAIN_CHECK(false, !(condition), ##__VA_ARGS__)
#define cr_expect_eq(a, b, ...)        PLAIN_CHECK(false, (a) == (b), ##__VA_ARGS__)
#define cr_expect_neq(a, b, ...)       PLAIN_CHECK(false, (a) != (b), ##__VA_ARGS__)
#define cr_expect_lt(a, b, ...)        PLAIN_CHECK(false, (a) < (b), ##__VA_ARGS__)
#define cr_expect_leq(a, b, ...)       PLAIN_CHECK(false, (a) <= (b), ##__VA_ARGS__)
#define cr_expect_gt(a, b, ...)        PLAIN_CHECK(false, (a) > (b), ##__VA_ARGS__)
#define cr_expect_geq(a, b, ...)       PLAIN_CHECK(false, (a) >= (b), ##__VA_ARGS__)
#define cr_expect_null(a, ...)         PLAIN_CHECK(false, (a) == NULL, ##__VA_ARGS__)
#define cr_expect_not_null(a, ...)     PLAIN_CHECK(false, (a) != NULL, ##__VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)    PLAIN_CHECK(false, strcmp(a, b) == 0, ##__VA_ARGS__)
#define cr_expect_str_empty(a, ...)    PLAIN_CHECK(false, (a)[0] == '\0', ##__VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...) PLAIN_CHECK(false, memcmp(a, b, n) == 0, ##__VA_ARGS__)
#define cr_assert_fail(...)            plain_fail(true, __FILE__, __LINE__, "reached", "" __VA_ARGS__)
#define cr_expect_fail(...)            plain_fail(false, __FILE__, __LINE__, "reached", "" __VA_ARGS__)
#define cr_skip_test(...)              plain_skip("" __VA_ARGS__)
#define cr_log_info(...)               ((void)(0 && printf("" __VA_ARGS__)))

#endif
