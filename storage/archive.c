/* Old frames in flat files: what nobody needs for the next start, and somebody may want to read.
 *
 * A file holds frames that follow each other: a head, the frames as they are, then an index of their places, whose
 * check covers head and index. The frames are their own witnesses: each has its checksums and the hash of the one
 * before. A file's name says what it holds. It is written beside, synced, and renamed into place, and never changed
 * after that: where a text has to be forgotten, a copy takes its place.
 *
 *   archive_span     O(files)
 *   archive_since    O(log files + bytes handed over): the index gives a frame's place
 *   archive_rewrite  O(bytes of the file)
 *
 * All that writes is called in the writers' turn. Readers may meet a file that is renamed under them: what they have
 * open stays what it was. */
#include "storage/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { HEAD_BYTES = 64, FOOT_BYTES = 32, NAME_BYTES = 64, FORMAT = 1, FILES_MAX = 100000 };

#define NEW_NAME ".new"

static const char head_magic[8] = {'F', 'I', 'G', 'A', 'R', 'C', 'H', '\n'};
static const char foot_magic[8] = {'F', 'I', 'G', 'I', 'N', 'D', 'E', 'X'};

struct head {
    char magic[8];
    uint64_t format;
    uint64_t store_id[2];
    uint64_t first;
    uint64_t reserved[3];
};
struct foot {
    char magic[8];
    uint64_t count;
    uint64_t index_at;
    uint64_t check; /* over the head, the index, and the three fields before */
};
_Static_assert(sizeof(struct head) == HEAD_BYTES && sizeof(struct foot) == FOOT_BYTES, "FORMAT.md draws them");

/* ---- the folder ---- */

struct folder {
    int fd;
    char shown[280];
};

static enum store_status fault(const struct folder *folder, const char *name, const char *what,
                               struct store_error *error)
{
    int number = errno;
    enum store_status status = number == ENOSPC || number == EDQUOT ? STORE_FULL : STORE_IO;
    const char *between = name[0] != '\0' ? "/" : "";
    return store_fail(error, status, "%s%s%s: %s: %s", folder->shown, between, name, what, strerror(number));
}

static enum store_status damaged(const struct folder *folder, const char *name, const char *what,
                                 struct store_error *error)
{
    return store_fail(error, STORE_CORRUPT, "%s/%s: %s: restore the archive from a backup", folder->shown, name, what);
}

/* Of O_NOFOLLOW's faults ELOOP says little, and ENOTDIR the wrong thing. */
static bool is_link(int fd, const char *name)
{
    int number = errno;
    struct stat found;
    bool link = fstatat(fd, name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
    errno = number;
    return link;
}

/* fd -1: there is none. */
static enum store_status open_folder(const struct directory *directory, bool make, struct folder *folder,
                                     struct store_error *error)
{
    snprintf(folder->shown, sizeof folder->shown, "%s/" ARCHIVE_NAME, directory->shown);
    if (make && mkdirat(directory->fd, ARCHIVE_NAME, 0700) != 0 && errno != EEXIST)
        return fault(folder, "", "cannot be made", error);
    if (make && fsync(directory->fd) != 0) return fault(folder, "", "cannot be made durable", error);
    folder->fd = openat(directory->fd, ARCHIVE_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->fd >= 0 || (errno == ENOENT && !make)) return STORE_OK;
    if (is_link(directory->fd, ARCHIVE_NAME))
        return store_fail(error, STORE_DENIED, "%s: is a symbolic link, and none is followed", folder->shown);
    return fault(folder, "", "cannot be opened", error);
}

static void close_folder(struct folder *folder)
{
    if (folder->fd >= 0) close(folder->fd);
}

/* ---- the list of files ---- */

static void name_of(const struct archive_span *file, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "%020" PRIu64 "-%020" PRIu64 ".frames", file->first, file->last);
}

static bool read_name(const char *name, struct archive_span *file)
{
    char again[NAME_BYTES];
    if (sscanf(name, "%20" SCNu64 "-%20" SCNu64 ".frames", &file->first, &file->last) != 2) return false;
    name_of(file, again);
    return strcmp(name, again) == 0 && file->first >= 1 && file->first <= file->last;
}

static int by_first(const void *left, const void *right)
{
    const struct archive_span *a = left, *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

static bool list_add(struct archive_list *list, const struct archive_span *file)
{
    if (list->count == list->room) {
        size_t room = list->room > 0 ? 2 * list->room : 16;
        struct archive_span *files = room <= FILES_MAX ? realloc(list->files, room * sizeof *files) : NULL;
        if (!files) return false;
        list->files = files;
        list->room = room;
    }
    list->files[list->count++] = *file;
    return true;
}

/* Sorted. Free list->files in any case. */
static enum store_status list_names(const struct folder *folder, struct archive_list *list, struct store_error *error)
{
    *list = (struct archive_list){0};
    if (folder->fd < 0) return STORE_OK;
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = fd < 0 ? NULL : fdopendir(fd);
    if (!names) {
        if (fd >= 0) close(fd);
        return fault(folder, "", "cannot be listed", error);
    }
    bool room = true;
    const struct dirent *entry;
    while (room && (errno = 0, entry = readdir(names))) {
        struct archive_span file;
        if (read_name(entry->d_name, &file)) room = list_add(list, &file);
    }
    enum store_status status = STORE_OK;
    if (!room)
        status = store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to list it", folder->shown);
    else if (errno != 0)
        status = fault(folder, "", "cannot be listed", error);
    closedir(names);
    if (list->count > 0) qsort(list->files, list->count, sizeof *list->files, by_first);
    return status;
}

static enum store_status check_holes(const struct folder *folder, const struct archive_list *list,
                                     struct store_error *error)
{
    for (size_t i = 1; i < list->count; i++)
        if (list->files[i].first != list->files[i - 1].last + 1)
            return store_fail(error, STORE_CORRUPT,
                              "%s: frames %" PRIu64 " to %" PRIu64 " follow %" PRIu64
                              ": restore the archive from a backup",
                              folder->shown, list->files[i].first, list->files[i].last, list->files[i - 1].last);
    return STORE_OK;
}

/* And without a hole. */
static enum store_status list_files(const struct folder *folder, struct archive_list *list, struct store_error *error)
{
    enum store_status status = list_names(folder, list, error);
    return status == STORE_OK ? check_holes(folder, list, error) : status;
}

enum store_status archive_list(const struct directory *directory, struct archive_list *list, struct store_error *error)
{
    struct folder folder;
    *list = (struct archive_list){0};
    enum store_status status = open_folder(directory, false, &folder, error);
    if (status != STORE_OK) return status;
    status = list_names(&folder, list, error);
    close_folder(&folder);
    return status;
}

void archive_name(const struct archive_span *file, char name[ARCHIVE_PATH_BYTES])
{
    char bare[NAME_BYTES];
    name_of(file, bare);
    snprintf(name, ARCHIVE_PATH_BYTES, ARCHIVE_NAME "/%s", bare);
}

/* ---- reading a file ---- */

struct opened {
    const struct folder *folder;
    char name[NAME_BYTES];
    int fd;
    struct head head;
    struct foot foot;
    uint64_t *offsets; /* of each frame, and of the index */
};

static bool read_at(int fd, void *to, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, (char *)to + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

static uint64_t check_of(const struct head *head, const uint64_t *offsets, const struct foot *foot)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, head, sizeof *head);
    XXH3_64bits_update(&state, offsets, foot->count * sizeof *offsets);
    XXH3_64bits_update(&state, foot, offsetof(struct foot, check));
    return XXH3_64bits_digest(&state);
}

static bool heads_make_sense(const struct opened *file, const struct archive_span *listed, uint64_t size)
{
    const struct foot *foot = &file->foot;
    return memcmp(file->head.magic, head_magic, sizeof head_magic) == 0 && file->head.format == FORMAT &&
           memcmp(foot->magic, foot_magic, sizeof foot_magic) == 0 && file->head.first == listed->first &&
           foot->count == listed->last - listed->first + 1 && foot->count < size / sizeof(uint64_t) &&
           foot->index_at == size - sizeof *foot - foot->count * sizeof(uint64_t);
}

static bool read_index(struct opened *file)
{
    const struct foot *foot = &file->foot;
    file->offsets = malloc((foot->count + 1) * sizeof *file->offsets);
    if (!file->offsets || !read_at(file->fd, file->offsets, foot->count * sizeof *file->offsets, foot->index_at))
        return false;
    if (check_of(&file->head, file->offsets, foot) != foot->check) return false;
    file->offsets[foot->count] = foot->index_at;
    for (uint64_t i = 0; i < foot->count; i++)
        if (file->offsets[i] < sizeof file->head || file->offsets[i] >= file->offsets[i + 1] ||
            file->offsets[i + 1] - file->offsets[i] > STORE_FRAME_MAX)
            return false;
    return true;
}

static void close_file(struct opened *file)
{
    free(file->offsets);
    if (file->fd >= 0) close(file->fd);
}

int archive_open(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat found;
    if (fd < 0) return errno == ENXIO ? (errno = ENOTSUP, -1) : -1; /* a socket */
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) return fd;
    close(fd);
    errno = ENOTSUP;
    return -1;
}

static enum store_status open_file(const struct folder *folder, const struct archive_span *listed, struct opened *file,
                                   struct store_error *error)
{
    *file = (struct opened){.folder = folder};
    name_of(listed, file->name);
    file->fd = archive_open(folder->fd, file->name);
    if (file->fd < 0 && is_link(folder->fd, file->name))
        return damaged(folder, file->name, "is a symbolic link, and none is followed", error);
    if (file->fd < 0 && errno == ENOTSUP) return damaged(folder, file->name, "is not a file", error);
    if (file->fd < 0) return fault(folder, file->name, "cannot be opened", error);
    struct stat found;
    bool sound = fstat(file->fd, &found) == 0 && found.st_size > (off_t)(HEAD_BYTES + FOOT_BYTES) &&
                 read_at(file->fd, &file->head, sizeof file->head, 0) &&
                 read_at(file->fd, &file->foot, sizeof file->foot, (uint64_t)found.st_size - FOOT_BYTES) &&
                 heads_make_sense(file, listed, (uint64_t)found.st_size) && read_index(file);
    if (sound) return STORE_OK;
    close_file(file);
    return damaged(folder, file->name, "its head or its index is damaged", error);
}

/* ---- span and since ---- */

static enum store_status check_owner(const struct opened *file, const uint64_t store_id[2], struct store_error *error)
{
    if (memcmp(file->head.store_id, store_id, sizeof file->head.store_id) == 0) return STORE_OK;
    return damaged(file->folder, file->name, "it belongs to another store", error);
}

enum store_status archive_owner(const struct directory *directory, const struct archive_span *listed,
                                const uint64_t store_id[2], struct store_error *error)
{
    struct folder folder;
    struct opened file;
    if (open_folder(directory, false, &folder, NULL) != STORE_OK || folder.fd < 0) return STORE_NOT_FOUND;
    enum store_status status = STORE_NOT_FOUND;
    if (open_file(&folder, listed, &file, NULL) == STORE_OK) {
        status = check_owner(&file, store_id, error);
        close_file(&file);
    }
    close_folder(&folder);
    return status;
}

enum store_status archive_span(const struct directory *directory, const uint64_t store_id[2], struct archive_span *span,
                               struct store_error *error)
{
    struct folder folder;
    struct archive_list list;
    struct opened file;
    *span = (struct archive_span){0};
    enum store_status status = open_folder(directory, false, &folder, error);
    if (status != STORE_OK || folder.fd < 0) return status;
    status = list_files(&folder, &list, error);
    if (status == STORE_OK && list.count > 0) {
        status = open_file(&folder, &list.files[list.count - 1], &file, error);
        bool opened = status == STORE_OK;
        if (opened) status = check_owner(&file, store_id, error);
        if (status == STORE_OK) *span = (struct archive_span){list.files[0].first, list.files[list.count - 1].last};
        if (opened) close_file(&file);
    }
    free(list.files);
    close_folder(&folder);
    return status;
}

enum store_status archive_check(const struct directory *directory, const uint64_t store_id[2],
                                struct store_error *error)
{
    struct folder folder;
    struct archive_list list;
    enum store_status status = open_folder(directory, false, &folder, error);
    if (status != STORE_OK) return status;
    status = list_files(&folder, &list, error);
    for (size_t i = 0; status == STORE_OK && i < list.count; i++) {
        struct opened file;
        status = open_file(&folder, &list.files[i], &file, error);
        if (status != STORE_OK) break;
        status = check_owner(&file, store_id, error);
        close_file(&file);
    }
    free(list.files);
    close_folder(&folder);
    return status;
}

static enum store_status hand_over(const struct opened *file, uint64_t from, uint64_t to, const struct frame_sink *sink,
                                   struct store_error *error)
{
    enum store_status status = STORE_OK;
    for (uint64_t number = from; status == STORE_OK && number <= to; number++) {
        uint64_t place = number - file->head.first;
        size_t size = (size_t)(file->offsets[place + 1] - file->offsets[place]);
        void *frame = malloc(size);
        if (!frame) return store_fail(error, STORE_NO_MEMORY, "there is no memory for a frame");
        if (read_at(file->fd, frame, size, file->offsets[place]))
            status = sink->take(sink->context, number, frame, size);
        else
            status = fault(file->folder, file->name, "cannot be read", error);
        free(frame);
    }
    return status;
}

/* Whether it has all of after < number <= last. One that begins later was cut short from the front, as a journal may
 * be; one that ends earlier has lost what stood between it and the journal. */
static enum store_status check_reach(const struct folder *folder, const struct archive_list *list, uint64_t after,
                                     uint64_t last, struct store_error *error)
{
    if (list->count == 0 || list->files[0].first > after + 1)
        return store_fail(error, STORE_NOT_FOUND, "frame %" PRIu64 " is neither in the journal nor in the archive",
                          after + 1);
    uint64_t end = list->files[list->count - 1].last;
    if (end >= last) return STORE_OK;
    return store_fail(error, STORE_CORRUPT,
                      "%s: frames %" PRIu64 " to %" PRIu64
                      " are neither in the archive nor in the journal: restore the archive from a backup",
                      folder->shown, (end > after ? end : after) + 1, last);
}

enum store_status archive_since(const struct directory *directory, uint64_t after, uint64_t last,
                                const struct frame_sink *sink, struct store_error *error)
{
    struct folder folder;
    struct archive_list list;
    enum store_status status = open_folder(directory, false, &folder, error);
    if (status != STORE_OK) return status;
    status = list_files(&folder, &list, error);
    if (status == STORE_OK) status = check_reach(&folder, &list, after, last, error);
    for (size_t i = 0; status == STORE_OK && i < list.count; i++) {
        const struct archive_span *listed = &list.files[i];
        struct opened file;
        if (listed->last <= after || listed->first > last) continue;
        status = open_file(&folder, listed, &file, error);
        if (status != STORE_OK) break;
        status = hand_over(&file, listed->first > after ? listed->first : after + 1,
                           listed->last < last ? listed->last : last, sink, error);
        close_file(&file);
    }
    free(list.files);
    close_folder(&folder);
    return status;
}

/* ---- writing ---- */

static bool write_at(int fd, const void *from, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = pwrite(fd, (const char *)from + done, size - done, (off_t)(at + done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        done += (size_t)put;
    }
    return true;
}

static enum store_status file_fault(const struct archive_file *file, const char *what, struct store_error *error)
{
    struct folder folder;
    snprintf(folder.shown, sizeof folder.shown, "%s/" ARCHIVE_NAME, file->directory->shown);
    return fault(&folder, NEW_NAME, what, error);
}

enum store_status archive_begin(const struct directory *directory, const uint64_t store_id[2], uint64_t first,
                                struct archive_file *file, struct store_error *error)
{
    struct folder folder;
    *file = (struct archive_file){.directory = directory, .fd = -1, .first = first, .bytes = HEAD_BYTES};
    enum store_status status = open_folder(directory, true, &folder, error);
    if (status != STORE_OK) return status;
    file->fd = openat(folder.fd, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    close_folder(&folder);
    if (file->fd < 0) return file_fault(file, "cannot be made", error);
    struct head head = {.format = FORMAT, .store_id = {store_id[0], store_id[1]}, .first = first};
    memcpy(head.magic, head_magic, sizeof head.magic);
    if (write_at(file->fd, &head, sizeof head, 0)) return STORE_OK;
    status = file_fault(file, "cannot be written", error);
    archive_drop(file);
    return status;
}

enum store_status archive_add(struct archive_file *file, const void *frame, size_t size, struct store_error *error)
{
    if (file->count == file->room) {
        size_t room = file->room > 0 ? 2 * file->room : 256;
        uint64_t *offsets = realloc(file->offsets, room * sizeof *offsets);
        if (!offsets) return store_fail(error, STORE_NO_MEMORY, "there is no memory for an archive's index");
        file->offsets = offsets;
        file->room = room;
    }
    if (!write_at(file->fd, frame, size, file->bytes)) return file_fault(file, "cannot be written", error);
    file->offsets[file->count++] = file->bytes;
    file->bytes += size;
    return STORE_OK;
}

static enum store_status write_index(struct archive_file *file, struct store_error *error)
{
    struct head head;
    struct foot foot = {.count = file->count, .index_at = file->bytes};
    memcpy(foot.magic, foot_magic, sizeof foot.magic);
    if (!read_at(file->fd, &head, sizeof head, 0)) return file_fault(file, "cannot be read", error);
    foot.check = check_of(&head, file->offsets, &foot);
    size_t index_bytes = file->count * sizeof *file->offsets;
    bool written = write_at(file->fd, file->offsets, index_bytes, foot.index_at) &&
                   write_at(file->fd, &foot, sizeof foot, foot.index_at + index_bytes) && fsync(file->fd) == 0;
    return written ? STORE_OK : file_fault(file, "cannot be made durable", error);
}

static enum store_status put_in_place(const struct archive_file *file, struct store_error *error)
{
    struct folder folder;
    char name[NAME_BYTES];
    name_of(&(struct archive_span){file->first, file->first + file->count - 1}, name);
    enum store_status status = open_folder(file->directory, true, &folder, error);
    if (status != STORE_OK) return status;
    if (renameat(folder.fd, NEW_NAME, folder.fd, name) != 0)
        status = fault(&folder, name, "cannot be put into place", error);
    else if (fsync(folder.fd) != 0)
        status = fault(&folder, name, "cannot be made durable", error);
    close_folder(&folder);
    return status;
}

enum store_status archive_publish(struct archive_file *file, struct store_error *error)
{
    enum store_status status = write_index(file, error);
    if (status == STORE_OK) status = put_in_place(file, error);
    archive_drop(file);
    return status;
}

void archive_drop(struct archive_file *file)
{
    if (file->fd >= 0) close(file->fd);
    file->fd = -1;
    free(file->offsets);
    file->offsets = NULL;
    unlinkat(file->directory->fd, ARCHIVE_NAME "/" NEW_NAME, 0);
}

/* ---- forgetting ---- */

struct rewriting {
    struct archive_file file;
    uint64_t number;
    const void *frame;
    size_t size;
    struct store_error *error;
};

static enum store_status add_or_replace(void *context, uint64_t number, const void *frame, size_t size)
{
    struct rewriting *rewriting = context;
    if (number != rewriting->number) return archive_add(&rewriting->file, frame, size, rewriting->error);
    if (size != rewriting->size)
        return store_fail(rewriting->error, STORE_INVALID, "frame %" PRIu64 " has %zu bytes, not %zu", number, size,
                          rewriting->size);
    return archive_add(&rewriting->file, rewriting->frame, rewriting->size, rewriting->error);
}

static enum store_status rewrite_file(const struct directory *directory, const struct opened *old,
                                      struct rewriting *rewriting)
{
    struct frame_sink sink = {add_or_replace, rewriting};
    enum store_status status =
        archive_begin(directory, old->head.store_id, old->head.first, &rewriting->file, rewriting->error);
    if (status != STORE_OK) return status;
    status = hand_over(old, old->head.first, old->head.first + old->foot.count - 1, &sink, rewriting->error);
    if (status == STORE_OK) return archive_publish(&rewriting->file, rewriting->error);
    archive_drop(&rewriting->file);
    return status;
}

enum store_status archive_rewrite(const struct directory *directory, uint64_t number, const void *frame, size_t size,
                                  struct store_error *error)
{
    struct folder folder;
    struct archive_list list;
    struct rewriting rewriting = {.number = number, .frame = frame, .size = size, .error = error};
    enum store_status status = open_folder(directory, false, &folder, error);
    if (status != STORE_OK) return status;
    status = list_files(&folder, &list, error);
    size_t at = 0;
    while (status == STORE_OK && at < list.count && list.files[at].last < number) at++;
    if (status == STORE_OK && (at == list.count || list.files[at].first > number))
        status = store_fail(error, STORE_NOT_FOUND, "there is no frame %" PRIu64, number);
    if (status == STORE_OK) {
        struct opened old;
        status = open_file(&folder, &list.files[at], &old, error);
        if (status == STORE_OK) {
            status = rewrite_file(directory, &old, &rewriting);
            close_file(&old);
        }
    }
    free(list.files);
    close_folder(&folder);
    return status;
}

/* ---- copying, removing ---- */

static enum store_status copy_bytes(int from, int to, const struct folder *folder, const char *name,
                                    struct store_error *error)
{
    enum { PIECE = 1 << 16 };
    char piece[PIECE];
    for (uint64_t at = 0;;) {
        ssize_t got = pread(from, piece, sizeof piece, (off_t)at);
        if (got < 0) return fault(folder, name, "cannot be read", error);
        if (got == 0) break;
        if (!write_at(to, piece, (size_t)got, at)) return fault(folder, name, "cannot be copied", error);
        at += (uint64_t)got;
    }
    return fsync(to) == 0 ? STORE_OK : fault(folder, name, "the copy cannot be made durable", error);
}

static enum store_status copy_file(const struct folder *from, const struct folder *to,
                                   const struct archive_span *listed, struct store_error *error)
{
    char name[NAME_BYTES];
    name_of(listed, name);
    int source = archive_open(from->fd, name);
    if (source < 0) return fault(from, name, "cannot be opened", error);
    int copy = openat(to->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    enum store_status status =
        copy < 0 ? fault(to, name, "cannot be made", error) : copy_bytes(source, copy, to, name, error);
    if (copy >= 0) close(copy);
    close(source);
    return status;
}

static enum store_status copy_files(const struct folder *from, const struct archive_list *list,
                                    const struct directory *to, struct store_error *error)
{
    struct folder folder;
    enum store_status status = open_folder(to, true, &folder, error);
    if (status != STORE_OK) return status;
    for (size_t i = 0; status == STORE_OK && i < list->count; i++)
        status = copy_file(from, &folder, &list->files[i], error);
    if (status == STORE_OK && fsync(folder.fd) != 0) status = fault(&folder, "", "cannot be made durable", error);
    close_folder(&folder);
    return status;
}

enum store_status archive_copy(const struct directory *from, const struct directory *to, uint64_t last,
                               struct store_error *error)
{
    struct folder folder;
    struct archive_list list;
    enum store_status status = open_folder(from, false, &folder, error);
    if (status != STORE_OK || folder.fd < 0) return status;
    status = list_files(&folder, &list, error);
    if (status == STORE_OK && list.count > 0)
        status = check_reach(&folder, &list, list.files[0].first - 1, last, error);
    if (status == STORE_OK && list.count > 0) status = copy_files(&folder, &list, to, error);
    free(list.files);
    close_folder(&folder);
    return status;
}

void archive_remove(const struct directory *directory)
{
    struct folder folder;
    struct archive_list list;
    if (open_folder(directory, false, &folder, NULL) != STORE_OK || folder.fd < 0) return;
    list_files(&folder, &list, NULL);
    for (size_t i = 0; i < list.count; i++) {
        char name[NAME_BYTES];
        name_of(&list.files[i], name);
        unlinkat(folder.fd, name, 0);
    }
    unlinkat(folder.fd, NEW_NAME, 0);
    free(list.files);
    close_folder(&folder);
    unlinkat(directory->fd, ARCHIVE_NAME, AT_REMOVEDIR);
}
