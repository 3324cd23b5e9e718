/* Zones for tests: those of the system's tzdata by name, and files made up for the occasion. */
#ifndef FIG_TESTS_CORE_ZONES_H
#define FIG_TESTS_CORE_ZONES_H

#include "engine/core/zone.h"

#include <stdbool.h>

/* The names of all zones under the system's zone directory, links too, but not those under posix/ and right/. */
struct zones {
    struct zones_entry {
        char name[64];
        bool link; /* to another zone */
    } * entries;
    size_t count;
};

/* Lists them; without tzdata the test counts as skipped, under CI=true as failed. free() the entries. */
struct zones zones_need(void);

/* Reads a zone; free() it. The bytes lie in memory of exactly their size, so that sanitizers see a step beyond. */
struct zone *zones_load(const char *name);
/* NULL and the fault when the bytes are no zone. */
struct zone *zones_read(const void *bytes, size_t size, const char **fault);

/* A file put together: `offsets[0]` holds first and `offsets[i + 1]` from `changes[i]` on; at most 255 changes.
 * Version '0' to '9', '0' writing a byte 0 and no second block; footer NULL: none. free() the bytes. */
void *zones_make(char version, const int64_t *changes, const int32_t *offsets, size_t count, const char *footer,
                 size_t *size);
/* One made of a POSIX TZ string alone; fails the test when it is refused. */
struct zone *zones_posix(const char *footer);

#endif
