#include "tools/import_status.h"

#include "tools/import_csv.h"
#include "tools/import_find.h"
#include "tools/import_load.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/time_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What became of rows: each is counted once. */
enum outcome { MATCHED, ALREADY, RECORDED, AMBIGUOUS, NOT_FOUND, ILLEGAL, CHANGED, REJECTED, OUTCOMES };

static const char *const outcome_names[OUTCOMES] = {
    "matched", "already", "recorded", "ambiguous", "not_found", "illegal", "changed", "rejected",
};

/* An appointment that one row tells of. */
struct match {
    uint64_t line, id, version;
};

struct work {
    const import_setting *setting;
    import_source from;
    import_finder finder;
    progress shown;
    uint64_t read, counts[OUTCOMES];
    struct match *matches;
    size_t match_count, match_room;
    import_row *unfound; /* that are to be recorded */
    size_t unfound_count, unfound_room;
    size_t given; /* of them to the import */
};

/* ---- the plan ---- */

/* Takes the fields away that find nothing: columns may only happen to have their names. Those that were asked for are
 * mistakes. */
static bool drop_fields(import_plan *plan, bool record, reason *why)
{
    static const import_field recorded[] = {IMPORT_END, IMPORT_MINUTES, IMPORT_BEFORE, IMPORT_AFTER, IMPORT_NOTE};
    import_columns *of = plan->map.of;
    if (plan->map.text == NULL) {
        of[IMPORT_STATUS].count = 0;
        if (of[IMPORT_START].count > 0) of[IMPORT_DATE].count = 0;
    }
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded && !record; i++) {
        if (plan->map.text == NULL) of[recorded[i]].count = 0;
        if (of[recorded[i]].count > 0)
            return reason_set(why, "--map: %s: finds no appointment; it is for --record",
                              import_field_name(recorded[i]));
    }
    if (of[IMPORT_STATUS].count > 0) return reason_set(why, "--map: status: is what --set-status says");
    if (of[IMPORT_START].count > 0 && of[IMPORT_DATE].count > 0)
        return reason_set(why, "--map: date: is given beside start");
    return true;
}

bool import_status_plan(import_plan *plan, bool record, reason *why)
{
    const import_columns *of = plan->map.of;
    plan->finding = true;
    if (!drop_fields(plan, record, why)) return false;
    bool has_start = of[IMPORT_START].count > 0;
    if (!has_start && of[IMPORT_DATE].count + of[IMPORT_KEY].count + of[IMPORT_CLIENT].count == 0)
        return reason_set(why, "no column says which appointment a row tells of; give --map with key, start, date or "
                               "client");
    if (record && !has_start)
        return reason_set(why, "--record: no column says when a row starts; give --map start=...");
    if (record && !import_plan_reads(plan, IMPORT_BARBER))
        return reason_set(why, "--record: no column says whose a row is; give --map barber=... or --barber");
    if (plan->time_format == NULL) return true;
    bool good = has_start ? time_format_check(plan->time_format, why) : time_format_check_date(plan->time_format, why);
    return good || reason_prefix(why, "--time-format: ");
}

/* ---- telling ---- */

static void say_object(const struct work *work, uint64_t line, enum outcome outcome, const char *field, const char *why,
                       const fig_appointment *list, size_t count)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(work->from.name));
    json_object_set_new(object, "line", output_id(line));
    json_object_set_new(object, "field", field == NULL ? json_null() : json_string(field));
    json_object_set_new(object, "reason", json_string(why));
    json_object_set_new(object, "outcome", json_string(outcome_names[outcome]));
    json_object_set_new(object, "appointments", output_appointment_array(work->setting->at, list, count));
    output_object(object);
}

/* "#12 JJ 2018-05-01T14:00:00Z scheduled" */
static void say_appointment(const struct work *work, uint64_t line, const fig_appointment *is)
{
    char start[RFC3339_SIZE], barber[FIG_NAME_MAX + 1];
    rfc3339_print(is->start_s, start);
    output_barber_name(work->setting->at, is->barber_id, barber);
    complain(0, "%s:%" PRIu64 ":   #%" PRIu64 " %s %s %s", work->from.name, line, is->id, barber, start,
             fig_appointment_status_name(is->status));
}

/* Counts a row and tells of it: in JSON of each, in words of those that came to nothing. */
static void settle(struct work *work, uint64_t line, enum outcome outcome, const char *field, const char *why,
                   const fig_appointment *list, size_t count)
{
    work->counts[outcome]++;
    if (work->setting->at->json) {
        say_object(work, line, outcome, field, why, list, count);
        return;
    }
    if (outcome <= RECORDED) return;
    progress_end(&work->shown);
    complain(0, "%s:%" PRIu64 ": %s: %s%s%s", work->from.name, line, outcome_names[outcome], field == NULL ? "" : field,
             field == NULL ? "" : ": ", why);
    for (size_t i = 0; i < count; i++) say_appointment(work, line, &list[i]);
}

/* ---- looking up ---- */

/* The list with room for one more, perhaps moved; NULL: no memory, and it is what it was. */
static void *make_room(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) return list;
    size_t wanted = *room == 0 ? 256 : *room * 2;
    void *grown = realloc(list, wanted * size);
    if (grown != NULL) *room = wanted;
    return grown;
}

static int keep_match(struct work *work, uint64_t line, const fig_appointment *is)
{
    struct match *list = make_room(work->matches, work->match_count, &work->match_room, sizeof *list);
    if (list == NULL) return complain(EXIT_FAULT, "out of memory");
    work->matches = list;
    work->matches[work->match_count++] = (struct match){line, is->id, is->version};
    return EXIT_DONE;
}

/* Takes the row's texts over. */
static int keep_unfound(struct work *work, import_row *row)
{
    import_row *list = make_room(work->unfound, work->unfound_count, &work->unfound_room, sizeof *list);
    if (list == NULL) return complain(EXIT_FAULT, "out of memory");
    work->unfound = list;
    row->status = work->setting->status;
    work->unfound[work->unfound_count++] = *row;
    row->note = NULL;
    return EXIT_DONE;
}

/* A row that tells of no appointment; `fault` says what it names in vain, if anything. */
static int take_unfound(struct work *work, import_row *row, const import_fault *fault)
{
    const char *service = import_field_name(IMPORT_SERVICE);
    const char *field = fault->field, *why = field != NULL ? fault->why.text : "no appointment is as the row says";
    bool has_length = row->has_end || row->length_s > 0;
    if (work->setting->record && has_length && field != service) return keep_unfound(work, row);
    if (work->setting->record && !has_length && field == NULL)
        why = "no appointment is as the row says, and to record it nothing says how long it lasts";
    settle(work, row->line, NOT_FOUND, field, why, NULL, 0);
    return EXIT_DONE;
}

static bool are_so(const import_finder *finder, fig_appointment_status status)
{
    for (size_t i = 0; i < finder->count; i++)
        if (finder->list[i].status != status) return false;
    return true;
}

static int take_found(struct work *work, const import_row *row)
{
    const import_finder *finder = &work->finder;
    char why[80];
    /* whichever of several is meant, there is nothing left to do */
    if (are_so(finder, work->setting->status)) {
        settle(work, row->line, ALREADY, NULL, "is so already", finder->list, finder->count);
        return EXIT_DONE;
    }
    if (finder->count == 1) return keep_match(work, row->line, &finder->list[0]);
    snprintf(why, sizeof why, "%zu appointments are as the row says", finder->count);
    settle(work, row->line, AMBIGUOUS, NULL, why, finder->list, finder->count);
    return EXIT_DONE;
}

static int take_row(struct work *work, import_row *row)
{
    import_fault fault = {0};
    switch (import_find(&work->finder, row, &fault)) {
    case IMPORT_FOUND:
        if (work->finder.count > 0) return take_found(work, row);
        return take_unfound(work, row, &(import_fault){0});
    case IMPORT_FOUND_NOBODY: return take_unfound(work, row, &fault);
    case IMPORT_FOUND_BAD: settle(work, row->line, REJECTED, fault.field, fault.why.text, NULL, 0); return EXIT_DONE;
    case IMPORT_FOUND_FAULT: break;
    }
    return work->finder.code;
}

static int look_up(struct work *work)
{
    import_row row;
    import_fault fault;
    int code = EXIT_DONE;
    while (code == EXIT_DONE) {
        import_step step = work->from.next(work->from.context, &row, &fault);
        if (step == IMPORT_OVER) return EXIT_DONE;
        if (step == IMPORT_BROKEN || step == IMPORT_FAULT)
            return complain(EXIT_USAGE, "%s; nothing was changed", fault.why.text);
        progress_show(&work->shown, ++work->read, work->from.share(work->from.context));
        if (step == IMPORT_BAD)
            settle(work, row.line, REJECTED, fault.field, fault.why.text, NULL, 0);
        else
            code = take_row(work, &row);
        import_row_free(&row);
    }
    return code;
}

/* ---- changing ---- */

/* What became of a match. An equal row, or somebody else, may have set the status since it was looked up. */
static void settle_match(struct work *work, const struct match *match, const fig_outcome *outcome)
{
    const session *at = work->setting->at;
    fig_view view = session_view(at);
    fig_appointment is = fig_appointment_default();
    char words[160];
    if (outcome->status == FIG_OK) {
        settle(work, match->line, MATCHED, NULL, "is so now", &outcome->appointment, 1);
        return;
    }
    fig_status status = fig_get_appointment(at->engine, &view, match->id, &is);
    if (status == FIG_OK && is.status == work->setting->status) {
        settle(work, match->line, ALREADY, NULL, "is so already", &is, 1);
        return;
    }
    bool illegal = outcome->status == FIG_ILLEGAL_STATUS && status == FIG_OK;
    if (illegal)
        snprintf(words, sizeof words, "appointment #%" PRIu64 " is %s, and cannot become %s", is.id,
                 fig_appointment_status_name(is.status), fig_appointment_status_name(work->setting->status));
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    settle(work, match->line, illegal ? ILLEGAL : CHANGED, illegal ? "status" : NULL, illegal ? words : why, &is,
           status == FIG_OK);
}

static fig_status change_some(struct work *work, const struct match *matches, size_t count, fig_request *requests,
                              fig_outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) {
        requests[i] = fig_set_status_default();
        requests[i].now_s = work->setting->at->now_s;
        requests[i].appointment_id = matches[i].id;
        requests[i].if_version = matches[i].version;
        requests[i].status = work->setting->status;
        outcomes[i] = fig_outcome_default();
    }
    fig_status status = fig_write(work->setting->at->engine, requests, count, outcomes);
    for (size_t i = 0; i < count && status == FIG_OK; i++)
        if (outcomes[i].status >= FIG_BUSY) status = outcomes[i].status;
    for (size_t i = 0; i < count && status == FIG_OK; i++) settle_match(work, &matches[i], &outcomes[i]);
    return status;
}

static int change_all(struct work *work)
{
    size_t group = (size_t)work->setting->batch, done = 0;
    fig_request *requests = calloc(group, sizeof *requests);
    fig_outcome *outcomes = calloc(group, sizeof *outcomes);
    fig_status status = requests != NULL && outcomes != NULL ? FIG_OK : FIG_NO_MEMORY;
    while (status == FIG_OK && done < work->match_count) {
        size_t left = work->match_count - done, count = left < group ? left : group;
        status = change_some(work, work->matches + done, count, requests, outcomes);
        if (status == FIG_OK) done += count;
    }
    free(requests);
    free(outcomes);
    if (status == FIG_OK) return EXIT_DONE;
    progress_end(&work->shown);
    complain(0, "%s: %s", work->setting->directory, fig_status_text(status));
    return complain(output_exit_code(status), "%zu of %zu changes are done; run the same import again and it goes on",
                    done, work->match_count);
}

/* ---- recording ---- */

static import_step next_unfound(void *context, import_row *row, import_fault *fault)
{
    struct work *work = context;
    (void)fault;
    if (work->given == work->unfound_count) return IMPORT_OVER;
    *row = work->unfound[work->given];
    work->unfound[work->given++].note = NULL; /* it is the import's from here on */
    return IMPORT_ROW;
}

static double share_of_unfound(void *context)
{
    const struct work *work = context;
    return (double)work->given / (double)work->unfound_count;
}

/* The rows as an import of their own: what ended takes no time, and is kept whatever is booked. */
static int record(struct work *work)
{
    const import_setting *setting = work->setting;
    import_source from = {.name = work->from.name, .context = work, .next = next_unfound, .share = share_of_unfound};
    import_order order = {
        .at = setting->at,
        .directory = setting->directory,
        .zone = setting->zone,
        .batch = setting->batch,
        .keys = true,
        .new_clients = setting->new_clients,
    };
    import_counts counts = {0};
    if (work->unfound_count == 0) return EXIT_DONE;
    int code = import_load(&order, &from, &counts);
    work->counts[RECORDED] += counts.accepted - counts.repeated;
    work->counts[ALREADY] += counts.repeated;
    work->counts[CHANGED] += counts.refused;
    work->counts[REJECTED] += counts.rejected;
    return code;
}

/* ---- all of it ---- */

static void print_summary(const struct work *work)
{
    const uint64_t *of = work->counts;
    uint64_t accepted = of[MATCHED] + of[ALREADY] + of[RECORDED];
    uint64_t refused = of[AMBIGUOUS] + of[NOT_FOUND] + of[ILLEGAL] + of[CHANGED];
    if (work->setting->at->json) {
        json_t *object = json_object();
        json_object_set_new(object, "accepted", output_id(accepted));
        json_object_set_new(object, "refused", output_id(refused));
        json_object_set_new(object, "rejected", output_id(of[REJECTED]));
        for (size_t i = 0; i <= CHANGED; i++) json_object_set_new(object, outcome_names[i], output_id(of[i]));
        output_object(object);
        return;
    }
    uint64_t rows = accepted + refused + of[REJECTED];
    printf("%" PRIu64 " row%s: %" PRIu64 " matched, %" PRIu64 " already so, %" PRIu64 " recorded, %" PRIu64
           " ambiguous, %" PRIu64 " not found, %" PRIu64 " illegal, %" PRIu64 " changed, %" PRIu64 " rejected\n",
           rows, rows == 1 ? "" : "s", of[MATCHED], of[ALREADY], of[RECORDED], of[AMBIGUOUS], of[NOT_FOUND],
           of[ILLEGAL], of[CHANGED], of[REJECTED]);
}

int import_status(const import_setting *setting, const import_plan *plan, csv *file)
{
    import_csv rows;
    struct work work = {.setting = setting, .from = import_csv_source(&rows, file, plan)};
    work.shown = progress_begin("rows");
    int code = import_finder_open(&work.finder, setting->at, plan, setting->zone);
    if (code == EXIT_DONE) code = look_up(&work);
    import_finder_close(&work.finder);
    bool read = code == EXIT_DONE;
    if (read) code = change_all(&work);
    progress_end(&work.shown);
    if (code == EXIT_DONE) code = record(&work);
    if (read) print_summary(&work);
    for (size_t i = 0; i < work.unfound_count; i++) import_row_free(&work.unfound[i]);
    free(work.unfound);
    free(work.matches);
    return code;
}
