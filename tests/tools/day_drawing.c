/* A day's picture, held against a golden one. */
#include "tools/day_drawing.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MIDNIGHT = 1772409600, HOUR = 3600 }; /* Monday, 2026-03-02 */

static int64_t at(int hour, int minute) { return MIDNIGHT + hour * HOUR + minute * 60; }

static char *draw_on(const day_axis *axis, const day_row *rows, size_t count, const day_look *look)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out != NULL);
    day_draw(out, axis, rows, count, look);
    fclose(out);
    return text;
}

static char *draw(const day_row *rows, size_t count, const day_look *look)
{
    static const local_zone utc = {.name = "UTC"};
    return draw_on(&(day_axis){&utc, MIDNIGHT, MIDNIGHT + 24 * HOUR}, rows, count, look);
}

static void expect_picture(const day_row *rows, size_t count, const day_look *look, const char *expected)
{
    char *text = draw(rows, count, look);
    cr_expect(strcmp(text, expected) == 0, "drawn:\n%s\nexpected:\n%s", text, expected);
    free(text);
}

static const day_span whole_day = {MIDNIGHT, MIDNIGHT + 24 * HOUR};

static size_t sample(day_row rows[2])
{
    static const day_span open[] = {{MIDNIGHT + 9 * HOUR, MIDNIGHT + 12 * HOUR},
                                    {MIDNIGHT + 13 * HOUR, MIDNIGHT + 15 * HOUR},
                                    {MIDNIGHT + 16 * HOUR, MIDNIGHT + 17 * HOUR}};
    static day_block figaro[4], susanna[3];
    figaro[0] = (day_block){at(9, 0), at(9, 30), 0, 0, 12, DAY_BOOKED};
    figaro[1] = (day_block){at(9, 30), at(11, 0), 0, 900, 13, DAY_BOOKED};
    figaro[2] = (day_block){at(13, 0), at(14, 0), 0, 0, 14, DAY_HELD};
    figaro[3] = (day_block){at(16, 0), at(16, 45), 0, 0, 15, DAY_DONE};
    susanna[0] = (day_block){at(10, 0), at(10, 3), 0, 0, 20, DAY_BOOKED};
    susanna[1] = (day_block){at(10, 3), at(10, 6), 0, 0, 21, DAY_BOOKED};
    susanna[2] = (day_block){at(14, 0), at(16, 0), 0, 0, 22, DAY_BOOKED};
    rows[0] = (day_row){"Figaro", true, open, 3, figaro, 4};
    rows[1] = (day_row){"Susanna", false, &whole_day, 1, susanna, 3};
    return 2;
}

Test(day_drawing, draws_the_golden_picture)
{
    day_row rows[2];
    size_t count = sample(rows);
    expect_picture(
        rows, count, &(day_look){.columns = 100, .utf8 = true, .now_s = at(11, 20)},
        " Monday 2 March 2026, UTC: 5 booked, 1 held, 1 done\n"
        "\n"
        "          08:00   09:00   10:00   11:00   12:00   13:00   14:00   15:00   16:00   17:00   18:00\n"
        "          ┬───────┬───────┬───────┬─▼─────┬───────┬───────┬───────┬───────┬───────┬───────┬\n"
        " Figaro   ░░░░░░░░▐#12▐09:30 #13██··      ░░░░░░░░▌#14▒▒▒▒┊       ░░░░░░░░▞#15▚▚  ░░░░░░░░┊   3:00\n"
        "          ┊       ┊       ┊       ┊       ┊       ┊       ┊       ┊       ┊       ┊       ┊\n"
        " Susanna  ┊       ┊       2       ┊       ┊       ┊       ▐14:00 #22██████┊       ┊       ┊   2:06\n"
        "\n"
        "          ▐██ booked  ▌▒▒ held  ▞▚▚ done  ··· buffer  ┊   open  ░░░ closed  2 so many begin there\n"
        "          ▼ now\n");
}

Test(day_drawing, draws_it_in_ascii)
{
    day_row rows[2];
    size_t count = sample(rows);
    expect_picture(
        rows, count, &(day_look){.columns = 100, .now_s = at(11, 20)},
        " Monday 2 March 2026, UTC: 5 booked, 1 held, 1 done\n"
        "\n"
        "          08:00   09:00   10:00   11:00   12:00   13:00   14:00   15:00   16:00   17:00   18:00\n"
        "          +-------+-------+-------+-v-----+-------+-------+-------+-------+-------+-------+\n"
        " Figaro   ::::::::[#12[09:30 #13==~~      ::::::::(#14?\??\?.       ::::::::{#15--  ::::::::.   "
        "3:00\n"
        "          .       .       .       .       .       .       .       .       .       .       .\n"
        " Susanna  .       .       2       .       .       .       [14:00 #22======.       .       .   2:06\n"
        "\n"
        "          [== booked  (?\? held  {-- done  ~~~ buffer  .   open  ::: closed  2 so many begin there\n"
        "          v now\n");
}

Test(day_drawing, parts_blocks_by_an_edge_in_colour)
{
    day_row rows[2];
    size_t count = sample(rows);
    char *text = draw(rows, count, &(day_look){.columns = 100, .utf8 = true, .colour = true, .now_s = at(11, 20)});
    cr_expect(strstr(text, "\033[30;46m▏#12▏09:30 #13  \033[0m\033[36m··") != NULL, "%s", text);
    cr_expect(strstr(text, "\033[31m▼\033[0m") != NULL, "%s", text);
    free(text);
}

Test(day_drawing, marks_what_runs_over_midnight)
{
    const day_block night[] = {{at(-3, 0), at(2, 0), 0, 0, 1, DAY_BOOKED}, {at(23, 0), at(30, 0), 0, 0, 2, DAY_BOOKED}};
    const day_row row = {"Basilio", false, &whole_day, 1, night, 2};
    char *text = draw(&row, 1, &(day_look){.columns = 100});
    cr_expect(strstr(text, "Basilio  <#1=") != NULL, "%s", text);
    cr_expect(strstr(text, "[>") != NULL, "%s", text);
    cr_expect(strstr(text, "3:00") != NULL, "the hours of this day alone count:\n%s", text);
    free(text);
}

Test(day_drawing, keeps_to_the_terminal)
{
    day_row rows[2];
    size_t count = sample(rows);
    for (int columns = 60; columns <= 300; columns += 7) {
        char *text = draw(rows, count, &(day_look){.columns = columns});
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
            cr_expect_leq(strlen(line), (size_t)columns, "%d: %s", columns, line);
        free(text);
    }
}

Test(day_drawing, cuts_names_at_a_character)
{
    const day_block block = {at(10, 0), at(11, 0), 0, 0, 1, DAY_BOOKED};
    const day_row row = {"Marchesa di Münchhausen-Äußerst-Lang", false, &whole_day, 1, &block, 1};
    char *text = draw(&row, 1, &(day_look){.columns = 60, .utf8 = true});
    cr_expect(strstr(text, " Marchesa di Mü…  ") != NULL, "%s", text);
    free(text);
    text = draw(&row, 1, &(day_look){.columns = 60});
    cr_expect(strstr(text, " Marchesa di M?.  ") != NULL, "%s", text);
    free(text);
}

Test(day_drawing, draws_an_empty_day)
{
    const day_row row = {"Figaro", true, NULL, 0, NULL, 0};
    char *text = draw(&row, 1, &(day_look){.columns = 100});
    cr_expect(strstr(text, "Monday 2 March 2026, UTC: 0 booked") != NULL, "%s", text);
    free(text);
}

/* The date in a zone, its hours as the axis has them. */
static char *draw_date(const char *zone_name, const char *date, size_t blocks)
{
    local_zone zone;
    day_axis axis = {.zone = &zone};
    day_block block = {.id = 1};
    const day_row row = {"Figaro", false, NULL, 0, &block, blocks};
    int64_t midnight_s;
    reason why;
    cr_assert(local_zone_open(zone_name, &zone, &why), "%s", why.text);
    cr_assert(rfc3339_parse_date(date, &midnight_s, &why));
    cr_assert(local_zone_instant(&zone, (moment){true, midnight_s}, &axis.start_s, &why));
    cr_assert(local_zone_instant(&zone, (moment){true, midnight_s + 24 * HOUR}, &axis.end_s, &why));
    block.start_s = axis.start_s;
    block.end_s = axis.end_s;
    char *text = draw_on(&axis, &row, 1, &(day_look){.columns = 220});
    local_zone_close(&zone);
    return text;
}

Test(day_drawing, days_have_the_hours_that_clocks_give_them)
{
    static const struct {
        const char *zone, *date, *title, *hours, *booked;
    } table[] = {
        {"Europe/Madrid", "2026-03-28", "Saturday 28 March 2026, Europe/Madrid: 1 booked", "01:00   02:00   03:00",
         " 24:00"},
        {"Europe/Madrid", "2026-03-29",
         "Sunday 29 March 2026, Europe/Madrid (23 hours: at 02:00 clocks go forward to 03:00)",
         "00:00   01:00   03:00   04:00", " 23:00"},
        {"Europe/Madrid", "2026-10-25",
         "Sunday 25 October 2026, Europe/Madrid (25 hours: at 03:00 clocks go back to 02:00)",
         "01:00   02:00   02:00   03:00", " 25:00"},
        {"Australia/Lord_Howe", "2026-10-04", "(23:30 hours: at 02:00 clocks go forward to 02:30)",
         "01:00   02:30   03:30", " 23:30"},
        {"Africa/Cairo", "2026-04-24", "Friday 24 April 2026, Africa/Cairo (23 hours): 1 booked", " 01:00   02:00",
         " 23:00"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *text = draw_date(table[i].zone, table[i].date, 1);
        cr_expect(strstr(text, table[i].title) != NULL, "%s", text);
        cr_expect(strstr(text, table[i].hours) != NULL, "%s", text);
        cr_expect(strstr(text, table[i].booked) != NULL, "%s", text);
        free(text);
    }
}
