/* Repair: bits flipped at random in a store that has everything twice, in its journal and in its tables. What comes out
 * is sound; it is the state there was, or it says that the newest may be lost. No one bit takes all of it, and what is
 * lost is what was hit. Budget: FIGARO_REPAIRS (200) damages, fifteen seconds. */
#include "tests/proof/patient.h"

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

/* Under any name: the damaged store is only read. */
Test(repair, into_the_damaged_store_itself_is_refused)
{
    struct patient p = patient_make(10, 0);
    char inside[SUPPORT_PATH + 16], link[SUPPORT_PATH + 16], by_link[SUPPORT_PATH + 48];
    support_format(inside, sizeof inside, "%.400s/in", p.store);
    support_format(link, sizeof link, "%.400s/link", p.root);
    support_format(by_link, sizeof by_link, "%.400s/not/there/yet/", link);
    cr_assert_eq(symlink(p.store, link), 0);
    const char *destinations[] = {inside, by_link, p.store};
    for (int i = 0; i < 3; i++) {
        fig_error error = fig_error_default();
        must_be(fig_repair(p.store, destinations[i], NULL, &error), FIG_DENIED);
        cr_assert(strstr(error.message, "which is only read") != NULL, "%s", error.message);
    }
    struct support_child child = SUPPORT_FIGARO("repair", p.store, inside);
    cr_assert(child.exit_code != 0 && strstr(child.err, "which is only read") != NULL, "%s", child.err);
    support_free(&child);
    child = SUPPORT_RUN("ls", "-A", p.store);
    cr_assert(strstr(child.out, "in") == NULL, "%s", child.out);
    support_free(&child);
    must_verify(p.store);
    patient_end(&p);
}

Test(repair, of_a_sound_store_is_the_same_store)
{
    struct patient p = patient_make(50, 20);
    fig_repaired repaired;
    fig_error error;
    must_be(patient_repair(&p, &repaired, &error), FIG_OK);
    cr_assert(!repaired.history_lost && !repaired.newest_lost && repaired.text[0] == '\0', "%s", repaired.text);
    fig_stats stats = patient_stats(&p);
    must_be_equal(&p.stats, &stats);
    cr_assert_eq(repaired.version, stats.version);
    must_be(fig_repair(p.store, p.repaired, &repaired, &error), FIG_DENIED);
    cr_assert(strstr(error.message, "name a new directory") != NULL, "%s", error.message);
    patient_end(&p);
}

Test(repair, wants_the_store_to_itself)
{
    struct patient p = patient_make(5, 5);
    fig_repaired repaired;
    fig_error error;
    fig_engine *engine = fixture_open(p.store);
    pid_t child = fork();
    if (child == 0) _exit(fig_repair(p.store, p.repaired, NULL, NULL) == FIG_UNAVAILABLE ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fixture_close(engine);
    must_be(patient_repair(&p, &repaired, &error), FIG_OK);
    patient_end(&p);
}

/* ---- bits ---- */

struct tally {
    uint64_t whole;   /* all of it is there */
    uint64_t history; /* of those, without the history */
    uint64_t newest;  /* it says that the newest may be lost */
    uint64_t none;    /* neither copy is left */
    uint64_t searched;
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
    fig_status status = patient_repair(p, &repaired, &error);
    if (status != FIG_OK) {
        cr_assert(error.message[0] != '\0' && (status == FIG_CORRUPT || status == FIG_NOT_STORE || status == FIG_NEWER),
                  "byte %zu: %s %s", at, fig_status_name(status), error.message);
        tally->none++;
        return;
    }
    fig_stats stats = patient_stats(p);
    bool same = stats.version == p->stats.version && memcmp(stats.digest, p->stats.digest, sizeof stats.digest) == 0;
    cr_assert(same || repaired.newest_lost, "byte %zu: version %" PRIu64 ", and nothing is said to be lost: %s", at,
              stats.version, repaired.text);
    cr_assert_leq(stats.version, p->stats.version);
    cr_assert(same == (stats.version == p->stats.version), "byte %zu: another state of the same version", at);
    tally->whole += same;
    tally->history += same && repaired.history_lost;
    tally->newest += repaired.newest_lost;
    tally->searched += repaired.found_frames > 0;
}

static struct tally flip_all(struct patient *p, uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    struct tally tally = {0};
    uint64_t count = support_setting("FIGARO_REPAIRS", REPAIRS) / 2;
    for (uint64_t i = 0; i < count; i++) flip_and_repair(p, &random, &tally);
    cr_log_info("of %" PRIu64 ": %" PRIu64 " whole, %" PRIu64 " of them without history, %" PRIu64
                " that may lack the newest, %" PRIu64 " lost, %" PRIu64 " searched for frames",
                count, tally.whole, tally.history, tally.newest, tally.none, tally.searched);
    return tally;
}

/* Both copies hang on a few pages of the file, but the frames can be found without them. The one frame that both need
 * is that at which the tables stand. */
Test(repair, saves_all_that_is_there_twice)
{
    struct patient p = patient_make(300, 0);
    struct tally tally = flip_all(&p, 1);
    uint64_t count = support_setting("FIGARO_REPAIRS", REPAIRS) / 2;
    cr_assert(tally.whole >= count * 99 / 100 && tally.none == 0, "%" PRIu64 " of %" PRIu64 ", %" PRIu64 " lost",
              tally.whole, count, tally.none);
    cr_assert_gt(tally.history, 0, "no damage hit the journal");
    patient_end(&p);
}

/* What came after the checkpoint is in the journal alone. */
Test(repair, says_when_the_newest_may_be_lost)
{
    struct patient p = patient_make(100, 200);
    struct tally tally = flip_all(&p, 2);
    cr_assert(tally.newest > 0 && tally.whole > tally.newest && tally.none == 0,
              "%" PRIu64 " whole, %" PRIu64 " without the newest, %" PRIu64 " lost", tally.whole, tally.newest,
              tally.none);
    patient_end(&p);
}

/* ---- the command ---- */

Test(repair, by_the_command_says_what_is_lost)
{
    struct patient p = patient_make(60, 0);
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
    patient_end(&p);
}
