/* A declaration of some kind at random, with all that can be kept of one. */
#ifndef FIG_TESTS_ANY_DECLARED_H
#define FIG_TESTS_ANY_DECLARED_H

#include "engine/core/document.h"
#include "tests/support.h"

enum { LIST = 12 }; /* elements of one at most */

/* A declaration of some kind, with room for its lists. */
struct declared {
    enum document_kind kind;
    fig_schedule schedule;
    fig_service service;
    fig_client client;
    fig_rule rule;
    fig_weekly weekly[LIST];
    fig_cut cuts[LIST];
    fig_offer offers[LIST];
    uint64_t ids[2][LIST];
    char types[LIST][FIG_TYPE_MAX + 1];
};

/* Of any kind but a zone; the others of its structs are made, too. */
void any_declared(struct support_random *random, struct declared *made);

#endif
