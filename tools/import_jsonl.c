#include "tools/import_jsonl.h"

#include "tools/json_lines.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/record_json.h"
#include "tools/rfc3339.h"
#include "tools/staging.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1024 };

struct member {
    fig_record record;
    char *text; /* of the record; NULL: none */
    uint64_t line;
};

struct loading {
    session *at;
    const char *path;
    json_lines *lines;
    progress shown;
    struct member *members;
    fig_request *requests;
    fig_outcome *outcomes;
    size_t count;       /* of the commit that is being gathered */
    int64_t now_s;      /* of every request: that of the export, or later */
    uint8_t digest[16]; /* that the state is to have at the end, */
    bool edited;        /* unless the file was changed by hand */
    uint64_t version;   /* of the store that was exported: no record has a later one */
    uint64_t accepted;
};

static int bad_line(const struct loading *loading, const char *words)
{
    return complain(EXIT_USAGE, "%s:%" PRIu64 ": %s", loading->path, json_lines_line(loading->lines), words);
}

/* ---- the first line ---- */

static bool read_head(struct loading *loading, const json_t *object, reason *why)
{
    const json_t *head = json_object_get(object, "figaro");
    if (!json_is_object(head)) return reason_set(why, "is no export of figaro: its first line says \"figaro\"");
    const json_t *format = json_object_get(head, "format"), *now = json_object_get(head, "now");
    if (!json_is_integer(format) || json_integer_value(format) < 1 || json_integer_value(format) > RECORD_FORMAT)
        return reason_set(why, "figaro.format: must be 1 to %d; a newer figaro wrote this", RECORD_FORMAT);
    int64_t now_s;
    if (!json_is_string(now) || !rfc3339_parse(json_string_value(now), &now_s, why))
        return reason_set(why, "figaro.now: must be an instant");
    if (now_s > loading->now_s) loading->now_s = now_s;
    const json_t *version = json_object_get(head, "version");
    bool is_bare = json_is_integer(version) && json_integer_value(version) == 0;
    if (!is_bare && !record_read_id(version, &loading->version, why)) return reason_prefix(why, "figaro.version");
    return record_read_hex(json_object_get(head, "digest"), loading->digest, sizeof loading->digest, why) ||
           reason_prefix(why, "figaro.digest");
}

static int take_head(struct loading *loading)
{
    reason why;
    json_t *object = NULL;
    json_lines_result result = json_lines_next(loading->lines, &object, &why);
    if (result == JSON_LINES_END) return complain(EXIT_USAGE, "%s: is empty", loading->path);
    if (result == JSON_LINES_BAD) return complain(EXIT_USAGE, "%s", why.text);
    bool good = read_head(loading, object, &why);
    json_decref(object);
    return good ? EXIT_DONE : bad_line(loading, why.text);
}

/* ---- records ---- */

static void empty_commit(struct loading *loading)
{
    for (size_t i = 0; i < loading->count; i++) free(loading->members[i].text);
    loading->count = 0;
}

static int say_refused(const struct loading *loading, const struct member *member, const fig_outcome *outcome)
{
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    int code = outcome->status == FIG_INVALID ? EXIT_USAGE : output_exit_code(outcome->status);
    return complain(code, "%s:%" PRIu64 ": %s%s%s; nothing was imported", loading->path, member->line,
                    outcome->field != NULL ? outcome->field : "", outcome->field != NULL ? ": " : "", why);
}

static int commit(struct loading *loading)
{
    int code = EXIT_DONE;
    if (loading->count == 0) return code;
    fig_status status = fig_write(loading->at->engine, loading->requests, loading->count, loading->outcomes);
    if (status != FIG_OK)
        code = complain(output_exit_code(status), "%s; nothing was imported", fig_status_text(status));
    for (size_t i = 0; code == EXIT_DONE && i < loading->count; i++)
        if (loading->outcomes[i].status != FIG_OK)
            code = say_refused(loading, &loading->members[i], &loading->outcomes[i]);
    if (code == EXIT_DONE) loading->accepted += loading->count;
    empty_commit(loading);
    return code;
}

/* What the engine takes and no export has. */
static bool check_record(const struct loading *loading, const fig_record *record, const char *name, reason *why)
{
    bool is_appointment = record->kind == FIG_RECORD_APPOINTMENT;
    uint64_t version = is_appointment ? record->appointment.version : record->version;
    if (version > loading->version)
        return reason_set(why, "%s.version: is above the %" PRIu64 " of figaro.version in the first line", name,
                          loading->version);
    static const uint8_t none[sizeof record->salt];
    bool is_salted = record->kind == FIG_RECORD_CLIENT || is_appointment;
    bool lacks_salt = is_salted && record->text != NULL && memcmp(record->salt, none, sizeof none) == 0;
    if (!loading->edited || !lacks_salt) return true;
    return reason_set(why,
                      "%s.salt: is missing; 32 random hexadecimal digits keep it from being guessed once it is "
                      "forgotten",
                      name);
}

static int add_record(struct loading *loading, const json_t *object)
{
    reason why;
    struct member *member = &loading->members[loading->count];
    *member = (struct member){.line = json_lines_line(loading->lines)};
    loading->count++;
    const char *name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)object));
    if (!record_from_json(object, &member->record, &member->text, &why) ||
        !check_record(loading, &member->record, name, &why))
        return bad_line(loading, why.text);
    fig_request *request = &loading->requests[loading->count - 1];
    *request = fig_restore_default();
    request->now_s = loading->now_s;
    request->record = &member->record;
    loading->outcomes[loading->count - 1] = fig_outcome_default();
    return loading->count == BATCH ? commit(loading) : EXIT_DONE;
}

/* The last line: without it, the end of the file is missing. */
static int take_end(struct loading *loading, const json_t *end)
{
    int code = commit(loading);
    if (code != EXIT_DONE) return code;
    const json_t *records = json_object_get(end, "records");
    bool all = json_is_integer(records) && (uint64_t)json_integer_value(records) == loading->accepted;
    if (!all && !loading->edited)
        return bad_line(loading, "end.records: is not how many records the file has; lines are missing");
    return EXIT_DONE;
}

/* What stands there would be taken for imported. */
static int take_nothing(struct loading *loading)
{
    reason why;
    json_t *object = NULL;
    json_lines_result result = json_lines_next(loading->lines, &object, &why);
    if (result == JSON_LINES_END) return EXIT_DONE;
    if (result == JSON_LINES_BAD)
        return complain(EXIT_USAGE, "%s, after the last line; nothing was imported", why.text);
    json_decref(object);
    return bad_line(loading, "stands after the last line; nothing was imported");
}

static int take_lines(struct loading *loading)
{
    reason why;
    json_t *object = NULL;
    for (;;) {
        json_lines_result result = json_lines_next(loading->lines, &object, &why);
        if (result == JSON_LINES_BAD) return complain(EXIT_USAGE, "%s; nothing was imported", why.text);
        if (result == JSON_LINES_END)
            return complain(EXIT_USAGE, "%s: its last line is missing; nothing was imported", loading->path);
        const json_t *end = json_object_get(object, "end");
        int code = end != NULL ? take_end(loading, end) : add_record(loading, object);
        json_decref(object);
        if (code == EXIT_DONE && end != NULL) code = take_nothing(loading);
        if (code != EXIT_DONE || end != NULL) return code;
        progress_show(&loading->shown, json_lines_line(loading->lines), -1);
    }
}

/* ---- the store ---- */

static int check_digest(const struct loading *loading)
{
    fig_stats stats = fig_stats_default();
    fig_status status = fig_get_stats(loading->at->engine, &stats);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (memcmp(stats.digest, loading->digest, sizeof stats.digest) == 0) return EXIT_DONE;
    return complain(EXIT_USAGE,
                    "%s: what is in it does not give the digest of its first line: it was changed since it was "
                    "written (--edited takes it as it is); nothing was imported",
                    loading->path);
}

static int load(struct loading *loading)
{
    int code = take_head(loading);
    if (code == EXIT_DONE) code = take_lines(loading);
    progress_end(&loading->shown);
    return code == EXIT_DONE && !loading->edited ? check_digest(loading) : code;
}

static bool make_room(struct loading *loading)
{
    loading->members = calloc(BATCH, sizeof *loading->members);
    loading->requests = calloc(BATCH, sizeof *loading->requests);
    loading->outcomes = calloc(BATCH, sizeof *loading->outcomes);
    return loading->members != NULL && loading->requests != NULL && loading->outcomes != NULL;
}

static void drop_room(struct loading *loading)
{
    empty_commit(loading);
    free(loading->members);
    free(loading->requests);
    free(loading->outcomes);
}

static int load_into(session *at, const char *directory, struct loading *loading)
{
    fig_options store = session_options(at);
    store.create = true;
    store.bare = true;
    int code = session_open(at, directory, &store);
    if (code != EXIT_DONE) return code;
    loading->shown = progress_begin("lines");
    code = make_room(loading) ? load(loading) : complain(EXIT_FAULT, "out of memory");
    drop_room(loading);
    return session_close(at, code);
}

static void print_summary(const session *at, const struct loading *loading)
{
    if (at->json)
        output_object(
            json_pack("{s:o, s:i, s:i}", "accepted", output_id(loading->accepted), "refused", 0, "rejected", 0));
    else
        printf("%" PRIu64 " records: all as they %s\n", loading->accepted,
               loading->edited ? "are in the file" : "were");
}

int import_jsonl(session *at, const char *directory, const char *path, bool edited)
{
    reason why;
    staging staged;
    json_lines *lines = json_lines_open(path, &why);
    struct loading loading = {.at = at, .path = path, .lines = lines, .now_s = at->now_s, .edited = edited};
    if (lines == NULL) return complain(EXIT_USAGE, "%s", why.text);
    int code = staging_begin(directory, &staged);
    if (code == EXIT_DONE) {
        code = load_into(at, staged.path, &loading);
        if (code == EXIT_DONE)
            code = staging_publish(&staged);
        else
            staging_drop(&staged);
    }
    json_lines_close(lines);
    if (code == EXIT_DONE) print_summary(at, &loading);
    return code;
}
