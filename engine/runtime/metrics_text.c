/* Metrics as OpenMetrics text: what fig_get_metrics() and fig_get_stats() have, in the units and under the names that
 * monitoring systems expect. Rows of nothing but zeros are left out. */
#include "engine/runtime/engine.h"
#include "engine/runtime/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
    char *at;
    size_t left;
    size_t size;
    bool full;
};

static void say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->at, text->left, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= text->left) {
        text->full = true;
        return;
    }
    text->at += length;
    text->left -= (size_t)length;
    text->size += (size_t)length;
}

static void say_family(struct text *text, const char *name, const char *type, const char *help)
{
    say(text, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void say_counter(struct text *text, const char *name, const char *help, uint64_t value)
{
    say_family(text, name, "counter", help);
    say(text, "%s_total %" PRIu64 "\n", name, value);
}

static void say_gauge(struct text *text, const char *name, const char *help, uint64_t value)
{
    say_family(text, name, "gauge", help);
    say(text, "%s %" PRIu64 "\n", name, value);
}

/* A bucket ends below each fourth power of two, from a quarter of a microsecond to a minute: exact, for buckets of the
 * histogram end there, too. */
static void say_seconds(struct text *text, const char *name, const char *label, const char *value,
                        const struct histogram_sum *sum)
{
    if (sum->count == 0) return;
    for (unsigned log2 = 8; log2 <= 36; log2 += 2)
        say(text, "%s_bucket{%s=\"%s\",le=\"%.9g\"} %" PRIu64 "\n", name, label, value,
            (double)((UINT64_C(1) << log2) - 1) / 1e9, histogram_below(sum, log2));
    say(text, "%s_bucket{%s=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, label, value, sum->count);
    say(text, "%s_count{%s=\"%s\"} %" PRIu64 "\n%s_sum{%s=\"%s\"} %.9f\n", name, label, value, sum->count, name, label,
        value, (double)sum->sum / 1e9);
}

static const char *const read_names[FIG_READ_KINDS] = {"check_free", "check_conflict", "lookup",
                                                       "list",       "slots",          "next"};

static fig_status status_of_column(size_t column)
{
    if (column <= FIG_NOT_DONE) return (fig_status)column;
    if (column == FIG_NOT_DONE + 1) return FIG_INVALID;
    return (fig_status)(FIG_BUSY + (int)(column - FIG_NOT_DONE - 2));
}

static void say_requests(struct text *text, const fig_metrics *metrics)
{
    say_family(text, "figaro_requests", "counter", "Writes by operation and outcome.");
    for (size_t row = 0; row < FIG_METRICS_OPERATIONS; row++)
        for (size_t column = 0; column < FIG_METRICS_STATUSES; column++)
            if (metrics->requests[row][column] > 0)
                say(text, "figaro_requests_total{operation=\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
                    metrics_operation_name(row), fig_status_name(status_of_column(column)),
                    metrics->requests[row][column]);
}

static void say_latencies(struct text *text, const struct fig_engine *engine)
{
    struct histogram_sum sum;
    say_family(text, "figaro_write_seconds", "histogram", "How long calls that write took.");
    for (size_t row = 0; row < FIG_METRICS_OPERATIONS; row++) {
        metrics_sum_writes(engine->metrics, row, &sum);
        say_seconds(text, "figaro_write_seconds", "operation", metrics_operation_name(row), &sum);
    }
    say_family(text, "figaro_read_seconds", "histogram", "How long one in 256 reads took.");
    for (size_t kind = 0; kind < FIG_READ_KINDS; kind++) {
        metrics_sum_reads(engine->metrics, kind, &sum);
        say_seconds(text, "figaro_read_seconds", "kind", read_names[kind], &sum);
    }
    sum = (struct histogram_sum){0};
    histogram_merge(&engine->metrics->commit_ns, &sum);
    say_family(text, "figaro_commit_seconds", "histogram", "How long the store took for a commit.");
    say_seconds(text, "figaro_commit_seconds", "store", engine->store->ops->name, &sum);
}

static void say_reads(struct text *text, const fig_metrics *metrics)
{
    say_family(text, "figaro_reads", "counter", "Reads by kind.");
    for (size_t kind = 0; kind < FIG_READ_KINDS; kind++)
        say(text, "figaro_reads_total{kind=\"%s\"} %" PRIu64 "\n", read_names[kind], metrics->reads[kind]);
}

static void say_commits(struct text *text, const fig_metrics *metrics)
{
    say_counter(text, "figaro_commits", "Durable commits.", metrics->commits);
    say_counter(text, "figaro_commit_bytes", "Bytes of their frames.", metrics->commit_bytes);
    say_counter(text, "figaro_commit_requests", "Requests that they decided.", metrics->commit_requests.sum);
    say_counter(text, "figaro_checkpoints", "Checkpoints written.", metrics->checkpoints);
    say_counter(text, "figaro_slow_calls", "Calls that took over 80 % of their time.", metrics->slow_calls);
    say_counter(text, "figaro_queue_refusals", "Requests that found the queue full.", metrics->queue_refusals);
    say_counter(text, "figaro_breaker_openings", "How often the circuit breaker opened.", metrics->breaker_openings);
    say_gauge(text, "figaro_breaker_state", "0 closed, 1 open, 2 half-open.", (uint64_t)metrics->breaker);
    say_gauge(text, "figaro_breaker_failures", "Failures of the store in a row.", metrics->breaker_failures);
    say_gauge(text, "figaro_queue_requests", "Requests that wait for the committer.", metrics->queue_requests);
    say_gauge(text, "figaro_queue_bytes", "What their copies take.", metrics->queue_bytes);
    say_gauge(text, "figaro_frames_behind", "Commits of others, not yet taken in.", metrics->frames_behind);
}

static void say_stats(struct text *text, const fig_stats *stats)
{
    say_gauge(text, "figaro_version", "The newest entry.", stats->version);
    say_gauge(text, "figaro_frame", "The newest commit.", stats->frame);
    say_gauge(text, "figaro_checkpoint_frame", "The commit that the tables stand at.", stats->checkpoint_frame);
    say_gauge(text, "figaro_barbers", "Barbers.", stats->barbers);
    say_gauge(text, "figaro_appointments", "Appointments of any status.", stats->appointments);
    say_gauge(text, "figaro_active_appointments", "Appointments that block time.", stats->active);
    say_gauge(text, "figaro_unchecked_appointments", "Let pass though a rule could not be evaluated.",
              stats->unchecked);
    say_gauge(text, "figaro_durable_version", "The newest entry that a crash would leave.", stats->durable_version);
    say_gauge(text, "figaro_turn_holder", "Process id of who has the writers' turn; 0: nobody.", stats->holder);
    say_counter(text, "figaro_slot_list_hits", "Lists of slots found in the cache.", stats->slot_list_hits);
    say_counter(text, "figaro_slot_list_misses", "Lists of slots not found there.", stats->slot_list_misses);
    say_counter(text, "figaro_slot_list_evictions", "Lists of slots put out for others.", stats->slot_list_evictions);
    say_gauge(text, "figaro_slot_lists", "Lists of slots in the cache.", stats->slot_lists);
    say_gauge(text, "figaro_memory_bytes", "Memory of trees and records.", stats->memory_bytes);
    say_gauge(text, "figaro_store_bytes", "The store's file.", stats->store_bytes);
    say_gauge(text, "figaro_snapshots", "Snapshots that are open.", stats->snapshots);
    say_family(text, "figaro_startup_seconds", "gauge", "What opening took.");
    say(text, "figaro_startup_seconds %.9f\n", (double)stats->startup_ns / 1e9);
}

fig_status fig_write_metrics(fig_engine *engine, char *text, size_t capacity, size_t *size)
{
    fig_metrics metrics = fig_metrics_default();
    fig_stats stats = fig_stats_default();
    if (text == NULL || size == NULL) return FIG_INVALID;
    fig_status status = fig_get_metrics(engine, &metrics);
    if (status == FIG_OK) status = fig_get_stats(engine, &stats);
    if (status != FIG_OK) return status;
    struct text said = {.at = text, .left = capacity};
    say_requests(&said, &metrics);
    say_reads(&said, &metrics);
    say_latencies(&said, engine);
    say_commits(&said, &metrics);
    say_stats(&said, &stats);
    say(&said, "# EOF\n");
    if (said.full) return FIG_INVALID;
    *size = said.size;
    return FIG_OK;
}
