/* What the files of deciding share. Each function that drafts returns a fig_status and has written the outcome's field
 * and reason when it refuses. */
#ifndef FIG_CORE_DECIDING_H
#define FIG_CORE_DECIDING_H

#include "engine/core/decide.h"
#include "engine/core/declared.h"
#include "engine/core/wish.h"

/* deciding.c: the decision's lists. NULL: no memory, which the decision remembers. */
struct event *decision_event(struct decision *decision, enum event_kind kind);
struct draft *decision_draft(struct decision *decision, uint64_t id); /* the draft of an id, NULL when none */
struct draft *decision_draft_keyed(struct decision *decision, struct words key);
struct draft *decision_draft_original(struct decision *decision, const struct appointment *original, size_t member);
struct draft *decision_draft_new(struct decision *decision, size_t member);

fig_status refuse(fig_outcome *outcome, fig_status status, const char *field, const char *reason);
static inline struct words words_of(const char *text)
{
    struct words words = {text, 0};
    while (text != NULL && text[words.size] != '\0') words.size++;
    return words;
}

/* Whether a request makes an appointment. */
static inline bool books(const fig_request *request)
{
    return request->operation == FIG_OP_BOOK || request->operation == FIG_OP_HOLD;
}

/* Whether it says when it ends: 0 is an end only of what begins before 1970. */
static inline bool has_end(const fig_request *request) { return request->end_s != 0 || request->start_s < 0; }

/* validate.c: fields, without looking at any version. */
fig_status validate(const fig_request *request, fig_outcome *outcome);
/* validate_declared.c */
fig_status validate_schedule(const fig_request *request, fig_outcome *outcome);
fig_status validate_service(const fig_request *request, fig_outcome *outcome);
fig_status validate_client(const fig_request *request, fig_outcome *outcome);
fig_status validate_rule(const fig_request *request, fig_outcome *outcome);
fig_status validate_zone(const fig_request *request, fig_outcome *outcome);

fig_status validate_record(const fig_request *request, fig_outcome *outcome);
/* What a record's text is to be written of. */
fig_status validate_declared(const fig_record *record, fig_outcome *outcome);

/* keys.c */
uint64_t request_content(const fig_request *request);
uint64_t batch_content(const fig_request *requests, size_t count);
enum key_answer {
    KEY_FRESH,    /* none, or not seen before: go on */
    KEY_ANSWERED, /* the outcome is written */
    KEY_RENEWS    /* a hold that is there: renew it */
};
enum key_answer answer_key(const struct decision *decision, const fig_request *request, uint64_t content,
                           fig_outcome *outcome);
enum key_answer answer_batch_key(const struct decision *decision, const fig_request *requests, size_t count,
                                 uint64_t content, fig_outcome *outcomes);
/* Keeps the key of a request that booked nothing. */
void keep_key(struct decision *decision, const char *key, uint64_t content, uint64_t subject_id);

/* Looking up what a request names. */
fig_status find_barber(const struct decision *decision, const fig_request *request, const struct barber **barber,
                       fig_outcome *outcome);
fig_status find_draft(struct decision *decision, const fig_request *request, size_t member, struct draft **draft,
                      fig_outcome *outcome);

/* The verbs. Each drafts, and adds its events. */
fig_status draft_booking(struct decision *decision, const fig_request *request, size_t member, uint64_t content,
                         fig_outcome *outcome);
fig_status draft_renewal(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome);
fig_status draft_move(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome);
fig_status draft_status(struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome);
fig_status decide_window(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_windows(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_shop(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_barber(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_schedule(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_service(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_client(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_rule(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_zone(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_forget(struct decision *decision, const fig_request *request, fig_outcome *outcome);
fig_status decide_restore(struct decision *decision, const fig_request *request, fig_outcome *outcome);

/* The kind of document that a record of a declaration is. */
enum document_kind document_kind_of(const fig_record *restored);
/* Where a declaration is encoded; NULL: no memory. */
uint8_t *decision_bytes(struct decision *decision);
/* Adds the event for a document whose bytes are there, unless the version has the same. */
fig_status declare_document(struct decision *decision, enum document_kind kind, uint64_t id, size_t size,
                            const char *field, fig_outcome *outcome);
/* Declares the zone of that name, if it is not "" and the version lacks it. */
fig_status need_zone(struct decision *decision, const char *name, const char *field, fig_outcome *outcome);

/* judge.c: the predicate, over every judged draft. Writes the outcome of each member at fault; FIG_OK when none is. */
fig_status judge_drafts(struct decision *decision, fig_outcome *outcomes);

/* choose.c: the barber a booking is for: the one that is named; of any, the first in the order who is free, else the
 * one nearest to it, so that a refusal can say why. */
fig_status choose_barber(const struct decision *decision, const fig_request *request, const struct barber **barber,
                         fig_outcome *outcome);
struct lengths asked_lengths(const fig_request *request);
struct any_wish any_wish_of(const struct decision *decision, const fig_request *request);

/* nearest.c: tells the outcome of a refused member where the nearest start is that would do, if there is one. */
void tell_nearest(const struct decision *decision, const fig_request *request, size_t member, fig_outcome *outcome);

/* Adds an appointment to the outcome's list of others, a rule to that of rules. */
void outcome_list(fig_outcome *outcome, const fig_appointment *shown);
void outcome_list_rule(fig_outcome *outcome, const struct broken_rule *broken);

#endif
