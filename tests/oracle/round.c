#include "tests/oracle/round.h"

#include "tests/oracle/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hang_buffers(struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        round->outcomes[i] = round->due[i] = fig_outcome_default();
        round->outcomes[i].others = round->others[0][i];
        round->due[i].others = round->others[1][i];
        round->outcomes[i].others_capacity = round->due[i].others_capacity = ROUND_OTHERS;
    }
}

struct round *round_new(struct requests *requests, const struct oracle *oracle, enum round_way way)
{
    struct round *round = calloc(1, sizeof *round);
    if (round == NULL) abort();
    bool batch = way == ROUND_BATCH;
    round->way = way;
    round->count = way == ROUND_ALONE ? 1 : 1 + support_below(requests->random, ROUND_REQUESTS);
    for (size_t i = 0; i < round->count; i++) {
        struct asked *asked = &round->asked[i];
        requests_make(requests, oracle, batch, asked);
        if (batch && i > 0 && asked->request.operation > FIG_OP_HOLD) requests_drop_key(asked);
        if (batch) asked->request.now_s = round->asked[0].request.now_s;
        if (!batch) requests_remember(requests, asked);
        round->requests[i] = asked->request;
    }
    return round;
}

static fig_status ask_alone(fig_engine *engine, const fig_request *r, fig_outcome *outcome)
{
    switch (r->operation) {
    case FIG_OP_BOOK: return fig_book(engine, r, outcome);
    case FIG_OP_HOLD: return fig_hold(engine, r, outcome);
    case FIG_OP_CONFIRM: return fig_confirm(engine, r, outcome);
    case FIG_OP_MOVE: return fig_move(engine, r, outcome);
    case FIG_OP_SET_STATUS: return fig_set_status(engine, r, outcome);
    default: return fig_declare(engine, r, outcome);
    }
}

fig_status round_ask(struct round *round, fig_engine *engine)
{
    hang_buffers(round);
    switch (round->way) {
    case ROUND_ALONE: return ask_alone(engine, round->requests, round->outcomes);
    case ROUND_TOGETHER: return fig_write(engine, round->requests, round->count, round->outcomes);
    case ROUND_BATCH: return fig_batch(engine, round->requests, round->count, round->outcomes);
    }
    return FIG_INVALID;
}

static int by_id(const void *left, const void *right)
{
    const fig_appointment *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* A refused batch lists what stood in the way, members that were never made among it: who they are counts, not in
 * which order nor with what else. */
static void keep_ids_of_others(fig_outcome *outcome)
{
    if (outcome->others_count > outcome->others_capacity) outcome->others_capacity = 0;
    for (size_t i = 0; i < outcome->others_count && i < outcome->others_capacity; i++) {
        uint64_t id = outcome->others[i].id;
        outcome->others[i] = fig_appointment_default();
        outcome->others[i].id = id;
    }
    if (outcome->others_capacity > 0) qsort(outcome->others, outcome->others_count, sizeof *outcome->others, by_id);
}

const char *round_compare(struct round *round, fig_status returned, struct oracle **oracle)
{
    static char text[2048];
    fig_status due = FIG_OK;
    if (round->way == ROUND_BATCH) {
        due = oracle_batch(oracle, round->requests, round->count, round->due);
    } else {
        for (size_t i = 0; i < round->count; i++) oracle_request(oracle, &round->requests[i], &round->due[i]);
        if (round->way == ROUND_ALONE) due = round->due[0].status;
    }
    for (size_t i = 0; i < round->count; i++) {
        if (round->way == ROUND_BATCH) {
            keep_ids_of_others(&round->outcomes[i]);
            keep_ids_of_others(&round->due[i]);
        }
        const char *difference = compare_outcomes(&round->outcomes[i], &round->due[i]);
        if (difference == NULL) continue;
        snprintf(text, sizeof text, "%s\n  %s", describe_request(&round->requests[i]), difference);
        return text;
    }
    if (returned == due) return NULL;
    snprintf(text, sizeof text, "%s returned, %s due", fig_status_name(returned), fig_status_name(due));
    return text;
}

void round_tell(const struct round *round, unsigned step)
{
    static const char *const ways[] = {"alone", "together", "batch"};
    for (size_t i = 0; i < round->count; i++)
        fprintf(stderr, "%u %s %zu: %s -> %s\n", step, ways[round->way], i, describe_request(&round->requests[i]),
                fig_status_name(round->outcomes[i].status));
}
