/* Frames that were taken out of the data file, in flat files beside it: archive.c. storage/FORMAT.md draws them. */
#ifndef FIG_STORAGE_ARCHIVE_H
#define FIG_STORAGE_ARCHIVE_H

#include "storage/directory.h"

#define ARCHIVE_NAME "archive"

/* What a store's archive holds: frames first to last, without a hole. None: first 0. */
struct archive_span {
    uint64_t first;
    uint64_t last;
};

/* The files that there are by their names, by first frame, whatever is in them. */
struct archive_list {
    struct archive_span *files; /* to be freed, also after a failure */
    size_t count;
    size_t room;
};
enum store_status archive_list(const struct directory *directory, struct archive_list *list, struct store_error *error);
/* From the store's directory. */
enum { ARCHIVE_PATH_BYTES = 80 };
void archive_name(const struct archive_span *file, char name[ARCHIVE_PATH_BYTES]);

/* A file of the archive, by a name from `folder`, to be read. -1, and errno ENOTSUP: it is no file; else why it cannot
 * be opened. Nothing that lies there can keep it waiting, as a FIFO would. */
int archive_open(int folder, const char *name);

/* Whether a file that is sound says that it is another store's: STORE_CORRUPT. STORE_NOT_FOUND: it is not sound. */
enum store_status archive_owner(const struct directory *directory, const struct archive_span *file,
                                const uint64_t store_id[2], struct store_error *error);

/* Opens every file: heads, indexes, owners, and that there is no hole. Not the frames. */
enum store_status archive_check(const struct directory *directory, const uint64_t store_id[2],
                                struct store_error *error);
/* STORE_CORRUPT: there is a hole, or a file that is none of this store's. */
enum store_status archive_span(const struct directory *directory, const uint64_t store_id[2], struct archive_span *span,
                               struct store_error *error);
/* Hands over the frames after < number <= last. STORE_NOT_FOUND: the archive does not begin so early; STORE_CORRUPT: it
 * ends too early. */
enum store_status archive_since(const struct directory *directory, uint64_t after, uint64_t last,
                                const struct frame_sink *sink, struct store_error *error);

/* A file being written. It is there when archive_publish() is back, whole and durable. */
struct archive_file {
    const struct directory *directory;
    int fd;
    uint64_t first;
    uint64_t count;
    uint64_t bytes; /* so far */
    uint64_t *offsets;
    size_t room;
};
enum store_status archive_begin(const struct directory *directory, const uint64_t store_id[2], uint64_t first,
                                struct archive_file *file, struct store_error *error);
enum store_status archive_add(struct archive_file *file, const void *frame, size_t size, struct store_error *error);
enum store_status archive_publish(struct archive_file *file, struct store_error *error);
void archive_drop(struct archive_file *file);

/* Puts other bytes, of the same size, in a frame's place, by way of a copy of its file. STORE_NOT_FOUND. */
enum store_status archive_rewrite(const struct directory *directory, uint64_t number, const void *frame, size_t size,
                                  struct store_error *error);
/* Copies every file into another directory, which has no archive. STORE_CORRUPT: there is one, and it does not hold the
 * frames up to `last`, which the journal has not. */
enum store_status archive_copy(const struct directory *from, const struct directory *to, uint64_t last,
                               struct store_error *error);
/* Takes away what there is of it. */
void archive_remove(const struct directory *directory);

#endif
