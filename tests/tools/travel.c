/* What was known then, and how an appointment came to be what it is: --as-of and history, end to end. Budget: 2 s. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TEN   "2026-03-02T10:00:00Z"
#define NOON_ "2026-03-02T12:00:00Z"

/* Booked at 9, moved at 10, cancelled at 11 of the first of March. */
static struct shop eventful(void)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30", "--key",
                  "b1", "--now", "2026-03-01T09:00:00Z");
    EXPECT_FIGARO(0, "#1", NULL, "move", shop.store, "1", "--start", NOON_, "--barber", "Susanna", "--key", "m1",
                  "--now", "2026-03-01T10:00:00Z");
    EXPECT_FIGARO(0, "cancelled", NULL, "cancel", shop.store, "1", "--now", "2026-03-01T11:00:00Z");
    return shop;
}

Test(as_of, every_question_is_answered_as_it_was_then)
{
    struct shop shop = eventful();
    EXPECT_FIGARO(0, "0 appointments\n", NULL, "list", shop.store, "--as-of", "2026-03-01T08:30:00Z");
    EXPECT_FIGARO(0, "Figaro  " TEN, NULL, "list", shop.store, "--as-of", "2026-03-01T09:30:00Z");
    EXPECT_FIGARO(0, "Susanna  " NOON_, NULL, "show", shop.store, "1", "--as-of", "2026-03-01T10:30");
    EXPECT_FIGARO(0, "cancelled", NULL, "show", shop.store, "1", "--as-of", "2026-03-01T11:00:00Z");
    EXPECT_FIGARO(1, "not_found", NULL, "show", shop.store, "1", "--as-of", "2");
    EXPECT_FIGARO(0, "not free", NULL, "check", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30",
                  "--as-of", "2026-03-01T09:30:00Z");
    EXPECT_FIGARO(0, "free", NULL, "check", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30",
                  "--as-of", "2026-03-01T10:30:00Z");
    EXPECT_FIGARO(0, "\"start\":\"" TEN "\",\"end\":\"2026-03-02T10:30:00Z\",\"available\":false", NULL, "slots",
                  shop.store, "--barber", "Figaro", "--date", "2026-03-02", "--minutes", "30", "--as-of",
                  "2026-03-01T09:30:00Z", "--json");
    EXPECT_FIGARO(0, "\"start\":\"" TEN "\",\"end\":\"2026-03-02T10:30:00Z\",\"available\":true", NULL, "slots",
                  shop.store, "--barber", "Figaro", "--date", "2026-03-02", "--minutes", "30", "--json");
    EXPECT_FIGARO(0, "\"id\":1,\"barber\":\"Figaro\"", NULL, "day", shop.store, "--date", "2026-03-02", "--json",
                  "--as-of", "2026-03-01T09:30:00Z");
    EXPECT_FIGARO(0, "nothing on 2026-03-02", NULL, "day", shop.store, "--date", "2026-03-02");
    EXPECT_FIGARO(0, "2026-03-02T10:30:00Z", NULL, "next", shop.store, "--barber", "Figaro", "--from", TEN, "--minutes",
                  "30", "--as-of", "2026-03-01T09:30:00Z");
    shop_close(&shop);
}

/* A hold is seen as it was then, unless another now is asked for. */
Test(as_of, holds_are_as_they_were)
{
    struct shop shop = shop_open();
    EXPECT_FIGARO(0, "#1", NULL, "hold", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30", "--ttl",
                  "600", "--now", "2026-03-01T09:00:00Z");
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Susanna", "--start", TEN, "--minutes", "30", "--now",
                  "2026-03-01T12:00:00Z");
    EXPECT_FIGARO(0, "  held", NULL, "show", shop.store, "1", "--as-of", "2026-03-01T09:05:00Z");
    EXPECT_FIGARO(0, "  expired", NULL, "show", shop.store, "1", "--as-of", "2026-03-01T09:11:00Z");
    EXPECT_FIGARO(0, "  expired", NULL, "show", shop.store, "1", "--as-of", "2026-03-01T09:05:00Z", "--now",
                  "2026-03-01T13:00:00Z");
    shop_close(&shop);
}

Test(as_of, what_makes_no_sense_is_told)
{
    struct shop shop = eventful();
    EXPECT_FIGARO(2, "", "neither a version nor an instant", "list", shop.store, "--as-of", "yesterday");
    EXPECT_FIGARO(1, "no version 99", NULL, "list", shop.store, "--as-of", "99");
    EXPECT_FIGARO(1, "nothing was known yet", NULL, "list", shop.store, "--as-of", "1999-01-01T00:00:00Z");
    shop_close(&shop);
}

Test(history, tells_every_change_from_what_to_what)
{
    struct shop shop = eventful();
    EXPECT_FIGARO(0, "2026-03-01T09:00:00Z  booked    key b1  #1  Figaro  " TEN, NULL, "history", shop.store, "1");
    EXPECT_FIGARO(0,
                  "2026-03-01T10:00:00Z  moved     key m1  barber Figaro -> Susanna, start " TEN " -> " NOON_
                  ", end 2026-03-02T10:30:00Z -> 2026-03-02T12:30:00Z\n",
                  NULL, "history", shop.store, "1");
    EXPECT_FIGARO(0, "2026-03-01T11:00:00Z  status    status scheduled -> cancelled\n", NULL, "history", shop.store,
                  "1");
    EXPECT_FIGARO(
        0,
        "\"operation\":\"move\",\"event\":\"moved\",\"key\":\"m1\",\"from\":{\"barber\":\"Figaro\",\"start\":\"" TEN
        "\",\"end\":\"2026-03-02T10:30:00Z\"},\"to\":{\"barber\":\"Susanna\",\"start\":\"" NOON_
        "\",\"end\":\"2026-03-02T12:30:00Z\"}",
        NULL, "history", shop.store, "1", "--json");
    EXPECT_FIGARO(1, "no appointment has the id 2", NULL, "history", shop.store, "2");
    shop_close(&shop);
}

Test(history, other_appointments_are_left_out)
{
    struct shop shop = eventful();
    EXPECT_FIGARO(0, "#2", NULL, "book", shop.store, "--barber", "Figaro", "--start", TEN, "--minutes", "30", "--now",
                  SHOP_NOW);
    struct support_child child = SUPPORT_FIGARO("history", shop.store, "1");
    cr_assert_null(strstr(child.out, "#2"));
    support_free(&child);
    child = SUPPORT_FIGARO("history", shop.store, "2");
    cr_assert_eq(child.exit_code, 0);
    cr_assert_not_null(strstr(child.out, "booked"));
    cr_assert_null(strstr(child.out, "moved"));
    support_free(&child);
    shop_close(&shop);
}
