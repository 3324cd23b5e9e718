/* A wish: what is to be booked with a barber, whenever it may be; and the one predicate, asked of a start.
 *
 *   wish_of             lengths and buffers filled in, opening found     a few cache misses
 *   wish_judge          could it be booked at this start?                a check, a run of open time, the rules
 *   slots_list          the slots of a date (slots.c)                    that for each
 *   next_free           the earliest start in a span (next_free.c)       by gaps and open runs
 *   previous_free       the latest one                                   the same, backwards
 *
 * One predicate decides listing, holding, booking, moving and confirming: judge.c asks the same three questions
 * (opening, rules, conflict) of a draft, and lists all that is in the way. */
#ifndef FIG_CORE_WISH_H
#define FIG_CORE_WISH_H

#include "engine/core/rules.h"

/* Lengths and buffers: the asked ones, else the barber's for that service, else the service's; buffers else 0. False:
 * no length is known. `duration_s` 0 and buffers FIG_BUFFER_DEFAULT mean that none was asked. */
struct lengths {
    uint32_t duration_s;
    uint32_t before_s;
    uint32_t after_s;
};
bool lengths_of(const struct version *version, const struct barber *barber, uint64_t service_id,
                struct lengths *lengths);

struct wish {
    const struct version *version;
    const struct barber *barber;
    struct opening opening;
    struct lengths lengths;
    int64_t now_s;
    uint64_t client_id;
    uint64_t service_id;
    uint64_t ignore_id;         /* the appointment that is moved; 0: a new one */
    bool exclusive;             /* the shop's rule for buffers */
    const struct draft *drafts; /* of the decision under way: they stand for what they draft; NULL: none */
    size_t draft_count;
};

/* The first of these that is so. */
enum wish_fault {
    WISH_SOUND,
    WISH_NO_LENGTH, /* the service has none */
    WISH_INACTIVE,  /* the barber takes no bookings */
    WISH_NO_ZONE    /* the zone's data is missing, and it is needed */
};

/* A wish of the asked lengths (see lengths_of) with this barber. */
enum wish_fault wish_of(const struct version *version, const struct barber *barber, int64_t now_s, uint64_t service_id,
                        uint64_t client_id, struct lengths asked, struct wish *wish);

/* What is first in the way of a start: FIG_OK nothing, FIG_CLOSED, FIG_RULE, FIG_CONFLICT. */
struct verdict {
    fig_status status;       /* the others are set for it alone */
    struct broken_rule rule; /* FIG_RULE */
    uint64_t blocker_id;     /* FIG_CONFLICT */
};
struct verdict wish_judge(const struct wish *wish, int64_t start_s);
bool wish_fits(const struct wish *wish, int64_t start_s);
/* The same of a start whose core is known to lie in open time. */
struct verdict wish_judge_open(const struct wish *wish, int64_t start_s);
/* Whether an appointment is in the way of a start. All starts strictly between the last one before it and the first one
 * after it conflict with one that is, too. */
struct blocked {
    uint64_t blocker_id; /* the first one by start */
    int64_t last_before_s;
    int64_t first_after_s;
};
bool wish_is_blocked(const struct wish *wish, int64_t start_s, struct blocked *blocked);
/* What the rules are asked of a start. */
struct rule_question wish_question(const struct wish *wish, int64_t start_s);

/* The earliest start in [from_s, to_s - duration] that fits, or the latest one. False: none. */
bool next_free(const struct wish *wish, int64_t from_s, int64_t to_s, int64_t *start_s);
bool previous_free(const struct wish *wish, int64_t from_s, int64_t to_s, int64_t *start_s);

/* Any barber: a wish without one. */
struct any_wish {
    const struct version *version;
    int64_t now_s;
    uint64_t shop_id; /* 0: all */
    fig_any_order order;
    uint64_t service_id;
    uint64_t client_id;
    struct lengths asked;
};

/* any.c: the barber who would be taken for a start: of those who are active, of the shop and free the first in the
 * order; *wish is theirs. False: none. Whose zone is missing is passed over. */
bool any_barber(const struct any_wish *any, int64_t start_s, struct wish *wish);
/* The earliest start of any barber; of several at that start, the first in the order. */
bool any_next_free(const struct any_wish *any, int64_t from_s, int64_t to_s, struct wish *wish, int64_t *start_s);

/* Whether barber a comes before b in the order, for a start. */
bool any_precedes(const struct any_wish *any, const struct barber *a, const struct barber *b, int64_t start_s);
/* The next barber by id whom the wish could be of: active, of the shop, nothing of its data missing. *id says where to
 * look on from; begin with 0. */
bool any_next_barber(const struct any_wish *any, uint64_t *id, struct wish *wish);

/* Slots, into the caller's buffers as fig_list_slots() says. The wish's zone must be there. */
void slots_list(const struct wish *wish, int64_t day, fig_slots *slots);
void any_slots_list(const struct any_wish *any, int64_t day, fig_slots *slots);
/* Barbers who are active and of the shop, but whose data fails, into slots->skipped. */
void any_skipped(const struct any_wish *any, fig_slots *slots);

#endif
