/* Rows that overlap each other, against a look at every pair. */
#include "tools/import_overlap.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 60 };

static import_row random_row(struct support_random *random)
{
    static const fig_appointment_status statuses[] = {FIG_SCHEDULED, FIG_CONFIRMED, FIG_PENDING, FIG_CANCELLED};
    import_row row = {.line = support_between(random, 1, 1000), .before_s = -1, .after_s = -1};
    support_format(row.barber, sizeof row.barber, "Barber %d", (int)support_below(random, 3));
    row.start_s = support_between(random, 0, 200);
    row.end_s = row.start_s + support_between(random, 1, support_chance(random, 20) ? 80 : 10);
    if (support_chance(random, 40)) row.before_s = support_between(random, 0, 9);
    if (support_chance(random, 40)) row.after_s = support_between(random, 0, 9);
    row.status = statuses[support_below(random, 4)];
    return row;
}

static int64_t buffer(int64_t seconds) { return seconds > 0 ? seconds : 0; }

/* What the house says of two appointments: the time of one meets the time or a buffer of the other. */
static bool conflict(const import_row *a, const import_row *b, bool exclusive)
{
    if (strcmp(a->barber, b->barber) != 0 || a->status == FIG_CANCELLED || b->status == FIG_CANCELLED) return false;
    int64_t a_from = a->start_s - buffer(a->before_s), a_to = a->end_s + buffer(a->after_s);
    int64_t b_from = b->start_s - buffer(b->before_s), b_to = b->end_s + buffer(b->after_s);
    if (exclusive) return a_from < b_to && b_from < a_to;
    return (a->start_s < b_to && b_from < a->end_s) || (b->start_s < a_to && a_from < b->end_s);
}

static void check_world(uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    import_row rows[ROWS_MAX];
    import_overlaps overlaps = {0};
    size_t count = (size_t)support_between(&random, 0, ROWS_MAX);
    bool exclusive = support_chance(&random, 30);
    for (size_t i = 0; i < count; i++) {
        rows[i] = random_row(&random);
        cr_assert(import_overlaps_add(&overlaps, &rows[i], exclusive));
    }
    cr_assert(import_overlaps_find(&overlaps));
    for (size_t i = 0; i < count; i++) {
        bool expected = false;
        for (size_t j = 0; j < count; j++) expected = expected || (i != j && conflict(&rows[i], &rows[j], exclusive));
        const overlap_row *other = import_overlaps_of(&overlaps, i);
        cr_assert_eq(other != NULL, expected, "seed %llu, row %zu of %zu", (unsigned long long)seed, i, count);
        if (other != NULL)
            cr_assert(conflict(&rows[i], &rows[other->number], exclusive), "seed %llu", (unsigned long long)seed);
    }
    import_overlaps_free(&overlaps);
}

Test(import_overlap, is_what_a_look_at_every_pair_finds)
{
    struct support_seeds seeds = support_seeds_of(0, 1);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) check_world(seed);
}

Test(import_overlap, of_a_row_under_one_key_is_none)
{
    import_overlaps overlaps = {0};
    import_row row = {.line = 1, .start_s = 10, .end_s = 20, .status = FIG_SCHEDULED, .barber = "Figaro", .key = "a"};
    for (int i = 0; i < 3; i++) cr_assert(import_overlaps_add(&overlaps, &row, false));
    strcpy(row.key, "b");
    row.start_s = 20;
    row.end_s = 30;
    cr_assert(import_overlaps_add(&overlaps, &row, false));
    cr_assert(import_overlaps_find(&overlaps));
    for (uint64_t i = 0; i < 5; i++) cr_expect_null(import_overlaps_of(&overlaps, i));
    import_overlaps_free(&overlaps);
}
