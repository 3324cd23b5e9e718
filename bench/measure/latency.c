#include "bench/figures.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum what { CHECK, AVAILABLE, BOOKING, WHATS };
static const char *const what_names[WHATS] = {"check", "available", "booking"};

#define ROUNDS_MAX 64

/* What one contender answered to one kind of question, over all rounds. */
struct tally {
    struct samples samples;
    double round_p50s[ROUNDS_MAX];
    unsigned rounds;
    uint64_t wrong_free;  /* said free, and it was taken */
    uint64_t wrong_taken; /* said taken, and it was free */
    uint64_t failed;
};

static void judge(struct tally *tally, enum answer said, enum answer right)
{
    if (said == ANSWER_FAILED)
        tally->failed++;
    else if (said == ANSWER_FREE && right == ANSWER_TAKEN)
        tally->wrong_free++;
    else if (said == ANSWER_TAKEN && right == ANSWER_FREE)
        tally->wrong_taken++;
}

/* Questions that are drawn before they are asked, and answers that are judged after: in between nothing else than the
 * one who is asked comes into the processor's cache. */
#define BLOCK 64
struct block {
    struct request requests[BLOCK];
    struct day_marks marks[BLOCK];
    enum answer said[BLOCK];
    size_t count;
};

static void judge_day(struct tally *tally, enum answer answer, const struct day_marks *marks,
                      const struct day_marks *right)
{
    if (answer == ANSWER_FAILED || marks->count != right->count) {
        tally->failed++;
        return;
    }
    bool wrong_free = false, wrong_taken = false;
    for (uint32_t i = 0; i < right->count; i++) {
        wrong_free |= marks->free[i] && !right->free[i];
        wrong_taken |= !marks->free[i] && right->free[i];
    }
    tally->wrong_free += wrong_free;
    tally->wrong_taken += wrong_taken;
}

static void judge_block(struct stage *stage, const struct block *block, enum what what, struct tally *tally)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct request *request = &block->requests[i];
        struct day_marks right;
        if (what == AVAILABLE) {
            truth_day(&stage->truth, request->barber_id, request->day, &right);
            judge_day(tally, block->said[i], &block->marks[i], &right);
            continue;
        }
        bool taken = truth_taken(&stage->truth, request->barber_id, request->start_s, request->end_s);
        judge(tally, block->said[i], taken ? ANSWER_TAKEN : ANSWER_FREE);
    }
}

static void ask_block(struct stage *stage, struct entrant *entrant, enum what what, struct draw *draw, size_t count,
                      struct tally *tally, struct samples *samples)
{
    static struct block block;
    const struct contender *contender = entrant->contender;
    block.count = count;
    for (size_t i = 0; i < count; i++) block.requests[i] = truth_draw(&stage->truth, draw);
    for (size_t i = 0; i < count; i++) {
        int64_t began_ns = clock_ns();
        block.said[i] = what == CHECK ? contender->check(entrant->session, &block.requests[i])
                                      : contender->available(entrant->session, &block.requests[i], &block.marks[i]);
        samples_add(samples, clock_ns() - began_ns);
    }
    judge_block(stage, &block, what, tally);
}

/* The day's slots, then a booking of a free one: what a customer waits for. */
static int64_t ask_booking(struct stage *stage, struct entrant *entrant, struct tally *tally)
{
    struct request request = stage_fresh(stage, entrant);
    struct day_marks marks;
    uint64_t id;
    int64_t began_ns = clock_ns();
    enum answer listed = entrant->contender->available(entrant->session, &request, &marks);
    enum answer answer = entrant->contender->book(entrant->session, &request, &id);
    int64_t took_ns = clock_ns() - began_ns;
    judge(tally, listed == ANSWER_FAILED ? listed : answer, ANSWER_FREE);
    return took_ns;
}

/* Some of one kind: checks and lists in blocks, but for those that take long; bookings one by one. */
static void ask(struct stage *stage, struct entrant *entrant, enum what what, struct draw *draw, struct tally *tally,
                struct samples *samples)
{
    if (what == BOOKING)
        samples_add(samples, ask_booking(stage, entrant, tally));
    else
        ask_block(stage, entrant, what, draw, entrant->contender->scans ? 1 : BLOCK, tally, samples);
}

/* The same requests for everybody: they are drawn from the round. */
static void run_round(struct stage *stage, struct entrant *entrant, enum what what, const struct latency_plan *plan,
                      struct tally *tally)
{
    struct draw draw = {stage->truth.town.seed + 1000003 * (uint64_t)(tally->rounds + 1) + what};
    struct samples round = {0};
    if (tally->rounds == 0) { /* caches, plans and pages are made on the way */
        struct tally warming = {0};
        struct samples warm = {0};
        struct draw other = {stage->truth.town.seed + 77};
        int64_t until_ns = clock_ns() + plan->slice_ns / 4;
        do ask(stage, entrant, what, &other, &warming, &warm);
        while (clock_ns() < until_ns);
        samples_free(&warm);
    }
    int64_t until_ns = clock_ns() + plan->slice_ns;
    while (round.count < plan->least || clock_ns() < until_ns) ask(stage, entrant, what, &draw, tally, &round);
    tally->round_p50s[tally->rounds++] = (double)samples_percentile(&round, 50);
    samples_add_all(&tally->samples, &round);
    samples_free(&round);
}

static void add_record(const struct stage *stage, const struct contender *contender, enum what what, bool pinned,
                       struct tally *tally, json_t *results)
{
    json_t *record = json_pack("{s:s, s:I, s:I, s:s, s:b, s:I, s:I, s:I}", "contender", contender->name, "rows",
                               (json_int_t)stage->truth.town.rows, "barbers", (json_int_t)stage->truth.town.barbers,
                               "what", what_names[what], "pinned", pinned, "wrong_free", (json_int_t)tally->wrong_free,
                               "wrong_taken", (json_int_t)tally->wrong_taken, "failed", (json_int_t)tally->failed);
    results_add_samples(record, &tally->samples);
    results_add_rounds(record, tally->round_p50s, tally->rounds);
    results_add(results, "latency", record);
    fprintf(stderr, "  %-30s %-10s%s p50 %12.3f us   %zu samples\n", contender->name, what_names[what],
            pinned ? " pinned" : "", (double)samples_percentile(&tally->samples, 50) / 1e3, tally->samples.count);
}

bool measure_latency(struct stage *stage, const struct latency_plan *plan, json_t *results)
{
    static struct tally tallies[STAGE_MAX][WHATS];
    memset(tallies, 0, sizeof tallies);
    for (unsigned round = 0; round < plan->rounds && round < ROUNDS_MAX; round++)
        for (size_t i = 0; i < stage->count; i++)
            for (int what = 0; what < WHATS; what++)
                run_round(stage, &stage->entrants[i], (enum what)what, plan, &tallies[i][what]);
    bool good = true;
    for (size_t i = 0; i < stage->count; i++)
        for (int what = 0; what < WHATS; what++) {
            struct tally *tally = &tallies[i][what];
            add_record(stage, stage->entrants[i].contender, (enum what)what, false, tally, results);
            if (tally->failed > 0) fprintf(stderr, "  failed: %s\n", stage->entrants[i].base->error);
            good &= tally->failed == 0;
            samples_free(&tally->samples);
        }
    return good;
}

/* ------------------------------------------------------------------ on one processor */

static void pin(pid_t answering, bool to_one)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    for (long i = to_one ? count - 1 : 0; i < count; i++) CPU_SET((size_t)i, &set);
    sched_setaffinity(0, sizeof set, &set);
    if (answering > 0) sched_setaffinity(answering, sizeof set, &set);
}

bool measure_pinned(struct stage *stage, const struct latency_plan *plan, json_t *results)
{
    static struct tally tallies[STAGE_MAX];
    memset(tallies, 0, sizeof tallies);
    for (unsigned round = 0; round < plan->rounds && round < ROUNDS_MAX; round++)
        for (size_t i = 0; i < stage->count; i++) {
            struct entrant *entrant = &stage->entrants[i];
            pid_t answering = entrant->contender->answering(entrant->session);
            if (answering == 0 || entrant->contender->scans || entrant->contender->lane == 1) continue;
            pin(answering, true);
            run_round(stage, entrant, CHECK, plan, &tallies[i]);
            pin(answering, false);
        }
    for (size_t i = 0; i < stage->count; i++) {
        if (tallies[i].rounds > 0) add_record(stage, stage->entrants[i].contender, CHECK, true, &tallies[i], results);
        samples_free(&tallies[i].samples);
    }
    return true;
}
