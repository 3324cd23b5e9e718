/* Which rows of a file overlap each other, found before any of them is booked, for those who want neither side of an
 * overlap: two rows of one barber that take up time and whose times meet, or the time of one a buffer of the other.
 *
 * Memory: 64 bytes a row. Finding costs one sort and two passes. */
#ifndef FIG_TOOLS_IMPORT_OVERLAP_H
#define FIG_TOOLS_IMPORT_OVERLAP_H

#include "tools/import_row.h"
#include "tools/names.h"

typedef struct overlap_row {
    uint64_t barber; /* hash of the name */
    uint64_t number; /* of the row among those that could be read, from 0 */
    uint64_t line;
    int64_t start_s, end_s;
    uint32_t before_s, after_s;
    bool exclusive; /* buffers are not shared */
} overlap_row;

typedef struct import_overlaps {
    overlap_row *rows;
    size_t count, room;
    uint64_t *others; /* by the number of a row: 1 + index of a row that it overlaps; 0: none */
    uint64_t number_count;
    names keys; /* a row that is repeated under its key is no other row */
} import_overlaps;

/* Adds a row that is placed; one that takes up no time, or is repeated, counts but overlaps nothing. False: no memory.
 */
bool import_overlaps_add(import_overlaps *overlaps, const import_row *row, bool exclusive);
/* After the last row. False: no memory. */
bool import_overlaps_find(import_overlaps *overlaps);
/* A row that the one of that number overlaps; NULL: there is none. */
const overlap_row *import_overlaps_of(const import_overlaps *overlaps, uint64_t number);
void import_overlaps_free(import_overlaps *overlaps);

#endif
