#include "tests/support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- sanitizers ---- */

/* Criterion keeps some bytes of its own to the end; they are no leak of ours. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libcriterion"; }

/* ---- files ---- */

void support_format(char *text, size_t capacity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, capacity, format, arguments);
    va_end(arguments);
    cr_assert(length >= 0 && (size_t)length < capacity, "text does not fit: %s", text);
}

static void make_directory_under(const char *parent, char path[SUPPORT_PATH])
{
    support_format(path, SUPPORT_PATH, "%s/figaro-test-XXXXXX", parent);
    cr_assert(mkdtemp(path) != NULL, "cannot make %s: %s", path, strerror(errno));
}

void support_make_directory(char path[SUPPORT_PATH])
{
    const char *parent = getenv("TMPDIR");
    make_directory_under(parent != NULL && *parent != '\0' ? parent : "/tmp", path);
}

void support_make_fast_directory(char path[SUPPORT_PATH])
{
    if (access("/dev/shm", W_OK) == 0)
        make_directory_under("/dev/shm", path);
    else
        support_make_directory(path);
}

static void run_quietly(const char *const arguments[])
{
    struct support_child child = support_run(arguments);
    cr_assert(child.exit_code == 0, "%s %s: %s", arguments[0], arguments[1], child.err);
    support_free(&child);
}

void support_remove(const char *path) { run_quietly((const char *const[]){"rm", "-rf", "--", path, NULL}); }

void support_copy(const char *from, const char *to)
{
    run_quietly((const char *const[]){"cp", "-a", "--", from, to, NULL});
}

char *support_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "cannot open %s: %s", path, strerror(errno));
    size_t used = 0, capacity = 65536;
    char *bytes = malloc(capacity);
    for (;;) {
        cr_assert(bytes != NULL, "no memory for %s", path);
        size_t got = fread(bytes + used, 1, capacity - used - 1, file);
        if (got == 0) break;
        used += got;
        if (capacity - used < 4096) bytes = realloc(bytes, capacity *= 2);
    }
    fclose(file);
    bytes[used] = '\0';
    if (size != NULL) *size = used;
    return bytes;
}

void support_write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file != NULL, "cannot write %s: %s", path, strerror(errno));
    cr_assert(fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "cannot write %s", path);
}

/* ---- the data directory ---- */

static bool in_ci(void)
{
    const char *ci = getenv("CI");
    return ci != NULL && strcmp(ci, "true") == 0;
}

void support_lack(const char *what)
{
    cr_assert(!in_ci(), "CI must not skip: %s", what);
    cr_skip_test("%s", what);
}

void support_need_data(const char *name, char path[SUPPORT_PATH])
{
    const char *directory = getenv("FIGARO_DATA");
    support_format(path, SUPPORT_PATH, "%s/%s", directory != NULL ? directory : "../shared/data", name);
    if (access(path, R_OK) == 0) return;
    char message[SUPPORT_PATH + 64];
    support_format(message, sizeof message, "needs %s (set FIGARO_DATA to the data directory)", path);
    support_lack(message);
}

/* ---- child processes ---- */

const char *support_figaro(void)
{
    const char *figaro = getenv("FIGARO");
    return figaro != NULL ? figaro : "build/figaro";
}

static int make_sink(const char *name)
{
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    cr_assert(descriptor >= 0, "memfd_create: %s", strerror(errno));
    return descriptor;
}

static pid_t start(const char *const arguments[], int out, int err)
{
    pid_t pid = fork();
    cr_assert(pid >= 0, "fork: %s", strerror(errno));
    if (pid != 0) return pid;
    int in = open("/dev/null", O_RDONLY);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    dprintf(2, "cannot run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Polls, since a test must not hang with the child it waits for. */
static int wait_for(pid_t pid, unsigned seconds, const char *name)
{
    int64_t deadline = monotonic_ms() + (int64_t)seconds * 1000;
    struct timespec pause = {.tv_nsec = 200000};
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (monotonic_ms() > deadline) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            cr_assert_fail("%s did not end within %u s", name, seconds);
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000) pause.tv_nsec *= 2;
    }
    return status;
}

static char *read_sink(int descriptor)
{
    off_t size = lseek(descriptor, 0, SEEK_END);
    char *text = malloc((size_t)size + 1);
    cr_assert(text != NULL && pread(descriptor, text, (size_t)size, 0) == size, "cannot read a child's output");
    text[size] = '\0';
    close(descriptor);
    return text;
}

struct support_child support_run_for(unsigned seconds, const char *const arguments[])
{
    int out = make_sink("out"), err = make_sink("err");
    int status = wait_for(start(arguments, out, err), seconds, arguments[0]);
    return (struct support_child){
        .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .out = read_sink(out),
        .err = read_sink(err),
    };
}

struct support_child support_run(const char *const arguments[]) { return support_run_for(120, arguments); }

struct support_child support_run_figaro(const char *const arguments[])
{
    const char *all[64] = {support_figaro()};
    size_t count = 1;
    for (size_t i = 0; arguments[i] != NULL; i++) {
        cr_assert(count < 63, "too many arguments");
        all[count++] = arguments[i];
    }
    return support_run(all);
}

pid_t support_spawn(const char *const arguments[])
{
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t pid = start(arguments, nothing, nothing);
    close(nothing);
    return pid;
}

void support_free(struct support_child *child)
{
    free(child->out);
    free(child->err);
    child->out = child->err = NULL;
}

const char *support_last_line(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n') text[--length] = '\0';
    const char *newline = strrchr(text, '\n');
    return newline != NULL ? newline + 1 : text;
}

/* ---- random numbers and seeds ---- */

struct support_random support_random_from(uint64_t seed) { return (struct support_random){.state = seed}; }

uint64_t support_next(struct support_random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t support_below(struct support_random *random, uint64_t bound) { return support_next(random) % bound; }

int64_t support_between(struct support_random *random, int64_t low, int64_t high)
{
    return low + (int64_t)support_below(random, (uint64_t)(high - low) + 1);
}

bool support_chance(struct support_random *random, unsigned percent) { return support_below(random, 100) < percent; }

uint64_t support_setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') return otherwise;
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    cr_assert(*end == '\0', "%s is not a number: %s", name, text);
    return value;
}

struct support_seeds support_seeds_of(unsigned part, unsigned parts)
{
    uint64_t only = support_setting("FIGARO_SEED", 0);
    if (only != 0) return (struct support_seeds){.first = only, .end = part == 0 ? only + 1 : only};
    uint64_t seeds = support_setting("FIGARO_SEEDS", 1000);
    return (struct support_seeds){.first = 1 + seeds * part / parts, .end = 1 + seeds * (part + 1) / parts};
}
