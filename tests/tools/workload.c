/* Rows of a workload file: as requests, and what is said of bad ones. */
#include "tools/workload.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEADER "at,op,barber,key,start,end\n"
#define AT     "2026-03-01T08:00:00Z"
#define SPAN   "2026-03-02T10:00:00Z,2026-03-02T10:30:00Z"

/* Reads the one row of a file with the right header. */
static csv_result read_row(const char *text, workload_row *row, reason *why)
{
    static char bytes[4096];
    snprintf(bytes, sizeof bytes, HEADER "%s", text);
    csv *reader = csv_open_bytes("w.csv", bytes, strlen(bytes), why);
    cr_assert(reader != NULL && workload_header(reader, why), "%s", why->text);
    csv_result result = workload_next(reader, row, why);
    csv_close(reader);
    return result;
}

static fig_request request_of(const char *text, workload_row *row)
{
    reason why;
    cr_assert_eq(read_row(text, row, &why), CSV_RECORD, "%s", why.text);
    return workload_request(row);
}

Test(workload, makes_requests)
{
    workload_row row;
    fig_request request = request_of(AT ",book,Figaro,k1," SPAN "\n", &row);
    cr_expect_eq(request.operation, FIG_OP_BOOK);
    cr_expect_eq(request.now_s, 1772352000);
    cr_expect_str_eq(request.barber_name, "Figaro");
    cr_expect_str_eq(request.key, "k1");
    cr_expect_eq(request.end_s - request.start_s, 1800);

    request = request_of(AT ",move,Susanna,k1," SPAN "\n", &row);
    cr_expect_eq(request.operation, FIG_OP_MOVE);
    cr_expect_str_eq(request.booking_key, "k1");
    cr_expect_null(request.key);
    cr_expect_str_eq(request.barber_name, "Susanna");

    request = request_of(AT ",cancel,,k1,,\n", &row);
    cr_expect_eq(request.operation, FIG_OP_SET_STATUS);
    cr_expect_eq(request.status, FIG_CANCELLED);
    cr_expect_str_eq(request.booking_key, "k1");

    request = request_of(AT ",open,Figaro,," SPAN "\n", &row);
    cr_expect_eq(request.operation, FIG_OP_OPEN_WINDOW);
    cr_expect_null(request.key);
    request = request_of(AT ",close,Figaro,," SPAN "\n", &row);
    cr_expect_eq(request.operation, FIG_OP_CLOSE_WINDOW);
}

Test(workload, of_a_cancel_row_only_the_key_counts)
{
    workload_row row;
    request_of(AT ",cancel,Figaro,k1,nonsense,more\n", &row);
    cr_expect_str_eq(row.barber, "Figaro");
    request_of(AT ",cancel,\x01,k1,,\n", &row);
    cr_expect_str_eq(row.barber, "");
}

Test(workload, an_empty_span_is_no_malformed_row)
{
    workload_row row;
    request_of(AT ",book,Figaro,k1,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z\n", &row);
    cr_expect_not(workload_has_span(&row));
    request_of(AT ",book,Figaro,k1," SPAN "\n", &row);
    cr_expect(workload_has_span(&row));
    request_of(AT ",cancel,,k1,,\n", &row);
    cr_expect(workload_has_span(&row));
}

Test(workload, says_file_line_field_and_reason)
{
    static const struct {
        const char *row, *why;
    } table[] = {
        {"x\n", "w.csv:2: has 1 fields"},
        {"\n", "w.csv:2: has 1 fields"},
        {AT ",book,Figaro,k1," SPAN ",\n", "w.csv:2: has 7 fields"},
        {",book,Figaro,k1," SPAN "\n", "w.csv:2: at: is empty"},
        {"2026-03-01T08:00:00,book,Figaro,k1," SPAN "\n", "w.csv:2: at: has no UTC offset"},
        {AT ",,Figaro,k1," SPAN "\n", "w.csv:2: op: is empty"},
        {AT ",Book,Figaro,k1," SPAN "\n", "w.csv:2: op: 'Book' is none of open, close, book, cancel, move"},
        {AT ",book,,k1," SPAN "\n", "w.csv:2: barber: is empty"},
        {AT ",open,,," SPAN "\n", "w.csv:2: barber: is empty"},
        {AT ",book,Fig\x01ro,k1," SPAN "\n", "w.csv:2: barber: holds a control character"},
        {AT ",book,Fig\xFFro,k1," SPAN "\n", "w.csv:2: barber: is not valid UTF-8"},
        {AT ",book,Figaro,," SPAN "\n", "w.csv:2: key: is empty"},
        {AT ",cancel,,,,\n", "w.csv:2: key: is empty"},
        {AT ",book,Figaro,01234567890123456789012345678901234567890123456789012345678901234," SPAN "\n",
         "w.csv:2: key: has 65 bytes; at most 64"},
        {AT ",book,Figaro,k1,2026-02-30T10:00:00Z,2026-03-02T10:30:00Z\n", "w.csv:2: start: 2026-02 has no day 30"},
        {AT ",book,Figaro,k1,2026-03-02T10:00:00Z,\n", "w.csv:2: end: is empty"},
        {AT ",move,Figaro,k1,2026-03-02T10:00:00Z,9999-03-02T10:30:00Z\n", "w.csv:2: end: the year 9999"},
        {AT ",book,\"Figaro,k1," SPAN "\n", "w.csv:2: a quote is still open"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        workload_row row;
        reason why = {""};
        cr_expect_eq(read_row(table[i].row, &row, &why), CSV_BAD, "%s was taken", table[i].row);
        cr_expect(strncmp(why.text, table[i].why, strlen(table[i].why)) == 0, "%s", why.text);
    }
}

Test(workload, wants_its_header)
{
    static const char *const files[] = {"", "at,op,barber,key,start\n", AT ",book,Figaro,k1," SPAN "\n",
                                        "At,op,barber,key,start,end\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        reason why = {""};
        csv *reader = csv_open_bytes("w.csv", files[i], strlen(files[i]), &why);
        cr_expect_not(workload_header(reader, &why));
        cr_expect_str_eq(why.text, "w.csv:1: the first line of a workload file is at,op,barber,key,start,end");
        csv_close(reader);
    }
}
