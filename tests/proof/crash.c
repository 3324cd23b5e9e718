/* kill -9 while a workload is played. Whatever the moment: the store opens, verifies, and holds exactly the rows that
 * were acknowledged, and perhaps those of the one commit that was under way. Then the play goes on from there, is
 * killed again, and ends with the right answer. Budget: FIGARO_KILLS (100) kills, a minute. */
#include "tests/proof/reference.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ONE_OFFICE   "offices/one_2026w05-08.workload.csv.gz"
#define ONE_LIVE     1334
#define ONE_SHA256   "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1"
#define KILLS_A_PLAY 3

#ifdef FIG_CHECKERS
#define KILLS 6
#else
#define KILLS 100
#endif

struct play {
    struct support_random random;
    char data[SUPPORT_PATH], root[SUPPORT_PATH], store[SUPPORT_PATH + 8], acks[SUPPORT_PATH + 8];
    unsigned batch;
    size_t rows; /* that the store holds */
};

/* The last number in the file of acknowledgements; a torn last line is not one. */
static size_t acknowledged(const struct play *p)
{
    if (access(p->acks, F_OK) != 0) return 0;
    size_t size, rows = 0;
    char *text = support_read_file(p->acks, &size);
    char *end = strrchr(text, '\n');
    if (end != NULL) {
        *end = '\0';
        const char *last = strrchr(text, '\n');
        rows = strtoul(last != NULL ? last + 1 : text, NULL, 10);
    }
    free(text);
    return rows;
}

static pid_t start_replay(const struct play *p)
{
    char batch[16], skip[24];
    support_format(batch, sizeof batch, "%u", p->batch);
    support_format(skip, sizeof skip, "%zu", p->rows);
    return support_spawn((const char *const[]){support_figaro(), "replay", p->store, p->data, "--batch", batch,
                                               "--skip", skip, "--acks", p->acks, "--json", NULL});
}

static void pause_us(uint64_t us)
{
    struct timespec rest = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&rest, NULL);
}

/* Waits until so many rows are acknowledged, a little longer, and kills. False when the play was over before. */
static bool kill_after(struct play *p, pid_t pid, size_t rows)
{
    int status;
    while (acknowledged(p) < rows) {
        if (waitpid(pid, &status, WNOHANG) == pid) return false;
        pause_us(50);
    }
    pause_us(support_below(&p->random, 400));
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
}

static void must_verify(const struct play *p)
{
    struct support_child child = SUPPORT_FIGARO("verify", p->store);
    cr_assert(child.exit_code == 0, "verify: exit %d, signal %d\n%s%s", child.exit_code, child.signal, child.out,
              child.err);
    support_free(&child);
}

static uint64_t state_of_store(const char *store)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    options.read_only = true;
    fig_status status = fig_open(store, &options, &engine, &error);
    cr_assert(status == FIG_OK, "open after a kill: %s", error.message);
    uint64_t state = reference_state(engine);
    cr_assert_eq(fig_close(engine), FIG_OK);
    return state;
}

/* The store holds a prefix of the file that reaches at least as far as was acknowledged. */
static void must_hold_a_prefix(struct play *p, const struct reference *reference)
{
    size_t acks = acknowledged(p), least = acks > p->rows ? acks : p->rows;
    long rows = reference_rows(reference, state_of_store(p->store), least, least + p->batch);
    cr_assert_geq(rows, 0, "batch %u: the store holds no prefix of %zu to %zu rows (kept in %s)", p->batch, least,
                  least + p->batch, p->root);
    p->rows = (size_t)rows;
}

/* A store need not be there when the kill came while it was made. */
static bool store_was_made(const struct play *p)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    fig_status status = fig_open(p->store, &options, &engine, NULL);
    if (status == FIG_NOT_STORE) {
        cr_assert_eq(acknowledged(p), 0);
        return false;
    }
    cr_assert_eq(status, FIG_OK, "%s", fig_status_name(status));
    cr_assert_eq(fig_close(engine), FIG_OK);
    return true;
}

static void must_end_right(const struct play *p)
{
    int status;
    pid_t pid = start_replay(p);
    waitpid(pid, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the last part of the play failed");
    struct support_child child = SUPPORT_FIGARO("stats", p->store, "--json");
    json_t *stats = json_loads(child.out, 0, NULL);
    cr_assert_not_null(stats, "stats: %s%s", child.out, child.err);
    cr_assert_eq(json_integer_value(json_object_get(stats, "live")), ONE_LIVE);
    cr_assert_str_eq(json_string_value(json_object_get(stats, "sha256")), ONE_SHA256);
    json_decref(stats);
    support_free(&child);
    must_verify(p);
}

/* One store, killed several times, played to its end. Returns how often it was killed. */
static unsigned play_and_kill(struct support_random *random, const char *data, const struct reference *reference)
{
    static const unsigned batches[] = {1, 3, 16, 64, 256, 1000};
    struct play p = {.random = *random, .batch = batches[support_below(random, 6)]};
    unsigned kills = 0;
    support_format(p.data, sizeof p.data, "%s", data);
    support_make_fast_directory(p.root);
    support_format(p.store, sizeof p.store, "%s/store", p.root);
    support_format(p.acks, sizeof p.acks, "%s/acks", p.root);
    for (int i = 0; i < KILLS_A_PLAY; i++) {
        size_t until = p.rows + support_below(&p.random, (reference->rows - p.rows) * 2 / KILLS_A_PLAY + 1);
        if (!kill_after(&p, start_replay(&p), until)) break;
        kills++;
        if (!store_was_made(&p)) continue;
        must_verify(&p);
        must_hold_a_prefix(&p, reference);
    }
    must_end_right(&p);
    support_remove(p.root);
    *random = p.random;
    return kills;
}

static void kill_share(unsigned part, unsigned parts)
{
    char data[SUPPORT_PATH];
    support_need_data(ONE_OFFICE, data);
    struct reference reference = reference_of(data);
    cr_assert_eq(reference.live, ONE_LIVE);
    struct support_random random = support_random_from(0xf16a50 + part);
    uint64_t due = support_setting("FIGARO_KILLS", KILLS) / parts, done = 0;
    for (uint64_t plays = 0; done < due; plays++) {
        done += play_and_kill(&random, data, &reference);
        cr_assert_leq(plays, 2 * due + 10, "the plays end before they can be killed");
    }
    reference_free(&reference);
}

/* The control: a store that had lost its last acknowledged row would be noticed. */
Test(crash, a_lost_row_would_be_noticed)
{
    char data[SUPPORT_PATH];
    support_need_data(ONE_OFFICE, data);
    struct reference reference = reference_of(data);
    size_t unnoticed = 0;
    for (size_t k = 1; k <= reference.rows; k++)
        unnoticed += reference_rows(&reference, reference.states[k - 1], k, k + 256) >= 0;
    cr_assert_lt(unnoticed, reference.rows / 200, "%zu of %zu rows could be lost", unnoticed, reference.rows);
    reference_free(&reference);
}

Test(crash, killed_plays_keep_what_was_acknowledged_1) { kill_share(0, 2); }
Test(crash, killed_plays_keep_what_was_acknowledged_2) { kill_share(1, 2); }
