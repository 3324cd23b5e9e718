/* Any bytes as lines of an export: each line is read as a record or refused with a reason, and restored or refused;
 * what was restored can be carried over again, as objects and back, to the same digest. */
#include "engine/figaro.h"
#include "tools/record_json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LINES_MAX = 200 };

static fig_engine *bare_engine(void)
{
    fig_options options = fig_options_default();
    options.in_memory = options.bare = options.no_metrics = true;
    options.random_seed = 7;
    fig_engine *engine = NULL;
    if (fig_open(NULL, &options, &engine, NULL) != FIG_OK) abort();
    return engine;
}

/* True when it was restored. */
static bool restore_object(fig_engine *engine, const json_t *object)
{
    reason why = {.text = ""};
    fig_record record;
    fig_outcome outcome = fig_outcome_default();
    char *text = NULL;
    bool read = record_from_json(object, &record, &text, &why);
    if (!read && why.text[0] == '\0') abort(); /* every refusal says why */
    fig_request request = fig_restore_default();
    request.now_s = 0;
    request.record = &record;
    bool restored = read && fig_restore(engine, &request, &outcome) == FIG_OK;
    if (read && !restored && outcome.reason == NULL) abort();
    free(text);
    return restored;
}

static void restore_lines(fig_engine *engine, const char *at, const char *end)
{
    for (int i = 0; i < LINES_MAX && at < end; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline != NULL ? newline : end) - at);
        json_t *object = json_loadb(at, length, JSON_REJECT_DUPLICATES, NULL);
        if (json_is_object(object)) restore_object(engine, object);
        json_decref(object);
        at += length + 1;
    }
}

static void carry_over(fig_engine *from, fig_engine *to)
{
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    if (fig_records_open(from, NULL, &records) != FIG_OK) abort();
    for (;;) {
        fig_status status = fig_records_next(records, &record);
        if (status == FIG_NOT_FOUND) break;
        if (status != FIG_OK) abort();
        json_t *object = record_to_json(&record);
        if (!restore_object(to, object)) abort();
        json_decref(object);
    }
    fig_records_close(records);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fig_engine *engine = bare_engine(), *other = bare_engine();
    fig_stats left = fig_stats_default(), right = fig_stats_default();
    restore_lines(engine, (const char *)bytes, (const char *)bytes + size);
    carry_over(engine, other);
    if (fig_get_stats(engine, &left) != FIG_OK || fig_get_stats(other, &right) != FIG_OK) abort();
    if (memcmp(left.digest, right.digest, sizeof left.digest) != 0) abort();
    fig_close(other);
    fig_close(engine);
    return 0;
}
