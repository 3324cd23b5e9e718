/* What is told of a store that was copied. */
#ifndef FIG_TOOLS_COPIED_H
#define FIG_TOOLS_COPIED_H

#include "tools/session.h"

/* What a store is, as far as a copy of it must be the same. */
typedef struct copied {
    uint64_t version, frame, appointments, bytes;
    uint8_t digest[16];
} copied;

/* Opens the store to be read, for which its tables must give the digest of their frame. Returns 0 or the exit code. */
int copied_look(const session *at, const char *directory, copied *told);

/* Prints it: "what DIRECTORY: version 17 ...". */
void copied_print(const session *at, const char *what, const char *directory, const copied *told);

#endif
