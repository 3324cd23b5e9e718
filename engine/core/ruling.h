/* What the files of rules share: the judging of one question, and what a rule found says of it.
 *
 * Each evaluation returns true when judging is to stop: rules_pass() has found one that refuses. Rules are asked in
 * the order of their types, so that the list is sorted as it grows, and the cheap ones of a kind come first. */
#ifndef FIG_CORE_RULING_H
#define FIG_CORE_RULING_H

#include "engine/core/civil.h"
#include "engine/core/rules.h"

struct ruling {
    const struct rule_question *question;
    struct broken_rules *list; /* NULL: only the first that refuses is asked for, */
    struct broken_rule *first;
    bool rejects_failed; /* the shop refuses where a rule cannot be evaluated */
    bool dated;          /* the two days are known */
    int64_t day;         /* of the start, in the barber's zone */
    int64_t today;       /* of now */
};

/* Which rule is asked: its type, and the declared rule where it is one. */
struct ruled {
    fig_rule_type type;
    const struct rule *rule;
};

/* Starts that all break a rule, [from_s, until_s). The start that was asked for is among them. */
struct starts {
    int64_t from_s;
    int64_t until_s;
};

bool ruling_break(struct ruling *ruling, struct ruled ruled, struct starts starts, const char *reason);
bool ruling_fail(struct ruling *ruling, struct ruled ruled, const char *reason);
/* Fails the rule for want of a client, or of the zone; each returns whether it did, *stop as above. */
bool ruling_lacks_client(struct ruling *ruling, struct ruled ruled, bool *stop);
bool ruling_lacks_dates(struct ruling *ruling, struct ruled ruled, bool *stop);

struct starts starts_all(void);
/* Those with the date of the asked start, as far as the zone's offset stays what it is there. */
struct starts starts_of_day(const struct ruling *ruling);
/* Those before a date, from a date on; where clocks go back over midnight and the asked start would not be among them,
 * those of its day. */
struct starts starts_before_day(const struct ruling *ruling, int64_t day);
struct starts starts_from_day(const struct ruling *ruling, int64_t day);
/* Those from one date to another, the asked start's between them; else those of its day. */
struct starts starts_of_days(const struct ruling *ruling, int64_t first, int64_t last);

/* rules_time.c: limits that several rules have in common; 0 (FIG_NO_CUTOFF) means off. */
bool rule_advance_min(struct ruling *ruling, struct ruled ruled, uint32_t limit_s, const char *reason);
bool rule_advance_max(struct ruling *ruling, struct ruled ruled, uint32_t limit_days, const char *reason);
bool rule_cutoff(struct ruling *ruling, struct ruled ruled, uint32_t clock_s, const char *reason);

/* rules_dated.c: what a declared rule's cuts and weekly windows ask. */
bool rule_cuts(struct ruling *ruling, struct ruled ruled);
bool rule_hours(struct ruling *ruling, struct ruled ruled);

/* rules_age.c */
bool rules_of_age(struct ruling *ruling, const struct service *service);

/* rules_history.c: what the client has had. The service's rules stand apart since blocked days lie between them. */
bool rule_client_overlap(struct ruling *ruling, struct ruled ruled);
bool rules_of_preparation(struct ruling *ruling, const struct service *service); /* consultation, patch test */
bool rules_of_frequency(struct ruling *ruling, const struct service *service);   /* max per day to incompatible */

/* The places that rules come from. */
bool rules_declared(struct ruling *ruling);
bool rules_of_shop(struct ruling *ruling);
bool rules_of_service(struct ruling *ruling);
bool rules_of_client(struct ruling *ruling);

#endif
