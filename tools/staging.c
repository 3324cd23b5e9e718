#include "tools/staging.h"

#include "tools/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DATA_NAME "data.mdb"

static void remove_archive(int store)
{
    int folder = openat(store, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    if (list == NULL) {
        if (folder >= 0) close(folder);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        bool ours = end != NULL && (strcmp(end, ".frames") == 0 || strcmp(entry->d_name, ".new") == 0);
        if (ours) unlinkat(folder, entry->d_name, 0);
    }
    closedir(list);
    unlinkat(store, "archive", AT_REMOVEDIR);
}

/* Nothing but a store's own files: should anything else lie there, it stays, and so does the directory. */
static void remove_store(const char *path)
{
    static const char *const names[] = {".making/data.mdb", ".making/lock.mdb", DATA_NAME, "lock.mdb", "gate"};
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlinkat(fd, names[i], 0);
    unlinkat(fd, ".making", AT_REMOVEDIR);
    remove_archive(fd);
    close(fd);
    rmdir(path);
}

static bool is_empty(const char *path)
{
    bool empty = true;
    DIR *list = opendir(path);
    if (list == NULL) return false;
    for (const struct dirent *entry; empty && (entry = readdir(list)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(list);
    return empty;
}

bool staging_is_new(const char *directory)
{
    struct stat found;
    if (lstat(directory, &found) != 0) return errno == ENOENT;
    return S_ISDIR(found.st_mode) && is_empty(directory);
}

static int look_before(const char *directory)
{
    struct stat found;
    if (staging_is_new(directory)) return EXIT_DONE;
    if (lstat(directory, &found) != 0) return complain(EXIT_FAULT, "%s: %s", directory, strerror(errno));
    return complain(EXIT_REFUSED, "%s is there already, and nothing is written over: name a new directory", directory);
}

enum { PLACE_MAX = PATH_MAX - 16 };

/* "a/b/" is "a/b". */
static bool without_slashes(const char *directory, char path[PLACE_MAX])
{
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/') length--;
    if (length == 0 || length >= PLACE_MAX) return false;
    memcpy(path, directory, length);
    path[length] = '\0';
    return true;
}

/* "a/b" is b in a. */
static bool place(const char *directory, staging *staged)
{
    char path[PLACE_MAX];
    if (!without_slashes(directory, path)) return false;
    snprintf(staged->path, sizeof staged->path, "%s.making", path);
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        strcpy(staged->parent, ".");
    else
        snprintf(staged->parent, sizeof staged->parent, "%.*s", (int)(slash == path ? 1 : slash - path), path);
    return true;
}

static bool place_within(const char *directory, staging *staged)
{
    char path[PLACE_MAX];
    if (!without_slashes(directory, path)) return false;
    snprintf(staged->path, sizeof staged->path, "%s/.importing", path);
    snprintf(staged->parent, sizeof staged->parent, "%s", path);
    return true;
}

enum { PATIENCE_MS = 500 }; /* one that was killed is gone by then */

static bool take_claim(int descriptor)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int waited_ms = 0; flock(descriptor, LOCK_EX | LOCK_NB) != 0; waited_ms += 10) {
        if (waited_ms >= PATIENCE_MS) return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* The claim is on a descriptor of the directory that is made: it ends with this process, whatever ends it. */
static int claim(staging *staged)
{
    for (int tries = 0; tries < 8; tries++) {
        if (mkdir(staged->path, 0700) != 0 && errno != EEXIST)
            return complain(EXIT_FAULT, "%s cannot be made: %s", staged->path, strerror(errno));
        staged->claim = open(staged->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (staged->claim < 0) return complain(EXIT_FAULT, "%s cannot be opened: %s", staged->path, strerror(errno));
        if (!take_claim(staged->claim))
            return complain(EXIT_REFUSED, "another process is making %s at this moment", staged->directory);
        if (is_empty(staged->path)) return EXIT_DONE;
        remove_store(staged->path); /* of a process that was killed */
        close(staged->claim);
        staged->claim = -1;
    }
    return complain(EXIT_REFUSED, "%s holds files that are no store's: take them away", staged->path);
}

static int begin(staging *staged, bool placed)
{
    if (!placed) return complain(EXIT_USAGE, "'%.64s' is no path of a directory", staged->directory);
    int code = claim(staged);
    if (code != EXIT_DONE && staged->claim >= 0) close(staged->claim);
    return code;
}

int staging_begin(const char *directory, staging *staged)
{
    *staged = (staging){.directory = directory, .claim = -1};
    int code = look_before(directory);
    return code == EXIT_DONE ? begin(staged, place(directory, staged)) : code;
}

void staging_drop(staging *staged)
{
    remove_store(staged->path);
    close(staged->claim);
}

/* ---- copies ---- */

/* Shares the blocks until they are written to, where the file system can do that. */
static bool copy_bytes(int from, int to)
{
    enum { PIECE = 1 << 30 };
    if (ioctl(to, FICLONE, from) == 0) return true;
    ssize_t sent;
    do sent = sendfile(to, from, NULL, PIECE);
    while (sent > 0 || (sent < 0 && errno == EINTR));
    return sent == 0;
}

/* The copy becomes the store's own, so it is whose that was, though somebody else imports. */
static bool keep_owner(int from, int to)
{
    struct stat was, is;
    if (fstat(from, &was) != 0 || fstat(to, &is) != 0) return false;
    bool is_whose = was.st_uid == is.st_uid && was.st_gid == is.st_gid;
    if (!is_whose && fchown(to, was.st_uid, was.st_gid) != 0) return false;
    return was.st_mode == is.st_mode || fchmod(to, was.st_mode & 0777) == 0;
}

/* What could not be done, with its number; NULL: nothing. */
static const char *copy_data(const staging *staged)
{
    const char *fault = NULL;
    int to = -1, from = -1, within = open(staged->parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (within >= 0) from = openat(within, DATA_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from >= 0) to = openat(staged->claim, DATA_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0 || !copy_bytes(from, to))
        fault = "cannot be copied";
    else if (!keep_owner(from, to))
        fault = "cannot be copied with its owner and mode; import as its owner or as root";
    int number = errno;
    if (to >= 0) close(to);
    if (from >= 0) close(from);
    if (within >= 0) close(within);
    errno = number;
    return fault;
}

int staging_begin_copy(const char *directory, staging *staged)
{
    *staged = (staging){.directory = directory, .claim = -1, .replaces = true};
    int code = begin(staged, place_within(directory, staged));
    if (code != EXIT_DONE) return code;
    const char *fault = copy_data(staged);
    int number = errno;
    if (fault == NULL) return code;
    staging_drop(staged);
    return complain(EXIT_FAULT, "%s %s: %s", directory, fault, strerror(number));
}

/* ---- putting into place ---- */

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return synced;
}

/* The data file is durable before it is the store's. */
static bool replace_data(const staging *staged)
{
    int within = open(staged->parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int fd = openat(staged->claim, DATA_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool placed =
        fd >= 0 && within >= 0 && fsync(fd) == 0 && renameat(staged->claim, DATA_NAME, within, DATA_NAME) == 0;
    int number = errno;
    if (fd >= 0) close(fd);
    if (within >= 0) close(within);
    errno = number;
    return placed;
}

int staging_publish(staging *staged)
{
    staged->placed = staged->replaces ? replace_data(staged) : rename(staged->path, staged->directory) == 0;
    int number = errno;
    if (!staged->placed || staged->replaces)
        staging_drop(staged);
    else
        close(staged->claim);
    if (!staged->placed)
        return complain(EXIT_FAULT, "%s cannot be put into place: %s", staged->directory, strerror(number));
    if (sync_directory(staged->parent)) return EXIT_DONE;
    return complain(EXIT_FAULT, "%s is there, but may not outlast a power cut: %s", staged->directory, strerror(errno));
}
