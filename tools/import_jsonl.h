/* What `figaro export` wrote as JSON Lines, back into a new store: the same state, with the same digest, or nothing. */
#ifndef FIG_TOOLS_IMPORT_JSONL_H
#define FIG_TOOLS_IMPORT_JSONL_H

#include "tools/session.h"

/* The store is put together beside `directory` and moved there at the end. A file that was `edited` is held against
 * neither its digest nor its count of records. Prints what was done; returns the exit code. */
int import_jsonl(session *at, const char *directory, const char *path, bool edited);

#endif
