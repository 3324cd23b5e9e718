/* The directory that a store lies in: who may use it, and who does.
 *
 * A store's directory has mode 0700 and its files 0600, whatever the umask. Nothing is followed through a symbolic
 * link, and nothing is used that others could have put there. File systems that keep no lock or map coherent between
 * machines are refused.
 *
 * The claim is three byte locks on the file `gate`, all open-file-description locks, which unlike classic POSIX locks
 * also hold between two parts of one process and do not vanish when something else closes the file:
 *
 *   byte 1            alone, by whoever is opening, for a moment; by the first to open, until it is done. So nobody
 *                     meets a directory half laid out.
 *   byte 0            shared, by every process that has the store open. Who gets it alone is the first: no live process
 *                     has the gate's page or LMDB's lock file mapped, so they are laid out (after a reboot too). Who
 *                     wants the store for itself never shares it.
 *   byte 2^20 + pid   alone, by the process of that number. A second copy of the library in one process finds it taken
 *                     and is refused: two LMDB environments on one directory in one process break each other's locks.
 *                     (Within one copy the registry of open.c shares the environment, and never comes here twice.) Two
 *                     containers that share a directory may have processes of the same number; LMDB cannot tell those
 *                     apart either, so refusing them is right too.
 *
 * Locks go away with the last descriptor of their description. A fork() copies the descriptor, so release unlocks by
 * name instead of closing and hoping; a forked child never unlocks.
 *
 * The file lock.mdb is never opened here while LMDB has it open: closing it would drop LMDB's own (classic) locks. */
#include "storage/directory.h"
#include "storage/gate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
    USE_BYTE = 0,
    OPENING_BYTE = 1,
    PROCESS_BYTES = 1 << 20,
    LOCK_FILE_BYTES = 64 << 10, /* LMDB's lock file with 1022 reader slots */
    CLAIM_PATIENCE_MS = 10000   /* how long another process may take to lay the files out */
};

static enum store_status from_errno(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP: return STORE_DENIED;
    case ENOENT:
    case ENOTDIR: return STORE_NOT_STORE;
    case ENOSPC:
    case EDQUOT: return STORE_FULL;
    case ENOMEM:
    case EMFILE:
    case ENFILE: return STORE_NO_MEMORY;
    default: return STORE_IO;
    }
}

enum store_status directory_fault(const struct directory *directory, const char *name, const char *what,
                                  struct store_error *error)
{
    int number = errno;
    return store_fail(error, from_errno(number), "%s/%s: %s: %s", directory->shown, name, what, strerror(number));
}

/* ---- where it is ---- */

/* Of a path whose end may not be there yet, the deepest directory that is. -1: there is none. */
static int open_deepest(const char *path)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) return -1;
    memcpy(part, path, length + 1);
    for (;;) {
        int fd = open(length > 0 ? part : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 || length == 0) return fd;
        while (length > 0 && part[length - 1] == '/') length--;
        while (length > 0 && part[length - 1] != '/') length--;
        part[length] = '\0';
    }
}

bool store_is_within(const char *path, const char *directory)
{
    struct stat outer, here, above = {0};
    if (stat(directory, &outer) != 0) return false;
    int fd = open_deepest(path);
    bool within = false, more = fd >= 0 && fstat(fd, &here) == 0;
    while (more && !within) {
        within = here.st_dev == outer.st_dev && here.st_ino == outer.st_ino;
        int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = up;
        more = fd >= 0 && fstat(fd, &above) == 0 && (above.st_dev != here.st_dev || above.st_ino != here.st_ino);
        here = above;
    }
    if (fd >= 0) close(fd);
    return within;
}

/* ---- the directory itself ---- */

/* A slash at the end would make the kernel follow a link in front of it. */
static bool without_slashes(const char *path, char to[PATH_MAX])
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (length == 0 || length >= PATH_MAX) return false;
    memcpy(to, path, length);
    to[length] = '\0';
    return true;
}

/* The name of the new directory must survive a power cut as well as what is put into it. */
static void sync_parent(const char *path)
{
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == parent)
        slash[1] = '\0';
    else if (slash)
        *slash = '\0';
    int fd = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

static const char *network_name(long magic)
{
    switch ((unsigned long)magic & 0xffffffff) {
    case 0x6969: return "NFS";
    case 0x517b: return "SMB";
    case 0xfe534d42: return "SMB";
    case 0xff534d42: return "CIFS";
    case 0x564c: return "NCP";
    case 0x73757245: return "Coda";
    case 0x5346414f: return "AFS";
    case 0x6b414653: return "AFS";
    case 0x01021997: return "9P";
    case 0x00c36400: return "Ceph";
    case 0x0bd00bd0: return "Lustre";
    case 0x47504653: return "GPFS";
    case 0x7461636f: return "OCFS2";
    case 0x01161970: return "GFS2";
    case 0x786f4256: return "VirtualBox shared folders";
    default: return NULL;
    }
}

static enum store_status check_file_system(struct directory *directory, struct store_error *error)
{
    struct statfs system;
    if (fstatfs(directory->fd, &system) != 0) return directory_fault(directory, "", "statfs", error);
    const char *network = network_name((long)system.f_type);
    if (network)
        return store_fail(error, STORE_DENIED,
                          "%s lies on a network file system (%s), where locks and memory maps do not hold between "
                          "machines: move the store to a local disk",
                          directory->shown, network);
    directory->read_only = system.f_flags & ST_RDONLY;
    return STORE_OK;
}

/* Leads through the descriptor, so that a renamed directory or a changed working directory does no harm. */
static bool set_path(struct directory *directory, const char *path)
{
    snprintf(directory->path, sizeof directory->path, "/proc/self/fd/%d", directory->fd);
    return access(directory->path, F_OK) == 0 || realpath(path, directory->path) != NULL;
}

static enum store_status missing(const char *shown, struct store_error *error)
{
    return store_fail(error, STORE_NOT_STORE, "%s: there is no such directory: create a store there first", shown);
}

static enum store_status open_failed(const char *shown, const char *path, struct store_error *error)
{
    int number = errno;
    struct stat found;
    bool link = (number == ELOOP || number == ENOTDIR) && lstat(path, &found) == 0 && S_ISLNK(found.st_mode);
    if (link)
        return store_fail(error, STORE_DENIED,
                          "%s is a symbolic link, which is not followed: name the directory itself", shown);
    if (number == ENOTDIR) return store_fail(error, STORE_NOT_STORE, "%s is not a directory", shown);
    if (number == ENOENT) return missing(shown, error);
    return store_fail(error, from_errno(number), "%s cannot be opened: %s", shown, strerror(number));
}

enum store_status directory_open(const char *given, bool create, struct directory *directory, struct store_error *error)
{
    *directory = (struct directory){.fd = -1, .gate_fd = -1};
    snprintf(directory->shown, sizeof directory->shown, "%s", given);
    char path[PATH_MAX];
    if (!without_slashes(given, path))
        return store_fail(error, STORE_NOT_STORE, "'%s' is no path of a directory", directory->shown);

    directory->made = create && mkdir(path, 0700) == 0;
    if (directory->made) sync_parent(path);
    directory->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory->fd < 0) return open_failed(directory->shown, path, error);

    struct stat found;
    enum store_status status = STORE_OK;
    if (fstat(directory->fd, &found) != 0 || !set_path(directory, path))
        status = directory_fault(directory, "", "cannot be looked at", error);
    else
        status = check_file_system(directory, error);
    if (status != STORE_OK) {
        directory_release(directory);
        return status;
    }
    directory->device = found.st_dev;
    directory->inode = found.st_ino;
    return STORE_OK;
}

/* ---- what lies in it ---- */

static bool is_ours(const char *name)
{
    static const char *const known[] = {".", "..", DATA_NAME, LOCK_NAME, GATE_NAME, MAKING_NAME, "lost+found"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0) return true;
    return false;
}

/* A store is made in an empty directory only, so that no one's files are taken for its own later. */
static enum store_status check_empty(const struct directory *directory, struct store_error *error)
{
    int fd = openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (!list) {
        enum store_status status = directory_fault(directory, "", "cannot be listed", error);
        if (fd >= 0) close(fd);
        return status;
    }
    enum store_status status = STORE_OK;
    for (const struct dirent *entry; status == STORE_OK && (entry = readdir(list));)
        if (!is_ours(entry->d_name))
            status = store_fail(error, STORE_NOT_STORE,
                                "%s holds other files (%.60s) and no store: name an empty directory, or a new one",
                                directory->shown, entry->d_name);
    closedir(list);
    return status;
}

/* What others may write, others may have written. */
static enum store_status check_mode(const struct directory *directory, const char *name, const struct stat *found,
                                    struct store_error *error)
{
    if ((found->st_mode & 022) != 0)
        return store_fail(error, STORE_DENIED, "%s%s%s may be written by others (mode %03o): chmod %s",
                          directory->shown, *name ? "/" : "", name, (unsigned)(found->st_mode & 0777),
                          *name ? "600" : "700");
    return STORE_OK;
}

static enum store_status check_file(const struct directory *directory, const char *name, bool *exists,
                                    struct store_error *error)
{
    struct stat found;
    *exists = fstatat(directory->fd, name, &found, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists) return errno == ENOENT ? STORE_OK : directory_fault(directory, name, "cannot be looked at", error);
    if (S_ISLNK(found.st_mode))
        return store_fail(error, STORE_DENIED, "%s/%s is a symbolic link, which is not followed: put the file there",
                          directory->shown, name);
    if (!S_ISREG(found.st_mode))
        return store_fail(error, STORE_NOT_STORE, "%s/%s is not a file", directory->shown, name);
    return check_mode(directory, name, &found, error);
}

/* A directory that is to become a store is closed to others; one that is a store has to be already. */
static enum store_status close_to_others(const struct directory *directory, bool making, struct store_error *error)
{
    struct stat found;
    if (fstat(directory->fd, &found) != 0) return directory_fault(directory, "", "cannot be looked at", error);
    if (making && (found.st_mode & 0777) != 0700 && fchmod(directory->fd, 0700) == 0) return STORE_OK;
    return check_mode(directory, "", &found, error);
}

enum store_status directory_inspect(const struct directory *directory, bool create, bool *exists,
                                    struct store_error *error)
{
    bool ignored;
    enum store_status status = check_file(directory, DATA_NAME, exists, error);
    if (status == STORE_OK) status = check_file(directory, LOCK_NAME, &ignored, error);
    if (status == STORE_OK) status = check_file(directory, GATE_NAME, &ignored, error);
    if (status != STORE_OK) return status;
    if (!*exists && !create)
        return store_fail(error, STORE_NOT_STORE, "%s holds no store (there is no %s): create one first",
                          directory->shown, DATA_NAME);
    if (!*exists) status = check_empty(directory, error);
    if (status == STORE_OK) status = close_to_others(directory, !*exists, error);
    return status;
}

/* ---- the claim ---- */

static int lock_byte(int fd, off_t byte, short kind)
{
    struct flock range = {.l_type = kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int failed;
    do failed = fcntl(fd, F_OFD_SETLK, &range);
    while (failed && errno == EINTR);
    return failed;
}

static enum store_status open_gate_file(struct directory *directory, struct store_error *error)
{
    int fd = openat(directory->fd, GATE_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) return directory_fault(directory, GATE_NAME, "cannot be opened", error);
    struct stat found;
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
        close(fd);
        return store_fail(error, STORE_NOT_STORE, "%s/%s is not a file", directory->shown, GATE_NAME);
    }
    directory->gate_fd = fd;
    return STORE_OK;
}

static void pause_ms(long ms)
{
    struct timespec length = {.tv_nsec = ms * 1000000};
    nanosleep(&length, NULL);
}

static enum store_status refused(const struct directory *directory, struct store_error *error)
{
    if (errno != EAGAIN && errno != EACCES) return directory_fault(directory, GATE_NAME, "cannot be locked", error);
    return store_fail(error, STORE_UNAVAILABLE, "%s is open in a process that has it exclusively: close it there first",
                      directory->shown);
}

/* Alone if nobody else is in, else together with the others. */
static enum store_status enter(struct directory *directory, struct store_error *error)
{
    int waited = 0;
    while (lock_byte(directory->gate_fd, OPENING_BYTE, F_WRLCK) != 0) {
        if (errno != EAGAIN && errno != EACCES) return directory_fault(directory, GATE_NAME, "cannot be locked", error);
        if (waited++ == CLAIM_PATIENCE_MS)
            return store_fail(error, STORE_UNAVAILABLE,
                              "%s is being opened by another process, which is not done after %d s: is it stopped?",
                              directory->shown, CLAIM_PATIENCE_MS / 1000);
        pause_ms(1);
    }
    directory->alone = lock_byte(directory->gate_fd, USE_BYTE, F_WRLCK) == 0;
    if (directory->alone) return STORE_OK;
    if (directory->exclusive)
        return store_fail(error, STORE_UNAVAILABLE,
                          "%s is open in another process, and was asked for exclusively: close it there, or share it",
                          directory->shown);
    if (lock_byte(directory->gate_fd, USE_BYTE, F_RDLCK) != 0) return refused(directory, error);
    lock_byte(directory->gate_fd, OPENING_BYTE, F_UNLCK);
    return STORE_OK;
}

enum store_status directory_claim(struct directory *directory, bool exclusive, struct store_error *error)
{
    directory->exclusive = exclusive;
    if (directory->read_only) return STORE_OK; /* nobody can write: there is nothing to claim */
    enum store_status status = open_gate_file(directory, error);
    if (status != STORE_OK) return status;
    if (lock_byte(directory->gate_fd, PROCESS_BYTES + (off_t)getpid(), F_WRLCK) != 0)
        return store_fail(error, STORE_DENIED,
                          "%s is already open in this process (or in one of the same number, %d, in another container) "
                          "through another copy of the library: use one copy",
                          directory->shown, (int)getpid());
    return enter(directory, error);
}

enum store_status directory_share(struct directory *directory, struct store_error *error)
{
    if (!directory->alone) return STORE_OK;
    if (!directory->exclusive && lock_byte(directory->gate_fd, USE_BYTE, F_RDLCK) != 0)
        return directory_fault(directory, GATE_NAME, "the lock cannot be shared", error);
    lock_byte(directory->gate_fd, OPENING_BYTE, F_UNLCK);
    directory->alone = directory->exclusive;
    return STORE_OK;
}

/* Writes no byte: the files are mapped, and a page without a block behind it would be a SIGBUS on a full
 * disk. */
static enum store_status reserve(const struct directory *directory, int fd, const char *name, off_t size,
                                 struct store_error *error)
{
    int failed = posix_fallocate(fd, 0, size);
    if (!failed) return STORE_OK;
    errno = failed;
    return directory_fault(directory, name, "has no room on the disk", error);
}

enum store_status directory_reserve_locks(const struct directory *directory, struct store_error *error)
{
    enum store_status status = reserve(directory, directory->gate_fd, GATE_NAME, GATE_BYTES, error);
    if (status != STORE_OK) return status;
    int fd = openat(directory->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return directory_fault(directory, LOCK_NAME, "cannot be opened", error);
    status = reserve(directory, fd, LOCK_NAME, LOCK_FILE_BYTES, error);
    close(fd);
    return status;
}

void directory_release(struct directory *directory)
{
    if (directory->gate_fd >= 0) {
        struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
        fcntl(directory->gate_fd, F_OFD_SETLK, &all);
        close(directory->gate_fd);
    }
    if (directory->fd >= 0) close(directory->fd);
    directory->fd = -1;
    directory->gate_fd = -1;
}

/* ---- making a store ---- */

void directory_end_making(const struct directory *directory)
{
    unlinkat(directory->fd, MAKING_NAME "/" DATA_NAME, 0);
    unlinkat(directory->fd, MAKING_NAME "/" LOCK_NAME, 0);
    unlinkat(directory->fd, MAKING_NAME, AT_REMOVEDIR);
}

enum store_status directory_begin_making(const struct directory *directory, char path[PATH_MAX],
                                         struct store_error *error)
{
    directory_end_making(directory); /* what a crash left behind */
    if (mkdirat(directory->fd, MAKING_NAME, 0700) != 0)
        return directory_fault(directory, MAKING_NAME, "cannot be made", error);
    if (snprintf(path, PATH_MAX, "%s/%s", directory->path, MAKING_NAME) < PATH_MAX) return STORE_OK;
    return store_fail(error, STORE_NOT_STORE, "%s: the path is too long", directory->shown);
}

void directory_leave_nothing(const struct directory *directory, const char *path)
{
    directory_end_making(directory);
    unlinkat(directory->fd, GATE_NAME, 0);
    if (directory->made) rmdir(path);
}

enum store_status directory_publish(const struct directory *directory, struct store_error *error)
{
    enum store_status status = STORE_OK;
    if (renameat(directory->fd, MAKING_NAME "/" DATA_NAME, directory->fd, DATA_NAME) != 0)
        status = directory_fault(directory, DATA_NAME, "cannot be put into place", error);
    directory_end_making(directory);
    if (status == STORE_OK && fsync(directory->fd) != 0)
        status = directory_fault(directory, "", "cannot be made durable", error);
    return status;
}
