/* Maps from columns to fields: their text, and where they lead in a file. */
#include "tools/import_map.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <string.h>

/* Parses and binds; what a field's columns are is written as "0,2". */
static bool bind(const char *map_text, const char *file, import_map *map, reason *why)
{
    csv *reader = csv_open_bytes("t.csv", file, strlen(file), why);
    cr_assert(reader != NULL);
    bool good = import_map_parse(map_text, map, why);
    if (good) {
        cr_assert_eq(csv_next(reader, why), CSV_RECORD);
        good = import_map_bind(map, reader, why);
    }
    csv_close(reader);
    return good;
}

static void expect_columns(const import_map *map, import_field field, size_t count, size_t first, size_t second)
{
    const import_columns *columns = &map->of[field];
    cr_assert_eq(columns->count, count, "%s has %zu columns", import_field_name(field), columns->count);
    if (count > 0) cr_expect_eq(columns->indices[0], first);
    if (count > 1) cr_expect_eq(columns->indices[1], second);
}

Test(import_map, finds_columns_by_name)
{
    import_map map;
    reason why = {""};
    cr_assert(bind("start=Date+Time,barber=Staff", "Code,Staff,Date,Time\n", &map, &why), "%s", why.text);
    expect_columns(&map, IMPORT_START, 2, 2, 3);
    expect_columns(&map, IMPORT_BARBER, 1, 1, 0);
    expect_columns(&map, IMPORT_END, 0, 0, 0);
    expect_columns(&map, IMPORT_DATE, 0, 0, 0);
    cr_expect(map.has_header);
    import_map_free(&map);
    cr_assert(bind("date=Date,client=Code", "Code,Staff,Date,Time\n", &map, &why), "%s", why.text);
    expect_columns(&map, IMPORT_DATE, 1, 2, 0);
    import_map_free(&map);
    cr_assert(bind("barber=a\\,b\\+c\\=d\\\\,start=2", "2,\"a,b+c=d\\\"\n", &map, &why), "%s", why.text);
    expect_columns(&map, IMPORT_BARBER, 1, 1, 0);
    expect_columns(&map, IMPORT_START, 1, 0, 0);
    import_map_free(&map);
}

Test(import_map, counts_columns_where_there_is_no_header)
{
    import_map map;
    reason why = {""};
    cr_assert(bind("start=3+4,barber=1,minutes=2", "Figaro,30,2026-03-02,10:00\n", &map, &why), "%s", why.text);
    cr_expect_not(map.has_header);
    expect_columns(&map, IMPORT_START, 2, 2, 3);
    expect_columns(&map, IMPORT_BARBER, 1, 0, 0);
    import_map_free(&map);
}

Test(import_map, takes_columns_of_their_own_name_when_nothing_is_said)
{
    import_map map;
    reason why = {""};
    cr_assert(bind(NULL, "id,barber,start,end,minutes,colour\n", &map, &why), "%s", why.text);
    expect_columns(&map, IMPORT_BARBER, 1, 1, 0);
    expect_columns(&map, IMPORT_END, 1, 3, 0);
    expect_columns(&map, IMPORT_MINUTES, 0, 0, 0);
    import_map_free(&map);
}

Test(import_map, says_what_is_wrong)
{
    static const struct {
        const char *map, *file, *why;
    } table[] = {
        {"", "a\n", "'' has no '='"},
        {"start", "a\n", "'start' has no '='"},
        {"start=a,", "a\n", "'' has no '='"},
        {"start=a,,end=b", "a\n", "'' has no '='"},
        {"start=", "a\n", "start: a column's name is missing"},
        {"start=a+", "a\n", "start: a column's name is missing"},
        {"start=a=b", "a\n", "start: has a second '='"},
        {"strat=a", "a\n", "'strat' is no field; there are barber, start"},
        {"start=a,start=b", "a\n", "start: is given twice"},
        {"start=a+b+c+d+e", "a\n", "start: is joined of more than 4 columns"},
        {"end=a,minutes=b", "a,b\n", "minutes: is given beside end"},
        {"start=B", "a,b\n", "start: the header has no column 'B'; it has a, b"},
        {"start=b", "b,b\n", "start: the header has 2 columns 'b'"},
        {"start=3,barber=b", "a,b\n", "start: the header has no column '3'"},
        {"start=0", "a,b\n", "start: the header has no column '0'"},
        {"start=257", "a,b\n", "start: the header has no column '257'"},
        {NULL, "start,start\n", "start: the header has 2 columns 'start'"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        import_map map;
        reason why = {""};
        cr_expect_not(bind(table[i].map, table[i].file, &map, &why), "%s was taken", table[i].map);
        cr_expect(strstr(why.text, table[i].why) == why.text, "%s: %s", table[i].map, why.text);
        import_map_free(&map);
    }
}
