/* How long commits took, counted by the requests in them. */
#ifndef FIG_TOOLS_LATENCY_H
#define FIG_TOOLS_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct latency {
    struct latency_sample {
        uint64_t nanoseconds;
        uint64_t requests;
    } * samples;
    size_t count, room;
    uint64_t requests;
} latency;

/* False when there is no memory. */
bool latency_add(latency *all, uint64_t nanoseconds, uint64_t requests);

/* Sorts what there is; latency_at() is then allowed until the next latency_add(). */
void latency_sort(latency *all);

/* The latency that this share (0 to 1) of the requests did not exceed; 0 when there are none. */
uint64_t latency_at(const latency *all, double share);
void latency_free(latency *all);

#endif
