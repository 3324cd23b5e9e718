#include "tools/workload.h"

#include "tools/rfc3339.h"
#include "tools/text.h"

#include <string.h>

static const char *const fields[] = {"at", "op", "barber", "key", "start", "end"};
enum { AT, OP, BARBER, KEY, START, END, FIELD_COUNT };

static bool bad_row(const csv *reader, reason *why)
{
    return reason_prefix(why, "%s:%llu: ", csv_name(reader), (unsigned long long)csv_line(reader));
}

bool workload_header(csv *reader, reason *why)
{
    csv_result result = csv_next(reader, why);
    if (result == CSV_BAD) return false;
    bool right = result == CSV_RECORD && csv_field_count(reader) == FIELD_COUNT;
    for (size_t i = 0; right && i < FIELD_COUNT; i++) right = strcmp(csv_field(reader, i), fields[i]) == 0;
    if (right) return true;
    reason_set(why, "the first line of a workload file is at,op,barber,key,start,end");
    return bad_row(reader, why);
}

static bool read_op(const char *text, workload_op *op, reason *why)
{
    static const char *const names[] = {"open", "close", "book", "cancel", "move"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *op = (workload_op)i;
        return true;
    }
    if (*text == '\0') return reason_set(why, "is empty; it is open, close, book, cancel or move");
    return reason_set(why, "'%.32s' is none of open, close, book, cancel, move", text);
}

static bool read_text(const char *text, size_t most, char *into, reason *why)
{
    if (!text_check(text, most, why)) return false;
    memcpy(into, text, strlen(text) + 1);
    return true;
}

static bool read_barber(const csv *reader, workload_row *row, reason *why)
{
    const char *name = csv_field(reader, BARBER);
    reason ignored;
    if (row->op == WORKLOAD_CANCEL) { /* only its key counts; a barber that it names is made all the same */
        read_text(name, FIG_NAME_MAX, row->barber, &ignored);
        return true;
    }
    return read_text(name, FIG_NAME_MAX, row->barber, why) || reason_prefix(why, "barber: ");
}

static bool read_key(const csv *reader, workload_row *row, reason *why)
{
    if (row->op == WORKLOAD_OPEN || row->op == WORKLOAD_CLOSE) return true;
    return read_text(csv_field(reader, KEY), FIG_KEY_MAX, row->key, why) || reason_prefix(why, "key: ");
}

static bool read_instant(const csv *reader, int field, int64_t *instant_s, reason *why)
{
    return rfc3339_parse(csv_field(reader, (size_t)field), instant_s, why) || reason_prefix(why, "%s: ", fields[field]);
}

static bool read_row(const csv *reader, workload_row *row, reason *why)
{
    if (csv_field_count(reader) != FIELD_COUNT)
        return reason_set(why, "has %zu fields; a row has the 6 fields at,op,barber,key,start,end",
                          csv_field_count(reader));
    memset(row, 0, sizeof *row);
    if (!read_instant(reader, AT, &row->at_s, why)) return false;
    if (!read_op(csv_field(reader, OP), &row->op, why)) return reason_prefix(why, "op: ");
    if (!read_barber(reader, row, why) || !read_key(reader, row, why)) return false;
    if (row->op == WORKLOAD_CANCEL) return true;
    return read_instant(reader, START, &row->start_s, why) && read_instant(reader, END, &row->end_s, why);
}

csv_result workload_next(csv *reader, workload_row *row, reason *why)
{
    csv_result result = csv_next(reader, why);
    if (result != CSV_RECORD || read_row(reader, row, why)) return result;
    bad_row(reader, why);
    return CSV_BAD;
}

bool workload_has_span(const workload_row *row) { return row->op == WORKLOAD_CANCEL || row->start_s < row->end_s; }

static fig_request request_of(workload_op op)
{
    switch (op) {
    case WORKLOAD_OPEN: return fig_open_window_default();
    case WORKLOAD_CLOSE: return fig_close_window_default();
    case WORKLOAD_BOOK: return fig_book_default();
    case WORKLOAD_MOVE: return fig_move_default();
    case WORKLOAD_CANCEL: break;
    }
    fig_request cancel = fig_set_status_default();
    cancel.status = FIG_CANCELLED;
    return cancel;
}

fig_request workload_request(const workload_row *row)
{
    fig_request request = request_of(row->op);
    request.now_s = row->at_s;
    if (row->op == WORKLOAD_BOOK) request.key = row->key;
    if (row->op == WORKLOAD_CANCEL || row->op == WORKLOAD_MOVE) request.booking_key = row->key;
    if (row->op == WORKLOAD_CANCEL) return request;
    request.barber_name = row->barber;
    request.start_s = row->start_s;
    request.end_s = row->end_s;
    return request;
}
