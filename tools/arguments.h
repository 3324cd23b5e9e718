/* The command line of a subcommand: operands such as DIR, and options that are described once and read by
 * kind. Every message names the option, what is wrong, and what is allowed. The same descriptions read the
 * fields of a batch line, which are named as the options are. */
#ifndef FIG_TOOLS_ARGUMENTS_H
#define FIG_TOOLS_ARGUMENTS_H

#include "engine/figaro.h"
#include "tools/rfc3339.h"
#include "tools/session.h"

#define ARGUMENT_NO_INSTANT INT64_MIN /* what an instant is before it is given */
#define ARGUMENT_NO_MOMENT  ((moment){.seconds = ARGUMENT_NO_INSTANT})
#define ARGUMENT_NO_LENGTH  INT64_C(-1)
#define ARGUMENT_ID_MAX     INT64_MAX /* JSON integers end here */

typedef enum argument_kind {
    ARGUMENT_FLAG,    /* flag */
    ARGUMENT_TEXT,    /* text: anything but nothing */
    ARGUMENT_KEY,     /* text: what fits a request key */
    ARGUMENT_NOTE,    /* text: what fits a note */
    ARGUMENT_INSTANT, /* seconds: RFC 3339 */
    ARGUMENT_MOMENT,  /* moment: the same, or a local time without an offset */
    ARGUMENT_DATE,    /* seconds: the date's midnight, UTC */
    ARGUMENT_LENGTH,  /* seconds: 1 minute to 366 days, given in minutes */
    ARGUMENT_BUFFER,  /* seconds: 0 minutes to 7 days, given in minutes */
    ARGUMENT_ID,      /* number */
    ARGUMENT_NUMBER,  /* number, least to most */
    ARGUMENT_STATUS,  /* status */
    ARGUMENT_NAMED,   /* named: what is known by a name or an id */
    ARGUMENT_ORDER    /* order: whom to take when any barber will do */
} argument_kind;

typedef struct argument {
    const char *name; /* without dashes */
    argument_kind kind;
    union {
        bool *flag;
        const char **text;
        int64_t *seconds;
        moment *moment;
        uint64_t *number;
        fig_appointment_status *status;
        named *named;
        fig_any_order *order;
    };
    uint64_t least, most; /* of ARGUMENT_NUMBER */
} argument;

typedef struct command_line {
    const char *command;  /* "book" */
    const char *help;     /* what --help prints */
    const char *operands; /* "DIR ID": how many there must be, and what a message calls them */
    const argument *options;
    size_t option_count;
} command_line;

#define ARGUMENTS_MAX     24
#define ARGUMENTS_GO      (-1) /* go on; anything else is an exit code */
#define ARGUMENT_OPERANDS 3

/* Reads argv: options anywhere, --now and --json into the session, the operands into operands[]. */
int arguments_read(const command_line *line, int argc, char **argv, session *at,
                   const char *operands[ARGUMENT_OPERANDS]);

bool argument_given(moment at);
bool argument_named(const named *thing);

/* Reads one value, as text, into where its description says. */
bool argument_take(const argument *option, const char *text, reason *why);

/* "--start: is missing ..."; returns EXIT_USAGE. */
int arguments_missing(const command_line *line, const char *option);
int arguments_wrong(const command_line *line, const char *option, const char *words);

#endif
