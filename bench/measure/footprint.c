/* What a contender needs before and besides answering: time to start, disk, memory. */
#include "bench/bare_lmdb.h"
#include "bench/figures.h"
#include "bench/measure/measure.h"
#include "bench/report/results.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

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

/* ------------------------------------------------------------------ the machine */

static const char *file_system_name(const char *directory)
{
    static const struct {
        long magic;
        const char *name;
    } known[] = {{0xef53, "ext4"}, {0x58465342, "xfs"}, {(long)0x9123683e, "btrfs"}, {0x01021994, "tmpfs"}};
    struct statfs facts;
    if (statfs(directory, &facts) != 0) return "unknown";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((long)facts.f_type == known[i].magic) return known[i].name;
    return "other";
}

#define SYNCS 200

/* A page is appended and synced: what bounds every durable booking of one caller. */
static bool time_syncs(const char *directory, struct samples *samples)
{
    char path[600], page[4096];
    snprintf(path, sizeof path, "%s/synced", directory);
    memset(page, 1, sizeof page);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    bool good = file >= 0;
    for (int i = 0; good && i < SYNCS; i++) {
        int64_t began_ns = clock_ns();
        good = write(file, page, sizeof page) == (ssize_t)sizeof page && fdatasync(file) == 0;
        samples_add(samples, clock_ns() - began_ns);
    }
    if (file >= 0) close(file);
    unlink(path);
    return good;
}

bool measure_machine(const char *directory, json_t *results)
{
    struct samples syncs = {0}, clocks = {0};
    bool good = time_syncs(directory, &syncs);
    for (int i = 0; i < 10000; i++) {
        int64_t began_ns = clock_ns();
        samples_add(&clocks, clock_ns() - began_ns);
    }
    json_object_set_new(results, "disk",
                        json_pack("{s:s, s:I, s:I}", "file_system", file_system_name(directory), "sync_p50_ns",
                                  (json_int_t)samples_percentile(&syncs, 50), "sync_p99_ns",
                                  (json_int_t)samples_percentile(&syncs, 99)));
    json_object_set_new(results, "clock_ns", json_integer(samples_percentile(&clocks, 50)));
    fprintf(stderr, "  a synced page p50 %.0f us, reading the clock %lld ns\n",
            (double)samples_percentile(&syncs, 50) / 1e3, (long long)samples_percentile(&clocks, 50));
    samples_free(&syncs);
    samples_free(&clocks);
    return good;
}

bool measure_versions(struct stage *stage, json_t *results)
{
    json_t *versions = json_array();
    for (size_t i = 0; i < stage->count; i++) {
        char text[CONTENDER_VERSION_MAX];
        if (!stage->entrants[i].contender->version(stage->entrants[i].session, text)) continue;
        bool known = false;
        for (size_t k = 0; k < json_array_size(versions); k++)
            known |= strcmp(json_string_value(json_array_get(versions, k)), text) == 0;
        if (!known) json_array_append_new(versions, json_string(text));
    }
    int major, minor, patch;
    bare_lmdb_version(&major, &minor, &patch);
    json_array_append_new(versions, json_sprintf("LMDB %d.%d.%d", major, minor, patch));
    json_array_append_new(versions, json_sprintf("compiler %s", __VERSION__));
    json_object_set_new(results, "versions", versions);
    return true;
}
