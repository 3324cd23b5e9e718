/* Request keys of imported rows, by which an import that is run again changes nothing and one that was interrupted
 * goes on: the row's own key, or one made of what stands in the row and how many rows like it came before.
 *
 * Memory: 16 bytes a row, twice that as the table grows. */
#ifndef FIG_TOOLS_IMPORT_KEYS_H
#define FIG_TOOLS_IMPORT_KEYS_H

#include "tools/import_row.h"

typedef struct import_keys {
    struct import_seen {
        uint64_t name;  /* hash of a key or a row; 0: free */
        uint64_t value; /* of a key: hash of its row; of a row: how often it came */
    } * slots;
    size_t count, room; /* a power of two, at most half full */
} import_keys;

typedef enum import_key_result {
    IMPORT_KEY_NEW,   /* or used by an equal row */
    IMPORT_KEY_OTHER, /* an earlier row of this file used it for something else */
    IMPORT_KEY_NO_MEMORY
} import_key_result;

/* Gives the row its key if it has none. */
import_key_result import_keys_give(import_keys *keys, const csv *record, import_row *row);
void import_keys_free(import_keys *keys);

#endif
