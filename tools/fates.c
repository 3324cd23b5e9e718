#include "tools/fates.h"

#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const fate_names[FATES] = {
    [BOOKING_KEPT] = "kept",
    [BOOKING_MOVED] = "moved",
    [BOOKING_LOST] = "lost",
    [BOOKING_ANSWERED] = "answered",
    [CHANGE_KEPT] = "changed",
    [CHANGE_MOVED] = "changed_elsewhere",
    [CHANGE_LOST] = "unchanged",
    [CHANGE_WITHOUT] = "without",
    [BOOKING_RECORDED] = "recorded",
    [REFUSAL_GAINED] = "gained",
    [REFUSAL_SAME] = "refused",
    [DECLARATION_MADE] = "declared",
    [DECLARATION_REFUSED] = "undeclared",
};

static const char *const fate_words[FATES] = {
    [BOOKING_KEPT] = "booked as they were",
    [BOOKING_MOVED] = "booked at another time, or with another barber",
    [BOOKING_LOST] = "lost: they would have been refused",
    [BOOKING_ANSWERED] = "asked for again what had been refused then and was granted now",
    [BOOKING_RECORDED] = "booked for the record (imported, say), which no setting is asked of; --recorded judges them",
    [CHANGE_KEPT] = "changes made as they were",
    [CHANGE_MOVED] = "moved to another time than then",
    [CHANGE_LOST] = "changes that would have been refused",
    [CHANGE_WITHOUT] = "changes of appointments that were never made",
    [REFUSAL_GAINED] = "gained: refused then, granted now",
    [REFUSAL_SAME] = "refused as they were",
    [DECLARATION_MADE] = "declarations made as they were",
    [DECLARATION_REFUSED] = "declarations that the other settings do not allow",
};

fates fates_begin(const session *at, bool summary)
{
    return (fates){.at = at, .summary = summary, .because = json_object(), .rules = json_object()};
}

void fates_end(fates *counted)
{
    json_decref(counted->because);
    json_decref(counted->rules);
}

bool fate_is_other(fate which)
{
    return which == BOOKING_MOVED || which == BOOKING_LOST || which == CHANGE_MOVED || which == CHANGE_LOST ||
           which == REFUSAL_GAINED || which == DECLARATION_REFUSED;
}

const char *fate_reason(const trial_answer *answer)
{
    return answer->off_grid ? "off_grid" : fig_status_name(answer->status);
}

/* ---- a line ---- */

static json_t *place_object(const session *at, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    char barber[FIG_NAME_MAX + 1];
    output_barber_name(at, barber_id, barber);
    return json_pack("{s:s, s:o, s:o}", "barber", barber, "start", output_instant(start_s), "end",
                     end_s != 0 ? output_instant(end_s) : json_null());
}

static json_t *rule_array(const trial_answer *answer)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < answer->rule_count; i++) json_array_append_new(rules, json_string(answer->rules[i].name));
    return rules;
}

static json_t *line_object(const session *at, const char *name, uint64_t version, const fig_request *was, uint64_t id,
                           const trial_answer *answer)
{
    const fig_appointment *made = &answer->made;
    json_t *object = json_pack("{s:s, s:o, s:o}", "outcome", name, "version", output_id(version), "key",
                               was->key != NULL ? json_string(was->key) : json_null());
    if (id != 0) json_object_set_new(object, "id", output_id(id));
    if (was->client_id != 0) json_object_set_new(object, "client", output_id(was->client_id));
    if (was->start_s != 0) json_object_update_new(object, place_object(at, was->barber_id, was->start_s, was->end_s));
    if (answer->fate != TRIAL_KEPT) json_object_set_new(object, "reason", json_string(fate_reason(answer)));
    if (answer->rule_count > 0) json_object_set_new(object, "rules", rule_array(answer));
    if (made->id != 0) json_object_set_new(object, "to", place_object(at, made->barber_id, made->start_s, made->end_s));
    return object;
}

static void print_place(const session *at, const char *before, uint64_t barber_id, int64_t start_s)
{
    char barber[FIG_NAME_MAX + 1], start[RFC3339_SIZE];
    output_barber_name(at, barber_id, barber);
    rfc3339_print(start_s, start);
    printf("%s%s  %s", before, start, barber);
}

static void print_line(const session *at, const char *name, const fig_request *was, uint64_t id,
                       const trial_answer *answer)
{
    printf("%-10s", name);
    if (id != 0) printf("  #%" PRIu64, id);
    if (was->start_s != 0) print_place(at, "  ", was->barber_id, was->start_s);
    if (answer->made.id != 0) print_place(at, "  ->  ", answer->made.barber_id, answer->made.start_s);
    if (answer->fate != TRIAL_KEPT) printf("  (%s)", fate_reason(answer));
    putchar('\n');
}

/* ---- counting ---- */

static void count_one(json_t *counts, const char *name)
{
    json_int_t before = json_integer_value(json_object_get(counts, name));
    json_object_set_new(counts, name, json_integer(before + 1));
}

static void count_reason(const fates *counted, const trial_answer *answer)
{
    count_one(counted->because, fate_reason(answer));
    for (size_t i = 0; i < answer->rule_count && answer->status == FIG_RULE; i++) {
        const char *rule = fig_rule_type_name(answer->rules[i].type);
        if (rule != NULL) count_one(counted->rules, rule);
    }
}

void fates_take(fates *counted, fate which, uint64_t version, const fig_request *was, uint64_t id,
                const trial_answer *answer)
{
    counted->counts[which]++;
    if (which == BOOKING_MOVED || which == BOOKING_LOST) count_reason(counted, answer);
    if (counted->summary || !fate_is_other(which)) return;
    if (counted->at->json)
        output_object(line_object(counted->at, fate_names[which], version, was, id, answer));
    else
        print_line(counted->at, fate_names[which], was, id, answer);
}

/* ---- the summary ---- */

static uint64_t requests_of(const fates *counted)
{
    uint64_t sum = 0;
    for (int i = 0; i < FATES; i++) sum += counted->counts[i];
    return sum;
}

static json_t *summary_object(const fates *counted, const fates_summary *summary)
{
    json_t *object =
        json_pack("{s:o, s:o}", "from", output_id(summary->from), "requests", output_id(requests_of(counted)));
    for (int i = 0; i < FATES; i++) json_object_set_new(object, fate_names[i], output_id(counted->counts[i]));
    json_object_set_new(object, "skipped", output_id(counted->skipped));
    json_object_set(object, "because", counted->because);
    json_object_set(object, "rules", counted->rules);
    json_object_set_new(object, "live", output_id(summary->is.live));
    json_object_set_new(object, "sha256", json_string(summary->is.sha256));
    json_object_set_new(object, "live_was", output_id(summary->was.live));
    json_object_set_new(object, "sha256_was", json_string(summary->was.sha256));
    json_object_set_new(object, "seconds", json_real(summary->seconds));
    return object;
}

static void print_counts(const json_t *counts, const char *before)
{
    const char *name;
    json_t *count;
    json_object_foreach((json_t *)counts, name, count)
        printf("%9" JSON_INTEGER_FORMAT "  because of %s%s\n", json_integer_value(count), before, name);
}

static void print_summary(const fates *counted, const fates_summary *summary)
{
    printf("%" PRIu64 " requests from version %" PRIu64 " on, asked again in %.2f s\n", requests_of(counted),
           summary->from, summary->seconds);
    for (int i = 0; i < FATES; i++)
        if (counted->counts[i] > 0) printf("%9" PRIu64 "  %s\n", counted->counts[i], fate_words[i]);
    if (counted->skipped > 0) printf("%9" PRIu64 "  things that were restored are left out\n", counted->skipped);
    if (json_object_size(counted->because) > 0) puts("moved or lost:");
    print_counts(counted->because, "");
    print_counts(counted->rules, "the rule ");
    printf("live  %" PRIu64 ", were %" PRIu64 "\n", summary->is.live, summary->was.live);
}

void fates_print(const fates *counted, const fates_summary *summary)
{
    if (counted->at->json)
        output_object(summary_object(counted, summary));
    else
        print_summary(counted, summary);
}
