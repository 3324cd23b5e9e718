/* Any bytes as a time format, a map and a CSV file, a line for each of the two before the file: rows that are taken
 * must lie in the bounds that the engine is promised, and bad records must not keep the rest from being read. The same
 * again as rows that tell of appointments that are there. */
#include "tools/import_keys.h"
#include "tools/import_status.h"
#include "tools/time_format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The next line as a text of its own; "" after the last one. */
static char *take_line(const uint8_t **bytes, size_t *size)
{
    const uint8_t *newline = *size == 0 ? NULL : memchr(*bytes, '\n', *size);
    size_t length = newline == NULL ? *size : (size_t)(newline - *bytes);
    char *line = calloc(length + 1, 1);
    if (line == NULL) abort();
    if (length > 0) memcpy(line, *bytes, length);
    length += newline != NULL;
    *bytes += length;
    *size -= length;
    return line;
}

static void check_row(const csv *file, import_row *row, import_keys *keys)
{
    static const local_zone utc = {.name = "UTC"};
    import_fault fault;
    if (row->barber[0] == '\0' || strlen(row->barber) > FIG_NAME_MAX) abort();
    if (row->before_s > FIG_BUFFER_MAX || row->after_s > FIG_BUFFER_MAX) abort();
    if (row->status == FIG_HELD && !row->has_expires) abort();
    if (!import_row_place(row, &utc, &fault)) return;
    if (!import_row_age(row, 0, &fault)) return;
    if (row->status == FIG_HELD && (row->expires_s <= 0 || row->expires_s > FIG_HOLD_MAX)) abort();
    if (row->start_s < FIG_TIME_MIN || row->end_s > FIG_TIME_MAX) abort();
    if (row->start_s >= row->end_s || row->end_s - row->start_s > FIG_DURATION_MAX) abort();
    if (import_keys_give(keys, file, row) == IMPORT_KEY_NEW && row->key[0] == '\0') abort();
}

/* What finds an appointment: a name fits, and a date is a midnight that the engine's instants come near. */
static void check_finding(const import_plan *plan, const import_row *row)
{
    if (strlen(row->client) > FIG_NAME_MAX || strlen(row->service) > FIG_NAME_MAX) abort();
    if (row->date_s % DAY_SECONDS != 0) abort();
    if (row->date_s < FIG_TIME_MIN - DAY_SECONDS || row->date_s > FIG_TIME_MAX + 366 * DAY_SECONDS) abort();
    if (plan->map.of[IMPORT_BARBER].count > 0 && row->barber[0] == '\0') abort();
}

static void read_rows(const import_plan *plan, csv *file)
{
    import_row row;
    import_fault fault;
    import_keys keys = {0};
    reason why;
    uint64_t line = 1;
    for (csv_result result; (result = csv_next(file, &why)) != CSV_END;) {
        if (csv_line(file) <= line) abort(); /* every record begins on a line of its own */
        line = csv_line(file);
        if (result == CSV_BAD && !csv_recover(file)) abort();
        if (result == CSV_BAD) continue;
        bool good = import_row_read(plan, file, &row, &fault);
        if (good && plan->finding) check_finding(plan, &row);
        if (good && !plan->finding) check_row(file, &row, &keys);
        import_row_free(&row);
    }
    import_keys_free(&keys);
}

static void read_as(bool finding, const char *format, const char *text, const uint8_t *bytes, size_t size)
{
    import_plan plan = {.time_format = format[0] == '\0' ? NULL : format, .length_s = 1800};
    reason why;
    bool good = import_map_parse(text[0] == '\0' ? NULL : text, &plan.map, &why);
    if (!finding && plan.time_format != NULL) good = time_format_check(format, &why) && good;
    csv *file = good ? csv_open_bytes("fuzz.csv", bytes, size, &why) : NULL;
    good = file != NULL && csv_next(file, &why) == CSV_RECORD && import_map_bind(&plan.map, file, &why);
    if (good && finding) good = import_status_plan(&plan, false, &why);
    if (good) read_rows(&plan, file);
    csv_close(file);
    import_map_free(&plan.map);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *format = take_line(&bytes, &size), *text = take_line(&bytes, &size);
    read_as(false, format, text, bytes, size);
    read_as(true, format, text, bytes, size);
    free(format);
    free(text);
    return 0;
}
