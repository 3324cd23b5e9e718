/* fig_backup() through the API. Budget: 1 s. */
#include "tests/engine/fixture.h"

#include <string.h>

Test(backup_call, copies_the_newest_version)
{
    char top[SUPPORT_PATH], path[SUPPORT_PATH], copy[SUPPORT_PATH];
    support_make_fast_directory(top);
    support_format(path, sizeof path, "%.400s/store", top);
    support_format(copy, sizeof copy, "%.400s/copy", top);
    fig_engine *engine = fixture_open(path);
    for (int i = 0; i < 20; i++) booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    fig_stats before = stats_of(engine);
    fig_error error = fig_error_default();
    must_be(fig_backup(engine, copy, &error), FIG_OK);
    booked(engine, BARTOLO, NOON, NOON + HOUR);
    must_be(fig_backup(engine, copy, &error), FIG_DENIED);
    cr_assert(strstr(error.message, copy) != NULL, "%s", error.message);
    fig_engine *other = fixture_open(copy);
    fig_stats after = stats_of(other);
    must_be_equal(&after, &before);
    booked(other, BARTOLO, NOON, NOON + HOUR);
    fixture_close(other);
    fixture_close(engine);
    support_remove(top);
}

Test(backup_call, refuses_what_makes_no_sense)
{
    fig_engine *engine = fixture_engine();
    fig_error error = fig_error_default();
    must_be(fig_backup(engine, "/tmp/never-made", &error), FIG_INVALID);
    cr_assert(strstr(error.message, "memory") != NULL, "%s", error.message);
    must_be(fig_backup(engine, NULL, &error), FIG_INVALID);
    must_be(fig_backup(NULL, "/tmp/never-made", NULL), FIG_INVALID);
    error.struct_size = 1;
    must_be(fig_backup(engine, "/tmp/never-made", &error), FIG_INVALID);
    fixture_close(engine);
}
