#include "tools/staging.h"

#include "tools/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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
    static const char *const names[] = {".making/data.mdb", ".making/lock.mdb", "data.mdb", "lock.mdb", "gate"};
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

static int look_before(const char *directory)
{
    struct stat found;
    if (lstat(directory, &found) != 0)
        return errno == ENOENT ? EXIT_DONE : complain(EXIT_FAULT, "%s: %s", directory, strerror(errno));
    if (S_ISDIR(found.st_mode) && is_empty(directory)) return EXIT_DONE;
    return complain(EXIT_REFUSED, "%s is there already, and nothing is written over: name a new directory", directory);
}

/* "a/b/" is b in a. */
static bool place(const char *directory, staging *staged)
{
    char path[PATH_MAX - 16];
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/') length--;
    if (length == 0 || length >= sizeof path) return false;
    memcpy(path, directory, length);
    path[length] = '\0';
    snprintf(staged->path, sizeof staged->path, "%s.making", path);
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        strcpy(staged->parent, ".");
    else
        snprintf(staged->parent, sizeof staged->parent, "%.*s", (int)(slash == path ? 1 : slash - path), path);
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

int staging_begin(const char *directory, staging *staged)
{
    *staged = (staging){.directory = directory, .claim = -1};
    int code = look_before(directory);
    if (code != EXIT_DONE) return code;
    if (!place(directory, staged)) return complain(EXIT_USAGE, "'%.64s' is no path of a directory", directory);
    code = claim(staged);
    if (code != EXIT_DONE && staged->claim >= 0) close(staged->claim);
    return code;
}

void staging_drop(staging *staged)
{
    remove_store(staged->path);
    close(staged->claim);
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return synced;
}

int staging_publish(staging *staged)
{
    if (rename(staged->path, staged->directory) != 0) {
        int number = errno;
        staging_drop(staged);
        return complain(EXIT_FAULT, "%s cannot be put into place: %s", staged->directory, strerror(number));
    }
    close(staged->claim);
    if (sync_directory(staged->parent)) return EXIT_DONE;
    return complain(EXIT_FAULT, "%s is there, but may not outlast a power cut: %s", staged->directory, strerror(errno));
}
