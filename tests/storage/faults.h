/* Disk calls that fail when told to: faults.c puts itself before pread(), pwrite(), writev(), fdatasync() and mmap() of
 * the whole test program, LMDB's included. Unarmed, they do what they always do. */
#ifndef FIG_TESTS_STORAGE_FAULTS_H
#define FIG_TESTS_STORAGE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
    FAULT_REFUSED, /* nothing is written */
    FAULT_SHORT,   /* half is written, as on a disk that fills up; a sync fails */
    FAULT_LYING,   /* all of it is done, and a failure reported */
    FAULT_KINDS,
    FAULT_DEADLY = FAULT_KINDS, /* all of it is done, and the process ends at once with 0 */
    FAULT_STALLED,              /* syncs alone: they wait until faults_disarm(), and are done then */
    FAULT_UNMAPPED              /* maps alone are refused */
};

struct fault {
    unsigned nth;   /* the first call on the file that fails, from 1 */
    unsigned count; /* how many fail */
    int error;
    enum fault_kind kind;
};

/* From now on calls on this file fail as said. */
void faults_arm(const char *file, struct fault fault);
/* As always again. Says how many calls failed. */
unsigned faults_disarm(void);

/* Until faults_disarm(), these bytes of the file cannot be read: what is read from before them ends there. */
void faults_spoil(const char *file, uint64_t from, uint64_t to);

#endif
