#include "bench/load/cache.h"

#include <math.h>
#include <stdlib.h>

#define DAYS 43 /* the longest lead time is 1,023 hours */

struct list {
    double made_s; /* negative: never */
    double changed_s;
};

static void look(struct list *list, const struct cache_plan *plan, double now_s, bool counted,
                 struct cache_result *result)
{
    bool hit = list->made_s >= 0 && now_s - list->made_s < plan->ttl_s;
    if (!hit) list->made_s = now_s;
    if (!counted) return;
    result->looks++;
    result->hits += hit;
    result->stale += hit && list->changed_s > list->made_s;
}

bool cache_simulate(const struct cache_plan *plan, struct cache_result *result)
{
    struct list *lists = malloc((size_t)plan->barbers * DAYS * sizeof *lists);
    struct draw draw = {plan->seed};
    double now_s = 0;
    if (lists == NULL) return false;
    for (size_t i = 0; i < (size_t)plan->barbers * DAYS; i++) lists[i] = (struct list){-1, -1};
    *result = (struct cache_result){0};
    for (uint64_t i = 0; i < plan->looks; i++) {
        now_s += -log(draw_unit(&draw)) / plan->looks_s;
        uint64_t day = (uint64_t)(town_draw_lead_s(&draw) / TOWN_DAY_S) % DAYS;
        struct list *list = &lists[draw_below(&draw, plan->barbers) * DAYS + day];
        look(list, plan, now_s, i >= plan->looks / 3, result);
        if (draw_below(&draw, 10) == 0) list->changed_s = now_s;
    }
    free(lists);
    return true;
}
