#include "tools/change.h"

#include "tools/output.h"
#include "tools/series.h"

#include <inttypes.h>
#include <string.h>

#define HOLD_DEFAULT_S 600
#define OTHERS_SHOWN   64 /* conflicts that a refusal lists */
#define RULES_SHOWN    64 /* rules */

/* What each subcommand takes. `needs` must be given; a start and a length may be left out of a move. */
static const struct {
    const char *name;
    const char *operands;
    const char *takes[16];
    const char *needs[5];
} kinds[CHANGE_KINDS] = {
    [CHANGE_BOOK] = {"book",
                     "DIR",
                     {"barber", "any", "order", "shop", "start", "minutes", "client", "service", "before", "after",
                      "key", "note", "pending", "nearest", "repeat", "fit"},
                     {"barber", "start", "minutes"}},
    [CHANGE_HOLD] = {"hold",
                     "DIR",
                     {"barber", "any", "order", "shop", "start", "minutes", "client", "service", "before", "after",
                      "key", "ttl", "if-version", "nearest"},
                     {"barber", "start", "minutes"}},
    [CHANGE_CONFIRM] = {"confirm", "DIR ID", {"key", "if-version", "series"}, {"id"}},
    [CHANGE_CANCEL] = {"cancel", "DIR ID", {"key", "if-version", "series"}, {"id"}},
    [CHANGE_MOVE] = {"move",
                     "DIR ID",
                     {"barber", "start", "minutes", "service", "before", "after", "key", "if-version", "nearest",
                      "series"},
                     {"id"}},
    [CHANGE_STATUS] = {"status", "DIR ID NEW", {"key", "if-version", "series"}, {"id", "status"}},
};

change change_default(change_kind kind)
{
    return (change){
        .kind = kind,
        .start = ARGUMENT_NO_MOMENT,
        .length_s = ARGUMENT_NO_LENGTH,
        .before_s = ARGUMENT_NO_LENGTH,
        .after_s = ARGUMENT_NO_LENGTH,
        .ttl_s = HOLD_DEFAULT_S,
        .order = CHANGE_NO_ORDER,
    };
}

bool change_kind_of(const char *name, change_kind *kind)
{
    for (size_t i = 0; i < CHANGE_KINDS; i++) {
        if (strcmp(name, kinds[i].name) != 0) continue;
        *kind = (change_kind)i;
        return true;
    }
    return false;
}

static argument option_of(change *wanted, const char *name)
{
    const argument all[] = {
        {"barber", ARGUMENT_TEXT, .text = &wanted->barber},
        {"any", ARGUMENT_FLAG, .flag = &wanted->any},
        {"start", ARGUMENT_MOMENT, .moment = &wanted->start},
        {"minutes", ARGUMENT_LENGTH, .seconds = &wanted->length_s},
        {"before", ARGUMENT_BUFFER, .seconds = &wanted->before_s},
        {"after", ARGUMENT_BUFFER, .seconds = &wanted->after_s},
        {"client", ARGUMENT_NAMED, .named = &wanted->client},
        {"service", ARGUMENT_NAMED, .named = &wanted->service},
        {"shop", ARGUMENT_NAMED, .named = &wanted->shop},
        {"order", ARGUMENT_ORDER, .order = &wanted->order},
        {"nearest", ARGUMENT_FLAG, .flag = &wanted->nearest},
        {"ttl", ARGUMENT_NUMBER, .number = &wanted->ttl_s, .least = 1, .most = FIG_HOLD_MAX},
        {"if-version", ARGUMENT_NUMBER, .number = &wanted->if_version, .least = 1, .most = ARGUMENT_ID_MAX},
        {"key", ARGUMENT_KEY, .text = &wanted->key},
        {"note", ARGUMENT_NOTE, .text = &wanted->note},
        {"pending", ARGUMENT_FLAG, .flag = &wanted->pending},
        {"repeat", ARGUMENT_TEXT, .text = &wanted->repeat},
        {"fit", ARGUMENT_FLAG, .flag = &wanted->fit},
        {"series", ARGUMENT_TEXT, .text = &wanted->series},
        {"id", ARGUMENT_ID, .number = &wanted->id},
        {"status", ARGUMENT_STATUS, .status = &wanted->status},
    };
    size_t i = 0;
    while (strcmp(all[i].name, name) != 0) i++;
    return all[i];
}

/* A series is a change by itself, and no line of a batch. */
static bool is_of_series(const char *name)
{
    return strcmp(name, "repeat") == 0 || strcmp(name, "fit") == 0 || strcmp(name, "series") == 0;
}

size_t change_options(change *wanted, bool fields, argument options[ARGUMENTS_MAX])
{
    size_t count = 0;
    const char *const *takes = kinds[wanted->kind].takes;
    const size_t most = sizeof kinds[0].takes / sizeof *kinds[0].takes;
    for (size_t i = 0; i < most && takes[i] != NULL; i++)
        if (!fields || !is_of_series(takes[i])) options[count++] = option_of(wanted, takes[i]);
    bool has_id = wanted->kind != CHANGE_BOOK && wanted->kind != CHANGE_HOLD;
    if (fields && has_id) options[count++] = option_of(wanted, "id");
    if (fields && wanted->kind == CHANGE_STATUS) options[count++] = option_of(wanted, "status");
    return count;
}

static bool is_given(const change *wanted, const char *name)
{
    if (strcmp(name, "barber") == 0) return wanted->barber != NULL || wanted->any;
    if (strcmp(name, "start") == 0) return argument_given(wanted->start);
    /* a service has a length of its own */
    if (strcmp(name, "minutes") == 0) return wanted->length_s != ARGUMENT_NO_LENGTH || argument_named(&wanted->service);
    if (strcmp(name, "id") == 0) return wanted->id != 0;
    return wanted->status != 0;
}

const char *change_lacks(const change *wanted)
{
    const char *const *needs = kinds[wanted->kind].needs;
    for (size_t i = 0; needs[i] != NULL; i++)
        if (!is_given(wanted, needs[i])) return needs[i];
    if (wanted->kind != CHANGE_MOVE) return NULL;
    bool moves = wanted->barber != NULL || argument_given(wanted->start) || wanted->length_s >= 0 ||
                 wanted->before_s >= 0 || wanted->after_s >= 0 || argument_named(&wanted->service);
    return moves ? NULL : "start (or minutes, barber, service, before, after)";
}

bool change_check(const change *wanted, reason *why)
{
    if (wanted->any && wanted->barber != NULL) return reason_set(why, "any: and barber are both given; give one");
    if (!wanted->any && wanted->order != CHANGE_NO_ORDER)
        return reason_set(why, "order: is whom to take when any barber will do; give any too");
    if (!wanted->any && argument_named(&wanted->shop))
        return reason_set(why, "shop: is where any barber is to be of; give any too");
    bool both = argument_given(wanted->start) && wanted->length_s != ARGUMENT_NO_LENGTH;
    if (both && !wanted->start.is_local && wanted->start.seconds + wanted->length_s > FIG_TIME_MAX)
        return reason_set(why, "minutes: the appointment would end after 2200-01-01T00:00:00Z");
    return series_check(wanted, why);
}

static fig_request request_of(change_kind kind)
{
    switch (kind) {
    case CHANGE_BOOK: return fig_book_default();
    case CHANGE_HOLD: return fig_hold_default();
    case CHANGE_CONFIRM: return fig_confirm_default();
    case CHANGE_MOVE: return fig_move_default();
    default: return fig_set_status_default();
    }
}

/* A move of only the start keeps the length, and one of only the length keeps the start. What the appointment
 * was when it was read must still be so when it is moved; with a request key the key says whether it was this
 * move. */
static int complete_move(const change *wanted, const session *at, uint64_t line, int64_t start_s, fig_request *request)
{
    bool has_start = argument_given(wanted->start), has_length = wanted->length_s != ARGUMENT_NO_LENGTH;
    if (has_start == has_length) return EXIT_DONE;
    fig_view view = session_view(at);
    fig_appointment is = fig_appointment_default();
    fig_status status = fig_get_appointment(at->engine, &view, wanted->id, &is);
    if (status != FIG_OK)
        return output_refusal(at, status, line, "appointment %" PRIu64 ": %s", wanted->id, fig_status_text(status));
    request->start_s = has_start ? start_s : is.start_s;
    request->end_s = request->start_s + (has_length ? wanted->length_s : is.end_s - is.start_s);
    if (wanted->if_version == 0 && wanted->key == NULL) request->if_version = is.version;
    return EXIT_DONE;
}

static int set_barber(const change *wanted, const session *at, uint64_t line, fig_request *request, fig_barber *barber)
{
    *barber = fig_barber_default();
    if (wanted->barber == NULL) return EXIT_DONE;
    int code = session_need_barber(at, wanted->barber, line, barber);
    if (code == EXIT_DONE) request->barber_id = barber->id;
    return code;
}

/* Who has the appointment, for the zone that they are in. */
static int find_holder(const change *wanted, const session *at, uint64_t line, fig_barber *barber)
{
    fig_view view = session_view(at);
    fig_appointment is = fig_appointment_default();
    fig_status status = fig_get_appointment(at->engine, &view, wanted->id, &is);
    if (status == FIG_OK) status = fig_get_barber(at->engine, &view, is.barber_id, barber);
    if (status == FIG_OK) return EXIT_DONE;
    return output_refusal(at, status, line, "appointment %" PRIu64 ": %s", wanted->id, fig_status_text(status));
}

/* A local start is in the zone of the barber that is named, or of the one who has the appointment; for any barber in
 * that of the shop that is named, else of shop 1. */
static int place_start(const change *wanted, const session *at, uint64_t line, fig_barber *barber, int64_t *start_s)
{
    int code = EXIT_DONE;
    if (!argument_given(wanted->start)) return EXIT_DONE;
    bool holds = wanted->barber == NULL && !wanted->any;
    if (wanted->start.is_local && holds) code = find_holder(wanted, at, line, barber);
    return code != EXIT_DONE ? code : session_instant(at, barber, "start", wanted->start, start_s);
}

/* Any barber of a shop stands for that shop's zone. */
static int set_any(const change *wanted, const session *at, uint64_t line, fig_request *request, fig_barber *barber)
{
    if (!wanted->any) return EXIT_DONE;
    request->any = true;
    if (wanted->order != CHANGE_NO_ORDER) request->any_order = wanted->order;
    int code = session_need_shop(at, &wanted->shop, line, &request->any_shop_id);
    *barber = fig_barber_default();
    barber->zone[0] = '\0';
    barber->shop_id = request->any_shop_id != 0 ? request->any_shop_id : 1;
    return code;
}

/* Whom it is for and what is done. */
static int set_named(const change *wanted, const session *at, uint64_t line, fig_request *request)
{
    int code = session_need_service(at, &wanted->service, line, &request->service_id);
    return code != EXIT_DONE ? code : session_need_client(at, &wanted->client, line, &request->client_id);
}

int change_request(const change *wanted, const session *at, uint64_t line, fig_request *request)
{
    *request = request_of(wanted->kind);
    request->now_s = at->now_s;
    request->key = wanted->key;
    request->if_version = wanted->if_version;
    request->appointment_id = wanted->id;
    request->nearest = wanted->nearest;
    request->note = wanted->note;
    request->pending = wanted->pending;
    if (wanted->kind == CHANGE_HOLD) request->ttl_s = (uint32_t)wanted->ttl_s;
    if (wanted->kind == CHANGE_CANCEL) request->status = FIG_CANCELLED;
    if (wanted->kind == CHANGE_STATUS) request->status = wanted->status;
    if (wanted->before_s != ARGUMENT_NO_LENGTH) request->buffer_before_s = (uint32_t)wanted->before_s;
    if (wanted->after_s != ARGUMENT_NO_LENGTH) request->buffer_after_s = (uint32_t)wanted->after_s;
    fig_barber barber;
    int64_t start_s = 0;
    int code = set_barber(wanted, at, line, request, &barber);
    if (code == EXIT_DONE) code = set_any(wanted, at, line, request, &barber);
    if (code == EXIT_DONE) code = set_named(wanted, at, line, request);
    if (code == EXIT_DONE) code = place_start(wanted, at, line, &barber, &start_s);
    if (code != EXIT_DONE) return code;
    bool has_length = wanted->length_s != ARGUMENT_NO_LENGTH;
    if (argument_given(wanted->start)) request->start_s = start_s;
    if (argument_given(wanted->start) && has_length) request->end_s = start_s + wanted->length_s;
    return wanted->kind == CHANGE_MOVE ? complete_move(wanted, at, line, start_s, request) : EXIT_DONE;
}

static int run_one(const change *wanted, const session *at)
{
    static fig_appointment others[OTHERS_SHOWN];
    static fig_broken_rule rules[RULES_SHOWN];
    fig_outcome outcome;
    fig_request request;
    for (int tries = 0;; tries++) {
        int code = change_request(wanted, at, 0, &request);
        if (code != EXIT_DONE) return code;
        outcome = fig_outcome_default();
        outcome.others = others;
        outcome.others_capacity = OTHERS_SHOWN;
        outcome.rules = rules;
        outcome.rules_capacity = RULES_SHOWN;
        for (size_t i = 0; i < RULES_SHOWN; i++) rules[i] = fig_broken_rule_default();
        for (size_t i = 0; i < OTHERS_SHOWN; i++) others[i] = fig_appointment_default();
        fig_status status = fig_write(at->engine, &request, 1, &outcome);
        if (status != FIG_OK) outcome.status = status;
        /* a version that only complete_move() asked for is no wish of the caller's: read again */
        bool ours = request.if_version != wanted->if_version;
        if (outcome.status != FIG_STALE || !ours || tries == 8) break;
    }
    return output_outcome(at, &outcome, 0);
}

static int run(const change *wanted, const session *at)
{
    if (wanted->repeat != NULL) return series_book(wanted, at);
    bool one = wanted->series == NULL || strcmp(wanted->series, "this") == 0;
    return one ? run_one(wanted, at) : series_change(wanted, at);
}

/* The operands after DIR: ID and NEW. */
static int take_operands(const command_line *line, change *wanted, const char *operands[ARGUMENT_OPERANDS])
{
    reason why;
    argument id = option_of(wanted, "id"), status = option_of(wanted, "status");
    if (operands[1] != NULL && !argument_take(&id, operands[1], &why))
        return complain(EXIT_USAGE, "ID: %s (see `figaro %s --help`)", why.text, line->command);
    if (operands[2] != NULL && !argument_take(&status, operands[2], &why))
        return complain(EXIT_USAGE, "NEW: %s", why.text);
    return ARGUMENTS_GO;
}

int change_command(change_kind kind, const char *help, int argc, char **argv)
{
    session at = session_default();
    change wanted = change_default(kind);
    argument options[ARGUMENTS_MAX];
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    command_line line = {kinds[kind].name, help, kinds[kind].operands, options,
                         change_options(&wanted, false, options)};

    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code == ARGUMENTS_GO) code = take_operands(&line, &wanted, operands);
    if (code != ARGUMENTS_GO) return code;
    reason why;
    if (!change_check(&wanted, &why)) return complain(EXIT_USAGE, "--%s", why.text);
    const char *lacks = change_lacks(&wanted);
    if (lacks != NULL) return arguments_missing(&line, lacks);

    code = session_open_to_write(&at, operands[0]);
    if (code != EXIT_DONE) return code;
    return session_close(&at, run(&wanted, &at));
}
