/* The public header stands alone, in C and in C++, and says the numbers that others have stored. */
#include "engine/figaro.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <string.h>

static bool have(const char *compiler)
{
    struct support_child child = SUPPORT_RUN("sh", "-c", "command -v \"$0\"", compiler);
    bool found = child.exit_code == 0;
    support_free(&child);
    return found;
}

/* Includes nothing but the header, and calls it once so that it is more than parsed. */
static void compile(const char *compiler, const char *standard, const char *language)
{
    if (!have(compiler)) return;
    char command[1024];
    support_format(command, sizeof command,
                   "printf '#include \"engine/figaro.h\"\\nint main(void) { fig_request r = fig_book_default(); "
                   "return r.start_s == r.end_s ? 0 : 1; }\\n' | "
                   "%s %s -x %s -I. -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -",
                   compiler, standard, language);
    struct support_child child = SUPPORT_RUN("sh", "-c", command);
    cr_expect(child.exit_code == 0, "%s %s:\n%s", compiler, standard, child.err);
    support_free(&child);
}

Test(house, header_compiles_alone_as_c11)
{
    cr_assert(have("gcc") || have("cc"));
    compile("cc", "-std=c11", "c");
    compile("gcc", "-std=c11", "c");
    compile("gcc", "-std=c17", "c");
    compile("clang", "-std=c11", "c");
}

Test(house, header_compiles_alone_as_cpp)
{
    compile("g++", "-std=c++11", "c++");
    compile("g++", "-std=c++20", "c++");
    compile("clang++", "-std=c++11", "c++");
}

Test(house, status_numbers_are_stable)
{
    static const struct {
        fig_status status;
        int number;
        const char *name;
    } known[] = {
        {FIG_OK, 0, "ok"},
        {FIG_CONFLICT, 1, "conflict"},
        {FIG_CLOSED, 2, "closed"},
        {FIG_RULE, 3, "rule"},
        {FIG_NOT_FOUND, 4, "not_found"},
        {FIG_STALE, 5, "stale"},
        {FIG_KEY_REUSED, 6, "key_reused"},
        {FIG_ILLEGAL_STATUS, 7, "illegal_status"},
        {FIG_NAME_TAKEN, 8, "name_taken"},
        {FIG_NOT_DONE, 9, "not_done"},
        {FIG_INVALID, 100, "invalid"},
        {FIG_BUSY, 200, "busy"},
        {FIG_UNKNOWN, 201, "unknown"},
        {FIG_UNAVAILABLE, 202, "unavailable"},
        {FIG_FULL, 203, "full"},
        {FIG_NO_MEMORY, 204, "no_memory"},
        {FIG_IO, 205, "io"},
        {FIG_CORRUPT, 206, "corrupt"},
        {FIG_NEWER, 207, "newer"},
        {FIG_NOT_STORE, 208, "not_store"},
        {FIG_FORKED, 209, "forked"},
        {FIG_DENIED, 210, "denied"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        cr_expect_eq((int)known[i].status, known[i].number);
        cr_expect_str_eq(fig_status_name(known[i].status), known[i].name);
        cr_expect(strlen(fig_status_text(known[i].status)) > 4, "%s has no sentence", known[i].name);
    }
    cr_expect_not_null(fig_status_name((fig_status)77));
    cr_expect_not_null(fig_status_text((fig_status)-1));
}

Test(house, defaults_carry_their_size)
{
    cr_expect_eq(fig_error_default().struct_size, sizeof(fig_error));
    cr_expect_eq(fig_appointment_default().struct_size, sizeof(fig_appointment));
    cr_expect_eq(fig_shop_default().struct_size, sizeof(fig_shop));
    cr_expect_eq(fig_barber_default().struct_size, sizeof(fig_barber));
    cr_expect_eq(fig_window_default().struct_size, sizeof(fig_window));
    cr_expect_eq(fig_options_default().struct_size, sizeof(fig_options));
    cr_expect_eq(fig_outcome_default().struct_size, sizeof(fig_outcome));
    cr_expect_eq(fig_view_default().struct_size, sizeof(fig_view));
    cr_expect_eq(fig_span_default().struct_size, sizeof(fig_span));
    cr_expect_eq(fig_filter_default().struct_size, sizeof(fig_filter));
    cr_expect_eq(fig_event_default().struct_size, sizeof(fig_event));
    cr_expect_eq(fig_stats_default().struct_size, sizeof(fig_stats));
    cr_expect_eq(fig_report_default().struct_size, sizeof(fig_report));
    cr_expect_eq(fig_book_default().operation, FIG_OP_BOOK);
    cr_expect_eq(fig_hold_default().operation, FIG_OP_HOLD);
    cr_expect_eq(fig_confirm_default().operation, FIG_OP_CONFIRM);
    cr_expect_eq(fig_confirm_default().status, FIG_CONFIRMED);
    cr_expect_eq(fig_move_default().operation, FIG_OP_MOVE);
    cr_expect_eq(fig_set_status_default().operation, FIG_OP_SET_STATUS);
    cr_expect_eq(fig_declare_windows_default().operation, FIG_OP_DECLARE_WINDOWS);
    cr_expect_eq(fig_book_default().struct_size, sizeof(fig_request));
    cr_expect_eq(fig_book_default().buffer_before_s, FIG_BUFFER_DEFAULT);
    cr_expect_eq(fig_book_default().buffer_after_s, FIG_BUFFER_DEFAULT);
}
