#include "tools/crash.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const char *volatile watched;
static const int signals[] = {SIGBUS, SIGSEGV, SIGABRT};

/* Async-signal-safe: write(2) and nothing else. */
static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* there is nobody left to tell */
}

static void on_signal(int number)
{
    const char *directory = watched;
    say("\nfigaro: ");
    say(number == SIGBUS    ? "the store's file could not be read under the map (SIGBUS)"
        : number == SIGSEGV ? "memory was used that is not there (SIGSEGV)"
                            : "an internal check failed (SIGABRT)");
    if (directory != NULL) {
        say("; the store seems damaged: run `figaro verify ");
        say(directory);
        say("`");
    }
    say("\n");
    _exit(3);
}

static void set_handlers(void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

void crash_install(void)
{
    if (!SANITIZED) set_handlers(on_signal);
}

void crash_uninstall(void)
{
    if (!SANITIZED) set_handlers(SIG_DFL);
}

void crash_watch(const char *directory) { watched = directory; }
