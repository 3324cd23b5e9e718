#include "tools/import_load.h"

#include "tools/import_keys.h"
#include "tools/import_overlap.h"
#include "tools/names.h"
#include "tools/output.h"
#include "tools/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHERS = 4,          /* appointments in the way that a refusal names */
    RULES = 8,           /* rules */
    REQUESTS_OF_ROW = 3, /* the barber, the booking, its status */
    ASIDE_GROUP = 64     /* rows in a commit of those that are kept aside */
};

/* What a row asked for in the commit that is being gathered. */
struct member {
    import_row row;
    size_t book;     /* index of its request */
    bool has_status; /* the next request sets its status */
};

struct aside {
    import_row row;
    bool known; /* its key is, so that an earlier run may have kept it */
};

struct load {
    const import_order *order;
    import_counts *counts;
    import_source *from;
    progress line;
    import_keys keys;
    names barbers;     /* that are in the store or in this commit */
    local_zone *zones; /* that barbers and shops name */
    size_t zone_count;

    struct member *members;
    fig_barber *declared;
    fig_request *requests;
    fig_outcome *outcomes;
    fig_appointment *others; /* OTHERS for each member */
    fig_broken_rule *rules;  /* RULES for each member */
    size_t member_count, request_count;
    uint64_t read, safe; /* rows read; rows whose commit is done */
    struct aside *aside; /* rows that are kept though there is no room for them: after all others, so that their ids do
                            not depend on how rows fall into commits */
    size_t aside_count, aside_room;
    import_overlaps overlaps; /* of the file, where neither side is wanted */
    uint64_t number;          /* of the next row that can be placed */
};

static bool make_room(struct load *load)
{
    size_t rows = load->order->batch, requests = REQUESTS_OF_ROW * rows;
    load->members = calloc(rows, sizeof *load->members);
    load->declared = calloc(rows, sizeof *load->declared);
    load->requests = calloc(requests, sizeof *load->requests);
    load->outcomes = calloc(requests, sizeof *load->outcomes);
    load->others = calloc(rows * OTHERS, sizeof *load->others);
    load->rules = calloc(rows * RULES, sizeof *load->rules);
    return load->rules != NULL && load->members != NULL && load->declared != NULL && load->requests != NULL &&
           load->outcomes != NULL && load->others != NULL;
}

static void empty_commit(struct load *load)
{
    for (size_t i = 0; i < load->member_count; i++) import_row_free(&load->members[i].row);
    load->member_count = load->request_count = 0;
}

static void drop_room(struct load *load)
{
    empty_commit(load);
    for (size_t i = 0; i < load->zone_count; i++) local_zone_close(&load->zones[i]);
    free(load->zones);
    names_free(&load->barbers);
    import_keys_free(&load->keys);
    import_overlaps_free(&load->overlaps);
    for (size_t i = 0; i < load->aside_count; i++) import_row_free(&load->aside[i].row);
    free(load->aside);
    free(load->members);
    free(load->declared);
    free(load->requests);
    free(load->outcomes);
    free(load->others);
    free(load->rules);
}

/* ---- what is said of a row that was turned away ---- */

static void say_object(const struct load *load, const import_row *row, const char *what, const char *field,
                       const char *why, const fig_outcome *outcome)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(load->from->name));
    json_object_set_new(object, "line", output_id(row->line));
    json_object_set_new(object, "field", field == NULL ? json_null() : json_string(field));
    json_object_set_new(object, "reason", json_string(why));
    json_object_set_new(object, "outcome", json_string(what));
    if (row->key[0] != '\0' && !row->made_key) json_object_set_new(object, "key", json_string(row->key));
    if (row->end_s > row->start_s) {
        json_object_set_new(object, "start", output_instant(row->start_s));
        json_object_set_new(object, "end", output_instant(row->end_s));
    }
    if (outcome != NULL) {
        size_t shown = outcome->others_count < OTHERS ? outcome->others_count : OTHERS;
        json_object_set_new(object, "status", json_string(fig_status_name(outcome->status)));
        json_object_set_new(object, "conflicts", output_appointment_array(load->order->at, outcome->others, shown));
        json_object_set_new(object, "rules", output_rule_array(outcome));
    }
    output_object(object);
}

static void say(struct load *load, const import_row *row, const char *what, const char *field, const char *why,
                const fig_outcome *outcome)
{
    char key[FIG_KEY_MAX + 16] = "";
    if (load->order->at->json) {
        say_object(load, row, what, field, why, outcome);
        return;
    }
    progress_end(&load->line);
    if (row->key[0] != '\0' && !row->made_key) snprintf(key, sizeof key, " (key %s)", row->key);
    complain(0, "%s:%" PRIu64 ": %s%s: %s%s%s", load->from->name, row->line, what, key, field == NULL ? "" : field,
             field == NULL ? "" : ": ", why);
}

static void reject(struct load *load, const import_row *row, const char *field, const char *why)
{
    load->counts->rejected++;
    say(load, row, "rejected", field, why, NULL);
}

/* "2018-05-01T14:00:00Z - 2018-05-01T14:30:00Z" */
enum { SPAN_SIZE = 2 * RFC3339_SIZE + 3 };

static const char *print_span(int64_t start_s, int64_t end_s, char text[SPAN_SIZE])
{
    char start[RFC3339_SIZE], end[RFC3339_SIZE];
    rfc3339_print(start_s, start);
    rfc3339_print(end_s, end);
    snprintf(text, SPAN_SIZE, "%s - %s", start, end);
    return text;
}

/* "appointment #12 of Figaro, 2018-05-01T14:00:00Z - 2018-05-01T14:30:00Z, is in the way of ... (and 2 more)" */
static void name_conflict(const struct load *load, const import_row *row, const fig_outcome *outcome, char *words,
                          size_t room)
{
    char span[SPAN_SIZE], own[SPAN_SIZE], more[40] = "";
    const fig_appointment *other = &outcome->others[0];
    fig_view view = session_view(load->order->at);
    fig_barber barber = fig_barber_default();
    if (fig_get_barber(load->order->at->engine, &view, other->barber_id, &barber) != FIG_OK)
        snprintf(barber.name, sizeof barber.name, "barber %" PRIu64, other->barber_id);
    print_span(other->start_s, other->end_s, span);
    print_span(row->start_s, row->end_s, own);
    if (outcome->others_count > 1) snprintf(more, sizeof more, " (and %zu more)", outcome->others_count - 1);
    snprintf(words, room, "appointment #%" PRIu64 " of %s, %s, is in the way of %s%s", other->id, barber.name, span,
             own, more);
}

/* "rule no sundays: ... (and 2 more)" */
static void name_rules(const fig_outcome *outcome, char *words, size_t room)
{
    char more[40] = "";
    const fig_broken_rule *rule = &outcome->rules[0];
    if (outcome->rules_count > 1) snprintf(more, sizeof more, " (and %zu more)", outcome->rules_count - 1);
    snprintf(words, room, "rule %s: %s%s", rule->name, rule->reason != NULL ? rule->reason : "is broken", more);
}

/* What the store said no to. A mistake that only the store could find is the row's all the same. */
static void refuse(struct load *load, const import_row *row, const fig_outcome *outcome)
{
    char words[FIG_NAME_MAX + 400];
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    if (outcome->status >= FIG_INVALID) {
        reject(load, row, outcome->field, why);
        return;
    }
    if (outcome->status == FIG_CONFLICT && outcome->others_count > 0) {
        name_conflict(load, row, outcome, words, sizeof words);
        why = words;
    }
    if (outcome->status == FIG_RULE && outcome->rules_count > 0) {
        name_rules(outcome, words, sizeof words);
        why = words;
    }
    load->counts->refused++;
    say(load, row, "refused", outcome->status == FIG_KEY_REUSED ? "key" : "start", why, outcome);
}

/* ---- the store that rows go into ---- */

/* The shop of a row's barber, and the barber's own zone: of one that is to be made, those of a new one. */
static fig_status find_shop(const struct load *load, const char *name, fig_shop *shop, fig_barber *barber)
{
    fig_engine *engine = load->order->at->engine;
    fig_view view = session_view(load->order->at);
    *barber = fig_barber_default();
    if (fig_find_barber(engine, &view, name, barber) != FIG_OK) {
        *barber = fig_barber_default();
        barber->shop_id = 1;
        barber->zone[0] = '\0';
    }
    *shop = fig_shop_default();
    return fig_get_shop(engine, &view, barber->shop_id, shop);
}

static const local_zone *open_zone(struct load *load, const char *name, reason *why)
{
    for (size_t i = 0; i < load->zone_count; i++)
        if (strcmp(load->zones[i].name, name) == 0) return &load->zones[i];
    local_zone *grown = realloc(load->zones, (load->zone_count + 1) * sizeof *grown);
    if (grown == NULL) {
        reason_set(why, "out of memory");
        return NULL;
    }
    load->zones = grown;
    return local_zone_open(name, &grown[load->zone_count], why) ? &grown[load->zone_count++] : NULL;
}

/* Puts the row into its zone. False with a fault when the row is bad; *code when the import can not go on. */
static bool place_row(struct load *load, import_row *row, const fig_shop *shop, const fig_barber *barber,
                      import_fault *fault, int *code)
{
    static const local_zone utc = {.name = "UTC"};
    const local_zone *zone = load->order->zone;
    if (!import_row_is_local(row)) zone = &utc;
    if (zone == NULL) {
        reason why;
        zone = open_zone(load, barber->zone[0] != '\0' ? barber->zone : shop->zone, &why);
        if (zone == NULL) *code = complain(EXIT_FAULT, "%s; --zone gives another one", why.text);
    }
    return zone != NULL && import_row_place(row, zone, fault);
}

/* ---- commits ---- */

static fig_request *add_request(struct load *load, fig_request request)
{
    load->outcomes[load->request_count] = fig_outcome_default();
    load->requests[load->request_count] = request;
    load->requests[load->request_count].now_s = load->order->at->now_s;
    return &load->requests[load->request_count++];
}

/* Declares the row's barber in front of the row when nobody has heard of them. */
static bool add_barber(struct load *load, const import_row *row, const fig_barber *found)
{
    if (names_has(&load->barbers, row->barber)) return true;
    if (found->id == 0) {
        fig_barber *barber = &load->declared[load->member_count];
        *barber = fig_barber_default();
        barber->fields = FIG_BARBER_NAME;
        barber->id = 0;
        memcpy(barber->name, row->barber, sizeof barber->name);
        add_request(load, fig_declare_barber_default())->barber = barber;
    }
    return names_add(&load->barbers, row->barber);
}

static fig_request booking_of(const struct load *load, const import_row *row)
{
    fig_request book = fig_book_default();
    book.now_s = load->order->at->now_s;
    book.barber_name = row->barber;
    book.start_s = row->start_s;
    book.end_s = row->end_s;
    book.client_id = row->client_id;
    book.service_id = row->service_id;
    book.key = row->key[0] != '\0' ? row->key : NULL;
    book.note = row->note;
    if (row->before_s >= 0) book.buffer_before_s = (uint32_t)row->before_s;
    if (row->after_s >= 0) book.buffer_after_s = (uint32_t)row->after_s;
    book.as_recorded = !load->order->rules;
    book.pending = row->status == FIG_PENDING;
    return book;
}

static void add_booking(struct load *load, struct member *member)
{
    fig_appointment *others = load->others + load->member_count * OTHERS;
    fig_broken_rule *rules = load->rules + load->member_count * RULES;
    for (size_t i = 0; i < OTHERS; i++) others[i] = fig_appointment_default();
    for (size_t i = 0; i < RULES; i++) rules[i] = fig_broken_rule_default();
    member->book = load->request_count;
    add_request(load, booking_of(load, &member->row));
    load->outcomes[member->book].others = others;
    load->outcomes[member->book].others_capacity = OTHERS;
    load->outcomes[member->book].rules = rules;
    load->outcomes[member->book].rules_capacity = RULES;
}

/* Sets the status of a booking that this import makes: one that is there already keeps what became of it. */
static void add_status(struct load *load, struct member *member)
{
    const import_row *row = &member->row;
    fig_view view = session_view(load->order->at);
    fig_appointment known = fig_appointment_default();
    bool as_booked = row->status == FIG_SCHEDULED || row->status == FIG_PENDING;
    member->has_status = !as_booked && row->key[0] != '\0' &&
                         fig_find_appointment(load->order->at->engine, &view, row->key, &known) == FIG_NOT_FOUND;
    if (!member->has_status) return;
    fig_request *status = add_request(load, fig_set_status_default());
    status->booking_key = row->key;
    status->status = row->status;
}

/* A fault that hit one request, or a declaration that failed; else FIG_OK. */
static fig_status first_fault(const struct load *load)
{
    for (size_t i = 0; i < load->request_count; i++) {
        fig_status status = load->outcomes[i].status;
        if (status >= FIG_BUSY || (status != FIG_OK && load->requests[i].operation == FIG_OP_DECLARE_BARBER))
            return status;
    }
    return FIG_OK;
}

static bool takes_time(const import_row *row)
{
    return row->status == FIG_SCHEDULED || row->status == FIG_CONFIRMED || row->status == FIG_PENDING;
}

/* Keeps a row for later for which there is no room, where that is right; what an earlier run kept so is known by its
 * key alone. The row is the list's from here on. */
static bool keep_aside(struct load *load, struct member *member)
{
    const fig_outcome *booked = &load->outcomes[member->book];
    bool met = booked->status == FIG_CONFLICT || booked->status == FIG_KEY_REUSED;
    bool known = booked->status == FIG_KEY_REUSED;
    bool wanted = known || !takes_time(&member->row) || load->order->overlaps == IMPORT_RECORD;
    if (!met || !wanted || member->row.key[0] == '\0') return false;
    if (load->aside_count == load->aside_room) {
        size_t room = load->aside_room == 0 ? 64 : load->aside_room * 2;
        struct aside *grown = realloc(load->aside, room * sizeof *grown);
        if (grown == NULL) return false;
        load->aside = grown;
        load->aside_room = room;
    }
    load->aside[load->aside_count++] = (struct aside){member->row, known};
    member->row.note = NULL;
    return true;
}

static void say_recorded(struct load *load, const import_row *row)
{
    char words[FIG_NAME_MAX + 400];
    fig_appointment others[OTHERS];
    fig_view view = session_view(load->order->at);
    fig_span span = fig_span_default();
    fig_barber barber = fig_barber_default();
    fig_outcome met = fig_outcome_default();
    for (size_t i = 0; i < OTHERS; i++) others[i] = fig_appointment_default();
    fig_find_barber(load->order->at->engine, &view, row->barber, &barber);
    span.barber_id = barber.id;
    span.start_s = row->start_s;
    span.end_s = row->end_s;
    if (row->before_s >= 0) span.buffer_before_s = (uint32_t)row->before_s;
    if (row->after_s >= 0) span.buffer_after_s = (uint32_t)row->after_s;
    met.others = others;
    met.status = fig_check(load->order->at->engine, &view, &span, others, OTHERS, &met.others_count);
    snprintf(words, sizeof words, "its time is taken");
    if (met.others_count > 0) name_conflict(load, row, &met, words, sizeof words);
    say(load, row, "recorded as cancelled", "start", words, &met);
}

static void count_aside(struct load *load, const import_row *row, bool repeated)
{
    load->counts->accepted++;
    load->counts->repeated += repeated;
    if (!takes_time(row) || repeated) return;
    load->counts->recorded++;
    say_recorded(load, row);
}

/* Whether an earlier run kept a row aside: what is under its key takes up no time and says the same. */
static bool was_kept(const struct load *load, const import_row *row)
{
    fig_view view = session_view(load->order->at);
    fig_engine *engine = load->order->at->engine;
    fig_appointment is = fig_appointment_default();
    fig_barber barber = fig_barber_default();
    if (fig_find_appointment(engine, &view, row->key, &is) != FIG_OK ||
        fig_get_barber(engine, &view, is.barber_id, &barber) != FIG_OK)
        return false;
    bool same = strcmp(barber.name, row->barber) == 0 && is.start_s == row->start_s && is.end_s == row->end_s &&
                is.client_id == row->client_id && is.service_id == row->service_id;
    return same && is.status > FIG_CONFIRMED && is.status != FIG_EXPIRED;
}

static void settle_known(struct load *load, const import_row *row)
{
    fig_outcome outcome = fig_outcome_default();
    outcome.status = FIG_KEY_REUSED;
    if (was_kept(load, row))
        count_aside(load, row, true);
    else
        refuse(load, row, &outcome);
}

/* Books rows and takes them out of the way in one step, so that what holds their time does not matter: as what they say
 * they are, or where they overlap as cancelled. */
static fig_status book_aside(struct load *load, const struct aside *rows, size_t count)
{
    fig_request requests[2 * ASIDE_GROUP];
    fig_outcome outcomes[2 * ASIDE_GROUP];
    const import_row *booked[ASIDE_GROUP];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const import_row *row = &rows[i].row;
        if (rows[i].known) settle_known(load, row);
        if (rows[i].known) continue;
        requests[2 * kept] = booking_of(load, row);
        requests[2 * kept + 1] = fig_set_status_default();
        requests[2 * kept + 1].now_s = load->order->at->now_s;
        requests[2 * kept + 1].booking_key = row->key;
        requests[2 * kept + 1].status = takes_time(row) ? FIG_CANCELLED : row->status;
        outcomes[2 * kept] = outcomes[2 * kept + 1] = fig_outcome_default();
        booked[kept++] = row;
    }
    fig_status status = kept > 0 ? fig_batch(load->order->at->engine, requests, 2 * kept, outcomes) : FIG_OK;
    if (status >= FIG_BUSY) return status;
    for (size_t i = 0; i < kept; i++) {
        const fig_outcome *fault = &outcomes[2 * i + (outcomes[2 * i].status == FIG_NOT_DONE)];
        if (status == FIG_OK) count_aside(load, booked[i], outcomes[2 * i].repeated);
        if (status != FIG_OK) refuse(load, booked[i], fault);
    }
    return FIG_OK;
}

static void count_member(struct load *load, struct member *member)
{
    const fig_outcome *booked = &load->outcomes[member->book];
    if (booked->status != FIG_OK) {
        if (!keep_aside(load, member)) refuse(load, &member->row, booked);
        return;
    }
    load->counts->accepted++;
    load->counts->repeated += booked->repeated;
    const fig_outcome *set = booked + 1;
    if (member->has_status && set->status != FIG_OK && !booked->repeated)
        complain(0, "%s:%" PRIu64 ": booked, but its status could not be set: %s", load->from->name, member->row.line,
                 fig_status_text(set->status));
}

static int end_by_fault(struct load *load, fig_status status)
{
    progress_end(&load->line);
    complain(0, "%s: %s", load->order->directory, fig_status_text(status));
    return complain(output_exit_code(status) == EXIT_REFUSED ? EXIT_FAULT : output_exit_code(status),
                    "the first %" PRIu64 " rows are done%s", load->safe,
                    load->order->keys ? "; run the same import again and it goes on" : "");
}

/* What was kept aside, in groups that are the same when the import is run again. */
static int commit_aside(struct load *load)
{
    for (size_t i = 0; i < load->aside_count; i += ASIDE_GROUP) {
        size_t left = load->aside_count - i;
        fig_status status = book_aside(load, load->aside + i, left < ASIDE_GROUP ? left : ASIDE_GROUP);
        if (status != FIG_OK) return end_by_fault(load, status);
    }
    return EXIT_DONE;
}

static int commit(struct load *load)
{
    if (load->request_count == 0) return EXIT_DONE;
    fig_status status = fig_write(load->order->at->engine, load->requests, load->request_count, load->outcomes);
    if (status == FIG_OK) status = first_fault(load);
    if (status != FIG_OK) return end_by_fault(load, status);
    for (size_t i = 0; i < load->member_count; i++) count_member(load, &load->members[i]);
    empty_commit(load);
    load->safe = load->read;
    return EXIT_DONE;
}

static bool is_due(const struct load *load)
{
    return load->member_count == load->order->batch || load->request_count + REQUESTS_OF_ROW > FIG_BATCH_MAX;
}

/* ---- rows ---- */

/* Gives the row a key and puts it into the commit. The row is the load's from here on. */
static int add_row(struct load *load, const import_row *row, const fig_barber *barber)
{
    struct member *member = &load->members[load->member_count];
    *member = (struct member){.row = *row};
    import_key_result result = IMPORT_KEY_NEW;
    if (row->key[0] != '\0' || load->order->keys)
        result = import_keys_give(&load->keys, load->from->record, &member->row);
    if (result == IMPORT_KEY_OTHER) {
        fig_outcome outcome = fig_outcome_default();
        outcome.status = FIG_KEY_REUSED;
        outcome.reason = "an earlier row of this file has the same key and says something else";
        refuse(load, &member->row, &outcome);
        import_row_free(&member->row);
        return EXIT_DONE;
    }
    if (result == IMPORT_KEY_NO_MEMORY || !add_barber(load, &member->row, barber)) {
        import_row_free(&member->row);
        return complain(EXIT_FAULT, "out of memory");
    }
    add_booking(load, member);
    add_status(load, member);
    load->member_count++;
    return is_due(load) ? commit(load) : EXIT_DONE;
}

/* Turns a row away that overlaps another one of the file, where neither is wanted. */
static bool refuse_overlap(struct load *load, const import_row *row)
{
    char words[200], span[SPAN_SIZE], own[SPAN_SIZE];
    const overlap_row *other = import_overlaps_of(&load->overlaps, load->number++);
    fig_outcome outcome = fig_outcome_default();
    if (other == NULL) return false;
    outcome.status = FIG_CONFLICT;
    outcome.reason = words;
    snprintf(words, sizeof words, "the row of line %" PRIu64 ", %s, overlaps %s; neither is taken", other->line,
             print_span(other->start_s, other->end_s, span), print_span(row->start_s, row->end_s, own));
    refuse(load, row, &outcome);
    return true;
}

/* Puts the row into its zone, and looks up whose it is. False when it is told of, or *code says why there is no going
 * on. */
static bool settle_row(struct load *load, import_row *row, fig_shop *shop, fig_barber *barber, import_fault *fault,
                       int *code)
{
    fig_status status = find_shop(load, row->barber, shop, barber);
    if (status != FIG_OK) *code = end_by_fault(load, status);
    return *code == EXIT_DONE && place_row(load, row, shop, barber, fault, code);
}

static int take_row(struct load *load, import_row *row)
{
    import_fault fault;
    fig_shop shop;
    fig_barber barber;
    int code = EXIT_DONE;
    bool good = settle_row(load, row, &shop, &barber, &fault, &code);
    if (good && !refuse_overlap(load, row)) return add_row(load, row, &barber);
    if (!good && code == EXIT_DONE) reject(load, row, fault.field, fault.why.text);
    import_row_free(row);
    return code;
}

/* The first pass over a file of whose overlaps neither side is wanted. */
static int survey_row(struct load *load, import_row *row)
{
    import_fault fault;
    fig_shop shop;
    fig_barber barber;
    int code = EXIT_DONE;
    if (!settle_row(load, row, &shop, &barber, &fault, &code)) return code;
    bool exclusive = shop.buffers == FIG_BUFFERS_EXCLUSIVE;
    return import_overlaps_add(&load->overlaps, row, exclusive) ? EXIT_DONE : complain(EXIT_FAULT, "out of memory");
}

static int survey(struct load *load)
{
    import_row row;
    import_fault fault;
    import_source *from = load->from;
    int code = EXIT_DONE;
    import_step step;
    while (code == EXIT_DONE && (step = from->next(from->context, &row, &fault)) != IMPORT_OVER) {
        if (step == IMPORT_BROKEN || step == IMPORT_FAULT) break; /* the second pass says so */
        if (step == IMPORT_ROW) code = survey_row(load, &row);
        import_row_free(&row);
    }
    if (code == EXIT_DONE && !import_overlaps_find(&load->overlaps)) code = complain(EXIT_FAULT, "out of memory");
    if (code == EXIT_DONE && !from->rewind(from, &fault.why)) code = complain(EXIT_USAGE, "%s", fault.why.text);
    return code;
}

/* The file can be read no further: what came before stays. */
static int end_reading(struct load *load, import_step step, const reason *why)
{
    int code = commit(load);
    if (code == EXIT_DONE) code = commit_aside(load);
    progress_end(&load->line);
    complain(0, "%s", why->text);
    if (code != EXIT_DONE) return code;
    return step == IMPORT_FAULT ? EXIT_FAULT : EXIT_USAGE;
}

static int take_rows(struct load *load)
{
    import_row row;
    import_fault fault;
    import_source *from = load->from;
    for (;;) {
        import_step step = from->next(from->context, &row, &fault);
        if (step == IMPORT_OVER) break;
        if (step == IMPORT_BROKEN || step == IMPORT_FAULT) return end_reading(load, step, &fault.why);
        progress_show(&load->line, ++load->read, from->share(from->context));
        if (step == IMPORT_BAD) {
            reject(load, &row, fault.field, fault.why.text);
            import_row_free(&row);
            continue;
        }
        int code = take_row(load, &row);
        if (code != EXIT_DONE) return code;
    }
    int code = commit(load);
    return code == EXIT_DONE ? commit_aside(load) : code;
}

int import_load(const import_order *order, import_source *from, import_counts *counts)
{
    struct load load = {.order = order, .from = from, .counts = counts};
    load.line = progress_begin("rows");
    int code = make_room(&load) ? EXIT_DONE : complain(EXIT_FAULT, "out of memory");
    if (code == EXIT_DONE && order->overlaps == IMPORT_REFUSE) code = survey(&load);
    if (code == EXIT_DONE) code = take_rows(&load);
    progress_end(&load.line);
    drop_room(&load);
    return code;
}
