#include "tools/replay_journal.h"

#include "tools/checking.h"
#include "tools/output.h"
#include "tools/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEP_FRAMES = 256 }; /* so that the line of progress moves on */

struct playing {
    const journal_order *order;
    session *into, *from;
    progress shown;
    uint64_t frames, entries, events, version;
    int64_t first_now_s, begun_ns; /* of the first frame that is paced, and when it was played */
};

bool replay_speed(const char *text, double *speed, reason *why)
{
    char *end;
    *speed = strcmp(text, "real") == 0 ? 1 : 0;
    if (strcmp(text, "real") == 0 || strcmp(text, "max") == 0) return true;
    *speed = strtod(text, &end);
    if (end != text && *end == '\0' && *speed > 0 && *speed < 1e12) return true;
    return reason_set(why, "must be real, max or how many times as fast, as in 60");
}

/* ---- pacing ---- */

/* Waits until the frame at this now is due, counted from the first one that is paced. */
static void wait_for(struct playing *playing, int64_t now_s)
{
    double due_ns = (double)(now_s - playing->first_now_s) * 1e9 / playing->order->speed;
    for (;;) {
        double left_ns = due_ns - (double)(progress_clock_ns() - playing->begun_ns);
        if (left_ns <= 0) return;
        struct timespec pause = {.tv_nsec = left_ns < 1e8 ? (long)left_ns : 100000000};
        nanosleep(&pause, NULL);
        progress_show(&playing->shown, playing->entries, -1);
    }
}

/* ---- playing ---- */

static int fault(const struct playing *playing, fig_status status, const fig_error *error)
{
    progress_end((progress *)(uintptr_t)&playing->shown);
    complain(0, "%" PRIu64 " frames were replayed, up to version %" PRIu64, playing->frames, playing->version);
    if (status == FIG_INVALID) return complain(EXIT_REFUSED, "%s: %s", playing->order->directory, error->message);
    return session_complain(playing->order->directory, status, error);
}

static int step(struct playing *playing, uint64_t to_version, uint64_t frames, fig_replayed *done)
{
    fig_replay_options options = fig_replay_options_default();
    fig_error error = fig_error_default();
    options.to_version = to_version;
    options.frames = frames;
    *done = fig_replayed_default();
    fig_status status = fig_replay(playing->into->engine, playing->from->engine, &options, done, &error);
    playing->frames += done->frames;
    playing->entries += done->entries;
    playing->events += done->events;
    playing->version = done->version;
    progress_show(&playing->shown, playing->entries, -1);
    return status == FIG_OK ? EXIT_DONE : fault(playing, status, &error);
}

static int play_all(struct playing *playing, uint64_t to_version)
{
    fig_replayed done = {.more = true};
    int code = EXIT_DONE;
    while (code == EXIT_DONE && done.more) code = step(playing, to_version, STEP_FRAMES, &done);
    return code;
}

/* One frame at a time, each when it is due; the first one at once. */
static int play_paced(struct playing *playing, uint64_t to_version)
{
    fig_replayed done;
    bool begun = false;
    for (;;) {
        int code = step(playing, to_version, 1, &done);
        if (code != EXIT_DONE || !done.more) return code;
        if (!begun) {
            begun = true;
            playing->first_now_s = done.last_now_s;
            playing->begun_ns = progress_clock_ns();
        }
        wait_for(playing, done.next_now_s);
    }
}

static int play(struct playing *playing)
{
    const journal_order *order = playing->order;
    int code = EXIT_DONE;
    if (order->from > 1) code = play_all(playing, order->from - 1 < order->to ? order->from - 1 : order->to);
    if (code != EXIT_DONE) return code;
    return order->speed > 0 ? play_paced(playing, order->to) : play_all(playing, order->to);
}

/* ---- the command ---- */

static void print_summary(const struct playing *playing, double seconds)
{
    if (!playing->into->json) {
        printf("%" PRIu64 " frames in %.2f s: %" PRIu64 " entries, %" PRIu64
               " events, each frame's digest as recorded\n",
               playing->frames, seconds, playing->entries, playing->events);
        printf("version  %" PRIu64 "\n", playing->version);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "frames", output_id(playing->frames));
    json_object_set_new(object, "entries", output_id(playing->entries));
    json_object_set_new(object, "events", output_id(playing->events));
    json_object_set_new(object, "version", output_id(playing->version));
    json_object_set_new(object, "seconds", json_real(seconds));
    output_object(object);
}

static int run(const journal_order *order, session *into, session *from)
{
    struct playing playing = {.order = order, .into = into, .from = from};
    int64_t begun_ns = progress_clock_ns();
    playing.shown = progress_begin("entries");
    int code = play(&playing);
    progress_end(&playing.shown);
    if (code == EXIT_DONE) print_summary(&playing, (double)(progress_clock_ns() - begun_ns) / 1e9);
    return code;
}

static int verify(const session *at, const char *directory)
{
    static checking finding;
    int code = checking_run(at, directory, &finding);
    if (code == EXIT_DONE) code = checking_complain(directory, &finding);
    if (code == EXIT_DONE && !at->json) puts("sound");
    return code;
}

int replay_journal(session *at, const journal_order *order)
{
    session from = *at;
    fig_options store = session_options(at);
    store.create = true;
    store.bare = true;
    int code = session_open_to_read(&from, order->source);
    if (code != EXIT_DONE) return code;
    code = session_open(at, order->directory, &store);
    if (code == EXIT_DONE) code = session_close(at, run(order, at, &from));
    code = session_close(&from, code);
    return code == EXIT_DONE && order->verify ? verify(at, order->directory) : code;
}
