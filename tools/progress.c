#include "tools/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

int64_t progress_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

progress progress_begin(const char *what)
{
    int64_t now_ns = progress_clock_ns();
    return (progress){.what = what, .begun_ns = now_ns, .drawn_ns = now_ns, .visible = isatty(STDERR_FILENO) == 1};
}

void progress_show(progress *line, uint64_t done, double share)
{
    if (!line->visible) return;
    int64_t now_ns = progress_clock_ns();
    if (now_ns - line->drawn_ns < 100000000) return;
    line->drawn_ns = now_ns;
    double seconds = (double)(now_ns - line->begun_ns) / 1e9;
    fputs("\r\033[K", stderr);
    if (done > 0) fprintf(stderr, "%llu ", (unsigned long long)done);
    fprintf(stderr, "%s, %.0f s", line->what, seconds);
    if (share > 0.005) fprintf(stderr, ", %.0f %%, %.0f s left", share * 100, seconds / share - seconds);
    fflush(stderr);
}

void progress_end(progress *line)
{
    if (!line->visible) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
