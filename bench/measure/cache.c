#include "bench/load/cache.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <stdio.h>

#define REPORT_TTL_S 300.0

bool measure_cache(const struct town *town, json_t *results)
{
    static const double rates[] = {1, 10, 50, 200};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct cache_plan plan = {.seed = town->seed,
                                  .barbers = town->barbers,
                                  .looks_s = rates[i],
                                  .ttl_s = REPORT_TTL_S,
                                  .looks = (uint64_t)(rates[i] * REPORT_TTL_S * 9)};
        struct cache_result found;
        if (!cache_simulate(&plan, &found)) return false;
        double hit_rate = (double)found.hits / (double)found.looks;
        double stale_rate = found.hits > 0 ? (double)found.stale / (double)found.hits : 0;
        results_add(results, "cache",
                    json_pack("{s:I, s:f, s:f, s:I, s:I, s:I, s:f, s:f}", "barbers", (json_int_t)plan.barbers,
                              "looks_s", plan.looks_s, "ttl_s", plan.ttl_s, "looks", (json_int_t)found.looks, "hits",
                              (json_int_t)found.hits, "stale", (json_int_t)found.stale, "hit_rate", hit_rate,
                              "stale_rate", stale_rate));
        fprintf(stderr, "  cache of %u barbers, %3.0f looks/s: %5.1f %% found, %5.1f %% of them stale\n", plan.barbers,
                plan.looks_s, hit_rate * 100, stale_rate * 100);
    }
    return true;
}
