#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] = "usage: figaro show DIR ID [options]\n"
                           "\n"
                           "Shows one appointment with its note.\n"
                           "\n" AS_OF_HELP COMMON_HELP "\n"
                           "examples:\n"
                           "  figaro show shop 17\n"
                           "  figaro show shop 17 --json\n"
                           "  figaro show shop 17 --as-of 4711\n";

static int print(const session *at, const fig_appointment *appointment)
{
    char note[FIG_NOTE_MAX + 1] = "";
    size_t size = 0;
    fig_status status = FIG_NOT_FOUND;
    if (appointment->has_note) status = fig_get_note(at->engine, appointment->id, note, sizeof note, &size);
    if (status != FIG_OK && status != FIG_NOT_FOUND) /* the appointment is known all the same */
        complain(0, "the note of appointment %" PRIu64 ": %s", appointment->id, fig_status_text(status));

    if (at->json) {
        json_t *object = output_appointment_object(at, appointment);
        json_object_set_new(object, "booked", output_instant(appointment->booked_s));
        json_object_set_new(object, "note", status == FIG_OK ? json_stringn(note, size) : json_null());
        output_object(object);
    } else {
        char booked[RFC3339_SIZE];
        rfc3339_print(appointment->booked_s, booked);
        output_appointment(at, appointment, 0);
        printf("  booked %s\n", booked);
        if (status == FIG_OK) printf("  note   %s\n", note);
    }
    return status == FIG_OK || status == FIG_NOT_FOUND ? EXIT_DONE : output_exit_code(status);
}

static int run(const session *at, uint64_t id)
{
    fig_view view = session_view(at);
    fig_appointment appointment = fig_appointment_default();
    fig_status status = fig_get_appointment(at->engine, &view, id, &appointment);
    if (status == FIG_OK) return print(at, &appointment);
    if (status != FIG_NOT_FOUND) return output_refusal(at, status, 0, "%s", fig_status_text(status));
    return output_refusal(at, status, 0, "no appointment has the id %" PRIu64 "; `figaro list DIR` shows them", id);
}

int command_show(int argc, char **argv)
{
    session at = session_default();
    uint64_t id = 0;
    const char *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument id_operand = {"ID", ARGUMENT_ID, .number = &id};
    const argument options[] = {{"as-of", ARGUMENT_TEXT, .text = &as_of}};
    const command_line line = {"show", help, "DIR ID", options, 1};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    reason why;
    if (!argument_take(&id_operand, operands[1], &why)) return complain(EXIT_USAGE, "ID: %s", why.text);

    code = session_open_as_of(&at, operands[0], as_of);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, id));
}
