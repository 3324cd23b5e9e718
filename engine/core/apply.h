/* Apply: events turn the version under work into the next one. Nothing is refused here; that was decided before.
 *
 * Memory can run out, and a frame from the disk can tell of things that never were. Then the version under work is
 * torn, and the caller abandons it with its generation (nodes_abandon): nothing was published. */
#ifndef FIG_CORE_APPLY_H
#define FIG_CORE_APPLY_H

#include "engine/core/event.h"
#include "engine/core/version.h"

#define CHANGE_OF_DOCUMENT 16

/* A record that an entry changed: what a checkpoint has to write. */
struct change {
    uint32_t table;  /* enum record_table */
    uint32_t kind;   /* windows: fig_window_kind; documents: CHANGE_OF_DOCUMENT + enum document_kind; else 0 */
    uint64_t id;     /* of the barber, for windows; of the appointment, shop, barber, document; seq of a kept key */
    int64_t start_s; /* documents: the number of the piece */
    int64_t declared_s;
    uint64_t frame; /* number of the frame that changed it */
};

struct changes {
    struct change *list; /* by frame */
    size_t count;
    size_t capacity;
};

struct applying {
    struct nodes *nodes;
    const struct nodes_allocator *allocator;
    struct version *version; /* under work: its generation is nodes_generation() */
    struct changes *changes; /* NULL: not wanted */
    uint64_t frame;          /* number of the frame that the entries are of, or will be */
    uint64_t seq;            /* of the entry; apply_entry() sets it, and now_s */
    int64_t now_s;
    bool broken; /* what could not be applied is not for want of memory */
};

enum apply_status {
    APPLY_OK,
    APPLY_NO_MEMORY,
    APPLY_BROKEN /* the entry does not fit the version it is applied to */
};

/* Applies one entry. O(events x log n). */
enum apply_status apply_entry(struct applying *applying, const struct entry *entry);

/* The note texts up to this frame are in the tables now: drop them. False: no memory. */
bool apply_drop_notes(struct applying *applying, uint64_t frame);

void changes_release(struct changes *changes, const struct nodes_allocator *allocator);

/* Was it declared, or has it an appointment? */
bool client_is_known(const struct version *version, uint64_t id);

#endif
