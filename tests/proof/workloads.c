/* Two months of real offices, played through the command: every request is accepted, and what is left is what the data
 * directory says. Budget: the large one takes some seconds. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

struct office {
    const char *file;
    json_int_t requests, live;
    const char *sha256;
};

static const struct office one = {"offices/one_2026w05-08.workload.csv.gz", 5997, 1334,
                                  "af36605f17a2e531623d0c735f5bdee8c3298fd10bbe91172423af91c3e723c1"};
static const struct office all = {"offices/all_2026w05-08.workload.csv.gz", 421200, 62643,
                                  "0a2ac7339a9173521ab878f3ccaf6105a49d4384450d9c3871e24ca91614a6ed"};

static json_int_t number(const json_t *object, const char *name)
{
    cr_assert(json_is_integer(json_object_get(object, name)), "%s is missing", name);
    return json_integer_value(json_object_get(object, name));
}

/* The last line of a command's output, which must have ended well. */
static json_t *answer_of(struct support_child child)
{
    cr_assert(child.exit_code == 0, "exit %d, signal %d: %s", child.exit_code, child.signal, child.err);
    json_t *answer = json_loads(support_last_line(child.out), 0, NULL);
    cr_assert_not_null(answer, "not JSON: %s", child.out);
    support_free(&child);
    return answer;
}

static void must_be_left(json_t *answer, const struct office *office, const char *by)
{
    cr_expect_eq(number(answer, "live"), office->live, "%s: live", by);
    cr_expect_str_eq(json_string_value(json_object_get(answer, "sha256")), office->sha256, "%s: sha256", by);
    json_decref(answer);
}

static void play(const struct office *office, const char *batch)
{
    char data[SUPPORT_PATH], root[SUPPORT_PATH], store[SUPPORT_PATH + 8];
    support_need_data(office->file, data);
    support_make_directory(root);
    support_format(store, sizeof store, "%s/store", root);
    const char *const replay[] = {support_figaro(), "replay", store, data, "--batch", batch, "--json", NULL};
    json_t *answer = answer_of(support_run_for(600, replay));
    cr_expect_eq(number(answer, "requests"), office->requests);
    cr_expect_eq(number(answer, "accepted"), office->requests);
    cr_expect_eq(number(answer, "refused"), 0);
    cr_expect_eq(number(answer, "failed"), 0);
    must_be_left(answer, office, "replay");
    must_be_left(answer_of(SUPPORT_FIGARO("stats", store, "--json")), office, "stats");
    must_be_left(answer_of(SUPPORT_FIGARO("stats", store, "--json", "--from-journal")), office,
                 "stats from the journal");
    struct support_child verified = SUPPORT_FIGARO("verify", store);
    cr_expect_eq(verified.exit_code, 0, "verify: %s%s", verified.out, verified.err);
    support_free(&verified);
    support_remove(root);
}

Test(workloads, one_office) { play(&one, "256"); }
Test(workloads, one_office_a_row_a_commit) { play(&one, "1"); }
Test(workloads, one_office_in_the_largest_commits) { play(&one, "4096"); }

/* Under sanitizers the small file says the same, sooner. */
Test(workloads, all_offices)
{
#ifdef FIG_CHECKERS
    cr_skip_test("a matter of the plain build");
#endif
    play(&all, "512");
}

/* Twice the same file: what was booked is repeated, what is over is refused, and nothing is left differently. */
Test(workloads, one_office_again_changes_no_booking)
{
    char data[SUPPORT_PATH], root[SUPPORT_PATH], store[SUPPORT_PATH + 8];
    support_need_data(one.file, data);
    support_make_fast_directory(root);
    support_format(store, sizeof store, "%s/store", root);
    json_decref(answer_of(SUPPORT_FIGARO("replay", store, data, "--json")));
    json_t *again = answer_of(SUPPORT_FIGARO("replay", store, data, "--json"));
    cr_expect_eq(number(again, "requests"), one.requests);
    cr_expect_eq(number(again, "failed"), 0);
    json_decref(again);
    struct support_child verified = SUPPORT_FIGARO("verify", store);
    cr_expect_eq(verified.exit_code, 0, "verify: %s%s", verified.out, verified.err);
    support_free(&verified);
    support_remove(root);
}
