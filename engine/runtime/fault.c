#include "engine/runtime/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t deadline_in(int64_t timeout_ns)
{
    int64_t now_ns = monotonic_ns();
    return timeout_ns < INT64_MAX - now_ns ? now_ns + timeout_ns : INT64_MAX;
}

fig_status status_of_frame(const char *fault) { return frame_is_newer(fault) ? FIG_NEWER : FIG_CORRUPT; }

fig_status status_of_store(enum store_status status)
{
    switch (status) {
    case STORE_OK: return FIG_OK;
    case STORE_BEHIND:
    case STORE_TIMEOUT: return FIG_BUSY;
    case STORE_UNKNOWN: return FIG_UNKNOWN;
    case STORE_NOT_FOUND: return FIG_NOT_FOUND;
    case STORE_FULL: return FIG_FULL;
    case STORE_IO: return FIG_IO;
    case STORE_CORRUPT: return FIG_CORRUPT;
    case STORE_NEWER: return FIG_NEWER;
    case STORE_NOT_STORE: return FIG_NOT_STORE;
    case STORE_DENIED: return FIG_DENIED;
    case STORE_NO_MEMORY: return FIG_NO_MEMORY;
    case STORE_UNAVAILABLE: return FIG_UNAVAILABLE;
    case STORE_FORKED: return FIG_FORKED;
    case STORE_INVALID: return FIG_INVALID;
    case STORE_STOPPED: return FIG_CORRUPT;
    }
    return FIG_UNAVAILABLE;
}

fig_status fail(fig_error *error, fig_status status, const char *format, ...)
{
    if (error == NULL) return status;
    va_list arguments;
    va_start(arguments, format);
    error->status = status;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

fig_status fail_store(fig_error *error, enum store_status status, const struct store_error *said)
{
    const char *words = said->message[0] != '\0' ? said->message : store_status_text(status);
    return fail(error, status_of_store(status), "%s", words);
}

void log_line(struct fig_engine *engine, int level, const char *format, ...)
{
    if (engine->options.log == NULL) return;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    engine->options.log(engine->options.log_context, level, line);
}

void add_line(char *text, size_t capacity, const char *format, va_list arguments)
{
    size_t used = strlen(text);
    if (used + 2 >= capacity) return;
    vsnprintf(text + used, capacity - used - 1, format, arguments);
    strcat(text, "\n");
}
