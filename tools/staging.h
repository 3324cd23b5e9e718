/* A store that is put together beside the place it is meant for, and moved there when it is whole: DIR is not there at
 * all, or it is all there. Or a copy of a store that is there, which is changed and then takes its place in one step.
 * What a killed command left is taken away by the next one for the same DIR.
 *
 * A copy lies within DIR, where nobody looks for stores and the file system is the same, and only the data file is
 * exchanged, by one rename: directory, claim and archive stay what they are. So who waits for the directory meanwhile
 * opens the new file; had the directories been exchanged, they might open the old one, which is on its way out, and
 * book into it. */
#ifndef FIG_TOOLS_STAGING_H
#define FIG_TOOLS_STAGING_H

#include <limits.h>
#include <stdbool.h>

typedef struct staging {
    const char *directory;   /* where it is meant for */
    char parent[PATH_MAX];   /* the directory of that, */
    char path[PATH_MAX + 8]; /* and in there the place where it is put together, empty now */
    int claim;               /* a descriptor that keeps others away; -1: none */
    bool replaces;           /* it is a copy, which takes the place of the store in `parent` */
    bool placed;             /* it is in its place */
} staging;

/* Refuses (with words) a directory that is there and not empty. Returns 0 or the exit code. */
int staging_begin(const char *directory, staging *staged);

/* Whether a directory is missing or empty: then a store is begun there, else copied. */
bool staging_is_new(const char *directory);
/* Copies a store that the caller has open, held alone, and writes nothing to until after staging_publish(). Its archive
 * is not copied. Returns 0 or the exit code. */
int staging_begin_copy(const char *directory, staging *staged);

/* Moves what was put together, which nobody has open, to its place, durably. Returns 0, or complains and returns the
 * exit code; then nothing is left behind, unless it was `placed`, but might not outlast a power cut. */
int staging_publish(staging *staged);

/* Takes away what there is. */
void staging_drop(staging *staged);

#endif
