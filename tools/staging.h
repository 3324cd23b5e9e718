/* A store that is put together beside the place it is meant for, and moved there when it is whole: DIR is not there at
 * all, or it is all there. What a killed command left is taken away by the next one for the same DIR. */
#ifndef FIG_TOOLS_STAGING_H
#define FIG_TOOLS_STAGING_H

#include <limits.h>

typedef struct staging {
    const char *directory;   /* where it is meant for */
    char parent[PATH_MAX];   /* the directory of that, */
    char path[PATH_MAX + 8]; /* and in there the place where it is put together, empty now */
    int claim;               /* a descriptor that keeps others away; -1: none */
} staging;

/* Refuses (with words) a directory that is there and not empty. Returns 0 or the exit code. */
int staging_begin(const char *directory, staging *staged);

/* Moves the store, which nobody has open, to its place, durably. Returns 0, or complains and returns the exit code;
 * then nothing is left behind. */
int staging_publish(staging *staged);

/* Takes away what there is. */
void staging_drop(staging *staged);

#endif
