#include "tools/import_loading.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

void import_reject(struct load *load, const import_row *row, const char *field, const char *why)
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

void import_refuse(struct load *load, const import_row *row, const fig_outcome *outcome)
{
    char words[FIG_NAME_MAX + 400];
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    if (outcome->status >= FIG_INVALID) {
        import_reject(load, row, outcome->field, why);
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

void import_say_lapsed(struct load *load, const import_row *row)
{
    char words[80], expires[RFC3339_SIZE];
    rfc3339_print(row->expires_s, expires);
    snprintf(words, sizeof words, "the hold was over at %s", expires);
    say(load, row, "taken as expired", "expires", words, NULL);
}

void import_say_recorded(struct load *load, const import_row *row)
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

void import_refuse_overlap(struct load *load, const import_row *row, const overlap_row *other)
{
    char words[200], span[SPAN_SIZE], own[SPAN_SIZE];
    fig_outcome outcome = fig_outcome_default();
    outcome.status = FIG_CONFLICT;
    outcome.reason = words;
    snprintf(words, sizeof words, "the row of line %" PRIu64 ", %s, overlaps %s; neither is taken", other->line,
             print_span(other->start_s, other->end_s, span), print_span(row->start_s, row->end_s, own));
    import_refuse(load, row, &outcome);
}

int import_end_by_fault(struct load *load, fig_status status)
{
    progress_end(&load->line);
    int code = output_exit_code(status) == EXIT_REFUSED ? EXIT_FAULT : output_exit_code(status);
    complain(0, "%s: %s", load->order->directory, fig_status_text(status));
    if (load->order->atomic) return code;
    return complain(code, "the first %" PRIu64 " rows are done%s", load->safe,
                    load->order->keys ? "; run the same import again and it goes on" : "");
}
