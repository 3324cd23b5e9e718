/* What an event leaves unsaid is what it was before: the changes are told by holding each event against the appointment
 * as those before it left it. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/event_names.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: figaro history DIR ID [options]\n"
    "\n"
    "Tells every change of one appointment: when (the request's now), by which request key, and from what to what.\n"
    "\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro history shop 17\n"
    "  figaro history shop 17 --json\n";

/* The fields that can change, in words and as JSON. */
typedef struct field {
    const char *name;
    json_t *(*value)(const session *at, const fig_appointment *appointment);
} field;

static json_t *barber_value(const session *at, const fig_appointment *appointment)
{
    char name[FIG_NAME_MAX + 1];
    output_barber_name(at, appointment->barber_id, name);
    return json_string(name);
}

static json_t *service_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return appointment->service_id == 0 ? json_null() : output_id(appointment->service_id);
}

static json_t *start_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return output_instant(appointment->start_s);
}

static json_t *end_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return output_instant(appointment->end_s);
}

static json_t *before_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return json_integer(appointment->buffer_before_s);
}

static json_t *after_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return json_integer(appointment->buffer_after_s);
}

static json_t *status_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return json_string(fig_appointment_status_name(appointment->status));
}

static json_t *expires_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return appointment->expires_s == 0 ? json_null() : output_instant(appointment->expires_s);
}

static json_t *unchecked_value(const session *at, const fig_appointment *appointment)
{
    (void)at;
    return json_boolean(appointment->unchecked);
}

static const field fields[] = {
    {"barber", barber_value}, {"service", service_value},        {"start", start_value},
    {"end", end_value},       {"buffer_before_s", before_value}, {"buffer_after_s", after_value},
    {"status", status_value}, {"expires", expires_value},        {"unchecked", unchecked_value},
};

/* The appointment after an event. */
static fig_appointment follow(const fig_appointment *was, const fig_event *event)
{
    fig_appointment is = event->appointment;
    if (event->kind == FIG_EVENT_MOVED) {
        is.status = was->status;
        is.expires_s = was->expires_s;
    } else if (event->kind == FIG_EVENT_STATUS) {
        is = *was;
        is.status = event->appointment.status;
        is.expires_s = event->appointment.expires_s;
    }
    if (event->kind != FIG_EVENT_RESTORED) is.version = event->version;
    return is;
}

/* {"from": {...}, "to": {...}}: what differs. */
static void compare(const session *at, const fig_appointment *was, const fig_appointment *is, json_t *from, json_t *to)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_t *before = fields[i].value(at, was), *after = fields[i].value(at, is);
        if (!json_equal(before, after)) {
            json_object_set(from, fields[i].name, before);
            json_object_set(to, fields[i].name, after);
        }
        json_decref(before);
        json_decref(after);
    }
}

static void print_value(const json_t *value)
{
    if (json_is_string(value))
        fputs(json_string_value(value), stdout);
    else if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        fputs(json_is_null(value) ? "none" : json_is_true(value) ? "yes" : "no", stdout);
}

static void print_changes(json_t *from, json_t *to)
{
    const char *name, *before = "";
    json_t *value;
    json_object_foreach(to, name, value)
    {
        printf("%s%s ", before, name);
        print_value(json_object_get(from, name));
        fputs(" -> ", stdout);
        print_value(value);
        before = ", ";
    }
    if (json_object_size(to) == 0) fputs("nothing but the version", stdout);
}

static void print_words(const session *at, const fig_event *event, const fig_appointment *is, json_t *from, json_t *to)
{
    char now[RFC3339_SIZE];
    rfc3339_print(event->now_s, now);
    printf("%" PRIu64 "  %s  %-8s  ", event->version, now, event_kind_name(event->kind));
    if (event->key[0] != '\0') printf("key %s  ", event->key);
    if (from == NULL) {
        output_appointment(at, is, 0);
        return;
    }
    print_changes(from, to);
    putchar('\n');
}

static void print_object(const session *at, const fig_event *event, const fig_appointment *is, json_t *from, json_t *to)
{
    json_t *object = json_object();
    json_object_set_new(object, "version", output_id(event->version));
    json_object_set_new(object, "frame", output_id(event->frame));
    json_object_set_new(object, "now", output_instant(event->now_s));
    json_object_set_new(object, "operation", json_string(event_operation_name(event->operation)));
    json_object_set_new(object, "event", json_string(event_kind_name(event->kind)));
    json_object_set_new(object, "key", event->key[0] == '\0' ? json_null() : json_string(event->key));
    if (from != NULL) {
        json_object_set(object, "from", from);
        json_object_set(object, "to", to);
    }
    json_object_set_new(object, "appointment", output_appointment_object(at, is));
    output_object(object);
}

static void print_event(const session *at, const fig_event *event, const fig_appointment *was,
                        const fig_appointment *is)
{
    json_t *from = was->id != 0 ? json_object() : NULL, *to = was->id != 0 ? json_object() : NULL;
    if (from != NULL) compare(at, was, is, from, to);
    if (at->json)
        print_object(at, event, is, from, to);
    else
        print_words(at, event, is, from, to);
    json_decref(from);
    json_decref(to);
}

static fig_status print_events(const session *at, fig_journal *journal)
{
    fig_appointment was = fig_appointment_default();
    for (;;) {
        fig_event event = fig_event_default();
        fig_status status = fig_journal_next(journal, &event);
        if (status != FIG_OK) return status == FIG_NOT_FOUND && was.id != 0 ? FIG_OK : status;
        fig_appointment is = follow(&was, &event);
        print_event(at, &event, &was, &is);
        was = is;
    }
}

static int run(const session *at, uint64_t id)
{
    fig_journal *journal = NULL;
    fig_status status = fig_journal_open_of(at->engine, id, &journal);
    if (status == FIG_NOT_FOUND)
        return output_refusal(at, status, 0, "no appointment has the id %" PRIu64 "; `figaro list DIR` shows them", id);
    if (status == FIG_OK) status = print_events(at, journal);
    fig_journal_close(journal);
    if (status == FIG_OK) return EXIT_DONE;
    if (status == FIG_NOT_FOUND)
        return output_refusal(at, status, 0, "the journal no longer tells of appointment %" PRIu64, id);
    return complain(output_exit_code(status), "%s", fig_status_text(status));
}

int command_history(int argc, char **argv)
{
    session at = session_default();
    uint64_t id = 0;
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument id_operand = {"ID", ARGUMENT_ID, .number = &id};
    const command_line line = {"history", help, "DIR ID", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    reason why;
    if (!argument_take(&id_operand, operands[1], &why)) return complain(EXIT_USAGE, "ID: %s", why.text);

    code = session_open_to_read(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, id));
}
