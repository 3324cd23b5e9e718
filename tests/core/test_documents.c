/* Documents: random declarations to bytes and back; one declaration has one form, whatever the order of its lists;
 * bytes that were cut off or changed are refused or mean something else that is sound, and nothing outside of them is
 * read. Budget: 2 s. */
#include "engine/core/version.h"
#include "tests/core/any_declared.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t encode(const struct declared *made, uint8_t *bytes)
{
    switch (made->kind) {
    case DOCUMENT_SERVICE: return document_encode_service(&made->service, bytes);
    case DOCUMENT_CLIENT: return document_encode_client(&made->client, bytes);
    case DOCUMENT_RULE: return document_encode_rule(&made->rule, bytes);
    default: return document_encode_schedule(&made->schedule, bytes);
    }
}

/* ---- back ---- */

static struct document_declared as_declared(enum document_kind kind, const uint8_t *bytes, size_t size)
{
    return (struct document_declared){.id = 7, .kind = (uint8_t)kind, .size = (uint32_t)size, .bytes = bytes};
}

static struct document *keep(const struct document_declared *declared)
{
    const char *fault = NULL;
    size_t room = document_room(declared, &fault);
    cr_assert_neq(room, 0, "%s", fault);
    void *memory = aligned_alloc(16, (room + 15) / 16 * 16);
    cr_assert_not_null(memory);
    return document_keep(memory, declared, 1, 2);
}

static size_t encode_again(const struct document *document, uint8_t *bytes)
{
    fig_client client;
    switch ((enum document_kind)document->kind) {
    case DOCUMENT_SERVICE: return document_encode_service(&((const struct service *)document)->is, bytes);
    case DOCUMENT_RULE: return document_encode_rule(&((const struct rule *)document)->is, bytes);
    case DOCUMENT_CLIENT:
        client_show((const struct client_profile *)document, &client);
        return document_encode_client(&client, bytes);
    default: return document_encode_schedule(&((const struct schedule *)document)->is, bytes);
    }
}

/* ---- tests ---- */

static uint8_t first[DOCUMENT_BYTES_MAX], second[DOCUMENT_BYTES_MAX];

Test(documents, come_back_as_they_were_declared)
{
    struct support_seeds seeds = support_seeds_of(0, 1);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        struct support_random random = support_random_from(seed);
        struct declared made;
        any_declared(&random, &made);
        size_t size = encode(&made, first);
        struct document_declared declared = as_declared(made.kind, first, size);
        struct document *kept = keep(&declared);
        cr_assert_not_null(kept);
        cr_assert_eq(kept->id, 7);
        cr_assert_eq(kept->version, 2);
        cr_assert_eq(encode_again(kept, second), size, "FIGARO_SEED=%lu", (unsigned long)seed);
        cr_assert_arr_eq(first, second, size, "FIGARO_SEED=%lu", (unsigned long)seed);
        free(kept);
    }
}

Test(documents, have_one_form_whatever_the_order_of_their_lists)
{
    fig_weekly ordered[3] = {{0, 100, 200}, {1, 50, 60}, {1, 70, 80}};
    fig_weekly mixed[5] = {{1, 70, 80}, {0, 100, 200}, {1, 50, 60}, {0, 100, 200}, {1, 70, 80}};
    fig_schedule schedule = fig_schedule_default();
    schedule.weekly = ordered;
    schedule.weekly_count = 3;
    size_t size = document_encode_schedule(&schedule, first);
    schedule.weekly = mixed;
    schedule.weekly_count = 5;
    cr_assert_eq(document_encode_schedule(&schedule, second), size);
    cr_assert_arr_eq(first, second, size);
}

Test(documents, are_refused_when_their_bytes_end_too_early_or_too_late)
{
    struct support_random random = support_random_from(42);
    struct declared made;
    for (int i = 0; i < 40; i++) {
        any_declared(&random, &made);
        size_t size = encode(&made, first);
        const char *fault = NULL;
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = malloc(cut + 1); /* so that a sanitizer sees who reads on */
            memcpy(exact, first, cut);
            struct document_declared declared = as_declared(made.kind, exact, cut);
            cr_assert_eq(document_room(&declared, &fault), 0, "%zu of %zu bytes of kind %d", cut, size, made.kind);
            free(exact);
        }
        first[size] = 0;
        struct document_declared longer = as_declared(made.kind, first, size + 1);
        cr_assert_eq(document_room(&longer, &fault), 0);
    }
}

Test(documents, with_other_bytes_are_refused_or_sound)
{
    struct support_random random = support_random_from(43);
    struct declared made;
    for (int i = 0; i < 3000; i++) {
        any_declared(&random, &made);
        size_t size = encode(&made, first);
        first[support_below(&random, size)] ^= (uint8_t)(1 + support_below(&random, 255));
        struct document_declared declared = as_declared(made.kind, first, size);
        const char *fault = NULL;
        if (document_room(&declared, &fault) == 0) {
            cr_assert_not_null(fault);
            continue;
        }
        struct document *kept = keep(&declared);
        cr_assert_eq(encode_again(kept, second), size, "what is accepted is canonical");
        cr_assert_arr_eq(first, second, size);
        free(kept);
    }
}

Test(documents, of_a_forgotten_client_say_nothing)
{
    struct document_declared declared = as_declared(DOCUMENT_CLIENT, NULL, 40);
    struct document *kept = keep(&declared);
    struct client_profile *client = (struct client_profile *)kept;
    cr_assert_str_eq(kept->name, "");
    cr_assert_eq(client->born_day, FIG_NO_DAY);
    cr_assert_eq(client->flags, 0);
    free(kept);
    declared.kind = DOCUMENT_SERVICE;
    const char *fault = NULL;
    cr_assert_eq(document_room(&declared, &fault), 0, "nothing else can be forgotten");
}

Test(documents, hold_a_thousand_of_everything)
{
    fig_weekly *weekly = calloc(FIG_LIST_MAX, sizeof *weekly);
    fig_cut *cuts = calloc(FIG_LIST_MAX, sizeof *cuts);
    fig_offer *offers = calloc(FIG_LIST_MAX, sizeof *offers);
    for (uint32_t i = 0; i < FIG_LIST_MAX; i++) {
        weekly[i] = (fig_weekly){(uint8_t)(i % 7), i, i + 1};
        cuts[i] = (fig_cut){.from_day = (int32_t)i, .to_day = (int32_t)i, .whole_days = true};
        offers[i] = (fig_offer){.service_id = i + 1};
    }
    fig_schedule schedule = fig_schedule_default();
    schedule.weekly = weekly;
    schedule.cuts = cuts;
    schedule.offers = offers;
    schedule.weekly_count = schedule.cut_count = schedule.offer_count = FIG_LIST_MAX;
    size_t size = document_encode_schedule(&schedule, first);
    cr_assert_leq(size, DOCUMENT_BYTES_MAX);
    struct document_declared declared = as_declared(DOCUMENT_BARBER_SCHEDULE, first, size);
    const char *fault = NULL;
    cr_assert_leq(document_room(&declared, &fault), NODE_SIZE_MAX);
    struct document *kept = keep(&declared);
    cr_assert_eq(((struct schedule *)kept)->is.offers[FIG_LIST_MAX - 1].service_id, FIG_LIST_MAX);
    free(kept);
    free(weekly);
    free(cuts);
    free(offers);
}
