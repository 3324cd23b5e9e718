/* Forgetting a client: its texts are gone from memory, from the tables and from the journal, from other engines, too;
 * everything else, and every digest, is as it was. Budget: five seconds. */
#include "storage/store.h"
#include "tests/engine/fixture.h"
#include "tests/storage/faults.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROSINA = 7, LINDORO = 8 };

#define SECRET_NAME "Rosina Secreta"
#define SECRET_NOTE "segreto: the count pays"
#define OTHERS_NOTE "lindoro: likes it short"

static char directory[SUPPORT_PATH];

static void make(void) { support_make_directory(directory); }
static void drop(void) { support_remove(directory); }

TestSuite(forgetting, .init = make, .fini = drop, .timeout = 60);

static void declare_client(fig_engine *engine, uint64_t id, const char *name)
{
    fig_client client = fig_client_default();
    client.id = id;
    client.fields = FIG_CLIENT_NAME | FIG_CLIENT_BORN;
    client.born_day = 9000;
    support_format(client.name, sizeof client.name, "%s", name);
    fig_request request = fig_declare_client_default();
    request.client = &client;
    request.now_s = BEFORE_IT;
    must(engine, request, FIG_OK);
}

static uint64_t book_with_note(fig_engine *engine, int hour, uint64_t client_id, const char *note)
{
    fig_request request = a_booking(FIGARO, NOON + hour * HOUR, NOON + (hour + 1) * HOUR);
    request.client_id = client_id;
    request.note = note;
    return must(engine, request, FIG_OK).appointment.id;
}

static void book_four(fig_engine *engine, int from)
{
    for (int i = from; i < from + 4; i++)
        book_with_note(engine, i, i % 2 ? LINDORO : ROSINA, i % 2 ? OTHERS_NOTE : SECRET_NOTE);
}

/* Notes of both clients, some of which the tables have already and some not yet: odd ids are Rosina's. */
static fig_engine *open_with_texts(void)
{
    fig_engine *engine = fixture_open(directory);
    declare_client(engine, ROSINA, "Rosina");
    declare_client(engine, ROSINA, SECRET_NAME);
    declare_client(engine, LINDORO, "Lindoro");
    book_four(engine, 0);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    book_four(engine, 4);
    return engine;
}

static fig_request forget_rosina(void)
{
    fig_request request = fig_forget_client_default();
    request.client_id = ROSINA;
    request.now_s = NOON;
    return request;
}

static void expect_notes(fig_engine *engine, bool forgotten)
{
    for (uint64_t id = 1; id <= 8; id++) {
        char note[FIG_NOTE_MAX + 1];
        size_t size = 0;
        bool of_rosina = id % 2 == 1;
        fig_status status = fig_get_note(engine, id, note, sizeof note, &size);
        must_be(status, of_rosina && forgotten ? FIG_NOT_FOUND : FIG_OK);
        if (status == FIG_OK) cr_assert_str_eq(note, of_rosina ? SECRET_NOTE : OTHERS_NOTE);
    }
}

static void expect_texts(fig_engine *engine, bool forgotten)
{
    fig_view view = at(NOON);
    fig_client client = fig_client_default();
    must_be(fig_get_client(engine, &view, ROSINA, &client), FIG_OK); /* takes in what others have written */
    cr_assert_str_eq(client.name, forgotten ? "" : SECRET_NAME);
    cr_assert_eq(client.born_day, forgotten ? FIG_NO_DAY : 9000);
    must_be(fig_find_client(engine, &view, SECRET_NAME, &client), forgotten ? FIG_NOT_FOUND : FIG_OK);
    must_be(fig_find_client(engine, &view, "Lindoro", &client), FIG_OK);
    expect_notes(engine, forgotten);
}

static fig_engine *reopen(bool from_journal)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.from_journal = from_journal;
    options.read_only = from_journal;
    must_be(fig_open(directory, &options, &engine, NULL), FIG_OK);
    return engine;
}

Test(forgetting, a_client_leaves_every_digest_as_it_was)
{
    fig_engine *engine = open_with_texts();
    expect_texts(engine, false);
    fig_stats before = stats_of(engine);
    fig_forgotten forgotten = fig_forgotten_default();
    fig_request request = forget_rosina();
    must_be(fig_forget_client(engine, &request, &forgotten, NULL), FIG_OK);
    cr_assert_eq(forgotten.version, before.version + 1);
    cr_assert_eq(forgotten.texts, 6, "four notes and two declarations, not %lu", (unsigned long)forgotten.texts);
    cr_assert_eq(forgotten.records, 2, "two notes were in the tables, not %lu", (unsigned long)forgotten.records);
    fig_stats after = stats_of(engine);
    cr_assert(memcmp(before.digest, after.digest, sizeof before.digest) == 0);
    expect_texts(engine, true);
    fixture_close(engine);
    must_verify(directory);
    for (int from_journal = 0; from_journal < 2; from_journal++) {
        engine = reopen(from_journal);
        expect_texts(engine, true);
        fig_stats again = stats_of(engine);
        must_be_equal(&after, &again);
        fixture_close(engine);
    }
}

/* ---- the bytes ---- */

static bool copy_has(const char *copy, const char *words)
{
    char path[SUPPORT_PATH + 16];
    size_t size;
    support_format(path, sizeof path, "%s/data.mdb", copy);
    char *bytes = support_read_file(path, &size);
    bool has = memmem(bytes, size, words, strlen(words)) != NULL;
    free(bytes);
    return has;
}

static void copy_store(const char *copy)
{
    struct store_options look = {.read_only = true};
    struct store *store;
    cr_assert_eq(store_open_directory(directory, &look, &store, NULL), STORE_OK);
    cr_assert_eq(store->ops->copy(store, copy, NULL), STORE_OK);
    cr_assert_eq(store->ops->close(store, INT64_MAX), STORE_OK);
}

Test(forgetting, leaves_not_a_byte_in_a_copy)
{
    char copy[SUPPORT_PATH + 8];
    support_format(copy, sizeof copy, "%s.copy", directory);
    fig_engine *engine = open_with_texts();
    fig_request request = forget_rosina();
    copy_store(copy);
    cr_assert(copy_has(copy, SECRET_NAME) && copy_has(copy, SECRET_NOTE), "the test looks in the wrong place");
    support_remove(copy);
    must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
    copy_store(copy);
    cr_assert_not(copy_has(copy, SECRET_NAME));
    cr_assert_not(copy_has(copy, SECRET_NOTE));
    cr_assert(copy_has(copy, OTHERS_NOTE) && copy_has(copy, "Lindoro"));
    support_remove(copy);
    fixture_close(engine);
}

/* ---- again, elsewhere, nobody ---- */

Test(forgetting, again_finds_nothing_more)
{
    fig_engine *engine = open_with_texts();
    fig_request request = forget_rosina();
    fig_forgotten forgotten = fig_forgotten_default();
    must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
    must_be(fig_forget_client(engine, &request, &forgotten, NULL), FIG_OK);
    cr_assert(forgotten.texts == 0 && forgotten.frames == 0 && forgotten.records == 0);
    book_with_note(engine, 20, ROSINA, "a new note");
    must_be(fig_forget_client(engine, &request, &forgotten, NULL), FIG_OK);
    cr_assert_eq(forgotten.texts, 1);
    declare_client(engine, ROSINA, "Rosina again");
    fig_view view = at(NOON);
    fig_client client = fig_client_default();
    must_be(fig_find_client(engine, &view, "Rosina again", &client), FIG_OK);
    fixture_close(engine);
    must_verify(directory);
}

Test(forgetting, another_engine_forgets_too)
{
    fig_engine *engine = open_with_texts();
    fig_engine *second = reopen(false);
    expect_texts(second, false);
    fig_request request = forget_rosina();
    must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
    expect_texts(second, true);
    fixture_close(second);
    fixture_close(engine);
}

Test(forgetting, whom_nobody_knows_is_refused)
{
    fig_engine *engine = open_with_texts();
    fig_error error = fig_error_default();
    fig_request request = forget_rosina();
    request.client_id = 4711;
    must_be(fig_forget_client(engine, &request, NULL, &error), FIG_NOT_FOUND);
    cr_assert(strstr(error.message, "no such client") != NULL, "%s", error.message);
    request.client_id = 0;
    must_be(fig_forget_client(engine, &request, NULL, &error), FIG_INVALID);
    request = a_booking(FIGARO, NOON, NOON + HOUR);
    must_be(fig_forget_client(engine, &request, NULL, &error), FIG_INVALID);
    fixture_close(engine);
}

/* ---- stopped in between ---- */

static const char *data_file(void)
{
    static char path[SUPPORT_PATH + 16];
    support_format(path, sizeof path, "%s/data.mdb", directory);
    return path;
}

/* Forgets in a child that dies at its nth write or sync. False: it came to its end before. */
static bool forget_and_die(unsigned nth)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        fig_options options = fig_options_default();
        fig_engine *engine;
        options.committer = FIG_COMMITTER_NONE;
        if (fig_open(directory, &options, &engine, NULL) != FIG_OK) _exit(2);
        faults_arm(data_file(), (struct fault){.nth = nth, .count = 1, .kind = FAULT_DEADLY});
        fig_request request = forget_rosina();
        fig_status status = fig_forget_client(engine, &request, NULL, NULL);
        faults_disarm();
        _exit(status == FIG_OK && fig_close(engine) == FIG_OK ? 1 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%x", (unsigned)status);
    return WEXITSTATUS(status) == 0;
}

Test(forgetting, is_finished_by_who_comes_after_a_death)
{
    fixture_close(open_with_texts());
    char kept[SUPPORT_PATH + 16];
    support_format(kept, sizeof kept, "%s.kept", directory);
    support_copy(data_file(), kept);
    unsigned deaths = 0;
    while (forget_and_die(deaths + 1)) {
        deaths++;
        must_verify(directory);
        fig_engine *engine = reopen(false);
        fig_request request = forget_rosina();
        must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
        expect_texts(engine, true);
        fixture_close(engine);
        must_verify(directory);
        support_copy(kept, data_file());
    }
    cr_assert_gt(deaths, 12, "one entry, a checkpoint, six frames: more than %u writes", deaths);
    unlink(kept);
}
