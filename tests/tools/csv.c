/* The CSV reader: what RFC 4180 allows, what it forbids, and files that end too soon. */
#include "tools/csv.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <zlib.h>

/* Reads a text whole, into "a|b|" lines; or the reason that ended it. */
static void read_all(csv *reader, char *text, size_t room)
{
    reason why = {""};
    size_t used = 0;
    csv_result result;
    cr_assert(reader != NULL);
    text[0] = '\0';
    while ((result = csv_next(reader, &why)) == CSV_RECORD) {
        for (size_t i = 0; i < csv_field_count(reader); i++) {
            support_format(text + used, room - used, "%s|", csv_field(reader, i));
            used += strlen(text + used);
        }
        support_format(text + used, room - used, "\n");
        used++;
    }
    if (result == CSV_BAD) support_format(text + used, room - used, "!%s", why.text);
    csv_close(reader);
}

static void expect_csv(const char *bytes, size_t size, const char *expected)
{
    char text[4096];
    reason why;
    read_all(csv_open_bytes("t.csv", bytes, size, &why), text, sizeof text);
    cr_expect_str_eq(text, expected);
}

#define EXPECT_CSV(bytes, expected) expect_csv(bytes, sizeof(bytes) - 1, expected)

Test(csv, reads_what_the_rfc_allows)
{
    EXPECT_CSV("", "");
    EXPECT_CSV("a,b\nc,d\n", "a|b|\nc|d|\n");
    EXPECT_CSV("a,b\r\nc,d", "a|b|\nc|d|\n");
    EXPECT_CSV("a,,\n,,", "a|||\n|||\n");
    EXPECT_CSV("\"a\",\"b,c\"\n", "a|b,c|\n");
    EXPECT_CSV("\"a \"\"b\"\"\"\n", "a \"b\"|\n");
    EXPECT_CSV("\"two\r\nlines\",x\n", "two\r\nlines|x|\n");
    EXPECT_CSV("\"\"\n", "|\n");
    EXPECT_CSV("\n", "|\n");
    EXPECT_CSV("\xEF\xBB\xBF"
               "a\n",
               "a|\n");
    EXPECT_CSV("a,\"b\"", "a|b|\n");
}

Test(csv, refuses_what_the_rfc_forbids_and_names_the_line)
{
    EXPECT_CSV("a\nb\"c\n", "a|\n!t.csv:2: a quote stands inside a field that does not begin with one");
    EXPECT_CSV("\"a\"b\n", "!t.csv:1: a closed quote must be followed by a comma or the line's end");
    EXPECT_CSV("x\n\"a\nb", "x|\n!t.csv:2: a quote is still open at the file's end");
    EXPECT_CSV("\"a\nb\"\nc\rd\n", "a\nb|\n!t.csv:3: a carriage return stands inside a line");
    EXPECT_CSV("a\0b\n", "!t.csv:1: holds a NUL byte");
    EXPECT_CSV("\"a\0b\"\n", "!t.csv:1: holds a NUL byte");
    EXPECT_CSV("a\r", "!t.csv:1: a carriage return stands inside a line");
}

Test(csv, bounds_a_record)
{
    static char bytes[CSV_RECORD_MAX + 100];
    char text[256];
    reason why;
    memset(bytes, 'x', sizeof bytes);
    read_all(csv_open_bytes("t.csv", bytes, sizeof bytes, &why), text, sizeof text);
    cr_expect(strstr(text, "longer than 1 MiB") != NULL, "%s", text);
    memset(bytes, ',', 300);
    read_all(csv_open_bytes("t.csv", bytes, 300, &why), text, sizeof text);
    cr_expect(strstr(text, "more than 256 fields") != NULL, "%s", text);
}

/* As read_all(), going on after what is bad: "!3|" for a bad record that began on line 3. */
static void expect_recovery(const char *bytes, size_t size, const char *expected)
{
    char text[4096] = "";
    size_t used = 0;
    reason why;
    csv *reader = csv_open_bytes("t.csv", bytes, size, &why);
    for (csv_result result; (result = csv_next(reader, &why)) != CSV_END;) {
        support_format(text + used, sizeof text - used, "%s%d", result == CSV_BAD ? "!" : "", (int)csv_line(reader));
        used += strlen(text + used);
        for (size_t i = 0; result == CSV_RECORD && i < csv_field_count(reader); i++) {
            support_format(text + used, sizeof text - used, ",%s", csv_field(reader, i));
            used += strlen(text + used);
        }
        support_format(text + used, sizeof text - used, "|");
        used++;
        if (result == CSV_BAD) cr_assert(csv_recover(reader));
    }
    csv_close(reader);
    cr_expect_str_eq(text, expected);
}

#define EXPECT_RECOVERY(bytes, expected) expect_recovery(bytes, sizeof(bytes) - 1, expected)

Test(csv, goes_on_with_the_line_after_a_bad_record)
{
    EXPECT_RECOVERY("a\nb\"c\nd\n", "1,a|!2|3,d|");
    EXPECT_RECOVERY("a\n\"b\nc\nd\n", "1,a|!2|3,c|4,d|");
    EXPECT_RECOVERY("\"a\nb\n\"c\"\nd\n", "!1|2,b|3,c|4,d|");
    EXPECT_RECOVERY("\"a\n\"b\n\"c\nd\n\"e", "!1|!2|!3|4,d|!5|");
    EXPECT_RECOVERY("a\0b,\"x\ny\"\nz", "!1|!2|3,z|");
    EXPECT_RECOVERY("a\"b", "!1|");
    EXPECT_RECOVERY("a\"\nb", "!1|2,b|");
    EXPECT_RECOVERY("a\rb\r\nc\r\n", "!1|2,c|");
    EXPECT_RECOVERY("\"a\"b\nc", "!1|2,c|");
}

/* A quote left open looks as far ahead as a record may be long, and every line behind it counts all the same. */
Test(csv, an_open_quote_costs_one_line_of_many)
{
    enum { LINE = 16, LINES = (3 << 20) / LINE };
    static char bytes[LINE * LINES];
    reason why;
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < LINES; i++) {
        memset(bytes + i * LINE, 'x', LINE - 1);
        bytes[i * LINE + LINE - 1] = '\n';
        if (i % 65536 == 3) bytes[i * LINE] = '"';
    }
    csv *reader = csv_open_bytes("t.csv", bytes, sizeof bytes, &why);
    for (csv_result result; (result = csv_next(reader, &why)) != CSV_END;) {
        good += result == CSV_RECORD;
        bad += result == CSV_BAD;
        if (result == CSV_BAD) cr_assert(csv_recover(reader));
    }
    csv_close(reader);
    cr_expect_eq(bad, LINES / 65536);
    cr_expect_eq(good + bad, LINES);
}

static void write_gz(const char *path, const char *bytes, size_t size)
{
    gzFile file = gzopen(path, "wb");
    cr_assert(file != NULL);
    cr_assert_eq(gzwrite(file, bytes, (unsigned)size), (int)size);
    cr_assert_eq(gzclose(file), Z_OK);
}

Test(csv, reads_gz_and_says_when_it_is_cut_or_damaged)
{
    char directory[SUPPORT_PATH], path[SUPPORT_PATH], text[1 << 17];
    static char bytes[40000];
    struct support_random random = support_random_from(4180);
    size_t size;
    reason why;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = i % 40 == 39 ? '\n' : (char)('a' + support_below(&random, 26));
    support_make_fast_directory(directory);
    support_format(path, sizeof path, "%s/t.csv.gz", directory);
    write_gz(path, bytes, sizeof bytes);
    read_all(csv_open(path, &why), text, sizeof text);
    cr_expect(strchr(text, '!') == NULL, "%s", strchr(text, '!'));
    cr_expect_eq(strlen(text), sizeof bytes + sizeof bytes / 40); /* a | for each line */

    char *packed = support_read_file(path, &size);
    support_write_file(path, packed, size / 2);
    read_all(csv_open(path, &why), text, sizeof text);
    cr_expect(strstr(text, "the .gz file ends in its middle") != NULL);
    packed[size - 6] ^= 1; /* its checksum */
    support_write_file(path, packed, size);
    read_all(csv_open(path, &why), text, sizeof text);
    cr_expect(strstr(text, "the .gz file is damaged") != NULL);
    free(packed);
    support_remove(directory);
}

Test(csv, says_why_a_file_cannot_be_opened)
{
    reason why;
    cr_expect_null(csv_open("/does/not/exist.csv", &why));
    cr_expect_str_eq(why.text, "/does/not/exist.csv: No such file or directory");
    cr_expect_null(csv_open("/", &why));
    cr_expect_str_eq(why.text, "/: is a directory, not a file");
}
