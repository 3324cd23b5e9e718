/* How a server is, by what it has counted since it opened the store: what the maintenance of a booking server asks for
 * each day and week. */
#include "tools/findings.h"

#include <stdio.h>

/* Of all that was asked for, how much was answered, be it with a refusal. */
#define SUCCESS_WARNING 0.999
#define SUCCESS_BAD     0.95

#define HIT_RATE_WARNING 0.70
#define HIT_RATE_ASKED   1000 /* fewer say nothing */

#define COMMIT_WARNING_S 0.050

static double outcomes(const openmetrics *metrics, const char *outcome)
{
    return openmetrics_sum(metrics, "figaro_requests_total", outcome != NULL ? "outcome" : NULL, outcome);
}

static double faults(const openmetrics *metrics)
{
    static const fig_status each[] = {FIG_BUSY,      FIG_UNKNOWN, FIG_UNAVAILABLE, FIG_FULL,
                                      FIG_NO_MEMORY, FIG_IO,      FIG_CORRUPT,     FIG_DENIED};
    double sum = 0;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) sum += outcomes(metrics, fig_status_name(each[i]));
    return sum;
}

static void look_at_success(findings *found, const openmetrics *metrics)
{
    double asked = outcomes(metrics, NULL), failed = faults(metrics);
    double rate = asked > 0 ? 1 - failed / asked : 1;
    finding_state state = rate < SUCCESS_BAD ? FINDING_BAD : rate < SUCCESS_WARNING ? FINDING_WARNING : FINDING_OK;
    findings_say(found, state, "success rate",
                 "see which faults: figaro_requests_total by outcome, and the server's log",
                 "%.3f %% of %.0f writes were answered", rate * 100, asked);
}

static void look_at_timeouts(findings *found, const openmetrics *metrics)
{
    double late = outcomes(metrics, fig_status_name(FIG_BUSY)) + outcomes(metrics, fig_status_name(FIG_UNKNOWN));
    double slow = openmetrics_sum(metrics, "figaro_slow_calls_total", NULL, NULL);
    findings_say(found, late > 0 || slow > 0 ? FINDING_WARNING : FINDING_OK, "timeouts",
                 "read the log's lines that begin with \"slow\"; a slow disk shows in figaro_commit_seconds, a busy "
                 "writer in figaro_queue_requests",
                 "%.0f out of time, %.0f took over 80 %% of it", late, slow);
}

static void look_at_breaker(findings *found, const openmetrics *metrics)
{
    double state = openmetrics_sum(metrics, "figaro_breaker_state", NULL, NULL);
    double openings = openmetrics_sum(metrics, "figaro_breaker_openings_total", NULL, NULL);
    if (state == FIG_BREAKER_OPEN)
        findings_say(found, FINDING_BAD, "breaker",
                     "the store failed again and again: look at its disk and the log; it is tried again by itself",
                     "open: writes are refused");
    else if (state == FIG_BREAKER_HALF_OPEN)
        findings_say(found, FINDING_WARNING, "breaker", "wait for the trial", "half-open: one write is being tried");
    else
        findings_say(found, openings > 0 ? FINDING_WARNING : FINDING_OK, "breaker",
                     "the store has failed, and is well again: the log says how", "closed, opened %.0f times",
                     openings);
}

static void look_at_commits(findings *found, const openmetrics *metrics)
{
    double commits = openmetrics_sum(metrics, "figaro_commit_seconds_count", NULL, NULL);
    double seconds = openmetrics_sum(metrics, "figaro_commit_seconds_sum", NULL, NULL);
    double each_s = commits > 0 ? seconds / commits : 0;
    findings_say(found, each_s > COMMIT_WARNING_S ? FINDING_WARNING : FINDING_OK, "commits",
                 "the disk is slow to sync: a local disk with a write cache that survives power cuts takes well under "
                 "a millisecond",
                 "%.0f, %.2f ms each", commits, each_s * 1e3);
}

static void look_at_queue(findings *found, const openmetrics *metrics)
{
    double refused = openmetrics_sum(metrics, "figaro_queue_refusals_total", NULL, NULL);
    double waiting = openmetrics_sum(metrics, "figaro_queue_requests", NULL, NULL);
    findings_say(found, refused > 0 ? FINDING_WARNING : FINDING_OK, "queue",
                 "more was asked for than the disk takes: slow callers down, or raise queue_requests",
                 "%.0f waiting, %.0f found it full", waiting, refused);
}

static void look_at_cache(findings *found, const openmetrics *metrics)
{
    double hits = openmetrics_sum(metrics, "figaro_slot_list_hits_total", NULL, NULL);
    double asked = hits + openmetrics_sum(metrics, "figaro_slot_list_misses_total", NULL, NULL);
    double evicted = openmetrics_sum(metrics, "figaro_slot_list_evictions_total", NULL, NULL);
    if (asked == 0) {
        findings_say(found, FINDING_OK, "slot cache", NULL, "not in use");
        return;
    }
    bool low = asked >= HIT_RATE_ASKED && hits / asked < HIT_RATE_WARNING;
    findings_say(found, low ? FINDING_WARNING : FINDING_OK, "slot cache",
                 evicted > hits ? "lists are put out before they are asked for again: raise slot_cache_entries"
                                : "a list ends with the next write and the next now: round now to the minute, or do "
                                  "without the cache, since a list takes microseconds to make",
                 "%.1f %% hits of %.0f", 100 * hits / asked, asked);
}

void health_of_traffic(findings *found, const openmetrics *metrics)
{
    look_at_success(found, metrics);
    look_at_timeouts(found, metrics);
    look_at_breaker(found, metrics);
    look_at_commits(found, metrics);
    look_at_queue(found, metrics);
    look_at_cache(found, metrics);
}
