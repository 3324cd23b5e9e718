#include "engine/runtime/commit.h"

#include <string.h>

/* A frame that has grown beyond this takes no further request; the rest goes into the next. */
#define FRAME_BYTES_ENOUGH (8 << 20)

/* Nor does one of so many requests, or one that was so long in the deciding, take a further writing. */
#define FRAME_REQUESTS_ENOUGH 4096
#define FRAME_NS_ENOUGH       INT64_C(5000000)

struct writing_list {
    struct writing *first;
    struct writing *last;
    size_t count;
};

struct commit {
    struct fig_engine *engine;
    const struct writing_source *source;
    int64_t deadline_ns;         /* for the turn itself */
    struct writing_list waiting; /* to be decided before any other */
    struct writing_list frame;   /* in the frame under work */
    size_t frame_requests;
    int64_t frame_until_ns;
    size_t alone;                /* so many of `waiting` get a frame of their own */
    struct writing_list syncing; /* that ask for nothing but that all before them be durable */
    struct store_error said;
};

/* --- lists --- */

static void list_add(struct writing_list *list, struct writing *writing)
{
    writing->next = NULL;
    if (list->first == NULL)
        list->first = writing;
    else
        list->last->next = writing;
    list->last = writing;
    list->count++;
}

static struct writing *list_take(struct writing_list *list)
{
    struct writing *writing = list->first;
    if (writing == NULL) return NULL;
    list->first = writing->next;
    list->count--;
    return writing;
}

/* All of `from` before all of `list`. */
static void list_put_before(struct writing_list *list, struct writing_list *from)
{
    if (from->first == NULL) return;
    from->last->next = list->first;
    if (list->first == NULL) list->last = from->last;
    list->first = from->first;
    list->count += from->count;
    *from = (struct writing_list){0};
}

/* --- outcomes --- */

void outcome_tell(struct fig_engine *engine, fig_outcome *outcome, fig_status status, const char *field,
                  const char *reason)
{
    outcome->status = status;
    outcome->repeated = false;
    outcome->version = atomic_load(&engine->newest_seq);
    outcome->barber_id = 0;
    outcome->appointment = fig_appointment_default();
    outcome->field = field;
    outcome->reason = reason;
    outcome->others_count = 0;
    outcome->rules_count = 0;
    outcome->closed = false;
    outcome->declared_id = 0;
    outcome->nearest_barber_id = 0;
    outcome->nearest_s = 0;
    outcome->nearest_end_s = 0;
}

void writing_fault(struct fig_engine *engine, struct writing *writing, size_t from, fig_status status)
{
    writing->status = status;
    for (size_t i = from; i < writing->count; i++) {
        if (writing->outcomes[i].status == FIG_INVALID) continue;
        outcome_tell(engine, &writing->outcomes[i], status, NULL, fig_status_text(status));
    }
}

static void finish(struct commit *commit, struct writing *writing)
{
    if (commit->source != NULL) commit->source->finish(commit->source->context, writing);
}

static void fault_waiting(struct commit *commit, fig_status status)
{
    for (struct writing *writing; (writing = list_take(&commit->waiting)) != NULL;) {
        writing_fault(commit->engine, writing, writing->decided, status);
        finish(commit, writing);
    }
}

static void fault_frame(struct commit *commit, fig_status status)
{
    for (struct writing *writing; (writing = list_take(&commit->frame)) != NULL;) {
        writing_fault(commit->engine, writing, writing->first, status);
        finish(commit, writing);
    }
}

/* The frame is published, or it came to nothing that had to be written. The last writing may have more. */
static void finish_frame_writings(struct commit *commit)
{
    for (struct writing *writing; (writing = list_take(&commit->frame)) != NULL;) {
        if (writing->decided == writing->count)
            finish(commit, writing);
        else
            list_add(&commit->waiting, writing);
    }
}

/* The frame is void: its writings are to be decided again, before any other. */
static void put_frame_back(struct commit *commit)
{
    for (struct writing *writing = commit->frame.first; writing != NULL; writing = writing->next)
        writing->decided = writing->first;
    list_put_before(&commit->waiting, &commit->frame);
}

/* --- deciding --- */

static void begin_decision(struct fig_engine *engine)
{
    uint64_t salt[2] = {random_next(engine), random_next(engine)};
    decision_begin(&engine->decision, &engine->allocator, engine->work, (const uint8_t *)salt);
}

static fig_status status_of_apply(struct fig_engine *engine, enum apply_status applied)
{
    switch (applied) {
    case APPLY_OK: return FIG_OK;
    case APPLY_NO_MEMORY: return FIG_NO_MEMORY;
    case APPLY_BROKEN: break;
    }
    log_line(engine, 3, "what was decided does not fit the state that it was decided on: run figaro verify");
    return FIG_CORRUPT;
}

/* Adds the decision's events to the frame and applies them. */
static fig_status add_entry(struct fig_engine *engine)
{
    const struct decision *decision = &engine->decision;
    struct entry entry = {
        .seq = decision_seq(decision),
        .now_s = decision->now_s,
        .operation = (uint8_t)decision->operation,
        .events = decision->events,
        .event_count = decision->event_count,
    };
    if (entry.event_count == 0) return FIG_OK;
    if (!frame_add(&engine->frame, &entry)) return FIG_NO_MEMORY;
    struct applying applying = applying_work(engine, engine->work->frame + 1);
    return status_of_apply(engine, apply_entry(&applying, &entry));
}

/* Applies what was decided and adds it to the frame. */
static fig_status take_decision(struct fig_engine *engine, fig_outcome *outcomes, size_t count)
{
    fig_status status = add_entry(engine);
    if (status == FIG_OK) decide_answer(&engine->decision, engine->work, outcomes, count);
    return status;
}

static fig_status take_refusals(struct fig_engine *engine, const fig_request *requests, const fig_outcome *outcomes,
                                size_t count)
{
    if (!engine->options.journal_refusals) return FIG_OK;
    decide_refusals(&engine->decision, requests, outcomes, count);
    return engine->decision.no_memory ? FIG_NO_MEMORY : add_entry(engine);
}

/* Decides requests until all are, or the frame is long enough. */
static fig_status decide_each(struct fig_engine *engine, struct writing *writing)
{
    while (writing->decided < writing->count && engine->frame.size < FRAME_BYTES_ENOUGH) {
        fig_outcome *outcome = &writing->outcomes[writing->decided];
        begin_decision(engine);
        supply_zone(engine, &writing->requests[writing->decided]);
        decide_request(&engine->decision, &writing->requests[writing->decided], outcome);
        writing->decided++;
        if (outcome->status == FIG_NO_MEMORY) return FIG_NO_MEMORY;
        if (outcome->repeated) continue;
        fig_status status = outcome->status == FIG_OK
                                ? take_decision(engine, outcome, 1)
                                : take_refusals(engine, &writing->requests[writing->decided - 1], outcome, 1);
        if (status != FIG_OK) return status;
    }
    return FIG_OK;
}

static fig_status decide_together(struct fig_engine *engine, struct writing *writing)
{
    begin_decision(engine);
    fig_status status = decide_batch(&engine->decision, writing->requests, writing->count, writing->outcomes);
    writing->decided = writing->count;
    if (status == FIG_NO_MEMORY) return status;
    if (status != FIG_OK) return take_refusals(engine, writing->requests, writing->outcomes, writing->count);
    return writing->outcomes[0].repeated ? FIG_OK : take_decision(engine, writing->outcomes, writing->count);
}

static bool frame_has_room(const struct commit *commit, int64_t now_ns)
{
    if (commit->frame.count == 0) return true;
    return commit->alone == 0 && commit->engine->frame.size < FRAME_BYTES_ENOUGH &&
           commit->frame_requests < FRAME_REQUESTS_ENOUGH && now_ns < commit->frame_until_ns;
}

static struct writing *next_writing(struct commit *commit, int64_t now_ns)
{
    struct writing *writing = list_take(&commit->waiting);
    if (writing == NULL && commit->source != NULL) writing = commit->source->take(commit->source->context, now_ns);
    return writing;
}

static fig_status decide_writing(struct commit *commit, struct writing *writing)
{
    writing->first = writing->decided;
    list_add(&commit->frame, writing);
    fig_status status =
        writing->all_or_nothing ? decide_together(commit->engine, writing) : decide_each(commit->engine, writing);
    commit->frame_requests += writing->decided - writing->first;
    return status;
}

static fig_status decide_frame(struct commit *commit)
{
    int64_t now_ns = monotonic_ns();
    commit->frame_requests = 0;
    commit->frame_until_ns = now_ns + FRAME_NS_ENOUGH;
    while (frame_has_room(commit, now_ns)) {
        struct writing *writing = next_writing(commit, now_ns);
        if (writing == NULL) break;
        if (writing->count == 0) {
            list_add(&commit->syncing, writing);
            continue;
        }
        if (now_ns > writing->deadline_ns) {
            note_nothing(commit->engine);
            writing_fault(commit->engine, writing, writing->decided, FIG_BUSY);
            finish(commit, writing);
            continue;
        }
        fig_status status = decide_writing(commit, writing);
        if (status != FIG_OK) return status;
        now_ns = monotonic_ns();
    }
    return FIG_OK;
}

/* No memory, or a state that does not hold together. Whose writing it was is not asked: each is tried alone, so that
 * none fails for another's sake. */
static void blame(struct commit *commit, fig_status status)
{
    if (commit->frame.count == 1) {
        if (commit->alone > 0) commit->alone--;
        fault_frame(commit, status);
        return;
    }
    commit->alone = commit->frame.count;
    put_frame_back(commit);
}

/* --- appending --- */

/* The writing that has the most time left decides how long the store may take; the callers of the others do not wait
 * for it. */
static int64_t latest_deadline_ns(const struct writing_list *list)
{
    int64_t latest_ns = INT64_MIN;
    for (const struct writing *writing = list->first; writing != NULL; writing = writing->next)
        if (writing->deadline_ns > latest_ns) latest_ns = writing->deadline_ns;
    return latest_ns;
}

static void log_said(const struct commit *commit)
{
    if (commit->said.message[0] != '\0') log_line(commit->engine, 3, "%s", commit->said.message);
}

static void publish_frame(struct commit *commit)
{
    publish_work(commit->engine);
    if (commit->alone > 0) commit->alone--;
}

static void append_frame(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    enum store_status appended = append_work(engine, newest(engine)->seq + 1, commit->frame_requests,
                                             latest_deadline_ns(&commit->frame), &commit->said);
    if (appended == STORE_OK) {
        publish_frame(commit);
        note_store(engine, FIG_OK);
        finish_frame_writings(commit);
        return;
    }
    abandon_work(engine);
    if (appended == STORE_BEHIND) { /* another writer was faster */
        put_frame_back(commit);
        return;
    }
    log_said(commit);
    note_store(engine, status_of_store(appended));
    fault_frame(commit, status_of_store(appended));
}

/* Its entries stay in the engine's frame, and go to the store with those that follow. */
static void leave_frame(struct commit *commit)
{
    publish_frame(commit);
    flush_expect(commit->engine);
    note_nothing(commit->engine);
    finish_frame_writings(commit);
}

/* One frame, or more of one: what waits and what the source has, as far as it goes. */
static fig_status commit_frame(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    fig_status status = begin_work(engine);
    if (status != FIG_OK) return status;
    if (!flush_is_pending(engine)) frame_begin(&engine->frame);
    struct frame_mark before = frame_mark(&engine->frame);
    status = decide_frame(commit);
    if (status == FIG_OK && engine->frame.entry_count > before.entry_count) {
        engine_is_relaxed(engine) ? leave_frame(commit) : append_frame(commit);
        return FIG_OK;
    }
    abandon_work(engine);
    frame_cut(&engine->frame, before);
    note_nothing(engine);
    if (status != FIG_OK) {
        blame(commit, status);
        return FIG_OK;
    }
    if (commit->alone > 0) commit->alone--;
    finish_frame_writings(commit);
    return FIG_OK;
}

/* --- a turn --- */

static fig_status catch_up_logged(struct commit *commit)
{
    fig_error error = fig_error_default();
    fig_status status = catch_up(commit->engine, commit->deadline_ns, &error);
    if (status == FIG_OK) return FIG_OK;
    log_line(commit->engine, 3, "%s", error.message);
    note_store(commit->engine, status);
    return status;
}

/* What must come before anything is decided: what others wrote; in a store that nobody else has, what is pending. */
static fig_status clear_the_way(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    if (!engine_is_relaxed(engine)) return catch_up_logged(commit);
    return flush_is_due(engine) ? flush(engine) : FIG_OK;
}

/* Those who sync have come after all that is pending. */
static void flush_for_those_who_sync(struct commit *commit)
{
    if (commit->syncing.first == NULL) return;
    fig_status status = flush(commit->engine);
    for (struct writing *writing; (writing = list_take(&commit->syncing)) != NULL;) {
        writing->status = status;
        finish(commit, writing);
    }
}

static fig_status commit_frames(struct commit *commit)
{
    fig_status status;
    do {
        status = clear_the_way(commit);
        if (status == FIG_OK) status = commit_frame(commit);
    } while (status == FIG_OK && commit->waiting.first != NULL);
    fault_waiting(commit, status); /* nobody waits when all went well */
    flush_for_those_who_sync(commit);
    return status;
}

/* When the first caller wants this turn to be over. */
static int64_t hurry_ns(const struct commit *commit)
{
    return commit->source != NULL ? commit->source->earliest_ns(commit->source->context) : commit->deadline_ns;
}

/* In the writer. */
static fig_status take_stores_turn(struct commit *commit)
{
    struct fig_engine *engine = commit->engine;
    enum store_status begun = engine->store->ops->begin(engine->store, commit->deadline_ns, &commit->said);
    if (begun != STORE_OK) {
        fig_status status = status_of_store(begun);
        if (commit->source == NULL || status != FIG_BUSY) log_said(commit); /* with a source it is tried again */
        note_store(engine, status);
        fault_waiting(commit, status);
        return status;
    }
    fig_status status = commit_frames(commit);
    if (checkpoint_is_due(engine, hurry_ns(commit))) write_checkpoint_aside(engine);
    engine->store->ops->end(engine->store);
    return status;
}

fig_status commit_turn(struct fig_engine *engine, struct writing *given, const struct writing_source *source,
                       int64_t deadline_ns)
{
    struct commit commit = {.engine = engine, .source = source, .deadline_ns = deadline_ns};
    if (given != NULL) list_add(&commit.waiting, given);
    fig_status status = lock_writer(engine, deadline_ns);
    if (status != FIG_OK) {
        fault_waiting(&commit, status);
        return status;
    }
    status = take_stores_turn(&commit);
    pthread_mutex_unlock(&engine->writer);
    return status;
}
