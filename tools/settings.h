/* The settings that are other ones in a trial: a setup file and a barber who takes no bookings, laid over what the
 * history declares, and again whenever it declares something that they are about. */
#ifndef FIG_TOOLS_SETTINGS_H
#define FIG_TOOLS_SETTINGS_H

#include "tools/setup_file.h"
#include "tools/trial.h"

typedef struct settings {
    const char *file;      /* NULL: none */
    uint64_t without_id;   /* a barber; 0: none */
    const session *source; /* that has all that the history declares */
    bool has_clients, has_windows;
} settings;

/* Reads the file and holds it against what the history declares in the end: complains, and returns the exit code. */
int settings_check(settings *other, const char *file, const session *source);

/* Lays what is due: new things, and those that the history has declared by now. Returns the exit code. */
int settings_lay(const settings *other, struct trial *trial, int64_t now_s);

/* Whether a request of the history may have undone some of it. */
bool settings_are_touched(const settings *other, fig_operation operation);

#endif
