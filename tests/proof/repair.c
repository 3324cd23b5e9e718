/* Repair: bits flipped at random in a store that has everything twice, in its journal and in its tables. What comes out
 * is sound; it is the state there was, or it says that the newest may be lost, or that neither copy is left. And what
 * is lost is what was hit. Budget: FIGARO_REPAIRS (200) damages, fifteen seconds. */
#include "tests/engine/fixture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FIG_CHECKERS
#define REPAIRS 40
#else
#define REPAIRS 200
#endif

struct patient {
    char root[SUPPORT_PATH], store[SUPPORT_PATH + 8], file[SUPPORT_PATH + 32], repaired[SUPPORT_PATH + 16];
    fig_stats stats;
    char *bytes;
    size_t size;
};

static fig_status book(fig_engine *engine, int i)
{
    char key[24];
    support_format(key, sizeof key, "order-%d", i);
    fig_request request = a_booking(i % 2 ? FIGARO : BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    request.key = key;
    request.client_id = (uint64_t)i % 7;
    request.note = i % 5 ? NULL : "cut and beard; comes ten minutes late as a rule, and talks";
    return ask(engine, request).status;
}

/* So many bookings before a checkpoint, and so many after it. */
static struct patient make_patient(int before, int after)
{
    struct patient p;
    support_make_fast_directory(p.root);
    support_format(p.store, sizeof p.store, "%s/store", p.root);
    support_format(p.file, sizeof p.file, "%s/data.mdb", p.store);
    support_format(p.repaired, sizeof p.repaired, "%s/repaired", p.root);
    fig_engine *engine = fixture_open(p.store);
    for (int i = 0; i < before; i++) must_be(book(engine, i), FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    for (int i = before; i < before + after; i++) must_be(book(engine, i), FIG_OK);
    p.stats = stats_of(engine);
    fixture_close(engine);
    p.bytes = support_read_file(p.file, &p.size);
    return p;
}

static void end_patient(struct patient *p)
{
    free(p->bytes);
    support_remove(p->root);
}

static fig_status repair(struct patient *p, fig_repaired *repaired, fig_error *error)
{
    if (access(p->repaired, F_OK) == 0) support_remove(p->repaired);
    *repaired = fig_repaired_default();
    *error = fig_error_default();
    return fig_repair(p->store, p->repaired, repaired, error);
}

static fig_stats stats_of_repaired(const struct patient *p)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    must_be(fig_open(p->repaired, &options, &engine, NULL), FIG_OK);
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}

Test(repair, of_a_sound_store_is_the_same_store)
{
    struct patient p = make_patient(50, 20);
    fig_repaired repaired;
    fig_error error;
    must_be(repair(&p, &repaired, &error), FIG_OK);
    cr_assert(!repaired.history_lost && !repaired.newest_lost && repaired.text[0] == '\0', "%s", repaired.text);
    fig_stats stats = stats_of_repaired(&p);
    must_be_equal(&p.stats, &stats);
    cr_assert_eq(repaired.version, stats.version);
    must_be(fig_repair(p.store, p.repaired, &repaired, &error), FIG_DENIED);
    cr_assert(strstr(error.message, "name a new directory") != NULL, "%s", error.message);
    end_patient(&p);
}

Test(repair, wants_the_store_to_itself)
{
    struct patient p = make_patient(5, 5);
    fig_repaired repaired;
    fig_error error;
    fig_engine *engine = fixture_open(p.store);
    pid_t child = fork();
    if (child == 0) _exit(fig_repair(p.store, p.repaired, NULL, NULL) == FIG_UNAVAILABLE ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fixture_close(engine);
    must_be(repair(&p, &repaired, &error), FIG_OK);
    end_patient(&p);
}

/* ---- bits ---- */

struct tally {
    uint64_t whole;   /* all of it is there */
    uint64_t history; /* of those, without the history */
    uint64_t newest;  /* it says that the newest may be lost */
    uint64_t none;    /* neither copy is left */
};

static void flip_and_repair(struct patient *p, struct support_random *random, struct tally *tally)
{
    size_t at = support_below(random, p->size);
    char bit = (char)(1u << support_below(random, 8));
    p->bytes[at] ^= bit;
    support_write_file(p->file, p->bytes, p->size);
    p->bytes[at] ^= bit;
    fig_repaired repaired;
    fig_error error;
    fig_status status = repair(p, &repaired, &error);
    if (status != FIG_OK) {
        cr_assert(error.message[0] != '\0' && (status == FIG_CORRUPT || status == FIG_NOT_STORE || status == FIG_NEWER),
                  "byte %zu: %s %s", at, fig_status_name(status), error.message);
        tally->none++;
        return;
    }
    fig_stats stats = stats_of_repaired(p);
    bool same = stats.version == p->stats.version && memcmp(stats.digest, p->stats.digest, sizeof stats.digest) == 0;
    cr_assert(same || repaired.newest_lost, "byte %zu: version %" PRIu64 ", and nothing is said to be lost: %s", at,
              stats.version, repaired.text);
    cr_assert_leq(stats.version, p->stats.version);
    cr_assert(same == (stats.version == p->stats.version), "byte %zu: another state of the same version", at);
    tally->whole += same;
    tally->history += same && repaired.history_lost;
    tally->newest += repaired.newest_lost;
}

static struct tally flip_all(struct patient *p, uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct tally tally = {0};
    uint64_t count = support_setting("FIGARO_REPAIRS", REPAIRS) / 2;
    for (uint64_t i = 0; i < count; i++) flip_and_repair(p, &random, &tally);
    return tally;
}

/* Only what both copies hang on can take both away: three or four pages of the file. */
Test(repair, saves_all_that_is_there_twice)
{
    struct patient p = make_patient(300, 0);
    struct tally tally = flip_all(&p, 1);
    uint64_t count = support_setting("FIGARO_REPAIRS", REPAIRS) / 2;
    cr_assert_geq(tally.whole, count * 9 / 10, "%" PRIu64 " of %" PRIu64 ", %" PRIu64 " lost altogether", tally.whole,
                  count, tally.none);
    cr_assert_gt(tally.history, 0, "no damage hit the journal");
    end_patient(&p);
}

/* What came after the checkpoint is in the journal alone. */
Test(repair, says_when_the_newest_may_be_lost)
{
    struct patient p = make_patient(100, 200);
    struct tally tally = flip_all(&p, 2);
    cr_assert(tally.newest > 0 && tally.whole > tally.newest, "%" PRIu64 " whole, %" PRIu64 " without the newest",
              tally.whole, tally.newest);
    end_patient(&p);
}

/* ---- the command ---- */

Test(repair, by_the_command_says_what_is_lost)
{
    struct patient p = make_patient(60, 0);
    struct support_child child = SUPPORT_FIGARO("repair", p.store, p.repaired);
    cr_assert_eq(child.exit_code, 0, "%s%s", child.out, child.err);
    cr_assert(strstr(child.out, "made from the journal") && strstr(child.out, "nothing is lost"), "%s", child.out);
    support_free(&child);
    support_remove(p.repaired);
    memset(p.bytes, 'x', p.size);
    support_write_file(p.file, p.bytes, p.size);
    child = SUPPORT_FIGARO("repair", p.store, p.repaired);
    cr_assert_eq(child.exit_code, 3, "%s%s", child.out, child.err);
    cr_assert(child.err[0] != '\0');
    support_free(&child);
    child = SUPPORT_FIGARO("repair", "/nowhere/store", p.repaired);
    cr_assert_eq(child.exit_code, 3, "%s%s", child.out, child.err);
    support_free(&child);
    end_patient(&p);
}
