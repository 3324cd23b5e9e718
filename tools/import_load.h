/* The rows of a file into a store, in commits of many.
 *
 * Each row becomes a booking, or where it is held or expired a hold, and where that leaves another status than the
 * row's a change of status in the same commit. What is turned away is told of at once or when its commit is decided;
 * nothing of the file is kept but the hashes of its keys. A commit that meets a fault ends the import: run again, it
 * goes on. */
#ifndef FIG_TOOLS_IMPORT_LOAD_H
#define FIG_TOOLS_IMPORT_LOAD_H

#include "tools/import_source.h"
#include "tools/session.h"

/* What becomes of rows that take up time and overlap. Those that take up none (completed, cancelled, no_show) are kept
 * whatever else is booked. */
typedef enum import_overlap {
    IMPORT_KEEP_FIRST, /* what is booked stays, the row is refused */
    IMPORT_REFUSE,     /* neither of two rows is taken; where the other side is in the store already, it stays */
    IMPORT_RECORD      /* what is booked stays, the row is kept as cancelled */
} import_overlap;

typedef struct import_order {
    const session *at;      /* with the store open */
    const char *directory;  /* for messages */
    const local_zone *zone; /* of local times; NULL: the barber's, else the shop's */
    uint64_t batch;         /* rows in a commit */
    bool keys;              /* make keys for rows that have none */
    import_overlap overlaps;
    bool rules;       /* rows are judged as bookings are; else only conflicts count */
    bool new_clients; /* who is named and not known is declared; else such rows are rejected */
    bool atomic;      /* the store is dropped when anything is wrong; for messages */
} import_order;

typedef struct import_counts {
    uint64_t accepted; /* also what was there already */
    uint64_t refused;  /* by the store: conflicts, and with rules closed time and rules */
    uint64_t rejected; /* bad rows */
    uint64_t repeated; /* of the accepted: what was there already, */
    uint64_t recorded; /* overlaps that were now kept as cancelled, */
    uint64_t unset;    /* and what is booked, but not with its status */
} import_counts;

/* Reads the source to its end, and prints what was turned away. Returns the exit code; the counts are right also after
 * a fault. */
int import_load(const import_order *order, import_source *from, import_counts *counts);

#endif
