/* Bytes of a known shape, found wherever they lie in a file: scan.c. */
#ifndef FIG_STORAGE_SCAN_H
#define FIG_STORAGE_SCAN_H

#include "storage/internal.h"

struct scanned {
    int fd;
    const char *shown; /* for messages */
    uint32_t file;     /* its number, for the places */
};

/* Hands over all that begins as the shape says and whose size fits into the file, in the order of its places, whether
 * or not it is what it looks like; number is left 0. What cannot be read is passed over, in steps of a page, and
 * counted into *unreadable, in bytes. Cost: the file is read once, and what is handed over is not copied. */
enum store_status scan_file(const struct scanned *file, const struct store_shape *shape, const struct place_sink *sink,
                            uint64_t *unreadable, struct store_error *error);
/* Reads a place as it was found. */
enum store_status scan_read(const struct scanned *file, const struct store_place *place, void *to,
                            struct store_error *error);

#endif
