/* Declares what a setup file says, in the order in which one thing may name another: shops and services, then what
 * they say of each other, clients, barbers, their schedules and dated windows, and rules. */
#ifndef FIG_TOOLS_SETUP_DECLARE_H
#define FIG_TOOLS_SETUP_DECLARE_H

#include "tools/output.h"
#include "tools/setup_file.h"

/* Returns the exit code; a refusal is printed. Appointments that now lie outside open time are printed, or, with
 * --json, added to the array. */
int setup_declare(const session *at, const char *file, setup_file *setup, json_t *outside);

#endif
