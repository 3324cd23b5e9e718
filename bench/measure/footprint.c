/* What a contender needs before and besides answering: time to start, disk, memory. */
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <stdio.h>

#define ROUNDS_MAX 64

/* Contenders that start alike are asked once: as written is as intended; one server serves all of PostgreSQL's. */
bool measure_startup(const char *directory, const struct town *town, const char *names, unsigned rounds,
                     json_t *results)
{
    static const char *const starters[] = {"figaro", "sqlite-best", "postgresql-exclude", "redis"};
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    for (size_t i = 0; i < sizeof starters / sizeof *starters; i++) {
        const struct contender *contender = contender_by_name(starters[i]);
        double took_ns[ROUNDS_MAX];
        if (!stage_wants(names, contender)) continue;
        for (unsigned round = 0; round < rounds; round++)
            if ((took_ns[round] = (double)stage_start_ns(directory, town, contender)) < 0) return false;
        json_t *record = json_pack("{s:s, s:I}", "contender", contender->name, "rows", (json_int_t)town->rows);
        results_add_rounds(record, took_ns, rounds);
        results_add(results, "startup", record);
        fprintf(stderr, "  %-30s start-up %10.2f ms\n", contender->name, spread_of(took_ns, rounds).median / 1e6);
    }
    return true;
}

bool measure_sizes(struct stage *stage, json_t *results)
{
    for (size_t i = 0; i < stage->count; i++) {
        struct entrant *entrant = &stage->entrants[i];
        struct sizes sizes = {0};
        if (!entrant->contender->sizes(entrant->session, &sizes)) {
            fprintf(stderr, "%s: %s\n", entrant->contender->title, entrant->base->error);
            return false;
        }
        results_add(results, "sizes",
                    json_pack("{s:s, s:I, s:I, s:I}", "contender", entrant->contender->name, "rows",
                              (json_int_t)stage->truth.town.rows, "disk_bytes", (json_int_t)sizes.disk_bytes,
                              "memory_bytes", (json_int_t)sizes.memory_bytes));
        fprintf(stderr, "  %-30s %8.1f MB on disk, %8.1f MB in memory\n", entrant->contender->name,
                (double)sizes.disk_bytes / 1e6, (double)sizes.memory_bytes / 1e6);
    }
    return true;
}
