/* Any bytes as a workload file: rows that are taken must make requests within bounds, and every reason must
 * name the file and a line. */
#include "tools/workload.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_row(const workload_row *row)
{
    fig_request request = workload_request(row);
    if (request.now_s < FIG_TIME_MIN || request.now_s > FIG_TIME_MAX) abort();
    if (strlen(row->barber) > FIG_NAME_MAX || strlen(row->key) > FIG_KEY_MAX) abort();
    if (row->op != WORKLOAD_CANCEL && request.barber_name[0] == '\0') abort();
    if (workload_has_span(row) && request.start_s > request.end_s) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    reason why = {""};
    workload_row row;
    csv_result result = CSV_BAD;
    csv *reader = csv_open_bytes("fuzz.csv", bytes, size, &why);
    if (reader == NULL) return 0;
    if (workload_header(reader, &why))
        while ((result = workload_next(reader, &row, &why)) == CSV_RECORD) check_row(&row);
    if (result == CSV_BAD && strncmp(why.text, "fuzz.csv:", 9) != 0) abort();
    csv_close(reader);
    return 0;
}
