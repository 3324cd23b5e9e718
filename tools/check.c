#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: figaro check DIR --barber B --start T --minutes N [--before M] [--after M] [--ignore ID]\n"
    "\n"
    "Says whether other appointments leave that time free. Exit 0 whatever the answer is.\n"
    "\n"
    "  --barber B           the barber's exact name, else their id\n"
    "  --start T            when it would start (RFC 3339, or without an offset in the barber's zone)\n"
    "  --minutes N          how long it would last, 1 to 527040 minutes\n"
    "  --before M           buffer before it, 0 to 10080 minutes (default 0)\n"
    "  --after M            buffer after it (default 0)\n"
    "  --ignore ID          an appointment that does not count\n" AS_OF_HELP COMMON_HELP "\n"
    "examples:\n"
    "  figaro check shop --barber Figaro --start 2026-03-02T10:00 --minutes 30\n"
    "  figaro check shop --barber Figaro --start 2026-03-02T10:00:00Z --minutes 60 --ignore 17 --json\n";

struct question {
    const char *barber;
    moment start;
    int64_t length_s, before_s, after_s;
    uint64_t ignore_id;
};

static void print_answer(const session *at, const fig_appointment *conflicts, size_t count)
{
    if (at->json) {
        json_t *object = json_pack("{s:b}", "free", count == 0);
        if (count > 0) json_object_set_new(object, "conflicts", output_appointment_array(at, conflicts, count));
        output_object(object);
        return;
    }
    puts(count == 0 ? "free" : "not free");
    for (size_t i = 0; i < count; i++) output_appointment(at, &conflicts[i], 0);
}

/* Asks until there is room for every conflict. The caller frees *conflicts. */
static fig_status ask(const session *at, const fig_span *span, fig_appointment **conflicts, size_t *count)
{
    fig_view view = session_view(at);
    for (size_t room = 16;; room = *count) {
        fig_appointment *grown = realloc(*conflicts, room * sizeof **conflicts);
        if (grown == NULL) return FIG_NO_MEMORY;
        *conflicts = grown;
        for (size_t i = 0; i < room; i++) grown[i] = fig_appointment_default();
        *count = 0;
        fig_status status = fig_check(at->engine, &view, span, grown, room, count);
        if (status != FIG_CONFLICT || *count <= room) return status;
    }
}

static int run(const session *at, const struct question *asked)
{
    fig_barber barber = fig_barber_default();
    int code = session_need_barber(at, asked->barber, 0, &barber);
    if (code != EXIT_DONE) return code;
    fig_span span = fig_span_default();
    code = session_instant(at, &barber, "start", asked->start, &span.start_s);
    if (code != EXIT_DONE) return code;
    span.barber_id = barber.id;
    span.end_s = span.start_s + asked->length_s;
    span.buffer_before_s = (uint32_t)asked->before_s;
    span.buffer_after_s = (uint32_t)asked->after_s;
    span.ignore_id = asked->ignore_id;

    fig_appointment *conflicts = NULL;
    size_t count = 0;
    fig_status status = ask(at, &span, &conflicts, &count);
    if (status == FIG_OK || status == FIG_CONFLICT)
        print_answer(at, conflicts, status == FIG_OK ? 0 : count);
    else
        code = output_refusal(at, status, 0, "%s", fig_status_text(status));
    free(conflicts);
    return code;
}

int command_check(int argc, char **argv)
{
    session at = session_default();
    struct question asked = {.start = ARGUMENT_NO_MOMENT, .length_s = ARGUMENT_NO_LENGTH};
    const char *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"barber", ARGUMENT_TEXT, .text = &asked.barber},
        {"start", ARGUMENT_MOMENT, .moment = &asked.start},
        {"minutes", ARGUMENT_LENGTH, .seconds = &asked.length_s},
        {"before", ARGUMENT_BUFFER, .seconds = &asked.before_s},
        {"after", ARGUMENT_BUFFER, .seconds = &asked.after_s},
        {"ignore", ARGUMENT_ID, .number = &asked.ignore_id},
        {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    const command_line line = {"check", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    if (asked.barber == NULL) return arguments_missing(&line, "barber");
    if (!argument_given(asked.start)) return arguments_missing(&line, "start");
    if (asked.length_s == ARGUMENT_NO_LENGTH) return arguments_missing(&line, "minutes");
    if (!asked.start.is_local && asked.start.seconds + asked.length_s > FIG_TIME_MAX)
        return arguments_wrong(&line, "minutes", "the appointment would end after 2200-01-01T00:00:00Z");

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &asked));
}
