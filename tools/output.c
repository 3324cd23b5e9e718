#include "tools/output.h"

#include "tools/rfc3339.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int output_exit_code(fig_status status)
{
    if (status == FIG_OK) return EXIT_DONE;
    if (status < FIG_INVALID) return EXIT_REFUSED;
    return status < FIG_BUSY ? EXIT_USAGE : EXIT_FAULT;
}

int complain(int exit_code, const char *format, ...)
{
    char words[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    for (char *c = words; *c != '\0'; c++) /* words of an input file must not command the terminal */
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    fprintf(stderr, "figaro: %s\n", words);
    return exit_code;
}

int output_finish(int exit_code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return exit_code;
    return complain(EXIT_FAULT, "the output could not be written: %s", errno != 0 ? strerror(errno) : "write failed");
}

void output_object(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (text == NULL) {
        complain(0, "out of memory");
        abort();
    }
    puts(text);
    free(text);
}

json_t *output_id(uint64_t id)
{
    if (id <= INT64_MAX) return json_integer((json_int_t)id);
    return json_sprintf("%" PRIu64, id);
}

json_t *output_instant(int64_t instant_s)
{
    char text[RFC3339_SIZE];
    rfc3339_print(instant_s, text);
    return json_string(text);
}

static json_t *id_or_null(uint64_t id) { return id == 0 ? json_null() : output_id(id); }

/* Writes the barber's name, or the id of one that the engine does not know. */
void output_barber_name(const session *at, uint64_t id, char name[FIG_NAME_MAX + 1])
{
    fig_view view = session_view(at);
    fig_barber barber = fig_barber_default();
    if (fig_get_barber(at->engine, &view, id, &barber) == FIG_OK)
        memcpy(name, barber.name, FIG_NAME_MAX + 1);
    else
        snprintf(name, FIG_NAME_MAX + 1, "%" PRIu64, id);
}

json_t *output_appointment_object(const session *at, const fig_appointment *appointment)
{
    char barber[FIG_NAME_MAX + 1];
    output_barber_name(at, appointment->barber_id, barber);
    json_t *object = json_object();
    json_object_set_new(object, "id", output_id(appointment->id));
    json_object_set_new(object, "barber", json_string(barber));
    json_object_set_new(object, "client", id_or_null(appointment->client_id));
    json_object_set_new(object, "service", id_or_null(appointment->service_id));
    json_object_set_new(object, "start", output_instant(appointment->start_s));
    json_object_set_new(object, "end", output_instant(appointment->end_s));
    if (appointment->status != 0)
        json_object_set_new(object, "status", json_string(fig_appointment_status_name(appointment->status)));
    json_object_set_new(object, "buffer_before_s", json_integer(appointment->buffer_before_s));
    json_object_set_new(object, "buffer_after_s", json_integer(appointment->buffer_after_s));
    json_object_set_new(object, "version", output_id(appointment->version));
    json_object_set_new(object, "key", appointment->key[0] == '\0' ? json_null() : json_string(appointment->key));
    if (appointment->status == FIG_HELD) json_object_set_new(object, "expires", output_instant(appointment->expires_s));
    if (appointment->unchecked) json_object_set_new(object, "unchecked", json_true());
    return object;
}

json_t *output_appointment_array(const session *at, const fig_appointment *appointments, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(array, output_appointment_object(at, &appointments[i]));
    return array;
}

static void print_minutes(const char *before, uint32_t seconds)
{
    if (seconds % 60 == 0)
        printf("%s%" PRIu32 " min", before, seconds / 60);
    else
        printf("%s%" PRIu32 " s", before, seconds);
}

/* One appointment in words, without a line's end. */
static void print_appointment(const session *at, const fig_appointment *appointment)
{
    char barber[FIG_NAME_MAX + 1], start[RFC3339_SIZE], end[RFC3339_SIZE], expires[RFC3339_SIZE];
    output_barber_name(at, appointment->barber_id, barber);
    rfc3339_print(appointment->start_s, start);
    rfc3339_print(appointment->end_s, end);
    printf("#%" PRIu64 "  %s  %s - %s  %s", appointment->id, barber, start, end,
           fig_appointment_status_name(appointment->status));
    if (appointment->status == FIG_HELD) {
        rfc3339_print(appointment->expires_s, expires);
        printf(" until %s", expires);
    }
    if (appointment->client_id != 0) printf("  client %" PRIu64, appointment->client_id);
    if (appointment->service_id != 0) printf("  service %" PRIu64, appointment->service_id);
    if (appointment->buffer_before_s != 0) print_minutes("  before ", appointment->buffer_before_s);
    if (appointment->buffer_after_s != 0) print_minutes("  after ", appointment->buffer_after_s);
    if (appointment->key[0] != '\0') printf("  key %s", appointment->key);
    if (appointment->unchecked) fputs("  unchecked", stdout);
    printf("  version %" PRIu64, appointment->version);
}

static void put_line(json_t *object, uint64_t line)
{
    if (line != 0) json_object_set_new(object, "line", output_id(line));
}

void output_appointment(const session *at, const fig_appointment *appointment, uint64_t line)
{
    if (at->json) {
        json_t *object = output_appointment_object(at, appointment);
        put_line(object, line);
        output_object(object);
        return;
    }
    if (line != 0) printf("line %" PRIu64 ": ", line);
    print_appointment(at, appointment);
    putchar('\n');
}

/* ---- what stands in the way ---- */

static size_t rules_shown(const fig_outcome *outcome)
{
    return outcome->rules_count < outcome->rules_capacity ? outcome->rules_count : outcome->rules_capacity;
}

static json_t *rule_object(const fig_broken_rule *rule)
{
    const char *type = fig_rule_type_name(rule->type);
    json_t *object = json_object();
    json_object_set_new(object, "type", type != NULL ? json_string(type) : json_null());
    json_object_set_new(object, "name", json_string(rule->name));
    json_object_set_new(object, "reason", rule->reason != NULL ? json_string(rule->reason) : json_null());
    if (rule->rule_id != 0) json_object_set_new(object, "id", output_id(rule->rule_id));
    if (rule->failed) json_object_set_new(object, "failed", json_true());
    return object;
}

json_t *output_rule_array(const fig_outcome *outcome)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rules_shown(outcome); i++) json_array_append_new(array, rule_object(&outcome->rules[i]));
    return array;
}

static void print_rules(const fig_outcome *outcome)
{
    for (size_t i = 0; i < rules_shown(outcome); i++) {
        const fig_broken_rule *rule = &outcome->rules[i];
        printf("  %s %s: %s\n", rule->failed ? "cannot be evaluated:" : "rule", rule->name,
               rule->reason != NULL ? rule->reason : "");
    }
    if (rules_shown(outcome) < outcome->rules_count)
        printf("  and %zu more rules\n", outcome->rules_count - rules_shown(outcome));
}

json_t *output_nearest_object(const session *at, const fig_outcome *outcome)
{
    char barber[FIG_NAME_MAX + 1];
    json_t *object = json_object();
    output_barber_name(at, outcome->nearest_barber_id, barber);
    json_object_set_new(object, "barber", json_string(barber));
    json_object_set_new(object, "start", output_instant(outcome->nearest_s));
    json_object_set_new(object, "end", output_instant(outcome->nearest_end_s));
    return object;
}

static void print_nearest(const session *at, const fig_outcome *outcome)
{
    char barber[FIG_NAME_MAX + 1], start[RFC3339_SIZE], end[RFC3339_SIZE];
    if (outcome->nearest_barber_id == 0) return;
    output_barber_name(at, outcome->nearest_barber_id, barber);
    rfc3339_print(outcome->nearest_s, start);
    rfc3339_print(outcome->nearest_end_s, end);
    printf("  nearest: %s  %s - %s\n", barber, start, end);
}

/* A booking that was let pass although a rule could not be evaluated. */
static void warn_unchecked(const fig_outcome *outcome)
{
    for (size_t i = 0; i < rules_shown(outcome); i++)
        complain(0, "warning: booked without the rule %s, which could not be evaluated: %s", outcome->rules[i].name,
                 outcome->rules[i].reason != NULL ? outcome->rules[i].reason : "");
}

/* Faults and mistakes are also said on stderr, where a script's log will have them. */
static void print_refusal(const session *at, const fig_outcome *outcome, uint64_t line, const char *words)
{
    size_t shown = outcome->others_count < outcome->others_capacity ? outcome->others_count : outcome->others_capacity;
    if (outcome->status >= FIG_INVALID) complain(0, "%s", words);
    if (at->json) {
        json_t *object = json_object();
        put_line(object, line);
        json_object_set_new(object, "status", json_string(fig_status_name(outcome->status)));
        json_object_set_new(object, "conflicts", output_appointment_array(at, outcome->others, shown));
        json_object_set_new(object, "rules", output_rule_array(outcome));
        if (outcome->closed) json_object_set_new(object, "closed", json_true());
        if (outcome->nearest_barber_id != 0) json_object_set_new(object, "nearest", output_nearest_object(at, outcome));
        json_object_set_new(object, "reason", json_string(words));
        if (shown < outcome->others_count)
            json_object_set_new(object, "conflict_count", output_id(outcome->others_count));
        output_object(object);
        return;
    }
    if (outcome->status >= FIG_INVALID) return;
    if (line != 0) printf("line %" PRIu64 ": ", line);
    printf("refused (%s): %s\n", fig_status_name(outcome->status), words);
    if (outcome->closed && outcome->status != FIG_CLOSED) puts("  closed: it is not within open time");
    for (size_t i = 0; i < shown; i++) {
        fputs("  in the way: ", stdout);
        print_appointment(at, &outcome->others[i]);
        putchar('\n');
    }
    if (shown < outcome->others_count) printf("  and %zu more\n", outcome->others_count - shown);
    print_rules(outcome);
    print_nearest(at, outcome);
}

int output_outcome(const session *at, const fig_outcome *outcome, uint64_t line)
{
    if (outcome->status == FIG_OK) {
        if (outcome->appointment.id != 0) output_appointment(at, &outcome->appointment, line);
        warn_unchecked(outcome);
        return EXIT_DONE;
    }
    char words[512];
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    if (outcome->field != NULL && strstr(why, outcome->field) == NULL)
        snprintf(words, sizeof words, "%s: %s", outcome->field, why);
    else
        snprintf(words, sizeof words, "%s", why);
    print_refusal(at, outcome, line, words);
    return output_exit_code(outcome->status);
}

int output_refusal(const session *at, fig_status status, uint64_t line, const char *format, ...)
{
    char words[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    fig_outcome outcome = fig_outcome_default();
    outcome.status = status;
    print_refusal(at, &outcome, line, words);
    return output_exit_code(status);
}
