/* An import that is all or nothing: rows go into a store of their own, new or a copy of the one that is there, and that
 * takes its place when all of them went in. */
#ifndef FIG_TOOLS_IMPORT_ATOMIC_H
#define FIG_TOOLS_IMPORT_ATOMIC_H

#include "tools/session.h"
#include "tools/staging.h"

typedef struct import_atomic {
    session held;   /* the store as it is, which nobody else opens meanwhile; not open where there is none yet */
    staging staged; /* its path: where rows go */
} import_atomic;

/* Returns 0, or complains and returns the exit code. */
int import_atomic_begin(const session *at, const char *directory, import_atomic *import);
/* When the store that rows went into is closed. `code` is how that went: what went well is put into place. Returns it,
 * or the exit code of what failed here. */
int import_atomic_end(import_atomic *import, int code);

#endif
