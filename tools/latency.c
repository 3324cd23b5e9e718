#include "tools/latency.h"

#include <stdlib.h>

bool latency_add(latency *all, uint64_t nanoseconds, uint64_t requests)
{
    if (all->count == all->room) {
        size_t room = all->room == 0 ? 1024 : all->room * 2;
        struct latency_sample *grown = realloc(all->samples, room * sizeof *grown);
        if (grown == NULL) return false;
        all->samples = grown;
        all->room = room;
    }
    all->samples[all->count++] = (struct latency_sample){nanoseconds, requests};
    all->requests += requests;
    return true;
}

static int by_nanoseconds(const void *a, const void *b)
{
    const struct latency_sample *x = a, *y = b;
    return (x->nanoseconds > y->nanoseconds) - (x->nanoseconds < y->nanoseconds);
}

void latency_sort(latency *all)
{
    if (all->count > 0) qsort(all->samples, all->count, sizeof *all->samples, by_nanoseconds);
}

uint64_t latency_at(const latency *all, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)all->requests), seen = 0;
    if (wanted < 1) wanted = 1;
    for (size_t i = 0; i < all->count; i++) {
        seen += all->samples[i].requests;
        if (seen >= wanted) return all->samples[i].nanoseconds;
    }
    return all->count > 0 ? all->samples[all->count - 1].nanoseconds : 0;
}

void latency_free(latency *all)
{
    free(all->samples);
    *all = (latency){0};
}
