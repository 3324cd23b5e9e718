/* The changes of one appointment: book, hold, confirm, cancel, move, status. What each takes is described
 * once, and read from the command line or from a line of a batch file. */
#ifndef FIG_TOOLS_CHANGE_H
#define FIG_TOOLS_CHANGE_H

#include "tools/arguments.h"

typedef enum change_kind {
    CHANGE_BOOK,
    CHANGE_HOLD,
    CHANGE_CONFIRM,
    CHANGE_CANCEL,
    CHANGE_MOVE,
    CHANGE_STATUS,
    CHANGE_KINDS
} change_kind;

#define CHANGE_NO_ORDER ((fig_any_order)-1)

/* What the caller said. What was left out keeps the value that change_default() gave it. */
typedef struct change {
    change_kind kind;
    uint64_t id;                   /* confirm, cancel, move, status: the appointment */
    fig_appointment_status status; /* status: the new one; 0: none was given */
    const char *barber;            /* NULL */
    moment start;                  /* ARGUMENT_NO_MOMENT; a local one is in the barber's zone */
    int64_t length_s;              /* ARGUMENT_NO_LENGTH, as the two below */
    int64_t before_s;
    int64_t after_s;
    named client, service, shop; /* the shop is one that any barber is to be of */
    uint64_t ttl_s;
    uint64_t if_version;
    const char *key;
    const char *note;
    bool pending;
    bool any; /* no barber is named: one who is free, in this order */
    fig_any_order order;
    bool nearest;
    const char *repeat; /* book: the rule of a series; NULL: one appointment */
    bool fit;           /* of the series, those that fit */
    const char *series; /* the others: "this", "following", "all"; NULL: this one */
} change;

change change_default(change_kind kind);

/* Finds a kind by the name of its subcommand. */
bool change_kind_of(const char *name, change_kind *kind);

/* Describes where the kind's options go. Returns how many there are; id and status are among them only when
 * `fields` asks for all that a batch line may hold. */
size_t change_options(change *wanted, bool fields, argument options[ARGUMENTS_MAX]);

/* NULL, or the name of an option that the kind cannot do without. */
const char *change_lacks(const change *wanted);

/* What can be said against the values without a store. The reason names the option. */
bool change_check(const change *wanted, reason *why);

/* Makes the request; barbers are looked up, and a move that leaves out its start or its length takes that
 * from the appointment. Prints the refusal when there is one, and returns 0 or the exit code. */
int change_request(const change *wanted, const session *at, uint64_t line, fig_request *request);

/* A whole subcommand: reads the command line, runs the request, prints what it came to. */
int change_command(change_kind kind, const char *help, int argc, char **argv);

#endif
