#include "engine/runtime/metrics.h"

#include "engine/runtime/committer.h"

#include <string.h>

struct metrics *metrics_new(const struct fig_engine *engine)
{
    struct metrics *metrics = engine->allocator.allocate(engine->allocator.context, sizeof *metrics);
    if (metrics != NULL) memset(metrics, 0, sizeof *metrics);
    return metrics;
}

void metrics_free(const struct fig_engine *engine, struct metrics *metrics)
{
    if (metrics != NULL) engine->allocator.release(engine->allocator.context, metrics, sizeof *metrics);
}

/* --- names and places --- */

size_t fig_metrics_column(fig_status status)
{
    if (status >= FIG_OK && status <= FIG_NOT_DONE) return (size_t)status;
    if (status == FIG_INVALID) return FIG_NOT_DONE + 1;
    if (status >= FIG_BUSY && status <= FIG_DENIED) return (size_t)(status - FIG_BUSY) + FIG_NOT_DONE + 2;
    return FIG_METRICS_STATUSES - 1;
}

_Static_assert(FIG_NOT_DONE + 2 + (FIG_DENIED - FIG_BUSY) < FIG_METRICS_STATUSES, "every status has a column");
_Static_assert(FIG_OP_RESTORE + 1 == FIG_METRICS_OPERATIONS, "every operation has a row");

const char *metrics_operation_name(size_t operation)
{
    static const char *const names[FIG_METRICS_OPERATIONS] = {
        "several",         "book",           "hold",
        "confirm",         "move",           "set_status",
        "open_window",     "close_window",   "declare_windows",
        "declare_shop",    "declare_barber", "declare_schedule",
        "declare_service", "declare_client", "declare_rule",
        "declare_zone",    "restore",
    };
    return names[operation < FIG_METRICS_OPERATIONS ? operation : 0];
}

static size_t row_of(const fig_request *request)
{
    bool known = request->struct_size == sizeof *request && request->operation >= FIG_OP_BOOK &&
                 request->operation <= FIG_OP_RESTORE;
    return known ? (size_t)request->operation : 0;
}

static struct metrics_shard *own_shard(struct metrics *metrics)
{
    return &metrics->shards[thread_place() % METRICS_SHARDS];
}

static void add(_Atomic uint64_t *count, uint64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

static uint64_t load(const _Atomic uint64_t *count) { return atomic_load_explicit(count, memory_order_relaxed); }

static uint64_t not_negative(int64_t ns) { return ns > 0 ? (uint64_t)ns : 0; }

/* --- counting --- */

/* What it was: enough to find it again. */
static void log_slow_call(struct fig_engine *engine, const fig_request *request, const fig_outcome *outcome,
                          size_t count, int64_t took_ns, int64_t budget_ns)
{
    uint64_t barber_id = outcome->barber_id != 0 ? outcome->barber_id : request->barber_id;
    log_line(engine, 4, "slow: %s (%zu, barber %llu, appointment %llu) took %lld of its %lld ms and came to %s",
             metrics_operation_name(row_of(request)), count, (unsigned long long)barber_id,
             (unsigned long long)outcome->appointment.id, (long long)(took_ns / 1000000),
             (long long)(budget_ns / 1000000), fig_status_name(outcome->status));
}

static bool is_slow(int64_t took_ns, int64_t budget_ns) { return took_ns / 4 > budget_ns / 5; }

void metrics_count_call(struct fig_engine *engine, const fig_request *requests, const fig_outcome *outcomes,
                        size_t count, int64_t began_ns, int64_t deadline_ns)
{
    int64_t took_ns = monotonic_ns() - began_ns, budget_ns = deadline_ns - began_ns;
    bool slow = is_slow(took_ns, budget_ns);
    if (slow) log_slow_call(engine, requests, outcomes, count, took_ns, budget_ns);
    if (engine->metrics == NULL) return;
    struct metrics_shard *shard = own_shard(engine->metrics);
    for (size_t i = 0; i < count; i++)
        add(&shard->requests[row_of(&requests[i])][fig_metrics_column(outcomes[i].status)], 1);
    histogram_add(&shard->writes[count == 1 ? row_of(requests) : 0], not_negative(took_ns));
    if (slow) add(&engine->metrics->slow_calls, 1);
}

void metrics_count_commit(struct fig_engine *engine, size_t requests, size_t bytes, int64_t took_ns)
{
    struct metrics *metrics = engine->metrics;
    if (metrics == NULL) return;
    add(&metrics->commits, 1);
    add(&metrics->commit_bytes, bytes);
    histogram_add(&metrics->commit_requests, requests);
    histogram_add(&metrics->commit_ns, not_negative(took_ns));
}

void metrics_count_queue_refusal(struct fig_engine *engine)
{
    if (engine->metrics != NULL) add(&engine->metrics->queue_refusals, 1);
}

void metrics_count_checkpoint(struct fig_engine *engine)
{
    if (engine->metrics != NULL) add(&engine->metrics->checkpoints, 1);
}

void metrics_count_snapshot_read(struct metrics *metrics, fig_read_kind kind)
{
    add(&own_shard(metrics)->snapshot_reads[kind], 1);
}

void metrics_time_read(struct metrics *metrics, fig_read_kind kind, int64_t began_ns)
{
    histogram_add(&own_shard(metrics)->reads[kind], not_negative(monotonic_ns() - began_ns));
}

/* --- summing up --- */

uint64_t metrics_reads(const struct fig_engine *engine, fig_read_kind kind)
{
    uint64_t reads = 0;
    for (size_t i = 0; i < EPOCH_SLOTS; i++) reads += load(&engine->epoch.slots[i].tallies[kind]);
    for (size_t i = 0; i < METRICS_SHARDS; i++) reads += load(&engine->metrics->shards[i].snapshot_reads[kind]);
    return reads;
}

void metrics_sum_writes(const struct metrics *metrics, size_t operation, struct histogram_sum *sum)
{
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < METRICS_SHARDS; i++) histogram_merge(&metrics->shards[i].writes[operation], sum);
}

void metrics_sum_reads(const struct metrics *metrics, size_t kind, struct histogram_sum *sum)
{
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < METRICS_SHARDS; i++) histogram_merge(&metrics->shards[i].reads[kind], sum);
}

static fig_spread spread_of(const struct histogram_sum *sum)
{
    return (fig_spread){
        .count = sum->count,
        .sum = sum->sum,
        .p50 = histogram_share(sum, 500),
        .p90 = histogram_share(sum, 900),
        .p99 = histogram_share(sum, 990),
        .p999 = histogram_share(sum, 999),
        .max = histogram_share(sum, 1000),
    };
}

static fig_spread spread_of_one(const struct histogram *histogram)
{
    struct histogram_sum sum = {0};
    histogram_merge(histogram, &sum);
    return spread_of(&sum);
}

static void show_calls(const struct fig_engine *engine, fig_metrics *shown)
{
    struct histogram_sum sum;
    for (size_t operation = 0; operation < FIG_METRICS_OPERATIONS; operation++) {
        for (size_t i = 0; i < METRICS_SHARDS; i++)
            for (size_t column = 0; column < FIG_METRICS_STATUSES; column++)
                shown->requests[operation][column] += load(&engine->metrics->shards[i].requests[operation][column]);
        metrics_sum_writes(engine->metrics, operation, &sum);
        shown->write_ns[operation] = spread_of(&sum);
    }
    for (size_t kind = 0; kind < FIG_READ_KINDS; kind++) {
        shown->reads[kind] = metrics_reads(engine, (fig_read_kind)kind);
        metrics_sum_reads(engine->metrics, kind, &sum);
        shown->read_ns[kind] = spread_of(&sum);
    }
    shown->slow_calls = load(&engine->metrics->slow_calls);
}

static void show_commits(const struct fig_engine *engine, fig_metrics *shown)
{
    const struct metrics *metrics = engine->metrics;
    shown->commits = load(&metrics->commits);
    shown->commit_bytes = load(&metrics->commit_bytes);
    shown->commit_ns = spread_of_one(&metrics->commit_ns);
    shown->commit_requests = spread_of_one(&metrics->commit_requests);
    shown->checkpoints = load(&metrics->checkpoints);
    uint64_t tip = engine->store->ops->tip(engine->store), frame = atomic_load(&engine->newest_frame);
    shown->frames_behind = tip > frame ? tip - frame : 0;
}

static void show_queue(struct fig_engine *engine, fig_metrics *shown)
{
    shown->queue_refusals = load(&engine->metrics->queue_refusals);
    if (engine->committer == NULL) return;
    struct queue *queue = &engine->committer->queue;
    pthread_mutex_lock(&queue->mutex);
    shown->queue_requests = queue->requests;
    shown->queue_bytes = queue->bytes;
    pthread_mutex_unlock(&queue->mutex);
}

static void show_breaker(struct fig_engine *engine, fig_metrics *shown)
{
    pthread_mutex_lock(&engine->breaker_mutex);
    shown->breaker = engine->breaker.state;
    shown->breaker_failures = engine->breaker.failures;
    shown->breaker_openings = engine->breaker.openings;
    pthread_mutex_unlock(&engine->breaker_mutex);
}

fig_metrics fig_metrics_default(void) { return (fig_metrics){.struct_size = sizeof(fig_metrics)}; }

fig_status fig_get_metrics(fig_engine *engine, fig_metrics *metrics)
{
    if (engine == NULL || metrics == NULL || metrics->struct_size != sizeof *metrics) return FIG_INVALID;
    if (engine_is_forked(engine)) return FIG_FORKED;
    if (engine->metrics == NULL) return FIG_NOT_FOUND;
    fig_metrics shown = fig_metrics_default();
    show_calls(engine, &shown);
    show_commits(engine, &shown);
    show_queue(engine, &shown);
    show_breaker(engine, &shown);
    *metrics = shown;
    return FIG_OK;
}
