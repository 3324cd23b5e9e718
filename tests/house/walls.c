/* The walls between the rooms, read from the sources. Budget: a tenth of a second.
 *
 * core: C headers, xxHash, core and the public header. runtime: threads, time, the store's port. Only storage/lmdb.c
 * knows LMDB. libical and jansson are for tools, SQLite and PostgreSQL for one file of them each. The bench holds
 * databases against the engine, and knows each in one file. Nobody includes upward. The core reads no clock, no
 * environment, no file. A line here that has to change is a decision about the house, not about this test. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const c_headers[] = {
    "assert.h",  "complex.h", "ctype.h",  "errno.h",  "fenv.h",     "float.h",       "inttypes.h",
    "iso646.h",  "limits.h",  "locale.h", "math.h",   "stdalign.h", "stdarg.h",      "stdatomic.h",
    "stdbool.h", "stddef.h",  "stdint.h", "stdio.h",  "stdlib.h",   "stdnoreturn.h", "string.h",
    "tgmath.h",  "uchar.h",   "wchar.h",  "wctype.h", NULL,
};

/* Of those, what would tie the core to its process. */
static const char *const core_shuns[] = {"locale.h", "fenv.h", NULL};

static bool is_one_of(const char *name, const char *const names[])
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static bool begins(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* ---- what each room may include ---- */

static bool core_may(const char *file, const char *header)
{
    (void)file;
    if (is_one_of(header, core_shuns)) return false;
    return is_one_of(header, c_headers) || strcmp(header, "xxhash.h") == 0 || begins(header, "engine/core/") ||
           strcmp(header, "engine/figaro.h") == 0;
}

static bool runtime_may(const char *file, const char *header)
{
    static const char *const posix[] = {"pthread.h",     "time.h",        "unistd.h",   "sched.h",  "sys/types.h",
                                        "sys/random.h",  "sys/mman.h",    "sys/wait.h", "signal.h", "sys/timerfd.h",
                                        "linux/futex.h", "sys/syscall.h", NULL};
    (void)file;
    return is_one_of(header, c_headers) || is_one_of(header, posix) || begins(header, "engine/") ||
           strcmp(header, "xxhash.h") == 0 || strcmp(header, "storage/store.h") == 0 ||
           strcmp(header, "storage/zoneinfo.h") == 0;
}

static bool storage_may(const char *file, const char *header)
{
    if (strcmp(header, "lmdb.h") == 0) return strcmp(file, "storage/lmdb.c") == 0;
    if (strcmp(header, "sqlite3.h") == 0) return false;
    if (begins(header, "engine/") || begins(header, "tools/") || begins(header, "tests/")) return false;
    return strcmp(header, "jansson.h") != 0 && !begins(header, "libical/");
}

static bool tools_may(const char *file, const char *header)
{
    if (begins(header, "engine/")) return strcmp(header, "engine/figaro.h") == 0;
    if (strcmp(header, "sqlite3.h") == 0) return strcmp(file, "tools/app_sqlite.c") == 0;
    if (strcmp(header, "libpq-fe.h") == 0) return strcmp(file, "tools/app_postgresql.c") == 0;
    if (begins(header, "libical/"))
        return strcmp(file, "tools/ics_recur.c") == 0 || strcmp(file, "tools/ics_values.c") == 0;
    return strcmp(header, "lmdb.h") != 0 && !begins(header, "tests/") && !begins(header, "bench/");
}

/* Databases, and who alone may know each. */
static bool is_its_contender(const char *file, const char *header)
{
    if (strcmp(header, "lmdb.h") == 0) return strcmp(file, "bench/bare_lmdb.c") == 0;
    if (strcmp(header, "sqlite3.h") == 0)
        return strcmp(file, "bench/sqlite_diary.c") == 0 || strcmp(file, "bench/contenders/sqlite.c") == 0;
    if (strcmp(header, "libpq-fe.h") == 0) return strcmp(file, "bench/contenders/postgresql.c") == 0;
    if (begins(header, "hiredis/")) return strcmp(file, "bench/contenders/redis.c") == 0;
    return true;
}

static bool bench_may(const char *file, const char *header)
{
    return is_its_contender(file, header) && !begins(header, "tests/");
}

/* What is drawn and what is told: neither knows who was measured, so that tests need no database. */
static bool pure_bench_may(const char *file, const char *header)
{
    (void)file;
    return is_one_of(header, c_headers) || strcmp(header, "jansson.h") == 0 ||
           strcmp(header, "bench/contender.h") == 0 || begins(header, "bench/load/") ||
           begins(header, "bench/report/") || strcmp(header, "sys/types.h") == 0 ||
           strcmp(header, "sys/utsname.h") == 0 || strcmp(header, "time.h") == 0 || strcmp(header, "unistd.h") == 0;
}

/* ---- reading the sources ---- */

/* Blanks out comments, strings and characters: what is left is code. Same length, same lines. */
static void blank_what_is_not_code(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if (at[0] == '/' && at[1] == '/') {
            for (; *at != '\0' && *at != '\n'; at++) *at = ' ';
        } else if (at[0] == '/' && at[1] == '*') {
            for (; *at != '\0' && !(at[0] == '*' && at[1] == '/'); at++)
                if (*at != '\n') *at = ' ';
            if (*at != '\0') at[0] = at[1] = ' ';
        } else if (*at == '"' || *at == '\'') {
            char quote = *at;
            for (at++; *at != '\0' && *at != quote && *at != '\n'; at++) {
                if (*at == '\\' && at[1] != '\0') *at++ = ' ';
                *at = ' ';
            }
        }
        if (*at == '\0') return;
    }
}

typedef void visit(const char *file, char *text);

/* Visits the files of a pattern; at least one must be there. */
static void for_each_file(const char *pattern, visit *visitor)
{
    glob_t found;
    cr_assert(glob(pattern, 0, NULL, &found) == 0, "no files match %s (run from the root of the repository)", pattern);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *text = support_read_file(found.gl_pathv[i], NULL);
        visitor(found.gl_pathv[i], text);
        free(text);
    }
    globfree(&found);
}

static bool (*may)(const char *file, const char *header);

static void check_includes(const char *file, char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char header[256];
        if (sscanf(line, " # include %*[<\"]%255[^>\"]", header) != 1) continue;
        cr_expect(may(file, header), "%s must not include %s", file, header);
    }
}

static void check_room(bool (*rule)(const char *, const char *), const char *sources, const char *headers)
{
    may = rule;
    for_each_file(sources, check_includes);
    for_each_file(headers, check_includes);
}

Test(house, core_includes_nothing_but_the_language) { check_room(core_may, "engine/core/*.c", "engine/core/*.h"); }

Test(house, runtime_adds_threads_time_and_the_port)
{
    check_room(runtime_may, "engine/runtime/*.c", "engine/runtime/*.h");
}

Test(house, storage_knows_nothing_of_appointments) { check_room(storage_may, "storage/*.c", "storage/*.h"); }

Test(house, tools_use_the_public_header_alone) { check_room(tools_may, "tools/*.c", "tools/*.h"); }

Test(house, the_bench_knows_each_database_in_a_file_of_its_own)
{
    check_room(bench_may, "bench/*.c", "bench/*.h");
    check_room(bench_may, "bench/*/*.c", "bench/*/*.h");
}

Test(house, load_and_report_of_the_bench_know_no_database)
{
    check_room(pure_bench_may, "bench/load/*.c", "bench/load/*.h");
    check_room(pure_bench_may, "bench/report/*.c", "bench/report/*.h");
}

/* ---- what the core must not call ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A call of that name: the whole word, an opening parenthesis after it. */
static bool calls(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
        if (at > text && (is_word(at[-1]) || at[-1] == '.' || at[-1] == '>')) continue;
        const char *after = at + length;
        while (*after == ' ') after++;
        if (*after == '(') return true;
    }
    return false;
}

static void check_calls(const char *file, char *text)
{
    static const char *const forbidden[] = {
        "time",    "clock",  "clock_gettime", "gettimeofday",  "localtime", "localtime_r", "gmtime", "mktime",
        "tzset",   "getenv", "setenv",        "secure_getenv", "fopen",     "open",        "openat", "read",
        "write",   "printf", "rand",          "random",        "getrandom", "srand",       "malloc", "calloc",
        "realloc", "free",   "abort",         "exit",          "system",    "setlocale",   "getpid", NULL};
    blank_what_is_not_code(text);
    for (size_t i = 0; forbidden[i] != NULL; i++)
        cr_expect(!calls(text, forbidden[i]), "%s calls %s(): the core is given what it needs", file, forbidden[i]);
}

Test(house, core_reads_no_clock_no_environment_no_file)
{
    for_each_file("engine/core/*.c", check_calls);
    for_each_file("engine/core/*.h", check_calls);
}

/* A clock that people set may jump. Deadlines, rests and turns go by the one that does not; the other is read once, for
 * the instant noted with a new store whose maker gave none. */
static void check_clocks(const char *file, char *text)
{
    static const char *const jumping[] = {
        "CLOCK_REALTIME", "CLOCK_TAI", "pthread_mutex_timedlock", "sem_timedwait", "gettimeofday", "sleep",
        "localtime",      NULL};
    blank_what_is_not_code(text);
    for (size_t i = 0; jumping[i] != NULL; i++) {
        const char *found = strstr(text, jumping[i]);
        bool whole = found != NULL && !is_word(found[-1]) && !is_word(found[strlen(jumping[i])]);
        cr_expect(!whole, "%s uses %s: a clock that jumps", file, jumping[i]);
    }
    cr_expect(!calls(text, "time") || strcmp(file, "engine/runtime/open.c") == 0, "%s calls time()", file);
}

Test(house, deadlines_go_by_a_clock_that_does_not_jump)
{
    for_each_file("engine/*/*.[ch]", check_clocks);
    for_each_file("storage/*.[ch]", check_clocks);
}

Test(house, the_scanner_itself_can_see)
{
    char caught[] = "int f(void) { return time (0); } /* getenv(x) */ \"fopen(\"";
    blank_what_is_not_code(caught);
    cr_assert(calls(caught, "time"));
    cr_assert_not(calls(caught, "getenv"));
    cr_assert_not(calls(caught, "fopen"));
    cr_assert_not(calls("uptime(0); a.time(0); sometime", "time"));
}
