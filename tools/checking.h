/* A whole store checked in a child process: damage that ends the child with a signal is then a finding and no crash. */
#ifndef FIG_TOOLS_CHECKING_H
#define FIG_TOOLS_CHECKING_H

#include "tools/session.h"

/* What the child says through a pipe. */
typedef struct checking {
    fig_status status;
    fig_error error;
    fig_report report;
} checking;

/* Returns 0 with *finding filled in, or complains and returns the exit code. The store must not be open here. */
int checking_run(const session *at, const char *directory, checking *finding);

/* Says on stderr what was found, if it is not that all is well. Returns the exit code. */
int checking_complain(const char *directory, const checking *finding);

#endif
