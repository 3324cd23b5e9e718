/* Rows are gathered into commits and played in order through fig_write(), which decides each against what the
 * rows before it have left, those of its own commit too. A commit that meets a fault ends the replay: what
 * follows it would be judged on a state that is not the file's. */
#include "tools/replay_workload.h"

#include "tools/digest.h"
#include "tools/latency.h"
#include "tools/names.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replay {
    const workload_order *order;
    const session *at;
    csv *file;
    int acks;   /* -1: none */
    bool keeps; /* the store outlasts this: it can be gone on with */
    names barbers;
    progress line;
    latency latency;

    /* the commit that is being gathered; row and request go together where is_row says so */
    workload_row *rows;
    fig_barber *declared;
    fig_request *requests;
    fig_outcome *outcomes;
    bool *is_row;
    size_t row_count, request_count;

    uint64_t read; /* rows, those that were skipped too */
    uint64_t played, accepted, refused, failed;
};

static bool make_room(struct replay *replay)
{
    replay->rows = calloc(replay->order->batch, sizeof *replay->rows);
    replay->declared = calloc(FIG_BATCH_MAX, sizeof *replay->declared);
    replay->requests = calloc(FIG_BATCH_MAX, sizeof *replay->requests);
    replay->outcomes = calloc(FIG_BATCH_MAX, sizeof *replay->outcomes);
    replay->is_row = calloc(FIG_BATCH_MAX, sizeof *replay->is_row);
    return replay->rows != NULL && replay->declared != NULL && replay->requests != NULL && replay->outcomes != NULL &&
           replay->is_row != NULL;
}

static void drop_room(struct replay *replay)
{
    names_free(&replay->barbers);
    latency_free(&replay->latency);
    free(replay->rows);
    free(replay->declared);
    free(replay->requests);
    free(replay->outcomes);
    free(replay->is_row);
}

static void add_request(struct replay *replay, const fig_request *request, bool is_row)
{
    replay->requests[replay->request_count] = *request;
    replay->outcomes[replay->request_count] = fig_outcome_default();
    replay->is_row[replay->request_count++] = is_row;
}

/* Declares the row's barber in front of the row when nobody has heard of them. */
static bool add_barber(struct replay *replay, const workload_row *row)
{
    if (row->barber[0] == '\0' || names_has(&replay->barbers, row->barber)) return true;
    fig_view view = fig_view_default();
    fig_barber *barber = &replay->declared[replay->request_count];
    view.now_s = row->at_s;
    *barber = fig_barber_default();
    if (fig_find_barber(replay->at->engine, &view, row->barber, barber) != FIG_OK) {
        *barber = fig_barber_default();
        barber->fields = FIG_BARBER_NAME;
        barber->id = 0;
        memcpy(barber->name, row->barber, sizeof barber->name);
        fig_request request = fig_declare_barber_default();
        request.now_s = row->at_s;
        request.barber = barber;
        add_request(replay, &request, false);
    }
    return names_add(&replay->barbers, row->barber);
}

static bool add_row(struct replay *replay, const workload_row *row)
{
    workload_row *kept = &replay->rows[replay->row_count++];
    *kept = *row;
    if (!add_barber(replay, kept)) return false;
    if (!workload_has_span(kept)) { /* refused here: to a move, the empty span at 1970-01-01 means "as it is" */
        replay->refused++;
        return true;
    }
    fig_request request = workload_request(kept);
    add_request(replay, &request, true);
    return true;
}

static void count_outcomes(struct replay *replay)
{
    for (size_t i = 0; i < replay->request_count; i++) {
        fig_status status = replay->outcomes[i].status;
        if (!replay->is_row[i]) continue;
        if (status == FIG_OK)
            replay->accepted++;
        else if (status < FIG_BUSY)
            replay->refused++;
        else
            replay->failed++;
    }
}

/* A fault that hit one request, a declaration too, or FIG_OK. */
static fig_status first_fault(const struct replay *replay)
{
    for (size_t i = 0; i < replay->request_count; i++) {
        fig_status status = replay->outcomes[i].status;
        if (status >= FIG_BUSY || (status != FIG_OK && !replay->is_row[i])) return status;
    }
    return FIG_OK;
}

/* Unbuffered, and only after the commit is durable: whoever reads it after a crash may rely on the number. */
static int acknowledge(const struct replay *replay)
{
    char text[24];
    if (replay->acks < 0) return EXIT_DONE;
    int length = snprintf(text, sizeof text, "%" PRIu64 "\n", replay->read);
    for (int sent = 0; sent < length;) {
        ssize_t written = write(replay->acks, text + sent, (size_t)(length - sent));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return complain(EXIT_FAULT, "%s: %s", replay->order->acks, strerror(errno));
        sent += (int)written;
    }
    return EXIT_DONE;
}

static int commit(struct replay *replay)
{
    if (replay->row_count == 0) return EXIT_DONE;
    fig_status status = FIG_OK;
    int64_t begun_ns = progress_clock_ns();
    if (replay->request_count > 0)
        status = fig_write(replay->at->engine, replay->requests, replay->request_count, replay->outcomes);
    uint64_t taken_ns = (uint64_t)(progress_clock_ns() - begun_ns);
    for (size_t i = 0; status != FIG_OK && i < replay->request_count; i++) /* refusals stay, the rest is not done */
        if (replay->outcomes[i].status == FIG_OK) replay->outcomes[i].status = status;
    count_outcomes(replay);
    if (status == FIG_OK) status = first_fault(replay);
    bool noted = latency_add(&replay->latency, taken_ns, replay->row_count);
    uint64_t safe = replay->read - replay->row_count;
    replay->played += replay->row_count;
    replay->row_count = replay->request_count = 0;
    if (!noted) return complain(EXIT_FAULT, "out of memory");
    if (status == FIG_OK) return acknowledge(replay);
    progress_end(&replay->line);
    complain(0, "%s: %s", replay->order->directory, fig_status_text(status));
    if (replay->keeps) complain(0, "the first %" PRIu64 " rows are safe; go on with --skip %" PRIu64, safe, safe);
    return EXIT_FAULT;
}

/* A commit is due when it has its rows, or when the next row and its barber would not fit. */
static bool is_due(const struct replay *replay)
{
    return replay->row_count == replay->order->batch || replay->request_count + 2 > FIG_BATCH_MAX;
}

static int end_at_bad_row(struct replay *replay, const reason *why)
{
    int code = commit(replay);
    progress_end(&replay->line);
    complain(0, "%s", why->text);
    if (replay->keeps)
        complain(0, "the %" PRIu64 " rows before it stay played: %" PRIu64 " accepted, %" PRIu64 " refused",
                 replay->played, replay->accepted, replay->refused);
    return code == EXIT_DONE ? EXIT_USAGE : code;
}

static int play(struct replay *replay)
{
    workload_row row;
    reason why;
    csv_result result;
    int code = EXIT_DONE;
    while ((result = workload_next(replay->file, &row, &why)) == CSV_RECORD) {
        progress_show(&replay->line, ++replay->read, csv_share_read(replay->file));
        if (replay->read <= replay->order->skip) continue;
        if (!add_row(replay, &row)) return complain(EXIT_FAULT, "out of memory");
        if (is_due(replay)) code = commit(replay);
        if (code != EXIT_DONE) return code;
    }
    return result == CSV_BAD ? end_at_bad_row(replay, &why) : commit(replay);
}

static void print_object(const struct replay *replay, const live_digest *live, uint64_t version, double seconds)
{
    json_t *object = json_object(), *spread = json_object();
    const latency *all = &replay->latency;
    json_object_set_new(spread, "p50", output_id(latency_at(all, 0.5)));
    json_object_set_new(spread, "p90", output_id(latency_at(all, 0.9)));
    json_object_set_new(spread, "p99", output_id(latency_at(all, 0.99)));
    json_object_set_new(spread, "max", output_id(latency_at(all, 1)));
    json_object_set_new(object, "requests", output_id(replay->played));
    json_object_set_new(object, "accepted", output_id(replay->accepted));
    json_object_set_new(object, "refused", output_id(replay->refused));
    json_object_set_new(object, "failed", output_id(replay->failed));
    json_object_set_new(object, "live", output_id(live->live));
    json_object_set_new(object, "sha256", json_string(live->sha256));
    json_object_set_new(object, "version", output_id(version));
    json_object_set_new(object, "seconds", json_real(seconds));
    json_object_set_new(object, "latency_ns", spread);
    output_object(object);
}

static void print_words(const struct replay *replay, const live_digest *live, uint64_t version, double seconds)
{
    const latency *all = &replay->latency;
    printf("%" PRIu64 " requests in %.2f s: %" PRIu64 " accepted, %" PRIu64 " refused, %" PRIu64 " failed\n",
           replay->played, seconds, replay->accepted, replay->refused, replay->failed);
    printf("latency  p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max %.3f ms\n", (double)latency_at(all, 0.5) / 1e6,
           (double)latency_at(all, 0.9) / 1e6, (double)latency_at(all, 0.99) / 1e6, (double)latency_at(all, 1) / 1e6);
    printf("version  %" PRIu64 "\nlive     %" PRIu64 "\nsha256   %s\n", version, live->live, live->sha256);
}

static int print_summary(struct replay *replay, double seconds)
{
    fig_stats stats = fig_stats_default();
    live_digest live = {0};
    fig_status status = fig_get_stats(replay->at->engine, &stats);
    if (status == FIG_OK) status = live_digest_of(replay->at->engine, NULL, &live);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    latency_sort(&replay->latency);
    if (replay->at->json)
        print_object(replay, &live, stats.version, seconds);
    else
        print_words(replay, &live, stats.version, seconds);
    return EXIT_DONE;
}

/* ---- the whole of it ---- */

static int run(const session *at, const workload_order *order, csv *file, int acks, bool prints)
{
    struct replay replay = {.order = order, .at = at, .file = file, .acks = acks, .keeps = prints};
    replay.line = progress_begin("requests");
    int64_t begun_ns = progress_clock_ns();
    int code = make_room(&replay) ? play(&replay) : complain(EXIT_FAULT, "out of memory");
    double seconds = (double)(progress_clock_ns() - begun_ns) / 1e9;
    progress_end(&replay.line);
    if (prints && code != EXIT_USAGE) { /* also after a fault: the counts say how far it came */
        int printed = print_summary(&replay, seconds);
        if (code == EXIT_DONE) code = printed;
    }
    drop_room(&replay);
    return code;
}

static int open_acks(const char *path, int *file)
{
    *file = -1;
    if (path == NULL) return EXIT_DONE;
    *file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return *file >= 0 ? EXIT_DONE : complain(EXIT_USAGE, "--acks: %s: %s", path, strerror(errno));
}

/* The input is looked at first: a file that is none must not leave a store behind. */
static int open_file(const char *path, csv **file)
{
    reason why;
    *file = csv_open(path, &why);
    if (*file == NULL) return complain(EXIT_USAGE, "%s", why.text);
    if (workload_header(*file, &why)) return EXIT_DONE;
    csv_close(*file);
    return complain(EXIT_USAGE, "%s", why.text);
}

static int run_with_store(session *at, const workload_order *order, csv *file)
{
    int acks;
    int code = open_acks(order->acks, &acks);
    if (code != EXIT_DONE) return code;
    fig_options store = session_options(at);
    store.create = true;
    store.journal_refusals = order->refusals;
    code = session_open(at, order->directory, &store);
    if (code == EXIT_DONE) code = session_close(at, run(at, order, file, acks, true));
    if (acks >= 0) close(acks);
    return code;
}

int replay_workload(session *at, const workload_order *order)
{
    csv *file;
    int code = open_file(order->file, &file);
    if (code != EXIT_DONE) return code;
    code = run_with_store(at, order, file);
    csv_close(file);
    return code;
}

int replay_workload_into(const session *at, const workload_order *order)
{
    csv *file;
    int code = open_file(order->file, &file);
    if (code != EXIT_DONE) return code;
    code = run(at, order, file, -1, false);
    csv_close(file);
    return code;
}
