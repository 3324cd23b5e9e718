/* Repair: whichever of journal and tables survives gives the acknowledged state back, and what was lost is told.
 * Budget: 5 s. */
#include "tests/engine/fixture.h"
#include "tests/tools/shop.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *in(const struct shop *shop, const char *name)
{
    static char paths[4][SUPPORT_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    support_format(path, SUPPORT_PATH, "%.400s/%s", shop->root, name);
    return path;
}

enum { BOOKINGS = 60 };

/* Every booking has a note that names it: where its bytes lie is then known. The tables stand at booking `checkpoint`
 * (0: they are empty). */
static fig_stats make_store(const char *path, int checkpoint)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.committer = FIG_COMMITTER_NONE;
    options.checkpoint_records = 0;
    fig_engine *engine = NULL;
    must_be(fig_open(path, &options, &engine, NULL), FIG_OK);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    for (int i = 1; i <= BOOKINGS; i++) {
        char note[40];
        support_format(note, sizeof note, "note of booking %03d", i);
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.note = note;
        must(engine, request, FIG_OK);
        if (i == checkpoint) must_be(fig_checkpoint(engine, NULL), FIG_OK);
    }
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}

/* Turns over a bit of every place at which the text stands between two of the file's bytes; returns how many. */
static int damage(const char *store, const char *text, int from, int to)
{
    char path[SUPPORT_PATH + 16];
    size_t size;
    int found = 0;
    support_format(path, sizeof path, "%s/data.mdb", store);
    char *bytes = support_read_file(path, &size);
    for (char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), text, strlen(text))) != NULL; at++) {
        if (found >= from && found < to) at[2] ^= 1;
        found++;
    }
    support_write_file(path, bytes, size);
    chmod(path, 0600);
    free(bytes);
    return found;
}

static json_t *repaired(const struct shop *shop, int exit_code)
{
    struct support_child child = SUPPORT_FIGARO("repair", shop->store, in(shop, "new"), "--json");
    cr_assert_eq(child.exit_code, exit_code, "exit %d: %s%s", child.exit_code, child.out, child.err);
    json_t *answer = exit_code == 0 ? json_loads(support_last_line(child.out), 0, NULL) : NULL;
    support_free(&child);
    if (exit_code == 0) EXPECT_FIGARO(0, "sound", NULL, "verify", in(shop, "new"));
    return answer;
}

static fig_stats stats_in(const char *path)
{
    fig_engine *engine = fixture_open(path);
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}

static void expect(const json_t *answer, const char *from, bool lost_history, bool lost_frames)
{
    cr_expect_str_eq(json_string_value(json_object_get(answer, "from")), from);
    cr_expect_eq(json_is_true(json_object_get(answer, "lost_history")), lost_history);
    cr_expect_eq(json_integer_value(json_object_get(answer, "lost_frames")) > 0, lost_frames);
}

Test(repair, a_sound_store_comes_back_as_it_is)
{
    struct shop shop = shop_empty();
    fig_stats before = make_store(shop.store, 30);
    json_t *answer = repaired(&shop, 0);
    expect(answer, "journal", false, false);
    fig_stats after = stats_in(in(&shop, "new"));
    must_be_equal(&before, &after);
    json_decref(answer);
    EXPECT_FIGARO(1, "", "is there already", "repair", shop.store, in(&shop, "new"));
    shop_close(&shop);
}

/* The text is in the journal, in the tables, and here and there in pages that are free again. Damaged at any one of
 * these places, the store gives its state back; at one of them the journal is whole, at another the tables. */
Test(repair, one_of_two_copies_is_enough, .timeout = 60)
{
    struct shop shop = shop_empty();
    fig_stats before = make_store(shop.store, BOOKINGS);
    int places = damage(shop.store, "note of booking 017", 0, 0), from_tables = 0, from_journal = 0;
    for (int which = 0; which < places; which++) {
        struct shop other = shop_empty();
        support_copy(shop.store, other.store);
        damage(other.store, "note of booking 017", which, which + 1);
        struct support_child child = SUPPORT_FIGARO("verify", other.store);
        bool damaged = child.exit_code == 3;
        support_free(&child);
        json_t *answer = repaired(&other, 0);
        bool tables = strcmp(json_string_value(json_object_get(answer, "from")), "tables") == 0;
        expect(answer, tables ? "tables" : "journal", tables, false);
        fig_stats after = stats_in(in(&other, "new"));
        cr_expect(memcmp(before.digest, after.digest, sizeof before.digest) == 0, "place %d: another state", which);
        from_tables += damaged && tables;
        from_journal += damaged && !tables;
        json_decref(answer);
        shop_close(&other);
    }
    cr_expect_geq(from_tables, 1);
    cr_expect_geq(from_journal, 1);
    shop_close(&shop);
}

/* Behind the checkpoint there is but one copy: what comes after the damage is lost, and is told. */
Test(repair, what_cannot_be_read_is_told)
{
    struct shop shop = shop_empty();
    make_store(shop.store, 20);
    cr_assert_geq(damage(shop.store, "note of booking 050", 0, 99), 1); /* some lie in pages that are free again */
    json_t *answer = repaired(&shop, 0);
    expect(answer, "journal", false, true);
    cr_expect_eq(json_integer_value(json_object_get(answer, "lost_frames")), BOOKINGS - 49);
    cr_expect_eq(json_integer_value(json_object_get(answer, "appointments")), 49);
    json_decref(answer);
    EXPECT_FIGARO(0, "note of booking 049", NULL, "show", in(&shop, "new"), "49");
    shop_close(&shop);
}

Test(repair, the_tables_help_over_an_early_damage)
{
    struct shop shop = shop_empty();
    fig_stats before = make_store(shop.store, 40);
    int places = damage(shop.store, "note of booking 010", 0, 0);
    for (int which = 0; which < places; which++) {
        struct shop other = shop_empty();
        support_copy(shop.store, other.store);
        damage(other.store, "note of booking 010", which, which + 1);
        json_t *answer = repaired(&other, 0);
        cr_expect_eq(json_integer_value(json_object_get(answer, "lost_frames")), 0);
        fig_stats after = stats_in(in(&other, "new"));
        cr_expect(memcmp(before.digest, after.digest, sizeof before.digest) == 0, "place %d: another state", which);
        json_decref(answer);
        shop_close(&other);
    }
    shop_close(&shop);
}

Test(repair, what_is_no_store_is_refused)
{
    struct shop shop = shop_empty();
    struct support_child child = SUPPORT_FIGARO("repair", in(&shop, "nowhere"), in(&shop, "new"));
    cr_expect_eq(child.exit_code, 3);
    cr_expect_not_null(strstr(child.err, "nowhere"));
    support_free(&child);
    struct stat found;
    cr_expect(lstat(in(&shop, "new"), &found) != 0 && lstat(in(&shop, "new.making"), &found) != 0);
    shop_close(&shop);
}
