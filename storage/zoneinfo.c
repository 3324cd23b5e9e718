/* Zone files. zoneinfo.h says what is promised.
 *
 * The path is resolved first, and the file that it leads to has to lie in the directory that was named; then that
 * file is opened by its resolved path, without following a link any more. Whoever can exchange files between the
 * two can as well write what they like into the zone's own file, so that nothing is lost by not doing both at
 * once. */
#include "storage/zoneinfo.h"
#include "storage/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

static bool part_is_sound(const char *part, size_t size)
{
    bool dots = (size == 1 && part[0] == '.') || (size == 2 && part[0] == '.' && part[1] == '.');
    return size > 0 && !dots;
}

bool zoneinfo_name_is_sound(const char *name)
{
    size_t size = strnlen(name, ZONEINFO_NAME_MAX + 1), part = 0;
    if (size > ZONEINFO_NAME_MAX) return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c >= 0x7f) return false;
        if (c != '/') continue;
        if (!part_is_sound(name + part, i - part)) return false;
        part = i + 1;
    }
    return part_is_sound(name + part, size - part);
}

static enum store_status name_refusal(const char *name, struct store_error *error)
{
    char shown[ZONEINFO_NAME_MAX + 1];
    size_t size = strnlen(name, ZONEINFO_NAME_MAX);
    for (size_t i = 0; i < size; i++) shown[i] = name[i] >= ' ' && name[i] < 0x7f ? name[i] : '?';
    shown[size] = '\0';
    return store_fail(error, STORE_INVALID,
                      "'%s' cannot be a zone's name: give an IANA name of at most %d bytes, such as "
                      "Europe/Madrid",
                      shown, ZONEINFO_NAME_MAX);
}

/* ---- paths ---- */

static enum store_status from_errno(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
    case ELOOP: return STORE_DENIED;
    case ENOENT:
    case ENOTDIR: return STORE_NOT_FOUND;
    case ENAMETOOLONG: return STORE_INVALID;
    case ENOMEM:
    case EMFILE:
    case ENFILE: return STORE_NO_MEMORY;
    default: return STORE_IO;
    }
}

static enum store_status path_refusal(const char *path, int number, struct store_error *error)
{
    return store_fail(error, from_errno(number), "%.200s cannot be read: %s", path, strerror(number));
}

static enum store_status find_directory(const char *directory, char path[PATH_MAX], struct store_error *error)
{
    if (realpath(directory, path) != NULL) return STORE_OK;
    int number = errno;
    if (from_errno(number) != STORE_NOT_FOUND) return path_refusal(directory, number, error);
    return store_fail(error, STORE_NOT_FOUND,
                      "%.200s: there is no time zone database: install the package tzdata, or name the "
                      "directory that it is in",
                      directory);
}

static bool lies_in(const char *path, const char *directory)
{
    size_t size = strlen(directory);
    while (size > 0 && directory[size - 1] == '/') size--;
    return strncmp(path, directory, size) == 0 && path[size] == '/';
}

/* Where a zone's file really is. */
static enum store_status find_file(const char *directory, const char *name, char path[PATH_MAX],
                                   struct store_error *error)
{
    char asked[PATH_MAX + ZONEINFO_NAME_MAX + 2];
    snprintf(asked, sizeof asked, "%s/%s", directory, name);
    if (realpath(asked, path) == NULL) {
        int number = errno;
        if (from_errno(number) != STORE_NOT_FOUND) return path_refusal(asked, number, error);
        return store_fail(error, STORE_NOT_FOUND,
                          "%.200s: there is no such zone: check the spelling; some systems keep old names in "
                          "a package tzdata-legacy",
                          asked);
    }
    if (lies_in(path, directory)) return STORE_OK;
    return store_fail(error, STORE_DENIED,
                      "%.200s is a link out of the time zone database, which is not followed: name the zone "
                      "itself",
                      asked);
}

/* ---- the file ---- */

static enum store_status read_all(int fd, const char *path, void *bytes, size_t *size, struct store_error *error)
{
    size_t used = 0;
    for (;;) {
        char beyond;
        bool full = used == ZONEINFO_FILE_MAX;
        ssize_t got = read(fd, full ? &beyond : (char *)bytes + used, full ? 1 : (size_t)ZONEINFO_FILE_MAX - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return path_refusal(path, errno, error);
        if (got == 0) break;
        if (full)
            return store_fail(error, STORE_CORRUPT,
                              "%.200s is no zone's file: it has more than %d bytes: install tzdata again", path,
                              ZONEINFO_FILE_MAX);
        used += (size_t)got;
    }
    if (used == 0) return store_fail(error, STORE_CORRUPT, "%.200s is empty: install tzdata again", path);
    *size = used;
    return STORE_OK;
}

enum store_status zoneinfo_read(const char *directory, const char *name, void *bytes, size_t *size,
                                struct store_error *error)
{
    char tree[PATH_MAX], path[PATH_MAX];
    if (!zoneinfo_name_is_sound(name)) return name_refusal(name, error);
    enum store_status status = find_directory(directory != NULL ? directory : ZONEINFO_DIRECTORY, tree, error);
    if (status == STORE_OK) status = find_file(tree, name, path, error);
    if (status != STORE_OK) return status;

    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return path_refusal(path, errno, error);
    struct stat found;
    if (fstat(fd, &found) != 0)
        status = path_refusal(path, errno, error);
    else if (!S_ISREG(found.st_mode))
        status = store_fail(error, STORE_NOT_FOUND,
                            "%.200s is not a file: give the zone's whole name, such as Europe/Madrid", path);
    else
        status = read_all(fd, path, bytes, size, error);
    close(fd);
    return status;
}
