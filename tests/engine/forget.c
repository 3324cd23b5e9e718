/* Forgetting a client: the texts are gone from every byte that a copy of the store has, the chain still verifies, and
 * what was known at any version has the digest that it had. Budget: 2 s. */
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>

#define SECRET "is allergic to bay rum"
#define OTHER  "likes it short"

static uint64_t declare_client(fig_engine *engine, const char *name, uint64_t id)
{
    fig_client client = fig_client_default();
    client.id = id;
    client.fields = FIG_CLIENT_NAME | FIG_CLIENT_BORN;
    client.born_day = 7000;
    strcpy(client.name, name);
    fig_request request = fig_declare_client_default();
    request.now_s = BEFORE_IT;
    request.client = &client;
    return must(engine, request, FIG_OK).declared_id;
}

static void book_with_note(fig_engine *engine, uint64_t client_id, int hour, const char *note)
{
    fig_request request = a_booking(FIGARO, NOON + hour * HOUR, NOON + (hour + 1) * HOUR);
    request.client_id = client_id;
    request.note = note;
    must(engine, request, FIG_OK);
}

/* Two clients, each declared twice and with notes; some are in the tables already. */
static void fill(fig_engine *engine, uint64_t ids[2])
{
    ids[0] = declare_client(engine, "Rosina Almaviva", 0);
    ids[1] = declare_client(engine, "Bartolo", 0);
    for (int i = 0; i < 6; i++) book_with_note(engine, ids[i % 2], i, i % 2 == 0 ? SECRET : OTHER);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    declare_client(engine, "Rosina di Almaviva", ids[0]);
    for (int i = 6; i < 12; i++) book_with_note(engine, ids[i % 2], i, i % 2 == 0 ? SECRET : OTHER);
}

static fig_forgotten forgotten(fig_engine *engine, uint64_t client_id)
{
    fig_error error = fig_error_default();
    fig_forgotten done = fig_forgotten_default();
    fig_status status = fig_forget(engine, client_id, NOON, &done, &error);
    cr_assert(status == FIG_OK, "%s: %s", fig_status_name(status), error.message);
    return done;
}

static bool holds(const char *store, const char *text)
{
    char path[SUPPORT_PATH + 16];
    size_t size;
    support_format(path, sizeof path, "%s/data.mdb", store);
    char *bytes = support_read_file(path, &size);
    bool found = memmem(bytes, size, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

static void expect_forgotten(fig_engine *engine, const uint64_t ids[2])
{
    fig_view view = at(NOON);
    fig_client client = fig_client_default();
    char note[64];
    size_t size;
    must_be(fig_get_client(engine, &view, ids[0], &client), FIG_OK);
    cr_assert_str_empty(client.name);
    cr_assert_eq(client.born_day, FIG_NO_DAY);
    must_be(fig_find_client(engine, &view, "Rosina di Almaviva", &client), FIG_NOT_FOUND);
    must_be(fig_find_client(engine, &view, "Bartolo", &client), FIG_OK);
    for (uint64_t id = 1; id <= 12; id++) {
        cr_assert_eq(appointment_at(engine, id, NOON).client_id, ids[(id + 1) % 2]);
        must_be(fig_get_note(engine, id, note, sizeof note, &size), id % 2 == 1 ? FIG_NOT_FOUND : FIG_OK);
    }
}

Test(forget, erases_every_text_and_nothing_else)
{
    char top[SUPPORT_PATH], path[SUPPORT_PATH], copy[SUPPORT_PATH];
    uint64_t ids[2];
    support_make_fast_directory(top);
    support_format(path, sizeof path, "%.400s/store", top);
    support_format(copy, sizeof copy, "%.400s/copy", top);
    fig_engine *engine = fixture_open(path);
    fill(engine, ids);
    uint64_t version = stats_of(engine).version;
    fig_stats before = stats_of(engine);
    fig_forgotten done = forgotten(engine, ids[0]);
    cr_assert_eq(done.notes, 6);
    cr_assert_eq(done.texts, 8);
    cr_assert_geq(done.frames, 8);
    expect_forgotten(engine, ids);
    done = forgotten(engine, ids[0]);
    cr_assert_eq(done.notes + done.texts + done.frames, 0);
    fig_snapshot *then = NULL;
    fig_stats was = fig_stats_default();
    must_be(fig_snapshot_open_at(engine, version, &then), FIG_OK);
    must_be(fig_get_snapshot_stats(then, &was), FIG_OK);
    must_be_equal(&before, &was);
    fig_snapshot_close(then);
    must_be(fig_backup(engine, copy, NULL), FIG_OK);
    fixture_close(engine);
    cr_assert_not(holds(copy, SECRET));
    cr_assert_not(holds(copy, "Almaviva"));
    cr_assert(holds(copy, OTHER) && holds(copy, "Bartolo"));
    for (int i = 0; i < 2; i++) {
        fig_report report = fig_report_default();
        fig_error error = fig_error_default();
        fig_status status = fig_verify(i == 0 ? path : copy, NULL, &report, &error);
        cr_assert(status == FIG_OK, "%s: %s", error.message, report.text);
        engine = fixture_open(i == 0 ? path : copy);
        expect_forgotten(engine, ids);
        fixture_close(engine);
    }
    support_remove(top);
}

Test(forget, is_taken_in_by_others_and_carried_over)
{
    char path[SUPPORT_PATH];
    uint64_t ids[2];
    support_make_fast_directory(path);
    fig_engine *engine = fixture_open(path), *other = fixture_open(path), *restored = NULL;
    fill(engine, ids);
    cr_assert_eq(appointment_at(other, 1, NOON).client_id, ids[0]);
    forgotten(engine, ids[0]);
    appointment_at(other, 1, NOON); /* catches up */
    fig_view view = at(NOON);
    fig_client client = fig_client_default();
    must_be(fig_get_client(other, &view, ids[0], &client), FIG_OK);
    cr_assert_str_empty(client.name);
    fixture_close(other);
    fig_options options = fig_options_default();
    options.in_memory = options.bare = true;
    must_be(fig_open(NULL, &options, &restored, NULL), FIG_OK);
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    must_be(fig_records_open(engine, NULL, &records), FIG_OK);
    while (fig_records_next(records, &record) == FIG_OK) {
        fig_request request = fig_restore_default();
        request.now_s = NOON;
        request.record = &record;
        must(restored, request, FIG_OK);
    }
    fig_records_close(records);
    fig_stats left = stats_of(engine), right = stats_of(restored);
    cr_assert(memcmp(left.digest, right.digest, sizeof left.digest) == 0, "the digests differ");
    fixture_close(restored);
    fixture_close(engine);
    support_remove(path);
}

Test(forget, refuses_what_makes_no_sense)
{
    fig_engine *engine = fixture_engine(), *fork = NULL;
    fig_forgotten done = fig_forgotten_default();
    fig_error error = fig_error_default();
    must_be(fig_forget(engine, 99, NOON, &done, &error), FIG_NOT_FOUND);
    must_be(fig_forget(engine, 0, NOON, &done, &error), FIG_INVALID);
    must_be(fig_forget(engine, 1, NOON, NULL, &error), FIG_INVALID);
    must_be(fig_fork(engine, NULL, &fork, NULL), FIG_OK);
    must_be(fig_forget(fork, 1, NOON, &done, &error), FIG_INVALID);
    fixture_close(fork);
    /* A client who was never declared has appointments, and their notes. */
    book_with_note(engine, 5, 1, SECRET);
    done = forgotten(engine, 5);
    cr_assert_eq(done.texts, 1);
    fixture_close(engine);
}
