/* Forks: a copy that takes bookings and stores nothing, and what becomes of them when it is merged back. Budget: three
 * seconds. */
#include "tests/engine/fixture.h"

#include <string.h>

enum { ROOM = 16 };

static fig_engine *fork_of(fig_engine *engine)
{
    fig_engine *fork = NULL;
    fig_error error = fig_error_default();
    fig_status status = fig_fork(engine, &fork, &error);
    cr_assert_eq(status, FIG_OK, "%s", error.message);
    return fork;
}

static fig_status merge(fig_engine *engine, fig_engine *fork, fig_merged list[ROOM], size_t *count)
{
    for (size_t i = 0; i < ROOM; i++) list[i] = fig_merged_default();
    return fig_merge(engine, fork, NOON, 0, list, ROOM, count);
}

static fig_request hour(int which) { return a_booking(FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR); }

static bool taken(fig_engine *engine, int which)
{
    return !is_free(engine, FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR, NOON);
}

Test(forks, begin_as_what_they_were_made_of)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_engine *engine = fixture_open(directory);
    for (int i = 0; i < 20; i++) must(engine, hour(i), FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    for (int i = 20; i < 40; i++) must(engine, hour(i), FIG_OK);
    fig_engine *fork = fork_of(engine);
    fig_stats a = stats_of(engine), b = stats_of(fork);
    must_be_equal(&a, &b);
    must(fork, hour(40), FIG_OK);
    must(engine, hour(41), FIG_OK);
    cr_assert(taken(fork, 40) && !taken(engine, 40) && taken(engine, 41) && !taken(fork, 41));
    fig_engine *again = fork_of(fork);
    cr_assert(taken(again, 40) && !taken(again, 41));
    fixture_close(engine);
    must(fork, hour(42), FIG_OK);
    fixture_close(again);
    fixture_close(fork);
    engine = fixture_open(directory);
    cr_assert_eq(stats_of(engine).active, 41);
    fixture_close(engine);
    support_remove(directory);
}

/* ---- merging ---- */

static fig_appointment shown(fig_engine *engine, uint64_t id) { return appointment_at(engine, id, NOON); }

Test(forks, are_merged_back_as_one_batch)
{
    fig_engine *engine = fixture_engine();
    uint64_t moved = booked(engine, FIGARO, NOON, NOON + HOUR), ended = booked(engine, BARTOLO, NOON, NOON + HOUR);
    uint64_t left = booked(engine, BARTOLO, NOON + 9 * HOUR, NOON + 10 * HOUR);
    fig_engine *fork = fork_of(engine);
    must(fork, a_move(moved, NOON + 5 * HOUR, NOON + 6 * HOUR), FIG_OK);
    must(fork, a_status(ended, FIG_CANCELLED), FIG_OK);
    fig_request request = hour(0);
    request.note = "what if he came at noon";
    request.key = "what-if-1";
    must(fork, request, FIG_OK);
    uint64_t confirmed = must(fork, hour(1), FIG_OK).appointment.id;
    must(fork, a_confirmation(confirmed), FIG_OK);
    must(fork, a_status(must(fork, hour(2), FIG_OK).appointment.id, FIG_CANCELLED), FIG_OK);
    must(fork, a_hold(FIGARO, NOON + 3 * HOUR, NOON + 4 * HOUR, 2 * DAY), FIG_OK);
    must(engine, hour(20), FIG_OK); /* so that ids differ */

    fig_merged list[ROOM];
    size_t count = 0;
    uint64_t before = stats_of(engine).version;
    must_be(merge(engine, fork, list, &count), FIG_OK);
    cr_assert_eq(count, 6, "%zu", count);
    cr_assert_eq(stats_of(engine).version, before + 1, "one entry");
    cr_assert_eq(shown(engine, moved).start_s, NOON + 5 * HOUR);
    cr_assert_eq(shown(engine, ended).status, FIG_CANCELLED);
    cr_assert_eq(shown(engine, left).version, shown(fork, left).version);
    cr_assert(taken(engine, 0) && taken(engine, 1) && !taken(engine, 2) && taken(engine, 3) && taken(engine, 5));
    for (size_t i = 0; i < count; i++) must_be(list[i].outcome.status, FIG_OK);

    fig_view view = at(NOON);
    fig_appointment found = fig_appointment_default();
    char note[64];
    size_t size;
    must_be(fig_find_appointment(engine, &view, "what-if-1", &found), FIG_OK);
    must_be(fig_get_note(engine, found.id, note, sizeof note, &size), FIG_OK);
    cr_assert_str_eq(note, "what if he came at noon");
    for (size_t i = 0; i < count; i++)
        if (list[i].fork_id == confirmed && list[i].operation == FIG_OP_BOOK)
            cr_assert_eq(shown(engine, list[i].outcome.appointment.id).status, FIG_CONFIRMED);
    fixture_close(fork);
    fixture_close(engine);
}

Test(forks, that_changed_nothing_merge_nothing)
{
    fig_engine *engine = fixture_engine();
    booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_engine *fork = fork_of(engine);
    fig_merged list[ROOM];
    size_t count = 7;
    must_be(merge(engine, fork, list, &count), FIG_OK);
    cr_assert_eq(count, 0);
    fixture_close(fork);
    fixture_close(engine);
}

Test(forks, say_what_conflicts_by_then_and_do_nothing)
{
    fig_engine *engine = fixture_engine();
    fig_engine *fork = fork_of(engine);
    must(fork, hour(0), FIG_OK);
    must(fork, hour(1), FIG_OK);
    uint64_t blocker = must(engine, hour(1), FIG_OK).appointment.id;
    fig_merged list[ROOM];
    fig_appointment others[2] = {fig_appointment_default(), fig_appointment_default()};
    size_t count = 0;
    for (size_t i = 0; i < ROOM; i++) list[i] = fig_merged_default();
    list[1].outcome.others = others;
    list[1].outcome.others_capacity = 2;
    must_be(fig_merge(engine, fork, NOON, 0, list, ROOM, &count), FIG_CONFLICT);
    cr_assert_eq(count, 2);
    must_be(list[0].outcome.status, FIG_NOT_DONE);
    must_be(list[1].outcome.status, FIG_CONFLICT);
    cr_assert(list[1].outcome.others_count == 1 && others[0].id == blocker);
    cr_assert_not(taken(engine, 0));
    must(engine, a_status(blocker, FIG_CANCELLED), FIG_OK);
    must_be(merge(engine, fork, list, &count), FIG_OK);
    cr_assert(taken(engine, 0) && taken(engine, 1));
    fixture_close(fork);
    fixture_close(engine);
}

Test(forks, do_not_undo_what_was_changed_since)
{
    fig_engine *engine = fixture_engine();
    uint64_t id = booked(engine, FIGARO, NOON, NOON + HOUR);
    fig_engine *fork = fork_of(engine);
    must(fork, a_move(id, NOON + 2 * HOUR, NOON + 3 * HOUR), FIG_OK);
    must(engine, a_move(id, NOON + 4 * HOUR, NOON + 5 * HOUR), FIG_OK);
    fig_merged list[ROOM];
    size_t count = 0;
    must_be(merge(engine, fork, list, &count), FIG_STALE);
    cr_assert(count == 1 && taken(engine, 4) && !taken(engine, 2));
    fixture_close(fork);
    fixture_close(engine);
}

Test(forks, are_merged_where_there_is_room_and_into_what_they_came_from)
{
    fig_engine *engine = fixture_engine();
    fig_engine *fork = fork_of(engine);
    for (int i = 0; i < 3; i++) must(fork, hour(i), FIG_OK);
    size_t count = 0;
    must_be(fig_merge(engine, fork, NOON, 0, NULL, 0, &count), FIG_INVALID);
    cr_assert_eq(count, 3);
    must_be(fig_merge(engine, engine, NOON, 0, NULL, 0, &count), FIG_INVALID);
    must_be(fig_merge(fork, engine, NOON, 0, NULL, 0, &count), FIG_INVALID);
    fig_merged wrong = {.struct_size = 1};
    must_be(fig_merge(engine, fork, NOON, 0, &wrong, 1, &count), FIG_INVALID);
    cr_assert_not(taken(engine, 0));
    fixture_close(fork);
    fixture_close(engine);
}
