/* The journal tells its requests (fig_journal_request), the trial what becomes of each; here they are brought together
 * and counted. Every request is in exactly one of the counts. */
#include "tools/replay_requests.h"

#include "tools/fates.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/replay_workload.h"
#include "tools/settings.h"
#include "tools/staging.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request of the entry under way; its texts are its own. */
struct member {
    fig_request request;
    uint64_t id;        /* of the appointment that it booked or is about; 0: none */
    fig_status refusal; /* FIG_OK: it was accepted */
    char *key, *note;
};

struct rerun {
    const requests_order *order;
    session source;
    fig_journal *journal;
    struct trial trial;
    settings other;
    uint64_t from;    /* from this version on, the settings are the other ones */
    bool is_other;    /* they are by now */
    uint64_t version; /* of the entry under way */
    struct member *members;
    trial_answer *answers;
    size_t count, capacity;
    fates fates;
    progress shown;
    uint64_t read;
};

/* ---- asking ---- */

static void take_answer(struct rerun *rerun, const struct member *member, fate which, const trial_answer *answer)
{
    if (fate_is_other(which)) progress_end(&rerun->shown);
    fates_take(&rerun->fates, which, rerun->version, &member->request, member->id, answer);
}

static fate fate_of(const struct member *member, const trial_answer *answer)
{
    static const fate of_bookings[] = {
        [TRIAL_KEPT] = BOOKING_KEPT,         [TRIAL_MOVED] = BOOKING_MOVED,  [TRIAL_LOST] = BOOKING_LOST,
        [TRIAL_ANSWERED] = BOOKING_ANSWERED, [TRIAL_WITHOUT] = BOOKING_LOST, [TRIAL_RECORDED] = BOOKING_RECORDED,
    };
    static const fate of_changes[] = {
        [TRIAL_KEPT] = CHANGE_KEPT,     [TRIAL_MOVED] = CHANGE_MOVED,     [TRIAL_LOST] = CHANGE_LOST,
        [TRIAL_ANSWERED] = CHANGE_KEPT, [TRIAL_WITHOUT] = CHANGE_WITHOUT, [TRIAL_RECORDED] = CHANGE_KEPT,
    };
    bool granted = answer->fate == TRIAL_KEPT || answer->fate == TRIAL_RECORDED;
    if (member->refusal != FIG_OK) return granted ? REFUSAL_GAINED : REFUSAL_SAME;
    return trial_books(&member->request) ? of_bookings[answer->fate] : of_changes[answer->fate];
}

/* What was stale then is so for good: versions are others here. */
static fig_status ask_one(struct rerun *rerun, const struct member *member, trial_answer *answer)
{
    const fig_request *request = &member->request;
    bool places = trial_books(request) || request->operation == FIG_OP_MOVE;
    if (member->refusal == FIG_STALE) {
        *answer = (trial_answer){.fate = TRIAL_LOST, .status = FIG_STALE};
        return FIG_OK;
    }
    if (!places) return trial_change(&rerun->trial, request, member->id, answer);
    return trial_place(&rerun->trial, request, member->id, member->refusal == FIG_OK, answer);
}

static fig_status ask_together(struct rerun *rerun)
{
    size_t count = rerun->count;
    fig_request *requests = malloc(count * sizeof *requests);
    uint64_t *ids = malloc(count * sizeof *ids);
    for (size_t i = 0; i < count && requests != NULL && ids != NULL; i++) {
        requests[i] = rerun->members[i].request;
        ids[i] = rerun->members[i].id;
    }
    fig_status status = requests == NULL || ids == NULL
                            ? FIG_NO_MEMORY
                            : trial_batch(&rerun->trial, requests, ids, count, rerun->answers);
    free(requests);
    free(ids);
    return status;
}

static int fault(const struct rerun *rerun, fig_status status)
{
    progress_end((progress *)(uintptr_t)&rerun->shown);
    return complain(output_exit_code(status), "version %" PRIu64 " of %s: %s", rerun->version, rerun->order->source,
                    fig_status_text(status));
}

/* What comes before the other settings is history: it must come to what it came to. */
static int take_as_it_was(const struct rerun *rerun)
{
    for (size_t i = 0; i < rerun->count; i++) {
        const struct member *member = &rerun->members[i];
        trial_fate is = rerun->answers[i].fate;
        if (member->refusal != FIG_OK || is == TRIAL_KEPT || is == TRIAL_RECORDED) continue;
        return complain(EXIT_FAULT,
                        "version %" PRIu64 " of %s does not come to what it came to: %s; try --from %" PRIu64,
                        rerun->version, rerun->order->source, fate_reason(&rerun->answers[i]), rerun->version);
    }
    return EXIT_DONE;
}

static void drop_members(struct rerun *rerun)
{
    for (size_t i = 0; i < rerun->count; i++) {
        free(rerun->members[i].key);
        free(rerun->members[i].note);
    }
    rerun->count = 0;
}

/* The entry is whole: its requests are asked. */
static int end_entry(struct rerun *rerun)
{
    fig_status status = FIG_OK;
    int code = EXIT_DONE;
    if (rerun->count == 1) status = ask_one(rerun, &rerun->members[0], &rerun->answers[0]);
    if (rerun->count > 1) status = ask_together(rerun);
    if (status != FIG_OK) code = fault(rerun, status);
    if (code == EXIT_DONE && !rerun->is_other) code = take_as_it_was(rerun);
    for (size_t i = 0; i < rerun->count && code == EXIT_DONE && rerun->is_other; i++)
        take_answer(rerun, &rerun->members[i], fate_of(&rerun->members[i], &rerun->answers[i]), &rerun->answers[i]);
    drop_members(rerun);
    return code;
}

static bool make_room(struct rerun *rerun)
{
    if (rerun->count < rerun->capacity) return true;
    size_t capacity = rerun->capacity == 0 ? 16 : 2 * rerun->capacity;
    struct member *members = realloc(rerun->members, capacity * sizeof *members);
    if (members == NULL) return false;
    rerun->members = members;
    trial_answer *answers = realloc(rerun->answers, capacity * sizeof *answers);
    if (answers == NULL) return false;
    rerun->answers = answers;
    rerun->capacity = capacity;
    return true;
}

static bool keep_texts(struct member *member)
{
    fig_request *request = &member->request;
    if (request->key != NULL && (request->key = member->key = strdup(request->key)) == NULL) return false;
    return request->note == NULL || (request->note = member->note = strdup(request->note)) != NULL;
}

static int add_member(struct rerun *rerun, const fig_event *event, const fig_request *request)
{
    if (!make_room(rerun)) return fault(rerun, FIG_NO_MEMORY);
    struct member *member = &rerun->members[rerun->count++];
    *member = (struct member){.request = *request,
                              .id = event->appointment.id,
                              .refusal = event->kind == FIG_EVENT_REFUSED ? event->refusal : FIG_OK};
    bool renews = event->kind == FIG_EVENT_STATUS && request->operation == FIG_OP_HOLD;
    if (renews) member->request.appointment_id = event->appointment.id;
    if (event->kind == FIG_EVENT_BOOKED && rerun->trial.new_id == UINT64_MAX)
        rerun->trial.new_id = event->appointment.id;
    return keep_texts(member) ? EXIT_DONE : fault(rerun, FIG_NO_MEMORY);
}

/* Declarations point to what the journal keeps until its next event: each is made at once. */
static int declare(struct rerun *rerun, const fig_request *request)
{
    trial_answer answer;
    fig_status status = trial_declare(&rerun->trial, request, &answer);
    if (status != FIG_OK) return fault(rerun, status);
    const struct member member = {.request = {.operation = request->operation}};
    bool made = answer.fate == TRIAL_KEPT;
    if (!rerun->is_other && !made) return fault(rerun, answer.status);
    if (!rerun->is_other) return EXIT_DONE;
    take_answer(rerun, &member, made ? DECLARATION_MADE : DECLARATION_REFUSED, &answer);
    if (!settings_are_touched(&rerun->other, request->operation)) return EXIT_DONE;
    return settings_lay(&rerun->other, &rerun->trial, request->now_s);
}

/* ---- the walk ---- */

static int begin_others(struct rerun *rerun, const fig_event *event)
{
    if (rerun->is_other || event->version < rerun->from) return EXIT_DONE;
    rerun->is_other = true;
    rerun->trial.judges_recorded = rerun->order->recorded;
    return settings_lay(&rerun->other, &rerun->trial, event->now_s);
}

static int take_event(struct rerun *rerun, const fig_event *event)
{
    fig_request request;
    int code = event->version != rerun->version ? end_entry(rerun) : EXIT_DONE;
    rerun->version = event->version;
    if (code == EXIT_DONE) code = begin_others(rerun, event);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_journal_request(rerun->journal, &request);
    rerun->fates.skipped += event->kind == FIG_EVENT_RESTORED && rerun->is_other;
    if (status == FIG_NOT_FOUND) return EXIT_DONE;
    if (status != FIG_OK) return fault(rerun, status);
    progress_show(&rerun->shown, ++rerun->read, -1);
    return request.operation > FIG_OP_SET_STATUS ? declare(rerun, &request) : add_member(rerun, event, &request);
}

static int walk(struct rerun *rerun)
{
    fig_status status;
    int code = EXIT_DONE;
    fig_event event = fig_event_default();
    while (code == EXIT_DONE && (status = fig_journal_next(rerun->journal, &event)) == FIG_OK) {
        if (event.version > rerun->order->to) {
            status = FIG_NOT_FOUND;
            break;
        }
        code = take_event(rerun, &event);
    }
    if (code == EXIT_DONE && status != FIG_NOT_FOUND) return fault(rerun, status);
    if (code == EXIT_DONE) code = end_entry(rerun);
    drop_members(rerun);
    return code;
}

/* ---- what comes before ---- */

/* The first request on an appointment behind the last thing that was restored; 0: there is none. */
static fig_status find_first(const struct rerun *rerun, uint64_t *first)
{
    fig_journal *journal = NULL;
    fig_event event = fig_event_default();
    *first = 0;
    fig_status status = fig_journal_open(rerun->source.engine, 1, &journal);
    while (status == FIG_OK && (status = fig_journal_next(journal, &event)) == FIG_OK) {
        bool asks = event.kind == FIG_EVENT_BOOKED || event.kind == FIG_EVENT_MOVED || event.kind == FIG_EVENT_STATUS ||
                    event.kind == FIG_EVENT_REFUSED;
        if (asks && *first == 0) *first = event.version;
        if (event.operation == FIG_OP_RESTORE) *first = 0;
    }
    fig_journal_close(journal);
    return status == FIG_NOT_FOUND ? FIG_OK : status;
}

/* Whole commits before the first version are taken as they are, by both engines. *next is the version behind them. */
static fig_status take_before(const struct rerun *rerun, uint64_t *next)
{
    fig_replay_options options = fig_replay_options_default();
    fig_replayed done = fig_replayed_default();
    fig_error error = fig_error_default();
    options.to_version = rerun->from - 1;
    fig_status status = fig_replay(rerun->trial.at.engine, rerun->source.engine, &options, &done, &error);
    *next = done.version + 1;
    if (status == FIG_OK)
        status = fig_replay(rerun->trial.as_was.engine, rerun->source.engine, &options, &done, &error);
    if (status != FIG_OK) complain(0, "%s: %s", rerun->order->source, error.message);
    return status;
}

/* ---- the summary ---- */

static fig_status digests(const struct rerun *rerun, fates_summary *summary)
{
    fig_snapshot *was = NULL;
    fig_status status = live_digest_of(rerun->trial.at.engine, NULL, &summary->is);
    if (status == FIG_OK) status = fig_snapshot_open_at(rerun->source.engine, rerun->version, &was);
    if (status == FIG_OK) status = live_digest_of(rerun->source.engine, was, &summary->was);
    fig_snapshot_close(was);
    return status;
}

static int print_summary(const struct rerun *rerun, double seconds)
{
    fates_summary summary = {.from = rerun->from, .seconds = seconds};
    fig_status status = digests(rerun, &summary);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    fates_print(&rerun->fates, &summary);
    return EXIT_DONE;
}

/* ---- opening ---- */

static int find_without(struct rerun *rerun)
{
    fig_barber barber = fig_barber_default();
    if (rerun->order->without == NULL) return EXIT_DONE;
    int code = session_need_barber(&rerun->source, rerun->order->without, 0, &barber);
    rerun->other.without_id = code == EXIT_DONE ? barber.id : 0;
    return code;
}

static int open_source(struct rerun *rerun, const session *at)
{
    const requests_order *order = rerun->order;
    rerun->source = *at;
    if (!order->is_file) return session_open_to_read(&rerun->source, order->source);
    fig_options options = session_options(at);
    options.in_memory = true;
    options.journal_refusals = true;
    int code = session_open(&rerun->source, NULL, &options);
    const workload_order file = {.directory = order->source, .file = order->source, .batch = 1024};
    if (code != EXIT_DONE) return code;
    code = replay_workload_into(&rerun->source, &file);
    return code == EXIT_DONE ? code : session_close(&rerun->source, code);
}

/* The store is made relaxed: it is nobody's yet, and durable when it is closed. */
static int open_trial(struct rerun *rerun, const session *at, const char *path)
{
    fig_options options = session_options(at);
    rerun->trial.at = rerun->trial.as_was = *at;
    options.bare = true;
    options.in_memory = true;
    int code = session_open(&rerun->trial.as_was, NULL, &options);
    if (code != EXIT_DONE) return code;
    options.in_memory = false;
    options.create = options.exclusive = true;
    options.committer = FIG_COMMITTER_THREAD;
    options.durable_within_ns = INT64_C(1000000000);
    code = session_open(&rerun->trial.at, path, &options);
    return code == EXIT_DONE ? code : session_close(&rerun->trial.as_was, code);
}

static int close_trial(struct rerun *rerun, int code)
{
    return session_close(&rerun->trial.at, session_close(&rerun->trial.as_was, code));
}

static int ask_all(struct rerun *rerun)
{
    uint64_t next = 1;
    fig_status status = rerun->order->from != 0 ? FIG_OK : find_first(rerun, &rerun->from);
    if (status != FIG_OK) return fault(rerun, status);
    if (rerun->from == 0)
        return complain(EXIT_REFUSED, "%s: nothing was asked about appointments; there is nothing to ask again",
                        rerun->order->source);
    if (rerun->from > rerun->order->to)
        return complain(EXIT_REFUSED,
                        "%s: there is nothing to ask again up to version %" PRIu64 ": the first request is "
                        "version %" PRIu64,
                        rerun->order->source, rerun->order->to, rerun->from);
    status = take_before(rerun, &next);
    if (status != FIG_OK) return output_exit_code(status);
    status = fig_journal_open(rerun->source.engine, next, &rerun->journal);
    if (status != FIG_OK) return fault(rerun, status);
    int code = walk(rerun);
    fig_journal_close(rerun->journal);
    if (code == EXIT_DONE && !rerun->is_other)
        code = complain(EXIT_REFUSED, "%s: its journal ends before version %" PRIu64 "; there is nothing to ask again",
                        rerun->order->source, rerun->from);
    return code;
}

static int run(struct rerun *rerun)
{
    int64_t begun_ns = progress_clock_ns();
    rerun->shown = progress_begin("requests");
    int code = ask_all(rerun);
    progress_end(&rerun->shown);
    return code == EXIT_DONE ? print_summary(rerun, (double)(progress_clock_ns() - begun_ns) / 1e9) : code;
}

static int run_with_trial(struct rerun *rerun, const session *at)
{
    staging staged;
    int code = staging_begin(rerun->order->directory, &staged);
    if (code != EXIT_DONE) return code;
    code = open_trial(rerun, at, staged.path);
    if (code == EXIT_DONE) code = close_trial(rerun, run(rerun));
    if (code == EXIT_DONE) return staging_publish(&staged);
    staging_drop(&staged);
    return code;
}

int replay_requests(session *at, const requests_order *order)
{
    struct rerun rerun = {.order = order, .trial = trial_default(), .from = order->from};
    int code = open_source(&rerun, at);
    if (code != EXIT_DONE) return code;
    rerun.trial.within_s = order->within_s;
    rerun.fates = fates_begin(&rerun.trial.at, order->summary);
    code = settings_check(&rerun.other, order->setup, &rerun.source);
    if (code == EXIT_DONE) code = find_without(&rerun);
    if (code == EXIT_DONE) code = run_with_trial(&rerun, at);
    code = session_close(&rerun.source, code);
    fates_end(&rerun.fates);
    trial_free(&rerun.trial);
    free(rerun.members);
    free(rerun.answers);
    return code;
}
