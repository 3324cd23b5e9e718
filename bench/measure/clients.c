/* Conflict checks by many clients at once, each in a closed loop, contenders in turn, round by round. Every answer is
 * held against the truth. */
#include "bench/figures.h"
#include "bench/measure/callers.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX  64
#define SCAN_ROUNDS 3 /* of those who read the whole table, whose clients outlast a slice by much */
#define QUESTIONS   (1 << 16)
/* Reading the clock takes a fifth as long as the fastest check: of checks that take less than this, one in so many is
 * timed. */
#define FAST_NS    10000
#define TIMED_EACH 16

/* A line of the cache each. */
struct question {
    _Alignas(64) struct request request;
    enum answer right;
};

/* Who is examined, by one number of clients at a time. */
struct candidate {
    struct entrant *entrant;
    const struct question *questions;
    struct pool pool;
    unsigned untimed; /* checks after each that is timed */
    double rates[ROUNDS_MAX];
    unsigned rounds;
    uint64_t runs; /* warming, too: each asks in another order */
    uint64_t wrong;
    struct samples samples;
};

/* NULL: no memory. */
static struct question *draw_questions(const struct truth *truth)
{
    struct question *questions = aligned_alloc(64, QUESTIONS * sizeof *questions);
    struct draw draw = {truth->town.seed + 11};
    for (size_t i = 0; questions != NULL && i < QUESTIONS; i++) {
        struct request request = truth_draw(truth, &draw);
        bool taken = truth_taken(truth, request.barber_id, request.start_s, request.end_s);
        questions[i] = (struct question){request, taken ? ANSWER_TAKEN : ANSWER_FREE};
    }
    return questions;
}

/* Each client asks in an order of its own: one who followed another would find the answers in the processor's cache.
 * The question itself is fetched ahead. */
static void check_one(struct caller *caller, const struct candidate *candidate)
{
    const struct question *question = &candidate->questions[caller->at];
    caller->at = draw_below(&caller->draw, QUESTIONS);
    __builtin_prefetch(&candidate->questions[caller->at]);
    struct session *session = caller_take(caller);
    enum answer said = candidate->entrant->contender->check(session, &question->request);
    caller_give(caller, session);
    caller->done++;
    caller->failed += said == ANSWER_FAILED;
    caller->wrong += said != question->right;
}

static void check_some(struct caller *caller)
{
    const struct candidate *candidate = caller->round->asked;
    int64_t began_ns = clock_ns();
    check_one(caller, candidate);
    samples_add(&caller->samples, clock_ns() - began_ns);
    for (unsigned i = 0; i < candidate->untimed; i++) check_one(caller, candidate);
}

static double run_clients(struct candidate *candidate, unsigned clients, int64_t slice_ns, struct samples *samples)
{
    struct round round = {.entrant = candidate->entrant,
                          .pool = &candidate->pool,
                          .ask = check_some,
                          .asked = candidate,
                          .run = candidate->runs++};
    double rate = callers_run(&round, clients, slice_ns, samples);
    candidate->wrong += round.wrong;
    return rate;
}

/* What is not counted: it makes caches and plans. Checks a second; negative: one failed. */
static double warm(struct candidate *candidate, unsigned clients, int64_t slice_ns)
{
    struct samples samples = {0};
    double rate = run_clients(candidate, clients, slice_ns / 4, &samples);
    samples_free(&samples);
    candidate->wrong = 0;
    return rate;
}

static bool begin_candidate(struct candidate *candidate, const struct callers_plan *plan)
{
    size_t most = 0;
    for (size_t i = 0; plan->callers[i] != 0; i++)
        if (plan->callers[i] > most) most = plan->callers[i];
    if (!pool_fill(&candidate->pool, candidate->entrant, most)) return false;
    double rate = warm(candidate, 1, plan->slice_ns);
    candidate->untimed = rate > 1e9 / FAST_NS ? TIMED_EACH - 1 : 0;
    return rate >= 0;
}

static bool takes_part(const struct candidate *candidate, unsigned round, unsigned rounds)
{
    return !candidate->entrant->contender->scans || rounds <= SCAN_ROUNDS || round % (rounds / SCAN_ROUNDS) == 0;
}

static bool run_round(struct candidate *candidate, unsigned clients, int64_t slice_ns)
{
    bool warms = candidate->rounds == 0 && !candidate->entrant->contender->scans;
    if (warms && warm(candidate, clients, slice_ns) < 0) return false;
    double rate = run_clients(candidate, clients, slice_ns, &candidate->samples);
    candidate->rates[candidate->rounds++] = rate;
    return rate >= 0;
}

static void add_record(const struct stage *stage, struct candidate *candidate, unsigned clients, json_t *results)
{
    const struct contender *contender = candidate->entrant->contender;
    size_t sessions = clients < contender->sessions_max ? clients : contender->sessions_max;
    json_t *record = json_pack("{s:s, s:I, s:i, s:i, s:i, s:I}", "contender", contender->name, "rows",
                               (json_int_t)stage->truth.town.rows, "clients", (int)clients, "sessions", (int)sessions,
                               "timed_each", (int)candidate->untimed + 1, "wrong", (json_int_t)candidate->wrong);
    results_add_samples(record, &candidate->samples);
    results_add_rounds(record, candidate->rates, candidate->rounds);
    results_add(results, "clients", record);
    struct spread spread = spread_of(candidate->rates, candidate->rounds);
    fprintf(stderr, "  %-30s %3u clients %9.0f checks/s (%.0f-%.0f)  p50 %9.1f us  p99 %9.1f us\n", contender->name,
            clients, spread.median, spread.least, spread.most,
            (double)samples_percentile(&candidate->samples, 50) / 1e3,
            (double)samples_percentile(&candidate->samples, 99) / 1e3);
}

static bool measure_count(const struct stage *stage, struct candidate *candidates, size_t count, unsigned clients,
                          const struct callers_plan *plan, json_t *results)
{
    unsigned rounds = plan->rounds < ROUNDS_MAX ? plan->rounds : ROUNDS_MAX;
    bool good = true;
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < count && good; i++)
            if (takes_part(&candidates[i], round, rounds)) good = run_round(&candidates[i], clients, plan->slice_ns);
    for (size_t i = 0; i < count; i++) {
        if (good) add_record(stage, &candidates[i], clients, results);
        samples_free(&candidates[i].samples);
        candidates[i].rounds = 0;
        candidates[i].wrong = 0;
    }
    return good;
}

bool measure_clients(struct stage *stage, const char *names, const struct callers_plan *plan, json_t *results)
{
    static struct candidate candidates[STAGE_MAX];
    struct question *questions = draw_questions(&stage->truth);
    bool good = questions != NULL;
    size_t count = 0;
    memset(candidates, 0, sizeof candidates);
    for (size_t i = 0; i < stage->count && good; i++) {
        if (!stage_wants(names, stage->entrants[i].contender)) continue;
        struct candidate *candidate = &candidates[count++];
        candidate->entrant = &stage->entrants[i];
        candidate->questions = questions;
        good = begin_candidate(candidate, plan);
    }
    for (size_t i = 0; good && plan->callers[i] != 0; i++)
        good = measure_count(stage, candidates, count, plan->callers[i], plan, results);
    for (size_t i = 0; i < count; i++) {
        if (!good && candidates[i].entrant->base->error[0] != '\0')
            fprintf(stderr, "%s: %s\n", candidates[i].entrant->contender->title, candidates[i].entrant->base->error);
        pool_empty(&candidates[i].pool, candidates[i].entrant);
    }
    free(questions);
    return good;
}
