#include "bench/report/figures_of.h"

#include <math.h>
#include <string.h>

size_t figures_count(const json_t *results, const char *section)
{
    return json_array_size(json_object_get(results, section));
}

const json_t *figures_at(const json_t *results, const char *section, size_t index)
{
    return json_array_get(json_object_get(results, section), index);
}

double figures_rows(const json_t *results)
{
    double most = 0;
    for (size_t i = 0; i < figures_count(results, "latency"); i++)
        most = fmax(most, results_number(figures_at(results, "latency", i), "rows"));
    return most;
}

const json_t *figures_latency(const json_t *results, const char *contender, const char *what, double rows)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", rows);
    return RESULTS_FIND(results, "latency", "contender", contender, "what", what, "rows", text, "pinned", "false");
}

const char *figures_title(const json_t *results, const char *contender)
{
    const json_t *record = RESULTS_FIND(results, "contenders", "name", contender);
    return record != NULL ? results_text(record, "title") : contender;
}

bool figures_ratio(const json_t *one, const json_t *other, struct spread *ratio)
{
    double ratios[64];
    const json_t *ones = json_object_get(one, "rounds"), *others = json_object_get(other, "rounds");
    size_t count = json_array_size(ones);
    if (count == 0 || count != json_array_size(others) || count > 64) return false;
    for (size_t i = 0; i < count; i++)
        ratios[i] = json_number_value(json_array_get(ones, i)) / json_number_value(json_array_get(others, i));
    *ratio = spread_of(ratios, count);
    return true;
}

const json_t *figures_arrivals(const json_t *results, const char *contender, double rate_s, double budget_s)
{
    char rate[32], budget[32];
    snprintf(rate, sizeof rate, "%.12g", rate_s);
    snprintf(budget, sizeof budget, "%.12g", budget_s * 1e9);
    return RESULTS_FIND(results, "arrivals", "contender", contender, "rate", rate, "budget_ns", budget);
}
