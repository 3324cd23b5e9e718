/* Rules: what a shop asks of a booking beyond free and open time.
 *
 *   rules_judge    every rule that a booking breaks or that cannot be evaluated for it    O(declared rules + history)
 *   rules_pass     does it break none?                                                    the same, to the first one
 *
 * Rules come from four places: the shop's schedule (past, lead, horizon, same day, cutoff), the service, the client,
 * and the declared rules, of which one of each type counts: that of the narrowest scope, then of the highest priority,
 * then of the smallest id. Dates are those of the core start in the barber's zone.
 *
 * What they say exactly:
 * - A limit of 0 asks nothing, also of a declared rule: a narrow one can loosen a wide one so.
 * - Seconds ahead are told from now to the start; days ahead from today's date to the start's, today being now's date.
 * - Cutoffs ask the barber's clock at now, when the start's date is today.
 * - Blackouts and holidays ask where the start lies: on a date, or in the window of a date, which may run past
 *   midnight. Yearly ones compare month and day and may run over New Year. A cut that is not approved asks nothing.
 * - Business hours hold the whole core; no hours at all hold none.
 * - Age is that in full years on the date of the start. Who was born on 29 February has the birthday on 1 March in
 *   common years.
 * - Consultation, patch test and required services are completed and ended by the start (a patch test so long before).
 * - Max per day, days between and incompatible services count what is active or completed, past and to come, of any
 *   barber, by the dates of the asked barber's zone. A hold counts while it blocks.
 * - A client's overlap is told by cores alone, of what is active, with any barber.
 * - A service that was never declared asks nothing. Flags are those of a declared client.
 *
 * A rule that cannot be evaluated, since it asks about a client, a birthday or a zone that is not known, breaks no
 * other. Neither can one whose limits make no sense. It is listed as failed; the shop's `rule_errors` says whether the
 * booking goes on.
 *
 * Rules that look at what a client has had use the client's tree and the drafts of the decision that is under way,
 * which stand for what they draft: they never walk over all appointments. */
#ifndef FIG_CORE_RULES_H
#define FIG_CORE_RULES_H

#include "engine/core/open_time.h"

struct draft;

/* What rules look up, kept from one start to the next by whoever asks of many starts of one wish at one now. Zero it
 * first. */
struct rule_lookups {
    int64_t today;  /* in the barber's zone */
    int64_t day;    /* of the starts in */
    int64_t from_s; /* [from_s, until_s) */
    int64_t until_s;
    bool service_found;
    const struct service *service; /* NULL: it asks nothing */
};

struct rule_question {
    const struct version *version;
    const struct opening *opening; /* of the barber; its zone may be missing */
    int64_t now_s;
    uint64_t client_id; /* 0: none */
    uint64_t service_id;
    int64_t start_s;
    int64_t end_s;
    uint64_t ignore_id;         /* the one that is judged, where it is known: an appointment that is moved, or a draft,
                                   a new one, too; else 0 */
    const struct draft *drafts; /* of the decision under way; NULL: none */
    size_t draft_count;
    struct rule_lookups *lookups; /* NULL: looked up anew */
};

struct broken_rule {
    fig_rule_type type;
    bool failed;             /* it could not be evaluated */
    const struct rule *rule; /* the declared one; else NULL */
    const char *reason;      /* static */
    int64_t from_s;          /* every start in [from_s, until_s), of the same length, breaks it too; the one that was */
    int64_t until_s;         /* asked for is among them. For searches, which pass over them. */
};

#define BROKEN_RULES_MAX 40 /* each type once at most */

struct broken_rules {
    struct broken_rule list[BROKEN_RULES_MAX]; /* by type */
    size_t count;
    size_t failed; /* of them */
    bool refused;  /* one is broken, or one failed and the shop rejects then */
};

void rules_judge(const struct rule_question *question, struct broken_rules *broken);

/* Whether rules_judge() would not say `refused`. Else *first is one that refuses. */
bool rules_pass(const struct rule_question *question, struct broken_rule *first);

/* rule_names.c: the names are fig_rule_type_name()'s. */

#endif
