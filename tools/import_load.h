/* The rows of a CSV file into a store, in commits of many.
 *
 * Each row becomes a booking, and where it has another status than scheduled a change of status in the same commit.
 * What is turned away is told of at once or when its commit is decided; nothing of the file is kept but the hashes of
 * its keys. A commit that meets a fault ends the import: run again, it goes on. */
#ifndef FIG_TOOLS_IMPORT_LOAD_H
#define FIG_TOOLS_IMPORT_LOAD_H

#include "tools/import_row.h"
#include "tools/session.h"

typedef struct import_order {
    const session *at;       /* with the store open */
    const char *directory;   /* for messages */
    const import_plan *plan; /* bound to the file */
    const local_zone *zone;  /* of local times; NULL: the barber's, else the shop's */
    uint64_t batch;          /* rows in a commit */
    bool keys;               /* make keys for rows that have none */
    bool rules;              /* rows are judged as bookings are; else only conflicts count */
} import_order;

typedef struct import_counts {
    uint64_t accepted; /* also what was there already */
    uint64_t refused;  /* by the store: conflicts, and with rules closed time and rules */
    uint64_t rejected; /* bad rows */
    uint64_t repeated; /* of the accepted: what was there already */
} import_counts;

/* Reads the file from the record on that the reader stands at (if it is a row), and prints what was turned away.
 * Returns the exit code; the counts are right also after a fault. */
int import_load(const import_order *order, csv *file, import_counts *counts);

#endif
