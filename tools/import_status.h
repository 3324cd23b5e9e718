/* A file that says what became of appointments: its rows change the status of those that are there, and book nothing.
 *
 * All rows are read and looked up in one version of the store before anything is written, so that a file that cannot be
 * read changes nothing. A row that tells of one appointment changes it, unless it was changed meanwhile. Nothing is
 * guessed: a row that tells of several changes none. */
#ifndef FIG_TOOLS_IMPORT_STATUS_H
#define FIG_TOOLS_IMPORT_STATUS_H

#include "tools/import_row.h"
#include "tools/session.h"

typedef struct import_setting {
    const session *at;      /* with the store open */
    const char *directory;  /* for messages */
    const local_zone *zone; /* of local times; NULL: the barber's, else the shop's */
    uint64_t batch;         /* rows in a commit */
    fig_appointment_status status;
    bool record;      /* rows that tell of none are kept as appointments of that status */
    bool new_clients; /* and their clients declared; see import_order */
} import_setting;

/* Makes a bound plan one that finds, or says what the file does not tell. */
bool import_status_plan(import_plan *plan, bool record, reason *why);

/* Reads the file, whose reader stands at its first record, to its end, and prints what became of its rows and how many
 * there were of each kind. Returns the exit code. */
int import_status(const import_setting *setting, const import_plan *plan, csv *file);

#endif
