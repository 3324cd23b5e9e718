/* Rebuild: a version from the records of the tables, in one pass and one building of the trees.
 *
 *   rebuild_begin      nothing yet
 *   rebuild_take       one record, in the order of tables and keys     O(1)
 *   rebuild_finish     sorts and builds every tree                     O(n log n), mostly O(n)
 *
 * Ten million appointments come this way at start-up, so a record is read once, kept in its final node, and its place
 * in a tree gathered beside it; no tree is edited. */
#ifndef FIG_CORE_REBUILD_H
#define FIG_CORE_REBUILD_H

#include "engine/core/event.h"
#include "engine/core/version.h"

struct rebuild {
    struct nodes *nodes;
    const struct nodes_allocator *allocator;
    struct version *version;
    struct radix barbers; /* id -> struct gathered: items still to be built into trees */
    struct radix clients;
    struct gathered *first; /* all of them, for the end */
    struct entries {
        struct radix_entry *list;
        size_t count;
        size_t capacity;
    } appointments, keys;                  /* keys: of bookings, with their first places */
    struct assembled {                     /* the document whose pieces are coming */
        struct document_declared declared; /* its bytes are `bytes` */
        uint64_t version;
        uint8_t *bytes;
        size_t capacity;
        uint32_t got; /* bytes so far; all of them when none is coming */
        uint32_t pieces;
    } document;
    bool no_memory;
};

/* `version` is the caller's, under work, and is made empty here; its generation is nodes_generation(). */
void rebuild_begin(struct rebuild *rebuild, struct nodes *nodes, const struct nodes_allocator *allocator,
                   struct version *version, uint64_t hash_seed);

/* NULL, or what is wrong with the record, in static words ("no memory" with no_memory set). */
const char *rebuild_take(struct rebuild *rebuild, uint32_t table, const void *key, size_t key_size, const void *value,
                         size_t value_size);

/* False: no memory. Call it in any case: it frees what was gathered. */
bool rebuild_finish(struct rebuild *rebuild);

#endif
