/* The writers' turn: gate.c. */
#ifndef FIG_STORAGE_GATE_H
#define FIG_STORAGE_GATE_H

#include "storage/internal.h"

#include <stdatomic.h>

enum { GATE_BYTES = 4096 };

/* What is known of the newest commit, so that whoever has the next turn knows what to repair. */
enum gate_doubt {
    GATE_CLEAR = 0,      /* it ended, and how is known */
    GATE_COMMITTING = 1, /* begun: if its owner died, it is visible and durable, visible only, or nothing */
    GATE_DOUBTFUL = 2    /* a write or a sync failed: only another commit makes sure */
};

/* The page that writers share. Its words lie at fixed places, which storage/FORMAT.md draws. */
struct gate_page;

struct gate {
    struct gate_page *page;
    _Atomic int owner; /* the thread of this process that has the turn, 0: none */
};

/* Lays out a page of GATE_BYTES that nobody else uses now. */
enum store_status gate_prepare(struct gate_page *page, bool between_processes, struct store_error *error);
/* Whether the page was laid out, to the end, by a build that agrees on what a mutex is. */
bool gate_is_prepared(const struct gate_page *page);

/* Takes the turn. *repair: the last owner died or left a doubt; find out before anything is decided. */
enum store_status gate_take(struct gate *gate, int64_t deadline_ns, bool *repair, struct store_error *error);
void gate_drop(struct gate *gate);
bool gate_is_mine(const struct gate *gate); /* has this thread the turn? */
bool gate_is_here(const struct gate *gate); /* has a thread of this process? */

uint64_t gate_tip(const struct gate *gate);
void gate_raise_tip(struct gate *gate, uint64_t tip); /* never lowers it; rings the waiters */
enum store_status gate_wait(const struct gate *gate, uint64_t past, int64_t deadline_ns);

enum gate_doubt gate_doubt(const struct gate *gate);
void gate_set_doubt(struct gate *gate, enum gate_doubt doubt); /* in one's turn */
uint32_t gate_holder(const struct gate *gate);

#endif
