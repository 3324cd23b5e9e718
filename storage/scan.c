/* Bytes of a known shape, found wherever they lie in a file.
 *
 * LMDB keeps every value in one piece: on a leaf page, or from behind the head of its first overflow page on into the
 * pages after it. So what is sought can be found by how it begins, and nothing that leads to it has to be whole: no
 * tree, no page's head, no list of nodes. What is found may as well lie on a page that is free by now: whoever asks has
 * to tell by the bytes. */
#include "storage/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_BYTES = 1 << 20, STEP_BYTES = 4096 };

struct scanning {
    const struct scanned *file;
    const struct store_shape *shape;
    const struct place_sink *sink;
    struct store_error *error;
    uint64_t size; /* of the file */
    unsigned char *window;
    uint64_t window_at;
    size_t window_size;
    unsigned char *large; /* what does not lie in one window */
    size_t large_room;
    uint64_t unreadable;
};

/* As many bytes as there are and can be read, up to `size`; -1: not one of them can. */
static ssize_t read_some(int fd, void *to, size_t size, uint64_t at)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, (char *)to + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && done == 0) return -1;
        if (got <= 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static enum store_status no_memory(const struct scanned *file, struct store_error *error)
{
    return store_fail(error, STORE_NO_MEMORY, "%s: there is no memory to look through it", file->shown);
}

/* NULL, with *status still STORE_OK: it cannot be read. */
static const unsigned char *bytes_at(struct scanning *scanning, uint64_t at, size_t size, enum store_status *status)
{
    if (at >= scanning->window_at && at + size <= scanning->window_at + scanning->window_size)
        return scanning->window + (at - scanning->window_at);
    if (size > scanning->large_room) {
        free(scanning->large);
        scanning->large = malloc(size);
        scanning->large_room = scanning->large ? size : 0;
        if (!scanning->large) *status = no_memory(scanning->file, scanning->error);
    }
    bool read = scanning->large && read_some(scanning->file->fd, scanning->large, size, at) == (ssize_t)size;
    return read ? scanning->large : NULL;
}

static enum store_status try_place(struct scanning *scanning, uint64_t at)
{
    enum store_status status = STORE_OK;
    size_t head_size = scanning->shape->size_at + sizeof(uint32_t), size = 0;
    if (at + head_size > scanning->size) return STORE_OK;
    const unsigned char *head = bytes_at(scanning, at, head_size, &status);
    if (!head) return status;
    if (scanning->shape->may_be && !scanning->shape->may_be(head)) return STORE_OK;
    for (size_t i = sizeof(uint32_t); i > 0; i--) size = size << 8 | head[scanning->shape->size_at + i - 1];
    if (size < head_size || size > STORE_FRAME_MAX || size > scanning->size - at) return STORE_OK;
    const unsigned char *bytes = bytes_at(scanning, at, size, &status);
    if (!bytes) return status;
    struct store_place place = {.at = at, .size = (uint32_t)size, .file = scanning->file->file};
    return scanning->sink->take(scanning->sink->context, &place, bytes);
}

static enum store_status search_window(struct scanning *scanning)
{
    const struct store_shape *shape = scanning->shape;
    const unsigned char *from = scanning->window, *end = from + scanning->window_size;
    enum store_status status = STORE_OK;
    while (status == STORE_OK) {
        const unsigned char *hit = memmem(from, (size_t)(end - from), shape->begins, shape->begins_size);
        if (!hit) break;
        status = try_place(scanning, scanning->window_at + (uint64_t)(hit - scanning->window));
        from = hit + 1;
    }
    return status;
}

/* Windows overlap by what may lie across the edge of two. One ends where something cannot be read. */
static enum store_status scan_windows(struct scanning *scanning)
{
    size_t overlap = scanning->shape->begins_size - 1;
    enum store_status status = STORE_OK;
    for (uint64_t at = 0; status == STORE_OK && at < scanning->size;) {
        ssize_t got = read_some(scanning->file->fd, scanning->window, WINDOW_BYTES, at);
        scanning->window_at = at;
        scanning->window_size = got > 0 ? (size_t)got : 0;
        if (scanning->window_size > overlap) {
            status = search_window(scanning);
            at += at + scanning->window_size < scanning->size ? scanning->window_size - overlap : scanning->window_size;
        } else {
            if (got < 0) scanning->unreadable += STEP_BYTES;
            at = (at / STEP_BYTES + 1) * STEP_BYTES;
        }
    }
    return status;
}

enum store_status scan_file(const struct scanned *file, const struct store_shape *shape, const struct place_sink *sink,
                            uint64_t *unreadable, struct store_error *error)
{
    struct scanning scanning = {.file = file, .shape = shape, .sink = sink, .error = error};
    struct stat found;
    if (fstat(file->fd, &found) != 0)
        return store_fail(error, STORE_IO, "%s: it cannot be looked at: %s", file->shown, strerror(errno));
    scanning.size = (uint64_t)found.st_size;
    scanning.window = malloc(WINDOW_BYTES);
    if (!scanning.window) return no_memory(file, error);
    enum store_status status = scan_windows(&scanning);
    *unreadable += scanning.unreadable;
    free(scanning.window);
    free(scanning.large);
    return status;
}

enum store_status scan_read(const struct scanned *file, const struct store_place *place, void *to,
                            struct store_error *error)
{
    ssize_t got = read_some(file->fd, to, place->size, place->at);
    if (got == (ssize_t)place->size) return STORE_OK;
    return store_fail(error, STORE_IO, "%s: %u bytes at %llu cannot be read: %s", file->shown, place->size,
                      (unsigned long long)place->at, got < 0 ? strerror(errno) : "it was cut short");
}
