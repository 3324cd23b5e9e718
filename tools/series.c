#include "tools/series.h"

#include "tools/ics_recur.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHERS_SHOWN = 8, /* conflicts and rules listed for each member */
    RULES_SHOWN = 8,
    NUMBER_MAX = 5, /* bytes of "#4096" */
    PAGE = 256
};

struct series {
    const change *wanted;
    const session *at;
    local_zone zone;
    size_t count, room;
    fig_request *requests;
    fig_outcome *outcomes;
    fig_appointment *others;
    fig_broken_rule *rules;
    char (*keys)[FIG_KEY_MAX + 1];
    fig_appointment *members; /* of a series that is changed */
};

bool series_check(const change *wanted, reason *why)
{
    bool series = wanted->series != NULL;
    bool known = series && (strcmp(wanted->series, "this") == 0 || strcmp(wanted->series, "following") == 0 ||
                            strcmp(wanted->series, "all") == 0);
    if (series && !known) return reason_set(why, "series: must be this, following or all");
    if (series && wanted->key != NULL && strcmp(wanted->series, "this") != 0)
        return reason_set(why, "key: is of one appointment's change; that of a series, asked again, finds it made");
    if (wanted->fit && wanted->repeat == NULL) return reason_set(why, "fit: is for a series; give repeat too");
    if (wanted->repeat == NULL) return true;
    if (wanted->any) return reason_set(why, "any: a series is one barber's; give barber");
    if (wanted->nearest) return reason_set(why, "nearest: of a series is what fit says");
    if (wanted->key == NULL)
        return reason_set(why, "key: is missing; the appointments of a series are known by it, as KEY#1, KEY#2 ...");
    if (strlen(wanted->key) > FIG_KEY_MAX - NUMBER_MAX)
        return reason_set(why, "key: of a series has at most %d bytes", FIG_KEY_MAX - NUMBER_MAX);
    return true;
}

/* ---- room ---- */

static bool make_room(struct series *series, size_t count)
{
    series->room = count;
    series->requests = calloc(count, sizeof *series->requests);
    series->outcomes = calloc(count, sizeof *series->outcomes);
    series->others = calloc(count * OTHERS_SHOWN, sizeof *series->others);
    series->rules = calloc(count * RULES_SHOWN, sizeof *series->rules);
    series->keys = calloc(count, sizeof *series->keys);
    if (series->requests == NULL || series->outcomes == NULL || series->others == NULL || series->rules == NULL ||
        series->keys == NULL)
        return false;
    for (size_t i = 0; i < count * OTHERS_SHOWN; i++) series->others[i] = fig_appointment_default();
    for (size_t i = 0; i < count * RULES_SHOWN; i++) series->rules[i] = fig_broken_rule_default();
    return true;
}

static void drop_room(struct series *series)
{
    local_zone_close(&series->zone);
    free(series->requests);
    free(series->outcomes);
    free(series->others);
    free(series->rules);
    free(series->keys);
    free(series->members);
}

static fig_request *add_request(struct series *series, const fig_request *like)
{
    size_t i = series->count++;
    series->outcomes[i] = fig_outcome_default();
    series->outcomes[i].others = series->others + i * OTHERS_SHOWN;
    series->outcomes[i].others_capacity = OTHERS_SHOWN;
    series->outcomes[i].rules = series->rules + i * RULES_SHOWN;
    series->outcomes[i].rules_capacity = RULES_SHOWN;
    series->requests[i] = *like;
    return &series->requests[i];
}

/* ---- what it came to ---- */

static void print_refusal_object(const struct series *series, size_t index, const char *key)
{
    const fig_request *request = &series->requests[index];
    const fig_outcome *outcome = &series->outcomes[index];
    size_t shown = outcome->others_count < OTHERS_SHOWN ? outcome->others_count : OTHERS_SHOWN;
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    json_t *object = json_object();
    json_object_set_new(object, "status", json_string(fig_status_name(outcome->status)));
    json_object_set_new(object, "key", json_string(key));
    if (request->start_s != 0) json_object_set_new(object, "start", output_instant(request->start_s));
    if (request->end_s > request->start_s) json_object_set_new(object, "end", output_instant(request->end_s));
    json_object_set_new(object, "conflicts", output_appointment_array(series->at, outcome->others, shown));
    json_object_set_new(object, "rules", output_rule_array(outcome));
    if (outcome->closed) json_object_set_new(object, "closed", json_true());
    if (outcome->nearest_barber_id != 0)
        json_object_set_new(object, "nearest", output_nearest_object(series->at, outcome));
    json_object_set_new(object, "reason", json_string(why));
    output_object(object);
}

static void print_refusal(const struct series *series, size_t index)
{
    char start[RFC3339_SIZE] = "";
    const fig_request *request = &series->requests[index];
    const char *key = series->members != NULL ? series->members[index].key : series->keys[index];
    if (series->at->json) {
        print_refusal_object(series, index, key);
        return;
    }
    if (request->start_s != 0) rfc3339_print(request->start_s, start);
    printf("%s%s%s: ", key, start[0] != '\0' ? "  " : "", start);
    output_outcome(series->at, &series->outcomes[index], 0);
}

/* Those that were not at fault in a batch that was refused say nothing. */
static size_t print_outcomes(const struct series *series)
{
    size_t done = 0;
    for (size_t i = 0; i < series->count; i++) {
        fig_status status = series->outcomes[i].status;
        done += status == FIG_OK;
        if (status == FIG_OK) output_outcome(series->at, &series->outcomes[i], 0);
        if (status != FIG_OK && status != FIG_NOT_DONE) print_refusal(series, i);
    }
    return done;
}

/* All or nothing. */
static int run_batch(struct series *series)
{
    fig_status status = fig_batch(series->at->engine, series->requests, series->count, series->outcomes);
    if (status >= FIG_INVALID)
        return complain(output_exit_code(status), "nothing was changed: %s", fig_status_text(status));
    size_t done = print_outcomes(series);
    if (!series->at->json && status == FIG_OK) printf("%zu appointment%s\n", done, done == 1 ? "" : "s");
    if (status != FIG_OK) complain(0, "nothing was changed: %s", fig_status_text(status));
    return output_exit_code(status);
}

/* All that fit. Refused when none does. */
static int run_each(struct series *series)
{
    fig_status status = fig_write(series->at->engine, series->requests, series->count, series->outcomes);
    size_t done = print_outcomes(series);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (!series->at->json) printf("%zu of %zu appointments fit\n", done, series->count);
    return done > 0 ? EXIT_DONE : EXIT_REFUSED;
}

/* ---- booking ---- */

static int64_t clock_of(const void *zone, int64_t instant_s) { return local_zone_clock(zone, instant_s); }

/* The rule's clocks, the first of which is the start's. */
static bool find_clocks(const struct series *series, int64_t start_s, ics_clocks *clocks, reason *why)
{
    int64_t steps = ICS_STEPS_MAX;
    bool endless = false;
    ics_span span = {
        .start_s = local_zone_clock(&series->zone, start_s),
        .to_s = FIG_TIME_MAX,
        .clock_of = clock_of,
        .zone = &series->zone,
    };
    const char *rule = series->wanted->repeat;
    if (strncmp(rule, "RRULE:", 6) == 0) rule += 6;
    if (!ics_recur_expand(rule, &span, &steps, clocks, &endless, why)) return false;
    ics_clocks_sort(clocks);
    if (endless || clocks->count > FIG_BATCH_MAX)
        return reason_set(why, "'%.64s' goes on for more than %d appointments; give it a COUNT or an UNTIL", rule,
                          FIG_BATCH_MAX);
    if (clocks->count > 0 && clocks->list[0] == span.start_s) return true;
    return reason_set(why, "--start is no time of '%.64s'; it must be the first of the series", rule);
}

static int add_bookings(struct series *series, const fig_request *first)
{
    ics_clocks clocks = {0};
    reason why;
    bool good = find_clocks(series, first->start_s, &clocks, &why);
    int code = good ? EXIT_DONE : complain(EXIT_USAGE, "--repeat: %s", why.text);
    if (code == EXIT_DONE && !make_room(series, clocks.count)) code = complain(EXIT_FAULT, "out of memory");
    for (size_t i = 0; code == EXIT_DONE && i < clocks.count; i++) {
        fig_request *request = add_request(series, first);
        moment start = {.is_local = true, .seconds = clocks.list[i]};
        snprintf(series->keys[i], sizeof series->keys[i], "%s#%zu", series->wanted->key, i + 1);
        request->key = series->keys[i];
        request->nearest = series->wanted->fit;
        if (!local_zone_instant(&series->zone, start, &request->start_s, &why))
            code = complain(EXIT_USAGE, "--repeat: %s", why.text);
        if (first->end_s > first->start_s) request->end_s = request->start_s + first->end_s - first->start_s;
    }
    ics_clocks_free(&clocks);
    return code;
}

int series_book(const change *wanted, const session *at)
{
    struct series series = {.wanted = wanted, .at = at};
    fig_barber barber = fig_barber_default();
    fig_request first;
    int code = session_need_barber(at, wanted->barber, 0, &barber);
    if (code == EXIT_DONE) code = change_request(wanted, at, 0, &first);
    if (code == EXIT_DONE) code = session_open_zone(at, &barber, &series.zone);
    if (code == EXIT_DONE) code = add_bookings(&series, &first);
    if (code == EXIT_DONE) code = wanted->fit ? run_each(&series) : run_batch(&series);
    drop_room(&series);
    return code;
}

/* ---- changing ---- */

/* The bytes of a key up to the # by which it is one of a series; 0: it is none. */
static size_t stem_of(const char *key)
{
    const char *mark = strrchr(key, '#');
    if (mark == NULL || mark == key || mark[1] == '\0') return 0;
    return mark[1 + strspn(mark + 1, "0123456789-:TZ")] == '\0' ? (size_t)(mark - key) : 0;
}

static bool is_active(const fig_appointment *is) { return is->status >= FIG_HELD && is->status <= FIG_CONFIRMED; }

static bool add_member(struct series *series, const fig_appointment *is)
{
    if (series->count == series->room) {
        size_t room = series->room == 0 ? 64 : series->room * 2;
        fig_appointment *grown = realloc(series->members, room * sizeof *grown);
        if (grown == NULL) return false;
        series->members = grown;
        series->room = room;
    }
    series->members[series->count++] = *is;
    return true;
}

static int compare(const void *a, const void *b)
{
    const fig_appointment *x = a, *y = b;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The active appointments of the series that are meant, by start. */
static int find_members(struct series *series, const fig_appointment *of)
{
    static fig_appointment page[PAGE];
    const session *at = series->at;
    fig_view view = session_view(at);
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    size_t stem = stem_of(of->key), count = 0;
    filter.active = true;
    if (strcmp(series->wanted->series, "following") == 0) filter.from_s = of->start_s;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    do {
        fig_status status = fig_list(at->engine, &view, &filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
        for (size_t i = 0; i < count; i++) {
            bool member = stem_of(page[i].key) == stem && strncmp(page[i].key, of->key, stem + 1) == 0;
            if (!member || page[i].start_s < filter.from_s) continue;
            if (!add_member(series, &page[i])) return complain(EXIT_FAULT, "out of memory");
        }
    } while (count > 0);
    if (series->count > FIG_BATCH_MAX)
        return complain(EXIT_USAGE, "--series: %zu appointments have keys like '%s'; a change takes at most %d",
                        series->count, of->key, FIG_BATCH_MAX);
    if (series->count > 0) qsort(series->members, series->count, sizeof *series->members, compare);
    return EXIT_DONE;
}

/* The change to one member: what is asked of the one that was of, with its time put off as that one's is. */
static bool change_member(struct series *series, const fig_appointment *member, const fig_appointment *of,
                          const fig_request *like, reason *why)
{
    fig_request *request = add_request(series, like);
    request->appointment_id = member->id;
    request->if_version = member->id == of->id ? like->if_version : member->version;
    if (like->operation != FIG_OP_MOVE || (like->start_s == 0 && like->end_s == 0)) return true;
    const local_zone *zone = &series->zone;
    int64_t put_off_s = local_zone_clock(zone, like->start_s) - local_zone_clock(zone, of->start_s);
    int64_t length_s =
        series->wanted->length_s != ARGUMENT_NO_LENGTH ? series->wanted->length_s : member->end_s - member->start_s;
    moment start = {.is_local = true, .seconds = local_zone_clock(zone, member->start_s) + put_off_s};
    if (!local_zone_instant(zone, start, &request->start_s, why)) return false;
    if (put_off_s == 0) request->start_s = member->start_s; /* of a time that clocks show twice, the one it has */
    request->end_s = request->start_s + length_s;
    return true;
}

static int change_members(struct series *series, const fig_appointment *of, const fig_request *like)
{
    size_t count = series->count;
    reason why;
    if (count == 0) return output_refusal(series->at, FIG_NOT_FOUND, 0, "no appointment of the series is active");
    if (!make_room(series, count)) return complain(EXIT_FAULT, "out of memory");
    series->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!change_member(series, &series->members[i], of, like, &why))
            return complain(EXIT_USAGE, "--start: of %s: %s", series->members[i].key, why.text);
    return run_batch(series);
}

int series_change(const change *wanted, const session *at)
{
    struct series series = {.wanted = wanted, .at = at};
    fig_view view = session_view(at);
    fig_appointment of = fig_appointment_default();
    fig_barber barber = fig_barber_default();
    fig_request like;
    fig_status status = fig_get_appointment(at->engine, &view, wanted->id, &of);
    if (status == FIG_OK) status = fig_get_barber(at->engine, &view, of.barber_id, &barber);
    if (status != FIG_OK)
        return output_refusal(at, status, 0, "appointment %" PRIu64 ": %s", wanted->id, fig_status_text(status));
    if (stem_of(of.key) == 0)
        return output_refusal(at, FIG_NOT_FOUND, 0,
                              "appointment %" PRIu64 " is in no series: its key does not end with # and a number",
                              wanted->id);
    int code = is_active(&of)
                   ? EXIT_DONE
                   : output_refusal(at, FIG_ILLEGAL_STATUS, 0,
                                    "appointment %" PRIu64 " is no longer active; name one that is", wanted->id);
    if (code == EXIT_DONE) code = change_request(wanted, at, 0, &like);
    if (code == EXIT_DONE) code = session_open_zone(at, &barber, &series.zone);
    if (code == EXIT_DONE) code = find_members(&series, &of);
    if (code == EXIT_DONE) code = change_members(&series, &of, &like);
    drop_room(&series);
    return code;
}
