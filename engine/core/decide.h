/* Decide: a request and a version in, events or a refusal out. Pure: nothing is changed but the decision itself.
 *
 *   decision_begin     an empty decision on a version
 *   decide_request     one request                                   O(log n) and what it touches
 *   decide_batch       several on appointments, all or nothing       O(members x log n)
 *   decide_answer      after the events were applied: what the caller is told
 *
 * A request goes through the same steps whatever its kind: are its fields sound (validate.c), was its key answered
 * before (keys.c), is what it names there, is it at the version asked for, is the change of status legal: book.c,
 * move.c and change_status.c draft what would be. Then judge.c asks the one predicate of every draft that is to block
 * time: is the barber active and open, does the shop allow it, does nothing conflict. Drafts are judged on the state
 * that all members of a batch leave.
 *
 * Memory for events and drafts comes from the allocator and is kept for the next decision. */
#ifndef FIG_CORE_DECIDE_H
#define FIG_CORE_DECIDE_H

#include "engine/core/event.h"
#include "engine/core/nodes.h"
#include "engine/core/version.h"

/* An appointment as it would be. */
struct draft {
    struct appointment fixed;           /* without its tail */
    const struct appointment *original; /* NULL: new */
    struct words key;                   /* of a new one */
    size_t member;                      /* the request that drafted it last */
    bool judged;                        /* other appointments may be in its way */
    bool placed;  /* its barber or its time is new: it must lie in open time and break no rule, too. What is there
                     already need not */
    size_t event; /* the one that places it, in the decision's list; NO_EVENT: none does */
};

#define NO_EVENT SIZE_MAX

/* Whose open time a request changed: the appointments outside of it are listed in the answer. At most one is given:
 * the barber, the shop all of whose barbers it is, the zone of all barbers who go by it. */
struct affected {
    uint64_t barber_id; /* 0: none */
    uint64_t shop_id;
    const char *zone;
    int64_t from_s;
    int64_t to_s;
    bool all; /* every one, not only those outside open time: the barber became inactive */
};

/* The data of a zone that a request names, from outside of the core. */
struct zone_supply {
    const char *name;  /* NULL: none was asked for */
    const void *bytes; /* NULL: there is none, */
    size_t size;
    const char *fault; /* and this is why; static */
    bool no_memory;    /* there was not enough to read it */
};

struct decision {
    const struct nodes_allocator *allocator;
    const struct version *base;
    struct zone_supply zone; /* the caller's, set between decision_begin() and deciding */
    uint8_t *document_bytes; /* DOCUMENT_BYTES_MAX of them; NULL: not needed yet */
    int64_t now_s;
    uint8_t salt[16]; /* random; of the notes of this decision */
    fig_operation operation;
    bool keyed_batch;

    struct event *events;
    size_t event_count;
    size_t event_capacity;
    struct draft *drafts;
    size_t draft_count;
    size_t draft_capacity;
    uint64_t next_appointment_id;
    struct affected affected;
    uint64_t restored_version; /* that the entry is to have at least; else 0 */
    bool no_memory;
};

/* The seq of the entry that this decision makes. */
static inline uint64_t decision_seq(const struct decision *decision)
{
    uint64_t next = decision->base->seq + 1;
    return decision->restored_version > next ? decision->restored_version : next;
}

void decision_begin(struct decision *decision, const struct nodes_allocator *allocator, const struct version *base,
                    const uint8_t salt[16]);
void decision_release(struct decision *decision);

/* The outcome's status says what was decided. FIG_OK: the decision's events are to be applied (perhaps none). */
void decide_request(struct decision *decision, const fig_request *request, fig_outcome *outcome);
/* Returns what all came to. */
fig_status decide_batch(struct decision *decision, const fig_request *requests, size_t count, fig_outcome *outcomes);

/* After a refusal: the decision's events are those that tell of it, none where it is not to be told of (mistakes,
 * faults, declarations). O(requests). */
void decide_refusals(struct decision *decision, const fig_request *requests, const fig_outcome *outcomes, size_t count);

/* Fills in what an accepted outcome shows of the version that its events left. */
void decide_answer(const struct decision *decision, const struct version *version, fig_outcome *outcomes, size_t count);

#endif
