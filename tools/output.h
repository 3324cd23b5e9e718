/* What a command prints and how it ends: results on stdout (one JSON object a line, or words), complaints on
 * stderr, an exit code for each family of statuses. */
#ifndef FIG_TOOLS_OUTPUT_H
#define FIG_TOOLS_OUTPUT_H

#include "engine/figaro.h"
#include "tools/session.h"

#include <jansson.h>

enum {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* the engine answered: no */
    EXIT_USAGE = 2,   /* the command line or an input file makes no sense */
    EXIT_FAULT = 3    /* something failed, or the store is missing or damaged */
};

int output_exit_code(fig_status status);

/* Prints "figaro: ..." on stderr and returns exit_code, so that a command can end with `return
 * complain(...)`. */
int complain(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends what stdout still holds on its way. Returns exit_code, or EXIT_FAULT with a complaint when it cannot.
 */
int output_finish(int exit_code);

/* Prints an object on one line and drops it. */
void output_object(json_t *object);

/* Ids are u64 and JSON integers are i64 here: the few above that are printed as text. */
json_t *output_id(uint64_t id);
json_t *output_instant(int64_t instant_s);

/* The barber's name, or the id of one that the engine does not know. */
void output_barber_name(const session *at, uint64_t id, char name[FIG_NAME_MAX + 1]);

/* The rules of a refusal: {"type", "name", "reason"}, with "failed" those that could not be evaluated. */
json_t *output_rule_array(const fig_outcome *outcome);

/* One appointment, in the form of the session. `line` is the line of a batch file that it belongs to, 0:
 * none. */
json_t *output_appointment_object(const session *at, const fig_appointment *appointment);
void output_appointment(const session *at, const fig_appointment *appointment, uint64_t line);

/* Where an outcome says that the nearest start is: {"barber", "start", "end"}. */
json_t *output_nearest_object(const session *at, const fig_outcome *outcome);

/* What became of a request: the appointment (when it is about one) or the refusal. Returns the exit code. */
int output_outcome(const session *at, const fig_outcome *outcome, uint64_t line);

/* A refusal that was found before the engine was asked. Returns the exit code. */
int output_refusal(const session *at, fig_status status, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The appointments that blocked, or that now lie outside open time. */
json_t *output_appointment_array(const session *at, const fig_appointment *appointments, size_t count);

#endif
