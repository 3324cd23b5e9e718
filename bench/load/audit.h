/* The independent auditor: it is told every active appointment that a contender holds, and counts those that should not
 * both be there. It knows nothing of how the contender decides. */
#ifndef FIG_BENCH_AUDIT_H
#define FIG_BENCH_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_span {
    uint64_t barber_id;
    int64_t start_s;
    int64_t end_s;
};

struct audit {
    struct audit_span *spans;
    size_t count;
    size_t capacity;
    bool failed; /* no memory, or something that is no span */
};

void audit_add(struct audit *audit, uint64_t barber_id, int64_t start_s, int64_t end_s);

struct audit_result {
    uint64_t active;
    uint64_t double_bookings; /* appointments that begin before one that began earlier (or together) is over */
    uint64_t longest_pile;    /* the most appointments that share one instant of one barber */
};

/* Sorts what was added. */
struct audit_result audit_count(struct audit *audit);
void audit_free(struct audit *audit);

#endif
