/* What the parts of an import share: loading rows, telling of them, keeping some aside. Not for others. */
#ifndef FIG_TOOLS_IMPORT_LOADING_H
#define FIG_TOOLS_IMPORT_LOADING_H

#include "tools/import_keys.h"
#include "tools/import_load.h"
#include "tools/import_overlap.h"
#include "tools/names.h"
#include "tools/progress.h"

enum {
    OTHERS = 4,         /* appointments in the way that a refusal names */
    RULES = 8,          /* rules */
    REQUESTS_OF_ROW = 3 /* the barber, the booking, its status */
};

/* What a row asked for in the commit that is being gathered. */
struct member {
    import_row row;
    size_t book;     /* index of its request */
    bool has_status; /* the next request sets its status */
};

/* A row that is kept though there is no room for it. */
struct aside {
    import_row row;
    bool known; /* its key is, so that an earlier run may have kept it */
};

struct load {
    const import_order *order;
    import_counts *counts;
    import_source *from;
    progress line;
    import_keys keys;
    names barbers;     /* that are in the store or in this commit */
    local_zone *zones; /* that barbers and shops name */
    size_t zone_count;

    struct member *members;
    fig_barber *declared;
    fig_request *requests;
    fig_outcome *outcomes;
    fig_appointment *others; /* OTHERS for each member */
    fig_broken_rule *rules;  /* RULES for each member */
    size_t member_count, request_count;
    uint64_t read, safe; /* rows read; rows whose commit is done */
    struct aside *aside; /* rows that are kept though there is no room for them: after all others, so that their ids do
                            not depend on how rows fall into commits */
    size_t aside_count, aside_room;
    import_overlaps overlaps; /* of the file, where neither side is wanted */
    uint64_t number;          /* of the next row that can be placed */
};

/* ---- telling (import_say.c) ---- */

/* Turn a row away: counted and told of. */
void import_reject(struct load *load, const import_row *row, const char *field, const char *why);
/* What the store said no to. A mistake that only the store could find is the row's all the same. */
void import_refuse(struct load *load, const import_row *row, const fig_outcome *outcome);
/* A hold that was over before it came. An overlap that was kept as cancelled; and a row that overlaps another one of
 * the file, neither of which is taken. */
void import_say_lapsed(struct load *load, const import_row *row);
void import_say_recorded(struct load *load, const import_row *row);
void import_refuse_overlap(struct load *load, const import_row *row, const overlap_row *other);
/* A fault of the store, and how the import goes on after it. Returns the exit code. */
int import_end_by_fault(struct load *load, fig_status status);

/* ---- keeping aside (import_aside.c) ---- */

/* Keeps a member's row for later for which there is no room, where that is right; what an earlier run kept so is known
 * by its key alone. The row is the list's from here on. */
bool import_keep_aside(struct load *load, struct member *member);
/* Counts a row whose key is there already and may not be asked for again: as taken by an earlier run, or as refused. */
void import_settle_known(struct load *load, const import_row *row);
/* Books what was kept aside, after all other rows. Returns the exit code. */
int import_commit_aside(struct load *load);
void import_drop_aside(struct load *load);

/* The booking that a row asks for; it borrows the row's texts. */
fig_request import_booking_of(const struct load *load, const import_row *row);

#endif
