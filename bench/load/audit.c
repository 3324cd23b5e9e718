#include "bench/load/audit.h"

#include <stdlib.h>

void audit_add(struct audit *audit, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    if (audit->count == audit->capacity) {
        size_t capacity = audit->capacity == 0 ? 4096 : 2 * audit->capacity;
        struct audit_span *spans = realloc(audit->spans, capacity * sizeof *spans);
        if (spans == NULL) {
            audit->failed = true;
            return;
        }
        audit->spans = spans;
        audit->capacity = capacity;
    }
    if (end_s <= start_s) audit->failed = true;
    audit->spans[audit->count++] = (struct audit_span){barber_id, start_s, end_s};
}

static int compare(const void *left, const void *right)
{
    const struct audit_span *a = left, *b = right;
    if (a->barber_id != b->barber_id) return a->barber_id < b->barber_id ? -1 : 1;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    return (a->end_s > b->end_s) - (a->end_s < b->end_s);
}

/* How many of the spans before this one are not over when it begins. */
static uint64_t pile_at(const struct audit *audit, size_t first, size_t at)
{
    uint64_t pile = 1;
    for (size_t i = first; i < at; i++) pile += audit->spans[i].end_s > audit->spans[at].start_s;
    return pile;
}

struct audit_result audit_count(struct audit *audit)
{
    struct audit_result result = {.active = audit->count, .longest_pile = audit->count > 0};
    if (audit->count > 0) qsort(audit->spans, audit->count, sizeof *audit->spans, compare);
    size_t first = 0; /* of the spans that hang together with this one */
    int64_t latest_s = 0;
    for (size_t i = 0; i < audit->count; i++) {
        const struct audit_span *span = &audit->spans[i];
        bool apart = i == 0 || span->barber_id != audit->spans[i - 1].barber_id || span->start_s >= latest_s;
        if (apart) {
            first = i;
            latest_s = span->end_s;
            continue;
        }
        result.double_bookings++;
        if (span->end_s > latest_s) latest_s = span->end_s;
        uint64_t pile = pile_at(audit, first, i);
        if (pile > result.longest_pile) result.longest_pile = pile;
    }
    return result;
}

void audit_free(struct audit *audit)
{
    free(audit->spans);
    *audit = (struct audit){0};
}
