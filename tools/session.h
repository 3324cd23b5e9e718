/* A store that a command has open, and what every command is told: --now and --json. */
#ifndef FIG_TOOLS_SESSION_H
#define FIG_TOOLS_SESSION_H

#include "engine/figaro.h"
#include "tools/local_zone.h"

typedef struct session {
    fig_engine *engine; /* NULL: not open */
    int64_t now_s;      /* --now, else the system's clock when the command began */
    bool now_given;
    bool json;
    fig_snapshot *snapshot; /* that views look at; NULL: the newest version */
} session;

/* A thing by its name, else its id; a batch line may give the id as a number. */
typedef struct named {
    const char *text; /* NULL: not given, or by number */
    uint64_t id;      /* 0: not given, or by text */
} named;

/* A session that nothing has been opened in yet. */
session session_default(void);

fig_options session_options(const session *at);

/* Open the store in a directory and return 0; or complain and return the exit code. */
int session_open(session *at, const char *directory, const fig_options *options);
int session_open_to_read(session *at, const char *directory);
/* The same, to look at what was known at a version or an instant (NULL: the newest version). The session's now is then
 * that instant, or that of the version's request, unless --now was given. */
int session_open_as_of(session *at, const char *directory, const char *as_of);
#define AS_OF_HELP                                                                                                     \
    "  --as-of V|T          what was known at version V, or at the instant T (holds are seen as they were then, "      \
    "unless\n"                                                                                                         \
    "                       --now says otherwise)\n"
int session_open_to_write(session *at, const char *directory);

/* Says why a store cannot be used and what to do next; returns the exit code. */
int session_complain(const char *directory, fig_status status, const fig_error *error);

/* Closes the engine. Returns exit_code, or that of a failure to close. */
int session_close(session *at, int exit_code);

/* A view of the newest version, or of the session's snapshot, at the session's now. */
fig_view session_view(const session *at);

/* The barber of exactly that name, else of that decimal id. */
fig_status session_find_barber(const session *at, const char *text, fig_barber *barber);

/* As above, and prints the refusal when there is none; `line` is that of a batch file, 0: none. Returns 0 or
 * the exit code. */
int session_need_barber(const session *at, const char *text, uint64_t line, fig_barber *barber);

/* Reads a zone as the store has it, so that a local time means the same to the engine and to this command; where the
 * store has none of that name yet, from the system's files. */
bool session_read_zone(const session *at, const char *name, local_zone *zone, reason *why);

/* Opens the zone that a barber's local times are in: the barber's own, else the shop's; for NULL that of shop 1.
 * Returns 0, or complains and returns the exit code. */
int session_open_zone(const session *at, const fig_barber *barber, local_zone *zone);

/* The instant that a moment means to a barber, or to shop 1 for NULL. `option` stands in messages. Opens no zone for
 * what is not local. Returns 0, or complains and returns the exit code. */
int session_instant(const session *at, const fig_barber *barber, const char *option, moment given, int64_t *instant_s);

/* The service, client or shop of exactly that name, else of the decimal id that the text is; 0 for none. Services and
 * clients are booked without being declared, too. Prints the refusal when there is none. Returns 0 or the exit code. */
int session_need_service(const session *at, const named *called, uint64_t line, uint64_t *id);
int session_need_client(const session *at, const named *called, uint64_t line, uint64_t *id);
int session_need_shop(const session *at, const named *called, uint64_t line, uint64_t *id);

/* FIG_NOT_FOUND when no shop is named so. */
fig_status session_find_shop(const session *at, const char *name, uint64_t *id);

#endif
