/* The directory that a store lies in: directory.c. */
#ifndef FIG_STORAGE_DIRECTORY_H
#define FIG_STORAGE_DIRECTORY_H

#include "storage/internal.h"

#include <limits.h>
#include <sys/types.h>

#define DATA_NAME   "data.mdb"
#define LOCK_NAME   "lock.mdb"
#define GATE_NAME   "gate"
#define MAKING_NAME ".making" /* where a new store is put together before it is moved into place */

struct directory {
    int fd;      /* the directory itself, -1: none */
    int gate_fd; /* carries the locks below; -1: none (a read-only file system) */
    dev_t device;
    ino_t inode;
    bool alone;          /* holds the directory alone: nobody else uses it, and nobody may begin to */
    bool exclusive;      /* and stays alone until it is released */
    bool read_only;      /* the file system is */
    bool made;           /* by directory_open() */
    char shown[256];     /* the path as the caller gave it, for messages */
    char path[PATH_MAX]; /* leads to the directory whatever becomes of its name or of the working directory */
};

/* Opens a directory (made if missing, with `create`) and looks whether a store may lie there at all. */
enum store_status directory_open(const char *path, bool create, struct directory *directory, struct store_error *error);
/* Refuses links, other people's files and a directory with other things in it. *exists: whether there is a
 * data file. */
enum store_status directory_inspect(const struct directory *directory, bool create, bool *exists,
                                    struct store_error *error);
/* Claims the directory for this process, alone if nobody else has it, and opens the gate's file. To be exclusive, it
 * must be alone: STORE_UNAVAILABLE. */
enum store_status directory_claim(struct directory *directory, bool exclusive, struct store_error *error);
/* Having been alone, lets others in; exclusive, lets them know that they may not. */
enum store_status directory_share(struct directory *directory, struct store_error *error);
/* In one's being alone: gives LMDB's lock file its disk space, so that a full disk cannot turn into a SIGBUS
 * later. */
enum store_status directory_reserve_locks(const struct directory *directory, struct store_error *error);
/* Makes and removes the place in which a new store is put together; publish moves its data file into place.
 */
enum store_status directory_begin_making(const struct directory *directory, char path[PATH_MAX],
                                         struct store_error *error);
void directory_end_making(const struct directory *directory);
enum store_status directory_publish(const struct directory *directory, struct store_error *error);
/* What failed of the directory's file of that name, by errno. */
enum store_status directory_fault(const struct directory *directory, const char *name, const char *what,
                                  struct store_error *error);
/* Of a directory that is held alone and has no store: takes away what the claim and the opening put there. */
void directory_leave_nothing(const struct directory *directory, const char *path);
/* Gives the claim up, and closes. Not in a forked child: the locks are the parent's too. */
void directory_release(struct directory *directory);

#endif
