#include "tools/import_csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(const csv *file) { return csv_field_count(file) == 1 && csv_field(file, 0)[0] == '\0'; }

/* A record that is no CSV: the row of that line alone is lost. */
static import_step lose_line(csv *file, import_row *row, import_fault *fault)
{
    char place[4200];
    *row = (import_row){.line = csv_line(file)};
    fault->field = NULL;
    if (!csv_recover(file)) return IMPORT_BROKEN;
    snprintf(place, sizeof place, "%s:%" PRIu64 ": ", csv_name(file), row->line);
    size_t length = strlen(place);
    if (strncmp(fault->why.text, place, length) == 0)
        memmove(fault->why.text, fault->why.text + length, strlen(fault->why.text + length) + 1);
    return IMPORT_BAD;
}

static import_step next(void *context, import_row *row, import_fault *fault)
{
    import_csv *rows = context;
    do {
        csv_result result = rows->first_is_row ? CSV_RECORD : csv_next(rows->file, &fault->why);
        rows->first_is_row = false;
        if (result == CSV_END) return IMPORT_OVER;
        if (result == CSV_BAD) return lose_line(rows->file, row, fault);
    } while (is_blank(rows->file));
    return import_row_read(rows->plan, rows->file, row, fault) ? IMPORT_ROW : IMPORT_BAD;
}

static double share(void *context) { return csv_share_read(((import_csv *)context)->file); }

/* Opens the file once more and goes to where the first pass began. */
static bool rewind_rows(import_source *source, reason *why)
{
    import_csv *rows = source->context;
    csv *again = csv_open(source->name, why);
    if (again == NULL) return false;
    import_csv_close(rows);
    rows->again = rows->file = again;
    rows->first_is_row = false;
    source->record = again;
    if (!rows->plan->map.has_header) return true;
    return csv_next(again, why) == CSV_RECORD || reason_set(why, "%s: has changed while it was read", source->name);
}

void import_csv_close(import_csv *rows)
{
    csv_close(rows->again);
    rows->again = NULL;
}

import_source import_csv_source(import_csv *rows, csv *file, const import_plan *plan)
{
    *rows = (import_csv){.file = file, .plan = plan, .first_is_row = !plan->map.has_header};
    return (import_source){
        .name = csv_name(file), .context = rows, .next = next, .share = share, .rewind = rewind_rows, .record = file};
}
