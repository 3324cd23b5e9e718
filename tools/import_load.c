#include "tools/import_client.h"
#include "tools/import_loading.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
    import_drop_aside(load);
    free(load->members);
    free(load->declared);
    free(load->requests);
    free(load->outcomes);
    free(load->others);
    free(load->rules);
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
    return &load->requests[load->request_count++];
}

static fig_request *add_request_now(struct load *load, fig_request request)
{
    request.now_s = load->order->at->now_s;
    return add_request(load, request);
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
        add_request_now(load, fig_declare_barber_default())->barber = barber;
    }
    return names_add(&load->barbers, row->barber);
}

static void add_booking(struct load *load, struct member *member)
{
    fig_appointment *others = load->others + load->member_count * OTHERS;
    fig_broken_rule *rules = load->rules + load->member_count * RULES;
    for (size_t i = 0; i < OTHERS; i++) others[i] = fig_appointment_default();
    for (size_t i = 0; i < RULES; i++) rules[i] = fig_broken_rule_default();
    member->book = load->request_count;
    add_request(load, import_booking_of(load, &member->row));
    load->outcomes[member->book].others = others;
    load->outcomes[member->book].others_capacity = OTHERS;
    load->outcomes[member->book].rules = rules;
    load->outcomes[member->book].rules_capacity = RULES;
}

static bool is_in_store(const struct load *load, const char *key)
{
    fig_view view = session_view(load->order->at);
    fig_appointment known = fig_appointment_default();
    return fig_find_appointment(load->order->at->engine, &view, key, &known) != FIG_NOT_FOUND;
}

/* Whether the booking alone leaves another status than the row's. A hold that is over expires by itself. */
static bool needs_status(const import_row *row)
{
    bool as_booked = row->status == FIG_SCHEDULED || row->status == FIG_PENDING || row->status == FIG_HELD;
    return !as_booked && !row->over;
}

/* Sets the status of a booking that this import makes: one that is there already keeps what became of it. */
static void add_status(struct load *load, struct member *member)
{
    const import_row *row = &member->row;
    member->has_status = needs_status(row) && !is_in_store(load, row->key);
    if (!member->has_status) return;
    fig_request *status = add_request_now(load, fig_set_status_default());
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

/* What was held until an instant that is over is held anew, until then; what was ended before is ended at once. */
static fig_request hold_of(const import_row *row, int64_t now_s)
{
    fig_request hold = fig_hold_default();
    hold.now_s = row->over ? row->expires_s - 1 : now_s;
    hold.ttl_s = row->status == FIG_EXPIRED ? 1 : (uint32_t)(row->expires_s - now_s);
    return hold;
}

fig_request import_booking_of(const struct load *load, const import_row *row)
{
    int64_t now_s = load->order->at->now_s;
    fig_request book = fig_book_default();
    book.now_s = now_s;
    if (import_row_is_hold(row)) book = hold_of(row, now_s);
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

static void count_member(struct load *load, struct member *member)
{
    const fig_outcome *booked = &load->outcomes[member->book];
    if (booked->status != FIG_OK) {
        if (!import_keep_aside(load, member)) import_refuse(load, &member->row, booked);
        return;
    }
    load->counts->accepted++;
    load->counts->repeated += booked->repeated;
    if (member->row.lapsed) import_say_lapsed(load, &member->row);
    const fig_outcome *set = booked + 1;
    if (!member->has_status || set->status == FIG_OK || booked->repeated) return;
    load->counts->unset++;
    complain(0, "%s:%" PRIu64 ": booked, but its status could not be set: %s", load->from->name, member->row.line,
             fig_status_text(set->status));
}

static int commit(struct load *load)
{
    if (load->request_count == 0) return EXIT_DONE;
    fig_status status = fig_write(load->order->at->engine, load->requests, load->request_count, load->outcomes);
    if (status == FIG_OK) status = first_fault(load);
    if (status != FIG_OK) return import_end_by_fault(load, status);
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

/* Gives a row its key. False when it cannot be booked: it was told of, or *code says why there is no going on. */
static bool give_key(struct load *load, import_row *row, int *code)
{
    bool wants_key = row->key[0] != '\0' || load->order->keys;
    if (!wants_key && needs_status(row)) import_reject(load, row, "key", "is empty, and the status is set by it");
    if (!wants_key) return !needs_status(row);
    import_key_result result = import_keys_give(&load->keys, load->from->record, row);
    if (result == IMPORT_KEY_NO_MEMORY) *code = complain(EXIT_FAULT, "out of memory");
    if (result == IMPORT_KEY_OTHER) {
        fig_outcome outcome = fig_outcome_default();
        outcome.status = FIG_KEY_REUSED;
        outcome.reason = "an earlier row of this file has the same key and says something else";
        import_refuse(load, row, &outcome);
    }
    return result == IMPORT_KEY_NEW;
}

/* Settles a hold whose key is there already: asked for again it would be renewed, and after its end refused. False when
 * there is none; *code as above. */
static bool settle_hold(struct load *load, const import_row *row, int *code)
{
    bool asked = false;
    if (!import_row_is_hold(row) || row->key[0] == '\0') return false;
    for (size_t i = 0; i < load->member_count && !asked; i++) asked = strcmp(load->members[i].row.key, row->key) == 0;
    if (asked) *code = commit(load);
    if (*code != EXIT_DONE) return true;
    bool known = is_in_store(load, row->key);
    if (known) import_settle_known(load, row);
    return known;
}

/* Puts the row into the commit. *kept: it is the load's from here on. */
static int add_row(struct load *load, import_row *row, const fig_barber *barber, bool *kept)
{
    int code = EXIT_DONE;
    *kept = give_key(load, row, &code) && !settle_hold(load, row, &code);
    if (*kept && !add_barber(load, row, barber)) code = complain(EXIT_FAULT, "out of memory");
    *kept = *kept && code == EXIT_DONE;
    if (!*kept) return code;
    struct member *member = &load->members[load->member_count];
    *member = (struct member){.row = *row};
    add_booking(load, member);
    add_status(load, member);
    load->member_count++;
    return is_due(load) ? commit(load) : EXIT_DONE;
}

static bool turn_overlap_away(struct load *load, const import_row *row)
{
    const overlap_row *other = import_overlaps_of(&load->overlaps, load->number++);
    if (other != NULL) import_refuse_overlap(load, row, other);
    return other != NULL;
}

/* What became of looking a name up. As settle_row(). */
static bool settle_name(struct load *load, fig_status status, import_field field, const char *text, const char *advice,
                        import_fault *fault, int *code)
{
    const char *what = import_field_name(field);
    if (status == FIG_OK) return true;
    fault->field = what;
    if (status == FIG_NOT_FOUND)
        return reason_set(&fault->why, "'%.64s' is no number, and no %s is named so; %s", text, what, advice);
    if (status == FIG_NAME_TAKEN) return reason_set(&fault->why, "two %ss are named '%.64s'", what, text);
    *code = import_end_by_fault(load, status);
    return false;
}

/* Looks up the service and the client that the row names. Clients that are to be declared are left for later. */
static bool settle_names(struct load *load, import_row *row, import_fault *fault, int *code)
{
    const session *at = load->order->at;
    fig_status service = import_service_find(at, row), client = import_client_find(at, row);
    if (service == FIG_NOT_FOUND && row->service_unlisted) service = FIG_OK;
    row->new_client = client == FIG_NOT_FOUND && load->order->new_clients;
    if (row->new_client) client = FIG_OK;
    return settle_name(load, service, IMPORT_SERVICE, row->service, "--lengths gives names numbers", fault, code) &&
           settle_name(load, client, IMPORT_CLIENT, row->client, "--new-clients declares them", fault, code);
}

/* Puts the row into its zone, and looks up whose it is. False when it is told of, or *code says why there is no going
 * on. */
static bool settle_row(struct load *load, import_row *row, fig_shop *shop, fig_barber *barber, import_fault *fault,
                       int *code)
{
    fig_status status = find_shop(load, row->barber, shop, barber);
    if (status != FIG_OK) *code = import_end_by_fault(load, status);
    return *code == EXIT_DONE && place_row(load, row, shop, barber, fault, code) &&
           import_row_age(row, load->order->at->now_s, fault) && settle_names(load, row, fault, code);
}

/* Before the row gets its key, in which the client is. */
static int declare_client(struct load *load, import_row *row)
{
    fig_status status = row->new_client ? import_client_declare(load->order->at, row) : FIG_OK;
    return status == FIG_OK ? EXIT_DONE : import_end_by_fault(load, status);
}

static int take_row(struct load *load, import_row *row)
{
    import_fault fault;
    fig_shop shop;
    fig_barber barber;
    int code = EXIT_DONE;
    bool kept = false, good = settle_row(load, row, &shop, &barber, &fault, &code);
    if (!good && code == EXIT_DONE) import_reject(load, row, fault.field, fault.why.text);
    bool wanted = good && !turn_overlap_away(load, row);
    if (wanted) code = declare_client(load, row);
    if (wanted && code == EXIT_DONE) code = add_row(load, row, &barber, &kept);
    if (!kept) import_row_free(row);
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
    if (code == EXIT_DONE) code = import_commit_aside(load);
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
            import_reject(load, &row, fault.field, fault.why.text);
            import_row_free(&row);
            continue;
        }
        int code = take_row(load, &row);
        if (code != EXIT_DONE) return code;
    }
    int code = commit(load);
    return code == EXIT_DONE ? import_commit_aside(load) : code;
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
