/* The oracle: what Figaro promises, said again in the plainest way, to be held against the engine.
 *
 * Arrays, walked from end to end; a request is tried on a copy of everything, and the copy kept or thrown away.
 * Where the engine is clever (trees, persistence, batches, journals) the oracle is not, and shares no code with it. */
#ifndef FIG_TESTS_ORACLE_H
#define FIG_TESTS_ORACLE_H

#include "engine/figaro.h"

/* A barber with its dated windows, of both kinds. */
struct oracle_barber {
    fig_barber profile;
    bool open_declared; /* by a declaration, or by a first available window */
    fig_window *windows;
    size_t window_count;
};

/* A remembered request key with its first answer. */
struct oracle_key {
    char key[FIG_KEY_MAX + 1];
    uint64_t content;
    int64_t at_s;
    uint64_t booked_id; /* the appointment that it booked, 0: it was another kind of write */
    fig_outcome first;
};

/* appointments[i] has id i + 1; their status is the journaled one: a lapsed hold is still FIG_HELD here. */
struct oracle {
    fig_appointment *appointments;
    size_t appointment_count;
    struct oracle_barber *barbers;
    size_t barber_count;
    fig_shop *shops;
    size_t shop_count;
    struct oracle_key *keys;
    size_t key_count;
    uint64_t seq;
    bool journals_refusals; /* each then makes a version */
};

/* A new store, made at an instant: its first shop and the key that this was declared under, at the version that the
 * engine begins with. */
struct oracle *oracle_new(uint64_t seq, const fig_shop *first_shop, int64_t made_s);
struct oracle *oracle_copy(const struct oracle *oracle);
void oracle_free(struct oracle *oracle);

/* What a request, or a batch, comes to. outcomes[i].others is honoured as the engine does. */
void oracle_request(struct oracle **oracle, const fig_request *request, fig_outcome *outcome);
fig_status oracle_batch(struct oracle **oracle, const fig_request *requests, size_t count, fig_outcome *outcomes);

/* The appointments that stand in the way of a span, by start and id; returns how many. */
size_t oracle_check(const struct oracle *oracle, int64_t now_s, const fig_span *span, fig_appointment *found,
                    size_t capacity);
/* As fig_list(): returns how many, in its order. */
size_t oracle_list(const struct oracle *oracle, int64_t now_s, const fig_filter *filter, fig_appointment *found,
                   size_t capacity);
/* As a reader at this now sees it. */
fig_appointment oracle_show(const fig_appointment *appointment, int64_t now_s);

struct oracle_barber *oracle_barber_of(const struct oracle *oracle, uint64_t id);
fig_appointment *oracle_appointment_of(const struct oracle *oracle, uint64_t id);
/* The appointment that a key booked, NULL: none. */
fig_appointment *oracle_booked_by(const struct oracle *oracle, const char *key);

/* Whether any two active appointments of one barber conflict: the promise itself. */
bool oracle_sound(const struct oracle *oracle);

#endif
