/* The first line says what the export is of, the last one that nothing is missing; between them stands a record a line.
 */
#include "tools/export.h"
#include "tools/output.h"
#include "tools/record_json.h"

#include <stdio.h>

static void put_head(const export_order *order, const fig_stats *stats)
{
    json_t *head = json_object();
    json_object_set_new(head, "format", json_integer(RECORD_FORMAT));
    json_object_set_new(head, "version", output_id(stats->version));
    json_object_set_new(head, "now", output_instant(order->view.now_s));
    json_object_set_new(head, "digest", record_hex(stats->digest, sizeof stats->digest));
    output_object(json_pack("{s:o}", "figaro", head));
}

static fig_status put_records(fig_records *records, uint64_t *count)
{
    fig_record record = fig_record_default();
    for (;;) {
        fig_status status = fig_records_next(records, &record);
        if (status == FIG_NOT_FOUND || ferror(stdout)) return FIG_OK; /* output_finish() says so */
        if (status != FIG_OK) return status;
        output_object(record_to_json(&record));
        ++*count;
    }
}

int export_jsonl(const export_order *order)
{
    fig_records *records = NULL;
    fig_stats stats = fig_stats_default();
    uint64_t count = 0;
    fig_status status = fig_get_snapshot_stats(order->view.snapshot, &stats);
    if (status == FIG_OK) status = fig_records_open(order->at->engine, order->view.snapshot, &records);
    if (status == FIG_OK) {
        put_head(order, &stats);
        status = put_records(records, &count);
    }
    fig_records_close(records);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    output_object(json_pack("{s:{s:o}}", "end", "records", output_id(count)));
    return EXIT_DONE;
}
