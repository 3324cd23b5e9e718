/* Lines of a batch file: as changes, and what is said of bad ones. */
#include "tools/batch_file.h"

#include "tests/support.h"

#include <criterion/criterion.h>
#include <string.h>

Test(batch_file, reads_each_kind)
{
    batch_member member;
    reason why;
    cr_assert(batch_file_parse_line(
                  "{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-03-02T10:00:00Z\",\"minutes\":30,"
                  "\"after\":5,\"client\":3,\"key\":\"k\",\"pending\":true}",
                  &member, &why),
              "%s", why.text);
    cr_expect_eq(member.wanted.kind, CHANGE_BOOK);
    cr_expect_str_eq(member.wanted.barber, "Figaro");
    cr_expect_eq(member.wanted.length_s, 1800);
    cr_expect_eq(member.wanted.after_s, 300);
    cr_expect_eq(member.wanted.client.id, 3);
    cr_expect(member.wanted.pending);
    json_decref(member.object);

    cr_assert(
        batch_file_parse_line("{\"op\":\"status\",\"id\":9,\"status\":\"no_show\",\"if_version\":4}", &member, &why),
        "%s", why.text);
    cr_expect_eq(member.wanted.id, 9);
    cr_expect_eq(member.wanted.status, FIG_NO_SHOW);
    cr_expect_eq(member.wanted.if_version, 4);
    json_decref(member.object);
}

Test(batch_file, takes_services_and_clients_by_name_or_number)
{
    batch_member member;
    reason why;
    cr_assert(batch_file_parse_line("{\"op\":\"book\",\"barber\":\"Figaro\",\"start\":\"2026-03-02T10:00:00Z\","
                                    "\"service\":\"Cut\",\"client\":4,\"nearest\":true}",
                                    &member, &why),
              "%s", why.text);
    cr_expect_str_eq(member.wanted.service.text, "Cut");
    cr_expect_eq(member.wanted.client.id, 4);
    cr_expect_null(member.wanted.client.text);
    cr_expect_eq(member.wanted.length_s, ARGUMENT_NO_LENGTH, "the service has one");
    cr_expect(member.wanted.nearest);
    json_decref(member.object);
}

Test(batch_file, names_the_field_and_says_why)
{
    static const struct {
        const char *text, *why;
    } table[] = {
        {"{", "column "},
        {"7", "is no JSON object"},
        {"{\"op\":\"cancel\",\"op\":\"cancel\"}", "column "},
        {"{}", "op: is missing"},
        {"{\"op\":\"burn\"}", "op: 'burn' is none of"},
        {"{\"op\":\"cancel\"}", "id: is missing"},
        {"{\"op\":\"cancel\",\"id\":\"7\"}", "id: must be a whole number"},
        {"{\"op\":\"cancel\",\"id\":0}", "id: 0 is too small"},
        {"{\"op\":\"cancel\",\"id\":7,\"start\":\"2026-03-02T10:00:00Z\"}", "start: unknown field"},
        {"{\"op\":\"status\",\"id\":7}", "status: is missing"},
        {"{\"op\":\"book\",\"any\":true,\"start\":\"2026-03-02T10:00:00Z\",\"minutes\":5}",
         "any: cannot be asked for in a batch"},
        {"{\"op\":\"move\",\"id\":7,\"any\":true}", "any: unknown field"},
        {"{\"op\":\"move\",\"id\":7,\"service\":0}", "service: must be a name, or a whole number from 1"},
        {"{\"op\":\"move\",\"id\":7,\"service\":true}", "service: must be a text"},
        {"{\"op\":\"status\",\"id\":7,\"status\":\"gone\"}", "status: 'gone' is no status"},
        {"{\"op\":\"move\",\"id\":7}", "start (or minutes"},
        {"{\"op\":\"book\",\"barber\":\"F\",\"start\":\"2026-03-02T10:00:00Z\"}", "minutes: is missing"},
        {"{\"op\":\"book\",\"barber\":\"F\",\"start\":\"2026-03-02T10:00:00+1\",\"minutes\":5}",
         "start: '2026-03-02T10:00:00+1': a UTC offset is written as +01:00"},
        {"{\"op\":\"book\",\"barber\":\"F\",\"start\":\"2026-03-02T10:00:00Z\",\"minutes\":0}",
         "minutes: 0 is too small"},
        {"{\"op\":\"book\",\"barber\":\"F\",\"start\":\"2026-03-02T10:00:00Z\",\"minutes\":1000000000000}",
         "minutes: 1000000000000 is too large; 1 to 527040 is allowed (in minutes)"},
        {"{\"op\":\"book\",\"barber\":\"F\",\"start\":\"2199-12-31T23:50:00Z\",\"minutes\":11}",
         "minutes: the appointment would end after"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        batch_member member;
        reason why = {""};
        cr_expect_not(batch_file_parse_line(table[i].text, &member, &why), "%s was taken", table[i].text);
        cr_expect(strncmp(why.text, table[i].why, strlen(table[i].why)) == 0, "%s\n%s", table[i].text, why.text);
    }
}

Test(batch_file, names_file_and_line)
{
    static const char text[] = "{\"op\":\"cancel\",\"id\":1}\n\n{\"op\":\"cancel\",\"id\":2}\n{\"op\":\"cancel\"}\n";
    char directory[SUPPORT_PATH], path[SUPPORT_PATH], expected[SUPPORT_PATH];
    batch_file batch;
    reason why;
    support_make_fast_directory(directory);
    support_format(path, sizeof path, "%s/b.jsonl", directory);
    support_write_file(path, text, sizeof text - 1);
    cr_expect_not(batch_file_read(path, &batch, &why));
    support_format(expected, sizeof expected, "%s:4: id: is missing", path);
    cr_expect_str_eq(why.text, expected);

    support_write_file(path, text, strlen(text) - strlen("{\"op\":\"cancel\"}\n"));
    cr_assert(batch_file_read(path, &batch, &why), "%s", why.text);
    cr_expect_eq(batch.count, 2);
    cr_expect_eq(batch.members[1].line, 3);
    batch_file_free(&batch);
    support_write_file(path, "\n", 1);
    cr_expect_not(batch_file_read(path, &batch, &why));
    cr_expect(strstr(why.text, "holds no request") != NULL, "%s", why.text);
    support_remove(directory);
}
