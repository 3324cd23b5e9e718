/* Any bytes as a calendar: every event must be accounted for, rows that are taken must lie in the bounds that the
 * engine is promised, and no recurrence may go on for ever. */
#include "tools/arguments.h"
#include "tools/import_ics.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_row(const import_row *row)
{
    if (row->barber[0] == '\0' || strlen(row->barber) > FIG_NAME_MAX || strlen(row->key) > FIG_KEY_MAX) abort();
    if (row->start_s < FIG_TIME_MIN || row->end_s > FIG_TIME_MAX) abort();
    if (row->start_s >= row->end_s || row->end_s - row->start_s > FIG_DURATION_MAX) abort();
    if (row->before_s > FIG_BUFFER_MAX || row->after_s > FIG_BUFFER_MAX) abort();
    if (row->status == FIG_HELD || row->status == FIG_EXPIRED) abort();
    if (row->note != NULL && (row->note[0] == '\0' || strlen(row->note) > FIG_NOTE_MAX)) abort();
}

/* Reads every row. Returns how many there were. */
static size_t read_rows(import_ics *rows)
{
    import_source from = import_ics_source(rows);
    import_row row;
    import_fault fault;
    for (size_t count = 0;; count++) {
        import_step step = from.next(from.context, &row, &fault);
        if (step == IMPORT_OVER) return count;
        if (step == IMPORT_BAD && (row.line == 0 || fault.field == NULL || fault.why.text[0] == '\0')) abort();
        if (step == IMPORT_ROW) check_row(&row);
        import_row_free(&row);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const local_zone utc = {.name = "UTC"};
    const import_ics_order order = {.barber = "Figaro",
                                    .zone = &utc,
                                    .length_s = 1800,
                                    .from = ARGUMENT_NO_MOMENT,
                                    .to = ARGUMENT_NO_MOMENT,
                                    .keys = true,
                                    .steps = 500};
    reason why;
    ics_lines *lines = ics_lines_open_bytes("fuzz.ics", bytes, size, &why);
    import_ics *rows = lines == NULL ? NULL : import_ics_read(lines, &why);
    if (rows == NULL) return 0;
    if (import_ics_place(rows, &order) != 0) abort();
    if (read_rows(rows) < import_ics_events(rows)) abort();
    import_ics_close(rows);
    return 0;
}
