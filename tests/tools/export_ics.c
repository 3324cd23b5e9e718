/* `figaro export --format ics`, and back through `figaro import`. */
#include "tests/tools/shop.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_lines(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* What a store holds but for ids and versions: an appointment a line, sorted. free() it. */
static char *content_of(const char *store)
{
    enum { LINES = 4096 };
    static char *lines[LINES];
    size_t count = 0;
    struct support_child child = SUPPORT_FIGARO("list", store, "--json", "--now", SHOP_NOW);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    for (char *line = strtok(child.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *from = strstr(line, "\"barber\""), *version = strstr(line, "\"version\"");
        cr_assert(count < LINES && from != NULL && version != NULL, "%s", line);
        char *key = strstr(version, "\"key\"");
        cr_assert_not_null(key);
        memmove(version, key, strlen(key) + 1);
        lines[count++] = from;
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    char *text = calloc(1, 1 << 20);
    for (size_t i = 0; i < count; i++) strcat(strcat(text, lines[i]), "\n");
    support_free(&child);
    return text;
}

/* Every line ends with CRLF, has at most 75 octets, and is whole UTF-8. */
static void check_lines(const char *text)
{
    for (const char *end; *text != '\0'; text = end + 2) {
        end = strstr(text, "\r\n");
        cr_assert_not_null(end, "the last line has no end");
        cr_expect(end - text <= 75, "a line of %d octets: %.80s", (int)(end - text), text);
        cr_expect(((unsigned char)text[*text == ' '] & 0xc0) != 0x80, "a character is cut in two before %.20s", text);
        cr_expect(memchr(text, '\n', (size_t)(end - text)) == NULL);
    }
}

static void export_to(const struct shop *shop, const char *file)
{
    struct support_child child = SUPPORT_RUN("sh", "-c", "\"$0\" export \"$1\" --format ics --now \"$2\" > \"$3\"",
                                             support_figaro(), shop->store, SHOP_NOW, file);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
}

/* A shop with an appointment of each kind. */
static struct shop full_shop(void)
{
    struct shop shop = shop_open();
    const char *setup = shop_file(&shop, "s.json",
                                  "{\"shops\":[{\"id\":1,\"zone\":\"Europe/Madrid\"}],"
                                  "\"barbers\":[{\"name\":\"Don Basilio; \\\\ maestro, di musica\"}],"
                                  "\"services\":[{\"id\":4,\"name\":\"Cut\",\"minutes\":30,"
                                  "\"buffer_after_minutes\":10}],\"clients\":[{\"id\":5,\"name\":\"Rosina\"}]}");
    const char *note =
        "long, with; marks \\ and \xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC, the end";
    EXPECT_FIGARO(0, "declared", NULL, "setup", shop.store, setup, "--now", SHOP_NOW);
    EXPECT_FIGARO(0, "", NULL, "book", shop.store, "--barber", "Figaro", "--start", "2026-03-29T01:30", "--service",
                  "Cut", "--client", "Rosina", "--key", "a,b;c\\d", "--note", note, "--now", SHOP_NOW);
    const char *rows = shop_file(&shop, "b.csv",
                                 "barber,start,minutes,key,status,before,after\n"
                                 "Susanna,2026-03-02T10:00Z,30,s,,,\n"
                                 "Susanna,2026-03-02T11:00Z,30,c,confirmed,5,10\n"
                                 "Susanna,2026-03-02T12:00Z,30,x,cancelled,,\n"
                                 "Susanna,2026-03-02T12:00Z,30,n,no_show,,\n"
                                 "Susanna,2026-03-02T12:00Z,30,d,completed,,\n"
                                 "Susanna,2026-03-02T12:00Z,30,t,,,\n"
                                 "\"Don Basilio; \\ maestro, di musica\",2026-03-02T12:00Z,30,m,,,\n");
    EXPECT_FIGARO(0, "7 accepted", NULL, "import", shop.store, rows, "--now", SHOP_NOW);
    EXPECT_FIGARO(0, "", NULL, "book", shop.store, "--barber", "Susanna", "--start", "2026-03-03T12:00Z", "--minutes",
                  "30", "--pending", "--key", "p", "--now", SHOP_NOW);
    return shop;
}

Test(export_ics, reads_back_to_the_same_appointments)
{
    struct shop shop = full_shop();
    char file[SUPPORT_PATH], other[SUPPORT_PATH];
    support_format(file, sizeof file, "%.400s/all.ics", shop.root);
    support_format(other, sizeof other, "%.400s/other", shop.root);
    export_to(&shop, file);
    char *text = support_read_file(file, NULL);
    check_lines(text);
    cr_expect(strstr(text, "\r\nSUMMARY:Cut\\, Rosina\r\n") != NULL, "%s", text);
    cr_expect(strstr(text, "\r\nDTSTART:20260329T003000Z\r\nDTEND:20260329T010000Z\r\n") != NULL, "%s", text);
    cr_expect(strstr(text, "\r\nX-WR-CALNAME:Don Basilio\\; \\\\ maestro\\, di musica\r\n") != NULL, "%s", text);
    EXPECT_FIGARO(0, "9 events, 9 rows: 9 accepted, 0 refused, 0 rejected\n", NULL, "import", other, file, "--now",
                  SHOP_NOW);
    char *expected = content_of(shop.store), *got = content_of(other);
    cr_expect_str_eq(got, expected, "got\n%s\nof\n%s", got, expected);
    EXPECT_FIGARO(0, "long, with; marks \\ and \xE2\x82\xAC", NULL, "show", other, "1");
    EXPECT_FIGARO(0, "9 accepted (9 of them were there already)", NULL, "import", other, file, "--now", SHOP_NOW);
    free(text);
    free(expected);
    free(got);
    shop_close(&shop);
}

/* ---- at random ---- */

/* The events of a calendar file but for their UIDs, sorted. free() the text. */
static char *events_of(const char *file)
{
    enum { EVENTS = 4096 };
    static char *events[EVENTS];
    size_t count = 0, size;
    char *text = support_read_file(file, &size), *sorted = calloc(1, size + 1);
    for (char *at = text; (at = strstr(at, "BEGIN:VEVENT\r\nUID:")) != NULL;) {
        char *end = strstr(at, "END:VEVENT\r\n");
        cr_assert(end != NULL && count < EVENTS);
        *end = '\0';
        events[count++] = strstr(at + 14, "\r\n");
        at = end + 1;
    }
    qsort(events, count, sizeof *events, compare_lines);
    for (size_t i = 0; i < count; i++) strcat(sorted, events[i]);
    free(text);
    return sorted;
}

/* A text of any characters that a note or a key may have, and that CSV would have to quote. */
static void random_text(struct support_random *random, size_t most, char *text)
{
    static const char *const parts[] = {
        "a", "B", "9", ",", ";", "\\", ":", "\"\"", "\\n", " x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x92\x88"};
    size_t count = support_below(random, most);
    strcpy(text, "t");
    for (size_t i = 0; i < count; i++) strcat(text, parts[support_below(random, sizeof parts / sizeof *parts)]);
}

static void write_random_rows(const char *path, uint64_t seed)
{
    static const char *const statuses[] = {"", "", "confirmed", "completed", "cancelled", "no_show"};
    struct support_random random = support_random_from(seed);
    char note[1024], key[256];
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs("barber,start,minutes,key,status,before,after,service,client,note\n", file);
    for (int i = 0; i < 150; i++) {
        random_text(&random, support_chance(&random, 20) ? 200 : 8, note);
        random_text(&random, 8, key);
        fprintf(file, "Barber %d,2026-03-%02dT%02d:%02d,%d,\"%d%s\",%s,%d,%d,%d,%d,\"%s\"\n",
                (int)support_below(&random, 3), (int)support_between(&random, 27, 31),
                (int)support_between(&random, 0, 23), (int)support_between(&random, 0, 59),
                (int)support_between(&random, 1, 600), i, key, statuses[support_below(&random, 6)],
                (int)support_below(&random, 20), (int)support_below(&random, 20), (int)support_between(&random, 1, 9),
                (int)support_between(&random, 1, 9), note);
    }
    cr_assert_eq(fclose(file), 0);
}

Test(export_ics, reads_back_whatever_was_booked, .timeout = 120)
{
    uint64_t seeds = support_setting("FIGARO_SEEDS", 1000) / 50 + 1;
    for (uint64_t seed = 1; seed <= seeds && seed <= 40; seed++) {
        struct shop shop = shop_empty();
        char rows[SUPPORT_PATH], first[SUPPORT_PATH], second[SUPPORT_PATH], other[SUPPORT_PATH];
        support_format(rows, sizeof rows, "%.400s/rows.csv", shop.root);
        support_format(first, sizeof first, "%.400s/first.ics", shop.root);
        support_format(second, sizeof second, "%.400s/second.ics", shop.root);
        support_format(other, sizeof other, "%.400s/other", shop.root);
        write_random_rows(rows, seed);
        EXPECT_FIGARO(0, "150 rows: 150 accepted", "recorded", "import", shop.store, rows, "--zone", "Europe/Madrid",
                      "--overlaps", "record", "--now", SHOP_NOW);
        export_to(&shop, first);
        EXPECT_FIGARO(0, "150 accepted, 0 refused, 0 rejected", NULL, "import", other, first, "--now", SHOP_NOW);
        memcpy(shop.store, other, sizeof other);
        export_to(&shop, second);
        char *text = support_read_file(first, NULL), *expected = events_of(first), *got = events_of(second);
        check_lines(text);
        cr_expect(strcmp(got, expected) == 0, "seed %llu", (unsigned long long)seed);
        free(text);
        free(expected);
        free(got);
        shop_close(&shop);
    }
}

Test(export_ics, writes_what_is_asked_for)
{
    struct shop shop = full_shop();
    EXPECT_FIGARO(0, "", NULL, "hold", shop.store, "--barber", "Figaro", "--start", "2026-03-05T10:00Z", "--minutes",
                  "30", "--now", SHOP_NOW);
    struct support_child child = SUPPORT_FIGARO("export", shop.store, "--format", "ics", "--barber", "Figaro", "--from",
                                                "2026-03-01T00:00Z", "--to", "2026-03-20T00:00Z", "--now", SHOP_NOW);
    cr_expect_eq(child.exit_code, 0);
    cr_expect(strstr(child.out, "VEVENT") == NULL && strstr(child.out, "BEGIN:VCALENDAR\r\n") == child.out, "%s",
              child.out);
    cr_expect(strstr(child.err, "1 hold is left out") != NULL, "%s", child.err);
    support_free(&child);
    EXPECT_FIGARO(0, "X-FIGARO-KEY:a\\,b\\;c\\\\d", "1 hold is left out", "export", shop.store, "--format", "ics",
                  "--barber", "7", "--now", SHOP_NOW);
    EXPECT_FIGARO(1, "not_found", NULL, "export", shop.store, "--format", "ics", "--barber", "Nobody", "--json");
    EXPECT_FIGARO(2, NULL, "--format: must be jsonl, csv or ics", "export", shop.store, "--format", "xml");
    EXPECT_FIGARO(2, NULL, "--to: must be later", "export", shop.store, "--format", "ics", "--from",
                  "2026-03-02T00:00Z", "--to", "2026-03-01T00:00Z");
    shop_close(&shop);
}
