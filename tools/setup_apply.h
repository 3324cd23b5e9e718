/* From a setup file that was read to a store that knows what it says: all is checked before anything is declared. */
#ifndef FIG_TOOLS_SETUP_APPLY_H
#define FIG_TOOLS_SETUP_APPLY_H

#include "tools/setup_declare.h"

/* A zone that nobody can open would make every local time a mistake: complains of it, and returns the exit code. */
int setup_check_zones(const char *file, const setup_file *setup);

/* Checks what the file says of things that it names, places its special days and declares all of it; as
 * setup_declare(). */
int setup_apply(const session *at, const char *file, setup_file *setup, json_t *outside);

#endif
