/* Audit: a whole version against its invariants: every structure, every membership, the digest, and that no two active
 * appointments of a barber conflict. For `verify` and tests.
 *
 * O(n log n). Takes no lock and changes nothing; any thread that holds the version. */
#ifndef FIG_CORE_AUDIT_H
#define FIG_CORE_AUDIT_H

#include "engine/core/version.h"

struct audit_fault {
    const char *what; /* static words */
    uint64_t id;      /* of the barber, appointment or other thing; 0: of none */
};

/* True when sound. The digest of notes is not in memory once they are in the tables: pass what it is (zero for none).
 */
bool audit_version(const struct version *version, struct digest table_notes, struct audit_fault *fault);

#endif
