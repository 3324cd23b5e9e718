/* A history asked again under other settings. Beside the store that is asked, an engine in memory knows what was
 * declared as it was: which starts were listed then, how long a service took, what buffers it had. So a customer who
 * chose from a list chooses from the new one, and lengths that came from the settings come from the new ones. */
#ifndef FIG_TOOLS_TRIAL_H
#define FIG_TOOLS_TRIAL_H

#include "tools/id_map.h"
#include "tools/session.h"

enum { TRIAL_RULES = 8 };

struct trial {
    session at;       /* the store that is asked */
    session as_was;   /* in memory; what was declared, unchanged */
    int64_t within_s; /* how far from the start that was asked for another one may be */
    uint64_t new_id;  /* appointments from this id on were booked in what is asked again; those before are there */
    id_map ids;       /* of those, to the trial's */
    fig_slot *slots;
    size_t slot_capacity;
    fig_offer *offers;
    size_t offer_capacity;
    fig_request *held; /* what holds were placed with here: they are renewed with the same */
    size_t held_count, held_capacity;
    id_map held_at; /* of the history's ids, to places in that list, from 1 */
    bool judges_recorded;
};

typedef enum trial_fate {
    TRIAL_KEPT,     /* as it was asked for */
    TRIAL_MOVED,    /* at another start, or with another barber */
    TRIAL_LOST,     /* refused */
    TRIAL_ANSWERED, /* its key has booked here before: a wish that was refused then */
    TRIAL_WITHOUT,  /* it is about an appointment that was never made here */
    TRIAL_RECORDED  /* booked for the record, as by an import: nothing but other appointments is asked */
} trial_fate;

typedef struct trial_answer {
    trial_fate fate;
    bool off_grid;                      /* not kept because its start is listed no more; else the status says why, */
    fig_status status;                  /* what it came to as it was asked for, */
    fig_broken_rule rules[TRIAL_RULES]; /* and these, of which there may be more */
    size_t rule_count;
    fig_appointment made; /* what is there now; id 0: nothing */
} trial_answer;

/* Nothing is open yet. */
struct trial trial_default(void);
void trial_free(struct trial *trial); /* but for the engines */

/* Whether a request makes an appointment; a hold that is renewed names the one that it is about. */
bool trial_books(const fig_request *request);

/* The trial's appointment that stands for one of the history; 0: there is none. */
uint64_t trial_id(const struct trial *trial, uint64_t id);

/* Books, holds or moves: as asked; with `yields`, if that is refused, at the nearest start of the barber that is
 * listed, free and not over, else at that of any barber of the shop, with the lengths that are usual there. `id` is the
 * history's, of what it booked (0: nothing) or moves. A fault is returned; else FIG_OK, and the answer says what became
 * of it. */
fig_status trial_place(struct trial *trial, const fig_request *request, uint64_t id, bool yields, trial_answer *answer);

/* Any other change of an appointment. */
fig_status trial_change(struct trial *trial, const fig_request *request, uint64_t id, trial_answer *answer);

/* Several at once, all or nothing, none of them elsewhere. `ids` and `answers` go with the requests. */
fig_status trial_batch(struct trial *trial, fig_request *requests, const uint64_t *ids, size_t count,
                       trial_answer *answers);

/* A declaration of the history, made in both engines; one that makes the settings other ones, in the store alone. */
fig_status trial_declare(struct trial *trial, const fig_request *request, trial_answer *answer);
fig_status trial_set(struct trial *trial, const fig_request *request, trial_answer *answer);

#endif
