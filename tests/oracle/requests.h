/* Random requests, close enough together to meet: few barbers, clients and instants, clocks that jump. */
#ifndef FIG_TESTS_REQUESTS_H
#define FIG_TESTS_REQUESTS_H

#include "tests/oracle/oracle.h"
#include "tests/support.h"

enum { REQUESTS_REMEMBERED = 48, REQUESTS_WINDOWS = 6 };

/* A request with all that it points to. After a copy, requests_tie() makes it point to its own again. */
struct asked {
    fig_request request;
    bool has_key, has_booking_key, has_name, has_note;
    char key[FIG_KEY_MAX + 1];
    char booking_key[FIG_KEY_MAX + 1];
    char name[FIG_NAME_MAX + 1];
    char note[24];
    fig_shop shop;
    fig_barber barber;
    fig_window windows[REQUESTS_WINDOWS];
};

struct requests {
    struct support_random *random;
    int64_t base_s; /* where in time this history plays */
    int64_t unit_s; /* its grid, from a second to a week */
    unsigned serial;
    struct asked remembered[REQUESTS_REMEMBERED]; /* single requests with keys, to be asked again */
    size_t remembered_count;
};

struct requests requests_from(struct support_random *random);
/* `member`: fit for a batch, on appointments only. */
void requests_make(struct requests *requests, const struct oracle *oracle, bool member, struct asked *asked);
/* Another member of a batch carries no key unless it books. */
void requests_drop_key(struct asked *asked);
/* This one was asked alone: it may be asked again. */
void requests_remember(struct requests *requests, const struct asked *asked);
void requests_tie(struct asked *asked);
int64_t requests_now(struct requests *requests);

#endif
