/* Content lines of calendars: unfolding, parameters, numbers. */
#include "tools/ics_lines.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static ics_lines *lines_of(const char *bytes, size_t size)
{
    reason why;
    ics_lines *lines = ics_lines_open_bytes("c.ics", bytes, size, &why);
    cr_assert_not_null(lines, "%s", why.text);
    return lines;
}

static void expect_line(ics_lines *lines, uint64_t number, const char *name, const char *value)
{
    ics_line line;
    cr_assert(ics_lines_next(lines, &line), "there is no line %s", name);
    cr_expect_null(line.flaw, "%s: %s", name, line.flaw);
    cr_expect_eq(line.number, number, "%s stands on line %llu", name, (unsigned long long)line.number);
    cr_expect_str_eq(line.name, name);
    cr_expect_str_eq(line.value, value);
}

static void expect_flaw(ics_lines *lines, uint64_t number, const char *flaw)
{
    ics_line line;
    cr_assert(ics_lines_next(lines, &line));
    cr_expect(line.flaw != NULL && strstr(line.flaw, flaw) != NULL, "line %llu: %s", (unsigned long long)line.number,
              line.flaw == NULL ? "no flaw" : line.flaw);
    cr_expect_eq(line.number, number);
}

Test(ics_lines, are_unfolded_and_numbered)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "BEGIN:VCALENDAR\r\nSUMMARY:a long\r\n  line\r\n\t, folded\r\n\r\nX:\nlast:one";
    ics_line line;
    ics_lines *lines = lines_of(text, sizeof text - 1);
    expect_line(lines, 1, "BEGIN", "VCALENDAR");
    expect_line(lines, 2, "SUMMARY", "a long line, folded");
    expect_line(lines, 6, "X", "");
    expect_line(lines, 7, "last", "one");
    cr_expect_not(ics_lines_next(lines, &line));
    ics_lines_close(lines);
}

Test(ics_lines, are_split_at_what_stands_outside_of_quotes)
{
    static const char text[] = "DTSTART;TZID=\"a;b:c,d\";VALUE=DATE-TIME,X:2026:1\nX;A;B=:v\nX;C=\"open:v\n";
    ics_line line;
    ics_lines *lines = lines_of(text, sizeof text - 1);
    cr_assert(ics_lines_next(lines, &line));
    cr_expect_str_eq(line.name, "DTSTART");
    cr_expect_str_eq(line.value, "2026:1");
    cr_expect_str_eq(ics_line_param(&line, "tzid"), "a;b:c,d");
    cr_expect_str_eq(ics_line_param(&line, "VALUE"), "DATE-TIME");
    cr_expect_null(ics_line_param(&line, "RANGE"));
    cr_assert(ics_lines_next(lines, &line));
    cr_expect_str_eq(line.value, "v");
    cr_expect_str_eq(ics_line_param(&line, "B"), "");
    expect_flaw(lines, 3, "is no content line");
    ics_lines_close(lines);
}

Test(ics_lines, cost_themselves_when_they_are_none)
{
    size_t size = (3u << 20) + 64;
    char *text = malloc(size);
    cr_assert_not_null(text);
    memset(text, 'x', size);
    memcpy(text, "no colon\n:v\nA:\0b\n", 17);
    text[size - 8] = '\n';
    memcpy(text + size - 7, "after:x", 7);
    ics_lines *lines = lines_of(text, size);
    expect_flaw(lines, 1, "is no content line");
    expect_flaw(lines, 2, "is no content line");
    expect_flaw(lines, 3, "NUL");
    expect_flaw(lines, 4, "longer than 1 MiB");
    expect_line(lines, 5, "after", "x");
    ics_lines_close(lines);
    free(text);
}

Test(ics_lines, lose_their_escapes)
{
    char text[] = "a\\, b\\; c\\\\ d\\n e\\N f\\: g\\";
    ics_unescape(text);
    cr_expect_str_eq(text, "a, b; c\\ d  e  f: g\\");
}

Test(ics_lines, are_read_from_gzip_to_its_end_or_not_at_all)
{
    char root[SUPPORT_PATH], path[SUPPORT_PATH + 16];
    ics_line line;
    reason why;
    support_make_fast_directory(root);
    support_format(path, sizeof path, "%s/c.ics.gz", root);
    struct support_child child =
        SUPPORT_RUN("sh", "-c", "printf 'BEGIN:VCALENDAR\\r\\nX:%s\\r\\n' \"$(seq 20000)\" | gzip > \"$0\"", path);
    support_free(&child);
    ics_lines *lines = ics_lines_open(path, &why);
    cr_assert_not_null(lines, "%s", why.text);
    cr_expect(ics_lines_next(lines, &line));
    ics_lines_close(lines);
    size_t size;
    char *bytes = support_read_file(path, &size);
    support_write_file(path, bytes, size / 2);
    cr_expect_null(ics_lines_open(path, &why));
    cr_expect(strstr(why.text, "c.ics.gz: the .gz file ends in its middle") != NULL, "%s", why.text);
    free(bytes);
    support_remove(root);
}
